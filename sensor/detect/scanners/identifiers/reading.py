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
from functools import partial

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.identifiers.columns import Columns
from sensor.detect.scanners.identifiers.kinds import LOOSE, Kind, finder_of
from sensor.detect.scanners.identifiers.proofs import prove
from sensor.detect.validators.national import VALIDATORS

__all__ = ["Window", "loose_values", "scan_identifiers"]

_BEHIND_KEY = b",;|\t\"':=_"
"""What a gate expression for a key may take in behind it."""
AFTER = 176
"""Bytes read behind a word."""
BEFORE = 88
"""Bytes read before the end of a word."""
FAR = 96
"""Characters between a word and a value that proves itself."""
MAX_LIST = 512
"""Values in a row behind one word."""

_STOP = (
    r"\b(?:phone|tel|fax|mobil|cell|order|invoice|ticket|version|page|zip|postal|postcode|born|birth|dob|date|"
    "error|port|price|amount|iban|card ending|year|since|http|kg|passcode|extension|call |room|chapter|"
    r"section|line |tracking|sku|total|build|commit|step|row |figure|table |rfc |iso)|[@€$£]"
)
_STOPPED = lazily(_STOP, re.IGNORECASE)
# Right behind a word: the rest of a sentence without digits, or the next line of a form.
_DIRECT = lazily(
    r"(?:[^\d\n,;{}|!?.]|\.(?! +[A-Z][a-z]))*(?:\(?[#№(]?)?|[ \t\"'*_)\]>:：=#-]*(?:\r?\n[ \t>*\"'|-]*){1,2}"
    r"|[\"']?[ \t]*[,;|\t][ \t]*[\"']?|[ \t\"']*[:=][ \t]*[\[{(][\s\"']*",
)
# Where the shape is not known, little may stand between: a few words, no clause.
_CLOSE = lazily(
    r"[\s\"'*_`)\]>:：=#№.\-–—(<\[/|\\«„“‚]{0,12}(?:[^\W\d_]{1,14}[\s\"'*_:：=#№.\-–—(><'’)]{1,4}){0,4}"
    r"(?:为|是|為|は|が|은|는|이|가)?[\"'`(\[«„“]?",
)
_BACK = lazily(
    r"[\"'”’)\]`*]{0,3}\s{0,2}(?:[(\[–—=:<-]|(?:is|was|are|as|for|on|ist|war|als|est|comme|es|era|como|è|é|er|är|on|"
    r"to|jest|je|van|som|come|este|là|adalah|являет\w*|это|は|が|是|为|為|이|가|は)(?![^\W\d_]))",
    re.IGNORECASE,
)
_BETWEEN = lazily(
    r"[\"'\s]{0,3}(?:,|;|/|&|\||\band\b|\bund\b|\bet\b|\by\b|\be\b|\bor\b|\boder\b|\bou\b|\bo\b|\ben\b|\boch\b|\bog\b|"
    r"\bi\b|\bja\b|и|和|と|、|\n[ \t]*[-*•]?)\s{0,3}(?:and |und |or )?[\"']?",
)
_LETTERS = "A-ZÀ-ÖØ-ÞŁŚŹŻČĆĐŠŽŘŇŤĎĚŮŐŰȘȚĂΑ-ΩА-ЯЁІЇЄҐ"
_FOREIGN = "\u05d0-\u05ea\u0621-\u064a\u0e01-\u0e2e\u3040-\u309f\u4e00-\u9fff\uac00-\ud7a3"
_LEFT = "(?<![0-9A-Za-zÀ-ɏА-я])(?<![$€£@+.])"
_RIGHT = r"(?![0-9A-Za-zÀ-ɏА-я])(?!\.[0-9])"
_RUN = f"[0-9{_LETTERS}]{{1,24}}(?:[-./·•_*][0-9{_LETTERS}]{{1,24}}){{0,8}}"
_TOKEN = lazily(
    f"{_LEFT}(?:(?=[{_LETTERS} ./-]{{0,10}}[0-9])"
    f"{_RUN}(?:[ \u00a0](?:(?=[{_LETTERS}]{{0,4}}[0-9]){_RUN}|[{_LETTERS}]{{1,3}}(?![^\\W_])))"
    "{0,6}[a-z]?"
    f"|(?=[a-z-]{{0,12}}[0-9])[0-9a-z]{{1,24}}(?:-[0-9a-z]{{1,12}}){{0,4}}){_RIGHT}(?![@:]\\S)"
)
_PLATE = lazily(
    f"{_LEFT}(?:(?:[{_FOREIGN}]{{1,5}}|(?:[\u0621-\u064a] ){{1,3}}|"
    f"[\u0980-\u09ff]{{2,16}}-[\u0980-\u09ff]{{1,2}} )"
    f"[ ·-]?[A-Z]?[ ·-]?[\\dA-Z]{{1,7}}(?:[ ·・-]{{0,3}}(?:[{_FOREIGN}]{{1,3}}|[\\dA-Z]{{1,5}})){{0,3}}"
    f"|\\d{{1,3}}[ -]?[{_FOREIGN}]{{1,5}}[ -]?\\d{{1,6}}(?:[ -]?\\d{{1,3}})?"
    f"|{_RUN}(?:[ \u00a0](?!AND |OR )[0-9{_LETTERS}]{{1,5}}(?:[-.·][0-9{_LETTERS}]{{1,5}})?(?![^\\W_]))"
    "{0,4}"
    r"|[a-z]{1,3}-?[0-9]{1,4}(?:[ -]?[a-z]{1,3})?|[0-9]{1,4}[ -]?[a-z]{2,3}(?:[ -]?[0-9]{1,4})?)"
    f"{_RIGHT}"
)
_NOT_ONE = lazily(
    r"(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ](?:0?[1-9]|[12]\d|3[01])(?!\d)|"
    r"\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d|\d{1,2}-\d{1,2}-(?:19|20)\d\d|\d{1,2}:\d\d|\d+\.\d{1,2}|(?:\d{1,3}\.){3}\d{1,3}|v?\d{1,2}\.\d{1,2}\.\d{1,2}|"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*|(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?|0x[0-9a-f]+"
)
_STANDARD = lazily(
    r"(?:UTF|ISO|RFC|SHA|MD|ES|CVE|HTTP|IEC|IEEE|ANSI|EN|DIN|X|H|V|Q|COVID|PEP)[- ]?[0-9.-]{1,6}"
    r"(?:[- ][0-9]{1,4})?"
)
"""Names of standards; where a plate is asked for they may be plates."""
_FAMILIES = frozenset(
    {"national_id.any", "national_id.weak", "tax_id.any", "travel.passport", "vehicle.licence"}
)
"""Detectors of any country: one that knows the country goes first."""


class Window:
    """A stretch of a document as text, and where its characters stand in the bytes."""

    __slots__ = ("_narrow", "start", "text")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        start, end = max(0, start), min(end, len(data))
        while start < end and 0x80 <= data[start] < 0xC0:
            start += 1
        while end < len(data) and 0x80 <= data[end] < 0xC0:
            end += 1
        raw = data[start:end]
        self.start = start
        self._narrow = raw.isascii()
        try:
            self.text = raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            # A decoded view may hold anything.
            self._narrow = True
            self.text = raw.decode("latin-1")

    def place(self, at: int) -> int:
        """The byte at which a character stands."""
        return self.start + (at if self._narrow else len(self.text[:at].encode("utf-8", "surrogatepass")))


def loose_values(text: str, loose: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """What looks like an identifier of a family, by nothing but its letters and digits."""
    shortest, longest, least = LOOSE[loose]
    finder = _PLATE if loose == "plate" else _TOKEN
    for found in finder.finditer(text, start, len(text) if end is None else end):
        value = found[0]
        signs = sum(map(str.isalnum, value))
        digits = sum(map(str.isdigit, value))
        if digits < least and not (
            loose == "code" and digits > 1 and signs > 5 and value.isupper() and " " not in value
        ):
            continue
        if not shortest <= signs <= longest:
            continue
        if _NOT_ONE.fullmatch(value):
            continue
        if not (_could_be_plate(value, digits) if loose == "plate" else not _STANDARD.fullmatch(value)):
            continue
        yield found.span()


def _could_be_plate(value: str, digits: int) -> bool:
    if value.islower():
        return 2 <= digits <= 5 and not value.isdigit() and len(value) >= 5
    return digits < len(value) or 4 <= digits <= 8


_NOTHING, _SHAPED, _PROVEN = range(3)
"""What was found behind a word so far."""


def scan_identifiers(
    document: Document, hits: Sequence[Hit], kinds: Mapping[str, Kind]
) -> Iterable[Candidate]:
    """Identifiers that the hits name; the tag of a hit is the detector that it speaks for."""
    made: list[Candidate] = []
    data = document.data
    columns = Columns(data)
    place = _Place(data, -1)
    settled = _NOTHING
    for tag, end in _whole_words(data, hits, kinds):
        kind = kinds[tag]
        if end != place.end:
            place, settled = _Place(data, end), _NOTHING
        # Of those that one word speaks for, the first whose check holds is enough.
        if place.has_digits and settled < _PROVEN and not (settled and kind.proofs):
            count = len(made)
            found = _behind(place, tag, kind, made)
            if not found:
                _before(tag, kind, place.before, made)
            if len(made) > count:
                settled = max(settled, _PROVEN if found and made[count].validated else _SHAPED)
        for start, stop in columns.below(end, partial(_fits, data, kind)):
            cell = Window(data, start, stop)
            verdict = _in_cell(kind, cell)
            if verdict is not None:
                first, last, score, proven = verdict
                made.append(
                    Candidate(
                        cell.place(first),
                        cell.place(last),
                        tag,
                        score,
                        proven,
                        ("stands in a column that names it",),
                    )
                )
    return made


class _Place:
    """The end of a word, and what was read around it so far, for all detectors that the word speaks for."""

    __slots__ = ("_after", "_before", "_gaps", "_loose", "data", "end", "has_digits")

    def __init__(self, data: bytes, end: int) -> None:
        self.data = data
        self.end = end
        self.has_digits = end >= 0 and _DIGIT.search(data, max(0, end - BEFORE), end + AFTER) is not None
        self._after: Window | None = None
        self._before: Window | None = None
        self._gaps: dict[int, bool] = {}
        self._loose: dict[str, tuple[int, int] | None] = {}

    @property
    def after(self) -> Window:
        if self._after is None:
            self._after = Window(self.data, self.end, self.end + AFTER)
        return self._after

    @property
    def before(self) -> Window:
        if self._before is None:
            self._before = Window(self.data, self.end - BEFORE, self.end)
        return self._before

    def leads_to(self, start: int) -> bool:
        """Whether what stands between the word and a value of known shape says nothing against it."""
        known = self._gaps.get(start)
        if known is None:
            text = self.after.text
            known = _DIRECT.fullmatch(text, 0, start) is not None and not _STOPPED.search(text, 0, start)
            self._gaps[start] = known
        return known

    def loose(self, family: str) -> tuple[int, int] | None:
        """The value of a family that stands right behind the word, by nothing but its letters and digits."""
        if family not in self._loose:
            text = self.after.text
            span = next(loose_values(text, family, 0, min(len(text), 112)), None)
            if span is not None and not (
                span[0] <= 48 and _CLOSE.fullmatch(text, 0, span[0]) and not _STOPPED.search(text, 0, span[0])
            ):
                span = None
            self._loose[family] = span
        return self._loose[family]


def _whole_words(data: bytes, hits: Sequence[Hit], kinds: Mapping[str, Kind]) -> list[Hit]:
    """The hits that count: of ``social security number`` not ``social security`` too."""
    kept: list[Hit] = []
    next_end: dict[str, int] = {}
    for tag, end in reversed(hits):
        while end > 0 and data[end - 1] in _BEHIND_KEY:
            end -= 1
        behind = next_end.get(tag)
        next_end[tag] = end
        if behind is None or behind > end and not _SAME_PHRASE.fullmatch(data, end, behind):
            kept.append((tag, end))
    # Those with a check first, those of any country last.
    kept.sort(key=lambda hit: (hit[1], bool(kinds[hit[0]].proofs), not kinds[hit[0]].check))
    return kept


_DIGIT = lazily(rb"[0-9]|[\xd9\xdb][\xa0-\xb9]|\xe0[\xa5\xa7]")
"""ASCII, Arabic, Persian, Devanagari and Bengali digits (and a little more)."""
_SAME_PHRASE = lazily(rb"[ _-]?[A-Za-z\x80-\xff]{1,20}[#.]?")


def _fits(data: bytes, kind: Kind, start: int, stop: int) -> bool:
    return _in_cell(kind, Window(data, start, stop)) is not None


def _check(kind: Kind, value: str) -> bool | None:
    if kind.check:
        return VALIDATORS[kind.check](value)
    if kind.proofs:
        return prove(kind.proofs, value) or None
    return None


def _behind(place: _Place, tag: str, kind: Kind, made: list[Candidate]) -> bool:
    """Whether a value stands right behind the word."""
    window = place.after
    text = window.text
    finder = finder_of(kind)
    if finder is not None:
        for count, found in enumerate(finder.finditer(text)):
            start, end = found.span()
            if start > FAR or count == 4:
                break
            value = found[0]
            verdict = _check(kind, value)
            close = start <= 56 and place.leads_to(start)
            if not (verdict or close) or _NOT_ONE.fullmatch(value) or _is_prose(value, verdict):
                continue
            if verdict or not (kind.plain and not _CLOSE.fullmatch(text, 0, start)):
                end = start + _trimmed(value, verdict)
                made.append(_candidate(window, start, end, tag, verdict, close))
                if close:
                    _list(place.data, tag, kind, window.place(end), made)
                    return True
    if kind.loose:
        span = place.loose(kind.loose)
        if span is not None:
            start, end = span
            made.append(_candidate(window, start, end, tag, _check(kind, text[start:end]), True, loose=True))
            _list(place.data, tag, kind, window.place(end), made)
            return True
    if kind.proofs:
        for start, end in loose_values(text, "code", 0, min(len(text), FAR)):
            if prove(kind.proofs, text[start:end]):
                made.append(_candidate(window, start, end, tag, True, False))
                return True
    return False


def _candidate(
    window: Window, start: int, end: int, tag: str, verdict: bool | None, close: bool, *, loose: bool = False
) -> Candidate:
    if verdict:
        score, reasons = (0.95 if close else 0.85), ("its check holds", "near a word that names it")
    elif loose:
        score, reasons = 0.56, ("stands right behind a word that names it", "looks like an identifier")
    elif verdict is None:
        score, reasons = 0.75, ("stands right behind a word that names it", "has its shape")
    else:
        score, reasons = 0.58, ("stands right behind a word that names it", "has its shape, not its check")
    if tag in _FAMILIES:
        score -= 0.02
    return Candidate(window.place(start), window.place(end), tag, score, bool(verdict), reasons)


_SMALL = lazily(r"\b[a-z]{2,}\b|\b[a-z] ")


def _is_prose(value: str, verdict: bool | None) -> bool:
    """Whether a shape of letters found words: hardly a digit, or, unproven, small letters and spaces."""
    if sum(map(str.isdigit, value)) < (2 if verdict else 3) and not value.isupper():
        return True
    return not verdict and " " in value[:-2] and _SMALL.search(value) is not None


def _trimmed(value: str, verdict: bool | None) -> int:
    """Where a value ends: a small letter behind a space at its end is the next word."""
    if verdict is not True and len(value) > 2 and value[-2] == " " and value[-1].islower():
        return len(value) - 2
    return len(value)


def _list(data: bytes, tag: str, kind: Kind, at: int, made: list[Candidate]) -> None:
    """More values behind the first: ``…, … and …``."""
    finder = finder_of(kind)
    for _ in range(MAX_LIST):
        window = Window(data, at, at + 64)
        between = _BETWEEN.match(window.text)
        if between is None:
            return
        found = finder.match(window.text, between.end()) if finder is not None else None
        if found is not None:
            span = found.span()
        else:
            span = next(loose_values(window.text, kind.loose or "code", between.end()), (-1, -1))
            if span[0] != between.end():
                return
        value = window.text[span[0] : span[1]]
        verdict = _check(kind, value)
        if found is None and verdict is not True or _NOT_ONE.fullmatch(value):
            return
        made.append(_candidate(window, *span, tag, verdict, True))
        at = window.place(span[1])


def _before(tag: str, kind: Kind, window: Window, made: list[Candidate]) -> None:
    """A value before its word: ``… is my …``, ``… (…)``."""
    text = window.text
    finder = finder_of(kind)
    spans = (
        [found.span() for found in finder.finditer(text)]
        if finder is not None
        else list(loose_values(text, kind.loose or "code"))
    )
    for start, end in spans[-1:]:
        gap = text[end:]
        if re.search(r"[\d\n,;{}|!?]|\. ", gap) or _STOPPED.search(gap) or len(gap) > 64:
            return
        value = text[start:end]
        verdict = _check(kind, value)
        last = _BACK.match(gap)
        if not _NOT_ONE.fullmatch(value) and (verdict or last is not None) and not _is_prose(value, verdict):
            made.append(_candidate(window, start, _trimmed(value, verdict) + start, tag, verdict, True))


def _in_cell(kind: Kind, window: Window) -> tuple[int, int, float, bool] | None:
    """What a cell holds, if that is all that it holds: first and last character, score, proof."""
    text = window.text
    finder = finder_of(kind)
    found = finder.fullmatch(text) if finder is not None else None
    if found is not None:
        verdict = _check(kind, text)
        if not _NOT_ONE.fullmatch(text) and not _is_prose(text, verdict):
            return 0, len(text), (0.95, 0.8, 0.6)[(True, None, False).index(verdict)], verdict is True
    if kind.loose and not _NOT_ONE.fullmatch(text):
        span = next(loose_values(text, kind.loose), None)
        if span == (0, len(text)):
            return *span, 0.6, False
    return None
