"""A user's file of rules: what it says, and that what is wrong is told with a place and what to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.detect.custom import CustomScanner, parse, parse_custom
from sensor.detect.custom.near import Target
from sensor.detect.custom.parse import keyword_list
from sensor.detect.custom.scanner import compile_gates, path_of, words_of
from sensor.errors import ConfigError

FULL = r"""
detectors:
- id: custom.number
  name: customer number
  type: customer_no
  group: national_id
  letters: CN
  class: B
  score: 0.55
  pattern: '\bC-\d{6}\b'
  validator: [luhn]
  entropy: 1
  context: {words: {en: [customer, customer], de: [Kunde]}, near: 32, required: true, boost: 0.2}
  languages: [en]
  countries: [de]
  falsepositives: [orders]
  source: our own list
  gate: [ignored]
  match: ['no «C-123456»']
  nomatch: [C-12]
- {id: custom.plain, pattern: 'x\d'}
- {id: secret.scanned, scanner: assignment}
keywords:
- {id: custom.k, words: [one, "two  words", one], caseless: false, whole: false, report_only: true}
- {id: document.f, group: document, file: lists/words.txt, score: 0.9}
exact:
- {id: custom.e, table: t.xd, at_least: 1, within: 50, columns: [a], alone: [b]}
fingerprints:
- {id: custom.f, table: t.fp, at_least: 9, contained: 0.25}
near:
- {id: custom.n, of: {detector: [custom.k], type: email, group: [person]}, words: [Straße],
   other: {group: secret}, within: 9, raise: 0.1}
