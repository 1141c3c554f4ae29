"""HTTP/1 request heads: what a server reads is read, and one odd line does not hide the others."""

from __future__ import annotations

import http.client
import threading
from dataclasses import replace
from socket import create_server

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import http1
from sensor.wire.http1 import (
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    RequestHead,
    host_of,
    looks_like_request,
    parse_request_head,
    split_authority,
)
from tests.wire import tls_bytes as t


def head(start: str, *fields: tuple[str, str], odd: str | None = None) -> RequestHead:
    method, target, version = start.split(" ")
    weirds = (odd,) if odd else ()
    version = version.removeprefix("HTTP/")
    return RequestHead(
        method=method, target=target, version=version, headers=fields, head_length=0, weirds=weirds
    )


GET = "GET / HTTP/1.1"
HOST = ("host", "a.example")
AB = ("a", "b")
ODD = "http_header_malformed"

HEADS: list[tuple[str, bytes, RequestHead]] = [
    ("plain", b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", head(GET, HOST)),
    ("version 1.0, no fields", b"GET /x HTTP/1.0\r\n\r\n", head("GET /x HTTP/1.0")),
    # RFC 9112, section 3.2: the four forms
    ("absolute-form", b"GET http://a.example/ HTTP/1.1\r\n\r\n", head("GET http://a.example/ HTTP/1.1")),
    ("absolute-form, upper case", b"GET HTTPS://A/ HTTP/1.1\n\n", head("GET HTTPS://A/ HTTP/1.1")),
    ("authority-form", b"CONNECT a.example:443 HTTP/1.1\r\n\r\n", head("CONNECT a.example:443 HTTP/1.1")),
    ("authority-form, IPv6", b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n", head("CONNECT [::1]:443 HTTP/1.1")),
    ("asterisk-form", b"OPTIONS * HTTP/1.1\r\n\r\n", head("OPTIONS * HTTP/1.1")),
    ("another method", b"PROPFIND /dav HTTP/1.1\r\n\r\n", head("PROPFIND /dav HTTP/1.1")),
    ("an unknown method", b"M-FOO_X / HTTP/1.1\r\n\r\n", head("M-FOO_X / HTTP/1.1")),
    # section 2.2: "a recipient MAY recognize a single LF as a line terminator and ignore any preceding CR"
    ("bare LF", b"GET / HTTP/1.1\nHost: a.example\n\n", head(GET, HOST)),
    ("LF and CRLF mixed", b"GET / HTTP/1.1\nHost: a.example\n\r\n", head(GET, HOST)),
    ("empty lines before", b"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", head(GET)),
    # section 3: "recipients MAY instead parse on whitespace-delimited word boundaries"
    ("more blanks", b"GET  \t/ \tHTTP/1.1 \r\n\r\n", head(GET)),
    ("bytes outside ASCII", b"GET /\xc3\xbc HTTP/1.1\r\n\r\n", head("GET /\xc3\xbc HTTP/1.1")),
    # section 5
    ("names in lower case", b"GET / HTTP/1.1\r\nX: 1\r\nx:2\r\n\r\n", head(GET, ("x", "1"), ("x", "2"))),
    ("blanks around a value", b"GET / HTTP/1.1\r\nA: \t b c \t\r\n\r\n", head(GET, ("a", "b c"))),
    ("empty value", b"GET / HTTP/1.1\r\nA:\r\n\r\n", head(GET, ("a", ""))),
    ("colon in a value", b"GET / HTTP/1.1\r\nA: b:c\r\n\r\n", head(GET, ("a", "b:c"))),
    ("ISO-8859-1", b"GET / HTTP/1.1\r\nA: \xe9\r\n\r\n", head(GET, ("a", "\xe9"))),
    ("obs-fold", b"GET / HTTP/1.1\r\nA: b\r\n  c\r\n\td\r\nE:\r\n\r\n", head(GET, ("a", "b c d"), ("e", ""))),
    ("obs-fold of an empty value", b"GET / HTTP/1.1\r\nA:\r\n b\r\n\r\n", head(GET, AB)),
    ("a folded line before the fields", b"GET / HTTP/1.1\r\n  x: y\r\nA: b\r\n\r\n", head(GET, AB)),
    # RFC 9110, section 5.5: "replace each of those characters with SP"
    ("controls in a value", b"GET / HTTP/1.1\r\nA: b\x00c\rd\x1be\x7f\r\n\r\n", head(GET, ("a", "b c d e"))),
    # a server that passes over a bad line must not be ahead of the sensor
    ("a line without a colon", b"GET / HTTP/1.1\r\njunk\r\nA: b\r\n\r\n", head(GET, AB, odd=ODD)),
    ("a blank before the colon", b"GET / HTTP/1.1\r\nHost : x\r\n y\r\nA: b\r\n\r\n", head(GET, AB, odd=ODD)),
    ("no name", b"GET / HTTP/1.1\r\n: x\r\n\r\n", head(GET, odd=ODD)),
    ("a control in a name", b"GET / HTTP/1.1\r\nA\x00: x\r\n\r\n", head(GET, odd=ODD)),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS])
def test_head(data: bytes, expected: RequestHead) -> None:
    """
    Given this head, this value: whole, and with bytes trailing.

    A byte at a time it is ``None`` until the end of the head and never malformed, and the answer is the same
    whatever is said to have been searched before.
    """
    expected = replace(expected, head_length=len(data))
    assert parse_request_head(data) == expected
    assert parse_request_head(data + b"body\r\n\r\n") == expected
    assert looks_like_request(data) is True
    for cut in range(len(data)):
        assert parse_request_head(data[:cut]) is None
        assert looks_like_request(data[:cut]) is not False
        assert parse_request_head(data, scanned=cut) == expected
    assert set(expected.weirds) <= set(http1.WEIRDS)


NO_HEADS: list[tuple[str, bytes]] = [
    ("a response", b"HTTP/1.1 200 OK\r\n\r\n"),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("HTTP/0.9", b"GET /\r\n\r\n"),
    ("version 2", b"GET / HTTP/2.0\r\n\r\n"),
    ("lower case", b"get / HTTP/1.1\r\n\r\n"),
    ("a method too long", b"A" * 25 + b" / HTTP/1.1\r\n\r\n"),
    ("blank in the target", b"GET /a b HTTP/1.1\r\n\r\n"),
    ("control in the target", b"GET /a\x00b HTTP/1.1\r\n\r\n"),
    ("SIP", b"INVITE sip:a@b.example SIP/2.0\r\n\r\n"),
    ("SIP's OPTIONS", b"OPTIONS sip:a@b.example SIP/2.0\r\n\r\n"),
    ("RTSP", b"OPTIONS * RTSP/1.0\r\n\r\n"),
    ("SMTP", b"EHLO a.example\r\n\r\n"),
    ("five empty lines", b"\r\n" * 5 + b"GET / HTTP/1.1\r\n\r\n"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01"),
]


@pytest.mark.parametrize("data", [case[1] for case in NO_HEADS], ids=[case[0] for case in NO_HEADS])
def test_no_head(data: bytes) -> None:
    """Malformed, whole and with bytes trailing, and from some byte on when they come one by one."""
    for whole in (data, data + b"trailing\r\n\r\n"):
        assert t.outcome(parse_request_head, whole) == "http_not_request"  # type: ignore[misc] # lambda in a loop
    early = [t.outcome(parse_request_head, data[:cut]) for cut in range(len(data))]  # type: ignore[misc] # lambda in a loop
    assert early == sorted(early, key=lambda answer: answer is not None)
    assert set(early) <= {None, "http_not_request"}


@pytest.mark.parametrize("data", [b"", b"\r\n", b"GET / HTTP/1.1", b"GET / HTTP/1.1\r\nHost: a.example\r\n"])
def test_not_there_yet(data: bytes) -> None:
    assert parse_request_head(data) is None


def test_a_head_of_the_greatest_length() -> None:
    start = b"GET / HTTP/1.1\r\nA: "
    exact = start + b"b" * (MAX_HEAD_BYTES - len(start) - 4) + b"\r\n\r\n"
    found = parse_request_head(exact)
    assert found is not None and found.head_length == MAX_HEAD_BYTES
    for longer in (start + b"b" * MAX_HEAD_BYTES, start + b"b" * MAX_HEAD_BYTES + b"\r\n\r\n"):
        assert t.outcome(parse_request_head, longer) == "http_head_too_long"  # type: ignore[misc] # lambda in a loop
    assert looks_like_request(b"GET /" + b"a" * MAX_HEAD_BYTES) is False


def test_more_fields_than_are_told() -> None:
    """A Host field is told wherever it stands."""
    fields = b"".join(b"X-%d: y\r\n" % i for i in range(MAX_HEADERS + 5))
    found = parse_request_head(b"GET / HTTP/1.1\r\n" + fields + b" folded\r\nHost: a.example\r\n\r\n")
    assert found is not None
    assert len(found.headers) == MAX_HEADERS + 1
    assert found.headers[-2:] == ((f"x-{MAX_HEADERS - 1}", "y"), HOST)
    assert found.weirds == ("http_too_many_headers",)


def test_many_folds_cost_little() -> None:
    found = parse_request_head(b"GET / HTTP/1.1\r\nA: b" + b"\n c" * 21_000 + b"\n\n")
    assert found is not None
    assert len(found.headers[0][1]) == 42_001


# --- recognising --------------------------------------------------------------------------------------

FIRSTS: list[tuple[bytes, bool | None]] = [
    (b"", None),
    (b"\r", None),
    (b"\r\n", None),
    (b"G", None),
    (b"GET", None),
    (b"GET ", None),
    (b"GET /", True),
    (b"GET /x H", True),
    (b"GET /x HTTP/1.", True),
    (b"GET /x HTTP/1.1", True),
    (b"GET /x HTTP/1.1\r", True),
    (b"GET /x HTTP/1.1\r\n", True),
    (b"GET /x HTTP/1.11", False),
    (b"GET /x HTTP/2", False),
    (b"GET /x SIP", False),
    (b"GET /x\r", False),
    (b"GET htt", None),
    (b"GET HTTPS:/", None),
    (b"GET https://", True),
    (b"GET htt HTTP/1.1", False),
    (b"GET ws", None),
    (b"GET x", False),
    (b"GET *", True),
    (b"GET *x", False),
    (b"CONNECT a", True),
    (b"CONNECT [", True),
    (b"CONNECT /", False),
    (b"CONNECT /x HTTP/1.1\r\n", False),
    (b"FOO /x", None),
    (b"FOO /x HTTP/1.1", None),
    (b"FOO /x HTTP/1.1\r\n", True),
    (b"A" * 24, None),
    (b"A" * 25, False),
    (b"get", False),
    (b" GET /", False),
    (b"\x00", False),
    (b"SSH-2.0-OpenSSH\r\n", False),
]


@pytest.mark.parametrize(("first", "expected"), FIRSTS)
def test_first_bytes(first: bytes, expected: bool | None) -> None:
    assert looks_like_request(first) is expected


# --- whom it is for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example.COM", ("example.com", None)),
        ("example.com.", ("example.com", None)),
        ("example.com:8080", ("example.com", 8080)),
        ("example.com:", ("example.com", None)),
        ("192.0.2.1:80", ("192.0.2.1", 80)),
        ("[2001:DB8::1]", ("2001:db8::1", None)),
        ("[::1]:11434", ("::1", 11434)),
        ("[::1", None),
        ("[::1]x", None),
        ("[a.example]", None),
        ("::1", None),
        ("example.com:0", None),
        ("example.com:65536", None),
        ("example.com:http", None),
        ("example.com:999999", None),
        ("exa mple.com", None),
        ("user@example.com", None),
        ("b\xfccher.example", None),
        ("\u4f8b.example", None),
        ("", None),
        (":80", None),
    ],
)
def test_authority(text: str, expected: tuple[str, int | None] | None) -> None:
    assert split_authority(text) == expected


