"""From a form that was read to a candidate: what of it is the value, and whether it is a secret."""

from __future__ import annotations

import re

from sensor.detect.finding import Candidate
from sensor.detect.lazily import lazily
from sensor.detect.scanners.secrets.judge import Style, judge_password, judge_secret

__all__ = ["judged", "judged_span"]

_KEY_NAME = lazily(rb"(?:secret|token|key|auth)\w{0,12}\Z|api.?key")
_CLOSERS = {ord(")"): ord("("), ord("]"): ord("["), ord("}"): ord("{")}
_ENDS_BARE = lazily(rb"[;,|]|&(?=[\w.-]+=)")
_WHOLE = frozenset({Style.QUOTED, Style.ELEMENT, Style.CALL})
_SENTENCES = frozenset({Style.PROSE, Style.OWN, Style.SAID, Style.DIRECT})


def judged(data: bytes, match: re.Match[bytes], name: bytes, style: Style) -> Candidate | None:
    """A form's value: its last group, in every form."""
    assert match.lastgroup is not None
    start, stop = match.span(match.lastgroup)
    return judged_span(data, start, stop, name, style, match.end())


def judged_span(data: bytes, start: int, stop: int, name: bytes, style: Style, end: int) -> Candidate | None:
    """A candidate where the value is a secret; ``end`` is where its form ends."""
    start, stop = _trim(data, start, stop, style)
    if stop - start < 3:
        return None
    low = name.lower()
    is_key = b"pass" not in low and _KEY_NAME.search(low) is not None
    raw = data[start:stop]
    at = raw.find(name) if style is not Style.QUOTED else -1
    if at >= 0 and raw[at + len(name) : at + len(name) + 1] in (b"=", b":"):
        return None  # the name again: its own value is read there
    verdict = (
        judge_secret(raw, name, style) if is_key else judge_password(raw, name, style, data[end : end + 1])
    )
    if verdict is None:
        return None
    score, reasons = verdict
    detector = "secret.key_assignment" if is_key else "secret.assignment"
    return Candidate(start, stop, detector, score, False, reasons)


def _trim(data: bytes, start: int, stop: int, style: Style) -> tuple[int, int]:
    """
    Without what belongs to the line and not to the value: a full stop, a comma, a bracket that closes
    another.
    """
    raw = data[start:stop]
    if style is Style.BARE or style is Style.LISTED:
        cut = _ENDS_BARE.search(raw)
        if cut is not None:
            raw = raw[: cut.start()]
    if style not in _WHOLE:
        while raw:
            last = raw[-1]
            if last in b",;:" or (last in b".?*_" and style in _SENTENCES):
                raw = raw[:-1]
            elif last in _CLOSERS and raw.count(_CLOSERS[last]) < raw.count(last):
                raw = raw[:-1]
            elif last in b"nrt" and raw.endswith((b"\\n", b"\\r", b"\\t")) and len(raw) > 5:
                raw = raw[:-2]
            else:
                break
    if style is Style.ELEMENT:
        raw = raw.strip()
        start = data.find(raw, start)
    return start, start + len(raw)
