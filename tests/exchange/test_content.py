"""Whole bodies: their strings in order, and the bodies again with other ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects.reading import JSON, RequestHead
from sensor.errors import Malformed
from sensor.exchange import content
from sensor.exchange.content import read_body


def head(content_type: str) -> RequestHead:
    headers = {"content-type": content_type} if content_type else {}
    return RequestHead(method="POST", host="api.example", path="/", headers=headers)


def strings(raw: bytes, content_type: str = "application/json"):
    made = read_body(head(content_type), raw)
    return [(text.path, text.text, text.is_key) for text in made.texts], made.numbers, made.problem


def test_json_gives_its_keys_strings_and_numbers():
    texts, numbers, problem = strings(
        b'{"a": ["x", 4111], "b": {"c": "y"}}', "application/json; charset=utf-8"
    )
    assert texts == [
        (("a",), "a", True), (("a", 0), "x", False), (("b",), "b", True), (("b", "c"), "c", True),
        (("b", "c"), "y", False),
    ]  # fmt: skip
    assert (numbers, problem) == ([(("a", 1), "4111")], None)


@pytest.mark.parametrize("kind", ["application/vnd.api+json", "", "application/octet-stream", "text/plain"])
def test_json_is_read_by_what_it_is(kind):
    assert strings(b' {"a":"x"}', kind)[0][1] == (("a",), "x", False)


@pytest.mark.parametrize(
    ("raw", "kind", "problem"),
    [
        (b'{"a":', "application/json", "not_json"), (b'{"a":1,"a":2}', "application/json", "duplicate_key"),
        (b"[" * 10_000, "application/json", "too_deep"), (b"\xff", "text/plain", "not_utf8"),
        (b"x", "application/pdf", "unknown_form"), (b'{"a":1}\n{', "application/jsonl", "not_json"),
        (b"", "application/json", None),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_says_why(raw, kind, problem):
    made = read_body(head(kind), raw)
    assert (made.problem, made.texts, made.numbers) == (problem, [], [])


def test_a_body_that_was_not_read_cannot_be_rewritten():
    made = read_body(head("application/pdf"), b"x")
    with pytest.raises(Malformed):
        made.rewritten({0: "y"})
    assert made.rewritten({}) == b"x"


def test_strings_are_replaced_by_their_number():
    made = read_body(head("application/json"), b'{"a" :"x",  "b":"y"}')
    assert made.rewritten({1: 'n"'}) == b'{"a" :"n\\"",  "b":"y"}'


def test_lines_of_json_are_read_and_rewritten_each_by_itself():
    raw = b'{"a":"x"}\r\n\n  {"b":["y"]}  \n'
    made = read_body(head("application/jsonl"), raw)
    assert [(text.path, text.text) for text in made.texts if not text.is_key] == [
        ((0, "a"), "x"),
        ((2, "b", 0), "y"),
    ]
    assert made.value == [{"a": "x"}, None, {"b": ["y"]}]
    assert made.rewritten({3: "z"}) == raw.replace(b'"y"', b'"z"')
    assert made.rewritten({}) == raw


def test_too_many_lines_are_not_read(monkeypatch):
    monkeypatch.setattr(content, "MAX_LINES", 1)
    assert read_body(head("application/x-ndjson"), b"1\n2\n").problem == "too_many_lines"


def test_text_is_one_string():
    made = read_body(head("text/markdown"), "# Ä".encode())
    assert [(text.path, text.text) for text in made.texts] == [((), "# Ä")]
    assert made.rewritten({0: "b"}) == b"b" and made.rewritten({}) == "# Ä".encode()


FORM = b"a=1+%C3%A4&f.req=%5Bnull%2C%22%5B%5B%5C%22hi%5C%22%5D%5D%22%2C4111%5D&&a=2&j=%5B1%5D"
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n{"inputs":"hello"}\r\n'
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b'a text\r\n--b\r\nContent-Disposition: form-data; name="g"; filename="n.bin"\r\n\r\n\xff\0\r\n'
    b"--b\r\nContent-Disposition: form-data\r\n\r\n\xff\r\n--b--\r\n"
)
AS_FORM, AS_PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


def test_a_form_gives_its_fields_and_the_json_in_them():
    made = read_body(head(AS_FORM), FORM)
    assert made.value == {"a": ["1 ä", "2"], "f.req": '[null,"[[\\"hi\\"]]",4111]', "j": "[1]"}
    assert [(text.path, text.text) for text in made.texts if not text.is_key] == [
        (("a", 0), "1 ä"), (("f.req", JSON, 1), '[["hi"]]'), (("a", 1), "2"), (("j",), "[1]"),
    ]  # fmt: skip
    assert made.numbers == [(("f.req", JSON, 2), "4111")]
    number = next(text.number for text in made.texts if text.text == '[["hi"]]')
    again = read_body(head(AS_FORM), made.rewritten({number: "x", 0: "a key stays"}))
    assert again.value == {**made.value, "f.req": '[null,"x",4111]'}
    assert made.rewritten({}) == FORM


def test_parts_give_their_texts_and_what_they_are():
    made = read_body(head(AS_PARTS), PARTS)
    assert made.problem is None
    assert [(part["name"], part["filename"], part["text"], part["size"]) for part in made.value] == [
        ("data", None, '{"inputs":"hello"}', 18), ("f", "n.txt", "a text", 6), ("g", "n.bin", None, 2),
        (None, None, None, 1),
    ]  # fmt: skip
    texts = {text.path: text.number for text in made.texts if not text.is_key}
    changes = {texts[0, "text", JSON, "inputs"]: "bye", texts[1, "text"]: "other"}
    assert made.rewritten(changes) == PARTS.replace(b"hello", b"bye").replace(b"a text", b"other")
    assert made.rewritten({}) == PARTS
    with pytest.raises(Malformed):
        made.rewritten({texts[1, "filename"]: "x"})


CODED = PARTS.replace(
    b"Content-Type: text/plain", b"Content-Transfer-Encoding: base64\r\nContent-Type: text/x"
)


@pytest.mark.parametrize(
    ("raw", "kind", "problem"),
    [
        (PARTS[:-6], AS_PARTS, "multipart_unended"), (PARTS[:40], AS_PARTS, "multipart_unended"),
        (PARTS, "multipart/form-data", "multipart_boundary"),
        (CODED, AS_PARTS, "multipart_transfer_encoding"),
        (b"--b\r\n\r\nx\r\n--bad", AS_PARTS, "multipart_delimiter"),
        (b"&" * 10_001, AS_FORM, "form_too_many_fields"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_read_says_why(raw, kind, problem):
    assert read_body(head(kind), raw).problem == problem


def test_a_part_that_came_in_pieces_is_replaced_once():
    raw = PARTS.replace(b"a text", b"a\r\n-- text")
    made = read_body(head(AS_PARTS), raw)
    number = next(text.number for text in made.texts if text.path == (1, "text"))
    assert made.rewritten({number: "new"}) == PARTS.replace(b"a text", b"new")


def test_a_part_without_content_has_nothing_to_replace():
    raw = PARTS.replace(b"a text", b"")
    made = read_body(head(AS_PARTS), raw)
    number = next(text.number for text in made.texts if text.path == (1, "text"))
    assert made.texts[number].text == "" and made.rewritten({}) == raw
    with pytest.raises(Malformed):
        made.rewritten({number: "new"})


def test_what_only_begins_like_json_is_a_text():
    made = read_body(head(AS_FORM), b"a=%5Bnote%5D+to+self")
    assert [text.text for text in made.texts] == ["a", "[note] to self"]


@given(
    st.binary(max_size=60),
    st.sampled_from(
        [
            AS_FORM,
            AS_PARTS,
            "application/json",
            "application/jsonl",
            "text/plain",
            "x/y",
            "",
            "multipart/form-data; boundary=b",
            "application/x-www-form-urlencoded",
        ]
    ),
)
def test_any_bytes_are_read_or_said_why_not(raw, kind):
    made = read_body(head(kind), raw)
    assert made.problem is None or not made.texts
    if made.problem is None and raw:
        assert made.rewritten({}) == raw


@given(st.lists(st.text(max_size=6), max_size=5), st.text(max_size=6))
def test_what_is_replaced_is_read_again(values, new):
    raw = json.dumps(values).encode()
    made = read_body(head("application/json"), raw)
    for text in made.texts:
        again = read_body(head("application/json"), made.rewritten({text.number: new}))
        assert again.texts[text.number].text == new
        assert [item.text for item in again.texts if item.number != text.number] == [
            item.text for item in made.texts if item.number != text.number
        ]
