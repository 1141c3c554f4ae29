"""
The cells below a header: CSV and its kin in the middle of a text.

A table is a run of lines that hold the same delimiter (comma, semicolon, tab, bar) below a line whose cells
are all short names. Quoted cells may hold delimiters, not line ends.

Work: a header is read once and the cells of a table are read once, whatever asks for them; a line that is no
header is left at its first cell that is no name. Lines longer than ``MAX_LINE`` are no rows. What is kept
between questions is places in the last text, under its hash; never its bytes: four bytes for a cell.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

from sensor.detect.finding import Document
from sensor.detect.lazily import lazily

__all__ = ["MAX_LINE", "MAX_ROWS", "column_cells"]

MAX_LINE = 8192
MAX_ROWS = 20_000
MAX_NAME = 48
"""Bytes of a header cell."""
MAX_HEADERS = 4096
"""Lines of one text that are remembered."""

_DELIMITERS = (b"\t", b";", b"|", b",")
_QUOTED = {
    mark: re.compile(rb'[ ]*"(?:[^"\n]|"")*"[ ]*|[^' + re.escape(mark) + rb"\n]*") for mark in _DELIMITERS
}
_NAME = lazily(rb"[A-Za-z\x80-\xff#][A-Za-z0-9\x80-\xff_ .#()/:'*-]*\Z")
_RULE = lazily(rb"[|\s:+=-]+\Z")
_RULERS = frozenset(b"|:+=- \t\r")
_SPACE = b" \"'\r\t"


@dataclass(slots=True)
class _Table:
    ends: array[int]
    """Where the cells of the header end."""
    rows: list[array[int]] | None = None
    """Of each row where its cells begin, and where one more would; read when first asked for."""
    end: int = 0
    """Where the last row ends."""


@dataclass(slots=True)
class _Memory:
    key: tuple[int, int]
    tables: dict[tuple[int, bytes], _Table | None] = field(default_factory=dict)
    """By the header's line and delimiter; ``None`` for a line that is none."""
    walked: dict[tuple[bytes, int], tuple[int, int]] = field(default_factory=dict)
    """By delimiter and column the header's line and the end of the rows that were last gone through: a header
    that repeats among the rows of its own table is a row."""


_memory = _Memory((0, -1))


def _memory_of(data: bytes) -> _Memory:
    global _memory
    memory = _memory
    key = (hash(data), len(data))
    if memory.key != key:
        # Replaced as a whole: another thread sees the old one or the new one.
        memory = _memory = _Memory(key)
    return memory


def column_cells(document: Document, start: int) -> list[tuple[int, int]]:
    """
    The cells below the header cell at ``start``, each without quotes and spaces, empty ones left out.

    Empty where ``start`` stands in no header.
    """
    data = document.data
    low = data.rfind(b"\n", max(0, start - MAX_LINE), start) + 1 or max(0, start - MAX_LINE)
    high = data.find(b"\n", start, start + MAX_LINE)
    if high < 0:
        high = min(len(data), start + MAX_LINE)
    if high - low > MAX_LINE or high == len(data):
        return []
    memory = _memory_of(data)
    for mark in _DELIMITERS:
        if data.find(mark, low, high) < 0:
            continue
        table = _table(memory, data, low, high, mark)
        if table is None:
            continue
        index = bisect_left(table.ends, start)
        first, last = memory.walked.get((mark, index), (-1, -1))
        if first < low < last:
            return []
        rows = table.rows
        if rows is None:
            rows, table.end = _read_rows(data, high, mark)
            table.rows = rows
        memory.walked[mark, index] = (low, table.end)
        cells = []
        for row in rows:
            if index < len(row) - 1:
                first, last = _bare(data, row[index], row[index + 1] - 1)
                if first < last:
                    cells.append((first, last))
        if cells:
            return cells
    return []


def _table(memory: _Memory, data: bytes, low: int, high: int, mark: bytes) -> _Table | None:
    """The table whose header is the line, read when first asked for."""
    key = (low, mark)
    try:
        return memory.tables[key]
    except KeyError:
        pass
    table = _header(data, low, high, mark)
    if len(memory.tables) < MAX_HEADERS:
        memory.tables[key] = table
    return table


def _header(data: bytes, low: int, high: int, mark: bytes) -> _Table | None:
    """The cells of a line of names with a row of as many cells below it."""
    first = data[low : low + MAX_NAME + 2].split(mark, 1)[0].strip(_SPACE)
    if first and b'"' not in first and not _NAME.match(first) and not first.startswith(b"\xef\xbb\xbf"):
        return None
    starts = _cells(data, low, high, mark)
    named = 0
    for at in range(len(starts) - 1):
        start, last = _bare(data, starts[at], starts[at + 1] - 1)
        if start < last:
            if last - start > MAX_NAME or not _NAME.match(data, start, last):
                return None
            named += 1
    # A bar at either end of a line makes an empty cell there, so one name may do.
    size = len(starts) - 1
    if named < (1 if mark == b"|" and size > 2 else 2) or 2 * named < size:
        return None
    at = high
    for _ in range(MAX_ROWS):
        row = _row(data, at, mark)
        if row is None:
            return None
        if not _is_ruler(data, *row):
            fits = len(_cells(data, *row, mark)) == len(starts)
            return _Table(array("i", [at - 1 for at in starts[1:]])) if fits else None
        at = row[1]
    return None


def _read_rows(data: bytes, at: int, mark: bytes) -> tuple[list[array[int]], int]:
    """The lines below a header that hold the delimiter, and where they end; a ruler is no row."""
    rows = []
    end = at
    for _ in range(MAX_ROWS):
        row = _row(data, at, mark)
        if row is None:
            break
        at = row[1]
        if not _is_ruler(data, *row):
            rows.append(_cells(data, *row, mark))
            end = at
    return rows, end


def _row(data: bytes, at: int, mark: bytes) -> tuple[int, int] | None:
    """The line behind the line end at ``at``, where it holds the delimiter."""
    low = at + 1
    if low >= len(data):
        return None
    high = data.find(b"\n", low, low + MAX_LINE + 1)
    if high < 0:
        high = len(data)
    if high - low > MAX_LINE or data.find(mark, low, high) < 0:
        return None
    return low, high


def _is_ruler(data: bytes, low: int, high: int) -> bool:
    return data[low] in _RULERS and _RULE.match(data, low, high) is not None


def _cells(data: bytes, low: int, high: int, mark: bytes) -> array[int]:
    """Where the cells between delimiters outside quotes begin, and one behind the line's end."""
    starts = array("i", (low,))
    at = low
    if data.find(b'"', low, high) < 0:
        for cell in data[low:high].split(mark):
            at += len(cell) + 1
            starts.append(at)
        return starts
    shape = _QUOTED[mark]
    while True:
        found = shape.match(data, at, high)
        last = at if found is None else found.end()
        # What follows a closing quote belongs to the cell, up to the delimiter.
        following = data.find(mark, last, high)
        if following < 0:
            starts.append(high + 1)
            return starts
        at = following + 1
        starts.append(at)


def _bare(data: bytes, first: int, last: int) -> tuple[int, int]:
    if data.startswith(b"\xef\xbb\xbf", first):
        first = min(last, first + 3)
    while first < last and data[first] in _SPACE:
        first += 1
    while last > first and data[last - 1] in _SPACE:
        last -= 1
    return first, last
