"""
Check digits: Luhn, modulus 97 and 11, Verhoeff, Damm, ISO 7064, base58check, bech32, Keccak.

Every validator takes the value as it stood in the text, with its separators, and answers at once: work is
linear in the value, and values are short. ``True`` says the check holds, ``False`` that it does not; none of
these says ``None``. What a check is worth differs: modulus 97 passes one random number in a hundred, Luhn one
in ten. The detector's class says what else is asked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from sensor.detect.finding import Validator

__all__ = [
    "IBAN_LENGTHS", "VALIDATORS", "aba", "bankgiro", "base58check", "be_ogm", "bech32", "card_scheme",
    "card_track", "cbu", "ccc",
    "clabe", "compact", "creditor_id", "cusip", "cz_account", "damm", "digits", "eip55", "esr", "figi",
    "iban",
    "iban_structure", "iccid", "imei", "isin", "iso11649", "iso7064_mod_11_10", "iso7064_mod_11_2",
    "iso7064_mod_37_2", "iso7064_mod_37_36", "iso7064_mod_97_10", "keccak_256", "lei", "luhn", "mod_97",
    "monero_shape", "no_account", "nrb", "nz_account", "payment_card", "ripple", "sedol", "solana",
    "verhoeff",
    "weighted_11",
]  # fmt: skip

_SEPARATORS = str.maketrans("", "", " \t\r\n.-–—/\u00a0\u202f")
_LUHN_TWO = [low + (2 * high - 9 * (high > 4)) for high in range(10) for low in range(10)]
_LUHN_FOUR = bytes(high + low for high in _LUHN_TWO for low in _LUHN_TWO)
"""What four digits add to a Luhn sum: the second and fourth from the right are doubled."""
MAX_DIGITS = 1000
"""Longer runs of digits are no number of anything."""
_VALUES = {letter: str(value) for value, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_BASE36 = str.maketrans(_VALUES)
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compact(value: str) -> str:
    """The value without spaces, dashes, dots and slashes."""
    return value if value.isalnum() else value.translate(_SEPARATORS)


def digits(value: str) -> str | None:
    """The value without separators, ``None`` where anything but ASCII digits is left."""
    plain = compact(value)
    return plain if plain.isdigit() and plain.isascii() else None


# --- Luhn and the like --------------------------------------------------------------------------------


def luhn(value: str) -> bool:
    """
    The Luhn check holds (modulus 10, every second digit doubled).

    Source: ISO/IEC 7812-1, Annex B.
    """
    raw = value.encode("utf-8", "surrogatepass")
    if not raw.isdigit():
        plain = digits(value)
        if plain is None:
            return False
        raw = plain.encode()
    return _luhn(raw)


def _luhn(raw: bytes) -> bool:
    if len(raw) > MAX_DIGITS:
        return False
    number, total = int(raw), 0
    while number:
        number, low = divmod(number, 10_000)
        total += _LUHN_FOUR[low]
    return total % 10 == 0


def _card_ranges() -> dict[str, tuple[str, frozenset[int]]]:
    schemes: tuple[tuple[str, str, str], ...] = (
        ("visa", "4", "13 16 18 19"),
        ("mastercard", "51 52 53 54 55 " + " ".join(str(n) for n in range(2221, 2721)), "16"),
        ("amex", "34 37", "15"),
        ("diners", "300 301 302 303 304 305 36 38 39 3095", "14 15 16 17 18 19"),
        ("discover", "6011 644 645 646 647 648 649 65 " + "622", "16 17 18 19"),
        ("jcb", "35", "16 17 18 19"),
        ("jcb", "2131 1800", "15"),
        ("unionpay", "62 81", "16 17 18 19"),
        ("maestro", "50 56 57 58 59 60 61 63 64 66 67 68 69", "12 13 14 15 16 17 18 19"),
        ("mir", "2200 2201 2202 2203 2204", "16 17 18 19"),
        ("rupay", "6521 6522 353 356", "16"),
        ("troy", "9792", "16"),
        ("uatp", "1", "15"),
        ("verve", "5060 5061 5078 5079 6500", "16 18 19"),
        ("elo", "4011 4312 4389 5041 5066 5067 5090 6277 6362 6363", "16"),
        ("hipercard", "606282 3841", "13 16 19"),
        ("dankort", "5019 4571", "16"),
        ("interpayment", "636", "16 17 18 19"),
        ("uzcard", "8600 9860", "16"),
    )
    table: dict[str, tuple[str, frozenset[int]]] = {}
    for scheme, prefixes, lengths in schemes:
        sizes = frozenset(int(length) for length in lengths.split())
        for prefix in prefixes.split():
            kept = table.get(prefix)
            table[prefix] = (scheme, sizes) if kept is None else (kept[0], kept[1] | sizes)
    return table


_CARDS = _card_ranges()
"""
Issuer prefix to scheme and lengths of its numbers. Longer prefixes go first.

