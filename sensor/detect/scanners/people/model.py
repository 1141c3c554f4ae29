"""
How much the words around it make a word part of a person's name.

A chain over the words of a line that could be one: each has a score, the sum of the weights of its
features, and each pair of neighbours a weight for every pair of answers; ``marginals`` gives the
probability of each being part of a name (a conditional random field with two labels; Lafferty, McCallum and
Pereira 2001, "Conditional Random Fields", with the forward-backward sums). The weights were learnt by
``bench/detect/train_people.py`` and stand in ``person_model.txt``: sections that begin with ``= place
weight``, one feature a line, weights in hundredths.

A feature's name begins with what it looks at: ``w`` a word as it stands, ``k`` codes of the lexicon, ``s``
endings, ``x`` shape, ``g`` what it is joined to, ``1`` to ``9`` pairs; a digit or ``-`` and a digit behind
it is the place of the word seen from the one judged.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple, TypeAlias

from sensor.detect.scanners.people.lexicon import Lexicon, coarse
from sensor.detect.scanners.people.tokens import spans_of, tokens_of
from sensor.detect.scanners.people.words import CLASSES, GERMAN, LINK_PARTICLES, TITLES

__all__ = ["Item", "Model", "Sighting", "items_of"]

GAPS = " p.,x"
"""What stands between two neighbours of a chain: nothing, particles, a full stop, a comma, anything else."""


Weights: TypeAlias = dict[str, float]
Beside: TypeAlias = tuple[Weights, Weights] | None
"""
What a word says of the word behind it: by that one's class, and by the word before; ``None`` for nothing.
"""


Word: TypeAlias = tuple[str, str, float, float, float, float, float, Beside, Weights | None]
"""
What the model knows of a word, wherever it stands: its tag (coarse class, for pairs); the word in small
letters; what it says of itself, of the word behind it, of the one after that, of the word before it, of the
one before that; the same for a word behind it by what that is, and for a word before it by its class.
"""


Item: TypeAlias = tuple[int, int, int, str, str]
"""
A word that could be part of a name: its start and end in the text, its place among the tokens, what stands
between it and the item before (one of ``GAPS``; empty for the first), and a feature for what it touches.
"""


class Sighting(NamedTuple):
    """The tokens of a text, and which of them could be names."""

    text: str
    tokens: list[str]
    items: list[Item]
    headings: list[str]
    """For each item what its line looks like (``_heading``)."""
    german: bool
    titled: bool
    """Whether one of ``TITLES`` is among the tokens."""


PLACES = ("0", "-1", "-2", "1", "2", "*")
"""Where a feature's word stands, seen from the one judged; ``*``: a feature of several words."""
BORDER = "\n"
HOPELESS = -3.0
"""What a word says of itself that no neighbour makes up for; the rest is not looked at."""
WEAK = -1.0
"""What a word says of itself that is not enough to open a window, or to lift one beside it."""
FAINT = -1.5
"""What nothing makes up for but a title, or being next to one that is not weak."""
LOST = -3.0
"""A score that no neighbour makes up for that has none better."""
ALONE = 2.5
"""What is taken off the score of such a word that stands alone, whatever is around it."""
MAX_KEPT = 50_000
"""Sums over classes of words that are remembered."""


def _shape(word: str) -> str:
    if len(word) == 1:
        return "1"
    if word.isupper():
        return "A" if len(word) > 3 else "a"
    return "T" if word.istitle() else "M"


def _could_be(token: str) -> bool:
    """A capital first, and neither ``PascalCase`` (but ``McDonald``) nor an identifier."""
    if token.istitle() or len(token) == 1 or token.isupper():
        return token.isalpha()
    return (
        token.startswith(("Mc", "Mac", "De", "Di", "La", "Le", "Van", "Von", "Fitz", "Du"))
        and token.isalpha()
    )


