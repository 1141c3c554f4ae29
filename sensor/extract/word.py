"""
WordprocessingML: the text of a document part, as it shows, as it stood before, and with what it hides.

A paragraph's visible text goes to the part's own kind. Where the paragraph holds a tracked deletion, its
text as it stood before goes to ``deleted`` once more; where it holds hidden runs, its text with all of them
goes to ``hidden``. White text is text: it shows on dark cells. Whole paragraphs, so that a value and the
words beside it stay together.

Source: ECMA-376 part 1, 17.3.2.41 (vanish), 17.13.5 (annotations: del, ins, moveFrom, moveTo), 17.16
(fields), 17.13.4 (comments), 17.11 (notes).
"""

from __future__ import annotations

from collections.abc import Iterator

from sensor.extract.source import Source
from sensor.extract.tables import Table
from sensor.extract.xmlwalk import Attributes, Walker, attribute, walk

__all__ = ["kind_of", "read_part"]

_KINDS = (
    ("header", "header"),
    ("footer", "footer"),
    ("footnotes", "note"),
    ("endnotes", "note"),
    ("comments", "comment"),
    ("people", "property"),
    ("glossary", "layout"),
    ("settings", "property"),
)
_OFF = ("0", "false", "off", "none")
_TYPED = ("descr", "title", "alt", "instr", "placeholder")


def kind_of(name: str) -> str:
    """What a part of a Word package is, by its name."""
    last = name.rpartition("/")[2].lower()
    if "/glossary/" in name.lower():
        return "layout"
    for prefix, kind in _KINDS:
        if last.startswith(prefix):
            return kind
    return "body"


class _Paragraph:
    __slots__ = ("all", "before", "changed", "hides", "shown")

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.before: list[str] = []
        self.all: list[str] = []
        self.changed = False
        self.hides = False


