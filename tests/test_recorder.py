"""The recorder: durable before acknowledged, one per home, and found again when it dies."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

import sensor.recorder
from sensor.config import Home, open_home
from sensor.entries import read_entry
from sensor.errors import WorkError
from sensor.model import Status
from sensor.recorder import open_recorder
from sensor.store import Store
from sensor.store.frames import MAX_FRAME, frame
from sensor.store.keys import load_verifier
from sensor.store.schema import open_for_reading
from sensor.store.verify import verify
from tests.store.logs import NOON, event, review

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20.0


@pytest.fixture
def home(tmp_path) -> Home:
    return open_home(str(tmp_path / "home"))


@pytest.fixture
def recorder(home):
    with open_recorder(home, role=None) as opened:
        yield opened


def ids(home):
    connection = open_for_reading(home.database)
    try:
        return {row[0].hex() for row in connection.execute("SELECT id FROM event")}
    finally:
        connection.close()


def entry_types(home):
    connection = open_for_reading(home.database)
    try:
        return [read_entry(body) for (body,) in connection.execute("SELECT body FROM entry ORDER BY idx")]
    finally:
        connection.close()


def assert_verifies(home):
    connection = open_for_reading(home.database)
    try:
        found = verify(connection, load_verifier(home.keys))
    finally:
        connection.close()
    assert found.ok, found.problems
    return found


def wait_for(condition):
    """Wait until something is so that another thread or process brings about."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)


def start_process(code: str, *args: str) -> subprocess.Popen[str]:
    """Another process of this project, which talks over its stdin and stdout."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *args],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def end_process(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def stop_process(process: subprocess.Popen[str]) -> None:
    """Have a process hang, and wait until it does."""
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)


# A process that is the recorder of a home until its stdin ends.
HOLDER = """
    import sys
    from sensor.config import open_home
    from sensor.recorder import open_recorder
    recorder = open_recorder(open_home(sys.argv[1]), role="holder")
    print("recorder" if recorder.is_recorder else "client", flush=True)
    for line in sys.stdin:
        print(sorted(f"{app}={status}" for app, status in recorder.statuses().items()), flush=True)
    recorder.close()
    print("closed", flush=True)
