"""Check digits, against published values and, value by value, against python-stdnum."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import stdnum.ar.cbu
import stdnum.be.ogm_vcs
import stdnum.bitcoin
import stdnum.ch.esr
import stdnum.cusip
import stdnum.cz.bankaccount
import stdnum.damm
import stdnum.es.ccc
import stdnum.eu.at_02
import stdnum.figi
import stdnum.gb.sedol
import stdnum.iban
import stdnum.imei
import stdnum.isin
import stdnum.iso11649
import stdnum.lei
import stdnum.luhn
import stdnum.no.kontonr
import stdnum.us.rtn
import stdnum.verhoeff
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_37_2, mod_37_36, mod_97_10

from sensor.detect.validators import checksums
from sensor.detect.validators.checksums import VALIDATORS

DIGITS = "0123456789"
ALNUM = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"


def some(source: random.Random, alphabet: str, count: int) -> str:
    return "".join(source.choice(alphabet) for _ in range(count))


def ogm(source: random.Random) -> str:
    body = some(source, DIGITS, 10)
    return body + (f"{int(body) % 97 or 97:02d}" if source.random() < 0.5 else some(source, DIGITS, 2))


def spanish(source: random.Random) -> str:
    bank, account = some(source, DIGITS, 8), some(source, DIGITS, 10)
    right = stdnum.es.ccc.calc_check_digits(bank + "00" + account)
    return bank + (right if source.random() < 0.5 else some(source, DIGITS, 2)) + account


Make = Callable[[random.Random], str]
TWINS: tuple[tuple[str, Callable[[str], bool], Make], ...] = (
    ("luhn", stdnum.luhn.is_valid, lambda s: some(s, DIGITS, s.randint(2, 19))),
    ("verhoeff", stdnum.verhoeff.is_valid, lambda s: some(s, DIGITS, s.randint(2, 19))),
    ("damm", stdnum.damm.is_valid, lambda s: some(s, DIGITS, s.randint(2, 19))),
    ("iso7064_mod_11_2", mod_11_2.is_valid, lambda s: some(s, DIGITS, 9) + s.choice(DIGITS + "X")),
    ("iso7064_mod_37_2", mod_37_2.is_valid, lambda s: some(s, ALNUM, 9) + s.choice(ALNUM + "*")),
    ("iso7064_mod_11_10", mod_11_10.is_valid, lambda s: some(s, DIGITS, 9)),
    ("iso7064_mod_37_36", mod_37_36.is_valid, lambda s: some(s, ALNUM, 9)),
    ("iso7064_mod_97_10", mod_97_10.is_valid, lambda s: some(s, ALNUM, 9) + some(s, DIGITS, 2)),
    ("iso11649", stdnum.iso11649.is_valid, lambda s: "RF" + some(s, DIGITS, 2) + some(s, ALNUM, 12)),
    ("be_ogm", stdnum.be.ogm_vcs.is_valid, ogm),
    (
        "isin",
        stdnum.isin.is_valid,
        lambda s: s.choice(["US", "DE", "ZQ", "XS"]) + some(s, ALNUM, 9) + some(s, DIGITS, 1),
    ),
    ("cusip", stdnum.cusip.is_valid, lambda s: some(s, ALNUM, 8) + some(s, DIGITS, 1)),
    ("figi", stdnum.figi.is_valid, lambda s: "BBG" + some(s, DIGITS + CONSONANTS, 8) + some(s, DIGITS, 1)),
    (
        "sedol",
        stdnum.gb.sedol.is_valid,
        lambda s: some(s, CONSONANTS, 1) + some(s, DIGITS + CONSONANTS, 5) + some(s, DIGITS, 1),
    ),
    ("lei", stdnum.lei.is_valid, lambda s: some(s, ALNUM, 18) + some(s, DIGITS, 2)),
    ("ccc", stdnum.es.ccc.is_valid, spanish),
    ("cbu", stdnum.ar.cbu.is_valid, lambda s: some(s, DIGITS, 22)),
    (
        "cz_account",
        stdnum.cz.bankaccount.is_valid,
        lambda s: f"{some(s, DIGITS, 6)}-{some(s, DIGITS, 10)}/0800",
    ),
    ("no_account", stdnum.no.kontonr.is_valid, lambda s: some(s, DIGITS, 11)),
    ("esr", stdnum.ch.esr.is_valid, lambda s: some(s, DIGITS, 27)),
    (
        "creditor_id",
        stdnum.eu.at_02.is_valid,
        lambda s: "DE" + some(s, DIGITS, 2) + "ZZZ" + some(s, DIGITS, 11),
    ),
    ("imei", stdnum.imei.is_valid, lambda s: some(s, DIGITS, 15)),
    ("base58check", stdnum.bitcoin.is_valid, lambda s: "1" + some(s, DIGITS, 33)),
)


@pytest.mark.parametrize(("name", "twin", "make"), TWINS, ids=[row[0] for row in TWINS])
def test_the_same_answer_as_stdnum(name: str, twin: Callable[[str], bool], make: Make) -> None:
    source = random.Random(f"checksums {name}")
    for _ in range(400):
        value = make(source)
        assert VALIDATORS[name](value) == twin(value), value


def test_routing_numbers_have_a_prefix_too() -> None:
    """Stricter than stdnum: prefixes that the Federal Reserve never gave out are refused."""
    source = random.Random("aba")
    for _ in range(400):
        value = some(source, DIGITS, 9)
        if VALIDATORS["aba"](value):
            assert stdnum.us.rtn.is_valid(value)
    assert (
        not VALIDATORS["aba"]("99")
        and not VALIDATORS["aba"]("000000000")
        and not VALIDATORS["aba"]("916483928")
    )


def test_ibans_of_every_registry_country() -> None:
    source = random.Random("iban")
    kinds = {"n": DIGITS, "a": ALNUM[10:], "c": ALNUM}
    known = 0
    for country, structure in zip(checksums._IBAN[::2], checksums._IBAN[1::2], strict=True):
        counts = checksums.re.findall("([nac])([0-9]+)", structure)
        body = "".join(some(source, kinds[kind], int(count)) for kind, count in counts)
        value = country + stdnum.iban.calc_check_digits(country + "00" + body) + body
        assert VALIDATORS["iban"](value) and VALIDATORS["iban"](" ".join(value)), value
        assert not VALIDATORS["iban"](value[:-1]) and not VALIDATORS["iban"]("ZZ" + value[2:])
        known += stdnum.iban.is_valid(value, check_country=False)
    assert known == 89


VECTORS: tuple[tuple[str, str, bool | None], ...] = (
    ("luhn", "0" * 1001, False), ("luhn", "79927398713", True), ("luhn", "x", False),
    ("luhn", "7992-7398 713", True),
    ("luhn", "７９",
    False),
    ("payment_card", "4111 1111 1111 1111", True), ("payment_card", "4111111111111112", False),
    ("payment_card", "9999", False),
    ("payment_card", "0000000000000000", False), ("payment_card", "2720990000000007", True), ("payment_card",
    "41111111", False),
    ("card_track", ";4111111111111111=2512", True), ("card_track", ";4111111111111112=2512", None),
    ("card_track", "x", None),
    ("imei", "490154203237518", True), ("imei", "4901542", False), ("imei", "000000000000000", False),
    ("iccid", "8949226009112345679", False), ("iccid", "89012345678901234567"[:18], True), ("iccid", "12",
    False), ("iccid", "x", False),
    ("iccid", "89148000000123456789"[:19], False), ("verhoeff", "2363", True), ("verhoeff", "", False),
    ("damm", "5724", True), ("damm", "", False),
    ("iso7064_mod_11_2", "079X", True), ("iso7064_mod_11_2", "0", False), ("iso7064_mod_11_2", "0Ä", False),
    ("iso7064_mod_11_10", "0", False), ("iso7064_mod_11_10", "X1", False), ("iso7064_mod_37_36", "1é", False),
    ("iso7064_mod_97_10", "é", False), ("iso7064_mod_97_10", "79444", True),
    ("iban", "DE89 3704 0044 0532 0130 00", True), ("iban", "de89370400440532013000", True), ("iban",
    "DE893704", False),
    ("nrb", "61 1090 1014 0000 0712 1981 2874", True), ("nrb", "61", False), ("nrb", "x", False),
    ("creditor_id", "DE98ZZZ09999999999", True), ("creditor_id", "DE98", False), ("creditor_id",
    "1298ZZZ09999999999", False),
    ("creditor_id", "DEXXZZZ09999999999", False),
    ("iso11649", "RF18 5390 0754 7034", True), ("iso11649", "RF1", False), ("iso11649", "XX18539007547034",
    False),
    ("be_ogm", "+++090/9337/55493+++", True), ("be_ogm", "090", False), ("be_ogm", "x", False), ("be_ogm",
    "000/0000/00097", True),
    ("aba", "021000021", True), ("ccc", "21000418450200051332", True), ("ccc", "2", False), ("cbu",
    "2850590940090418135201", True), ("cbu", "1", False),
    ("clabe", "032180000118359719", True), ("clabe", "032180000118359710", False), ("clabe", "1", False),
    ("nz_account", "01-0242-0100194-00", True), ("nz_account", "01-0242-0100195-00", False), ("nz_account",
    "0102420100194000", True),
    ("nz_account", "08-6523-1954512-001", True), ("nz_account", "26-2600-0320871-032", True), ("nz_account",
    "99-0000-0000000-00", False),
    ("nz_account", "01", False), ("nz_account", "01-0242-0100194-0x", False), ("nz_account",
    "01-0000-0990000-00", False),
    ("cz_account", "19-2000145399/0800", True), ("cz_account", "2000145399/0800", True), ("cz_account",
    "2000145398/0800", False),
    ("cz_account", "00/0800", False), ("cz_account", "x", False), ("no_account", "8601 11 17947", True),
    ("no_account", "1", False),
    ("no_account", "00000000000", False), ("bankgiro", "5050-1055", True), ("bankgiro", "5050-1056", False),
    ("bankgiro", "x", False),
    ("esr", "21 00000 00003 13947 14300 09017", True), ("esr", "1", False), ("esr", "x", False),
    ("isin", "US0378331005", True), ("isin", "x", False), ("cusip", "037833100", True), ("cusip", "x", False),
    ("figi", "BBG000BLNNH6", True), ("figi", "x", False), ("figi", "GBG000BLNNH6", False), ("sedol",
    "B15KXQ8", True), ("sedol", "AEIOU12", False),
    ("lei", "5493001KJTIIGC8Y1R12", True), ("lei", "5493", False),
    ("base58check", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", True), ("base58check",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", True),
    ("base58check", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", False), ("base58check", "0OIl", False),
    ("base58check", "", False), ("base58check", "1" * 200, False),
    ("ripple", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", True), ("ripple", "xHb9", False), ("ripple", "rHb9",
    False),
    ("solana", "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", True), ("solana", "4Nd1", False), ("solana",
    "1" * 32, False),
    ("monero_shape", "44" + "A1b" * 31, True), ("monero_shape", "44", False), ("monero_shape",
    "44" + "0" * 93, False),
    ("bech32", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", True), ("bech32",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", True),
    ("bech32", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", True), ("bech32",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", False),
    ("bech32", "Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", False), ("bech32", "bc1", False), ("bech32",
    "bc1bbbbbbbb", False),
    ("eip55", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", True), ("eip55",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", True),
    ("eip55", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d35A", False), ("eip55", "0x" + "a" * 40, False),
    ("eip55", "0x12", False),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value", "answer"), VECTORS)
def test_published_values(name: str, value: str, answer: bool | None) -> None:
    """Values from the standards named in the docstrings, and what they refuse."""
    assert VALIDATORS[name](value) is answer


def test_keccak_of_short_and_long_texts() -> None:
    """Keccak-256 of "" and "abc" (Keccak team, ShortMsgKAT_256), and of more than one block."""
    assert (
        checksums.keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    assert (
        checksums.keccak_256(b"abc").hex()
        == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    )
    assert len({checksums.keccak_256(b"x" * size) for size in (134, 135, 136, 137, 272)}) == 5


def test_a_number_of_no_scheme_is_no_card() -> None:
    assert checksums.card_scheme("4111111111111111") == "visa"
    assert checksums.card_scheme("9999999999999999") is None
    assert checksums.digits("1a") is None


@given(st.text(max_size=60), st.sampled_from(sorted(VALIDATORS)))
def test_any_text_is_answered(value: str, name: str) -> None:
    assert VALIDATORS[name](value) in (True, False, None)


@given(st.text(alphabet=ALNUM + " -/*+.", max_size=40), st.sampled_from(sorted(VALIDATORS)))
def test_likely_text_is_answered(value: str, name: str) -> None:
    assert VALIDATORS[name](value) in (True, False, None)
