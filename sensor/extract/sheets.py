"""
SpreadsheetML: cells as rows of text, and all that a workbook keeps beside them.

Shared and inline strings, numbers as they read, formulas that hold text, hidden and very hidden sheets,
comments and threaded comments, defined names, headers and footers, validation lists and messages, pivot
caches (which keep rows that were deleted from their sheet), values cached from other workbooks,
connections, and shared strings that no cell shows any more.

Source: ECMA-376 part 1, 18 (SpreadsheetML); [MS-XLSX] 2.6.204 (threaded comments).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensor.extract.numbers import BUILT_IN, format_number
from sensor.extract.source import Source
from sensor.extract.tables import Table
from sensor.extract.xmlwalk import Attributes, Walker, attribute, walk
from sensor.extract.zips import Archive, Member

__all__ = ["Workbook"]

_STRINGS = 2_000_000
_STRING_BYTES = 64 * 1024 * 1024
_COLUMNS = 16_384
_WIDE = 512
"""Columns beyond which a row's empty cells are no longer kept in their places."""
_REFERENCE = re.compile(r"([A-Z]{1,3})")
_TEXT_IN_FORMULA = re.compile(r'"((?:[^"]|"")*)"')
_SHEET = re.compile(r"xl/(worksheets|chartsheets|dialogsheets|macrosheets)/[^/]+\.xml$")


def _column(reference: str) -> int | None:
    found = _REFERENCE.match(reference)
    if found is None:
        return None
    number = 0
    for char in found[1]:
        number = number * 26 + ord(char) - 64
    return number - 1 if number <= _COLUMNS else None


class Workbook:
    """What the parts of a workbook tell about each other, and their reading."""

    def __init__(self, source: Source, archive: Archive) -> None:
        self.source = source
        self.archive = archive
        self.strings: list[str] = []
        self.shown = bytearray()
        """A flag for each shared string: a cell shows it."""
        self.formats: list[str] = []
        self.base_1904 = False
        self.sheet_names: dict[str, tuple[str, str]] = {}
        """Relationship id to (name, state), and later part name to the same."""
        self.read_sheets = 0

    def takes(self, name: str) -> bool:
        """Whether a part (lower-case name) is one of ours."""
        return name in ("xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml") or bool(
            _SHEET.match(name)
        )

    def read(self, member: Member) -> None:
        """Read one of our parts."""
        name = member.name
        lower = name.lower()
        chunks = self.archive.pieces(member)
        if lower.endswith("workbook.xml"):
            walk(self.source.budget, chunks, _Book(self))
            self._resolve()
        elif lower.endswith("sharedstrings.xml"):
            walk(self.source.budget, chunks, _Strings(self))
        elif lower.endswith("styles.xml"):
            walk(self.source.budget, chunks, _Styles(self))
        else:
            self._read_sheet(lower, chunks)

    def _resolve(self) -> None:
        """Relationship ids to part names."""
        rels = next((m for m in self.archive.members if m.name.lower() == "xl/_rels/workbook.xml.rels"), None)
        if rels is not None:
            targets = _Targets()
            walk(self.source.budget, self.archive.pieces(rels), targets)
            for key, target in targets.found.items():
                if key in self.sheet_names:
                    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    self.sheet_names[path.lower()] = self.sheet_names[key]

    def label(self, part: str) -> tuple[str, str]:
        """What a sheet is called in ``where``, and its kind."""
        name, state = self.sheet_names.get(part, (part.rpartition("/")[2].removesuffix(".xml"), ""))
        if state == "hidden":
            return f"sheet {name} (hidden)", "hidden"
        if state.lower() == "veryhidden":
            return f"sheet {name} (very hidden)", "hidden"
        return f"sheet {name}", "sheet"

    def _read_sheet(self, part: str, chunks: Iterator[bytes]) -> None:
        where, kind = self.label(part)
        self.read_sheets += 1
        sheet = _Sheet(self, kind, where)
        try:
            walk(self.source.budget, chunks, sheet)
        finally:
            sheet.finish_row()

    def finish(self) -> None:
        """Shared strings that no cell shows."""
        if not self.read_sheets:
            for text in self.strings:
                self.source.say("sheet", "shared strings", text)
            return
        for index, text in enumerate(self.strings):
            if not self.shown[index]:
                self.source.say("deleted", "shared strings without a cell", text)


class _Targets(Walker):
    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            self.found[attribute(attributes, "Id")] = attribute(attributes, "Target")


class _Book(Walker):
    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.named: str | None = None
        self.held: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        source = self.book.source
        if name == "sheet":
            title, state = attribute(attributes, "name"), attribute(attributes, "state")
            self.book.sheet_names[attribute(attributes, "id")] = (title, state)
            source.say("name", "sheet names", title)
        elif name == "workbookPr":
            self.book.base_1904 = attribute(attributes, "date1904").lower() in ("1", "true", "on")
        elif name == "definedName":
            self.named = attribute(attributes, "name")
            comment = attribute(attributes, "comment")
            if comment:
                source.say("name", "defined names", f"{self.named}: {comment}")
        elif name in ("fileSharing", "externalReference", "absPath"):
            for key in ("userName", "url"):
                value = attribute(attributes, key)
                if value:
                    source.say("property", "xl/workbook.xml", f"property {key}: {value}")

    def text(self, data: str) -> None:
        if self.named is not None:
            self.held.append(data)

    def end(self, name: str) -> None:
        if name == "definedName" and self.named is not None:
            self.book.source.say("name", "defined names", f"{self.named}: {''.join(self.held)}")
            self.named = None
            self.held.clear()


