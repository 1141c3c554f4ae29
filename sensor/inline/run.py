"""
A proxy in this process: mitmproxy's master with its own addons and the door among them.

mitmproxy keeps its master in a global: one proxy at a time in a process.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitmproxy import exceptions
from mitmproxy.addons import default_addons
from mitmproxy.addons.script import ScriptLoader
from mitmproxy.master import Master
from mitmproxy.options import Options

from sensor.config import Home
from sensor.errors import ConfigError, WorkError
from sensor.inline.addon import DRAIN_S, OPTIONS, ShadowAI
from sensor.inline.core import Core, open_core
from sensor.inline.mapping import MapHosts, Mapping
from sensor.model import Endpoint

__all__ = ["BackgroundProxy", "Settings", "run_until_signal", "serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a proxy is to be like."""

    home: Home
    listen: Endpoint = Endpoint("127.0.0.1", 8080)
    """Port 0: any free one."""
    auth: str | None = None
    """mitmproxy's ``proxyauth``: ``@FILE`` (htpasswd) or ``ldap[s]:…``."""
    mappings: tuple[Mapping, ...] = ()
    upstream_ca: Path | None = None
    """Certificates (PEM) that servers are trusted by, instead of the system's."""


class _Master(Master):
    """mitmproxy's master, quiet, with the door where mitmproxy puts a person's own addons."""

    def __init__(self, options: Options, own: Sequence[object]) -> None:
        super().__init__(options, event_loop=asyncio.get_running_loop(), with_termlog=False)
        for addon in default_addons():
            self.addons.add(addon)
            if isinstance(addon, ScriptLoader):
                self.addons.add(*own)


class _Started:
    """Says when the proxy is up: the last addon to be told."""

    name = "gnomon_started"

    def __init__(self) -> None:
        self.up = asyncio.Event()

    def running(self) -> None:
        self.up.set()


async def serve(
    settings: Settings,
    *,
    started: Callable[[Endpoint], None],
    stop: asyncio.Event,
    open_core: Callable[[Home], Core] = open_core,
) -> ShadowAI:
    """
    Run a proxy until ``stop`` is set; ``started`` is called with the address once it listens.

    Raises ``WorkError`` where the address cannot be had, and whatever opening the core raises.
    """
    _try_address(settings.listen)
    door, up = ShadowAI(open_core(settings.home)), _Started()
    try:
        master = _Master(Options(), [door, MapHosts(settings.mappings), up])
        known = master.options.keys()
        master.options.update(
            **{name: value for name, value in OPTIONS.items() if name in known},
            listen_host=settings.listen.host,
            listen_port=settings.listen.port,
            confdir=str(settings.home.ca),
            proxyauth=settings.auth,
            ssl_verify_upstream_trusted_ca=str(settings.upstream_ca) if settings.upstream_ca else None,
        )
    except BaseException as error:
        door.done()
        if isinstance(error, exceptions.OptionsError):
            raise ConfigError(str(error)) from error
        raise
    running = asyncio.ensure_future(master.run())
    try:
        await _first(running, up.up.wait())
        if running.done():
            running.result()
            raise WorkError("the proxy stopped while it was starting")
        addresses = master.addons.get("proxyserver").listen_addrs()
        if not addresses:
            raise WorkError(
                f"cannot listen on {settings.listen}", hint="Name another with --listen HOST:PORT."
            )
        started(Endpoint(addresses[0][0], addresses[0][1]))
        await _first(running, stop.wait())
    finally:
        await _drain(master, door)
        master.should_exit.set()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return door


async def _drain(master: Master, door: ShadowAI) -> None:
    """Take no new connections, let go on for a moment what is under way, then close what is left."""
    proxyserver = master.addons.get("proxyserver")
    await proxyserver.servers.update([])
    deadline = time.monotonic() + DRAIN_S
    while door.is_busy and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    for handler in list(proxyserver.connections.values()):
        if handler.client in handler.transports:
            handler.close_connection(handler.client)
    while proxyserver.connections and time.monotonic() < deadline + DRAIN_S:
        await asyncio.sleep(0.02)


async def _first(running: asyncio.Future[Any], other: Awaitable[object]) -> None:
    waiting: asyncio.Future[Any] = asyncio.ensure_future(other)
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _try_address(listen: Endpoint) -> None:
    """Find out early, and in plain words, whether the address can be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WorkError(
                f"cannot listen on {listen}: another program listens there",
                hint=f"Stop it, or name another address: --listen {Endpoint(listen.host, listen.port + 1)}",
            ) from error
        raise WorkError(
            f"cannot listen on {listen}: {error.strerror}",
            hint="Name another address with --listen HOST:PORT.",
        ) from error


class BackgroundProxy:
    """
    A proxy in a thread of its own, for programs that also do something else (``gnomon demo``, tests).

    A context manager; ``address`` is where it listens, ``door`` the addon after it has stopped.
    """

    def __init__(self, settings: Settings, *, open_core: Callable[[Home], Core] = open_core) -> None:
        self.settings = settings
        self.address = settings.listen
        self.door: ShadowAI | None = None
        self._open_core = open_core
        self._up = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="gnomon-proxy", daemon=True)

    def __enter__(self) -> BackgroundProxy:
        self._thread.start()
        self._up.wait()
        if self._error is not None:
            self._thread.join()
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has stopped by itself
                loop.call_soon_threadsafe(stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._up.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.door = await serve(
            self.settings, started=self._started, stop=self._stop, open_core=self._open_core
        )

    def _started(self, address: Endpoint) -> None:
        self.address = address
        self._up.set()


def run_until_signal(settings: Settings, started: Callable[[Endpoint], None]) -> ShadowAI:
    """Run a proxy until SIGINT or SIGTERM."""

    async def run() -> ShadowAI:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        return await serve(settings, started=started, stop=stop)

    with _logging():
        return asyncio.run(run())


@contextlib.contextmanager
def _logging() -> Iterator[None]:
    """Warnings to stderr; of mitmproxy's own, errors alone."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("gnomon: %(message)s"))
    root, mitmproxy = logging.getLogger(), logging.getLogger("mitmproxy")
    before = mitmproxy.level
    root.addHandler(handler)
    mitmproxy.setLevel(logging.ERROR)
    try:
        yield
    finally:
        mitmproxy.setLevel(before)
        root.removeHandler(handler)
