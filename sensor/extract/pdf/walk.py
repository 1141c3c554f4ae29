"""
What stands where in a PDF: pages first, then everything else that holds words, then what is no longer
current.

Source: ISO 32000-2 7.7 (document structure), 7.11.4 (embedded files), 8.11 (optional content), 12.3.3
(outline), 12.5 (annotations), 12.6 (actions), 12.7 (forms), 14.3 (metadata), 14.9 (accessibility: Alt,
ActualText, E).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sensor.extract.charsets import clean, decode
from sensor.extract.images import read_xmp
from sensor.extract.pdf.content import Lines, Matrix, Page, interpret
from sensor.extract.pdf.document import Document, as_dict, as_list
from sensor.extract.pdf.fonts import Font, make_font
from sensor.extract.pdf.glyphs import text_string
from sensor.extract.pdf.objects import Name, Place, Ref, Stream, Value
from sensor.extract.source import Source
from sensor.extract.texts import say_text

__all__ = ["read_pdf"]

_CONTENT = 8 * 1024 * 1024
"""Bytes of one content stream that are looked at."""
_CONTENTS = 96 * 1024 * 1024
"""Bytes of all content streams of a file."""
_FILE = 48 * 1024 * 1024
_SCRIPT = 4 * 1024 * 1024
_FONTS = 500
_REPEATS = 3
"""
How often the same form or content is read: a header drawn on each page says nothing new the fourth time.
"""
_OLDER = 5_000
"""Replaced objects that are looked at, the newest first."""
_TREE = 100_000
_FORMS = 20_000
_SHOWS = re.compile(rb"\bBT\b.*?(?:Tj|TJ|'|\")", re.DOTALL)
_UNKNOWN = 20
"""Glyphs without text on a page from which on, if they outnumber the others, the page is told as partial."""


def read_pdf(source: Source) -> None:
    """Everything in a document."""
    data = source.data
    start = data.find(b"%PDF-", 0, 2048)
    document = Document(data if start <= 0 else data[start:], source.budget)
    _Reader(source, document).read()


class _Reader:
    def __init__(self, source: Source, document: Document) -> None:
        self.source = source
        self.budget = source.budget
        self.document = document
        self.get = document.get
        self.fonts: dict[int, Font | None] = {}
        self.by_name: dict[str, Value] = {}
        """A font dictionary for each resource name, for content whose own resources are gone."""
        self.read_contents: dict[int, int] = {}
        self.content_pages: dict[int, tuple[str, Mapping[str, Value]]] = {}
        """Number of a content stream to its page and resources."""
        self.used: set[int] = set()
        """Numbers of objects whose words are told."""
        self.pages: dict[int, str] = {}
        self.content_bytes = 0
        self.off = self._layers_off()
        self.forms = 0

    def read(self) -> None:
        trying = self.source.trying
        with trying():
            self._read_info()
        with trying():
            self._read_metadata()
        page_count = 0
        for ref, page, inherited in self._page_tree():
            page_count += 1
            if page_count > self.budget.limits.pages:
                self.budget.problem("too_many")
                break
            label = f"page {page_count}"
            if ref is not None:
                self.used.add(ref.number)
                self.pages[ref.number] = label
            with trying():
                self._read_page(page, inherited, label, "body")
        with trying():
            self._read_objects()
        with trying():
            self._read_leftovers()

    # Document.

    def _read_info(self) -> None:
        for number, info in enumerate(self.document.info):
            kind, where = ("property", "Info") if not number else ("deleted", "Info (earlier revision)")
            for key, value in info.items():
                value = self.document.resolve(value)
                if isinstance(value, bytes):
                    self.source.say(kind, where, f"property {key}: {clean(text_string(value))}")
                elif isinstance(value, Name):
                    self.source.say(kind, where, f"property {key}: {value}")

    def _read_metadata(self) -> None:
        metadata = self.get(self.document.root, "Metadata")
        ref = self.document.root.get("Metadata")
        if isinstance(metadata, Stream):
            if isinstance(ref, Ref):
                self.used.add(ref.number)
            read_xmp(self.source, self.document.decode(metadata, _SCRIPT) or b"", "XMP")

    def _layers_off(self) -> set[int]:
        """Numbers of the layers that are switched off (8.11.4.3)."""
        layers = as_dict(self.get(self.document.root, "OCProperties"))
        default = as_dict(self.get(layers, "D"))
        off = {item.number for item in as_list(self.get(default, "OFF")) if isinstance(item, Ref)}
        if self.get(default, "BaseState") == "OFF":
            off |= {item.number for item in as_list(self.get(layers, "OCGs")) if isinstance(item, Ref)}
            off -= {item.number for item in as_list(self.get(default, "ON")) if isinstance(item, Ref)}
        return off

    # Pages.

    def _page_tree(self) -> Iterator[tuple[Ref | None, dict[str, Value], Mapping[str, Value]]]:
        """Pages in order, each with the resources it inherits; nodes that turn up twice are passed over."""
        waiting: list[tuple[Value, Mapping[str, Value]]] = [(self.document.root.get("Pages"), {})]
        seen: set[int] = set()
        steps = 0
        while waiting:
            value, inherited = waiting.pop()
            steps += 1
            if steps > _TREE:
                self.budget.problem("too_many")
                return
            self.budget.tick(5)
            ref = value if isinstance(value, Ref) else None
            if ref is not None:
                if ref.number in seen:
                    continue
                seen.add(ref.number)
            node = as_dict(self.document.resolve(value))
            own = as_dict(self.get(node, "Resources"))
            inherited = own or inherited
            kids = self.get(node, "Kids")
            if isinstance(kids, list) and node.get("Type") != "Page":
                waiting.extend((kid, inherited) for kid in reversed(kids[:_TREE]))
            elif node:
                yield ref, node, inherited

    def _read_page(
        self, page: dict[str, Value], resources: Mapping[str, Value], label: str, kind: str
    ) -> None:
        contents = page.get("Contents")
        resolved = self.document.resolve(contents)
        refs = [contents] if isinstance(resolved, Stream) else as_list(resolved)
        pieces: list[bytes] = []
        size = 0
        key = 0
        for item in refs[:5_000]:
            key = key * 31 + item.number if isinstance(item, Ref) else key
        self._learn_fonts(resources)
        if self._repeats(key):
            return
        for item in refs[:5_000]:
            stream = self.document.resolve(item)
            if not isinstance(stream, Stream):
                continue
            if isinstance(item, Ref):
                self.used.add(item.number)
                self.content_pages[item.number] = (label, resources)
            piece = self.document.decode(stream, _CONTENT) or b""
            pieces.append(piece)
            size += len(piece)
            if size > _CONTENT:
                self.budget.problem("too_large")
                break
        self._show(b"\n".join(pieces)[:_CONTENT], resources, label, kind)

    def _repeats(self, key: int) -> bool:
        if not key:
            return False
        self.read_contents[key] = self.read_contents.get(key, 0) + 1
        return self.read_contents[key] > _REPEATS

    def _learn_fonts(self, resources: Mapping[str, Value]) -> None:
        if len(self.by_name) < 2_000:
            for name, value in as_dict(self.document.resolve(resources.get("Font"))).items():
                self.by_name.setdefault(name, value)

    def _show(
        self, content: bytes, resources: Mapping[str, Value], label: str, kind: str, *, hidden: bool = False
    ) -> None:
        """Interpret a content stream; its lines are said under ``kind``."""
        self.content_bytes += len(content)
        if self.content_bytes > _CONTENTS:
            self.budget.problem("too_large")
            return
        say = self.source.say
        lines = Lines(
            lambda text: say(kind, label, clean(text)),
            lambda text: say("hidden", f"{label} (hidden)", clean(text)),
        )
        page = Page(
            lines=lines, fonts=self._font, form=self._form, is_off=self._is_off,
            told=lambda text: say("hidden", f"{label} replacement text",
            clean(text)) if len(text) > 3 else None,
            budget=self.budget,
        )  # fmt: skip
        try:
            interpret(page, content, resources, hidden=hidden)
        finally:
            lines.newline()
        if lines.unknown > max(_UNKNOWN, lines.known):
            self.budget.problem("partial")

    def _font(self, resources: Mapping[str, Value], name: str) -> Font | None:
        found = as_dict(self.document.resolve(resources.get("Font"))).get(name)
        if found is None:
            found = self.by_name.get(name)
        values = self.document.resolve(found)
        if not isinstance(values, dict):
            values = {"Subtype": Name("Type1"), "BaseFont": Name("Helvetica")}
        key = found.number if isinstance(found, Ref) else id(values)
        if key not in self.fonts:
            self.budget.tick(100)
            if len(self.fonts) > _FONTS:
                self.fonts.clear()
            self.fonts[key] = make_font(self.budget, values, self.document.resolve, self.document.decode)
            if not isinstance(found, Ref):
                # An inline dictionary has no number; it lives as long as its page does.
                return self.fonts.pop(key)
        return self.fonts[key]

    def _form(
        self, resources: Mapping[str, Value], name: str
    ) -> tuple[bytes, Mapping[str, Value], Matrix, bool] | None:
        found = as_dict(self.document.resolve(resources.get("XObject"))).get(name)
        stream = self.document.resolve(found)
        if not isinstance(stream, Stream) or self.get(stream.attributes, "Subtype") != "Form":
            return None
        if isinstance(found, Ref):
            self.used.add(found.number)
            if self._repeats(-found.number):
                return None
        self.forms += 1
        if self.forms > _FORMS:
            self.budget.problem("too_many")
            return None
        content = self.document.decode(stream, _CONTENT) or b""
        self.content_bytes += len(content)
        if self.content_bytes > _CONTENTS:
            self.budget.problem("too_large")
            return None
        own = as_dict(self.get(stream.attributes, "Resources"))
        self._learn_fonts(own)
        if isinstance(found, Ref):
            self.content_pages.setdefault(found.number, ("form", own or resources))
        return content, own, self._matrix(stream), self._is_off(resources, stream.attributes.get("OC"))

    def _matrix(self, stream: Stream) -> Matrix:
        numbers = [self.document.resolve(item) for item in as_list(self.get(stream.attributes, "Matrix"))]
        values = [float(item) for item in numbers if isinstance(item, (int, float))]
        if len(values) != 6:
            return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        return (values[0], values[1], values[2], values[3], values[4], values[5])

    def _is_off(self, resources: Mapping[str, Value], properties: Value) -> bool:
        if not self.off or properties is None:
            return False
        if isinstance(properties, Name):
            properties = as_dict(self.document.resolve(resources.get("Properties"))).get(properties)
        if isinstance(properties, Ref) and properties.number in self.off:
            return True
        groups = as_dict(self.document.resolve(properties)).get("OCGs")
        members = groups if isinstance(groups, list) else [groups]
        named = [item.number for item in members if isinstance(item, Ref)]
        return bool(named) and all(number in self.off for number in named)

    # Everything else that holds words.

    def _read_objects(self) -> None:
        document = self.document
        annotations = self._annotation_pages()
        for number, place in list(document.scan.places.items()):
            self.budget.tick(2)
            if not _may_hold_words(document.slice(place)):
                continue
            if number in self.used and number not in self.pages:
                continue
            where = annotations.get(number, self.pages.get(number, ""))
            with self.source.trying():
                self._tell(document.read(place), where, None)

    def _annotation_pages(self) -> dict[int, str]:
        """Number of an annotation to its page."""
        found: dict[int, str] = {}
        for number, label in self.pages.items():
            page = as_dict(self.document.resolve(Ref(number, 0)))
            for item in as_list(self.get(page, "Annots"))[:10_000]:
                if isinstance(item, Ref):
                    found[item.number] = label
            self.budget.tick(3)
        return found

    def _tell(self, value: Value, where: str, kind: str | None, depth: int = 0) -> None:
        """The words of an object and of what stands directly in it; ``kind`` overrides what they are."""
        if depth > 12:
            return
        self.budget.tick()
        if isinstance(value, bytes) and not depth:
            self.source.say(kind or "hidden", f"{where} strings".strip(), clean(text_string(value)))
            return
        if isinstance(value, Stream):
            self._tell_stream(value, where, kind)
            value = value.attributes
        if isinstance(value, list):
            for item in value[:50_000]:
                if isinstance(item, (list, dict)):
                    self._tell(item, where, kind, depth + 1)
            return
        if not isinstance(value, dict):
            return
        if "EF" in value:
            self._tell_file(value)
        for key, item in value.items():
            told = _TOLD.get(key)
            if told is not None:
                text = self.document.resolve(item) if isinstance(item, Ref) else item
                self._tell_entry(value, key, text, where, kind or told)
            if isinstance(item, (dict, list)):
                self._tell(item, where, kind, depth + 1)

    def _tell_entry(self, values: dict[str, Value], key: str, item: Value, where: str, kind: str) -> None:
        say = self.source.say
        label = f"{where} {_PLACES.get(kind, kind)}".strip()
        texts: list[str] = []
        if isinstance(item, bytes):
            texts = [text_string(item) if key not in ("URI",) else item.decode("utf-8", "replace")]
        elif isinstance(item, list):
            texts = [text_string(part) for part in item[:5_000] if isinstance(part, bytes)]
        elif isinstance(item, Stream) and key in ("JS", "RC", "RV", "V", "DV"):
            texts = [decode(self.document.decode(item, _SCRIPT) or b"")]
        field = values.get("T")
        for text in texts:
            text = clean(text)
            if key in ("RC", "RV"):
                text = re.sub(r"<[^>]{0,500}>", " ", text)
            if key == "Contents" and values.get("Type") == "Sig":
                continue  # a signature's bytes
            if key in ("V", "DV") and isinstance(field, bytes):
                text = f"{clean(text_string(field))}: {text}"
            elif key in _LABELLED:
                text = f"property {key}: {text}"
            say_text(self.source, kind, label, text) if len(text) > 100_000 else say(kind, label, text)

    def _tell_stream(self, stream: Stream, where: str, kind: str | None) -> None:
        values = stream.attributes
        of_type, subtype = self.get(values, "Type"), self.get(values, "Subtype")
        if of_type == "Metadata":
            read_xmp(self.source, self.document.decode(stream, _SCRIPT) or b"", f"XMP {where}".strip())
        elif of_type == "EmbeddedFile" and stream.ref.number not in self.used:
            self.used.add(stream.ref.number)
            self._nest(stream, "embedded file")
        elif subtype == "Form" and stream.ref.number not in self.used:
            self._show_stream(stream, where or "appearance", kind or "form")

    def _tell_file(self, values: dict[str, Value]) -> None:
        """An embedded file by its specification."""
        name = "embedded file"
        for key in ("UF", "F"):
            item = self.get(values, key)
            if isinstance(item, bytes):
                name = clean(text_string(item)) or name
                break
        self.source.say("name", "embedded files", name)
        for item in as_dict(self.get(values, "EF")).values():
            stream = self.document.resolve(item)
            if isinstance(stream, Stream) and stream.ref.number not in self.used:
                self.used.add(stream.ref.number)
                self._nest(stream, name)

    def _nest(self, stream: Stream, name: str) -> None:
        self.budget.member()
        data = self.document.decode(stream, _FILE)
        if data is not None:
            self.source.nested(data, name, counted=True)

    # What is no longer current, and what nothing refers to.

    def _read_leftovers(self) -> None:
        document = self.document
        older = document.scan.older
        if len(older) > _OLDER:
            self.budget.problem("too_many")
        for place in older[-_OLDER:]:
            self.budget.tick(2)
            with self.source.trying():
                self._tell_older(place)
        for number, place in list(document.scan.places.items()):
            if number in self.used:
                continue
            self.budget.tick(2)
            with self.source.trying():
                if place.inside < 0 and b"stream" in document.data[place.start : place.start + 4096]:
                    value = document.read(place)
                    if isinstance(value, Stream):
                        self._show_orphan(value, "unreferenced content")

    def _tell_older(self, place: Place) -> None:
        document = self.document
        raw = document.slice(place)
        current = document.scan.places.get(place.number)
        if (
            current is not None
            and current.inside < 0
            and raw == document.slice(current)
            and b"stream" not in raw
        ):
            return
        value = document.read(place)
        if isinstance(value, Stream):
            label, resources = self.content_pages.get(place.number, ("", {}))
            if label:
                self._show_stream(value, f"{label} (earlier revision)", "deleted", resources)
            else:
                self._show_orphan(value, "earlier revision")
        if _may_hold_words(raw):
            self._tell(value, "earlier revision", "deleted")

    def _show_orphan(self, stream: Stream, label: str) -> None:
        """A stream that nothing shows: told where it is content."""
        values = stream.attributes
        if self.get(values, "Subtype") in ("Image", "Type1C", "CIDFontType0C", "OpenType", "XML"):
            return
        if (
            self.get(values, "Type") in ("XRef", "ObjStm", "Metadata", "EmbeddedFile", "CMap")
            or "Length1" in values
        ):
            return
        if stream.ref.number in self.content_pages and label == "unreferenced content":
            return
        self._show_stream(stream, label, "deleted")

    def _show_stream(
        self, stream: Stream, label: str, kind: str, resources: Mapping[str, Value] | None = None
    ) -> None:
        head = self.document.decode(stream, 64 * 1024, told=False)
        if head is None or not _SHOWS.search(head):
            return
        content = head if len(head) < 64 * 1024 else self.document.decode(stream, _CONTENT) or b""
        own = as_dict(self.get(stream.attributes, "Resources"))
        self._show(content, own or resources or {}, label, kind)


_TOLD = {
    "Contents": "comment", "RC": "comment", "Subj": "comment", "TU": "form", "TM": "form", "V": "form",
    "DV": "form",
    "Opt": "form", "RV": "form", "CA": "form", "URI": "link", "JS": "script", "Title": "name", "Desc": "name",
    "UF": "name", "F": "name", "Alt": "hidden", "ActualText": "hidden", "E": "hidden", "Label": "name",
    "Nm": "name",
    "Author": "property", "Subject": "property", "Keywords": "property", "Creator": "property",
    "Producer": "property", "Company": "property", "Name": "name", "Reason": "property",
    "Location": "property",
    "ContactInfo": "property", "T": "form",
}  # fmt: skip
_LABELLED = frozenset("Author Subject Keywords Creator Producer Company Reason Location ContactInfo".split())
_PLACES = {
    "comment": "annotations", "form": "form fields", "link": "links", "script": "scripts", "name": "names",
    "hidden": "alternative text", "property": "properties", "deleted": "earlier revision",
}  # fmt: skip
_WORDS = re.compile(
    rb"/(?:(?:" + b"|".join(sorted((key.encode() for key in _TOLD), reverse=True)) + rb")"
    rb"[\x00\t\n\x0c\r ]*(?:\(|\[|<[^<]|\d+[\x00\t\n\x0c\r ]+\d+[\x00\t\n\x0c\r ]+R)"
    rb"|(?:Metadata|EmbeddedFile|Form|EF|XFA)\b)"
)
_STRING = re.compile(rb"[\x00\t\n\x0c\r ]*(?:\(|<[^<])")
_BODY = re.compile(rb"stream[\r\n]")
_CLOSED = re.compile(rb">>[\x00\t\n\x0c\r ]*\Z")
_GAP = 256
"""Blanks between a dictionary and its stream."""


def _may_hold_words(raw: bytes) -> bool:
    """
    Whether an object's bytes hold an entry that is told, a stream that is read, or are a string themselves.
    """
    stop = len(raw)
    for body in _BODY.finditer(raw):
        closed = _CLOSED.search(raw, max(0, body.start() - _GAP), body.start())
        if closed is not None:
            stop = closed.start() + 2
            break
    return _WORDS.search(raw, 0, stop) is not None or _STRING.match(raw) is not None
