"""
The recorder: one process per home owns the audit log and the store; all others submit to it.

``open_recorder(home)`` gives a ``Recorder`` either way. Who gets the lock is the recorder and writes in its
own process; who does not sends over a Unix socket. When the recorder's process ends or dies, one of the
others becomes it and the rest find the new one; what was sent and not acknowledged is sent again (the log
knows events by their ids, so nothing is recorded twice). Callers see none of this but a pause.

Promises
    A future of ``submit`` is done when its events are durable: entries, event rows, sums and a signed
    checkpoint, in one transaction that is on the disk. It fails with ``WorkError`` where they could not be
    made so: disk full, database locked, nobody there to record.

Bounds
    ``open_recorder`` takes at most about ``OPEN_TIMEOUT_S``. ``MAX_PENDING`` events of one process may be
    submitted and not yet durable; then ``submit`` waits, at most ``SUBMIT_TIMEOUT_S``, and after that the
    future fails. ``record`` waits the same way without blocking the event loop. Another process that
    answers nothing for ``ANSWER_TIMEOUT_S`` counts as gone, and where none is found in ``REACH_TIMEOUT_S``
    what is pending fails. ``close`` waits at most ``CLOSE_TIMEOUT_S`` for what is pending.

Threads
    Everything may be called from any thread. Callbacks of ``on_statuses`` are called by the recorder's
    threads and must not wait for it. A child made by ``fork`` has no recorder: it opens its own.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import queue
import select
import socket
import sys
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sensor.config import Home
from sensor.entries import Randomness, Record, Start, Stop, to_json
from sensor.errors import Malformed, WorkError
from sensor.model import Event, Review, Status
from sensor.store.address import Listener, connect, try_lock
from sensor.store.frames import PROTOCOL, frame, frame_length, parse_frame, split_events
from sensor.store.keys import load_signer, publish_verifier
from sensor.store.log import Log
from sensor.store.reader import current_statuses, expires_at, newest_reviews
from sensor.store.schema import open_for_writing
from sensor.store.server import Server
from sensor.store.writer import Coverage, Job, Writer
from sensor.version import VERSION

__all__ = [
    "ANSWER_TIMEOUT_S",
    "CLOSE_TIMEOUT_S",
    "MAX_PENDING",
    "OPEN_TIMEOUT_S",
    "REACH_TIMEOUT_S",
    "SUBMIT_TIMEOUT_S",
    "Recorder",
    "open_recorder",
]

OPEN_TIMEOUT_S = 5.0
REACH_TIMEOUT_S = 5.0
SUBMIT_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 5.0
MAX_PENDING = 50_000

ANSWER_TIMEOUT_S = 10.0

_RETRY_S = 0.02
_PATIENCE_MS = 1_000
_MAX_REFRESH_S = 3_600.0


def open_recorder(
    home: Home,
    *,
    role: str | None = "gnomon",
    policy_hash: str | None = None,
    catalogue_hash: str | None = None,
    clock: Callable[[], float] = time.time,
    randomness: Randomness = os.urandom,
) -> Recorder:
    """
    The recorder of a home, or a way to it.

    ``role`` says what this process is (``proxy``, ``capture``); its start is recorded, with the hashes of its
    policy and catalogue, before this returns, and its stop by ``close``. ``None`` records neither: for a
    command that adds one record and ends.

    Raises ``WorkError`` where there is no home, the log is damaged, or nobody answers in ``OPEN_TIMEOUT_S``.
    """
    who = _Who(role, randomness(4).hex(), policy_hash, catalogue_hash)
    return Recorder(home, who, clock, randomness)


@dataclass(frozen=True, slots=True)
class _Who:
    """The process, as it is recorded."""

    role: str | None
    run: str
    policy_hash: str | None
    catalogue_hash: str | None


@dataclass(frozen=True, slots=True)
class _Item:
    """Something submitted and not yet durable."""

    number: int
    kind: str
    """``events``, ``review`` or ``coverage``."""
    payload: Any
    weight: int
    """How many events."""
    future: Future[None]


class Recorder:
    """See the module. Made by ``open_recorder``; a context manager."""

    def __init__(self, home: Home, who: _Who, clock: Callable[[], float], randomness: Randomness) -> None:
        self._home = home
        self._who = who
        self._clock = clock
        self._randomness = randomness
        self._changed = threading.Condition()  # its lock is re-entrant, and guards all that follows
        self._numbers = itertools.count(1)
        self._pending: OrderedDict[int, _Item] = OrderedDict()
        self._weight = 0
        self._callbacks: list[Callable[[dict[str, Status]], None]] = []
        self._telling = threading.RLock()
        self._told: dict[str, Status] = {}
        self._is_closing = self._is_closed = False
        self._is_started = False
        self._unreachable: WorkError | None = None
        self._backend: _Local | _Remote | None = None
        self._origin = ""
        self._take(self._attach(time.monotonic() + OPEN_TIMEOUT_S))
        _forget_in_children(self)

    # --- what callers use -------------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        """The log's name, ``gnomon/<8 hex>``: what an event's ``origin`` says."""
        return self._origin

    @property
    def is_recorder(self) -> bool:
        """Whether this process is the one that writes."""
        return isinstance(self._backend, _Local)

    def submit(self, events: Sequence[Event]) -> Future[None]:
        """
        Have events recorded, together and in order; the future is done when they are durable.

        Never raises: what cannot be done is the future's exception, a ``WorkError``.
        """
        return self._submit("events", tuple(events), len(events))

    async def record(self, events: Sequence[Event]) -> None:
        """Record events and wait until they are durable. Raises ``WorkError``."""
        events = tuple(events)
        future = self._offer("events", events, len(events))
        if future is None:
            future = await asyncio.to_thread(self.submit, events)
        await asyncio.wrap_future(future)

    def review(self, review: Review) -> None:
        """Record a review; it is in force when this returns. Raises ``WorkError``."""
        try:
            self._submit("review", review, 1).result(REACH_TIMEOUT_S + ANSWER_TIMEOUT_S)
        except TimeoutError as error:
            raise WorkError(
                "the recorder does not answer; whether the review is recorded is not known"
            ) from error

    def submit_coverage(self, counters: Mapping[str, int]) -> Future[None]:
        """Store this process's counters, in place of what it stored before. They are not part of the log."""
        return self._submit("coverage", dict(counters), 1)

    def statuses(self) -> dict[str, Status]:
        """The review status of each app that has one now; an expired review leaves it unreviewed."""
        backend = self._backend
        return dict(backend.statuses()) if backend is not None else {}

    def on_statuses(self, callback: Callable[[dict[str, Status]], None]) -> None:
        """
        Call ``callback`` with all statuses whenever one changes: by a review in any process, or by time.

        Register first, then read ``statuses()``: so no change is missed.
        """
        with self._changed:
            self._callbacks.append(callback)

    def close(self) -> None:
        """Wait for what was submitted, record the stop, and let go of the log."""
        with self._changed:
            if self._is_closing:
                return
            self._is_closing = True
            # A stop that is to be recorded needs a recorder: where one is being looked for, it is waited for.
            stops = self._who.role is not None and self._unreachable is None
            self._changed.wait_for(
                lambda: not self._pending and (self._backend is not None or not stops), CLOSE_TIMEOUT_S
            )
            self._is_closed = True
            backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()
        self._fail_pending(WorkError("the recorder is closed"))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- submitting -------------------------------------------------------------------------------------

    def _submit(self, kind: str, payload: Any, weight: int) -> Future[None]:
        """Submit, and wait for room."""
        deadline = time.monotonic() + SUBMIT_TIMEOUT_S
        while True:
            future = self._offer(kind, payload, weight)
            if future is not None:
                return future
            with self._changed:
                if not self._changed.wait_for(lambda: self._has_room(weight), deadline - time.monotonic()):
                    return _failed(WorkError("recording is behind: too much is waiting to be written"))

    def _offer(self, kind: str, payload: Any, weight: int) -> Future[None] | None:
        """Submit; ``None`` where there is no room now."""
        with self._changed:
            if self._is_closing:
                return _failed(WorkError("the recorder is closed"))
            if self._unreachable is not None:
                return _failed(self._unreachable)
            if not self._has_room(weight):
                return None
            future: Future[None] = Future()
            # What is under way cannot be cancelled: who stops waiting does not unmake the record.
            future.set_running_or_notify_cancel()
            item = _Item(next(self._numbers), kind, payload, weight, future)
            self._pending[item.number] = item
            self._weight += weight
            if self._backend is not None:
                self._backend.send(item)
            return future

    def _has_room(self, weight: int) -> bool:
        return self._weight + weight <= MAX_PENDING or not self._pending or self._is_closing

    def _done(self, number: int, error: WorkError | None) -> None:
        """An item is durable, or will not be. Nothing happens where that was told before."""
        with self._changed:
            item = self._pending.pop(number, None)
            if item is None:
                return
            self._weight -= item.weight
            self._changed.notify_all()
        if error is None:
            item.future.set_result(None)
        else:
            item.future.set_exception(error)

    def _fail_pending(self, error: WorkError) -> None:
        for number in list(self._pending):
            self._done(number, WorkError(error.what, hint=error.hint))

    def _tell(self, backend: _Local | _Remote) -> None:
        """Tell the callbacks, and the clients of a recorder, where something is new."""
        # One at a time, and always the newest: who comes second finds that what it has to tell was told.
        with self._telling:
            statuses = dict(backend.known)
            if statuses == self._told:
                return
            self._told = statuses
            backend.pass_on(statuses)
            for callback in list(self._callbacks):
                try:
                    callback(dict(statuses))
                except Exception as error:
                    # A caller's fault must not end the thread that records. Only its type is told: what an
                    # exception says may hold what it was about.
                    print(f"gnomon: a listener for reviews failed: {type(error).__name__}", file=sys.stderr)

    # --- finding the recorder, or becoming it -----------------------------------------------------------

    def _attach(self, deadline: float) -> _Local | _Remote:
        while True:
            lock = try_lock(self._home)
            if lock is not None:
                return _Local(self, lock)
            remote = _Remote.find(self, deadline)
            if remote is not None:
                return remote
            if time.monotonic() >= deadline:
                raise WorkError(
                    f"another process records in {self._home.path} and does not answer",
                    hint="See which one holds recorder.lock there, and end it if it hangs.",
                )
            time.sleep(_RETRY_S)

    def _take(self, backend: _Local | _Remote) -> None:
        """Go on with a backend: whatever is pending is sent to it."""
        with self._changed:
            self._is_started = True
            self._unreachable = None
            self._origin = backend.origin
            if not self._is_closed:
                self._backend = backend
                for item in self._pending.values():
                    backend.send(item)
                backend.start()
                self._changed.notify_all()
        if self._backend is backend:
            self._tell(backend)
        else:
            backend.close()

    def _lost(self, remote: _Remote) -> None:
        """The recorder's process is gone: find the next one, or become it. Called by the remote's thread."""
        with self._changed:
            if self._backend is not remote:
                return
            self._backend = None
        deadline = time.monotonic() + REACH_TIMEOUT_S
        while not self._is_closed:
            try:
                backend = self._attach(time.monotonic() + REACH_TIMEOUT_S)
            except WorkError as error:
                if time.monotonic() >= deadline:
                    with self._changed:
                        self._unreachable = error
                    self._fail_pending(error)
                time.sleep(_RETRY_S)
            else:
                self._take(backend)
                return

    def _forget(self) -> None:
        """In a child made by ``fork``: the threads are not there, and files and lock are its parent's."""
        self._changed = threading.Condition()
        self._telling = threading.RLock()
        self._is_closing = self._is_closed = True
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.forget()
            # Kept, so that nothing of it is finalised here: SQLite says not to close in a child what its
            # parent opened (sqlite.org, "How To Corrupt An SQLite Database File", section 2.6).
            _inherited.append(backend)


