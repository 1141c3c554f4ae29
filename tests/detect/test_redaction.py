"""Findings replaced: what is outside stays, what was found is gone, what is put back is right."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.engine import Engine
from sensor.detect.finding import Finding
from sensor.detect.loading import DetectorFile, load
from sensor.detect.redaction import Redaction, Redactor, _mapped_back, apply
from sensor.detect.restoring import restore
from sensor.detect.streams import CONTEXT, KEPT, MAX_KEY, REDACT_HOLD, StreamRedactor
from sensor.detect.tokens import TOKEN

KEY = bytes(range(32))
DETECTORS = r"""
detectors:
- {id: secret.key, name: a key, type: key, group: secret, class: A, source: made up,
   gate: ['kk_[0-9a-z]{8}'], pattern: '\bkk_[0-9a-z]{8,64}\b', window: [16, 80]}
- {id: payment.card, name: a card, type: card, group: payment, class: A, source: made up, letters: CC,
   validator: luhn,
   gate: ['\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b'], pattern: '\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b'}
- {id: national_id.ssn, name: a number, type: ssn, group: national_id, class: C, source: made up,
   pattern: '\b\d{3}-\d{2}-\d{4}\b', context: {words: {en: [ssn]}, near: 40, boost: 0.3}}
- {id: document.label, name: a label, type: label, group: document, class: A, source: made up,
   gate: ['TOP SECRET'], pattern: 'TOP SECRET.{0,80}'}
- {id: contact.shy, name: what shows once others are gone, type: shy, group: contact, class: A, source:
   made up,
   gate: ['PII_CC_[b-w]{16} shy'], pattern: ' shy'}
"""


@pytest.fixture(scope="module")
def engine():
    """Without the views' own expressions, which take seconds to compile; views have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        return Engine(load([DetectorFile("x.yaml", DETECTORS, "x.yaml")]))


@pytest.fixture(scope="module")
def redactor(engine):
    return Redactor(engine, KEY, "tenant")


def test_a_redacted_text_reads_as_before_around_its_tokens(redactor):
    made = redactor.redact("pay with 4111 1111 1111 1111 today")
    assert TOKEN.sub("*", made.text) == "pay with * today"
    assert "PII_CC_" in made.text
    assert restore(made.text, made.restorable) == "pay with 4111 1111 1111 1111 today"


def test_a_secret_is_never_put_back(redactor):
    made = redactor.redact("use kk_abcd1234")
    assert made.text.startswith("use SEC_SK_")
    assert made.restorable == {}


def test_the_same_value_has_the_same_token_in_every_turn(redactor):
    one = redactor.redact("4111 1111 1111 1111").text
    assert redactor.redact(f"again 4111 1111 1111 1111 and {one}").text == f"again {one} and {one}"


def test_labels_are_told_and_stay(redactor):
    made = redactor.redact("TOP SECRET plan")
    assert made.text == "TOP SECRET plan"
    assert [finding.type for finding in made.findings] == ["label"]


def test_labels_are_replaced_when_asked(redactor):
    made = redactor.redact("TOP SECRET kk_abcd1234", documents=True)
    assert TOKEN.fullmatch(made.text)


def test_a_text_without_findings_is_given_back(redactor):
    assert redactor.redact("nothing") == Redaction("nothing", ())


def test_what_shows_after_redaction_is_replaced_too(redactor):
    made = redactor.redact("4111 1111 1111 1111 shy end")
    assert " shy" not in made.text
    assert restore(made.text, made.restorable) == "4111 1111 1111 1111 shy end"


def _slowly_mapped_back(more, spans, lengths):
    """Every finding against every stretch of text between two tokens."""
    stretches, at, origin = [], 0, 0
    for finding, length in zip(spans, lengths, strict=True):
        stretches.append((at, at + finding.start - origin, origin - at))
        at += finding.start - origin + length
        origin = finding.end
    stretches.append((at, 1 << 62, origin - at))
    return [
        (max(start, finding.start) + shift, min(end, finding.end) + shift)
        for finding in more
        for start, end, shift in stretches
        if max(start, finding.start) < min(end, finding.end)
    ]


