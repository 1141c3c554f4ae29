"""Scanners of payment, contact, network and date values, called as the engine calls them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.finding import Candidate, Document, Scanner
from sensor.detect.scanners.contact import SCANNERS, accounts, net, phones
from sensor.detect.scanners.contact.common import Made, edge, tail
from sensor.detect.scanners.contact.labelled import RULES

HIT = "¦"
"""Where the gate's match ends in a case."""


def found(scanner: str, tag: str, case: str, least: float = 0.5) -> list[str]:
    """
    The values that a scanner gives for a text with one or more marked hits, the surest of a place first.
    """
    data = b""
    hits = []
    pieces = case.encode().split(HIT.encode())
    for piece in pieces[:-1]:
        data += piece
        hits.append((tag, len(data)))
    document = Document(data + pieces[-1])
    made = sorted(SCANNERS[scanner](document, hits), key=lambda item: (item.start, -item.score))
    return [document.data[item.start : item.end].decode() for item in made if item.score >= least]


TAGS: dict[str, tuple[str, ...]] = {
    "card": ("grouped", "run", "wide", "pieces", "digit", "column", "payment.card"),
    "iban": ("shape", "payment.iban"),
    "dates": ("column", "short", "date.birth"),
    "ages": ("old", "label"),
    "labelled": (*RULES, "payment.card_expiry/digit"),
    "mail": ("at", "spelled"),
    "ip": ("v4", "v6"),
    "phones": (
        "plus", "zz", "us", "trunk", "pairs", "paren", "cn", "ru", "bare", "loose", "strong", "weak", "fax",
        "column",
        "contact.phone", "contact.fax",
    ),
}  # fmt: skip

ODD = st.sampled_from(
    [
        b"+49 30 1234567", b"(030) 12", b"0", b"-", b" ", b"\n", b",", b";", b"|", b"@", b"a@b.com", b"::",
        b"fe80::1", b"1.2.3.4", b"\xff",
        b"\xc2\xa0", "ü".encode(), "電".encode(), b"4111 1111 1111 1111", b"DE89 3704 0044 0532 0130 00",
        b"12 May 1990", b"1990-01-02",
        b"phone", b"dob", b'"', b"card", b"x", b"/", b"(", b")", b"age 31 years old", b"$ 85,000", b"%",
    ]
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(SCANNERS))
@given(
    pieces=st.lists(st.one_of(ODD, st.binary(max_size=12)), max_size=14),
    places=st.lists(st.integers(1, 200), max_size=4),
)
def test_any_bytes_give_spans_inside_the_text(name: str, pieces: list[bytes], places: list[int]) -> None:
    """
    Whatever the text and wherever the gate says it matched: spans lie inside, are not empty, scores are 0
    to 1.
    """
    data = b"".join(pieces)
    scanner: Scanner = SCANNERS[name]
    for tag in TAGS[name]:
        hits = [(tag, place) for place in sorted(places) if place <= len(data)]
        for item in scanner(Document(data), hits):
            assert isinstance(item, Candidate)
            assert 0 <= item.start < item.end <= len(data)
            assert 0 <= item.score <= 1.05
            assert item.reasons


def test_edges_of_values() -> None:
    """A decimal point, a sign or a letter outside makes a number part of something longer."""
    assert edge(b"a 12 b", 2, 4)
    for data, start, end in (
        (b"a12", 1, 3),
        (b"3.12", 2, 4),
        (b"a-12", 2, 4),
        (b"12a", 0, 2),
        (b"12.5", 0, 2),
    ):
        assert not edge(data, start, end)
    assert edge(b".12", 1, 3) and edge(b"x .12", 3, 5)
    assert tail(b"12", 2) and tail(b"12. ", 2) and tail(b"12.", 2)


