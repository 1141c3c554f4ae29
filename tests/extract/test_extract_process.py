"""The parent and its children: always an answer, in time, with what was read, and no trace left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sensor.extract
from sensor.extract import Extraction, Extractor, Limits, extract, extract_async, sniff
from sensor.extract.model import FORMATS
from tests.extract.making import docx, docx_of, zipped

FAST = Limits(wall_s=1.0)


def boot(body: str) -> str:
    """
    A nursery whose reader is replaced by this body: it may use ``data``, ``emit``, ``on_format``, ``part``.
    """
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    return (
        "import sys; sys.path[:0] = sys.argv[2:3]; sys.path += sys.argv[3:]\n"
        "import os, time, socket, struct\n"
        "from sensor.extract import child\n"
        "from sensor.extract.model import Extraction, Part\n"
        "def part(text='found before'):\n    return Part(kind='body', where='here', text=text)\n"
        "def read_bytes(data, *, name, content_type, limits, emit, on_format):\n"
        f"{lines}\n"
        "    return Extraction(format='text', bytes_read=len(data))\n"
        "child.read_bytes = read_bytes\n"
        "child.main(int(sys.argv[1]))"
    )


def extractor_of(body: str, limits: Limits = FAST) -> Extractor:
    made = Extractor(limits)
    made.BOOT = boot(body)
    return made


@pytest.fixture(scope="module")
def warm() -> Iterator[Extractor]:
    with Extractor() as made:
        yield made


def test_a_document_is_read_in_a_child(warm: Extractor) -> None:
    data, places = docx()
    found = warm.extract(data)
    assert found.format == "docx" and found.problems == () and not found.truncated
    assert found.bytes_read == len(data)
    text = "\n".join(part.text for part in found.parts)
    assert places["body"][0] in text


@pytest.mark.slow
def test_the_same_without_a_warm_child() -> None:
    found = extract(docx_of("some words"), name="x.docx")
    assert [part.text for part in found.parts] == ["some words"]


def test_the_package_hands_on_its_calling_side() -> None:
    assert sensor.extract.Extractor is Extractor and callable(sensor.extract.extract)
    with pytest.raises(AttributeError, match="nothing"):
        _ = sensor.extract.nothing
    assert sniff(b"%PDF-1.7") == "pdf"


def test_bytes_like_and_paths(warm: Extractor, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"Name,SSN,Town\nx,123-45-6789,y\n")
    for given in (path, str(path)):
        found = warm.extract(given)
        assert found.format == "csv" and "SSN: 123-45-6789" in found.parts[0].text
    for like in (bytearray(b"plain words"), memoryview(b"plain words")):
        assert warm.extract(like).parts[0].text == "plain words"
    assert warm.extract(b"").format == "empty"


def test_what_is_no_regular_file_is_unreadable(warm: Extractor, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "none", tmp_path / "fifo", "/dev/zero", "a\0b"):
        found = warm.extract(path)
        assert found == Extraction(format="unknown", truncated=True, problems=("unreadable",))


def test_what_is_too_large_is_not_opened(warm: Extractor, tmp_path: Path) -> None:
    limits = Limits(input_bytes=100)
    path = tmp_path / "large"
    path.write_bytes(b"x" * 101)
    for given in (path, b"x" * 101):
        assert warm.extract(given, limits=limits).problems == ("too_large",)


@pytest.mark.slow
def test_a_hanging_child_is_killed_and_what_it_said_is_kept() -> None:
    with extractor_of("on_format('pdf'); emit(part()); time.sleep(99)") as made:
        begun = time.monotonic()
        found = made.extract(b"x")
        assert time.monotonic() - begun < 5
        assert found.format == "pdf" and found.problems == ("timeout",) and found.truncated
        assert [part.text for part in found.parts] == ["found before"]


@pytest.mark.slow
def test_a_child_that_is_killed_is_told_and_the_next_file_is_read() -> None:
    body = "emit(part(str(os.getpid())))\nif data == b'hang': time.sleep(99)"
    with extractor_of(body, Limits(wall_s=20.0)) as made:
        found: list[Extraction] = []
        thread = threading.Thread(target=lambda: found.append(made.extract(b"hang")))
        thread.start()
        pid = _worker_of(made)
        os.kill(pid, signal.SIGKILL)
        thread.join(10)
        assert found[0].problems == ("crashed",) and found[0].truncated
        assert made.extract(b"go on").problems == ()


def _worker_of(made: Extractor) -> int:
    """The process id of the worker that is at work."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        nursery = made._nursery
        if nursery is not None and nursery.ready:
            task = Path(f"/proc/{nursery.process.pid}/task/{nursery.process.pid}/children")
            children = task.read_text().split()
            if children:
                return int(children[0])
        time.sleep(0.01)
    raise AssertionError("no worker turned up")


