"""
The verifier finds what was changed, and names it.

Single bytes everywhere; records changed, dropped and swapped; and a whole rewrite by one who has the key.
"""

import random
import sqlite3

import pytest

from sensor.entries import seal
from sensor.store.derive import event_row
from sensor.store.schema import open_for_reading, open_for_writing
from sensor.store.verify import MAX_PROBLEMS, Held, verify
from sensor.tlog.checkpoint import Checkpoint, sign_checkpoint
from sensor.tlog.note import make_signer
from sensor.tlog.tree import EMPTY_TREE, grow, hash_leaf
from tests.store.logs import NOON, ORIGIN, SIGNER, batches_of, event, make_log, noise, rebuild, review

OTHER = make_signer(ORIGIN, bytes(32))


@pytest.fixture
def made(tmp_path):
    """40 events and 2 reviews in batches of 7, so that checkpoints stand at 7, 14, …, 35, 42."""
    records = [event(n) for n in range(20)] + [review()] + [event(n) for n in range(20, 40)]
    records.append(review("deepseek.chat", until="2027-06-30", ts=NOON + 9))
    return make_log(tmp_path, [records[at : at + 7] for at in range(0, 42, 7)])


def check(made, *held, verifier=SIGNER.verifier):
    """The verification of a database as it lies; held checkpoints are named h0, h1, …"""
    connection = open_for_reading(made.path)
    try:
        return verify(connection, verifier, [Held(f"h{at}", note) for at, note in enumerate(held)])
    finally:
        connection.close()


def note_at(made, size):
    return rows(made, f"SELECT note FROM checkpoint WHERE size = {size}")[0][0].encode()


def kinds(found):
    return {problem.kind for problem in found.problems}


def swap(made, one, other):
    first, second = (rows(made, f"SELECT body FROM entry WHERE idx = {idx}")[0][0] for idx in (one, other))
    made.edit("UPDATE entry SET body = ? WHERE idx = ?", second, one)
    made.edit("UPDATE entry SET body = ? WHERE idx = ?", first, other)


def rows(made, sql):
    connection = made.connect()
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def drop(made, idx):
    """Take an entry out and move all that follow it up, in every table."""
    for table in ("entry", "content", "event", "review"):
        made.edit(f"DELETE FROM {table} WHERE idx = ?", idx)
        # By way of negative numbers: a row may not pass through the place of another.
        made.edit(f"UPDATE {table} SET idx = -idx WHERE idx > ?", idx)
        made.edit(f"UPDATE {table} SET idx = -idx - 1 WHERE idx < 0")


def put_body(made, idx, record, seed=77):
    """Put another record in an entry's place, with its content and its row: consistent but for the tree."""
    sealed = seal(record, origin=ORIGIN, randomness=noise(seed))
    made.edit("UPDATE entry SET body = ? WHERE idx = ?", sealed.body, idx)
    made.edit("DELETE FROM content WHERE idx = ?", idx)
    for content in sealed.content:
        made.edit("INSERT INTO content VALUES (?, ?, ?, ?)", idx, *content)
    made.edit("DELETE FROM event WHERE idx = ?", idx)
    row = event_row(idx, record)
    made.edit(f"INSERT INTO event VALUES ({', '.join('?' * len(row))})", *row)


# --- what is right ----------------------------------------------------------------------------------------


def test_a_log_as_it_was_signed(made):
    """Nothing is found, and what there is is told."""
    found = check(made, note_at(made, 14), note_at(made, 42))
    assert found.ok
    assert (found.entries, found.checkpoints, found.held) == (42, 6, [("h0", 14), ("h1", 42)])
    assert (found.first_bad, found.first_range) == (None, None)
    assert found.root is not None


def test_an_empty_log(tmp_path):
    """A database without entries verifies, and fits the checkpoint of nothing."""
    open_for_writing(tmp_path / "gnomon.db").close()
    made = make_log(tmp_path, [])
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_TREE.root()), SIGNER).encode()
    found = check(made, note)
    assert (found.ok, found.entries, found.held) == (True, 0, [("h0", 0)])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 300])
