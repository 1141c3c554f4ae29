"""
The proof that the log is what was signed, and that everything derived is what the log says.

What is checked, in one pass over the entries:

1. every body hashes into the tree whose root each stored checkpoint signed;
2. every checkpoint is signed by the log's key, names its own size, and has the compact range of its size;
3. every tile holds the hashes of that tree, and there is no other;
4. every body is a canonical entry, and its content holds what the entry commits to, no more and no less;
5. ``event``, ``review``, ``inventory`` and ``ru_day`` are what the entries and their content derive to;
6. the tables are those of this program (no triggers, no views), and SQLite finds the file whole;
7. every checkpoint that the verifier *holds* (``held``) is signed by the log's key, and the log still begins
   with the tree it names.

How the first bad entry is found. The root over entries ``0..n-1`` either is the signed one or it is not.
Where it is not, the leaf hashes in the tiles are tried in place of the entries: if *they* give the signed
root, they are the hashes that were signed, and each entry that differs from its leaf hash is bad, by
number. If neither gives the root, entries and tiles were both rewritten: the fault is then after the last
checkpoint that does fit, and that range is told. Stored checkpoints, one for each batch, narrow it down.

What an insider with the database *and* the key can do is rewrite entries, tiles and every stored checkpoint
so that all agree. Only a checkpoint kept elsewhere shows it, and it holds one hash: it proves *that*
entries ``0..n-1`` are not those that were signed, not which. Several held checkpoints narrow it: the fault
lies after the largest that fits. Where the tiles were left alone, they give the held root, and the entries
are named.

Not noticed: a log cut at its end, unless a longer checkpoint is held; an older stored checkpoint that is
gone.

Bounds: of the problems, the ``MAX_PROBLEMS`` nearest to the log's beginning are kept, the rest is counted.
Memory: 32 bytes for each entry between two checkpoints, and the inventory.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sensor.entries import Record, open_content, read_entry, unseal
from sensor.errors import Malformed
from sensor.model import Event, Review
from sensor.store.derive import (
    EVENT_COLUMNS,
    INVENTORY_COLUMNS,
    REVIEW_COLUMNS,
    RU_DAY_COLUMNS,
    Fold,
    event_row,
    review_row,
)
from sensor.store.schema import migrate
from sensor.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from sensor.tlog.note import Verifier
from sensor.tlog.tree import EMPTY_TREE, HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Tree, grow, hash_leaf

__all__ = ["MAX_PROBLEMS", "Held", "Problem", "Verification", "verify"]

MAX_PROBLEMS = 50

MAX_GAP = 10_000
"""Missing entries up to which the log is still read to its end."""

MAX_PLACES = 1_000_000
"""Entries among which the origin of a moved record is looked for."""

_NO_HASH: Final = bytes(HASH_BYTES)
"""Stands for an entry or leaf hash that is not there: no body hashes to it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint that the verifier kept."""

    name: str
    """Where it came from: a file name."""
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is not as it was signed."""

    kind: str
    """``snake_case``, from a closed set."""
    what: str
    """A sentence."""
    first: int | None = None
    """The entry it is about; of a range, the first entry that it can be."""
    last: int | None = None
    """The last entry it can be; equal to ``first`` where the entry is known."""


@dataclass(slots=True)
class Verification:
    """What was found."""

    origin: str
    entries: int = 0
    checkpoints: int = 0
    """How many stored ones were signed by the log's key."""
    root: bytes | None = None
    """Of the newest checkpoint."""
    held: list[tuple[str, int]] = field(default_factory=list)
    """Name and size of each held checkpoint that the log fits."""
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    """Of all problems, kept or not."""

    @property
    def ok(self) -> bool:
        """Whether all is as it was signed."""
        return not self.count

    @property
    def first_bad(self) -> int | None:
        """The first entry that is known to be bad; ``None`` where none is."""
        return min(
            (p.first for p in self.problems if p.first is not None and p.first == p.last), default=None
        )

    @property
    def first_range(self) -> tuple[int, int] | None:
        """
        Entries of which the first bad one is one; ``None`` where it is known.

        A known bad entry may still not be the first: then this begins before it.
        """
        ranges = [
            (p.first, p.last) for p in self.problems if p.first is not None and p.last not in (None, p.first)
        ]
        known = self.first_bad
        found = min(ranges, default=None)
        if found is None or (known is not None and known <= found[0]):
            return None
        return found[0], min(found[1], known) if known is not None else found[1]


