"""One side of a TCP flow: what it speaks is found by its bytes, and its messages are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.dns import DnsMessage
from sensor.wire.http1 import RequestHead
from sensor.wire.stream import (
    LOST_LOOKS,
    MAX_LOOKS,
    MAX_REQUESTS,
    MAX_SEARCH_BYTES,
    MAX_UNDECIDED_BYTES,
    Message,
    StreamReader,
)
from sensor.wire.tls import ClientHello
from tests.wire import tls_bytes as t


def hello(name: bytes = b"api.example.com", padding: int = 0) -> bytes:
    extensions = [t.versions(0x0304), t.extension(21, bytes(padding)), t.server_name(name), t.alpn(b"h2")]
    return t.records(t.message(t.body(*extensions)))


HELLO = hello()
GET = b"GET /v1/models HTTP/1.1\r\nHost: api.example.com\r\n\r\n"
QUERY = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1"


def told(pieces: list[bytes | int], **how: bool) -> list[str]:
    """In short what a reader tells of these pieces and gaps, and then of their end."""
    reader = StreamReader(**how)
    messages: list[Message] = []
    for piece in pieces:
        messages += reader.gap(piece) if isinstance(piece, int) else reader.feed(piece)
    return [short(message) for message in messages + reader.finish()]


def short(message: Message) -> str:
    match message:
        case ClientHello():
            return f"{'part of ' if message.partial else ''}hello {message.server_name}"
        case RequestHead():
            return f"{message.method} {message.target}"
        case DnsMessage():
            return f"dns {message.id:x}"
    return message


@pytest.mark.parametrize(
    ("why", "pieces", "answer"),
    [
        ("TLS", [HELLO], ["hello api.example.com"]),
        ("TLS, byte by byte", [HELLO[i : i + 1] for i in range(len(HELLO))], ["hello api.example.com"]),
        ("TLS after an unfinished line", [b"STARTTLS", HELLO], ["hello api.example.com"]),
        ("TLS after STARTTLS", [b"EHLO me\r\n", b"STARTTLS\r\n", HELLO], ["hello api.example.com"]),
        ("TLS after SOCKS 5", [b"\5\1\0", b"\5\1\0\1\1\2\3\4\1\xbb", HELLO], ["hello api.example.com"]),
        ("TLS in small pieces after SOCKS", [b"\5\1\0", HELLO[:3], HELLO[3:]], ["hello api.example.com"]),
        (
            "TLS after CONNECT",
            [b"CONNECT a.example:443 HTTP/1.1\r\n\r\n", HELLO],
            ["CONNECT a.example:443", "hello api.example.com"],
        ),
        (
            "TLS in one piece with CONNECT",
            [b"CONNECT a.example:443 HTTP/1.1\r\n\r\n" + HELLO],
            ["CONNECT a.example:443", "hello api.example.com"],
        ),
        ("HTTP", [GET], ["GET /v1/models"]),
        ("HTTP, byte by byte", [GET[i : i + 1] for i in range(len(GET))], ["GET /v1/models"]),
        ("HTTP, three in one piece", [GET * 3], ["GET /v1/models"] * 3),
        (
            "HTTP behind a body",
            [b"POST /a HTTP/1.1\r\nContent-Length: 30\r\n\r\n" + bytes(10), bytes(20), GET],
            ["POST /a", "GET /v1/models"],
        ),
        (
            "HTTP in one piece with a body before it",
            [b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + GET],
            ["POST /a", "GET /v1/models"],
        ),
        (
            "HTTP behind a chunked body",
            [b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", GET],
            ["POST /a", "GET /v1/models"],
        ),
        (
            "HTTP where the length did not hold",
            [b"POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"\1\2\3\4 this is no request\r\n", GET],
            ["POST /a", "http_not_request", "GET /v1/models"],
        ),
        (
            "HTTP over to WebSocket",
            [b"GET /ws HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n", GET],
            ["GET /ws"],
        ),
        ("an unknown protocol", [b"SSH-2.0-OpenSSH_9\r\n", bytes(90), bytes(90)], []),
        ("HTTP/2 in clear", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bytes(40)], []),
        ("SSLv2", [b"\x80\x2e\x01\x03\x01" + bytes(60)], ["tls_sslv2_client_hello"]),
        ("SSLv2 is believed only at the beginning", [b"\5\1\0", b"\x80\x2e\x01\x03\x01" + bytes(60)], []),
        ("a head that breaks off", [GET[:-4]], []),
        ("TLS that breaks its rules", [b"\x16\x03\x01\x00\x30\x01\xff" + bytes(60)], ["tls_record_empty"]),
    ],
)
def test_what_is_spoken_is_found_by_its_bytes(why: str, pieces: list[bytes | int], answer: list[str]) -> None:
    got = told(pieces)
    if why == "TLS that breaks its rules":
        assert len(got) == 1 and got[0].startswith("tls_")
    else:
        assert got == answer


def framed(*messages: bytes) -> bytes:
    return b"".join(len(message).to_bytes(2, "big") + message for message in messages)


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([framed(QUERY)], ["dns 1234"]),
        ([framed(QUERY, QUERY)[:40], framed(QUERY, QUERY)[40:]], ["dns 1234"] * 2),
        ([framed(b"\0" * 5 + b"\1" + bytes(8), QUERY)], ["dns_message_cut", "dns 1234"]),
        ([b"\0\1xxxx", framed(QUERY)], ["dns_tcp_length"]),
        ([HELLO], ["hello api.example.com"]),
        ([GET], ["GET /v1/models"]),
        ([framed(QUERY), 5, framed(QUERY)], ["dns 1234"]),
    ],
)
def test_dns_is_believed_on_its_port_where_the_bytes_are_nothing_else(
    pieces: list[bytes | int], answer: list[str]
) -> None:
    assert told(pieces, dns=True) == answer


LONG = hello(padding=1_500)
SNI_AT = LONG.index(b"api.example.com")


@pytest.mark.parametrize(
    ("why", "pieces", "answer"),
    [
        ("the end is missing", [hello() + b"", 5], ["hello api.example.com"]),
        ("the name had arrived", [LONG[: SNI_AT + 15], 40], ["part of hello api.example.com"]),
        ("it broke off at the end of the flow", [LONG[: SNI_AT + 15]], ["part of hello api.example.com"]),
        ("no name had arrived", [LONG[:900]], []),
        ("a gap, and the name behind it", [LONG[:900], 300, LONG[1_200:]], ["part of hello api.example.com"]),
        ("a gap, and nothing behind it", [LONG[:900], 300, bytes(90)], []),
        ("the beginning is missing", [900, LONG[900:]], ["part of hello api.example.com"]),
        ("a gap in what is nothing", [bytes(40), 30, bytes(40)], []),
        ("a gap within a body", [b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", 3, b"ghi" + GET],
         ["POST /a", "GET /v1/models"]),
        ("a gap to the end of a body", [b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", 6, GET],
         ["POST /a", "GET /v1/models"]),
        ("a gap beyond a body", [b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", 7, b"x: y\r\n", GET],
         ["POST /a", "GET /v1/models"]),
        ("a gap within a head", [GET, GET[:30], 5, GET[35:], GET], ["GET /v1/models"] * 2),
    ],
)  # fmt: skip
def test_what_is_missing_hides_nothing_else(why: str, pieces: list[bytes | int], answer: list[str]) -> None:
    assert told(pieces) == answer, why


def test_without_a_beginning_a_name_is_looked_for_in_a_few_pieces() -> None:
    tail = LONG[900:]
    for before in range(LOST_LOOKS):
        assert told([bytes(50)] * before + [tail], whole=False) == ["part of hello api.example.com"]
    assert told([bytes(50)] * LOST_LOOKS + [tail], whole=False) == []
    assert told([tail]) == []  # with its beginning there, these bytes are no ClientHello


def test_a_name_found_without_its_beginning_waits_for_it_a_while() -> None:
    tail = LONG[900:]
    reader = StreamReader(whole=False)
    for piece in (tail, *[bytes(50)] * (LOST_LOOKS - 1)):
        assert reader.feed(piece) == []
    assert [short(message) for message in reader.feed(bytes(50))] == ["part of hello api.example.com"]
    assert reader.done
    reader = StreamReader(whole=False)
    assert reader.feed(tail) == []
    reader.restart()
    assert [short(message) for message in reader.feed(LONG)] == ["hello api.example.com"]
    assert told([tail, HELLO], whole=False) == ["hello api.example.com"]


def test_a_stream_may_begin_again_until_the_protocol_is_known() -> None:
    reader = StreamReader(whole=False)
    assert reader.feed(HELLO[100:]) in ([], reader.feed(b""))
    reader.restart()
    assert [short(message) for message in reader.feed(HELLO)] == ["hello api.example.com"]
    reader.restart()
    assert reader.speaks == "tls"


def test_it_says_what_it_speaks_and_when_it_is_done() -> None:
    for data, speaks, how in [(HELLO, "tls", {}), (GET, "http", {}), (framed(QUERY), "dns", {"dns": True})]:
        reader = StreamReader(**how)
        assert reader.speaks is None and not reader.done
        reader.feed(data)
        assert reader.speaks == speaks and not reader.done
        reader.finish()
        assert reader.done and reader.feed(data) == [] and reader.gap(3) == [] and reader.finish() == []
    reader = StreamReader()
    reader.feed(HELLO)
    reader.feed(t.record(b"\x10" + bytes(40)))  # the client's key exchange
    assert reader.done


def test_the_search_ends_at_a_bound_of_looks_and_of_bytes() -> None:
    reader = StreamReader()
    for _ in range(MAX_LOOKS):
        assert not reader.done
        reader.feed(b"\xff" * 20)
    assert reader.done
    reader = StreamReader()
    reader.feed(b"\xff" * MAX_SEARCH_BYTES)
    assert reader.done


def test_what_stays_undecided_is_kept_only_so_long() -> None:
    reader = StreamReader()
    reader.feed(b"FROB http://" + b"a" * (MAX_UNDECIDED_BYTES - 12))
    assert reader.held == MAX_UNDECIDED_BYTES
    reader.feed(b"a")
    assert reader.held == 0 and not reader.done


def test_so_many_requests_are_told_and_no_more() -> None:
    got = told([GET * (MAX_REQUESTS + 5)])
    assert len(got) == MAX_REQUESTS


def test_a_head_that_turns_out_to_be_none_is_odd_and_the_search_goes_on() -> None:
    head = b"GET /" + b"a" * 70_000
    got = told([head[:60_000], head[60_000:], HELLO])
    assert got == ["http_head_too_long", "hello api.example.com"]


def test_held_counts_what_parsers_may_keep() -> None:
    reader = StreamReader()
    reader.feed(LONG[:900])
    assert reader.held == 900
    reader.feed(LONG[900:])
    assert reader.held <= len(LONG) - 900
    reader = StreamReader(dns=True)
    reader.feed(framed(QUERY)[:20])
    assert reader.held == 20


@pytest.mark.slow
@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.integers(1, 50), st.sampled_from([HELLO, GET, framed(QUERY)])),
        max_size=20,
    ),
    st.booleans(),
    st.booleans(),
)
def test_any_pieces_give_messages_and_hold_no_more_than_came(
    pieces: list[bytes | int], dns: bool, whole: bool
) -> None:
    reader = StreamReader(dns=dns, whole=whole)
    came = 0
    for piece in pieces:
        if isinstance(piece, int):
            reader.gap(piece)
        else:
            came += len(piece)
            reader.feed(piece)
        assert 0 <= reader.held <= came
    reader.finish()
    assert reader.done


@given(st.sampled_from([HELLO, LONG, GET * 2, framed(QUERY, QUERY)]), st.integers(1, 200), st.booleans())
def test_the_same_bytes_in_other_pieces_tell_the_same(data: bytes, size: int, dns: bool) -> None:
    pieces: list[bytes | int] = [data[at : at + size] for at in range(0, len(data), size)]
    if dns or data[:2] != framed(QUERY)[:2]:
        assert told(pieces, dns=dns) == told([data], dns=dns)
