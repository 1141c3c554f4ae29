"""GitHub Copilot: the path gives the form, the host gives the plan, headers give the editor."""

from __future__ import annotations

from typing import Any

import pytest

from sensor.dialects import github_copilot as copilot
from sensor.dialects.reading import RequestHead
from tests.dialects.told import texts

CHAT = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}


def head(path: str, host: str = "api.business.githubcopilot.com") -> RequestHead:
    return RequestHead(method="POST", host=host, path=path)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/completions", CHAT),
        ("/v1/messages", {**CHAT, "max_tokens": 5}),
        ("/responses?x=1", {"model": "m", "input": "hi"}),
        ("/v1/engines/copilot-codex/completions", {"prompt": "hi"}),
        ("/embeddings", {"model": "m", "input": ["hi"]}),
        ("/agents/x", {"text": "hi"}),
    ],
)
def test_the_path_says_which_form_a_body_has(path: str, body: Any) -> None:
    reading = copilot.read_request(head(path), body)
    assert [said for _, _, said in texts(reading, body)] == ["hi"]
    assert reading.account == "business"


@pytest.mark.parametrize(
    ("path", "answer", "frame"),
    [
        ("/chat/completions", {"choices": [{"message": {"role": "assistant", "content": "ho"}}]},
         {"choices": [{"index": 0, "delta": {"content": "ho"}}]}),
        ("/v1/messages", {"role": "assistant", "content": [{"type": "text", "text": "ho"}]},
         {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ho"}}),
        ("/responses", {"output": [{"type": "message", "content": [{"type": "output_text", "text": "ho"}]}]},
         {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0,
          "delta": "ho"}),
        ("/agents/x", {"text": "ho"}, {"delta": {"text": "ho"}}),
    ],
)  # fmt: skip
def test_answers_whole_and_streamed_have_the_same_form(path: str, answer: Any, frame: Any) -> None:
    assert "ho" in [said for _, _, said in texts(copilot.read_answer(head(path), answer), answer)]
    assert len(copilot.stream(head(path)).read(frame.get("type"), frame).texts) == 1


def test_an_embedding_has_no_text() -> None:
    answer = {"data": [{"embedding": [0.5]}], "usage": {"prompt_tokens": 1}}
    assert copilot.read_answer(head("/embeddings"), answer).parts == ()
    assert copilot.stream(head("/embeddings")).read(None, answer).texts == ()


def test_an_account_that_the_body_names_is_kept() -> None:
    body = {**CHAT, "user": "u1"}
    assert copilot.read_request(head("/chat/completions"), body).account == "u1"


@pytest.mark.parametrize(
    ("host", "known", "plan"),
    [
        ("api.individual.githubcopilot.com", True, "individual"),
        ("proxy.BUSINESS.githubcopilot.com:443", True, "business"),
        ("api.enterprise.githubcopilot.com.", True, "enterprise"),
        ("api.githubcopilot.com", True, None),
        ("copilot-proxy.githubusercontent.com", True, None),
        ("evilgithubcopilot.com", False, None),
        (None, False, None),
    ],
)
def test_the_host_says_the_plan(host: str | None, known: bool, plan: str | None) -> None:
    assert (copilot.is_copilot(host), copilot.plan_of(host)) == (known, plan)


def test_headers_hint_at_who_asks() -> None:
    headers = {
        "copilot-integration-id": "vscode-chat",
        "editor-version": "vscode/1.99",
        "authorization": "Bearer x",
    }
    assert copilot.client_hints(headers) == {
        "copilot-integration-id": "vscode-chat",
        "editor-version": "vscode/1.99",
    }