Source: ISO/IEC 7812-1 and the schemes' public BIN tables, as collected in "Payment card number",
en.wikipedia.org (2026-11-24).
"""


def card_scheme(number: str) -> str | None:
    """The scheme whose range and length a number (digits only) fits, ``None`` where none does."""
    for size in (6, 4, 3, 2, 1):
        found = _CARDS.get(number[:size])
        if found is not None and len(number) in found[1]:
            return found[0]
    return None


def payment_card(value: str) -> bool:
    """A number in a scheme's range, of its length, with Luhn, and not one digit over and over."""
    plain = digits(value)
    return (
        plain is not None
        and 12 <= len(plain) <= 19
        and card_scheme(plain) is not None
        and _luhn(plain.encode())
        and len(set(plain)) > 1
    )


def card_track(value: str) -> bool | None:
    """
    A magnetic stripe whose card number holds; other numbers on a stripe are not proven.

    Source: ISO/IEC 7813.
    """
    found = re.search("[0-9]{12,19}", value)
    return True if found is not None and payment_card(found[0]) else None


def imei(value: str) -> bool:
    """An IMEI of 15 digits with Luhn. Source: 3GPP TS 23.003, Annex B."""
    plain = digits(value)
    return plain is not None and len(plain) == 15 and _luhn(plain.encode()) and len(set(plain)) > 1


def iccid(value: str) -> bool:
    """A SIM card's number: 89, a country code, 18 to 20 digits, Luhn at 19 and 20. Source: ITU-T E.118."""
    plain = digits(value)
    if plain is None or not plain.startswith("89") or not 18 <= len(plain) <= 20:
        return False
    return len(plain) == 18 or _luhn(plain.encode())


def weighted_11(number: str, weights: Sequence[int]) -> int:
    """The sum of digits times weights, modulus 11."""
    return sum((ord(digit) - 48) * weight for digit, weight in zip(number, weights, strict=False)) % 11


def _weighted(number: str, weights: Sequence[int], modulus: int) -> int:
    return sum((ord(digit) - 48) * weight for digit, weight in zip(number, weights, strict=True)) % modulus


_D5 = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_TURN = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415",
    "7046913258",
)  # fmt: skip
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def verhoeff(value: str) -> bool:
    """
    The Verhoeff check holds (dihedral group D5).

    Source: J. Verhoeff, Error Detecting Decimal Codes, 1969.
    """
    plain = digits(value)
    if not plain:
        return False
    check = "0"
    for place, digit in enumerate(reversed(plain)):
        check = _D5[int(check)][int(_VERHOEFF_TURN[place % 8][int(digit)])]
    return check == "0"


def damm(value: str) -> bool:
    """The Damm check holds (totally anti-symmetric quasigroup). Source: H. M. Damm, thesis, Marburg 2004."""
    plain = digits(value)
    if not plain:
        return False
    state = "0"
    for digit in plain:
        state = _DAMM[int(state)][int(digit)]
    return state == "0"


# --- ISO 7064 -----------------------------------------------------------------------------------------


def mod_97(text: str) -> int | None:
    """
    A string of digits and capitals as a number modulus 97, letters as 10 to 35; ``None`` for anything
    else.
    """
    if not (text.isalnum() and text.isascii() and text.isupper() or text.isdigit() and text.isascii()):
        return None
    return int(text if text.isdigit() else text.translate(_BASE36)) % 97


