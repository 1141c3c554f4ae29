"""
Cutting a stream into frames: what the readers of framings share.

Every reader has ``feed(data) -> frames`` and ``finish() -> frames``. Rule 1: each frame carries the exact
bytes it came in (``raw``), and all of them joined are the stream, whatever it holds and wherever it was cut:
a frame that is not changed goes on identical. Rule 2: a reader raises nothing. What cannot be read is a frame
with the name of an oddity (``odd``) and no content; what to do with such bytes is the caller's to decide.
Rule 3: a frame longer than ``max_bytes`` is told in pieces as it comes, all with the oddity; the frame after
it is read again, where the framing allows it.

Here are the two general ways of cutting: records that end with a byte, and frames that begin with their
length.

Bounds: what is held is one unfinished frame of at most ``max_bytes``. Work is linear in the stream: nothing
is searched twice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, NamedTuple, TypeVar

from sensor.errors import Malformed

__all__ = ["DEFAULT_MAX_BYTES", "LengthReader", "Record", "RecordReader"]

DEFAULT_MAX_BYTES = 8 * 1024 * 1024
"""Of one frame: events that carry a picture in base64 are a few MiB long."""


class Record(NamedTuple):
    """A record and the byte that ends it."""

    raw: bytes
    data: bytes | None
    """The record without its end; ``None`` where only a piece of it is here."""
    odd: str | None = None


class RecordReader:
    """
    Records that each end with the byte ``end``.

    ``protocol`` begins the names of oddities: ``…_too_long``, and ``…_unended`` for a last record whose end
    did not come, which has its data all the same.
    """

    def __init__(self, end: bytes, protocol: str, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._end = end
        self._too_long = f"{protocol}_too_long"
        self._unended = f"{protocol}_unended"
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._passing = False
        """In the middle of a record that is too long."""

    def feed(self, data: bytes) -> list[Record]:
        """The records that these bytes complete."""
        told: list[Record] = []
        held = self._held
        scanned = len(held)
        held += data
        start = 0
        while (end := held.find(self._end, scanned)) >= 0:
            scanned = end + 1
            raw = bytes(held[start:scanned])
            start = scanned
            if self._passing or len(raw) > self._max_bytes:
                told.append(Record(raw, None, self._too_long))
                self._passing = False
            else:
                told.append(Record(raw, raw[:-1]))
        del held[:start]
        if held and (self._passing or len(held) > self._max_bytes):
            told.append(Record(bytes(held), None, self._too_long))
            self._passing = True
            held.clear()
        return told

    def finish(self) -> list[Record]:
        """The stream is over: the record that has no end."""
        raw = bytes(self._held)
        self._held.clear()
        return [Record(raw, raw, self._unended)] if raw else []


F = TypeVar("F")


class LengthReader(ABC, Generic[F]):
    """
    Frames whose beginning says how long they are.

    Where the beginning is malformed nobody knows where the next frame begins: all that follows is told as odd
    under that name.
    """

    too_long: str
    incomplete: str

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._passing = 0
        """Bytes still to come of a frame that is too long."""
        self._broken: str | None = None

    @abstractmethod
    def _size(self, held: bytearray, start: int) -> int | None:
        """
        All bytes of the frame that begins here; ``None`` where more are needed to say. Or ``Malformed``.
        """

    @abstractmethod
    def _frame(self, raw: bytes) -> F:
        """A whole frame."""

    @abstractmethod
    def _odd(self, raw: bytes, name: str) -> F:
        """Bytes without content."""

    def feed(self, data: bytes) -> list[F]:
        """The frames that these bytes complete."""
        told: list[F] = []
        held = self._held
        held += data
        start = 0
        while start < len(held):
            if self._broken is not None:
                told.append(self._odd(bytes(held[start:]), self._broken))
                start = len(held)
            elif self._passing:
                raw = bytes(held[start : start + self._passing])
                told.append(self._odd(raw, self.too_long))
                self._passing -= len(raw)
                start += len(raw)
            else:
                try:
                    size = self._size(held, start)
                except Malformed as malformed:
                    self._broken = malformed.name
                    continue
                if size is None:
                    break
                if size > self._max_bytes:
                    self._passing = size
                elif len(held) - start < size:
                    break
                else:
                    told.append(self._frame(bytes(held[start : start + size])))
                    start += size
        del held[:start]
        return told

    def finish(self) -> list[F]:
        """The stream is over: the frame that did not come whole."""
        raw = bytes(self._held)
        self._held.clear()
        return [self._odd(raw, self.incomplete)] if raw else []
