"""
What a dialect reads out of a body: the nouns that all dialects share.

Rule 1: a reading tells where things stand; it decides nothing and changes nothing. What is replaced is found
by walking all of a body's strings (``wire.jsontext``), not by these places: a dialect that is out of date
must not let a value through.
Rule 2: a place is the path of keys and indexes to a string in the parsed body, such as
``("messages", 0, "content")``. What stands in JSON inside a string has the path of the string, then
``JSON``, then the path within.
Rule 3: any body gives a reading. What is not where the dialect says is left out, never an error.

A streamed answer is read frame by frame (``Stream``). A *lane* is one piece of text that grows over several
frames: one choice of a chat, one block of content, one call's arguments. A value may be cut anywhere between
two frames, so what is found or put back is found in a lane, not in a frame.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from sensor.model import Direction

__all__ = [
    "JSON",
    "Call",
    "File",
    "Frame",
    "Framing",
    "Grow",
    "LaneText",
    "Part",
    "Path",
    "Reading",
    "RequestHead",
    "Stream",
    "Usage",
]

Path = tuple["str | int", ...]

JSON = "#json"
"""In a path: the string at the path before is itself JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """What of a request's head a dialect may need to read its body."""

    method: str
    host: str | None
    path: str
    """With the query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; of several with one name, the first."""


class Part(NamedTuple):
    """A piece of text in a body."""

    path: Path
    direction: Direction
    role: str | None = None
    """``system``, ``user``, ``assistant``, ``tool``, as far as the dialect tells."""
    turn: int | None = None
    """Which message of a history it belongs to, from 0; ``None`` for what stands outside."""


class File(NamedTuple):
    """A file, or a reference to one."""

    path: Path
    name: str | None = None
    media_type: str | None = None
    reference: str | None = None
    """The id or address under which the service has it already; its content is not in this body."""
    coding: str | None = None
    """How its content stands in the string at ``path``: ``base64``, ``data_url`` or ``text``; ``None`` for a
    reference."""


class Call(NamedTuple):
    """A call of a tool, in an answer or in a history."""

    name: str | None
    path: Path
    """Where its arguments stand: a string of JSON, or an object."""
    id: str | None = None


class Usage(NamedTuple):
    """Tokens, as the service counted them."""

    input: int | None = None
    output: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a whole body says."""

    parts: tuple[Part, ...] = ()
    files: tuple[File, ...] = ()
    tools: tuple[str, ...] = ()
    """Names of the tools that are offered."""
    tools_path: Path | None = None
    """Where the list of offered tools stands, for a policy that takes some away."""
    calls: tuple[Call, ...] = ()
    model: str | None = None
    usage: Usage | None = None
    conversation: str | None = None
    """The id of a conversation whose history the service keeps."""
    account: str | None = None
    """The organisation, project, workspace or user that the body or head names."""
    streams: bool | None = None
    """Whether an answer in a stream is asked for; ``None``: the dialect does not say."""
    signed: bool = False
    """A signature covers the body: it can be refused, not rewritten."""
    fixed: tuple[Path, ...] = ()
    """What must go on as it is, or the service refuses all of it (signed thinking)."""
    request_id: str | int | None = None
    """The JSON-RPC id, where there is one."""


class Framing(StrEnum):
    """How a stream is cut into frames."""

    SSE = "sse"
    NDJSON = "ndjson"
    JSON_ARRAY = "json_array"
    """One JSON array, sent element by element (Gemini without ``alt=sse``)."""
    EVENTSTREAM = "eventstream"
    """application/vnd.amazon.eventstream."""
    CONNECT = "connect"
    """Envelopes of Connect and gRPC."""
    WEBSOCKET = "websocket"
    """One message, one frame."""
    SIGNALR = "signalr"
    """JSON records that end with 0x1e, in WebSocket messages."""
    LENGTH_LINES = "length_lines"
    """A length, a line end, JSON of so many characters: Google's web applications."""


class Grow(StrEnum):
    """What a frame does to a lane."""

    APPEND = "append"
    """The text is added to what was there."""
    SNAPSHOT = "snapshot"
    """The text is all of the lane so far."""
    WHOLE = "whole"
    """The text is all of the lane, which is over: the repetition at the end."""


class LaneText(NamedTuple):
    """What a frame says in one lane."""

    lane: Hashable
    path: Path
    """Where the text stands in the frame."""
    direction: Direction = Direction.ANSWER
    grow: Grow = Grow.APPEND
    escape: bool = False
    """The text is a piece of JSON (a call's arguments): what is put into it is escaped as in a string."""
    fixed: bool = False
    """Signed: to be read, never changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What one frame of a stream says."""

    texts: tuple[LaneText, ...] = ()
    ends: tuple[Hashable, ...] = ()
    """Lanes that are over with this frame: what is held back in them goes out before it."""
    ends_all: bool = False
    """Every lane is over."""
    calls: tuple[str, ...] = ()
    """Names of tools whose call begins here."""
    model: str | None = None
    usage: Usage | None = None
    conversation: str | None = None
    is_error: bool = False


NOTHING = Frame()
"""A frame that says nothing of interest."""


class Stream(Protocol):
    """
    Reads the frames of one streamed answer, in order; holds what later frames refer to, within a bound.
    """

    framing: Framing

    def read(self, event: str | None, value: Any) -> Frame:
        """
        One frame: the event's name where the framing has one, and its parsed payload (``None`` where it is no
        JSON, as ``[DONE]``).
        """

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """
        A frame (event name, payload) that carries ``text`` on in ``lane``, to be sent before the frame that
        ends it; ``None`` where the dialect has none. In the form of the lane's last frame.
        """
