"""
A real mitmproxy with the door in it, real clients in front, and the stand-in behind.

``make_door`` starts one; a test module makes its own, once. Events are kept in memory (``Kept``), where a
test can wait for them; ``test_commands.py`` runs the whole with a real home.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sensor.catalogue import Source, load
from sensor.config import Home, open_home
from sensor.inline.core import Core
from sensor.inline.mapping import Mapping
from sensor.inline.run import BackgroundProxy, Settings
from sensor.model import Endpoint, Event, Observation
from sensor.pipeline import Pipeline
from sensor.policy import parse_policy
from sensor.standin import StandIn

APP = """
id: acme.{id}
name: Acme {id}
vendor: acme
category: {category}
maturity: stable
description: A made-up service for tests.
references: [https://acme.example/docs]
modified: 2026-11-24
falsepositives: [none known; the host serves nothing else]
inspect: {inspect}
evidence:
  - {{id: h1, type: host_suffix, value: {host}, proves: presence, weight: 70, role: ui, source: test, verified: 2026-11-24}}
  - {{id: u1, type: url_path, value: '^/(v1|v1beta|openai|model|backend-api)/', hosts: [{host}], methods: [POST], proves: usage, weight: 98, source: test, verified: 2026-11-24}}
fixtures:
  match: ['{host}', 'POST https://{host}/v1/chat/completions']
  nomatch: ['not{host}', '{host}.evil.test']
"""  # noqa: E501  (evidence is one line each in signatures)

VENDORS = "acme: {name: Acme, url: 'https://acme.example', source: test, verified: 2026-11-24}\n"

NAMES = ("ai.example", "blocked.example", "pinned.example", "noentry.example", "www.example.org")
"""An AI app that is opened, one that is refused, one that is passed on unread, one whose tunnel is refused,
and an ordinary site."""

POLICY = """
version: 1
mode: enforce
on_error: {on_error}
rules:
  - id: no-blocked
    when: {{app: [acme.blocked, acme.noentry]}}
    action: block
    message: Ask the IT desk.
"""


class Kept:
    """A recorder that keeps events in memory, and fails when told to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.coverage: dict[str, int] = {}
        self.failing = False
        self.closed = False
        self._changed = threading.Condition()

    def submit(self, events):
        done: Future[None] = Future()
        with self._changed:
            if self.failing:
                done.set_exception(OSError("no space left on device: secret prompt text"))
            else:
                self.events += events
                self._changed.notify_all()
                done.set_result(None)
        return done

    async def record(self, events) -> None:
        await asyncio.wrap_future(self.submit(events))

    def submit_coverage(self, counters):
        self.coverage = dict(counters)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def close(self) -> None:
        self.closed = True

    def wait_for(self, wanted: Callable[[Event], bool]) -> Event:
        """The newest event that is wanted, once there is one."""

        def found() -> Event | None:
            return next((event for event in reversed(self.events) if wanted(event)), None)

        with self._changed:
            event = self._changed.wait_for(found, 10)
        assert event is not None, [(one.kind, one.app, one.destination) for one in self.events]
        return event


@dataclass
class Door:
    """A running proxy and all around it."""

    proxy: BackgroundProxy
    standin: StandIn
    kept: Kept
    core: Core
    home: Home
    folder: Path

    @property
    def ca(self) -> Path:
        return self.home.ca / "mitmproxy-ca-cert.pem"

    @property
    def bundle(self) -> Path:
        """Both authorities: the proxy's for what it opens, the stand-in's for what it passes on."""
        path = self.folder / "both.pem"
        if not path.exists():
            path.write_bytes(self.ca.read_bytes() + self.standin.authority.certificate)
        return path

    @property
    def url(self) -> str:
        return f"http://{self.proxy.address}"

    def context(self, authority: Path | None = None) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(authority or self.bundle))

    @contextlib.contextmanager
    def connect(self, host: str, *, context: ssl.SSLContext | None = None, headers: Any = None):
        """Python's own client, through the proxy."""
        host_of_proxy, port = self.proxy.address
        client = http.client.HTTPSConnection(
            host_of_proxy, port, context=context or self.context(), timeout=20
        )
        client.set_tunnel(host, 443, headers=headers or {})
        try:
            yield client
        finally:
            client.close()

    def ask(
        self, host: str, path: str = "/v1/chat/completions", *, method="POST", body=b'{"q":1}', headers=None
    ):
        """One request; gives status, headers and body."""
        with self.connect(host) as client:
            client.request(method, path, body=body, headers=headers or {"content-type": "application/json"})
            response = client.getresponse()
            return response.status, dict(response.getheaders()), response.read()

    def clear_text(self):
        """Python's own client for ``http://`` targets."""
        host, port = self.proxy.address
        return http.client.HTTPConnection(host, port, timeout=20)

    def watch(self, monkeypatch):
        """Every observation that is decided about from now on, in a list."""
        seen: list[Observation] = []
        receive = self.core.pipeline.receive

        def receive_and_keep(observation):
            seen.append(observation)
            return receive(observation)

        monkeypatch.setattr(self.core.pipeline, "receive", receive_and_keep)
        return seen

    def reached(self, host: str) -> list[str]:
        """Targets of the requests under this name that reached the stand-in."""
        return [arrived.target for arrived in self.standin.arrived if arrived.host == host]


@pytest.fixture(scope="session")
def small_catalogue():
    apps = [("ai", True), ("blocked", True), ("pinned", False), ("noentry", False)]
    texts = [
        (f"apps/acme/{id}.yaml",
         APP.format(id=id, host=f"{id}.example", inspect=str(inspect).lower(), category="chat_assistant"))
        for id, inspect in apps
    ]  # fmt: skip
    texts.append(("vendors.yaml", VENDORS))
    return load([Source(name, text, f"signatures/{name}") for name, text in texts])


@pytest.fixture(scope="module")
def make_door(small_catalogue, tmp_path_factory) -> Iterator[Callable[..., Door]]:
    """``make_door(on_error=…, hold=…, auth=…, policy=…)`` starts a proxy that lives as long as the module."""
    with contextlib.ExitStack() as stack:

        def make(*, on_error="block", hold=None, policy=POLICY, tls=True, names=NAMES, **settings) -> Door:
            folder = tmp_path_factory.mktemp("door")
            home = open_home(str(folder / "home"))
            kept, cores = Kept(), []

            def open_small(opened: Home) -> Core:
                pipeline = Pipeline(
                    small_catalogue,
                    parse_policy(policy.format(on_error=on_error), "policy.yaml"),
                    origin="gnomon/test",
                )
                cores.append(Core(opened, pipeline, kept))
                return cores[0]

            standin = stack.enter_context(StandIn(names, hold=hold, tls=tls))
            proxy = BackgroundProxy(
                Settings(
                    home=home,
                    listen=Endpoint("127.0.0.1", 0),
                    mappings=tuple(
                        Mapping(name, Endpoint("127.0.0.1", standin.port), plain=not tls) for name in names
                    ),
                    **settings,
                ),
                open_core=open_small,
            )
            stack.enter_context(proxy)
            return Door(proxy, standin, kept, cores[0], home, folder)

        yield make
