"""
Content, parts and tools as all of Google's generative APIs write them: Gemini API, Vertex AI, Live API.

Keys come in two spellings, often in one body: ``inlineData`` with ``mime_type`` in it is what google-genai
3.4 sends. A protobuf JSON parser takes both, so both are read wherever they stand.

Fixed: the text of a part with ``thought``, and every ``thoughtSignature`` (that the service refuses a changed
one is an inference from what it is for; so is that the signature does not cover the part it stands in).

Sources: google-genai 3.4 ``types.py`` (2026-11): ``Content``, ``Part``, ``FunctionCall``,
``FunctionResponse``, ``Tool``, ``GroundingMetadata``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sensor.dialects.picking import Gathering, integer, items, mapping, string, text_at
from sensor.dialects.reading import Grow, LaneText, Path, Usage
from sensor.model import Direction

__all__ = [
    "ANSWER",
    "PROMPT",
    "SYSTEM",
    "Where",
    "apart",
    "call_names",
    "either",
    "first",
    "model_name",
    "read_blob",
    "read_content",
    "read_contents",
    "read_function_call",
    "read_function_response",
    "read_grounding",
    "read_media",
    "read_part",
    "read_system",
    "read_tools",
    "read_usage",
    "where_of",
]


class Where(NamedTuple):
    """What holds for all text below a place."""

    direction: Direction
    role: str | None = None
    turn: int | None = None


ANSWER = Where(Direction.ANSWER, "assistant")
PROMPT = Where(Direction.PROMPT, "user")
SYSTEM = Where(Direction.PROMPT, "system")


def either(value: Any, *names: str) -> Iterator[tuple[str, Any]]:
    """Those of a field's spellings that an object has, each with what stands there."""
    if isinstance(value, dict):
        for name in names:
            if name in value:
                yield name, value[name]


def first(value: Any, *names: str) -> Any:
    """What stands under the first of a field's spellings that an object has."""
    if isinstance(value, dict):
        for name in names:
            if name in value:
                return value[name]
    return None


def model_name(value: Any) -> str | None:
    """A model's own name out of its resource name (``models/M``, ``projects/…/models/M``)."""
    name = string(value)
    return name.rpartition("models/")[2] if name else None


def where_of(role: str | None, turn: int | None) -> Where:
    """By the role of a ``Content``: ``user``, ``model``, ``function``."""
    if role == "model":
        return Where(Direction.ANSWER, "assistant", turn)
    if role in ("function", "tool"):
        return Where(Direction.TOOL_RESULT, "tool", turn)
    return Where(Direction.PROMPT, role or "user", turn)


def read_contents(gathered: Gathering, value: Any, path: Path) -> None:
    """A history: a list of contents, or (lenient) one."""
    if isinstance(value, list):
        for turn, content in enumerate(value):
            read_content(gathered, content, (*path, turn), where_of(text_at(content, "role"), turn))
    else:
        read_content(gathered, value, path, where_of(text_at(value, "role"), None))


def read_system(gathered: Gathering, body: Any, base: Path) -> None:
    """The system instruction of a body."""
    for key, content in either(body, "systemInstruction", "system_instruction"):
        read_content(gathered, content, (*base, key), SYSTEM)


def read_content(gathered: Gathering, value: Any, path: Path, where: Where) -> None:
    """One content: its parts, or (lenient) a string."""
    if gathered.part(value, path, *where):
        return
    parts = mapping(value).get("parts")
    if isinstance(parts, dict):
        read_part(gathered, parts, (*path, "parts"), where)
    for number, part in enumerate(items(parts)):
        if not gathered.part(part, (*path, "parts", number), *where):
            read_part(gathered, mapping(part), (*path, "parts", number), where)


def read_part(gathered: Gathering, part: dict[str, Any], path: Path, where: Where) -> None:
    """One part, of whatever kind."""
    if gathered.part(part.get("text"), (*path, "text"), *where) and part.get("thought") is True:
        gathered.keep_fixed((*path, "text"))
    for key, signature in either(part, "thoughtSignature", "thought_signature"):
        if isinstance(signature, str):
            gathered.keep_fixed((*path, key))
    read_media(gathered, part, path)
    for key, call in either(part, "functionCall", "function_call", "toolCall", "tool_call"):
        read_function_call(gathered, mapping(call), (*path, key), where.turn)
    for key, response in either(
        part, "functionResponse", "function_response", "toolResponse", "tool_response"
    ):
        read_function_response(gathered, mapping(response), (*path, key), where.turn)
    for key, code in either(part, "executableCode", "executable_code"):
        gathered.call("code_execution", (*path, key), mapping(code).get("id"))
        where_code = Where(Direction.TOOL_CALL, "assistant", where.turn)
        gathered.part(mapping(code).get("code"), (*path, key, "code"), *where_code)
    for key, result in either(part, "codeExecutionResult", "code_execution_result"):
        where_result = Where(Direction.TOOL_RESULT, "tool", where.turn)
        gathered.part(mapping(result).get("output"), (*path, key, "output"), *where_result)
    for key, heard in either(part, "audioTranscription", "audio_transcription"):
        gathered.part(mapping(heard).get("text"), (*path, key, "text"), *where)


