"""
A user's file to rules.

::

    detectors:                       # the same as the packaged ones, without a gate: the pattern opens itself
    - {id: custom.customer_no, name: customer number, type: customer_no, pattern: '\\bC-\\d{6}\\b', score:
      0.8}
    keywords:
    - {id: custom.projects, name: project names, words: [Bluebird, Operation Red], caseless: true, whole:
      true}
    - {id: custom.products, name: product names, file: products.txt, languages: [de]}
    exact:
    - {id: custom.customers, name: customers, table: customers.xd, at_least: 2, within: 200,
       columns: [first, last, iban], alone: [iban]}
    fingerprints:
    - {id: custom.contracts, name: contracts, table: contracts.fp, at_least: 4, contained: 0.5}
    near:
    - {id: custom.pay, name: pay of a person, of: {type: person_name}, words: {en: [salary], de: [Gehalt]},
       within: 100, raise: 0.3}
    - {id: custom.mixed, name: card and name, of: {type: payment_card}, other: {group: person}, within: 150}

Text in, values out, or ``ConfigError`` with the place. Files that rules name are opened by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sensor.detect.custom.exact import MAX_COLUMNS, ExactRule
from sensor.detect.custom.expressions import Expression, ExpressionError, read_expression
from sensor.detect.custom.fingerprints import FingerprintRule
from sensor.detect.custom.keywords import MAX_KEYWORD, KeywordList
from sensor.detect.custom.near import NearRule, Target
from sensor.detect.custom.words import fold
from sensor.detect.detector import GROUPS, LETTERS, REPORT_ONLY_GROUPS, Context, Detector, Example
from sensor.detect.examples import ExampleProblem, read_example
from sensor.detect.validators import VALIDATORS
from sensor.errors import ConfigError, Location
from sensor.yamldoc import Node, parse_yaml

__all__ = [
    "MAX_KEYWORDS", "MAX_RULES", "CustomRules", "FileRef", "KeywordFile", "PatternRule",
    "keyword_list", "parse_custom",
]  # fmt: skip

MAX_RULES: Final = 500
"""Rules of each kind in one file."""
MAX_KEYWORDS: Final = 50_000
"""Words of one list."""

_ID = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9][a-z0-9_]*)+\Z")
_TYPE = re.compile(r"[a-z][a-z0-9_]*\Z")
_LETTERS = re.compile(r"[A-Z]{2}\Z")
_FILE = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_. -]*/)*[A-Za-z0-9_-][A-Za-z0-9_. -]*\Z")

_COMMON: Final = (
    "name", "type", "group", "letters", "score", "languages", "countries", "report_only", "falsepositives",
    "source",
)  # fmt: skip
_PATTERN: Final = (
    *_COMMON, "class", "gate", "words", "window", "validator", "entropy", "context", "match", "nomatch",
    "scanner", "pattern",
)  # fmt: skip


class FileRef:
    """A file that a rule names, and where it does."""

    __slots__ = ("location", "name")

    def __init__(self, name: str, location: Location) -> None:
        self.name = name
        """Its place beside the file of rules."""
        self.location = location

    def error(self, what: str, hint: str | None = None) -> ConfigError:
        """That something is wrong with it; the caller raises it."""
        return ConfigError(f"{self.name}: {what}", where=self.location, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """A detector by an expression."""

    detector: Detector
    expression: Expression
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordFile:
    """A keyword list whose words stand in a file."""

    file: FileRef
    detector: Detector
    caseless: bool
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRules:
    """What one file says."""

    path: str
    patterns: tuple[PatternRule, ...] = ()
    keywords: tuple[KeywordList, ...] = ()
    keyword_files: tuple[KeywordFile, ...] = ()
    exact: tuple[tuple[FileRef, ExactRule], ...] = ()
    fingerprints: tuple[tuple[FileRef, FingerprintRule], ...] = ()
    near: tuple[tuple[Location, NearRule], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks nothing of the custom scanner."""
        return not (
            self.patterns
            or self.keywords
            or self.keyword_files
            or self.exact
            or self.fingerprints
            or self.near
        )


