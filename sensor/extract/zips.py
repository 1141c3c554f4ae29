"""
ZIP archives read by hand: the directory, and members one bounded stream at a time.

What a reader that trusts the archive would not see is looked for: members whose local header stands in no
directory, archives behind other data (a picture with a ZIP at its end), overlapping members. A member is
refused before a byte of it is inflated when it says that it expands beyond reason, and cut where it gives
more than it said.

Source: PKWARE APPNOTE.TXT 6.3.10 (4.3 general format, 4.4.4 flags, 4.4.5 methods, 4.5.3 ZIP64 extra field);
D. Fifield, "A better zip bomb" (WOOT 2019) for overlapping members.
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sensor.extract import inflating
from sensor.extract.budget import Budget, Stop

__all__ = ["Archive", "Member", "find_archive", "open_archive", "whole_archive"]

_END = b"PK\x05\x06"
_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_COMMENT_MAX = 65_535
_METHODS = {8: "deflate", 12: "bzip2", 93: "zstd", 95: "xz"}
_ENCRYPTED = 0x1
_UTF8 = 0x800
_DESCRIPTOR = 0x8


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member as its directory entry (or, without one, its local header) tells it."""

    name: str
    method: int
    flags: int
    start: int
    """Where its compressed bytes begin."""
    compressed: int
    size: int
    header: int
    """Where its local header begins."""
    comment: str = ""
    listed: bool = True
    """It stands in the directory."""

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & _ENCRYPTED)


class Archive:
    """An opened archive. ``members`` are in the directory's order, those that it hides at the end."""

    def __init__(self, data: bytes, budget: Budget, members: list[Member], comment: str) -> None:
        self.data = data
        self.budget = budget
        self.members = members
        self.comment = comment
        self._by_name = {member.name: member for member in members}

    def get(self, name: str) -> Member | None:
        """The member of that name."""
        return self._by_name.get(name)

    def pieces(self, member: Member) -> Iterator[bytes]:
        """
        Its bytes in chunks.

        :raises Stop: encrypted, unsupported method, bomb, damaged (fewer or more bytes than it said)
        """
        if member.encrypted:
            raise Stop("encrypted")
        raw = memoryview(self.data)[member.start : member.start + member.compressed]
        if member.method == 0:
            yield from _stored(self.budget, raw)
            return
        self.budget.expects(member.compressed, member.size)
        if member.method == 14:
            chunks = _lzma_pieces(self.budget, raw)
        elif member.method in _METHODS:
            chunks = inflating.pieces(self.budget, raw, _METHODS[member.method])
        else:
            raise Stop("unsupported")
        given = 0
        for chunk in chunks:
            given += len(chunk)
            if member.listed and given > member.size:
                yield chunk[: len(chunk) - (given - member.size)]
                raise Stop("damaged")
            yield chunk

    def read(self, member: Member, limit: int) -> bytes:
        """
        Its bytes whole.

        What a damaged member gave is kept, with the problem noted. :raises Stop: as ``pieces``; too_large
        """
        kept = bytearray()
        try:
            for chunk in self.pieces(member):
                kept += chunk
                if len(kept) > limit:
                    raise Stop("too_large")
        except Stop as stop:
            if stop.whole or not kept or stop.name in ("bomb", "too_large"):
                raise
            self.budget.problem(stop.name)
        return bytes(kept)


def _stored(budget: Budget, raw: memoryview) -> Iterator[bytes]:
    for at in range(0, len(raw), inflating.CHUNK):
        chunk = bytes(raw[at : at + inflating.CHUNK])
        budget.expand(at + len(chunk), at + len(chunk), len(chunk))
        yield chunk


