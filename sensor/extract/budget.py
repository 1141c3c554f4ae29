"""
What one extraction may still spend, and where its text goes.

Promise: whatever a reader does, it passes through here: every piece of text (``say``), every decompressed
byte (``expand``), every member (``member``), every step of a long loop (``tick``). A limit that is reached
raises ``Stop``; the dispatcher turns it into the name of a problem and goes on with what is left.

Two kinds of stop: ``Stop(…, whole=True)`` ends the whole extraction (text, expansion, time are used up), any
other only the piece at hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sensor.extract.model import Limits, Part

__all__ = ["Budget", "Stop"]

_FLUSH = 256 * 1024
"""Characters of one part that are collected before it is handed on."""
_WHERE = 300
"""Characters of a place's name that are kept."""
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


class Stop(Exception):
    """A limit is reached, or bytes break their format's rules; ``name`` is one of ``PROBLEMS``."""

    def __init__(self, name: str, *, whole: bool = False) -> None:
        self.name = name
        self.whole = whole
        super().__init__(name)


class Budget:
    """The account of one extraction. ``emit`` takes each part as soon as it is whole."""

    def __init__(self, limits: Limits, emit: Callable[[Part], None], input_bytes: int = 0) -> None:
        self.limits = limits
        self.input_bytes = input_bytes
        self.problems: set[str] = set()
        self.truncated = False
        self.depth = 0
        self.cells = 0
        self.salvage_left = 8 * 1024 * 1024
        """Bytes of binary data that are still searched for strings."""
        self._emit = emit
        self._text = 0
        self._parts = 0
        self._expanded = 0
        self._members = 0
        self._deadline = time.monotonic() + limits.wall_s * 0.95
        self._ticks = 0
        self._kind = ""
        self._where = ""
        self._lines: list[str] = []
        self._size = 0

    # What a reader found.

    def problem(self, name: str, *, truncated: bool = True) -> None:
        """Note a problem; by default some text is missing because of it."""
        self.problems.add(name)
        self.truncated = self.truncated or truncated

    def say(self, kind: str, where: str, text: str) -> None:
        """One more piece of text; pieces of the same kind and place become lines of one part."""
        if not text or text.isspace():
            return
        if kind != self._kind or where != self._where:
            self.flush()
            self._kind, self._where = kind, where
        self._lines.append(text)
        self._size += len(text) + 1
        if self._size >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Hand on what is collected."""
        if not self._lines:
            return
        text = "\n".join(self._lines)
        kind, where = self._kind, self._where
        self._lines, self._size = [], 0
        where = where[:_WHERE]
        if not where.isprintable():
            where = "".join(c if c.isprintable() else " " for c in where)
        for start in range(0, len(text), 4 * _FLUSH):
            self._hand_on(kind, where, text[start : start + 4 * _FLUSH])

    def _hand_on(self, kind: str, where: str, text: str) -> None:
        left = self.limits.text_bytes - self._text
        encoded = len(text) if text.isascii() else 0
        if not encoded:
            try:
                encoded = len(text.encode())
            except UnicodeEncodeError:
                text = text.translate(_SURROGATES)
                encoded = len(text.encode())
        if encoded > left:
            text = text.encode()[: max(left, 0)].decode(errors="ignore")
        if self._parts >= self.limits.parts:
            raise Stop("too_many", whole=True)
        self._text += encoded
        if text:
            self._parts += 1
            self._emit(Part(kind=kind, where=where, text=text))
        if encoded > left:
            raise Stop("too_large", whole=True)

    @property
    def text_left(self) -> int:
        """Bytes of text that may still be given."""
        return self.limits.text_bytes - self._text - self._size

    # What a reader spends.

    def tick(self, n: int = 1) -> None:
        """A step of a loop; the clock is read now and then."""
        self._ticks += n
        if self._ticks >= 1000:
            self._ticks = 0
            self.check_time()

    def check_time(self) -> None:
        """Stop when the time is over."""
        if time.monotonic() > self._deadline:
            raise Stop("timeout", whole=True)

    def member(self) -> None:
        """One more member, mail part or embedded file."""
        self._members += 1
        if self._members > self.limits.members:
            raise Stop("too_many", whole=True)
        self.tick(20)

    def cell(self) -> None:
        """One more cell of a sheet."""
        self.cells += 1
        if self.cells > self.limits.cells:
            raise Stop("too_many")
        self.tick()

    def expand(self, compressed: int, out: int, grown: int) -> None:
        """``grown`` more bytes came of a stream that so far took ``compressed`` bytes and gave ``out``."""
        self._expanded += grown
        if self._expanded > self.limits.expanded_bytes or (
            self._expanded > 8 * self.limits.ratio_from
            and self._expanded > self.limits.ratio // 2 * self.input_bytes
        ):
            raise Stop("bomb", whole=True)
        if out > self.limits.ratio_from and out > compressed * self.limits.ratio:
            raise Stop("bomb")
        self.tick(1 + grown // 4096)

    def expects(self, compressed: int, out: int) -> None:
        """A stream says that ``compressed`` bytes will give ``out``: refused before anything is read."""
        if out > self.limits.expanded_bytes - self._expanded or (
            out > self.limits.ratio_from and out > compressed * self.limits.ratio
        ):
            raise Stop("bomb")
