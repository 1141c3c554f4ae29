"""
From a value back to its name: keys and tokens, whose gate sees a part of the value.

One value is read once, however many places of it the gate tells.
"""

from __future__ import annotations

from functools import lru_cache

from sensor.detect.finding import Candidate
from sensor.detect.lazily import lazily
from sensor.detect.scanners.secrets.judge import judge_key
from sensor.detect.scanners.secrets.spans import NAME, VALUE, run_start

__all__ = ["NAMES", "TYPE", "after_vendor", "read_value"]

NAMES = lazily(rb"secret|pwd|pass|pw\b|pin\b|key\b|token|auth|identified(?= by)")
"""What in a name says that its value is secret; in small letters."""
TYPE = rb"(?:[ \t]{0,2}:[ \t]{0,2}[A-Za-z_&*][\w.<>\[\]|?&'*]{0,30}|[ ](?:string|String|str|text|char|bytes))"

_RIGHT = lazily(rb"[A-Za-z0-9_+/.~@%$!^*|-]{0,400}={0,2}")
_QUOTES = (b'"', b"'", b"`")


def read_value(data: bytes, end: int) -> tuple[int, Candidate | None]:
    """``end`` stands inside a value: how far the value goes, and what it is by the name in front of it."""
    start = run_start(data, end, VALUE, 60)
    right = _RIGHT.match(data, end, end + 400)
    stop = right.end() if right is not None else end
    if start == end:
        return end, None
    read_to = stop
    quote = data[start - 1 : start]
    following = data[stop : stop + 1]
    if (
        following in (b"(", b"[")
        or (quote not in _QUOTES and following == b"{")
        or data.find(b"::", max(0, start - 40), start) >= 0
    ):
        return read_to, None
    while stop > start and data[stop - 1] in b".!*|-":
        stop -= 1
    name, name_end = _name_before(data, start)
    verdict = judge_key(data[start:stop], name, data[max(0, name_end - 60) : start], quote in _QUOTES)
    if verdict is None:
        return read_to, None
    score, reasons = verdict
    return read_to, Candidate(start, stop, "secret.key_assignment", score, False, reasons)


_MEMBER = rb"\\?[\"']?(?:\r?\n\s{0,20}|,\s{0,8}\{?\\?[\"']?)[Vv]alue\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?\Z"
_SIGN = (
    rb"[ \t]{0,8}(?:=>|:=|={1,3}|:{1,2}|,|<?-|->|\(|\||>"
    rb"|\xe2\x86\x92)(?:[*_]{2})?\s{0,8}(?:[bru@$]{0,2}\\?[\"'`(<*]{1,3}(?:\\[\"'])?)?\Z"
)
_PLAIN_GAP = lazily(_MEMBER + rb"|(?:\\?[\"'`*_]{0,3}\]{0,2}\)?)" + _SIGN)
_GAP = lazily(rb"(?:\\?[\"'`*_]{0,3}\]{0,2}\)?)" + TYPE + _SIGN)
_BETWEEN = b" \t\r\n\f\v\\\"'`*_])=>:<-,(|{@$\xe2\x86\x92"
"""What may stand between a name and its value, but for letters."""
_SIGNS = b"=:,<->(|\x92"
_PREFIX = lazily(rb"(?<![A-Za-z0-9])[bru]{1,2}\Z")
_TYPED = lazily(rb":|[ ](?:[Ss]tr|text|char|bytes)")


@lru_cache(maxsize=512)
def _gap_start(between: bytes) -> int:
    """Where in a run of signs a gap begins; its length where none does. There are few such runs."""
    gap = _PLAIN_GAP.search(between)
    return len(between) if gap is None else gap.start()


def _name_before(data: bytes, start: int) -> tuple[bytes, int]:
    """
    The name in front of a value, and where it ends.

    What stands behind a colon may be a name (``$env:API_KEY = ``) or the type of one (``token: str = ``).
    """
    low = max(0, start - 90)
    window = data[low:start]
    rest = window.rstrip(_BETWEEN)
    if rest[-1:] in (b"b", b"r", b"u"):
        prefix = _PREFIX.search(rest, max(0, len(rest) - 3))
        if prefix is not None:
            rest = rest[: prefix.start()].rstrip(_BETWEEN)
    between = window[len(rest) :]
    if len(between.translate(None, _SIGNS)) == len(between):
        return data[run_start(data, start, NAME, 60) : start], start
    if rest.endswith(b"alue"):
        gap = _PLAIN_GAP.search(data, low, start)
        name_end = start if gap is None else gap.start()
    else:
        name_end = low + len(rest) + _gap_start(between)
    name = data[run_start(data, name_end, NAME, 60) : name_end]
    if NAMES.search(name.lower()) is None and _TYPED.search(window) is not None:
        gap = _GAP.search(data, low, start)
        name_end = name_end if gap is None else gap.start()
        name = data[run_start(data, name_end, NAME, 60) : name_end]
    return name, name_end


# --- a vendor's name ----------------------------------------------------------------------------------------

_AFTER_VENDOR = lazily(
    rb"(?:[\w .-]{0,28}[\"'`\])]{0,3}[ \t]{0,4}(?:=>|:=|[:=]{1,3})[ \t]{0,4}|[ ](?:login|auth:token"
    rb"|(?:global )?key) )(?:[bru@]{0,2}\\?[\"'`(<]{1,2})?"
    rb"(?P<v>[A-Za-z0-9_+/-][A-Za-z0-9_+/.-]{14,199})"
)


def after_vendor(data: bytes, end: int) -> Candidate | None:
    """A vendor's name, and what is assigned to it: ``cohere = …``."""
    match = _AFTER_VENDOR.match(data, end, end + 280)
    return None if match is None else read_value(data, match.start("v") + 1)[1]
