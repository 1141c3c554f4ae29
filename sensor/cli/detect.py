"""``gnomon detect``: the detectors, whether they keep what their files promise, and why a text is a
finding."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sensor.cli.common import add_home, add_json
from sensor.cli.inputs import STDIN, Piece, pieces_of
from sensor.cli.redact import announce_compile, select
from sensor.config import Home, find_home, open_home
from sensor.detect.checking import check_examples
from sensor.detect.detector import GROUPS, Detector
from sensor.detect.engine import Engine, Step
from sensor.detect_custom_files import build_exact_table, build_fingerprint
from sensor.detect_files import load_custom_key, load_detectors, load_engine, own_files
from sensor.errors import UsageError
from sensor.yamldoc import did_you_mean

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    every = actions.add_parser("list", help="every detector")
    every.add_argument(
        "--group", metavar="NAME", choices=sorted(GROUPS), help="only this group: secret, payment, …"
    )
    every.add_argument("--country", metavar="CC", help="only detectors of this country (de, us, …)")
    test = actions.add_parser(
        "test", help="try every example of the detector files, packaged and own; exit 1 where one fails"
    )
    test.add_argument("ids", metavar="ID", nargs="*", help="only these detectors, or groups")
    explain = actions.add_parser(
        "explain", help="what a detector looks for, or why a text is a finding or none"
    )
    explain.add_argument(
        "what", metavar="ID|FILE", nargs="?",
        help="a detector's id, or a text or document (default: the text on standard input)",
    )  # fmt: skip
    add = actions.add_parser("add", help="make a table of your own data: cells of a CSV file, or documents")
    add.add_argument(
        "kind", metavar="KIND", choices=("exact", "fingerprint"),
        help="exact: the cells of a CSV file with a header; fingerprint: the words of texts",
    )  # fmt: skip
    add.add_argument("files", metavar="FILE", nargs="+", help="the CSV file, or the texts")
    add.add_argument(
        "--name", metavar="NAME", required=True, help="what findings are called: customers, contract"
    )
    add.add_argument(
        "--columns", metavar="A,B", help="exact: only these columns of the CSV file (default: all)"
    )
    add_home(add)
    for action in (every, test, explain):
        add_json(action)
        add_home(action)


def run(args: argparse.Namespace) -> int:
    match args.action:
        case "list":
            return _list(args)
        case "test":
            return _test(args)
        case "add":
            return _add(args)
        case _:
            return _explain(args)


# --- add ----------------------------------------------------------------------------------------------

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")


def _add(args: argparse.Namespace) -> int:
    """Clear text is read and not kept: the table holds keyed hashes."""
    if not _NAME.match(args.name):
        raise UsageError(
            f'"{args.name}" is no name', hint="Write it in small letters, digits and _: customers"
        )
    files = [Path(name) for name in args.files]
    if args.kind == "exact" and len(files) != 1:
        raise UsageError("exact data is made of one CSV file")
    if args.kind != "exact" and args.columns:
        raise UsageError("--columns is for exact data")
    home = open_home(args.home)
    key = load_custom_key(home)
    assert key is not None  # the home is there
    folder = home.signatures / "detectors"
    folder.mkdir(parents=True, exist_ok=True)

    def progress(done: int, size: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {size} bytes", end="", file=sys.stderr)

    if args.kind == "exact":
        table = folder / f"{args.name}.xd"
        columns = args.columns.split(",") if args.columns else None
        built = build_exact_table(files[0], columns, key, table, progress)
        said = f"exact: [{{id: custom.{args.name}, table: {table.name}}}]\n"
    else:
        table = folder / f"{args.name}.fp"
        built = build_fingerprint(files, key, table, progress)
        said = f"fingerprints: [{{id: custom.{args.name}, table: {table.name}}}]\n"
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{table}: {built.cells} entries of {built.rows} rows, {built.left_out} left out", file=sys.stderr)
    listed = folder / f"{args.name}.yaml"
    if listed.exists():
        print(f"{listed} is there already; it should say:\n{said}", end="")
    else:
        listed.write_text(said, encoding="utf-8")
        print(f"{listed} looks for it from now on; its rules can be made finer there.")
    return 0


_WIDE = 400

# --- list ---------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> int:
    every = _every(find_home(args.home))
    chosen = [
        detector
        for detector in every.values()
        if (args.group is None or detector.group == args.group)
        and (args.country is None or args.country.lower() in detector.countries)
    ]
    if args.json:
        for detector in chosen:
            print(json.dumps(_described(detector), ensure_ascii=False))
        return 0
    if not chosen:
        print("No detector fits.")
        if args.country is not None:
            countries = sorted({country for detector in every.values() for country in detector.countries})
            print(f"Countries are {', '.join(countries)}.", file=sys.stderr)
        return 0
    table = Table(box=None, pad_edge=False)
    for head in ("id", "type", "class", "name"):
        table.add_column(head, overflow="fold")
    for detector in chosen:
        table.add_row(detector.id, detector.type, detector.grade, detector.name)
    # Into a pipe each detector is one line, for grep.
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
    kinds = len({detector.type for detector in chosen})
    print(f"{len(chosen)} detectors of {kinds} types", file=sys.stderr)
    return 0


def _every(home: Home) -> Mapping[str, Detector]:
    """By id; where a home has files of its own, they say what they are only when they are loaded."""
    if own_files(home):
        return load_engine(home, on_compile=announce_compile).detectors
    return {detector.id: detector for detector in load_detectors().detectors}


def _described(detector: Detector) -> dict[str, Any]:
    return {
        "id": detector.id,
        "name": detector.name,
        "type": detector.type,
        "group": detector.group,
        "class": detector.grade,
        "score": detector.score,
        "countries": list(detector.countries),
        "languages": sorted({*detector.languages, *(language for language, _ in detector.context.words)}),
        "validators": list(detector.validators),
        "report_only": detector.report_only,
        "own": detector.own,
        "source": detector.source,
        "examples": len(detector.examples),
        "counter_examples": len(detector.counter_examples),
    }


# --- test ---------------------------------------------------------------------------------------------


def _test(args: argparse.Namespace) -> int:
    engine = load_engine(find_home(args.home), on_compile=announce_compile)
    known = engine.detectors
    wanted = []
    for word in args.ids:
        fit = [item for item in known if item == word or item.startswith(word + ".")]
        if not fit:
            raise UsageError(f'no detector "{word}"', hint=did_you_mean(word, known, "Detectors"))
        wanted += fit
    failures = list(check_examples(engine, wanted or known))
    tried = sum(len(known[item].examples) + len(known[item].counter_examples) for item in wanted or known)
    for failure in failures:
        if args.json:
            print(json.dumps({"detector": failure.detector, "example": failure.number, "kind": failure.kind,
                              "what": failure.what}, ensure_ascii=False))  # fmt: skip
        else:
            print(failure)
    print(
        f"{tried} examples of {len(wanted or known)} detectors, {len(failures)} failed",
        file=sys.stderr if args.json else sys.stdout,
    )
    return 1 if failures else 0


# --- explain ------------------------------------------------------------------------------------------


def _explain(args: argparse.Namespace) -> int:
    home = find_home(args.home)
    if args.what is not None and not Path(args.what).exists():
        known = _every(home)
        if args.what not in known:
            raise UsageError(
                f'"{args.what}" is neither a detector nor a file',
                hint=did_you_mean(args.what, known, "Detectors"),
            )
        return _explain_detector(known[args.what], args.json)
    if args.what is not None and Path(args.what).is_dir():
        raise UsageError(
            f"{args.what} is a folder", hint=f"Name one file. gnomon redact --findings {args.what} takes all."
        )
    engine = load_engine(home, on_compile=announce_compile)
    for piece in pieces_of(STDIN if args.what is None else args.what):
        _explain_text(engine, piece, args.json)
    return 0


def _explain_text(engine: Engine, piece: Piece, as_json: bool) -> None:
    steps: list[Step] = []
    findings = engine.scan(piece.text, min_score=0.0, trace=steps)
    told = engine.scan(piece.text)
    if as_json:
        for finding in findings:
            made = {
                **select(finding), "detector": finding.detector, "reasons": list(finding.reasons),
                "view": finding.view, "told": finding in told,
            }  # fmt: skip
            print(json.dumps({"part": piece.where, **made} if piece.where else made, ensure_ascii=False))
        return
    refused = [step for step in steps if step.what != "candidate"]
    if piece.where:
        if not findings and not refused:
            return
        print(f"--- {piece.where}")
    if not findings:
        print("Nothing in this text is taken for sensitive.")
    for finding in findings:
        mark = "finding" if finding in told else "below the threshold, or covered by a surer one"
        print(f"{finding.start}-{finding.end}  {finding.type}  {finding.score:.2f}  {mark}")
        print(f"  by {finding.detector}" + (f", in the view “{finding.view}”" if finding.view else ""))
        for reason in finding.reasons:
            print(f"  + {reason}")
    if refused:
        print("Looked at and refused:")
        for step in dict.fromkeys(refused):
            view = "" if step.view == "text" else f" (view “{step.view}”)"
            print(f"  - {step.detector} at bytes {step.start}-{step.end}{view}: {step.what}")


def _explain_detector(detector: Detector, as_json: bool) -> int:
    if as_json:
        print(json.dumps(_described(detector), ensure_ascii=False))
        return 0
    print(f"{detector.id}: {detector.name}")
    print(f"  type {detector.type}, group {detector.group}, class {detector.grade}, score {detector.score}")
    opened = [f"the expression {expression}" for _, expression in detector.gate]
    opened += [f"a word of {name}" for _, name in detector.words]
    if not opened:
        opened = ["one of its context words"]
    print("  looks where the gate sees " + "; or ".join(opened[:5]) + (" …" if len(opened) > 5 else ""))
    if detector.pattern:
        print(f"  for {detector.pattern}")
    if detector.scanner:
        print(f"  with the scanner “{detector.scanner}”")
    if detector.validators:
        print(f"  proven by {', '.join(detector.validators)}")
    if detector.entropy:
        print(f"  with at least {detector.entropy} bits a character")
    if detector.context.words:
        need = "needs" if detector.context.required else f"scores {detector.context.boost} more with"
        words = [word for _, word in detector.context.words]
        print(f"  {need} a word near: {', '.join(words[:12])}" + (" …" if len(words) > 12 else ""))
    if detector.report_only:
        print("  is told, and not replaced unless asked")
    for text in detector.false_positives:
        print(f"  may be wrong about: {text}")
    print(f"  source: {detector.source}")
    for example in detector.examples[:3]:
        print(f"  finds: {example.text}")
    return 0
