"""Lines of a text around the places that the gate named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sensor.detect.finding import Hit

__all__ = ["MAX_HITS", "MAX_LINE", "clusters", "line_around", "lines_after", "next_line", "previous_line"]

MAX_LINE: Final = 400
"""Bytes of a line that are looked at."""
MAX_HITS: Final = 2_000
"""Hits of one scanner that are looked at; a larger text says no more by having more."""


def line_around(data: bytes, at: int) -> tuple[int, int]:
    """The line that a byte stands in, without its end; cut to ``MAX_LINE`` on both sides."""
    start = data.rfind(b"\n", max(0, at - MAX_LINE), at) + 1
    if start == 0:
        start = max(0, at - MAX_LINE)
    end = data.find(b"\n", at, at + MAX_LINE)
    if end < 0:
        end = min(len(data), at + MAX_LINE)
    while end > start and data[end - 1] in b"\r \t":
        end -= 1
    return start, end


def previous_line(data: bytes, start: int) -> bytes:
    """The nearest line before a line's start that is not empty; empty where there is none near."""
    for _ in range(3):
        if start == 0:
            return b""
        first, end = line_around(data, start - 1)
        line = data[first:end]
        if line.strip():
            return line
        start = first
    return b""


def next_line(data: bytes, end: int) -> bytes:
    """The nearest line behind a line's end that is not empty."""
    for _ in range(3):
        at = data.find(b"\n", end, end + MAX_LINE)
        if at < 0:
            return b""
        first, end = line_around(data, at + 1)
        line = data[first:end]
        if line.strip():
            return line
    return b""


def lines_after(data: bytes, start: int, most: int) -> Iterator[tuple[int, int]]:
    """(start, end without the line end) of up to ``most`` lines from the one that begins at ``start``."""
    for _ in range(most):
        if start >= len(data):
            return
        end = data.find(b"\n", start)
        if end < 0:
            end = len(data)
        yield start, end
        start = end + 1


def clusters(hits: Sequence[Hit], apart: int) -> Iterator[list[Hit]]:
    """Hits that stand within ``apart`` bytes of each other, together."""
    group: list[Hit] = []
    for hit in hits[:MAX_HITS]:
        if group and hit[1] - group[-1][1] > apart:
            yield group
            group = []
        group.append(hit)
    if group:
        yield group
