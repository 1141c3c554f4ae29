"""National and tax identifiers of Asia, Africa and Oceania."""

from __future__ import annotations

import re

from sensor.detect.finding import Validator
from sensor.detect.validators.national.sums import (
    checked,
    day,
    digits_of,
    known_day,
    letter_value,
    luhn_holds,
    plain,
    shape_only,
    verhoeff_holds,
    weigh,
)

__all__ = ["VALIDATORS"]


def cn_ric(value: str) -> bool:
    """Chinese resident number: area, date of birth, serial, MOD 11-2 (GB 11643-1999)."""
    text = plain(value)
    if not re.fullmatch(r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]", text) or not known_day(text[6:14]):
        return False
    return (
        "10X98765432"[weigh(text[:17], (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11]
        == text[17]
    )


def hk_id(value: str) -> bool:
    """Hong Kong identity card A123456(7): modulus 11, blank before one letter counts 36."""
    text = plain(value)
    if not re.fullmatch(r"[A-Z]{1,2}[0-9]{6}[0-9A]", text):
        return False
    head = [36, letter_value(text[0])] if len(text) == 8 else [letter_value(text[0]), letter_value(text[1])]
    total = 9 * head[0] + 8 * head[1] + weigh(text[-7:-1], (7, 6, 5, 4, 3, 2)) + letter_value(text[-1])
    return total % 11 == 0


_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def tw_id(value: str) -> bool:
    """Taiwanese identity card or resident certificate: area letter, sex, serial, modulus 10."""
    text = plain(value)
    if not re.fullmatch(r"[A-Z][1289A-D][0-9]{8}", text):
        return False
    area = _TAIWAN.index(text[0]) + 10
    second = _TAIWAN.index(text[1]) % 10 if text[1].isalpha() else int(text[1])
    total = area // 10 + area % 10 * 9 + second * 8 + weigh(text[2:], (7, 6, 5, 4, 3, 2, 1, 1))
    return total % 10 == 0


def jp_my_number(value: str) -> bool:
    """Japanese individual number: modulus 11 (ministerial ordinance 85 of 2014, article 5)."""
    text = digits_of(value, 12)
    if text is None:
        return False
    rest = weigh(text, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(text[11])


def jp_cn(value: str) -> bool:
    """Japanese corporate number: the first digit is 9 less the rest by 9."""
    text = digits_of(value.upper().removeprefix("T"), 13)
    return text is not None and 9 - weigh(text[1:], (2, 1) * 6) % 9 == int(text[0])


def kr_rrn(value: str) -> bool | None:
    """Korean resident number: date, sex and century; the check is not kept any more since October 2020."""
    text = digits_of(value, 13)
    if text is None or not known_day(text[:6]) or text[6] not in "123456789":
        return False
    return (11 - weigh(text, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(text[12]) or None


def in_aadhaar(value: str) -> bool:
    """Indian Aadhaar: Verhoeff, beginning with 2 to 9, no palindrome (UIDAI)."""
    text = digits_of(value, 12)
    return text is not None and text[0] > "1" and text != text[::-1] and verhoeff_holds(text)


in_pan = shape_only(lambda text: re.fullmatch(r"[A-Z]{3}[ABCFGHLJPTK][A-Z][0-9]{4}[A-Z]", text) is not None)


def in_gstin(value: str) -> bool:
    """Indian tax number of a business: state, PAN, entity, Z, MOD 36."""
    text = plain(value)
    if not re.fullmatch(r"[0-3][0-9][A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]", text):
        return False
    total = sum(sum(divmod(letter_value(sign) * (1 + at % 2), 36)) for at, sign in enumerate(text[:14]))
    return -total % 36 == letter_value(text[14])


def in_epic(value: str) -> bool:
    """Indian voter card: three letters and seven digits by Luhn."""
    text = plain(value)
    return bool(re.fullmatch(r"[A-Z]{3}[0-9]{7}", text)) and luhn_holds(text[3:])


def th_pin(value: str) -> bool:
    """Thai identity number: weights 13 to 2 by 11."""
    text = digits_of(value, 13)
    return (
        text is not None
        and text[0] not in "09"
        and (11 - weigh(text, range(13, 1, -1)) % 11) % 10 == int(text[12])
    )


def my_nric(value: str) -> bool | None:
    """Malaysian identity card: date, place of birth, serial; no check digit."""
    text = digits_of(value, 12)
    return (
        None
        if text is not None and known_day(text[:6]) and text[6:8] not in ("00", "17", "18", "19", "20")
        else False
    )


_FIN = {"S": (0, "JZIHGFEDCBA"), "T": (4, "JZIHGFEDCBA"), "F": (0, "XWUTRQPNMLK"), "G": (4, "XWUTRQPNMLK"),
        "M": (3, "KLJNPQRTUWX")}  # fmt: skip


def sg_nric(value: str) -> bool:
    """Singaporean NRIC or FIN: seven digits and a letter by 11."""
    text = plain(value)
    if not re.fullmatch(r"[STFGM][0-9]{7}[A-Z]", text):
        return False
    offset, letters = _FIN[text[0]]
    rest = (weigh(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + offset) % 11
    return (letters[10 - rest] if text[0] == "M" else letters[rest]) == text[8]


def id_nik(value: str) -> bool | None:
    """Indonesian identity number: region, date (women's day + 40), serial; no check digit."""
    text = digits_of(value, 16)
    if (
        text is None
        or not 11 <= int(text[:2]) <= 97
        or int(text[6:8]) > 71
        or not day(int(text[8:10]), int(text[6:8]) % 40)
    ):
        return False
    return None


def vn_cccd(value: str) -> bool | None:
    """Vietnamese citizen card: province to 096, sex and century, year; no check digit."""
    text = digits_of(value, 12)
    return None if text is not None and text[0] == "0" and 1 <= int(text[:3]) <= 96 else False


def pk_cnic(value: str) -> bool | None:
    """Pakistani identity card 12345-1234567-1; no check digit."""
    text = digits_of(value, 13)
    return None if text is not None and text[0] in "12345678" else False


def lk_nic(value: str) -> bool | None:
    """Sri Lankan identity card: year, day of the year (women + 500), serial, V or X; or twelve digits."""
    text = plain(value)
    if not re.fullmatch(r"[0-9]{9}[VX]|(?:19|20)[0-9]{10}", text):
        return False
    return None if 1 <= int(text[-8:-5] if len(text) == 12 else text[2:5]) % 500 <= 366 else False


def il_id(value: str) -> bool:
    """Israeli identity number: Luhn over nine digits."""
    text = digits_of(value, 8, 9)
    return text is not None and luhn_holds(text.zfill(9))


def sa_id(value: str) -> bool:
    """Saudi identity (1) or residence (2) number: Luhn."""
    text = digits_of(value, 10)
    return text is not None and text[0] in "12" and luhn_holds(text)


def ae_id(value: str) -> bool | None:
    """Emirates id 784-YYYY-1234567-1: proven by Luhn, which not all cards keep."""
    text = digits_of(value, 15)
    if text is None or text[:3] != "784" or text[3:5] not in ("19", "20"):
        return False
    return luhn_holds(text) or None


def kw_civil(value: str) -> bool:
    """Kuwaiti civil number: century, date, serial, modulus 11."""
    text = digits_of(value, 12)
    return (
        text is not None
        and text[0] in "123"
        and known_day(text[1:7])
        and 11 - weigh(text, (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11 == int(text[11])
    )


def ir_melli(value: str) -> bool:
    """Iranian national code: weights 10 to 2 by 11."""
    text = digits_of(value, 10)
    if text is None:
        return False
    rest = weigh(text, range(10, 1, -1)) % 11
    return (rest if rest < 2 else 11 - rest) == int(text[9])


def eg_nid(value: str) -> bool | None:
    """Egyptian national number: century, date, governorate; the check is not public."""
    text = digits_of(value, 14)
    if (
        text is None
        or text[0] not in "23"
        or not known_day(text[1:7])
        or not 1 <= int(text[7:9]) <= 35
        and text[7:9] != "88"
    ):
        return False
    return None


def uz_pinfl(value: str) -> bool:
    """Uzbek personal number: weights 7 3 1."""
    text = digits_of(value, 14)
    return text is not None and text[0] in "123456" and weigh(text, (7, 3, 1) * 5) % 10 == int(text[13])


def za_id(value: str) -> bool:
    """South African identity number: date, serial, citizenship, 8 or 9, Luhn."""
    text = digits_of(value, 13)
    return text is not None and known_day(text[:6]) and text[10] in "012" and luhn_holds(text)


ng_nin = shape_only(lambda text: digits_of(text, 11) is not None)
ke_pin = shape_only(lambda text: re.fullmatch(r"[AP][0-9]{9}[A-Z]", text) is not None)


def rw_id(value: str) -> bool | None:
    """Rwandan identity number: status, year of birth, sex, serial, issue, check; the check is not public."""
    text = digits_of(value, 16)
    return (
        None
        if text is not None and text[0] in "123" and text[1:3] in ("19", "20") and text[5] in "78"
        else False
    )


def au_tfn(value: str) -> bool:
    """Australian tax file number, eight or nine digits: modulus 11."""
    text = digits_of(value, 8, 9)
    if text is None:
        return False
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(text) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return weigh(text, weights) % 11 == 0


def au_abn(value: str) -> bool:
    """Australian business number: one less in the first digit, modulus 89."""
    text = digits_of(value, 11)
    return (
        text is not None
        and text[0] != "0"
        and (weigh(text, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0
    )


def nz_ird(value: str) -> bool:
    """New Zealand tax number, eight or nine digits: two rounds of modulus 11 (Inland Revenue)."""
    text = digits_of(value, 8, 9)
    if text is None or not 10_000_000 < int(text) < 150_000_000:
        return False
    padded = text.zfill(9)
    rest = -weigh(padded, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if rest == 10:
        rest = -weigh(padded, (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return rest == int(padded[8])


VALIDATORS: dict[str, Validator] = {
    "ae_id": ae_id,
    "au_abn": au_abn,
    # ASIC, "Australian Company Number digit check".
    "au_acn": checked((8, 7, 6, 5, 4, 3, 2, 1), lambda total: -total % 10),
    "au_tfn": au_tfn,
    "cn_ric": cn_ric,
    "eg_nid": eg_nid,
    "hk_id": hk_id,
    "id_nik": id_nik,
    "il_id": il_id,
    "in_aadhaar": in_aadhaar,
    "in_epic": in_epic,
    "in_gstin": in_gstin,
    "in_pan": in_pan,
    "ir_melli": ir_melli,
    "jp_cn": jp_cn,
    "jp_my_number": jp_my_number,
    "ke_pin": ke_pin,
    "kr_rrn": kr_rrn,
    "kw_civil": kw_civil,
    "lk_nic": lk_nic,
    "my_nric": my_nric,
    "ng_nin": ng_nin,
    "nz_ird": nz_ird,
    "pk_cnic": pk_cnic,
    "rw_id": rw_id,
    "sa_id": sa_id,
    "sg_nric": sg_nric,
    "th_pin": th_pin,
    "tw_id": tw_id,
    "uz_pinfl": uz_pinfl,
    "vn_cccd": vn_cccd,
    # Tổng cục Thuế: weights 31 29 23 19 17 13 7 5 3, check is 10 less the rest by 11.
    "vn_mst": checked((31, 29, 23, 19, 17, 13, 7, 5, 3), lambda total: 10 - total % 11),
    "za_id": za_id,
    # SARS, tax reference number: Luhn over ten digits beginning with 0 to 3 or 9.
    "za_tax": lambda value: (
        (text := digits_of(value, 10)) is not None and text[0] in "01239" and luhn_holds(text)
    ),
}
"""By name; what is not here may be in ``borrowed``."""
