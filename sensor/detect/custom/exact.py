"""
Exact data match: the cells of a user's tables, known by keyed hashes.

A cell is cut into runs of letters and digits, folded (``words.fold``), and put together again without what
stood between them: ``Müller-Lüdenscheidt`` and ``MÜLLER LÜDENSCHEIDT`` are one, ``123-45-6789`` and
``123456789`` are one. Its HMAC-SHA256 under the home's key, cut to 64 bits, goes into the table with its
row and column. The table holds no clear text, and without the key a guess cannot be tried.

A text is looked up word by word. A word that was looked up in vain is remembered by Python's own hash of it
(salted for each process), so that the words of a language cost nothing after a while. Cells of several
words are found by their first word, which is in the table as such; numbers in groups (``DE89 3704 …``) are
put together too.

One cell says little (``Anna``, ``Berlin``). A rule asks for so many cells of *one row* near each other, or
for one of a column that says enough by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from sensor.detect.custom.tablefile import EXACT, TableError, keyed, read
from sensor.detect.custom.words import ByteOffsets, reach_on, spans_in, words_in
from sensor.detect.detector import Detector
from sensor.detect.finding import Candidate, Document

__all__ = [
    "MAX_COLUMNS", "MAX_ROWS_OF_CELL", "MAX_WORDS", "Cell", "ExactRule", "ExactTable", "ExactTables",
    "cell_of", "header_of", "read_table", "records_of",
]  # fmt: skip

MAX_WORDS: Final = 8
"""Words of a cell; a longer one is no cell but a text: fingerprints are for those."""
MAX_LENGTH: Final = 63
"""Letters and digits of a cell."""
MIN_LENGTH: Final = 2
MAX_COLUMNS: Final = 30
MAX_ROWS_OF_CELL: Final = 4_096
"""A cell that stands in more rows tells nothing, and is left out."""
MAX_VISITS: Final = 50_000
"""Rows looked at for one text."""
MAX_FOUND: Final = 2_000
"""Cells found in one text that are looked at."""
MAX_GAP: Final = 3
"""Characters between two words of one cell: a space, ", ", " - "."""
MAX_NUMBERS: Final = 5_000
"""Numbers put together out of groups that are looked up in one text."""
MAX_KNOWN: Final = 1 << 17
"""Words remembered as not in any table."""


class Cell(NamedTuple):
    """A cell as it is hashed."""

    text: str
    first: str | None
    """Its first word, where it has several."""
    words: int


def cell_of(text: str) -> Cell | None:
    """What stands for a cell; ``None`` for one that is too short, too long, or empty."""
    if len(text) > 8 * MAX_LENGTH:
        return None
    found = words_in(text)
    whole = "".join(found)
    if not MIN_LENGTH <= len(whole) <= MAX_LENGTH or len(found) > MAX_WORDS:
        return None
    return Cell(whole, found[0] if len(found) > 1 else None, len(found))


def is_number(text: str) -> bool:
    """Whether a cell is written in groups as people like: at least half of it digits, and five of them."""
    digits = sum(character.isdigit() for character in text)
    return digits >= 5 and 2 * digits >= len(text)


class _Key(NamedTuple):
    """What is asked of a table."""

    key: bytes

    def whole(self, text: str) -> int:
        return keyed(self.key, b"cell " + text.encode("utf-8", "surrogatepass"))

    def first(self, text: str) -> int:
        return keyed(self.key, b"first " + text.encode("utf-8", "surrogatepass"))


# --- making a table -----------------------------------------------------------------------------------------


def records_of(key: bytes, text: str, row: int, column: int) -> Iterator[tuple[int, int, int]]:
    """
    What a cell adds: (hash, row, column), sorted by the caller.

    ``column`` 255 marks a first word, whose row is the number of words and 64 times the kind.
    """
    cell = cell_of(text)
    if cell is None:
        return
    keys = _Key(key)
    yield keys.whole(cell.text), row, column
    if cell.first is not None:
        yield keys.first(cell.first), cell.words, FIRST


FIRST: Final = 255


def header_of(columns: Sequence[str], lengths: int, numbers: int, rows: int, cells: int) -> bytes:
    """The header: names of the columns, bit masks of the lengths that cells (and numbers) have, counts."""
    return orjson.dumps(
        {
            "form": 1,
            "columns": list(columns),
            "lengths": lengths,
            "numbers": numbers,
            "rows": rows,
            "cells": cells,
        }
    )


# --- a table ------------------------------------------------------------------------------------------------


class ExactTable:
    """A table that was read: hashes in order, and for each its rows."""

    __slots__ = ("columns", "firsts", "hashes", "lengths", "numbers", "offsets", "places", "rows", "words")

    def __init__(self, header: Mapping[str, Any], parts: Sequence[memoryview]) -> None:
        self.columns: tuple[str, ...] = tuple(header["columns"])
        self.lengths: int = header["lengths"]
        self.numbers: int = header["numbers"]
        self.hashes = parts[0].cast("Q")
        self.offsets = parts[1].cast("Q")
        """Where the rows of each hash begin; one more than hashes."""
        self.rows = parts[2].cast("I")
        self.places = parts[3].cast("B")
        """The column of each row."""
        self.firsts = parts[4].cast("Q")
        self.words = parts[5].cast("B")
        """How many words cells have at most that begin with each of ``firsts``."""

    def find(self, value: int) -> tuple[int, int] | None:
        """The range of ``rows`` of a hash."""
        at = bisect_left(self.hashes, value)
        if at < len(self.hashes) and self.hashes[at] == value:
            return self.offsets[at], self.offsets[at + 1]
        return None

    def words_from(self, value: int) -> int:
        """How many words a cell that begins with this one has at most; 0: none does."""
        at = bisect_left(self.firsts, value)
        return self.words[at] if at < len(self.firsts) and self.firsts[at] == value else 0


def read_table(key: bytes, data: bytes | memoryview) -> ExactTable:
    """The table in a file. Raises ``TableError``."""
    sections = read(EXACT, key, data)
    header, parts = sections.header, sections.parts
    sizes = [len(part) for part in parts]
    if header.get("form") != 1 or len(parts) != 6:
        raise TableError("made by another version: make it anew")
    hashes, firsts, rows = sizes[0] // 8, sizes[4] // 8, sizes[3]
    columns = header.get("columns")
    if (
        sizes != [8 * hashes, 8 * (hashes + 1), 4 * rows, rows, 8 * firsts, firsts]
        or not isinstance(columns, list)
        or not all(isinstance(name, str) for name in columns)
        or not isinstance(header.get("lengths"), int)
        or not isinstance(header.get("numbers"), int)
    ):
        raise TableError("its parts do not fit: make it anew")
    table = ExactTable(header, parts)
    if len(table.offsets) and table.offsets[-1] > rows:
        raise TableError("its parts do not fit: make it anew")
    return table


# --- looking up ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactRule:
    """What is asked of a table."""

    detector: Detector
    at_least: int = 2
    """Cells of one row, of different columns."""
    within: int = 200
    """Characters from the first to the last of them."""
    columns: tuple[str, ...] = ()
    """The columns that count; none: all."""
    alone: tuple[str, ...] = ()
    """Columns of which one cell suffices."""


class _Found(NamedTuple):
    """A word or several that are a cell of a table."""

    start: int
    end: int
    low: int
    high: int
    """Where its rows are."""


_Wholes: TypeAlias = dict[str, list[tuple[int, tuple[int, int]]]]
"""A cell to the tables that it is in, by their ``id()``, and its rows there."""


class ExactTables:
    """All tables of a user and their rules; remembers which words are in none."""

    __slots__ = ("_keys", "_known", "_lengths", "_numbers", "_rules", "_tables")

    def __init__(self, rules: Sequence[tuple[ExactRule, ExactTable]], key: bytes) -> None:
        self._rules = rules
        self._tables = list({id(table): table for _, table in rules}.values())
        self._keys = _Key(key)
        self._known: set[int] = set()
        self._lengths = 0
        self._numbers = 0
        for table in self._tables:
            self._lengths |= table.lengths
            self._numbers |= table.numbers

    def scan(self, document: Document) -> list[Candidate]:
        found = self._look_up(document)
        made: list[Candidate] = []
        for rule, table in self._rules:
            its = found.get(id(table))
            if its:
                made.extend(_judge(document.data, rule, table, its))
        return made

    def _look_up(self, document: Document) -> dict[int, list[_Found]]:
        """What is in which table, by where it stands."""
        data = document.data
        words = words_in(document.text)
        fresh = dict(zip(map(hash, words), words, strict=True))
        new = fresh.keys() - self._known
        wholes: _Wholes = {}
        firsts: dict[str, int] = {}
        for salted in new:
            word = fresh[salted]
            self._look_at(word, wholes)
            first = self._keys.first(word)
            most = max(table.words_from(first) for table in self._tables)
            if most:
                firsts[word] = most
            if word not in wholes and not most:
                self._remember(salted)
        found: dict[int, list[_Found]] = {}

        def note(text: str, start: int, end: int) -> None:
            for place, rows in wholes[text]:
                its = found.setdefault(place, [])
                if len(its) < MAX_FOUND:
                    its.append(_Found(start, end, *rows))

        numbers = [
            item
            for item in islice(_numbers(data, self._numbers), MAX_NUMBERS if self._numbers else 0)
            if self._looked_at(item[0], wholes)
        ]
        cells = self._cells(words, wholes, firsts) if wholes or firsts else []
        if not self._is_promising({text for text, *_ in (*cells, *numbers)}, wholes):
            return {}
        for text, start, end in numbers:
            note(text, start, end)
        if cells:
            spans = spans_in(document.text)
            byte = ByteOffsets(document.text)
            for text, first, last in cells:
                if all(spans[at + 1][0] - spans[at][1] <= MAX_GAP for at in range(first, last)):
                    note(text, byte(spans[first][0]), byte(spans[last][1]))
        return found

    def _is_promising(self, texts: Collection[str], wholes: _Wholes) -> bool:
        """Whether some row has as many of the cells as a rule asks for, wherever they stand."""
        if not texts:
            return False
        for rule, table in self._rules:
            alone = {place for place, name in enumerate(table.columns) if name in rule.alone}
            counts: dict[int, int] = {}
            visits = 0
            for text in texts:
                for place, (low, high) in wholes[text]:
                    if place == id(table):
                        visits += high - low
                        if visits > MAX_VISITS // 10:
                            return True
                        for at in range(low, high):
                            counts[table.rows[at]] = counts.get(table.rows[at], 0) + 1
                            if table.places[at] in alone:
                                return True
            if max(counts.values(), default=0) >= rule.at_least:
                return True
        return False

    def _cells(
        self,
        words: Sequence[str],
        wholes: _Wholes,
        firsts: Mapping[str, int],
    ) -> list[tuple[str, int, int]]:
        """
        (cell, its first word, its last) of words that are a cell of some table, by themselves or
        together.
        """
        cells = []
        wanted = wholes.keys() | firsts.keys()
        for first in [at for at, word in enumerate(words) if word in wanted]:
            text = words[first]
            if text in wholes:
                cells.append((text, first, first))
            for last in range(first + 1, min(first + firsts.get(text, 0), len(words))):
                text += words[last]
                if self._looked_at(text, wholes):
                    cells.append((text, first, last))
        return cells

    def _looked_at(self, text: str, wholes: _Wholes) -> bool:
        if text in wholes:
            return True
        # Not the mark of a word: that one says also that no cell begins with it.
        salted = hash(text) ^ 1
        if salted in self._known:
            return False
        self._look_at(text, wholes)
        if text not in wholes:
            self._remember(salted)
        return text in wholes

    def _remember(self, salted: int) -> None:
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known.add(salted)

    def _look_at(self, text: str, wholes: _Wholes) -> None:
        if not (self._lengths >> min(len(text), MAX_LENGTH + 1)) & 1:
            return
        value = self._keys.whole(text)
        for table in self._tables:
            rows = table.find(value)
            if rows is not None:
                wholes.setdefault(text, []).append((id(table), rows))


_RUN: Final = re.compile(
    rb"[0-9][0-9A-Za-z]*(?:[^0-9A-Za-z]{1,3}[A-Za-z]{0,4}[0-9][0-9A-Za-z]*){1,24}", re.DOTALL
)
"""Groups with digits in them."""
_GROUP: Final = re.compile(rb"[0-9A-Za-z]+")
_LETTERS_BEFORE: Final = re.compile(rb"[A-Za-z]{1,4}\Z")


def _numbers(data: bytes, lengths: int) -> Iterator[tuple[str, int, int]]:
    """Groups with digits in them, put together to a number of a length that one of a table has."""
    for run in _RUN.finditer(data):
        start = run.start()
        before = _LETTERS_BEFORE.search(data, max(0, start - 4), start)
        groups = [
            (group.start(), group.end(), group[0].decode("ascii").lower())
            for group in _GROUP.finditer(data, before.start() if before else start, run.end())
        ]
        for first in range(len(groups)):
            text = groups[first][2]
            for _, end, word in groups[first + 1 : first + MAX_WORDS]:
                text += word
                if len(text) > MAX_LENGTH:
                    break
                if lengths >> len(text) & 1:
                    yield text, groups[first][0], end


def _judge(data: bytes, rule: ExactRule, table: ExactTable, found: Sequence[_Found]) -> Iterator[Candidate]:
    """The cells that a rule takes."""
    counted = [not rule.columns or name in rule.columns for name in table.columns]
    alone = {place for place, name in enumerate(table.columns) if name in rule.alone}
    cells: dict[tuple[int, int], str] = {}
    by_row = _by_row(table, found)
    for row_cells in by_row.values():
        for item, place in row_cells:
            if place in alone:
                cells[item.start, item.end] = "a cell of a column that says enough"
    if rule.at_least > 1 or not alone:
        for row_cells in by_row.values():
            its = sorted((item.start, item.end, place) for item, place in row_cells if counted[place])
            for start, end in _together(data, rule, its):
                cells[start, end] = "several cells of one row stand together"
    detector = rule.detector
    for (start, end), reason in sorted(cells.items()):
        yield Candidate(
            start, end, detector.id, detector.score, True, (f"in the table of {detector.name}", reason)
        )


def _by_row(table: ExactTable, found: Sequence[_Found]) -> dict[int, list[tuple[_Found, int]]]:
    """
    The cells found, by row. Rare ones first; when ``MAX_VISITS`` are spent, the common ones are only looked
    up in the rows already there.
    """
    rows: dict[int, list[tuple[_Found, int]]] = {}
    visits = 0
    for item in sorted(found, key=lambda item: item.high - item.low):
        visits += item.high - item.low
        if visits <= MAX_VISITS:
            for at in range(item.low, item.high):
                rows.setdefault(table.rows[at], []).append((item, table.places[at]))
            continue
        visits += len(rows)
        if visits > 4 * MAX_VISITS:
            break
        for row, its in rows.items():
            at = bisect_left(table.rows, row, item.low, item.high)
            for place in range(at, bisect_right(table.rows, row, at, item.high)):
                its.append((item, table.places[place]))
    return rows


def _together(
    data: bytes, rule: ExactRule, cells: Sequence[tuple[int, int, int]]
) -> Iterable[tuple[int, int]]:
    """The spans of those that stand within the distance of enough others of different columns."""
    if len({place for _, _, place in cells}) < rule.at_least:
        return ()
    taken: set[tuple[int, int]] = set()
    for at, (start, _, _) in enumerate(cells):
        limit = reach_on(data, start, rule.within)
        group = []
        for item in cells[at : at + 4 * MAX_COLUMNS]:
            if item[1] <= limit:
                group.append(item)
        # A word can be a cell of two columns; it is one witness.
        if _witnesses(group) >= rule.at_least:
            taken.update((first, last) for first, last, _ in group)
    return taken


def _witnesses(group: Sequence[tuple[int, int, int]]) -> int:
    """How many different columns different places of the text can stand for."""
    places: dict[tuple[int, int], set[int]] = {}
    for start, end, column in group:
        places.setdefault((start, end), set()).add(column)
    used: set[int] = set()
    texts: set[tuple[int, int]] = set()
    for span, columns in sorted(places.items(), key=lambda item: len(item[1])):
        free = columns - used
        overlaps = any(span[0] < other[1] and other[0] < span[1] for other in texts)
        if free and not overlaps:
            used.add(min(free))
            texts.add(span)
    return len(used)
