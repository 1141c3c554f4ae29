"""WebSocket: frames and messages, as the standards' examples and wsproto have them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import frame_protocol
from wsproto.extensions import PerMessageDeflate

from sensor.wire import websocket
from sensor.wire.websocket import (
    Deflate,
    Frame,
    FrameReader,
    Message,
    Messages,
    Opcode,
    parse_deflate,
    write_frame,
)
from tests.wire.framings import check, cut, joined, read
from tests.wire.tls_bytes import outcome

HELLO = b"Hello"

# RFC 6455, section 5.7.
EXAMPLES: list[tuple[str, str, Frame]] = [
    ("unmasked text", "810548656c6c6f", Frame(b"", Opcode.TEXT, True, 0, False, HELLO)),
    ("masked text", "818537fa213d7f9f4d5158", Frame(b"", Opcode.TEXT, True, 0, True, HELLO)),
    ("a first fragment", "010348656c", Frame(b"", Opcode.TEXT, False, 0, False, b"Hel")),
    ("a last fragment", "80026c6f", Frame(b"", Opcode.CONTINUATION, True, 0, False, b"lo")),
    ("ping", "890548656c6c6f", Frame(b"", Opcode.PING, True, 0, False, HELLO)),
    ("masked pong", "8a8537fa213d7f9f4d5158", Frame(b"", Opcode.PONG, True, 0, True, HELLO)),
    ("256 bytes", "827e0100" + "00" * 256, Frame(b"", Opcode.BINARY, True, 0, False, bytes(256))),
    ("64 KiB", "827f0000000000010000" + "00" * 65_536,
     Frame(b"", Opcode.BINARY, True, 0, False, bytes(65_536))),
    ("an empty masked frame", "8180aabbccdd", Frame(b"", Opcode.TEXT, True, 0, True, b"")),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "expected"), EXAMPLES)
def test_frames(_: str, data: str, expected: Frame) -> None:
    """Read and written; the long one not at every byte."""
    raw = bytes.fromhex(data)
    pieces = [raw[:9], raw[9:11], raw[11:]]
    frames = check(FrameReader, raw) if len(raw) < 1_000 else read(FrameReader(), pieces)
    assert frames == [expected._replace(raw=raw)]
    mask = raw[-len(expected.payload) - 4 :][:4] if expected.masked else None
    assert write_frame(expected.opcode, expected.payload, fin=expected.fin, mask=mask) == raw


ODD: list[tuple[str, str, list[str | None]]] = [
    ("half a head", "81", ["websocket_incomplete"]),
    ("half a length", "827f0000", ["websocket_incomplete"]),
    ("half a payload", "810548", ["websocket_incomplete"]),
    ("a reserved opcode", "83008100", ["websocket_opcode"]),
    ("a reserved control frame", "81008b00", [None, "websocket_opcode"]),
    ("a long ping", "897e0080" + "00" * 128, ["websocket_control"]),
    ("a ping in fragments", "0900", ["websocket_control"]),
    ("two bytes where none is needed", "817e007d" + "00" * 125, ["websocket_length"]),
    ("eight bytes where two are enough", "817f000000000000ffff", ["websocket_length"]),
    ("the most significant bit", "817f8000000000000000", ["websocket_length"]),
    ("a frame too long, and the next", "811500" + "00" * 20 + "8100", ["websocket_too_long", None]),
]


@pytest.mark.parametrize(("_", "data", "expected"), ODD)
def test_odd_frames(_: str, data: str, expected: list[str | None]) -> None:
    told = joined(check(lambda: FrameReader(20), bytes.fromhex(data)))
    assert [frame.odd for frame in told] == expected


def gather(data: bytes, **options: Any) -> list[Message]:
    messages = Messages(**{"from_client": False, **options})
    told = [messages.add(frame) for frame in read(FrameReader(), [data])]
    return [message for message in [*told, messages.finish()] if message is not None]


def said(data: bytes, **options: Any) -> list[tuple[Opcode, bytes | None, str | None]]:
    return [(message.opcode, message.data, message.odd) for message in gather(data, **options)]


def test_control_frames_between_fragments() -> None:
    """They are told first; and a message knows its frames."""
    parts = [
        write_frame(Opcode.TEXT, b"Hel", fin=False),
        write_frame(Opcode.PING, b"?"),
        write_frame(Opcode.CONTINUATION, b"", fin=False),
        write_frame(Opcode.CONTINUATION, b"lo"),
        write_frame(Opcode.CLOSE, b"\x03\xe8"),
    ]
    ping, hello, close = gather(b"".join(parts))
    assert (ping.opcode, ping.data) == (Opcode.PING, b"?")
    assert (hello.opcode, hello.data, hello.text) == (Opcode.TEXT, HELLO, "Hello")
    assert [frame.raw for frame in hello.frames] == [parts[0], parts[2], parts[3]]
    assert (close.opcode, close.data, close.text) == (Opcode.CLOSE, b"\x03\xe8", None)


def test_text_that_is_no_utf_8() -> None:
    (message,) = gather(write_frame(Opcode.TEXT, b"\xff"))
    assert (message.data, message.text) == (b"\xff", None)


MESSAGES: list[tuple[str, bytes, list[tuple[Opcode, bytes | None, str | None]]]] = [
    ("a continuation of nothing", write_frame(Opcode.CONTINUATION, b"a"),
     [(Opcode.CONTINUATION, None, "websocket_fragment")]),
    ("something new within a message",
     write_frame(Opcode.TEXT, b"a", fin=False) + write_frame(Opcode.BINARY, b"b"),
     [(Opcode.TEXT, None, "websocket_fragment")]),
    ("no end", write_frame(Opcode.TEXT, b"a", fin=False), [(Opcode.TEXT, None, "websocket_unended")]),
    ("a reserved bit", write_frame(Opcode.TEXT, b"a", rsv=4), [(Opcode.TEXT, None, "websocket_reserved")]),
    ("a reserved bit of a control frame", write_frame(Opcode.PING, b"", rsv=1),
     [(Opcode.PING, None, "websocket_reserved")]),
    ("an odd frame in a message", write_frame(Opcode.TEXT, b"a", fin=False) + b"\x83\x00",
     [(Opcode.TEXT, None, "websocket_opcode")]),
    ("too long, then the next",
     write_frame(Opcode.TEXT, b"abc", fin=False) + write_frame(Opcode.CONTINUATION, b"def", fin=False)
     + write_frame(Opcode.PING, b"") + write_frame(Opcode.CONTINUATION, b"g", fin=False)
     + write_frame(Opcode.CONTINUATION, b"h") + write_frame(Opcode.TEXT, b"abcde")
     + write_frame(Opcode.TEXT, b"abcdef") + write_frame(Opcode.TEXT, b"i"),
     [(Opcode.TEXT, None, "websocket_too_long"), (Opcode.PING, b"", None),
      (Opcode.TEXT, None, "websocket_too_long"),
      (Opcode.TEXT, None, "websocket_too_long"), (Opcode.TEXT, b"abcde", None),
      (Opcode.TEXT, None, "websocket_too_long"), (Opcode.TEXT, b"i", None)]),
    ("something new while one passes",
     write_frame(Opcode.TEXT, b"abcdef", fin=False) + write_frame(Opcode.BINARY, b"a"),
     [(Opcode.TEXT, None, "websocket_too_long"), (Opcode.BINARY, None, "websocket_fragment")]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "expected"), MESSAGES)
def test_messages(_: str, data: bytes, expected: list[Any]) -> None:
    assert said(data, max_bytes=5) == expected


def test_more_fragments_than_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MAX_FRAGMENTS", 2)
    data = write_frame(Opcode.TEXT, b"", fin=False) + write_frame(Opcode.CONTINUATION, b"", fin=False) * 2
    assert said(data) == [(Opcode.TEXT, None, "websocket_too_long")]


# --- permessage-deflate ---------------------------------------------------------------------------

# RFC 7692, section 7.2.3: one block, no compression, a final block; and a message in two fragments.
DEFLATED: list[tuple[str, list[str]]] = [
    ("one frame", ["c107f248cdc9c90700"]),
    ("two fragments", ["4103f248cd", "8004c9c90700"]),
    ("sharing the window", ["c107f248cdc9c90700", "c105f200110000"]),
    ("a block with no compression", ["c10b000500faff48656c6c6f00"]),
    ("a final block", ["c108f348cdc9c9070000"]),
    ("two blocks", ["c10df248050000 00ffffcac9c90700".replace(" ", "")]),
    ("after a final block", ["c108f348cdc9c9070000", "c107f248cdc9c90700"]),
]


@pytest.mark.parametrize(("_", "frames"), DEFLATED)
def test_compressed_messages(_: str, frames: list[str]) -> None:
    told = gather(bytes.fromhex("".join(frames)), deflate=Deflate())
    assert told
    assert all((message.data, message.compressed) == (HELLO, True) for message in told)


def test_without_context_every_message_begins_anew() -> None:
    """The second refers to the first, so it is malformed; the third is not."""
    data = bytes.fromhex("c107f248cdc9c90700c105f200110000c107f248cdc9c90700")
    for options in (
        {"deflate": Deflate(server_no_context_takeover=True)},
        {"deflate": Deflate(client_no_context_takeover=True), "from_client": True},
    ):
        told = [(message.data, message.odd) for message in gather(data, **options)]
        assert told == [(HELLO, None), (None, "websocket_deflate"), (HELLO, None)]


def pack(texts: Iterable[bytes], bits: int = 15) -> bytes:
    packer = zlib.compressobj(wbits=-bits)
    frames = b""
    for text in texts:
        packed = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
        frames += write_frame(Opcode.TEXT, packed[:-4], rsv=4)
    return frames


def test_a_small_window() -> None:
    told = said(pack([HELLO, HELLO], bits=9), deflate=Deflate(server_max_window_bits=9))
    assert told == [(Opcode.TEXT, HELLO, None)] * 2


def test_a_bomb_does_not_go_off_and_takes_the_window_with_it() -> None:
    """What is not compressed is read all the same."""
    data = pack([HELLO, bytes(5_000_000), HELLO]) + write_frame(Opcode.TEXT, HELLO)
    assert said(data, deflate=Deflate(), max_bytes=100_000) == [
        (Opcode.TEXT, HELLO, None),
        (Opcode.TEXT, None, "websocket_too_long"),
        (Opcode.TEXT, None, "websocket_deflate_lost"),
        (Opcode.TEXT, HELLO, None),
    ]


def test_a_message_that_is_passed_by_takes_the_window_with_it() -> None:
    long = write_frame(Opcode.TEXT, bytes(11), rsv=4)
    assert said(long + pack([HELLO]), deflate=Deflate(), max_bytes=10)[1][2] == "websocket_deflate_lost"
    assert (
        said(long + pack([HELLO]), deflate=Deflate(server_no_context_takeover=True), max_bytes=10)[1][1]
        == HELLO
    )


def test_as_much_as_is_allowed() -> None:
    assert said(pack([bytes(50)]), deflate=Deflate(), max_bytes=50) == [(Opcode.TEXT, bytes(50), None)]


@pytest.mark.parametrize(
    "data",
    [
        write_frame(Opcode.TEXT, b"\xff\xff", rsv=4),
        write_frame(Opcode.TEXT, b"\x03\x00" * 100, rsv=4),  # one empty final block after the other
    ],
)
def test_what_is_no_deflate(data: bytes) -> None:
    told = said(data + pack([HELLO]), deflate=Deflate())
    assert [odd for _, _, odd in told] == ["websocket_deflate", "websocket_deflate_lost"]


@pytest.mark.parametrize("rsv", [1, 2, 6])
def test_other_reserved_bits(rsv: int) -> None:
    assert said(write_frame(Opcode.TEXT, b"", rsv=rsv), deflate=Deflate())[0][2] == "websocket_reserved"


def test_only_the_first_fragment_says_that_it_is_compressed() -> None:
    data = write_frame(Opcode.TEXT, b"", fin=False) + write_frame(Opcode.CONTINUATION, b"", rsv=4)
    assert said(data, deflate=Deflate())[0][2] == "websocket_reserved"


EXTENSIONS: list[tuple[str, Any]] = [
    ("", None),
    ("permessage-deflate", Deflate()),
    ("Permessage-Deflate ; server_no_context_takeover", Deflate(server_no_context_takeover=True)),
    ('permessage-deflate;client_no_context_takeover;server_max_window_bits=10;client_max_window_bits="9"',
     Deflate(True, False, 9, 10)),
    ("permessage-deflate; server_max_window_bits=8", Deflate(server_max_window_bits=8)),
    ("permessage-deflate; server_max_window_bits=7", "websocket_extension"),
    ("permessage-deflate; server_max_window_bits=16", "websocket_extension"),
    ("permessage-deflate; server_max_window_bits=100", "websocket_extension"),
    ("permessage-deflate; client_max_window_bits", "websocket_extension"),
    ("permessage-deflate; server_no_context_takeover=1", "websocket_extension"),
    ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", "websocket_extension"),
    ("permessage-deflate; x", "websocket_extension"),
    ("permessage-deflate;", "websocket_extension"),
    ("permessage-deflate, permessage-deflate", "websocket_extension"),
    ("x-webkit-deflate-frame", "websocket_extension"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), EXTENSIONS)
def test_what_was_agreed(value: str, expected: Any) -> None:
    assert outcome(parse_deflate, value) == expected


# --- properties -----------------------------------------------------------------------------------


@pytest.mark.slow
@given(cut(st.lists(st.binary(max_size=8) | st.builds(
    write_frame, st.sampled_from(Opcode), st.binary(max_size=9), fin=st.booleans(), rsv=st.integers(0, 7),
    mask=st.none() | st.binary(min_size=4, max_size=4),
), max_size=6).map(b"".join)), st.integers(5, 20))  # fmt: skip
def test_any_bytes_and_cuts(pieces: list[bytes], limit: int) -> None:
    """No message loses a frame, and none is told twice."""
    data = b"".join(pieces)
    frames = check(lambda: FrameReader(limit), data, pieces)
    for deflate in (None, Deflate()):
        messages = Messages(deflate=deflate, from_client=True, max_bytes=limit)
        told = [message for message in [*map(messages.add, frames), messages.finish()] if message is not None]
        assert sorted(f.raw for m in told for f in m.frames) == sorted(f.raw for f in frames)
        assert all((message.data is None) == (message.odd is not None) for message in told)


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(max_size=30), st.booleans()), max_size=5), st.booleans(), st.booleans())
def test_what_wsproto_writes_is_read(texts: list[tuple[str, bool]], client: bool, deflate: bool) -> None:
    extensions: list[Any] = []
    if deflate:
        extension = PerMessageDeflate()
        extension.finalize("permessage-deflate")
        extensions = [extension]
    writer = frame_protocol.FrameProtocol(client=client, extensions=extensions)
    data = b"".join(writer.send_data(text, fin=fin) for text, fin in texts)
    messages = Messages(deflate=Deflate() if deflate else None, from_client=client)
    told = [message for frame in check(FrameReader, data) if (message := messages.add(frame))]
    expected, begun = [], ""
    for text, fin in texts:
        begun += text
        if fin:
            expected.append(begun)
            begun = ""
    assert [message.text for message in told] == expected


@pytest.mark.slow
@given(st.text(max_size=200), st.none() | st.binary(min_size=4, max_size=4))
def test_wsproto_reads_what_is_written(text: str, mask: bytes | None) -> None:
    reader = frame_protocol.FrameProtocol(client=mask is None, extensions=[])
    reader.receive_bytes(write_frame(Opcode.TEXT, text.encode(), mask=mask))
    (told,) = reader.received_frames()
    assert (told.opcode, told.payload, told.frame_finished) == (frame_protocol.Opcode.TEXT, text, True)
