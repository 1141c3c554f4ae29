"""
Makes the two lock files anew: ``python -m sensor.checks.locks [--upgrade]`` (needs ``uv``).

``requirements.lock`` is what runs, ``requirements-test.lock`` what ``./gnomon test`` adds. Each is one
universal lock: environment markers choose mitmproxy 11 on Python 3.11 and mitmproxy 12 above. They carry
hashes and no host names (``uv.lock`` and ``pylock.toml`` record the index they were made from, which would
tie the repository to one).
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["LOCK", "TEST_LOCK", "main"]

LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"

COMPILE = (
    "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-emit-index-url", "--no-annotate", "--no-header",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    args = parser.parse_args(argv)
    upgrade = ("--upgrade",) if args.upgrade else ()
    root = Path(__file__).resolve().parent.parent.parent
    subprocess.run([*COMPILE, *upgrade, "pyproject.toml", "-o", LOCK], cwd=root, check=True)
    # The test lock is held to the versions of the first, so that the two install side by side.
    subprocess.run([*COMPILE, *upgrade, "--group", "test", "-c", LOCK, "-o", TEST_LOCK], cwd=root, check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