def iso7064_mod_97_10(value: str) -> bool:
    """ISO/IEC 7064 MOD 97-10: two check digits at the end."""
    return mod_97(compact(value).upper()) == 1


def iso7064_mod_11_2(value: str) -> bool:
    """ISO/IEC 7064 MOD 11-2: a check character at the end, 0 to 9 or X."""
    return _pure(compact(value).upper(), 11, 2, "0123456789X")


def iso7064_mod_37_2(value: str) -> bool:
    """ISO/IEC 7064 MOD 37-2: a check character at the end, alphanumeric or ``*``."""
    return _pure(compact(value).upper(), 37, 2, _ALNUM + "*")


def _pure(text: str, modulus: int, radix: int, alphabet: str) -> bool:
    if len(text) < 2:
        return False
    check = 0
    for letter in text:
        place = alphabet.find(letter)
        if place < 0:
            return False
        check = (check * radix + place) % modulus
    return check == 1


def iso7064_mod_11_10(value: str) -> bool:
    """ISO/IEC 7064 MOD 11,10: a check digit at the end."""
    return _hybrid(compact(value), 10, "0123456789")


def iso7064_mod_37_36(value: str) -> bool:
    """ISO/IEC 7064 MOD 37,36: an alphanumeric check character at the end."""
    return _hybrid(compact(value).upper(), 36, _ALNUM)


def _hybrid(text: str, modulus: int, alphabet: str) -> bool:
    if len(text) < 2:
        return False
    check = modulus
    for letter in text[:-1]:
        place = alphabet.find(letter)
        if place < 0:
            return False
        check = (check + place) % modulus or modulus
        check = check * 2 % (modulus + 1)
    last = alphabet.find(text[-1])
    return last >= 0 and (check + last) % modulus == 1


# --- accounts -----------------------------------------------------------------------------------------

_IBAN = """
AD n8c12 AE n19 AL n8c16 AT n16 AZ a4c20 BA n16 BE n12 BG a4n6c8 BH a4c14 BI n23 BR n23a1c1 BY c4n4c16 CH
n5c12 CR n18 CY n8c16 CZ n20 DE n18 DJ n23 DK n14 DO c4n20 EE n16 EG n25 ES n20 FI n14 FK a2n12 FO n14 FR
n10c11n2 GB a4n14 GE a2n16 GI a4c15 GL n14 GR n7c16 GT c4c20 HN a4n20 HR n17 HU n24 IE a4n14 IL n19 IQ
a4n15 IS n22 IT a1n10c12 JO a4n4c18 KW a4c22 KZ n3c13 LB n4c20 LC a4c24 LI n5c12 LT n16 LU n3c13 LV a4c13
LY n21 MC n10c11n2 MD c2c18 ME n18 MK n3c10n2 MN n16 MR n23 MT a4n5c18 MU a4n19a3 NI a4n20 NL a4n10 NO n11
OM n3c16 PK a4c16 PL n24 PS a4c21 PT n21 QA a4c21 RO a4c16 RS n18 RU n14c15 SA n2c18 SC a4n20a3 SD n14 SE
n20 SI n15 SK n20 SM a1n10c12 SO n19 ST n21 SV a4n20 TL n19 TN n20 TR n6c16 UA n6c19 VA n18 VG a4n16 XK
n16 YE a4n4c18 AO n21 BF c2n22 BJ c2n22 CF n23 CG n23 CI a2n22 CM n23 CV n21 DZ n22 GA n23 GQ n23 GW c2n19
IR n22 KM n23 MA n24 MG n23 ML c2n22 MZ n21 NE a2n22 SN a2n22 TD n23 TG a2n22
""".split()
"""
Country and structure of the account part: n digits, a capitals, c capitals or digits, each with its count.

Source: SWIFT IBAN Registry, release 101; the last two lines are countries that use IBANs without an entry.
"""


