"""Answers in streams: text changed lane by lane, however the frames cut it, and nothing else changed."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.restoring import StreamRestorer, restore
from sensor.dialects.reading import NOTHING, Frame, Framing, Grow, LaneText, Usage
from sensor.errors import Malformed
from sensor.exchange import lanes
from sensor.exchange.lanes import Lanes, Piece

TOKEN = "PII_EM_bcdfghjkmnpqrtvw"
VALUES = {TOKEN: 'eva@example.org "Eva"\nÄ'}


class Lines:
    """JSON, a line each; what is no JSON is passed on."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Piece]:
        *lines, self._held = (self._held + data).split(b"\n")
        return [Piece(line + b"\n", None, line or None) for line in lines]

    def finish(self) -> list[Piece]:
        line, self._held = self._held, b""
        return [Piece(line, None, None)] if line else []

    def rebuild(self, piece: Piece, data: bytes) -> bytes:
        return data + b"\n"

    def build(self, event: str | None, data: bytes) -> bytes | None:
        return data + b"\n"


class Toy:
    """A dialect of the test's own: ``{lane: text}``, with ``end``, ``whole``, ``snap`` and ``all``."""

    framing = Framing.NDJSON

    def __init__(self) -> None:
        self.can_flush = True

    def read(self, event: str | None, value: Any) -> Frame:
        if not isinstance(value, dict):
            return NOTHING
        grow = {"whole": Grow.WHOLE, "snap": Grow.SNAPSHOT}.get(value.get("how", ""), Grow.APPEND)
        texts = tuple(
            LaneText(lane, ("t", lane), grow=grow, escape=lane.startswith("a"), fixed=lane == "fixed")
            for lane in value.get("t", {})
        )
        texts += tuple(LaneText("b", ("two", at)) for at in range(len(value.get("two", ()))))
        missing = (LaneText("x", ("nowhere",)),) if value.get("odd") else ()
        usage = Usage(*value["usage"]) if "usage" in value else None
        return Frame(
            texts=texts + missing, ends=tuple(value.get("end", ())), ends_all=value.get("all", False),
            usage=usage, model=value.get("model"), calls=tuple(value.get("calls", ())),
            conversation=value.get("conversation"),
        )  # fmt: skip

    def flush(self, lane: Any, text: str) -> tuple[str | None, Any] | None:
        return (None, {"t": {lane: text}}) if self.can_flush else None


def escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def make(told: LaneText) -> StreamRestorer:
    return StreamRestorer(VALUES, escaped if told.escape else None)


def whole(told: LaneText, text: str) -> str:
    return restore(text, VALUES, escaped if told.escape else None)


def run(*values: Any, cut: int | None = None, strict: bool = False) -> tuple[list[Any], Lanes]:
    made = Lanes(Toy(), Lines(), make, whole, strict=strict)
    raw = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    pieces = [raw] if cut is None else [raw[:cut], raw[cut:]]
    out = b"".join(made.feed(piece) for piece in pieces) + made.finish()
    return [json.loads(line) for line in out.splitlines() if line], made


def said(frames: list[Any], lane: str) -> str:
    return "".join(frame.get("t", {}).get(lane, "") for frame in frames if frame.get("how") is None)


def test_a_token_cut_over_frames_is_put_back():
    frames, _ = run({"t": {"a": f"x {TOKEN[:5]}"}}, {"t": {"a": TOKEN[5:9]}}, {"t": {"a": TOKEN[9:] + " y"}})
    assert said(frames, "a") == f"x {escaped(VALUES[TOKEN])} y"


def test_lanes_do_not_meet():
    frames, _ = run({"t": {"a": TOKEN[:5], "b": TOKEN[:7]}}, {"t": {"b": TOKEN[7:], "a": "!"}})
    assert said(frames, "a") == TOKEN[:5] + "!" and said(frames, "b") == VALUES[TOKEN]


def test_what_waits_goes_out_before_the_frame_that_ends_its_lane():
    frames, _ = run({"t": {"a": "x PII_"}}, {"end": ["a"]}, {"t": {"a": "new"}})
    assert frames == [{"t": {"a": "x "}}, {"t": {"a": "PII_"}}, {"end": ["a"]}, {"t": {"a": "new"}}]


def test_what_waits_goes_out_with_the_text_of_the_last_frame():
    frames, _ = run({"t": {"a": "x PII"}}, {"t": {"a": "_"}, "end": ["a"]}, {"t": {"b": "P"}, "all": True})
    assert [frame["t"] for frame in frames] == [{"a": "x "}, {"a": "PII_"}, {"b": "P"}]


def test_two_texts_of_one_lane_in_its_last_frame_are_one_text():
    frames, _ = run({"two": [TOKEN[:9], TOKEN[9:], " PII"], "end": ["b"]})
    assert "".join(frames[0]["two"]) == f"{VALUES[TOKEN]} PII" and len(frames) == 1


def test_what_waits_at_the_end_of_the_body_goes_out():
    frames, _ = run({"t": {"a": "x PII_E"}})
    assert said(frames, "a") == "x PII_E"


