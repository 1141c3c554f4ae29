"""
A user's regular expressions over a text, in time that grows with the text and nothing else.

RE2 is linear for one search, not for all of them: ``a|b[^b]*a`` reads the whole text again for every ``a``.
So:

1. The gate, one pass of hyperscan over all expressions, tells where matches *end*, at most ``MAX_EVENTS``
   of them. An expression that tells more is run again by itself; what follows its last event is taken as
   found, whole.
2. Where every match has one length, that is all. Else RE2 reads backwards from an end to the leftmost
   start, at most ``LONG`` bytes, from the last end to the first, and no end inside a match is looked at
   again.
3. Those readings have a budget (``SEARCHES``, and ``STEPS`` where the backward automaton is not proven
   small). When it is spent, an end stands for the ``SHORT`` bytes before it.

What cannot be looked at is taken as found: too much is hidden then, never too little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sensor.detect.custom.expressions import Expression
from sensor.detect.custom.gates import BoundedGate, compile_bounded, compile_re2, open_bounded
from sensor.detect.custom.words import fold, places_of, snap
from sensor.detect.detector import Detector
from sensor.detect.engine import entropy_of
from sensor.detect.finding import Candidate, Document
from sensor.detect.validators import VALIDATORS

__all__ = ["LONG", "MAX_EVENTS", "SEARCHES", "SHORT", "STEPS", "Patterns"]

MAX_EVENTS: Final = 6_000
"""Ends of matches in one text."""
SEARCHES: Final = 1_200
"""Readings backwards, in one text and for one detector."""
STEPS: Final = 200_000
"""Bytes read backwards times places of the expression, where nothing bounds the automaton."""
SHORT: Final = 256
"""Bytes first read backwards where a match has no longest length."""
LONG: Final = 2_048
"""Bytes of a match; of a longer one, the last so many are found."""
CHECKS: Final = 500
"""Values given to validators, in one text and for one detector; further ones are taken unproven."""


class _Pattern:
    """One detector, ready to run."""

    __slots__ = ("alone", "backwards", "check", "detector", "expression", "group", "value", "words")

    def __init__(self, detector: Detector, expression: Expression) -> None:
        self.detector = detector
        self.expression = expression
        self.backwards = compile_re2(rf"(?:{expression.pattern})\z", on_bytes=expression.exact)
        self.value = None
        self.group = 0
        if "(?P<value>" in expression.pattern or "(?<value>" in expression.pattern:
            self.value = compile_re2(
                rf"\A(?:{expression.pattern})\z", on_bytes=expression.exact, captures=True
            )
            names = self.value.groupindex
            self.group = names.get("value") or names[b"value"]
        self.check = tuple((name, VALIDATORS[name]) for name in detector.validators)
        self.words = tuple(dict.fromkeys(fold(word) for _, word in detector.context.words))
        self.alone: BoundedGate | None = None
        """The gate of this expression alone; made when it is first needed."""

    def gate_alone(self) -> BoundedGate:
        if self.alone is None:
            entries = [(self.expression.gate, False)]
            self.alone = open_bounded(entries, compile_bounded(entries))
        return self.alone

    # --- spans
    # ------------------------------------------------------------------------------------------------

    def spans(self, data: bytes, ends: list[int]) -> list[tuple[int, int]]:
        """Matches that end at some of ``ends`` and do not overlap, from the last to the first."""
        found: list[tuple[int, int]] = []
        fixed = self.expression.fixed
        low = len(data) + 1
        searches, steps = SEARCHES, STEPS
        for end in reversed(ends):
            if end > low:
                continue
            start: int | None
            if fixed is not None:
                start = end - fixed
            elif searches <= 0 or steps <= 0:
                start = max(0, end - min(SHORT, self.expression.longest or SHORT))
            else:
                start, cost = self.start_of(data, end)
                searches -= 1
                if not self.expression.runs_small:
                    steps -= cost * self.expression.size
                if start is None:
                    continue
            found.append((start, end))
            low = start
        return found

    def start_of(self, data: bytes, end: int) -> tuple[int | None, int]:
        """Where the longest match that ends here begins, and how many bytes were read for it."""
        longest = self.expression.longest
        cost = 0
        for reach in (SHORT, LONG):
            if longest is not None:
                reach = min(longest, LONG)
            low = max(0, end - reach)
            cost += end - low
            # One byte more, for \b and ^ to see.
            first = max(0, low - 1)
            match = self.backwards.search(data[first:end], low - first)
            start = first + match.start() if match is not None else None
            if (start is not None and start > low) or low == 0 or longest is not None:
                break
        if start is None and self.expression.exact:
            start = low  # It began before what was read.
        return start, cost

    # --- what stands
    # ------------------------------------------------------------------------------------------

    def candidates(self, document: Document, ends: list[int], rest: int | None) -> list[Candidate]:
        data = document.data
        detector = self.detector
        found = []
        checks = CHECKS
        for number, (start, end) in enumerate(self.spans(data, ends)):
            if self.value is not None and number < SEARCHES:
                match = self.value.search(data[start:end])
                first, last = match.span(self.group) if match is not None else (0, 0)
                if first < last:
                    start, end = start + first, start + last
            score = detector.score
            validated = False
            reasons = [f"matches {detector.name}"]
            if self.check and checks > 0:
                checks -= 1
                verdicts = self.verdicts(data[start:end])
                if verdicts is None:
                    continue
                validated = bool(verdicts)
                reasons.extend(verdicts)
            if detector.entropy and entropy_of(data[start:end]) < detector.entropy:
                continue
            if self.words:
                near = detector.context.near
                if next(places_of(data, max(0, start - near), start, self.words), None) or next(
                    places_of(data, end, end + near // 2, self.words), None
                ):
                    score = min(1.0, score + detector.context.boost)
                    reasons.append("a word that names it is near")
                elif detector.context.required:
                    continue
            found.append(Candidate(*snap(data, start, end), detector.id, score, validated, tuple(reasons)))
        found.reverse()
        if rest is not None and rest < len(data):
            start, end = snap(data, rest, len(data))
            reasons = [f"more matches of {detector.name} than are looked at: the rest is taken whole"]
            found.append(Candidate(start, end, detector.id, detector.score, False, tuple(reasons)))
        return found

    def verdicts(self, value: bytes) -> list[str] | None:
        """What the validators proved; ``None`` where one refuses."""
        text = value.decode("utf-8", "replace")
        proved = []
        for name, check in self.check:
            verdict = check(text)
            if verdict is False:
                return None
            if verdict:
                proved.append(f"{name} holds")
        return proved


class Patterns:
    """Every expression of a user, and the gate before them."""

    __slots__ = ("_gate", "_patterns")

    def __init__(
        self,
        detectors: Sequence[tuple[Detector, Expression]],
        open_gate: Callable[[list[tuple[str, bool]]], BoundedGate],
    ) -> None:
        self._patterns = [_Pattern(detector, expression) for detector, expression in detectors]
        self._gate = open_gate(entries_of(detectors))

    @classmethod
    def of_one(cls, expression: Expression) -> Patterns:
        """One expression by itself, to be tried."""
        detector = Detector(
            id="custom.probe", name="probe", type="probe", group="custom", letters="CU", grade="A", score=1.0,
            source="", pattern=expression.pattern,
        )  # fmt: skip
        return cls([(detector, expression)], lambda entries: open_bounded(entries, compile_bounded(entries)))

    def scan(self, document: Document) -> list[Candidate]:
        data = document.data
        events, whole = self._gate.scan(data, MAX_EVENTS)
        ends: dict[int, list[int]] = {}
        for number, end in events:
            ends.setdefault(number, []).append(end)
        made: list[Candidate] = []
        if whole or len(self._patterns) == 1:
            for number, its in ends.items():
                made.extend(self._patterns[number].candidates(document, its, None if whole else its[-1]))
            return made
        for pattern in self._patterns:
            alone, complete = pattern.gate_alone().scan(data, MAX_EVENTS)
            its = sorted({end for _, end in alone})
            made.extend(pattern.candidates(document, its, None if complete else its[-1]))
        return made


def entries_of(detectors: Sequence[tuple[Detector, Expression]]) -> list[tuple[str, bool]]:
    """What the gate is compiled from."""
    return [(expression.gate, False) for _, expression in detectors]
