"""
The reading end: what reports, commands and the dashboard ask.

Rule 1: nothing here writes, and a running recorder is not disturbed.
Rule 2: what pages show comes from sums (``inventory``, ``ru_day``), never from a scan of events.
Rule 3: what was learned after an event (a device's name, two accounts that are one person) is applied at
reading (``alias``): stored events never change.

For questions of one's own, ``Store.database`` is the same file as a ``sqlite_utils.Database``.
"""

from __future__ import annotations

import base64
import datetime
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from sensor.entries import open_content, read_entry, unseal
from sensor.errors import Malformed
from sensor.inventory import InventoryRow, merge
from sensor.model import Event, Review, Status
from sensor.policy.until import parse_until
from sensor.store.derive import DAY_S, INVENTORY_COLUMNS, REVIEW_COLUMNS, read_inventory
from sensor.store.schema import open_for_reading
from sensor.tlog.checkpoint import parse_checkpoint

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = [
    "AppFacts",
    "DayRow",
    "Store",
    "Totals",
    "current_statuses",
    "expires_at",
    "holds_at",
    "newest_reviews",
]


class AppFacts(Protocol):
    """What the catalogue says of an app, as far as an inventory row shows it."""

    @property
    def name(self) -> str: ...
    @property
    def vendor(self) -> str: ...
    @property
    def category(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Everything, added up."""

    entries: int
    """Size of the audit log."""
    apps: int
    users: int
    """Named users."""
    devices: int
    events: int
    blocked: int
    would_block: int
    redacted: int
    bytes_up: int
    bytes_down: int
    first_seen: float | None
    last_seen: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day (UTC)."""

    day: str
    """``2026-11-24``."""
    events: int
    blocked: int
    would_block: int
    redacted: int
    bytes_up: int
    bytes_down: int


def expires_at(review: Review) -> float | None:
    """When a review ends, in seconds UTC; ``None`` where it does not."""
    if review.until is None:
        return None
    with suppress(ValueError):
        return parse_until(review.until)
    return 0.0  # An end that nobody can read has passed.


def holds_at(review: Review, ts: float) -> bool:
    """Whether a review has not expired."""
    end = expires_at(review)
    return end is None or ts < end


def current_statuses(newest: Mapping[str, Review], ts: float) -> dict[str, Status]:
    """
    The status of each app at a moment; apps that are unreviewed then are left out.

    ``newest`` is the newest review of each app. An expired one leaves the app unreviewed.
    """
    return {
        app: review.status
        for app, review in newest.items()
        if holds_at(review, ts) and review.status is not Status.UNREVIEWED
    }


class Store:
    """One database, open for reading. A context manager."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Raises ``WorkError`` where there is nothing to read."""
        self.path = path
        self.connection = open_for_reading(path)
        self._clock = clock

    @classmethod
    def open_read_only(cls, path: Path) -> Self:
        """The store at ``home.database``. Raises ``WorkError`` where there is nothing to read."""
        return cls(path)

    def close(self) -> None:
        """Let the file go."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def database(self) -> Database:
        """The same file for ``sqlite_utils``: its tables, rows and queries of one's own."""
        import sqlite_utils

        return sqlite_utils.Database(self.connection)

    # --- the log ----------------------------------------------------------------------------------------

    def newest_checkpoint(self) -> str | None:
        """The signed note of the newest checkpoint; ``None`` for an empty log."""
        row = self.connection.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def checkpoints(self) -> Iterator[str]:
        """The signed note of every stored checkpoint, smallest first."""
        for (note,) in self.connection.execute("SELECT note FROM checkpoint ORDER BY size"):
            yield str(note)

    @property
    def size(self) -> int:
        """How many entries the log has."""
        row = self.connection.execute("SELECT max(size) FROM checkpoint").fetchone()
        return int(row[0] or 0)

    @property
    def origin(self) -> str | None:
        """The log's name, as its newest checkpoint gives it (unchecked: ``audit verify`` checks)."""
        return self._said()[0]

    @property
    def root(self) -> str | None:
        """The root hash over all entries, base64, as the newest checkpoint gives it."""
        return self._said()[1]

    def _said(self) -> tuple[str | None, str | None]:
        note = self.newest_checkpoint()
        if note is not None:
            with suppress(Malformed):
                checkpoint = parse_checkpoint(note.rpartition("\n\n")[0] + "\n")
                return checkpoint.origin, base64.b64encode(checkpoint.root).decode()
        return None, None

    # --- sums -------------------------------------------------------------------------------------------

    def inventory_rows(
        self,
        *,
        alias: Callable[[InventoryRow], InventoryRow] | None = None,
        apps: Mapping[str, AppFacts] | None = None,
    ) -> list[InventoryRow]:
        """
        Who used what: one row for each app and subject, with the app's status as it is now.

        ``alias`` gives a row under the names that are known now (``dataclasses.replace``); rows that become
        one are added up. ``apps`` (the catalogue's) gives names, vendors and categories. Ordered by app, user
        and device.
        """
        names = ", ".join(INVENTORY_COLUMNS)
        statuses = self.statuses()
        rows: dict[tuple[str, str | None, str | None], InventoryRow] = {}
        for values in self.connection.execute(f"SELECT {names} FROM inventory ORDER BY app, user, device"):
            row = read_inventory(values)
            facts = apps.get(row.app) if apps is not None else None
            row = replace(
                row,
                status=statuses.get(row.app, Status.UNREVIEWED),
                name=facts.name if facts is not None else None,
                vendor=facts.vendor if facts is not None else None,
                category=facts.category if facts is not None else None,
            )
            if alias is not None:
                row = alias(row)
            rows[row.key] = merge(rows.get(row.key), row)
        return list(rows.values())

    def totals(self) -> Totals:
        """Everything, added up."""
        row = self.connection.execute(
            """
            SELECT count(DISTINCT app), count(DISTINCT user), count(DISTINCT device),
                   total(events), total(blocked), total(would_block), total(redacted),
                   total(bytes_up), total(bytes_down), min(first_seen), max(last_seen)
            FROM inventory
            """
        ).fetchone()
        apps, users, devices, events, blocked, would_block, redacted, up, down, first, last = row
        return Totals(
            entries=self.size,
            apps=apps,
            users=users,
            devices=devices,
            events=int(events),
            blocked=int(blocked),
            would_block=int(would_block),
            redacted=int(redacted),
            bytes_up=int(up),
            bytes_down=int(down),
            first_seen=first,
            last_seen=last,
        )

    def per_day(self, *, app: str | None = None) -> list[DayRow]:
        """The sums of each day (UTC) that has any, oldest first; of one app, or of all."""
        where, values = ("WHERE app = ?", (app,)) if app is not None else ("", ())
        rows = self.connection.execute(
            f"""
            SELECT day, sum(events), sum(blocked), sum(would_block), sum(redacted),
                   sum(bytes_up), sum(bytes_down)
            FROM ru_day {where} GROUP BY day ORDER BY day
            """,
            values,
        )
        return [
            DayRow(
                day=_day(day),
                events=events,
                blocked=blocked,
                would_block=would_block,
                redacted=redacted,
                bytes_up=up,
                bytes_down=down,
            )
            for day, events, blocked, would_block, redacted, up, down in rows
        ]

    def apps(self) -> list[str]:
        """Every app in the inventory, by name; unknown LLM APIs as ``unknown.llm_api/<host>``."""
        return [row[0] for row in self.connection.execute("SELECT DISTINCT app FROM inventory ORDER BY app")]

    def coverage(self) -> dict[str, int]:
        """The counters of what could be seen and what could not, all runs added up."""
        rows = self.connection.execute("SELECT name, sum(value) FROM coverage GROUP BY name ORDER BY name")
        return dict(rows.fetchall())

    # --- reviews ----------------------------------------------------------------------------------------

    def reviews(self, app: str | None = None) -> list[Review]:
        """Every review ever made, newest first; of one app, or of all."""
        where, values = ("WHERE app = ?", (app,)) if app is not None else ("", ())
        return _reviews(self.connection, f"{where} ORDER BY idx DESC", values)

    def newest_reviews(self) -> dict[str, Review]:
        """The newest review of each app, expired or not."""
        return newest_reviews(self.connection)

    def statuses(self) -> dict[str, Status]:
        """The status of each app that has one now; an expired review leaves it unreviewed."""
        return current_statuses(self.newest_reviews(), self._clock())

    # --- events -----------------------------------------------------------------------------------------

    def recent_events(self, limit: int = 100, *, app: str | None = None) -> list[Event]:
        """The newest events as they were recorded, newest first; of one app, or of all."""
        where, values = ("WHERE app = ?", (app, limit)) if app is not None else ("", (limit,))
        found = self.connection.execute(
            f"SELECT idx FROM event {where} ORDER BY idx DESC LIMIT ?", values
        ).fetchall()
        origin = self.origin or ""
        events = []
        for (idx,) in found:
            event = self._event(idx, origin)
            if event is not None:
                events.append(event)
        return events

    def _event(self, idx: int, origin: str) -> Event | None:
        body = self.connection.execute("SELECT body FROM entry WHERE idx = ?", (idx,)).fetchone()
        rows = self.connection.execute("SELECT field, salt, value FROM content WHERE idx = ?", (idx,))
        # What was tampered with is not shown as if it were a record: ``audit verify`` names it.
        with suppress(Malformed, TypeError):
            entry = read_entry(body[0])
            record = unseal(entry, open_content(entry, rows)[0], origin=origin)
            return record if isinstance(record, Event) else None
        return None


def newest_reviews(connection: sqlite3.Connection) -> dict[str, Review]:
    """The newest review of each app, expired or not."""
    found = _reviews(connection, "WHERE idx IN (SELECT max(idx) FROM review GROUP BY app) ORDER BY app", ())
    return {review.app: review for review in found}


def _reviews(connection: sqlite3.Connection, clause: str, values: tuple[str, ...]) -> list[Review]:
    names = ", ".join(f'"{name}"' for name in REVIEW_COLUMNS)
    return [
        Review(ts=ts, app=name, status=Status(status), owner=owner, reason=reason, until=until, by=by)
        for _, ts, name, status, owner, reason, until, by in connection.execute(
            f"SELECT {names} FROM review {clause}", values
        )
    ]


def _day(day: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(seconds=day * DAY_S)).isoformat()
