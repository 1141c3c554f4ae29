"""The list of files with gaps in coverage holds each to its figure, and only shrinks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sensor.checks import core_coverage


def measured(lines: list[int], branches: list[list[int]]) -> dict[str, Any]:
    return {"missing_lines": lines, "missing_branches": branches}


WHOLE = measured([], [])
GAPS = measured([7, 8], [[3, 9]])

CASES: list[tuple[str, dict[str, Any], str | None]] = [
    ("", {"sensor/model.py": WHOLE}, None),
    ("# a comment\n\n", {"sensor/model.py": WHOLE}, None),
    ("sensor/model.py 3  # why\n", {"sensor/model.py": GAPS}, None),
    ("", {"sensor/model.py": GAPS}, "3 unreached lines and branches, 0 allowed: 7, 8, 3->9"),
    ("sensor/model.py 2\n", {"sensor/model.py": GAPS}, "3 unreached lines and branches, 2 allowed"),
    ("sensor/model.py 4\n", {"sensor/model.py": GAPS}, "has 3 gaps, not 4"),
    ("sensor/model.py 4\n", {"sensor/model.py": WHOLE}, "has 0 gaps, not 4"),
    ("sensor/cli/x.py 4\n", {"sensor/model.py": WHOLE}, "sensor/cli/x.py is no file of the core"),
    ("", {}, "never imported"),
]


@pytest.mark.parametrize(("listed", "files", "complaint"), CASES)
def test_figures_may_only_fall(
    tmp_path: Path, listed: str, files: dict[str, Any], complaint: str | None
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / core_coverage.EXCEPTIONS).write_text(listed)
    (tmp_path / "sensor" / "cli").mkdir(parents=True)
    (tmp_path / "sensor" / "__init__.py").touch()
    (tmp_path / "sensor" / "model.py").write_text("x = 1\n")
    (tmp_path / "sensor" / "cli" / "x.py").write_text("x = 1\n")  # shell: not held to anything
    found = core_coverage.complaints(tmp_path, files)
    if complaint is None:
        assert found == []
    else:
        assert len(found) == 1 and complaint in found[0]
