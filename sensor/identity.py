"""
Who had an address when.

Rule 1: a binding is an interval. What stands behind an address is true from one time to another; a flow is
attributed by the time it was seen, never by what is known now.
Rule 2: rather no name than another person's. An address that moved to another device keeps nothing of what
was known about it before, whoever said it.
Rule 3: facts are kept as they came, and weighed when asked. Sources may contradict each other, and be told
late and in any order: at worst less is known then, never another's name.

What is true of an address at a time ``ts``, of all that was told about it from before ``ts``:

1. Of each source (``dhcp``, ``proxy_auth``, …) only the newest fact: a new one closes the one before it.
2. The device that holds the address is the one whose MAC was told last. Facts from before its first sighting
   (since the last other MAC) are about a former holder, and are dropped. A source that names its devices by
   host name alone moves an address likewise, and so does a release (``close``), and so does the first word of
   a source that hands addresses out (``HAND_OUT``), whoever was there before.
3. Facts that have ended are dropped. One told without an end holds for ``HOLDS_S`` after it was last proved.
4. User, MAC and host name are each taken from the surest fact left, of equals from the newest.

A MAC is a device only while it stands for few addresses. A router's stands for everyone behind it: one that
is seen with more than ``ROUTER_IPV4`` IPv4 or ``ROUTER_IPV6`` IPv6 addresses (hosts have several of those,
RFC 8981) within ``ROUTER_WINDOW_S`` seconds is a router's from then on, for times before as well. The
addresses of virtual routers (VRRP, RFC 9568, section 7.3; HSRP) are known as such at once.

Bounds: ``MAX_BINDINGS`` facts in all and ``MAX_BINDINGS_PER_ADDRESS`` for one address (those proved longest
ago go first; facts from a person's own table do not count and never go), ``MAX_MACS`` MACs under watch and
as many known routers.
"""

from __future__ import annotations

import bisect
import functools
import heapq
import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from sensor.model import Attribution, Subject

__all__ = [
    "CONFIDENCE",
    "HOLDS_S",
    "MAX_BINDINGS",
    "MAX_BINDINGS_PER_ADDRESS",
    "MAX_MACS",
    "ROUTER_IPV4",
    "ROUTER_IPV6",
    "ROUTER_WINDOW_S",
    "TABLE",
    "Binding",
    "Directory",
    "parse_mac",
    "plain_address",
]

TABLE = "table"
"""The source name of a person's own table: it holds for all time, unless an end is given."""

CONFIDENCE = {
    "proxy_auth": 1.0,
    "radius": 0.95,
    "dhcp": 0.9,
    "kerberos": 0.9,
    "ntlm": 0.85,
    TABLE: 0.8,
    "mac": 0.7,
    "mdns": 0.5,
    "nbns": 0.5,
    "llmnr": 0.4,
    "address": 0.3,
}
"""How sure a source is, where the caller does not say. A judgement, not a measurement."""

OTHER_CONFIDENCE = 0.5
"""For a source that is not in ``CONFIDENCE``."""

HOLDS_S = {"dhcp": 86400.0, "mac": 86400.0, "radius": 86400.0, TABLE: float("inf")}
"""How long a fact without an end holds after its last proof; ``OTHER_HOLDS_S`` for other sources."""

OTHER_HOLDS_S = 36000.0
"""Ten hours: the usual life of a Kerberos ticket, and longer than a working day."""

ROUTER_IPV4 = 4
ROUTER_IPV6 = 16
ROUTER_WINDOW_S = 3600.0
MAX_BINDINGS = 262_144
MAX_BINDINGS_PER_ADDRESS = 32
MAX_MACS = 65_536

HAND_OUT = ("dhcp", "radius")
"""Sources that hand an address out: what they tell first is about a new holder, whoever was there unnamed."""

