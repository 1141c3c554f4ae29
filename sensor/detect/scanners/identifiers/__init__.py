"""
National, tax, travel, vehicle and health identifiers, found from the words that name them.

``identifier`` serves every detector whose value has to be named; what each looks like stands in the tables
``national``, ``tax`` and ``others``. The other scanners know formats that name themselves.
"""

from __future__ import annotations

from sensor.detect.finding import Scanner
from sensor.detect.scanners.identifiers import national, others, tax
from sensor.detect.scanners.identifiers.kinds import Kind
from sensor.detect.scanners.identifiers.reading import Reader
from sensor.detect.scanners.identifiers.records import scan_dicom, scan_drugs, scan_hl7
from sensor.detect.scanners.identifiers.zones import scan_zones

__all__ = ["KINDS", "SCANNERS"]

KINDS: dict[str, Kind] = {**national.KINDS, **tax.KINDS, **others.KINDS}
"""By the id of the detector, which is also the tag of its hits."""

SCANNERS: dict[str, Scanner] = {
    "dicom": scan_dicom,
    "drug": scan_drugs,
    "hl7": scan_hl7,
    "identifier": Reader(KINDS),
    "mrz": scan_zones,
}
"""By name."""