"""


@pytest.fixture
def holder(home):
    """Another process that is the recorder."""
    process = start_process(HOLDER, str(home.path))
    assert process.stdout.readline() == "recorder\n"
    yield process
    end_process(process)


# --- alone ------------------------------------------------------------------------------------------------


def test_what_is_acknowledged_is_in_the_file(home, recorder):
    """When the future is done another reader of the file finds entry, row, sums and checkpoint."""
    recorder.submit([event(0), event(1)]).result(PATIENCE)
    with Store(home.database) as store:
        assert store.size == 2
        assert [found.id for found in store.recent_events()] == [event(1).id, event(0).id]
        assert store.totals().events == 2
        assert store.origin == recorder.origin
    assert_verifies(home)


def test_start_and_stop_are_recorded(home):
    """A process with a role leaves its start, with hashes, and its stop; one without leaves none."""
    with open_recorder(home, role="proxy", policy_hash="aa", catalogue_hash="bb", clock=lambda: NOON):
        pass
    with open_recorder(home, role=None):
        pass
    start, stop = entry_types(home)
    assert (start.type, stop.type) == ("start", "stop")
    assert {name: start.fields[name] for name in ("role", "ts", "policy_hash", "catalogue_hash")} == {
        "role": "proxy", "ts": NOON, "policy_hash": "aa", "catalogue_hash": "bb"
    }  # fmt: skip
    assert stop.fields["run"] == start.fields["run"]
    assert stop.fields["reason"] == "closed"
    assert (home.keys / "log.vkey").exists()


def test_an_event_is_recorded_once_over_restarts(home):
    """The same event in another run is acknowledged and not appended."""
    for _ in range(2):
        with open_recorder(home, role=None) as recorder:
            recorder.submit([event(0), event(1)]).result(PATIENCE)
    assert assert_verifies(home).entries == 2


def test_record_awaits_durability_without_blocking_the_loop(home, recorder):
    """Many coroutines record at once; each finds its event in the file when it goes on."""

    async def one(n):
        await recorder.record([event(n)])
        return event(n).id in ids(home)

    async def main():
        return await asyncio.gather(*(one(n) for n in range(30)))

    assert asyncio.run(main()) == [True] * 30


def test_who_stops_waiting_does_not_unmake_the_record(home, recorder):
    """A cancelled wait leaves the record on its way."""

    async def main():
        task = asyncio.create_task(recorder.record([event(0)]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    recorder.submit([event(1)]).result(PATIENCE)
    assert ids(home) == {event(0).id, event(1).id}


def test_a_record_that_cannot_stand_in_the_log_fails_alone(home, recorder):
    """One bad event fails its own submission, and none of those committed with it."""
    futures = [recorder.submit([event(n)] if n != 5 else [event(5, id="zz")]) for n in range(10)]
    for n, future in enumerate(futures):
        if n == 5:
            with pytest.raises(WorkError, match="cannot stand in the log"):
                future.result(PATIENCE)
        else:
            future.result(PATIENCE)
    assert len(ids(home)) == 9


@pytest.mark.slow
def test_a_value_that_the_database_will_not_take_fails_alone(home, recorder):
    """Sums beyond what SQLite holds fail the submission that brings them about, not its neighbours."""
    huge = [event(100 + n, app="a.b", user="x", device="y", bytes_up=2**52) for n in range(2_049)]
    futures = [recorder.submit([event(0)]), recorder.submit(huge), recorder.submit([event(1)])]
    futures[0].result(PATIENCE)
    with pytest.raises(WorkError, match="cannot record"):
        futures[1].result(PATIENCE)
    futures[2].result(PATIENCE)
    assert ids(home) == {event(0).id, event(1).id}
    assert_verifies(home)


def test_nothing_is_nothing(recorder):
    """An empty submission is done."""
    recorder.submit([]).result(PATIENCE)


def test_after_close(home):
    """A closed recorder fails what is submitted, says so, and may be closed again."""
    recorder = open_recorder(home, role=None)
    recorder.close()
    recorder.close()
    with pytest.raises(WorkError, match="closed"):
        recorder.submit([event(0)]).result(0)
    with pytest.raises(WorkError, match="closed"):
        recorder.review(review())
    assert recorder.statuses() == {}


def test_close_waits_for_what_is_pending(home):
    """What was submitted before is durable after."""
    recorder = open_recorder(home, role=None)
    futures = [recorder.submit([event(n)]) for n in range(200)]
    recorder.close()
    for future in futures:
        future.result(0)
    assert len(ids(home)) == 200


# --- when it cannot be written ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_full_disk_is_told_to_who_submits(home, recorder):
    """A database that cannot grow fails the submission; with room again recording goes on."""
    recorder.submit([event(0)]).result(PATIENCE)
    connection = recorder._backend._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(WorkError, match="full") as caught:
        recorder.submit([event(n) for n in range(1, 400)]).result(PATIENCE)
    assert "Make room" in str(caught.value)
    connection.execute("PRAGMA max_page_count=1073741823")
    recorder.submit([event(n) for n in range(1, 400)]).result(PATIENCE)
    assert assert_verifies(home).entries == 400


def test_a_disk_that_is_really_full(tmp_path, need_root):
    """The same on a file system of 1 MB that runs full: told, nothing acknowledged is lost, the log whole."""
    need_root()
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        home = open_home(str(place / "home"))
        acknowledged = set()
        with open_recorder(home, role=None) as recorder:
            for n in range(10_000):
                try:
                    recorder.submit([event(n * 10 + k) for k in range(10)]).result(PATIENCE)
                except WorkError as error:
                    assert "full" in str(error)
                    break
                acknowledged |= {event(n * 10 + k).id for k in range(10)}
            else:
                raise AssertionError("the disk was never full")
        assert acknowledged == ids(home)
        assert_verifies(home)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_database_that_another_program_locks(home, recorder, monkeypatch):
    """Told after a bounded wait, for events, reviews and counters alike; then recording goes on."""
    recorder.submit([event(0)]).result(PATIENCE)
    recorder._backend._connection.execute("PRAGMA busy_timeout=20")
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for submit in (
        lambda: recorder.submit([event(1)]).result(PATIENCE),
        lambda: recorder.review(review()),
        lambda: recorder.submit_coverage({"flow": 1}).result(PATIENCE),
    ):
        with pytest.raises(WorkError, match="locked") as caught:
            submit()
        assert "Another program" in str(caught.value)
    other.execute("ROLLBACK")
    other.close()
    recorder.submit([event(1)]).result(PATIENCE)


def test_a_database_that_cannot_be_written(home):
    """A read-only connection is told as such."""
    with open_recorder(home, role=None) as recorder:
        recorder.submit([event(0)]).result(PATIENCE)
        recorder._backend._connection.execute("PRAGMA query_only=ON")
        with pytest.raises(WorkError, match="readonly") as caught:
            recorder.submit([event(1)]).result(PATIENCE)
        assert "writable" in str(caught.value)
        recorder._backend._connection.execute("PRAGMA query_only=OFF")


def test_a_start_that_cannot_be_recorded(home, monkeypatch):
    """Where not even the start can be written, opening fails, and the home is free for the next one."""
    from sensor.store.log import Log

    with monkeypatch.context() as patch:

        def fail(*_):
            raise sqlite3.OperationalError("attempt to write a readonly database")

        patch.setattr(Log, "append", fail)
        with pytest.raises(WorkError, match="readonly"):
            open_recorder(home, role="proxy")
    with open_recorder(home, role="proxy") as recorder:
        assert recorder.is_recorder


def test_a_database_that_was_replaced(home, recorder):
    """Writes to a file that is no longer the database are errors, not losses."""
    recorder.submit([event(0)]).result(PATIENCE)
    home.database.rename(home.path / "moved.db")
    with pytest.raises(WorkError, match="moved, deleted or replaced"):
        recorder.submit([event(1)]).result(PATIENCE)
    with pytest.raises(WorkError, match="moved, deleted or replaced"):
        recorder.submit_coverage({"flow": 1}).result(PATIENCE)
    (home.path / "moved.db").rename(home.database)
    recorder.submit([event(1)]).result(PATIENCE)


def test_a_damaged_log_is_not_gone_on_with(home):
    """Opening says what is wrong and how to look at it."""
    with open_recorder(home, role=None) as recorder:
        recorder.submit([event(0)]).result(PATIENCE)
    connection = sqlite3.connect(home.database)
    connection.execute("DELETE FROM entry")
    connection.commit()
    connection.close()
    with pytest.raises(WorkError, match="damaged") as caught:
        open_recorder(home)
    assert "gnomon audit verify" in str(caught.value)


def test_a_verifier_key_that_cannot_be_written_is_tried_again(home, monkeypatch):
    """What is recorded is acknowledged though the verifier key's file could not be written yet."""
    failures = [OSError(28, "No space left on device")]
    publish = sensor.recorder.publish_verifier

    def fail_once(keys, signer):
        if failures:
            raise failures.pop()
        publish(keys, signer)

    monkeypatch.setattr(sensor.recorder, "publish_verifier", fail_once)
    with open_recorder(home, role=None) as recorder:
        recorder.submit([event(0)]).result(PATIENCE)
        assert not (home.keys / "log.vkey").exists()
        recorder.submit([event(1)]).result(PATIENCE)
        assert (home.keys / "log.vkey").exists()


