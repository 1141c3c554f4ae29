"""Judged words to the names that they make."""

from __future__ import annotations

from collections.abc import Sequence

from sensor.detect.scanners.people.model import Sighting
from sensor.detect.scanners.people.tokens import spans_of
from sensor.detect.scanners.people.words import LEADING_PARTICLES

__all__ = ["names_of"]

SURE = 0.36
"""Probability that makes a word part of a name."""
NEXT = 0.22
"""Probability that does so beside such a word."""


def names_of(
    sighting: Sighting, judged: Sequence[float], sure: float = SURE, near: float = NEXT
) -> list[tuple[int, int, float]]:
    """(start, end, probability of its surest word) of every name, in code points of the text."""
    items = sighting.items
    count = len(items)
    taken = [value >= sure for value in judged]
    for place in range(1, count):
        if taken[place - 1] and not taken[place] and judged[place] >= near and items[place][3] in " .":
            taken[place] = True
    for place in range(count - 2, -1, -1):
        if taken[place + 1] and not taken[place] and judged[place] >= near and items[place + 1][3] in " .":
            taken[place] = True
    names: list[tuple[int, int, float]] = []
    open_name = False
    for place in range(count):
        if not taken[place]:
            open_name = False
            continue
        first, end, index, gap, _ = items[place]
        if open_name and gap in " p.":
            start, _, best = names[-1]
            names[-1] = (start, end, max(best, judged[place]))
        else:
            names.append((_with_particles(sighting, index, first), end, judged[place]))
        open_name = True
    return names


def _with_particles(sighting: Sighting, index: int, start: int) -> int:
    """Where a name begins that a ``von`` or ``van der`` stands before."""
    if index > 0 and sighting.tokens[index - 1] in LEADING_PARTICLES:
        while index > 0 and sighting.tokens[index - 1] in LEADING_PARTICLES:
            index -= 1
        return spans_of(sighting.text)[index][0]
    return start
