"""
What the demo's clients ask for: requests as each app or SDK really writes them.

Users are roles, not people. Paths and headers are those of the catalogue's evidence; the text in the bodies
is made up and never recorded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["ORDINARY", "PASSWORD", "POLICY", "STEPS", "USERS", "Step", "hosts"]

USERS = ("analyst@demo.example", "designer@demo.example", "developer@demo.example", "support@demo.example")
"""Who logs in to the proxy."""

PASSWORD = "demo"
"""Of every user: the proxy listens on loopback, for as long as the demo runs."""

ORDINARY = "www.example.org"
"""A site that is no AI service: it has to pass through unopened and unnamed."""

POLICY = """\
# The demo's policy: look at everything, refuse one app, and say why.
version: 1
mode: enforce
on_error: block
default: allow
rules:
  - id: no-deepseek
    when: {app: [deepseek.chat, deepseek.api]}
    action: block
    message: DeepSeek has not been cleared for company data. Use an assistant that the company provides.
    owner: security@demo.example
    reason: no data processing agreement
  - id: watch-the-unreviewed
    when: {status: unreviewed, proves: usage}
    action: alert
    owner: security@demo.example
    reason: nobody has decided on this app yet
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of one client."""

    user: str
    url: str
    client: str = "curl"
    """``curl``, ``python``, or an SDK: ``openai``, ``anthropic``, ``google-genai``."""
    body: Any = None
    """Sent as JSON; ``None``: a GET."""
    headers: tuple[tuple[str, str], ...] = ()
    blocked: bool = False
    """What the demo's policy is to do with it."""

    @property
    def data(self) -> bytes | None:
        return None if self.body is None else json.dumps(self.body).encode()


_ANALYST, _DESIGNER, _DEVELOPER, _SUPPORT = USERS


def _chat(model: str, text: str, *, stream: bool = False) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}


_BROWSER = (("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36"),)

STEPS: tuple[Step, ...] = (
    Step(
        _ANALYST,
        "https://chatgpt.com/backend-api/f/conversation",
        body={
            "action": "next",
            "model": "auto",
            "messages": [{"author": {"role": "user"}, "content": {"parts": ["Sum up this quarter"]}}],
        },
        headers=_BROWSER,
    ),
    Step(_ANALYST, "https://chatgpt.com/", headers=_BROWSER),
    Step(
        _ANALYST,
        "https://www.perplexity.ai/rest/sse/perplexity_ask",
        body={"query_str": "How do markets work?"},
        headers=_BROWSER,
    ),
    Step(
        _ANALYST,
        "https://chat.deepseek.com/api/v0/chat/completion",
        body={"prompt": "Compare two contracts"},
        headers=_BROWSER,
        blocked=True,
    ),
    Step(
        _ANALYST,
        "https://app.notion.com/api/v3/runInferenceTranscript",
        body={"transcript": []},
        headers=_BROWSER,
    ),
    Step(
        _DESIGNER,
        "https://gemini.google.com/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate",
        body={"f.req": "[]"},
        headers=_BROWSER,
    ),
    Step(
        _DESIGNER,
        "https://claude.ai/api/organizations/00000000-0000-4000-8000-000000000001"
        "/chat_conversations/00000000-0000-4000-8000-000000000002/completion",
        body={"prompt": "Name three colours"},
        headers=_BROWSER,
    ),
    Step(
        _DESIGNER,
        "https://grok.com/rest/app-chat/conversations/new",
        body={"message": "Draw a sundial"},
        headers=_BROWSER,
    ),
    Step(
        _DEVELOPER,
        "https://api.openai.com/v1/chat/completions",
        client="openai",
        body=_chat("gpt-5.1", "Explain this diff", stream=True),
        headers=(("user-agent", "OpenAI/Python 3.54.0"),),
    ),
    Step(
        _DEVELOPER,
        "https://api.anthropic.com/v1/messages",
        client="anthropic",
        body=_chat("claude-sonnet-5", "Review this function") | {"max_tokens": 64},
        headers=(("anthropic-version", "2023-06-01"), ("user-agent", "Anthropic/Python 2.12.0")),
    ),
    Step(
        _DEVELOPER,
        "https://api.anthropic.com/v1/messages?beta=true",
        body=_chat("claude-sonnet-5", "Fix the failing test", stream=True) | {"max_tokens": 64},
        headers=(
            ("anthropic-version", "2023-06-01"),
            ("user-agent", "claude-cli/2.0.30 (external, cli)"),
            ("x-app", "cli"),
        ),
    ),
    Step(
        _DEVELOPER,
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:generateContent",
        client="google-genai",
        body={"contents": [{"role": "user", "parts": [{"text": "Write a haiku"}]}]},
        headers=(("user-agent", "google-genai-sdk/3.4.0 gl-python/3.13"),),
    ),
    Step(
        _DEVELOPER,
        "https://api.deepseek.com/chat/completions",
        client="python",
        body=_chat("deepseek-chat", "Refactor this"),
        blocked=True,
    ),
    Step(
        _DEVELOPER,
        "https://api.githubcopilot.com/chat/completions",
        body=_chat("gpt-5.1-mini", "Complete this line", stream=True),
        headers=(("user-agent", "GithubCopilot/1.320.0"), ("copilot-integration-id", "vscode-chat")),
    ),
    Step(
        _DEVELOPER,
        "https://openrouter.ai/api/v1/chat/completions",
        client="python",
        body=_chat("meta-llama/llama-4", "Translate"),
    ),
    Step(
        _SUPPORT,
        "https://api.mistral.ai/v1/chat/completions",
        client="python",
        body=_chat("mistral-large-latest", "Answer the customer"),
    ),
    Step(
        _SUPPORT,
        "https://api.groq.com/openai/v1/chat/completions",
        client="python",
        body=_chat("llama-4", "Classify this ticket"),
    ),
    Step(
        _SUPPORT,
        "https://bedrock-runtime.eu-central-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse",
        body={"messages": [{"role": "user", "content": [{"text": "Hello"}]}]},
    ),
    Step(_SUPPORT, f"https://{ORDINARY}/", headers=_BROWSER),
)


def hosts() -> tuple[str, ...]:
    """Every name that the clients ask for."""
    return tuple(sorted({step.url.split("/")[2] for step in STEPS}))
