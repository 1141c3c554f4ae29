"""
Labelled texts with national, tax, travel, vehicle and health identifiers, and hard negatives without any.

Values follow the descriptions of their issuers: a shape is filled at random, and what python-stdnum refuses
is filled again. Nothing here knows the detectors: words, sentences, keys and headers were written for
themselves, in fourteen languages. The same seed gives the same texts.
"""

from __future__ import annotations

import importlib
import json
import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

__all__ = ["Labelled", "generate", "negatives"]

Labelled = tuple[str, list[tuple[int, int, str]]]
"""A text, and (start, end, type) of what is sensitive in it, in code points."""


class Item(NamedTuple):
    """One kind of value: what it is called, where, and how it is made."""

    type: str
    shapes: str
    """``#`` digit, ``@`` capital, ``%`` either, ``D`` a date as YYMMDD, ``d`` as DDMMYY; _ a space."""
    module: str
    """The module of python-stdnum that has to accept it; empty: none."""
    words: str
    """language=word, parted by ``;``."""
    keys: str
    """Names of JSON keys and columns."""


ITEMS = tuple(
    Item(*(part.strip() for part in line.split("|")))
    for line in """
us_ssn|###-##-#### ######### ###_##_####|us.ssn|en=SSN;en=social security number;\
es=número de seguro social|ssn social_security_number SocialSecurityNumber employee_ssn
us_itin|9##-##-####|us.itin|en=ITIN;en=individual taxpayer identification number|itin
us_ein|##-#######|us.ein|en=EIN;en=employer identification number;en=federal tax ID|ein employer_id
ca_sin|###-###-### ###_###_###|ca.sin|en=social insurance number;fr=numéro d'assurance sociale;\
en=SIN number|sin_number social_insurance_number
gb_nino|AB######C JG_##_##_##_A CE######B|-|en=National Insurance number;en=NI number;en=NINO|\
nino ni_number national_insurance_number
gb_nhs|##########  ###_###_####|gb.nhs|en=NHS number;en=NHS no|nhs_number nhsNumber
gb_utr|##########|gb.utr|en=unique taxpayer reference;en=UTR|utr
ie_pps|#######@|ie.pps|en=PPS number;en=PPSN|ppsn pps_number
de_idnr|########### ##_###_###_###|de.idnr|de=Steuer-ID;de=Steueridentifikationsnummer;de=IdNr;\
en=German tax ID|steuer_id steuerId
de_stnr|##/###/##### ###/###/#####|-|de=Steuernummer;de=Steuernr.|steuernummer
de_vat|DE#########|de.vat|de=USt-IdNr.;de=Umsatzsteuer-ID;en=VAT ID|ust_id vat_id vatNumber
de_rvnr|##d@### ##_d_@_###|-|de=Rentenversicherungsnummer;de=Sozialversicherungsnummer|\
rentenversicherungsnummer sv_nummer
de_ausweis|L%######% T2#######|-|de=Personalausweisnummer;de=Ausweisnummer|ausweisnummer
at_vnr|####d ####_d|at.vnr|de=SV-Nummer;de=Sozialversicherungsnummer|svnr
ch_ahv|756.####.####.## 756##########|ch.ssn|de=AHV-Nummer;fr=numéro AVS;it=numero AVS|ahv_nummer avs
fr_nir|#############_## ############### #_##_##_##_###_###_##|fr.nir|fr=numéro de sécurité sociale;\
fr=n° de sécu;en=French social security number|numero_securite_sociale nir
fr_spi|#############|fr.nif|fr=numéro fiscal;fr=identifiant fiscal|numero_fiscal
fr_siret|############## ###_###_###_#####|fr.siret|fr=SIRET;fr=numéro SIRET|siret
fr_siren|#########|fr.siren|fr=SIREN;fr=numéro SIREN|siren
es_dni|########@ ########-@|es.dni|es=DNI;es=documento nacional de identidad;en=Spanish DNI|dni
es_nie|X#######@ Y-#######-@|es.nie|es=NIE;es=número de identidad de extranjero|nie
es_cif|B########|es.cif|es=CIF;es=NIF|cif nif
pt_nif|######### ###_###_###|pt.nif|pt=NIF;pt=número de contribuinte|nif contribuinte
it_iva|###########|it.iva|it=partita IVA;it=P. IVA|partita_iva piva
nl_bsn|#########|nl.bsn|nl=BSN;nl=burgerservicenummer;en=Dutch BSN|bsn burgerservicenummer
nl_btw|NL#########B##|-|nl=btw-nummer;nl=btw-id|btw_nummer
be_nn|D###_## ##.##.##-###.## ###########|be.nn|nl=rijksregisternummer;fr=numéro de registre national|\
rijksregisternummer niss
be_vat|0######### 0###.###.###|be.vat|nl=ondernemingsnummer;fr=numéro d'entreprise|ondernemingsnummer
lu_tva|LU########|lu.tva|fr=numéro de TVA;de=MwSt-Nummer|tva
dk_cpr|d-####|dk.cpr|da=CPR-nummer;da=personnummer;en=Danish CPR number|cpr cpr_nummer
dk_cvr|########|dk.cvr|da=CVR-nummer;da=CVR|cvr
se_pnr|D-#### 19D-####|se.personnummer|sv=personnummer;en=Swedish personal identity number|personnummer
se_orgnr|######-####|se.orgnr|sv=organisationsnummer;sv=org.nr|organisationsnummer
no_fnr|d##### d_#####|no.fodselsnummer|no=fødselsnummer;no=personnummer|fodselsnummer
no_orgnr|######### ###_###_###|no.orgnr|no=organisasjonsnummer;no=org.nr|orgnr
fi_hetu|d-###% |fi.hetu|fi=henkilötunnus;fi=hetu|hetu
fi_ytunnus|#######-#|fi.ytunnus|fi=Y-tunnus|y_tunnus
is_kennitala|d-####|is_.kennitala|is=kennitala|kennitala
ee_ik|3D#### 4D####|ee.ik|et=isikukood;en=Estonian personal code|isikukood
lt_asmens|3D#### 4D####|lt.asmens|lt=asmens kodas|asmens_kodas
lv_pk|d-1####|lv.pvn|lv=personas kods|personas_kods
pl_pesel|D#####|pl.pesel|pl=PESEL;pl=numer PESEL;en=Polish PESEL|pesel
pl_nip|########## ###-###-##-##|pl.nip|pl=NIP;pl=numer NIP|nip
pl_regon|#########|pl.regon|pl=REGON|regon
cz_rc|D/#### D####|cz.rc|cs=rodné číslo;cs=r.č.;sk=rodné číslo|rodne_cislo
cz_dic|CZ##########|cz.dic|cs=DIČ|dic
hu_taj|###_###_### #########|-|hu=TAJ szám;hu=TAJ-szám|taj
hu_vat|########-#-##|-|hu=adószám|adoszam
ro_cnp|1D###### 2D######|ro.cnp|ro=CNP;ro=cod numeric personal|cnp
ro_cui|RO######## ########|ro.cf|ro=CUI;ro=cod fiscal|cui
bg_egn|D####|bg.egn|bg=ЕГН;en=Bulgarian EGN|egn
hr_oib|###########|hr.oib|hr=OIB|oib
jmbg|d9######|si.emso|sr=JMBG;sr=ЈМБГ|jmbg
si_ddv|SI########|si.ddv|sl=davčna številka;sl=ID za DDV|davcna_stevilka
gr_afm|#########|gr.vat|el=ΑΦΜ;el=Α.Φ.Μ.|afm
gr_amka|d#####|gr.amka|el=ΑΜΚΑ|amka
tr_tckn|###########|tr.tckimlik|tr=T.C. kimlik no;tr=TCKN|tc_kimlik_no tckn
ru_inn|############ ##########|ru.inn|ru=ИНН;en=Russian INN|inn
ru_snils|###-###-###_##|-|ru=СНИЛС|snils
ru_passport|##_##_###### ####_######|-|ru=паспорт;ru=серия и номер паспорта|passport
ua_rnokpp|##########|ua.rntrc|uk=РНОКПП;uk=ІПН;uk=ідентифікаційний код|rnokpp
il_id|#########|il.idnr|he=תעודת זהות;he=ת.ז.;en=Israeli ID number|teudat_zehut
sa_id|1#########|-|ar=رقم الهوية;en=Saudi national ID|national_id
ae_id|784-19##-#######-#|-|en=Emirates ID;ar=رقم الهوية|emirates_id
za_id|D######|za.idnr|en=South African ID;en=ID number|id_number
in_aadhaar|####_####_#### ############|in_.aadhaar|en=Aadhaar number;en=Aadhaar;hi=आधार नंबर|\
aadhaar aadhaar_number
in_pan|@@@P@####@|in_.pan|en=PAN number;en=PAN card;en=Permanent Account Number|pan_number
in_epic|@@@#######|in_.epic|en=voter ID;en=EPIC number|voter_id
pk_cnic|#####-#######-#|pk.cnic|en=CNIC;en=CNIC number|cnic
cn_uscc|-|-|zh=统一社会信用代码|uscc
jp_my_number|############ ####_####_####|jp.in_|ja=マイナンバー;ja=個人番号;en=My Number|my_number
kr_rrn|D-1######|kr.rrn|ko=주민등록번호;en=resident registration number|rrn
kr_brn|###-##-#####|kr.brn|ko=사업자등록번호|business_number
th_pin|#-####-#####-##-# #############|th.pin|th=เลขประจำตัวประชาชน;en=Thai ID|thai_id
my_nric|D-##-####|my.nric|en=NRIC;ms=No. Kad Pengenalan;en=MyKad|nric ic_number
sg_nric|S#######@ T#######@|-|en=NRIC;en=FIN number|nric
id_nik|################|id.nik|id=NIK;id=nomor KTP|nik
vn_mst|##########|vn.mst|vi=mã số thuế|mst
vn_cccd|0###########|-|vi=căn cước công dân;vi=số CCCD|cccd
tw_id|@1######## @2########|-|zh=身分證字號|taiwan_id
hk_id|@######(#)|-|en=HKID;zh=香港身份證|hkid
au_tfn|#########  ###_###_###|au.tfn|en=TFN;en=tax file number|tfn
au_abn|########### ##_###_###_###|au.abn|en=ABN;en=Australian Business Number|abn
au_medicare|####_#####_# ##########|-|en=Medicare card;en=Medicare number|medicare_number
nz_ird|########  ##-###-###|nz.ird|en=IRD number|ird
br_cpf|###########  ###.###.###-##|br.cpf|pt=CPF;en=Brazilian CPF|cpf
br_cnpj|##.###.###/####-## ##############|br.cnpj|pt=CNPJ|cnpj
br_rg|##.###.###-#|-|pt=RG|rg
ar_cuit|##-########-# ###########|ar.cuit|es=CUIT;es=CUIL|cuit cuil
ar_dni|##.###.### ########|-|es=DNI|dni
cl_rut|##.###.###-# ########-#|cl.rut|es=RUT;es=RUN|rut
co_nit|###.###.###-# #########-#|co.nit|es=NIT|nit
co_cc|########## ##.###.###|-|es=cédula;es=cédula de ciudadanía|cedula
pe_ruc|20#########|pe.ruc|es=RUC|ruc
ec_ci|##########|ec.ci|es=cédula de identidad|cedula
ve_rif|J-########-# V########|ve.rif|es=RIF|rif
mx_nss|###########|-|es=NSS;es=número de seguridad social|nss
mx_rfc|@@@@D%%%|-|es=RFC|rfc
do_cedula|###-#######-#|do.cedula|es=cédula|cedula
passport|######### @######## @@####### C01X#####|-|en=passport number;en=passport;en=Passport No.;\
de=Reisepass;de=Passnummer;fr=passeport;fr=numéro de passeport;es=pasaporte;es=número de pasaporte;\
it=passaporto;pt=passaporte;nl=paspoortnummer;pl=numer paszportu;sv=passnummer;ru=паспорт;\
tr=pasaport no;zh=护照号码;ja=パスポート番号;ko=여권번호|passport passport_number passportNo passport_no
licence|@####### ######### @###-####-#### B072RRE2I## ##_##_######|-|en=driver's license;\
en=driver's license number;en=driving licence;en=DL number;de=Führerscheinnummer;fr=permis de conduire;\
es=licencia de conducir;it=patente di guida;pt=CNH;nl=rijbewijsnummer;pl=prawo jazdy;sv=körkort;\
ru=водительское удостоверение;tr=ehliyet no|drivers_license driver_license_number dl_number licence_no
plate|@@##_@@@ @@-###-@@ ###-@@@ @@@-#### @-@@_#### ####@@@ @@@_###|-|en=license plate;en=licence plate;\
en=number plate;en=plate number;en=registration number;de=Kennzeichen;de=amtliches Kennzeichen;\
fr=plaque d'immatriculation;fr=immatriculation;es=matrícula;es=placa;it=targa;pt=matrícula;nl=kenteken;\
pl=numer rejestracyjny;sv=registreringsnummer;cs=SPZ;fi=rekisterinumero;tr=plaka;ru=госномер|\
license_plate plate plateNumber licence_plate registration
vin|@@@##@@#########  |-|en=x|-
mrn|######## MRN-###### ####### @#######|-|en=MRN;en=medical record number;en=patient ID;\
en=chart number;de=Patientennummer;fr=numéro de dossier;es=historia clínica|\
mrn patient_id medical_record_number
insurance|@######### ########### @@@#########|-|en=health insurance number;en=member ID;\
en=policy number;de=Krankenversicherungsnummer;de=Versichertennummer;es=tarjeta sanitaria|\
member_id insurance_number policy_number
us_mbi|1EG4-TE5-MK7# 3AC5_QN8_RX2#|-|en=Medicare number;en=MBI|mbi
us_npi|1#########|-|en=NPI;en=NPI number|npi
national_any|######### ########### @@###### ####-####-####|-|en=national ID;en=national identity number;\
en=identity card number;de=Ausweisnummer;fr=numéro d'identité;es=número de identificación;\
it=carta d'identità;nl=identiteitsnummer;pl=numer dowodu osobistego|\
national_id nationalId identity_number id_card_number
tax_any|######### ########### @@######## ##-#######|-|en=tax ID;en=tax identification number;en=TIN;\
en=tax number;en=VAT number;de=Steuernummer;fr=numéro fiscal;es=identificación fiscal;\
it=numero di partita IVA;nl=btw-nummer;pl=numer podatkowy|tax_id taxId tin vat_number tax_number
""".strip().splitlines()
    if not line.startswith(("vin|", "cn_uscc|"))
)

