"""
Fonts: what the bytes of a shown string say, and how far they move the pen.

Text comes, in this order, from the font's ToUnicode map, from its encoding (by glyph names), from the
encoding inside the font program, and for composite fonts from a predefined CMap or the embedded font's own
``cmap``. A code that none of them knows is counted, so that a page whose text cannot be told is not taken
for an empty one.

Source: ISO 32000-2 9.6 (simple fonts), 9.7 (composite fonts), 9.10 (extraction of text content).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sensor.extract.budget import Budget
from sensor.extract.pdf.cmaps import CMap, codec_of, parse_cmap, true_type_cmap
from sensor.extract.pdf.glyphs import base_encoding, glyph_text
from sensor.extract.pdf.objects import Name, Stream, Value

__all__ = ["Font", "Shown", "make_font"]

Resolve = Callable[[Value], Value]
Decode = Callable[[Stream, int], bytes | None]

_MAP_BYTES = 4 * 1024 * 1024
_PROGRAM_BYTES = 16 * 1024 * 1024
_HELVETICA = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500,
    667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556,
    500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,
    500, 334,
    260, 334, 584,
)  # fmt: skip
"""Widths of codes 32 to 126 for fonts that come without any (the standard 14); others are near enough."""


class Shown(NamedTuple):
    """What a shown string gives."""

    text: str
    width: float
    """In thousandths of the font size, without character and word spacing."""
    glyphs: int
    """Glyphs, for character spacing."""
    spaces: int
    """Single-byte codes 32, for word spacing."""
    unknown: int
    """Glyphs whose text nobody knows."""


class Font:
    """A font as far as text needs it. ``show`` reads one string."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.widths: dict[int, float] = {}
        self.default = 500.0
        self.cmap: CMap | None = None
        """Splits the codes of a composite font; None for a simple one."""
        self.codec: str | None = None
        self.space = 250.0
        self.vertical = False
        self.scale = 1.0
        """Type 3 fonts measure in their own units."""
        self._seen: dict[bytes, Shown] = {}

    def show(self, raw: bytes) -> Shown:
        """A string's text and width."""
        found = self._seen.get(raw)
        if found is None:
            found = self._simple(raw) if self.cmap is None else self._composite(raw)
            if len(self._seen) < 4096 and len(raw) < 64:
                self._seen[raw] = found
        return found

    def _simple(self, raw: bytes) -> Shown:
        texts, widths, default = self.texts, self.widths, self.default
        pieces = [texts.get(code, "") for code in raw]
        width = sum([widths.get(code, default) for code in raw])
        unknown = sum([1 for code, piece in zip(raw, pieces, strict=True) if not piece and code not in texts])
        return Shown("".join(pieces), width * self.scale, len(raw), raw.count(32), unknown)

    def _composite(self, raw: bytes) -> Shown:
        cmap = self.cmap
        assert cmap is not None
        if self.codec is not None:
            text = raw.decode(self.codec, "replace")
            if not self.texts:
                wide = sum(1000.0 if ord(char) > 0x2E7F else 500.0 for char in text)
                return Shown(text, wide, len(text), 0, text.count("\ufffd"))
        codes = cmap.split(raw)
        ids = cmap.ids
        pieces = [self.texts.get(code, "") for code in codes]
        width = sum([self.widths.get(ids.get(code, code), self.default) for code in codes])
        unknown = sum(
            [1 for code, piece in zip(codes, pieces, strict=True) if not piece and code not in self.texts]
        )
        if self.codec is not None and unknown:
            return Shown(raw.decode(self.codec, "replace"), width, len(codes), 0, 0)
        return Shown("".join(pieces), width, len(codes), 0, unknown)


def make_font(budget: Budget, values: dict[str, Value], resolve: Resolve, decode: Decode) -> Font:
    """The font of a dictionary."""
    font = Font()
    composite = values.get("Subtype") == "Type0"
    if composite:
        _composite_font(budget, font, values, resolve, decode)
    else:
        _simple_font(budget, font, values, resolve, decode)
    unicode_map = resolve(values.get("ToUnicode"))
    if isinstance(unicode_map, Stream):
        cmap = parse_cmap(budget, decode(unicode_map, _MAP_BYTES) or b"")
        told = {code: text for code, text in cmap.texts.items() if text.strip("\0\ufffd")}
        font.texts.update(told)
        if composite and font.cmap is not None and not font.cmap.spaces and cmap.spaces:
            font.cmap.spaces, font.cmap.lengths = cmap.spaces, cmap.lengths
    if composite and not font.texts and font.codec is None:
        if isinstance(unicode_map, Name):
            font.codec = "utf-16-be"  # ToUnicode names Identity: codes are the text
        else:
            # Glyphs in the order that most TrueType fonts have them: a guess, better than silence.
            font.texts = {glyph: chr(glyph + 29) for glyph in range(3, 98)}
    space = next((code for code, text in font.texts.items() if text == " "), None)
    if space is not None and font.cmap is None:
        font.space = font.widths.get(space, font.space) * font.scale or 250.0
    return font


def _dict(value: Value) -> dict[str, Value]:
    return value.attributes if isinstance(value, Stream) else value if isinstance(value, dict) else {}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _float(value: Value, default: float = 0.0) -> float:
    return float(value) if isinstance(value, (int, float)) else default


