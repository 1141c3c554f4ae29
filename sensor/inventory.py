"""
Who used which AI service, and how much: events folded into rows, one per app × subject.

Rule 1: a row is a sum. ``delta`` gives the row of one event, and ``merge`` adds two rows in any order and
any grouping (it is associative and commutative), so that a store may fold events one by one, in batches,
or re-derive everything from the log, and always arrives at the same row.
Rule 2: only what an event says is in the sum. Name, vendor, category and status belong to the app, change
without any event, and are filled in at reading (``dataclasses.replace``).

What counts:

- ``events`` counts interactions: the sum of ``Event.count``, which is 0 for the closing of an interaction
  that was recorded before (it adds its volume, its grade and its time) and n for the closing of n folded
  sightings.
- ``bytes_up`` and ``bytes_down`` are the sums of what events carry; two events never carry the same bytes.
- ``blocked`` counts interactions that were really refused: verdict ``block`` and ``enforced``. Passive mode
  and ``mode: monitor`` refuse nothing; what the policy *would* have refused there is ``would_block``.
  Both count like ``events``, so ``blocked + would_block <= events``.
- ``redacted`` counts interactions whose content was really changed: verdict ``redact`` and ``enforced``.

Bounds: each set (doors, providers, clients, models, regions) holds at most ``MAX_SET`` values, the first by
name; a set of ``MAX_SET`` values may have been cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sensor.model import GRADES, Event, Grade, Status, Verdict

__all__ = [
    "GENERIC_APP",
    "MAX_SET",
    "InventoryDelta",
    "InventoryRow",
    "app_key",
    "delta",
    "host_of",
    "inventory_key",
    "merge",
    "to_json",
]

GENERIC_APP = "unknown.llm_api"
"""An unknown LLM API, recognised by its shape; its app key is this, a slash, and the host."""

MAX_SET = 32
"""Values kept in each set of a row."""

_RANK = {grade: rank for rank, grade in enumerate(GRADES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRow:
    """One app as used by one subject. Any number of events, merged."""

    app: str
    """App id, or ``unknown.llm_api/<host>``."""
    user: str | None = None
    device: str | None = None
    """``mac:…``, ``host:…`` or ``ip:…``."""
    bytes_up: int = 0
    bytes_down: int = 0
    events: int = 0
    """Interactions."""
    blocked: int = 0
    """Interactions really refused."""
    would_block: int = 0
    """Interactions that the policy would have refused where it was not enforced."""
    redacted: int = 0
    first_seen: float
    last_seen: float
    grade: Grade
    """The best of all events."""
    doors: tuple[str, ...] = ()
    """This and the following: sorted, without repeats, at most ``MAX_SET``."""
    providers: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    name: str | None = None
    """From the catalogue; this and the following are never part of the sum."""
    vendor: str | None = None
    category: str | None = None
    status: Status = Status.UNREVIEWED
    """From the reviews."""

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """App, user, device: what makes two rows the same row."""
        return (self.app, self.user, self.device)

    @property
    def provider(self) -> str | None:
        """The provider; of several, the first by name."""
        return self.providers[0] if self.providers else None

    @property
    def client(self) -> str | None:
        """The client software; of several, the first by name."""
        return self.clients[0] if self.clients else None


InventoryDelta = InventoryRow
"""What one event adds is a row too: the row of that event alone."""


def host_of(destination: str | None) -> str | None:
    """The host of ``host:port`` or ``[address]:port``, in lower case."""
    if not destination:
        return None
    if destination.startswith("["):
        return destination[1:].partition("]")[0].lower() or None
    host, _, port = destination.partition(":")
    # A second colon: a bare IPv6 address, without a port.
    return (host if port.isdigit() or not port else destination).lower() or None


def app_key(event: Event) -> str | None:
    """What the inventory calls the app of an event; ``None`` where the event is not about AI."""
    if event.app is not None:
        return event.app
    if not event.generic:
        return None
    host = host_of(event.destination)
    return f"{GENERIC_APP}/{host}" if host is not None else GENERIC_APP


def inventory_key(event: Event) -> tuple[str, str | None, str | None] | None:
    """App, user and device of the row that an event belongs to; ``None`` where it is not about AI."""
    app = app_key(event)
    return None if app is None else (app, event.user, event.device)


def delta(event: Event) -> InventoryDelta | None:
    """What one event adds to the inventory; ``None`` where it is not about AI."""
    app = app_key(event)
    if app is None:
        return None
    is_block = event.verdict is Verdict.BLOCK
    return InventoryRow(
        app=app,
        user=event.user,
        device=event.device,
        bytes_up=event.bytes_up or 0,
        bytes_down=event.bytes_down or 0,
        events=event.count,
        blocked=event.count if is_block and event.enforced else 0,
        would_block=event.count if is_block and not event.enforced else 0,
        redacted=event.count if event.verdict is Verdict.REDACT and event.enforced else 0,
        first_seen=event.ts,
        last_seen=event.ts,
        grade=event.grade,
        doors=(event.door.value,),
        providers=_single(event.provider),
        clients=_single(event.client),
        models=_single(event.model),
        regions=_single(event.region),
    )


def merge(row: InventoryRow | None, added: InventoryDelta) -> InventoryRow:
    """
    The sum of two rows of one key.

    What is filled in at reading is taken from ``row``. Raises ``ValueError`` where the keys differ.
    """
    if row is None:
        return added
    if row.key != added.key:
        raise ValueError(f"rows of different keys cannot be merged: {row.key} and {added.key}")
    return InventoryRow(
        app=row.app,
        user=row.user,
        device=row.device,
        bytes_up=row.bytes_up + added.bytes_up,
        bytes_down=row.bytes_down + added.bytes_down,
        events=row.events + added.events,
        blocked=row.blocked + added.blocked,
        would_block=row.would_block + added.would_block,
        redacted=row.redacted + added.redacted,
        first_seen=min(row.first_seen, added.first_seen),
        last_seen=max(row.last_seen, added.last_seen),
        grade=row.grade if _RANK[row.grade] >= _RANK[added.grade] else added.grade,
        doors=_union(row.doors, added.doors),
        providers=_union(row.providers, added.providers),
        clients=_union(row.clients, added.clients),
        models=_union(row.models, added.models),
        regions=_union(row.regions, added.regions),
        name=row.name,
        vendor=row.vendor,
        category=row.category,
        status=row.status,
    )


def to_json(row: InventoryRow) -> dict[str, Any]:
    """A row as ``gnomon inventory --json`` prints it."""
    return {
        "app": row.app,
        "name": row.name,
        "vendor": row.vendor,
        "category": row.category,
        "provider": row.provider,
        "client": row.client,
        "status": row.status.value,
        "user": row.user,
        "device": row.device,
        "bytes_up": row.bytes_up,
        "bytes_down": row.bytes_down,
        "events": row.events,
        "blocked": row.blocked,
        "would_block": row.would_block,
        "redacted": row.redacted,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "grade": row.grade.value,
        "doors": list(row.doors),
        "models": list(row.models),
        "regions": list(row.regions),
        "providers": list(row.providers),
        "clients": list(row.clients),
    }


def _single(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _union(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    # The MAX_SET smallest of a union are the MAX_SET smallest of the unions of the parts' MAX_SET smallest,
    # so cutting by name keeps the sum associative. (Cutting by age would not.)
    if ours == theirs or not theirs:
        return ours
    return tuple(sorted({*ours, *theirs})[:MAX_SET])
