"""``gnomon redact``: scan a text, or the text of a file, and write it again without what is sensitive."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sensor.cli.common import add_home, add_json
from sensor.cli.inputs import STDIN, Piece, files_of, pieces_of, shown
from sensor.config import Home, find_home
from sensor.detect.detector import GROUPS, Detector
from sensor.detect.engine import MIN_SCORE, Engine
from sensor.detect.finding import Finding
from sensor.detect.redaction import Redactor
from sensor.detect_files import load_engine, load_token_key
from sensor.errors import Location, UsageError, WorkError
from sensor.yamldoc import did_you_mean

if TYPE_CHECKING:
    from sensor.extract import Extractor

__all__ = ["announce_compile", "block_end", "configure", "run", "select"]

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one line of ``--lines``."""
BLOCK = 1024 * 1024
"""Characters of a text that are scanned together; what names a value stands in the same block."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="*",
        help="texts, documents (PDF, Word, Excel, mail, archive, …) whose text is scanned, or folders of "
        "them; none, or -: standard input",
    )  # fmt: skip
    parser.add_argument(
        "--lines", action="store_true",
        help='read JSON lines {"text": …} and answer one JSON line for each, in order',
    )  # fmt: skip
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[],
        help="only this group (secret, payment, person, …), type or detector id; may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--skip", metavar="NAME", action="append", default=[],
        help="leave this group, type or detector id out; may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--min-score", metavar="N", type=float, default=MIN_SCORE,
        help=f"how sure a finding must be, 0 to 1 (default: {MIN_SCORE})",
    )  # fmt: skip
    parser.add_argument(
        "--documents", action="store_true",
        help="also replace what is otherwise only told: labels, source code, licence headers",
    )  # fmt: skip
    parser.add_argument(
        "--fail-on", metavar="NAME", action="append", default=[],
        help="exit 1 where there is a finding of this group, type or detector id, or 'any'; for CI",
    )  # fmt: skip
    parser.add_argument(
        "--findings", action="store_true",
        help="line, column and type of each finding instead of the text; with --json no text either",
    )  # fmt: skip
    parser.add_argument(
        "--no-views", action="store_true", help="do not look through disguises (base64, look-alikes, …)"
    )
    add_json(parser)
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Text in, text out; with ``--json`` one object for a text, a part, or a line of ``--lines``."""
    if not 0 <= args.min_score <= 1:
        raise UsageError(f"--min-score {args.min_score} is not between 0 and 1")
    if args.lines and len(args.files) > 1:
        raise UsageError("--lines reads one file, or standard input")
    files = [] if args.lines else files_of(args.files)
    home = find_home(args.home)
    engine = load_engine(home, on_compile=announce_compile)
    work = _Work(
        args=args,
        redactor=Redactor(engine, token_key(home), "home"),
        wanted=chooser(engine, args.only, args.skip),
        fails=chooser(engine, [name for name in args.fail_on if name != "any"], [], option="--fail-on"),
    )
    if args.lines:
        for text in _json_lines(args.files[0] if args.files else STDIN):
            work.answer(*work.redact(text))
    elif len(files) == 1:
        work.read(files[0])
    else:
        work.read_all(files)
    return work.end()


