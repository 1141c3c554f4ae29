"""
Bedrock's agents, knowledge bases and flows (``bedrock-agent-runtime``), and guardrails.

Requests are read by their keys. An agent's answer is always an event stream; a ``chunk`` holds base64 of
plain text, not of JSON. Its ``trace`` events repeat prompts, tool calls and results: every string in them is
told, as a lane of its own.

Source: botocore 1.44.5, ``bedrock-agent-runtime/2023-07-26/service-2`` (InvokeAgent, InvokeInlineAgent,
InvokeFlow, Retrieve, RetrieveAndGenerate, RetrieveAndGenerateStream, Rerank, OptimizePrompt, GenerateQuery,
AgenticRetrieveStream) and ``bedrock-runtime/2023-09-30/service-2`` (ApplyGuardrail, InvokeGuardrailChecks),
read 2026-11.
"""

from __future__ import annotations

import re
from typing import Any

from sensor.dialects.picking import MAX_PARTS, Gathering, at, items, mapping, string
from sensor.dialects.reading import Path
from sensor.model import Direction

__all__ = ["gather_answer", "gather_event", "gather_guardrail", "gather_request", "session_in"]

_D = Direction

_SESSION = re.compile(r"/agents/(?:[^/]+/agentAliases/[^/]+/sessions/)?([^/]+)(?:/text)?$")

_PROMPTS: tuple[tuple[Path, str], ...] = (
    (("inputText",), "user"),
    (("instruction",), "system"),
    (("input", "text"), "user"),
    (("input", "textPrompt", "text"), "user"),
    (("retrievalQuery", "text"), "user"),
    (("queryGenerationInput", "text"), "user"),
)
"""Where a request has one text."""


def session_in(path: str) -> str | None:
    """The session that an agent's path names: its history stays with the service."""
    found = _SESSION.search(path.partition("?")[0])
    return found[1] if found else None


def gather_request(found: Gathering, body: Any) -> None:
    """What a request to an agent, a flow or a knowledge base asks."""
    top = mapping(body)
    found.conversation = string(top.get("sessionId"))
    found.model = string(top.get("foundationModel")) or _model(top)
    for path, role in _PROMPTS:
        found.part(at(top, *path), path, _D.PROMPT, role)
    for number, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        path = ("messages", number, "content", "text")
        found.part(at(message, "content", "text"), path, _D.PROMPT, string(at(message, "role")), number)
    for number, given in enumerate(items(top.get("inputs"))[:MAX_PARTS]):
        document: Path = ("inputs", number, "content", "document")
        found.leaves(at(given, "content", "document"), document, _D.PROMPT, "user")
    for number, query in enumerate(items(top.get("queries"))[:MAX_PARTS]):
        found.part(
            at(query, "textQuery", "text"), ("queries", number, "textQuery", "text"), _D.PROMPT, "user"
        )
    for number, source in enumerate(items(top.get("sources"))[:MAX_PARTS]):
        base: Path = ("sources", number, "inlineDocumentSource")
        for key in ("textDocument", "jsonDocument"):
            found.leaves(at(source, "inlineDocumentSource", key), (*base, key), _D.UPLOAD)
    _session_state(found, top, "sessionState")
    _session_state(found, top, "inlineSessionState")
    _external(found, top)
    groups = top.get("actionGroups")
    if isinstance(groups, list):
        found.tools_path = ("actionGroups",)
        for group in groups[:MAX_PARTS]:
            found.tool(at(group, "actionGroupName"))


def _model(top: dict[str, Any]) -> str | None:
    settings = mapping(top.get("retrieveAndGenerateConfiguration"))
    for key in ("knowledgeBaseConfiguration", "externalSourcesConfiguration"):
        model = string(at(settings, key, "modelArn"))
        if model is not None:
            return model
    return string(top.get("targetModelId"))


def _session_state(found: Gathering, top: dict[str, Any], name: str) -> None:
    """What a request brings along of a session: history, files, attributes, results of calls."""
    state = mapping(top.get(name))
    for turn, message in enumerate(items(at(state, "conversationHistory", "messages"))[:MAX_PARTS]):
        role = string(at(message, "role"))
        direction = _D.ANSWER if role == "assistant" else _D.PROMPT
        for number, piece in enumerate(items(at(message, "content"))[:MAX_PARTS]):
            path: Path = (name, "conversationHistory", "messages", turn, "content", number, "text")
            found.part(at(piece, "text"), path, direction, role, turn)
    for key in ("promptSessionAttributes", "sessionAttributes"):
        found.leaves(state.get(key), (name, key), _D.PROMPT, "user")
    results = "returnControlInvocationResults"
    found.leaves(state.get(results), (name, results), _D.TOOL_RESULT, "tool")
    for number, given in enumerate(items(state.get("files"))[:MAX_PARTS]):
        source: Path = (name, "files", number, "source")
        _file(found, at(given, "source"), source, at(given, "name"), ("mediaType",))


def _external(found: Gathering, top: dict[str, Any]) -> None:
    """Documents that an answer is to be drawn from."""
    base: Path = ("retrieveAndGenerateConfiguration", "externalSourcesConfiguration", "sources")
    for number, source in enumerate(items(at(top, *base))[:MAX_PARTS]):
        name = at(source, "byteContent", "identifier")
        _file(found, source, (*base, number), name, ("contentType",))


