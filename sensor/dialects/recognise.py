"""
Which dialect a request speaks, read from its head alone.

Framing first (gRPC and Connect say so in a header), then protocols with headers of their own (MCP, A2A), then
the pages of web assistants (their host and path), then the shapes of API paths on any host (a gateway keeps
the path and changes the host), then the host alone.

Recognising a dialect decides how a refusal is worded and where a model's name stands. It never decides
whether something is AI: that is the catalogue's, so a shape may be recognised on any host.

Bounds: ``MAX_PATH`` characters of the path are looked at. Every expression below is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from sensor.dialects.names import FAMILIES, Dialect, Family

__all__ = ["MAX_PATH", "is_navigation", "model_in_path", "recognise"]

MAX_PATH = 4096

_D = Dialect

_WEB: tuple[tuple[str, str, Dialect], ...] = (
    ("chatgpt.com", r"^/backend-(?:api|anon)/(?!codex/)", _D.CHATGPT_WEB),
    ("chat.openai.com", r"^/backend-(?:api|anon)/", _D.CHATGPT_WEB),
    ("claude.ai", r"^/api/", _D.CLAUDE_WEB),
    ("ws.chatgpt.com", r"^/", _D.CHATGPT_WEB),
    ("oaiusercontent.com", r"^/", _D.CHATGPT_WEB),
    ("gemini.google.com", r"^/(?:u/\d+/)?_/BardChatUi/", _D.GEMINI_WEB),
    ("content-push.googleapis.com", r"^/upload", _D.GEMINI_WEB),
    ("copilot.microsoft.com", r"^/c/api/", _D.COPILOT_WEB),
    ("substrate.office.com", r"^/m365Copilot/", _D.M365_COPILOT),
    ("graph.microsoft.com", r"^/(?:beta|v1\.0)/copilot/", _D.M365_COPILOT),
    ("perplexity.ai", r"^/rest/", _D.PERPLEXITY_WEB),
    ("chat.deepseek.com", r"^/api/", _D.DEEPSEEK_WEB),
    ("grok.com", r"^/(?:rest|http|ws)/", _D.GROK_WEB),
    ("poe.com", r"^/api/gql", _D.POE_WEB),
    ("huggingface.co", r"^/chat/", _D.HUGGINGCHAT),
    ("meta.ai", r"^/api/graphql", _D.META_AI_WEB),
)
"""Host suffix (at a label boundary), path, dialect: unofficial web clients."""

_SHAPES: tuple[tuple[str, Dialect], ...] = (
    (r"/publishers/anthropic/models/[^/]+:\w+$", _D.VERTEX_ANTHROPIC),
    (r"^/v\d\w*/(?:publishers/[^/]+/|projects/[^/]+/locations/[^/]+/\S*)?models/[^/]+:\w+$", _D.GEMINI),
    (r"^/v1internal:\w+$", _D.GEMINI),
    (r"^/(?:upload/)?v1(?:alpha|beta)\w*/(?:interactions|cachedContents|tunedModels|fileSearchStores)(?:[/:]|$)",
     _D.GEMINI),
    (r"^/upload/v1(?:alpha|beta)\w*/files$", _D.GEMINI),
    (r"^/ws/google\.[\w./]+BidiGenerateContent$", _D.GEMINI),
    (r"^/model/(?:arn:[^?]+|[^/]+)/(?:invoke|converse)[a-z-]*$", _D.BEDROCK),
    (r"/message:(?:send|stream)$|^/\.well-known/agent(?:-card)?\.json$", _D.A2A),
    (r"/chat/completions$", _D.OPENAI_CHAT),
    (r"(?:/v1|/openai|/codex|/api/v\d|^)(?:/deployments/[^/]+)?/responses(?:/[^/]+(?:/\w+)?)?$",
     _D.OPENAI_RESPONSES),
    (r"/v1/realtime(?:/|$)|/openai/realtime$", _D.OPENAI_REALTIME),
    (r"(?:/v1|/openai)/(?:files|uploads|batches)(?:/|$)", _D.OPENAI_FILES),
    (r"/v1/messages(?:/count_tokens|/batches(?:/[^/]+(?:/\w+)?)?)?$", _D.ANTHROPIC_MESSAGES),
    (r"^/v1/complete$", _D.ANTHROPIC_API),
    (r"^(?:/api)?/v[12]/(?:chat|rerank|embed|generate|classify|summarize|tokenize|detokenize)$", _D.COHERE),
    (r"^/v1/(?:agents|conversations|fim/completions|ocr)(?:/|$)", _D.MISTRAL),
    (r"(?:^|/)(?:v1|openai)(?:/deployments/[^/]+)?/"
     r"(?:completions|embeddings|moderations|images/\w+|audio/\w+|models|assistants|threads)(?:/|$)",
     _D.OPENAI_API),
)  # fmt: skip
"""Shapes of API paths, on any host; the first that matches."""

_SHARED = frozenset({_D.OPENAI_API, _D.OPENAI_FILES})
"""Paths that other vendors use too (``/v1/models``): the host or a header of its own decides."""

_HOSTS: tuple[tuple[str, Dialect], ...] = (
    ("api.mistral.ai", _D.MISTRAL),
    ("codestral.mistral.ai", _D.MISTRAL),
    ("anthropic.com", _D.ANTHROPIC_API),
    ("claude.ai", _D.CLAUDE_WEB),
    ("generativelanguage.googleapis.com", _D.GEMINI),
    ("cloudcode-pa.googleapis.com", _D.GEMINI),
    ("aiplatform.googleapis.com", _D.GEMINI),
    ("api.cohere.com", _D.COHERE),
    ("api.cohere.ai", _D.COHERE),
    ("ollama.com", _D.OLLAMA),
    ("api.openai.com", _D.OPENAI_API),
    ("openai.azure.com", _D.OPENAI_API),
    ("api.groq.com", _D.OPENAI_API),
    ("openrouter.ai", _D.OPENAI_API),
    ("api.deepseek.com", _D.OPENAI_API),
    ("api.x.ai", _D.OPENAI_API),
    ("api.together.xyz", _D.OPENAI_API),
    ("api.fireworks.ai", _D.OPENAI_API),
    ("api.perplexity.ai", _D.OPENAI_API),
    ("githubcopilot.com", _D.OPENAI_API),
    ("chatgpt.com", _D.CHATGPT_WEB),
    ("chat.openai.com", _D.CHATGPT_WEB),
    ("gemini.google.com", _D.GEMINI_WEB),
    ("copilot.microsoft.com", _D.COPILOT_WEB),
    ("perplexity.ai", _D.PERPLEXITY_WEB),
    ("deepseek.com", _D.DEEPSEEK_WEB),
    ("grok.com", _D.GROK_WEB),
    ("poe.com", _D.POE_WEB),
    ("meta.ai", _D.META_AI_WEB),
)
"""What a host speaks where the path says nothing."""

_HOST_SHAPES: tuple[tuple[str, Dialect], ...] = (
    (r"^(?:[a-z0-9-]+\.)*bedrock(?:-[a-z]+)*\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws|vpce\.amazonaws\.com)$",
     _D.BEDROCK),
    (r"^[a-z0-9-]+-aiplatform\.googleapis\.com$|^aiplatform\.[a-z]+\.rep\.googleapis\.com$", _D.GEMINI),
)  # fmt: skip

_OLLAMA_PATH = re.compile(
    r"^/api/(?:chat|generate|embed|embeddings|pull|push|tags|show|ps|version|create|copy|delete)$"
)
_OLLAMA_PORT = "11434"
_LOCAL_HOST = re.compile(
    r"^(?:localhost|[0-9.]+|[0-9a-f:]*:[0-9a-f:.]*|[a-z0-9_-]+|.*\.(?:local|lan|internal))$"
)

_MODEL: dict[Dialect, re.Pattern[str]] = {
    _D.GEMINI: re.compile(r"/models/([^/:]+):\w+$"),
    _D.VERTEX_ANTHROPIC: re.compile(r"/models/([^/:]+):\w+$"),
    _D.BEDROCK: re.compile(r"^/model/(.+)/(?:invoke|converse)[a-z-]*$"),
}
_AZURE_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/")

_web = tuple((suffix, re.compile(path), dialect) for suffix, path, dialect in _WEB)
_shapes = tuple((re.compile(path), dialect) for path, dialect in _SHAPES)
_host_shapes = tuple((re.compile(host), dialect) for host, dialect in _HOST_SHAPES)


def recognise(host: str | None, method: str, path: str, headers: Iterable[tuple[str, str]]) -> Dialect | None:
    """
    The dialect of a request; ``None`` where nothing says.

    ``host`` may carry a port. ``headers`` have names in lower case. A query in ``path`` is left out.
    """
    named: dict[str, str] = {}
    for name, value in headers:
        named.setdefault(name, value)
    return (
        _by_framing(named)
        or _by_protocol(method, path, named)
        or _by_address(_without_port(host), (host or "").endswith(f":{_OLLAMA_PORT}"), _plain(path), named)
    )


def model_in_path(path: str) -> str | None:
    """
    The model, where the path names it: Gemini, Vertex, Bedrock, and the deployment of Azure OpenAI.

    Percent-coding is taken off (Bedrock writes whole ARNs that way).
    """
    plain = _plain(path)
    deployment = _AZURE_DEPLOYMENT.search(plain)
    if deployment is not None:
        return unquote(deployment[1])
    for pattern, dialect in _shapes:
        if dialect in _MODEL and pattern.search(plain) is not None:
            found = _MODEL[dialect].search(plain)
            return unquote(found[1]) if found is not None else None
    return None


def is_navigation(headers: Iterable[tuple[str, str]]) -> bool:
    """
    Whether a browser is going to show the answer as a page.

    ``Accept`` prefers ``text/html`` and ``Sec-Fetch-Dest`` (W3C Fetch Metadata, section 2.1) is ``document``.
    """
    named = dict(headers)
    return named.get("sec-fetch-dest") == "document" and _prefers_html(named.get("accept", ""))


def _prefers_html(accept: str) -> bool:
    """Whether no type in an ``Accept`` field (RFC 9110, section 12.5.1) stands above ``text/html``."""
    html = best = 0.0
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _quality(parameter[2:])
        best = max(best, quality)
        if name in ("text/html", "application/xhtml+xml"):
            html = max(html, quality)
    return 0.0 < html == best


def _quality(text: str) -> float:
    """A quality value; what is none counts as 0."""
    return float(text) if re.fullmatch(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", text) else 0.0


def _by_framing(headers: dict[str, str]) -> Dialect | None:
    content_type = headers.get("content-type", "")
    if content_type.startswith("application/grpc"):
        return Dialect.GRPC
    if content_type.startswith("application/connect+"):
        return Dialect.CONNECT_STREAM
    if "connect-protocol-version" in headers:
        return Dialect.CONNECT
    return None


def _by_protocol(method: str, path: str, headers: dict[str, str]) -> Dialect | None:
    if "mcp-protocol-version" in headers or "mcp-session-id" in headers:
        return Dialect.MCP
    if "a2a-version" in headers:
        return Dialect.A2A
    accept = headers.get("accept", "")
    if method == "POST" and _plain(path).rstrip("/").endswith("/mcp") and "text/event-stream" in accept:
        return Dialect.MCP
    return None


def _by_address(host: str, ollama_port: bool, path: str, headers: dict[str, str]) -> Dialect | None:
    for suffix, pattern, dialect in _web:
        if _under(host, suffix) and pattern.search(path) is not None:
            return dialect
    if _OLLAMA_PATH.search(path) is not None and (
        ollama_port
        or _under(host, "ollama.com")
        or headers.get("user-agent", "").startswith("ollama")
        or _LOCAL_HOST.search(host) is not None
    ):
        return Dialect.OLLAMA
    by_host = Dialect.ANTHROPIC_API if "anthropic-version" in headers else _by_host(host)
    for pattern, dialect in _shapes:
        if pattern.search(path) is not None:
            if dialect in _SHARED and by_host is not None and FAMILIES[by_host] is not Family.OPENAI:
                return by_host
            if dialect is Dialect.MISTRAL and by_host is Dialect.OPENAI_API and "/conversations" in path:
                return Dialect.OPENAI_RESPONSES  # both have conversations, under one path
            return Dialect.MISTRAL if by_host is Dialect.MISTRAL else dialect
    return by_host


def _by_host(host: str) -> Dialect | None:
    for suffix, dialect in _HOSTS:
        if _under(host, suffix):
            return dialect
    for pattern, dialect in _host_shapes:
        if pattern.search(host) is not None:
            return dialect
    return None


def _under(host: str, suffix: str) -> bool:
    """Whether a host is a name or below it, at a label boundary."""
    return host == suffix or host.endswith("." + suffix)


def _plain(path: str) -> str:
    return path[:MAX_PATH].partition("?")[0]


def _without_port(host: str | None) -> str:
    """Host in lower case without port, brackets or trailing dot."""
    text = (host or "").lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    return text.rstrip(".")
