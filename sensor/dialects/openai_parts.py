"""
What the bodies of OpenAI's APIs, and of those that follow them, have in common.

Content stands as a string or a list of parts, whatever the API: Chat Completions (``text``, ``image_url``,
``input_audio``, ``file``, ``refusal``), Responses (``input_text``, ``input_image``, ``input_file``,
``output_text``, ``summary_text``, ``reasoning_text``), Realtime (``audio``, ``transcript``), Assistants
(``text.value``, ``image_file``), Mistral (``thinking``, ``document_url``, ``reference``). A part is read by
its keys, not by its type: a new type with a known key is read too.

Sources: openai 3.54 ``types/chat``, ``types/responses``, ``types/realtime``, ``types/beta/threads``;
mistralai 3.7 ``client/models/contentchunk.py`` (both 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote

from sensor.dialects.picking import Gathering, at, integer, items, leaves, mapping, string, text_at
from sensor.dialects.reading import Path, RequestHead, Usage
from sensor.model import Direction

__all__ = [
    "DIRECTIONS",
    "MAX_NESTING",
    "MAX_PLAIN",
    "SIGNATURES",
    "account_in",
    "deployment_in",
    "plain",
    "read_address",
    "read_content",
    "read_error",
    "read_fields",
    "read_tools",
    "reads_error",
    "usage_in",
]

MAX_NESTING = 4
"""How deep lists of parts and of tools stand in each other."""

MAX_PLAIN = 1024
"""Characters of a string that is kept of a frame."""

DIRECTIONS: dict[str, Direction] = {
    "assistant": Direction.ANSWER,
    "model": Direction.ANSWER,
    "tool": Direction.TOOL_RESULT,
    "function": Direction.TOOL_RESULT,
}
"""By role; every other role says a prompt."""

SIGNATURES = frozenset({"signature", "encrypted_content", "fingerprint", "data"})
"""Opaque strings that go on as they are, or are refused."""

_TEXTS = ("text", "refusal", "transcript", "title", "description", "markdown")
_ADDRESSES = ("image_url", "video_url", "audio_url", "document_url", "file_url", "url", "uri")
_NAMES = ("filename", "document_name", "file_name")
_DEPLOYMENT = re.compile(r"/openai/deployments/([^/?]{1,256})/")
_OPAQUE = SIGNATURES | frozenset(
    {
        "type", "id", "object", "status", "role", "call_id", "item_id", "tool_call_id", "file_id",
        "container_id", "approval_request_id", "created_by", "model", "format", "detail", "mode", "language",
        "event_id", "response_id", "previous_item_id", "stream_id", "previous_response_id", "obfuscation",
    }
)  # fmt: skip
"""Keys whose strings say nothing in words."""


def read_content(
    found: Gathering,
    value: Any,
    path: Path,
    direction: Direction,
    role: str | None = None,
    turn: int | None = None,
    *,
    depth: int = 0,
) -> None:
    """Keep what stands in a content: a string, a part, or a list of these."""
    if found.part(value, path, direction, role, turn) or depth > MAX_NESTING:
        return
    if isinstance(value, list):
        for number, part in enumerate(value):
            read_content(found, part, (*path, number), direction, role, turn, depth=depth + 1)
        return
    part = mapping(value)
    for key in _TEXTS:
        found.part(part.get(key), (*path, key), direction, role, turn)
    # Assistants: {"type": "text", "text": {"value": …}}
    found.part(at(part, "text", "value"), (*path, "text", "value"), direction, role, turn)
    for key in ("thinking", "content"):
        if key in part:
            read_content(found, part[key], (*path, key), direction, role, turn, depth=depth + 1)
    if isinstance(part.get("signature"), str):
        for where, _ in leaves(part, path):
            found.keep_fixed(where)
    _read_files(found, part, path)


def _read_files(found: Gathering, part: dict[str, Any], path: Path) -> None:
    """Files of a part: inline, by address, by id."""
    name = next((part[key] for key in _NAMES if isinstance(part.get(key), str)), None)
    for key in _ADDRESSES:
        inner = part.get(key)
        if isinstance(inner, str):
            read_address(found, inner, (*path, key), name)
        elif isinstance(inner, dict):
            read_address(found, inner.get("url"), (*path, key, "url"), name)
            _read_file(found, inner, (*path, key), name)
    for key in ("file", "input_audio", "image_file", "audio"):
        inner = part.get(key)
        if isinstance(inner, str) and inner:
            found.file((*path, key), name=name, media_type="audio", coding="base64")
        _read_file(found, mapping(inner), (*path, key), name)
    _read_file(found, part, path, name)


def _read_file(found: Gathering, value: dict[str, Any], path: Path, name: str | None) -> None:
    """A file in ``file_data``, in an audio's ``data``, or with the service under ``file_id``."""
    name = string(value.get("filename")) or name
    read_address(found, value.get("file_data"), (*path, "file_data"), name, inline=True)
    kind = string(value.get("format"))
    if kind is not None and isinstance(value.get("data"), str):
        found.file((*path, "data"), name=name, media_type=f"audio/{kind}", coding="base64")
    if isinstance(value.get("file_id"), str):
        found.file((*path, "file_id"), name=name, reference=value["file_id"])