def parse_custom(text: str, path: str) -> CustomRules:
    """
    The rules of one file; ``path`` is its name in messages.

    Detectors with a ``scanner`` are left to ``detect.loading``. Raises ``ConfigError``.
    """
    node = parse_yaml(text, path)
    if node.is_null:
        return CustomRules(path=path)
    kinds = node.mapping(("detectors", "keywords", "exact", "fingerprints", "near"))
    items: dict[str, list[Node]] = {}
    for kind, listed in kinds.items():
        items[kind] = listed.sequence()
        if len(items[kind]) > MAX_RULES:
            raise listed.error(
                f"more than {MAX_RULES} {kind}", "Put them into several files, or words into one list."
            )
    ids: dict[str, Node] = {}
    for item in [one for listed in items.values() for one in listed]:
        fields = item.mapping()
        if "id" not in fields:
            raise item.error('missing key "id"', "Write group.name, in small letters: custom.projects")
        identity = _identity(fields["id"])
        if identity in ids:
            raise fields["id"].error(
                f"{identity} is there already, at {ids[identity].location}",
                "Give each rule an id of its own.",
            )
        ids[identity] = fields["id"]
    patterns = [_pattern(item) for item in items.get("detectors", ()) if "scanner" not in item.mapping()]
    lists = [_keywords(item) for item in items.get("keywords", ())]
    return CustomRules(
        path=path,
        patterns=tuple(patterns),
        keywords=tuple(one for one in lists if isinstance(one, KeywordList)),
        keyword_files=tuple(one for one in lists if isinstance(one, KeywordFile)),
        exact=tuple(_exact(item) for item in items.get("exact", ())),
        fingerprints=tuple(_fingerprint(item) for item in items.get("fingerprints", ())),
        near=tuple(_near(item) for item in items.get("near", ())),
    )


def _identity(node: Node) -> str:
    text = node.text()
    if not _ID.match(text) or len(text) > 100:
        raise node.error(f'"{text[:60]}" is no id', "Write group.name, in small letters: custom.projects")
    return text


# --- detectors ----------------------------------------------------------------------------------------------


def _detector(fields: Mapping[str, Node], score: float, **more: object) -> Detector:
    """What every rule says of the findings that it makes."""
    identity = fields["id"].text()
    kind = fields["type"].text() if "type" in fields else identity.rpartition(".")[2]
    if not _TYPE.match(kind):
        place = fields.get("type", fields["id"])
        raise place.error(f'"{kind}" is no type', "Write it in small letters: customer_no")
    group = fields["group"].one_of(sorted(GROUPS), "group") if "group" in fields else "custom"
    letters = fields["letters"].text() if "letters" in fields else LETTERS[group]
    if not _LETTERS.match(letters):
        raise fields["letters"].error(f'"{letters}" are not two capitals')
    base: dict[str, object] = {
        "id": identity,
        "name": fields["name"].text() if "name" in fields else kind.replace("_", " "),
        "type": kind,
        "group": group,
        "letters": letters,
        "grade": "A",
        "score": float(fields["score"].number(0, 1)) if "score" in fields else score,
        "source": fields["source"].text() if "source" in fields else "the user's own",
        "languages": tuple(fields["languages"].texts()) if "languages" in fields else (),
        "countries": tuple(fields["countries"].texts()) if "countries" in fields else (),
        "false_positives": tuple(fields["falsepositives"].texts()) if "falsepositives" in fields else (),
        "report_only": fields["report_only"].boolean()
        if "report_only" in fields
        else group in REPORT_ONLY_GROUPS,
        "own": True,
    }
    return Detector(**{**base, **more})  # type: ignore[arg-type]  # fields by name