def _spans(edges):
    places = sorted(set(edges))
    return [
        Finding(
            detector="x", type="x", group="x", start=start, end=end, score=1.0, validated=False, reasons=()
        )
        for start, end in zip(places[::2], places[1::2], strict=False)
    ]


@given(
    st.lists(st.integers(0, 120), max_size=30), st.lists(st.integers(0, 160), max_size=30), st.integers(0, 9)
)
def test_findings_are_mapped_back_as_one_by_one(edges, others, length):
    spans, more = _spans(edges), _spans(others)
    lengths = [length] * len(spans)
    found = [(finding.start, finding.end) for finding in _mapped_back(more, spans, lengths)]
    assert found == _slowly_mapped_back(more, spans, lengths)


def test_between_tokens_that_touch_there_is_nothing_to_map_to():
    spans = [*_spans([0, 2]), *_spans([2, 4])]
    (found,) = _mapped_back(_spans([0, 10]), spans, [3, 3])
    assert (found.start, found.end) == (4, 8)


def test_findings_are_mapped_back_in_one_walk():
    """Each place is compared a few times, whatever their number."""

    class Place(int):
        compared = 0

        def __gt__(self, other):
            Place.compared += 1
            return int(self) > other

        def __ge__(self, other):
            Place.compared += 1
            return int(self) >= other

    spans = _spans(range(4_000))
    more = [item._replace(start=Place(item.start), end=Place(item.end)) for item in _spans(range(1, 4_001))]
    assert len(_mapped_back(more, spans, [0] * len(spans))) > 1_000
    assert 0 < Place.compared < 20 * len(spans)


def test_two_values_that_share_a_token_are_not_put_back(engine, monkeypatch):
    monkeypatch.setattr("sensor.detect.redaction.make_token", lambda *_, **__: "PII_CC_bcdfghjkmnpqrtvw")
    made = Redactor(engine, KEY, "t").redact("4111 1111 1111 1111 5555 5555 5555 4444")
    assert made.restorable == {}


def test_a_redaction_does_not_show_its_text(redactor):
    assert "4111" not in repr(redactor.redact("4111 1111 1111 1111"))


def test_apply_passes_over_what_is_only_told(engine):
    text = "TOP SECRET kk_abcd1234 x"
    assert apply(
        text, engine.scan(text), lambda finding, value: "*" * len(value)
    ) == "TOP SECRET *********** x".replace("***********", "*" * 11)


PIECES = [
    "kk_abcd1234", "kk_zzzz9999", "ssn 123-45-6789", "123-45-6789", "4111 1111 1111 1111",
    "5555-5555-5555-4444",
    "TOP SECRET", "é", "😀", "\n", "word",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=10).map(" ".join)


@given(TEXTS)
def test_redaction_leaves_no_found_value_and_changes_nothing_else(engine, redactor, text):
    findings = [finding for finding in engine.scan(text) if not finding.report_only]
    made = redactor.redact(text)
    if not findings:
        assert made.text == text
        return
    outside = [piece for piece in _outside(text, findings)]
    at = 0
    for piece in outside:
        at = made.text.find(piece, at)
        assert at >= 0, "text outside the spans has changed"
        at += len(piece)
    values = {(finding.type, text[finding.start : finding.end]) for finding in findings}
    again = {(f.type, made.text[f.start : f.end]) for f in engine.scan(made.text) if not f.report_only}
    assert not values & again
    for finding in findings:
        assert text[finding.start : finding.end] not in made.text


def _outside(text, findings):
    at = 0
    for finding in findings:
        yield text[at : finding.start]
        at = finding.end
    yield text[at:]


@given(TEXTS)
def test_what_may_be_put_back_is_put_back(redactor, text):
    made = redactor.redact(text)
    if not any(finding.group == "secret" for finding in made.findings):
        assert restore(made.text, made.restorable) == text


# --- in pieces ------------------------------------------------------------------------------------------


