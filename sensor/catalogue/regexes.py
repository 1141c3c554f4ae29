r"""
Regular expressions that cannot hurt: a small grammar, a proof of linear time, and what every match must hold.

Signatures come from many hands and run on what strangers send, so an expression is parsed here before
Python's ``re`` may have it. The grammar: literals, ``\.`` and other escaped punctuation, ``\d \w \s`` and
their complements, ``.``, classes, groups (``(…)``, ``(?:…)``, ``(?P<name>…)``), ``|``, the quantifiers
``? * + {m} {m,} {m,n}``, ``^`` at the start and ``$`` at an end. No back-references, look-around, flags,
lazy or possessive quantifiers. ``$`` is the very end (``re`` would let a line break follow).

**Why matching is linear.** ``re`` backtracks: it is slow where one subject can be cut up in many ways. Let a
repeat be *settled* when no character it may take can also begin what follows it. A settled repeat that ran
too far can give characters back, but what follows then fails on its first character: over the whole subject
that is one extra step for each character. So:

1. Repeats without end, and those of more than ``SHORT``, apply to single characters, never to groups: there
   are no nested quantifiers.
2. All of them are settled but at most one (``.*`` in ``^a.*b``), and what follows that one has a bounded
   length L. It is tried from each of the subject's n places: n × L steps.
3. Every other choice (alternatives that begin alike, optional parts that are not settled) multiplies the ways
   to read what precedes; the product of all of them is at most ``MAX_WAYS``.
4. An expression that is searched for rather than anchored has no long repeat, hence a bounded length, and is
   tried from each of n places.

The work is thus at most ``MAX_WAYS`` × n × L, and n is bounded as well (``subjects``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["MAX_PATTERN", "MAX_WAYS", "Expression", "PatternError", "compiled", "parse_expression"]

MAX_PATTERN: Final = 400
"""Characters of one expression."""
MAX_WAYS: Final = 64
SHORT: Final = 8
"""A repeat of at most this many is counted as a choice, not as a repeat."""
LONGEST: Final = 64
"""A fixed number of characters up to this is no long repeat."""
MAX_GROUP_REPEAT: Final = 4
MAX_DEPTH: Final = 12
MAX_LITERALS: Final = 64
"""How many different beginnings or ends are told apart."""

# Sets of characters are bit masks: a bit for each ASCII character, and one for all others together.
_OTHER: Final = 1 << 128
_ALL: Final = (1 << 129) - 1


def _mask(characters: Iterable[str]) -> int:
    mask = 0
    for character in characters:
        mask |= 1 << ord(character) if character < "\x80" else _OTHER
    return mask


_DIGIT = _mask("0123456789")
_WORD = _mask("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACE = _mask(" \t\n\r\f\v")
_CLASSES = {
    "d": _DIGIT,
    "D": _ALL & ~_DIGIT,
    "w": _WORD,
    "W": _ALL & ~_WORD,
    "s": _SPACE,
    "S": _ALL & ~_SPACE,
}


class PatternError(ValueError):
    """Why an expression is refused, as a sentence without a place, and what to do instead."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(what)


@lru_cache(maxsize=8192)
def compiled(pattern: str) -> re.Pattern[str]:
    """The expression as ``re`` runs it: ASCII classes, case counts."""
    return re.compile(pattern, re.ASCII)


# --- the tree -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Char:
    """One character out of a set; ``literal`` where the set has one member."""

    mask: int
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """``$``."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    items: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    branches: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    item: _Node
    least: int
    most: int | None


_Node = _Char | _End | _Sequence | _Choice | _Repeat


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that passed, and what is known of its matches."""

    runnable: str
    """As ``re`` is to run it."""
    groups: frozenset[str]
    anchored: bool
    """Begins with ``^``."""
    whole: bool
    """Ends with ``$`` on every branch."""
    heads: frozenset[tuple[str, bool]]
    """Every match begins with one of these; the flag says whether it is the whole match."""
    tails: frozenset[tuple[str, bool]]
    """Every match ends with one of these."""