def _pattern(item: Node) -> PatternRule:
    fields = item.mapping(_PATTERN, ["id", "pattern"])
    node = fields["pattern"]
    pattern = node.text()
    try:
        expression = read_expression(pattern)
    except ExpressionError as error:
        place = "" if error.at is None else f", at character {error.at + 1} of it"
        raise node.error(f"{error}{place}", error.hint) from None
    grade = fields["class"].one_of(("A", "B", "C"), "class") if "class" in fields else "A"
    validators = fields.get("validator")
    names = [] if validators is None else validators.sequence() if validators.is_sequence else [validators]
    context = _context(fields["context"], grade) if "context" in fields else Context()
    if grade == "C" and not context.words:
        raise item.error("a detector of class C needs context words", "Add context: {words: {en: [...]}}.")
    return PatternRule(
        detector=_detector(
            fields,
            {"A": 0.8, "B": 0.6, "C": 0.4}[grade],
            grade=grade,
            pattern=pattern,
            validators=tuple(name.one_of(sorted(VALIDATORS), "validator") for name in names),
            entropy=float(fields["entropy"].number(0, 8)) if "entropy" in fields else 0.0,
            context=context,
            examples=_examples(fields, "match", marked=True),
            counter_examples=_examples(fields, "nomatch", marked=False),
        ),
        expression=expression,
        location=node.location,
    )


def _context(node: Node, grade: str) -> Context:
    fields = node.mapping(("near", "required", "boost"), ("words",))
    return Context(
        words=_words(fields["words"]),
        near=fields["near"].integer(1, 1024) if "near" in fields else 64,
        required=fields["required"].boolean() if "required" in fields else grade == "C",
        boost=float(fields["boost"].number(0, 1)) if "boost" in fields else 0.3,
    )


def _words(node: Node) -> tuple[tuple[str, str], ...]:
    """(language, word): ``{en: [a, b]}``, or ``[a, b]`` of no language."""
    listed = node.mapping() if node.is_mapping else {"": node}
    found = []
    for language, items in listed.items():
        for item in items.sequence():
            word = item.text().strip()
            if len(word) < 2 and word.isascii():
                raise item.error(
                    f'"{word}" is too short to say anything', "Give a word of two letters or more."
                )
            found.append((language, word))
    if not found:
        raise node.error("no words")
    if len(found) > 200:
        raise node.error(
            "more than 200 words", "A list of more is a keywords: rule, and near: can ask for it."
        )
    return tuple(dict.fromkeys(found))


def _examples(fields: Mapping[str, Node], key: str, *, marked: bool) -> tuple[Example, ...]:
    found = []
    for number, item in enumerate(fields[key].sequence() if key in fields else ()):
        try:
            example = read_example(item.text(), f"{fields['id'].text()}/{number}")
        except ExampleProblem as error:
            raise item.error(str(error)) from None
        if marked != bool(example.spans):
            raise item.error(
                "nothing is marked in this example" if marked else "a text that must not match has no «…»",
                "Set «…» around what must be found." if marked else None,
            )
        found.append(example)
    return tuple(found)


# --- keywords -----------------------------------------------------------------------------------------------


def _keywords(item: Node) -> KeywordList | KeywordFile:
    fields = item.mapping((*_COMMON, "words", "file", "caseless", "whole"), ["id"])
    if ("words" in fields) == ("file" in fields):
        raise item.error("a keyword list has either words or a file")
    detector = _detector(fields, 0.7)
    caseless = fields["caseless"].boolean() if "caseless" in fields else True
    whole = fields["whole"].boolean() if "whole" in fields else True
    if "file" in fields:
        return KeywordFile(file=_file(fields["file"]), detector=detector, caseless=caseless, whole=whole)
    words = [(word.text().strip(), word.location) for word in fields["words"].sequence()]
    return _list(detector, words, fields["words"].location, caseless, whole)


def keyword_list(rule: KeywordFile, text: str, shown: str) -> KeywordList:
    """
    The list with the words of its file: one a line; empty lines and those that begin with ``#`` are left out.

    ``shown`` is the file's name in messages. Raises ``ConfigError`` with the line.
    """
    lines = ((line.strip(), Location(shown, number)) for number, line in enumerate(text.splitlines(), 1))
    words = [(line, place) for line, place in lines if line and not line.startswith("#")]
    return _list(rule.detector, words, Location(shown), rule.caseless, rule.whole)