def test_a_home_that_cannot_be_written(tmp_path):
    """No home, no recorder: an error with what to do."""
    with pytest.raises(WorkError, match="cannot write in the home") as caught:
        open_recorder(Home(tmp_path / "nowhere"))
    assert "--home" in str(caught.value)


def test_submitting_waits_for_room_and_then_fails(home, recorder, monkeypatch):
    """More than the bound waits; when nothing moves in time, the future fails: nothing is dropped."""
    monkeypatch.setattr(sensor.recorder, "MAX_PENDING", 10)
    monkeypatch.setattr(sensor.recorder, "SUBMIT_TIMEOUT_S", 0.05)
    recorder.submit([event(0)]).result(PATIENCE)
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    first = recorder.submit([event(n) for n in range(1, 10)])
    second = recorder.submit([event(10), event(11)])
    with pytest.raises(WorkError, match="behind"):
        second.result(0)

    async def main():
        with pytest.raises(WorkError, match="behind"):
            await recorder.record([event(12), event(13)])

    asyncio.run(main())
    other.execute("ROLLBACK")
    other.close()
    first.result(PATIENCE)
    monkeypatch.setattr(sensor.recorder, "SUBMIT_TIMEOUT_S", PATIENCE)
    futures = [recorder.submit([event(20 + n)] * 3) for n in range(50)]
    for future in futures:
        future.result(PATIENCE)
    # More than the bound at once is taken where nothing else is pending.
    recorder.submit([event(100 + n) for n in range(30)]).result(PATIENCE)


