"""YAML text to values with places: the core schema, what is refused, the bounds, and both scanners alike."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sensor import yamldoc
from sensor.errors import ConfigError, Location
from sensor.yamldoc import Node, did_you_mean, parse_yaml, suggest

SCANNERS = [yaml.BaseLoader, yaml.CBaseLoader]
both = pytest.mark.parametrize("scanner", SCANNERS, ids=["plain", "libyaml"])


def read(text: str, scanner=yaml.CBaseLoader) -> Node:
    return yamldoc._read(text, "x.yaml", scanner)


def refusal(text: str, scanner=yaml.CBaseLoader) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, scanner)
    return str(caught.value)


def places(node: Node):
    """Every value with its line and column, but for values left out: the scanners disagree by a column."""
    content = node._content
    here = (node.location.line, node.location.column)
    if isinstance(content, dict):
        return here, [(key, node.key_location(key), places(child)) for key, child in content.items()]
    if isinstance(content, list):
        return here, [places(child) for child in content]
    return None if content is None else (here, repr(content))


# YAML 1.2.2, section 10.3.2, its table of examples and the well-known traps of YAML 1.1.
SCALARS = [
    ("NO", "NO"),
    ("yes", "yes"),
    ("on", "on"),
    ("y", "y"),
    ("12:30", "12:30"),
    ("190:20:30", "190:20:30"),
    ("2026-11-24", "2026-11-24"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("0o17", 15),
    ("017", 17),
    ("0x1F", 31),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("+12", 12),
    ("-0", 0),
    ("1e3", 1000.0),
    ("-2E+05", -200000.0),
    ("0.", 0.0),
    (".5", 0.5),
    ("1.2.3", "1.2.3"),
    (".", "."),
    ("-", None),
    (".inf", math.inf),
    ("-.INF", -math.inf),
    ("+.Inf", math.inf),
    ("inf", "inf"),
    ("nan", "nan"),
    ("null", None),
    ("Null", None),
    ("~", None),
    ("", None),
    ("nULL", "nULL"),
    ("true", True),
    ("FALSE", False),
    ("tRue", "tRue"),
    ("=", "="),
    ("'1'", "1"),
    ('"true"', "true"),
    ('"\\u00e9"', "é"),
    ("!!str 1", "1"),
    ("! 1", "1"),
    ("!!int '7'", 7),
    ("!!float 7", 7.0),
    ("!!float 7.5", 7.5),
    ("!!bool 'true'", True),
    ("!!null ''", None),
    ("!!map {}", {}),
    ("!!seq []", []),
    ("! []", []),
    ("<<", "<<"),
]


@both
@pytest.mark.parametrize(("text", "value"), [case for case in SCALARS if case[0] != "-"])
def test_scalar_by_the_core_schema(text, value, scanner):
    found = read(f"key: {text}", scanner).value["key"]
    assert found == value
    assert type(found) is type(value)


@both
def test_not_a_number(scanner):
    assert math.isnan(read("a: .NaN", scanner).value["a"])


@both
def test_every_value_and_key_has_its_place(scanner):
    node = read("# héad\na: 1\nb:\n  - x\n  -   {c: é, d: [ü, z]}\n'e f': |\n  text\n", scanner)
    assert node.location == Location("x.yaml", 2, 1)
    children = node.mapping()
    assert children["a"].location == Location("x.yaml", 2, 4)
    assert node.key_location("b") == Location("x.yaml", 3, 1)
    first, second = children["b"].sequence()
    assert first.location == Location("x.yaml", 4, 5)
    assert second.mapping()["d"].sequence()[1].location == Location("x.yaml", 5, 21)
    assert children["e f"].value == "text\n"
    assert repr(first) == "Node('x' at x.yaml:4:5)"


@both
@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff", "--- \n...\n"])
def test_an_empty_document_holds_nothing(text, scanner):
    node = read(text, scanner)
    assert node.is_null
    assert node.value is None


def test_a_byte_order_mark_is_skipped():
    assert read("\ufeffa: 1").value == {"a": 1}


def test_keys_are_text_as_written():
    assert read("1: a\ntrue: b\nNO: c\n!!str x: d").value == {"1": "a", "true": "b", "NO": "c", "x": "d"}


REFUSALS = [
    ("a: 1\nb: 2\n a: 3\n", "x.yaml:3:"),
    ("a: 1\nb: 2\na: 3\n", 'x.yaml:3:1: duplicate key "a"\n  It stands at line 1 already.'),
    ("a: {x: 1, 'x': 2}\n", 'x.yaml:1:11: duplicate key "x"'),
    ("a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document begins here"),
    ("<<: {a: 1}\n", 'x.yaml:1:1: merge keys ("<<") are not part of YAML 1.2'),
    ("a: !!python/object:os.system x", 'x.yaml:1:4: unknown tag "!!python/object:os.system"'),
    ("a: !thing x", 'x.yaml:1:4: unknown tag "!thing"'),
    ("a: !!binary x", 'x.yaml:1:4: unknown tag "!!binary"'),
    ("a: !!set {x}", 'x.yaml:1:4: unknown tag "!!set"'),
    ("a: !!map []", 'x.yaml:1:4: unknown tag "!!map"'),
    ("!!int 1: a", 'x.yaml:1:1: unknown tag "!!int"'),
    ("a: !!int x", 'x.yaml:1:4: "x" is no int'),
    ("a: !!bool 1", 'x.yaml:1:4: "1" is no bool'),
    ("~: a", "x.yaml:1:1: a key must be text"),
    ("? [a]\n: b", "x.yaml:1:3: a key must be text"),
    ("? {a: 1}\n: b", "x.yaml:1:3: a key must be text"),
    ("a: *b", 'x.yaml:1:4: unknown alias "b"'),
    ("a: &host 1\nb: *hots", 'x.yaml:2:4: unknown alias "hots"\n  Did you mean "host"?'),
    ("a: &b [*b]", 'x.yaml:1:8: alias "b" stands inside what it names'),
    ("a: &b 1\nc: &b 2", 'x.yaml:2:4: anchor "b" is named twice'),
    ("a: &b 1\n*b : 2", "x.yaml:2:1: an alias cannot be a key"),
    ("a:\tb", "x.yaml:1:3: a tab may not stand here"),
    ("a: b\nc: \x07", "x.yaml:2:4: character U+0007 may not stand here"),
    ("a: \u2028", "x.yaml:1:4: character U+2028 may not stand here"),
    ("a: \ud800", "x.yaml:1:4: character U+D800 may not stand here"),
    ("a\ufeff: 1", "x.yaml:1:2: character U+FEFF may not stand here"),
    ("# c\n\n%YAML 1.1\n---\n", "x.yaml:3:1: directives are not read"),
    ("a: 1e999", "x.yaml:1:4: the number is too large or too long"),
    ("a: " + "1" * 101, "x.yaml:1:4: the number is too large or too long"),
    ("a: 0x" + "1" * 101, "x.yaml:1:4: the number is too large or too long"),
    ("a: [1, 2", "x.yaml:"),
    ("a: 'b", "x.yaml:"),
    ("a: b: c", "x.yaml:1:5: mapping values are not allowed"),
    ("[" * 65 + "]" * 65, "x.yaml:1:65: nested deeper than 64 levels"),
    ("{a: " * 65 + "1" + "}" * 65, "nested deeper than 64 levels"),
    ("x" * (yamldoc.MAX_TEXT + 1), f"x.yaml: longer than {yamldoc.MAX_TEXT} characters"),
]


@both
@pytest.mark.parametrize(("text", "message"), REFUSALS, ids=[message[:40] for _, message in REFUSALS])
def test_what_is_refused_and_where(text, message, scanner):
    assert message in refusal(text, scanner)


def test_half_a_character_is_refused_by_either_scanner():
    """libyaml refuses the escape itself; PyYAML's own scanner gives half a pair, or fails in chr()."""
    for text in ('a: "\\ud800"', '"\\ud800": a', 'a: !!str "\\ud800"', 'a: "\\Uffffffff"'):
        assert "x.yaml" in refusal(text, yaml.BaseLoader)
        assert "x.yaml" in refusal(text, yaml.CBaseLoader)
    assert read('a: "é"', yaml.BaseLoader).value == {"a": "é"}


