"""
The passive door: frames in, observations out.

::

    frames ─► fast path ─► events ─► SideBytes ─► StreamReader ─┐
                               └───────────────► InitialReader ─┼─► observe ─► [Observation, …]
                               └───────────────► parse_message ─┘

The fast path counts every frame and hands over the few that are worth reading; here they are read, and it
is told when a side has said enough. Nothing here reads a clock or a file: time is the packets' own, or
``tick``'s.

**Keys.** ``<source>:<frame><letter>``, the number of the frame that completed the message, counted from 1,
and a letter for the kind; a second one in the same frame has a number behind it. Flows are named
``<source>:<frame>f`` by their first frame. With the digest of the file as source, reading a file again
gives the same keys.

**Who is the client.** Of a ClientHello, a request or a query: who sent it. Of a flow: by SYN, else by such a
message, else the lower port is the server, else who sent first is the client.

**Weirds** are told once at once; the same name again is summed up and told every ``WEIRD_S`` seconds, and at
the end.

Bounds: as many flows as the fast path has, each with the bounds of its own parsers, and ``MAX_HELD_BYTES``
of unfinished messages in all (then the flow that began first to hold some is read no more). HTTP is
followed for ``MAX_HTTP_BYTES`` of a side, DNS over TCP for ``MAX_DNS_BYTES``; UDP that is no QUIC after all
for ``MAX_MISSES`` datagrams.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import IPv6Address

from sensor import observe
from sensor.errors import Malformed
from sensor.fastpath.events import DATAGRAM, END, EVICTED, OPEN, SEGMENT, TCP, UDP, Event, Volumes
from sensor.fastpath.twin import LOOK_BYTES, MAX_FLOWS, Twin
from sensor.flows import SideBytes
from sensor.model import Door, Endpoint, FlowEnd, Observation, Weird
from sensor.wire.dns import DnsMessage, parse_message
from sensor.wire.http1 import RequestHead
from sensor.wire.pcap import Frame
from sensor.wire.quic import InitialReader, is_quic_long_header
from sensor.wire.stream import StreamReader
from sensor.wire.tls import ClientHello

__all__ = [
    "BLOCK_FRAMES",
    "MAX_DNS_BYTES",
    "MAX_HELD_BYTES",
    "MAX_HTTP_BYTES",
    "MAX_MISSES",
    "WEIRD_S",
    "PassiveReader",
]

BLOCK_FRAMES = 128
"""Frames that go through the fast path before what it handed over is read."""
MAX_MISSES = 16
MAX_HELD_BYTES = 128 * 1_048_576
MAX_HTTP_BYTES = 16 * 1_048_576
MAX_DNS_BYTES = 1 << 40
WEIRD_S = 60.0

_TOTALS = ("frame", "frame_not_ip", "fragment_incomplete")
_UNREADABLE = ("quic_initial_not_opened", "quic_version_gquic", "quic_version_mvfst", "quic_version_unknown")
"""Weirds of a QUIC flow that mean: no name could be read in it."""
_DNS_PORT = 53
_ENCRYPTED_DNS_PORT = 853
"""DNS over TLS (RFC 7858) and over QUIC (RFC 9250)."""
_DNS_PORTS = (53, 5353)


class _Side:
    """What is being read of one side of a flow."""

    __slots__ = ("bytes", "fed", "initials", "misses", "over", "stream")

    def __init__(self) -> None:
        self.bytes: SideBytes | None = None
        self.stream: StreamReader | None = None
        self.initials: InitialReader | None = None
        self.fed = 0
        """Bytes of datagrams that ``initials`` may be holding."""
        self.misses = 0
        """Datagrams that looked like QUIC and were not."""
        self.over = False
        """Nothing more of it is read."""

    @property
    def held(self) -> int:
        """Bytes that are kept of it, at most."""
        waiting = self.bytes.held if self.bytes is not None else 0
        return waiting + (self.stream.held if self.stream is not None else 0) + self.fed

    def end(self) -> None:
        self.over = True
        self.bytes = self.stream = self.initials = None
        self.fed = 0


class _Flow:
    """A flow of which something was handed over."""

    __slots__ = ("client", "ends", "held", "name", "number", "sides", "weirds_from")

    def __init__(self, number: int, name: str, ends: tuple[Endpoint, Endpoint]) -> None:
        self.number = number
        self.name = name
        self.ends = ends
        self.client: int | None = None
        """The side that a message shows to be the client."""
        self.weirds_from: int | None = None
        """The side that sent the first QUIC long header: odd Initials of the other are a server's."""
        self.held = 0
        self.sides = (_Side(), _Side())


