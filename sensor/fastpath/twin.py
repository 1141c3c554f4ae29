"""
The fast path in Python: decode, flow slots, exact volumes, and the few packets that are worth reading.

Per packet there are only tuples, ints and slices; the common frame (Ethernet, IPv4 without options or IPv6
without extension headers, TCP or UDP) is decoded in line, every other one by ``wire.packet.decode``, and a
test holds the two equal.

**A flow** is the two endpoints, in either order, and the protocol, on the innermost IP header that decodes.
TCP ends ``LINGER_S`` after both FINs or a RST, ``HALF_CLOSED_S`` after the last packet behind one FIN, else
``TCP_IDLE_S`` after its last packet; UDP and all others end ``SHORT_IDLE_S`` after it; what is left ends
with the source. A SYN that carries another initial sequence number begins a new flow where the old one had
seen a FIN or RST, or had been quiet for ``QUIET_S``. Time is the packets' own. A single packet from the
future ends nothing: the clock is the earlier of two packets in a row.

**Volumes.** Every frame counts. A frame whose IP packet is byte for byte one that was seen at most
``COPY_S`` before (a SPAN port shows a packet where it comes in and where it goes out) counts as a copy too
and is not handed over again. A TCP retransmission is none: the sender gives it another identification.
Where IPv6, or a sender that puts 0 there, leaves nothing to tell two equal acknowledgements apart, the
second is taken for a copy.

**What is handed over.** Of TCP the first ``LOOK_BYTES`` of payload of each side; of UDP everything on DNS
ports, and what may be a QUIC long header. ``want`` sets how much more is wanted of one side.

Bounds: ``max_flows`` flows (the least recently used goes first, its volumes are told), two generations of
``COPY_FRAMES`` hashes, and those of ``wire.ip.Fragments``.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Iterable

from sensor.errors import Malformed
from sensor.fastpath.events import (
    DATAGRAM,
    DNS_PORTS,
    END,
    EVICTED,
    FINISHED,
    IDLE,
    OPEN,
    REUSED,
    SEGMENT,
    TCP,
    UDP,
    WEIRD,
    Event,
    Volumes,
)
from sensor.wire.ip import FragmentKey, Fragments, parse_ipv4, parse_ipv6, rebuild
from sensor.wire.layers import LINK, PROTOCOL
from sensor.wire.packet import Packet, decode
from sensor.wire.pcap import Frame
from sensor.wire.tunnel import UDP_TUNNEL_PORTS

__all__ = [
    "COPY_FRAMES",
    "COPY_S",
    "HALF_CLOSED_S",
    "LINGER_S",
    "LOOK_BYTES",
    "MAX_FLOWS",
    "QUIET_S",
    "SHORT_IDLE_S",
    "TCP_IDLE_S",
    "Twin",
]

MAX_FLOWS = 100_000
LOOK_BYTES = 1_048_576
"""More than is ever read of a hello: whoever reads says ``want`` only after a block of frames."""
TCP_IDLE_S = 3_600.0
SHORT_IDLE_S = HALF_CLOSED_S = 180.0
LINGER_S = 10.0
QUIET_S = 60.0
COPY_S = 0.05
COPY_FRAMES = 4_096
_REORDER_S = 1.0
"""How long after a flow's first packet its SYN may still come: cards with several queues reorder."""
_TOUCH_S = 1.0
"""How exactly the least recently used flow is known, and how often idle ones are looked for."""
_FINISHED_DATAGRAMS = 1_024
_NESTED = 4
"""How often what a fragment completes may be a fragment again."""

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_ETHERNET = 1
_TUNNEL_PORTS = frozenset(port.to_bytes(2) for port in UDP_TUNNEL_PORTS)
_DNS_PORTS = frozenset(port.to_bytes(2) for port in DNS_PORTS)
_NO_PORTS = b"\0\0\0\0"

_unpack_ipv4 = struct.Struct(">H2xHxB").unpack_from  # total length, fragment, protocol: from byte 2
_unpack_tcp = struct.Struct(">4xIIBB").unpack_from  # sequence, acknowledgement, offset, flags


class _Side:
    """One direction of a flow."""

    __slots__ = (
        "copies",
        "copy_bytes",
        "fin",
        "flow",
        "index",
        "ip_bytes",
        "isn",
        "mac",
        "packets",
        "payload_bytes",
        "want",
        "wire_bytes",
    )

    def __init__(self, flow: _Flow, index: int) -> None:
        self.flow = flow
        self.index = index
        self.packets = 0
        self.ip_bytes = 0
        self.wire_bytes = 0
        self.payload_bytes = 0
        self.copies = 0
        self.copy_bytes = 0
        self.mac: bytes | None = None
        self.isn: int | None = None
        self.fin = False
        self.want = LOOK_BYTES

    def volumes(self) -> Volumes:
        return (
            self.packets,
            self.ip_bytes,
            self.wire_bytes,
            self.payload_bytes,
            self.copies,
            self.copy_bytes,
            self.mac,
        )


