r"""
A user's regular expression to a tree.

Rule 1: text in, a ``Part`` out, or ``ExpressionError`` with what is wrong, where in the text, and what to do.
Rule 2: the syntax is RE2's. What takes more than linear time (back-references, look-around, possessive and
atomic groups, conditionals) is named and refused here, not left to an engine's message. Rule 3: the tree
speaks of bytes, so that it can be written for a gate that knows no characters (``gate_text``): a character
outside ASCII is the bytes of its UTF-8; a class that may take such characters takes any of them, since what
the gate lets through is looked at again, by RE2.

An expression of ASCII characters alone is matched on bytes (``.`` is one byte), any other on characters.

Source: the syntax page of RE2 (https://github.com/google/re2/wiki/Syntax).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "MAX_DEPTH", "MAX_EXPRESSION", "MAX_REPEAT", "Assertion", "Choice", "ExpressionError", "Part", "Repeat",
    "Sequence", "Set", "gate_text", "parse",
]  # fmt: skip

MAX_EXPRESSION: Final = 2_000
"""Characters of an expression."""
MAX_REPEAT: Final = 1_000
"""As RE2's."""
MAX_DEPTH: Final = 30
"""Groups inside each other."""

ALL: Final = (1 << 256) - 1
ASCII: Final = (1 << 128) - 1
LINE_END: Final = 1 << 10


class ExpressionError(ValueError):
    """Why an expression is refused, the place in it (from 0; ``None``: all of it), and what to do."""

    def __init__(self, what: str, at: int | None = None, hint: str | None = None) -> None:
        self.at = at
        self.hint = hint
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Set:
    """One byte out of a set."""

    mask: int
    """A bit for each of 256 bytes."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place, without a byte."""

    text: str
    r"""As hyperscan writes it: ``\b \B ^ $ \A \z``."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; none: the empty string."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same again."""

    part: Part
    minimum: int
    maximum: int | None


Part = Set | Assertion | Sequence | Choice | Repeat

_CONTINUATION: Final = Set(((1 << 0xC0) - 1) ^ ((1 << 0x80) - 1))
WIDE: Final = Sequence((Set(((1 << 0xF5) - 1) ^ ((1 << 0xC2) - 1)), Repeat(_CONTINUATION, 1, 3)))
"""Any character outside ASCII."""


def _mask(characters: str) -> int:
    return sum(1 << ord(character) for character in set(characters))


_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_DIGITS = "0123456789"
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_CLASSES = {
    "d": _mask(_DIGITS),
    "w": _mask(_LOWER + _UPPER + _DIGITS + "_"),
    "s": _mask(" \t\n\r\f"),
}
_POSIX = {
    "alnum": _mask(_LOWER + _UPPER + _DIGITS),
    "alpha": _mask(_LOWER + _UPPER),
    "ascii": ASCII,
    "blank": _mask(" \t"),
    "cntrl": ((1 << 32) - 1) | 1 << 127,
    "digit": _mask(_DIGITS),
    "graph": _mask(_LOWER + _UPPER + _DIGITS + _PUNCTUATION),
    "lower": _mask(_LOWER),
    "print": _mask(_LOWER + _UPPER + _DIGITS + _PUNCTUATION + " "),
    "punct": _mask(_PUNCTUATION),
    "space": _mask(" \t\n\v\f\r"),
    "upper": _mask(_UPPER),
    "word": _CLASSES["w"],
    "xdigit": _mask(_DIGITS + "abcdefABCDEF"),
}
_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_ASSERTIONS = {"b": r"\b", "B": r"\B", "A": r"\A", "z": r"\z"}
_LOOKS = {"?=": "look-ahead", "?!": "look-ahead", "?<=": "look-behind", "?<!": "look-behind"}
_LINEAR = (
    "Engines that run in linear time have none. Write what must be there, and the value as (?P<value>…)."
)


