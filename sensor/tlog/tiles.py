"""
Where a hash stands in which tile, the tiles' file names, and subtrees read back from tiles.

Source: C2SP tlog-tiles, "Merkle Tree", "Partial Tiles" and "Log entries".
"""

from __future__ import annotations

from collections.abc import Callable

from sensor.errors import Malformed
from sensor.tlog.tree import EMPTY_ROOT, HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, hash_node

__all__ = ["ReadTile", "TileReader", "tile_path", "tile_root"]

ReadTile = Callable[[int, int], bytes]
"""(level, n) to the tile's hashes, as many as there are."""


def tile_path(level: int | str, n: int, width: int = TILE_WIDTH) -> str:
    """
    The name of a tile: ``tile/0/x001/x234/067``, ``tile/1/000.p/17``. ``level`` may be ``entries``.

    Source: C2SP tlog-tiles: "zero-padded 3-digit path elements. All but the last path element MUST begin with
    an ``x``."
    """
    parts = [f"{n % 1000:03}"]
    while n := n // 1000:
        parts.append(f"x{n % 1000:03}")
    name = f"tile/{level}/{'/'.join(reversed(parts))}"
    return name if width == TILE_WIDTH else f"{name}.p/{width}"


def tile_root(hashes: bytes) -> bytes:
    """The root over a row of hashes, 2^k of them."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = [hash_node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class TileReader:
    """Hashes of any part of a tree, from its tiles. The tiles are believed: compare with a signed root."""

    def __init__(self, read_tile: ReadTile) -> None:
        self._read_tile = read_tile

    def subtree(self, start: int, end: int) -> bytes:
        """
        The hash over leaves ``start`` to ``end - 1``.

        Raises ``Malformed`` where a tile is too short.

        Source: RFC 6962, section 2.1, ``MTH(D[start:end])``.
        """
        width = end - start
        if width <= 0:
            return EMPTY_ROOT
        if width & (width - 1) == 0 and start % width == 0:
            return self._perfect(width.bit_length() - 1, start // width)
        split = 1 << ((width - 1).bit_length() - 1)
        return hash_node(self.subtree(start, start + split), self.subtree(start + split, end))

    def _perfect(self, height: int, index: int) -> bytes:
        level, up = divmod(height, TILE_HEIGHT)
        first = index << up
        at = (first % TILE_WIDTH) * HASH_BYTES
        hashes = self._read_tile(level, first // TILE_WIDTH)[at : at + (HASH_BYTES << up)]
        if len(hashes) != HASH_BYTES << up:
            raise Malformed("tile_short")
        return tile_root(hashes)
