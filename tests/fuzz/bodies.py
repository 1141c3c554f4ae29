"""What is fuzzed of bodies and framings: the parsers that read what a client or a server puts into HTTP."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from sensor.errors import Malformed
from sensor.wire import (
    codings,
    envelopes,
    eventstream,
    forms,
    jsonarray,
    jsontext,
    lengthlines,
    multipart,
    ndjson,
    protobuf,
    signalr,
    sse,
    websocket,
)

__all__ = ["CALLS"]

JSON = [
    b'{"model":"m","messages":[{"content":"a \\"b\\" \\u00e4\\ud83d\\ude00"}],"n":1.5e3,"t":[]}',
    b' [1, "a", {"b": [null, true]}, "\\\\", -0, 1e400, "\\ud83d"]\n',
    b'\xef\xbb\xbf{"a":{"a":{"a":["x"]}},"b":""}',
]
EVENTS = [
    b": c\n\nevent: a\nid: 1\ndata: {}\ndata: x\n\nretry: 9\r\n\r\ndata: [DONE]\r\rdata:y",
    b"\xef\xbb\xbfdata: 1\n\ndata\n\n",
]
MESSAGE = eventstream.write_message(
    [
        eventstream.text_header(":event-type", "chunk"),
        eventstream.Header("n", eventstream.HeaderType.INTEGER, 7),
    ],
    b'{"bytes":"eyJhIjoxfQ=="}',
)
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data;'
    b' name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\ny--\r\n-b\r\n--b--\r\nend'
)
FRAMES = websocket.write_frame(websocket.Opcode.TEXT, b"hello", mask=b"abcd") + websocket.write_frame(
    websocket.Opcode.TEXT, b'{"a":1}'
)


def pieces(data: bytes) -> Iterator[bytes]:
    size = 8 + (data[0] * 7 + len(data)) % 61 if data else 1
    for at in range(0, len(data), size):
        yield data[at : at + size]


def read(make: Callable[[], Any], data: bytes) -> list[Any]:
    """All frames of a reader; they are the bytes that came, whatever they are."""
    reader = make()
    frames = [frame for piece in pieces(data) for frame in reader.feed(piece)]
    frames += reader.finish()
    assert b"".join(frame.raw for frame in frames) == data
    return frames


def json_body(data: bytes) -> None:
    text = jsontext.JsonText.parse(data)
    count = len(text.strings())
    text.numbers()
    assert text.replace({}) == data
    if count:
        again = jsontext.JsonText.parse(text.replace({count - 1: "new"}))
        assert len(again.strings()) == count


def server_sent(data: bytes) -> None:
    for frame in read(sse.SseReader, data):
        if frame.data is not None:
            sse.rewrite(frame, "new")


def lines(data: bytes) -> None:
    for frame in read(ndjson.NdjsonReader, data):
        ndjson.rewrite(frame, b"{}")
    read(signalr.SignalrReader, data)


def arrays(data: bytes) -> None:
    for frame in read(jsonarray.JsonArrayReader, data):
        if frame.data is not None:
            jsonarray.rewrite(frame, b"{}")


def length_lines(data: bytes) -> None:
    for frame in read(lengthlines.LengthLinesReader, data):
        if frame.data is not None:
            lengthlines.rewrite(frame, b"[]")


def event_stream(data: bytes) -> None:
    for message in read(eventstream.EventStreamReader, data):
        if message.payload is not None:
            eventstream.replace_payload(message, b"{}")


def envelope_stream(data: bytes) -> None:
    read(envelopes.EnvelopeReader, data)


def parts(data: bytes) -> None:
    read(lambda: multipart.MultipartReader(b"b"), data)


def form(data: bytes) -> None:
    made = forms.Form.parse(data)
    assert made.replace({}) == data


def websocket_frames(data: bytes) -> None:
    reader = websocket.FrameReader()
    messages = websocket.Messages(from_client=len(data) % 2 == 0)
    for piece in pieces(data):
        for frame in reader.feed(piece):
            messages.add(frame)
    for frame in reader.finish():
        messages.add(frame)
    messages.finish()


def content_codings(data: bytes) -> None:
    for names in (["gzip"], ["deflate"], ["zstd"], ["br"], ["gzip", "deflate"]):
        decoder = codings.Decoder(names, max_bytes=4096)
        with contextlib.suppress(Malformed):
            for piece in pieces(data):
                for _ in decoder.feed(piece):
                    pass
            decoder.finish()


def fields(data: bytes) -> None:
    protobuf.parse_fields(data)


CALLS: dict[str, tuple[list[bytes], Callable[[bytes], object]]] = {
    "json body": (JSON, json_body),
    "server-sent events": (EVENTS, server_sent),
    "json lines": ([b'{"a":1}\r\n\n{"b":2}\x1e{"c":3}'], lines),
    "json array": (JSON[1:2] + [b"[{},\n{}]"], arrays),
    "length lines": ([b')]}\'\n\n7\n[[1]]\n12\n[[2,"\xc3\xa4"]]\n'], length_lines),
    "event stream": ([MESSAGE, MESSAGE * 2], event_stream),
    "envelopes": ([envelopes.write_envelope(b"{}") + envelopes.write_envelope(b"x", 3)], envelope_stream),
    "multipart": ([PARTS], parts),
    "form": ([b"a=1&b=%C3%A4+x&&c", b"f.req=%5B%5D"], form),
    "websocket": ([FRAMES], websocket_frames),
    "content codings": ([gzip.compress(b"a" * 99, mtime=0), zlib.compress(b"abc" * 40)], content_codings),
    "protobuf": ([b"\x0a\x03abc\x10\x96\x01\x1d\0\0\0\0\x21" + bytes(8)], fields),
}
