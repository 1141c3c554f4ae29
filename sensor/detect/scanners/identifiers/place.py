"""
The end of a word that names identifiers, and what was read around it so far, for all detectors that the word
speaks for.

Rule 1: nothing is read twice, and what holds no digit is not read at all.
Rule 2: no digit stands between a word and the value right behind it; so that value holds the first digit.
"""

from __future__ import annotations

from sensor.detect.lazily import lazily
from sensor.detect.scanners.identifiers.loose import (
    LEAD,
    LEAD_OF_PLATE,
    finder_of_loose,
    is_loose,
    loose_values,
)

__all__ = ["AFTER", "BEFORE", "CLOSE", "FAR", "LOOSE_FAR", "Place", "Window", "first_digit", "is_stopped"]

AFTER = 176
"""Bytes read behind a word."""
BEFORE = 88
"""Bytes read before the end of a word."""
FAR = 96
"""Characters between a word and a value that proves itself."""
CLOSE = 56
"""Characters between a word and a value that has its shape."""
LOOSE_FAR = 48
"""Characters between a word and a value of no known shape."""
BESIDE = 8
"""Characters between a word and a value beside it."""
SHORTEST = 8
"""Characters of a value that may prove itself."""
LOOSE_READ = 112
"""Characters in which values of no known shape are read."""

_STOP = (
    r"\b(?:phone|tel|fax|mobil|cell|order|invoice|ticket|version|page|zip|postal|postcode|born|birth|dob|date|"
    "error|port|price|amount|iban|card ending|year|since|http|kg|passcode|extension|call |room|chapter|"
    r"section|line |tracking|sku|total|build|commit|step|row |figure|table |rfc |iso)|[@€$£]"
)
_STOPPED = lazily(_STOP)
# Right behind a word: the rest of a sentence without digits, or the next line of a form.
_DIRECT = lazily(
    r"(?:[^\d\n,;{}|!?.]+|\.(?! +[A-Z][a-z]))*+|[ \t\"'*_)\]>:：=#-]*(?:\r?\n[ \t>*\"'|-]*){1,2}"
    r"|[\"']?[ \t]*[,;|\t][ \t]*[\"']?|[ \t\"']*[:=][ \t]*[\[{(][\s\"']*",
)
# Where the shape is not known, little may stand between: a few words, no clause.
_CLOSE = lazily(
    r"[\s\"'*_`)\]>:：=#№.\-–—(<\[/|\\«„“‚]{0,12}(?:[^\W\d_]{1,14}[\s\"'*_:：=#№.\-–—(><'’)]{1,4}){0,4}"
    r"(?:为|是|為|は|が|은|는|이|가)?[\"'`(\[«„“]?",
)
_NEXT_TO = frozenset(("", " ", ":", ": ", "=", " = ", " : ", '":"', '": "', "='", "is ", " is ", " #", " # "))
"""What stands between most words and their values."""
_MAYBE_DIGIT = lazily(rb"[0-9\xd9\xdb\xe0]")
"""ASCII digits, and bytes that begin Arabic, Persian and Indian ones (and letters beside them)."""
_DIGIT = lazily(r"\d")
_ENDS_IN_DIGIT = lazily(rb"[0-9\xd9\xdb\xe0][^0-9\n,;{}|!?]{0,80}\Z")
"""A digit with nothing between it and the end that ends a clause."""


class Window:
    """A stretch of a document as text, and where its characters stand in the bytes."""

    __slots__ = ("narrow", "start", "text")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        raw = data[start:end]
        self.narrow = raw.isascii()
        """Whether a character is a byte."""
        if self.narrow:
            self.start = start
            self.text = raw.decode("ascii")
            return
        end = min(end, len(data))
        while start < end and 0x80 <= data[start] < 0xC0:
            start += 1
        while end < len(data) and 0x80 <= data[end] < 0xC0:
            end += 1
        raw = data[start:end]
        self.start = start
        try:
            self.text = raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            # A decoded view may hold anything.
            self.narrow = True
            self.text = raw.decode("latin-1")

    def place(self, at: int) -> int:
        """The byte at which a character stands."""
        return self.start + (at if self.narrow else len(self.text[:at].encode("utf-8", "surrogatepass")))


