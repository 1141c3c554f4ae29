"""
How each dialect says no, so that the person sees why in the tool that they use.

The status is 403, never 5xx, 429, 408 or 409: clients retry those. ``x-should-retry: false`` switches
retrying off in the OpenAI and Anthropic SDKs altogether. A browser that is going to show the answer gets a
page; everything else gets its API's own error body.

Sources, per body: openai 3.54 ``_client.py`` (``_make_status_error`` takes ``body["error"]``), anthropic 2.12
``types/shared/error_response.py``, google-genai 3.4 ``errors.py``, botocore 1.44 ``parsers.py``
(``x-amzn-errortype``), ollama 0.6 ``_client.py`` (``error``), the Model Context Protocol's Streamable HTTP
transport, connectrpc.com "Connect Protocol Reference", grpc/grpc ``doc/PROTOCOL-HTTP2.md``. What a web
assistant's page shows for a 403 is not known for each: their body carries the fields that such pages read.

A message is the policy author's; it never repeats what was found in a prompt.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sensor.dialects.names import FAMILIES, Dialect, Family
from sensor.dialects.page import render_page

__all__ = ["JSONRPC_BLOCKED", "Refusal", "full_message", "refuse", "refuse_tunnel"]

JSONRPC_BLOCKED = -32010
"""An implementation-defined server error (JSON-RPC 2.0, section 5.1, -32000 to -32099). -32000 and -32001 are
used by the MCP SDK itself."""

_NO_RETRY = ("x-should-retry", "false")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP response that says no."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def full_message(message: str, rule: str | None) -> str:
    """The policy's message, that nothing was sent, and which rule it was."""
    text = message.strip() or "Your organisation's policy does not allow this."
    if "nothing was sent" not in text.lower():
        text += ("" if text[-1] in ".!?…" else ".") + " Nothing was sent."
    return f"{text} (Rule: {rule})" if rule else text


def refuse(
    dialect: Dialect | None,
    message: str,
    *,
    rule: str | None,
    navigation: bool = False,
    host: str | None = None,
    request_id: str | int | None = None,
) -> Refusal:
    """
    The refusal of a request, in the words of its dialect; ``None`` gives OpenAI's form, the most widely read.

    ``navigation`` gives a page. ``request_id`` is the JSON-RPC id where the request's body has been read:
    then an MCP or A2A client gets a JSON-RPC error with status 200, else 403 with an error that has no id, as
    the transport says ("The HTTP response body MAY comprise a JSON-RPC error response that has no id").
    """
    if navigation:
        page = render_page(message, rule=rule, host=host)
        return _refusal(403, "text/html; charset=utf-8", page.encode(), (
            ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ))  # fmt: skip
    text = full_message(message, rule)
    family = FAMILIES[dialect] if dialect is not None else Family.OPENAI
    if family is Family.JSONRPC:
        return _jsonrpc(text, request_id)
    return _FORMS[family](text)


def refuse_tunnel(message: str, *, rule: str | None) -> Refusal:
    """The refusal of a CONNECT. Browsers show no page for it; curl and SDKs print the status."""
    return _refusal(403, "text/plain; charset=utf-8", (full_message(message, rule) + "\n").encode())


def _openai(text: str) -> Refusal:
    error = {"message": text, "type": "policy_violation", "code": "blocked_by_policy", "param": None}
    return _json({"error": error}, (_NO_RETRY,))


def _anthropic(text: str) -> Refusal:
    return _json({"type": "error", "error": {"type": "permission_error", "message": text}}, (_NO_RETRY,))


def _google(text: str) -> Refusal:
    # "error" is the first key: google-genai tests that a chunk starts with it.
    return _json({"error": {"code": 403, "message": text, "status": "PERMISSION_DENIED"}})


def _aws(text: str) -> Refusal:
    return _json({"message": text}, (("x-amzn-errortype", "AccessDeniedException"),))


def _cohere(text: str) -> Refusal:
    return _json({"message": text})


def _ollama(text: str) -> Refusal:
    return _json({"error": text})


def _connect(text: str) -> Refusal:
    return _json({"code": "permission_denied", "message": text})


def _connect_stream(text: str) -> Refusal:
    """Streams answer 200 always; the error stands in the end-of-stream envelope (flag 2)."""
    end = _dump({"error": {"code": "permission_denied", "message": text}})
    return _refusal(200, "application/connect+json", b"\x02" + len(end).to_bytes(4, "big") + end)


def _grpc(text: str) -> Refusal:
    """A Trailers-Only response: status 7 is PERMISSION_DENIED; the message is percent-coded UTF-8."""
    message = quote(text, safe=" !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~")
    return _refusal(200, "application/grpc", b"", (("grpc-status", "7"), ("grpc-message", message)))


def _web(text: str) -> Refusal:
    return _json({"detail": text, "message": text, "error": {"message": text, "code": "blocked_by_policy"}})


def _jsonrpc(text: str, request_id: str | int | None) -> Refusal:
    error = {"code": JSONRPC_BLOCKED, "message": text}
    if request_id is None:
        return _json({"jsonrpc": "2.0", "error": error})
    return _json({"jsonrpc": "2.0", "id": request_id, "error": error}, status=200)


_FORMS: dict[Family, Callable[[str], Refusal]] = {
    Family.OPENAI: _openai,
    Family.ANTHROPIC: _anthropic,
    Family.GOOGLE: _google,
    Family.AWS: _aws,
    Family.COHERE: _cohere,
    Family.OLLAMA: _ollama,
    Family.CONNECT: _connect,
    Family.CONNECT_STREAM: _connect_stream,
    Family.GRPC: _grpc,
    Family.WEB: _web,
}


def _json(body: dict[str, Any], headers: tuple[tuple[str, str], ...] = (), status: int = 403) -> Refusal:
    return _refusal(status, "application/json", _dump(body), headers)


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _refusal(
    status: int, content_type: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()
) -> Refusal:
    return Refusal(status, (("content-type", content_type), ("cache-control", "no-store"), *headers), body)
