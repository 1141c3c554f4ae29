"""
Dates of birth and ages.

A date is anybody's; one behind a word for birth, or in a column that is named so, is somebody's. Months are
read in twenty languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.columns import column_cells
from sensor.detect.scanners.contact.common import ALNUM, Made

__all__ = ["MONTHS", "scan_ages", "scan_dates"]

BIRTH = "date.birth"
AGE = "date.age"

MONTHS = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr
    jun jul aug sep sept oct nov dec januar jänner jaenner februar feber märz maerz mai juni juli oktober
    dezember mär mrz okt dez janvier février fevrier mars avril juin juillet août aout septembre octobre
    novembre décembre decembre janv févr fevr avr juil déc enero febrero marzo abril mayo junio julio
    agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic gennaio febbraio aprile maggio
    giugno luglio settembre ottobre dicembre gen mag giu lug set ott janeiro fevereiro março marco maio
    junho julho setembro outubro novembro dezembro fev out januari februari maart mei augustus mrt
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września wrzesnia października pazdziernika
    listopada grudnia styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik
    listopad grudzień augusti januari februari desember tammikuuta helmikuuta maaliskuuta huhtikuuta
    toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta tammikuu helmikuu
    maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu ledna února
    března dubna května června července srpna října listopadu prosince leden únor březen duben květen
    červen červenec srpen září říjen prosinec januára februára apríla mája júna júla augusta septembra
    októbra novembra decembra ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie
    decembrie január február március április május június július augusztus szeptember október ocak şubat
    mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık января февраля марта апреля мая июня
    июля августа сентября октября ноября декабря январь февраль март апрель май июнь июль август сентябрь
    октябрь ноябрь декабрь січня лютого березня квітня травня червня липня серпня вересня жовтня листопада
    грудня ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου
    νοεμβρίου δεκεμβρίου siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna studenoga
    prosinca maret agustus januari februari जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर
    नवंबर दिसंबर يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر ינואר פברואר
    מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
    """.split()
)
"""
Names of months as dates are written with them, small letters.

Source: Unicode CLDR 45, months wide and abbreviated.
"""

