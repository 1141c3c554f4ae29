"""
Detector files to a ``DetectorSet``.

Rule 1: texts in, values out, or ``ConfigError`` with a place. Nothing is opened.
Rule 2: what a file says wrongly is refused here: a pattern that RE2 does not take, an unknown validator, a
class C detector without context words. What it claims (its examples) is tried by ``check_examples``.

What was loaded is kept by ``keeping``: reading files takes a second.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sensor.detect import patterns
from sensor.detect.detector import (
    GROUPS,
    LETTERS,
    REPORT_ONLY_GROUPS,
    Context,
    Detector,
    DetectorSet,
    Example,
)
from sensor.detect.examples import ExampleProblem, read_example
from sensor.detect.gate import TEXTURES
from sensor.detect.keeping import FORM
from sensor.detect.scanners import SCANNERS
from sensor.detect.validators import VALIDATORS
from sensor.yamldoc import Node, did_you_mean, parse_yaml

__all__ = ["DetectorFile", "content_hash", "load"]

MAX_WINDOW = 4096
MAX_NEAR = 1024

_ID = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9][a-z0-9_]*)+\Z")
_TYPE = re.compile(r"[a-z][a-z0-9_]*\Z")
_LETTERS = re.compile(r"[A-Z]{2}\Z")
_COUNTRY = re.compile(r"[a-z]{2}\Z")

_KEYS = (
    "id", "name", "type", "group", "letters", "class", "score", "gate", "words", "only_in",
    "pattern", "window",
    "scanner", "validator", "entropy", "context", "countries", "languages", "source", "falsepositives",
    "report_only", "match", "nomatch",
)  # fmt: skip


class DetectorFile(NamedTuple):
    """One file under ``detectors/``: YAML with detectors, or a word list (``data/*.txt``)."""

    name: str
    """Its place under ``detectors/``."""
    text: str
    shown: str
    """The name that messages use."""


def content_hash(files: Iterable[DetectorFile], own: Iterable[DetectorFile] = ()) -> str:
    """SHA-256 over the names and texts of all files, hex."""
    digest = hashlib.sha256(f"gnomon detectors {FORM}\n".encode())
    for group in (files, own):
        for file in sorted(group):
            for part in (file.name, file.text):
                raw = part.encode("utf-8", "surrogatepass")
                digest.update(len(raw).to_bytes(8, "big") + raw)
        digest.update(b"\xff" * 8)
    return digest.hexdigest()


def load(files: Iterable[DetectorFile], own: Iterable[DetectorFile] = ()) -> DetectorSet:
    """
    The detectors of all files; one in ``own`` takes the place of one with the same id. Those in ``own`` that
    have a pattern are left to ``detect.custom``.

    Raises ``ConfigError`` for the first thing that is wrong.
    """
    files, own = list(files), list(own)
    words = {file.name: _word_list(file.text) for file in [*files, *own] if file.name.endswith(".txt")}
    detectors: dict[str, Detector] = {}
    for group, is_own in ((files, False), (own, True)):
        places: dict[str, Node] = {}
        for file in sorted(group):
            if not file.name.endswith(".yaml"):
                continue
            node = parse_yaml(file.text, file.shown)
            if is_own and node.is_mapping and "detectors" not in node.value:
                continue
            for item in node.mapping(_CUSTOM, ["detectors"])["detectors"].sequence():
                if is_own and item.is_mapping and "pattern" in item.mapping():
                    # A user's own expression is bounded and probed: detect.custom reads it.
                    continue
                detector = _detector(item, words, is_own)
                if detector.id in places:
                    raise item.error(
                        f"{detector.id} is there already, at {places[detector.id].location}",
                        "Give each detector an id of its own.",
                    )
                places[detector.id] = item
                detectors[detector.id] = detector
    return DetectorSet(
        tuple(sorted(detectors.values(), key=lambda detector: detector.id)),
        {name: words[name] for name in sorted({w for d in detectors.values() for _, w in d.words})},
        content_hash(files, own),
    )


_CUSTOM = ("keywords", "exact", "fingerprints", "near")
"""What stands beside ``detectors:`` in a user's file, and is read by ``detect.custom``."""


def _word_list(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def _detector(node: Node, words: Mapping[str, tuple[str, ...]], own: bool) -> Detector:
    fields = node.mapping(_KEYS, ["id", "name", "type", "group", "class", "source"])
    identity = fields["id"].text()
    if not _ID.match(identity):
        raise fields["id"].error(
            f'"{identity}" is no detector id', "Write group.name, in small letters: secret.github_pat"
        )
    kind = fields["type"].text()
    if not _TYPE.match(kind):
        raise fields["type"].error(f'"{kind}" is no type', "Write it in small letters: github_token")
    group = fields["group"].one_of(sorted(GROUPS), "group")
    letters = fields["letters"].text() if "letters" in fields else LETTERS[group]
    if not _LETTERS.match(letters):
        raise fields["letters"].error(f'"{letters}" are not two capitals')
    grade = fields["class"].one_of(("A", "B", "C"), "class")
    validators = _names(fields.get("validator"), VALIDATORS, "validator")
    scanner = fields["scanner"].one_of(sorted(SCANNERS), "scanner") if "scanner" in fields else None
    pattern = None
    if "pattern" in fields:
        pattern = fields["pattern"].text()
        problem = patterns.problem_of(pattern)
        if problem is not None:
            raise fields["pattern"].error(*problem)
    if (pattern is None) == (scanner is None):
        raise node.error("a detector has either a pattern or a scanner")
    context = _context(fields.get("context"), grade)
    gate = _gate(fields.get("gate"))
    lists = _word_names(fields.get("words"), words)
    if not gate and not lists and not context.words:
        raise node.error("nothing opens this detector", "Give it a gate, or context words.")
    if grade == "C" and scanner is None and not context.words:
        raise node.error("a detector of class C needs context words")
    return Detector(
        id=identity,
        name=fields["name"].text(),
        type=kind,
        group=group,
        letters=letters,
        grade=grade,
        score=fields["score"].number(0, 1) if "score" in fields else {"A": 0.9, "B": 0.6, "C": 0.4}[grade],
        source=fields["source"].text(),
        gate=gate,
        words=lists,
        only_in=_only_in(fields.get("only_in"), gate),
        pattern=pattern,
        window=_window(fields.get("window")),
        scanner=scanner,
        validators=validators,
        entropy=fields["entropy"].number(0, 8) if "entropy" in fields else 0.0,
        context=context,
        countries=_codes(fields.get("countries")),
        languages=tuple(fields["languages"].texts()) if "languages" in fields else (),
        false_positives=tuple(fields["falsepositives"].texts()) if "falsepositives" in fields else (),
        report_only=fields["report_only"].boolean()
        if "report_only" in fields
        else group in REPORT_ONLY_GROUPS,
        examples=_examples(fields.get("match"), identity, marked=True),
        counter_examples=_examples(fields.get("nomatch"), identity, marked=False),
        own=own,
    )


def _names(node: Node | None, known: Mapping[str, object], what: str) -> tuple[str, ...]:
    if node is None:
        return ()
    nodes = node.sequence() if node.is_sequence else [node]
    return tuple(item.one_of(sorted(known), what) for item in nodes)


def _codes(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    for item in node.sequence():
        if not _COUNTRY.match(item.text()):
            raise item.error(
                f'"{item.text()}" is no country code', "Write ISO 3166-1 alpha-2 in small letters: de"
            )
    return tuple(node.texts())


def _window(node: Node | None) -> tuple[int, int]:
    if node is None:
        return (64, 256)
    items = node.sequence()
    if len(items) != 2:
        raise node.error("a window has two numbers", "Write [bytes before, bytes after].")
    return (items[0].integer(0, MAX_WINDOW), items[1].integer(0, MAX_WINDOW))


def _gate(node: Node | None) -> tuple[tuple[str, str], ...]:
    """``[expression, …]`` has the tag ``hit``; ``{tag: [expression, …]}`` says its own."""
    if node is None:
        return ()
    found: list[tuple[str, str]] = []
    tagged = node.mapping() if node.is_mapping else {"hit": node}
    for tag, items in tagged.items():
        for item in items.sequence():
            problem = patterns.gate_problem(item.text())
            if problem is not None:
                raise item.error(*problem)
            found.append((tag, item.text()))
    return tuple(found)


def _only_in(node: Node | None, gate: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """``{prose: [tag, …]}``"""
    if node is None:
        return ()
    found = []
    for texture, items in node.mapping(TEXTURES).items():
        for item in items.sequence():
            item.one_of(sorted({tag for tag, _ in gate}), "tag")
            found.append((item.text(), texture))
    return tuple(found)


def _word_names(node: Node | None, words: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    if node is None:
        return ()
    found = []
    for tag, items in node.mapping().items():
        for item in items.sequence() if items.is_sequence else [items]:
            if item.text() not in words:
                raise item.error(
                    f'no word list "{item.text()}"', did_you_mean(item.text(), words, "Word lists")
                )
            found.append((tag, item.text()))
    return tuple(found)


def _context(node: Node | None, grade: str) -> Context:
    if node is None:
        return Context(required=grade == "C")
    fields = node.mapping(["near", "required", "boost"], ["words"])
    words: list[tuple[str, str]] = []
    for language, items in fields["words"].mapping().items():
        for item in items.sequence():
            word = item.text().strip()
            if len(word) < 2 and word.isascii():
                raise item.error(
                    f'"{word}" is too short to say anything', "Give a word of two letters or more."
                )
            words.append((language, word))
    if not words:
        raise node.error("no context words")
    return Context(
        words=tuple(dict.fromkeys(words)),
        near=fields["near"].integer(1, MAX_NEAR) if "near" in fields else 64,
        required=fields["required"].boolean() if "required" in fields else grade == "C",
        boost=fields["boost"].number(0, 1) if "boost" in fields else 0.3,
    )


def _examples(node: Node | None, identity: str, *, marked: bool) -> tuple[Example, ...]:
    if node is None:
        return ()
    found = []
    for number, item in enumerate(node.sequence()):
        try:
            example = read_example(item.text(), f"{identity}/{number}")
        except ExampleProblem as error:
            raise item.error(str(error)) from None
        if marked and not example.spans:
            raise item.error("nothing is marked in this example", "Set «…» around what must be found.")
        if not marked and example.spans:
            raise item.error("a text that must not match has no «…»")
        found.append(example)
    return tuple(found)
