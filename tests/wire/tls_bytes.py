"""Builders of TLS bytes for tests, written from the RFCs alone, and ways to cut them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence

from sensor.errors import Malformed

RANDOM = bytes(range(100, 132))

GREASE = tuple(0x0A0A + 0x1010 * i for i in range(16))
"""RFC 8701, section 2, written out there: 0x0A0A, 0x1A1A … 0xFAFA."""


def vector(data: bytes, size: int = 2) -> bytes:
    """Bytes with their length before them."""
    return len(data).to_bytes(size, "big") + data


def numbers(values: Iterable[int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def extension(kind: int, data: bytes = b"") -> bytes:
    return kind.to_bytes(2, "big") + vector(data)


def server_name(name: bytes, kind: int = 0) -> bytes:
    return extension(0, vector(bytes((kind,)) + vector(name)))


def alpn(*names: bytes) -> bytes:
    return extension(16, vector(b"".join(vector(name, 1) for name in names)))


def versions(*values: int) -> bytes:
    return extension(43, vector(numbers(values), 1))


def algorithms(*values: int) -> bytes:
    return extension(13, vector(numbers(values)))


def groups(*values: int) -> bytes:
    return extension(10, vector(numbers(values)))


def point_formats(*values: int) -> bytes:
    return extension(11, vector(bytes(values), 1))


def ech_outer(
    config_id: int = 7, enc: bytes = b"e" * 32, payload: bytes = b"p" * 144, suite: tuple[int, int] = (1, 1)
) -> bytes:
    return extension(0xFE0D, b"\0" + numbers(suite) + bytes((config_id,)) + vector(enc) + vector(payload))


USUAL = (
    server_name(b"Example.COM"),
    groups(0x2A2A, 29, 23),
    point_formats(0),
    alpn(b"h2", b"http/1.1"),
    algorithms(0x0403, 0x0804),
    versions(0x1A1A, 0x0304, 0x0303),
)


def body(
    *extensions: bytes,
    ciphers: Sequence[int] = (0x1301, 0x1302),
    version: int = 0x0303,
    session: bytes = b"s" * 32,
    random: bytes = RANDOM,
) -> bytes:
    """A ClientHello body; without extensions it has no extensions block at all."""
    start = version.to_bytes(2, "big") + random + vector(session, 1) + vector(numbers(ciphers)) + b"\x01\x00"
    return start + (vector(b"".join(extensions)) if extensions else b"")


def message(content: bytes, kind: int = 1) -> bytes:
    """A handshake message."""
    return bytes((kind,)) + vector(content, 3)


def record(data: bytes, kind: int = 22, version: int = 0x0301) -> bytes:
    return bytes((kind,)) + version.to_bytes(2, "big") + vector(data)


def records(data: bytes, *sizes: int) -> bytes:
    """Handshake bytes in records of these sizes; the last size goes on to the end."""
    out, at, i = b"", 0, 0
    while at < len(data):
        size = sizes[min(i, len(sizes) - 1)] if sizes else 16_384
        out += record(data[at : at + size])
        at, i = at + size, i + 1
    return out


def openssl_records(
    name: str | None = "api.example.com",
    protocols: Sequence[str] = ("h2", "http/1.1"),
    **limits: ssl.TLSVersion,
) -> bytes:
    """What Python's own OpenSSL sends first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = name is not None
    if name is None:
        context.verify_mode = ssl.CERT_NONE
    for limit, value in limits.items():
        setattr(context, limit, value)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def outcome(read: Callable[..., object], *args: object, **kwargs: object) -> object:
    """What a reader answers: its value, or the name of what is malformed."""
    try:
        return read(*args, **kwargs)
    except Malformed as odd:
        return odd.name


def splits(data: bytes) -> list[list[bytes]]:
    """Ways to cut a stream: whole, a byte at a time, in two halves, in pieces of 7 bytes."""
    return [
        [data],
        [data[i : i + 1] for i in range(len(data))],
        [data[: len(data) // 2], data[len(data) // 2 :]],
        [data[i : i + 7] for i in range(0, len(data), 7)],
    ]