SENTENCES = {
    "en": ("My {w} is {v}, please update the record.", "{w}: {v}", "Can you check whether {w} {v} is right?",
           "The customer gave {w} {v} on the phone.",
           "hi, {w} {v} thx", "She said her {w} was {v}.", "{v} is my {w}.",
           "Please file this under {w} #{v}."),
    "de": ("Meine {w} lautet {v}.", "{w}: {v}", "Bitte die {w} {v} prüfen.",
           "Die {w} von Frau Muster ist {v}, danke."),
    "fr": ("Mon {w} est le {v}.", "{w} : {v}", "Le client a donné son {w} {v} hier."),
    "es": ("Mi {w} es {v}.", "{w}: {v}", "El cliente con {w} {v} espera respuesta."),
    "it": ("Il mio {w} è {v}.", "{w}: {v}", "Il cliente ha {w} {v}."),
    "pt": ("O meu {w} é {v}.", "{w}: {v}", "O cliente de {w} {v} ligou."),
    "nl": ("Mijn {w} is {v}.", "{w}: {v}", "De klant met {w} {v} belde."),
    "pl": ("Mój {w} to {v}.", "{w}: {v}", "Klient podał {w} {v}."),
    "sv": ("Mitt {w} är {v}.", "{w}: {v}"),
    "ru": ("Мой {w} {v}.", "{w}: {v}", "У клиента {w} {v}, проверьте."),
    "tr": ("Benim {w} {v}.", "{w}: {v}"),
    "zh": ("我的{w}是{v}。", "{w}：{v}", "客户的{w}为{v}，请核实"),
    "ja": ("私の{w}は{v}です。", "{w}：{v}"),
    "ko": ("제 {w}는 {v}입니다.", "{w}: {v}"),
    "": ("{w}: {v}", "{w} {v}", "{w} = {v}", "{w} - {v}", "* {w}: {v}"),
}  # fmt: skip

