"""
What is sensitive in the strings of a body, and the strings without it.

Agents send their whole history again with every turn. A string that was scanned before is known by a keyed
digest of it, with where its findings stand, never with its text, so that a turn costs what is new in it.

Short strings are scanned together, each behind its key, because a key names its value (``"iban": "DE…"``) and
a scan for each would cost more than all of them. Long ones are scanned alone and remembered.

Rule 1: every string and every key is scanned, but for what names a form (``FORMS``) and the base64 of files.
What must not be changed (``fixed``) is scanned, too, and a finding there cannot be replaced.
Rule 2: what is found in a bare number, or in a key, cannot be replaced either: the body is refused instead
(``Found.stuck``).

Bounds: ``MAX_CACHED`` digests; ``MAX_TOGETHER`` characters in one scan of short strings.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sensor.detect.engine import Engine
from sensor.detect.finding import Finding
from sensor.dialects.reading import Path

__all__ = ["FORMS", "LONG", "MAX_CACHED", "MAX_TOGETHER", "Found", "LeafScanner", "Text", "without"]

LONG = 256
"""Characters from which a string is scanned alone."""
MAX_TOGETHER = 16_384
MAX_CACHED = 20_000
LEAST_DIGITS = 6
"""Characters of a bare number that is scanned."""

FORMS = frozenset(
    """
    type role object model finish_reason stop_reason status event encoding format mime_type media_type
    mimeType
    """.split()
)
"""Keys whose string names a form, where it is a name: a word of at most ``MAX_NAME`` characters with few
digits. Not ids: a customer's number may stand there."""
MAX_NAME = 64
_SIGNED = frozenset("signature thought_signature thoughtSignature encrypted_content".split())
"""Keys whose string is opaque, where it is base64."""
_OPAQUE = frozenset({"data", "bytes", "b64_json", "file_data", "image_url", "url", "inline_data", "audio"})
"""Keys under which base64 of a file may stand; it is told as an upload, and not scanned as text."""
_BASE64_FROM = 512
"""Characters of base64 that are taken for a file's."""


class Text(NamedTuple):
    """One string of a body."""

    number: int
    """Its number among the strings of the body."""
    path: Path
    text: str
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan of a body's strings gave. Holds no text."""

    by_text: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    """Number of a string to its findings, in offsets of that string."""
    stuck: tuple[str, ...] = ()
    """Why some finding cannot be replaced: ``number``, ``key``, ``fixed``."""
    in_numbers: tuple[Finding, ...] = ()
    """Findings in bare numbers."""

    def findings(self) -> Iterable[Finding]:
        """All of them."""
        for found in self.by_text.values():
            yield from found
        yield from self.in_numbers

    def __bool__(self) -> bool:
        return bool(self.by_text) or bool(self.in_numbers)