def test_of_the_same_span_the_surest_stands() -> None:
    made = Made()
    made.add(0, 1, "a.b", 0.5, False, "first")
    made.add(0, 1, "a.b", 0.4, False, "weaker")
    made.add(0, 1, "a.b", 0.9, True, "surer")
    assert [item.reasons for item in made.all()] == [("surer",)]


# --- cards --------------------------------------------------------------------------------------------

CARDS = (
    ("grouped", "pay 4111 1111 1111 1111¦ now", ["4111 1111 1111 1111"]),
    ("grouped", "pay 4111-1111-1111-1111¦", ["4111-1111-1111-1111"]),
    ("grouped", "pay 4111 1111-1111 1111¦", []),
    ("grouped", "pay 4111 1111 1111 1112¦", []),
    ("grouped", "pay 4111.1111.1111.1111¦.5", []),
    ("grouped", "0.4111.1111.1111.1111¦", []),
    ("grouped", "4111 1111 1111 1112¦  4111 1111 1111 1111 1", []),
    ("run", '"4012888888881881"¦', ["4012888888881881"]),
    ("run", "n 4012888888881881¦ of a visa", ["4012888888881881"]),
    ("run", '"user_id": 4012888888881881¦,', []),
    ("run", "36227206271667¦", ["36227206271667"]),
    ("run", "4222222222222¦", ["4222222222222"]),
    ("run", "1234567890123456¦", []),
    ("run", "4012888888881881¦.0", ["4012888888881881"]),
    ("run", "4012888888881881¦.05", []),
    ("wide", "x 4111  1111  1111  1111¦ y", ["4111  1111  1111  1111"]),
    ("wide", "4111\t1111\t1111\t1111¦", ["4111\t1111\t1111\t1111"]),
    ("wide", "4111\t1111\t1111\t1111¦\t1111", []),
    ("wide", "4111  1111  1111  1112¦", []),
    ("wide", "3782  822463  10005¦", ["3782  822463  10005"]),
    ("pieces", '["4111", "1111", "1111", "1111"¦]', ['4111", "1111", "1111", "1111']),
    ("pieces", '{"card": ["4111","1111","1111","1111"¦]}', ['4111","1111","1111","1111']),
    ("pieces", '["3782","822463","10005"¦]', ['3782","822463","10005']),
    ("pieces", '["2019","2020","2021","2022"¦]', []),
    ("pieces", '["4111","1111","1111","1111"¦,"5"]', []),
    ("run", "mi cartão 4012888888881881¦", ["4012888888881881"]),
    ("run", "panel 4012888888881881¦", ["4012888888881881"]),
    ("run", "Carte 4012888888881881¦", ["4012888888881881"]),
    ("digit", "card 4¦012888888881881 and 4¦012888888881881", ["4012888888881881", "4012888888881881"]),
    ("digit", "card 4¦012888888881881x", []),
    ("column", "a,card¦\n1,4012888888881881.0", ["4012888888881881"]),
    ("run", "1234567890123,4012888888881881¦", ["4012888888881881"]),
    ("digit", "card no 4¦012 8888 8888 1881.", ["4012 8888 8888 1881"]),
    ("digit", "card 4¦012 8888 8888 1882", ["4012 8888 8888 1882"]),
    ("digit", "card 9¦012 8888 8888 1882", ["9012 8888 8888 1882"]),
    ("digit", "card 5¦75181397937", ["575181397937"]),
    ("digit", "card 8¦00000000011", ["800000000011"]),
    ("digit", "card 1¦23456789012", []),
    ("digit", "card 1¦2 34567890 123456", []),
    ("payment.card", "credit card¦ ending **** **** **** 4242", ["**** **** **** 4242"]),
    ("payment.card", "credit card¦ is lost", []),
    ("payment.card", "credit card¦" + " " * 70 + "4111111111111111", []),
    ("column", "a,card¦\n1,4012888888881881\n2,4012888888881882\n3,none", ["4012888888881881",
    "4012888888881882"]),
    ("column", "a,card,¦x\n1,4012888888881881,2", ["4012888888881881"]),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), CARDS)
