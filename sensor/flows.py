"""
One side's bytes of a TCP flow, made contiguous.

Segments come in any order, twice, overlapping, cut by the capture, or not at all. ``SideBytes`` gives the
bytes in their order, each once: of two copies the one that came first wins. What comes out is a list of

- ``bytes``: what follows. A segment's beginning stays the beginning of a piece where it can, because what
  follows an answer (the ClientHello after a CONNECT, a STARTTLS or a SOCKS greeting) begins a segment;
- ``int``: so many bytes are missing and are not waited for any more. The capture cut the segment, or what
  stands behind the gap has grown beyond ``MAX_AHEAD_BYTES`` or ``MAX_AHEAD_PIECES``;
- ``RESTART``: forget what came out so far, the stream begins here.

A stream begins with the sequence number that its SYN told; what stands before it is a keep-alive probe, or
worse. Without a SYN it begins with the first segment that came, and again with one that stands before it,
until ``settle`` is called, ``MAX_HELD_BYTES`` have come out, or that has happened ``MAX_RESTARTS`` times.
"""

from __future__ import annotations

from bisect import bisect_right

__all__ = [
    "MAX_AHEAD_BYTES",
    "MAX_AHEAD_PIECES",
    "MAX_HELD_BYTES",
    "MAX_RESTARTS",
    "RESTART",
    "Out",
    "SideBytes",
]

MAX_AHEAD_BYTES = 65_536
"""Payload that waits for a gap to be filled."""
MAX_AHEAD_PIECES = 2_048
"""Pieces that wait: a post-quantum ClientHello sent byte by byte and backwards has room."""
MAX_HELD_BYTES = 16_384
"""What is kept of a stream without a SYN, in case an earlier segment follows; and how much earlier."""

MAX_RESTARTS = 64

RESTART = None

Out = bytes | int | None

_WRAP = 1 << 32
_HALF = 1 << 31


class SideBytes:
    """The bytes of one side, by sequence numbers that may wrap."""

    __slots__ = ("_ahead", "_base", "_begin", "_held", "_held_bytes", "_next", "_pieces", "_restarts")

    def __init__(self) -> None:
        # Offsets do not wrap; offset 0 has the sequence number _base.
        self._base: int | None = None
        self._begin = 0
        self._next = 0
        # Offset, bytes, and how many bytes after them the capture has cut; sorted, without overlap.
        self._pieces: list[tuple[int, bytes, int]] = []
        self._ahead = 0
        # What has come out, while the beginning is not sure; None: it is.
        self._held: list[tuple[int, bytes, int]] | None = []
        self._held_bytes = 0
        self._restarts = 0

    @property
    def held(self) -> int:
        """Bytes that are kept: those behind a gap, and those that may have to be given again."""
        return self._ahead + (self._held_bytes if self._held is not None else 0)

    def settle(self) -> None:
        """What has come out stands: an earlier segment shall not make the stream begin again."""
        self._held = None

    def add(self, sequence: int, payload: bytes, length: int, first: int | None = None) -> list[Out]:
        """
        What one segment makes contiguous.

        ``length`` is the segment's own, ``payload`` what the capture has of it, ``first`` the sequence
        number of the stream's first byte where a SYN told it.
        """
        out: list[Out] = []
        if self._base is None:
            self._base = sequence if first is None else first
            if first is not None:
                self._held = None
        start = self._next + _distance(sequence - self._base - self._next)
        cut = length - len(payload)
        if start < self._begin and self._held is not None and self._begin - start <= MAX_HELD_BYTES:
            out.append(RESTART)
            self._pieces = self._held + self._pieces
            self._ahead += self._held_bytes
            self._restarts += 1
            self._held = [] if self._restarts < MAX_RESTARTS else None
            self._held_bytes = 0
            self._begin = self._next = start
        if start < self._next:
            payload = payload[self._next - start :]
            start = self._next
            if not payload:
                return out
        if start == self._next and not self._pieces:
            self._give(start, payload, cut, out)
            return out
        self._insert(start, payload, cut)
        self._drain(out)
        while self._ahead > MAX_AHEAD_BYTES or len(self._pieces) > MAX_AHEAD_PIECES:
            self._skip(out)
        return out

    def flush(self) -> list[Out]:
        """Nothing more will come: what is left, with its gaps."""
        out: list[Out] = []
        while self._pieces:
            self._skip(out)
        return out

    def _insert(self, start: int, payload: bytes, cut: int) -> None:
        """Put in the parts of a piece that are not there yet."""
        pieces = self._pieces
        stop = start + len(payload)
        at = bisect_right(pieces, start, key=_place)
        if at:  # the piece before may reach into this one
            place, piece, _ = pieces[at - 1]
            begin = max(start, place + len(piece))
        else:
            begin = start
        while begin < stop:
            if at < len(pieces) and pieces[at][0] < stop:
                place, piece, _ = pieces[at]
                after, missing = place + len(piece), 0
            else:
                place, after, missing = stop, stop, cut
            if begin < place:
                pieces.insert(at, (begin, payload[begin - start : place - start], missing))
                self._ahead += place - begin
                at += 1
            begin = after
            at += 1

    def _drain(self, out: list[Out]) -> None:
        """Give what stands at the front without a gap."""
        count = 0
        for place, piece, cut in self._pieces:
            if place > self._next:
                break
            count += 1
            self._ahead -= len(piece)
            # A piece may stand within what the one before it said was cut.
            self._give(self._next, piece[self._next - place :], cut, out)
        del self._pieces[:count]

    def _skip(self, out: list[Out]) -> None:
        """Give up waiting for what is before the first piece."""
        gap = self._pieces[0][0] - self._next
        out.append(gap)
        self._next += gap
        self._held = None
        self._drain(out)

    def _give(self, place: int, piece: bytes, cut: int, out: list[Out]) -> None:
        if piece:
            out.append(piece)
            self._next = place + len(piece)
            if self._held is not None:
                self._held.append((place, piece, 0))
                self._held_bytes += len(piece)
                if self._held_bytes > MAX_HELD_BYTES:
                    self._held = None
        if cut:
            out.append(cut)
            self._next += cut
            self._held = None


def _place(piece: tuple[int, bytes, int]) -> int:
    return piece[0]


def _distance(difference: int) -> int:
    """How far one sequence number stands before (negative) or after another (RFC 9293, section 3.4)."""
    return (difference + _HALF) % _WRAP - _HALF
