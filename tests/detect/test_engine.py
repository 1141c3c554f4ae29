"""The engine on detectors of the test's own: windows, words, settling, echoes, offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect import engine as engine_module
from sensor.detect.detector import DetectorSet
from sensor.detect.engine import Engine, _beside, build_table, entropy_of
from sensor.detect.finding import Candidate, Document
from sensor.detect.gate import HAS_HYPERSCAN, PlainGate
from sensor.detect.loading import DetectorFile, load
from sensor.detect.scanners import SCANNERS
from sensor.detect.tokens import make_token

DETECTORS = r"""
detectors:
- {id: secret.key, name: a key, type: key, group: secret, class: A, source: made up,
   gate: ['kk_[0-9a-z]{8}'], pattern: '\bkk_[0-9a-z]{8,64}\b', window: [16, 80]}
- {id: secret.random, name: a random key, type: random_key, group: secret, class: A, source: made up,
   entropy: 2.5,
   gate: ['rr_[0-9a-z]{8}'], pattern: '\b(?P<value>rr_[0-9a-z]{8,64})\b'}
- {id: payment.card, name: a card, type: card, group: payment, class: B, score: 0.4, source: made up,
   validator: luhn,
   gate: ['\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b'], pattern: '\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b',
   context: {words: {en: [card, visa], ru: [карта]}, near: 40, boost: 0.3}}
- {id: national_id.ssn, name: a number, type: ssn, group: national_id, class: C, source: made up,
   pattern: '\b\d{3}-\d{2}-\d{4}\b', context: {words: {en: [ssn, social security number]}, near: 40, boost:
   0.3}}
- {id: national_id.gated, name: a gated number, type: gated, group: national_id, class: C, source: made up,
   gate: ['#\d{5}'], pattern: '#\d{5}', context: {words: {en: [member]}, near: 20, boost: 0.3}}
- {id: contact.pair, name: a pair, type: pair, group: contact, class: A, score: 0.6, source: made up,
   gate: ['key kk_'], pattern: 'key kk_[0-9a-z]{4}'}
- {id: document.label, name: a label, type: label, group: document, class: A, source: made up,
   gate: ['TOP SECRET'], pattern: 'TOP SECRET.{0,80}'}
- {id: person.listed, name: a listed name, type: person, group: person, class: A, source: made up,
   words: {first: data/names.txt}, pattern: 'Ada|Zoë'}
"""
FILES = [
    DetectorFile("x.yaml", DETECTORS, "x.yaml"),
    DetectorFile("data/names.txt", "# names\nAda\nZoë\n\n", "names.txt"),
]


@pytest.fixture(scope="module")
def detectors() -> DetectorSet:
    return load(FILES)


@pytest.fixture(scope="module")
def table(detectors):
    """Without the views' own expressions, which take seconds to compile; views have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        return build_table(detectors)


@pytest.fixture(scope="module")
def engine(detectors, table):
    return Engine(detectors, table=table)


@pytest.fixture(scope="module")
def plain_engine(detectors, table):
    return Engine(detectors, table=table, gate=PlainGate(table.entries))


def found(engine, text, **more):
    return [(finding.type, text[finding.start : finding.end]) for finding in engine.scan(text, **more)]


