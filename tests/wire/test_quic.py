"""QUIC Initials: the packets of the RFCs, every way in which a hello arrives, and what must do no harm."""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aioquic.buffer import Buffer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import HandshakeCompleted
from aioquic.quic.packet import QuicProtocolVersion, encode_quic_retry, pull_quic_header
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import quic
from sensor.wire.fingerprint import ja4
from sensor.wire.quic import (
    MAX_COALESCED,
    MAX_CONNECTIONS,
    MAX_CRYPTO_BYTES,
    MAX_FRAGMENTS,
    MAX_HELD,
    MAX_INITIALS,
    MAX_LATER_INITIALS,
    InitialReader,
    is_quic_long_header,
    version_name,
    version_of,
)
from sensor.wire.tls import ClientHello, parse_client_hello
from tests.wire import quic_bytes as q
from tests.wire import tls_bytes as t

HELLO = t.message(t.body(*t.USUAL, t.extension(57, b"p" * 60), t.extension(51, b"k" * 1_800), session=b""))
OTHER = t.message(t.body(t.server_name(b"other.example"), t.extension(51, b"k" * 100), random=b"R" * 32))


def parsed(message: bytes) -> ClientHello:
    hello = parse_client_hello(message)
    assert hello is not None
    return hello


TOLD, OTHER_TOLD = parsed(HELLO), parsed(OTHER)


def read(datagrams: Iterable[bytes]) -> tuple[list[ClientHello], dict[str, int], list[ClientHello]]:
    """
    Hellos, weirds, and the partial hellos at the end.

    The same hellos must come with bytes trailing in each datagram, with each sent twice, and with a forgery
    of each (a flipped bit in the last byte) sent before it.
    """
    datagrams = list(datagrams)
    reader = InitialReader()
    hellos = [hello for datagram in datagrams for hello in reader.feed(datagram)]
    partial = reader.finish_all()
    flipped = [datagram[:-1] + bytes((datagram[-1] ^ 1,)) for datagram in datagrams]
    for variant in (
        [datagram + b"\x00 trailing" for datagram in datagrams],
        [copy for datagram in datagrams for copy in (datagram, datagram)],
        [either for pair in zip(flipped, datagrams, strict=True) for either in pair],
    ):
        other = InitialReader()
        assert [hello for datagram in variant for hello in other.feed(datagram)] == hellos
        assert other.finish_all() == partial
    assert all(name in quic.WEIRDS or name.startswith("tls_") for name in reader.weirds)
    return hellos, reader.weirds, partial


def names(hellos: Sequence[ClientHello]) -> list[str | None]:
    return [hello.server_name for hello in hellos]


# --- the RFCs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("packet", [q.CLIENT_INITIAL_V1, q.CLIENT_INITIAL_V2], ids=["RFC 9001", "RFC 9369"])
def test_client_initial_of_the_rfc(packet: bytes) -> None:
    """Appendix A.2 of both: an Initial with packet number 2 that holds one CRYPTO frame."""
    hellos, weirds, partial = read([packet])
    assert hellos == [parsed(q.SAMPLE_CRYPTO[4:])]
    assert (weirds, partial) == ({}, [])
    (hello,) = hellos
    assert (hello.server_name, hello.alpn) == ("example.com", (b"alpn",))
    assert hello.cipher_suites == (0x1301, 0x1302)
    assert ja4(hello, "quic").startswith("q13d0211an_")


@pytest.mark.parametrize("packet", [q.SERVER_INITIAL_V1, q.SERVER_INITIAL_V2], ids=["RFC 9001", "RFC 9369"])
def test_server_initial_of_the_rfc(packet: bytes) -> None:
    """Appendix A.3: a server's packet, should it be fed, opens with no client's key."""
    assert read([packet]) == ([], {"quic_initial_not_opened": 1}, [])


@pytest.mark.parametrize("packet", [q.RETRY_V1, q.RETRY_V2], ids=["RFC 9001", "RFC 9369"])
def test_retry_of_the_rfc(packet: bytes) -> None:
    """Appendix A.4: counted."""
    assert read([packet]) == ([], {"quic_retry": 1}, [])


def test_the_builder_builds_the_packets_of_the_rfcs() -> None:
    """So what else it builds is right as well."""
    for version, packet in [(q.V1, q.CLIENT_INITIAL_V1), (q.V2, q.CLIENT_INITIAL_V2)]:
        assert q.initial(q.SAMPLE_CRYPTO, number=2, version=version, scid=b"", pad_to=1162) == packet


