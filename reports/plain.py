"""The report as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from reports.data import Group, Report
from reports.text import clean, format_bytes, format_count, format_time
from sensor.inventory import to_json

__all__ = ["render_csv", "render_json", "render_markdown", "safe_cell"]

_LISTS = ("doors", "models", "regions", "providers", "clients")


def render_json(report: Report) -> str:
    """One JSON object: totals, the groups, every row, coverage."""
    return json.dumps(
        {
            "generated": report.generated,
            "origin": report.origin,
            "entries": report.entries,
            "root": report.root,
            "totals": {
                "apps": len(report.by_app),
                "users": report.users,
                "devices": report.devices,
                "events": report.events,
                "blocked": report.blocked,
                "would_block": report.would_block,
                "bytes_up": report.bytes_up,
                "bytes_down": report.bytes_down,
                "first_seen": report.first_seen,
                "last_seen": report.last_seen,
            },
            "by_app": [_group(group) for group in report.by_app],
            "by_user": [_group(group) for group in report.by_user],
            "by_device": [_group(group) for group in report.by_device],
            "by_category": [_group(group) for group in report.by_category],
            "days": [
                {
                    "day": day.day,
                    "events": day.events,
                    "blocked": day.blocked,
                    "bytes_up": day.bytes_up,
                    "bytes_down": day.bytes_down,
                }
                for day in report.days
            ],
            "rows": [to_json(row) for row in report.rows],
            "coverage": dict(sorted(report.coverage.items())),
        },
        indent=2,
        ensure_ascii=False,
    )


def _group(group: Group) -> dict[str, object]:
    return {
        "key": group.key,
        "title": group.title,
        "vendor": group.vendor,
        "category": group.category,
        "status": group.status.value if group.status is not None else None,
        "apps": list(group.apps),
        "users": list(group.users),
        "devices": list(group.devices),
        "events": group.events,
        "blocked": group.blocked,
        "would_block": group.would_block,
        "bytes_up": group.bytes_up,
        "bytes_down": group.bytes_down,
        "first_seen": group.first_seen,
        "last_seen": group.last_seen,
        "grade": group.grade.value,
        "doors": list(group.doors),
        "clients": list(group.clients),
        "models": list(group.models),
        "regions": list(group.regions),
    }


def render_csv(report: Report) -> str:
    """
    Every row of the inventory, RFC 4180, with a header line; times as ISO 8601 in UTC.

    A cell that a spreadsheet would take for a formula is written as text (``safe_cell``).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    head: list[str] | None = None
    for row in report.rows:
        values = to_json(row)
        if head is None:
            head = list(values)
            writer.writerow(head)
        for name in _LISTS:
            values[name] = " ".join(values[name])
        for name in ("first_seen", "last_seen"):
            values[name] = datetime.fromtimestamp(values[name], UTC).isoformat(timespec="seconds")
        writer.writerow([safe_cell(values[name]) for name in head])
    return out.getvalue()


def safe_cell(value: object) -> object:
    """
    A cell that no spreadsheet runs: text that starts like a formula gets an apostrophe before it.

    Source: OWASP, "CSV Injection" (cells that begin with =, +, -, @, tab or carriage return).
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\\") else text


def render_markdown(report: Report) -> str:
    """Totals and the groups as Markdown tables."""
    lines = [
        "# AI use on this network",
        "",
        f"Made {format_time(report.generated)} UTC from the log `{_code(report.origin)}` "
        f"({format_count(report.entries)} entries).",
        "",
    ]
    if not report.rows:
        return "\n".join([*lines, "No AI use has been recorded yet.", ""])
    lines += [
        f"{len(report.by_app)} AI apps, {report.users} named users, {report.devices} devices; "
        f"{format_bytes(report.bytes_up)} sent, {format_bytes(report.bytes_down)} received; "
        f"{format_count(report.events)} interactions, {format_count(report.blocked)} blocked"
        + (f" ({format_count(report.would_block)} more would have been)." if report.would_block else "."),
        "",
    ]
    lines += _table(
        "Apps",
        ("App", "Status", "Users", "Devices", "Sent", "Received", "Interactions", "Grade", "Last seen"),
        [
            (
                group.title,
                group.status.value if group.status else "",
                str(len(group.users)),
                str(len(group.devices)),
                format_bytes(group.bytes_up),
                format_bytes(group.bytes_down),
                format_count(group.events),
                group.grade.value.replace("_", " "),
                format_time(group.last_seen),
            )
            for group in report.by_app
        ],
    )
    for title, groups in (
        ("People", report.by_user),
        ("Devices", report.by_device),
        ("Categories", report.by_category),
    ):
        lines += _table(
            title,
            (title, "Apps", "Sent", "Received", "Interactions", "Last seen"),
            [
                (
                    group.title,
                    ", ".join(group.apps),
                    format_bytes(group.bytes_up),
                    format_bytes(group.bytes_down),
                    format_count(group.events),
                    format_time(group.last_seen),
                )
                for group in groups
            ],
        )
    if report.coverage:
        lines += _table(
            "Coverage",
            ("Counter", "Count", "Meaning"),
            [(line.label, format_count(line.count), line.says) for line in report.coverage_lines],
        )
    return "\n".join(lines)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"## {title}", "", _line(head), _line(["---"] * len(head))]
    return [*lines, *(_line([_cell(cell) for cell in row]) for row in rows), ""]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text from the network inside a Markdown table: no markup of its own (CommonMark, section 2.4)."""
    cleaned = clean(text)
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>()#+!|~&" else char for char in cleaned)


def _code(text: str) -> str:
    return clean(text).replace("`", "'")
