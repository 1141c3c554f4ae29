"""
Regular expressions that run in linear time: RE2 for what is cut out, hyperscan for the gate.

Where google-re2 has no wheel, Python's ``re`` takes its place for the detectors that come with the program
(every quantifier in them is bounded, and a window is a few hundred bytes), and for nobody else's.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

try:
    import re2
except ImportError:  # no wheel for this platform
    re2 = None

__all__ = ["HAS_RE2", "Extractor", "compile_extractor", "gate_problem", "problem_of"]

HAS_RE2 = re2 is not None

MAX_PATTERN = 4_000
"""Characters of one expression."""
MAX_PROGRAM = 20_000
"""Instructions of one compiled expression: what is larger outgrows RE2's cache of states, and is slow."""


_ANYWHERE: Any = re2._re2.RE2.Anchor.UNANCHORED if hasattr(re2, "_re2") else None


class Problem(NamedTuple):
    """What is wrong with an expression, and what to do."""

    what: str
    hint: str


class Extractor:
    """One pattern; ``spans`` cuts values out of a stretch of bytes."""

    __slots__ = ("_finditer", "_group", "_match")

    def __init__(self, compiled: Any, group: int) -> None:
        self._finditer = compiled.finditer
        self._group = group
        # What google-re2's own finditer calls, without its match objects: they take twice as long as the
        # search. The attribute is not of its interface: where it is not there, finditer does.
        self._match = getattr(getattr(compiled, "_regexp", None), "Match", None)

    def spans(self, data: bytes, start: int, end: int) -> list[tuple[int, int]]:
        """
        Every value between two bytes of ``data``, which are inside it; what stands outside is seen by ``\\b``
        and nothing else.
        """
        group = self._group
        found: list[tuple[int, int]] = []
        if self._match is None:
            for match in self._finditer(data, start, end):
                first, last = match.span(group)
                if first < last:
                    found.append((first, last))
            return found
        at = start
        while at < end:
            spans = self._match(_ANYWHERE, data, at, end)
            low, high = spans[0]
            if low < 0:
                break
            first, last = spans[group]
            if first < last:
                found.append((first, last))
            at = high if high > low else high + 1
        return found


def compile_extractor(pattern: str, *, plain: bool = False) -> Extractor:
    """
    The extractor of a pattern; its span is the group ``value``, else the whole match.

    ``plain`` takes Python's ``re`` although RE2 is there; tests hold the two equal.
    """
    if re2 is not None and not plain:
        compiled = _re2(_with_lines(pattern) if not pattern.isascii() else _with_lines(pattern).encode())
        names = compiled.groupindex
        return Extractor(compiled, names.get("value") or names.get(b"value") or 0)
    fallback = re.compile(_with_lines(pattern).encode())
    return Extractor(fallback, fallback.groupindex.get("value", 0))


def _with_lines(pattern: str) -> str:
    """``^`` and ``$`` are line ends."""
    return f"(?m){pattern}"


def problem_of(pattern: str) -> Problem | None:
    """Why an expression cannot be used, ``None`` where it can."""
    if len(pattern) > MAX_PATTERN:
        return Problem(
            f"the expression is longer than {MAX_PATTERN} characters", "Make several detectors of it."
        )
    try:
        empty = _try(pattern)
    except (ValueError, OverflowError, RecursionError, re.error) as error:
        return Problem(
            f"not an expression that runs in linear time: {str(error)[:200]}",
            "RE2 has no back-references (\\1), no look-around ((?=…), (?<!…)), and repeats up to 1000 times.",
        )
    if empty:
        return Problem("the expression matches nothing at all", "Make it match at least one character.")
    return None


def _re2(pattern: str | bytes) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _try(pattern: str) -> bool:
    """Whether it matches the empty string. Raises where it cannot be compiled."""
    if re2 is None:
        return re.compile(_with_lines(pattern).encode()).match(b"") is not None
    try:
        compiled = _re2(_with_lines(pattern))
        if compiled.programsize > MAX_PROGRAM:
            raise ValueError(f"it takes {compiled.programsize} steps, at most {MAX_PROGRAM} are allowed")
        return compiled.match("") is not None
    except re2.error as error:
        said = error.args[0] if error.args else "refused"
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None


def gate_problem(expression: str) -> Problem | None:
    """Why an expression cannot stand in the gate; whether hyperscan takes it is found when it is compiled."""
    if len(expression) > MAX_PATTERN:
        return Problem(
            f"the expression is longer than {MAX_PATTERN} characters", "A gate is short and narrow."
        )
    try:
        empty = re.compile(expression.encode()).match(b"")
    except (re.error, OverflowError, RecursionError) as error:
        return Problem(
            f"not a regular expression: {error}", "Write it in the syntax of PCRE, without look-around."
        )
    if empty is not None:
        return Problem("a gate that matches nothing at all opens everywhere", "Name what must be there.")
    return None
