"""Spans in whole characters, and runs that end at a place."""

from __future__ import annotations

from sensor.detect.finding import Candidate

__all__ = ["NAME", "VALUE", "run_start", "whole"]

_WORD = bytes(byte for byte in range(128) if chr(byte).isalnum()) + b"_"
NAME = _WORD + b".$-"
"""Characters of a name, as a program or a configuration has it."""
VALUE = _WORD + b"+/.~@%$!^*|-"
"""Characters of a value that is drawn by chance."""


def run_start(data: bytes, end: int, characters: bytes, longest: int) -> int:
    """Where the run of such characters begins that ends at ``end``; ``end`` where there is none."""
    run = data[max(0, end - longest) : end]
    return end - len(run) + len(run.rstrip(characters))


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
