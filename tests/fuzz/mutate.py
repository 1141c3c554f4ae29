"""
Mutations of bytes, the same for the same seed.

What they do: flip a bit, set a byte, set a number (lengths are where parsers break) to a value at the edge,
cut, drop, repeat, insert, swap and splice pieces. One to six of them at a time, more often few.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

__all__ = ["MAX_BYTES", "mutations"]

MAX_BYTES = 8_192
"""A mutation is never longer: repeated repetition would grow without end."""

_EDGES = (0, 1, 2, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)


def mutations(corpus: Sequence[bytes], count: int, seed: object) -> Iterator[bytes]:
    """So many mutated members of the corpus; ``repr(seed)`` decides which."""
    rng = random.Random(repr(seed))
    for _ in range(count):
        data = bytearray(rng.choice(corpus))
        for _ in range(min(rng.randint(1, 6), rng.randint(1, 6))):
            _mutate(rng, data, corpus)
        yield bytes(data[:MAX_BYTES])


def _mutate(rng: random.Random, data: bytearray, corpus: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 2, 4, 8, 16, 64, 256)))
    what = rng.randrange(10)
    if what == 0 and data:
        data[at % len(data)] ^= 1 << rng.randrange(8)
    elif what == 1 and data:
        data[at % len(data)] = rng.choice(_EDGES)
    elif what == 2:  # a number of two or four bytes
        size = rng.choice((2, 4))
        value = rng.choice((0, 1, len(data), rng.randrange(1 << 8 * size), (1 << 8 * size) - 1))
        data[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, rng.choice(("big", "little")))
    elif what == 3 and data:  # one more or one less
        data[at % len(data)] = (data[at % len(data)] + rng.choice((-1, 1))) % 256
    elif what == 4:
        del data[at:]
    elif what == 5:
        del data[at:end]
    elif what == 6:
        data[at:at] = data[at:end] * rng.randint(1, 8)
    elif what == 7:
        data[at:at] = rng.randbytes(end - at)
    elif what == 8:
        other = rng.choice(corpus)
        data[at:] = other[rng.randrange(len(other) + 1) :]
    else:
        place = rng.randrange(len(data) + 1)
        piece = data[at:end]
        del data[at:end]
        data[place:place] = piece