@dataclass
class _Work:
    """One call: what is asked for, and what came of it."""

    args: argparse.Namespace
    redactor: Redactor
    wanted: Callable[[Detector], bool]
    fails: Callable[[Detector], bool]
    many: bool = False
    """Of several files each line says which."""
    found: int = 0
    texts: int = 0
    unreadable: int = 0
    failing: dict[str, int] = field(default_factory=dict)
    """Types that ``--fail-on`` names, and how often they were found."""

    def read_all(self, files: list[str]) -> None:
        """Several files: one that cannot be read does not end the rest."""
        from sensor.extract import Extractor

        self.many = True
        with Extractor(parallel=1) as extractor:
            for number, name in enumerate(files, start=1):
                _progress(f"{number} of {len(files)} files: {name}")
                try:
                    self.read(name, extractor)
                except WorkError as error:
                    self.unreadable += 1
                    _progress("")
                    print(f"gnomon: {error}", file=sys.stderr)
        _progress("")
        sys.stdout.flush()
        print(
            f"{len(files)} files, {self.found} findings"
            + (f"; could not be read: {self.unreadable}" if self.unreadable else ""),
            file=sys.stderr,
        )

    def read(self, name: str, extractor: Extractor | None = None) -> None:
        """One file, text by text."""
        for piece in pieces_of(name, extractor):
            self.texts += 1
            label = ": ".join(filter(None, (name if self.many else "", piece.where)))
            if self.args.json:
                self._tell_json(piece)
            elif self.args.findings:
                place = _Place()
                for block in self._blocks(piece):
                    _, findings = self.redact(block)
                    _list(block, findings, f"{label}: " if label else "", place)
            else:
                if label:
                    print(f"--- {label}")
                for block in self._blocks(piece):
                    _write(self.redact(block)[0], piece)
                if label and not piece.text.endswith("\n"):
                    print()

    def _tell_json(self, piece: Piece) -> None:
        texts: list[str] = []
        findings: list[Finding] = []
        at = 0
        for block in self._blocks(piece):
            text, found = self.redact(block)
            texts.append(text)
            findings += [
                item._replace(start=item.start + at, end=item.end + at) if at else item for item in found
            ]
            at += len(block)
        self.answer("".join(texts), tuple(findings), part=piece.where, file=piece.file if self.many else "")

    def _blocks(self, piece: Piece) -> Iterator[str]:
        """A long text in blocks, so that memory has a bound and somebody who waits sees how far it is."""
        size = len(piece.text)
        if size <= BLOCK:
            yield piece.text
            return
        at = 0
        while at < size:
            _progress(f"{100 * at // size} % of {size} characters of {shown(piece.file)}")
            end = block_end(piece.text, at)
            yield piece.text[at:end]
            at = end
        _progress("")

    def redact(self, text: str) -> tuple[str, tuple[Finding, ...]]:
        args = self.args
        made = self.redactor.redact(
            text,
            min_score=args.min_score,
            views=not args.no_views,
            wanted=self.wanted,
            documents=args.documents,
        )
        self.found += len(made.findings)
        if args.fail_on:
            detectors = self.redactor.engine.detectors
            for finding in made.findings:
                if "any" in args.fail_on or self.fails(detectors[finding.detector]):
                    self.failing[finding.type] = self.failing.get(finding.type, 0) + 1
        return made.text, made.findings

    def answer(self, text: str, findings: tuple[Finding, ...], part: str = "", file: str = "") -> None:
        """One JSON line; with ``--findings`` without the text."""
        made: dict[str, Any] = {}
        if file:
            made["file"] = file
        if part:
            made["part"] = part
        if not self.args.findings:
            made["text"] = text
        made["findings"] = [select(finding) for finding in findings]
        _progress("")
        print(_dumps(made), flush=True)

    def end(self) -> int:
        """The exit code, and why it is not 0."""
        if (
            self.args.findings
            and not self.args.json
            and not self.args.lines
            and self.texts
            and not self.found
        ):
            print("nothing found")
        if self.failing:
            sys.stdout.flush()
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.failing.items()))
            print(f"--fail-on {' '.join(self.args.fail_on)}: {kinds}", file=sys.stderr)
        return 1 if self.failing or self.unreadable else 0


def _progress(text: str) -> None:
    """How far long work is, on a terminal; nothing wipes it out."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text[:100]}")
        sys.stderr.flush()


def block_end(text: str, at: int) -> int:
    """
    Where a block that begins at ``at`` ends: at an empty line, a line's end or a blank, not inside a private
    key.
    """
    end = at + BLOCK
    if end >= len(text):
        return len(text)
    low = end - BLOCK // 16
    begun = text.rfind("-----BEGIN ", low, end)
    if begun > at and text.find("-----END ", begun, end) < 0:
        end = begun
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, low, end)
        if found > at:
            return found + len(mark)
    return end


def announce_compile() -> None:
    """Say why the first run takes longer."""
    print("compiling the detectors, once for this version …", file=sys.stderr)


def token_key(home: Home) -> bytes:
    """The home's key for tokens; a passing one where there is no home, so that nothing is left behind."""
    kept = load_token_key(home)
    return kept if kept is not None else secrets.token_bytes(32)


