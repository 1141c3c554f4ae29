"""Forms with files: parts are found wherever the body is cut, and one can be changed alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import multipart
from sensor.wire.multipart import Kind, MultipartReader, PartHead, Piece, parse_boundary
from tests.wire.framings import cut, read
from tests.wire.tls_bytes import outcome

Parts = list[tuple[PartHead, bytes]]


def reader() -> MultipartReader:
    return MultipartReader(b"b")


def part(
    content: bytes, head: bytes = b'Content-Disposition: form-data; name="a"\r\n', lead: bytes = b"\r\n"
) -> bytes:
    return lead + b"--b\r\n" + head + b"\r\n" + content


END = b"\r\n--b--\r\n"


def contents(pieces: list[Piece]) -> Parts:
    """The parts of a body, each with its content joined."""
    parts: Parts = []
    for piece in pieces:
        if piece.kind is Kind.HEAD and piece.head is not None:
            assert piece.part == len(parts)
            parts.append((piece.head, b""))
        elif piece.kind is Kind.CONTENT:
            assert piece.part == len(parts) - 1
            parts[-1] = (parts[-1][0], parts[-1][1] + piece.raw)
    return parts


def check(data: bytes, pieces: list[bytes] | None = None) -> list[Piece]:
    """The pieces of a body; cut anywhere they say the same."""
    whole = read(reader(), [data])
    assert b"".join(piece.raw for piece in whole) == data
    odd = [piece.odd for piece in whole if piece.odd]
    ways = [[data[:at], data[at:]] for at in range(len(data))] + [
        [data[at : at + 1] for at in range(len(data))]
    ]
    for way in [*ways, pieces or []] if pieces else ways:
        told = read(reader(), way)
        assert b"".join(piece.raw for piece in told) == data
        assert all(piece.raw for piece in told)
        assert contents(told) == contents(whole)
        assert [piece.odd for piece in told if piece.odd][:1] == odd[:1]
    return whole


def test_a_body_piece_by_piece() -> None:
    """RFC 2046, section 5.1.1, its grammar: preamble, delimiters with padding, and an epilogue."""
    head = PartHead((("content-disposition", 'form-data; name="a"'),), "a")
    data = b"preamble\r\n--b \t\r\n" + part(b"x\r\n--", lead=b"")[5:] + part(b"", b"") + END + b"epilogue"
    assert check(data) == [
        Piece(b"preamble", Kind.OUTSIDE),
        Piece(b'\r\n--b \t\r\nContent-Disposition: form-data; name="a"\r\n\r\n', Kind.HEAD, 0, head),
        Piece(b"x\r\n--", Kind.CONTENT, 0),
        Piece(b"\r\n--b\r\n\r\n", Kind.HEAD, 1, PartHead(())),
        Piece(b"\r\n--b--", Kind.END),
        Piece(b"\r\nepilogue", Kind.OUTSIDE),
    ]


HEADS: list[tuple[str, bytes, Any]] = [
    ("a file", b'Content-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n',
     ("f", "a.txt", "text/plain")),
    ("names in other cases", b"content-disposition:form-data;NAME=f\r\nCONTENT-TYPE:\ta/b \r\n",
     ("f", None, "a/b")),
    ("escapes of WHATWG", b'Content-Disposition: form-data; name="a%22%0D%0a%41"\r\n',
     ('a"\r\n%41', None, None)),
    ("an escaped mark, and backslashes", b'Content-Disposition: form-data; filename="C:\\x\\"y"\r\n',
     (None, 'C:\\x"y', None)),
    ("UTF-8", 'Content-Disposition: form-data; name="é"\r\n'.encode(), ("é", None, None)),
    ("filename*", b"Content-Disposition: form-data; filename=x; filename*=UTF-8''%e2%82%ac%20a\r\n",
     (None, "€ a", None)),
    ("a semicolon in quotes", b'Content-Disposition: form-data; name="a;b=c"\r\n', ("a;b=c", None, None)),
    ("a semicolon at the end", b'Content-Disposition: form-data; name="a"; \r\n', ("a", None, None)),
    ("another field", b"X-Y: z\r\n", (None, None, None)),
    ("a field without a colon", b"abc\r\n", None),
    ("a blank before the colon", b"A : b\r\n", None),
    ("a folded line", b"A: b\r\n c\r\n", None),
    ("a bare LF", b"A: b\nB: c\r\n", None),
    ("a NUL", b"A: b\0\r\n", None),
    ("a field twice", b"A: b\r\na: c\r\n", None),
    ("a name twice", b"Content-Disposition: form-data; name=a; name=b\r\n", None),
    ("no parameter", b"Content-Disposition: form-data; a b\r\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("_", "head", "expected"), HEADS)
def test_heads(_: str, head: bytes, expected: Any) -> None:
    told = check(part(b"x", head) + END)
    if expected is None:
        assert [piece.odd for piece in told] == ["multipart_head"]
    else:
        ((found, content),) = contents(told)
        assert (found.name, found.filename, found.content_type) == expected
        assert content == b"x"


ODD: list[tuple[str, bytes, int, str | None, bool]] = [
    ("nothing", b"", 0, None, False),
    ("no delimiter", b"hello\r\n", 0, "multipart_unended", False),
    ("no part", b"--b--", 0, None, True),
    ("no end", part(b"x"), 1, None, False),
    ("cut off in a delimiter", part(b"x") + b"\r\n--", 1, "multipart_unended", False),
    ("cut off in the first delimiter", b"--", 0, "multipart_unended", False),
    ("cut off in a head", part(b"x") + b"\r\n--b\r\nA: ", 1, "multipart_unended", False),
    ("cut off before a head", part(b"x") + b"\r\n--b", 1, "multipart_unended", False),
    (
        "what only begins like a delimiter",
        part(b"x") + b"\r\n--bc\r\n\r\n" + END,
        1,
        "multipart_delimiter",
        False,
    ),
    ("half an end", part(b"x") + b"\r\n--b-\r\n", 1, "multipart_delimiter", False),
    ("lines of bare LF", b"--b\nA: b\n\nx\n--b--\n", 0, "multipart_delimiter", False),
    ("delimiters in a content", part(b"--b\r\n--a\r\r\n-\r\n--") + END, 1, None, True),
    ("a delimiter behind the end", part(b"x") + END + part(b"y"), 1, None, True),
]


@pytest.mark.parametrize(("_", "data", "parts", "odd", "complete"), ODD)
def test_odd(_: str, data: bytes, parts: int, odd: str | None, complete: bool) -> None:
    told = check(data)
    assert len(contents(told)) == parts
    assert [piece.odd for piece in told if piece.odd] == ([odd] if odd else [])
    one = reader()
    one.feed(data)
    assert one.complete is complete


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "MAX_HEAD_BYTES", 40)
    monkeypatch.setattr(multipart, "MAX_PARTS", 2)
    fits = part(b"x", b"A: " + b"b" * 30 + b"\r\n")
    assert contents(check(fits + END)) == [(PartHead((("a", "b" * 30),)), b"x")]
    assert [p.odd for p in check(part(b"x", b"A: " + b"b" * 31 + b"\r\n"))] == ["multipart_head_too_long"]
    assert check(b"--b" + b" " * 60)[0].odd == "multipart_delimiter"
    told = check(part(b"x", b"") * 3 + END)
    assert [piece.odd for piece in told if piece.odd] == ["multipart_too_many_parts"]
    assert len(contents(told)) == 2


def test_content_goes_on_while_it_comes() -> None:
    """Only what may begin a delimiter waits."""
    one = reader()
    one.feed(part(b""))
    assert one.feed(b"abc\r\n--") == [Piece(b"abc", Kind.CONTENT, 0)]
    assert one.feed(b"x\r") == [Piece(b"\r\n--x", Kind.CONTENT, 0)]
    assert one.feed(b"\r") == [Piece(b"\r", Kind.CONTENT, 0)]
    assert one.feed(b"y") == [Piece(b"\ry", Kind.CONTENT, 0)]


def test_one_part_is_changed_and_the_rest_is_not() -> None:
    data = part(b"one") + part(b"two") + END
    new = b"".join(
        b"" if piece.kind is Kind.CONTENT and piece.part == 1 else
        piece.raw + b"2" if piece.kind is Kind.HEAD and piece.part == 1 else piece.raw
        for piece in check(data)
    )  # fmt: skip
    assert new == part(b"one") + part(b"2") + END


BOUNDARIES: list[tuple[str, Any]] = [
    ("multipart/form-data; boundary=abc", b"abc"),
    ('Multipart/Form-Data; charset=utf-8; Boundary="a b"', b"a b"),
    ("multipart/form-data; boundary=----WebKitFormBoundary0123456789;", b"----WebKitFormBoundary0123456789"),
    ("multipart/form-data", "multipart_boundary"),
    ("multipart/form-data; boundary=", "multipart_boundary"),
    ('multipart/form-data; boundary="a "', "multipart_boundary"),
    ("multipart/form-data; boundary=" + "a" * 71, "multipart_boundary"),
    ("multipart/form-data; boundary=a; boundary=b", "multipart_boundary"),
    ("multipart/form-data; boundary=é", "multipart_boundary"),
    ("text/plain; boundary=a", "multipart_boundary"),
    ("", "multipart_boundary"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), BOUNDARIES)
def test_boundaries(value: str, expected: Any) -> None:
    assert outcome(parse_boundary, value) == expected


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='\\%"'), min_size=1
)


@pytest.mark.slow
@given(st.lists(st.tuples(NAMES, NAMES, st.binary(max_size=40)), min_size=1, max_size=4), st.data())
def test_what_httpx_writes_is_read(files: list[tuple[str, str, bytes]], data: st.DataObject) -> None:
    request = httpx.Request(
        "POST",
        "http://a.example/",
        data={"k": "v"},
        files=[(name, (file, body)) for name, file, body in files],
    )
    body = request.read()
    one = MultipartReader(parse_boundary(request.headers["content-type"]))
    told = read(one, data.draw(cut(st.just(body))))
    assert [(head.name, head.filename, content) for head, content in contents(told)] == [
        ("k", None, b"v"), *files
    ]  # fmt: skip
    assert one.complete
    assert not any(piece.odd for piece in told)


PIECES = st.sampled_from(
    [b"\r\n--b", b"--b", b"--", b"\r\n", b"\r", b"\n", b"A: b\r\n", b"x", b" ", part(b"y"), END]
)


@pytest.mark.slow
@given(cut(st.lists(PIECES, max_size=12).map(b"".join) | st.binary(max_size=30)))
def test_any_bytes_and_cuts(pieces: list[bytes]) -> None:
    check(b"".join(pieces), pieces)
