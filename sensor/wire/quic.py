"""
QUIC Initial packets: UDP datagrams of a client to ClientHellos.

An Initial is encrypted, but with keys that come from a connection id in clear (RFC 9001, section 5.2), so
whoever sees the first packet can read it, and its authentication tag tells a true packet from a forged one.

Rule 1: only what authenticates is told. A packet with a wrong tag changes nothing but a count. (The one
exception is a packet that the *capture* cut short, when the caller says so: ``feed(…, truncated=True)``. It
has no tag to check; what it holds is kept apart and can only become a partial hello.)
Rule 2: the first copy of a byte wins. A later copy that differs is counted, never used.
Rule 3: nothing is raised. Odd traffic is counted in ``weirds``, under names from ``WEIRDS``.

How keys and connections are found. A client's first Initials carry a destination connection id (DCID) of its
own choice, and it is the key. Once the server has answered, the client uses the server's DCID, but the keys
stay those of the first one; its source connection id (SCID) stays too. After a Retry the keys are those of
the DCID that the Retry gave, and the hello is sent again from its beginning. So a packet is tried with the
keys of the connection that has its DCID; else with those of connections with the same SCID; else with keys
from its own DCID, which makes a new connection; else it is held for a while, since packets overtake each
other. A hello that was told is not told again.

Bounds, for one reader (one UDP 5-tuple): ``MAX_INITIALS`` packets are looked at, each opened at most
``MAX_TRIES + 1`` times; ``MAX_CONNECTIONS`` connections, each with ``MAX_CRYPTO_BYTES`` in at most
``MAX_FRAGMENTS`` pieces and ``MAX_LATER_INITIALS`` packets after its first hello; ``MAX_HELD`` packets of
together ``MAX_HELD_BYTES`` are held; ``MAX_COALESCED`` packets are read in a datagram.

Sources: RFC 8999, RFC 9000 (sections 12, 17.2, 19), RFC 9001 (section 5), RFC 9369 (section 3), and
draft-ietf-quic-tls-23 to -34, which differ in the salt.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from bisect import bisect_right
from dataclasses import replace
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB

from sensor.errors import Malformed
from sensor.wire.tls import ClientHello, find_server_name, parse_client_hello

__all__ = [
    "MAX_COALESCED",
    "MAX_CONNECTIONS",
    "MAX_CRYPTO_BYTES",
    "MAX_FRAGMENTS",
    "MAX_HELD",
    "MAX_HELD_BYTES",
    "MAX_INITIALS",
    "MAX_LATER_INITIALS",
    "MAX_TRIES",
    "WEIRDS",
    "InitialReader",
    "is_quic_long_header",
    "version_name",
    "version_of",
]

MAX_INITIALS = 256
"""Initial packets looked at in one reader."""
MAX_CONNECTIONS = 16
"""Connections kept in one reader; the oldest gives way."""
MAX_CRYPTO_BYTES = 65_536
"""Highest offset in a connection's CRYPTO stream."""
MAX_FRAGMENTS = 1_024
"""Pieces of a CRYPTO stream kept in a connection."""
MAX_LATER_INITIALS = 8
"""Initials opened in a connection after its first hello, in search of a second one."""
MAX_TRIES = 2
"""Connections with the same SCID whose keys are tried."""
MAX_HELD = 4
"""Packets held until their connection is known."""
MAX_HELD_BYTES = 8_192
"""Size of the held packets together."""
MAX_COALESCED = 16
"""Packets read in one datagram."""

WEIRDS = (
    "quic_connections_over_limit",
    "quic_crypto_conflict",
    "quic_crypto_over_limit",
    "quic_frame_malformed",
    "quic_frame_not_allowed",
    "quic_header_malformed",
    "quic_initial_not_opened",
    "quic_initials_over_limit",
    "quic_not_client_hello",
    "quic_packet_cut",
    "quic_retry",
    "quic_version_draft",
    "quic_version_gquic",
    "quic_version_mvfst",
    "quic_version_negotiation",
    "quic_version_reserved",
    "quic_version_unknown",
    # and, from a hello that could not be read: "tls_…" names of ``tls.parse_client_hello``
)
"""Names of what is counted."""


