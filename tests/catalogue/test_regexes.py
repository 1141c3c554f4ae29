"""Expressions that may run on strangers' bytes: what passes, what is refused, that what passes is fast."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.catalogue.regexes import MAX_PATTERN, PatternError, compiled, parse_expression

SAFE = [
    r"^bedrock-(runtime|mantle)(-fips)?\.(?P<region>[a-z0-9-]+)\.(amazonaws\.com(\.cn)?|api\.aws)$",
    r"^/backend-(api|anon)/(f/)?conversation$",
    r"^/model/(?P<model>[^/]+)/(invoke|converse)(-stream)?$",
    r"^/api/organizations/[0-9a-f-]{36}/x$",
    r"^/v1/models(/|$)",
    r"^(?:a|b)c$",
    r"^a.*b",
    r"^.+$",
    r"^[\w.-]+\.example\.com$",
    r"^\d{1,3}x\D\W\S\s$",
    r"^[x\]]+y$",
    r"^(a?b)?c$",
    r"^[^\d/]+/$",
    r"^[a-c-]+z$",
    r"^[-a]+z$",
    r"^[a-]$",
    r"^(a|b|)$",
    r"^x{3}y{2,}$",
    r"^(ab){2}c",
    r"^(ab){1,3}c",
    r"^a{0}b",
    r"^(ab){0}c",
    r"^$",
    r"^()a",
    r"plain",
    r"a[0-9]{1,8}b",
    r"^é[ü-]+x",
    r"^[0-9a-f]{64}/.*x",
]


@pytest.mark.parametrize("pattern", SAFE)
def test_what_passes_compiles(pattern):
    expression = parse_expression(pattern)
    assert compiled(expression.runnable)
    assert expression.anchored == pattern.startswith("^")


UNSAFE = [
    (r"^(a+)+$", "a group is repeated without a near end"),
    (r"^(a*)*b", "a group is repeated without a near end"),
    (r"^(a|b)*c", "a group is repeated without a near end"),
    (r"^([a-z]+){2}$", "nested quantifiers"),
    (r"^(ab){5}", "a group is repeated without a near end"),
    (r"^a.*b.*c$", "two repeats whose end is not settled"),
    (r"^\w+\w+$", "two repeats whose end is not settled"),
    (r"^.*[a-z]+x$", "two repeats whose end is not settled"),
    (r"^(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)$", "more than 64 ways"),
    (r"^a?a?a?a?a?a?a?aaaaaaa$", "more than 64 ways"),
    (r"^[ab]{0,8}[ab]{0,8}[ab]{0,8}c", "more than 64 ways"),
    (r".*x", "a long repeat in an expression that is not anchored"),
    (r"a[0-9]{1,9}b", "a long repeat in an expression that is not anchored"),
    (r"^a|b$", "binds to one alternative only"),
    (r"^a|b", "binds to one alternative only"),
    (r"a|b$", "binds to one alternative only"),
    (r"^(a)\1", r"'\1' is not read"),
    (r"^(?=a)", "look-around, flags and back-references are not read"),
    (r"^(?i)a", "look-around, flags and back-references are not read"),
    (r"^(?P=x)", "look-around, flags and back-references are not read"),
    (r"^(?P<Name>a)", "a group's name is lower-case letters"),
    (r"^(?P<n>a)(?P<n>b)", "two groups are named n"),
    (r"^a+?b", "a quantifier follows a quantifier"),
    (r"^a++b", "a quantifier follows a quantifier"),
    (r"^\bx", r"'\b' is not read"),
    ("^\\", r"'\' is not read"),
    ("^\\é", "is not read"),
    (r"^a{2,1}", "bounds are the wrong way round"),
    (r"^a{x}", "'{' begins no quantifier"),
    (r"^*a", "'*' follows nothing"),
    (r"^{a", "'{' follows nothing"),
    (r"^a^b", "'^' stands at the start only"),
    (r"^a$b", "something follows '$'"),
    (r"^a$+", "a quantifier follows '$'"),
    (r"^(a", "a group is not closed"),
    (r"^a)", "')' closes nothing"),
    (r"^[a", "a class is empty, not closed"),
    (r"^[]", "a class is empty, not closed"),
    (r"^[[]", "a class is empty, not closed"),
    (r"^[a-", "a class is empty, not closed"),
    (r"^[z-a]", "a range in a class runs"),
    (r"^[a-é]", "a range in a class runs"),
    (r"^[\d-z]", "a range in a class runs"),
    (r"^[a&&b]", "a doubled"),
    (r"^[+--]", "a doubled"),
    (r"^[a--]", "a range in a class runs"),
    ("^" + "(" * 20 + "a" + ")" * 20, "nested deeper"),
    ("^" + "a" * MAX_PATTERN, "longer than"),
]


@pytest.mark.parametrize(("pattern", "reason"), UNSAFE)
def test_what_is_refused_and_why(pattern, reason):
    with pytest.raises(PatternError) as caught:
        parse_expression(pattern)
    assert reason in str(caught.value)


def test_the_end_is_the_very_end():
    """Python's ``$`` lets a line break follow; ours does not."""
    runnable = parse_expression(r"^/v1/(a|b$)").runnable
    assert runnable == r"^/v1/(a|b\Z)"
    assert compiled(runnable).match("/v1/b")
    assert not compiled(runnable).match("/v1/b\n")
    assert parse_expression(r"^a[$]\$").runnable == r"^a[$]\$"