def in_pieces(engine, text, sizes):
    stream = StreamRedactor(engine, lambda finding, value: f"[{finding.type}]")
    out, at, held = [], 0, 0
    for size in sizes:
        if at >= len(text):
            break
        out.append(stream.feed(text[at : at + size]))
        held = max(held, stream.held)
        at += size
    out.append(stream.feed(text[at:]))
    out.append(stream.finish())
    assert held <= REDACT_HOLD
    return "".join(out)


def whole(engine, text):
    return apply(text, engine.scan(text), lambda finding, value: f"[{finding.type}]")


WORDS = ["kk_abcd1234", "ssn 123-45-6789", "4111 1111 1111 1111", "word", "é", "and so on."]


@given(st.lists(st.sampled_from(WORDS), max_size=9), st.lists(st.integers(1, 12), max_size=60))
def test_redaction_in_pieces_gives_what_the_whole_gives(engine, words, sizes):
    text = " ".join(words)
    if text.count("123-45-6789") > 1:
        # An echo before its word cannot be known in a stream; values are gone behind the word.
        return
    assert in_pieces(engine, text, sizes) == whole(engine, text)


@pytest.mark.slow
def test_redaction_in_pieces_leaks_no_value(engine):
    draw = random.Random(3)
    for _ in range(300):
        words = [
            draw.choice(["kk_abcd1234", "4111 1111 1111 1111", "plain", "Word", "x.y", "42"])
            for _ in range(30)
        ]
        out = in_pieces(engine, " ".join(words), [draw.randint(1, 9) for _ in range(400)])
        assert "kk_abcd" not in out and "1111 1111" not in out


def test_plain_words_are_held_only_to_the_last_one(engine):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    assert (
        stream.feed("the quick brown fox jumps over the lazy do")
        == "the quick brown fox jumps over the lazy "
    )
    assert stream.held == 2
    assert stream.finish() == "do"


def test_a_run_that_never_ends_is_let_go_at_the_bound(engine):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    out = stream.feed("x" * 3_000)
    assert len(out) == 3_000 - KEPT
    assert stream.held == KEPT < REDACT_HOLD


def test_the_word_that_names_a_value_may_be_gone_already(engine):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    out = stream.feed("your ssn is the following number ") + stream.feed("123-45-6789") + stream.finish()
    assert out == "your ssn is the following number *"
    assert CONTEXT >= 40


BODY = "MIIEowIBAAKCAQEA" * 4


