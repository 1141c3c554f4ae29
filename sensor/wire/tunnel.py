"""
Tunnels: from the header of an encapsulation to what it carries.

Every function is a decoder (see ``layers``): it reads one header, within ``end``, and keeps nothing. A tunnel
that is told by a UDP port alone must look like one as well, or it is none (``None``): any program may use the
port.

Source: RFC 2784 and 2890 (GRE), RFC 2637 section 4.1 (GRE version 1), draft-foschiano-erspan-03 (ERSPAN),
RFC 7348 (VXLAN), draft-ietf-nvo3-vxlan-gpe-12 (VXLAN-GPE), RFC 8926 (Geneve), RFC 3032 and 4385 (MPLS),
RFC 2516 (PPPoE), 3GPP TS 29.281 (GTP-U).
"""

from __future__ import annotations

from sensor.errors import Malformed
from sensor.wire.layers import ETHERNET, IPV4, IPV6, MPLS, PPP, PROTOCOL, RAW_IP, UDP_PORT, Decoder, Step

__all__ = ["MAX_STACK", "TUNNEL_DECODERS", "UDP_TUNNEL_PORTS"]

MAX_STACK = 16
"""Labels (MPLS) or extension headers (GTP-U) that are walked in one header."""

_ERSPAN, _ERSPAN_3, _BRIDGED, _GRE_PPP = 0x88BE, 0x22EB, 0x6558, 0x880B
_GPE_NEXT = {1: IPV4, 2: IPV6, 3: ETHERNET, 5: MPLS}


def _gre(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 4:
        raise Malformed("gre_truncated")
    flags, version = data[offset], data[offset + 1] & 7
    if version > 1:
        raise Malformed("gre_version")
    kind = data[offset + 2] << 8 | data[offset + 3]
    start = offset + 4
    if flags & 0xC0:  # checksum, or routing (RFC 1701): both make room for either
        start += 4
    if flags & 0x20:  # key
        start += 4
    if flags & 0x10:  # sequence number
        start += 4
    if version == 1 and data[offset + 1] & 0x80:  # acknowledgement
        start += 4
    if flags & 0x40 and version == 0:
        raise Malformed("gre_source_route")
    if start > end:
        raise Malformed("gre_truncated")
    if kind == _ERSPAN:
        # Type I has no header of its own and no sequence number; type II has eight bytes.
        start += 8 if flags & 0x10 else 0
        kind = ETHERNET
    elif kind == _ERSPAN_3:
        if end - start < 12:
            raise Malformed("erspan_truncated")
        start += 20 if data[start + 11] & 1 else 12  # the O bit: a platform's own eight bytes follow
        kind = ETHERNET
    elif kind == _BRIDGED:
        kind = ETHERNET
    elif kind == _GRE_PPP:
        kind = PPP
    return kind, start, end


def _vxlan(data: bytes, offset: int, end: int) -> Step | None:
    """VXLAN: the I flag set, the last byte of the header zero."""
    if end - offset < 8 or not data[offset] & 0x08 or data[offset + 7]:
        return None
    return ETHERNET, offset + 8, end


def _vxlan_gpe(data: bytes, offset: int, end: int) -> Step | None:
    """VXLAN-GPE: the fourth byte names what follows (the P flag should say so, and is at times forgotten)."""
    if end - offset < 8 or not data[offset] & 0x0C:
        return None
    kind = _GPE_NEXT.get(data[offset + 3])
    return None if kind is None else (kind, offset + 8, end)


def _geneve(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 8 or data[offset] & 0xC0 or data[offset + 7]:
        return None
    kind = data[offset + 2] << 8 | data[offset + 3]
    start = offset + 8 + (data[offset] & 0x3F) * 4
    if start > end:
        return None
    return (ETHERNET if kind == _BRIDGED else kind), start, end


def _gtp(data: bytes, offset: int, end: int) -> Step | None:
    """GTP-U version 1: only a G-PDU (255) carries a user's packet."""
    if end - offset < 8 or data[offset] & 0xF0 != 0x30 or data[offset + 1] != 255:
        return None
    start = offset + 8
    if data[offset] & 0x07:
        # "If and only if one or more of these three flags are set, the fields Sequence Number, N-PDU and
        # Extension Header shall be present", all of them.
        start += 4
    if data[offset] & 0x04:
        # An extension header begins with its length in units of four bytes and ends with the next type.
        for _ in range(MAX_STACK):
            if start >= end or data[start - 1] == 0 or data[start] == 0:
                break
            start += data[start] * 4
    return (RAW_IP, start, end) if start < end and data[start] >> 4 in (4, 6) else None


def _mpls(data: bytes, offset: int, end: int) -> Step | None:
    """
    A label stack. What is below it no field says: the first four bits do (RFC 4928, section 3).

    4 and 6 are IP; 0 is a pseudowire's control word with Ethernet behind it (RFC 4448, section 4.6).
    """
    for _ in range(MAX_STACK):
        if end - offset < 4:
            raise Malformed("mpls_truncated")
        offset += 4
        if data[offset - 2] & 1:  # bottom of the stack
            break
    else:
        raise Malformed("mpls_stack_too_deep")
    if offset >= end:
        raise Malformed("mpls_truncated")
    version = data[offset] >> 4
    if version in (4, 6):
        return RAW_IP, offset, end
    return (ETHERNET, offset + 4, end) if version == 0 else None


def _pppoe(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 6:
        raise Malformed("pppoe_truncated")
    if data[offset] != 0x11 or data[offset + 1]:
        raise Malformed("pppoe_header")
    size = data[offset + 4] << 8 | data[offset + 5]
    return PPP, offset + 6, min(end, offset + 6 + size)


def _ip(data: bytes, offset: int, end: int) -> Step | None:
    return RAW_IP, offset, end


UDP_TUNNEL_PORTS = (2152, 4789, 4790, 6081, 8472)

TUNNEL_DECODERS: dict[int, Decoder] = {
    0x8847: _mpls,
    0x8848: _mpls,
    0x8864: _pppoe,
    PROTOCOL + 4: _ip,
    PROTOCOL + 41: _ip,
    PROTOCOL + 47: _gre,
    PROTOCOL + 137: _mpls,
    UDP_PORT + 2152: _gtp,
    UDP_PORT + 4789: _vxlan,
    UDP_PORT + 4790: _vxlan_gpe,
    UDP_PORT + 6081: _geneve,
    UDP_PORT + 8472: _vxlan,
}
"""By ethertype, IP protocol and UDP destination port."""
