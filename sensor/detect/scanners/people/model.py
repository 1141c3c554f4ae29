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
import re
from typing import NamedTuple, TypeAlias

from sensor.detect.scanners.people.lexicon import Lexicon, coarse
from sensor.detect.scanners.people.tokens import TOKEN
from sensor.detect.scanners.people.words import CLASSES, GERMAN, LINK_PARTICLES

__all__ = ["Item", "Model", "Sighting", "items_of"]

GAPS = " p.,x"
"""What stands between two neighbours of a chain: nothing, particles, a full stop, a comma, anything else."""


Word: TypeAlias = tuple[str, str, float, float, float, float, float, bool]
"""
What the model knows of a word, wherever it stands: its tag (coarse class, for pairs); the word in small
letters; what it says of itself, of the word behind it, of the one after that, of the word before it, of the
one before that; and whether there are weights for it beside a class of words.
"""


Item: TypeAlias = tuple[int, int, int, str]
"""
A word that could be part of a name: its start and end in the text, its place among the tokens, and what
stands between it and the item before (one of ``GAPS``; empty for the first).
"""


class Sighting(NamedTuple):
    """The tokens of a text, and which of them could be names."""

    text: str
    tokens: list[str]
    found: list[re.Match[str]]
    """The tokens' places."""
    items: list[Item]
    headings: list[str]
    """For each item what its line looks like (``_heading``)."""
    german: bool


PLACES = ("0", "-1", "-2", "1", "2", "*")
"""Where a feature's word stands, seen from the one judged; ``*``: a feature of several words."""
BORDER = "\n"
HOPELESS = -3.0
"""What a word says of itself that no neighbour makes up for; the rest is not looked at."""
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
    found = list(TOKEN.finditer(text))
    tokens = [match[0] for match in found]
    places = [place for place, token in enumerate(tokens) if token[0].isupper() and _could_be(token)]
    distinct = set(tokens)
    lowered = not places and text.islower()
    if lowered or not _CALLERS.isdisjoint(distinct):
        places = sorted({*places, *_small_names(tokens, lowered, lexicon)})
    german = len(GERMAN & distinct)
    items: list[Item] = []
    last = -1
    for place in places:
        start, end = found[place].span()
        if place == last + 1 and last >= 0:
            items.append((start, end, place, " "))
        else:
            items.append((start, end, place, _gap(tokens, last, place) if last >= 0 else ""))
        last = place
    return Sighting(
        text, tokens, found, items, _headings(tokens, places), german > 1 and german * 8 > len(distinct)
    )


def _headings(tokens: list[str], places: list[int]) -> list[str]:
    """For each item what its line looks like."""
    if "\n" not in tokens:
        return [_heading(len(places), len(tokens))] * len(places)
    made: list[str] = []
    at = 0
    count = len(places)
    line = 0
    while line <= len(tokens):
        try:
            end = tokens.index("\n", line)
        except ValueError:
            end = len(tokens)
        first = at
        while at < count and places[at] < end:
            at += 1
        if at > first:
            made.extend([_heading(at - first, end - line)] * (at - first))
        line = end + 1
    return made


def _small_names(tokens: list[str], lowered: bool, lexicon: Lexicon) -> set[int]:
    """Places of small words that may be names."""
    made: set[int] = set()
    count = len(tokens)
    if lowered:
        for place, token in enumerate(tokens):
            if len(token) > 2 and token[0].isalpha():
                codes = _small_codes(token, lexicon)
                if "F" in codes and "P" not in codes:
                    made.add(place)
    for place in [place for place, token in enumerate(tokens) if token in _CALLERS]:
        for after in (place + 1, place + 2):
            if (
                after < count
                and tokens[after].islower()
                and len(tokens[after]) > 2
                and _small_codes(tokens[after], lexicon)
            ):
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


_LINKS = LINK_PARTICLES | {word.capitalize() for word in LINK_PARTICLES} | {"'", "’", "-", "‐"}


_LENGTHS = tuple(f"n{length}" for length in range(10))


def _words_of(name: str) -> tuple[str, ...]:
    """The words that stand in a feature of words beside classes or words."""
    if name[0] == "6":
        return (name[1:].rpartition(">")[0],)
    if name[0] == "7":
        return (name.partition(">")[2],)
    if name[0] == "q":
        before2, _, before = name[1:].rpartition(">")
        return (before2, before)
    return ()


