"""
What every test may use.

``need_tool("curl")`` gives the path of a program, or skips the test and names what is missing. Where
``CI`` or ``GNOMON_CI`` is set a missing program is a failure instead: ``.ci/run`` installs them all, so a
skip there would hide a test that no longer runs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent

STRICT = any(os.environ.get(name, "") not in ("", "0", "false") for name in ("CI", "GNOMON_CI"))

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "ip": ("ip", "/usr/sbin/ip", "/sbin/ip"),
    "tcpdump": ("tcpdump", "/usr/sbin/tcpdump"),
    "node": ("node", "nodejs"),
}
"""Where a program goes by more than one name, or stands outside a user's PATH."""

# The ordinary run draws the same examples each time, so that a red run is about the change and coverage
# figures do not move by luck. --long draws new ones.
hypothesis.settings.register_profile(
    "ordinary", derandomize=True, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile(
    "long", max_examples=2_000, deadline=None, database=None, print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("long" if os.environ.get("GNOMON_LONG") else "ordinary")


def _missing(what: str) -> None:
    if STRICT:
        pytest.fail(f"{what}: under CI everything that a test needs has to be there", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def need_tool() -> Callable[[str], str]:
    """``need_tool(name) -> path`` of a program; skips (under CI: fails) where it is not installed."""

    def need(name: str) -> str:
        for candidate in PROGRAMS.get(name, (name,)):
            found = shutil.which(candidate)
            if found:
                return found
        _missing(f"{name} is not installed")
        raise LookupError(name)

    return need


@pytest.fixture(scope="session")
def need_root() -> Callable[[], None]:
    """``need_root()`` skips (under CI: fails) where the test cannot make network namespaces."""

    def need() -> None:
        if os.geteuid() != 0:
            _missing("needs root to make network namespaces")

    return need


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