FORMS = (
    "{w}:\n{v}\n",
    "{w}\t{v}\n",
    "| {w} | {v} |\n",
    "- **{w}**: {v}\n",
    "{w} ........ {v}\n",
    "<td>{w}</td><td>{v}</td>\n",
    "[{w}] {v}\n",
)


@cache
def _accepts(module: str) -> Callable[[str], bool]:
    loaded: Callable[[str], bool] = importlib.import_module(f"stdnum.{module}").is_valid
    return loaded


def _fill(shape: str, rng: random.Random) -> str:
    made = []
    year, month, day = rng.randint(40, 99), rng.randint(1, 12), rng.randint(1, 28)
    for at, sign in enumerate(shape):
        if sign == "#":
            made.append(rng.choice("123456789" if at == 0 else "0123456789"))
        elif sign == "@":
            made.append(rng.choice("ABCEFGHJKLMNPRSTVWXYZ"))
        elif sign == "%":
            made.append(rng.choice("0123456789ACEFHJKLMNPRTVWXY"))
        elif sign == "D" and not shape.startswith(("DE", "DK")):
            made.append(f"{year:02d}{month:02d}{day:02d}")
        elif sign == "d":
            made.append(f"{day:02d}{month:02d}{year:02d}")
        else:
            made.append(" " if sign == "_" else sign)
    return "".join(made)


