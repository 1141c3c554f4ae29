"""
The dialects that AI services speak, and the family by which each says no.

A dialect says where things stand in a request; several share the form of an error, which is the family.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FAMILIES", "Dialect", "Family"]


class Dialect(StrEnum):
    """How an AI service is spoken to. The values are used in signatures (``dialects:``)."""

    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    OPENAI_REALTIME = "openai_realtime"
    OPENAI_FILES = "openai_files"
    OPENAI_API = "openai_api"
    """Any other call of an API of OpenAI's shape: embeddings, images, audio, models."""
    MISTRAL = "mistral"
    ANTHROPIC_MESSAGES = "anthropic_messages"
    ANTHROPIC_API = "anthropic_api"
    GEMINI = "gemini"
    """Gemini API and Vertex AI with Google's own models."""
    VERTEX_ANTHROPIC = "vertex_anthropic"
    BEDROCK = "bedrock"
    COHERE = "cohere"
    OLLAMA = "ollama"
    MCP = "mcp"
    A2A = "a2a"
    CONNECT = "connect"
    """Connect protocol, unary."""
    CONNECT_STREAM = "connect_stream"
    GRPC = "grpc"
    CHATGPT_WEB = "chatgpt_web"
    CLAUDE_WEB = "claude_web"
    GEMINI_WEB = "gemini_web"
    COPILOT_WEB = "copilot_web"
    M365_COPILOT = "m365_copilot"
    PERPLEXITY_WEB = "perplexity_web"
    DEEPSEEK_WEB = "deepseek_web"
    GROK_WEB = "grok_web"
    POE_WEB = "poe_web"
    HUGGINGCHAT = "huggingchat"
    META_AI_WEB = "meta_ai_web"


class Family(StrEnum):
    """How a refusal is written down."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    AWS = "aws"
    COHERE = "cohere"
    OLLAMA = "ollama"
    JSONRPC = "jsonrpc"
    CONNECT = "connect"
    CONNECT_STREAM = "connect_stream"
    GRPC = "grpc"
    WEB = "web"


FAMILIES: dict[Dialect, Family] = {
    Dialect.OPENAI_CHAT: Family.OPENAI,
    Dialect.OPENAI_RESPONSES: Family.OPENAI,
    Dialect.OPENAI_REALTIME: Family.OPENAI,
    Dialect.OPENAI_FILES: Family.OPENAI,
    Dialect.OPENAI_API: Family.OPENAI,
    Dialect.MISTRAL: Family.OPENAI,
    Dialect.ANTHROPIC_MESSAGES: Family.ANTHROPIC,
    Dialect.ANTHROPIC_API: Family.ANTHROPIC,
    Dialect.GEMINI: Family.GOOGLE,
    Dialect.VERTEX_ANTHROPIC: Family.ANTHROPIC,
    Dialect.BEDROCK: Family.AWS,
    Dialect.COHERE: Family.COHERE,
    Dialect.OLLAMA: Family.OLLAMA,
    Dialect.MCP: Family.JSONRPC,
    Dialect.A2A: Family.JSONRPC,
    Dialect.CONNECT: Family.CONNECT,
    Dialect.CONNECT_STREAM: Family.CONNECT_STREAM,
    Dialect.GRPC: Family.GRPC,
    Dialect.CHATGPT_WEB: Family.WEB,
    Dialect.CLAUDE_WEB: Family.ANTHROPIC,
    Dialect.GEMINI_WEB: Family.WEB,
    Dialect.COPILOT_WEB: Family.WEB,
    Dialect.M365_COPILOT: Family.WEB,
    Dialect.PERPLEXITY_WEB: Family.WEB,
    Dialect.DEEPSEEK_WEB: Family.WEB,
    Dialect.GROK_WEB: Family.WEB,
    Dialect.POE_WEB: Family.WEB,
    Dialect.HUGGINGCHAT: Family.WEB,
    Dialect.META_AI_WEB: Family.WEB,
}
