"""
Names of glyphs to text, and the encodings that fonts may name.

Most names are made by rule: a letter and the name of its accent, Greek and Hebrew letters by their Unicode
names, ``uniXXXX``. A table holds the rest.

Source: Adobe Glyph List Specification (names, suffixes, ligatures by underscore); ISO 32000-2 annex D
(Standard, MacRoman, WinAnsi and PDFDoc encodings; the Symbol font's).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["PDF_DOC", "base_encoding", "glyph_text", "text_string"]

_NAMED = dict(
    pair.split("=", 1)
    for pair in (
        "space=\u0020 exclam=! quotedbl=\" numbersign=# dollar=$ percent=% ampersand=& quotesingle=' "
        "parenleft=( "
        "parenright=) asterisk=* plus=+ comma=, hyphen=- period=. slash=/ zero=0 one=1 two=2 three=3 "
        "four=4 five=5 "
        "six=6 seven=7 eight=8 nine=9 colon=: semicolon=; less=< equal== greater=> question=? at=@ "
        "bracketleft=[ "
        "backslash=\\ bracketright=] asciicircum=^ underscore=_ grave=` braceleft={ bar=| braceright=} "
        "asciitilde=~ "
        "exclamdown=¡ cent=¢ sterling=£ currency=¤ yen=¥ brokenbar=¦ section=§ dieresis=¨ copyright=© "
        "ordfeminine=ª "
        "guillemotleft=« logicalnot=¬ registered=® macron=¯ degree=° plusminus=± acute=´ mu=µ paragraph=¶ "
        "periodcentered=· middot=· cedilla=¸ ordmasculine=º guillemotright=» onequarter=¼ onehalf=½ "
        "threequarters=¾ questiondown=¿ AE=Æ Eth=Ð multiply=× Oslash=Ø Thorn=Þ germandbls=ß ae=æ eth=ð "
        "divide=÷ "
        "oslash=ø thorn=þ OE=Œ oe=œ dotlessi=ı lslash=ł Lslash=Ł florin=ƒ circumflex=ˆ caron=ˇ breve=˘ "
        "dotaccent=˙ "
        "ring=˚ ogonek=˛ tilde=˜ hungarumlaut=˝ endash=– emdash=— quoteleft=‘ quoteright=’ quotesinglbase=‚ "
        "quotedblleft=“ quotedblright=” quotedblbase=„ dagger=† daggerdbl=‡ bullet=• ellipsis=… "
        "perthousand=‰ "
        "guilsinglleft=‹ guilsinglright=› fraction=/ Euro=€ trademark=™ minus=− fi=fi fl=fl ff=ff ffi=ffi "
        "ffl=ffl "
        "dcroat=đ Dcroat=Đ hbar=ħ Hbar=Ħ tbar=ŧ Tbar=Ŧ eng=ŋ Eng=Ŋ ij=ij IJ=IJ longs=ſ kgreenlandic=ĸ "
        "napostrophe=ŉ "
        "schwa=ə Germandbls=ẞ nbspace=\u00a0 nonbreakingspace=\u00a0 sfthyphen=- softhyphen=- hyphenminus=- "
        "numero=№ estimated=℮ infinity=∞ integral=∫ lessequal=≤ greaterequal=≥ notequal=≠ approxequal=≈ "
        "partialdiff=∂ summation=∑ product=∏ radical=√ lozenge=◊ Delta=∆ Omega=Ω arrowleft=← arrowup=↑ "
        "arrowright=→ arrowdown=↓ element=∈ emptyset=∅ intersection=∩ union=∪ logicaland=∧ logicalor=∨ "
        "universal=∀ existential=∃ gradient=∇ similar=∼ equivalence=≡ propersubset=⊂ propersuperset=⊃ "
        "angle=∠ asteriskmath=∗ dotmath=⋅ proportional=∝ perpendicular=⊥ circleplus=⊕ circlemultiply=⊗ "
        "minute=′ second=″ figuredash=‒ afii61352=№ afii00208=― afii61289=ℓ afii61664=\u200c afii301=\u200d "
        "franc=₣ lira=₤ peseta=₧ won=₩ dong=₫ rupee=₨ onesuperior=1 twosuperior=2 threesuperior=3 "
        "foursuperior=4 zerosuperior=0 fivesuperior=5 sixsuperior=6 sevensuperior=7 eightsuperior=8 "
        "ninesuperior=9 "
        "checkmark=✓ square=□ filledbox=■ H22073=□ circle=○ H18533=■ triagup=▲ triagdn=▼ visiblespace=\u0020 "
        "dotlessj=ȷ theta1=ϑ phi1=ϕ omega1=ϖ sigma1=ς Upsilon1=ϒ aleph=ℵ Ifraktur=ℑ Rfraktur=ℜ weierstrass=℘ "
        "carriagereturn=↵ spade=♠ club=♣ heart=♥ diamond=♦ registerserif=® copyrightserif=© trademarkserif=™ "
        "registersans=® copyrightsans=© trademarksans=™ angleleft=〈 angleright=〉 commaaccent=, "
        "quoteleftbase=‚"
    ).split(" ")
    if "=" in pair
)
_NAMED["space"] = _NAMED["visiblespace"] = " "
_NAMED["equal"] = "="
_ACCENTS = {
    "acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "dieresis": "\u0308", "tilde": "\u0303",
    "ring": "\u030a", "caron": "\u030c", "cedilla": "\u0327", "breve": "\u0306", "macron": "\u0304",
    "ogonek": "\u0328", "dotaccent": "\u0307", "hungarumlaut": "\u030b", "commaaccent": "\u0326",
    "dot": "\u0307",
    "tonos": "\u0301", "dieresistonos": "\u0308\u0301", "horn": "\u031b", "dotbelow": "\u0323",
    "hookabove": "\u0309",
}  # fmt: skip
_ACCENTED = re.compile(
    r"([A-Za-z]|ae|AE|oslash|Oslash)(" + "|".join(sorted(_ACCENTS, key=len, reverse=True)) + r")"
)
_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi "
    "psi omega".split()
)
_GREEK_NAMES = {"lambda": "LAMDA"}
_UNI = re.compile(r"uni((?:[0-9A-Fa-f]{4})+)$|u([0-9A-Fa-f]{4,6})$")
# Cyrillic letters of the Adobe list run in the order of their code points, with gaps for the odd ones.
_AFII = {
    **{10017 + i: chr(0x410 + i) for i in range(6)}, 10023: "Ё",
    **{10024 + i: chr(0x416 + i) for i in range(26)},
    **{10065 + i: chr(0x430 + i) for i in range(6)}, 10071: "ё",
    **{10072 + i: chr(0x436 + i) for i in range(26)},
    10050: "Ґ", 10051: "Ђ", 10052: "Ѓ", 10053: "Є", 10054: "Ѕ", 10055: "І", 10056: "Ї", 10057: "Ј",
    10058: "Љ",
    10059: "Њ", 10060: "Ћ", 10061: "Ќ", 10062: "Ў", 10098: "ґ", 10099: "ђ", 10100: "ѓ", 10101: "є",
    10102: "ѕ",
    10103: "і", 10104: "ї", 10105: "ј", 10106: "љ", 10107: "њ", 10108: "ћ", 10109: "ќ", 10110: "ў",
    10145: "Џ",
    10193: "џ", **{57664 + i: chr(0x5D0 + i) for i in range(27)},
}  # fmt: skip


@lru_cache(maxsize=8192)
def glyph_text(name: str) -> str | None:
    """The text of a glyph by its name; None where the name does not tell."""
    if name in ("", ".notdef"):
        return None
    found = _NAMED.get(name)
    if found is not None:
        return found
    if len(name) == 1:
        return name
    base = name.split(".", 1)[0]
    if "_" in base:
        parts = [glyph_text(part) for part in base.split("_", 8)]
        return "".join(part for part in parts if part) or None
    if base != name:
        return glyph_text(base)
    uni = _UNI.match(name)
    if uni is not None:
        digits = uni[1] or uni[2]
        size = 4 if uni[1] else len(digits)
        codes = [int(digits[i : i + size], 16) for i in range(0, len(digits), size)]
        return (
            "".join(chr(code) for code in codes if code < 0x11_0000 and not 0xD800 <= code < 0xE000) or None
        )
    accented = _ACCENTED.fullmatch(name)
    if accented is not None:
        letter = accented[1] if len(accented[1]) == 1 else _NAMED[accented[1]]
        return unicodedata.normalize("NFC", letter + _ACCENTS[accented[2]])
    low = name.lower()
    if low in _GREEK:
        case = "SMALL" if name[0].islower() else "CAPITAL"
        return unicodedata.lookup(f"GREEK {case} LETTER {_GREEK_NAMES.get(low, low.upper())}")
    if name.startswith("afii") and name[4:].isdigit() and len(name) < 12:
        return _AFII.get(int(name[4:]))
    if low.endswith("small") and len(name) > 5:  # small capitals
        return glyph_text(name[0].lower() + name[1:-5]) or glyph_text(name[:-5])
    if low.endswith(("oldstyle", "inferior", "superior")):
        return glyph_text(name[:-8])
    return None


_ASCII = {code: chr(code) for code in range(32, 127)}
_STANDARD_HIGH = (
    (0xA1, "¡¢£/¥ƒ§¤'“«‹›ﬁﬂ"), (0xB1, "–†‡·"), (0xB6, "¶•‚„”»…‰"), (0xBF, "¿"), (0xC1, "`´ˆ˜¯˘˙¨"), (0xCA,
    "˚¸"),
    (0xCD, "˝˛ˇ—"), (0xE1, "Æ"), (0xE3, "ª"), (0xE8, "ŁØŒº"), (0xF1, "æ"), (0xF5, "ı"), (0xF8, "łøœß"),
)  # fmt: skip
_STANDARD = {**_ASCII, 0x27: "’", 0x60: "‘"}
for _start, _chars in _STANDARD_HIGH:
    _STANDARD.update({_start + _i: {"ﬁ": "fi", "ﬂ": "fl"}.get(_c, _c) for _i, _c in enumerate(_chars)})


def _codec(name: str) -> dict[int, str]:
    table: dict[int, str] = {}
    for code in range(32, 256):
        text = bytes((code,)).decode(name, "ignore")
        if text:
            table[code] = text
    return table


_SYMBOL_LETTERS = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_SYMBOL = {
    **_ASCII, **{0x41 + i: c for i, c in enumerate(_SYMBOL_LETTERS)},
    **{0x61 + i: c for i, c in enumerate("αβχδεφγηιϕκλμνοπθρστυϖωξψζ")},
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼",
    0xA0: "€",
    0xA2: "′", 0xA3: "≤", 0xA4: "/", 0xA5: "∞", 0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×",
    0xB5: "∝",
    0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xD2: "®", 0xD3: "©",
    0xD4: "™",
}  # fmt: skip


@lru_cache(maxsize=16)
def base_encoding(name: str) -> dict[int, str]:
    """Code to text under an encoding that a font names."""
    if name == "WinAnsiEncoding":
        table = _codec("cp1252")
        table.update({0xA0: " ", 0xAD: "-"})
        table.update({code: "•" for code in (0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D)})
        return table
    if name == "MacRomanEncoding":
        return _codec("mac_roman")
    if name == "Symbol":
        return _SYMBOL
    return _STANDARD


PDF_DOC = {code: chr(code) for code in range(256)}
PDF_DOC.update(
    {0x18 + i: c for i, c in enumerate("˘ˇˆ˙˝˛˚˜")}
    | {0x80 + i: c for i, c in enumerate("•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž")}
    | {0x9F: "\ufffd", 0xA0: "€"}
)
_LANGUAGE = re.compile("\x1b[^\x1b]{2,8}\x1b")


def text_string(raw: bytes) -> str:
    """A text string: UTF-16 or UTF-8 by its mark, else PDFDocEncoding (7.9.2.2)."""
    if raw.startswith(b"\xfe\xff"):
        return _LANGUAGE.sub("", raw[2:].decode("utf-16-be", "replace"))
    if raw.startswith(b"\xff\xfe"):
        return raw[2:].decode("utf-16-le", "replace")
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "replace")
    return raw.decode("latin-1").translate(PDF_DOC)
