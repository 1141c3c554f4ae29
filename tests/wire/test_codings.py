"""Content codings are undone, however they are cut, and bombs do not go off."""

from __future__ import annotations

import gzip
import importlib.metadata
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire import codings
from sensor.wire.codings import CHUNK, FREE_BYTES, Decoder, decode, encode, parse_codings
from tests.wire.framings import cut
from tests.wire.tls_bytes import outcome


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACK: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate, bare": ("deflate", bare),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd),
}
TEXT = b'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n' * 20


def run(names: Iterable[str], pieces: Iterable[bytes], **limits: int) -> bytes:
    decoder = Decoder(tuple(names), **limits)
    told = b""
    for piece in pieces:
        for part in decoder.feed(piece):
            assert 0 < len(part) <= CHUNK
            told += part
    decoder.finish()
    return told


@pytest.mark.parametrize("kind", PACK)
def test_each_coding(kind: str) -> None:
    """Whole, a byte at a time, and cut off at any byte."""
    name, pack = PACK[kind]
    packed = pack(TEXT)
    assert decode(packed, (name,)) == TEXT
    assert run((name,), (packed[at : at + 1] for at in range(len(packed)))) == TEXT
    for end in range(1, len(packed)):
        assert outcome(decode, packed[:end], (name,)) == "coding_incomplete"


@pytest.mark.parametrize("kind", PACK)
def test_what_is_no_such_coding(kind: str) -> None:
    name, pack = PACK[kind]
    assert outcome(decode, b"\xff\xfe not packed at all", (name,)) == "coding_malformed"
    packed = pack(TEXT)
    for at in range(len(packed)):
        changed = packed[:at] + bytes((packed[at] ^ 0xFF,)) + packed[at + 1 :]
        told = outcome(decode, changed, (name,), max_bytes=200_000)
        assert isinstance(told, bytes) or str(told).startswith("coding_")


@pytest.mark.parametrize("kind", PACK)
def test_something_behind_the_end(kind: str) -> None:
    name, pack = PACK[kind]
    for pieces in ([pack(b"x") + b"?"], [pack(b"x"), b"?"]):
        assert outcome(run, (name,), pieces) in ("coding_malformed", "coding_incomplete")


@pytest.mark.parametrize("kind", PACK)
def test_an_empty_body_and_a_packed_empty_body(kind: str) -> None:
    name, pack = PACK[kind]
    assert decode(b"", (name,)) == b""
    assert decode(pack(b""), (name,)) == b""


@pytest.mark.slow
@pytest.mark.parametrize("kind", PACK)
def test_a_bomb_does_not_go_off(kind: str) -> None:
    """By ratio first; without one, by size; and little more than the limit is made."""
    name, pack = PACK[kind]
    bomb = pack(bytes(4_000_000))
    assert outcome(decode, bomb, (name,)) == "coding_ratio"
    assert outcome(decode, bomb, (name,), max_ratio=10**9, max_bytes=1_000_000) == "coding_too_large"
    assert decode(bomb, (name,), max_ratio=10**9) == bytes(4_000_000)
    assert decode(pack(bytes(FREE_BYTES)), (name,)) == bytes(FREE_BYTES)


@pytest.mark.slow
def test_a_bomb_within_another_coding() -> None:
    """What the inner stage is given is limited too."""
    packed = gzip.compress(gzip.compress(bytes(40_000_000)))
    assert outcome(decode, packed, ("gzip", "gzip")) == "coding_ratio"
    assert outcome(decode, bytes(11), (), max_bytes=10) == "coding_too_large"


def test_lists_are_undone_from_the_end() -> None:
    packed = zstd(brotli.compress(zlib.compress(gzip.compress(TEXT))))
    assert decode(packed, ("gzip", "deflate", "br", "zstd")) == TEXT
    assert outcome(decode, packed, ("zstd", "gzip")) == "coding_malformed"


def test_members_of_gzip_and_frames_of_zstd_follow_each_other() -> None:
    for pieces in (
        [encode(b"a", "gzip") + encode(b"b", "gzip")],
        [encode(b"a", "gzip"), encode(b"b", "gzip")],
    ):
        assert run(("gzip",), pieces) == b"ab"
    assert run(("zstd",), [zstd(b"a") + zstd(b"b")]) == b"ab"
    assert outcome(run, ("gzip",), [encode(b"a", "gzip"), b"\x1f\x8b"]) == "coding_incomplete"