class Model:
    """The weights, ready to judge."""

    __slots__ = (
        "_bases",
        "_by_tags",
        "_known",
        "_lexicon",
        "_paired",
        "_placed",
        "_steps",
        "_suffixes",
        "_weights",
        "_worded",
    )

    def __init__(self, placed: dict[str, dict[str, float]], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._placed = tuple(placed.get(place, {}) for place in PLACES[:-1])
        self._weights = placed.get(PLACES[-1], {})
        self._steps = {}
        for gap in GAPS:
            a00, a01, a10, a11 = (
                math.exp(self._weights.get(f"m{gap}{a}{b}", 0.0)) for a in "01" for b in "01"
            )
            self._steps[gap] = (a00, a01, a10, a11)
        self._known: dict[str, Word] = {}
        self._bases: dict[str, tuple[float, float, float, float, float]] = {}
        self._suffixes: dict[str, tuple[float, float, float, float]] = {}
        self._by_tags: dict[tuple[str, str, str, str, str, str, bool], float] = {}
        self._worded = frozenset(name for names in self._placed for name in names if name[0] == "w")
        self._paired = frozenset(word for name in self._weights for word in _words_of(name))

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
            if token not in CLASSES and len(token) >= 3 and not self._lexicon.small(token):
                codes = self._lexicon.exact(first.upper() + token[1:])
                if "F" in codes or "L" in codes or "f" in codes:
                    kind = "u"
        elif _could_be(token):
            kind = "U"
            codes = self._lexicon.of(token)
        around = ["w" + small]
        letter = CLASSES.get(small, "")
        if letter:
            around.append("t" + letter)
        if kind == "l":
            of_it = self._lexicon.small(small)
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
        for (start, end, index, _), heading in zip(sighting.items, sighting.headings, strict=True):
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
            names.append(self._joined(sighting.text, start, end))
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

    @staticmethod
    def _joined(text: str, start: int, end: int) -> str:
        """A feature for a word that touches what a name does not touch; empty for others."""
        left = text[start - 1 : start]
        right = text[end : end + 1]
        if left in _FREE and right in _FREE_RIGHT:
            return ""
        if (left in _FREE or left.isspace()) and (right in _FREE_RIGHT or right.isspace()):
            return ""
        return f"j{left.strip()}_{right.strip()}"

    # --- scores ---------------------------------------------------------------------------------------

    def _word(self, token: str) -> tuple[Word, bool]:
        """What is known of a word, and whether it may be remembered: if lexicon or weights name it."""
        of_own, of_left, of_left2, of_right, of_right2 = self._placed
        small = token.lower()
        names = self._lexicon.names
        named = small in CLASSES or "w" + small in of_left or names(token) or names(small)
        if not named and token.isalpha() and len(token) > 1:
            if token == small:
                codes = self._lexicon.exact(token[0].upper() + token[1:]) if len(token) > 2 else ""
                if len(token) > 3 and not ("F" in codes or "L" in codes or "f" in codes):
                    return self._plain(token), False
            elif _could_be(token) and not self._lexicon.of(token):
                return self._unknown(token, small), False
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
        paired = kind in "pn" or small in self._paired
        return (tag, small, sum_own, left, left2, right, right2, paired), named or kind in "pn"

    def _unknown(self, token: str, small: str) -> Word:
        """A word with a capital that nobody knows: the same sums, by the shortest way."""
        shape = _shape(token)
        of_own, of_left, of_left2, of_right, of_right2 = self._placed
        base = self._bases.get(shape)
        if base is None:
            base = self._bases[shape] = (
                sum(of_own.get(name, 0.0) for name in ("k", "x" + shape, "cU", f"xc{shape}U")),
                of_left.get("cU", 0.0) + of_left.get("x" + shape, 0.0),
                of_left2.get("cU", 0.0),
                of_right.get("cU", 0.0) + of_right.get("x" + shape, 0.0),
                of_right2.get("cU", 0.0),
            )
        own, left, left2, right, right2 = base
        ending = "s3" + small[-3:]
        own += (
            of_own.get("s2" + small[-2:], 0.0)
            + of_own.get(ending, 0.0)
            + of_own.get("p" + small[:2], 0.0)
            + of_own.get(_LENGTHS[min(len(small), 9)], 0.0)
        )
        if len(small) > 5:
            own += of_own.get("s4" + small[-4:], 0.0)
        left += of_left.get(ending, 0.0)
        right += of_right.get(ending, 0.0)
        word = "w" + small
        if word in self._worded:
            own += of_own.get(word, 0.0)
            left += of_left.get(word, 0.0)
            left2 += of_left2.get(word, 0.0)
            right += of_right.get(word, 0.0)
            right2 += of_right2.get(word, 0.0)
        return ("U", small, own, left, left2, right, right2, small in self._paired)

    def _plain(self, token: str) -> Word:
        """A small word that neither lexicon nor weights name: only its ending says something."""
        ending = token[-3:]
        sums = self._suffixes.get(ending)
        if sums is None:
            of_left, of_left2, of_right, of_right2 = self._placed[1:]
            sums = (
                of_left.get("l", 0.0) + of_left.get("s" + ending, 0.0) + of_left.get("s" + ending[1:], 0.0),
                of_left2.get("tl", 0.0),
                of_right.get("l", 0.0)
                + of_right.get("s" + ending, 0.0)
                + of_right.get("s" + ending[1:], 0.0),
                of_right2.get("tl", 0.0),
            )
            if len(self._suffixes) < MAX_KEPT:
                self._suffixes[ending] = sums
        left, left2, right, right2 = sums
        word = "w" + token
        if word in self._worded:
            left2 += self._placed[2].get(word, 0.0)
            right += self._placed[3].get(word, 0.0)
            right2 += self._placed[4].get(word, 0.0)
        return ("l", token, 0.0, left, left2, right, right2, token in self._paired)

    def scores(self, sighting: Sighting, lean: float = 0.0) -> list[float]:
        """The score of every item, ``lean`` added: above zero speaks for a name."""
        get = self._weights.get
        bias = get("b", 0.0) + lean
        padded = [BORDER, BORDER, *sighting.tokens, BORDER, BORDER]
        words: dict[str, Word] = {}
        known = self._known
        by_tags = self._by_tags
        german = sighting.german
        text = sighting.text
        made = []

        def look_up(token: str) -> Word:
            word, named = self._word(token)
            if named:
                known[token] = word
            else:
                words[token] = word
            return word

        for (start, end, place, _), heading in zip(sighting.items, sighting.headings, strict=True):
            token2, token1, token, token_1, token_2 = padded[place : place + 5]
            tag, small, own, _, _, _, _, _ = known.get(token) or words.get(token) or look_up(token)
            if own < HOPELESS:
                made.append(own + bias)
                continue
            tag1, before, _, left, _, _, _, paired_before = (
                known.get(token1) or words.get(token1) or look_up(token1)
            )
            tag_1, after, _, _, _, right, _, paired_after = (
                known.get(token_1) or words.get(token_1) or look_up(token_1)
            )
            word2 = known.get(token2) or words.get(token2) or look_up(token2)
            word_2 = known.get(token_2) or words.get(token_2) or look_up(token_2)
            key = (word2[0], tag1, tag, tag_1, word_2[0], heading, german)
            of_tags = by_tags.get(key)
            if of_tags is None:
                of_tags = 0.0
                for name in self._of_tags(key[:5], heading, german):
                    of_tags += get(name, 0.0)
                if len(by_tags) < MAX_KEPT:
                    by_tags[key] = of_tags
            score = bias + of_tags + word2[4] + left + own + right + word_2[6]
            if paired_before:
                score += get(f"6{before}>{tag}", 0.0)
                if word2[7]:
                    score += get(f"q{word2[1]}>{before}", 0.0)
            if paired_after:
                score += get(f"7{tag}>{after}", 0.0)
            if text[start - 1 : start] != " " or text[end : end + 1] not in " ,.":
                joined = self._joined(text, start, end)
                if joined:
                    score += get(joined, 0.0)
            made.append(score)
        return made

    def marginals(self, sighting: Sighting, lean: float = 0.0) -> list[float]:
        """The probability of every item being part of a name; ``lean`` is added to every score."""
        exp = math.exp
        odds_of = [exp(-30.0 if score < -30.0 else min(score, 30.0)) for score in self.scores(sighting, lean)]
        if not odds_of:
            return []
        # Odds instead of two sums: a chain of two labels needs one number a place.
        steps = [self._steps[gap] for _, _, _, gap in sighting.items[1:]]
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