@pytest.mark.parametrize(
    ("request_head", "expected"),
    [
        (head(GET, ("host", "A.example:8080")), ("a.example", 8080)),
        (head(GET, HOST, ("host", "A.Example")), ("a.example", None)),
        (head(GET, HOST, ("host", "b.example")), None),
        (head(GET, ("host", "")), None),
        (head("GET / HTTP/1.0"), None),
        # RFC 9112, section 3.2.2: "MUST ignore the received Host header field (if any)"
        (head("GET http://b.example:81/x HTTP/1.1", HOST), ("b.example", 81)),
        (head("GET http://b.example HTTP/1.1"), ("b.example", None)),
        (head("GET https://user:secret@b.example?x HTTP/1.1"), ("b.example", None)),
        (head("GET https:///x HTTP/1.1", HOST), None),
        (head("CONNECT b.example:443 HTTP/1.1", HOST), ("b.example", 443)),
        (head("OPTIONS * HTTP/1.1", HOST), ("a.example", None)),
    ],
)
def test_host(request_head: RequestHead, expected: tuple[str, int | None] | None) -> None:
    assert host_of(request_head) == expected


# --- a real client ------------------------------------------------------------------------------------


def test_python_client() -> None:
    """What http.client sends."""
    got = bytearray()
    with create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                while parse_request_head(bytes(got)) is None:
                    got.extend(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        server = threading.Thread(target=serve)
        server.start()
        client = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)
        client.request(
            "GET", "/v1/models?limit=5", headers={"Authorization": "Bearer x", "Host": "LLM.example"}
        )
        client.getresponse().read()
        client.close()
        server.join(timeout=10)
    found = parse_request_head(bytes(got))
    assert found is not None
    assert (found.method, found.target, found.version) == ("GET", "/v1/models?limit=5", "1.1")
    assert dict(found.headers)["authorization"] == "Bearer x"
    assert host_of(found) == ("llm.example", None)


