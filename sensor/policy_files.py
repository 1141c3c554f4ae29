"""
Policy files: where the policy of a home is, and how it is read and first written.

Reading writes nothing. A home without ``policy.yaml`` has the default policy.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from sensor.catalogue import Catalogue
from sensor.catalogue.records import CATEGORIES
from sensor.config import Home
from sensor.errors import ConfigError, Location, WorkError
from sensor.policy import CARRIED_OUT, DEFAULT_POLICY_TEXT, AppFacts, Policy, Zone, parse_policy

__all__ = [
    "DEFAULT_NAME",
    "SUPPORTS",
    "app_facts",
    "finding_words",
    "find_zone",
    "load_policy",
    "read_policy",
    "write_default_policy",
]

SUPPORTS: frozenset[str] = CARRIED_OUT
"""
What a policy may ask for: the verdicts, modifiers, kinds of groups and conditions on content that the doors
know.

The one switch: add ``coach``, ``redact``, a modifier, ``ldap`` or the words of ``policy.OF_CONTENT`` here
(all of them: ``policy.EVERYTHING``) when they are carried out, and policies that name them are accepted.
"""

DEFAULT_NAME = "(default policy)"
"""What messages call the policy of a home that has none."""

_MAX_BYTES = 4 * 1024 * 1024


def load_policy(home: Home | None, *, catalogue: Catalogue | None = None) -> Policy:
    """
    The policy of a home; the default one where the home, or its ``policy.yaml``, is not there.

    With a catalogue, the ids that rules name are checked. Raises ``ConfigError`` or ``WorkError``.
    """
    if home is None or not os.path.lexists(home.policy):
        return _parse(DEFAULT_POLICY_TEXT, DEFAULT_NAME, catalogue, home)
    return read_policy(home.policy, catalogue=catalogue, home=home)


def read_policy(path: Path, *, catalogue: Catalogue | None = None, home: Home | None = None) -> Policy:
    """
    The policy in one file; a home's own detectors add to the findings that it may name.

    Raises ``ConfigError``, or ``WorkError`` where it cannot be read.
    """
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
    return _parse(text, str(path), catalogue, home)


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
    return {
        id: AppFacts(
            vendor=app.vendor,
            category=app.category,
            risk=getattr(app, "risk", None),
            has_region=any("(?P<region>" in evidence.value for evidence in app.evidence),
        )
        for id, app in catalogue.apps.items()
    }


_TYPE = re.compile(r"^(?:[ -] )*\s*(?:.*[{,] *)?type: *([a-z][a-z0-9_]*)", re.MULTILINE)
_OWN_ID = re.compile(r"\bid: *[a-z][a-z0-9_.]*\.([a-z0-9_]+)")


def finding_words(home: Home | None = None) -> Collection[str]:
    """
    The types and groups of findings that there are, a home's own as well.

    Taken from the text of the detectors' files: reading them whole takes a second, and a word that is not
    there is all that is to be told. A test holds it to what they say when read whole.
    """
    # Of use only to policies that ask for findings.
    from sensor.detect.detector import GROUPS
    from sensor.detect_files import own_files, packaged_files

    words = {*GROUPS, "custom"}
    for file in packaged_files():
        if file.name.endswith(".yaml"):
            words.update(_TYPE.findall(file.text))
    for file in own_files(home):
        words.update(_TYPE.findall(file.text), _OWN_ID.findall(file.text))
    return words


def find_zone(name: str) -> Zone | None:
    """The time zone of an IANA name, from the system's database; ``None`` where it has none."""
    try:
        zone = zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None

    def offset(ts: float) -> float:
        ahead = datetime.fromtimestamp(ts, UTC).astimezone(zone).utcoffset()
        return ahead.total_seconds() if ahead is not None else 0.0

    return Zone(name, offset)


def _parse(text: str, path: str, catalogue: Catalogue | None, home: Home | None) -> Policy:
    known = catalogue is not None
    return parse_policy(
        text,
        path,
        apps=catalogue.apps if catalogue is not None else (),
        clients=catalogue.clients if catalogue is not None else (),
        vendors=catalogue.vendors if catalogue is not None else (),
        categories=CATEGORIES if known else (),
        findings=(lambda: finding_words(home)) if known else tuple,
        zones=find_zone,
        supports=SUPPORTS,
    )
