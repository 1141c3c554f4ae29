"""
The Agent2Agent protocol: JSON-RPC 2.0 and plain HTTP with JSON, whole and in server-sent events.

Read are 0.2 and 0.3 (methods such as ``message/send``, objects with a ``kind``), the HTTP form of 0.3 (paths
under ``/v1``, messages with ``content``) and 1.0 (``SendMessage``, objects told apart by their key,
``ROLE_USER``). A body is read by what it holds, not by its version: the header ``A2A-Version`` may be missing
("0.3 will be assumed for empty header"), and agents speak several. Names are read in both of ProtoJSON's
spellings, ``contextId`` and ``context_id``, which is how the SDK's client of 0.3 writes them over HTTP.

Directions. What a client's message says (role ``user``) is PROMPT, also where it comes back in a task's
history; what the agent says, and its artifacts, are ANSWER. An agent card's descriptions are TOOL_RESULT, its
skills are the tools that are offered. A webhook's address is TOOL_CALL: content will be sent there. A push
notification is a request whose body is an answer.

Lanes. An artifact that is sent piece by piece (``append``) is one lane until ``lastChunk``. Everything else
(a status, a message, a task with all of its artifacts) is whole in its frame; a task's artifacts are told
part by part, since that is how they stand there. A value that is cut between two parts of a finished artifact
is seen by nobody as one text.

Source: github.com/a2aproject/A2A: ``specification/json/a2a.json`` of v0.2.1, v0.2.6 and v0.3.0,
``specification/grpc/a2a.proto`` of v0.3.0, ``specification/a2a.proto`` and ``docs/specification.md`` of 1.0
(commit 16ba526, 2026-08-18); bodies of a2a-sdk 1.3.0 in the tests.
Not read: the gRPC binding; ``metadata`` and extensions, which the specification leaves to their authors.

Bounds: parts as in ``picking``, lanes as in ``lanebook``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import Gathering, at, items, leaves, mapping, text_at
from sensor.dialects.reading import Frame, Framing, Grow, LaneText, Path, Reading, RequestHead
from sensor.model import Direction

__all__ = ["UNCONFIRMED", "read_answer", "read_request", "stream"]

UNCONFIRMED = False

_AGENT = frozenset({"agent", "ROLE_AGENT"})
_OVER = frozenset(
    f"{prefix}{state}"
    for prefix, states in (
        ("", ("completed", "canceled", "failed", "rejected")),
        ("TASK_STATE_", ("COMPLETED", "CANCELED", "FAILED", "REJECTED")),
    )
    for state in states
)
"""States in which nothing more comes."""
_CAPITAL = re.compile("[A-Z]")
_CONFIGS = (
    "pushNotificationConfig",
    "taskPushNotificationConfig",
    "push_notification_config",
    "task_push_notification_config",
)
_STREAMING = frozenset({"message/stream", "SendStreamingMessage", "tasks/resubscribe", "SubscribeToTask"})


def read_request(head: RequestHead, body: Any) -> Reading:
    """A call (JSON-RPC, or its parameters alone with the HTTP form), or a push notification."""
    found = Gathering()
    method = text_at(body, "method")
    call = mapping(body)
    params: Any = call
    base: Path = ()
    if method is not None and "params" in call:
        params, base = call["params"], ("params",)
    _read_identity(found, call)
    found.streams = method in _STREAMING or head.path.partition("?")[0].endswith((":stream", ":subscribe"))
    _read_payload(found, params, base)
    holders: list[Path] = [(), ("configuration",), ("config",)]
    for holder in holders:
        for name in _CONFIGS:
            _read_webhook(found, at(params, *holder, name), (*base, *holder, name))
    # 1.0 and the HTTP form have the configuration itself for a body
    _read_webhook(found, params, base)
    # of ListTasks; the other methods name a context inside a message
    found.conversation = found.conversation or _named(params, "contextId")
    return found.reading()


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A result, an error, or an agent card."""
    found = Gathering()
    answer = mapping(body)
    _read_identity(found, answer)
    payload, base = _payload_of(answer)
    _read_payload(found, payload, base)
    for number, task in enumerate(items(at(payload, "tasks"))):
        _read_task(found, task, (*base, "tasks", number))
    _read_card(found, payload, base)
    _read_error(found, answer)
    return found.reading()


def stream(head: RequestHead) -> A2aStream:
    """A reader of the events of one call that streams."""
    return A2aStream()