def _value(item: Item, rng: random.Random) -> str:
    for _ in range(4000):
        made = _fill(rng.choice(item.shapes.split()), rng)
        if item.module in ("", "-") or _accepts(item.module)(made):
            return made
    return ""


def _words(item: Item) -> list[tuple[str, str]]:
    return [(language, word) for language, _, word in (part.partition("=") for part in item.words.split(";"))]


def _marked(text: str, value: str, kind: str) -> Labelled:
    at = text.index(value)
    return text, [(at, at + len(value), kind)]


def _sentence(item: Item, rng: random.Random) -> Labelled:
    language, word = rng.choice(_words(item))
    value = _value(item, rng)
    pattern = rng.choice(
        SENTENCES[language] if language in SENTENCES and rng.random() < 0.8 else SENTENCES[""]
    )
    return _marked(pattern.replace("{w}", word).replace("{v}", value), value, item.type)


def _form(item: Item, rng: random.Random) -> Labelled:
    _, word = rng.choice(_words(item))
    value = _value(item, rng)
    text = rng.choice(FORMS).replace("{w}", word).replace("{v}", value)
    head = rng.choice(
        ("", "Application form\n\nStatus: open\n", "Customer record, page 2 of 3\nBranch: 0041\n")
    )
    return _marked(head + text + rng.choice(("", "Notes: none\n", "Date: 2025-03-04\n")), value, item.type)


