"""
The gate of a user's own expressions and keywords: one pass, and a bound on what it may tell.

The gate of the packaged detectors (``detect.gate``) takes its expressions for narrow. A user's may match at
every byte, so this one stops after ``limit`` events and says how far it came; what follows is for the
caller, who takes the rest of the text as found.

Without hyperscan the same is done with RE2, one expression after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sensor.detect.gate import HAS_HYPERSCAN, GateError

try:
    import hyperscan
except ImportError:  # no wheel for this platform
    hyperscan = None  # type: ignore[assignment]  # every use stands behind HAS_HYPERSCAN
try:
    import re2
except ImportError:  # no wheel for this platform
    re2 = None  # expressions are refused there

__all__ = [
    "BoundedGate",
    "Events",
    "HyperBounded",
    "PlainBounded",
    "compile_bounded",
    "compile_re2",
    "open_bounded",
]


class Events(NamedTuple):
    """What a pass told."""

    found: list[tuple[int, int]]
    """(number of the expression, end of a match), by end."""
    whole: bool
    """The pass came to the end of the text."""


class BoundedGate(Protocol):
    """What the scanners ask."""

    def scan(self, data: bytes, limit: int) -> Events:
        """The first ``limit`` events."""


class HyperBounded:
    """By hyperscan. May be asked from several threads at once."""

    __slots__ = ("_database", "_scratches")

    def __init__(self, database: Any) -> None:
        self._database = database
        self._scratches = [hyperscan.Scratch(database)]

    def scan(self, data: bytes, limit: int) -> Events:
        found: list[tuple[int, int]] = []
        add = found.append

        def on_match(number: int, start: int, end: int, flags: int, context: object) -> bool:
            add((number, end))
            return len(found) >= limit

        try:
            scratch = self._scratches.pop()
        except IndexError:
            scratch = hyperscan.Scratch(self._database)
        whole = True
        try:
            self._database.scan(data, match_event_handler=on_match, scratch=scratch)
        except hyperscan.ScanTerminated:
            whole = False
        finally:
            self._scratches.append(scratch)
        return Events(found, whole)


class PlainBounded:
    """By RE2; what it tells are the ends of matches that do not overlap."""

    __slots__ = ("_compiled",)

    def __init__(self, expressions: Sequence[tuple[str, bool]]) -> None:
        self._compiled = [compile_re2(f"(?:{one})", caseless=caseless) for one, caseless in expressions]

    def scan(self, data: bytes, limit: int) -> Events:
        found: list[tuple[int, int]] = []
        whole = True
        for number, compiled in enumerate(self._compiled):
            told = 0
            for match in compiled.finditer(data):
                found.append((number, match.end()))
                told += 1
                if told >= limit:
                    whole = False
                    break
        found.sort(key=lambda event: event[1])
        return Events(found[:limit], whole and len(found) <= limit)


def compile_re2(
    expression: str, *, on_bytes: bool = True, captures: bool = False, caseless: bool = False
) -> Any:
    """An expression for RE2, on bytes or on the characters of UTF-8; ``^`` and ``$`` are line ends."""
    options = re2.Options()
    options.never_capture = not captures
    options.case_sensitive = not caseless
    options.log_errors = False
    if on_bytes:
        options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(f"(?m){expression}".encode("latin-1" if on_bytes else "utf-8"), options=options)


def compile_bounded(expressions: Sequence[tuple[str, bool]]) -> bytes:
    """
    (expression in bytes as Latin-1, whether ASCII letters match in either case) in compiled form.

    Raises ``GateError`` for what hyperscan refuses.
    """
    if not HAS_HYPERSCAN or not expressions:
        return b""
    flags = hyperscan.HS_FLAG_MULTILINE
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[expression.encode("latin-1") for expression, _ in expressions],
            ids=list(range(len(expressions))),
            flags=[flags | hyperscan.HS_FLAG_CASELESS * caseless for _, caseless in expressions],
        )
    except hyperscan.error as error:
        raise GateError(str(error)) from None
    return bytes(hyperscan.dumpb(database))


def open_bounded(
    expressions: Sequence[tuple[str, bool]], compiled: bytes, *, plain: bool = False
) -> BoundedGate:
    """
    A gate to scan with; ``plain`` does without hyperscan although it is there.

    Raises ``GateError`` where ``compiled`` was made elsewhere.
    """
    if plain or not HAS_HYPERSCAN:
        return PlainBounded(expressions)
    try:
        return HyperBounded(hyperscan.loadb(compiled, hyperscan.HS_MODE_BLOCK))
    except hyperscan.error as error:
        raise GateError(f"this compiled gate is not for this machine ({error})") from None
