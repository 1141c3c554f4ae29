"""Redaction tokens, and how they are put back, whole and in pieces."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.restoring import RESTORE_HOLD, StreamRestorer, restore
from sensor.detect.tokens import BENT, LENGTH, TOKEN, canonical, make_token, token_spans

KEY = bytes(range(32))


def token(value, kind="email", letters="EM", **more):
    return make_token(KEY, "tenant", kind, letters, value, **more)


def test_token_has_a_fixed_form():
    made = token("ada@example.org")
    assert len(made) == LENGTH == 23
    assert TOKEN.fullmatch(made)
    assert made.startswith("PII_EM_")
    assert token("x", secret=True, letters="SK").startswith("SEC_SK_")


@given(st.text(), st.text())
def test_token_is_the_same_for_the_same_value_only(one, other):
    assert (token(one) == token(other)) == (one == other)


@given(st.text(max_size=20))
def test_token_holds_no_digit_and_needs_no_escaping(value):
    assert not re.search(r"[0-9\"\\<>&%\s]", token(value))


@pytest.mark.parametrize(
    "changed",
    [
        make_token(bytes(32), "tenant", "email", "EM", "a"),
        make_token(KEY, "other", "email", "EM", "a"),
        make_token(KEY, "tenant", "phone", "EM", "a"),
        make_token(KEY, "tenan", "temail", "EM", "a"),
    ],
    ids=["another key", "another tenant", "another type", "parts that join to the same"],
)
def test_token_depends_on_key_tenant_and_type(changed):
    assert changed != token("a")


BENDS = {
    "as it was": lambda text: text,
    "small letters": str.lower,
    "Markdown escape": lambda text: text.replace("_", "\\_"),
    "dashes": lambda text: text.replace("_", "-"),
    "blanks": lambda text: text.replace("_", " "),
    "line breaks": lambda text: text.replace("_", "\n"),
    "percent": lambda text: text.replace("_", "%5F"),
    "small percent": lambda text: text.lower().replace("_", "%5f"),
    "HTML entity": lambda text: text.replace("_", "&#95;"),
    "run together": lambda text: text.replace("_", ""),
    "typographic dash": lambda text: text.replace("_", "\u2011"),
    "bold": lambda text: f"**{text}**",
    "code": lambda text: f"`{text}`",
    "brackets": lambda text: f"<{text}>",
    "plural": lambda text: text + "s",
}


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
def test_restore_takes_what_models_make_of_a_token(bend):
    made = token("ada@example.org")
    bent = f"write to {bend(made)} today"
    assert restore(bent, {made: "ada@example.org"}) == BENT.sub("ada@example.org", bent)


def test_restore_leaves_tokens_that_are_not_its_own():
    own, foreign = token("a@example.org"), token("b@example.org")
    assert restore(f"{foreign} {own}", {own: "a@example.org"}) == f"{foreign} a@example.org"


def test_restore_of_nothing_changes_nothing():
    assert restore(token("a"), {}) == token("a")
    assert restore("short", {token("a"): "a"}) == "short"


def test_restore_escapes_for_where_the_value_goes():
    made = token('say "hi"')
    assert (
        restore(f'{{"a":"{made}"}}', {made: 'say "hi"'}, lambda v: v.replace('"', '\\"'))
        == '{"a":"say \\"hi\\""}'
    )


@given(st.sampled_from(sorted(BENDS)), st.text(max_size=10))
def test_canonical_is_the_token_that_was_bent(bend, value):
    made = token(value)
    found = BENT.search(BENDS[bend](made))
    assert found is not None
    assert canonical(found[0]) == made


def test_token_spans_are_where_tokens_stand():
    made = token("a")
    text = f"é {made}, {made}".encode()
    assert [text[start:end].decode() for start, end in token_spans(text)] == [made, made]


# --- in pieces ------------------------------------------------------------------------------------------

VALUES = {token(f"v{number}"): f"<v{number}>" for number in range(20)}
PARTS = ["P", "PI", "PII", "PII_", "SEC_", "s", "Sec ", " ", "hello ", "%5", "&#", "\\", "\n", "bcd"]


def hostile_text(draw: random.Random) -> str:
    tokens = list(VALUES)
    parts = []
    for _ in range(draw.randint(1, 12)):
        kind = draw.random()
        if kind < 0.4:
            parts.append(draw.choice(PARTS))
        elif kind < 0.6:
            parts.append(draw.choice(tokens)[: draw.randint(1, LENGTH)])
        else:
            parts.append(draw.choice(list(BENDS.values()))(draw.choice(tokens)))
    return "".join(parts)


def restored_in_pieces(text: str, draw: random.Random, longest: int) -> tuple[str, int]:
    stream = StreamRestorer(VALUES)
    out, at, held = [], 0, 0
    while at < len(text):
        step = draw.randint(1, longest)
        out.append(stream.feed(text[at : at + step]))
        held = max(held, stream.held)
        at += step
    out.append(stream.finish())
    return "".join(out), held


def splits(count, seed):
    draw = random.Random(seed)
    for _ in range(count):
        text = hostile_text(draw)
        pieces, held = restored_in_pieces(text, draw, draw.choice((1, 3, 9, 40)))
        assert pieces == restore(text, VALUES), text
        assert held <= RESTORE_HOLD <= 32


@pytest.mark.slow
def test_restore_in_pieces_gives_what_the_whole_gives():
    splits(4_000, 1)


@pytest.mark.long
def test_restore_in_a_hundred_thousand_random_splits():
    splits(100_000, 2)


@given(st.lists(st.text(max_size=12), max_size=12))
def test_restore_of_any_pieces_gives_them_all(pieces):
    stream = StreamRestorer(VALUES)
    assert "".join([*(stream.feed(piece) for piece in pieces), stream.finish()]) == restore(
        "".join(pieces), VALUES
    )


def test_restore_without_values_holds_nothing_back():
    stream = StreamRestorer({})
    assert stream.feed("PII_EM_") == "PII_EM_"
    assert stream.held == 0


def test_ordinary_text_is_not_held_back():
    stream = StreamRestorer(VALUES)
    assert stream.feed("The report is done. ") == "The report is done. "
    assert stream.held == 0
