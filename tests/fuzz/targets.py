"""
What is fuzzed: for each parser of ``sensor.wire`` good bytes to begin with, and how it is called.

A target's ``call`` may return, or raise ``Malformed``; everything else is a fault. Streams are fed in pieces
whose size comes from the bytes themselves, so that the same bytes are always cut alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sensor.passive import PassiveReader
from sensor.wire.capture_format import CaptureReader
from sensor.wire.dns import TcpDnsReader, parse_message, svcb_ech, svcb_parameters
from sensor.wire.ech import ech_kind, parse_ech_config_list
from sensor.wire.fingerprint import ja3, ja4
from sensor.wire.http1 import host_of, looks_like_request, parse_request_head
from sensor.wire.layers import LINK
from sensor.wire.packet import decode
from sensor.wire.quic import InitialReader, is_quic_long_header
from sensor.wire.stream import StreamReader
from sensor.wire.tls import (
    ClientHello,
    HandshakeReader,
    find_client_hello,
    find_server_name,
    looks_like_tls_client,
    parse_client_hello,
    parse_client_hello_body,
)
from tests.fuzz.bodies import CALLS
from tests.wire import frame_bytes as f
from tests.wire import quic_bytes as q
from tests.wire import tls_bytes as t

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One way into the parsers."""

    name: str
    corpus: Sequence[bytes]
    call: Callable[[bytes], object]


def pieces(data: bytes) -> Iterator[bytes]:
    size = 1 + (data[0] * 7 + len(data)) % 61 if data else 1
    for at in range(0, len(data), size):
        yield data[at : at + size]


# --- good bytes ---------------------------------------------------------------------------------------

HELLO = t.message(
    t.body(
        *t.USUAL, t.ech_outer(), t.extension(42), t.extension(57, b"p" * 40), ciphers=(0x0A0A, 0x1301, 0xC02B)
    )
)
SMALL = t.message(t.body(t.server_name(b"small.example.com"), ciphers=(5,), session=b""))
NO_EXTENSIONS = t.message(t.body(version=0x0301))
CCS, DATA = t.record(b"\x01", kind=20), t.record(b"d" * 40, kind=23)
STREAMS = [
    t.records(HELLO),
    t.records(HELLO, 40, 1, 90),
    t.records(HELLO) + CCS + DATA + t.records(SMALL, 9),
    t.records(SMALL + HELLO),
    t.records(NO_EXTENSIONS) + t.record(t.message(b"k" * 30, kind=16)) + CCS,
    b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(37),
]
CONFIG = (
    b"\x09\x00\x20"
    + t.vector(b"k" * 32)
    + t.vector(b"\0\1\0\1")
    + b"\x40"
    + t.vector(b"front.example", 1)
    + b"\0\0"
)
CONFIGS = [
    t.vector(b"\xfe\x0d" + t.vector(CONFIG)),
    t.vector(b"\xfe\x0a\0\0" + (b"\xfe\x0d" + t.vector(CONFIG)) * 2),
]

FRAMES_OF_A_HELLO = b"".join(q.shuffled(HELLO, 9, seed=1))
PAYLOADS = [
    q.crypto(0, HELLO),
    q.crypto(0, SMALL) + q.close(),
    FRAMES_OF_A_HELLO,
    q.ack(9, [(0, 2), (1, 1)])
    + q.ack(ecn=True)
    + b"\x01\0\0"
    + q.crypto(40, HELLO[40:])
    + q.crypto(0, HELLO[:90]),
]
DATAGRAMS = [
    q.CLIENT_INITIAL_V1,
    q.CLIENT_INITIAL_V2,
    q.RETRY_V1,
    q.SERVER_INITIAL_V1,
    q.initial(q.crypto(0, SMALL), token=b"token", dcid=b"another!"),
    q.initial(q.crypto(0, SMALL[:50]))
    + q.initial(q.crypto(50, SMALL[50:]), number=1, dcid=b"srv", key_dcid=q.DCID),
    q.long_header(q.V1, "0-rtt", q.DCID, b"")
    + q.varint(30)
    + bytes(30)
    + q.initial(q.crypto(0, SMALL), scid=b""),
    q.long_header(0, "initial", q.DCID, b"s") + b"\0\0\0\1",
]

NAME = b"\x04chat\x07example\x03com\0"


def dns(*answers: bytes, additionals: Sequence[bytes] = (), flags: int = 0x8180) -> bytes:
    counts = (7, flags, 1, len(answers), 0, len(additionals))
    return t.numbers(counts) + NAME + b"\0\x41\0\1" + b"".join(answers) + b"".join(additionals)


def rr(kind: int, data: bytes, owner: bytes = b"\xc0\x0c") -> bytes:
    return owner + t.numbers((kind, 1, 0, 300)) + t.vector(data)


