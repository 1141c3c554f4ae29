"""
What the gate looks for, and what an event of each entry does.

Built once from a detector set, then kept (``keeping``): building takes longer than a cold start may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sensor.detect.detector import DetectorSet
from sensor.detect.gate import Entry
from sensor.detect.tokens import TOKEN_GATE

__all__ = ["Action", "Table", "build_table"]


class Action(NamedTuple):
    """What an event of one entry does."""

    windows: tuple[int, ...] = ()
    """Detectors whose pattern is looked for around it."""
    hits: tuple[tuple[str, str], ...] = ()
    """(scanner, tag)"""
    contexts: tuple[tuple[int, bool], ...] = ()
    """(detector, whether the word opens it)"""
    length: int = 0
    """Bytes of a context word."""
    hint: str | None = None
    token: bool = False


@dataclass(slots=True)
class _Does:
    """An action under construction; dictionaries stand for sets that keep their order."""

    windows: dict[int, None] = field(default_factory=dict)
    hits: dict[tuple[str, str], None] = field(default_factory=dict)
    contexts: dict[tuple[int, bool], None] = field(default_factory=dict)
    is_word: bool = False
    hint: str | None = None
    token: bool = False


class Table(NamedTuple):
    """The gate's entries and what each of them does; made once from a detector set."""

    entries: Sequence[Entry]
    actions: Sequence[Action]


def build_table(detectors: DetectorSet) -> Table:
    """What the gate has to look for, each thing once."""
    # Of use only to whoever builds: an eighth of all modules.
    from sensor.detect.views import GATES, ONCE

    places: dict[Entry, _Does | Action] = {}

    def at(entry: Entry) -> _Does:
        does = places.get(entry)
        if not isinstance(does, _Does):
            does = places[entry] = (
                _Does() if does is None else _Does(dict.fromkeys(does.windows), dict.fromkeys(does.hits))
            )
        return does

    # Words first: there are tens of thousands, and hardly one that does more than one thing.
    for number, detector in enumerate(detectors.detectors):
        for tag, name in detector.words:
            scanner = detector.scanner
            shared = Action(windows=(number,)) if scanner is None else Action(hits=((scanner, tag),))
            for word in detectors.words[name]:
                entry = Entry(word, True)
                if entry not in places:
                    places[entry] = shared
                elif scanner is None:
                    at(entry).windows[number] = None
                else:
                    at(entry).hits[scanner, tag] = None
    for number, detector in enumerate(detectors.detectors):
        textures = dict(detector.only_in)
        for tag, expression in detector.gate:
            entry = Entry(expression, only_in=textures.get(tag))
            if detector.scanner is not None:
                at(entry).hits[detector.scanner, tag] = None
            else:
                at(entry).windows[number] = None
        opens = detector.pattern is not None and not detector.gate and not detector.words
        for _, word in detector.context.words:
            for entry in _word_entries(word):
                at(entry).is_word = True
                if detector.scanner is not None:
                    at(entry).hits[detector.scanner, detector.id] = None
                else:
                    at(entry).contexts[number, opens] = None
    for hint, expression in GATES:
        # Values spelled out in words stand in sentences.
        only_in = "prose" if hint.startswith("words.") else None
        at(Entry(expression, once=hint in ONCE, only_in=only_in)).hint = hint
    at(Entry(TOKEN_GATE)).token = True
    return Table(list(places), [_action(entry, does) for entry, does in places.items()])


def _action(entry: Entry, does: _Does | Action) -> Action:
    if isinstance(does, Action):
        return does
    return Action(
        windows=tuple(does.windows), hits=tuple(does.hits), contexts=tuple(does.contexts),
        length=len(entry.expression.encode()) if does.is_word else 0, hint=does.hint, token=does.token,
    )  # fmt: skip


def _word_entries(word: str) -> Iterable[Entry]:
    """A context word for the gate: ASCII letters match in either case, others as written in three ways."""
    if word.isascii():
        return (Entry(word.lower(), literal=True, caseless=True),)
    return tuple(
        Entry(form, literal=True, caseless=True)
        for form in dict.fromkeys((word, word.lower(), word.upper(), word.title()))
    )
