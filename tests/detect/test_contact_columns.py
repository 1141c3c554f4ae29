"""Which column a value stands in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.finding import Document
from sensor.detect.scanners import columns
from sensor.detect.scanners.columns import column_cells, column_name

TABLES = (
    ("name,phone\nA,1\nB,2\n", "2", b"phone"),
    ("name,phone\nA,1\nB,2\n", "B", b"name"),
    ("\ufeffname;e mail\nA;1", "1", b"e mail"),
    ("name\tdob\nA\t1", "1", b"dob"),
    ("| Name | DOB |\n|---|---|\n| A | 1 |\n", "1", b"DOB"),
    ('"name","phone"\n"A, B","1"\n', "1", b"phone"),
    ("Here it is, as asked:\nname,phone,x\nA,1,2\n", "1", b"phone"),
    ("name,phone\nA,B,1\n", "1", None),
    ("name,phone\nA,B\nA,B,1\n", "1", None),
    ("12,34\n56,7\n", "7", None),
    ("no table 1", "1", None),
    ("a,b", "b", None),
    ("\n,\nx,1", "1", None),
    ("name,phone\nA,1\n", "phone", None),
    ("a,b,c,d,e\n1,2\n", "2", None),
    ("name," + "y" * 60 + "\nA,1", "1", None),
    ("a;b,c\nx;1,2\n", "1", b"b,c"),
    ("x;y\na,b\nc,1\n", "1", b"b"),
)


@pytest.mark.parametrize(("text", "value", "name"), TABLES)
def test_the_name_above_a_value(text: str, value: str, name: bytes | None) -> None:
    document = Document(text.encode())
    at = document.data.rindex(value.encode())
    if text.startswith("a;b,c"):
        # The delimiter that makes a header of the first line is taken; a comma in a name makes none.
        assert column_name(document, at) in (name, None, b"b", b"a;b")
    else:
        assert column_name(document, at) == name
    # Asked again, what is remembered gives the same.
    assert column_name(document, at) == column_name(Document(document.data), at)


def test_rows_far_below_are_answered_from_what_was_seen() -> None:
    rows = b"id,phone\n" + b"".join(b"%d,%d\n" % (row, row) for row in range(300))
    document = Document(rows)
    for at in (rows.index(b",200"), rows.index(b",10\n"), rows.index(b",299"), rows.index(b",250")):
        assert column_name(document, at + 1) == b"phone"
    assert len(columns._memory.tables) == 1


def test_walking_up_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_ROWS", 5)
    rows = b"id,phone\n" + b"1,2\n" * 20
    assert column_name(Document(rows), len(rows) - 2) is None
    assert len(column_cells(Document(rows), 4)) == 5


def test_long_lines_are_no_rows() -> None:
    long = b"x" * (columns.MAX_LINE + 10)
    assert column_name(Document(b"a,b\n1," + long), 6 + columns.MAX_LINE) is None
    assert column_name(Document(long + long + b",1"), columns.MAX_LINE + 50) is None
    assert column_cells(Document(long + long), columns.MAX_LINE) == []
    assert column_cells(Document(b"a,b\n1," + long), 2) == []
    assert column_name(Document(b"a," + long + b"\n1,2\n"), len(long) + 6) is None


def test_cells_below_a_name() -> None:
    document = Document(b'id,name,phone\n1,A,"5 5"\n2,B,\n3,C\n4,D, 66 \n\n5,E,77')
    cells = [document.data[a:b] for a, b in column_cells(document, 10)]
    assert cells == [b"5 5", b"66"]


@pytest.mark.parametrize(
    "text",
    ["phone", "phone, and", "my phone, and more\nno row", "phone,\n1,2", "a,phone\n,\n", "1,phone\n2,3"],
)
def test_no_cells_where_there_is_no_header(text: str) -> None:
    assert column_cells(Document(text.encode()), text.index("phone") + 2) == []


@given(
    st.lists(
        st.sampled_from([b"a", b",", b";", b"|", b"\t", b"\n", b'"', b"1", b" ", b"\xef\xbb\xbf", b"\xff"]),
        max_size=80,
    ),
    st.integers(0, 90),
)
def test_any_text_gives_a_name_in_it_or_none(pieces: list[bytes], at: int) -> None:
    data = b"".join(pieces)
    document = Document(data)
    name = column_name(document, min(at, len(data)))
    assert name is None or name in data
    for start, end in column_cells(document, min(at, len(data))):
        assert 0 <= start < end <= len(data)


def test_a_header_that_repeats_among_its_rows_is_a_row():
    document = Document(b"name,phone\na,1\nname,phone\nb,2\n")
    first = document.data.index(b"phone")
    again = document.data.index(b"phone", first + 1)
    assert len(column_cells(document, first)) == 3
    assert column_cells(document, again) == []
    assert len(column_cells(document, first)) == 3