def read_address(found: Gathering, value: Any, path: Path, name: Any = None, *, inline: bool = False) -> None:
    """A file at an address: a ``data:`` URL, or where the service fetches it. ``inline``: or bare base64."""
    if not isinstance(value, str) or not value:
        return
    if value[:5].lower() == "data:":
        media_type = value[5:261].partition(",")[0].partition(";")[0]
        found.file(path, name=name, media_type=media_type or None, coding="data_url")
    elif inline and "://" not in value[:16]:
        found.file(path, name=name, coding="base64")
    else:
        found.file(path, name=name, reference=value)


def read_fields(
    found: Gathering,
    value: Any,
    path: Path,
    direction: Direction,
    role: str | None = None,
    turn: int | None = None,
) -> None:
    """Keep every string below a place but ids, types and what is opaque."""
    for where, _ in leaves(value, path):
        key = next((step for step in reversed(where[len(path) :]) if isinstance(step, str)), None)
        if key not in _OPAQUE:
            found.part(_, where, direction, role, turn)


def read_tools(found: Gathering, value: Any, *, depth: int = 0) -> None:
    """Names of offered tools: a function's, a custom tool's, an MCP server's label, else the tool's type."""
    for tool in items(value):
        name = (
            text_at(tool, "name")
            or text_at(tool, "function", "name")
            or text_at(tool, "custom", "name")
            or text_at(tool, "server_label")
            or text_at(tool, "type")
        )
        found.tool(name)
        # Responses: a namespace holds tools of its own.
        inner = at(tool, "tools")
        if inner is not None and depth < MAX_NESTING:
            read_tools(found, inner, depth=depth + 1)


def usage_in(value: Any) -> Usage | None:
    """Tokens of a ``usage`` object, by either pair of names."""
    if not isinstance(value, dict):
        return None
    taken, given = integer(value.get("prompt_tokens")), integer(value.get("completion_tokens"))
    if taken is None:
        taken = integer(value.get("input_tokens"))
    if given is None:
        given = integer(value.get("output_tokens"))
    return None if taken is None and given is None else Usage(taken, given)


def account_in(head: RequestHead, body: Any = None) -> str | None:
    """
    The organisation, project or account that a head names, else the user of the body.

    ``chatgpt-account-id`` is what Codex sends when it is signed in with ChatGPT.
    """
    for name in ("openai-organization", "openai-project", "chatgpt-account-id"):
        if value := head.headers.get(name):
            return value
    return text_at(body, "user") or text_at(body, "safety_identifier") or None


def deployment_in(head: RequestHead) -> str | None:
    """The deployment in a path of Azure OpenAI, which stands for the model."""
    found = _DEPLOYMENT.search(head.path[:4096])
    return unquote(found[1]) if found else None


def reads_error(value: Any) -> bool:
    """Whether a body or frame is an error: ``error`` says something."""
    return bool(mapping(value).get("error"))


def read_error(found: Gathering, value: Any) -> None:
    """An error's message, which may repeat what was sent."""
    found.part(at(value, "error"), ("error",), Direction.ANSWER)
    found.part(at(value, "error", "message"), ("error", "message"), Direction.ANSWER)
    # Mistral and FastAPI's own form.
    found.part(at(value, "message"), ("message",), Direction.ANSWER)
    found.part(at(value, "detail"), ("detail",), Direction.ANSWER)


def plain(value: dict[str, Any], without: Collection[str] = ()) -> dict[str, Any]:
    """What of a frame is a number, a truth value, nothing or a short string."""
    return {
        key: here
        for key, here in value.items()
        if key not in without
        and (
            here is None
            or isinstance(here, int | float)
            or (isinstance(here, str) and len(here) <= MAX_PLAIN)
        )
    }