def _iban_tables() -> tuple[dict[str, int], dict[str, re.Pattern[str]]]:
    kinds = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
    lengths: dict[str, int] = {}
    shapes: dict[str, re.Pattern[str]] = {}
    for country, structure in zip(_IBAN[::2], _IBAN[1::2], strict=True):
        parts = re.findall("([nac])([0-9]+)", structure)
        lengths[country] = 4 + sum(int(count) for _, count in parts)
        shapes[country] = re.compile(
            "[0-9]{2}" + "".join(f"{kinds[kind]}{{{count}}}" for kind, count in parts) + r"\Z"
        )
    return lengths, shapes


IBAN_LENGTHS, _IBAN_SHAPES = _iban_tables()
"""Country code to the length of its IBANs."""


def iban_structure(plain: str) -> bool:
    """A compact upper-case IBAN has its country's length and kinds of characters."""
    shape = _IBAN_SHAPES.get(plain[:2])
    return shape is not None and shape.match(plain, 2) is not None


def iban(value: str) -> bool:
    """
    An IBAN: known country, its length and structure, modulus 97.

    Source: ISO 13616-1; SWIFT IBAN Registry.
    """
    plain = compact(value).upper()
    return iban_structure(plain) and mod_97(plain[4:] + plain[:4]) == 1


def nrb(value: str) -> bool:
    """A Polish account number without its country: 26 digits, modulus 97. Source: NRB, NBP."""
    plain = digits(value)
    return plain is not None and len(plain) == 26 and iban("PL" + plain)


def creditor_id(value: str) -> bool:
    """
    A SEPA creditor identifier: country, check digits, three-character business code, national part.

    Source: European Payments Council, EPC262-08; the business code does not count.
    """
    plain = compact(value).upper()
    if not 8 <= len(plain) <= 35 or not plain[:2].isalpha() or not plain[2:4].isdigit():
        return False
    return mod_97(plain[7:] + plain[:4]) == 1


def iso11649(value: str) -> bool:
    """A structured creditor reference: RF, two check digits, up to 21 characters. Source: ISO 11649."""
    plain = compact(value).upper()
    return 5 <= len(plain) <= 25 and plain.startswith("RF") and mod_97(plain[4:] + plain[:4]) == 1


def be_ogm(value: str) -> bool:
    """A Belgian structured message, +++ddd/dddd/ddddd+++, modulus 97. Source: Febelfin, OGM-VCS."""
    plain = digits(value.strip("+* "))
    if plain is None or len(plain) != 12:
        return False
    return (int(plain[:10]) % 97 or 97) == int(plain[10:])


def aba(value: str) -> bool:
    """
    A US routing number: nine digits, weights 3 7 1, a Federal Reserve prefix.

    Source: ABA Key to Routing Numbers.
    """
    plain = digits(value)
    if plain is None or len(plain) != 9:
        return False
    prefix = int(plain[:2])
    known = prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72 or prefix == 80
    return known and _weighted(plain, (3, 7, 1, 3, 7, 1, 3, 7, 1), 10) == 0 and len(set(plain)) > 1


def ccc(value: str) -> bool:
    """
    A Spanish account: bank 4, branch 4, two check digits, account 10.

    Source: Código Cuenta Cliente, AEB.
    """
    plain = digits(value)
    if plain is None or len(plain) != 20:
        return False
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    first = (-weighted_11("00" + plain[:8], weights)) % 11
    second = (-weighted_11(plain[10:], weights)) % 11
    return plain[8:10] == f"{_ccc_digit(first)}{_ccc_digit(second)}"


def _ccc_digit(value: int) -> int:
    return 1 if value == 10 else value


def cbu(value: str) -> bool:
    """An Argentine CBU: 8 and 14 digits, each with its check digit. Source: BCRA, Comunicación A 2622."""
    plain = digits(value)
    if plain is None or len(plain) != 22:
        return False
    return _weighted(plain[:8], (7, 1, 3, 9, 7, 1, 3, 1), 10) == 0 and (
        _weighted(plain[8:], (3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3, 1), 10) == 0
    )


