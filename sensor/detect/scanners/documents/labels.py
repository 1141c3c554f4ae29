"""
Labels: a line that says of the text around it how secret it is.

"Confidential" in a sentence is no label. A label is a line by itself, or ends one ("Acme GmbH -
Confidential - Page 3"), or stands behind a key ("Classification: Restricted"); it begins with a capital
letter. What else the line holds must be what stands in headers and footers: page numbers, dates, versions,
a copyright, a name of a few words. A list of the levels that there are ("Public, Internal, Confidential")
is none either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.documents.lines import MAX_HITS, line_around, next_line, previous_line
from sensor.detect.scanners.documents.phrases import KEYS, label_at, level_at

__all__ = ["MAX_LABEL_LINE", "scan_insider", "scan_labels"]

LABEL: Final = "document.label"
MARKING: Final = "document.marking"
PRIVILEGE: Final = "document.privilege"
INSIDER: Final = "document.insider"
_DETECTORS: Final = {"state": MARKING, "legal": PRIVILEGE}

# What headers and footers hold beside a label.
_FILLER: Final = lazily(
    r"(?:page|seite|página|pagina|pág|strona|sivu|side|sida|стр(?:аница)?|p)\.? *\d{1,4}(?: *(?:of|von"
    r"|de|di|van|z|/|sur) *\d{1,4})?"
    r"|©|\(c\)|copyright|all rights reserved|alle rechte vorbehalten|\b(?:version|rev(?:ision)?"
    r"|v)\.? ?\d[\d.]*|\b(?:19|20)\d\d\b"
    r"|\b\d{1,2}[./ -](?:\d{1,2}|[a-z]{3,9})[./ -]\d{2,4}\b|\b(?:19|20)\d\d-\d\d-\d\d\b|\b(?:document"
    r"|dokument|file|doc)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = lazily(r"[;!?{}=<>`]|\w[.,]\s+\w")
_WORD: Final = lazily(r"(?<!\w)[^\W\d_]")
# Two lines of one label: "CONFIDENTIAL" over "DO NOT DISTRIBUTE".
_TOGETHER: Final = lazily(
    r"(?:.*\n)?(?:do not|not for|(?:for )?internal use|draft|entwurf|attorney|privileged|subject to"
    r"|nur )",
    re.IGNORECASE,
)
MAX_LABEL_LINE: Final = 120
"""Characters of a line that can be a label."""


def scan_labels(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Labels of documents, markings of states, and what lawyers write over a letter."""
    data = document.data
    done = -1
    for _, end in hits[:MAX_HITS]:
        if end <= done:
            continue
        start, done = line_around(data, max(0, end - 1))
        found = _read_line(data, start, done)
        if found is not None:
            yield found


def _read_line(data: bytes, start: int, end: int) -> Candidate | None:
    line = data[start:end].decode("utf-8", "replace")
    if len(line) > MAX_LABEL_LINE:
        return None
    found, key = _find(line)
    if found is None:
        return None
    label, kind = found[0], str(found.lastgroup)
    before, after = line[: key if key is not None else found.start()], line[found.end() :]
    in_capitals = label.upper() == label or label.startswith("VS")
    if key is not None:
        # "Classification: confidential data is encrypted" is a sentence.
        if len(after.split()) > 4 or _SENTENCE.search(after):
            return None
    elif not label[:1].isupper() and label[:1].islower():
        return None
    if (kind == "weak" and not (in_capitals or key is not None)) or (kind == "state" and not in_capitals):
        return None
    rest = _without_labels(_FILLER.sub(" ", f"{before} | {after}"))
    if key is None and not _is_header(rest, in_capitals):
        return None
    if _in_a_list(data, start, end, label):
        return None
    alone = not any(character.isalnum() for character in rest)
    if kind == "weak":
        score = 0.4 if label.lower() in ("draft", "entwurf") else 0.6
    else:
        score = 0.85 if key is not None or (in_capitals and alone) else 0.7 if in_capitals or alone else 0.6
    first = start + len(line[: found.start()].encode("utf-8", "replace"))
    last = first + len(label.encode("utf-8", "replace"))
    reason = "a line by itself" if alone else "in a header or footer"
    if key is not None:
        reason = "behind a key that names it"
    return Candidate(first, last, _DETECTORS.get(kind, LABEL), score, False, (reason,))


