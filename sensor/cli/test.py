"""``gnomon test``: lint, types, tests and documents of a checkout."""

from __future__ import annotations

import argparse
from pathlib import Path

from sensor.errors import WorkError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--long", action="store_true", help="minutes of fuzzing as well")
    parser.add_argument(
        "--fast", action="store_true",
        help="only this Python, without slow tests and without coverage",
    )  # fmt: skip
    parser.add_argument(
        "tests", nargs="*", metavar="TEST",
        help="only these test files or ids, and no lint, types or coverage (default: everything)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    root = Path(__file__).resolve().parent.parent.parent
    if not (root / "pyproject.toml").is_file() or not (root / "gnomon").is_file():
        raise WorkError(
            "the tests are not part of an installed Gnomon",
            hint="Run ./gnomon test in a checkout of the project.",
        )
    from sensor.checks.run import run_all

    return run_all(root, long=args.long, fast=args.fast, only=tuple(args.tests))
