"""National and tax identifiers of central and eastern Europe, the Balkans and the Baltic states."""

from __future__ import annotations

import re

from sensor.detect.finding import Validator
from sensor.detect.validators.national.sums import (
    checked,
    day,
    digits_of,
    known_day,
    letter_value,
    mod_11_10_holds,
    plain,
    weigh,
)

__all__ = ["VALIDATORS"]


def bg_egn(value: str) -> bool:
    """Bulgarian uniform civil number: date (month + 20 or + 40 by century), modulus 11 (ГРАО, ЕГН)."""
    text = digits_of(value, 10)
    return (
        text is not None
        and day(int(text[2:4]) % 20, int(text[4:6]))
        and int(text[2:4]) <= 52
        and weigh(text, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(text[9])
    )


def cz_rc(value: str) -> bool | None:
    """Czech and Slovak birth number: date and modulus 11; nine digits until 1953 without a check."""
    text = digits_of(value, 9, 10)
    if text is None or int(text[2:4]) % 50 > 32 or not day(int(text[2:4]) % 50 % 20, int(text[4:6])):
        return False
    if len(text) == 9:
        return None
    return int(text[:9]) % 11 % 10 == int(text[9])


def ee_ik(value: str) -> bool:
    """Estonian and Lithuanian personal code: sex and century, date, two rounds of modulus 11 (EVS 585)."""
    text = digits_of(value, 11)
    if text is None or text[0] not in "12345678" or not known_day(text[1:7]):
        return False
    rest = weigh(text, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if rest == 10:
        rest = weigh(text, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return rest == int(text[10])


def lv_pk(value: str) -> bool | None:
    """Latvian personal code: date and modulus 11; codes from 32 on carry neither (since July 2017)."""
    text = digits_of(value, 11)
    if text is None:
        return False
    if text[:1] == "3" and text[1] >= "2":
        return None
    return (
        day(int(text[2:4]), int(text[:2]))
        and text[6] in "012"
        and (1 + weigh(text, (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))) % 11 % 10 == int(text[10])
    )


def hu_taj(value: str) -> bool:
    """Hungarian social security number: weights 3 and 7 (Act XX of 1996, annex)."""
    text = digits_of(value, 9)
    return text is not None and weigh(text, (3, 7, 3, 7, 3, 7, 3, 7)) % 10 == int(text[8])


def hu_tax(value: str) -> bool:
    """Hungarian tax id of a person: 8, days since 1867, serial, modulus 11 (same act)."""
    text = digits_of(value, 10)
    return text is not None and text[0] == "8" and weigh(text, range(1, 10)) % 11 == int(text[9])


def hu_personal(value: str) -> bool:
    """Hungarian personal number: sex and century, date, serial, modulus 11 (weights turn round in 1997)."""
    text = digits_of(value, 11)
    if text is None or text[0] not in "12345678" or not known_day(text[1:7]):
        return False
    return int(text[10]) in (weigh(text, range(1, 11)) % 11, weigh(text, range(10, 0, -1)) % 11)


def hu_vat(value: str) -> bool:
    """Hungarian tax number: eight digits by 9 7 3 1, then VAT code and county, or HU before the eight."""
    text = digits_of(plain(value).removeprefix("HU"), 8, 11)
    return text is not None and weigh(text[:8], (9, 7, 3, 1, 9, 7, 3, 1)) % 10 == 0


def pl_pesel(value: str) -> bool:
    """Polish PESEL: date (month + 20 a century), weights 1 3 7 9."""
    text = digits_of(value, 11)
    return (
        text is not None
        and day(int(text[2:4]) % 20, int(text[4:6]))
        and weigh(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def pl_nip(value: str) -> bool:
    """Polish tax number, with or without PL: modulus 11."""
    text = digits_of(plain(value).removeprefix("PL"), 10)
    return text is not None and weigh(text, (6, 5, 7, 2, 3, 4, 5, 6, 7, -1)) % 11 == 0


def pl_regon(value: str) -> bool:
    """Polish statistical number of nine or fourteen digits: modulus 11."""
    text = digits_of(value, 9, 14)
    if text is None:
        return False
    short = weigh(text[:8], (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10 == int(text[8])
    if len(text) == 9:
        return short
    return short and weigh(text[:13], (2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)) % 11 % 10 == int(text[13])


def pl_dowod(value: str) -> bool:
    """Polish identity card: three letters, check digit, five digits."""
    text = plain(value)
    return bool(re.fullmatch(r"[A-Z]{3}[0-9]{6}", text)) and (
        sum(
            letter_value(sign) * weight
            for sign, weight in zip(text, (7, 3, 1, 9, 7, 3, 1, 7, 3), strict=True)
        )
        % 10
        == 0
    )


def ro_cnp(value: str) -> bool:
    """Romanian personal number: sex and century, date, county, modulus 11."""
    text = digits_of(value, 13)
    if text is None or text[0] == "0" or not known_day(text[1:7]):
        return False
    rest = weigh(text, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if rest == 10 else rest) == int(text[12])


def ro_cui(value: str) -> bool:
    """Romanian tax number of a company, two to ten digits, with or without RO."""
    text = digits_of(plain(value).removeprefix("RO"), *range(4, 11))
    return (
        text is not None
        and text[0] != "0"
        and weigh(text[:-1].zfill(9), (7, 5, 3, 2, 1, 7, 5, 3, 2)) * 10 % 11 % 10 == int(text[-1])
    )


def jmbg(value: str) -> bool:
    """Personal number of the former Yugoslavia (JMBG, EMŠO, EMBG): date, region, modulus 11."""
    text = digits_of(value, 13)
    return (
        text is not None
        and day(int(text[2:4]), int(text[:2]))
        and text[4] in "09"
        and weigh(text, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def rs_pib(value: str) -> bool:
    """Serbian tax number: MOD 11,10."""
    text = digits_of(value, 9)
    return text is not None and mod_11_10_holds(text)


def ru_inn(value: str) -> bool:
    """Russian tax number: ten digits for companies, twelve for people (Приказ ФНС ММВ-7-6/435)."""
    text = digits_of(value, 10, 12)
    if text is None:
        return False
    if len(text) == 10:
        return weigh(text, (2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10 == int(text[9])
    return weigh(text, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10 == int(text[10]) and weigh(
        text, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    ) % 11 % 10 == int(text[11])


def ru_snils(value: str) -> bool:
    """Russian pension insurance number: nine digits and their sum by 101."""
    text = digits_of(value, 11)
    return text is not None and weigh(text[:9], range(9, 0, -1)) % 101 % 100 == int(text[9:])


def ru_ogrn(value: str) -> bool:
    """Russian registration number: rest by 11 (companies) or by 13 (sole traders)."""
    text = digits_of(value, 13, 15)
    return text is not None and text[0] != "0" and int(text[:-1]) % (len(text) - 2) % 10 == int(text[-1])


def md_idnp(value: str) -> bool:
    """Moldovan personal or company number: weights 7 3 1."""
    text = digits_of(value, 13)
    return text is not None and text[0] in "0129" and weigh(text, (7, 3, 1) * 4) % 10 == int(text[12])


def by_personal(value: str) -> bool | None:
    """
    Belarusian personal number 1234567A123PB1, proven by weights 7 3 1.

    The weights are not official: a number without them is not refused.
    """
    text = plain(value)
    if not re.fullmatch(r"[1-6][0-9]{6}[ABCHKEM][0-9]{3}(?:PB|BA|BI)[0-9]", text):
        return False
    total = sum(letter_value(sign) * (7, 3, 1)[at % 3] for at, sign in enumerate(text[:13]))
    return total % 10 == int(text[13]) or None


def tr_tckn(value: str) -> bool:
    """Turkish identity number (NVİ): two checks over odd and even places."""
    text = digits_of(value, 11)
    if text is None or text[0] == "0":
        return False
    odd, even = sum(map(int, text[0:9:2])), sum(map(int, text[1:8:2]))
    return (7 * odd - even) % 10 == int(text[9]) and sum(map(int, text[:10])) % 10 == int(text[10])


def kz_iin(value: str) -> bool:
    """Kazakh individual number: date, century, two rounds of modulus 11."""
    text = digits_of(value, 12)
    if text is None or not known_day(text[:6]) or text[6] not in "0123456":
        return False
    rest = weigh(text, range(1, 12)) % 11
    if rest == 10:
        rest = weigh(text, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return rest == int(text[11])


VALIDATORS: dict[str, Validator] = {
    "bg_egn": bg_egn,
    "by_personal": by_personal,
    "cz_rc": cz_rc,
    "ee_ik": ee_ik,
    "hu_personal": hu_personal,
    "hu_taj": hu_taj,
    "hu_tax": hu_tax,
    "hu_vat": hu_vat,
    "jmbg": jmbg,
    "kz_iin": kz_iin,
    "lt_asmens": ee_ik,
    "lv_pk": lv_pk,
    "md_idnp": md_idnp,
    "pl_dowod": pl_dowod,
    "pl_nip": pl_nip,
    "pl_pesel": pl_pesel,
    "pl_regon": pl_regon,
    "ro_cnp": ro_cnp,
    "ro_cui": ro_cui,
    "rs_pib": rs_pib,
    "ru_inn": ru_inn,
    "ru_ogrn": ru_ogrn,
    "ru_snils": ru_snils,
    "tr_tckn": tr_tckn,
    # Державна податкова служба, РНОКПП.
    "ua_rnokpp": checked((-1, 5, 7, 9, 4, 6, 10, 5, 7), lambda total: total % 11 % 10),
}
"""By name; what is not here may be in ``borrowed``."""
