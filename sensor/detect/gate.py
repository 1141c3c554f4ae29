"""
The gate: one pass over a text that tells where something may be.

Thousands of expressions and words, one scan, a few events. What an event means is the engine's business; here
an entry is a number. Hyperscan does it; where it has no wheel, ``PlainGate`` does the same with Python's
``re``, slower, and a test holds the two to the same findings.

Expressions are matched on bytes; ``^`` and ``$`` are line ends, ``.`` is no line end. An event is the end
of a
match, and one expression may tell several ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

try:
    import hyperscan
except ImportError:  # no wheel for this platform
    hyperscan = None  # type: ignore[assignment]  # the module is absent: every use stands behind a check

__all__ = [
    "HAS_HYPERSCAN",
    "ENGINE",
    "Entry",
    "Gate",
    "GateError",
    "HyperGate",
    "PlainGate",
    "compile_gate",
    "open_gate",
]

HAS_HYPERSCAN = hyperscan is not None
ENGINE = f"hyperscan {getattr(hyperscan, '__version__', '')}" if HAS_HYPERSCAN else "python"
"""What a compiled gate was made by; it is of no use to another."""


class GateError(ValueError):
    """An expression that the gate does not take, or a compiled gate that is not for this machine."""


STAGES: dict[str, str] = {
    "digits": r"\d(?:[ ./-]?\d){8}(?:\D|\z)",
    "run": r"[0-9A-Za-z]{20}(?:[^0-9A-Za-z]|\z)",
}
"""Runs that ordinary text seldom holds; what can only match where one is waits for it (``staging``). Each is
told once, at its end. (``[^0-9A-Za-z][0-9A-Za-z]{20}``, at its beginning, costs ten times as much.)"""
_OF_RUNS: dict[str, bytes] = {
    "digits": b"0123456789 ./-",
    "run": b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
}
"""What a run is made of."""

TEXTURES = ("prose", "code")
"""What a block of text looks like, by its share of signs that prose hardly has."""
BLOCK = 1024
"""Bytes that are judged at once."""
OVERLAP = 96
"""Bytes beyond a stretch of blocks that are scanned with it."""
MAX_CODE = 2 * BLOCK
"""Bytes of a text in which signs of source code are looked for, from its first block of code on: what
language a file is in shows at its beginning."""

REACH = 256
"""Bytes on each side of a run that are looked at; a match is no longer."""


class Entry(NamedTuple):
    """One expression or word of the gate; its place in the list is its number."""

    expression: str
    literal: bool = False
    """The expression is a word, as it stands."""
    caseless: bool = False
    """ASCII letters in either case."""
    once: bool = False
    """Only the first event of a scan is wanted."""
    only_in: str | None = None
    """One of ``TEXTURES``: looked for in such blocks of a text alone."""


class Gate(Protocol):
    """What the engine asks."""

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        """(entry number, end) of every match, by end."""


class _Database:
    """One compiled database. May be asked from several threads at once."""

    __slots__ = ("_database", "_scratches")

    def __init__(self, database: Any) -> None:
        self._database = database
        self._scratches = [hyperscan.Scratch(database)]

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        events: list[tuple[int, int]] = []
        add = events.append

        def on_match(number: int, start: int, end: int, flags: int, context: object) -> None:
            add((number, end))

        # A scratch serves one scan at a time; list.pop and append are atomic.
        try:
            scratch = self._scratches.pop()
        except IndexError:
            scratch = hyperscan.Scratch(self._database)
        self._database.scan(data, match_event_handler=on_match, scratch=scratch)
        self._scratches.append(scratch)
        return events


class HyperGate:
    """The gate by hyperscan: one pass over all of a text, and shorter ones over what the text calls for."""

    __slots__ = ("_first", "_main", "_stages", "_textures")

    def __init__(self, first_stage: int, databases: Sequence[Any]) -> None:
        self._first = first_stage
        self._main = _Database(databases[0])
        self._stages = [_Database(database) for database in databases[1 : 1 + len(STAGES)]]
        self._textures = [_Database(database) for database in databases[1 + len(STAGES) :]]

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        events = self._main.scan(data)
        length = len(events)
        first = self._first
        runs = [event for event in events if event[0] >= first]
        if runs:
            events = [event for event in events if event[0] < first]
            length = len(events)
            for number, (stage, made_of) in enumerate(
                zip(self._stages, _OF_RUNS.values(), strict=True), start=first
            ):
                for low, high in _surroundings(data, [end for run, end in runs if run == number], made_of):
                    events += [(entry, end + low) for entry, end in stage.scan(data[low:high])]
        for texture, stretches in zip(self._textures, stretches_of(data), strict=True):
            for low, high in stretches:
                more = texture.scan(data[low:high] if high - low < len(data) else data)
                events += [(entry, end + low) for entry, end in more] if low else more
        if len(events) > length:
            events.sort(key=_by_end)
        return events


_SIGNS = bytes(1 if byte in b"{}[]<=_;/\\`#$*~^+@" else 0 for byte in range(256))
"""Not ``>`` and ``|``: a quoted mail is prose."""


def stretches_of(data: bytes) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The stretches of prose and of code in a text, each with ``OVERLAP`` bytes around it."""
    size = len(data)
    if size <= BLOCK:
        # Too little to judge, and cheap: it may be either.
        return [(0, size)], [(0, size)]
    prose: list[tuple[int, int]] = []
    code: list[tuple[int, int]] = []
    left = MAX_CODE
    marked = data.translate(_SIGNS)
    for at in range(0, size, BLOCK):
        end = min(size, at + BLOCK)
        signs = marked.count(1, at, end)
        low, high = max(0, at - OVERLAP), min(size, end + OVERLAP)
        if signs > 12 and signs * 80 > end - at:
            if left > 0:
                _join(code, low, high)
                left -= BLOCK
        else:
            _join(prose, low, high)
    return prose, code