@pytest.mark.parametrize("size", [1, 2, 7, 50, 10_000])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n"], ids=["LF", "CRLF", "in a JSON string"])
def test_a_private_key_is_swallowed_to_its_end(engine, size, newline):
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    text = f"here: {begin}{newline}{newline.join([BODY] * 30)}{newline}{end} and kk_abcd1234 done"
    out = in_pieces(engine, text, [size] * (len(text) // size + 1))
    assert "MII" not in out
    assert out == f"here: {begin}{newline}[private_key]{newline}{end} and [key] done"


PREFIXES = {
    "YAML": "  ", "a quoted mail": "> ", "a comment": "// ", "a list": "- ", "a table": "| ",
    "line numbers": "17  ",
}  # fmt: skip
JOINTS = {
    "a pair of escapes": "\\\\n", "blanks": " ", "CR": "\r", "HTML": "<br>",
    "source": '\\n" +\n"', "URL": "%0A",
}  # fmt: skip


@pytest.mark.parametrize("size", [1, 9, 60])
@pytest.mark.parametrize(
    ("prefix", "joint"),
    [*((prefix, "\n") for prefix in PREFIXES.values()), *(("", joint) for joint in JOINTS.values())],
    ids=[*PREFIXES, *JOINTS],
)
def test_what_stands_around_the_lines_of_a_key_does_not_save_it(engine, size, prefix, joint):
    lines = [
        "-----BEGIN RSA PRIVATE KEY-----",
        *[BODY] * 30,
        BODY[:12] + "==",
        "-----END RSA PRIVATE KEY-----",
    ]
    text = "so:\n" + joint.join(prefix + line for line in lines) + "\nkk_abcd1234 done"
    out = in_pieces(engine, text, [size] * (len(text) // size + 1))
    assert "MII" not in out and "AKCA" not in out
    assert out.count("[private_key]") == 1
    assert out.endswith("-----END RSA PRIVATE KEY-----\n[key] done")


def test_a_private_key_without_an_end(engine):
    for last in ("", BODY[:20], BODY[:7]):
        text = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n{last}"
        assert in_pieces(engine, text, [5] * 40).rstrip() == "-----BEGIN PRIVATE KEY-----\n[private_key]"


def test_what_follows_a_key_without_an_end_is_text(engine):
    prose = "This is what a key looks like, and here is more about it. " * 10
    text = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n{prose}\nkk_abcd1234 end"
    for sizes in ([6] * 200, [10_000]):
        out = in_pieces(engine, text, sizes)
        assert "MII" not in out
        assert out.endswith(f"{prose}\n[key] end")
    short = f"-----BEGIN PRIVATE KEY-----\n{BODY}\nThat was it. kk_abcd1234 end"
    assert in_pieces(engine, short, [6] * 60).endswith("That was it. [key] end")


def test_what_is_no_key_is_let_go(engine):
    text = "-----BEGIN PRIVATE KEY-----\n" + "what follows is a long line of prose, " * 20
    assert in_pieces(engine, text, [9] * 100) == text
    late = text + BODY + " and more"
    assert in_pieces(engine, late, [10_000]) == late


def test_a_key_without_line_ends_takes_linear_work(engine):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    out = stream.feed("-----BEGIN PRIVATE KEY-----")
    for _ in range(3_000):
        out += stream.feed("AAAAAAAAAA")
        assert len(stream._key._pending) < 1_000
    assert out + stream.finish() == "-----BEGIN PRIVATE KEY-----*"


LONG = r"""
detectors:
- {id: secret.long, name: a long one, type: long, group: secret, class: A, source: made up,
   gate: ['LL_[0-9a-z]{8}'], pattern: 'LL_[0-9a-z]{8,1000}', window: [16, 2000]}
"""


@pytest.mark.parametrize("size", [3, 100, 5_000])
def test_of_a_secret_that_is_longer_than_may_be_held_nothing_goes_out(size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        long_engine = Engine(load([DetectorFile("x.yaml", LONG, "x.yaml")]))
    text = "use LL_" + "0123456789abcdef" * 60 + " and go on with it"
    out = in_pieces(long_engine, text, [size] * 400)
    assert out == "use [long] and go on with it"


def test_what_begins_to_be_spelled_out_waits(engine):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    assert stream.feed("the seed phrase: legal winner thank year ") == "the "
    assert stream.held > 30
    other = StreamRedactor(engine, lambda finding, value: "*")
    assert other.feed("my number is four one one one ") == "my number is "
    assert other.feed("and then a lot more of words that go on and on. " * 12)


def test_an_empty_key_is_no_key(engine):
    text = "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY----- x"
    assert in_pieces(engine, text, [4] * 40) == text


@pytest.mark.parametrize("line", ["A" * 64 + "\n", "A"])
def test_a_key_is_swallowed_no_further_than_its_bound(engine, line):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    out = (
        stream.feed("-----BEGIN PRIVATE KEY-----\n")
        + stream.feed(line * (2 * MAX_KEY // len(line)))
        + stream.finish()
    )
    assert out == "-----BEGIN PRIVATE KEY-----\n*" + ("\n" if line.endswith("\n") and len(line) < 2 else "")
    assert stream.held == 0


def test_headers_of_a_key_go_with_it(engine):
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    text = f"{begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\n{BODY}\n{end}"
    assert (
        in_pieces(engine, text, [8] * 60)
        == "-----BEGIN RSA PRIVATE KEY-----\n[private_key]\n-----END RSA PRIVATE KEY-----"
    )


def test_an_empty_piece_changes_nothing(engine):
    stream = StreamRedactor(engine, lambda finding, value: "*")
    assert stream.feed("") == "" == stream.finish()
    assert stream.found == []
