"""
Items of the Responses API, which Realtime and Conversations share: messages, calls, their results, reasoning.

An item is read by its type where the type says more than its keys; of a type that is not known every string
is read but ids and what is opaque, as a call where its type ends with ``_call``, as a result where it ends
with ``_output``. ``encrypted_content`` and a program with its ``fingerprint`` have to come back as they were.

Sources: openai 3.54 ``types/responses/response_input_item.py``, ``response_output_item.py``, ``tool.py``,
``types/realtime/conversation_item.py`` (2026-11).
"""

from __future__ import annotations

from typing import Any

from sensor.dialects.openai_parts import DIRECTIONS, read_content, read_fields, read_tools
from sensor.dialects.picking import Gathering, at, items, leaves, mapping, string
from sensor.dialects.reading import Path
from sensor.model import Direction

__all__ = ["ESCAPED", "call_name", "read_input", "read_item", "read_prompt"]

_CALL, _RESULT = Direction.TOOL_CALL, Direction.TOOL_RESULT

ESCAPED = frozenset({"function_call", "mcp_call", "mcp_approval_request"})
"""Types whose ``arguments`` are a string of JSON."""

_NAMED = {"function_call", "custom_tool_call", "mcp_call", "mcp_approval_request"}

_FIELDS: dict[str, tuple[tuple[str, Direction], ...]] = {
    "function_call": (("arguments", _CALL),),
    "custom_tool_call": (("input", _CALL),),
    "mcp_call": (("arguments", _CALL), ("output", _RESULT), ("error", _RESULT)),
    "mcp_approval_request": (("arguments", _CALL),),
    "mcp_approval_response": (("reason", Direction.PROMPT),),
    "tool_search_call": (("arguments", _CALL),),
    "web_search_call": (("action", _CALL),),
    "file_search_call": (("queries", _CALL), ("results", _RESULT)),
    "computer_call": (("action", _CALL), ("actions", _CALL)),
    "local_shell_call": (("action", _CALL),),
    "local_shell_call_output": (("output", _RESULT),),
    "shell_call": (("action", _CALL),),
    "shell_call_output": (("output", _RESULT),),
    "apply_patch_call": (("operation", _CALL),),
    "apply_patch_call_output": (("output", _RESULT),),
    "code_interpreter_call": (("code", _CALL), ("outputs", _RESULT)),
    "program": (("code", _CALL),),
    "program_output": (("result", _RESULT),),
    "image_generation_call": (("revised_prompt", Direction.ANSWER), ("error", _RESULT)),
    "mcp_list_tools": (("error", _RESULT),),
}
"""Fields of an item that hold text, and which way it goes. What a field holds below is read whole."""

_CONTENT = {"function_call_output", "custom_tool_call_output", "computer_call_output"}
"""Types whose ``output`` is a content: a string or parts."""

_PARTS = {"text", "input_text", "output_text", "image_url", "input_image", "input_file", "input_audio"}
"""Parts of a content that stand in a list of their own (moderations)."""

_SILENT = {"item_reference", "compaction", "compaction_trigger", "configuration_update", "additional_tools",
           "tool_search_output"}  # fmt: skip


def read_input(found: Gathering, value: Any, path: Path) -> None:
    """Keep an input: a string, or a list of items; each item is a turn."""
    if found.part(value, path, Direction.PROMPT, "user", 0):
        return
    for number, item in enumerate(items(value)):
        read_item(found, item, (*path, number), number, Direction.PROMPT)


def read_prompt(found: Gathering, value: Any, path: Path) -> None:
    """Keep the variables of a stored prompt."""
    for name, variable in mapping(at(value, "variables")).items():
        read_content(found, variable, (*path, "variables", name), Direction.PROMPT, "user")


def call_name(item: dict[str, Any]) -> str | None:
    """The tool that an item calls: its name, or that of the service's own tool (``web_search``)."""
    kind = string(item.get("type")) or ""
    if kind in _NAMED:
        return string(item.get("name"))
    return kind.removesuffix("_call") if kind.endswith("_call") else None


def read_item(
    found: Gathering,
    value: Any,
    path: Path,
    turn: int | None = None,
    unknown: Direction = Direction.ANSWER,
) -> None:
    """Keep one item; ``unknown`` is which way one goes whose type says nothing."""
    if found.part(value, path, Direction.PROMPT, "user", turn):
        return
    item = mapping(value)
    kind = string(item.get("type"))
    if kind == "reasoning":
        for key in ("summary", "content"):
            read_content(found, item.get(key), (*path, key), Direction.ANSWER, "assistant", turn)
    elif kind == "message" or (kind is None and "role" in item):
        role = string(item.get("role"))
        direction = DIRECTIONS.get(role or "", Direction.PROMPT)
        read_content(found, item.get("content"), (*path, "content"), direction, role, turn)
    elif kind in _PARTS:
        read_content(found, item, path, unknown, _role(unknown), turn)
    elif kind in _CONTENT:
        read_content(found, item.get("output"), (*path, "output"), _RESULT, "tool", turn)
    elif kind in _FIELDS:
        for key, direction in _FIELDS[kind]:
            read_fields(found, item.get(key), (*path, key), direction, _role(direction), turn)
    elif kind is not None and kind not in _SILENT:
        direction = _guess(kind, unknown)
        read_fields(found, item, path, direction, _role(direction), turn)
    _read_call(found, item, kind or "", path)
    _read_rest(found, item, kind, path)


def _read_call(found: Gathering, item: dict[str, Any], kind: str, path: Path) -> None:
    fields = _FIELDS.get(kind, ())
    name = call_name(item)
    if kind in _NAMED or (name is not None and fields):
        found.call(name, (*path, fields[0][0]), item.get("call_id") or item.get("id"))


def _read_rest(found: Gathering, item: dict[str, Any], kind: str | None, path: Path) -> None:
    """Pictures that were made, tools that came on the way, and what is opaque."""
    if kind == "image_generation_call" and isinstance(item.get("result"), str):
        found.file((*path, "result"), media_type=_image(item.get("output_format")), coding="base64")
    if kind in ("mcp_list_tools", "additional_tools", "tool_search_output"):
        read_tools(found, item.get("tools"))
    if isinstance(item.get("encrypted_content"), str):
        found.keep_fixed((*path, "encrypted_content"))
    if kind == "program":
        for where, _ in leaves(item, path):
            found.keep_fixed(where)


def _image(form: Any) -> str:
    return f"image/{form}" if isinstance(form, str) else "image"


def _role(direction: Direction) -> str:
    if direction is Direction.PROMPT:
        return "user"
    return "tool" if direction is _RESULT else "assistant"


def _guess(kind: str, unknown: Direction) -> Direction:
    """Which way an item of an unknown type goes."""
    if kind.endswith("_output"):
        return _RESULT
    return _CALL if kind.endswith("_call") else unknown
