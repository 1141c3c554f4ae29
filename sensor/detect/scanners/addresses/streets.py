"""
Streets that a word tells: ``12 High Street``, ``Lindenstraße 5``, ``Calle Mayor 5``, ``ул. Ленина, д. 5``.

Every function takes the text and the place where a gate expression ended and gives a ``Core`` or ``None``. It
reads at most a hundred characters either way. Scores here are of the core alone; ``join`` adds what the
neighbours prove.
"""

from __future__ import annotations

from sensor.detect.scanners.addresses.names import (
    ONLY_STREET,
    STREET,
    SURE,
    WINDOW,
    Core,
    is_year,
    name_back,
    number_behind,
    read_name,
    word_before,
)  # fmt: skip
from sensor.detect.scanners.addresses.patterns import Patterns
from sensor.detect.scanners.addresses.words import (
    CONNECTORS,
    LABELS,
    LOOSE_ENDINGS,
    NO_CITY,
    NO_NAME,
    STRONG_TYPES,
    SURE_ENDINGS,
)  # fmt: skip

__all__ = ["corner", "english", "name_first", "street_word"]

_ONE_WORD = (
    "side",
    "gate",
    "way",
    "wood",
    "field",
    "hill",
    "bury",
    "row",
    "wharf",
    "market",
    "croft",
    "dale",
    "bank",
    "mead",
)
"""English streets of one word: 96 Cheapside."""

_SHORT = frozenset("st str ave av rd ln blvd cres ter sq dr ct pl hwy tpke".split())

_BEFORE_YEAR = frozenset(
    "in since of the during from by until after before for seit dem en depuis desde".split()
)

_DIRECTIONS = (
    "Northwest",
    "Northeast",
    "Southwest",
    "Southeast",
    "NW",
    "NE",
    "SW",
    "SE",
    "N",
    "S",
    "E",
    "W",
    "North",
    "South",
    "East",
    "West",
)


def english(text: str, at: int, look: Patterns) -> Core | None:
    """``12 High Street``, ``4500 N Oak Tree Blvd``, ``12 main street``."""
    found = look.en.search(text, max(0, at - WINDOW), at)
    if found is None:
        road = look.en_road.search(text, max(0, at - 40), at + 6)
        if road is None:
            return None
        return _checked_english(text, road.start(), road.end(), 0.6)
    if text[at : at + 1].isalnum():
        return None  # the gate takes the first byte of å for the end of a word
    name, kind = found["name"].strip(" ,"), found["type"]
    end = found.end()
    strong = kind.lower() in STRONG_TYPES
    words = name.replace(",", "").split()
    if any(word[-1] == "." and len(word) > 5 for word in words):
        return None
    if (
        "," in found[0].split(" ", 1)[0]
        and not strong
        and kind not in ("Marg", "Nagar", "Chowk", "Path", "Circle", "Salai", "Colony")
    ):
        return None
    if not words:
        if kind not in ("Broadway", "BROADWAY", "Esplanade", "Parade"):
            if len(kind) < 7 or not kind.endswith(_ONE_WORD) or is_year(found[0].split(" ", 1)[0]):
                return None
            strong = False
    elif words[0].lower().rstrip(".") in NO_NAME and not (
        strong and words[0] in ("The", "First", "Second", "Third", "Half", "Best", "Days")
    ):
        return None
    small = [word for word in words if word[:1].islower() and not word[:1].isdigit()]
    if small:
        if any(word.lower() in NO_NAME or word in CONNECTORS for word in small) and (
            len(small) == len(words) or len(small) > 2
        ):
            return None
        if len(small) == len(words) and (
            len(words) > 2 or not strong and kind.lower() not in ("drive", "dr", "court", "ct")
        ):
            return None
    score = 0.65 if strong else 0.55 if words else 0.45
    if kind.islower():
        if not strong and kind not in ("drive", "court", "dr", "ct", "hwy", "pkwy"):
            return None
        score = 0.55
    return _checked_english(text, found.start(), end, score)


