"""
Labelled texts with payment, contact, network and date values: sentences, chats, letters, JSON, CSV, forms.

Values are made here from the standards' structure, not by what finds them. ``generate`` needs nothing beyond
the standard library; ``generate_with_faker`` fills the same frames with Faker's values, an independent second
source for development. A quarter of the texts are hard negatives: versions, packages, timestamps, ids, hex.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Labelled", "generate", "generate_with_faker", "negatives"]

Labelled = tuple[str, list[tuple[int, int, str]]]
"""A text, and (start, end, type) of each value in it, in code points."""

DIGITS = "0123456789"


def _digits(source: random.Random, count: int) -> str:
    return "".join(source.choice(DIGITS) for _ in range(count))


# --- values -------------------------------------------------------------------------------------------

_CARDS = (
    ("4", 16), ("4", 16), ("4", 16), ("51", 16), ("53", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34",
    15), ("37", 15),
    ("6011", 16), ("65", 16), ("3530", 16), ("36", 14), ("305", 14), ("62", 16), ("2202", 16), ("5018", 16),
    ("4", 19), ("6304", 18),
)  # fmt: skip


def _card(source: random.Random) -> str:
    prefix, length = source.choice(_CARDS)
    body = prefix + _digits(source, length - len(prefix) - 1)
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 * (value > 9)
    number = body + str(-total % 10)
    mark = source.choice([" ", " ", "-", "", "", "."])
    if length == 15:
        groups = [number[:4], number[4:10], number[10:]]
    elif length == 14:
        groups = [number[:4], number[4:10], number[10:]]
    else:
        groups = [number[at : at + 4] for at in range(0, length, 4)]
    return mark.join(groups)


_IBANS = {
    "DE": "n18", "FR": "n10c11n2", "GB": "a4n14", "ES": "n20", "IT": "a1n10c12", "NL": "a4n10", "CH": "n5c12",
    "AT": "n16",
    "BE": "n12", "PL": "n24", "SE": "n20", "NO": "n11", "DK": "n14", "FI": "n14", "PT": "n21", "IE": "a4n14",
    "CZ": "n20",
    "HU": "n24", "RO": "a4c16", "GR": "n7c16", "TR": "n6c16", "SA": "n2c18", "AE": "n19", "MT": "a4n5c18",
    "LU": "n3c13",
    "HR": "n17", "BG": "a4n6c8", "LT": "n16", "LV": "a4c13", "EE": "n16", "SK": "n20", "SI": "n15",
    "CY": "n8c16", "IL": "n19",
    "BR": "n23a1c1", "GI": "a4c15", "LI": "n5c12", "MC": "n10c11n2", "UA": "n6c19", "KZ": "n3c13",
    "QA": "a4c21", "JO": "a4n4c18",
}  # fmt: skip


def _check_97(country: str, body: str) -> str:
    number = "".join(str(int(letter, 36)) for letter in body + country + "00")
    return f"{98 - int(number) % 97:02d}"


def _iban(source: random.Random) -> str:
    country = source.choice(sorted(_IBANS))
    body = ""
    kind = ""
    count = ""
    for letter in _IBANS[country] + " ":
        if letter.isdigit():
            count += letter
            continue
        if kind:
            alphabet = {
                "n": DIGITS,
                "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                "c": "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ",
            }[kind]
            body += "".join(source.choice(alphabet) for _ in range(int(count)))
        kind, count = letter, ""
    value = country + _check_97(country, body) + body
    form = source.random()
    if form < 0.5:
        return value
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))


_LOCAL = (
    "anna",
    "j.doe",
    "max_m",
    "kim-lee",
    "sofia.r",
    "t.b",
    "info",
    "hr.dept",
    "o'neil",
    "peter+shop",
    "x9",
    "ivan.p",
    "li.wei",
)
_HOSTS = (
    "example", "mail.example", "acme-corp", "post", "uni-west", "my.shop", "web", "firma", "dept.uni", "k9",
    "sub.sub2.host", "müller", "école",
)  # fmt: skip
_TOPS = (
    "com",
    "org",
    "net",
    "de",
    "co.uk",
    "fr",
    "es",
    "it",
    "io",
    "nl",
    "com.br",
    "co.jp",
    "ru",
    "info",
    "email",
    "dev",
    "edu",
    "swiss",
    "museum",
)


def _email(source: random.Random) -> str:
    local = source.choice(_LOCAL) + source.choice(
        ["", "", str(source.randrange(100)), "_" + _digits(source, 3)]
    )
    host = f"{source.choice(_HOSTS)}.{source.choice(_TOPS)}"
    plain, first = local.replace("'", ""), host.split(".")[0].encode("ascii", "ignore").decode()
    form = source.random()
    if form < 0.04:
        return f'"{local} x"@{host}'
    if form < 0.07:
        return f"{plain} at {first}x dot com"
    if form < 0.10:
        return f"{plain} [at] {first}x [dot] org"
    if form < 0.14:
        return f"{local}@{host}".upper()
    return f"{local}@{host}"


def _ipv4(source: random.Random) -> str:
    form = source.random()
    if form < 0.25:
        return f"10.{source.randrange(256)}.{source.randrange(256)}.{source.randrange(1, 255)}"
    if form < 0.4:
        return f"192.168.{source.randrange(256)}.{source.randrange(1, 255)}"
    while True:
        first = source.randrange(1, 224)
        value = f"{first}.{source.randrange(256)}.{source.randrange(256)}.{source.randrange(1, 255)}"
        if first != 127 and not value.startswith(("192.0.2.", "198.51.100.", "203.0.113.")):
            return value


def _ipv6(source: random.Random) -> str:
    groups = [f"{source.randrange(65536):x}" for _ in range(8)]
    form = source.random()
    if form < 0.5:
        return ":".join(groups)
    if form < 0.8:
        return "2a0" + groups[0][-1] + ":" + ":".join(groups[1:3]) + "::" + groups[4]
    return "fe80::" + ":".join(groups[2:6])


def _mac(source: random.Random) -> str:
    parts = [f"{source.randrange(256):02x}" for _ in range(6)]
    parts[0] = source.choice(["3c", "a4", "f0", "00", "58"])
    text = source.choice([":", ":", "-"]).join(parts)
    return text.upper() if source.random() < 0.4 else text


PHONE_FORMS: Mapping[str, tuple[str, ...]] = {
    "us": ("(N##) N##-####", "N##-N##-####", "+1 N## N## ####", "+1-N##-N##-####", "N##.N##.####",
    "1-800-N##-####", "(N##)N##-####",
           "+1 (N##) N##-####", "001-N##-N##-####", "N##-N##-####x###", "+1N##N######", "N##N######"),
    "gb": ("020 7### ####", "+44 20 7### ####", "07### ######", "+44 7### ######", "0161 ### ####",
    "(0121) ### ####", "01### ######", "+44(0)1### ######"),
    "de": ("(030) #######", "030 / #######", "0171-#######", "0171 #######", "+49 30 ########",
    "+49 (0)89 ######", "0049 171 #######", "089/######", "+4915########", "0221 ######", "06221-######"),
    "fr": ("06 ## ## ## ##", "01.##.##.##.##", "+33 6 ## ## ## ##", "+336########", "06########",
    "+33 (0)1 ## ## ## ##", "07-##-##-##-##"),
    "es": ("6## ### ###", "+34 6## ### ###", "6## ## ## ##", "9########", "+346########",
    "(+34) 91 ### ## ##"),
    "it": ("3## #######", "+39 3## #######", "06 ########", "02-########", "+39 06 #######", "3## ### ####"),
    "nl": ("06-########", "06 ########", "+31 6 ########", "020-#######", "020 ### ####",
    "+31 (0)20 #######"),
    "be": ("0470 ## ## ##", "+32 470 ## ## ##", "02 ### ## ##"),
    "ch": ("044 ### ## ##", "+41 79 ### ## ##", "079 ### ## ##", "0041 44 ### ## ##"),
    "at": ("01 #######", "0664 #######", "+43 664 #######", "+43 1 #######"),
    "pl": ("### ### ###", "+48 ### ### ###", "22 ### ## ##", "+48 22 ### ## ##"),
    "se": ("070-### ## ##", "+46 70 ### ## ##", "08-### ### ##", "0701 ######"),
    "no": ("### ## ###", "+47 ### ## ###", "## ## ## ##"),
    "dk": ("## ## ## ##", "+45 ## ## ## ##", "+45########"),
    "fi": ("040 #######", "+358 40 #######", "050 ### ####"),
    "pt": ("91# ### ###", "+351 91# ### ###", "21# ### ###"),
    "ru": ("+7 9## ###-##-##", "8 (9##) ###-##-##", "8 9## ### ## ##", "+7 (495) ###-##-##", "89#########"),
    "ua": ("+380 44 ### ## ##", "067 ### ## ##"),
    "tr": ("0532 ### ## ##", "+90 532 ### ## ##", "0(212) ### ## ##"),
    "in": ("+91 9#### #####", "9#### #####", "+91-9#########", "9#########"),
    "jp": ("03-####-####", "090-####-####", "+81 3-####-####", "+81-90-####-####"),
    "cn": ("138########", "+86 138 #### ####", "139-####-####", "010-########"),
    "kr": ("010-####-####", "+82 10-####-####", "02-###-####"),
    "br": ("(11) 9####-####", "+55 11 9####-####", "(21) ####-####", "11 9####-####"),
    "mx": ("55 #### ####", "+52 55 #### ####", "(55) #### ####"),
    "ar": ("011 4###-####", "+54 11 4###-####", "+54 9 11 ####-####"),
    "au": ("04## ### ###", "(02) 9### ####", "+61 4## ### ###", "02 9### ####", "1300 ### ###"),
    "nz": ("021 ### ####", "+64 21 ### ####", "09 ### ####"),
    "za": ("082 ### ####", "+27 82 ### ####"),
    "ng": ("0803 ### ####", "+234 803 ### ####"),
    "ke": ("0722 ######", "+254 722 ######"),
    "eg": ("010 #### ####", "+20 10 #### ####"),
    "sa": ("05# ### ####", "+966 5# ### ####"),
    "ae": ("050 ### ####", "+971 50 ### ####"),
    "il": ("050-#######", "+972 50-###-####", "03-#######"),
    "gr": ("210 #######", "+30 210 ### ####", "694 ### ####"),
    "cz": ("### ### ###", "+420 ### ### ###"),
    "hu": ("06 30 ### ####", "+36 30 ### ####"),
    "ro": ("0722 ### ###", "+40 722 ### ###"),
    "ie": ("085 ### ####", "+353 85 ### ####", "01 ### ####"),
    "sg": ("9### ####", "+65 9### ####"),
    "hk": ("9### ####", "+852 9### ####"),
    "th": ("081 ### ####", "+66 81 ### ####"),
    "vn": ("0903 ### ###", "+84 903 ### ###"),
    "id": ("0812-####-####", "+62 812 #### ####"),
}  # fmt: skip
"""National and international forms; # any digit, N 2 to 9."""
_LANGUAGE_OF = {
    "us": "en", "gb": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "nl": "nl", "be": "nl",
    "ch": "de", "at": "de", "pl": "pl",
    "se": "sv", "pt": "pt", "ru": "ru", "ua": "ru", "tr": "tr", "jp": "ja", "cn": "zh", "kr": "ko",
    "br": "pt", "mx": "es", "ar": "es",
}  # fmt: skip


