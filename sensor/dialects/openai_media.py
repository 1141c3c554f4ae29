"""
The rest of OpenAI's API: files, uploads, batches, embeddings, moderations, images, video, speech and
transcription, assistants with their threads and runs, vector stores, evaluations of text ("decisions").

Bodies are read by their keys, for a key means the same in all of these: ``prompt``, ``input``, ``query``,
``instructions``, ``content`` hold text; ``file_id``, ``image_url`` and the like name files. A form with files
(multipart) is a list of its fields: a field with a file name is a file. The text of a file is an upload; of a
file that is no text the name is told, at the field's name where it has none. A file of requests (JSONL of a
batch) is told as the requests in it, each at ``(field, "text", JSON, line)``, as if the lines were items of a
list; a line that is none makes the whole text an upload too.

The id of a thread is its conversation: the service keeps it.

Not read: sound and pictures themselves, lists of token numbers, embeddings.

Bounds: those of ``picking`` and ``lanebook``; ``MAX_LINES`` lines of a file of requests.

Sources: openai 3.54 ``types/file_create_params.py``, ``uploads/part_create_params.py``,
``embedding_create_params.py``, ``moderation_create_params.py``, ``image_generate_params.py``,
``image_edit_params.py``, ``images_response.py``, ``audio/``, ``video_create_params.py``,
``decision_create_params.py``, ``vector_store_search_params.py``, ``beta/assistant_create_params.py``,
``beta/threads/``, ``beta/assistant_stream_event.py`` (2026-11); for lines of a batch, the guide "Batch API"
(``custom_id``, ``method``, ``url``, ``body``).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects import openai_chat, openai_responses
from sensor.dialects.lanebook import REST, LaneBook
from sensor.dialects.openai_items import read_input
from sensor.dialects.openai_parts import (
    DIRECTIONS,
    account_in,
    deployment_in,
    plain,
    read_content,
    read_error,
    read_tools,
    reads_error,
    usage_in,
)
from sensor.dialects.picking import (
    MAX_PARTS,
    Gathering,
    at,
    inner_json,
    integer,
    items,
    mapping,
    string,
    text_at,
)
from sensor.dialects.reading import (
    JSON,
    NOTHING,
    Frame,
    Framing,
    Grow,
    LaneText,
    Part,
    Path,
    Reading,
    RequestHead,
    Stream,
)
from sensor.model import Direction

__all__ = ["MAX_LINES", "UNCONFIRMED", "MediaStream", "read_answer", "read_request", "stream"]

UNCONFIRMED = False

MAX_LINES = 10_000
MAX_TOOLS = 256
"""Tools of a file of requests among which a name is looked for before it is told again."""

_PROMPTS = ("prompt", "negative_prompt", "suffix", "query", "lyrics")
_SYSTEM = ("instructions", "additional_instructions", "description", "name")
_WORDS = ("keywords", "keywords[]", "known_speaker_names", "known_speaker_names[]")
_THREAD = re.compile(r"/threads/([^/?]{1,256})")
_FILE_IDS = ("file_id", "input_file_id", "training_file", "validation_file")


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a call sends: a JSON object, or the fields of a form."""
    path = head.path[:4096].partition("?")[0]
    if path.endswith("/completions"):
        return openai_chat.read_request(head, body)
    if "/conversations" in path:
        return openai_responses.read_request(head, body)
    found = Gathering()
    if isinstance(body, list):
        _read_form(found, body)
    else:
        _read_body(found, body)
    found.model = found.model or deployment_in(head)
    found.account = account_in(head, body)
    found.conversation = found.conversation or _thread_in(path)
    return found.reading()


def _thread_in(path: str) -> str | None:
    found = _THREAD.search(path)
    return found[1] if found and found[1] != "runs" else None


def _read_form(found: Gathering, fields: list[Any]) -> None:
    """The fields of a form."""
    for number, value in enumerate(fields):
        field = mapping(value)
        name, text, path = string(field.get("name")), field.get("text"), (number, "text")
        if "filename" in field and field["filename"] is not None:
            _read_file(found, field, number)
        elif name == "model":
            found.model = string(text)
        elif name == "stream":
            found.streams = text == "true"
        elif name is not None and (name in _PROMPTS or name in _WORDS):
            found.part(text, path, Direction.PROMPT, "user")
        elif name in _SYSTEM:
            found.part(text, path, Direction.PROMPT, "system")


def _read_file(found: Gathering, field: dict[str, Any], number: int) -> None:
    """A file of a form; one of requests as these."""
    name, media_type = field["filename"], field.get("content_type")
    text = field.get("text")
    if not isinstance(text, str):
        for key in ("filename", "name"):
            if isinstance(field.get(key), str):
                found.file((number, key), name=name, media_type=media_type)
                return
        return
    found.file((number, "text"), name=name, media_type=media_type, coding="text")
    if not _read_lines(found, text, (number, "text", JSON)):
        found.part(text, (number, "text"), Direction.UPLOAD, "user")