def test_cards(tag: str, case: str, values: list[str]) -> None:
    assert found("card", tag, case) == values


def test_a_hit_inside_digits_that_are_no_card_gives_nothing() -> None:
    assert found("card", "run", "12345¦") == []


# --- IBANs --------------------------------------------------------------------------------------------

IBANS = (
    ("shape", "to DE89 3704 0044 053¦2 0130 00 now", ["DE89 3704 0044 0532 0130 00"]),
    ("shape", "to DE89370400440532013¦000.", ["DE89370400440532013000"]),
    ("shape", "to DE89\u00a03704\u00a00044\u00a0053¦2\u00a00130\u00a000",
    ["DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000"]),
    ("shape", "to DE88 3704 0044 053¦2 0130 00", ["DE88 3704 0044 0532 0130 00"]),
    ("shape", "to DE88370400440532013¦000", []),
    ("shape", "Konto DE88370400440532013¦000", ["DE88370400440532013000"]),
    ("shape", "DE8937040044053¦2013000123", []),
    ("shape", "DE893704004405¦32", []),
    ("shape", "XDE89370400440532013¦000", []),
    ("shape", "ZZ89370400440532013¦000", []),
    ("shape", "DE89 3704 0044 053¦2 0130--", []),
    ("shape", "de89370400440532013¦000", []),
    ("shape", "GB29123460161331926¦819", []),
    ("payment.iban", "iban¦: gb29nwbk60161331926819", ["gb29nwbk60161331926819"]),
    ("payment.iban", "iban¦ ZZ12 3456 7890 1234 56", ["ZZ12 3456 7890 1234 56"]),
    ("payment.iban", "iban¦ ZZ12", []),
    ("payment.iban", "iban¦ ZZ12 3456 7890 1234abc", []),
    ("payment.iban", "iban¦ unknown", []),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), IBANS)
def test_ibans(tag: str, case: str, values: list[str]) -> None:
    assert found("iban", tag, case) == values


# --- mail ---------------------------------------------------------------------------------------------

MAILS = (
    ("at", "to jane.doe+x@m¦ail.example.com, ok", ["jane.doe+x@mail.example.com"]),
    ("at", '"a b"@e¦xample.org', ['"a b"@example.org']),
    ("at", '"""a b""@e¦xample.org"', ['""a b""@example.org']),
    ("at", 'x""@e¦xample.org', []),
    ("at", "x@[¦10.1.2.3]", ["x@[10.1.2.3]"]),
    ("at", "x@l¦ocalhost", []),
    ("at", "pkg@1¦.2.3", []),
    ("at", "a@b¦.com.Then", ["a@b.com"]),
    ("at", "a@b¦.nosuchtop", []),
    ("at", "git@g¦ithub.com:a/b", []),
    ("at", "git@g¦ithub.com/a/b", []),
    ("at", "a@b¦.com@c", []),
    ("at", "https://u:p@h¦ost.com/x", []),
    ("at", "https://p@h¦ost.com/x", []),
    ("at", "mailto:a@b¦.com", ["a@b.com"]),
    ("at", "邮箱zhang@q¦q.com请联系", ["zhang@qq.com"]),
    ("at", "联系：李雷@例¦子.中国。谢谢", ["李雷@例子.中国"]),
    ("at", "hans@m¦üller.de»", ["hans@müller.de"]),
    ("at", "a\\nb@c¦.de", ["b@c.de"]),
    ("at", "日本語、@b¦.com", []),
    ("at", ".@b¦.com", []),
    ("at", "a.@b¦.com", []),
    ("at", "x" * 70 + "@b¦.com", []),
    ("at", "@a¦", []),
    ("at", "ü@é¦-.de。", []),
    ("spelled", "jane dot doe at example dot¦ com", ["jane dot doe at example dot com"]),
    ("spelled", "jane [at] example [dot]¦ org now", ["jane [at] example [dot] org"]),
    ("spelled", "look at the dot¦ com", []),
    ("spelled", "jane at the dot¦ com", []),
    ("spelled", "jane at example dot¦ nosuch", []),
    ("spelled", "nothing here dot¦", []),
    ("spelled", "a" * 50 + " at bcd dot¦ com", []),
    ("spelled", "ä_a at bcd dot¦ com, x at yz dot com", []),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), MAILS)
