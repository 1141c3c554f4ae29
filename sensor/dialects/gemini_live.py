"""
Google's Live API: ``BidiGenerateContent`` over a WebSocket, of the Gemini API and of Vertex AI.

Each message of the client has one of ``setup``, ``clientContent``, ``realtimeInput``, ``toolResponse``,
``contextUpdate``; each of the server ``serverContent``, ``toolCall``, ``usageMetadata`` and others, some of
them together. Messages are JSON, in text or binary frames (google-genai reads both). Sound itself is not
read; the transcriptions are, where a session asks for them: ``inputTranscription`` is what the person said,
and told as a prompt that comes back.

Source: google-genai 3.4 ``live.py``, ``_live_converters.py``, ``types.py`` (2026-11).

Bounds: those of ``picking`` and ``lanebook``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.gemini_content import (
    ANSWER,
    apart,
    call_names,
    either,
    first,
    model_name,
    read_blob,
    read_content,
    read_contents,
    read_function_call,
    read_function_response,
    read_grounding,
    read_part,
    read_system,
    read_tools,
    read_usage,
)
from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import Gathering, items, mapping, string
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead, Stream
from sensor.model import Direction

__all__ = ["is_one", "read_message", "stream"]

_PATH = re.compile(r"/BidiGenerateContent|\.BidiGenerateContent")
_PROJECT = re.compile(r"^projects/([^/]{1,256})/")


def is_one(head: RequestHead) -> bool:
    """Whether a path is that of a live session."""
    return _PATH.search(head.path) is not None


def read_message(head: RequestHead, value: Any, from_client: bool) -> Reading:
    """One message, of the client's or (as a whole, without lanes) of the server's."""
    gathered = Gathering()
    if from_client:
        _client(gathered, value)
    else:
        _server(gathered, value)
        gathered.usage = read_usage(value)
    gathered.account = gathered.account or head.headers.get("x-goog-user-project")
    return gathered.reading()


def _client(gathered: Gathering, value: Any) -> None:
    gathered.streams = True
    for key, setup in either(value, "setup"):
        model = string(mapping(setup).get("model"))
        project = _PROJECT.search(model or "")
        gathered.model = model_name(model)
        gathered.account = project[1] if project else None
        read_system(gathered, setup, (key,))
        read_tools(gathered, setup, (key,))
        handle = first(first(setup, "sessionResumption", "session_resumption"), "handle")
        gathered.conversation = string(handle)
    for key, content in either(value, "clientContent", "client_content"):
        read_contents(gathered, mapping(content).get("turns"), (key, "turns"))
    for key, heard in either(value, "realtimeInput", "realtime_input"):
        gathered.part(mapping(heard).get("text"), (key, "text"), Direction.PROMPT, "user")
        for kind, blob in either(heard, "audio", "video"):
            read_blob(gathered, blob, (key, kind))
        for kind, chunks in either(heard, "mediaChunks", "media_chunks"):
            for number, chunk in enumerate(items(chunks)):
                read_blob(gathered, chunk, (key, kind, number))
    for key, response in either(value, "toolResponse", "tool_response"):
        for kind, responses in either(response, "functionResponses", "function_responses"):
            for number, one in enumerate(items(responses)):
                read_function_response(gathered, mapping(one), (key, kind, number), None)
    for key, update in either(value, "contextUpdate", "context_update"):
        read_system(gathered, update, (key,))
        read_tools(gathered, mapping(update).get("tools"), (key, "tools"))


def _server(gathered: Gathering, value: Any) -> None:
    """All that a message of the server's says, as one."""
    for key, content in either(value, "serverContent", "server_content"):
        for kind, turn in either(content, "modelTurn", "model_turn"):
            read_content(gathered, turn, (key, kind), ANSWER)
        for kind, heard in either(content, *_HEARD):
            gathered.part(mapping(heard).get("text"), (key, kind, "text"), Direction.PROMPT, "user")
        for kind, said in either(content, *_SAID):
            gathered.part(mapping(said).get("text"), (key, kind, "text"), *ANSWER)
    _whole(gathered, value)