def test_the_builder_has_the_keys_of_the_drafts() -> None:
    """draft-ietf-quic-tls-23 and -29, appendix A.1."""
    assert q.client_keys(q.DRAFT_23, q.DCID) == (
        bytes.fromhex("af7fd7efebd21878ff66811248983694"),
        bytes.fromhex("8681359410a70bb9c92f0420"),
        bytes.fromhex("a980b8b4fb7d9fbc13e814c23164253d"),
    )
    assert q.client_keys(q.DRAFT_29, q.DCID) == (
        bytes.fromhex("175257a31eb09dea9366d8bb79ad80ba"),
        bytes.fromhex("6b26114b9cba2b63a9e8dd4f"),
        bytes.fromhex("9ddd12c994c0698b89374a9c077a3077"),
    )


@pytest.mark.parametrize("version", q.SALTS)
def test_every_version_that_is_read(version: int) -> None:
    assert read([q.initial(q.crypto(0, HELLO), version=version)]) == ([TOLD], {}, [])


# --- how a hello arrives ------------------------------------------------------------------------------


def pieces(message: bytes, *cuts: int, **how: object) -> list[bytes]:
    """Initials that hold the message, cut at these places, one CRYPTO frame each."""
    bounds = [0, *cuts, len(message)]
    return [
        q.initial(q.crypto(a, message[a:b]), number=i, pad_to=1162, **how)  # type: ignore[arg-type] # passed on
        for i, (a, b) in enumerate(itertools.pairwise(bounds))
    ]


def zero_rtt(dcid: bytes = q.DCID, version: int = q.V1) -> bytes:
    return q.long_header(version, "0-rtt", dcid, b"client") + q.varint(60) + b"z" * 60


def handshake(dcid: bytes = b"server-id") -> bytes:
    return q.long_header(q.V1, "handshake", dcid, b"client") + q.varint(40) + b"h" * 40


FIRST, SECOND = pieces(HELLO, 1_000)
RETRIED = [q.initial(q.crypto(0, HELLO), number=2, dcid=b"from-retry", token=b"token")]
CHAOS = q.shuffled(HELLO, 24, seed=4)
SWITCHED = q.initial(
    q.crypto(1_000, HELLO[1_000:]) + q.ack(), number=1, dcid=b"server-id", key_dcid=q.DCID, pad_to=1162
)

OVERLAPPING = [
    q.initial(q.crypto(0, HELLO[:900]) + q.crypto(600, HELLO[600:1_200])),
    q.initial(q.crypto(300, HELLO[300:]), number=1),
]
BRIDGED = q.crypto(0, HELLO[:500]) + q.crypto(800, HELLO[800:]) + q.crypto(400, HELLO[400:1_000])
ACKED = q.ack(9, [(0, 2), (1, 1)]) + q.ack(ecn=True) + b"\x01\0\0\0" + q.crypto(0, HELLO)
SHORT_DCID = q.initial(q.crypto(1_000, HELLO[1_000:]), number=1, dcid=b"srv", key_dcid=q.DCID)
NAMELESS_RETRY = [
    pieces(HELLO, 1_000, scid=b"")[0],
    q.initial(q.crypto(0, HELLO), dcid=b"from-retry", scid=b"", token=b"token"),
]

DELIVERIES: list[tuple[str, list[bytes]]] = [
    ("one Initial", [q.initial(q.crypto(0, HELLO))]),
    ("no SCID", [q.initial(q.crypto(0, HELLO), scid=b"")]),
    ("ids of 20 bytes", [q.initial(q.crypto(0, HELLO), dcid=b"d" * 20, scid=b"s" * 20)]),
    ("a first DCID that is too short", [q.initial(q.crypto(0, HELLO), dcid=b"")]),
    ("a token from an earlier visit", [q.initial(q.crypto(0, HELLO), token=b"t" * 80)]),
    ("two Initials", [FIRST, SECOND]),
    ("the second first", [SECOND, FIRST]),
    ("two in one datagram", [FIRST + SECOND]),
    ("coalesced with 0-RTT", [FIRST + zero_rtt() + SECOND + handshake()]),
    ("0-RTT first", [zero_rtt(), FIRST, zero_rtt(), SECOND]),
    ("frames shuffled", [q.initial(b"".join(CHAOS[:11])), q.initial(b"".join(CHAOS[11:]), number=1)]),
    ("overlapping frames that agree", OVERLAPPING),
    ("a frame that fills a gap and overlaps both sides", [q.initial(BRIDGED)]),
    ("ACK, PING, PADDING before", [q.initial(ACKED)]),
    ("CONNECTION_CLOSE after", [q.initial(q.crypto(0, HELLO) + q.close())]),
    ("the server's DCID from the second on", [FIRST, SWITCHED]),
    ("… which overtook the first", [SWITCHED, FIRST]),
    ("… which is short", [FIRST, SHORT_DCID]),
    ("Retry after a whole hello", [q.initial(q.crypto(0, HELLO)), *RETRIED]),
    ("Retry after half a hello", [FIRST, *RETRIED]),
    ("Retry without SCID", NAMELESS_RETRY),
    ("the hello sent again", [FIRST, SECOND, q.initial(q.crypto(0, HELLO), number=2)]),
    ("packet numbers of 1 byte", pieces(HELLO, 700, 1_400, number_length=1)),
    ("packet numbers of 2 bytes", pieces(HELLO, 700, 1_400, number_length=2)),
    ("packet numbers of 3 bytes", pieces(HELLO, 700, 1_400, number_length=3)),
]


