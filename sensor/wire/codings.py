"""
Content codings: gzip, deflate, br, zstd and lists of them, undone piece by piece within limits.

A few bytes can stand for gigabytes. So output comes in pieces of at most ``CHUNK`` bytes, which the caller
takes one by one; each stage of a list is held to an absolute size and, beyond ``FREE_BYTES``, to a ratio of
what came out to what went in. ``Malformed`` is raised as ``coding_unknown``, ``coding_too_many``,
``coding_malformed``, ``coding_incomplete``, ``coding_too_large`` or ``coding_ratio``.

Bounds: what is held at a time is what one slice of input can become: ``CHUNK`` bytes with zlib and with
brotli 1.2; 4 MiB with zstd (a block of four bytes stands for at most 128 KiB; RFC 8878, section 3.1.1.2.4);
about 48 MiB with brotli 1.1, which knows no limit (a meta-block of some 13 bytes stands for at most 16 MiB;
RFC 7932, section 9.2) and is the newest that goes with mitmproxy 11.

Sources: RFC 9110, section 8.4; RFC 1950 to 1952; RFC 7932; RFC 8878; RFC 9659 (windows of at most 8 MiB).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from sensor.errors import Malformed

__all__ = [
    "CHUNK",
    "FREE_BYTES",
    "MAX_BYTES",
    "MAX_CODINGS",
    "MAX_RATIO",
    "Decoder",
    "decode",
    "encode",
    "parse_codings",
]

CHUNK = 65_536
"""Bytes in one piece of output."""
MAX_BYTES = 32 * 1024 * 1024
MAX_RATIO = 100
FREE_BYTES = 65_536
"""Output to which no ratio applies."""
MAX_CODINGS = 4
"""In a list."""

_ZSTD_WINDOW = 8 * 1024 * 1024
_ZSTD_SLICE = 128
_BROTLI_SLICE = 32


def parse_codings(value: str) -> tuple[str, ...]:
    """
    The codings of a Content-Encoding field, in the order they were applied; ``identity`` is left out.

    Source: RFC 9110, sections 8.4 and 8.4.1 (``x-gzip`` is ``gzip``; names are case-insensitive).
    """
    names = [name.strip(" \t").lower() for name in value.split(",")]
    codings = tuple("gzip" if name == "x-gzip" else name for name in names if name not in ("", "identity"))
    if len(codings) > MAX_CODINGS:
        raise Malformed("coding_too_many")
    if not _STAGES.keys() >= set(codings):
        raise Malformed("coding_unknown")
    return codings


class Decoder:
    """Undoes a list of codings as ``parse_codings`` gives it."""

    def __init__(
        self, codings: Sequence[str], *, max_bytes: int = MAX_BYTES, max_ratio: int = MAX_RATIO
    ) -> None:
        self._stages = [_Limited(_STAGES[name](), max_bytes, max_ratio) for name in reversed(codings)]
        self._max_bytes = max_bytes
        self._told = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes say, in pieces. All pieces are to be taken before more is fed."""
        pieces: Iterator[bytes] = iter((data,) if data else ())
        for stage in self._stages:
            pieces = stage.feed_all(pieces)
        for piece in pieces:
            for at in range(0, len(piece), CHUNK):
                part = piece[at : at + CHUNK]
                self._told += len(part)
                if self._told > self._max_bytes:
                    raise Malformed("coding_too_large")
                yield part

    def finish(self) -> None:
        """The body is over; raises ``Malformed`` where a coding is not. An empty body is none."""
        for stage in self._stages:
            stage.finish()


def decode(
    data: bytes, codings: Sequence[str], *, max_bytes: int = MAX_BYTES, max_ratio: int = MAX_RATIO
) -> bytes:
    """A whole body without its codings."""
    decoder = Decoder(codings, max_bytes=max_bytes, max_ratio=max_ratio)
    body = b"".join(decoder.feed(data))
    decoder.finish()
    return body


def encode(data: bytes, coding: str) -> bytes:
    """A body in ``gzip`` (the same bytes each time: no date stands in it) or ``identity``."""
    if coding == "identity":
        return data
    if coding != "gzip":
        raise Malformed("coding_unknown")
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


