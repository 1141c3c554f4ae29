"""
PresentationML: slides, their notes and comments, masters and what they hide.

A paragraph is a line; a table row goes through the table of headings. A slide with ``show="0"`` is hidden.

Source: ECMA-376 part 1, 19.3.1.38 (sld), 19.4 (comments), 21.1.2 (text in DrawingML), 21.1.3 (tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensor.extract.source import Source
from sensor.extract.tables import Table
from sensor.extract.xmlwalk import Attributes, Walker, attribute, walk

__all__ = ["read_part"]

_KINDS = (
    ("notesslide", "note"),
    ("comment", "comment"),
    ("moderncomment", "comment"),
    ("slidelayout", "layout"),
    ("slidemaster", "layout"),
    ("notesmaster", "layout"),
    ("handoutmaster", "layout"),
    ("tag", "property"),
    ("slide", "slide"),
    ("presentation", "property"),
)


class _Slide(Walker):
    def __init__(self, source: Source, kind: str, label: str) -> None:
        self.source = source
        self.kind = kind
        self.label = label
        self.held: list[str] = []
        self.taking = False
        self.paragraphs: list[str] = []
        self.tables: list[tuple[Table, list[str]]] = []

    def _say(self, text: str) -> None:
        self.source.say(self.kind, self.label, text)

    def start(self, name: str, attributes: Attributes) -> None:
        if name in ("t", "text"):
            self.taking = True
        elif name == "br":
            self.held.append("\n")
        elif name == "tab":
            self.held.append("\t")
        elif name == "sld" and attribute(attributes, "show") in ("0", "false"):
            self.kind = "hidden"
            self.label += " (hidden)"
        elif name == "tbl":
            self.tables.append((Table(self.source.budget, self._say), []))
        elif name in (
            "cNvPr",
            "cmAuthor",
            "author",
            "tag",
            "custShow",
            "section",
            "hlinkClick",
            "embeddedFont",
        ):
            for key in ("descr", "title", "name", "val", "tooltip", "userId"):
                value = attribute(attributes, key)
                # "Title 1", "Picture 4": what the program names its shapes.
                if value and not (key == "name" and re.fullmatch(r"[\w ]{0,40} \d{1,6}", value)):
                    kind = self.kind if key in ("descr", "title", "tooltip") else "property"
                    if key != "name" or name not in ("cNvPr", "embeddedFont"):
                        self.source.say(kind, self.label, value)

    def text(self, data: str) -> None:
        if self.taking:
            self.held.append(data)

    def end(self, name: str) -> None:
        if name == "t":
            self.taking = False
        elif name in ("p", "text"):
            self.taking = False
            line = "".join(self.held)
            self.held.clear()
            if self.tables:
                self.paragraphs.append(line)
            else:
                self._say(line)
        elif self.tables:
            table, cells = self.tables[-1]
            if name == "tc":
                cells.append("\n".join(self.paragraphs).strip())
                self.paragraphs.clear()
            elif name == "tr":
                table.row(cells)
                cells.clear()
            elif name == "tbl":
                self.tables.pop()


def read_part(source: Source, where: str, chunks: Iterator[bytes]) -> None:
    """One XML part under ``ppt/``."""
    last = where.rpartition("/")[2].lower()
    kind = next((kind for prefix, kind in _KINDS if last.startswith(prefix)), "body")
    number = re.search(r"(\d+)\.xml$", last)
    label = f"slide {number[1]}" if kind == "slide" and number else where
    slide = _Slide(source, kind, label)
    try:
        walk(source.budget, chunks, slide)
    finally:
        if slide.held or slide.paragraphs:
            slide._say("\n".join([*slide.paragraphs, "".join(slide.held)]))
