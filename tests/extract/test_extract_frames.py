"""What a child may say, and that nothing else is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.extract.frames import (
    Untrue,
    pack_end,
    pack_part,
    pack_request,
    unpack_end,
    unpack_format,
    unpack_part,
    unpack_request,
)
from sensor.extract.model import FORMATS, KINDS, PROBLEMS, Limits, Part

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(st.sampled_from(sorted(KINDS)), TEXT.filter(lambda text: len(text) <= 100), TEXT)
def test_parts_come_back_as_they_were(kind: str, where: str, text: str) -> None:
    part = Part(kind=kind, where=where, text=text)
    assert unpack_part(pack_part(part)) == part


@given(st.booleans(), st.sets(st.sampled_from(sorted(PROBLEMS))), st.integers(0, 2**40))
def test_ends_come_back_as_they_were(truncated: bool, problems: set[str], size: int) -> None:
    told = tuple(sorted(problems))
    assert unpack_end(pack_end(truncated, told, size)) == (truncated, told, size)


def test_requests_come_back_as_they_were() -> None:
    limits = Limits(wall_s=3.5, pages=7)
    assert unpack_request(pack_request(limits, "a.pdf", None, -1)) == (limits, "a.pdf", None, -1)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_part_or_untrue(body: bytes) -> None:
    for unpack in (unpack_part, unpack_end, unpack_format):
        try:
            unpack(body)
        except Untrue:
            pass


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"[true, [], -1]", b"[true, [], true, 1]", b"[1, [], 0]", b'[true, "bomb", 0]',
        b'[true, [["bomb"]], 0]', b'[true, ["elephant"], 0]', b"[true, [], 1e9]", b"[" * 5000, b'{"a": 1}',
    ],
)  # fmt: skip
def test_ends_that_no_honest_child_sends(body: bytes) -> None:
    with pytest.raises(Untrue):
        unpack_end(body)


def test_formats_are_of_their_set() -> None:
    assert {unpack_format(name.encode()) for name in FORMATS} == FORMATS
    with pytest.raises(Untrue):
        unpack_format(b"elephant")
