"""The table of a gate: what is looked for stands in it once, whoever asks."""

from __future__ import annotations

import pytest

from sensor.detect.gate import Entry
from sensor.detect.loading import DetectorFile, load
from sensor.detect.table import Action, build_table

TEXT = """
detectors:
- {id: person.a, name: a, type: a, group: person, class: A, source: s, words: {x: data/n.txt}, pattern: Ada}
- {id: person.b, name: b, type: b, group: person, class: A, source: s, words: {x: data/n.txt}, pattern: Ada}
- {id: person.c, name: c, type: c, group: person, class: C, source: s, scanner: people,
   words: {name: data/n.txt}, gate: {g: [abc], p: [def]}, only_in: {prose: [p]},
   context: {words: {en: [Word], de: [größe]}}}
- {id: person.d, name: d, type: d, group: person, class: A, source: s, gate: [abc], pattern: abc}
- {id: person.e, name: e, type: e, group: person, class: C, source: s, pattern: e,
   context: {words: {en: [word]}}}
"""


@pytest.fixture(scope="module")
def actions() -> dict[Entry, Action]:
    files = [DetectorFile("x.yaml", TEXT, "x.yaml"), DetectorFile("data/n.txt", "Ada\nBea\n", "n.txt")]
    table = build_table(load(files))
    assert len(set(table.entries)) == len(table.entries) == len(table.actions)
    return dict(zip(table.entries, table.actions, strict=True))


def test_a_word_of_several_detectors_opens_all_of_them(actions):
    for word in ("Ada", "Bea"):
        assert actions[Entry(word, True)] == Action(windows=(0, 1), hits=(("people", "name"),))


def test_an_expression_is_there_once_for_each_texture(actions):
    assert actions[Entry("abc")] == Action(windows=(3,), hits=(("people", "g"),))
    assert actions[Entry("def", only_in="prose")] == Action(hits=(("people", "p"),))


def test_a_context_word_is_told_to_a_scanner_and_opens_a_pattern_without_a_gate(actions):
    entry = Entry("word", literal=True, caseless=True)
    assert actions[entry] == Action(hits=(("people", "person.c"),), contexts=((4, True),), length=4)


def test_a_word_that_is_not_ascii_is_looked_for_in_each_case(actions):
    for form in ("größe", "GRÖSSE", "Größe"):
        entry = Entry(form, literal=True, caseless=True)
        assert actions[entry] == Action(hits=(("people", "person.c"),), length=len(form.encode()))


def test_disguises_and_tokens_are_looked_for_too(actions):
    assert len({action.hint for action in actions.values() if action.hint}) > 5
    assert sum(action.token for action in actions.values()) == 1