class _Flow:
    """A flow slot."""

    __slots__ = (
        "announced",
        "closed",
        "dns",
        "first",
        "key",
        "last",
        "number",
        "protocol",
        "queue",
        "reverse",
        "sides",
        "syn_side",
        "touched",
    )

    def __init__(
        self,
        number: int,
        protocol: int,
        key: bytes,
        reverse: bytes,
        ts: float,
        queue: OrderedDict[int, _Flow],
    ) -> None:
        self.number = number
        self.protocol = protocol
        self.key = key
        self.reverse = reverse
        self.first = self.last = self.touched = ts
        self.queue = queue
        self.sides = (_Side(self, 0), _Side(self, 1))
        self.syn_side: int | None = None
        self.announced = False
        self.closed = False
        self.dns = key[-4:-2] in _DNS_PORTS or key[-2:] in _DNS_PORTS


class _Held:
    """What is counted of a packet's fragments until it is known whose they are."""

    __slots__ = (
        "copies",
        "copy_bytes",
        "first",
        "frame",
        "head",
        "ip_bytes",
        "key",
        "mac",
        "packets",
        "payload",
        "whole",
        "wire",
    )

    def __init__(self, key: FragmentKey, ts: float, frame: int, mac: bytes | None) -> None:
        self.key = key
        self.whole: bytes | None = None
        self.first = ts
        self.frame = frame
        self.mac = mac
        self.head: bytes | None = None
        self.packets = self.ip_bytes = self.wire = self.payload = self.copies = self.copy_bytes = 0


