"""
What is sensitive taken out of text that arrives in pieces.

Rule 1: whatever the pieces, nothing goes out that a scan of the held text, with ``CONTEXT`` characters before
it, finds. That is less than a scan of the whole: docs/detect.md, "Limits", names what is let go.
Rule 2: held back is only what may still become something: the unfinished word, number or key at the end, at
most ``REDACT_HOLD`` characters.
Rule 3: a private key is longer than any window. From its BEGIN line on everything is swallowed until its END
line, or until ``KEY_GAP`` characters without base64; one token stands for it. Of another secret that is
longer than ``REDACT_HOLD`` the token goes out and the rest is dropped.

``feed`` gives what may go on now; ``finish`` the rest. Memory: the held text and ``CONTEXT`` characters,
and a
private key of at most ``MAX_KEY``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sensor.detect.detector import Detector
from sensor.detect.engine import MIN_SCORE, Engine
from sensor.detect.finding import Finding

__all__ = ["CONTEXT", "REDACT_HOLD", "StreamRedactor"]

REDACT_HOLD = 512
"""Characters."""
PLAIN_HOLD = 32
"""Characters held back behind digits and capitals, which blanks may part (4111 1111 …)."""
CONTEXT = 192
"""Characters already given out that are looked at again, for the words that name a value."""
KEY_GAP = 400
"""Characters without a run of base64 after which a private key is taken to be over."""
MAX_KEY = 64 * 1024
"""Characters of one private key that are kept, for its token; what goes beyond is swallowed as well."""


_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_RUN = re.compile("[A-Za-z0-9+/=]{16,}")
_LAST_LINE = re.compile(r"[^A-Za-z0-9+/=]*[A-Za-z0-9+/=]*[^A-Za-z0-9+/=]*\Z")
# What a secret without blanks is made of.
_SOLID = re.compile(r"[A-Za-z0-9+/=_.~%-]*")
_LEAD = re.compile(r"(?:\s|\\[rn])*")
_TRAIL = re.compile(r"(?:\s|\\[rn])*\Z")
"""Line ends around the inside of a key, also those of a JSON string."""

_CALM = re.compile(r"[a-z,.;:!?()'’\u00df-\u00f6\u00f8-\u00ff \n]*\Z")
"""Text in which nothing is under way: small letters, blanks and punctuation."""

SPELLED_HOLD = 400
"""Characters held back behind the beginning of something that is spelled out in words."""
_DIGIT = (
    "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine"
    "|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun)"
)
_SPELLED = re.compile(
    rf"(?i)\b(?:{_DIGIT}[ ,-]{{1,3}}{_DIGIT}\b|(?:[a-z0-9] ){{4}}|seed ?phrase|seed ?words"
    r"|mnemonic|recovery ?phrase"
    r"|[a-z0-9]+ (?:at|dot) [a-z0-9]+ (?:at|dot)\b)"
)
"""Digits in words, letters one by one, the words of a wallet, an address spelled out."""


class StreamRedactor:
    """
    Replaces what the engine finds in text that comes in pieces.

    ``make(finding, value)`` gives the text that stands for a value.
    """

    __slots__ = (
        "_before", "_cut", "_engine", "_held", "_key", "_make", "_min_score", "_wanted", "found",
    )  # fmt: skip

    def __init__(
        self,
        engine: Engine,
        make: Callable[[Finding, str], str],
        *,
        wanted: Callable[[Detector], bool] | None = None,
        min_score: float = MIN_SCORE,
    ) -> None:
        self._engine = engine
        self._make = make
        self._wanted = wanted
        self._min_score = min_score
        self._before = ""
        self._held = ""
        self._key: _Key | None = None
        self._cut = False
        """Inside a secret that is longer than may be held: its token is out, the rest of it is dropped."""
        self.found: list[Finding] = []
        """What was replaced; offsets are of no use here and are those of the stretch that was scanned."""

    @property
    def held(self) -> int:
        """Characters that wait; of a private key nothing waits, it is gone."""
        return len(self._held)

    def feed(self, piece: str) -> str:
        """The text that may go on."""
        out: list[str] = []
        rest = self._without_cut(piece)
        while rest or self._key is not None:
            if self._key is not None:
                rest, ended = self._key.feed(rest)
                if not ended:
                    return "".join(out)
                out.append(self._key_token())
                continue
            text = self._held + rest
            rest = ""
            begun = _KEY_BEGIN.search(self._before[-64:] + text)
            if begun is not None and begun.end() > len(self._before[-64:]):
                cut = begun.end() - len(self._before[-64:])
                self._held = ""
                out.append(self._release(text[:cut], final=True))
                self._key = _Key()
                rest = text[cut:]
                continue
            at = _settled(text, self._before)
            out.append(self._release(text, upto=at))
        return "".join(out)

    def _without_cut(self, text: str) -> str:
        if self._cut:
            end = _SOLID.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
            self._cut = end == len(text)
            return text[end:]
        return text

    def finish(self) -> str:
        """What waited, and the token of a key that had no end."""
        out: list[str] = []
        self._cut = False
        text, self._held = self._held, ""
        if self._key is not None:
            text = self._key.finish()
            out.append(self._key_token())
        out.append(self._release(text, final=True))
        return "".join(out)

    def _release(self, text: str, *, upto: int | None = None, final: bool = False) -> str:
        """``text`` up to a place, redacted; the rest is held. A finding that reaches over the place moves
        it."""
        if not text:
            return ""
        at = len(text) if final or upto is None else upto
        offset = len(self._before)
        findings = [
            finding
            for finding in self._engine.scan(
                self._before + text, min_score=self._min_score, wanted=self._wanted
            )
            if not finding.report_only and finding.end > offset
        ]
        if not final:
            for finding in findings:
                if finding.start - offset < at < finding.end - offset or finding.end == offset + len(text):
                    at = min(at, max(0, finding.start - offset))
            at = max(at, len(text) - REDACT_HOLD)
        out: list[str] = []
        done = 0
        for finding in findings:
            start, end = max(finding.start - offset, 0), finding.end - offset
            if start >= at:
                break
            end = min(end, at)
            out.append(text[done:start])
            out.append(self._make(finding, text[start:end]))
            self.found.append(finding)
            done = end
        out.append(text[done:at])
        self._before = (self._before + text[:at])[-CONTEXT:]
        if not final and done == at and any(f.start - offset < at < f.end - offset for f in findings):
            self._cut = True
        self._held = self._without_cut(text[at:])
        return "".join(out)

    def _key_token(self) -> str:
        assert self._key is not None
        key, self._key = self._key, None
        self._held = ""
        self._before = ""
        lead = _LEAD.match(key.body)
        trail = _TRAIL.search(key.body, max(0, len(key.body) - 64))
        assert lead is not None and trail is not None  # both match nothing, too
        if lead.end() >= trail.start():
            return key.body + key.tail
        finding = Finding(
            detector="secret.private_key", type="private_key", group="secret", start=0, end=len(key.body),
            score=1.0, validated=False,
                reasons=("between the BEGIN and END lines of a private key",), letters="SK",
        )  # fmt: skip
        self.found.append(finding)
        token = self._make(finding, key.body[lead.end() : trail.start()])
        return f"{lead[0]}{token}{trail[0]}{key.tail}"


class _Key:
    """
    The inside of a private key, taken in until it ends.

    How its lines are parted and what stands before them (blanks of YAML, ``>`` of a mail, quotes and plus
    signs of source text, line numbers) does not matter: it goes on as long as runs of base64 come.
    """

    __slots__ = ("_open", "_pending", "body", "tail")

    def __init__(self) -> None:
        self.body = ""
        self._pending = ""
        """What came behind the last run of base64."""
        self._open = False
        """That run went to the end of what had come, and may go on."""
        self.tail = ""
        """The END line."""

    def feed(self, piece: str) -> tuple[str, bool]:
        """What is left over behind the key, and whether it has ended."""
        self._pending += piece
        ended = _KEY_END.search(self._pending)
        text = self._pending if ended is None else self._pending[: ended.start()]
        at = last = self._goes_on(text)
        for run in _RUN.finditer(text, at):
            if run.start() - last > KEY_GAP:
                break
            at = last = run.end()
        self._keep(self._pending[:at])
        self._open = at == len(text) and (at > 0 or self._open)
        if len(text) - at > KEY_GAP:
            rest, self._pending = self._pending[at:], ""
            return rest, True
        if ended is None:
            self._pending = self._pending[at:]
            return "", False
        self._keep(text[at:])
        self.tail = ended[0]
        return self._pending[ended.end() :], True

    def _goes_on(self, text: str) -> int:
        """The end of the run that was under way."""
        end = 0
        while self._open and end < len(text) and text[end] in _BASE64:
            end += 1
        return end

    def finish(self) -> str:
        """The stream has ended inside the key: what stands behind it. A last word may be its last line."""
        if _LAST_LINE.match(self._pending):
            self._keep(self._pending)
            return ""
        return self._pending

    def _keep(self, text: str) -> None:
        self.body += text[: max(0, MAX_KEY - len(self.body))]


def _settled(text: str, before: str) -> int:
    """Where the part of a text begins in which something may still be under way."""
    tail = text[-PLAIN_HOLD:]
    last = max(tail.rfind(" "), tail.rfind("\n"))
    low = max(0, len(text) - REDACT_HOLD)
    whole = before + text
    spelled = _SPELLED.search(whole, max(0, len(whole) - SPELLED_HOLD))
    if spelled is not None:
        # What it names comes behind it; the beginning may have gone out.
        return max(low, spelled.start() - len(before))
    calm = _CALM.match(tail)
    if calm is not None and last >= 0:
        # Only words of small letters: the last one may go on.
        return len(text) - len(tail) + last + 1
    at = max(0, len(text) - PLAIN_HOLD)
    # Not inside a word: what crosses the line is held from where it begins.
    while at > low and not text[at - 1].isspace():
        at -= 1
    return at