def clabe(value: str) -> bool:
    """A Mexican CLABE of 18 digits, weights 3 7 1. Source: Banco de México, CLABE."""
    plain = digits(value)
    if plain is None or len(plain) != 18:
        return False
    total = sum((int(digit) * (3, 7, 1)[place % 3]) % 10 for place, digit in enumerate(plain[:17]))
    return (10 - total % 10) % 10 == int(plain[17])


_NZ_KINDS = {
    "A": ((0, 0, 6, 3, 7, 9, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0), False, 11),
    "B": ((0, 0, 0, 0, 0, 0, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0), False, 11),
    "D": ((0, 0, 0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0), False, 11),
    "E": ((0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 4, 3, 2, 0, 0, 1), True, 11),
    "F": ((0, 0, 0, 0, 0, 0, 1, 7, 3, 1, 7, 3, 1, 0, 0, 0), False, 10),
    "G": ((0, 0, 0, 0, 0, 0, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1), True, 10),
}
"""Weights over bank 2, branch 4, account 7, suffix 3; whether products are folded to one digit; modulus."""
_NZ_BANKS = {
    "08": "D", "09": "E", "25": "F", "26": "G", "28": "G", "29": "G", "33": "F",
    **dict.fromkeys("01 02 03 04 06 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 27 30 35 38".split(), "A"),
}  # fmt: skip


def nz_account(value: str) -> bool:
    """
    A New Zealand account: bank 2, branch 4, account 7, suffix 2 or 3.

    Source: Inland Revenue, RWT and NRWT certificate filing, "Bank account number validation".
    """
    parts = re.split(r"[ -]", value.strip())
    if len(parts) == 4:
        parts = [part.zfill(size) for part, size in zip(parts, (2, 4, 7, 3), strict=True)]
    plain = "".join(parts)
    if not (plain.isdigit() and plain.isascii() and 15 <= len(plain) <= 16):
        return False
    plain = plain[:13] + plain[13:].zfill(3)
    kind = _NZ_BANKS.get(plain[:2])
    if kind is None:
        return False
    if kind == "A" and plain[6:13] >= "0990000":
        kind = "B"
    weights, fold, modulus = _NZ_KINDS[kind]
    products = (int(digit) * weight for digit, weight in zip(plain, weights, strict=True))
    return sum((product - 1) % 9 + 1 if fold and product else product for product in products) % modulus == 0


def cz_account(value: str) -> bool:
    """
    A Czech or Slovak account, [prefix-]number/bank, both parts modulus 11.

    Source: ČNB, Vyhláška 169/2011.
    """
    found = re.fullmatch(r"(?:([0-9]{1,6})-)?([0-9]{2,10})/([0-9]{4})", value.replace(" ", ""))
    if found is None:
        return False
    weights = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
    prefix, number = (found[1] or "0").rjust(10, "0"), found[2].rjust(10, "0")
    return weighted_11(prefix, weights) == 0 and weighted_11(number, weights) == 0 and int(number) > 0


def no_account(value: str) -> bool:
    """A Norwegian account of 11 digits, modulus 11. Source: Bits, Kontonummer."""
    plain = digits(value)
    if plain is None or len(plain) != 11:
        return False
    return weighted_11(plain, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) == 0 and int(plain) > 0


def bankgiro(value: str) -> bool:
    """A Swedish bankgiro or plusgiro number: Luhn over 2 to 8 digits. Source: Bankgirot, Bankgironummer."""
    plain = digits(value)
    return plain is not None and 2 <= len(plain) <= 8 and _luhn(plain.encode())


def esr(value: str) -> bool:
    """
    A Swiss ESR or QR reference: recursive modulus 10.

    Source: SIX, Swiss Implementation Guidelines QR-bill.
    """
    plain = digits(value)
    if plain is None or not 5 <= len(plain) <= 27:
        return False
    carry = 0
    for digit in plain[:-1]:
        carry = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(plain[-1])


# --- securities ---------------------------------------------------------------------------------------

_SHORT_VALUE = {letter: place for place, letter in enumerate(_ALNUM + "*@#")}


def isin(value: str) -> bool:
    """A securities number: country, nine characters, Luhn over letters as 10 to 35. Source: ISO 6166."""
    plain = compact(value)
    if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", plain) is None:
        return False
    return plain[:2] in _ISIN_COUNTRIES and _luhn(plain.translate(_BASE36).encode())