class Twin:
    """One source of packets. Frames in, events out; ``frames`` counts what went in."""

    def __init__(self, *, max_flows: int = MAX_FLOWS) -> None:
        self.frames = 0
        self.wire_bytes = 0
        self.not_ip = 0
        """Frames that carry no IP packet (ARP, spanning tree, an unknown link type)."""
        self.incomplete = 0
        """Packets whose fragments were given up before they were whole."""
        self._max_flows = max_flows
        self._tables: dict[int, dict[bytes, _Side]] = {TCP: {}, UDP: {}}
        self._flows: dict[int, _Flow] = {}
        # Least recently used first. TCP open; TCP half closed, UDP and others; TCP closed.
        self._long: OrderedDict[int, _Flow] = OrderedDict()
        self._short: OrderedDict[int, _Flow] = OrderedDict()
        self._closed: OrderedDict[int, _Flow] = OrderedDict()
        self._events: list[Event] = []
        self._recent: dict[int, float] = {}
        self._older: dict[int, float] = {}
        self._fragments = Fragments()
        self._held: dict[FragmentKey, _Held] = {}
        self._finished: OrderedDict[FragmentKey, _Side] = OrderedDict()
        self._previous = 0.0
        self._next_sweep = 0.0

    def __len__(self) -> int:
        return len(self._flows)

    # --- in ---------------------------------------------------------------------------------------

    def receive(self, frames: Iterable[Frame]) -> list[Event]:
        """The events of a block of frames, in order."""
        number = self.frames
        wire_bytes = self.wire_bytes
        count = self._count
        for ts, link, data, wire in frames:
            number += 1
            wire_bytes += wire
            if ts >= self._next_sweep:
                self._sweep(min(ts, self._previous))
            self._previous = ts
            if link == _ETHERNET:
                kind = data[12:15]
                if kind == b"\x08\x00\x45" and len(data) >= 42:
                    total, place, protocol = _unpack_ipv4(data, 16)
                    if (
                        total >= 28
                        and not place & 0x3FFF
                        and (protocol == TCP or (protocol == UDP and data[36:38] not in _TUNNEL_PORTS))
                    ):
                        copy = self._is_copy(hash(data[14 : 14 + total]), ts)
                        end = 14 + total
                        if end > len(data):
                            end = len(data)
                        count(
                            ts, number, protocol, data[26:38], data, 34, end, total - 20, total, wire, copy, 6
                        )
                        continue
                elif kind[:2] == b"\x86\xdd" and len(data) >= 62 and data[14] >> 4 == 6:
                    protocol = data[20]
                    length = data[18] << 8 | data[19]
                    if length >= 8 and (
                        protocol == TCP or (protocol == UDP and data[56:58] not in _TUNNEL_PORTS)
                    ):
                        copy = self._is_copy(hash(data[14 : 54 + length]), ts)
                        end = 54 + length
                        if end > len(data):
                            end = len(data)
                        count(
                            ts,
                            number,
                            protocol,
                            data[22:58],
                            data,
                            54,
                            end,
                            length,
                            length + 40,
                            wire,
                            copy,
                            6,
                        )
                        continue
            packet, odd = decode(LINK + link, data)
            if odd is not None:
                self._events.append((WEIRD, odd, ts, number))
            if packet is None:
                self.not_ip += 1
            else:
                self._packet(ts, number, data, packet, wire)
        self.frames = number
        self.wire_bytes = wire_bytes
        return self._take()

    def tick(self, ts: float) -> list[Event]:
        """Time has come to ``ts`` though no packet did."""
        self._sweep(ts)
        return self._take()

    def finish(self) -> list[Event]:
        """The source has ended: every flow ends."""
        self._fragments.clear()
        self._settle_dropped()
        for flow in list(self._flows.values()):
            self._end(flow, FINISHED)
        return self._take()

    def want(self, flow: int, side: int, size: int) -> None:
        """Hand over ``size`` more bytes of payload of this side (0: no more); a flow that ended is none."""
        found = self._flows.get(flow)
        if found is not None:
            found.sides[side].want = size

    def _take(self) -> list[Event]:
        events = self._events
        self._events = []
        return events

    # --- one packet -------------------------------------------------------------------------------

    def _is_copy(self, digest: int, ts: float) -> bool:
        """Whether a packet with this hash was seen a moment ago. Remembers it."""
        recent = self._recent
        before = recent.get(digest)
        if before is None:
            before = self._older.get(digest)
        recent[digest] = ts
        if len(recent) >= COPY_FRAMES:
            self._older = recent
            self._recent = {}
        return before is not None and abs(ts - before) <= COPY_S

    def _packet(self, ts: float, number: int, data: bytes, packet: Packet, wire: int) -> None:
        """A packet that ``decode`` has read; what a fragment completes is read again, ``_NESTED`` deep."""
        held: _Held | None = None
        depth = 0
        while True:
            offset, addresses, protocol, transport, end, total, mac, fragment = packet
            # The pieces of a packet have been compared one by one; a tunnel's content has not.
            copy = (held is None or offset > 0) and self._is_copy(hash(data[offset:end]), ts)
            if fragment is not None:
                held = self._fragment(ts, number, data, packet, wire, copy, held)
                if held is None or held.whole is None:
                    return
                depth += 1
                if depth == _NESTED:
                    self._events.append((WEIRD, "too_many_layers", ts, number))
                    self._add_held(held)
                    return
                data = held.whole
                packet = self._decode_whole(ts, number, addresses, data)
                continue
            length = total - (transport - offset)
            if held is not None:
                wire = held.wire
                if not offset:
                    total = held.ip_bytes
            key = addresses + self._ports(protocol, data, transport, end)
            side = self._count(
                ts, number, protocol, key, data, transport, end, length, total, wire, copy, mac
            )
            if held is not None:
                side.packets += held.packets - 1
                side.copies += held.packets - 1 if copy else held.copies
                if not offset:
                    side.copy_bytes += held.copy_bytes
                    side.mac = side.mac or held.mac
                side.flow.first = min(side.flow.first, held.first)
                self._finished[held.key] = side
                if len(self._finished) > _FINISHED_DATAGRAMS:
                    self._finished.popitem(last=False)
            return

    def _decode_whole(self, ts: float, number: int, addresses: bytes, data: bytes) -> Packet:
        """The innermost packet of one that was made whole."""
        parse = parse_ipv4 if len(addresses) == 8 else parse_ipv6
        _, protocol, transport, end, total, fragment = parse(data, 0, len(data))
        inner, odd = decode(PROTOCOL + protocol, data, transport)
        if odd is not None:
            self._events.append((WEIRD, odd, ts, number))
        return inner or (0, addresses, protocol, transport, end, total, -1, fragment)

    @staticmethod
    def _ports(protocol: int, data: bytes, transport: int, end: int) -> bytes:
        if (protocol == TCP or protocol == UDP) and end - transport >= 4:
            return data[transport : transport + 4]
        return _NO_PORTS

    def _count(
        self,
        ts: float,
        number: int,
        protocol: int,
        key: bytes,
        data: bytes,
        transport: int,
        end: int,
        length: int,
        total: int,
        wire: int,
        copy: bool,
        mac: int,
    ) -> _Side:
        """
        Add one packet to its flow, and hand it over if it is wanted.

        ``length`` is that of the transport header and what follows it.
        """
        flags = sequence = acknowledged = 0
        if protocol == TCP:
            header = 20
            if end - transport >= 14:
                sequence, acknowledged, header, flags = _unpack_tcp(data, transport)
                header = (header >> 4) * 4
                if header < 20 or header > length:
                    self._events.append((WEIRD, "tcp_header_length", ts, number))
                    header, flags = length, 0
            size = length - header
            if size < 0:
                size = 0
        elif protocol == UDP:
            size = length - 8
            if size < 0:
                size = 0
            elif end - transport >= 8:
                said = (data[transport + 4] << 8 | data[transport + 5]) - 8
                if 0 <= said < size:
                    size = said
            header = 8
        else:
            size, header = length, 0
        try:
            side = self._tables[protocol][key]
        except KeyError:
            side = self._start(ts, number, protocol, key)
        if flags & _SYN and not copy:
            side = self._syn(side, ts, number, sequence, acknowledged if flags & _ACK else None)
        flow = side.flow
        if not side.packets and mac >= 0:
            side.mac = data[mac : mac + 6]
        side.packets += 1
        side.ip_bytes += total
        side.wire_bytes += wire
        side.payload_bytes += size
        if ts > flow.last:
            flow.last = ts
            if ts - flow.touched > _TOUCH_S:
                flow.touched = ts
                flow.queue.move_to_end(flow.number)
        elif ts < flow.first:
            flow.first = ts
        if copy:
            side.copies += 1
            side.copy_bytes += total
            return side
        if size and side.want > 0:
            start = transport + header
            payload = data[start : start + size if start + size < end else end]
            if protocol == TCP:
                side.want -= size
                if not flow.announced:
                    flow.announced = True
                    self._events.append((OPEN, flow.number, TCP, flow.key))
                base = None if side.isn is None else (side.isn + 1) & 0xFFFFFFFF
                if flags & _SYN:
                    sequence = (sequence + 1) & 0xFFFFFFFF
                self._events.append(
                    (SEGMENT, flow.number, side.index, ts, number, sequence, base, payload, size)
                )
            elif protocol == UDP and payload and (flow.dns or payload[0] >= 0xC0):
                if not flow.dns:
                    side.want -= size
                if not flow.announced:
                    flow.announced = True
                    self._events.append((OPEN, flow.number, UDP, flow.key))
                self._events.append((DATAGRAM, flow.number, side.index, ts, number, payload, size))
        if flags & (_FIN | _RST):
            self._closing(side, flags)
        return side

    # --- flows ------------------------------------------------------------------------------------

    def _start(self, ts: float, number: int, protocol: int, key: bytes) -> _Side:
        """A new flow; its side 0."""
        if len(self._flows) >= self._max_flows:
            self._evict()
        half = (len(key) - 4) // 2
        reverse = key[half:-4] + key[:half] + key[-2:] + key[-4:-2]
        queue = self._long if protocol == TCP else self._short
        flow = _Flow(number, protocol, key, reverse, ts, queue)
        table = self._tables.setdefault(protocol, {})
        table[reverse] = flow.sides[1]
        table[key] = flow.sides[
            0
        ]  # after the other: the two are one where a host talks to itself from one port
        self._flows[number] = queue[number] = flow
        return flow.sides[0]

    def _end(self, flow: _Flow, reason: str) -> None:
        del self._flows[flow.number]
        del flow.queue[flow.number]
        table = self._tables[flow.protocol]
        del table[flow.key]
        table.pop(flow.reverse, None)
        zero, one = flow.sides
        self._events.append(
            (
                END,
                flow.number,
                flow.protocol,
                flow.key,
                flow.syn_side,
                flow.first,
                flow.last,
                zero.volumes(),
                one.volumes(),
                reason,
            )
        )

    def _evict(self) -> None:
        """End the least recently used flow: a closed one if there is any."""
        oldest = [next(iter(queue.values())) for queue in (self._closed, self._long, self._short) if queue]
        flow = oldest[0] if self._closed else min(oldest, key=lambda flow: flow.touched)
        self._end(flow, EVICTED)

    def _sweep(self, now: float) -> None:
        """End what has been idle for too long at ``now``."""
        self._next_sweep = now + _TOUCH_S
        for queue, idle_s in (
            (self._closed, LINGER_S),
            (self._short, SHORT_IDLE_S),
            (self._long, TCP_IDLE_S),
        ):
            while queue:
                flow = next(iter(queue.values()))
                if now - flow.last <= idle_s:
                    break
                self._end(flow, IDLE)
        self._fragments.expire(now)
        self._settle_dropped()

    def _syn(self, side: _Side, ts: float, number: int, sequence: int, acknowledged: int | None) -> _Side:
        """A SYN (or SYN and ACK) from this side: the side it belongs to, perhaps one of a new flow."""
        flow = side.flow
        other = flow.sides[1 - side.index]
        if side.isn != sequence and (
            flow.closed
            or side.fin
            or other.fin
            or (side.isn is None and side.payload_bytes and ts - flow.first > _REORDER_S)
            or (side.isn is not None and ts - flow.last > QUIET_S)
        ):
            key = flow.reverse if side.index else flow.key
            self._end(flow, REUSED)
            side = self._start(ts, number, TCP, key)
            flow = side.flow
            other = flow.sides[1]
        if side.isn != sequence and side.isn is not None and (side.payload_bytes or other.payload_bytes):
            self._events.append((WEIRD, "tcp_syn_in_open_flow", ts, number))
            return side
        side.isn = sequence
        if acknowledged is not None and other.isn is None:
            other.isn = (acknowledged - 1) & 0xFFFFFFFF
        if flow.syn_side is None:
            flow.syn_side = side.index if acknowledged is None else other.index
        return side

    def _closing(self, side: _Side, flags: int) -> None:
        """A FIN or RST from this side."""
        flow = side.flow
        if flags & _FIN:
            side.fin = True
        flow.closed = flow.closed or bool(flags & _RST) or (flow.sides[0].fin and flow.sides[1].fin)
        del flow.queue[flow.number]
        flow.queue = self._closed if flow.closed else self._short
        flow.queue[flow.number] = flow

    # --- fragments --------------------------------------------------------------------------------

    def _fragment(
        self, ts: float, number: int, data: bytes, packet: Packet, wire: int, copy: bool, outer: _Held | None
    ) -> _Held | None:
        """
        Count one fragment; what is held of its packet, ``whole`` where this piece completes it.

        ``outer`` is what was held of the packet that carried it, where that had to be made whole itself.
        """
        start, addresses, protocol, transport, end, total, mac, fragment = packet
        identification, offset, more = fragment or (b"", 0, False)
        content = data[transport:end]
        length = total - (transport - start)
        if len(content) < length:
            self._events.append((WEIRD, "fragment_truncated", ts, number))
        key: FragmentKey = (addresses, protocol, identification)
        held = self._held.get(key)
        frames, copies = 1, int(copy)
        if outer is not None:
            frames, copies, wire = outer.packets, outer.copies + copies, outer.wire
        if copy and held is None and key in self._finished:
            # A copy of the piece that completed the packet: whose it is, is known.
            side = self._finished[key]
            side.packets += frames
            side.ip_bytes += total
            side.wire_bytes += wire
            side.payload_bytes += length
            side.copies += copies
            side.copy_bytes += total
            return None
        new = held is None
        if held is None:
            held = self._held[key] = _Held(key, ts, number, data[mac : mac + 6] if mac >= 0 else None)
        held.packets += frames
        held.ip_bytes += total
        held.wire += wire
        held.payload += length
        held.copies += copies
        if copy:
            held.copy_bytes += total
            if not new:
                return None
        if not offset:
            held.head = content[:20]
        try:
            held.whole = self._fragments.add(key, offset, more, content, ts, strict=len(addresses) == 32)
        except Malformed as odd:
            self._events.append((WEIRD, odd.name, ts, number))
        if held.whole is not None:
            held.whole = rebuild(addresses, protocol, held.whole)
            del self._held[key]
        self._settle_dropped()
        return held

    def _settle_dropped(self) -> None:
        """Count the pieces of packets that never became whole, on their flow where the first one names it."""
        for key in self._fragments.dropped:
            self.incomplete += 1
            self._add_held(self._held.pop(key))
        self._fragments.dropped.clear()

    def _add_held(self, held: _Held) -> None:
        addresses, protocol, _ = held.key
        head = held.head or b""
        key = addresses + self._ports(protocol, head, 0, len(head))
        try:
            side = self._tables[protocol][key]
        except KeyError:
            side = self._start(held.first, held.frame, protocol, key)
        header = 0
        if protocol == UDP and head:
            header = 8
        elif protocol == TCP and len(head) > 12:
            header = (head[12] >> 4) * 4
        side.packets += held.packets
        side.ip_bytes += held.ip_bytes
        side.wire_bytes += held.wire
        side.payload_bytes += max(held.payload - header, 0)
        side.copies += held.copies
        side.copy_bytes += held.copy_bytes
        side.mac = side.mac or held.mac
        side.flow.first = min(side.flow.first, held.first)
