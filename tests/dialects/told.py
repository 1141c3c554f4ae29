"""
What a dialect told, in a form that tests can compare, and checks that hold for every reading and frame.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import hypothesis.strategies as st

from sensor.dialects.picking import at
from sensor.dialects.reading import Frame, Framing, Grow, Reading, RequestHead, Stream
from sensor.wire.jsonarray import JsonArrayReader
from sensor.wire.ndjson import NdjsonReader
from sensor.wire.sse import SseReader


def post(path: str, **headers: str) -> RequestHead:
    """A POST to a path; ``_`` in a header's name stands for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestHead(method="POST", host="api.example.test", path=path, headers=named)


def texts(reading: Reading, body: Any) -> list[tuple[str, str | None, Any]]:
    """Each part: direction, role, text."""
    check_reading(reading, body)
    return [(part.direction.value, part.role, at(body, *part.path)) for part in reading.parts]


def fixed(reading: Reading, body: Any) -> list[Any]:
    """What may not be changed."""
    return [at(body, *path) for path in reading.fixed]


def files(reading: Reading, body: Any) -> list[tuple[Any, str | None, str | None, str | None, str | None]]:
    """Each file: what stands at its path, name, type, reference, coding."""
    return [
        (at(body, *file.path), file.name, file.media_type, file.reference, file.coding)
        for file in reading.files
    ]


def calls(reading: Reading, body: Any) -> list[tuple[str | None, Any]]:
    """Each call: name and arguments."""
    return [(call.name, at(body, *call.path)) for call in reading.calls]


def check_reading(reading: Reading, body: Any) -> None:
    """Every place that is told holds a string."""
    for part in reading.parts:
        assert isinstance(at(body, *part.path), str), part
    for path in reading.fixed:
        assert isinstance(at(body, *path), str), path
    for file in reading.files:
        assert file.coding is None or isinstance(at(body, *file.path), str), file


def check_frame(frame: Frame, value: Any) -> None:
    """Every text of a frame is a string at its path; lanes can be keys."""
    for text in frame.texts:
        assert isinstance(at(value, *text.path), str), text
        hash(text.lane)
    for lane in frame.ends:
        hash(lane)


def flushed(stream: Stream, lane: Hashable, text: str) -> tuple[str | None, Any]:
    """The frame that carries a text on in a lane, which there must be."""
    made = stream.flush(lane, text)
    assert made is not None
    return made


class Played:
    """A stream that has been read to its end."""

    def __init__(self, stream: Stream, frames: Iterable[tuple[str | None, Any]]) -> None:
        self.lanes: dict[Hashable, str] = {}
        self.whole: list[tuple[str, str]] = []
        self.frames: list[Frame] = []
        self.ended: list[Hashable] = []
        self.fixed: set[Hashable] = set()
        self.escaped: set[Hashable] = set()
        for event, value in frames:
            frame = stream.read(event, value)
            check_frame(frame, value)
            self.frames.append(frame)
            self.ended.extend(frame.ends)
            for text in frame.texts:
                said = at(value, *text.path)
                if text.fixed:
                    self.fixed.add(text.lane)
                if text.escape:
                    self.escaped.add(text.lane)
                if text.grow is Grow.APPEND:
                    self.lanes[text.lane] = self.lanes.get(text.lane, "") + said
                else:
                    self.whole.append((text.direction.value, said))

    @property
    def calls(self) -> list[str]:
        return [name for frame in self.frames for name in frame.calls]


def framed(framing: Framing, pieces: Iterable[bytes]) -> Iterator[tuple[str | None, Any]]:
    """The frames of a stream of bytes, as a dialect is given them."""
    readers = {Framing.SSE: SseReader, Framing.NDJSON: NdjsonReader, Framing.JSON_ARRAY: JsonArrayReader}
    reader: Any = readers[framing]()
    for told in (*map(reader.feed, pieces), reader.finish()):
        for frame in told:
            if frame.data is not None:
                try:
                    value = json.loads(frame.data)
                except ValueError:
                    value = None
                yield getattr(frame, "event", None), value


def byte_cuts(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Bytes in two pieces, at every place."""
    return ((raw[:cut], raw[cut:]) for cut in range(len(raw) + 1))


def cuts(text: str) -> Iterable[tuple[str, str]]:
    """A text in two pieces, at every place."""
    return ((text[:cut], text[cut:]) for cut in range(len(text) + 1))


def bodies(keys: Iterable[str], strings: Iterable[str]) -> st.SearchStrategy[Any]:
    """Any JSON value, with a dialect's own keys and words more often than others."""
    leaf = (
        st.none()
        | st.booleans()
        | st.integers(-2, 5)
        | st.floats(allow_nan=False)
        | st.text(max_size=6)
        | st.sampled_from(sorted(strings))
    )
    key = st.sampled_from(sorted(keys)) | st.text(max_size=3)
    return st.recursive(
        leaf,
        lambda below: st.lists(below, max_size=4) | st.dictionaries(key, below, max_size=6),
        max_leaves=30,
    )
