"""The gate, both ways, and the expressions that stand behind it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect import gate as gates
from sensor.detect import patterns
from sensor.detect.gate import Entry, GateError, HyperGate, PlainGate, compile_gate, open_gate
from sensor.detect.patterns import compile_extractor, gate_problem, problem_of
from sensor.detect.staging import stage_of

ENTRIES = [
    Entry("ghp_[0-9a-z]{4}"),
    Entry("ssn", literal=True, caseless=True),
    Entry("Ada", literal=True),
    Entry("a.b+c", literal=True),
    Entry(r"\b\d{4}-\d{4}\b"),
    Entry("(?i)bearer [a-z]{3}"),
    Entry("once", once=True),
    Entry("кот", literal=True),
    Entry(r"(?:^|[^a-z])key=[a-z]{2}"),
    Entry("^line$"),
    Entry("-!-", literal=True, caseless=True),
    Entry("solo", literal=True, once=True),
    Entry("qab|qcd"),
    Entry(r"xyz\.?[0-9]"),
    Entry("[0-9]{9}", once=True),
]


@pytest.fixture(scope="module")
def both():
    return open_gate(ENTRIES, compile_gate(ENTRIES)), PlainGate(ENTRIES)


CASES = {
    "an expression": ("x ghp_ab12 y", {(0, 10)}),
    "a word in any case": ("SSN Ssn", {(1, 3), (1, 7)}),
    "a word inside another": ("customerSsn", {(1, 11)}),
    "a word in its case": ("Ada ada", {(2, 3)}),
    "a word with signs": ("a.b+c aXb+c", {(3, 5)}),
    "bounded digits": ("1234-5678 12345-6789", {(4, 9)}),
    "a caseless expression": ("BEARER abc", {(5, 10)}),
    "told once": ("once once", {(6, 4)}),
    "another alphabet": ("мой кот", {(7, 13)}),
    "behind a sign": (" key=ab xkey=cd", {(8, 7)}),
    "at the start": ("key=ab", {(8, 6)}),
    "a line": ("x\nline\ny", {(9, 6)}),
    "signs alone": ("a-!-b", {(10, 4)}),
    "either": ("qab qcd", {(12, 3), (12, 7)}),
    "an optional sign": ("xyz.1 xyz2", {(13, 5), (13, 10)}),
    "nothing": ("nothing", set()),
    "empty": ("", set()),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_both_gates_tell_the_same_events(both, text, expected):
    for gate in both:
        assert set(gate.scan(text.encode())) == expected


def test_events_come_by_their_end(both):
    for gate in both:
        ends = [end for _, end in gate.scan(b"ssn Ada ghp_ab12 ssn 1234-5678 once")]
        assert ends == sorted(ends)


def test_a_gate_told_once_stops(both):
    text = b"123456789 987654321 solo solo"
    assert [number for number, _ in both[0].scan(text)].count(14) == 1
    assert [number for number, _ in both[1].scan(text)].count(14) == 1


def test_a_scan_inside_a_scan_has_a_scratch_of_its_own(both):
    gate = both[0]
    assert isinstance(gate, HyperGate)
    gate._main._scratches.clear()
    assert gate.scan(b"Ada") == [(2, 3)]
    assert len(gate._main._scratches) == 1


PROSE = "The committee met on Tuesday and agreed that nothing would change before the summer. "
CODE = "    if (x[i] == {y}) { z = w_1 + q_2; }  # $(a/b)\n"


@pytest.fixture(scope="module")
def textured():
    entries = [
        Entry("mark-p[0-9]", only_in="prose"), Entry("mark-c[0-9]", only_in="code"), Entry("mark-a[0-9]"),
        Entry(r"\b\d{4}-\d{4}-\d{4}\b"), Entry(r"tok_?[0-9a-f]{24}"),
    ]  # fmt: skip
    return HyperGate, open_gate(entries, compile_gate(entries)), PlainGate(entries)


MARKS = " mark-p1 mark-c1 mark-a1 1234-5678-9012 tokabcdef0123456789abcdef01 "
TEXTURES = {
    "short": (MARKS, {0, 1, 2, 3, 4}),
    "prose": (PROSE * 12 + MARKS + PROSE * 40, {0, 2, 3, 4}),
    "code": (CODE * 15 + MARKS + CODE * 100, {1, 2, 3, 4}),
    "code behind the part where it is looked for": (CODE * 200 + MARKS + CODE * 100, {2, 3, 4}),
    "prose behind code": (CODE * 200 + PROSE * 30 + MARKS + PROSE * 30, {0, 2, 3, 4}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "numbers"), TEXTURES.values(), ids=TEXTURES)
def test_some_entries_wait_for_prose_code_or_a_rare_run(textured, text, numbers):
    _, hyper, plain = textured
    data = text.encode()
    for gate in (hyper, plain):
        events = gate.scan(data)
        assert {number for number, _ in events} == numbers
        assert [end for _, end in events] == sorted(end for _, end in events)
        for _, end in events:
            assert data[end - 1 : end].isalnum()


STAGED = [
    Entry(r"tok[0-9a-f]{20}"), Entry(r"[0-9a-z]{20}x"), Entry(r"\b\d{4}-\d{4}-\d{4}\b"), Entry(r"\d{9}4"),
    Entry(r"[A-Z]{2}\d{2}[ -]?\d{4}[ -]?\d{4}[ -]?\d{2}"),
]  # fmt: skip
PIECES = [
    "tok", "x", "a1b2", "0123456789abcdef" * 2, "z" * 300, "9" * 300, "1234", "-", " ", ". ", "\n", "é",
    "123456789", "4", "DE12 1234 1234 12", "tok0123456789abcdef01234",
]  # fmt: skip


@pytest.fixture(scope="module")
def staged():
    assert all(stage_of(entry.expression) for entry in STAGED)
    return open_gate(STAGED, compile_gate(STAGED))


@given(st.lists(st.sampled_from(PIECES), max_size=24))
def test_what_waits_for_a_run_is_told_wherever_the_run_ends(staged, pieces):
    data = "".join(pieces).encode()
    told = set(staged.scan(data))
    for number, entry in enumerate(STAGED):
        for found in re.finditer(entry.expression.encode(), data):
            assert (number, found.end()) in told


def test_a_stretch_of_many_runs_is_walked_once():
    class Walked(bytes):
        read = 0

        def __getitem__(self, key):
            assert isinstance(key, slice)
            part = bytes.__getitem__(self, key)
            Walked.read += len(part)
            return part

    data = Walked(b"123456789 " * 2_000)
    ends = list(range(10, len(data), 10))
    assert gates._surroundings(data, ends, b"0123456789 ./-") == [(0, len(data))]
    assert Walked.read <= 2 * len(data) + gates.REACH


@pytest.mark.parametrize(
    ("expression", "stage"),
    [
        (r"\b\d{3}-\d{3}-\d{4}\b", "digits"), (r"\d{9}", "digits"), (r"\d{8}", None), (r"\d{4}--\d{5}", None),
        (r"(?:\d{9}|\d{10}a)", "digits"), (r"(?:\d{9}|abc)", None), (r"\d{3}(?:-\d{3}){2}", "digits"),
        (r"\d{3}[ -]?\d{3}[ -]?\d{3}", "digits"),
        (r"\d{3}[ -]{0,2}\d{6}", None),
        (r"\d{9}x{0,500}", None), (r"\d{9}a*", None), (r"[0-9a-f]{20}", "run"), (r"x_[0-9a-f]{19}", None),
        (r"(?i)key [a-z]{20,40}", "run"), (r"[a-z]{10}(?:[0-9]{10})?", None),
        ("(?=a)", None), ("", None), (r"(?:|\d{9})", None),
    ],
)  # fmt: skip
def test_what_holds_a_rare_run_is_read_off_an_expression(expression, stage):
    assert stage_of(expression) == stage


def test_an_expression_that_hyperscan_refuses_is_said():
    with pytest.raises(GateError):
        compile_gate([Entry("a(?=b)")])


def test_a_compiled_gate_of_another_kind_is_refused():
    framed = b"".join((9).to_bytes(8, "big") + b"something" for _ in range(5))
    for compiled in (b"something else", framed):
        with pytest.raises(GateError, match="not for this machine"):
            open_gate(ENTRIES, compiled)


def test_without_hyperscan_there_is_nothing_to_compile(monkeypatch):
    monkeypatch.setattr(gates, "HAS_HYPERSCAN", False)
    assert compile_gate(ENTRIES) == b""
    assert isinstance(open_gate(ENTRIES, b""), PlainGate)


# --- expressions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True], ids=["RE2", "re"])
@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a(?P<value>b+)", "abb ab", ["bb", "b"]),
        ("[0-9]+", "12 3", ["12", "3"]),
        ("^x$", "y\nx\nz", ["x"]),
        ("straße", "die straße", ["straße"]),
        ("(?P<value>b?)c", "bc c", ["b"]),
        ("none", "text", []),
    ],
)
def test_an_extractor_cuts_out_values(plain, pattern, text, expected):
    data = text.encode()
    spans = compile_extractor(pattern, plain=plain).spans(data, 0, len(data))
    assert [data[start:end].decode() for start, end in spans] == expected


@pytest.mark.parametrize("plain", [False, True], ids=["RE2", "re"])
def test_an_extractor_sees_word_ends_outside_its_stretch(plain):
    extractor = compile_extractor(r"\babc\b", plain=plain)
    assert list(extractor.spans(b"abcd", 0, 3)) in ([], [(0, 3)])
    assert list(extractor.spans(b"abc d", 0, 3)) == [(0, 3)]


@pytest.mark.parametrize(
    "pattern",
    [
        "(a)\\1",
        "a(?=b)",
        "(?<!a)b",
        "a{1001}",
        "(a",
        "x" * 5_000,
        "a*",
        "(?P<value>",
        "\\p{Nope}",
        "[^a]{900}[^b]{900}[é-ü]{900}[^c]{900}",
    ],
)
def test_what_does_not_run_in_linear_time_is_refused(pattern):
    assert problem_of(pattern) is not None


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "[ab]*a[ab]{200}c"])
def test_what_would_be_catastrophic_elsewhere_is_taken(pattern):
    assert problem_of(pattern) is None


def test_without_re2_the_same_is_said(monkeypatch):
    monkeypatch.setattr(patterns, "re2", None)
    assert problem_of("a+") is None
    assert problem_of("a*") is not None
    assert problem_of("(a") is not None
    assert list(compile_extractor("a+").spans(b"baa", 0, 3)) == [(1, 3)]


@pytest.mark.parametrize(
    ("expression", "said"), [("a*", "everywhere"), ("(a", "not a regular"), ("a" * 5_000, "longer")]
)
def test_a_gate_that_is_no_use_is_refused(expression, said):
    assert said in gate_problem(expression).what
    assert gate_problem("abc") is None


@pytest.mark.parametrize(("name", "absent"), [("gate", "hyperscan"), ("patterns", "re2")])
def test_a_library_without_a_wheel_is_done_without(name, absent, monkeypatch):
    import importlib.util
    import sys

    origin = {"gate": gates, "patterns": patterns}[name].__file__
    monkeypatch.setitem(sys.modules, absent, None)
    spec = importlib.util.spec_from_file_location(f"without_{absent}", origin)
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, made)
    spec.loader.exec_module(made)
    if name == "gate":
        assert made.ENGINE == "python" and not made.HAS_HYPERSCAN
        assert isinstance(made.open_gate([made.Entry("abc")], b""), made.PlainGate)
    else:
        assert not made.HAS_RE2
        assert made.problem_of("abc") is None