def test_logs_at_the_edges_of_tiles(tmp_path, size):
    """Full tiles and tiles of one hash verify, whatever the batches."""
    assert check(make_log(tmp_path, batches_of(size, 100))).ok


# --- single bytes -----------------------------------------------------------------------------------------

CELLS = {
    "entry": ("body",),
    "tile": ("data",),
    "checkpoint": ("frontier", "note"),
    "content": ("field", "salt", "value"),
    "event": ("id", "door", "kind", "app", "user", "device", "verdict"),
    "review": ("status", "app", "owner"),
    "inventory": ("key", "doors", "grade"),
    "ru_day": ("app",),
}
NUMBERS = {
    "entry": ("idx",),
    "tile": ("level", "n"),
    "checkpoint": ("size",),
    "content": ("idx",),
    "event": ("idx", "ts", "enforced", "count", "bytes_up"),
    "review": ("idx", "ts"),
    "inventory": ("bytes_up", "events", "last_seen"),
    "ru_day": ("day", "events"),
}


def each(cells):
    return [(table, column) for table, columns in cells.items() for column in columns]


def change_a_byte(made, table, column, rng):
    """One byte of one random cell becomes another."""
    connection = made.connect()
    try:
        cursor = connection.execute(f"SELECT * FROM {table}")
        names = [description[0] for description in cursor.description]
        at = names.index(column)
        row = rng.choice([row for row in cursor if row[at]])
        data = bytearray(row[at] if isinstance(row[at], bytes) else row[at].encode())
        data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
        value = "?" if isinstance(row[at], bytes) else "CAST(? AS TEXT)"
        where = " AND ".join(f'"{name}" IS ?' for name in names)
        connection.execute(f'UPDATE {table} SET "{column}" = {value} WHERE {where}', (bytes(data), *row))
        assert connection.total_changes == 1
    finally:
        connection.close()


@pytest.mark.slow
def test_every_changed_byte_is_found(tmp_path):
    """210 changes of a single random byte in the text and bytes of every table: each is found."""
    rng = random.Random(1)
    records = [[event(n) for n in range(12)], [review(), event(12)], [event(n) for n in range(13, 20)]]
    made = make_log(tmp_path, records)
    whole = made.path.read_bytes()
    for table, column in each(CELLS) * 10:
        made.path.write_bytes(whole)
        change_a_byte(made, table, column, rng)
        assert not check(made).ok, (table, column)


@pytest.mark.parametrize(("table", "column"), each(NUMBERS))
def test_every_changed_number_is_found(made, table, column):
    """A number of any table raised by one, in its last row, is found."""
    made.edit(
        f'UPDATE {table} SET "{column}" = "{column}" + 1000 '
        f'WHERE ("{column}") = (SELECT max("{column}") FROM {table})'
    )
    assert not check(made).ok


@pytest.mark.slow
def test_changed_bytes_of_the_file_never_raise(tmp_path):
    """A byte changed anywhere in the file: a finding or an unused byte, and never an exception."""
    rng = random.Random(2)
    made = make_log(tmp_path, batches_of(60, 20))
    whole = made.path.read_bytes()
    found = 0
    for _ in range(60):
        data = bytearray(whole)
        at = rng.randrange(100, len(data))  # the header's first 100 bytes make it no database at all
        data[at] ^= 1 << rng.randrange(8)
        made.path.write_bytes(data)
        try:
            connection = open_for_reading(made.path)
        except Exception as error:
            assert type(error).__name__ == "WorkError"
            found += 1
            continue
        try:
            found += not verify(connection, SIGNER.verifier).ok
        finally:
            connection.close()
    assert found >= 20


# --- records ----------------------------------------------------------------------------------------------


def test_a_changed_record_is_named(made):
    """An entry's body that was changed is named by number, by its leaf hash in the signed tree."""
    put_body(made, 17, event(17, user="someone else"))
    found = check(made)
    assert (found.first_bad, found.first_range) == (17, None)
    assert found.problems[0].kind == "entry_changed"
    assert "size 21" in found.problems[0].what
    # A held checkpoint says the same, and names it no second time.
    again = check(made, note_at(made, 42), note_at(made, 14))
    assert (again.first_bad, again.held, again.count) == (17, [("h1", 14)], found.count)


