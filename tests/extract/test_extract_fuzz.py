"""
Any bytes give an answer: never an exception, never for long.

In this process, where a child would only hide what went wrong. ``--long`` mutates for minutes.
"""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.extract.model import FORMATS, KINDS, PROBLEMS, Extraction, Limits
from sensor.extract.reading import READERS, read_bytes
from tests.extract.making import MADE, NAMES
from tests.fuzz.mutate import mutations

LIMITS = Limits(wall_s=3.0, text_bytes=200_000)


def check(data: bytes, name: str | None = None) -> None:
    """Reads, and holds the answer to its sets."""
    begun = time.process_time()
    found = read_bytes(data, name=name, limits=LIMITS)
    assert time.process_time() - begun < 3.5
    assert isinstance(found, Extraction) and found.format in FORMATS
    assert set(found.problems) <= PROBLEMS
    assert all(part.kind in KINDS and part.text and part.where for part in found.parts)
    assert sum(len(part.text.encode()) for part in found.parts) <= LIMITS.text_bytes
    "".join(part.where + part.text for part in found.parts).encode()


def repacked(data: bytes, rng: random.Random) -> bytes:
    """A package whose members are mutated one by one: mutating the ZIP itself would hardly reach them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if rng.random() < 0.4:
                body = next(mutations([body], 1, rng.random()))
            new.writestr(name, body)
    return out.getvalue()


def mutated(label: str, count: int, seed: int) -> Iterator[bytes]:
    data, _ = MADE[label]()
    rng = random.Random(f"{label} {seed}")
    packed = data[:2] == b"PK" and label != "zip"
    for number in range(count):
        if packed and number % 4:
            yield repacked(data, rng)
        else:
            # Heads and tails: a mutation keeps only so many bytes.
            at = rng.randrange(len(data)) if rng.random() < 0.3 else 0
            yield data[:at] + next(mutations([data[at:]], 1, rng.random()))


@pytest.mark.slow
@pytest.mark.parametrize("label", [label for label in MADE if not label.startswith("text ")])
def test_mutated_files_are_answered(label: str) -> None:
    for data in mutated(label, 40, 1):
        check(data, NAMES.get(label))


@given(st.binary(max_size=2_000), st.sampled_from(["a.csv", "a.eml", "a.ipynb", "a.html", None]))
def test_any_bytes_are_answered(data: bytes, name: str | None) -> None:
    check(data, name)


MAGICS = [
    b"%PDF-1.4\n1 0 obj<<", b"PK\x03\x04", b"{\\rtf1 ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\xff\xd8\xff\xe1",
    b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"RIFF\0\0\0\0WEBP", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd", b"SQLite format 3\0", b"\0\0\0\x18ftypheic", b"From: a\nTo: b\n", b"<html>",
    b"BEGIN:VCARD\n",
    b'{"cells": [{"cell_type": "code", ', b"\xd7\xcd\xc6\x9a", b"\x01\0\0\0" + b"\0" * 36 + b" EMF",
]  # fmt: skip


@given(st.sampled_from(MAGICS), st.binary(max_size=1_000))
def test_any_bytes_behind_a_magic_are_answered(magic: bytes, rest: bytes) -> None:
    check(magic + rest)


def test_every_reader_exists_and_takes_an_empty_body() -> None:
    from importlib import import_module

    for form, target in READERS.items():
        module, _, function = target.partition(":")
        assert form in FORMATS and callable(getattr(import_module(f"sensor.extract.{module}"), function))


@pytest.mark.long
@pytest.mark.parametrize("label", MADE)
def test_mutated_files_are_answered_for_long(label: str) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        seed += 1
        for data in mutated(label, 20, seed):
            check(data, NAMES.get(label))
