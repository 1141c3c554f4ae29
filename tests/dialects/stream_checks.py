"""
What the tests of Bedrock, Cohere and Ollama share: following paths, lanes of a stream of bytes, and what
every dialect owes for any value.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from sensor.dialects.bedrock import open_bytes
from sensor.dialects.reading import JSON, Frame, Framing, Grow, Reading, RequestHead, Stream
from sensor.wire.eventstream import EventStreamReader, text_header, write_message
from sensor.wire.ndjson import NdjsonReader
from sensor.wire.sse import SseReader

Frames = list[tuple[str | None, Any]]


def post(path: str, host: str = "api.example.test", **headers: str) -> RequestHead:
    """A POST; ``_`` in a header's name stands for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestHead(method="POST", host=host, path=path, headers=named)


def follow(value: Any, path: Iterable[str | int]) -> Any:
    """What stands at a path; JSON in a string is parsed, in base64 too."""
    for step in path:
        if step == JSON:
            try:
                value = json.loads(value)
            except ValueError:
                value = open_bytes(value)
        else:
            value = value[step]
    return value


def told(reading: Reading, body: Any) -> list[tuple[str, str | None, int | None, str]]:
    """Each part: direction, role, turn, text."""
    check_reading(reading, body)
    return [(p.direction.value, p.role, p.turn, follow(body, p.path)) for p in reading.parts]


def files(reading: Reading, body: Any) -> list[tuple[Any, str | None, str | None, str | None, str | None]]:
    """Each file: what stands at its path, name, type, reference, coding."""
    return [(follow(body, f.path), f.name, f.media_type, f.reference, f.coding) for f in reading.files]


def calls(reading: Reading, body: Any) -> list[tuple[str | None, Any, str | None]]:
    """Each call: name, arguments, id."""
    return [(c.name, follow(body, c.path), c.id) for c in reading.calls]


def check_reading(reading: Reading, body: Any) -> None:
    """Every place that is told holds a string."""
    for path in (*(p.path for p in reading.parts), *(f.path for f in reading.files), *reading.fixed):
        assert isinstance(follow(body, path), str), path
    hash(reading)


class Played:
    """A stream that has been read to its end."""

    def __init__(self, stream: Stream, frames: Frames) -> None:
        self.lanes: dict[Any, str] = {}
        self.whole: list[tuple[Any, str, str]] = []
        """Lane, direction, text of what came whole."""
        self.frames: list[Frame] = []
        self.kinds: dict[Any, tuple[str, bool, bool]] = {}
        """Direction, escaped and fixed of each lane that grew."""
        for event, value in frames:
            frame = stream.read(event, value)
            self.frames.append(frame)
            for text in frame.texts:
                said = follow(value, text.path)
                assert isinstance(said, str), text
                if text.grow is Grow.APPEND:
                    self.lanes[text.lane] = self.lanes.get(text.lane, "") + said
                    self.kinds[text.lane] = (text.direction.value, text.escape, text.fixed)
                    check_flush(stream, value, text)
                else:
                    self.whole.append((text.lane, text.direction.value, said))

    @property
    def ends(self) -> list[tuple[Any, ...]]:
        return [(*frame.ends, "all") if frame.ends_all else frame.ends for frame in self.frames]

    @property
    def calls(self) -> list[str]:
        return [name for frame in self.frames for name in frame.calls]

    @property
    def usage(self) -> list[tuple[int | None, int | None]]:
        return [(frame.usage.input, frame.usage.output) for frame in self.frames if frame.usage is not None]


def check_flush(stream: Stream, value: Any, text: Any) -> None:
    """The frame that carries a lane on says that text and no other."""
    made = stream.flush(text.lane, "“carried\n on”")
    assert made is not None
    json.dumps(made[1])
    said = "".join(leaf for leaf in _strings(made[1]) if "carried" in leaf)
    assert said == "“carried\n on”"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        inner = open_bytes(value)
        if isinstance(inner, str) and "carried" in inner:
            yield inner
        elif isinstance(inner, dict):
            yield from _strings(inner)
        else:
            yield value