def test_mail(tag: str, case: str, values: list[str]) -> None:
    assert found("mail", tag, case) == values


# --- networks -----------------------------------------------------------------------------------------

ADDRESSES = (
    ("v4", "from 81.169.145.66¦ port", ["81.169.145.66"]),
    ("v4", "net 10.1.0.0¦/16 ok", ["10.1.0.0/16"]),
    ("v4", "10.0.0.1¦-10.0.0.9¦", ["10.0.0.1", "10.0.0.9"]),
    ("v4", "lib 81.169.145.66¦-1", []),
    ("v4", "1.81.169.145.66¦", []),
    ("v4", "Chrome/120.60.70.109¦", []),
    ("v4", "name-81.169.145.66¦", []),
    ("v4", "http://81.169.145.66¦/", ["81.169.145.66"]),
    ("v4", "81.169.145.66¦.5", []),
    ("v4", "version 81.169.145.66¦", []),
    ("v4", "x@81.169.145.66¦", []),
    ("v4", "_81.169.145.66¦", ["81.169.145.66"]),
    ("v4", "999.1.1.1¦", []),
    ("v4", "section 4.2.11.2¦ of", []),
    ("v4", "ping 4.2.11.2¦", ["4.2.11.2"]),
    ("v4", "at 10.2.3.4¦", ["10.2.3.4"]),
    ("v4", "M1 2 3.51.98.32¦ 2.03", []),
    ("v4", "127.0.0.1¦ 255.255.0.0¦ 8.8.8.8¦ 192.0.2.7¦", []),
    ("v4", "81.169.145¦", []),
    ("v6", "at 2a01:4f8:c¦17:b8f::2 up", ["2a01:4f8:c17:b8f::2"]),
    ("v6", "fe80::1%eth0¦", []),
    ("v6", "fe80:¦:1%eth0", ["fe80::1%eth0"]),
    ("v6", "2a01:4f8:¦:/32.", ["2a01:4f8::/32"]),
    ("v6", "::ffff:8¦1.169.145.66.", ["::ffff:81.169.145.66"]),
    ("v6", ":2a01:4f8:¦c17:b8f:1:2:3:4", ["2a01:4f8:c17:b8f:1:2:3:4"]),
    ("v6", "xfe80:¦:1", []),
    ("v6", "fe80:¦", []),
    ("v6", "fe80:¦:1:¦:2", []),
    ("v6", "2001:db8:¦:1", []),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), ADDRESSES)
def test_addresses_of_networks(tag: str, case: str, values: list[str]) -> None:
    assert found("ip", tag, case) == values


# --- telephones ---------------------------------------------------------------------------------------

