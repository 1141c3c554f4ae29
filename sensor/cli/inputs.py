"""
What ``gnomon redact`` and ``gnomon detect explain`` read: standard input, texts, documents, folders.

A plain text is kept in its own encoding, so that it can be written as it came. A document's text is taken out
by a child process with limits (``sensor.extract``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sensor.errors import UsageError, WorkError

if TYPE_CHECKING:
    from sensor.extract import Extractor

__all__ = ["MAX_TEXT", "STDIN", "Piece", "files_of", "pieces_of", "shown"]

MAX_TEXT = 256 * 1024 * 1024
"""Bytes of one input."""
STDIN = "-"
_HEAD = 65_536
_PLAIN = frozenset("text unknown empty".split())
_PIPED = _PLAIN | frozenset("csv eml html ics ipynb json mbox rtf svg tsv vcf xml".split())
"""Formats that are text as they stand: from a pipe they are taken as text and written again as text."""
_PROBLEMS = {
    "bomb": "it expands beyond reason and was not read to its end",
    "crashed": "its reader broke down; what it had read before is taken",
    "damaged": "it is damaged; what could be read is taken",
    "encrypted": "it needs a password; save it without one",
    "memory": "it needs more memory than a reader may have",
    "partial": "not all of it is text in a known form; what looks like words is taken",
    "timeout": "reading it takes too long; what was read is taken",
    "too_deep": "it is nested too deeply; what stands above is taken",
    "too_large": "it is larger than what is read; what was read is taken",
    "too_many": "it has more pages, cells or members than are read",
    "unreadable": "it cannot be opened",
    "unsupported": "it, or a file in it, has a format that cannot be read",
}


class Piece(NamedTuple):
    """A text and where it stands."""

    file: str
    where: str
    """The part of a document; empty for a plain text."""
    text: str
    encoding: str = "utf-8"
    errors: str = "strict"
    """In which a plain text can be written as the same bytes."""


def shown(name: str) -> str:
    """How a file is called in messages."""
    return "standard input" if name == STDIN else name


def files_of(names: Sequence[str]) -> list[str]:
    """
    The files that names stand for: of a folder all that is in it, without hidden ones and links.

    No name at all is standard input.
    """
    found: list[str] = []
    for name in names or [STDIN]:
        path = Path(name)
        if name == STDIN or not path.is_dir():
            found.append(name)
            continue
        inside = [
            str(item)
            for item in sorted(path.rglob("*"))
            if item.is_file()
            and not item.is_symlink()
            and not any(part.startswith(".") for part in item.relative_to(path).parts)
        ]
        if not inside:
            raise UsageError(f"there is no file in {name}", hint="Hidden files and links are passed over.")
        found += inside
    return found


def pieces_of(name: str, extractor: Extractor | None = None) -> Iterator[Piece]:
    """
    The texts of a file, or of standard input.

    Raises ``WorkError`` for one that cannot be read; what else is wrong with it goes to stderr.
    """
    from sensor.extract import extract, sniff

    if name == STDIN:
        raw = _read_stdin()
        if sniff(raw) in _PIPED:
            yield _plain(name, raw)
            return
        found = extractor.extract(raw) if extractor is not None else extract(raw)
    else:
        path = Path(name)
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
                if sniff(head, name=name) in _PLAIN:
                    raw = head + file.read(MAX_TEXT + 1 - len(head))
                    yield _plain(name, raw)
                    return
        except OSError as error:
            raise WorkError(f"cannot read {name}: {error.strerror}") from error
        found = (
            extractor.extract(path, name=path.name)
            if extractor is not None
            else extract(path, name=path.name)
        )
    said = "; ".join(_PROBLEMS[problem] for problem in found.problems)
    if not found.parts:
        if said:
            raise WorkError(f"{shown(name)} ({found.format}): {said}")
        print(f"{shown(name)} ({found.format}): there is no text in it", file=sys.stderr)
    elif said:
        print(f"{shown(name)} ({found.format}): {said}", file=sys.stderr)
    for part in found.parts:
        yield Piece(name, f"{part.where} ({part.kind})" if part.where else part.kind, part.text)


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise WorkError("there is no standard input", hint="Name a file.")
    if sys.stdin.isatty():
        print("reading a text from standard input, to its end (Ctrl-D)", file=sys.stderr)
    try:
        return sys.stdin.buffer.read(MAX_TEXT + 1)
    except OSError as error:
        raise WorkError(f"cannot read standard input: {error.strerror}") from error


def _plain(name: str, raw: bytes) -> Piece:
    if len(raw) > MAX_TEXT:
        raise WorkError(
            f"{shown(name)} is longer than {MAX_TEXT // 1024 // 1024} MB", hint="Split it, at line ends."
        )
    from sensor.extract.charsets import encoding_of

    encoding = encoding_of(raw)
    try:
        text = raw.decode(encoding)
        if text.encode(encoding) == raw:
            return Piece(name, "", text, encoding)
    except (UnicodeError, LookupError):
        pass
    # Bytes that are no text in any encoding are kept as half characters.
    return Piece(name, "", raw.decode("utf-8", "surrogateescape"), "utf-8", "surrogateescape")