class _Suite(NamedTuple):
    """What a version does in its own way."""

    salt: bytes
    prefix: bytes
    """Of the labels: ``quic`` or ``quicv2``."""
    initial: int
    """Long packet type of an Initial."""
    retry: int


_V1_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")  # RFC 9001, section 5.2
_V1 = _Suite(_V1_SALT, b"quic", 0, 3)
_V2 = _Suite(
    bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), b"quicv2", 1, 0
)  # RFC 9369, 3.2, 3.3.1
_DRAFT_29 = _V1._replace(salt=bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899"))
_DRAFT_23 = _V1._replace(salt=bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502"))

_SUITES: dict[int, _Suite] = {0x00000001: _V1, 0x6B3343CF: _V2}
_SUITES |= {0xFF000000 + draft: _DRAFT_23 for draft in range(23, 29)}
_SUITES |= {0xFF000000 + draft: _DRAFT_29 for draft in range(29, 33)}
_SUITES |= {0xFF000000 + draft: _V1 for draft in (33, 34)}

_PADDING = re.compile(rb"\x00*")


def version_of(datagram: bytes) -> int | None:
    """
    The version in a long header packet (0: version negotiation), or ``None`` where it is none.

    Source: RFC 8999, section 5.1.
    """
    if len(datagram) < 7 or not datagram[0] & 0x80:
        return None
    return int.from_bytes(datagram[1:5], "big")


def version_name(version: int) -> str:
    """
    ``v1``, ``v2``, ``draft-29`` and its like, ``draft``, ``gquic``, ``mvfst``, ``reserved``, ``negotiation``
    or ``unknown``.

    Only ``v1``, ``v2`` and the drafts with a number are decrypted.
    """
    if version == 0:
        return "negotiation"
    if version in _SUITES:
        return {1: "v1", 0x6B3343CF: "v2"}.get(version, f"draft-{version & 0xFF}")
    if version >> 8 == 0xFF0000:
        return "draft"
    if version >> 24 in b"QT" and version.to_bytes(4, "big")[1:].isdigit():
        return "gquic"
    if version >> 4 == 0xFACEB00:
        return "mvfst"
    # RFC 9000, section 15: "Versions that follow the pattern 0x?a?a?a?a are reserved"
    return "reserved" if version & 0x0F0F0F0F == 0x0A0A0A0A else "unknown"


def is_quic_long_header(datagram: bytes) -> bool:
    """
    Whether a datagram begins with a QUIC long header: a version with a name, connection ids that fit.

    Other protocols set the first bit too (RTP); their next four bytes are no version.
    """
    version = version_of(datagram)
    if version is None or version_name(version) == "unknown":
        return False
    return _connection_ids(datagram, 0) is not None


_UNKNOWN = ClientHello(legacy_version=0x0303, partial=True)
"""A hello of which nothing has come; every QUIC client says 0x0303 (RFC 9001, section 4.2)."""


class InitialReader:
    """
    The QUIC Initials of one UDP 5-tuple to ClientHellos. Feed it what the client sends; several connections
    over the same ports, one after the other or at once, are kept apart.

    What a server sends does no harm (it does not open, and is counted), nor does anything else.
    """

    def __init__(self) -> None:
        self.weirds: dict[str, int] = {}
        """Name to count. The caller may empty it."""
        self._looked_at = 0
        self._connections: dict[tuple[int, bytes], _Connection] = {}
        """By version and the DCID that is the key, oldest first."""
        self._cut: dict[tuple[int, bytes], _Connection] = {}
        """The same for packets without a tag."""
        self._held: list[_Packet] = []
        self._told: set[bytes] = set()
        """Randoms of the hellos told."""

    @property
    def exhausted(self) -> bool:
        """Whether ``MAX_INITIALS`` were seen: datagrams are no longer looked at."""
        return self._looked_at >= MAX_INITIALS

    def feed(self, datagram: bytes, *, truncated: bool = False) -> list[ClientHello]:
        """
        The hellos that this datagram completes, most often none or one.

        ``truncated`` says that the capture holds only the beginning of the datagram.
        """
        hellos: list[ClientHello] = []
        at = 0
        try:
            for _ in range(MAX_COALESCED):
                if at >= len(datagram) or not datagram[at] & 0x80:
                    break
                at = self._read_packet(datagram, at, truncated, hellos)
        except Malformed as odd:
            self._count(odd.name)
        return hellos

    def finish(self) -> ClientHello | None:
        """The best of ``finish_all``: one with a server name, if there is one."""
        hellos = self.finish_all()
        named = [hello for hello in hellos if hello.server_name is not None]
        return next(iter(named + hellos), None)

    def finish_all(self) -> list[ClientHello]:
        """
        The flow is over: what had arrived of hellos that never completed.

        Where the beginning of a hello is missing, the server name alone is looked for in the rest.
        """
        for _ in self._held:
            self._count("quic_initial_not_opened")
        self._held.clear()
        hellos = self._partials(self._connections)
        if not hellos and not self._told:
            hellos = self._partials(self._cut)
        self._connections.clear()
        self._cut.clear()
        return list(dict.fromkeys(hellos))

    def _partials(self, connections: dict[tuple[int, bytes], _Connection]) -> list[ClientHello]:
        hellos: list[ClientHello] = []
        for connection in connections.values():
            if connection.told or connection.broken:
                continue
            start = connection.stream.read(0)
            if start[6:38] in self._told:
                continue  # sent again after a Retry, and told then
            hello: ClientHello | None = None
            try:
                hello = parse_client_hello(start, partial=True)
            except Malformed as odd:
                self._count(odd.name)
            if hello is None or hello.server_name is None:
                name = connection.stream.find_server_name()
                if name is not None:
                    hello = replace(hello or _UNKNOWN, server_name=name)
            if hello is not None:
                hellos.append(hello)
        return hellos

    def _count(self, name: str) -> None:
        self.weirds[name] = self.weirds.get(name, 0) + 1

    def _read_packet(self, datagram: bytes, at: int, truncated: bool, hellos: list[ClientHello]) -> int:
        """Read the packet at ``at``, and say where the next begins: at the end where none can follow."""
        everything = len(datagram)
        ids = _connection_ids(datagram, at)
        if ids is None:
            raise Malformed("quic_header_malformed")
        version, dcid, scid, position = ids
        suite = _SUITES.get(version)
        if suite is None:
            self._count(f"quic_version_{version_name(version)}")
            return everything
        kind = datagram[at] >> 4 & 3
        if kind == suite.retry:
            self._count("quic_retry")
            return everything
        if kind == suite.initial:
            token_length, position = _varint(datagram, position, "quic_header_malformed")
            position += token_length
        length, position = _varint(datagram, position, "quic_header_malformed")
        end = position + length
        if end > everything and not truncated:
            raise Malformed("quic_packet_cut")
        if kind == suite.initial:
            if self.exhausted:
                raise Malformed("quic_initials_over_limit")
            self._looked_at += 1
            packet = _Packet(version, dcid, scid, datagram[at:end], position - at)
            if end <= everything:
                self._read_initial(packet, hellos)
            else:
                self._read_cut_initial(packet)
        return end

    def _read_initial(self, packet: _Packet, hellos: list[ClientHello]) -> None:
        key = (packet.version, packet.dcid)
        connection = self._connections.get(key)
        if connection is not None:
            if not self._open(connection, packet, hellos):
                self._count("quic_initial_not_opened")
            return
        kin = [c for c in self._connections.values() if (c.version, c.scid) == (packet.version, packet.scid)]
        for connection in kin[: -MAX_TRIES - 1 : -1]:
            if self._open(connection, packet, hellos):
                return
        # RFC 9000, section 7.2: a client's first DCID "MUST be at least 8 bytes in length". Not asked here:
        # there are clients that send shorter ones, and servers that answer them.
        connection = _Connection(packet)
        if self._open(connection, packet, hellos):
            if len(self._connections) == MAX_CONNECTIONS:
                self._count("quic_connections_over_limit")
                del self._connections[next(iter(self._connections))]
            self._connections[key] = connection
            self._try_held(connection, hellos)
            return
        held = sum(len(other.data) for other in self._held)
        if len(self._held) < MAX_HELD and held + len(packet.data) <= MAX_HELD_BYTES:
            self._held.append(packet)
        else:
            self._count("quic_initial_not_opened")

    def _try_held(self, connection: _Connection, hellos: list[ClientHello]) -> None:
        """Packets that came before the first one of their connection."""
        for packet in self._held[:]:
            if (packet.version, packet.scid) == (connection.version, connection.scid):
                if self._open(connection, packet, hellos):
                    self._held.remove(packet)

    def _open(self, connection: _Connection, packet: _Packet, hellos: list[ClientHello]) -> bool:
        """
        Whether the packet is one of the connection; what it completes goes to ``hellos``.

        A packet of a connection that is read to its end is taken as its own by DCID alone, unopened.
        """
        if connection.closed:
            return packet.dcid == connection.dcid
        payload = connection.keys.open(packet, connection.largest)
        if payload is None:
            return False
        connection.largest = max(connection.largest, payload[0])
        self._read_frames(payload[1], connection.stream)
        if connection.told:
            connection.later += 1
        self._read_hellos(connection, hellos)
        return True

    def _read_cut_initial(self, packet: _Packet) -> None:
        """An Initial whose end the capture left out."""
        key = (packet.version, packet.dcid)
        if key in self._connections:
            return
        connection = self._cut.get(key) or _Connection(packet)
        payload = connection.keys.open_cut(packet)
        if payload is None or (key not in self._cut and len(self._cut) == MAX_HELD):
            raise Malformed("quic_packet_cut")
        self._cut[key] = connection
        self._read_frames(payload, connection.stream, cut=True)

    def _read_frames(self, payload: bytes, stream: _CryptoStream, *, cut: bool = False) -> None:
        """
        Put the CRYPTO frames of a packet into the stream. Frames before an odd one count.

        RFC 9000, section 12.4: an Initial holds PADDING, PING, ACK, CRYPTO and CONNECTION_CLOSE (0x1c) only.
        """
        odd = "quic_frame_malformed"
        at = 0
        try:
            while at < len(payload):
                kind = payload[at]
                at += 1
                if kind == 0x06:
                    offset, at = _varint(payload, at, odd)
                    length, at = _varint(payload, at, odd)
                    if at + length > len(payload) and not cut:
                        raise Malformed(odd)
                    if not stream.add(offset, payload[at : at + length]):
                        self._count("quic_crypto_conflict")
                    at += length
                elif kind == 0x00:
                    found = _PADDING.match(payload, at)
                    at = found.end() if found else at
                elif kind in (0x02, 0x03):
                    at = _skip_ack(payload, at, ecn=kind == 0x03)
                elif kind == 0x1C:
                    for _ in range(2):  # error code, frame type
                        _, at = _varint(payload, at, odd)
                    length, at = _varint(payload, at, odd)
                    at += length
                elif kind != 0x01:
                    raise Malformed("quic_frame_not_allowed")
        except Malformed as odd_frame:
            if not cut:
                self._count(odd_frame.name)

    def _read_hellos(self, connection: _Connection, hellos: list[ClientHello]) -> None:
        """The hellos that the connection's CRYPTO stream now holds whole."""
        while not connection.closed:
            message = connection.stream.read(connection.read_to)
            if len(message) < 4:
                return
            length = 4 + int.from_bytes(message[1:4], "big")
            try:
                if message[0] != 1:
                    raise Malformed("quic_not_client_hello")
                if len(message) < length:
                    return
                hello = parse_client_hello(message[:length])
            except Malformed as odd:
                self._count(odd.name)
                connection.broken = True
                return
            connection.read_to += length
            connection.stream.forget(connection.read_to)
            connection.told += 1
            digest = hashlib.sha256(message[:length]).digest()
            if hello is not None and digest not in self._told:
                hellos.append(hello)
            self._told |= {digest, message[6:38]}


class _Packet(NamedTuple):
    """One Initial, still protected."""

    version: int
    dcid: bytes
    scid: bytes
    data: bytes
    """From its first byte to its last (or as far as it was captured)."""
    number_at: int
    """Where in it the packet number begins."""


class _Connection:
    """What is known of one connection."""

    __slots__ = (
        "broken",
        "dcid",
        "keys",
        "largest",
        "later",
        "read_to",
        "scid",
        "stream",
        "told",
        "version",
    )

    def __init__(self, packet: _Packet) -> None:
        self.version = packet.version
        self.dcid = packet.dcid
        self.scid = packet.scid
        self.keys = _Keys(_SUITES[packet.version], packet.dcid)
        self.largest = -1
        """Highest packet number so far."""
        self.stream = _CryptoStream()
        self.read_to = 0
        """Where in the stream the next message begins."""
        self.told = 0
        self.later = 0
        self.broken = False

    @property
    def closed(self) -> bool:
        """Whether nothing more is wanted from it."""
        return self.broken or self.told == 2 or self.later >= MAX_LATER_INITIALS


class _Keys:
    """The keys of a client's Initials (RFC 9001, section 5.2)."""

    __slots__ = ("_aead", "_iv", "_key", "_mask")

    def __init__(self, suite: _Suite, dcid: bytes) -> None:
        secret = hmac.digest(suite.salt, dcid, "sha256")
        secret = _expand(secret, b"client in", 32)
        self._key = _expand(secret, suite.prefix + b" key", 16)
        self._iv = int.from_bytes(_expand(secret, suite.prefix + b" iv", 12), "big")
        self._aead = AESGCM(self._key)
        self._mask = Cipher(AES(_expand(secret, suite.prefix + b" hp", 16)), ECB()).encryptor()

    def open(self, packet: _Packet, largest: int) -> tuple[int, bytes] | None:
        """Packet number and payload, or ``None`` where the packet does not authenticate."""
        found = self._unmask(packet, largest)
        if found is None:
            return None
        number, header = found
        try:
            payload = self._aead.decrypt(self._nonce(number), packet.data[len(header) :], header)
        except InvalidTag:
            return None
        return number, payload

    def open_cut(self, packet: _Packet) -> bytes | None:
        """
        The beginning of a payload whose end and tag are not there, not authenticated.

        AES-GCM is counter mode; its counter begins at 2 for the text (NIST SP 800-38D, section 7.2).
        """
        found = self._unmask(packet, -1)
        if found is None:
            return None
        number, header = found
        counter = self._nonce(number) + b"\x00\x00\x00\x02"
        return Cipher(AES(self._key), CTR(counter)).decryptor().update(packet.data[len(header) :])

    def _nonce(self, number: int) -> bytes:
        return (self._iv ^ number).to_bytes(12, "big")

    def _unmask(self, packet: _Packet, largest: int) -> tuple[int, bytes] | None:
        """
        Take header protection off: packet number and header in clear.

        "in sampling packet ciphertext for header protection, the Packet Number field is assumed to be 4
        bytes long". Source: RFC 9001, sections 5.4.1 and 5.4.2; RFC 9000, section A.3.
        """
        data, at = packet.data, packet.number_at
        sample = data[at + 4 : at + 20]
        if len(sample) < 16:
            return None
        mask = self._mask.update(sample)
        first = data[0] ^ (mask[0] & 0x0F)
        length = (first & 3) + 1
        number = int.from_bytes(data[at : at + length], "big") ^ int.from_bytes(mask[1 : 1 + length], "big")
        header = bytes((first,)) + data[1:at] + number.to_bytes(length, "big")
        return _full_number(number, 8 * length, largest + 1), header


def _full_number(truncated: int, bits: int, expected: int) -> int:
    """
    The packet number of which the lowest ``bits`` were sent: the one closest to the expected.

    Source: RFC 9000, section A.3.
    """
    window = 1 << bits
    candidate = (expected & -window) | truncated
    if candidate + window // 2 <= expected:
        return candidate + window
    if candidate > expected + window // 2 and candidate >= window:
        return candidate - window
    return candidate


def _expand(secret: bytes, label: bytes, length: int) -> bytes:
    """
    HKDF-Expand-Label with SHA-256 and an empty context, for at most 32 bytes.

    Source: RFC 8446, section 7.1; RFC 5869, section 2.3.
    """
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes((len(label),)) + label + b"\x00\x01"
    return hmac.digest(secret, info, "sha256")[:length]


class _CryptoStream:
    """The bytes of CRYPTO frames, in any order. The first copy of a byte wins."""

    __slots__ = ("_floor", "_pieces")

    def __init__(self) -> None:
        self._pieces: list[tuple[int, bytearray]] = []
        """Offset and bytes; in order, not overlapping."""
        self._floor = 0
        """Nothing is kept of what is before it."""

    def add(self, offset: int, data: bytes) -> bool:
        """
        Put in what is new. False where a byte differs from its earlier copy.

        Raises ``Malformed`` past ``MAX_CRYPTO_BYTES`` or ``MAX_FRAGMENTS``.
        """
        end = offset + len(data)
        if end > MAX_CRYPTO_BYTES:
            raise Malformed("quic_crypto_over_limit")
        if offset < self._floor:
            data, offset = data[self._floor - offset :], self._floor
        pieces = self._pieces
        i = bisect_right(pieces, offset, key=_offset)
        if i and offset < pieces[i - 1][0] + len(pieces[i - 1][1]):
            i -= 1
        agrees = True
        at = offset
        while at < end:
            if i < len(pieces) and pieces[i][0] <= at:
                start, old = pieces[i]
                upto = min(end, start + len(old))
                if old[at - start : upto - start] != data[at - offset : upto - offset]:
                    agrees = False
                i += 1
            else:
                upto = min(end, pieces[i][0]) if i < len(pieces) else end
                new = data[at - offset : upto - offset]
                if i and pieces[i - 1][0] + len(pieces[i - 1][1]) == at:
                    pieces[i - 1][1].extend(new)
                elif len(pieces) < MAX_FRAGMENTS:
                    pieces.insert(i, (at, bytearray(new)))
                    i += 1
                else:
                    raise Malformed("quic_crypto_over_limit")
            at = upto
        return agrees

    def read(self, start: int) -> bytes:
        """What has come without a gap from ``start`` on."""
        parts: list[bytearray] = []
        at = start
        for offset, piece in self._pieces:
            if offset > at:
                break
            parts.append(piece[at - offset :])
            at = max(at, offset + len(piece))
        return b"".join(parts)

    def forget(self, end: int) -> None:
        """Let go of what has been read, up to ``end``."""
        self._floor = end
        rest = [(max(at, end), piece[max(0, end - at) :]) for at, piece in self._pieces]
        self._pieces = [(at, piece) for at, piece in rest if piece]

    def find_server_name(self) -> str | None:
        """A server name in any unbroken run of bytes."""
        run = bytearray()
        end = 0
        for offset, piece in self._pieces:
            if offset != end:
                name = find_server_name(bytes(run))
                if name is not None:
                    return name
                run.clear()
            run += piece
            end = offset + len(piece)
        return find_server_name(bytes(run))


def _offset(piece: tuple[int, bytearray]) -> int:
    return piece[0]


def _connection_ids(data: bytes, at: int) -> tuple[int, bytes, bytes, int] | None:
    """
    Version, DCID, SCID of a long header, and where it goes on; ``None`` where they do not fit.

    RFC 9000, section 17.2: "In QUIC version 1, this value MUST NOT exceed 20 bytes."
    """
    if len(data) < at + 7:
        return None
    dcid_at = at + 6
    scid_at = dcid_at + data[at + 5] + 1
    if data[at + 5] > 20 or len(data) < scid_at or data[scid_at - 1] > 20:
        return None
    end = scid_at + data[scid_at - 1]
    if len(data) < end:
        return None
    return int.from_bytes(data[at + 1 : at + 5], "big"), data[dcid_at : scid_at - 1], data[scid_at:end], end


def _varint(data: bytes, at: int, odd: str) -> tuple[int, int]:
    """
    A variable-length integer, and where it ends. Raises ``Malformed(odd)`` where it is cut.

    Source: RFC 9000, section 16.
    """
    if at >= len(data):
        raise Malformed(odd)
    length = 1 << (data[at] >> 6)
    end = at + length
    if end > len(data):
        raise Malformed(odd)
    return int.from_bytes(data[at:end], "big") & ((1 << (8 * length - 2)) - 1), end


def _skip_ack(payload: bytes, at: int, *, ecn: bool) -> int:
    """
    Where an ACK frame ends. The ranges are as many as there are bytes for, whatever their count says.

    Source: RFC 9000, section 19.3.
    """
    odd = "quic_frame_malformed"
    for _ in range(2):  # largest acknowledged, delay
        _, at = _varint(payload, at, odd)
    ranges, at = _varint(payload, at, odd)
    for _ in range(1 + 2 * ranges + (3 if ecn else 0)):  # first range; gap and length; ECN counts
        _, at = _varint(payload, at, odd)
    return at
