"""
Clients that will not take the proxy's certificate, learned per client address and server name.

A *pin* is what has been learned: this client, at this name, refuses every certificate but its own vendor's.
It is a fact for the coverage report and for the policy; it decides nothing.

Rule 1: one failure learns nothing. ``FAILURES`` handshakes must have ended with an alert about the
certificate within ``WINDOW_S``, and no exchange may have succeeded since the first of them. Whoever breaks
off without an alert has most likely only gone away.
Rule 2: the key is the client's address with the name, never the server's address: one pinned app must not
open a delivery network to everybody, nor one device decide for another.
Rule 3: success forgets. Success is a request that was read, not a handshake: Firefox on Android completes the
handshake and alerts in the next packet, so that a handshake proves nothing
(mitmproxy:mitmproxy/proxy/layers/tls.py, ``receive_data``).
Rule 4: a pin never lets traffic of a guarded host pass unread (``advise``). Anybody can make handshakes fail
on purpose; if that opened a way around inspection, everybody would. Guarded are hosts of AI services and
hosts that need a tenant restriction's header: for them the policy decides between refusing and reporting.
Rule 5: a pin is forgotten ``TTL_S`` after its last failure, since apps are updated and CAs rolled out.

Bounds: ``MAX_ENTRIES`` pairs; over that the one that was touched longest ago goes. A pair keeps at most
``FAILURES`` times. No clock: ``now`` is handed in (seconds). A clock that jumps back makes entries young,
never older; one that jumps ahead forgets.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

__all__ = [
    "FAILURES",
    "MAX_ENTRIES",
    "MAX_NAME",
    "TTL_S",
    "WINDOW_S",
    "Advice",
    "Pin",
    "Pins",
    "advise",
    "certificate_alert",
]

FAILURES: Final = 3
WINDOW_S: Final = 600.0
TTL_S: Final = 86_400.0
MAX_ENTRIES: Final = 4_096
MAX_NAME: Final = 253
"""Characters of a name or address that are kept (RFC 1035, section 2.3.4)."""

_ALERTS: Final = {
    "unknown ca": "unknown_ca",
    "unknown_ca": "unknown_ca",
    "certificate unknown": "certificate_unknown",
    "certificate_unknown": "certificate_unknown",
    "bad certificate": "bad_certificate",
    "bad_certificate": "bad_certificate",
}
"""What OpenSSL and mitmproxy 11 and 12 write for the alerts 48, 46 and 42 (RFC 8446, section 6.2)."""


class Advice(StrEnum):
    """What to do with a connection, as far as pins go."""

    INSPECT = "inspect"
    """No pin is known: go on as ever."""
    PASS_UNREAD = "pass_unread"
    """Pinned, and nothing that is guarded: let it through."""
    ASK_POLICY = "ask_policy"
    """Pinned and guarded: refuse or report, as the policy says; never let it through unasked."""


class Pin(NamedTuple):
    """A client that refuses the proxy's certificate for a name."""

    client: str
    """Its address."""
    server_name: str
    alert: str
    """The last alert: ``unknown_ca``, ``bad_certificate`` or ``certificate_unknown``."""
    failures: int
    """How many in all, since the last success."""
    first: float
    last: float
    until: float
    """When it is forgotten, if nothing fails before."""


@dataclass(slots=True)
class _Entry:
    times: list[float] = field(default_factory=list)
    """The newest failures, oldest first."""
    failures: int = 0
    first: float = 0.0
    alert: str = ""
    learned: bool = False


class Pins:
    """What has been learned of every client."""

    __slots__ = ("_entries", "_max_entries")

    def __init__(self, *, max_entries: int = MAX_ENTRIES) -> None:
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._max_entries = max_entries

    def __len__(self) -> int:
        """How many pairs are remembered, learned or not."""
        return len(self._entries)

    def failed(self, client: str, server_name: str | None, error: str | None, now: float) -> Pin | None:
        """
        A connection ended with an error of TLS, in the handshake or right after it and before any request.

        ``error`` is what the TLS library says; only an alert about the certificate counts. Gives the pin when
        this failure is the one that it is learned from; ``None`` else.
        """
        alert = certificate_alert(error)
        if alert is None or not server_name:
            return None
        key = _key(client, server_name)
        entry = self._fresh(key, now)
        if entry is None:
            entry = self._entries[key] = _Entry(first=now)
        self._entries.move_to_end(key)
        entry.times = [time for time in entry.times if now - time <= WINDOW_S][-FAILURES + 1 :]
        entry.times.append(now)
        entry.failures += 1
        entry.alert = alert
        is_new = not entry.learned and len(entry.times) >= FAILURES
        entry.learned = entry.learned or is_new
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
        return _pin(key, entry) if is_new else None

    def succeeded(self, client: str, server_name: str | None) -> None:
        """A request came through: this client takes the certificate for this name."""
        if server_name:
            self._entries.pop(_key(client, server_name), None)

    def pin(self, client: str, server_name: str | None, now: float) -> Pin | None:
        """What is learned of a client at a name."""
        if not server_name:
            return None
        key = _key(client, server_name)
        entry = self._fresh(key, now)
        return _pin(key, entry) if entry is not None and entry.learned else None

    def all(self, now: float) -> tuple[Pin, ...]:
        """Every pin that holds, the one that failed longest ago first."""
        keys = list(self._entries)
        found = [(key, self._fresh(key, now)) for key in keys]
        return tuple(_pin(key, entry) for key, entry in found if entry is not None and entry.learned)

    def _fresh(self, key: tuple[str, str], now: float) -> _Entry | None:
        """The entry, unless its time is over; times that lie ahead of the clock are taken for now."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry.times = [min(time, now) for time in entry.times]
        entry.first = min(entry.first, now)
        if now - entry.times[-1] > TTL_S:
            del self._entries[key]
            return None
        return entry


def advise(pin: Pin | None, *, guarded: bool) -> Advice:
    """
    What to do with a connection of a client of which ``pin`` is known.

    ``guarded``: the host is an AI service's, or needs the header of a tenant restriction.
    """
    if pin is None:
        return Advice.INSPECT
    return Advice.ASK_POLICY if guarded else Advice.PASS_UNREAD


def certificate_alert(error: str | None) -> str | None:
    """The alert in an error's text, where it is one by which a client refuses a certificate."""
    if error is None:
        return None
    text = error.lower()
    return next((name for words, name in _ALERTS.items() if words in text), None)


def _key(client: str, server_name: str) -> tuple[str, str]:
    return client[:MAX_NAME], server_name[: MAX_NAME + 1].rstrip(".").lower()[:MAX_NAME]


def _pin(key: tuple[str, str], entry: _Entry) -> Pin:
    last = entry.times[-1]
    return Pin(key[0], key[1], entry.alert, entry.failures, entry.first, last, last + TTL_S)
