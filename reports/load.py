"""From a home to a report: opens the store, asks the catalogue for names, and groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from reports.data import Day, Report, build_report
from sensor.catalogue_files import load_catalogue
from sensor.config import Home
from sensor.errors import UsageError
from sensor.inventory import InventoryRow
from sensor.store.reader import Store

__all__ = ["load_report"]


def load_report(
    home: Home,
    *,
    status: str | None = None,
    app: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Report:
    """
    Everything recorded in a home; nothing, where nothing has been recorded yet.

    ``status`` and ``app`` (an id, or a beginning with ``*``) keep some rows only; days are then those of no
    app in particular and are left out. Raises ``UsageError`` where the home is not there at all.
    """
    if not home.path.is_dir():
        raise UsageError(
            f"there is no home at {home.path}",
            hint="Name the one that holds the records with --home DIR or $GNOMON_HOME; "
            "'gnomon demo' makes one with something in it.",
        )
    if not home.database.exists():
        return build_report([], generated=clock(), origin="nothing recorded yet")
    with Store(home.database, clock=clock) as store:
        rows = [
            row
            for row in store.inventory_rows(apps=load_catalogue(home).apps)
            if (status is None or row.status.value == status) and (app is None or _is(row, app))
        ]
        whole = status is None and app is None
        return build_report(
            rows,
            generated=clock(),
            origin=store.origin or "nothing recorded yet",
            days=[
                Day(day.day, day.events, day.bytes_up, day.bytes_down, day.blocked)
                for day in (store.per_day() if whole else ())
            ],
            coverage=_in_order(store.coverage()),
            entries=store.size,
            root=store.root,
        )


def _is(row: InventoryRow, app: str) -> bool:
    return row.app.startswith(app[:-1]) if app.endswith("*") else row.app == app


def _in_order(coverage: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in coverage.items() if count}
