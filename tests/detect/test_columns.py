"""The cells below a header: the contact scanners' tables."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.finding import Document
from sensor.detect.scanners import columns as tables
from sensor.detect.scanners.columns import column_cells


def below(text: bytes, name: bytes) -> list[bytes]:
    return [text[a:b] for a, b in column_cells(Document(text), text.index(name) + 1)]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        (b'id,name,phone\n1,A,"5 5"\n2,B,\n3,C\n4,D, 66 \n\n5,E,77', [b"5 5", b"66"]),
        (b'"name","phone"\n"A, B","1"\n', [b"1"]),
        (b"| Name | phone |\n|---|---|\n| A | 1 |\n", [b"1"]),
        (b"|id|phone|\n|---|---|\n||1|\n", [b"1"]),
        (b"\xef\xbb\xbfname;phone\nA;1", [b"1"]),
        (b"\xef\xbb\xbfphone;name\n1;A", [b"1"]),
        (b"name\tphone\nA\t1\n", [b"1"]),
        (b"x;phone;z\n1;2;3\n", [b"2"]),
        (b"a,phone\nA,1\n" + b"x" * 9000 + b",2\nB,3\n", [b"1"]),
    ],
)
def test_cells_below_a_name(text: bytes, cells: list[bytes]) -> None:
    assert below(text, b"phone") == cells
    assert below(text, b"phone") == cells  # from what is remembered


@pytest.mark.parametrize(
    "text",
    [
        b"phone", b"phone, and", b"my phone, and more\nno row", b"phone,\n1,2", b"a,phone\n,\n",
        b"1,phone\n2,3",
        b"a,phone\n", b"a,phone\n---\n", b"a,phone\n1,2,3\n", b"a,phone," + b"x" * 60 + b"\n1,2,3",
        b"a,,,,,phone\n1,2,3,4,5,6", b"a,phone\n1," + b"x" * 9000, b"x" * 9000 + b",phone\n1,2",
        b"x;y, phone;z\n1;2;3\n", b"|phone|\n|---|\n|1|\n",
    ],
)  # fmt: skip
def test_no_cells_where_there_is_no_header(text: bytes) -> None:
    assert below(text, b"phone") == []


def test_a_header_that_repeats_among_its_rows_is_a_row() -> None:
    document = Document(b"name,phone\na,1\nname,phone\nb,2\n")
    first = document.data.index(b"phone")
    assert len(column_cells(document, first)) == 3
    assert column_cells(document, document.data.index(b"phone", first + 1)) == []
    assert len(column_cells(document, first)) == 3


def test_rows_and_headers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 5)
    monkeypatch.setattr(tables, "MAX_HEADERS", 1)
    assert len(below(b"id,phone\n" + b"1,2\n" * 20, b"phone")) == 5
    assert below(b"|id|phone|\n" + b"|--|--|\n" * 20, b"phone") == []
    text = b"id,phone\n1,2\n\nno,mobile\n1,3\n"
    assert below(text, b"phone") == [b"2"] and below(text, b"mobile") == [b"3"]
    assert len(tables._memory.tables) == 1


PIECES = [b"a", b"name", b",", b";", b"|", b"\t", b"\n", b'"', b"1", b" ", b"\xef\xbb\xbf", b"\xff", b"--"]


@given(st.lists(st.sampled_from(PIECES), max_size=80), st.integers(0, 90))
def test_any_text_gives_cells_in_it(pieces: list[bytes], at: int) -> None:
    data = b"".join(pieces)
    for start, end in column_cells(Document(data), min(at, len(data))):
        assert 0 <= start < end <= len(data)
        assert not data[start:end].strip(b" \r\t\"'") or b"\n" not in data[start:end]


@pytest.mark.long
def test_every_line_a_header_costs_in_proportion() -> None:
    """Asked at every cell of lines that all are headers, the work is linear in the text."""

    def cost(lines: int) -> float:
        data = b"phone,name\n" * lines
        start = time.process_time()
        document = Document(data)
        for line in range(lines):
            column_cells(document, line * 11 + 4)
            column_cells(document, line * 11 + 9)
        return time.process_time() - start

    assert min(cost(4000) for _ in range(3)) < 8 * min(cost(1000) for _ in range(3)) + 0.02
