"""Checks of identifiers: against python-stdnum on random values, by known values, and on any text."""

import importlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.validators.national import VALIDATORS

# Name, module of python-stdnum, shape (# digit, @ letter), and which way the two may differ and why.
AGREE = """
at_vnr at.vnr ########## narrower:no day above 31
at_tin at.tin ######### wider:any tax office
be_nn be.nn ########### wider:any day
be_vat be.vat 0#########
ch_ahv ch.ssn 756##########
ch_uid ch.uid CHE#########
de_idnr de.idnr ###########
de_vat de.vat #########
dk_cvr dk.cvr ########
es_dni es.dni ########@
es_nie es.nie X#######@
fi_hetu fi.hetu 131072-#### wider:temporary numbers too
fi_ytunnus fi.ytunnus ########
fr_nir fr.nir 1############## narrower:no month 13 to 19
fr_siren fr.siren #########
fr_siret fr.siret ##############
fr_spi fr.nif #############
fr_tva fr.tva FR###########
gb_nhs gb.nhs ##########
gb_utr gb.utr ##########
gr_afm gr.vat #########
gr_amka gr.amka ###########
hr_oib hr.oib ###########
ie_pps ie.pps #######@A
is_kennitala is_.kennitala 0#0####### wider:any year
it_iva it.iva ###########
lu_tva lu.tva ########
nl_bsn nl.bsn #########
no_fnr no.fodselsnummer 13017#5#### wider:any year
no_orgnr no.orgnr #########
no_mva no.mva NO#########MVA
pt_nif pt.nif #########
se_pnr se.personnummer 8#0#1#-#### wider:co-ordination numbers
se_orgnr se.orgnr ########## narrower:third digit from two
bg_egn bg.egn 7#0#1#####
cz_rc cz.rc 7#0#1#####
ee_ik ee.ik 37#0#1#####
lt_asmens lt.asmens 37#0#1#####
hu_vat hu.anum ########
pl_pesel pl.pesel 7#0#1######
pl_nip pl.nip ##########
pl_regon pl.regon #########
pl_regon pl.regon ##############
ro_cnp ro.cnp 17#0#1###### wider:any county
ro_cui ro.cf ########
jmbg si.emso 1#0#97####### narrower:years of three digits from 900 or 0
rs_pib rs.pib #########
ru_inn ru.inn ##########
ru_inn ru.inn ############
ru_ogrn ru.ogrn 1############ wider:any year and region
ru_ogrn ru.ogrn 3############## wider:any year and region
md_idnp md.idno ############# narrower:persons and companies only
tr_tckn tr.tckimlik ###########
ua_rnokpp ua.rntrc ##########
us_ssn us.ssn ###-##-####
us_itin us.itin 9##-##-#### wider:groups of 2011 and later
us_ein us.ein ##-#######
us_atin us.atin 9##-9#-#### narrower:group 93 only
ca_sin ca.sin #########
ca_bn ca.bn #########
ca_bc_phn ca.bc_phn 9#########
br_cpf br.cpf ###########
br_cnpj br.cnpj ##############
ar_cuit ar.cuit 20#########
cl_rut cl.rut 1########
co_nit co.nit ##########
pe_ruc pe.ruc 20#########
uy_rut uy.rut 1#######001#
ec_ci ec.ci 1#########
ve_rif ve.rif J#########
do_cedula do.cedula ###########
cn_ric cn.ric 11010519#10#1##### wider:any day of February, any area
jp_my_number jp.in_ ############
jp_cn jp.cn #############
kr_rrn kr.rrn 7#0#1#1###### wider:numbers without a check since 2020
in_aadhaar in_.aadhaar ############
in_pan in_.pan ABCP@####@ wider:0000 too
in_epic in_.epic ABC#######
th_pin th.pin #############
my_nric my.nric 7#0#1####### wider:any place of birth
il_id il.idnr #########
id_nik id.nik ################ both:any district, no day above 71
vn_mst vn.mst ##########
za_id za.idnr 7#0#1######## wider:refugees too
za_tax za.tin ##########
au_tfn au.tfn #########
au_abn au.abn ########### wider:a first digit that cannot be is not looked for
au_acn au.acn #########
nz_ird nz.ird #########
ke_pin ke.pin A#########@
pk_cnic pk.cnic #####-#######-# wider:any sex
"""


def fill(shape: str, rng: random.Random) -> str:
    return "".join(
        rng.choice("0123456789")
        if sign == "#"
        else rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if sign == "@"
        else sign
        for sign in shape
    )


