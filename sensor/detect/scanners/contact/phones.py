"""
Telephone numbers: international by calling code and length, national by shape or behind a word.

A shape that nothing else has, (030) 1234567 or 06 12 34 56 78, stands for itself; digits without groups need
a word, a column's name, or, for a number with a leading nought, the metadata of ``phonenumbers``, which is
asked for nothing else. A run that goes on behind the longest number of its country is a table, not a number.

Source: ITU-T E.164, E.123; national formats as in the metadata of libphonenumber 9.0.43.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.columns import column_cells
from sensor.detect.scanners.contact.common import ALNUM, Made
from sensor.detect.validators.contact import CALLING_CODES, calling_code, phone_national, phone_valid

__all__ = ["scan_phones"]

PHONE = "contact.phone"
FAX = "contact.fax"
_GAP = rb"(?:[ ]?[-./][ ]?|[ ]|\xc2\xa0|\xe2\x80[\x90-\x93])?"
_RUN = lazily(
    rb"(?:\+|00)?\(?\+?[0-9]{1,15}\)?(?:" + _GAP + rb"\(?[0-9]{1,15}\)?){0,9}"
)  # fmt: skip
_EXTENSION = lazily(
    rb"[ ]?(?:x|#|[,;]?[ ]?(?:ext(?:ension)?|poste|app?t?|durchwahl|dw|int|toestel|extensi[o\xc3\xb3]n|"
    rb"anexo|ramal|wew)\.?)[ :.]{0,2}[0-9]{1,6}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_DIGITS = lazily(rb"[0-9]+")
_NO_NUMBER = lazily(
    rb"(?:(?:19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]|[0-3]?[0-9][./-][0-3]?[0-9][./-](?:19|"
    rb"20)?[0-9]{2}|"
    rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9]+\.[0-9]+|[0-9]{1,2}:[0-9]{2}|[0-9]{4}-[0-9]{4})(?![0-9])"
)
_STEMS = frozenset(
    b"telephone telephones phone phones mobile mobiles tel cell cellphone call dial sms contact reach "
    b"ring fax "
    b"whatsapp hotline viber signal handy mobil rufnummer anruf unter durchwahl portable appel joindre "
    b"celular "
    b"llam cellulare chiam ligue gsm bel zadzwo kom tlf puhelin ph mob".split()
)
"""How words for telephones begin; up to three letters may follow."""
_HEADS = frozenset(stem[:2] for stem in _STEMS)
_PARTS = (b"phone", b"erreich", b"telefon", b"text me", b"number")
_INSIDE = lazily(rb"[a-z]phone|erreich|telefon|(?<![a-z])(?:text me|numbers? is)(?![a-z]{4})")
_SCRIPTS = lazily(
    "téléphone|móvil|teléfono|telemóvel|komór|тел|звон|моб|電話|携帯|电话|手机|联系|전화|휴대|هاتف|جوال|"
    "फ़ोन|फोन|मोबाइल|τηλ|טלפון|โทร|điện tho".encode()
)
_TO_WORDS = bytes(byte if 0x61 <= byte <= 0x7A else 0x20 for byte in range(256))
_TO_GROUPS = bytes(byte if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_NO_DIGITS = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)
_MAY_EXTEND = frozenset(bytes((byte,)) for byte in b" x#,;XeEpPaAdDiItTrRwW")
"""What an extension may begin with."""
_JOINTS = frozenset((b"-", b".", b" ", b"/"))
"""What stands between groups; with a digit behind it the number goes on."""
_SEPARATED = lazily(rb"[ ()/-]")
_HEX_MARKS = frozenset((b" ", b".", b":", b"-"))
_HEX = lazily(rb"[ .:-][0-9A-Fa-f]{2}(?![0-9A-Za-z])")
_TRUNK = lazily(rb"(?:\+[0-9]{1,3}|(?<![0-9A-Za-z.,-])[178])[ -]\Z")
_GERMAN_MOBILE = (b"015", b"016", b"017")
_ZIP = lazily(rb"[0-9]{5}-[0-9]{4}")
_SHAPES = {
    "us": re.compile(rb"(?:(?:001|1)[-. ])?(?:\([0-9]{3}\)[-. ]?|[0-9]{3}[-. ])[0-9]{3}[-. ]?[0-9]{4}"),
    "trunk": re.compile(rb"\(?0(?:[1-9][0-9]{0,4}\)?[ ]?[/-]?[ ]?[0-9]|[ ]?\([0-9]{3}\) ?[0-9])"),
    "pairs": re.compile(rb"(?:0[1-9](?:[ .-][0-9]{2}){4}|[6-9][0-9]{2}(?: [0-9]{2}){3})"),
    "paren": re.compile(rb"\(0?[0-9]{1,5}\)[ ]?[/-]?[ ]?[0-9]"),
    "cn": re.compile(rb"1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"),
    "ru": re.compile(rb"8[ -]?\(?[0-9]{3}\)?[ -]?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2}"),
    "loose": re.compile(
        rb"(?:[5-9][0-9]{2} [0-9]{3} [0-9]{3}|[2-9][0-9](?: [0-9]{2}){3}|[0-9]{2} [0-9]{3} [0-9]{2} "
        rb"[0-9]{2}|[49][0-9]{2} [0-9]{2} [0-9]{3}|"
        rb"[2-9][0-9]{9}|[6-9][0-9]{4}[ -][0-9]{5}|[235689][0-9]{3} [0-9]{4}|[1-9][0-9] 9?[0-9]{4}[ "
        rb"-][0-9]{4}|[2-9][0-9]{2} [0-9]{6,7}|"
        rb"1[38]00 [0-9]{3} [0-9]{3})(?![0-9])"
    ),
    "bare": re.compile(rb"0[1-9][0-9]{7,9}"),
    "plus": re.compile(rb"\+[ ]?[1-9]"),
    "zz": re.compile(rb"00[1-9][0-9]"),
}
_COLUMN = lazily(
    rb"phone|mobile|cell|\btel|fax|telefon|handy|mobil|rufnummer|gsm|celular|whatsapp|contact.?n|"
    + "téléphone|teléfono|móvil|телефон|電話|电话|手机|전화".encode(),
    re.IGNORECASE,
)

REACH = 28
"""Bytes between a naming word and the first digit."""
BEFORE = 48
"""Bytes before a number in which a word for telephones may stand."""
AFTER = 24
"""The same behind it."""
MAX_QUESTIONS = 1000
"""Numbers of one text that the library is asked for; each takes as long as fifty others."""


def scan_phones(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    Hits: a shape's name ends inside or behind a number; ``strong``, ``weak`` and ``fax`` end at the first
    digit behind a word; ``column`` ends behind a header cell; others are words.
    """
    data = document.data
    made = Made(MAX_QUESTIONS)
    reached = 0
    for tag, end in hits:
        shape = _SHAPES.get(tag)
        if shape is not None:
            if end > reached and not (tag == "loose" and _idle(data, end)):
                reached = max(reached, _shaped(data, tag, shape, end, made))
        elif tag == "column":
            _column(document, end, made)
        elif tag in ("strong", "weak", "fax"):
            _behind_word(data, end - 1, tag == "weak", FAX if tag == "fax" else PHONE, made)
        else:
            first = _DIGITS.search(data, end, min(len(data), end + REACH))
            if first is not None and b"\n" not in data[end : first.start()].strip():
                _behind_word(data, first.start(), False, FAX if tag == FAX else PHONE, made)
    return made.all()