_W = rb"(?P<%s>[A-Za-z\x80-\xe2]{3,24})"
_TIME = rb"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_ORDINAL = rb"(?:st|nd|rd|th|er|re|\.|\xc2\xba|\xc2\xaa|-?[\xd0\xb3\xd0\xb5\xd0\xbe]{2})?"
_YEAR = rb"(?:1[89]|20)[0-9]{2}"
_DATE = lazily(
    rb"(?:"
    rb"(?P<iso>" + _YEAR + rb"(?:[-/.]| [-/.] |\. ?)[01]?[0-9](?:[-/.]| [-/.] |\. ?)[0-3]?[0-9]\.?(?![0-9])"
    + _TIME + rb")"
    rb"|(?P<num>[0-3]?[0-9][ ]?[./-][ ]?[0-3]?[0-9][ ]?[./-][ ]?(?:" + _YEAR + rb"|'?[0-9]{2})(?![0-9]))"
    rb"|(?P<spaced>(?:" + _YEAR + rb" [01][0-9] [0-3][0-9]|[0-3][0-9] [01][0-9] " + _YEAR + rb")(?![0-9]))"
    rb"|(?P<cjk>[0-9]{2,4} ?(?:\xe5\xb9\xb4|\xeb\x85\x84) ?[0-9]{1,2} ?(?:\xe6\x9c\x88|\xec\x9b\x94)(?: "
    rb"?[0-9]{1,2} ?(?:\xe6\x97\xa5|\xec\x9d\xbc))?)"
    rb"|(?P<dmy>[0-3]?[0-9]" + _ORDINAL + rb"[ /.-]{0,2}(?:(?:of|de|di)[ ]|d')?" + _W % b"m1" + rb"\.?,?[ /."
    rb"-]{1,2}(?:(?:de|del|of|do)[ ])?(?:" + _YEAR + rb"|'?[0-9]{2})(?![0-9])(?: \xd0\xb3(?:\xd0\xbe\xd0\xb4"
    rb"\xd0\xb0|\.))?)"
    rb"|(?P<mdy>" + _W % b"m2" + rb"\.?[ -](?:the[ ])?[0-3]?[0-9](?:st|nd|rd|th)?(?:,? ?|-)" + _YEAR + rb")"
    rb"|(?P<ymd>" + _YEAR + rb"(?:\. ?|[ -])" + _W % b"m6" + rb"[ -][0-3]?[0-9]\.?)"
    rb"|(?P<my>" + _W % b"m3" + rb"\.?,?[ ](?:(?:de|of)[ ])?" + _YEAR + rb")"
    rb"|(?P<dm>[0-3]?[0-9]" + _ORDINAL + rb"[ -](?:(?:of|de|di)[ ])?" + _W % b"m4" + rb")"
    rb"|(?P<md>" + _W % b"m5" + rb"\.?[ ](?:the[ ])?[0-3]?[0-9](?:st|nd|rd|th)?(?![0-9]))"
    rb"|(?P<run>(?:" + _YEAR + rb"[01][0-9][0-3][0-9]|(?:[0-3][0-9][01][0-9]|[01][0-9][0-3][0-9])"
    + _YEAR + rb")(?![0-9]))"
    rb"|(?P<year>" + _YEAR + rb"(?![0-9]))"
    rb")"
)  # fmt: skip
_FORMS = ("iso", "num", "spaced", "cjk", "dmy", "mdy", "ymd", "my", "dm", "md", "run", "year")
_MONTH_OF = {"dmy": "m1", "mdy": "m2", "my": "m3", "dm": "m4", "md": "m5", "ymd": "m6"}
_STEP = lazily(rb"[0-9]+|[A-Za-z\x80-\xff]+")
_SHORT = lazily("(?:geb|ur|nar|synt|szül|dob|bday|nac|né|née|род)[^0-9]{0,16}\\Z".encode(), re.IGNORECASE)
_COLUMN = lazily(
    rb"birth|\bdob\b|d\.o\.b|geburt|geboorte|naissance|nacimiento|nascita|nascimento|urodz|f\xc3\xb8dsel|"
    rb"f\xc3\xb6delse|bday|" + "рождения|narozen|生年月日|出生|생년".encode(),
    re.IGNORECASE,
)

REACH = 64
"""Bytes behind a word for birth in which its date may begin."""
BEFORE = 28
MONTH_REACH = 32
"""Bytes of a date before its first digit: a month of 24 bytes and what links it."""
PARTS = frozenset(("year", "dm", "md", "my"))
"""Forms that are less than a date."""
_DIGIT = lazily(rb"[0-9]")
_LETTERS = lazily(rb"[A-Za-z\x80-\xff]")
_LEAD = lazily(rb"[.;:,(|*>\r\n][ \t]{0,8}[A-Za-z\x80-\xff]+\.?\Z")
"""A word for birth that stands alone between others: ". Geboren 1980.", "(born 1980)"."""
_YEARLY = lazily(
    rb"year|jahr|ann\xc3\xa9e|a\xc3\xb1o|\banno\b|\bano\b|\brok\b|birthdate|" + "год|年".encode(),
    re.IGNORECASE,
)
_HEADER = lazily(rb"[0-9A-Za-z\x80-\xff_ .#()/:'*\"\r-]{0,50}(?:[,;\t|\n]|\Z)")
"""What may follow in the cell of a header."""


