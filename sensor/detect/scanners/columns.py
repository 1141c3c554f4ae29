"""
Which column a value of a table stands in: CSV and its kin in the middle of a text.

A table is a run of lines that hold the same delimiter (comma, semicolon, tab, bar); its header is the line,
among the first three, whose cells are all short names. Quoted cells may hold delimiters, not line ends.

Work: a line is read once for each question about it; walking up to the header stops at ``MAX_ROWS`` lines and
at what an earlier question about the same text has already seen. Lines longer than ``MAX_LINE`` are no rows.
What is kept between questions is places of the last text, under its hash; never its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sensor.detect.finding import Document
from sensor.detect.lazily import lazily

__all__ = ["MAX_LINE", "MAX_ROWS", "column_cells", "column_name"]

MAX_LINE = 8192
MAX_ROWS = 20_000
MAX_NAME = 48
"""Bytes of a header cell."""
MAX_TABLES = 64
"""Tables of one text that are remembered."""

_DELIMITERS = (b"\t", b";", b"|", b",")
_CELLS = {
    mark: re.compile(rb'(?:[ ]*"(?:[^"\n]|"")*"[ ]*|[^' + re.escape(mark) + rb"\n]*)") for mark in _DELIMITERS
}
_NAME = lazily(rb"[A-Za-z\x80-\xff#][A-Za-z0-9\x80-\xff_ .#()/:'*-]*\Z")
_RULE = lazily(rb"[|\s:+=-]+\Z")


@dataclass(slots=True)
class _Table:
    mark: bytes
    header: int
    """Where the header's line begins."""
    names: list[tuple[int, int]]
    seen: int
    """Lines up to here are known to be rows."""


@dataclass(slots=True)
class _Memory:
    key: tuple[int, int]
    tables: list[_Table] = field(default_factory=list)
    walked: list[tuple[bytes, int, int, int]] = field(default_factory=list)
    """(delimiter, column, the header's line, end of the rows) of columns that were gone through: a header
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


def column_name(document: Document, start: int) -> bytes | None:
    """
    The name in the header above the value at ``start``; ``None`` where there is no table.

    Quotes and spaces around the name are cut off, its case stays.
    """
    data = document.data
    low, high = _line(data, start)
    if high - low > MAX_LINE:
        return None
    tables = _memory_of(data).tables
    table = _known(tables, low) or _find(data, low, high, tables)
    if table is None or table.header == low:
        return None
    index = _index(data, low, high, start, table.mark)
    if index >= len(table.names):
        return None
    first, last = table.names[index]
    return data[first:last]


def column_cells(document: Document, start: int) -> list[tuple[int, int]]:
    """
    The cells below the header cell at ``start``, each without quotes and spaces, empty ones left out.

    Empty where ``start`` stands in no header.
    """
    data = document.data
    low, high = _line(data, start)
    if high - low > MAX_LINE:
        return []
    for mark in _DELIMITERS:
        if data.find(mark, low, high) < 0:
            continue
        names = _header(data, low, high, mark)
        if names is None:
            continue
        index = _index(data, low, high, start, mark)
        walked = _memory_of(data).walked
        if any(seen[:2] == (mark, index) and seen[2] < low < seen[3] for seen in walked):
            return []
        cells = []
        end = high
        for row_low, row_high in _rows(data, high, mark):
            end = row_high
            spans = _cells(data, row_low, row_high, mark)
            if index < len(spans):
                first, last = _bare(data, *spans[index])
                if first < last:
                    cells.append((first, last))
        walked.append((mark, index, low, end))
        del walked[:-MAX_TABLES]
        if cells:
            return cells
    return []


def _rows(data: bytes, at: int, mark: bytes) -> Iterator[tuple[int, int]]:
    """The lines behind a line end that hold the delimiter; a ruler below a header is no row."""
    for _ in range(MAX_ROWS):
        low = at + 1
        if low >= len(data):
            return
        high = data.find(b"\n", low)
        high = len(data) if high < 0 else high
        if high - low > MAX_LINE or data.find(mark, low, high) < 0:
            return
        if not _RULE.match(data, low, high):
            yield low, high
        at = high


def _known(tables: list[_Table], low: int) -> _Table | None:
    for table in reversed(tables):
        if table.header <= low < table.seen:
            return table
    return None


def _find(data: bytes, low: int, high: int, tables: list[_Table]) -> _Table | None:
    for mark in _DELIMITERS:
        if data.find(mark, low, high) < 0:
            continue
        lines = [(low, high)]
        top = low
        while top > 0 and len(lines) < MAX_ROWS:
            above = data.rfind(b"\n", 0, top - 1) + 1
            table = _known(tables, above)
            if table is not None and table.mark == mark:
                table.seen = high + 1
                return table
            if top - above > MAX_LINE or data.find(mark, above, top) < 0:
                break
            lines.append((above, top - 1))
            top = above
        for first, last in lines[:-4:-1]:
            names = _header(data, first, last, mark)
            if names is not None:
                table = _Table(mark, first, names, high + 1)
                tables.append(table)
                del tables[:-MAX_TABLES]
                return table
    return None


def _header(data: bytes, low: int, high: int, mark: bytes) -> list[tuple[int, int]] | None:
    """The names in a line, where it is a header with a row below it."""
    row = next(_rows(data, high, mark), None)
    if row is None:
        return None
    if data.find(b'"', low, row[1]) < 0 and data.count(mark, low, high) != data.count(mark, *row):
        return None
    spans = [_bare(data, *span) for span in _cells(data, low, high, mark)]
    named = [(first, last) for first, last in spans if first < last]
    # A bar at either end of a line makes an empty cell there, so one name may do.
    if len(named) < (1 if mark == b"|" and len(spans) > 2 else 2) or 2 * len(named) < len(spans):
        return None
    if any(last - first > MAX_NAME or not _NAME.match(data, first, last) for first, last in named):
        return None
    return spans if len(_cells(data, *row, mark)) == len(spans) else None


def _line(data: bytes, at: int) -> tuple[int, int]:
    low = data.rfind(b"\n", max(0, at - MAX_LINE), at) + 1 or max(0, at - MAX_LINE)
    high = data.find(b"\n", at, at + MAX_LINE)
    return low, min(len(data), at + MAX_LINE) if high < 0 else high


def _cells(data: bytes, low: int, high: int, mark: bytes) -> list[tuple[int, int]]:
    """The spans between delimiters that stand outside quotes."""
    spans = []
    at = low
    if data.find(b'"', low, high) < 0:
        while (following := data.find(mark, at, high)) >= 0:
            spans.append((at, following))
            at = following + 1
        spans.append((at, high))
        return spans
    cell = _CELLS[mark]
    while True:
        found = cell.match(data, at, high)
        last = at if found is None else found.end()
        # What follows a closing quote belongs to the cell, up to the delimiter.
        following = data.find(mark, last, high)
        if following < 0:
            spans.append((at, high))
            return spans
        spans.append((at, following))
        at = following + 1


def _index(data: bytes, low: int, high: int, start: int, mark: bytes) -> int:
    return sum(last < start for _, last in _cells(data, low, high, mark))


def _bare(data: bytes, first: int, last: int) -> tuple[int, int]:
    if data.startswith(b"\xef\xbb\xbf", first):
        first = min(last, first + 3)
    while first < last and data[first] in b" \"'\r\t":
        first += 1
    while last > first and data[last - 1] in b" \"'\r\t":
        last -= 1
    return first, last
