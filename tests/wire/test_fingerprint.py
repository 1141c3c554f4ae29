"""JA4 and JA3: the examples of their own documents, and the rules one by one."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.wire.fingerprint import ja3, ja3_text, ja4, ja4_text
from sensor.wire.tls import ClientHello, HandshakeReader, is_grease
from tests.wire import tls_bytes as t

# FoxIO-LLC/ja4 technical_details/JA4.md, "Cipher hash", "Extension hash", "Example", "Raw Output"
CIPHERS = "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
EXTENSIONS = "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"
ALGORITHMS = "0403,0804,0401,0503,0805,0501,0806,0601"


def hexes(text: str) -> tuple[int, ...]:
    return tuple(int(value, 16) for value in text.split(","))


EXAMPLE = ClientHello(
    legacy_version=0x0303,
    cipher_suites=hexes(CIPHERS),
    extensions=hexes(EXTENSIONS),
    server_name="example.com",
    alpn=(b"h2", b"http/1.1"),
    supported_versions=(0x0304, 0x0303),
    signature_algorithms=hexes(ALGORITHMS),
)


def test_the_example_of_ja4() -> None:
    """JA4.md, "Example": "JA4 = t13d1516h2_8daaf6152771_e5627efa2ab1"."""
    assert ja4(EXAMPLE, "tcp") == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_the_raw_example_of_ja4() -> None:
    """JA4.md, "Raw Output", JA4_r."""
    assert ja4_text(EXAMPLE, "tcp") == (
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9"
        "_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01"
        "_0403,0804,0401,0503,0805,0501,0806,0601"
    )


def test_without_signature_algorithms() -> None:
    """JA4.md, "Extension hash": "the string ends without an underscore and is hashed" = 6d807ffa2a79."""
    assert ja4(replace(EXAMPLE, signature_algorithms=()), "tcp") == "t13d1516h2_8daaf6152771_6d807ffa2a79"


def test_grease_is_left_out_everywhere() -> None:
    """
    JA4.md, "Details": "The program needs to ignore GREASE values anywhere it sees them".

    Anywhere: signature algorithms too (FoxIO-LLC/ja4 issue 305), and each of the sixteen values.
    """
    for value in t.GREASE:
        assert is_grease(value)
        hello = replace(
            EXAMPLE,
            cipher_suites=(value, *EXAMPLE.cipher_suites),
            extensions=(value, *EXAMPLE.extensions, value),
            supported_versions=(value, *EXAMPLE.supported_versions),
            signature_algorithms=(value, *EXAMPLE.signature_algorithms),
            alpn=(value.to_bytes(2, "big"), *EXAMPLE.alpn),
        )
        assert ja4(hello, "tcp") == "t13d1516h2_8daaf6152771_e5627efa2ab1"
        assert ja4_text(hello, "tcp") == ja4_text(EXAMPLE, "tcp")


def test_what_looks_like_grease_and_is_not_counts() -> None:
    """A GREASE value has two equal bytes: 0x0A1A and 0x1A0A are ciphers like others."""
    assert ja4_text(ClientHello(legacy_version=0x0303, cipher_suites=(0x1A0A, 0x0A1A)), "tcp") == (
        "t12i020000_0a1a,1a0a_"
    )


@pytest.mark.parametrize(
    ("versions", "legacy", "expected"),
    [
        # JA4.md, "TLS and DTLS Version"
        ((0x0304, 0x0303), 0x0303, "13"),
        ((0x0303,), 0x0301, "12"),
        ((), 0x0303, "12"),
        ((), 0x0302, "11"),
        ((), 0x0301, "10"),
        ((), 0x0300, "s3"),
        ((), 0x0002, "s2"),
        ((), 0xFEFF, "d1"),
        ((), 0xFEFD, "d2"),
        ((), 0xFEFC, "d3"),
        ((), 0x0305, "00"),
        ((0xDADA, 0x0303, 0x0304), 0x0303, "13"),
        ((0xDADA,), 0x0303, "12"),
        ((0x7F1C, 0x0304), 0x0303, "00"),
    ],
)
def test_version(versions: tuple[int, ...], legacy: int, expected: str) -> None:
    assert ja4(replace(EXAMPLE, supported_versions=versions, legacy_version=legacy), "tcp")[1:3] == expected


@pytest.mark.parametrize(
    ("alpn", "expected"),
    [
        # JA4.md, "ALPN Extension Value"
        ((b"h2",), "h2"),
        ((b"http/1.1", b"h2"), "h1"),
        ((b"h3",), "h3"),
        ((), "00"),
        ((b"",), "00"),
        ((b"", b"h2"), "00"),
        ((b"x",), "xx"),
        ((b"\xab",), "ab"),
        ((b"\x20",), "20"),
        ((b"\xab\xcd",), "ad"),
        ((b"\x20\x61",), "21"),
        ((b"\x30\xab",), "3b"),
        ((b"\x61\x20",), "60"),
        ((b"\x30\x31\xab\xcd",), "3d"),
        ((b"\x30\xab\xcd\x31",), "01"),
        ((b"\x0a\x0a", b"h2"), "h2"),
        ((b"\x0a\x1a",), "0a"),
    ],
)
def test_alpn(alpn: tuple[bytes, ...], expected: str) -> None:
    assert ja4(replace(EXAMPLE, alpn=alpn), "tcp")[8:10] == expected


def test_server_name_by_the_extension() -> None:
    """JA4.md, "SNI": "If the SNI extension (0x0000) exists, then […] "d"", whatever stands in it."""
    assert ja4(replace(EXAMPLE, server_name=None), "tcp")[3] == "d"
    without = tuple(kind for kind in EXAMPLE.extensions if kind != 0)
    assert ja4(replace(EXAMPLE, extensions=without), "tcp") == "t13i1515h2_8daaf6152771_e5627efa2ab1"


def test_counts_stop_at_99() -> None:
    """JA4.md, "Number of Ciphers": "If there's > 99, which there should never be, then output "99"."""
    hello = replace(EXAMPLE, cipher_suites=tuple(range(1, 101)), extensions=tuple(range(100, 250)))
    assert ja4(hello, "tcp")[:10] == "t13i9999h2"
    assert ja4(replace(hello, cipher_suites=tuple(range(1, 100))), "tcp")[4:6] == "99"
    assert ja4(replace(hello, cipher_suites=tuple(range(1, 99))), "tcp")[4:6] == "98"