def _read_lines(found: Gathering, text: str, path: Path) -> bool:
    """Keep the requests of a batch; False where not every line is one."""
    if not text.lstrip().startswith("{"):
        return False
    lines = text.split("\n")
    whole = len(lines) <= MAX_LINES
    for number, line in enumerate(lines[:MAX_LINES]):
        if not line.strip():
            continue
        value = inner_json(line)
        body, url = at(value, "body"), text_at(value, "url") or ""
        if not isinstance(body, dict):
            whole = False
            continue
        head = RequestHead(method="POST", host=None, path=url)
        inner = _read_nested(head, body)
        _keep(found, inner, (*path, number, "body"))
    return whole


def _read_nested(head: RequestHead, body: dict[str, Any]) -> Reading:
    """A request within a file; Mistral's lines name no path."""
    if head.path.endswith("/responses"):
        return openai_responses.read_request(head, body)
    if "messages" in body:
        return openai_chat.read_request(head, body)
    return read_request(head, body)


def _keep(found: Gathering, inner: Reading, path: Path) -> None:
    """Take over what a request within a file says."""
    found.parts.extend(part._replace(path=(*path, *part.path)) for part in inner.parts)
    found.files.extend(file._replace(path=(*path, *file.path)) for file in inner.files)
    found.calls.extend(call._replace(path=(*path, *call.path)) for call in inner.calls)
    for kept in (found.parts, found.files, found.calls):
        del kept[MAX_PARTS:]
    for tool in inner.tools:
        if tool not in found.tools[:MAX_TOOLS]:
            found.tool(tool)
    found.model = found.model or inner.model


def _read_body(found: Gathering, value: Any) -> None:
    body = mapping(value)
    if not body:
        return
    found.model = string(body.get("model"))
    found.streams = body["stream"] is True if "stream" in body else None
    for key in _PROMPTS:
        read_content(found, body.get(key), (key,), Direction.PROMPT, "user")
    for key in _SYSTEM:
        found.part(body.get(key), (key,), Direction.PROMPT, "system")
    read_input(found, body.get("input"), ("input",))
    _read_message(found, body, (), None)  # POST /threads/{id}/messages
    for base in ((), ("thread",)):  # POST /threads, /threads/runs
        _read_thread(found, at(body, *base), base)
    for number, output in enumerate(items(body.get("tool_outputs"))):
        path: Path = ("tool_outputs", number, "output")
        found.part(at(output, "output"), path, Direction.TOOL_RESULT, "tool")
    for number, question in enumerate(items(body.get("questions"))):
        where = ("questions", number, "instructions")
        read_content(found, at(question, "instructions"), where, Direction.PROMPT, "user")
    for key in ("image", "images", "mask", "input_reference"):
        read_content(found, body.get(key), (key,), Direction.PROMPT, "user")
    if isinstance(body.get("tools"), list):
        found.tools_path = ("tools",)
        read_tools(found, body["tools"])
    _read_references(found, body)


def _read_thread(found: Gathering, value: Any, base: Path) -> None:
    for key in ("messages", "additional_messages"):
        for number, message in enumerate(items(at(value, key))):
            _read_message(found, mapping(message), (*base, key, number), number)


def _read_message(found: Gathering, message: dict[str, Any], path: Path, turn: int | None) -> None:
    """A message of a thread, with its attachments."""
    role = string(message.get("role"))
    direction = DIRECTIONS.get(role or "", Direction.PROMPT)
    read_content(found, message.get("content"), (*path, "content"), direction, role, turn)
    for number, attachment in enumerate(items(message.get("attachments"))):
        if identity := text_at(attachment, "file_id"):
            found.file((*path, "attachments", number, "file_id"), reference=identity)