def _filled(source: random.Random, form: str) -> str:
    return "".join(
        source.choice(DIGITS) if c == "#" else source.choice("23456789") if c == "N" else c for c in form
    )


def _phone(source: random.Random, language: str = "en") -> str:
    fitting = [country for country in PHONE_FORMS if _LANGUAGE_OF.get(country, "en") == language] or ["us"]
    return _filled(source, source.choice(PHONE_FORMS[source.choice(fitting)]))


_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}


def _birth(source: random.Random, language: str = "en") -> str:
    year, month, day = source.randrange(1930, 2015), source.randrange(1, 13), source.randrange(1, 29)
    form = source.random()
    if language == "ja" or language == "zh":
        return f"{year}年{month}月{day}日" if form < 0.6 else f"{year}-{month:02d}-{day:02d}"
    if language == "ko":
        return f"{year}년 {month}월 {day}일" if form < 0.6 else f"{year}.{month:02d}.{day:02d}"
    name = _MONTHS.get(language, _MONTHS["en"]).split()[month - 1]
    if form < 0.2:
        return f"{year}-{month:02d}-{day:02d}"
    if form < 0.35:
        return f"{day:02d}/{month:02d}/{year}"
    if form < 0.5:
        return f"{day}.{month}.{year}"
    if form < 0.55:
        return f"{month}/{day}/{year % 100:02d}"
    if form < 0.6:
        return f"{day:02d}-{month:02d}-{year}"
    if language == "en":
        return source.choice(
            [
                f"{name} {day}, {year}",
                f"{day} {name} {year}",
                f"{name[:3]} {day}, {year}",
                f"{day}th of {name} {year}",
                f"{day}-{name[:3]}-{year}",
            ]
        )
    if language in ("es", "pt"):
        return f"{day} de {name} de {year}"
    if language == "de":
        return f"{day}. {name} {year}"
    return f"{day} {name} {year}"


