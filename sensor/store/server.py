"""
The recorder's Unix socket: other processes of the same home submit over it and are told of statuses.

One thread with an event loop of its own. A client that breaks the form, sends nothing after connecting, or
does not read what it is told loses its connection, and only that; what it sent before is recorded.

Bounds: ``MAX_CLIENTS`` connections; for each, ``HELLO_TIMEOUT_S`` until it has said who it is,
``MAX_UNANSWERED`` bytes received and not yet durable (then nothing more is read from it), and ``MAX_UNREAD``
bytes told and not yet read by it (then it is hung up on).
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sensor.entries import Record, Start, Stop, event_from_json, review_from_json
from sensor.errors import Malformed, WorkError
from sensor.store.frames import PROTOCOL, frame, frame_length, parse_frame
from sensor.store.writer import Coverage, Job, Writer

__all__ = ["HELLO_TIMEOUT_S", "MAX_CLIENTS", "MAX_UNANSWERED", "MAX_UNREAD", "Server"]

MAX_CLIENTS = 64
HELLO_TIMEOUT_S = 5.0
MAX_UNANSWERED = 16 * 1024 * 1024
MAX_UNREAD = 1024 * 1024

_CONNECTION_LOST = "connection lost"


class Server:
    """
    The socket's thread, from ``__init__`` to ``close``.

    ``listener`` is a bound socket, which it takes over. ``welcome`` gives origin and statuses as they are.
    """

    def __init__(
        self,
        listener: socket.socket,
        writer: Writer,
        *,
        clock: Callable[[], float],
        welcome: Callable[[], tuple[str, Mapping[str, str]]],
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._welcome = welcome
        self._listener = listener
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._clients: set[_Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="gnomon-socket", daemon=True)
        self._thread.start()

    def tell_statuses(self, statuses: Mapping[str, str]) -> None:
        """Tell every client. From any thread."""
        data = frame({"kind": "statuses", "statuses": dict(statuses)})

        def tell() -> None:
            for client in list(self._clients):
                if client.is_welcome:  # the others learn it with their welcome
                    client.tell(data)

        self.call(tell)

    def call(self, function: Callable[[], Any]) -> None:
        """Have the loop call a function; nothing happens any more once it is closed. From any thread."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)

    def call_later(self, delay_s: float, function: Callable[[], Any]) -> None:
        """The same, after some time."""
        self.call(lambda: self._loop.call_later(delay_s, function))

    def forget(self) -> None:
        """In a child made by ``fork``: close its copies, so that clients see its parent end."""
        for client in self._clients:
            client.forget()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to close: clients that lose it now did not end themselves."""
        return self._stopping.is_set()

    def close(self) -> None:
        """Hang up on everyone and end."""
        self.call(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_unix_server(self._accept, sock=self._listener)
        await self._stopping.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        client = _Client(self, reader, writer)
        try:
            if len(self._clients) < MAX_CLIENTS and not self._stopping.is_set():
                self._clients.add(client)
                await client.serve()
        except (Malformed, OSError, EOFError, TimeoutError, asyncio.CancelledError):
            pass  # Its own connection ends; there is nobody to tell.
        finally:
            self._clients.discard(client)
            with suppress(asyncio.CancelledError):
                await client.hang_up()
            self._tasks.discard(task)


class _Client:
    """One connection."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._unanswered = 0
        self._answered = asyncio.Event()
        self._start: Start | None = None
        self._run = ""
        self.is_welcome = False

    def tell(self, data: bytes) -> None:
        """Send a frame; one who does not read is hung up on."""
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > MAX_UNREAD:
            self._writer.transport.abort()

    def forget(self) -> None:
        """Close this process's copy of the socket."""
        with suppress(OSError):
            os.close(self._writer.get_extra_info("socket").fileno())

    async def hang_up(self) -> None:
        """
        End the connection, after what it was told has gone out or a second has passed.

        It is put down where the process was recorded and did not say bye.
        """
        if self._start is not None and not self._server.is_stopping:
            self._stop(_CONNECTION_LOST, lambda _: None)
        try:
            self._writer.close()
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            pass
        finally:
            self._writer.transport.abort()

    async def serve(self) -> None:
        """Read what it says until it ends."""
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            message, _ = await self._read()
        await self._hello(message)
        while True:
            message, size = await self._read()
            await self._carry_out(message, size)
            while self._unanswered > MAX_UNANSWERED:
                self._answered.clear()
                await self._answered.wait()

    async def _read(self) -> tuple[dict[str, Any], int]:
        size = frame_length(await self._reader.readexactly(4))
        return parse_frame(await self._reader.readexactly(size)), size

    async def _hello(self, message: dict[str, Any]) -> None:
        if message["kind"] != "hello" or message.get("protocol") != PROTOCOL:
            raise Malformed("frame_hello")
        self._run = _text(message, "run")
        if message.get("role") is not None:
            start = Start(
                ts=self._server._clock(),
                role=_text(message, "role"),
                run=self._run,
                version=_text(message, "version"),
                policy_hash=_optional(message, "policy_hash"),
                catalogue_hash=_optional(message, "catalogue_hash"),
            )
            # One who lost its recorder and found this one was recorded before.
            if message.get("resumed") is not True:
                await self._record(start)
            self._start = start
        origin, statuses = self._server._welcome()
        self.tell(frame({"kind": "welcome", "origin": origin, "statuses": dict(statuses)}))
        self.is_welcome = True

    async def _record(self, record: Record) -> None:
        """Wait until one record is durable. A failure hangs up."""
        loop = asyncio.get_running_loop()
        recorded: asyncio.Future[WorkError | None] = loop.create_future()

        def settle(error: WorkError | None) -> None:
            if not recorded.done():
                recorded.set_result(error)

        self._server._writer.put(Job([record], lambda error: self._server.call(lambda: settle(error))))
        error = await recorded
        if error is not None:
            self.tell(frame({"kind": "error", "number": None, "error": str(error)}))
            raise Malformed("recorder_failed") from error

    async def _carry_out(self, message: dict[str, Any], size: int) -> None:
        number = message.get("number")
        if type(number) is not int:
            raise Malformed("frame_number")

        def done(error: WorkError | None) -> None:
            self._server.call(lambda: self._answer(number, size, error))

        self._unanswered += size
        match message["kind"]:
            case "events":
                try:
                    records = [event_from_json(event) for event in _list(message, "events")]
                except Malformed as error:
                    done(WorkError(f"an event cannot stand in the log ({error.name})"))
                else:
                    self._server._writer.put(Job(records, done))
            case "review":
                self._server._writer.put(Job([review_from_json(message.get("review"))], done))
            case "coverage":
                counters = message.get("counters")
                if type(counters) is not dict or not all(type(n) is int for n in counters.values()):
                    raise Malformed("frame_counters")
                self._server._writer.put(Coverage(self._run, counters, self._server._clock(), done))
            case "bye":
                if self._start is None:
                    done(None)
                else:
                    self._stop("closed", done)
            case _:
                raise Malformed("frame_kind")

    def _stop(self, reason: str, done: Callable[[WorkError | None], None]) -> None:
        start, self._start = self._start, None
        assert start is not None
        stop = Stop(ts=self._server._clock(), role=start.role, run=start.run, reason=reason)
        self._server._writer.put(Job([stop], done))

    def _answer(self, number: int, size: int, error: WorkError | None) -> None:
        self._unanswered -= size
        self._answered.set()
        if error is None:
            self.tell(frame({"kind": "ack", "number": number}))
        else:
            self.tell(frame({"kind": "error", "number": number, "error": error.what, "hint": error.hint}))


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    if type(value) is not str:
        raise Malformed("frame_text")
    return value


def _optional(message: Mapping[str, Any], name: str) -> str | None:
    return None if message.get(name) is None else _text(message, name)


def _list(message: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = message.get(name)
    if type(value) is not list:
        raise Malformed("frame_list")
    return value