def test_an_alias_gives_the_same_value_and_its_own_copy():
    node = read("a: &x {n: [1]}\nb: *x\nc: &k word\nd: *k\n&e f: *k\n")
    value = node.value
    assert value == {"a": {"n": [1]}, "b": {"n": [1]}, "c": "word", "d": "word", "f": "word"}
    value["a"]["n"].append(2)
    assert value["b"] == {"n": [1]}


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, levels):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]")
    return "\n".join(lines)


def test_aliases_of_aliases_are_counted_written_out():
    """A billion laughs costs nine lines, not a billion values."""
    assert read(bomb(4)).size > 10_000
    assert f"more than {yamldoc.MAX_NODES} values" in refusal(bomb(9))


def test_aliases_cannot_nest_deeper_than_brackets_could():
    text = "a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 40 + "*a" + "]" * 40
    assert "nested deeper than 64 levels" in refusal(text)


def test_parse_yaml_takes_the_scanner_that_is_there(monkeypatch):
    assert parse_yaml("a: 1", "p").value == {"a": 1}
    monkeypatch.delattr(yaml, "CBaseLoader")
    assert parse_yaml("a: 1", "p").value == {"a": 1}


# --- the readers --------------------------------------------------------------------------------------


def reading_error(read_it, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_it(read(text).mapping()["v"])
    return str(caught.value)


READING_ERRORS = [
    (lambda v: v.text(), "v: 5", "x.yaml:1:4: expected text, found the number 5\n  Put it in quotes"),
    (lambda v: v.text(), "v: true", "expected text, found true"),
    (lambda v: v.text(), "v: false", "expected text, found false"),
    (lambda v: v.text(), "v: [a]", "expected text, found a list"),
    (lambda v: v.text(), "v: {a: b}", "expected text, found a mapping"),
    (lambda v: v.text(), "v: ", "expected text, found nothing"),
    (lambda v: v.text(), "v: ''", "expected text, found empty text"),
    (lambda v: v.texts(), "v: [a, 5]", "x.yaml:1:8: expected text"),
    (lambda v: v.texts(), "v: ''", "expected text, found empty text"),
    (lambda v: v.integer(), "v: x", 'expected a whole number, found text "x"'),
    (lambda v: v.integer(), "v: true", "expected a whole number, found true"),
    (lambda v: v.integer(), "v: 1.5", "expected a whole number, found the number 1.5"),
    (lambda v: v.integer(0, 100), "v: 101", "101 is out of range\n  It must be at least 0 and at most 100."),
    (lambda v: v.integer(minimum=0), "v: -1", "-1 is out of range\n  It must be at least 0."),
    (lambda v: v.integer(maximum=0), "v: 1", "1 is out of range\n  It must be at most 0."),
    (lambda v: v.number(), "v: .nan", "expected a number, found the number nan"),
    (lambda v: v.number(), "v: false", "expected a number, found false"),
    (lambda v: v.number(), "v: x", "expected a number"),
    (lambda v: v.number(0, 1), "v: 1.5", "1.5 is out of range"),
    (lambda v: v.boolean(), "v: yes", 'found text "yes"\n  YAML 1.2 knows true and false only.'),
    (lambda v: v.boolean(), "v: maybe", 'expected true or false, found text "maybe"'),
    (lambda v: v.boolean(), "v: 1", "expected true or false, found the number 1"),
    (lambda v: v.sequence(), "v: x", 'expected a list, found text "x"'),
    (lambda v: v.mapping(), "v: x", "expected a mapping (key: value)"),
    (
        lambda v: v.mapping({"action", "when"}),
        "v: {acton: 1}",
        'x.yaml:1:5: unknown key "acton"\n  Did you mean',
    ),
    (lambda v: v.mapping([], ["id"]), "v: {}", 'x.yaml:1:4: missing key "id"'),
    (lambda v: v.mapping([], ["id", "to"]), "v: {}", 'missing keys "id", "to"'),
    (
        lambda v: v.one_of(["allow", "redact"], "action"),
        "v: redcat",
        'x.yaml:1:4: unknown action "redcat"\n  Did you mean "redact"? Actions are allow, redact.',
    ),
    (lambda v: v.one_of(["a"], "category"), "v: zzz", 'unknown category "zzz"\n  Categories are a.'),
    (lambda v: v.text(), 'v: ["' + "x" * 99 + '"]', "expected text, found a list"),
    (lambda v: v.integer(), f'v: "{"x" * 99}"', f'found text "{"x" * 57}…"'),
    (lambda v: v.integer(), 'v: "\\a"', 'found text "\\u0007"'),
]


@pytest.mark.parametrize(("read_it", "text", "message"), READING_ERRORS)
def test_a_reader_says_what_was_expected_and_found(read_it, text, message):
    assert message in reading_error(read_it, text)


def test_readers_give_what_is_there():
    node = read("{t: a, e: '', n: 3, f: 0.5, b: true, s: [1], ts: [a, b], one: a, m: {k: v}, x: }")
    v = node.mapping(allowed=["e", "n", "f", "b", "s", "ts", "one", "m", "x"], required=["t"])
    assert v["t"].text() == "a"
    assert v["e"].text(empty=True) == ""
    assert v["n"].integer(3, 3) == 3
    assert v["n"].number() == 3
    assert v["f"].number(0, 1) == 0.5
    assert v["b"].boolean() is True
    assert [item.integer() for item in v["s"].sequence()] == [1]
    assert v["ts"].texts() == ["a", "b"]
    assert v["one"].texts() == ["a"]
    assert v["t"].one_of({"a", "b"}) == "a"
    assert v["m"].is_mapping and v["s"].is_sequence and v["t"].is_text and v["x"].is_null
    assert str(v["t"].error("no good", "do this")) == "x.yaml:1:5: no good\n  do this"


def test_suggestions():
    assert suggest("redcat", ["redact", "block"]) == "redact"
    assert suggest("zzz", ["redact", "block"]) is None
    assert did_you_mean("zzz", []) is None
    assert did_you_mean("app1", [f"app{n}" for n in range(99)]) == 'Did you mean "app1"?'


# --- properties ---------------------------------------------------------------------------------------

pieces = (
    "a·b: ·- ·\n·  ·\n  ·[·]·{·}·, ·: ·? ·\"x\"·'y'·|\n·>\n·&a ·*a·!!str ·# c\n·1·true·---\n·...\n·\\·@·é"
)
fragments = st.lists(st.sampled_from(pieces.split("·")), max_size=12).map("".join)


@pytest.mark.slow
@given(st.one_of(fragments, st.text(max_size=40)))
def test_any_text_gives_a_value_or_a_refusal_with_a_place(text):
    answers = []
    for scanner in SCANNERS:
        try:
            answers.append(places(read(text, scanner)))
        except ConfigError as error:
            assert error.where is not None and error.where.path == "x.yaml"
            answers.append("refused")
    if "refused" not in answers:
        assert answers[0] == answers[1]


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc<é:#- ", max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def flow(value) -> str:
    """A value as YAML flow text; JSON is YAML but for the odd characters, which JSON escapes too."""
    import json

    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and max(map(ord, value), default=0) > 0xFFFF:
        # JSON writes these as two halves, which YAML does not put together.
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    return json.dumps(value)


@pytest.mark.slow
@given(values)
def test_what_was_written_is_read_alike_by_both_scanners(value):
    plain, fast = (read(flow(value), scanner) for scanner in SCANNERS)
    assert plain.value == fast.value == value
    assert places(plain) == places(fast)
