"""
The number space in which decoders name what comes next.

Inside a frame one header names the one after it, each in numbers of its own: link types, ethertypes, IP
protocol numbers, UDP ports. Here they share one space, so that decoding is one table: a decoder takes
``(data, offset, end)`` and gives ``(kind, offset, end)`` of what it carries, ``None`` where that is nothing
to decode, or raises ``Malformed``. Each space has its own base, so that numbers of two spaces never meet.

Source: the tcpdump group's list of link-layer header types; IANA "IEEE 802 Numbers" and "Protocol Numbers".
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "ETHERNET",
    "IPV4",
    "IPV6",
    "LINK",
    "MPLS",
    "PPP",
    "PROTOCOL",
    "RAW_IP",
    "UDP_PORT",
    "Decoder",
    "Step",
]

Step = tuple[int, int, int]
"""Kind, offset and end of what a header carries."""
Decoder = Callable[[bytes, int, int], Step | None]

IPV4, IPV6, MPLS = 0x0800, 0x86DD, 0x8847  # ethertypes stand for themselves
PROTOCOL = 0x1_0000
"""Added to an IP protocol number."""
UDP_PORT = 0x2_0000
"""Added to a UDP destination port."""
LINK = 0x4_0000
"""Added to a LINKTYPE_ number."""

ETHERNET = LINK + 1
PPP = LINK + 9
RAW_IP = LINK + 101
"""An IP header of either version, told by its first four bits."""
