"""The vault's storage: what is remembered comes back, expires, and is gone when deleted."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import stat

import pytest

from sensor.config import open_home
from sensor.errors import WorkError
from sensor.store import vault as storage
from sensor.store.vault import open_vault

PLACE = {"tenant": "t", "subject": "user:1", "app": "openai.chatgpt", "conversation": "c1"}


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def home(tmp_path):
    return open_home(str(tmp_path / "home"))


@pytest.fixture
def vault(home, clock):
    made = open_vault(home, clock=clock)
    yield made
    made.close()


def test_values_of_a_conversation_come_back_together(vault):
    vault.remember({"A": "1"}, **PLACE)
    vault.remember({"B": "2"}, **PLACE)
    vault.remember({}, **PLACE)
    assert vault.recall(**PLACE) == {"A": "1", "B": "2"}
    assert vault.recall(**{**PLACE, "conversation": "c2"}) == {}


def test_values_stay_after_the_vault_is_opened_again(home, clock, vault):
    vault.remember({"A": "1"}, **PLACE)
    again = open_vault(home, clock=clock)
    assert again.recall(**PLACE) == {"A": "1"}
    again.close()


def test_an_entry_expires_and_is_swept(vault, clock):
    vault.remember({"A": "1"}, **PLACE, life_s=10)
    clock.now += 11
    assert vault.recall(**PLACE) == {}
    assert vault.sweep() == 1
    assert vault.sweep() == 0


def test_forgotten_values_are_in_no_file(home, vault):
    value = "value-that-must-not-be-found"
    vault.remember({"PII_EM_x": value}, **PLACE)
    vault.forget(**PLACE)
    assert vault.recall(**PLACE) == {}
    for path in home.path.rglob("*"):
        if path.is_file():
            assert value.encode() not in path.read_bytes()


def test_files_are_for_their_owner_only(home, vault):
    for path in (home.path / storage.VAULT_FILE, home.keys / storage.VAULT_KEY_FILE):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_entry_that_was_tampered_with_is_as_good_as_none(home, vault):
    vault.remember({"A": "1"}, **PLACE)
    with contextlib.closing(sqlite3.connect(home.path / storage.VAULT_FILE)) as database, database:
        database.execute("UPDATE vault SET entry = zeroblob(60)")
    assert vault.recall(**PLACE) == {}


def test_the_entries_that_expire_first_go_when_there_are_too_many(vault, monkeypatch):
    monkeypatch.setattr(storage, "MAX_ENTRIES", 3)
    for number in range(5):
        vault.remember({"A": "1"}, **{**PLACE, "conversation": str(number)}, life_s=100 + number)
    assert vault.sweep() == 2
    assert [bool(vault.recall(**{**PLACE, "conversation": str(n)})) for n in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_too_many_values_lose_the_oldest_half(home, clock, monkeypatch):
    sizes = itertools.count()
    real = storage.seal

    def narrow(slot, values, **more):
        next(sizes)
        if len(values) > 2:
            raise ValueError("more values than an entry may hold")
        return real(slot, values, **more)

    monkeypatch.setattr(storage, "seal", narrow)
    vault = open_vault(home, clock=clock)
    vault.remember({"A": "1", "B": "2", "C": "3", "D": "4"}, **PLACE)
    assert vault.recall(**PLACE) == {"C": "3", "D": "4"}
    monkeypatch.setattr(storage, "seal", lambda *_, **__: (_ for _ in ()).throw(ValueError()))
    vault.remember({"E": "5"}, **PLACE)
    assert vault.recall(**PLACE) == {"C": "3", "D": "4"}
    vault.close()


def test_a_wrong_key_or_database_is_said(home, clock):
    (home.keys / storage.VAULT_KEY_FILE).write_bytes(b"short")
    with pytest.raises(WorkError, match="32 bytes"):
        open_vault(home, clock=clock)
    (home.keys / storage.VAULT_KEY_FILE).write_bytes(bytes(32))
    (home.path / storage.VAULT_FILE).write_bytes(b"no database" * 500)
    with pytest.raises(WorkError, match="cannot open the vault"):
        open_vault(home, clock=clock)
