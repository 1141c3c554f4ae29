"""
A kind of identifier: the shapes that it is written in, its check, and what is taken for it without either.

A shape is written with ``#`` for a digit, ``@`` for a letter, ``*`` for either, and anything else for itself;
parentheses make it optional. Between any two signs one separator may stand, so ``#########`` is also
``123-45-6789``. Several shapes are parted by ``|``, the longest first where one begins with another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["LOOSE", "Kind", "Loose", "finder_of", "lead_of", "shape_to_expression"]


class Kind(NamedTuple):
    """How an identifier is written and checked."""

    shapes: str = ""
    check: str = ""
    """The name of a validator."""
    loose: str = "code"
    """What is taken right behind the word, whatever its shape: a key of ``LOOSE``, or nothing."""
    expression: str = ""
    """A regular expression in place of shapes."""
    proofs: str = ""
    """Validators any of which proves it, for words that name no country: a key of ``proofs.PROOFS``."""
    plain: bool = False
    """The shape says little (a few digits): only right behind the word."""


_SEPARATOR = "[ .\\-/\u00a0\u00b7\u2010-\u2013]?"
_SIGNS = {"#": "[0-9]", "@": "[A-Za-z]", "*": "[0-9A-Za-z]"}


def shape_to_expression(shape: str) -> str:
    """A shape as a regular expression."""
    made = ""
    for group, signs in re.findall(r"\(([^)]*)\)|([^()]+)", shape):
        pieces = [_SIGNS.get(sign, re.escape(sign)) for sign in group or signs if sign not in " -./"]
        joined = _SEPARATOR.join(pieces)
        if signs:
            made += (_SEPARATOR if made and not made.endswith(_SEPARATOR + ")?") else "") + joined
        elif made:
            # What may follow stands in brackets too: A123456(7).
            made += f"(?:{_SEPARATOR}[(]?{joined}[)]?)?"
        else:
            made = f"(?:{joined}{_SEPARATOR})?"
    return made


@lru_cache(maxsize=1024)
def finder_of(kind: Kind) -> re.Pattern[str] | None:
    """What finds a kind's shapes in a text, not inside longer numbers; ``None`` where it has none."""
    if kind.expression:
        body = kind.expression
    elif kind.shapes:
        body = "|".join(map(shape_to_expression, kind.shapes.split("|")))
    else:
        return None
    flags = 0 if kind.expression else re.IGNORECASE
    return re.compile(
        r"(?<![0-9A-Za-zÀ-ɏ])(?<![0-9][.\-/])(?<![+$€£@])(?<![0-9] )(?:"
        + body
        + r")(?![0-9A-Za-zÀ-ɏ])(?![.\-/,:][0-9])(?! [0-9]{2,4}(?![0-9]|[.\-/][0-9]))",
        flags,
    )


WINDOW = 176
"""As many characters as are ever read behind a word."""


def lead_of(kind: Kind) -> int:
    """Characters that may stand in a value of its shape before its first digit, at most."""
    lead = 0
    for shape in kind.shapes.split("|"):
        signs = re.sub(r"[-() ./]", "", shape)
        digit = re.search(r"[0-9#]", signs)
        if digit is None and "*" not in signs:
            return WINDOW
        lead = max(lead, 2 * (digit.start() if digit is not None else len(signs)))
    return lead


class Loose(NamedTuple):
    """What is taken for an identifier of a family right behind a word that names it."""

    shortest: int
    longest: int
    """Letters and digits."""
    digits: int
    """At least so many of them."""


LOOSE = {
    "code": Loose(5, 22, 4),
    "document": Loose(5, 20, 3),
    "record": Loose(4, 20, 3),
    "plate": Loose(3, 10, 1),
}
