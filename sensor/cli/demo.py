"""``gnomon demo``: an inventory filled by real clients through both doors, in a minute."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sensor.cli.common import add_home
from sensor.config import open_home
from sensor.errors import WorkError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    parser.description = (
        "Runs real clients through the proxy to a local AI stand-in, and a capture through the passive door, "
        "then shows the inventory. Needs no root, and nothing leaves this machine. Without --home, a new "
        "folder is made and named at the end; delete it when you have seen enough."
    )


def run(args: argparse.Namespace) -> int:
    from reports.html import render_html
    from reports.load import load_report
    from reports.terminal import render_inventory
    from sensor.cli.report import write_whole
    from sensor.demo import stage
    from sensor.demo.clients import Outcome
    from sensor.demo.plan import STEPS

    begun = time.monotonic()
    where = args.home or tempfile.mkdtemp(prefix="gnomon-demo-")
    home = open_home(where)
    if home.database.exists():
        raise WorkError(
            f"{home.path} holds records already: the demo would mix its own with them",
            hint="Name a new folder with --home, or leave --home out.",
        )
    say = _Talk(begun)
    say("a home in " + str(home.path))
    users = stage.prepare(home)
    say(f"starting the stand-in and the proxy, then {len(STEPS)} requests by real clients")

    def told(outcome: Outcome) -> None:
        verdict = "refused by policy" if outcome.status == 403 else f"answered {outcome.status}"
        host = outcome.step.url.split("/")[2]
        say(f"  {outcome.step.user:24} {outcome.client:13} {host:44} {outcome.problem or verdict}")

    outcomes = stage.run_clients(home, users, told)
    say("replaying captures through the passive door")
    said = stage.run_replay(home)
    say(f"  {said}")
    stage.run_reviews(home)
    say(
        f"{len(stage.DECISIONS)} reviews: "
        + ", ".join(f"{app} {status}" for app, status, _ in stage.DECISIONS)
    )
    report = load_report(home)
    render_inventory(report, sys.stdout)
    target = Path(home.path) / "report.html"
    write_whole(target, render_html(report))
    print(f"\nReport: {target}")
    print(
        f"Next:   gnomon report --home {home.path}\n"
        f"        gnomon audit verify --home {home.path}\n"
        "        gnomon up"
    )
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    if wrong:
        print(
            f"gnomon: {len(wrong)} of {len(outcomes)} requests went otherwise than planned", file=sys.stderr
        )
        return 1
    return 0


class _Talk:
    """Progress on stderr, with the seconds since the start."""

    def __init__(self, begun: float) -> None:
        self._begun = begun

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._begun:5.1f} s] {text}", file=sys.stderr, flush=True)
