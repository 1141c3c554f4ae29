"""
A detector as its file describes it, and the set of all of them.

Values only: how files are read stands in ``loading``, how texts are scanned in ``engine``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = [
    "GROUPS", "LETTERS", "Context", "Detector", "DetectorSet", "Example",
]  # fmt: skip

LETTERS = {
    "secret": "SK",
    "payment": "PY",
    "national_id": "ID",
    "tax_id": "TX",
    "contact": "CT",
    "person": "PN",
    "address": "AD",
    "date": "DT",
    "travel": "TR",
    "vehicle": "VH",
    "health": "HL",
    "network": "NW",
    "code": "CD",
    "document": "DC",
    "money": "MN",
    "custom": "CU",
}
"""Group to the two letters of its redaction tokens, where a detector names none of its own."""

GROUPS = frozenset(LETTERS)

REPORT_ONLY_GROUPS = frozenset({"code", "document"})
"""What is told and not replaced unless asked: a label or a page of source code is no value to hide."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, and the spans in it that must be found (none: the type must not be found at all)."""

    text: str
    spans: tuple[tuple[int, int], ...]
    """Code points of ``text``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Words near a value that say what it is."""

    words: tuple[tuple[str, str], ...] = ()
    """(language, word), caseless."""
    near: int = 64
    """Bytes between word and value; half of it where the word stands behind the value."""
    required: bool = False
    """Without a word near it is not one."""
    boost: float = 0.3
    """Added to the score where a word is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One kind of sensitive text and how it is known."""

    id: str
    name: str
    type: str
    group: str
    letters: str
    """Two capitals: what a redaction token of it says."""
    grade: str
    """``A``: alone; ``B``: by checksum, better with context; ``C``: only with context."""
    score: float
    source: str
    gate: tuple[tuple[str, str], ...] = ()
    """(tag, hyperscan expression): what makes the engine look."""
    words: tuple[tuple[str, str], ...] = ()
    """(tag, name of a word list): literals of the gate."""
    only_in: tuple[tuple[str, str], ...] = ()
    """(tag, ``prose`` or ``code``): gate expressions that are looked for in such text alone."""
    pattern: str | None = None
    window: tuple[int, int] = (64, 256)
    """Bytes before and behind the end of a gate's match in which ``pattern`` is looked for."""
    scanner: str | None = None
    validators: tuple[str, ...] = ()
    entropy: float = 0.0
    """Bits per character that the value has to have."""
    context: Context = field(default_factory=Context)
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    report_only: bool = False
    """Told, and not replaced unless asked."""
    examples: tuple[Example, ...] = ()
    counter_examples: tuple[Example, ...] = ()
    own: bool = False
    """From a user's own folder."""


@dataclass(frozen=True, slots=True)
class DetectorSet:
    """Everything that an engine is built from."""

    detectors: Sequence[Detector]
    """By id. Those of a kept set are made one by one, when they are asked for."""
    words: Mapping[str, tuple[str, ...]]
    """Word lists by the name that a detector gives under ``words:``."""
    hash: str
    """SHA-256 of the texts, hex."""
    ids: tuple[str, ...] = ()
    """Of the detectors, in their order."""

    def __post_init__(self) -> None:
        if not self.ids:
            object.__setattr__(self, "ids", tuple(detector.id for detector in self.detectors))