def _idle(data: bytes, end: int) -> bool:
    """Whether a shape that needs a word has none near, or is a piece of a longer row of digits."""
    after = data[end : end + 2]
    if after[:1] in _JOINTS and after[1:].isdigit():
        return True
    if data[end - 5 : end - 4] == b"-":
        return False
    around = data[max(0, end - 28 - BEFORE) : end + 4 + AFTER]
    return not _names(around)


def _shaped(data: bytes, tag: str, shape: re.Pattern[bytes], end: int, made: Made) -> int:
    """Where the number that an event lies in ends; 0 where there is none."""
    low = max(0, end - 28)
    for found in shape.finditer(data, low, min(len(data), end + 4)):
        start, last = found.span()
        if last < end - 9:
            continue
        if start >= end:
            break
        last = _judge(data, tag, start, last, made)
        if last:
            return last
    return 0


def _judge(data: bytes, tag: str, start: int, end: int, made: Made) -> int:
    if not _free(data, start):
        return 0
    if tag in ("plus", "zz"):
        return _international(data, start, tag == "plus", made)
    before = data[start - 1 : start]
    if before == b"+" or before in (b"/", b"`") and tag in ("loose", "bare", "cn", "us"):
        return 0
    if tag in ("trunk", "paren"):
        found = _RUN.match(data, start, min(len(data), start + 32))
        if found is None or _cut(data, start, found.end(), 12) != found.end():
            return 0
        end = found.end()
    after = data[end : end + 2]
    if after:
        if ALNUM[after[0]] and after[0] not in b"xX" or after[0] == 0x5F:
            return 0
        if after[:1] in _JOINTS and after[1:].isdigit() and tag != "us":
            if after[:1] != b" " or tag in ("pairs", "trunk", "cn", "bare", "loose"):
                return 0
    raw = data[start:end]
    plain = raw.translate(None, _NO_DIGITS)
    score = _national(tag, plain, raw, data, start)
    if (
        score is None
        or tag in ("pairs", "trunk", "loose")
        and after[:1] in _HEX_MARKS
        and _HEX.match(data, end)
    ):
        return 0
    if _near(data, start, end):
        score = max(score, 0.55) + 0.25
    elif tag == "bare" and plain[:3] not in _GERMAN_MOBILE and not phone_national(plain.decode()):
        score = 0.4
    if score < 0.5:
        return 0
    last = _with_extension(data, end)
    detector = FAX if _is_fax(data, start) else PHONE
    if data[start - 1 : start] in (b" ", b"-"):
        trunk = _TRUNK.search(data, max(0, start - 5), start)
        start = trunk.start() if trunk else start
    made.add(start, last, detector, min(score, 0.95), False, "the shape of a national number")
    return last


