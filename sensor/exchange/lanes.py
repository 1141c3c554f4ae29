"""
A streamed answer, frame by frame, with the text of its lanes changed on the way.

::

    bytes ─► frames (wire) ─► Stream.read (dialect) ─► one filter a lane ─► frames with other strings ─► bytes

Rule 1: a frame in which nothing changed goes on as the bytes that came.
Rule 2: what a filter holds back goes out before the frame that ends its lane: at the end of that frame's own
text where it has some, else in a frame that the dialect makes (``Stream.flush``).
Rule 3: full repetitions (``*.done``, snapshots) say what the lane said, never what the server said.
Rule 4: a frame that cannot be read is passed on where the caller only puts values back, and stops the stream
where text must not get by (``strict``).

Bounds: ``MAX_LANES`` lanes; of a lane that is sent as snapshots ``MAX_SNAPSHOT`` characters are kept. What
goes beyond either is counted, and stops a strict stream.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, Protocol

import orjson

from sensor.dialects.reading import Frame, Grow, LaneText, Path, Stream, Usage
from sensor.errors import Malformed
from sensor.exchange.rewriting import string_at, with_strings

__all__ = ["MAX_LANES", "MAX_SNAPSHOT", "Codec", "Filter", "Lanes", "Piece"]

MAX_LANES = 1_024
MAX_SNAPSHOT = 1 << 20


class Piece(NamedTuple):
    """One frame as it came."""

    raw: bytes
    event: str | None
    data: bytes | None
    """Its payload; ``None`` where it carries none (a comment, a frame that is not whole)."""
    frame: Any = None
    """The codec's own."""
    odd: str | None = None
    """Why it could not be read."""


class Codec(Protocol):
    """Bytes to frames and back, in one framing."""

    def feed(self, data: bytes) -> list[Piece]:
        """The frames that are whole now."""

    def finish(self) -> list[Piece]:
        """What is left, whole or not."""

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        """The frame with another payload, all else as it was."""

    def build(self, event: str | None, data: bytes) -> bytes | None:
        """A new frame; ``None`` where the framing has none to put in."""


class Filter(Protocol):
    """What text of one lane goes through (``StreamRestorer``, ``StreamRedactor``)."""

    def feed(self, piece: str) -> str:
        """The text that may go on."""

    def finish(self) -> str:
        """What waited."""


class _Lane:
    __slots__ = ("filter", "said", "seen")

    def __init__(self, made: Filter) -> None:
        self.filter = made
        self.seen = ""
        """Of a lane of snapshots: what the server has said."""
        self.said = ""
        """What has gone on."""


