"""
Link layers: from a frame's first byte to the ethertype that names its content.

Every function is a decoder (see ``layers``): it reads one header, within ``end``, and keeps nothing.

Source: IEEE 802.3 and 802.1Q; RFC 1042 (SNAP); RFC 1661 and 1662 (PPP); the tcpdump group's descriptions of
LINKTYPE_NULL, LOOP, LINUX_SLL, LINUX_SLL2, NFLOG, IEEE802_11 and IEEE802_11_RADIOTAP.
"""

from __future__ import annotations

from sensor.errors import Malformed
from sensor.wire.layers import IPV4, IPV6, LINK, MPLS, RAW_IP, Decoder, Step

__all__ = ["LINK_DECODERS", "decode_ethernet", "decode_ppp", "decode_vlan"]

_FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}
"""AF_INET, and AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS."""
_PPP_PROTOCOLS = {0x0021: IPV4, 0x0057: IPV6, 0x0281: MPLS}
_WIFI = LINK + 105
_NFULA_PAYLOAD = 9
_NFLOG_ATTRIBUTES = 32
"""How many are walked; the kernel writes fewer than twenty."""


def _ethertype(data: bytes, offset: int, end: int) -> Step | None:
    """What the two bytes at ``offset`` name: an ethertype, or (up to 1500) the length of an LLC frame."""
    kind = data[offset] << 8 | data[offset + 1]
    if kind >= 0x0600:
        return kind, offset + 2, end
    return _llc(data, offset + 2, end)


def _llc(data: bytes, offset: int, end: int) -> Step | None:
    """LLC: only SNAP with an ethertype (RFC 1042, and 802.1H for bridged frames) carries IP."""
    if end - offset >= 8 and data[offset : offset + 6] in (b"\xaa\xaa\x03\0\0\0", b"\xaa\xaa\x03\0\0\xf8"):
        return data[offset + 6] << 8 | data[offset + 7], offset + 8, end
    return None


def decode_ethernet(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 14:
        raise Malformed("ethernet_truncated")
    return _ethertype(data, offset + 12, end)


def decode_vlan(data: bytes, offset: int, end: int) -> Step | None:
    """802.1Q, 802.1ad and their forerunners: two bytes of tag, then the ethertype."""
    if end - offset < 4:
        raise Malformed("vlan_truncated")
    return _ethertype(data, offset + 2, end)


def _linux_cooked(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 16:
        raise Malformed("linux_cooked_truncated")
    return _ethertype(data, offset + 14, end)


def _linux_cooked_2(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 20:
        raise Malformed("linux_cooked_truncated")
    kind = data[offset] << 8 | data[offset + 1]
    return (kind, offset + 20, end) if kind >= 0x0600 else _llc(data, offset + 20, end)


def _loopback(data: bytes, offset: int, end: int) -> Step | None:
    """
    BSD loopback: the address family in four bytes.

    LINKTYPE_NULL has them in the byte order of the machine that captured, LINKTYPE_LOOP in network order. No
    family is above 255, so either order is told from the other by where the byte that is not zero stands.
    """
    if end - offset < 4:
        raise Malformed("loopback_truncated")
    family = _FAMILIES.get(data[offset] | data[offset + 3])
    return None if family is None else (family, offset + 4, end)


def _raw_ip(data: bytes, offset: int, end: int) -> Step | None:
    if offset >= end:
        raise Malformed("raw_ip_empty")
    family = {4: IPV4, 6: IPV6}.get(data[offset] >> 4)
    return None if family is None else (family, offset, end)


def _ipv4(data: bytes, offset: int, end: int) -> Step | None:
    return IPV4, offset, end


def _ipv6(data: bytes, offset: int, end: int) -> Step | None:
    return IPV6, offset, end


def decode_ppp(data: bytes, offset: int, end: int) -> Step | None:
    """PPP with or without address and control bytes, protocol field compressed or not (RFC 1661, 6.5)."""
    if data[offset : offset + 2] == b"\xff\x03":
        offset += 2
    if offset >= end:
        raise Malformed("ppp_truncated")
    protocol, size = data[offset], 1
    if not protocol & 1:
        if offset + 1 >= end:
            raise Malformed("ppp_truncated")
        protocol, size = protocol << 8 | data[offset + 1], 2
    kind = _PPP_PROTOCOLS.get(protocol)
    return None if kind is None else (kind, offset + size, end)


def _nflog(data: bytes, offset: int, end: int) -> Step | None:
    """A netfilter log message: attributes in little-endian order (as every capture seen had them)."""
    offset += 4
    for _ in range(_NFLOG_ATTRIBUTES):
        if end - offset < 4:
            break
        size = data[offset] | data[offset + 1] << 8
        kind = data[offset + 2] | (data[offset + 3] & 0x7F) << 8
        if size < 4:
            raise Malformed("nflog_attribute_length")
        if kind == _NFULA_PAYLOAD:
            return RAW_IP, offset + 4, min(offset + size, end)
        offset += (size + 3) // 4 * 4
    return None


def _radiotap(data: bytes, offset: int, end: int) -> Step | None:
    if end - offset < 8:
        raise Malformed("radiotap_truncated")
    return _WIFI, offset + (data[offset + 2] | data[offset + 3] << 8), end


def _wifi(data: bytes, offset: int, end: int) -> Step | None:
    """An 802.11 data frame in clear; all others carry nothing to decode."""
    if end - offset < 24:
        raise Malformed("wifi_truncated")
    control, flags = data[offset], data[offset + 1]
    # Version 0, type 2 (data), not a subtype without data, not protected.
    if control & 0x0F != 0x08 or control & 0x40 or flags & 0x40:
        return None
    header = 24
    if flags & 3 == 3:  # to and from the distribution system: a fourth address
        header += 6
    if control & 0x80:  # QoS
        header += 2
        if flags & 0x80:  # order: HT control
            header += 4
    return _llc(data, offset + header, end)


LINK_DECODERS: dict[int, Decoder] = {
    LINK + 0: _loopback,
    LINK + 1: decode_ethernet,
    LINK + 9: decode_ppp,
    LINK + 12: _raw_ip,
    LINK + 14: _raw_ip,
    LINK + 50: decode_ppp,
    LINK + 101: _raw_ip,
    LINK + 105: _wifi,
    LINK + 108: _loopback,
    LINK + 113: _linux_cooked,
    LINK + 127: _radiotap,
    LINK + 228: _ipv4,
    LINK + 229: _ipv6,
    LINK + 239: _nflog,
    LINK + 276: _linux_cooked_2,
    0x8100: decode_vlan,
    0x88A8: decode_vlan,
    0x9100: decode_vlan,
    0x9200: decode_vlan,
}
"""By link type, and the ethertypes of tags that stand before another ethertype."""
