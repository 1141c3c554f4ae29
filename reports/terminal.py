"""The report on a terminal, with rich: tables and colour only where there is a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.data import Group, Report
from reports.text import clean, format_bytes, format_count, format_time
from sensor.model import Status

__all__ = ["render_inventory", "render_terminal"]

_STYLE = {
    Status.UNSANCTIONED: "red",
    Status.UNREVIEWED: "yellow",
    Status.SANCTIONED: "green",
    Status.TOLERATED: "cyan",
    Status.UNDER_REVIEW: "magenta",
}

_EMPTY = (
    "No AI use has been recorded yet.\n"
    "Feed it a capture (gnomon capture -r FILE), start the proxy (gnomon up), or try gnomon demo."
)


def render_inventory(report: Report, file: IO[str]) -> None:
    """One line for each app and subject."""
    console = _console(file)
    if not report.rows:
        console.print(_EMPTY)
        return
    titles = {group.key: group.title for group in report.by_app}
    table = _table("App", "Status", "User", "Device", "Sent", "Received", "Seen", "Blocked", "Door", "Grade",
                   "Last seen (UTC)", right=(4, 5, 6, 7))  # fmt: skip
    for row in report.rows:
        table.add_row(
            _text(titles[row.app]),
            Text(row.status.value, style=_STYLE[row.status]),
            _text(row.user or ""),
            _text(row.device or ""),
            format_bytes(row.bytes_up),
            format_bytes(row.bytes_down),
            format_count(row.events),
            _blocked(row.blocked, row.would_block),
            "+".join(row.doors),
            row.grade.value.replace("_", " "),
            format_time(row.last_seen),
        )
    console.print(table)
    console.print(_summary(report))


def render_terminal(report: Report, file: IO[str]) -> None:
    """The whole report: totals, apps, people, devices, categories, coverage."""
    console = _console(file)
    if not report.rows:
        console.print(_EMPTY)
        return
    console.print(_summary(report))
    console.print()
    table = _table("App", "Status", "Users", "Devices", "Sent", "Received", "Seen", "Blocked", "Door",
                   "Grade", "First seen (UTC)", "Last seen (UTC)", right=(2, 3, 4, 5, 6, 7))  # fmt: skip
    for group in report.by_app:
        status = group.status or Status.UNREVIEWED
        table.add_row(
            _text(group.title),
            Text(status.value, style=_STYLE[status]),
            str(len(group.users)),
            str(len(group.devices)),
            format_bytes(group.bytes_up),
            format_bytes(group.bytes_down),
            format_count(group.events),
            _blocked(group.blocked, group.would_block),
            "+".join(group.doors),
            group.grade.value.replace("_", " "),
            format_time(group.first_seen),
            format_time(group.last_seen),
        )
    console.print(table)
    _groups(console, "User", report.by_user)
    _groups(console, "Device", report.by_device)
    _groups(console, "Category", report.by_category)
    if report.coverage:
        table = _table("Coverage", "Count", "Meaning", right=(1,))
        for line in report.coverage_lines:
            says = f"NOT SEEN: {line.says}" if line.blind else line.says
            table.add_row(_text(line.label), format_count(line.count), says)
        console.print(table)
    console.print(
        f"Audit log {clean(report.origin)}: {format_count(report.entries)} entries", highlight=False
    )


def _groups(console: Console, head: str, groups: Sequence[Group]) -> None:
    table = _table(head, "Apps", "Sent", "Received", "Seen", "Last seen (UTC)", right=(2, 3, 4))
    for group in groups:
        table.add_row(
            _text(group.title),
            _text(", ".join(group.apps)),
            format_bytes(group.bytes_up),
            format_bytes(group.bytes_down),
            format_count(group.events),
            format_time(group.last_seen),
        )
    console.print(table)


def _summary(report: Report) -> str:
    return (
        f"{len(report.by_app)} AI apps, {report.users} named users, {report.devices} devices: "
        f"{format_bytes(report.bytes_up)} sent, {format_bytes(report.bytes_down)} received, "
        f"{format_count(report.events)} interactions, {format_count(report.blocked)} blocked"
        + (f" ({format_count(report.would_block)} more would have been)" if report.would_block else "")
    )


def _blocked(blocked: int, would: int) -> str:
    return f"{format_count(blocked)} (+{format_count(would)})" if would else format_count(blocked)


def _text(value: str) -> Text:
    """Never ``console.print(str)`` with a value from the network: rich reads ``[...]`` as markup."""
    return Text(clean(value), overflow="fold")


def _table(*heads: str, right: Sequence[int] = ()) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, header_style="bold")
    for index, head in enumerate(heads):
        table.add_column(head, justify="right" if index in right else "left", overflow="fold")
    return table


def _console(file: IO[str]) -> Console:
    """A console as wide as its table where there is no terminal: a pipe must not lose columns."""
    console = Console(file=file, highlight=False, markup=False)
    return console if console.is_terminal else Console(file=file, highlight=False, markup=False, width=250)
