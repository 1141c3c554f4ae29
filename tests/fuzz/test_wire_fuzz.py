"""
Mutated packets and messages through every parser: nothing but a value, ``None`` or ``Malformed``, and work
that grows with the bytes, not with what they claim.

The ordinary run takes a seeded slice; the long run a million.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from sensor.errors import Malformed
from tests.fuzz.mutate import MAX_BYTES, mutations
from tests.fuzz.targets import TARGETS, Target

SLICE, LONG = 20_000, 1_000_000

CALLS, CALLS_PER_BYTE = 2_000, 10
"""What a call may cost: so many calls of functions, and so many for each byte (``packets`` reads a byte in
some ten layers, and has the dearest)."""

every_target = pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])


def run(target: Target, count: int, seed: object) -> tuple[int, int]:
    """How many mutations were read, and how many were malformed."""
    read = malformed = 0
    for i, data in enumerate(mutations(target.corpus, count, (seed, target.name))):
        try:
            target.call(data)
            read += 1
        except Malformed as odd:
            assert odd.name.replace("_", "").isalnum() and odd.name.islower()
            malformed += 1
        except Exception as fault:
            fault.add_note(f"{target.name}, mutation {i} of seed {seed!r}: {data.hex()}")
            raise
    return read, malformed


def calls_of(call: Callable[[bytes], object], data: bytes) -> int:
    """How many functions are called, Python's own included."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call(data)
    except Malformed:
        pass
    finally:
        sys.setprofile(before)
    return count


@every_target
def test_good_bytes_are_read(target: Target) -> None:
    """The corpus itself is what the mutations begin with: it must get past the first check."""
    results = []
    for data in target.corpus:
        try:
            target.call(data)
            results.append(True)
        except Malformed:
            results.append(False)
    assert results.count(True) >= len(results) // 2


@every_target
@pytest.mark.slow
def test_a_slice_of_mutations(target: Target) -> None:
    read, malformed = run(target, -(-SLICE // len(TARGETS)), "slice")
    assert read + malformed == -(-SLICE // len(TARGETS))
    assert read > 0


@every_target
@pytest.mark.long
def test_a_million_mutations(target: Target) -> None:
    """Together; each target takes its share."""
    count = -(-LONG // len(TARGETS))
    read, malformed = run(target, count, "long")
    assert read + malformed == count
    assert read > 0


@every_target
@pytest.mark.slow
def test_work_is_bounded_by_the_bytes(target: Target) -> None:
    """Mutated bytes, and long ones that repeat themselves, are zeros, or all ones: counted, not timed."""
    hostile = [data for data in mutations(target.corpus, 150, ("work", target.name))]
    for data in target.corpus:
        hostile.append((data * (1 + MAX_BYTES // len(data)))[: 2 * MAX_BYTES])
        hostile += [data + bytes((filler,)) * MAX_BYTES for filler in (0x00, 0x01, 0x0A, 0xC0, 0xFF)]
        middle = len(data) // 2
        hostile.append(data[:middle] + data[middle : middle + 4] * (MAX_BYTES // 4) + data[middle:])
    for data in hostile:
        count = calls_of(target.call, data)
        assert count <= CALLS + CALLS_PER_BYTE * len(data), (target.name, count, len(data), data[:99].hex())


def test_mutations_depend_on_the_seed_alone() -> None:
    corpus = [b"abcdef" * 9, b"0123456789"]
    first = list(mutations(corpus, 200, "a"))
    assert first == list(mutations(corpus, 200, "a"))
    assert first != list(mutations(corpus, 200, "b"))
    assert all(len(data) <= MAX_BYTES for data in first)
    assert len(set(first)) > 150
