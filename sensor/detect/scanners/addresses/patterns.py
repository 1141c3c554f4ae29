"""
The expressions of the address scanner, compiled when the first address is looked at.

Python's ``re`` on text, always at a given place and with an end: every quantifier is bounded, none stands
inside another over the same characters, and a window is at most a few hundred characters.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from sensor.detect.scanners.addresses.words import COUNTRIES, REGIONS, STATE_CODES, STATE_NAMES

__all__ = ["Patterns", "patterns"]

UP: Final = "A-ZÀ-ÖØ-ÞĀ-ŽȘȚΑ-ΩΆΈ-ΏЀ-Я"
CAP: Final = f"(?:(?:Ste?|Mt|Ft|Sta|Sto|[A-Z])\\.|[{UP}][\\w'’-]{{0,24}}(?:\\.[{UP}][\\w'’-]{{0,24}}){{0,2}})"
SMALL: Final = (
    "(?:de|du|des|del|della|delle|dei|degli|di|da|do|dos|das|e|y|la|le|les|los|las|el|van|von|der|den|dem|"
    "het|of|the|"
    "and|und|im|am|an|in|sur|sous|aux|à|en|nad|pod|bei|ob|na|op|aan|bij|upon|on|under|cedex|lès|den|i|v|u|"
    "s/|d'|l'|al)"
)
CITY: Final = (
    f"(?:d'|l'|L'|D'|'s-|’s-|'t )?{CAP}(?:[ -](?:{SMALL}[ -]){{0,2}}(?:(?:nell|dell|dall|sull|all|d|l|"
    f"L)['’])?{CAP}"
    f"|[ -]\\d{{1,2}}(?!\\w)| \\([A-Z][a-zé]{{2,20}}\\)){{0,3}}"
)
NUMBER: Final = (
    r"\d{1,5}(?: [A-H] \d{1,3}(?!\w)|(?:[A-Za-zА-Яа-я]| [A-ZА-Я])(?![\w'’.:])| [a-d](?=[,;)\n]|\Z))?(?: "
    r"?[-–/+] ?\d{1,5} ?[A-Za-z]?(?!\w)|"
    r"[-/][A-Za-z](?!\w)){0,3}"
    r"(?: ?(?:bis|ter|quater)\b)?"
)

CODE: Final = (
    r"(?:[A-Z]{1,3}-)?(?:\d{5}-\d{3}|\d{5}-\d{4}|\d{4}-\d{3}|\d{2}\.\d{3}-\d{3}|\d{2}-\d{3}|\d{8}|\d{6}|"
    r"\d{3} \d{3}|\d{5}|"
    r"\d{3} \d{2}|\d{4} ?[A-Z]{2}(?![\w])|\d{4})(?![\w])"
)
"""A postal code that is mostly digits."""
LETTERED: Final = (
    r"(?:[A-PR-UWYZ][A-HK-Y]?\d[\dA-Z]? ?\d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPR-TVXY]\d[A-Z][ -]?\d[A-Z]\d|"
    r"[A-HJ-NP-Z]\d{4}[A-Z]{3}|(?:D[0-2]\d|D6W|[AC-FHKNPRTV-Y]\d[\dW]) ?[0-9AC-FHKNPRTV-Y]{4})(?!\w)"
)
"""A postal code of Britain, Canada or Ireland."""

BREAK: Final = (
    r"(?:[ \t]*(?:,|;|\||–|—|•|·|\\r\\n|\\n|<br ?/?>|\r?\n[ \t>?*|]{0,12})[ \t]{0,4}){1,3}"
    r"|[ \t]{1,3}[-/][ \t]{1,3}|[-/]|[ \t]{1,3}"
)
"""What stands between two parts of an address."""

SECONDARY: Final = (
    r"(?:(?:Apt|APT|apt|Apartment|apartment|Suite|SUITE|suite|Ste|STE|ste|Unit|UNIT|unit|Flat|FLAT|flat|"
    r"Floor|floor|Fl|Room|"
    r"ROOM|Rm|Bldg|Building|Block|Lot|Trlr|PMB|Level|Shop|Office|Tower|Wing|Plot|House No|H\.? ?No|Door No|"
    r"Wohnung|Whg|WE|Etage|Haus|Stiege|Tür|Top|Hinterhaus|Zimmer|App|app|Appt|appt|Appartement|appartement|"
    r"Bât|bât|Bâtiment|"
    r"bâtiment|Bat|Esc|esc|Escalier|escalier|Porte|porte|Résidence|résidence|Lotissement|Bte|bte|Boîte|"
    r"boîte|Bus|bus|"
    r"Piso|piso|Puerta|puerta|Pta|pta|Escalera|escalera|Planta|planta|Portal|portal|Bloque|bloque|Dto|Dpt|"
    r"Depto|depto|Dpto|dpto|"
    r"Departamento|departamento|Oficina|Of|Local|Torre|Lote|Mz|RD|Manzana|Edificio|Edif|Interior|interior|"
    r"Int|int|Exterior|"
    r"Interno|interno|Scala|scala|Piano|piano|Edificio|Appartamento|Palazzina|Apto|apto|Ap|ap|Apartamento|"
    r"apartamento|"
    r"Bloco|bloco|Bl|bl|Sala|sala|Conj|conj|Casa|casa|Andar|andar|Fração|lok|m|mieszkania|piętro|klatka|"
    r"кв|квартира|корп|корпус|к|стр|строение|подъезд|этаж|оф|офис|пом|помещение|комн|лит|"
    r"lgh|Lgh|lägenhet|leil|lejl|as|rappu|porras|vån|H|Kat|Daire|daire|D|kat|byt|sc|bl|et|ap|emelet|em|ajtó)"
    r"\b\.?:? ?(?:nr\.? ?|no\.? ?|n[º°] ?|№ ?|# ?)?(?:\d{1,5} ?[A-Za-z]?(?![\w])(?:[-/]\w{1,4})?|"
    r"[A-Z]{1,2}\d{0,4}(?!\w)|(?i:izq|dcha|ctro)\w*\.?)"
    r"|# ?\d{1,5}[A-Za-z]?(?!\w)|No\.? ?\d{1,4}[A-Za-z]?(?!\w)"
    r"|(?:\d{1,2}(?:st|nd|rd|th)|[Ff]irst|[Ss]econd|[Tt]hird|[Gg]round|[Tt]op) [Ff]loor(?: [Ff]lat)?"
    r"|\d{1,2}\. ?(?:OG|Obergeschoss|Stock|Etage|etage|sal|kerros|patro|emelet|em\.|kat)(?!\w)|(?:EG|DG|"
    r"Erdgeschoss|Dachgeschoss)(?!\w)"
    r"|\d{1,2}(?:er|ère|e|ème|ᵉ) (?:étage|etage)|RDC(?!\w)|rez-de-chaussée"
    r"|\d{1,2}\.? ?[ºª°o]\.? ?(?:[A-Z](?!\w)|(?i:izq|dcha|dto|drt|esq|esquerdo|direito|andar|piso|"
    r"izquierda|derecha|centro|puerta|pta)[a-z]*\.?(?: ?\d{1,2} ?ª)?)"
    r"|\d{1,2} ?[ºª°](?:[,-]? ?\d{1,2} ?[ºª])?(?!\w)"
    r"|(?:\d{1,2}|st|kl)\. ?(?:tv|th|mf)\.?(?!\w)"
    r"|[A-ZÄÖ] \d{1,3}(?![\w,.])|(?:hs|huis|bg|boven)(?!\w)"
    r")"
)
"""A flat, a floor, a suite."""

PLACE: Final = (
    r"(?:(?:Rose|The|Old|New|Park|Oak|[A-Z][\w'’.-]{1,20}) ){1,3}(?:House|Court|Building|Buildings|Tower|"
    r"Towers|Cottage|Hall|Lodge|"
    r"Farm|Mansions?|Apartments?|Villas?|Plaza|Cent(?:er|re)|Complex|Chambers|Estate|Park|Heights|Point|"
    r"Works|Mill|Barn|Bungalow|"
    r"Society|Residency|Enclave|Nagar|Colony)"
)
"""A house with a name."""

LOCAL: Final = (
    r"(?:(?:[Cc]ol(?:onia|\.)|COL\.|[Bb]arrio|B°|Bº|Fracc(?:ionamiento|\.)|[Uu]rb(?:anizaci[óo]n|\.)|"
    r"[Dd]el(?:egaci[óo]n|\.)|"
    r"Alcald[íi]a|[Bb]airro:?|Jardim|Vila|Setor|Parque|Loc(?:alit[àa]|\.)|Fraz(?:ione|\.)|Lieu-dit|"
    r"lieu-dit|Ortsteil|OT|"
    r"[Mm]ahallesi|dzielnica|п\.|пос\.|с\.|дер\.|г\.|гор\.|город|р-н|обл\.|мкр\.?|пгт|ст\.) ?[^\W_][\w'’ "
    r".-]{1,30}?"
    r"|[^\W\d_][\w'’-]{2,24}(?:ский|ская|ий|ой) (?:район|р-н|область|обл\.?|край|округ)|Республика "
    r"[А-Я][а-я]+"
    r"|(?:[^\W\d_][\w'’-]{1,20} ){1,3}(?:Mah\.|Mahallesi|Mh\.))(?=[,;\n\"']|$| \d| -)"
)
"""A quarter or a village that is marked as one."""

BOX: Final = (
    r"(?:(?i:p\.? ?o\.? ?box|post office box|gpo box|locked bag|private bag)|PMB|POB|Postfach|Postbus|"
    r"Postboks|Postbox|Apartado"
    r"(?: de Correos| Postal)?|Apdo\.?(?: de Correos)?|Casella [Pp]ostale|C\.P\.|Caixa [Pp]ostal|"
    r"Skr(?:ytka|\.) ?[Pp](?:ocztowa|oczt\.)|"
    r"Bo[îi]te [Pp]ostale|BP|B\.P\.|CS|Case [Pp]ostale|Casier [Pp]ostal|Pf\.|PL|а/я|"
    r"PSC \d{1,5},? Box|Unit \d{1,5},? Box|(?:RR|R\.R\.|HC|Rural Route) ?#?\d{1,3},? Box|Box)"
    r"[ :#]{0,3}(?:[Nn][or]?[.º°]{0,2} ?)?[A-Z]?\d{1,6}(?:[ -]?\d{2,4}){0,2}(?:[A-Z])?(?!\w)"
)


class Patterns:
    """Everything compiled."""

    __slots__ = (
        "apo", "apo_back", "box", "break_", "city", "city_behind", "city_code", "city_end", "code",
        "code_after", "corner", "country", "country_back", "cut", "digit", "digits", "en", "en_road",
        "field", "form_key",
        "json_key", "key_lead", "key_tail", "key_word", "lead_number", "left_code", "lettered",
        "local", "low_corner", "lower_state",
        "mark_back",
        "number",
        "number_back", "paren_code", "place", "plain_value", "region", "region_after", "run_on",
        "secondary_back", "seg_number_first", "state_back", "tagged", "token", "town", "unit", "word",
    )  # fmt: skip

    def __init__(self) -> None:
        compile_ = re.compile
        region = f"(?:{STATE_NAMES}|{STATE_CODES}|{REGIONS}|[A-Z]{{2,4}}|\\([A-Z]{{2}}\\))"
        self.token = compile_(
            r"(?:[dlDL]['’])?[^\W\d_](?:[\w'’-]|\.(?=\w|,? ?[\w]))*\.?|\d{1,2}(?:st|nd|rd|th|er|º|ª|°|"
            r"\.)?(?= ?(?:[^\W\d_]{2}|N[°º.]|#|№))"
        )
        self.number = compile_(NUMBER)
        self.mark_back = compile_(r"[ ,]{1,2}(?:(?:[Nn][or]|д|дом|№)[.:]{0,2} ?)?\Z")
        self.number_back = compile_(
            r"(?<![\w.,/$€£%-])(?:(?:No|Nr|N)[.º°]{1,2} ?|# ?)?\d{1,5}(?:[-–/]\d{1,4})?(?: "
            r"?[A-Za-z](?!\w))?(?: ?(?:bis|ter|quater))?(?:,? ?|, ?)\Z",
            re.IGNORECASE,
        )
        self.lead_number = compile_(r"(?<![\w.,/$€£%-])\d{1,6}[A-Za-z]? \Z")
        number = (
            r"(?<![\w.$€£%+/-])(?:(?:No|Nr|H\.? ?No|House No|Plot(?: No)?|Door No)\.? ?|"
            r"#)?\d{1,6}(?:[-–/]\d{1,5})?(?: ?1/2| ½)?"
            r"(?: ?[A-Za-z](?= ))?(?:[A-Za-z](?=,))?"
        )
        self.en = compile_(
            number + r",? (?P<name>(?:(?!\d+,? )[^\W_][\w'’./-]{0,20},? ){0,4})(?P<type>[A-Za-z]+)\Z"
        )
        self.en_road = compile_(
            number + r",? (?:[NSEW]\.? |North |South |East |West )?"
            r"(?:U\.?S\.? |State |County |Old |Farm(?: to Market)? )?"
            r"(?:(?:Highway|Hwy\.?|Route|Rte|Rt|Road|Rd|County Road|CR|FM|SR|Interstate) "
            r"\d{1,5}[A-Z]?(?!\w)|Avenue of the [A-Z][a-z]+)"
        )
        self.break_ = compile_(BREAK)
        self.digit = compile_(r"\d")
        self.cut = compile_(r"(?s:.*)(?:[,\n;|\t\"(]|:(?= )|\.(?= )|\\n)")
        self.word = compile_(r"[^\W_][\w'’]*")
        code_or = f"(?:{CODE}|{LETTERED})(?:-\\d{{4}})?"
        self.unit = compile_(f"{SECONDARY}|{BOX}")
        self.digits = compile_(
            f"(?P<unit>{SECONDARY})|(?P<code>{CODE}(?:(?:,? {{1,2}}| - |,?\\r?\\n[ \\t>]*)(?:d[aeo]s? "
            f")?{CITY})?)"
        )
        self.tagged = compile_(
            f"[A-Za-zé.]{{2,14}}:? ?{CODE}(?: {CITY})?|[A-Z]{{1,3}}[- ]{CODE}(?:,? {CITY})?"
        )
        self.apo_back = compile_(
            r"(?i:(?:psc|unit|cmr) ?\d{1,5},? box \d{1,6}|us[a-z]{1,3} "
            r"[^\W\d_][\w'-]{1,20})[,\s]{1,3}(?i:[afd]po),? \Z"
        )
        self.apo = compile_(r"(?:APO|FPO|DPO),? A[AEP] \d{5}(?:-\d{4})?")
        self.local = compile_(LOCAL)
        self.paren_code = compile_(f"\\((?:{CODE}|[A-HJ-NP-Z]\\d{{4}}[A-Z]{{3}})\\) {CITY}")
        self.place = compile_(f"{PLACE}(?=[,;\\n]|$)")
        self.region = compile_(
            f"(?:{STATE_NAMES}|{STATE_CODES}|{REGIONS})(?![\\w'’-])|\\([A-Z]{{2}}\\)|"
            f"[A-Z]{{2,4}}(?![\\w'’-])|Regi[óo]n [A-Z]\\w+|Regi[óo]n de(?:l| la| los)? [A-Z][\\w'’]+(?: "
            f"[A-Z]\\w+)?"
            f"|[A-Za-z]{{1,3}}(?=[ \\t]*\\n[ \\t>?*|]*(?:\\d{{4,6}}(?!\\w)|{COUNTRIES}))"
        )
        self.town = compile_(
            f"(?P<lettered>{LETTERED}(?: {CITY})?)"
            f"|{CITY},?(?: ?\\n ?| ?[-–/] ?| |(?<=,)){region}(?:,| -)?\\s{{1,3}}{code_or}"
            f"|{CITY}(?:,? ?\\n? ?| [-–] ?|-| )(?:C\\.?P\\.? ?)?(?:{LETTERED}|"
            f"\\d{{5}}(?:-\\d{{3,4}})?(?!\\w)|\\d{{6}}(?!\\w)"
            f"|\\d{{3}} \\d{{3}}(?!\\w)|\\d{{4}}(?![\\w-]))"
        )
        self.code_after = compile_(
            f"(?:(?:,? ?\\n ?|,? | ?[-–/] ?|,){region})?(?:,? ?\\n ?|,? | [-–] |-)(?:C\\.?P\\.? "
            f"?)?(?:\\d{{5}}(?:-\\d{{3,4}})?|\\d{{6}}|\\d{{3}} \\d{{3}}"
            r"|\d{4})(?![\w-])"
        )
        self.region_after = compile_(
            f"(?:, ?| [-–/] ?|/| )(?:(?:{STATE_CODES}|{REGIONS}|[A-Z]{{2}}|\\([A-Z]{{2}}\\))(?![\\w'’-])|"
            f"(?:{STATE_NAMES})(?!\\w))"
        )
        self.city_end = compile_(r"\s*[,.;:!?)\]\n\r\"'|<&\\»”]|\s*\Z|\t| - | [a-zа-я(]")
        states = f"{STATE_CODES}|{STATE_NAMES}".lower()
        countries = "|".join(
            name.lower() for name in COUNTRIES.split("|") if name.isalpha() and len(name) > 3
        )
        self.lower_state = compile_(
            r"[, ]{1,3}(?:[^\W_A-Z#][\w.'-]{0,20}[, ]{1,2}|# ?\d{1,5} ){1,8}(?:"
            rf"(?:{states}),? \d{{5}}(?:-\d{{4}})?|(?:{countries})(?:,? \d{{4,6}})?)(?!\w)"
        )
        self.country_back = compile_(f"(?<![\\w-])(?:{COUNTRIES})\\Z")
        self.code = compile_(CODE)
        self.lettered = compile_(LETTERED)
        self.city = compile_(CITY)
        self.city_behind = compile_(f"(?:,? {{1,2}}| - )({CITY})")
        self.state_back = compile_(f"(?<![\\w-])(?:{STATE_NAMES}|{STATE_CODES}),?\\s{{1,2}}\\Z")
        self.city_code = compile_(
            f"{CITY}(?:(?:,? ?| [-–/] ?|/)(?:{region}))?(?:,| -)?[\\s,-]{{0,3}}(?:C\\.?P\\.? ?)?\\Z"
        )
        self.left_code = compile_(
            f"(?:{CODE}|{LETTERED})(?:,? {CITY})?|{CITY} (?:{LETTERED}|{CODE})|{SECONDARY}|{BOX}|{PLACE}|"
            f"{COUNTRIES}|{LOCAL}"
            f"|c/o {CITY}|(?:г|[дкхсп]|ст|рп|пгт)\\. [А-Я][\\w-]+(?: [А-Я][\\w-]+)?(?: \\([\\w.]+\\))?|"
            f"(?:{CITY})(?: {SECONDARY})|(?:{REGIONS})"
        )
        self.secondary_back = compile_(f"(?<![\\w-])(?:{SECONDARY})[ ,]{{1,2}}\\Z")
        self.seg_number_first = compile_(
            r"(?<![\w.$€£%+/-])\d{1,6}[A-Za-z]?(?:[-–/]\d{1,4}[A-Za-z]?)?,? "
            r"(?P<name>(?:[^\W\d_][\w'’.-]{0,22} |\d{1,3}(?:st|nd|rd|th)? ){0,5}"
            r"(?:[^\W\d_][\w'’.-]{0,22}|\d{1,3}(?:st|nd|rd|th)))\.?\Z"
        )
        self.run_on = compile_(
            r"(?<![\w.$€£%+/-])\d{1,6}[A-Za-z]?(?:-\d{1,4})? (?P<name>(?:(?:[^\W_]|#)[\w'’.#/&-]{0,20},? "
            r"){2,10})\Z"
        )
        self.box = compile_(BOX)
        word = f"(?:{CAP}|\\d{{1,3}}(?:st|nd|rd|th))"
        side = f"(?:\\d{{1,5}} )?(?:ul\\. |C/ )?{word}(?: (?:{SMALL} ){{0,2}}{word}){{0,4}}\\.?"
        self.corner = compile_(
            f"{side}(?: \\d{{1,5}}\\.?)?(?: [Ss]t\\.?)?,? (?:and|&) {side}(?: \\d{{1,5}})?"
        )
        low = r"(?:[^\W_][\w'’.-]{0,20} ){1,4}"
        self.low_corner = compile_(f"{low}and (?:[^\\W_][\\w'’.-]{{0,20}} ){{0,3}}[^\\W_][\\w'’-]{{1,20}}")
        self.country = compile_(f"(?:{COUNTRIES})(?![\\w-])")
        self.json_key = compile_(
            r"\s{0,4},?\s{0,20}(?P<quote>[\"'])[A-Za-z_]{0,16}?(?i:zip|zip_?code|postal_?code|post_?code|"
            r"postcode|plz|city|town|locality|"
            r"state|region|province|county|country|ort|stadt|ville|cp|code_?postal|ciudad|localidad|"
            r"municipio|provincia|cap|citta|città|"
            r"comune|cidade|cep|bairro|estado|miasto|kod_?pocztowy|plaats|woonplaats|stad|postnummer|"
            r"postort|unit|apt|suite|line_?2|"
            r"line_?3|address_?2|addr2|number|house_?number|hausnummer|huisnummer|numero|nr|город|индекс|"
            r"дом|квартира)"
            r"(?P=quote)\s{0,2}:\s{0,2}(?:(?P<open>[\"'])(?P<value>[^\"'\n]{1,60})(?P=open)|"
            r"(?P<bare>\d{1,6})(?=[\s,}]))"
        )
        self.form_key = compile_(
            r"[ \t]{0,4}(?:\r?\n|[;|,]|[ \t]{2})[ \t>*-]{0,8}(?i:zip|zip ?code|postal ?code|post ?code|"
            r"postcode|plz|postleitzahl|city|town|city/town|locality|"
            r"state|region|province|county|country|ort|stadt|wohnort|land|ville|code postal|pays|ciudad|"
            r"localidad|municipio|provincia|"
            r"código postal|c\.?p\.?|país|cap|citt[àa]|comune|paese|cidade|cep|bairro|estado|miasto|"
            r"miejscowość|kod pocztowy|kod|"
            r"plaats|woonplaats|postcode en plaats|stad|postnummer|postort|ort|by|poststed|kaupunki|"
            r"postinumero|unit|apt|suite|"
            r"address line [23]|address 2|город|индекс|почтовый индекс|страна|дом|квартира)"
            r"[ \t]{0,3}[:=][ \t]{0,4}(?P<value>[^\W_][^\n\r;|\t:]{1,50}?)(?=[ \t]*(?:[\n\r;|\t]|$|,[ "
            r"]?[A-Z][a-z]+:))"
        )
        # Keys in three steps: one expression for all of it takes a microsecond for every three characters.
        self.key_word = compile_(
            "addr|street|strasse|straße|anschrift|adres|direcci|domicilio|indirizzo|residenza|endere|morada|"
            "logradouro|osoite|calle|rue|straat|ulica|via|rua|gade|gata|thoroughfare|cím|lakcím|адрес"
        )
        self.key_lead = compile_(r"(?<!\w)[A-Za-z]{0,12}_?\Z")
        self.key_tail = compile_(
            r"(?i:(?:address|addr|street|strasse|straße|anschrift|adresse|adress|adres|"
            r"adresa|adresi|direcci[óo]n|domicilio|"
            r"indirizzo|residenza|endere[çc]o|morada|logradouro|osoite|calle|rue|straat|ulica|via|rua|gade|"
            r"gata|thoroughfare|cím|lakcím|адрес[а-яё]*|"
            r"адресу)(?:[ _-]?(?:line|address|name|postale|postal|completa|zamieszkania|доставки|"
            r"проживания|регистрации))?[ _-]?[123]?)"
            r"[\"']?(?:\s{0,3}[:=]\s{0,3}| is | to | ist | est | es | è | é )[\"']?"
        )
        self.field = compile_(r"[^\n\r\"<>|\t{}\[\];]{3,160}")
        self.plain_value = compile_(r"[=@{}\\]|://|\d\.\d+\.\d|::|[0-9a-fA-F]{2}:[0-9a-fA-F]{2}:|0x|\(\)")


@functools.lru_cache(maxsize=1)
def patterns() -> Patterns:
    """The one set of them."""
    return Patterns()
