"""
Texts to findings.

Rule 1: one pass of the gate over a text, and from there on only windows around its events. Windows of one
detector that touch are made one, so that no detector reads a byte twice, whatever the text.
Rule 2: a detector gives candidates; which of them stand is decided here, once, for all.
Rule 3: nothing of a text is kept: not in a finding, a reason, or the engine.

How a text is scanned: encode; gate; patterns, scanners and context words give candidates; the same over each
view (a disguise undone), spans mapped back; candidates that overlap are settled; other places of a found
value
are findings too; offsets become code points.

Bounds: events are at most a few per byte; views together hold at most four times the text and 64 KiB more
(``views``); ``MAX_ECHOES`` values are looked for elsewhere.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sensor.detect.detector import Detector, DetectorSet
from sensor.detect.finding import Candidate, Document, Finding, Hit, Validator
from sensor.detect.gate import Gate, compile_gate, open_gate
from sensor.detect.patterns import Extractor, compile_extractor
from sensor.detect.scanners import SCANNERS
from sensor.detect.table import Table, build_table
from sensor.detect.tokens import token_spans
from sensor.detect.validators import VALIDATORS

if TYPE_CHECKING:
    from sensor.detect.views import View

__all__ = ["MIN_SCORE", "Engine", "Step", "Table", "build_table", "entropy_of"]

MIN_SCORE = 0.5
"""What a finding needs unless the caller says otherwise."""
MAX_DEPTH = 3
"""Views of views: base64 of gzip of base64."""
MAX_ECHOES = 256
"""Found values whose other places are looked for."""
MIN_ECHO = 6
"""Bytes of a value whose other places are looked for."""
VIEW_REACH = 256
"""Bytes beside an edit of a view within which an event counts: what stands farther off was seen before."""
SURE = 0.9
"""The score from which a value is taken for what it is, so that no disguise is looked for within it."""
VIEW_COST = 0.97
"""What a finding's score is multiplied by for each view it had to be found through."""


class Custom(Protocol):
    """A user's own data: keyword lists, exact data, fingerprints (``detect.custom``)."""

    def scan(self, document: Document, found: Sequence[Candidate]) -> Iterable[Candidate]:
        """Candidates beyond those already found."""

    def describe(self) -> Iterable[Detector]:
        """A detector for every id that ``scan`` gives."""


class Step(NamedTuple):
    """One thing that happened in a scan, for ``gnomon detect explain``."""

    view: str
    detector: str
    start: int
    end: int
    what: str
    """A fixed phrase."""


class _Rule:
    """A detector with a pattern, ready to run."""

    __slots__ = (
        "_check",
        "_extractor",
        "after",
        "before",
        "boost",
        "detector",
        "entropy",
        "near",
        "required",
        "wants_context",
    )

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._extractor: Extractor | None = None
        self.before, self.after = detector.window
        self.near = detector.context.near
        self.required = detector.context.required
        self.boost = detector.context.boost
        self.wants_context = bool(detector.context.words)
        self.entropy = detector.entropy
        self._check: tuple[tuple[str, Validator], ...] | None = None

    @property
    def check(self) -> tuple[tuple[str, Validator], ...]:
        """Looked up when it is first needed: a proof's module is imported then."""
        if self._check is None:
            self._check = tuple((name, VALIDATORS[name]) for name in self.detector.validators)
        return self._check

    @property
    def extractor(self) -> Extractor:
        """Compiled when it is first needed: three hundred take longer than a cold start may."""
        if self._extractor is None:
            assert self.detector.pattern is not None
            self._extractor = compile_extractor(self.detector.pattern)
        return self._extractor


class _Found(NamedTuple):
    """A candidate in bytes of the text that was given, and the view it came from."""

    candidate: Candidate
    view: str | None


class _Seen(NamedTuple):
    """What one scan has come by already."""

    candidates: set[tuple[int, int, str]]
    texts: set[bytes]


class _Known(dict[str, Detector]):
    """Detectors by id; those of the set are made when they are asked for."""

    def __init__(self, detectors: DetectorSet) -> None:
        super().__init__()
        self._detectors = detectors.detectors
        self._numbers = {identity: number for number, identity in enumerate(detectors.ids)}

    def __missing__(self, identity: str) -> Detector:
        made = self[identity] = self._detectors[self._numbers[identity]]
        return made

    def all(self) -> Mapping[str, Detector]:
        """Every one, made; those of the set first."""
        return {**{identity: self[identity] for identity in self._numbers}, **self}


