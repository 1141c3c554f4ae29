"""
Tokens put back: in a whole text, and in one that arrives in pieces.

Rule 1: whatever the pieces, what comes out is what the whole text would have given.
Rule 2: held back is only a suffix that a token can begin with, at most ``RESTORE_HOLD`` characters.
Rule 3: a token that is not among the values stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sensor.detect.tokens import ALPHABET, BENT, DIGITS, LONGEST_BENT, canonical

__all__ = ["RESTORE_HOLD", "StreamRestorer", "restore"]

RESTORE_HOLD = LONGEST_BENT
"""Characters (31)."""


def restore(text: str, values: Mapping[str, str], escape: Callable[[str], str] | None = None) -> str:
    """
    ``text`` with every token of ``values``, also one that a model wrote in its own way, put back.

    Tokens that are not in ``values`` stay. ``escape`` makes a value fit where it goes (inside a JSON string).
    """
    if not values or ("_" not in text and len(text) < 16):
        return text

    def put_back(match: object) -> str:
        found: str = match[0]  # type: ignore[index]  # a match
        value = values.get(canonical(found))
        if value is None:
            return found
        return escape(value) if escape is not None else value

    return BENT.sub(put_back, text)


def _beginnings() -> re.Pattern[str]:
    """What a bent token may begin with: the pieces of ``BENT``, each optional behind the one before."""
    part = r"(?:\\?_|-|\u2010|\u2011|%5[fF]|&#95;|[ \t]?\r?\n?[ \t]?)"
    cut = r"(?:\\|%5?|&(?:#(?:95?)?)?|[ \t]?\r?\n?[ \t]?)"
    letters = f"[{ALPHABET}]"
    tail = f"(?:{cut}|{part}{letters}{{0,{DIGITS - 1}}})"
    kind = f"(?:{cut}|{part}(?:[A-Z]|[A-Z]{{2}}{tail})?)"
    return re.compile(f"(?:P|PI|PII{kind}|S|SE|SEC{kind})\\Z", re.IGNORECASE)


_BEGINNING = _beginnings()
_FIRST = re.compile("[pPsS]")


class StreamRestorer:
    """Puts the tokens of ``values`` back into text that comes in pieces."""

    __slots__ = ("_escape", "_held", "_values")

    def __init__(self, values: Mapping[str, str], escape: Callable[[str], str] | None = None) -> None:
        self._values = values
        self._escape = escape
        self._held = ""

    @property
    def held(self) -> int:
        """Characters that wait."""
        return len(self._held)

    def feed(self, piece: str) -> str:
        """The text that can no longer change."""
        if not self._values or (not self._held and _FIRST.search(piece) is None):
            return piece
        text = self._held + piece
        at = self._open_end(text)
        self._held = text[at:]
        return restore(text[:at], self._values, self._escape)

    def finish(self) -> str:
        """What waited."""
        text, self._held = self._held, ""
        return restore(text, self._values, self._escape)

    def _open_end(self, text: str) -> int:
        """Where a suffix begins that may become a token."""
        begin = max(0, len(text) - RESTORE_HOLD)
        # A token that is whole and reaches into the tail is no beginning of another.
        for whole in BENT.finditer(text, max(0, begin - RESTORE_HOLD)):
            begin = max(begin, whole.end())
        for match in _FIRST.finditer(text, begin):
            if _BEGINNING.match(text, match.start()):
                return match.start()
        return len(text)
