"""
Addresses that their surroundings tell: a postal code and a town, a unit, a key, a box of a post office.

Every function takes the text and the place where a gate expression ended and gives a ``Core`` or ``None``, as
those of ``streets`` do.
"""

from __future__ import annotations

from sensor.detect.lazily import lazily
from sensor.detect.scanners.addresses.names import (
    LOOSE,
    STREET,
    SURE,
    Core,
    before,
    is_year,
    name_back,
    number_behind,
    read_name,
    segment,
    word_before,
)  # fmt: skip
from sensor.detect.scanners.addresses.patterns import Patterns
from sensor.detect.scanners.addresses.words import LABELS, NO_CITY, NO_NAME, STATES

__all__ = ["box", "by_code", "by_key", "by_unit", "country", "town", "zip_code"]


def town(text: str, at: int, look: Patterns) -> Core | None:
    """``Korunní 810, Praha``: a name and a number before a town that everybody knows."""
    start = text.rfind(",", max(0, at - 24), at)
    for small in (" in ", " à ", " en ", " a ", " w ", " i "):
        start = max(start, text.rfind(small, max(0, at - 24), at))
    if start < 1:
        return None
    low = max(0, start - 60)
    house = _house(text, segment(text, low, start, look), start, look)
    if house is None:
        return None
    words = text[house:start].split()
    if any(word.lower() in LABELS or word in NO_CITY or is_year(word) for word in words):
        return None
    return Core(house, start, 0.5, STREET)


def country(text: str, at: int, look: Patterns) -> Core | None:
    """``37 Parva Domus, Pesconuovo, Latvia``: a house some parts before a country."""
    found = look.country_back.search(text, max(0, at - 24), at)
    if found is None:
        return None
    house = _street_before(text, found.start(), look, True)
    if house is None:
        return None
    street = text[house : found.start()].split()
    if any(word.lower().rstrip(",") in LABELS or is_year(word.rstrip(",")) for word in street):
        return None
    return Core(house, at, 0.6, STREET, True, True)


def zip_code(text: str, at: int, look: Patterns) -> Core | None:
    """``my zip code is 35238``; ``at`` is in the code."""
    start = at - 1
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "-") and at - start < 10:
        start -= 1
    found = look.lettered.match(text, start, start + 10) or look.code.match(text, start, start + 12)
    if found is None or sum(character.isdigit() for character in found[0]) < 5 and not found[0][-1].isalpha():
        return None
    following = text[found.end() : found.end() + 2]
    if following[:1] in ("-", ".", ",", ":", "/") and following[1:].isdigit():
        return None
    return Core(start, found.end(), 0.6, "a word that names a postal code", False, True)


def box(text: str, at: int, look: Patterns) -> Core | None:
    """``P.O. Box 12``, ``Postfach 10 05 32``."""
    low = max(0, at - 40)
    for found in look.box.finditer(text, low, at + 20):
        if found.end() >= at:
            kind = text[found.start() : found.start() + 3]
            weak = kind.startswith(("BP", "CS", "PL", "Pf", "C.P", "Box", "PMB"))
            return Core(found.start(), found.end(), 0.4 if weak else 0.75, "a post office box")
    return None


