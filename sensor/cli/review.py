"""``gnomon review``: put a decision on an app into the audit log, or show what has been decided."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

from sensor.catalogue_files import load_catalogue
from sensor.cli.common import add_home, add_json
from sensor.config import Home, find_home, open_home
from sensor.errors import UsageError
from sensor.inventory import GENERIC_APP
from sensor.model import Review, Status
from sensor.policy import parse_until
from sensor.recorder import open_recorder
from sensor.store.reader import Store, holds_at
from sensor.yamldoc import did_you_mean, suggest

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "app", nargs="?", metavar="APP",
        help=f"an app id such as openai.chatgpt, or {GENERIC_APP}/HOST as the inventory names it; "
        "without one, every app that was seen or reviewed",
    )  # fmt: skip
    parser.add_argument(
        "--status",
        metavar="STATUS",
        help=f"{', '.join(status.value for status in Status)}; without it, the app's reviews so far",
    )
    parser.add_argument("--owner", metavar="NAME", help="who answers for the app")
    parser.add_argument("--reason", metavar="TEXT", help="why")
    parser.add_argument(
        "--until", metavar="DATE",
        help="to the end of this day (2027-06-30, UTC) or this time; then the app is unreviewed again",
    )  # fmt: skip
    add_home(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    home = find_home(args.home)
    if args.status is None:
        for name in ("owner", "reason", "until"):
            if getattr(args, name) is not None:
                raise UsageError(f"--{name} says more about a decision, and --status is missing")
        return _show(args, home)
    if args.app is None:
        raise UsageError("which app is reviewed?", hint="gnomon review openai.chatgpt --status sanctioned")
    return _review(args, open_home(args.home))


# --- decide -----------------------------------------------------------------------------------------------


def _review(args: argparse.Namespace, home: Home) -> int:
    now = time.time()
    review = Review(
        ts=now,
        app=_app(args.app, home),
        status=_status(args.status),
        owner=_said(args.owner, "--owner"),
        reason=_said(args.reason, "--reason"),
        until=_until(args.until, now),
        by=_who(),
    )
    with open_recorder(home, role=None) as recorder:
        recorder.review(review)
    if args.json:
        print(json.dumps(_as_json(review, now), ensure_ascii=False))
    else:
        print(f"{review.app} is {_line(review)}")
        print("Recorded in the audit log. Proxies and captures that are running follow it from now on.",
              file=sys.stderr)  # fmt: skip
    return 0


def _app(word: str, home: Home) -> str:
    """The app's id. Raises ``UsageError`` where no such app is known."""
    known = set(load_catalogue(home).apps) | set(_seen(home))
    if word in known:
        return word
    lower = word.strip().lower()
    if lower in known:
        return lower
    near = suggest(word, known)
    hint = (
        f'Did you mean "{near}"?'
        if near
        else "gnomon catalogue list names every app; gnomon review what was seen."
    )
    raise UsageError(f'no app "{word}" is in the catalogue or was seen', hint=hint)


def _seen(home: Home) -> list[str]:
    if not home.database.exists():
        return []
    with Store(home.database) as store:
        return [*store.apps(), *store.newest_reviews()]


def _status(word: str) -> Status:
    spelled = " ".join(word.lower().replace("-", " ").replace("_", " ").split())
    for status in Status:
        if status.value == spelled:
            return status
    names = [status.value for status in Status]
    raise UsageError(f'unknown status "{word}"', hint=did_you_mean(spelled, names, "statuses"))


def _until(text: str | None, now: float) -> str | None:
    if text is None:
        return None
    try:
        end = parse_until(text)
    except ValueError as error:
        raise UsageError(f'--until "{text}": {error}') from None
    if end <= now:
        raise UsageError(f"--until {text} has passed", hint="Name a day that is still to come.")
    return text


def _said(text: str | None, option: str) -> str | None:
    if text is not None and not text.strip():
        raise UsageError(f"{option} says nothing")
    return text


def _who() -> str:
    """Who decides: the person behind ``sudo``, else the process's user."""
    if os.environ.get("SUDO_USER"):
        return os.environ["SUDO_USER"]
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


# --- show -------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace, home: Home) -> int:
    now = time.time()
    if args.app is not None:
        return _history(args, home, now)
    apps = sorted(set(_seen(home)))
    newest: dict[str, Review] = {}
    if apps:
        with Store(home.database) as store:
            newest = store.newest_reviews()
    found = [newest.get(app) or Review(ts=0.0, app=app, status=Status.UNREVIEWED) for app in apps]
    if args.json:
        for review in found:
            print(json.dumps(_as_json(review, now), ensure_ascii=False))
    elif not found:
        print("No app was seen or reviewed yet.")
    else:
        width = max(len(review.app) for review in found)
        for review in found:
            print(f"{_plain(review.app):{width}}  {_line(review, now)}")
    return 0


def _history(args: argparse.Namespace, home: Home, now: float) -> int:
    app = _app(args.app, home)
    reviews: list[Review] = []
    if home.database.exists():
        with Store(home.database) as store:
            reviews = store.reviews(app)
    if args.json:
        for review in reviews:
            print(json.dumps(_as_json(review, now), ensure_ascii=False))
    elif not reviews:
        print(f"{app} was never reviewed.")
    else:
        for at, review in enumerate(reviews):
            day = datetime.fromtimestamp(review.ts, UTC).strftime("%Y-%m-%d %H:%M")
            print(f"{day}  {_line(review, now if at == 0 else None)}")
    return 0


def _line(review: Review, now: float | None = None) -> str:
    """A review in a line; with ``now`` one that has expired says so."""
    parts = [review.status.value]
    if review.until is not None:
        parts.append(f"until {review.until}")
    if review.owner is not None:
        parts.append(f"owner {review.owner}")
    if review.reason is not None:
        parts.append(f"reason: {review.reason}")
    if review.by is not None:
        parts.append(f"by {review.by}")
    line = _plain(", ".join(parts))
    if now is not None and not holds_at(review, now):
        return f"{Status.UNREVIEWED.value} (expired: {line})"
    return line


def _plain(text: str) -> str:
    """Text from elsewhere, made harmless to show on a terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _as_json(review: Review, now: float) -> dict[str, Any]:
    holds = holds_at(review, now)
    return {
        "app": review.app,
        "status": review.status.value if holds else Status.UNREVIEWED.value,
        "decided": review.status.value if review.ts else None,
        "expired": not holds,
        "owner": review.owner,
        "reason": review.reason,
        "until": review.until,
        "by": review.by,
        "ts": review.ts or None,
    }
