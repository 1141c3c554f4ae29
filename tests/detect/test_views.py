"""Disguise by disguise: given this text, this view, with this in it; and what must stay as it is."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest

from sensor.detect.views import (
    GATES,
    encodings,
    escapes,
    flipped,
    joined,
    plain,
    prefixes,
    spelled,
    views,
    words,
)
from sensor.detect.views.lookalikes import STRONG, WEAK
from tests.detect.test_views_gate import hints_of, place, undisguise

AWS = "AKIA" + "Q3EGRT7VNB2LM5XD"
GITHUB = "ghp_" + "Zk7mQ2vXp9RbT4nLc8WdY3sHf6JgAe1uKi5o"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


SECRET_LINE = b"the card of the tenant is 4556 7375 8689 9855, the token goes to the others by mail"
WRAPPED = "\n".join(b64(SECRET_LINE)[at : at + 40] for at in range(0, len(b64(SECRET_LINE)), 40))

UNDONE = [
    # view, text, what stands in the view
    ("plain", "SSN: 536\u201122\u20118745", "SSN: 536-22-8745"),
    ("plain", "SSN: \u0665\u0663\u0666-\u0662\u0662-\u0668\u0667\u0664\u0665", "SSN: 536-22-8745"),
    ("plain", "SSN: ５３６－２２－８７４５", "SSN: 536-22-8745"),
    ("plain", "card ④⑤⑤⑥⑦③⑦⑤", "card 45567375"),
    ("plain", "card ❹❺❺❻❼❸❼❺", "card 45567375"),
    ("plain", "card ₄₅₅₆₇₃₇₅", "card 45567375"),
    ("plain", "card ⁴⁵⁵⁶⁷³⁷⁵", "card 45567375"),
    ("plain", "𝗸𝗲𝘆 𝟰𝟱𝟱𝟲", "key 4556"),
    ("plain", "🅰🅱 🅐🅑 🄰🄱", "AB AB AB"),
    ("plain", "4️⃣5️⃣5️⃣6️⃣", "4556"),
    ("plain", "手机 一三八零零一三八零零〇", "手机 13800138000"),
    (
        "plain",
        "IBAN DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
        "IBAN DE89 3704 0044 0532 0130 00",
    ),
    ("plain", "call +49\u202f170\u202f2345678", "call +49 170 2345678"),
    ("plain", "\u202a+1 555 010 0123\u202c", "+1 555 010 0123"),
    ("plain", "anna＠example.com", "anna@example.com"),
    ("plain", "anna@example。com", "anna@example.com"),
    ("plain", "gh\u0440_Zk7m \u0430nna", "ghp_Zk7m anna"),
    ("plain", "\u0410\u041a\u0406\u0410Q3EG", "AKIAQ3EG"),
    ("plain", "4\u041e1\u04171111", "40131111"),
    ("plain", "рауpаl", "paypal"),
    ("plain", "Mu\u0308ller", "Müller"),
    ("plain", "4\u03365\u03365\u03366\u0336", "4556"),
    ("plain", "s\u0300\u0301e\u0300\u0301c\u0300\u0301r\u0300", "secr"),
    ("plain", "Viê\u0323t To\u0302\u0323i", "Tội"),
    ("plain", "4\ufe0f5\ufe0f5\ufe0f6", "4556"),
    ("plain", "4\U000e01005\U000e01005", "455"),
    ("plain", "oﬃce@example.com ofﬁce", "office@example.com office"),
    ("decoded", "ssn=%35%33%36-%32%32-8745", "ssn=536-22-8745"),
    ("decoded", "iban=DE89%203704%200044", "iban=DE89 3704 0044"),
    ("decoded", "name=%4D%C3%BCller", "name=Müller"),
    ("decoded", "a=%u0034%u0035", "a=45"),
    ("decoded", "&#53;&#x33;6&hyphen;22&#45;8745", "536‐22-8745"),
    ("decoded", "4556&nbsp;7375", "4556\u00a07375"),
    ("decoded", '{"name": "M\\u00fcller"}', '{"name": "Müller"}'),
    ("decoded", '"\\u041f\\u0440\\u0438"', '"При"'),
    ("decoded", "\\ud835\\udc00\\ud835\\udc01", "𝐀𝐁"),
    ("decoded", "\\x35\\x33\\x36", "536"),
    ("decoded", "\\x4d\\xc3\\xbcller", "Müller"),
    ("decoded", "\\x4d\\xfcller\\x00", "Müller"),
    ("decoded", "\\u{35}\\u{33}", "53"),
    ("decoded", "\\U00000035\\U00000033", "53"),
    ("decoded", "\\065\\063\\066\\055", "536-"),
    ("decoded", '"ssn\\n536-22-8745"', '"ssn\n536-22-8745"'),
    ("decoded", "eq =35=33=36-22=2D8745", "eq 536-22-8745"),
    ("decoded", "Stra=C3=9Fe 5", "Straße 5"),
    ("decoded", "ghp_Zk7mQ2v=\nXp9RbT4", "ghp_Zk7mQ2vXp9RbT4"),
    ("decoded", "anna=40example.com", "anna@example.com"),
    ("decoded", "SSN: NTM2LTIyLTg3NDU=", "SSN: 536-22-8745"),
    ("decoded", "SSN: NTM2LTIyLTg3NDU", "SSN: 536-22-8745"),
    ("decoded", "?q=NTM2LTIyLTg3NDU%3D&x", "?q=536-22-8745&x"),
    ("decoded", "u: " + base64.urlsafe_b64encode(b"subjects?_d=1~~~>>>").decode(), "u: subjects?_d=1~~~>>>"),
    ("decoded", "mime\n\n" + WRAPPED + "\n\nend", "mime\n\n" + SECRET_LINE.decode() + "\n\nend"),
    ("decoded", WRAPPED.replace("\n", "\\n"), SECRET_LINE.decode()),
    ("decoded", "x: " + b64("536-22-8745".encode("utf-16-le")), "x: 536-22-8745"),
    ("decoded", "z: " + b64(zlib.compress(b"536-22-8745")), "z: 536-22-8745"),
    ("decoded", "z: " + b64(zlib.compress(SECRET_LINE, 1)), SECRET_LINE.decode()),
    (
        "decoded",
        "g: " + b64(gzip.compress(SECRET_LINE, mtime=0)) + "\nThanks",
        SECRET_LINE.decode() + "\nThanks",
    ),
    ("decoded", "b32 " + base64.b32encode(b"536-22-8745").decode(), "b32 536-22-8745"),
    ("decoded", "b32 " + base64.b32encode(b"536-22-8745").decode().rstrip("="), "b32 536-22-8745"),
    ("decoded", "hex 3533362d32322d38373435", "hex 536-22-8745"),
    ("decoded", "hex 0x3533362D32322D38373435", "hex 536-22-8745"),
    ("decoded", "hex \\x3533362d32322d38373435", "hex 536-22-8745"),
    ("decoded", "35 33 36 2d 32 32 2d 38 37 34 35", "536-22-8745"),
    ("decoded", "35:33:36:2d:32:32:2d:38:37:34:35", "536-22-8745"),
    ("decoded", "{0x35, 0x33, 0x36, 0x2d, 0x32, 0x32, 0x2d, 0x38}", "{536-22-8}"),
    ("decoded", "{0x35,0x33,0x36,0x2d,0x32,0x32,0x2d,0x38}", "{536-22-8}"),
    ("joined", "card 4 5 5 6 7 3 7 5 8 6 8 9 9 8 5 5 is mine", "card 4556737586899855 is mine"),
    ("joined", "a 4 5 5 6 7 3 7 5 8", "a 455673758"),
    ("joined", "4 5 5 6 7 3 7 5 8 a card", "455673758 a card"),
    ("joined", "key g.h.p._.Z.k.7.m", "key ghp_Zk7m"),
    ("joined", "a.n.n.a.@.e.x.a.m.p.l.e...c.o.m.", "anna@example.com"),
    ("joined", "+ 4 9   1 7 0   2 3 4 5", "+49 170 2345"),
    ("joined", "4•5•5•6•7•3•7", "4556737"),
    ("joined", "pin [4, 5, 5, 6, 7, 3, 7, 5, 8, 6]", "pin [4556737586]"),
    ("joined", '["g", "h", "p", "_", "Z", "k", "7", "m"]', '["ghp_Zk7m"]'),
    ("joined", "hann\u2013a.ke\u2013ller\u2013@exa\u2013mple\u2013.com", "hanna.keller@example.com"),
    ("joined", "4556.7375.8689.9855", "4556737586899855"),
    ("joined", "3782/822463/10005", "378282246310005"),
    ("joined", "4556 / 7375 / 8689 / 9855", "4556737586899855"),
    ("joined", "SSN 536.22.8745", "SSN 536-22-8745"),
    ("joined", "SSN 536 / 22 / 8745", "SSN 536-22-8745"),
    ("joined", "DE89.3704.0044.0532.0130.00", "DE89370400440532013000"),
    ("joined", "DE89-3704-0044-0532-0130-00", "DE89370400440532013000"),
    ("joined", "AKIA Q3EG RT7V NB2L M5XD", AWS),
    ("joined", "anna . keller @ example . com", "anna.keller@example.com"),
    ("joined", "card: 45567375\n86899855", "card: 4556737586899855"),
    ("joined", "> card 4556 7375\n> 8689 9855", "> card 4556 7375 8689 9855"),
    ("joined", "no: 536-22\\\n-8745 536-2\\\n2-8745", "no: 536-22-8745"),
    ("joined", "IBAN DE8937040044\n0532013000", "IBAN DE89370400440532013000"),
    ("joined", "JG1037\n59A", "JG103759A"),
    ("joined", "+49 170\n2345678", "+49 1702345678"),
    ("joined", "card\n4556\n7375\n8689\n9855\n", "card\n4556737586899855\n"),
    ("joined", "# AKIAQ3EGRT7V\n# NB2LM5XD\n", "# " + AWS),
    ("joined", "anna.keller\n@example.com", "anna.keller@example.com"),
    ("joined", "anna.keller@\nexample.com", "anna.keller@example.com"),
    ("joined", "anna.keller@exam\nple.com", "anna.keller@example.com"),
    ("joined", '"AKIA" + "Q3EG"', '"AKIAQ3EG"'),
    ("joined", "'AKIA' . 'Q3EG'", "'AKIAQ3EG'"),
    ("joined", '"AKIA" "Q3EG"', '"AKIAQ3EG"'),
    ("joined", "'AKIA''Q3EG'", "'AKIAQ3EG'"),
    ("joined", '("AKIA"\n     "Q3EG")', '("AKIAQ3EG")'),
    ("joined", '"AKIA" \\\n   "Q3EG"', '"AKIAQ3EG"'),
    ("joined", "\"{'AKIA'}{'Q3EG'}\"", "\"{'AKIAQ3EG'}\""),
    ("joined", '["AK", "IA", "Q3EG"].join("")', '["AKIAQ3EG"].join("")'),
    ("joined", 'concat("AK", "IAQ3EG")', 'concat("AKIAQ3EG")'),
    ("joined", '{"part1": "4556 7375", "part2": "8689 9855"}', '{"part1": "4556 7375 8689 9855"}'),
    ("joined", 'key1 = "AKIAQ3EG"\nkey2 = "RT7VNB2L"\nkey3 = "M5XD"', f'key1 = "{AWS}"'),
    ("joined", "4**556**7375", "45567375"),
    ("joined", "gh**p_Zk7mQ**2v", "ghp_Zk7mQ2v"),
    ("joined", "4<b>5</b>5<!-- x -->6<wbr>7", "45567"),
    ("reversed", "token o5iKu1eAgJ6fHs3YdW8cLn4TbR9pXv2Qm7kZ_phg", "token " + GITHUB),
    ("reversed", "moc.elpmaxe@rellek.annah.", "hanna.keller@example.com"),
    ("reversed", "IBAN 00 0310 2350 4400 4073 98ED", "IBAN DE89 3704 0044 0532 0130 00"),
    ("reversed", "IBAN 00031023504400407398ED", "IBAN DE89370400440532013000"),
    ("reversed", "card 5589 9868 5737 6554", "card 4556 7375 8689 9855"),
    ("reversed", "tax 91724759068.", "tax 86095742719."),
    ("reversed", "phone 8765432 071 94+, mine", "phone +49 170 2345678, mine"),
    ("reversed", "hsifrednu :drowssap\nnext", "password: underfish\nnext"),
    ("reversed", "SSN \u202e5478-22-635\u202c ok", "SSN 536-22-8745 ok"),
    ("reversed", "SSN \u202e5478-22-635", "SSN 536-22-8745"),
    ("reversed", "\u202eрелл\u202c \u202e\u202c", "ллер "),
    ("rot13", "key NXVND3RTEG7IAO2YZ5KQ", "key " + AWS),
    ("rot13", "mail unaan.xryyre@rknzcyr.pbz", "mail hanna.keller@example.com"),
    ("rot13", "IBAN QR89370400440532013000 ok", "IBAN DE89370400440532013000 ok"),
    ("rot13", "NINO WT 10 37 59 N", "NINO JG 10 37 59 A"),
    ("rot13", "cnffjbeq: uhagre2\nplain", "password: hunter2\nplain"),
    ("words", "card four five five six, seven three seven five", "card 4556 7375"),
    ("words", "four-five-five-six", "4556"),
    ("words", "ssn five three six - two two - eight seven four five", "ssn 536-22-8745"),
    ("words", "call plus four nine one seven zero double three triple four", "call +4917033444"),
    ("words", "SSN one twenty-three forty-five sixty-seven eighty-nine", "SSN 123456789"),
    ("words", "null eins sieben vierundfünfzig dreiundzwanzig elf elf.", "01754231111."),
    ("words", "zéro six douze trente-quatre cinquante-six soixante-dix-sept", "0612345677"),
    ("words", "quatre-vingt-dix-sept quatre-vingts vingt et un onze douze", "9780211112"),
    ("words", "uno dos tres cuatro veintiuno treinta y tres", "12342133"),
    ("words", "uno due tre quattro ventuno ventotto", "12342128"),
    ("words", "um dois três quatro vinte e um", "123421"),
    ("words", "een twee drie vier eenentwintig", "123421"),
    ("words", "DE eight nine three seven zero four", "DE893704"),
    ("words", "J G one zero three seven five nine A", "JG103759A"),
    ("words", "JG one zero three seven five nine A OK", "JG103759A OK"),
    ("words", "AKIAQ three EGRT seven VNB two LM five XD\nThanks", AWS + "\nThanks"),
    ("words", "g h p _ Z k seven m Q two v X p nine", "ghp_Zk7mQ2vXp9"),
    ("words", "ghp underscore Zk seven mQ two vXp nine", "ghp_Zk7mQ2vXp9"),
    ("words", "four five five six\nseven three seven", "4556737"),
    ("words", "four, five, five, six, seven dot", "45567 dot"),
    ("words", "anna dot keller at example dot com", "anna.keller@example.com"),
    ("words", "anna (at) example (dot) co dot uk", "anna@example.co.uk"),
    ("words", "anna[at]example.com", "anna@example.com"),
    ("words", "anna@example dot com", "anna@example.com"),
    ("words", "anna underscore k at example dash mail dot com", "anna_k@example-mail.com"),
]


@pytest.mark.parametrize(("name", "text", "expected"), UNDONE)
def test_a_disguise_is_undone(name: str, text: str, expected: str) -> None:
    """By the hints that the gate gives; what was undone has a span in the text."""
    data, wanted = text.encode(), expected.encode()
    found = [
        way for way in undisguise(data) if wanted in way[-1].data and name in {view.name for view in way}
    ]
    assert found, [(view.name, view.data.decode()) for way in undisguise(data) for view in way]
    at = found[0][-1].data.index(wanted)
    low, high = place(found[0], at, at + len(wanted))
    assert 0 <= low < high <= len(data)


LEFT_ALONE = [
    # What looks like a disguise to the gate, and is none.
    "token QUJDREVGR0hJSktMTU5P\x00",
    "hash dGhlIGhhc2g_/w/w/w/w/w",
    "HELP: GEZDGNBVGY3TQOJQ8",
    "4024007103939509 5 2, 3 1",
    "5 0 0.1.2",
    "tax 12345678903, 98765432109",
    "card 4556.7375.8689.9856",
    "4556\n7375\n8689\n9856\n1",
    "12345678\n12345678\n12345678\n12345678",
    "x = 2**10**3",
    "5\xa0кг \u0438 10см",
    "что-то Windows\u0430\u044f 5\u0441",
    "list: join(['one')",
    "%41%ff",
    "&#65536000; &#48",
    "&#xD800;&#48",
    "one two, buckle my shoe, three four",
    "meet at three dot com",
    "a 1 b 2 c 3 d",
    "token NTM2LTIyLTg3NDX_w_____",
    "b32 GUZTMLJSGIWTQNZUGVPP2",
    "b32 GUZTMLJSGIWTQNZUG",
    "4 5 5 a 6 7 3 7 5",
    "a\u0440\u043f\u0433\u043a\u0442\u043d",
    "aq\u0300x",
    "see \u0430\u0431\u0432 \\ud835 and \\U00110000\\U00000035",
    "3\u041e5",
    "\u2160\u2103 \u20ac20AC \ud55c\uad6d gh\u0440_",
    "\u0438\u0306 e\u0301 \u0915\u093c",
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_disguise_is_left_alone(text: str) -> None:
    """No digit, letter or sign of it is told otherwise than it stands."""
    for way in undisguise(text.encode()):
        assert not any(value in way[-1].data for value in (b"4556737586899856", b"86095742719"))
        assert way[-1].data.strip()


def test_what_is_compressed_is_read_to_a_limit() -> None:
    """A token gives ``INFLATED`` bytes or ``RATIO`` times its length, all of them together ``INFLATED``."""
    long = bytes(range(0x61, 0x7B)) * 2_000
    token = b64(gzip.compress(long, mtime=0)).encode()
    data = b"a " + token + b" b " + token
    [view] = views(data, hints_of(data))
    assert encodings.INFLATED // 4 < len(view.data) <= encodings.INFLATED + len(data)
    bomb = b64(gzip.compress(b"a" * 10_000_000, mtime=0)).encode()
    data = bomb + b" " + bomb + b" " + bomb + b" " + bomb
    [view] = views(data, hints_of(data))
    assert view.data.startswith(b"a" * encodings.INFLATED)
    assert len(view.data) <= encodings.INFLATED + len(data)


def test_a_cut_character_at_the_limit_is_dropped() -> None:
    token = b64(gzip.compress(("x" + "ü" * 100_000).encode(), mtime=0))
    [view] = views(token.encode(), hints_of(token.encode()))
    assert view.data.decode().startswith("xüüü")


def test_hints_that_lie_are_looked_at_and_left() -> None:
    """The gate promises, the view looks: nothing is there."""
    for hint, _ in GATES:
        for data in (b"....", b"    ", b'""""', b"\x80\x80\x80\x80"):
            assert list(views(data, {hint: [4]})) == []
        assert list(views(b"", {hint: [0]})) == []