def by_code(text: str, at: int, look: Patterns) -> Core | None:
    """A postal code and a town, with the street before them where one stands there."""
    low = max(0, at - 16)
    span = None
    for pattern in (look.lettered, look.code):
        for found in pattern.finditer(text, low, at + 12):
            ahead = text[max(0, found.start() - 2) : found.start()]
            if (
                found.end() >= at - 3
                and found.start() < at
                and (not ahead[-1:].isalnum() or ahead == "\\n")
                and not (ahead[-1:] in ("-", ".", "/", "$", "€", "£", "#") and ahead[:1].isdigit())
            ):
                span = found.span()
                break
        if span:
            break
    if span is None:
        return None
    start, end = span
    lettered = text[end - 1].isalpha() and text[start].isalpha()
    behind = look.city_behind.match(text, end, end + 50)
    strong = False
    town = False
    if behind is not None and behind[1].split(" ", 1)[0].rstrip(".") not in NO_CITY and "\n" not in behind[0]:
        end = behind.end(1)
        town = True
    state = (
        _state_before(text, start, look) if text[start : start + 5].isdigit() and end - start != 6 else None
    )
    low_state = -1
    if state is not None:
        strong = True
        if text[state].upper() == "A" and text[state + 1].upper() in "AEP":
            forces = look.apo_back.search(text, max(0, state - 60), state)
            if forces is not None:
                return Core(forces.start(), span[1], 0.9, "a military address", True, True)
        if text[state].isupper():
            start = _town_back(text, state)
            town = True
        else:
            low_state = state
    elif lettered or not town:
        begin = _town_before(text, start, look)
        if begin is not None:
            start = begin
            town = True
    if not strong and not town:
        return None
    sure = strong or lettered or start < span[0]
    street = None if low_state >= 0 else _street_before(text, start, look, sure)
    shape = text[span[0] : span[1]]
    if (
        len(shape) == 4
        and shape.isdigit()
        and street is not None
        and not _four_digits(text, street, start, shape)
    ):
        return None
    if street is None and strong:
        street = _run_on(text, span[0], look)
        if street is None and low_state >= 0:
            return None
    if street is not None:
        return Core(street, end, 0.9 if strong or lettered or town else 0.7, STREET, True, True)
    firm = strong or lettered and " " in shape
    return Core(start, end, 0.6 if firm else 0.35, "a postal code and a town", False, True)


def _four_digits(text: str, start: int, end: int, code: str) -> bool:
    """Whether four digits behind a street may be a postal code, and are no year of a date."""
    street = text[start:end].strip(" ,\n;")
    words = street.split()
    if any(word.lower().rstrip(",") in LABELS or word.rstrip(",") in NO_CITY for word in words[:2]):
        return False
    if not is_year(code):
        return True
    return any(word.lower().rstrip(",").endswith((*SURE, *LOOSE)) for word in words[:-1])


def _run_on(text: str, end: int, look: Patterns) -> int | None:
    """The start of a line without commas: 130 E Airline Hwy Laplace LA 70068."""
    found = look.run_on.search(text, max(0, end - 90), end)
    if (
        found is None
        or found["name"].split(" ", 1)[0].lower() in NO_NAME
        or word_before(text, found.start()) in LABELS
    ):
        return None
    return found.start()


def _state_before(text: str, at: int, look: Patterns) -> int | None:
    """Where a state of the United States stands right before a code."""
    end = at
    while end > 0 and text[end - 1] in " ,\n":
        end -= 1
    if end == at or at - end > 3 or end < 4:
        return None
    letters = text[end - 2 : end]
    if letters.upper() in STATES and not text[end - 3].isalnum() and (letters.isupper() or letters.islower()):
        return end - 2
    if not text[end - 2 : end].islower() or text[end - 1] not in "aeiyotdkgnsr":
        return None
    found = look.state_back.search(text, max(0, end - 22), at)
    return None if found is None else found.start()


def _town_back(text: str, at: int) -> int:
    """Where the town before a state begins."""
    end = at
    while end > 0 and text[end - 1] in " ,\n":
        end -= 1
    begin = name_back(text, end, 4)
    return at if begin is None else begin


def _town_before(text: str, at: int, look: Patterns) -> int | None:
    """Where ``Leeds``, ``Toronto, ON`` or ``São Paulo - SP`` before a code begins."""
    low = max(0, at - 60)
    end = at
    while end > low and text[end - 1] in " ,-\n\t":
        end -= 1
    if end == at or text.count("\n", end, at) > 1:
        return None
    near = segment(text, low, end, look)
    far = segment(text, low, near - 1, look) if near > low and text[near - 1] == "," else near
    for begin in dict.fromkeys((far, near)):
        while begin < at and text[begin] in " \t>?*":
            begin += 1
        if (
            begin < at
            and text[begin].isupper()
            and "\n\n" not in text[begin:at]
            and look.city_code.match(text, begin, at)
        ):
            return begin
    end = at
    while text[end - 1] in " ,-\n\t":
        end -= 1
    return name_back(text, end, 4)


_NUMBER_ALONE = lazily(
    r"(?<!\S)(?:H\.? ?No\.? ?|House No\.? ?|Plot (?:No\.? ?)?|Door No\.? ?|No\.? ?|#|[Nn][º°]\.? "
    r"?)?\d{1,5}(?:[/-]\d{1,5})?[A-Za-z]?\Z"
)


