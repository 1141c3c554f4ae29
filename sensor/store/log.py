"""
The writing end of the audit log: entries, tree, checkpoint and everything derived, in one transaction.

Rule 1: there is one writer for a database (the recorder holds a lock); this module does not look for another.
Rule 2: after ``append`` returns, what was appended is on the disk, signed. After it raises, nothing of it is
there, or all of it is (a commit whose outcome the disk did not tell): either way the next ``append`` starts
from what the database says.
Rule 3: what is in the log already is not appended again: an event is known by its id, a review by its app and
time. Whoever was not told that a record is durable may send it again.

Sums are added in the database: ``inventory`` rows are read, merged and written back, and a bounded cache
saves the reading. No clock here; randomness and the signing key are handed in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sensor.entries import Randomness, Record, Sealed, seal
from sensor.errors import Malformed, WorkError
from sensor.inventory import InventoryRow, merge
from sensor.model import Event, Review
from sensor.store.derive import (
    EVENT_COLUMNS,
    INVENTORY_COLUMNS,
    REVIEW_COLUMNS,
    Fold,
    event_row,
    inventory_key,
    read_inventory,
    review_row,
)
from sensor.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from sensor.tlog.note import Signer
from sensor.tlog.tree import EMPTY_TREE, Tree, edge_tiles, grow, hash_leaf, restore

__all__ = ["MAX_CACHED_ROWS", "Appended", "Log"]

MAX_CACHED_ROWS = 20_000
"""Inventory rows kept in memory between batches."""

_IDS_AT_ONCE = 500
"""Event ids looked up with one statement (SQLite allows 999 parameters at least)."""


def _insert(table: str, columns: Sequence[str], *, replace: bool = False) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" for _ in columns)
    return f"INSERT {'OR REPLACE ' if replace else ''}INTO {table} ({names}) VALUES ({marks})"


_ENTRY: Final = _insert("entry", ("idx", "body"))
_CONTENT: Final = _insert("content", ("idx", "field", "salt", "value"))
_TILE: Final = _insert("tile", ("level", "n", "data"), replace=True)
_CHECKPOINT: Final = _insert("checkpoint", ("size", "frontier", "note"))
_EVENT: Final = _insert("event", EVENT_COLUMNS)
_REVIEW: Final = _insert("review", REVIEW_COLUMNS)
_INVENTORY: Final = _insert("inventory", INVENTORY_COLUMNS, replace=True)
_COVERAGE: Final = _insert("coverage", ("run", "name", "value", "ts"), replace=True)
_DAY: Final = """
    INSERT INTO ru_day (day, app, events, blocked, would_block, redacted, bytes_up, bytes_down)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (day, app) DO UPDATE SET
        events = events + excluded.events,
        blocked = blocked + excluded.blocked,
        would_block = would_block + excluded.would_block,
        redacted = redacted + excluded.redacted,
        bytes_up = bytes_up + excluded.bytes_up,
        bytes_down = bytes_down + excluded.bytes_down
