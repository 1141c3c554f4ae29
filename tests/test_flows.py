"""One side's bytes made contiguous: whatever the order, each byte comes out once and in its place."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.flows import (
    MAX_AHEAD_BYTES,
    MAX_AHEAD_PIECES,
    MAX_HELD_BYTES,
    MAX_RESTARTS,
    RESTART,
    SideBytes,
)

Segment = tuple[int, bytes]


def put(segments: list[Segment], first: int | None = None) -> list[object]:
    """Everything that comes out, neighbouring bytes joined, with what a restart forgets left out."""
    side, out = SideBytes(), []
    for sequence, payload in segments:
        for piece in side.add(sequence, payload, len(payload), first):
            if piece is RESTART:
                out = []
            elif isinstance(piece, bytes) and out and isinstance(out[-1], bytes):
                out[-1] += piece
            else:
                out.append(piece)
    return out


def cut(content: bytes, size: int, first: int) -> list[Segment]:
    return [((first + at) % 2**32, content[at : at + size]) for at in range(0, len(content), size)]


CONTENT = bytes(range(50))
SEGMENTS = cut(CONTENT, 13, 1_000)


@pytest.mark.parametrize("order", list(itertools.permutations(SEGMENTS)))
@pytest.mark.parametrize("first", [1_000, None])
def test_segments_in_any_order(order: tuple[Segment, ...], first: int | None) -> None:
    """With a SYN, and without one: then an earlier segment makes the stream begin again."""
    assert put(list(order), first) == [CONTENT]


@pytest.mark.parametrize("first", [2**32 - 1, 2**32 - 20, 2**31 - 20, 0])
def test_sequence_numbers_wrap(first: int) -> None:
    for order in itertools.permutations(cut(CONTENT, 13, first)):
        assert put(list(order), first) == [CONTENT]
        assert put(list(order)) == [CONTENT]


def test_retransmissions_and_overlaps_give_each_byte_once_and_the_first_copy_wins() -> None:
    assert put([(0, b"AAAA"), (0, b"BBBB"), (2, b"CCCC")], 0) == [b"AAAACC"]
    # Behind a gap: pieces that overlap on the left, on the right, around and within.
    waiting = [(10, b"1111"), (8, b"2222"), (12, b"3333"), (6, b"4" * 14), (11, b"55")]
    assert put([*waiting, (0, b"x" * 6)], 0) == [b"xxxxxx" + b"44221111334444"]


def test_a_segment_is_given_whole_so_that_its_beginning_can_be_seen() -> None:
    side = SideBytes()
    assert side.add(4, b"EFG", 3, 0) == []
    assert side.add(7, b"HI", 2, 0) == []
    assert side.held == 5
    assert side.add(0, b"ABCD", 4, 0) == [b"ABCD", b"EFG", b"HI"]
    assert side.held == 0


def test_what_stands_before_the_first_byte_is_not_the_stream() -> None:
    """A keep-alive probe repeats the byte before the next one."""
    assert put([(999, b"?"), (1_000, b"data"), (998, b"???more"[:6]), (1_004, b"!")], 1_000) == [b"data!"]


def test_without_a_syn_a_stream_begins_where_it_is_taken_to_begin() -> None:
    side = SideBytes()
    assert side.add(500, b"later", 5) == [b"later"]
    assert side.held == 5
    assert side.add(490, b"0123456789", 10) == [RESTART, b"0123456789", b"later"]
    side.settle()
    assert side.add(480, b"0123456789", 10) == [] and side.held == 0


def test_an_earlier_segment_that_does_not_reach_leaves_a_gap() -> None:
    side = SideBytes()
    side.add(500, b"later", 5)
    assert side.add(480, b"first", 5) == [RESTART, b"first"]
    assert side.add(485, bytes(15), 15) == [bytes(15), b"later"]


def test_a_stream_begins_again_only_within_bounds() -> None:
    side = SideBytes()
    side.add(100_000, b"x", 1)
    assert side.add(100_000 - MAX_HELD_BYTES - 1, b"far", 3) == []
    for number in range(1, MAX_RESTARTS + 1):
        assert side.add(100_000 - number, b"y", 1)[0] is RESTART
    assert side.add(100_000 - MAX_RESTARTS - 1, b"y", 1) == []
    side = SideBytes()
    side.add(100_000, bytes(MAX_HELD_BYTES + 1), MAX_HELD_BYTES + 1)
    assert side.held == 0 and side.add(99_999, b"y", 1) == []


def test_a_gap_that_is_not_filled_is_passed_over_at_a_bound_of_bytes() -> None:
    side = SideBytes()
    size = 1_000
    outs = [side.add(100 + at * size, bytes(size), size, 0) for at in range(MAX_AHEAD_BYTES // size + 1)]
    assert outs[:-1] == [[]] * (len(outs) - 1)
    assert outs[-1][0] == 100 and sum(map(len, outs[-1][1:])) == len(outs) * size
    assert side.add(0, b"too late", 8, 0) == []


def test_a_gap_that_is_not_filled_is_passed_over_at_a_bound_of_pieces() -> None:
    side = SideBytes()
    for number in range(MAX_AHEAD_PIECES):
        assert side.add(10 + 2 * number, b"x", 1, 0) == []
    assert side.add(10 + 2 * MAX_AHEAD_PIECES, b"x", 1, 0) == [10, b"x"]


def test_the_end_gives_what_waits_with_its_gaps() -> None:
    side = SideBytes()
    side.add(4, b"E", 1, 0)
    side.add(9, b"J", 1, 0)
    assert side.flush() == [4, b"E", 4, b"J"] and side.flush() == []


def test_what_the_capture_cut_is_a_gap() -> None:
    side = SideBytes()
    assert side.add(0, b"ABC", 10, 0) == [b"ABC", 7]
    assert side.add(10, b"next", 4, 0) == [b"next"]
    assert side.add(20, b"XY", 8, 0) == []
    # A copy of what was cut, while it waits, fills nothing: the cut piece says how far it went.
    assert side.add(24, b"", 4, 0) == []
    assert side.add(25, b"567890", 6, 0) == []
    assert side.add(14, b"filled", 6, 0) == [b"filled", b"XY", 6, b"890"]


def test_a_segment_cut_before_its_payload_says_nothing_and_the_stream_waits() -> None:
    side = SideBytes()
    assert side.add(0, b"", 10, 0) == [10]
    assert side.add(30, b"", 10, 0) == []
    assert side.add(40, b"x", 1, 0) == []
    assert side.flush() == [30, b"x"]


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[bytes, int, list[Segment]]:
    """A stream, cut, shuffled, some of it sent again with other cuts."""
    content = draw(st.binary(min_size=1, max_size=200))
    first = draw(st.integers(0, 2**32 - 1))
    segments = cut(content, draw(st.integers(1, 60)), first) + cut(content, draw(st.integers(1, 60)), first)
    random.Random(draw(st.integers(0, 2**32))).shuffle(segments)
    return content, first, segments


@pytest.mark.slow
@given(shuffled(), st.booleans())
def test_any_order_of_honest_segments_gives_the_stream(
    case: tuple[bytes, int, list[Segment]], syn: bool
) -> None:
    content, first, segments = case
    assert put(segments, first if syn else None) == [content]


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.binary(max_size=20), st.integers(0, 5)), min_size=1, max_size=40
    ),
    st.booleans(),
)
def test_any_segments_give_each_place_once_and_hold_only_what_came(
    segments: list[tuple[int, bytes, int]], syn: bool
) -> None:
    """Every byte that comes out stood in some segment at its place."""
    side, place = SideBytes(), 0 if syn else segments[0][0]
    said: dict[int, set[int]] = {}
    for sequence, payload, missing in segments:
        for at, byte in enumerate(payload):
            said.setdefault(sequence + at, set()).add(byte)
        for piece in side.add(sequence, payload, len(payload) + missing, 0 if syn else None):
            if piece is RESTART:
                place = sequence
            elif isinstance(piece, int):
                place += piece
            else:
                for at, byte in enumerate(piece):
                    assert byte in said[place + at]
                place += len(piece)
        assert 0 <= side.held <= sum(len(payload) for _, payload, _ in segments)
    side.flush()
    assert side._ahead == 0