def _street_before(text: str, start: int, look: Patterns, sure: bool) -> int | None:
    """The start of ``12 Rosewood`` or ``Lindenhof 12`` in the parts before a code; up to two others may
    stand between."""
    end = start
    for _ in range(4):
        gap = before(text, end)
        if end - gap > 14 or gap == end or text.count("\n", gap, end) > 2:
            return None
        low = max(0, gap - 60)
        seg = segment(text, low, gap, look)
        while seg < gap and text[seg] in " \t>?*|":
            seg += 1
        if seg >= gap:
            return None
        if look.box.fullmatch(text, seg, gap):
            return seg
        apart = text[gap:end].strip(" ") != ""
        short = "," in text[gap:end] and not text[seg : seg + 4].isdigit()
        house = _house(text, seg, gap, look, apart, sure or short)
        if house is not None:
            return house
        piece = text[seg:gap]
        alone = _NUMBER_ALONE.search(piece)
        if alone is not None and end != start:
            lead = piece[: alone.start()].split()
            if lead and not lead[-1].islower():
                return None
            return seg + alone.start()  # H.No. 52, Virk Circle, Udaipur 332050
        if alone is not None and alone.start() == 0:
            begin = name_back(text, seg - 2, 6) if text[seg - 2 : seg] == ", " else None
            return begin  # Viaduto Luiza Costela, 66, 64917787 Rocha
        if (
            (not piece[0].isupper() or look.digit.search(piece))
            and look.left_code.fullmatch(text, seg, gap) is None
            or len(piece) > 40
            or piece.count(" ") > 4
        ):
            return None
        end = seg
    return None


def _house(
    text: str, low: int, end: int, look: Patterns, apart: bool = True, first: bool = True
) -> int | None:
    """The start of a street with its number that ends at ``end``."""
    if text[end - 1] == ".":
        end -= 1
    found = look.seg_number_first.search(text, low, end) if apart and first else None
    if found is not None:
        words = found["name"].split()
        capitals = [word for word in words if word[0].isupper()]
        if (
            capitals
            and len(capitals) * 2 >= len(words)
            and words[0].lower() not in NO_NAME
            and word_before(text, found.start()) not in LABELS
            and not (is_year(text[found.start() : found.start() + 4]) and words[0] in NO_CITY)
        ):
            return found.start()
    at = end
    while at > low and end - at < 14 and (text[at - 1].isalnum() or text[at - 1] in "/-–+ "):
        at -= 1
    for digit in range(at, end):
        if text[digit].isdigit() and (
            digit == low or not text[digit - 1].isalnum() and text[digit - 1] not in "/-–+"
        ):
            match = look.number.match(text, digit, end)
            if match is None or match.end() != end or digit - 1 <= low:
                continue
            stop = digit
            while stop > low and text[stop - 1] in " .,#№":
                stop -= 1
            stop = stop + 1 if stop < digit and text[stop] == "." else stop
            begin = name_back(text, stop, 6)
            if begin is None or begin < low:
                begin = low if begin is not None and text[low].isupper() else None
            if begin is None:
                continue
            word = text[begin:stop]
            if word.lower().rstrip(".") in LABELS or word.lower() in NO_NAME or word in NO_CITY:
                return None
            if not apart and begin != low and not word.lower().endswith((*SURE, *LOOSE)):
                return None
            return begin
    return None


def by_unit(text: str, at: int, look: Patterns) -> Core | None:
    """``5 Rosewood, Apt 4B``: a unit with a street before it."""
    start = at
    while start > 0 and at - start < 24 and (text[start - 1].isalnum() or text[start - 1] in ".# "):
        start -= 1
        if (
            text[start : start + 3].lower() in ("apt", "apa", "sui", "ste", "fla")
            and not text[start - 1 : start].isalpha()
        ):
            break
    gap = before(text, start)
    if gap == start or start - gap > 14:
        return None
    low = max(0, gap - 60)
    seg = segment(text, low, gap, look)
    while seg < gap and text[seg] in " \t>?*|":
        seg += 1
    house = _house(text, max(seg, low), gap, look) if seg < gap else None
    return None if house is None else Core(house, gap, 0.6, STREET)


