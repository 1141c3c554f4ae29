"""What the inline door needs, opened: catalogue, policy, recorder, and the pipeline between them."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sensor.config import Home
from sensor.model import Effect, Event, Observation
from sensor.pipeline import Pipeline

__all__ = ["Core", "Writer", "open_core"]


class Writer(Protocol):
    """What the door needs of a recorder."""

    def submit(self, events: Sequence[Event]) -> concurrent.futures.Future[None]:
        """Done when the events are durable; fails where they could not be written."""

    async def record(self, events: Sequence[Event]) -> None:
        """The same, to be awaited."""

    def submit_coverage(self, counters: Mapping[str, int]) -> concurrent.futures.Future[None]:
        """Store this process's counters in place of those it stored before."""

    def close(self) -> None:
        """Nothing more will come."""


@dataclass(slots=True)
class Core:
    """The core behind one inline door."""

    home: Home
    pipeline: Pipeline
    recorder: Writer

    @property
    def blocks_on_error(self) -> bool:
        """Whether the policy wants traffic refused where deciding or recording fails."""
        return self.pipeline.policy.on_error == "block"

    def save_coverage(self) -> concurrent.futures.Future[None]:
        """Hand the counters to the recorder."""
        return self.recorder.submit_coverage(self.pipeline.coverage.snapshot())

    def close(self, events: Sequence[Event], timeout_s: float) -> None:
        """Write down the last events and let go of the recorder."""
        try:
            if events:
                self.recorder.submit(events).result(timeout_s)
            self.save_coverage().result(timeout_s)
        finally:
            self.recorder.close()

    def receive(self, observation: Observation) -> list[Effect]:
        """The one decision path."""
        return self.pipeline.receive(observation)


def open_core(home: Home) -> Core:
    """
    Open everything in a home.

    Raises ``ConfigError`` (policy, signatures) and ``WorkError`` (the recorder cannot be opened).
    """
    from sensor.catalogue_files import load_catalogue
    from sensor.policy_files import load_policy
    from sensor.recorder import open_recorder

    catalogue = load_catalogue(home)
    policy = load_policy(home, catalogue=catalogue)
    recorder = open_recorder(home, role="proxy", policy_hash=policy.hash, catalogue_hash=catalogue.hash)
    pipeline = Pipeline(catalogue, policy, origin=recorder.origin)
    recorder.on_statuses(pipeline.set_statuses)
    pipeline.set_statuses(recorder.statuses())
    return Core(home, pipeline, recorder)
