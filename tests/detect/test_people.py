"""Person names: windows, fields, titles, echoes and offsets on a small model; the packaged one on a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.scanners import people
from sensor.detect.scanners.people.lexicon import Lexicon, coarse, title_of
from sensor.detect.scanners.people.model import PLACES, Model, Word, items_of
from sensor.detect.scanners.people.spans import names_of

LEXICON = """# of this test
= F
Anna
Boris
= L
Miller
Kowalski
Brown
= l
Zorn
= LP
Paris
= M
May
Monday
= C
the
brown
monday
= c
street
= n
Settings
"""
MODEL = """# of this test
= 0 300
cF
cL
cl
= 0 -300
cU
cCM
= 0 -200
cCn
= * 0
b
= * 100
m 11
= -1 150
wcalled
"""


@pytest.fixture(scope="module")
def packaged(root: Path) -> dict[str, str]:
    folder = root / "signatures" / "detectors"
    return {name: (folder / name).read_text(encoding="utf-8") for name in people.DATA}


@pytest.fixture
def small() -> Iterator[None]:
    """The small lexicon and model in place; the packaged ones' place is free again afterwards."""
    before = dict(people._given)
    people.provide(people.DATA[0], LEXICON)
    people.provide(people.DATA[1], MODEL)
    yield
    people._given.clear()
    people._given.update(before)
    people._made.clear()


@pytest.fixture
def real(packaged: dict[str, str]) -> None:
    for name, text in packaged.items():
        people.provide(name, text)


def scan(text: str, hits: Sequence[Hit] | None = None) -> list[Candidate]:
    """With a hit at every blank and line end, unless they are given."""
    data = text.encode("utf-8", "surrogatepass")
    if hits is None:
        hits = [("pair", place) for place, byte in enumerate(data) if byte in b" \n"] + [("pair", len(data))]
    return list(people.scan_people(Document(data), hits))


def found(text: str, hits: Sequence[Hit] | None = None) -> list[str]:
    data = text.encode("utf-8", "surrogatepass")
    return [data[item.start : item.end].decode() for item in sorted(scan(text, hits))]


# --- without data -----------------------------------------------------------------------------------------


def test_without_its_data_nothing_is_found() -> None:
    before = dict(people._given)
    people._given.clear()
    people._made.clear()
    try:
        assert found("Yesterday Anna Miller called.") == []
        people.provide("data/other.txt", "x")
        assert people._given == {}
    finally:
        people._given.update(before)


def test_the_same_data_again_is_not_read_again(small: None) -> None:
    assert found("so Anna Miller") == ["Anna Miller"]
    made = people._made[0]
    people.provide(people.DATA[0], LEXICON)
    assert people._made[0] is made
    people.provide(people.DATA[0], LEXICON + "Vera\n")
    assert people._made == []


# --- the lexicon ------------------------------------------------------------------------------------------

CODES = [
    ("Anna", "F"),
    ("ANNA", "F"),
    ("Zorn", "l"),
    ("Brown", "LC"),
    ("Kowalskiego", "L~"),
    ("Annę", "F~"),
    ("Анна", "F*"),
    ("Анной", "F*"),
    ("Щука", ""),
    ("Xyz", ""),
    ("Xy", ""),
    ("A", ""),
    ("Settings", "n"),
]


@pytest.mark.parametrize(("word", "codes"), CODES)
def test_codes_of_a_word(word: str, codes: str) -> None:
    assert Lexicon.parse(LEXICON).of(word) == codes


def test_what_the_lexicon_holds_as_written() -> None:
    lexicon = Lexicon.parse(LEXICON)
    assert lexicon.exact("Anna") == "F" and lexicon.exact("ANNA") == ""
    assert lexicon.small("brown") == "C" and lexicon.small("anna") == ""
    assert lexicon.names("Anna") and not lexicon.names("anna")
    assert title_of("SMITH") == "Smith"