@pytest.mark.parametrize("datagrams", [case[1] for case in DELIVERIES], ids=[c[0] for c in DELIVERIES])
def test_delivery(datagrams: list[bytes]) -> None:
    """One hello, told once, and nothing odd about it."""
    assert read(datagrams) == ([TOLD], {}, [])


def test_any_order_of_four_initials() -> None:
    initials = pieces(HELLO, 300, 1_100, 1_400)
    for order in itertools.permutations(initials):
        assert read(order) == ([TOLD], {}, [])


@pytest.mark.parametrize("number_length", [1, 2])
def test_packet_numbers_are_completed(number_length: int) -> None:
    """RFC 9000, appendix A.3: only the lowest bits are sent; the rest comes from the highest seen so far."""
    window = 1 << 8 * number_length
    reader = InitialReader()
    numbers = [0, window // 2, window - 2, window + 1, window - 1, 3 * window // 2]
    for i, number in enumerate(numbers):
        frame = q.crypto(i, HELLO[i : i + 1])
        assert reader.feed(q.initial(frame, number=number, number_length=number_length)) == []
    rest = q.crypto(len(numbers), HELLO[len(numbers) :])
    assert reader.feed(q.initial(rest, number=2 * window, number_length=number_length)) == [TOLD]
    assert reader.weirds == {}


def test_second_hello_after_a_hello_retry_request() -> None:
    """It follows the first in the CRYPTO stream, in an Initial to the server's DCID."""
    again = t.message(t.body(*t.USUAL, t.extension(44, b"\x00\x01c"), session=b""))
    later = q.initial(
        q.crypto(len(HELLO), again[:50]) + q.crypto(len(HELLO) + 50, again[50:]),
        number=2,
        dcid=b"server-id",
        key_dcid=q.DCID,
    )
    assert read([FIRST, SECOND, later]) == ([TOLD, parsed(again)], {}, [])
    third = q.initial(q.crypto(len(HELLO + again), again), number=3)
    assert read([FIRST, SECOND, later, third]) == ([TOLD, parsed(again)], {}, [])


@pytest.mark.parametrize("scids", [(b"", b""), (b"one", b"two"), (b"same", b"same")])
def test_connections_on_the_same_ports(scids: tuple[bytes, bytes]) -> None:
    """One after the other, at the same time, and with the first one's last packet late."""
    first = pieces(HELLO, 1_000, scid=scids[0])
    second = pieces(OTHER, 60, dcid=b"another!", scid=scids[1])
    assert read([*first, *second]) == ([TOLD, OTHER_TOLD], {}, [])
    assert read([first[0], second[0], first[1], second[1]]) == ([TOLD, OTHER_TOLD], {}, [])
    assert read([first[0], *second, first[1]]) == ([OTHER_TOLD, TOLD], {}, [])


def test_connections_of_two_versions() -> None:
    """The same ids in two versions are two connections (RFC 9369, section 4: compatible negotiation)."""
    assert read([FIRST, q.initial(q.crypto(0, OTHER), version=q.V2), SECOND]) == ([OTHER_TOLD, TOLD], {}, [])


# --- what must do no harm -----------------------------------------------------------------------------

DECOY = t.message(t.body(t.server_name(b"decoy.example"), session=b""))


def forged(packet: bytes, at: int = -1) -> bytes:
    data = bytearray(packet)
    data[at] ^= 0x40
    return bytes(data)


def test_a_wrong_tag_is_never_told() -> None:
    """Nor does it stand in the way of the true one, under the same DCID or another, before or after."""
    decoy = forged(q.initial(q.crypto(0, DECOY)))
    for datagrams in ([decoy, FIRST, SECOND], [FIRST, decoy, SECOND], [FIRST, SECOND, decoy]):
        hellos, weirds, partial = read(datagrams)
        assert (hellos, partial) == ([TOLD], [])
        assert set(weirds) <= {"quic_initial_not_opened"}
    elsewhere = forged(q.initial(q.crypto(0, DECOY), dcid=b"elsewhere"))
    assert read([elsewhere, FIRST, SECOND]) == ([TOLD], {"quic_initial_not_opened": 1}, [])
    assert read([elsewhere] * 9) == ([], {"quic_initial_not_opened": 9}, [])


@pytest.mark.parametrize("at", range(0, 30))
def test_every_byte_of_the_header_is_authenticated(at: int) -> None:
    """A packet that was changed anywhere tells no hello."""
    packet = q.initial(q.crypto(0, HELLO), pad_to=1200)
    hellos, _, partial = read([forged(packet, at)])
    assert hellos == partial == []


def test_the_first_copy_of_a_byte_wins() -> None:
    """A later one that differs is counted."""
    changed = bytearray(HELLO)
    at = HELLO.index(b"Example.COM")
    changed[at : at + 7] = b"Evil123"
    liar = q.initial(q.crypto(at - 5, bytes(changed[at - 5 : at + 20])), number=5)
    assert read([FIRST, liar, SECOND])[:2] == ([TOLD], {"quic_crypto_conflict": 1})
    hellos, weirds, _ = read([liar, FIRST, SECOND])
    assert [hello.server_name for hello in hellos] == ["evil123.com"]
    assert weirds == {"quic_crypto_conflict": 1}


ODD_PAYLOADS: list[tuple[str, bytes, str]] = [
    ("STREAM frame", q.crypto(0, HELLO[:9]) + b"\x08\x00", "quic_frame_not_allowed"),
    ("CONNECTION_CLOSE of an application", q.close(kind=0x1D), "quic_frame_not_allowed"),
    ("type in a long form", b"\x40\x06", "quic_frame_not_allowed"),
    ("CRYPTO without offset", bytes(20) + b"\x06", "quic_frame_malformed"),
    ("CRYPTO, length cut", bytes(20) + b"\x06\x00\x40", "quic_frame_malformed"),
    ("CRYPTO, data cut", bytes(20) + b"\x06\x00\x09abc", "quic_frame_malformed"),
    ("ACK cut", bytes(20) + b"\x02\x03\x00\x05\x00", "quic_frame_malformed"),
    ("ACK of 2^62 ranges", b"\x02\x03\x00" + b"\xff" * 8 + bytes(40), "quic_frame_malformed"),
    ("CONNECTION_CLOSE cut", bytes(20) + b"\x1c\x00", "quic_frame_malformed"),
    ("CRYPTO far out", q.crypto(MAX_CRYPTO_BYTES - 3, b"abcd"), "quic_crypto_over_limit"),
    ("CRYPTO at 2^62", q.crypto((1 << 62) - 1, b"a"), "quic_crypto_over_limit"),
    ("another handshake message", q.crypto(0, t.message(b"x" * 40, kind=2)), "quic_not_client_hello"),
    ("a hello that is malformed", q.crypto(0, t.message(t.body(ciphers=()))), "tls_cipher_suites_malformed"),
]


@pytest.mark.parametrize(
    ("payload", "weird"), [c[1:] for c in ODD_PAYLOADS], ids=[c[0] for c in ODD_PAYLOADS]
)
def test_odd_payload(payload: bytes, weird: str) -> None:
    """Counted, and the next connection is read all the same."""
    reader = InitialReader()
    assert reader.feed(q.initial(payload)) == []
    assert reader.weirds == {weird: 1}
    assert reader.feed(q.initial(q.crypto(0, OTHER), dcid=b"another!")) == [OTHER_TOLD]


def test_a_hello_that_cannot_be_read_is_read_once() -> None:
    """Later packets of its connection are not opened."""
    reader = InitialReader()
    for number in range(3):
        reader.feed(q.initial(q.crypto(0, t.message(t.body(ciphers=()))), number=number))
    assert reader.weirds == {"tls_cipher_suites_malformed": 1}
    assert reader.finish() is None


def odd(version: int = q.V1, dcid: bytes = q.DCID, scid: bytes = b"", rest: bytes = bytes(40)) -> bytes:
    return q.long_header(version, "initial", dcid, scid) + rest


ODD_DATAGRAMS: list[tuple[str, bytes, str | None]] = [
    ("empty", b"", None),
    ("short header", b"\x40" + bytes(40), None),
    ("cut in the ids", FIRST[:9], "quic_header_malformed"),
    ("cut before the SCID", FIRST[:14], "quic_header_malformed"),
    ("cut in the SCID", FIRST[:17], "quic_header_malformed"),
    ("cut before the token", FIRST[:21], "quic_header_malformed"),
    ("cut in the length", FIRST[:23], "quic_header_malformed"),
    ("cut in the payload", FIRST[:600], "quic_packet_cut"),
    ("DCID of 21 bytes", odd(dcid=b"d" * 21), "quic_header_malformed"),
    ("SCID of 21 bytes", odd(scid=b"s" * 21), "quic_header_malformed"),
    ("token over the end", odd(rest=q.varint(90) + bytes(20)), "quic_header_malformed"),
    ("too short for a sample", odd(rest=b"\0\x13" + bytes(19)), "quic_initial_not_opened"),
    ("version negotiation", odd(0, rest=b"\0\0\0\1"), "quic_version_negotiation"),
    ("reserved version", odd(0x1A2A3A4A), "quic_version_reserved"),
    ("gQUIC", odd(int.from_bytes(b"Q050", "big")), "quic_version_gquic"),
    ("mvfst", odd(0xFACEB002), "quic_version_mvfst"),
    ("an early draft", odd(0xFF000013), "quic_version_draft"),
    ("unknown version", odd(0x12345678), "quic_version_unknown"),
]


@pytest.mark.parametrize(("data", "weird"), [c[1:] for c in ODD_DATAGRAMS], ids=[c[0] for c in ODD_DATAGRAMS])
def test_odd_datagram(data: bytes, weird: str | None) -> None:
    reader = InitialReader()
    assert reader.feed(data) == []
    assert reader.finish_all() == []
    assert reader.weirds == ({weird: 1} if weird else {})
    assert weird is None or weird in quic.WEIRDS


# --- bounds -------------------------------------------------------------------------------------------


def test_initials_are_counted_up_to_a_limit() -> None:
    reader = InitialReader()
    packet = forged(q.initial(b"\x01"))
    for _ in range(MAX_INITIALS):
        assert not reader.exhausted
        reader.feed(packet)
    assert reader.exhausted
    assert reader.feed(q.initial(q.crypto(0, HELLO))) == []
    assert reader.weirds["quic_initials_over_limit"] == 1


def test_the_oldest_connection_gives_way() -> None:
    reader = InitialReader()
    hellos = []
    for i in range(MAX_CONNECTIONS + 1):
        hello = t.message(t.body(t.server_name(b"n%d.example" % i), random=bytes((i,)) * 32))
        hellos += reader.feed(q.initial(q.crypto(0, hello), dcid=b"dcid-%03d" % i, scid=b"%d" % i))
    assert [hello.server_name for hello in hellos] == [f"n{i}.example" for i in range(MAX_CONNECTIONS + 1)]
    assert reader.weirds == {"quic_connections_over_limit": 1}


def test_a_few_packets_are_held() -> None:
    """By number and by size."""
    packets = [q.initial(b"\x01", number=i, dcid=b"server-id", key_dcid=q.DCID) for i in range(MAX_HELD + 2)]
    reader = InitialReader()
    for packet in packets:
        reader.feed(packet)
    assert reader.weirds == {"quic_initial_not_opened": 2}
    reader = InitialReader()
    for number in range(2):
        reader.feed(q.initial(b"\x01", number=number, dcid=b"server-id", key_dcid=q.DCID, pad_to=5_000))
    assert reader.weirds == {"quic_initial_not_opened": 1}


def test_held_packets_of_another_connection_stay_held() -> None:
    late = q.initial(q.crypto(60, OTHER[60:]), number=1, scid=b"b", dcid=b"server-id", key_dcid=b"another!")
    stray = forged(q.initial(b"\x01", scid=b"client", dcid=b"stray-id"))
    first = q.initial(q.crypto(0, OTHER[:60]), scid=b"b", dcid=b"another!")
    assert read([late, stray, FIRST, SECOND, first]) == (
        [TOLD, OTHER_TOLD],
        {"quic_initial_not_opened": 1},
        [],
    )


def test_fragments_are_kept_up_to_a_limit() -> None:
    """Bytes that follow each other are one piece; scattered ones are counted."""
    long = t.message(t.body(*t.USUAL, t.extension(51, bytes(3 * MAX_FRAGMENTS))))
    in_order = [q.crypto(i, long[i : i + 1]) for i in range(len(long))]
    assert read([q.initial(b"".join(in_order))])[0] == [parsed(long)]
    reader = InitialReader()
    reader.feed(q.initial(b"".join(in_order[: 2 * MAX_FRAGMENTS : 2])))
    assert reader.weirds == {}
    reader.feed(q.initial(in_order[2 * MAX_FRAGMENTS + 2], number=1))
    assert reader.weirds == {"quic_crypto_over_limit": 1}


def test_initials_after_the_hello_are_opened_up_to_a_limit() -> None:
    """Then the connection is closed: its packets are its own by DCID alone, and are not opened."""
    reader = InitialReader()
    reader.feed(FIRST)
    assert reader.feed(SECOND) == [TOLD]
    for number in range(2, 2 + MAX_LATER_INITIALS):
        reader.feed(q.initial(q.ack(), number=number))
    reader.feed(forged(q.initial(q.ack(), number=99)))
    assert reader.weirds == {}
    assert reader.feed(q.initial(q.crypto(0, OTHER), dcid=b"another!")) == [OTHER_TOLD]


def test_packets_in_a_datagram_are_read_up_to_a_limit() -> None:
    reader = InitialReader()
    assert reader.feed(zero_rtt() * MAX_COALESCED + FIRST + SECOND) == []
    assert reader.feed(zero_rtt() * (MAX_COALESCED - 2) + FIRST + SECOND) == [TOLD]


# --- broken off ---------------------------------------------------------------------------------------


def test_the_beginning_of_a_hello_is_told_at_the_end() -> None:
    """The second Initial was lost; the server name had arrived."""
    hellos, weirds, partial = read([FIRST])
    assert (hellos, weirds) == ([], {})
    assert partial == [parse_client_hello(HELLO[:1_000], partial=True)]
    assert partial[0].server_name == "example.com" and partial[0].partial


def test_a_name_without_the_beginning_is_told_at_the_end() -> None:
    """The first Initial's frames with the start of the hello were lost: the name alone is known."""
    at = HELLO.index(b"Example.COM")
    packet = q.initial(q.crypto(20, HELLO[20:40]) + q.crypto(at - 9, HELLO[at - 9 : at + 400]))
    assert read([packet]) == (
        [],
        {},
        [ClientHello(legacy_version=0x0303, server_name="example.com", partial=True)],
    )
    with_more = q.initial(q.crypto(1_500, HELLO[1_500:1_600]), number=1)
    assert names(read([packet, with_more])[2]) == ["example.com"]
    with_start = q.initial(q.crypto(0, HELLO[:47]), number=1)
    suites = (0x1301, 0x1302)
    assert read([packet, with_start])[2] == [
        ClientHello(legacy_version=0x0303, cipher_suites=suites, server_name="example.com", partial=True)
    ]


def test_nothing_is_told_of_nothing() -> None:
    assert read([q.initial(q.crypto(0, HELLO[:30]))]) == ([], {}, [])
    assert read([q.initial(b"\x01")]) == ([], {}, [])
    assert read([q.initial(q.crypto(0, b"\x01\x00\x02\x00\x09\x09" + bytes(60)))]) == (
        [],
        {"tls_client_hello_version": 1},
        [],
    )


def test_the_best_partial_hello_has_a_name() -> None:
    nameless = t.message(t.body(t.extension(51, bytes(900)), random=b"N" * 32))
    reader = InitialReader()
    reader.feed(q.initial(q.crypto(0, nameless[:200]), dcid=b"another!"))
    reader.feed(FIRST)
    told = reader.finish()
    assert told is not None and told.server_name == "example.com"
    reader = InitialReader()
    reader.feed(q.initial(q.crypto(0, nameless[:200]), dcid=b"another!"))
    told = reader.finish()
    assert told is not None and told.server_name is None and told.partial
    assert InitialReader().finish() is None


@pytest.mark.parametrize("version", [q.V1, q.V2])
def test_a_capture_that_cuts_datagrams(version: int) -> None:
    """A snap length leaves no tag to check: only a partial hello comes of it, where the caller says so."""
    packet = q.initial(q.crypto(0, HELLO), version=version)[:512]
    reader = InitialReader()
    assert reader.feed(packet, truncated=True) == []
    told = reader.finish()
    assert told is not None and told.partial and told.server_name == "example.com"
    assert reader.weirds == {}
    assert InitialReader().feed(packet) == []
    reader = InitialReader()
    assert reader.feed(q.initial(q.crypto(0, OTHER)), truncated=True) == [OTHER_TOLD]


def test_cut_datagrams_that_tell_nothing() -> None:
    reader = InitialReader()
    for packet in (
        FIRST[:40],  # no sample
        forged(FIRST, 30)[:400],  # other keys: noise
    ):
        assert reader.feed(packet, truncated=True) == []
    assert reader.weirds == {"quic_packet_cut": 1}
    assert reader.finish() is None


def test_what_authenticates_goes_before_what_was_cut() -> None:
    reader = InitialReader()
    assert reader.feed(FIRST[:600], truncated=True) == []
    assert reader.feed(FIRST) == []
    assert reader.feed(SECOND[:600], truncated=True) == []
    assert reader.feed(SECOND) == [TOLD]
    assert reader.finish_all() == []


def test_cut_connections_are_few() -> None:
    reader = InitialReader()
    for i in range(MAX_HELD + 1):
        reader.feed(q.initial(q.crypto(0, HELLO), dcid=b"dcid-%03d" % i)[:400], truncated=True)
        reader.feed(q.initial(q.crypto(400, HELLO[400:]), number=1, dcid=b"dcid-000")[:400], truncated=True)
    assert reader.weirds == {"quic_packet_cut": 1}
    assert len(reader.finish_all()) == 1


# --- recognising --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (0, "negotiation"),
        (1, "v1"),
        (0x6B3343CF, "v2"),
        (0xFF000017, "draft-23"),
        (0xFF00001D, "draft-29"),
        (0xFF000022, "draft-34"),
        (0xFF000016, "draft"),
        (0xFF000100, "unknown"),
        (int.from_bytes(b"Q046", "big"), "gquic"),
        (int.from_bytes(b"T051", "big"), "gquic"),
        (int.from_bytes(b"QXYZ", "big"), "unknown"),
        (0xFACEB00E, "mvfst"),
        (0x0A0A0A0A, "reserved"),
        (0xDACAFA9A, "reserved"),
        (2, "unknown"),
    ],
)
def test_version_names(version: int, name: str) -> None:
    assert version_name(version) == name