class LeafScanner:
    """
    Scans strings with one engine, and remembers what it scanned.

    ``secret``: at least 16 random bytes, for the digests. For one thread at a time.
    """

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine = engine
        self._secret = secret[:64]
        self._cache: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def scan(
        self,
        texts: Sequence[Text],
        numbers: Sequence[tuple[Path, str]] = (),
        fixed: Collection[Path] = (),
    ) -> Found:
        """All findings in the strings and bare numbers of one body."""
        by_text: dict[int, tuple[Finding, ...]] = {}
        stuck: set[str] = set()
        short: list[Text] = []
        size = 0
        for text in texts:
            if not text.text or (not text.is_key and _is_skipped(text)):
                continue
            if len(text.text) >= LONG:
                found = self._scan(text.text)
                if found:
                    by_text[text.number] = found
                continue
            short.append(text)
            size += len(text.text) + 2
            if size >= MAX_TOGETHER:
                self._scan_together(short, by_text)
                short, size = [], 0
        self._scan_together(short, by_text)
        kept = tuple(fixed)
        for text in texts:
            if text.number in by_text:
                if text.is_key:
                    stuck.add("key")
                elif any(text.path[: len(path)] == path for path in kept):
                    stuck.add("fixed")
        in_numbers = self._in_numbers(numbers)
        if in_numbers:
            stuck.add("number")
        return Found(by_text, tuple(sorted(stuck)), tuple(in_numbers))

    def _in_numbers(self, numbers: Sequence[tuple[Path, str]]) -> list[Finding]:
        """Findings in bare numbers, each behind its key; scanned together, as short strings are."""
        by_text: dict[int, tuple[Finding, ...]] = {}
        pairs: list[Text] = []
        size = 0
        for at, (path, number) in enumerate(numbers):
            if len(number) < LEAST_DIGITS:
                continue
            label = path[-1] if path and isinstance(path[-1], str) else ""
            pairs += [Text(-1, path, label, is_key=True), Text(at, path, number)]
            size += len(label) + len(number) + 3
            if size >= MAX_TOGETHER:
                self._scan_together(pairs, by_text)
                pairs, size = [], 0
        self._scan_together(pairs, by_text)
        by_text.pop(-1, None)
        return [item for found in by_text.values() for item in found if not item.report_only]

    def _scan_together(self, texts: list[Text], by_text: dict[int, tuple[Finding, ...]]) -> None:
        """Short strings as lines, a value behind its key."""
        if not texts:
            return
        pieces: list[str] = []
        starts: list[int] = []
        at = 0
        for number, text in enumerate(texts):
            if number:
                # A key and its value on one line, as a person would write them.
                joint = ": " if texts[number - 1].is_key and not text.is_key else "\n"
                pieces.append(joint)
                at += len(joint)
            starts.append(at)
            pieces.append(text.text)
            at += len(text.text)
        for finding in self._scan("".join(pieces)):
            for text, start in _covered(texts, starts, finding):
                low, high = max(0, finding.start - start), min(len(text.text), finding.end - start)
                moved = finding._replace(start=low, end=high)
                by_text[text.number] = (*by_text.get(text.number, ()), moved)

    def _scan(self, text: str) -> tuple[Finding, ...]:
        if len(text) < 24:
            return self._engine.scan(text)
        digest = hashlib.blake2b(
            text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._secret
        ).digest()
        found = self._cache.get(digest)
        if found is not None:
            self._cache.move_to_end(digest)
            self.hits += 1
            return found
        self.misses += 1
        found = self._engine.scan(text)
        self._cache[digest] = found
        if len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
        return found


def without(
    texts: Sequence[Text],
    found: Found,
    make: Callable[[Finding, str], str],
    wanted: Callable[[Finding], bool],
) -> dict[int, str]:
    """The strings in which something is replaced: number to new text. Keys are left alone."""
    new: dict[int, str] = {}
    for text in texts:
        findings = found.by_text.get(text.number, ())
        spans = sorted(
            (item for item in findings if not item.report_only and wanted(item)), key=lambda item: item.start
        )
        if text.is_key or not spans:
            continue
        pieces: list[str] = []
        at = 0
        for item in spans:
            if item.start < at:
                continue
            pieces.append(text.text[at : item.start])
            pieces.append(make(item, text.text[item.start : item.end]))
            at = item.end
        pieces.append(text.text[at:])
        new[text.number] = "".join(pieces)
    return new


def _covered(texts: list[Text], starts: list[int], finding: Finding) -> Iterable[tuple[Text, int]]:
    """The strings that a finding in the joined text lies in."""
    at = max(0, bisect_right(starts, finding.start) - 1)
    while at < len(texts) and starts[at] < finding.end:
        if starts[at] + len(texts[at].text) > finding.start:
            yield texts[at], starts[at]
        at += 1


def _is_skipped(text: Text) -> bool:
    last = text.path[-1] if text.path else None
    if last in FORMS:
        return _NAME.fullmatch(text.text) is not None and sum(map(str.isdigit, text.text)) < _FEW_DIGITS
    if last in _SIGNED:
        return _looks_base64(text.text)
    return last in _OPAQUE and len(text.text) >= _BASE64_FROM and _looks_base64(text.text)


_NAME = re.compile(rf"[A-Za-z][\w./:+-]{{0,{MAX_NAME - 1}}}")
_FEW_DIGITS = 12
"""``gpt-4.1-2025-04-14`` has ten; a card has 12 and more."""


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n")


def _looks_base64(text: str) -> bool:
    """A long run of base64, perhaps behind ``data:…,``."""
    body = text[text.find(",") + 1 :] if text.startswith("data:") else text
    return _BASE64.issuperset(body[:_BASE64_FROM]) and _BASE64.issuperset(body[-64:])
