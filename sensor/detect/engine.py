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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sensor.detect.detector import Detector, DetectorSet
from sensor.detect.finding import Candidate, Document, Finding, Hit
from sensor.detect.gate import Entry, Gate, compile_gate, open_gate
from sensor.detect.patterns import Extractor, compile_extractor
from sensor.detect.scanners import SCANNERS
from sensor.detect.scanners.addresses.patterns import patterns as address_patterns
from sensor.detect.tokens import TOKEN_GATE, token_spans
from sensor.detect.validators import VALIDATORS, contact
from sensor.detect.views import GATES, ONCE, View, views

__all__ = ["MIN_SCORE", "Engine", "Step", "Table", "build_table", "entropy_of"]

MIN_SCORE = 0.5
"""What a finding needs unless the caller says otherwise."""
MAX_DEPTH = 3
"""Views of views: base64 of gzip of base64."""
MAX_ECHOES = 256
"""Found values whose other places are looked for."""
MIN_ECHO = 6
"""Bytes of a value whose other places are looked for."""
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


class _Action(NamedTuple):
    """What an event of one entry does."""

    windows: tuple[int, ...] = ()
    """Detectors whose pattern is looked for around it."""
    hits: tuple[tuple[str, str], ...] = ()
    """(scanner, tag)"""
    contexts: tuple[tuple[int, bool], ...] = ()
    """(detector, whether the word opens it)"""
    length: int = 0
    """Bytes of a context word."""
    hint: str | None = None
    token: bool = False


@dataclass(slots=True)
class _Does:
    """An action under construction; dictionaries stand for sets that keep their order."""

    windows: dict[int, None] = field(default_factory=dict)
    hits: dict[tuple[str, str], None] = field(default_factory=dict)
    contexts: dict[tuple[int, bool], None] = field(default_factory=dict)
    is_word: bool = False
    hint: str | None = None
    token: bool = False


@dataclass(slots=True)
class Table:
    """The gate's entries and what each of them does; made once from a detector set."""

    entries: list[Entry]
    actions: list[_Action]


def build_table(detectors: DetectorSet) -> Table:
    """What the gate has to look for, each thing once."""
    places: dict[Entry, _Does | _Action] = {}

    def at(entry: Entry) -> _Does:
        does = places.get(entry)
        if not isinstance(does, _Does):
            does = places[entry] = (
                _Does() if does is None else _Does(dict.fromkeys(does.windows), dict.fromkeys(does.hits))
            )
        return does

    # Words first: there are tens of thousands, and hardly one that does more than one thing.
    for number, detector in enumerate(detectors.detectors):
        for tag, name in detector.words:
            scanner = detector.scanner
            shared = _Action(windows=(number,)) if scanner is None else _Action(hits=((scanner, tag),))
            for word in detectors.words[name]:
                entry = Entry(word, True)
                if entry not in places:
                    places[entry] = shared
                elif scanner is None:
                    at(entry).windows[number] = None
                else:
                    at(entry).hits[scanner, tag] = None
    for number, detector in enumerate(detectors.detectors):
        textures = dict(detector.only_in)
        for tag, expression in detector.gate:
            entry = Entry(expression, only_in=textures.get(tag))
            if detector.scanner is not None:
                at(entry).hits[detector.scanner, tag] = None
            else:
                at(entry).windows[number] = None
        opens = detector.pattern is not None and not detector.gate and not detector.words
        for _, word in detector.context.words:
            for entry in _word_entries(word):
                at(entry).is_word = True
                if detector.scanner is not None:
                    at(entry).hits[detector.scanner, detector.id] = None
                else:
                    at(entry).contexts[number, opens] = None
    for hint, expression in GATES:
        # Values spelled out in words stand in sentences.
        only_in = "prose" if hint.startswith("words.") else None
        at(Entry(expression, once=hint in ONCE, only_in=only_in)).hint = hint
    at(Entry(TOKEN_GATE)).token = True
    return Table(list(places), [_action(entry, does) for entry, does in places.items()])