def test_a_repetition_says_what_the_lane_said():
    frames, _ = run(
        {"t": {"b": TOKEN[:9]}}, {"t": {"b": TOKEN[9:]}},
        {"t": {"b": f"{TOKEN}"}, "how": "whole", "end": ["b"]}, {"t": {"b": f"{TOKEN}"}, "how": "whole"},
    )  # fmt: skip
    assert frames[-1]["t"] == frames[-2]["t"] == {"b": VALUES[TOKEN]}


def test_snapshots_grow_without_a_piece_of_a_token():
    text = f"hello {TOKEN} and more"
    frames, _ = run(
        *({"t": {"b": text[:at]}, "how": "snap"} for at in range(1, len(text) + 1)), {"all": True}
    )
    shown = [frame["t"]["b"] for frame in frames if "t" in frame and frame.get("how")]
    assert shown[-1] == f"hello {VALUES[TOKEN]} and more"
    assert all(shown[-1].startswith(one) for one in shown)


def test_a_snapshot_that_says_something_else_begins_anew():
    frames, _ = run({"t": {"b": "abc"}, "how": "snap"}, {"t": {"b": f"x {TOKEN}."}, "how": "snap"})
    assert [frame["t"]["b"] for frame in frames] == ["abc", f"x {VALUES[TOKEN]}."]


def test_a_snapshot_beyond_the_bound_is_counted(monkeypatch):
    monkeypatch.setattr(lanes, "MAX_SNAPSHOT", 10)
    frames, made = run({"t": {"b": f"long {TOKEN}"}, "how": "snap"})
    assert frames[0]["t"]["b"] == f"long {VALUES[TOKEN]}" and made.odd == {"snapshot_too_long": 1}


def test_a_signed_text_goes_on_as_it_is():
    frames, _ = run({"t": {"fixed": TOKEN}})
    assert frames == [{"t": {"fixed": TOKEN}}]


def test_frames_without_a_change_go_on_byte_for_byte():
    raw = b'{"t" : {"b":"\\u0061 b"},  "n":1.0}\n\nnot json\n[DONE]\nrest'
    made = Lanes(Toy(), Lines(), make, whole)
    assert made.feed(raw) + made.finish() == raw


def test_what_a_stream_says_beside_text_is_kept():
    _, made = run(
        {"model": "m1", "usage": [3, None], "calls": ["search"]},
        {"model": "m2", "usage": [None, 5], "conversation": "c"},
    )
    assert (made.model, made.usage, made.calls) == ("m1", Usage(3, 5), ["search"])
    assert (made.conversation, made.frames, made.odd) == ("c", 2, {})


def test_odd_frames_are_counted_and_stop_a_strict_stream(monkeypatch):
    _, made = run({"odd": True})
    assert made.odd == {"lane_without_text": 1}
    with pytest.raises(Malformed):
        run({"odd": True}, strict=True)
    monkeypatch.setattr(lanes, "MAX_LANES", 1)
    frames, made = run({"t": {"b": "x", "c": TOKEN}})
    assert frames[0]["t"]["c"] == VALUES[TOKEN] and made.odd == {"too_many_lanes": 1}


def test_half_an_emoji_and_a_frame_that_was_cut_go_on():
    class Cut(Lines):
        def feed(self, data: bytes) -> list[Piece]:
            return [piece._replace(odd="cut", data=None) for piece in super().feed(data)]

    made = Lanes(Toy(), Cut(), make, whole)
    assert made.feed(b"{}\n") == b"{}\n" and made.odd == {"cut": 1}
    made = Lanes(Toy(), Lines(), lambda told: Half(), whole)
    assert made.feed(b'{"t":{"b":"x"}}\n') + made.finish() == b'{"t":{"b":""}}\n{"t":{"b":"\\ud83d"}}\n'


class Half:
    """A filter that holds half of an emoji."""

    def feed(self, piece: str) -> str:
        return ""

    def finish(self) -> str:
        return "\ud83d"


def test_a_dialect_that_cannot_say_more_is_counted():
    made = Lanes(toy := Toy(), Lines(), make, whole)
    toy.can_flush = False
    assert made.feed(b'{"t":{"b":"PII_"}}\n') + made.finish() == b'{"t":{"b":""}}\n'
    assert made.odd == {"lane_without_flush": 1}


@given(
    st.lists(st.sampled_from([TOKEN, TOKEN.lower(), "PII_", "P", " and ", "ä\n", "SEC_XX_", '"'])), st.data()
)
def test_however_a_text_is_cut_its_lane_says_what_the_whole_would(pieces, data):
    text = "".join(pieces)
    draw = random.Random(data.draw(st.integers()))
    values: list[Any] = []
    at = 0
    while at < len(text):
        end = at + draw.randint(1, 9)
        values.append({"t": {draw.choice("b"): text[at:end]}})
        at = end
    size = len(b"".join(json.dumps(value).encode() + b"\n" for value in values))
    frames, _ = run(*values, cut=draw.randint(0, size))
    assert said(frames, "b") == restore(text, VALUES)