PHONES = (
    ("plus", "ring +49 (0)3¦0 1234567 now", ["+49 (0)30 1234567"]),
    ("plus", "+1 555-12¦3-4567x891", ["+1 555-123-4567x891"]),
    ("plus", "(+34) 91 6¦03 74 67", ["(+34) 91 603 74 67"]),
    ("plus", "+ 49 30 12¦34567", ["+ 49 30 1234567"]),
    ("plus", "+999 1234¦5678", []),
    ("strong", "tel 0¦30 12 (345)", ["030 12 (345"]),
    ("strong", "tel 0¦30-12-3-4-5-6", ["030-12-3-4-5-6"]),
    ("column", "a,phone¦\n1,12345\n2,1234567", ["1234567"]),
    ("loose", "x 5551234567¦ y", []),
    ("loose", "x 5551234567¦ 12 phone", []),
    ("loose", "phone: 555-x 5551234567¦ y", ["5551234567"]),
    ("plus", "+49 30 12¦", []),
    ("plus", "+44 1111 1¦11111 1", []),
    ("plus", "+11 11 11 1¦1 11 1", []),
    ("plus", "x+1234567¦89", []),
    ("plus", "+ (555) 1¦23", []),
    ("plus", "+4930123456¦7abc", []),
    ("plus", "fax +49 30 1¦234567", ["+49 30 1234567"]),
    ("zz", "0049 30 12¦34567", ["0049 30 1234567"]),
    ("zz", "phone 00493012¦34567", ["00493012¦34567".replace(HIT, "")]),
    ("zz", "id 00493012¦34567", ["00493012¦34567".replace(HIT, "")]),
    ("zz", "id 00999912¦34567", []),
    ("zz", "id 0049999999¦9999", []),
    ("us", "415-555-2671¦ ok", ["415-555-2671"]),
    ("us", "(415) 555-2671¦", ["(415) 555-2671"]),
    ("us", "1-800-555-2671¦", ["1-800-555-2671"]),
    ("us", "415.555.2671¦", ["415.555.2671"]),
    ("us", "%415-555-2671¦", []),
    ("us", "x-415-555-2671¦", []),
    ("us", "415 555 2671¦", ["415 555 2671"]),
    ("us", "115 055 2671¦", []),
    ("us", "+7 (767) 148-1334¦", ["+7 (767) 148-1334"]),
    ("us", "/415-555-2671¦", []),
    ("us", "415-555-2671¦_", []),
    ("us", "111-111-1111¦", []),
    ("us", "fax 415-555-2671¦ ext. 12", ["415-555-2671 ext. 12"]),
    ("trunk", "0171-123¦4567", ["0171-1234567"]),
    ("trunk", "020 794¦6 0958", ["020 7946 0958"]),
    ("trunk", "x¦ 0171", []),
    ("trunk", "01 22 33¦ 44 55 66", []),
    ("trunk", "02110-130¦1", []),
    ("trunk", "0900-170¦0", []),
    ("trunk", "0171 123¦4567 1234567 12", []),
    ("trunk", "0120 203¦3 4455 11 22 33 44", []),
    ("trunk", "030 12 3¦4 5 6", []),
    ("trunk", "01 23 4¦5 67 8 9", []),
    ("trunk", "tel 0171 123¦45", ["0171 12345"]),
    ("trunk", "0111 11¦11111111", []),
    ("trunk", "0123 456¦7890 12345678", []),
    ("trunk", "0171-123¦", []),
    ("pairs", "06 12 34 56 78¦ ok", ["06 12 34 56 78"]),
    ("pairs", "01 23 45 67 89¦ ab", []),
    ("pairs", "612 34 56 78¦", ["612 34 56 78"]),
    ("pairs", "06 12 34 56 78¦ 9", []),
    ("paren", "(030) 12¦34567", ["(030) 1234567"]),
    ("paren", "(11) 98765-4321¦", ["(11) 98765-4321"]),
    ("paren", "(12) 3456¦", []),
    ("paren", "(01) 23¦", []),
    ("cn", "手机13812345678¦", ["13812345678"]),
    ("cn", "138 1234 5678¦", ["138 1234 5678"]),
    ("cn", "n 13812345678¦", []),
    ("ru", "8 (495) 123-45-67¦", ["8 (495) 123-45-67"]),
    ("ru", "8 (495) 123-45-67¦ 8", ["8 (495) 123-45-67"]),
    ("ru", "н 89161234567¦", ["89161234567"]),
    ("ru", "n 89161234567¦", []),
    ("bare", "id 01711234567¦", ["01711234567"]),
    ("bare", "id 0099999999¦", []),
    ("bare", "id 06999999999¦", []),
    ("bare", "0123456789¦", []),
    ("loose", "call 612 345 678¦", ["612 345 678"]),
    ("loose", "rows 612 345 678¦", []),
    ("loose", "11 98765-4321¦", ["11 98765-4321"]),
    ("loose", "call x/2125552671¦", []),
    ("strong", 'phone": "5¦551234567"', ["5551234567"]),
    ("strong", "phone (5¦55) 123-4567", ["(555) 123-4567"]),
    ("strong", "phone + 4¦9 30 1234567", ["+ 49 30 1234567"]),
    ("strong", "phone 2¦024-01-02", []),
    ("strong", "phone 1¦2345", []),
    ("strong", "phone 1¦111111", []),
    ("strong", "phone a1¦234567", []),
    ("strong", "phone 1¦234567abc", []),
    ("strong", "phone 12345678¦.5", []),
    ("strong", "phone 1¦2345678.5", []),
    ("strong", "phone 5¦551234567 12345 ext 4", ["5551234567"]),
    ("weak", "call 5¦55-1234 now", ["555-1234"]),
    ("weak", "call 1¦234567", []),
    ("weak", "call 1¦00%", []),
    ("fax", "fax 0¦30 1234567", ["030 1234567"]),
    ("contact.phone", "電話¦「03-1234-5678」", ["03-1234-5678"]),
    ("contact.phone", "電話¦", []),
    ("contact.phone", "電話¦ a\nb 03-1234-5678", []),
    ("contact.fax", "télécopie¦ 0123456789", ["0123456789"]),
    ("column", "a,phone¦\n1,555 0199\n2,x\n3,555 0199 z\n4,5550199x12", ["555 0199", "5550199x12"]),
    ("column", "a,fax,¦b\n1,555 0199,2", ["555 0199"]),
    ("column", "a,b¦\n1,2", []),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), PHONES)