@pytest.mark.slow
def test_a_nursery_that_is_killed_is_replaced() -> None:
    with Extractor() as made:
        assert made.extract(b"some words").problems == ()
        os.kill(made._nursery.process.pid, signal.SIGKILL)
        assert made.extract(b"some words").parts[0].text == "some words"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("os._exit(3)", "crashed"),
        ("emit(part()); os.abort()", "crashed"),
        ("x = bytearray(600_000_000)", "crashed"),
        ("while True: pass", "timeout"),
    ],
)
def test_how_a_child_ends_is_told(body: str, problem: str) -> None:
    with extractor_of(body, Limits(wall_s=8.0, cpu_s=1)) as made:
        found = made.extract(b"x")
        assert found.problems == (problem,) and found.truncated


LIES = {
    "a length of 4 GB": "_send(struct.pack('>BI', 2, 0xFFFFFFFF))",
    "a kind that is none": "_send(child.frame(9, b''))",
    "an unknown kind of part": "_send(child.frame(2, struct.pack('>BH', 5, 0) + b'virusx'))",
    "a part shorter than its head": "_send(child.frame(2, b'x'))",
    "an unknown format": "_send(child.frame(1, b'elephant'))",
    "an unknown problem": "_send(child.frame(3, b'[true, [\"elephant\"], 1]'))",
    "an end that is no JSON": "_send(child.frame(3, b'[' * 4000))",
    "bytes without a head": "_send(b'\\xff' * 9)",
    "parts without end": "while True: emit(part('x' * 100_000))",
    "empty parts without end": "while True: emit(part('x'))",
}


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_child_that_lies_is_not_believed(lie: str) -> None:
    send = "_send = emit.__closure__[0].cell_contents.sendall"
    with extractor_of(
        f"{send}\nemit(part())\n{lie}\ntime.sleep(99)", Limits(wall_s=20.0, text_bytes=1_000_000)
    ) as made:
        found = made.extract(b"x")
        assert found.problems == ("crashed",) and found.truncated
        assert found.parts[0].text == "found before" and found.format in FORMATS
        assert sum(len(part.text) for part in found.parts) < 12_000_000


