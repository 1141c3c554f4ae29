"""``gnomon identify``: its input forms, its two answer forms, and what it says to a wrong line."""

import io
import json
import subprocess
import sys

import pytest

from sensor.cli import main

FIELDS = (
    "value app name vendor category feature provider client proves confidence generic region evidence".split()
)


@pytest.fixture(autouse=True, scope="module")
def compiled_home(tmp_path_factory):
    """One home for all, so that the catalogue is compiled once."""
    patch = pytest.MonkeyPatch()
    patch.setenv("GNOMON_HOME", str(tmp_path_factory.mktemp("home")))
    yield
    patch.undo()


@pytest.mark.slow
def test_json_lines_hold_every_field_of_the_contract(capsys):
    value = '{"url": "https://chatgpt.com/backend-api/f/conversation", "method": "POST", "headers": {}}'
    assert main(["identify", "--json", "api.openai.com", value, "www.google.com"]) == 0
    api, chat, nothing = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(api) == list(chat) == list(nothing) == FIELDS
    assert (api["value"], api["app"], api["proves"]) == ("api.openai.com", "openai.api", "usage")
    assert api["evidence"] == [
        {
            "id": "openai.api/h1",
            "type": "host_exact",
            "value": "api.openai.com",
            "proves": "usage",
            "weight": 85,
        }
    ]
    assert (chat["value"], chat["app"], chat["feature"]) == (value, "openai.chatgpt", "chat")
    silent = {"value": "www.google.com", "confidence": 0.0, "generic": False, "evidence": []}
    assert nothing == {**dict.fromkeys(FIELDS), **silent}


def test_a_tree_says_why(capsys):
    assert main(["identify", "https://eu.api.openai.com/v1/responses"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("https://eu.api.openai.com/v1/responses: OpenAI API (openai.api) · usage · ")
    assert "├─ vendor OpenAI" in lines
    assert "├─ region eu" in lines
    assert lines[-1].startswith("└─ because host_regex ^(?P<region>")


def test_nothing_found_and_unknown_apis_are_sentences(capsys):
    assert main(["identify", "www.google.com", "POST https://llm.corp.example/v1/chat/completions"]) == 0
    out = capsys.readouterr().out
    assert "www.google.com: not AI as far as the catalogue knows\n" in out
    assert "an unknown LLM API, by its shape · usage · confidence" in out


def test_client_and_provider_are_told(capsys):
    value = json.dumps(
        {
            "url": "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse",
            "method": "POST",
            "headers": {"User-Agent": "claude-cli/2.0"},
        }
    )
    assert main(["identify", value]) == 0
    out = capsys.readouterr().out
    for line in ("provider amazon.bedrock", "client anthropic.claude_code", "region eu-west-1", "model m"):
        assert f"├─ {line}\n" in out


def test_lines_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("api.openai.com\n\n  claude.ai  \n"))
    assert main(["identify", "--json"]) == 0
    assert [json.loads(line)["value"] for line in capsys.readouterr().out.splitlines()] == [
        "api.openai.com",
        "claude.ai",
    ]


def test_bytes_that_are_no_text_are_answered_all_the_same(capsys, monkeypatch):
    raw = io.TextIOWrapper(io.BytesIO(b"caf\xe9.example\n"), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", raw)
    assert main(["identify"]) == 0
    assert main(["identify", "\udce9.example"]) == 0
    assert capsys.readouterr().out.count("not AI as far as the catalogue knows") == 2


def test_a_wrong_line_is_named_and_what_came_before_is_answered(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO('api.openai.com\n{"url": 5}\nclaude.ai\n'))
    assert main(["identify", "--json"]) == 2
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert captured.err.startswith('gnomon: <stdin>:2: "url" must be a host or a URL\n  Give a host, a URL')
    assert main(["identify", "{"]) == 2
    assert "gnomon: not JSON" in capsys.readouterr().err


def test_a_terminal_is_told_what_is_waited_for(capsys, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("claude.ai\n"))
    assert main(["identify"]) == 0
    assert "from standard input" in capsys.readouterr().err


@pytest.mark.slow
def test_each_answer_comes_before_the_next_question_through_a_pipe():
    with subprocess.Popen(
        [sys.executable, "-m", "sensor", "identify", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        for value in ("claude.ai", "www.google.com"):
            process.stdin.write(value + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["value"] == value
        process.stdin.close()
        assert process.wait(timeout=30) == 0
