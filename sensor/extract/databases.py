"""
SQLite databases: the schema, and the rows of every table, in memory and bounded.

Untrusted databases are opened as the manual advises: no trusted schema, cells checked, no extension, every
statement interrupted when its time is over. Views, triggers and virtual tables are never run.

Source: sqlite.org, "Defense Against The Dark Arts" (read 2026-11-24); sqlite3_deserialize.
"""

from __future__ import annotations

import sqlite3
import time

from sensor.extract.source import Source
from sensor.extract.tables import Table
from sensor.extract.texts import strings

__all__ = ["read_sqlite"]

_TABLES = 500
_ROWS = 200_000
_CELL = 64 * 1024
_STEPS = 20_000
"""Virtual machine instructions between two looks at the clock."""


def read_sqlite(source: Source) -> None:
    """Schema and rows; the strings of the file where it cannot be opened."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    limits = source.budget.limits
    deadline = time.monotonic() + limits.wall_s / 2
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        connection.deserialize(source.data)
        for pragma in (
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "query_only=ON",
            "mmap_size=0",
            "cache_size=-2000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024)
        _read(source, connection)
    except sqlite3.DatabaseError:
        source.budget.problem("damaged")
        strings(source.budget, source.data, lambda text: source.say("body", "strings", text))
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read(source: Source, connection: sqlite3.Connection) -> None:
    schema = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchmany(4 * _TABLES)
    for _, _, sql in schema:
        if isinstance(sql, str):
            source.say("metadata", "schema", sql)
    tables = [str(name) for kind, name, sql in schema if kind == "table" and not _is_virtual(sql)]
    if len(tables) > _TABLES:
        source.budget.problem("too_many")
    for name in tables[:_TABLES]:
        source.budget.member()
        try:
            _read_table(source, connection, name)
        except (sqlite3.DatabaseError, ValueError):
            source.budget.problem("damaged")


def _is_virtual(sql: object) -> bool:
    return isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE VIRTUAL")


def _read_table(source: Source, connection: sqlite3.Connection, name: str) -> None:
    # Column by column: a generated column would be computed by an expression of the file's.
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchmany(500)]
    if not columns:
        return
    where = f"table {name}"
    table = Table(source.budget, lambda line: source.say("sheet", where, line), pairs=True)
    table.row([str(column) for column in columns])
    chosen = ", ".join(f"{_quoted(table_column)}" for table_column in columns)
    rows = connection.execute(f"SELECT {chosen} FROM {_quoted(name)} LIMIT {_ROWS + 1}")
    for number, row in enumerate(rows):
        if number >= _ROWS:
            source.budget.problem("too_many")
            return
        source.budget.cell()
        table.row([_cell(source, value, name) for value in row])


def _cell(source: Source, value: object, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        if len(value) > 8 and value[:4] in (b"PK\x03\x04", b"%PDF", b"\xff\xd8\xff\xe1", b"\x1f\x8b\x08\0"):
            source.nested(value, f"{name} blob")
            return ""
        return " ".join(_runs(source, value))
    return str(value)[:_CELL]


def _runs(source: Source, value: bytes) -> list[str]:
    found: list[str] = []
    strings(source.budget, value[:_CELL], found.append)
    return found