def _read_references(found: Gathering, body: dict[str, Any]) -> None:
    """Files that the service has already, and one that is announced."""
    for key in _FILE_IDS:
        if isinstance(body.get(key), str):
            found.file((key,), reference=body[key])
    for base in (
        (),
        ("tool_resources", "code_interpreter"),
        ("thread", "tool_resources", "code_interpreter"),
    ):
        for number, identity in enumerate(items(at(body, *base, "file_ids"))):
            if isinstance(identity, str):
                found.file((*base, "file_ids", number), reference=identity)
    if isinstance(body.get("filename"), str):  # POST /uploads: its content comes in parts
        found.file(("filename",), name=body["filename"], media_type=body.get("mime_type"))


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole answer says. A body that is no JSON is handed in as its text."""
    if text_at(body, "object") in ("chat.completion", "text_completion"):
        return openai_chat.read_answer(head, body)
    if text_at(body, "object") in ("response", "response.compaction", "conversation"):
        return openai_responses.read_answer(head, body)
    found = Gathering()
    found.part(body, (), Direction.ANSWER)
    _read_object(found, body, ())
    for number, inner in enumerate(items(at(body, "data"))):
        _read_object(found, inner, ("data", number))
    if reads_error(body):
        read_error(found, body)
    found.model = text_at(body, "model")
    found.usage = usage_in(at(body, "usage"))
    found.conversation = text_at(body, "thread_id") or _thread_in(head.path[:4096])
    return found.reading()


def _read_object(found: Gathering, value: Any, path: Path) -> None:
    """An object of an answer, or one of its list."""
    thing = mapping(value)
    role = string(thing.get("role"))
    direction = DIRECTIONS.get(role or "", Direction.ANSWER if role is None else Direction.PROMPT)
    for key in ("text", "revised_prompt"):
        found.part(thing.get(key), (*path, key), Direction.ANSWER, role)
    for key in ("segments", "words"):  # transcriptions
        for number, piece in enumerate(items(thing.get(key))):
            for inner in ("text", "word"):
                found.part(at(piece, inner), (*path, key, number, inner), Direction.ANSWER, role)
    found.part(thing.get("instructions"), (*path, "instructions"), Direction.PROMPT, "system")
    read_content(found, thing.get("content"), (*path, "content"), direction, role)
    if isinstance(thing.get("b64_json"), str):
        found.file((*path, "b64_json"), media_type="image", coding="base64")
    if isinstance(thing.get("url"), str):
        found.file((*path, "url"), reference=thing["url"])
    if thing.get("object") == "file" and isinstance(thing.get("id"), str):
        found.file((*path, "id"), name=thing.get("filename"), reference=thing["id"])
    _read_steps(found, thing, path)


def _read_steps(found: Gathering, thing: dict[str, Any], path: Path) -> None:
    """Calls of a run: what it waits for, and what its steps did."""
    for inner in (
        ("required_action", "submit_tool_outputs", "tool_calls"),
        ("step_details", "tool_calls"),
        ("delta", "step_details", "tool_calls"),
    ):
        for number, call in enumerate(items(at(thing, *inner))):
            where = (*path, *inner, number)
            function = at(call, "function")
            if isinstance(function, dict):
                found.call(function.get("name"), (*where, "function", "arguments"), at(call, "id"))
            for key, direction in _STEP_TEXTS:
                found.part(at(call, *key), (*where, *key), direction, "assistant")
            for place, output in enumerate(items(at(call, "code_interpreter", "outputs"))):
                logs = (*where, "code_interpreter", "outputs", place, "logs")
                found.part(at(output, "logs"), logs, Direction.TOOL_RESULT, "tool")


_STEP_TEXTS: tuple[tuple[tuple[str, str], Direction], ...] = (
    (("function", "arguments"), Direction.TOOL_CALL),
    (("function", "output"), Direction.TOOL_RESULT),
    (("code_interpreter", "input"), Direction.TOOL_CALL),
)


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed answer."""
    path = head.path[:4096].partition("?")[0]
    if path.endswith("/completions"):
        return openai_chat.stream(head)
    if "/conversations" in path:
        return openai_responses.stream(head)
    return MediaStream()


