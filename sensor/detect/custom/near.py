"""
Proximity: a finding means more, or something else, where a word or another finding is near.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sensor.detect.custom.words import places_of, reach_back, reach_on
from sensor.detect.detector import Detector
from sensor.detect.finding import Candidate, Document

__all__ = ["MAX_CANDIDATES", "NearRule", "Target", "apply_near"]

MAX_CANDIDATES: Final = 500
"""Findings that one rule looks at in one text, the first by their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which findings are meant; what is empty is not asked."""

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def takes(self, detector: str, kinds: Mapping[str, tuple[str, str]]) -> bool:
        kind, group = kinds.get(detector) or (detector.rpartition(".")[2], detector.partition(".")[0])
        return detector in self.ids or kind in self.types or group in self.groups


@dataclass(frozen=True, slots=True, kw_only=True)
class NearRule:
    """One rule."""

    detector: Detector
    of: Target
    words: tuple[str, ...] = ()
    """Folded."""
    other: Target | None = None
    within: int = 100
    """Characters between the two."""
    boost: float | None = None
    """Added to the score of the finding; ``None``: a finding of its own is made."""


def apply_near(
    rules: Sequence[NearRule],
    document: Document,
    found: Collection[Candidate],
    kinds: Mapping[str, tuple[str, str]],
) -> list[Candidate]:
    """
    What the rules add to what was found; ``kinds`` gives type and group of a detector's id.

    A raised finding is told again with its new score.
    """
    data = document.data
    ordered = sorted(found)
    made: list[Candidate] = []
    for rule in rules:
        its = [item for item in ordered if rule.of.takes(item.detector, kinds)][:MAX_CANDIDATES]
        others = [] if rule.other is None or not its else [
            item for item in ordered if rule.other.takes(item.detector, kinds)
        ][:MAX_CANDIDATES]  # fmt: skip
        for item in its:
            low, high = reach_back(data, item.start, rule.within), reach_on(data, item.end, rule.within)
            if any(low <= other.end and other.start <= high and not _touch(item, other) for other in others):
                reason = f"{rule.detector.name}: another finding is near"
            elif rule.words and any(_words_near(data, item, low, high, rule.words)):
                reason = f"{rule.detector.name}: a word is near"
            else:
                continue
            if rule.boost is not None:
                score = min(1.0, item.score + rule.boost)
                made.append(item._replace(score=score, reasons=(*item.reasons, reason)))
            else:
                made.append(
                    Candidate(
                        item.start, item.end, rule.detector.id, rule.detector.score, item.validated, (reason,)
                    )
                )
    return made


def _words_near(
    data: bytes, item: Candidate, low: int, high: int, words: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    yield from places_of(data, low, item.start, words)
    yield from places_of(data, item.end, high, words)


def _touch(one: Candidate, other: Candidate) -> bool:
    return one.start < other.end and other.start < one.end
