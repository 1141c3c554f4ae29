"""
The view ``words``: numbers and signs that were written out become digits and signs again.

"four one one one", "double seven", "einundvierzig elf", "anna dot keller at example dot com", "plus four
nine". Nought to ninety-nine in seven languages, as telephone and card numbers are read aloud. Runs of four
number words or more are rewritten, and what stands between the digits of a run and belongs to it: capital
letters, pieces with digits in them, signs.

Bound: ``_MOST`` bytes around hints are read, each once by each language.

Source: the number words are those of Unicode CLDR's spell-out rules (rbnf) for en, de, fr, es, it, pt and nl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sensor.detect.lazily import lazily
from sensor.detect.views.mapping import Edit, View, merged, settle, splice
from sensor.detect.views.prefixes import PREFIXES, SUFFIXES, expression

__all__ = ["GATES", "NUMBERS", "ONCE", "words"]

_SIMPLE: dict[str, str] = {
    # nought to twenty, in order; alternatives with a slash
    "en": "zero/oh/nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen twenty",
    "de": "null eins/ein zwei/zwo drei vier fünf/fuenf sechs sieben acht neun zehn elf zwölf/zwoelf dreizehn"
    " vierzehn fünfzehn/fuenfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    "fr": "zéro/zero un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
    " seize dix-sept dix-huit dix-neuf vingt",
    "es": "cero uno/un/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
    " dieciséis/dieciseis diecisiete dieciocho diecinueve veinte",
    "it": "zero uno/un due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici"
    " quindici sedici diciassette diciotto diciannove venti",
    "pt": "zero um/uma dois/duas três/tres quatro cinco seis/meia sete oito nove dez onze doze treze"
    " catorze/quatorze quinze dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove vinte",
    "nl": "nul een/één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien"
    " zestien zeventien achttien negentien twintig",
}
_TENS: dict[str, str] = {
    # thirty to ninety
    "en": "thirty forty/fourty fifty sixty seventy eighty ninety",
    "de": "dreißig/dreissig vierzig fünfzig/fuenfzig sechzig siebzig achtzig neunzig",
    "fr": "trente quarante cinquante soixante soixante-dix/septante quatre-vingt/quatre-vingts/huitante"
    " quatre-vingt-dix/nonante",
    "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "nl": "dertig veertig vijftig zestig zeventig tachtig negentig",
}
_COMPOUND: dict[str, tuple[str, ...]] = {
    # how tens and units join: {t}ens, {u}nit
    "en": ("{t} {u}",),
    "de": ("{u}und{t}",),
    "fr": ("{t} {u}", "{t} et {u}"),
    "es": ("{t} y {u}",),
    "it": ("{t}{u}",),
    "pt": ("{t} e {u}",),
    "nl": ("{u}en{t}", "{u}ën{t}"),
}
_IRREGULAR = {
    "veintiuno": "21", "veintiún": "21", "veintidós": "22", "veintidos": "22", "veintitrés": "23",
    "veintitres": "23", "veinticuatro": "24", "veinticinco": "25", "veintiséis": "26", "veintiseis": "26",
    "veintisiete": "27", "veintiocho": "28", "veintinueve": "29",
}  # fmt: skip
_SIGNS = {
    "plus": "+", "più": "+", "mais": "+", "más": "+", "dash": "-", "hyphen": "-", "minus": "-",
    "bindestrich": "-", "tiret": "-", "guión": "-", "guion": "-", "trattino": "-", "hífen": "-",
    "streepje": "-", "strich": "-", "dot": ".", "point": ".", "punkt": ".", "punto": ".", "ponto": ".",
    "punt": ".", "slash": "/", "underscore": "_", "unterstrich": "_", "at": "@", "space": " ",
}  # fmt: skip
_TIMES = {
    "double": 2, "triple": 3, "treble": 3, "doppel": 2, "doppelt": 2, "dreifach": 3, "doble": 2, "doppio": 2,
    "duplo": 2, "dobro": 2, "dubbel": 2,
}  # fmt: skip


def _numbers() -> dict[str, dict[str, str]]:
    """Language to its words for 0 to 99, in small letters."""
    made: dict[str, dict[str, str]] = {}
    for language, simple in _SIMPLE.items():
        listed = [item.split("/") for item in simple.split()]
        tens = [listed[20], *(item.split("/") for item in _TENS[language].split())]
        its = {
            word.replace("-", " "): str(value) for value, spellings in enumerate(listed) for word in spellings
        }
        for ten, spellings in enumerate(tens, 2):
            its.update((word.replace("-", " "), str(ten * 10)) for word in spellings)
            # French counts on from sixty and eighty.
            for unit in range(1, 20 if language == "fr" and ten in (6, 8) else 10):
                for form in _COMPOUND[language]:
                    for t in spellings:
                        for u in listed[unit]:
                            whole = form.format(t=t, u=u).replace("-", " ")
                            its.setdefault(whole, str(ten * 10 + unit))
                            if language == "it":  # ventuno, ventotto: the vowel goes
                                its.setdefault(whole[: len(t) - 1] + u, str(ten * 10 + unit))
        made[language] = its
    made["es"].update(_IRREGULAR)
    return made


NUMBERS: dict[str, dict[str, str]] = _numbers()
"""Language to number words to digits; parts of a number are one blank apart."""


def _alternatives(spellings: Iterable[str]) -> str:
    """Literals for the gate and for ``re``, the longest first, bytes beyond ASCII by their values."""
    raw = sorted({item.encode("utf-8") for item in spellings}, key=lambda item: (-len(item), item))
    return "|".join("".join(chr(b) if b < 0x80 else f"\\x{b:02x}" for b in item) for item in raw)


def _listed(language: str) -> list[str]:
    """A language's words for nought to twenty and for the tens, of two letters or more."""
    spelled = f"{_SIMPLE[language]} {_TENS[language]}".split()
    return [word for item in spelled for word in item.split("/") if len(word) > 1]