class A2aStream:
    """The events of one call; lanes of artifacts that are still growing."""

    framing = Framing.SSE

    def __init__(self) -> None:
        self._lanes = LaneBook()
        self._frames = 0
        self._generations: dict[Hashable, int] = {}

    def read(self, event: str | None, value: Any) -> Frame:
        """One event's data."""
        self._lanes.turn()
        self._frames += 1
        answer = mapping(value)
        payload, base = _payload_of(answer)
        chunk, where = _artifact_update(payload, base)
        texts: list[LaneText] = []
        ends: tuple[Hashable, ...] = ()
        found = Gathering()
        if chunk:
            texts, ends = self._read_chunk(event, answer, chunk, where)
            found.conversation = _named(chunk, "contextId")
        else:
            _read_payload(found, payload, base)
            _read_error(found, answer)
        texts += [
            LaneText(("frame", self._frames, *part.path), part.path, part.direction, Grow.WHOLE)
            for part in found.parts
        ]
        return Frame(
            texts=tuple(texts),
            ends=ends,
            ends_all="error" in answer or _is_over(payload),
            conversation=found.conversation,
            is_error="error" in answer,
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """An artifact's update that appends a text."""
        return self._lanes.flush(lane, text)

    def _read_chunk(
        self, event: str | None, answer: dict[str, Any], chunk: dict[str, Any], base: Path
    ) -> tuple[list[LaneText], tuple[Hashable, ...]]:
        artifact = mapping(chunk.get("artifact"))
        appends = chunk.get("append") is True
        last = chunk.get("lastChunk") is True or chunk.get("last_chunk") is True
        name = (_named(chunk, "taskId"), _named(artifact, "artifactId"))
        lane: Hashable = ("artifact", *name, self._generation(name, anew=not appends))
        key = "content" if isinstance(artifact.get("content"), list) else "parts"
        texts: list[LaneText] = []
        for number, part in enumerate(items(artifact.get(key))):
            where: Path = (*base, "artifact", key, number)
            if isinstance(at(part, "text"), str):
                if last and not appends:
                    texts.append(LaneText((*_tuple(lane), number), (*where, "text"), grow=Grow.WHOLE))
                else:
                    form, path = _form(answer, chunk, base, key)
                    told = self._lanes.grow(lane, event, form, path)
                    texts.append(LaneText(told, (*where, "text")))
            else:
                texts += [
                    LaneText((*_tuple(lane), *path), path, grow=Grow.WHOLE)
                    for path, text in leaves(at(part, "data"), (*where, "data"))
                    if text
                ]
        return texts, self._lanes.end(lane) if last else ()

    def _generation(self, name: Hashable, *, anew: bool) -> int:
        """
        Which copy of an artifact it is: one that is not appended replaces what had its id.

        Beyond the bound of lanes all further artifacts are of generation 0.
        """
        if anew and (name in self._generations or len(self._generations) < _MAX_ARTIFACTS):
            self._generations[name] = self._generations.get(name, 0) + 1
        return self._generations.get(name, 0)


_MAX_ARTIFACTS = 1_024


def _tuple(lane: Hashable) -> tuple[Hashable, ...]:
    return lane if isinstance(lane, tuple) else (lane,)


def _form(answer: dict[str, Any], chunk: dict[str, Any], base: Path, key: str) -> tuple[dict[str, Any], Path]:
    """An event of the same form with one empty text, and where that stands."""
    artifact = mapping(chunk.get("artifact"))
    part = {"kind": "text", "text": ""} if "kind" in chunk else {"text": ""}
    update: dict[str, Any] = {
        **_kept(chunk, "kind", "taskId", "contextId", "task_id", "context_id"),
        "artifact": {**_kept(artifact, "artifactId", "artifact_id"), key: [part]},
        "append": True,
    }
    made: Any = update
    for step in reversed(base):
        made = {step: made}
    if base[:1] == ("result",):
        made = {**{name: answer[name] for name in ("jsonrpc", "id") if name in answer}, **made}
    return made, (*base, "artifact", key, 0, "text")


def _kept(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value[name] for name in names if isinstance(value.get(name), str)}


def _named(value: Any, name: str) -> str | None:
    """A string under a name in either spelling."""
    return text_at(value, name) or text_at(value, _CAPITAL.sub(lambda found: "_" + found[0].lower(), name))


def _payload_of(answer: dict[str, Any]) -> tuple[Any, Path]:
    """What a JSON-RPC answer holds; the body itself with the HTTP form."""
    return (answer["result"], ("result",)) if "result" in answer else (answer, ())


def _artifact_update(payload: Any, base: Path) -> tuple[dict[str, Any], Path]:
    """An update of an artifact: by its kind (0.2, 0.3), or under its key."""
    for key in ("artifactUpdate", "artifact_update"):
        inner = mapping(at(payload, key))
        if inner:
            return inner, (*base, key)
    if text_at(payload, "kind") == "artifact-update":
        return mapping(payload), base
    return {}, base


def _is_over(payload: Any) -> bool:
    """Whether a task has come to its end, by ``final`` (0.2, 0.3) or by its state."""
    for holder in (payload, *(at(payload, key) for key in ("statusUpdate", "status_update", "task"))):
        if at(holder, "final") is True or text_at(holder, "status", "state") in _OVER:
            return True
    return False


def _read_identity(found: Gathering, body: dict[str, Any]) -> None:
    identity = body.get("id")
    if "jsonrpc" in body and isinstance(identity, str | int) and not isinstance(identity, bool):
        found.request_id = identity


def _read_payload(found: Gathering, payload: Any, base: Path) -> None:
    """A message, a task or an update: itself, or under its key."""
    here = mapping(payload)
    kind = here.get("kind")
    if kind == "message":
        _read_message(found, here, base)
    elif kind == "task" or ("status" in here and "id" in here):
        _read_task(found, here, base)
    elif kind in ("status-update", "artifact-update"):
        _read_update(found, here, base)
    for key in ("message", "request"):
        _read_message(found, here.get(key), (*base, key))
    _read_task(found, here.get("task"), (*base, "task"))
    for key in ("statusUpdate", "artifactUpdate", "status_update", "artifact_update"):
        _read_update(found, here.get(key), (*base, key))


def _read_update(found: Gathering, update: Any, base: Path) -> None:
    found.conversation = found.conversation or _named(update, "contextId")
    _read_message(found, at(update, "status", "message"), (*base, "status", "message"))
    _read_artifact(found, at(update, "artifact"), (*base, "artifact"))


def _read_task(found: Gathering, task: Any, base: Path) -> None:
    found.conversation = found.conversation or _named(task, "contextId")
    for turn, message in enumerate(items(at(task, "history"))):
        _read_message(found, message, (*base, "history", turn), turn)
    _read_message(found, at(task, "status", "message"), (*base, "status", "message"))
    for number, artifact in enumerate(items(at(task, "artifacts"))):
        _read_artifact(found, artifact, (*base, "artifacts", number))


def _read_artifact(found: Gathering, artifact: Any, base: Path) -> None:
    for key in ("name", "description"):
        found.part(at(artifact, key), (*base, key), Direction.ANSWER, "assistant")
    _read_parts(found, artifact, base, Direction.ANSWER, "assistant", None)


def _read_message(found: Gathering, message: Any, base: Path, turn: int | None = None) -> None:
    here = mapping(message)
    found.conversation = found.conversation or _named(here, "contextId")
    by_agent = here.get("role") in _AGENT
    direction = Direction.ANSWER if by_agent else Direction.PROMPT
    _read_parts(found, here, base, direction, "assistant" if by_agent else "user", turn)


def _read_parts(
    found: Gathering, holder: Any, base: Path, direction: Direction, role: str, turn: int | None
) -> None:
    for key in ("parts", "content"):
        for number, part in enumerate(items(at(holder, key))):
            _read_part(found, mapping(part), (*base, key, number), direction, role, turn)


def _read_part(
    found: Gathering, part: dict[str, Any], path: Path, direction: Direction, role: str, turn: int | None
) -> None:
    found.part(part.get("text"), (*path, "text"), direction, role, turn)
    found.leaves(part.get("data"), (*path, "data"), direction, role, turn)
    # 1.0: the content stands in the part itself
    _read_file(found, part, path, "raw", "url")
    # 0.2 and 0.3; names over HTTP
    file = mapping(part.get("file"))
    for raw, address in (
        ("bytes", "uri"),
        ("fileWithBytes", "fileWithUri"),
        ("file_with_bytes", "file_with_uri"),
    ):
        _read_file(found, file, (*path, "file"), raw, address)


def _read_file(found: Gathering, holder: dict[str, Any], path: Path, raw: str, address: str) -> None:
    name = holder.get("filename", holder.get("name"))
    media_type = _named(holder, "mediaType") or _named(holder, "mimeType")
    if isinstance(holder.get(raw), str):
        found.file((*path, raw), name=name, media_type=media_type, coding="base64")
    elif isinstance(holder.get(address), str):
        found.file((*path, address), name=name, media_type=media_type, reference=holder[address])


def _read_webhook(found: Gathering, config: Any, path: Path) -> None:
    # the token and the credentials beside it are the client's own: no content, and never rewritten
    found.part(at(config, "url"), (*path, "url"), Direction.TOOL_CALL)
    for secret in (("token",), ("authentication", "credentials")):
        if isinstance(at(config, *secret), str):
            found.keep_fixed((*path, *secret))


def _read_error(found: Gathering, answer: dict[str, Any]) -> None:
    found.part(at(answer, "error", "message"), ("error", "message"), Direction.ANSWER)
    found.leaves(at(answer, "error", "data"), ("error", "data"), Direction.ANSWER)


def _read_card(found: Gathering, card: Any, base: Path) -> None:
    """An agent card. Signed by its author (``signatures``), it cannot be rewritten."""
    here = mapping(card)
    if not isinstance(here.get("skills"), list):
        return
    found.signed = bool(items(here.get("signatures")))
    found.tools_path = (*base, "skills")
    for key in ("name", "description"):
        found.part(here.get(key), (*base, key), Direction.TOOL_RESULT)
    for number, skill in enumerate(items(here["skills"])):
        where: Path = (*base, "skills", number)
        found.tool(at(skill, "name"))
        for key in ("name", "description"):
            found.part(at(skill, key), (*where, key), Direction.TOOL_RESULT)
        found.leaves(at(skill, "examples"), (*where, "examples"), Direction.TOOL_RESULT)
