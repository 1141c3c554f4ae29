"""A frame to its innermost IP header, through every link layer and tunnel that is read."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.layers import IPV4, LINK, PROTOCOL
from sensor.wire.packet import DECODERS, MAX_LAYERS, decode
from sensor.wire.tunnel import MAX_STACK
from tests.wire import frame_bytes as f

INNER = f.ipv4(f.udp(b"payload", 5_000, 6_000), 17)
INNER6 = f.ipv6(f.udp(b"payload", 5_000, 6_000), 17)
ADDRESSES = f.packed(f.CLIENT) + f.packed(f.SERVER)
ADDRESSES6 = f.packed(f.CLIENT6) + f.packed(f.SERVER6)
SNAP = b"\xaa\xaa\x03\0\0\0"

MPLS = b"\x00\x01\x00\x40\x00\x01\x01\x40"  # two labels, the second with the bottom bit
PPPOE = b"\x11\x00\x00\x07"


def pppoe(content: bytes) -> bytes:
    return PPPOE + len(content).to_bytes(2, "big") + content


def gre(kind: int, content: bytes, flags: int = 0, optional: bytes = b"", version: int = 0) -> bytes:
    return bytes((flags, version)) + kind.to_bytes(2, "big") + optional + content


def tunnel(content: bytes, port: int) -> bytes:
    """A UDP packet to a tunnel's port, from other addresses than what it carries."""
    return f.ethernet(f.ipv4(f.udp(content, 50_000, port), 17, "192.0.2.1", "192.0.2.2"))


def carried(content: bytes, protocol: int) -> bytes:
    return f.ethernet(f.ipv4(content, protocol, "192.0.2.1", "192.0.2.2"))


def wifi(content: bytes, control: int = 0x08, flags: int = 1, extra: int = 0) -> bytes:
    return bytes((control, flags)) + bytes(22 + extra) + content


VXLAN = b"\x08\0\0\0\0\0\x2a\0"
GTP = b"\x30\xff\0\0\0\0\0\1"

LINKS: list[tuple[str, int, bytes]] = [
    ("Ethernet", 1, f.ethernet(INNER)),
    ("802.1Q", 1, f.ethernet(f.vlan(INNER), 0x8100)),
    ("QinQ", 1, f.ethernet(f.vlan(f.vlan(INNER), 0x8100), 0x88A8)),
    ("old QinQ", 1, f.ethernet(f.vlan(f.vlan(INNER), 0x8100), 0x9100)),
    ("802.3 with SNAP", 1, f.ethernet(SNAP + b"\x08\x00" + INNER, 8 + len(INNER))),
    ("bridged SNAP", 1, f.ethernet(b"\xaa\xaa\x03\0\0\xf8\x08\x00" + INNER, 8 + len(INNER))),
    ("Linux cooked", 113, bytes(14) + b"\x08\x00" + INNER),
    ("Linux cooked with VLAN", 113, bytes(14) + b"\x81\x00" + f.vlan(INNER)),
    ("Linux cooked 2", 276, b"\x08\x00" + bytes(18) + INNER),
    ("Linux cooked 2, 802.2", 276, b"\x00\x04" + bytes(18) + SNAP + b"\x08\x00" + INNER),
    ("raw IP", 101, INNER),
    ("raw IP, 12", 12, INNER),
    ("raw IP, 14", 14, INNER),
    ("raw IPv4", 228, INNER),
    ("BSD loopback, little-endian", 0, b"\x02\0\0\0" + INNER),
    ("BSD loopback, big-endian", 0, b"\0\0\0\x02" + INNER),
    ("OpenBSD loopback", 108, b"\0\0\0\x02" + INNER),
    ("PPP", 9, b"\x00\x21" + INNER),
    ("PPP with address and control", 9, b"\xff\x03\x00\x21" + INNER),
    ("PPP, protocol compressed", 9, b"\x21" + INNER),
    ("PPP in HDLC", 50, b"\xff\x03\x00\x21" + INNER),
    ("802.11", 105, wifi(SNAP + b"\x08\x00" + INNER)),
    ("802.11 QoS", 105, wifi(SNAP + b"\x08\x00" + INNER, 0x88, 2, 2)),
    ("802.11 QoS with HT control", 105, wifi(SNAP + b"\x08\x00" + INNER, 0x88, 0x82, 6)),
    ("802.11 between access points", 105, wifi(SNAP + b"\x08\x00" + INNER, 0x08, 3, 6)),
    ("radiotap", 127, b"\0\0\x0a\0" + bytes(6) + wifi(SNAP + b"\x08\x00" + INNER)),
    (
        "netfilter log",
        239,
        b"\2\0\0\0" + b"\x05\0\x01\0x\0\0\0" + struct.pack("<HH", 4 + len(INNER), 9) + INNER,
    ),
]

