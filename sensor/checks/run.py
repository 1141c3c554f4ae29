"""
Everything ``./gnomon test`` checks, in order: lint, format, types, dependencies, tests with coverage, and the
tests once more on another Python where one is found.

The main environment is the one that runs this. The other is 3.11 (mitmproxy 11) where the main one is newer,
else the newest that is found; it gets an environment of its own beside the first.

The last line counts tests and checks together: ``N passed, N failed, N skipped``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from sensor.checks import core_coverage
from sensor.checks.environment import LOCK, TEST_LOCK, SetupError, ensure, python_of
from sensor.errors import WorkError

__all__ = ["run_all"]

LIMIT_S = 40 * 60
"""One run of pytest that takes longer hangs, and is ended."""


@dataclass
class Tally:
    """What passed and what did not, over all steps."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def step(self, ok: bool) -> None:
        if ok:
            self.passed += 1
        else:
            self.failed += 1

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run_all(root: Path, *, long: bool = False, fast: bool = False, only: Sequence[str] = ()) -> int:
    """Run the checks; 0 when all hold, else 1."""
    started = time.monotonic()
    venv = Path(sys.prefix)
    _install(root, venv, os.path.realpath(sys.executable))
    tally = Tally()
    failures: list[str] = []

    def step(name: str, command: Sequence[str | Path]) -> None:
        _head(name)
        ok = subprocess.run([str(word) for word in command], cwd=root, check=False).returncode == 0
        tally.step(ok)
        if not ok:
            failures.append(name)

    python = python_of(venv)
    if not only:
        step("lint", [python, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."])
        step("format", [python, "-m", "ruff", "format", "--check", "--quiet", "."])
        step("types", [python, "-m", "mypy"])
        step("dependencies", [python, "-m", "pip", "check", "--quiet", "--disable-pip-version-check"])

    with tempfile.TemporaryDirectory(prefix="gnomon-test-") as scratch:
        marks = "not long" if not fast else "not long and not slow"
        measured = not fast and not only
        name = f"tests on Python {sys.version_info[0]}.{sys.version_info[1]}"
        if not _pytest(root, python, marks, only, Path(scratch) / "main", tally, name, measured=measured):
            failures.append(name)
        if measured:
            _head("coverage of the core")
            complaints = _coverage(root, python, Path(scratch) / "main")
            print("\n".join(complaints) or "as it should be", flush=True)
            tally.step(not complaints)
            if complaints:
                failures.append("coverage of the core")
        if long:
            name = "long fuzzing"
            if not _pytest(root, python, "long", only, Path(scratch) / "long", tally, name, long=True):
                failures.append(name)
        if not fast and not only:
            other = _other_python(root)
            if other is None:
                _head("tests on another Python")
                print("skipped: no other Python 3.11 or newer was found on this machine")
                tally.skipped += 1
            else:
                version, path = other
                other_venv = root / f".venv-{version}"
                name = f"tests on Python {version}"
                _install(root, other_venv, path)
                second = Path(scratch) / "other"
                if not _pytest(root, python_of(other_venv), marks, only, second, tally, name):
                    failures.append(name)

    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    print(f"\n{minutes} min {seconds} s" + (f"; failed: {', '.join(failures)}" if failures else ""))
    print(tally, flush=True)
    return 1 if failures or tally.failed else 0


def _head(name: str) -> None:
    print(f"\n=== {name}", flush=True)


def _install(root: Path, venv: Path, python: str) -> None:
    if not (venv / "gnomon").is_dir() and (venv / "pyvenv.cfg").is_file():
        # An environment that somebody made by hand, test extras and all: used as it is.
        return
    try:
        ensure(root, venv, python, (LOCK, TEST_LOCK))
    except SetupError as error:
        raise WorkError(str(error)) from error


# --- tests --------------------------------------------------------------------------------------------


def _pytest(
    root: Path, python: Path, marks: str, only: Sequence[str], scratch: Path, tally: Tally, name: str, *,
    measured: bool = False, long: bool = False,
) -> bool:  # fmt: skip
    """Run pytest, add to the tally; True where it passed."""
    _head(name)
    scratch.mkdir()
    report = scratch / "report.xml"
    # Two workers keep two cores busy; a file's tests stay together, for their fixtures' sake.
    workers = str(max(2, min(os.cpu_count() or 2, 8)))
    command = [
        str(python), "-m", *(["coverage", "run", "-m"] if measured else []), "pytest", "-q",
        # A worker that hangs is ended (pyproject, faulthandler_timeout); its test is tried once more only.
        "-n", workers, "--dist", "loadfile", "--max-worker-restart=1",
        "-m", marks, "--durations=10", "--durations-min=10",
        f"--junitxml={report}", "-o", f"cache_dir={scratch / 'cache'}", *only,
    ]  # fmt: skip
    environ = dict(os.environ)
    environ.pop("PYTEST_ADDOPTS", None)
    if measured:
        environ["COVERAGE_FILE"] = str(scratch / "coverage")
    if long:
        environ["GNOMON_LONG"] = "1"
    limit = LIMIT_S * (3 if long else 1)
    process = subprocess.Popen(command, cwd=root, env=environ, stdin=subprocess.DEVNULL, process_group=0)
    try:
        code = process.wait(timeout=limit)
    except BaseException as error:
        # The whole group: workers, and whatever the tests started.
        os.killpg(process.pid, 9)
        process.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        print(f"ended after {limit // 60} minutes")
        tally.failed += 1
        return False
    before = tally.failed
    ran = _count(report, tally)
    if code != 0 and tally.failed == before:
        # Pytest itself failed (an import error while collecting, no tests at all).
        tally.failed += 1
    return code == 0 and ran > 0


def _count(report: Path, tally: Tally) -> int:
    """Add a JUnit report to the tally; how many tests it lists."""
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (OSError, ElementTree.ParseError):
        return 0
    total = 0
    for suite in suites:
        numbers = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
        failed = numbers["failures"] + numbers["errors"]
        tally.failed += failed
        tally.skipped += numbers["skipped"]
        tally.passed += numbers["tests"] - failed - numbers["skipped"]
        total += numbers["tests"]
    return total


def _coverage(root: Path, python: Path, scratch: Path) -> list[str]:
    """What is wrong with the coverage of the core, after a measured run."""
    environ = {**os.environ, "COVERAGE_FILE": str(scratch / "coverage")}
    result = scratch / "coverage.json"
    for words in (["combine", "--quiet"], ["json", "--quiet", "-o", str(result)]):
        done = subprocess.run(
            [python, "-m", "coverage", *words], cwd=root, env=environ, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if done.returncode != 0:
            return [f"coverage {words[0]} failed: {done.stdout.strip()}"]
    files: Mapping[str, object] = json.loads(result.read_text(encoding="utf-8"))["files"]
    return core_coverage.complaints(root, files)


def _other_python(root: Path) -> tuple[str, str] | None:
    """``("3.11", path)`` of the Python to run the tests on as well."""
    listed = subprocess.run(
        [root / "gnomon", "--pythons"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        major, minor, _micro, state, path = line.split(maxsplit=4)
        if state == "ok":
            found.setdefault(f"{major}.{minor}", path)
    found.pop(here, None)
    if "3.11" in found:
        return "3.11", found["3.11"]
    return next(iter(found.items()), None)
