"""
``./gnomon`` makes its environment once, keeps it right, and then gets out of the way.

The checkouts here are small ones with a lock file of one hand-made wheel, so that nothing is downloaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BASE_PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))

COMMAND = """
import json, os, sys
import pebble
print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "prefix": sys.prefix, "pebble": pebble.VERSION}))
raise SystemExit(sys.stdin.read().count("!"))
"""


def make_wheel(folder: Path, version: str) -> str:
    """A wheel of the package ``pebble``; returns its line for a lock file."""
    files = {
        "pebble.py": f'VERSION = "{version}"\n',
        f"pebble-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: pebble\nVersion: {version}\n",
        f"pebble-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in files.items()
    ]
    files[f"pebble-{version}.dist-info/RECORD"] = "\n".join(
        [*record, f"pebble-{version}.dist-info/RECORD,,", ""]
    )
    path = folder / f"pebble-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return f"pebble=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@dataclass
class Checkout:
    """A small checkout, and how to run its ``./gnomon``."""

    path: Path
    wheels: Path
    environ: dict[str, str] = field(default_factory=dict)

    def lock(self, version: str) -> None:
        (self.path / "requirements.lock").write_text(make_wheel(self.wheels, version))

    def popen(self, *words: str, cwd: Path | None = None, **environ: str) -> subprocess.Popen[str]:
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        settings = {
            "HOME": str(self.path.parent), "GNOMON_PYTHON": BASE_PYTHON, "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": self.wheels.as_uri(),
        }  # fmt: skip
        return subprocess.Popen(
            [str(self.path / "gnomon"), *words],
            cwd=cwd or self.path.parent,
            env={**keep, **settings, **self.environ, **environ},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words: str, stdin: str = "", cwd: Path | None = None, **environ: str) -> Run:
        process = self.popen(*words, cwd=cwd, **environ)
        out, err = process.communicate(stdin)
        return Run(process.returncode, out, err)


@dataclass
class Run:
    code: int
    out: str
    err: str

    @property
    def made(self) -> bool:
        """Whether this call made the environment."""
        return "making .venv" in self.err

    def answer(self) -> dict[str, object]:
        assert self.out, self.err
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


@pytest.fixture
def checkout(tmp_path: Path, root: Path) -> Checkout:
    path = tmp_path / "my check out"
    (path / "sensor" / "checks").mkdir(parents=True)
    shutil.copy(root / "gnomon", path / "gnomon")
    shutil.copy(root / "sensor" / "checks" / "environment.py", path / "sensor" / "checks" / "environment.py")
    (path / "sensor" / "__init__.py").touch()
    (path / "sensor" / "__main__.py").write_text(COMMAND)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    made = Checkout(path, wheels)
    made.lock("1.0")
    return made


def fake_python(folder: Path, name: str, *, says: str | None) -> Path:
    """A program called ``name`` that answers the probe with ``says``, or only fails as a pyenv shim does."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    if says is None:
        path.write_text(f"#!/bin/sh\necho 'pyenv: {name}: command not found' >&2\nexit 127\n")
    else:
        path.write_text(f'#!/bin/sh\nif [ "$2" = -c ]; then echo "{says}"; exit 0; fi\nexit 1\n')
    path.chmod(0o755)
    return path


