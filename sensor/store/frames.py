"""
What the recorder and its clients say to each other over the Unix socket.

A frame is a length of 4 bytes (big endian) and a JSON object of that many bytes, with a ``kind``:

==============  =======================================================================================
client says
``hello``       protocol, and where the process is to be recorded: role, run, version, hashes
``events``      number, events (as ``entries.to_json`` gives them)
``review``      number, review
``coverage``    number, counters
``bye``         it ends, and not by a crash
recorder says
``welcome``     origin, statuses; what was said in ``hello`` is recorded
``ack``         number: what was sent under it is durable
``error``       number, error: it is not
``statuses``    statuses of all apps, whenever they change
==============  =======================================================================================

Bounds: ``MAX_FRAME`` bytes. Whoever breaks the form is hung up on; nobody else notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from sensor.errors import Malformed

__all__ = ["CHUNK", "MAX_FRAME", "PROTOCOL", "frame", "frame_length", "parse_frame", "split_events"]

PROTOCOL = 1
MAX_FRAME = 8 * 1024 * 1024
CHUNK = 1024 * 1024
"""Events are sent in frames of about this many bytes."""


def frame(message: dict[str, Any]) -> bytes:
    """A message as a frame."""
    data = orjson.dumps(message)
    return len(data).to_bytes(4, "big") + data


def frame_length(head: bytes) -> int:
    """How many bytes follow a frame's first 4. Raises ``Malformed`` where it is too many."""
    length = int.from_bytes(head, "big")
    if length > MAX_FRAME:
        raise Malformed("frame_too_long")
    return length


def parse_frame(data: bytes) -> dict[str, Any]:
    """The message in a frame. Raises ``Malformed``."""
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Malformed("frame_syntax") from error
    if type(message) is not dict or type(message.get("kind")) is not str:
        raise Malformed("frame_kind")
    return message


def split_events(events: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Events, encoded, in pieces of about ``CHUNK`` bytes."""
    piece: list[Any] = []
    size = 0
    for event in events:
        data = orjson.dumps(event)
        if piece and size + len(data) > CHUNK:
            yield piece
            piece, size = [], 0
        piece.append(orjson.Fragment(data))
        size += len(data)
    if piece:
        yield piece
