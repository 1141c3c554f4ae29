"""
The view ``decoded``: escapes and encodings undone, all in one text.

``escapes`` has what stands for single characters, ``encodings`` what stands for a whole value. Where an
escape stands inside an encoded token, the token counts.

Bound: the text's length and ``encodings.INFLATED`` bytes more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sensor.detect.views import encodings, escapes
from sensor.detect.views.mapping import View, settle, splice

__all__ = ["GATES", "ONCE", "decoded"]

GATES: tuple[tuple[str, str], ...] = (*escapes.GATES, *encodings.GATES)
ONCE: frozenset[str] = escapes.ONCE | encodings.ONCE


def decoded(data: bytes, hints: Mapping[str, Sequence[int]]) -> View | None:
    """The view, where a hint of this module holds what it promised."""
    return splice("decoded", data, settle([*encodings.encodings(data, hints), *escapes.escapes(data, hints)]))