def items_of(text: str, lexicon: Lexicon) -> Sighting:
    """
    The tokens of a text and those that could be part of a name.

    These are words with a capital, and a small word whose form with a capital is a first or last name,
    where a word before it calls for a name or nothing in the text has a capital.
    """
    tokens = tokens_of(text)
    places = [
        place
        for place, token in enumerate(tokens)
        if token[0].isupper() and (token.istitle() and token.isalpha() or _could_be(token))
    ]
    telling = _TELLING.intersection(tokens)
    spans: list[tuple[int, int]] | None = None
    lowered = not places and text.islower()
    callers = telling & _CALLERS if telling else telling
    if lowered or callers:
        small = _small_names(tokens, lowered, callers, lexicon)
        if small:
            places = sorted({*places, *small})
            spans = spans_of(text)
    german = len(telling & GERMAN) if len(telling) > 1 else 0
    items: list[Item] = []
    last = -9
    end = 0
    for place in places:
        if spans is None:
            token = tokens[place]
            start = text.index(token, end)
            end = start + len(token)
            left = text[start - 1 : start]
            right = text[end : end + 1]
            if left in _FREE and right in _FREE_RIGHT:
                joined = ""
            else:
                while _goes_on(left) or _goes_on(right):
                    # Inside a longer word.
                    start = text.index(token, start + 1)
                    end = start + len(token)
                    left = text[start - 1 : start]
                    right = text[end : end + 1]
                joined = _joined(left, right)
        else:
            start, end = spans[place]
            joined = _joined(text[start - 1 : start], text[end : end + 1])
        if place == last + 1:
            gap = " "
        else:
            gap = _gap(tokens, last, place) if last >= 0 else ""
        items.append((start, end, place, gap, joined))
        last = place
    return Sighting(
        text,
        tokens,
        items,
        _headings(tokens, places),
        german > 1 and german * 8 > len(set(tokens)),
        not telling.isdisjoint(TITLES),
    )


