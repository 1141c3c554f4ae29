"""
Redaction tokens: ``PII_EM_bcdfghjkmnpqrtvw``.

Always 23 ASCII characters, safe in JSON, XML, URLs and shells. The type's two letters, then 16 letters that
stand for 64 bits of HMAC-SHA256 over tenant, type and value: the same value gives the same token in every
turn,
so that a provider's prompt cache holds and a resent history reads the same. ``SEC_`` in place of ``PII_``
says that the value is never put back.

The 16 letters are consonants without l, s, x, y and z: a token holds no digit that a number's detector could
take up (never a Luhn-valid one), no word, nothing that case or a plural s would spoil.

64 bits: among a million values of one conversation two share a token with a chance of 1 in 37 million.
"""

from __future__ import annotations

import hashlib
import hmac
import re

__all__ = [
    "BENT", "LENGTH", "LONGEST_BENT", "TOKEN", "TOKEN_GATE", "canonical", "make_token", "token_spans",
]  # fmt: skip

ALPHABET = "bcdfghjkmnpqrtvw"
DIGITS = 16
LENGTH = 4 + 3 + DIGITS

TOKEN = re.compile(rf"(?:PII|SEC)_[A-Z]{{2}}_[{ALPHABET}]{{{DIGITS}}}")
"""A token as it was made."""

_BYTES = re.compile(TOKEN.pattern.encode())

TOKEN_GATE = rf"(?:PII|SEC)_[A-Z]{{2}}_[{ALPHABET}]{{{DIGITS}}}"
"""The same for the gate."""

_PART = r"(?:\\?_|-|\u2010|\u2011|%5[fF]|&#95;|[ \t]?\r?\n?[ \t]?)"
BENT = re.compile(rf"(?:PII|SEC){_PART}[A-Z]{{2}}{_PART}[{ALPHABET}]{{{DIGITS}}}", re.IGNORECASE)
"""A token as models write it again: small letters, ``\\_``, a dash, a blank or a line break for ``_``,
``%5F``."""
LONGEST_BENT = 3 + 5 + 2 + 5 + DIGITS
"""Characters of the longest text that ``BENT`` matches: what a stream may have to hold back."""


def make_token(key: bytes, tenant: str, kind: str, letters: str, value: str, *, secret: bool = False) -> str:
    """
    The token of a value.

    ``key`` is the tenant's (32 bytes); ``kind`` the finding's type. The value is taken as it stands.
    """
    message = b"".join(
        len(part).to_bytes(8, "big") + part
        for part in (
            b"gnomon token 1",
            tenant.encode(),
            kind.encode(),
            value.encode("utf-8", "surrogatepass"),
        )
    )
    digest = hmac.new(key, message, hashlib.sha256).digest()[: DIGITS // 2]
    body = "".join(ALPHABET[byte >> 4] + ALPHABET[byte & 15] for byte in digest)
    return f"{'SEC' if secret else 'PII'}_{letters}_{body}"


def canonical(bent: str) -> str:
    """The token that a match of ``BENT`` was, as it was made."""
    letters = [character for character in bent if character.isascii() and character.isalpha()]
    if "%" in bent:
        letters = [c for c in re.sub("%5[fF]", "", bent) if c.isascii() and c.isalpha()]
    text = "".join(letters)
    return f"{text[:3].upper()}_{text[3:5].upper()}_{text[5:].lower()}"


def token_spans(data: bytes) -> list[tuple[int, int]]:
    """Where tokens stand, in bytes."""
    return [match.span() for match in _BYTES.finditer(data)]
