"""Checksums and other hard proofs of a value, by name."""

from __future__ import annotations

from sensor.detect.finding import Validator
from sensor.detect.validators import checksums, contact, national, secrets

__all__ = ["VALIDATORS"]

VALIDATORS: dict[str, Validator] = {
    **checksums.VALIDATORS,
    **national.VALIDATORS,
    **secrets.VALIDATORS,
    **contact.VALIDATORS,
}
"""By the name that a detector file gives under ``validator:``."""
