"""Spans in whole characters."""

from __future__ import annotations

from sensor.detect.finding import Candidate

__all__ = ["whole"]


def whole(data: bytes, candidate: Candidate) -> Candidate:
    """The candidate, grown to whole characters where a bound of an expression fell inside one."""
    start, end = candidate.start, candidate.end
    if data[start] & 0xC0 != 0x80 and (end == len(data) or data[end] & 0xC0 != 0x80):
        return candidate
    while start > 0 and data[start] & 0xC0 == 0x80:
        start -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return candidate._replace(start=start, end=end)