_BEGINNING = expression(PREFIXES)
_STEMS = tuple(item[:-1] for item in PREFIXES if item[-1] in "_-")
_SUFFIX = expression(SUFFIXES)
_AT = r"(?:at|arroba|chiocciola|arobase|apenstaartje|klammeraffe|\xc3\xa4t)"
_DOT = r"(?:dot|point|punkt|punto|ponto|punt)"
_OPEN, _CLOSE = r"(?: ?[\[({<]{1,2} ?)", r"(?: ?[\])}>]{1,2} ?)"
_BARE = "[ _-]{1,2}"
_SPELLED_DOT = f"(?:{_OPEN}(?:{_DOT}|\\.){_CLOSE}|{_BARE}{_DOT}{_BARE})"
_SPELLED_AT = f"(?:{_OPEN}(?:{_AT}|@){_CLOSE}|{_BARE}{_AT}{_BARE})"
_HOST = "[0-9a-z-]{1,30}"
_DIGITS = _alternatives(
    sorted(
        {
            word
            for simple in _SIMPLE.values()
            for item in simple.split()[:10]
            for word in item.split("/")
            if len(word) > 1
        }
    )
)
_ALL = _alternatives(sorted({word for name in _SIMPLE for word in _listed(name)}))
_HIGHER = _alternatives(
    sorted(
        {
            word
            for name in _SIMPLE
            for item in f"{_SIMPLE[name]} {_TENS[name]}".split()[10:]
            for word in item.split("/")
        }
    )
)
_CLEAR = expression(tuple(item for item in SUFFIXES if item not in ("at", "be", "no", "it", "io")))
"""Without those that are words of English."""
_SPELLED_SUFFIX = f"(?:dot|punkt|punto|ponto|point|punt)(?: | ?[\\])}}>]{{1,2}} ?|_){_CLEAR}\\b"

