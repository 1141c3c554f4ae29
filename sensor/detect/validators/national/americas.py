"""National and tax identifiers of the Americas."""

from __future__ import annotations

import re

from sensor.detect.finding import Validator
from sensor.detect.validators.national.sums import (
    checked,
    day,
    digits_of,
    known_day,
    luhn_holds,
    plain,
    weigh,
)

__all__ = ["VALIDATORS"]


def us_ssn(value: str) -> bool | None:
    """US social security number: areas, groups and serials that are never given (SSA, POMS RM 10201.035)."""
    text = digits_of(value, 9)
    if (
        text is None
        or text[:3] in ("000", "666")
        or text[0] == "9"
        or text[3:5] == "00"
        or text[5:] == "0000"
    ):
        return False
    return None


def us_itin(value: str) -> bool | None:
    """US taxpayer number of people without SSN: 9, group 50-65, 70-88, 90-92 or 94-99 (IRM 3.21.263)."""
    text = digits_of(value, 9)
    group = 0 if text is None or text[0] != "9" else int(text[3:5])
    return None if 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 99 and group != 93 else False


def us_atin(value: str) -> bool | None:
    """US adoption taxpayer number: 9xx-93-xxxx."""
    text = digits_of(value, 9)
    return None if text is not None and text[0] == "9" and text[3:5] == "93" else False


_EIN = frozenset(
    "01 02 03 04 05 06 10 11 12 13 14 15 16 20 21 22 23 24 25 26 27 30 31 32 33 34 35 36 37 38 39 40 41 "
    "42 43 44 45 46 47 48 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 71 72 73 74 75 76 77 "
    "80 81 82 83 84 85 86 87 88 90 91 92 93 94 95 98 99".split()
)


def us_ein(value: str) -> bool | None:
    """US employer number: the prefix is a campus of the IRS."""
    text = digits_of(value, 9)
    return None if text is not None and text[:2] in _EIN else False


def ca_sin(value: str) -> bool:
    """Canadian social insurance number: Luhn, never beginning with 0 or 8."""
    text = digits_of(value, 9)
    return text is not None and text[0] not in "08" and luhn_holds(text)


def ca_bn(value: str) -> bool:
    """Canadian business number, with or without its account (RT0001): Luhn."""
    text = digits_of(re.sub("(?:RC|RM|RP|RT|RR|RZ)[0-9]{4}$", "", plain(value)), 9)
    return text is not None and luhn_holds(text)


_CURP = "0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ"
_STATES = frozenset(
    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ YN "
    "ZS".split()
)


def mx_curp(value: str) -> bool:
    """Mexican population code: name letters, date, sex, state, check (RENAPO, instructivo normativo)."""
    text = plain(value)
    if not re.fullmatch(r"[A-Z][AEIOUX][A-Z]{2}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]", text):
        return False
    if not known_day(text[4:10]) or text[11:13] not in _STATES:
        return False
    total = sum(_CURP.index(sign) * (18 - at) for at, sign in enumerate(text[:17]))
    return (10 - total % 10) % 10 == int(text[17])


def mx_nss(value: str) -> bool:
    """Mexican social security number (IMSS): Luhn."""
    text = digits_of(value, 11)
    return text is not None and luhn_holds(text)


def br_cpf(value: str) -> bool:
    """Brazilian CPF: two checks by 11 (Receita Federal)."""
    text = digits_of(value, 11)
    return (
        text is not None
        and weigh(text, range(10, 1, -1)) * 10 % 11 % 10 == int(text[9])
        and weigh(text, range(11, 1, -1)) * 10 % 11 % 10 == int(text[10])
    )


_CNPJ = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def br_cnpj(value: str) -> bool:
    """Brazilian CNPJ; its first twelve may be letters from 2026 on (IN RFB 2229/2024: ASCII code less 48)."""
    text = plain(value)
    if not re.fullmatch(r"[0-9A-Z]{12}[0-9]{2}", text) or text[:12] == text[0] * 12:
        return False
    values = [ord(sign) - 48 for sign in text]
    first = sum(a * b for a, b in zip(values, _CNPJ[1:], strict=False))
    second = sum(a * b for a, b in zip(values, _CNPJ, strict=False))
    return -first % 11 % 10 == values[12] and -second % 11 % 10 == values[13]


def br_cnh(value: str) -> bool:
    """Brazilian driving licence: two checks by 11 (Denatran)."""
    text = digits_of(value, 11)
    if text is None:
        return False
    first = weigh(text, range(9, 0, -1)) % 11
    second = (weigh(text, range(1, 10)) % 11 - (2 if first == 10 else 0)) % 11
    return (0 if first == 10 else first) == int(text[9]) and (0 if second == 10 else second) == int(text[10])


def br_titulo(value: str) -> bool:
    """Brazilian voter number: serial, state, two checks by 11 (TSE, resolução 21.538)."""
    text = digits_of(value, 12)
    if text is None or not 1 <= int(text[8:10]) <= 28:
        return False
    first = weigh(text[:8], range(2, 10)) % 11 % 10
    return first == int(text[10]) and weigh(text[8:11], (7, 8, 9)) % 11 % 10 == int(text[11])