- {id: custom.m, of: {group: person}, words: {en: [ok]}}
"""


def test_everything_that_can_be_said() -> None:
    rules = parse_custom(FULL, "a/own.yaml")
    number, plain = rules.patterns
    assert (number.detector.type, number.detector.group, number.detector.letters) == (
        "customer_no",
        "national_id",
        "CN",
    )
    assert (number.detector.grade, number.detector.score, number.detector.entropy) == ("B", 0.55, 1.0)
    assert number.detector.validators == ("luhn",) and number.detector.own
    assert number.detector.context.words == (("en", "customer"), ("de", "Kunde"))
    assert (number.detector.context.near, number.detector.context.required) == (32, True)
    assert (
        number.detector.examples[0].spans == ((3, 11),) and number.detector.counter_examples[0].text == "C-12"
    )
    assert (plain.detector.type, plain.detector.name, plain.detector.score) == ("plain", "plain", 0.8)
    assert plain.detector.group == "custom" and plain.detector.letters == "CU"
    (inline,) = rules.keywords
    assert inline.words == ("one", "two words") and not inline.caseless and not inline.whole
    assert inline.detector.report_only
    (listed,) = rules.keyword_files
    assert path_of(rules, listed.file) == "a/lists/words.txt" and listed.detector.report_only
    ((table, exact),) = rules.exact
    assert (table.name, exact.at_least, exact.within, exact.columns, exact.alone) == (
        "t.xd",
        1,
        50,
        ("a",),
        ("b",),
    )
    ((_, prints),) = rules.fingerprints
    assert (prints.at_least, prints.contained) == (9, 0.25)
    (_, near), (_, other) = rules.near
    assert near.of == Target(ids=("custom.k",), types=("email",), groups=("person",))
    assert near.words == ("strasse",) and near.other == Target(groups=("secret",)) and near.boost == 0.1
    assert other.boost is None and other.within == 100
    assert not rules.is_empty


def test_a_file_may_say_nothing() -> None:
    assert parse_custom("", "x.yaml").is_empty
    assert parse_custom("detectors: [{id: secret.a, scanner: assignment}]", "x.yaml").is_empty
    assert parse_custom("keywords: []", "x.yaml").is_empty


def test_words_come_from_a_file_a_line_each() -> None:
    rules = parse_custom("keywords: [{id: custom.f, file: w.txt}]", "own.yaml")
    (made,) = words_of([rules], {"w.txt": "# comment\nBluebird \r\n\n two\twords\nBluebird\n"})
    assert made.words == ("Bluebird", "two words")
    for text, line, reason in (
        ("", None, "no keywords"),
        ("ok\nx\n", 2, "too short"),
        ("ok\n" + "x" * 201, 2, "more than"),
    ):
        with pytest.raises(ConfigError, match=reason) as caught:
            keyword_list(rules.keyword_files[0], text, "w.txt")
        assert caught.value.where.line == line and caught.value.hint


WRONG = [
    ("- a", "expected a mapping", 1),
    ("keyword: []", 'unknown key "keyword"', 1),
    ("keywords: {}", "expected a list", 1),
    ("keywords: [a]", "expected a mapping", 1),
    ("keywords: [{words: [a]}]", 'missing key "id"', 1),
    ("keywords:\n- {id: Projects, words: [ab]}", "is no id", 2),
    ("keywords:\n- {id: custom.a, words: [ab]}\n- {id: custom.a, words: [cd]}", "there already, at", 3),
    ("keywords: [{id: custom.a, words: [ab], file: x.txt}]", "either words or a file", 1),
    ("keywords: [{id: custom.a}]", "either words or a file", 1),
    ("keywords: [{id: custom.a, words: []}]", "no keywords", 1),
    ("keywords: [{id: custom.a, words: ['--']}]", "too short", 1),
    ("keywords: [{id: custom.a, file: ../x.txt}]", "no file beside this one", 1),
    ("keywords: [{id: custom.a, file: /etc/passwd}]", "no file beside this one", 1),
    ("keywords: [{id: custom.a, words: [ab], type: No}]", '"No" is no type', 1),
    ("keywords: [{id: custom.a.9, words: [ab]}]", '"9" is no type', 1),
    ("keywords: [{id: custom.a, words: [ab], group: persn}]", 'Did you mean "person"', 1),
    ("keywords: [{id: custom.a, words: [ab], letters: abc}]", "not two capitals", 1),
    ("keywords: [{id: custom.a, words: [ab], score: 2}]", "out of range", 1),
    ("keywords: [{id: custom.a, words: [ab], wholly: true}]", 'Did you mean "whole"', 1),
    (r"detectors: [{id: custom.a, pattern: '(a)\1'}]", "back-reference, at character 4", 1),
    ("detectors: [{id: custom.a, pattern: 'a*'}]", "empty string", 1),
    ("detectors: [{id: custom.a}]", 'missing key "pattern"', 1),
    ("detectors: [{id: custom.a, pattern: x, class: D}]", 'unknown class "D"', 1),
    ("detectors: [{id: custom.a, pattern: x, class: C}]", "needs context words", 1),
    ("detectors: [{id: custom.a, pattern: x, validator: luhm}]", 'Did you mean "luhn"', 1),
    ("detectors: [{id: custom.a, pattern: x, context: {words: [a]}}]", "too short", 1),
    ("detectors: [{id: custom.a, pattern: x, context: {words: []}}]", "no words", 1),
    ("detectors: [{id: custom.a, pattern: x, match: [x]}]", "nothing is marked", 1),
    ("detectors: [{id: custom.a, pattern: x, nomatch: ['«x»']}]", "has no «", 1),
    ("detectors: [{id: custom.a, pattern: x, match: ['«x']}]", "« without »", 1),
    ("exact: [{id: custom.a}]", 'missing key "table"', 1),
    ("exact: [{id: custom.a, table: t, at_least: 3, columns: [a, b]}]", "at least 3 cells of 2 columns", 1),
    ("exact: [{id: custom.a, table: t, columns: [a]}]", "at least 2 cells of 1 columns", 1),
    ("exact: [{id: custom.a, table: t, within: 0}]", "out of range", 1),
    ("fingerprints: [{id: custom.a, table: t, contained: 2}]", "out of range", 1),
    ("near: [{id: custom.a, of: {type: x}}]", "near what?", 1),
    ("near: [{id: custom.a, of: {}, words: [ab]}]", "which findings?", 1),
    ("near: [{id: custom.a, of: {group: nobody}, words: [ab]}]", "unknown group", 1),
]


@pytest.mark.parametrize(("text", "what", "line"), WRONG)
def test_what_is_wrong_is_told_with_its_place(text, what, line) -> None:
    with pytest.raises(ConfigError, match=None) as caught:
        parse_custom(text, "own.yaml")
    assert what in str(caught.value)
    assert caught.value.where.path == "own.yaml" and caught.value.where.line == line


def test_numbers_of_rules_and_words_are_bounded(monkeypatch) -> None:
    monkeypatch.setattr(parse, "MAX_RULES", 1)
    with pytest.raises(ConfigError, match="more than 1 keywords"):
        parse_custom("keywords: [{id: custom.a, words: [ab]}, {id: custom.b, words: [ab]}]", "x")
    monkeypatch.setattr(parse, "MAX_KEYWORDS", 1)
    with pytest.raises(ConfigError, match="more than 1 keywords"):
        parse_custom("keywords: [{id: custom.a, words: [ab, cd]}]", "x")
    with pytest.raises(ConfigError, match="more than 200 words"):
        parse_custom(f"near: [{{id: custom.a, of: {{type: x}}, words: [{', '.join(['ab'] * 201)}]}}]", "x")


def test_what_the_gate_refuses_is_told_at_its_rule() -> None:
    rules = parse_custom(
        "detectors:\n- {id: custom.a, pattern: 'ab'}\n- {id: custom.b, pattern: 'x^ab'}", "own.yaml"
    )
    with pytest.raises(ConfigError, match="not an expression for the gate") as caught:
        compile_gates([rules], [])
    assert caught.value.where.line == 3 and "Line ends" in caught.value.hint


def test_what_the_gate_refuses_only_together_is_told_as_well(monkeypatch) -> None:
    from sensor.detect.custom import scanner
    from sensor.detect.gate import GateError

    rules = parse_custom("detectors: [{id: custom.a, pattern: 'ab'}]", "own.yaml")
    plain = scanner.compile_bounded

    def refuse_first(entries, told=[]):  # noqa: B006  # counts its calls
        if not told:
            told.append(1)
            raise GateError("too much")
        return plain(entries)

    monkeypatch.setattr(scanner, "compile_bounded", refuse_first)
    with pytest.raises(ConfigError, match="together: too much"):
        compile_gates([rules], [])


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_rules_or_a_config_error(text: str) -> None:
    try:
        parse_custom(text, "x.yaml")
    except ConfigError as error:
        assert error.where is not None


YAML_PIECES = st.recursive(
    st.sampled_from(["custom.a", "x", "ab", "1", "true", "'a|b'", "luhn", "person", "null"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(
                ["id", "words", "pattern", "table", "of", "context", "match", "type", "score", "file"]
            ),
            inner,
            max_size=4,
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"),
    ),
    max_leaves=12,
)


@given(st.sampled_from(["detectors", "keywords", "exact", "fingerprints", "near"]), YAML_PIECES)
@settings(max_examples=300, deadline=None)
def test_any_shape_is_rules_or_a_config_error(kind: str, text: str) -> None:
    try:
        parse_custom(f"{kind}: [{text}]", "x.yaml")
    except ConfigError as error:
        assert error.where is not None


def test_describe_tells_a_detector_for_each_id() -> None:
    text = """
keywords: [{id: custom.k, words: [ab]}]
detectors: [{id: custom.d, pattern: 'x\\d'}]
near:
- {id: custom.n, of: {type: x}, words: [ab]}
- {id: custom.r, of: {type: x}, words: [ab], raise: 0.1}
"""
    rules = CustomScanner([parse_custom(text, "own.yaml")])
    assert [detector.id for detector in rules.describe()] == ["custom.d", "custom.k", "custom.n"]
