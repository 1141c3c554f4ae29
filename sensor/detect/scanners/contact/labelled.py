"""
Values that nothing but their name tells: "CVV: 123", "account number is …", ``"customer_id": "…"``.

Each detector brings its naming words as context words of its file; what a value looks like stands here. A hit
is the end of a word. The value begins at once behind it: punctuation, a few linking words ("is", "number",
"lautet") and one line end may stand between. Where the word names a column of a table, its cells are the
values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.columns import MAX_LINE, column_cells
from sensor.detect.scanners.contact.common import ALNUM, Made
from sensor.detect.validators import checksums

__all__ = ["RULES", "Rule", "scan_labelled"]

_LINK = lazily(
    rb"[^0-9A-Za-z\x80-\xff\n@#(+]{0,6}"
    rb"(?:(?:number|numbers|numero|num|no|nr|n|nummer|code|id|ids|is|was|are|ist|lautet|est|es|il|of|for|my|"
    rb"the|your|his|her|their|"
    rb"this|user|using|with|ending|ends|in|on|at|as|account|card|acct|konto|de|der|die|das|la|le|el|und|bei|"
    + "número|numéro|é|è|eh|номер|это|jest|är|er|on|je|このは|は|是|为|號|号|은|는|이|가".encode()
    + rb")(?![A-Za-z0-9])[^0-9A-Za-z\x80-\xff\n@#(+]{0,6}){0,4}"
    rb"(?:\xef\xbc\x9a|\xe3\x80\x80)?(?:\r?\n[ \t]{0,8})?[\"'\x60\[(<#*: ]{0,4}",
    re.IGNORECASE,
)
_FAR = lazily(rb"[^0-9\n]{0,28}\n?[^0-9\n]{0,8}")


class Rule(NamedTuple):
    """How the value of one detector looks behind its word."""

    value: re.Pattern[bytes]
    score: float = 0.65
    check: Callable[[str], bool] | None = None
    """A proof; where it fails the score falls by ``fall``."""
    fall: float = 0.2
    far: bool = False
    """Any words without digits may stand between."""
    refuse: re.Pattern[bytes] | None = None
    """Values that are something else."""
    untimely: bool = False
    """No date and no address of a network."""


def _rule(
    value: bytes | re.Pattern[bytes],
    score: float = 0.65,
    check: Callable[[str], bool] | None = None,
    fall: float = 0.2,
    *,
    far: bool = False,
    refuse: bytes | None = None,
    case: bool = False,
    untimely: bool = False,
) -> Rule:
    flags = 0 if case else re.IGNORECASE
    refused = None if refuse is None else re.compile(refuse, re.IGNORECASE)
    shape = re.compile(value, flags) if isinstance(value, bytes) else value
    return Rule(shape, score, check, fall, far, refused, untimely)


_WHEN = lazily(
    rb"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3]?[0-9][./][0-3]?[0-9][./](?:19|20)?[0-9]{2}|"
    rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
)
_ID = (
    rb"(?=[A-Z0-9/_.-]{0,12}[0-9])(?:[A-Z]{1,6}[-_/ .]?){0,3}[0-9][0-9A-Z]{1,19}(?:[-/._][0-9A-Z]{1,12}){0,4}"
)
_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TOKEN = rb"(?=[A-Za-z0-9_-]{0,40}[0-9])[A-Za-z0-9_-]{12,128}"
_PLACE = (
    rb"(?:[A-Z\xc3-\xc5\xd0\xe3-\xed][A-Za-z\x80-\xff.'-]{1,30})(?:[ ](?:de|la|am|an|der|upon|sur|di|of|do|"
    rb"da|del)(?=[ ]))?"
    rb"(?:,?[ ][A-Z\xc3-\xc5\xd0][A-Za-z\x80-\xff.'-]{1,30}){0,3}"
)
_NAME = rb"@?[A-Za-z0-9](?:[A-Za-z0-9._-]{1,38}[A-Za-z0-9_])"


def _words(*words: str) -> bytes:
    ordered = sorted({word for group in words for word in group.split("|")}, key=lambda word: -len(word))
    return rb"(?:" + b"|".join(re.escape(word.encode()) for word in ordered) + rb")(?![A-Za-z0-9_(\x80-\xbf])"


_GENDERS = _words(
    "male|female|non-binary|nonbinary|genderqueer|genderfluid|agender|transgender|trans man|trans woman|"
    "transgender man|"
    "transgender woman|cis man|cis woman|cisgender|intersex|bigender|pangender|two-spirit|man|woman|"
    "masculine|feminine",
    "männlich|weiblich|divers|maskulin|feminin|masculin|féminin|homme|femme|masculino|femenino|feminino|"
    "hombre|mujer|"
    "maschio|femmina|maschile|femminile|homem|mulher|mannelijk|vrouwelijk|mężczyzna|kobieta|мужской|женский|"
    "男|女|"
    "男性|女性|남성|여성|kvinna|kvinde|kvinne|mand|nainen|mies|erkek|kadın|muž|žena",
)
_RELIGIONS = _words(
    "christian|christianity|catholic|roman catholic|protestant|lutheran|orthodox|evangelical|baptist|"
    "methodist|mormon|"
    "jehovah's witness|muslim|islam|islamic|sunni|shia|jewish|judaism|hindu|hinduism|buddhist|buddhism|sikh|"
    "sikhism|"
    "atheist|agnostic|jain|taoist|shinto|bahai|pagan|none declared",
    "evangelisch|katholisch|römisch-katholisch|muslimisch|jüdisch|konfessionslos|buddhistisch|hinduistisch|"
    "catholique|"
    "protestante|musulman|musulmane|juif|juive|bouddhiste|athée|católico|católica|cristiano|cristiana|"
    "musulmán|judío|"
    "ateo|cattolico|cattolica|musulmano|ebreo|katholiek|protestants|moslim|joods|katolik|muzułmanin|"
    "православный|"
    "мусульманин|христианин|иудей|буддист",
)
_ETHNICITIES = _words(
    "white|black|african american|african-american|asian|hispanic|latino|latina|latinx|native american|"
    "american indian|"
    "alaska native|pacific islander|native hawaiian|caucasian|middle eastern|arab|mixed race|mixed|biracial|"
    "multiracial|"
    "south asian|east asian|southeast asian|white british|black british|black african|black caribbean|roma|"
    "romani|jewish|"
    "kurdish|indigenous|aboriginal|maori|han chinese|indian|chinese|pakistani|bangladeshi|afro-caribbean|"
    "creole|berber",
)
_ORIENTATIONS = _words(
    "heterosexual|homosexual|bisexual|gay|lesbian|asexual|pansexual|queer|straight|demisexual|heterosexuell|"
    "homosexuell|"
    "bisexuell|schwul|lesbisch|hétérosexuel|hétérosexuelle|homosexuel|homosexuelle|heterosexueel",
)
_MARITAL = _words(
    "single|married|divorced|widowed|separated|engaged|in a civil partnership|civil partnership|cohabiting|"
    "unmarried",
    "ledig|verheiratet|geschieden|verwitwet|célibataire|marié|mariée|divorcé|divorcée|veuf|veuve|soltero|"
    "soltera|casado|"
    "casada|divorciado|divorciada|viudo|viuda|celibe|nubile|coniugato|coniugata|sposato|sposata|divorziato|"
    "vedovo|solteiro|"
    "solteira|ongehuwd|gehuwd|gescheiden|żonaty|zamężna|rozwiedziony",
)
_PARTIES = _words(
    "democrat|republican|liberal|conservative|labour|labor|green|socialist|communist|libertarian|"
    "independent|left-wing|"
    "right-wing|centrist|social democrat|christian democrat|nationalist|progressive",
)
_MONEY = (
    rb"(?:(?:US|CA|AU|NZ|HK|S|R|C|A)?[$]|\xe2\x82[\xac\xb9\xba\xbd\xa9\xaa]|\xc2[\xa3\xa5]|\b(?:USD|EUR|GBP|"
    rb"CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|Rs\.?)\b)"
    rb"[ \xc2\xa0]{0,2}[0-9][0-9.,' ]{0,17}(?:[ ]?(?:k|m|mn|mio|million|millions|billion|bn|thousand|lakh|"
    rb"crore)\b)?(?:[ ]?(?:USD|EUR|GBP|CHF))?"
    rb"|[0-9][0-9.,']{0,15}(?:[ ][0-9]{3}){0,3}(?:,[0-9]{2})?[ \xc2\xa0]{0,2}(?:k|K|m|mio\.?|million|Mio\.?|"
    rb"tausend|mille)?[ \xc2\xa0]{0,2}"
    rb"(?:\xe2\x82[\xac\xb9\xba\xbd]|\xc2\xa3|[$]|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|"
    rb"CZK|BRL|Euro|euros?|dollars?|pounds|kr|z\xc5\x82|K\xc4\x8d)\b)"
    rb"|[0-9]{2,3}(?:[.,' ][0-9]{3}){1,3}(?:[.,][0-9]{2})?(?![0-9])|[0-9]{2,3}[kK]\b|"
    rb"[0-9]{5,8}(?:[.,][0-9]{2})?(?![0-9])"
)
_SUM = re.compile(_MONEY, re.IGNORECASE)
_NO_DIGITS = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)

RULES: dict[str, Rule] = {
    "payment.cvv": _rule(rb"[0-9]{3,4}(?![0-9./:-]|[ ]?%)", 0.7),
    "payment.card_expiry": _rule(rb"(?:0?[1-9]|1[0-2])[ ]?[/-][ ]?(?:20)?[0-9]{2}(?![0-9/-])|"
        rb"20[2-4][0-9]-(?:0[1-9]|1[0-2])(?![0-9-])", 0.6, far=True),
    "payment.card_pin": _rule(rb"[0-9]{4}(?:[0-9]{2})?(?![0-9./:-])", 0.6),
    "payment.account": _rule(
        rb"(?:[0-9]{2,6}[ -]){0,4}[0-9]{4,18}(?:[-/ ][0-9]{1,4}(?![0-9]))?(?![0-9])", 0.65, far=True,
        untimely=True
    ),
    "payment.aba": _rule(rb"[0-9]{9}(?![0-9])|[0-9]{4}-[0-9]{4}-[0-9](?![0-9])|[0-9]{3} [0-9]{3} "
        rb"[0-9]{3}(?![0-9])", 0.85, checksums.aba, 0.25, far=True),
    "payment.sort_code": _rule(rb"[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{2}(?![0-9])", 0.75, far=True),
    "payment.bsb": _rule(rb"[0-9]{3}[- ]?[0-9]{3}(?![0-9])", 0.7),
    "payment.transit_ca": _rule(rb"[0-9]{5}(?:[- ]?[0-9]{3})?(?![0-9])", 0.65),
    "payment.bic": _rule(rb"[A-Z]{4}[ ]?[A-Z]{2}[ ]?[A-Z0-9]{2}(?:[ ]?[A-Z0-9]{3})?(?![A-Za-z0-9])", 0.75,
    case=True),
    "payment.bankgiro": _rule(rb"(?:[0-9]{1,7}-[0-9](?![0-9])|[0-9]{1,4}[- ]?[0-9]{3,4})(?![0-9])", 0.7,
    checksums.bankgiro, 0.3),
    "payment.no_account": _rule(rb"[0-9]{4}[ .]?[0-9]{2}[ .]?[0-9]{5}(?![0-9])", 0.8, checksums.no_account,
    0.2),
    "payment.esr": _rule(rb"[0-9](?:[ ]?[0-9]){14,26}(?![0-9])", 0.8, checksums.esr, 0.35, far=True),
    "payment.ccc": _rule(rb"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{10}(?![0-9])", 0.85, checksums.ccc,
    0.25, far=True),
    "payment.cbu": _rule(rb"[0-9](?:[ -]?[0-9]){21}(?![0-9])", 0.85, checksums.cbu, 0.25, far=True),
    "payment.clabe": _rule(rb"[0-9](?:[ -]?[0-9]){17}(?![0-9])", 0.85, checksums.clabe, 0.25, far=True),
    "payment.cusip": _rule(rb"[0-9A-Z]{8}[0-9](?![A-Za-z0-9])", 0.8, checksums.cusip, 0.4, case=True),
    "payment.sedol": _rule(rb"[0-9B-DF-HJ-NP-TV-Z]{6}[0-9](?![A-Za-z0-9])", 0.8, checksums.sedol, 0.4,
    case=True),
    "payment.invoice": _rule(_ID, 0.55, untimely=True),
    "payment.seed_phrase": _rule(rb"(?:[0-9]{1,2}[.)] ?)?[a-z]{3,8}(?:[ ,\n]{1,3}(?:[0-9]{1,2}[.)] "
        rb"?)?[a-z]{3,8}){11,23}(?![a-z])", 0.8, case=True),
    "payment.sol_address": _rule(rb"[1-9A-HJ-NP-Za-km-z]{32,44}(?![0-9A-Za-z])", 0.75, checksums.solana, 0.5,
    case=True),
    "contact.handle": _rule(
        rb"@[A-Za-z0-9_.]{2,31}|live:[A-Za-z0-9_.:-]{2,40}|[A-Za-z0-9_.]{2,32}#[0-9]{4}(?![0-9])|"
        rb"(?=[A-Za-z._-]{0,24}[0-9_])[A-Za-z][A-Za-z0-9_.-]{3,31}(?![A-Za-z0-9(@/])", 0.6
    ),
    "contact.username": _rule(
        rb"(?=[A-Za-z._-]{0,24}[0-9])[A-Za-z0-9][A-Za-z0-9._-]{2,38}[A-Za-z0-9_](?![A-Za-z0-9(@/\[:])", 0.55,
        refuse=rb"[a-z]+[0-9]*\.[a-z]+\.|[0-9.]+\Z|(?:u?int|string|varchar|utf|ascii)|.{0,24}(?:UTF|string)"
    ),
    "contact.employee_id": _rule(_ID, 0.65, untimely=True),
    "contact.customer_id": _rule(_UUID + rb"|" + _ID, 0.6, untimely=True),
    "contact.place_of_birth": _rule(_PLACE, 0.6, case=True),
    "contact.gender": _rule(_GENDERS + rb"|[MFWD](?=[\"',;|\s])", 0.6),
    "contact.religion": _rule(_RELIGIONS, 0.65),
    "contact.ethnicity": _rule(_ETHNICITIES, 0.6),
    "contact.orientation": _rule(_ORIENTATIONS, 0.65),
    "contact.marital_status": _rule(_MARITAL, 0.6),
    "contact.political": _rule(_PARTIES, 0.6),
    "contact.nationality": _rule(rb"[A-Z\xc3\xc5\xd0][a-z\x80-\xff]{2,16}(?:[ -][A-Z][a-z\x80-\xff]{2,16})?("
        rb"?![A-Za-z(_])", 0.55, case=True, refuse=rb"string|text|true|false|null|none|varchar|optional|"
        rb"required"),
    "network.imei": _rule(rb"[0-9]{2}[- ]?[0-9]{6}[- ]?[0-9]{6}[- ]?[0-9]{1,2}(?![0-9])", 0.85,
    checksums.imei, 0.25, far=True),
    "network.imsi": _rule(rb"[0-9]{14,15}(?![0-9])", 0.7),
    "network.iccid": _rule(rb"89[0-9 ]{15,24}[0-9](?![0-9])", 0.85, checksums.iccid, 0.25),
    "network.meid": _rule(rb"[A-F0-9]{14,15}(?![A-Za-z0-9])|[0-9]{18}(?![0-9])", 0.7),
    "network.user_uuid": _rule(_UUID + rb"(?![0-9a-f-])", 0.7),
    "network.device_id": _rule(_UUID + rb"|" + _TOKEN, 0.6, refuse=rb"[a-z_-]+\Z"),
    "network.advertising_id": _rule(_UUID, 0.8),
    "network.session_id": _rule(_UUID + rb"|" + _TOKEN, 0.6, refuse=rb"[a-z]+(?:[_-][a-z]+){1,8}[0-9]?\Z"),
    "network.ssid": _rule(
        rb"(?=[^\n\"',;]{0,32}[A-Z0-9])[A-Za-z0-9][A-Za-z0-9_ .-]{2,31}(?=[\"'\n,;)]|\. |$)", 0.55,
        refuse=rb"(?:is|and|or|an?|the|this|that|your|my|our|any|each|some|same|new|another|to|of|in|on|at|for|from|with|"
        rb"which|when|if|not|can|will|should|must|has|have|was|were|are|list|field|value|named|called|"
        rb"name|password|"
        rb"string|broadcast|security|hidden|settings?)\b",
    ),
    "money.salary": _rule(_SUM, 0.65, far=True, untimely=True),
    "money.contract_value": _rule(_SUM, 0.6, far=True, untimely=True),
}  # fmt: skip
"""Detector id to how its value looks. ``case``: capitals are meant as they stand."""


def scan_labelled(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    Hits: the tag is the detector whose word ended there; with ``/digit`` behind, the value has just
    begun.
    """
    data = document.data
    made = Made()
    headers: set[tuple[str, int]] = set()
    for tag, end in hits:
        tag, _, place = tag.partition("/")
        rule = RULES[tag]
        if place:
            found = rule.value.match(data, end - 1, min(len(data), end + 240))
            if found is not None:
                _judge(data, tag, rule, *found.span(), made, 0.0)
            continue
        edge = _header_end(data, end)
        if (tag, edge) in headers:
            continue
        cells = column_cells(document, end - 1) if edge >= 0 else []
        if cells:
            headers.add((tag, edge))
            if tag == GENDER and not _of_persons(data, end):
                continue
            for start, last in cells:
                found = rule.value.match(data, start, last)
                if found is not None and found.end() == last:
                    _judge(data, tag, rule, start, last, made, 0.05)
            continue
        found = _far(data, end, rule) if rule.far else _linked(data, end, rule)
        if found is not None and not _otherwise(data, tag, end, found.start()):
            _judge(data, tag, rule, *found.span(), made, 0.0)
    return made.all()