def chooser(
    engine: Engine, only: list[str], skip: list[str], *, option: str = "--only"
) -> Callable[[Detector], bool]:
    """Whether a detector is among those named by group, type or id. Raises ``UsageError`` for an unknown
    name."""
    types = {detector.type for detector in engine.detectors.values()}
    known = sorted({*GROUPS, *types, *engine.detectors})
    for name in [*only, *skip]:
        if name not in known:
            raise UsageError(
                f'{option if name in only else "--skip"}: no group, type or detector "{name}"',
                hint=did_you_mean(name, known, "Names") if len(known) < 40 else _near(name, known),
            )

    def among(detector: Detector, names: list[str]) -> bool:
        return detector.group in names or detector.type in names or detector.id in names

    return lambda detector: (not only or among(detector, only)) and not among(detector, skip)


def _near(name: str, known: list[str]) -> str:
    from sensor.yamldoc import suggest

    near = suggest(name, known)
    return (f'Did you mean "{near}"? ' if near else "") + "gnomon detect list shows them all."


def select(finding: Finding) -> dict[str, Any]:
    """A finding as the command line's contract has it."""
    return {
        "type": finding.type,
        "start": finding.start,
        "end": finding.end,
        "score": finding.score,
        "validated": finding.validated,
    }


def _dumps(value: object) -> str:
    """JSON that can be printed whatever half characters a text holds."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


@dataclass
class _Place:
    """How far a text in blocks has been told: characters, lines and the last line's part before the block."""

    line: int = 1
    column: int = 1


def _list(text: str, findings: tuple[Finding, ...], before: str, place: _Place) -> None:
    """Line and column of each finding; never the value. The text is walked through once."""
    line, begin, at = place.line, 1 - place.column, 0
    for finding in findings:  # in order of their starts
        passed = text.count("\n", at, finding.start)
        if passed:
            line += passed
            begin = text.rindex("\n", at, finding.start) + 1
        at = finding.start
        view = f" (in the view “{finding.view}”)" if finding.view else ""
        print(f"{before}{line}:{at - begin + 1}: {finding.type} {finding.score:.2f}{view}")
    passed = text.count("\n", at)
    place.line = line + passed
    place.column = len(text) - (text.rindex("\n", at) + 1 if passed else begin) + 1


def _write(text: str, piece: Piece) -> None:
    """A text on stdout; a plain one in the bytes of its own encoding."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None or piece.where:
        sys.stdout.write(_printable(text))
    else:
        sys.stdout.flush()
        buffer.write(text.encode(piece.encoding, piece.errors))


def _printable(text: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


# --- JSON lines -----------------------------------------------------------------------------------------


def _json_lines(name: str) -> Iterator[str]:
    place = "<stdin>" if name == STDIN else name
    try:
        if name == STDIN and sys.stdin is None:
            raise WorkError("there is no standard input", hint="Name a file.")
        file = sys.stdin.buffer if name == STDIN else Path(name).open("rb")
        with file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                where = Location(place, number)
                if len(line) > MAX_LINE:
                    raise WorkError(
                        f"a line is longer than {MAX_LINE // 1024 // 1024} MB", where=where,
                        hint="One JSON object a line; a whole text is read without --lines.",
                    )  # fmt: skip
                if line.strip():
                    yield _text_of(line, where)
    except OSError as error:
        raise WorkError(f"cannot read {name}: {error.strerror}") from error


def _text_of(line: bytes, where: Location) -> str:
    hint = "One JSON object a line. A plain text is read without --lines."
    try:
        made = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        what, hint = f"byte {error.start + 1} of the line is not UTF-8", "Convert the file to UTF-8."
    except ValueError:
        what = 'not a line {"text": "…"}: it is no JSON'
    except RecursionError:
        what = 'not a line {"text": "…"}: nested too deeply'
    else:
        text = made.get("text") if isinstance(made, dict) else None
        if isinstance(text, str):
            return text
        what = 'not a line {"text": "…"}'
        what += ": its text is no string" if isinstance(made, dict) and "text" in made else ": it has no text"
    sys.stdout.flush()
    raise UsageError(what, where=where, hint=hint)
