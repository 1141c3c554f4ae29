"""
Source code, by language.

The gate names signs: a line that begins a function, a class, an import as one language writes it. Signs
that stand together are a passage; which language it is, those say that have the most different signs. Then
the passage itself is looked at: code has brackets, operators and indented lines where prose has words. A
line of code in a chat is not reported, half a page is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.scanners.documents.lines import clusters, line_around

__all__ = ["LANGUAGES", "scan_code"]

SOURCE: Final = "code.source"

LANGUAGES: Final = {
    "python": "Python", "javascript": "JavaScript", "typescript": "TypeScript", "java": "Java", "c": "C",
    "cpp": "C++",
    "csharp": "C#", "go": "Go", "rust": "Rust", "ruby": "Ruby", "php": "PHP", "swift": "Swift",
    "kotlin": "Kotlin",
    "scala": "Scala", "shell": "a shell", "powershell": "PowerShell", "sql": "SQL", "perl": "Perl",
    "lua": "Lua", "r": "R",
    "haskell": "Haskell", "html": "HTML", "css": "CSS", "terraform": "Terraform",
    "dockerfile": "a Dockerfile",
    "vb": "Visual Basic", "elixir": "Elixir", "dart": "Dart", "abap": "ABAP", "cobol": "COBOL",
    "verilog": "Verilog",
    "matlab": "MATLAB", "curly": "a language with braces",
}  # fmt: skip
"""Tag of the gate to the language's name. A tag is the language, ``_`` and the sign."""

APART: Final = 1_200
"""Bytes between two signs of one passage."""
MAX_PASSAGE: Final = 20_000
"""Bytes of a passage that are looked at."""
MAX_TAIL: Final = 3_000
"""Bytes behind the last sign that may belong to a passage."""
_BEGINS: Final = frozenset(b" \t)}]#/*-@")
_ENDS: Final = frozenset((b";", b"{", b"}", b":", b",", b"(", b")", b"[", b"]", b">", b"\\"))

_BY_WORDS: Final = frozenset({"cobol", "abap", "haskell"})

# A language whose code another one's signs are found in as well.
_WITHIN: Final = {
    "typescript": "javascript", "cpp": "c", "kotlin": "java", "scala": "java", "csharp": "java",
    "dart": "java",
}  # fmt: skip


def scan_code(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Passages of source code."""
    data = document.data
    for group in clusters(hits, APART):
        signs: dict[str, set[str]] = {}
        for tag, _ in group:
            language, _, sign = tag.partition("_")
            signs.setdefault(language, set()).add(sign)
        fenced = signs.pop("fence", None) is not None
        shared = {f"any_{sign}" for sign in signs.pop("any", ())}
        braces = signs.pop("curly", set())
        if len(braces) >= 3 and not signs:
            signs["curly"] = set()
        if len(group) < 2 or not signs:
            continue
        shared |= {f"curly_{sign}" for sign in braces}
        for language, base in _WITHIN.items():
            if language in signs:
                signs[language] |= signs.get(base, set())
        language = max(signs, key=lambda name: (len(signs[name]), name in _WITHIN))
        start, _ = line_around(data, group[0][1] - 1)
        end = _end_of(data, group[-1][1])
        kinds = len(signs[language]) + len(shared)
        # SQL is neither indented nor full of brackets; so many signs say enough by themselves.
        by_words = len(group) >= 10 or kinds >= (2 if language in _BY_WORDS else 4)
        lines = _lines_of_code(data, start, min(end, start + MAX_PASSAGE), by_words)
        if lines < 2 or (kinds < 2 and len(group) < 3 and not fenced):
            continue
        yield Candidate(
            start, end, SOURCE, _score(kinds, lines, fenced), False,
            (f"looks like {LANGUAGES[language]}", f"{kinds} kinds of signs", f"{_rounded(lines)} lines"),
        )  # fmt: skip


def _score(kinds: int, lines: int, fenced: bool) -> float:
    """Below 0.5 for a snippet, up to 0.85 for a file."""
    score = 0.3 + 0.05 * min(kinds, 4) + (0.05 if fenced else 0.0)
    for least, more in ((7, 0.1), (13, 0.1), (26, 0.1), (50, 0.1)):
        if lines >= least:
            score += more
    return round(score if lines >= 7 else min(score, 0.45), 3)


def _rounded(lines: int) -> str:
    return f"{lines}" if lines < 10 else f"about {lines // 10 * 10}"


def _end_of(data: bytes, at: int) -> int:
    """Where the passage ends: lines that go on being code, after the last sign."""
    start = data.rfind(b"\n", 0, at) + 1
    end = place = start
    blank = False
    for row in data[start : start + MAX_TAIL].split(b"\n"):
        line = row.rstrip()
        if line:
            # Indented, a closing bracket, a comment, or an end that prose does not have.
            if place > start and line[0] not in _BEGINS and line[-1:] not in _ENDS:
                break
            blank = False
            end = place + len(line)
        elif blank:
            break
        else:
            blank = True
        place += len(row) + 1
    return max(end, at)


def _lines_of_code(data: bytes, start: int, end: int, by_words: bool) -> int:
    """How many lines a passage has; 0 where it has the texture of prose."""
    text = data[start:end]
    rows = [row for row in text.split(b"\n") if row]
    lines = len(rows)
    if by_words:
        return lines
    marks = len(text) - len(text.translate(None, b"({=;<"))
    sample = rows[:: 1 + lines // 24]
    shaped = sum(row[0] in b" \t}" or row.rstrip()[-1:] in _ENDS for row in sample)
    return lines if marks * 10 >= lines * 4 and shaped * 10 >= len(sample) * 3 else 0