class _Stage(Protocol):
    """One coding being undone."""

    @property
    def incomplete(self) -> bool:
        """Its end has not come."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Limited:
    """A stage and its limits."""

    def __init__(self, stage: _Stage, max_bytes: int, max_ratio: int) -> None:
        self._stage = stage
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio
        self._taken = 0
        self._given = 0

    def feed_all(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._taken += len(piece)
            for output in self._stage.feed(piece):
                self._given += len(output)
                if self._given > self._max_bytes:
                    raise Malformed("coding_too_large")
                if self._given > FREE_BYTES and self._given > self._taken * self._max_ratio:
                    raise Malformed("coding_ratio")
                yield output

    def finish(self) -> None:
        if self._taken and self._stage.incomplete:
            raise Malformed("coding_incomplete")


class _Gzip:
    """
    Members one after another, and zeros behind the last.

    Anything else behind a member is malformed: readers do not agree on whether it counts.
    """

    def __init__(self) -> None:
        self._member: Any = None
        self.incomplete = True
        self._padded = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member is None:
                if not self.incomplete:
                    rest = data.lstrip(b"\0")
                    self._padded = self._padded or len(rest) < len(data)
                    if rest and self._padded:
                        raise Malformed("coding_malformed")
                    if not rest:
                        return
                self._member = zlib.decompressobj(31)
                self.incomplete = True
            yield from _inflate(self._member, data)
            data = self._member.unused_data
            if self._member.eof:
                self._member = None
                self.incomplete = False


class _Deflate:
    """
    The zlib format, or bare deflate, which some servers send by the same name.

    Source: RFC 9110, section 8.4.1.2: "Some non-conformant implementations send the "deflate" compressed data
    without the zlib wrapper."
    """

    def __init__(self) -> None:
        self._first = b""
        self._stream: Any = None
        self.incomplete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._first + data
            if len(data) < 2:
                self._first = data
                return
            # RFC 1950, section 2.2: CM = 8, and CMF and FLG "must be a multiple of 31".
            wrapped = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._stream = zlib.decompressobj(15 if wrapped else -15)
        if not self.incomplete:
            raise Malformed("coding_malformed")
        yield from _inflate(self._stream, data)
        self.incomplete = not self._stream.eof
        if self._stream.unused_data:
            raise Malformed("coding_malformed")


def _inflate(stream: Any, data: bytes) -> Iterator[bytes]:
    """What a zlib object makes of these bytes, ``CHUNK`` by ``CHUNK``."""
    while True:
        try:
            output = stream.decompress(data, CHUNK)
        except zlib.error:
            raise Malformed("coding_malformed") from None
        if output:
            yield output
        data = stream.unconsumed_tail
        # Less than was allowed: nothing is kept back inside.
        if len(output) < CHUNK or stream.eof:
            return


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]  # ships no types

        self._stream: Any = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self._limited = hasattr(self._stream, "can_accept_more_data")

    @property
    def incomplete(self) -> bool:
        return not self._stream.is_finished()

    def feed(self, data: bytes) -> Iterator[bytes]:
        step = len(data) if self._limited else _BROTLI_SLICE
        for at in range(0, len(data), step):
            part = data[at : at + step]
            while output := self._process(part):
                yield output
                part = b""
                if not self._limited:
                    break

    def _process(self, data: bytes) -> bytes:
        if self._stream.is_finished():
            # Behind the end there may be nothing.
            if data:
                raise Malformed("coding_malformed")
            return b""
        try:
            if self._limited:
                return bytes(self._stream.process(data, output_buffer_limit=CHUNK))
            return bytes(self._stream.process(data))
        except self._error:
            raise Malformed("coding_malformed") from None


class _Zstd:
    """Frames one after another (RFC 8878, section 3)."""

    def __init__(self) -> None:
        import zstandard

        self._context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._error: type[Exception] = zstandard.ZstdError
        self._frame: Any = None
        self.incomplete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_SLICE):
            part = data[at : at + _ZSTD_SLICE]
            while part:
                if self._frame is None:
                    self._frame = self._context.decompressobj(write_size=CHUNK)
                    self.incomplete = True
                try:
                    output = self._frame.decompress(part)
                except self._error:
                    raise Malformed("coding_malformed") from None
                if output:
                    yield output
                part = self._frame.unused_data
                if self._frame.eof:
                    self._frame = None
                    self.incomplete = False


_STAGES: dict[str, type[_Gzip] | type[_Deflate] | type[_Brotli] | type[_Zstd]] = {
    "gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