def verify(
    connection: sqlite3.Connection,
    verifier: Verifier,
    held: Sequence[Held] = (),
) -> Verification:
    """
    Check everything, as of one moment; the recorder may go on meanwhile.

    A database that SQLite cannot read is a problem found, not an exception.
    """
    try:
        return _verify(connection, verifier, held)
    except UnicodeError:
        # Text that is no UTF-8 is a changed value to be named, not an end of reading. (Slower: only then.)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        return _verify(connection, verifier, held)
    finally:
        connection.text_factory = str


def _verify(connection: sqlite3.Connection, verifier: Verifier, held: Sequence[Held]) -> Verification:
    """Raises ``UnicodeError`` where a text of the database is not UTF-8."""
    result = Verification(origin=verifier.name)
    run = _Run(connection, verifier, result)
    try:
        connection.execute("BEGIN")
        try:
            run.check_schema()
            run.check_log(held)
            run.check_sums()
            run.check_file()
        finally:
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        if "decode" in str(error):
            raise UnicodeError from error
        run.problem("database_damaged", f"SQLite cannot read the database: {error}")
    run.keep_first(MAX_PROBLEMS)
    return result


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A stored checkpoint that the log's key signed."""

    root: bytes
    frontier: bytes


class _Rows:
    """Rows of a table that come in the order of ``idx``, their first column, handed out by ``idx``."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], stray: Callable[[int], None]) -> None:
        self._rows = iter(rows)
        self._stray = stray
        self._next = next(self._rows, None)

    def take(self, idx: int) -> list[tuple[Any, ...]]:
        """The rows of ``idx``; those before it belong to no entry and are reported."""
        taken = []
        while self._next is not None and self._next[0] <= idx:
            if self._next[0] == idx:
                taken.append(self._next)
            else:
                self._stray(self._next[0])
            self._next = next(self._rows, None)
        return taken

    def finish(self) -> None:
        """No entry comes any more: report what is left."""
        while self._next is not None:
            self._stray(self._next[0])
            self._next = next(self._rows, None)


class _Run:
    """One verification."""

    def __init__(self, connection: sqlite3.Connection, verifier: Verifier, result: Verification) -> None:
        self.connection = connection
        self.verifier = verifier
        self.result = result
        self.fold = Fold()
        self.is_sound = True
        """Whether every entry and its content was read and was right, so that sums can be compared."""
        self.reported: set[int] = set()
        """Entries that are known to be bad."""
        self.named: set[int] = set()
        """Of these, the ones whose hash told."""
        self.place_of: dict[bytes, int] = {}
        self.end = 0
        """One more than the number of the last entry, signed or not."""

    def problem(self, kind: str, what: str, first: int | None = None, last: int | None = None) -> None:
        result = self.result
        result.count += 1
        last = first if last is None else last
        result.problems.append(Problem(kind=kind, what=what, first=first, last=last))
        if len(result.problems) > 20 * MAX_PROBLEMS:
            self.keep_first(MAX_PROBLEMS)

    def keep_first(self, limit: int) -> None:
        """Put the problems in order, and keep those nearest to the log's beginning."""
        self.result.problems.sort(key=_place)
        del self.result.problems[limit:]

    def bad_entry(self, kind: str, what: str, idx: int) -> None:
        """An entry or its content is bad."""
        self.is_sound = False
        self.reported.add(idx)
        self.problem(kind, what, idx)

    # --- the log ----------------------------------------------------------------------------------------

    def check_log(self, held: Sequence[Held]) -> None:
        """Points 1, 2, 3, 4 and 7."""
        anchors = self.stored_checkpoints()
        size = max(anchors, default=0)
        self.result.entries = size
        if size:
            self.result.root = anchors[size].root
        readable = self.check_extent(size)
        kept = self.held_checkpoints(held, readable)

        # `tree` is at `position`; up to `good` it is the signed one.
        good, good_tree = 0, EMPTY_TREE
        tree: Tree | None = EMPTY_TREE
        tiles: dict[tuple[int, int], bytes] = {}
        roots = {0: EMPTY_TREE.root()}  # over entries, as far as every checkpoint fitted
        fits = True
        entries = self.entries(readable)
        position = 0
        for end in sorted({*anchors, *(checkpoint.size for _, checkpoint in kept)}):
            if not position < end <= readable:
                continue
            hashes = islice(entries, end - position)
            position = end
            if tree is None:
                # No root to go on from: the entries are still read for what else is wrong with them.
                deque(hashes, maxlen=0)
                continue
            tree, changed = grow(tree, hashes)
            tiles.update(changed)
            root = tree.root()
            if fits:
                roots[end] = root
            anchor = anchors.get(end)
            if anchor is None:
                continue
            if root != anchor.root:
                fits = False
                tree, tiles = self.locate(good, good_tree, end, anchor)
            if tree is not None:
                self.check_anchor(end, tree, anchor)
                self.check_tiles(tiles, is_last=end == size == self.end)
                good, good_tree = end, tree
            tiles = {}
        deque(entries, maxlen=0)
        self.check_tile_names(self.end)
        self.check_held(kept, roots, anchors)

    def stored_checkpoints(self) -> dict[int, _Anchor]:
        """The checkpoints that are signed, by size."""
        anchors = {}
        for size, frontier, note in self.connection.execute(
            "SELECT size, frontier, note FROM checkpoint ORDER BY size"
        ):
            try:
                checkpoint = open_checkpoint(note.encode(), self.verifier)
            except Malformed as error:
                self.problem(
                    "checkpoint_signature",
                    f"the checkpoint of size {size} is not one that the log's key signed ({error.name})",
                )
                continue
            if checkpoint.size != size:
                self.problem(
                    "checkpoint_size",
                    f"the checkpoint stored as size {size} was signed for size {checkpoint.size}",
                )
                continue
            self.result.checkpoints += 1
            anchors[size] = _Anchor(checkpoint.root, frontier)
        return anchors

    def check_extent(self, size: int) -> int:
        """Report entries outside 0..size-1, and gaps; gives how many entries are to be read."""
        last = self.connection.execute("SELECT max(idx) FROM entry WHERE idx >= ?", (size,)).fetchone()[0]
        self.end = size if last is None else last + 1
        if last is not None:
            self.is_sound = False
            self.problem(
                "entry_unsigned",
                f"entries {size} to {last} are under no checkpoint that the log's key signed",
                size,
                last,
            )
        below = self.connection.execute("SELECT count(*) FROM entry WHERE idx < 0").fetchone()[0]
        if below:
            self.problem("entry_unsigned", f"{below} entries have numbers below 0")
        there = self.connection.execute(
            "SELECT count(*) FROM entry WHERE idx >= 0 AND idx < ?", (size,)
        ).fetchone()[0]
        if size - there <= MAX_GAP:
            return size
        first = self.connection.execute(
            """
            SELECT min(at) FROM (SELECT 0 AS at UNION ALL SELECT idx + 1 FROM entry WHERE idx >= 0)
            WHERE at NOT IN (SELECT idx FROM entry)
            """
        ).fetchone()[0]
        self.is_sound = False
        self.problem("entry_missing", f"{size - there} entries are missing, the first is {first}", first)
        return int(first)

    def entries(self, size: int) -> Iterator[bytes]:
        """The leaf hash of each entry, which is checked against its content and its rows on the way."""
        content = _Rows(
            self.connection.execute("SELECT idx, field, salt, value FROM content ORDER BY idx, field"),
            self.stray("content"),
        )
        events = _Rows(
            self.connection.execute(f"SELECT {_names(EVENT_COLUMNS)} FROM event ORDER BY idx"),
            self.stray("event"),
        )
        reviews = _Rows(
            self.connection.execute(f"SELECT {_names(REVIEW_COLUMNS)} FROM review ORDER BY idx"),
            self.stray("review"),
        )
        bodies = _Rows(
            self.connection.execute("SELECT idx, body FROM entry WHERE idx >= 0 ORDER BY idx"),
            lambda _: None,
        )
        for idx in range(size):
            found = bodies.take(idx)
            record = None
            if found:
                body = found[0][1]
                record = self.read(idx, body, [row[1:] for row in content.take(idx)])
                yield hash_leaf(body)
            else:
                self.bad_entry("entry_missing", f"entry {idx} is missing", idx)
                self.named.add(idx)
                yield _NO_HASH
            event = [event_row(idx, record)] if isinstance(record, Event) else []
            review = [review_row(idx, record)] if isinstance(record, Review) else []
            if idx not in self.reported:
                self.compare_row("event", EVENT_COLUMNS, idx, event, events.take(idx))
                self.compare_row("review", REVIEW_COLUMNS, idx, review, reviews.take(idx))
            else:
                events.take(idx)
                reviews.take(idx)
        content.finish()
        events.finish()
        reviews.finish()

    def read(self, idx: int, body: bytes, rows: list[tuple[Any, ...]]) -> Record | None:
        """The record of an entry, added to the sums."""
        try:
            entry = read_entry(body)
            personal, missing = open_content(entry, rows)
            record = unseal(entry, personal, origin=self.verifier.name)
        except Malformed as error:
            what = _CONTENT.get(error.name, f"is not a record of this program ({error.name})")
            kind = error.name if error.name in _CONTENT else "entry_malformed"
            self.bad_entry(kind, f"entry {idx} {what}", idx)
            return None
        if missing:
            self.bad_entry(
                "content_missing",
                f"entry {idx} commits to {', '.join(missing)}, and the content is gone",
                idx,
            )
            return None
        if isinstance(record, Event):
            self.fold.add(record)
        return record

    def locate(
        self, start: int, tree: Tree, end: int, anchor: _Anchor
    ) -> tuple[Tree | None, dict[tuple[int, int], bytes]]:
        """
        Entries ``start..end-1`` do not give the signed root: say which are bad.

        Gives a tree at ``end`` to go on from, and its tiles.
        """
        self.is_sound = False
        after, tiles = grow(tree, self.leaf_hashes(start, end))
        if after.root() == anchor.root:
            self.name_changed(start, end, f"the checkpoint of size {end}")
            return after, tiles
        self.problem(
            "root_differs",
            f"entries {start} to {end - 1} do not hash to the root that the checkpoint of size {end} signed, "
            "and neither do their leaf hashes in the tiles: entries and tiles were rewritten",
            start,
            end - 1,
        )
        self.name_changed(start, end, None)
        return self.regain(end, anchor), {}

    def regain(self, size: int, anchor: _Anchor) -> Tree | None:
        """The tree at a checkpoint, from its compact range; ``None`` where that was changed too."""
        nodes = [anchor.frontier[at : at + HASH_BYTES] for at in range(0, len(anchor.frontier), HASH_BYTES)]
        tree = Tree(size=size, frontier=tuple(nodes), edge=self.edge(size))
        whole = len(anchor.frontier) == size.bit_count() * HASH_BYTES
        return tree if whole and tree.root() == anchor.root else None

    def edge(self, size: int) -> tuple[bytes, ...]:
        """The unfinished tiles at ``size``, as the tiles table has them."""
        edge: list[bytes] = []
        while size:
            level = len(edge)
            data = self.tile(level, size // TILE_WIDTH) or b""
            edge.append(data[: size % TILE_WIDTH * HASH_BYTES])
            size //= TILE_WIDTH
        return tuple(edge)

    def name_changed(self, start: int, end: int, signed: str | None) -> None:
        """
        Name the entries that are not their leaf hashes in the tiles.

        ``signed`` says what proves the leaf hashes; ``None`` where nothing does.
        """
        differing = [
            (idx, of_entry, of_leaf)
            for idx, (of_entry, of_leaf) in enumerate(
                zip(self.entry_hashes(start, end), self.leaf_hashes(start, end), strict=True), start
            )
            if of_entry != of_leaf
        ]
        places = self.places() if differing else {}
        for idx, of_entry, _ in differing:
            if idx in self.named:
                continue
            self.named.add(idx)
            if signed is None:
                self.problem(
                    "leaf_differs",
                    f"entry {idx} does not hash to its leaf hash; which of the two was changed is not known",
                    start,
                    end - 1,
                )
                continue
            other = places.get(of_entry)
            how = "was changed" if other is None else f"holds the record that was signed as entry {other}"
            self.bad_entry(
                "entry_changed" if other is None else "entry_moved",
                f"entry {idx} {how}: it does not hash to the leaf hash that {signed} proves",
                idx,
            )

    def places(self) -> dict[bytes, int]:
        """Which entry each leaf hash is of, to say where a record came from."""
        if not self.place_of:
            size = min(self.result.entries, MAX_PLACES)
            self.place_of = {leaf: idx for idx, leaf in enumerate(self.leaf_hashes(0, size))}
        return self.place_of

    def entry_hashes(self, start: int, end: int) -> Iterator[bytes]:
        """The leaf hashes of entries, from their bodies."""
        rows = _Rows(
            self.connection.execute(
                "SELECT idx, body FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx", (start, end)
            ),
            lambda _: None,
        )
        for idx in range(start, end):
            found = rows.take(idx)
            yield hash_leaf(found[0][1]) if found else _NO_HASH

    def leaf_hashes(self, start: int, end: int) -> Iterator[bytes]:
        """The leaf hashes of entries, from the tiles."""
        data, n = b"", -1
        for idx in range(start, end):
            if idx // TILE_WIDTH != n:
                n = idx // TILE_WIDTH
                data = self.tile(0, n) or b""
            at = idx % TILE_WIDTH * HASH_BYTES
            found = data[at : at + HASH_BYTES]
            yield found if len(found) == HASH_BYTES else _NO_HASH

    # --- tiles and checkpoints --------------------------------------------------------------------------

    def tile(self, level: int, n: int) -> bytes | None:
        row = self.connection.execute(
            "SELECT data FROM tile WHERE level = ? AND n = ?", (level, n)
        ).fetchone()
        return None if row is None else row[0]

    def check_anchor(self, size: int, tree: Tree, anchor: _Anchor) -> None:
        if anchor.frontier != b"".join(tree.frontier):
            self.problem(
                "checkpoint_frontier",
                f"the compact range stored with the checkpoint of size {size} was changed",
            )

    def check_tiles(self, tiles: dict[tuple[int, int], bytes], *, is_last: bool) -> None:
        for (level, n), data in tiles.items():
            if not is_last and len(data) < TILE_WIDTH * HASH_BYTES:
                continue
            stored = self.tile(level, n)
            if stored is None:
                self.problem("tile_missing", f"tile {level}/{n} is missing")
            elif stored != data:
                at = next(
                    (
                        at
                        for at in range(len(data) // HASH_BYTES)
                        if data[at * HASH_BYTES : (at + 1) * HASH_BYTES]
                        != stored[at * HASH_BYTES : (at + 1) * HASH_BYTES]
                    ),
                    len(data) // HASH_BYTES,
                )
                of = f" (entry {n * TILE_WIDTH + at} itself is right)" if level == 0 else ""
                self.problem("tile_changed", f"tile {level}/{n} was changed at hash {at}{of}")

    def check_tile_names(self, size: int) -> None:
        """Report tiles that a tree of this size does not have."""
        for level, last in self.connection.execute("SELECT level, max(n) FROM tile GROUP BY level"):
            width = size >> (TILE_HEIGHT * level) if 0 <= level < 8 else 0
            if last >= -(-width // TILE_WIDTH):
                self.problem("tile_unknown", f"tile {level}/{last} is not of a tree of {size} entries")
        below = self.connection.execute("SELECT count(*) FROM tile WHERE n < 0").fetchone()[0]
        if below:
            self.problem("tile_unknown", f"{below} tiles have numbers below 0")

    # --- held checkpoints -------------------------------------------------------------------------------

    def held_checkpoints(self, held: Sequence[Held], size: int) -> list[tuple[Held, Checkpoint]]:
        """The held checkpoints that are this log's and of at most ``size`` entries, smallest first."""
        kept = []
        for item in held:
            try:
                kept.append((item, open_checkpoint(item.note, self.verifier)))
            except Malformed as error:
                self.problem("held_signature", _why_not(item, error, self.verifier))
        kept.sort(key=lambda pair: pair[1].size)
        for item, checkpoint in kept:
            if checkpoint.size > size:
                self.problem(
                    "held_longer",
                    f"{item.name} was signed when the log had {checkpoint.size} entries; it has {size} now: "
                    f"entries {size} to {checkpoint.size - 1} were dropped",
                    size,
                    checkpoint.size - 1,
                )
        return [pair for pair in kept if pair[1].size <= size]

    def check_held(
        self, kept: Sequence[tuple[Held, Checkpoint]], roots: dict[int, bytes], anchors: dict[int, _Anchor]
    ) -> None:
        """Point 7. ``roots`` are those over entries that are known already."""
        sizes = sorted({checkpoint.size for _, checkpoint in kept})
        if not all(size in roots for size in sizes):
            roots = _roots(self.entry_hashes(0, sizes[-1]), sizes)
        misses = []
        for item, checkpoint in kept:
            if roots[checkpoint.size] == checkpoint.root:
                self.result.held.append((item.name, checkpoint.size))
            else:
                misses.append((item, checkpoint))
        if not misses:
            return
        of_leaves = _roots(self.leaf_hashes(0, sizes[-1]), sizes)
        proved = [pair for pair in misses if of_leaves[pair[1].size] == pair[1].root]
        if proved:
            item, checkpoint = proved[-1]
            self.name_changed(0, checkpoint.size, item.name)
        # Of those that nothing explains the smallest says the most; that larger ones miss too follows.
        for item, checkpoint in [pair for pair in misses if pair not in proved][:1]:
            size = checkpoint.size
            fits = max((fit for _, fit in self.result.held if fit < size), default=0)
            twice = size in anchors and anchors[size].root != checkpoint.root
            self.problem(
                "held_differs",
                f"entries 0 to {size - 1} do not hash to the root in {item.name}"
                + (f", while entries 0 to {fits - 1} do hash to the root in a smaller one" if fits else "")
                + (f"; the log's key has signed two different logs of size {size}" if twice else "")
                + f". The fault is in entries {fits} to {size - 1}: entries, tiles and checkpoints were "
                "rewritten together, and this database does not tell which",
                fits,
                size - 1,
            )

    # --- what is derived --------------------------------------------------------------------------------

    def stray(self, table: str) -> Callable[[int], None]:
        def report(idx: int) -> None:
            # Entries that nothing signed are not read; their rows are not strays.
            if not 0 <= idx < self.end:
                self.problem(
                    f"{table}_unknown", f"table {table} has a row for entry {idx}, which does not exist"
                )

        return report

    def compare_row(
        self,
        table: str,
        columns: Sequence[str],
        idx: int,
        expected: list[tuple[Any, ...]],
        found: list[tuple[Any, ...]],
    ) -> None:
        """Point 5, for one row."""
        if expected == found:
            return
        if not found:
            what = f"the row of entry {idx} in table {table} is missing"
        elif not expected:
            what = f"table {table} has a row for entry {idx}, which is not {table}"
        else:
            names = [
                name
                for name, ours, theirs in zip(columns, expected[0], found[0], strict=True)
                if ours != theirs
            ]
            what = f"the row of entry {idx} in table {table} says something else: {', '.join(names)}"
        self.problem(f"{table}_differs", what, idx)

    def check_sums(self) -> None:
        """Point 5, for sums. They are compared only where all that they are sums of is right."""
        if not self.is_sound:
            return
        for table, columns, width, rows in (
            ("inventory", INVENTORY_COLUMNS, 1, self.fold.inventory_rows()),
            ("ru_day", RU_DAY_COLUMNS, 2, self.fold.day_rows()),
        ):
            expected = {row[:width]: row for row in rows}
            for found in self.connection.execute(f"SELECT {_names(columns)} FROM {table}"):
                key = found[:width]
                if expected.pop(key, None) != found:
                    self.problem(f"{table}_differs", f"table {table}: the row {_spell(key)} is not the sum")
            for key in expected:
                self.problem(f"{table}_differs", f"table {table}: the row {_spell(key)} is missing")

    # --- the file ---------------------------------------------------------------------------------------

    def check_schema(self) -> None:
        """Point 6."""
        ours = sqlite3.connect(":memory:", isolation_level=None)
        try:
            migrate(ours)
            wanted = _schema(ours)
        finally:
            ours.close()
        there = _schema(self.connection)
        for (kind, name), sql in wanted.items():
            if there.get((kind, name)) != sql:
                self.problem("schema_changed", f"{kind} {name} is not as this program makes it")
        for kind, name in there:
            if kind == "trigger":
                self.problem("schema_changed", f"there is a trigger, {name}: this program makes none")

    def check_file(self) -> None:
        for (said,) in self.connection.execute("PRAGMA integrity_check(5)"):
            if said != "ok":
                self.problem("database_damaged", f"SQLite says: {said}")


def _roots(hashes: Iterator[bytes], sizes: Sequence[int]) -> dict[int, bytes]:
    """The root at each size, in one pass; sizes ascend."""
    roots = {}
    tree = EMPTY_TREE
    for size in sizes:
        tree, _ = grow(tree, islice(hashes, size - tree.size))
        roots[size] = tree.root()
    return roots


_ORDER: Final = ("entry", "content", "root", "held", "leaf", "event", "review")


def _place(problem: Problem) -> tuple[bool, int, bool, int]:
    """Nearest to the log's beginning first; of one entry, the cause before what follows from it."""
    table = problem.kind.partition("_")[0]
    rank = _ORDER.index(table) if table in _ORDER else len(_ORDER)
    return (problem.first is None, problem.first or 0, problem.first != problem.last, rank)


_CONTENT: Final = {
    "content_changed": "has content that is not what it commits to",
    "content_unknown": "has content that it does not commit to",
    "content_salt": "has content whose salt is not 16 bytes",
}


def _why_not(item: Held, error: Malformed, verifier: Verifier) -> str:
    """Why a held note is not a checkpoint of this log."""
    text = item.note.decode("utf-8", "replace").rpartition("\n\n")[0] + "\n"
    try:
        origin = parse_checkpoint(text).origin
    except Malformed:
        return f"{item.name} is not a checkpoint ({error.name})"
    if origin != verifier.name:
        return f"{item.name} is of another log: {origin}, not {verifier.name}"
    if error.name == "note_unsigned":
        return f"{item.name} was signed by another key than {verifier.text()}: the log's key was replaced"
    return f"{item.name} was changed: its signature is not right ({error.name})"


def _schema(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {(kind, name): sql for kind, name, sql in rows}


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _spell(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key)
