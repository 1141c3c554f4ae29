"""
Capture files: a path to frames.

Read are the formats of ``wire.capture_format``, plain or gzip'd, from a file, a pipe or standard input
(``-``). A file that cannot be read is the person's to mend (``WorkError``); one that ends in the middle of
a record is read up to there, and that is a weird.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from types import TracebackType

from sensor.errors import Malformed, WorkError
from sensor.wire.capture_format import FORMATS, CaptureReader, Frame

__all__ = ["CHUNK_BYTES", "CaptureFile", "Progress"]

CHUNK_BYTES = 524_288
"""Bytes that are read at a time."""

Progress = Callable[[int, int | None], None]
"""Bytes of the file that have been read, and how many it has (None: unknown)."""

_GZIP = b"\x1f\x8b"
_Raw = io.BufferedReader | io.BufferedRandom


class CaptureFile:
    """
    One capture, opened.

    ``digest`` reads it through before ``frames`` does; what cannot be read twice (a pipe) is kept in a
    temporary file for that, so ask for the digest first. Close it, or use it as a context manager.
    """

    def __init__(self, path: str, *, progress: Progress | None = None) -> None:
        """Raises ``WorkError`` where there is no such file, or it cannot be read."""
        self.name = "standard input" if path == "-" else path
        self.weirds: dict[str, int] = {}
        """What was odd about the file, once ``frames`` is through."""
        self._progress = progress
        self._size: int | None = None
        self._raw = self._open(path)

    def __enter__(self) -> CaptureFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._raw.close()

    def digest(self) -> str:
        """
        The first 16 hex digits of the SHA-256 of the capture, without its gzip.

        The same capture has the same digest whether it is compressed or not.
        """
        if self._size is None:
            self._spool()
        digest = hashlib.sha256()
        for chunk in self._chunks():
            digest.update(chunk)
        self._raw.seek(0)
        self.weirds.clear()
        return digest.hexdigest()[:16]

    def frames(self) -> Iterator[list[Frame]]:
        """The frames, a chunk of the file at a time. Raises ``WorkError`` where it is no capture."""
        reader = CaptureReader()
        empty = True
        try:
            for chunk in self._chunks():
                empty = False
                frames = reader.feed(chunk)
                if frames:
                    yield frames
                if reader.damage is not None:
                    break
            if empty:
                raise WorkError(f"{self.name} is empty", hint=f"Captures are read as {FORMATS}.")
            weirds = reader.finish()
        except Malformed:
            raise WorkError(f"{self.name} is not a packet capture", hint=f"Read are {FORMATS}.") from None
        for name, count in weirds.items():
            self.weirds[name] = self.weirds.get(name, 0) + count

    def _open(self, path: str) -> _Raw:
        try:
            raw = open(0, "rb", closefd=False) if path == "-" else open(path, "rb")
            about = os.fstat(raw.fileno())
        except IsADirectoryError:
            raise WorkError(
                f"{path} is a directory",
                hint=f"Name the capture files in it, for example {path.rstrip('/')}/*.pcap.",
            ) from None
        except OSError as error:
            raise WorkError(f"cannot read {path}: {error.strerror}") from error
        if stat.S_ISREG(about.st_mode):
            self._size = about.st_size
        return raw

    def _spool(self) -> None:
        """Keep what comes through a pipe, so that it can be read twice."""
        kept = tempfile.TemporaryFile()
        while chunk := self._raw.read(CHUNK_BYTES):
            kept.write(chunk)
        self._size = kept.tell()
        kept.seek(0)
        self.close()
        self._raw = kept

    def _chunks(self) -> Iterator[bytes]:
        """The bytes of the capture, without its gzip."""
        zipped = self._raw.peek(2)[:2] == _GZIP
        stream: _Raw | gzip.GzipFile = gzip.GzipFile(fileobj=self._raw) if zipped else self._raw
        while True:
            try:
                chunk = stream.read1(CHUNK_BYTES)
            except EOFError:
                self.weirds["gzip_truncated"] = 1
                return
            except (zlib.error, gzip.BadGzipFile):
                self.weirds["gzip_damaged"] = 1
                return
            except OSError as error:
                raise WorkError(f"cannot read {self.name}: {error.strerror}") from error
            if not chunk:
                return
            if self._progress is not None:
                with contextlib.suppress(OSError):  # a pipe has no position
                    self._progress(self._raw.tell(), self._size)
            yield chunk
