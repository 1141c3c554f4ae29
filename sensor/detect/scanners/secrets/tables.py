"""
Passwords in columns: below a header cell that says password, in CSV and in tables of Markdown.

Bounds: a header is read once, ``MAX_COLUMNS`` columns of it; a line below a header that was read is a row.
"""

from __future__ import annotations

from collections.abc import Iterator

from sensor.detect.finding import Candidate, Document
from sensor.detect.lazily import lazily
from sensor.detect.scanners.columns import column_cells
from sensor.detect.scanners.secrets.judge import Style
from sensor.detect.scanners.secrets.verdict import judged_span

__all__ = ["MAX_COLUMNS", "MAX_HEADER", "Tables"]

MAX_COLUMNS = 4
"""Columns of one header that may hold passwords."""
MAX_HEADER = 1024
"""Bytes of a header."""

_BEFORE = lazily(rb"(?:\A(?:\xef\xbb\xbf)?|[,;|\t\n])[ \"'*`]{0,12}(?:[A-Za-z]{1,16}[ ]){0,3}\Z")
_AFTER = lazily(rb"[ \"'*`]{0,12}(?:\([^)\n]{0,24}\)[ \"'*`]{0,12})?(?:[,;|\t\r\n]|\Z)")
_MARKS = b"`*"


class Tables:
    """The tables of one document, as far as their passwords go."""

    __slots__ = ("_columns", "_document", "_line", "_rows_end")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._line = -1
        self._columns = 0
        self._rows_end = 0

    def below(self, start: int, end: int) -> Iterator[Candidate]:
        """The passwords below the name at ``start``, where that is a cell of a header."""
        data = self._document.data
        if _AFTER.match(data, end) is None or _BEFORE.search(data, max(0, start - 64), start) is None:
            return
        low = data.rfind(b"\n", max(0, start - MAX_HEADER), start) + 1
        if low != self._line:
            if low < self._rows_end or start - low > MAX_HEADER:
                return
            self._line = low
            self._columns = 0
        self._columns += 1
        if self._columns > MAX_COLUMNS or data.find(b"\n", end, low + MAX_HEADER) < 0:
            return
        cells = column_cells(self._document, start)
        if cells:
            self._rows_end = max(self._rows_end, cells[-1][1])
        name = data[start:end]
        for first, last in cells:
            while first < last and data[first] in _MARKS:
                first += 1
            while last > first and data[last - 1] in _MARKS:
                last -= 1
            if last - first <= 128 and data.find(b" ", first, last) < 0:
                candidate = judged_span(data, first, last, name, Style.CELL, last)
                if candidate is not None:
                    yield candidate