def br_cns(value: str) -> bool:
    """Brazilian health card (SUS): weights 15 to 1 by 11."""
    text = digits_of(value, 15)
    return text is not None and text[0] in "12789" and weigh(text, range(15, 0, -1)) % 11 == 0


def ar_cuit(value: str) -> bool:
    """Argentinian tax or labour number: type, DNI, check by 11 (AFIP)."""
    text = digits_of(value, 11)
    return (
        text is not None
        and text[:2] in ("20", "23", "24", "25", "26", "27", "30", "33", "34", "50", "51", "55")
        and "012345678990"[11 - weigh(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11] == text[10]
    )


def cl_rut(value: str) -> bool:
    """Chilean RUT or RUN: modulus 11, ten is K."""
    text = plain(value)
    if not re.fullmatch(r"[1-9][0-9]{6,7}[0-9K]", text):
        return False
    total = sum(int(digit) * (2 + at % 6) for at, digit in enumerate(reversed(text[:-1])))
    return "0123456789K"[-total % 11] == text[-1]


def co_nit(value: str) -> bool:
    """Colombian tax number: primes by 11 (DIAN)."""
    text = digits_of(value, 9, 10, 11)
    if text is None:
        return False
    rest = weigh(text[-2::-1], (3, 7, 13, 17, 19, 23, 29, 37, 41, 43)) % 11
    return (rest if rest < 2 else 11 - rest) == int(text[-1])


def pe_ruc(value: str) -> bool:
    """Peruvian tax number: kind of taxpayer, check by 11 (SUNAT)."""
    text = digits_of(value, 11)
    return (
        text is not None
        and text[:2] in ("10", "15", "16", "17", "20")
        and (11 - weigh(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 10 == int(text[10])
    )


def uy_rut(value: str) -> bool:
    """Uruguayan tax number: 01 to 22, serial, 001, check by 11 (DGI)."""
    text = digits_of(value, 12)
    return (
        text is not None
        and 1 <= int(text[:2]) <= 22
        and text[2:8] != "000000"
        and text[8:11] == "001"
        and -weigh(text, (4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 == int(text[11])
    )


def uy_ci(value: str) -> bool:
    """Uruguayan identity card: weights 2 9 8 7 6 3 4."""
    text = digits_of(value, 7, 8)
    return text is not None and -weigh(text.zfill(8), (2, 9, 8, 7, 6, 3, 4)) % 10 == int(text[-1])


def ec_ci(value: str) -> bool:
    """Ecuadorian identity card: province, Luhn."""
    text = digits_of(value, 10)
    return (
        text is not None
        and (1 <= int(text[:2]) <= 24 or text[:2] in ("30", "50"))
        and text[2] <= "6"
        and luhn_holds(text)
    )


def ve_rif(value: str) -> bool:
    """Venezuelan tax number: kind of taxpayer, nine digits, modulus 11 (SENIAT)."""
    text = plain(value)
    if not re.fullmatch(r"[VEJPGC][0-9]{9}", text):
        return False
    total = {"V": 4, "E": 8, "J": 12, "P": 16, "G": 20, "C": 12}[text[0]]
    return "00987654321"[(total + weigh(text[1:9], (3, 2, 7, 6, 5, 4, 3, 2))) % 11] == text[9]


def do_cedula(value: str) -> bool:
    """Dominican identity card: Luhn."""
    text = digits_of(value, 11)
    return text is not None and luhn_holds(text)


def gt_cui(value: str) -> bool:
    """Guatemalan identity code: modulus 11 over eight digits, then department and municipality."""
    text = digits_of(value, 13)
    return (
        text is not None
        and 1 <= int(text[9:11]) <= 22
        and text[11:] != "00"
        and weigh(text[:8], range(2, 10)) % 11 == int(text[8])
    )


def mx_elector(value: str) -> bool | None:
    """Mexican voter key: six letters, date, state, sex, three digits (INE); no public check."""
    text = plain(value)
    if not re.fullmatch(r"[A-Z]{6}[0-9]{8}[HM][0-9]{3}", text) or not day(int(text[8:10]), int(text[10:12])):
        return False
    return None


VALIDATORS: dict[str, Validator] = {
    "ar_cuit": ar_cuit,
    "br_cnh": br_cnh,
    "br_cnpj": br_cnpj,
    "br_cns": br_cns,
    "br_cpf": br_cpf,
    # Caixa Econômica Federal, PIS/PASEP/NIT.
    "br_pis": checked((3, 2, 9, 8, 7, 6, 5, 4, 3, 2), lambda total: -total % 11 % 10),
    "br_titulo": br_titulo,
    "ca_bn": ca_bn,
    "ca_sin": ca_sin,
    "cl_rut": cl_rut,
    "co_nit": co_nit,
    "do_cedula": do_cedula,
    "ec_ci": ec_ci,
    "gt_cui": gt_cui,
    "mx_curp": mx_curp,
    "mx_elector": mx_elector,
    "mx_nss": mx_nss,
    "pe_ruc": pe_ruc,
    "us_atin": us_atin,
    "us_ein": us_ein,
    "us_itin": us_itin,
    "us_ssn": us_ssn,
    "uy_ci": uy_ci,
    "uy_rut": uy_rut,
    "ve_rif": ve_rif,
}
"""By name; what is not here may be in ``borrowed``."""