TUNNELS: list[tuple[str, bytes]] = [
    ("IP in IP", carried(INNER, 4)),
    ("GRE", carried(gre(0x0800, INNER), 47)),
    ("GRE with checksum, key and sequence", carried(gre(0x0800, INNER, 0xB0, bytes(12)), 47)),
    ("GRE with Ethernet", carried(gre(0x6558, f.ethernet(INNER)), 47)),
    ("GRE with PPP", carried(gre(0x880B, b"\xff\x03\x00\x21" + INNER, 0x30, bytes(12), 0x81), 47)),
    ("ERSPAN type I", carried(gre(0x88BE, f.ethernet(INNER)), 47)),
    ("ERSPAN type II", carried(gre(0x88BE, bytes(8) + f.ethernet(INNER), 0x10, bytes(4)), 47)),
    ("ERSPAN type III", carried(gre(0x22EB, bytes(12) + f.ethernet(INNER), 0x10, bytes(4)), 47)),
    (
        "ERSPAN type III, subheader",
        carried(gre(0x22EB, bytes(11) + b"\1" + bytes(8) + f.ethernet(INNER)), 47),
    ),
    ("VXLAN", tunnel(VXLAN + f.ethernet(INNER), 4789)),
    ("VXLAN on the old port of Linux", tunnel(VXLAN + f.ethernet(INNER), 8472)),
    ("VXLAN-GPE with IP", tunnel(b"\x0c\0\0\1\0\0\x2a\0" + INNER, 4790)),
    ("VXLAN-GPE without its P flag", tunnel(b"\x08\0\0\3\0\0\x2a\0" + f.ethernet(INNER), 4790)),
    ("Geneve", tunnel(b"\0\0\x65\x58\0\0\x2a\0" + f.ethernet(INNER), 6081)),
    ("Geneve with options and IP", tunnel(b"\2\0\x08\0\0\0\x2a\0" + bytes(8) + INNER, 6081)),
    ("MPLS", f.ethernet(MPLS + INNER, 0x8847)),
    ("MPLS pseudowire", f.ethernet(MPLS + bytes(4) + f.ethernet(INNER), 0x8848)),
    ("MPLS in IP", carried(MPLS + INNER, 137)),
    ("PPPoE", f.ethernet(pppoe(b"\x00\x21" + INNER), 0x8864)),
    ("PPPoE with MPLS", f.ethernet(pppoe(b"\x02\x81" + MPLS + INNER), 0x8864)),
    ("GTP-U", tunnel(GTP + INNER, 2152)),
    ("GTP-U with a sequence number", tunnel(b"\x32" + GTP[1:] + bytes(4) + INNER, 2152)),
    (
        "GTP-U with extension headers",
        tunnel(b"\x34" + GTP[1:] + b"\0\0\0\x85" + b"\1\0\0\x85" + b"\2" + bytes(7) + INNER, 2152),
    ),
]


def inner_of(data: bytes, link: int = 1) -> tuple[object, ...] | None:
    packet, odd = decode(LINK + link, data)
    assert odd is None
    return None if packet is None else (*packet[1:3], data[packet[3] : packet[4]], packet[5], packet[7])


@pytest.mark.parametrize(("link", "data"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_every_link_layer_leads_to_the_packet(link: int, data: bytes) -> None:
    found = (ADDRESSES, 17, f.udp(b"payload", 5_000, 6_000), len(INNER), None)
    assert inner_of(data, link) == found
    assert inner_of(data + bytes(18), link) == found  # padding, or a frame check sequence, is no payload


@pytest.mark.parametrize("data", [case[1] for case in TUNNELS], ids=[case[0] for case in TUNNELS])
def test_what_a_tunnel_carries_counts(data: bytes) -> None:
    assert inner_of(data) == (ADDRESSES, 17, f.udp(b"payload", 5_000, 6_000), len(INNER), None)


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (1, f.ethernet(INNER6, 0x86DD)),
        (101, INNER6),
        (229, INNER6),
        (0, b"\x1e\0\0\0" + INNER6),
        (0, b"\x1c\0\0\0" + INNER6),
        (108, b"\0\0\0\x18" + INNER6),
        (9, b"\x57" + INNER6),
        (1, carried(INNER6, 41)),
        (1, tunnel(b"\x0c\0\0\2\0\0\x2a\0" + INNER6, 4790)),
        (1, tunnel(GTP + INNER6, 2152)),
    ],
)
def test_ipv6_by_the_same_ways(link: int, data: bytes) -> None:
    assert inner_of(data, link) == (ADDRESSES6, 17, f.udp(b"payload", 5_000, 6_000), len(INNER6), None)


