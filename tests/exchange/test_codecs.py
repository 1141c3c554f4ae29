"""Every framing in the form that lanes work with: frames out, other payloads in, the rest as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects.reading import Framing
from sensor.exchange.codecs import codec_for
from sensor.wire import envelopes, eventstream

ONE, TWO = json.dumps({"a": "1"}).encode(), json.dumps({"b": ["2"]}).encode()


def message(payload: bytes, event: str = "chunk") -> bytes:
    return eventstream.write_message([eventstream.text_header(":event-type", event)], payload)


STREAMS: dict[Framing, bytes] = {
    Framing.SSE: b": hi\n\nevent: x\ndata: " + ONE + b"\n\ndata: " + TWO + b"\r\n\r\ndata: [DONE]\n\n",
    Framing.NDJSON: ONE + b"\r\n\n" + TWO,
    Framing.JSON_ARRAY: b"[" + ONE + b"\n,\r\n" + TWO + b"]\n",
    Framing.EVENTSTREAM: message(ONE) + message(TWO, "other") + message(b""),
    Framing.CONNECT: envelopes.write_envelope(ONE) + envelopes.write_envelope(TWO, envelopes.END_STREAM),
    Framing.SIGNALR: ONE + b"\x1e" + TWO + b"\x1e",
    Framing.LENGTH_LINES: b")]}'\n\n" + b"%d\n%b\n" % (len(ONE) + 2, ONE) + b"%d\n%b\n" % (len(TWO) + 2, TWO),
    Framing.WEBSOCKET: ONE,
}


def cut(data: bytes, framing: Framing, *places: int):
    codec = codec_for(framing)
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    pieces = [piece for at, end in zip(ends, ends[1:], strict=False) for piece in codec.feed(data[at:end])]
    return codec, [*pieces, *codec.finish()]


@pytest.mark.parametrize("framing", STREAMS, ids=str)
def test_frames_are_told_with_their_payload_and_lose_no_byte(framing: Framing) -> None:
    stream = STREAMS[framing]
    places = [()] if framing is Framing.WEBSOCKET else [(at,) for at in range(len(stream))]
    for place in places:
        codec, pieces = cut(stream, framing, *place)
        told = [json.loads(piece.data) for piece in pieces if piece.data not in (None, b"[DONE]")]
        assert told == (
            [json.loads(ONE)] if framing is Framing.WEBSOCKET else list(map(json.loads, (ONE, TWO)))
        )
        assert b"".join(piece.raw for piece in pieces) == stream


@pytest.mark.parametrize("framing", STREAMS, ids=str)
def test_a_frame_with_another_payload_is_read_as_that(framing: Framing) -> None:
    new = json.dumps({"new": "\u00e4" * 9}, ensure_ascii=False).encode()
    codec, pieces = cut(STREAMS[framing], framing)
    made = [
        codec.rebuild(piece, new) if piece.data not in (None, b"[DONE]") else piece.raw for piece in pieces
    ]
    _, again = cut(b"".join(made), framing)
    assert [piece.data for piece in again if piece.data not in (None, b"[DONE]")] == [
        new for piece in pieces if piece.data not in (None, b"[DONE]")
    ]
    assert [piece.event for piece in again] == [piece.event for piece in pieces]


@pytest.mark.parametrize("framing", STREAMS, ids=str)
def test_a_new_frame_stands_between_two(framing: Framing) -> None:
    codec, pieces = cut(STREAMS[framing], framing)
    new = codec.build("x", b'{"n":1}')
    if framing in (Framing.WEBSOCKET, Framing.LENGTH_LINES):
        assert new is None
        return
    assert new is not None
    at = next(at for at, piece in enumerate(pieces) if piece.data == ONE) + 1
    _, again = cut(b"".join([*(p.raw for p in pieces[:at]), new, *(p.raw for p in pieces[at:])]), framing)
    told = [piece.data for piece in again if piece.data not in (None, b"[DONE]")]
    assert told == [ONE, b'{"n":1}', TWO]


@pytest.mark.parametrize("framing", STREAMS, ids=str)
@given(data=st.binary(max_size=80), place=st.integers(0, 99))
def test_any_bytes_go_through(framing: Framing, data: bytes, place: int) -> None:
    _, pieces = cut(data, framing, place)
    if framing is not Framing.WEBSOCKET:
        assert b"".join(piece.raw for piece in pieces) == data


def test_a_compressed_envelope_and_a_broken_message_are_told_as_odd() -> None:
    _, (piece,) = cut(envelopes.write_envelope(b"x", envelopes.COMPRESSED), Framing.CONNECT)
    assert (piece.data, piece.odd) == (None, "envelope_compressed")
    broken = bytearray(message(ONE))
    broken[-1] ^= 1
    _, (piece,) = cut(bytes(broken), Framing.EVENTSTREAM)
    assert (piece.data, piece.odd) == (None, "eventstream_checksum")
