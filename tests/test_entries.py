"""Entries: canonical, small enough, free of personal data, and read back as what went in."""

import base64
import dataclasses
import hashlib
import json
from types import MappingProxyType

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sensor import entries
from sensor.entries import (
    FIELDS,
    MAX_BODY,
    MAX_ITEMS,
    MAX_TEXT,
    PERSONAL,
    REQUIRED,
    EntryType,
    Start,
    Stop,
    commitment,
    event_from_json,
    open_content,
    read_entry,
    review_from_json,
    seal,
    to_json,
    unseal,
)
from sensor.errors import Malformed
from sensor.model import Attribution, Direction, Event, Review, Status, Verdict
from sensor.store.derive import event_row
from tests.store.logs import EVENTS, ORIGIN, PLAIN_EVENTS, event, noise, review

RECORDS = [
    event(1),
    event(
        2,
        account="tenant-7",
        conversation="c-9",
        justification="for the audit",
        direction=Direction.PROMPT,
        generic=True,
        findings={"iban": 2},
        attribution=(Attribution("dhcp", 0.8),),
        with_={"tenant": ["a"]},
        count=0,
    ),
    review(until="2027-06-30"),
    Review(ts=5.0, app="a.b", status=Status.UNDER_REVIEW),
    Start(ts=1.5, role="proxy", run="0a1b2c3d", version="0.1.0", policy_hash="aa"),
    Stop(ts=2.5, role="proxy", run="0a1b2c3d", reason="closed"),
]


def reopened(sealed, origin=ORIGIN):
    """The record in an entry, read from its bytes and its content."""
    entry = read_entry(sealed.body)
    personal, missing = open_content(entry, sealed.content)
    assert not missing
    return unseal(entry, personal, origin=origin)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_read_back(record):
    """Every kind of record is read back equal from its entry."""
    sealed = seal(record, origin=ORIGIN, randomness=noise())
    assert reopened(sealed) == record == sealed.record
    assert rfc8785.dumps(json.loads(sealed.body)) == sealed.body


@pytest.mark.slow
@given(PLAIN_EVENTS)
def test_events_read_back(made):
    """Any event of storable values is read back equal, from an entry that a second implementation knows."""
    sealed = seal(made, origin=ORIGIN, randomness=noise())
    assert reopened(sealed) == made == sealed.record
    assert rfc8785.dumps(orjson.loads(sealed.body)) == sealed.body


@pytest.mark.slow
@given(EVENTS)
def test_any_event_makes_an_entry(made):
    """
    Whatever stands in an event, it makes a canonical entry, and the same one again from what is read back.

    The derived row is the same from the record in hand and from the one read back.
    """
    sealed = seal(made, origin=ORIGIN, randomness=noise())
    assert rfc8785.dumps(orjson.loads(sealed.body)) == sealed.body
    again = reopened(sealed)
    assert event_row(0, again) == event_row(0, sealed.record)
    assert seal(again, origin=ORIGIN, randomness=noise()).body == sealed.body


@pytest.mark.slow
@given(EVENTS)
def test_any_event_crosses_the_socket(made):
    """What one process sends as JSON is the event that the recorder would have made of it itself."""
    received = event_from_json(orjson.loads(orjson.dumps(to_json(made))))
    assert reopened(seal(received, origin=ORIGIN, randomness=noise())) == reopened(
        seal(made, origin=ORIGIN, randomness=noise())
    )


def test_every_field_of_the_model_has_a_place():
    """No field of a record is forgotten, and absence means what the model's default means."""
    for kind, record in ((EntryType.EVENT, Event), (EntryType.REVIEW, Review), (EntryType.START, Start),
                         (EntryType.STOP, Stop)):  # fmt: skip
        fields = {field.attribute: field for field in FIELDS[kind]}
        model = {field.name: field for field in dataclasses.fields(record)}
        assert fields.keys() == model.keys()
        for name, field in fields.items():
            if field.absent is REQUIRED:
                assert model[name].default is dataclasses.MISSING
            elif model[name].default_factory is not dataclasses.MISSING:
                assert field.absent == model[name].default_factory()
            else:
                assert field.absent == model[name].default


def test_no_personal_field_name_begins_another():
    """The name is hashed straight in front of the value: "by" + "x" must not be "b" + "yx"."""
    for names in PERSONAL.values():
        for one in names:
            assert not any(one != other and other.startswith(one) for other in names)


def test_personal_values_stand_nowhere_in_the_entry():
    """User, device, account, source, conversation and justification are commitments in the body."""
    values = {name: f"personal-{name}" for name in PERSONAL[EntryType.EVENT]}
    sealed = seal(event(1, **values), origin=ORIGIN, randomness=noise())
    assert b"personal-" not in sealed.body
    entry = read_entry(sealed.body)
    for field, salt, value in sealed.content:
        assert value == values[field]
        assert entry.commitments[field] == hashlib.sha256(salt + field.encode() + value.encode()).digest()
    sealed = seal(review(owner="o-x", by="b-x", reason="r-x"), origin=ORIGIN, randomness=noise())
    assert not any(value in sealed.body for value in (b"o-x", b"b-x", b"r-x"))


