"""Options that several commands share."""

from __future__ import annotations

import argparse

__all__ = ["add_home", "add_json"]


def add_home(parser: argparse.ArgumentParser) -> None:
    """``--home DIR``: where the database, keys, policy and CA are kept."""
    parser.add_argument(
        "--home", metavar="DIR",
        help="where everything is kept (default: $GNOMON_HOME, else the XDG state folder; "
        "root: /var/lib/gnomon)",
    )  # fmt: skip


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``: one JSON object a line on stdout."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