def _whole(gathered: Gathering, value: Any) -> None:
    """What a message of the server's brings whole."""
    for key, content in either(value, "serverContent", "server_content"):
        for kind, grounding in either(content, "groundingMetadata", "grounding_metadata"):
            read_grounding(gathered, grounding, (key, kind))
        for kind, interim in either(content, *_INTERIM):
            gathered.part(mapping(interim).get("text"), (key, kind, "text"), Direction.PROMPT, "user")
    for key, call in either(value, "toolCall", "tool_call"):
        for kind, calls in either(call, "functionCalls", "function_calls"):
            for number, one in enumerate(items(calls)):
                read_function_call(gathered, mapping(one), (key, kind, number), None)


_HEARD = ("inputTranscription", "input_transcription")
_SAID = ("outputTranscription", "output_transcription")
_INTERIM = ("interimInputTranscription", "interim_input_transcription")


def stream(head: RequestHead) -> Stream:
    """A reader of the server's messages of one session."""
    return _Session()


class _Session:
    """
    Lanes: ``text`` and ``thought`` of the model's turn, ``said`` (what its sound says), ``heard`` (what the
    person's sound says). All are over with the turn.
    """

    framing = Framing.WEBSOCKET

    def __init__(self) -> None:
        self._lanes = LaneBook()
        self._number = 0

    def read(self, event: str | None, value: Any) -> Frame:
        self._lanes.turn()
        whole = Gathering()
        texts: list[LaneText] = []
        ends: list[Hashable] = []
        over = False
        for key, content in either(value, "serverContent", "server_content"):
            for kind, turn in either(content, "modelTurn", "model_turn"):
                for number, part in enumerate(items(mapping(turn).get("parts"))):
                    self._part(mapping(part), (key, kind, "parts", number), texts, whole)
            for lane, names, direction in (
                ("heard", _HEARD, Direction.PROMPT),
                ("said", _SAID, Direction.ANSWER),
            ):
                for kind, spoken in either(content, *names):
                    self._spoken(lane, (key, kind), mapping(spoken), direction, texts, ends)
            if first(content, "generationComplete", "generation_complete") is True:
                ends.extend(self._lanes.end("text", "thought"))
            over = over or first(content, "turnComplete", "turn_complete") is True
            over = over or first(content, "interrupted") is True
        _whole(whole, value)
        came = apart(whole, self._number)
        self._number += len(came)
        update = first(value, "sessionResumptionUpdate", "session_resumption_update")
        return Frame(
            texts=(*texts, *came),
            ends=tuple(dict.fromkeys(ends)),
            ends_all=over,
            calls=call_names(whole),
            usage=read_usage(value),
            conversation=string(first(update, "newHandle", "new_handle")),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self._lanes.flush(lane, text)

    def _part(self, part: dict[str, Any], path: Path, texts: list[LaneText], whole: Gathering) -> None:
        if isinstance(part.get("text"), str):
            thought = part.get("thought") is True
            form = {"text": "", "thought": True} if thought else {"text": ""}
            turn = {"modelTurn": {"parts": [form], "role": "model"}}
            where: Path = ("serverContent", "modelTurn", "parts", 0, "text")
            lane = self._lanes.grow("thought" if thought else "text", None, {"serverContent": turn}, where)
            texts.append(LaneText(lane, (*path, "text"), fixed=thought))
        rest = {key: below for key, below in part.items() if key != "text"}
        read_part(whole, rest, path, ANSWER)

    def _spoken(
        self,
        lane: str,
        path: Path,
        spoken: dict[str, Any],
        direction: Direction,
        texts: list[LaneText],
        ends: list[Hashable],
    ) -> None:
        """A piece of a transcription."""
        if isinstance(spoken.get("text"), str):
            form = {"serverContent": {path[1]: {"text": ""}}}
            where: Path = ("serverContent", path[1], "text")
            key = self._lanes.grow(lane, None, form, where)
            texts.append(LaneText(key, (*path, "text"), direction, Grow.APPEND))
        if spoken.get("finished") is True:
            ends.extend(self._lanes.end(lane))