@pytest.mark.parametrize(
    ("codes", "few"),
    [
        ("", "U"),
        ("F", "F"),
        ("flp", "flP"),
        ("LQ", "LQ"),
        ("Cn", "C"),
        ("LC", "LC"),
        ("lc", "lc"),
        ("M", "M"),
        ("fN", "fM"),
    ],
)
def test_codes_made_few(codes: str, few: str) -> None:
    assert coarse(codes) == few


# --- items and scores -------------------------------------------------------------------------------------

ITEMS = [
    ("Anna Miller", [("Anna", ""), ("Miller", " ")]),
    ("J. Miller", [("J", ""), ("Miller", ".")]),
    ("Miller, Anna", [("Miller", ""), ("Anna", ",")]),
    ("Anna van der Miller", [("Anna", ""), ("Miller", "p")]),
    ("Anna O'Brown", [("Anna", ""), ("O", " "), ("Brown", "p")]),
    ("Anna runs and Boris too", [("Anna", ""), ("Boris", "x")]),
    ("Anna; Boris", [("Anna", ""), ("Boris", "x")]),
    ("Anna and so Boris", [("Anna", ""), ("Boris", "x")]),
    ("httpClient HttpClient McDonald IBM A1 A", [("McDonald", ""), ("IBM", " "), ("A", "x")]),
    ("i am called anna miller", [("anna", ""), ("miller", " ")]),
    ("i saw anna", [("anna", "")]),
    ("I saw anna", [("I", "")]),
    ("this is my dear friend", []),
    ("dear brown", []),
    ("cc an", []),
]


@pytest.mark.parametrize(("text", "items"), ITEMS)
def test_words_that_could_be_names(text: str, items: list[tuple[str, str]]) -> None:
    sighting = items_of(text, Lexicon.parse(LEXICON))
    assert [(text[start:end], gap) for start, end, _, gap, _ in sighting.items] == items
    assert len(sighting.headings) == len(items)


def test_headings_are_told_line_by_line() -> None:
    sighting = items_of(
        "Anna\nAnna Miller went\nAnna Brown\nthen Anna\nso Anna goes to the house\n\n", Lexicon.parse(LEXICON)
    )
    assert sighting.headings == ["1", "H", "H", "H", "H", "h", ""]


def test_german_is_known_by_its_small_words() -> None:
    lexicon = Lexicon.parse(LEXICON)
    assert items_of("der Mann und die Frau", lexicon).german
    assert not items_of("the man and the woman", lexicon).german


