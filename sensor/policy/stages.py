"""
When what is known: a decision need not wait for what it does not depend on.

Rule 1: an exchange becomes known in stages: its head, then its body, then what the detectors find in it.
Rule 2: what a question says at one stage it says at every later one. Something that a stage does not yet know
is ``None``; something that an early stage knows already (a model in the path, a length in the head) does not
change. The time of a question is that of the head, at every stage.
Rule 3: an early decision is the decision that would have been made with everything known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sensor.model import Decision, Verdict

__all__ = ["Stage", "Undecided"]


class Stage(IntEnum):
    """How much of an exchange is known; later ones know what earlier ones do."""

    HEAD = 0
    """Who, where to, by which app, when: all that stands before the body."""
    BODY = 1
    """What the body says of itself: model, account, direction, size."""
    FINDINGS = 2
    """What the detectors found in it. Everything is known."""

    @property
    def word(self) -> str:
        """Its name as people read it: ``head``, ``body``, ``findings``."""
        return self.name.lower()


_WITHHELD = frozenset((Verdict.COACH, Verdict.REDACT, Verdict.BLOCK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A rule could still match once more is known."""

    needs: frozenset[Stage]
    """The stages that such rules ask for: ``BODY``, ``FINDINGS`` or both."""
    candidates: tuple[Decision, ...]
    """Every decision that it can still become, in the order of the rules. The last one is what it will be
    where none of the rules before it matches."""

    @property
    def withholds(self) -> bool:
        """
        Whether anything has to wait: one of the candidates refuses, changes or limits what passes. Where none
        does, it may go on while it is read.
        """
        return any(each.verdict in _WITHHELD or each.with_ for each in self.candidates)