def test_long_headers() -> None:
    rtp = b"\x80\x60" + bytes(range(40))
    for datagram, version, long in [
        (FIRST, 1, True),
        (q.CLIENT_INITIAL_V2, 0x6B3343CF, True),
        (q.long_header(0, "initial", q.DCID, b"s") + b"\0\0\0\x01", 0, True),
        (FIRST[:21], 1, True),
        (FIRST[:20], 1, False),
        (FIRST[:6], None, False),
        (b"\x40" + FIRST[1:], None, False),
        (b"", None, False),
        (rtp, 0x60000102, False),
    ]:
        assert version_of(datagram) == version
        assert is_quic_long_header(datagram) is long


# --- real clients -------------------------------------------------------------------------------------


def aioquic_flight(name: str, version: QuicProtocolVersion, ids: int) -> tuple[QuicConnection, list[bytes]]:
    configuration = QuicConfiguration(
        is_client=True,
        server_name=name,
        alpn_protocols=["h3"],
        original_version=version,
        supported_versions=[version],
        connection_id_length=ids,
        verify_mode=ssl.CERT_NONE,
    )
    client = QuicConnection(configuration=configuration)
    client.connect(("192.0.2.1", 443), now=0.0)
    return client, [data for data, _ in client.datagrams_to_send(now=0.0)]


