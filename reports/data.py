"""
What a report says, before it has a form: inventory rows, and the same rows grouped.

Every renderer gets a ``Report`` and nothing else, so that the terminal, the page and the spreadsheet cannot
disagree. Groups are sums of rows; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sensor.coverage import COUNTERS
from sensor.inventory import InventoryRow
from sensor.model import GRADES, Grade, Status

__all__ = ["ATTENTION", "NO_USER", "CoverageLine", "Day", "Group", "Report", "build_report"]

NO_USER = "(no user known)"
"""Stands for rows without a user in the grouping by user."""

ATTENTION: tuple[Status, ...] = (Status.UNSANCTIONED, Status.UNREVIEWED)
"""Which statuses a reviewer is to look at first."""

_RANK = {grade: rank for rank, grade in enumerate(GRADES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that share one thing (an app, a user, a device, a category), added up."""

    key: str
    title: str
    vendor: str | None = None
    category: str | None = None
    status: Status | None = None
    """Of an app; ``None`` for other groups."""
    apps: tuple[str, ...]
    """Titles of the apps in it, by name."""
    users: tuple[str, ...]
    devices: tuple[str, ...]
    events: int
    blocked: int
    would_block: int
    bytes_up: int
    bytes_down: int
    first_seen: float
    last_seen: float
    grade: Grade
    """The best of its rows."""
    doors: tuple[str, ...]
    clients: tuple[str, ...]
    models: tuple[str, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) of the trend."""

    day: str
    """``2026-11-24``."""
    events: int
    bytes_up: int
    bytes_down: int
    blocked: int


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One counter as people read it."""

    label: str
    count: int
    says: str
    blind: bool
    """True where it counts what could not be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report."""

    generated: float
    origin: str
    """Name of the log that it was made from."""
    rows: tuple[InventoryRow, ...]
    """Largest upload first."""
    by_app: tuple[Group, ...]
    by_user: tuple[Group, ...]
    by_device: tuple[Group, ...]
    by_category: tuple[Group, ...]
    days: tuple[Day, ...] = ()
    coverage: Mapping[str, int] = field(default_factory=dict)
    entries: int = 0
    """Size of the audit log."""
    root: str | None = None
    """Root hash of the audit log, base64."""

    @property
    def bytes_up(self) -> int:
        return sum(row.bytes_up for row in self.rows)

    @property
    def bytes_down(self) -> int:
        return sum(row.bytes_down for row in self.rows)

    @property
    def events(self) -> int:
        return sum(row.events for row in self.rows)

    @property
    def blocked(self) -> int:
        return sum(row.blocked for row in self.rows)

    @property
    def would_block(self) -> int:
        return sum(row.would_block for row in self.rows)

    @property
    def users(self) -> int:
        """How many named users."""
        return len({row.user for row in self.rows if row.user is not None})

    @property
    def devices(self) -> int:
        return len({row.device for row in self.rows if row.device is not None})

    @property
    def first_seen(self) -> float | None:
        return min((row.first_seen for row in self.rows), default=None)

    @property
    def last_seen(self) -> float | None:
        return max((row.last_seen for row in self.rows), default=None)

    @property
    def by_status(self) -> tuple[tuple[Status, int, int], ...]:
        """Status, apps, bytes up: every status, in the order of review."""
        return tuple(
            (
                status,
                sum(group.status is status for group in self.by_app),
                sum(group.bytes_up for group in self.by_app if group.status is status),
            )
            for status in Status
        )

    @property
    def coverage_lines(self) -> tuple[CoverageLine, ...]:
        """What there was to see, then what could not be seen, then odd traffic by its name."""
        known = [
            CoverageLine(name.replace("_", " "), self.coverage[name], counter.says, counter.blind)
            for name, counter in COUNTERS.items()
            if name in self.coverage
        ]
        odd = [
            CoverageLine(
                name.removeprefix("weird.").replace("_", " "), count, "Odd traffic, by its name.", False
            )
            for name, count in sorted(self.coverage.items())
            if name not in COUNTERS
        ]
        return (*sorted(known, key=lambda line: line.blind), *odd)

    @property
    def attention(self) -> tuple[Group, ...]:
        """Apps that nobody has decided on, or that were decided against: unsanctioned ones first."""
        found = [group for group in self.by_app if group.status in ATTENTION]
        return tuple(sorted(found, key=lambda group: group.status is not Status.UNSANCTIONED))


def build_report(
    rows: Iterable[InventoryRow],
    *,
    generated: float,
    origin: str,
    days: Sequence[Day] = (),
    coverage: Mapping[str, int] | None = None,
    entries: int = 0,
    root: str | None = None,
) -> Report:
    """Group inventory rows into a report."""
    ordered = tuple(
        sorted(rows, key=lambda row: (-row.bytes_up, -row.events, row.app, row.user or "", row.device or ""))
    )
    return Report(
        generated=generated,
        origin=origin,
        rows=ordered,
        by_app=_grouped(ordered, lambda row: row.app, _title, is_app=True),
        by_user=_grouped(ordered, lambda row: row.user or NO_USER, lambda row: row.user or NO_USER),
        by_device=_grouped(
            [row for row in ordered if row.device is not None],
            lambda row: row.device or "",
            lambda row: row.device or "",
        ),
        by_category=_grouped(
            ordered,
            lambda row: row.category or "unknown",
            lambda row: (row.category or "unknown").replace("_", " "),
        ),
        days=tuple(days),
        coverage=dict(coverage or {}),
        entries=entries,
        root=root,
    )


def _title(row: InventoryRow) -> str:
    """What an app is called: its name, else its id (an unknown LLM API carries its host there)."""
    if row.name:
        return row.name
    prefix, _, host = row.app.partition("/")
    return f"Unknown LLM API ({host})" if prefix == "unknown.llm_api" and host else row.app


def _grouped(
    rows: Sequence[InventoryRow],
    key: Callable[[InventoryRow], str],
    title: Callable[[InventoryRow], str],
    *,
    is_app: bool = False,
) -> tuple[Group, ...]:
    parts: dict[str, list[InventoryRow]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    groups = [
        Group(
            key=name,
            title=title(members[0]),
            vendor=members[0].vendor if is_app else None,
            category=members[0].category if is_app else None,
            status=members[0].status if is_app else None,
            apps=_set(_title(row) for row in members),
            users=_set(row.user for row in members),
            devices=_set(row.device for row in members),
            events=sum(row.events for row in members),
            blocked=sum(row.blocked for row in members),
            would_block=sum(row.would_block for row in members),
            bytes_up=sum(row.bytes_up for row in members),
            bytes_down=sum(row.bytes_down for row in members),
            first_seen=min(row.first_seen for row in members),
            last_seen=max(row.last_seen for row in members),
            grade=max((row.grade for row in members), key=_RANK.__getitem__),
            doors=_set(door for row in members for door in row.doors),
            clients=_set(client for row in members for client in row.clients),
            models=_set(model for row in members for model in row.models),
            regions=_set(region for row in members for region in row.regions),
        )
        for name, members in parts.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.bytes_up, -group.events, group.title)))


def _set(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value is not None}))
