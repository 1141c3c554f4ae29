"""
The report as one self-contained HTML page: no script, no outside request, light and dark, phone to paper.

Every value goes through Jinja2's autoescaping, after ``reports.text.clean``. The page carries its own
Content-Security-Policy, which forbids scripts and any outside source.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from reports.charts import Bar, bars, columns, stack
from reports.data import Group, Report
from reports.text import clean, format_bytes, format_count, format_day, format_time
from sensor.model import Grade, Status

__all__ = ["MAX_ROWS", "render_html"]

MAX_ROWS = 1000
"""Rows of the last table in the page; the CSV and JSON reports have no such bound."""

_CHART_APPS = 12
_CHART_DAYS = 92
_SOME = 8


def render_html(report: Report) -> str:
    """The whole page."""
    titles = {group.key: group.title for group in report.by_app}
    rows = report.rows[:MAX_ROWS]
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            period=_period(report),
            undecided=sum(group.status is Status.UNREVIEWED for group in report.by_app),
            rows=rows,
            cut=len(report.rows) > len(rows),
            titles=titles,
            sections=(
                ("users", "People", report.by_user, "User"),
                ("devices", "Devices", report.by_device, "Device"),
                ("categories", "Categories", report.by_category, "Category"),
            ),
            chart_status=Markup(
                stack(
                    "Apps by review status",
                    [
                        Bar(str(status), apps, f"{apps} apps, {format_bytes(up)} sent", slug(status))
                        for status, apps, up in report.by_status
                    ],
                )
            ),
            chart_days=Markup(
                columns(
                    "Interactions a day",
                    [
                        Bar(day.day, day.events, format_count(day.events))
                        for day in report.days[-_CHART_DAYS:]
                    ],
                )
            ),
            chart_apps=Markup(bars("Bytes sent, by app", _largest(report.by_app))),
            chart_categories=Markup(bars("Bytes sent, by category", _largest(report.by_category))),
        )
    )


def slug(status: Status) -> str:
    """A status as a CSS class."""
    return status.value.replace(" ", "-")


def _largest(groups: Sequence[Group]) -> list[Bar]:
    shown = [
        Bar(
            group.title,
            group.bytes_up,
            format_bytes(group.bytes_up),
            slug(group.status) if group.status is not None else "c0",
        )
        for group in groups[:_CHART_APPS]
    ]
    rest = sum(group.bytes_up for group in groups[_CHART_APPS:])
    if rest:
        shown.append(Bar(f"{len(groups) - _CHART_APPS} others", rest, format_bytes(rest)))
    return shown


def _period(report: Report) -> str:
    if report.first_seen is None or report.last_seen is None:
        return "nothing recorded"
    first, last = format_day(report.first_seen), format_day(report.last_seen)
    return first if first == last else f"{first} to {last}"


def _badge(status: Status) -> Markup:
    return Markup('<span class="badge {}">{}</span>').format(slug(status), status.value)


def _who(group: Group) -> str:
    names = group.users or group.devices
    return _some(names)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(clean(name) for name in names[:_SOME])
    return f"{shown} and {len(names) - _SOME} more" if len(names) > _SOME else shown


def _blocked(group: Group) -> Markup:
    if group.would_block:
        return escape(f"{format_count(group.blocked)} (+{format_count(group.would_block)})")
    return escape(format_count(group.blocked))


def _grade(grade: Grade) -> str:
    return grade.value.replace("_", " ")


@cache
def _environment() -> Environment:
    from jinja2 import FunctionLoader

    def load(name: str) -> str:
        return resources.files("reports").joinpath("templates", name).read_text("utf-8")

    environment = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        bytes=format_bytes,
        count=format_count,
        time=format_time,
        day=format_day,
        clean=clean,
        slug=slug,
        grade=_grade,
    )
    environment.globals.update(badge=_badge, who=_who, some=_some, blocked=_blocked)
    return environment
