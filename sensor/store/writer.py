"""
Group commit: one thread that takes everything queued and makes it durable together.

A *job* is records that belong together and a function that is told when they are durable, or why they are
not. Jobs are carried out in order, each whole. A job whose records cannot stand in a log fails alone. When a
commit fails (disk full, database locked) every job in it is told so, and the next batch begins from what the
database says.

Bounds: ``MAX_BATCH`` records a commit (more only where one job has more). The queue is bounded by those who
fill it: see ``sensor.recorder`` and ``sensor.store.server``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sensor.entries import Record, Sealed
from sensor.errors import Malformed, WorkError
from sensor.model import Review
from sensor.store.log import Log

__all__ = ["MAX_BATCH", "Coverage", "Done", "Job", "Writer"]

MAX_BATCH = 2_000

Done = Callable[[WorkError | None], None]
"""Told ``None`` when a job is durable, else why it is not. Called by the writer's thread; must not raise."""


@dataclass(frozen=True, slots=True)
class Job:
    """Records to append."""

    records: Sequence[Record]
    done: Done


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counters of a run to store."""

    run: str
    counters: Mapping[str, int]
    ts: float
    done: Done


class Writer:
    """
    The thread. ``on_reviews`` is called by it with reviews that have become durable; ``on_first`` once, after
    the first commit.
    """

    def __init__(
        self,
        log: Log,
        path: Path,
        *,
        on_reviews: Callable[[Sequence[Review]], None],
        on_first: Callable[[], None],
    ) -> None:
        self._log = log
        self._path = path
        self._file = _identity(path)
        self._on_reviews = on_reviews
        self._on_first: Callable[[], None] | None = on_first
        self._jobs: deque[Job | Coverage] = deque()
        self._ready = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="gnomon-writer", daemon=True)
        self._thread.start()

    def put(self, job: Job | Coverage) -> None:
        """Queue a job. After ``close`` it fails."""
        with self._ready:
            if not self._closing:
                self._jobs.append(job)
                self._ready.notify()
                return
        job.done(WorkError("the recorder is closed"))

    def close(self) -> None:
        """Carry out what is queued, then end."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._jobs:
                    if self._closing:
                        return
                    self._ready.wait()
                jobs, coverage = self._take()
            if jobs:
                self._append(jobs)
            for job in coverage:
                self._store(job)

    def _take(self) -> tuple[list[Job], list[Coverage]]:
        jobs: list[Job] = []
        coverage: list[Coverage] = []
        count = 0
        while self._jobs and count < MAX_BATCH:
            job = self._jobs.popleft()
            if isinstance(job, Coverage):
                coverage.append(job)
            else:
                jobs.append(job)
                count += len(job.records)
        return jobs, coverage

    def _append(self, jobs: list[Job]) -> None:
        sealed: list[tuple[Job, list[Sealed]]] = []
        for job in jobs:
            try:
                sealed.append((job, [self._log.seal(record) for record in job.records]))
            except Malformed as error:
                job.done(WorkError(f"a record cannot stand in the log ({error.name})"))
        if sealed:
            self._commit(sealed)

    def _commit(self, sealed: list[tuple[Job, list[Sealed]]]) -> None:
        try:
            self._check_file()
            appended = self._log.append([entry for _, entries in sealed for entry in entries])
        except (sqlite3.Error, OSError, WorkError) as error:
            for job, _ in sealed:
                job.done(_cannot(error))
        except Exception as error:
            # Not the database but a value it will not take: the jobs are tried one by one.
            if len(sealed) == 1:
                sealed[0][0].done(_cannot(error))
                return
            for one in sealed:
                self._commit([one])
        else:
            self._tell_first(appended.size)
            # Statuses first: who awaits a review's record finds its status in force.
            if appended.reviews:
                self._on_reviews(appended.reviews)
            for job, _ in sealed:
                job.done(None)

    def _tell_first(self, size: int) -> None:
        if self._on_first is not None and size:
            # What is recorded is recorded, whether this works or not; it is tried again with the next batch.
            with suppress(OSError):
                self._on_first()
                self._on_first = None

    def _store(self, job: Coverage) -> None:
        try:
            self._check_file()
            self._log.set_coverage(job.run, job.counters, job.ts)
        except Exception as error:
            job.done(_cannot(error))
        else:
            job.done(None)

    def _check_file(self) -> None:
        """A database that was deleted or replaced still takes writes, and loses them."""
        if _identity(self._path) != self._file:
            raise WorkError(
                f"the database {self._path} was moved, deleted or replaced while it was being written",
                hint="Put it back and start the recorder again.",
            )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _cannot(error: Exception) -> WorkError:
    if isinstance(error, WorkError):
        return WorkError(error.what, hint=error.hint)
    hint = None
    if "full" in str(error):
        hint = "Make room on the disk that holds the home folder."
    elif "locked" in str(error):
        hint = "Another program holds the database; close it."
    elif "readonly" in str(error):
        hint = "The database and its folder have to be writable."
    return WorkError(f"cannot record: {error}", hint=hint)
