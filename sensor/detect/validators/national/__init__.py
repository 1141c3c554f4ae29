"""
Checks of national, tax, travel, vehicle and health identifiers.

``True``: the check digits hold. ``None``: the shape is right, and there is nothing (or not enough) to check.
``False``: it is not one. Values come with their separators.
"""

from __future__ import annotations

from sensor.detect.finding import Validator
from sensor.detect.validators.national import americas, borrowed, documents, east, europe, medical, world
from sensor.detect.validators.national.sums import plain

__all__ = ["VALIDATORS"]

_VAT = {
    "AT": "at_uid", "BE": "be_vat", "DE": "de_vat", "DK": "dk_cvr", "EE": "ee_kmkr", "EL": "gr_afm",
    "ES": "es_nif", "FI": "fi_ytunnus", "FR": "fr_tva", "GB": "gb_vat", "HR": "hr_oib", "HU": "hu_vat",
    "IE": "ie_vat", "IT": "it_iva", "LT": "lt_pvm", "LU": "lu_tva", "LV": "lv_pvn", "MT": "mt_vat",
    "NL": "nl_btw", "PL": "pl_nip", "PT": "pt_nif", "SE": "se_orgnr", "SI": "si_ddv", "SK": "sk_dph",
}  # fmt: skip
_PREFIXED = frozenset({"se_orgnr"})
"""Checks that want the prefix; the others take the value without it."""


def eu_vat(value: str) -> bool | None:
    """A VAT number with its country's prefix, by that country's check."""
    text = plain(value)
    name = _VAT.get(text[:2])
    return name is not None and VALIDATORS[name](text if name in _PREFIXED else text[2:])


def dated_personal(value: str) -> bool:
    """A personal number with a date before its dash: Swedish, Danish, Icelandic or Latvian."""
    return any(VALIDATORS[name](value) is True for name in ("se_pnr", "dk_cpr", "is_kennitala", "lv_pk"))


def es_dni_or_nie(value: str) -> bool:
    """A Spanish number of a citizen or of a foreigner."""
    return VALIDATORS["es_dni"](value) is True or VALIDATORS["es_nie"](value) is True


VALIDATORS: dict[str, Validator] = {
    **borrowed.VALIDATORS,
    **europe.VALIDATORS,
    **east.VALIDATORS,
    **americas.VALIDATORS,
    **world.VALIDATORS,
    **documents.VALIDATORS,
    **medical.VALIDATORS,
    "dated_personal": dated_personal,
    "es_dni_or_nie": es_dni_or_nie,
    "eu_vat": eu_vat,
}
"""By the name that a detector file gives under ``validator:``."""
