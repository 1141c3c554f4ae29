"""
National and tax identifiers of western, northern and southern Europe.

Each check says the publication that it follows. What the checks here refuse, python-stdnum 2.2 refuses
too (a test holds them together on random values), except where a line says why not.
"""

from __future__ import annotations

import re

from sensor.detect.finding import Validator
from sensor.detect.lazily import lazily
from sensor.detect.validators.national.sums import (
    all_of,
    day,
    digits_of,
    known_day,
    letter_value,
    luhn_holds,
    mod_11_10_holds,
    plain,
    shape_only,
    verhoeff_holds,
    weigh,
    weighted,
)

__all__ = ["VALIDATORS"]


# Austria: Dachverband der Sozialversicherungsträger, "Aufbau der Versicherungsnummer".
def at_vnr(value: str) -> bool:
    """Austrian insurance number: serial, check digit, date of birth."""
    text = digits_of(value, 10)
    return (
        text is not None
        and text[0] != "0"
        and int(text[4:6]) <= 31
        and weigh(text[:3] + text[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == int(text[3])
    )


def at_tin(value: str) -> bool:
    """Austrian tax number (Abgabenkontonummer): tax office, number, Luhn."""
    text = digits_of(value, 9)
    return text is not None and luhn_holds(text)


# Belgium: royal decree of 3 April 1984 on the identification number, article 3.
def be_nn(value: str) -> bool:
    """Belgian national number (or bis number): date, serial, 97 minus the rest by 97."""
    text = digits_of(value, 11)
    if text is None or int(text[2:4]) % 20 > 12:
        return False
    body, check = int(text[:9]), int(text[9:])
    return check in (97 - body % 97, 97 - (2_000_000_000 + body) % 97)


def be_vat(value: str) -> bool:
    """Belgian enterprise number, with or without BE: 97 minus the rest by 97."""
    text = digits_of(_without(value, "BE"), 9, 10)
    return text is not None and (int(text[:-2]) + int(text[-2:])) % 97 == 0


# Switzerland: Zentrale Ausgleichsstelle, "AHV-Nummer" (EAN-13 with 756); Bundesamt für Statistik, "UID".
def ch_ahv(value: str) -> bool:
    """Swiss social insurance number: 756 and an EAN-13."""
    text = digits_of(value, 13)
    return text is not None and text[:3] == "756" and weigh(text, (1, 3) * 6 + (1,)) % 10 == 0


def ch_uid(value: str) -> bool:
    """Swiss enterprise number CHE-123.456.789, also with MWST, TVA or IVA behind it."""
    text = digits_of(re.sub(r"^CHE|(?:MWST|TVA|IVA|TPV|HR|RC)$", "", plain(value)), 9)
    return text is not None and weigh(text, (5, 4, 3, 2, 7, 6, 5, 4, 1)) % 11 == 0


# Germany: § 139b AO and Steuer-ID check by ISO 7064 MOD 11,10 (Bundeszentralamt für Steuern).
def de_idnr(value: str) -> bool:
    """German tax id: one digit of the first ten stands there twice or three times."""
    text = digits_of(value, 11)
    if text is None or text[0] == "0":
        return False
    most = [text[:10].count(digit) for digit in set(text[:10])]
    return max(most) in (2, 3) and sum(count > 1 for count in most) == 1 and mod_11_10_holds(text)


def de_stnr(value: str) -> bool | None:
    """German tax number: no public check that holds for all states."""
    text = digits_of(value, 10, 11, 13)
    return None if text is not None and (len(text) < 13 or text[4] == "0") else False


def de_vat(value: str) -> bool:
    """German VAT number, with or without DE: MOD 11,10."""
    text = digits_of(_without(value, "DE"), 9)
    return text is not None and text[0] != "0" and mod_11_10_holds(text)


def de_ausweis(value: str) -> bool | None:
    """
    German identity card or passport serial.

    With its check digit (weights 7, 3, 1; ICAO 9303-3) it is proven, without it may be one.
    """
    text = re.sub(r"D$", "", plain(value)) if len(plain(value)) > 10 else plain(value)
    if not re.fullmatch(r"[CFGHJKLMNPRTVWXYZ0-9]{9}[0-9]?", text) or text[:9].isalpha():
        return False
    if len(text) == 9:
        return None
    return sum(letter_value(sign) * (7, 3, 1)[at % 3] for at, sign in enumerate(text[:9])) % 10 == int(
        text[9]
    )


def de_rvnr(value: str) -> bool:
    """German pension insurance number: area, date of birth, letter, serial, check (VKVV § 3)."""
    text = plain(value)
    if not re.fullmatch(r"[0-9]{8}[A-Z][0-9]{3}", text):
        return False
    body = f"{text[:8]}{ord(text[8]) - 64:02d}{text[9:11]}"
    total = sum(
        sum(divmod(int(d) * w, 10)) for d, w in zip(body, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return total % 10 == int(text[11])


def de_kvnr(value: str) -> bool:
    """German health insurance number: letter, eight digits, check (§ 290 SGB V)."""
    text = plain(value)
    if not re.fullmatch(r"[A-Z][0-9]{9}", text):
        return False
    body = f"{ord(text[0]) - 64:02d}{text[1:9]}"
    return sum(sum(divmod(int(d) * w, 10)) for d, w in zip(body, (1, 2) * 5, strict=True)) % 10 == int(
        text[9]
    )


# Denmark: CPR-kontoret, "Personnummeret i CPR"; numbers without the check are given out since 2007.
def dk_cpr(value: str) -> bool | None:
    """Danish personal number: a date; proven where the old check holds."""
    text = digits_of(value, 10)
    if text is None or not day(int(text[2:4]), int(text[:2])):
        return False
    return weigh(text, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0 or None


# Spain: Ministerio del Interior, "Cálculo del dígito de control del NIF-NIE".
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def es_dni(value: str) -> bool:
    """Spanish identity number: eight digits and their letter."""
    text = plain(value)
    return bool(re.fullmatch(r"[0-9]{7,8}[A-Z]", text)) and _DNI[int(text[:-1]) % 23] == text[-1]


def es_nie(value: str) -> bool:
    """Spanish number of a foreigner: X, Y or Z, seven digits and their letter."""
    text = plain(value)
    if not re.fullmatch(r"[XYZ][0-9]{7}[A-Z]", text):
        return False
    return _DNI[int(str("XYZ".index(text[0])) + text[1:8]) % 23] == text[8]


def es_nss(value: str) -> bool:
    """Spanish social security number: province, number, rest by 97 (Tesorería General)."""
    text = digits_of(value, 12)
    if text is None:
        return False
    province, number = int(text[:2]), int(text[2:10])
    body = number + province * 10_000_000 if number < 10_000_000 else int(text[:10])
    return body % 97 == int(text[10:])


# Finland: Digi- ja väestötietovirasto, "The personal identity code"; new centuries' signs since 2023.
def fi_hetu(value: str) -> bool:
    """Finnish personal identity code: date, century, serial, rest by 31."""
    text = value.strip().upper()
    found = re.fullmatch(r"([0-9]{6})[-+A-FU-Y]([0-9]{3})([0-9A-Y])", text)
    if found is None or not day(int(text[2:4]), int(text[:2])):
        return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(found[1] + found[2]) % 31] == found[3]


# France: INSEE, "Numéro de sécurité sociale"; key = 97 - number mod 97, Corsica 2A 2B counts as 19, 18.
def fr_nir(value: str) -> bool | None:
    """French social security number; without its key it may be one."""
    text = plain(value)
    if not re.fullmatch(
        r"[1-478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-9]{2}|2[AB])[0-9]{6}(?:[0-9]{2})?", text
    ):
        return False
    if len(text) == 13:
        return None
    body = int(text[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - body % 97 == int(text[13:])


def fr_spi(value: str) -> bool:
    """French tax reference (SPI): the last three digits are the rest by 511."""
    text = digits_of(value, 13)
    return text is not None and text[0] in "0123" and int(text[:10]) % 511 == int(text[10:])


def fr_siren(value: str) -> bool:
    """French enterprise number: Luhn."""
    text = digits_of(value, 9)
    return text is not None and luhn_holds(text)


def fr_siret(value: str) -> bool:
    """French establishment number: Luhn; those of the post office sum up to a multiple of five."""
    text = digits_of(value, 14)
    if text is None:
        return False
    return (
        luhn_holds(text)
        and luhn_holds(text[:9])
        or (text.startswith("356000000") and sum(map(int, text)) % 5 == 0)
    )


def fr_tva(value: str) -> bool | None:
    """French VAT number: key and SIREN (key = 12 + 3 · SIREN mod 97); a key with letters cannot be told."""
    text = _without(value, "FR")
    if not re.fullmatch(r"[0-9A-HJ-NP-Z]{2}[0-9]{9}", text) or not luhn_holds(text[2:]):
        return False
    return (12 + 3 * int(text[2:])) % 97 == int(text[:2]) if text[:2].isdigit() else None


# United Kingdom: HMRC, National Insurance Manual NIM39110; NHS Data Dictionary, "NHS NUMBER".
_NINO = lazily(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D ]?")
gb_nino = shape_only(lambda text: _NINO.fullmatch(text) is not None)


def gb_nhs(value: str) -> bool:
    """Ten digits by modulus 11."""
    text = digits_of(value, 10)
    return text is not None and weigh(text, (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def gb_chi(value: str) -> bool:
    """Scottish health number: date of birth and modulus 11."""
    text = digits_of(value, 10)
    return text is not None and day(int(text[2:4]), int(text[:2])) and gb_nhs(text)


def gb_utr(value: str) -> bool:
    """British tax reference: the first digit checks the rest; a K may stand behind."""
    text = digits_of(plain(value).removesuffix("K"), 10)
    return text is not None and "21987654321"[weigh(text[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == text[0]


# Greece: ΗΔΙΚΑ, "ΑΜΚΑ"; AFM by powers of two.
def gr_amka(value: str) -> bool:
    """Greek social security number: date of birth and Luhn."""
    text = digits_of(value, 11)
    return text is not None and day(int(text[2:4]), int(text[:2])) and luhn_holds(text)


def gr_afm(value: str) -> bool:
    """Greek tax number, with or without EL."""
    text = digits_of(re.sub("^(?:EL|GR)", "", plain(value)), 9)
    return text is not None and weigh(text, (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(text[8])


# Ireland: Department of Social Protection, "Personal Public Service Number".
def ie_pps(value: str) -> bool:
    """Irish public service number: seven digits, check letter, from 2013 a second letter."""
    text = plain(value)
    if not re.fullmatch(r"[0-9]{7}[A-W][ABHWTX]?", text):
        return False
    second = "WABCDEFGHIJKLMNOPQRSTUV".find(text[8:]) if text[8:] in ("A", "B", "H") else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weigh(text[:7], (8, 7, 6, 5, 4, 3, 2)) + 9 * second) % 23] == text[7]


# Iceland: Þjóðskrá, "Kennitala".
def is_kennitala(value: str) -> bool:
    """Icelandic number: date (companies: day + 40), serial, check, century."""
    text = digits_of(value, 10)
    return (
        text is not None
        and text[9] in "890"
        and int(text[:2]) <= 71
        and day(int(text[2:4]), int(text[:2]) % 40)
        and weigh(text, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


# Italy: decreto MEF 12 marzo 1974, tables of the control character.
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ),
        strict=True,
    )
)
_CODICE = lazily(r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-7LMNP-V][0-9LMNP-V][A-Z][0-9LMNP-V]{3}[A-Z]")


def it_codice_fiscale(value: str) -> bool:
    """Italian fiscal code of a person, also where letters stand for digits."""
    text = plain(value)
    if not _CODICE.fullmatch(text):
        return False
    odd = sum(_ODD[sign] for sign in text[0:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - 65 for sign in text[1:15:2])
    return (odd + even) % 26 == ord(text[15]) - 65


_IVA_OFFICES = frozenset([f"{office:03d}" for office in range(1, 101)] + ["120", "121", "888", "999"])


def it_iva(value: str) -> bool:
    """Italian VAT number, with or without IT: Luhn."""
    text = digits_of(_without(value, "IT"), 11)
    return text is not None and text[7:10] in _IVA_OFFICES and luhn_holds(text)


# Luxembourg: CTIE, "Structure du numéro d'identification"; Luhn, then Verhoeff, over the first eleven.
def lu_matricule(value: str) -> bool:
    """Luxembourg's identification number: date of birth, serial, two checks."""
    text = digits_of(value, 13)
    return (
        text is not None
        and known_day(text[:8])
        and luhn_holds(text[:12])
        and verhoeff_holds(text[:11] + text[12])
    )


def lu_tva(value: str) -> bool:
    """Luxembourg's VAT number: rest by 89."""
    text = digits_of(_without(value, "LU"), 8)
    return text is not None and int(text[:6]) % 89 == int(text[6:])


# Netherlands: "elfproef" (Wet algemene bepalingen burgerservicenummer, Rijksdienst voor Identiteitsgegevens).
def nl_bsn(value: str) -> bool:
    """Dutch citizen service number, eight or nine digits."""
    text = digits_of(value, 8, 9)
    return text is not None and weigh(text.zfill(9), (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


# Norway: Skatteetaten, "Fødselsnummer"; D-numbers add 40 to the day, synthetic ones 40 or 80 to the month.
def no_fnr(value: str) -> bool:
    """Norwegian birth number: date, serial, two checks by 11."""
    text = digits_of(value, 11)
    return (
        text is not None
        and day(int(text[2:4]) % 40, int(text[:2]) % 40)
        and weigh(text, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and weigh(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def no_mva(value: str) -> bool:
    """Norwegian organisation number, also with NO before and MVA behind it."""
    text = digits_of(re.sub("^NO|MVA$", "", plain(value)), 9)
    return text is not None and weigh(text, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


# Portugal: Instituto dos Registos e do Notariado; Segurança Social, "NISS".
def pt_nif(value: str) -> bool:
    """Portuguese tax number, with or without PT: modulus 11."""
    text = digits_of(_without(value, "PT"), 9)
    return (
        text is not None
        and text[0] != "0"
        and (-weigh(text, (9, 8, 7, 6, 5, 4, 3, 2))) % 11 % 10 == int(text[8])
    )


def pt_niss(value: str) -> bool:
    """Portuguese social security number."""
    text = digits_of(value, 11)
    if text is None or text[0] not in "12":
        return False
    return 9 - weigh(text, (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)) % 10 == int(text[10])


# Sweden: Skatteverket SKV 704; co-ordination numbers add 60 to the day.
def se_pnr(value: str) -> bool:
    """Swedish personal number, ten or twelve digits: date and Luhn."""
    text = digits_of(value.replace("+", ""), 10, 12)
    return text is not None and day(int(text[-8:-6]), int(text[-6:-4]) % 60) and luhn_holds(text[-10:])


def se_orgnr(value: str) -> bool:
    """Swedish organisation number, also as VAT number SE…01: Luhn, third digit two or more."""
    text = digits_of(re.sub("^SE([0-9]{10})01$", r"\1", plain(value)), 10)
    return text is not None and text[2] > "1" and luhn_holds(text)


def mt_id(value: str) -> bool | None:
    """Maltese identity number: digits and a letter of A B G H L M P Z."""
    return None if re.fullmatch(r"[0-9]{1,7}[ABGHLMPZ]", plain(value)) else False


def _without(value: str, prefix: str) -> str:
    return plain(value).removeprefix(prefix)


VALIDATORS: dict[str, Validator] = {
    "at_tin": at_tin,
    "at_vnr": at_vnr,
    "be_nn": be_nn,
    "be_vat": be_vat,
    "ch_ahv": ch_ahv,
    "ch_uid": ch_uid,
    "de_ausweis": de_ausweis,
    "de_idnr": de_idnr,
    "de_kvnr": de_kvnr,
    "de_rvnr": de_rvnr,
    "de_stnr": de_stnr,
    "de_vat": de_vat,
    "dk_cpr": dk_cpr,
    # Erhvervsstyrelsen, "CVR-nummer".
    "dk_cvr": all_of(lambda value: plain(value)[:1] != "0", weighted((2, 7, 6, 5, 4, 3, 2, 1), 11)),
    "es_dni": es_dni,
    "es_nie": es_nie,
    "es_nss": es_nss,
    "fi_hetu": fi_hetu,
    # Patentti- ja rekisterihallitus, "Y-tunnus".
    "fi_ytunnus": weighted((7, 9, 10, 5, 8, 4, 2, 1), 11),
    "fr_nir": fr_nir,
    "fr_siren": fr_siren,
    "fr_siret": fr_siret,
    "fr_spi": fr_spi,
    "fr_tva": fr_tva,
    "gb_chi": gb_chi,
    "gb_nhs": gb_nhs,
    "gb_nino": gb_nino,
    "gb_utr": gb_utr,
    "gr_afm": gr_afm,
    "gr_amka": gr_amka,
    "ie_pps": ie_pps,
    "is_kennitala": is_kennitala,
    "it_codice_fiscale": it_codice_fiscale,
    "it_iva": it_iva,
    "lu_matricule": lu_matricule,
    "lu_tva": lu_tva,
    "mt_id": mt_id,
    "nl_bsn": nl_bsn,
    "no_fnr": no_fnr,
    "no_mva": no_mva,
    # Brønnøysundregistrene, "Organisasjonsnummeret".
    "no_orgnr": weighted((3, 2, 7, 6, 5, 4, 3, 2, 1), 11),
    "pt_nif": pt_nif,
    "pt_niss": pt_niss,
    "se_orgnr": se_orgnr,
    "se_pnr": se_pnr,
    "ad_nrt": shape_only(lambda text: re.fullmatch(r"[ACDEFGLOPU][0-9]{6}[A-Z]", text) is not None),
    "hr_oib": lambda value: (
        (text := digits_of(value.upper().removeprefix("HR"), 11)) is not None and mod_11_10_holds(text)
    ),
}
"""By name; what is not here may be in ``borrowed``."""
