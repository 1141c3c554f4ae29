"""Every dialect has a module that gives what is promised, loaded when it is first asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sensor.dialects import connect_agents, generic, github_copilot, mcp, openai_chat
from sensor.dialects.names import Dialect
from sensor.dialects.reading import Framing, Reading, RequestHead
from sensor.dialects.registry import dialect_module, dialect_of_body, message_module, module_for

RECORDED = Path(__file__).parent / "recorded"


def head(host: str | None = "a.example", path: str = "/") -> RequestHead:
    return RequestHead(method="POST", host=host, path=path)


@pytest.mark.parametrize("dialect", [*Dialect, None])
def test_every_dialect_has_a_module_that_reads(dialect: Dialect | None) -> None:
    module = dialect_module(dialect)
    assert isinstance(module.UNCONFIRMED, bool)
    for value in ({}, [], None, "text"):
        assert isinstance(module.read_request(head(), value), Reading)
        assert isinstance(module.read_answer(head(), value), Reading)
    assert isinstance(module.stream(head()).framing, Framing)


def test_what_no_dialect_names_is_read_by_shape() -> None:
    assert dialect_module(None) is generic


@pytest.mark.parametrize(
    ("dialect", "host", "module"),
    [
        (Dialect.OPENAI_CHAT, "api.business.githubcopilot.com:443", github_copilot),
        (Dialect.OPENAI_API, "copilot-proxy.githubusercontent.com", github_copilot),
        (None, "API.githubcopilot.com.", github_copilot),
        (Dialect.MCP, "api.githubcopilot.com", mcp),
        (Dialect.OPENAI_CHAT, "evilgithubcopilot.com", openai_chat),
        (Dialect.OPENAI_CHAT, None, openai_chat),
    ],
)
def test_copilots_hosts_have_a_module_of_their_own(
    dialect: Dialect | None, host: str | None, module: object
) -> None:
    assert module_for(dialect, head(host)) is module


def test_modules_of_connections_that_go_on_read_single_messages() -> None:
    assert message_module(Dialect.CONNECT_STREAM) is connect_agents
    assert message_module(Dialect.A2A) is None


@pytest.mark.parametrize(("name", "dialect"), [("mcp", Dialect.MCP), ("a2a", Dialect.A2A)])
def test_what_the_sdks_send_is_known_by_its_method(name: str, dialect: Dialect) -> None:
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    sent = [e["request"] for exchanges in recorded.values() if isinstance(exchanges, list) for e in exchanges]
    methods = [body for body in sent if body and "method" in body and body["method"] != "tasks/get"]
    assert len(methods) > 5
    assert {dialect_of_body(body) for body in methods} == {dialect}


@pytest.mark.parametrize(
    ("body", "dialect"),
    [
        ([{"jsonrpc": "2.0", "method": "tools/list"}], Dialect.MCP),
        ({"jsonrpc": "2.0", "method": "initialize", "params": {"processId": 1}}, None),
        ({"jsonrpc": "2.0", "method": "eth_call"}, None),
        ({"jsonrpc": "1.0", "method": "tools/list"}, None),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, None),
        ([], None),
        ("tools/list", None),
    ],
)
def test_other_bodies_are_neither_mcp_nor_a2a(body: Any, dialect: Dialect | None) -> None:
    assert dialect_of_body(body) is dialect


@pytest.mark.slow
def test_no_dialect_is_loaded_before_it_is_asked_for() -> None:
    code = (
        "import sys, sensor.dialects.registry as r, sensor.dialects.names as n\n"
        "loaded = lambda: 'sensor.dialects.mcp' in sys.modules\n"
        "before = loaded(); r.dialect_module(n.Dialect.MCP); print(before, loaded())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
