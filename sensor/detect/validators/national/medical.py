"""Identifiers of patients, prescribers and practices."""

from __future__ import annotations

import re

from sensor.detect.finding import Validator
from sensor.detect.lazily import lazily
from sensor.detect.validators.national.sums import digits_of, luhn_holds, plain, shape_only, weigh

__all__ = ["VALIDATORS"]

_MBI = lazily(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
    r"[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)


def us_mbi(value: str) -> bool:
    """US Medicare beneficiary identifier (CMS, "Understanding the MBI format"): no S L O I B Z."""
    return _MBI.fullmatch(plain(value)) is not None


def us_npi(value: str) -> bool:
    """US provider identifier: Luhn with 80840 before it (45 CFR 162.406)."""
    text = digits_of(value, 10)
    return text is not None and text[0] in "12" and luhn_holds("80840" + text)


def us_dea(value: str) -> bool:
    """US prescriber number: two letters, six digits, check (21 CFR 1301)."""
    text = plain(value)
    if not re.fullmatch(r"[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}", text):
        return False
    return weigh(text[2:8], (1, 2, 1, 2, 1, 2)) % 10 == int(text[8])


def ca_bc_phn(value: str) -> bool:
    """British Columbia's health number: 9, eight digits by 11, check."""
    text = digits_of(value, 10)
    return (
        text is not None
        and text[0] == "9"
        and -weigh(text[1:9], (2, 4, 8, 5, 10, 9, 7, 3)) % 11 == int(text[9])
    )


def ca_on_hcn(value: str) -> bool:
    """Ontario's health number, with or without version code: Luhn."""
    text = digits_of(re.sub("[A-Z]{1,2}$", "", plain(value)), 10)
    return text is not None and text[0] != "0" and luhn_holds(text)


def de_lanr(value: str) -> bool:
    """German physician number: six digits by 4 and 9, check, specialty (KBV)."""
    text = digits_of(value, 9)
    return text is not None and -weigh(text[:6], (4, 9, 4, 9, 4, 9)) % 10 == int(text[6])


def fr_rpps(value: str) -> bool:
    """French health professional number: Luhn over eleven digits beginning with 1."""
    text = digits_of(value, 11)
    return text is not None and text[0] == "1" and luhn_holds(text)


def au_medicare(value: str) -> bool:
    """Australian Medicare card, with or without the person's place on it: weights 1 3 7 9."""
    text = digits_of(value, 10, 11)
    return (
        text is not None
        and text[0] in "23456"
        and weigh(text[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(text[8])
    )


def au_ihi(value: str) -> bool:
    """Australian health identifier: 8003 60 (a person), 61, 62 (provider, organisation), Luhn (AS 5017)."""
    text = digits_of(value, 16)
    return text is not None and text[:6] in ("800360", "800361", "800362") and luhn_holds(text)


_NHI = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def nz_nhi(value: str) -> bool:
    """New Zealand health index ABC1235 (by 11), and ABC12DV since 2026 (by 24) (HISO 10046)."""
    text = plain(value)
    if not re.fullmatch(r"[A-HJ-NP-Z]{3}[0-9]{2}(?:[0-9]{2}|[A-HJ-NP-Z]{2})", text):
        return False
    values = [int(sign) if sign.isdigit() else _NHI.index(sign) + 1 for sign in text]
    total = sum(value * weight for value, weight in zip(values, (7, 6, 5, 4, 3, 2), strict=False))
    if text[6].isdigit():
        return total % 11 != 0 and (11 - total % 11) % 10 == values[6]
    return 24 - total % 24 == values[6]


def icd10(value: str) -> bool | None:
    """A diagnosis of ICD-10: a letter, a digit, a digit or A or B, up to four signs behind the dot."""
    return (
        None if re.fullmatch(r"[A-TV-Z][0-9][0-9AB](?:\.[0-9A-TV-Z]{1,4})?", value.strip().upper()) else False
    )


VALIDATORS: dict[str, Validator] = {
    "au_ihi": au_ihi,
    "au_medicare": au_medicare,
    "ca_bc_phn": ca_bc_phn,
    "ca_on_hcn": ca_on_hcn,
    # RAMQ: three letters of the surname, one of the first name, date (women's month + 50), two digits.
    "ca_ramq": shape_only(lambda text: re.fullmatch(r"[A-Z]{4}[0-9]{2}[0156][0-9]{5}", text) is not None),
    "de_bsnr": shape_only(lambda text: digits_of(text, 9) is not None),
    "de_lanr": de_lanr,
    "fr_rpps": fr_rpps,
    "icd10": icd10,
    "nz_nhi": nz_nhi,
    "us_dea": us_dea,
    "us_mbi": us_mbi,
    "us_npi": us_npi,
}
"""By name."""
