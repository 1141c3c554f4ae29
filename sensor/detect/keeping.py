"""
A detector set and its table in the form in which they are kept between two runs.

Plain tuples, strings and numbers by ``marshal``, which reads them in a fiftieth of the time that the files
take. It is Python's own form and differs between its versions, and what reads it is C code that trusts it:
whoever keeps it answers for that it comes back as it was written, to the same Python (``detect_files``). Each
detector, and the gate's entries, are taken apart when they are first asked for: one text needs a few of the
detectors, and a compiled gate none of the entries.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sensor.detect.detector import Context, Detector, DetectorSet, Example
from sensor.detect.gate import Entry
from sensor.detect.lazily import Made
from sensor.detect.table import Action, Table

__all__ = ["FORM", "dump", "dump_table", "restore", "restore_table"]

FORM = 2
"""Raised whenever what is written here, or what loading makes of a text, changes."""

_FIELDS = tuple(item.name for item in fields(Detector))
_CONTEXT = tuple(item.name for item in fields(Context))


def dump(detectors: DetectorSet) -> bytes:
    """The set, for ``restore``."""
    return marshal.dumps(
        (
            detectors.hash,
            detectors.ids,
            tuple(marshal.dumps(_plain(detector)) for detector in detectors.detectors),
            {name: tuple(words) for name, words in detectors.words.items()},
        )
    )


def restore(raw: bytes) -> DetectorSet:
    """What ``dump`` wrote, and nothing else: see above."""
    hash_, ids, kept, words = marshal.loads(raw)
    return DetectorSet(
        Made(len(ids), lambda number: _detector(marshal.loads(kept[number]))), words, hash_, ids
    )


def _plain(detector: Detector) -> tuple[Any, ...]:
    made = {name: getattr(detector, name) for name in _FIELDS}
    made["context"] = tuple(getattr(detector.context, name) for name in _CONTEXT)
    for key in ("examples", "counter_examples"):
        made[key] = tuple((example.text, example.spans) for example in made[key])
    return tuple(made.values())


def _detector(plain: tuple[Any, ...]) -> Detector:
    made = dict(zip(_FIELDS, plain, strict=True))
    made["context"] = Context(**dict(zip(_CONTEXT, made["context"], strict=True)))
    for key in ("examples", "counter_examples"):
        made[key] = tuple(Example(text, spans) for text, spans in made[key])
    return Detector(**made)


def dump_table(table: Table) -> bytes:
    """The table, for ``restore_table``: tens of thousands of entries do one of a few thousand things."""
    places: dict[Action, int] = {}
    which = array("I", (places.setdefault(action, len(places)) for action in table.actions))
    entries = marshal.dumps(tuple(tuple(entry) for entry in table.entries))
    return marshal.dumps((tuple(tuple(action) for action in places), which.tobytes(), entries))


def restore_table(raw: bytes) -> Table:
    """What ``dump_table`` wrote, and nothing else: see above."""
    plain, which, entries = marshal.loads(raw)
    actions = [Action._make(action) for action in plain]
    numbers = array("I", which)
    return Table(_entries(len(numbers), entries), [actions[number] for number in numbers])


def _entries(length: int, raw: bytes) -> Sequence[Entry]:
    kept: list[tuple[Any, ...]] = []

    def make(number: int) -> Entry:
        if not kept:
            kept.extend(marshal.loads(raw))
        return Entry._make(kept[number])

    return Made(length, make)