def read_media(gathered: Gathering, value: Any, path: Path) -> None:
    """A file in a part, by value or by reference."""
    for key, blob in either(value, "inlineData", "inline_data"):
        read_blob(gathered, blob, (*path, key))
    for key, named in either(value, "fileData", "file_data"):
        for uri_key, uri in either(named, "fileUri", "file_uri"):
            gathered.file((*path, key, uri_key), reference=uri, **_about(named))


def read_blob(gathered: Gathering, blob: Any, path: Path) -> None:
    """Bytes in base64."""
    if isinstance(mapping(blob).get("data"), str):
        gathered.file((*path, "data"), coding="base64", **_about(blob))


def _about(value: Any) -> dict[str, Any]:
    return {
        "name": first(value, "displayName", "display_name"),
        "media_type": first(value, "mimeType", "mime_type"),
    }


def read_function_call(gathered: Gathering, call: dict[str, Any], path: Path, turn: int | None) -> None:
    """A call: its arguments are an object, or come piecemeal (``partialArgs``, Vertex AI)."""
    name = string(call.get("name")) or string(first(call, "toolType", "tool_type"))
    where = Where(Direction.TOOL_CALL, "assistant", turn)
    gathered.call(name, (*path, "args"), call.get("id"))
    gathered.leaves(call.get("args"), (*path, "args"), *where)
    for key, pieces in either(call, "partialArgs", "partial_args"):
        for number, piece in enumerate(items(pieces)):
            for value_key, text in either(piece, "stringValue", "string_value"):
                gathered.part(text, (*path, key, number, value_key), *where)


def read_function_response(
    gathered: Gathering, response: dict[str, Any], path: Path, turn: int | None
) -> None:
    """What a tool gave, with the files that it gave."""
    where = Where(Direction.TOOL_RESULT, "tool", turn)
    gathered.leaves(response.get("response"), (*path, "response"), *where)
    for number, part in enumerate(items(response.get("parts"))):
        read_media(gathered, part, (*path, "parts", number))


def read_tools(gathered: Gathering, body: Any, base: Path) -> None:
    """Names of the offered tools: functions, MCP servers, and the service's own by their field."""
    tools = items(mapping(body).get("tools"))
    if tools and gathered.tools_path is None:
        gathered.tools_path = (*base, "tools")
    for tool in tools:
        for key, below in mapping(tool).items():
            if key in ("functionDeclarations", "function_declarations", "mcpServers", "mcp_servers"):
                for entry in items(below):
                    gathered.tool(text_at(entry, "name"))
            else:
                gathered.tool(key)


def read_grounding(gathered: Gathering, value: Any, path: Path) -> None:
    """What an answer says of its sources: queries, passages that were found, pieces of the answer itself."""
    for key, queries in either(
        value, "webSearchQueries", "web_search_queries", "retrievalQueries", "retrieval_queries"
    ):
        gathered.leaves(queries, (*path, key), Direction.TOOL_CALL, "assistant")
    for key, chunks in either(value, "groundingChunks", "grounding_chunks"):
        for number, chunk in enumerate(items(chunks)):
            here = (*path, key, number)
            for kind, found in either(chunk, "web", "maps", "retrievedContext", "retrieved_context"):
                for field in ("title", "text"):
                    text = mapping(found).get(field)
                    gathered.part(text, (*here, kind, field), Direction.TOOL_RESULT, "tool")
    for key, supports in either(value, "groundingSupports", "grounding_supports"):
        for number, support in enumerate(items(supports)):
            text = text_at(support, "segment", "text")
            gathered.part(text, (*path, key, number, "segment", "text"), *ANSWER)


def read_usage(value: Any) -> Usage | None:
    """
    Tokens: ``input`` is all that was read (from a cache and by tools too), ``output`` all that was written,
    thoughts too. A count of tokens has ``totalTokens`` alone.
    """
    counts = first(value, "usageMetadata", "usage_metadata")
    if not isinstance(counts, dict):
        total = integer(first(value, "totalTokens", "total_tokens"))
        return Usage(total) if total is not None else None
    read = _sum(
        first(counts, "promptTokenCount", "prompt_token_count"),
        first(counts, "toolUsePromptTokenCount", "tool_use_prompt_token_count"),
    )
    written = _sum(
        first(counts, "candidatesTokenCount", "candidates_token_count"),
        first(counts, "responseTokenCount", "response_token_count"),
        first(counts, "thoughtsTokenCount", "thoughts_token_count"),
    )
    return Usage(read, written) if read is not None or written is not None else None


def _sum(*counts: Any) -> int | None:
    known = [count for count in map(integer, counts) if count is not None]
    return sum(known) if known else None


def apart(gathered: Gathering, number: int, base: Path = ()) -> tuple[LaneText, ...]:
    """What a frame brought whole: each text in a lane of its own, numbered from ``number``."""
    fixed = set(gathered.fixed)
    return tuple(
        LaneText(("whole", place), (*base, *part.path), part.direction, Grow.WHOLE, fixed=part.path in fixed)
        for place, part in enumerate(gathered.parts, number)
    )


def call_names(gathered: Gathering) -> tuple[str, ...]:
    """Names of the tools that are called."""
    return tuple(call.name for call in gathered.calls if call.name)
