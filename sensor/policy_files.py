"""
Policy files: where the policy of a home is, and how it is read and first written.

Reading writes nothing. A home without ``policy.yaml`` has the default policy.
"""

from __future__ import annotations

import os
from pathlib import Path

from sensor.catalogue import Catalogue
from sensor.catalogue.records import CATEGORIES
from sensor.config import Home
from sensor.errors import ConfigError, Location, WorkError
from sensor.policy import DEFAULT_POLICY_TEXT, AppFacts, Policy, parse_policy

__all__ = ["DEFAULT_NAME", "app_facts", "load_policy", "read_policy", "write_default_policy"]

DEFAULT_NAME = "(default policy)"
"""What messages call the policy of a home that has none."""

_MAX_BYTES = 4 * 1024 * 1024


def load_policy(home: Home | None, *, catalogue: Catalogue | None = None) -> Policy:
    """
    The policy of a home; the default one where the home, or its ``policy.yaml``, is not there.

    With a catalogue, the ids that rules name are checked. Raises ``ConfigError`` or ``WorkError``.
    """
    if home is None or not os.path.lexists(home.policy):
        return _parse(DEFAULT_POLICY_TEXT, DEFAULT_NAME, catalogue)
    return read_policy(home.policy, catalogue=catalogue)


def read_policy(path: Path, *, catalogue: Catalogue | None = None) -> Policy:
    """The policy in one file. Raises ``ConfigError``, or ``WorkError`` where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise WorkError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"larger than {_MAX_BYTES} bytes", where=Location(str(path)))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(
            "this is not UTF-8 text", where=Location(str(path), line), hint="Save the file as UTF-8."
        ) from None
    return _parse(text, str(path), catalogue)


def write_default_policy(home: Home) -> Path:
    """Write the default policy where the home has none, for a person to change. Gives its path."""
    try:
        with home.policy.open("x", encoding="utf-8") as file:
            file.write(DEFAULT_POLICY_TEXT)
    except FileExistsError:
        pass
    except OSError as error:
        raise WorkError(f"cannot write {home.policy}: {error.strerror}") from error
    return home.policy


def app_facts(catalogue: Catalogue) -> dict[str, AppFacts]:
    """What the lint wants to know of each app."""
    return {id: AppFacts(vendor=app.vendor, category=app.category) for id, app in catalogue.apps.items()}


def _parse(text: str, path: str, catalogue: Catalogue | None) -> Policy:
    if catalogue is None:
        return parse_policy(text, path)
    return parse_policy(
        text,
        path,
        apps=catalogue.apps,
        clients=catalogue.clients,
        vendors=catalogue.vendors,
        categories=CATEGORIES,
    )
