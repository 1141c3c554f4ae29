"""Patients in the formats of hospitals, and medicines that somebody takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily

__all__ = ["scan_dicom", "scan_drugs", "scan_hl7"]

MAX_SEGMENT = 1024
"""Bytes of a PID segment that are read."""

# HL7 v2.5, 3.4.2: what of a PID, NK1 or IN1 segment says who somebody is.
_FIELDS = {
    "pid": (2, 3, 4, 5, 6, 7, 9, 11, 13, 14, 18, 19, 20, 21),
    "nk1": (2, 4, 5, 6),
    "in1": (2, 16, 18, 19, 36),
}


def scan_hl7(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """The fields of HL7 version 2 segments that identify a patient; the tag says which segment."""
    data = document.data
    made: list[Candidate] = []
    for tag, end in hits:
        stop = min(len(data), end + MAX_SEGMENT)
        for mark in (b"\n", b"\r", b"\\n", b"\\r", b'"'):
            at = data.find(mark, end, stop)
            if at >= 0:
                stop = at
        start = end
        for number in range(1, 40):
            bar = data.find(b"|", start, stop)
            last = bar if bar >= 0 else stop
            if number in _FIELDS[tag] and last - start >= 2 and not data[start:last].isspace():
                made.append(
                    Candidate(
                        start, last, "health.hl7", 0.9, False, ("identifies somebody in an HL7 segment",)
                    )
                )
            if bar < 0:
                break
            start = bar + 1
    return made


_DICOM_VALUE = lazily(
    rb"[^\n\[\"]{0,48}\[([^\]\n\"]{2,128})\]|[\"']?\s{0,4}[:=]\s{0,4}[\"']([^\"'\n]{2,128})[\"']|"
    rb"[\"']?\s{0,4}:\s{0,4}\{[^}]{0,64}\"Value\"\s{0,4}:\s{0,4}\[\s{0,4}(?:\{[^}\"]{0,16}\"[A-Za-z]{1,16}\"\s{0,4}:\s{0,4})?\"([^\"\n]{2,128})\""
    rb"|\)?[^\n:'\"]{0,40}(?:PN|LO|DA|SH|LT|ST|AS|CS):\s{0,4}'([^'\n]{2,128})'"
    rb"|\s{0,4}[:=]\s{0,4}([^\s\"'\[{][^\n,;]{1,127})"
)


def scan_dicom(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Values of the patient's group (0010,xxxx) in dumps and JSON of DICOM files (PS3.3 C.2.2, C.2.3)."""
    made: list[Candidate] = []
    for _, end in hits:
        found = _DICOM_VALUE.match(document.data, end, end + 256)
        if found is not None:
            start, stop = found.span(found.lastindex or 0)
            if not document.data[start:stop].isspace():
                made.append(
                    Candidate(start, stop, "health.dicom", 0.85, False, ("value of a patient's DICOM tag",))
                )
    return made


_DOSE = lazily(
    rb"[^\n.;]{0,24}?(?<![\w.])(\d{1,5}(?:[.,]\d{1,3})?\s?(?:mg|mcg|\xc2\xb5g|ug|g|ml|mL|IU|IE|units?|UI|U|tabletten|tablets?|"
    rb"caps?(?:ules?)?|puffs?|drops?)\b(?:/\w{1,6})?)",
    re.IGNORECASE,
)
_PERSON = lazily(
    rb"(?i)\b(?:patients?|he|she|her|his|him|my|mr|mrs|ms|i|i'm|prescribed|prescription|takes|taking|diagnosed|admitted|"
    rb"daughter|son|mother|father|wife|husband|employee|mom|dad|child|patientin|sie|er|ich|nimmt|verschrieben|verordnet|"
    rb"prend|prescrit|paciente|toma|recetado|prende|paziente|prescritto|pacjent|bierze)\b"
)


def scan_drugs(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """A medicine with its dose, where somebody takes it."""
    data = document.data
    made: list[Candidate] = []
    for _, end in hits:
        dose = _DOSE.match(data, end, end + 64)
        if dose is None or not _PERSON.search(data, max(0, end - 160), end + 160):
            continue
        start = end
        while (
            start > 0 and end - start < 24 and (data[start - 1 : start].isalpha() or data[start - 1] >= 0x80)
        ):
            start -= 1
        made.append(Candidate(start, dose.end(1), "health.drug", 0.6, False, ("a dose", "somebody takes it")))
    return made