@pytest.mark.parametrize("version", [QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2])
@pytest.mark.parametrize("ids", [0, 8, 20])
def test_aioquic(version: QuicProtocolVersion, ids: int) -> None:
    """A client's first flight, and the same sent again after a timeout; connection ids of three lengths."""
    client, datagrams = aioquic_flight("Chat.Example.com", version, ids)
    timer = client.get_timer()
    assert timer is not None
    client.handle_timer(now=timer)
    datagrams += [data for data, _ in client.datagrams_to_send(now=timer)]
    assert all(is_quic_long_header(datagram) for datagram in datagrams)
    (hello,), weirds, partial = read(datagrams)
    assert (hello.server_name, hello.alpn, weirds, partial) == ("chat.example.com", (b"h3",), {}, [])
    assert 57 in hello.extensions
    assert ja4(hello, "quic").startswith("q13d")


@pytest.fixture(scope="module")
def server_configuration() -> QuicConfiguration:
    """A server with a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chat.example.com")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=36_500))
    certificate = builder.serial_number(1).sign(key, SHA256())
    return QuicConfiguration(is_client=False, alpn_protocols=["h3"], certificate=certificate, private_key=key)


def exchange(client: QuicConnection, server: QuicConnection, sent: list[bytes]) -> None:
    """Carry datagrams both ways until neither has more; what the client sends is noted."""
    for _ in range(10):
        for data, _ in client.datagrams_to_send(now=1.0):
            sent.append(data)
            server.receive_datagram(data, ("192.0.2.9", 50_000), now=1.0)
        for data, _ in server.datagrams_to_send(now=1.0):
            client.receive_datagram(data, ("192.0.2.1", 443), now=1.0)


@pytest.mark.parametrize("version", [QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2])
@pytest.mark.parametrize("retry", [False, True])
def test_aioquic_whole_handshake(
    server_configuration: QuicConfiguration, version: QuicProtocolVersion, retry: bool
) -> None:
    """
    All that a client sends until the handshake is done, with a Retry in it or not: nothing odd.

    After a Retry aioquic makes a new hello (against RFC 9000, section 17.2.5.3: "A client MUST use the same
    cryptographic handshake message"), and both are told.
    """
    client, sent = aioquic_flight("chat.example.com", version, 8)
    first = pull_quic_header(Buffer(data=sent[0]), host_cid_length=8)
    retried: dict[str, bytes] = {}
    if retry:
        answer = encode_quic_retry(
            version=version,
            source_cid=b"retrycid",
            destination_cid=first.source_cid,
            original_destination_cid=first.destination_cid,
            retry_token=b"token",
        )
        client.receive_datagram(answer, ("192.0.2.1", 443), now=0.5)
        retried = {"retry_source_connection_id": b"retrycid"}
    server = QuicConnection(
        configuration=server_configuration,
        original_destination_connection_id=first.destination_cid,
        **retried,  # type: ignore[arg-type] # one keyword or none
    )
    if not retry:
        server.receive_datagram(sent[0], ("192.0.2.9", 50_000), now=0.5)
    exchange(client, server, sent)
    assert any(isinstance(event, HandshakeCompleted) for event in iter(client.next_event, None))
    if retry:
        assert b"token" in sent[1]
    hellos, weirds, partial = read(sent)
    assert (names(hellos), weirds, partial) == (["chat.example.com"] * (1 + retry), {}, [])


# --- properties ---------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=80), max_size=4), st.booleans())
def test_any_datagrams_are_counted_or_told(datagrams: list[bytes], truncated: bool) -> None:
    reader = InitialReader()
    for data in datagrams:
        for start in (b"", FIRST[:5], FIRST[:22], FIRST[:60]):
            version_of(start + data)
            is_quic_long_header(start + data)
            assert reader.feed(start + data, truncated=truncated) == []
    reader.finish_all()
    assert all(name in quic.WEIRDS or name.startswith("tls_") for name in reader.weirds)


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_any_payloads_are_counted_or_told(payloads: list[bytes]) -> None:
    """Even authenticated ones: anybody can make them."""
    reader = InitialReader()
    for number, payload in enumerate(payloads):
        reader.feed(q.initial(payload, number=number))
        reader.feed(q.initial(q.crypto(0, b"\x01\x00") + payload, number=number, dcid=b"another!"))
    reader.finish_all()
    assert all(name in quic.WEIRDS or name.startswith("tls_") for name in reader.weirds)


@pytest.mark.slow
@given(st.integers(2, 40), st.integers(1, 4), st.integers(0, 1 << 30), st.data())
def test_any_shuffle_of_frames_and_packets_gives_the_hello(
    count: int, packets: int, seed: int, data: st.DataObject
) -> None:
    frames = q.shuffled(HELLO, count, seed)
    bounds = sorted(data.draw(st.lists(st.integers(0, count), min_size=packets - 1, max_size=packets - 1)))
    groups = [frames[a:b] for a, b in itertools.pairwise([0, *bounds, count])]
    initials = [q.initial(b"".join(group) or b"\x01", number=i) for i, group in enumerate(groups)]
    order = data.draw(st.permutations(initials))
    reader = InitialReader()
    assert [hello for packet in order for hello in reader.feed(packet)] == [TOLD]
    assert reader.weirds == {}


@given(st.lists(st.tuples(st.integers(0, 90), st.binary(min_size=1, max_size=40)), max_size=12))
def test_the_crypto_stream_equals_a_plain_one(writes: list[tuple[int, bytes]]) -> None:
    """The stream of pieces against one cell for each byte."""
    stream = quic._CryptoStream()
    cells: dict[int, int] = {}
    for offset, data in writes:
        agrees = all([cells.setdefault(offset + i, byte) == byte for i, byte in enumerate(data)])
        assert stream.add(offset, data) is agrees
    for start in (0, 5, 60):
        end = start
        while end in cells:
            end += 1
        assert stream.read(start) == bytes(cells[i] for i in range(start, end))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=40)), max_size=8),
    st.integers(0, 70),
)
def test_what_was_read_is_forgotten(writes: list[tuple[int, bytes]], end: int) -> None:
    """Forgetting changes nothing of what comes after, and keeps nothing of what was before."""
    stream, plain = quic._CryptoStream(), quic._CryptoStream()
    for offset, data in writes[::2]:
        stream.add(offset, data)
        plain.add(offset, data)
    stream.forget(end)
    assert stream.read(end) == plain.read(end)
    for offset, data in writes[1::2]:
        stream.add(offset, data)
        plain.add(offset, data)
    assert stream.read(end) == plain.read(end)
    assert all(offset >= end for offset, _ in stream._pieces)


def test_a_partial_hello_is_not_told_beside_the_whole() -> None:
    """After a Retry the first connection stays half; its hello was told whole under the second."""
    assert names(read([FIRST, *RETRIED])[2]) == []
    assert replace(TOLD, partial=False) == TOLD
