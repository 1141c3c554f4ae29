"""Which expressions of a user may run, why others may not, and that what runs finds what RE2 finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.detect.custom import expressions
from sensor.detect.custom.expressions import MAX_SIZE, MAX_STATES, ExpressionError, read_expression
from sensor.detect.custom.gates import compile_bounded, open_bounded
from sensor.detect.custom.probing import adversaries
from sensor.detect.custom.syntax import MAX_DEPTH, MAX_EXPRESSION, Sequence, gate_text, parse

REFUSED = [
    ("", "empty", None),
    ("x" * (MAX_EXPRESSION + 1), "longer than", None),
    (r"(a)\1", "back-reference", 3),
    (r"(?P<n>a)\k<n>", "back-reference", 8),
    (r"(?P<n>a)(?P=n)", "back-reference", 8),
    ("(?=x)y", "look-ahead", 0),
    ("a(?!x)y", "look-ahead", 1),
    ("(?<=x)y", "look-behind", 0),
    ("(?<!x)y", "look-behind", 0),
    ("(?>a+)b", "atomic", 0),
    ("(?(1)a|b)", "conditional", 0),
    ("(?#why)a", "comment", 0),
    ("a++", "possessive", 2),
    ("a**", "repeat of a repeat", 1),
    ("(?:a{2}){3}{4}", "repeat of a repeat", 8),
    ("*a", "nothing to repeat", 0),
    ("a|+", "nothing to repeat", 2),
    ("a{1001}", "more than 1000", 1),
    ("a{3,2}", "wrong way round", 1),
    ("a{0}b", "repeat of nothing", 1),
    (r"\b*a", "cannot be repeated", 2),
    ("^+a", "cannot be repeated", 1),
    ("(a", "( without its )", 0),
    ("(?ia", "unknown flag", 3),
    ("(?i", "( without its )", 0),
    ("a)", ") without its (", 1),
    ("[a", "[ without its ]", 0),
    (r"[\d-a", "[ without its ]", 0),
    ("[b-a]", "ends before it begins", 0),
    (r"[a-\d]", "ends before it begins", 0),
    ("[[:klingon:]]", "unknown class", 1),
    ("[[:alpha]", "unknown class", 1),
    (r"[^\x00-\x7f[:^ascii:]]", "no character is in", 0),
    ("a\\", "\\ at the end", 1),
    (r"\Qa\E", r"unknown escape \Q", 0),
    ("\\é", "unknown escape", 0),
    (r"\x4", "\\x without", 0),
    (r"\x{110000}", "\\x without", 0),
    (r"\x{41", "\\x without", 0),
    (r"\xff", "above 127", 0),
    (r"a\p", "without a class", 1),
    (r"\p{L", "without a class", 0),
    ("(?<>a)", "group without a name", 0),
    ("(?P<é>a)", "group without a name", 0),
    ("(?P<a", "group without a name", 0),
    ("(?z)a", "unknown flag", 2),
    ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "deeper than", MAX_DEPTH),
    ("a*", "empty string", None),
    (r"\b", "empty string", None),
    ("a|", "empty string", None),
    ("()", "empty string", None),
    ("(?i)", "empty string", None),
    (f"a{{{MAX_SIZE + 1}}}", "too large", None),
    ("(?:(?:a{1000}){1000}){1000}", "over a million", None),
    (r"\p{Klingon}x", "linear time", None),
]


@pytest.mark.parametrize(("pattern", "reason", "at"), REFUSED)
def test_what_may_not_run_is_refused_with_a_reason_and_a_place(pattern, reason, at) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_expression(pattern)
    assert reason in str(caught.value)
    assert caught.value.at == at


FACTS = [
    # pattern, size, shortest, longest, exact, small
    (r"C-\d{6}", 8, 8, 8, True, True),
    ("(a+)+$", 1, 1, None, True, True),
    (r"(?i)kunde[- ]?\d{4,9}", 15, 9, 15, True, True),
    (r"M[äü]ller", 9, 7, 9, False, True),
    (r"\p{L}+x", 6, 2, None, False, True),
    (r"\pLx", 6, 2, 5, False, True),
    ("c[ab]{30}a[ab]*", 33, 32, None, True, False),
    (r"(?P<value>ab|c)\b", 3, 1, 2, True, True),
    (r"a{2,}", 2, 2, None, True, True),
    (r"\Aab?\z", 2, 1, 2, True, True),
    (r"(?:\b)x", 1, 1, 1, True, True),
    (r"a{,3}", 5, 5, 5, True, True),
    (r"a{x}", 4, 4, 4, True, True),
    (r"a{1", 3, 3, 3, True, True),
    (r"(?s).\.", 2, 2, 2, True, True),
    (r"(?-s).\.", 2, 2, 2, True, True),
    (r"(?m)aa", 2, 2, 2, True, True),
    (r"(?s:.)é", 7, 3, 6, False, True),
    (r"(?i:é)x", 5, 3, 5, False, True),
    (r"\x{E9}x", 3, 3, 3, False, True),
    (r"\x41[\x42\-]\n\.", 4, 4, 4, True, True),
    (r"[]a][^]b]", 2, 2, 2, True, True),
    (r"[a-]-[-a]", 3, 3, 3, True, True),
    (r"[\d-a]x", 2, 2, 2, True, True),
    (r"[[:alpha:][:^digit:]]\D", 2, 2, 2, True, True),
    (r"[а-яё]{2}", 8, 4, 8, False, True),
    (r"[^a]é", 7, 3, 6, False, True),
    (r"(?<n>a|b|cc)+?d", 5, 2, None, True, True),
    (r"(?i)[x-z]É", 5, 3, 5, False, True),
]


@pytest.mark.parametrize(("pattern", "size", "shortest", "longest", "exact", "small"), FACTS)
def test_what_is_known_of_an_expression(pattern, size, shortest, longest, exact, small) -> None:
    found = read_expression(pattern)
    assert (found.size, found.shortest, found.longest, found.exact, found.runs_small) == (
        size, shortest, longest, exact, small,
    )  # fmt: skip
    assert found.fixed == (shortest if exact and shortest == longest else None)
    compile_bounded([(found.gate, False)])


def test_without_re2_no_expression_runs(monkeypatch) -> None:
    monkeypatch.setattr(expressions, "HAS_RE2", False)
    with pytest.raises(ExpressionError, match="not installed"):
        read_expression("abc")


def test_the_count_of_states_stops_early() -> None:
    assert not read_expression("c[ab]{60}a[ab]*").runs_small
    assert MAX_STATES < 2**10


ATOMS = st.sampled_from(
    ["a", "b", "c", ".", r"\d", r"\w", "[ab]", "[^a]", "[a-c]", r"\.", "x", "(?:a|b)", "(ab|c)", "1", r"\s"]
)
COUNTS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"])


@st.composite
def patterns(draw) -> str:
    parts = [atom + draw(COUNTS) for atom in draw(st.lists(ATOMS, min_size=1, max_size=6))]
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), "|")
    return draw(st.sampled_from(["", "", "(?i)"])) + "".join(parts)


@given(patterns(), st.text("abcxAB1 .\n", max_size=20))
@settings(max_examples=150, deadline=None)
def test_the_gate_ends_where_a_match_ends(pattern: str, text: str) -> None:
    """The gate tells exactly the ends of what Python's own engine, asked for every span, calls a match."""
    try:
        found = read_expression(pattern)
        gate = open_bounded([(found.gate, False)], compile_bounded([(found.gate, False)]))
    except ValueError:
        return
    data = text.encode()
    ends = {end for _, end in gate.scan(data, 10_000).found}
    plain = re.compile(pattern.encode(), re.MULTILINE)
    places = range(len(data) + 1)
    assert ends == {end for end in places if any(plain.fullmatch(data, start, end) for start in range(end))}


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(pattern: str) -> None:
    try:
        found = read_expression(pattern)
    except ExpressionError as error:
        assert str(error)
    else:
        assert 0 < found.shortest and 0 < found.size <= MAX_SIZE


@given(patterns())
@settings(max_examples=100, deadline=None)
def test_what_is_written_for_the_gate_reads_the_same(pattern: str) -> None:
    """Python's own engine takes the gate's text for an expression as well."""
    try:
        part = parse(pattern)
    except ExpressionError:
        return
    re.compile(gate_text(part).replace(r"\z", r"\Z").encode("latin-1"))


def test_adversaries_are_the_same_each_time_and_as_long_as_asked() -> None:
    for pattern in (r"C-\d{6}", "(?:ab|c){2,3}[^x]+d?", r"\bé.", "aba", r"[\x01\x02]{2}(?:)", "(?:^|x)y"):
        expression = read_expression(pattern)
        texts = adversaries(expression, 1000)
        assert texts == adversaries(expression, 1000)
        assert {len(text) for text in texts} == {1000}


def test_an_empty_sequence_is_written_as_nothing() -> None:
    assert gate_text(Sequence(())) == ""
