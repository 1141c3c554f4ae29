"""What tests of web assistants share: places within JSON in strings, streams cut anywhere, any value."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import hypothesis.strategies as st

from sensor.dialects.picking import at
from sensor.dialects.reading import JSON, Frame, Framing, Grow, Reading, RequestHead, Stream
from sensor.wire.lengthlines import LengthLinesReader
from sensor.wire.ndjson import NdjsonReader
from sensor.wire.signalr import SignalrReader
from sensor.wire.sse import SseReader, write_event

Event = tuple[str | None, Any]


def head(
    path: str, host: str = "assistant.example.test", method: str = "POST", **headers: str
) -> RequestHead:
    """A request's head; ``_`` in a header's name stands for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestHead(method=method, host=host, path=path, headers=named)


def resolve(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a path, also within JSON in a string."""
    for step in path:
        value = json.loads(value) if step == JSON else at(value, step)
    return value


def texts(reading: Reading, body: Any) -> list[tuple[str, str | None, Any]]:
    """Each part: direction, role, text."""
    check_reading(reading, body)
    return [(part.direction.value, part.role, resolve(body, part.path)) for part in reading.parts]


def files(reading: Reading, body: Any) -> list[tuple[Any, ...]]:
    """Each file: what stands at its path (``None``: it is the body itself), name, type, reference, coding."""
    return [(resolve(body, file.path) if file.path else None, *file[1:]) for file in reading.files]


def check_reading(reading: Reading, body: Any) -> None:
    """Every place that is told holds a string."""
    for part in reading.parts:
        assert isinstance(resolve(body, part.path), str), part
    for file in reading.files:
        assert not file.path or isinstance(resolve(body, file.path), str), file
    if reading.tools_path is not None:
        assert isinstance(resolve(body, reading.tools_path), list)


def check_frame(frame: Frame, value: Any) -> None:
    """Every text of a frame is a string at its path; lanes can be keys."""
    for text in frame.texts:
        assert isinstance(resolve(value, text.path), str), text
        hash(text.lane)
    for lane in frame.ends:
        hash(lane)


class Played:
    """A stream that has been read: what each lane says at last, and what was told beside."""

    def __init__(
        self, stream: Stream, frames: Iterable[Event], make: Callable[[], Stream] | None = None
    ) -> None:
        self.said: dict[Any, str] = {}
        self.directions: dict[Any, str] = {}
        self.escaped: set[Hashable] = set()
        self.ended: list[Hashable] = []
        self.frames: list[Frame] = []
        over: set[Hashable] = set()
        for event, value in frames:
            frame = stream.read(event, value)
            check_frame(frame, value)
            self.frames.append(frame)
            for text in frame.texts:
                said = resolve(value, text.path)
                goes_on = text.grow is Grow.APPEND and text.lane not in over
                before = self.said.get(text.lane, "") if goes_on else ""
                over.discard(text.lane)
                self.said[text.lane] = before + said
                self.directions[text.lane] = text.direction.value
                if text.escape:
                    self.escaped.add(text.lane)
            self.ended.extend(frame.ends)
            over.update(frame.ends)
            if make is not None:
                for text in frame.texts:
                    check_flush(stream, text.lane, make)

    @property
    def all(self) -> list[str]:
        """What the lanes say, in the order in which they opened."""
        return list(self.said.values())

    def facts(self, name: str) -> list[Any]:
        """A fact of the frames, where it was told."""
        return [getattr(frame, name) for frame in self.frames if getattr(frame, name)]


def carried(stream: Stream, lane: Hashable, text: str) -> Event:
    """A frame that carries a text on; there must be one."""
    made = stream.flush(lane, text)
    assert made is not None
    return made


def check_flush(stream: Stream, lane: Hashable, make: Callable[[], Stream]) -> None:
    """What is carried on in a lane is read back as a text; or the dialect has no form for it."""
    made = stream.flush(lane, "⟨carried⟩")
    if made is None:
        return
    event, value = made
    frame = make().read(event, json.loads(json.dumps(value)))
    said = [resolve(value, text.path) for text in frame.texts]
    assert "⟨carried⟩" in said and set(said) <= {"⟨carried⟩", ""}, (value, frame)


def encode(framing: Framing, frames: Iterable[Event]) -> bytes:
    """A stream's bytes."""
    made = b""
    for event, value in frames:
        text = "[DONE]" if value is None else json.dumps(value, ensure_ascii=False)
        if framing is Framing.SSE:
            made += write_event(text, event)
        elif framing is Framing.NDJSON:
            made += text.encode() + b"\n"
        elif framing is Framing.SIGNALR:
            made += text.encode() + b"\x1e"
        else:
            assert framing is Framing.LENGTH_LINES
            made += b"%d\n%s\n" % (len(text.encode("utf-16-le")) // 2 + 2, text.encode())
    return b")]}'\n\n" + made if framing is Framing.LENGTH_LINES else made


def cut(framing: Framing, pieces: Iterable[bytes]) -> list[tuple[str | None, Any]]:
    """The frames of a stream that came in these pieces: event names and payloads, not parsed."""
    reader: Any = {
        Framing.SSE: SseReader,
        Framing.NDJSON: NdjsonReader,
        Framing.SIGNALR: SignalrReader,
        Framing.LENGTH_LINES: LengthLinesReader,
    }[framing]()
    read = [frame for piece in pieces for frame in reader.feed(piece)] + reader.finish()
    return [(getattr(frame, "event", None), frame.data) for frame in read if frame.data]


def parse(frames: Iterable[tuple[str | None, Any]]) -> list[Event]:
    """Frames with their payloads as a dialect is given them."""
    return [(event, None if data == "[DONE]" else json.loads(data)) for event, data in frames]


def check_every_cut(make: Callable[[], Stream], frames: list[Event]) -> Played:
    """A stream cut at every byte gives the same frames; what they say."""
    framing = make().framing
    raw = encode(framing, frames)
    whole = cut(framing, [raw])
    for place in range(1, len(raw)):
        assert cut(framing, [raw[:place], raw[place:]]) == whole, place
    return Played(make(), parse(whole), make)


def halves(text: str) -> list[tuple[str, str]]:
    """A text in two pieces, at every place."""
    return [(text[:cut], text[cut:]) for cut in range(len(text) + 1)]


def values(keys: Iterable[str], words: Iterable[str]) -> st.SearchStrategy[Any]:
    """Any JSON value, with a dialect's own keys and words more often than others; JSON in strings too."""
    leaf = (
        st.none()
        | st.booleans()
        | st.integers(-2, 9)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=6)
        | st.sampled_from(sorted(words))
    )
    key = st.sampled_from(sorted(keys)) | st.text(max_size=3)

    def more(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        held = st.lists(below, max_size=4) | st.dictionaries(key, below, max_size=6)
        return held | held.map(json.dumps)

    return st.recursive(leaf, more, max_leaves=24)