class _Document(Walker):
    def __init__(self, source: Source, kind: str, where: str) -> None:
        self.source = source
        self.kind = kind
        self.where = where
        self.paragraphs: list[_Paragraph] = [_Paragraph()]
        self.tables: list[tuple[Table, list[str], list[str]]] = []
        self.deleting = 0
        self.inserting = 0
        self.run_hidden = False
        self.in_run_properties = 0
        self.taking = False
        self.fallback = 0
        self.field: list[str] | None = None
        self.spare: list[str] = []
        self.recent: set[str] = set()

    # Text into the paragraph at hand.

    def put(self, text: str, *, deleted: bool = False) -> None:
        paragraph = self.paragraphs[-1]
        if deleted or self.deleting:
            paragraph.changed = True
            paragraph.before.append(text)
            return
        paragraph.all.append(text)
        if self.run_hidden:
            paragraph.hides = True
            return
        paragraph.shown.append(text)
        if not self.inserting:
            paragraph.before.append(text)

    def finish_paragraph(self) -> None:
        paragraph = self.paragraphs.pop() if len(self.paragraphs) > 1 else self.paragraphs[0]
        if paragraph is self.paragraphs[0]:
            self.paragraphs[0] = _Paragraph()
        shown = "".join(paragraph.shown)
        if len(self.recent) < 2_000:
            self.recent.add(shown.strip())
        if self.tables and len(self.paragraphs) == 1:
            if shown.strip():
                self.tables[-1][2].append(shown)
        else:
            self.source.say(self.kind, self.where, shown)
        if paragraph.changed:
            self.source.say("deleted", self.where, "".join(paragraph.before))
        if paragraph.hides:
            self.source.say("hidden", self.where, "".join(paragraph.all))

    def start(self, name: str, attributes: Attributes) -> None:
        if self.fallback:
            self.fallback += 1
            self.taking = name == "t"
            return
        if name in ("t", "delText", "instrText", "delInstrText"):
            self.taking = True
            if name in ("instrText", "delInstrText") and self.field is None:
                self.field = []
        elif name == "p":
            self.paragraphs.append(_Paragraph())
            if len(self.paragraphs) > 200:
                self.paragraphs.pop(1)
            self.run_hidden = False
        elif name == "r":
            self.run_hidden = False
        elif name == "rPr":
            self.in_run_properties += 1
        elif name in ("vanish", "webHidden", "specVanish"):
            if self.in_run_properties and attribute(attributes, "val").lower() not in _OFF:
                self.run_hidden = True
        elif name in ("tab", "ptab"):
            if not self.in_run_properties and "val" not in "".join(attributes):
                self.put("\t")
        elif name in ("br", "cr"):
            self.put("\n")
        elif name == "noBreakHyphen":
            self.put("-")
        elif name == "sym":
            self._symbol(attribute(attributes, "char"))
        elif name in ("del", "moveFrom") and not self.in_run_properties:
            self.deleting += 1
        elif name in ("ins", "moveTo") and not self.in_run_properties:
            self.inserting += 1
        elif name == "tbl":
            say = self.source.say
            kind, where = self.kind, self.where
            self.tables.append((Table(self.source.budget, lambda text: say(kind, where, text)), [], []))
        elif name == "Fallback":
            self.fallback = 1
        elif name in (
            "comment",
            "docVar",
            "alias",
            "bookmarkStart",
            "docPr",
            "cNvPr",
            "presenceInfo",
            "person",
        ):
            self._named(name, attributes)
        elif name in ("fldSimple", "hyperlink", "textpath", "imagedata", "shape"):
            for key in ("instr", "string", "title", "alt", "tooltip"):
                value = attribute(attributes, key)
                if value:
                    self.source.say("link" if key in ("instr", "tooltip") else "body", self.where, value)

    def _symbol(self, code: str) -> None:
        try:
            value = int(code, 16)
        except ValueError:
            return
        self.put(chr(value - 0xF000 if 0xF020 <= value <= 0xF0FF else value) if value < 0x11_0000 else "")

    def _named(self, name: str, attributes: Attributes) -> None:
        say, where = self.source.say, self.where
        if name == "docVar":
            say(
                "property", where, f"property {attribute(attributes, 'name')}: {attribute(attributes, 'val')}"
            )
        elif name == "comment":
            say("comment", where, attribute(attributes, "author") + ":")
        elif name == "bookmarkStart":
            bookmark = attribute(attributes, "name")
            if bookmark not in ("", "_GoBack"):
                say("name", where, bookmark)
        elif name == "alias":
            say("form", where, attribute(attributes, "val"))
        else:
            for key in ("descr", "title", "author", "userId"):
                value = attribute(attributes, key)
                if value:
                    say("property" if key in ("author", "userId") else self.kind, where, value)

    def end(self, name: str) -> None:
        if self.fallback:
            self.fallback -= 1
            self.taking = False
            if name == "p" or not self.fallback:
                spare = "".join(self.spare).strip()
                self.spare.clear()
                # The fallback of a text box says the same once more; where it does not, somebody meant it.
                if spare and spare not in self.recent:
                    self.source.say("hidden", self.where, spare)
            return
        if name in ("t", "delText", "instrText", "delInstrText"):
            self.taking = False
            if name in ("instrText", "delInstrText") and self.field is not None:
                instruction, self.field = "".join(self.field).strip(), None
                # PAGE, TOC and their like say nothing.
                if '"' in instruction or len(instruction) > 24:
                    self.source.say("link", self.where, instruction)
        elif name == "p":
            self.finish_paragraph()
        elif name == "rPr":
            self.in_run_properties = max(0, self.in_run_properties - 1)
        elif name in ("del", "moveFrom") and not self.in_run_properties:
            self.deleting = max(0, self.deleting - 1)
        elif name in ("ins", "moveTo") and not self.in_run_properties:
            self.inserting = max(0, self.inserting - 1)
        elif name == "r":
            self.run_hidden = False
        elif self.tables:
            table, cells, cell = self.tables[-1]
            if name == "tc":
                cells.append("\n".join(cell))
                cell.clear()
            elif name == "tr":
                table.row(cells)
                cells.clear()
            elif name == "tbl":
                self.tables.pop()

    def text(self, data: str) -> None:
        if self.taking:
            if self.fallback:
                self.spare.append(data)
            elif self.field is not None:
                self.field.append(data)
            else:
                self.put(data)


def read_part(source: Source, where: str, chunks: Iterator[bytes]) -> None:
    """One XML part under ``word/``."""
    document = _Document(source, kind_of(where), where)
    try:
        walk(source.budget, chunks, document)
    finally:
        while len(document.paragraphs) > 1:
            document.finish_paragraph()
        document.finish_paragraph()
        for _, cells, cell in document.tables:
            source.say(document.kind, where, "\t".join([*cells, *cell]))
