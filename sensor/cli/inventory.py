"""``gnomon inventory``: who uses which AI service, one line for each app and subject."""

from __future__ import annotations

import argparse
import json
import sys

from sensor.cli.common import add_home, add_json
from sensor.config import find_home
from sensor.inventory import to_json
from sensor.model import Status

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    add_json(parser)
    parser.add_argument(
        "--status",
        choices=[str(status) for status in Status],
        help="only apps of this review status",
    )
    parser.add_argument(
        "--app", metavar="APP", help="only this app id, or with a trailing * all that start so"
    )


def run(args: argparse.Namespace) -> int:
    from reports.load import load_report
    from reports.terminal import render_inventory

    report = load_report(find_home(args.home), status=args.status, app=args.app)
    if args.json:
        for row in report.rows:
            print(json.dumps(to_json(row), ensure_ascii=False))
        return 0
    render_inventory(report, sys.stdout)
    return 0