def _json(item: Item, rng: random.Random) -> Labelled:
    value = _value(item, rng)
    key = rng.choice(item.keys.split())
    fields = [
        ("id", rng.randint(1, 9999)),
        ("status", "open"),
        (key, value),
        ("created", "2024-11-02T10:22:01Z"),
        ("total", 129.9),
    ]
    rng.shuffle(fields)
    text = json.dumps(dict(fields), ensure_ascii=False, indent=rng.choice((None, 2)))
    return _marked(text, value, item.type)


def _csv(item: Item, rng: random.Random) -> Labelled:
    mark = rng.choice((",", ";", "\t", "|"))
    header = ["row", rng.choice((*item.keys.split(), rng.choice(_words(item))[1])), "status", "amount"]
    rng.shuffle(header)
    text = mark.join(header) + "\n"
    spans = []
    for row in range(rng.randint(2, 6)):
        for at, name in enumerate(header):
            text += mark if at else ""
            if name in ("row", "status", "amount"):
                text += {
                    "row": str(row + 1),
                    "status": rng.choice(("open", "closed")),
                    "amount": f"{rng.random() * 900:.2f}",
                }[name]
            else:
                value = _value(item, rng)
                spans.append((len(text), len(text) + len(value), item.type))
                text += value
        text += "\n"
    return text, spans


def negatives(rng: random.Random) -> str:
    """Numbers that nobody named: orders, times, hashes, versions, prices, identifiers of things."""
    number = rng.randint(10**8, 10**11)
    return rng.choice(
        (
            f"Order {number} shipped on 2024-05-{rng.randint(10, 28)} at 14:05.",
            f"commit {rng.getrandbits(160):040x} fixes the build",
            f"trace id {rng.getrandbits(64)} took {rng.randint(1, 99)}.{rng.randint(10, 99)} ms",
            f"v{rng.randint(1, 20)}.{rng.randint(0, 99)}.{rng.randint(0, 999)} released, {number} downloads",
            f"timestamp={rng.randint(1_600_000_000, 1_760_000_000)}{rng.randint(100, 999)} level=info",
            str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            f"Total: {number / 100:,.2f} EUR incl. 19 % tax, invoice INV-{rng.randint(1000, 99999)}",
            f"The license of version {rng.randint(1, 9)}.{rng.randint(0, 9)} is MIT, section {number % 30}.",
            f"part no. {rng.randint(10, 99)}-{rng.randint(1000, 9999)}-42, tracking {number}",
            f"row {rng.randint(1, 10**6)}: checksum {rng.getrandbits(32)} size {number}",
        )
    )


def generate(seed: int, count: int) -> Iterator[Labelled]:
    """``count`` labelled texts; one in five holds nothing."""
    rng = random.Random(seed)
    makers: tuple[Callable[[Item, random.Random], Labelled], ...] = (
        _sentence,
        _sentence,
        _sentence,
        _form,
        _json,
        _csv,
    )
    made = 0
    while made < count:
        if rng.random() < 0.2:
            made += 1
            yield negatives(rng), []
            continue
        text, spans = rng.choice(makers)(rng.choice(ITEMS), rng)
        if all(start < end for start, end, _ in spans):
            made += 1
            yield text, spans


def leak(texts: Iterable[Labelled], covered: Callable[[str], Iterable[tuple[int, int]]]) -> float:
    """The share of labelled characters that no span covers."""
    total = left = 0
    for text, labels in texts:
        found = [span for span in covered(text)]
        for start, end, _ in labels:
            total += end - start
            left += sum(not any(low <= at < high for low, high in found) for at in range(start, end))
    return left / total if total else 0.0