def parse_expression(pattern: str) -> Expression:
    """
    The expression, proven to run in linear time when it is anchored (or searched for, where it is not).

    Raises ``PatternError``.
    """
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"the expression is longer than {MAX_PATTERN} characters")
    anchored = pattern.startswith("^")
    parser = _Parser(pattern, 1 if anchored else 0)
    tree = parser.parse()
    if isinstance(tree, _Choice) and (anchored or "$" in pattern):
        raise PatternError("'^' or '$' binds to one alternative only", "Put the alternatives into a group.")
    _Measure(searched=not anchored).check(tree)
    runnable = parser.runnable()
    compiled(runnable)
    return Expression(
        runnable,
        frozenset(parser.groups),
        anchored,
        _ends(tree),
        frozenset(_literals(tree, forward=True)),
        frozenset(_literals(tree, forward=False)),
    )


class _Parser:
    """Recursive descent over the pattern; ``MAX_DEPTH`` bounds it."""

    def __init__(self, pattern: str, start: int) -> None:
        self.pattern = pattern
        self.at = start
        self.groups: list[str] = []
        self.dollars: list[int] = []

    def runnable(self) -> str:
        """The pattern with ``$`` as the very end."""
        parts, last = [], 0
        for at in self.dollars:
            parts.append(self.pattern[last:at])
            last = at + 1
        return r"\Z".join([*parts, self.pattern[last:]])

    def parse(self) -> _Node:
        tree = self.choice(0)
        if self.at < len(self.pattern):
            raise PatternError("')' closes nothing")
        return tree

    def peek(self, count: int = 1) -> str:
        return self.pattern[self.at : self.at + count]

    def choice(self, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise PatternError(f"groups are nested deeper than {MAX_DEPTH}")
        branches = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence(depth))
        return branches[0] if len(branches) == 1 else _Choice(tuple(branches))

    def sequence(self, depth: int) -> _Node:
        items: list[_Node] = []
        while self.peek() not in ("", "|", ")"):
            item = self.item(depth)
            if items and isinstance(items[-1], _End):
                raise PatternError("something follows '$'")
            items.append(self.quantified(item))
        return _Sequence(tuple(items))

    def quantified(self, item: _Node) -> _Node:
        bounds = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(self.peek())
        if bounds is not None:
            self.at += 1
        elif self.peek() == "{":
            found = re.compile(r"\{(\d{1,3})(,?)(\d{0,3})\}").match(self.pattern, self.at)
            if found is None:
                raise PatternError("'{' begins no quantifier", "Write a literal brace as '\\{'.")
            self.at = found.end()
            least = int(found[1])
            bounds = (least, int(found[3]) if found[3] else None if found[2] else least)
        else:
            return item
        if self.peek() in ("?", "+", "*", "{"):
            raise PatternError("a quantifier follows a quantifier", "Lazy and possessive ones are not read.")
        least, most = bounds
        if most is not None and most < least:
            raise PatternError("a quantifier's bounds are the wrong way round")
        if isinstance(item, _End):
            raise PatternError("a quantifier follows '$'")
        return _Repeat(item, least, most)

    def item(self, depth: int) -> _Node:
        character = self.peek()
        self.at += 1
        if character == "(":
            return self.group(depth)
        if character == "[":
            return self.char_class()
        if character == "\\":
            return self.escape()
        if character == ".":
            return _Char(_ALL)
        if character == "$":
            self.dollars.append(self.at - 1)
            return _End()
        if character == "^":
            raise PatternError("'^' stands at the start only")
        if character in "?*+{":
            raise PatternError(
                f"'{character}' follows nothing", f"Write it as '\\{character}' where it is meant."
            )
        return _Char(_mask(character), character)

    def group(self, depth: int) -> _Node:
        if self.peek(2) == "?:":
            self.at += 2
        elif self.peek(3) == "?P<":
            name = re.compile(r"\?P<([a-z]{1,20})>").match(self.pattern, self.at)
            if name is None:
                raise PatternError("a group's name is lower-case letters")
            self.at = name.end()
            if name[1] in self.groups:
                raise PatternError(f"two groups are named {name[1]}")
            self.groups.append(name[1])
        elif self.peek() == "?":
            raise PatternError(
                "look-around, flags and back-references are not read",
                "Groups are (…), (?:…) and (?P<name>…).",
            )
        tree = self.choice(depth + 1)
        if self.peek() != ")":
            raise PatternError("a group is not closed")
        self.at += 1
        return tree

    def escape(self) -> _Char:
        character = self.peek()
        self.at += 1
        if character in _CLASSES and character:
            return _Char(_CLASSES[character])
        if character == "" or character.isalnum() or character >= "\x80":
            raise PatternError(
                f"'\\{character}' is not read", "Escapes are \\d \\w \\s, their complements, and punctuation."
            )
        return _Char(_mask(character), character)

    def char_class(self) -> _Char:
        start = self.at
        negated = self.peek() == "^"
        self.at += negated
        mask = 0
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.member()
            if self.peek() == "-" and self.peek(2) not in ("-", "-]"):
                self.at += 1
                high = self.member()
                if low.literal is None or high.literal is None or not low.literal <= high.literal < "\x80":
                    raise PatternError("a range in a class runs from one ASCII character up to another")
                mask |= _mask(map(chr, range(ord(low.literal), ord(high.literal) + 1)))
            else:
                mask |= low.mask
        self.at += 1
        if any(pair in self.pattern[start : self.at] for pair in ("--", "&&", "~~", "||")):
            raise PatternError("a class holds a doubled -, &, ~ or |")
        if negated:
            mask = _ALL & ~mask | (mask & _OTHER)
            return _Char(mask)
        single = mask & (mask - 1) == 0 and mask != _OTHER
        return _Char(mask, chr(mask.bit_length() - 1) if single else None)

    def member(self) -> _Char:
        character = self.peek()
        self.at += 1
        if character == "\\":
            return self.escape()
        if character in ("", "[", "]"):
            raise PatternError("a class is empty, not closed, or holds a bare bracket")
        return _Char(_mask(character), character)


