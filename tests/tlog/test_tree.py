"""The Merkle tree: published vectors, a second implementation, tiles and what is read back from them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from sensor.errors import Malformed
from sensor.tlog.tiles import TileReader, tile_path, tile_root
from sensor.tlog.tree import (
    EMPTY_ROOT,
    EMPTY_TREE,
    HASH_BYTES,
    TILE_WIDTH,
    edge_tiles,
    grow,
    hash_leaf,
    restore,
    root_of,
)

# Source: google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc (kSHA256Roots over test_vector),
# repeated in transparency-dev/merkle, testonly/constants.go.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    )
]  # fmt: skip
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def hashes(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


def stored(leaves, batch):
    """A tree grown in batches, and every tile it made, as a store keeps them."""
    tree, tiles = EMPTY_TREE, {}
    for at in range(0, len(leaves), batch):
        tree, changed = grow(tree, leaves[at : at + batch])
        tiles.update(changed)
    return tree, tiles


@pytest.mark.parametrize("size", range(len(CT_ROOTS)))
def test_published_roots(size):
    """The roots of the Certificate Transparency project's test leaves, by both ways of computing them."""
    leaves = [hash_leaf(leaf) for leaf in CT_LEAVES[:size]]
    tree, _ = grow(EMPTY_TREE, leaves)
    assert root_of(leaves).hex() == tree.root().hex() == CT_ROOTS[size]


def test_the_empty_root_is_the_hash_of_nothing():
    """RFC 6962, section 2.1."""
    assert EMPTY_TREE.root() == EMPTY_ROOT == hashlib.sha256().digest()


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_equals_the_second_implementation(bodies):
    """The root equals that of the pymerkle package for any leaves."""
    other = InmemoryTree(algorithm="sha256")
    for body in bodies:
        other.append_entry(body)
    tree, _ = grow(EMPTY_TREE, [hash_leaf(body) for body in bodies])
    assert tree.root() == (other.get_root() if bodies else EMPTY_ROOT)


@pytest.mark.slow
@given(st.integers(0, 700), st.data())
def test_growing_in_any_batches_is_growing_at_once(size, data):
    """The same tree, frontier and tiles, however the leaves were cut into batches."""
    leaves = hashes(size)
    once, once_tiles = grow(EMPTY_TREE, leaves)
    tree, tiles, at = EMPTY_TREE, {}, 0
    while at < size:
        step = data.draw(st.integers(1, 300))
        tree, changed = grow(tree, leaves[at : at + step])
        tiles.update(changed)
        at += step
    assert tree == once
    assert tiles == once_tiles
    assert tree.root() == root_of(leaves)


@pytest.mark.slow
def test_tiles_at_every_level():
    """
    70,000 leaves make the tiles that the specification names.

    Source: C2SP tlog-tiles, "Partial Tiles": "a tree of size 70,000 will be represented by 273 full level 0
    tiles, one partial level 0 tile of width 112, one full level 1 tile, one partial level 1 tile of width 17,
    and one partial level 2 tile of width 1".
    """
    tree, tiles = stored(hashes(70_000), 9_999)
    widths: dict[tuple[int, int], int] = {}
    for (level, _), data in tiles.items():
        key = (level, len(data) // HASH_BYTES)
        widths[key] = widths.get(key, 0) + 1
    assert widths == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}
    assert edge_tiles(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    # Each hash of level l + 1 is the root of a full tile of level l.
    for (level, n), data in tiles.items():
        if level:
            for at in range(len(data) // HASH_BYTES):
                below = tiles[level - 1, n * TILE_WIDTH + at]
                assert tile_root(below) == data[at * HASH_BYTES : (at + 1) * HASH_BYTES]
    assert tree.root() == TileReader(lambda level, n: tiles[level, n]).subtree(0, 70_000)


def test_a_full_tile_leaves_a_width_of_one_above():
    """Source: C2SP tlog-tiles: "a tree of size 256 will be represented by a full level 0 tile and a partial
    level 1 tile of width 1"."""
    _, tiles = stored(hashes(256), 100)
    assert {key: len(data) // HASH_BYTES for key, data in tiles.items()} == {(0, 0): 256, (1, 0): 1}


@given(st.integers(1, 600), st.data())
def test_any_range_is_read_back_from_tiles(size, data):
    """The hash over any range of leaves comes out of the tiles as it comes out of the leaves."""
    leaves = hashes(size)
    _, tiles = grow(EMPTY_TREE, leaves)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    # RFC 6962 only ever asks for ranges that start at a multiple of their power of two.
    start -= start % (1 << (end - start).bit_length()) if end > start else 0
    reader = TileReader(lambda level, n: tiles[level, n])
    assert reader.subtree(start, end) == root_of(leaves[start:end])


def test_a_short_tile_is_refused():
    """A tile that lost hashes gives a refusal, not a hash of less."""
    _, tiles = grow(EMPTY_TREE, hashes(10))
    with pytest.raises(Malformed, match="tile_short"):
        TileReader(lambda level, n: tiles[level, n][:-1]).subtree(0, 10)


@pytest.mark.parametrize(
    ("level", "n", "width", "path"),
    [
        (0, 1234067, 256, "tile/0/x001/x234/067"),  # the specification's example
        (1, 0, 17, "tile/1/000.p/17"),
        (0, 273, 112, "tile/0/273.p/112"),
        (3, 1000, 256, "tile/3/x001/000"),
        ("entries", 5, 256, "tile/entries/005"),
    ],
)
def test_tile_names(level, n, width, path):
    """Source: C2SP tlog-tiles, "Merkle Tree": "index 1234067 will be encoded as ``x001/x234/067``"."""
    assert tile_path(level, n, width) == path


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537])
def test_a_tree_is_restored_from_what_was_stored(size):
    """Frontier and unfinished tiles are enough to go on growing."""
    leaves = hashes(size)
    tree, tiles = stored(leaves, 20_000)
    edge = {level: tiles[level, n] for level, n, _ in edge_tiles(size)}
    again = restore(size, b"".join(tree.frontier), edge)
    assert again == tree
    assert grow(again, hashes(3)) == grow(tree, hashes(3))


def test_a_tree_is_not_restored_from_parts_that_do_not_fit():
    """A frontier or a tile of the wrong length is refused."""
    tree, tiles = stored(hashes(300), 300)
    frontier = b"".join(tree.frontier)
    edge = {level: tiles[level, n] for level, n, _ in edge_tiles(300)}
    for size, nodes, parts, name in (
        (300, frontier[:-1], edge, "tree_frontier"),
        (301, frontier, edge, "tree_frontier"),
        (300, frontier, {}, "tree_edge"),
        (300, frontier, {0: edge[0][:-32], 1: edge[1]}, "tree_edge"),
    ):
        with pytest.raises(Malformed, match=name):
            restore(size, nodes, parts)