def parse(text: str) -> Part:
    """The tree of an expression. Raises ``ExpressionError``."""
    if not text:
        raise ExpressionError("the expression is empty")
    if len(text) > MAX_EXPRESSION:
        raise ExpressionError(
            f"the expression is longer than {MAX_EXPRESSION} characters",
            None,
            "Make several of it, or a keyword list.",
        )
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.caseless = False
        self.dot_all = False
        self.on_bytes = text.isascii() and "\\x{" not in text and "\\p" not in text and "\\P" not in text

    def whole(self) -> Part:
        part = self.choice()
        if self.at < len(self.text):
            raise ExpressionError("a ) without its (", self.at, r"Write \) for the character.")
        return part

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def choice(self) -> Part:
        caseless, dot_all = self.caseless, self.dot_all
        parts = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.sequence())
        # A flag set inside a group ends with it.
        self.caseless, self.dot_all = caseless, dot_all
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Part:
        parts: list[Part] = []
        while self.at < len(self.text) and self.peek() not in "|)":
            part = self.atom()
            if part is not None:
                parts.append(self.repeats(part))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    # --- quantifiers --------------------------------------------------------------------------------------

    def repeats(self, part: Part) -> Part:
        began = self.at
        bounds = self.quantifier()
        if bounds is None:
            return part
        if isinstance(part, Assertion):
            raise ExpressionError(f"{part.text} cannot be repeated", began, "Take the repeat out.")
        if self.peek() == "?":
            self.at += 1
        elif self.peek() == "+":
            raise ExpressionError("a possessive repeat", self.at, "Leave the + out: nothing here goes back.")
        if self.quantifier() is not None:
            raise ExpressionError("a repeat of a repeat", began, "Put the inner one in a group: (?:…).")
        return Repeat(part, *bounds)

    def quantifier(self) -> tuple[int, int | None] | None:
        sign = self.peek()
        if sign and sign in "*+?":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        if sign != "{":
            return None
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not _is_number(low) or not (high == "" or _is_number(high)):
            return None  # RE2 takes the brace for itself.
        began = self.at
        self.at = end + 1
        minimum = int(low)
        maximum = None if comma and not high else int(high or low)
        if max(minimum, maximum or 0) > MAX_REPEAT:
            raise ExpressionError(
                f"more than {MAX_REPEAT} repeats", began, "Ask for fewer, or for + without a bound."
            )
        if maximum is not None and maximum < minimum:
            raise ExpressionError("a repeat whose bounds are the wrong way round", began)
        if maximum == 0:
            raise ExpressionError("a repeat of nothing", began, "Take it out.")
        return minimum, maximum

    # --- atoms --------------------------------------------------------------------------------------------

    def atom(self) -> Part | None:
        began = self.at
        sign = self.peek()
        self.at += 1
        if sign == "(":
            return self.group(began)
        if sign == "[":
            return self.bracket(began)
        if sign == "\\":
            return self.escape(began)
        if sign == ".":
            return self.set(self.universe if self.dot_all else self.universe & ~LINE_END, not self.on_bytes)
        if sign in "^$":
            return Assertion(sign)
        if sign in "*+?":
            raise ExpressionError("nothing to repeat", began, f"Write \\{sign} for the character.")
        return self.literal(sign)

    @property
    def universe(self) -> int:
        return ALL if self.on_bytes else ASCII

    def set(self, mask: int, wide: bool) -> Part:
        if not wide:
            return Set(mask)
        return Choice((Set(mask), WIDE)) if mask else WIDE

    def literal(self, character: str) -> Part:
        if character < "\x80":
            return Set(_folded(1 << ord(character)) if self.caseless else 1 << ord(character))
        if self.caseless:
            return WIDE
        return Sequence(tuple(Set(1 << byte) for byte in character.encode("utf-8", "surrogatepass")))

    def group(self, began: int) -> Part | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"groups deeper than {MAX_DEPTH}", began)
        caseless, dot_all = self.caseless, self.dot_all
        if self.peek() == "?" and not self.opening(began):
            self.depth -= 1
            return None
        part = self.choice()
        if self.peek() != ")":
            raise ExpressionError("a ( without its )", began, r"Write \( for the character.")
        self.at += 1
        self.depth -= 1
        self.caseless, self.dot_all = caseless, dot_all
        return part

    def opening(self, began: int) -> bool:
        """What follows ``(?``; whether a group follows, and not flags alone."""
        for sign, name in _LOOKS.items():
            if self.peek(len(sign)) == sign:
                raise ExpressionError(f"a {name}", began, _LINEAR)
        if self.peek(2) == "?>":
            raise ExpressionError("an atomic group", began, "Write (?:…): nothing here goes back.")
        if self.peek(2) == "?(":
            raise ExpressionError("a conditional", began, _LINEAR)
        if self.peek(2) == "?#":
            raise ExpressionError("a comment", began, "Write it as a comment of the file.")
        if self.peek(3) == "?P=":
            raise ExpressionError("a back-reference", began, _LINEAR)
        for sign in ("?P<", "?<"):
            if self.peek(len(sign)) == sign:
                end = self.text.find(">", self.at)
                name = self.text[self.at + len(sign) : end] if end > 0 else ""
                if not name.isidentifier() or not name.isascii():
                    raise ExpressionError("a group without a name", began, "Write (?P<value>…).")
                self.at = end + 1
                return True
        self.at += 1
        value = True
        while self.peek() and self.peek() not in ":)":
            flag = self.peek()
            if flag == "-" and value:
                value = False
            elif flag == "i":
                self.caseless = value
            elif flag == "s":
                self.dot_all = value
            elif flag not in "mU":
                raise ExpressionError(f"an unknown flag {flag!r}", self.at, "Flags are i, m, s and U.")
            self.at += 1
        closing = self.peek()
        if not closing:
            raise ExpressionError("a ( without its )", began, r"Write \( for the character.")
        self.at += 1
        return closing == ":"

    def escape(self, began: int) -> Part:
        sign = self.peek()
        self.at += 1
        if sign in _ASSERTIONS:
            return Assertion(_ASSERTIONS[sign])
        mask, wide, character = self.one_escape(sign, began)
        return self.literal(character) if character is not None else self.set(mask, wide)

    def one_escape(self, sign: str, began: int) -> tuple[int, bool, str | None]:
        r"""(mask, whether characters outside ASCII are in it, the character that it is) of ``\sign``."""
        if not sign:
            raise ExpressionError("a \\ at the end", began, r"Write \\ for the character.")
        if sign in "123456789" or sign in "kg":
            raise ExpressionError("a back-reference", began, _LINEAR)
        if sign.lower() in _CLASSES:
            mask = _CLASSES[sign.lower()]
            return (mask, False, None) if sign.islower() else (self.universe & ~mask, not self.on_bytes, None)
        if sign in "pP":
            end = self.at + 1 if self.peek() != "{" else self.text.find("}", self.at) + 1
            if not 0 < end <= len(self.text) or end == self.at:
                raise ExpressionError(f"a \\{sign} without a class", began)
            self.at = end
            return ASCII, True, None
        if sign == "x":
            return 0, False, self.hexadecimal(began)
        if sign in _ESCAPES:
            return 0, False, chr(_ESCAPES[sign])
        if sign.isalnum() or sign >= "\x80":
            raise ExpressionError(
                f"an unknown escape \\{sign}", began, "Leave the \\ out where the character is meant."
            )
        return 0, False, sign

    def hexadecimal(self, began: int) -> str:
        if self.peek() == "{":
            end = self.text.find("}", self.at)
            digits = self.text[self.at + 1 : end] if end > 0 else ""
            self.at = end + 1
        else:
            digits = self.peek(2) if len(self.peek(2)) == 2 else ""
            self.at += 2
        if (
            not 1 <= len(digits) <= 6
            or not set(digits) <= set("0123456789abcdefABCDEF")
            or int(digits, 16) > 0x10FFFF
        ):
            raise ExpressionError("a \\x without a number", began, r"Write \x41 or \x{20AC}.")
        if self.on_bytes and int(digits, 16) >= 0x80:
            raise ExpressionError("a byte above 127", began, r"Write the character as \x{E9}.")
        return chr(int(digits, 16))

    def bracket(self, began: int) -> Part:
        negated = self.peek() == "^"
        self.at += negated
        mask, wide = 0, False
        first = True
        while first or self.peek() != "]":
            if self.at >= len(self.text):
                raise ExpressionError("a [ without its ]", began, r"Write \[ for the character.")
            first = False
            more, more_wide, low = self.member(began)
            if low is not None and self.peek() == "-" and self.peek(2) not in ("-]", "-"):
                self.at += 1
                high = self.member(began)[2]
                if high is None or high < low:
                    raise ExpressionError(
                        "a range that ends before it begins", began, r"Write \- for the character."
                    )
                more = sum(1 << code for code in range(ord(low), min(ord(high), 127) + 1))
                more_wide = high >= "\x80"
            elif low is not None:
                more, more_wide = (1 << ord(low), False) if low < "\x80" else (0, True)
            mask |= more
            wide = wide or more_wide
        self.at += 1
        if self.caseless:
            mask = _folded(mask)
        if negated:
            mask, wide = self.universe & ~mask, not self.on_bytes
        if not mask and not wide:
            raise ExpressionError("a class that no character is in", began)
        return self.set(mask, wide)

    def member(self, began: int) -> tuple[int, bool, str | None]:
        sign = self.peek()
        if self.peek(2) == "[:":
            end = self.text.find(":]", self.at)
            name = self.text[self.at + 2 : end] if end > 0 else ""
            if name.removeprefix("^") not in _POSIX:
                raise ExpressionError("an unknown class [:…:]", self.at, f"They are {', '.join(_POSIX)}.")
            self.at = end + 2
            mask = _POSIX[name.removeprefix("^")]
            return (self.universe & ~mask, not self.on_bytes, None) if name[0] == "^" else (mask, False, None)
        self.at += 1
        if sign != "\\":
            return 0, False, sign
        sign = self.peek()
        self.at += 1
        return self.one_escape(sign, began)


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 9 and text.isascii() and text.isdigit()


