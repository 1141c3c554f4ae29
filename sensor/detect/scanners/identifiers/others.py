"""Travel, vehicle and health identifiers: shapes and checks, by detector; its file has words and source."""

from __future__ import annotations

from sensor.detect.scanners.identifiers.kinds import Kind

__all__ = ["KINDS"]

KINDS: dict[str, Kind] = {
    "travel.passport": Kind(loose="document"),
    "travel.passport_us": Kind("A########|#########", "us_passport", loose="document"),
    "travel.passport_gb": Kind("#########", loose="document"),
    "travel.passport_de": Kind("********#(#)(D)", "de_ausweis", loose="document"),
    "travel.passport_fr": Kind("##@@#####", loose="document"),
    "travel.passport_it": Kind("@@#######", loose="document"),
    "travel.passport_es": Kind("@@@######", loose="document"),
    "travel.passport_nl": Kind("@@****###", loose="document"),
    "travel.passport_be": Kind("@@######", loose="document"),
    "travel.passport_at": Kind("@#######", loose="document"),
    "travel.passport_ch": Kind("@#######", loose="document"),
    "travel.passport_pl": Kind("@@#######", loose="document"),
    "travel.passport_ru": Kind("##########|#########", loose="document"),
    "travel.passport_ua": Kind("@@######|#########", loose="document"),
    "travel.passport_in": Kind("@#######", loose="document"),
    "travel.passport_cn": Kind("@########|@@#######", loose="document"),
    "travel.passport_jp": Kind("@@#######", loose="document"),
    "travel.passport_kr": Kind("@########|@###@####", loose="document"),
    "travel.passport_ca": Kind("@@######|@######@@", loose="document"),
    "travel.passport_au": Kind("@#######|@@#######", loose="document"),
    "travel.passport_nz": Kind("@@######", loose="document"),
    "travel.passport_br": Kind("@@######", loose="document"),
    "travel.passport_mx": Kind("@########", loose="document"),
    "travel.passport_tr": Kind("@########", loose="document"),
    "travel.passport_gr": Kind("@@#######", loose="document"),
    "travel.passport_ie": Kind("@@#######|@########", loose="document"),
    "travel.passport_se": Kind("########", loose="document", plain=True),
    "travel.passport_fi": Kind("@@#######", loose="document"),
    "travel.passport_no": Kind("########", loose="document", plain=True),
    "travel.passport_dk": Kind("#########", loose="document"),
    "travel.passport_pt": Kind("@@######|@######", loose="document"),
    "travel.passport_za": Kind("@########", loose="document"),
    "travel.passport_sg": Kind("@#######@", loose="document"),
    "travel.passport_ph": Kind("@#######@|@@#######", loose="document"),
    "travel.passport_il": Kind("########", loose="document", plain=True),
    "travel.visa": Kind(loose="document"),
    "travel.residence_permit": Kind(loose="document"),
    "vehicle.licence": Kind(loose="document"),
    "vehicle.licence_gb": Kind("*****######*****(##)", "gb_licence", loose="document"),
    "vehicle.licence_us_soundex": Kind(
        "@############|@###########|@#############", "soundex_licence", loose="document"
    ),
    "vehicle.licence_us_ca": Kind("@#######", loose="document"),
    "vehicle.licence_us_tx": Kind("########|#########", loose="document"),
    "vehicle.licence_us_ny": Kind("#########", loose="document"),
    "vehicle.licence_us_wa": Kind("@@@*****##**|WDL*********", loose="document"),
    "vehicle.licence_us_nj": Kind("@##############", loose="document"),
    "vehicle.licence_us_oh": Kind("@@######", loose="document"),
    "vehicle.licence_us_az": Kind("@########", loose="document"),
    "vehicle.licence_us_va": Kind("@########|#########", loose="document"),
    "vehicle.licence_ca_on": Kind("@####-#####-#####", loose="document"),
    "vehicle.licence_ca_qc": Kind("@####-######-##", loose="document"),
    "vehicle.licence_de": Kind("*##*******#|@##*******#", loose="document"),
    "vehicle.licence_fr": Kind("############|###############", loose="document"),
    "vehicle.licence_it": Kind("@@#######@|U#********", loose="document"),
    "vehicle.licence_es": Kind("########@", "es_dni", loose="document"),
    "vehicle.licence_nl": Kind("##########", loose="document"),
    "vehicle.licence_br": Kind("###########", "br_cnh", loose="document"),
    "vehicle.licence_in": Kind("@@##(-)###########", loose="document"),
    "vehicle.licence_au": Kind("#########|########|######|##########|######@", loose="document"),
    "vehicle.licence_nz": Kind("@@######", loose="document"),
    "vehicle.licence_pl": Kind("#####/##/####", loose="document"),
    "vehicle.licence_ie": Kind("### ### ###|#########", loose="document"),
    "vehicle.licence_kr": Kind("##-##-######-##", loose="document"),
    "vehicle.licence_jp": Kind("############", loose="document"),
    "vehicle.licence_ru": Kind("##########|##@@######", loose="document"),
    "vehicle.plate": Kind(loose="plate"),
    "vehicle.plate_us": Kind(expression="[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,4}", loose="plate", plain=True),
    "vehicle.plate_ca": Kind(
        expression="[A-Z]{2,4}[ -]?[0-9]{3,4}|[0-9]{3}[ -]?[A-Z]{3}", loose="plate", plain=True
    ),
    "vehicle.plate_gb": Kind(
        expression="[A-Z]{2}[0-9]{2} ?[A-Z]{3}|[A-Z][0-9]{1,3} ?[A-Z]{3}|[A-Z]{3} ?[0-9]{1,3}[A-Z]?",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_ie": Kind(expression="[0-9]{2,3}-?[A-Z]{1,2}-?[0-9]{1,6}", loose="plate", plain=True),
    "vehicle.plate_de": Kind(
        expression="[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[- ]?[0-9]{1,4}[EH]?", loose="plate", plain=True
    ),
    "vehicle.plate_at": Kind(
        expression="[A-Z]{1,2}[- ]?[0-9]{1,6}[ -]?[A-Z]{1,3}|[A-Z]{1,2}[- ][A-Z]{1,4}[ -]?[0-9]{1,4}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_ch": Kind(expression="[A-Z]{2}[ ·-]?[0-9]{1,3}[ ']?[0-9]{1,3}", loose="plate", plain=True),
    "vehicle.plate_fr": Kind(
        expression="[A-Z]{2}[- ]?[0-9]{3}[- ]?[A-Z]{2}|[0-9]{1,4} ?[A-Z]{2,3} ?[0-9]{2}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_be": Kind(
        expression="[0-9][- ]?[A-Z]{3}[- ]?[0-9]{3}|[A-Z]{3}[- ]?[0-9]{3}", loose="plate", plain=True
    ),
    "vehicle.plate_nl": Kind(
        expression="[A-Z0-9]{1,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,2}", loose="plate", plain=True
    ),
    "vehicle.plate_lu": Kind(expression="[A-Z]{2} ?[0-9]{4}|[0-9]{4,6}", loose="plate", plain=True),
    "vehicle.plate_es": Kind(
        expression="[0-9]{4}[ -]?[BCDFGHJ-NPR-TV-Z]{3}|[A-Z]{1,2}[ -]?[0-9]{4}[ -]?[A-Z]{1,2}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_pt": Kind(
        expression="[A-Z0-9]{2}[- ][A-Z0-9]{2}[- ][A-Z0-9]{2}", loose="plate", plain=True
    ),
    "vehicle.plate_it": Kind(expression="[A-Z]{2} ?[0-9]{3} ?[A-Z]{2}", loose="plate", plain=True),
    "vehicle.plate_dk": Kind(expression="[A-Z]{2} ?[0-9]{2} ?[0-9]{3}", loose="plate", plain=True),
    "vehicle.plate_se": Kind(expression="[A-Z]{3} ?[0-9]{2}[0-9A-Z]", loose="plate", plain=True),
    "vehicle.plate_no": Kind(expression="[A-Z]{2} ?[0-9]{4,5}", loose="plate", plain=True),
    "vehicle.plate_fi": Kind(expression="[A-ZÅÄÖ]{2,3}-[0-9]{1,3}", loose="plate", plain=True),
    "vehicle.plate_is": Kind(expression="[A-Z]{2} ?[A-Z0-9][0-9]{2}", loose="plate", plain=True),
    "vehicle.plate_pl": Kind(expression="[A-Z]{2,3} ?[A-Z0-9]{4,5}", loose="plate", plain=True),
    "vehicle.plate_cz": Kind(expression="[0-9][A-Z][A-Z0-9] ?[0-9]{4}", loose="plate", plain=True),
    "vehicle.plate_sk": Kind(expression="[A-Z]{2}[- ]?[0-9]{3}[A-Z]{2}", loose="plate", plain=True),
    "vehicle.plate_hu": Kind(
        expression="[A-Z]{3,4}-?[0-9]{3}|[A-Z]{2} ?[A-Z]{2}-?[0-9]{3}", loose="plate", plain=True
    ),
    "vehicle.plate_ro": Kind(expression="[A-Z]{1,2}[- ]?[0-9]{2,3}[- ]?[A-Z]{3}", loose="plate", plain=True),
    "vehicle.plate_bg": Kind(
        expression="[A-ZАВЕКМНОРСТУХ]{1,2} ?[0-9]{4} ?[A-ZАВЕКМНОРСТУХ]{2}", loose="plate", plain=True
    ),
    "vehicle.plate_gr": Kind(expression="[A-ZΑ-Ω]{3}[- ]?[0-9]{4}", loose="plate", plain=True),
    "vehicle.plate_hr": Kind(
        expression="[A-ZČĆĐŠŽ]{2}[ -]?[0-9]{3,4}[ -]?[A-ZČĆĐŠŽ]{1,2}", loose="plate", plain=True
    ),
    "vehicle.plate_si": Kind(
        expression="[A-Z]{2}[ -][A-Z0-9]{2,3}[ -]?[A-Z0-9]{2,3}", loose="plate", plain=True
    ),
    "vehicle.plate_rs": Kind(
        expression="[A-ZČĆĐŠŽ]{2}[ -]?[0-9]{3,5}[ -]?[A-ZČĆĐŠŽ]{2}", loose="plate", plain=True
    ),
    "vehicle.plate_ee": Kind(expression="[0-9]{3} ?[A-Z]{3}", loose="plate", plain=True),
    "vehicle.plate_lv": Kind(expression="[A-Z]{2}[- ][0-9]{1,4}", loose="plate", plain=True),
    "vehicle.plate_lt": Kind(expression="[A-Z]{3} ?[0-9]{3}", loose="plate", plain=True),
    "vehicle.plate_ru": Kind(
        expression="[АВЕКМНОРСТУХABEKMHOPCTYX] ?[0-9]{3} ?[АВЕКМНОРСТУХABEKMHOPCTYX]{2} ?[0-9]{2,3}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_ua": Kind(
        expression="[АВЕІКМНОРСТХABEIKMHOPCTX]{2} ?[0-9]{4} ?[АВЕІКМНОРСТХABEIKMHOPCTX]{2}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_tr": Kind(expression="[0-9]{2} ?[A-Z]{1,3} ?[0-9]{2,5}", loose="plate", plain=True),
    "vehicle.plate_il": Kind(expression="[0-9]{2,3}-[0-9]{2,3}-[0-9]{2,3}", loose="plate", plain=True),
    "vehicle.plate_in": Kind(
        expression="[A-Z]{2}[ -]?[0-9]{1,2}[ -]?[A-Z]{1,3}[ -]?[0-9]{4}", loose="plate", plain=True
    ),
    "vehicle.plate_cn": Kind(
        expression="[\\u4e00-\\u9fff] ?[A-Z][ ·]?[A-Z0-9]{5,6}", loose="plate", plain=True
    ),
    "vehicle.plate_jp": Kind(
        expression="[\\u3040-\\u309f\\u4e00-\\u9fff]{1,4} ?[0-9]{2,3} ?"
        "[\\u3040-\\u309f] ?[0-9·・]{1,3}-?[0-9]{1,2}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_kr": Kind(
        expression="(?:[가-힣]{2} ?)?[0-9]{2,3} ?[가-힣] ?[0-9]{4}", loose="plate", plain=True
    ),
    "vehicle.plate_th": Kind(expression="[0-9]?[ก-ฮ]{1,3}[ -]?[0-9]{1,4}", loose="plate", plain=True),
    "vehicle.plate_vn": Kind(
        expression="[0-9]{2}[A-Z][A-Z0-9]?[- ]?[0-9]{3}[.]?[0-9]{2}|[0-9]{2}[A-Z][- ]?[0-9]{4,5}",
        loose="plate",
        plain=True,
    ),
    "vehicle.plate_id": Kind(expression="[A-Z]{1,2} ?[0-9]{1,4} ?[A-Z]{1,3}", loose="plate", plain=True),
    "vehicle.plate_my": Kind(expression="[A-Z]{1,3} ?[0-9]{1,4} ?[A-Z]?", loose="plate", plain=True),
    "vehicle.plate_sg": Kind(expression="[A-Z]{2,3} ?[0-9]{1,4} ?[A-Z]", loose="plate", plain=True),
    "vehicle.plate_ph": Kind(expression="[A-Z]{3}[ -]?[0-9]{3,4}", loose="plate", plain=True),
    "vehicle.plate_au": Kind(
        expression="[A-Z0-9]{2,3}[ -·]?[A-Z0-9]{2,3}[ -·]?[A-Z0-9]{0,2}", loose="plate", plain=True
    ),
    "vehicle.plate_nz": Kind(expression="[A-Z]{2,3} ?[0-9]{1,4}", loose="plate", plain=True),
    "vehicle.plate_br": Kind(expression="[A-Z]{3}[- ]?[0-9][A-Z0-9][0-9]{2}", loose="plate", plain=True),
    "vehicle.plate_ar": Kind(
        expression="[A-Z]{2} ?[0-9]{3} ?[A-Z]{2}|[A-Z]{3}[ -]?[0-9]{3}", loose="plate", plain=True
    ),
    "vehicle.plate_cl": Kind(
        expression="[A-Z]{4}[ ·-]?[0-9]{2}|[A-Z]{2}[ ·-]?[0-9]{4}", loose="plate", plain=True
    ),
    "vehicle.plate_co": Kind(expression="[A-Z]{3}[ -]?[0-9]{2}[0-9A-Z]", loose="plate", plain=True),
    "vehicle.plate_mx": Kind(
        expression="[A-Z]{3}[- ]?[0-9]{2,4}[- ]?[A-Z0-9]{0,3}", loose="plate", plain=True
    ),
    "vehicle.plate_za": Kind(
        expression="[A-Z]{2,3} ?[0-9]{2,3}[ -]?[0-9A-Z]{2,3}(?: ?[A-Z]{2})?", loose="plate", plain=True
    ),
    "vehicle.vin": Kind("*****************", "vin", loose="document"),
    "vehicle.imo": Kind("(IMO)#######", "imo", loose=""),
    "vehicle.mmsi": Kind("#########", loose=""),
    "vehicle.hull": Kind("@-@@@@|@@-@@@|N#####|N####@|N###@@|N###", loose=""),
    "vehicle.toll": Kind("######(#)(#)(#)(#)(#)(#)", loose="record", plain=True),
    "vehicle.insurance": Kind("****##(*)(*)(*)(*)(*)(*)(*)(*)", loose="record"),
    "vehicle.engine": Kind("****##(*)(*)(*)(*)(*)(*)(*)(*)", loose="record"),
    "vehicle.document": Kind("****##(*)(*)(*)(*)(*)(*)", loose="record"),
    "health.us_mbi": Kind("#@*#@*#@@##", "us_mbi", loose="record"),
    "health.us_npi": Kind("##########", "us_npi", loose="record"),
    "health.us_dea": Kind("@*#######", "us_dea", loose="record"),
    "health.mrn": Kind(loose="record"),
    "health.insurance": Kind(loose="record"),
    "health.gb_nhs": Kind("### ### ####", "gb_nhs", loose="record"),
    "health.gb_chi": Kind("##########", "gb_chi", loose="record"),
    "health.ca_bc_phn": Kind("##########", "ca_bc_phn", loose="record"),
    "health.ca_on_hcn": Kind("##########(@)(@)", "ca_on_hcn", loose="record"),
    "health.ca_ramq": Kind("@@@@########", "ca_ramq", loose="record"),
    "health.de_kvnr": Kind("@#########", "de_kvnr", loose="record"),
    "health.de_lanr": Kind("#########", "de_lanr", loose="record"),
    "health.fr_rpps": Kind("###########|#########", "fr_rpps", loose="record"),
    "health.au_medicare": Kind("##########(#)|##########-#", "au_medicare", loose="record"),
    "health.au_ihi": Kind("################", "au_ihi", loose="record"),
    "health.nz_nhi": Kind("@@@####|@@@##@@", "nz_nhi", loose="record"),
    "health.br_cns": Kind("###############", "br_cns", loose="record"),
    "health.pt_utente": Kind("#########", loose="record"),
    "health.es_cip": Kind("@@@@##########|@@@@########@@|BBBBBBBB######|@@##########", loose="record"),
    "health.ru_oms": Kind("################", loose="record"),
    "health.icd10": Kind("@#*|@#*.#(*)(*)(*)", "icd10", loose=""),
    "health.us_medicaid": Kind("##########", loose="record"),
    "health.device": Kind(loose="record"),
}
