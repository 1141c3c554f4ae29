"""Opening a database: ours, whole, private, and brought up to date; or an error that says what to do."""

import os
import sqlite3
import stat

import pytest

from sensor.errors import WorkError
from sensor.store import Store, schema
from sensor.store.derive import EVENT_COLUMNS, INVENTORY_COLUMNS, REVIEW_COLUMNS, RU_DAY_COLUMNS
from sensor.store.schema import MIGRATIONS, migrate, open_for_reading, open_for_writing
from tests.store.logs import event, make_log


def test_a_new_database(tmp_path):
    """Write-ahead log, every commit on the disk, strict tables, readable by its owner only."""
    path = tmp_path / "gnomon.db"
    connection = open_for_writing(path)
    try:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        tables = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        assert {name for name, _ in tables} == {
            "entry", "tile", "checkpoint", "content", "event", "review", "inventory", "ru_day", "coverage"
        }  # fmt: skip
        assert all(strict for _, strict in tables)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    finally:
        connection.close()


def test_rows_are_written_to_the_columns_there_are(tmp_path):
    """The column lists of the derived tables are the tables' own, in their order (by sqlite-utils)."""
    made = make_log(tmp_path, [[event(0)]])
    with Store(made.path) as store:
        for table, columns in (
            ("event", EVENT_COLUMNS),
            ("review", REVIEW_COLUMNS),
            ("inventory", INVENTORY_COLUMNS),
            ("ru_day", RU_DAY_COLUMNS),
        ):
            assert tuple(column.name for column in store.database.table(table).columns) == columns


def test_opening_again_changes_nothing(tmp_path):
    """A database that is up to date is left alone."""
    open_for_writing(tmp_path / "gnomon.db").close()
    before = (tmp_path / "gnomon.db").read_bytes()
    open_for_writing(tmp_path / "gnomon.db").close()
    assert (tmp_path / "gnomon.db").read_bytes() == before


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path, monkeypatch):
    """A migration is whole or not there."""
    path = tmp_path / "gnomon.db"
    open_for_writing(path).close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x) STRICT; SELECT nothing"))
    with pytest.raises(WorkError, match="cannot open the database"):
        open_for_writing(path)
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'more'").fetchone() == (0,)
    finally:
        connection.close()


def test_a_step_is_added(tmp_path, monkeypatch):
    """An older database is brought up to date when it is opened for writing, and not readable before."""
    path = tmp_path / "gnomon.db"
    open_for_writing(path).close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x INTEGER) STRICT"))
    with pytest.raises(WorkError, match="older version"):
        open_for_reading(path)
    open_for_writing(path).close()
    open_for_reading(path).close()


def test_a_step_that_cannot_begin():
    """Where not even a transaction is begun there is nothing to roll back, and the error comes through."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        deny = sqlite3.SQLITE_TRANSACTION
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action == deny else 0)
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            migrate(connection)
    finally:
        connection.close()


@pytest.mark.parametrize("open_it", [open_for_reading, open_for_writing])
def test_what_is_not_ours_is_refused(tmp_path, open_it):
    """A file that is no database, another program's, or of a newer version is left alone and named."""
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be read as one " * 40)
    with pytest.raises(WorkError, match="not a database"):
        open_it(text)

    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    with pytest.raises(WorkError, match="another program"):
        open_it(other)

    newer = tmp_path / "newer.db"
    open_for_writing(newer).close()
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(WorkError, match="newer version"):
        open_it(newer)


def test_nothing_to_read(tmp_path):
    """Where nothing is recorded yet, a sentence says so and what to do."""
    with pytest.raises(WorkError, match="nothing is recorded yet") as caught:
        open_for_reading(tmp_path / "gnomon.db")
    assert "gnomon demo" in str(caught.value)
    (tmp_path / "gnomon.db").touch()
    with pytest.raises(WorkError, match="nothing is recorded yet"):
        open_for_reading(tmp_path / "gnomon.db")


def test_a_folder_in_the_way(tmp_path):
    """What cannot be opened at all is named."""
    (tmp_path / "gnomon.db").mkdir()
    for open_it in (open_for_reading, open_for_writing):
        with pytest.raises(WorkError, match="cannot open the database"):
            open_it(tmp_path / "gnomon.db")


def test_a_read_only_copy_is_readable(tmp_path, monkeypatch):
    """A database in a folder that cannot be written to (a backup, a mounted snapshot) is read as it lies."""
    made = make_log(tmp_path, [[event(0)]])
    look = schema._connect_and_look

    def refuse(uri):
        # What SQLite answers there to a reader of a database in WAL mode. (Root may write anywhere, so the
        # folder itself cannot be used in a test.)
        if "immutable" not in uri:
            raise sqlite3.OperationalError("unable to open database file")
        return look(uri)

    monkeypatch.setattr(schema, "_connect_and_look", refuse)
    with Store(made.path) as store:
        assert store.size == 1
    (tmp_path / "gnomon.db-wal").touch()
    with pytest.raises(WorkError, match="unable to open"):
        open_for_reading(made.path)
