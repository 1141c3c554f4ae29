"""
A body that no dialect knows, read by its shape: every string is told, and what looks like a model, a history,
a tool or a token count is recognised wherever it stands.

``looks_like_llm`` scores how surely an exchange is one with a language model, between 0 and 1; from
``LLM_SCORE`` on it is taken for one. Each sign has a weight, and signs add up as independent witnesses do
(one minus the product of the doubts). One sign alone does not suffice, unless it is one that ordinary
services do not have: a history of roles and contents, choices with messages, counts of prompt and completion.

Signs in a request: a list of messages with a known role and content (0.6), a name of a known model family
under ``model`` (0.35; any other text there 0.1), a key ``prompt`` (0.3), sampling parameters (0.2 each, three
at most), tools with a schema (0.25), a flag ``stream`` (0.1), a question under another name (0.1).
Signs in an answer: choices (0.55), candidates with parts (0.5), counts of tokens (0.5; of one kind 0.3), a
role ``assistant`` with content (0.35), a reason why it ended (0.25), a ``delta`` (0.2), a model of a known
family (0.3), an answer's text under a name of its own (0.15).
A GraphQL document in ``query`` is no question, and ``messages`` without roles are a chat among people.

In streams a lane is a place in the frame, with an entry of a list named by its own ``index`` where it has
one. Text under a ``delta`` is added; elsewhere a frame whose text begins with the frame's before it is taken
for a snapshot. That is judged by a digest, so no text is kept.

The source of these names is the other dialects of this package; none is a vendor's promise.

Bounds: ``MAX_NODES`` values of a body, depth and parts as in ``picking``, ``MAX_JSON_LEVELS`` of JSON inside
strings, lanes as in ``lanebook``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from sensor.dialects.lanebook import MAX_LANES, LaneBook
from sensor.dialects.picking import (
    MAX_DEPTH,
    Gathering,
    at,
    inner_json,
    integer,
    items,
    mapping,
    string,
    text_at,
)
from sensor.dialects.reading import JSON, Frame, Framing, Grow, LaneText, Path, Reading, RequestHead, Usage
from sensor.model import Direction

__all__ = [
    "LLM_SCORE",
    "MAX_JSON_LEVELS",
    "MAX_NODES",
    "UNCONFIRMED",
    "framing_of",
    "looks_like_llm",
    "read_answer",
    "read_request",
    "stream",
]

UNCONFIRMED = True

LLM_SCORE = 0.5
"""From here on an exchange is taken for one with a language model."""
MAX_NODES = 50_000
"""Values of one body that are looked at."""
MAX_JSON_LEVELS = 3
"""JSON in a string in JSON in a string …"""

_MODEL_KEYS = frozenset("model modelid modelname modelslug engine deployment deploymentid".split())
_CONVERSATION_KEYS = frozenset("conversationid threadid chatid sessionid contextid conversationuuid".split())
_STREAM_KEYS = frozenset("stream streaming isstream".split())
_NO_TEXT = frozenset(
    """
    type role object id uuid index created createdat updatedat timestamp ts version status finishreason
    stopreason donereason mimetype mediatype contenttype contentmediatype format language lang locale
    encoding currency signature etag cursor kind event mode parentid systemfingerprint
    """.split()
)
"""Keys whose strings are names and marks, not text. Keys are compared without case, ``_`` and ``-``."""
_MARKS = _NO_TEXT | _MODEL_KEYS | _CONVERSATION_KEYS
_HISTORY_KEYS = frozenset(
    "messages history turns contents conversation chathistory dialog context input".split()
)
_ASSISTANT = frozenset("assistant model bot ai agent chatbot".split())
_TOOL = frozenset("tool function ipython observation".split())
_ROLES = _ASSISTANT | _TOOL | frozenset("user human system developer".split())
_CONTENT_KEYS = ("content", "parts", "text", "message", "value")
_FAMILY = re.compile(
    r"(?:^|[/_.:-])(?:gpt|chatgpt|o[1345]|claude|gemini|gemma|llama|codellama|mistral|mixtral|codestral|ministral|"
    r"magistral|devstral|qwen|qwq|deepseek|grok|command|phi|kimi|glm|chatglm|sonar|nova|titan|jamba|yi|falcon|"
    r"granite|dall-e|imagen|flux|stable-diffusion|sdxl|sora|veo|whisper|nemotron|minimax|ernie|hunyuan|doubao|starcoder|vicuna|solar|dbrx|olmo|smollm|text-davinci|"
    r"text-embedding)(?:$|[-_.:/\d])",
    re.IGNORECASE,
)
_TINY_WORDS = re.compile(r"(?:claude|sonnet|opus|haiku)\b", re.IGNORECASE)
_SAMPLING = frozenset(
    """
    temperature topp topk minp maxtokens maxnewtokens maxoutputtokens maxcompletiontokens maxtokenstosample
    presencepenalty frequencypenalty repetitionpenalty stopsequences systemprompt numpredict reasoningeffort
    logitbias samplingparams generationconfig
    """.split()
)
_QUESTIONS = frozenset("input inputs question message text userinput usermessage instruction query".split())
_ANSWERS = frozenset(
    "answer response completion generatedtext outputtext output reply generation message result".split()
)
_TOKEN_COUNTS = (
    ("prompttokens", "completiontokens"),
    ("inputtokens", "outputtokens"),
    ("prompttokencount", "candidatestokencount"),
    ("promptevalcount", "evalcount"),
    ("inputtokencount", "outputtokencount"),
)
_ENDS = frozenset("finishreason stopreason donereason".split())
_OVER = frozenset("done finished isfinal isfinished final completed isend".split())
_GRAPHQL = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:(?:query|mutation|subscription|fragment)\b|\{)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{512}")
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?[^,]{0,100};base64,")


def _plain(key: str) -> str:
    """A key without case and separators, so that ``max_tokens`` and ``maxTokens`` are one."""
    return key.replace("_", "").replace("-", "").lower()


class _Leaf(NamedTuple):
    path: Path
    key: str
    text: str
    role: str | None
    turn: int | None
    call: bool
    """In the arguments of a call."""
    upload: bool


class _Here(NamedTuple):
    """A value that is being looked at, and what stands around it."""

    value: Any
    path: Path
    key: str
    role: str | None
    turn: int | None
    call: bool
    upload: bool
    levels: int
    """How many strings of JSON it is inside."""
    holds_json: bool
    """A string of JSON that is looked into."""


def read_request(head: RequestHead, body: Any) -> Reading:
    """All strings of a body, as a prompt; what an assistant or a tool said in a history as that."""
    return _read(body, Direction.PROMPT)


def read_answer(head: RequestHead, body: Any) -> Reading:
    """All strings of a body, as an answer."""
    return _read(body, Direction.ANSWER)


def stream(head: RequestHead) -> GenericStream:
    """A reader of a stream whose framing the request does not tell: see ``framing_of``."""
    return GenericStream()


def framing_of(content_type: str | None) -> Framing | None:
    """How a stream is cut, by its answer's content type; ``None`` where it is none."""
    kind = (content_type or "").lower().partition(";")[0].strip()
    if kind == "text/event-stream":
        return Framing.SSE
    if kind in ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/stream+json"):
        return Framing.NDJSON
    if kind == "application/vnd.amazon.eventstream":
        return Framing.EVENTSTREAM
    if kind.startswith(("application/connect+", "application/grpc")):
        return Framing.CONNECT
    return None