_ISIN_COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
    ET EU EZ FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU
    ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU
    LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP
    NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK
    SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA
    VC VE VG VI VN VU WF WS XA XB XC XD XF XK XS YE YT ZA ZM ZW
    """.split()
)


def cusip(value: str) -> bool:
    """A North American securities number of nine characters. Source: ANSI X9.6."""
    plain = compact(value).upper()
    if re.fullmatch(r"[0-9A-Z*@#]{8}[0-9]", plain) is None:
        return False
    total = 0
    for place, letter in enumerate(plain[:8]):
        number = _SHORT_VALUE[letter] * (1 + place % 2)
        total += number // 10 + number % 10
    return (10 - total % 10) % 10 == int(plain[8])


def figi(value: str) -> bool:
    """A Financial Instrument Global Identifier of twelve characters. Source: OMG FIGI 1.1."""
    plain = compact(value)
    if re.fullmatch(r"[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]", plain) is None:
        return False
    if plain[:2] in ("BS", "BM", "GG", "GB", "GH", "KY", "VG"):
        return False
    total = 0
    for place, letter in enumerate(plain[:11]):
        number = _SHORT_VALUE[letter] * (1 + place % 2)
        total += number // 10 + number % 10
    return (10 - total % 10) % 10 == int(plain[11])


def sedol(value: str) -> bool:
    """A London Stock Exchange number of seven characters, weights 1 3 1 7 3 9 1. Source: SEDOL Masterfile."""
    plain = compact(value).upper()
    if re.fullmatch(r"[0-9B-DF-HJ-NP-TV-Z]{6}[0-9]", plain) is None:
        return False
    return (
        sum(
            _SHORT_VALUE[letter] * weight for letter, weight in zip(plain, (1, 3, 1, 7, 3, 9, 1), strict=True)
        )
        % 10
        == 0
    )


def lei(value: str) -> bool:
    """A Legal Entity Identifier: 18 characters and two check digits. Source: ISO 17442."""
    plain = compact(value).upper()
    return len(plain) == 20 and plain[18:].isdigit() and mod_97(plain) == 1


# --- addresses of ledgers -----------------------------------------------------------------------------

_BITCOIN_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE_58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PLACES = {
    alphabet: {letter: place for place, letter in enumerate(alphabet)}
    for alphabet in (_BITCOIN_58, _RIPPLE_58)
}

MAX_BASE58 = 128
"""Longer values are not decoded: the work grows with the square."""


def _base58(value: str, alphabet: str) -> bytes | None:
    if not 0 < len(value) <= MAX_BASE58:
        return None
    places = _PLACES[alphabet]
    number = 0
    try:
        for letter in value:
            number = number * 58 + places[letter]
    except KeyError:
        return None
    zeros = len(value) - len(value.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _checked(raw: bytes | None, length: int | None = None) -> bool:
    if raw is None or len(raw) < 5 or length is not None and len(raw) != length:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def base58check(value: str) -> bool:
    """Base58 with four bytes of double SHA-256 behind: Bitcoin, Litecoin, Dogecoin, Tron. Source: BIP 13."""
    return _checked(_base58(value, _BITCOIN_58), 25)


def ripple(value: str) -> bool:
    """An XRP Ledger account: base58check in its own alphabet. Source: xrpl.org, base58 encodings."""
    return value.startswith("r") and _checked(_base58(value, _RIPPLE_58), 25)


def solana(value: str) -> bool:
    """Base58 of exactly 32 bytes, with capitals, small letters and digits. Source: solana.com, Accounts."""
    raw = _base58(value, _BITCOIN_58)
    if raw is None or len(raw) != 32:
        return False
    return value not in (value.upper(), value.lower()) and not value.isalpha()


def monero_shape(value: str) -> bool:
    """
    A Monero address: 95 or 106 characters of base58 in blocks of eleven.

    Source: docs.getmonero.org, Standard address.
    """
    return (
        len(value) in (95, 106)
        and value[0] in "48"
        and all(letter in _PLACES[_BITCOIN_58] for letter in value)
    )


def bech32(value: str) -> bool:
    """A segregated-witness address in bech32 or bech32m, checksum by version. Source: BIP 173, BIP 350."""
    if value != value.lower() and value != value.upper():
        return False
    plain = value.lower()
    prefix, mark, data = plain.rpartition("1")
    if (
        not mark
        or not prefix
        or not 7 <= len(data) <= 85
        or any(not 33 <= ord(letter) < 127 for letter in prefix)
    ):
        return False
    places = [_BECH32.find(letter) for letter in data]
    if -1 in places:
        return False
    expanded = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = _polymod(expanded + places)
    return check == (1 if places[0] == 0 else 0x2BC830A3)


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> place & 1:
                check ^= generator
    return check


def eip55(value: str) -> bool:
    """An Ethereum address whose capitals are the checksum; all one case proves nothing. Source: EIP-55."""
    body = value[2:]
    if (
        len(body) != 40
        or value[:2] not in ("0x", "0X")
        or not all(letter in "0123456789abcdefABCDEF" for letter in body)
    ):
        return False
    if body == body.lower() or body == body.upper():
        return False
    hashed = keccak_256(body.lower().encode()).hex()
    return all(
        letter == (letter.upper() if nibble > "7" else letter.lower())
        for letter, nibble in zip(body, hashed, strict=False)
    )


_ROUND_CONSTANTS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip
_ROTATE = (0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14)
_TARGET = tuple((place // 5) + 5 * ((2 * (place % 5) + 3 * (place // 5)) % 5) for place in range(25))
_MASK = (1 << 64) - 1
_RATE = 136


def keccak_256(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it (padding 0x01; SHA3-256 differs). Source: Keccak reference 3.0."""
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % _RATE))
    padded[-1] |= 0x80
    lanes = [0] * 25
    for block in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            lanes[place] ^= int.from_bytes(padded[block + 8 * place : block + 8 * place + 8], "little")
        for constant in _ROUND_CONSTANTS:
            lanes = _keccak_round(lanes, constant)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _keccak_round(lanes: list[int], constant: int) -> list[int]:
    columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
    turned = [
        columns[(x + 4) % 5] ^ ((columns[(x + 1) % 5] << 1 | columns[(x + 1) % 5] >> 63) & _MASK)
        for x in range(5)
    ]
    moved = [0] * 25
    for place in range(25):
        lane = lanes[place] ^ turned[place % 5]
        turn = _ROTATE[place]
        moved[_TARGET[place]] = (lane << turn | lane >> (64 - turn)) & _MASK
    made = [
        moved[place]
        ^ (~moved[place - place % 5 + (place + 1) % 5] & moved[place - place % 5 + (place + 2) % 5] & _MASK)
        for place in range(25)
    ]
    made[0] ^= constant
    return made


