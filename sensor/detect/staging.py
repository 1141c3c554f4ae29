"""
Which gate expressions can wait for a cheaper one.

Most expressions that cost something begin with no literal: ``\\b\\d{3}[-. ]\\d{3}…`` keeps an automaton of
its own running over every byte. Whatever they match holds a run that ordinary text seldom has: nine digits
with single separators, or 20 letters and digits without a break. So the gate looks for such runs
(``gate.STAGES``), and for the rest only around them.

An expression is staged when every match of it must hold such a run; that is read off its tree, not declared.
"""

from __future__ import annotations

from collections.abc import Callable

from sensor.detect.custom.syntax import Assertion, Choice, ExpressionError, Part, Sequence, Set, parse
from sensor.detect.gate import REACH

__all__ = ["LEAST", "stage_of"]

LEAST = {"digits": 9, "run": 20}
"""How long a run every match of a staged expression holds."""

_DIGITS = sum(1 << byte for byte in b"0123456789")
_PARTS = sum(1 << byte for byte in b" ./-")
_ALNUM = sum(1 << byte for byte in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def stage_of(expression: str) -> str | None:
    """The stage that an expression can wait for, ``None`` where it cannot."""
    try:
        part = parse(expression.removeprefix("(?i)"))
    except ExpressionError:
        return None
    if _longest(part) > REACH - 32:
        return None
    if _best(part, _digit_step) >= LEAST["digits"]:
        return "digits"
    if _best(part, _run_step) >= LEAST["run"]:
        return "run"
    return None


def _longest(part: Part) -> int:
    """Bytes of the longest match; a large number where there is no bound."""
    match part:
        case Set():
            return 1
        case Assertion():
            return 0
        case Sequence():
            return sum(_longest(item) for item in part.parts)
        case Choice():
            return max((_longest(item) for item in part.parts), default=0)
        case _:
            return 1 << 30 if part.maximum is None else part.maximum * _longest(part.part)


# A state of the walk: (length of the run that is under way, best run so far, whether a separator was last).
_State = tuple[int, int, bool]
_Step = Callable[[_State, int], _State]


def _digit_step(state: _State, mask: int) -> _State:
    run, best, parted = state
    if mask & ~_DIGITS == 0:
        return run + 1, max(best, run + 1), False
    if mask & ~(_DIGITS | _PARTS) == 0 and not parted and run:
        return run, best, True
    return 0, best, False


def _run_step(state: _State, mask: int) -> _State:
    run, best, _ = state
    if mask & ~_ALNUM == 0:
        return run + 1, max(best, run + 1), False
    return 0, best, False


def _best(part: Part, step: _Step) -> int:
    """The longest run that every match of ``part`` holds."""
    return _walk(part, (0, 0, False), step)[1]


def _walk(part: Part, state: _State, step: _Step) -> _State:
    match part:
        case Set():
            return step(state, part.mask)
        case Assertion():
            return state
        case Sequence():
            for item in part.parts:
                state = _walk(item, state, step)
            return state
        case Choice():
            return _worst([_walk(item, state, step) for item in part.parts] or [state])
        case _:
            for _ in range(part.minimum):
                state = _walk(part.part, state, step)
            if part.maximum == part.minimum:
                return state
            # More may come: what is sure is the worse of none, one more, and two.
            once = _walk(part.part, state, step)
            if part.maximum == part.minimum + 1:
                return _worst([state, once])
            return _worst([state, once, _walk(part.part, once, step)])


def _worst(states: list[_State]) -> _State:
    return min(s[0] for s in states), min(s[1] for s in states), any(s[2] for s in states)