SVCB = (
    b"\0\1\0\0\0\0\2\0\1\0\1\0\6\2h3\2h2\0\3\0\2\1\xbb\0\4\0\4\xc0\0\2\1\0\5\0\6\0\4\xfe\x0d\0\0\0\6\0\x10"
    + bytes(16)
)
MESSAGES = [
    dns(flags=0x0100),
    dns(rr(65, SVCB), rr(5, b"\x03www\xc0\x11"), rr(1, b"\xc0\0\2\1"), rr(28, bytes(16))),
    dns(
        rr(16, b"\x03abc\x00"),
        rr(15, b"\0\x0a\x02mx\xc0\x11"),
        rr(33, bytes(6) + NAME),
        rr(257, b"\0\5issueca"),
    ),
    dns(
        rr(6, NAME + NAME + bytes(20)),
        rr(35, bytes(4) + b"\1u\0\0" + NAME),
        rr(256, bytes(4) + b"uri"),
        rr(65280, b"x"),
    ),
    dns(additionals=[rr(41, b"\0\x0a\0\2ab", owner=b"\0")]),
]

HEADS = [
    b"GET /v1/models?x=1 HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: a/1\r\nX: y\r\n z\r\n\r\n",
    b"POST http://a.example:8080/x HTTP/1.0\nhost: b\ncontent-length: 2\n\n{}",
    b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: a.example\r\n\r\n" + t.records(SMALL),
    b"OPTIONS * HTTP/1.1\r\nHost: a.example:1\r\nHost: a.example:2\r\n\r\n",
    b"\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


def conversations() -> list[f.Frame]:
    tls = (
        f.Talk()
        .open()
        .send(0, t.records(HELLO)[:200])
        .send(0, t.records(HELLO)[200:])
        .send(1, b"\x16\x03\x03\0\1\2")
        .close()
    )
    clear = (
        f.Talk(40_001, 8_080, client=f.CLIENT6, server=f.SERVER6)
        .open()
        .send(0, HEADS[0])
        .send(1, b"HTTP/1.1 200\r\n\r\n")
    )
    slow = (
        f.Talk(40_002, 53).open().send(0, t.vector(MESSAGES[0])).send(1, t.vector(MESSAGES[1]), f.FIN | f.ACK)
    )
    whole = f.udp(MESSAGES[1], 53, 50_000)
    others = [
        f.datagram(q.CLIENT_INITIAL_V1),
        f.datagram(MESSAGES[1], 53, 40_003, source=f.SERVER, target=f.CLIENT),
        f.datagram(MESSAGES[2], 5353, 5353),
        *(f.frame(f.ethernet(piece)) for piece in f.fragments(whole, 17, 64)),
        f.frame(f.ethernet(f.ipv6(f.ipv6_fragment(whole[:64], 17, 0, True), 44), 0x86DD)),
        f.frame(f.ethernet(f.ipv6(f.extension(44, f.ipv6_fragment(whole[64:], 17, 64, False)), 0), 0x86DD)),
        f.frame(f.ethernet(f.vlan(f.vlan(f.ipv4(f.tcp(t.records(SMALL)))), 0x8100), 0x88A8)),
        f.frame(
            f.ethernet(
                f.ipv4(f.udp(b"\x08\0\0\0\0\0\1\0" + f.ethernet(f.ipv4(f.tcp(HEADS[1]))), 9, 4_789), 17)
            )
        ),
        f.frame(f.ethernet(f.ipv4(b"\0\0\x08\0" + f.ipv4(f.tcp(HEADS[0])), 47, options=bytes(8)))),
        f.frame(bytes(14) + b"\x08\0" + f.ipv4(f.tcp(SMALL)), link=113),
        f.frame(b"\x02\0\0\0" + f.ipv4(f.tcp(SMALL)), link=0),
        f.frame(f.ipv6(f.tcp(SMALL)), link=101),
        f.frame(
            b"\0\0\x08\0\0\0\0\0" + bytes(24) + b"\xaa\xaa\x03\0\0\0\x08\0" + f.ipv4(f.tcp(SMALL)), link=127
        ),
    ]
    return [*tls.frames, *clear.frames, *slow.frames, *others]


FRAMES = conversations()
CAPTURES = [
    f.pcap(FRAMES[:6]),
    f.pcap(FRAMES[6:9], order=">", nanoseconds=True),
    f.pcap(FRAMES[6:9], modified=True),
    f.pcapng(FRAMES[6:12]),
    f.pcapng(FRAMES[6:9], order=">")
    + f.section()
    + f.interface(options=f.option(9, b"\x09"))
    + f.enhanced(b"x" * 60),
]
LINKS = (1, 0, 9, 12, 101, 105, 108, 113, 127, 228, 229, 239, 276)


# --- calls --------------------------------------------------------------------------------------------


def use(hello: ClientHello | None) -> None:
    """What is done with a hello afterwards must go well too."""
    if hello is not None:
        ja4(hello, "tcp")
        ja3(hello)
        ech_kind(hello)


def tls_message(data: bytes) -> None:
    use(parse_client_hello(data))


def tls_cut_message(data: bytes) -> None:
    use(parse_client_hello(data[: len(data) * 2 // 3], partial=True))


def tls_body(data: bytes) -> None:
    """As mitmproxy hands it over."""
    use(parse_client_hello_body(data))


def tls_records(data: bytes) -> None:
    reader = HandshakeReader()
    try:
        for piece in pieces(data):
            for hello in reader.feed(piece):
                use(hello)
    finally:
        use(reader.finish())


def tls_search(data: bytes) -> None:
    looks_like_tls_client(data)
    at = find_client_hello(data)
    find_server_name(data)
    if at is not None:
        tls_records(data[at:])


def quic_datagram(data: bytes) -> None:
    is_quic_long_header(data)
    reader = InitialReader()
    for hello in reader.feed(data) + reader.feed(data, truncated=True) + reader.feed(q.CLIENT_INITIAL_V1):
        use(hello)
    for hello in reader.finish_all():
        use(hello)


def quic_cut_datagram(data: bytes) -> None:
    reader = InitialReader()
    assert reader.feed(data[: len(data) * 2 // 3], truncated=True) is not None
    use(reader.finish())


@functools.cache
def keys() -> tuple[bytes, bytes, bytes]:
    return q.client_keys(q.V1, q.DCID)


def quic_payload(data: bytes) -> None:
    """What authenticates, and is odd inside: in two packets of one connection."""
    half = len(data) // 2
    reader = InitialReader()
    for number, part in enumerate((data[:half], data[half:], data)):
        for hello in reader.feed(q.initial(part, number=number, number_length=2, keys=keys())):
            use(hello)
    for hello in reader.finish_all():
        use(hello)


def dns_message(data: bytes) -> None:
    message = parse_message(data)
    for record in message.answers:
        if record.type in ("SVCB", "HTTPS"):
            svcb_parameters(record.data)
            svcb_ech(record.data)


def dns_stream(data: bytes) -> None:
    reader = TcpDnsReader()
    for piece in pieces(data):
        for message in reader.feed(piece):
            dns_message(message)


def http_head(data: bytes) -> None:
    looks_like_request(data)
    head = parse_request_head(data)
    if head is not None:
        host_of(head)


def stream(data: bytes) -> None:
    reader = StreamReader(dns=len(data) % 2 == 0, whole=len(data) % 3 > 0)
    for i, piece in enumerate(pieces(data)):
        reader.feed(piece)
        if i == 40:
            reader.gap(100)
    reader.finish()


def capture(data: bytes) -> None:
    reader = CaptureReader()
    for piece in pieces(data):
        reader.feed(piece)
    reader.finish()


def frame(data: bytes) -> None:
    for link in LINKS:
        decode(LINK + link, data)


def packets(data: bytes) -> None:
    """A capture file whose frames go the whole way to observations."""
    file, passive = CaptureReader(), PassiveReader("fuzz")
    for piece in pieces(data):
        passive.feed(file.feed(piece))
    passive.finish()


TARGETS = [
    Target(name="tls_message", corpus=[HELLO, SMALL, NO_EXTENSIONS], call=tls_message),
    Target(name="tls_cut_message", corpus=[HELLO, SMALL, NO_EXTENSIONS], call=tls_cut_message),
    Target(name="tls_body", corpus=[HELLO[4:], SMALL[4:], NO_EXTENSIONS[4:]], call=tls_body),
    Target(name="tls_records", corpus=STREAMS, call=tls_records),
    Target(
        name="tls_search", corpus=[b"STARTTLS\r\n" + STREAMS[0], HELLO, bytes(60) + SMALL], call=tls_search
    ),
    Target(name="ech_configs", corpus=CONFIGS, call=parse_ech_config_list),
    Target(name="quic_datagram", corpus=DATAGRAMS, call=quic_datagram),
    Target(name="quic_cut_datagram", corpus=DATAGRAMS, call=quic_cut_datagram),
    Target(name="quic_payload", corpus=PAYLOADS, call=quic_payload),
    Target(name="dns_message", corpus=MESSAGES, call=dns_message),
    Target(
        name="dns_stream", corpus=[t.vector(m) + t.vector(MESSAGES[0]) for m in MESSAGES], call=dns_stream
    ),
    Target(name="http_head", corpus=HEADS, call=http_head),
    Target(name="stream", corpus=[*STREAMS, *HEADS, *map(t.vector, MESSAGES)], call=stream),
    Target(name="capture", corpus=CAPTURES, call=capture),
    Target(name="frame", corpus=[data for _, _, data, _ in FRAMES], call=frame),
    Target(name="packets", corpus=[*CAPTURES, f.pcap(FRAMES[12:22]), f.pcap(FRAMES[22:32])], call=packets),
    *(Target(name=name, corpus=corpus, call=call) for name, (corpus, call) in CALLS.items()),
]