def test_a_body_that_is_no_entry_any_more(made):
    """One flipped byte: the entry is named as changed before anything that follows from it."""
    made.edit("UPDATE entry SET body = CAST(replace(body, '\"v\":1', '\"v\":2') AS BLOB) WHERE idx = 30")
    found = check(made)
    assert found.first_bad == 30
    assert kinds(found) == {"entry_changed", "entry_malformed"}


def test_a_dropped_record_is_named(made):
    """An entry taken out, with all that followed moved up: the first that is not in its place is named."""
    drop(made, 9)
    found = check(made)
    assert (found.first_bad, found.first_range) == (9, None)
    moved = next(problem for problem in found.problems if problem.first == 9)
    assert (moved.kind, "signed as entry 10" in moved.what) == ("entry_moved", True)


def test_a_missing_record_is_named(made):
    """An entry that is simply gone is named."""
    made.edit("DELETE FROM entry WHERE idx = 11")
    found = check(made)
    assert (found.first_bad, found.problems[0].kind) == (11, "entry_missing")


@pytest.mark.parametrize(("one", "other"), [(16, 18), (2, 40)])
def test_swapped_records_are_named(made, one, other):
    """Two entries in each other's place, of one batch or of two, are named with where they belong."""
    swap(made, one, other)
    found = check(made)
    assert found.first_bad == one
    moved = {p.first: p.what for p in found.problems if p.kind == "entry_moved"}
    assert f"signed as entry {other}" in moved[one]
    assert f"signed as entry {one}" in moved[other]


def test_records_cut_off_at_the_end(made):
    """Entries under no signed checkpoint, or a checkpoint of more entries than there are, are named."""
    made.edit("DELETE FROM entry WHERE idx >= 40")
    assert check(made).first_bad == 40
    rows = [(f"x{n}", n) for n in range(3)]
    for body, n in rows:
        made.edit("INSERT INTO entry VALUES (?, ?)", 42 + n, body.encode())
    found = check(made)
    assert "entry_unsigned" in kinds(found)


def test_a_checkpoint_gone_leaves_its_entries_unsigned(made):
    """The newest checkpoint taken away: the entries that only it signed are named as a range."""
    made.edit("DELETE FROM checkpoint WHERE size = 42")
    found = check(made)
    assert kinds(found) >= {"entry_unsigned"}
    assert (found.first_bad, found.first_range) == (None, (35, 41))


def test_numbers_below_zero(made):
    """Rows with numbers that no entry has are found."""
    made.edit("INSERT INTO entry VALUES (-5, x'00')")
    made.edit("INSERT INTO tile VALUES (0, -1, x'00')")
    made.edit("INSERT INTO content VALUES (-1, 'user', x'00', 'x')")
    assert kinds(check(made)) == {"entry_unsigned", "tile_unknown", "content_unknown"}


def test_more_problems_than_are_kept(tmp_path):
    """The problems nearest to the log's beginning are kept, and the rest is counted."""
    made = make_log(tmp_path, batches_of(1_100, 1_100))
    made.edit("UPDATE event SET count = 7")
    found = check(made)
    assert (len(found.problems), found.count, found.first_bad) == (MAX_PROBLEMS, 1_100, 0)
    assert [problem.first for problem in found.problems] == list(range(MAX_PROBLEMS))