def _simple_font(
    budget: Budget, font: Font, values: dict[str, Value], resolve: Resolve, decode: Decode
) -> None:
    descriptor = _dict(resolve(values.get("FontDescriptor")))
    base_font = values.get("BaseFont")
    name = str(base_font) if isinstance(base_font, Name) else ""
    encoding = resolve(values.get("Encoding"))
    type3 = values.get("Subtype") == "Type3"
    table: dict[int, str] = {}
    if isinstance(encoding, Name):
        table = dict(base_encoding(str(encoding)))
    else:
        told = _dict(encoding).get("BaseEncoding")
        if isinstance(told, Name):
            table = dict(base_encoding(str(told)))
        elif not type3:
            own = _program_encoding(descriptor, resolve, decode)
            if own:
                table = own
            elif "Symbol" in name:
                table = dict(base_encoding("Symbol"))
            elif values.get("Subtype") == "TrueType":
                table = dict(base_encoding("WinAnsiEncoding"))
            else:
                table = dict(base_encoding("StandardEncoding"))
        code = 0
        for item in _list(resolve(_dict(encoding).get("Differences")))[:1024]:
            item = resolve(item)
            if isinstance(item, int):
                code = item
            elif isinstance(item, Name):
                text = glyph_text(str(item))
                if text is None and code in table and 32 <= code < 127:
                    text = table[code]  # names like g34 or a65: the code itself is the best guess
                if text is None and type3 and 32 <= code < 127:
                    text = chr(code)
                if text is not None:
                    table[code] = text
                elif item != ".notdef":
                    table.pop(code, None)
                code += 1
    font.texts = table
    first = resolve(values.get("FirstChar"))
    start = first if isinstance(first, int) else 0
    for index, width in enumerate(_list(resolve(values.get("Widths")))[:256]):
        font.widths[start + index] = _float(resolve(width))
    font.default = _float(resolve(descriptor.get("MissingWidth")))
    if not font.widths:
        font.widths = {32 + index: float(width) for index, width in enumerate(_HELVETICA)}
        font.default = 556.0
        if "Courier" in name or "Mono" in name:
            font.widths, font.default = {}, 600.0
    if type3:
        matrix = _list(resolve(values.get("FontMatrix")))
        font.scale = abs(_float(resolve(matrix[0]), 0.001)) * 1000 if len(matrix) == 6 else 1.0


_ENCODED = re.compile(rb"dup\s+(\d{1,3})\s*/([^\s/]{1,60})\s+put")


def _program_encoding(descriptor: dict[str, Value], resolve: Resolve, decode: Decode) -> dict[int, str]:
    """The encoding inside a Type 1 font program, which stands there in the clear."""
    program = resolve(descriptor.get("FontFile"))
    if not isinstance(program, Stream):
        return {}
    data = (decode(program, _PROGRAM_BYTES) or b"")[: 64 * 1024]
    table: dict[int, str] = {}
    for found in _ENCODED.finditer(data):
        text = glyph_text(found[2].decode("latin-1"))
        if text is not None and int(found[1]) < 256:
            table[int(found[1])] = text
    return table


def _composite_font(
    budget: Budget, font: Font, values: dict[str, Value], resolve: Resolve, decode: Decode
) -> None:
    descendants = _list(resolve(values.get("DescendantFonts")))
    child = _dict(resolve(descendants[0])) if descendants else {}
    encoding = resolve(values.get("Encoding"))
    font.cmap = CMap()
    if isinstance(encoding, Stream):
        font.cmap = parse_cmap(budget, decode(encoding, _MAP_BYTES) or b"")
        font.cmap.texts = {}
    elif isinstance(encoding, Name):
        font.codec = codec_of(str(encoding))
        font.vertical = str(encoding).endswith("V")
    font.default = _float(resolve(child.get("DW")), 1000.0)
    font.widths = _wide_widths(budget, _list(resolve(child.get("W"))), resolve)
    if font.codec is None:
        program = resolve(_dict(resolve(child.get("FontDescriptor"))).get("FontFile2"))
        if isinstance(program, Stream):
            glyphs = true_type_cmap(decode(program, _PROGRAM_BYTES) or b"")
            to_glyph = resolve(child.get("CIDToGIDMap"))
            if isinstance(to_glyph, Stream):
                pairs = decode(to_glyph, 256 * 1024) or b""
                for code in range(len(pairs) // 2):
                    text = glyphs.get(pairs[2 * code] << 8 | pairs[2 * code + 1])
                    if text:
                        font.texts[code] = text
            else:
                font.texts = glyphs


def _wide_widths(budget: Budget, items: list[Value], resolve: Resolve) -> dict[int, float]:
    """The W array of a CID font (9.7.4.3)."""
    widths: dict[int, float] = {}
    at, work = 0, 200_000
    while at + 1 < len(items) and work > 0:
        budget.tick()
        first, second = resolve(items[at]), resolve(items[at + 1])
        if not isinstance(first, int):
            at += 1
        elif isinstance(second, list):
            work -= len(second)
            for index, width in enumerate(second[:70_000]):
                widths[first + index] = _float(resolve(width))
            at += 2
        elif isinstance(second, int) and at + 2 < len(items):
            width = _float(resolve(items[at + 2]))
            last = min(second, first + 70_000)
            work -= max(0, last - first)
            for code in range(first, last + 1):
                widths[code] = width
            at += 3
        else:
            at += 1
    return widths
