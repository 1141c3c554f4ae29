"""
TLS ClientHellos: handshake bytes to one value, and TLS records to handshake bytes.

Rule 1: what stands in a hello is told as it stands. Order and GREASE values are kept; ``fingerprint`` and
``observe`` leave GREASE out.
Rule 2: one odd field does not hide the others. The frame of the message (its lengths) must be right, or the
message is ``Malformed``; an extension whose inside is wrong is left out and named in ``weirds``.
Rule 3: a hello that broke off is still told, as ``partial``, and says nothing that had not arrived whole: a
server name cut in the middle is no server name.

The same body comes in TLS records over TCP (``HandshakeReader``), in QUIC CRYPTO frames (``quic``), and from
mitmproxy, which hands over the body alone (``parse_client_hello_body``).

Bounds: a message is kept up to ``MAX_HELLO_BYTES``, longer ones are told as partial when that much has
come; after the first hello at most ``MAX_EARLY_BYTES`` of early data are passed over in the search for a
second one. Work is linear in the bytes fed, however they are cut.

Sources: RFC 8446 (sections 4.1.2, 4.2, 5.1), RFC 6066 section 3, RFC 7301 section 3.1, RFC 8701, RFC 9849
section 5, RFC 5246 appendix E.2 (SSLv2-framed hellos).
"""

from __future__ import annotations

import ipaddress
import re
import struct
from dataclasses import dataclass
from typing import TypedDict

from sensor.errors import Malformed

__all__ = [
    "MAX_EARLY_BYTES",
    "MAX_HELLO_BYTES",
    "WEIRDS",
    "ClientHello",
    "EchExtension",
    "HandshakeReader",
    "find_client_hello",
    "find_server_name",
    "is_grease",
    "looks_like_tls_client",
    "parse_client_hello",
    "parse_client_hello_body",
    "plausible_host",
]

MAX_HELLO_BYTES = 65_536
"""Longest ClientHello body that is read whole. Real ones have 200 to 6,000 bytes."""

MAX_EARLY_BYTES = 65_536
"""Early data passed over between a first hello that offered it and a second hello."""

MAX_RECORD_BYTES = 16_384 + 2_048
"""RFC 5246, section 6.2.3: "The length MUST NOT exceed 2^14 + 2048"; TLS 1.3 allows less."""

WEIRDS = (
    "tls_client_hello_too_long",
    "tls_extension_duplicate",
    "tls_extension_malformed",
    "tls_server_name_odd",
    "tls_trailing_bytes",
)
"""What ``ClientHello.weirds`` can hold."""

_CHANGE_CIPHER_SPEC, _HANDSHAKE, _APPLICATION_DATA = 20, 22, 23
_CLIENT_HELLO = 1

_SERVER_NAME, _GROUPS, _POINT_FORMATS = 0x0000, 0x000A, 0x000B
_SIGNATURE_ALGORITHMS, _ALPN, _EARLY_DATA = 0x000D, 0x0010, 0x002A
_SUPPORTED_VERSIONS, _ECH = 0x002B, 0xFE0D

_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9_-]+\.)*[a-z0-9_-]+")

# type handshake, version 3.x, a record of up to 2^14; type client_hello, length < 2^16, version 3.x
_HELLO_START = re.compile(rb"\x16\x03[\x00-\x04][\x00-\x40].\x01\x00..\x03[\x00-\x04]", re.DOTALL)

