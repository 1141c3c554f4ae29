"""Real captures give what they gave when their observations were read and found right."""

import json
from pathlib import Path

import pytest

from sensor.cli import main

HERE = Path(__file__).resolve().parent
CAPTURES = sorted((HERE / "traces").glob("*.pcap"))


def test_there_are_captures_and_each_has_its_golden_file_and_its_provenance():
    provenance = (HERE / "traces" / "PROVENANCE.md").read_text()
    assert len(CAPTURES) >= 8
    for capture in CAPTURES:
        assert (HERE / "golden" / f"{capture.stem}.jsonl").is_file()
        assert f"`{capture.name}`" in provenance


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_gives_its_golden_observations(capture, capsys):
    assert main(["observe", str(capture)]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    golden = (HERE / "golden" / f"{capture.stem}.jsonl").read_text().splitlines()
    assert found == [json.loads(line) for line in golden]


@pytest.mark.parametrize(
    ("capture", "transport", "name", "ja4_start"),
    [
        ("chromium_h3", "quic", "gemini.google.com", "q13d"),
        ("chromium_tcp", "tcp", "copilot.microsoft.com", "t13d"),
        ("openssl", "tcp", "claude.ai", "t12d"),
        ("node", "tcp", "api.mistral.ai", "t13d"),
        ("python", "tcp", "api.anthropic.com", "t13d"),
        ("ipv6", "tcp", "api.cohere.com", "t13d"),
    ],
)
def test_the_golden_files_name_what_the_clients_asked_for(capture, transport, name, ja4_start):
    lines = map(json.loads, (HERE / "golden" / f"{capture}.jsonl").read_text().splitlines())
    hellos = [line for line in lines if line["kind"] == "client_hello" and line.get("server_name") == name]
    assert hellos
    assert any(line["transport"] == transport and line["ja4"].startswith(ja4_start) for line in hellos)