def _lzma_pieces(budget: Budget, raw: memoryview) -> Iterator[bytes]:
    """
    Method 14: two bytes of version, the size of the properties, the properties, raw LZMA (APPNOTE 5.8.8).
    """
    if len(raw) < 9 or raw[2] != 5:
        raise Stop("damaged")
    packed, dictionary = raw[4], int.from_bytes(raw[5:9], "little")
    if packed >= 225 or dictionary > 64 * 1024 * 1024:
        raise Stop("bomb" if packed < 225 else "damaged")
    filters = [
        {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(dictionary, 4096),
            "lc": packed % 9,
            "lp": packed // 9 % 5,
            "pb": packed // 45,
        }
    ]
    try:
        decompressor = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters)
    except lzma.LZMAError:  # properties that no encoder writes
        raise Stop("damaged") from None
    at, out = 9, 0
    while not decompressor.eof:
        feed = b""
        if decompressor.needs_input:
            feed = bytes(raw[at : at + inflating.CHUNK])
            at += len(feed)
            if not feed:
                return
        try:
            chunk = decompressor.decompress(feed, inflating.CHUNK)
        except (lzma.LZMAError, EOFError):
            raise Stop("damaged") from None
        if chunk:
            out += len(chunk)
            budget.expand(at, out, len(chunk))
            yield chunk


def find_archive(data: bytes) -> int | None:
    """Where the end record of an archive stands in the last 64 KB, or None."""
    low = max(0, len(data) - _COMMENT_MAX - 22)
    at = data.rfind(_END, low)
    while at >= 0:
        if at + 22 <= len(data):
            return at
        at = data.rfind(_END, low, at)
    return None


def whole_archive(data: bytes) -> int:
    """Where an archive begins that stands whole behind other data; 0 where there is none."""
    end = find_archive(data)
    if end is None:
        return 0
    count, size, offset = struct.unpack_from("<HII", data, end + 10)
    start: int = end - size - offset
    return start if count and start > 0 and data.startswith(_LOCAL, start) else 0


def open_archive(data: bytes, budget: Budget) -> Archive:
    """
    The archive in ``data``, which may stand behind other bytes.

    Without a usable directory the local headers are followed, and ``damaged`` is noted.

    :raises Stop: ``bomb`` where members overlap, ``damaged`` where nothing can be read
    """
    end = find_archive(data)
    members: list[Member] = []
    comment = ""
    low = 0
    if end is not None:
        comment = _text(data[end + 22 : end + 22 + int.from_bytes(data[end + 20 : end + 22], "little")], 0)
        try:
            members, low = _directory(data, end, budget)
        except (struct.error, ValueError):
            budget.problem("damaged")
    if not members and end is not None and data[end + 8 : end + 12] == b"\0\0\0\0":
        pass  # an empty archive
    elif not members:
        budget.problem("damaged")
    _refuse_overlaps(members)
    members += _unlisted(data, low, members, budget, len(data) if end is None else end)
    if not members and end is None:
        raise Stop("damaged")
    return Archive(data, budget, members, comment)


def _directory(data: bytes, end: int, budget: Budget) -> tuple[list[Member], int]:
    """The members of the directory, and where the archive begins in ``data``."""
    count, size, offset = struct.unpack_from("<HII", data, end + 10)
    tail = end
    if end >= 20 and data[end - 20 : end - 16] == b"PK\x06\x07":
        (at,) = struct.unpack_from("<Q", data, end - 12)
        found = at if data[at : at + 4] == b"PK\x06\x06" else data.rfind(b"PK\x06\x06", 0, end)
        if found >= 0:
            count, size, offset = struct.unpack_from("<QQQ", data, found + 32)
            tail = found
    if size > tail:
        raise ValueError("the directory does not fit")
    # Where other data stands before the archive, all offsets are short by its length.
    shift = tail - size - offset
    if data[tail - size : tail - size + 4] != _CENTRAL:
        shift = 0
    at = offset + shift
    members: list[Member] = []
    while len(members) < count and data[at : at + 4] == _CENTRAL:
        if len(members) >= budget.limits.members:
            budget.problem("too_many")
            break
        budget.tick()
        member, at = _entry(data, at, shift)
        members.append(member)
    if len(members) < count:
        budget.problem("damaged")
    return members, max(shift, 0)