def test_nothing_to_hash() -> None:
    """JA4.md: "the value of JA4_b is set to 000000000000", and JA4_c likewise."""
    nothing = ClientHello(legacy_version=0x0301)
    assert ja4(nothing, "quic") == "q10i000000_000000000000_000000000000"
    only = replace(nothing, cipher_suites=(0x0A0A,), extensions=(0, 16), alpn=(b"h3",))
    assert ja4(only, "dtls") == "d10d0002h3_000000000000_000000000000"


def test_grease_in_signature_algorithms_changes_nothing_in_a_real_hello() -> None:
    """A browser that puts another GREASE value into signature_algorithms each time has one JA4."""
    prints = set()
    for value in t.GREASE:
        stream = t.records(t.message(t.body(*t.USUAL[:-2], t.algorithms(value, 0x0403), t.versions(0x0304))))
        (hello,) = HandshakeReader().feed(stream)
        assert hello.signature_algorithms == (value, 0x0403)
        prints.add(ja4(hello, "tcp"))
    assert len(prints) == 1


def test_order_does_not_matter() -> None:
    """Chrome shuffles its extensions; ciphers and extensions are sorted, algorithms are not."""
    shuffled = replace(
        EXAMPLE, extensions=EXAMPLE.extensions[::-1], cipher_suites=EXAMPLE.cipher_suites[::-1]
    )
    assert ja4(shuffled, "tcp") == ja4(EXAMPLE, "tcp")
    turned = replace(EXAMPLE, signature_algorithms=EXAMPLE.signature_algorithms[::-1])
    assert ja4(turned, "tcp") != ja4(EXAMPLE, "tcp")


@pytest.mark.parametrize(
    ("text", "md5"),
    [
        # salesforce/ja3 README.md, "How it works"
        (
            "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0",
            "ada70206e40642a3e4461f35503241d5",
        ),
        ("769,4-5-10-9-100-98-3-6-19-18-99,,,", "de350869b8c85de67a350c8d186f11e6"),
    ],
)
def test_the_examples_of_ja3(text: str, md5: str) -> None:
    version, *lists = text.split(",")
    ciphers, kinds, groups, formats = (tuple(int(n) for n in part.split("-") if n) for part in lists)
    builders = {0: t.server_name(b"a.example"), 10: t.groups(*groups), 11: t.point_formats(*formats)}
    extensions = [builders[kind] for kind in kinds]
    stream = t.records(t.message(t.body(*extensions, ciphers=ciphers, version=int(version))))
    (hello,) = HandshakeReader().feed(stream)
    assert ja3_text(hello) == text
    assert ja3(hello) == md5


def test_ja3_leaves_grease_out() -> None:
    """salesforce/ja3 README.md: "JA3 ignores these values completely"."""
    hello = ClientHello(
        legacy_version=0x0303,
        cipher_suites=(0x3A3A, 0x1301),
        extensions=(0x4A4A, 10, 0xFAFA),
        groups=(0x5A5A, 29),
        ec_point_formats=(0, 1),
    )
    assert ja3_text(hello) == "771,4865,10,29,0-1"
    assert ja3(hello) == hashlib.md5(b"771,4865,10,29,0-1").hexdigest()


numbers = st.lists(st.integers(0, 0xFFFF), max_size=110).map(tuple)


@pytest.mark.slow
@given(numbers, numbers, numbers, numbers, st.lists(st.binary(max_size=5), max_size=3).map(tuple))
def test_any_hello_has_fingerprints_of_one_form(
    ciphers: tuple[int, ...],
    extensions: tuple[int, ...],
    algorithms: tuple[int, ...],
    versions: tuple[int, ...],
    alpn: tuple[bytes, ...],
) -> None:
    hello = ClientHello(
        legacy_version=0x0303,
        cipher_suites=ciphers,
        extensions=extensions,
        signature_algorithms=algorithms,
        supported_versions=versions,
        alpn=alpn,
    )
    for transport in ("tcp", "quic", "dtls"):
        first, second, third = ja4(hello, transport).split("_")
        assert len(first) == 10 and first.isalnum() and first.isascii()
        assert len(second) == len(third) == 12
    assert len(ja3(hello)) == 32