GATES: tuple[tuple[str, str], ...] = (
    # Three in a row, and the first letters of a fourth word; in any of the languages, or in two of them.
    ("words.numbers", f"(?i)(?:{_DIGITS}) (?:{_DIGITS}) (?:{_DIGITS}) "),
    ("words.numbers", f"(?i)(?:{_DIGITS})-(?:{_DIGITS})-(?:{_DIGITS})-"),
    ("words.numbers", f"(?i)(?:{_DIGITS}), (?:{_DIGITS}), (?:{_DIGITS}),"),
    ("words.numbers", f"(?i)(?:{_DIGITS})\\n(?:{_DIGITS})\\n(?:{_DIGITS})"),
    # Numbers above nine in words: two are enough, few texts have them.
    ("words.numbers", f"(?i)(?:{_ALL}) (?:{_HIGHER})[ -]"),
    ("words.numbers", f"(?i)(?:double|triple) (?:{_DIGITS}) (?:{_DIGITS}|double|triple)"),
    ("words.email", f"(?i)(?: | ?[\\[({{<]{{1,2}} ?|_){_SPELLED_SUFFIX}"),
    (
        "words.email",
        r"(?i)[0-9a-z](?:\[at\]|\(at\)|\{at\}|<at>|\[arroba\]|\(arroba\)|\(chiocciola\)|\(arobase\))[0-9a-z]",
    ),
    (
        "words.email",
        r"(?i)[0-9a-z](?: \[at\] | \(at\) |\[ at \]|\( at \)| \{at\} | <at> | \(arroba\) )[0-9a-z]",
    ),
    ("words.secret", f"{_BEGINNING}[0-9A-Za-z_-]{{0,36}} [a-z]"),
    ("words.secret", f"\\b{expression(_STEMS)} (?:underscore|dash|hyphen|minus) "),
    (
        "words.mixed",
        r"\b[0-9A-Za-z_@.+-] (?:zero|one|two|three|four|five|six|seven|eight|nine) [0-9A-Za-z_@.+-] ",
    ),
)
ONCE: frozenset[str] = frozenset()

_REACH = 640
"""Bytes on either side of a hint that are read; a value spelled out is shorter."""
_MOST = 65536
"""Bytes that are read in one text: what is dictated is short."""
_LIKELY = 2
"""Languages that are tried: those that know most of the words."""
_FEWEST = 4
"""Number words that make a run."""
_FEWEST_MIXED = 7
"""Words and single characters that make one."""
_GLUE = lazily(rb"[ ,.;/\n\t-]{1,5}")
_KNOWN = lazily(_BEGINNING.encode("ascii"))
_STEM = frozenset(item.encode("ascii") for item in _STEMS)
_JOIN = r"(?:dash|hyphen|minus|underscore|bindestrich|unterstrich|tiret|trattino|gui\xc3\xb3n|guion)"
_SIGN = f"(?:{_SPELLED_DOT}|[.]| {_JOIN} )"
_EMAIL = lazily(
    f"(?i)[0-9a-z_+-]{{1,64}}(?:{_SIGN}[0-9a-z_+-]{{1,64}}){{0,4}}(?:{_SPELLED_AT}|@)"
    f"(?:{_HOST}{_SIGN}){{1,5}}{_SUFFIX}\\b".encode("ascii")
)
_EMAIL_SIGN = lazily(f"(?i)(?P<at>{_SPELLED_AT})|(?P<dot>{_SPELLED_DOT})| (?P<join>{_JOIN}) ".encode("ascii"))


class _Token(NamedTuple):
    """A word of a run."""

    start: int
    end: int
    says: bytes
    """Digits, a sign, or the piece itself."""
    kind: str
    """``number``, ``sign`` or ``piece``."""


_WORD = lazily(rb"[0-9A-Za-z_\x80-\xff]+")
_LONGEST = 5
"""Words of one number: quatre-vingt-dix-sept, soixante et onze."""
_PARTS = (b" ", b"-")


def _tokens(
    data: bytes, found: Sequence[tuple[int, int, str]], numbers: Mapping[str, str]
) -> Iterator[_Token]:
    """The words of a window as one language reads them; ``found``: where they are, and in small letters."""
    index = 0
    while index < len(found):
        start, end, word = found[index]
        times = _TIMES.get(word, 0)
        if times and index + 1 < len(found) and found[index + 1][2] in numbers:
            end = found[index + 1][1]
            yield _Token(start, end, numbers[found[index + 1][2]].encode("ascii") * times, "number")
            index += 2
            continue
        if word in _SIGNS:
            yield _Token(start, end, _SIGNS[word].encode("ascii"), "sign")
            index += 1
            continue
        phrase, best, last = word, numbers.get(word), index
        for further in range(index + 1, min(index + _LONGEST, len(found))):
            if data[found[further - 1][1] : found[further][0]] not in _PARTS:
                break
            phrase += " " + found[further][2]
            if phrase in numbers:
                best, last = numbers[phrase], further
        if best is None:
            yield _Token(start, end, data[start:end], "piece")
        else:
            yield _Token(start, found[last][1], best.encode("ascii"), "number")
        index = last + 1


