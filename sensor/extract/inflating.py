"""
Bounded decompression: every stream through one loop that counts what comes out.

``pieces`` gives chunks of at most ``CHUNK`` bytes; nothing is decompressed before it is asked for, and the
budget sees each chunk. A stream that ends early or breaks raises ``Stop("damaged")`` after what could be
read.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sensor.extract.budget import Budget, Stop

__all__ = ["CHUNK", "has_zstd", "inflate", "pieces", "whole"]

CHUNK = 64 * 1024
_LZMA_MEMORY = 80 * 1024 * 1024
"""xz -9 needs 65 MiB."""
_ZSTD_WINDOW = 128 * 1024 * 1024
"""``zstd --long`` (27 bits)."""
_STREAMS = 1000
"""Concatenated gzip members, bzip2 or xz streams that are followed."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Zlib:
    """zlib's object with the interface of bz2's: it keeps its own tail."""

    def __init__(self, wbits: int) -> None:
        self._object = zlib.decompressobj(wbits)
        self._tail = b""

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._tail

    def decompress(self, data: bytes, max_length: int = CHUNK, /) -> bytes:
        out = self._object.decompress(self._tail + data if self._tail else data, max_length)
        self._tail = self._object.unconsumed_tail
        return out


def _zstd() -> Any:
    try:
        import zstandard
    except ImportError:  # optional: mitmproxy brings it
        return None
    return zstandard


def has_zstd() -> bool:
    """Whether zstd streams can be read here."""
    return _zstd() is not None


_MAKERS: dict[str, Callable[[], _Decompressor]] = {
    "deflate": lambda: _Zlib(-15),
    "zlib": lambda: _Zlib(15),
    "gzip": lambda: _Zlib(31),
    "bzip2": lambda: bz2.BZ2Decompressor(),
    "xz": lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY),
}
_BROKEN = (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError)


def pieces(budget: Budget, data: bytes | memoryview, coding: str) -> Iterator[bytes]:
    """The decompressed chunks of ``data``; ``coding`` is deflate, zlib, gzip, bzip2, xz or zstd."""
    if coding == "zstd":
        yield from _zstd_pieces(budget, data)
        return
    view = memoryview(data)
    at, out = 0, 0
    for _ in range(_STREAMS):
        decompressor = _MAKERS[coding]()
        while not decompressor.eof:
            feed = b""
            if getattr(decompressor, "needs_input", True):
                feed = bytes(view[at : at + CHUNK])
                at += len(feed)
                if not feed:
                    raise Stop("damaged")
            try:
                chunk = decompressor.decompress(feed, CHUNK)
            except MemoryError:
                raise Stop("memory") from None
            except _BROKEN as error:
                # lzma tells a dictionary beyond its memory limit apart from broken data.
                raise Stop("bomb" if "emory" in str(error) else "damaged") from None
            if chunk:
                out += len(chunk)
                budget.expand(at, out, len(chunk))
                yield chunk
        at -= len(decompressor.unused_data)
        if coding in ("deflate", "zlib") or at >= len(view) or not _goes_on(coding, bytes(view[at : at + 6])):
            return
    raise Stop("too_many")


def _goes_on(coding: str, head: bytes) -> bool:
    """Another stream follows (padding of zeros or anything else does not count)."""
    return head.startswith({"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0"}[coding])


def _zstd_pieces(budget: Budget, data: bytes | memoryview) -> Iterator[bytes]:
    library = _zstd()
    if library is None:
        raise Stop("unsupported")
    maker = library.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    out = 0
    reader = maker.stream_reader(memoryview(data), read_across_frames=True)
    while True:
        try:
            chunk: bytes = reader.read(CHUNK)
        except MemoryError:
            raise Stop("memory") from None
        except library.ZstdError as error:
            raise Stop("bomb" if "emory" in str(error) else "damaged") from None
        if not chunk:
            return
        out += len(chunk)
        budget.expand(len(data), out, len(chunk))
        yield chunk


def whole(budget: Budget, data: bytes | memoryview, coding: str, limit: int) -> tuple[bytes, str | None]:
    """
    All that comes out, up to ``limit`` bytes, and the problem that cut it short, if any.

    What a broken stream gave before it broke is kept; a whole-file stop passes through.
    """
    kept = bytearray()
    try:
        for piece in pieces(budget, data, coding):
            kept += piece
            if len(kept) > limit:
                del kept[limit:]
                return bytes(kept), "too_large"
    except Stop as stop:
        if stop.whole:
            raise
        return bytes(kept), stop.name
    return bytes(kept), None


def inflate(budget: Budget, data: bytes | memoryview, limit: int) -> tuple[bytes, str | None]:
    """A zlib stream (PDF's FlateDecode, PNG's zTXt), bounded; without its header too."""
    kept, problem = whole(budget, data, "zlib", limit)
    if problem == "damaged" and not kept:
        kept, problem = whole(budget, bytes(data[2:]), "deflate", limit)
    return kept, problem