def _checked_english(text: str, start: int, end: int, score: float) -> Core | None:
    if text[end : end + 1] == "." and text[max(start, end - 4) : end].rsplit(" ", 1)[-1].lower() in _SHORT:
        end += 1
    for way in _DIRECTIONS:
        if (
            text.startswith(", " + way, end)
            and len(way) < 3
            and text[end + 2 + len(way) : end + 3 + len(way)] in (",", ".")
        ):
            end += 2 + len(way)
            break
        if text.startswith(" " + way, end) and not text[end + 1 + len(way) : end + 2 + len(way)].isalnum():
            end += 1 + len(way)
            if text[end : end + 1] == "." and len(way) < 3:
                end += 1
            break
    number = text[start:end].split(" ", 1)[0]
    if word_before(text, start) in LABELS:
        score = 0.4
    elif is_year(number.rstrip(",")):
        late = text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()
        if late or score < 0.6 or word_before(text, start) in _BEFORE_YEAR:
            score -= 0.2
    return Core(start, end, score, STREET)


_ADJECTIVES = frozenset(
    "obere untere alte neue große grosse kleine lange hintere vordere innere äußere mittlere hohe breite "
    "am im zur zum "
    "oude nieuwe grote lange korte kleine eerste tweede derde van de den het ter ten von vom sint gamla "
    "nya stora lilla östra västra norra "
    "södra gamle store lille øvre nedre nordre søndre vestre østre mount old new st".split()
)


def name_first(text: str, at: int, look: Patterns) -> Core | None:
    """``Lindenstraße 5``, ``Berliner Str. 12a``, ``Невский проспект, 28``: the number last; ``at`` is in
    or behind it."""
    first = at - 1
    while first > 0 and text[first - 1].isdigit():
        first -= 1
    found = look.number.match(text, first, first + 24)
    if found is None:
        return None
    end = found.end()
    mark = look.mark_back.search(text, max(0, first - 10), first)
    stop = first if mark is None else mark.start()
    return _named(text, stop, first, end)


def _named(text: str, stop: int, first: int, end: int) -> Core | None:
    start = name_back(text, stop, 1)
    last = text[start if start is not None else max(0, stop - 30) : stop]
    word = last.rsplit(" ", 1)[-1]
    low = word.lower()
    sure = low.endswith(SURE)
    if start is None:
        # a street word that stays small: "tänav 5", "utca 5", "straße 5"
        begin = stop - len(word)
        if not sure:
            return None
        before = name_back(text, begin - 1, 4) if text[begin - 1 : begin] == " " else None
        if before is None:
            if (
                len(word) < 9
                or low in SURE_ENDINGS
                or not low.endswith(("straße", "strasse", "straat", "gatan", "gracht", "katu"))
            ):
                return None
            before = begin
        elif _is_verb(text[before:begin], low) or low == "str." and begin - before < 5:
            return None
        return Core(before, end, 0.6, STREET)
    bare = low in SURE_ENDINGS or low in LOOSE_ENDINGS
    if bare or word[:1].isdigit():
        more = name_back(text, stop, 5)
        start = more if more is not None else start
    else:
        before = start
        while before and text[before - 1] == " ":
            lead = before - 1
            while lead > 0 and (text[lead - 1].isalnum() or text[lead - 1] in ".'’-"):
                lead -= 1
            part = text[lead : before - 1]
            if part.lower() not in _ADJECTIVES and (not part[:1].isupper() or part in NO_CITY or lead == 0):
                break
            if part[-1:] == "." and len(part) > 4:
                break
            before = lead
            if text[before].isupper():
                start = before
    if _is_verb(text[start:stop], low) or low == "str." and stop - start < 9:
        return None
    number = text[first:end]
    score = 0.6 if sure else 0.4
    if bare and start >= stop - len(word):
        score = 0.35 if low not in ("straße", "strasse", "str.", "улица") else 0.5
    if is_year(number) or len(number) > 4 and number.isdigit():
        score -= 0.25
    if word[:-4].endswith(("Sp", "St", "Du", "oni", "ee", "eu")) and low.endswith("ring"):
        score = 0.2
    return Core(start, end, score, STREET)


def _is_acronym(name: str) -> bool:
    """``HTTP``, ``IPC``; not ``XX Settembre`` or ``S. Maria``."""
    word = name.split(" ", 1)[0].rstrip(".")
    return len(word) > 1 and word.isupper() and not set(word) <= set("IVXLC") and not name[-1:].islower()


