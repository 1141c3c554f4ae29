"""
Disguises undone: other readings of a text, each with the way back to it.

The gate tells by ``GATES`` where a text may be disguised; ``views`` looks there, and makes of it at most six
texts, one for each family of disguise: ``plain`` (characters that stand for others, or are not seen),
``decoded`` (escapes and encodings), ``joined`` (values taken apart), ``reversed``, ``rot13`` and ``words``
(numbers and signs written out). They are scanned as the text was, and may have views themselves: base64 of
base64 is one view of another.

Disguises are undone in place: "SSN: MTIzLTQ1LTY3ODk=" reads "SSN: 123-45-6789", so that the word that names a
value stays beside it. Where a text is long, a view holds only what is near its edits.

Bounds: the views of one text hold at most ``TIMES`` times its bytes and ``SPARE`` more together; a view that
would exceed that is left out, and so are those after it. Work is linear in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sensor.detect.views import decoded, flipped, joined, plain, words
from sensor.detect.views.mapping import View

__all__ = ["GATES", "ONCE", "SPARE", "TIMES", "View", "views"]

TIMES = 4
SPARE = 65536

GATES: tuple[tuple[str, str], ...] = (
    *plain.GATES,
    *decoded.GATES,
    *joined.GATES,
    *flipped.GATES,
    *words.GATES,
)
"""(hint, expression in bytes mode). A hint may stand in several entries, and begins with its view's name."""

ONCE: frozenset[str] = plain.ONCE | decoded.ONCE | joined.ONCE | flipped.ONCE | words.ONCE
"""Hints of which the first event of each entry is enough."""

Hints = Mapping[str, Sequence[int]]

_MAKERS: dict[str, Callable[[bytes, Hints], View | None]] = {
    "plain": plain.plain,
    "decoded": decoded.decoded,
    "joined": joined.joined,
    "reversed": flipped.flipped,
    "rot13": flipped.rotated,
    "words": words.words,
}


def views(data: bytes, hints: Hints) -> Iterator[View]:
    """
    The text as it reads without its disguises; nothing where there is nothing to undo.

    ``hints`` are the ends of the events of each hint that fired; those of others are not looked at.
    """
    if not hints:
        return
    families: dict[str, dict[str, Sequence[int]]] = {}
    for hint, ends in hints.items():
        families.setdefault(hint.partition(".")[0], {})[hint] = sorted(ends)
    left = TIMES * len(data) + SPARE
    for name, make in _MAKERS.items():
        if name not in families:
            continue
        view = make(data, families[name])
        if view is not None and len(view.data) <= left and view.data != data:
            left -= len(view.data)
            yield view
