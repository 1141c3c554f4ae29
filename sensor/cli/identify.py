"""``gnomon identify``: which app a host or URL is, and why."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from sensor.catalogue import Catalogue
from sensor.catalogue.values import ValueProblem, read_value
from sensor.catalogue_files import load_catalogue
from sensor.cli.common import add_home, add_json
from sensor.config import find_home
from sensor.errors import Location, UsageError
from sensor.model import Identification

__all__ = ["configure", "render_identification", "run", "to_json"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "values", metavar="VALUE", nargs="*",
        help="a host, a URL, 'METHOD URL', or a JSON object {\"url\": …, \"method\": …, \"headers\": {…}}; "
        "without any, one on each line of standard input",
    )  # fmt: skip
    add_json(parser)
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Answers in the order asked, each written out before the next line is read."""
    catalogue = load_catalogue(find_home(args.home))
    for place, value in _values(args.values):
        try:
            seen = read_value(value)
        except ValueProblem as error:
            sys.stdout.flush()
            raise UsageError(str(error), where=place, hint=_FORMS) from None
        answer = catalogue.identify(seen)
        if args.json:
            print(json.dumps(to_json(value, answer), ensure_ascii=False), flush=True)
        else:
            print(render_identification(value, answer, catalogue), flush=True)
    return 0


_FORMS = 'Give a host, a URL, "METHOD URL", or {"url": …, "method": …, "headers": {…}}.'


def _values(words: list[str]) -> Iterator[tuple[Location | None, str]]:
    """What was asked on the command line, else on standard input; empty lines are passed over."""
    if words:
        for word in words:
            # Bytes that are no UTF-8 arrive as half characters, which cannot be printed again.
            yield None, word.encode("utf-8", "replace").decode("utf-8")
        return
    if sys.stdin.isatty():
        print("reading hosts and URLs from standard input, one a line", file=sys.stderr)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            yield Location("<stdin>", number), line.strip()


def to_json(value: str, answer: Identification) -> dict[str, Any]:
    """The answer as the contract has it; ``null`` where unknown."""
    return {
        "value": value,
        "app": answer.app,
        "name": answer.name,
        "vendor": answer.vendor,
        "category": answer.category,
        "feature": answer.feature,
        "provider": answer.provider,
        "client": answer.client,
        "proves": answer.proves,
        "confidence": answer.confidence,
        "generic": answer.generic,
        "region": answer.region,
        "evidence": [
            {
                "id": match.evidence,
                "type": match.type,
                "value": match.value,
                "proves": match.proves,
                "weight": match.weight,
            }
            for match in answer.evidence
        ],
    }


def render_identification(value: str, answer: Identification, catalogue: Catalogue) -> str:
    """The answer as a tree with its reasons."""
    if answer.app is not None:
        head = f"{answer.name} ({answer.app}) · {answer.proves} · confidence {answer.confidence:.2f}"
    elif answer.generic:
        head = f"an unknown LLM API, by its shape · {answer.proves} · confidence {answer.confidence:.2f}"
    else:
        head = "not AI as far as the catalogue knows"
    lines = []
    for label, text in _details(answer, catalogue):
        lines.append(f"{label} {text}")
    for match in answer.evidence:
        lines.append(f"because {match.type} {match.value}  proves {match.proves}, weight {match.weight}"
                     f"  [{match.evidence}]")  # fmt: skip
    return "\n".join([f"{value}: {head}", *_branches(lines)])


def _details(answer: Identification, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if answer.vendor is not None:
        vendor = catalogue.vendors.get(answer.vendor)
        yield "vendor", vendor.name if vendor is not None else answer.vendor
    for label in ("category", "feature", "provider", "client", "region", "model", "tenant"):
        text = getattr(answer, label)
        if text is not None and not (label == "provider" and text == answer.app):
            yield label, text


def _branches(lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    for line in lines[:-1]:
        yield f"├─ {line}"
    for line in lines[-1:]:
        yield f"└─ {line}"
