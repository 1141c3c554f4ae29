"""
Addresses of mail: plain, quoted, in other scripts, and spelled out ("name at domain dot com").

An ``@`` with a name before and a domain behind is one, unless it is a package (``pkg@1.2.3``), a repository
(``git@host:path``), credentials in a URL, or has no top-level domain that exists.

Source: RFC 5321, section 4.1.2; RFC 6531.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.contact.common import ALNUM, Made
from sensor.detect.validators.contact import is_tld

__all__ = ["scan_mail"]

DETECTOR = "contact.email"

MAX_LOCAL = 64
_LOCAL = bytes(
    1 if chr(byte).isalnum() and byte < 128 or byte >= 128 or chr(byte) in "._%+-'&~!#$*=^`{|}?" else 0
    for byte in range(256)
)
_DOMAIN = lazily(
    rb"(?:[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9_\x80-\xff-]{0,61}[A-Za-z0-9\x80-\xff])?\.){1,8}[A-Za-z\x80-\xff]"
    rb"[A-Za-z0-9\x80-\xff-]{1,62}"
)
_LITERAL = lazily(rb"\[(?:IPv6:)?[0-9A-Fa-f.:]{6,45}\]")
_QUOTED = lazily(rb'"[^"\n@]{1,62}"\Z')
_REPOSITORY = frozenset((b"git", b"hg", b"svn", b"gitlab", b"org-git"))
_AT = (
    rb"(?: at |[ ]?[\[({<][ ]?at[ ]?[\])}>][ ]?|[ ]?\(a\)[ ]?| arroba | chez | klammeraffe | chiocciola |"
    rb" apenstaartje )"
)
_DOT = rb"(?: dot |[ ]?[\[({<][ ]?dot[ ]?[\])}>][ ]?| punkt | punto | point | ponto | punt | kropka |\.)"
_SPELLED = lazily(
    rb"[A-Za-z0-9][A-Za-z0-9_+-]{0,30}(?:" + _DOT + rb"[A-Za-z0-9_+-]{1,30}){0,3}" + _AT
    + rb"[A-Za-z0-9-]{1,40}(?:" + _DOT + rb"[A-Za-z0-9-]{2,30}){1,4}",
    re.IGNORECASE,
)  # fmt: skip
_LAST = lazily(rb"[A-Za-z]{2,24}\Z")
_COMMON = frozenset(
    b"the a an look it us me him her them this that here there available stay be is are was".split()
)


def scan_mail(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Hits: ``at`` ends in the domain; ``spelled`` ends at the word for the dot."""
    data = document.data
    made = Made()
    for tag, end in hits:
        if tag == "at":
            at = data.rfind(b"@", max(0, end - 66), end)
            if at > 0:
                _plain(data, at, made)
        else:
            _spelled(data, end, made)
    return made.all()


def _plain(data: bytes, at: int, made: Made) -> None:
    end = _domain_end(data, at + 1)
    if end is None:
        return
    start = _local_start(data, at)
    if start is None:
        return
    local = data[start:at]
    after = data[end : end + 1]
    if after == b":" and local in _REPOSITORY or after == b"@":
        return
    if after == b"/" and local in _REPOSITORY:
        return
    before = data[max(0, start - 48) : start]
    if before.endswith(b":") and b"//" in before.rsplit(b" ", 1)[-1] and b"mailto" not in before:
        return
    if before.endswith(b"//") and b"mailto:" not in before:
        return
    made.add(start, end, DETECTOR, 0.95, False, "an address with a domain that may exist")


def _domain_end(data: bytes, start: int) -> int | None:
    found = _DOMAIN.match(data, start, min(len(data), start + 255))
    if found is None:
        literal = _LITERAL.match(data, start)
        return None if literal is None else literal.end()
    domain = found[0]
    if not domain.isascii():
        domain = _letters(domain)
    # What follows the domain may look like one more label: "a@b.com.Then".
    while b"." in domain:
        rest, _, label = domain.rpartition(b".")
        if is_tld(label.decode("utf-8", "replace")):
            return start + len(domain)
        domain = rest
    return None


def _letters(raw: bytes) -> bytes:
    """Up to the first character that is no letter, digit, point or dash: a full stop of another script."""
    text = raw.decode("utf-8", "ignore")
    kept = 0
    for letter in text:
        if not (letter.isalnum() or letter in ".-_" or letter > "\u0300" and letter.isidentifier()):
            break
        kept += 1
    plain = text[:kept]
    # Text in a script without spaces goes on behind an ASCII domain: "a@b.com请联系".
    head, point, last = plain.rpartition(".")
    if point and last and last[0].isascii():
        cut = next((place for place, letter in enumerate(last) if not letter.isascii()), len(last))
        plain = head + point + last[:cut]
    return plain.rstrip(".-_").encode()


def _local_start(data: bytes, at: int) -> int | None:
    if data[at - 2 : at] == b'""':
        # A quoted cell of CSV doubles the quotes inside it.
        opening = data.rfind(b'""', max(0, at - MAX_LOCAL), at - 2)
        return opening if opening >= 0 else None
    quoted = _QUOTED.search(data, max(0, at - MAX_LOCAL), at) if data[at - 1] == 0x22 else None
    if quoted is not None:
        return quoted.start()
    start = at
    floor = max(0, at - MAX_LOCAL)
    while start > floor and _LOCAL[data[start - 1]]:
        start -= 1
    if start == floor and start > 0 and _LOCAL[data[start - 1]]:
        return None
    if not data.isascii():
        start = _script_start(data, start, at)
    while start < at and data[start] in b".'`*~!#$%&=^{|}?-+":
        start += 1
    # The n of an escaped line end in a string of code or JSON.
    if start > 0 and data[start - 1] == 0x5C and data[start] in b"nrt":
        start += 1
    return start if start < at and data[at - 1] not in b".'`{=?" else None


def _script_start(data: bytes, start: int, at: int) -> int:
    """Where the name begins when letters of another script or their punctuation stand before it."""
    text = data[start:at].decode("utf-8", "ignore")
    if text.isascii():
        return start
    cut = 0
    for place, letter in enumerate(text):
        if letter >= "\u0080" and not letter.isalnum():
            cut = place + 1
    kept = text[cut:]
    # CJK runs straight into an ASCII name: "邮箱zhang@b.com".
    if kept and ALNUM[ord(kept[-1]) & 0x7F] and kept[-1].isascii():
        for place, letter in enumerate(kept):
            if letter > "\u2e80":
                cut = len(text) - len(kept) + place + 1
    return at - len(text[cut:].encode())


def _spelled(data: bytes, end: int, made: Made) -> None:
    low, high = max(0, end - 110), min(len(data), end + 40)
    for found in _SPELLED.finditer(data, low, high):
        if not found.start() < end <= found.end() + 1:
            continue
        start, last = found.span()
        if start > 0 and ALNUM[data[start - 1]]:
            continue
        label = _LAST.search(found[0])
        words = found[0].lower().split()
        if label is None or not is_tld(label[0].decode()):
            continue
        if b"@" in found[0] or words[0] in _COMMON or len(words) > 1 and words[-3:-2] == [b"the"]:
            continue
        made.add(start, last, DETECTOR, 0.75, False, "an address, spelled out")