# extension type 0; its length; the list's length; type host_name; the name's length (1 to 253); a name begins
_NAME_START = re.compile(
    rb"(?=\x00\x00([\x00\x01].)([\x00\x01].)\x00\x00([\x01-\xfd])[A-Za-z0-9_])", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EchExtension:
    """The encrypted_client_hello extension as it stands in a hello (RFC 9849, section 5)."""

    inner: bool
    """True: type inner (1), which carries nothing else."""
    kdf_id: int | None = None
    aead_id: int | None = None
    config_id: int | None = None
    """Which ECHConfig the client says it used: one byte, random where it is GREASE."""
    enc_length: int = 0
    """Length of the encapsulated key. 0 only in a second hello that continues a real offer."""
    payload_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """A parsed ClientHello. GREASE values are kept everywhere."""

    legacy_version: int
    """As in the message; ``supported_versions`` overrides it."""
    cipher_suites: tuple[int, ...] = ()
    extensions: tuple[int, ...] = ()
    """Types in order."""
    server_name: str | None = None
    """Lower case, no trailing dot; letters, digits, ``-``, ``_`` and ``.`` only, or an IPv6 address."""
    alpn: tuple[bytes, ...] = ()
    supported_versions: tuple[int, ...] = ()
    signature_algorithms: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    ec_point_formats: tuple[int, ...] = ()
    ech: EchExtension | None = None
    weirds: tuple[str, ...] = ()
    """What was odd in it, each name once, from ``WEIRDS``."""
    partial: bool = False
    """True: it broke off, and what had arrived is told. It has no fingerprint then."""


class _Facts(TypedDict, total=False):
    """The fields of a hello as far as they are read."""

    legacy_version: int
    cipher_suites: tuple[int, ...]
    extensions: tuple[int, ...]
    server_name: str
    alpn: tuple[bytes, ...]
    supported_versions: tuple[int, ...]
    signature_algorithms: tuple[int, ...]
    groups: tuple[int, ...]
    ec_point_formats: tuple[int, ...]
    ech: EchExtension


def is_grease(value: int) -> bool:
    """
    Whether a 16-bit value is one of the sixteen GREASE values 0x0A0A, 0x1A1A … 0xFAFA.

    Both bytes must be equal: 0x0A1A is not reserved. Source: RFC 8701, section 2.
    """
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


def parse_client_hello(message: bytes, *, partial: bool = False) -> ClientHello | None:
    """
    A ClientHello from a handshake message: type, 3-byte length, body. Bytes after it are not looked at.

    Returns ``None`` where more bytes are needed. With ``partial`` no more will come: what has arrived is
    told, or ``None`` where that is less than version and random.

    Raises ``Malformed`` where it is another message, or its lengths contradict each other.

    Source: RFC 8446, sections 4 and 4.1.2.
    """
    if message[:1] not in (b"", b"\x01"):
        raise Malformed("tls_not_client_hello")
    if len(message) < 4:
        return None
    length = int.from_bytes(message[1:4], "big")
    if not partial and len(message) < 4 + min(length, MAX_HELLO_BYTES):
        return None
    body = message[4 : 4 + length]
    if len(body) < min(length, 34):
        return None
    return _tell(body, length, cut=len(body) < length)


def parse_client_hello_body(body: bytes, *, partial: bool = False) -> ClientHello | None:
    """
    A ClientHello from its body alone; mitmproxy's ``ClientHello.raw_bytes(wrap_in_record=False)`` gives it.

    With ``partial`` the body broke off, anywhere; ``None`` where not even version and random are there.
    Without it the body is the whole message, and ``Malformed`` is raised where it breaks off.

    Source: RFC 8446, section 4.1.2.
    """
    if partial and len(body) < 34:
        return None
    return _tell(body, len(body), cut=partial)


def _tell(body: bytes, length: int, *, cut: bool) -> ClientHello:
    """The hello in a body that should have ``length`` bytes; ``cut``: its end has not come."""
    facts: _Facts = {}
    weirds: list[str] = []
    whole = _read_body(body[:MAX_HELLO_BYTES], facts, weirds) and not cut
    if length > MAX_HELLO_BYTES:
        weirds.append("tls_client_hello_too_long")
        whole = False
    elif not whole and not cut:
        raise Malformed("tls_client_hello_cut")
    return ClientHello(**facts, weirds=tuple(dict.fromkeys(weirds)), partial=not whole)


def _read_body(body: bytes, facts: _Facts, weirds: list[str]) -> bool:
    """
    Fill ``facts`` from the body. True where it is whole, False where it broke off.

    ::

        struct {
            ProtocolVersion legacy_version;
            Random random;                                  32 bytes
            opaque legacy_session_id<0..32>;
            CipherSuite cipher_suites<2..2^16-2>;
            opaque legacy_compression_methods<1..2^8-1>;
            Extension extensions<8..2^16-1>;                absent in old hellos
        } ClientHello;
    """
    if body[:1] != b"\x03":
        raise Malformed("tls_client_hello_version")
    facts["legacy_version"] = int.from_bytes(body[:2], "big")
    size = len(body)
    if size < 35:
        return False
    if body[34] > 32:
        raise Malformed("tls_session_id_too_long")
    at = 35 + body[34]
    if size < at + 2:
        return False
    length = int.from_bytes(body[at : at + 2], "big")
    if length < 2 or length % 2:
        raise Malformed("tls_cipher_suites_malformed")
    at += 2
    facts["cipher_suites"] = _numbers(body[at : at + length])
    at += length
    if size < at + 1:
        return False
    at += 1 + body[at]
    if size <= at:
        return size == at
    if size < at + 2:
        return False
    length = int.from_bytes(body[at : at + 2], "big")
    at += 2
    end = at + length
    _read_extensions(body[at:end], facts, weirds, whole=size >= end)
    if size > end:
        weirds.append("tls_trailing_bytes")
    return size >= end


def _read_extensions(block: bytes, facts: _Facts, weirds: list[str], *, whole: bool) -> None:
    """Fill ``facts`` from the extensions block. Those that broke off are not told."""
    types: list[int] = []
    seen: set[int] = set()
    at, size = 0, len(block)
    while at + 4 <= size:
        kind, length = _TWO.unpack_from(block, at)
        at += 4
        if at + length > size:
            break
        types.append(kind)
        if kind in seen:
            # "There MUST NOT be more than one extension of the same type in a given extension block."
            weirds.append("tls_extension_duplicate")
        else:
            seen.add(kind)
            _read_extension(kind, block[at : at + length], facts, weirds)
        at += length
    facts["extensions"] = tuple(types)
    if whole and at != size:
        raise Malformed("tls_extensions_malformed")


_TWO = struct.Struct("!HH")


def _read_extension(kind: int, data: bytes, facts: _Facts, weirds: list[str]) -> None:
    """Fill ``facts`` from one whole extension; name what is odd in ``weirds``."""
    good = True
    if kind == _SERVER_NAME:
        name = _host_name(data)
        if name is None:
            good = False
        else:
            host = plausible_host(name)
            if host is None:
                weirds.append("tls_server_name_odd")
            else:
                facts["server_name"] = host
    elif kind == _ALPN:
        protocols = _byte_strings(data)
        if protocols is None:
            good = False
        else:
            facts["alpn"] = protocols
    elif kind == _SUPPORTED_VERSIONS:
        good = len(data) % 2 == 1 and data[0] == len(data) - 1
        if good:
            facts["supported_versions"] = _numbers(data[1:])
    elif kind == _SIGNATURE_ALGORITHMS:
        good = _is_list_of_pairs(data)
        if good:
            facts["signature_algorithms"] = _numbers(data[2:])
    elif kind == _GROUPS:
        good = _is_list_of_pairs(data)
        if good:
            facts["groups"] = _numbers(data[2:])
    elif kind == _POINT_FORMATS:
        good = len(data) > 0 and data[0] == len(data) - 1
        if good:
            facts["ec_point_formats"] = tuple(data[1:])
    elif kind == _ECH:
        ech = _ech_extension(data)
        if ech is None:
            good = False
        else:
            facts["ech"] = ech
    if not good:
        weirds.append("tls_extension_malformed")


def _numbers(data: bytes) -> tuple[int, ...]:
    """Big-endian 16-bit numbers; an odd byte at the end (a list that broke off) is not told."""
    count = len(data) // 2
    return struct.unpack(f"!{count}H", data[: 2 * count])


def _is_list_of_pairs(data: bytes) -> bool:
    """Whether it is a vector of 16-bit numbers with a 2-byte length."""
    return len(data) >= 2 and len(data) % 2 == 0 and int.from_bytes(data[:2], "big") == len(data) - 2


def _byte_strings(data: bytes) -> tuple[bytes, ...] | None:
    """
    A vector (2-byte length) of byte strings (1-byte length): ProtocolNameList of RFC 7301, section 3.1.

    "Empty strings MUST NOT be included": they are kept all the same, for JA4 has a rule for them.
    """
    if len(data) < 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
        return None
    strings: list[bytes] = []
    at = 2
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data):
            return None
        strings.append(data[at + 1 : end])
        at = end
    return tuple(strings)