class MediaStream:
    """
    Reads transcriptions (``transcript.text.*``), runs of assistants (``thread.*``) and images as they come.

    A lane of a message is its id and the index of the content; of a step, its id and the index of the call.
    """

    framing = Framing.SSE

    def __init__(self) -> None:
        self._book = LaneBook()

    def read(self, event: str | None, value: Any) -> Frame:
        """One event."""
        self._book.turn()
        if not isinstance(value, dict):
            if value is not None:
                return NOTHING
            return Frame(ends=(*self._book.end_under(), *self._book.end(REST)), ends_all=True)
        kind = string(value.get("type")) or event or ""
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        if kind.startswith(("transcript.", "transcription.")):
            ends = self._read_transcript(texts, event, value, kind)
        elif kind.endswith(".delta") and isinstance(value.get("delta"), dict):
            self._read_delta(texts, event, value)
        else:
            ends = self._read_whole(texts, value)
        error = reads_error(value) or kind == "error"
        if error:
            found = Gathering()
            read_error(found, value)
            texts.extend(LaneText(part.path, part.path, grow=Grow.WHOLE) for part in found.parts)
        return Frame(
            texts=tuple(texts),
            ends=ends,
            calls=_names(value),
            model=string(value.get("model")),
            usage=usage_in(value.get("usage")),
            conversation=_thread(value),
            is_error=error,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """An event that carries ``text`` on."""
        return self._book.flush(lane, text)

    def _read_transcript(
        self, texts: list[LaneText], event: str | None, value: dict[str, Any], kind: str
    ) -> tuple[Hashable, ...]:
        """``transcript.text.delta`` holds ``delta``; Mistral's ``transcription.text.delta``, ``text``."""
        lane = ("transcript",)
        if kind.endswith("delta"):
            for key in ("delta", "text"):
                if text_at(value, key):
                    form = {**plain(value), key: ""}
                    own = self._book.grow(lane, event, form, (key,))
                    texts.append(LaneText(own, (key,)))
            return ()
        done = kind.endswith("done")
        if text_at(value, "text"):
            own = lane if done else ("segment", string(value.get("id")) or "")
            texts.append(LaneText(own, ("text",), grow=Grow.WHOLE))
        for number, segment in enumerate(items(value.get("segments"))):
            if text_at(segment, "text"):
                whole = ("segments", number)
                texts.append(LaneText(whole, ("segments", number, "text"), grow=Grow.WHOLE))
        return self._book.end(lane) if done else ()

    def _read_delta(self, texts: list[LaneText], event: str | None, value: dict[str, Any]) -> None:
        """``thread.message.delta`` and ``thread.run.step.delta``."""
        own = string(value.get("id")) or ""
        head = plain(value)
        for number, part in enumerate(items(at(value, "delta", "content"))):
            index = _index(part, number)
            for inner, key in ((("text", "value"), "text"), (("refusal",), "refusal")):
                if text_at(part, *inner):
                    block: Any = {"value": ""} if key == "text" else ""
                    form = {**head, "delta": {"content": [{"index": index, "type": key, key: block}]}}
                    lane = self._book.grow((own, key, index), event, form, ("delta", "content", 0, *inner))
                    texts.append(LaneText(lane, ("delta", "content", number, *inner)))
        base: Path = ("delta", "step_details", "tool_calls")
        for number, call in enumerate(items(at(value, *base))):
            index = _index(call, number)
            for inner, direction in _STEP_TEXTS:
                if text_at(call, *inner):
                    kind, key = inner
                    given = {"index": index, "type": kind, kind: {key: ""}}
                    details = {"type": "tool_calls", "tool_calls": [given]}
                    form = {**head, "delta": {"step_details": details}}
                    lane = self._book.grow((own, *inner, index), event, form, (*base, 0, *inner))
                    escape = inner == ("function", "arguments")
                    texts.append(LaneText(lane, (*base, number, *inner), direction, escape=escape))
            for place, output in enumerate(items(at(call, "code_interpreter", "outputs"))):
                if text_at(output, "logs"):
                    where = (*base, number, "code_interpreter", "outputs", place, "logs")
                    logs = (own, "logs", index, _index(output, place))
                    texts.append(LaneText(logs, where, Direction.TOOL_RESULT, Grow.WHOLE))

    def _read_whole(self, texts: list[LaneText], value: dict[str, Any]) -> tuple[Hashable, ...]:
        """An object as a whole: a message that is over, a run, a step, a picture."""
        own = string(value.get("id")) or ""
        found = Gathering()
        _read_object(found, value, ())
        for part in found.parts:
            lane, escape = _lane_of(own, part)
            texts.append(LaneText(lane, part.path, part.direction, Grow.WHOLE, escape))
        over = value.get("status") in ("completed", "incomplete", "failed", "cancelled", "expired")
        return self._book.end_under(own) if over else ()


def _lane_of(own: str, part: Part) -> tuple[Hashable, bool]:
    """The lane that a text of a whole object repeats, and whether it is a piece of JSON."""
    match part.path:
        case ("content", int() as index, "text", "value"):
            return (own, "text", index), False
        case ("content", int() as index, "refusal"):
            return (own, "refusal", index), False
        case ("step_details", "tool_calls", int() as index, kind, key):
            return (own, kind, key, index), key == "arguments"
        case _:
            return (own, "whole", *part.path), part.path[-1] == "arguments"


def _index(value: Any, number: int) -> int:
    given = integer(at(value, "index"))
    return number if given is None else given


def _names(value: dict[str, Any]) -> tuple[str, ...]:
    """Calls that begin: in a step's delta the name comes once; a run that waits tells all."""
    found = Gathering()
    _read_steps(found, value, ())
    return tuple(call.name for call in found.calls if call.name)


def _thread(value: dict[str, Any]) -> str | None:
    if value.get("object") == "thread":
        return string(value.get("id"))
    return string(value.get("thread_id"))
