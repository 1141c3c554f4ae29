"""
Character maps: ToUnicode, embedded and predefined encodings of composite fonts, and the ``cmap`` of a
TrueType font.

Source: ISO 32000-2 9.7.5 (CMaps), 9.10.3 (ToUnicode); Adobe Technical Note 5014 (CMap syntax); OpenType 1.9.1
``cmap`` formats 0, 4, 6 and 12.
"""

from __future__ import annotations

import re
import struct

from sensor.extract.budget import Budget

__all__ = ["CMap", "codec_of", "parse_cmap", "true_type_cmap"]

_ENTRIES = 200_000
_SECTIONS = 2_000
_SECTION = re.compile(rb"begin(codespacerange|bfchar|bfrange|cidrange|cidchar)\b(.*?)end\1", re.DOTALL)
_ITEM = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(\d+)|/([^\s/<>\[\]]+)")


class CMap:
    """Codes to texts (ToUnicode) or to character ids (encodings), with the lengths that codes have."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.ids: dict[int, int] = {}
        self.lengths: set[int] = set()
        self.work = _ENTRIES
        """Entries that may still be made; ranges may overlap."""
        self.spaces: list[tuple[int, bytes, bytes]] = []
        """(length, low, high) of the ranges of codes."""

    def split(self, raw: bytes) -> list[int]:
        """The codes of a string."""
        if not self.spaces or self.lengths == {2}:
            return [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw) - 1, 2)]
        if self.lengths == {1}:
            return list(raw)
        codes = []
        at = 0
        while at < len(raw):
            for length in sorted(self.lengths):
                piece = raw[at : at + length]
                if len(piece) == length and any(
                    size == length and all(a <= b <= c for a, b, c in zip(low, piece, high, strict=True))
                    for size, low, high in self.spaces
                ):
                    break
            else:
                length = min(self.lengths)
                piece = raw[at : at + length]
            codes.append(int.from_bytes(piece, "big"))
            at += length
        return codes


def _utf16(raw: bytes) -> str:
    if len(raw) == 1:
        return chr(raw[0])
    return raw.decode("utf-16-be", "replace")


def _hex(digits: bytes) -> bytes:
    digits = b"".join(digits.split())
    if len(digits) % 2:
        digits += b"0"
    return bytes.fromhex(digits.decode("ascii"))


def parse_cmap(budget: Budget, data: bytes) -> CMap:
    """A CMap's ranges; nothing of PostScript is run."""
    made = CMap()
    for number, section in enumerate(_SECTION.finditer(data)):
        if number >= _SECTIONS:
            break
        kind, body = section[1], section[2]
        items: list[bytes | int | list[bytes] | None] = []
        inner: list[bytes] | None = None
        for found in _ITEM.finditer(body):
            budget.tick()
            if found[1] is not None:
                raw = _hex(found[1])
                if inner is not None:
                    inner.append(raw)
                else:
                    items.append(raw)
            elif found[2]:
                inner = []
            elif found[3]:
                items.append(inner or [])
                inner = None
            elif found[4] is not None and inner is None:
                items.append(int(found[4]) if len(found[4]) < 9 else 0)
            elif found[5] is not None and inner is None:
                items.append(None)
            if len(items) > _ENTRIES:
                break
        if kind == b"codespacerange":
            for low, high in zip(items[::2], items[1::2], strict=False):
                if (
                    isinstance(low, bytes)
                    and isinstance(high, bytes)
                    and len(low) == len(high)
                    and 0 < len(low) <= 4
                ):
                    made.spaces.append((len(low), low, high))
                    made.lengths.add(len(low))
            del made.spaces[100:]
        elif kind in (b"bfchar", b"cidchar"):
            for code, value in zip(items[::2], items[1::2], strict=False):
                if isinstance(code, bytes) and len(made.texts) + len(made.ids) < _ENTRIES:
                    if isinstance(value, bytes):
                        made.texts[int.from_bytes(code, "big")] = _utf16(value)
                    elif isinstance(value, int):
                        made.ids[int.from_bytes(code, "big")] = value
        else:
            for first, last, to in zip(items[::3], items[1::3], items[2::3], strict=False):
                if isinstance(first, bytes) and isinstance(last, bytes):
                    _range(made, int.from_bytes(first, "big"), int.from_bytes(last, "big"), to, budget)
    return made


