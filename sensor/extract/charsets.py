"""
Bytes of plain text to text, in whatever encoding: what is declared, what a mark says, else what reads best.

UTF-8 decides by itself: other text hardly ever passes as UTF-8. UTF-16 and UTF-32 without a mark show by
where their zero bytes stand. Among the rest the candidates are tried on a sample and scored by how ordinary
the characters are that come out.

Source: WHATWG Encoding Standard (labels; ISO-8859-1 is read as windows-1252); the scoring is our own.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["clean", "decode", "declared", "encoding_of", "guess", "is_text", "width_of"]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 32 * 1024
_ALIASES = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "unicode": "utf-16",
    "iso-8859-9": "cp1254", "iso-8859-8-i": "iso-8859-8", "tis-620": "cp874",
}  # fmt: skip
_DECLARED = (
    re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})"""),
    re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE),
    re.compile(rb"""^[^\n]{0,100}?coding[:=]\s*([-\w.]{1,40})"""),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]+")
_SAFE = frozenset(
    """
    utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be cp1250 cp1251 cp1252 cp1253 cp1254 cp1255
    cp1256 cp1257 cp1258 cp437 cp850 cp852 cp855 cp862 cp866 cp874 cp932 cp949 gb18030 big5 big5hkscs euc_jp
    iso2022_jp iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10
    iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic mac-greek
    mac-turkish mac-latin2 mac-croatian mac-romanian mac-iceland tis-620 hz iso2022_kr johab shift_jis
    shift_jisx0213 shift_jis_2004 euc_jis_2004 euc_kr gbk gb2312 utf-7 kz1048 koi8-t cp775 cp857 cp860 cp861
    cp863 cp864 cp865 cp869 cp1125 cp037 cp273 cp500 cp1140 cp737 cp720 cp856 cp1006 cp858 cp1026 cp424
    cp875 utf-8-sig ascii """.split()
)
"""Text encodings only: Python's registry also holds zip, base64 and idna, which a file must not name."""


def codec_name(label: str) -> str | None:
    """Python's name of an encoding, or None where it is unknown or no encoding of text."""
    name = label.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return found if found in _SAFE else None


def declared(data: bytes, content_type: str | None = None) -> str | None:
    """The encoding that a content type or the head of the text names."""
    if content_type:
        found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
        if found and (name := codec_name(found[1])):
            return name
    head = data[:1024]
    for pattern in _DECLARED:
        match = pattern.search(head)
        if match and (name := codec_name(match[1].decode("ascii", "ignore"))):
            # ASCII could be read to find the name, so it is not one of those.
            return None if name.startswith(("utf-16", "utf-32")) else name
    return None


def width_of(data: bytes) -> int:
    """The least number of bytes that a character takes."""
    name = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _wide(data[:4096]) or ""
    return 4 if name.startswith("utf-32") else 2 if name.startswith("utf-16") else 1


