"""
Checks that python-stdnum has and that are too long or too rare to be written again.

A module of python-stdnum is imported when its check is asked for the first time.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from sensor.detect.finding import Validator

__all__ = ["BORROWED", "VALIDATORS"]

BORROWED = {
    "al_nipt": "al.nipt",
    "at_uid": "at.uid",
    "az_voen": "az.voen",
    "bg_vat": "bg.vat",
    "by_unp": "by.unp",
    "cn_uscc": "cn.uscc",
    "cr_cpf": "cr.cpf",
    "cu_ni": "cu.ni",
    "cy_vat": "cy.vat",
    "cz_dic": "cz.dic",
    "do_rnc": "do.rnc",
    "ec_ruc": "ec.ruc",
    "ee_kmkr": "ee.kmkr",
    "es_cif": "es.cif",
    "es_nif": "es.nif",
    "gb_upn": "gb.upn",
    "gb_vat": "gb.vat",
    "gt_nit": "gt.nit",
    "id_npwp": "id.npwp",
    "ie_vat": "ie.vat",
    "is_vsk": "is_.vsk",
    "kr_brn": "kr.brn",
    "li_peid": "li.peid",
    "lt_pvm": "lt.pvm",
    "lv_pvn": "lv.pvn",
    "ma_ice": "ma.ice",
    "mc_tva": "mc.tva",
    "me_pib": "me.pib",
    "mk_edb": "mk.edb",
    "mt_vat": "mt.vat",
    "mu_nid": "mu.nid",
    "mx_rfc": "mx.rfc",
    "nl_btw": "nl.btw",
    "nl_onderwijs": "nl.onderwijsnummer",
    "pt_cc": "pt.cc",
    "py_ruc": "py.ruc",
    "sg_uen": "sg.uen",
    "si_ddv": "si.ddv",
    "sk_dph": "sk.dph",
    "sv_nit": "sv.nit",
    "tn_mf": "tn.mf",
    "tr_vkn": "tr.vkn",
    "tw_ubn": "tw.ubn",
    "ua_edrpou": "ua.edrpou",
}
"""Our name to the module of python-stdnum."""

UNPROVEN = frozenset({"az_voen", "cr_cpf", "id_npwp", "is_vsk", "li_peid", "ma_ice", "sv_nit", "tn_mf"})
"""Those that accept more than one random value in ten: they refuse, and do not prove."""


@cache
def _check(module: str) -> Callable[[str], bool]:
    loaded: Any = importlib.import_module(f"stdnum.{module}")
    valid: Callable[[str], bool] = loaded.is_valid
    return valid


def _borrow(name: str, module: str) -> Validator:
    proof = None if name in UNPROVEN else True
    return lambda value: proof if len(value) > 4 and _check(module)(value) else False


VALIDATORS: dict[str, Validator] = {name: _borrow(name, module) for name, module in BORROWED.items()}
"""By name."""