def _lower(raw: bytes) -> str:
    """Small letters of what may be cut inside a character."""
    return raw.decode("utf-8", "replace").lower()


def words(data: bytes, hints: Mapping[str, Sequence[int]]) -> View | None:
    """The view, where a hint of this module holds what it promised."""
    edits: list[Edit] = []
    left = _MOST
    for hint, ends in hints.items():
        for low, high in merged(ends, _REACH, _REACH, len(data)):
            high = min(high, low + left)
            left -= high - low
            if hint == "words.email":
                edits.extend(_emails(data, low, high))
            else:
                edits.extend(_spoken(data, low, high))
    return splice("words", data, settle(edits))


def _spoken(data: bytes, low: int, high: int) -> list[Edit]:
    """What is read aloud between two places, in the language that makes the most of it."""
    found = [(*item.span(), _lower(item[0])) for item in _WORD.finditer(data, low, high)]
    best: list[Edit] = []
    spoken = sorted(NUMBERS.values(), key=lambda numbers: -sum(word in numbers for _, _, word in found))
    for numbers in spoken[:_LIKELY]:
        edits = [edit for run in _runs(data, _tokens(data, found, numbers)) for edit in _read(data, run)]
        if len(edits) > len(best):
            best = edits
    return best


def _emails(data: bytes, low: int, high: int) -> Iterator[Edit]:
    for found in _EMAIL.finditer(data, low, high):
        for sign in _EMAIL_SIGN.finditer(data, found.start(), found.end()):
            says = (
                b"@" if sign["at"] else b"." if sign["dot"] else _SIGNS[_lower(sign["join"])].encode("ascii")
            )
            yield Edit(sign.start(), sign.end(), says)


def _runs(data: bytes, tokens: Iterable[_Token]) -> Iterator[list[_Token]]:
    """Words in a row of which each may belong to one value."""
    run: list[_Token] = []
    for token in tokens:
        if run and _GLUE.fullmatch(data, run[-1].end, token.start):
            # A piece on the next line is the next line's, where the others stand on one.
            wraps = (
                token.kind == "piece"
                and data[token.start - 1] == 0x0A
                and b"\n" not in data[run[0].end : run[-1].start]
            )
            if _belongs(token, run) and not (wraps and len(run) > 1):
                run.append(token)
                continue
        if run:
            yield run
        run = [token] if _belongs(token, ()) else []
    if run:
        yield run


def _belongs(token: _Token, run: Sequence[_Token]) -> bool:
    """Whether a word may stand in a value, or begin one where ``run`` is empty."""
    if token.kind != "piece":
        return bool(run) or token.kind == "number" or token.says == b"+"
    says = token.says
    if len(says) == 1 or _KNOWN.match(says):
        return True
    if run:
        if _is_known(run) or says.isdigit():
            return True
        return len(says) <= 5 and says.isalnum() and says.upper() == says
    return says in _STEM or (len(says) == 2 and says.isalpha() and says.isupper())


def _is_known(run: Sequence[_Token]) -> bool:
    """Whether a run begins as a secret does."""
    return _KNOWN.match(b"".join(token.says for token in run[:5])) is not None


def _read(data: bytes, run: list[_Token]) -> Iterator[Edit]:
    """The edits of a run: words to what they say, and nothing between."""
    known = _is_known(run)
    while run and run[-1].kind == "sign":
        run.pop()
    while run and not known and run[-1].kind == "piece" and len(run[-1].says) > 1:
        run.pop()
    numbers = sum(token.kind == "number" for token in run)
    if not (numbers >= _FEWEST or (known and numbers) or (numbers and len(run) >= _FEWEST_MIXED)):
        return
    gaps = [data[one.end : two.start] for one, two in zip(run, run[1:], strict=False)]
    usual = max(set(gaps), key=lambda gap: (gaps.count(gap), -len(gap)))
    for token, gap in zip(run, [*gaps, None], strict=True):
        if token.kind != "piece":
            yield Edit(token.start, token.end, token.says)
        if gap is not None:
            sign = gap.strip(b" \n\t,;")
            yield Edit(token.end, token.end + len(gap), b"" if gap == usual else sign or b" "[: len(gap) > 1])