def test_a_run_that_is_no_utf8_is_turned_by_bytes() -> None:
    [view] = views(b"\xe2\x80\xaeab\xff\xe2\x80\xac", {"reversed.override": [3]})
    assert view.data == b"\xffba"
    assert view.span(0, 1) == (5, 6)


def test_spans_are_as_narrow_as_the_disguise_allows() -> None:
    cases = [
        ("x %34%31 y", "41", "%34%31"),
        ("x %34%31 y", "1", "%31"),
        ("x &#52;&#49; y", "4", "&#52;"),
        ("x \\u0034 y", "4", "\\u0034"),
        ("x 𝟒𝟏 y", "1", "𝟏"),
        ("x \u202e41\u202c y", "1", "1"),
        ("x NTM2LTIyLTg3NDU= y", "22", "NTM2LTIyLTg3NDU="),
        ("NINO WT103759N", "103759", "103759"),
    ]
    for text, shown, written in cases:
        data = text.encode()
        [view] = views(data, hints_of(data))
        at = view.data.index(shown.encode())
        low, high = view.span(at, at + len(shown.encode()))
        assert data[low:high] == written.encode(), text


def test_all_six_views_of_one_text_keep_what_stands_around_them() -> None:
    text = "SSN: \u0665\u0663\u0666-\u0662\u0662-\u0668\u0667\u0664\u0665; %34%31; 4 5 5 6 7 3 7; "
    text += "5478-22-635; tuc_Zk7mQ2; one two three four"
    found = list(views(text.encode(), hints_of(text.encode())))
    assert [view.name for view in found] == ["plain", "decoded", "joined", "reversed", "rot13", "words"]
    assert all(b"SSN: " in view.data for view in found)