def _entry(data: bytes, at: int, shift: int) -> tuple[Member, int]:
    """One directory entry, and where the next begins."""
    flags, method = struct.unpack_from("<HH", data, at + 8)
    compressed, size = struct.unpack_from("<II", data, at + 20)
    name_length, extra_length, comment_length = struct.unpack_from("<HHH", data, at + 28)
    (header,) = struct.unpack_from("<I", data, at + 42)
    name = data[at + 46 : at + 46 + name_length]
    extra = data[at + 46 + name_length : at + 46 + name_length + extra_length]
    comment_at = at + 46 + name_length + extra_length
    if 0xFFFFFFFF in (compressed, size, header):
        wide = _zip64(extra)
        if size == 0xFFFFFFFF and wide:
            size = wide.pop(0)
        if compressed == 0xFFFFFFFF and wide:
            compressed = wide.pop(0)
        if header == 0xFFFFFFFF and wide:
            header = wide.pop(0)
    header += shift
    start = header + 30
    if data[header : header + 4] == _LOCAL:
        local_name, local_extra = struct.unpack_from("<HH", data, header + 26)
        start += local_name + local_extra
    member = Member(
        name=_text(name, flags), method=method, flags=flags, start=start, compressed=compressed, size=size,
        header=header, comment=_text(data[comment_at : comment_at + comment_length], flags),
    )  # fmt: skip
    return member, comment_at + comment_length


def _zip64(extra: bytes) -> list[int]:
    """The 64-bit values of the ZIP64 extra field, in order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            body = extra[at + 4 : at + 4 + length]
            return [int.from_bytes(body[i : i + 8], "little") for i in range(0, len(body) - 7, 8)]
        at += 4 + length
    return []


def _refuse_overlaps(members: list[Member]) -> None:
    """Members that share bytes are a bomb: an honest archive has none."""
    last = -1
    for member in sorted(members, key=lambda m: (m.header, m.start)):
        if member.header < last:
            raise Stop("bomb", whole=True)
        last = max(last, member.start + member.compressed)


def _unlisted(data: bytes, low: int, members: list[Member], budget: Budget, high: int) -> list[Member]:
    """Members whose local headers stand between, before or behind those that the directory lists."""
    found: list[Member] = []
    gaps = []
    at = low
    for member in sorted(members, key=lambda m: m.header):
        if member.header > at:
            gaps.append((at, member.header))
        at = max(at, member.start + member.compressed)
    gaps.append((at, high))
    for start, stop in gaps:
        at = data.find(_LOCAL, start, stop)
        while at >= 0 and at + 30 <= stop:
            budget.tick(10)
            if len(found) + len(members) >= budget.limits.members:
                budget.problem("too_many")
                return found
            hidden = _local(data, at, stop)
            if hidden is None:
                at = data.find(_LOCAL, at + 4, stop)
                continue
            found.append(hidden)
            at = data.find(_LOCAL, hidden.start + hidden.compressed, stop)
    return found


def _local(data: bytes, at: int, stop: int) -> Member | None:
    """The member of a local header that stands in no directory."""
    flags, method = struct.unpack_from("<HH", data, at + 6)
    compressed, size, name_length, extra_length = struct.unpack_from("<IIHH", data, at + 18)
    start = at + 30 + name_length + extra_length
    if start > stop or method not in (0, 14, *_METHODS) or name_length > 1024:
        return None
    if flags & _DESCRIPTOR and not compressed or compressed == 0xFFFFFFFF or start + compressed > stop:
        next_at = data.find(_LOCAL, start, stop)
        compressed = (next_at if next_at >= 0 else stop) - start
        size = 0
    name = _text(data[at + 30 : at + 30 + name_length], flags)
    member = Member(
        name=name, method=method, flags=flags, start=start, compressed=compressed, size=size, header=at,
        listed=False,
    )  # fmt: skip
    return member


def _text(raw: bytes, flags: int) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8" if flags & _UTF8 else "cp437", errors="replace")
