"""
The whole address around its core: units, postal code and town, region, country, on both sides.

The parts are taken one by one, over commas, line ends and the marks of quoted mail, as long as each is a part
of an address by its own shape; the sentence behind is left alone. What is found raises the score.
"""

from __future__ import annotations

from typing import NamedTuple

from sensor.detect.lazily import lazily
from sensor.detect.scanners.addresses.names import ONLY_STREET, Core, before, segment
from sensor.detect.scanners.addresses.patterns import Patterns
from sensor.detect.scanners.addresses.words import (
    CODE_STARTS,
    COUNTRY_STARTS,
    LOCAL_STARTS,
    NO_CITY,
    PLACE_ENDS,
    REGION_STARTS,
    TOWNS,
    UNIT_STARTS,
)

__all__ = ["Address", "fields_behind", "join"]

MAX_PARTS = 8
_BREAKS = frozenset(" \t,;|–—•·\\<\r\n-/")
"""What a break between two parts begins with."""
_JOINS = frozenset(" \t,;\n\r>|?*-n")
"""What one ends with, the n of an escaped line end among them."""
REACH = 90
"""Characters of one part with what stands before it."""


class Address(NamedTuple):
    """One address, in characters."""

    start: int
    end: int
    score: float
    reasons: tuple[str, ...]


_PROOF = {
    "code": (0.3, "a postal code and a town"),
    "town": (0.3, "a postal code and a town"),
    "region": (0.2, "a region"),
    "unit": (0.15, "a unit"),
    "country": (0.15, "a country"),
    "local": (0.15, "a quarter"),
    "city": (0.05, "a town"),
    "place": (0.05, "a building"),
}


def join(text: str, core: Core, look: Patterns) -> Address:
    """The address that a core is the heart of."""
    end, kinds = _rightwards(text, core.end, look)
    start, more = _leftwards(text, core.start, look)
    score = core.score
    reasons = [core.why]
    for kind in dict.fromkeys((*kinds, *more)):
        plus, why = _PROOF[kind]
        score += plus
        if why not in reasons:
            reasons.append(why)
    if core.why == ONLY_STREET and not {"code", "town"} & {*kinds, *more}:
        score = min(score, 0.45)
    return Address(start, end, min(0.95, score), tuple(reasons))


def _rightwards(text: str, end: int, look: Patterns) -> tuple[int, list[str]]:
    kinds: list[str] = []
    size = len(text)
    if text[end : end + 1] == "." and text[end - 1 : end].isdigit():
        # Hungarian sets a full stop behind the number: Rákóczi út 66.
        gap = look.break_.match(text, end + 1, end + 30)
        if gap is not None and (
            "\n" in gap[0] or look.unit.match(text, gap.end(), gap.end() + 20) is not None
        ):
            end += 1
    for _ in range(MAX_PARTS):
        gap = look.break_.match(text, end, end + 40) if text[end : end + 1] in _BREAKS else None
        if gap is None:
            break
        at = gap.end()
        if at >= size:
            break
        between = gap[0]
        if between.count("\n") > 2:
            break
        found = _part(text, at, between, kinds, look)
        if found is None:
            break
        kind, stop = found
        if (
            ("code" in kinds or "town" in kinds)
            and kind not in ("country", "region", "local")
            and not (
                kind == "city"
                and (between == "/" or kinds[-1] == "town")
                and (between == "/" or text[_back(text, end) - 5 : end].strip().isdigit())
            )
        ):
            break
        kinds.append(kind)
        end = stop
        if kind == "country":
            after = look.break_.match(text, end, end + 20)
            code = after and look.code.match(text, after.end(), after.end() + 12)
            if code:
                end = code.end()
                kinds.append("code")
            break
        if kind == "last":
            kinds[-1] = "city"
            break
    if text[end : end + 1] in (" ", ",") and (
        text[end : end + 3].strip(" ,")[:1].islower() or text[end + 1 : end + 2] == "#"
    ):
        low = look.lower_state.match(text, end, end + REACH)
        if low is not None:
            return low.end(), [*kinds, "town"]
    return _back(text, end), kinds


