"""Classic capture files: every form gives the same frames, and damage hides nothing before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.wire.pcap import MAX_FRAME_BYTES, PcapReader
from tests.wire import frame_bytes as f

FRAMES = [
    (1_700_000_000.123456, 1, b"first frame", 11),
    (1_700_000_000.123457, 1, b"cut", 1_500),
    (4_294_967_295.0, 1, b"", 60),
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_both_orders_and_both_resolutions_give_the_frames(order: str, nanoseconds: bool) -> None:
    data = f.pcap(FRAMES, order=order, nanoseconds=nanoseconds)
    for size in (1, 7, len(data)):
        reader = PcapReader()
        got = [frame for at in range(0, len(data), size) for frame in reader.feed(data[at : at + size])]
        assert got == FRAMES
        assert reader.pending == 0 and reader.damage is None and reader.weirds == {}


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_modified_form_has_longer_record_headers(order: str) -> None:
    assert PcapReader().feed(f.pcap(FRAMES, order=order, modified=True)) == FRAMES


def test_the_link_type_is_the_lower_half_of_its_field() -> None:
    """The upper half says how long a frame check sequence is."""
    data = f.pcap(FRAMES[:1], link=0x2400_0071)
    assert PcapReader().feed(data) == [(FRAMES[0][0], 0x71, b"first frame", 11)]


def test_a_length_on_the_wire_below_the_captured_one_is_not_believed() -> None:
    assert PcapReader().feed(f.pcap([(1.0, 1, b"abcdef", 2)])) == [(1.0, 1, b"abcdef", 6)]


def test_what_is_no_pcap_is_malformed() -> None:
    with pytest.raises(Malformed, match="not_pcap"):
        PcapReader().feed(b"GIF89a" + bytes(30))


def test_an_impossible_record_ends_the_reading_after_the_frames_before_it() -> None:
    data = f.pcap(FRAMES) + (0).to_bytes(8, "little") + (MAX_FRAME_BYTES + 1).to_bytes(4, "little") * 2
    reader = PcapReader()
    assert reader.feed(data) == FRAMES
    assert reader.damage == "pcap_record_too_long"
    assert reader.feed(f.pcap(FRAMES)) == [] and reader.pending == 0


@given(st.binary(max_size=400), st.integers(1, 50), st.sampled_from(["<", ">"]))
def test_any_bytes_after_the_header_give_frames_within_bounds(rest: bytes, size: int, order: str) -> None:
    data = f.pcap([], order=order) + rest
    reader = PcapReader()
    frames = [frame for at in range(0, len(data), size) for frame in reader.feed(data[at : at + size])]
    assert sum(16 + len(frame[2]) for frame in frames) + reader.pending <= len(rest)
    assert PcapReader().feed(data) == frames
