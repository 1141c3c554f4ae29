"""
Old Excel workbooks (BIFF8, and what BIFF5 shares with it): cells as rows, sheets with their state, comments.

Source: [MS-XLS] 2.4 (records: 2.4.28 BoundSheet8, 2.4.265 SST, 2.4.149 LabelSst, 2.4.180 Number, 2.4.220
RK, 2.4.175 MulRk, 2.4.127 Formula, 2.4.268 String, 2.4.329 TxO, 2.4.117 FilePass), 2.5.293
(XLUnicodeRichExtendedString).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from sensor.extract.charsets import clean
from sensor.extract.numbers import BUILT_IN, format_number
from sensor.extract.source import Source
from sensor.extract.tables import Table

__all__ = ["read_workbook"]

_WIDE = 512


def _records(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4 : at + 4 + size], at
        at += 4 + size


def read_workbook(source: Source, data: bytes, inside: str = "") -> bool:
    """Everything in a workbook stream (of the object ``inside``); False where it is none."""
    if len(data) < 8 or data[1:2] != b"\x08" and data[:2] != b"\x09\x04":
        return False
    book = _Book(source, f"{inside}/" if inside else "")
    kept: tuple[int, list[bytes]] | None = None
    for kind, body, at in _records(data):
        source.budget.tick()
        if kind == 0x3C and kept is not None:
            kept[1].append(body)
            continue
        if kept is not None:
            book.joined(*kept)
            kept = None
        if kind == 0x2F:
            source.budget.problem("encrypted")
            return True
        if kind in (0xFC, 0x1B6):
            kept = (kind, [body])
        else:
            with source.trying():
                book.record(kind, body, at)
    if kept is not None:
        book.joined(*kept)
    book.finish()
    return True


class _Book:
    def __init__(self, source: Source, inside: str) -> None:
        self.source = source
        self.inside = inside
        self.strings: list[str] = []
        self.shown: set[int] = set()
        self.codes: dict[int, str] = dict(BUILT_IN)
        self.styles: list[int] = []
        self.base_1904 = False
        self.wide = True
        self.sheets: dict[int, tuple[str, str]] = {}
        self.kind, self.where = "sheet", "workbook"
        self.table: Table | None = None
        self.row = -1
        self.cells: list[str] = []

    # Strings.

    def _short(self, body: bytes, at: int, *, long: bool) -> str:
        """A string with its length in one or two bytes."""
        size = struct.unpack_from("<H", body, at)[0] if long else body[at]
        at += 2 if long else 1
        if not self.wide:
            return body[at : at + size].decode("cp1252", "replace")
        flags = body[at] if at < len(body) else 0
        raw = body[at + 1 : at + 1 + (2 * size if flags & 1 else size)]
        return clean(raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace"))

    def joined(self, kind: int, blocks: list[bytes]) -> None:
        """A record whose body goes on in Continue records."""
        with self.source.trying():
            if kind == 0xFC:
                self._string_table(blocks)
            elif len(blocks) > 1 and blocks[1]:
                # TxO: the first Continue holds the text, behind a flag byte that each further one repeats.
                text = []
                for block in blocks[1:-1] if len(blocks) > 2 else blocks[1:]:
                    text.append(
                        block[1:].decode("utf-16-le" if block[:1] == b"\x01" else "latin-1", "replace")
                    )
                self.source.say("comment", f"{self.where} comments and boxes", clean("".join(text)))

    def _string_table(self, blocks: list[bytes]) -> None:
        block, at = 0, 8

        def take(size: int) -> bytes:
            nonlocal block, at
            out = b""
            while size > 0 and block < len(blocks):
                piece = blocks[block][at : at + size]
                out += piece
                at += len(piece)
                size -= len(piece)
                if size > 0:
                    block, at = block + 1, 0
            return out

        unique = struct.unpack_from("<I", blocks[0], 4)[0] if len(blocks[0]) >= 8 else 0
        while len(self.strings) < unique and block < len(blocks):
            self.source.budget.tick(3)
            head = take(3)
            if len(head) < 3:
                break
            size, flags = struct.unpack("<HB", head)
            runs = int.from_bytes(take(2), "little") if flags & 8 else 0
            extra = int.from_bytes(take(4), "little") if flags & 4 else 0
            text = []
            wide = flags & 1
            while size > 0 and block < len(blocks):
                if at >= len(blocks[block]):
                    block, at = block + 1, 0
                    if block >= len(blocks):
                        break
                    wide = blocks[block][0] & 1 if blocks[block] else 0
                    at = 1
                room = len(blocks[block]) - at
                count = min(size, room // 2 if wide else room)
                if count <= 0:
                    at = len(blocks[block])
                    continue
                raw = blocks[block][at : at + (2 * count if wide else count)]
                text.append(raw.decode("utf-16-le" if wide else "latin-1", "replace"))
                at += len(raw)
                size -= count
            take(4 * runs + min(extra, 1 << 20))
            self.strings.append(clean("".join(text)))

    # Records.

    def record(self, kind: int, body: bytes, at: int) -> None:
        if kind in (0x0809, 0x0409):
            self._begin(body, at)
        elif kind == 0x85:
            (place,) = struct.unpack_from("<I", body)
            self.sheets[place] = (
                self._short(body, 6, long=False),
                {1: "hidden", 2: "very hidden"}.get(body[4] & 3, ""),
            )
            self.source.say("name", "sheet names", self.sheets[place][0])
        elif kind == 0x0022:
            self.base_1904 = body[:1] == b"\x01"
        elif kind == 0x041E:
            self.codes[struct.unpack_from("<H", body)[0]] = self._short(body, 2, long=self.wide)[:200]
        elif kind == 0xE0:
            self.styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind in (0x14, 0x15) and body:
            side = "header" if kind == 0x14 else "footer"
            text = re.sub(r'&"[^"]*"|&\d+|&[A-Za-z]', " ", self._short(body, 0, long=self.wide))
            self.source.say(side, f"{self.where} {side}", text)
        elif kind == 0x5C and body:
            self.source.say(
                "property", "workbook", f"property user: {self._short(body, 0, long=self.wide).strip()}"
            )
        else:
            self._cell(kind, body)

    def _begin(self, body: bytes, at: int) -> None:
        version, kind = struct.unpack_from("<HH", body)
        self.wide = version >= 0x0600
        self._finish_row()
        if kind == 0x0005:
            return
        name, state = self.sheets.get(at, ("?", ""))
        self.where = self.inside + (f"sheet {name} ({state})" if state else f"sheet {name}")
        self.kind = "hidden" if state else "sheet"
        part_kind, where = self.kind, self.where
        self.table = Table(self.source.budget, lambda line: self.source.say(part_kind, where, line))

    def _cell(self, kind: int, body: bytes) -> None:
        if kind == 0xFD and len(body) >= 10:
            row, column, _, index = struct.unpack_from("<HHHI", body)
            if index < len(self.strings):
                self.shown.add(index)
                self._put(row, column, self.strings[index])
        elif kind in (0x0204, 0xD6) and len(body) >= 8:
            row, column = struct.unpack_from("<HH", body)
            self._put(row, column, self._short(body, 6, long=True))
        elif kind == 0x0203 and len(body) >= 14:
            row, column, style, value = struct.unpack_from("<HHHd", body)
            self._put(row, column, self._number(value, style))
        elif kind == 0x027E and len(body) >= 10:
            row, column, style, packed = struct.unpack_from("<HHHI", body)
            self._put(row, column, self._number(_rk(packed), style))
        elif kind == 0xBD and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            for index in range((len(body) - 6) // 6):
                style, packed = struct.unpack_from("<HI", body, 4 + 6 * index)
                self._put(row, column + index, self._number(_rk(packed), style))
        elif kind in (0x06, 0x0406) and len(body) >= 14:
            row, column, style = struct.unpack_from("<HHH", body)
            if body[12:14] != b"\xff\xff":
                self._put(row, column, self._number(struct.unpack_from("<d", body, 6)[0], style))
            else:
                self._put(row, column, "")
        elif kind == 0x0207 and len(body) >= 3 and self.cells:
            self.cells[-1] = self._short(body, 0, long=True)
        elif kind == 0x01B8 and len(body) > 32:
            found = re.search(rb"(?:[\x20-\x7e]\0){6,}", body[32:])
            if found:
                self.source.say("link", self.where, found[0].decode("utf-16-le"))

    def _number(self, value: float, style: int) -> str:
        code = self.codes.get(self.styles[style], "") if style < len(self.styles) else ""
        return format_number(repr(value), code, self.base_1904)

    def _put(self, row: int, column: int, text: str) -> None:
        self.source.budget.cell()
        if row != self.row:
            self._finish_row()
            self.row = row
        if len(self.cells) < column <= _WIDE:
            self.cells.extend([""] * (column - len(self.cells)))
        self.cells.append(text)

    def _finish_row(self) -> None:
        if self.cells:
            if self.table is not None:
                self.table.row(self.cells)
            else:
                self.source.say(self.kind, self.where, "\t".join(self.cells))
            self.cells = []

    def finish(self) -> None:
        self._finish_row()
        for index, text in enumerate(self.strings):
            if index not in self.shown:
                self.source.say("deleted", "shared strings without a cell", text)


def _rk(packed: int) -> float:
    """[MS-XLS] 2.5.217: 30 bits of a double or an integer, perhaps over 100."""
    if packed & 2:
        value = float(packed >> 2 if packed < 0x8000_0000 else (packed >> 2) - 0x4000_0000)
    else:
        value = float(struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFF_FFFC) << 32))[0])
    return value / 100 if packed & 1 else value
