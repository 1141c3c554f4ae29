"""
Code points to expressions over UTF-8 bytes, for the gate (hyperscan) and for ``re`` alike.

Tables of characters are written as code points, as Unicode's own files write them; what is matched are bytes.

Source: RFC 3629, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["code_points", "one_of"]


def code_points(table: str) -> list[tuple[int, int]]:
    """``00AD 2060-206F`` to inclusive ranges."""
    ranges = []
    for item in table.split():
        low, _, high = item.partition("-")
        ranges.append((int(low, 16), int(high or low, 16)))
    return ranges


def one_of(ranges: Iterable[tuple[int, int]]) -> str:
    """An expression that matches one character of the ranges, in bytes; all of them beyond ASCII."""
    tree: dict[bytes, set[int]] = {}
    for low, high in ranges:
        for point in range(low, high + 1):
            raw = chr(point).encode("utf-8", "surrogatepass")
            tree.setdefault(raw[:-1], set()).add(raw[-1])
    # Heads with the same last bytes and all but one byte in common are written together.
    rows: dict[tuple[bytes, str], set[int]] = {}
    for head, tails in tree.items():
        rows.setdefault((head[:-1], _class(tails)), set()).add(head[-1])
    return "(?:" + "|".join(_escape(stem) + _class(last) + tail for (stem, tail), last in rows.items()) + ")"


def _class(values: set[int]) -> str:
    """The bytes as a class, runs as ranges."""
    parts = []
    ordered = sorted(values)
    low = high = ordered[0]
    for value in [*ordered[1:], -1]:
        if value == high + 1:
            high = value
            continue
        parts.append(f"\\x{low:02x}" if low == high else f"\\x{low:02x}-\\x{high:02x}")
        low = high = value
    text = "".join(parts)
    return text if len(text) == 4 else f"[{text}]"


def _escape(raw: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in raw)
