"""
The bodies of Bedrock's ``invoke``: each maker's own form, told apart by its keys.

The model's name does not tell the form: it may be the ARN of an inference profile, a provisioned or an
imported model. So a body is read as what it looks like, in this order: Anthropic Messages, Converse (Amazon
Nova), OpenAI Chat (Mistral, AI21 Jamba, OpenAI's open models, DeepSeek, Qwen, Writer), Cohere; and beside
these by the keys that stand for a text or a file in the others (``_TEXTS``, ``_FILES``). In a stream the last
frame adds Bedrock's own count of tokens, ``amazon-bedrock-invocationMetrics``.

Sources, docs.aws.amazon.com/bedrock/latest/userguide/, read 2026-11: ``model-parameters-titan-text``,
``-titan-embed-mm``, ``-titan-image``, ``-meta``, ``-mistral-text-completion``, ``-mistral-chat-completion``,
``-jamba``, ``-jurassic2``, ``-deepseek``, ``-pegasus``, ``-diffusion``,
``-anthropic-claude-text-completion``; Amazon Nova user guide, ``image-gen-req-resp-structure``,
``request-response-schema``, ``streaming-responses``; anthropic 2.12 ``lib/bedrock`` and cohere 7.3
``aws_client.py`` for those makers' bodies and streams on Bedrock. The chunks of Titan and the metrics are
confirmed by public clients only (langchain-aws, Spring AI, langchaingo).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from sensor.dialects import anthropic_messages, cohere, openai_chat
from sensor.dialects.bedrock_converse import EVENTS, ConverseEvents, gather_answer, gather_request
from sensor.dialects.lanebook import LaneBook
from sensor.dialects.picking import MAX_PARTS, Gathering, at, integer, items, mapping
from sensor.dialects.reading import Frame, LaneText, Path, Reading, RequestHead, Stream, Usage
from sensor.model import Direction

__all__ = ["METRICS", "NativeStream", "read_answer", "read_request"]

METRICS = "amazon-bedrock-invocationMetrics"

_D = Direction

_TEXTS = ("prompt", "inputText", "inputPrompt", "negative_prompt", "suffix")
"""Keys of a request with one text: Llama, Mistral, Titan, Pegasus, Stability, Claude's older form."""
_FILES = ("inputImage", "image", "mask")
"""Keys of a request with one picture in base64: Titan embeddings, Stability."""
_TASK_TEXTS = ("text", "negativeText", "maskPrompt")
_TASK_FILES = ("image", "maskImage", "conditionImage", "referenceImage", "sourceImage")
"""Keys of the object that a Titan or Nova image task has, such as ``textToImageParams``."""

_ANSWERS: tuple[tuple[str, Path], ...] = (
    ("results", ("outputText",)),  # Titan
    ("outputs", ("text",)),  # Mistral
    ("completions", ("data", "text")),  # AI21 Jurassic-2
)
"""Lists of an answer, and where in each of their items the text is."""

_PIECES: tuple[Path, ...] = (
    ("outputText",),  # Titan
    ("generation",),  # Llama
    ("completion",),  # Claude's older form
    ("message",),  # Pegasus
    ("outputs", 0, "text"),  # Mistral
    ("completions", 0, "data", "text"),  # AI21 Jurassic-2
)
"""Where a chunk has its text, in the makers' forms that have no type."""


def read_request(head: RequestHead, body: Any) -> Reading:
    """What a native body asks."""
    top = mapping(body)
    if "anthropic_version" in top:
        return anthropic_messages.read_request(head, body)
    messages = items(top.get("messages"))
    if "schemaVersion" in top or any(_is_converse(message) for message in messages):
        found = Gathering()
        gather_request(found, body)
        return found.reading()
    if messages:
        return openai_chat.read_request(head, body)
    if any(key in top for key in ("message", "texts", "query", "chat_history")):
        return cohere.read_request(head, body)
    return _flat(top)


def _is_converse(message: Any) -> bool:
    """Whether a message's blocks have no ``type``: Converse's, and nobody else's."""
    content = at(message, "content")
    return isinstance(content, list) and any(isinstance(b, dict) and "type" not in b for b in content)


def _flat(top: dict[str, Any]) -> Reading:
    found = Gathering()
    for key in _TEXTS:
        found.part(top.get(key), (key,), _D.PROMPT, "user")
    for key in _FILES:
        if isinstance(top.get(key), str):
            found.file((key,), coding="base64")
    if isinstance(at(top, "mediaSource", "base64String"), str):
        found.file(("mediaSource", "base64String"), coding="base64")
    uri = at(top, "mediaSource", "s3Location", "uri")
    if isinstance(uri, str):
        found.file(("mediaSource", "s3Location", "uri"), reference=uri)
    _pictures(found, top.get("images"), ("images",))
    for number, prompt in enumerate(items(top.get("text_prompts"))[:MAX_PARTS]):
        found.part(at(prompt, "text"), ("text_prompts", number, "text"), _D.PROMPT, "user")
    for name, task in top.items():
        if name.endswith("Params") and isinstance(task, dict):
            for key in _TASK_TEXTS:
                found.part(task.get(key), (name, key), _D.PROMPT, "user")
            for key in _TASK_FILES:
                if isinstance(task.get(key), str):
                    found.file((name, key), coding="base64")
            _pictures(found, task.get("images"), (name, "images"))
    return found.reading()


