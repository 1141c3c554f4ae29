"""Canonical JSON: the same bytes as RFC 8785's second implementation, or a refusal."""

import json
import math

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.tlog import canonical

KEYS = st.text(st.characters(max_codepoint=0xD7FF), max_size=8)
NUMBERS = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer() or abs(x) < 2**53)
    | st.floats(-0.002, 0.002)
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(VALUES)
def test_equals_the_second_implementation(value):
    """Every value of the subset is spelled as the rfc8785 package spells it, and reads back equal."""
    data = canonical.encode(value)
    assert data == rfc8785.dumps(value)
    assert canonical.parse(data) == value


@pytest.mark.slow
@given(ANYTHING)
def test_anything_is_spelled_rightly_or_refused(value):
    """What is outside the subset is refused, never spelled in another way."""
    try:
        data = canonical.encode(value)
    except Malformed:
        return
    assert data == rfc8785.dumps(value)


@pytest.mark.slow
@given(st.binary(max_size=60) | ANYTHING.map(lambda v: orjson.dumps(v, default=str) if not _odd(v) else b"["))
def test_any_bytes_parse_to_a_value_or_malformed(data):
    """The reader accepts exactly what the writer writes."""
    try:
        value = canonical.parse(data)
    except Malformed:
        return
    assert canonical.encode(value) == data


def _odd(value):
    try:
        orjson.dumps(value, default=str)
    except orjson.JSONEncodeError:
        return True
    return False


# RFC 8785, section 3.2.2 and appendix B: numbers at the edges of ECMAScript's forms.
@pytest.mark.parametrize(
    ("number", "spelling"),
    [
        (0.0, b"0"),
        (-0.0, b"0"),
        (5.0, b"5"),
        (1e15, b"1000000000000000"),
        (9007199254740991, b"9007199254740991"),
        (-9007199254740991, b"-9007199254740991"),
        (5e-324, b"5e-324"),
        (-5e-324, b"-5e-324"),
        (9.999999999999997e-7, b"9.999999999999997e-7"),
        (0.000001, b"0.000001"),
        (-0.0000015, b"-0.0000015"),
        (0.00001, b"0.00001"),
        (0.00012, b"0.00012"),
        (1e-9, b"1e-9"),
        (-1.25e-10, b"-1.25e-10"),
        (5e-100, b"5e-100"),
        (333333333.3333333, b"333333333.3333333"),
        (333333333.33333325, b"333333333.33333325"),
        (-0.0000033333333333333333, b"-0.0000033333333333333333"),
        (1424953923781206.2, b"1424953923781206.2"),
    ],
)
def test_numbers(number, spelling):
    """Numbers of the RFC's appendix B that are inside the subset have its spelling."""
    assert canonical.encode(number) == spelling == rfc8785.dumps(number)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (2**53, "json_number"),
        (-(2**53), "json_number"),
        (2.0**53, "json_number"),
        (1e23, "json_number"),
        (math.nan, "json_number"),
        (math.inf, "json_number"),
        (-math.inf, "json_number"),
        ("\ud800", "json_text"),
        ({"\ud83d": 1}, "json_key"),
        ({"\U0001f600": 1}, "json_key"),
        ({"\ue000": 1}, "json_key"),
        ({1: 1}, "json_key"),
        (b"bytes", "json_type"),
        ({1, 2}, "json_type"),
        (type("Word", (str,), {})("x"), "json_type"),
    ],
)
def test_refused(value, name):
    """Values that another reader could see differently are refused by name."""
    with pytest.raises(Malformed) as caught:
        canonical.encode(value)
    assert caught.value.name == name


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',  # duplicate keys
        '{"a":1,"a":2}',
        '{"b":1,"a":2}',  # order
        '{ "a":1}',
        '{"a":1}\n',
        '"\\u0041"',  # another escape
        '"\\/"',
        '"\\u001F"',  # upper case
        '"\\ud800"',  # lone surrogate
        "1.0",
        "1e2",
        "-0",
        "01",
        "12345678901234567890123",
        "9007199254740992",
        "NaN",
        "[1,]",
        "",
        "\ufeff1",
    ],
)
def test_other_spellings_are_refused(text):
    """One value, one spelling: duplicate keys, white space, other escapes and number forms are refused."""
    with pytest.raises(Malformed):
        canonical.parse(text.encode())


def test_not_utf8_is_refused():
    """Bytes that are not UTF-8 are no JSON."""
    with pytest.raises(Malformed):
        canonical.parse(b'"\xff"')


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_is_bounded(opening):
    """Nesting stops at a stated depth, however deep the input goes."""
    closing = {"[": "]", '{"a":': "}"}[opening]
    deepest = opening * canonical.MAX_DEPTH + "1" + closing * canonical.MAX_DEPTH
    assert canonical.encode(json.loads(deepest)) == deepest.encode()
    for text in (opening + deepest + closing, opening * 500 + "1" + closing * 500, opening * 100_000):
        with pytest.raises(Malformed):
            canonical.parse(text.encode())
