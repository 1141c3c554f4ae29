"""Frames on the recorder's socket: form and bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.store.frames import CHUNK, MAX_FRAME, frame, frame_length, parse_frame, split_events


def test_a_frame_reads_back():
    """A length of 4 bytes, and the object."""
    data = frame({"kind": "ack", "number": 3})
    assert frame_length(data[:4]) == len(data) - 4
    assert parse_frame(data[4:]) == {"kind": "ack", "number": 3}


def test_a_frame_has_a_bound():
    """One byte more than the bound is refused before it is read."""
    assert frame_length(MAX_FRAME.to_bytes(4, "big")) == MAX_FRAME
    with pytest.raises(Malformed, match="frame_too_long"):
        frame_length((MAX_FRAME + 1).to_bytes(4, "big"))


@given(st.binary(max_size=50))
def test_any_bytes_are_a_message_or_malformed(data):
    """What is no object with a kind is refused."""
    try:
        assert type(parse_frame(data)["kind"]) is str
    except Malformed:
        pass


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind":1}', b"nonsense"])
def test_bad_frames(data):
    """Messages of no form are refused."""
    with pytest.raises(Malformed):
        parse_frame(data)


def test_events_are_split_by_size():
    """Many events make several pieces in order; a single large one is a piece of its own."""
    events = [{"x": "y" * 300_000, "n": n} for n in range(10)]
    pieces = list(split_events(events))
    sent = [parse_frame(frame({"kind": "events", "events": piece})[4:])["events"] for piece in pieces]
    assert [event for piece in sent for event in piece] == events
    assert 3 <= len(pieces) <= 5
    assert len(list(split_events([{"x": "y" * (CHUNK + 5)}, {"x": 1}]))) == 2
    assert list(split_events([])) == []