# --- the proof ----------------------------------------------------------------------------------------


def _nullable(node: _Node) -> bool:
    """Whether it can match nothing and let what follows begin. ``$`` lets nothing follow."""
    match node:
        case _Sequence(items):
            return all(map(_nullable, items))
        case _Choice(branches):
            return any(map(_nullable, branches))
        case _Repeat(item, least, _):
            return least == 0 or _nullable(item)
        case _:
            return False


def _first(node: _Node) -> int:
    """Which characters can begin it."""
    match node:
        case _Char(mask):
            return mask
        case _Sequence(items):
            mask = 0
            for item in items:
                mask |= _first(item)
                if not _nullable(item):
                    break
            return mask
        case _Choice(branches):
            mask = 0
            for branch in branches:
                mask |= _first(branch)
            return mask
        case _Repeat(item, _, most):
            return 0 if most == 0 else _first(item)
        case _:
            return 0


def _long(node: _Node) -> bool:
    """Whether a repeat in it has no end, or a far one."""
    match node:
        case _Sequence(items):
            return any(map(_long, items))
        case _Choice(branches):
            return any(map(_long, branches))
        case _Repeat(item, _, most):
            return most is None or most > SHORT or _long(item)
        case _:
            return False


def _ends(node: _Node) -> bool:
    """Whether every match ends at ``$``."""
    match node:
        case _End():
            return True
        case _Sequence(items):
            return bool(items) and _ends(items[-1])
        case _Choice(branches):
            return all(map(_ends, branches))
        case _:
            return False


