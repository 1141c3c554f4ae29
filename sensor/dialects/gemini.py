"""
Google's generative APIs: the Gemini API and Vertex AI with Google's own models.

Read by what stands in a body more than by its path: ``generateContent``, ``streamGenerateContent`` (events
with ``alt=sse``, else one JSON array), ``countTokens``, ``computeTokens``, ``embedContent``,
``batchEmbedContents``, ``batchGenerateContent`` (requests within), ``predict``, ``cachedContents``, file
uploads (the resumable protocol too), file search stores. ``gemini_interactions`` reads ``/interactions``,
``gemini_live`` the WebSocket of the Live API.

Sources: google-genai 3.4 ``models.py``, ``caches.py``, ``batches.py``, ``files.py``, ``_api_client.py``,
``types.py`` (2026-11). Streamed arguments of calls (``partialArgs``): the SDK's types; no stream of them was
seen.

UNCONFIRMED: Gemini Code Assist (``cloudcode-pa.googleapis.com/v1internal:…``), which nests the request under
``request`` and the answer under ``response``. Source: google-gemini/gemini-cli
``packages/core/src/code_assist/converter.ts`` and ``server.ts`` (2026), the client's side alone.

A function call comes whole and its arguments are an object: each of its strings is told in a lane of its own.
Text goes on in one lane a candidate however many parts it comes in; so do thoughts.

Not read by name: models of other publishers (``rawPredict``), of whose bodies all strings are told as a
prompt; tuning.

Bounds: those of ``picking`` for a body, those of ``lanebook`` for a stream; of a frame's plain fields those
up to ``MAX_PLAIN`` characters are kept for ``flush``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any
from urllib.parse import parse_qs, unquote

from sensor.dialects import gemini_interactions, gemini_live
from sensor.dialects.gemini_content import (
    ANSWER,
    PROMPT,
    apart,
    call_names,
    either,
    first,
    model_name,
    read_content,
    read_contents,
    read_function_call,
    read_grounding,
    read_part,
    read_system,
    read_tools,
    read_usage,
)
from sensor.dialects.gemini_live import read_message
from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import Gathering, at, inner_json, integer, items, leaves, mapping, string
from sensor.dialects.reading import Frame, Framing, LaneText, Path, Reading, RequestHead, Stream
from sensor.dialects.recognise import model_in_path
from sensor.model import Direction

__all__ = [
    "MAX_PLAIN",
    "UNCONFIRMED",
    "UNCONFIRMED_PATHS",
    "read_answer",
    "read_message",
    "read_request",
    "stream",
]

UNCONFIRMED = False
UNCONFIRMED_PATHS = ("/v1internal:",)
"""How the paths begin whose bodies are known from a client's source alone."""

MAX_PLAIN = 256

_PROJECT = re.compile(r"/projects/([^/?:]{1,256})/locations/")
_TUNED = re.compile(r"/((?:tunedModels|endpoints)/[^/:?]{1,256}):\w")
"""A model of the customer's own."""
_STREAMS = re.compile(r":stream\w+(?:\?|$)")
_UPLOAD = re.compile(r"/upload/v\w+/")
_RAW = re.compile(r":(?:stream)?[rR]awPredict(?:\?|$)")

_NO_TEXT = frozenset(
    {
        "type",
        "id",
        "role",
        "model",
        "mimeType",
        "mime_type",
        "task_type",
        "taskType",
        "language",
        "bytesBase64Encoded",
    }
)
"""Last keys of strings that name or identify, where a body is walked."""


# ---------------------------------------------------------------- requests


def read_request(head: RequestHead, body: Any) -> Reading:
    """
    A request. ``body`` is a JSON value; of an upload it may be the file's text (a string), ``None`` where the
    file is no text, or the list of parts of a multipart form.
    """
    if gemini_interactions.is_one(head):
        return gemini_interactions.read_request(head, body)
    gathered = Gathering()
    if _UPLOAD.search(head.path):
        _upload(gathered, head, body)
    request = mapping(body)
    if not _request(gathered, request, ()) and _RAW.search(head.path):
        for path, text in leaves(request):
            if path[-1] not in _NO_TEXT:
                gathered.part(text, path, *PROMPT)
    tuned = _TUNED.search(head.path)
    gathered.model = tuned[1] if tuned else model_in_path(head.path) or gathered.model
    gathered.account = account_of(head) or string(request.get("project"))
    gathered.streams = _STREAMS.search(head.path) is not None
    return gathered.reading()