def _far(data: bytes, end: int, rule: Rule) -> re.Match[bytes] | None:
    """The value at the first digit behind a word, or at the sign of a currency before it."""
    link = _FAR.match(data, end)
    at = end if link is None else link.end()
    if not data[at : at + 1].isdigit() and rule.value is not _SUM:
        return None
    last = min(len(data), at + 240)
    if rule.value is _SUM:
        # "$ 85,000": the value begins before its first digit.
        low = max(end, at - 6)
        if not data[low : at + 9].translate(None, _NO_DIGITS):
            return None
        found = _SUM.search(data, low, min(last, at + 64))
        if found is not None and found.start() <= at:
            return found
    return rule.value.match(data, at, last)


def _linked(data: bytes, end: int, rule: Rule) -> re.Match[bytes] | None:
    """The value behind a word and what links them."""
    link = _LINK.match(data, end)
    at = end if link is None else link.end()
    return rule.value.match(data, at, min(len(data), at + 240))


def _header_end(data: bytes, end: int) -> int:
    """Where the rest of a short name behind a word ends, at a delimiter or a line end; -1 for none."""
    found = _REST.match(data, end, end + 25)
    return -1 if found is None else found.end()


_REST = lazily(rb"[0-9A-Za-z_ \"'.#-]{0,23}(?=[,;\t|\n\r])")
GENDER = "contact.gender"
DEVICE = "network.device_id"
_PERSONS = lazily(
    rb"(?<![a-z])(?:(?:first|last|full|given|family|middle|customer|patient|employee|user|person|client|"
    rb"member|"
    rb"student|child)[ _-]?)?(?:sur|fore|last|first|nick)?names?(?![a-z])|(?<![a-z])(?:dob|bday|nom|"
    rb"pr[\xc3\xa9e]{1,2}nom|"
    rb"cognome|naam|nombre|apellidos?|sobrenome)(?![a-z])|birth|geburt|geboor|naissance|nacimiento|nascita|"
    rb"nascimento|urodz|vorname|nachname|nazwisk|" + "фамилия|имя|рожд|姓名|氏名|生年|이름|생년".encode(),
    re.IGNORECASE,
)


