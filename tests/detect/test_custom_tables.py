"""Exact data and fingerprints: what tables hold, what they find, and that a hostile file is an error."""

from __future__ import annotations

import struct
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.detect.custom import CustomScanner, exact, fingerprints, parse_custom
from sensor.detect.custom.exact import Cell, cell_of, header_of, is_number, read_table, records_of
from sensor.detect.custom.fingerprints import SHINGLE, WINDOW, choices, prints_of, read_fingerprints
from sensor.detect.custom.tablefile import EXACT, FINGERPRINT, TAG, TableError, head, padding, read, tag_of
from sensor.detect.finding import Document
from sensor.detect_custom_files import build_exact_table, build_fingerprint
from sensor.errors import ConfigError

KEY = b"k" * 32
ROWS = """id,first,last,city,iban,phone
000123-4,Anna-Lena,Muster,Berlin,DE00 1111 2222 3333 4444 55,030-1234567
000124-5,Olof,Ångström,New York City,DE00111122223333999977,(030) 555 1212 99
000125-6,Anna-Lena,Beispiel,Berlin,XX,
000126-7,Jo,O'Example,"Paris, France",YY,
"""


def build(tmp_path: Path, rows: str = ROWS, columns: list[str] | None = None) -> bytes:
    source, table = tmp_path / "rows.csv", tmp_path / "t.xd"
    source.write_text(rows)
    build_exact_table(source, columns, KEY, table)
    return table.read_bytes()


def scanner(table: bytes, rule: str = "at_least: 2") -> CustomScanner:
    rules = parse_custom(f"exact: [{{id: custom.people, table: t.xd, {rule}}}]", "own.yaml")
    return CustomScanner([rules], key=KEY, tables={"t.xd": table})


def found(rules: CustomScanner, text: str) -> list[str]:
    data = text.encode()
    made = rules.scan(Document(data), [])
    assert all(item.validated and item.detector.startswith("custom.") for item in made)
    return [data[item.start : item.end].decode() for item in made]