def _base58check(source: random.Random, version: int) -> str:
    import hashlib

    raw = bytes([version]) + source.randbytes(20)
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    while number:
        number, rest = divmod(number, 58)
        text = alphabet[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def _crypto(source: random.Random) -> str:
    form = source.random()
    if form < 0.4:
        return _base58check(source, source.choice([0, 5]))
    if form < 0.5:
        return _base58check(source, 48)
    return "0x" + source.randbytes(20).hex()


def _imei(source: random.Random) -> str:
    body = "35" + _digits(source, 12)
    total = sum(v - 9 * (v > 9) for v in (int(d) * (1 + place % 2) for place, d in enumerate(body)))
    number = body + str(-total % 10)
    return source.choice([number, number, f"{number[:2]}-{number[2:8]}-{number[8:14]}-{number[14]}"])


def _account(source: random.Random) -> str:
    return _digits(source, source.choice([7, 8, 9, 10, 12]))


def _bic(source: random.Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    bank = "".join(source.choice(letters) for _ in range(4))
    return (
        bank
        + source.choice(["DE", "FR", "GB", "US", "NL", "CH", "ES"])
        + source.choice(["FF", "2A", "33", "HH"])
        + source.choice(["", "XXX"])
    )


def _coordinates(source: random.Random) -> str:
    lat, lon = source.uniform(-60, 70), source.uniform(-180, 180)
    return source.choice(
        [f"{lat:.4f}, {lon:.4f}", f"[{lat:.4f},{lon:.4f}]"[1:-1], f"{abs(lat):.4f}° N, {abs(lon):.4f}° E"]
    )


Maker = Callable[[random.Random, str], str]
_MAKERS: Mapping[str, Maker] = {
    "payment_card": lambda s, _: _card(s),
    "iban": lambda s, _: _iban(s),
    "email": lambda s, _: _email(s),
    "ip_address": lambda s, _: _ipv4(s) if s.random() < 0.7 else _ipv6(s),
    "mac_address": lambda s, _: _mac(s),
    "phone": _phone,
    "date_of_birth": _birth,
    "crypto_address": lambda s, _: _crypto(s),
    "imei": lambda s, _: _imei(s),
    "bank_account": lambda s, _: _account(s),
    "bic": lambda s, _: _bic(s),
    "card_cvv": lambda s, _: _digits(s, s.choice([3, 3, 4])),
    "card_expiry": lambda s, _: f"{s.randrange(1, 13):02d}/{s.choice(['', '20'])}{s.randrange(25, 34)}",
    "geo_coordinates": lambda s, _: _coordinates(s),
    "us_routing_number": lambda s, _: s.choice(
        ["021000021", "011401533", "091000019", "121000248", "322271627", "111000025"]
    ),
    "sort_code": lambda s, _: "-".join(_digits(s, 2) for _ in range(3)),
    "age": lambda s, _: str(s.randrange(18, 95)),
    "salary": lambda s, _: s.choice(["$", "€", "£"]) + f"{s.randrange(20, 300)},{_digits(s, 3)}",
    "employee_id": lambda s, _: s.choice(["E-", "EMP", "", "P"]) + _digits(s, 6),
    "customer_id": lambda s, _: s.choice(["C-", "CUST", "", "K"]) + _digits(s, 7),
}

# --- frames -------------------------------------------------------------------------------------------

_FRAMES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "payment_card": (
        ("en", "Please charge {} for the renewal."), ("en", "My credit card number is {}, thanks."), ("en",
        "he paid with {} yesterday"),
        ("de", "Bitte die Karte {} belasten."), ("fr", "Ma carte bancaire : {}"), ("es",
        "Mi tarjeta es {} y no funciona."),
        ("it", "Numero di carta: {}."), ("pt", "O cartão {} foi recusado."), ("nl", "Betaald met kaart {}."),
        ("pl", "Numer karty: {}"),
        ("ru", "номер карты {}"), ("ja", "カード番号は{}です。"), ("zh", "我的卡号是{}。"), ("en",
        '{{"card": {{"pan": "{}"}}}}'), ("en", "card={}&x=1"),
    ),
    "iban": (
        ("en", "Send it to IBAN {} please"), ("de", "Überweise auf {}."), ("fr", "Mon IBAN est {}, merci."),
        ("es", "IBAN: {}"),
        ("it", "bonifico su {}"), ("nl", "Graag overmaken naar {}."), ("pl", "rachunek {}"), ("en",
        '{{"iban":"{}"}}'), ("en", "wire to {} today"),
        ("ru", "Счёт {}"), ("en", "iban_number: {}"),
    ),
    "email": (
        ("en", "You can write to {} any time."), ("en", "<{}>"), ("de", "Schick es an {}, danke."), ("fr",
        "Mon adresse : {}."),
        ("es", "Mi correo es {}"), ("en", '{{"email": "{}"}}'), ("zh", "邮箱：{}，谢谢"),
        ("ja", "メールは{} までお願いします"),
        ("en", "mailto:{}"), ("en", "CC: {}; subject"),
        ("ru", "почта {}"),
    ),
    "ip_address": (
        ("en", "Login from {} failed."), ("en", "The server at {} is down"), ("de",
        "Zugriff von {} um 12:00."), ("en", '{{"ip": "{}"}}'),
        ("en", "client {} connected"), ("fr", "depuis l'adresse {}."), ("en", "[{}] GET /index"), ("en",
        "ping {}"),
    ),
    "mac_address": (("en", "The device {} joined."), ("en", "MAC: {}"), ("en", '{{"mac":"{}"}}'), ("de",
    "Gerät {} getrennt")),
    "phone": (
        ("en", "Call me at {} after five."), ("en", "My number is {}."), ("en", "phone: {}"), ("en",
        '{{"phone": "{}"}}'), ("en", "You can reach her on {}"),
        ("de", "Ruf mich unter {} an."), ("de", "Tel.: {}"), ("de", "Handy {}"), ("de",
        "Meine Nummer ist {}."), ("fr", "Mon téléphone : {}"), ("fr", "Appelez-moi au {}."),
        ("es", "Mi teléfono es {}"), ("es", "Llámame al {}."), ("it", "Il mio cellulare è {}"), ("it",
        "tel. {}"), ("pt", "Meu telefone é {}"), ("pt", "Ligue para {}."),
        ("nl", "Bel me op {}"), ("nl", "Telefoon: {}"), ("pl", "Zadzwoń pod {}"), ("pl", "tel. {}"), ("sv",
        "Ring mig på {}"), ("sv", "Telefon: {}"),
        ("ru", "Мой телефон {}"), ("ru", "звоните {}"), ("tr", "Telefon numaram {}"),
        ("ja", "電話番号は{}です"),
        ("zh", "我的手机号是{}。"), ("ko", "전화번호는 {} 입니다"),
        ("en", "WhatsApp {}"), ("en", "text {} when you land"),
    ),
    "date_of_birth": (
        ("en", "She was born on {}."), ("en", "DOB: {}"), ("en", "date of birth {}"), ("en",
        '{{"dateOfBirth": "{}"}}'), ("en", '{{"dob":"{}"}}'), ("en", "Birthday: {}"),
        ("de", "Geburtsdatum: {}"), ("de", "geboren am {}"), ("de", "geb. {}"), ("fr", "née le {}"), ("fr",
        "Date de naissance : {}"), ("es", "Fecha de nacimiento: {}"),
        ("es", "nació el {}"), ("it", "nato il {}"), ("it", "Data di nascita: {}"), ("pt",
        "Data de nascimento: {}"), ("pt", "nasceu em {}"), ("nl", "Geboortedatum: {}"), ("nl",
        "geboren op {}"),
        ("pl", "Data urodzenia: {}"), ("pl", "urodzona {}"), ("sv", "Födelsedatum: {}"), ("sv", "född {}"),
        ("ru", "дата рождения: {}"), ("ru", "родился {}"),
        ("tr", "doğum tarihi: {}"), ("ja", "生年月日：{}"), ("zh", "出生日期：{}"), ("ko", "생년월일: {}"),
    ),
    "crypto_address": (("en", "Send the coins to {} now"), ("en", "wallet: {}"), ("en",
    '{{"address":"{}"}}')),
    "imei": (("en", "The IMEI is {}."), ("en", "IMEI: {}"), ("en", '{{"imei":"{}"}}')),
    "bank_account": (
        ("en", "My account number is {}."), ("en", "Acct no: {}"), ("de", "Kontonummer: {}"), ("fr",
        "numéro de compte {}"), ("es", "Número de cuenta: {}"),
        ("it", "numero di conto {}"), ("nl", "rekeningnummer {}"), ("pl", "numer konta {}"), ("en",
        '{{"account_number": "{}"}}'), ("ru", "номер счета {}"),
    ),
    "bic": (("en", "BIC: {}"), ("en", "SWIFT code {}"), ("de", "BIC {}"), ("en", '{{"bic":"{}"}}')),
    "card_cvv": (("en", "CVV: {}"), ("en", "the cvv is {}"), ("en", '{{"cvc": "{}"}}'), ("de",
    "Prüfziffer {}"), ("es", "código de seguridad {}")),
    "card_expiry": (("en", "exp. date {}"), ("en", "valid thru {}"), ("en", "expires {}"), ("de",
    "gültig bis {}")),
    "geo_coordinates": (("en", "The coordinates are {}."), ("en", "GPS: {}"), ("de", "Koordinaten {}"), ("en",
    "I am at location {}")),
    "us_routing_number": (("en", "routing number {}"), ("en", '{{"routing_number":"{}"}}')),
    "sort_code": (("en", "Sort code: {}"), ("en", "sort code {} account below")),
    "age": (("en", '{{"age": {}}}'), ("en", "Age: {}"), ("de", "Alter: {}"), ("en", "he is aged {}")),
    "salary": (("en", "Her salary is {} a year."), ("de", "Jahresgehalt: {}"), ("en", "annual income {}"),
    ("fr", "salaire {}")),
    "employee_id": (("en", "employee id {}"), ("de", "Personalnummer {}"), ("en", '{{"employee_id":"{}"}}'),
    ("fr", "matricule {}")),
    "customer_id": (("en", "customer number: {}"), ("de", "Kundennummer {}"), ("en",
    '{{"customer_id":"{}"}}'), ("es", "número de cliente {}")),
}  # fmt: skip
_WEIGHTS = {
    "payment_card": 10, "iban": 8, "email": 10, "ip_address": 8, "phone": 20, "date_of_birth": 12,
    "mac_address": 3, "crypto_address": 3,
}  # fmt: skip
_FILLER = (
    "Thanks for the quick answer.", "Could you look at this today?", "We met last week in the office.",
    "The order has 12 items.", "Danke im Voraus.",
    "Merci d'avance.", "Gracias por todo.", "Version 2.4.1 works better.", "The meeting is at 14:30.",
    "See section 4.2 of the manual.",
)  # fmt: skip
_COLUMNS = {
    "phone": ("phone", "Mobile", "Telefon", "phone_number"), "date_of_birth": ("dob", "date_of_birth",
    "Geburtsdatum", "birth_date"),
    "email": ("email", "E-Mail"), "iban": ("iban", "IBAN"), "payment_card": ("card_number", "pan"),
    "bank_account": ("account_number", "acct no"),
    "card_cvv": ("cvv", "cvc"), "ip_address": ("ip", "last_ip"), "salary": ("salary", "annual salary"),
}  # fmt: skip


def _compose(pieces: Iterable[str | tuple[str, str]]) -> Labelled:
    text = ""
    spans = []
    for piece in pieces:
        if isinstance(piece, tuple):
            spans.append((len(text), len(text) + len(piece[0]), piece[1]))
            text += piece[0]
        else:
            text += piece
    return text, spans


def _sentence(source: random.Random, makers: Mapping[str, Maker], kind: str) -> list[str | tuple[str, str]]:
    language, frame = source.choice(_FRAMES[kind])
    value = makers[kind](source, language)
    if frame.startswith("{{"):
        value = json.dumps(value, ensure_ascii=False)[1:-1]
    head, _, rest = frame.partition("{}")
    return [head.replace("{{", "{"), (value, kind), rest.replace("}}", "}")]


def _table(source: random.Random, makers: Mapping[str, Maker]) -> list[str | tuple[str, str]]:
    kinds = source.sample(sorted(_COLUMNS), source.randrange(2, 5))
    mark = source.choice([",", ";", "\t", " | "])
    pieces: list[str | tuple[str, str]] = [
        "id" + "".join(mark + source.choice(_COLUMNS[kind]) for kind in kinds) + "\n"
    ]
    for row in range(source.randrange(2, 6)):
        pieces.append(str(row + 1))
        for kind in kinds:
            value = makers[kind](source, "en")
            quoted = mark == "," and ("," in value or '"' in value)
            pieces.append(mark + ('"' if quoted else ""))
            pieces.append((value.replace('"', '""') if quoted else value, kind))
            if quoted:
                pieces.append('"')
        pieces.append("\n")
    return pieces


def negatives(source: random.Random) -> str:
    """A text that looks like values and holds none."""
    number = source.randrange
    return source.choice(
        (
            f"pip install package=={number(9)}.{number(20)}.{number(40)}.{number(9)}",
            f"npm i left-pad@{number(9)}.{number(20)}.{number(40)}",
            f"git@{source.choice(['github.com', 'host.org'])}:acme/tool.git",
            f"@app.route('/x{number(99)}')\ndef f(): pass",
            f"version v{number(9)}.{number(20)}.{number(40)}.{number(99)} released "
            f"{2000 + number(26)}-0{1 + number(9)}-1{number(9)}",
            f"sha1 {source.randbytes(20).hex()} and md5 {source.randbytes(16).hex()}",
            f"ts={1600000000000 + number(10**11)} took {number(10**6)} ns",
            f"const x = {source.random()}; // {source.uniform(-1, 1)}",
            f"uuid {uuid.UUID(bytes=source.randbytes(16), version=4)}",
            f"00000{number(9)}0: {' '.join(source.randbytes(1).hex() for _ in range(16))}",
            f"OID 1.3.6.1.4.1.{number(9999)}.{number(99)}",
            f"bind to 0.0.0.0:{number(1, 65535)} and 127.0.0.1, mask 255.255.255.0",
            f"Total: {number(10**6):,} rows in {number(100)}.{number(99)} s, {number(10**9)} bytes",
            f"see RFC {number(1000, 9999)}, section {number(9)}.{number(9)}.{number(9)}.{number(9)}",
            f"price $ {number(100)}.{_digits(source, 2)} for {number(50)} units",
            f"std::vector<int> v{{{number(99)}, {number(99)}}}; a::b::c();",
            f"time {number(24):02d}:{number(60):02d}:{number(60):02d} on "
            f"{number(1, 28):02d}/{number(1, 12):02d}/{number(2000, 2026)}",
            f"array([[{source.random():.6f}, {source.random():.6f}], "
            f"[{source.random():.6f}, {source.random():.6f}]])",
            f"The phone number field must be a string of at most {number(10, 30)} characters.",
            f"ISBN 978-3-{_digits(source, 4)}-{_digits(source, 4)}-{number(10)}",
        )
    )


def _generate(seed: int, count: int, makers: Mapping[str, Maker]) -> Iterator[Labelled]:
    source = random.Random(f"contact {seed}")
    kinds = sorted(makers)
    weights = [_WEIGHTS.get(kind, 2) for kind in kinds]
    for _ in range(count):
        form = source.random()
        if form < 0.25:
            yield negatives(source), []
        elif form < 0.35:
            yield _compose(_table(source, makers))
        elif form < 0.5:
            pieces: list[str | tuple[str, str]] = []
            for kind in source.choices(kinds, weights, k=source.randrange(2, 4)):
                pieces += [
                    source.choice(["A: ", "B: ", "User: ", "- "]),
                    *_sentence(source, makers, kind),
                    "\n",
                ]
            yield _compose(pieces)
        else:
            kind = source.choices(kinds, weights)[0]
            before = source.choice([*_FILLER, ""])
            after = source.choice([*_FILLER, ""])
            yield _compose(
                [before, " " if before else "", *_sentence(source, makers, kind), " " if after else "", after]
            )


def generate(seed: int, count: int) -> Iterator[Labelled]:
    """``count`` texts, the same for the same seed."""
    return _generate(seed, count, _MAKERS)


def generate_with_faker(seed: int, count: int) -> Iterator[Labelled]:
    """The same frames with Faker's values. Needs Faker, which is no part of what runs."""
    from faker import Faker

    locales = {
        "en": "en_US", "de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "pt": "pt_BR",
        "nl": "nl_NL", "pl": "pl_PL", "sv": "sv_SE",
        "ru": "ru_RU", "tr": "tr_TR", "ja": "ja_JP", "zh": "zh_CN", "ko": "ko_KR",
    }  # fmt: skip
    fakers = {language: Faker(locale) for language, locale in locales.items()}
    for number, fake in enumerate(fakers.values()):
        fake.seed_instance(seed + number)
    makers: dict[str, Maker] = {
        "payment_card": lambda s, g: str(fakers["en"].credit_card_number()),
        "iban": lambda s, g: str(fakers[s.choice(["en", "de", "fr", "es", "it", "nl", "pl", "pt"])].iban()),
        "email": lambda s, g: str(fakers[s.choice(["en", "de", "fr", "es"])].email()),
        "ip_address": lambda s, g: str(fakers["en"].ipv4() if s.random() < 0.7 else fakers["en"].ipv6()),
        "mac_address": lambda s, g: str(fakers["en"].mac_address()),
        "phone": lambda s, g: str(fakers[g].phone_number()),
        "date_of_birth": lambda s, g: (
            fakers["en"].date_of_birth().strftime(s.choice(["%Y-%m-%d", "%d/%m/%Y", "%B %d, %Y", "%d.%m.%Y"]))
        ),
        "bic": lambda s, g: str(fakers["en"].swift()),
        "card_cvv": lambda s, g: str(fakers["en"].credit_card_security_code()),
        "card_expiry": lambda s, g: str(fakers["en"].credit_card_expire()),
        "bank_account": lambda s, g: str(fakers["en"].bban())[4:],
        "salary": lambda s, g: str(fakers["en"].pricetag()),
        "crypto_address": _MAKERS["crypto_address"],
    }
    return _generate(seed, count, makers)
