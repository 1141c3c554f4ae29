"""
A frame to its innermost IP header: link layer, tags, tunnels and IP, one table.

``decode`` starts at any kind of header (a link type, an ethertype, an IP protocol) and follows the table of
decoders until a header that carries nothing it knows. The answer is the last IP header on the way: what a
tunnel carries counts, not the tunnel. Where a tunnel's content cannot be decoded the tunnel's own IP header
stands, so that no frame with an IP header is lost.

At most ``MAX_LAYERS`` headers are read in one frame.
"""

from __future__ import annotations

from sensor.errors import Malformed
from sensor.wire.ip import Fragment, parse_ipv4, parse_ipv6
from sensor.wire.layers import ETHERNET, IPV4, IPV6, LINK, PROTOCOL, RAW_IP, UDP_PORT, Decoder
from sensor.wire.link import LINK_DECODERS
from sensor.wire.tunnel import TUNNEL_DECODERS

__all__ = ["DECODERS", "MAX_LAYERS", "Packet", "decode"]

Packet = tuple[int, bytes, int, int, int, int, int, Fragment | None]
"""Offset of the IP header, source and destination address in one (8 or 32 bytes), transport protocol number,
offset of the transport header, end of the packet within the captured bytes, IP total length, offset of the
six bytes of the sender's MAC address (-1: none), fragment or None."""

MAX_LAYERS = 16

DECODERS: dict[int, Decoder] = {**LINK_DECODERS, **TUNNEL_DECODERS, RAW_IP: LINK_DECODERS[RAW_IP]}
"""Every decoder that is not IP itself, by kind."""

_UDP = PROTOCOL + 17
# Where in a link layer's header the sender's MAC address stands.
_MAC_AT = {ETHERNET: 6, LINK + 113: 6, LINK + 276: 12}


def decode(kind: int, data: bytes, offset: int = 0, mac: int = -1) -> tuple[Packet | None, str | None]:
    """
    The innermost IP packet, and the name of what was odd on the way to it, each if any.

    An ethertype that no decoder reads gives ``(None, None)``: ARP is not odd.
    """
    packet: Packet | None = None
    end = len(data)
    try:
        for _ in range(MAX_LAYERS):
            if kind == IPV4 or kind == IPV6:
                parse = parse_ipv4 if kind == IPV4 else parse_ipv6
                addresses, protocol, transport, stop, total, fragment = parse(data, offset, end)
                packet = offset, addresses, protocol, transport, stop, total, mac, fragment
                if fragment is not None:
                    return packet, None
                kind, offset, end = PROTOCOL + protocol, transport, stop
            if kind == _UDP:
                if end - offset < 8:
                    return packet, None
                kind = UDP_PORT + (data[offset + 2] << 8 | data[offset + 3])
                offset += 8
            decoder = DECODERS.get(kind)
            if decoder is None:
                return packet, "link_type_unknown" if kind >= LINK else None
            mac_at = _MAC_AT.get(kind)
            if mac_at is not None:
                mac = offset + mac_at
            step = decoder(data, offset, end)
            if step is None:
                return packet, None
            kind, offset, end = step
        return packet, "too_many_layers"
    except Malformed as odd:
        return packet, odd.name