_ALL = ""
"""The source of a fact that takes back what every source said."""
_NOTHING = (None, None, None)
_VIRTUAL_ROUTERS = ("00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One source's word on who or what stood behind an address."""

    address: str
    start: float
    last: float
    """When it was last proved."""
    end: float | None
    """``None``: open."""
    source: str
    confidence: float
    user: str | None
    mac: str | None
    host_name: str | None
    frame: str | None
    """The key of the observation that first proved it."""


class _Fact:
    """A binding as it is kept: ``last``, ``end`` and ``confidence`` move on with each renewal."""

    __slots__ = (
        "confidence",
        "end",
        "frame",
        "gone",
        "host_name",
        "last",
        "mac",
        "source",
        "start",
        "user",
    )

    def __init__(
        self,
        user: str | None,
        mac: str | None,
        host_name: str | None,
        source: str,
        confidence: float,
        start: float,
        end: float | None,
        frame: str | None,
    ) -> None:
        self.user = user
        self.mac = mac
        self.host_name = host_name
        self.source = source
        self.confidence = confidence
        self.start = start
        self.last = start
        self.end = end
        self.frame = frame
        self.gone = False

    def says(self) -> tuple[str | None, str | None, str | None]:
        """What is told; nothing at all where what was told before is taken back."""
        return (self.user, self.mac, self.host_name)

    def until(self) -> float:
        """When it stops to hold."""
        return self.last + HOLDS_S.get(self.source, OTHER_HOLDS_S) if self.end is None else self.end

    def proved(self, ts: float) -> float:
        """When it was last proved before ``ts``, as far as that is still known."""
        return self.last if self.last <= ts else self.start


class Directory:
    """Bindings of addresses to users and devices, told by any number of sources."""

    def __init__(
        self,
        *,
        max_bindings: int = MAX_BINDINGS,
        max_per_address: int = MAX_BINDINGS_PER_ADDRESS,
        max_macs: int = MAX_MACS,
    ) -> None:
        self._max_bindings = max_bindings
        self._max_per_address = max_per_address
        self._max_macs = max_macs
        self._facts: dict[str, list[_Fact]] = {}
        """Address to facts, by start."""
        self._oldest: list[tuple[float, int, str, _Fact]] = []
        """A heap by ``last`` as it was when pushed; brought up to date when popped."""
        self._pushed = 0
        self._count = 0
        self._watched: OrderedDict[str, dict[str, float]] = OrderedDict()
        """MAC to address to when it was last seen there."""
        self._routers: OrderedDict[str, None] = OrderedDict()
        self.evicted = 0
        """How many facts had to go because of a bound."""

    def __len__(self) -> int:
        """How many facts are kept, those from a table left out."""
        return self._count

    def bind(
        self,
        address: str,
        *,
        source: str,
        start: float,
        user: str | None = None,
        mac: str | None = None,
        host_name: str | None = None,
        confidence: float | None = None,
        end: float | None = None,
        frame: str | None = None,
    ) -> None:
        """
        Learn that from ``start`` on, a user or device stood behind an address.

        Telling the same thing again renews it. A MAC that is no single device's (multicast, all zero, a
        virtual router) and a binding that says nothing are passed over.
        """
        address = plain_address(address)
        mac = parse_mac(mac) if mac is not None else None
        host_name = _plain_name(host_name)
        user = user or None
        if mac is not None:
            self._watch(mac, address, start)
            if mac in self._routers:
                mac = None
        if user is None and mac is None and host_name is None:
            return
        if confidence is None:
            confidence = CONFIDENCE.get(source, OTHER_CONFIDENCE)
        self._tell(address, _Fact(user, mac, host_name, source, confidence, start, end, frame))

    def close(self, address: str, ts: float, *, source: str | None = None) -> None:
        """
        What was known about an address ends at ``ts`` (a lease released, a session over).

        With ``source``, only what that source said. A table's word is closed only by name.
        """
        self._tell(plain_address(address), _Fact(None, None, None, source or _ALL, 0.0, ts, None, None))

    def subject_at(self, address: str, ts: float, *, user: str | None = None) -> Subject:
        """
        Who and what stood behind an address at a time.

        ``user`` is who authenticated on this very request: nobody knows better. The device falls back to
        ``ip:<address>``.
        """
        address = plain_address(address)
        facts = self._true_at(address, ts)
        attribution: list[Attribution] = []
        if user:
            attribution.append(Attribution("proxy_auth", 1.0))
        else:
            user = None
            named = _surest((fact for fact in facts if fact.user is not None), ts)
            if named is not None:
                user = named.user
                attribution.append(Attribution(named.source, named.confidence))
        by_mac = _surest((fact for fact in facts if self._device(fact) is not None), ts)
        by_name = _surest((fact for fact in facts if fact.host_name is not None), ts)
        if by_mac is not None:
            device = f"mac:{by_mac.mac}"
            proof = Attribution(by_mac.source, by_mac.confidence)
        elif by_name is not None:
            device = f"host:{by_name.host_name}"
            proof = Attribution(by_name.source, by_name.confidence)
        else:
            device = f"ip:{address}"
            proof = Attribution("address", CONFIDENCE["address"])
        if proof not in attribution:
            attribution.append(proof)
        return Subject(user=user, device=device, attribution=tuple(attribution))

    def bindings_at(self, address: str, ts: float) -> tuple[Binding, ...]:
        """Everything held true of an address at a time, contradictions included, the surest first."""
        address = plain_address(address)
        facts = self._true_at(address, ts)
        facts.sort(key=lambda fact: (-fact.confidence, -fact.proved(ts)))
        return tuple(
            Binding(
                address=address,
                start=fact.start,
                last=fact.last,
                end=fact.end,
                source=fact.source,
                confidence=fact.confidence,
                user=fact.user,
                mac=fact.mac,
                host_name=fact.host_name,
                frame=fact.frame,
            )
            for fact in facts
        )

    def is_router(self, mac: str) -> bool:
        """Whether a MAC stands for many addresses, and so for no device."""
        plain = parse_mac(mac)
        return plain is None or plain in self._routers

    def _tell(self, address: str, fact: _Fact) -> None:
        """Put a fact in its place, or renew the one that says the same."""
        facts = self._facts.setdefault(address, [])
        at = bisect.bisect_right(facts, fact.start, key=_start_of)
        before = next((other for other in reversed(facts[:at]) if other.source == fact.source), None)
        if (
            before is not None
            and before.says() == fact.says() != _NOTHING
            and fact.start <= before.until()
            and not any(_comes_between(other, before.last, fact) for other in facts)
        ):
            before.confidence = max(before.confidence, fact.confidence)
            if fact.start >= before.last:
                before.last = fact.start
                before.end = fact.end
            return
        facts.insert(at, fact)
        if fact.source != TABLE:
            self._keep(address, fact)

    def _device(self, fact: _Fact) -> str | None:
        """The MAC of a fact, where it is a device's."""
        return fact.mac if fact.mac not in self._routers else None

    def _true_at(self, address: str, ts: float) -> list[_Fact]:
        """Steps 1 to 3 of the module's docstring."""
        facts = self._facts.get(address)
        if not facts:
            return []
        told = sorted((fact for fact in facts if fact.start <= ts), key=lambda fact: fact.proved(ts))
        newest = {fact.source: fact for fact in told}
        holder, since = self._holder(told, ts)
        for fact in told:
            # Asked about the past: this fact was proved before and after, and what stands between was told
            # late. Whether it was proved again in time is not kept, so it is not known who held the address.
            if fact.last > ts:
                if fact.start < since and (fact.mac is not None or fact.host_name is not None):
                    return []
                if newest.get(fact.source, fact) is not fact:
                    del newest[fact.source]
        return [
            fact
            for fact in newest.values()
            if ts < fact.until()
            and fact.says() != _NOTHING
            and (
                # A table is true at all times, but not of another device.
                self._device(fact) in (None, holder) if fact.source == TABLE else fact.proved(ts) >= since
            )
        ]

    def _holder(self, told: list[_Fact], ts: float) -> tuple[str | None, float]:
        """The MAC that holds the address, if known, and since when it is held by who holds it."""
        sightings = [(fact.start, fact) for fact in told]
        sightings += [(fact.last, fact) for fact in told if fact.start < fact.last <= ts]
        sightings.sort(key=_first)
        since = float("-inf")
        mac: str | None = None
        names: dict[str, str] = {}
        for seen, fact in sightings:
            if fact.source == TABLE:
                continue
            if fact.source == _ALL:
                since = seen
                mac = None
                names.clear()
                continue
            device = self._device(fact)
            hands_out = fact.source in HAND_OUT
            if device is not None:
                if device != mac and (hands_out or mac is not None):
                    since = seen
                    names.clear()
                mac = device
            elif fact.host_name is not None:
                before = names.get(fact.source)
                if before != fact.host_name and (hands_out or before is not None):
                    since = seen
                    mac = None
            if fact.host_name is not None:
                names[fact.source] = fact.host_name
        return mac, since

    def _watch(self, mac: str, address: str, ts: float) -> None:
        """Notice that a MAC was seen with an address; it may turn out to be a router's."""
        if mac in self._routers:
            self._routers.move_to_end(mac)
            return
        seen = self._watched.setdefault(mac, {})
        self._watched.move_to_end(mac)
        seen[address] = max(ts, seen.get(address, ts))
        if len(seen) > ROUTER_IPV4:
            fresh = {where: when for where, when in seen.items() if when > ts - ROUTER_WINDOW_S}
            self._watched[mac] = fresh
            many = sum(":" in where for where in fresh)
            if len(fresh) - many > ROUTER_IPV4 or many > ROUTER_IPV6:
                self._routers[mac] = None
                del self._watched[mac]
        if len(self._watched) > self._max_macs:
            self._watched.popitem(last=False)
        if len(self._routers) > self._max_macs:
            self._routers.popitem(last=False)

    def _keep(self, address: str, fact: _Fact) -> None:
        """Count a new fact in, and let the oldest ones go where there are too many."""
        self._count += 1
        self._pushed += 1
        heapq.heappush(self._oldest, (fact.last, self._pushed, address, fact))
        mine = [other for other in self._facts[address] if other.source != TABLE]
        if len(mine) > self._max_per_address:
            self._drop(address, min(mine, key=lambda other: other.last))
        while self._count > self._max_bindings:
            last, pushed, where, oldest = heapq.heappop(self._oldest)
            if oldest.gone:
                continue
            if oldest.last > last:
                heapq.heappush(self._oldest, (oldest.last, pushed, where, oldest))
            else:
                self._drop(where, oldest)
        if len(self._oldest) > 2 * self._max_bindings:
            # Facts that went by the bound of their address are still in the heap.
            self._oldest = [entry for entry in self._oldest if not entry[3].gone]
            heapq.heapify(self._oldest)

    def _drop(self, address: str, fact: _Fact) -> None:
        fact.gone = True
        self._count -= 1
        self.evicted += 1
        facts = self._facts[address]
        facts.remove(fact)
        if not facts:
            del self._facts[address]


def parse_mac(text: str) -> str | None:
    """
    A MAC address as ``aa:bb:cc:dd:ee:ff``, from any of the usual spellings.

    ``None`` where it is not one, or not one device's: a group address (IEEE 802, the I/G bit), all zero, or
    a virtual router's.
    """
    digits = text.replace(":", "").replace("-", "").replace(".", "").lower()
    if len(digits) != 12 or not set(digits) <= set("0123456789abcdef"):
        return None
    mac = ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    if int(digits[:2], 16) & 1 or mac == "00:00:00:00:00:00" or mac.startswith(_VIRTUAL_ROUTERS):
        return None
    return mac


@functools.lru_cache(maxsize=4096)
def plain_address(text: str) -> str:
    """
    One spelling for one address: IPv6 compressed (RFC 5952), without a zone, IPv4-mapped ones as IPv4.

    What is not an address is given back in lower case.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.lower()
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def _plain_name(name: str | None) -> str | None:
    return name.rstrip(".").lower() or None if name is not None else None


def _start_of(fact: _Fact) -> float:
    return fact.start


def _first(sighting: tuple[float, _Fact]) -> float:
    return sighting[0]


def _comes_between(other: _Fact, last: float, renewal: _Fact) -> bool:
    """Whether the address may have changed hands before a renewal: then it is a fact of its own."""
    if not (last < other.start <= renewal.start or last < other.last <= renewal.start):
        return False
    return other.source == _ALL or (
        other.mac is not None and renewal.mac is not None and other.mac != renewal.mac
    )


def _surest(facts: Iterable[_Fact], ts: float) -> _Fact | None:
    return max(facts, key=lambda fact: (fact.confidence, fact.proved(ts)), default=None)
