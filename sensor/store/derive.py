"""
What the derived tables hold, as functions of a record: the writer and the verifier call the same ones.

Rule 1: values in, rows out; no database here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from sensor.inventory import InventoryRow, app_key, delta, merge
from sensor.model import Event, Grade, Review

__all__ = [
    "DAY_S",
    "EVENT_COLUMNS",
    "INVENTORY_COLUMNS",
    "REVIEW_COLUMNS",
    "RU_DAY_COLUMNS",
    "DaySum",
    "Fold",
    "event_row",
    "inventory_key",
    "read_inventory",
    "review_row",
    "write_inventory",
]

DAY_S = 86_400

EVENT_COLUMNS = (
    "idx", "id", "ts", "door", "kind", "app", "user", "device", "verdict", "enforced", "rule", "count",
    "bytes_up", "bytes_down",
)  # fmt: skip
REVIEW_COLUMNS = ("idx", "ts", "app", "status", "owner", "reason", "until", "by")
INVENTORY_COLUMNS = (
    "key", "app", "user", "device", "bytes_up", "bytes_down", "events", "blocked", "would_block", "redacted",
    "first_seen", "last_seen", "grade", "doors", "providers", "clients", "models", "regions",
)  # fmt: skip
RU_DAY_COLUMNS = (
    "day", "app", "events", "blocked", "would_block", "redacted", "bytes_up", "bytes_down",
)  # fmt: skip

_SETS = ("doors", "providers", "clients", "models", "regions")


class DaySum(NamedTuple):
    """What one app added up to on one day."""

    events: int = 0
    blocked: int = 0
    would_block: int = 0
    redacted: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


def _sum(ours: DaySum, theirs: DaySum) -> DaySum:
    return DaySum(
        ours[0] + theirs[0],
        ours[1] + theirs[1],
        ours[2] + theirs[2],
        ours[3] + theirs[3],
        ours[4] + theirs[4],
        ours[5] + theirs[5],
    )


def event_row(idx: int, event: Event) -> tuple[Any, ...]:
    """The row of table ``event``; ``app`` is what the inventory calls it."""
    return (
        idx,
        bytes.fromhex(event.id),
        event.ts,
        event.door.value,
        event.kind.value,
        app_key(event),
        event.user,
        event.device,
        event.verdict.value,
        int(event.enforced),
        event.rule,
        event.count,
        event.bytes_up,
        event.bytes_down,
    )


def review_row(idx: int, review: Review) -> tuple[Any, ...]:
    """The row of table ``review``."""
    return (
        idx,
        review.ts,
        review.app,
        review.status.value,
        review.owner,
        review.reason,
        review.until,
        review.by,
    )


def inventory_key(app: str, user: str | None, device: str | None) -> str:
    """What makes two inventory rows the same row, as text."""
    return orjson.dumps([app, user, device]).decode()


def write_inventory(row: InventoryRow) -> tuple[Any, ...]:
    """The row of table ``inventory``."""
    return (
        inventory_key(*row.key),
        row.app,
        row.user,
        row.device,
        row.bytes_up,
        row.bytes_down,
        row.events,
        row.blocked,
        row.would_block,
        row.redacted,
        row.first_seen,
        row.last_seen,
        row.grade.value,
        *(orjson.dumps(getattr(row, name)).decode() for name in _SETS),
    )


def read_inventory(values: Sequence[Any]) -> InventoryRow:
    """What ``write_inventory`` wrote."""
    fields = dict(zip(INVENTORY_COLUMNS[1:], values[1:], strict=True))
    for name in _SETS:
        fields[name] = tuple(orjson.loads(fields[name]))
    fields["grade"] = Grade(fields["grade"])
    return InventoryRow(**fields)


class Fold:
    """Events added up: by app, user and device, and by day and app."""

    __slots__ = ("days", "rows")

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str | None, str | None], InventoryRow] = {}
        self.days: dict[tuple[int, str], DaySum] = {}

    def add(self, event: Event) -> None:
        """Add one event; one that is not about AI adds nothing."""
        added = delta(event)
        if added is None:
            return
        key = added.key
        self.rows[key] = merge(self.rows.get(key), added)
        self.add_day(
            int(event.ts // DAY_S),
            added.app,
            DaySum(
                added.events,
                added.blocked,
                added.would_block,
                added.redacted,
                added.bytes_up,
                added.bytes_down,
            ),
        )

    def add_day(self, day: int, app: str, added: DaySum) -> None:
        """Add to one day's sum of one app."""
        before = self.days.get((day, app))
        self.days[day, app] = added if before is None else _sum(before, added)

    def inventory_rows(self) -> Iterable[tuple[Any, ...]]:
        """The rows of table ``inventory``."""
        return (write_inventory(row) for row in self.rows.values())

    def day_rows(self) -> Iterable[tuple[Any, ...]]:
        """The rows of table ``ru_day``."""
        return ((day, app, *sums) for (day, app), sums in self.days.items())