_open: weakref.WeakSet[Recorder] = weakref.WeakSet()
_inherited: list[_Local | _Remote] = []


def _forget_in_children(recorder: Recorder) -> None:
    if not _open:
        os.register_at_fork(after_in_child=_forget_all)
    _open.add(recorder)


def _forget_all() -> None:
    for recorder in list(_open):
        recorder._forget()
    _open.clear()


def _failed(error: WorkError) -> Future[None]:
    future: Future[None] = Future()
    future.set_exception(WorkError(error.what, hint=error.hint))
    return future


class _Local:
    """This process is the recorder."""

    def __init__(self, recorder: Recorder, lock: int) -> None:
        """Takes over the lock's file descriptor. Raises ``WorkError``."""
        self._recorder = recorder
        self._lock = lock
        self._clock = recorder._clock
        home = recorder._home
        connection = None
        try:
            connection = open_for_writing(home.database)
            is_new = connection.execute("SELECT max(size) FROM checkpoint").fetchone()[0] is None
            signer = load_signer(home.keys, is_new=is_new, randomness=recorder._randomness)
            log = Log(connection, signer, randomness=recorder._randomness)
            self._newest = newest_reviews(connection)
            listener = Listener(home)
        except BaseException as error:
            if connection is not None:
                connection.close()
            os.close(lock)
            if isinstance(error, OSError):
                raise WorkError(f"cannot listen in the home folder {home.path}: {error}") from error
            raise
        self._connection = connection
        self._listener = listener
        self.origin = log.origin
        self._guard = threading.RLock()
        self._writer = Writer(
            log,
            home.database,
            on_reviews=self._reviewed,
            on_first=lambda: publish_verifier(home.keys, signer),
        )
        if log.size:
            with suppress(OSError):
                publish_verifier(home.keys, signer)
        self._server: Server | None = None
        self._awaited: float | None = None
        """When the status that is first to expire does so, if that is being waited for."""
        self.known = current_statuses(self._newest, self._clock())
        """Statuses as they were last looked at."""
        who = recorder._who
        if who.role is not None and not recorder._is_started:
            try:
                self._write(
                    Start(
                        ts=self._clock(),
                        role=who.role,
                        run=who.run,
                        version=VERSION,
                        policy_hash=who.policy_hash,
                        catalogue_hash=who.catalogue_hash,
                    )
                )
            except WorkError:
                self._release()
                raise
        self._server = Server(listener.socket, self._writer, clock=self._clock, welcome=self._welcome)
        self._refresh()

    def start(self) -> None:
        """Nothing is left to start."""

    def send(self, item: _Item) -> None:
        recorder = self._recorder

        def done(error: WorkError | None) -> None:
            recorder._done(item.number, error)

        if item.kind == "coverage":
            self._writer.put(Coverage(recorder._who.run, item.payload, self._clock(), done))
        else:
            self._writer.put(Job(item.payload if item.kind == "events" else [item.payload], done))

    def statuses(self) -> Mapping[str, Status]:
        self._refresh()
        return self.known

    def pass_on(self, statuses: Mapping[str, Status]) -> None:
        if self._server is not None:
            self._server.tell_statuses({app: status.value for app, status in statuses.items()})

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        who = self._recorder._who
        if who.role is not None:
            # Where the stop cannot be recorded, a start without one says the same as a crash.
            with suppress(WorkError):
                self._write(Stop(ts=self._clock(), role=who.role, run=who.run, reason="closed"))
        self._release()

    def forget(self) -> None:
        """Let go of what a child shares with its parent, without touching the parent's."""
        os.close(self._lock)
        self._listener.socket.close()
        if self._server is not None:
            self._server.forget()

    def _release(self) -> None:
        self._writer.close()
        self._connection.close()
        self._listener.close()
        os.close(self._lock)

    def _write(self, record: Record) -> None:
        answer: queue.SimpleQueue[WorkError | None] = queue.SimpleQueue()
        self._writer.put(Job([record], answer.put))
        error = answer.get()
        if error is not None:
            raise error

    # --- statuses -----------------------------------------------------------------------------------------

    def _welcome(self) -> tuple[str, Mapping[str, str]]:
        return self.origin, {app: status.value for app, status in self.statuses().items()}

    def _reviewed(self, reviews: Sequence[Review]) -> None:
        with self._guard:
            self._newest.update((review.app, review) for review in reviews)
        self._refresh()

    def _refresh(self) -> None:
        """Tell everyone of a status that changed, by a review or by time; come back when one expires."""
        with self._guard:
            now = self._clock()
            self.known = current_statuses(self._newest, now)
            ends = [expires_at(self._newest[app]) for app in self.known]
        self._recorder._tell(self)
        next_end = min((end for end in ends if end is not None), default=None)
        if next_end is not None and self._server is not None and next_end != self._awaited:
            self._awaited = next_end
            self._server.call_later(min(next_end - now + 0.001, _MAX_REFRESH_S), self._expired)

    def _expired(self) -> None:
        self._awaited = None
        self._refresh()


