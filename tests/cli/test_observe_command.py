"""``gnomon observe``: the lines it prints, and what it says where it cannot."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sensor.cli import main
from tests.wire import frame_bytes as f
from tests.wire import tls_bytes as t

HELLO = t.records(t.message(t.body(t.server_name(b"api.example.com"))))
TALK = f.Talk().open().send(0, HELLO).close().frames


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "monday.pcap"
    path.write_bytes(f.pcap(TALK))
    return path


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_each_observation_is_a_line_and_the_talk_goes_elsewhere(
    options: list[str], capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["observe", str(capture), *options]) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["kind"] for line in out.splitlines()] == ["client_hello", "flow_end"]
    assert json.loads(out.splitlines()[0])["server_name"] == "api.example.com"
    assert err.strip().endswith(f"{len(TALK)} frames, 2 observations")


def test_several_files_are_read_one_after_the_other(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "tuesday.pcapng.gz"
    other.write_bytes(gzip.compress(f.pcapng(TALK)))
    assert main(["observe", str(capture), str(other)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[:2] == lines[2:]


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "without a single frame"),
        ([f.frame(f.ethernet(bytes(28), 0x0806))] * 3, "3 frames, none of them with an IP packet"),
    ],
)
def test_nothing_found_is_a_sentence(
    frames: list[f.Frame], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(f.pcap(frames))
    assert main(["observe", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out == "" and words in err


def test_a_cut_file_is_odd_and_no_error(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture.write_bytes(capture.read_bytes()[:-1])
    assert main(["observe", str(capture)]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last == {"kind": "weird", "ts": TALK[-2][0], "name": "capture_truncated", "count": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.pcap", "No such file"),
        ("", "is a directory"),
        ("empty.pcap", "is empty"),
        ("text.pcap", "is not a packet capture"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_traceback(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.pcap").touch()
    (tmp_path / "text.pcap").write_text("no frames here")
    assert main(["observe", str(tmp_path / name)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and words in err and err.startswith("gnomon: ")


@pytest.mark.slow
def test_standard_input_and_a_reader_that_goes_away(root: Path) -> None:
    command = [sys.executable, "-m", "sensor", "observe", "-"]
    done = subprocess.run(command, input=f.pcapng(TALK), capture_output=True, cwd=root, timeout=60)
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == ["client_hello", "flow_end"]
    assert done.returncode == 0 and b"standard input: " in done.stderr
    many = [frame for port in range(1, 3_000) for frame in f.Talk(port).send(0, b"x").frames]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, cwd=root) as gone:
        gone.stdout.close()
        gone.stdin.write(f.pcap(many))
        gone.stdin.close()
        assert gone.wait(60) == 0
        assert b"Traceback" not in gone.stderr.read()


def test_progress_is_shown_on_a_terminal(
    capture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["observe", str(capture)]) == 0
    assert "100%" in terminal.getvalue() and len(capsys.readouterr().out.splitlines()) == 2