CASES = [
    ("Dear Anna-Lena Muster of Berlin", ["Anna-Lena", "Muster", "Berlin"]),
    ("ANNALENA MUSTER", ["ANNALENA", "MUSTER"]),
    ("Anna Lena, Muster", ["Anna Lena", "Muster"]),
    ("olof ångström; OLOF ÅNGSTRÖM", ["olof", "ångström", "OLOF", "ÅNGSTRÖM"]),
    ("Olof lives in New York City.", ["Olof", "New York City"]),
    ("Muster, DE00-1111 2222 3333 4444 55", ["Muster", "DE00-1111 2222 3333 4444 55"]),
    ("Ångström DE001111 2222 33339999 77", ["Ångström", "DE001111 2222 33339999 77"]),
    ("Muster 0301234567", ["Muster", "0301234567"]),
    ("Muster 030/12 345 67", ["Muster", "030/12 345 67"]),
    ("Anna-Lena of Berlin", ["Anna-Lena", "Berlin"]),
    ("Anna-Lena Ångström", []),
    ("Anna-Lena. " + "x " * 120 + "Muster", []),
    ("Muster alone", []),
    ("Berlin and Berlin and Berlin", []),
    ("nothing of it", []),
    ("Jo O'Example from Paris,  France", ["Jo", "O'Example", "Paris,  France"]),
    ("Anna, and Lena, and Muster", []),
    ("Anna .... Lena Muster, Berlin", ["Muster", "Berlin"]),
    ("Muster " + "12345678901234 " * 12, []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_cells_of_one_row_near_each_other_are_found(tmp_path, text, expected) -> None:
    assert found(scanner(build(tmp_path)), text) == expected


def test_words_that_were_looked_up_in_vain_are_remembered(tmp_path, monkeypatch) -> None:
    rules = scanner(build(tmp_path))
    text = "plain words that nobody listed, Olof Ångström"
    first = found(rules, text)
    asked = []
    plain = exact.keyed
    monkeypatch.setattr(exact, "keyed", lambda key, message: asked.append(message) or plain(key, message))
    assert found(rules, text) == first
    assert {message.split()[1].decode() for message in asked} == {"olof", "ångström"}
    monkeypatch.setattr(exact, "MAX_KNOWN", 1)
    assert found(rules, "so many other words here, and Olof Ångström") == first


def test_one_cell_of_a_telling_column_suffices(tmp_path) -> None:
    table = build(tmp_path)
    rules = scanner(table, "alone: [iban], at_least: 1")
    assert found(rules, "to DE00111122223333999977 at once, says Muster") == ["DE00111122223333999977"]
    both = scanner(table, "alone: [iban], at_least: 2")
    assert found(both, "DE00111122223333999977; Muster in Berlin") == [
        "DE00111122223333999977",
        "Muster",
        "Berlin",
    ]
    assert found(both, "only Muster") == []
    assert found(scanner(table, "alone: [phone], at_least: 1"), "call 0 301 234 567") == ["0 301 234 567"]


def test_one_cell_of_any_column_where_one_is_asked(tmp_path) -> None:
    assert found(scanner(build(tmp_path), "at_least: 1"), "only Muster") == ["Muster"]


def test_only_named_columns_count(tmp_path) -> None:
    rules = scanner(build(tmp_path), "columns: [first, last, city], at_least: 3")
    assert found(rules, "Anna-Lena Muster, 0301234567") == []
    assert found(rules, "Anna-Lena Muster, Berlin") == ["Anna-Lena", "Muster", "Berlin"]


def test_three_cells_have_to_stand_together(tmp_path) -> None:
    rules = scanner(build(tmp_path), "at_least: 3, within: 40")
    assert found(rules, "Anna-Lena Muster" + " x" * 30 + " Berlin") == []


def test_a_word_that_is_a_cell_of_two_columns_is_one_witness(tmp_path) -> None:
    table = build(tmp_path, "first,last\nMartin,Martin\nKarl,Otto\nOtto,Karl\n")
    assert found(scanner(table), "Martin") == []
    assert found(scanner(table), "Martin Martin") == ["Martin", "Martin"]
    table = build(tmp_path, "name,first,last\nAnna Muster,Anna,Muster\n")
    rules = scanner(table)
    assert found(rules, "Anna Muster") == ["Anna", "Anna Muster", "Muster"]


def test_common_cells_are_looked_up_in_the_rows_of_rare_ones(tmp_path, monkeypatch) -> None:
    rows = "first,last\n" + "".join(f"Anna,L{number}x\n" for number in range(50))
    table = build(tmp_path, rows)
    monkeypatch.setattr(exact, "MAX_VISITS", 20)
    assert found(scanner(table), "Anna L7x") == ["Anna", "L7x"]
    monkeypatch.setattr(exact, "MAX_VISITS", 4)
    assert found(scanner(table), "L7x and Anna") == []


def test_a_cell_in_too_many_rows_is_left_out(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("sensor.detect_custom_files.MAX_ROWS_OF_CELL", 5)
    rows = "first,last\n" + "".join(f"Anna,L{number}x\n" for number in range(9))
    source, table = tmp_path / "rows.csv", tmp_path / "t.xd"
    source.write_text(rows)
    built = build_exact_table(source, None, KEY, table)
    assert (built.rows, built.cells, built.left_out, built.size) == (9, 9, 9, table.stat().st_size)
    assert found(scanner(table.read_bytes()), "Anna L7x") == []


def test_so_many_finds_of_one_text_are_looked_at(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(exact, "MAX_FOUND", 2)
    assert found(scanner(build(tmp_path)), "Anna-Lena Muster of Berlin") == ["Anna-Lena", "Muster"]


def test_two_rules_on_one_table_and_two_tables(tmp_path) -> None:
    one = build(tmp_path)
    other = build(tmp_path, "name,code\nOlof,Z99\n")
    text = """exact:
- {id: custom.a, table: a.xd}
- {id: custom.b, table: a.xd, at_least: 1, columns: [last]}
- {id: custom.c, table: b.xd}
"""
    rules = CustomScanner([parse_custom(text, "own.yaml")], key=KEY, tables={"a.xd": one, "b.xd": other})
    made = rules.scan(Document("Olof Ångström Z99".encode()), [])
    assert [item.detector for item in made] == ["custom.a", "custom.a", "custom.b", "custom.c", "custom.c"]


CELLS = [
    ("Müller-Lüdenscheidt", Cell("müllerlüdenscheidt", "müller", 2)),
    ("123-45-6789", Cell("123456789", "123", 3)),
    ("Anna", Cell("anna", None, 1)),
    ("ﬁne", Cell("fine", None, 1)),
    ("x", None),
    ("-", None),
    ("", None),
    ("a b c d e f g h i", None),
    ("x" * 64, None),
    ("x y" * 1000, None),
]


@pytest.mark.parametrize(("text", "expected"), CELLS)
def test_what_stands_for_a_cell(text, expected) -> None:
    assert cell_of(text) == expected
    assert len(list(records_of(KEY, text, 1, 2))) == (
        0 if expected is None else 1 + (expected.first is not None)
    )


def test_what_a_number_is() -> None:
    assert is_number("12345") and is_number("de89370400440532013000")
    assert not is_number("1234") and not is_number("abcdefgh12345")


def test_no_clear_text_stands_in_a_table(tmp_path) -> None:
    table = build(tmp_path).lower()
    for word in ("muster", "berlin", "000123", "olof", "1234567"):
        assert word.encode() not in table


@given(
    st.lists(st.tuples(st.text("ab1- ", max_size=8), st.text("xyé. ", max_size=8)), min_size=1, max_size=12)
)
@settings(max_examples=40, deadline=None)
def test_every_cell_is_found_again_with_its_rows(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("table")
    table = read_table(KEY, build(folder, "a,b\n" + "".join(f'"{a}","{b}"\n' for a, b in rows)))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            for value, place, kind in records_of(KEY, text, number, column):
                if kind == exact.FIRST:
                    assert table.words_from(value) >= place
                else:
                    rows_of = table.find(value)
                    assert rows_of is not None
                    low, high = rows_of
                    assert (number, column) in zip(table.rows[low:high], table.places[low:high], strict=True)
    assert table.find(1) is None and table.words_from(1) == 0


# --- hostile files ------------------------------------------------------------------------------------------


def whole(magic: bytes, header: bytes, sections: list[bytes], key: bytes = KEY) -> bytes:
    body = head(magic, key, header, [len(part) for part in sections])
    body += b"".join(part + padding(len(part)) for part in sections)
    return body + tag_of(key, [body])


def test_a_table_of_another_key_or_kind_is_refused(tmp_path) -> None:
    table = build(tmp_path)
    with pytest.raises(TableError, match="another home's key"):
        read_table(b"x" * 32, table)
    with pytest.raises(TableError, match="not a file of fingerprints"):
        read_fingerprints(KEY, table)
    with pytest.raises(TableError, match="not a file of exact data"):
        read_table(KEY, b"")
    with pytest.raises(TableError, match="another byte order"):
        read_table(KEY, table[:8] + table[8:12][::-1] + table[12:])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_or_changed_file_is_refused(tmp_path_factory, data) -> None:
    table = build(tmp_path_factory.mktemp("table"))
    at = data.draw(st.integers(0, len(table) - 1))
    changed = table[:at] + bytes([table[at] ^ data.draw(st.integers(1, 255))]) + table[at + 1 :]
    for hostile in (changed, table[:at], table + b"\0" * 8):
        with pytest.raises(TableError):
            read_table(KEY, hostile)


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_an_error(data: bytes) -> None:
    for magic in (EXACT, FINGERPRINT):
        with pytest.raises(TableError):
            read(magic, KEY, data)
        with pytest.raises(TableError):
            read(magic, KEY, magic + data)


GOOD = orjson.dumps({"form": 1, "columns": ["a"], "lengths": 4, "numbers": 0})
EMPTY = [b"", bytes(8), b"", b"", b"", b""]
FITTING = [
    ("a header that is no JSON", whole(EXACT, b"{", EMPTY)),
    ("a header that is a list", whole(EXACT, b"[]", EMPTY)),
    ("another form", whole(EXACT, b'{"form":2}', EMPTY)),
    ("too few sections", whole(EXACT, GOOD, EMPTY[:3])),
    ("too long a header", whole(EXACT, b'{"form":1,"x":"' + b"x" * 70_000 + b'"}', EMPTY)),
    ("sections that do not fit", whole(EXACT, GOOD, [bytes(8), *EMPTY[1:]])),
    ("no list of columns", whole(EXACT, GOOD.replace(b'["a"]', b'"a"'), EMPTY)),
    ("columns that are no text", whole(EXACT, GOOD.replace(b'["a"]', b"[1]"), EMPTY)),
    ("no lengths", whole(EXACT, GOOD.replace(b'"lengths":4', b'"lengths":""'), EMPTY)),
    ("no numbers", whole(EXACT, GOOD.replace(b'"numbers":0', b'"numbers":""'), EMPTY)),
    ("rows beyond the end", whole(EXACT, GOOD, [b"", struct.pack("=Q", 9), *EMPTY[2:]])),
]


@pytest.mark.parametrize("data", [data for _, data in FITTING], ids=[name for name, _ in FITTING])
def test_a_file_with_a_true_tag_that_does_not_fit_is_refused(data) -> None:
    with pytest.raises(TableError, match="anew"):
        read_table(KEY, data)


@pytest.mark.parametrize(("count", "lengths"), [(0, []), (17, []), (1, [1 << 60]), (16, [])])
def test_sections_that_reach_beyond_the_file_are_refused(count, lengths) -> None:
    body = EXACT + struct.pack("=II", 0x01020304, count) + head(EXACT, KEY, b"{}", [])[16:24]
    body += struct.pack(f"={len(lengths)}Q", *lengths)
    with pytest.raises(TableError, match="another version"):
        read(EXACT, KEY, body + tag_of(KEY, [body]))


def test_an_empty_table_is_one() -> None:
    table = read_table(KEY, whole(EXACT, GOOD, EMPTY))
    assert table.find(5) is None and table.columns == ("a",)
    assert header_of(["a"], 4, 0, 0, 0)
    assert len(whole(EXACT, GOOD, EMPTY)) > TAG


def test_a_table_that_is_wrong_is_told_where_it_is_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"own\.yaml:1:\d+: t\.xd: not a file of exact data"):
        scanner(b"nothing")
    with pytest.raises(ConfigError, match='no column "nme"'):
        scanner(build(tmp_path), "columns: [nme, last]")
    rules = parse_custom("fingerprints: [{id: custom.p, table: t.fp}]", "own.yaml")
    with pytest.raises(ConfigError, match=r"t\.fp: not a file of fingerprints"):
        CustomScanner([rules], key=KEY, tables={"t.fp": b""})


# --- fingerprints -------------------------------------------------------------------------------------------

TEXT = " ".join(f"w{number * 7919 % 977:x}" for number in range(400))


def prints(tmp_path: Path, texts: list[str], rule: str = "at_least: 4", rules: int = 1) -> CustomScanner:
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_text(text)
    out = tmp_path / "t.fp"
    build_fingerprint(paths, KEY, out)
    listed = "".join(
        f"- {{id: custom.c{number}, name: contracts, table: t.fp, {rule}}}\n" for number in range(rules)
    )
    return CustomScanner(
        [parse_custom(f"fingerprints:\n{listed}", "own.yaml")], key=KEY, tables={"t.fp": out.read_bytes()}
    )


def test_a_copied_paragraph_is_found_with_its_share(tmp_path) -> None:
    rules = prints(tmp_path, [TEXT, "another document of a few words only, that is not here at all"])
    part = " ".join(TEXT.split()[100:200])
    text = f"é Please look at this: {part.upper()} and tell me."
    data = text.encode()
    (made,) = rules.scan(Document(data), [])
    copied = data[made.start : made.end].decode()
    assert len(copied) > 0.8 * len(part) and copied.lower() in part
    assert made.reasons == ("a passage of contracts", "about 20 % of the document is here")
    assert 0.7 < made.score < 0.9
    assert (
        rules.scan(Document(b"nothing of it, but so many other words that some run is chosen from them"), [])
        == []
    )
    assert rules.scan(Document(b"short"), []) == []
    assert rules.scan(Document(" ".join(TEXT.split()[100:118]).encode()), []) == []


def test_the_whole_document_is_all_of_it(tmp_path) -> None:
    (made,) = prints(tmp_path, [TEXT]).scan(Document(TEXT.encode()), [])
    assert made.reasons[1] == "all of the document is here" and made.score == 0.9
    small = prints(tmp_path, [" ".join(f"u{number}" for number in range(5000))])
    few = " ".join(f"u{number}" for number in range(100, 180))
    assert small.scan(Document(few.encode()), [])[0].reasons[1] == "less than 10 % of the document is here"


def test_two_passages_of_one_document_are_two(tmp_path) -> None:
    rules = prints(tmp_path, [TEXT])
    words = TEXT.split()
    text = " ".join((*words[:80], *(f"other{number}" for number in range(200)), *words[200:280]))
    assert len(rules.scan(Document(text.encode()), [])) == 2


def test_of_two_drafts_the_widest_passage_is_told_for_each_rule(tmp_path) -> None:
    words = TEXT.split()
    rules = prints(tmp_path, [TEXT, " ".join(words[50:150])], rules=2)
    made = rules.scan(Document(TEXT.encode()), [])
    assert [item.detector for item in made] == ["custom.c0", "custom.c1"]


def test_a_short_document_needs_a_share_of_its_own_runs(tmp_path) -> None:
    short = " ".join(TEXT.split()[:16])
    rules = prints(tmp_path, [short])
    assert len(rules.scan(Document(f"so: {short}".encode()), [])) == 1


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_a_common_run_of_words_gives_a_common_choice(words, before, after) -> None:
    """The promise of winnowing: SHINGLE + WINDOW - 1 words that two texts share have a choice in common."""
    shared = [f"{word}{number % 9}" for number, word in enumerate(words)]
    one = ["x"] * before + shared
    other = shared + ["y"] * after
    runs = [{tuple(text[at : at + SHINGLE]) for at in choices(text)} for text in (one, other)]
    if len(shared) >= SHINGLE + WINDOW - 1:
        assert runs[0] & runs[1]


@given(st.lists(st.sampled_from("abc"), max_size=40))
@settings(max_examples=200, deadline=None)
def test_choices_are_those_of_the_plain_algorithm(words) -> None:
    import zlib

    sums = [zlib.crc32(word.encode()) for word in words]
    numbers = []
    for at in range(len(words) - SHINGLE + 1):
        a, b, c, d, e, f = sums[at : at + SHINGLE]
        k, m, n = fingerprints._MIX
        numbers.append((((a * k ^ b) * m ^ (c * k ^ d)) * n ^ (e * k ^ f)) & fingerprints._MASK)
    expected: list[int] = []
    for start in range(max(1, len(numbers) - WINDOW + 1) if numbers else 0):
        window = range(start, min(start + WINDOW, len(numbers)))
        best = min(window, key=lambda at: (numbers[at], -at))
        if best not in expected:
            expected.append(best)
    assert choices(words) == expected


def test_prints_need_some_words() -> None:
    assert prints_of(KEY, "a few words") == []
    assert prints_of(KEY, TEXT) != prints_of(b"x" * 32, TEXT)


BAD_PRINTS = [
    ("another form", whole(FINGERPRINT, b'{"form":2,"documents":0}', [b"", b"", b""])),
    ("too few sections", whole(FINGERPRINT, b'{"form":1,"documents":0}', [b""])),
    ("no number of documents", whole(FINGERPRINT, b'{"form":1,"documents":"x"}', [b"", b"", b""])),
    ("sizes that do not fit", whole(FINGERPRINT, b'{"form":1,"documents":2}', [b"", b"", b""])),
    (
        "a document that is not there",
        whole(FINGERPRINT, b'{"form":1,"documents":1}', [bytes(8), struct.pack("=H", 7), bytes(4)]),
    ),
]


@pytest.mark.parametrize("data", [data for _, data in BAD_PRINTS], ids=[name for name, _ in BAD_PRINTS])
def test_fingerprints_that_do_not_fit_are_refused(data) -> None:
    with pytest.raises(TableError, match="anew"):
        read_fingerprints(KEY, data)