class _Measure:
    """Counts the ways to read a subject, as the module says."""

    def __init__(self, *, searched: bool) -> None:
        self.searched = searched
        self.open = 0

    def check(self, tree: _Node) -> None:
        if self.searched and _long(tree):
            raise PatternError(
                "a long repeat in an expression that is not anchored",
                "Begin it with '^', or bound the repeat.",
            )
        ways = self.ways(tree, 0, False)
        if self.open > 1:
            raise PatternError(
                "two repeats whose end is not settled",
                "Let each take only what cannot begin the next part: [^/]+ before a slash.",
            )
        if ways > MAX_WAYS:
            raise PatternError(
                f"a subject could be read in more than {MAX_WAYS} ways",
                "Split it into several pieces of evidence, or put alternatives that begin alike together.",
            )

    def ways(self, node: _Node, follow: int, long_follows: bool) -> int:
        """
        In how many ways a stretch of text can be read as ``node``, at most.

        ``follow`` are the characters that can come next; ``long_follows`` says whether a long repeat does.
        """
        match node:
            case _Sequence(items):
                product = 1
                for item in reversed(items):
                    product *= self.ways(item, follow, long_follows)
                    follow = _first(item) | (follow if _nullable(item) else 0)
                    long_follows = long_follows or _long(item)
                return product
            case _Choice(branches):
                return self.choice_ways(branches, follow, long_follows)
            case _Repeat(_Char(mask), least, most):
                return self.char_ways(mask, least, most, follow, long_follows)
            case _Repeat(item, least, most):
                return self.group_ways(item, least, most, follow, long_follows)
            case _:
                return 1

    def choice_ways(self, branches: tuple[_Node, ...], follow: int, long_follows: bool) -> int:
        starts: list[tuple[int, int]] = []
        for branch in branches:
            first = _first(branch) | (follow if _nullable(branch) else 0)
            # A branch that is nothing but the end shares its start with no other.
            starts.append((first or 1 << 129, self.ways(branch, follow, long_follows)))
        return max(sum(ways for first, ways in starts if first >> bit & 1) for bit in range(130))

    def char_ways(self, mask: int, least: int, most: int | None, follow: int, long_follows: bool) -> int:
        if least == most or not mask & follow:
            return 1
        if most is not None and most <= SHORT:
            return most - least + 1
        if long_follows:
            # Counted as a second one: what follows is not of bounded length.
            self.open += 1
        self.open += 1
        return 1

    def group_ways(self, item: _Node, least: int, most: int | None, follow: int, long_follows: bool) -> int:
        if most is None or most > MAX_GROUP_REPEAT:
            raise PatternError(
                "a group is repeated without a near end",
                f"Groups may be optional, or repeated up to {MAX_GROUP_REPEAT} times.",
            )
        if most > 1 and _long(item):
            raise PatternError("nested quantifiers", "A group that is repeated holds no long repeat.")
        once = self.ways(item, follow | (_first(item) if most > 1 else 0), long_follows)
        inner = 1
        for _ in range(most):
            inner *= once
        settled = least == most or not _first(item) & follow
        return inner if settled else inner * (most - least) + 1


# --- literals -----------------------------------------------------------------------------------------


def _literals(node: _Node, *, forward: bool) -> set[tuple[str, bool]]:
    """The texts that matches begin with (or end with); the flag says that the text is the whole of it."""
    match node:
        case _Char(_, str() as literal):
            return {(literal, True)}
        case _End():
            return {("", True)}
        case _Choice(branches):
            found: set[tuple[str, bool]] = set()
            for branch in branches:
                found |= _literals(branch, forward=forward)
            return _few(found)
        case _Sequence(items):
            found = {("", True)}
            for item in items if forward else reversed(items):
                found = _joined(found, item, forward)
            return found
        case _Repeat(item, least, most) if most is not None and most <= MAX_GROUP_REPEAT:
            found = {("", True)}
            for _ in range(least):
                found = _joined(found, item, forward)
            longer = found
            for _ in range(most - least):
                longer = _joined(longer, item, forward)
                found = found | longer
            return _few(found)
        case _:
            return {("", False)}


def _joined(found: set[tuple[str, bool]], item: _Node, forward: bool) -> set[tuple[str, bool]]:
    """Each text that is whole so far, carried on into ``item``."""
    if not any(whole for _, whole in found):
        return found
    nexts = _literals(item, forward=forward)
    joined: set[tuple[str, bool]] = set()
    for text, whole in found:
        for more, more_whole in nexts if whole else {("", False)}:
            joined.add((text + more if forward else more + text, more_whole))
    return _few(joined, found)


def _few(found: set[tuple[str, bool]], fallback: Iterable[tuple[str, bool]] = ()) -> set[tuple[str, bool]]:
    """Too many to tell apart say less: the texts as they stood before, each now only a part."""
    if len(found) <= MAX_LITERALS:
        return found
    short: set[tuple[str, bool]] = {(text, False) for text, _ in fallback}
    return short or {("", False)}
