"""Which format a capture has, by its first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.wire.capture_format import CaptureReader
from tests.wire import frame_bytes as f

FRAMES = [(1_700_000_000.5, 1, b"frame", 5)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (f.pcap(FRAMES), "pcap"),
        (f.pcap(FRAMES, order=">", nanoseconds=True), "pcap"),
        (f.pcapng(FRAMES), "pcapng"),
        (f.pcapng(FRAMES, ">"), "pcapng"),
    ],
)
@pytest.mark.parametrize("size", [1, 1_000])
def test_the_format_is_found_and_the_frames_are_given(data: bytes, name: str, size: int) -> None:
    reader = CaptureReader()
    assert reader.format is None and reader.damage is None
    frames = [frame for at in range(0, len(data), size) for frame in reader.feed(data[at : at + size])]
    assert (frames, reader.format, reader.finish()) == (FRAMES, name, {})


def test_a_capture_that_ends_within_a_record_is_a_weird() -> None:
    reader = CaptureReader()
    assert reader.feed(f.pcap(FRAMES)[:-1]) == []
    assert reader.finish() == {"capture_truncated": 1}


def test_a_capture_that_breaks_its_format_is_a_weird() -> None:
    reader = CaptureReader()
    assert reader.feed(f.pcapng(FRAMES) + f.enhanced(b"x", number=5) + b"\x06\0\0\0\x01" + bytes(9)) == FRAMES
    assert reader.damage == "pcapng_block_length"
    assert reader.finish() == {"pcapng_unknown_interface": 1, "pcapng_block_length": 1}


@pytest.mark.parametrize("data", [b"", b"abc", b"hello, world", b"\x1f\x8b\x08\x00"])
def test_what_is_no_capture_is_malformed(data: bytes) -> None:
    reader = CaptureReader()
    with pytest.raises(Malformed, match="not_a_capture"):
        reader.feed(data)
        reader.finish()


@given(st.binary(max_size=200), st.sampled_from([f.pcap([]), f.pcapng([]), b""]))
def test_any_bytes_are_a_capture_or_malformed(data: bytes, head: bytes) -> None:
    reader = CaptureReader()
    try:
        reader.feed(head + data)
        reader.finish()
    except Malformed as odd:
        assert odd.name in ("not_a_capture", "pcapng_byte_order")
