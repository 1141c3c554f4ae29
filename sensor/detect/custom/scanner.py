"""
The scanner that the engine calls beside its own detectors, once for each text and view.

It holds what the files of a home say, made ready: gates, tables, rules. Nothing is opened here; the shell
(``detect_custom_files``) gives words, tables and compiled gates as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sensor.detect.custom.exact import ExactRule, ExactTable, ExactTables, read_table
from sensor.detect.custom.fingerprints import (
    FingerprintRule,
    Fingerprints,
    FingerprintTable,
    read_fingerprints,
)
from sensor.detect.custom.gates import BoundedGate, compile_bounded, open_bounded
from sensor.detect.custom.keywords import KeywordList, Keywords
from sensor.detect.custom.keywords import entries_of as keyword_entries
from sensor.detect.custom.near import NearRule, apply_near
from sensor.detect.custom.parse import CustomRules, FileRef, PatternRule, keyword_list
from sensor.detect.custom.regexes import Patterns
from sensor.detect.custom.regexes import entries_of as pattern_entries
from sensor.detect.custom.tablefile import TableError
from sensor.detect.detector import Detector
from sensor.detect.finding import Candidate, Document
from sensor.detect.gate import GateError
from sensor.errors import ConfigError

__all__ = ["CustomScanner", "Gates", "compile_gates", "path_of", "words_of"]


class Gates(NamedTuple):
    """The compiled gates of a home's rules."""

    patterns: bytes
    keywords: bytes


def words_of(rules: Sequence[CustomRules], texts: Mapping[str, str]) -> list[KeywordList]:
    """Every keyword list, those from files with their words: ``texts`` by ``path_of``."""
    lists: list[KeywordList] = []
    for one in rules:
        lists.extend(one.keywords)
        for rule in one.keyword_files:
            shown = path_of(one, rule.file)
            lists.append(keyword_list(rule, texts[shown], shown))
    return lists


def path_of(rules: CustomRules, file: FileRef) -> str:
    """A file that rules name, beside the file that holds them."""
    folder, slash, _ = rules.path.rpartition("/")
    return f"{folder}{slash}{file.name}"


def compile_gates(rules: Sequence[CustomRules], lists: Sequence[KeywordList]) -> Gates:
    """
    The gates of all rules. Ten thousand keywords take half a second.

    Raises ``ConfigError`` at the expression that hyperscan refuses.
    """
    patterns = [rule for one in rules for rule in one.patterns]
    try:
        compiled = compile_bounded(pattern_entries([(rule.detector, rule.expression) for rule in patterns]))
    except GateError as error:
        for rule in patterns:
            _check_alone(rule)
        raise ConfigError(f"the patterns cannot be compiled together: {error}") from None
    return Gates(compiled, compile_bounded(keyword_entries(lists)))


def _check_alone(rule: PatternRule) -> None:
    try:
        compile_bounded([(rule.expression.gate, False)])
    except GateError as error:
        raise ConfigError(
            f"not an expression for the gate: {error}", where=rule.location,
            hint="Line ends (^ and $) stand at the ends of an expression only.",
        ) from None  # fmt: skip


class CustomScanner:
    """
    A home's own data, ready to scan. May be asked from several threads at once.

    ``texts`` and ``tables`` hold the files that rules name, by ``path_of``; ``key`` is the home's, for the
    tables; ``gates`` are the compiled ones, where the caller kept them. Raises ``ConfigError`` for a table
    that is wrong, ``GateError`` for gates of another machine.
    """

    def __init__(
        self,
        rules: Sequence[CustomRules],
        *,
        key: bytes = b"",
        texts: Mapping[str, str] | None = None,
        tables: Mapping[str, bytes | memoryview] | None = None,
        gates: Gates | None = None,
    ) -> None:
        lists = words_of(rules, texts or {})
        if gates is None:
            gates = compile_gates(rules, lists)
        patterns = [(rule.detector, rule.expression) for one in rules for rule in one.patterns]
        tables = tables or {}
        self._patterns = Patterns(patterns, _opener(gates.patterns)) if patterns else None
        self._keywords = Keywords(lists, _opener(gates.keywords)) if lists else None
        exact: list[tuple[ExactRule, FileRef, str]] = [
            (rule, file, path_of(one, file)) for one in rules for file, rule in one.exact
        ]
        self._exact = ExactTables(_read_exact(exact, key, tables), key) if exact else None
        prints: list[tuple[FingerprintRule, FileRef, str]] = [
            (rule, file, path_of(one, file)) for one in rules for file, rule in one.fingerprints
        ]
        self._fingerprints = Fingerprints(_read_prints(prints, key, tables), key) if prints else None
        self._near: list[NearRule] = [rule for one in rules for _, rule in one.near]
        self._detectors: list[Detector] = [
            *(detector for detector, _ in patterns),
            *(one.detector for one in lists),
            *(rule.detector for rule, _, _ in exact),
            *(rule.detector for rule, _, _ in prints),
            *(rule.detector for rule in self._near if rule.boost is None),
        ]
        self._kinds: dict[str, tuple[str, str]] = {}
        self.know(self._detectors)

    def know(self, detectors: Iterable[Detector]) -> None:
        """Tell the detectors that ``near:`` rules may speak of by type: the engine's."""
        self._kinds.update((detector.id, (detector.type, detector.group)) for detector in detectors)

    def describe(self) -> list[Detector]:
        """A detector for every id that ``scan`` gives of its own."""
        return list(self._detectors)

    def scan(self, document: Document, found: Sequence[Candidate]) -> list[Candidate]:
        """Candidates beyond those already found, and raised ones again with their new score."""
        made: list[Candidate] = []
        if self._patterns is not None:
            made.extend(self._patterns.scan(document))
        if self._keywords is not None:
            made.extend(self._keywords.scan(document))
        if self._exact is not None:
            made.extend(self._exact.scan(document))
        if self._fingerprints is not None:
            made.extend(self._fingerprints.scan(document))
        if self._near:
            made.extend(apply_near(self._near, document, [*found, *made], self._kinds))
        return made


def _opener(compiled: bytes) -> Callable[[list[tuple[str, bool]]], BoundedGate]:
    return lambda entries: open_bounded(entries, compiled)


def _read_exact(
    rules: Sequence[tuple[ExactRule, FileRef, str]], key: bytes, tables: Mapping[str, bytes | memoryview]
) -> list[tuple[ExactRule, ExactTable]]:
    read = {}
    made = []
    for rule, file, path in rules:
        if path not in read:
            try:
                read[path] = read_table(key, tables[path])
            except TableError as error:
                raise file.error(str(error), "gnomon detect add exact makes it.") from None
        unknown = [name for name in (*rule.columns, *rule.alone) if name not in read[path].columns]
        if unknown:
            raise file.error(
                f'the table has no column "{unknown[0]}"', f"Its columns are {', '.join(read[path].columns)}."
            )
        made.append((rule, read[path]))
    return made


def _read_prints(
    rules: Sequence[tuple[FingerprintRule, FileRef, str]],
    key: bytes,
    tables: Mapping[str, bytes | memoryview],
) -> list[tuple[FingerprintRule, FingerprintTable]]:
    read = {}
    made = []
    for rule, file, path in rules:
        if path not in read:
            try:
                read[path] = read_fingerprints(key, tables[path])
            except TableError as error:
                raise file.error(str(error), "gnomon detect add fingerprint makes it.") from None
        made.append((rule, read[path]))
    return made
