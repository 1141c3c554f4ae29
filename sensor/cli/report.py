"""``gnomon report``: the inventory as a document."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from sensor.cli.common import add_home
from sensor.config import find_home
from sensor.errors import UsageError, WorkError

__all__ = ["FORMATS", "configure", "run"]

FORMATS = ("term", "html", "json", "csv", "md")

_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".csv": "csv", ".md": "md", ".txt": "term"}


def configure(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="term (default), html (one self-contained page), json, csv, md; without it, FILE's ending tells",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write here instead of stdout")


def run(args: argparse.Namespace) -> int:
    from reports.load import load_report

    form = args.format or _by_ending(args.output)
    report = load_report(find_home(args.home))
    if form == "term":
        from reports.terminal import render_terminal

        if args.output is None:
            render_terminal(report, sys.stdout)
            return 0
        import io

        buffer = io.StringIO()
        render_terminal(report, buffer)
        text = buffer.getvalue()
    elif form == "html":
        from reports.html import render_html

        text = render_html(report)
    else:
        from reports import plain

        text = {"json": plain.render_json, "csv": plain.render_csv, "md": plain.render_markdown}[form](report)
        if not text.endswith("\n"):
            text += "\n"
    if args.output is None:
        sys.stdout.write(text)
        return 0
    write_whole(Path(args.output), text)
    print(f"wrote {args.output} ({form}, {len(report.rows)} rows)", file=sys.stderr)
    return 0


def _by_ending(output: str | None) -> str:
    if output is None:
        return "term"
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(
            f'"{output}" does not tell the format by its ending',
            hint=f"Say --format {'|'.join(FORMATS)}, or use an ending: {', '.join(sorted(_ENDINGS))}.",
        )
    return _ENDINGS[ending]


def write_whole(path: Path, text: str) -> None:
    """
    Write a file whole or not at all, readable by its owner only: a report names people.

    Raises ``WorkError`` where it cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8", newline="") as out:
                out.write(text)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise WorkError(
            f"cannot write {path}: {error.strerror}", hint="Name a file in a folder that exists and is yours."
        ) from error
