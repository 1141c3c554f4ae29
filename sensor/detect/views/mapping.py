"""
Edits to a view: a text with some of its places rewritten, and the way back.

Every disguise is undone the same way: a list of ``Edit`` (these bytes of the parent read so), and ``splice``,
which makes the new text and remembers where each of its bytes comes from. What stands far from every edit is
left out: a view is scanned once more, and what it shows stands at its edits.

Bounds: a view holds what its edits say and at most ``CONTEXT + CUT`` bytes on either side of each; its map
holds two entries for each edit and three for each gap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["CONTEXT", "CUT", "EVEN", "GAP", "MIRROR", "WHOLE", "Edit", "View", "merged", "settle", "splice"]

CONTEXT = 512
"""Bytes of the parent kept before and behind an edit: a naming word may not be farther away."""
CUT = 256
"""How much further a line's or a word's end is looked for, so that no number is cut in two."""
GAP = b"\n\x1e\n"
"""Stands for what is left out. No expression crosses a record separator by chance."""

WHOLE, EVEN, MIRROR = 0, 1, 2
"""
How the bytes of an edit lie in the parent: any of them is all of it; each is the one at the same place;
each is the one at the same place from the other end.
"""


class Edit(NamedTuple):
    """Bytes ``start`` to ``end`` of the parent read as ``data``; nothing is inserted: ``start < end``."""

    start: int
    end: int
    data: bytes
    kind: int = WHOLE


class View:
    """A text as it reads without its disguise, and where its bytes stand in the text that it was made of."""

    __slots__ = ("_at", "_from", "_kind", "_to", "changed", "data", "name")

    def __init__(
        self,
        name: str,
        data: bytes,
        at: list[int],
        source: list[int],
        until: list[int],
        kind: list[int],
        changed: list[tuple[int, int]],
    ) -> None:
        self.name = name
        """Which disguise: ``plain``, ``decoded``, ``joined``, ``reversed``, ``rot13`` or ``words``."""
        self.data = data
        self.changed = changed
        """Where it reads otherwise than the parent, in order; an empty range where something was dropped."""
        self._at = at
        self._from = source
        self._to = until
        self._kind = kind

    def span(self, start: int, end: int) -> tuple[int, int]:
        """
        The bytes of the parent that ``data[start:end]`` comes from.

        As narrow as can be where characters stand for characters; all of a token that can only be replaced
        whole (base64). A range that holds another has a span that holds the other's.
        """
        size = len(self.data)
        start = max(0, min(start, size))
        end = max(start, min(end, size))
        if start == end:
            place = self._image(bisect_right(self._at, min(start, size - 1)) - 1, start, start)[0]
            return place, place
        first = bisect_right(self._at, start) - 1
        last = bisect_left(self._at, end) - 1
        if first == last:
            return self._image(first, start, end)
        return (
            self._image(first, start, self._at[first + 1])[0],
            self._image(last, self._at[last], end)[1],
        )

    def _image(self, index: int, start: int, end: int) -> tuple[int, int]:
        """Where a range of one piece of the view lies."""
        kind, source, until = self._kind[index], self._from[index], self._to[index]
        offset = start - self._at[index]
        if kind == EVEN:
            return source + offset, source + offset + end - start
        if kind == MIRROR:
            return until - offset - (end - start), until - offset
        return source, until


def splice(name: str, data: bytes, edits: Iterable[Edit]) -> View | None:
    """
    The view that the edits make of ``data``; ``None`` without edits, or where nothing is left.

    ``edits`` come in order and do not overlap (``settle``).
    """
    pieces: list[bytes] = []
    at: list[int] = []
    source: list[int] = []
    until: list[int] = []
    kinds: list[int] = []
    changed: list[tuple[int, int]] = []
    size = 0

    def put(start: int, end: int, piece: bytes, kind: int) -> None:
        nonlocal size
        if piece and start < end:
            pieces.append(piece)
            at.append(size)
            source.append(start)
            until.append(end)
            kinds.append(kind)
            size += len(piece)

    cursor = -1
    for start, end, piece, kind in edits:
        if cursor < 0:
            cursor = _cut_before(data, start - CONTEXT)
        elif start - cursor > 2 * (CONTEXT + CUT):
            low, high = _cut_after(data, cursor + CONTEXT), _cut_before(data, start - CONTEXT)
            put(cursor, low, data[cursor:low], EVEN)
            put(low, high, GAP, WHOLE)
            cursor = high
        put(cursor, start, data[cursor:start], EVEN)
        changed.append((size, size + len(piece)))
        put(start, end, piece, kind)
        cursor = end
    if cursor < 0:
        return None
    low = _cut_after(data, cursor + CONTEXT)
    put(cursor, low, data[cursor:low], EVEN)
    if not size:
        return None
    return View(name, b"".join(pieces), at, source, until, kinds, changed)


def _cut_before(data: bytes, place: int) -> int:
    """A good place to begin at, ``CUT`` bytes before ``place`` at most: a line, a word, a character."""
    if place <= 0:
        return 0
    low = max(0, place - CUT)
    found = data.rfind(b"\n", low, place)
    if found < 0:
        found = data.rfind(b" ", low, place)
    if found >= 0:
        return found + 1
    while place > low and data[place] & 0xC0 == 0x80:
        place -= 1
    return place


def _cut_after(data: bytes, place: int) -> int:
    """A good place to end at, ``CUT`` bytes behind ``place`` at most."""
    size = len(data)
    if place >= size:
        return size
    high = min(size, place + CUT)
    for stop in (b"\n", b" "):
        found = data.find(stop, place, high)
        if found >= 0:
            return found
    while place < high and data[place] & 0xC0 == 0x80:
        place += 1
    return place


def settle(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order; of two that overlap, the one that begins first, then the longer one."""
    kept: list[Edit] = []
    last = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= last:
            kept.append(edit)
            last = edit.end
    return kept


def merged(ends: Iterable[int], before: int, after: int, size: int) -> list[tuple[int, int]]:
    """Windows around the ends of events, as few and as small as hold them all; ``ends`` are in order."""
    windows: list[tuple[int, int]] = []
    for end in ends:
        low, high = max(0, end - before), min(size, end + after)
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], high)
        else:
            windows.append((low, high))
    return windows
