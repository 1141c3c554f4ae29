"""Frames to observations, as ``gnomon observe`` and ``gnomon capture`` see them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor import passive
from sensor.fastpath import twin
from sensor.model import (
    ClientHelloSeen,
    DnsAnswer,
    Door,
    Endpoint,
    FlowEnd,
    HttpRequest,
    Observation,
    Weird,
)
from sensor.passive import PassiveReader
from tests.wire import frame_bytes as f
from tests.wire import quic_bytes as q
from tests.wire import tls_bytes as t

NAME = "api.example.com"


def hello(name: str = NAME, padding: int = 0) -> bytes:
    """Records of a ClientHello; with padding, the name stands behind it."""
    extensions = [
        t.versions(0x0304),
        t.extension(21, bytes(padding)),
        t.server_name(name.encode()),
        t.alpn(b"h2"),
    ]
    return t.records(t.message(t.body(*extensions)))


def answer(name: bytes = b"\7example\3com\0", response: bool = True) -> bytes:
    head = b"\x12\x34\x81\x80\0\1\0\1\0\0\0\0" if response else b"\x12\x34\1\0\0\1\0\0\0\0\0\0"
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7" if response else b""
    return head + name + b"\0\1\0\1" + record


def run(frames: list[f.Frame], source: str = "s") -> list[Observation]:
    reader = PassiveReader(source)
    return reader.feed(frames) + reader.finish()


def of(kind: type, observations: list[Observation]) -> list[Observation]:
    return [observation for observation in observations if type(observation) is kind]


def names(observations: list[Observation]) -> list[tuple[str | None, bool]]:
    return [(seen.server_name, seen.partial) for seen in of(ClientHelloSeen, observations)]


def weirds(observations: list[Observation]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for weird in of(Weird, observations):
        counts[weird.name] = counts.get(weird.name, 0) + weird.count
    return counts


CLIENT, SERVER = Endpoint(f.CLIENT, 40_000), Endpoint(f.SERVER, 443)


# --- one conversation ---------------------------------------------------------------------------------


def test_a_tls_conversation_gives_its_hello_and_its_end() -> None:
    talk = f.Talk().open().send(0, hello()).send(1, b"\x16\x03\x03\0\5\2\0\0\1\0").close()
    seen, end = run(talk.frames, "digest")
    assert isinstance(seen, ClientHelloSeen) and isinstance(end, FlowEnd)
    assert (seen.server_name, seen.transport, seen.alpn) == (NAME, "tcp", ("h2",))
    assert (seen.client, seen.server, seen.ts) == (CLIENT, SERVER, talk.frames[3][0])
    assert (seen.key, seen.flow, seen.door) == ("digest:4c", "digest:1f", Door.SPAN)
    assert (end.key, end.flow, end.transport) == ("digest:1e", "digest:1f", "tcp")
    assert (end.client, end.server, end.client_mac) == (CLIENT, SERVER, "02:00:00:00:00:0a")
    assert (end.packets_up, end.payload_bytes_up) == (5, len(hello()))
    assert (end.ts, end.first, end.last) == (talk.frames[-1][0], talk.frames[0][0], talk.frames[-1][0])


@pytest.mark.parametrize("port", [443, 8_443, 25, 53, 60_000])
@pytest.mark.parametrize("syn", [True, False])
def test_tls_is_found_on_any_port(port: int, syn: bool) -> None:
    talk = f.Talk(dport=port).open().send(0, hello())
    observations = run(talk.frames if syn else talk.frames[3:])
    assert names(observations) == [(NAME, False)]
    (end,) = of(FlowEnd, observations)
    assert end.client == CLIENT


@pytest.mark.parametrize("size", [1, 7, 40, 700])
@pytest.mark.parametrize("order", ["sent", "reversed", "shuffled", "twice"])
def test_a_hello_in_segments_of_any_size_and_order(size: int, order: str) -> None:
    data = hello(padding=200 if size < 40 else 1_500)
    talk = f.Talk(isn=2**32 - 100).open()
    before = len(talk.frames)
    for at in range(0, len(data), size):
        talk.send(0, data[at : at + size])
    opening, segments = talk.frames[:before], talk.frames[before:]
    if order == "reversed":
        segments = segments[::-1]
    elif order == "shuffled":
        random.Random(5).shuffle(segments)
    elif order == "twice":
        segments = [one for segment in segments for one in (segment, segment)]
    assert names(run([*opening, *segments])) == [(NAME, False)]
    if size == 700 or order == "sent":  # without a SYN only so many pieces are looked at
        assert names(run(segments)) == [(NAME, False)]


def test_a_second_hello_after_a_retry_request_is_told_under_the_same_flow() -> None:
    talk = f.Talk().open().send(0, hello()).send(1, b"\x16\x03\x03\0\5\2\0\0\1\0")
    talk.send(0, b"\x14\x03\x03\0\1\1" + hello("second.example"))
    seen = of(ClientHelloSeen, run(talk.frames))
    assert [(one.server_name, one.key, one.flow) for one in seen] == [
        (NAME, "s:4c", "s:1f"),
        ("second.example", "s:6c", "s:1f"),
    ]


def test_two_hellos_in_one_frame_have_keys_of_their_own() -> None:
    talk = f.Talk().open().send(0, hello() + hello("b.example"))
    assert [one.key for one in of(ClientHelloSeen, run(talk.frames))] == ["s:4c", "s:4c2"]


def test_who_sends_the_hello_is_its_client_also_where_it_took_the_call() -> None:
    """A reverse connection: the SYN comes from the other side."""
    talk = f.Talk().open().send(1, hello())
    observations = run(talk.frames)
    (seen,) = of(ClientHelloSeen, observations)
    (end,) = of(FlowEnd, observations)
    assert (seen.client, end.client) == (SERVER, CLIENT)


def test_tls_within_connect_and_the_request_before_it() -> None:
    talk = f.Talk(dport=3_128).open().send(0, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n")
    talk.send(1, b"HTTP/1.1 200 OK\r\n\r\n").send(0, hello("a.example"))
    observations = run(talk.frames)
    (request,) = of(HttpRequest, observations)
    assert (request.method, request.host, request.key) == ("CONNECT", "a.example", "s:4h")
    assert names(observations) == [("a.example", False)]


def test_tls_after_starttls_and_a_servers_words() -> None:
    talk = (
        f.Talk(dport=25).open().send(1, b"220 ready\r\n").send(0, b"EHLO me\r\n").send(1, b"250 STARTTLS\r\n")
    )
    talk.send(0, b"STARTTLS\r\n").send(1, b"220 go\r\n").send(0, hello())
    assert names(run(talk.frames)) == [(NAME, False)]


def test_requests_of_a_kept_connection() -> None:
    talk = f.Talk(dport=11_434).open()
    body = b"POST /api/chat?x=1 HTTP/1.1\r\nHost: ollama.lan:11434\r\nContent-Length: 5\r\n\r\nhello"
    for _ in range(3):
        talk.send(0, body).send(1, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    requests = of(HttpRequest, run(talk.close().frames))
    assert [(one.method, one.host, one.path) for one in requests] == [("POST", "ollama.lan", "/api/chat")] * 3
    assert [one.key for one in requests] == ["s:4h", "s:6h", "s:8h"]


def test_large_uploads_do_not_end_the_following_of_requests() -> None:
    talk = f.Talk(dport=80).open()
    size = 20 * 8_000
    talk.send(0, b"POST /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(20):
        talk.send(0, bytes(8_000))
    talk.send(0, b"GET /b HTTP/1.1\r\n\r\n")
    assert [one.path for one in of(HttpRequest, run(talk.frames))] == ["/a", "/b"]


def test_odd_hellos_are_counted() -> None:
    twice = t.records(t.message(t.body(t.server_name(NAME.encode()), t.server_name(NAME.encode()))))
    observations = run(f.Talk().open().send(0, twice).frames)
    assert names(observations) == [(NAME, False)]
    assert weirds(observations) == {"tls_extension_duplicate": 1}


def test_odd_headers_are_counted() -> None:
    talk = f.Talk(dport=80).open().send(0, b"GET / HTTP/1.1\r\nno colon\r\n\r\n")
    assert weirds(run(talk.frames)) == {"http_header_malformed": 1}


# --- what is missing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "lost", "found"),
    [
        ("nothing", None, [(NAME, False)]),
        ("the end", 2, [(NAME, True)]),
        ("the middle, with the name behind it", 1, [(NAME, True)]),
        ("the beginning", 0, [(NAME, True)]),
    ],
)
def test_a_hello_whose_segments_are_lost_is_told_where_its_name_arrived(
    why: str, lost: int | None, found: list[tuple[str | None, bool]]
) -> None:
    data = hello(padding=1_200) + b""
    at = data.index(NAME.encode()) + len(NAME)
    cuts = [data[:600], data[600:900], data[900:at] + data[at : at + 2], data[at + 2 :]]
    pieces = cuts if lost != 2 else [cuts[0], cuts[1], cuts[2], b""]
    talk = f.Talk().open()
    for number, piece in enumerate(pieces):
        if number == lost and lost != 2:
            talk.next[0] += len(piece)
        elif piece:
            talk.send(0, piece)
    assert names(run(talk.close().frames)) == found, why


def test_a_capture_with_short_frames_names_what_it_can() -> None:
    records = hello(padding=300)
    talk = f.Talk().open().send(0, records).send(0, b"\x17\x03\x03\0\x10" + bytes(16)).close()
    kept = 54 + records.index(NAME.encode()) + len(NAME) + 2
    cut = [(ts, link, data[:kept], wire) for ts, link, data, wire in talk.frames]
    reader = PassiveReader("s")
    observations = reader.feed(cut)
    assert names(observations) == [(NAME, True)]
    assert reader.take_counts()["frame_truncated"] == 1
    assert observations[0].key == "s:4c"


def test_a_name_that_shows_only_at_the_end_of_the_flow_has_a_key_of_its_own() -> None:
    data = hello(padding=300)
    talk = f.Talk().send(0, data[:-4])
    observations = run(talk.frames)
    assert [(one.kind, one.key) for one in observations] == [("client_hello", "s:1ec"), ("flow_end", "s:1e")]


def test_what_waits_behind_a_gap_is_read_at_the_end() -> None:
    talk = f.Talk(dport=80).open().send(0, b"GET /a HTTP/1.1\r\n\r\n")
    talk.next[0] += 100
    talk.send(0, b"GET /b HTTP/1.1\r\n\r\n")
    requests = of(HttpRequest, run(talk.frames))
    assert [(one.path, one.key) for one in requests] == [("/a", "s:4h"), ("/b", "s:1eh")]


# --- UDP ----------------------------------------------------------------------------------------------


def test_a_dns_answer_and_who_asked() -> None:
    frames = [
        f.datagram(answer(response=False), 5_000, 53),
        f.datagram(answer(), 53, 5_000, source=f.SERVER, target=f.CLIENT),
    ]
    seen, end = run(frames)
    assert isinstance(seen, DnsAnswer) and isinstance(end, FlowEnd)
    assert (seen.client, seen.server) == (Endpoint(f.CLIENT, 5_000), Endpoint(f.SERVER, 53))
    assert (seen.name, seen.answers[0].data, seen.key, seen.transport) == (
        "example.com",
        "192.0.2.7",
        "s:2d",
        "udp",
    )
    assert (end.client, end.transport) == (Endpoint(f.CLIENT, 5_000), "udp")


def test_an_answer_alone_and_from_one_port_53_to_the_other() -> None:
    (_, end) = run([f.datagram(answer(), 53, 53)])
    assert end.client == Endpoint(f.SERVER, 53)


def test_dns_over_tcp() -> None:
    message = answer()
    talk = f.Talk(dport=53).open().send(1, len(message).to_bytes(2) + message)
    seen, end = run(talk.frames)
    assert (seen.transport, seen.client, seen.key) == ("tcp", Endpoint(f.CLIENT, 40_000), "s:4d")


def test_multicast_dns_does_not_make_the_group_a_client() -> None:
    _, end = run([f.datagram(answer(), 5_353, 5_353, target="224.0.0.251")])
    assert end.client == Endpoint(f.CLIENT, 5_353)


def test_what_is_no_dns_on_its_port_is_odd_unless_it_is_quic() -> None:
    assert weirds(run([f.datagram(b"\0" * 5, 5_000, 53)])) == {"dns_message_too_short": 1}
    assert names(run([f.datagram(q.initial(crypto()), 5_000, 53)])) == [(NAME, False)]


def crypto(name: str = NAME) -> bytes:
    return q.crypto(0, t.message(t.body(t.server_name(name.encode()), t.versions(0x0304))))


@pytest.mark.parametrize("port", [443, 8_443, 60_000])
def test_quic_on_any_port(port: int) -> None:
    seen, end = run([f.datagram(q.initial(crypto()), 50_000, port)])
    assert (seen.transport, seen.server_name, seen.client.port, seen.key) == ("quic", NAME, 50_000, "s:1c")
    assert end.client.port == 50_000


def test_a_hello_over_two_initials_in_any_order() -> None:
    message = t.message(t.body(t.extension(21, bytes(900)), t.server_name(NAME.encode())))
    one = q.initial(q.crypto(0, message[:600]), number=0)
    two = q.initial(q.crypto(600, message[600:]), number=1)
    for packets in ([one, two], [two, one], [one, one, two]):
        frames = [f.datagram(packet, ident=number) for number, packet in enumerate(packets)]
        assert names(run(frames)) == [(NAME, False)]


def test_several_connections_on_the_same_ports() -> None:
    frames = [
        f.datagram(q.initial(crypto(f"n{number}.example"), dcid=bytes((number,)) * 8, scid=bytes((number,))))
        for number in range(5)
    ]
    assert names(run(frames)) == [(f"n{number}.example", False) for number in range(5)]


def test_a_servers_initial_is_not_odd_where_the_clients_is_seen() -> None:
    back = q.initial(q.ack(), dcid=b"client", scid=b"server01", key_dcid=q.DCID, who="server in")
    first, second = q.initial(crypto()[:40]), q.initial(crypto())
    server = f.datagram(back, 443, 40_000, source=f.SERVER, target=f.CLIENT)
    observations = run([f.datagram(first), server, f.datagram(second), server])
    assert names(observations) == [(NAME, False)]
    assert "quic_initial_not_opened" not in weirds(observations)


def test_quic_that_cannot_be_opened_is_odd_and_counted() -> None:
    packet = bytearray(q.initial(crypto()))
    packet[-1] ^= 1
    reader = PassiveReader("s")
    observations = reader.feed([f.datagram(bytes(packet))]) + reader.finish()
    assert names(observations) == [] and weirds(observations) == {"quic_initial_not_opened": 1}
    assert reader.take_counts() == {"frame": 1, "quic_unreadable": 1}


def test_a_quic_hello_that_never_completed_is_told_as_partial() -> None:
    message = t.message(t.body(t.server_name(NAME.encode()), t.extension(21, bytes(900))))
    observations = run([f.datagram(q.initial(q.crypto(0, message[:600])))])
    assert names(observations) == [(NAME, True)] and observations[0].key == "s:1ec"
    assert names(run([f.datagram(q.initial(q.crypto(0, message[:30])))])) == []


def test_a_cut_quic_datagram_is_read_as_far_as_it_goes() -> None:
    ts, link, data, wire = f.datagram(q.initial(crypto(), pad_to=1_100))
    assert [name for name, _ in names(run([(ts, link, data[:700], wire)]))] == [NAME]


def test_a_reader_that_had_enough_is_fed_no_more() -> None:
    packets = [q.initial(b"\1", dcid=number.to_bytes(8), scid=b"") for number in range(300)]
    reader = PassiveReader("s")
    frames = [f.datagram(packet, ident=number) for number, packet in enumerate(packets)]
    observations = reader.feed(frames[:255]) + reader.feed(frames[255:])
    assert reader._flows[1].sides[0].initials.exhausted
    assert reader._fast._flows[1].sides[0].want == 0
    assert weirds(observations + reader.finish())["quic_initials_over_limit"] == 44


def test_other_long_headers_are_passed_over_and_after_some_no_more_are_looked_at() -> None:
    frames = [f.datagram(b"\xc0no quic" + number.to_bytes(9)) for number in range(passive.MAX_MISSES)]
    reader = PassiveReader("s")
    assert reader.feed(frames) == []
    assert reader._fast._flows[1].sides[0].want == 0


def test_a_hello_that_never_completed_without_a_name_is_not_told() -> None:
    message = t.message(t.body(t.extension(21, bytes(900))))
    assert names(run([f.datagram(q.initial(q.crypto(0, message[:200])))])) == []


def test_odd_initials_of_the_other_side_are_a_servers() -> None:
    odd = q.initial(crypto(), who="server in")
    frames = [f.datagram(odd), f.datagram(odd, 443, 40_000, source=f.SERVER, target=f.CLIENT)]
    assert weirds(run(frames)) == {"quic_initial_not_opened": 1}


def test_nothing_more_is_read_of_a_side_that_is_over() -> None:
    reader = PassiveReader("s")
    reader.feed([f.datagram(q.initial(crypto()))])
    reader._datagram(1, 1, 1.0, 2, q.initial(crypto("b.example"), dcid=b"another1"), 9)
    talk = f.Talk(5_000).open().send(0, hello())
    reader.feed(talk.frames)
    reader._segment(2, 1, 1.0, 9, 1, 1, hello(), 9)
    assert len(reader.finish()) == 2


# --- flows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "frames", "client"),
    [
        ("the lower port is the server", [f.datagram(b"x", 123, 5_000)], 5_000),
        ("else who sent first is the client", [f.datagram(b"x", 500, 500)], 500),
        ("a SYN goes before ports", f.Talk(100, 200).open().frames, 100),
        ("a SYN and ACK too", f.Talk(100, 200).open().frames[1:2], 100),
        ("a hello goes before ports", f.Talk(100, 200).send(0, hello()).frames, 100),
        ("a request goes before ports", f.Talk(100, 200).send(0, b"GET / HTTP/1.1\r\n\r\n").frames, 100),
        ("an Initial goes before ports", [f.datagram(q.initial(crypto()), 100, 200)], 100),
    ],
)
def test_who_is_the_client_of_a_flow(why: str, frames: list[f.Frame], client: int) -> None:
    (end,) = of(FlowEnd, run(frames))
    assert end.client.port == client, why


def test_copies_are_told_with_their_direction() -> None:
    talk = f.Talk().send(0, b"up").send(1, b"down")
    frames = [one for frame in talk.frames for one in (frame, (frame[0] + 0.0001, *frame[1:]))]
    (end,) = of(FlowEnd, run(frames))
    assert (end.packets_up, end.packets_down, end.duplicate_packets) == (2, 2, 2)
    assert (end.duplicate_bytes, end.duplicate_bytes_up) == (42 + 44, 42)


def test_other_protocols_are_named_by_number() -> None:
    (end,) = run([f.frame(f.ipv6(bytes(8), 58), link=101)])
    assert (end.transport, end.client, end.client_mac) == ("ip-58", Endpoint(f.CLIENT6, 0), None)


def test_a_flow_that_gives_way_is_told_and_counted() -> None:
    reader = PassiveReader("s", max_flows=1)
    observations = reader.feed([f.datagram(b"x", 1), f.datagram(b"x", 2)])
    assert [one.kind for one in observations] == ["weird", "flow_end"]
    assert (weirds(observations), reader.open_flows) == ({"flow_evicted": 1}, 1)
    assert reader.take_counts() == {"frame": 2, "evicted": 1}


def test_a_flow_ends_by_the_clock_alone() -> None:
    reader = PassiveReader("s")
    reader.feed([f.datagram(b"x")])
    assert reader.tick(f.START + twin.SHORT_IDLE_S - 1) == []
    assert [one.kind for one in reader.tick(f.START + twin.SHORT_IDLE_S + 1)] == ["flow_end"]


# --- counts, keys, weirds -----------------------------------------------------------------------------


def test_what_is_counted_for_coverage() -> None:
    reader = PassiveReader("s")
    reader.feed([f.frame(f.ethernet(bytes(28), 0x0806)), f.datagram(b"x"), *f.Talk(1).send(0, b"x").frames])
    assert (reader.frames, reader.not_ip, reader.open_flows) == (3, 1, 2)
    assert reader.wire_bytes == 42 + 43 + 55
    assert reader.take_counts() == {"frame": 3, "frame_not_ip": 1}
    assert reader.take_counts() == {}
    reader.feed(
        [
            *f.Talk(2, 853).open().frames,
            f.frame(f.ethernet(f.ipv4(bytes(40), 17, ident=1, more=True))),
        ]
    )
    reader.finish()
    assert reader.take_counts() == {
        "frame": 4,
        "fragment_incomplete": 1,
        "flow_midstream": 1,
        "dns_encrypted": 1,
    }


def test_the_same_weird_is_told_at_once_and_then_summed_up() -> None:
    odd = [f.frame(bytes(9), f.START + seconds) for seconds in (0, 1, 2, 3)]
    reader = PassiveReader("s")
    told = [[(one.key, one.count) for one in reader.feed([frame])] for frame in odd]
    assert told == [[("s:1w.ethernet_truncated", 1)], [], [], []]
    late = reader.feed([f.frame(bytes(9), f.START + passive.WEIRD_S + 1)])
    assert [(one.key, one.count) for one in late] == [("s:5w1+ethernet_truncated", 4)]
    assert reader.feed([f.frame(bytes(9), f.START + passive.WEIRD_S + 2)]) == []
    assert [(one.key, one.count) for one in reader.finish()] == [("s:6w2+ethernet_truncated", 1)]


def test_what_was_odd_outside_is_told_the_same_way() -> None:
    reader = PassiveReader("s")
    reader.feed([f.datagram(b"x", ts=7.0)])
    (weird,) = reader.weird("capture_truncated", 2)
    assert (weird.name, weird.count, weird.ts) == ("capture_truncated", 2, 7.0)


def conversations(seed: int) -> list[f.Frame]:
    rng = random.Random(seed)
    frames: list[f.Frame] = []
    for number in range(12):
        talk = f.Talk(2_000 + number, rng.choice([443, 80, 53]), start=f.START + rng.random()).open()
        data = rng.choice([hello(padding=rng.choice([0, 1_500])), b"GET / HTTP/1.1\r\n\r\n" * 3, b"\5\1\0"])
        for at in range(0, len(data), 300):
            talk.send(0, data[at : at + 300])
        frames += talk.close().frames
        frames.append(f.datagram(answer(), 53, 3_000 + number, ts=f.START + rng.random()))
        frames.append(f.datagram(q.initial(crypto()), 4_000 + number, ts=f.START + rng.random()))
    frames.sort(key=lambda frame: frame[0])
    return frames


@pytest.mark.parametrize("seed", range(3))
def test_reading_again_gives_the_same_in_blocks_of_any_size_and_no_key_twice(seed: int) -> None:
    frames = conversations(seed)
    whole = run(frames)
    for size in (1, 7, passive.BLOCK_FRAMES):
        reader, again = PassiveReader("s"), []
        for at in range(0, len(frames), size):
            again += reader.feed(frames[at : at + size])
        assert again + reader.finish() == whole
    keys = [one.key for one in whole]
    assert len(keys) == len(set(keys)) and all(key.startswith("s:") for key in keys)


def test_only_so_much_is_held_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow that began first to hold something is read no more; its name is told if it had arrived."""
    monkeypatch.setattr(passive, "MAX_HELD_BYTES", 5_000)
    data = hello(padding=0)[:-2]
    reader, observations = PassiveReader("s"), []
    for number in range(60):
        observations += reader.feed(f.Talk(2_000 + number, isn=5).send(0, data).frames)
        assert reader._held <= 5_000
    assert names(observations) == [(NAME, True)] * len(names(observations)) and names(observations)
    assert weirds(observations + reader.finish())["reading_given_up"] == len(names(observations))
    assert reader._held == 0 and not reader._holding
    assert reader.take_counts()["evicted"] == len(names(observations))


@pytest.mark.slow
@given(
    st.integers(0, 3),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 2_000), st.integers(0, 255)), max_size=30),
    st.randoms(use_true_random=False),
)
def test_changed_and_shuffled_frames_give_observations_and_leave_nothing(
    seed: int, changes: list[tuple[int, int, int]], rng: random.Random
) -> None:
    frames = conversations(seed)
    for which, place, value in changes:
        ts, link, data, wire = frames[which % len(frames)]
        changed = bytearray(data)
        changed[place % len(changed)] = value
        frames[which % len(frames)] = (ts, link, bytes(changed), wire)
    if changes:
        rng.shuffle(frames)
    reader = PassiveReader("s")
    observations = reader.feed(frames) + reader.finish()
    keys = [one.key for one in observations]
    assert len(keys) == len(set(keys))
    assert not reader._flows and not reader._holding and reader._held == 0
