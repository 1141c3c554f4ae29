"""``gnomon catalogue lint | list | show``."""

import json

import pytest

from sensor.catalogue_files import packaged_sources
from sensor.cli import main

OWN = """\
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
description: d
modified: 2026-11-24
falsepositives: none
evidence:
  - {id: h1, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70, source: s,
     verified: 2026-11-24}
fixtures: {match: [chat.acme.example], nomatch: [acme.example]}
"""


@pytest.fixture(scope="module")
def compiled_home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def home(compiled_home, monkeypatch):
    monkeypatch.setenv("GNOMON_HOME", str(compiled_home))
    return compiled_home


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A small whole catalogue, linted on a day on which it is fresh."""
    from sensor.cli import catalogue

    monkeypatch.setattr(catalogue, "_today", lambda: "2026-11-24")
    (tmp_path / "apps" / "acme").mkdir(parents=True)
    (tmp_path / "apps" / "acme" / "chat.yaml").write_text(OWN)
    (tmp_path / "vendors.yaml").write_text("acme: {name: Acme}\n")
    return tmp_path


def test_a_good_folder_passes(folder, capsys):
    assert main(["catalogue", "lint", str(folder)]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 2 files\n"


def test_an_error_fails_and_says_where_and_what_to_do(folder, capsys):
    path = folder / "apps" / "acme" / "chat.yaml"
    path.write_text(OWN.replace("weight: 70", "weight: 90"))
    assert main(["catalogue", "lint", str(folder)]) == 1
    out = capsys.readouterr().out
    assert (
        f"{path}:9:5: error: h1: weight 90 for presence, at most 70 [overweight]\n  Lower the weight" in out
    )
    assert out.endswith("1 error, 0 warnings in 2 files\n")
    assert main(["catalogue", "lint", str(folder), "--json"]) == 1
    captured = capsys.readouterr()
    problem = json.loads(captured.out)
    assert (problem["rule"], problem["level"], problem["line"], problem["column"]) == (
        "overweight",
        "error",
        9,
        5,
    )
    assert problem["path"] == str(path) and problem["recommendation"].startswith("Lower")
    assert captured.err == "1 error, 0 warnings in 2 files\n"


def test_a_warning_fails_only_where_strict(folder, capsys):
    (folder / "vendors.yaml").write_text("acme: {name: Acme}\nother: {name: Other}\n")
    assert main(["catalogue", "lint", str(folder)]) == 0
    assert 'warning: no app of "other" [unused-vendor]' in capsys.readouterr().out
    assert main(["catalogue", "lint", str(folder), "--strict"]) == 1


@pytest.fixture
def few(monkeypatch):
    """A handful of packaged files instead of all: how many there are makes no difference here."""
    from sensor.cli import catalogue

    names = {"apps/openai/api.yaml", "vendors.yaml", "generic.yaml"}
    packaged = [one for one in packaged_sources() if one.name in names]
    monkeypatch.setattr(catalogue, "packaged_sources", lambda: packaged)


@pytest.mark.usefixtures("few")
def test_a_folder_of_additions_builds_on_the_packaged_catalogue(folder, capsys):
    (folder / "vendors.yaml").unlink()
    path = folder / "apps" / "acme" / "chat.yaml"
    path.write_text(OWN.replace("vendor: acme", "vendor: openai"))
    assert main(["catalogue", "lint", str(folder)]) == 0
    path.write_text(OWN)
    assert main(["catalogue", "lint", str(folder)]) == 1
    assert f'{path}:3:9: error: unknown vendor "acme"' in capsys.readouterr().out


def test_a_folder_that_is_none(tmp_path, capsys):
    assert main(["catalogue", "lint", str(tmp_path / "none")]) == 1
    assert "none is no folder" in capsys.readouterr().err
    assert main(["catalogue", "lint", str(tmp_path)]) == 1
    assert "no *.yaml files under" in capsys.readouterr().err


@pytest.mark.slow
def test_without_a_folder_the_packaged_files_and_the_users_own_are_linted(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GNOMON_HOME", str(tmp_path))
    assert main(["catalogue", "lint"]) == 0
    (tmp_path / "signatures.d" / "acme").mkdir(parents=True)
    (tmp_path / "signatures.d" / "acme" / "chat.yaml").write_text(OWN)
    assert main(["catalogue", "lint"]) == 1
    assert 'signatures.d/acme/chat.yaml:3:9: error: unknown vendor "acme"' in capsys.readouterr().out


@pytest.mark.slow
def test_every_app_is_listed(home, capsys):
    assert main(["catalogue", "list"]) == 0
    captured = capsys.readouterr()
    assert any(line.split()[0] == "openai.chatgpt" for line in captured.out.splitlines())
    assert "apps in" in captured.err
    assert main(["catalogue", "list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == len(captured.out.splitlines()) >= 100
    assert {"app", "name", "vendor", "category", "maturity", "inspect", "provider"} <= set(rows[0])


def test_one_category_is_listed(home, capsys):
    assert main(["catalogue", "list", "--category", "local_inference", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "ollama.ollama" in {row["app"] for row in rows}
    assert {row["category"] for row in rows} == {"local_inference"}
    assert main(["catalogue", "list", "--category", "local_inferense"]) == 2
    assert 'Did you mean "local_inference"?' in capsys.readouterr().err


def test_one_app_is_shown(home, capsys):
    assert main(["catalogue", "show", "openai.codex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("OpenAI Codex (openai.codex)\n  vendor    OpenAI (US)\n")
    for part in (
        "provider  openai.api",
        "u1: url_path ^/backend-api/codex/",
        "by POST, GET",
        "looks alike, and is not",
    ):
        assert part in out
    assert main(["catalogue", "show", "vllm.vllm"]) == 0
    out = capsys.readouterr().out
    assert "on any host" in out and "with p1" in out
    assert main(["catalogue", "show", "amazon.bedrock"]) == 0
    assert "role api" in capsys.readouterr().out
    assert main(["catalogue", "show", "openai.codex", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["app"] == "openai.codex"
    assert {"id", "type", "value", "proves", "weight", "source", "verified"} <= set(shown["evidence"][0])


def test_an_unknown_app_is_suggested(home, capsys):
    assert main(["catalogue", "show", "openai.codx"]) == 2
    assert 'gnomon: unknown app "openai.codx"\n  Did you mean "openai.codex"?' in capsys.readouterr().err
