"""
Which names a client had asked for when it went to an address.

Many flows show no server name: encrypted ClientHellos, resumed or cut captures, protocols without SNI. What
the client itself asked the DNS shortly before is the next best witness. It is a list of candidates, not an
answer: several names share one address, so the newest is most often right, and not always.

Rule 1: memory is per client. Another client's question says nothing about this one.
Rule 2: the candidate is the name that was *asked*: an answer's CNAME chain leads to the delivery network,
but the client connects in the asked name. Only addresses on the chain from the asked name count.
Rule 3: an answer holds for its shortest TTL on the chain, at least ``FLOOR_S`` and at most ``CEILING_S``, and
``GRACE_S`` more: clients keep names in caches of their own, and connect late.

Addresses come from A and AAAA records, and from the ``ipv4hint`` and ``ipv6hint`` of HTTPS and SVCB records
(RFC 9460, section 7.3), where the asked name is without its port and scheme labels (section 2.3).

Bounds: ``MAX_CLIENTS`` clients, ``MAX_ADDRESSES`` addresses for a client, ``MAX_NAMES`` names for an
address of a client, ``MAX_TOTAL`` addresses for all clients. What was learned longest ago goes first; over
the total, the whole memory of the client that has been silent longest.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

from sensor.model import DnsAnswer, DnsRecord

__all__ = [
    "CEILING_S",
    "FLOOR_S",
    "GRACE_S",
    "MAX_ADDRESSES",
    "MAX_CLIENTS",
    "MAX_NAMES",
    "MAX_TOTAL",
    "Names",
    "addresses_of",
]

FLOOR_S = 60.0
"""Chrome's own cache keeps an answer for at least a minute, whatever its TTL."""
GRACE_S = 300.0
CEILING_S = 86400.0
MAX_CLIENTS = 65_536
MAX_ADDRESSES = 1_024
MAX_NAMES = 8
MAX_TOTAL = 500_000

_MAX_TTL = 2**31 - 1
"""RFC 2181, section 8: a TTL with the top bit set is to be taken as zero."""


class Names:
    """The DNS memory of every client."""

    def __init__(
        self,
        *,
        max_clients: int = MAX_CLIENTS,
        max_addresses: int = MAX_ADDRESSES,
        max_names: int = MAX_NAMES,
        max_total: int = MAX_TOTAL,
    ) -> None:
        self._max_clients = max_clients
        self._max_addresses = max_addresses
        self._max_names = max_names
        self._max_total = max_total
        self._clients: OrderedDict[str, OrderedDict[str, dict[str, tuple[float, float]]]] = OrderedDict()
        """Client to server address to name to (learned, holds until); both orders are by learning."""
        self._total = 0

    def __len__(self) -> int:
        """How many addresses are remembered, over all clients."""
        return self._total

    def learn(self, answer: DnsAnswer) -> None:
        """Remember the addresses that a client's question was answered with."""
        found = addresses_of(answer)
        name = _asked_name(answer)
        if not found or not name:
            return
        client = answer.client.host
        memory = self._clients.setdefault(client, OrderedDict())
        self._clients.move_to_end(client)
        for address, ttl in found.items():
            names = memory.get(address)
            if names is None:
                names = memory[address] = {}
                self._total += 1
            memory.move_to_end(address)
            learned, until = names.pop(name, (answer.ts, answer.ts))
            holds = answer.ts + min(max(ttl, FLOOR_S), CEILING_S) + GRACE_S
            # An answer that still holds goes on from when it was first learned.
            names[name] = (learned if learned <= answer.ts <= until else answer.ts, max(holds, until))
            if len(names) > self._max_names:
                del names[next(iter(names))]
        while len(memory) > self._max_addresses:
            memory.popitem(last=False)
            self._total -= 1
        while len(self._clients) > self._max_clients or self._total > self._max_total:
            _, gone = self._clients.popitem(last=False)
            self._total -= len(gone)

    def candidates(self, client_ip: str, server_ip: str, ts: float) -> tuple[str, ...]:
        """The names that a client may mean by an address at a time, the newest first."""
        memory = self._clients.get(client_ip)
        names = memory.get(server_ip) if memory is not None else None
        if not names:
            return ()
        return tuple(name for name, (learned, until) in reversed(names.items()) if learned <= ts <= until)


def addresses_of(answer: DnsAnswer) -> dict[str, int]:
    """Each address that an answer gives for the name that was asked, with its shortest TTL on the way."""
    if answer.rcode != "NOERROR":
        return {}
    by_owner: dict[str, list[DnsRecord]] = {}
    for record in answer.answers:
        by_owner.setdefault(_plain(record.name), []).append(record)
    found: dict[str, int] = {}
    ways = [(_plain(answer.name), _MAX_TTL)]
    while ways:
        owner, shortest = ways.pop()
        # Each owner is taken once: a CNAME loop ends, and the work is the number of records.
        for record in by_owner.pop(owner, ()):
            ttl = min(shortest, record.ttl if 0 <= record.ttl <= _MAX_TTL else 0)
            if record.type == "CNAME":
                ways.append((_plain(record.data), ttl))
                continue
            for address in _addresses(record):
                found[address] = min(ttl, found.get(address, ttl))
    return found


def _addresses(record: DnsRecord) -> list[str]:
    if record.type in ("A", "AAAA"):
        texts = [record.data]
    elif record.type in ("HTTPS", "SVCB"):
        texts = []
        for parameter in record.data.split()[2:]:
            key, _, value = parameter.partition("=")
            if key in ("ipv4hint", "ipv6hint"):
                texts += value.strip('"').split(",")
    else:
        return []
    found = []
    for text in texts:
        try:
            found.append(str(ipaddress.ip_address(text)))
        except ValueError:
            continue
    return found


def _asked_name(answer: DnsAnswer) -> str:
    name = _plain(answer.name)
    if answer.type in ("HTTPS", "SVCB"):
        while name.startswith("_") and "." in name:
            name = name.partition(".")[2]
    return name


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
