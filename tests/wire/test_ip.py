"""IPv4 and IPv6 headers, and fragments in every order."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.wire import ip
from sensor.wire.ip import Fragments, parse_ipv4, parse_ipv6, rebuild
from tests.wire import frame_bytes as f

SEGMENT = f.tcp(b"payload")
KEY = (b"a" * 8, 17, b"\0\1")
KEY6 = (b"a" * 32, 17, b"\0\1\2\3")


def test_options_are_passed_over_and_padding_is_cut_off() -> None:
    data = f.ipv4(SEGMENT, options=b"\x94\x04\0\0") + b"padding"
    addresses, protocol, transport, end, total, fragment = parse_ipv4(b"xx" + data, 2, 2 + len(data))
    assert addresses == f.packed(f.CLIENT) + f.packed(f.SERVER)
    assert (protocol, transport, end, total, fragment) == (
        6,
        26,
        2 + 24 + len(SEGMENT),
        24 + len(SEGMENT),
        None,
    )


def test_a_cut_packet_keeps_the_length_that_its_header_says() -> None:
    data = f.ipv4(SEGMENT)[:30]
    assert parse_ipv4(data, 0, 30)[3:5] == (30, 20 + len(SEGMENT))


def test_options_beyond_the_captured_bytes_leave_an_empty_transport() -> None:
    data = f.ipv4(SEGMENT, options=bytes(40))[:24]
    assert parse_ipv4(data, 0, 24)[2:4] == (24, 24)


def test_a_total_length_of_zero_means_all_there_is() -> None:
    """Segmentation left to the card: packets of 64 KiB and more."""
    data = f.ipv4(SEGMENT, total=0)
    assert parse_ipv4(data, 0, len(data))[3:5] == (len(data), len(data))
    data = f.ipv6(SEGMENT, length=0)
    assert parse_ipv6(data, 0, len(data))[3:5] == (len(data), len(data))


def test_authentication_headers_are_passed_over_in_both_versions() -> None:
    ah = b"\x06\x04" + bytes(22) + SEGMENT
    data = f.ipv4(ah, 51)
    assert parse_ipv4(data, 0, len(data))[1:3] == (6, 44)
    data = f.ipv6(ah, 51)
    assert parse_ipv6(data, 0, len(data))[1:3] == (6, 64)


def test_extension_headers_are_walked_in_any_order_up_to_a_bound() -> None:
    content = f.extension(60, f.extension(43, f.extension(6, SEGMENT, 2), 1))
    data = f.ipv6(content, 0)
    assert parse_ipv6(data, 0, len(data))[1:3] == (6, 40 + 8 + 16 + 24)
    content = SEGMENT
    for number in range(ip.MAX_EXTENSIONS + 1):
        content = f.extension(60 if number else 6, content)
    data = f.ipv6(content, 60)
    assert parse_ipv6(data, 0, len(data))[1:3] == (60, 40 + 8 * ip.MAX_EXTENSIONS)


def test_a_chain_that_is_cut_ends_at_the_header_that_could_not_be_read() -> None:
    data = f.ipv6(f.extension(60, f.extension(6, SEGMENT)), 0)[:50]
    assert parse_ipv6(data, 0, 50)[1:4] == (60, 48, 50)
    data = f.ipv6(f.extension(6, b"", 20)[:16], 0)  # it says that it is longer than the packet
    assert parse_ipv6(data, 0, len(data))[1:4] == (6, len(data), len(data))


def test_fragment_headers() -> None:
    data = f.ipv4(b"12345678", 17, ident=0xABCD, offset=64, more=True)
    assert parse_ipv4(data, 0, len(data))[5] == (b"\xab\xcd", 64, True)
    data = f.ipv6(f.ipv6_fragment(b"12345678", 17, 64, False), 44)
    assert parse_ipv6(data, 0, len(data))[1:3] == (17, 48)
    assert parse_ipv6(data, 0, len(data))[5] == (b"\0\0\0\x09", 64, False)


def test_an_atomic_fragment_is_none() -> None:
    """RFC 6946: a fragment header on a packet that is whole."""
    data = f.ipv6(f.ipv6_fragment(SEGMENT, 6, 0, False), 44)
    assert parse_ipv6(data, 0, len(data))[1:3] == (6, 48)
    assert parse_ipv6(data, 0, len(data))[5] is None


def test_a_rebuilt_packet_reads_back() -> None:
    for addresses, parse in ((b"abcdefgh", parse_ipv4), (bytes(range(32)), parse_ipv6)):
        data = rebuild(addresses, 6, SEGMENT)
        got = parse(data, 0, len(data))
        assert (got[0], got[1], data[got[2] : got[3]], got[5]) == (addresses, 6, SEGMENT, None)


# --- fragments ----------------------------------------------------------------------------------------


def pieces(content: bytes, size: int) -> list[tuple[int, bool, bytes]]:
    return [(at, at + size < len(content), content[at : at + size]) for at in range(0, len(content), size)]


def join(parts: list[tuple[int, bool, bytes]], *, strict: bool = False) -> list[bytes]:
    """Everything that comes out."""
    table, key = Fragments(), KEY6 if strict else KEY
    outs = [table.add(key, at, more, piece, 1.0, strict=strict) for at, more, piece in parts]
    return [out for out in outs if out is not None]


@pytest.mark.parametrize("strict", [False, True])
def test_pieces_in_every_order_make_the_packet_whole(strict: bool) -> None:
    content = bytes(range(100))
    for order in itertools.permutations(pieces(content, 24)):
        assert join(list(order), strict=strict) == [content]
        assert join([order[0], *order], strict=strict) == [content]  # one of them twice


def test_in_ipv4_the_copy_that_came_first_wins() -> None:
    assert join([(0, True, b"A" * 16), (8, True, b"B" * 16), (24, False, b"C" * 8)]) == [
        b"A" * 16 + b"B" * 8 + b"C" * 8
    ]
    assert join([(8, True, b"B" * 8), (0, True, b"A" * 24), (24, False, b"C")]) == [
        b"A" * 8 + b"B" * 8 + b"A" * 8 + b"C"
    ]


def test_in_ipv6_overlap_gives_the_packet_up() -> None:
    """RFC 5722: no receiver reads it."""
    table = Fragments()
    table.add(KEY6, 0, True, b"A" * 16, 1.0, strict=True)
    with pytest.raises(Malformed, match="ipv6_fragment_overlap"):
        table.add(KEY6, 8, True, b"B" * 16, 1.0, strict=True)
    assert len(table) == 0 and table.dropped == [KEY6]


@pytest.mark.parametrize(
    ("odd", "parts"),
    [
        ("fragment_beyond_packet", [(65_512, False, b"12345678")]),
        ("fragment_size_conflict", [(8, False, b"12345678"), (8, False, b"1234")]),
        ("fragment_size_conflict", [(16, True, b"12345678"), (8, False, b""), (0, True, b"12345678")]),
        ("fragment_too_many", [(at * 16, True, b"12345678") for at in range(ip.MAX_PIECES + 1)]),
    ],
)
def test_pieces_that_contradict_each_other(odd: str, parts: list[tuple[int, bool, bytes]]) -> None:
    with pytest.raises(Malformed, match=odd):
        join(parts)


def test_what_is_not_whole_in_time_is_given_up() -> None:
    table = Fragments()
    other = (KEY[0], 17, b"\0\2")
    table.add(KEY, 0, True, b"12345678", 100.0, strict=False)
    table.add(other, 0, True, b"12345678", 110.0, strict=False)
    table.expire(100.0 + ip.FRAGMENT_S)
    assert len(table) == 2
    table.expire(101.0 + ip.FRAGMENT_S)
    assert table.dropped == [KEY] and len(table) == 1
    table.expire(999.0)
    assert table.dropped == [KEY, other] and len(table) == 0


def test_the_oldest_gives_way_where_there_are_too_many() -> None:
    table = Fragments()
    keys = [(KEY[0], 17, number.to_bytes(2)) for number in range(ip.MAX_DATAGRAMS + 1)]
    for key in keys:
        table.add(key, 0, True, b"12345678", 1.0, strict=False)
    assert table.dropped == keys[:1] and len(table) == ip.MAX_DATAGRAMS


def test_the_oldest_gives_way_where_they_hold_too_much() -> None:
    table = Fragments()
    size = 32_768
    keys = [(KEY[0], 17, number.to_bytes(2)) for number in range(ip.MAX_HELD_BYTES // size + 1)]
    for key in keys:
        table.add(key, 0, True, bytes(size), 1.0, strict=False)
    assert table.dropped == keys[:1]
    table.add(keys[1], size, False, b"end", 1.0, strict=False)  # what became whole is held no more
    table.add(keys[0], 0, True, bytes(size), 1.0, strict=False)
    assert table.dropped == keys[:1]
    table.clear()
    assert table.dropped == [keys[0], *keys[2:], keys[0]] and len(table) == 0


@given(st.binary(min_size=1, max_size=300), st.integers(1, 5), st.integers(0, 2**32), st.booleans())
def test_a_packet_cut_anyhow_and_shuffled_is_made_whole(
    content: bytes, blocks: int, seed: int, strict: bool
) -> None:
    parts = pieces(content, blocks * 8)
    random.Random(seed).shuffle(parts)
    assert join(parts, strict=strict) == [content]


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(0, 12).map(lambda n: n * 8), st.booleans(), st.binary(max_size=40)), max_size=12
    ),
    st.booleans(),
)
def test_any_pieces_give_a_packet_or_malformed_and_hold_no_more_than_came(
    parts: list[tuple[int, bool, bytes]], strict: bool
) -> None:
    table, key = Fragments(), KEY6 if strict else KEY
    for at, more, piece in parts:
        try:
            whole = table.add(key, at, more, piece, 1.0, strict=strict)
        except Malformed:
            whole = None
        assert whole is None or len(whole) <= 12 * 8 + 40
        assert 0 <= table._held <= sum(len(part[2]) for part in parts)
    table.clear()
    assert table._held == 0


@given(st.binary(max_size=100), st.integers(0, 20))
def test_any_bytes_are_a_header_or_malformed(data: bytes, offset: int) -> None:
    for parse in (parse_ipv4, parse_ipv6):
        try:
            addresses, _, transport, end, total, _ = parse(data, offset, len(data))
        except Malformed:
            continue
        assert len(addresses) in (8, 32) and offset < transport <= end <= len(data) and total > 0
