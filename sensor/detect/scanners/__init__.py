"""
What a regular expression cannot say: code that starts from hits of the gate. One module to a family.

A family is imported when the first text needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit, Scanner
from sensor.detect.lazily import Shelf

__all__ = ["DATA", "SCANNERS", "provide"]

DATA = ("data/person_lexicon.txt", "data/person_model.txt")
"""What ``provide`` takes, by its place under ``detectors/``."""

SCANNERS: Shelf[Scanner] = Shelf(
    "SCANNERS",
    {
        "sensor.detect.scanners.secrets": "assignment aws_secret http_header key_block long_token"
        " url_password",
        "sensor.detect.scanners.identifiers": "dicom drug hl7 identifier mrz",
        "sensor.detect.scanners.contact": "ages card dates iban ip labelled mail phones",
        "sensor.detect.scanners.documents": "config_dump diff document_label env_file insider licence"
        " source_code sql_dump stack_trace",
        "sensor.detect.scanners.addresses": "addresses",
    },
)
"""By the name that a detector file gives under ``scanner:``."""

_given: dict[str, Callable[[], str]] = {}


def provide(name: str, read: Callable[[], str]) -> None:
    """Hand in a data file (its place under ``detectors/``); read when the first text needs it."""
    if name in DATA:
        _given[name] = read


def _scan_people(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    from sensor.detect.scanners import people

    # Handed on by each thread that comes before it is done: the same text twice changes nothing.
    for name, read in list(_given.items()):
        people.provide(name, read())
        _given.pop(name, None)
    return people.scan_people(document, hits)


SCANNERS["people"] = _scan_people