def _national(tag: str, plain: bytes, raw: bytes, data: bytes, start: int) -> float | None:
    """How sure a shape alone is; ``None`` where it is something else."""
    size = len(plain)
    if plain == plain[:1] * size or plain in (b"0123456789", b"0987654321"):
        return None
    if tag == "us":
        if b"(" in raw:
            return 0.75
        separator = raw.strip(b"1")[3:4] if raw[:2] not in (b"1-", b"1.", b"1 ") else raw[5:6]
        if separator == b"-" or raw.count(b"-") == 2 or raw[:1] == b"1" and b"-" in raw:
            return 0.7
        if separator == b"." and raw.count(b".") >= 2:
            return 0.65
        number = plain[-10:]
        return 0.5 if number[:1] > b"1" and number[3:4] > b"1" and raw.count(b" ") >= 2 else 0.4
    if tag == "pairs":
        return 0.75 if raw[:1] == b"0" else 0.5
    if tag == "cn":
        script = max(data[max(0, start - 24) : start + 24]) >= 0xE3
        return 0.7 if script else 0.6 if size != len(raw) else 0.4
    if tag == "ru":
        around = data[max(0, start - 24) : start + 24]
        script = b"\xd0" in around or b"\xd1" in around
        return 0.7 if script else 0.6 if size != len(raw) else 0.4
    if tag == "bare":
        return 0.55
    if tag == "loose":
        return 0.6 if b" 9" in raw[2:4] and b"-" in raw else 0.3
    if tag == "paren":
        if raw[1:2] == b"0":
            return 0.75 if 7 <= size <= 12 else None
        return 0.7 if 10 <= size <= 11 else None
    if not 8 <= size <= 12 or size < 9 and _NO_NUMBER.match(raw) or raw[5:6] == b"-" and _ZIP.fullmatch(raw):
        return None
    if len(raw.translate(_TO_GROUPS).split()) > 5:
        return None
    return 0.65 if size >= 9 else 0.4


def _international(data: bytes, start: int, plus: bool, made: Made) -> int:
    end = min(len(data), start + 40)
    digit = start + 2 if data[start + 1 : start + 2] == b" " else start
    found = _RUN.match(data, digit, end)
    stop = start if found is None else found.end()
    raw = data[start:stop]
    prefix = 0 if plus else 2
    plain = raw.translate(None, _NO_DIGITS)[prefix:]
    code = calling_code(plain[:3].decode())
    if code is None:
        return 0
    low, high = CALLING_CODES[code]
    skipped = 1 if b"(0)" in raw else 0
    beside = len(code) + skipped + prefix
    last = _cut(data, start, stop, beside + high, first=3)
    size = len(data[start:last].translate(None, _NO_DIGITS)) - beside
    # Short extensions and numbers of fiction are one digit off now and then.
    if not last or size < low or size + len(code) < 7 or _goes_on(data, last):
        return 0
    if len(set(plain)) < 3:
        return 0
    if not plus and not _SEPARATED.search(data, start, last):
        if not _near(data, start, last):
            made.questions -= 1
            if made.questions < 0 or not phone_valid("+" + plain.decode()):
                return 0
    score = 0.8 if plus else 0.6
    last = _with_extension(data, last)
    detector = FAX if _is_fax(data, start) else PHONE
    if data[start - 1 : start] == b"(" and b")" in raw and b"(" not in raw[: raw.find(b")")]:
        start -= 1
    made.add(start, last, detector, score, False, "calling code and length of its country")
    return last


