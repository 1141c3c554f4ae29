"""
Extraction as the rest of the product calls it: a file's text out of a process that may be killed at any time.

Promise: always an answer, within the wall time and a little more, with bounded memory in this process,
whatever the file does to its reader. What a child said before it was killed is kept.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from sensor.extract.frames import (
    END,
    FORMAT,
    HEADER,
    MAX_FRAME,
    PART,
    Untrue,
    pack_request,
    unpack_end,
    unpack_format,
    unpack_part,
)
from sensor.extract.model import Extraction, Limits, Part

__all__ = ["Extractor", "extract", "extract_async"]

_COMMAND = struct.Struct(">cI")
_START_S = 20.0
"""How long a fresh interpreter may take to load the readers."""
_GRACE_S = 0.5
"""Beyond the wall time, for a child that stops by itself and tells what it has."""
_OVERHEAD = 512
"""Bytes that a part may cost beside its text."""
_ROOT = str(Path(__file__).resolve().parent.parent.parent)


class _Nursery:
    """The process that forks workers (see ``child``), and the control socket to it."""

    def __init__(self, boot: str) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            paths = [_ROOT, *(path for path in sys.path if path and path != _ROOT)]
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", boot, str(theirs.fileno()), *paths],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),), start_new_session=True, cwd="/",
                env={"PATH": "/nonexistent", "LC_ALL": "C.UTF-8", "PYTHONMALLOC": "default"},
            )  # fmt: skip
            self.control = socket.socket(fileno=ours.detach())
        self.lock = threading.Lock()
        self.ready = False

    def _wait_until_ready(self) -> None:
        if not self.ready:
            self.control.settimeout(_START_S)
            if self.control.recv(1) != b"R":
                raise OSError("the child did not start")
            self.ready = True
            self.control.settimeout(5.0)

    def spawn(self, job: socket.socket) -> int:
        """A worker for a job; its process id."""
        with self.lock:
            self._wait_until_ready()
            socket.send_fds(self.control, [_COMMAND.pack(b"N", 0)], [job.fileno()])
            return self._answer()

    def bury(self, pid: int) -> int:
        """Reap a worker that was killed; how it ended, as ``waitpid`` says."""
        with self.lock:
            self.control.sendall(_COMMAND.pack(b"D", pid))
            return self._answer()

    def _answer(self) -> int:
        held = b""
        while len(held) < 4:
            piece = self.control.recv(4 - len(held))
            if not piece:
                raise OSError("the child is gone")
            held += piece
        found: int = struct.unpack(">I", held)[0]
        return found

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End it and every worker: they die with it."""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class _Job:
    """One file's worker, from the outside."""

    def __init__(self, nursery: _Nursery) -> None:
        self.nursery = nursery
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self.pid = nursery.spawn(theirs)
        except BaseException:
            ours.close()
            raise
        self.socket = ours
        self._lock = threading.Lock()
        self._buried = False

    def kill(self) -> None:
        """Now, whatever it does. Its id stays its own until it is buried."""
        with self._lock:
            if self._buried or not self.nursery.alive:
                return
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(self.pid, signal.SIGKILL)

    def finish(self) -> int | None:
        """Kill, reap, close; how it ended, where that is known."""
        self.kill()
        self.socket.close()
        with self._lock:
            if self._buried:
                return None
            self._buried = True
        try:
            return self.nursery.bury(self.pid)
        except OSError:
            return None