def _pictures(found: Gathering, pictures: Any, path: Path) -> None:
    for number, picture in enumerate(items(pictures)[:MAX_PARTS]):
        if isinstance(picture, str):
            found.file((*path, number), coding="base64")


def read_answer(head: RequestHead, body: Any) -> Reading:
    """What a whole native answer says."""
    top = mapping(body)
    if "choices" in top:
        return openai_chat.read_answer(head, body)
    if top.get("type") in ("message", "error", "completion") or "completion" in top:
        return anthropic_messages.read_answer(head, body)
    found = Gathering()
    if isinstance(at(top, "output", "message"), dict):
        gather_answer(found, body)
        return found.reading()
    if not any(key in top for key in ("outputs", "completions", "generation", "inputTextTokenCount")) and any(
        key in top for key in ("text", "generations", "results", "chat_history")
    ):
        return cohere.read_answer(head, body)
    for key in ("generation", "message"):
        found.part(top.get(key), (key,), _D.ANSWER, "assistant")
    for key, inner in _ANSWERS:
        for number, item in enumerate(items(top.get(key))[:MAX_PARTS]):
            found.part(at(item, *inner), (key, number, *inner), _D.ANSWER, "assistant")
    _pictures(found, top.get("images"), ("images",))
    for number, artifact in enumerate(items(top.get("artifacts"))[:MAX_PARTS]):
        if isinstance(at(artifact, "base64"), str):
            found.file(("artifacts", number, "base64"), coding="base64")
    found.usage = _counts(top)
    return found.reading()


def _counts(top: dict[str, Any]) -> Usage | None:
    """Tokens as Titan and Llama tell them, or as Bedrock does."""
    metrics = mapping(top.get(METRICS))
    read = written = None
    for value in (
        metrics.get("inputTokenCount"),
        top.get("inputTextTokenCount"),
        top.get("prompt_token_count"),
    ):
        read = integer(value) if read is None else read
    for value in (
        metrics.get("outputTokenCount"),
        top.get("totalOutputTextTokenCount"),
        top.get("generation_token_count"),
        at(top, "results", 0, "tokenCount"),
    ):
        written = integer(value) if written is None else written
    return Usage(read, written) if read is not None or written is not None else None


class NativeStream:
    """
    Reads the chunks of one answer, each as what it looks like; one reader for each form that appeared.

    A lane is ``(form, lane of that form's reader)``.
    """

    def __init__(self, head: RequestHead) -> None:
        self._head = head
        self._flat = LaneBook()
        self._readers: dict[str, Stream | ConverseEvents] = {}

    def read(self, chunk: Any) -> Frame:
        """One chunk. Paths begin at the chunk."""
        top = mapping(chunk)
        named = next((name for name in top if name in EVENTS), None)
        if named is not None:
            events = self._readers.setdefault("converse", ConverseEvents(nested=True))
            frame = _below(events.read(named, top[named]), "converse", (named,))
        elif "choices" in top:
            frame = self._by("openai", top)
        elif "event_type" in top or "is_finished" in top:
            frame = self._by("cohere", top)
        elif isinstance(top.get("type"), str):
            frame = self._by("anthropic", top)
        else:
            frame = self._piece(top)
        counted = _counts(top)
        return frame if counted is None else replace(frame, usage=counted)

    def flush(self, lane: Hashable, text: str) -> Any:
        """A chunk that carries a text on in a lane; ``None`` where there is none."""
        form, inner = lane if isinstance(lane, tuple) and len(lane) == 2 else (None, None)
        # A form that is None has no reader.
        reader = self._flat if form == "flat" else self._readers.get(form or "")
        made = reader.flush(inner, text) if reader is not None else None
        return None if made is None else made[1]

    def _by(self, form: str, top: dict[str, Any]) -> Frame:
        if form not in self._readers:
            self._readers[form] = _READERS[form].stream(self._head)
        return _below(self._readers[form].read(None, top), form, ())

    def _piece(self, top: dict[str, Any]) -> Frame:
        self._flat.turn()
        for path in _PIECES:
            if not isinstance(at(top, *path), str):
                continue
            form: Any = ""
            for step in reversed(path):
                form = [form] if isinstance(step, int) else {step: form}
            lane = self._flat.grow(("text",), None, form, path)
            over = METRICS in top or any(isinstance(value, str) for value in _stops(top))
            return Frame(texts=(LaneText(("flat", lane), path),), ends_all=over)
        return Frame()


def _stops(top: dict[str, Any]) -> tuple[Any, ...]:
    """Why the answer is over, where it is."""
    return (
        top.get("completionReason"),
        top.get("stop_reason"),
        top.get("finishReason"),
        at(top, "outputs", 0, "stop_reason"),
        at(top, "completions", 0, "finishReason", "reason"),
    )


def _below(frame: Frame, form: str, prefix: Path) -> Frame:
    """A form's frame, with the form in its lanes and all paths below a prefix."""
    return replace(
        frame,
        texts=tuple(t._replace(lane=(form, t.lane), path=(*prefix, *t.path)) for t in frame.texts),
        ends=tuple((form, lane) for lane in frame.ends),
    )


_READERS = {"openai": openai_chat, "cohere": cohere, "anthropic": anthropic_messages}
