"""``gnomon test`` counts what ran, and finds the other Python to run it on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sensor.checks import run

HERE = f"{sys.version_info[0]} {sys.version_info[1]}"

REPORT = """\
<testsuites>
  <testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" />
</testsuites>
"""


def test_a_report_is_added_to_the_tally(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    tally = run.Tally(passed=1)
    assert run._count(tmp_path / "report.xml", tally) == 10
    assert str(tally) == "5 passed, 3 failed, 3 skipped"


@pytest.mark.parametrize("text", [None, "", "<testsuites>"])
def test_a_report_that_is_missing_or_broken_counts_no_test(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "report.xml").write_text(text)
    tally = run.Tally()
    assert run._count(tmp_path / "report.xml", tally) == 0
    assert str(tally) == "0 passed, 0 failed, 0 skipped"


OTHERS = [
    ("9 9 1 ok /a b/python9.9\n3 11 2 ok /x/python3.11\n", ("3.11", "/x/python3.11")),
    ("9 9 1 ok /a b/python9.9\n9 8 1 ok /c\n3 11 2 venv /x/python3.11\n", ("9.9", "/a b/python9.9")),
    ("9 9 1 ok /new\n9 9 0 ok /old\n", ("9.9", "/new")),
    (f"{HERE} 0 ok /this\n3 9 1 old /old\n", None),
    ("", None),
]


@pytest.mark.parametrize(("listed", "expected"), OTHERS)
def test_the_other_python_is_3_11_else_the_newest_that_is_not_this(
    tmp_path: Path, listed: str, expected: tuple[str, str] | None
) -> None:
    if HERE == "3 11" and expected == ("3.11", "/x/python3.11"):
        expected = ("9.9", "/a b/python9.9")
    launcher = tmp_path / "gnomon"
    launcher.write_text(f"#!/bin/sh\ncat <<'E'\n{listed}E\n")
    launcher.chmod(0o755)
    assert run._other_python(tmp_path) == expected
