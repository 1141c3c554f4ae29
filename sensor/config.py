"""
Home: the folder where everything of one installation is kept, and how it is found.

Flags over environment over file. ``--home``, then ``$GNOMON_HOME``, then ``/var/lib/gnomon`` for root,
else the XDG state folder (XDG Base Directory Specification 0.8, ``$XDG_STATE_HOME``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sensor.errors import WorkError

__all__ = ["Home", "find_home", "open_home"]


@dataclass(frozen=True, slots=True)
class Home:
    """The places inside a home. Nothing here is opened or made by naming it."""

    path: Path

    @property
    def settings(self) -> Path:
        return self.path / "gnomon.yaml"

    @property
    def policy(self) -> Path:
        return self.path / "policy.yaml"

    @property
    def signatures(self) -> Path:
        """A user's own signatures and overrides."""
        return self.path / "signatures.d"

    @property
    def database(self) -> Path:
        return self.path / "gnomon.db"

    @property
    def ca(self) -> Path:
        """mitmproxy's confdir."""
        return self.path / "ca"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def cache(self) -> Path:
        """Compiled catalogue, keyed by content hash. Safe to delete."""
        return self.path / "cache"


def find_home(option: str | None, environ: Mapping[str, str] = os.environ) -> Home:
    """The home that a command is to use; it need not exist."""
    if option:
        return Home(Path(option).expanduser().absolute())
    if environ.get("GNOMON_HOME"):
        return Home(Path(environ["GNOMON_HOME"]).expanduser().absolute())
    if os.geteuid() == 0:
        return Home(Path("/var/lib/gnomon"))
    state = environ.get("XDG_STATE_HOME") or os.path.join(environ.get("HOME", "~"), ".local", "state")
    return Home(Path(state).expanduser() / "gnomon")


def open_home(option: str | None, environ: Mapping[str, str] = os.environ) -> Home:
    """
    The home, made (mode 0700) if it is not there.

    Raises ``WorkError`` where it cannot be made or entered.
    """
    home = find_home(option, environ)
    try:
        for folder in (home.path, home.keys, home.ca, home.cache, home.signatures):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WorkError(
            f"cannot make the home folder {home.path}: {error.strerror}",
            hint="Name another with --home DIR or $GNOMON_HOME.",
        ) from error
    return home
