"""
The tables, and how a database comes to have them.

=========  ==============================================================================================
the truth  ``entry`` (log entries), ``tile`` (hashes of the tree, 256 a tile), ``checkpoint`` (signed notes
           and their compact ranges), ``content`` (salts and values of personal fields: erasable)
derived    ``event`` (a row to query for each event entry), ``review`` (one for each review entry),
           ``inventory`` (app × user × device) and ``ru_day`` (day × app), both sums of events
beside     ``coverage`` (counters of what could be seen, by run; not in the log)
=========  ==============================================================================================

What is derived is written in the transaction that writes the entries, and ``gnomon audit verify`` derives it
again from them. No truth stands in a column that nothing signs: a checkpoint has no time of its own.

The schema only grows, by one step of ``MIGRATIONS`` at a time; ``user_version`` counts the steps.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensor.errors import WorkError

__all__ = [
    "APPLICATION_ID",
    "BUSY_TIMEOUT_S",
    "MIGRATIONS",
    "migrate",
    "open_for_reading",
    "open_for_writing",
]

APPLICATION_ID = 0x476E6F6D
"""``Gnom``: says which program a database is of."""

BUSY_TIMEOUT_S = 2.0
"""How long a writer waits for another program that holds the database."""

MIGRATIONS = (
    """
    CREATE TABLE entry (
        idx INTEGER PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE tile (
        level INTEGER NOT NULL,
        n INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (level, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE checkpoint (
        size INTEGER PRIMARY KEY,
        frontier BLOB NOT NULL,
        note TEXT NOT NULL
    ) STRICT;
    CREATE TABLE content (
        idx INTEGER NOT NULL,
        field TEXT NOT NULL,
        salt BLOB NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (idx, field)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
        idx INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        ts REAL NOT NULL,
        door TEXT NOT NULL,
        kind TEXT NOT NULL,
        app TEXT,
        user TEXT,
        device TEXT,
        verdict TEXT NOT NULL,
        enforced INTEGER NOT NULL,
        rule TEXT,
        count INTEGER NOT NULL,
        bytes_up INTEGER,
        bytes_down INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX event_id ON event (id);
    CREATE TABLE review (
        idx INTEGER PRIMARY KEY,
        ts REAL NOT NULL,
        app TEXT NOT NULL,
        status TEXT NOT NULL,
        owner TEXT,
        reason TEXT,
        until TEXT,
        "by" TEXT
    ) STRICT;
    CREATE TABLE inventory (
        key TEXT PRIMARY KEY,
        app TEXT NOT NULL,
        user TEXT,
        device TEXT,
        bytes_up INTEGER NOT NULL,
        bytes_down INTEGER NOT NULL,
        events INTEGER NOT NULL,
        blocked INTEGER NOT NULL,
        would_block INTEGER NOT NULL,
        redacted INTEGER NOT NULL,
        first_seen REAL NOT NULL,
        last_seen REAL NOT NULL,
        grade TEXT NOT NULL,
        doors TEXT NOT NULL,
        providers TEXT NOT NULL,
        clients TEXT NOT NULL,
        models TEXT NOT NULL,
        regions TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ru_day (
        day INTEGER NOT NULL,
        app TEXT NOT NULL,
        events INTEGER NOT NULL,
        blocked INTEGER NOT NULL,
        would_block INTEGER NOT NULL,
        redacted INTEGER NOT NULL,
        bytes_up INTEGER NOT NULL,
        bytes_down INTEGER NOT NULL,
        PRIMARY KEY (day, app)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE coverage (
        run TEXT NOT NULL,
        name TEXT NOT NULL,
        value INTEGER NOT NULL,
        ts REAL NOT NULL,
        PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;
    """,
)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """
    The database, made if it is not there (mode 0600), brought up to the newest schema.

    The connection may be handed to another thread, and begins transactions only when told to. Raises
    ``WorkError`` where the file is not ours, is newer than this program, or cannot be written.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        with _closed_on_error(connection):
            _check_ours(connection, path)
            connection.execute("PRAGMA journal_mode=WAL")
            # Each commit is on the disk before it is acknowledged.
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA trusted_schema=OFF")
            migrate(connection)
    except (OSError, sqlite3.Error) as error:
        raise _cannot(path, error) from error
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """
    The database, to be read only; a running recorder is not disturbed.

    Raises ``WorkError`` where there is none yet, or it is not ours.
    """
    if not path.exists():
        raise _nothing(path)
    try:
        connection = _connect_to_read(path)
        with _closed_on_error(connection):
            _check_ours(connection, path)
            version = _number(connection, "user_version")
            if version == 0:
                raise _nothing(path)
            if version < len(MIGRATIONS):
                raise WorkError(
                    f"{path} is of an older version of Gnomon",
                    hint="Start any recording command once (gnomon review will do): it brings it up to date.",
                )
    except sqlite3.Error as error:
        raise _cannot(path, error) from error
    return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _connect_to_read(path: Path) -> sqlite3.Connection:
    uri = path.absolute().as_uri() + "?mode=ro"
    try:
        return _connect_and_look(uri)
    except sqlite3.OperationalError:
        if path.with_name(path.name + "-wal").exists():
            raise
    # A database in WAL mode wants to make its -shm file even for a reader. In a folder that cannot be written
    # and without a -wal nothing can be changing it, and it is read as it lies.
    return _connect_and_look(uri + "&immutable=1")


def _connect_and_look(uri: str) -> sqlite3.Connection:
    """A connection that has read something: SQLite opens the file only then."""
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    with _closed_on_error(connection):
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are still missing, each in a transaction with its number."""
    for step in range(_number(connection, "user_version"), len(MIGRATIONS)):
        try:
            # executescript commits what is open before it begins, so the transaction stands in the script.
            connection.executescript(
                f"BEGIN IMMEDIATE;{MIGRATIONS[step]};"
                f"PRAGMA application_id={APPLICATION_ID};PRAGMA user_version={step + 1};COMMIT;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    application, version = _number(connection, "application_id"), _number(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and (tables or version):
        raise WorkError(f"{path} is a database of another program", hint="Name another home with --home DIR.")
    if version > len(MIGRATIONS):
        raise WorkError(
            f"{path} was written by a newer version of Gnomon",
            hint="Use that version, or name another home with --home DIR.",
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _nothing(path: Path) -> WorkError:
    return WorkError(
        f"nothing is recorded yet in {path}",
        hint="Record something first: gnomon demo, gnomon up, or gnomon capture -r FILE.",
    )


def _cannot(path: Path, error: Exception) -> WorkError:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return WorkError(
        f"cannot open the database {path}: {said}",
        hint="It has to be a file in a folder that you may write to, on a local disk.",
    )
