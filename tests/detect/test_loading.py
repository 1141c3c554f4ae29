"""Detector files: what is read, what is refused and with which place, and what their digest is of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.examples import ALPHABETS, ExampleProblem, expand, read_example
from sensor.detect.loading import DetectorFile, content_hash, load
from sensor.errors import ConfigError

GATED = "  gate: [abc]\n  pattern: abc\n"
HEAD = "detectors:\n- id: secret.x\n  name: x\n  type: x\n  group: secret\n  class: A\n  source: made up\n"


def read(text, own=(), words=None):
    files = [DetectorFile("secret/x.yaml", text, "x.yaml")]
    files += [DetectorFile(name, words[name], name) for name in words or {}]
    return load(files, [DetectorFile("own.yaml", text, "own.yaml") for text in own])


def test_everything_a_file_says_is_kept():
    made = read(
        HEAD + "  letters: XX\n  score: 0.8\n  gate: {key: [abc, 'd[ef]'], other: [ghi]}\n"
        "  words: {first: data/a.txt}\n"
        "  pattern: abc\n  window: [1, 2]\n  validator: [luhn]\n  entropy: 2\n"
        "  context: {words: {en: [word, word], de: [Wort]}, near: 10, required: true, boost: 0.1}\n"
        "  countries: [de]\n  languages: [de]\n  falsepositives: [something]\n  report_only: true\n"
        "  match: ['«abc»']\n  nomatch: [xyz]\n",
        words={"data/a.txt": "# c\nAda\nAda\n\nBea\n"},
    ).detectors[0]
    assert made.gate == (("key", "abc"), ("key", "d[ef]"), ("other", "ghi"))
    assert made.words == (("first", "data/a.txt"),)
    assert (made.letters, made.score, made.window, made.validators, made.entropy) == (
        "XX",
        0.8,
        (1, 2),
        ("luhn",),
        2,
    )
    assert made.context.words == (("en", "word"), ("de", "Wort"))
    assert (made.context.near, made.context.required, made.context.boost) == (10, True, 0.1)
    assert (made.countries, made.languages, made.false_positives) == (("de",), ("de",), ("something",))
    assert made.report_only and not made.own
    assert made.examples[0].spans == ((0, 3),) and made.counter_examples[0].text == "xyz"


def test_defaults():
    made = read(HEAD + GATED).detectors[0]
    assert (made.letters, made.score, made.window, made.grade) == ("SK", 0.9, (64, 256), "A")
    assert made.gate == (("hit", "abc"),)
    assert not made.report_only and not made.context.required


def test_a_gate_may_be_for_prose_or_code_alone():
    made = read(
        HEAD + "  only_in: {prose: [a]}\n  gate: {a: [abc], b: [def]}\n  scanner: key_block\n"
    ).detectors[0]
    assert made.only_in == (("a", "prose"),)
    with pytest.raises(ConfigError, match="tag"):
        read(HEAD + "  only_in: {prose: [c]}\n  gate: {a: [abc]}\n  scanner: key_block\n")


def test_documents_are_told_only():
    text = HEAD.replace("secret", "document") + GATED
    assert read(text).detectors[0].report_only


def test_a_word_list_may_be_named_alone_or_in_a_list():
    text = HEAD + "  words: {a: data/a.txt, b: [data/a.txt]}\n  pattern: abc\n"
    made = read(text, words={"data/a.txt": "Ada\n"})
    assert made.detectors[0].words == (("a", "data/a.txt"), ("b", "data/a.txt"))
    assert made.words == {"data/a.txt": ("Ada",)}


def test_ones_own_take_the_place_of_packaged_ones():
    text = HEAD + "  scanner: key_block\n  gate: [abc]\n"
    made = read(text, own=[text.replace("source: made up", "source: ours"), "keywords: []\n"])
    assert [(d.source, d.own) for d in made.detectors] == [("ours", True)]


def test_ones_own_expressions_are_left_to_whoever_bounds_them():
    text = HEAD + GATED
    assert [d.own for d in read(text, own=[text]).detectors] == [False]


REFUSED = {
    "an id without a group": (HEAD.replace("secret.x", "x"), "2:7: \"x\" is no detector id"),
    "an id in capitals": (HEAD.replace("secret.x", "Secret.x"), "no detector id"),
    "a type in capitals": (HEAD.replace("type: x", "type: X"), "\"X\" is no type"),
    "an unknown group": (HEAD.replace("group: secret", "group: secrets"), "Did you mean \"secret\"?"),
    "an unknown key": (HEAD + "  patern: abc\n", "Did you mean \"pattern\"?"),
    "letters": (HEAD + "  letters: abc\n", "not two capitals"),
    "an unknown class": (HEAD.replace("class: A", "class: D"), "class"),
    "an unknown validator": (HEAD + "  validator: lun\n", "Did you mean \"luhn\"?"),
    "an unknown scanner": (HEAD + "  scanner: nothing_like_it\n", "scanner"),
    "a look-ahead": (HEAD + "  gate: [abc]\n  pattern: 'a(?=b)'\n", "linear time"),
    "a back-reference": (HEAD + "  gate: [abc]\n  pattern: '(a)\\1'\n", "linear time"),
    "a pattern that matches nothing": (HEAD + "  gate: [abc]\n  pattern: 'a*'\n", "matches nothing"),
    "a pattern that is too long": (HEAD + f"  gate: [abc]\n  pattern: '{'a' * 5000}'\n", "longer than"),
    "neither pattern nor scanner": (HEAD + "  gate: [abc]\n", "either a pattern or a scanner"),
    "nothing that opens it": (HEAD + "  pattern: abc\n", "nothing opens"),
    "class C without words": (HEAD.replace("class: A", "class: C") + GATED, "class C needs"),
    "a gate that matches nothing": (HEAD + "  gate: ['a*']\n  pattern: abc\n", "opens everywhere"),
    "a gate that is no expression": (HEAD + "  gate: ['(a']\n  pattern: abc\n", "not a regular expression"),
    "a gate that is too long": (HEAD + f"  gate: ['{'a' * 5000}']\n  pattern: abc\n", "longer than"),
    "a word list that is not there": (HEAD + "  words: {a: data/b.txt}\n  pattern: abc\n", "no word list"),
    "a window of three": (HEAD + GATED + "  window: [1, 2, 3]\n", "two numbers"),
    "a country": (HEAD + GATED + "  countries: [DE]\n", "no country code"),
    "a word of one letter": (HEAD + "  pattern: abc\n  context: {words: {en: [a]}}\n", "too short"),
    "no words": (HEAD + "  pattern: abc\n  context: {words: {en: []}}\n", "no context words"),
    "an example without marks": (HEAD + GATED + "  match: [abc]\n", "nothing is marked"),
    "a counter-example with marks": (HEAD + GATED + "  nomatch: ['«a»']\n", "has no «…»"),
    "an example that cannot be read": (HEAD + GATED + "  match: ['«a']\n", "« without »"),
    "an id twice": (
        HEAD + GATED + HEAD[11:] + GATED,
        "10:3: secret.x is there already, at x.yaml:2:3",
    ),
    "not a list of detectors": ("detector: []\n", "detectors"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigError) as error:
        read(text)
    assert said in str(error.value)
    assert str(error.value).startswith("x.yaml:")


def test_the_hash_is_of_names_and_texts():
    one, two = DetectorFile("a", "b", "shown"), DetectorFile("ab", "", "shown")
    assert content_hash([one]) == content_hash([one._replace(shown="elsewhere")])
    assert len({content_hash([one]), content_hash([two]), content_hash([], [one]), content_hash([])}) == 4


# --- examples -------------------------------------------------------------------------------------------


def test_an_example_is_filled_the_same_each_time():
    assert expand("a {{hex:8}} b", "s") == expand("a {{hex:8}} b", "s") != expand("a {{hex:8}} b", "t")


@pytest.mark.parametrize("name", ALPHABETS)
def test_an_alphabet_gives_its_letters(name):
    made = expand(f"{{{{{name}:300}}}}", "s")
    assert len(made) == 300
    assert set(made) <= set(ALPHABETS[name])


@pytest.mark.parametrize("text", ["{{none:3}}", "{{hex:99999}}", "«a", "a»", "«»", "««a»»"])
def test_an_example_that_cannot_be_read_says_why(text):
    with pytest.raises(ExampleProblem):
        read_example(text, "s")


@given(st.lists(st.text(st.characters(exclude_characters="«»{}"), min_size=1), min_size=1, max_size=6))
def test_marks_are_taken_out_and_remembered(pieces):
    marked = "".join(f"«{piece}»" if number % 2 else piece for number, piece in enumerate(pieces))
    example = read_example(marked, "s")
    assert example.text == "".join(pieces)
    assert [example.text[start:end] for start, end in example.spans] == pieces[1::2]