def test_nonce_and_salts_are_fresh():
    """The same record twice makes two entries; nonce and salts are 16 bytes of what was handed in."""
    drawn = []

    def randomness(size):
        drawn.append(noise(len(drawn))(size))
        return drawn[-1]

    first, second = (seal(event(1), origin=ORIGIN, randomness=randomness) for _ in range(2))
    assert first.body != second.body
    salts = [salt for _, salt, _ in first.content]
    nonce = base64.b64decode(json.loads(first.body)["nonce"])
    assert nonce + b"".join(salts) == drawn[0]
    assert {len(part) for part in (nonce, *salts)} == {16}


def test_erased_content_is_absent():
    """Without its content an entry still reads; what was erased is None."""
    sealed = seal(event(1), origin=ORIGIN, randomness=noise())
    entry = read_entry(sealed.body)
    kept = [row for row in sealed.content if row[0] != "user"]
    personal, missing = open_content(entry, kept)
    assert missing == ["user"]
    assert unseal(entry, personal, origin=ORIGIN) == event(1, user=None)


def test_changed_content_is_named():
    """A value, salt or field that the entry does not commit to is refused by name."""
    sealed = seal(event(1), origin=ORIGIN, randomness=noise())
    entry = read_entry(sealed.body)
    (field, salt, value), *rest = sealed.content
    for rows, name in (
        ([(field, salt, value + "x"), *rest], "content_changed"),
        ([(field, salt[::-1], value), *rest], "content_changed"),
        ([(field, salt[:8], value), *rest], "content_salt"),
        ([("account", salt, value), *rest], "content_unknown"),
        ([(field, rest[0][1], rest[0][2]), *rest], "content_changed"),
    ):
        with pytest.raises(Malformed, match=name):
            open_content(entry, rows)


def test_the_logs_own_name_is_not_repeated():
    """An event of this log does not carry the log's name; one of another log does."""
    assert b"gnomon/" not in seal(event(1), origin=ORIGIN, randomness=noise()).body
    other = seal(event(1, origin="gnomon/other"), origin=ORIGIN, randomness=noise())
    assert b"gnomon/other" in other.body
    assert reopened(other).origin == "gnomon/other"


def test_text_is_made_storable():
    """Lone surrogates and endless text cannot make a record fail: they are replaced and cut."""
    made = event(
        1,
        model="m" * (MAX_TEXT + 5),
        user="a\ud800b",
        evidence=("x",) * (MAX_ITEMS + 5),
        findings={"k\U0001f600": 1},
        with_=MappingProxyType(
            {
                "big": 2**60,
                "huge": 1e300,
                "nan": float("nan"),
                "s": {"b", "a"},
                "t": (1, None),
                "\ud800": True,
            }
        ),
        context={"verdict": Verdict.BLOCK, "deep": _nest(60), "n": 1.5, "many": list(range(100))},
    )
    again = reopened(seal(made, origin=ORIGIN, randomness=noise()))
    assert (again.model, again.user) == ("m" * MAX_TEXT, "a\N{REPLACEMENT CHARACTER}b")
    assert (len(again.evidence), again.findings) == (MAX_ITEMS, {"k?": 1})
    assert again.with_ == {
        "big": str(2**60), "huge": "1e+300", "nan": "nan", "s": ["a", "b"], "t": [1, None], "?": True
    }  # fmt: skip
    assert again.context["verdict"] == "block"
    assert len(again.context["many"]) == MAX_ITEMS
    assert "\N{HORIZONTAL ELLIPSIS}" in json.dumps(again.context["deep"], ensure_ascii=False)


def _nest(depth):
    value: object = "bottom"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"id": "not hex"}, "entry_event_id"),
        ({"id": "A" * 32}, "entry_event_id"),
        ({"id": 5}, "entry_event_id"),
        ({"ts": -1.0}, "entry_time"),
        ({"ts": 1e12}, "entry_time"),
        ({"ts": float("nan")}, "entry_number"),
        ({"confidence": "much"}, "entry_number"),
        ({"bytes_up": 2**53}, "entry_integer"),
        ({"bytes_up": 1.5}, "entry_integer"),
        ({"with_": {"x": object()}}, "entry_value"),
        ({"context": {str(n): "ü" * MAX_TEXT for n in range(MAX_ITEMS)}}, "entry_too_large"),
    ],
)
def test_what_cannot_be_an_entry(changes, name):
    """Values that have no place in an entry are refused by name."""
    with pytest.raises(Malformed, match=name):
        seal(event(1, **changes), origin=ORIGIN, randomness=noise())


