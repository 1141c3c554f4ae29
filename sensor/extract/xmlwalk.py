"""
XML by expat, with handlers of our own, for documents made of XML (Office, OpenDocument, XMP).

Promise: no entity is ever expanded that is not one of XML's five; a declaration of an entity ends the
reading as a bomb; nothing outside the document is fetched. Names come without their namespace prefix: the
readers go by local names, as no two namespaces of these formats use one local name for text and for
something else.

Source: XML 1.0 (fifth edition) section 4; for tokens that span many chunks expat's CVE-2023-52425 (older
expat scans such a token again with each chunk, so chunks grow while nothing is found).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from xml.parsers import expat

from sensor.extract.budget import Budget, Stop

__all__ = ["Attributes", "Walker", "attribute", "plain_text", "walk"]

Attributes = dict[str, str]
_DEPTH = 2_000
_GROWN = 8 * 1024 * 1024
_SPACES = re.compile(r"[ \t\r\n]+")


class Walker:
    """Handlers of one walk; a subclass overrides what it wants."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element opens."""

    def end(self, name: str) -> None:
        """An element closes."""

    def text(self, data: str) -> None:
        """Character data; several calls may make up one text."""


class _Names(dict[str, str]):
    """Local names by qualified name."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(":")[2]
        if len(self) < 10_000:
            self[name] = local
        return local


def attribute(attributes: Mapping[str, str], local: str, default: str = "") -> str:
    """The attribute of that local name, whatever its prefix."""
    found = attributes.get(local)
    if found is not None:
        return found
    for name, value in attributes.items():
        if name.rpartition(":")[2] == local:
            return value
    return default


def walk(budget: Budget, chunks: Iterable[bytes], walker: Walker, *, encoding: str | None = None) -> None:
    """
    Feed a document to the walker.

    :raises Stop: ``bomb`` at an entity declaration, ``too_deep``, ``damaged`` where it is not well-formed
    """
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.buffer_size = 16 * 1024
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    names = _Names()
    depth = 0
    on_start, on_end = walker.start, walker.end

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise Stop("too_deep")
        on_start(names[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(names[name])

    def entity(*_: object) -> None:
        raise Stop("bomb")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = walker.text
    parser.EntityDeclHandler = entity
    held: list[bytes] = []
    size, wanted = 0, 1
    try:
        for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size < wanted:
                continue
            before = parser.CurrentByteIndex
            parser.Parse(b"".join(held), False)
            held, size = [], 0
            stuck = parser.CurrentByteIndex == before
            wanted = min(max(wanted * 2, 128 * 1024), _GROWN) if stuck else 1
            budget.check_time()
        parser.Parse(b"".join(held), True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Stop("damaged") from None
    finally:
        # The handlers hold the walker, and the parser the handlers.
        for handler in (
            "StartElementHandler",
            "EndElementHandler",
            "CharacterDataHandler",
            "EntityDeclHandler",
        ):
            setattr(parser, handler, None)


class _Plain(Walker):
    """All text, a line for each element that holds some, and the attributes that people write into."""

    def __init__(self, say: Callable[[str], None], attributes: frozenset[str]) -> None:
        self._say = say
        self._wanted = attributes
        self._held: list[str] = []

    def _flush(self) -> None:
        if self._held:
            line = _SPACES.sub(" ", "".join(self._held)).strip()
            self._held.clear()
            if line:
                self._say(line)

    def start(self, name: str, attributes: Attributes) -> None:
        self._flush()
        for key, value in attributes.items():
            if len(value) > 1 and key.rpartition(":")[2] in self._wanted:
                self._say(value)

    def end(self, name: str) -> None:
        self._flush()

    def text(self, data: str) -> None:
        self._held.append(data)


WORDS = frozenset(
    """
    name title descr description alt tooltip author displayName userId url target href connection command
    sourceFile text value label caption instr content prompt promptTitle error errorTitle linkTarget initials
    """.split()
)
"""Attributes that hold what people typed."""


def plain_text(
    budget: Budget, chunks: Iterable[bytes], say: Callable[[str], None], attributes: frozenset[str] = WORDS
) -> None:
    """The text of any XML: its character data and the attributes named, a line each."""
    walk(budget, chunks, _Plain(say, attributes))