class PassiveReader:
    """
    One source of packets, in blocks of any size, to observations.

    ``source`` stands in every key: the digest of a file, or the run's nonce.
    """

    def __init__(self, source: str, *, door: Door = Door.SPAN, max_flows: int = MAX_FLOWS) -> None:
        self.source = source
        self.door = door
        self._fast = Twin(max_flows=max_flows)
        self._flows: dict[int, _Flow] = {}
        self._out: list[Observation] = []
        self._last_key = ("", 0)
        self._holding: OrderedDict[int, _Flow] = OrderedDict()
        self._held = 0
        self._now = 0.0
        self._weirds: dict[str, int] = {}
        self._weirds_since = 0.0
        self._flushes = 0
        self._counts: dict[str, int] = {}
        self._counted = (0, 0, 0)

    @property
    def frames(self) -> int:
        """Frames that went in."""
        return self._fast.frames

    @property
    def wire_bytes(self) -> int:
        """Their lengths on the wire."""
        return self._fast.wire_bytes

    @property
    def not_ip(self) -> int:
        """Frames among them that carried no IP packet."""
        return self._fast.not_ip

    @property
    def open_flows(self) -> int:
        """Flows that have not ended."""
        return len(self._fast)

    # --- in ---------------------------------------------------------------------------------------

    def feed(self, frames: Sequence[Frame]) -> list[Observation]:
        """What these frames show, in order."""
        for start in range(0, len(frames), BLOCK_FRAMES):
            block = frames[start : start + BLOCK_FRAMES]
            self._now = block[-1][0]
            self._handle(self._fast.receive(block))
            self._tell_weirds(self._now)
        return self._take()

    def tick(self, ts: float) -> list[Observation]:
        """Time has come to ``ts`` though no frame did: flows that are over end."""
        self._now = ts
        self._handle(self._fast.tick(ts))
        self._tell_weirds(ts)
        return self._take()

    def finish(self) -> list[Observation]:
        """The source has ended: every flow ends, and what was half told is told as partial."""
        self._handle(self._fast.finish())
        self._flush_weirds(self._now)
        return self._take()

    def weird(self, name: str, count: int = 1) -> list[Observation]:
        """Something odd that was seen outside, for example a damaged file."""
        self._weird(name, self._now, self.frames, count)
        return self._take()

    def take_counts(self) -> dict[str, int]:
        """What was counted since the last call, by the names of ``coverage.COUNTERS``."""
        counts, self._counts = self._counts, {}
        fast = self._fast
        now = (fast.frames, fast.not_ip, fast.incomplete)
        for name, total, before in zip(_TOTALS, now, self._counted, strict=True):
            if total != before:
                counts[name] = total - before
        self._counted = now
        return counts

    def _count(self, name: str, count: int = 1) -> None:
        self._counts[name] = self._counts.get(name, 0) + count

    def _take(self) -> list[Observation]:
        out = self._out
        self._out = []
        return out

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            kind = event[0]
            if kind == SEGMENT:
                self._segment(*event[1:])
            elif kind == DATAGRAM:
                self._datagram(*event[1:])
            elif kind == END:
                self._end(*event[1:])
            elif kind == OPEN:
                _, number, _, key = event
                self._flows[number] = _Flow(number, self._flow_name(number), _endpoints(key))
            else:
                _, name, ts, frame = event
                self._weird(name, ts, frame)

    # --- TCP --------------------------------------------------------------------------------------

    def _segment(
        self,
        number: int,
        side: int,
        ts: float,
        frame: int,
        sequence: int,
        first: int | None,
        payload: bytes,
        length: int,
    ) -> None:
        flow = self._flows[number]
        reading = flow.sides[side]
        if reading.over:
            return
        if len(payload) < length:
            self._count("frame_truncated")
        stream = reading.stream
        if stream is None or reading.bytes is None:
            dns = _DNS_PORT in (flow.ends[0].port, flow.ends[1].port)
            stream = reading.stream = StreamReader(dns=dns, whole=first is not None)
            reading.bytes = SideBytes()
        spoke = stream.speaks
        for piece in reading.bytes.add(sequence, payload, length, first):
            if piece is None:
                stream.restart()
                continue
            messages = stream.gap(piece) if isinstance(piece, int) else stream.feed(piece)
            for message in messages:
                self._message(flow, side, message, ts, frame)
        if stream.done:
            self._stop(flow, side)
        elif stream.speaks != spoke:
            reading.bytes.settle()
            budget = {"http": MAX_HTTP_BYTES, "dns": MAX_DNS_BYTES}.get(stream.speaks or "", LOOK_BYTES)
            self._fast.want(number, side, budget)
        self._weigh(flow, ts)

    def _stop(self, flow: _Flow, side: int) -> None:
        """This side has nothing more to say that is read."""
        flow.sides[side].end()
        self._fast.want(flow.number, side, 0)

    def _weigh(self, flow: _Flow, ts: float) -> None:
        """Keep account of what is held, and let go of the oldest where it is too much."""
        held = flow.sides[0].held + flow.sides[1].held
        self._held += held - flow.held
        flow.held = held
        if held:
            self._holding[flow.number] = flow
        else:
            self._holding.pop(flow.number, None)
        while self._held > MAX_HELD_BYTES:
            oldest = next(iter(self._holding.values()))
            self._weird("reading_given_up", ts, oldest.number)
            self._count("evicted")
            self._let_go(oldest, ts)

    def _let_go(self, flow: _Flow, ts: float) -> None:
        """Read no more of a flow: tell what was half told."""
        self._break_off(flow, ts)
        for side in (0, 1):
            self._stop(flow, side)
        self._held -= flow.held
        flow.held = 0
        self._holding.pop(flow.number, None)

    def _message(
        self,
        flow: _Flow,
        side: int,
        message: ClientHello | RequestHead | DnsMessage | str,
        ts: float,
        frame: int | str,
    ) -> None:
        """One message of a TCP stream."""
        client, server = flow.ends[side], flow.ends[1 - side]
        if isinstance(message, str):
            self._weird(message, ts, frame)
        elif isinstance(message, ClientHello):
            self._client(flow, side)
            self._hello(flow, side, message, "tcp", ts, frame)
        elif isinstance(message, RequestHead):
            self._client(flow, side)
            for name in message.weirds:
                self._weird(name, ts, frame)
            self._out.append(
                observe.http_request(
                    message,
                    client=client,
                    server=server,
                    ts=ts,
                    door=self.door,
                    key=self._key(frame, "h"),
                    flow=flow.name,
                )
            )
        else:
            self._dns(flow, side, message, "tcp", ts, frame)

    def _client(self, flow: _Flow, side: int) -> None:
        """A message shows this side to be the client: the other has nothing more to say that is read."""
        if flow.client is None:
            flow.client = side
            self._stop(flow, 1 - side)

    def _hello(
        self, flow: _Flow, side: int, hello: ClientHello, transport: str, ts: float, frame: int | str
    ) -> None:
        for name in hello.weirds:
            self._weird(name, ts, frame)
        self._out.append(
            observe.client_hello(
                hello,
                transport=transport,
                client=flow.ends[side],
                server=flow.ends[1 - side],
                ts=ts,
                door=self.door,
                key=self._key(frame, "c"),
                flow=flow.name,
            )
        )

    # --- UDP --------------------------------------------------------------------------------------

    def _datagram(self, number: int, side: int, ts: float, frame: int, payload: bytes, length: int) -> None:
        flow = self._flows[number]
        reading = flow.sides[side]
        if reading.over:
            return
        if len(payload) < length:
            self._count("frame_truncated")
        if flow.ends[0].port in _DNS_PORTS or flow.ends[1].port in _DNS_PORTS:
            try:
                message = parse_message(payload)
            except Malformed as odd:
                if not is_quic_long_header(payload):
                    self._weird(odd.name, ts, frame)
                    return
            else:
                self._dns(flow, side, message, "udp", ts, frame)
                return
        if not is_quic_long_header(payload):
            reading.misses += 1
            if reading.misses >= MAX_MISSES:
                self._stop(flow, side)
            return
        if flow.weirds_from is None:
            flow.weirds_from = side
        initials = reading.initials
        if initials is None:
            initials = reading.initials = InitialReader()
        reading.fed += len(payload)
        hellos = initials.feed(payload, truncated=len(payload) < length)
        for hello in hellos:
            flow.weirds_from = side
            self._client(flow, side)
            self._hello(flow, side, hello, "quic", ts, frame)
        if hellos:
            reading.fed = 0
            self._fast.want(number, side, LOOK_BYTES)  # another connection may follow on the same ports
        if initials.exhausted:
            self._fast.want(number, side, 0)
        self._weigh(flow, ts)

    def _dns(
        self, flow: _Flow, side: int, message: DnsMessage, transport: str, ts: float, frame: int | str
    ) -> None:
        sender, receiver = flow.ends[side], flow.ends[1 - side]
        if _DNS_PORT in (sender.port, receiver.port) and flow.client is None:
            flow.client = 1 - side if message.is_response else side
        answer = observe.dns_answer(
            message,
            transport=transport,
            client=receiver,
            server=sender,
            ts=ts,
            door=self.door,
            key=self._key(frame, "d"),
            flow=flow.name,
        )
        if answer is not None:
            self._out.append(answer)

    # --- ends -------------------------------------------------------------------------------------

    def _end(
        self,
        number: int,
        protocol: int,
        key: bytes,
        syn_side: int | None,
        first: float,
        last: float,
        zero: Volumes,
        one: Volumes,
        reason: str,
    ) -> None:
        flow = self._flows.pop(number, None)
        ends = flow.ends if flow is not None else _endpoints(key)
        if flow is not None:
            self._let_go(flow, last)
        if reason == EVICTED:
            self._weird("flow_evicted", last, number)
            self._count("evicted")
        if protocol == TCP and syn_side is None and zero[3] + one[3]:
            self._count("flow_midstream")
        client = syn_side
        if client is None and flow is not None:
            client = flow.client
        if client is None:
            client = 1 if ends[0].port < ends[1].port else 0
        up, down = (zero, one) if client == 0 else (one, zero)
        if ends[1 - client].port == _ENCRYPTED_DNS_PORT:
            self._count("dns_encrypted")
        mac = up[6]
        self._out.append(
            FlowEnd(
                ts=last,
                door=self.door,
                key=f"{self.source}:{number}e",
                flow=self._flow_name(number),
                transport={TCP: "tcp", UDP: "udp"}.get(protocol, f"ip-{protocol}"),
                client=ends[client],
                server=ends[1 - client],
                first=first,
                last=last,
                packets_up=up[0],
                packets_down=down[0],
                bytes_up=up[1],
                bytes_down=down[1],
                wire_bytes_up=up[2],
                wire_bytes_down=down[2],
                payload_bytes_up=up[3],
                payload_bytes_down=down[3],
                duplicate_packets=up[4] + down[4],
                duplicate_bytes=up[5] + down[5],
                duplicate_bytes_up=up[5],
                client_mac=None if mac is None else mac.hex(":"),
            )
        )

    def _break_off(self, flow: _Flow, ts: float) -> None:
        """Tell what was half told."""
        place = f"{flow.number}e"
        for side, reading in enumerate(flow.sides):
            if reading.stream is not None and reading.bytes is not None:
                stream = reading.stream
                for piece in reading.bytes.flush():
                    for message in stream.gap(piece) if isinstance(piece, int) else stream.feed(piece or b""):
                        self._message(flow, side, message, ts, place)
                for message in stream.finish():
                    self._message(flow, side, message, ts, place)
            if reading.initials is not None:
                for hello in reading.initials.finish_all():
                    if hello.server_name is not None:
                        self._client(flow, side)
                        self._hello(flow, side, hello, "quic", ts, place)
                if flow.weirds_from == side:
                    weirds = reading.initials.weirds
                    for name, count in weirds.items():
                        self._weird(name, ts, place, count)
                    if flow.client is None and any(name in weirds for name in _UNREADABLE):
                        self._count("quic_unreadable")

    # --- keys and weirds --------------------------------------------------------------------------

    def _flow_name(self, number: int) -> str:
        return f"{self.source}:{number}f"

    def _key(self, frame: int | str, letter: str) -> str:
        """A key that no other observation of this source has: those of one frame and letter come in a row."""
        place = f"{frame}{letter}"
        count = self._last_key[1] + 1 if self._last_key[0] == place else 1
        self._last_key = (place, count)
        return f"{self.source}:{place}" if count == 1 else f"{self.source}:{place}{count}"

    def _weird(self, name: str, ts: float, frame: int | str, count: int = 1) -> None:
        if name in self._weirds:
            self._weirds[name] += count
            return
        self._weirds[name] = 0
        key = f"{self.source}:{frame}w.{name}"
        self._out.append(Weird(ts=ts, door=self.door, key=key, name=name, count=count))

    def _tell_weirds(self, ts: float) -> None:
        if abs(ts - self._weirds_since) >= WEIRD_S:
            self._flush_weirds(ts)

    def _flush_weirds(self, ts: float) -> None:
        self._weirds_since = ts
        for name, count in self._weirds.items():
            if count:
                self._weirds[name] = 0
                self._flushes += 1  # several sums can be told within one block of frames
                key = f"{self.source}:{self.frames}w{self._flushes}+{name}"
                self._out.append(Weird(ts=ts, door=self.door, key=key, name=name, count=count))


def _endpoints(key: bytes) -> tuple[Endpoint, Endpoint]:
    """The two ends in a flow's key (see ``fastpath.events``)."""
    half = (len(key) - 4) // 2
    zero, one = key[:half], key[half:-4]
    return (
        Endpoint(_address(zero), int.from_bytes(key[-4:-2])),
        Endpoint(_address(one), int.from_bytes(key[-2:])),
    )


def _address(packed: bytes) -> str:
    return ".".join(map(str, packed)) if len(packed) == 4 else str(IPv6Address(packed))