def _of_persons(data: bytes, at: int) -> bool:
    """Whether the header that ``at`` stands in has a column for names or births."""
    low = data.rfind(b"\n", max(0, at - MAX_LINE), at) + 1
    high = data.find(b"\n", at, at + MAX_LINE)
    return _PERSONS.search(data, max(low, at - MAX_LINE), at + MAX_LINE if high < 0 else high) is not None


_CERTIFICATES = (
    b"certif", b"x509", b"x.509", b"issuer", b"openssl", b"keytool", b" crl", b"crl ", b"not before",
    b"notbefore",
    b"signature algorithm",
)  # fmt: skip


def _otherwise(data: bytes, tag: str, end: int, start: int) -> bool:
    """The number is a certificate's, not a device's."""
    if tag != DEVICE or b"serial" not in data[max(0, end - 16) : end].lower():
        return False
    around = data[max(0, start - 240) : start + 160].lower()
    return any(map(around.__contains__, _CERTIFICATES))


def _judge(data: bytes, tag: str, rule: Rule, start: int, end: int, made: Made, extra: float) -> None:
    while end > start and data[end - 1] in b" .,'":
        end -= 1
    if end - start < 1 or start > 0 and (ALNUM[data[start - 1]] or data[start - 1] == 0x5F):
        return
    value = data[start:end]
    if rule.refuse is not None and rule.refuse.match(value):
        return
    if rule.untimely and _WHEN.match(data, start):
        return
    score, validated = rule.score + extra, False
    reasons = ["behind a word that names it"]
    if rule.check is not None:
        if rule.check(value.decode("utf-8", "replace")):
            validated = True
            reasons.append("its check holds")
        else:
            score -= rule.fall
    made.add(start, end, tag, score, validated, *reasons)
