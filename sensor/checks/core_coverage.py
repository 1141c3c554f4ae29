"""
The pure core is covered by tests to the last branch; what is not yet, is listed, and the list only shrinks.

``tests/coverage_exceptions.txt`` has a line ``path missing`` for each file of the core with gaps; ``missing``
counts its unreached lines and branches. A file whose gaps grew, one that is whole and still listed, and one
with gaps that is not listed are complaints. Gaps that shrank are one too: the list is to follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sensor.checks import layers

__all__ = ["EXCEPTIONS", "complaints", "gaps", "read_exceptions"]

EXCEPTIONS = Path("tests/coverage_exceptions.txt")


def read_exceptions(text: str) -> dict[str, int]:
    """The listed files with their number of gaps."""
    listed: dict[str, int] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            path, number = words
            listed[path] = int(number)
    return listed


def gaps(measured: Mapping[str, Any]) -> int:
    """Unreached lines and branches of one file of ``coverage json``."""
    return len(measured["missing_lines"]) + len(measured["missing_branches"])


def complaints(root: Path, files: Mapping[str, Any]) -> list[str]:
    """Compare what ``coverage json`` says of each core file with the list."""
    core = {
        str(path.relative_to(root)): module
        for module, path in layers.modules(root).items()
        if (layer := layers.layer_of(module)) is not None and layer <= layers.PURE
    }
    listed = read_exceptions((root / EXCEPTIONS).read_text(encoding="utf-8"))
    found = [
        f"{EXCEPTIONS}: {path} is no file of the core: take it off" for path in listed if path not in core
    ]
    for path in core:
        if not (root / path).read_text(encoding="utf-8").strip():
            continue
        missing = gaps(files[path]) if path in files else None
        allowed = listed.get(path, 0)
        if missing is None:
            found.append(f"{path}: was never imported by a test")
        elif missing > allowed:
            lines = files[path]["missing_lines"]
            branches = [f"{start}->{end}" for start, end in files[path]["missing_branches"]]
            where = ", ".join([*map(str, lines[:12]), *branches[:12]])
            found.append(f"{path}: {missing} unreached lines and branches, {allowed} allowed: {where}")
        elif missing < allowed:
            found.append(
                f"{EXCEPTIONS}: {path} has {missing} gaps, not {allowed}: lower it, or take it off at 0"
            )
    return found