def check_carrying(make: Callable[[], Stream], frames: Frames) -> None:
    """
    For every lane of a recorded stream: a frame that carries it on, put before a frame of it, is read as that
    lane by a new reader that has seen the same beginning.
    """
    for count, (_, value) in enumerate(frames):
        stream = make()
        for event, earlier in frames[:count]:
            stream.read(event, earlier)
        frame = stream.read(*frames[count])
        for text in frame.texts:
            if text.grow is not Grow.APPEND:
                continue
            made = stream.flush(text.lane, "x")
            assert made is not None
            again = stream.read(*made)
            (same,) = (told for told in again.texts if told.lane == text.lane)
            assert follow(made[1], same.path) == "x"
            assert [follow(made[1], t.path) for t in again.texts if t is not same] in ([], [""])
            assert same._replace(path=()) == text._replace(path=())
        assert value == frames[count][1]


# ------------------------------------------------------------------------------------- bytes


def written(framing: Framing, frames: Frames) -> bytes:
    """Frames as bytes."""
    out = b""
    for event, value in frames:
        data = json.dumps(value)
        if framing is Framing.NDJSON:
            out += data.encode() + b"\n"
        elif framing is Framing.SSE:
            out += (f"event: {event}\n" if event else "").encode() + f"data: {data}\n\n".encode()
        else:
            out += eventstream(event or "chunk", value)
    return out


def eventstream(name: str, payload: Any) -> bytes:
    """One message of Amazon's event stream."""
    headers = (
        text_header(":event-type", name),
        text_header(":content-type", "application/json"),
        text_header(":message-type", "event"),
    )
    return write_message(headers, json.dumps(payload).encode())


def cut(framing: Framing, data: bytes, at: int) -> Frames:
    """The frames of bytes that arrive in two pieces."""
    pieces = (data[:at], data[at:])
    if framing is Framing.NDJSON:
        lines = NdjsonReader()
        return [(None, json.loads(r.data or b"")) for piece in pieces for r in lines.feed(piece)]
    if framing is Framing.SSE:
        events = SseReader()
        read = [f for piece in pieces for f in events.feed(piece) if f.data is not None]
        return [(f.event, json.loads(f.data or "")) for f in read]
    messages = EventStreamReader()
    return [(m.text(":event-type"), json.loads(m.payload or b"")) for p in pieces for m in messages.feed(p)]


def check_every_cut(make: Callable[[], Stream], frames: Frames) -> None:
    """A stream cut at every byte has the same lanes."""
    framing = make().framing
    data = written(framing, frames)
    whole = Played(make(), frames)
    for at in range(len(data) + 1):
        played = cut(framing, data, at)
        assert played == frames
    again = Played(make(), cut(framing, data, len(data) // 2))
    assert (again.lanes, again.whole, again.ends) == (whole.lanes, whole.whole, whole.ends)


# -------------------------------------------------------------------------------- any value


def any_json(keys: str, strings: str) -> st.SearchStrategy[Any]:
    """Any JSON value, with a dialect's own keys and words more often than others."""
    leaf = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 5),
        st.floats(allow_nan=False),
        st.text(max_size=4),
        st.sampled_from(strings.split()),
    )
    key = st.sampled_from(keys.split()) | st.text(max_size=2)
    return st.recursive(
        leaf,
        lambda below: st.lists(below, max_size=4) | st.dictionaries(key, below, max_size=6),
        max_leaves=30,
    )


def check_any(module: Any, head: RequestHead, value: Any, frames: Frames) -> None:
    """Any value gives a reading, any frames are read; places told hold strings; nothing is changed."""
    before = json.dumps([value, frames])
    check_reading(module.read_request(head, value), value)
    check_reading(module.read_answer(head, value), value)
    stream = module.stream(head)
    Played(stream, [*frames, (None, value), (None, None)])
    assert stream.flush(("no", "such", "lane"), "x") is None
    assert json.dumps([value, frames]) == before


@pytest.fixture
def closed() -> Iterator[Callable[[Any], Any]]:
    """Closes a client when the test is over."""
    with contextlib.ExitStack() as stack:

        def keep(client: Any) -> Any:
            stack.callback(getattr(client, "close", None) or (lambda: client.__exit__(None, None, None)))
            return client

        yield keep
