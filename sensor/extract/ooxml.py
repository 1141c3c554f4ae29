"""
Office Open XML packages (DOCX, XLSX, PPTX, VSDX and their macro and template kinds): every part, by what it
is.

A part with a reader of its own goes there; XML without one gives its plain text; anything else inside
(pictures, embedded documents, OLE objects, macros) is read as a file in a file. So text in a place that
nobody thought of is found too. What holds only formatting is left out.

Source: ECMA-376 parts 1 and 2 (5th edition); [MS-OI29500]; MSIP labels in docProps/custom.xml as Microsoft
Purview writes them (``MSIP_Label_<guid>_Name``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sensor.extract import sheets, slides, word
from sensor.extract.source import Source
from sensor.extract.xmlwalk import Attributes, Walker, attribute, plain_text, walk
from sensor.extract.zips import Archive, Member, open_archive

__all__ = ["read_ooxml"]

_FORMATTING = re.compile(
    r"(?i)(^|/)(theme/.*|themeOverride\d*|styles|stylesWithEffects|fontTable|webSettings|numbering|calcChain|"
    r"presProps|viewProps|tableStyles|volatileDependencies|colors\d*|style\d*|themeOverride\d*|"
    r"printerSettings\d*|activeX\d*\.bin|layout\d+|quickStyle\d+|vbaData|metadata)\.(xml|bin)$"
)
_PIVOT = frozenset(("v", "name", "caption", "u"))
_EMBEDDED_BYTES = 48 * 1024 * 1024


def read_ooxml(source: Source) -> None:
    """Everything in a package."""
    archive = open_archive(source.data, source.budget)
    names = [member.name for member in archive.members]
    book = sheets.Workbook(source, archive)
    for member in _in_order(archive.members):
        source.budget.member()
        with source.trying():
            _read_part(source, archive, member, book)
    with source.trying():
        book.finish()
    if archive.comment:
        source.say("comment", "zip comment", archive.comment)
    odd = [name for name in names if name.startswith("/") or ".." in name]
    if odd:
        source.say("name", "zip", "\n".join(odd))


def _in_order(members: list[Member]) -> Iterator[Member]:
    """Properties and main documents first: where a limit cuts, they are what is left."""

    def rank(member: Member) -> tuple[int, int]:
        name = member.name.lower()
        if name.startswith("docprops/"):
            return (0, 0)
        if name.endswith("/document.xml") or name.endswith("/workbook.xml"):
            return (1, 0)
        if name.endswith("/sharedstrings.xml") or re.fullmatch(r"xl/(styles|persons/.*|.*rels)\.?.*", name):
            return (2, 0)
        if "/media/" in name or "/embeddings/" in name or name.startswith("docprops/thumb"):
            return (9, 0)
        number = re.search(r"(\d+)\.xml$", name)
        return (5, int(number[1]) if number and len(number[1]) < 9 else 0)

    return iter(sorted(members, key=rank))


def _read_part(source: Source, archive: Archive, member: Member, book: sheets.Workbook) -> None:
    name = member.name
    lower = name.lower()
    if lower.endswith("/") or lower == "[content_types].xml":
        return
    chunks = archive.pieces(member)
    if lower.endswith(".rels"):
        _read_links(source, name, chunks)
    elif lower.startswith("docprops/") and lower.endswith(".xml"):
        read_properties(source, name, chunks)
    elif book.takes(lower):
        book.read(member)
    elif _FORMATTING.search(lower):
        return
    elif "/charts/" in lower and lower.endswith(".xml"):
        read_plain(source, "body", name, chunks)
    elif "/pivotcache/" in lower and lower.endswith(".xml"):
        # Rows that a pivot table was made of stand here even where their sheet is gone.
        plain_text(source.budget, chunks, lambda text: source.say("hidden", name, text), _PIVOT)
    elif lower.startswith("word/") and lower.endswith(".xml"):
        word.read_part(source, name, chunks)
    elif lower.startswith("ppt/") and lower.endswith(".xml"):
        slides.read_part(source, name, chunks)
    elif lower.endswith((".xml", ".vml")):
        kind = "comment" if "comment" in lower else "body"
        read_plain(source, kind, name, chunks)
    else:
        source.nested(archive.read(member, _EMBEDDED_BYTES), name, counted=True)


def read_plain(source: Source, kind: str, where: str, chunks: Iterator[bytes]) -> None:
    """The text of a part without a reader of its own."""
    plain_text(source.budget, chunks, lambda text: source.say(kind, where, text))


class _Links(Walker):
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attribute(attributes, "TargetMode").lower() == "external":
            self._say(attribute(attributes, "Target"))


def _read_links(source: Source, name: str, chunks: Iterator[bytes]) -> None:
    """Addresses that a part points to outside the package: hyperlinks, templates, linked data."""
    walk(source.budget, chunks, _Links(lambda text: source.say("link", name, text)))


class _Properties(Walker):
    """Core and app properties are elements with text; custom ones ``property`` elements with a name."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._path: list[str] = []
        self._named: str | None = None
        self._held: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self._path.append(name)
        self._held.clear()
        if name == "property":
            self._named = attribute(attributes, "name")
            linked = attribute(attributes, "linkTarget")
            if linked:
                self._say(f"property {self._named}: {linked}")

    def text(self, data: str) -> None:
        self._held.append(data)

    def end(self, name: str) -> None:
        value = " ".join("".join(self._held).split())
        self._held.clear()
        if self._path:
            self._path.pop()
        if value:
            label = self._named or (name if len(self._path) < 2 else self._path[1])
            self._say(f"property {label}: {value}")
        if name == "property":
            self._named = None


def read_properties(source: Source, name: str, chunks: Iterator[bytes]) -> None:
    """Document properties, a line each."""
    walk(source.budget, chunks, _Properties(lambda text: source.say("property", name, text)))
