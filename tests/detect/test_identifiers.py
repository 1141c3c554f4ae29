"""From a word to the identifier that it names: behind it, before it, in lists, in columns; not elsewhere."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import signatures
from sensor.detect.finding import Document
from sensor.detect.scanners.identifiers import KINDS, SCANNERS
from sensor.detect.scanners.identifiers.kinds import LOOSE, finder_of, lead_of, shape_to_expression
from sensor.detect.scanners.identifiers.loose import loose_values
from sensor.detect.scanners.identifiers.place import Window
from sensor.detect.scanners.identifiers.proofs import PROOFS, prove
from sensor.detect.validators.national import VALIDATORS

SSN, PLATE, PASSPORT = "national_id.us_ssn", "vehicle.plate", "travel.passport"


def found(text: str, word: str, tag: str) -> list[str]:
    """What the scanner gives for every place of ``word``, as text, each once."""
    data = text.encode()
    hits = [(tag, place.end()) for place in re.finditer(re.escape(word.encode()), data)]
    spans = {(item.start, item.end) for item in SCANNERS["identifier"](Document(data), hits)}
    return [data[start:end].decode() for start, end in sorted(spans)]


BEHIND = [
    ("SSN: 536-22-8726.", "SSN", SSN, ["536-22-8726"]),
    ("My SSN is 536 22 8726, thanks", "SSN", SSN, ["536 22 8726"]),
    ('{"ssn": "536228726", "x": 1}', "ssn", SSN, ["536228726"]),
    ('{"ssn": null, "phone": "5362287261"}', "ssn", SSN, []),
    ("SSN\n536-22-8726\n", "SSN", SSN, ["536-22-8726"]),
    (
        "SSNs: 536-22-8726, 536-22-8727 and 536-22-8728; ok",
        "SSN",
        SSN,
        ["536-22-8726", "536-22-8727", "536-22-8728"],
    ),
    ('"ssn": ["536-22-8726", "536-22-8727"]', "ssn", SSN, ["536-22-8726", "536-22-8727"]),
    ("SSN 536-22-8726, or 5", "SSN", SSN, ["536-22-8726"]),
    ("SSN 536-22-8726, 2024-01-02", "SSN", SSN, ["536-22-8726"]),
    # The shape holds and the check does not: people mistype.
    ("CPF: 390.533.447-06", "CPF", "national_id.br_cpf", ["390.533.447-06"]),
    # Far off it has to prove itself.
    (
        "CPF of the customer, who called about 2 things: 390.533.447-05",
        "CPF",
        "national_id.br_cpf",
        ["390.533.447-05"],
    ),
    ("CPF of the customer, who called about 2 things: 390.533.447-06", "CPF", "national_id.br_cpf", []),
    # Another shape than the country's, right behind the word.
    ("SSN: 5362-28726-1", "SSN", SSN, ["5362-28726-1"]),
    ("DNI 12345678 y su dirección", "DNI", "national_id.es_dni", ["12345678"]),
    ("DNI 54362315 K", "DNI", "national_id.es_dni", ["54362315 K"]),
    ("SSN is on phone 536228726", "SSN", SSN, []),
    ("SSN of 12.03.2024", "SSN", SSN, []),
    ("SSN of order 536-22-8726", "SSN", SSN, []),
    ("Ausweisnummer von Frau Muster ist hier, 5", "Ausweisnummer", "national_id.de_ausweis", []),
    ("Ταυτότητα: 2024-1-15", "Ταυτότητα", "national_id.cy_id", []),
    ("Ταυτότητα is what all of us need here 1234567", "Ταυτότητα", "national_id.cy_id", []),
    ("german plate: B MW 1234", "german plate", "vehicle.plate_de", ["B MW 1234"]),
    ("national id: AB 12 34 56 C", "national id", "national_id.any", ["AB 12 34 56 C"]),
    ("national id: U7NH4QA", "national id", "national_id.any", ["U7NH4QA"]),
    (
        "national id is kept for 30 days; 44051401359 is one",
        "national id",
        "national_id.any",
        ["44051401359"],
    ),
    ("national id is kept for 30 days; 44051401358 is none", "national id", "national_id.any", []),
    ("id no 44051401359", "id no", "national_id.weak", ["44051401359"]),
    ("id no 44051401358", "id no", "national_id.weak", []),
    ("passport: RFC 2616", "passport", PASSPORT, []),
    ("passport X1234567", "passport", PASSPORT, ["X1234567"]),
    ("护照号码为N35760978，请", "护照号码", PASSPORT, ["N35760978"]),
    ("Паспорт № 45 08 123456 выдан", "Паспорт", PASSPORT, ["45 08 123456"]),
    ("plate: B-MW 1234", "plate", PLATE, ["B-MW 1234"]),
    ("plate is ab12 cde now", "plate", PLATE, ["ab12 cde"]),
    ("plate is on 1", "plate", PLATE, []),
    ("plate: 1", "plate", PLATE, []),
    ("plate: x11", "plate", PLATE, []),
    ("車牌 京A·12345", "車牌", PLATE, ["京A·12345"]),
    ("госномер: А123ВС 77", "госномер", PLATE, ["А123ВС 77"]),
    ("MRN 00123", "MRN", "health.mrn", ["00123"]),
]


@pytest.mark.parametrize(("text", "word", "tag", "values"), BEHIND, ids=lambda value: str(value)[:40])
def test_behind_a_word(text, word, tag, values):
    assert found(text, word, tag) == values


BEFORE = [
    ("536-22-8726 is my SSN", "SSN", SSN, ["536-22-8726"]),
    ("536-22-8726 (SSN)", "SSN", SSN, ["536-22-8726"]),
    ("X1234567 is her passport", "passport", PASSPORT, ["X1234567"]),
    ("44051401359 belongs to this national id", "national id", "national_id.any", ["44051401359"]),
    ("44051401358 belongs to this national id", "national id", "national_id.any", []),
    ("536-22-8726. Then the SSN", "SSN", SSN, []),
    ("order 536-22-8726 has no invoice and no SSN", "SSN", SSN, []),
    ("2024-01-02 is no SSN", "SSN", SSN, []),
]


@pytest.mark.parametrize(("text", "word", "tag", "values"), BEFORE, ids=lambda value: str(value)[:40])
def test_before_a_word(text, word, tag, values):
    assert found(text, word, tag) == values


COLUMNS = [
    ("name,ssn,n\nA,536-22-8726,1\nB,536228727,2\nC,,3\nD,n/a,4\n", ["536-22-8726", "536228727"]),
    ("name;ssn\r\nA;536-22-8726\r\nB;536228727", ["536-22-8726", "536228727"]),
    ('"name","ssn"\n"Doe, J","536-22-8726"\n', ["536-22-8726"]),
    ('ssn,"name"\n536-22-8726,"Doe, J"\n', ["536-22-8726"]),
    (
        "| name | ssn |\n|---|---|\n| A | 536-22-8726 |\n| B | `536-22-8727` |\n",
        ["536-22-8726", "536-22-8727"],
    ),
    (" name | ssn \n------+-----\n A | 536-22-8726\n", ["536-22-8726"]),
    ("name   ssn          n\nA      536-22-8726  1\nB      536-22-8727  2\n", ["536-22-8726", "536-22-8727"]),
    ("ssn\n536-22-8726\n536-22-8727\n\n5\n", ["536-22-8726", "536-22-8727"]),
    ("ssn\n\n536-22-8726", ["536-22-8726"]),
    ("ssn\tn\n536-22-8726\t1\nnot a row\n536-22-8727\t2\n", ["536-22-8726"]),
    ("n,ssn\n1,2\n", []),
    (
        f"n,the ssn of all {'who came to this office ' * 4},x\n1,536-22-8726,2\n",
        [],
    ),
    ("n,ssn\n1,none\n2,536-22-8726\n", []),
    ("a,ssn\n1,536-22-8726\n1,536-22-8727 ssn\n2,536-22-8728\n", ["536-22-8726", "536-22-8728"]),
    (
        "INSERT INTO t (name, ssn) VALUES ('A', '536-22-8726'), ('B', '536-22-8727'), (NULL, \"536228728\");",
        ["536-22-8726", "536-22-8727", "536228728"],
    ),
    ("INSERT INTO t (name, ssn) VALUES ('A', ''), ('B', '536-22-8727')", ["536-22-8727"]),
    ("INSERT INTO t (name, ssn)\nVALUES ('A', NULL), ('B', '536-22-8727')", []),
    ("INSERT INTO t (name, ssn)\nVALUES ('A', '536-22-8726'", ["536-22-8726"]),
    ("t (name, ssn) has 2 columns\n", []),
    (
        "INSERT INTO t (name, ssn) VALUES ('A', 536-22-8726), ('B', '536-22-8727', 5",
        ["536-22-8726", "536-22-8727"],
    ),
    ("n|ssn\n---|---\n---|---\n1|536-22-8726\n", []),
    ("ssn\n536-22-8726\n536-22-8727", ["536-22-8726", "536-22-8727"]),
]


@pytest.mark.parametrize(("text", "values"), COLUMNS, ids=lambda value: str(value)[:40])
def test_down_a_column(text, values):
    """The value is too far from the header for anything but the column to tell it."""
    assert found(text, "ssn", SSN) == values


def test_a_table_is_read_once_for_each_named_column():
    """A word in every row does not make every row a header."""
    rows = "".join(f"{row},536-22-{row:04d},ssn\n" for row in range(1000, 3000))
    data = ("n,ssn,kind\n" + rows).encode()
    hits = [(SSN, place.end()) for place in re.finditer(b"ssn", data)]
    spans = {(item.start, item.end) for item in SCANNERS["identifier"](Document(data), hits)}
    assert len(spans) == 2000


def test_one_table_is_not_read_for_ever():
    """A header line of nothing but the same word is read for a stated number of columns."""
    data = (",".join(["ssn"] * 200) + "\n" + ",".join(["536-22-8726"] * 200) + "\n").encode()
    hits = [(SSN, place.end()) for place in re.finditer(b"ssn", data)]
    assert 32 <= len({item.start for item in SCANNERS["identifier"](Document(data), hits)}) < 48
    alone = b"ssn\n536-22-8726\n"
    many = [(tag, 3) for tag in sorted(KINDS)]
    assert {item.start for item in SCANNERS["identifier"](Document(alone), many)} == {4}


def test_a_list_is_not_read_for_ever():
    data = ("ssn " + ", ".join(["536-22-8726"] * 600)).encode()
    assert len(list(SCANNERS["identifier"](Document(data), [(SSN, 3)]))) == 513


def test_cells_that_are_something_else():
    assert found("cy,n\n2024-1-15,1\n", "cy", "national_id.cy_id") == []
    assert found("rfc,n\n12345678,1\n", "rfc", "tax_id.mx_rfc") == []


def test_long_lines_are_no_tables():
    data = b"x" * 5000 + b",ssn\n" + b"y" * 5000 + b",536-22-8726\n"
    assert not list(SCANNERS["identifier"](Document(data), [(SSN, 5004)]))
    row = b"a,ssn\n" + b"1,536-22-8726\n" + b"y" * 5000 + b",536-22-8727\n"
    assert len({item.start for item in SCANNERS["identifier"](Document(row), [(SSN, 5)])}) == 1
    alone = b"ssn\n" + b"7" * 5000 + b"\n"
    assert not list(SCANNERS["identifier"](Document(alone), [(SSN, 3)]))


def test_windows_begin_and_end_with_whole_characters():
    data = "ж" * 50 + "42"
    window = Window(data.encode(), 1, 101)
    assert (window.start, window.text) == (2, "ж" * 49 + "4")
    assert window.place(49) == 100
    assert Window(data.encode(), 0, 5).text == "жжж"
    broken = Window(b"\xff\xfe 12", 0, 5)
    assert broken.place(3) == 3


def test_shapes():
    assert re.fullmatch(shape_to_expression("(DE)###"), "DE-1 2.3")
    assert re.fullmatch(shape_to_expression("@###(*)"), "A123(4)")
    assert re.fullmatch(shape_to_expression("CHE#"), "CHE-1")
    assert not re.fullmatch(shape_to_expression("#(#)#"), "1234")


def test_loose_values_of_a_family():
    assert list(loose_values("x, 123, AB-12345, 0x123f4567, v1.2.3, ISO 27001", "code")) == [(8, 16)]
    assert not list(loose_values("7", "record"))
    assert not list(loose_values("1" * 30, "code"))


def test_every_kind_has_a_detector_and_every_check_a_name():
    """Tables in the program and detectors in the files name each other."""
    folder = Path(next(iter(signatures.__path__))) / "detectors"
    ids = set()
    for group in ("national_id", "tax_id", "travel", "vehicle", "health"):
        for path in (folder / group).glob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            ids.update(re.findall(r"^- id: (\S+)(?:\n  .*)*?\n  scanner: identifier$", text, re.MULTILINE))
    assert ids == set(KINDS)
    for kind in KINDS.values():
        assert not kind.check or kind.check in VALIDATORS
        assert not kind.loose or kind.loose in LOOSE
        assert kind.shapes or kind.expression or finder_of(kind) is None


def test_proofs_are_checks_for_their_length():
    names = {
        name for tables in PROOFS.values() for table in tables for items in table.values() for name in items
    }
    assert names <= set(VALIDATORS)
    assert prove("tax", "27AAPFU0939F1ZV") and not prove("tax", "27AAPFU0939F1ZO")
    assert prove("national", "44051401359") and not prove("national", "1")


@given(
    st.lists(
        st.sampled_from(
            [
                "ssn",
                "passport",
                " ",
                ": ",
                ",",
                "\n",
                "|",
                "536-22-8726",
                "X1",
                "ж",
                "护",
                '"',
                "(",
                "VALUES (",
            ]
        )
        | st.text(max_size=6),
        max_size=30,
    ).map("".join),
    st.sampled_from(sorted(KINDS)),
)
def test_candidates_lie_inside_whole_characters(text, tag):
    """Any text: spans are inside, not empty, and cut no character."""
    data = text.encode("utf-8", "surrogatepass")
    hits = [(tag, place.end()) for place in re.finditer(rb"ssn|passport", data)]
    for item in SCANNERS["identifier"](Document(data), hits):
        assert 0 <= item.start < item.end <= len(data)
        data[item.start : item.end].decode("utf-8", "surrogatepass")
        assert 0 <= item.score <= 1 and item.reasons


@given(st.binary(max_size=80), st.integers(0, 80))
def test_any_bytes_may_stand_around_a_hit(data, end):
    """Decoded views hold anything."""
    for item in SCANNERS["identifier"](
        Document(data), [(PLATE, min(end, len(data))), (SSN, min(end, len(data)))]
    ):
        assert 0 <= item.start < item.end <= len(data)


@pytest.mark.parametrize(
    "text",
    [
        "License: CC0-1.0",
        '"license": "CC0-1.0"',
        "License: W3C-20150513",
        "License: LZMA-SDK-9.22",
        "License: MPL 1.1/GPL 2.0/LGPL 2.1",
        "License: Unicode-DFS-2016",
    ],
)
def test_a_licence_of_software_is_no_driving_licence(text):
    assert found(text, text[text.lower().index("license") :][:7], "vehicle.licence") == []


def test_a_driving_licence_is_one():
    assert found("License: D123-4567", "License", "vehicle.licence") == ["D123-4567"]


def test_a_country_goes_before_any_country_in_a_column():
    """Where a value has the shape of its country, it is not told as one of any country too."""
    data = b"ssn,n\n536-22-8726,1\n44051401359,2\n"
    hits = [("national_id.any", 3), (SSN, 3)]
    told = [(item.detector, item.start) for item in SCANNERS["identifier"](Document(data), hits)]
    assert (SSN, 6) in told and ("national_id.any", 6) not in told
    assert ("national_id.any", 20) in told


def test_in_a_crowd_each_word_speaks_to_the_next():
    """Thousands of words in a text: values beside them are found, and little more is read."""
    data = ("ssn 536-22-8726; " * 600).encode()
    hits = [(SSN, place.end()) for place in re.finditer(b"ssn", data)]
    assert len({item.start for item in SCANNERS["identifier"](Document(data), hits)}) == 600
    bare = b"ssn 1, " * 600
    hits = [(SSN, place.end()) for place in re.finditer(b"ssn", bare)]
    assert not list(SCANNERS["identifier"](Document(bare), hits))


def test_not_all_values_of_any_country_are_proven(monkeypatch):
    """Proofs are many and slow: a text gets so many of them."""
    monkeypatch.setattr("sensor.detect.scanners.identifiers.reading.MAX_PROVEN", 1)
    data = b"id,n\n44051401359,1\n44051401359,1\n2404656296,2\n"
    told = list(SCANNERS["identifier"](Document(data), [("national_id.any", 2)]))
    assert [item.validated for item in told] == [True, True, False]


def test_a_list_behind_two_words_is_read_once():
    data = b"ssn: of the ssn: 536-22-8726, 536-22-8727"
    told = [item.start for item in SCANNERS["identifier"](Document(data), [(SSN, 3), (SSN, 15)])]
    assert told.count(30) == 1


def test_values_far_off_are_few():
    """More of its shape than are looked at."""
    text = "CPF of 2 people, one: " + "390.533.447-06; " * 6
    assert found(text, "CPF", "national_id.br_cpf") == []


def test_empty_cells_do_not_go_on_for_ever():
    rows = "x,\n"
    assert found("n,ssn\n" + rows * 60 + "x,536-22-8726\n", "ssn", SSN) == ["536-22-8726"]
    assert found("n,ssn\n" + rows * 70 + "x,536-22-8726\n", "ssn", SSN) == []


@pytest.mark.parametrize("tag", sorted(KINDS))
def test_a_value_begins_near_its_first_digit(tag):
    """What ``lead_of`` says of a kind holds for its shapes."""
    finder = finder_of(KINDS[tag])
    shapes = KINDS[tag].shapes.split("|") if KINDS[tag].shapes else []
    for shape in shapes:
        value = re.sub(r"\([^)]*\)", "", shape).replace("#", "7").replace("@", "K").replace("*", "7")
        match = finder.fullmatch(value)
        digit = re.search("[0-9]", value)
        assert match is not None and (digit.start() if digit else 0) <= lead_of(KINDS[tag])


@given(
    st.sampled_from(sorted(PROOFS)),
    st.integers(6, 18).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)),
)
def test_checks_with_letters_refuse_digits(family, value):
    """Leaving out the checks that ask for a letter changes nothing for a value of digits."""
    checks = [name for table in PROOFS[family] for name in table.get(len(value), ())]
    assert prove(family, value) == any(VALIDATORS[name](value) is True for name in checks)


MORE_COLUMNS = [
    ("a  ssn\nx  y  z\n", []),
    ('n,"ssn\n1,"536-22-8726\n', ["536-22-8726"]),
    ("  name   ssn  \n  A      536-22-8726  \n", ["536-22-8726"]),
    ('"n, m",ssn\n"A, B",536-22-8726\n', ["536-22-8726"]),
]


@pytest.mark.parametrize(("text", "values"), MORE_COLUMNS, ids=lambda value: str(value)[:40])
def test_down_a_column_with_quotes_and_blanks(text, values):
    assert found(text, "ssn", SSN) == values


@pytest.mark.parametrize(
    "text",
    [
        "id: X1234567, X1234568",
        "id of the man with many things to say 44051401359",
        "X1234567 is my id",
        "44051401359 is my id",
        "id: 12-ABC-1, 京都 300 あ 12-34",
        "id, 京都 300 あ 12-34 and 5",
        "id for those who are born later or in another land entirely than this: 京都 300 あ 12-34",
        "id " + "a" * 60 + " 44051401359",
        "id WORD ABC 1 2 3 4 5",
        "id 1 AB",
        "id,n\n44051401359,1\n",
    ],
)
def test_one_word_may_speak_for_every_kind(text):
    """What is read around it is read once for all; each kind alone finds no more than all together."""
    data = text.encode()
    ends = [place.end() for place in re.finditer(b"id", data)]
    together = {
        (item.start, item.end)
        for item in SCANNERS["identifier"](
            Document(data), [(tag, end) for end in ends for tag in sorted(KINDS)]
        )
    }
    alone = {
        (item.start, item.end)
        for tag in KINDS
        for item in SCANNERS["identifier"](Document(data), [(tag, end) for end in ends])
    }
    assert together <= alone


def test_cells_may_hold_any_bytes():
    data = b"ssn,n\n\xff12345678,1\n"
    assert not list(SCANNERS["identifier"](Document(data), [(SSN, 3)]))


def test_lists_end():
    assert found("MRN 00123, " + "x" * 40, "MRN", "health.mrn") == ["00123"]
    assert found("MRN 00123, 00124 and then some more words", "MRN", "health.mrn") == ["00123"]
    assert found("SSN 536-22-8726 belongs to somebody who lives in town", "SSN", SSN) == ["536-22-8726"]


def test_small_things():
    assert not list(loose_values("ABCDE1", "record"))
    assert not prove("tax", "1" * 30)
