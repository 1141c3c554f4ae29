"""
Charts as inline SVG: no script, no outside font, colours from the page's own CSS classes.

Each chart has a title and a description for screen readers (WAI-ARIA Graphics Module), and says its numbers
in text beside the bars: nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from reports.text import clean

__all__ = ["Bar", "bars", "columns", "stack"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, column or segment."""

    label: str
    value: int
    text: str
    """The value as it is to be read."""
    kind: str = "c0"
    """CSS class that gives the colour."""


_WIDTH = 640
_LABEL = 212
_ROW = 28


def bars(title: str, items: Sequence[Bar]) -> str:
    """Horizontal bars, one a row, longest first as given."""
    if not items:
        return ""
    top = max(item.value for item in items) or 1
    height = _ROW * len(items) + 8
    room = _WIDTH - _LABEL - 90
    parts = [_open(title, _WIDTH, height, items)]
    for row, item in enumerate(items):
        y = row * _ROW + 6
        width = max(2.0, room * item.value / top) if item.value else 0.0
        label = _cut(item.label, 20)
        parts.append(
            f'<text class="label" x="{_LABEL - 8}" y="{y + 14}" text-anchor="end">{label}</text>'
            f'<rect class="{item.kind}" x="{_LABEL}" y="{y}" width="{width:.1f}" height="18" rx="3"/>'
            f'<text class="value" x="{_LABEL + width + 6:.1f}" y="{y + 14}">{escape(item.text)}</text>'
        )
    return "".join(parts) + "</svg>"


def columns(title: str, items: Sequence[Bar]) -> str:
    """Vertical columns in time order; the first, the last and the highest carry a label."""
    if not items:
        return ""
    top = max(item.value for item in items) or 1
    height, floor = 190, 158
    step = _WIDTH / len(items)
    width = min(46.0, step * 0.7)
    highest = max(range(len(items)), key=lambda index: items[index].value)
    parts = [_open(title, _WIDTH, height, items), f'<path class="axis" d="M0 {floor}.5H{_WIDTH}"/>']
    for index, item in enumerate(items):
        x = index * step + (step - width) / 2
        tall = (floor - 24) * item.value / top
        told = f"{escape(clean(item.label))}: {escape(item.text)}"
        parts.append(
            f'<rect class="{item.kind}" x="{x:.1f}" y="{floor - tall:.1f}" width="{width:.1f}" '
            f'height="{tall:.1f}" rx="2"><title>{told}</title></rect>'
        )
        middle = min(max(x + width / 2, 56.0), _WIDTH - 56.0)
        if index == highest:
            parts.append(
                f'<text class="value" x="{middle:.1f}" y="{floor - tall - 6:.1f}" '
                f'text-anchor="middle">{escape(item.text)}</text>'
            )
        if index in (0, len(items) - 1) or len(items) <= 7:
            parts.append(
                f'<text class="label" x="{middle:.1f}" y="{floor + 20}" '
                f'text-anchor="middle">{_cut(item.label, 12)}</text>'
            )
    return "".join(parts) + "</svg>"


def stack(title: str, items: Sequence[Bar]) -> str:
    """One bar cut into shares. The legend is the page's: it can wrap, an SVG cannot."""
    total = sum(item.value for item in items)
    if not total:
        return ""
    parts = [_open(title, _WIDTH, 34, items)]
    x = 0.0
    for item in items:
        if not item.value:
            continue
        width = _WIDTH * item.value / total
        parts.append(
            f'<rect class="{item.kind}" x="{x:.1f}" y="4" width="{max(width - 2, 1):.1f}" height="26" rx="3">'
            f"<title>{escape(item.label)}: {escape(item.text)}</title></rect>"
        )
        if width > 34:
            middle = x + width / 2 - 1
            parts.append(f'<text class="on" x="{middle:.1f}" y="22" text-anchor="middle">{item.value}</text>')
        x += width
    return "".join(parts) + "</svg>"


def _open(title: str, width: int, height: int, items: Sequence[Bar]) -> str:
    told = "; ".join(f"{clean(item.label)}: {item.text}" for item in items)
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" aria-label="{escape(title)}. '
        f'{escape(told)}">'
    )


def _cut(text: str, length: int) -> str:
    text = clean(text)
    return escape(text if len(text) <= length else text[: length - 1] + "…")
