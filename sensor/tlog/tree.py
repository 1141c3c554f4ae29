"""
The Merkle tree of RFC 6962, growing by batches.

Theory of operation: a tree of ``size`` leaves is kept as two small values. The *frontier* (compact range) is
the hashes of the perfect subtrees that make it up, largest first, one for each 1 bit of ``size``; the root is
folded from it. The *edge* is the unfinished tile of each level (tlog-tiles: 256 hashes a tile, level
``l + 1`` holds the hashes of the full tiles of level ``l``). ``grow`` takes leaf hashes and gives the larger
tree and the tiles that changed. Nothing is changed in place: who fails to store what ``grow`` gave still
holds the tree as it was.

Source: RFC 6962, section 2.1; C2SP tlog-tiles, "Merkle Tree".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sensor.errors import Malformed

__all__ = [
    "EMPTY_ROOT",
    "EMPTY_TREE",
    "HASH_BYTES",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tree",
    "edge_tiles",
    "grow",
    "hash_leaf",
    "hash_node",
    "restore",
    "root_of",
]

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962, section 2.1: "The hash of an empty list is the hash of an empty string"."""


def hash_leaf(body: bytes) -> bytes:
    """The hash of a leaf. Source: RFC 6962, section 2.1: ``SHA-256(0x00 || d(0))``."""
    return sha256(b"\x00" + body).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node. Source: RFC 6962, section 2.1: ``SHA-256(0x01 || left || right)``."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """
    The root over leaf hashes, written as the RFC defines it. Slow and plain; ``grow`` is held equal to it.

    Source: RFC 6962, section 2.1, ``MTH``.
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1 << ((len(leaf_hashes) - 1).bit_length() - 1)
    return hash_node(root_of(leaf_hashes[:split]), root_of(leaf_hashes[split:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree of ``size`` leaves, as much of it as is needed to grow it."""

    size: int
    frontier: tuple[bytes, ...]
    """Hashes of the perfect subtrees, largest first: one for each 1 bit of ``size``."""
    edge: tuple[bytes, ...]
    """For each level the hashes of its unfinished tile, in a row; empty where none is unfinished."""

    def root(self) -> bytes:
        """The root hash."""
        if not self.frontier:
            return EMPTY_ROOT
        *rest, root = self.frontier
        for left in reversed(rest):
            root = hash_node(left, root)
        return root


EMPTY_TREE = Tree(size=0, frontier=(), edge=())


def grow(tree: Tree, leaf_hashes: Iterable[bytes]) -> tuple[Tree, dict[tuple[int, int], bytes]]:
    """
    The tree with leaves added, and the tiles that this made or changed: (level, n) to their hashes.

    Costs two hashes a leaf on average.
    """
    size = tree.size
    nodes = list(tree.frontier)
    edge = [bytearray(hashes) for hashes in tree.edge]
    tiles: dict[tuple[int, int], bytes] = {}
    touched: set[int] = set()

    def put(level: int, index: int, node: bytes) -> None:
        # `index` counts the hashes of this level from the tree's start.
        if level == len(edge):
            edge.append(bytearray())
        edge[level] += node
        touched.add(level)
        if index % TILE_WIDTH == TILE_WIDTH - 1:
            tiles[level, index // TILE_WIDTH] = bytes(edge[level])
            edge[level].clear()

    for leaf in leaf_hashes:
        put(0, size, leaf)
        node, index, height = leaf, size, 0
        while index & 1:
            node = hash_node(nodes.pop(), node)
            index >>= 1
            height += 1
            if height % TILE_HEIGHT == 0:
                put(height // TILE_HEIGHT, index, node)
        nodes.append(node)
        size += 1

    for level in touched:
        if edge[level]:
            tiles[level, (size >> (TILE_HEIGHT * level)) // TILE_WIDTH] = bytes(edge[level])
    grown = Tree(size=size, frontier=tuple(nodes), edge=tuple(bytes(hashes) for hashes in edge))
    return grown, tiles


def edge_tiles(size: int) -> list[tuple[int, int, int]]:
    """
    The unfinished tiles of a tree: (level, n, width).

    Source: C2SP tlog-tiles, "Partial Tiles": "The partial tile at level *l* for a tree of size *s* has
    ``floor(s / 256**l) mod 256`` entries. Empty tiles MUST NOT be served."
    """
    tiles = []
    level = 0
    while size:
        if size % TILE_WIDTH:
            tiles.append((level, size // TILE_WIDTH, size % TILE_WIDTH))
        size //= TILE_WIDTH
        level += 1
    return tiles


def restore(size: int, frontier: bytes, tiles: Mapping[int, bytes]) -> Tree:
    """
    A tree from what was stored of it: the frontier's hashes in a row, each level's unfinished tile.

    Raises ``Malformed`` where the parts do not fit ``size``. That they are the *right* hashes is for the
    caller to check, by comparing ``root()`` with a signed one.
    """
    if len(frontier) != size.bit_count() * HASH_BYTES:
        raise Malformed("tree_frontier")
    widths = {level: width for level, _, width in edge_tiles(size)}
    levels = -(-size.bit_length() // TILE_HEIGHT)
    edge = []
    for level in range(levels):
        hashes = tiles.get(level, b"")
        if len(hashes) != widths.get(level, 0) * HASH_BYTES:
            raise Malformed("tree_edge")
        edge.append(hashes)
    nodes = tuple(frontier[at : at + HASH_BYTES] for at in range(0, len(frontier), HASH_BYTES))
    return Tree(size=size, frontier=nodes, edge=tuple(edge))