def is_text(data: bytes) -> bool:
    """Whether bytes look like text in some encoding."""
    head = data[:4096]
    if not head or head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return bool(head)
    if _wide(head):
        return True
    return len(_CONTROL.findall(head)) * 200 <= len(head)


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: by its zero bytes, and by making sense."""
    name = _wide_by_zeros(head)
    if name is None:
        return None
    text = head[: len(head) // 4 * 4].decode(name, "replace")
    return name if len(_NOT_TEXT.findall(text)) * 50 <= len(text) else None


def _wide_by_zeros(head: bytes) -> str | None:
    if len(head) < 8 or 0 not in head:
        return None
    cut = len(head) - len(head) % 4
    lanes = [head[i:cut:4].count(0) * 4 / cut for i in range(4)]
    if lanes[0] < 0.1 and min(lanes[2], lanes[3]) > 0.9:
        return "utf-32-le"
    if lanes[3] < 0.1 and min(lanes[0], lanes[1]) > 0.9:
        return "utf-32-be"
    even, odd = (lanes[0] + lanes[2]) / 2, (lanes[1] + lanes[3]) / 2
    if odd > 0.3 and even < 0.05:
        return "utf-16-le"
    if even > 0.3 and odd < 0.05:
        return "utf-16-be"
    return None


_ORDINARY = {
    "cyrillic": re.compile("[А-Яа-яЁё]"),
    "kana": re.compile("[ぁ-んァ-ヶー。、「」]"),
    "han": re.compile("[一-龥，。、：（）]"),
    "hangul": re.compile("[가-힣]"),
    "greek": re.compile("[Α-ώ]"),
    "latin": re.compile("[À-ÖØ-öø-ÿŒœŠšŽž€£§°«»“”‘’–—…®©ñ¿¡]"),
}
# Characters that come out where bytes are read in a wrong encoding.
_ODD = re.compile("[\x80-\x9f\ue000-\uf8ff\ufffd¤¦¨ªº¬¯¹²³¼½¾×÷ƒ†‡‰˜ˆｦ-ﾝ\u2500-\u259f]")
_COMMON_HAN = re.compile(
    "[的一是不了在人有我他这中大来上国個个们到说時时地为為子要出就会會可也你对對能而下日年月本]"
)


def _score(sample: bytes, encoding: str) -> float:
    """How ordinary the text is that ``encoding`` makes of the sample: about 0 to 2."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except (UnicodeDecodeError, ValueError):
        return -1.0
    high = len(re.findall("[^\x00-\x7f]", text))
    if not high:
        return 0.0
    odd = len(_ODD.findall(text)) / high

    def share(script: str) -> float:
        return len(_ORDINARY[script].findall(text)) / high

    if encoding in ("cp1251", "koi8-r", "cp866"):
        letters = len(re.findall("[а-яё]", text)), len(re.findall("[А-ЯЁ]", text))
        flipped = len(re.findall("[а-яё][А-ЯЁ]", text)) / high
        pairs = len(re.findall("[А-Яа-яЁё]{2}", text)) * 2 / high
        # A word that is half Latin is a Western one read wrongly.
        flipped += len(re.findall("[A-Za-z][А-яё]|[А-яё][A-Za-z]", text)) / high / 2
        return (
            share("cyrillic") * min(pairs, 1.0)
            + (0.2 if letters[0] >= letters[1] else -0.4)
            - 2 * flipped
            - odd
        )
    if encoding == "cp932":
        return 0.9 * share("kana") + 0.7 * share("han") + (0.3 if share("kana") > 0.2 else -0.2) - odd
    if encoding == "euc_jp":
        return 0.9 * share("kana") + 0.7 * share("han") + (0.35 if share("kana") > 0.2 else -0.3) - odd
    if encoding in ("gb18030", "big5"):
        common = len(_COMMON_HAN.findall(text)) / high
        return 0.7 * share("han") + min(common * 3, 0.5) - odd - (0.1 if encoding == "big5" else 0.0)
    if encoding == "cp949":
        return share("hangul") + 0.3 * share("han") - odd
    if encoding == "cp1253":
        return share("greek") * (1.0 if high * 2 > len(text) * 0.5 else 0.2) - odd
    # Western text has few high letters, each among plain ones.
    runs = len(re.findall("[À-ÿ]{3}", text)) * 3 / high
    return share("latin") - 0.6 * odd - runs


_CANDIDATES = ("cp1252", "cp1251", "koi8-r", "cp866", "cp932", "gb18030", "big5", "euc_jp", "cp949", "cp1253")


def guess(data: bytes) -> str:
    """The encoding that reads best, of text without a mark."""
    wide = _wide(data[:4096])
    if wide is not None:
        return wide
    if b"\x1b$" in data[:_SAMPLE] and b"\x1b(" in data[:_SAMPLE]:
        return "iso2022_jp"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    # Lines that hold high bytes: a long ASCII head would leave nothing to judge.
    lines: list[bytes] = []
    size = 0
    for line in re.finditer(rb"[^\n]{0,400}[\x80-\xff][^\n]{0,400}", data):
        lines.append(line[0])
        size += len(line[0])
        if size >= _SAMPLE:
            break
    sample = b"\n".join(lines)
    try:
        broken = len(re.findall("\ufffd", sample.decode("utf-8", "replace")))
    except ValueError:
        broken = len(sample)
    multi = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]", sample))
    if multi > 8 * broken:
        return "utf-8"  # UTF-8 with a few broken bytes
    return max(_CANDIDATES, key=lambda encoding: _score(sample, encoding))


def decode(data: bytes, content_type: str | None = None) -> str:
    """The text of bytes; what cannot be decoded becomes U+FFFD."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return clean(data[len(mark) :].decode(name, "replace"))
    told = declared(data, content_type)
    if told is None or _wide(data[:4096]):
        return clean(data.decode(guess(data), "replace"))
    try:
        return clean(data.decode(told))
    except (UnicodeDecodeError, ValueError):
        return clean(data.decode(guess(data) if told == "utf-8" else told, "replace"))


def encoding_of(data: bytes) -> str:
    """The encoding of bytes, a mark at their beginning being one character of the text."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), None) or guess(data)


def clean(text: str) -> str:
    """Text without NUL and other controls that no text holds (they become spaces)."""
    return _NOT_TEXT.sub(" ", text) if _NOT_TEXT.search(text) else text