def test_telephones(tag: str, case: str, values: list[str]) -> None:
    assert found("phones", tag, case) == values


def test_a_number_is_read_once_for_all_its_events() -> None:
    """Several shapes may end inside the same number; the later ones are passed over."""
    assert found("phones", "trunk", "020 7946 095¦8¦") == ["020 7946 0958"]


# --- dates --------------------------------------------------------------------------------------------

DATES = (
    ("date.birth", "born¦ on March 3rd, 1985 in", ["March 3rd, 1985"]),
    ("date.birth", "born¦ in Ohio, 12/05/1985.", ["12/05/1985"]),
    ("date.birth", "geboren¦ am 12. März 1985", ["12. März 1985"]),
    ("date.birth", "生年月日¦：1985年3月12日", ["1985年3月12日"]),
    ("date.birth", "出生日期¦：September 14, 1993", ["September 14, 1993"]),
    ("date.birth", "nata il¦ 27 dicembre 1931", ["27 dicembre 1931"]),
    ("date.birth", "родился¦ 5 мая 1990 года", ["5 мая 1990 года"]),
    ("date.birth", "született¦ 1985. március 12.", ["1985. március 12."]),
    ("date.birth", "born¦: 19850312", ["19850312"]),
    ("date.birth", "born¦ 1985 03 12", ["1985 03 12"]),
    # A year alone is somebody's where a field says so.
    ("date.birth", "born¦ in 1985", []),
    ("date.birth", "He was born¦ 1985 there", []),
    ("date.birth", "Jane (born¦ 1985)", ["1985"]),
    ("date.birth", "birth¦: 1985", ["1985"]),
    ("date.birth", "birth¦：1985", ["1985"]),
    ("date.birth", "birth year¦ is 1985", ["1985"]),
    ("date.birth", "born¦ in May 1985", ["May 1985"]),
    ("date.birth", "birthday¦ is 9 September", ["9 September"]),
    ("date.birth", "birthday¦ is September 9", ["September 9"]),
    ("date.birth", "born¦ in the year 1985 of peace", []),
    ("date.birth", "born¦\n\n1985-03-12", []),
    ("date.birth", "born¦ of some very long story that has 1985", []),
    ("date.birth", "a,date of birth¦\n1,1985-03-12", ["1985-03-12"]),
    ("date.birth", "03/12/1985 (DOB¦)", ["03/12/1985"]),
    ("date.birth", "1985 born¦", []),
    ("date.birth", "born¦ a1985-03-12b", []),
    ("date.birth", "born¦ 42 apples", []),
    ("date.birth", "born¦ x born¦ y born¦ on 12/05/1985", ["12/05/1985"]),
    ("date.birth", "12/05/1985 born¦ and born¦ 1 and 2 and 3", ["12/05/1985"]),
    ("date.birth", "name,birth¦ date¦\nx,12/05/1985", ["12/05/1985"]),
    ("short", "geb. 0¦1.02.70", ["01.02.70"]),
    ("short", "DOB: May 1¦8, 1996", ["May 18, 1996"]),
    ("short", "xyz 0¦1.02.70", ["01.02.70"]),
    ("column", "a,dob¦\n1,1985-03-12\n2,May 1985\n3,x", ["1985-03-12", "May 1985"]),
    ("column", "a,dob,¦b\n1,1985-03-12,2", ["1985-03-12"]),
    ("column", "a,b¦\n1,1985-03-12", []),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), DATES)
