"""
GitHub Copilot: OpenAI's and Anthropic's forms on hosts of its own.

The path says which form a body has. The host says the plan, which stands in ``account``: that is how a
network tells a company's Copilot from a person's. Headers name editor and integration, for who asks.

Source: github.com/ericc-ch/copilot-api ``src/lib/api-config.ts`` (commit 0ea08fe, 2025-10-05) for hosts and
headers; docs.github.com, "Copilot allowlist reference" for ``*.individual``, ``*.business`` and
``*.enterprise.githubcopilot.com``. GitHub documents neither bodies nor headers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sensor.dialects import anthropic_messages, generic, openai_chat, openai_media, openai_responses
from sensor.dialects.reading import Reading, RequestHead, Stream

__all__ = [
    "HOSTS",
    "UNCONFIRMED",
    "client_hints",
    "is_copilot",
    "plan_of",
    "read_answer",
    "read_request",
    "stream",
]

UNCONFIRMED = True

HOSTS = ("githubcopilot.com", "copilot-proxy.githubusercontent.com")
"""Hosts and what is below them."""

_PLAN = re.compile(r"(?:^|\.)(individual|business|enterprise)\.githubcopilot\.com$")
_HINTS = (
    "copilot-integration-id",
    "editor-version",
    "editor-plugin-version",
    "openai-intent",
    "x-initiator",
)


def is_copilot(host: str | None) -> bool:
    """Whether a host, with a port or without, is one of Copilot's."""
    name = _name(host)
    return any(name == known or name.endswith("." + known) for known in HOSTS)


def plan_of(host: str | None) -> str | None:
    """``individual``, ``business`` or ``enterprise``; ``None`` where the host does not say (``api.``)."""
    found = _PLAN.search(_name(host))
    return found[1] if found is not None else None


def client_hints(headers: Mapping[str, str]) -> dict[str, str]:
    """What the headers say of the editor and the integration that ask."""
    return {name: headers[name] for name in _HINTS if headers.get(name)}


def read_request(head: RequestHead, body: Any) -> Reading:
    """A request, with the plan as the account where the body names none."""
    match _form(head):
        case "chat":
            reading = openai_chat.read_request(head, body)
        case "responses":
            reading = openai_responses.read_request(head, body)
        case "messages":
            reading = anthropic_messages.read_request(head, body)
        case "media":
            reading = openai_media.read_request(head, body)
        case _:
            reading = generic.read_request(head, body)
    return reading if reading.account is not None else replace(reading, account=plan_of(head.host))


def read_answer(head: RequestHead, body: Any) -> Reading:
    """A whole answer."""
    match _form(head):
        case "chat":
            return openai_chat.read_answer(head, body)
        case "responses":
            return openai_responses.read_answer(head, body)
        case "messages":
            return anthropic_messages.read_answer(head, body)
        case "media":
            return openai_media.read_answer(head, body)
        case _:
            return generic.read_answer(head, body)


def stream(head: RequestHead) -> Stream:
    """A reader of a streamed answer."""
    match _form(head):
        case "chat":
            return openai_chat.stream(head)
        case "responses":
            return openai_responses.stream(head)
        case "messages":
            return anthropic_messages.stream(head)
        case "media":
            return openai_media.stream(head)
        case _:
            return generic.stream(head)


_FORMS = (
    (re.compile(r"/(?:chat/)?completions$"), "chat"),
    (re.compile(r"/responses$"), "responses"),
    (re.compile(r"/messages$"), "messages"),
    (re.compile(r"/embeddings$"), "media"),
)


def _form(head: RequestHead) -> str | None:
    path = head.path.partition("?")[0]
    return next((form for pattern, form in _FORMS if pattern.search(path) is not None), None)


def _name(host: str | None) -> str:
    return (host or "").lower().partition(":")[0].rstrip(".")