def _behind_word(data: bytes, digit: int, weak: bool, detector: str, made: Made) -> None:
    start = digit
    while start > 0 and data[start - 1] in b"(+" and digit - start < 3:
        start -= 1
    if start == digit and start > 1 and data[start - 2 : start] == b"+ ":
        start -= 2
    if not _free(data, start):
        return
    found = _RUN.match(
        data, start if data[start : start + 2] != b"+ " else start + 2, min(len(data), start + 40)
    )
    if found is None:
        return
    least = 7 if weak else 6
    stop = found.end()
    if stop - start < least or _NO_NUMBER.match(data, digit):
        return
    last = _cut(data, start, stop, 15, first=3)
    groups = data[start:last].translate(_TO_GROUPS).split()
    plain = b"".join(groups)
    size = len(plain)
    # "phone 555-1234 12 times": what is one number too many is left.
    if size > 13 and data[start] != 0x2B:
        last = _cut(data, start, stop, 13)
        groups = data[start:last].translate(_TO_GROUPS).split()
        plain = b"".join(groups)
        size = len(plain)
    if size < least or plain == plain[:1] * size:
        return
    if weak and len(groups) == 1 and size < 9:
        return
    if last < len(data) and (_goes_on(data, last) or data[last] in b"%_$"):
        return
    last = _with_extension(data, last)
    made.add(start, last, detector, 0.6 if weak else 0.75, False, "behind a word for telephones")


def _column(document: Document, end: int, made: Made) -> None:
    data = document.data
    at = end - 1 if end > 1 and data[end - 1] in b",;\t|" else end
    name = data[max(0, at - 40) : at]
    if not _COLUMN.search(name):
        return
    detector = FAX if b"fax" in name.rsplit(b",", 1)[-1].lower() else PHONE
    for start, last in column_cells(document, at - 2):
        found = _RUN.match(data, start, last)
        if found is not None:
            stop = found.end()
            if 6 <= len(data[start:stop].translate(None, _NO_DIGITS)) <= 15:
                if stop == last or _with_extension(data, stop) == last:
                    made.add(start, last, detector, 0.8, False, "in a column of telephone numbers")


def _with_extension(data: bytes, end: int) -> int:
    """The end of the number with the extension behind it, where there is one."""
    if data[end : end + 1] in _MAY_EXTEND:
        found = _EXTENSION.match(data, end)
        if found is not None:
            return found.end()
    return end


def _is_fax(data: bytes, start: int) -> bool:
    return b"fax" in data[max(0, start - 24) : start].lower()


def _goes_on(data: bytes, end: int) -> bool:
    """A letter or digit follows that is no x of an extension."""
    return end < len(data) and ALNUM[data[end]] == 1 and data[end] not in b"xX"


def _cut(data: bytes, start: int, end: int, limit: int, first: int = 2) -> int:
    """The end of the last group of digits that fits; single digits only among the first groups."""
    groups = data[start:end].translate(_TO_GROUPS).split()
    if sum(map(len, groups)) <= limit and all(len(group) > 1 for group in groups[first + 1 :]):
        while end > start and not 0x30 <= data[end - 1] <= 0x39:
            end -= 1
        return end
    size = 0
    last = 0
    for index, found in enumerate(_DIGITS.finditer(data, start, end)):
        low, high = found.span()
        if size + high - low > limit or high - low == 1 and index > first and data[low - 1] != 0x2D:
            break
        size += high - low
        last = high
    return last


def _free(data: bytes, start: int) -> bool:
    """The value does not go on to the left."""
    if start == 0:
        return True
    before = data[start - 1]
    if before == 0x20:
        return True
    if ALNUM[before]:
        return False
    if before == 0x5C or before == 0x25:
        return False
    if before in b".,-/+:#" and start > 1:
        further = data[start - 2]
        if before == 0x2D and ALNUM[further]:
            return False
        return not (0x30 <= further <= 0x39) or before in b",:/"
    return True


def _near(data: bytes, start: int, end: int) -> bool:
    return _names(data[max(0, start - BEFORE) : start] + b" | " + data[end : end + AFTER])


def _names(around: bytes) -> bool:
    """Whether a word for telephones stands in it."""
    low = around.lower()
    stems = _STEMS
    for word in low.translate(_TO_WORDS).split():
        if word[:2] in _HEADS and (
            word in stems or word[:-1] in stems or word[:-2] in stems or word[:-3] in stems
        ):
            return True
    if any(map(low.__contains__, _PARTS)) and _INSIDE.search(low):
        return True
    return not low.isascii() and _SCRIPTS.search(low) is not None
