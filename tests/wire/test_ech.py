"""Encrypted ClientHello: what one hello tells, and what the configurations its client was given add."""

from __future__ import annotations

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.model import Ech
from sensor.wire.ech import MAX_CONFIGS, PUBLIC_NAMES, EchConfig, ech_kind, parse_ech_config_list
from sensor.wire.tls import ClientHello, parse_client_hello_body
from tests.wire import tls_bytes as t

# A list that Cloudflare published in 2023, as quoted at ntc.party/t/68/33.
CLOUDFLARE = binascii.a2b_base64(
    "AEX+DQBB8gAgACDCIaU3P6vz668J2oRRZtptSEwH+1IX8/3TOArEx0tRLAAEAAEAAQASY2xvdWRmbGFyZS1lY2guY29tAAA="
)
CLOUDFLARE_CONFIG = EchConfig(
    config_id=0xF2,
    public_name="cloudflare-ech.com",
    kem_id=0x0020,
    maximum_name_length=0,
    suites=((1, 1),),
)


def contents(
    config_id: int = 9,
    key: bytes = b"k" * 32,
    suites: bytes = b"\0\1\0\1\0\1\0\3",
    name: bytes = b"Front.Example.NET",
    extensions: bytes = b"",
) -> bytes:
    """RFC 9849, section 4: ECHConfigContents."""
    return (
        bytes((config_id, 0, 0x20))
        + t.vector(key)
        + t.vector(suites)
        + b"\x40"
        + t.vector(name, 1)
        + t.vector(extensions)
    )


def config(data: bytes, version: int = 0xFE0D) -> bytes:
    return version.to_bytes(2, "big") + t.vector(data)


FRONT = EchConfig(
    config_id=9,
    public_name="front.example.net",
    kem_id=0x0020,
    maximum_name_length=64,
    suites=((1, 1), (1, 3)),
)


def hello(*extensions: bytes, name: bytes = b"www.example.com") -> ClientHello:
    found = parse_client_hello_body(t.body(t.server_name(name), *extensions))
    assert found is not None
    return found


CASES: list[tuple[str, ClientHello, Ech]] = [
    ("no extension", hello(), Ech.NONE),
    ("a random offer under the true name", hello(t.ech_outer(config_id=9)), Ech.GREASE),
    ("under a provider's public name", hello(t.ech_outer(), name=b"Cloudflare-ECH.com"), Ech.REAL),
    ("second hello of a real offer: enc left out", hello(t.ech_outer(enc=b"")), Ech.REAL),
    ("inner", hello(t.extension(0xFE0D, b"\x01")), Ech.REAL),
    ("an extension that cannot be read", hello(t.extension(0xFE0D, b"\x07")), Ech.GREASE),
    ("config of its client", hello(t.ech_outer(9), name=b"front.example.net"), Ech.REAL),
    ("the other suite of it", hello(t.ech_outer(9, suite=(1, 3)), name=b"front.example.net"), Ech.REAL),
    ("a suite it does not have", hello(t.ech_outer(9, suite=(1, 2)), name=b"front.example.net"), Ech.GREASE),
    ("another config_id", hello(t.ech_outer(8), name=b"front.example.net"), Ech.GREASE),
    ("another outer name", hello(t.ech_outer(9), name=b"www.example.net"), Ech.GREASE),
]


@pytest.mark.parametrize(("client_hello", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_kind(client_hello: ClientHello, expected: Ech) -> None:
    assert ech_kind(client_hello, [CLOUDFLARE_CONFIG, FRONT]) is expected


def test_without_configs_an_unknown_provider_looks_like_grease() -> None:
    """What one hello cannot tell is not claimed."""
    assert ech_kind(hello(t.ech_outer(9), name=b"front.example.net")) is Ech.GREASE


def test_a_published_list() -> None:
    assert parse_ech_config_list(CLOUDFLARE) == (CLOUDFLARE_CONFIG,)
    assert CLOUDFLARE_CONFIG.public_name in PUBLIC_NAMES


LISTS: list[tuple[str, bytes, object]] = [
    ("two", t.vector(config(contents()) * 2), (FRONT, FRONT)),
    ("other versions are passed over", t.vector(config(b"?", 0xFE0A) + config(contents())), (FRONT,)),
    ("extensions are passed over", t.vector(config(contents(extensions=t.extension(0x1234)))), (FRONT,)),
    ("no configs", t.vector(b""), ()),
    ("more than are read", t.vector(config(contents()) * (MAX_CONFIGS + 1)), (FRONT,) * MAX_CONFIGS),
    ("empty", b"", "ech_config_list_malformed"),
    ("list cut", t.vector(config(contents()))[:-1], "ech_config_list_malformed"),
    ("config over the end", t.vector(config(contents())[:-1]), "ech_config_list_malformed"),
    ("half a config header", t.vector(b"\xfe\x0d\x00"), "ech_config_list_malformed"),
    ("contents of nothing", t.vector(config(b"")), "ech_config_malformed"),
    ("contents cut", t.vector(config(contents()[:-1])), "ech_config_malformed"),
    ("contents cut in the key", t.vector(config(contents()[:20])), "ech_config_malformed"),
    ("contents with more", t.vector(config(contents() + b"!")), "ech_config_malformed"),
    ("no suites", t.vector(config(contents(suites=b""))), "ech_config_malformed"),
    ("half a suite", t.vector(config(contents(suites=b"\0\1"))), "ech_config_malformed"),
    ("no name", t.vector(config(contents(name=b""))), "ech_config_malformed"),
    ("a name that is none", t.vector(config(contents(name=b"a\nb"))), "ech_config_malformed"),
]


@pytest.mark.parametrize(("data", "expected"), [case[1:] for case in LISTS], ids=[c[0] for c in LISTS])
def test_config_list(data: bytes, expected: object) -> None:
    assert t.outcome(parse_ech_config_list, data) == expected


@given(st.binary(max_size=120), st.integers(0, len(contents())))
def test_any_list_gives_configs_or_malformed(data: bytes, keep: int) -> None:
    for body in (data, t.vector(data), t.vector(config(data)), t.vector(config(contents()[:keep] + data))):
        try:
            parse_ech_config_list(body)
        except Malformed:
            pass