class GenericStream:
    """Frames of an unknown stream. ``framing`` is the caller's to set, from the answer's content type."""

    def __init__(self) -> None:
        self.framing = Framing.SSE
        self._lanes = LaneBook()
        self._before: dict[Hashable, tuple[int, bytes, bool]] = {}
        """Length and digest of a lane's last text, and whether it has been one that is added."""

    def read(self, event: str | None, value: Any) -> Frame:
        """One frame."""
        self._lanes.turn()
        texts: list[LaneText] = []
        for leaf in _leaves(value, MAX_JSON_LEVELS):
            if _plain(leaf.key) in _MARKS or not leaf.text or not leaf.path:
                continue
            place = _lane_of(value, leaf.path)
            grow = self._grow(place, leaf.text, any(_is_delta(step) for step in leaf.path))
            lane = self._lanes.grow(place, event, *_spine(value, leaf.path))
            direction = _direction(leaf, Direction.ANSWER)
            escape = leaf.call and _plain(leaf.key) in _ARGUMENTS
            texts.append(LaneText(lane, leaf.path, direction, grow, escape))
        facts = Gathering()
        _facts(facts, value, MAX_JSON_LEVELS)
        endings = _endings(value)
        return Frame(
            texts=tuple(texts),
            ends=tuple(
                lane
                for holder, all_of_it in endings
                if not all_of_it
                for lane in self._lanes.end_under(*_lane_of(value, holder))
            ),
            ends_all=any(all_of_it for _, all_of_it in endings),
            calls=tuple(call.name for call in facts.calls if call.name),
            model=facts.model,
            usage=facts.usage,
            conversation=facts.conversation,
            is_error="error" in mapping(value) and bool(value["error"]),
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """A frame with the marks of the lane's last one and this text alone."""
        return self._lanes.flush(lane, text)

    def _grow(self, lane: Hashable, text: str, is_delta: bool) -> Grow:
        if is_delta:
            return Grow.APPEND
        size, digest, adds = self._before.get(lane, (0, b"", False))
        snapshot = 0 < size < len(text) and not adds and _digest(text[:size]) == digest
        if lane in self._before or len(self._before) < MAX_LANES:
            self._before[lane] = (len(text), _digest(text), adds or (size > 0 and not snapshot))
        return Grow.SNAPSHOT if snapshot else Grow.APPEND


def looks_like_llm(request_body: Any, answer_body: Any) -> float:
    """How surely an exchange is one with a language model, from 0 to 1. Either body may be ``None``."""
    doubt = 1.0
    for weight in (*_request_signs(request_body), *_answer_signs(answer_body)):
        doubt *= 1 - weight
    return 1 - doubt


def _read(body: Any, whole: Direction) -> Reading:
    found = Gathering()
    for leaf in _leaves(body, 0):
        if leaf.upload:
            entry = mapping(at(body, *leaf.path[:1]))
            name, media_type = entry.get("filename"), entry.get("content_type")
            found.file(leaf.path, name=name, media_type=media_type, coding="text")
        elif _plain(leaf.key) in _MARKS:
            continue
        else:
            coding, kind = _file_coding(leaf.text)
            if coding is not None:
                found.file(leaf.path, media_type=kind, coding=coding)
                continue
        found.part(leaf.text, leaf.path, _direction(leaf, whole), leaf.role, leaf.turn)
    _facts(found, body, 0)
    return found.reading()


# Walking.

_ARGUMENTS = frozenset("arguments args parameters toolinput".split())


def _nodes(body: Any, levels: int) -> Iterator[_Here]:
    """
    Every value of a body with what stands around it, in the order of the text.

    ``levels`` of the allowed levels of JSON in strings are used up already.
    """
    stack = [_Here(body, (), "", None, None, False, False, levels, False)]
    seen = 0
    while stack and seen < MAX_NODES:
        here = stack.pop()
        seen += 1
        deep = len(here.path) >= MAX_DEPTH
        inner = _inner(here) if isinstance(here.value, str) and not deep else None
        yield here if inner is None else here._replace(holds_json=True)
        if deep:
            continue
        if inner is not None:
            stack.append(inner)
        elif isinstance(here.value, dict):
            stack.extend(reversed(list(_inside_object(here))))
        elif isinstance(here.value, list):
            stack.extend(reversed(list(_inside_list(here))))


def _inside_object(here: _Here) -> Iterator[_Here]:
    value = here.value
    role = here.role
    told = string(value.get("role")) or text_at(value, "author", "role")
    if told is not None and told.lower() in _ROLES:
        role = told.lower()
    arguments = _arguments_of(value)
    for key, below in value.items():
        call = here.call or key == arguments
        yield here._replace(value=below, path=(*here.path, key), key=key, role=role, call=call)


def _inside_list(here: _Here) -> Iterator[_Here]:
    parts = here.path == () and _is_multipart(here.value)
    counts = _plain(here.key) in _HISTORY_KEYS and here.turn is None
    for number, below in enumerate(here.value[:MAX_NODES]):
        path: Path = (*here.path, number)
        if parts:
            yield here._replace(
                value=below.get("text"),
                path=(*path, "text"),
                key=below["name"] if isinstance(below.get("name"), str) else "",
                upload=isinstance(below.get("filename"), str),
            )
        else:
            turn = number if counts and isinstance(below, dict) else here.turn
            yield here._replace(value=below, path=path, turn=turn)


def _inner(here: _Here) -> _Here | None:
    """The value of a string of JSON, unless it is a call's arguments, which are told as they stand."""
    if here.levels >= MAX_JSON_LEVELS or here.call or here.upload or here.value[:1] not in ("{", "["):
        return None
    value = inner_json(here.value)
    if value is None:
        return None
    return here._replace(value=value, path=(*here.path, JSON), levels=here.levels + 1)


def _leaves(body: Any, levels: int) -> Iterator[_Leaf]:
    """The strings of a body; one that is JSON by what it holds."""
    for here in _nodes(body, levels):
        if isinstance(here.value, str) and not here.holds_json:
            yield _Leaf(here.path, here.key, here.value, here.role, here.turn, here.call, here.upload)


def _is_multipart(body: Any) -> bool:
    """Whether a body is the list of parts that a multipart body is handed in as."""
    return (
        isinstance(body, list)
        and bool(body)
        and all(isinstance(entry, dict) and {"name", "filename", "size"} <= entry.keys() for entry in body)
    )


def _arguments_of(value: dict[str, Any]) -> str | None:
    """The key of a call's arguments: beside a name, and no schema as in a tool that is offered."""
    if isinstance(value.get("name"), str):
        for key, below in value.items():
            if _plain(key) in _ARGUMENTS and isinstance(below, str | dict) and "properties" not in below:
                return key
    return None


def _direction(leaf: _Leaf, whole: Direction) -> Direction:
    if leaf.upload:
        return Direction.UPLOAD
    if leaf.call:
        return Direction.TOOL_CALL
    if leaf.role in _TOOL:
        return Direction.TOOL_RESULT
    if leaf.role in _ASSISTANT:
        return Direction.ANSWER
    return Direction.PROMPT if leaf.role is not None else whole


def _file_coding(text: str) -> tuple[str | None, str | None]:
    head = _DATA_URL.match(text)
    if head is not None:
        return "data_url", head[1]
    return ("base64", None) if len(text) >= 1024 and _BASE64.match(text) is not None else (None, None)


def _facts(found: Gathering, body: Any, levels: int) -> None:
    """Model, conversation, stream flag, usage, tools and calls; of several the one that stands highest."""
    depths: dict[str, int] = {}

    def keep(name: str, value: Any, depth: int) -> None:
        if value is not None and depth < depths.get(name, MAX_DEPTH + 1):
            depths[name] = depth
            setattr(found, name, value)

    for here in _nodes(body, levels):
        key, depth = _plain(here.key), len(here.path)
        if isinstance(here.value, str) and here.value:
            if key in _MODEL_KEYS:
                keep("model", here.value, depth)
            elif key in _CONVERSATION_KEYS:
                keep("conversation", here.value, depth)
        elif isinstance(here.value, bool):
            if key in _STREAM_KEYS:
                keep("streams", here.value, depth)
        elif isinstance(here.value, dict):
            keep("usage", _usage(here.value), depth)
            arguments = _arguments_of(here.value)
            if arguments is not None:
                found.call(here.value["name"], (*here.path, arguments), here.value.get("id"))
        elif isinstance(here.value, list) and key == "tools" and JSON not in here.path:
            names = [text_at(tool, "name") or text_at(tool, "function", "name") for tool in here.value]
            if any(names):
                keep("tools_path", here.path, depth)
            for name in names:
                found.tool(name)


def _usage(value: dict[str, Any]) -> Usage | None:
    counts = {_plain(key): integer(number) for key, number in value.items()}
    for given, made in _TOKEN_COUNTS:
        if counts.get(given) is not None or counts.get(made) is not None:
            return Usage(counts.get(given), counts.get(made))
    return None


# Lanes.


def _is_delta(step: str | int) -> bool:
    return isinstance(step, str) and ("delta" in step.lower() or _plain(step) in ("token", "chunk"))


def _lane_of(value: Any, path: Path) -> tuple[Hashable, ...]:
    """A place, with an entry of a list named by its ``index`` where it has one."""
    lane: list[Hashable] = []
    here = value
    for step in path:
        here = at(here, step)
        index = integer(at(here, "index")) if isinstance(step, int) else None
        lane.append(step if index is None else index)
    return tuple(lane)


def _spine(value: Any, path: Path) -> tuple[Any, Path]:
    """A frame with one empty text and the marks that stand beside the way to it, and the text's place."""
    made: Any = ""
    where: list[str | int] = []
    holders = [value]
    for step in path[:-1]:
        holders.append(at(holders[-1], step))
    for step, holder in zip(reversed(path), reversed(holders), strict=True):
        if isinstance(step, int):
            made = [made]
            where.append(0)
        else:
            marks = {key: mark for key, mark in mapping(holder).items() if _is_mark(key, mark)}
            made = {**marks, step: made}
            where.append(step)
    return made, tuple(reversed(where))


def _is_mark(key: str, value: Any) -> bool:
    """What a frame's neighbours keep: names and numbers, no other text, no end and no count."""
    plain = _plain(key)
    if plain in _ENDS | _OVER:
        return False
    if isinstance(value, str):
        return len(value) <= 256 and plain in _MARKS
    return value is None or isinstance(value, int | float)


def _endings(value: Any) -> list[tuple[Path, bool]]:
    """Objects that say that they are over: where, and whether the whole stream is."""
    found: list[tuple[Path, bool]] = []
    for here in _nodes(value, MAX_JSON_LEVELS):
        key = _plain(here.key)
        if key in _ENDS and isinstance(here.value, str) and here.value:
            holder = here.path[:-1]
            in_list = any(isinstance(step, int) for step in holder)
            found.append((holder, not in_list))
        elif key in _OVER and here.value is True and len(here.path) == 1:
            found.append(((), True))
    return found


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


# Signs.


def _request_signs(body: Any) -> Iterator[float]:
    signs: dict[str, float] = {}
    for here in _nodes(body, 0):
        key, value = _plain(here.key), here.value
        if isinstance(value, list):
            if any(_is_turn(entry) for entry in value[:64]):
                signs["history"] = 0.6
            elif any(_has_schema(entry) for entry in value[:64]):
                signs["tools"] = 0.25
        elif isinstance(value, str) and value:
            if key in _MODEL_KEYS:
                signs["model"] = max(signs.get("model", 0.0), 0.35 if _is_family(value) else 0.1)
            elif key == "prompt":
                signs["prompt"] = 0.3
            elif key in _QUESTIONS and len(here.path) <= 2 and _GRAPHQL.match(value) is None:
                signs["question"] = 0.1
        elif isinstance(value, bool):
            if key in _STREAM_KEYS:
                signs["stream"] = 0.1
        if key in _SAMPLING and value is not None and not isinstance(value, bool):
            signs[f"sampling {min(sum(name.startswith('sampling') for name in signs), 2)}"] = 0.2
    yield from signs.values()


def _answer_signs(body: Any) -> Iterator[float]:
    signs: dict[str, float] = {}
    for here in _nodes(body, 0):
        key, value = _plain(here.key), here.value
        if isinstance(value, dict):
            usage = _usage(value)
            if usage is not None:
                both = usage.input is not None and usage.output is not None
                signs["usage"] = max(signs.get("usage", 0.0), 0.5 if both else 0.3)
            if key == "delta":
                signs["delta"] = 0.2
            if string(value.get("role")) in _ASSISTANT and any(name in value for name in _CONTENT_KEYS):
                signs["assistant"] = 0.35
        elif isinstance(value, list):
            if key == "choices" and any(
                {"message", "delta", "text"} & mapping(entry).keys() for entry in value
            ):
                signs["choices"] = 0.55
            elif key == "candidates" and any(items(at(entry, "content", "parts")) for entry in value):
                signs["candidates"] = 0.5
        elif isinstance(value, str) and value:
            if key in _ENDS:
                signs["end"] = 0.25
            elif key in _MODEL_KEYS and _is_family(value):
                signs["model"] = 0.3
            elif key == "delta":
                signs["delta"] = 0.2
            elif key in _ANSWERS and len(here.path) <= 2:
                signs["answer"] = 0.15
    yield from signs.values()


def _is_turn(entry: Any) -> bool:
    role = text_at(entry, "role") or text_at(entry, "author", "role")
    return (
        role is not None
        and role.lower() in _ROLES
        and any(isinstance(entry.get(key), str | list | dict) for key in _CONTENT_KEYS)
    )


def _has_schema(entry: Any) -> bool:
    tool = mapping(at(entry, "function")) or mapping(entry)
    return "name" in tool and any(
        isinstance(tool.get(key), dict) for key in ("parameters", "input_schema", "inputSchema")
    )


def _is_family(name: str) -> bool:
    return len(name) <= 200 and (_FAMILY.search(name) is not None or _TINY_WORDS.search(name) is not None)
