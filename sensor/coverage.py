"""
What could be seen, and what could not: counters with a closed set of names.

An inventory says what was found; coverage says how much there was to look at and where nothing could be
found, so that "no AI use" and "no sight" are never mistaken for each other. No names of hosts, users or
devices stand here.

Rule 1: a counter that is not in ``COUNTERS`` does not exist: ``count`` raises ``KeyError``, which a test
finds.
Rule 2: weirds are counted beside them, under their own names; after ``MAX_WEIRDS`` different names the rest
is counted as ``other``.
Rule 3: counters only grow, and merge by addition: workers keep their own and are summed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["COUNTERS", "MAX_WEIRDS", "Counter", "Coverage"]

MAX_WEIRDS = 256
"""Different names of weirds."""


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter."""

    name: str
    blind: bool
    """True where it counts what could not be seen; false where it counts what there was to see."""
    says: str
    """What one more means, as a sentence."""


COUNTERS: Mapping[str, Counter] = {
    counter.name: counter
    for counter in (
        # What there was to see.
        Counter("frame", False, "A frame was read."),
        Counter("flow", False, "A flow ended, and its volume is known."),
        Counter("tls_hello", False, "A TLS ClientHello was read, over TCP or QUIC."),
        Counter("http_request", False, "The head of an HTTP request was read."),
        Counter("dns_answer", False, "A DNS answer was read."),
        Counter("tunnel_asked", False, "A client asked the proxy for a tunnel."),
        Counter("not_ai", False, "Named and not AI; the name was not kept."),
        Counter("named_by_dns", False, "A flow showed no name, and the client's DNS answers named it."),
        Counter(
            "own_proxy_flow", False, "A flow of one of this sensor's proxies: recorded there, not twice."
        ),
        Counter("duplicate_packet", False, "A packet was a copy; its bytes were left out of the volumes."),
        # What could not.
        Counter("frame_dropped", True, "The kernel or the card dropped a frame before it was read."),
        Counter("frame_truncated", True, "A frame was cut by the capture, and what was cut was needed."),
        Counter("frame_not_ip", True, "A frame was not IP, or of a link type that is not read."),
        Counter(
            "fragment_incomplete",
            True,
            "A fragmented IP packet could not be put together and is counted only.",
        ),
        Counter("flow_midstream", True, "A flow had begun before the capture; its beginning was not seen."),
        Counter("hello_partial", True, "A ClientHello broke off; what had arrived was used."),
        Counter("hello_without_name", True, "A ClientHello carried no server name."),
        Counter("ech_real", True, "A ClientHello was encrypted; the name outside is the provider's front."),
        Counter(
            "name_ambiguous", True, "DNS names for an address pointed at different apps; none was taken."
        ),
        Counter("quic_unreadable", True, "A QUIC Initial was of an unknown version or could not be opened."),
        Counter(
            "dns_encrypted", True, "A client talked to a resolver that hides its questions (DoT, DoH, DoQ)."
        ),
        Counter(
            "not_inspectable", True, "A client would not take the proxy's certificate; nothing was sent."
        ),
        Counter("not_inspected", True, "A tunnel to an AI app was passed on without being read."),
        Counter("evicted", True, "A bound was reached, and the oldest entry of a table was let go."),
        Counter(
            "event_dropped", True, "An event of the passive door was lost because recording fell behind."
        ),
        Counter("fail_open", True, "Inline traffic passed without a record, because on_error says pass."),
        Counter("fail_closed", True, "Inline traffic was refused because deciding or recording failed."),
    )
}
"""Every counter there is."""


class Coverage:
    """Counters, all at zero."""

    __slots__ = ("_counts", "_weirds")

    def __init__(self) -> None:
        self._counts = dict.fromkeys(COUNTERS, 0)
        self._weirds: dict[str, int] = {}

    def count(self, name: str, n: int = 1) -> None:
        """``n`` more of one counter. Raises ``KeyError`` where there is none of that name."""
        self._counts[name] += n

    def weird(self, name: str, n: int = 1) -> None:
        """``n`` more of one kind of odd traffic."""
        if name not in self._weirds and len(self._weirds) >= MAX_WEIRDS:
            name = "other"
        self._weirds[name] = self._weirds.get(name, 0) + n

    def merge(self, other: Coverage) -> None:
        """Add another's counters to these."""
        for name, n in other._counts.items():
            self._counts[name] += n
        for name, n in other._weirds.items():
            self.weird(name, n)

    def snapshot(self) -> dict[str, int]:
        """Every counter that is not zero, in the order of ``COUNTERS``; weirds follow as ``weird.<name>``."""
        counts = {name: n for name, n in self._counts.items() if n}
        return counts | {f"weird.{name}": n for name, n in sorted(self._weirds.items())}

    def restore(self, snapshot: Mapping[str, int]) -> None:
        """Add what ``snapshot`` gave; names that another version counted are passed over."""
        for name, n in snapshot.items():
            kind, dot, weird = name.partition(".")
            if dot and kind == "weird":
                self.weird(weird, n)
            elif name in self._counts:
                self._counts[name] += n
