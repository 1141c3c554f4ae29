"""
Which module reads which dialect.

Modules are imported when they are first asked for: a sensor that sees three services loads three dialects.
What a module must give is ``DialectModule``; those whose clients send messages in a WebSocket or a stream
give ``MessageModule`` besides, which ``message_module`` finds.

GitHub Copilot speaks the dialects of others by host: ``module_for`` knows it, ``dialect_module`` does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from sensor.dialects.names import Dialect
from sensor.dialects.picking import text_at
from sensor.dialects.reading import Reading, RequestHead, Stream

__all__ = [
    "DialectModule",
    "MessageModule",
    "dialect_module",
    "dialect_of_body",
    "message_module",
    "module_for",
]

_COPILOT = re.compile(
    r"(?:^|\.)(?:githubcopilot\.com|copilot-proxy\.githubusercontent\.com)\.?(?::\d+)?$", re.IGNORECASE
)
"""Its hosts, told apart before a module is loaded that loads four others."""

_MCP_METHOD = re.compile(
    r"(?:tools|prompts)/(?:list|call|get)|resources/(?:list|read|subscribe|unsubscribe|templates/list)|"
    r"completion/complete|sampling/createMessage|elicitation/create|roots/list|server/discover|"
    r"subscriptions/listen|logging/setLevel|"
    r"notifications/(?:initialized|progress|message|cancelled|(?:tools|prompts|resources|roots|tasks)\b.*)"
)
_A2A_METHOD = re.compile(
    r"message/(?:send|stream)|tasks/(?:resubscribe|pushNotificationConfig/.*)|"
    r"agent/getAuthenticatedExtendedCard|Send(?:Streaming)?Message|(?:Get|List|Cancel|SubscribeTo)Tasks?|"
    r"GetExtendedAgentCard|(?:Create|Get|List|Delete)TaskPushNotificationConfigs?"
)


class DialectModule(Protocol):
    """What a module of a dialect gives."""

    @property
    def UNCONFIRMED(self) -> bool:
        """Whether neither an SDK nor a vendor's document is its source."""

    def read_request(self, head: RequestHead, body: Any) -> Reading:
        """What a request's body says."""

    def read_answer(self, head: RequestHead, body: Any) -> Reading:
        """What a whole answer says."""

    def stream(self, head: RequestHead) -> Stream:
        """A reader of a streamed answer."""


@runtime_checkable
class MessageModule(Protocol):
    """What a module gives whose clients go on sending."""

    def read_message(self, head: RequestHead, value: Any, from_client: bool) -> Reading:
        """What one message says."""


def dialect_module(dialect: Dialect | None) -> DialectModule:
    """The module of a dialect; of ``None`` the one that reads by shape."""
    return _generic() if dialect is None else _MODULES[dialect]()


def module_for(dialect: Dialect | None, head: RequestHead) -> DialectModule:
    """As ``dialect_module``, with what the host adds."""
    # Copilot's hosts serve MCP too, which is read as MCP.
    if dialect is not Dialect.MCP and _COPILOT.search(head.host or "") is not None:
        return _github_copilot()
    return dialect_module(dialect)


def dialect_of_body(body: Any) -> Dialect | None:
    """
    MCP or A2A, where a JSON-RPC request says so by its method; ``None`` where it does not.

    For requests whose head says nothing: MCP before 2025-06-18 and A2A before 1.0 need no header of their
    own, on any path. ``tasks/get`` and ``tasks/cancel`` belong to both and say nothing.
    """
    message = body[0] if isinstance(body, list) and body else body
    method = text_at(message, "method")
    if method is None or text_at(message, "jsonrpc") != "2.0":
        return None
    if _MCP_METHOD.fullmatch(method) is not None:
        return Dialect.MCP
    # Language servers begin with the same word, but name no version of a protocol.
    if method == "initialize" and text_at(message, "params", "protocolVersion") is not None:
        return Dialect.MCP
    return Dialect.A2A if _A2A_METHOD.fullmatch(method) is not None else None


def message_module(dialect: Dialect) -> MessageModule | None:
    """The module of a dialect where it reads single messages of both sides."""
    module = dialect_module(dialect)
    return module if isinstance(module, MessageModule) else None


# One function a module, so that each is imported when it is first asked for and its form is checked.


def _openai_chat() -> DialectModule:
    from sensor.dialects import openai_chat

    return openai_chat