TEXTS = [
    "Anna Miller called Boris Kowalskiego in Paris, on Monday 3 May 2024.",
    "ANNA MILLER (1843) x_1 foo@Anna.com McDonald's Unknownword der die das und Haus",
    "i am called anna zorn\nName: Miller, Anna\n\nA. B. Brown",
    "Вчера Анна Щукина пришла. Settings: the Street.",
    "Anna x_1 HttpClient Anna 東京 Anna",
    "Z",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_scores_are_the_sums_of_the_features(packaged: dict[str, str], text: str) -> None:
    """The quick way and the plain way agree, but for words that are given up at once."""
    lexicon = Lexicon.parse(packaged[people.DATA[0]])
    model = Model.parse(packaged[people.DATA[1]], lexicon)
    weights = {
        ("" if place == "*" else place) + name: weight
        for place, names in zip(PLACES, [*model._placed, model._weights], strict=True)
        for name, weight in names.items()
    }
    sighting = items_of(text, lexicon)
    fresh: dict[str, Word] = {}
    for _ in range(2):
        quick = model.scores(sighting, 0.0, fresh)
        plain = [sum(weights.get(name, 0.0) for name in ("b", *names)) for names in model.features(sighting)]
        for ours, theirs, item in zip(quick, plain, sighting.items, strict=True):
            given_up = ours < -2 and theirs < 2
            assert given_up or ours == pytest.approx(theirs), text[item[0] : item[1]]


def test_marginals_are_those_of_the_chain() -> None:
    """Against the sum over all ways to label."""
    import itertools
    import math

    lexicon = Lexicon.parse(LEXICON)
    model = Model.parse(MODEL, lexicon)
    sighting = items_of("Anna Xyz Miller, Zorn said Brown", lexicon)
    scores = model.scores(sighting)
    moves = [model._steps[item[3]] for item in sighting.items[1:]]
    sums = [0.0] * len(scores)
    total = 0.0
    for labels in itertools.product((0, 1), repeat=len(scores)):
        weight = math.exp(sum(score for score, label in zip(scores, labels, strict=True) if label))
        for move, before, after in zip(moves, labels, labels[1:], strict=False):
            weight *= move[before * 2 + after]
        total += weight
        for place, label in enumerate(labels):
            sums[place] += weight * label
    assert model.marginals(sighting) == pytest.approx([value / total for value in sums])
    assert model.marginals(items_of("nothing here", lexicon)) == []
    assert model.marginals(items_of("Anna", lexicon), 100.0) == pytest.approx([1.0])
    assert model.marginals(items_of("Anna", lexicon), -100.0) == pytest.approx([0.0])


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor.detect.scanners.people.model.MAX_KEPT", 0)
    lexicon = Lexicon.parse(LEXICON)
    model = Model.parse(MODEL, lexicon)
    model.scores(items_of("Anna walked quietly past Secretword", lexicon))
    assert not model._by_tags
    assert not {"Secretword", "quietly"} & set(model._known)


# --- names out of judged words ----------------------------------------------------------------------------

SPANS = [
    ("Anna Miller", [0.9, 0.9], ["Anna Miller"]),
    ("Anna Xyz", [0.9, 0.3], ["Anna Xyz"]),
    ("Xyz Anna", [0.3, 0.9], ["Xyz Anna"]),
    ("Anna, Boris", [0.9, 0.9], ["Anna", "Boris"]),
    ("Anna went Xyz", [0.9, 0.3], ["Anna"]),
    ("Anna Xyz", [0.9, 0.1], ["Anna"]),
    ("by van der Miller", [0.9], ["van der Miller"]),
    ("van Miller", [0.9], ["van Miller"]),
    ("Anna", [0.1], []),
]


@pytest.mark.parametrize(("text", "judged", "names"), SPANS)
def test_neighbours_grow_into_names(text: str, judged: list[float], names: list[str]) -> None:
    sighting = items_of(text, Lexicon.parse(LEXICON))
    assert [text[start:end] for start, end, _ in names_of(sighting, judged)] == names


# --- the scanner ------------------------------------------------------------------------------------------

SCANS = [
    ("so Anna Miller went", ["Anna Miller"]),
    ("nothing at all", []),
    ("ein Täßchen für Anna Miller — schön", ["Anna Miller"]),
    # Behind a title even an unknown word; not a common one, nor a title.
    ("so Mrs. Xyzzy and Herr Quux came, Dr Monday", ["Xyzzy", "Quux"]),
    ("Mr Mrs", []),
    ("so Mr Monday came", []),
    ("so Mr Street came", ["Street"]),
    ("Mr. AB and Mr abc", []),
    (". Xyzzy", []),
    ("Hello Boris there", ["Boris"]),
]


@pytest.mark.parametrize(("text", "names"), SCANS)
def test_names_around_hits(small: None, text: str, names: list[str]) -> None:
    assert found(text) == names


def test_a_name_found_in_full_is_one_elsewhere(small: None) -> None:
    """But neither inside another word nor in small letters; a common word or a place is not looked for."""
    text = "so Boris Kowalski came.\n\nkowalski, Kowalskis, Kowalski-x, (Kowalski) Kowalskiß Kowalski."
    assert found(text, [("pair", 17)]) == ["Boris Kowalski", "Kowalski", "Kowalski"]
    candidates = sorted(scan(text, [("pair", 17)]))
    assert candidates[1].start == text.index("(Kowalski)") + 1
    text = "so Paris Kowalski came.\n\nParis Kowalski"
    assert found(text, [("pair", 17)]) == ["Paris Kowalski", "Kowalski"]


def test_a_greeting_is_no_name_unless_the_model_is_sure(small: None) -> None:
    people.provide(people.DATA[0], LEXICON + "= C\nmoin\n= l\nMoin\nSalut\n")
    people.provide(people.DATA[1], MODEL.replace("= 0 300\ncF\ncL\ncl\n", "= 0 300\ncF\n= 0 -100\ncl\nclC\n"))
    assert found("so Moin Anna") == ["Anna"]
    assert found("so Salut Anna") == ["Anna"]
    assert found("so Zorn Anna") == ["Zorn Anna"]


FIELDS = [
    ('{"last_name": "Xyzzy"}', 15, ["Xyzzy"]),
    ('{"last_name": "string"}', 15, []),
    ('{"last_name": "Monday"}', 15, []),
    ('{"last_name": "zorn"}', 15, ["zorn"]),
    ('{"last_name": "qwertz"}', 15, []),
    ('{"assignee": "Xyzzy Quux"}', 14, ["Xyzzy Quux"]),
    ('{"assignee": "Xyzzy"}', 14, []),
    ('{"assignee": "Xyzzy Monday"}', 14, []),
    ("Vorname: Anna", 10, ["Anna"]),
    ("имя: Щука", 9, ["Щука"]),
    ('{"customer_last_name": "Xyzzy"}', 24, []),
    ('{"Account-Holder Name" : "Xyzzy"}', 27, ["Xyzzy"]),
    ("the last name = Xyzzy", 17, ["Xyzzy"]),
    ("the odd thing = Xyzzy", 17, []),
    ("...: Xyzzy", 6, []),
    ("first name: Xyzzy, last name: Quux", 31, ["Quux"]),
    ("first name: Xyzzy, last name: Quux", 13, ["Xyzzy"]),
    ("last_name: Xyzzy, and much later something", 40, []),
    ("плохо last_name: Xyzzy", 30, ["Xyzzy"]),
]


@pytest.mark.parametrize(("text", "end", "names"), FIELDS)
def test_a_field_for_names_holds_a_name(small: None, text: str, end: int, names: list[str]) -> None:
    assert found(text, [("field", end)]) == names


def test_a_field_far_into_a_text_is_read_from_a_whole_character(small: None) -> None:
    text = "ы" * 40 + " last_name: Xyzzy"
    assert found(text, [("field", len(text.encode()) - 3)]) == ["Xyzzy"]
    assert found("x" + text, [("field", len(text.encode()) - 1)]) == ["Xyzzy"]


EVIDENCE = [
    ("so Anna came", "person.name"),
    ("Anna came", "person.name"),
    ("so Mrs. Miller came", "person.titled"),
    ("From: Anna Miller", "person.email_header"),
    ("Name: Anna Miller", "person.form_field"),
    ('"owner_name": "Anna Miller"', "person.form_field"),
    ("Thing: Anna Miller", "person.name"),
    (": Anna Miller", "person.name"),
    ("Regards,\nAnna Miller", "person.signature"),
    ("so it goes\nAnna Miller", "person.name"),
]


@pytest.mark.parametrize(("text", "detector"), EVIDENCE)
def test_what_stands_before_says_which_detector(small: None, text: str, detector: str) -> None:
    assert [item.detector for item in scan(text)] == [detector]


LONE = [
    ("then Anna left", 8, True),
    ("then Xyzzy left", 8, True),
    ("then Monday left", 9, False),
    ("then Settings left", 8, False),
    ("then Wohnung left", 8, False),
    ("then Zorn, so", 11, True),
    ("then JsonParser left", 8, False),
    ("then McDonald left", 7, True),
    ("then Anna-Maria left", 8, True),
    ("then nothing left", 8, False),
    ("then Paris left", 8, True),
]


@pytest.mark.parametrize(("text", "end", "worth"), LONE)
def test_a_lone_word_is_looked_up_first(small: None, text: str, end: int, worth: bool) -> None:
    lexicon = Lexicon.parse(LEXICON)
    assert people._worth(text.encode(), end, lexicon) is worth


def test_lone_words_in_technical_text_open_nothing(small: None) -> None:
    text = "if (x) { y = Foo; } // see Anna there"
    end = text.index("Anna") + 3
    assert found(text, [("lone", end)]) == []
    assert found(text, [("pair", end)]) == ["Anna"]
    prose = "and then I went to see Anna there"
    assert found(prose, [("lone", 26), ("lone", 26)]) == ["Anna"]


def windows_of(data: bytes, hits: Sequence[Hit]) -> list[tuple[int, int]]:
    return people._windows(data, hits, Model.parse(MODEL, Lexicon.parse(LEXICON)), {})


LISTED = [
    ("then Anna left", 9, True),
    ("Anna", 4, True),
    # Inside another word: an identifier, an unknown one that says nothing of itself.
    ("then AnnaBuilder left", 9, False),
    ("then xAnna left", 10, False),
    ("then Annabar left", 9, False),
    # Weak itself, beside one that is not.
    ("then Annabar Miller left", 9, True),
    ("then Annabar left Miller", 9, False),
    ("then Miller Annabar left", 16, True),
    ("then Miller, Annabar left", 17, True),
    ("then (Miller Annabar left", 17, True),
    ("Annabar", 4, False),
    (" Annabar", 5, False),
    ("then Annabar" + "r" * 90, 9, False),
    ("then Анна left", 13, True),
    ("then anna left", 9, True),
]


@pytest.mark.parametrize(("text", "end", "speaks"), LISTED)
def test_a_listed_name_opens_nothing_inside_another_word(text: str, end: int, speaks: bool) -> None:
    model = Model.parse(MODEL, Lexicon.parse(LEXICON))
    fresh: dict[str, Word] = {}
    for _ in range(2):
        assert (people._silent(text.encode(), end, model, fresh) == 0) is speaks
    assert windows_of(text.encode(), [("name", end)]) == ([(0, len(text.encode()))] if speaks else [])


def test_a_word_that_was_refused_is_not_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def silent(data: bytes, end: int, model: Model, fresh: dict[str, Word]) -> int:
        asked.append(end)
        return 8

    monkeypatch.setattr(people, "_silent", silent)
    assert windows_of(b"Annabarr left", [("name", 4), ("name", 7), ("name", 8), ("name", 12)]) == []
    assert asked == [4, 12]


WEAK_WORDS = [
    # Behind a title, or beside a name or an initial, a weak word is judged in full; elsewhere it is given up.
    ("so Quux went", True),
    ("so Mrs Quux went", False),
    ("so Mrs. Quux went", False),
    ("so Anna Quux went", False),
    ("so Quux Anna went", False),
    ("so Anna; Quux went", True),
    ("so J. Quux went", False),
]


@pytest.mark.parametrize(("text", "given_up"), WEAK_WORDS)
def test_a_weak_word_alone_is_given_up(text: str, given_up: bool) -> None:
    model = Model.parse(
        MODEL + "= -1 700\nwso\nw;\nwmrs\nw.\n= * 0\nb\n= 0 130\ns2ux\n", Lexicon.parse(LEXICON)
    )
    sighting = items_of(text, model.lexicon)
    at = next(at for at, item in enumerate(sighting.items) if sighting.tokens[item[2]] == "Quux")
    assert (model.scores(sighting)[at] < -3) is given_up


THINGS = [
    ("so QUX said", []),
    ("so ANNA said", ["ANNA"]),
    ("so Turing said", ["Turing"]),
    ("so Turing machines said", []),
    ("so Turing's machine said", []),
    ("so Anna's machine said", ["Anna"]),
    ("so Mr Turing machines", ["Turing"]),
]


@pytest.mark.parametrize(("text", "names"), THINGS)
def test_abbreviations_and_things_named_after_somebody(small: None, text: str, names: list[str]) -> None:
    people.provide(people.DATA[0], LEXICON + "= L\nTuring\n")
    people.provide(people.DATA[1], MODEL + "= 0 700\nxa\n")
    assert found(text) == names


def test_windows_keep_to_lines_and_lie_apart() -> None:
    data = ("a" * 300 + " b\nregards\nAnna Miller\nx " + "c" * 400 + " Anna " + "d" * 400).encode()
    first = data.index(b"Anna")
    second = data.rindex(b"Anna")
    windows = windows_of(data, [("pair", first + 4), ("pair", first + 5), ("pair", second + 4)])
    assert len(windows) == 2 and windows[0][1] <= windows[1][0]
    assert data[slice(*windows[0])].endswith(b" b\nregards\nAnna Miller")
    assert b"Anna" in data[slice(*windows[1])]


def test_windows_have_a_greatest_size() -> None:
    data = b"Anna Miller " * 1000
    hits = [("pair", place) for place in range(4, len(data), 12)]
    windows = windows_of(data, hits)
    assert len(windows) > 1
    assert all(high - low <= people.MAX_WINDOW + 2 * people.REACH for low, high in windows)
    assert all(one[1] <= two[0] for one, two in zip(windows, windows[1:], strict=False))


def test_no_character_is_cut(small: None) -> None:
    data = ("ж" * 400).encode()
    for end in range(0, len(data), 7):
        for low, high in windows_of(data, [("pair", end)]):
            assert data[low:high].decode() is not None


@pytest.mark.slow
@given(st.text(alphabet=st.sampled_from("Anna Miler.,\n'-ßжЩ\ud800{}=:\"M"), max_size=80), st.data())
def test_candidates_lie_inside_and_on_whole_characters(text: str, draw: st.DataObject) -> None:
    """Whatever the text and wherever the hits."""
    before = dict(people._given)
    people.provide(people.DATA[0], LEXICON)
    people.provide(people.DATA[1], MODEL)
    try:
        data = text.encode("utf-8", "surrogatepass")
        ends = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=6)))
        tags = draw.draw(
            st.lists(st.sampled_from(["pair", "lone", "field"]), min_size=len(ends), max_size=len(ends))
        )
        for item in people.scan_people(Document(data), list(zip(tags, ends, strict=True))):
            assert 0 <= item.start < item.end <= len(data)
            assert 0.5 <= item.score <= 1.0
            data[item.start : item.end].decode("utf-8", "surrogatepass")
    finally:
        people._given.clear()
        people._given.update(before)
        people._made.clear()