def _range(made: CMap, first: int, last: int, to: bytes | int | list[bytes] | None, budget: Budget) -> None:
    count = max(0, min(last - first + 1, 65_536, made.work))
    made.work -= count
    budget.tick(count // 8)
    if isinstance(to, list):
        for index, target in enumerate(to[:count]):
            made.texts[first + index] = _utf16(target)
    elif isinstance(to, int):
        for index in range(count):
            made.ids[first + index] = to + index
    elif isinstance(to, bytes) and to:
        text = _utf16(to)
        if not text:
            return
        head, tail = text[:-1], ord(text[-1])
        for index in range(count):
            if tail + index < 0x11_0000:
                made.texts[first + index] = head + chr(tail + index)


_CODECS = (
    (re.compile(r"UniJIS2?004?-UTF16|Uni\w+-UTF16|UniJISX?0?2?1?3?\w*-UTF16"), "utf-16-be"),
    (re.compile(r"Uni\w+-UCS2"), "utf-16-be"),
    (re.compile(r"Uni\w+-UTF32"), "utf-32-be"),
    (re.compile(r"Uni\w+-UTF8"), "utf-8"),
    (re.compile(r"^(90ms|90pv|90msp|83pv|Ext|Add)?-?RKSJ|^90ms|^90pv|^83pv"), "cp932"),
    (re.compile(r"^EUC-"), "euc_jp"),
    (re.compile(r"^GBK|^GB-EUC|^GBpc|^GBK2K|^GBT"), "gb18030"),
    (re.compile(r"^B5|^ETen|^ETHK|^HKscs"), "big5hkscs"),
    (re.compile(r"^KSC|^KSCms|^KSCpc"), "cp949"),
)


def codec_of(name: str) -> str | None:
    """The text encoding that a predefined CMap amounts to; None for Identity and unknown ones."""
    for pattern, codec in _CODECS:
        if pattern.search(name):
            return codec
    return None


def true_type_cmap(data: bytes) -> dict[int, str]:
    """Glyph index to text, of a TrueType or OpenType font's best Unicode table."""
    if len(data) < 12:
        return {}
    tables = struct.unpack_from(">H", data, 4)[0]
    for index in range(min(tables, 64)):
        entry = 12 + 16 * index
        if data[entry : entry + 4] == b"cmap" and entry + 16 <= len(data):
            (at,) = struct.unpack_from(">I", data, entry + 8)
            return _read_cmap(data, at)
    return {}


def _read_cmap(data: bytes, base: int) -> dict[int, str]:
    if base + 4 > len(data):
        return {}
    found: dict[int, str] = {}
    best = -1
    for index in range(min(struct.unpack_from(">H", data, base + 2)[0], 32)):
        entry = base + 4 + 8 * index
        if entry + 8 > len(data):
            break
        platform, encoding, offset = struct.unpack_from(">HHI", data, entry)
        rank = {(3, 10): 4, (0, 4): 3, (0, 6): 3, (3, 1): 2, (0, 3): 2, (3, 0): 1, (1, 0): 0}.get(
            (platform, encoding), 0
        )
        if rank > best:
            table = _read_subtable(data, base + offset, symbol=(platform, encoding) == (3, 0))
            if table:
                best, found = rank, table
    return found


def _read_subtable(data: bytes, at: int, *, symbol: bool) -> dict[int, str]:
    if at + 16 > len(data):
        return {}
    kind = struct.unpack_from(">H", data, at)[0]
    glyphs: dict[int, str] = {}
    if kind == 4:
        count = struct.unpack_from(">H", data, at + 6)[0] // 2
        ends, starts = at + 14, at + 16 + 2 * count
        for index in range(min(count, 8192)):
            if starts + 6 * count + 2 * index + 2 > len(data):
                break
            (end,) = struct.unpack_from(">H", data, ends + 2 * index)
            (start,) = struct.unpack_from(">H", data, starts + 2 * index)
            (delta,) = struct.unpack_from(">H", data, starts + 2 * count + 2 * index)
            place = starts + 4 * count + 2 * index
            (offset,) = struct.unpack_from(">H", data, place)
            for code in range(start, min(end, 0xFFFE) + 1):
                glyph = code + delta & 0xFFFF
                if offset:
                    where = place + offset + 2 * (code - start)
                    if where + 2 > len(data):
                        break
                    (glyph,) = struct.unpack_from(">H", data, where)
                    glyph = glyph + delta & 0xFFFF if glyph else 0
                if glyph and glyph not in glyphs:
                    letter = code - 0xF000 if symbol and 0xF020 <= code <= 0xF0FF else code
                    if not 0xD800 <= letter < 0xE000:
                        glyphs[glyph] = chr(letter)
            if len(glyphs) > 70_000:
                break
    elif kind == 12:
        groups = struct.unpack_from(">I", data, at + 12)[0]
        for index in range(min(groups, 20_000)):
            if at + 28 + 12 * index > len(data):
                break
            start, end, glyph = struct.unpack_from(">III", data, at + 16 + 12 * index)
            for step in range(min(end - start + 1, 70_000 - len(glyphs)) if end >= start else 0):
                if start + step < 0x11_0000 and not 0xD800 <= start + step < 0xE000:
                    glyphs.setdefault(glyph + step, chr(start + step))
    elif kind in (0, 6):
        first, count, body, size = (
            (0, 256, at + 6, 1) if kind == 0 else (*struct.unpack_from(">HH", data, at + 6), at + 10, 2)
        )
        for index in range(count):
            raw = data[body + size * index : body + size * (index + 1)]
            glyph = int.from_bytes(raw, "big")
            if glyph:
                glyphs.setdefault(glyph, chr(first + index))
    return glyphs