def _action(entry: Entry, does: _Does | _Action) -> _Action:
    if isinstance(does, _Action):
        return does
    return _Action(
        windows=tuple(does.windows), hits=tuple(does.hits), contexts=tuple(does.contexts),
        length=len(entry.expression.encode()) if does.is_word else 0, hint=does.hint, token=does.token,
    )  # fmt: skip


def _word_entries(word: str) -> Iterable[Entry]:
    """A context word for the gate: ASCII letters match in either case, others as written in three ways."""
    if word.isascii():
        return (Entry(word.lower(), literal=True, caseless=True),)
    return tuple(
        Entry(form, literal=True, caseless=True)
        for form in dict.fromkeys((word, word.lower(), word.upper(), word.title()))
    )


class _Rule:
    """A detector with a pattern, ready to run."""

    __slots__ = (
        "_extractor",
        "after",
        "before",
        "boost",
        "check",
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
        self.check = tuple((name, VALIDATORS[name]) for name in detector.validators)

    @property
    def extractor(self) -> Extractor:
        """Compiled when it is first needed: three hundred take longer than a cold start may."""
        if self._extractor is None:
            assert self.detector.pattern is not None
            self._extractor = compile_extractor(self.detector.pattern)
        return self._extractor


@dataclass(slots=True)
class _Found:
    """A candidate in bytes of the text that was given, and the view it came from."""

    candidate: Candidate
    view: str | None


class _Seen(NamedTuple):
    """What one scan has come by already."""

    candidates: set[tuple[int, int, str]]
    texts: set[bytes]


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
        self.detectors = {detector.id: detector for detector in detectors.detectors}
        self.hash = detectors.hash
        self._custom = custom
        if custom is not None:
            self.detectors.update((detector.id, detector) for detector in custom.describe())
        table = table or build_table(detectors)
        self._actions = table.actions
        self._gate = gate or open_gate(table.entries, compile_gate(table.entries))
        self._rules = [_Rule(detector) for detector in detectors.detectors]

    def warm(self) -> None:
        """
        Compile what is otherwise compiled when it is first needed: a tenth of a second.
        """
        for rule in self._rules:
            if rule.detector.pattern is not None:
                _ = rule.extractor
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
            found = [item for item in found if wanted(self.detectors[item.candidate.detector])]
        spans = self._settle(data, found, min_score)
        return self._findings(data, spans)

    # --- one document -----------------------------------------------------------------------------------

    def _search(self, data: bytes, with_views: bool, trace: list[Step] | None) -> list[_Found]:
        hints: dict[str, list[int]] = {}
        found = [_Found(item, None) for item in self._candidates(data, hints, trace, "text")]
        if with_views and hints:
            known = {(item.candidate.start, item.candidate.end, item.candidate.detector) for item in found}
            self._search_views(data, hints, [], found, _Seen(known, {data}), trace)
        return found

    def _search_views(
        self,
        data: bytes,
        hints: dict[str, list[int]],
        path: list[View],
        found: list[_Found],
        seen: _Seen,
        trace: list[Step] | None,
    ) -> None:
        for view in views(data, hints):
            if view.data in seen.texts:
                continue
            seen.texts.add(view.data)
            inner: dict[str, list[int]] = {}
            steps: list[View] = [*path, view]
            name = view.name
            for candidate in self._candidates(view.data, inner, trace, name):
                if self.detectors[candidate.detector].report_only:
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
        self, data: bytes, hints: dict[str, list[int]], trace: list[Step] | None, view: str
    ) -> list[Candidate]:
        events = self._gate.scan(data)
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
                rule = rules[rule_number]
                _add_window(windows, rule_number, end - rule.before, end + rule.after)
            for scanner, tag in action.hits:
                hits.setdefault(scanner, []).append((tag, end))
            for rule_number, opens in action.contexts:
                start = end - action.length
                contexts.setdefault(rule_number, []).append((start, end))
                if opens:
                    rule = rules[rule_number]
                    reach = rule.near + rule.before
                    _add_window(windows, rule_number, start - reach // 2, end + reach)
            if action.hint is not None:
                hints.setdefault(action.hint, []).append(end)
            tokens = tokens or action.token
        document = Document(data)
        made: list[Candidate] = []
        for rule_number, spans in windows.items():
            self._extract(rules[rule_number], data, spans, contexts.get(rule_number, ()), made, trace, view)
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
        held = [item for item in found if item.candidate.score >= min_score]
        held.sort(
            key=lambda item: (
                -item.candidate.validated, -item.candidate.score, item.candidate.start - item.candidate.end,
                item.candidate.start, item.candidate.detector,
            )
        )  # fmt: skip
        taken = _Spans()
        kept: list[_Found] = []
        told: set[tuple[str, int, int]] = set()
        for item in held:
            candidate = item.candidate
            if self.detectors[candidate.detector].report_only:
                key = (self.detectors[candidate.detector].type, candidate.start, candidate.end)
                if key not in told:
                    told.add(key)
                    kept.append(item)
                continue
            for start, end in taken.free(candidate.start, candidate.end):
                if (start, end) != (candidate.start, candidate.end):
                    start, end = _trimmed(data, start, end)
                    if end - start < 2:
                        continue
                    item = _Found(candidate._replace(start=start, end=end), item.view)
                taken.add(start, end)
                kept.append(item)
        kept.extend(self._echoes(data, kept, taken))
        kept.sort(key=lambda item: (item.candidate.start, item.candidate.end))
        return kept

    def _echoes(self, data: bytes, kept: list[_Found], taken: _Spans) -> list[_Found]:
        """Other places of a found value: a number is as sensitive without the word that gave it away."""
        echoes: list[_Found] = []
        values: dict[bytes, _Found] = {}
        for item in kept:
            candidate = item.candidate
            value = data[candidate.start : candidate.end]
            if (
                len(value) >= MIN_ECHO
                and len(values) < MAX_ECHOES
                and not self.detectors[candidate.detector].report_only
            ):
                values.setdefault(value, item)
        for value, item in values.items():
            at = data.find(value)
            while at >= 0:
                end = at + len(value)
                if _stands_alone(data, at, end) and list(taken.free(at, end)) == [(at, end)]:
                    taken.add(at, end)
                    echoes.append(
                        _Found(
                            item.candidate._replace(
                                start=at, end=end, reasons=("the same value was found elsewhere",)
                            ),
                            item.view,
                        )
                    )
                at = data.find(value, end)
        return echoes

    def _findings(self, data: bytes, kept: list[_Found]) -> tuple[Finding, ...]:
        if data.isascii():
            places = None
        else:
            places = _code_points(
                data, [place for item in kept for place in (item.candidate.start, item.candidate.end)]
            )
        made = []
        for item in kept:
            candidate = item.candidate
            detector = self.detectors[candidate.detector]
            start, end = candidate.start, candidate.end
            if places is not None:
                start, end = places[start], places[end]
            made.append(
                Finding(
                    detector=detector.id, type=detector.type, group=detector.group, start=start, end=end,
                    score=round(candidate.score, 3), validated=candidate.validated, reasons=candidate.reasons,
                    view=item.view, report_only=detector.report_only, letters=detector.letters,
                )
            )  # fmt: skip
        return tuple(made)


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

    def add(self, start: int, end: int) -> None:
        """A span that is free."""
        index = bisect_right(self._starts, start)
        self._starts.insert(index, start)
        self._ends.insert(index, end)


def entropy_of(value: bytes) -> float:
    """Shannon's entropy of the bytes of a value, in bits per byte; 0 for nothing."""
    if not value:
        return 0.0
    counts: dict[int, int] = {}
    for byte in value:
        counts[byte] = counts.get(byte, 0) + 1
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in counts.values())
