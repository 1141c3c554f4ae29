"""``gnomon capture``: files and interfaces into a home."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sensor.cli import main
from tests.wire import frame_bytes as f
from tests.wire import tls_bytes as t


def talk(name: str) -> list[f.Frame]:
    hello = t.records(t.message(t.body(t.server_name(name.encode()))))
    return f.Talk().open().send(0, hello).close().frames


@pytest.fixture
def captures(tmp_path: Path) -> list[str]:
    for day, name in (("monday", "chatgpt.com"), ("tuesday", "www.example.com")):
        (tmp_path / f"{day}.pcap").write_bytes(f.pcap(talk(name)))
    return [str(tmp_path / "monday.pcap"), str(tmp_path / "tuesday.pcap")]


@pytest.mark.slow
def test_files_are_taken_in_and_summed_up(
    captures: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert main(["capture", "-r", *captures, *home]) == 0
    out, err = capsys.readouterr()
    assert out == "" and err.strip() == "2 captures: 14 frames, 2 flows, 1 AI app, 2 events"
    assert main(["inventory", "--json", *home]) == 0
    assert json.loads(capsys.readouterr().out)["app"] == "openai.chatgpt"


@pytest.mark.slow
def test_events_are_printed_when_asked_for(
    captures: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capture", "-r", captures[0], "--json", "--home", str(tmp_path / "home")]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(event["kind"], event["app"]) for event in events] == [
        ("flow", "openai.chatgpt"),
        ("closing", "openai.chatgpt"),
    ]


@pytest.mark.slow
def test_nothing_found_is_a_sentence(
    captures: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capture", "-r", captures[1], "--home", str(tmp_path / "home")]) == 0
    assert "1 capture: 7 frames, 1 flows, no use of an AI service" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-r", "missing.pcap"], 1, "No such file"),
        (["-r", "a.pcap", "--count", "3"], 2, "--duration and --count bound a live capture"),
        (["-r", "a.pcap", "--duration", "3"], 2, "--duration and --count bound a live capture"),
    ],
)
def test_what_cannot_be_done(
    words: list[str], code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capture", *words, "--home", str(tmp_path / "home")]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "one of the arguments -r/--read -i/--interface is required"),
        (["-i", "lo", "-r", "a.pcap"], "not allowed with"),
        (["-i", "lo", "--count", "0"], "0 is not a number of frames above 0"),
        (["-i", "lo", "--count", "x"], "x is not a number of frames above 0"),
        (["-i", "lo", "--duration", "-1"], "-1 is not a number of seconds above 0"),
        (["-i", "lo", "--duration", "nan"], "nan is not a number of seconds above 0"),
    ],
)
def test_words_that_make_no_sense(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["capture", *words])
    assert caught.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_the_printing_and_not_the_recording(
    captures: list[str], tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "sensor", "capture", "-r", captures[0], "--json"]
    home = ["--home", str(tmp_path / "home")]
    with subprocess.Popen([*command, *home], stdout=-1, stderr=-1, cwd=root) as gone:
        gone.stdout.close()
        assert gone.wait(60) == 0
        assert b"2 events" in gone.stderr.read()
    assert main(["inventory", "--json", *home]) == 0
    assert json.loads(capsys.readouterr().out)["bytes_up"] > 0


@pytest.mark.slow
def test_an_interface_is_listened_on_for_so_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], need_root: Callable[[], None]
) -> None:
    need_root()
    home = ["--home", str(tmp_path / "home")]
    assert main(["capture", "-i", "lo", "--duration", "0.3", *home]) == 0
    err = capsys.readouterr().err
    assert "listening on lo; Ctrl-C ends it" in err and "lo: " in err.splitlines()[-1]