def _is_verb(name: str, kind: str) -> bool:
    """Whether the word before a Russian street word is no adjective: Занимает площадь 900."""
    return "а" <= kind[:1] <= "я" and name.split(" ", 1)[0][-1:] not in ("й", "я", "е", "о", "а")


_ALWAYS = frozenset(
    "calle avenida avda rua travessa rue avenue chemin impasse ulica ulicy ul al os ул улица улице улицы "
    "улицу просп пр-т "
    "пер переулок переулке пл наб шоссе проспект проспекте viale piazza corso vicolo c/ av carrer paseo "
    "praça estrada "
    "rodovia boulevard bd blvd quai chaussée chaussee allée allee ronda carretera calzada".split()
)
"""Street words that prove a street although its name is written small."""


_WEAK = frozenset("jr r c loc cl eje conjunto setor quadra route square".split())
"""Street words that begin other names as well."""


def street_word(text: str, at: int, look: Patterns) -> Core | None:
    """``Calle Mayor 5``, ``12 rue de la Paix``, ``ул. Ленина, д. 5``: the street word first; ``at`` is in
    the name."""
    name = at - 1
    stop = name
    while stop > 0 and text[stop - 1] == " ":
        stop -= 1
    start = stop
    while start > 0 and stop - start < 20 and (text[start - 1].isalnum() or text[start - 1] in "./-º"):
        start -= 1
    if start == stop:
        return None
    kind = text[start:stop]
    base = kind.lower().rstrip(".")
    lead = look.number_back.search(text, max(0, start - 20), start)
    lowers = 3 if base in _ALWAYS else 1 if kind[0].islower() else 0
    end, capitals = read_name(text, name, look, lowers)
    if text.startswith("J.", name) and base == "av":
        return None  # avant J.-C.
    if not end or not capitals and lowers < 3:
        return None
    if lead is not None and "а" <= base[:1] <= "я":
        lead = None  # the number never stands first
    if (
        lead is not None
        and word_before(text, lead.start()) not in LABELS
        and kind not in ("Jr.", "Loc.", "Via")
    ):
        value = lead[0].strip(" ,")
        score = 0.65 if capitals else 0.55
        second = number_behind(text, end, look)
        if second is not None and base not in ("rue", "avenue", "boulevard", "chemin", "impasse", "quai"):
            end = second[1]  # 6889 ul. Jarzębinowa 5
        return Core(lead.start(), end, score - 0.2 * is_year(value), STREET)
    behind = number_behind(text, end, look)
    if behind is not None and base in ("via", "route", "r", "square") and _is_acronym(text[name:end]):
        return None  # Via HTTP 2
    if behind is not None:
        if (
            not capitals
            and text[behind[0] - 2 : behind[0]] != ", "
            and text[behind[1] : behind[1] + 1] not in ("", ",", ".", ";", "\n")
        ):
            return None
        score = 0.65 if capitals else 0.5
        if base not in _ALWAYS:
            score -= 0.05
        value = text[behind[0] : behind[1]]
        if base in ("via", "place", "square", "route", "r", "jr", "pl", "cl", "str", "weg") and is_year(
            value
        ):
            return None
        if is_year(value) and behind[0] - end < 2 and text[behind[1] : behind[1] + 1] != ",":
            score -= 0.2
        if base in _WEAK:
            score -= 0.15
        if kind == "Pl.":
            score -= 0.15
        if base == "al" and text[max(0, start - 3) : start] in ("et ", "ET "):
            return None
        return Core(start, behind[1], score, STREET)
    if base in ("jr", "al", "str", "loc", "pl", "r", "c"):
        return None
    return Core(start, end, 0.3, ONLY_STREET)


_CORNERS = frozenset(
    "street st avenue ave road rd lane boulevard blvd straße strasse rue calle via drive way".split()
)
"""What one of two streets written small has to be called."""


def corner(text: str, at: int, look: Patterns) -> Core | None:
    """``the corner of Main Street and 5th Avenue``; ``at`` is behind "corner of "."""
    found = look.corner.match(text, at, at + 110)
    if found is None:
        found = look.low_corner.match(text, at, at + 110)
        if found is None or not any(word in _CORNERS or word.isdigit() for word in found[0].lower().split()):
            return None
    start = at - len("corner of ")
    if text[max(0, start - 4) : start].lower() == "the ":
        start -= 4
    return Core(start, found.end(), 0.6, "a corner of two streets")
