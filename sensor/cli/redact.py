"""``gnomon redact``: scan a text, or the text of a file, and write it again without what is sensitive."""

from __future__ import annotations

import argparse
import io
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sensor.cli.common import add_home, add_json
from sensor.config import Home, find_home
from sensor.detect.detector import GROUPS, Detector
from sensor.detect.engine import MIN_SCORE, Engine
from sensor.detect.finding import Finding
from sensor.detect.redaction import Redactor
from sensor.detect_files import load_engine, load_token_key
from sensor.errors import Location, UsageError, WorkError
from sensor.yamldoc import did_you_mean

__all__ = ["announce_compile", "configure", "read_text", "run", "select"]

MAX_TEXT = 256 * 1024 * 1024
"""Bytes of one input."""
MAX_LINE = 64 * 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?",
        help="a text, or a document (PDF, Word, Excel, mail, archive, …) whose text is scanned; "
        "default: standard input",
    )  # fmt: skip
    parser.add_argument(
        "--lines", action="store_true",
        help='read JSON lines {"text": …} and answer one line for each, in order',
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
    parser.add_argument("--findings", action="store_true", help="list the findings instead of the text")
    parser.add_argument(
        "--no-views", action="store_true", help="do not look through disguises (base64, look-alikes, …)"
    )
    add_json(parser)
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Text in, text out; with ``--json`` one object for the text, or for each line of ``--lines``."""
    if not 0 <= args.min_score <= 1:
        raise UsageError(f"--min-score {args.min_score} is not between 0 and 1")
    home = find_home(args.home)
    engine = load_engine(home, on_compile=announce_compile)
    wanted = chooser(engine, args.only, args.skip)
    fails = chooser(engine, [name for name in args.fail_on if name != "any"], [], option="--fail-on")
    redactor = Redactor(engine, token_key(home), "home")
    failed = False

    def redact(text: str) -> tuple[str, tuple[Finding, ...]]:
        nonlocal failed
        made = redactor.redact(
            text, min_score=args.min_score, views=not args.no_views, wanted=wanted, documents=args.documents
        )
        if args.fail_on:
            failed = failed or any(
                "any" in args.fail_on or fails(engine.detectors[finding.detector])
                for finding in made.findings
            )
        return made.text, made.findings

    if args.lines:
        for text in _json_lines(args.file):
            _answer(*redact(text))
    else:
        document = _document(args.file)
        if document is None:
            text = read_text(args.file)
            clean, findings = redact(text)
            if args.json:
                _answer(clean, findings)
            elif args.findings:
                _list(text, findings)
            else:
                sys.stdout.write(clean)
        else:
            for where, text in document:
                clean, findings = redact(text)
                if args.json:
                    _answer(clean, findings, part=where)
                elif args.findings:
                    _list(text, findings, f"{where}: ")
                else:
                    print(f"--- {where}\n{clean}")
    return 1 if failed else 0


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


def _answer(text: str, findings: tuple[Finding, ...], part: str | None = None) -> None:
    made: dict[str, Any] = {"text": text, "findings": [select(finding) for finding in findings]}
    if part is not None:
        made = {"part": part, **made}
    print(_dumps(made), flush=True)


def _dumps(value: object) -> str:
    """JSON that can be printed whatever half characters a text holds."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _list(text: str, findings: tuple[Finding, ...], before: str = "") -> None:
    """Line and column of each finding; never the value."""
    if not findings:
        print(f"{before}nothing found")
    for finding in findings:
        line = text.count("\n", 0, finding.start) + 1
        column = finding.start - (text.rfind("\n", 0, finding.start) + 1) + 1
        view = f" (in the view “{finding.view}”)" if finding.view else ""
        print(f"{before}{line}:{column}: {finding.type} {finding.score:.2f}{view}")


# --- input ----------------------------------------------------------------------------------------------


def read_text(name: str | None) -> str:
    """A file's text, else standard input's. Bytes that are no UTF-8 are kept as half characters."""
    try:
        if name is not None:
            with Path(name).open("rb") as file:
                raw = file.read(MAX_TEXT + 1)
        else:
            if sys.stdin is None:
                raise WorkError("there is no standard input", hint="Name a file.")
            if sys.stdin.isatty():
                print("reading a text from standard input, to its end (Ctrl-D)", file=sys.stderr)
            raw = sys.stdin.buffer.read(MAX_TEXT + 1)
    except OSError as error:
        raise WorkError(f"cannot read {name or 'standard input'}: {error.strerror}") from error
    if len(raw) > MAX_TEXT:
        raise WorkError(f"{name or 'standard input'} is longer than {MAX_TEXT} bytes")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What came in as bytes goes out as the same bytes.
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return raw.decode("utf-8", "surrogateescape")


def _json_lines(name: str | None) -> Iterator[str]:
    place = name or "<stdin>"
    try:
        file = Path(name).open("rb") if name is not None else sys.stdin.buffer
    except OSError as error:
        raise WorkError(f"cannot read {name}: {error.strerror}") from error
    with file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            where = Location(place, number)
            if len(line) > MAX_LINE:
                raise WorkError(f"a line is longer than {MAX_LINE} bytes", where=where)
            if not line.strip():
                continue
            try:
                made = json.loads(line)
                text = made["text"]
                if not isinstance(text, str):
                    raise TypeError
            except (ValueError, TypeError, KeyError, RecursionError):
                sys.stdout.flush()
                raise UsageError(
                    'not a line {"text": "…"}', where=where, hint="One JSON object a line."
                ) from None
            yield text


def _document(name: str | None) -> list[tuple[str, str]] | None:
    """The parts of a file that is no plain text; ``None`` for one that is."""
    if name is None:
        return None
    from sensor.extract import extract, sniff

    try:
        with Path(name).open("rb") as file:
            head = file.read(65_536)
    except OSError as error:
        raise WorkError(f"cannot read {name}: {error.strerror}") from error
    if sniff(head, name=name) in ("text", "unknown"):
        return None
    made = extract(Path(name), name=Path(name).name)
    for problem in made.problems:
        print(f"{name}: {problem}", file=sys.stderr)
    if not made.parts and made.problems:
        raise WorkError(f"{name}: its text cannot be read ({', '.join(made.problems)})")
    return [(f"{part.where} ({part.kind})" if part.where else part.kind, part.text) for part in made.parts]
