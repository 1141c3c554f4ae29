"""JSON bodies: every string is seen, and only what was named is changed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.wire import jsontext
from sensor.wire.jsontext import MAX_DEPTH, JsonText
from tests.wire.tls_bytes import outcome

STRINGS: list[tuple[str, bytes, list[tuple[Any, ...]]]] = [
    ("an object", b'{"a":"b"}', [(("a",), "a", True), (("a",), "b", False)]),
    ("an array", b'["x",1,["y"]]', [((0,), "x", False), ((2, 0), "y", False)]),
    ("a string alone", b' "x" ', [((), "x", False)]),
    ("no string", b"[1,null,true]", []),
    ("a number alone", b"4", []),
    (
        "objects in arrays, in document order",
        b'{"m":[{"t":"1"},{"t":"2"}],"a":"3"}',
        [
            (("m",), "m", True),
            (("m", 0, "t"), "t", True),
            (("m", 0, "t"), "1", False),
            (("m", 1, "t"), "t", True),
            (("m", 1, "t"), "2", False),
            (("a",), "a", True),
            (("a",), "3", False),
        ],
    ),
    ("an escaped mark", rb'["\"","a\u0022\n"]', [((0,), '"', False), ((1,), 'a"\n', False)]),
    ("an escaped backslash and mark", rb'["\\\"","x"]', [((0,), '\\"', False), ((1,), "x", False)]),
    ("a backslash before the end", rb'["\\","x"]', [((0,), "\\", False), ((1,), "x", False)]),
    ("a surrogate pair", rb'["\ud83d\ude00"]', [((0,), "\U0001f600", False)]),
    ("a lone surrogate: a text cut inside an emoji", rb'["a\ud83d"]', [((0,), "a\ud83d", False)]),
    ("a lone surrogate in a key", rb'{"\udc00":0}', [(("\udc00",), "\udc00", True)]),
    ("UTF-8", '["é日😀"]'.encode(), [((0,), "é日😀", False)]),
    ("a byte order mark", b'\xef\xbb\xbf["x"]', [((0,), "x", False)]),
    ("an empty key and value", b'{"":""}', [(("",), "", True), (("",), "", False)]),
    ("the same key in two objects", b'[{"a":1},{"a":2}]', [((0, "a"), "a", True), ((1, "a"), "a", True)]),
    ("JSON in a string is a string", rb'["{\"a\":1}"]', [((0,), '{"a":1}', False)]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "expected"), [c[1:] for c in STRINGS], ids=[c[0] for c in STRINGS])
def test_strings(raw: bytes, expected: list[tuple[Any, ...]]) -> None:
    """Given this body, these strings; and each put back as it was says the same."""
    text = JsonText.parse(raw)
    assert text.strings() == expected
    assert text.replace({}) == raw
    again = JsonText.parse(text.replace({i: s[1] for i, s in enumerate(expected)}))
    assert again.value == text.value
    assert again.strings() == expected


REPLACED: list[tuple[str, bytes, dict[int, str], bytes]] = [
    ("a value", b'{ "a" : "b" }', {1: "c"}, b'{ "a" : "c" }'),
    ("a key", b'{"a":"b"}', {0: "k"}, b'{"k":"b"}'),
    ("two of three, in any order", b'["a","b","c"]', {2: "z", 0: "y"}, b'["y","b","z"]'),
    ("other escapes stay as they are", rb'["\u0041\/","x"]', {1: "y"}, rb'["\u0041\/","y"]'),
    ("behind escaped marks", rb'["\"\\","x\"y",1]', {1: "z"}, rb'["\"\\","z",1]'),
    ("numbers stay as written", b'[1.10,1E+2,"x",0.0e-1]', {0: "y"}, b'[1.10,1E+2,"y",0.0e-1]'),
    ("blanks stay", b'\t[\r\n"x"\n,\t"y" ] \n', {0: "longer"}, b'\t[\r\n"longer"\n,\t"y" ] \n'),
    ("the mark stays", b'\xef\xbb\xbf["x"]', {0: "y"}, b'\xef\xbb\xbf["y"]'),
    ("to nothing and from nothing", b'["x",""]', {0: "", 1: "y"}, b'["","y"]'),
    ("escaping", b'["x"]', {0: 'a"b\\c\n\t\x01é/'}, '["a\\"b\\\\c\\n\\t\\u0001é/"]'.encode()),
    ("a lone surrogate", b'["x"]', {0: "\ud800é"}, b'["\\ud800\xc3\xa9"]'),
]  # fmt: skip


@pytest.mark.parametrize(("_", "raw", "texts", "expected"), REPLACED)
def test_replace_changes_only_what_was_named(
    _: str, raw: bytes, texts: dict[int, str], expected: bytes
) -> None:
    assert JsonText.parse(raw).replace(texts) == expected


@pytest.mark.parametrize("index", [-1, 1])
def test_an_index_without_a_string_is_the_callers_mistake(index: int) -> None:
    with pytest.raises(IndexError):
        JsonText.parse(b'["a"]').replace({index: "b"})


REFUSED: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "not_json"),
    ("only a mark", b"\xef\xbb\xbf", "not_json"),
    ("an open string", b'["a', "not_json"),
    ("two values", b"1 2", "not_json"),
    ("NaN", b"[NaN]", "not_json"),
    ("Infinity", b"[-Infinity]", "not_json"),
    ("a control in a string", b'["\n"]', "not_json"),
    ("an unknown escape", b'["\\x41"]', "not_json"),
    ("a comment", b"[1] // x", "not_json"),
    ("a comma too many", b"[1,]", "not_json"),
    ("a form", b"a=1&b=2", "not_json"),
    ("ISO-8859-1", b'["\xe9"]', "not_utf8"),
    ("a surrogate in UTF-8", b'["\xed\xa0\x80"]', "not_utf8"),
    ("UTF-16", '["a"]'.encode("utf-16"), "not_utf8"),
    ("a key twice", b'{"a":1,"a":2}', "duplicate_key"),
    ("a key twice, written differently", rb'{"a":1,"\u0061":2}', "duplicate_key"),
    ("a key twice, deep", b'[{"x":[{"a":"1","b":"2","a":"3"}]}]', "duplicate_key"),
    ("a key twice, strings below the first lost", b'{"a":{"b":"c"},"a":"d"}', "duplicate_key"),
    ("a lone surrogate and a key twice", rb'{"a":"\ud800","a":1}', "duplicate_key"),
    ("arrays", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
    ("objects", b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "too_deep"),
    ("depth 10,000", b"[" * 10_000 + b"]" * 10_000, "too_deep"),
    ("depth 100,000 and never closed", b"[" * 100_000, "too_deep"),
    ("depth 10,000 of objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "name"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_refused(raw: bytes, name: str) -> None:
    assert outcome(JsonText.parse, raw) == name


def test_the_deepest_that_is_read() -> None:
    raw = b"[" * MAX_DEPTH + b'"x"' + b"]" * MAX_DEPTH
    assert JsonText.parse(raw).strings() == [((0,) * MAX_DEPTH, "x", False)]


def test_more_strings_than_are_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "MAX_STRINGS", 2)
    assert len(JsonText.parse(b'["a","b"]').strings()) == 2
    assert outcome(JsonText.parse, b'["a","b","c"]') == "too_many_strings"


NUMBERS: list[tuple[str, bytes, list[tuple[Any, ...]]]] = [
    ("none", b'["1",true,null]', []),
    ("alone", b" -12 ", [((), "-12")]),
    ("a card number", b'{"n":4111111111111111}', [(("n",), "4111111111111111")]),
    ("as written", b"[1.50,-0,1E5,1e+05]", [((0,), "1.50"), ((1,), "-0"), ((2,), "1E5"), ((3,), "1e+05")]),
    ("digits in strings are none", b'{"1":"2","3":{"4":[5,"6"]}}', [(("3", "4", 0), "5")]),
    ("behind escaped marks", rb'["\"1","\\",2]', [((2,), "2")]),
    ("beyond a double", b"[1e400,%d]" % 10**400, [((0,), "1e400"), ((1,), "1" + "0" * 400)]),
    ("beyond what Python reads", b"[%s]" % (b"9" * 5_000), [((0,), "9" * 5_000)]),
    ("bools and null between", b"[true,1,false,null,2]", [((1,), "1"), ((4,), "2")]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "expected"), [c[1:] for c in NUMBERS], ids=[c[0] for c in NUMBERS])
def test_numbers(raw: bytes, expected: list[tuple[Any, ...]]) -> None:
    assert JsonText.parse(raw).numbers() == expected


def test_only_long_numbers_are_asked_for() -> None:
    text = JsonText.parse(b"[1,22,333]")
    assert text.numbers(2) == [((1,), "22"), ((2,), "333")]
    assert text.numbers(4) == []


def test_a_number_beyond_a_double_is_infinite() -> None:
    assert JsonText.parse(b"[-1e400]").value == [-math.inf]


# --- properties -----------------------------------------------------------------------------------

CHARACTERS = st.characters() | st.characters(categories=["Cs"]) | st.sampled_from('"\\/\x00\n\x7f')
TEXTS = st.text(CHARACTERS, max_size=8).map(
    # Two halves of a pair side by side become one character on the way: no text has them apart.
    lambda text: text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def write(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """A value as JSON, with drawn blanks and escapes."""
    blank = draw(st.sampled_from([b"", b"", b" ", b"\r\n\t"]))
    if isinstance(value, str):
        ascii_only = draw(st.booleans())
        inner = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace")
        return blank + inner + blank
    if isinstance(value, list):
        return blank + b"[" + b",".join(write(item, draw) for item in value) + b"]" + blank
    if isinstance(value, dict):
        fields = (write(key, draw) + b":" + write(item, draw) for key, item in value.items())
        return blank + b"{" + b",".join(fields) + b"}" + blank
    return blank + json.dumps(value).encode() + blank


def plain_strings(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The walk once more, written plainly."""
    if isinstance(value, str):
        return [(path, value, False)]
    found: list[tuple[Any, ...]] = []
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    )
    for key, item in items:
        if isinstance(key, str):
            found.append(((*path, key), key, True))
        found += plain_strings(item, (*path, key))
    return found


TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


@pytest.mark.slow
@given(st.data())
def test_replacing_in_any_body(data: st.DataObject) -> None:
    """What was named is what the new body says, and without the string tokens both bodies are the same."""
    value = data.draw(VALUES)
    raw = write(value, data.draw)
    text = JsonText.parse(raw)
    assert text.value == value
    strings = text.strings()
    assert strings == plain_strings(value)
    places = [index for index, (_, _, is_key) in enumerate(strings) if not is_key]
    texts = data.draw(st.dictionaries(st.sampled_from(places), TEXTS) if places else st.just({}))
    changed = text.replace(texts)
    assert TOKENS.sub(b"", changed) == TOKENS.sub(b"", raw)
    for index, (before, after) in enumerate(zip(TOKENS.findall(raw), TOKENS.findall(changed), strict=True)):
        assert after == before if index not in texts else json.loads(after) == texts[index]
    assert [s[1] for s in JsonText.parse(changed).strings()] == [
        texts.get(index, s[1]) for index, s in enumerate(strings)
    ]


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


PIECES = st.sampled_from(
    [b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b'"a"', b'"a":', b'{"a":1}', b"1", b"-", b"1e9",
     b"null", b" ", b"\\ud800", b"\xff", b"NaN", b"\xef\xbb\xbf", b'["x"', b"[["]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300)
@given(st.binary(max_size=40) | st.lists(PIECES, max_size=12).map(b"".join))
def test_any_bytes_are_read_or_refused_as_the_standard_library_does(raw: bytes) -> None:
    """And read twice they are the same."""
    told = outcome(JsonText.parse, raw)
    try:
        expected: Any = json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_no_twice, parse_constant=lambda name: 1 / 0
        )
    except (ValueError, ZeroDivisionError):
        assert told in ("not_json", "not_utf8", "duplicate_key")
        return
    assert isinstance(told, JsonText)
    assert told.value == expected
    assert len(told.numbers()) == len(re.findall(rb"[0-9][0-9.eE+-]*", TOKENS.sub(b'"', raw)))
    assert told.replace({index: s[1] for index, s in enumerate(told.strings())})
