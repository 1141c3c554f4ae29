"""
The Realtime API over a WebSocket, in its general and its beta form, its HTTP calls that open a session
(``/realtime/sessions``, ``client_secrets``, ``calls``), transcription and translation sessions, and Azure's.

Text and transcripts are read; sound is told as a file in base64 and cannot be scanned. What a person said
arrives as a transcript (direction prompt) after it was sent. A lane is one item's kind of text, by the item's
id, which is one for a whole session here.

The conversation lives as long as the connection: only what a message adds stands in it.

Bounds: those of ``openai_events``.

Sources: openai 3.54 ``types/realtime/`` (``realtime_client_event.py``, ``realtime_server_event.py``,
``realtime_translation_client_event.py``; 2026-11); for the names of the beta (``response.text.delta``,
``response.audio_transcript.delta``, ``input_audio_transcription``), openai/openai-python
``types/beta/realtime/`` of version 1. The "live" API of openai 3.54 (``types/live/``) is another one and not
read.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from urllib.parse import parse_qs

from sensor.dialects.openai_events import EventStream
from sensor.dialects.openai_items import read_item, read_prompt
from sensor.dialects.openai_parts import account_in, read_error, read_tools, reads_error, usage_in
from sensor.dialects.picking import Gathering, at, inner_json, items, mapping, string, text_at
from sensor.dialects.reading import JSON, Framing, Path, Reading, RequestHead, Stream
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "RealtimeStream", "read_answer", "read_message", "read_request", "stream"]

UNCONFIRMED = False


def read_request(head: RequestHead, body: Any) -> Reading:
    """A call that opens a session: a session, alone, under ``session``, or as a field of a form."""
    found = Gathering()
    for number, part in enumerate(items(body)):  # /realtime/calls: multipart with "sdp" and "session"
        if text_at(part, "name") == "session":
            _read_session(found, inner_json(at(part, "text")), (number, "text", JSON))
    _read_session(found, body, ())
    _read_session(found, at(body, "session"), ("session",))
    return _ready(found, head, body)


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A session, as the service made it."""
    found = Gathering()
    _read_session(found, body, ())
    _read_session(found, at(body, "session"), ("session",))
    if reads_error(body):
        read_error(found, body)
    return _ready(found, head, body)


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """What one message says, of either side."""
    found = Gathering()
    message = mapping(value)
    _read_session(found, message.get("session"), ("session",))
    response = message.get("response")
    _read_session(found, response, ("response",))
    for key in ("input", "output"):
        for number, item in enumerate(items(at(response, key))):
            read_item(found, item, ("response", key, number))
    if isinstance(message.get("item"), dict):
        read_item(found, message["item"], ("item",))
    if isinstance(message.get("audio"), str):
        found.file(("audio",), media_type="audio", coding="base64")
    if reads_error(value):
        read_error(found, value)
    found.usage = usage_in(at(response, "usage"))
    return _ready(found, head, value)


def _read_session(found: Gathering, value: Any, path: Path) -> None:
    """What a session or a response is set up with."""
    session = mapping(value)
    found.model = found.model or string(session.get("model"))
    found.part(session.get("instructions"), (*path, "instructions"), Direction.PROMPT, "system")
    read_prompt(found, session.get("prompt"), (*path, "prompt"))
    for inner in (("input_audio_transcription", "prompt"), ("audio", "input", "transcription", "prompt")):
        found.part(at(session, *inner), (*path, *inner), Direction.PROMPT, "system")
    if isinstance(session.get("tools"), list):
        found.tools_path = (*path, "tools")
        read_tools(found, session["tools"])


def _ready(found: Gathering, head: RequestHead, body: Any) -> Reading:
    query = parse_qs(head.path[:4096].partition("?")[2], max_num_fields=64) if "?" in head.path else {}
    named = query.get("model") or query.get("deployment")
    found.model = found.model or (named[0] if named else None)
    found.account = account_in(head)
    return found.reading()


def stream(head: RequestHead) -> Stream:
    """A reader of the service's messages."""
    return RealtimeStream(Framing.WEBSOCKET)


class RealtimeStream(EventStream):
    """Reads the service's messages of one session."""

    def _base(self, value: dict[str, Any]) -> tuple[Hashable, ...]:
        return ("", self._item(value, value.get("item_id")))

    def _item(self, value: dict[str, Any], identity: Any) -> Hashable:
        return string(identity) or super()._item(value, identity)

    def _close(self, response: dict[str, Any], base: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
        """A response that is over ends its own items; what the person says goes on."""
        made = [string(at(item, "id")) for item in items(response.get("output"))]
        return tuple(lane for one in made for lane in self._book.end_under("", one))