def _host_name(data: bytes) -> bytes | None:
    """
    The first name of type host_name (0) in a ServerNameList; ``None`` where there is none.

    Source: RFC 6066, section 3.
    """
    if len(data) < 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
        return None
    at = 2
    while at + 3 <= len(data):
        end = at + 3 + int.from_bytes(data[at + 1 : at + 3], "big")
        if end > len(data):
            return None
        if data[at] == 0:
            return data[at + 3 : end]
        at = end
    return None


def plausible_host(name: bytes) -> str | None:
    """
    The name in lower case without a trailing dot, or ``None`` where it cannot be the name of a host.

    "The hostname is represented as a byte string using ASCII encoding without a trailing dot." Letters,
    digits, hyphen, underscore (seen in the wild) and dots between labels, at most 253 of them. "Literal IPv4
    and IPv6 addresses are not permitted", but are sent all the same: they are told.

    Source: RFC 6066, section 3.
    """
    if not 0 < len(name) <= 254 or not name.isascii():
        return None
    host = name.decode("ascii").lower().removesuffix(".")
    if len(host) <= 253 and _HOST.fullmatch(host):
        return host
    if ":" in host and "%" not in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            return None
    return None


def _ech_extension(data: bytes) -> EchExtension | None:
    """
    The ECHClientHello structure; ``None`` where it is not one.

    ::

        struct {
           ECHClientHelloType type;                 outer(0), inner(1)
           select (ECHClientHello.type) {
               case outer:
                   HpkeSymmetricCipherSuite cipher_suite;   kdf_id, aead_id
                   uint8 config_id;
                   opaque enc<0..2^16-1>;
                   opaque payload<1..2^16-1>;
               case inner: Empty;
           };
        } ECHClientHello;

    Source: RFC 9849, section 5.
    """
    if data == b"\x01":
        return EchExtension(inner=True)
    if len(data) < 10 or data[0] != 0:
        return None
    kdf_id, aead_id = _TWO.unpack_from(data, 1)
    enc_length = int.from_bytes(data[6:8], "big")
    at = 8 + enc_length
    payload_length = int.from_bytes(data[at : at + 2], "big")
    if payload_length == 0 or at + 2 + payload_length != len(data):
        return None
    return EchExtension(
        inner=False,
        kdf_id=kdf_id,
        aead_id=aead_id,
        config_id=data[5],
        enc_length=enc_length,
        payload_length=payload_length,
    )


