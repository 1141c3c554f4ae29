"""
Rate limits: a token bucket for each rule and key (a user, a device, an API key's class).

Rule 1: a bucket holds at most ``burst`` tokens and gains ``count`` in ``per_s`` seconds; a request takes one.
In any stretch of time no more than ``burst`` plus what was gained in it are let through.
Rule 2: no clock. ``now`` is handed in (seconds). A clock that jumps back gains nothing and takes nothing
away; one that jumps ahead fills no more than the bucket.
Rule 3: bounded. Over ``MAX_BUCKETS`` the bucket that was used longest ago goes: whoever comes back after so
many others has waited.

Several workers share limits by telling each other what they took: ``spent`` gives what this worker took since
it was asked last, ``apply`` takes what others took out of its own buckets. Between two exchanges the workers
together may let through as much as each has left; what was too much is taken off afterwards, down to
``MAX_DEBT`` bursts. ``export`` and ``load`` give a worker that has just started where the buckets stand.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = [
    "MAX_BUCKETS",
    "MAX_COUNT",
    "MAX_DEBT",
    "MAX_KEY",
    "Limit",
    "RateLimits",
    "Row",
    "Spent",
    "Taken",
    "parse_limit",
]

MAX_BUCKETS: Final = 65_536
MAX_KEY: Final = 256
"""Characters of a rule's name or of a key that count."""
MAX_DEBT: Final = 4.0
"""So many bursts below zero a bucket can go by what others took."""
MAX_COUNT: Final = 1_000_000

_ROUNDING: Final = 1e-9
"""Tenths of tokens do not add up to one: whoever comes back when told to is let through."""
_PERIODS: Final = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_LIMIT = re.compile(r"\s*([0-9]{1,7})\s*(?:/|per)\s*(second|minute|hour|day)\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limit:
    """``count`` requests in ``per_s`` seconds, at most ``burst`` of them at once."""

    count: int
    per_s: float
    burst: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.burst < 1 or not (0 < self.per_s < math.inf):
            raise ValueError("a limit lets through at least one request in some time")

    @property
    def per_token_s(self) -> float:
        """How long one token takes."""
        return self.per_s / self.count


class Taken(NamedTuple):
    """The answer to one request."""

    allowed: bool
    left: int
    """Requests that may follow at once."""
    retry_after_s: float
    """When the next one may come; 0 where it may come now."""


class Row(NamedTuple):
    """Where one bucket stands."""

    rule: str
    key: str
    tokens: float
    at: float
    """The time for which ``tokens`` is told."""


class Spent(NamedTuple):
    """What one worker took out of one bucket."""

    rule: str
    key: str
    tokens: float


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    spent: float = 0.0
    """Taken here since ``spent`` was asked for."""


def parse_limit(text: str, burst: int | None = None) -> Limit:
    """
    A limit as a policy writes it: ``20 per minute``, ``500/day``. ``burst`` is the count where left out.

    Raises ``ValueError`` with a sentence that says what to write.
    """
    match = _LIMIT.fullmatch(text)
    count = int(match[1]) if match is not None else 0
    if match is None or not 1 <= count <= MAX_COUNT:
        raise ValueError(f"write a number up to {MAX_COUNT} and a time, as in 20 per minute; {_times()}")
    if burst is not None and not 1 <= burst <= MAX_COUNT:
        raise ValueError(f"the burst is a number from 1 to {MAX_COUNT}")
    return Limit(count, _PERIODS[match[2].lower()], burst if burst is not None else count)


def _times() -> str:
    return "times are " + ", ".join(_PERIODS)


class RateLimits:
    """The buckets of one worker."""

    __slots__ = ("_buckets", "_max_buckets")

    def __init__(self, *, max_buckets: int = MAX_BUCKETS) -> None:
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()
        self._max_buckets = max_buckets

    def __len__(self) -> int:
        """How many buckets there are."""
        return len(self._buckets)

    def take(self, rule: str, key: str, limit: Limit, now: float) -> Taken:
        """One request under a rule's limit. What is not allowed takes nothing."""
        bucket = self._bucket(_key(rule, key), limit, now)
        if bucket.tokens < 1.0 - _ROUNDING:
            return Taken(False, 0, (1.0 - bucket.tokens) * limit.per_token_s)
        bucket.tokens -= 1.0
        bucket.spent += 1.0
        wait = 0.0 if bucket.tokens >= 1.0 - _ROUNDING else (1.0 - bucket.tokens) * limit.per_token_s
        return Taken(True, int(bucket.tokens), wait)

    # --- sharing --------------------------------------------------------------------------------------

    def spent(self) -> list[Spent]:
        """What was taken here since this was asked last, for the other workers."""
        rows = [
            Spent(rule, key, bucket.spent)
            for (rule, key), bucket in self._buckets.items()
            if bucket.spent > 0
        ]
        for bucket in self._buckets.values():
            bucket.spent = 0.0
        return rows

    def apply(self, rows: Iterable[Spent], limits: dict[str, Limit], now: float) -> None:
        """
        Take out what other workers took; ``limits`` are the rules' by name. Rules that are not among them are
        passed over: the policy has changed since.
        """
        for row in rows:
            limit = limits.get(row.rule)
            if limit is not None and 0 < row.tokens < math.inf:
                bucket = self._bucket(_key(row.rule, row.key), limit, now)
                bucket.tokens = max(bucket.tokens - row.tokens, -MAX_DEBT * limit.burst)

    def export(self) -> list[Row]:
        """Where every bucket stands, the one that was used longest ago first."""
        return [Row(rule, key, bucket.tokens, bucket.at) for (rule, key), bucket in self._buckets.items()]

    def load(self, rows: Iterable[Row]) -> None:
        """Start from where buckets stood; what this worker knows already is kept where it is less."""
        for row in rows:
            if math.isfinite(row.tokens) and math.isfinite(row.at):
                key = _key(row.rule, row.key)
                known = self._buckets.get(key)
                if known is None or row.tokens < known.tokens:
                    self._buckets[key] = _Bucket(
                        row.tokens, row.at, known.spent if known is not None else 0.0
                    )
                self._touch(key)

    def forget(self, rules: Iterable[str]) -> None:
        """Let go of the buckets of rules that are gone."""
        gone = {rule[:MAX_KEY] for rule in rules}
        for key in [key for key in self._buckets if key[0] in gone]:
            del self._buckets[key]

    def _bucket(self, key: tuple[str, str], limit: Limit, now: float) -> _Bucket:
        """The bucket as it stands now."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(float(limit.burst), now)
        gained = max(now - bucket.at, 0.0) / limit.per_token_s
        bucket.tokens = min(bucket.tokens + gained, float(limit.burst))
        bucket.at = now
        self._touch(key)
        return bucket

    def _touch(self, key: tuple[str, str]) -> None:
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._max_buckets:
            self._buckets.popitem(last=False)


def _key(rule: str, key: str) -> tuple[str, str]:
    return rule[:MAX_KEY], key[:MAX_KEY]