# --- content and what is derived --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "idx", "kind"),
    [
        ("UPDATE content SET value = 'eve' WHERE idx = 5 AND field = 'user'", 5, "content_changed"),
        ("UPDATE content SET value = CAST(x'ff' AS TEXT) WHERE idx = 5", 5, "content_changed"),
        ("UPDATE content SET salt = x'00' WHERE idx = 5", 5, "content_salt"),
        ("UPDATE content SET field = 'account' WHERE idx = 5 AND field = 'user'", 5, "content_unknown"),
        ("DELETE FROM content WHERE idx = 5 AND field = 'device'", 5, "content_missing"),
        ("INSERT INTO content VALUES (999, 'user', x'00', 'x')", None, "content_unknown"),
        ("UPDATE event SET verdict = 'allow' WHERE idx = 4", 4, "event_differs"),
        ("DELETE FROM event WHERE idx = 4", 4, "event_differs"),
        ("UPDATE event SET idx = 20 WHERE idx = 4", 4, "event_differs"),
        ("UPDATE event SET idx = 900 WHERE idx = 41 - 1", 40, "event_unknown"),
        ("UPDATE review SET status = 'unsanctioned'", 20, "review_differs"),
        ("DELETE FROM review", 20, "review_differs"),
        ("UPDATE inventory SET blocked = 0", None, "inventory_differs"),
        ("DELETE FROM inventory WHERE app = 'deepseek.chat'", None, "inventory_differs"),
        ("DELETE FROM ru_day", None, "ru_day_differs"),
        ("INSERT INTO ru_day VALUES (1, 'a.b', 1, 0, 0, 0, 0, 0)", None, "ru_day_differs"),
        ("UPDATE tile SET data = CAST(data || x'00' AS BLOB)", None, "tile_changed"),
        ("UPDATE tile SET data = zeroblob(length(data))", None, "tile_changed"),
        ("DELETE FROM tile", None, "tile_missing"),
        ("INSERT INTO tile VALUES (1, 0, x'00')", None, "tile_unknown"),
        ("INSERT INTO tile VALUES (9, 0, x'00')", None, "tile_unknown"),
        ("UPDATE checkpoint SET frontier = zeroblob(32) WHERE size = 14", None, "checkpoint_frontier"),
        ("UPDATE checkpoint SET note = 'x' WHERE size = 14", None, "checkpoint_signature"),
        ("UPDATE checkpoint SET note = CAST(x'ff' AS TEXT)", None, "checkpoint_signature"),
        ("UPDATE checkpoint SET size = 15 WHERE size = 14", None, "checkpoint_size"),
        ("DROP INDEX event_id", None, "schema_changed"),
        ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END", None, "schema_changed"),
        ("DROP TABLE coverage", None, "schema_changed"),
        ("DROP TABLE content", None, "database_damaged"),
    ],
)  # fmt: skip
def test_one_change_in_one_table(made, sql, idx, kind):
    """Each kind of edit is found, under its name, with the entry it belongs to."""
    made.edit(sql)
    found = check(made)
    assert kind in kinds(found)
    assert found.first_bad == idx


def test_an_index_of_ones_own_is_no_problem(made):
    """Indices and views beside the tables change nothing that is said."""
    made.edit("CREATE INDEX mine ON event (app)")
    made.edit("CREATE VIEW today AS SELECT * FROM event")
    assert check(made).ok


def test_an_index_that_disagrees_with_its_table(made):
    """SQLite's own check is part of it: an index that lacks a row is found."""
    connection = made.connect()
    connection.execute("PRAGMA writable_schema = ON")
    sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'event_id'").fetchone()[0]
    connection.execute("UPDATE sqlite_schema SET sql = sql || ' WHERE 0' WHERE name = 'event_id'")
    connection.close()
    connection = made.connect()
    connection.execute("UPDATE event SET id = x'00' WHERE idx = 3")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'event_id'", (sql,))
    connection.close()
    found = check(made)
    assert {"database_damaged", "event_differs"} <= kinds(found)


# --- the insider ------------------------------------------------------------------------------------------


def test_a_rewrite_with_the_key_verifies_alone(made):
    """Entries, tiles and checkpoints made anew with the real key agree with themselves: nothing is found."""
    put_body(made, 17, event(17, bytes_up=170, reason="nothing to see"))
    rebuild(made)
    assert check(made).ok


@pytest.mark.parametrize("what", ["changed", "dropped", "swapped"])
def test_a_rewrite_fails_against_a_held_checkpoint(made, what):
    """The same rewrite fails against a checkpoint kept from before; the range of the fault is told."""
    held = note_at(made, 35)
    match what:
        case "changed":
            put_body(made, 17, event(17, reason="nothing to see"))
        case "dropped":
            drop(made, 17)
        case "swapped":
            swap(made, 16, 18)
    rebuild(made)
    found = check(made, held)
    assert "held_differs" in kinds(found)
    assert found.first_range is not None
    assert found.first_range[0] == 0
    assert found.first_range[1] >= 16 or found.first_bad == 16
    assert found.held == []


