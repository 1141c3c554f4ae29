"""
Twenty-eight disguises of ten values: what the views are held to.

Each disguise is a function of a value; ``cases`` puts each behind the word that names the value, as a
person who wants a value past a filter would write it. The values are made up, with right check digits;
secrets are put together here so that none stands in the file as it would in a leak.
"""

from __future__ import annotations

import base64
import codecs
import gzip
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["DISGUISES", "VALUES", "Case", "Value", "cases"]


class Value(NamedTuple):
    """A sensitive value and how people name it."""

    type: str
    naming: str
    value: str


VALUES: tuple[Value, ...] = (
    Value("payment_card", "Card number", "4556 7375 8689 9855"),
    Value("email", "E-mail", "hanna.keller@example-mail.com"),
    Value("iban", "IBAN", "DE89370400440532013000"),
    Value("github_token", "GitHub token", "ghp_" + "Zk7mQ2vXp9RbT4nLc8WdY3sHf6JgAe1uKi5o"),
    Value("us_ssn", "SSN", "536-22-8745"),
    Value("aws_key_id", "AWS access key", "AKIA" + "Q3EGRT7VNB2LM5XD"),
    Value("phone", "Phone", "+49 170 2345678"),
    Value("de_tax_id", "Steuer-ID", "86095742719"),
    Value("slack_token", "Slack token", "xoxb-" + "263594206564-2343594206574-" + "FGqddMF8t08v8N7Oq4i57vs1"),
    Value("uk_nino", "National Insurance number", "JG 10 37 59 A"),
)
"""Ten values of ten types."""


class Case(NamedTuple):
    """One disguised value in a sentence."""

    disguise: str
    value: Value
    text: str
    start: int
    """Where the disguised value begins, in code points."""
    end: int


_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_CYRILLIC = str.maketrans("AaBCcEeHIiJjKMOoPpSsTXxy", "АаВСсЕеНІіЈјКМОоРрЅѕТХху")
_ARABIC = {0x30 + digit: 0x660 + digit for digit in range(10)}
_BOLD = {
    **{0x41 + index: 0x1D400 + index for index in range(26)},
    **{0x61 + index: 0x1D41A + index for index in range(26)},
    **{0x30 + index: 0x1D7CE + index for index in range(10)},
}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIGNS = {"+": "plus", "-": "dash", ".": "dot", "@": "at", "_": "underscore"}


def _between(separator: str) -> Callable[[str], str]:
    return lambda value: separator.join(value)


def _grouped(separator: str) -> Callable[[str], str]:
    return lambda value: separator.join(value[at : at + 4] for at in range(0, len(value), 4))


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _number_words(value: str) -> str:
    """Digits and signs as words; letters stay together."""
    pieces: list[str] = []
    word = ""
    for character in value:
        said = _WORDS[int(character)] if character.isdigit() else _SIGNS.get(character)
        if said is None and character != " ":
            word += character
            continue
        pieces.extend(item for item in (word, said) if item)
        word = ""
    return " ".join([*pieces, word] if word else pieces)


def _concatenated(value: str) -> str:
    return '"' + '" + "'.join(value[at : at + 6] for at in range(0, len(value), 6)) + '"'


def _middle(value: str) -> str:
    return value[: len(value) // 2] + "\n" + value[len(value) // 2 :]


DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": lambda value: value,
    "full-width characters": lambda value: value.translate(_FULL_WIDTH),
    "Cyrillic homoglyphs": lambda value: value.translate(_CYRILLIC),
    "zero-width space between characters": _between("\u200b"),
    "soft hyphen between characters": _between("\u00ad"),
    "one word joiner": lambda value: value[: len(value) // 2] + "\u2060" + value[len(value) // 2 :],
    "variation selector between characters": _between("\ufe0f"),
    "right-to-left override": lambda value: "\u202e" + value[::-1] + "\u202c",
    "Arabic-Indic digits": lambda value: value.translate(_ARABIC),
    "mathematical bold": lambda value: value.translate(_BOLD),
    "groups of four by no-break space": _grouped("\u00a0"),
    "groups of four by en dash": _grouped("\u2013"),
    "dots between characters": _between("."),
    "spaces between characters": _between(" "),
    "newline in the middle": _middle,
    "base64": _base64,
    "base64 twice": lambda value: _base64(_base64(value)),
    "base32": lambda value: base64.b32encode(value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "URL-encoded": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "JSON escapes": lambda value: "".join(f"\\u{ord(character):04x}" for character in value),
    "HTML entities": lambda value: "".join(f"&#{ord(character)};" for character in value),
    "ROT13": lambda value: codecs.encode(value, "rot13"),
    "reversed": lambda value: value[::-1],
    "gzip in base64": lambda value: base64.b64encode(gzip.compress(value.encode(), mtime=0)).decode(),
    "tag characters": lambda value: "".join(chr(0xE0000 + ord(character)) for character in value),
    "number words": _number_words,
    "string concatenation": _concatenated,
}
"""Name to what it makes of a value."""


def cases() -> Iterator[Case]:
    """Every value in every disguise."""
    for name, disguise in DISGUISES.items():
        for value in VALUES:
            before = f"Please check this before Monday. {value.naming}: "
            disguised = disguise(value.value)
            yield Case(
                name,
                value,
                f"{before}{disguised}\nThanks in advance.",
                len(before),
                len(before) + len(disguised),
            )
