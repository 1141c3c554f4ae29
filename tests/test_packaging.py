"""What `pipx install .` gives: a wheel with everything that runs, and dependencies that are all named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sensor.checks import layers
from sensor.version import VERSION

DISTRIBUTION = {"OpenSSL": "pyopenssl", "re2": "google-re2", "stdnum": "python-stdnum", "yaml": "pyyaml"}
"""Import name to distribution name, where they differ by more than dashes."""


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_code_signatures_and_templates_and_nothing_else(wheel: Path, root: Path) -> None:
    assert wheel.name == f"gnomon_sensor-{VERSION}-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"gnomon_sensor-{VERSION}.dist-info/"
    assert {"sensor/cli/__init__.py", "addons/shadow_ai.py", info + "licenses/LICENSE"} <= names
    assert {"sensor/demo/traces/office.pcap", "sensor/demo/traces/chromium_h3.pcap"} <= names
    for pattern in ("sensor/**/*.py", "signatures/**/*.yaml", "reports/**/*.html", "reports/**/*.py"):
        wanted = {str(path.relative_to(root)) for path in root.glob(pattern)}
        wanted = {name for name in wanted if not name.startswith("sensor/checks/")}
        assert wanted and wanted <= names, wanted - names
    assert {name.partition("/")[0] for name in names} == {
        "sensor",
        "signatures",
        "addons",
        "reports",
        info[:-1],
    }
    assert not [name for name in names if name.startswith("sensor/checks/") or "__pycache__" in name]


@pytest.mark.slow
def test_installed_elsewhere_the_commands_run(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, which has our dependencies but does not know this checkout."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (packages,) = venv.glob("lib/python3*/site-packages")
    # Path lines of the borrowed folder's own .pth files are not followed: the checkout stays unknown.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "install", "--quiet", "--no-deps",
         "--no-index", "--disable-pip-version-check", wheel],
        check=True,
    )  # fmt: skip

    def gnomon(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [venv / "bin" / "gnomon", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    version = gnomon("--version")
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith(f"gnomon {VERSION} (Python ")
    identified = gnomon("identify", "--json", "api.openai.com")
    assert identified.returncode == 0, identified.stderr
    assert '"openai.api"' in identified.stdout
    refused = gnomon("test")
    assert refused.returncode == 1 and "./gnomon test" in refused.stderr


def requirement_names(lines: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0].lower().replace("_", "-") for line in lines}


def test_every_package_that_is_imported_is_a_named_dependency(root: Path, project: dict[str, Any]) -> None:
    named = requirement_names(project["dependencies"])
    imported: dict[str, str] = {}
    for module, path in layers.modules(root).items():
        if module.startswith("sensor.checks"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for item in layers.imports(tree, module):
            top = item.name.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in layers.OURS:
                imported[DISTRIBUTION.get(top, top).lower().replace("_", "-")] = module
    assert imported.keys() <= named, {name: imported[name] for name in imported.keys() - named}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_locks_are_pinned_hashed_and_name_no_host(root: Path, lock: str) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    entries = text.replace("\\\n", " ").strip().splitlines()
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


def versions(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ]+)", text, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_locks_agree_and_carry_every_direct_dependency(root: Path, project: dict[str, Any]) -> None:
    runtime = versions((root / "requirements.lock").read_text(encoding="utf-8"))
    extras = versions((root / "requirements-test.lock").read_text(encoding="utf-8"))
    assert requirement_names(project["dependencies"]) <= runtime.keys()
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    assert requirement_names(groups["test"]) <= extras.keys()
    # mitmproxy 11 for Python 3.11, 12 above.
    assert {version.partition(".")[0] for version in runtime["mitmproxy"]} == {"11", "12"}
    assert runtime["bcrypt"] > {"4.0.1"}
    # Python 3.13 may take newer ones of what mitmproxy 12 holds back on 3.12, where the first lock has none.
    apart = {name for name in runtime.keys() & extras.keys() if not extras[name] <= runtime[name]}
    assert apart <= {"typing-extensions"}
