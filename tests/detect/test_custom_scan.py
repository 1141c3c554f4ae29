"""A user's expressions, keywords and proximity rules on texts, and the bounds that hold whatever they are."""

from __future__ import annotations

import importlib.util
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.detect.custom import CustomScanner, gates, parse_custom, regexes
from sensor.detect.custom import keywords as keyword_module
from sensor.detect.custom.expressions import read_expression
from sensor.detect.custom.gates import PlainBounded, compile_bounded, open_bounded
from sensor.detect.custom.near import MAX_CANDIDATES
from sensor.detect.custom.regexes import Patterns
from sensor.detect.custom.words import (
    ByteOffsets,
    fold,
    is_alone,
    places_of,
    reach_back,
    reach_on,
    snap,
    spans_in,
    words_in,
)
from sensor.detect.finding import Candidate, Document
from sensor.detect.gate import GateError


def scanner(text: str) -> CustomScanner:
    return CustomScanner([parse_custom(text, "own.yaml")])


def found(rules: CustomScanner, text: str, others: list[Candidate] | None = None) -> list[tuple[str, str]]:
    """(id, what stands there) of every candidate, by place."""
    data = text.encode("utf-8", "surrogatepass")
    made = rules.scan(Document(data), others or [])
    for item in made:
        assert 0 <= item.start < item.end <= len(data)
        assert not any(text[:8] and text in reason for reason in item.reasons if len(text) > 60)
    return [
        (item.detector.removeprefix("custom."), data[item.start : item.end].decode("utf-8", "surrogatepass"))
        for item in sorted(made)
    ]


PATTERNS = r"""
detectors:
- {id: custom.number, pattern: '\bC-\d{6}\b'}
- {id: custom.mail, pattern: '[\w.+-]+@corp\.example'}
- {id: custom.pin, pattern: 'pin[: ]+(?P<value>\d{4,8})', class: C, score: 0.4,
   context: {words: {en: [account]}}}
- {id: custom.street, pattern: 'Straßen?[äöü]\w+'}
- {id: custom.card, pattern: '\d{12,19}', validator: luhn}
- {id: custom.token, pattern: 'tk_[a-z0-9]{8,40}', entropy: 2.5}
- {id: custom.maybe, pattern: 'id (?P<value>x?)', class: B, context: [words]}
"""
PATTERNS = PATTERNS.replace("class: B, context: [words]", "class: B")

