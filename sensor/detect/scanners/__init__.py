"""What a regular expression cannot say: code that starts from hits of the gate. One module to a family."""

from __future__ import annotations

from sensor.detect.finding import Scanner
from sensor.detect.scanners import addresses, contact, documents, identifiers, people, secrets

__all__ = ["SCANNERS", "provide"]

SCANNERS: dict[str, Scanner] = {
    **secrets.SCANNERS,
    **identifiers.SCANNERS,
    **contact.SCANNERS,
    **documents.SCANNERS,
    **people.SCANNERS,
    **addresses.SCANNERS,
}
"""By the name that a detector file gives under ``scanner:``."""


def provide(name: str, text: str) -> None:
    """Hand a data file (its place under ``detectors/``) to the scanners; those that want it keep it."""
    people.provide(name, text)