# --- the packaged model -----------------------------------------------------------------------------------

REAL = [
    ("Yesterday the committee asked Margaret Holloway to resign.", ["Margaret Holloway"]),
    ("Gestern hat Jürgen Hofmeister den Vertrag unterschrieben.", ["Jürgen Hofmeister"]),
    ("Hier soir, Sophie Marchand a téléphoné à Bruno.", ["Sophie Marchand", "Bruno"]),
    ("La reunión con Carmen Villalobos se aplaza al viernes.", ["Carmen Villalobos"]),
    ("Ieri Matteo Ferrante ha chiamato il cliente.", ["Matteo Ferrante"]),
    ("Gisteren belde Marijke van den Berg over de factuur.", ["Marijke van den Berg"]),
    ("Rozmawiałem wczoraj z Andrzejem Nowakowskim o budżecie.", ["Andrzejem Nowakowskim"]),
    ("Ontem a advogada Beatriz Carvalho enviou o contrato.", ["Beatriz Carvalho"]),
    ("Вчера звонила Ольга Петрова по поводу счёта.", ["Ольга Петрова"]),
    ("The United Nations met in New York on Monday.", []),
    ("See Getting Started and the Release Notes for Visual Studio Code.", []),
]


@pytest.mark.parametrize(("text", "names"), REAL)
def test_the_packaged_model(real: None, text: str, names: list[str]) -> None:
    assert found(text) == names