def test_dates_of_birth(tag: str, case: str, values: list[str]) -> None:
    assert found("dates", tag, case) == values


AGES = (
    ("old", "she is 34 years old¦.", ["34 years old"]),
    ("old", "a 10 years old¦ bug", []),
    ("old", "she is 340 years old¦", []),
    ("old", "he is 5 yo, 35 years old¦", ["35 years old"]),
    ("old", "she is old¦", []),
    ("label", '"age": 4¦2', ["42"]),
    ("label", "age: 4¦2%", []),
    ("label", "age = 3¦0s", []),
    ("label", "log_rotation_age = 7¦", []),
    ("label", "user_age = 3¦1", ["31"]),
    ("old", "I am 34 years old¦", ["34 years old"]),
    ("old", "мне 34 года¦", ["34 года"]),
    ("old", "это 34 года¦ назад", []),
    ("old", "I amble 34 years old¦ roads", []),
    ("label", "age: 9¦99", []),
    ("old", "il a 35 ans¦", ["35 ans"]),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), AGES)
def test_ages(tag: str, case: str, values: list[str]) -> None:
    assert found("ages", tag, case) == values


# --- values behind their names ------------------------------------------------------------------------

LABELLED = (
    ("payment.cvv", "CVV¦: 123", ["123"]),
    ("payment.cvv", "the security code¦ is «907", []),
    ("payment.cvv", "CVV¦ must be 3", []),
    ("payment.cvv", "card,cvv¦\n4,123\n5,abc", ["123"]),
    ("payment.cvv", "CVV¦_123", []),
    ("payment.account", "account number¦ is 12345678.", ["12345678"]),
    ("payment.account", "account number¦ of 2024-01-02", []),
    ("payment.aba", "routing¦ 021000021", ["021000021"]),
    ("payment.aba", "routing¦ 021000022", ["021000022"]),
    ("payment.cusip", "cusip¦ 037833101", []),
    ("payment.card_expiry/digit", "exp 0¦9/27", ["09/27"]),
    ("payment.card_expiry/digit", "exp 9¦9", []),
    ("money.salary", "salary¦ of $ 85,000 a year", ["$ 85,000"]),
    ("money.salary", "salary¦ 55.000 €, paid", ["55.000 €"]),
    ("money.salary", "salary¦ rose", []),
    ("contact.gender", "Gender¦: female", ["female"]),
    ("contact.gender", "gender¦: string", []),
    ("contact.gender", "id,gender¦,score\n1,male,2", []),
    ("contact.gender", "id,name,gender¦\n1,J,male", ["male"]),
    ("contact.gender", "gender¦,birth date\nmale,x\n", ["male"]),
    ("network.device_id", "serial number¦ C02XK1ABJGH5", ["C02XK1ABJGH5"]),
    ("network.device_id", "certificate serial number¦: C02XK1ABJGH5", []),
    ("network.device_id", "certificate, device id¦: C02XK1ABJGH5", ["C02XK1ABJGH5"]),
    ("network.ssid", "wifi network¦ a network of friends.", []),
    ("network.ssid", "SSID¦: Home-5G", ["Home-5G"]),
    ("payment.account", "a,account¦ number¦\n1,12345678", ["12345678"]),
    ("payment.account", "account¦ no digits", []),
    ("money.salary", "salary¦ 1 of them and more", []),
    ("money.salary", "salary¦ of the 1 who has $ 85,000", []),
    ("contact.customer_id", "customer id¦ C-88213", ["C-88213"]),
    ("contact.customer_id", "customer id¦\nC-88213", ["C-88213"]),
    ("payment.invoice", "invoice number¦", []),
    ("contact.username", "username¦: 'jdoe84'", ["jdoe84"]),
    ("contact.username", "username¦: uint32", []),
    ("contact.username", "a, username¦ (b)", []),
)  # fmt: skip