CASES = [
    ("Customer C-123456 and C-1234567 and xC-123456", [("number", "C-123456")]),
    ("to a.b+c@corp.example, x@corp.example", [("mail", "a.b+c@corp.example"), ("mail", "x@corp.example")]),
    ("account: pin: 12345", [("pin", "12345")]),
    ("pin: 12345 of the account", [("pin", "12345")]),
    ("pin: 12345", []),
    ("Straßeä77 und Straßenü1", [("street", "Straßeä77"), ("street", "Straßenü1")]),
    ("Straßex77", []),
    ("4111111111111111 4111111111111112", [("card", "4111111111111111")]),
    ("tk_a8f3k2m9q1 tk_aaaaaaaaaa", [("token", "tk_a8f3k2m9q1")]),
    ("id x, id y", [("maybe", "x"), ("maybe", "id ")]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_expressions_find_what_they_say(text, expected) -> None:
    assert found(scanner(PATTERNS), text) == expected


def test_a_word_near_raises_the_score_and_is_told() -> None:
    rules = scanner(
        "detectors: [{id: custom.a, pattern: 'A\\d{4}', score: 0.5, context: {words: {en: [badge]}}}]"
    )
    alone, near = rules.scan(Document(b"A1234 and badge of all A9876"), [])
    assert (alone.score, near.score) == (0.8, 0.8)
    (far,) = rules.scan(Document(b"A1234"), [])
    assert far.score == 0.5
    assert near.reasons == ("matches a", "a word that names it is near")


def test_a_match_without_bound_is_followed_back_and_a_very_long_one_is_cut() -> None:
    rules = scanner("detectors: [{id: custom.a, pattern: 'A[a-z]+9'}]")
    short, long = "A" + "b" * 900 + "9", "A" + "b" * 5000 + "9"
    assert found(rules, f"x {short} y") == [("a", short)]
    assert found(rules, f"x {long} y") == [("a", long[-regexes.LONG :])]


def test_a_wide_match_that_began_too_long_ago_is_none() -> None:
    rules = scanner("detectors: [{id: custom.a, pattern: 'Ä[a-z]+9'}]")
    assert found(rules, "Ä" + "b" * 5000 + "9") == []
    assert found(rules, "Ä" + "b" * 50 + "9") == [("a", "Ä" + "b" * 50 + "9")]


def test_a_span_never_cuts_a_character() -> None:
    rules = scanner("detectors: [{id: custom.a, pattern: 'C..'}, {id: custom.b, pattern: '.x'}]")
    assert found(rules, "C1ä 2") == [("a", "C1ä")]
    assert found(rules, "éx") == [("b", "éx")]


@given(st.text("ab1C-é \n", max_size=60))
@settings(max_examples=150, deadline=None)
def test_every_match_of_re2_is_covered(text: str) -> None:
    """What Python's engine finds one after the other lies inside what is found here."""
    import re

    pattern = r"C-?\d{1,3}|[ab]+1|a[^b]*b"
    data = text.encode()
    rules = scanner(f"detectors: [{{id: custom.a, pattern: '{pattern}'}}]")
    covered = bytearray(len(data))
    for item in rules.scan(Document(data), []):
        covered[item.start : item.end] = b"\1" * (item.end - item.start)
    for match in re.finditer(pattern.encode(), data):
        assert all(covered[match.end() - 1 : match.end()])


FLOODS = [
    "a+", "[^x]", r"\d{4,9}", r"\d{6}", "a|b[^b]*a", "a[^b]*b|a", r"\w+\s?x", "(a+)+", "(?:a|aa)+",
    "(.*a){20}",
    r".+",
    r"\s+$", "c[ab]{30}a[ab]*", r"(?P<value>[a-z]+)x", "(?:a?b?c?){40}e", "é|[a-c]+", r"[\w.+-]+@[a-z.]+",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("pattern", FLOODS)
def test_a_megabyte_of_the_worst_text_is_linear(pattern) -> None:
    """Twenty milliseconds on an idle core; five times that here, since others run beside the test."""
    runner = Patterns.of_one(read_expression(pattern))
    size = 1 << 20
    for text in (b"a", b"ab", b"abc", b"a1 ", b"0123456789 ", b" ", b"x@a.", b"ab1x \n", b"c" + b"ab" * 40):
        document = Document((text * size)[:size])
        best = 1.0
        for _ in range(2):
            began = time.process_time()
            made = runner.scan(document)
            best = min(best, time.process_time() - began)
        assert best < 0.1, (pattern, text)
        assert all(item.end > item.start for item in made)


def test_more_matches_than_are_looked_at_hide_the_rest(monkeypatch) -> None:
    monkeypatch.setattr(regexes, "MAX_EVENTS", 5)
    rules = scanner("detectors: [{id: custom.a, pattern: '\\d{2}'}]")
    made = rules.scan(Document(b"11 22 33 44 55 66 77 88 and a secret"), [])
    assert made[-1].end == 36 and made[-1].start == 14
    assert "taken whole" in made[-1].reasons[0]
    # One that floods does not blind the others.
    rules = scanner("detectors: [{id: custom.a, pattern: '\\d{2}'}, {id: custom.b, pattern: 'secret'}]")
    text = "11 22 33 44 55 66 77 88 and a secret"
    kinds = [name for name, _ in found(rules, text)]
    assert kinds.count("a") >= 6 and "b" in kinds
    assert found(rules, text)  # the gates of single expressions are kept
    # The last event may be the end of the text.
    assert found(scanner("detectors: [{id: custom.a, pattern: '\\d{2}'}]"), "11 22 33 44 55")[-1] == (
        "a",
        "55",
    )


def test_when_the_budget_is_spent_an_end_stands_for_what_precedes_it(monkeypatch) -> None:
    monkeypatch.setattr(regexes, "SEARCHES", 1)
    rules = scanner("detectors: [{id: custom.a, pattern: '\\d{2,3}'}]")
    assert [text for _, text in found(rules, "11 22 33")] == ["11", " 22", "33"]
    monkeypatch.setattr(regexes, "SEARCHES", 100)
    monkeypatch.setattr(regexes, "STEPS", 1)
    hard = "c[ab]{10}a[ab]{0,9}d"
    rules = scanner(f"detectors: [{{id: custom.a, pattern: '{hard}'}}]")
    word = "c" + "ab" * 5 + "a" + "d"
    covered = "".join(text for _, text in found(rules, f"{word} {word} {word}"))
    assert len(covered) >= 3 * len(word) - 10


def test_validators_are_asked_so_often_and_then_a_match_stands_unproven(monkeypatch) -> None:
    monkeypatch.setattr(regexes, "CHECKS", 1)
    rules = scanner("detectors: [{id: custom.c, pattern: '\\d{16}', validator: [luhn]}]")
    made = rules.scan(Document(b"4111111111111111 4111111111111112 4111111111111113"), [])
    assert [item.validated for item in made].count(True) <= 1 and len(made) >= 2


def test_a_validator_that_cannot_say_keeps_the_match(monkeypatch) -> None:
    monkeypatch.setitem(regexes.VALIDATORS, "luhn", lambda value: None)
    (made,) = scanner("detectors: [{id: custom.c, pattern: '\\d{16}', validator: luhn}]").scan(
        Document(b"4111111111111112"), []
    )
    assert not made.validated and made.reasons == ("matches c",)


# --- keywords -----------------------------------------------------------------------------------------------

KEYWORDS = """
keywords:
- {id: custom.projects, words: [Bluebird, Operation Red, "Projekt Ärger", straße, X-15, ab],
languages: [de]}
- {id: custom.exact, words: [Zeppelin, Blue], caseless: false}
- {id: custom.parts, words: [geheim], whole: false}
- {id: custom.han, words: [極秘, ИКС]}
"""

KEYWORD_CASES = [
    ("the bluebird, BLUEBIRD and bluebirds", [("projects", "bluebird"), ("projects", "BLUEBIRD")]),
    ("operation\nred; Operation  Red", [("projects", "operation\nred")]),
    ("PROJEKT ÄRGER projekt ärger", [("projects", "PROJEKT ÄRGER"), ("projects", "projekt ärger")]),
    ("Straße STRASSE", [("projects", "Straße"), ("projects", "STRASSE")]),
    ("X-15 X-151 aX-15", [("projects", "X-15")]),
    ("Zeppelin zeppelin", [("exact", "Zeppelin")]),
    ("my_blue Blue_bird", [("exact", "Blue")]),
    ("streng_GEHEIMnis", [("parts", "GEHEIM")]),
    ("これは極秘です икс Икс иксы", [("han", "極秘"), ("han", "икс"), ("han", "Икс")]),
    ("éab abé éé ab", [("projects", "ab")]),
    ("ab", [("projects", "ab")]),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), KEYWORD_CASES)
def test_keywords_stand_alone_unless_asked_otherwise(text, expected) -> None:
    assert found(scanner(KEYWORDS), text) == expected


def test_of_keywords_that_end_together_the_longest_is_told() -> None:
    rules = scanner("keywords: [{id: custom.k, words: [red, operation red, deep operation red]}]")
    assert found(rules, "the deep operation red") == [("k", "deep operation red")]
    rules = scanner("keywords: [{id: custom.k, words: [deep operation red, red]}]")
    assert found(rules, "the deep operation red") == [("k", "deep operation red")]


def test_more_keywords_than_are_looked_at_hide_the_rest(monkeypatch) -> None:
    monkeypatch.setattr(keyword_module, "MAX_EVENTS", 3)
    rules = scanner("keywords: [{id: custom.k, words: [red]}]")
    made = found(rules, "red red red red and blue")
    assert made[-1] == ("k", " red and blue")
    assert found(rules, "red red red")[-1] == ("k", "red")


def test_a_keyword_with_many_forms_is_still_bounded() -> None:
    word = "ſ" * 80
    rules = scanner(f"keywords: [{{id: custom.k, words: [{word}]}}]")
    assert found(rules, f"x {word} y") == [("k", word)]
    assert found(rules, f"x {'s' * 80} y")


def test_a_keyword_whose_cases_differ_in_length_begins_where_it_does() -> None:
    rules = scanner("keywords: [{id: custom.k, words: [ſo la]}]")
    assert found(rules, "ſo la; so\nla; So la; xso la") == [("k", "ſo la"), ("k", "so\nla"), ("k", "So la")]
    assert found(rules, "so la") == [("k", "so la")]


@pytest.mark.slow
def test_ten_thousand_keywords_cost_microseconds() -> None:
    words = [f"kw{number * 7919:x}q" for number in range(10_000)]
    rules = scanner("keywords:\n- id: custom.many\n  words: [" + ", ".join(words) + "]")
    text = ("ordinary words of a prompt that nobody listed, " * 100)[:4000] + " " + words[77] + " end"
    document = Document(text.encode())
    times = []
    for _ in range(50):
        began = time.process_time()
        made = rules.scan(document, [])
        times.append(time.process_time() - began)
    assert len(made) == 1 and min(times) < 0.001


# --- proximity ----------------------------------------------------------------------------------------------

NEAR = """
keywords: [{id: custom.project, words: [Bluebird]}]
near:
- {id: custom.deal, of: {detector: custom.project}, words: {en: [merger], de: [Fusion]},
   within: 20, score: 0.9}
- {id: custom.raised, of: {type: email, group: [person]}, words: [salary], within: 10, raise: 0.3}
- {id: custom.pair, of: {type: card}, other: {type: email}, within: 30}
"""


def test_a_word_near_makes_a_finding_of_its_own() -> None:
    rules = scanner(NEAR)
    assert found(rules, "Bluebird merger") == [("deal", "Bluebird"), ("project", "Bluebird")]
    assert found(rules, "die Fusion mit Bluebird")[0] == ("deal", "Bluebird")
    assert found(rules, "Bluebird submerger") == [("project", "Bluebird")]
    assert found(rules, "Bluebird, and then for a long time nothing, merger") == [("project", "Bluebird")]
    assert found(rules, "äöüäöüäöüäöüäöü Fusion Bluebird")[0] == ("deal", "Bluebird")
    assert found(rules, "Bluebird äöü MERGER")[0] == ("deal", "Bluebird")
    assert found(rules, "Bluebird İ merger ä")[0] == ("deal", "Bluebird")
    assert found(rules, "Bluebird äxmerger merger")[0] == ("deal", "Bluebird")


def test_a_finding_near_a_word_is_told_again_with_a_higher_score() -> None:
    rules = scanner(NEAR)
    other = Candidate(7, 12, "contact.email", 0.8, True, ("shape",))
    (raised,) = rules.scan(Document(b"salary a@b.c"), [other])
    assert raised.detector == "contact.email" and raised.score == 1.0 and raised.validated
    assert raised.reasons == ("shape", "raised: a word is near")
    assert rules.scan(Document(b"wages: a@b.c"), [other]) == []
    person = Candidate(7, 12, "person.name", 0.5, False, ())
    assert [item.score for item in rules.scan(Document(b"salary a@b.c"), [person])] == [0.8]


def test_two_findings_near_each_other_make_one() -> None:
    rules = scanner(NEAR)
    card = Candidate(0, 4, "payment.card", 0.5, True, ())
    mail = Candidate(10, 15, "contact.email", 0.5, True, ())
    inside = Candidate(2, 3, "contact.email", 0.5, True, ())
    document = Document(b"4111      a@b.c")
    made = rules.scan(document, [card, mail])
    assert [(item.detector, item.start, item.end, item.validated) for item in made] == [
        ("custom.pair", 0, 4, True)
    ]
    assert made[0].reasons == ("pair: another finding is near",)
    assert rules.scan(document, [card]) == [] and rules.scan(document, [card, inside]) == []
    assert rules.scan(document, [card] * (MAX_CANDIDATES + 5)) == []


def test_types_are_those_of_the_engines_detectors_once_it_told_them() -> None:
    rules = scanner("near: [{id: custom.n, of: {type: payment_card}, words: [visa], within: 9}]")
    card = Candidate(5, 9, "payment.pan", 0.5, True, ())
    assert rules.scan(Document(b"visa 4111"), [card]) == []
    other = parse_custom(
        "detectors: [{id: payment.pan, type: payment_card, group: payment, pattern: x}]", "x"
    )
    rules.know([other.patterns[0].detector])
    assert [item.detector for item in rules.scan(Document(b"visa 4111"), [card])] == ["custom.n"]
    assert [detector.id for detector in rules.describe()] == ["custom.n"]


# --- words --------------------------------------------------------------------------------------------------


@given(st.text("abZ09_-. \né—Éßİı\u0307½極Жжǅ\xa0ſ\u2028\ud800", max_size=30))
@settings(max_examples=300, deadline=None)
def test_words_and_their_places_go_together(text: str) -> None:
    words, spans = words_in(text), spans_in(text)
    assert len(words) == len(spans)
    data = text.encode("utf-8", "surrogatepass")
    byte = ByteOffsets(text)
    for (start, end), word in zip(spans, words, strict=True):
        assert fold(text[start:end]) == fold(word) or "İ" in text[start:end]
        assert data[byte(start) : byte(end)].decode("utf-8", "surrogatepass") == text[start:end]
        assert byte(0) == 0
    assert words == [fold(word) for word in words]


@given(st.text("aé極 .", max_size=30), st.integers(0, 30), st.integers(0, 12))
@settings(max_examples=200, deadline=None)
def test_reach_is_counted_in_characters(text: str, at: int, characters: int) -> None:
    at = min(at, len(text))
    data, byte = text.encode(), len(text[:at].encode())
    assert reach_back(data, byte, characters) == len(text[: max(0, at - characters)].encode())
    assert reach_on(data, byte, characters) == len(text[: at + characters].encode())


def test_what_stands_alone() -> None:
    data = "aé éa 極a x".encode()
    assert not is_alone(data, 0, 1) and not is_alone(data, 6, 7)
    assert is_alone(data, len("aé éa 極".encode()), len("aé éa 極a".encode()))
    assert is_alone(b"a-b", 0, 1) and is_alone(b"\xff\xff", 0, 2)
    assert snap("aéb".encode(), 2, 2) == (1, 3)
    assert list(places_of("ärmel arm".encode(), 0, 10, ("arm",))) == [(7, 10)]
    assert list(places_of(b"arm charm arms arm", 0, 18, ("arm", "ärm"))) == [(0, 3), (15, 18)]


# --- gates --------------------------------------------------------------------------------------------------


def test_without_hyperscan_re2_tells_the_same_findings(monkeypatch) -> None:
    monkeypatch.setattr(gates, "HAS_HYPERSCAN", False)
    assert compile_bounded([("a", False)]) == b""
    text = "C-123456 a.b@corp.example Straßeä7 Bluebird operation red"
    plain = found(scanner(PATTERNS), text), found(scanner(KEYWORDS), text)
    monkeypatch.undo()
    assert plain == (found(scanner(PATTERNS), text), found(scanner(KEYWORDS), text))


def test_the_plain_gate_stops_where_it_is_told() -> None:
    gate = open_bounded([("a", False), ("B", True)], b"", plain=True)
    assert isinstance(gate, PlainBounded)
    assert gate.scan(b"aab", 10) == ([(0, 1), (0, 2), (1, 3)], True)
    assert gate.scan(b"aab", 2) == ([(0, 1), (0, 2)], False)
    assert gate.scan(b"aabb", 3) == ([(0, 1), (0, 2), (1, 3)], False)


def test_without_wheels_the_module_is_still_there(monkeypatch) -> None:
    """Only what uses them is missing."""
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    monkeypatch.setitem(sys.modules, "re2", None)
    spec = importlib.util.spec_from_file_location("gates_without_wheels", gates.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.hyperscan is None and module.re2 is None


def test_a_gate_that_cannot_be_compiled_or_opened_is_an_error() -> None:
    with pytest.raises(GateError):
        compile_bounded([("x^ab", False)])
    with pytest.raises(GateError):
        open_bounded([("a", False)], b"no database")


def test_two_scans_at_once_have_a_scratch_each() -> None:
    gate = open_bounded([("a", False)], compile_bounded([("a", False)]))
    gate._scratches.clear()  # as if others were scanning
    assert gate.scan(b"xa", 5) == ([(0, 2)], True)
    assert len(gate._scratches) == 1