class Engine:
    """
    A detector set, ready to scan. Immutable in use; may be asked from several threads at once.

    ``gate`` is the compiled gate of ``build_table(detectors)``, where the caller kept one.
    """

    def __init__(
        self,
        detectors: DetectorSet,
        *,
        table: Table | None = None,
        gate: Gate | None = None,
        custom: Custom | None = None,
    ) -> None:
        self._known = _Known(detectors)
        self.hash = detectors.hash
        self._custom = custom
        if custom is not None:
            self._known.update((detector.id, detector) for detector in custom.describe())
        table = table or build_table(detectors)
        self._actions = table.actions
        self._gate = gate or open_gate(table.entries, compile_gate(table.entries))
        self._set = detectors
        self._rules: list[_Rule | None] = [None] * len(detectors.detectors)

    @property
    def detectors(self) -> Mapping[str, Detector]:
        """Everything that this engine looks for, by id."""
        return self._known.all()

    def _rule(self, number: int) -> _Rule:
        made = self._rules[number]
        if made is None:
            made = self._rules[number] = _Rule(self._set.detectors[number])
        return made

    def warm(self) -> None:
        """
        Import, read and compile what otherwise is when it is first needed: half a second.
        """
        from sensor.detect.scanners.addresses.patterns import patterns as address_patterns
        from sensor.detect.validators import contact
        from sensor.detect.views import views

        for number, detector in enumerate(self._set.detectors):
            if detector.pattern is not None:
                rule = self._rule(number)
                _ = rule.extractor, rule.check
        for name in SCANNERS:
            list(SCANNERS[name](Document(b""), ()))
        list(views(b"", {}))
        contact.warm()
        address_patterns()

    # --- what callers use -----------------------------------------------------------------------------

    def scan(
        self,
        text: str,
        *,
        min_score: float = MIN_SCORE,
        views: bool = True,
        wanted: Callable[[Detector], bool] | None = None,
        trace: list[Step] | None = None,
    ) -> tuple[Finding, ...]:
        """
        What is sensitive in ``text``, by where it stands.

        Findings do not overlap, but for those that are ``report_only``, which may hold others. ``wanted``
        leaves out detectors before overlaps are settled. ``trace`` is filled with what happened.
        """
        data = text.encode("utf-8", "surrogatepass")
        found = self._search(data, views, trace)
        if not found:
            return ()
        if wanted is not None:
            found = [item for item in found if wanted(self._known[item.candidate.detector])]
        spans = self._settle(data, found, min_score)
        return self._findings(data, spans)

    # --- one document -----------------------------------------------------------------------------------

    def _search(self, data: bytes, with_views: bool, trace: list[Step] | None) -> list[_Found]:
        hints: dict[str, list[int]] = {}
        candidates = self._candidates(data, hints, trace, "text")
        found = [_Found(item, None) for item in candidates]
        if with_views and hints:
            self._drop_covered(hints, candidates)
            known = {(item.candidate.start, item.candidate.end, item.candidate.detector) for item in found}
            self._search_views(data, hints, [], found, _Seen(known, {data}), trace)
        return found

    def _drop_covered(self, hints: dict[str, list[int]], candidates: Sequence[Candidate]) -> None:
        """Takes away hints within what is surely a value as it stands: it needs no other reading."""
        detectors = self._known
        sure = [
            (item.start, item.end)
            for item in candidates
            if (item.validated or item.score >= SURE) and detectors[item.detector].group in _WHOLE_VALUES
        ]
        if not sure:
            return
        sure.sort()
        starts = [start for start, _ in sure]
        for hint, ends in list(hints.items()):
            left = []
            for end in ends:
                at = bisect_right(starts, end - 1) - 1
                if at < 0 or sure[at][1] < end:
                    left.append(end)
            if left:
                hints[hint] = left
            else:
                del hints[hint]

    def _search_views(
        self,
        data: bytes,
        hints: dict[str, list[int]],
        path: list[View],
        found: list[_Found],
        seen: _Seen,
        trace: list[Step] | None,
    ) -> None:
        from sensor.detect.views import views

        for view in views(data, hints):
            if view.data in seen.texts:
                continue
            seen.texts.add(view.data)
            inner: dict[str, list[int]] = {}
            steps: list[View] = [*path, view]
            name = view.name
            candidates = self._candidates(view.data, inner, trace, name, view.changed)
            if inner:
                self._drop_covered(inner, candidates)
            for candidate in candidates:
                if self._known[candidate.detector].report_only:
                    # A label or a page of code is no less one for standing as it is.
                    continue
                start, end = candidate.start, candidate.end
                for step in reversed(steps):
                    start, end = step.span(start, end)
                key = (start, end, candidate.detector)
                if key in seen.candidates or start >= end:
                    continue
                seen.candidates.add(key)
                moved = candidate._replace(
                    start=start, end=end, score=candidate.score * VIEW_COST ** len(steps)
                )
                found.append(_Found(moved, name))
            if inner and len(steps) < MAX_DEPTH:
                self._search_views(view.data, inner, steps, found, seen, trace)

    def _candidates(
        self,
        data: bytes,
        hints: dict[str, list[int]],
        trace: list[Step] | None,
        view: str,
        changed: Sequence[tuple[int, int]] | None = None,
    ) -> list[Candidate]:
        events = self._gate.scan(data)
        if changed is not None:
            events = _beside(events, changed, data)
        if not events and self._custom is None:
            return []
        windows: dict[int, list[tuple[int, int]]] = {}
        contexts: dict[int, list[tuple[int, int]]] = {}
        hits: dict[str, list[Hit]] = {}
        tokens = False
        actions = self._actions
        rules = self._rules
        for number, end in events:
            action = actions[number]
            if action.length and not _is_word(data, end - action.length, end):
                continue
            for rule_number in action.windows:
                rule = rules[rule_number] or self._rule(rule_number)
                _add_window(windows, rule_number, end - rule.before, end + rule.after)
            for scanner, tag in action.hits:
                hits.setdefault(scanner, []).append((tag, end))
            for rule_number, opens in action.contexts:
                start = end - action.length
                contexts.setdefault(rule_number, []).append((start, end))
                if opens:
                    rule = rules[rule_number] or self._rule(rule_number)
                    reach = rule.near + rule.before
                    _add_window(windows, rule_number, start - reach // 2, end + reach)
            if action.hint is not None:
                hints.setdefault(action.hint, []).append(end)
            tokens = tokens or action.token
        document = Document(data)
        made: list[Candidate] = []
        for rule_number, spans in windows.items():
            rule = self._rule(rule_number)
            self._extract(rule, data, spans, contexts.get(rule_number, ()), made, trace, view)
        for scanner, its_hits in hits.items():
            made.extend(SCANNERS[scanner](document, its_hits))
        if tokens:
            made = _outside_tokens(made, token_spans(data))
        if self._custom is not None:
            made.extend(self._custom.scan(document, made))
        if not document.is_ascii:
            made = [_whole_characters(data, item) for item in made]
        if trace is not None:
            trace.extend(Step(view, item.detector, item.start, item.end, "candidate") for item in made)
        return made

    def _extract(
        self,
        rule: _Rule,
        data: bytes,
        spans: list[tuple[int, int]],
        words: Sequence[tuple[int, int]],
        made: list[Candidate],
        trace: list[Step] | None,
        view: str,
    ) -> None:
        detector = rule.detector
        extract = rule.extractor.spans
        for low, high in spans:
            for start, end in extract(data, max(0, low), min(high, len(data))):
                refusal = None
                score = detector.score
                validated = False
                reasons: list[str] = [f"looks like {detector.name}"]
                if rule.check:
                    value = data[start:end].decode("utf-8", "replace")
                    for name, check in rule.check:
                        verdict = check(value)
                        if verdict is False:
                            refusal = f"{name} refuses it"
                            break
                        if verdict:
                            validated = True
                            reasons.append(f"{name} holds")
                if refusal is None and rule.entropy and entropy_of(data[start:end]) < rule.entropy:
                    refusal = "too regular to be random"
                if refusal is None and rule.wants_context:
                    if _near_word(start, end, words, rule.near):
                        score = min(1.0, score + rule.boost)
                        reasons.append("a word that names it is near")
                    elif rule.required:
                        refusal = "no word near that names it"
                if refusal is None:
                    made.append(Candidate(start, end, detector.id, score, validated, tuple(reasons)))
                elif trace is not None:
                    trace.append(Step(view, detector.id, start, end, refusal))

    # --- all of them ------------------------------------------------------------------------------------

    def _settle(self, data: bytes, found: list[_Found], min_score: float) -> list[_Found]:
        """
        What stands: the surest first, then the longest. Of one that overlaps a surer one, the rest stands if
        there is something in it.
        """
        detectors = self._known
        held = [item for item in found if item.candidate.score >= min_score]
        if len(held) > 1:
            held.sort(key=_rank)
        taken = _Spans()
        kept: list[_Found] = []
        told: set[tuple[str, int, int]] = set()
        for item in held:
            candidate = item.candidate
            start, end = candidate.start, candidate.end
            detector = detectors[candidate.detector]
            if detector.report_only:
                key = (detector.type, start, end)
                if key not in told:
                    told.add(key)
                    kept.append(item)
            elif taken.take(start, end):
                kept.append(item)
            else:
                for low, high in taken.free(start, end):
                    low, high = _trimmed(data, low, high)
                    if high - low >= 2:
                        taken.take(low, high)
                        kept.append(_Found(candidate._replace(start=low, end=high), item.view))
        kept.extend(self._echoes(data, kept, taken))
        if len(kept) > 1:
            kept.sort(key=_place)
        return kept

    def _echoes(self, data: bytes, kept: list[_Found], taken: _Spans) -> list[_Found]:
        """Other places of a found value: a number is as sensitive without the word that gave it away."""
        echoes: list[_Found] = []
        values: dict[bytes, _Found] = {}
        detectors = self._known
        for item in kept:
            start, end, detector = item.candidate[:3]
            if end - start >= MIN_ECHO and not detectors[detector].report_only:
                values.setdefault(data[start:end], item)
        find = data.find
        for value, item in islice(values.items(), MAX_ECHOES):
            at = find(value)
            while at >= 0:
                end = at + len(value)
                if at != item.candidate.start and _stands_alone(data, at, end) and taken.take(at, end):
                    moved = item.candidate._replace(start=at, end=end, reasons=_ECHO)
                    echoes.append(_Found(moved, item.view))
                at = find(value, end)
        return echoes

    def _findings(self, data: bytes, kept: list[_Found]) -> tuple[Finding, ...]:
        if data.isascii():
            places = None
        else:
            places = _code_points(
                data, [place for item in kept for place in (item.candidate.start, item.candidate.end)]
            )
        made = []
        for (start, end, identity, score, validated, reasons), view in kept:
            detector = self._known[identity]
            if places is not None:
                start, end = places[start], places[end]
            made.append(
                Finding(
                    identity, detector.type, detector.group, start, end, round(score, 3), validated, reasons,
                    view, detector.report_only, detector.letters,
                )
            )  # fmt: skip
        return tuple(made)


def _beside(
    events: Sequence[tuple[int, int]], changed: Sequence[tuple[int, int]], data: bytes
) -> list[tuple[int, int]]:
    """
    The events that an edit of a view may have something to do with: those near one, and those in lines with
    columns, which may be the header over it.
    """
    kept: list[tuple[int, int]] = []
    index = 0
    line = (-1, -1)
    in_columns = False
    for event in events:
        end = event[1]
        while index < len(changed) - 1 and changed[index][1] + VIEW_REACH < end:
            index += 1
        low, high = changed[index]
        if low - VIEW_REACH <= end <= high + VIEW_REACH:
            kept.append(event)
            continue
        if not line[0] < end <= line[1]:
            start = data.rfind(b"\n", max(0, end - VIEW_REACH), max(0, end - 1))
            stop = data.find(b"\n", end, end + VIEW_REACH)
            line = (start if start >= 0 else end - VIEW_REACH, stop if stop >= 0 else end + VIEW_REACH)
            row = data[max(0, line[0]) : line[1]]
            in_columns = any(row.count(mark) > 1 for mark in (b",", b"\t", b";", b"|", b"  "))
        if in_columns:
            kept.append(event)
    return kept


def _add_window(windows: dict[int, list[tuple[int, int]]], number: int, start: int, end: int) -> None:
    """Events come by their end, so a window can touch only the last one."""
    spans = windows.get(number)
    if spans is None:
        windows[number] = [(start, end)]
    elif start <= spans[-1][1]:
        spans[-1] = (min(start, spans[-1][0]), max(end, spans[-1][1]))
    else:
        spans.append((start, end))


def _near_word(start: int, end: int, words: Iterable[tuple[int, int]], near: int) -> bool:
    for first, last in words:
        if last <= start and start - last <= near:
            return True
        if first >= end and first - end <= near // 2:
            return True
    return False


_WHOLE_VALUES = frozenset({"secret", "payment", "national_id", "tax_id"})
"""Groups whose values are not a part of something longer."""
_ECHO = ("the same value was found elsewhere",)


def _rank(item: _Found) -> tuple[bool, float, int, int, str]:
    """The surest first, then the longest."""
    start, end, detector, score, validated, _ = item.candidate
    return not validated, -score, start - end, start, detector


def _place(item: _Found) -> tuple[int, int]:
    return item.candidate[:2]


_LETTER = bytes(
    1 if 0x61 <= byte <= 0x7A or 0x41 <= byte <= 0x5A or 0xC3 <= byte <= 0xDF else 0 for byte in range(256)
)
"""Bytes that are an ASCII letter or begin a letter of two bytes (Latin, Greek, Cyrillic, Hebrew, Arabic)."""


def _is_word(data: bytes, start: int, end: int) -> bool:
    """
    Whether a word stands for itself: not inside another, except as a part of an identifier.

    ``_``, ``-``, digits and a change from small to capital letters part words; a plural s may follow.
    """
    if start > 0:
        before = data[start - 1]
        first = data[start]
        if _LETTER[before] and _LETTER[first] and not (before > 0x60 and 0x41 <= first <= 0x5A):
            return False
        if before >= 0x80 and first < 0x80 and _LETTER[first] and _is_letter_before(data, start):
            return False
    if end < len(data):
        after = data[end]
        last = data[end - 1]
        if _LETTER[after]:
            if 0x41 <= after <= 0x5A:
                return 0x61 <= last <= 0x7A or last >= 0x80
            if after in b"sS" and (end + 1 == len(data) or not _LETTER[data[end + 1]]):
                return True
            return 0x80 <= last and after < 0x80
    return True


def _is_letter_before(data: bytes, at: int) -> bool:
    """Whether the character of several bytes that ends before ``at`` is a letter of two bytes."""
    return at >= 2 and 0xC3 <= data[at - 2] <= 0xDF


def _stands_alone(data: bytes, start: int, end: int) -> bool:
    before = data[start - 1 : start]
    after = data[end : end + 1]
    return not (before.isalnum() and data[start : start + 1].isalnum()) and not (
        after.isalnum() and data[end - 1 : end].isalnum()
    )


def _trimmed(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Without what is no letter, digit or byte of a longer character at its ends; never inside a
    character."""
    while start < end and not (data[start] >= 0xC0 or data[start : start + 1].isalnum()):
        start += 1
    while end > start and not (data[end - 1] >= 0x80 or data[end - 1 : end].isalnum()):
        end -= 1
    return start, end


def _outside_tokens(made: list[Candidate], tokens: Sequence[tuple[int, int]]) -> list[Candidate]:
    """Without candidates that are nothing but redaction tokens."""
    ends = [end for _, end in tokens]
    kept = []
    for item in made:
        # The first token that ends behind the candidate's start: tokens are apart, and in order.
        at = bisect_right(ends, item.start)
        if at == len(tokens) or tokens[at][0] >= item.end:
            kept.append(item)
    return kept


def _whole_characters(data: bytes, item: Candidate) -> Candidate:
    """The candidate with whole characters at its ends: an expression on bytes may stop inside one."""
    start, end = item.start, item.end
    while start > 0 and start < len(data) and data[start] & 0xC0 == 0x80:
        start -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return item if (start, end) == (item.start, item.end) else item._replace(start=start, end=end)


def _code_points(data: bytes, places: Iterable[int]) -> dict[int, int]:
    """Byte offsets to code points, in one walk."""
    found = {0: 0}
    last = count = 0
    for place in sorted(set(places)):
        count += len(data[last:place].decode("utf-8", "surrogatepass"))
        last = place
        found[place] = count
    return found


class _Spans:
    """Disjoint spans, in order."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def take(self, start: int, end: int) -> bool:
        """Adds a span, where all of it is free."""
        ends = self._ends
        index = bisect_right(ends, start)
        if index < len(ends) and self._starts[index] < end:
            return False
        self._starts.insert(index, start)
        ends.insert(index, end)
        return True

    def free(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of a span that none of these covers."""
        index = bisect_right(self._ends, start)
        parts = []
        at = start
        while index < len(self._starts) and self._starts[index] < end:
            if self._starts[index] > at:
                parts.append((at, self._starts[index]))
            at = max(at, self._ends[index])
            index += 1
        if at < end:
            parts.append((at, end))
        return parts


def entropy_of(value: bytes) -> float:
    """Shannon's entropy of the bytes of a value, in bits per byte; 0 for nothing."""
    if not value:
        return 0.0
    counts: dict[int, int] = {}
    for byte in value:
        counts[byte] = counts.get(byte, 0) + 1
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in counts.values())