def _openai_responses() -> DialectModule:
    from sensor.dialects import openai_responses

    return openai_responses


def _openai_realtime() -> DialectModule:
    from sensor.dialects import openai_realtime

    return openai_realtime


def _openai_media() -> DialectModule:
    from sensor.dialects import openai_media

    return openai_media


def _mistral() -> DialectModule:
    from sensor.dialects import mistral

    return mistral


def _anthropic_messages() -> DialectModule:
    from sensor.dialects import anthropic_messages

    return anthropic_messages


def _gemini() -> DialectModule:
    from sensor.dialects import gemini

    return gemini


def _bedrock() -> DialectModule:
    from sensor.dialects import bedrock

    return bedrock


def _cohere() -> DialectModule:
    from sensor.dialects import cohere

    return cohere


def _ollama() -> DialectModule:
    from sensor.dialects import ollama

    return ollama


def _mcp() -> DialectModule:
    from sensor.dialects import mcp

    return mcp


def _a2a() -> DialectModule:
    from sensor.dialects import a2a

    return a2a


def _connect_agents() -> DialectModule:
    from sensor.dialects import connect_agents

    return connect_agents


def _chatgpt_web() -> DialectModule:
    from sensor.dialects import chatgpt_web

    return chatgpt_web


def _claude_web() -> DialectModule:
    from sensor.dialects import claude_web

    return claude_web


def _gemini_web() -> DialectModule:
    from sensor.dialects import gemini_web

    return gemini_web


def _copilot_web() -> DialectModule:
    from sensor.dialects import copilot_web

    return copilot_web


def _m365_copilot() -> DialectModule:
    from sensor.dialects import m365_copilot

    return m365_copilot


def _perplexity_web() -> DialectModule:
    from sensor.dialects import perplexity_web

    return perplexity_web


def _deepseek_web() -> DialectModule:
    from sensor.dialects import deepseek_web

    return deepseek_web


def _grok_web() -> DialectModule:
    from sensor.dialects import grok_web

    return grok_web


def _poe_web() -> DialectModule:
    from sensor.dialects import poe_web

    return poe_web


def _huggingchat() -> DialectModule:
    from sensor.dialects import huggingchat

    return huggingchat


def _meta_ai_web() -> DialectModule:
    from sensor.dialects import meta_ai_web

    return meta_ai_web


def _github_copilot() -> DialectModule:
    from sensor.dialects import github_copilot

    return github_copilot


def _generic() -> DialectModule:
    from sensor.dialects import generic

    return generic


_MODULES: dict[Dialect, Callable[[], DialectModule]] = {
    Dialect.OPENAI_CHAT: _openai_chat,
    Dialect.OPENAI_RESPONSES: _openai_responses,
    Dialect.OPENAI_REALTIME: _openai_realtime,
    Dialect.OPENAI_FILES: _openai_media,
    Dialect.OPENAI_API: _openai_media,
    Dialect.MISTRAL: _mistral,
    Dialect.ANTHROPIC_MESSAGES: _anthropic_messages,
    Dialect.ANTHROPIC_API: _anthropic_messages,
    Dialect.GEMINI: _gemini,
    Dialect.VERTEX_ANTHROPIC: _anthropic_messages,
    Dialect.BEDROCK: _bedrock,
    Dialect.COHERE: _cohere,
    Dialect.OLLAMA: _ollama,
    Dialect.MCP: _mcp,
    Dialect.A2A: _a2a,
    Dialect.CONNECT: _connect_agents,
    Dialect.CONNECT_STREAM: _connect_agents,
    Dialect.GRPC: _connect_agents,
    Dialect.CHATGPT_WEB: _chatgpt_web,
    Dialect.CLAUDE_WEB: _claude_web,
    Dialect.GEMINI_WEB: _gemini_web,
    Dialect.COPILOT_WEB: _copilot_web,
    Dialect.M365_COPILOT: _m365_copilot,
    Dialect.PERPLEXITY_WEB: _perplexity_web,
    Dialect.DEEPSEEK_WEB: _deepseek_web,
    Dialect.GROK_WEB: _grok_web,
    Dialect.POE_WEB: _poe_web,
    Dialect.HUGGINGCHAT: _huggingchat,
    Dialect.META_AI_WEB: _meta_ai_web,
}
