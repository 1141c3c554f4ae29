"""pcapng: blocks of every kind that carries a frame, sections, interfaces and their clocks."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.wire.pcapng import MAX_BLOCK_BYTES, MAX_INTERFACES, PcapngReader
from tests.wire import frame_bytes as f

FRAMES = [(1_700_000_000.5, 1, b"an Ethernet frame", 17), (1_700_000_001.25, 101, b"E raw", 1_500)]
HEAD = f.section() + f.interface()


def read(data: bytes, size: int | None = None) -> tuple[list[f.Frame], PcapngReader]:
    reader = PcapngReader()
    size = size or len(data)
    frames = [frame for at in range(0, len(data), size) for frame in reader.feed(data[at : at + size])]
    return frames, reader


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("size", [1, 13, None])
def test_both_orders_in_chunks_of_any_size(order: str, size: int | None) -> None:
    frames, reader = read(f.pcapng(FRAMES, order), size)
    assert frames == FRAMES
    assert reader.pending == 0 and reader.damage is None and reader.weirds == {}


def test_a_section_may_change_the_byte_order_and_begins_its_interfaces_anew() -> None:
    frames, _ = read(f.pcapng(FRAMES, "<") + f.pcapng(FRAMES[1:], ">"))
    assert frames == [*FRAMES, FRAMES[1]]


@pytest.mark.parametrize(
    ("resolution", "ticks", "ts"),
    [
        (b"", 1_500_000, 1.5),  # absent: microseconds
        (f.option(9, b"\x09"), 1_500_000_000, 1.5),
        (f.option(9, b"\x03"), 1_500, 1.5),
        (f.option(9, b"\x00"), 3, 3.0),
        (f.option(9, b"\x8a"), 1_536, 1.5),  # 2**-10
        (f.option(9, b"\x09\x09"), 1_500_000, 1.5),  # not one byte: as if it were absent
        (f.option(14, struct.pack("<q", 1_700_000_000)), 1_500_000, 1_700_000_001.5),
        (f.option(14, b"\0\0\0\0"), 1_500_000, 1.5),
        (f.option(2, b"eth0") + f.option(9, b"\x03") + f.option(0, b"") + f.option(9, b"\x06"), 1_500, 1.5),
    ],
)
def test_the_clock_of_an_interface(resolution: bytes, ticks: int, ts: float) -> None:
    frames, _ = read(f.section() + f.interface(options=resolution) + f.enhanced(b"x", ticks))
    assert frames == [(ts, 1, b"x", 1)]


def test_simple_and_obsolete_packet_blocks() -> None:
    obsolete = f.block(2, struct.pack("<HHIIII", 0, 3, 0, 2_500_000, 3, 9) + b"old")
    simple = f.block(3, struct.pack("<I", 9) + b"no time..")
    cut = f.block(3, struct.pack("<I", 900) + b"cut!")
    frames, _ = read(f.section() + f.interface(snap=0) + obsolete + simple + cut)
    # A simple block has no clock: it gets the time of the frame before it.
    assert frames == [(2.5, 1, b"old", 9), (2.5, 1, b"no time..", 9), (2.5, 1, b"cut!", 900)]


def test_a_simple_block_is_cut_at_the_snap_length_of_the_first_interface() -> None:
    simple = f.block(3, struct.pack("<I", 9) + b"abcd")
    frames, _ = read(f.section() + f.interface(snap=3) + simple)
    assert frames == [(0.0, 1, b"abc", 9)]


def test_packets_of_an_interface_that_was_not_described_are_counted() -> None:
    frames, reader = read(HEAD + f.enhanced(b"x", number=1) + f.enhanced(b"y", 1_000_000))
    assert frames == [(1.0, 1, b"y", 1)]
    assert reader.weirds == {"pcapng_unknown_interface": 1}
    frames, reader = read(f.section() + f.block(3, struct.pack("<I", 1) + b"x"))
    assert frames == [] and reader.weirds == {"pcapng_unknown_interface": 1}


def test_a_time_that_no_calendar_has_is_that_of_the_frame_before() -> None:
    frames, reader = read(HEAD + f.enhanced(b"x", 7_000_000) + f.enhanced(b"y", (1 << 64) - 1))
    assert [frame[0] for frame in frames] == [7.0, 7.0]
    assert reader.weirds == {"pcapng_time_out_of_range": 1}


def test_other_blocks_are_passed_over_without_being_held() -> None:
    large = f.block(10, bytes(3 * MAX_BLOCK_BYTES))
    reader = PcapngReader()
    assert reader.feed(HEAD + large[:1_000]) == []
    assert len(reader._rest) == 0 and reader.pending == len(large) - 1_000
    assert reader.feed(large[1_000:-8]) == []
    assert reader.feed(large[-8:] + f.enhanced(b"after")) == [(0.0, 1, b"after", 5)]


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (struct.pack("<II", 6, 8) + bytes(4), "pcapng_block_length"),
        (struct.pack("<II", 77, 13) + bytes(9), "pcapng_block_length"),
        (struct.pack("<II", 6, MAX_BLOCK_BYTES + 4) + bytes(4), "pcapng_block_too_long"),
        (f.block(6, bytes(16)), "pcapng_packet_truncated"),
        (f.block(2, bytes(16)), "pcapng_packet_truncated"),
        (f.block(3, b""), "pcapng_packet_truncated"),
        (f.block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9) + b"four"), "pcapng_packet_truncated"),
        (f.block(1, bytes(4)), "pcapng_interface_truncated"),
        (f.interface() * MAX_INTERFACES, "pcapng_too_many_interfaces"),
        (b"\x0a\x0d\x0d\x0a" + bytes(24), "pcapng_byte_order"),
    ],
)
def test_damage_ends_the_reading_after_the_frames_before_it(damage: bytes, name: str) -> None:
    frames, reader = read(HEAD + f.enhanced(b"x") + damage + f.enhanced(b"y"))
    assert frames == [(0.0, 1, b"x", 1)]
    assert reader.damage == name
    assert reader.feed(f.enhanced(b"z")) == [] and reader.pending == 0


@pytest.mark.parametrize("data", [f.enhanced(b"x"), b"\x0a\x0d\x0d\x0a" + bytes(24)])
def test_what_does_not_begin_with_a_section_header_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        PcapngReader().feed(data)


@given(st.binary(max_size=300), st.integers(1, 60))
def test_any_bytes_give_the_same_frames_in_chunks_of_any_size(rest: bytes, size: int) -> None:
    data = HEAD + f.enhanced(b"x") + rest
    whole, one = read(data)
    pieces, other = read(data, size)
    assert pieces == whole and one.damage == other.damage and one.weirds == other.weirds