def _goes_on(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _joined(left: str, right: str) -> str:
    """A feature for a word that touches what a name does not touch; empty for others."""
    if (left in _FREE or left.isspace()) and (right in _FREE_RIGHT or right.isspace()):
        return ""
    return f"j{left.strip()}_{right.strip()}"


def _headings(tokens: list[str], places: list[int]) -> list[str]:
    """For each item what its line looks like."""
    count = len(places)
    lines = tokens.count("\n")
    if not lines:
        return [_heading(count, len(tokens))] * count
    made: list[str] = []
    at = 0
    line = 0
    while at < count:
        if lines:
            end = tokens.index("\n", line)
            lines -= 1
        else:
            end = len(tokens)
        if places[at] < end:
            first = at
            at = bisect_left(places, end, at)
            made += [_heading(at - first, end - line)] * (at - first)
        line = end + 1
    return made


def _small_names(tokens: list[str], lowered: bool, callers: frozenset[str], lexicon: Lexicon) -> set[int]:
    """Places of small words that may be names; ``callers`` are the tokens that call for one."""
    made: set[int] = set()
    count = len(tokens)
    if lowered:
        for place, token in enumerate(tokens):
            if len(token) > 2 and token[0].isalpha():
                codes = _small_codes(token, lexicon)
                if "F" in codes and "P" not in codes:
                    made.add(place)
    for caller in callers:
        place = -1
        for _ in range(tokens.count(caller)):
            place = tokens.index(caller, place + 1)
            for after, token in enumerate(tokens[place + 1 : place + 3], place + 1):
                if token.islower() and len(token) > 2 and _small_codes(token, lexicon):
                    made.add(after)
    for place in sorted(made):
        after = place + 1
        while (
            after < count
            and len(tokens[after]) > 2
            and tokens[after].islower()
            and _small_codes(tokens[after], lexicon)
        ):
            made.add(after)
            after += 1
    return made


def _small_codes(token: str, lexicon: Lexicon) -> str:
    """The codes of a small word as a name; empty where it is a word of its own."""
    if token in CLASSES or lexicon.small(token):
        return ""
    codes = lexicon.exact(token[0].upper() + token[1:])
    return codes if "F" in codes or "f" in codes or "L" in codes or "l" in codes else ""


_CALLERS = frozenset(
    [form for word, letter in CLASSES.items() if letter in "DTH" for form in (word, word.capitalize())]
    + (
        "m im am called named heiße bin heisse appelle suis llamo soy chiamo sono chamo sou heet ben зовут "
        "jestem nazywam heter hedder @"
    ).split()
)
"""Words that a name follows, small or not."""


def _gap(tokens: list[str], before: int, after: int) -> str:
    distance = after - before
    if distance == 2:
        between = tokens[before + 1]
        if between == "." and len(tokens[before]) <= 2:
            return "."
        if between == ",":
            return ","
        return "p" if between in _LINKS else "x"
    if distance <= 4:
        for place in range(before + 1, after):
            if tokens[place] not in _LINKS:
                return "x"
        return "p"
    return "x"


_TELLING = _CALLERS | GERMAN | TITLES
_LINKS = LINK_PARTICLES | {word.capitalize() for word in LINK_PARTICLES} | {"'", "’", "-", "‐"}


def _pairs_of(weights: Weights) -> dict[str, tuple[Beside, Weights | None]]:
    """For each word that has weights together with what stands beside it: the last two of its ``Word``."""
    before: dict[str, tuple[Weights, Weights]] = {}
    behind: dict[str, Weights] = {}
    for name, weight in weights.items():
        if name[0] == "6":
            word, _, tag = name[1:].rpartition(">")
            before.setdefault(word, ({}, {}))[0][tag] = weight
        elif name[0] == "7":
            tag, _, word = name[1:].partition(">")
            behind.setdefault(word, {})[tag] = weight
        elif name[0] == "q":
            # The first word is never empty, but may be the sign itself.
            first, _, word = name[2:].partition(">")
            before.setdefault(word, ({}, {}))[1][name[1] + first] = weight
    return {word: (before.get(word), behind.get(word)) for word in before.keys() | behind.keys()}


_LENGTHS = tuple(f"n{length}" for length in range(10))
_NO_ENDING = (0.0, 0.0)
_NOTHING: tuple[Beside, Weights | None] = (None, None)


class Model:
    """The weights, ready to judge."""

    __slots__ = (
        "_bases",
        "_border",
        "_by_tags",
        "_endings",
        "_known",
        "_numbers",
        "_pairs",
        "_placed",
        "_steps",
        "_weights",
        "_worded",
        "lexicon",
    )

    def __init__(self, placed: dict[str, dict[str, float]], lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._placed = tuple(placed.get(place, {}) for place in PLACES[:-1])
        self._weights = placed.get(PLACES[-1], {})
        self._steps = {}
        for gap in GAPS:
            a00, a01, a10, a11 = (
                math.exp(self._weights.get(f"m{gap}{a}{b}", 0.0)) for a in "01" for b in "01"
            )
            self._steps[gap] = (a00, a01, a10, a11)
        self._pairs = _pairs_of(self._weights)
        self._worded = frozenset(CLASSES).union(name[1:] for name in self._placed[1] if name[0] == "w")
        """Words that are remembered though the lexicon may not have them."""
        self._known: dict[str, Word] = {}
        self._bases: dict[tuple[str, str], tuple[float, float, float, float, float]] = {}
        self._by_tags: dict[tuple[str, str, str, str, str, str, bool], float] = {}
        _, of_left, of_left2, of_right, of_right2 = self._placed
        self._numbers = {
            tag: (
                of_left.get(tag, 0.0),
                of_left2.get(tag, 0.0),
                of_right.get(tag, 0.0),
                of_right2.get(tag, 0.0),
            )
            for tag in ("d", "d4", "i")
        }
        """What numbers and identifiers say, whichever they are."""
        self._endings: dict[str, tuple[float, float]] = {}
        for name in (*of_left, *of_right):
            if name[0] == "s":
                ending = name[1:]
                shorter = "s" + ending[1:] if len(ending) > 2 else name
                sums = (of_left.get(shorter, 0.0), of_right.get(shorter, 0.0))
                if shorter != name:
                    sums = (sums[0] + of_left.get(name, 0.0), sums[1] + of_right.get(name, 0.0))
                self._endings[ending] = sums
        self._border = self._word(BORDER)[0]

    @classmethod
    def parse(cls, text: str, lexicon: Lexicon) -> Model:
        """From sections of ``= place weight`` and features, one a line; before the first stands a comment."""
        placed: dict[str, dict[str, float]] = {place: {} for place in PLACES}
        for section in text.split("\n= ")[1:]:
            head, _, names = section.partition("\n")
            place, _, weight = head.partition(" ")
            placed[place].update(dict.fromkeys(names.split("\n"), int(weight) / 100))
        for features in placed.values():
            features.pop("", None)
        return cls(placed, lexicon)

    # --- features -------------------------------------------------------------------------------------

    def word_features(self, token: str) -> tuple[str, str, str, list[str], list[str], list[str]]:
        """(kind, tag, small, own features, features for neighbours, features for their neighbours)."""
        small = token.lower()
        first = token[0]
        if not token.isalpha():
            if token == "\n":
                return ("n", "n", "¶", [], ["n"], ["n"])
            if len(token) > 1 and not token.isdigit():
                return ("d", "i", token, [], ["i"], ["i"])
            if first.isdigit():
                tag = "d4" if len(token) == 4 else "d"
                return ("d", tag, token, [], [tag], [tag])
            return ("p", token, token, [], ["w" + token], ["w" + token])
        kind = "l"
        codes = ""
        if first.islower():
            if token not in CLASSES and len(token) >= 3 and not self.lexicon.small(token):
                codes = self.lexicon.exact(first.upper() + token[1:])
                if "F" in codes or "L" in codes or "f" in codes:
                    kind = "u"
        elif _could_be(token):
            kind = "U"
            codes = self.lexicon.of(token)
        around = ["w" + small]
        letter = CLASSES.get(small, "")
        if letter:
            around.append("t" + letter)
        if kind == "l":
            of_it = self.lexicon.small(small)
            tag = letter or ("l" if first.islower() else "m")
            around.append("l" + of_it)
            if len(small) > 3 and not letter:
                around.append("s" + small[-3:])
                around.append("s" + small[-2:])
            return (kind, tag, small, [], around, ["w" + small, "t" + tag])
        few = coarse(codes)
        shape = _shape(token) if kind == "U" else "z"
        own = [
            "w" + small,
            "k" + codes,
            "x" + shape,
            "c" + few,
            "xc" + shape + few,
            "s2" + small[-2:],
            "s3" + small[-3:],
            "p" + small[:2],
        ]
        own.extend("k1" + code for code in codes)
        if letter:
            own.append("t" + letter)
        if len(small) > 5:
            own.append("s4" + small[-4:])
        if not codes:
            own.append("n" + str(min(len(small), 9)))
        around.append("c" + few)
        around.append("x" + shape)
        around.append("s3" + small[-3:])
        tag = letter + few if letter else few
        return (kind, tag, small, own, around, ["c" + few, "w" + small])

    def features(self, sighting: Sighting) -> list[list[str]]:
        """Every item's features, plainly; ``scores`` gives the sum of their weights."""
        made = []
        count = len(sighting.tokens)
        for (_, _, index, _, joined), heading in zip(sighting.items, sighting.headings, strict=True):
            words = [
                self.word_features(sighting.tokens[place] if 0 <= place < count else BORDER)
                for place in (index - 2, index - 1, index, index + 1, index + 2)
            ]
            names = ["0" + name for name in words[2][3]]
            names.extend("-1" + name for name in words[1][4])
            names.extend("-2" + name for name in words[0][5])
            names.extend("1" + name for name in words[3][4])
            names.extend("2" + name for name in words[4][5])
            tags = (words[0][1], words[1][1], words[2][1], words[3][1], words[4][1])
            names.extend(self._of_tags(tags, heading, sighting.german))
            names.extend(self._of_words(words[2][1], words[0][2], words[1][2], words[3][2]))
            names.append(joined)
            made.append(names)
        return made

    @staticmethod
    def _of_tags(tags: tuple[str, str, str, str, str], heading: str, german: bool) -> tuple[str, ...]:
        """Features of what the words are, not of which they are."""
        tag2, tag1, tag, tag_1, tag_2 = tags
        language = "G" if german else "L"
        return (
            f"3{tag1}>{tag}",
            f"4{tag}>{tag_1}",
            f"5{tag1}>{tag}>{tag_1}",
            f"8{tag2}>{tag1}>{tag}",
            f"9{tag}>{tag_1}>{tag_2}",
            f"h{heading}{tag}",
            f"g{language}{tag}>{tag_1}",
            f"i{language}{tag1}>{tag}",
        )

    @staticmethod
    def _of_words(tag: str, before2: str, before: str, after: str) -> tuple[str, ...]:
        """Features of which words stand around."""
        return (f"6{before}>{tag}", f"7{tag}>{after}", f"q{before2}>{before}")

    # --- scores ---------------------------------------------------------------------------------------

    def _word(self, token: str) -> tuple[Word, bool]:
        """What is known of a word, and whether it may be remembered: if lexicon or weights name it."""
        if not token.isalpha() and (len(token) > 1 or token.isdigit()):
            kind = ("d4" if len(token) == 4 else "d") if token.isdigit() else "i"
            left, left2, right, right2 = self._numbers[kind]
            return (kind, token, 0.0, left, left2, right, right2, *self._pairs.get(token, _NOTHING)), False
        of_own, of_left, of_left2, of_right, of_right2 = self._placed
        small = token.lower()
        names = self.lexicon.names
        named = names(small) or small in self._worded or token != small and names(token)
        if not named and token.isalpha() and len(token) > 1:
            if token == small:
                codes = self.lexicon.exact(token[0].upper() + token[1:]) if len(token) > 2 else ""
                if len(token) > 3 and not ("F" in codes or "L" in codes or "f" in codes):
                    return self._plain(token), False
            elif _could_be(token):
                return self._capital(token, small, self.lexicon.of_other(token)), False
        kind, tag, small, own, around, far = self.word_features(token)
        sum_own = left = left2 = right = right2 = 0.0
        for name in own:
            sum_own += of_own.get(name, 0.0)
        for name in around:
            left += of_left.get(name, 0.0)
            right += of_right.get(name, 0.0)
        for name in far:
            left2 += of_left2.get(name, 0.0)
            right2 += of_right2.get(name, 0.0)
        pairs = self._pairs.get(small, _NOTHING)
        return (tag, small, sum_own, left, left2, right, right2, *pairs), named or kind in "pn"

    def _capital(self, token: str, small: str, codes: str) -> Word:
        """A word with a capital that is no word of the lexicon: the same sums, by the shortest way."""
        shape = _shape(token)
        of_own, of_left, of_left2, of_right, of_right2 = self._placed
        base = self._bases.get((shape, codes))
        few = coarse(codes)
        if base is None:
            own_names = ["k" + codes, "x" + shape, "c" + few, f"xc{shape}{few}"]
            own_names.extend("k1" + code for code in codes)
            base = self._bases[shape, codes] = (
                sum(of_own.get(name, 0.0) for name in own_names),
                of_left.get("c" + few, 0.0) + of_left.get("x" + shape, 0.0),
                of_left2.get("c" + few, 0.0),
                of_right.get("c" + few, 0.0) + of_right.get("x" + shape, 0.0),
                of_right2.get("c" + few, 0.0),
            )
        own, left, left2, right, right2 = base
        get = of_own.get
        length = len(small)
        ending = "s3" + small[-3:]
        own += get("s2" + small[-2:], 0.0) + get(ending, 0.0) + get("p" + small[:2], 0.0)
        if length > 5:
            own += get("s4" + small[-4:], 0.0)
        if not codes:
            own += get(_LENGTHS[length] if length < 9 else "n9", 0.0)
        left += of_left.get(ending, 0.0)
        right += of_right.get(ending, 0.0)
        word = "w" + small
        own += get(word, 0.0)
        left2 += of_left2.get(word, 0.0)
        right += of_right.get(word, 0.0)
        right2 += of_right2.get(word, 0.0)
        return (few, small, own, left, left2, right, right2, *self._pairs.get(small, _NOTHING))

    def _plain(self, token: str) -> Word:
        """A small word that neither lexicon nor weights name: only its ending says something."""
        _, of_left, of_left2, of_right, of_right2 = self._placed
        endings = self._endings
        left, right = endings.get(token[-3:]) or endings.get(token[-2:]) or _NO_ENDING
        word = "w" + token
        return (
            "l",
            token,
            0.0,
            left + of_left.get("l", 0.0),
            of_left2.get("tl", 0.0) + of_left2.get(word, 0.0),
            right + of_right.get("l", 0.0) + of_right.get(word, 0.0),
            of_right2.get("tl", 0.0) + of_right2.get(word, 0.0),
            *self._pairs.get(token, _NOTHING),
        )

    def speaks(self, token: str, fresh: dict[str, Word]) -> bool:
        """Whether a word says enough of itself to be worth a look at what is around it."""
        if not (token[:1].isupper() and _could_be(token)):
            return False
        word = self._known.get(token) or fresh.get(token)
        if word is None:
            word, named = self._word(token)
            if named:
                self._known[token] = word
            else:
                fresh[token] = word
        return word[2] >= WEAK

    def scores(
        self, sighting: Sighting, lean: float = 0.0, fresh: dict[str, Word] | None = None
    ) -> list[float]:
        """
        The score of every item, ``lean`` added: above zero speaks for a name.

        ``fresh`` holds words that are not remembered beyond the text that is judged.
        """
        get = self._weights.get
        bias = get("b", 0.0) + lean
        tokens = sighting.tokens
        border = self._border
        known = self._known
        lately: dict[str, Word] = {} if fresh is None else fresh
        words = [border, border, *map(known.get, tokens), border, border]
        by_tags = self._by_tags
        german = sighting.german
        made = []

        def see(at: int) -> Word:
            token = tokens[at - 2]
            word = lately.get(token)
            if word is None:
                word, named = self._word(token)
                if named:
                    known[token] = word
                else:
                    lately[token] = word
            words[at] = word
            return word

        items = sighting.items
        owns = [(words[item[2] + 2] or see(item[2] + 2))[2] for item in items]
        owns.append(HOPELESS)
        gaps = [item[3] for item in items]
        gaps.append("x")
        headings = sighting.headings
        for at, (_, _, place, gap, joined) in enumerate(items):
            own = owns[at]
            if own < FAINT:
                if own < HOPELESS:
                    made.append(own + bias)
                    continue
                after = gaps[at + 1]
                if (gap == "x" or gap != "." and owns[at - 1] < WEAK) and (
                    after == "x" or after != "." and owns[at + 1] < WEAK
                ):
                    before = words[place + 1] or see(place + 1)
                    if before[1] == ".":
                        before = words[place] or see(place)
                    if before[0][:1] != "T":
                        made.append(own + bias - ALONE)
                        continue
            heading = headings[at]
            word = words[place + 2] or see(place + 2)
            before2 = words[place] or see(place)
            before = words[place + 1] or see(place + 1)
            behind = words[place + 3] or see(place + 3)
            behind2 = words[place + 4] or see(place + 4)
            tag = word[0]
            key = (before2[0], before[0], tag, behind[0], behind2[0], heading, german)
            of_tags = by_tags.get(key)
            if of_tags is None:
                of_tags = 0.0
                for name in self._of_tags(key[:5], heading, german):
                    of_tags += get(name, 0.0)
                if len(by_tags) < MAX_KEPT:
                    by_tags[key] = of_tags
            score = bias + of_tags + before2[4] + before[3] + own + behind[5] + behind2[6]
            pairs = before[7]
            if pairs is not None:
                by_tag, by_word = pairs
                score += by_tag.get(tag, 0.0) + by_word.get(before2[1], 0.0)
            if behind[8] is not None:
                score += behind[8].get(tag, 0.0)
            if joined:
                score += get(joined, 0.0)
            made.append(score)
        return made

    def marginals(
        self, sighting: Sighting, lean: float = 0.0, fresh: dict[str, Word] | None = None
    ) -> list[float]:
        """The probability of every item being part of a name; the rest as for ``scores``."""
        exp = math.exp
        scores = self.scores(sighting, lean, fresh)
        if not scores or max(scores) < LOST:
            return [0.0] * len(scores)
        odds_of = [exp(-30.0 if score < -30.0 else 30.0 if score > 30.0 else score) for score in scores]
        # Odds instead of two sums: a chain of two labels needs one number a place.
        steps = [self._steps[item[3]] for item in sighting.items[1:]]
        odds = odds_of[0]
        forward = [odds]
        for own, (a00, a01, a10, a11) in zip(odds_of[1:], steps, strict=True):
            odds = own * (a01 + odds * a11) / (a00 + odds * a10)
            forward.append(odds)
        back = 1.0
        made = [odds / (1.0 + odds)]
        for place in range(len(steps) - 1, -1, -1):
            a00, a01, a10, a11 = steps[place]
            own = odds_of[place + 1] * back
            back = (a10 + own * a11) / (a00 + own * a01)
            total = forward[place] * back
            made.append(total / (1.0 + total))
        made.reverse()
        return made


_FREE = frozenset(("", " ", "(", '"', "'", "“", "„", "«", "‘", ">", "[", "*"))
_FREE_RIGHT = frozenset(
    ("", " ", ",", ".", ";", ":", ")", "?", "!", '"', "'", "”", "“", "»", "’", "<", "]", "*", "…")
)


def _heading(items: int, tokens: int) -> str:
    """``H`` where hardly a word is small: a heading, a list of names, or capitals throughout."""
    if tokens <= 1:
        return "1"
    if items * 5 >= tokens * 3:
        return "H"
    return "h" if items * 5 >= tokens * 2 else ""
