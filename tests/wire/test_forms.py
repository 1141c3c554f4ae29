"""Forms: fields in order, and only what was named is changed."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import forms
from sensor.wire.forms import Form
from tests.wire.tls_bytes import outcome

FORMS: list[tuple[str, bytes, list[tuple[str, str]]]] = [
    ("nothing", b"", []),
    ("two fields", b"a=1&b=2", [("a", "1"), ("b", "2")]),
    ("the same name twice", b"a=1&a=2", [("a", "1"), ("a", "2")]),
    ("no value", b"a&b=", [("a", ""), ("b", "")]),
    ("no name", b"=1", [("", "1")]),
    ("empty pieces", b"&&a=1&", [("a", "1")]),
    ("blanks and escapes", b"a+b=c%20d%2Bx%26y%3D", [("a b", "c d+x&y=")]),
    ("a mark in the value", b"a=b=c", [("a", "b=c")]),
    ("UTF-8", b"a=%C3%A9\xc3\xa9", [("a", "éé")]),
    ("no UTF-8", b"a=%FF", [("a", "\ufffd")]),
    ("no escape", b"a=100%&b=%zz", [("a", "100%"), ("b", "%zz")]),
    ("as Gemini's web application sends it", b"f.req=%5Bnull%2C%22%5B%5D%22%5D&at=x%3A1&",
     [("f.req", '[null,"[]"]'), ("at", "x:1")]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "raw", "expected"), FORMS)
def test_fields(_: str, raw: bytes, expected: list[tuple[str, str]]) -> None:
    form = Form.parse(raw)
    assert form.fields == expected
    assert form.replace({}) == raw


REPLACED: list[tuple[str, bytes, dict[int, str], dict[int, str] | None, bytes]] = [
    ("a value", b"a=%41&&b=+&", {1: "x y&é"}, None, b"a=%41&&b=x+y%26%C3%A9&"),
    ("a field without a value", b"a&b", {0: "1"}, None, b"a=1&b"),
    ("a name", b"a=%41&b", {}, {0: "k&", 1: "l"}, b"k%26=%41&l"),
    ("both", b"a=1", {0: "2"}, {0: "b"}, b"b=2"),
    ("a lone surrogate", b"a=1", {0: "\ud800"}, None, b"a=%3F"),
]


@pytest.mark.parametrize(("_", "raw", "values", "names", "expected"), REPLACED)
def test_replace_changes_only_what_was_named(
    _: str, raw: bytes, values: dict[int, str], names: dict[int, str] | None, expected: bytes
) -> None:
    assert Form.parse(raw).replace(values, names) == expected


@pytest.mark.parametrize("index", [-1, 1])
def test_an_index_without_a_field_is_the_callers_mistake(index: int) -> None:
    with pytest.raises(IndexError):
        Form.parse(b"a=1").replace({index: "b"})


def test_more_fields_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MAX_FIELDS", 2)
    assert len(Form.parse(b"a&b").fields) == 2
    assert outcome(Form.parse, b"a&b&c") == "form_too_many_fields"


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=5), st.data())
def test_any_fields_are_read_and_replaced(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    raw = urlencode(pairs).encode()
    form = Form.parse(raw)
    assert form.fields == pairs
    values = data.draw(
        st.dictionaries(st.sampled_from(range(len(pairs))), st.text()) if pairs else st.just({})
    )
    changed = form.replace(values)
    assert Form.parse(changed).fields == [
        (name, values.get(at, value)) for at, (name, value) in enumerate(pairs)
    ]
    before, after = raw.split(b"&"), changed.split(b"&")
    assert all(before[at] == after[at] for at in range(len(before)) if at not in values)


@pytest.mark.slow
@given(
    st.lists(st.sampled_from([b"a", b"=", b"&", b"%", b"41", b"+", b"\xff", b"%C3", b"%A9"])).map(b"".join)
)
def test_any_bytes_are_a_form_as_the_standard_library_reads_it(raw: bytes) -> None:
    form = Form.parse(raw)
    assert form.replace({}) == raw
    theirs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    assert [
        tuple(text.encode("latin-1").decode("utf-8", "replace") for text in pair) for pair in theirs
    ] == form.fields
