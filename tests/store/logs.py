"""Events, logs and homes for tests: made up, repeatable, and small."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import strategies as st

from sensor.entries import Record
from sensor.model import (
    Attribution,
    Direction,
    Door,
    Event,
    EventKind,
    Grade,
    Proves,
    Review,
    Status,
    Verdict,
)
from sensor.store.log import Log
from sensor.store.schema import open_for_writing
from sensor.tlog.checkpoint import Checkpoint, sign_checkpoint
from sensor.tlog.note import Signer, make_signer
from sensor.tlog.tree import EMPTY_TREE, grow, hash_leaf

ORIGIN = "gnomon/00c0ffee"
SIGNER = make_signer(ORIGIN, bytes(range(32)))
NOON = 1_795_521_600.0
"""2026-11-24 12:00 UTC."""


def event_id(n: object) -> str:
    return hashlib.sha256(repr(n).encode()).hexdigest()[:32]


def event(n: int = 0, **changes: object) -> Event:
    """The n-th event: different ids, four apps, three users, five devices, two days."""
    made = Event(
        id=event_id(n),
        ts=NOON + n * 1800.5,
        origin=ORIGIN,
        door=Door.PROXY if n % 3 else Door.SPAN,
        kind=EventKind.REQUEST,
        flow=f"run:{n}",
        app=("openai.chatgpt", "anthropic.claude", "deepseek.chat", "google.gemini")[n % 4],
        provider="openai.api" if n % 2 else None,
        user=(None, "ana", "bo")[n % 3],
        device=f"host:pc{n % 5}",
        source=f"192.0.2.{n % 5 + 1}:50000",
        verdict=(Verdict.ALLOW, Verdict.BLOCK, Verdict.ALERT)[n % 3],
        enforced=bool(n % 2),
        grade=Grade.PARSED,
        confidence=0.9,
        proves=Proves.USAGE,
        evidence=("openai.chatgpt/h1",),
        destination="chatgpt.example:443",
        bytes_up=n * 10,
        bytes_down=n * 100,
        context={"status": "unreviewed"},
        policy_hash="a" * 16,
        catalogue_hash="b" * 16,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the caller names fields of Event


def review(app: str = "openai.chatgpt", **changes: object) -> Review:
    made = Review(ts=NOON, app=app, status=Status.SANCTIONED, owner="it", reason="signed", by="ana")
    return replace(made, **changes)  # type: ignore[arg-type]  # the caller names fields of Review


def noise(seed: int = 0) -> Callable[[int], bytes]:
    """Random bytes that are the same each time."""
    return random.Random(seed).randbytes


@dataclass(frozen=True)
class Made:
    """A database with a log in it, and the key."""

    path: Path
    signer: Signer

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def edit(self, sql: str, *values: object) -> None:
        """Change the database as someone with a database tool would."""
        connection = self.connect()
        try:
            connection.execute(sql, values)
        finally:
            connection.close()


def make_log(folder: Path, batches: Sequence[Sequence[Record]], *, seed: int = 0) -> Made:
    """A database with these records, one checkpoint for each batch."""
    path = folder / "gnomon.db"
    connection = open_for_writing(path)
    try:
        log = Log(connection, SIGNER, randomness=noise(seed))
        for batch in batches:
            log.append([log.seal(record) for record in batch])
    finally:
        connection.close()
    return Made(path, SIGNER)


def batches_of(count: int, size: int) -> list[list[Event]]:
    return [[event(n) for n in range(at, min(at + size, count))] for at in range(0, count, size)]


def rebuild(made: Made, *, sizes: Sequence[int] | None = None) -> None:
    """
    What an insider with database and key does after changing entries: tiles and checkpoints made anew.

    ``sizes`` are the checkpoints to sign; without it, those that were there.
    """
    connection = made.connect()
    try:
        bodies = [row[0] for row in connection.execute("SELECT body FROM entry ORDER BY idx")]
        if sizes is None:
            found = connection.execute("SELECT size FROM checkpoint ORDER BY size")
            sizes = [row[0] for row in found if row[0] <= len(bodies)] or [len(bodies)]
        sizes = sorted({*sizes, len(bodies)})
        connection.execute("BEGIN")
        connection.execute("DELETE FROM tile")
        connection.execute("DELETE FROM checkpoint")
        tree = EMPTY_TREE
        for size in sizes:
            tree, tiles = grow(tree, [hash_leaf(body) for body in bodies[tree.size : size]])
            for (level, n), data in tiles.items():
                connection.execute("INSERT OR REPLACE INTO tile VALUES (?, ?, ?)", (level, n, data))
            note = sign_checkpoint(Checkpoint(made.signer.verifier.name, size, tree.root()), made.signer)
            connection.execute(
                "INSERT INTO checkpoint VALUES (?, ?, ?)", (size, b"".join(tree.frontier), note)
            )
        connection.execute("COMMIT")
    finally:
        connection.close()


COUNTS = st.integers(0, 2**40)


def _events(text: st.SearchStrategy[str], free: st.SearchStrategy[object]) -> st.SearchStrategy[Event]:
    maybe = st.none() | text
    return st.builds(
        Event,
        id=st.binary(min_size=16, max_size=16).map(bytes.hex),
        ts=st.floats(0, 4e9),
        origin=st.sampled_from([ORIGIN, "gnomon/other"]),
        door=st.sampled_from(Door),
        kind=st.sampled_from(EventKind),
        flow=maybe,
        app=maybe | st.sampled_from(["a.b", "c.d"]),
        provider=maybe,
        client=maybe,
        feature=maybe,
        generic=st.booleans(),
        user=maybe | st.sampled_from(["ana", "bo", ""]),
        device=maybe | st.just("host:pc1"),
        account=maybe,
        source=maybe,
        model=maybe,
        direction=st.none() | st.sampled_from(Direction),
        verdict=st.sampled_from(Verdict),
        enforced=st.booleans(),
        rule=maybe,
        reason=maybe,
        grade=st.sampled_from(Grade),
        confidence=st.floats(0, 1),
        proves=st.none() | st.sampled_from(Proves),
        evidence=st.lists(text, max_size=3).map(tuple),
        findings=st.dictionaries(st.sampled_from(["iban", "email"]), COUNTS, max_size=2),
        bytes_up=st.none() | COUNTS,
        bytes_down=st.none() | COUNTS,
        count=st.integers(0, 1000),
        destination=maybe,
        region=maybe,
        conversation=maybe,
        attribution=st.lists(st.builds(Attribution, text, st.floats(0, 1)), max_size=2).map(tuple),
        with_=st.dictionaries(st.sampled_from(["tools", "tenant"]), free, max_size=2),
        justification=maybe,
        context=st.dictionaries(st.sampled_from(["status", "groups"]), free, max_size=2),
        policy_hash=maybe,
        catalogue_hash=maybe,
    )


_PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN_EVENTS = _events(
    _PLAIN,
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | _PLAIN | st.lists(_PLAIN, max_size=2),
)
"""Events of which every value can stand in an entry as it is."""

_ODD = st.text(st.characters(), max_size=12)
EVENTS = _events(
    _ODD,
    st.floats() | st.integers() | st.tuples(_ODD) | st.sets(_ODD) | st.dictionaries(_ODD, _ODD, max_size=2),
)
"""Any event at all, hostile values included."""
