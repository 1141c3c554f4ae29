"""
Values spelled out, one character and one separator at a time. Part of ``joined``.

``4 1 1 1``, ``g.h.p._.a``, ``[1, 2, 3]``, ``["g", "h", "p"]``: one separator, the same between all. It may be
anything that is no letter or digit; the value's own dots and dashes stand between two of them.

Bound: a run is walked once in each direction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sensor.detect.lazily import lazily
from sensor.detect.views.mapping import Edit

__all__ = ["GATES", "spelled"]

_SEP = r"[ ./_|*:~-]"
_CHAR = "[0-9A-Za-z@_+. -]"
_DOTS = (r"\xc2\xb7", r"\xe2\x80\xa2", r"\xe2\x8b\x85", r"\xf0\x9f[\x80-\xbf]{2}")
"""What is not ASCII and parts characters; other dashes and blanks are folded by ``plain``."""
GATES: tuple[tuple[str, str], ...] = (
    # Five in a row, as short as the gate can tell them by: the rest is walked here.
    ("joined.spelled", f"\\b[0-9A-Za-z]{_SEP}[0-9A-Za-z]{_SEP}{_CHAR}{_SEP}{_CHAR}{_SEP}[0-9A-Za-z@_+.-]"),
    *(("joined.spelled", f"[0-9A-Za-z]{dot}{_CHAR}{dot}{_CHAR}{dot}[0-9A-Za-z@_+.-]") for dot in _DOTS),
    ("joined.spelled", r"\[[0-9](?:, ?[0-9]){8}"),
    (
        "joined.spelled",
        r"""["'][0-9A-Za-z@_+.-]["'],\s{0,8}["'][0-9A-Za-z@_+.-]["'],\s{0,8}["'][0-9A-Za-z@_+.-]""",
    ),
)

_SEPARATOR = lazily(
    rb"[^\s]((?:[^0-9A-Za-z@_+.\x80-\xff-]{1,12}|[^0-9A-Za-z]|[\xc2-\xf4][\x80-\xbf]{1,3}))[^\s]\Z"
)
_FEWEST = 7
"""Characters of a run."""


def spelled(data: bytes, ends: Sequence[int]) -> Iterator[Edit]:
    """Every separator of the runs that ``ends`` stand in goes."""
    done = 0
    for end in ends:
        if end <= done:
            continue
        found = _SEPARATOR.search(data, max(done, end - 14), end)
        if found is None:
            continue
        separator = found[1]
        places = _run(data, end, separator, done)
        if len(places) < _FEWEST:
            continue
        done = places[-1] + 1
        for place in places[:-1]:
            yield Edit(place + 1, place + 1 + len(separator), b"")


def _run(data: bytes, end: int, separator: bytes, floor: int) -> list[int]:
    """Where the characters of a run stand of which one ends at ``end``; none of them before ``floor``."""
    step = len(separator) + 1
    first = last = end - 1
    while (
        first - step >= floor
        and data.startswith(separator, first - step + 1)
        and _fits(data, first - step, step)
    ):
        first -= step
    while (
        data.startswith(separator, last + 1) and last + step < len(data) and _fits(data, last + step, -step)
    ):
        last += step
    # What stands at the ends may be part of a word.
    while first < last and not _may_begin(data, first):
        first += step
    while first < last and not _may_end(data, last):
        last -= step
    places = range(first, last + 1, step)
    letters = [place for place in places if not 0x30 <= data[place] <= 0x39]
    if len(letters) == 1 and len(places) > _FEWEST and data[letters[0] : letters[0] + 1].isalpha():
        # "a 4 1 1 1", "4 1 1 1 a": an article before or behind a number.
        if letters[0] == first:
            return list(places[1:])
        if letters[0] == last:
            return list(places[:-1])
    return list(places)


def _fits(data: bytes, place: int, neighbour: int) -> bool:
    """Whether a byte may be a character of a run; of blanks only one in a row."""
    byte = data[place]
    return 0x20 < byte < 0x7F or (byte == 0x20 and data[place + neighbour] != 0x20)


def _may_begin(data: bytes, place: int) -> bool:
    byte = data[place : place + 1]
    return byte == b"+" or (byte.isalnum() and not data[max(0, place - 1) : place].isalnum())


def _may_end(data: bytes, place: int) -> bool:
    return data[place : place + 1].isalnum() and not data[place + 1 : place + 2].isalnum()
