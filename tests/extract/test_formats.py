"""A word planted in every place of every format is found, and told as what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sensor.extract.model import FORMATS, KINDS
from sensor.extract.reading import read_bytes
from tests.extract.making import MADE, NAMES, Places

FORMAT_OF = {"tar.gz": "gzip", "csv;": "csv"}


@pytest.mark.parametrize("label", MADE)
def test_every_planted_word_is_found(label: str) -> None:
    make: Callable[[], tuple[bytes, Places]] = MADE[label]
    data, places = make()
    found = read_bytes(data, name=NAMES.get(label))
    assert found.format == FORMAT_OF.get(label, label.partition(" ")[0])
    missing = []
    for place, (word, kinds) in places.items():
        told = {part.kind for part in found.parts if word in part.text or word in part.where}
        if not told & kinds:
            missing.append(f"{place}: {sorted(told) or 'nowhere'} instead of {sorted(kinds)}")
    assert not missing, missing
    assert found.problems == () and not found.truncated


@pytest.mark.parametrize("label", MADE)
def test_parts_keep_to_their_sets(label: str) -> None:
    data, _ = MADE[label]()
    found = read_bytes(data, name=NAMES.get(label))
    assert found.format in FORMATS and found.parts
    assert all(part.kind in KINDS and part.where and part.text for part in found.parts)
    assert found.bytes_read == len(data)
