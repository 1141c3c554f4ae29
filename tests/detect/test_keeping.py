"""What is kept of a detector set and its table comes back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.detector import DetectorSet
from sensor.detect.gate import Entry
from sensor.detect.keeping import dump, dump_table, restore, restore_table
from sensor.detect.loading import DetectorFile, load
from sensor.detect.table import Action, Table, build_table

TEXT = """
detectors:
- {id: secret.x, name: x, type: x, group: secret, class: A, source: made up, gate: [abc], pattern: abc,
   words: {a: data/a.txt}, match: ['«abc»'], nomatch: [x], context: {words: {en: [word], de: [Größe]}},
   validator: luhn, countries: [de], window: [1, 2], entropy: 2}
- {id: secret.y, name: y, type: y, group: secret, class: C, source: made up, pattern: 'y[0-9]',
   context: {words: {en: [word, other]}}}
- {id: secret.z, name: z, type: z, group: secret, class: A, source: made up, scanner: key_block,
   gate: {k: [abc], l: [def]}, only_in: {prose: [l]}}
"""


def loaded() -> DetectorSet:
    return load([DetectorFile("x.yaml", TEXT, "x"), DetectorFile("data/a.txt", "Ada\nBüro\nabc\n", "a")])


def test_a_set_comes_back_as_it_was():
    made = loaded()
    kept = restore(dump(made))
    assert kept == made
    assert kept.ids == ("secret.x", "secret.y", "secret.z")
    assert kept.detectors[0].examples[0].spans == ((0, 3),)


def test_a_detector_is_taken_apart_when_it_is_asked_for():
    kept = restore(dump(loaded()))
    assert kept.detectors[1] is kept.detectors[1]
    assert [item is None for item in kept.detectors._items] == [True, False, True]


def test_a_set_without_detectors_is_kept_too():
    empty = DetectorSet((), {}, "hash")
    assert restore(dump(empty)) == empty


def test_a_table_comes_back_as_it_was():
    made = build_table(loaded())
    kept = restore_table(dump_table(made))
    assert list(kept.actions) == list(made.actions)
    assert list(kept.entries) == list(made.entries)
    assert isinstance(kept.actions[0], Action) and isinstance(kept.entries[0], Entry)


@given(st.lists(st.tuples(st.text(max_size=4), st.booleans(), st.integers(0, 3)), max_size=12))
def test_any_table_comes_back(items):
    made = Table(
        [Entry(word, literal) for word, literal, _ in items],
        [Action(windows=(number,), length=number, hits=(("s", word),)) for word, _, number in items],
    )
    kept = restore_table(dump_table(made))
    assert (list(kept.entries), list(kept.actions)) == (made.entries, made.actions)