LITERALS = [
    (r"^/(api/)?v1/x$", {("/v1/x", True), ("/api/v1/x", True)}, {("/v1/x", True), ("/api/v1/x", True)}),
    (r"^/v1/[^/]+/y$", {("/v1/", False)}, {("/y", False)}),
    (r"^[a-z]+-x\.example\.com$", {("", False)}, {("-x.example.com", False)}),
    (r"^(a|b)c{2}$", {("acc", True), ("bcc", True)}, {("acc", True), ("bcc", True)}),
    (r"^a{1,2}$", {("a", True), ("aa", True)}, {("a", True), ("aa", True)}),
    (r"^x[ab]{0,9}$", {("x", False)}, {("", False)}),
    (r"^[a]b$", {("ab", True)}, {("ab", True)}),
    (r"^([ab]c|d)e$", {("", False), ("de", True)}, {("ce", False), ("de", True)}),
]


@pytest.mark.parametrize(("pattern", "heads", "tails"), LITERALS)
def test_texts_that_every_match_begins_and_ends_with(pattern, heads, tails):
    expression = parse_expression(pattern)
    assert expression.heads == heads
    assert expression.tails == tails


def test_too_many_alternatives_are_not_told_apart():
    """64 beginnings are kept; more say less, and never something wrong."""
    few = "|".join(f"{a}{b}" for a in "abcdefgh" for b in "12345678")
    assert len(parse_expression(f"^x({few})$").heads) == 64
    more = parse_expression(f"^x({few}|zz)$")
    assert more.heads == {("x", False)}
    assert parse_expression(f"^({few}|zz)$").heads == {("", False)}


def test_groups_and_ends_are_told():
    expression = parse_expression(r"^(?P<region>[a-z]+)/(?P<model>[0-9]+)$")
    assert expression.groups == {"region", "model"}
    assert expression.whole
    assert not parse_expression(r"^a(b|$)").whole
    assert parse_expression(r"^a(b$|$)").whole
    assert not parse_expression(r"^").whole


# Subjects on which backtracking matchers that have no such rules run for years.
ATTACKS = ["a" * 8192, "ab" * 4096, "/" * 8192, "a/" * 4096, "-" * 8192, "a-" * 4096 + ".", "0" * 8192 + "x"]


@pytest.mark.parametrize("pattern", SAFE)
def test_what_passes_is_fast_on_the_longest_subject(pattern):
    expression = compiled(parse_expression(pattern).runnable)
    run = expression.match if pattern.startswith("^") else expression.search
    started = time.process_time()
    for subject in ATTACKS:
        run(subject)
    assert time.process_time() - started < 0.2


pieces = st.sampled_from(
    ["a", "b", "ab", "/", r"\.", "[ab]", "[^/]", ".", r"\d", "(a|b)", "(ab|a)", "(a)", "(?:b|)", "$"]
)
quantifiers = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,3}", "{1,9}", "{3,}"])
patterns = st.lists(st.tuples(pieces, quantifiers), max_size=6).map(
    lambda parts: "^" + "".join(piece + quantifier for piece, quantifier in parts)
)


@pytest.mark.slow
@given(patterns, st.text(alphabet="ab/.1", max_size=12))
def test_beginnings_and_ends_hold_for_every_match(pattern, subject):
    """What the analysis promises of matches is so for those that ``re`` finds."""
    try:
        expression = parse_expression(pattern)
    except PatternError:
        return
    found = re.compile(expression.runnable, re.ASCII).match(subject)
    if found is None:
        return
    text = found.group()
    assert any(text == head if whole else text.startswith(head) for head, whole in expression.heads)
    assert any(text == tail if whole else text.endswith(tail) for tail, whole in expression.tails)
    if expression.whole:
        assert found.end() == len(subject)


@pytest.mark.slow
@given(patterns)
def test_no_pattern_that_passes_explodes(pattern):
    try:
        expression = compiled(parse_expression(pattern).runnable)
    except PatternError:
        return
    started = time.process_time()
    for subject in ("a" * 4000, "ab" * 2000, "/" * 4000, "a" * 3999 + "!"):
        expression.match(subject)
    assert time.process_time() - started < 0.5


@given(st.text(alphabet="ab/.\\()[]{}|^$?*+,-<>P=:0123", max_size=24))
def test_any_text_is_an_expression_or_refused(text):
    try:
        expression = parse_expression(text)
    except PatternError:
        return
    re.compile(expression.runnable)
