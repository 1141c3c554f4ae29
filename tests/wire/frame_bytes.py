"""Builders of frames and capture files for tests, from the RFCs alone, and whole TCP conversations."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Sequence

Frame = tuple[float, int, bytes, int]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = "10.0.0.5", "203.0.113.9"
CLIENT6, SERVER6 = "2001:db8::5", "2001:db8:ffff::9"
MAC_A, MAC_B = b"\x02\x00\x00\x00\x00\x0a", b"\x02\x00\x00\x00\x00\x0b"
START = 1_700_000_000.0


def packed(address: str) -> bytes:
    return ipaddress.ip_address(address).packed


def ethernet(content: bytes, ethertype: int = 0x0800, source: bytes = MAC_A, target: bytes = MAC_B) -> bytes:
    return target + source + ethertype.to_bytes(2, "big") + content


def vlan(content: bytes, ethertype: int = 0x0800, number: int = 7) -> bytes:
    """What follows ethertype 0x8100 (or 0x88A8)."""
    return number.to_bytes(2, "big") + ethertype.to_bytes(2, "big") + content


def ipv4(
    content: bytes,
    protocol: int = 6,
    source: str = CLIENT,
    target: str = SERVER,
    *,
    ident: int = 0,
    offset: int = 0,
    more: bool = False,
    options: bytes = b"",
    total: int | None = None,
    ttl: int = 64,
) -> bytes:
    size = 20 + len(options)
    header = struct.pack(
        ">BBHHHBBH4s4s",
        0x40 | size // 4,
        0,
        size + len(content) if total is None else total,
        ident,
        offset // 8 | (0x2000 if more else 0),
        ttl,
        protocol,
        0,
        packed(source),
        packed(target),
    )
    return header + options + content


def ipv6(
    content: bytes,
    protocol: int = 6,
    source: str = CLIENT6,
    target: str = SERVER6,
    *,
    length: int | None = None,
) -> bytes:
    size = len(content) if length is None else length
    return struct.pack(">IHBB16s16s", 6 << 28, size, protocol, 64, packed(source), packed(target)) + content


def ipv6_fragment(content: bytes, protocol: int, offset: int, more: bool, ident: int = 9) -> bytes:
    """A fragment header (next header 44) and its piece."""
    return struct.pack(">BBHI", protocol, 0, offset | int(more), ident) + content


def extension(next_header: int, content: bytes, blocks: int = 0) -> bytes:
    """An extension header of 8 * (1 + blocks) bytes (next header 0, 43, 60 …)."""
    return bytes((next_header, blocks)) + bytes(6 + 8 * blocks) + content


def tcp(
    payload: bytes = b"",
    sport: int = 40_000,
    dport: int = 443,
    seq: int = 0,
    ack: int = 0,
    flags: int = ACK,
    options: bytes = b"",
) -> bytes:
    offset = (20 + len(options)) // 4 << 4
    return (
        struct.pack(
            ">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, flags, 65535, 0, 0
        )
        + options
        + payload
    )


def udp(payload: bytes = b"", sport: int = 40_000, dport: int = 443, length: int | None = None) -> bytes:
    size = 8 + len(payload) if length is None else length
    return struct.pack(">HHHH", sport, dport, size, 0) + payload


def fragments(whole: bytes, protocol: int, size: int, *, ident: int = 77, **ends: str) -> list[bytes]:
    """IPv4 packets that carry a transport packet in pieces of ``size`` bytes (a multiple of 8)."""
    return [
        ipv4(
            whole[at : at + size],
            protocol,
            ident=ident,
            offset=at,
            more=at + size < len(whole),
            **ends,
        )
        for at in range(0, len(whole), size)
    ]


def frame(data: bytes, ts: float = START, link: int = 1, wire: int | None = None) -> Frame:
    return ts, link, data, len(data) if wire is None else wire


class Talk:
    """A TCP conversation: each call is a frame; time goes on by a millisecond, IP idents count up."""

    def __init__(
        self,
        sport: int = 40_000,
        dport: int = 443,
        *,
        client: str = CLIENT,
        server: str = SERVER,
        isn: int = 1_000,
        server_isn: int = 9_000,
        start: float = START,
    ) -> None:
        self.ports = (sport, dport)
        self.ends = (client, server)
        self.next = [isn, server_isn]
        self.ts = start
        self.ident = 1
        self.frames: list[Frame] = []

    def send(self, side: int, payload: bytes = b"", flags: int = ACK, seq: int | None = None) -> Talk:
        """Side 0 is the client. ``seq`` sends at another place and leaves the stream's own place alone."""
        self.ts = round(self.ts + 0.001, 6)
        at = self.next[side] if seq is None else seq
        segment = tcp(payload, self.ports[side], self.ports[1 - side], at, self.next[1 - side], flags)
        source, target = self.ends[side], self.ends[1 - side]
        mac = (MAC_A, MAC_B)[side]
        if ":" in source:
            data = ethernet(ipv6(segment, 6, source, target), 0x86DD, mac)
        else:
            data = ethernet(ipv4(segment, 6, source, target, ident=self.ident), 0x0800, mac)
        self.ident += 1
        if seq is None:
            self.next[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        self.frames.append(frame(data, self.ts))
        return self

    def open(self) -> Talk:
        return self.send(0, flags=SYN).send(1, flags=SYN | ACK).send(0)

    def close(self) -> Talk:
        return self.send(0, flags=FIN | ACK).send(1, flags=FIN | ACK).send(0)


def datagram(
    payload: bytes,
    sport: int = 40_000,
    dport: int = 443,
    *,
    source: str = CLIENT,
    target: str = SERVER,
    ts: float = START,
    ident: int = 0,
) -> Frame:
    return frame(ethernet(ipv4(udp(payload, sport, dport), 17, source, target, ident=ident)), ts)


# --- capture files ------------------------------------------------------------------------------------


def pcap(
    frames: Iterable[Frame],
    *,
    order: str = "<",
    nanoseconds: bool = False,
    link: int = 1,
    modified: bool = False,
) -> bytes:
    magic = 0xA1B2CD34 if modified else 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    units = 1_000_000_000 if nanoseconds else 1_000_000
    out = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262_144, link)]
    for ts, _, data, wire in frames:
        ticks = round(ts * units)
        out.append(struct.pack(f"{order}IIII", ticks // units, ticks % units, len(data), wire))
        out.append(bytes(8) if modified else b"")
        out.append(data)
    return b"".join(out)


def block(kind: int, content: bytes, order: str = "<") -> bytes:
    """A pcapng block."""
    content += bytes(-len(content) % 4)
    size = struct.pack(f"{order}I", len(content) + 12)
    return struct.pack(f"{order}I", kind) + size + content + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(link: int = 1, snap: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, struct.pack(f"{order}HHI", link, 0, snap) + options, order)


def enhanced(
    data: bytes, ticks: int = 0, number: int = 0, wire: int | None = None, order: str = "<"
) -> bytes:
    head = struct.pack(
        f"{order}IIIII",
        number,
        ticks >> 32,
        ticks & 0xFFFFFFFF,
        len(data),
        len(data) if wire is None else wire,
    )
    return block(6, head + data, order)


def pcapng(frames: Sequence[Frame], order: str = "<") -> bytes:
    """A section, an interface for each link type, and an enhanced packet block for each frame."""
    links = sorted({link for _, link, _, _ in frames})
    out = section(order) + b"".join(interface(link, order=order) for link in links)
    for ts, link, data, wire in frames:
        out += enhanced(data, round(ts * 1_000_000), links.index(link), wire, order)
    return out