def _part(text: str, at: int, gap: str, kinds: list[str], look: Patterns) -> tuple[str, int] | None:
    """The part of an address at ``at``: its kind and its end."""
    first = text[at]
    reach = at + REACH
    if first.isdigit():
        found = look.digits.match(text, at, reach)
        if found is None:
            return None
        if found.lastgroup == "unit":
            return "unit", found.end()
        if not _good_code(text, found[0], gap, found.end(), kinds):
            return None
        return "code", _clean(text, at, found.end(), kinds)
    if not first.isalpha():
        if first == "#":
            found = look.unit.match(text, at, reach)
            return None if found is None else ("unit", found.end())
        if first == "(":
            found = look.paren_code.match(text, at, reach)
            if found is not None:
                return "code", found.end()
            found = look.region.match(text, at, reach)
            return None if found is None else ("region", found.end())
        if first in "'’":
            found = look.city.match(text, at, reach)
            return None if found is None else ("city", found.end())
        return None
    word = look.word.match(text, at, reach)
    name = word[0] if word else first
    low = name.lower()
    wide = gap.strip(" \t") != ""
    if low in UNIT_STARTS:
        found = look.unit.match(text, at, reach)
        if found is not None and (
            wide or len(name) > 1 or text[at + len(name) : at + len(name) + 1] in ".:" or name.islower()
        ):
            return "unit", found.end()
        if not wide:
            return None
    if low in LOCAL_STARTS:
        found = look.local.match(text, at, reach)
        if found is not None:
            return "local", found.end()
    if (
        low in CODE_STARTS
        or len(name) < 4
        and text[at + len(name) : at + len(name) + 1] in "- "
        and name.isupper()
    ):
        found = look.tagged.match(text, at, reach)
        if found is not None and (low in CODE_STARTS or text[at + len(name)] == "-"):
            return "code", _clean(text, at, found.end(), kinds)
    if not first.isupper():
        region = look.region.match(text, at, reach) if "\n" in gap and len(name) < 4 else None
        return None if region is None else ("region", region.end())
    if name in NO_CITY:
        return None
    if name in COUNTRY_STARTS:
        found = look.country.match(text, at, reach)
        if found is not None and (len(found[0]) > 2 or wide or kinds):
            return "country", found.end()
    if low in ("apo", "fpo", "dpo"):
        found = look.apo.match(text, at, reach)
        if found is not None:
            return "code", found.end()
    if name in REGION_STARTS or name.isupper() and len(name) < 5 or "\n" in gap and len(name) < 4:
        found = look.region.match(text, at, reach)
        if (
            found is not None
            and (wide or kinds or len(found[0]) > 3)
            and not look.code_after.match(text, found.end(), reach)
        ):
            return "region", found.end()
    found = look.city.match(text, at, reach)
    if look.digit.search(text, at, at + 60):
        if look.lettered.search(text, at, at + 50) is not None:
            town = look.town.match(text, at, reach)
        else:
            town = found and look.code_after.match(text, found.end(), reach)
        if town is not None and "\n\n" not in text[at : town.end()]:
            return "town", _clean(text, at, town.end(), [])
    if found is not None and (wide or kinds):
        region = look.region_after.match(text, found.end(), reach)
        if region is not None:
            return "region", _clean(text, at, region.end(), [])
    if found is None:
        return None
    end = _clean(text, at, found.end(), [])
    last = text[at:end].rsplit(" ", 1)[-1]
    if last in PLACE_ENDS and wide and "\n" not in gap:
        return "place", end
    if (
        kinds.count("city") > 1
        or text[end : end + 1] == ":"
        or look.city_end.match(text, end, end + 3) is None
    ):
        return None
    if "," in gap or ";" in gap or "|" in gap or gap in (" - ", " – ", "/"):
        return "city", end
    if "\n" in gap or "\\n" in gap or "<br" in gap:
        return ("city", end) if name in TOWNS or _goes_on(text, end, look) else None
    if (
        name in TOWNS
        or last in COUNTRY_STARTS
        or kinds[-1:] == ["unit"]
        and text[end : end + 1] in "\n.,?!;)"
    ):
        return "last", end
    return None


_WORD = lazily(r"[^\W_][\w'’.-]*")


def _clean(text: str, start: int, end: int, kinds: list[str]) -> int:
    """Where a part really ends: before a word that begins something else, and at the code where the town
    stood before it."""
    known = "region" in kinds or "town" in kinds or "city" in kinds
    for number, word in enumerate(_WORD.finditer(text, start, end)):
        name = word[0]
        if (
            name.rstrip(".") in NO_CITY
            and number
            and name[0].isupper()
            and name not in ("Dr", "St", "La", "S")
        ):
            return _back(text, word.start())
        if known and number and name[0].isalpha() and not any(c.isdigit() for c in name):
            return _back(text, word.start())
    return end


def _back(text: str, end: int) -> int:
    while end and text[end - 1] in " ,;\n\t-\r>":
        end -= 1
    return end