def test_zeros_behind_a_member_are_padding() -> None:
    member = encode(b"a", "gzip")
    assert run(("gzip",), [member + bytes(5), bytes(5)]) == b"a"
    assert outcome(run, ("gzip",), [member + bytes(5), member]) == "coding_malformed"


def test_a_window_beyond_8_mebibytes_is_refused() -> None:
    """RFC 9659, section 3."""
    parameters = zstandard.ZstdCompressionParameters(window_log=24)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = packer.compress(bytes(10)) + packer.flush()
    assert outcome(decode, packed, ("zstd",)) == "coding_malformed"


@pytest.mark.parametrize("limited", [False, True])
def test_brotli_with_and_without_a_limit_of_output(limited: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As versions 1.1 and 1.2 have it: both are stood in for by the one that is here."""

    real = brotli.Decompressor

    class Old:
        def __init__(self) -> None:
            self.stream = real()
            self.is_finished = self.stream.is_finished

        def process(self, data: bytes) -> bytes:
            return self.stream.process(data)

    class New(Old):
        def can_accept_more_data(self) -> bool:
            raise AssertionError("its presence is what is asked for")

        def process(self, data: bytes, output_buffer_limit: int = 0) -> bytes:
            self.left = getattr(self, "left", b"") + (self.stream.process(data) if data else b"")
            told, self.left = self.left[:output_buffer_limit], self.left[output_buffer_limit:]
            self.is_finished = lambda: self.stream.is_finished() and not self.left
            return told

    packed = brotli.compress(TEXT * 500)
    monkeypatch.setattr(brotli, "Decompressor", New if limited else Old)
    assert run(("br",), [packed], max_ratio=10**9) == TEXT * 500
    assert outcome(run, ("br",), [packed, b"?"], max_ratio=10**9) == "coding_malformed"
    assert outcome(run, ("br",), [packed[:-1]], max_ratio=10**9) == "coding_incomplete"


FIELDS: list[tuple[str, Any]] = [
    ("", ()),
    ("gzip", ("gzip",)),
    ("GZIP", ("gzip",)),
    ("x-gzip", ("gzip",)),
    ("identity", ()),
    (" gzip ,\tbr,identity,", ("gzip", "br")),
    ("deflate, zstd", ("deflate", "zstd")),
    ("compress", "coding_unknown"),
    ("gzip;q=1", "coding_unknown"),
    ("gzip,gzip,gzip,gzip", ("gzip",) * 4),
    ("gzip,gzip,gzip,gzip,gzip", "coding_too_many"),
]


@pytest.mark.parametrize(("value", "expected"), FIELDS)
def test_content_encoding(value: str, expected: Any) -> None:
    assert outcome(parse_codings, value) == expected


def test_encoded() -> None:
    assert gzip.decompress(encode(TEXT, "gzip")) == TEXT
    assert encode(TEXT, "gzip") == encode(TEXT, "gzip")
    assert encode(TEXT, "identity") == TEXT
    assert outcome(encode, TEXT, "br") == "coding_unknown"


def test_brotli_and_zstandard_come_with_what_is_required() -> None:
    for name in ("brotli", "zstandard"):
        assert importlib.metadata.version(name)


@pytest.mark.slow
@given(st.lists(st.sampled_from(sorted(PACK)), max_size=3), st.binary(max_size=200), st.data())
def test_any_body_in_any_list_and_any_cuts(kinds: list[str], body: bytes, data: st.DataObject) -> None:
    packed = body
    for kind in kinds:
        packed = PACK[kind][1](packed)
    assert run([PACK[kind][0] for kind in kinds], data.draw(cut(st.just(packed)))) == body


@pytest.mark.slow
@given(st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd"]), max_size=2), cut(st.binary(max_size=60)))
def test_any_bytes_are_read_or_refused(names: list[str], pieces: list[bytes]) -> None:
    told = outcome(run, names, pieces, max_bytes=200_000)
    assert isinstance(told, bytes) or str(told).startswith("coding_")


def test_the_names_of_stages_are_the_codings() -> None:
    assert parse_codings(",".join(codings._STAGES)) == ("gzip", "deflate", "br", "zstd")