def test_the_largest_entry_fits():
    """A body of exactly 65,535 bytes is taken, one byte more is not (tlog-tiles: a length of 16 bits)."""
    context = {f"k{n:02}": "x" * MAX_TEXT for n in range(62)}
    size = len(seal(event(1, context=context), origin=ORIGIN, randomness=noise()).body)
    room = MAX_BODY - size
    assert 8 < room < MAX_TEXT
    context["pad"] = "x" * (room - len(',"pad":""'))
    sealed = seal(event(1, context=context), origin=ORIGIN, randomness=noise())
    assert len(sealed.body) == MAX_BODY
    assert read_entry(sealed.body).type == "event"
    context["pad"] += "x"
    with pytest.raises(Malformed, match="entry_too_large"):
        seal(event(1, context=context), origin=ORIGIN, randomness=noise())


BODY = json.loads(seal(event(2), origin=ORIGIN, randomness=noise()).body)


def changed(**changes):
    """A canonical body with some members replaced (``...`` takes one away)."""
    return rfc8785.dumps({key: value for key, value in {**BODY, **changes}.items() if value is not ...})


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", "json_syntax"),
        (b"[]", "entry_mapping"),
        (b" {}", "json_not_canonical"),
        (changed(v=2), "entry_version"),
        (changed(v=...), "entry_version"),
        (changed(nonce="AAAA"), "entry_nonce"),
        (changed(nonce=...), "entry_text"),
        (changed(nonce="?"), "entry_base64"),
        (changed(type=1), "entry_text"),
        (changed(fields=[]), "entry_mapping"),
        (changed(commitments={"user": 1}), "entry_text"),
        (changed(commitments=[]), "entry_mapping"),
        (b"1" * (MAX_BODY + 1), "entry_too_large"),
    ],
)
def test_bad_bodies(body, name):
    """Bytes that are no entry are refused by name."""
    with pytest.raises(Malformed, match=name):
        read_entry(body)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"door": "window"}, "entry_choice"),
        ({"door": []}, "entry_choice"),
        ({"ts": "now"}, "entry_number"),
        ({"ts": True}, "entry_number"),
        ({"ts": -1}, "entry_time"),
        ({"app": 1}, "entry_text"),
        ({"enforced": 1}, "entry_flag"),
        ({"count": 1.5}, "entry_integer"),
        ({"count": True}, "entry_integer"),
        ({"evidence": "x"}, "entry_list"),
        ({"evidence": [1]}, "entry_text"),
        ({"findings": {"x": "y"}}, "entry_integer"),
        ({"attribution": [["dhcp"]]}, "entry_list"),
        ({"attribution": ["dhcp"]}, "entry_list"),
        ({"attribution": [["dhcp", "x"]]}, "entry_number"),
        ({"with": []}, "entry_mapping"),
        ({"user": "in the clear"}, "entry_personal"),
        ({"id": "zz"}, "entry_event_id"),
    ],
)
def test_bad_fields(fields, name):
    """Fields of another type, an unknown choice, or a personal value in the clear are refused by name."""
    entry = read_entry(changed(fields={**BODY["fields"], **fields}))
    with pytest.raises(Malformed, match=name):
        unseal(entry, {}, origin=ORIGIN)


def test_missing_fields():
    """What every record has must be there."""
    entry = read_entry(changed(fields={}))
    with pytest.raises(Malformed, match="entry_field_missing"):
        unseal(entry, {}, origin=ORIGIN)
    for read in (event_from_json, review_from_json):
        for fields in ([], None, {}, {"ts": 1.0}):
            with pytest.raises(Malformed):
                read(fields)


def test_what_later_versions_add_is_passed_over():
    """Unknown fields are skipped; an unknown type is an entry without a record."""
    more = read_entry(changed(fields={**BODY["fields"], "mood": "good"}))
    personal = {"user": "bo", "device": "host:pc2", "source": "192.0.2.3:50000"}
    assert unseal(more, personal, origin=ORIGIN) == event(2)
    assert unseal(read_entry(changed(type="heartbeat")), {}, origin=ORIGIN) is None


@pytest.mark.slow
@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["v", "type", "fields", "nonce", "commitments", "id", "x"]), inner, max_size=5
    ),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_are_an_entry_or_malformed(data):
    """Nothing but Malformed comes out of reading what an adversary wrote."""
    try:
        entry = read_entry(data)
        unseal(entry, {}, origin=ORIGIN)
    except Malformed:
        pass


def test_commitment_is_what_it_says():
    """SHA-256(salt ‖ field name ‖ value)."""
    assert commitment(b"s" * 16, "user", "ana") == hashlib.sha256(b"s" * 16 + b"userana").digest()


def test_a_review_reads_back_from_json():
    """A review crosses the socket whole."""
    made = review(until="2027-06-30")
    assert review_from_json(orjson.loads(orjson.dumps(to_json(made)))) == made


def test_a_choice_may_be_plain_text():
    """A verdict given as its text is written as one (JSON from elsewhere has no enumerations)."""
    made = event(1, verdict="block")
    assert to_json(made)["verdict"] == "block"
    assert entries.read_entry(seal(made, origin=ORIGIN, randomness=noise()).body).fields["verdict"] == "block"
