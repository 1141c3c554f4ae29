"""
What a detector says: candidates while the engine works, findings when it has decided.

Inside ``detect`` a place is an offset in the UTF-8 bytes of the text; a ``Finding`` tells code points of the
text that was given. Neither holds the text that was found: who wants it, slices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

__all__ = ["Candidate", "Document", "Finding", "Hit", "Scanner", "Validator"]


class Candidate(NamedTuple):
    """One span that a detector takes for sensitive, in bytes of the document that it was found in."""

    start: int
    end: int
    detector: str
    """The detector's id."""
    score: float
    """0 to 1."""
    validated: bool
    """A checksum or an equally hard proof holds."""
    reasons: tuple[str, ...]
    """Short fixed phrases; never a piece of the text."""


class Finding(NamedTuple):
    """A span of sensitive text."""

    detector: str
    """The id of the detector that found it."""
    type: str
    """What it is: ``payment_card``, ``github_token``."""
    group: str
    """The family of the type: ``secret``, ``payment``, ``person``."""
    start: int
    """The first code point of the span."""
    end: int
    """The code point after the span's last."""
    score: float
    """How sure, 0 to 1."""
    validated: bool
    """A checksum or an equally hard proof holds."""
    reasons: tuple[str, ...] = ()
    """Why it was taken and how the score came about; never a piece of the text."""
    view: str | None = None
    """The view that it was found in (``base64``, ``reversed``); ``None`` for the text as it stands."""
    report_only: bool = False
    """Told, and not replaced unless asked (a label, a page of source code); may hold other findings."""
    letters: str = "XX"
    """Two capitals: what its redaction token says."""


class Document:
    """One text under scan, as UTF-8 bytes and, where a scanner asks, as text."""

    __slots__ = ("_text", "data", "is_ascii")

    def __init__(self, data: bytes, text: str | None = None) -> None:
        self.data = data
        self.is_ascii = data.isascii()
        self._text = text

    @property
    def text(self) -> str:
        """The text; code point offsets equal byte offsets where ``is_ascii``."""
        if self._text is None:
            self._text = self.data.decode("utf-8", "surrogatepass")
        return self._text

    def near(self, start: int, end: int, before: int, after: int) -> bytes:
        """The bytes from ``before`` ahead of ``start`` to ``after`` behind ``end``."""
        return self.data[max(0, start - before) : end + after]


Hit: TypeAlias = tuple[str, int]
"""(tag, end): a gate expression of a scanner matched, ending at this byte."""
Scanner: TypeAlias = Callable[[Document, Sequence[Hit]], Iterable[Candidate]]
"""Looks at the places that the gate opened, and nowhere else; hits come in order of their end."""
Validator: TypeAlias = Callable[[str], bool | None]
"""``True``: proven; ``False``: it is not one; ``None``: cannot say."""