def _find(line: str) -> tuple[re.Match[str] | None, int | None]:
    """The first label of a line, and where the key begins that it stands behind."""
    for word in _WORD.finditer(line):
        found = label_at(line, word.start())
        if found is not None:
            key = KEYS.search(line, 0, found.start())
            return found, key.start() if key is not None else None
    return None, None


def _without_labels(text: str) -> str:
    """Without further labels: "Confidential - do not distribute"."""
    parts = []
    at = 0
    for word in _WORD.finditer(text):
        found = label_at(text, word.start()) if word.start() >= at else None
        if found is not None:
            parts.append(text[at : found.start()])
            at = found.end()
    return " ".join((*parts, text[at:]))


def _is_header(rest: str, in_capitals: bool) -> bool:
    """Whether what stands beside a label is what a header or footer holds: names, no sentence."""
    words = re.findall(r"[^\W\d_]+", rest)
    small = sum(word.islower() and len(word) > 2 for word in words)
    return (
        len(words) <= (6 if in_capitals else 4)
        and small <= (2 if in_capitals else 0)
        and not _SENTENCE.search(rest)
    )


def _in_a_list(data: bytes, start: int, end: int, label: str) -> bool:
    """
    Whether the line above or below begins with another level: then it is a list of what levels there are.
    """
    for raw in (previous_line(data, start), next_line(data, end)):
        line = raw[:200].decode("utf-8", "replace")
        word = _WORD.search(line)
        other = level_at(line, word.start()) if word is not None else None
        if other is None or other[0].lower() == label.lower():
            continue
        if not _TOGETHER.match(f"{label}\n{other[0]}"):
            return True
    return False


# --- what is known before the market, and what a lawyer wrote -----------------------------------------------

_INSIDER: Final = lazily(
    r"(?P<mnpi>material,? non-?public information|\bMNPI\b|inside(?:r)? information|insiderinformation\w*"
    r"|price[- ]sensitive information|information privilégiée|información privilegiada"
    r"|informazioni privilegiate"
    r"|ad[- ]hoc[- ](?:mitteilung|pflicht)\w*)"
    r"|(?P<deal>letter of intent|term sheet|data ?room|due diligence|purchase price|enterprise value"
    r"|target company"
    r"|(?:merger|share purchase|acquisition) agreement|takeover (?:bid|offer)|tender offer|earn[- ]?out"
    r"|closing conditions"
    r"|(?:proposed|planned|potential) (?:acquisition|merger|takeover|disposal|divestiture)|kaufpreis"
    r"|unternehmenskaufvertrag"
    r"|übernahmeangebot|absichtserklärung|lettre d'intention|protocole d'accord)"
    r"|(?P<code>\bprojec?k?te? [A-Z][a-z]{3,12}\b)"
    r"|(?P<quiet>not yet (?:been )?(?:announced|public|disclosed)"
    r"|before (?:the )?(?:public )?announcement|ahead of (?:the )?announcement"
    r"|prior to (?:public )?(?:announcement|disclosure)|noch nicht (?:veröffentlicht|bekannt)"
    r"|vor (?:der )?(?:bekanntgabe|veröffentlichung)"
    r"|blackout period|quiet period|insider list|insiderliste|unpublished (?:results|figures))",
    re.IGNORECASE,
)
_REACH: Final = 1_200


def scan_insider(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """
    Terms of deals and of what moves prices, where several kinds of them stand together.

    A compliance manual speaks of inside information too: one kind alone is told with a low score.
    """
    data = document.data
    last = -1
    for _, end in hits[:MAX_HITS]:
        if end <= last:
            continue
        low = max(0, end - _REACH // 2)
        window = data[low : end + _REACH].decode("utf-8", "replace")
        kinds: dict[str, re.Match[str]] = {}
        for found in _INSIDER.finditer(window):
            kinds.setdefault(str(found.lastgroup), found)
        if not kinds:
            continue
        lead = min(kinds.values(), key=lambda found: found.start())
        first = low + len(window[: lead.start()].encode("utf-8", "replace"))
        size = len(lead[0].encode("utf-8", "replace"))
        last = end + _REACH
        # What is said only of a deal of one's own: a code name, that nobody knows of it yet.
        own = len(kinds.keys() & {"code", "quiet"})
        score = 0.35 if not own else min(0.8, 0.25 + 0.15 * len(kinds))
        yield Candidate(
            first, first + size, INSIDER, score, False, (f"{len(kinds)} kinds of deal terms together",)
        )
