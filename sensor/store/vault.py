"""
The vault's storage: sealed entries in a database of their own, ``vault.db`` in the home.

Kept apart from ``gnomon.db`` because nothing in it is a record: entries expire, are overwritten and are
deleted, and a copy of the log's database must not carry them along. ``secure_delete`` overwrites what is
deleted. What an entry holds, and how it is sealed, stands in ``detect.vault``.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from sensor.config import Home
from sensor.detect.vault import MAX_ENTRY, Slot, open_entry, seal, slot_of
from sensor.errors import Malformed, WorkError

__all__ = ["VAULT_FILE", "VAULT_KEY_FILE", "Vault", "open_vault"]

VAULT_FILE = "vault.db"
VAULT_KEY_FILE = "vault.key"
MAX_ENTRIES = 200_000
"""Conversations; those that expire first go first."""
LIFE_S = 7 * 86_400
"""Seconds that an entry lives after it was last written."""


class Vault:
    """Entries by conversation. May be used from several threads; one process holds it (the recorder)."""

    def __init__(
        self,
        database: sqlite3.Connection,
        key: bytes,
        *,
        clock: Callable[[], float],
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._randomness = randomness
        self._lock = threading.Lock()

    def recall(self, *, tenant: str, subject: str, app: str, conversation: str) -> dict[str, str]:
        """Token to value of a conversation; empty where there is none, it expired, or it does not open."""
        slot = slot_of(self._key, tenant=tenant, subject=subject, app=app, conversation=conversation)
        with self._lock:
            return self._read(slot)

    def remember(
        self,
        values: Mapping[str, str],
        *,
        tenant: str,
        subject: str,
        app: str,
        conversation: str,
        life_s: int = LIFE_S,
    ) -> None:
        """Add values to a conversation's entry, which lives ``life_s`` seconds from now. Durable on
        return."""
        if not values:
            return
        slot = slot_of(self._key, tenant=tenant, subject=subject, app=app, conversation=conversation)
        with self._lock:
            merged = {**self._read(slot), **values}
            expires = int(self._clock()) + life_s
            while True:
                try:
                    entry = seal(slot, merged, expires=expires, nonce=self._randomness(12))
                    break
                except ValueError:
                    # Too long: the older half goes.
                    merged = dict(list(merged.items())[len(merged) // 2 :])
                    if len(merged) <= 1:
                        return
            with self._database:
                self._database.execute(
                    "INSERT INTO vault (name, expires, entry) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
                    " SET expires = excluded.expires, entry = excluded.entry",
                    (slot.name, expires, entry),
                )

    def forget(self, *, tenant: str, subject: str, app: str, conversation: str) -> None:
        """Delete one conversation's entry."""
        slot = slot_of(self._key, tenant=tenant, subject=subject, app=app, conversation=conversation)
        with self._lock, self._database:
            self._database.execute("DELETE FROM vault WHERE name = ?", (slot.name,))

    def sweep(self) -> int:
        """Delete what has expired, and what is too much; how many entries went."""
        with self._lock, self._database:
            gone = self._database.execute("DELETE FROM vault WHERE expires <= ?", (self._clock(),)).rowcount
            count = int(self._database.execute("SELECT count(*) FROM vault").fetchone()[0])
            if count > MAX_ENTRIES:
                gone += self._database.execute(
                    "DELETE FROM vault WHERE name IN (SELECT name FROM vault ORDER BY expires LIMIT ?)",
                    (count - MAX_ENTRIES,),
                ).rowcount
        return int(gone)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _read(self, slot: Slot) -> dict[str, str]:
        row = self._database.execute("SELECT entry FROM vault WHERE name = ?", (slot.name,)).fetchone()
        if row is None or not isinstance(row[0], bytes):
            return {}
        try:
            return open_entry(slot, row[0], now=self._clock())
        except Malformed:
            return {}


def open_vault(
    home: Home, *, clock: Callable[[], float], randomness: Callable[[int], bytes] = os.urandom
) -> Vault:
    """
    The home's vault, made on first use (files of mode 0600).

    Raises ``WorkError`` where it cannot be opened.
    """
    path = home.path / VAULT_FILE
    database = None
    try:
        key = _key(home.keys / VAULT_KEY_FILE, randomness)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        database = sqlite3.connect(path, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        database.execute(f"PRAGMA max_page_count = {16 * 1024 * MAX_ENTRY // 4096}")
        with database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vault"
                " (name BLOB PRIMARY KEY, expires INTEGER NOT NULL, entry BLOB NOT NULL)"
                " STRICT, WITHOUT ROWID"
            )
            database.execute("CREATE INDEX IF NOT EXISTS vault_expires ON vault (expires)")
    except (OSError, sqlite3.Error) as error:
        if database is not None:
            database.close()
        raise WorkError(f"cannot open the vault {path}: {error}") from error
    return Vault(database, key, clock=clock, randomness=randomness)


def _key(path: Path, randomness: Callable[[int], bytes]) -> bytes:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".vault-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(randomness(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    key = path.read_bytes()
    if len(key) != 32:
        raise WorkError(
            f"{path} is not a key of 32 bytes", hint="Move it and vault.db away; a new vault is begun."
        )
    return key