def test_several_held_checkpoints_narrow_it(made):
    """The fault lies after the largest held checkpoint that fits, and before the smallest that does not."""
    held = [note_at(made, size) for size in (42, 7, 14, 21, 28)]
    put_body(made, 17, event(17, reason="nothing to see"))
    rebuild(made)
    found = check(made, *held)
    assert found.held == [("h1", 7), ("h2", 14)]
    assert (found.first_bad, found.first_range) == (None, (14, 20))
    assert [problem.kind for problem in found.problems] == ["held_differs"]
    assert "two different logs of size 21" in found.problems[0].what
    assert "entries 0 to 13 do hash" in found.problems[0].what


def test_every_checkpoint_kept_names_the_batch(tmp_path):
    """Where each record had its own checkpoint and all are kept, the very entry is known after a rewrite."""
    made = make_log(tmp_path, batches_of(30, 1))
    held = [note_at(made, size) for size in range(1, 31)]
    put_body(made, 12, event(12, reason="nothing to see"))
    rebuild(made)
    found = check(made, *held)
    assert (found.first_bad, found.first_range) == (12, None)


def test_a_rewrite_that_left_the_tiles(made):
    """Checkpoints made anew but not the tiles: the held root proves the tiles, and they name the entries."""
    held = note_at(made, 35)
    put_body(made, 17, event(17, reason="nothing to see"))
    put_body(made, 3, event(3, reason="nothing to see"))
    tiles = rows(made, "SELECT level, n, data FROM tile")
    rebuild(made)
    for level, n, data in tiles:
        made.edit("UPDATE tile SET data = ? WHERE level = ? AND n = ?", data, level, n)
    found = check(made, held)
    assert (found.first_bad, found.first_range) == (3, None)
    assert {p.first for p in found.problems if p.kind == "entry_changed"} == {3, 17}
    assert "h0" in found.problems[0].what
    # Without it the tiles are what does not fit.
    assert kinds(check(made)) == {"tile_changed"}


def test_a_rewrite_without_the_key(made):
    """Tiles made anew but no signature: the fault is in the batch that the checkpoint after it signed."""
    put_body(made, 17, event(17, reason="nothing to see"))
    bodies = [row[0] for row in rows(made, "SELECT body FROM entry ORDER BY idx")]
    _, tiles = grow(EMPTY_TREE, map(hash_leaf, bodies))
    for (level, n), data in tiles.items():
        made.edit("UPDATE tile SET data = ? WHERE level = ? AND n = ?", data, level, n)
    found = check(made)
    assert (found.first_bad, found.first_range) == (None, (14, 20))
    assert kinds(found) == {"root_differs"}


def test_entries_and_tiles_both_damaged(made):
    """Where neither entries nor tiles give the root, the range is told and the places where they differ."""
    put_body(made, 17, event(17, reason="nothing to see"))
    made.edit("UPDATE tile SET data = zeroblob(length(data))")
    made.edit("UPDATE checkpoint SET frontier = zeroblob(length(frontier)) WHERE size = 21")
    found = check(made)
    assert found.first_range == (14, 20)
    assert "leaf_differs" in kinds(found)


def test_a_log_signed_by_another_key(made):
    """A log made anew under another key of the same name: no checkpoint is this log's."""
    connection = made.connect()
    for (note,) in connection.execute("SELECT note FROM checkpoint").fetchall():
        checkpoint = Checkpoint(ORIGIN, int(note.split("\n")[1]), EMPTY_TREE.root())
        connection.execute(
            "UPDATE checkpoint SET note = ? WHERE size = ?",
            (sign_checkpoint(checkpoint, OTHER), checkpoint.size),
        )
    connection.close()
    found = check(made)
    assert found.checkpoints == 0
    assert kinds(found) >= {"checkpoint_signature", "entry_unsigned"}
    assert found.first_range == (0, 41)