def test_the_mac_address_is_the_innermost_senders() -> None:
    inner = f.ethernet(INNER, source=b"\x02inner")
    for link, data, mac in [
        (1, f.ethernet(INNER, source=b"\x02outer"), b"\x02outer"),
        (1, tunnel(VXLAN + inner, 4789), b"\x02inner"),
        (113, b"\0\0\0\1\0\x06\x02cooke\0\0\x08\x00" + INNER, b"\x02cooke"),
        (276, b"\x08\0" + bytes(10) + b"\x02cooke\0\0" + INNER, b"\x02cooke"),
    ]:
        packet, _ = decode(LINK + link, data)
        assert packet is not None and data[packet[6] : packet[6] + 6] == mac
    packet, _ = decode(LINK + 101, INNER)
    assert packet is not None and packet[6] == -1


@pytest.mark.parametrize(
    ("why", "port", "content"),
    [
        ("VXLAN without its flag", 4789, b"\0" * 8 + f.ethernet(INNER)),
        ("VXLAN with a reserved byte set", 4789, VXLAN[:7] + b"\1" + f.ethernet(INNER)),
        ("VXLAN too short", 4789, VXLAN[:7]),
        ("VXLAN-GPE without flags", 4790, bytes(3) + b"\1" + bytes(4) + INNER),
        ("VXLAN-GPE with NSH", 4790, b"\x0c\0\0\4\0\0\x2a\0" + INNER),
        ("Geneve of another version", 6081, b"\x40\0\x08\0\0\0\x2a\0" + INNER),
        ("Geneve with more options than bytes", 6081, b"\x3f\0\x08\0\0\0\x2a\0" + INNER[:20]),
        ("GTP-U echo request", 2152, b"\x32\1" + bytes(10)),
        ("GTP-U with something else", 2152, GTP + b"\xff" + INNER),
        ("GTP-U with an extension header of no length", 2152, b"\x34" + GTP[1:] + b"\0\0\0\x85\0" + INNER),
        ("GTP-U with extension headers beyond its end", 2152, b"\x34" + GTP[1:] + b"\0\0\0\x85\xff" + INNER),
        ("GTP-U with too many extension headers", 2152, b"\x34" + GTP[1:] + b"\0\0\0\1" + b"\1\0\0\1" * 99),
        ("plain UDP, too short for ports", 4789, b""),
    ],
)
def test_a_tunnels_port_alone_makes_no_tunnel(why: str, port: int, content: bytes) -> None:
    data = tunnel(content, port)
    found = inner_of(data)
    assert found is not None and found[0] == f.packed("192.0.2.1") + f.packed("192.0.2.2"), why


@pytest.mark.parametrize(
    ("odd", "data"),
    [
        ("gre_truncated", carried(b"\0\0\x08", 47)),
        ("gre_truncated", carried(b"\xb0\0\x08\0" + bytes(8), 47)),
        ("gre_version", carried(b"\0\2\x08\0" + INNER, 47)),
        ("gre_source_route", carried(b"\x40\0\x08\0" + bytes(4) + INNER, 47)),
        ("erspan_truncated", carried(gre(0x22EB, bytes(11)), 47)),
        ("ethernet_truncated", carried(gre(0x88BE, bytes(9), 0x10, bytes(4)), 47)),
        ("mpls_truncated", carried(MPLS[:7], 137)),
        ("mpls_truncated", carried(MPLS, 137)),
        ("mpls_stack_too_deep", carried(bytes(4) * MAX_STACK + INNER, 137)),
        ("ipv4_truncated", carried(INNER[:19], 4)),
        ("raw_ip_empty", carried(b"", 4)),
        ("ipv4_header_length", carried(b"\x44" + INNER[1:], 4)),
        ("ipv4_total_length", carried(f.ipv4(b"", total=19), 4)),
        ("ipv6_truncated", carried(INNER6[:39], 41)),
        ("vlan_truncated", carried(gre(0x6558, f.ethernet(b"\0\0\x08", 0x8100)), 47)),
        ("ppp_truncated", carried(gre(0x880B, b"\xff\x03"), 47)),
        ("ppp_truncated", carried(gre(0x880B, b"\xff\x03\x00"), 47)),
    ],
)
def test_a_broken_tunnel_counts_as_its_own_packet_and_is_odd(odd: str, data: bytes) -> None:
    packet, name = decode(LINK + 1, data)
    assert name == odd
    assert packet is not None and packet[1] == f.packed("192.0.2.1") + f.packed("192.0.2.2")


