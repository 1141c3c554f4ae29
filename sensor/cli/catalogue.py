"""``gnomon catalogue``: look into the signatures, and lint them."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

from sensor.catalogue import App, Catalogue
from sensor.catalogue.lint import lint
from sensor.catalogue_files import load_catalogue, packaged_sources, read_sources
from sensor.cli.common import add_home, add_json
from sensor.config import find_home
from sensor.errors import UsageError, WorkError
from sensor.yamldoc import did_you_mean

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("lint", help="check signature files; exit 1 where one is wrong")
    check.add_argument(
        "folder", metavar="FOLDER", nargs="?",
        help="a folder of signatures (default: the packaged ones and the home's signatures.d)",
    )  # fmt: skip
    check.add_argument("--strict", action="store_true", help="warnings fail as well")
    show_all = actions.add_parser("list", help="every app")
    show_all.add_argument("--category", metavar="NAME", help="only this category")
    show = actions.add_parser("show", help="one app and its evidence")
    show.add_argument("app", metavar="APP", help="an app id, such as openai.chatgpt")
    for action in (check, show_all, show):
        add_json(action)
        add_home(action)


def run(args: argparse.Namespace) -> int:
    match args.action:
        case "lint":
            return _lint(args)
        case "list":
            return _list(args)
        case _:
            return _show(args)


def _lint(args: argparse.Namespace) -> int:
    base = packaged_sources()
    if args.folder is None:
        own = read_sources(find_home(args.home).signatures)
        sources, base = (own, base) if own else (base, [])
        problems = lint(base, today=_today()) if own else []
    else:
        folder = Path(args.folder)
        if not folder.is_dir():
            raise WorkError(f"{folder} is no folder")
        sources, problems = read_sources(folder), []
        if not sources:
            raise WorkError(f"no *.yaml files under {folder}")
        if any(source.name.startswith("vendors") for source in sources):
            base = []  # A whole catalogue, not additions to the packaged one.
    problems += lint(sources, today=_today(), base=base)
    errors = sum(problem.is_error for problem in problems)
    warnings = len(problems) - errors
    for problem in problems:
        if args.json:
            print(json.dumps({
                "rule": problem.rule, "level": "error" if problem.is_error else "warning",
                "path": problem.location.path, "line": problem.location.line,
                "column": problem.location.column, "what": problem.what,
                "recommendation": problem.recommendation,
            }, ensure_ascii=False))  # fmt: skip
        else:
            print(problem)
    counted = f"{_count(errors, 'error')}, {_count(warnings, 'warning')} in {_count(len(sources), 'file')}"
    print(counted, file=sys.stderr if args.json else sys.stdout)
    return 1 if errors or (args.strict and warnings) else 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _today() -> str:
    return datetime.date.today().isoformat()


def _list(args: argparse.Namespace) -> int:
    catalogue = load_catalogue(find_home(args.home))
    apps = list(catalogue.apps.values())
    if args.category is not None:
        categories = sorted({app.category for app in apps})
        if args.category not in categories:
            raise UsageError(
                f'no app of category "{args.category}"',
                hint=did_you_mean(args.category, categories, "categories"),
            )
        apps = [app for app in apps if app.category == args.category]
    if args.json:
        for app in apps:
            print(json.dumps(_summary(app), ensure_ascii=False))
        return 0
    widths = [max(len(text) for text in column) for column in zip(*map(_row, apps), strict=True)]
    for row in map(_row, apps):
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    categories_of = Counter(app.category for app in apps)
    print(f"{_count(len(apps), 'app')} in {len(categories_of)} categories · catalogue {catalogue.hash[:12]}",
          file=sys.stderr)  # fmt: skip
    return 0


def _row(app: App) -> tuple[str, str, str, str, str]:
    return app.id, app.name, app.vendor, app.category, "" if app.maturity == "stable" else app.maturity


def _summary(app: App) -> dict[str, Any]:
    return {
        "app": app.id, "name": app.name, "vendor": app.vendor, "category": app.category,
        "maturity": app.maturity, "modified": app.modified, "inspect": app.inspect, "provider": app.provider,
        "evidence": len(app.evidence),
    }  # fmt: skip


def _show(args: argparse.Namespace) -> int:
    catalogue = load_catalogue(find_home(args.home))
    app = catalogue.apps.get(args.app)
    if app is None:
        raise UsageError(f'unknown app "{args.app}"', hint=did_you_mean(args.app, catalogue.apps, "apps"))
    if args.json:
        print(json.dumps({**_summary(app), **_details(app)}, ensure_ascii=False))
    else:
        print(_text(app, catalogue))
    return 0


def _details(app: App) -> dict[str, Any]:
    return {
        "description": app.description,
        "references": app.references,
        "falsepositives": app.falsepositives,
        "dialects": app.dialects,
        "tenant": app.tenant,
        "file": app.path,
        "evidence": [
            {
                "id": one.id, "type": one.type, "value": one.value, "proves": one.proves,
                "weight": one.weight, "role": one.role, "feature": one.feature, "hosts": one.hosts,
                "methods": one.methods,
                "requires": one.requires, "source": one.source, "verified": one.verified, "note": one.note,
            }
            for one in app.evidence
        ],
    }  # fmt: skip


def _text(app: App, catalogue: Catalogue) -> str:
    vendor = catalogue.vendors[app.vendor]
    lines = [
        f"{app.name} ({app.id})",
        f"  vendor    {vendor.name}" + (f" ({vendor.country})" if vendor.country else ""),
        f"  category  {app.category}",
        f"  maturity  {app.maturity}, last changed {app.modified}",
        f"  inspect   {'yes' if app.inspect else 'no'}",
    ]
    if app.provider is not None:
        lines.append(f"  provider  {app.provider}")
    lines += ["", *textwrap.wrap(app.description, width=100, initial_indent="  ", subsequent_indent="  ")]
    lines += ["", "  evidence"]
    for one in app.evidence:
        lines.append(f"    {one.id}: {one.type} {one.value}")
        said = [f"proves {one.proves}, weight {one.weight}"]
        said += [f"role {one.role}"] if one.role else []
        said += [f"on {', '.join(one.hosts)}"] if one.hosts else []
        said += ["on any host"] if one.anywhere else []
        said += [f"by {', '.join(one.methods)}"] if one.methods else []
        said += [f"with {one.requires}"] if one.requires else []
        lines.append("        " + "; ".join(said))
        if one.source:
            lines.append(f"        seen in {one.source}" + (f", {one.verified}" if one.verified else ""))
    lines += ["", "  looks alike, and is not"]
    lines += [f"    {text}" for text in app.falsepositives]
    return "\n".join(lines)