def account_of(head: RequestHead) -> str | None:
    """The project: in the path (Vertex AI), or the one that is to be billed."""
    project = _PROJECT.search(head.path)
    return unquote(project[1]) if project else head.headers.get("x-goog-user-project")


def _request(gathered: Gathering, body: dict[str, Any], base: Path, nested: int = 0) -> bool:
    """Read an object that may be a request, or have requests in it. False where nothing in it is known."""
    if not body.keys() & _KNOWN:
        return False
    gathered.model = gathered.model or model_name(body.get("model"))
    read_system(gathered, body, base)
    if "contents" in body:
        read_contents(gathered, body["contents"], (*base, "contents"))
    if "content" in body:
        read_content(gathered, body["content"], (*base, "content"), PROMPT)
    gathered.part(body.get("title"), (*base, "title"), Direction.PROMPT, "user")
    read_tools(gathered, body, base)
    for key, cached in either(body, "cachedContent", "cached_content"):
        gathered.file((*base, key), reference=cached)
    for number, instance in enumerate(items(body.get("instances"))):
        _instance(gathered, instance, (*base, "instances", number))
    negative = at(body, "parameters", "negativePrompt")
    gathered.part(negative, (*base, "parameters", "negativePrompt"), Direction.PROMPT, "user")
    _file(gathered, body, base)
    for number, uri in enumerate(items(body.get("uris"))):
        gathered.file((*base, "uris", number), reference=uri)
    if nested < MAX_NESTED:
        for path, inner in _inner(body):
            _request(gathered, inner, (*base, *path), nested + 1)
    return True


MAX_NESTED = 4
"""How deep requests stand in each other (a batch: its ``batch``, its list, its entry, the request)."""


