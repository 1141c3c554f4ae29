"""Proofs: published ones, every one of small trees, and forged ones by the thousand."""

import functools
import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import (
    InmemoryTree,
)
from pymerkle import (
    verify_consistency as their_consistency,
)
from pymerkle import (
    verify_inclusion as their_inclusion,
)

from sensor.tlog.proofs import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from sensor.tlog.tree import EMPTY_ROOT, hash_leaf, root_of

# The leaves of google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc.
CT_LEAVES = [
    hash_leaf(bytes.fromhex(text))
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    )
]  # fmt: skip
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(70)]


@functools.cache
def subtree(start: int, end: int) -> bytes:
    return root_of(LEAVES[start:end])


def ct_subtree(start: int, end: int) -> bytes:
    return root_of(CT_LEAVES[start:end])


# Source: the same file, kSHA256Paths and kSHA256Proofs. Indices count from 0 here.
@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]),
        (5, 8, [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]),
    ],
)  # fmt: skip
def test_published_inclusion_paths(index, size, path):
    """The audit paths of the Certificate Transparency project's test leaves."""
    proof = inclusion_proof(index, size, ct_subtree)
    assert [node.hex() for node in proof] == path
    assert verify_inclusion(CT_LEAVES[index], index, size, proof, ct_subtree(0, size))


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (1, 1, []),
        (1, 8, [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]),
        (6, 8, [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]),
        (2, 5, [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]),
    ],
)  # fmt: skip
def test_published_consistency_proofs(old, new, path):
    """The consistency proofs of the same leaves."""
    proof = consistency_proof(old, new, ct_subtree)
    assert [node.hex() for node in proof] == path
    assert verify_consistency(old, new, ct_subtree(0, old), ct_subtree(0, new), proof)


@pytest.mark.slow
def test_every_inclusion_proof_of_small_trees():
    """Every leaf of every tree up to 28 is proved, and proves nothing of another place, leaf or root."""
    for size in range(1, 29):
        root = subtree(0, size)
        for index in range(size):
            proof = inclusion_proof(index, size, subtree)
            assert verify_inclusion(LEAVES[index], index, size, proof, root)
            assert not verify_inclusion(LEAVES[(index + 1) % 70], index, size, proof, root)
            assert not verify_inclusion(LEAVES[index], index, size, proof, LEAVES[69])
            assert not verify_inclusion(LEAVES[index], index, size, [*proof, root], root)
            if proof:
                assert not verify_inclusion(LEAVES[index], index, size, proof[:-1], root)
            for other in range(size):
                if other != index:
                    assert not verify_inclusion(LEAVES[index], other, size, proof, root)


def test_every_consistency_proof_of_small_trees():
    """Every pair of sizes up to 40 is proved; another old or new root, or a proof cut or longer, is not."""
    for new in range(0, 41):
        for old in range(0, new + 1):
            proof = consistency_proof(old, new, subtree)
            roots = subtree(0, old), subtree(0, new)
            assert verify_consistency(old, new, *roots, proof)
            assert not verify_consistency(old, new, LEAVES[68], roots[1], proof)
            if old:
                assert not verify_consistency(old, new, roots[0], LEAVES[68], proof)
            assert not verify_consistency(old, new, *roots, [*proof, LEAVES[0]])
            if proof:
                assert not verify_consistency(old, new, *roots, proof[:-1])
                assert not verify_consistency(old, new, *roots, proof[1:])


@given(st.integers(1, 70), st.data())
def test_agrees_with_the_second_implementation(size, data):
    """pymerkle verifies the same statements; its proofs hold the same hashes as ours."""
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(bytes([number]))
    ours = [hash_leaf(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    theirs = tree.prove_inclusion(index + 1, size)
    their_inclusion(ours[index], tree.get_root(), theirs)
    assert inclusion_proof(index, size, lambda s, e: root_of(ours[s:e])) == theirs.path[1:]

    old = data.draw(st.integers(1, size))
    proof = consistency_proof(old, size, lambda s, e: root_of(ours[s:e]))
    their_consistency(tree.get_root(old), tree.get_root(), tree.prove_consistency(old, size))
    assert verify_consistency(old, size, tree.get_root(old), tree.get_root(), proof)


def forged(rng: random.Random):
    """A consistency proof for a history that did not happen: some of it true, none of it proof."""
    new = rng.randrange(2, 70)
    old = rng.randrange(1, new)
    history = list(LEAVES[:old])
    history[rng.randrange(old)] = rng.randbytes(32)
    old_root = root_of(history)
    true = consistency_proof(old, new, subtree)
    pool = [*true, *history, old_root, subtree(0, new), subtree(0, old), rng.randbytes(32)]
    match rng.randrange(5):
        case 0:
            proof = true
        case 1:
            proof = consistency_proof(old, new, lambda s, e: root_of((history + LEAVES[old:])[s:e]))
        case 2:
            proof = [*true]
            proof[rng.randrange(len(proof))] = rng.choice(pool)
        case 3:
            proof = rng.sample(true, len(true))
        case _:
            proof = [rng.choice(pool) for _ in range(rng.randrange(9))]
    return old, new, old_root, subtree(0, new), proof


def test_forged_consistency_proofs_are_refused():
    """2,000 forged old roots with true, honest-looking and random proofs: none is accepted."""
    rng = random.Random(6962)
    for _ in range(2_000):
        assert not verify_consistency(*forged(rng))


@pytest.mark.long
def test_many_more_forged_consistency_proofs_are_refused():
    """The same with 200,000."""
    rng = random.Random()
    for _ in range(200_000):
        assert not verify_consistency(*forged(rng))


HASHES = st.lists(st.binary(min_size=32, max_size=32) | st.binary(max_size=40), max_size=8)


@given(st.integers(-2, 2**70), st.integers(-2, 2**70), HASHES, st.binary(max_size=33))
def test_verifiers_never_raise(first, second, proof, root):
    """Any numbers and any bytes get a yes or a no."""
    assert verify_inclusion(root, first, second, proof, root) in (True, False)
    assert verify_consistency(first, second, root, root, proof) in (True, False)


def test_impossible_questions():
    """What no tree has cannot be proved, and no proof of it is believed."""
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError):
            inclusion_proof(index, size, subtree)
        assert not verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError):
            consistency_proof(old, new, subtree)
        assert not verify_consistency(old, new, LEAVES[0], LEAVES[0], [])
    assert not verify_consistency(3, 5, LEAVES[0], LEAVES[0], [])
    assert not verify_consistency(0, 5, LEAVES[0], subtree(0, 5), [])
    assert verify_consistency(0, 5, EMPTY_ROOT, subtree(0, 5), [])
    assert not verify_inclusion(LEAVES[0], 0, 2, [LEAVES[1][:-1]], subtree(0, 2))
