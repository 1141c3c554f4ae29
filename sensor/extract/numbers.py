"""
Numbers of spreadsheets as a person reads them: ids whole, dates as dates, masks filled in.

``4.1111111111111111E15`` is the card number 4111111111111111; 45000 under a date format is 2023-03-15;
123456789 under ``000-00-0000`` is 123-45-6789. Thousands separators, colours and scaling are left out: they
would only break values apart.

Source: ECMA-376 part 1, 18.8.30 (numFmt: built-in ids), 18.17.4 (dates and times as serial numbers).
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

__all__ = ["BUILT_IN", "format_number", "is_date_format"]

BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 30, 36, 50, 57), "yyyy-mm-dd"),
    **dict.fromkeys((27, 28, 29, 31, 51, 52, 53, 54, 55, 56, 58), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    49: "@",
}
"""Formats that a file names by number alone; the others are plain numbers."""

_BRACKETS = re.compile(r"\[[^\]]*\]")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_LOCALE_CURRENCY = re.compile(r"\[\$([^\]\-]+)")
_CURRENCY = re.compile(r"[$€£¥₹₩₽₺₴฿₫₪]|\b(?:USD|EUR|GBP|CHF|JPY)\b")
_EPOCH = datetime.datetime(1899, 12, 30)
_LAST = 2_958_466
"""The day after 9999-12-31."""


@lru_cache(maxsize=512)
def is_date_format(code: str) -> bool:
    """Whether a format shows a date or a time."""
    bare = _QUOTED.sub("", code.split(";")[0])
    if re.search(r"\[[hms]+\]", bare, re.IGNORECASE):
        return True
    bare = _BRACKETS.sub("", bare).lower()
    return bool(re.search(r"[ymdhs]", bare)) and not re.search(r"[0#?]", bare.replace(".0", ""))


@lru_cache(maxsize=512)
def _mask(code: str) -> tuple[tuple[str, str], ...] | None:
    """A mask of digits and literals, as (kind, character) pairs; None where the format is no such mask."""
    section = _BRACKETS.sub("", code.split(";")[0])
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(section):
        char = section[at]
        if char == '"':
            stop = section.find('"', at + 1)
            stop = len(section) if stop < 0 else stop
            pairs += [("literal", c) for c in section[at + 1 : stop]]
            at = stop
        elif char == "\\" and at + 1 < len(section):
            at += 1
            pairs.append(("literal", section[at]))
        elif char in "0#?":
            pairs.append(("digit", char))
        elif char in "-()/ +:":
            pairs.append(("literal", char))
        else:
            return None
        at += 1
    zeros = sum(1 for kind, char in pairs if kind == "digit" and char == "0")
    inner = any(kind == "literal" and char in "-()/ " for kind, char in pairs)
    digits = sum(1 for kind, _ in pairs if kind == "digit")
    return tuple(pairs) if len(pairs) <= 64 and digits > 1 and (zeros > 1 or inner) else None


def _fill(mask: tuple[tuple[str, str], ...], digits: str) -> str:
    out: list[str] = []
    left = list(digits)
    first = next(i for i, (kind, _) in enumerate(mask) if kind == "digit")
    for index in range(len(mask) - 1, -1, -1):
        kind, char = mask[index]
        if kind == "literal":
            out.append(char)
        elif index == first:
            out += reversed(left)
            left.clear()
        elif left:
            out.append(left.pop())
        elif char == "0":
            out.append("0")
    text = "".join(reversed(out))
    if mask[first][1] == "0" and len(digits) < sum(1 for kind, _ in mask if kind == "digit"):
        head = "".join(char for kind, char in mask[:first] if kind == "literal")
        text = head + "0" + text[len(head) :]
    return text


def _plain(value: float) -> str:
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return f"{value:.15g}"


def _date(value: float, base_1904: bool) -> str | None:
    days = value + (1462 if base_1904 else 0)
    if not 0 <= days < _LAST:
        return None
    if days < 1:
        seconds = round(days * 86_400)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    moment = _EPOCH + datetime.timedelta(seconds=round(days * 86_400))
    if moment.time() == datetime.time():
        return moment.strftime("%Y-%m-%d") if moment.year >= 1000 else moment.date().isoformat()
    return moment.isoformat(sep=" ")


def format_number(raw: str, code: str, base_1904: bool = False) -> str:
    """The text of a cell's number ``raw`` under the format ``code``; ``raw`` itself where it is no number."""
    if raw.isdigit() and len(raw) > 15:
        return raw
    try:
        value = float(raw)
    except ValueError:
        return raw
    if value != value or value in (float("inf"), float("-inf")):
        return raw
    if not code or code in ("General", "@", "0"):
        return _plain(value)
    if is_date_format(code):
        date = _date(value, base_1904)
        if date is not None:
            return date
    elif value.is_integer() and value >= 0:
        mask = _mask(code)
        if mask is not None:
            return _fill(mask, str(int(value)))
    named = _LOCALE_CURRENCY.search(code)
    sign = named[1] if named else found[0] if (found := _CURRENCY.search(code)) else ""
    return f"{sign} {_plain(value)}" if sign else _plain(value)