_LEADS = frozenset(
    "live lives lived living reside resides resided residing located staying stay stays deliver delivered "
    "delivery ship shipped "
    "send sent moved house home office property meet return taxi off address return".split()
)


def by_key(text: str, at: int, look: Patterns) -> Core | None:
    """What stands behind ``Address:`` or ``"street":``, or behind ``lives at``."""
    low = max(0, at - 110)
    behind = _behind_key(text, low, at, look)
    if behind is not None:
        return _value(text, behind, look) if behind < at else None
    # words that lead to an address
    start = at - 1
    while start > low and (text[start - 1].isalnum() or text[start - 1] in " ,-’'."):
        start -= 1
    for first in range(start, at):
        if text[first].isdigit() and not text[first - 1 : first].isalnum():
            found = look.number.match(text, first, first + 20)
            if found is None:
                return None
            begin = name_back(text, first - 1, 6) if text[first - 1 : first] == " " else None
            if (
                begin is not None
                and begin > start
                and text[begin : first - 1].split(" ")[0].lower() not in _LEADS
                and not is_year(found[0])
                and text[begin : first - 1] not in NO_CITY
            ):
                return Core(begin, found.end(), 0.55, "words that lead to an address")
            if text[found.end() : found.end() + 1] in (" ", ","):
                name = found.end() + 1 + (text[found.end() + 1 : found.end() + 2] == " ")
                end, capitals = read_name(text, name, look, 0)
                word = text[name:end].split(" ", 1)[0].lower()
                if end and capitals and word not in NO_NAME and not word[:1].isdigit():
                    second = number_behind(text, end, look)
                    if second is not None:
                        return Core(first, second[1], 0.55, "words that lead to an address")
                    score = 0.55 if capitals > 1 or text[end : end + 1] == "," else 0.45
                    return Core(first, end, score, "words that lead to an address")
            return None
    return None


_VALUE_ENDS = (". ", "  ", " | ", " Tel", " Phone", " E-mail", " Email", ", tel", " tel:", "\\n")
_CODE_MARKS = frozenset("=@{}\\:.x(")


def _is_code(value: str, look: Patterns) -> bool:
    """A version, an address of a network, a path, a call: no address of a house."""
    return not _CODE_MARKS.isdisjoint(value) and look.plain_value.search(value) is not None


def _behind_key(text: str, low: int, at: int, look: Patterns) -> int | None:
    """Where the value behind the last key for an address begins."""
    small = text[low:at].lower()
    if len(small) != at - low:
        # Small letters of two characters would move what is behind them.
        small = "".join(letter.lower()[0] for letter in text[low:at])
    behind = None
    place = 0
    while (found := look.key_word.search(small, place)) is not None:
        start = low + found.start()
        place = found.start() + 1
        lead = text[start - 1 : start]
        if (lead.isalnum() or lead == "_") and not look.key_lead.search(text, max(0, start - 15), start):
            continue
        tail = look.key_tail.match(text, start, at)
        if tail is not None:
            behind = tail.end()
            place = behind - low
    return behind


def _value(text: str, start: int, look: Patterns) -> Core | None:
    found = look.field.match(text, start, start + 160)
    if found is None:
        return None
    value = found[0]
    for mark in _VALUE_ENDS:
        cut = value.find(mark, 6)
        if cut < 0:
            continue
        while (
            cut > 0
            and mark == ". "
            and not (value[:cut].rsplit(" ", 1)[-1].islower() and len(value[:cut].rsplit(" ", 1)[-1]) > 3)
        ):
            cut = value.find(mark, cut + 1)
        if cut > 0:
            value = value[:cut]
    value = value.rstrip(" ,;.'")
    if value[-1:].isalnum() and look.box.fullmatch(value):
        return Core(start, start + len(value), 0.75, "a key that names it", True, True)
    if " " not in value:
        return None
    letters = sum(map(str.isalpha, value))
    digits = sum(map(str.isdigit, value))
    if letters < 4 or not digits or digits > letters + 6 or _is_code(value, look):
        return None
    words = value.split()
    if len(words) > 16 or sum(map(str.islower, [word[0] for word in words])) > len(words) // 2 + 1:
        return None
    return Core(start, start + len(value), 0.75, "a key that names it", True, True)
