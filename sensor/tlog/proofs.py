"""
Inclusion and consistency proofs, and the verifiers that believe nothing but hashes.

Making a proof takes a function that gives the hash over any range of leaves (``TileReader.subtree``).
Verifying takes roots that the verifier holds. A verifier answers yes or no and never raises: a proof is
what an adversary hands over. Work is linear in the proof, and a proof longer than a tree of its size allows
is refused.

Source: RFC 6962, section 2.1; the verifiers are RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from sensor.tlog.tree import EMPTY_ROOT, HASH_BYTES, hash_node

__all__ = [
    "Subtree",
    "consistency_proof",
    "format_proof",
    "inclusion_proof",
    "verify_consistency",
    "verify_inclusion",
]

Subtree = Callable[[int, int], bytes]
"""(start, end) to the hash over leaves ``start`` to ``end - 1``."""


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """
    The audit path of leaf ``index`` in the tree of ``size`` leaves, leaf side first.

    Source: RFC 6962, section 2.1.1, ``PATH(m, D[n])``.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < split:
            path.append(subtree(split, end))
            end = split
        else:
            path.append(subtree(start, split))
            start = split
    path.reverse()
    return path


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """
    The proof that the tree of ``new`` leaves begins with the tree of ``old`` leaves.

    Source: RFC 6962, section 2.1.2, ``PROOF(m, D[n])``.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} cannot begin with a tree of {old}")
    if old in (0, new):
        return []
    path = []
    start, end = 0, new
    known = True  # whether the verifier holds the hash over start..end as the old root itself
    while old != end:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= split:
            path.append(subtree(split, end))
            end = split
        else:
            path.append(subtree(start, split))
            start = split
            known = False
    if not known:
        path.append(subtree(start, end))
    path.reverse()
    return path


def format_proof(index: int, proof: Sequence[bytes], note: str) -> str:
    """
    An inclusion proof and the checkpoint it leads to, as a file (``.tlog-proof``) that needs nothing else.

    Source: https://c2sp.org/tlog-proof, "Format".
    """
    hashes = "".join(base64.b64encode(node).decode() + "\n" for node in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """
    Whether the proof shows that ``leaf_hash`` stands at ``index`` in the tree of ``size`` with this root.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size or not _are_hashes(proof):
        return False
    place, last, node = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = hash_node(sibling, node)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            node = hash_node(node, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and node == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """
    Whether the proof shows that the tree of ``new`` begins with the tree of ``old``.

    A tree of no leaves is the beginning of every tree; its proof is empty.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old <= new or not _are_hashes(proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    # "If first is an exact power of 2, then prepend first_hash to the consistency_path array."
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_node = hash_node(sibling, old_node)
            new_node = hash_node(sibling, new_node)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            new_node = hash_node(new_node, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and old_node == old_root and new_node == new_root


def _are_hashes(proof: Sequence[bytes]) -> bool:
    return all(len(node) == HASH_BYTES for node in proof)
