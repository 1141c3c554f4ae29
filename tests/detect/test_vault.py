"""The vault's format: sealed, bound to its conversation, expiring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.vault import MAX_ENTRY, MAX_VALUES, expiry_of, open_entry, seal, slot_of
from sensor.errors import Malformed

KEY = bytes(range(32))
NONCE = bytes(12)
PLACE = {"tenant": "t", "subject": "mac:02:00:00:00:00:01", "app": "openai.chatgpt", "conversation": "c1"}


def slot(**changed):
    return slot_of(changed.pop("key", KEY), **{**PLACE, **changed})


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))))
def test_what_was_sealed_opens(values):
    entry = seal(slot(), values, expires=1_000, nonce=NONCE)
    assert open_entry(slot(), entry, now=999) == values
    assert expiry_of(entry) == 1_000


def test_an_entry_shows_nothing_of_what_it_holds():
    entry = seal(slot(), {"PII_EM_bcdf": "ada@example.org"}, expires=1_000, nonce=NONCE)
    for clear in (b"ada", b"PII", b"chatgpt", b"c1"):
        assert clear not in entry
    assert KEY.hex() not in repr(slot())


def test_an_expired_entry_is_empty():
    entry = seal(slot(), {"a": "b"}, expires=1_000, nonce=NONCE)
    assert open_entry(slot(), entry, now=1_000) == {}


@pytest.mark.parametrize(
    "changed",
    [{"conversation": "c2"}, {"subject": "host:x"}, {"app": "x.y"}, {"tenant": "u"}, {"key": bytes(32)}],
    ids=lambda changed: next(iter(changed)),
)
def test_an_entry_opens_in_no_other_place(changed):
    entry = seal(slot(), {"a": "b"}, expires=1_000, nonce=NONCE)
    assert slot(**changed).name != slot().name
    with pytest.raises(Malformed, match="vault_entry_seal"):
        open_entry(slot(**changed), entry, now=0)


def test_places_that_join_to_the_same_text_are_different_slots():
    assert slot(app="ab", conversation="c").name != slot(app="a", conversation="bc").name


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_changed_entry_does_not_open(place):
    entry = bytearray(seal(slot(), {"a": "b" * 30}, expires=1_000, nonce=NONCE))
    entry[place] ^= 1
    with pytest.raises(Malformed):
        # A changed expiry is longer or shorter; both are refused while it would still live.
        if open_entry(slot(), bytes(entry), now=-1) == {}:
            raise Malformed("expired")


@given(st.binary(max_size=100))
def test_any_bytes_are_an_entry_or_malformed(raw):
    with pytest.raises(Malformed):
        open_entry(slot(), raw, now=-1)


def test_an_entry_of_another_shape_is_malformed():
    for plain in (b"[]", b'{"a":1}'):
        import struct

        head = struct.pack(">4sQ", b"GNV1", 1_000)
        entry = head + NONCE + slot().cipher().encrypt(NONCE, plain, head + slot().name)
        with pytest.raises(Malformed, match="vault_entry_content"):
            open_entry(slot(), entry, now=0)


def test_an_entry_that_is_too_long_is_malformed_or_not_made():
    with pytest.raises(Malformed, match="vault_entry_length"):
        expiry_of(bytes(MAX_ENTRY + 1))
    with pytest.raises(ValueError, match="more values"):
        seal(slot(), {"a": "x" * MAX_ENTRY}, expires=1, nonce=NONCE)
    with pytest.raises(ValueError, match="12 bytes"):
        seal(slot(), {}, expires=1, nonce=b"short")


def test_the_latest_values_stay():
    values = {f"t{number}": "v" for number in range(MAX_VALUES + 5)}
    kept = open_entry(slot(), seal(slot(), values, expires=1_000, nonce=NONCE), now=0)
    assert len(kept) == MAX_VALUES
    assert "t0" not in kept and f"t{MAX_VALUES + 4}" in kept


def test_a_value_with_half_a_character_is_left_out():
    sealed = seal(slot(), {"a": "\ud800", "b": "c"}, expires=1_000, nonce=NONCE)
    assert open_entry(slot(), sealed, now=0) == {"b": "c"}