def scan_dates(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Hits: ``column`` ends behind a header cell; others are words for birth."""
    data = document.data
    made = Made()
    headers: set[int] = set()
    barren = (0, 0)
    for tag, end in hits:
        if tag == "column":
            _column(document, end, made, headers)
        elif tag == "short":
            word = _SHORT.search(data, max(0, end - 24), end - 1)
            barren = _behind(data, word.start() + 3 if word else end - 1, made, barren)
        elif not (_HEADER.match(data, end, end + 52) and _column(document, end, made, headers)):
            barren = _behind(data, end, made, barren)
    return made.all()


def _behind(data: bytes, end: int, made: Made, barren: tuple[int, int]) -> tuple[int, int]:
    """
    Takes the date behind a word, or before it. ``barren`` is where no date begins, as earlier words found
    out; what is given back is that with what this one found out.
    """
    high = min(len(data), end + REACH)
    first, behind = barren
    if not first <= end <= behind:
        first = behind = end
    # "born: 1 May 1990" may stand on the next line; a second line end is too far.
    found = _first_date(data, behind, high, min(len(data), high + 40))
    barren = (first, max(behind, high) if found is None else found[1])
    if found is not None:
        kind, start, last = found
        between = data[end:start]
        if between.count(b"\n") <= 1 and not (kind in PARTS and len(between) > 32):
            score = 0.85 if kind not in PARTS else 0.6
            if kind == "year" and not _is_field(data, end, between):
                score = 0.4
            made.add(start, last, BIRTH, score, False, "behind a word for birth")
            return barren
    low = max(0, end - BEFORE - 24)
    if low >= first and end <= barren[1]:
        return barren
    before = None
    at = low
    while (found := _first_date(data, at, end, end)) is not None:
        before = found
        at = found[2]
    if before is not None and before[0] not in ("year", "run") and end - before[2] <= BEFORE:
        made.add(before[1], before[2], BIRTH, 0.6, False, "before a word for birth")
    return barren


def _is_field(data: bytes, end: int, between: bytes) -> bool:
    """
    Whether a year stands in a field: behind a colon or the like, or behind a word that asks for the year.

    "Born in 1965" is said of things; "Year of birth 1965", ``"birth": 1965`` and "(born 1965)" of a person.
    """
    if not between.strip():
        lead = _LEAD.search(data, max(0, end - 24), end)
        return lead is not None or end < 8
    marks = between.strip().removeprefix(b"\xef\xbc\x9a")
    if not marks or marks[:1] in (b":", b"=", b'"', b"'") and not _LETTERS.search(marks):
        return True
    return _YEARLY.search(data, max(0, end - 20), end) is not None


def _first_date(data: bytes, at: int, high: int, limit: int) -> tuple[str, int, int] | None:
    """(kind, start, end) of the first date that begins before ``high``."""
    while at < high:
        digit = _DIGIT.search(data, at, limit)
        if digit is None:
            return None
        # No form has more than a month's name before its first digit.
        found = _DATE.search(data, max(at, digit.start() - MONTH_REACH), limit)
        if found is None or found.start() >= high:
            return None
        kind = _kind(found)
        start, end = found.span()
        while 0x80 <= data[start] < 0xC0:
            start += 1
        if kind is not None and _apart(data, start, end):
            return kind, start, end
        step = _STEP.match(data, start, limit)
        at = step.end() if step is not None else start + 1
    return None


def _kind(found: re.Match[bytes]) -> str | None:
    """The form of a date, ``None`` where what stands for its month is none."""
    name = next(name for name in _FORMS if found[name] is not None)
    month = _MONTH_OF.get(name)
    return name if month is None or _is_month(found[month]) else None


def _is_month(word: bytes) -> bool:
    return word.decode("utf-8", "ignore").lower() in MONTHS


def _apart(data: bytes, start: int, end: int) -> bool:
    return not (start > 0 and ALNUM[data[start - 1]]) and not (
        end < len(data) and ALNUM[data[end]] and ALNUM[data[end - 1]]
    )


def _column(document: Document, end: int, made: Made, headers: set[int]) -> bool:
    """Takes the cells below a header; ``headers`` are the ends of those that were taken."""
    data = document.data
    at = end - 1 if data[end - 1] in b",;\t|" else end
    header = _HEADER.match(data, at, at + 52)
    edge = -1 if header is None else header.end()
    if edge in headers:
        return True
    if not _COLUMN.search(data, max(0, at - 40), at):
        return False
    cells = column_cells(document, at - 1)
    if cells:
        headers.add(edge)
    for start, last in cells:
        found = _first_date(data, start, start + 1, last)
        if found is not None and found[2] == last:
            made.add(start, last, BIRTH, 0.85, False, "in a column of dates of birth")
    return bool(cells)


# --- ages ---------------------------------------------------------------------------------------------

_OLD = lazily(
    rb"\b[0-9]{1,3}(?: |-|\xc2\xa0)?(?:years?|yrs?\.?|y)[ -](?:old|of age)\b|\b[0-9]{1,3} ?(?:y/o|yo)\b|"
    rb"\bage[ds]?[ ]?(?:of[ ]|is[ ]|at[ ]|:[ ]?)?[0-9]{1,3}\b"
    rb"|\b[0-9]{1,3} (?:Jahre alt|jaar oud|lat\b(?! )|anni\b|ans\b|anos\b|jahre)|"
    + "[0-9]{1,3} ?(?:años|лет|года?|歳|岁|歲|살|세|år|vuotta|let\\b|yaşında|éves|ani\\b|ετών|साल|سنة|tahun|"
    "tuổi)|Alter:? [0-9]{1,3}".encode(),
    re.IGNORECASE,
)
_PERSONS = frozenset(
    b"he she who they man woman male female boy girl patient person mr mrs ms son daughter wife husband "
    b"mother "
    b"father brother sister child client customer employee user name gender age aged sex born applicant "
    b"student "
    b"citizen resident ich er sie mann frau patientin herr kind tochter sohn alter il elle homme femme "
    b"tiene hombre "
    b"mujer paciente edad ha uomo donna tem homem mulher idade leeftijd vrouw wiek mam ma".split()
)
_PHRASES = (b"i am", b"i'm", b"\xc3\xa2ge")
_PHRASE = lazily(rb"\b(?:i am|i'm)\b|\xc3\xa2ge\b")
_SCRIPTS = lazily("год|мне|ему|ей|возраст|年齢|年龄|나이|yaş".encode())
_TO_WORDS = bytes(
    byte if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789_" else 0x20 for byte in range(256)
)
_NUMBER = lazily(
    rb"[0-9]{1,3}(?![0-9A-Za-z_.:]|[ ]?%)(?![ ]?(?:ms|s|sec|seconds?|min|minutes?|h|hours?|d|days?|weeks?|"
    rb"months?)\b)"
)
_OWNERS = lazily(
    rb"(?:user|person|patient|customer|client|child|employee|student|member|driver|applicant|guest|"
    rb"contact|owner|"
    rb"mother|father|partner|spouse|insured|his|her|your|my|the|current|is|me|at|actual)_?\Z",
    re.IGNORECASE,
)
_AGE = lazily(rb"_(?:age)[\"']?\s{0,2}[:=]\s{0,2}[\"']?\Z", re.IGNORECASE)


def scan_ages(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Hits: ``old`` ends behind an age; ``label`` ends at the first digit behind a form's "age"."""
    data = document.data
    made = Made()
    for tag, end in hits:
        if tag == "label":
            found = _NUMBER.match(data, end - 1)
            named = _AGE.search(data, max(0, end - 14), end - 1)
            if named is not None and not _OWNERS.search(data, max(0, named.start() - 12), named.start()):
                continue  # log_rotation_age, cache_age
            if found is not None and 0 < int(found[0]) < 121:
                made.add(*found.span(), AGE, 0.6, False, "behind a form's word for age")
            continue
        low, high = max(0, end - 24), min(len(data), end + 8)
        for found in _OLD.finditer(data, low, high):
            if found.start() < end <= found.end() + 1:
                years = re.search(rb"[0-9]+", found[0])
                if years is None or not 0 < int(years[0]) < 121:
                    continue
                score = 0.65 if _of_person(data, *found.span()) else 0.45
                made.add(*found.span(), AGE, score, False, "an age", "a word for a person is near")
    return made.all()


def _of_person(data: bytes, start: int, end: int) -> bool:
    """A word for a person stands near."""
    around = (data[max(0, start - 48) : start] + b" " + data[end : end + 24]).lower()
    if not _PERSONS.isdisjoint(around.translate(_TO_WORDS).split()):
        return True
    if any(map(around.__contains__, _PHRASES)) and _PHRASE.search(around):
        return True
    return not around.isascii() and _SCRIPTS.search(around) is not None