@pytest.mark.slow
@pytest.mark.parametrize("line", AGREE.strip().splitlines(), ids=lambda line: " ".join(line.split()[:3]))
def test_agrees_with_stdnum(line):
    """On a thousand random values, or one is wider or narrower for the reason that stands beside."""
    name, module, shape, *why = line.split(maxsplit=3)
    difference = why[0].partition(":")[0] if why else ""
    accepts = importlib.import_module(f"stdnum.{module}").is_valid
    rng = random.Random(line)
    for _ in range(1000):
        value = fill(shape, rng)
        ours, theirs = VALIDATORS[name](value) is not False, accepts(value)
        if ours != theirs:
            assert difference in (("wider" if ours else "narrower"), "both"), value


# Examples of the issuers, of standards, or computed by hand; then the same with an error.
KNOWN = [
    ("fr_rpps", "16083778353", True),
    ("gb_chi", "0103839038", True),
    ("br_cns", "289218401107043", True),
    ("br_pis", "198.39145.49-8", True),
    ("pt_niss", "12321668484", True),
    ("lu_matricule", "1983081500049", True),
    ("kw_civil", "282061421851", True),
    ("kz_iin", "971231594685", True),
    ("kz_iin", "900101390320", True),
    ("hu_personal", "1-600101-7754", True),
    ("tw_id", "AC96151702", True),
    ("uz_pinfl", "32905111453480", True),
    ("za_tax", "1681706964", True),
    ("ad_nrt", "U-132950-X", None),
    ("ad_nrt", "U-13295-X", False),
    ("ae_id", "784-1979-1234567-1", True),
    ("ae_id", "784-1984-5687420-6", None),
    ("ae_id", "784-1884-5687420-6", False),
    ("ae_id", "783198456874206", False),
    ("ae_id", "78", False),
    ("at_vnr", "1237 010180", True),
    ("at_vnr", "1237 990180", False),
    ("at_vnr", "0237010180", False),
    ("au_ihi", "8003 6016 9098 4328", True),
    ("au_ihi", "8003 6016 9098 4327", False),
    ("au_medicare", "2123 45670 1", True),
    ("au_medicare", "1123 45670 1", False),
    ("au_tfn", "81854402", True),
    ("au_tfn", "1", False),
    ("br_cnh", "62472927637", True),
    ("br_cnh", "62472927638", False),
    ("br_cnh", "6247292763", False),
    ("br_cnpj", "12.ABC.345/01DE-35", True),
    ("br_cnpj", "12.ABC.345/01DE-36", False),
    ("br_cnpj", "0" * 14, False),
    ("br_cns", "298 7654 3211 0012", False),
    ("br_cns", "1", False),
    ("br_pis", "120.5641.230-3", False),
    ("br_pis", "120.12345.67-8", False),
    ("br_titulo", "1023 8501 0671", True),
    ("br_titulo", "123", False),
    ("br_titulo", "004356870906", True),
    ("by_personal", "7000000A000PB0", False),
    ("by_personal", "4250986A012PB4", None),
    ("ca_on_hcn", "9876-543-217", True),
    ("ca_on_hcn", "9876543217AB", True),
    ("ca_on_hcn", "0876543217", False),
    ("ca_ramq", "BOUF 9401 1419", None),
    ("ca_ramq", "BOUF 9471", False),
    ("cn_ric", "11010519491231002X", True),
    ("cn_ric", "11010519491331002X", False),
    ("cn_ric", "1", False),
    ("cz_rc", "530101/123", None),
    ("cz_rc", "539901/123", False),
    ("dated_personal", "811218-9876", True),
    ("dated_personal", "811218-9875", False),
    ("de_ausweis", "T220001293", True),
    ("de_ausweis", "T220001294", False),
    ("de_ausweis", "L01X00T47", None),
    ("de_ausweis", "T220001293D", True),
    ("de_ausweis", "CFGHJKLMN", False),
    ("de_ausweis", "A", False),
    ("de_bsnr", "931234500", None),
    ("de_bsnr", "9312", False),
    ("de_idnr", "86095742719", True),
    ("de_idnr", "06095742719", False),
    ("de_idnr", "86095742718", False),
    ("de_kvnr", "A123456780", True),
    ("de_kvnr", "A123456781", False),
    ("de_kvnr", "1", False),
    ("de_lanr", "123456601", True),
    ("de_lanr", "123457601", False),
    ("de_rvnr", "65170839J003", True),
    ("de_rvnr", "65170839J004", False),
    ("de_rvnr", "65", False),
    ("de_stnr", "181/815/08155", None),
    ("de_stnr", "2893081508152", None),
    ("de_stnr", "2893181508152", False),
    ("de_stnr", "1", False),
    ("dk_cpr", "211062-5629", True),
    ("dk_cpr", "211062-5628", None),
    ("dk_cpr", "211362-5629", False),
    ("eg_nid", "29001011234567", None),
    ("eg_nid", "29001018834567", None),
    ("eg_nid", "29001019934567", False),
    ("eg_nid", "19001011234567", False),
    ("eg_nid", "29013011234567", False),
    ("eg_nid", "", False),
    ("es_dni", "54362315-K", True),
    ("es_dni_or_nie", "X-2482300-W", True),
    ("es_dni_or_nie", "54362315Z", False),
    ("es_nie", "A2482300W", False),
    ("es_nss", "281234567840", True),
    ("es_nss", "281234567841", False),
    ("es_nss", "280123456719", False),
    ("es_nss", "2812", False),
    ("es_nss", "280000001283", False),
    ("eu_vat", "DE136695976", True),
    ("eu_vat", "SE556188840401", True),
    ("eu_vat", "XX136695976", False),
    ("fi_hetu", "131052-308T", True),
    ("fi_hetu", "131052-308U", False),
    ("fi_hetu", "991052-308T", False),
    ("fi_hetu", "x", False),
    ("fr_nir", "2 55 08 14 168 025 38", True),
    ("fr_nir", "2550814168025", None),
    ("fr_nir", "1 84 12 2A 451 089 48", False),
    ("fr_nir", "9", False),
    ("fr_rpps", "10003456781", False),
    ("fr_rpps", "20100000007", False),
    ("fr_siret", "356000000 00004", False),
    ("fr_siret", "73282932000074", True),
    ("fr_siret", "1", False),
    ("fr_siret", "356000000 49837", True),
    ("fr_tva", "FR 4Z 303 265 045", None),
    ("fr_tva", "FR40303265045", True),
    ("fr_tva", "FR40303265046", False),
    ("gb_chi", "9999999999", False),
    ("gb_licence", "MORGA657054SM9IJ", True),
    ("gb_licence", "MORGA699054SM9IJ", False),
    ("gb_nino", "QQ 12 34 56 C", False),
    ("gb_nino", "JG 10 37 59 A", None),
    ("gb_nino", "BG103759A", False),
    ("gb_utr", "1955839661K", True),
    ("gb_utr", "2955839661", False),
    ("gt_cui", "2331 81482 0101", True),
    ("gt_cui", "2331 81482 9901", False),
    ("gt_cui", "2331 81482 0100", False),
    ("hk_id", "A123456(3)", True),
    ("hk_id", "AB987654(3)", True),
    ("hk_id", "A123456(4)", False),
    ("hk_id", "A", False),
    ("hu_personal", "1-600101-0016", False),
    ("hu_personal", "9-600101-0016", False),
    ("hu_personal", "", False),
    ("hu_taj", "111 111 110", True),
    ("hu_taj", "111 111 112", False),
    ("hu_tax", "8071592153", True),
    ("hu_tax", "7071592153", False),
    ("hu_tax", "8438130176", False),
    ("hu_vat", "12892312-2-41", True),
    ("hu_vat", "HU12892312", True),
    ("icd10", "E11.9", None),
    ("icd10", "U071", False),
    ("icd10", "11.9", False),
    ("id_nik", "3171011708450001", None),
    ("id_nik", "3171019908450001", False),
    ("id_nik", "1", False),
    ("ie_pps", "1234567T", True),
    ("ie_pps", "1234567TW", True),
    ("ie_pps", "1234567FA", True),
    ("ie_pps", "12345", False),
    ("imo", "IMO 9074729", True),
    ("imo", "9074728", False),
    ("in_gstin", "27AAPFU0939F1ZV", True),
    ("in_gstin", "27AAPFU0939F1ZO", False),
    ("in_gstin", "1", False),
    ("ir_melli", "0499370899", True),
    ("ir_melli", "0499370898", False),
    ("ir_melli", "1", False),
    ("it_codice_fiscale", "RSSMRA85T10A562S", True),
    ("it_codice_fiscale", "RSSMRA85T10A562T", False),
    ("it_codice_fiscale", "RSSMRA8RT10A562J", False),
    ("it_codice_fiscale", "RSS", False),
    ("jp_my_number", "1234 5678 9018", True),
    ("jp_my_number", "1", False),
    ("kr_rrn", "971013-9019902", True),
    ("kr_rrn", "971313-9019902", False),
    ("kw_civil", "282061401234", False),
    ("kw_civil", "999", False),
    ("kz_iin", "971231300157", False),
    ("kz_iin", "1", False),
    ("kz_iin", "880128999999", False),
    ("lk_nic", "912345678V", None),
    ("lk_nic", "199134567890", None),
    ("lk_nic", "913675678V", False),
    ("lk_nic", "1", False),
    ("lu_matricule", "1983081512322", False),
    ("lu_matricule", "1", False),
    ("lv_pk", "161175-19997", True),
    ("lv_pk", "328673-00679", None),
    ("lv_pk", "161175-19998", False),
    ("lv_pk", "1", False),
    ("mt_id", "0123456M", None),
    ("mt_id", "M", False),
    ("mx_curp", "BOXW310820HNERXN09", True),
    ("mx_curp", "BOXW310820HXXRXN09", False),
    ("mx_curp", "BOXW319920HNERXN09", False),
    ("mx_curp", "BOXW", False),
    ("mx_elector", "GMVLMR80070501M100", None),
    ("mx_elector", "GMVLMR80990501M100", False),
    ("mx_elector", "G", False),
    ("mx_nss", "12345678903", True),
    ("ng_nin", "12345678901", None),
    ("ng_nin", "1", False),
    ("nz_ird", "49091850", True),
    ("nz_ird", "9125568", False),
    ("nz_ird", "199125568", False),
    ("nz_ird", "136410132", True),
    ("nz_nhi", "ZZZ0016", True),
    ("nz_nhi", "ZZZ0017", False),
    ("nz_nhi", "ZZZ00AX", True),
    ("nz_nhi", "ZZ", False),
    ("pl_dowod", "ABA300000", True),
    ("pl_dowod", "ABA400000", False),
    ("pl_dowod", "1", False),
    ("pl_regon", "123456785", True),
    ("pl_regon", "1", False),
    ("pl_regon", "12345678512347", True),
    ("pt_niss", "11234567895", False),
    ("pt_niss", "31234567895", False),
    ("ro_cnp", "1630615123457", True),
    ("ro_cnp", "0630615123457", False),
    ("ro_cui", "RO18547290", True),
    ("ru_snils", "112-233-445 95", True),
    ("ru_snils", "112-233-445 96", False),
    ("rw_id", "1199080012345678", None),
    ("rw_id", "9199080012345678", False),
    ("sa_id", "1", False),
    ("sg_nric", "S1234567D", True),
    ("sg_nric", "G1234567X", True),
    ("sg_nric", "M1234567K", True),
    ("sg_nric", "S1234567E", False),
    ("sg_nric", "A", False),
    ("soundex_licence", "F255-921-50-094-0", None),
    ("soundex_licence", "F2", False),
    ("tr_tckn", "17291716060", True),
    ("tr_tckn", "07291716060", False),
    ("tw_id", "A123456789", True),
    ("tw_id", "A800000014", True),
    ("tw_id", "A1", False),
    ("us_dea", "AB1234563", True),
    ("us_dea", "AB1234564", False),
    ("us_dea", "1", False),
    ("us_ein", "91-1144442", None),
    ("us_ein", "07-1144442", False),
    ("us_mbi", "1EG4-TE5-MK73", True),
    ("us_mbi", "1SG4-TE5-MK73", False),
    ("us_npi", "1234567893", True),
    ("us_npi", "1234567894", False),
    ("us_passport", "A12345678", None),
    ("us_passport", "AB", False),
    ("uy_ci", "1.234.567-2", True),
    ("uy_ci", "1.234.567-3", False),
    ("uz_pinfl", "31509860230078", False),
    ("uz_pinfl", "1", False),
    ("vin", "1M8GDM9AXKP042788", True),
    ("vin", "1M8GDM9A1KP042788", None),
    ("vin", "12345678901234567", False),
    ("vin", "short", False),
    ("vin_checked", "1M8GDM9AXKP042788", True),
    ("vin_checked", "1M8GDM9A1KP042788", False),
    ("vn_cccd", "001099012345", None),
    ("vn_cccd", "999099012345", False),
]


@pytest.mark.parametrize(("name", "value", "verdict"), KNOWN, ids=lambda value: str(value))
def test_known_values(name, value, verdict):
    assert VALIDATORS[name](value) is verdict


@pytest.mark.parametrize("name", sorted(VALIDATORS))
def test_refuses_what_is_no_number(name):
    assert all(VALIDATORS[name](value) is False for value in ("", "x", "0", "not a number", "٣٣٣٣٣٣٣٣٣"))


@given(
    st.sampled_from(sorted(VALIDATORS)),
    st.text(max_size=24) | st.from_regex(r"[0-9A-Z -]{6,18}", fullmatch=True),
)
def test_any_text_gets_a_verdict(name, value):
    assert VALIDATORS[name](value) in (True, False, None)