# --- several processes ------------------------------------------------------------------------------------


def test_two_recorders_of_one_home_are_one(home):
    """The second sends to the first; both are acknowledged, and there is one log."""
    with open_recorder(home, role="first") as first, open_recorder(home, role="second") as second:
        assert (first.is_recorder, second.is_recorder) == (True, False)
        assert second.origin == first.origin
        futures = [(first if n % 2 else second).submit([event(n)]) for n in range(40)]
        for future in futures:
            future.result(PATIENCE)
        assert len(ids(home)) == 40
    types = [
        (entry.type, entry.fields.get("role"), entry.fields.get("reason")) for entry in entry_types(home)
    ]
    assert [found for found in types if found[0] != "event"] == [
        ("start", "first", None),
        ("start", "second", None),
        ("stop", "second", "closed"),
        ("stop", "first", "closed"),
    ]
    assert_verifies(home)


@pytest.mark.slow
def test_another_process_is_the_recorder(home, holder):
    """Submissions of every kind cross the socket, a large one in several frames."""
    with open_recorder(home, role="client") as client:
        assert not client.is_recorder
        many = [event(n, reason="x" * 1000) for n in range(3_000)]
        client.submit(many).result(PATIENCE)
        client.submit([]).result(PATIENCE)
        client.review(review())
        client.submit_coverage({"flow": 3}).result(PATIENCE)
        assert client.statuses() == {"openai.chatgpt": Status.SANCTIONED}
        with Store(home.database) as store:
            assert store.coverage() == {"flow": 3}
        with pytest.raises(WorkError, match="cannot stand in the log"):
            client.submit([event(9_000, id="zz")]).result(PATIENCE)
        assert len(ids(home)) == 3_000

        async def main():
            await client.record([event(5_000)])

        asyncio.run(main())
    assert event(5_000).id in ids(home)
    assert assert_verifies(home).entries == 3_000 + 1 + 1 + 3  # review, last event, two starts and a stop


