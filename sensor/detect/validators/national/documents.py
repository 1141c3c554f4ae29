"""Travel documents, driving licences, vehicles and ships."""

from __future__ import annotations

import re

from sensor.detect.finding import Validator
from sensor.detect.lazily import lazily
from sensor.detect.validators.national.sums import day, digits_of, letter_value, plain, weigh

__all__ = ["VALIDATORS", "mrz_digit", "mrz_holds"]


def mrz_digit(field: str) -> str:
    """The check digit of a field of the machine readable zone: weights 7 3 1 (ICAO 9303-3, 4.9)."""
    return str(
        sum((0 if sign == "<" else letter_value(sign)) * (7, 3, 1)[at % 3] for at, sign in enumerate(field))
        % 10
    )


def mrz_holds(core: str) -> bool:
    """Whether birth date, sex and expiry date of a zone (15 signs from the birth date on) check out."""
    return (
        mrz_digit(core[:6]) == core[6]
        and mrz_digit(core[8:14]) == core[14]
        and day(int(core[10:12]), int(core[12:14]))
    )


_VIN = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)),
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(value: str) -> bool | None:
    """
    Vehicle identification number (ISO 3779).

    The ninth sign is a check digit in North America (49 CFR 565.15) and China, elsewhere it may be anything:
    where it does not hold, a number from there is refused and another cannot be told.
    """
    text = plain(value)
    if (
        not re.fullmatch(r"[A-HJ-NPR-Z0-9]{13}[0-9]{4}|[A-HJ-NPR-Z0-9]{17}", text)
        or text.isdigit()
        or text.isalpha()
    ):
        return False
    rest = sum(_VIN[sign] * weight for sign, weight in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return "0123456789X"[rest] == text[8] or None


def vin_checked(value: str) -> bool:
    """A VIN whose check digit holds."""
    return vin(value) is True


def imo(value: str) -> bool:
    """IMO ship number: six digits and a check (IMO resolution A.1117(30))."""
    text = digits_of(plain(value).removeprefix("IMO"), 7)
    return text is not None and weigh(text[:6], (7, 6, 5, 4, 3, 2)) % 10 == int(text[6])


_GB_LICENCE = lazily(
    r"[A-Z9]{5}[0-9](?:[05][1-9]|[16][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9][A-Z9]{2}[0-9A-Z][A-Z]{2}(?:[0-9]{2})?"
)


def gb_licence(value: str) -> bool:
    """British driver number: surname, decade, month (women + 50), day, year, initials (DVLA, form D1)."""
    return _GB_LICENCE.fullmatch(plain(value)) is not None


def us_passport(value: str) -> bool | None:
    """A US passport: nine digits, or a letter and eight."""
    return None if re.fullmatch(r"[A-Z0-9][0-9]{8}", plain(value)) else False


def soundex_licence(value: str) -> bool | None:
    """Driving licences that begin with the letter and Soundex of the surname (FL, IL, MD, MI, MN, WI)."""
    return None if re.fullmatch(r"[A-Z][0-6]{3}[0-9]{8,10}", plain(value)) else False


VALIDATORS: dict[str, Validator] = {
    "gb_licence": gb_licence,
    "imo": imo,
    "soundex_licence": soundex_licence,
    "us_passport": us_passport,
    "vin": vin,
    "vin_checked": vin_checked,
}
"""By name."""
