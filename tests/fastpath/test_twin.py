"""The fast path: every frame counted once, flows begun and ended, and what is handed over."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.fastpath import twin as limits
from sensor.fastpath.events import (
    DATAGRAM,
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
)
from sensor.fastpath.twin import Twin
from sensor.wire.ip import FRAGMENT_S
from tests.wire import frame_bytes as f

ADDRESSES = f.packed(f.CLIENT) + f.packed(f.SERVER)
KEY = ADDRESSES + (40_000).to_bytes(2) + (443).to_bytes(2)


def run(frames: list[f.Frame], **how: int) -> list[Event]:
    twin = Twin(**how)
    return twin.receive(frames) + twin.finish()


def of(kind: int, events: list[Event]) -> list[Event]:
    return [event for event in events if event[0] == kind]


def ends(events: list[Event]) -> list[tuple[object, ...]]:
    """Of each flow that ended: number, protocol, packets, IP bytes, payload bytes of each side, reason."""
    return [(e[1], e[2], *[v for i in (0, 1, 3) for v in (e[7][i], e[8][i])], e[9]) for e in of(END, events)]


# --- volumes ------------------------------------------------------------------------------------------


def test_a_conversation_is_one_flow_with_exact_volumes() -> None:
    talk = f.Talk().open().send(0, b"a" * 100, f.PSH | f.ACK).send(1, b"b" * 1_000).close()
    events = run(talk.frames)
    (end,) = of(END, events)
    _, number, protocol, key, syn_side, first, last, zero, one, reason = end
    assert (number, protocol, key, syn_side, reason) == (1, TCP, KEY, 0, FINISHED)
    assert (first, last) == (talk.frames[0][0], talk.frames[-1][0])
    assert zero == (5, 5 * 40 + 100, 5 * 54 + 100, 100, 0, 0, f.MAC_A)
    assert one == (3, 3 * 40 + 1_000, 3 * 54 + 1_000, 1_000, 0, 0, f.MAC_B)


def test_a_cut_frame_counts_with_its_whole_length() -> None:
    whole = f.ethernet(f.ipv4(f.tcp(b"x" * 1_000)))
    for kept in (96, 54, 50, 42, 38, 34):
        (end,) = ends(run([f.frame(whole[:kept], wire=len(whole))]))
        assert end[2:8] == (1, 0, 1_040, 0, 1_000, 0), kept


def test_padding_is_no_payload() -> None:
    for content, protocol in [(f.tcp(), TCP), (f.udp(), UDP)]:
        data = f.ethernet(f.ipv4(content, protocol)).ljust(60, b"\0")
        (end,) = of(END, run([f.frame(data)]))
        assert end[7][:4] == (1, 20 + len(content), 60, 0)


@pytest.mark.parametrize(
    ("said", "payload"),
    [(None, 30), (0, 30), (7, 30), (8, 0), (28, 20), (38, 30), (99, 30)],
)
def test_a_udp_length_that_can_be_is_believed(said: int | None, payload: int) -> None:
    (end,) = ends(run([f.frame(f.ethernet(f.ipv4(f.udp(bytes(30), length=said), 17)))]))
    assert end[6] == payload


@pytest.mark.parametrize("protocol", [TCP, UDP])
@pytest.mark.parametrize("size", [0, 3, 5, 7])
def test_a_packet_without_room_for_its_transport_header_has_no_payload(protocol: int, size: int) -> None:
    (end,) = of(END, run([f.frame(f.ethernet(f.ipv4(b"\1\2\3\4\5\6\7"[:size], protocol)))]))
    assert end[7][:4] == (1, 20 + size, 34 + size, 0)
    assert end[3][8:] == (b"\1\2\3\4" if size > 4 else bytes(4))  # ports where they are there


@pytest.mark.parametrize("protocol", [1, 47, 50, 58, 132])
def test_other_protocols_are_flows_without_ports(protocol: int) -> None:
    there = f.frame(f.ethernet(f.ipv4(bytes(30), protocol)))
    back = f.frame(f.ethernet(f.ipv4(bytes(31), protocol, f.SERVER, f.CLIENT)))
    (end,) = of(END, run([there, back]))
    assert end[2] == protocol and end[3] == ADDRESSES + bytes(4)
    assert end[7][:4] == (1, 50, 64, 30) and end[8][:4] == (1, 51, 65, 31)


def test_the_same_ports_over_udp_and_tcp_are_two_flows() -> None:
    events = run([f.frame(f.ethernet(f.ipv4(f.tcp()))), f.frame(f.ethernet(f.ipv4(f.udp(), 17)))])
    assert [end[2] for end in of(END, events)] == [TCP, UDP]


def test_a_host_that_talks_to_itself_from_one_port_is_one_flow_with_one_side() -> None:
    data = f.ethernet(f.ipv4(f.udp(b"x", 7, 7), 17, f.CLIENT, f.CLIENT))
    (end,) = of(END, run([f.frame(data, 1.0), f.frame(data, 2.0)]))
    assert end[7][0] == 2 and end[8][0] == 0


def test_frames_without_ip_are_counted_and_odd_ones_told() -> None:
    twin = Twin()
    events = twin.receive(
        [f.frame(f.ethernet(bytes(28), 0x0806)), f.frame(bytes(9)), f.frame(b"x", link=147)]
    )
    assert (twin.frames, twin.not_ip, twin.wire_bytes) == (3, 3, 42 + 9 + 1)
    assert events == [
        (WEIRD, "ethernet_truncated", f.START, 2),
        (WEIRD, "link_type_unknown", f.START, 3),
    ]


@pytest.mark.parametrize("offset", [0, 4, 9, 15])
def test_a_tcp_header_of_an_impossible_length_is_odd_and_has_no_payload(offset: int) -> None:
    segment = bytearray(f.tcp(b"payload"))
    segment[12] = offset << 4
    events = run([f.frame(f.ethernet(f.ipv4(bytes(segment))))])
    assert [event[1] for event in of(WEIRD, events)] == ["tcp_header_length"]
    assert ends(events)[0][6] == 0 and not of(SEGMENT, events)


def test_times_that_run_back_stretch_the_flow() -> None:
    talk = f.Talk().open()
    frames = [(ts, *rest) for ts, (_, *rest) in zip((50.0, 40.0, 45.0), talk.frames, strict=True)]
    (end,) = of(END, run(frames))
    assert end[5:7] == (40.0, 50.0)


# --- the two ways of decoding -------------------------------------------------------------------------

CONTENTS = st.one_of(
    st.tuples(
        st.just(6),
        st.builds(
            f.tcp,
            st.sampled_from([b"", b"x" * 30]),
            st.sampled_from([443, 50_000]),
            st.sampled_from([443, 50_000]),
            st.integers(0, 2**32 - 1),
            flags=st.integers(0, 255),
            options=st.sampled_from([b"", bytes(12)]),
        ),
    ),
    st.tuples(
        st.just(17),
        st.builds(
            f.udp,
            st.sampled_from([b"", b"\xc0" + bytes(30), b"\x40" * 20, b"\x08\0\0\0\0\0\1\0" + bytes(40)]),
            st.sampled_from([53, 50_000]),
            st.sampled_from([443, 53, 4789]),
            st.sampled_from([None, 3, 12]),
        ),
    ),
    st.tuples(st.integers(0, 255), st.binary(max_size=30)),
)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), CONTENTS, st.integers(0, 90), st.integers(0, 100)),
        max_size=12,
    )
)
def test_the_common_frame_and_every_other_are_decoded_alike(
    cases: list[tuple[bool, bool, tuple[int, bytes], int, int]],
) -> None:
    """The same packets in plain Ethernet (decoded in line) and as raw IP (by the table)."""
    inline: list[f.Frame] = []
    table: list[f.Frame] = []
    for six, back, (protocol, content), cut, later in cases:
        addresses = (f.CLIENT6, f.SERVER6) if six else (f.CLIENT, f.SERVER)
        source, target = addresses[::-1] if back else addresses
        packet = (
            f.ipv6(content, protocol, source, target) if six else f.ipv4(content, protocol, source, target)
        )
        kept = packet[: max(len(packet) - cut, 40 if six else 20)]
        ts = f.START + later
        ethertype = 0x86DD if six else 0x0800
        inline.append(f.frame(f.ethernet(kept, ethertype), ts, 1, len(packet)))
        table.append(f.frame(kept, ts, 101, len(packet)))

    def plain(events: list[Event]) -> list[Event]:
        """Without MAC addresses, which raw IP has not."""
        return [
            (*event[:7], event[7][:6], event[8][:6], event[9]) if event[0] == END else event
            for event in events
        ]

    assert plain(run(inline)) == plain(run(table))


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans(), st.integers(0, 60)), max_size=40)
)
def test_volumes_equal_a_plain_sum(cases: list[tuple[int, int, bool, int]]) -> None:
    """A dictionary of sums, kept beside it."""
    frames: list[f.Frame] = []
    sums: dict[tuple[bytes, bytes], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for number, (client, port, back, size) in enumerate(cases):
        one, two = (f"10.0.0.{client}", 5_000 + port), ("10.9.9.9", 53)
        (source, sport), (target, dport) = (two, one) if back else (one, two)
        packet = f.ipv4(f.udp(bytes(size), sport, dport), 17, source, target, ident=number)
        frames.append(f.frame(f.ethernet(packet), f.START + number))
        of_side = sums[f.packed(source) + sport.to_bytes(2), f.packed(target) + dport.to_bytes(2)]
        for place, value in enumerate((1, 28 + size, 42 + size, size)):
            of_side[place] += value
    got: dict[tuple[bytes, bytes], list[int]] = {}
    for _, _, _, key, _, _, _, zero, one_, _ in of(END, run(frames)):
        a, b = key[:4] + key[8:10], key[4:8] + key[10:12]
        got.update({(a, b): list(zero[:4]), (b, a): list(one_[:4])})
    assert {pair: value for pair, value in got.items() if value[0]} == dict(sums)


# --- copies -------------------------------------------------------------------------------------------


def test_a_copy_counts_as_one_and_is_not_handed_over_again() -> None:
    talk = f.Talk().open().send(0, b"hello")
    twice = [frame for one in talk.frames for frame in (one, (one[0] + 0.0005, *one[1:]))]
    events = run(twice)
    (end,) = of(END, events)
    assert end[7][:6] == (6, 6 * 40 + 10, 6 * 54 + 10, 10, 3, 3 * 40 + 5)
    assert end[8][4:6] == (1, 40)
    assert len(of(SEGMENT, events)) == 1


def test_a_copy_is_known_under_another_ethernet_header() -> None:
    packet = f.ipv4(f.udp(b"query", 5_000, 53), 17, ident=7)
    events = run([f.frame(f.ethernet(packet)), f.frame(f.ethernet(f.vlan(packet), 0x8100, f.MAC_B))])
    assert of(END, events)[0][7][4] == 1 and len(of(DATAGRAM, events)) == 1


@pytest.mark.parametrize(
    ("why", "second", "later"),
    [
        ("another identification", f.ipv4(f.tcp(b"x"), ident=2), 0.001),
        ("a router was between", f.ipv4(f.tcp(b"x"), ident=1, ttl=63), 0.001),
        ("too late", f.ipv4(f.tcp(b"x"), ident=1), limits.COPY_S + 0.01),
    ],
)
def test_what_is_no_copy(why: str, second: bytes, later: float) -> None:
    first = f.ethernet(f.ipv4(f.tcp(b"x"), ident=1))
    events = run([f.frame(first), f.frame(f.ethernet(second), f.START + later)])
    assert of(END, events)[0][7][4] == 0 and len(of(SEGMENT, events)) == 2, why


@pytest.mark.slow
def test_copies_are_known_over_so_many_frames_and_then_forgotten() -> None:
    def packet(number: int) -> f.Frame:
        return f.datagram(number.to_bytes(4))

    twin = Twin()
    twin.receive([packet(number) for number in range(limits.COPY_FRAMES)])
    twin.receive([packet(0)])
    twin.receive([packet(number) for number in range(limits.COPY_FRAMES, 3 * limits.COPY_FRAMES)])
    twin.receive([packet(1)])
    (end,) = of(END, twin.finish())
    assert end[7][4] == 1
    assert len(twin._recent) + len(twin._older) <= 2 * limits.COPY_FRAMES


# --- beginning and end --------------------------------------------------------------------------------


def tell(talk: f.Talk, *later: f.Frame) -> list[Event]:
    return run([*talk.frames, *later])


def after(talk: f.Talk, seconds: float, port: int = 9) -> f.Frame:
    """A frame of another flow, so much later; two of them make the clock go on."""
    return f.datagram(b"tick", port, port, ts=talk.ts + seconds, ident=port)


@pytest.mark.parametrize(
    ("why", "talk", "quiet", "reason"),
    [
        ("both FINs", f.Talk().open().close(), limits.LINGER_S, IDLE),
        ("a RST", f.Talk().open().send(1, flags=f.RST), limits.LINGER_S, IDLE),
        ("one FIN", f.Talk().open().send(0, flags=f.FIN | f.ACK), limits.HALF_CLOSED_S, IDLE),
        ("neither", f.Talk().open(), limits.TCP_IDLE_S, IDLE),
    ],
)
def test_how_long_a_flow_may_be_quiet(why: str, talk: f.Talk, quiet: float, reason: str) -> None:
    for seconds, over in ((quiet - 1, False), (quiet + 2, True)):
        twin = Twin()
        events = twin.receive([*talk.frames, after(talk, seconds), after(talk, seconds, 10)])
        assert [end[1::8] for end in of(END, events)] == ([(1, reason)] if over else []), why


def test_udp_and_others_end_when_they_are_quiet() -> None:
    for protocol in (17, 1):
        first = f.frame(f.ethernet(f.ipv4(f.udp(b"x"), protocol)))
        twin = Twin()
        twin.receive([first])
        assert twin.tick(f.START + limits.SHORT_IDLE_S) == []
        assert [end[9] for end in twin.tick(f.START + limits.SHORT_IDLE_S + 1)] == [IDLE]
        assert len(twin) == 0


def test_a_flow_that_goes_on_does_not_end() -> None:
    talk = f.Talk().open()
    for _ in range(5):
        talk.ts += limits.TCP_IDLE_S - 10
        talk.send(0, b"still here")
    assert [end[9] for end in of(END, tell(talk))] == [FINISHED]


def test_one_packet_from_the_future_ends_nothing() -> None:
    talk = f.Talk().open()
    talk.frames.append(after(talk, 1e6))
    talk.send(0, b"here")
    assert [end[9] for end in of(END, tell(talk))] == [FINISHED, FINISHED]


def test_what_comes_after_the_close_still_counts() -> None:
    talk = f.Talk().open().close().send(1, b"late").send(0, flags=f.RST)
    assert ends(tell(talk))[0][:4] == (1, TCP, 5, 3)


def again(talk: f.Talk, seconds: float = 0.5, isn: int = 77_000) -> f.Talk:
    """The same ports once more."""
    other = f.Talk(isn=isn, start=talk.ts + seconds)
    other.ident = 1_000
    return other.open()


@pytest.mark.parametrize(
    ("why", "talk", "seconds", "flows"),
    [
        ("closed by both", f.Talk().open().close(), 0.5, 2),
        ("closed by one, in a one-way capture", f.Talk().open().send(0, flags=f.FIN | f.ACK), 0.5, 2),
        ("closed by the other", f.Talk().open().send(1, flags=f.FIN | f.ACK), 0.5, 2),
        ("reset", f.Talk().open().send(1, flags=f.RST), 0.5, 2),
        ("quiet for long", f.Talk().open().send(0, b"x"), limits.QUIET_S + 1, 2),
        ("begun before the capture", f.Talk().send(0, b"x"), 2.0, 2),
        ("a SYN that came late", f.Talk().send(0, b"x"), 0.1, 1),
        ("open and busy", f.Talk().open().send(0, b"x"), 0.5, 1),
        ("open and never used", f.Talk().open(), 0.5, 1),
    ],
)
def test_when_a_syn_begins_a_new_flow(why: str, talk: f.Talk, seconds: float, flows: int) -> None:
    events = run(talk.frames + again(talk, seconds).frames)
    told = of(END, events)
    assert len(told) == flows, why
    if flows == 2:
        assert [(end[1], end[4], end[9]) for end in told] == [
            (1, told[0][4], REUSED),
            (len(talk.frames) + 1, 0, FINISHED),
        ]
    odd = [event[1] for event in of(WEIRD, events)]
    assert odd == (["tcp_syn_in_open_flow"] if why == "open and busy" else [])


def test_a_syn_sent_again_is_the_same_flow() -> None:
    talk = f.Talk().send(0, flags=f.SYN).send(0, flags=f.SYN, seq=1_000).send(1, flags=f.SYN | f.ACK).close()
    talk.send(0, flags=f.SYN, seq=1_000)
    assert len(of(END, tell(talk))) == 1


def test_who_began_is_known_by_either_syn() -> None:
    only_answer = f.Talk().send(0, flags=f.SYN).send(1, flags=f.SYN | f.ACK).send(0, b"x")
    (end,) = of(END, run(only_answer.frames[1:]))
    assert end[3][:4] == f.packed(f.SERVER) and end[4] == 1
    (segment,) = of(SEGMENT, run(only_answer.frames[1:]))
    assert segment[6] == 1_001  # the client's first byte, by what the server acknowledged
    both = f.Talk().send(0, flags=f.SYN).send(1, flags=f.SYN)
    assert of(END, run(both.frames))[0][4] == 0
    assert of(END, run(f.Talk().send(0, b"x").frames))[0][4] is None


def test_a_flow_that_is_used_again_from_the_other_side_begins_there() -> None:
    talk = f.Talk().open().close()
    back = f.Talk(443, 40_000, client=f.SERVER, server=f.CLIENT, start=talk.ts).open()
    second = of(END, run(talk.frames + back.frames))[1]
    assert second[3][:4] == f.packed(f.SERVER) and second[4] == 0


# --- bounds -------------------------------------------------------------------------------------------


def test_the_least_recently_used_flow_gives_way_a_closed_one_first() -> None:
    one, two, three = (f.Talk(port, start=f.START + port).open() for port in (1, 2, 3))
    two.close()
    udp = f.datagram(b"x", 4, ts=f.START + 4)
    one.ts = f.START + 5
    one.send(0, b"used again")
    new = [f.datagram(b"x", port, ts=f.START + 6) for port in (5, 6, 7)]
    twin = Twin(max_flows=4)
    twin.receive([*one.frames[:3], *two.frames, *three.frames, udp, *one.frames[3:]])
    gone = [(end[3][-4:-2], end[9]) for end in of(END, twin.receive(new))]
    assert gone == [((port).to_bytes(2), EVICTED) for port in (2, 3, 4)]
    assert len(twin) == 4


# --- what is handed over ------------------------------------------------------------------------------


def test_segments_are_announced_and_carry_their_place_in_the_stream() -> None:
    talk = f.Talk(isn=2**32 - 1).open().send(0, b"abc").send(1, b"de")
    assert [event for event in tell(talk) if event[0] in (OPEN, SEGMENT)] == [
        (OPEN, 1, TCP, KEY),
        (SEGMENT, 1, 0, talk.frames[3][0], 4, 0, 0, b"abc", 3),
        (SEGMENT, 1, 1, talk.frames[4][0], 5, 9_001, 9_001, b"de", 2),
    ]


def test_data_in_a_syn_is_handed_over() -> None:
    """TCP Fast Open, RFC 7413."""
    (segment,) = of(SEGMENT, tell(f.Talk().send(0, b"early", f.SYN)))
    assert segment[5:9] == (1_001, 1_001, b"early", 5)


def test_without_a_syn_the_beginning_is_not_known() -> None:
    (segment,) = of(SEGMENT, tell(f.Talk().send(0, b"x")))
    assert segment[5:7] == (1_000, None)


def test_a_cut_segment_says_how_long_it_was() -> None:
    data = f.ethernet(f.ipv4(f.tcp(b"x" * 100)))
    (segment,) = of(SEGMENT, run([f.frame(data[:60], wire=len(data))]))
    assert segment[7:9] == (b"x" * 6, 100)


def test_so_much_is_wanted_of_each_side_and_no_more_unless_asked() -> None:
    twin, talk = Twin(), f.Talk().open()
    size = 10_000
    for _ in range(120):
        talk.send(0, bytes(size))
    assert len(of(SEGMENT, twin.receive(talk.frames))) == limits.LOOK_BYTES // size + 1
    for asked, more in ((25_000, 3), (0, 0)):
        twin.want(1, 0, asked)
        other = f.Talk(isn=talk.next[0], start=talk.ts)
        other.ident = talk.ident
        for _ in range(5):
            other.send(0, bytes(size))
        talk.ident, talk.ts, talk.next = other.ident, other.ts, other.next
        assert len(of(SEGMENT, twin.receive(other.frames))) == more
    twin.want(99, 0, 5)  # a flow that is none


@pytest.mark.parametrize(
    ("sport", "dport", "payload", "handed"),
    [
        (5_000, 53, b"query", True),
        (53, 5_000, b"answer", True),
        (5_353, 5_353, b"multicast", True),
        (5_000, 443, b"\xc3 long header", True),
        (5_000, 443, b"\x43 short header", False),
        (5_000, 443, b"", False),
        (5_000, 123, b"\x23 time", False),
    ],
)
def test_of_udp_dns_and_long_headers_are_handed_over(
    sport: int, dport: int, payload: bytes, handed: bool
) -> None:
    events = run([f.datagram(payload, sport, dport)])
    assert bool(of(DATAGRAM, events)) == bool(of(OPEN, events)) == handed


def test_of_dns_everything_is_wanted_and_of_long_headers_so_much() -> None:
    queries = [f.datagram(bytes(1_000), 5_000, 53, ident=number) for number in range(100)]
    assert len(of(DATAGRAM, run(queries))) == 100
    headers = [f.datagram(b"\xc0" + bytes(19_999), ident=number) for number in range(100)]
    assert len(of(DATAGRAM, run(headers))) == limits.LOOK_BYTES // 20_000 + 1


# --- fragments ----------------------------------------------------------------------------------------

QUERY = f.udp(bytes(range(200)), 5_000, 53)


def parts(order: tuple[int, ...] = (0, 1, 2), ident: int = 77) -> list[f.Frame]:
    pieces = f.fragments(QUERY, 17, 80, ident=ident)
    return [f.frame(f.ethernet(pieces[at]), f.START + place) for place, at in enumerate(order)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_fragmented_packet_counts_every_frame_and_is_handed_over_whole(order: tuple[int, ...]) -> None:
    events = run(parts(order))
    assert [event[6:] for event in of(DATAGRAM, events)] == [(200,)]
    (end,) = of(END, events)
    assert end[3] == ADDRESSES + (5_000).to_bytes(2) + (53).to_bytes(2)
    assert end[5:7] == (f.START, f.START + 2)
    assert end[7] == (3, 3 * 20 + 208, 3 * 34 + 208, 200, 0, 0, f.MAC_A)


def test_ipv6_fragments() -> None:
    pieces = [
        f.ipv6(f.ipv6_fragment(QUERY[at : at + 80], 17, at, at + 80 < len(QUERY)), 44)
        for at in range(0, len(QUERY), 80)
    ]
    events = run([f.frame(f.ethernet(piece, 0x86DD)) for piece in pieces])
    assert len(of(DATAGRAM, events)) == 1
    assert of(END, events)[0][7][:4] == (3, 3 * 48 + 208, 3 * 62 + 208, 200)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_copies_of_fragments_count_as_copies(which: int) -> None:
    """Before the packet is whole, and after."""
    frames = parts()
    copy = (frames[which][0] + 0.01, *frames[which][1:])
    for place in (which + 1, 3):
        if place == 3 and which != 2:
            continue
        events = run([*frames[:place], copy, *frames[place:]])
        (end,) = of(END, events)
        size = len(frames[which][2]) - 14
        assert end[7][0] == 4 and end[7][4:6] == (1, size)
        assert len(of(DATAGRAM, events)) == 1


def test_a_first_piece_that_is_a_copy_of_nothing_known_counts_anyway() -> None:
    """The packet it completed is forgotten, for others came between."""
    frames = parts()
    others: list[f.Frame] = []
    for ident in range(1_000, 1_000 + 1_030):
        others += [(f.START + 2, *frame[1:]) for frame in parts(ident=ident)]
    late = (f.START + 2.01, *frames[2][1:])
    events = run([*frames, *others, late])
    volumes = of(END, events)[0][7]
    assert volumes[0] == 3 * 1_031 + 0 or sum(end[7][0] for end in of(END, events)) == 3 * 1_031 + 1


@pytest.mark.parametrize(
    ("missing", "port", "payload"),
    [(0, 0, len(QUERY) - 80), (1, 5_000, len(QUERY) - 80 - 8), (2, 5_000, 160 - 8)],
)
def test_a_packet_that_never_becomes_whole_counts_where_its_first_piece_names_a_flow(
    missing: int, port: int, payload: int
) -> None:
    frames = parts()
    del frames[missing]
    twin = Twin()
    twin.receive(frames)
    events = twin.tick(f.START + FRAGMENT_S + 5) + twin.finish()
    (end,) = of(END, events)
    assert int.from_bytes(end[3][8:10]) == port
    assert end[7][0] == 2 and end[7][3] == payload and end[7][6] == f.MAC_A
    assert twin.incomplete == 1 and not of(DATAGRAM, events)


def test_an_unfinished_packet_counts_on_the_flow_that_is_there() -> None:
    whole = f.tcp(bytes(100))
    pieces = [f.frame(f.ethernet(piece)) for piece in f.fragments(whole, 6, 40)[:2]]
    events = run([f.frame(f.ethernet(f.ipv4(f.tcp(b"x")))), *pieces])
    (end,) = of(END, events)
    assert end[7][0] == 3 and end[7][3] == 1 + 80 - 20


def test_unfinished_packets_of_other_protocols_and_cut_heads() -> None:
    echo = [f.frame(f.ethernet(f.ipv4(bytes(40), 1, ident=1, more=True)))]
    cut = [f.frame(f.ethernet(f.ipv4(f.tcp(bytes(40)), ident=2, more=True))[:46], wire=94)]
    events = run(echo + cut)
    assert [(end[2], end[7][3]) for end in of(END, events)] == [(1, 40), (TCP, 60)]
    assert [event[1] for event in of(WEIRD, events)] == ["fragment_truncated"]


def test_pieces_that_contradict_each_other_are_odd_and_count() -> None:
    frames = [f.frame(f.ethernet(f.ipv4(bytes(80), 17, ident=1, offset=65_504)))]
    events = run(frames)
    assert [event[1] for event in of(WEIRD, events)] == ["fragment_beyond_packet"]
    assert ends(events)[0][2] == 1


# --- tunnels ------------------------------------------------------------------------------------------

INNER = f.ethernet(f.ipv4(f.udp(b"query", 5_000, 53), 17, ident=5), source=b"\x02inner")
VXLAN = b"\x08\0\0\0\0\0\x2a\0"


def outer(content: bytes, *, ident: int = 0) -> list[f.Frame]:
    """A VXLAN packet between two switches, in fragments of 64 bytes where it is longer."""
    whole = f.udp(content, 50_000, 4789)
    pieces = f.fragments(whole, 17, 64, ident=ident, source="192.0.2.1", target="192.0.2.2")
    return [f.frame(f.ethernet(piece)) for piece in pieces]


def test_what_a_tunnel_carries_counts_with_the_frames_own_length_on_the_wire() -> None:
    (end,) = of(END, run([f.frame(f.ethernet(f.ipv4(f.udp(VXLAN + INNER, 1, 4789), 17)))]))
    assert end[3][:8] == ADDRESSES
    assert end[7] == (1, 33, 14 + 20 + 8 + 8 + 14 + 33, 5, 0, 0, b"\x02inner")


def test_a_tunnel_in_fragments_counts_its_content_once_and_every_frame() -> None:
    inner = f.ethernet(f.ipv4(f.udp(bytes(100), 5_000, 53), 17), source=b"\x02inner")
    frames = outer(VXLAN + inner)
    events = run(frames)
    (end,) = of(END, events)
    assert end[3][:8] == ADDRESSES
    assert end[7] == (len(frames), 128, sum(frame[3] for frame in frames), 100, 0, 0, b"\x02inner")
    assert len(of(DATAGRAM, events)) == 1


def test_the_same_packet_through_two_tunnels_in_fragments_is_a_copy() -> None:
    inner = f.ethernet(f.ipv4(f.udp(bytes(100), 5_000, 53), 17, ident=5))
    first, second = outer(VXLAN + inner, ident=1), outer(VXLAN + inner, ident=2)
    (end,) = of(END, run(first + second))
    assert end[7][0] == len(first + second) and end[7][4:6] == (len(second), 128)


def test_fragments_within_a_tunnel_in_fragments() -> None:
    inner = [f.ethernet(piece) for piece in f.fragments(QUERY, 17, 104)]
    frames = [frame for number, piece in enumerate(inner) for frame in outer(VXLAN + piece, ident=number)]
    events = run(frames)
    (end,) = of(END, events)
    assert end[3] == ADDRESSES + (5_000).to_bytes(2) + (53).to_bytes(2)
    assert end[7][0] == len(frames) and end[7][1] == 2 * 20 + 208
    assert end[7][2] == sum(frame[3] for frame in frames)


def test_a_tunnel_in_fragments_whose_content_is_broken_counts_itself() -> None:
    events = run(outer(VXLAN + f.ethernet(b"\x44" + bytes(80))))
    assert [event[1] for event in of(WEIRD, events)] == ["ipv4_header_length"]
    assert of(END, events)[0][3][:8] == f.packed("192.0.2.1") + f.packed("192.0.2.2")


def test_fragments_that_complete_fragments_are_followed_to_a_bound() -> None:
    """Each layer's packet waits for the piece that the one around it carries."""
    content, frames = f.udp(b"deep", 5_000, 53), []
    for layer in range(6):
        protocol = 4 if layer else 17
        whole = content + bytes(-len(content) % 8)
        first = f.ipv4(whole[:8], protocol, "192.0.2.1", "192.0.2.2", ident=layer, more=True)
        frames.append(f.frame(f.ethernet(first), f.START + layer))
        content = f.ipv4(whole[8:], protocol, "192.0.2.1", "192.0.2.2", ident=layer, offset=8)
    events = run([*frames, f.frame(f.ethernet(content), f.START + 9)])
    assert [event[1] for event in of(WEIRD, events)] == ["too_many_layers"]
    assert sum(end[7][0] + end[8][0] for end in of(END, events)) == 7


