"""
Which of a user's regular expressions may run, and what is known of them before they do.

An expression is accepted only where its work is bounded ahead, by numbers and not by a clock:

- what it holds, its repeats written out, is at most ``MAX_SIZE`` places: the gate's work for a byte;
- it matches at least one character;
- RE2 takes it, within RE2's own bounds.

``runs_small`` is a proof that RE2's automaton, read backwards, has few states: each step of it then costs a
table look-up. Without it a step may cost as much as the expression has places, and ``regexes`` looks at
fewer matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sensor.detect.custom.syntax import (
    Assertion,
    Choice,
    ExpressionError,
    Part,
    Repeat,
    Sequence,
    Set,
    gate_text,
    parse,
)
from sensor.detect.patterns import HAS_RE2, problem_of

__all__ = ["MAX_SIZE", "MAX_STATES", "Expression", "ExpressionError", "read_expression"]

MAX_SIZE: Final = 128
"""Places of an expression, repeats written out."""
MAX_STATES: Final = 100
"""States up to which a backward automaton is called small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression that may run."""

    pattern: str
    """As it was written."""
    gate: str
    """For the gate, in bytes."""
    size: int
    shortest: int
    """Bytes of the shortest match."""
    longest: int | None
    """Bytes of the longest; ``None``: no bound."""
    exact: bool
    """What the gate finds is a match; else RE2 has to see it."""
    runs_small: bool

    @property
    def fixed(self) -> int | None:
        """Bytes of every match, where all are of one length."""
        return self.shortest if self.exact and self.shortest == self.longest else None


def read_expression(pattern: str) -> Expression:
    """
    What is known of an expression.

    Raises ``ExpressionError`` with the reason where it may not run.
    """
    if not HAS_RE2:
        raise ExpressionError(
            "google-re2 is not installed", None, "A user's expressions run on it alone: install it."
        )
    part = parse(pattern)
    size = _size(part)
    if size > MAX_SIZE:
        raise ExpressionError(
            f"too large: {size if size < _BEYOND else 'over a million'} places, its repeats written out",
            None,
            f"At most {MAX_SIZE}. Repeat less, or without a bound (+), or make several of it.",
        )
    shortest, longest = _lengths(part)
    if shortest == 0:
        raise ExpressionError("the expression matches the empty string", None, "Say what must be there.")
    problem = problem_of(pattern)
    if problem is not None:
        raise ExpressionError(problem.what, None, problem.hint)
    exact = pattern.isascii() and "\\x{" not in pattern and "\\p" not in pattern and "\\P" not in pattern
    return Expression(
        pattern=pattern,
        gate=gate_text(part),
        size=size,
        shortest=shortest,
        longest=longest,
        exact=exact,
        runs_small=_backward_states(part) <= MAX_STATES,
    )


_BEYOND = 1_000_000


def _size(part: Part) -> int:
    if isinstance(part, Set):
        return 1
    if isinstance(part, Assertion):
        return 0
    if isinstance(part, Repeat):
        return min(_BEYOND, _size(part.part) * max(1, part.minimum, part.maximum or 0))
    return min(_BEYOND, sum(_size(item) for item in part.parts))


def _lengths(part: Part) -> tuple[int, int | None]:
    """Bytes of the shortest and the longest match."""
    if isinstance(part, Set):
        return 1, 1
    if isinstance(part, Assertion):
        return 0, 0
    if isinstance(part, Repeat):
        low, high = _lengths(part.part)
        bounded = None if part.maximum is None or high is None else high * part.maximum
        return low * part.minimum, 0 if high == 0 else bounded
    each = [_lengths(item) for item in part.parts]
    lows = [low for low, _ in each]
    highs = [high for _, high in each if high is not None]
    unbounded = len(highs) < len(each)
    if isinstance(part, Sequence):
        return sum(lows), None if unbounded else sum(highs)
    return min(lows), None if unbounded else max(highs)


# --- the backward automaton ---------------------------------------------------------------------------------


class _Places:
    """
    The places of an expression (Glushkov's automaton), sets of places as bit masks.

    Source: V. M. Glushkov, "The abstract theory of automata" (1961), as in A. Brüggemann-Klein, "Regular
    expressions into finite automata" (1993).
    """

    def __init__(self) -> None:
        self.bytes: list[int] = []
        """The bytes of each place."""
        self.before: list[int] = []
        """What may stand before each place."""

    def add(self, part: Part) -> tuple[bool, int, int]:
        """(whether it may be empty, its first places, its last places)."""
        if isinstance(part, Set):
            self.bytes.append(part.mask)
            self.before.append(0)
            bit = 1 << (len(self.bytes) - 1)
            return False, bit, bit
        if isinstance(part, Assertion):
            return True, 0, 0
        if isinstance(part, Choice):
            empty, first, last = False, 0, 0
            for item in part.parts:
                more = self.add(item)
                empty, first, last = empty or more[0], first | more[1], last | more[2]
            return empty, first, last
        if isinstance(part, Sequence):
            return self.chain([(item, False) for item in part.parts], loops=False)
        copies = max(1, part.minimum, part.maximum or 0)
        return self.chain(
            [(part.part, number >= part.minimum) for number in range(copies)], loops=part.maximum is None
        )

    def chain(self, items: list[tuple[Part, bool]], *, loops: bool) -> tuple[bool, int, int]:
        """One after the other, some of which may be left out; with ``loops`` the last comes again."""
        empty, first, last = True, 0, 0
        for number, (item, optional) in enumerate(items):
            its_empty, its_first, its_last = self.add(item)
            if loops and number == len(items) - 1:
                self.link(its_last, its_first)
            self.link(last, its_first)
            its_empty = its_empty or optional
            first |= its_first if empty else 0
            last = its_last | (last if its_empty else 0)
            empty = empty and its_empty
        return empty, first, last

    def link(self, last: int, first: int) -> None:
        for place in _bits(first):
            self.before[place] |= last


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _backward_states(part: Part) -> int:
    """States of the deterministic automaton that reads a match from its end; counts on to ``MAX_STATES``."""
    places = _Places()
    _, _, last = places.add(part)
    # Bytes that no place tells apart are one column.
    columns = {
        sum(1 << place for place, mask in enumerate(places.bytes) if mask >> byte & 1) for byte in range(256)
    }
    states = {last}
    waiting = [last]
    while waiting and len(states) <= MAX_STATES:
        state = waiting.pop()
        for column in columns:
            following = 0
            for place in _bits(state & column):
                following |= places.before[place]
            if following and following not in states:
                states.add(following)
                waiting.append(following)
    return len(states)
