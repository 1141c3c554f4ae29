"""
Values under a header: lines parted by commas, semicolons, tabs or bars, Markdown tables, aligned columns, and
the ``VALUES`` of an ``INSERT``.

A hit in the first line of a table names a column. Each table is read once for each named column, whatever
stands in it; a hit inside a table that was read does not begin another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sensor.detect.lazily import lazily

__all__ = ["Columns"]

MAX_LINE = 4096
"""Bytes of a line of a table."""
MAX_CELL = 96
"""Bytes of the name of a column."""
MAX_COLUMNS = 64
"""Columns of one table that are read."""

_RULE = lazily(rb"[-+|=:_ \t\r]+")
_GAP = lazily(rb" {2,}")
_ALONE = lazily(rb"[\s\"':*|]*")
_INSERT = lazily(rb"\)\s{0,16}VALUES\s{0,16}\(", re.IGNORECASE)
_NEXT_TUPLE = lazily(rb"\s{0,16},\s{0,16}\(")
_ITEM = lazily(rb"\s{0,16}(?:'([^']{0,4096})'|\"([^\"]{0,4096})\"|([^,()'\"]{0,4096}))\s{0,16}([,)])")
_QUOTED = {
    mark: re.compile(
        rb'(?:[ \t]*"([^"]*)"[ \t]*|([^' + re.escape(mark) + rb"]*))(?:" + re.escape(mark) + rb"|$)"
    )
    for mark in (b",", b";", b"\t", b"|")
}

Span = tuple[int, int]
Fits = Callable[[int, int], bool]


class Columns:
    """The tables of one text, as far as hits name columns of them."""

    __slots__ = ("_data", "_end", "_head", "_start", "_used")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._start = self._end = -1
        self._head: tuple[int, int, bytes | None, list[Span]] = (-1, -1, None, [])
        self._used = 0

    def below(self, end: int, fits: Fits) -> Iterator[Span]:
        """
        The cells (bytes) under the header that a hit ending at ``end`` stands in.

        Nothing where no header is: the first filled cell has to be one that ``fits``.
        """
        first, last, mark, names = self._header_around(end)
        if last < 0:
            yield from self._inserted(end, fits)
        elif self._start < first < self._end:
            return
        elif mark is None:
            if last - first <= MAX_CELL and _ALONE.fullmatch(self._data, end, last):
                yield from self._lines(first, last + 1, fits)
            else:
                yield from self._inserted(end, fits)
        else:
            at = next((at for at, (start, stop) in enumerate(names) if start < end <= stop), None)
            if at is not None and names[at][1] - names[at][0] <= MAX_CELL and self._enter(first):
                yield from self._column(last + 1, mark, len(names), at, fits)

    def _header_around(self, end: int) -> tuple[int, int, bytes | None, list[Span]]:
        """
        The line around a hit: its first and last byte, what parts its cells if the next line has as many, the
        cells. The last byte is -1 where there is no line below it, or the line is too long.
        """
        if self._head[0] <= end <= self._head[1]:
            return self._head
        data = self._data
        first = data.rfind(b"\n", max(0, end - MAX_LINE), end) + 1
        last = data.find(b"\n", end, end + MAX_LINE)
        mark, names = None, []
        if first == 0 and end > MAX_LINE:
            last = -1
        if last >= 0:
            head = data[first:last].rstrip(b"\r")
            mark = _mark_of(head, _line_behind(data, last + 1))
            if mark is not None:
                names = _split(head, first, mark)
        self._head = (first, last, mark, names)
        return self._head

    def _column(self, start: int, mark: bytes, width: int, at: int, fits: Fits) -> Iterator[Span]:
        data = self._data
        seen = False
        while True:
            stop = data.find(b"\n", start, start + MAX_LINE)
            if stop < 0:
                stop = len(data)
            line = data[start:stop].rstrip(b"\r")
            if not line or len(line) > MAX_LINE:
                return
            if not _RULE.fullmatch(line):
                cells = _split(line, start, mark)
                if len(cells) != width:
                    return
                low, high = _bare(data, *cells[at])
                if low < high:
                    if not seen and not fits(low, high):
                        return
                    seen = True
                    self._end = max(self._end, stop)
                    yield low, high
            start = stop + 1

    def _lines(self, first: int, start: int, fits: Fits) -> Iterator[Span]:
        """A column of its own: lines that hold one value each."""
        data = self._data
        if not self._enter(first):
            return
        while True:
            stop = data.find(b"\n", start, start + MAX_LINE)
            if stop < 0:
                stop = len(data)
            low, high = _bare(data, start, stop)
            if low >= high or high - low > MAX_LINE or not fits(low, high):
                return
            self._end = max(self._end, stop)
            yield low, high
            start = stop + 1

    def _inserted(self, end: int, fits: Fits) -> Iterator[Span]:
        """``INSERT INTO people (name, ssn) VALUES ('…', '…'), …``."""
        data = self._data
        closed = data.find(b")", end, end + 1024)
        opened = data.rfind(b"(", max(0, end - 1024), end) if closed >= 0 else -1
        found = _INSERT.match(data, closed) if opened >= 0 else None
        if found is None or not self._enter(found.end()):
            return
        at = data.count(b",", opened, end)
        place = found.end()
        seen = False
        while True:
            column = 0
            while (item := _ITEM.match(data, place)) is not None:
                place = item.end()
                if column == at:
                    low, high = item.span(_filled(item))
                    if low < high:
                        if not seen and not fits(low, high):
                            return
                        seen = True
                        yield low, high
                column += 1
                if item[4] == b")":
                    break
            behind = _NEXT_TUPLE.match(data, place)
            if behind is None:
                return
            place = behind.end()

    def _enter(self, start: int) -> bool:
        """Whether a table may be read (again)."""
        if start != self._start:
            self._start = self._end = start
            self._used = 0
        self._used += 1
        return self._used <= MAX_COLUMNS


def _filled(item: re.Match[bytes]) -> int:
    return next(group for group in (1, 2, 3) if item[group] is not None)


def _line_behind(data: bytes, start: int) -> bytes:
    """The first line from ``start`` on that is no rule of a table."""
    for _ in range(2):
        stop = data.find(b"\n", start, start + MAX_LINE)
        if stop < 0:
            stop = min(len(data), start + MAX_LINE)
        line = data[start:stop].rstrip(b"\r")
        if not line or not _RULE.fullmatch(line):
            return line
        start = stop + 1
    return b""


def _mark_of(head: bytes, following: bytes) -> bytes | None:
    """What parts the cells of two lines."""
    for mark in (b"\t", b"|", b";", b","):
        if (
            mark in head
            and mark in following
            and len(_split(head, 0, mark)) == len(_split(following, 0, mark))
        ):
            return mark
    if _GAP.search(head.strip()) and len(_split(head, 0, b"  ")) == len(_split(following, 0, b"  ")):
        return b"  "
    return None


def _split(line: bytes, base: int, mark: bytes) -> list[Span]:
    if mark == b"  ":
        spans = []
        at = len(line) - len(line.lstrip())
        for gap in _GAP.finditer(line.rstrip(), at):
            spans.append((base + at, base + gap.start()))
            at = gap.end()
        return [*spans, (base + at, base + len(line.rstrip()))]
    if b'"' in line:
        return [
            (base + found.start(group), base + found.end(group))
            for found in _QUOTED[mark].finditer(line)
            for group in (1 if found[1] is not None else 2,)
            if found.end() < len(line) or found.start() < len(line) or line.endswith(mark)
        ]
    spans = []
    at = 0
    while (stop := line.find(mark, at)) >= 0:
        spans.append((base + at, base + stop))
        at = stop + 1
    return [*spans, (base + at, base + len(line))]


def _bare(data: bytes, start: int, stop: int) -> Span:
    """A cell without spaces, quotes and emphasis around it."""
    while start < stop and data[start] in b" \t\r\"'`*-":
        start += 1
    while stop > start and data[stop - 1] in b" \t\r\"'`*,;":
        stop -= 1
    return start, stop