def test_a_review_reaches_every_process(home, holder):
    """A review by any process is in force in all of them, without a restart."""
    told: list[dict[str, Status]] = []
    with open_recorder(home, role=None) as client, open_recorder(home, role=None) as other:
        client.on_statuses(told.append)
        other.review(review("deepseek.chat", status=Status.UNSANCTIONED))
        wait_for(lambda: told)
        assert told == [{"deepseek.chat": Status.UNSANCTIONED}] == [client.statuses()]
        holder.stdin.write("statuses?\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "['deepseek.chat=unsanctioned']\n"
    # One who comes later knows it as well.
    with open_recorder(home, role=None) as late:
        assert late.statuses() == {"deepseek.chat": Status.UNSANCTIONED}


def test_a_status_expires_in_every_process(home):
    """When a review's time is over everyone is told, by the clock alone."""
    now = [NOON]
    told: list[dict[str, Status]] = []
    with (
        open_recorder(home, role=None, clock=lambda: now[0]) as first,
        open_recorder(home, role=None) as second,
    ):
        second.on_statuses(told.append)
        first.review(review(until="2026-11-24T12:00:00.2Z"))
        wait_for(lambda: len(told) == 1)
        now[0] = NOON + 1
        wait_for(lambda: len(told) == 2)
        assert told == [{"openai.chatgpt": Status.SANCTIONED}, {}]
        assert first.statuses() == {} == second.statuses()


def test_a_callback_that_fails_harms_nobody(home, recorder, capsys):
    """The type of its error is shown; the record is made, and the other callbacks are told."""
    told: list[dict[str, Status]] = []

    def fail(_):
        raise RuntimeError("a fault of the caller")

    recorder.on_statuses(fail)
    recorder.on_statuses(told.append)
    recorder.review(review())
    assert told == [{"openai.chatgpt": Status.SANCTIONED}]
    said = capsys.readouterr().err
    assert "RuntimeError" in said and "a fault of the caller" not in said
    recorder.submit([event(0)]).result(PATIENCE)


def test_a_recorder_that_closes_hands_over(home):
    """When the recorder closes, a client becomes it and nothing is lost or doubled."""
    first = open_recorder(home, role=None)
    with open_recorder(home, role=None) as second:
        stop = threading.Event()
        futures: list[Future[None]] = []

        def submit():
            n = 0
            while not stop.is_set():
                futures.append(second.submit([event(n)]))
                n += 1
                stop.wait(0.0005)

        thread = threading.Thread(target=submit)
        thread.start()
        wait_for(lambda: len(futures) > 20)
        first.close()
        wait_for(lambda: second.is_recorder)
        at = len(futures)
        wait_for(lambda: len(futures) > at + 20)
        stop.set()
        thread.join()
        for future in futures:
            future.result(PATIENCE)
        assert len(ids(home)) == len(futures)
    assert_verifies(home)


def test_a_recorder_that_dies_is_replaced(home, holder):
    """After kill -9 of the recorder its clients find or become the next one; nothing submitted is lost."""
    with open_recorder(home, role="a") as one, open_recorder(home, role="b") as two:
        futures = [client.submit([event(n)]) for n in range(100) for client in (one, two)]
        holder.kill()
        futures += [client.submit([event(n + 1000)]) for n in range(100) for client in (one, two)]
        for future in futures:
            future.result(PATIENCE)
        assert len(ids(home)) == 200
        assert sorted([one.is_recorder, two.is_recorder]) == [False, True]
    starts = [entry.fields["role"] for entry in entry_types(home) if entry.type == "start"]
    stops = [entry.fields["role"] for entry in entry_types(home) if entry.type == "stop"]
    assert sorted(starts) == ["a", "b", "holder"]
    assert sorted(stops) == ["a", "b"]  # the start without a stop is the crash
    assert_verifies(home)


def test_statuses_are_told_after_a_change_of_recorder(home, holder):
    """What a client knew stays known, and a review is told, though another process records now."""
    told: list[dict[str, Status]] = []
    with open_recorder(home, role=None) as client:
        client.review(review())
        client.on_statuses(told.append)
        holder.kill()
        wait_for(lambda: client.is_recorder)
        assert client.statuses() == {"openai.chatgpt": Status.SANCTIONED}
        client.review(review("deepseek.chat", ts=NOON + 5))
        assert len(told[-1]) == 2


def test_a_client_that_dies_is_put_down(home):
    """A process that went without a word leaves a stop that says so."""
    with open_recorder(home, role=None):
        process = start_process(HOLDER, str(home.path))
        assert process.stdout.readline() == "client\n"
        end_process(process)
        wait_for(lambda: len(entry_types(home)) == 2)
    assert [(entry.type, entry.fields.get("reason")) for entry in entry_types(home)] == [
        ("start", None), ("stop", "connection lost")
    ]  # fmt: skip


@pytest.mark.slow
def test_a_hanging_recorder_is_not_waited_for(home, holder, monkeypatch):
    """A recorder that is there and does not answer: opening, and what is pending, fail in bounded time."""
    for name in ("OPEN_TIMEOUT_S", "ANSWER_TIMEOUT_S", "REACH_TIMEOUT_S"):
        monkeypatch.setattr(sensor.recorder, name, 0.2)
    monkeypatch.setattr(sensor.recorder, "_PATIENCE_MS", 20)
    client = open_recorder(home, role=None)
    try:
        stop_process(holder)
        pending = client.submit([event(0)])
        with pytest.raises(WorkError, match="does not answer"):
            open_recorder(home, role=None)
        with pytest.raises(WorkError, match="does not answer"):
            pending.result(PATIENCE)
        with pytest.raises(WorkError, match="does not answer"):
            client.submit([event(1)]).result(PATIENCE)
        monkeypatch.undo()
        holder.send_signal(signal.SIGCONT)
        wait_for(lambda: client._backend is not None)
        client.submit([event(2)]).result(PATIENCE)
    finally:
        holder.send_signal(signal.SIGCONT)
        client.close()
    assert event(2).id in ids(home)


def test_closing_while_no_recorder_is_there(home, holder, monkeypatch):
    """A client whose recorder hangs can still be closed; what was pending fails."""
    monkeypatch.setattr(sensor.recorder, "ANSWER_TIMEOUT_S", 0.1)
    monkeypatch.setattr(sensor.recorder, "CLOSE_TIMEOUT_S", 0.3)
    monkeypatch.setattr(sensor.recorder, "_PATIENCE_MS", 20)
    client = open_recorder(home, role=None)
    stop_process(holder)
    pending = client.submit([event(0)])
    client.close()
    with pytest.raises(WorkError):
        pending.result(0)
    holder.send_signal(signal.SIGCONT)


@pytest.mark.slow
def test_a_recorder_that_cannot_begin_tells_its_clients(home, holder, monkeypatch):
    """A client's start that cannot be recorded is an error with its reason, not a silence."""
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(WorkError, match="locked"):
            open_recorder(home, role="client")
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_home_with_a_long_path(tmp_path):
    """A path that no Unix socket takes: the socket stands elsewhere, and is found and taken away again."""
    home = open_home(str(tmp_path / ("deep" * 20) / ("er" * 40)))
    with open_recorder(home, role=None) as first, open_recorder(home, role=None) as second:
        assert not second.is_recorder
        second.submit([event(0)]).result(PATIENCE)
        place = Path((home.path / "recorder.addr").read_text())
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert first.is_recorder
    assert not place.parent.exists()
    assert not (home.path / "recorder.addr").exists()


def test_the_socket_is_private(home, recorder):
    """Only the home's owner may submit."""
    assert stat.S_IMODE(os.stat(home.path / "recorder.sock").st_mode) == 0o600


@pytest.mark.slow
def test_a_child_made_by_fork_has_no_recorder(home):
    """A forked child does not keep its parent's lock or socket: when the parent dies, others take over."""
    process = start_process(
        """
        import os, sys, time
        from sensor.config import open_home
        from sensor.recorder import open_recorder
        home = open_home(sys.argv[1])
        recorder = open_recorder(home, role=None)
        remote = open_recorder(home, role=None)
        if os.fork() == 0:
            for one in (recorder, remote):
                try:
                    one.submit([]).result(0)
                except Exception as error:
                    print(error, flush=True)
            print(os.getpid(), flush=True)
            time.sleep(60)
        sys.stdin.readline()
        """,
        str(home.path),
    )
    said = [process.stdout.readline() for _ in range(3)]
    assert said[:2] == ["the recorder is closed\n"] * 2
    try:
        with open_recorder(home, role=None) as client:
            assert not client.is_recorder
            process.kill()
            client.submit([event(0)]).result(PATIENCE)
            assert client.is_recorder
    finally:
        os.kill(int(said[2]), signal.SIGKILL)
        process.communicate()


# --- hostile clients --------------------------------------------------------------------------------------

HELLO = {"kind": "hello", "protocol": 1, "run": "x", "role": None}
GARBAGE = {
    "nothing": b"",
    "noise": random.Random(3).randbytes(5_000),
    "zeros": bytes(100),
    "a frame too long": (MAX_FRAME + 1).to_bytes(4, "big") + b"x" * 1000,
    "half a frame": frame(HELLO)[:10],
    "no object": b"\x00\x00\x00\x02[]",
    "no hello": frame({"kind": "events", "number": 1, "events": []}),
    "another protocol": frame({**HELLO, "protocol": 99}),
    "a hello without a run": frame({"kind": "hello", "protocol": 1}),
    "a hello with a bad role": frame({**HELLO, "role": 5}),
    "a bad hash": frame({**HELLO, "role": "x", "version": "1", "policy_hash": []}),
    "no number": frame(HELLO) + frame({"kind": "events", "events": []}),
    "no list": frame(HELLO) + frame({"kind": "events", "number": 1, "events": 5}),
    "an unknown kind": frame(HELLO) + frame({"kind": "dance", "number": 1}),
    "a bad review": frame(HELLO) + frame({"kind": "review", "number": 1, "review": {"app": 5}}),
    "bad counters": frame(HELLO) + frame({"kind": "coverage", "number": 1, "counters": {"flow": "many"}}),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_on_the_socket_ends_its_own_connection_only(home, name):
    """Whoever breaks the form is hung up on; a client beside it does not notice."""
    with open_recorder(home, role=None), open_recorder(home, role=None) as good:
        bad = socket.socket(socket.AF_UNIX)
        bad.settimeout(PATIENCE)
        bad.connect(str(home.path / "recorder.sock"))
        bad.sendall(GARBAGE[name])
        bad.shutdown(socket.SHUT_WR)
        try:
            while bad.recv(65_536):
                pass
        except ConnectionResetError:
            pass
        bad.close()
        good.submit([event(0)]).result(PATIENCE)
    assert ids(home) == {event(0).id}
    assert_verifies(home)


def test_one_bad_event_in_a_frame_is_answered(home, recorder):
    """A well-formed frame with an event that cannot be read gets an error under its number."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(str(home.path / "recorder.sock"))
    client.sendall(frame(HELLO) + frame({"kind": "events", "number": 7, "events": [{"id": 5}]}))
    said = b""
    while b'"number":7' not in said:
        said += client.recv(65_536)
    assert b"cannot stand in the log" in said
    client.close()


def test_one_who_does_not_say_hello_is_hung_up_on(home, monkeypatch):
    """A connection that stays silent does not stay."""
    monkeypatch.setattr("sensor.store.server.HELLO_TIMEOUT_S", 0.05)
    with open_recorder(home, role=None):
        silent = socket.socket(socket.AF_UNIX)
        silent.settimeout(PATIENCE)
        silent.connect(str(home.path / "recorder.sock"))
        assert silent.recv(1) == b""
        silent.close()


def test_more_connections_than_there_is_room_for(home, monkeypatch):
    """Beyond the bound new connections are closed at once; those that are there go on."""
    monkeypatch.setattr("sensor.store.server.MAX_CLIENTS", 1)
    with open_recorder(home, role=None), open_recorder(home, role=None) as client:
        extra = socket.socket(socket.AF_UNIX)
        extra.settimeout(PATIENCE)
        extra.connect(str(home.path / "recorder.sock"))
        assert extra.recv(1) == b""
        extra.close()
        client.submit([event(0)]).result(PATIENCE)


def test_one_who_does_not_read_is_hung_up_on(home, monkeypatch):
    """A client that reads nothing of what it is told loses its connection before memory does."""
    monkeypatch.setattr("sensor.store.server.MAX_UNREAD", 1_000)
    with open_recorder(home, role=None) as recorder:
        deaf = socket.socket(socket.AF_UNIX)
        deaf.settimeout(PATIENCE)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        deaf.connect(str(home.path / "recorder.sock"))
        deaf.sendall(frame(HELLO))
        server = recorder._backend._server
        wait_for(lambda: any(client.is_welcome for client in list(server._clients)))
        for _ in range(100):
            server.tell_statuses({f"app{n}": "sanctioned" for n in range(200)})
        wait_for(lambda: not server._clients)
        deaf.close()
        recorder.submit([event(0)]).result(PATIENCE)


def test_one_who_sends_faster_than_the_disk_waits(home, monkeypatch):
    """Beyond the bound of unanswered bytes nothing more is read from a client until something is durable."""
    monkeypatch.setattr("sensor.store.server.MAX_UNANSWERED", 2_000)
    with open_recorder(home, role=None), open_recorder(home, role=None) as client:
        futures = [client.submit([event(n)]) for n in range(200)]
        for future in futures:
            future.result(PATIENCE)
    assert len(ids(home)) == 200


def test_a_recorder_that_answers_nonsense_is_left(home, monkeypatch):
    """A socket that says something else than welcome is no recorder."""
    from sensor.store.address import try_lock

    monkeypatch.setattr(sensor.recorder, "OPEN_TIMEOUT_S", 0.2)
    lock = try_lock(home)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(home.path / "recorder.sock"))
    listener.listen()
    for answer, words in (
        (b"\x00\x00\x00\x02[]", "does not answer"),
        (frame({"kind": "error", "error": "no room here"}), "no room here"),
        (frame({"kind": "ack"}), "did not say welcome"),
    ):
        stop = threading.Event()

        def serve(answer=answer, stop=stop):
            listener.settimeout(0.05)
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.sendall(answer)
                    connection.recv(65_536)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(WorkError, match=words):
            open_recorder(home, role=None)
        stop.set()
        thread.join()
    listener.close()
    os.close(lock)


def test_a_socket_that_cannot_be_made(home, monkeypatch):
    """A recorder that cannot listen is none: the error says where, and the lock is free again."""
    with monkeypatch.context() as patch:

        def fail(*_):
            raise OSError(1, "Operation not permitted")

        patch.setattr(os, "fchmod", fail)
        with pytest.raises(WorkError, match="cannot listen in the home"):
            open_recorder(home, role=None)
    with open_recorder(home, role=None) as recorder:
        assert recorder.is_recorder


def test_a_home_whose_files_cannot_be_locked(home, monkeypatch):
    """A file system without locks (some network ones) is named as the reason."""
    import fcntl

    def fail(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(WorkError, match="No locks available") as caught:
        open_recorder(home, role=None)
    assert "local disk" in str(caught.value)


# --- kill -9 ----------------------------------------------------------------------------------------------

WRITERS = """
    import os, random, sys
    from sensor.config import open_home
    from sensor.recorder import open_recorder
    from tests.store.logs import event

    def write(seed):
        rng = random.Random(seed)
        recorder = open_recorder(open_home(sys.argv[1]), role="writer")
        n = seed * 1_000_000
        while True:
            batch = [event(n + k) for k in range(rng.choice((1, 1, 3, 20, 100)))]
            n += len(batch)
            said = "".join(f"ok {one.id}\\n" for one in batch).encode()
            recorder.submit(batch).add_done_callback(lambda future, said=said: os.write(1, said))

    # Imported once; each round is a fork of this process.
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            write(int(line))
        os.write(1, f"pid {child}\\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"gone\\n")
"""


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_acknowledged(home):
    """Killed 20 times in the middle: every acknowledged event is there, and the log is whole."""
    rng = random.Random(9)
    acknowledged: set[str] = set()
    process = start_process(WRITERS, str(home.path))
    try:
        for seed in range(20):
            process.stdin.write(f"{seed}\n")
            process.stdin.flush()
            pid, heard, enough = None, 0, rng.randrange(1, 200)
            while pid is None or heard < enough:
                word, _, rest = process.stdout.readline().strip().partition(" ")
                if word == "pid":
                    pid = int(rest)
                else:
                    acknowledged.add(rest)
                    heard += 1
            os.kill(pid, signal.SIGKILL)
            while (line := process.stdout.readline().strip()) != "gone":
                acknowledged.add(line.partition(" ")[2])
    finally:
        end_process(process)
    assert acknowledged <= ids(home)
    found = assert_verifies(home)
    assert found.entries >= len(acknowledged) + 20
    with open_recorder(home, role=None) as recorder:
        recorder.submit([event(-1)]).result(PATIENCE)
    assert_verifies(home)