class _Remote:
    """Another process is the recorder, at the other end of a socket."""

    def __init__(self, recorder: Recorder, connection: socket.socket, welcome: Mapping[str, Any]) -> None:
        self._recorder = recorder
        self._connection = connection
        self.origin = str(welcome.get("origin"))
        self.known = _read_statuses(welcome)
        """Statuses as the recorder last told them."""
        self._guard = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Sent] = {}
        """By the number of a frame: what it is a part of."""
        self._outbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._bye = threading.Event()
        self._reader = threading.Thread(target=self._read, name="gnomon-reader", daemon=True)
        self._sender = threading.Thread(target=self._send, name="gnomon-sender", daemon=True)

    @classmethod
    def find(cls, recorder: Recorder, deadline: float) -> _Remote | None:
        """A connection on which the recorder said welcome; ``None`` where nobody did."""
        patience = max(deadline - time.monotonic(), _RETRY_S)
        connection = connect(recorder._home, patience)
        if connection is None:
            return None
        who = recorder._who
        try:
            connection.sendall(
                frame(
                    {
                        "kind": "hello",
                        "protocol": PROTOCOL,
                        "role": who.role,
                        "run": who.run,
                        "version": VERSION,
                        "policy_hash": who.policy_hash,
                        "catalogue_hash": who.catalogue_hash,
                        "resumed": recorder._is_started,
                    }
                )
            )
            message = _receive(connection.recv)
        except (OSError, EOFError, Malformed):
            connection.close()
            return None
        if message["kind"] != "welcome":
            connection.close()
            raise WorkError(str(message.get("error") or "the recorder did not say welcome"))
        connection.settimeout(None)
        return cls(recorder, connection, message)

    def start(self) -> None:
        self._reader.start()
        self._sender.start()

    def send(self, item: _Item) -> None:
        self._outbox.put(item)

    def statuses(self) -> Mapping[str, Status]:
        return self.known

    def pass_on(self, statuses: Mapping[str, Status]) -> None:
        """Nobody is behind this one."""

    def close(self) -> None:
        if self._reader.ident is not None:
            self._outbox.put(None)
            self._bye.wait(CLOSE_TIMEOUT_S)
            self._hang_up()
            self._reader.join()
        self._connection.close()

    def forget(self) -> None:
        """Let go of what a child shares with its parent."""
        self._connection.close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _send(self) -> None:
        try:
            while True:
                item = self._outbox.get()
                for data in self._bye_frames() if item is None else self._frames(item):
                    self._connection.sendall(data)
                if item is None:
                    return
        except OSError:
            # The reader notices too, and finds another recorder: what is pending is sent to that.
            self._hang_up()

    def _bye_frames(self) -> list[bytes]:
        with self._guard:
            number = next(self._numbers)
            self._waiting[number] = _Sent(None)
        return [frame({"kind": "bye", "number": number})]

    def _frames(self, item: _Item) -> list[bytes]:
        messages: list[dict[str, Any]]
        try:
            match item.kind:
                case "events":
                    pieces = list(split_events(to_json(event) for event in item.payload))
                    messages = [{"kind": "events", "events": piece} for piece in pieces]
                case "review":
                    messages = [{"kind": "review", "review": to_json(item.payload)}]
                case _:
                    messages = [{"kind": "coverage", "counters": item.payload}]
        except Malformed as error:
            self._recorder._done(item.number, WorkError(f"a record cannot stand in the log ({error.name})"))
            return []
        if not messages:
            self._recorder._done(item.number, None)
        sent = _Sent(item, len(messages))
        with self._guard:
            for message in messages:
                message["number"] = next(self._numbers)
                self._waiting[message["number"]] = sent
        return [frame(message) for message in messages]

    def _read(self) -> None:
        try:
            while True:
                self._heard(_receive(self._patiently))
        except (OSError, EOFError, Malformed):
            self._hang_up()
        self._bye.set()
        self._outbox.put(None)  # ends the sender
        self._sender.join()
        self._connection.close()
        self._recorder._lost(self)

    def _patiently(self, size: int) -> bytes:
        """Bytes from the recorder. Raises ``EOFError`` where it owes an answer for too long."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        while not poll.poll(_PATIENCE_MS):
            with self._guard:
                oldest = min((sent.since for sent in self._waiting.values()), default=None)
            if oldest is not None and time.monotonic() - oldest > ANSWER_TIMEOUT_S:
                raise EOFError
        return self._connection.recv(size)

    def _heard(self, message: Mapping[str, Any]) -> None:
        match message["kind"]:
            case "statuses":
                self.known = _read_statuses(message)
                self._recorder._tell(self)
            case "ack":
                self._answered(message, None)
            case "error":
                said = message.get("hint")
                self._answered(
                    message, WorkError(str(message.get("error")), hint=None if said is None else str(said))
                )

    def _answered(self, message: Mapping[str, Any], error: WorkError | None) -> None:
        with self._guard:
            sent = self._waiting.pop(message.get("number", -1), None)
        if sent is None:
            return
        sent.missing -= 1
        sent.error = sent.error or error
        if sent.missing:
            return
        if sent.item is None:
            self._bye.set()
        else:
            self._recorder._done(sent.item.number, sent.error)


@dataclass(slots=True)
class _Sent:
    """An item on its way, in one or more frames."""

    item: _Item | None
    missing: int = 1
    """Frames that were not answered yet."""
    error: WorkError | None = None
    since: float = field(default_factory=time.monotonic)


def _receive(receive: Callable[[int], bytes]) -> dict[str, Any]:
    """One frame. Raises ``OSError``, ``EOFError`` or ``Malformed``."""
    return parse_frame(_exactly(receive, frame_length(_exactly(receive, 4))))


def _exactly(receive: Callable[[int], bytes], size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = receive(min(size - len(data), 65_536))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _read_statuses(message: Mapping[str, Any]) -> dict[str, Status]:
    statuses = message.get("statuses")
    if type(statuses) is not dict:
        return {}
    known = {status.value: status for status in Status}
    return {app: known[value] for app, value in statuses.items() if type(value) is str and value in known}
