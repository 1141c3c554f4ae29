"""Strings at paths of a JSON text: read, and replaced with the rest as it was."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects.reading import JSON
from sensor.errors import Malformed
from sensor.exchange.rewriting import string_at, with_strings

INNER = json.dumps({"q": "inner", "n": [1, "two"]})
BODY = {"a": [{"b": "text"}, 1], "args": INNER, "bytes": base64.b64encode(INNER.encode()).decode(), "e": ""}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", 0, "b"), "text"), (("a", -2, "b"), "text"), (("args", JSON, "q"), "inner"), (("e",), ""),
        (("bytes", JSON, "n", 1), "two"), (("a", 1), None), (("a", 2), None), (("a", "b"), None),
        (("x",), None), (("a", 0, "b", JSON, "q"), None), ((0,), None), (("e", JSON), ""),
    ],
)  # fmt: skip
def test_a_string_is_found_at_its_path(path, text):
    assert string_at(BODY, path) == text


def test_strings_are_replaced_and_all_else_is_as_it_was():
    raw = b'{ "a":[ {"b":"te\\u0078t"} , 1.50 ],\t"e" : "\\/" }'
    assert with_strings(raw, {("a", 0, "b"): 'n"w'}) == raw.replace(b"te\\u0078t", b'n\\"w')
    assert with_strings(raw, {}) == raw


def test_json_in_a_string_is_rewritten_in_the_coding_that_it_had():
    raw = json.dumps(BODY).encode()
    new = json.loads(with_strings(raw, {("args", JSON, "q"): "Ä", ("bytes", JSON, "n", 1): "drei"}))
    assert json.loads(new["args"]) == {"q": "Ä", "n": [1, "two"]}
    assert json.loads(base64.b64decode(new["bytes"])) == {"q": "inner", "n": [1, "drei"]}
    assert (new["a"], new["e"]) == (BODY["a"], "")


def test_base64_of_a_text_is_one_string():
    raw = json.dumps({"bytes": base64.b64encode("größer".encode()).decode()}).encode()
    assert string_at(json.loads(raw), ("bytes", JSON)) == "größer"
    made = with_strings(raw, {("bytes", JSON): "kleiner"})
    assert string_at(json.loads(made), ("bytes", JSON)) == "kleiner"
    assert string_at({"bytes": "no base64!"}, ("bytes", JSON)) is None
    with pytest.raises(Malformed):
        with_strings(b'{"bytes":"no base64!"}', {("bytes", JSON): "x"})


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"{", ("a",)), (b'{"a":1}', ("a",)), (b'{"a":"x"}', ("b",)), (b'{"a":"x"}', ("a", JSON, "b")),
        (b'{"a":"x","a":"y"}', ("a",)), (b'{"a":"x"}', ("b", JSON, "c")),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused(raw, path):
    with pytest.raises(Malformed):
        with_strings(raw, {path: "new"})


def test_json_in_strings_has_an_end():
    raw = b'{"q":"x"}'
    path: tuple[str, ...] = ("q",)
    for _ in range(6):
        raw, path = json.dumps({"s": raw.decode()}).encode(), ("s", JSON, *path)
    with pytest.raises(Malformed, match="json_nested_too_deep"):
        with_strings(raw, {path: "y"})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def paths_of(value, path=()):
    if isinstance(value, str):
        yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from paths_of(inner, (*path, key))


@given(json_values, st.text(max_size=6))
def test_every_string_can_be_replaced_by_any_other(value, new):
    raw = json.dumps(value).encode()
    for path in paths_of(value):
        if JSON not in path:
            made = json.loads(with_strings(raw, {path: new}))
            assert string_at(made, path) == new
            assert [p for p in paths_of(made)] == [p for p in paths_of(value)]
