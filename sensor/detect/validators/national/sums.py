"""
What the checks of the world's identifiers are made of: weights and moduli, dates, and what ``checksums`` has.

A value comes as it stands in the text; ``plain`` takes its separators out. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import mul

from sensor.detect.finding import Validator
from sensor.detect.validators.checksums import iso7064_mod_11_10 as mod_11_10_holds
from sensor.detect.validators.checksums import luhn as luhn_holds
from sensor.detect.validators.checksums import verhoeff as verhoeff_holds

__all__ = [
    "all_of", "checked", "day", "digits_of", "known_day", "letter_value", "luhn_holds", "mod_11_10_holds",
    "plain", "shape_only", "verhoeff_holds", "weigh", "weighted",
]  # fmt: skip

_SEPARATORS = str.maketrans("", "", " \t-./_·,'()\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013")

DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def plain(value: str) -> str:
    """The value without separators, in capitals."""
    return value.translate(_SEPARATORS).upper()


def digits_of(value: str, *lengths: int) -> str | None:
    """The digits of a value that is nothing but digits, of one of these lengths and not all the same."""
    text = value.translate(_SEPARATORS)
    if len(text) not in lengths or not (text.isascii() and text.isdigit()) or text == text[0] * len(text):
        return None
    return text


def weigh(text: str, weights: Sequence[int]) -> int:
    """The sum of digit times weight, as far as the shorter of the two goes."""
    return sum(map(mul, map(int, text), weights))


def weighted(weights: Sequence[int], modulus: int) -> Validator:
    """A check by a weighted sum over all digits that has to be divisible by ``modulus``."""

    def check(value: str) -> bool:
        text = digits_of(value, len(weights))
        return text is not None and weigh(text, weights) % modulus == 0

    return check


def checked(weights: Sequence[int], rule: Callable[[int], int]) -> Validator:
    """A check where the last digit is ``rule`` of the weighted sum over those before it."""

    def check(value: str) -> bool:
        text = digits_of(value, len(weights) + 1)
        return text is not None and rule(weigh(text, weights)) == int(text[-1])

    return check


def all_of(*checks: Validator) -> Validator:
    """A check that holds where all of these do."""
    return lambda value: all(check(value) for check in checks)


def shape_only(fits: Callable[[str], bool]) -> Validator:
    """A check that can refuse and never prove."""
    return lambda value: None if fits(plain(value)) else False


def letter_value(sign: str) -> int:
    """0 to 9 for digits, 10 to 35 for A to Z (ICAO 9303-3, 4.9)."""
    return int(sign, 36)


def day(month: int, of_month: int) -> bool:
    """Whether a month has this day in some year."""
    return 1 <= month <= 12 and 1 <= of_month <= DAYS[month]


def known_day(text: str) -> bool:
    """Whether six or eight digits end in a month and a day (YYMMDD, YYYYMMDD)."""
    return day(int(text[-4:-2]), int(text[-2:]))
