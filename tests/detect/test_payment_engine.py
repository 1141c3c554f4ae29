"""
The payment, contact, network, date and money detectors through the engine: their examples, and made texts.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bench.detect.generate.contact import Labelled, generate, generate_with_faker, negatives
from sensor.detect.engine import Engine
from sensor.detect.loading import load
from sensor.detect_files import packaged_files

GROUPS = ("payment/", "contact/", "network/", "date/", "money/")
MAX_LEAK = 0.005
"""Share of labelled characters; the frames are our own, so others' texts leak more."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load([file for file in packaged_files() if file.name.startswith(GROUPS)]))


@pytest.mark.slow
def test_every_example_is_found_and_no_counter_example(engine: Engine) -> None:
    """What a file shows is what the engine does, to the character."""
    wrong = []
    for detector in engine.detectors.values():
        assert detector.examples and detector.counter_examples, detector.id
        for example in detector.examples:
            found = {(f.start, f.end) for f in engine.scan(example.text) if f.type == detector.type}
            if found != set(example.spans):
                wrong.append((detector.id, example.text))
        for example in detector.counter_examples:
            if any(finding.type == detector.type for finding in engine.scan(example.text)):
                wrong.append((detector.id, example.text))
    assert not wrong


def leak(engine: Engine, texts: list[Labelled]) -> tuple[float, Counter[str]]:
    """The share of labelled characters that no finding covers, and their number by type."""
    total = 0
    lost: Counter[str] = Counter()
    for text, spans in texts:
        covered = {place for f in engine.scan(text, views=False) for place in range(f.start, f.end)}
        for start, end, kind in spans:
            total += end - start
            lost[kind] += sum(
                place not in covered and not text[place].isspace() for place in range(start, end)
            )
    return sum(lost.values()) / total, lost


@pytest.mark.slow
@pytest.mark.parametrize("make", [generate, generate_with_faker])
def test_made_texts_lose_next_to_nothing(engine: Engine, make: object) -> None:
    assert callable(make)
    share, lost = leak(engine, list(make(2024, 1200)))
    assert share <= MAX_LEAK, lost


@pytest.mark.slow
def test_texts_that_only_look_like_values_stay_silent(engine: Engine) -> None:
    import random

    source = random.Random(7)
    flagged = [text for text in (negatives(source) for _ in range(800)) if engine.scan(text, views=False)]
    assert not flagged


def test_the_same_seed_gives_the_same_texts() -> None:
    first = list(generate(5, 40))
    assert first == list(generate(5, 40)) and first != list(generate(6, 40))
    for text, spans in first:
        assert all(0 <= start < end <= len(text) for start, end, _ in spans)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4111 1111 1111 1111 5555 5555 5555 4444", ["4111 1111 1111 1111", "5555 5555 5555 4444"]),
        ("so 4111111111111111 5555555555554444.", ["4111111111111111", "5555555555554444"]),
        ("378282246310005 3782-822463-10005", ["378282246310005", "3782-822463-10005"]),
        ("4111 1111 1111 1111 0927 123", ["4111 1111 1111 1111"]),
        ("4111 1111 1111 1111 1234 5678 9012", []),
        ("1234 5678 9012 3456 7890 1234 5678 9012", []),
        ("4111 1111 1111 1111 5555 5555 5555 4445", []),
    ],
)
def test_card_numbers_stand_side_by_side(engine: Engine, text: str, found: list[str]) -> None:
    assert [text[f.start : f.end] for f in engine.scan(text) if f.type == "payment_card"] == found
