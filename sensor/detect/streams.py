"""
What is sensitive taken out of text that arrives in pieces.

Rule 1: whatever the pieces, nothing goes out that a scan of the held text, with ``CONTEXT`` characters before
it, finds. That is less than a scan of the whole: docs/detect.md, "Limits", names what is let go.
Rule 2: held back is only what may still become something: the unfinished word, number or key at the end, at
most ``REDACT_HOLD`` characters.
Rule 3: a private key is longer than any window. From its BEGIN line on everything is swallowed until its END
line, or until a line that is no base64; one token stands for it.

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
MAX_KEY = 64 * 1024
"""Characters of one private key that are kept, for its token; what goes beyond is swallowed all the same."""


_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A line of a key: base64, a header (Proc-Type: …, Comment: …), empty; the \n of a JSON string parts lines
# too.
_KEY_LINE = re.compile(r"(?:[A-Za-z0-9+/=_-]*|[A-Za-z-]{2,30}: .{0,100}|[ \t>|#*\"'+,;\\]*)\s*\Z")
_LINE_END = re.compile(r"\r?\n|\\r\\n|\\n")
_END_MARK = "-----END "
_LEAD = re.compile(r"(?:\s|\\[rn])*")
_TRAIL = re.compile(r"(?:\s|\\[rn])*\Z")
"""Line ends around the inside of a key, also those of a JSON string."""

_CALM = re.compile(r"[a-z,.;:!?()'’\u00df-\u00f6\u00f8-\u00ff \n]*\Z")
"""Text in which nothing is under way: small letters, blanks and punctuation."""


class StreamRedactor:
    """
    Replaces what the engine finds in text that comes in pieces.

    ``make(finding, value)`` gives the text that stands for a value.
    """

    __slots__ = ("_before", "_engine", "_held", "_key", "_make", "_min_score", "_wanted", "found")

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
        self.found: list[Finding] = []
        """What was replaced; offsets are of no use here and are those of the stretch that was scanned."""

    @property
    def held(self) -> int:
        """Characters that wait; of a private key nothing waits, it is gone."""
        return len(self._held)

    def feed(self, piece: str) -> str:
        """The text that may go on."""
        out: list[str] = []
        rest = piece
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
            at = _settled(text)
            out.append(self._release(text, upto=at))
        return "".join(out)

    def finish(self) -> str:
        """What waited, and the token of a key that had no end."""
        out: list[str] = []
        if self._key is not None:
            self._key.finish()
            out.append(self._key_token())
        text, self._held = self._held, ""
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
        self._held = text[at:]
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
    """The inside of a private key, taken in until it ends."""

    __slots__ = ("_line", "body", "tail")

    def __init__(self) -> None:
        self.body = ""
        self._line = ""
        self.tail = ""
        """The END line, or the line that is no part of a key."""

    def feed(self, piece: str) -> tuple[str, bool]:
        """What is left over behind the key, and whether it has ended."""
        self._line += piece
        while True:
            ended = _KEY_END.search(self._line)
            if ended is not None:
                self._keep(self._line[: ended.start()])
                self.tail = ended[0]
                return self._line[ended.end() :], True
            parted = _LINE_END.search(self._line)
            if parted is None:
                # An unfinished line: what a key's line cannot be shows before its end.
                if len(self._line) > 200 and not _KEY_LINE.match(self._line) and _END_MARK not in self._line:
                    return self._leave()
                if len(self._line) > MAX_KEY:
                    self._keep(self._line[:-200])
                    self._line = self._line[-200:]
                return "", False
            line = self._line[: parted.start()]
            if not _KEY_LINE.match(line) and _END_MARK not in line:
                return self._leave()
            self._keep(self._line[: parted.end()])
            self._line = self._line[parted.end() :]

    def finish(self) -> None:
        """The stream has ended inside the key."""
        self._keep(self._line)
        self._line = ""

    def _keep(self, text: str) -> None:
        self.body += text[: max(0, MAX_KEY - len(self.body))]

    def _leave(self) -> tuple[str, bool]:
        rest, self._line = self._line, ""
        return rest, True


def _settled(text: str) -> int:
    """Where the part of a text begins in which something may still be under way."""
    tail = text[-PLAIN_HOLD:]
    last = max(tail.rfind(" "), tail.rfind("\n"))
    calm = _CALM.match(tail)
    if calm is not None and last >= 0:
        # Only words of small letters: the last one may go on.
        return len(text) - len(tail) + last + 1
    at = max(0, len(text) - PLAIN_HOLD)
    # Not inside a word: what crosses the line is held from where it begins.
    low = max(0, len(text) - REDACT_HOLD)
    while at > low and not text[at - 1].isspace():
        at -= 1
    return at
