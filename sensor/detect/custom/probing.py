"""
Texts that are as bad for an expression as texts get: what a probe with a clock is run on.

The same for each run: the bytes come from a digest of the expression.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sensor.detect.custom.expressions import Expression
from sensor.detect.custom.syntax import Assertion, Choice, Part, Repeat, Sequence, Set, parse

__all__ = ["adversaries"]

_FAVOURITES: Final = b"abcxyzABC0159 .-_@/\n"
_MAX_ALPHABET: Final = 24
_MANY: Final = 12
"""How often a repeat without a bound is taken."""


class _Stream:
    """Numbers that look random and are the same each time."""

    def __init__(self, seed: str) -> None:
        self.bytes = hashlib.shake_256(seed.encode()).digest(1 << 16)
        self.at = 0

    def below(self, limit: int) -> int:
        self.at = (self.at + 2) % (len(self.bytes) - 2)
        return int.from_bytes(self.bytes[self.at : self.at + 2], "big") % limit


def adversaries(expression: Expression, length: int) -> list[bytes]:
    """Texts of ``length`` bytes."""
    part = parse(expression.pattern)
    sets: list[int] = []
    _sets(part, sets)
    members = dict.fromkeys(_member(mask, turn) for turn in range(3) for mask in sets)
    alphabet = b"".join(members)[:_MAX_ALPHABET]
    stream = _Stream(expression.pattern)
    noise = _noise(alphabet, stream)
    matches = b"".join(_match(part, stream, most) for most in (True, False) * 16)
    almost = b"".join(_match(part, stream, True)[:-1] for _ in range(16)) or alphabet
    texts = [noise, matches, almost, noise[:2048] + matches]
    # What only wide sets hold ends matches early; of few letters, as many places as there are stay open.
    narrow = [_member(mask, turn) for mask in sorted(sets, key=int.bit_count) for turn in range(2)]
    few = b"".join(dict.fromkeys(narrow))
    texts.extend(_noise(few[:count], stream) for count in (2, 3, 5, 8))
    texts.extend(bytes([byte]) for byte in alphabet[:4])
    # Where a match ends on what nothing in it holds, the search for its beginning has been in vain.
    texts.append(alphabet * 2 + alphabet[::-1])
    return [(text * (length // len(text) + 1))[:length] for text in texts]


def _noise(alphabet: bytes, stream: _Stream) -> bytes:
    return bytes(alphabet[stream.below(len(alphabet))] for _ in range(16_384))


def _sets(part: Part, found: list[int]) -> None:
    if isinstance(part, Set):
        if part.mask not in found:
            found.append(part.mask)
    elif isinstance(part, Repeat):
        _sets(part.part, found)
    elif not isinstance(part, Assertion):
        for item in part.parts:
            _sets(item, found)


def _member(mask: int, turn: int) -> bytes:
    """A byte of a set; another for each turn, as far as there are."""
    members = [byte for byte in _FAVOURITES if mask >> byte & 1]
    if not members:
        members = [byte for byte in range(256) if mask >> byte & 1]
    return bytes([members[turn % len(members)]])


def _match(part: Part, stream: _Stream, most: bool) -> bytes:
    """Some bytes that match, with as many repeats as there may be, or as few."""
    if isinstance(part, Set):
        return _member(part.mask, stream.below(3))
    if isinstance(part, Assertion):
        return b""
    if isinstance(part, Choice):
        return _match(part.parts[stream.below(len(part.parts))], stream, most)
    if isinstance(part, Sequence):
        return b"".join(_match(item, stream, most) for item in part.parts)
    high = part.minimum + _MANY if part.maximum is None else part.maximum
    return b"".join(_match(part.part, stream, most) for _ in range(high if most else part.minimum))