class Extractor:
    """
    Extraction with a nursery kept at hand; a context manager, safe to use from several threads.

    The first call (or ``start``) waits for the interpreter to load; every other costs a fork. ``parallel``
    files are read at a time; further ones wait for a place, at most for their wall time.
    """

    BOOT = (
        "import sys; sys.path[:0] = sys.argv[2:3]; sys.path += sys.argv[3:]\n"
        "from sensor.extract.child import main\nmain(int(sys.argv[1]))"
    )
    """What the nursery runs; tests put their own in its place."""

    def __init__(self, limits: Limits | None = None, *, parallel: int = 2) -> None:
        self.limits = limits if limits is not None else Limits()
        self._parallel = parallel
        self._places = threading.BoundedSemaphore(parallel)
        self._lock = threading.Lock()
        self._nursery: _Nursery | None = None
        self._threads: concurrent.futures.ThreadPoolExecutor | None = None
        self._closed = False

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Have the interpreter started and loading; does not wait for it."""
        self._current()

    def _current(self) -> _Nursery:
        with self._lock:
            if self._closed:
                raise OSError("the extractor is closed")
            if self._nursery is not None and not self._nursery.alive:
                self._nursery.close()
                self._nursery = None
            if self._nursery is None:
                self._nursery = _Nursery(self.BOOT)
            return self._nursery

    def close(self) -> None:
        """End the nursery and whatever it still reads."""
        with self._lock:
            self._closed = True
            nursery, self._nursery = self._nursery, None
            threads, self._threads = self._threads, None
        if nursery is not None:
            nursery.close()
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def extract(
        self,
        data: bytes | bytearray | memoryview | str | os.PathLike[str],
        *,
        name: str | None = None,
        content_type: str | None = None,
        limits: Limits | None = None,
    ) -> Extraction:
        """The text of a file, given as bytes or as a path. Never raises over a file."""
        return self._extract(data, name, content_type, limits or self.limits, _Ticket())

    async def extract_async(
        self,
        data: bytes | bytearray | memoryview | str | os.PathLike[str],
        *,
        name: str | None = None,
        content_type: str | None = None,
        limits: Limits | None = None,
    ) -> Extraction:
        """The same off the event loop; a task that is cancelled kills its worker."""
        with self._lock:
            if self._threads is None:
                self._threads = concurrent.futures.ThreadPoolExecutor(
                    max_workers=2 * self._parallel, thread_name_prefix="gnomon-extract"
                )
            threads = self._threads
        ticket = _Ticket()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                threads, self._extract, data, name, content_type, limits or self.limits, ticket
            )
        except asyncio.CancelledError:
            ticket.cancel()
            raise

    def _extract(
        self,
        data: bytes | bytearray | memoryview | str | os.PathLike[str],
        name: str | None,
        content_type: str | None,
        limits: Limits,
        ticket: _Ticket,
    ) -> Extraction:
        if isinstance(data, (bytes, bytearray, memoryview)):
            if memoryview(data).nbytes > limits.input_bytes:
                return _refused("too_large")
            return self._run(data, None, name, content_type, limits, ticket)
        try:
            descriptor = os.open(data, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return _refused("unreadable")
        try:
            known = os.fstat(descriptor)
            if not stat.S_ISREG(known.st_mode):
                return _refused("unreadable")
            if known.st_size > limits.input_bytes:
                return _refused("too_large")
            label = name if name is not None else os.path.basename(os.fspath(data))
            return self._run(None, descriptor, label, content_type, limits, ticket)
        finally:
            os.close(descriptor)

    def _run(
        self,
        data: bytes | bytearray | memoryview | None,
        descriptor: int | None,
        name: str | None,
        content_type: str | None,
        limits: Limits,
        ticket: _Ticket,
    ) -> Extraction:
        if not self._places.acquire(timeout=limits.wall_s):
            return _refused("timeout")
        try:
            if ticket.cancelled:
                return _refused("timeout")
            try:
                job = self._job()
            except OSError:
                return _refused("crashed")
            ticket.take(job)
            request = pack_request(
                limits, name, content_type, -1 if data is None else memoryview(data).nbytes
            )
            return _converse(job, request, data, descriptor, limits)
        finally:
            self._places.release()

    def _job(self) -> _Job:
        """A worker; from a new nursery where the old one is gone."""
        try:
            return _Job(self._current())
        except OSError:
            with self._lock:
                if self._nursery is not None:
                    self._nursery.close()
                    self._nursery = None
            return _Job(self._current())


class _Ticket:
    """Lets a cancelled task kill its worker, whenever it gets one."""

    def __init__(self) -> None:
        self.cancelled = False
        self._job: _Job | None = None
        self._lock = threading.Lock()

    def take(self, job: _Job) -> None:
        with self._lock:
            self._job = job
            cancelled = self.cancelled
        if cancelled:
            job.kill()

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            job = self._job
        if job is not None:
            job.kill()


def _refused(problem: str) -> Extraction:
    return Extraction(format="unknown", truncated=True, problems=(problem,))


def _converse(
    job: _Job,
    request: bytes,
    data: bytes | bytearray | memoryview | None,
    descriptor: int | None,
    limits: Limits,
) -> Extraction:
    """Send the file, take the parts, end the worker."""
    found = Extraction(format="unknown")
    parts: list[Part] = []
    problem: str | None = None
    ended = False
    deadline = time.monotonic() + limits.wall_s + _GRACE_S
    try:
        _send(job.socket, request, data, descriptor, deadline)
        ended = _listen(job.socket, found, parts, limits, deadline)
    except TimeoutError:
        problem = "timeout"
    except OSError:
        pass  # it died: how, its status tells
    except Untrue:
        problem = "crashed"
    status = job.finish()
    found.parts = tuple(parts)
    if not ended:
        if problem is None:
            by = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0
            problem = "timeout" if by == signal.SIGXCPU else "crashed"
        found.problems = (problem,)
        found.truncated = True
    return found


def _send(
    channel: socket.socket,
    request: bytes,
    data: bytes | bytearray | memoryview | None,
    descriptor: int | None,
    deadline: float,
) -> None:
    channel.settimeout(max(0.01, deadline - time.monotonic()))
    head = struct.pack(">I", len(request))
    if descriptor is not None:
        socket.send_fds(channel, [head], [descriptor])
    else:
        channel.sendall(head)
    channel.sendall(request)
    if data is not None:
        channel.sendall(data)


def _take(channel: socket.socket, size: int, deadline: float) -> bytes | None:
    """``size`` bytes; None where the other side has closed."""
    held = bytearray()
    while len(held) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        piece = channel.recv(min(size - len(held), 1 << 18))
        if not piece:
            return None
        held += piece
    return bytes(held)


def _listen(
    channel: socket.socket, found: Extraction, parts: list[Part], limits: Limits, deadline: float
) -> bool:
    """Frames until the end; whether it came. :raises Untrue: where a frame is not to be believed"""
    room = limits.text_bytes + _OVERHEAD * (limits.parts + 16)
    while True:
        head = _take(channel, HEADER.size, deadline)
        if head is None:
            return False
        kind, size = HEADER.unpack(head)
        room -= size
        if size > MAX_FRAME or room < 0:
            raise Untrue
        body = _take(channel, size, deadline)
        if body is None:
            return False
        if kind == PART:
            if len(parts) >= limits.parts:
                raise Untrue
            parts.append(unpack_part(body))
        elif kind == FORMAT:
            found.format = unpack_format(body)
        elif kind == END:
            found.truncated, found.problems, found.bytes_read = unpack_end(body)
            return True
        else:
            raise Untrue


def extract(
    data: bytes | bytearray | memoryview | str | os.PathLike[str],
    *,
    name: str | None = None,
    content_type: str | None = None,
    limits: Limits | None = None,
) -> Extraction:
    """
    The text of a file, given as bytes or as a path, read in a process of its own that ends with the call.

    Who reads many files keeps an ``Extractor``.
    """
    with Extractor(limits, parallel=1) as extractor:
        return extractor.extract(data, name=name, content_type=content_type)


async def extract_async(
    data: bytes | bytearray | memoryview | str | os.PathLike[str],
    *,
    name: str | None = None,
    content_type: str | None = None,
    limits: Limits | None = None,
) -> Extraction:
    """``extract`` off the event loop."""
    with Extractor(limits, parallel=1) as extractor:
        return await extractor.extract_async(data, name=name, content_type=content_type)