CASES = {
    "a key": ("use kk_abcd1234 now", [("key", "kk_abcd1234")]),
    "a key at the start": ("kk_abcd1234", [("key", "kk_abcd1234")]),
    "two keys in windows that touch": (
        "kk_abcd1234 kk_abcd5678",
        [("key", "kk_abcd1234"), ("key", "kk_abcd5678")],
    ),
    "two keys far apart": (
        "kk_abcd1234" + " x" * 200 + " kk_abcd5678",
        [("key", "kk_abcd1234"), ("key", "kk_abcd5678")],
    ),
    "inside a word": ("xkk_abcd1234", []),
    "too regular": ("rr_aaaaaaaaaaaa", []),
    "random enough": ("rr_a9x8k2m4p6q0", [("random_key", "rr_a9x8k2m4p6q0")]),
    "checksum wrong": ("card 4111 1111 1111 1112", []),
    "checksum right, and a word": ("card 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
    "checksum right, no word": ("4111 1111 1111 1111", []),
    "the word stands behind": ("4111 1111 1111 1111 (visa)", [("card", "4111 1111 1111 1111")]),
    "the word is too far": ("card" + " " * 60 + "4111 1111 1111 1111", []),
    "the word is too far behind": ("4111 1111 1111 1111" + " " * 30 + "card", []),
    "a word of another alphabet": ("Карта 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
    "in another case": ("КАРТА 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
    "a word opens": ("my SSN: 123-45-6789", [("ssn", "123-45-6789")]),
    "no word": ("my thing: 123-45-6789", []),
    "a key in JSON": ('{"customerSsn": "123-45-6789"}', [("ssn", "123-45-6789")]),
    "snake case": ("user_ssn=123-45-6789", [("ssn", "123-45-6789")]),
    "a plural": ("SSNs 123-45-6789", [("ssn", "123-45-6789")]),
    "inside another word": ("lossnes 123-45-6789 ssnx", []),
    "behind an accented letter": ("éssn 123-45-6789", []),
    "behind a typographic quote": ("“ssn” 123-45-6789", [("ssn", "123-45-6789")]),
    "several words": ("social security number 123-45-6789", [("ssn", "123-45-6789")]),
    "gated, with its word": ("member #12345", [("gated", "#12345")]),
    "gated, without": ("issue #12345", []),
    "an echo without its word": (
        "ssn 123-45-6789" + " x" * 100 + " 123-45-6789",
        [("ssn", "123-45-6789"), ("ssn", "123-45-6789")],
    ),
    "no echo inside a longer run": (
        "ssn 123-45-6789" + " x" * 100 + " 9123-45-67890",
        [("ssn", "123-45-6789")],
    ),
    "the rest of a covered one stands": ("key kk_abcd1234", [("pair", "key"), ("key", "kk_abcd1234")]),
    "a label holds others": (
        "TOP SECRET kk_abcd1234",
        [("label", "TOP SECRET kk_abcd1234"), ("key", "kk_abcd1234")],
    ),
    "a word list": ("Ada and Zoë", [("person", "Ada"), ("person", "Zoë")]),
    "nothing": ("nothing at all", []),
    "empty": ("", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_findings(engine, text, expected):
    assert found(engine, text) == expected


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_findings_without_hyperscan_are_the_same(plain_engine, text, expected):
    assert found(plain_engine, text) == expected


def test_hyperscan_is_what_is_tested():
    assert HAS_HYPERSCAN


def test_offsets_are_code_points(engine):
    text = "é😀 ssn 123-45-6789 ü kk_abcd1234"
    assert found(engine, text) == [("ssn", "123-45-6789"), ("key", "kk_abcd1234")]


def test_half_characters_do_not_matter(engine):
    text = "\ud800 kk_abcd1234 \udfff"
    assert found(engine, text) == [("key", "kk_abcd1234")]


def test_scores_and_reasons(engine):
    finding = engine.scan("card 4111 1111 1111 1111")[0]
    assert finding.score == 0.7
    assert finding.validated
    assert finding.reasons == ("looks like a card", "luhn holds", "a word that names it is near")
    assert finding.view is None
    assert engine.scan("kk_abcd1234")[0].letters == "SK"


def test_a_lower_threshold_tells_more(engine):
    assert found(engine, "4111 1111 1111 1111", min_score=0.4) == [("card", "4111 1111 1111 1111")]


def test_only_what_is_wanted_is_settled(engine):
    text = "key kk_abcd1234"
    assert found(engine, text, wanted=lambda detector: detector.group == "contact") == [
        ("pair", "key kk_abcd")
    ]


def test_a_trace_says_what_was_refused(engine):
    steps = []
    engine.scan("card 4111 1111 1111 1112 issue #12345 rr_aaaaaaaaaaaa ssn 123-45-6789", trace=steps)
    assert {(step.detector, step.what) for step in steps} == {
        ("payment.card", "luhn refuses it"),
        ("national_id.gated", "no word near that names it"),
        ("secret.random", "too regular to be random"),
        ("national_id.ssn", "candidate"),
    }


def test_a_redaction_token_is_no_finding(engine):
    token = make_token(bytes(32), "t", "key", "SK", "v", secret=True)
    assert engine.scan(f"ssn {token} card {token} kk_{token}") == ()


def test_a_users_own_data_is_asked(detectors, table):
    class Own:
        def scan(self, document, found):
            assert isinstance(document, Document)
            at = document.data.find(b"our word")
            return [Candidate(at, at + 8, "custom.word", 0.9, False, ())] if at >= 0 else []

        def describe(self):
            made = load([DetectorFile("x.yaml", OWN, "x.yaml")])
            return made.detectors

    OWN = (
        "detectors:\n- {id: custom.word, name: w, type: our_word, group: custom, class: A, source: s,"
        " gate: [abc], pattern: abc}"
    )
    engine = Engine(detectors, table=table, custom=Own())
    assert found(engine, "this is our word") == [("our_word", "our word")]
    assert engine.scan("nothing") == ()


@pytest.mark.parametrize(
    ("value", "bits"), [(b"", 0.0), (b"aaaa", 0.0), (b"abab", 1.0), (b"abcd", 2.0), (bytes(range(256)), 8.0)]
)
def test_entropy(value, bits):
    assert entropy_of(value) == bits


def test_documents_know_their_text_and_surroundings():
    document = Document("é abc def".encode())
    assert document.text == "é abc def"
    assert not document.is_ascii
    assert document.near(3, 6, 2, 2) == b"\xa9 abc d"[0:7]
    assert Document(b"x", "y").text == "y"


PIECES = [
    "kk_abcd1234",
    "ssn",
    "123-45-6789",
    "card",
    "4111 1111 1111 1111",
    "TOP SECRET",
    "key ",
    "é",
    "😀",
    "\n",
    "Ada",
]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12))
def test_findings_lie_in_the_text_in_order_and_apart(engine, pieces):
    text = " ".join(pieces)
    findings = engine.scan(text)
    last = 0
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        if not finding.report_only:
            assert finding.start >= last
            last = finding.end
    assert findings == engine.scan(text)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12))
def test_both_gates_give_the_same(engine, plain_engine, pieces):
    text = " ".join(pieces)
    assert engine.scan(text) == plain_engine.scan(text)


def test_a_word_of_several_lists_does_everything_that_they_say():
    text = (
        "detectors:\n"
        "- {id: person.a, name: a, type: a, group: person, class: A, source: s, words: {x: data/n.txt},"
        " pattern: Ada}\n"
        "- {id: person.b, name: b, type: b, group: person, class: A, score: 0.8, source: s,"
        " words: {x: data/n.txt}, pattern: 'Ada L'}\n"
        "- {id: person.c, name: c, type: c, group: person, class: C, source: s, scanner: people,"
        " words: {name: data/n.txt}, context: {words: {en: [Ada]}}}\n"
    )
    made = load([DetectorFile("x.yaml", text, "x.yaml"), DetectorFile("data/n.txt", "Ada\n", "n.txt")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        table = build_table(made)
        engine = Engine(made, table=table)
    at = [entry.expression for entry in table.entries].index("Ada")
    assert table.actions[at].windows == (0, 1)
    assert table.actions[at].hits == (("people", "name"),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCANNERS, "people", lambda document, hits: [])
        assert found(engine, "so Ada L said") == [("a", "Ada")]
    engine.warm()


class Turned:
    """A view of the test's own: what stands between two marks, read backwards."""

    name = "turned"

    def __init__(self, data):
        self.data = data
        self.changed = [(0, len(data))]

    def span(self, start, end):
        return (0, len(self.data)) if end > start else (0, 0)


def test_a_view_is_scanned_once_and_tells_no_labels(detectors, monkeypatch):
    monkeypatch.setattr("sensor.detect.views.GATES", (("turn", "turn me"),))

    def views(data, hints):
        assert "turn" in hints
        yield Turned(b"TOP SECRET kk_abcd1234 turn me")
        yield Turned(b"TOP SECRET kk_abcd1234 turn me")
        yield Turned(data)

    monkeypatch.setattr("sensor.detect.views.views", views)
    engine = Engine(detectors)
    made = engine.scan("turn me")
    assert [(finding.type, finding.view, finding.score) for finding in made] == [("key", "turned", 0.873)]
    assert engine.scan("turn me", views=False) == ()


def test_of_a_view_counts_what_is_near_its_edits_or_may_be_a_header():
    row, prose = b"name,card,city\n", b"words that go on and on\n" * 40
    data = row + prose + b"EDIT" + prose + b"the end"
    edit = (len(row + prose), len(row + prose) + 4)
    far, near = len(row) + 30, edit[0] - 40
    events = [(1, 4), (2, 9), (3, far), (4, far + 3), (5, near), (6, edit[1]), (7, len(data))]
    assert _beside(events, [edit], data) == [(1, 4), (2, 9), (5, near), (6, edit[1])]
    assert _beside(events, [(0, 0), edit], data) == [events[at] for at in (0, 1, 2, 3, 4, 5)]


def test_two_detectors_of_one_label_tell_it_once():
    text = (
        "detectors:\n"
        "- {id: document.a, name: a, type: label, group: document, class: A, source: s, gate: [ABC],"
        " pattern: ABC}\n"
        "- {id: document.b, name: b, type: label, group: document, class: A, source: s, gate: [ABC],"
        " pattern: ABC}\n"
    )
    made = load([DetectorFile("x.yaml", text, "x.yaml")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        engine = Engine(made)
    assert found(engine, "ABC") == [("label", "ABC")]


def test_what_is_left_of_a_covered_finding_has_something_in_it():
    text = (
        "detectors:\n"
        "- {id: contact.in, name: a, type: inner, group: contact, class: A, score: 0.9, source: s,"
        " gate: [core], pattern: core}\n"
        "- {id: contact.out, name: b, type: outer, group: contact, class: A, score: 0.6, source: s,"
        " gate: [core], pattern: '..core..'}\n"
    )
    made = load([DetectorFile("x.yaml", text, "x.yaml")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sensor.detect.views.GATES", ())
        engine = Engine(made)
    assert found(engine, "--core, ") == [("inner", "core")]
    assert found(engine, "ab core cd") == [("inner", "core")]
    assert found(engine, "abcorecd") == [("outer", "ab"), ("inner", "core"), ("outer", "cd")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "Staatsangehörigkeit: Deutsch Staatsangehörigkeit: Deutsch ", "lieu de naissance Lyon" + "ö" * 14,
        "PatientName=N" + "🙂" * 40, "e@a.d\udce9e", "\xa05,3º 28013 M", "M49\u202e\ud83d7731 ",
    ],
)  # fmt: skip
def test_packaged_detectors_never_end_inside_a_character(text):
    from sensor.detect_files import load_engine

    for finding in load_engine().scan(text, min_score=0.0):
        assert 0 <= finding.start < finding.end <= len(text)


def test_tokens_shield_only_what_they_touch(engine):
    token = make_token(bytes(32), "t", "key", "SK", "v", secret=True)
    assert found(engine, f"{token} kk_abcd1234 {token} kk_abcd5678") == [
        ("key", "kk_abcd1234"), ("key", "kk_abcd5678"),
    ]  # fmt: skip


def test_half_a_character_at_an_end_is_made_whole():
    data = "aöb".encode()
    for start, end in ((1, 2), (2, 3), (0, 2), (2, 4)):
        made = engine_module._whole_characters(data, Candidate(start, end, "x", 1.0, False, ()))
        data[made.start : made.end].decode()
