"""Edits to a view and back: spans lie in the parent, widen where they must, and grow with their ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.views import GATES, SPARE, TIMES, View, views
from sensor.detect.views.mapping import CONTEXT, CUT, EVEN, GAP, MIRROR, WHOLE, Edit, merged, settle, splice
from sensor.detect.views.utf8 import code_points, one_of


def view_of(data: bytes, *edits: Edit) -> View:
    view = splice("test", data, edits)
    assert view is not None
    return view


def test_a_whole_edit_widens_to_its_token() -> None:
    view = view_of(b"SSN: MTIz.", Edit(5, 9, b"123"))
    assert (view.name, view.data) == ("test", b"SSN: 123.")
    assert view.span(6, 7) == (5, 9)
    assert view.span(0, 6) == (0, 9)
    assert view.span(7, 9) == (5, 10)
    assert view.span(8, 9) == (9, 10)
    assert view.span(1, 3) == (1, 3)


def test_an_even_edit_keeps_places() -> None:
    view = view_of(b"a tuc_ b", Edit(2, 6, b"ghp_", EVEN))
    assert view.data == b"a ghp_ b"
    assert [view.span(at, at + 1) for at in range(8)] == [(at, at + 1) for at in range(8)]


def test_a_mirrored_edit_turns_places() -> None:
    view = view_of(b"a 1234 b", Edit(2, 6, b"4321", MIRROR))
    assert view.data == b"a 4321 b"
    assert view.span(2, 6) == (2, 6)
    assert view.span(2, 3) == (5, 6)
    assert view.span(4, 6) == (2, 4)
    # Beyond the turned part all of it is meant.
    assert view.span(0, 4) == (0, 6)
    assert view.span(5, 8) == (2, 8)


def test_what_is_dropped_lies_within_a_span_only_between() -> None:
    view = view_of(b"4-1-1", Edit(1, 2, b""), Edit(3, 4, b""))
    assert view.data == b"411"
    assert view.span(0, 3) == (0, 5)
    assert view.span(1, 2) == (2, 3)


def test_an_empty_range_has_an_empty_span_and_ranges_beyond_are_cut() -> None:
    view = view_of(b"abc", Edit(1, 2, b"xyz"))
    assert view.span(2, 2) == (1, 1)
    assert view.span(5, 5)[0] == view.span(5, 5)[1] <= 3
    assert view.span(-5, 99) == (0, 3)
    assert view.span(4, 2)[0] == view.span(4, 2)[1]


def test_no_edit_no_view() -> None:
    assert splice("test", b"abc", ()) is None
    assert splice("test", b"abc", [Edit(0, 3, b"")]) is None


def test_what_is_far_from_every_edit_is_left_out() -> None:
    """A cut falls on a line's end, or between words, or between characters; a gap stands for the rest."""
    far = 3 * (CONTEXT + CUT)
    for filling in (b"some words on a line\n", b"words ", "€".encode()):
        side = filling * (far // len(filling) + 1)
        data = side + b"AAA" + side + b"BBB" + side
        first, second = len(side), 2 * len(side) + 3
        view = view_of(data, Edit(first, first + 3, b"one"), Edit(second, second + 3, b"two"))
        assert len(view.data) <= 4 * (CONTEXT + CUT) + len(GAP) + 6
        view.data.decode()
        head, _, tail = view.data.partition(GAP)
        assert b"one" in head and b"two" in tail
        at = view.data.index(b"two")
        assert view.span(at, at + 3) == (second, second + 3)
        low, high = view.span(0, len(view.data))
        assert first - CONTEXT - CUT <= low <= first - CONTEXT
        assert second + 3 + CONTEXT <= high <= second + 3 + CONTEXT + CUT
        if filling.endswith(b"\n"):
            assert view.data.startswith(b"some") and head.endswith(b"line")
        elif filling.endswith(b" "):
            assert view.data.startswith(b"words") and head.endswith(b"words")


def test_of_edits_that_overlap_the_first_and_longest_stays() -> None:
    edits = [Edit(4, 6, b"x"), Edit(0, 3, b"y"), Edit(0, 2, b"z"), Edit(5, 9, b"w"), Edit(6, 7, b"v")]
    assert settle(edits) == [Edit(0, 3, b"y"), Edit(4, 6, b"x"), Edit(6, 7, b"v")]


def test_windows_that_touch_are_one() -> None:
    assert merged([5, 8, 40], 4, 4, 42) == [(1, 12), (36, 42)]
    assert merged([], 4, 4, 42) == []


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    data = draw(st.binary(min_size=1, max_size=60))
    if draw(st.booleans()):
        data *= draw(st.integers(1, 80))
    edits = []
    at = 0
    while at < len(data) and len(edits) < 12:
        start = draw(st.integers(at, len(data) - 1))
        end = draw(st.integers(start + 1, min(len(data), start + 9)))
        kind = draw(st.sampled_from((WHOLE, EVEN, MIRROR)))
        piece = draw(st.binary(max_size=12)) if kind == WHOLE else data[start:end]
        edits.append(Edit(start, end, piece, kind))
        at = end + draw(st.integers(0, 1800))
    return data, edits


@given(edited(), st.data())
def test_spans_lie_in_the_parent_and_grow_with_their_ranges(
    made: tuple[bytes, list[Edit]], draw: st.DataObject
):
    data, edits = made
    view = splice("test", data, edits)
    if view is None:
        return
    size = len(view.data)
    outer_start = draw.draw(st.integers(0, size))
    outer_end = draw.draw(st.integers(outer_start, size))
    start = draw.draw(st.integers(outer_start, outer_end))
    end = draw.draw(st.integers(start, outer_end))
    low, high = view.span(start, end)
    assert 0 <= low <= high <= len(data)
    assert (low < high) == (start < end)
    if start < end:
        outer_low, outer_high = view.span(outer_start, outer_end)
        assert outer_low <= low and high <= outer_high


HINTS = sorted({hint for hint, _ in GATES})
PIECES = [
    b"SSN: ", b" ", b"\n", b"4111", b"1 2 3 ", b"%41", b"&#65;", b"\\u0041", b"MTIzLTQ1LTY3ODk=", b"H4sIAAAA",
    b"eJw", b"31323334", b"ghp_", b"_phg", b"tuc_", "аbс".encode(), "\u200b".encode(), "a\u0301".encode(),
    b"one two ", b'"a" + "b"', b"=41", b"\xe2\x80\xae", b"\xe2\x80\xac", b"\xff", b"a@b.com", b"**", b"<b>",
    b"@", b".", "\U000e0041".encode(), "Ａ".encode(), "٣".encode(), b'"p1": "ab", "p2": "cd"', b"0x41, ",
    b"GEZDGNBVGY3TQOJQ", b"dot com", b" at ", b"-", "三".encode(), b"\\x41", b"\\101", b"\\n", b"AKIA",
    b"DE89",
]  # fmt: skip


@given(
    st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)),
    st.dictionaries(
        st.sampled_from(HINTS), st.lists(st.integers(1, 400), min_size=1, max_size=6), max_size=8
    ),
)
def test_any_bytes_and_any_hints_give_views_within_bounds(data: bytes, hints: dict[str, list[int]]):
    """Hints may even be wrong: what they promise is looked for, not believed."""
    total = 0
    names = []
    for view in views(data, {hint: [min(end, len(data)) for end in ends] for hint, ends in hints.items()}):
        names.append(view.name)
        total += len(view.data)
        assert view.data != data
        for start in range(0, len(view.data), 7):
            low, high = view.span(start, start + 5)
            assert 0 <= low < high <= len(data)
    assert total <= TIMES * len(data) + SPARE
    assert len(set(names)) == len(names) <= 6


def test_characters_become_expressions_over_bytes() -> None:
    assert code_points("00AD 0300-036F") == [(0xAD, 0xAD), (0x300, 0x36F)]
    assert one_of(code_points("00AD")) == r"(?:\xc2\xad)"
    assert one_of(code_points("0300-036F")) == r"(?:\xcc[\x80-\xbf]|\xcd[\x80-\xaf])"


@given(
    st.sets(
        st.integers(0x80, 0x10FFFF).filter(lambda point: not 0xD800 <= point < 0xE000),
        min_size=1,
        max_size=40,
    )
)
def test_an_expression_matches_its_characters_and_no_others(points: set[int]):
    import re

    pattern = re.compile(one_of((point, point) for point in sorted(points)).encode("ascii"))
    for point in points:
        assert pattern.fullmatch(chr(point).encode())
        for other in (point - 1, point + 1):
            if other not in points and 0x80 <= other <= 0x10FFFF and not 0xD800 <= other < 0xE000:
                assert not pattern.fullmatch(chr(other).encode())


@pytest.mark.parametrize("hints", [{}, {"plain.hidden": [3]}])
def test_nothing_to_undo_gives_nothing(hints: dict[str, list[int]]) -> None:
    assert list(views(b"nothing here", hints)) == []