def _file(found: Gathering, source: Any, path: Path, name: Any, media: Path) -> None:
    if isinstance(at(source, "byteContent", "data"), str):
        media_type = at(source, "byteContent", *media)
        found.file((*path, "byteContent", "data"), name=name, media_type=media_type, coding="base64")
    uri = at(source, "s3Location", "uri")
    if isinstance(uri, str):
        found.file((*path, "s3Location", "uri"), name=name, reference=uri)


def gather_answer(found: Gathering, body: Any) -> None:
    """What a whole answer of a knowledge base says."""
    top = mapping(body)
    found.conversation = string(top.get("sessionId"))
    found.part(at(top, "output", "text"), ("output", "text"), _D.ANSWER, "assistant")
    _citations(found, top, ())
    _references(found, top.get("retrievalResults"), ("retrievalResults",))
    for number, result in enumerate(items(top.get("results"))[:MAX_PARTS]):
        found.leaves(at(result, "document"), ("results", number, "document"), _D.ANSWER)
    for number, query in enumerate(items(top.get("queries"))[:MAX_PARTS]):
        found.part(at(query, "sql"), ("queries", number, "sql"), _D.ANSWER, "assistant")


def gather_event(found: Gathering, event: str | None, payload: Any) -> None:
    """What an event of an agent's stream says whole. Its ``chunk`` grows, and is not read here."""
    if event == "chunk":
        _citations(found, at(payload, "attribution"), ("attribution",))
    elif event == "citation":
        _citations(found, {"citations": [at(payload, "citation")]}, ())
        # The path of the one citation is "citation", not an item of a list.
        found.parts = [part._replace(path=("citation", *part.path[2:])) for part in found.parts]
    elif event == "trace":
        found.leaves(at(payload, "trace"), ("trace",), _D.ANSWER, "assistant")
    elif event == "returnControl":
        for number, given in enumerate(items(at(payload, "invocationInputs"))[:MAX_PARTS]):
            for key, name in (("functionInvocationInput", "function"), ("apiInvocationInput", "apiPath")):
                _call(found, at(given, key), ("invocationInputs", number, key), name)
    elif event == "files":
        for number, given in enumerate(items(at(payload, "files"))[:MAX_PARTS]):
            path: Path = ("files", number, "bytes")
            found.file(path, name=at(given, "name"), media_type=at(given, "type"), coding="base64")
    elif event == "optimizedPromptEvent":
        path = ("optimizedPrompt", "textPrompt", "text")
        found.part(at(payload, *path), path, _D.ANSWER, "assistant")
    elif event in ("flowOutputEvent", "flowMultiTurnInputRequestEvent"):
        document = at(payload, "content", "document")
        found.leaves(document, ("content", "document"), _D.ANSWER, "assistant")


def _call(found: Gathering, call: Any, path: Path, name: str) -> None:
    if isinstance(call, dict):
        found.call(call.get(name), (*path, "parameters"))
        for key in ("parameters", "requestBody"):
            found.leaves(call.get(key), (*path, key), _D.TOOL_CALL, "assistant")


def _citations(found: Gathering, value: Any, path: Path) -> None:
    for number, citation in enumerate(items(at(value, "citations"))[:MAX_PARTS]):
        base: Path = (*path, "citations", number)
        answered = ("generatedResponsePart", "textResponsePart", "text")
        found.part(at(citation, *answered), (*base, *answered), _D.ANSWER, "assistant")
        _references(found, at(citation, "retrievedReferences"), (*base, "retrievedReferences"))


def _references(found: Gathering, references: Any, path: Path) -> None:
    for number, reference in enumerate(items(references)[:MAX_PARTS]):
        base: Path = (*path, number, "content")
        found.part(at(reference, "content", "text"), (*base, "text"), _D.ANSWER)
        for place, row in enumerate(items(at(reference, "content", "row"))[:MAX_PARTS]):
            found.part(at(row, "columnValue"), (*base, "row", place, "columnValue"), _D.ANSWER)


def gather_guardrail(found: Gathering, body: Any) -> None:
    """A text that a guardrail is to look at (``ApplyGuardrail``, ``InvokeGuardrailChecks``)."""
    top = mapping(body)
    direction = _D.ANSWER if top.get("source") == "OUTPUT" else _D.PROMPT
    _guarded(found, top.get("content"), ("content",), direction, None, None)
    for turn, message in enumerate(items(top.get("messages"))[:MAX_PARTS]):
        role = string(at(message, "role"))
        said = _D.ANSWER if role == "assistant" else _D.PROMPT
        _guarded(found, at(message, "content"), ("messages", turn, "content"), said, role, turn)
    for number, text in enumerate(items(top.get("outputs"))[:MAX_PARTS]):
        found.part(at(text, "text"), ("outputs", number, "text"), _D.ANSWER)


def _guarded(
    found: Gathering, content: Any, path: Path, direction: Direction, role: str | None, turn: int | None
) -> None:
    for number, block in enumerate(items(content)[:MAX_PARTS]):
        base: Path = (*path, number)
        found.part(at(block, "text"), (*base, "text"), direction, role, turn)
        found.part(at(block, "text", "text"), (*base, "text", "text"), direction, role, turn)
        if isinstance(at(block, "image", "source", "bytes"), str):
            form = string(at(block, "image", "format"))
            media_type = None if form is None else f"image/{form}"
            found.file((*base, "image", "source", "bytes"), media_type=media_type, coding="base64")
