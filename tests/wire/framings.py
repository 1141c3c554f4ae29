"""What every reader of a framing promises, as one check that the tests of each framing call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st


def read(reader: Any, pieces: Iterable[bytes]) -> list[Any]:
    """All that a reader tells of a stream in these pieces."""
    told: list[Any] = []
    for piece in pieces:
        told += reader.feed(piece)
    return told + list(reader.finish())


def joined(frames: list[Any]) -> list[Any]:
    """Frames with neighbours of one oddity made one: where bytes are only passed on, the cuts show."""
    told: list[Any] = []
    for frame in frames:
        if frame.odd and told and told[-1].odd == frame.odd:
            told[-1] = told[-1]._replace(raw=told[-1].raw + frame.raw)
        else:
            told.append(frame)
    return told


def check(make_reader: Callable[[], Any], data: bytes, pieces: Iterable[bytes] = ()) -> list[Any]:
    """
    The frames of a stream, the same however it is cut, and their bytes are the stream.

    Cut in one piece, before and after every byte, a byte at a time, and as ``pieces`` say.
    """
    whole = read(make_reader(), [data])
    assert b"".join(frame.raw for frame in whole) == data
    assert all(frame.raw for frame in whole)
    ways = [[data[at : at + 1] for at in range(len(data))], [b"", data, b""], list(pieces) or [data]]
    ways += [[data[:at], data[at:]] for at in range(1, len(data))] if len(data) < 2_000 else []
    for way in ways:
        frames = read(make_reader(), way)
        assert b"".join(frame.raw for frame in frames) == data
        assert all(frame.raw for frame in frames)
        assert joined(frames) == joined(whole), way
    return whole


@st.composite
def cut(draw: st.DrawFn, data: st.SearchStrategy[bytes]) -> list[bytes]:
    """A stream in pieces, cut anywhere."""
    whole = draw(data)
    places = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    return [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]