@pytest.mark.parametrize(
    ("odd", "link", "data"),
    [
        ("ethernet_truncated", 1, bytes(13)),
        ("vlan_truncated", 1, f.ethernet(b"\0\0\x08", 0x8100)),
        ("linux_cooked_truncated", 113, bytes(15)),
        ("linux_cooked_truncated", 276, bytes(19)),
        ("loopback_truncated", 0, bytes(3)),
        ("radiotap_truncated", 127, bytes(7)),
        ("wifi_truncated", 105, bytes(23)),
        ("wifi_truncated", 127, b"\0\0\xff\xff" + bytes(90)),
        ("nflog_attribute_length", 239, bytes(4) + b"\3\0\1\0"),
        ("pppoe_truncated", 1, f.ethernet(PPPOE, 0x8864)),
        ("pppoe_header", 1, f.ethernet(b"\x11\x09" + bytes(4), 0x8864)),
        ("pppoe_header", 1, f.ethernet(b"\x21\x00" + bytes(4), 0x8864)),
        ("ipv4_version", 228, INNER6),
        ("ipv6_version", 229, INNER + bytes(20)),
        ("link_type_unknown", 107, INNER),
        ("raw_ip_empty", 101, b""),
    ],
)
def test_a_frame_without_a_packet_that_is_odd(odd: str, link: int, data: bytes) -> None:
    assert decode(LINK + link, data) == (None, odd)


@pytest.mark.parametrize(
    ("what", "link", "data"),
    [
        ("ARP", 1, f.ethernet(bytes(28), 0x0806)),
        ("spanning tree", 1, f.ethernet(b"\x42\x42\x03" + bytes(35), 38)),
        ("LLC, too short", 1, f.ethernet(SNAP, 6)),
        ("AppleTalk on the loopback", 0, b"\x10\0\0\0" + INNER),
        ("neither IPv4 nor IPv6", 101, b"\x50" + INNER[1:]),
        ("PPP link control", 9, b"\xff\x03\xc0\x21" + bytes(8)),
        ("a beacon", 105, wifi(bytes(40), 0x80)),
        ("802.11 without data", 105, wifi(b"", 0x48)),
        ("protected 802.11", 105, wifi(SNAP + b"\x08\x00" + INNER, 0x08, 0x41)),
        ("a netfilter log without a packet", 239, bytes(4) + b"\x08\0\1\0" + bytes(4)),
        ("a netfilter log with nothing but attributes", 239, bytes(4) + b"\x04\0\1\0" * 99),
        ("a pseudowire that is neither", 1, f.ethernet(MPLS + b"\x30" + bytes(40), 0x8847)),
    ],
)
def test_a_frame_that_is_not_ip_is_not_odd(what: str, link: int, data: bytes) -> None:
    assert decode(LINK + link, data) == (None, None), what


def test_tunnels_in_tunnels_are_followed_to_a_bound() -> None:
    data = INNER
    for _ in range(MAX_LAYERS // 2 - 1):
        data = f.ipv4(data, 4, "192.0.2.1", "192.0.2.2")
    packet, odd = decode(IPV4, data)
    assert odd is None and packet is not None and packet[1] == ADDRESSES
    for _ in range(MAX_LAYERS):
        data = f.ipv4(data, 4, "192.0.2.1", "192.0.2.2")
    packet, odd = decode(IPV4, data)
    assert odd == "too_many_layers" and packet is not None and packet[1] != ADDRESSES


def test_a_fragment_is_given_as_one_and_not_looked_into() -> None:
    data = f.ipv4(f.udp(VXLAN + f.ethernet(INNER), 1, 4789), 17, ident=0x1234, more=True)
    packet, odd = decode(IPV4, data)
    assert odd is None and packet is not None
    assert packet[7] == (b"\x12\x34", 0, True)


def test_decoding_may_begin_at_any_header() -> None:
    packet, _ = decode(PROTOCOL + 47, b"\xee" * 3 + gre(0x0800, INNER), 3)
    assert packet is not None and packet[1] == ADDRESSES


@given(st.sampled_from(sorted(DECODERS)), st.binary(max_size=120))
def test_any_bytes_give_a_packet_within_them_or_none(kind: int, data: bytes) -> None:
    packet, odd = decode(kind, data)
    if packet is not None:
        offset, addresses, protocol, transport, end, total, mac, _ = packet
        assert 0 <= offset < transport <= end <= len(data)
        assert len(addresses) in (8, 32) and 0 <= protocol < 256 and total >= transport - offset
        assert mac == -1 or mac + 6 <= offset


@pytest.mark.slow
@given(
    st.sampled_from([*[(link, data) for _, link, data in LINKS], *[(1, data) for _, data in TUNNELS]]),
    st.data(),
)
def test_cut_and_changed_frames_give_a_packet_within_them_or_none(
    case: tuple[int, bytes], draw: st.DataObject
) -> None:
    link, data = case
    changed = bytearray(data[: draw.draw(st.integers(0, len(data)))])
    for _ in range(draw.draw(st.integers(0, 3))):
        if changed:
            changed[draw.draw(st.integers(0, len(changed) - 1))] = draw.draw(st.integers(0, 255))
    packet, _ = decode(LINK + link, bytes(changed))
    assert packet is None or packet[0] < packet[3] <= packet[4] <= len(changed)