def test_held_checkpoints_that_cannot_be_used(made):
    """A held note that is another log's, another key's, changed, or no checkpoint says which it is."""
    whole = note_at(made, 14).decode()
    other_log = make_signer("gnomon/11111111", bytes(32))
    checkpoint = Checkpoint(ORIGIN, 14, EMPTY_TREE.root())
    cases = [
        (sign_checkpoint(Checkpoint("gnomon/11111111", 3, EMPTY_TREE.root()), other_log), "of another log"),
        (sign_checkpoint(checkpoint, OTHER), "the log's key was replaced"),
        (whole.replace("\n14\n", "\n15\n"), "was changed"),
        ("hello", "is not a checkpoint"),
    ]
    for note, words in cases:
        found = check(made, note.encode())
        assert kinds(found) == {"held_signature"}
        assert words in found.problems[0].what


def test_a_held_checkpoint_of_more_than_there_is(made):
    """A log that was cut, with its checkpoints, is only found by a checkpoint of what was cut."""
    held = note_at(made, 42)
    for table in ("entry", "content", "event", "review"):
        made.edit(f"DELETE FROM {table} WHERE idx >= 28")
    made.edit("DELETE FROM checkpoint WHERE size > 28")
    rebuild(made)
    connection = open_for_writing(made.path)
    connection.execute("DELETE FROM inventory")
    connection.execute("DELETE FROM ru_day")
    connection.close()
    found = check(made, held)
    assert "held_longer" in kinds(found)
    assert found.first_range == (28, 41)
    assert "entries 28 to 41 were dropped" in "".join(problem.what for problem in found.problems)


def test_a_signed_size_far_beyond_the_entries(tmp_path):
    """A checkpoint signed for more entries than there ever were costs no more than what is there."""
    made = make_log(tmp_path, batches_of(20, 20))
    note = sign_checkpoint(Checkpoint(ORIGIN, 2**60, EMPTY_TREE.root()), SIGNER)
    made.edit("INSERT INTO checkpoint VALUES (?, ?, ?)", 2**60, b"", note)
    found = check(made, note.encode())
    assert "entry_missing" in kinds(found)
    assert found.first_bad == 20


def test_a_held_checkpoint_inside_a_batch(made):
    """A checkpoint between two stored ones (they may be thinned out) is checked all the same."""
    held = note_at(made, 21)
    made.edit("DELETE FROM checkpoint WHERE size IN (14, 21, 28)")
    assert check(made, held).held == [("h0", 21)]
    put_body(made, 17, event(17, reason="nothing to see"))
    found = check(made, held)
    assert (found.first_bad, found.held) == (17, [])


def test_after_a_bad_batch_the_next_ones_are_still_checked(made):
    """Two batches rewritten without the key: both are told, and the good one between them is not."""
    put_body(made, 3, event(3, reason="nothing to see"))
    put_body(made, 24, event(23, reason="nothing to see"))
    bodies = [row[0] for row in rows(made, "SELECT body FROM entry ORDER BY idx")]
    _, tiles = grow(EMPTY_TREE, map(hash_leaf, bodies))
    for (level, n), data in tiles.items():
        made.edit("UPDATE tile SET data = ? WHERE level = ? AND n = ?", data, level, n)
    found = check(made)
    assert [(p.first, p.last) for p in found.problems if p.kind == "root_differs"] == [(0, 6), (21, 27)]


def test_the_recorder_may_go_on_meanwhile(made, monkeypatch):
    """What is appended while a verification runs is not seen by it, and does it no harm."""
    from sensor.store import verify as module
    from sensor.store.log import Log

    check_schema = module._Run.check_schema

    def append_and_check(run):
        run.connection.execute("SELECT count(*) FROM entry").fetchone()  # the moment that is read
        writer = open_for_writing(made.path)
        log = Log(writer, SIGNER, randomness=noise(5))
        log.append([log.seal(event(900))])
        writer.close()
        check_schema(run)

    monkeypatch.setattr(module._Run, "check_schema", append_and_check)
    found = check(made)
    assert (found.ok, found.entries) == (True, 42)


def test_an_error_of_sqlite_is_a_finding(made):
    """A database that cannot be read to its end is damaged, not an exception."""
    connection = open_for_reading(made.path)
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
    found = verify(connection, SIGNER.verifier)
    assert kinds(found) == {"database_damaged"}
