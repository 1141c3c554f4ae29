"""Streams: what goes out is redacted as the whole would be, few scans are made, and little waits for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.engine import Engine
from sensor.detect.loading import DetectorFile, load
from sensor.detect.redaction import Redactor, apply
from sensor.detect.restoring import StreamRestorer
from sensor.detect.streams import FEW, MANY, REDACT_HOLD, StreamRedactor
from tests.detect.test_redaction import DETECTORS

PROSE = (
    "Sure, I can help you with that. First, open the settings page and choose the account that you want to "
    "change, then wait until the page has loaded and check the address again. If that does not work, Python "
    "may be missing; install it and try once more, and say what the program wrote when it stopped. "
) * 4


class Counting:
    """An engine that counts how often it is asked."""

    def __init__(self, engine):
        self.engine = engine
        self.scans = 0

    def scan(self, text, **options):
        self.scans += 1
        return self.engine.scan(text, **options)


@pytest.fixture(scope="module")
def engine():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        return Engine(load([DetectorFile("x.yaml", DETECTORS, "x.yaml")]))


def mark(finding, value):
    return f"[{finding.type}]"


WORDS = st.sampled_from(
    ["kk_abcd1234", "4111 1111 1111 1111", "5555-5555-5555-4444", "word", "Word", "é", "42", "x.y",
     "and so on.", "\n", "a b c", "zero", "Mnemonic", "İ", "-----", "ssn 123-45-6789", "😀"]
)  # fmt: skip


@given(
    st.lists(WORDS, max_size=40), st.lists(st.integers(0, 9), max_size=300), st.sampled_from([1, 3, 20, 500])
)
def test_whatever_the_pieces_the_output_is_that_of_the_whole(engine, words, sizes, rest):
    """Also with empty pieces between, which ask for what may go."""
    if words.count("ssn 123-45-6789") > 1:
        # An echo far from its word is known in the whole only.
        return
    text = " ".join(words)
    stream = StreamRedactor(engine, mark)
    out, at = [], 0
    for size in sizes:
        out.append(stream.feed(text[at : at + size]))
        at += size
    for begin in range(at, len(text), rest):
        out.append(stream.feed(text[begin : begin + rest]))
        assert stream.held <= REDACT_HOLD
    out.append(stream.finish())
    assert "".join(out) == apply(text, engine.scan(text), mark)


@given(st.lists(st.text(max_size=9)))
def test_text_without_findings_comes_out_as_it_went_in(engine, pieces):
    stream = StreamRedactor(engine, mark)
    text = "".join(pieces)
    if not engine.scan(text):
        assert "".join([*map(stream.feed, pieces), stream.finish()]) == text


@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_piece_costs_a_scan_only_where_it_may_let_something_go(engine, size):
    counting = Counting(engine)
    stream = StreamRedactor(counting, mark)
    for at in range(0, len(PROSE), size):
        stream.feed(PROSE[at : at + size])
    assert counting.scans <= len(PROSE) / FEW


def test_a_run_without_end_costs_no_scan_a_character(engine):
    counting = Counting(engine)
    stream = StreamRedactor(counting, mark)
    for _ in range(3_000):
        stream.feed("x")
        assert stream.held <= REDACT_HOLD
    assert counting.scans <= 3_000 / FEW


def test_plain_words_wait_for_little(engine):
    """In pieces of a character: one or two words behind small letters, a line behind a capital or a digit."""
    stream = StreamRedactor(engine, mark)
    held = []
    for character in PROSE:
        stream.feed(character)
        held.append(stream.held)
    assert max(held) <= 32 + MANY
    assert sum(held) / len(held) <= 20
    small = StreamRedactor(engine, mark)
    held.clear()
    for character in PROSE.lower():
        small.feed(character)
        held.append(small.held)
    assert max(held) <= MANY
    assert sum(held) / len(held) <= 9


def test_an_empty_piece_asks_for_what_may_go_now(engine):
    stream = StreamRedactor(engine, mark)
    assert stream.feed("all is w") == "all is "
    stream = StreamRedactor(engine, mark)
    assert stream.feed("it is ") == ""
    assert stream.feed("") == "it is "
    assert stream.held == 0


SPELLED = {
    "digits": "my number is four one one one and so forth",
    "letters": "my name is a d a l o v e and so forth",
    "words": "the seed phrase is legal winner thank year",
    "address": "write to ada dot love at example dot org today",
    "in capitals": "MY NUMBER IS FOUR ONE ONE ONE AND SO FORTH",
    "with a capital that has no small letter of its length": "İ my number is four one one one and so",
}


@pytest.mark.parametrize("text", SPELLED.values(), ids=SPELLED)
def test_what_is_spelled_out_waits_in_pieces_of_a_character_too(engine, text):
    stream = StreamRedactor(engine, mark)
    out = "".join(stream.feed(character) for character in text) + stream.feed("")
    assert stream.held >= 15
    assert out + stream.finish() == text


def test_what_was_spelled_out_long_ago_holds_nothing_up(engine):
    stream = StreamRedactor(engine, mark)
    for character in "four one one one " + "and then there are many more words. " * 20:
        stream.feed(character)
    assert stream.held <= MANY


LONG = r"""
detectors:
- {id: secret.long, name: a long one, type: long, group: secret, class: A, source: made up,
   gate: ['LL_[0-9a-z]{8}'], pattern: 'LL_[0-9a-z]{8,1000}', window: [16, 2000]}
"""


@pytest.mark.parametrize("size", [1, 5, 30])
def test_behind_a_secret_that_was_cut_what_is_spelled_out_is_still_seen(size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        long_engine = Engine(load([DetectorFile("x.yaml", LONG, "x.yaml")]))
    text = "use LL_" + "0123456789abcdef" * 60 + " and four one one one"
    stream = StreamRedactor(long_engine, mark)
    out = "".join(stream.feed(text[at : at + size]) for at in range(0, len(text), size)) + stream.feed("")
    assert stream.held > 10
    assert out + stream.finish() == "use [long] and four one one one"


def test_a_redactor_gives_streams_that_share_its_tokens(engine):
    redactor = Redactor(engine, bytes(32), "tenant")
    whole = redactor.redact("pay with 4111 1111 1111 1111 or kk_abcd1234 today")
    values: dict[str, str] = {}
    stream = redactor.stream(values)
    out = (
        "".join(map(stream.feed, ["pay with 4111 1111 ", "1111 1111 or kk_", "abcd1234 today"]))
        + stream.finish()
    )
    assert out == whole.text
    assert values == whole.restorable
    back = StreamRestorer(values)
    restored = "".join(map(back.feed, out)) + back.finish()
    assert restored.startswith("pay with 4111 1111 1111 1111 or SEC_")