class Lanes:
    """
    One streamed answer. ``make`` gives a lane's filter; ``whole`` what stands for a repetition of a whole
    lane.
    """

    def __init__(
        self,
        stream: Stream,
        codec: Codec,
        make: Callable[[LaneText], Filter],
        whole: Callable[[LaneText, str], str],
        *,
        strict: bool = False,
    ) -> None:
        self._stream = stream
        self._codec = codec
        self._make = make
        self._whole = whole
        self._strict = strict
        self._lanes: dict[Hashable, _Lane] = {}
        self.odd: Counter[str] = Counter()
        """What was strange, by name."""
        self.usage: Usage | None = None
        self.model: str | None = None
        self.conversation: str | None = None
        self.calls: list[str] = []
        self.frames = 0

    def feed(self, data: bytes) -> bytes:
        """
        What may go on of the answer. Raises ``Malformed`` where a strict stream must stop; what was released
        before is lost with it, and nothing that was not filtered has gone out.
        """
        return b"".join(self._take(piece) for piece in self._codec.feed(data))

    def finish(self) -> bytes:
        """The end of the body: the rest of it, and what the filters hold."""
        out = [self._take(piece) for piece in self._codec.finish()]
        out += self._flushed(list(self._lanes))
        return b"".join(out)

    # --- one frame --------------------------------------------------------------------------------------

    def _take(self, piece: Piece) -> bytes:
        self.frames += 1
        if piece.odd is not None:
            self._odd(piece.odd)
        if piece.data is None:
            return piece.raw
        try:
            value = orjson.loads(piece.data)
        except ValueError:
            value = None
        frame = self._stream.read(piece.event, value)
        self._learn(frame)
        before = self._flushed(self._ending_elsewhere(frame))
        changes: dict[Path, str] = {}
        # A frame may say two things in one lane, and end it: the last of them ends with what waited.
        last = {told.lane: at for at, told in enumerate(frame.texts) if told.grow is not Grow.WHOLE}
        for at, told in enumerate(frame.texts):
            text = string_at(value, told.path)
            if text is None:
                self._odd("lane_without_text")
                continue
            over = last.get(told.lane) == at and (frame.ends_all or told.lane in frame.ends)
            new = text if told.fixed else self._through(told, text, over)
            if new != text:
                changes[told.path] = new
        for lane in (*frame.ends, *(self._lanes if frame.ends_all else ())):
            self._lanes.pop(lane, None)
        if not changes:
            return b"".join([*before, piece.raw])
        return b"".join([*before, self._codec.rebuild(piece, with_strings(piece.data, changes))])

    def _through(self, told: LaneText, text: str, over: bool) -> str:
        lane = self._lanes.get(told.lane)
        if lane is None:
            if told.grow is Grow.WHOLE:
                return self._whole(told, text)
            if len(self._lanes) >= MAX_LANES:
                self._odd("too_many_lanes")
                return self._whole(told, text)
            lane = self._lanes[told.lane] = _Lane(self._make(told))
        if told.grow is Grow.APPEND:
            said = lane.filter.feed(text)
            return said + self._rest(lane) if over else said
        if told.grow is Grow.WHOLE:
            return self._whole(told, text)
        if not text.startswith(lane.seen) or len(text) > MAX_SNAPSHOT:
            # It was written anew, or is too long to keep: a lane from the start.
            if len(text) > MAX_SNAPSHOT:
                self._odd("snapshot_too_long")
            lane.filter, lane.seen, lane.said = self._make(told), "", ""
            if len(text) > MAX_SNAPSHOT:
                return self._whole(told, text)
        more = lane.filter.feed(text[len(lane.seen) :])
        lane.seen = text
        lane.said += more + (self._rest(lane) if over else "")
        return lane.said

    def _rest(self, lane: _Lane) -> str:
        return lane.filter.finish()

    def _ending_elsewhere(self, frame: Frame) -> list[Hashable]:
        """Lanes that end with a frame which says nothing more in them."""
        speaking = {told.lane for told in frame.texts if told.grow is not Grow.WHOLE}
        ending = list(self._lanes) if frame.ends_all else list(frame.ends)
        return [lane for lane in ending if lane not in speaking]

    def _flushed(self, lanes: list[Hashable]) -> list[bytes]:
        out: list[bytes] = []
        for key in lanes:
            lane = self._lanes.get(key)
            rest = self._rest(lane) if lane is not None else ""
            if not rest:
                continue
            made = self._stream.flush(key, rest)
            frame = self._codec.build(made[0], _dumps(made[1])) if made is not None else None
            if frame is None:
                self._odd("lane_without_flush")
            else:
                out.append(frame)
        return out

    def _learn(self, frame: Frame) -> None:
        self.model = self.model or frame.model
        self.conversation = self.conversation or frame.conversation
        self.calls.extend(frame.calls[: MAX_LANES - len(self.calls)])
        if frame.usage is not None:
            old = self.usage or Usage()
            new = frame.usage
            self.usage = Usage(
                old.input if new.input is None else new.input,
                old.output if new.output is None else new.output,
            )

    def _odd(self, name: str) -> None:
        self.odd[name] += 1
        if self._strict:
            raise Malformed(name)


def _dumps(value: Any) -> bytes:
    """JSON; a lone surrogate (an emoji that was cut in two) is written as it came, escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
