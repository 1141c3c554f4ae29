"""
Findings replaced by tokens.

Rule 1: text outside the spans is not touched, byte for byte.
Rule 2: a token never stands for two values. Where it would (a collision of 64 bits), the second value is not
put back.
Rule 3: secrets are never put back: what ``restorable`` holds has none.

``Redactor.redact`` looks at its own work: what is found in the redacted text is replaced too, a few rounds
long, so that ``scan(redact(x))`` finds none of the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sensor.detect.detector import Detector
from sensor.detect.engine import MIN_SCORE, Engine
from sensor.detect.finding import Finding
from sensor.detect.streams import StreamRedactor
from sensor.detect.tokens import make_token

__all__ = ["IRREVERSIBLE", "Redaction", "Redactor", "apply"]

IRREVERSIBLE = frozenset({"secret"})
"""Groups whose values are never put back."""
MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text without what was found in it."""

    text: str
    findings: tuple[Finding, ...]
    """Offsets of the text that was given."""
    restorable: Mapping[str, str] = field(default_factory=dict)
    """Token to the value it stands for; no secrets."""

    def __repr__(self) -> str:
        """Without the texts: a traceback must not show them."""
        return f"Redaction({len(self.text)} characters, {len(self.findings)} findings)"


def apply(text: str, findings: Iterable[Finding], make: Callable[[Finding, str], str]) -> str:
    """
    ``text`` with each finding's span replaced by ``make(finding, value)``.

    Findings must not overlap; ``report_only`` ones are passed over.
    """
    pieces = []
    at = 0
    for finding in sorted(findings, key=lambda item: item.start):
        if finding.report_only:
            continue
        pieces.append(text[at : finding.start])
        pieces.append(make(finding, text[finding.start : finding.end]))
        at = finding.end
    pieces.append(text[at:])
    return "".join(pieces)


class Redactor:
    """
    An engine with a tenant's key: texts in, redacted texts out. Keeps nothing of them.

    One serves every conversation of a tenant, from any number of threads at once; what ``stream`` gives
    belongs to one stream.
    """

    def __init__(self, engine: Engine, key: bytes, tenant: str) -> None:
        self.engine = engine
        self._key = key
        self._tenant = tenant

    def redact(
        self,
        text: str,
        *,
        min_score: float = MIN_SCORE,
        views: bool = True,
        wanted: Callable[[Detector], bool] | None = None,
        documents: bool = False,
    ) -> Redaction:
        """What ``Engine.scan`` finds, replaced. ``documents`` replaces what is otherwise only told, too."""
        findings = self.engine.scan(text, min_score=min_score, views=views, wanted=wanted)
        if not findings:
            return Redaction(text, ())
        if documents:
            findings = tuple(_without_overlap([item._replace(report_only=False) for item in findings]))
        told = [finding for finding in findings if finding.report_only]
        spans = [finding for finding in findings if not finding.report_only]
        if not spans:
            return Redaction(text, findings)
        rounds = 0
        while True:
            rounds += 1
            values: dict[str, str] = {}
            places: list[int] = []
            clean = apply(text, spans, self._maker(values, places))
            more = self.engine.scan(clean, min_score=min_score, views=views, wanted=wanted)
            added = _mapped_back([finding for finding in more if not finding.report_only], spans, places)
            if not added or rounds == MAX_ROUNDS:
                break
            spans = _without_overlap([*spans, *added])
        every = sorted([*told, *spans], key=lambda item: (item.start, item.end))
        return Redaction(clean, tuple(every), values)

    def stream(
        self,
        values: dict[str, str],
        *,
        min_score: float = MIN_SCORE,
        wanted: Callable[[Detector], bool] | None = None,
    ) -> StreamRedactor:
        """The same for a text that comes in pieces. ``values`` takes in the tokens that may be put back."""
        return StreamRedactor(self.engine, self._maker(values), min_score=min_score, wanted=wanted)

    def _maker(
        self, values: dict[str, str], places: list[int] | None = None
    ) -> Callable[[Finding, str], str]:
        """What makes tokens; ``values`` takes in those that may be put back, ``places`` their lengths."""
        taken: dict[str, str] = {}

        def make(finding: Finding, value: str) -> str:
            secret = finding.group in IRREVERSIBLE
            token = make_token(self._key, self._tenant, finding.type, finding.letters, value, secret=secret)
            if places is not None:
                places.append(len(token))
            if taken.setdefault(token, value) != value:
                values.pop(token, None)
            elif not secret:
                values[token] = value
            return token

        return make


def _mapped_back(more: Sequence[Finding], spans: Sequence[Finding], lengths: Sequence[int]) -> list[Finding]:
    """Findings in the redacted text, in offsets of the text itself; what lies in a token is cut off."""
    if not more:
        return []
    # Stretches of the redacted text that are text: (start, end, shift to the original).
    stretches = []
    at = origin = 0
    for finding, length in zip(sorted(spans, key=lambda item: item.start), lengths, strict=True):
        kept = finding.start - origin
        stretches.append((at, at + kept, origin - at))
        at += kept + length
        origin = finding.end
    stretches.append((at, 1 << 62, origin - at))
    found = []
    # Both are in order and neither overlaps itself: one walk through both.
    index = 0
    for finding in more:
        while stretches[index][1] <= finding.start:
            index += 1
        here = index
        while stretches[here][0] < finding.end:
            start, end, shift = stretches[here]
            low, high = max(start, finding.start), min(end, finding.end)
            if low < high:
                found.append(finding._replace(start=low + shift, end=high + shift))
            if end >= finding.end:
                break
            here += 1
    return found


def _without_overlap(findings: Iterable[Finding]) -> list[Finding]:
    """In order, later ones that overlap an earlier one are joined to it."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda item: (item.start, -item.end)):
        if kept and finding.start < kept[-1].end:
            last = kept[-1]
            surer = last if last.score >= finding.score else finding
            kept[-1] = surer._replace(start=last.start, end=max(last.end, finding.end))
        else:
            kept.append(finding)
    return kept
