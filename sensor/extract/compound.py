"""
Compound files (OLE2): storages and streams by name, and the property sets in them. Read-only, bounded.

No chain is followed further than the file has sectors; nothing is allocated for what a header only claims.

Source: [MS-CFB] v12 (header 2.2, FAT 2.3, mini FAT 2.4, DIFAT 2.5, directory 2.6); [MS-OLEPS] 2.21 and 2.22.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sensor.extract.budget import Budget, Stop
from sensor.extract.charsets import codec_name

__all__ = ["Compound", "Entry", "properties"]

_END = 0xFFFFFFFE
_NONE = 0xFFFFFFFF
_ENTRIES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stream or storage."""

    path: tuple[str, ...]
    is_stream: bool
    start: int
    size: int

    @property
    def name(self) -> str:
        return self.path[-1]


class Compound:
    """An opened compound file. :raises Stop: ``damaged``"""

    def __init__(self, data: bytes, budget: Budget) -> None:
        if len(data) < 512 or data[28:30] != b"\xfe\xff":
            raise Stop("damaged")
        self.data = data
        self.budget = budget
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift > shift:
            raise Stop("damaged")
        self._sector = 1 << shift
        self._mini = 1 << mini_shift
        (directory,) = struct.unpack_from("<I", data, 48)
        self._cutoff, mini_fat, mini_count = struct.unpack_from("<III", data, 56)
        self._sectors = max(0, len(data) // self._sector)
        self._fat = self._read_fat()
        raw = self._chain(directory, self._sectors * self._sector)
        self._mini_fat = _numbers(self._chain(mini_fat, mini_count * self._sector))
        self.entries = self._directory(raw)
        root = raw[:128]
        self._ministream = b""
        if len(root) == 128:
            start, size = struct.unpack_from("<II", root, 116)
            self._ministream = self._chain(start, size)
        self._by_path = {tuple(part.lower() for part in entry.path): entry for entry in self.entries}

    def _read_fat(self) -> tuple[int, ...]:
        places = list(struct.unpack_from("<109I", self.data, 76))
        (at,) = struct.unpack_from("<I", self.data, 68)
        per = self._sector // 4
        for _ in range(self._sectors):
            if at >= _END:
                break
            block = _numbers(self._at(at))
            if len(block) < per:
                break
            places += block[:-1]
            at = block[-1]
            self.budget.tick(per)
        fat: list[int] = []
        for place in places:
            if place < _END and len(fat) <= self._sectors + per:
                fat += _numbers(self._at(place))
        return tuple(fat)

    def _at(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector
        return self.data[start : start + self._sector]

    def _chain(self, start: int, size: int) -> bytes:
        """The bytes of a chain of sectors, at most ``size`` and at most the whole file."""
        out: list[bytes] = []
        left = min(size, len(self.data))
        for _ in range(self._sectors + 1):
            if left <= 0 or start >= len(self._fat):
                break
            block = self._at(start)
            out.append(block[:left])
            left -= len(block)
            if not block:
                break
            start = self._fat[start]
        return b"".join(out)

    def _mini_chain(self, start: int, size: int) -> bytes:
        out: list[bytes] = []
        left = min(size, len(self._ministream))
        for _ in range(len(self._mini_fat) + 1):
            if left <= 0 or start >= len(self._mini_fat):
                break
            block = self._ministream[start * self._mini : (start + 1) * self._mini]
            out.append(block[:left])
            left -= len(block)
            if not block:
                break
            start = self._mini_fat[start]
        return b"".join(out)

    def _directory(self, raw: bytes) -> list[Entry]:
        """The entries, by walking the trees of siblings; those that no tree reaches at the end."""
        count = min(len(raw) // 128, _ENTRIES)
        found: list[Entry] = []
        seen: set[int] = set()
        waiting: list[tuple[int, tuple[str, ...]]] = []
        if count:
            seen.add(0)
            waiting.append((struct.unpack_from("<I", raw, 76)[0], ()))

        def visit(index: int, path: tuple[str, ...]) -> None:
            seen.add(index)
            self.budget.tick()
            record = raw[index * 128 : index * 128 + 128]
            length = min(struct.unpack_from("<H", record, 64)[0], 64)
            name = record[: max(0, length - 2)].decode("utf-16-le", "replace")
            kind = record[66]
            left, right, child = struct.unpack_from("<III", record, 68)
            start, size = struct.unpack_from("<II", record, 116)
            if kind in (1, 2) and name:
                found.append(Entry(path=(*path, name), is_stream=kind == 2, start=start, size=size))
            waiting.extend(((left, path), (right, path)))
            if kind == 1 and len(path) < 64:
                waiting.append((child, (*path, name)))

        while waiting:
            index, path = waiting.pop()
            if index < count and index not in seen:
                visit(index, path)
        for index in range(count):
            if index not in seen and raw[index * 128 + 66] in (1, 2):
                visit(index, ("(orphan)",))
                waiting.clear()
        return found

    def get(self, *path: str) -> Entry | None:
        """The entry of that path, in any case."""
        return self._by_path.get(tuple(part.lower() for part in path))

    def read(self, entry: Entry) -> bytes:
        """A stream's bytes."""
        self.budget.tick(10)
        if entry.size < self._cutoff:
            return self._mini_chain(entry.start, entry.size)
        return self._chain(entry.start, entry.size)

    def stream(self, *path: str) -> bytes:
        """The bytes of the stream of that path; empty where there is none."""
        entry = self.get(*path)
        return self.read(entry) if entry is not None and entry.is_stream else b""


def _numbers(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


_SUMMARY = {2: "Title", 3: "Subject", 4: "Author", 5: "Keywords", 6: "Comments", 7: "Template",
8: "LastAuthor",
            9: "Revision", 12: "Created", 13: "LastSaved", 18: "Application"}  # fmt: skip
_DOCUMENT = {2: "Category", 13: "TitlesOfParts", 14: "Manager", 15: "Company", 26: "ContentType",
             27: "ContentStatus", 28: "Language"}  # fmt: skip


def properties(data: bytes, *, document: bool) -> Iterator[tuple[str, str]]:
    """Names and values of a property set stream; the user's own have the names of its dictionary."""
    if data[:2] != b"\xfe\xff" or len(data) < 48:
        return
    sections = min(struct.unpack_from("<I", data, 24)[0], 2)
    for number in range(sections):
        if 48 + 20 * number > len(data):
            return
        (at,) = struct.unpack_from("<I", data, 44 + 20 * number)
        yield from _section(data, at, ({} if number else _DOCUMENT) if document else _SUMMARY)


def _section(data: bytes, base: int, names: dict[int, str]) -> Iterator[tuple[str, str]]:
    if base + 8 > len(data):
        return
    count = min(struct.unpack_from("<I", data, base + 4)[0], 2_000)
    places = []
    for index in range(count):
        if base + 16 + 8 * index > len(data):
            break
        places.append(struct.unpack_from("<II", data, base + 8 + 8 * index))
    encoding = "cp1252"
    for identity, offset in places:
        if identity == 1 and base + offset + 6 <= len(data):
            (page,) = struct.unpack_from("<H", data, base + offset + 4)
            encoding = (
                "utf-8"
                if page == 65001
                else "utf-16-le"
                if page == 1200
                else codec_name(f"cp{page}") or "cp1252"
            )
    own = dict(names)
    for identity, offset in places:
        if identity == 0:
            own.update(_dictionary(data, base + offset, encoding))
    for identity, offset in places:
        if identity > 1 and (value := _value(data, base + offset, encoding)):
            yield own.get(identity, f"#{identity}"), value


def _dictionary(data: bytes, at: int, encoding: str) -> dict[int, str]:
    if at + 4 > len(data):
        return {}
    found: dict[int, str] = {}
    count = min(struct.unpack_from("<I", data, at)[0], 2_000)
    at += 4
    for _ in range(count):
        if at + 8 > len(data):
            break
        identity, length = struct.unpack_from("<II", data, at)
        at += 8
        size = length * 2 if encoding == "utf-16-le" else length
        found[identity] = data[at : at + size].decode(encoding, "replace").rstrip("\0")
        at += size
        if encoding == "utf-16-le":
            at += -at % 4
    return found


def _value(data: bytes, at: int, encoding: str) -> str:
    if at + 8 > len(data):
        return ""
    kind, length = struct.unpack_from("<II", data, at)
    if kind == 30:
        return data[at + 8 : at + 8 + length].decode(encoding, "replace").rstrip("\0")
    if kind == 31:
        return data[at + 8 : at + 8 + 2 * min(length, len(data))].decode("utf-16-le", "replace").rstrip("\0")
    if kind == 3:
        return str(struct.unpack_from("<i", data, at + 4)[0])
    if kind == 11:
        return "true" if data[at + 4] else "false"
    if kind == 64 and at + 12 <= len(data):
        (ticks,) = struct.unpack_from("<Q", data, at + 4)
        if 10**17 < ticks < 2 * 10**17:
            moment = datetime.datetime(1601, 1, 1) + datetime.timedelta(microseconds=ticks // 10)
            return moment.isoformat(sep=" ", timespec="seconds")
        return ""
    if kind in (0x101E, 0x101F):
        texts = []
        where = at + 8
        for _ in range(min(length, 1_000)):
            if where + 4 > len(data):
                break
            (size,) = struct.unpack_from("<I", data, where)
            size = size * 2 if kind == 0x101F else size
            raw = data[where + 4 : where + 4 + size]
            texts.append(raw.decode("utf-16-le" if kind == 0x101F else encoding, "replace").rstrip("\0"))
            where += 4 + size + (-size % 4 if kind == 0x101F else 0)
        return "; ".join(text for text in texts if text)
    return ""