# --- anything -----------------------------------------------------------------------------------------


def sample_frames(rng: random.Random) -> list[f.Frame]:
    talk = f.Talk().open().send(0, b"hello").send(1, b"answer").close()
    frames = [*talk.frames, *parts(), *outer(VXLAN + INNER), f.datagram(b"\xc0" + bytes(40))]
    rng.shuffle(frames)
    return frames


@pytest.mark.slow
@given(
    st.integers(0, 2**32), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 200), st.integers(0, 255)))
)
def test_changed_frames_are_all_counted_and_every_flow_ends_once(
    seed: int, changes: list[tuple[int, int, int]]
) -> None:
    frames = sample_frames(random.Random(seed))
    for which, place, value in changes:
        ts, link, data, wire = frames[which % len(frames)]
        changed = bytearray(data)
        changed[place % len(changed)] = value
        frames[which % len(frames)] = (ts, link, bytes(changed), wire)
    twin = Twin()
    events = twin.receive(frames) + twin.finish()
    assert len(twin) == 0 and not twin._held
    assert sum(end[7][0] + end[8][0] for end in of(END, events)) + twin.not_ip <= len(frames)
    numbers = [end[1] for end in of(END, events)]
    assert len(numbers) == len(set(numbers))
    assert sum(end[7][2] + end[8][2] for end in of(END, events)) <= sum(frame[3] for frame in frames)