def _good_code(text: str, value: str, gap: str, end: int, kinds: list[str]) -> bool:
    """Digits behind a street are a postal code where a town stands with them, or they have five digits or
    more."""
    digits = "".join(character for character in value if character.isdigit())
    if any(character.isalpha() for character in value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")):
        return not (
            len(digits) == 4 and value.startswith(("19", "20")) and gap in (" ", "  ") and " " not in value
        )
    if text[end : end + 1] in ("-", ".", ":", "/", "%") and text[end + 1 : end + 2].isdigit():
        return False
    return len(digits) >= 5 or bool(kinds) or "\n" in gap


def _goes_on(text: str, end: int, look: Patterns) -> bool:
    """Whether a code, a region or a country stands on the next line."""
    gap = look.break_.match(text, end, end + 40)
    if gap is None or gap.end() >= len(text):
        return False
    if text[gap.end()].isdigit():
        return look.code.match(text, gap.end(), gap.end() + 12) is not None
    word = look.word.match(text, gap.end(), gap.end() + 24)
    if word is None:
        return False
    if word[0] in COUNTRY_STARTS or word[0] in REGION_STARTS:
        return True
    return look.lettered.match(text, gap.end(), gap.end() + 10) is not None or (
        len(word[0]) < 4 and look.region.match(text, gap.end(), gap.end() + 40) is not None
    )


def _leftwards(text: str, start: int, look: Patterns) -> tuple[int, list[str]]:
    kinds: list[str] = []
    for _ in range(5):
        if text[start - 1 : start] not in _JOINS:
            break
        if start > 2 and text[start - 1] == " " and _may_be_unit(text, start - 2):
            unit = look.secondary_back.search(text, max(0, start - 40), start)
            if unit is not None:
                start = unit.start()
                kinds.append("unit")
                continue
            number = look.lead_number.search(text, max(0, start - 9), start)
            if (
                number is not None
                and not kinds
                and text[number.start() - 2 : number.start()] not in (". ", ", ")
            ):
                start = number.start()
        gap = before(text, start)
        between = text[gap:start]
        if not between.strip(" ") or len(between) > 14 or between.count("\n") > 1:
            break
        low = max(0, gap - 50)
        seg = segment(text, low, gap, look)
        while seg < gap and text[seg] in " \t>?*|":
            seg += 1
        if seg == low and low or seg >= gap:
            break
        piece = text[seg:gap]
        if piece.rsplit(" ", 1)[-1] in PLACE_ENDS:
            begin = _capitals_back(text, seg, gap)
            if begin is not None:
                start = begin
                kinds.append("place")
                continue
        found = look.left_code.fullmatch(text, seg, gap)
        if found is None:
            mark = max(
                piece.rfind(" " + short) for short in ("г. ", "с. ", "п. ", "д. ", "к. ", "х. ", "пос. ")
            )
            if mark >= 0:
                seg += mark + 1
                piece = text[seg:gap]
                found = look.left_code.fullmatch(text, seg, gap)
        if found is None:
            word = piece.rsplit(" ", 1)[-1]
            if word not in TOWNS or not piece[:1].isupper() and piece != word:
                if not (word in TOWNS and "\n" not in between):
                    break
                seg = gap - len(word)
                return seg, [*kinds, "city"]
        kinds.append("code" if piece[:1].isdigit() and any(c.isalpha() for c in piece) else "local")
        start = seg
    return start, kinds


def _capitals_back(text: str, low: int, end: int) -> int | None:
    """The start of the run of capitalised words that ends at ``end``; two at least."""
    words = text[low:end].split(" ")
    count = 0
    for word in reversed(words):
        if not word[:1].isupper():
            break
        count += 1
    return end - len(" ".join(words[-count:])) if count > 1 else None


def _may_be_unit(text: str, at: int) -> bool:
    """Whether the word that ends at ``at`` may be the end of ``Flat 3`` or ``2nd floor``."""
    if text[at] == ",":
        at -= 1
    return (
        text[at].isdigit()
        or text[at - 1].isdigit()
        or text[at - 1] == " "
        or text[at - 2 : at + 1] in ("oor", "OOR", "age")
    )


def fields_behind(text: str, end: int, look: Patterns) -> list[tuple[int, int]]:
    """The values of the keys behind a street in JSON or a form that are parts of its address: town, code,
    country."""
    found: list[tuple[int, int]] = []
    pattern = look.form_key
    if text[end : end + 1] in "\"'" and end < len(text):
        pattern, end = look.json_key, end + 1
    for _ in range(7):
        match = pattern.match(text, end, end + 160)
        if match is None:
            break
        name = "value" if match["value"] is not None else "bare"
        found.append(match.span(name))
        end = match.end()
    return found
