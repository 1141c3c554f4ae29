"""Capture files on disk and through pipes: what is read, and what a person is told when it cannot be."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import threading
from pathlib import Path

import pytest

from sensor.capture.files import CHUNK_BYTES, CaptureFile
from sensor.capture.progress import ProgressLine
from sensor.errors import WorkError
from tests.wire import frame_bytes as f

TALK = f.Talk().open().send(0, b"hello").close().frames
PCAP, PCAPNG = f.pcap(TALK), f.pcapng(TALK)


def read(path: str) -> tuple[list[f.Frame], dict[str, int]]:
    with CaptureFile(path) as capture:
        return [frame for frames in capture.frames() for frame in frames], capture.weirds


@pytest.mark.parametrize("data", [PCAP, PCAPNG])
@pytest.mark.parametrize("zipped", [False, True])
def test_either_format_plain_or_zipped_whatever_its_name(data: bytes, zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "capture.bin"
    path.write_bytes(gzip.compress(data) if zipped else data)
    assert read(str(path)) == (TALK, {})


def test_a_zipped_file_of_several_members_is_one_capture(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap.gz"
    path.write_bytes(gzip.compress(PCAP[:100]) + gzip.compress(PCAP[100:]))
    assert read(str(path)) == (TALK, {})


@pytest.mark.parametrize(
    ("data", "count", "weirds"),
    [
        (PCAP[:-3], len(TALK) - 1, {"capture_truncated": 1}),
        (PCAPNG + b"\6\0\0\0\1\0\0\0" + bytes(9), len(TALK), {"pcapng_block_length": 1}),
        (gzip.compress(PCAP)[:-20], None, {"capture_truncated": 1, "gzip_truncated": 1}),
        (gzip.compress(PCAP, mtime=0)[:-8] + bytes(8), len(TALK), {"gzip_damaged": 1}),
        (gzip.compress(PCAP) + b"no gzip", len(TALK), {"gzip_damaged": 1}),
    ],
    ids=["cut", "broken", "gzip cut", "gzip with a wrong checksum", "gzip with something behind it"],
)
def test_a_damaged_file_is_read_as_far_as_it_goes(
    data: bytes, count: int | None, weirds: dict[str, int], tmp_path: Path
) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(data)
    frames, odd = read(str(path))
    assert frames == TALK[: len(frames)] and (count is None or len(frames) == count)
    assert {name: odd.get(name) for name in weirds} == weirds
    with CaptureFile(str(path)) as capture:  # asking for the digest first tells nothing twice
        capture.digest()
        assert list(capture.frames()) and capture.weirds == odd


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"GIF89a and more"), "is not a packet capture"),
        (lambda path: path.write_bytes(b"GIF"), "is not a packet capture"),
        (lambda path: path.write_bytes(gzip.compress(b"")), "is empty"),
        (lambda path: path.write_bytes(gzip.compress(b"text, not frames")), "is not a packet capture"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(make, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    make(path)
    with pytest.raises(WorkError, match=words) as caught:
        read(str(path))
    if "capture" in words or "empty" in words:
        assert "pcapng" in str(caught.value)


def test_the_digest_is_that_of_the_capture_zipped_or_not(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "a.pcap", tmp_path / "a.pcap.gz"
    plain.write_bytes(PCAP)
    zipped.write_bytes(gzip.compress(PCAP))
    for path in (plain, zipped):
        with CaptureFile(str(path)) as capture:
            assert capture.digest() == hashlib.sha256(PCAP).hexdigest()[:16]
            assert [frame for frames in capture.frames() for frame in frames] == TALK


@pytest.mark.parametrize("zipped", [False, True])
def test_a_pipe_is_read_once_and_its_digest_is_known_all_the_same(zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = gzip.compress(PCAP) if zipped else PCAP
    for wants_digest in (False, True):
        writer = threading.Thread(target=path.write_bytes, args=(data,))
        writer.start()
        with CaptureFile(str(path)) as capture:
            if wants_digest:
                assert capture.digest() == hashlib.sha256(PCAP).hexdigest()[:16]
            assert [frame for frames in capture.frames() for frame in frames] == TALK
        writer.join()


def test_progress_tells_how_far_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(f.pcap([(1.0, 1, bytes(200_000), 200_000)] * 6))
    told: list[tuple[int, int | None]] = []
    with CaptureFile(str(path), progress=lambda *done: told.append(done)) as capture:
        assert sum(map(len, capture.frames())) == 6
    size = path.stat().st_size
    assert told[-1] == (size, size) and 3 <= len(told) <= 2 + size // CHUNK_BYTES + 1
    assert told == sorted(told)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_line_is_for_terminals_only_and_goes_away() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        line = ProgressLine(stream)
        line.show(5_000_000, 10_000_000)
        line.show(6_000_000, 10_000_000)  # too soon: not shown
        line.clear()
        line.clear()
    assert terminal.getvalue() == "\r\x1b[K5.0 of 10.0 MB,  50%\r\x1b[K"
    assert pipe.getvalue() == ""
    line = ProgressLine(terminal)
    line.show(1_000_000, None)
    assert terminal.getvalue().endswith("1.0 MB")
