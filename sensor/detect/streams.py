"""
What is sensitive taken out of text that arrives in pieces.

Rule 1: whatever the pieces, nothing goes out that a scan of the held text, with ``CONTEXT`` characters before
it, finds. That is less than a scan of the whole: docs/detect.md, "Limits", names what is let go.
Rule 2: held back is only what may still become something: the unfinished word, number or key at the end, at
most ``REDACT_HOLD`` characters.
Rule 3: a private key is longer than any window. From its BEGIN line on everything is swallowed until its END
line, or until ``KEY_GAP`` characters without base64; one token stands for it. Of another secret that is
longer than ``REDACT_HOLD`` the token goes out and the rest is dropped.
Rule 4: a piece costs a scan only where it may let something go. The held text is looked at when a blank or a
line end comes with ``FEW`` or more new characters, when ``MANY`` came without one, when more than
``REDACT_HOLD`` are held, and when an empty piece says that nothing comes for the moment; all other pieces
are laid to it. What a look lets go is what ``_settled`` gives: in plain words all but the last one.

``feed`` gives what may go on now; ``finish`` the rest. Memory: the held text and ``CONTEXT`` characters, and
a private key of at most ``MAX_KEY``. Not for several threads at once: one object for one stream.

What waits: of an assistant's answer in pieces of a word or of a character 17 characters on the average, 11 in
the middle, 52 at most (a line behind a capital or a digit, two words behind small letters). What it costs: a
piece that is only laid to the held text 0.2 µs; with the scans, 4 µs for each character of it.
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
KEPT = REDACT_HOLD - 32
"""Characters that stay where more than ``REDACT_HOLD`` would be held: a run without end is not looked at
with every character of it."""
FEW = 8
"""New characters without which a blank is no reason to look."""
MANY = 24
"""New characters that are a reason to look without a blank."""
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
_BASE64 = re.compile("[A-Za-z0-9+/=]*")
_RUN = re.compile("[A-Za-z0-9+/=]{16,}")
_LAST_LINE = re.compile(r"[^A-Za-z0-9+/=]*[A-Za-z0-9+/=]*[^A-Za-z0-9+/=]*\Z")
# What a secret without blanks is made of.
_SOLID = re.compile(r"[A-Za-z0-9+/=_.~%-]*")
_LEAD = re.compile(r"(?:\s|\\[rn])*")
_TRAIL = re.compile(r"(?:\s|\\[rn])*\Z")
"""Line ends around the inside of a key, also those of a JSON string."""

_SMALL = r"[a-z,.;:!?()'’\u00df-\u00f6\u00f8-\u00ff \n]"
_CALM = re.compile(rf"(?:{_SMALL}|[A-Z])*{_SMALL}{{16,}}+\Z|{_SMALL}*\Z")
"""Text in which nothing is under way: small letters, blanks and punctuation; capitals stand well behind."""

SPELLED_HOLD = 400
"""Characters held back behind the beginning of something that is spelled out in words."""
SPELLED_STEP = 64
"""Characters more that wait before the first of them go: where all is spelled out, every look is dear."""
_DIGIT = (
    "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine"
    "|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun)"
)
_SPELLED = re.compile(
    rf"\b(?:{_DIGIT}[ ,-]{{1,3}}{_DIGIT}\b|(?:[a-z0-9] ){{4}}|seed ?phrase|seed ?words"
    r"|mnemonic|recovery ?phrase)"
)
"""Of small letters: digits in words, letters one by one, the words of a wallet."""
_SPELLED_LENGTH = 24
"""Characters that a match of it has at most, and a few more."""
_ADDRESS = re.compile(r"\b[a-z0-9]+ (?:at|dot) [a-z0-9]+ (?:at|dot)\b")
"""Of small letters: an address spelled out."""


class StreamRedactor:
    """
    Replaces what the engine finds in text that comes in pieces.

    ``make(finding, value)`` gives the text that stands for a value.
    """

    __slots__ = (
        "_before", "_cut", "_engine", "_gone", "_held", "_key", "_looked", "_make", "_min_score", "_searched",
        "_spelled", "_wanted", "found",
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
        self._looked = 0
        """Characters of the held text that the last look saw."""
        self._gone = 0
        """Characters that have gone out; places below are counted from the first of them."""
        self._searched = 0
        """To where it is known what begins to be spelled out."""
        self._spelled: list[int] = []
        """Where that begins, the last ``SPELLED_HOLD`` characters long."""
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
        """
        The text that may go on.

        An empty piece says that nothing comes for the moment: what may go is wanted now.
        """
        if piece and self._key is None and not self._cut:
            self._held += piece
            new = len(self._held) - self._looked
            dull = new < FEW or (new < MANY and " " not in piece and "\n" not in piece)
            if dull and len(self._held) <= REDACT_HOLD:
                return ""
            piece = ""
        return self._look(piece)

    def _look(self, rest: str) -> str:
        out: list[str] = []
        rest = self._without_cut(rest)
        while True:
            if self._key is not None:
                rest, ended = self._key.feed(rest)
                if not ended:
                    break
                out.append(self._key_token())
            text = self._held + rest
            before = self._before[-64:]
            begun = _KEY_BEGIN.search(before + text)
            if begun is None or begun.end() <= len(before):
                out.append(self._release(text, upto=self._settled(text)))
                break
            cut = begun.end() - len(before)
            out.append(self._release(text[:cut], final=True))
            self._key = _Key()
            rest = text[cut:]
        self._looked = len(self._held)
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
        text, self._held, self._looked = self._held, "", 0
        if self._key is not None:
            text = self._key.finish()
            out.append(self._key_token())
        out.append(self._release(text, final=True))
        return "".join(out)

    def _release(self, text: str, *, upto: int | None = None, final: bool = False) -> str:
        """``text`` up to a place, redacted; the rest is held. A finding that reaches over the place moves
        it."""
        at = len(text) if final or upto is None else upto
        if not at:
            self._held = text
            return ""
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
            at = max(at, _least(text))
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
        self._gone += at
        if not final and done == at and any(f.start - offset < at < f.end - offset for f in findings):
            self._cut = True
            self._searched = self._gone
        self._held = self._without_cut(text[at:])
        return "".join(out)

    def _settled(self, text: str) -> int:
        """Where the part of a text begins in which something may still be under way."""
        least = _least(text)
        self._look_for_spelled(text)
        if self._spelled:
            # What it names comes behind it; the beginning may have gone out.
            return max(least, self._spelled[0] - self._gone)
        tail = text[-PLAIN_HOLD:]
        last = max(tail.rfind(" "), tail.rfind("\n"))
        if last >= 0 and _CALM.match(tail) is not None:
            # Only words of small letters: the last one may go on.
            return len(text) - len(tail) + last + 1
        at = max(0, len(text) - PLAIN_HOLD)
        # Not inside a word: what crosses the line is held from where it begins.
        while at > least and not text[at - 1].isspace():
            at -= 1
        return at

    def _look_for_spelled(self, text: str) -> None:
        """Bring ``_spelled`` up to date: only what is new is looked through."""
        low = _lowered(self._before + text)
        first = self._gone - len(self._before)
        end = first + len(low)
        begin = max(0, self._searched - first - _SPELLED_LENGTH)
        found = [first + match.start() for match in _SPELLED.finditer(low, begin)]
        if low.find(" at", begin) >= 0 or low.find(" dot", begin) >= 0:
            found += [
                first + match.start() for match in _ADDRESS.finditer(low, max(0, len(low) - SPELLED_HOLD))
            ]
        if found:
            self._spelled = sorted({*self._spelled, *found})
        if self._spelled and self._spelled[0] < end - SPELLED_HOLD - SPELLED_STEP:
            self._spelled = [at for at in self._spelled if at >= end - SPELLED_HOLD]
        self._searched = end

    def _key_token(self) -> str:
        assert self._key is not None
        key, self._key = self._key, None
        self._held = ""
        self._before = ""
        self._gone = self._searched = 0
        self._spelled = []
        body = key.body
        lead = _LEAD.match(body)
        trail = _TRAIL.search(body, max(0, len(body) - 64))
        assert lead is not None and trail is not None  # both match nothing, too
        if lead.end() >= trail.start():
            return body + key.tail
        finding = Finding(
            detector="secret.private_key", type="private_key", group="secret", start=0, end=len(body),
            score=1.0, validated=False,
                reasons=("between the BEGIN and END lines of a private key",), letters="SK",
        )  # fmt: skip
        self.found.append(finding)
        token = self._make(finding, body[lead.end() : trail.start()])
        return f"{lead[0]}{token}{trail[0]}{key.tail}"


class _Key:
    """
    The inside of a private key, taken in until it ends.

    How its lines are parted and what stands before them (blanks of YAML, ``>`` of a mail, quotes and plus
    signs of source text, line numbers) does not matter: it goes on as long as runs of base64 come.
    """

    __slots__ = ("_kept", "_open", "_pending", "_size", "tail")

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._size = 0
        self._pending = ""
        """What came behind the last run of base64."""
        self._open = False
        """That run went to the end of what had come, and may go on."""
        self.tail = ""
        """The END line."""

    @property
    def body(self) -> str:
        """What was taken in, to ``MAX_KEY``."""
        return "".join(self._kept)

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
        run = _BASE64.match(text) if self._open else None
        return 0 if run is None else run.end()

    def finish(self) -> str:
        """The stream has ended inside the key: what stands behind it. A last word may be its last line."""
        if _LAST_LINE.match(self._pending):
            self._keep(self._pending)
            return ""
        return self._pending

    def _keep(self, text: str) -> None:
        kept = text[: MAX_KEY - self._size]
        if kept:
            self._kept.append(kept)
            self._size += len(kept)


def _least(text: str) -> int:
    """How much of a held text has to go, whatever is under way in it."""
    return 0 if len(text) <= REDACT_HOLD else len(text) - KEPT


def _lowered(text: str) -> str:
    """In small letters, with as many characters: a dotted capital I would become two."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)
