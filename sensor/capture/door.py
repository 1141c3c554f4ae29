"""
The passive door as a whole: frames to observations, those to the pipeline, and its records to the recorder.

Recording does not hold the door up: on a live interface an event that cannot be taken any more is dropped and
counted (``event_dropped``). Reading files nothing is dropped: the reading waits.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Protocol

from sensor.capture.files import CaptureFile, Progress
from sensor.capture.live import LiveCapture
from sensor.config import Home
from sensor.errors import WorkError
from sensor.model import Endpoint, Event, Observation, Record
from sensor.passive import PassiveReader
from sensor.pipeline import Pipeline

__all__ = ["MAX_WAITING", "PassiveDoor", "Writer", "open_door"]

MAX_WAITING = 20_000
"""Events that may wait for the recorder: of a live interface those beyond are dropped."""
_READ_S = 0.2
_SAVE_S = 10.0
_LAG_S = 2.0
"""How far behind the clock the packets' own time may be when nothing comes."""


class Writer(Protocol):
    """What the door needs of a recorder."""

    def submit(self, events: Sequence[Event]) -> Future[None]: ...

    def submit_coverage(self, counters: Mapping[str, int]) -> Future[None]: ...

    def close(self) -> None: ...


class PassiveDoor:
    """
    One pipeline and one recorder for any number of captures; a context manager.

    ``on_event`` is called with each event as it is submitted.
    """

    def __init__(
        self, pipeline: Pipeline, recorder: Writer, *, on_event: Callable[[Event], None] | None = None
    ) -> None:
        self.pipeline = pipeline
        self.recorder = recorder
        self.frames = 0
        self.flows = 0
        self.events = 0
        self.apps: set[str] = set()
        self._on_event = on_event
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._waiting_events = 0

    def __enter__(self) -> PassiveDoor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self.recorder.close()

    # --- sources ----------------------------------------------------------------------------------

    def read_file(self, path: str, *, progress: Progress | None = None) -> None:
        """Take a capture file in. Raises ``WorkError`` where it is none, or recording fails."""
        with CaptureFile(path, progress=progress) as capture:
            reader = PassiveReader(capture.digest())
            ts = 0.0
            for frames in capture.frames():
                ts = frames[-1][0]
                self._take(reader, reader.feed(frames), ts, live=False)
            for name, count in sorted(capture.weirds.items()):
                self._take(reader, reader.weird(name, count), ts, live=False)
            self._take(reader, reader.finish(), ts, live=False)

    def listen(
        self,
        capture: LiveCapture,
        *,
        until: Callable[[], bool],
        count: int | None = None,
        duration_s: float | None = None,
    ) -> None:
        """
        Take in what comes on an interface, until ``until`` says so, for ``count`` frames or ``duration_s``.

        Raises ``WorkError`` where the interface goes away.
        """
        reader = PassiveReader(secrets.token_hex(8))
        end = None if duration_s is None else time.monotonic() + duration_s
        save = time.monotonic() + _SAVE_S
        try:
            while not until() and (count is None or reader.frames < count):
                now = time.monotonic()
                if end is not None and now >= end:
                    break
                if now >= save:
                    save = now + _SAVE_S
                    self._save(capture)
                frames = capture.read(_READ_S if end is None else min(_READ_S, end - now))
                if count is not None:
                    frames = frames[: count - reader.frames]
                if frames:
                    self._take(reader, reader.feed(frames), frames[-1][0], live=True)
                else:
                    ts = time.time() - _LAG_S
                    self._take(reader, reader.tick(ts), ts, live=True)
        finally:
            self._take(reader, reader.finish(), time.time(), live=True)
            self._save(capture)

    def finish(self) -> None:
        """Nothing more will come: what is folded is told, and all of it is durable when this returns."""
        self._submit([effect.event for effect in self.pipeline.finish() if isinstance(effect, Record)])
        self._settle(0)
        self.recorder.submit_coverage(self.pipeline.coverage.snapshot()).result()

    # --- one batch --------------------------------------------------------------------------------

    def _take(
        self, reader: PassiveReader, observations: Sequence[Observation], ts: float, *, live: bool
    ) -> None:
        events: list[Event] = []
        for observation in observations:
            events += [e.event for e in self.pipeline.receive(observation) if isinstance(e, Record)]
        events += [e.event for e in self.pipeline.tick(ts) if isinstance(e, Record)]
        for name, count in reader.take_counts().items():
            self.pipeline.coverage.count(name, count)
            self.frames += count if name == "frame" else 0
        self.flows += sum(1 for observation in observations if observation.kind == "flow_end")
        self._settle(MAX_WAITING, drop=live)
        if live and self._waiting_events + len(events) > MAX_WAITING:
            self.pipeline.coverage.count("event_dropped", len(events))
            return
        self._submit(events)

    def _submit(self, events: list[Event]) -> None:
        if not events:
            return
        self._waiting.append((self.recorder.submit(events), len(events)))
        self._waiting_events += len(events)
        self.events += len(events)
        for event in events:
            if event.app is not None:
                self.apps.add(event.app)
            if self._on_event is not None:
                self._on_event(event)

    def _settle(self, most: int, *, drop: bool = False) -> None:
        """Take note of what became durable; wait until at most ``most`` events are not."""
        while self._waiting:
            future, size = self._waiting[0]
            if not future.done() and (drop or self._waiting_events <= most):
                return
            try:
                future.result()
            except WorkError:
                if not drop:
                    raise
                self.pipeline.coverage.count("event_dropped", size)
            self._waiting.popleft()
            self._waiting_events -= size

    def _save(self, capture: LiveCapture) -> None:
        """Note what the kernel dropped, and hand the counters to the recorder."""
        self.pipeline.coverage.count("frame_dropped", capture.drops())
        self.recorder.submit_coverage(self.pipeline.coverage.snapshot())


def open_door(
    home: Home,
    *,
    on_event: Callable[[Event], None] | None = None,
    proxies: Sequence[Endpoint] = (),
) -> PassiveDoor:
    """
    Open everything in a home. ``proxies`` are this installation's: what they carry is recorded there.

    Raises ``ConfigError`` (policy, signatures) and ``WorkError`` (the recorder cannot be opened).
    """
    from sensor.catalogue_files import load_catalogue
    from sensor.policy_files import load_policy
    from sensor.recorder import open_recorder

    catalogue = load_catalogue(home)
    policy = load_policy(home, catalogue=catalogue)
    recorder = open_recorder(home, role="capture", policy_hash=policy.hash, catalogue_hash=catalogue.hash)
    pipeline = Pipeline(
        catalogue,
        policy,
        origin=recorder.origin,
        own_proxies=frozenset(proxies),
        # Loopback is everyone's: there only the proxy's own port tells its flows.
        own_addresses=frozenset(p.host for p in proxies if not ipaddress.ip_address(p.host).is_loopback),
    )
    recorder.on_statuses(pipeline.set_statuses)
    pipeline.set_statuses(recorder.statuses())
    return PassiveDoor(pipeline, recorder, on_event=on_event)
