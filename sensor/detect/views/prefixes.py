"""
How well-known secrets begin: what a disguised one is known by.

Source: the vendors' own pages on the format of their keys, as the detectors cite them (read 2026-11).
"""

from __future__ import annotations

import codecs

__all__ = ["COUNTRIES", "PREFIXES", "SUFFIXES", "expression", "reverse", "rot13"]

PREFIXES: tuple[str, ...] = tuple(
    """
    ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- AKIA ASIA xoxb- xoxp- xoxa- xoxs- xapp- sk_live_
    sk_test_ rk_live_ pk_live_ whsec_ sk-ant- sk-proj- sk-or- hf_ npm_ pypi- rubygems_ dop_v1_ hvs. shpat_
    shpss_ AIza ya29. SG. key- dapi PMAK- sq0atp- lin_api_ ntn_ figd_ gsk_ r8_ pplx- eyJhbGci eyJ0eXAi
    tskey- pul- dckr_pat_
    """.split()
)
"""Distinctive beginnings; each is followed by random letters and digits."""

COUNTRIES: tuple[str, ...] = tuple(
    """
    AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK
    """.split()
)
"""Countries whose IBANs are looked for in disguise."""

SUFFIXES: tuple[str, ...] = tuple(
    "com org net edu gov info de fr es it pt nl ch at be uk eu pl se dk fi no ie io br".split()
)
"""Ends of host names that an e-mail address in disguise is known by."""


def rot13(text: str) -> str:
    """Each ASCII letter moved by thirteen places."""
    return codecs.encode(text, "rot13")


def reverse(text: str) -> str:
    """The text from its end."""
    return text[::-1]


def expression(values: tuple[str, ...]) -> str:
    """An alternation of literals for the gate."""
    return (
        "(?:"
        + "|".join("".join(c if c.isalnum() or c == "_" else "\\" + c for c in value) for value in values)
        + ")"
    )