@pytest.mark.slow
def test_a_view_beyond_the_bound_is_left_out_and_a_smaller_one_is_not() -> None:
    """Six views of a long text are more than four times its length."""
    piece = "\uff14\uff11\uff11\uff11\uff11\uff11 %34%31 4 5 5 6 7 3 7 5478-22-635 tuc_Zk7mQ2 "
    data = ((piece + "one two three four\n") * 3_000).encode()
    found = list(views(data, hints_of(data)))
    assert 4 <= len(found) < 6
    assert sum(len(view.data) for view in found) <= 4 * len(data) + 65536


def test_look_alikes_are_single_letters_for_ascii() -> None:
    for table in (STRONG, WEAK):
        for foreign, latin in table.items():
            assert len(foreign) == 1 and not foreign.isascii()
            assert len(latin) == 1 and latin.isascii() and latin.isalnum()
    assert not STRONG.keys() & WEAK.keys()


def test_nothing_folds_to_more_bytes_than_it_had() -> None:
    for point in range(0x80, 0x20000):
        if not 0xD800 <= point < 0xE000:
            folded = plain.fold(chr(point))
            assert folded is None or (folded.isascii() and len(folded) <= len(chr(point).encode()))


def test_numbers_are_told_in_seven_languages() -> None:
    for language, numbers in words.NUMBERS.items():
        assert {str(value) for value in range(100)} <= set(numbers.values()), language


def test_check_digits() -> None:
    assert flipped.luhn_holds(b"4556737586899855") and not flipped.luhn_holds(b"4556737586899856")


def test_prefixes_turn_round_and_back() -> None:
    for prefix in prefixes.PREFIXES:
        assert prefixes.reverse(prefixes.reverse(prefix)) == prefix
        assert prefixes.rot13(prefixes.rot13(prefix)) == prefix


def test_text_is_printable_utf8() -> None:
    assert escapes.is_text("Müller 5 €\n".encode()) and escapes.is_text(b"")
    assert not escapes.is_text(b"\xff") and not escapes.is_text(b"abc\x00")
    assert escapes.is_text(b"abcdefghi\x00")


def test_modules_name_their_hints_by_their_view() -> None:
    for module, name in ((plain, "plain"), (joined, "joined"), (words, "words"), (encodings, "decoded")):
        assert {hint.partition(".")[0] for hint, _ in module.GATES} == {name}
    assert {hint for hint, _ in spelled.GATES} == {"joined.spelled"}