def _inner(body: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """Requests within a request, each with its path."""
    found: list[tuple[Path, dict[str, Any]]] = []
    for key, below in either(
        body,
        "request",
        "batch",
        "inputConfig",
        "input_config",
        "generateContentRequest",
        "embedContentRequest",
    ):
        found.append(((key,), mapping(below)))
    requests = body.get("requests")
    where: Path = ("requests",)
    if isinstance(requests, dict):
        where, requests = ("requests", "requests"), requests.get("requests")
    found.extend(((*where, number), mapping(entry)) for number, entry in enumerate(items(requests)))
    return found


_KNOWN = frozenset(
    {
        "batch", "cachedContent", "cached_content", "content", "contents", "displayName",
        "embedContentRequest", "file", "fileName", "file_name", "generateContentRequest", "inputConfig",
        "input_config", "instances", "request", "requests", "systemInstruction", "system_instruction", "uris",
    }
)  # fmt: skip


def _instance(gathered: Gathering, instance: Any, path: Path) -> None:
    """One instance of a ``predict``: its strings, and the files in it."""
    for where, text in leaves(instance, path):
        key = where[-1]
        if key == "bytesBase64Encoded":
            gathered.file(where, media_type=at(instance, *where[len(path) : -1], "mimeType"), coding="base64")
        elif key == "gcsUri":
            gathered.file(where, reference=text)
        elif key not in _NO_TEXT:
            gathered.part(text, where, Direction.PROMPT, "user")


def _file(gathered: Gathering, body: dict[str, Any], base: Path) -> None:
    """What is told of a file: before it is uploaded, to be imported, or as the input of a batch."""
    for key, name in either(body, "fileName", "file_name"):
        gathered.file((*base, key), reference=name)
    if isinstance(body.get("file"), dict):
        about = body["file"]
        gathered.file(
            (*base, "file"),
            name=first(about, "displayName", "display_name"),
            media_type=first(about, "mimeType", "mime_type"),
            reference=about.get("uri") or about.get("name"),
        )


def _upload(gathered: Gathering, head: RequestHead, body: Any) -> None:
    """
    An upload. The resumable protocol tells of the file first (``x-goog-upload-command: start``) and sends it
    then; each request has the file's type in a header.
    """
    media_type = head.headers.get("x-goog-upload-header-content-type") or head.headers.get("content-type")
    if isinstance(body, list):
        _form(gathered, body)
    elif isinstance(body, str):
        gathered.file((), media_type=media_type, coding="text")
        gathered.part(body, (), Direction.UPLOAD)
    elif body is None:
        if "upload" in head.headers.get("x-goog-upload-command", "upload"):
            gathered.file((), media_type=media_type)
    elif not isinstance(mapping(body).get("file"), dict):
        name = first(body, "displayName", "display_name")
        gathered.file((), name=name, media_type=first(body, "mimeType", "mime_type") or media_type)


def _form(gathered: Gathering, parts: list[Any]) -> None:
    """A multipart upload: what is told of the file in JSON, and the file."""
    name = None
    for number, part in enumerate(map(mapping, parts)):
        text = string(part.get("text"))
        about = mapping(inner_json(text)) if part.get("content_type") == "application/json" else {}
        if about:
            name = first(mapping(about.get("file")) or about, "displayName", "display_name")
            continue
        path: Path = (number,) if text is None else (number, "text")
        coding = "text" if text is not None else None
        known = part.get("filename") or name
        gathered.file(path, name=known, media_type=part.get("content_type"), coding=coding)
        gathered.part(text, path, Direction.UPLOAD)


# ---------------------------------------------------------------- answers


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A whole answer; of a stream in one JSON array, which may be handed in whole, its elements."""
    if gemini_interactions.is_one(head):
        return gemini_interactions.read_answer(head, body)
    gathered = Gathering()
    if isinstance(body, list):
        for number, element in enumerate(body):
            _answer(gathered, element, (number,))
    else:
        _answer(gathered, body, ())
    return gathered.reading()


def _answer(gathered: Gathering, value: Any, base: Path) -> None:
    base, answer, _ = _unwrap(value, base)
    gathered.model = string(first(answer, "modelVersion", "model_version")) or gathered.model
    gathered.usage = read_usage(answer) or gathered.usage
    for number, candidate in enumerate(items(answer.get("candidates"))):
        here = (*base, "candidates", number)
        read_content(gathered, mapping(candidate).get("content"), (*here, "content"), ANSWER)
        for key, grounding in either(candidate, "groundingMetadata", "grounding_metadata"):
            read_grounding(gathered, grounding, (*here, key))
    for where, text in leaves(answer.get("predictions"), (*base, "predictions")):
        if where[-1] == "bytesBase64Encoded":
            gathered.file(where, coding="base64")
        elif where[-1] not in _NO_TEXT:
            gathered.part(text, where, *ANSWER)
    _file(gathered, answer, base)


def _unwrap(value: Any, base: Path) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """An answer, out of Code Assist's wrapping: its path, itself, and what it was wrapped in."""
    outer = mapping(value)
    if isinstance(outer.get("response"), dict) and "candidates" not in outer:
        return (*base, "response"), outer["response"], outer
    return base, outer, {}


# ---------------------------------------------------------------- streams


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed answer: of ``generateContent``, an interaction, or a live session."""
    if gemini_interactions.is_one(head):
        return gemini_interactions.stream(head)
    if gemini_live.is_one(head):
        return gemini_live.stream(head)
    query = parse_qs(head.path.partition("?")[2][:4096])
    return _Generate(Framing.SSE if "sse" in query.get("alt", ()) else Framing.JSON_ARRAY)


class _Generate:
    """
    Chunks of one answer. Lanes: ``(candidate, "text")``, ``(candidate, "thought")``, and of streamed
    arguments ``(candidate, (number of the call, JSON path))``.
    """

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.lanes = LaneBook()
        self.whole = 0
        self.calls: dict[int, int] = {}

    def read(self, event: str | None, value: Any) -> Frame:
        self.lanes.turn()
        base, answer, outer = _unwrap(value, ())
        texts: list[LaneText] = []
        ends: list[Hashable] = []
        names: list[str] = []
        envelope = _Envelope(event, outer, answer)
        for place, candidate in enumerate(items(answer.get("candidates"))):
            number = integer(mapping(candidate).get("index"))
            chunk = _Chunk(self, envelope, place if number is None else number)
            here = (*base, "candidates", place)
            chunk.read(mapping(candidate), here)
            texts.extend(chunk.texts)
            names.extend(chunk.names)
            ends.extend(chunk.ends)
            if isinstance(first(candidate, "finishReason", "finish_reason"), str):
                ends.extend(self.lanes.end_under(chunk.number))
        failed = "error" in mapping(value)
        return Frame(
            texts=tuple(texts),
            ends=tuple(dict.fromkeys(ends)),
            ends_all=failed,
            calls=tuple(names),
            model=string(first(answer, "modelVersion", "model_version")),
            usage=read_usage(answer),
            is_error=failed,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        return self.lanes.flush(lane, text)


class _Envelope:
    """The form of a chunk: its plain fields, without what it says, counts or ends."""

    def __init__(self, event: str | None, outer: dict[str, Any], answer: dict[str, Any]) -> None:
        self.event = event
        self._outer = _plain(outer)
        self._inner = _plain(answer)
        self._wrapped = bool(outer)

    def around(self, candidate: int, part: dict[str, Any], path: Path) -> tuple[Any, Path]:
        """A chunk with one part, and the path of a string in that part."""
        content = {"parts": [part], "role": "model"}
        form: dict[str, Any] = {"candidates": [{"content": content, "index": candidate}], **self._inner}
        where: Path = ("candidates", 0, "content", "parts", 0, *path)
        return ({"response": form, **self._outer}, ("response", *where)) if self._wrapped else (form, where)


def _plain(value: dict[str, Any]) -> dict[str, str]:
    return {key: below for key, below in value.items() if isinstance(below, str) and len(below) <= MAX_PLAIN}


class _Chunk:
    """What one candidate says in one chunk."""

    def __init__(self, stream: _Generate, envelope: _Envelope, number: int) -> None:
        self._stream = stream
        self._envelope = envelope
        self.number = number
        self.texts: list[LaneText] = []
        self.ends: list[Hashable] = []
        self.names: list[str] = []

    def read(self, candidate: dict[str, Any], path: Path) -> None:
        parts = items(mapping(candidate.get("content")).get("parts"))
        for place, part in enumerate(map(mapping, parts)):
            self._part(part, (*path, "content", "parts", place))
        for key, grounding in either(candidate, "groundingMetadata", "grounding_metadata"):
            cited = Gathering()
            read_grounding(cited, grounding, (*path, key))
            self._apart(cited)

    def _part(self, part: dict[str, Any], path: Path) -> None:
        if isinstance(part.get("text"), str):
            self._text(part.get("thought") is True, (*path, "text"))
            if len(part) == 1:
                return
        rest = {key: below for key, below in part.items() if key not in _APART}
        if rest:
            whole = Gathering()
            read_part(whole, rest, path, ANSWER)
            self._apart(whole)
        for key, call in either(part, *_CALLS):
            self._call(mapping(call), (*path, key))

    def _text(self, thought: bool, path: Path) -> None:
        part = {"text": "", "thought": True} if thought else {"text": ""}
        lane = self._grow("thought" if thought else "text", part, ("text",))
        self.texts.append(LaneText(lane, path, fixed=thought))

    def _call(self, call: dict[str, Any], path: Path) -> None:
        """A call, whole or a piece of one: a piece has no name after the first."""
        calls = self._stream.calls
        if isinstance(call.get("name"), str) and (self.number in calls or len(calls) < MAX_CANDIDATES):
            calls[self.number] = calls.get(self.number, 0) + 1
        whole = Gathering()
        read_function_call(
            whole, {key: below for key, below in call.items() if key not in _PIECES}, path, None
        )
        self._apart(whole)
        for key, pieces in either(call, *_PIECES):
            for place, piece in enumerate(items(pieces)):
                self._piece(mapping(piece), (*path, key, place), calls.get(self.number, 0))

    def _piece(self, piece: dict[str, Any], path: Path, call: int) -> None:
        argument = (string(first(piece, "jsonPath", "json_path")) or "")[:MAX_PLAIN]
        goes_on = first(piece, "willContinue", "will_continue") is True
        for key, text in either(piece, "stringValue", "string_value"):
            if isinstance(text, str):
                form = {"jsonPath": argument, "stringValue": "", "willContinue": True}
                part = {"functionCall": {"partialArgs": [form], "willContinue": True}}
                where = ("functionCall", "partialArgs", 0, "stringValue")
                lane = self._grow((call, argument), part, where)
                self.texts.append(LaneText(lane, (*path, key), Direction.TOOL_CALL))
                if not goes_on:
                    self.ends.extend(self._stream.lanes.end(lane))

    def _grow(self, kind: Hashable, part: dict[str, Any], path: Path) -> Hashable:
        form, where = self._envelope.around(self.number, part, path)
        return self._stream.lanes.grow((self.number, kind), self._envelope.event, form, where)

    def _apart(self, whole: Gathering) -> None:
        texts = apart(whole, self._stream.whole)
        self._stream.whole += len(texts)
        self.texts.extend(texts)
        self.names.extend(call_names(whole))


MAX_CANDIDATES = 1024
"""Candidates whose calls are counted."""
_CALLS = ("functionCall", "function_call", "toolCall", "tool_call")
_PIECES = ("partialArgs", "partial_args")
_APART = frozenset({"text", "thought", "thoughtSignature", "thought_signature", *_CALLS})
"""Fields of a part that a stream reads itself, or that are no text."""
