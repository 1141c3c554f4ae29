"""
The text of files: everything that a person, a program or a later reader could find in them.

``extract`` and ``Extractor`` read a file in a process that can be killed, with limits, and always answer;
``sniff`` says what a file is. Body, tables, headers, comments, notes, deleted and hidden text, properties,
embedded files, each a ``Part`` with its place.

Rule 1: a file is never trusted: not its name, its type, its lengths, or what it says of itself.
Rule 2: nothing is run, fetched, written or decoded that is not text.
Rule 3: what could not be read is said (``Extraction.problems``), never passed over.

Layer by layer: ``model`` (what is asked and answered), ``parent`` (this process), ``frames`` (between the
two), ``child`` and ``sandbox`` (the other process), ``reading`` and ``source`` (which reader, files in
files), ``budget`` and ``inflating`` (limits), then a module for each family of formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sensor.extract.model import FORMATS, KINDS, PROBLEMS, Extraction, Limits, Part
from sensor.extract.sniffing import sniff

if TYPE_CHECKING:
    from sensor.extract.parent import Extractor, extract, extract_async

__all__ = [
    "FORMATS", "KINDS", "PROBLEMS", "Extraction", "Extractor", "Limits", "Part", "extract", "extract_async",
    "sniff",
]  # fmt: skip

_OF_PARENT = ("Extractor", "extract", "extract_async")


def __getattr__(name: str) -> object:
    """
    The calling side, when it is asked for.

    The child imports this package too, and would pay 40 ms for asyncio and its like, which it never uses.
    """
    if name in _OF_PARENT:
        from sensor.extract import parent

        return getattr(parent, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