class HandshakeReader:
    """
    TLS records to ClientHellos. Feed it the contiguous bytes of the client's side of a TCP stream.

    A hello may lie in any number of records and chunks. After the first, a second is looked for (the answer
    to a HelloRetryRequest), across change_cipher_spec records and early data; anything else ends the search.

    ``Malformed`` is raised only before the first hello. After it, and once ``done``, feeding gives ``[]``.

    Source: RFC 8446, section 5.1 and appendix D.4.
    """

    def __init__(self) -> None:
        self.done = False
        """True: nothing more will come, stop feeding."""
        self._header = bytearray()
        self._kind = 0
        self._left = 0
        """Bytes of the current record that have not come yet."""
        self._message = bytearray()
        self._told = 0
        self._may_skip = 1

    @property
    def needs_more(self) -> bool:
        """Whether a first hello has begun and is not whole: ``finish`` would tell a part of it."""
        return not self.done and self._told == 0 and len(self._message) > 0

    def feed(self, data: bytes) -> list[ClientHello]:
        """The hellos that these bytes complete, most often none or one."""
        hellos: list[ClientHello] = []
        try:
            self._feed(data, hellos)
        except Malformed:
            self.done = True
            self._message.clear()
            if self._told == 0:
                raise
        return hellos

    def finish(self) -> ClientHello | None:
        """
        The stream broke off (a lost segment, a cut capture): what had arrived of the first hello.

        ``None`` where it had been told whole, or too little had come.
        """
        started = self.needs_more
        self.done = True
        if not started:
            return None
        try:
            return parse_client_hello(bytes(self._message), partial=True)
        except Malformed:
            return None

    def _feed(self, data: bytes, hellos: list[ClientHello]) -> None:
        at = 0
        while at < len(data) and not self.done:
            if self._left:
                chunk = data[at : at + self._left]
                at += len(chunk)
                self._left -= len(chunk)
                if self._kind == _HANDSHAKE:
                    self._message += chunk
                    self._read_messages(hellos)
            else:
                chunk = data[at : at + 5 - len(self._header)]
                at += len(chunk)
                self._header += chunk
                self._read_header()

    def _read_header(self) -> None:
        """Begin a record as soon as its five bytes are there; refuse what is none as early as possible."""
        header = self._header
        first = self._told == 0 and not self._message
        if first and header[0] & 0x80:
            if len(header) < 5:
                return
            # An SSLv2 record holds no extensions, so no server name: counted, not parsed.
            raise Malformed("tls_sslv2_client_hello" if _is_sslv2_hello(header) else "tls_not_tls")
        if (first and header[0] != _HANDSHAKE) or bytes(header[1:2]) not in (b"", b"\x03"):
            raise Malformed("tls_not_tls")
        if len(header) < 5:
            return
        self._kind = header[0]
        self._left = int.from_bytes(header[3:5], "big")
        header.clear()
        if self._left > MAX_RECORD_BYTES:
            raise Malformed("tls_record_too_long")
        if self._kind == _HANDSHAKE:
            if self._left == 0:
                # "Implementations MUST NOT send zero-length fragments of Handshake types"
                raise Malformed("tls_record_empty")
        elif self._message:
            # "Handshake messages MUST NOT be interleaved with other record types."
            raise Malformed("tls_record_interleaved")
        else:
            # change_cipher_spec is one byte and comes once; early data only where it was offered
            self._may_skip -= self._left
            self.done = self._kind not in (_CHANGE_CIPHER_SPEC, _APPLICATION_DATA) or self._may_skip < 0

    def _read_messages(self, hellos: list[ClientHello]) -> None:
        message = self._message
        while message and not self.done:
            if message[0] != _CLIENT_HELLO:
                raise Malformed("tls_not_client_hello")
            length = int.from_bytes(message[1:4], "big")
            if len(message) < 4 + min(length, MAX_HELLO_BYTES):
                return
            hello = _tell(bytes(message[4 : 4 + length]), length, cut=False)
            del message[: 4 + length]
            hellos.append(hello)
            self._told += 1
            self.done = self._told == 2 or hello.partial
            if _EARLY_DATA in hello.extensions:
                self._may_skip += MAX_EARLY_BYTES


