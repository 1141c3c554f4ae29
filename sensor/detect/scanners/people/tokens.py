"""
Text to tokens: runs of letters and digits, signs, line ends, each with its place.

``O'Brien`` and ``Jean-Luc`` are three tokens each: a name grows together again when its parts are judged.
"""

from __future__ import annotations

import re

__all__ = ["spans_of", "tokens_of"]

_TOKEN = re.compile(r" ?(\w+|[^\w\s]|\n)")
"""The blank before is taken along, so that hardly a place is tried where no token begins."""
_PLAIN = re.compile(r"[A-Za-z0-9_]+|[^A-Za-z0-9_\s]|\n")
"""The same for ASCII alone, which is quicker."""


def tokens_of(text: str) -> list[str]:
    """The tokens in order."""
    return (_PLAIN if text.isascii() else _TOKEN).findall(text)


def spans_of(text: str) -> list[tuple[int, int]]:
    """Where they stand."""
    return [match.span(1) for match in _TOKEN.finditer(text)]
