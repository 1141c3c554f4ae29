"""
What proves an identifier where the word before it names no country.

By the number of its letters and digits the checks that a value could pass, those first that hardly any random
value passes. Those that pass more than one in thirty do not stand here.
"""

from __future__ import annotations

from functools import cache

from sensor.detect.finding import Validator
from sensor.detect.validators.national import VALIDATORS
from sensor.detect.validators.national.sums import plain

__all__ = ["PROOFS", "prove"]

_NATIONAL: dict[int, tuple[str, ...]] = {
    9: ("es_nie", "sg_nric", "es_dni", "gr_afm"),
    10: ("se_pnr", "is_kennitala", "bg_egn", "fi_hetu", "tw_id", "gb_chi", "cz_rc"),
    11: (
        "fi_hetu", "be_nn", "no_fnr", "ee_ik", "gr_amka", "tr_tckn", "br_cpf", "pl_pesel", "hu_personal",
        "ru_snils", "lv_pk",
    ),
    12: ("de_rvnr", "kz_iin", "es_nss", "se_pnr"),
    13: ("za_id", "jmbg", "ro_cnp", "lu_matricule", "kr_rrn", "ch_ahv"),
    14: ("by_personal",),
    15: ("fr_nir",),
    16: ("it_codice_fiscale",),
    18: ("cn_ric", "mx_curp"),
}  # fmt: skip

_TAX: dict[int, tuple[str, ...]] = {
    8: ("lu_tva",),
    10: ("ie_vat",),
    11: ("de_idnr", "ar_cuit", "pe_ruc", "ch_uid", "br_cpf", "au_abn", "fr_tva", "be_nn"),
    12: ("uy_rut", "ru_inn", "nl_btw"),
    13: ("fr_spi",),
    14: ("br_cnpj", "fr_siret"),
    15: ("in_gstin",),
    16: ("it_codice_fiscale",),
    18: ("cn_uscc",),
}

PROOFS = {"national": (_NATIONAL, _TAX), "tax": (_TAX, _NATIONAL)}
"""Family to its checks by length, and those of the family that people write in its place."""


_LETTERED = frozenset(
    {
        "by_personal", "de_rvnr", "es_dni", "es_nie", "ie_vat", "in_gstin", "it_codice_fiscale", "mx_curp",
        "nl_btw", "sg_nric", "tw_id",
    }
)  # fmt: skip
"""What has a letter in it always."""


@cache
def _checks(family: str, length: int, has_letters: bool) -> tuple[Validator, ...]:
    """The checks that a value of so many signs can pass."""
    names = dict.fromkeys(name for table in PROOFS[family] for name in table.get(length, ()))
    return tuple(VALIDATORS[name] for name in names if has_letters or name not in _LETTERED)


_LONGEST = 18


def prove(family: str, value: str) -> bool:
    """Whether a check of the family holds for a value."""
    text = plain(value)
    length = len(text)
    if length <= _LONGEST:
        for check in _checks(family, length, not text.isdigit()):
            if check(value) is True:
                return True
    return False