_NOWHERE = Window(b"", 0, 0)


class Place:
    """The end of a word; what stands around it is read when it is asked for, once."""

    __slots__ = ("_before", "_codes", "_direct", "_last", "_loose", "after", "data", "digit", "end", "low")

    def __init__(self, data: bytes, end: int, low: int, high: int) -> None:
        self.data = data
        self.end = end
        self.low = low if low > 0 else 0
        self.after = _NOWHERE
        """What stands behind the word, up to ``high``, if a digit does."""
        self.digit = -1
        """The first digit behind the word; -1 where none is."""
        if _MAYBE_DIGIT.search(data, end, high) is not None:
            self.after = Window(data, end, high)
            self.digit = first_digit(self.after.text)
        self._before: Window | None = None
        self._direct: dict[int, bool] | None = None
        self._loose: dict[str, tuple[int, int] | None] | None = None
        self._last: dict[str, tuple[int, int] | None] | None = None
        self._codes: list[tuple[int, int]] | None = None

    @property
    def has_before(self) -> bool:
        """Whether a value may stand before the word, in its clause."""
        if self._before is None:
            if _ENDS_IN_DIGIT.search(self.data, self.low, self.end) is None:
                self._before = _NOWHERE
            else:
                self._before = Window(self.data, self.low, self.end)
        return self._before is not _NOWHERE

    @property
    def before(self) -> Window:
        """What stands before the end of the word, if a digit does."""
        return self._before if self.has_before and self._before is not None else _NOWHERE

    def has_beside(self) -> bool:
        """Whether a digit stands next to the word, in its line."""
        return 0 <= self.digit <= BESIDE and "\n" not in self.after.text[: self.digit]

    def leads_to(self, start: int) -> bool:
        """Whether what stands between the word and a value of known shape says nothing against it."""
        if self._direct is None:
            self._direct = {}
        known = self._direct.get(start)
        if known is None:
            gap = self.after.text[:start]
            known = gap in _NEXT_TO or _DIRECT.fullmatch(gap) is not None and not is_stopped(gap)
            self._direct[start] = known
        return known

    def is_close(self, start: int) -> bool:
        """Whether next to nothing stands between the word and a value."""
        gap = self.after.text[:start]
        return gap in _NEXT_TO or _CLOSE.fullmatch(gap) is not None

    def loose(self, family: str) -> tuple[int, int] | None:
        """The value of a family that stands right behind the word, by nothing but its letters and digits."""
        if self._loose is None:
            self._loose = {}
        if family not in self._loose:
            self._loose[family] = self._right_behind(family)
        return self._loose[family]

    def _right_behind(self, family: str) -> tuple[int, int] | None:
        text = self.after.text
        digit = self.digit
        lead = LEAD_OF_PLATE if family == "plate" else LEAD
        if not 0 <= digit <= LOOSE_FAR + lead:
            return None
        at = digit - lead if digit > lead else 0
        for found in finder_of_loose(family).finditer(text, at, min(len(text), LOOSE_READ)):
            start, end = found.span()
            if start > digit or start > LOOSE_FAR:
                return None
            if is_loose(found[0], family):
                return (start, end) if self.is_close(start) and not is_stopped(text[:start]) else None
        return None

    def codes(self) -> list[tuple[int, int]]:
        """Everything behind the word that looks like an identifier."""
        if self._codes is None:
            text = self.after.text
            self._codes = list(loose_values(text, "code", 0, min(len(text), FAR), SHORTEST))
        return self._codes

    def last(self, family: str) -> tuple[int, int] | None:
        """The last value of a family before the word."""
        if self._last is None:
            self._last = {}
        if family not in self._last:
            spans = list(loose_values(self.before.text, family))
            self._last[family] = spans[-1] if spans else None
        return self._last[family]


def is_stopped(gap: str) -> bool:
    """Whether words between say that the value is something else."""
    return gap not in _NEXT_TO and _STOPPED.search(gap.lower()) is not None


def first_digit(text: str, start: int = 0) -> int:
    """Where the first digit stands; -1 where none is."""
    found = _DIGIT.search(text, start)
    return -1 if found is None else found.start()
