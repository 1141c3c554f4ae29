"""
Makes ``tests/golden/NAME.jsonl`` from ``tests/traces/NAME.pcap`` through ``gnomon observe``.

Run from the checkout: ``.venv/bin/python tests/traces/golden.py [NAME…]``. Then read the difference: a golden
file says what is right, not what came out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"


def main(names: list[str]) -> None:
    for capture in sorted(HERE.glob("*.pcap")):
        if names and capture.stem not in names:
            continue
        command = [sys.executable, "-m", "sensor", "observe", str(capture)]
        done = subprocess.run(command, cwd=HERE.parent.parent, capture_output=True, text=True, check=True)
        (GOLDEN / f"{capture.stem}.jsonl").write_text(done.stdout)
        print(f"{capture.stem}: {len(done.stdout.splitlines())} observations", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