# --- properties ---------------------------------------------------------------------------------------

pieces = st.lists(
    st.sampled_from(b"GET |CONNECT |/|*|http://|a.example| |HTTP/1.1|\r\n|\n|\t|A: b|:".split(b"|"))
    | st.binary(max_size=5),
    max_size=14,
).map(b"".join)


@pytest.mark.slow
@given(pieces, pieces)
def test_any_bytes_give_a_head_none_or_malformed(data: bytes, after: bytes) -> None:
    """Told alike however they are cut; printable; and what looked like no request never becomes one."""
    for whole in (data, b"GET / HTTP/1.1\r\n" + data, b"GET / HTTP/1.1\r\nA: b\r\n" + data + b"\r\n\r\n"):
        found = t.outcome(parse_request_head, whole)
        for cut in range(len(whole)):
            early = t.outcome(parse_request_head, whole[:cut])
            assert early is None or early == found or found == "http_not_request"
        if isinstance(found, RequestHead):
            assert parse_request_head(whole + after) == found
            for text in (found.method, found.target, *(part for field in found.headers for part in field)):
                assert not any(ord(char) < 0x20 and char != "\t" or ord(char) == 0x7F for char in text)
            host_of(found)


@given(st.text(max_size=30))
def test_any_text_is_an_authority_or_none(text: str) -> None:
    found = split_authority(text)
    assert found is None or (found[0].isprintable() and (found[1] is None or 0 < found[1] < 65_536))
