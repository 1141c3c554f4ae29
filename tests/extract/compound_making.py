"""Compound files by hand: storages and streams into sectors of 512 bytes."""

from __future__ import annotations

import struct
from typing import Any

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD

Tree = dict[str, "bytes | Tree"]


def compound(tree: Tree, *, mini: bool = False) -> bytes:
    """A compound file of that tree; with ``mini`` its streams below 4,096 bytes stand in the mini stream."""
    entries: list[list[Any]] = [["Root Entry", 5, FREE, FREE, FREE, END, 0]]
    streams: list[tuple[int, bytes]] = []

    def add(children: Tree) -> int:
        """The siblings as a chain to the right; the first one's number."""
        first = FREE
        previous: list[Any] | None = None
        for name, value in children.items():
            number = len(entries)
            entry: list[Any] = [name, 2 if isinstance(value, bytes) else 1, FREE, FREE, FREE, END, 0]
            entries.append(entry)
            if previous is None:
                first = number
            else:
                previous[3] = number
            previous = entry
            if isinstance(value, bytes):
                streams.append((number, value))
            else:
                entry[4] = add(value)
        return first

    entries[0][4] = add(tree)
    sectors: list[bytes] = []
    fat: list[int] = []
    small, mini_fat = bytearray(), []

    def store(data: bytes) -> int:
        if not data:
            return END
        start = len(sectors)
        count = -(-len(data) // 512)
        for index in range(count):
            sectors.append(data[512 * index : 512 * (index + 1)].ljust(512, b"\0"))
            fat.append(start + index + 1 if index + 1 < count else END)
        return start

    for number, data in streams:
        entries[number][6] = len(data)
        if mini and 0 < len(data) < 4096:
            start = len(small) // 64
            count = -(-len(data) // 64)
            small += data.ljust(64 * count, b"\0")
            mini_fat += [start + index + 1 if index + 1 < count else END for index in range(count)]
            entries[number][5] = start
        else:
            entries[number][5] = store(data)
    if small:
        entries[0][5], entries[0][6] = store(bytes(small)), len(small)
    mini_at = store(struct.pack(f"<{len(mini_fat)}I", *mini_fat)) if mini_fat else END
    raw = bytearray()
    for name, kind, left, right, child, start, size in entries:
        wide = str(name).encode("utf-16-le")
        raw += wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, kind, 1)
        raw += struct.pack("<III", left, right, child) + bytes(36) + struct.pack("<IQ", start, size)
    raw += bytes(-len(raw) % 512)
    directory = store(bytes(raw))
    count = -(-(len(fat) + 1) // 127)
    fat_at = len(sectors)
    table = fat + [FAT] * count
    table += [FREE] * (128 * count - len(table))
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack(
        "<IIIIIIIIII", 0, count, directory, 0, 4096 if mini else 0, mini_at, len(mini_fat) and 1, END, 0, 0
    )[:36]
    places = [fat_at + index for index in range(count)] + [FREE] * (109 - count)
    head += struct.pack("<109I", *places)
    body = b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)
    return head.ljust(512, b"\0") + body


def message(
    properties: dict[int, str], attachments: dict[str, bytes] | None = None, inner: Tree | None = None
) -> Tree:
    """The tree of an MSG: Unicode properties, attached files, a message attached."""
    tree: Tree = {"__properties_version1.0": bytes(32)}
    for tag, text in properties.items():
        tree[f"__substg1.0_{tag:04X}001F"] = text.encode("utf-16-le")
    for number, (name, data) in enumerate((attachments or {}).items()):
        tree[f"__attach_version1.0_#{number:08X}"] = {
            "__substg1.0_3707001F": name.encode("utf-16-le"), "__substg1.0_37010102": data,
        }  # fmt: skip
    if inner is not None:
        tree["__attach_version1.0_#000000FF"] = {"__substg1.0_3701000D": inner}
    return tree
