"""Tax and company identifiers: shapes and checks, by detector; its file has words and source."""

from __future__ import annotations

from sensor.detect.scanners.identifiers.kinds import Kind

__all__ = ["KINDS"]

KINDS: dict[str, Kind] = {
    "tax_id.us_ein": Kind("##-#######", "us_ein"),
    "tax_id.us_ptin": Kind("P########"),
    "tax_id.ca_bn": Kind("#########|#########@@####", "ca_bn"),
    "tax_id.gb_utr": Kind("##########", "gb_utr"),
    "tax_id.gb_vat": Kind("(GB)############|(GB)#########", "gb_vat"),
    "tax_id.ie_vat": Kind("(IE)#######@(@)|(IE)#*#####@", "ie_vat"),
    "tax_id.de_idnr": Kind("###########", "de_idnr"),
    "tax_id.de_stnr": Kind("##/###/#####|###/###/#####|###/####/####|#############", "de_stnr"),
    "tax_id.de_vat": Kind("(DE)#########", "de_vat"),
    "tax_id.de_wid": Kind("DE#########(-#####)", "de_vat"),
    "tax_id.de_hrb": Kind("HRB######|HRA######|HRB#####|HRB####|HRA#####|HRA####"),
    "tax_id.at_tin": Kind("#########|##-###/####", "at_tin"),
    "tax_id.at_uid": Kind("(AT)(U)########", "at_uid"),
    "tax_id.ch_uid": Kind("CHE#########|(CHE)#########", "ch_uid"),
    "tax_id.li_peid": Kind("############|#####", "li_peid"),
    "tax_id.be_vat": Kind("(BE)##########|(BE)#########", "be_vat"),
    "tax_id.nl_btw": Kind("(NL)#########B##|NL************", "nl_btw"),
    "tax_id.nl_rsin": Kind("#########", "nl_bsn"),
    "tax_id.nl_kvk": Kind("########", plain=True),
    "tax_id.lu_tva": Kind("(LU)########", "lu_tva"),
    "tax_id.fr_spi": Kind("#############", "fr_spi"),
    "tax_id.fr_siren": Kind("#########", "fr_siren"),
    "tax_id.fr_siret": Kind("##############", "fr_siret"),
    "tax_id.fr_tva": Kind("(FR)**#########|FR###########", "fr_tva"),
    "tax_id.es_nif": Kind("(ES)*########|(ES)*#######*|(ES)########*", "es_nif"),
    "tax_id.pt_nif": Kind("(PT)#########", "pt_nif"),
    "tax_id.it_iva": Kind("(IT)###########", "it_iva"),
    "tax_id.sm_coe": Kind("SM#####", loose=""),
    "tax_id.gr_afm": Kind("(EL)#########", "gr_afm"),
    "tax_id.cy_vat": Kind("(CY)########@", "cy_vat"),
    "tax_id.mt_vat": Kind("(MT)########", "mt_vat"),
    "tax_id.dk_cvr": Kind("(DK)########", "dk_cvr"),
    "tax_id.se_orgnr": Kind("(SE)######-####|SE############", "se_orgnr"),
    "tax_id.no_mva": Kind("(NO)#########(MVA)", "no_mva"),
    "tax_id.fi_ytunnus": Kind("#######-#|FI########", "fi_ytunnus"),
    "tax_id.is_vsk": Kind("######|#####", "is_vsk"),
    "tax_id.ee_kmkr": Kind("(EE)#########|########", "ee_kmkr"),
    "tax_id.lt_pvm": Kind("(LT)#########|(LT)############", "lt_pvm"),
    "tax_id.lv_pvn": Kind("(LV)###########", "lv_pvn"),
    "tax_id.pl_nip": Kind("(PL)##########", "pl_nip"),
    "tax_id.pl_regon": Kind("#########|##############", "pl_regon"),
    "tax_id.pl_krs": Kind("##########"),
    "tax_id.cz_dic": Kind("(CZ)########|(CZ)#########|(CZ)##########", "cz_dic"),
    "tax_id.cz_ico": Kind("########", plain=True),
    "tax_id.sk_dph": Kind("(SK)##########", "sk_dph"),
    "tax_id.hu_tax": Kind("##########", "hu_tax"),
    "tax_id.hu_vat": Kind("########-#-##|(HU)########", "hu_vat"),
    "tax_id.ro_cui": Kind(
        "(RO)##########|(RO)########|(RO)#######|(RO)######|(RO)#########|(RO)#####", "ro_cui"
    ),
    "tax_id.bg_vat": Kind("(BG)#########|(BG)##########", "bg_vat"),
    "tax_id.hr_oib_tax": Kind("(HR)###########", "hr_oib"),
    "tax_id.si_ddv": Kind("(SI)########", "si_ddv"),
    "tax_id.rs_pib": Kind("#########", "rs_pib"),
    "tax_id.ba_jib": Kind("#############"),
    "tax_id.me_pib": Kind("########", "me_pib"),
    "tax_id.mk_edb": Kind("(MK)#############", "mk_edb"),
    "tax_id.al_nipt": Kind("@########@", "al_nipt"),
    "tax_id.xk_fn": Kind("#########|##########"),
    "tax_id.ru_inn": Kind("############|##########", "ru_inn"),
    "tax_id.ru_kpp": Kind("#########"),
    "tax_id.ru_ogrn": Kind("#############|###############", "ru_ogrn"),
    "tax_id.ua_edrpou": Kind("########|############", "ua_edrpou"),
    "tax_id.by_unp": Kind("#########|@@#######", "by_unp"),
    "tax_id.md_idno": Kind("#############", "md_idnp"),
    "tax_id.am_tin": Kind("########|#########|##########"),
    "tax_id.az_voen": Kind("##########", "az_voen"),
    "tax_id.kz_bin": Kind("############"),
    "tax_id.tr_vkn": Kind("##########", "tr_vkn"),
    "tax_id.il_hp": Kind("#########", "il_id"),
    "tax_id.sa_vat": Kind("###############"),
    "tax_id.eg_tn": Kind("#########"),
    "tax_id.ma_ice": Kind("###############", "ma_ice", loose=""),
    "tax_id.dz_nif": Kind("###############|####################"),
    "tax_id.tn_mf": Kind("#######@@@###|#######@", "tn_mf"),
    "tax_id.sn_ninea": Kind("#########|#######***"),
    "tax_id.za_tax": Kind("##########", "za_tax"),
    "tax_id.ng_tin": Kind("########-####|##########"),
    "tax_id.ke_pin": Kind("@#########@", "ke_pin"),
    "tax_id.gh_tin": Kind("@##########"),
    "tax_id.tz_tin": Kind("#########|##########"),
    "tax_id.in_pan": Kind("@@@@@####@", "in_pan"),
    "tax_id.in_gstin": Kind("##@@@@@####@*Z*", "in_gstin"),
    "tax_id.in_tan": Kind("@@@@#####@"),
    "tax_id.pk_ntn": Kind("#######-#", plain=True),
    "tax_id.bd_tin": Kind("############"),
    "tax_id.lk_tin": Kind("#########(-####)"),
    "tax_id.cn_uscc": Kind("******************", "cn_uscc"),
    "tax_id.hk_br": Kind("########(-###-##-##-#)", plain=True),
    "tax_id.tw_ubn": Kind("########", "tw_ubn"),
    "tax_id.jp_cn": Kind("(T)#############", "jp_cn"),
    "tax_id.kr_brn": Kind("###-##-#####", "kr_brn"),
    "tax_id.th_tin": Kind("#############|##########", "th_pin"),
    "tax_id.my_tin": Kind("IG###########|SG###########|OG###########|C##########"),
    "tax_id.sg_uen": Kind("########@|#########@|@##@@####@", "sg_uen"),
    "tax_id.id_npwp": Kind("###############|################", "id_npwp"),
    "tax_id.vn_mst": Kind("##########(-###)", "vn_mst"),
    "tax_id.ph_tin": Kind("###-###-###(-###)|###-###-###-#####"),
    "tax_id.mx_rfc": Kind("@@@@######***|@@@######***", "mx_rfc", loose=""),
    "tax_id.br_cnpj": Kind("##############|************##", "br_cnpj"),
    "tax_id.br_ie": Kind("########|#########|############|##########"),
    "tax_id.ar_cuit": Kind("##-########-#", "ar_cuit"),
    "tax_id.co_nit": Kind("#########-#|#########", "co_nit"),
    "tax_id.pe_ruc": Kind("###########", "pe_ruc"),
    "tax_id.ec_ruc": Kind("#############", "ec_ruc"),
    "tax_id.uy_rut": Kind("############", "uy_rut"),
    "tax_id.ve_rif": Kind("@######## #", "ve_rif"),
    "tax_id.py_ruc": Kind("########-#|#######-#|######-#", "py_ruc"),
    "tax_id.bo_nit": Kind("##########|#########|############"),
    "tax_id.do_rnc": Kind("#########", "do_rnc"),
    "tax_id.gt_nit": Kind("#######*|######*|########*", "gt_nit"),
    "tax_id.sv_nit": Kind("####-######-###-#", "sv_nit"),
    "tax_id.cr_cpj": Kind("##########"),
    "tax_id.hn_rtn": Kind("##############"),
    "tax_id.pa_ruc": Kind("########-#-######|#-###-####|######-#-######"),
    "tax_id.au_tfn": Kind("#########|########", "au_tfn"),
    "tax_id.au_abn": Kind("###########", "au_abn"),
    "tax_id.au_acn": Kind("#########", "au_acn"),
    "tax_id.nz_ird": Kind("#########|########", "nz_ird"),
    "tax_id.nz_nzbn": Kind("#############"),
    "tax_id.ad_nrt": Kind("@######@", "ad_nrt"),
    "tax_id.eu_vat": Kind(
        "ATU########|"
        "BE##########|"
        "BG#########(#)|"
        "CHE#########|"
        "CY########@|"
        "CZ########(#)(#)|"
        "DE#########|"
        "DK########|"
        "EE#########|"
        "EL#########|"
        "ES*#######*|"
        "FI########|"
        "FR**#########|"
        "GB#########(###)|"
        "HR###########|"
        "HU########|"
        "IE#*#####@(@)|"
        "IT###########|"
        "LT#########|"
        "LT############|"
        "LU########|"
        "LV###########|"
        "MT########|"
        "NL#########B##|"
        "NO#########|"
        "PL##########|"
        "PT#########|"
        "RO######(#)(#)(#)(#)|"
        "SE############|"
        "SI########|"
        "SK##########"
    ),
    "tax_id.any": Kind(proofs="tax"),
}