def _folded(mask: int) -> int:
    """ASCII letters in both cases."""
    upper = (mask >> 0x41) & ((1 << 26) - 1)
    lower = (mask >> 0x61) & ((1 << 26) - 1)
    return mask | upper << 0x61 | lower << 0x41


# --- for the gate -------------------------------------------------------------------------------------------


def gate_text(part: Part) -> str:
    """The expression as hyperscan takes it, in bytes."""
    if isinstance(part, Set):
        return _set_text(part.mask)
    if isinstance(part, Assertion):
        return part.text
    if isinstance(part, Sequence):
        return "".join(
            f"(?:{gate_text(item)})" if isinstance(item, Choice) else gate_text(item) for item in part.parts
        )
    if isinstance(part, Choice):
        return "|".join(gate_text(item) for item in part.parts)
    inner = gate_text(part.part)
    if not isinstance(part.part, Set):
        inner = f"(?:{inner})"
    if part.maximum is None:
        return inner + {0: "*", 1: "+"}.get(part.minimum, f"{{{part.minimum},}}")
    return f"{inner}{{{part.minimum},{part.maximum}}}"


def _set_text(mask: int) -> str:
    if mask.bit_count() == 1:
        return f"\\x{mask.bit_length() - 1:02x}"
    ranges = []
    start: int | None = None
    for code in range(257):
        if mask >> code & 1:
            start = code if start is None else start
        elif start is not None:
            ranges.append(f"\\x{start:02x}" if start == code - 1 else f"\\x{start:02x}-\\x{code - 1:02x}")
            start = None
    return f"[{''.join(ranges)}]"
