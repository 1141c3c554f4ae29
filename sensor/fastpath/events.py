"""
What the fast path says about a block of packets: plain tuples, the kind first.

Side 0 of a flow is the end that sent its first frame, side 1 the other. ``flow`` is the number of that first
frame, counted from 1: unique within a source, and the same whenever the source is read again. ``key`` holds
side 0's address, side 1's address, side 0's port and side 1's port in network order (12 bytes with IPv4, 36
with IPv6; ports are 0 where the protocol is neither TCP nor UDP).

========  ==================================================================================================
OPEN      kind, flow, protocol, key. Comes before the first SEGMENT or DATAGRAM of a flow; a flow that has
          none of them has no OPEN.
SEGMENT   kind, flow, side, ts, frame, sequence number of the payload's first byte, sequence number of the
          stream's first byte (None where no SYN was seen), captured payload, length of the payload
DATAGRAM  kind, flow, side, ts, frame, captured payload, length of the payload
END       kind, flow, protocol, key, side that a SYN shows to be the client (None: no SYN seen), first, last,
          volumes of side 0, volumes of side 1, reason
WEIRD     kind, name, ts, frame
========  ==================================================================================================

Volumes are ``(packets, ip bytes, wire bytes, payload bytes, copies, ip bytes of copies, MAC or None)``;
copies are within the packets and bytes before them.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "DATAGRAM",
    "DNS_PORTS",
    "END",
    "EVICTED",
    "FINISHED",
    "IDLE",
    "OPEN",
    "REUSED",
    "SEGMENT",
    "TCP",
    "UDP",
    "WEIRD",
    "Event",
    "Volumes",
]

OPEN, SEGMENT, DATAGRAM, END, WEIRD = 1, 2, 3, 4, 5

TCP, UDP = 6, 17
DNS_PORTS = (53, 5353)
"""UDP ports whose datagrams are all handed over."""

FINISHED, IDLE, REUSED, EVICTED = "finished", "idle", "reused", "evicted"
"""Reasons of an END: the source ended, nothing came for too long, the ports began a new connection, room."""

Event = tuple[Any, ...]
Volumes = tuple[int, int, int, int, int, int, bytes | None]
