"""
From a word that names an identifier to the identifier: behind the word, before it, or down its column.

Rule 1: only what stands near a hit is read: ``AFTER`` bytes behind, ``BEFORE`` bytes before, and the lines of
a table under a header, each once (``columns``).
Rule 2: right behind its word a value needs the shape; farther off it needs the check.
Rule 3: dates, times, prices, versions, addresses of the network and telephone numbers are none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.identifiers.columns import Column, Columns
from sensor.detect.scanners.identifiers.kinds import Kind, finder_of, lead_of
from sensor.detect.scanners.identifiers.loose import is_something_else, loose_at
from sensor.detect.scanners.identifiers.place import AFTER, BEFORE, CLOSE, FAR, Place, Window, is_stopped
from sensor.detect.scanners.identifiers.proofs import prove
from sensor.detect.validators.national import VALIDATORS

__all__ = ["Reader"]

_BEHIND_KEY = b",;|\t\"':=_"
"""What a gate expression for a key may take in behind it."""
CROWD = 512
"""So many words in a text, and each speaks for no more than what stands before the next of its kind."""
MAX_LIST = 512
"""Values in a row behind one word."""
MAX_SHAPES = 4
"""Values of its shape behind one word that are looked at."""
UNSURE = 0.6
"""The score of a cell that is not proven, or not of the shape."""
MAX_PROVEN = 4096
"""Values of a text that are proven where the word before them names no country."""
MAX_VALUE = 96
"""Bytes of a cell that may be a value."""

_BACK = lazily(
    r"[\"'”’)\]`*]{0,3}\s{0,2}(?:[(\[–—=:<-]|(?:is|was|are|as|for|on|ist|war|als|est|comme|es|era|como|è|é|er|är|on|"
    r"to|jest|je|van|som|come|este|là|adalah|являет\w*|это|は|が|是|为|為|이|가|は)(?![^\W\d_]))",
    re.IGNORECASE,
)
_NO_GAP = lazily(r"[\d\n,;{}|!?]|\. ")
_MAX_GAP = 64
_BETWEEN = lazily(
    r"[\"'\s]{0,3}(?:,|;|/|&|\||\band\b|\bund\b|\bet\b|\by\b|\be\b|\bor\b|\boder\b|\bou\b|\bo\b|\ben\b|\boch\b|\bog\b|"
    r"\bi\b|\bja\b|и|和|と|、|\n[ \t]*[-*•]?)\s{0,3}(?:and |und |or )?[\"']?",
)
_MAX_BETWEEN = 32
"""Characters between two values of a row, at most (and what is looked at behind them)."""
_NO_MORE = frozenset("!#$%()*+-.:<=>?@[\\]^_`{}~")
"""What stands behind a value that no other one follows."""
_FAMILIES = frozenset(
    {"national_id.any", "national_id.weak", "tax_id.any", "travel.passport", "vehicle.licence"}
)
"""Detectors of any country: one that knows the country goes first."""
_SAME_PHRASE = lazily(rb"[ _-]?[A-Za-z\x80-\xff]{1,20}[#.]?")
_MAX_PHRASE = 22
_WORD = lazily("[0-9A-Za-zÀ-ɏ]+")
_SEPARATED = "[ .\\-/\u00a0\u00b7\u2010-\u2013]?"
_LONG = lazily(f"[0-9](?:{_SEPARATED}[0-9]){{4,}}")
_DIGITS = lazily("[0-9]+")
_SOME_DIGITS = lazily(rb"[0-9][^0-9]*[0-9][^0-9]*[0-9]|[\xd9\xdb\xe0]")
_MAY_BE_VALUE = lazily(rb"[0-9\x80-\xff]")
_SMALL = lazily(r"\b[a-z]{2,}\b|\b[a-z] ")

_NEAR = ("its check holds", "near a word that names it")
_LOOSE = ("stands right behind a word that names it", "looks like an identifier")
_SHAPE = ("stands right behind a word that names it", "has its shape")
_UNPROVEN = ("stands right behind a word that names it", "has its shape, not its check")
_COLUMN = ("stands in a column that names it",)

_new = tuple.__new__
"""A named tuple, at half the cost."""

_NOTHING, _SHAPED, _PROVEN = range(3)
"""What was found behind a word so far."""


Proven: TypeAlias = dict[str, bool]
"""What the proofs said of the values of one text."""


class _Scan:
    """What one text gave so far."""

    __slots__ = ("data", "is_crowded", "listed", "made", "proven")

    def __init__(self, data: bytes, is_crowded: bool) -> None:
        self.data = data
        self.is_crowded = is_crowded
        self.made: list[Candidate] = []
        self.listed: dict[str, int] = {}
        """How far the values of a list were read, by detector."""
        self.proven: Proven = {}


class _Sought:
    """A detector with its kind, ready to be looked for."""

    __slots__ = (
        "_check",
        "_finder",
        "is_checked",
        "has_long",
        "kind",
        "lead",
        "malus",
        "may_be_words",
        "rank",
        "tag",
    )

    def __init__(self, tag: str, kind: Kind) -> None:
        self.tag = tag
        self.kind = kind
        # Those with a check first, those of any country last.
        self.rank = (2 if kind.proofs else 0) + (not kind.check)
        self.malus = 0.02 if tag in _FAMILIES else 0.0
        self.is_checked = bool(kind.check or kind.proofs)
        self._check = VALIDATORS[kind.check] if kind.check else None
        self._finder: re.Pattern[str] | None = None
        self.lead = lead_of(kind)
        self.has_long = bool(kind.shapes) and all(
            "#####" in re.sub("[-() ./]", "", shape) for shape in kind.shapes.split("|")
        )
        """Its shapes hold five digits in a row."""
        self.may_be_words = bool(kind.expression or re.search("[^-#() ./|0-9]", kind.shapes))
        """Whether its shapes hold letters."""

    @property
    def finder(self) -> re.Pattern[str] | None:
        """What finds its shapes."""
        if self._finder is None:
            self._finder = finder_of(self.kind)
        return self._finder

    def check(self, value: str, proven: Proven) -> bool | None:
        """Whether a value is proven; ``None`` where nothing can be said."""
        if self._check is not None:
            return self._check(value)
        if not self.kind.proofs:
            return None
        # Families have the same checks, in another order.
        known = proven.get(value)
        if known is None and len(proven) < MAX_PROVEN:
            known = proven[value] = prove(self.kind.proofs, value)
        return known or None

    def right_behind(self, place: Place) -> Iterator[re.Match[str]]:
        """Values of its shape that may hold the first digit behind a word, ``CLOSE`` characters off."""
        finder, digit, lead = self.finder, place.digit, self.lead
        if finder is None or not 0 <= digit <= CLOSE + lead:
            return
        text = place.after.text
        if self.kind.expression:
            # It may begin with a letter of any script.
            for found in finder.finditer(text):
                if found.start() > digit or found.start() > CLOSE:
                    return
                yield found
        elif lead:
            at = digit - lead if digit > lead else 0
            for word in _WORD.finditer(text, at, (digit if digit < CLOSE else CLOSE) + 1):
                shape = finder.match(text, word.start()) if word.start() >= at else None
                if shape is not None:
                    yield shape
                    at = shape.end()
        else:
            shape = finder.match(text, digit)
            if shape is not None:
                yield shape

    def in_reach(self, place: Place) -> Iterator[re.Match[str]]:
        """Values of its shape behind a word, the first few."""
        finder, lead = self.finder, self.lead
        text = place.after.text
        at = count = 0
        if finder is None or not 0 <= place.digit <= FAR + lead:
            return
        for digits in (_LONG if self.has_long else _DIGITS).finditer(text, place.digit):
            start, end = digits.span()
            at = max(at, start - lead)
            for word in _WORD.finditer(text, at, end):
                if word.start() > FAR:
                    return
                if word.start() >= at and (found := finder.match(text, word.start())) is not None:
                    yield found
                    at = found.end()
                    count += 1
                    if count == MAX_SHAPES:
                        return

    def last_before(self, place: Place) -> tuple[int, int] | None:
        """The last value of its shape before a word."""
        finder = self.finder
        if finder is None:
            return place.last(self.kind.loose or "code")
        span = None
        for found in finder.finditer(place.before.text):
            span = found.span()
        return span


class Reader:
    """Looks for identifiers of some kinds; the tag of a hit is the detector that it speaks for."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._sought = {tag: _Sought(tag, kind) for tag, kind in kinds.items()}

    def __call__(self, document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
        """Identifiers that the hits name."""
        data = document.data
        scan = _Scan(data, len(hits) > CROWD)
        made = scan.made
        columns = Columns(data)
        last = 0
        for end, limit, named in self._words(data, hits):
            low, high = end - BEFORE, end + AFTER
            if scan.is_crowded:
                low, high, last = max(low, last), min(high, limit), end
            count = len(made)
            # In a crowd, where not even a short value stands near, no place is made.
            place = (
                Place(data, end, low, high)
                if not scan.is_crowded or _SOME_DIGITS.search(data, low, high) is not None
                else None
            )
            beside = place is not None and place.has_beside()
            if place is not None and beside:
                _around(place, named, scan)
                # What has its value next to it is no header.
                if len(made) > count and made[count].start >= end:
                    continue
            column = columns.below(end)
            if column is not None:
                _down(scan, column, named)
            if place is not None and not beside and len(made) == count:
                _around(place, named, scan)
        return made

    def _words(self, data: bytes, hits: Sequence[Hit]) -> list[tuple[int, int, list[_Sought]]]:
        """
        The ends of words, how far each speaks (to the next of its kind), and what for, in order.

        Of ``social security number`` not ``social security`` too.
        """
        named: dict[int, list[_Sought]] = {}
        limits: dict[int, int] = {}
        next_end: dict[str, int] = {}
        for tag, end in reversed(hits):
            while end > 0 and data[end - 1] in _BEHIND_KEY:
                end -= 1
            behind = next_end.get(tag, -1)
            next_end[tag] = end
            if behind >= 0 and (
                behind <= end or behind - end <= _MAX_PHRASE and _SAME_PHRASE.fullmatch(data, end, behind)
            ):
                continue
            sought = self._sought[tag]
            group = named.get(end)
            if group is None:
                named[end] = [sought]
                limits[end] = behind
            else:
                group.append(sought)
                limits[end] = max(limits[end], behind)
        for group in named.values():
            if len(group) > 1:
                group.sort(key=_rank)
        return [(end, len(data) if limits[end] < 0 else limits[end], named[end]) for end in sorted(named)]


def _rank(sought: _Sought) -> int:
    return sought.rank


def _around(place: Place, named: Iterable[_Sought], scan: _Scan) -> None:
    """Values behind the word or before it; of those that it speaks for, the first proven one is enough."""
    settled = _NOTHING
    for sought in named:
        if settled and sought.kind.proofs:
            continue
        count = len(scan.made)
        found = place.digit >= 0 and _behind(place, sought, scan)
        if not found and place.has_before:
            _before(place, sought, scan)
        if len(scan.made) > count:
            if scan.is_crowded or found and scan.made[count].validated:
                return
            settled = _SHAPED


def _behind(place: Place, sought: _Sought, scan: _Scan) -> bool:
    """Whether a value stands right behind the word."""
    kind = sought.kind
    for found in sought.right_behind(place):
        start, end = found.span()
        if place.leads_to(start) and (not kind.plain or place.is_close(start)):
            value = found[0]
            verdict = sought.check(value, scan.proven)
            if not is_something_else(value) and not (sought.may_be_words and _is_prose(value, verdict)):
                end = start + _trimmed(value, verdict)
                scan.made.append(_candidate(place.after, start, end, sought, verdict, True))
                _list(place, sought, end, scan)
                return True
    if sought.is_checked and kind.shapes:
        _far(place, sought, scan)
    if kind.loose:
        span = place.loose(kind.loose)
        if span is not None:
            start, end = span
            verdict = sought.check(place.after.text[start:end], scan.proven)
            scan.made.append(_candidate(place.after, start, end, sought, verdict, True, loose=True))
            _list(place, sought, end, scan)
            return True
    if kind.proofs:
        text = place.after.text
        for start, end in place.codes():
            if sought.check(text[start:end], scan.proven):
                scan.made.append(_candidate(place.after, start, end, sought, True, False))
                return True
    return False


def _far(place: Place, sought: _Sought, scan: _Scan) -> None:
    """Values farther off, or behind something that speaks against them, that are proven."""
    for found in sought.in_reach(place):
        value = found[0]
        if sought.check(value, scan.proven) and not is_something_else(value) and not _is_prose(value, True):
            start, end = found.span()
            scan.made.append(_candidate(place.after, start, end, sought, True, False))


def _candidate(
    window: Window,
    start: int,
    end: int,
    sought: _Sought,
    verdict: bool | None,
    close: bool,
    *,
    loose: bool = False,
) -> Candidate:
    if verdict:
        score, reasons = (0.95 if close else 0.85), _NEAR
    elif loose:
        score, reasons = 0.56, _LOOSE
    elif verdict is None:
        score, reasons = 0.75, _SHAPE
    else:
        score, reasons = 0.58, _UNPROVEN
    if window.narrow:
        start += window.start
        end += window.start
    else:
        start, end = window.place(start), window.place(end)
    return _new(Candidate, (start, end, sought.tag, score - sought.malus, bool(verdict), reasons))


def _is_prose(value: str, verdict: bool | None) -> bool:
    """Whether a shape of letters found words: hardly a digit, or, unproven, small letters and spaces."""
    if value.isdigit():
        return False
    if sum(map(str.isdigit, value)) < (2 if verdict else 3) and not value.isupper():
        return True
    return not verdict and " " in value[:-2] and _SMALL.search(value) is not None


def _trimmed(value: str, verdict: bool | None) -> int:
    """Where a value ends: a small letter behind a space at its end is the next word."""
    if verdict is not True and len(value) > 2 and value[-2] == " " and value[-1].islower():
        return len(value) - 2
    return len(value)


def _list(place: Place, sought: _Sought, end: int, scan: _Scan) -> None:
    """More values behind the first: ``…, … and …``; none that was read behind an earlier word."""
    window = place.after
    text = window.text
    if end < len(text) and text[end] in _NO_MORE:
        return
    data = scan.data
    at = window.place(end)
    if at < scan.listed.get(sought.tag, 0):
        return
    if end + _MAX_BETWEEN < len(text) and _BETWEEN.match(text, end) is None:
        return
    finder = sought.finder
    for _ in range(MAX_LIST):
        window = Window(data, at, at + 64)
        text = window.text
        between = _BETWEEN.match(text)
        if between is None:
            break
        start = between.end()
        found = finder.match(text, start) if finder is not None else None
        if found is None and not sought.is_checked:
            break
        end = found.end() if found is not None else loose_at(text, sought.kind.loose or "code", start)
        if end < 0:
            break
        value = text[start:end]
        verdict = sought.check(value, scan.proven)
        if found is None and verdict is not True or is_something_else(value):
            break
        scan.made.append(_candidate(window, start, end, sought, verdict, True))
        at = window.place(end)
    scan.listed[sought.tag] = at


def _before(place: Place, sought: _Sought, scan: _Scan) -> None:
    """A value before its word: ``… is my …``, ``… (…)``."""
    window = place.before
    text = window.text
    span = sought.last_before(place)
    if span is None:
        return
    start, end = span
    gap = text[end:]
    if len(gap) > _MAX_GAP or _NO_GAP.search(gap) or is_stopped(gap):
        return
    value = text[start:end]
    verdict = sought.check(value, scan.proven)
    if (
        (verdict or _BACK.match(gap) is not None)
        and not is_something_else(value)
        and not _is_prose(value, verdict)
    ):
        scan.made.append(_candidate(window, start, start + _trimmed(value, verdict), sought, verdict, True))


def _down(scan: _Scan, column: Column, named: Iterable[_Sought]) -> None:
    """The cells under a header that names them; its first filled cell decides whether it does."""
    alive = list(named)
    is_first = True
    for start, end in column.cells:
        fitting = []
        if end - start <= MAX_VALUE and _MAY_BE_VALUE.search(scan.data, start, end) is not None:
            text = _text_of(scan.data, start, end)
            best = 0.0
            for sought in alive:
                if sought.kind.proofs and best > UNSURE:
                    # One that knows the country has it; the next cell may be of another.
                    fitting.append(sought)
                    continue
                verdict = _in_cell(sought, text, scan.proven)
                if verdict is not None:
                    fitting.append(sought)
                    score, proven = verdict
                    best = max(best, score)
                    scan.made.append(_new(Candidate, (start, end, sought.tag, score, proven, _COLUMN)))
        if is_first or column.is_strict:
            alive = fitting
            if not alive:
                return
        is_first = False


def _text_of(data: bytes, start: int, end: int) -> str:
    try:
        return data[start:end].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data[start:end].decode("latin-1")


def _in_cell(sought: _Sought, text: str, proven: Proven) -> tuple[float, bool] | None:
    """What a cell holds, if that is all that it holds: score and proof."""
    finder = sought.finder
    if finder is not None and finder.fullmatch(text) is not None:
        verdict = sought.check(text, proven)
        if not is_something_else(text) and not (sought.may_be_words and _is_prose(text, verdict)):
            return (UNSURE if verdict is False else 0.95 if verdict else 0.8), verdict is True
    if sought.kind.loose and loose_at(text, sought.kind.loose, 0) == len(text):
        return (0.85, True) if sought.kind.proofs and sought.check(text, proven) else (UNSURE, False)
    return None