@pytest.mark.slow
def test_first_call_installs_and_later_calls_only_run(checkout: Checkout, tmp_path: Path) -> None:
    first = checkout.run("observe", "a b.pcap", "--json")
    assert first.made and "installing requirements.lock" in first.err
    assert first.answer() == {
        "argv": ["observe", "a b.pcap", "--json"], "cwd": str(tmp_path), "pebble": "1.0",
        "prefix": str(checkout.path / ".venv"),
    }  # fmt: skip

    # No pip the second time: there is nothing to install from. Standard input, exit code, a symbolic link,
    # and a folder whose modules must not be taken for ours.
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("json.py", "sensor.py", "pebble.py"):
        (trap / name).write_text("raise SystemExit('imported from the current folder')")
    (tmp_path / "link").symlink_to(checkout.path / "gnomon")
    nowhere = (tmp_path / "nowhere").as_uri()
    second = checkout.run("x", stdin="!!!", cwd=trap, PIP_FIND_LINKS=nowhere)
    assert (second.code, second.err, second.answer()["cwd"]) == (3, "", str(trap))
    linked = subprocess.run(
        [tmp_path / "link"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert json.loads(linked.stdout)["prefix"] == str(checkout.path / ".venv")

    # A GNOMON_PYTHON that was not used before is a new wish; none is no wish.
    assert not checkout.run(GNOMON_PYTHON="").made
    assert "does not run as a Python" in checkout.run(GNOMON_PYTHON="/nowhere/python3").err


@pytest.mark.slow
def test_done_anew_when_something_changed(checkout: Checkout) -> None:
    """A new lock, an installation that was cut short, a moved folder, an interpreter that is gone."""
    checkout.run()
    venv = checkout.path / ".venv"

    checkout.lock("2.0")
    changed = checkout.run()
    assert changed.made and changed.answer()["pebble"] == "2.0"

    next(venv.glob("lib/*/site-packages/pebble.py")).unlink()
    (venv / "gnomon" / "unfinished").touch()
    assert checkout.run().answer()["pebble"] == "2.0"

    moved = checkout.path.with_name("moved")
    checkout.path.rename(moved)
    checkout.path = moved
    assert checkout.run().answer()["prefix"] == str(moved / ".venv")

    (moved / ".venv" / "bin" / "python").unlink()
    (moved / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")
    assert checkout.run().made
    assert not checkout.run().made


@pytest.mark.slow
def test_two_first_calls_at_once_install_once(checkout: Checkout) -> None:
    calls = [checkout.popen(str(number)) for number in range(3)]
    ends = [(process.communicate(""), process.returncode) for process in calls]
    assert [code for _, code in ends] == [0, 0, 0], ends
    assert sorted(json.loads(out)["argv"][0] for (out, _), _ in ends) == ["0", "1", "2"]
    assert sum("making .venv" in err for (_, err), _ in ends) == 1


@pytest.mark.slow
def test_a_package_with_another_hash_is_refused_and_tried_again(checkout: Checkout) -> None:
    lock = checkout.path / "requirements.lock"
    good = lock.read_text()
    lock.write_text(good[:-5] + "beef\n")
    bad = checkout.run()
    assert bad.code == 1 and "HASHES" in bad.err and "not the one that was pinned" in bad.err and not bad.out
    lock.write_text(good)
    assert checkout.run().answer()["pebble"] == "1.0"


def test_an_environment_of_somebody_else_is_left_alone(checkout: Checkout) -> None:
    (checkout.path / ".venv").mkdir()
    (checkout.path / ".venv" / "mine").touch()
    refused = checkout.run()
    assert refused.code == 1 and "mv .venv .venv.old" in refused.err
    assert (checkout.path / ".venv" / "mine").exists()


def test_pythons_lists_only_those_that_run_newest_first(checkout: Checkout, tmp_path: Path) -> None:
    shims = tmp_path / "shims"
    fake_python(shims, "python3.14", says=None)
    fake_python(shims, "python3.13", says="3 13 99 ok /fake/python3.13")
    (shims / "python3.12").write_text("not a program")
    path = f"{shims}:{Path(BASE_PYTHON).parent}:{os.environ['PATH']}"
    listed = checkout.run("--pythons", PATH=path).out.splitlines()
    assert not any("3.14" in line and "shims" in line for line in listed)
    assert "3 13 99 ok /fake/python3.13" in listed
    assert len(listed) == len(set(listed))
    versions = [tuple(int(part) for part in line.split()[:3]) for line in listed]
    assert versions == sorted(versions, reverse=True)
    real = {tuple(line.split(maxsplit=4)[:3]): line.split(maxsplit=4)[4] for line in listed}
    here = tuple(str(part) for part in sys.version_info[:3])
    assert os.access(real[here], os.X_OK)


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("3 13 1 venv /usr/bin/python3.13", "venv module is missing"),
        ("3 13 1 sqlite3 /opt/python3.13", "built without sqlite3"),
        ("3 10 2 old /usr/bin/python3.10", "Gnomon needs 3.11"),
        ("3 13 1 kind /opt/pypy", "no working Python 3.11 or newer"),
    ],
)
def test_a_python_that_will_not_do_is_named_with_the_mend(
    checkout: Checkout, tmp_path: Path, says: str, expected: str
) -> None:
    fake = fake_python(tmp_path / "bin", "python3", says=says)
    refused = checkout.run(GNOMON_PYTHON=str(fake))
    assert refused.code == 1 and expected in refused.err and "To mend it: " in refused.err
    assert not (checkout.path / ".venv").exists()


@pytest.mark.slow
def test_the_next_python_is_tried_where_the_newest_cannot_make_environments(
    checkout: Checkout, tmp_path: Path
) -> None:
    """One says it lacks venv, one only fails when it is asked to make one; the third is real."""
    shims = tmp_path / "shims"
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    fake_python(shims, "python3.14", says="3 99 1 venv /usr/bin/python3.99")
    fake_python(shims, "python3.13", says=f"3 98 1 ok {broken}")
    fake_python(shims, "python3.12", says=f"3 97 1 ok {BASE_PYTHON}")
    run = checkout.run(GNOMON_PYTHON="", PATH=f"{shims}:{os.environ['PATH']}")
    assert run.code == 0 and run.answer()["pebble"] == "1.0"
    assert "Python 3.99.1 (/usr/bin/python3.99) cannot make environments" in run.err
