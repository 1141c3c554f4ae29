"""
OpenDocument (text, sheets, slides, drawings; packaged or flat) and EPUB.

Body, headers and footers, notes, annotations, tracked changes (the deleted text stands in the file), hidden
sections, paragraphs, sheets and pages, form fields, and the metadata with the user's own properties.

Source: OpenDocument 1.3 parts 2 and 3 (3.3 encryption in the manifest; 5.5 change tracking; 7.7.15 hidden
text; 9 tables; 14.1 annotations; 16.29 drawing-page properties); EPUB 3.3 (package document, OCF).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensor.extract.budget import Stop
from sensor.extract.source import Source
from sensor.extract.tables import Table
from sensor.extract.xmlwalk import Attributes, Walker, attribute, plain_text, walk
from sensor.extract.zips import Archive, Member, open_archive

__all__ = ["read_epub", "read_odf"]

_MEMBER_BYTES = 48 * 1024 * 1024
_SPACES_MAX = 100
_BLOCKS = frozenset(("p", "h"))
_SKIPPED = frozenset(("script", "binary-data", "forms"))


def read_odf(source: Source) -> None:
    """A package or a flat XML document."""
    if not source.data.startswith(b"PK"):
        _read_xml(source, "document", iter([source.data]))
        return
    archive = open_archive(source.data, source.budget)
    manifest = archive.get("META-INF/manifest.xml")
    if manifest is not None and _is_encrypted(archive, manifest):
        source.budget.problem("encrypted")
    order = {"meta.xml": 0, "content.xml": 1, "styles.xml": 2}
    for member in sorted(archive.members, key=lambda m: order.get(m.name.rpartition("/")[2], 5)):
        source.budget.member()
        with source.trying():
            _read_member(source, archive, member)


def _is_encrypted(archive: Archive, manifest: Member) -> bool:
    try:
        return b"encryption-data" in archive.read(manifest, 4 * 1024 * 1024)
    except Stop as stop:
        if stop.whole:
            raise
        return False


def _read_member(source: Source, archive: Archive, member: Member) -> None:
    name = member.name
    last = name.rpartition("/")[2].lower()
    if name.endswith("/") or last in ("mimetype", "manifest.xml", "manifest.rdf", "layout-cache"):
        return
    if name.startswith(("Configurations2/", "ObjectReplacements/")):
        return  # how a program looked, and pictures of the objects
    if last in ("content.xml", "styles.xml", "meta.xml"):
        _read_xml(source, name, archive.pieces(member))
    elif last.endswith((".xml", ".rdf")):
        kind = "property" if last == "settings.xml" else "script" if name.startswith("Basic/") else "body"
        if last == "settings.xml":
            return
        plain_text(source.budget, archive.pieces(member), lambda text: source.say(kind, name, text))
    else:
        source.nested(archive.read(member, _MEMBER_BYTES), name, counted=True)


def _read_xml(source: Source, where: str, chunks: Iterator[bytes]) -> None:
    reader = _Document(source, where)
    try:
        walk(source.budget, chunks, reader)
    finally:
        reader.finish()


class _Document(Walker):
    def __init__(self, source: Source, where: str) -> None:
        self.source = source
        self.where = where
        self.path: list[str] = []
        self.places: list[tuple[int, str, str]] = []
        """(depth, kind, label) of the enclosing places: the last one counts."""
        self.lines: list[list[str]] = []
        """Paragraphs that are open: notes and annotations stand inside others."""
        self.tables: list[tuple[Table, list[str], list[str], str]] = []
        self.styles: dict[str, bool] = {}
        """Style name to whether it hides."""
        self.style_name = ""
        self.meta: str | None = None
        self.held: list[str] = []
        self.page = 0
        self.skip = 0

    # Places.

    def place(self) -> tuple[str, str]:
        if self.places:
            _, kind, label = self.places[-1]
            return kind, label
        return "body", self.where

    def enter(self, kind: str, label: str) -> None:
        self.places.append((len(self.path), kind, label))

    def say(self, text: str) -> None:
        kind, label = self.place()
        self.source.say(kind, label, text)

    def start(self, name: str, attributes: Attributes) -> None:
        self.path.append(name)
        if self.skip or name in _SKIPPED and name != "forms":
            self.skip += 1
            return
        if name in _BLOCKS:
            self.lines.append([])
            if self.styles.get(attribute(attributes, "style-name")):
                self.enter("hidden", f"{self.where} (hidden)")
        elif name == "s":
            count = attribute(attributes, "c", "1")
            self.put(" " * min(int(count) if count.isdigit() and len(count) < 9 else 1, _SPACES_MAX))
        elif name == "tab":
            self.put("\t")
        elif name == "line-break":
            self.put("\n")
        elif name in ("annotation", "note-body", "notes", "deletion", "header", "footer", "header-left",
                      "footer-left", "header-first", "footer-first", "region-left", "region-right",
                      "hidden-text",
                      "hidden-paragraph", "section", "master-page", "page", "table", "title", "desc",
                      "shape"):  # fmt: skip
            self._enter_named(name, attributes)
        elif name in ("table-cell", "covered-table-cell"):
            self._cell(attributes)
        elif name == "style":
            self.style_name = attribute(attributes, "name")
        elif name in ("text-properties", "table-properties", "drawing-page-properties"):
            self._style(name, attributes)
        elif self.path[:-1] and self.path[-2] == "meta":
            self.meta = attribute(attributes, "name") or name
            self.held.clear()
            for key in ("template", "href", "title"):
                value = attribute(attributes, key)
                if name == "template" and value:
                    self.source.say("property", self.where, f"property template: {value}")
        elif name == "span" and self.styles.get(attribute(attributes, "style-name")):
            self.enter("hidden", f"{self.where} (hidden)")
            self.lines.append([])
        elif name in ("a", "image", "object", "frame", "named-range", "user-field-decl", "variable-set",
                      "bookmark", "bookmark-start", "text-input", "database-range", "content-validation",
                      "help-message", "error-message", "placeholder", "hidden-text", "database-source-table",
                      "connection-resource", "textarea", "hidden", "listbox", "combobox", "option",
                      "label"):  # fmt: skip
            self._told(name, attributes)

    def _enter_named(self, name: str, attributes: Attributes) -> None:
        if name == "annotation":
            self.enter("comment", f"{self.where} comments")
        elif name in ("note-body", "notes"):
            label = f"page {self.page} notes" if name == "notes" and self.page else f"{self.where} notes"
            self.enter("note", label)
        elif name == "deletion":
            self.enter("deleted", f"{self.where} tracked changes")
        elif name.startswith(("header", "footer")) or name.startswith("region"):
            kind = "footer" if name.startswith("footer") else "header"
            self.enter(kind if not name.startswith("region") else self.place()[0], f"{self.where} {kind}")
        elif name in ("hidden-text", "hidden-paragraph"):
            text = attribute(attributes, "string-value")
            self.enter("hidden", f"{self.where} (hidden)")
            if text:
                self.say(text)
        elif name == "section":
            if attribute(attributes, "display") in ("none", "condition"):
                self.enter("hidden", f"section {attribute(attributes, 'name')} (hidden)")
        elif name == "master-page":
            self.enter("layout", f"{self.where} master {attribute(attributes, 'name')}")
        elif name == "page" and "page" not in self.path[:-1]:
            self.page += 1
            title = attribute(attributes, "name")
            hidden = self.styles.get(attribute(attributes, "style-name"), False)
            self.enter("hidden" if hidden else "slide", f"page {self.page}{' (hidden)' if hidden else ''}")
            if title and not re.fullmatch(r"(page|Slide|Folie|Diapo)\s*\d+", title):
                self.source.say("name", "page names", title)
        elif name == "table":
            self._table(attributes)
        elif name in ("title", "desc"):
            if self.path[:-1] and self.path[-2] == "meta":
                self.meta = name
                self.held.clear()
            else:
                self.lines.append([])

    def _table(self, attributes: Attributes) -> None:
        title = attribute(attributes, "name")
        if "spreadsheet" in self.path and not self.tables:
            hidden = self.styles.get(attribute(attributes, "style-name"), False)
            label = f"sheet {title}{' (hidden)' if hidden else ''}"
            self.enter("hidden" if hidden else "sheet", label)
            self.source.say("name", "sheet names", title)
        kind, label = self.place()
        say = self.source.say
        table = Table(self.source.budget, lambda line: say(kind, label, line))
        self.tables.append((table, [], [], ""))

    def _cell(self, attributes: Attributes) -> None:
        if not self.tables:
            return
        table, cells, _, _ = self.tables[-1]
        value = ""
        kind = attribute(attributes, "value-type")
        if kind in ("float", "currency", "percentage"):
            value = attribute(attributes, "value")
        elif kind in ("date", "time", "string", "boolean"):
            value = attribute(attributes, f"{kind}-value")
        if value or "formula" in "".join(attributes):
            formula = attribute(attributes, "formula")
            if '"' in formula:
                self.source.say("form", f"{self.place()[1]} formulas", formula)
        repeated = attribute(attributes, "number-columns-repeated", "1")
        empty = min(int(repeated) if repeated.isdigit() and len(repeated) < 9 else 1, 64) - 1
        self.tables[-1] = (table, cells, [], value)
        # A repeated cell is told once; its neighbours stay in their columns.
        self.path[-1] = f"table-cell {empty}"
        self.source.budget.cell()

    def _style(self, name: str, attributes: Attributes) -> None:
        if name == "text-properties":
            hides = attribute(attributes, "display") == "none"
        elif name == "table-properties":
            hides = attribute(attributes, "display") == "false"
        else:
            hides = attribute(attributes, "visibility") == "hidden"
        if hides and self.style_name and len(self.styles) < 50_000:
            self.styles[self.style_name] = True

    def _told(self, name: str, attributes: Attributes) -> None:
        for key in ("href", "string-value", "name", "description", "help", "value", "cell-range-address",
        "title",
                    "current-value", "label", "table-name"):  # fmt: skip
            value = attribute(attributes, key)
            if not value or value.startswith(("#", "Pictures/", "./Object", "ObjectReplacements", "./")):
                continue
            if key == "name" and name in ("frame", "image", "object", "a"):
                continue
            kind = "link" if key == "href" else "name" if key in ("name", "cell-range-address") else "form"
            self.source.say(kind, self.where, value)

    def put(self, text: str) -> None:
        if self.lines:
            self.lines[-1].append(text)

    def text(self, data: str) -> None:
        if self.skip:
            return
        if self.meta is not None:
            self.held.append(data)
        elif self.path and self.path[-1] in ("creator", "date", "sender-initials", "creator-initials"):
            if data.strip() and self.path[-1] == "creator":
                self.say(f"{data.strip()}:")
        elif self.lines:
            self.lines[-1].append(data)
        elif data.strip() and self.path:
            self.say(" ".join(data.split()))

    def end(self, name: str) -> None:
        opened = self.path.pop() if self.path else name
        if self.skip:
            self.skip -= 1
            return
        if name in _BLOCKS or name in ("span", "title", "desc") and self.lines and self._owns(name):
            self._finish_line(name)
        if self.meta is not None and self.path and self.path[-1] == "meta":
            value = " ".join("".join(self.held).split())
            if value:
                self.source.say("property", self.where, f"property {self.meta}: {value}")
            self.meta = None
            self.held.clear()
        if self.tables:
            table, cells, cell, value = self.tables[-1]
            if name in ("table-cell", "covered-table-cell"):
                text = "\n".join(cell)
                # What shows may be rounded or masked: a value that it does not say is told too.
                if value and value not in text and not _same(value, text):
                    text = f"{text} {value}".strip()
                cells.append(text)
                if text == "" and opened.startswith("table-cell ") and len(cells) < 512:
                    cells.extend([""] * int(opened.rpartition(" ")[2]))
                self.tables[-1] = (table, cells, [], "")
            elif name == "table-row":
                table.row(cells)
                cells.clear()
            elif name == "table":
                self.tables.pop()
        while self.places and self.places[-1][0] > len(self.path):
            self.places.pop()

    def _owns(self, name: str) -> bool:
        """Whether a span opened a line of its own (it hides)."""
        return name != "span" or bool(self.places and self.places[-1][0] == len(self.path) + 1)

    def _finish_line(self, name: str) -> None:
        if not self.lines:
            return
        text = "".join(self.lines.pop())
        kind, label = self.place()
        if name == "span" and self.lines:
            # The hidden words with the paragraph so far, so that what they mean stands beside them.
            before = "".join(self.lines[-1])[-200:]
            self.source.say("hidden", label, f"{before}{text}")
            return
        if self.tables and kind not in ("comment", "note", "deleted"):
            self.tables[-1][2].append(text)
        else:
            self.source.say(kind, label, text)

    def finish(self) -> None:
        for line in self.lines:
            self.say("".join(line))
        for _, cells, cell, _ in self.tables:
            self.say("\t".join([*cells, *cell]))


def _same(value: str, text: str) -> bool:
    """Whether the shown text is the value written otherwise (12.50 for 12.5)."""
    try:
        return float(value) == float(text.replace(",", ""))
    except ValueError:
        return False


def read_epub(source: Source) -> None:
    """Every chapter and the package's metadata; encrypted chapters are told."""
    archive = open_archive(source.data, source.budget)
    for member in archive.members:
        source.budget.member()
        name = member.name
        lower = name.lower()
        if lower.endswith("/") or lower in ("mimetype", "meta-inf/container.xml"):
            continue
        with source.trying():
            if lower.endswith((".opf", ".ncx")):
                kind = "property" if lower.endswith(".opf") else "name"
                _read_package(source, kind, name, archive.pieces(member))
            elif lower.endswith("meta-inf/encryption.xml"):
                if b"EncryptedData" in archive.read(member, 1024 * 1024):
                    source.budget.problem("encrypted")
            elif lower.endswith((".css", ".ttf", ".otf", ".woff", ".woff2")):
                continue
            else:
                source.nested(archive.read(member, _MEMBER_BYTES), name, counted=True)


class _Package(Walker):
    """Dublin Core elements and ``meta`` pairs as properties; labels of a table of contents."""

    def __init__(self, source: Source, kind: str, where: str) -> None:
        self.source = source
        self.kind = kind
        self.where = where
        self.held: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.held.clear()
        if name == "meta" and attribute(attributes, "content"):
            label = attribute(attributes, "name") or attribute(attributes, "property")
            self.source.say(self.kind, self.where, f"property {label}: {attribute(attributes, 'content')}")

    def text(self, data: str) -> None:
        self.held.append(data)

    def end(self, name: str) -> None:
        value = " ".join("".join(self.held).split())
        self.held.clear()
        if value:
            self.source.say(
                self.kind, self.where, f"property {name}: {value}" if self.kind == "property" else value
            )


def _read_package(source: Source, kind: str, name: str, chunks: Iterator[bytes]) -> None:
    walk(source.budget, chunks, _Package(source, kind, name))
