"""
What tells a secret from text that looks like one: words, placeholders, checksums, things that must decode.
"""

from __future__ import annotations

import base64
import math
import random
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.validators import secrets as checks

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def drawn(alphabet: str, length: int, seed: int = 1) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(alphabet) for _ in range(length))


@pytest.mark.parametrize(
    "value",
    [
        "getUserTokenFromRequest",
        "my_secret_token_name",
        "authorization-header",
        "sha256WithRSAEncryption",
        "tokenizer",
    ],
)
def test_identifiers_are_words(value: str) -> None:
    assert checks.word_share(value) > 0.6
    assert not checks.is_random(value + "2")


def test_no_letters_no_words() -> None:
    assert checks.word_share("----") == 0.0
    assert checks.entropy("") == 0.0


def test_bits_of_short_and_long_values() -> None:
    """What a table holds for values up to 511 characters is the formula's; longer ones are worked out."""
    for value in ("ab", "aab", "abcabcab" * 3, "abc" * 400, "é" * 3 + "x"):
        bits = -sum(p * math.log2(p) for p in (value.count(c) / len(value) for c in set(value)))
        assert checks.entropy(value) == pytest.approx(bits)
    assert not checks.is_random("aB3" * 400)


@pytest.mark.parametrize(
    ("alphabet", "length", "least"),
    [
        ("0123456789abcdef", 32, 0.98),
        (BASE62, 20, 0.95),
        (BASE62, 40, 0.99),
        (string.ascii_lowercase + string.digits, 32, 0.97),
    ],
)
def test_what_is_drawn_by_chance_looks_so(alphabet: str, length: int, least: float) -> None:
    found = sum(checks.is_random(drawn(alphabet, length, seed)) for seed in range(500))
    assert found / 500 >= least


@pytest.mark.parametrize(
    "value",
    [
        "short1",
        "123456789012",
        "abcdefghijkl",
        "aaaaaaaaaaaaaaaa1111",
        "deadbeefdeadbeef",
        "0123456789abcdef",
        "--------------------",
    ],
)
def test_what_is_not_drawn_does_not(value: str) -> None:
    assert not checks.is_random(value)


@pytest.mark.parametrize(
    "value",
    [
        "<your key>", "${TOKEN}", "{{ token }}", "xxxxxxxx", "********", "changeme", "your-api-key",
        "example123", "$PASSWORD", "%PASSWORD%", "test", "password1", "my_secret", "insert-key-here",
        "utf-8", "none", "some_password", "…", "#{x}", "latin1",
    ],
)  # fmt: skip
def test_placeholders(value: str) -> None:
    assert checks.is_placeholder(value)


@pytest.mark.parametrize("value", ["hunter2", "S3cure!pass", "$ummer2026!", "k9Xv2Lm4", "Tr0ub4dor&3"])
def test_passwords_are_no_placeholders(value: str) -> None:
    assert not checks.is_placeholder(value)


@pytest.mark.parametrize(
    ("check", "value", "verdict"),
    [
        ("secret_shape", "ghp_xxxxxxxxxxxx", False),
        ("secret_shape", "aaaaaaaaaaaaaaaa", False),
        ("secret_shape", "k2j4h5g6f7d8s9a0", None),
        ("secret_random", "sk-user-profile-card-header", False),
        ("secret_random", "GR1348941k2j4h5g6f7d8", None),
        ("secret_random", "qwzkpxvtbnmhjrfycdsg", False),
        ("secret_random", "QwZkPxVtBnMhJrFyCdSg", None),
        ("secret_random", "your-k2j4h5g6f7", False),
        ("secret_tail_random", "0123.k2j4h5g6f7d8s9a0", None),
        ("secret_tail_random", "0123.identifiername", False),
        ("secret_not_words", "public", False),
        ("secret_not_words", "community", False),
        ("secret_not_words", "aaaa1", False),
        ("secret_not_words", "n3tw0rk", None),
        ("secret_dropbox", "k2j4h5g6f7dAAAAAAAAAAs9a0q1w2e3", None),
        ("aws_key_id", "AKIAIOSFODNN7EXAMPLE", False),
        ("aws_key_id", "AKIAAAAAAAAAAAAAAAAA", False),
        ("aws_key_id", "AKIAADMINISTRATIONKEY", False),
        ("aws_key_id", "AKIAQ2W3E4R5T6Y7U2I3", None),
        ("basic_credentials", "dGVhbTpTM2N1cmUtUGFzczIwMjY=", None),
        ("basic_credentials", base64.b64encode(b"user:password").decode(), False),
        ("basic_credentials", base64.b64encode(b"same:same").decode(), False),
        ("basic_credentials", base64.b64encode(b"no colon").decode(), False),
        ("basic_credentials", base64.b64encode(b"user:").decode(), False),
        ("basic_credentials", base64.b64encode(b"a\x00b:c1d2").decode(), False),
        ("basic_credentials", base64.b64encode(b"\xff\xfe:\xff").decode(), False),
        ("basic_credentials", "no base64 at all!", False),
        ("jwt_header", "eyJhbGciOiJIUzI1NiJ9", True),
        ("jwt_header", "eyJmb28iOiJiYXIifQ", False),
        ("jwt_header", base64.b64encode(b"[1]").decode(), False),
        ("jwt_header", base64.b64encode(b"{").decode(), False),
        ("jwt_header", "!", False),
    ],
)  # fmt: skip
def test_validators(check: str, value: str, verdict: bool | None) -> None:
    assert checks.VALIDATORS[check](value) is verdict


def test_the_checksum_of_a_github_token() -> None:
    """The example of GitHub's article on token formats."""
    assert checks.github_crc("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") is True
    assert checks.github_crc("ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18") is None
    assert checks.github_crc("ghp_short") is None


@given(st.text(alphabet=BASE62, min_size=32, max_size=32))
def test_the_checksum_of_a_grafana_token(body: str) -> None:
    start = f"glsa_{body}"
    check = zlib.crc32(start.encode()).to_bytes(4, "little").hex()
    assert checks.grafana_crc(f"{start}_{check}") is True
    assert checks.grafana_crc(f"{start}_{'0' if check[0] != '0' else '1'}{check[1:]}") is None


def test_the_checksum_of_an_age_key() -> None:
    key = "AGE-SECRET-KEY-1R75Z3WAPUHEHAQT2L88AGDQ2QRWMUNHE5M555LYQC4W4NNYKXVJSUY2LM0"
    assert checks.age_checksum(key) is True
    assert checks.age_checksum(key[:-1] + "Q") is False


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        # Bitcoin wiki, Wallet import format; BIP 32, test vector 1.
        ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", True),
        ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK", False),
        (
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRB"
            "eJgk33yuGBxrMPHi",
            True,
        ),
        ("1111", False),
        ("0OIl", False),
    ],
)
def test_the_checksum_of_a_bitcoin_key(value: str, verdict: bool) -> None:
    assert checks.wif_checksum(value) is verdict


@given(st.text(max_size=80))
def test_any_text_gives_a_verdict(value: str) -> None:
    for check in checks.VALIDATORS.values():
        assert check(value) in (True, False, None)
    checks.is_random(value)
    assert 0.0 <= checks.word_share(value) <= 1.0
