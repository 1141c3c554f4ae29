"""
Values under a header: lines parted by commas, semicolons, tabs or bars, Markdown tables, aligned columns, and
the ``VALUES`` of an ``INSERT``.

A hit in the first line of a table names a column. Each table is read once for each named column, whatever
stands in it; a hit inside a table that was read does not begin another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from sensor.detect.lazily import lazily

__all__ = ["Column", "Columns", "Span"]

MAX_LINE = 4096
"""Bytes of a line of a table."""
MAX_CELL = 96
"""Bytes of the name of a column."""
MAX_COLUMNS = 32
"""Columns of one table that are read."""
MAX_INSERTED = 12
"""Columns of one ``INSERT`` that are read."""
MAX_EMPTY = 64
"""Rows that may pass before the first filled cell of a column."""

_RULE = lazily(rb"[-+|=:_ \t\r]+")
_RULE_SIGNS = frozenset(b"-+|=:_ \t\r")
_GAP = lazily(rb" {2,}")
_ALONE = lazily(rb"[\s\"':*|]*")
_INSERT = lazily(rb"\)\s{0,16}VALUES\s{0,16}\(", re.IGNORECASE)
_NEXT_TUPLE = lazily(rb"\s{0,16},\s{0,16}\(")
_ITEM = lazily(rb"\s{0,16}(?:'([^']{0,4096})'|\"([^\"]{0,4096})\"|([^,()'\"]{0,4096}))\s{0,16}([,)])")
_MARKED = lazily(rb"[\t|;,]|  ")
_MARKS = (b"\t", b"|", b";", b",")
_ALIGNED = b"  "

Span: TypeAlias = tuple[int, int]


class Column(NamedTuple):
    """The cells (bytes) under a name, empty ones left out, read while they are asked for."""

    cells: Iterator[Span]
    is_strict: bool = False
    """Lines of one value each: it ends at the first that is none."""


class _Head(NamedTuple):
    """A line that may be a header: its first and last byte, its cells and what parts them."""

    first: int
    last: int
    """-1 where there is no line below it, or the line is too long."""
    mark: bytes | None
    names: list[Span]


class Columns:
    """The tables of one text, as far as hits name columns of them."""

    __slots__ = ("_data", "_end", "_head", "_start", "_used")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._start = self._end = -1
        self._head = _Head(-1, -1, None, [])
        self._used = 0

    def below(self, end: int) -> Column | None:
        """The column under the header that a hit ending at ``end`` stands in; nothing where none is."""
        head = self._head
        if not head.first <= end <= head.last:
            head = self._head = _header_around(self._data, end)
        first, last, mark, names = head
        if last < 0:
            return self._inserted(end)
        if self._start < first < self._end:
            return None
        if mark is None:
            if last - first <= MAX_CELL and _ALONE.fullmatch(self._data, end, last):
                return Column(self._lines(last + 1), True) if self._enter(first, MAX_COLUMNS) else None
            return self._inserted(end)
        at = next((at for at, (start, stop) in enumerate(names) if start < end <= stop), None)
        if at is None or names[at][1] - names[at][0] > MAX_CELL or not self._enter(first, MAX_COLUMNS):
            return None
        return Column(self._column(last + 1, mark, len(names), at))

    def _column(self, start: int, mark: bytes, width: int, at: int) -> Iterator[Span]:
        data = self._data
        left = MAX_EMPTY
        while left:
            stop = data.find(b"\n", start, start + MAX_LINE)
            if stop < 0:
                stop = len(data)
            last = _without_return(data, start, stop)
            if start >= last or last - start > MAX_LINE:
                return
            if not (data[start] in _RULE_SIGNS and _RULE.fullmatch(data, start, last)):
                cell = _cell(data, start, last, mark, width, at)
                if cell is None:
                    return
                low, high = _bare(data, *cell)
                if low < high:
                    yield low, high
                    # Whoever asked for more takes it for a table.
                    self._end = max(self._end, stop)
                    left = -1
                elif left > 0:
                    left -= 1
            start = stop + 1

    def _lines(self, start: int) -> Iterator[Span]:
        """A column of its own: lines that hold one value each."""
        data = self._data
        while True:
            stop = data.find(b"\n", start, start + MAX_LINE)
            if stop < 0:
                stop = len(data)
            if stop - start > MAX_LINE:
                return
            low, high = _bare(data, start, stop)
            if low >= high:
                return
            yield low, high
            self._end = max(self._end, stop)
            start = stop + 1

    def _inserted(self, end: int) -> Column | None:
        """``INSERT INTO people (name, ssn) VALUES ('…', '…'), …``."""
        data = self._data
        closed = data.find(b")", end, end + 1024)
        found = _INSERT.match(data, closed) if closed >= 0 else None
        opened = data.rfind(b"(", max(0, end - 1024), end) if found is not None else -1
        if found is None or opened < 0 or not self._enter(found.end(), MAX_INSERTED):
            return None
        return Column(self._items(found.end(), data.count(b",", opened, end)))

    def _items(self, place: int, at: int) -> Iterator[Span]:
        data = self._data
        while True:
            column = 0
            while (item := _ITEM.match(data, place)) is not None:
                place = item.end()
                if column == at:
                    low, high = item.span(_filled(item))
                    if low < high:
                        yield low, high
                column += 1
                if item[4] == b")":
                    break
            behind = _NEXT_TUPLE.match(data, place)
            if behind is None:
                return
            place = behind.end()

    def _enter(self, start: int, most: int) -> bool:
        """Whether a table may be read (again)."""
        if start != self._start:
            self._start = self._end = start
            self._used = 0
        self._used += 1
        return self._used <= most


def _filled(item: re.Match[bytes]) -> int:
    return next(group for group in (1, 2, 3) if item[group] is not None)


def _without_return(data: bytes, start: int, stop: int) -> int:
    while stop > start and data[stop - 1] == 0x0D:
        stop -= 1
    return stop


def _header_around(data: bytes, end: int) -> _Head:
    first = data.rfind(b"\n", max(0, end - MAX_LINE), end) + 1
    last = data.find(b"\n", end, end + MAX_LINE)
    if last < 0 or first == 0 and end > MAX_LINE:
        return _Head(first, -1, None, [])
    stop = _without_return(data, first, last)
    if _MARKED.search(data, first, stop) is None:
        return _Head(first, last, None, [])
    low, high = _line_behind(data, last + 1)
    for mark in _MARKS:
        if data.find(mark, low, high) >= 0 and data.find(mark, first, stop) >= 0:
            count = _count(data, first, stop, mark)
            if count and count == _count(data, low, high, mark):
                return _Head(first, last, mark, _split(data, first, stop, mark))
    if data.find(_ALIGNED, low, high) >= 0 and data.find(_ALIGNED, first, stop) >= 0:
        names = _split(data, first, stop, _ALIGNED)
        if len(names) > 1 and len(names) == len(_split(data, low, high, _ALIGNED)):
            return _Head(first, last, _ALIGNED, names)
    return _Head(first, last, None, [])


def _line_behind(data: bytes, start: int) -> Span:
    """The first line from ``start`` on that is no rule of a table."""
    for _ in range(2):
        stop = data.find(b"\n", start, start + MAX_LINE)
        if stop < 0:
            stop = min(len(data), start + MAX_LINE)
        last = _without_return(data, start, stop)
        if start >= last or not (data[start] in _RULE_SIGNS and _RULE.fullmatch(data, start, last)):
            return start, max(start, last)
        start = stop + 1
    return start, start


def _plain(data: bytes, start: int, stop: int) -> bytes | None:
    """A line with what stands in quotes made one sign over and over; ``None`` where no quotes are."""
    if data.find(b'"', start, stop) < 0:
        return None
    pieces = data[start:stop].split(b'"')
    if len(pieces) % 2 == 0:
        return None
    pieces[1::2] = [b"x" * len(piece) for piece in pieces[1::2]]
    return b"x".join(pieces)


def _count(data: bytes, start: int, stop: int, mark: bytes) -> int:
    """How often a mark parts a line."""
    plain = _plain(data, start, stop)
    return data.count(mark, start, stop) if plain is None else plain.count(mark)


def _cell(data: bytes, start: int, stop: int, mark: bytes, width: int, at: int) -> Span | None:
    """The cell of a number in a line of so many."""
    if mark == _ALIGNED:
        cells = _split(data, start, stop, mark)
        return cells[at] if len(cells) == width else None
    plain = _plain(data, start, stop)
    base = 0
    if plain is not None:
        data, base, start, stop = plain, start, 0, stop - start
    if data.count(mark, start, stop) != width - 1:
        return None
    for _ in range(at):
        start = data.find(mark, start, stop) + 1
    end = data.find(mark, start, stop)
    return base + start, base + (end if end >= 0 else stop)


def _split(data: bytes, start: int, stop: int, mark: bytes) -> list[Span]:
    """The cells of a line."""
    spans = []
    if mark == _ALIGNED:
        while start < stop and data[start] in b" \t":
            start += 1
        while stop > start and data[stop - 1] in b" \t":
            stop -= 1
        for gap in _GAP.finditer(data, start, stop):
            spans.append((start, gap.start()))
            start = gap.end()
        return [*spans, (start, stop)]
    plain = _plain(data, start, stop)
    base = 0
    if plain is not None:
        data, base, start, stop = plain, start, 0, stop - start
    while (at := data.find(mark, start, stop)) >= 0:
        spans.append((base + start, base + at))
        start = at + 1
    return [*spans, (base + start, base + stop)]


def _bare(data: bytes, start: int, stop: int) -> Span:
    """A cell without spaces, quotes and emphasis around it."""
    while start < stop and data[start] in b" \t\r\"'`*-":
        start += 1
    while stop > start and data[stop - 1] in b" \t\r\"'`*,;":
        stop -= 1
    return start, stop