@pytest.mark.parametrize(("tag", "case", "values"), LABELLED)
def test_values_behind_their_names(tag: str, case: str, values: list[str]) -> None:
    assert found("labelled", tag, case) == values


def test_the_library_is_asked_for_so_many_numbers_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of nothing but numbers that only a proof tells costs a bounded number of proofs."""
    asked = []
    monkeypatch.setattr(phones, "MAX_QUESTIONS", 3)
    monkeypatch.setattr(phones, "phone_valid", lambda value: asked.append(value) or True)
    text = b"004915112345678 " * 9
    hits = [("zz", at + 11) for at in range(0, len(text), 16)]
    assert len(list(SCANNERS["phones"](Document(text), hits))) == 3
    assert len(asked) == 3


HEAVY = (
    ("dates", "date.birth", b"born "),
    ("dates", "date.birth", b"born 1 "),
    ("labelled", "money.salary", b"salary "),
    ("labelled", "money.salary", b"salary,x\n"),
    ("ip", "v4", b" 1.2.3.4"),
    ("phones", "loose", b" 5551234567"),
    ("ages", "old", b" 34 ans"),
)


@pytest.mark.long
@pytest.mark.parametrize(("scanner", "tag", "word"), HEAVY)
def test_repeated_trigger_words_cost_in_proportion(scanner: str, tag: str, word: bytes) -> None:
    """Four times the words take no more than some six times the time: the work is linear."""

    def cost(count: int) -> float:
        end = len(word) if word[:1] == b" " else len(word.rstrip(b" \n").split(b" ")[0].split(b",")[0])
        hits = [(tag, at * len(word) + end) for at in range(count)]
        best = 9.0
        for _ in range(3):
            document = Document(word * count)
            start = time.process_time()
            list(SCANNERS[scanner](document, hits))
            best = min(best, time.process_time() - start)
        return best

    assert cost(8000) < 8 * cost(2000) + 0.01


def test_an_account_begins_with_a_letter_or_digit() -> None:
    assert accounts._take(b"- AB12", 0, 4) == ("", 0, 0)
    assert accounts._take(b"AB 12 34", 0, 4) == ("AB12", 5, 2)


def test_a_short_address_counts_only_beside_a_word_of_networks() -> None:
    data = b"see 4.2.11.2 there"
    assert net._weighed(data, 4, 12, "4.2.11.2", 0.8) == 0.4
    assert net._weighed(b"ping 4.2.11.2", 5, 13, "4.2.11.2", 0.8) == 0.8
    assert net._weighed(data, 4, 12, "10.2.11.2", 0.8) == 0.8
