"""The passive door: observations to the pipeline, its records to the recorder, and nothing lost unseen."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from sensor.capture import door
from sensor.capture.door import PassiveDoor, open_door
from sensor.catalogue_files import load_catalogue
from sensor.config import open_home
from sensor.errors import WorkError
from sensor.model import Event
from sensor.pipeline import Pipeline
from sensor.policy_files import load_policy
from tests.wire import frame_bytes as f
from tests.wire import tls_bytes as t


def hello(name: str) -> bytes:
    return t.records(t.message(t.body(t.server_name(name.encode()))))


def talk(name: str, port: int = 40_000) -> list[f.Frame]:
    return f.Talk(port).open().send(0, hello(name)).send(1, bytes(100)).close().frames


class FakeRecorder:
    """Keeps what is submitted; ``behind`` leaves futures open, ``broken`` fails them."""

    def __init__(self, *, behind: bool = False, broken: bool = False) -> None:
        self.events: list[Event] = []
        self.coverage: dict[str, int] = {}
        self.open: list[Future[None]] = []
        self.closed = False
        self.behind, self.broken = behind, broken

    def submit(self, events: Sequence[Event]) -> Future[None]:
        self.events += events
        future: Future[None] = Future()
        if self.broken:
            future.set_exception(WorkError("the disk is full"))
        elif self.behind:
            self.open.append(future)
        else:
            future.set_result(None)
        return future

    def submit_coverage(self, counters: dict[str, int]) -> Future[None]:
        self.coverage = dict(counters)
        future: Future[None] = Future()
        future.set_result(None)
        return future

    def close(self) -> None:
        self.closed = True


class FakeInterface:
    """Gives frames in the portions it was made with, then nothing; forgets ``lost`` frames."""

    def __init__(self, portions: list[list[f.Frame]], lost: int = 0) -> None:
        self.portions = list(portions)
        self.lost = lost
        self.waited: list[float] = []

    def read(self, timeout_s: float) -> list[f.Frame]:
        self.waited.append(timeout_s)
        return self.portions.pop(0) if self.portions else []

    def drops(self) -> int:
        lost, self.lost = self.lost, 0
        return lost


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


@pytest.fixture
def pipeline(catalogue) -> Pipeline:
    return Pipeline(catalogue, load_policy(None), origin="test")


def kinds(recorder: FakeRecorder) -> list[tuple[str, str | None]]:
    return [(str(event.kind), event.app) for event in recorder.events]


def test_a_file_gives_its_events_and_counts(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    frames = talk("chatgpt.com") + talk("www.example.com", 40_001) + [f.frame(f.ethernet(b"", 0x0806))]
    path.write_bytes(f.pcap(frames) + b"half a record")
    recorder = FakeRecorder()
    seen: list[Event] = []
    with PassiveDoor(pipeline, recorder, on_event=seen.append) as passive:
        passive.read_file(str(path))
    assert kinds(recorder) == [("flow", "openai.chatgpt"), ("closing", "openai.chatgpt")]
    assert seen == recorder.events and recorder.closed
    assert (passive.frames, passive.flows, passive.events, passive.apps) == (
        len(frames),
        2,
        2,
        {"openai.chatgpt"},
    )
    for name, count in {
        "frame": len(frames),
        "frame_not_ip": 1,
        "flow": 2,
        "weird.capture_truncated": 1,
    }.items():
        assert recorder.coverage[name] == count


def test_the_same_file_under_another_name_gives_the_same_events(pipeline: Pipeline, tmp_path: Path) -> None:
    recorder = FakeRecorder()
    with PassiveDoor(pipeline, recorder) as passive:
        for name in ("a.pcap", "b.pcap"):
            (tmp_path / name).write_bytes(f.pcap(talk("claude.ai")))
            passive.read_file(str(tmp_path / name))
    first, second = recorder.events[:2], recorder.events[2:]
    assert [event.id for event in first] == [event.id for event in second]


def test_reading_a_file_fails_where_recording_does(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(f.pcap(talk("chatgpt.com")))
    recorder = FakeRecorder(broken=True)
    with pytest.raises(WorkError, match="disk is full"), PassiveDoor(pipeline, recorder) as passive:
        passive.read_file(str(path))
    assert recorder.closed


def test_listening_takes_what_comes_until_it_is_told_to_stop(pipeline: Pipeline) -> None:
    recorder = FakeRecorder()
    capture = FakeInterface([talk("chatgpt.com")[:4], [], talk("chatgpt.com")[4:]], lost=7)
    with PassiveDoor(pipeline, recorder) as passive:
        passive.listen(capture, until=lambda: not capture.portions)
    assert kinds(recorder) == [("flow", "openai.chatgpt"), ("closing", "openai.chatgpt")]
    assert recorder.coverage["frame_dropped"] == 7


def test_listening_ends_after_so_many_frames(pipeline: Pipeline) -> None:
    with PassiveDoor(pipeline, FakeRecorder()) as passive:
        frames = talk("chatgpt.com")
        passive.listen(FakeInterface([frames[:2], frames]), until=lambda: False, count=5)
    assert passive.frames == 5


def test_listening_ends_after_so_many_seconds(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(door.time, "monotonic", lambda: next(clock))
    capture = FakeInterface([])
    recorder = FakeRecorder()
    with PassiveDoor(pipeline, recorder) as passive:
        passive.listen(capture, until=lambda: False, duration_s=20.0)
    assert len(capture.waited) == 18 and capture.waited[-1] == door._READ_S


def test_two_runs_on_an_interface_have_keys_of_their_own(pipeline: Pipeline) -> None:
    recorder = FakeRecorder()
    with PassiveDoor(pipeline, recorder) as passive:
        for _ in range(2):
            passive.listen(FakeInterface([talk("chatgpt.com")]), until=lambda: False, count=8)
    assert len({event.id for event in recorder.events}) == 4


def test_on_a_live_interface_what_cannot_be_recorded_is_counted(pipeline: Pipeline) -> None:
    recorder = FakeRecorder(broken=True)
    passive = PassiveDoor(pipeline, recorder)
    capture = FakeInterface([talk("chatgpt.com"), []])
    passive.listen(capture, until=lambda: not capture.portions)
    assert recorder.coverage["event_dropped"] == 2


def test_on_a_live_interface_the_door_does_not_wait_for_a_recorder_that_is_behind(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MAX_WAITING", 3)
    recorder = FakeRecorder(behind=True)
    passive = PassiveDoor(pipeline, recorder)
    capture = FakeInterface([talk("chatgpt.com", port) for port in (1, 2, 3)])
    passive.listen(capture, until=lambda: not capture.portions)
    assert len(recorder.events) == 3 and recorder.coverage["event_dropped"] == 3
    for future in recorder.open:
        future.set_result(None)
    passive.finish()


@pytest.mark.slow
def test_a_door_opened_in_a_home_records_there(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(f.pcap(talk("chatgpt.com")))
    home = open_home(str(tmp_path / "home"))
    for _ in range(2):
        with open_door(home) as passive:
            passive.read_file(str(path))
        assert passive.events == 2
    from reports.load import load_report

    (row,) = load_report(home).rows
    assert (row.app, row.events, row.doors) == ("openai.chatgpt", 1, ("span",))