def _is_sslv2_hello(first: bytes | bytearray) -> bool:
    """
    Whether five bytes begin an SSLv2-framed hello: length with its high bit set, type 1, a version.

    Source: RFC 5246, appendix E.2.
    """
    return first[0] & 0x80 != 0 and first[2] == 1 and (first[3] == 3 or first[3:5] == b"\x00\x02")


def looks_like_tls_client(first: bytes) -> bool | None:
    """
    Whether a stream's first bytes begin a ClientHello, SSLv2-framed ones included.

    Six bytes tell it; ``None`` where fewer leave it open.
    """
    if not first:
        return None
    if first[0] & 0x80:
        return _is_sslv2_hello(first) if len(first) >= 5 else None
    # handshake record; version 3.x; up to 2^14 bytes, not empty; client_hello
    if first[0] != _HANDSHAKE or first[1:2] not in (b"", b"\x03"):
        return False
    if len(first) < 6:
        return None
    length = int.from_bytes(first[3:5], "big")
    return first[2] <= 4 and 0 < length <= MAX_RECORD_BYTES and first[5] == _CLIENT_HELLO


def find_client_hello(data: bytes, start: int = 0) -> int | None:
    """
    Where in a stream the first record that looks like a ClientHello's begins.

    For TLS that begins later in a stream: after STARTTLS, CONNECT, SOCKS or a PROXY header. Eleven bytes are
    compared; a hello whose first record holds less than seven bytes is not found.
    """
    found = _HELLO_START.search(data, start)
    return None if found is None else found.start()


def find_server_name(fragment: bytes) -> str | None:
    """
    The server name in a piece out of the middle of a ClientHello, whose beginning is lost.

    The server_name extension is known by its type and by three lengths that agree with each other and with
    a host name of at least two labels. Chance does not make that; a client that wants to deceive can (it can
    as well send any name in a whole hello).
    """
    for found in _NAME_START.finditer(fragment):
        length = found.group(3)[0]
        if int.from_bytes(found.group(2), "big") != length + 3:
            continue
        if int.from_bytes(found.group(1), "big") != length + 5:
            continue
        start = found.start() + 9
        name = fragment[start : start + length]
        host = plausible_host(name) if len(name) == length else None
        if host is not None and "." in host:
            return host
    return None