VALIDATORS: dict[str, Validator] = {
    "luhn": luhn,
    "payment_card": payment_card,
    "card_track": card_track,
    "imei": imei,
    "iccid": iccid,
    "verhoeff": verhoeff,
    "damm": damm,
    "iso7064_mod_97_10": iso7064_mod_97_10,
    "iso7064_mod_11_2": iso7064_mod_11_2,
    "iso7064_mod_37_2": iso7064_mod_37_2,
    "iso7064_mod_11_10": iso7064_mod_11_10,
    "iso7064_mod_37_36": iso7064_mod_37_36,
    "iban": iban,
    "nrb": nrb,
    "creditor_id": creditor_id,
    "iso11649": iso11649,
    "be_ogm": be_ogm,
    "aba": aba,
    "ccc": ccc,
    "cbu": cbu,
    "clabe": clabe,
    "nz_account": nz_account,
    "cz_account": cz_account,
    "no_account": no_account,
    "bankgiro": bankgiro,
    "esr": esr,
    "isin": isin,
    "cusip": cusip,
    "figi": figi,
    "sedol": sedol,
    "lei": lei,
    "base58check": base58check,
    "ripple": ripple,
    "solana": solana,
    "monero_shape": monero_shape,
    "bech32": bech32,
    "eip55": eip55,
}