@pytest.mark.slow
def test_a_worker_can_write_connect_and_start_nothing(tmp_path: Path) -> None:
    """Both layers: Python's audit hook, and beneath it the system-call filter, reached by ctypes."""
    body = f"""
import ctypes, errno
told = []
def attempt(name, call):
    try:
        call(); told.append(name + ' worked')
    except (OSError, PermissionError, ValueError) as error:
        told.append(name + ' refused')
attempt('write', lambda: open({str(tmp_path / "made")!r}, 'w'))
attempt('socket', lambda: socket.socket().connect(('127.0.0.1', 9)))
attempt('program', lambda: os.execv('/bin/true', ['true']))
attempt('fork', os.fork)
attempt('remove', lambda: os.remove({str(tmp_path)!r}))
if sys.platform == 'linux' and os.uname().machine in ('x86_64', 'aarch64'):
    libc = child._libc
    def raw(result):
        if result == -1: raise OSError(ctypes.get_errno(), 'x')
        if result == 0: os._exit(0)
    attempt('raw write', lambda: raw(libc.open({str(tmp_path / "made")!r}.encode(), 0o101, 0o600)))
    attempt('raw socket', lambda: raw(libc.socket(2, 1, 0)))
    attempt('raw fork', lambda: raw(libc.fork()))
    attempt('raw unlink', lambda: raw(libc.unlink({str(tmp_path / "kept")!r}.encode())))
emit(part(', '.join(told)))
"""
    (tmp_path / "kept").write_text("x")
    with Extractor(Limits(wall_s=10.0)) as made:
        made.BOOT = "import ctypes\n" + boot(body).replace(
            "child.main(", "child._libc = ctypes.CDLL(None, use_errno=True)\nchild.main("
        )
        found = made.extract(b"x")
    assert found.problems == () and "worked" not in found.parts[0].text
    assert found.parts[0].text.count("refused") >= 5
    assert sorted(os.listdir(tmp_path)) == ["kept"]


def test_the_event_loop_goes_on(warm: Extractor) -> None:
    async def main() -> tuple[Extraction, int]:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        found = await warm.extract_async(docx()[0])
        counting.cancel()
        return found, turns

    found, turns = asyncio.run(main())
    assert found.format == "docx" and turns > 3


@pytest.mark.slow
def test_extract_async_without_a_warm_child() -> None:
    assert asyncio.run(extract_async(b"some words", content_type="text/plain")).parts[0].text == "some words"


@pytest.mark.slow
def test_a_cancelled_task_kills_its_worker() -> None:
    with extractor_of("time.sleep(99)", Limits(wall_s=60.0)) as made:

        async def main() -> None:
            task = asyncio.create_task(made.extract_async(b"x"))
            worker = await asyncio.to_thread(_worker_of, made)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            deadline = time.monotonic() + 10
            while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            assert not Path(f"/proc/{worker}").exists()

        asyncio.run(main())


@pytest.mark.slow
def test_many_threads_and_a_few_places() -> None:
    with Extractor(parallel=3) as made:
        found: list[str] = []

        def one(number: int) -> None:
            found.append(
                made.extract(zipped({f"{n}.txt": f"words {number}" for n in range(20)})).parts[-1].text
            )

        threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(found) == sorted(f"words {number}" for number in range(12))


@pytest.mark.slow
def test_who_waits_for_a_place_too_long_is_told() -> None:
    with extractor_of("time.sleep(99)", Limits(wall_s=3.0)) as made:
        made._places = threading.BoundedSemaphore(1)
        threads = [threading.Thread(target=made.extract, args=(b"x",))]
        threads[0].start()
        _worker_of(made)
        assert made.extract(b"y", limits=Limits(wall_s=0.1)).problems == ("timeout",)
        threads[0].join(20)


@pytest.mark.slow
def test_nothing_is_left_behind() -> None:
    """No process, no descriptor."""
    before = len(os.listdir("/proc/self/fd"))
    with extractor_of("time.sleep(99)", Limits(wall_s=0.2)) as made:
        made.extract(b"x")
        nursery = made._nursery.process.pid
    assert not Path(f"/proc/{nursery}").exists()
    with pytest.raises(OSError):
        made._current()
    assert made.extract(b"x").problems == ("crashed",)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_child_is_given_nothing_of_this_process(warm: Extractor) -> None:
    """Neither its environment nor its descriptors beyond the sockets."""
    warm.extract(b"x")
    pid = warm._nursery.process.pid
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert {item.partition(b"=")[0] for item in environment if item} == {b"PATH", b"LC_ALL", b"PYTHONMALLOC"}
    open_files = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
    assert all(target.startswith(("socket:", "/dev/null")) for target in open_files)
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")


if not sys.platform.startswith("linux"):
    pytestmark = pytest.mark.skip(reason="looks into /proc")