"""


@dataclass(frozen=True, slots=True)
class Appended:
    """What one ``append`` did."""

    size: int
    """Entries in the log now."""
    added: int
    """How many of the records were new."""
    reviews: tuple[Review, ...]
    """The reviews among them."""


class Log:
    """
    An open log.

    Raises ``WorkError`` where what stands in the database is not a log that this key signed.
    """

    def __init__(self, connection: sqlite3.Connection, signer: Signer, *, randomness: Randomness) -> None:
        self._connection = connection
        self._signer = signer
        self._randomness = randomness
        self._tree = EMPTY_TREE
        self._rows: dict[tuple[str, str | None, str | None], InventoryRow] = {}
        self._stale = True
        self.reload()

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._signer.verifier.name

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._tree.size

    def seal(self, record: Record) -> Sealed:
        """A record as an entry of this log. Raises ``Malformed``."""
        return seal(record, origin=self.origin, randomness=self._randomness)

    def reload(self) -> None:
        """Take the state of the tree from the database."""
        self._rows.clear()
        self._tree = _load_tree(self._connection, self._signer)
        self._stale = False

    def append(self, entries: Iterable[Sealed]) -> Appended:
        """
        Append entries in order, in one transaction, under a new checkpoint.

        Raises ``sqlite3.Error`` where the database cannot be written, ``WorkError`` as the constructor does.
        """
        if self._stale:
            self.reload()
        self._stale = True
        with _transaction(self._connection):
            fresh = self._without_known(entries)
            tree, rows = self._write(fresh) if fresh else (self._tree, {})
        self._tree = tree
        if len(self._rows) + len(rows) > MAX_CACHED_ROWS:
            self._rows.clear()
        self._rows.update(rows)
        self._stale = False
        reviews = tuple(entry.record for entry in fresh if isinstance(entry.record, Review))
        return Appended(tree.size, len(fresh), reviews)

    def set_coverage(self, run: str, counters: Mapping[str, int], ts: float) -> None:
        """Store the counters of one run, in place of what it stored before."""
        rows = [(run, name, value, ts) for name, value in counters.items()]
        with _transaction(self._connection):
            self._connection.executemany(_COVERAGE, rows)

    def _without_known(self, entries: Iterable[Sealed]) -> list[Sealed]:
        """The entries less those that are in the log already, or earlier among these."""
        entries = list(entries)
        ids = [bytes.fromhex(entry.record.id) for entry in entries if isinstance(entry.record, Event)]
        known: set[bytes] = set()
        for at in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[at : at + _IDS_AT_ONCE]
            marks = ",".join("?" * len(part))
            found = self._connection.execute(f"SELECT id FROM event WHERE id IN ({marks})", part)
            known.update(row[0] for row in found)
        fresh = []
        for entry in entries:
            if isinstance(entry.record, Event):
                event_id = bytes.fromhex(entry.record.id)
                if event_id in known:
                    continue
                known.add(event_id)
            elif isinstance(entry.record, Review) and self._is_reviewed(entry.record):
                continue
            fresh.append(entry)
        return fresh

    def _is_reviewed(self, review: Review) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM review WHERE app = ? AND ts = ?", (review.app, review.ts)
        )
        return found.fetchone() is not None

    def _write(self, entries: Sequence[Sealed]) -> tuple[Tree, dict[Any, InventoryRow]]:
        connection = self._connection
        first = self._tree.size
        tree, tiles = grow(self._tree, [hash_leaf(entry.body) for entry in entries])
        checkpoint = Checkpoint(self.origin, tree.size, tree.root())

        numbered = list(enumerate(entries, first))
        connection.executemany(_ENTRY, [(idx, entry.body) for idx, entry in numbered])
        connection.executemany(
            _CONTENT, [(idx, *content) for idx, entry in numbered for content in entry.content]
        )
        connection.executemany(_TILE, [(level, n, data) for (level, n), data in tiles.items()])
        connection.execute(
            _CHECKPOINT,
            (tree.size, b"".join(tree.frontier), sign_checkpoint(checkpoint, self._signer)),
        )

        fold = Fold()
        events, reviews = [], []
        for idx, entry in numbered:
            record = entry.record
            if isinstance(record, Event):
                events.append(event_row(idx, record))
                fold.add(record)
            elif isinstance(record, Review):
                reviews.append(review_row(idx, record))
        connection.executemany(_EVENT, events)
        connection.executemany(_REVIEW, reviews)
        connection.executemany(_DAY, fold.day_rows())
        for key, added in fold.rows.items():
            fold.rows[key] = merge(self._stored(key), added)
        connection.executemany(_INVENTORY, fold.inventory_rows())
        return tree, fold.rows

    def _stored(self, key: tuple[str, str | None, str | None]) -> InventoryRow | None:
        cached = self._rows.get(key)
        if cached is not None:
            return cached
        names = ", ".join(INVENTORY_COLUMNS)
        row = self._connection.execute(
            f"SELECT {names} FROM inventory WHERE key = ?", (inventory_key(*key),)
        ).fetchone()
        return None if row is None else read_inventory(row)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it is committed, or none of it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors (a full disk).
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _load_tree(connection: sqlite3.Connection, signer: Signer) -> Tree:
    newest = connection.execute(
        "SELECT size, frontier, note FROM checkpoint ORDER BY size DESC LIMIT 1"
    ).fetchone()
    last = connection.execute("SELECT max(idx) FROM entry").fetchone()[0]
    if newest is None:
        if last is not None:
            raise _damaged("it has entries and no checkpoint")
        return EMPTY_TREE
    size, frontier, note = newest
    tiles = {}
    for level, n, _ in edge_tiles(size):
        row = connection.execute("SELECT data FROM tile WHERE level = ? AND n = ?", (level, n)).fetchone()
        if row is not None:
            tiles[level] = row[0]
    try:
        checkpoint = open_checkpoint(note.encode(), signer.verifier)
        tree = restore(size, frontier, tiles)
    except Malformed as error:
        if error.name == "note_unsigned":
            raise _damaged(f"its newest checkpoint is not signed by {signer.verifier.text()}") from error
        raise _damaged(f"its newest checkpoint or tiles are not right ({error.name})") from error
    if checkpoint.size != size or checkpoint.root != tree.root() or last != size - 1:
        raise _damaged("its newest checkpoint, tree and entries do not agree")
    return tree


def _damaged(how: str) -> WorkError:
    return WorkError(
        f"the audit log is damaged: {how}",
        hint="Nothing is recorded on top of a damaged log. See what happened with: gnomon audit verify",
    )