def _join(stretches: list[tuple[int, int]], low: int, high: int) -> None:
    if stretches and low <= stretches[-1][1]:
        stretches[-1] = (stretches[-1][0], high)
    else:
        stretches.append((low, high))


def _by_end(event: tuple[int, int]) -> int:
    return event[1]


def _surroundings(data: bytes, ends: Sequence[int], made_of: bytes) -> list[tuple[int, int]]:
    """Stretches around the runs that end there, those that touch made one."""
    size = len(data)
    made: list[tuple[int, int]] = []
    last = 0
    for end in ends:
        low = max(0, _beginning(data, end - 1, made_of, last) - REACH)
        if made and low <= last:
            low = made.pop()[0]
        last = min(size, end + REACH)
        made.append((low, last))
    return made


def _beginning(data: bytes, end: int, made_of: bytes, floor: int) -> int:
    """Where the run begins that ends at ``end``; at or before ``floor`` where it begins no later."""
    while end > floor:
        low = max(0, end - REACH)
        left = len(data[low:end].rstrip(made_of))
        if left:
            return low + left
        end = low
    return end


def compile_gate(entries: Sequence[Entry]) -> bytes:
    """
    The gate in its compiled form, for ``open_gate`` on the same kind of machine.

    Takes seconds. Raises ``GateError`` with the number of the entry that was refused.
    """
    if not HAS_HYPERSCAN:
        return b""
    # Its parser of expressions stands in a package that imports this module.
    from sensor.detect.staging import stage_of

    staged: dict[str, list[int]] = {stage: [] for stage in STAGES}
    main: list[int] = []
    textures: dict[str, list[int]] = {texture: [] for texture in TEXTURES}
    for number, entry in enumerate(entries):
        stage = None if entry.literal or entry.once or entry.only_in else stage_of(entry.expression)
        if entry.only_in is not None:
            textures[entry.only_in].append(number)
        else:
            (main if stage is None else staged[stage]).append(number)
    runs = [(Entry(expression), len(entries) + at) for at, expression in enumerate(STAGES.values())]
    databases = [_compiled([*((entries[number], number) for number in main), *runs])]
    databases += [
        _compiled([(entries[number], number) for number in numbers])
        for numbers in (*staged.values(), *textures.values())
    ]
    return b"".join(len(database).to_bytes(8, "big") + database for database in databases)


def _compiled(entries: Sequence[tuple[Entry, int]]) -> bytes:
    """A serialised database; empty for no entries."""
    expressions: list[bytes] = []
    flags: list[int] = []
    for entry, _ in entries:
        raw = entry.expression.encode("utf-8", "surrogatepass")
        flag = hyperscan.HS_FLAG_MULTILINE
        if entry.literal:
            raw = _hex_escape(raw)
        elif raw.startswith(b"(?i)"):
            raw = raw[4:]
            flag |= hyperscan.HS_FLAG_CASELESS
        if entry.caseless:
            flag |= hyperscan.HS_FLAG_CASELESS
        if entry.once:
            flag |= hyperscan.HS_FLAG_SINGLEMATCH
        expressions.append(raw)
        flags.append(flag)
    if not expressions:
        # A database needs an expression; this one never matches.
        expressions, flags, entries = [rb"\xff\xfe\xff\xfe\xff\xfe\xff\xfe"], [0], [(Entry(""), 0)]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(expressions=expressions, ids=[number for _, number in entries], flags=flags)
    except hyperscan.error as error:
        raise GateError(str(error)) from None
    return bytes(hyperscan.dumpb(database))


def _hex_escape(raw: bytes) -> bytes:
    return b"".join(bytes([byte]) if bytes([byte]).isalnum() else b"\\x%02x" % byte for byte in raw)