def _list(
    detector: Detector, words: Sequence[tuple[str, Location]], place: Location, caseless: bool, whole: bool
) -> KeywordList:
    if not words:
        raise ConfigError("no keywords", where=place, hint="Write one word a line, or words: [a, b].")
    if len(words) > MAX_KEYWORDS:
        raise ConfigError(f"more than {MAX_KEYWORDS} keywords", where=place, hint="Make several lists.")
    for word, where in words:
        if len(word) > MAX_KEYWORD:
            raise ConfigError(
                f"a keyword of more than {MAX_KEYWORD} characters",
                where=where,
                hint="fingerprints: are for texts.",
            )
        if len(word) < 2 or not any(character.isalnum() for character in word):
            raise ConfigError(
                "a keyword too short to say anything",
                where=where,
                hint="Two characters or more, and a letter in them.",
            )
    return KeywordList(
        detector=detector,
        words=tuple(dict.fromkeys(" ".join(word.split()) for word, _ in words)),
        caseless=caseless,
        whole=whole,
    )


def _file(node: Node) -> FileRef:
    text = node.text()
    if not _FILE.match(text):
        raise node.error(
            f'"{text[:60]}" is no file beside this one', "Put the file into this folder and name it."
        )
    return FileRef(text, node.location)


# --- exact data, fingerprints, proximity --------------------------------------------------------------------


def _exact(item: Node) -> tuple[FileRef, ExactRule]:
    fields = item.mapping((*_COMMON, "at_least", "within", "columns", "alone"), ["id", "table"])
    rule = ExactRule(
        detector=_detector(fields, 0.9),
        at_least=fields["at_least"].integer(1, MAX_COLUMNS) if "at_least" in fields else 2,
        within=fields["within"].integer(1, 2_000) if "within" in fields else 200,
        columns=tuple(fields["columns"].texts()) if "columns" in fields else (),
        alone=tuple(fields["alone"].texts()) if "alone" in fields else (),
    )
    if rule.columns and rule.at_least > len(set(rule.columns)):
        raise fields["at_least" if "at_least" in fields else "columns"].error(
            f"at least {rule.at_least} cells of {len(set(rule.columns))} columns",
            "Name more columns, or ask for fewer cells.",
        )
    return _file(fields["table"]), rule


def _fingerprint(item: Node) -> tuple[FileRef, FingerprintRule]:
    fields = item.mapping((*_COMMON, "at_least", "contained"), ["id", "table"])
    return _file(fields["table"]), FingerprintRule(
        detector=_detector(fields, 0.7),
        at_least=fields["at_least"].integer(1, 1_000) if "at_least" in fields else 4,
        contained=float(fields["contained"].number(0, 1)) if "contained" in fields else 0.5,
    )


def _near(item: Node) -> tuple[Location, NearRule]:
    fields = item.mapping((*_COMMON, "words", "other", "within", "raise"), ["id", "of"])
    if "words" not in fields and "other" not in fields:
        raise item.error("near what?", "Give words, or other: {type: ...}.")
    words = _words(fields["words"]) if "words" in fields else ()
    return item.location, NearRule(
        detector=_detector(fields, 0.7),
        of=_target(fields["of"]),
        words=tuple(dict.fromkeys(fold(word) for _, word in words)),
        other=_target(fields["other"]) if "other" in fields else None,
        within=fields["within"].integer(1, 2_000) if "within" in fields else 100,
        boost=float(fields["raise"].number(0, 1)) if "raise" in fields else None,
    )


def _target(node: Node) -> Target:
    fields = node.mapping(("detector", "type", "group"))
    if not fields:
        raise node.error(
            "which findings?", "Write {type: person_name}, {group: person} or {detector: custom.projects}."
        )
    groups = fields["group"].sequence() if "group" in fields and fields["group"].is_sequence else (
        [fields["group"]] if "group" in fields else []
    )  # fmt: skip
    return Target(
        ids=tuple(fields["detector"].texts()) if "detector" in fields else (),
        types=tuple(fields["type"].texts()) if "type" in fields else (),
        groups=tuple(group.one_of(sorted(GROUPS), "group") for group in groups),
    )
