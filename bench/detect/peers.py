"""
The peers in an environment of their own: ``.venv-peers`` in the checkout, made by
``gnomon bench detect --install-peers`` (about 1 GB).
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from sensor.errors import WorkError

__all__ = ["PEERS", "Peers", "install"]

PEERS = {
    "presidio": "presidio-analyzer==2.2.366",
    "detect-secrets": "detect-secrets==1.5.0",
    "credsweeper": "credsweeper==1.19.5",
}
"""Tool to what is installed."""

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-peers"


def install() -> None:
    """Make the environment. Raises ``WorkError`` where pip does not."""
    print(f"making {FOLDER.name} …", file=sys.stderr)
    venv.create(FOLDER, with_pip=True, clear=True)
    command = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", *PEERS.values()]
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        raise WorkError("the peers could not be installed", hint="pip's own message stands above.")


class Peers:
    """The worker process; ``scan`` asks one tool for one text."""

    def __init__(self, folder: Path = FOLDER) -> None:
        python = folder / "bin" / "python"
        if not python.exists():
            raise WorkError(
                "the peers are not installed",
                hint="gnomon bench detect --install-peers, or leave them out: --no-peers.",
            )
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__).with_name("peer.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def scan(self, tool: str, text: str) -> dict[str, Any]:
        """``cpu_s`` and ``spans``, or ``error``."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"tool": tool, "text": text}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"error": "the peers' process ended"}

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Peers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