def open_gate(entries: Sequence[Entry], compiled: bytes) -> Gate:
    """
    A gate to scan with.

    Raises ``GateError`` where ``compiled`` was made elsewhere: compile it anew.
    """
    if not HAS_HYPERSCAN:
        return PlainGate(entries)
    try:
        return HyperGate(
            len(entries), [hyperscan.loadb(raw, hyperscan.HS_MODE_BLOCK) for raw in _split(compiled)]
        )
    except hyperscan.error as error:
        raise GateError(f"this compiled gate is not for this machine ({error})") from None


def _split(compiled: bytes) -> list[bytes]:
    databases = []
    at = 0
    while at < len(compiled):
        length = int.from_bytes(compiled[at : at + 8], "big")
        databases.append(compiled[at + 8 : at + 8 + length])
        at += 8 + length
    if len(databases) != 1 + len(STAGES) + len(TEXTURES):
        raise GateError("not a compiled gate, or not for this machine")
    return databases


# --- without hyperscan --------------------------------------------------------------------------------

_LEAD = re.compile(
    r"(?:\\b|\(\?i\)|\(\?:\^\|\[\^[^\]]*\]\))*((?:[A-Za-z0-9_@:/ -]|\\[-./+@:_ ])+)(.?)", re.DOTALL
)


class PlainGate:
    """
    The gate by Python's ``re``.

    Words are looked up by the runs of letters in the text; an expression is tried where the literal that it
    begins with stands, or else over the whole text. Cost: tens of times that of hyperscan.
    """

    __slots__ = ("_led", "_lengths", "_open", "_textures", "_words")

    def __init__(self, entries: Sequence[Entry], *, only_in: str | None = None) -> None:
        self._textures = (
            [PlainGate(entries, only_in=texture) for texture in TEXTURES] if only_in is None else []
        )
        self._words: dict[bytes, list[tuple[bytes, bool, int]]] = {}
        self._led: list[tuple[bytes, Any, int, bool]] = []
        self._open: list[tuple[Any, int, bool]] = []
        for number, entry in enumerate(entries):
            if entry.only_in != only_in:
                continue
            raw = entry.expression.encode("utf-8", "surrogatepass")
            if entry.literal:
                first = _RUN.search(raw)
                if first is not None and first.start() == 0:
                    self._words.setdefault(first[0].lower(), []).append((raw, entry.caseless, number))
                    continue
                compiled = re.compile(re.escape(raw), re.IGNORECASE if entry.caseless else 0)
            else:
                compiled = re.compile(raw, re.MULTILINE | (re.IGNORECASE if entry.caseless else 0))
            lead = _lead_of(entry.expression)
            if lead is not None and not entry.literal:
                self._led.append((lead.lower().encode(), compiled, number, entry.once))
            else:
                self._open.append((compiled, number, entry.once))
        self._lengths = sorted({len(word) for word in self._words})

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        events: list[tuple[int, int]] = []
        lower = data.lower()
        for run in _RUN.finditer(lower):
            for start in _starts(data, run.start(), run.end()):
                for length in self._lengths:
                    if start + length > run.end():
                        break
                    for word, caseless, number in self._words.get(lower[start : start + length], ()):
                        text = lower if caseless else data
                        if text.startswith(word.lower() if caseless else word, start):
                            events.append((number, start + len(word)))
        for lead, compiled, number, once in self._led:
            at = lower.find(lead)
            while at >= 0:
                found = compiled.match(data, at)
                if found is None and at > 0:
                    found = compiled.match(data, at - 1)
                if found is not None:
                    events.append((number, found.end()))
                    if once:
                        break
                at = lower.find(lead, at + 1)
        for compiled, number, once in self._open:
            for found in compiled.finditer(data):
                events.append((number, found.end()))
                if once:
                    break
        for texture, stretches in zip(self._textures, stretches_of(data), strict=False):
            for low, high in stretches:
                events += [(entry, end + low) for entry, end in texture.scan(data[low:high])]
        events.sort(key=_by_end)
        return events


_RUN = re.compile(rb"[a-zA-Z\x80-\xff]+")


def _starts(data: bytes, start: int, end: int) -> Iterable[int]:
    """Where a word may begin in a run: at its start, at a capital behind a small letter (customerSSN), where
    ASCII meets longer characters (a typographic quote)."""
    yield start
    for at in range(start + 1, end):
        before, here = data[at - 1], data[at]
        if (before > 0x60 and 0x40 < here < 0x5B) or (before >= 0x80) != (here >= 0x80):
            yield at


def _lead_of(expression: str) -> str | None:
    """The literal that every match of an expression begins with; ``None`` where it is too short to be
    worth it."""
    found = _LEAD.match(expression)
    if found is None or "|" in expression and "(" not in expression:
        return None
    lead, following = found[1], found[2]
    if following in "?*{+":
        lead = lead[:-2] if lead[-2:-1] == "\\" else lead[:-1]
    lead = lead.replace("\\", "")
    return lead if len(lead) >= 3 else None