class _Strings(Walker):
    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.held: list[str] = []
        self.taking = False
        self.phonetic = 0
        self.size = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "t":
            self.taking = not self.phonetic
        elif name == "rPh":
            self.phonetic += 1

    def text(self, data: str) -> None:
        if self.taking:
            self.held.append(data)
            self.size += len(data)

    def end(self, name: str) -> None:
        if name == "t":
            self.taking = False
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "si":
            budget = self.book.source.budget
            budget.tick()
            if len(self.book.strings) >= _STRINGS or self.size > _STRING_BYTES:
                budget.problem("too_many")
                self.held.clear()
                return
            self.book.strings.append("".join(self.held))
            self.book.shown.append(0)
            self.held.clear()


class _Styles(Walker):
    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.codes: dict[str, str] = {str(number): code for number, code in BUILT_IN.items()}
        self.in_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self.codes[attribute(attributes, "numFmtId")] = attribute(attributes, "formatCode")[:200]
        elif name == "cellXfs":
            self.in_cells = True
        elif name == "xf" and self.in_cells and len(self.book.formats) < 65_536:
            self.book.formats.append(self.codes.get(attribute(attributes, "numFmtId"), ""))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.in_cells = False


_SIDES = frozenset("oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter".split())
_TOLD = ("prompt", "promptTitle", "error", "errorTitle", "tooltip", "display", "name", "title", "descr")
_TELLING = frozenset(
    "dataValidation hyperlink protectedRange scenario inputCells cNvPr cellSmartTagPr".split()
)
_HEADER_CODES = re.compile(r'&"[^"]*"|&K[0-9A-Fa-f]{6}|&\d+|&[A-Za-z]')


class _Sheet(Walker):
    """Cells in rows; the row is said when the next one opens."""

    def __init__(self, book: Workbook, kind: str, where: str) -> None:
        self.book = book
        self.source = book.source
        self.kind = kind
        self.where = where
        self.table = Table(self.source.budget, lambda text: self.source.say(kind, where, text))
        self.cells: list[str] = []
        self.held: list[str] = []
        self.taking = False
        self.formula: list[str] | None = None
        self.type = ""
        self.style = ""
        self.column = 0
        self.value = ""
        self.in_cell = False

    def finish_row(self) -> None:
        if self.cells:
            self.table.row(self.cells)
            self.cells = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self.source.budget.cell()
            self.in_cell = True
            self.type = attributes.get("t", "")
            self.style = attributes.get("s", "")
            found = _column(attributes.get("r", ""))
            self.column = len(self.cells) if found is None else found
            self.value = ""
        elif name in ("v", "t"):
            self.taking = True
        elif name == "f":
            self.formula = []
        elif name == "row":
            self.finish_row()
        elif name in _SIDES or name in ("formula1", "formula2", "formula"):
            self.taking = True
            self.held.clear()
        elif name in _TELLING:
            for key in _TOLD:
                value = attribute(attributes, key)
                if value:
                    kind = "link" if name == "hyperlink" else "form"
                    self.source.say(kind, f"{self.where} {name}", value)
            if name == "inputCells":
                self.source.say("hidden", f"{self.where} scenario", attribute(attributes, "val"))

    def text(self, data: str) -> None:
        if self.taking:
            self.held.append(data)
        elif self.formula is not None:
            self.formula.append(data)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            if name == "v" or self.type != "s":
                self.value += "".join(self.held)
            self.held.clear()
            self.taking = False
        elif name == "c":
            self._finish_cell()
        elif name == "f" and self.formula is not None:
            formula = "".join(self.formula)
            self.formula = None
            if '"' in formula:
                for literal in _TEXT_IN_FORMULA.findall(formula[:8192]):
                    if len(literal) > 3:
                        self.source.say("form", f"{self.where} formulas", literal.replace('""', '"'))
        elif name in _SIDES:
            side = "header" if name.endswith("Header") else "footer"
            text = _HEADER_CODES.sub(" ", "".join(self.held).replace("&&", "\0")).replace("\0", "&")
            self.source.say(side, f"{self.where} {name}", text)
            self.held.clear()
            self.taking = False
        elif name in ("formula1", "formula2", "formula"):
            if '"' in "".join(self.held):
                self.source.say("form", f"{self.where} validation", "".join(self.held))
            self.held.clear()
            self.taking = False

    def _finish_cell(self) -> None:
        self.in_cell = False
        value = self.value
        if not value:
            return
        book = self.book
        if self.type == "s":
            index = int(value) if value.isdigit() and len(value) < 10 else -1
            if 0 <= index < len(book.strings):
                book.shown[index] = 1
                value = book.strings[index]
            else:
                value = ""
        elif self.type == "b":
            value = {"1": "TRUE", "0": "FALSE"}.get(value, value)
        elif self.type in ("", "n"):
            style = int(self.style) if self.style.isdigit() and len(self.style) < 6 else 0
            code = book.formats[style] if style < len(book.formats) else ""
            value = format_number(value, code, book.base_1904)
        if len(self.cells) < self.column <= _WIDE:
            self.cells.extend([""] * (self.column - len(self.cells)))
        self.cells.append(value)
