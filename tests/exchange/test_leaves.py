"""Strings of a body scanned: each once, short ones beside their keys, nothing of them kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.detect.finding import Finding
from sensor.exchange import leaves
from sensor.exchange.leaves import LONG, LeafScanner, Text, without

CARD = "4111111111111111"
_VALUE = re.compile(rf"{CARD}|(?<=pin: )\d{{4}}|LABEL")


class Marks:
    """An engine of the test's own: a card anywhere, four digits behind ``pin: ``, and a label."""

    def __init__(self) -> None:
        self.scanned: list[str] = []

    def scan(self, text: str) -> tuple[Finding, ...]:
        self.scanned.append(text)
        return tuple(
            Finding(
                detector="test.value", type="value", group="test", start=found.start(), end=found.end(),
                score=1.0, validated=True, report_only=found[0] == "LABEL",
            )
            for found in _VALUE.finditer(text)
        )  # fmt: skip


@pytest.fixture
def marks():
    return Marks()


@pytest.fixture
def scanner(marks):
    return LeafScanner(marks, b"0123456789abcdef")


def texts_of(*pairs: tuple[tuple[str | int, ...], str]) -> list[Text]:
    return [Text(number, path, text) for number, (path, text) in enumerate(pairs)]


def places(found, number):
    return [(item.start, item.end) for item in found.by_text.get(number, ())]


def test_a_short_value_is_scanned_behind_its_key(scanner, marks):
    texts = [Text(0, ("pin",), "pin", is_key=True), Text(1, ("pin",), "1234"), Text(2, ("a",), "9876")]
    found = scanner.scan(texts)
    assert marks.scanned == ["pin: 1234\n9876"]
    assert places(found, 1) == [(0, 4)] and not places(found, 2)
    assert [item.type for item in found.findings()] == ["value"]


def test_a_long_string_is_scanned_alone_and_once(scanner, marks):
    long = "x" * LONG + CARD
    texts = texts_of((("a",), long), (("b",), long))
    first = scanner.scan(texts)
    second = scanner.scan(texts)
    assert marks.scanned == [long]
    assert places(first, 0) == places(second, 1) == [(LONG, LONG + 16)]
    assert (scanner.hits, scanner.misses) == (3, 1)


def test_what_is_known_of_a_string_is_a_digest(scanner):
    scanner.scan(texts_of((("a",), "y" * LONG + CARD)))
    assert CARD not in repr(scanner._cache) and "yyyy" not in repr(scanner._cache)
    assert CARD not in repr(scanner.scan(texts_of((("a",), "y" * LONG + CARD))))


def test_the_oldest_digest_goes_first(scanner, marks, monkeypatch):
    monkeypatch.setattr(leaves, "MAX_CACHED", 2)
    for text in ("a", "b", "a", "c", "a", "b"):
        scanner.scan(texts_of((("m",), text * LONG)))
    assert [text[0] for text in marks.scanned] == ["a", "b", "c", "b"]


def test_short_strings_are_scanned_together_up_to_a_bound(scanner, marks, monkeypatch):
    monkeypatch.setattr(leaves, "MAX_TOGETHER", 40)
    found = scanner.scan(texts_of(*((("m", at), f"value {at} {CARD}") for at in range(5))))
    assert max(map(len, marks.scanned)) <= 2 * 40
    assert all(len(places(found, at)) == 1 for at in range(5))


@pytest.mark.parametrize(
    ("path", "text", "is_scanned"),
    [
        (("type",), "input_text", False), (("a", "signature"), "EqQB" * 9, False), (("id",), CARD, True),
        (("model",), "gpt-4.1-2025-04-14", False), (("type",), "a text", True), (("type",), f"t{CARD}", True),
        ((), CARD, True), (("signature",), f"my card {CARD}", True),
        (("source", "data"), "QUJD" * 200, False), (("data",), "plain words " * 60 + CARD, True),
        (("image_url",), "data:image/png;base64," + "QUJD" * 200, False), (("data",), CARD, True),
    ],
)  # fmt: skip
def test_what_names_a_form_and_a_files_base64_are_not_scanned(scanner, marks, path, text, is_scanned):
    scanner.scan([Text(0, path, text)])
    assert bool(marks.scanned) is is_scanned


def test_a_finding_in_a_number_a_key_or_a_signed_part_is_stuck(scanner):
    assert scanner.scan([], [(("card",), CARD)]).stuck == ("number",)
    assert scanner.scan([], [(("pin",), "1234"), ((0,), "123456")]).stuck == ()
    assert scanner.scan([Text(0, (CARD,), CARD, is_key=True)]).stuck == ("key",)
    texts = texts_of((("m", 0, "thinking"), CARD))
    assert scanner.scan(texts, fixed=[("m", 0)]).stuck == ("fixed",)
    assert scanner.scan(texts, fixed=[("m", 1)]).stuck == ()


def test_numbers_are_scanned_together_up_to_a_bound(scanner, marks, monkeypatch):
    numbers = [(("n", at), f"{123456 + at}") for at in range(50)] + [(("card",), CARD)]
    assert len(scanner.scan([], numbers).in_numbers) == 1 and len(marks.scanned) == 1
    monkeypatch.setattr(leaves, "MAX_TOGETHER", 40)
    assert len(scanner.scan([], numbers).in_numbers) == 1 and len(marks.scanned) > 5


def test_a_label_in_a_number_says_nothing(scanner):
    assert not scanner.scan([], [(("LABEL",), "123456")])


def test_strings_without_what_was_found(scanner):
    texts = [
        Text(0, ("a",), f"one {CARD} two"), Text(1, ("LABEL",), "LABEL"), Text(2, ("b",), "nothing"),
        Text(3, (CARD,), CARD, is_key=True),
    ]  # fmt: skip
    found = scanner.scan(texts)
    new = without(texts, found, lambda item, value: f"<{item.type}:{len(value)}>", lambda item: True)
    assert new == {0: "one <value:16> two"}
    assert without(texts, found, lambda item, value: "x", lambda item: False) == {}


def test_a_finding_that_begins_between_two_strings_is_in_the_second():
    finding = Finding(
        detector="d", type="t", group="g", start=3, end=7, score=1.0, validated=False
    )  # fmt: skip
    texts = texts_of((("a",), "abc"), (("b",), "defg"))
    assert list(leaves._covered(texts, [0, 5], finding)) == [(texts[1], 5)]


def test_findings_that_overlap_are_replaced_once(scanner):
    one, two = (
        Finding(
            detector="d", type="t", group="g", start=start, end=end, score=1.0, validated=False
        )
        for start, end in ((0, 4), (2, 6))
    )  # fmt: skip
    found = leaves.Found({0: (two, one)})
    assert without([Text(0, (), "abcdefg")], found, lambda item, value: "*", lambda item: True) == {0: "*efg"}


@given(st.lists(st.text(alphabet="ab14 \n", max_size=12).map(lambda text: text.replace("14", CARD))))
def test_what_is_found_lies_inside_its_string_and_nothing_of_it_is_left(strings):
    marks = Marks()
    texts = texts_of(*((("m", at), text) for at, text in enumerate(strings)))
    found = LeafScanner(marks, b"0123456789abcdef").scan(texts)
    for text in texts:
        assert all(
            0 <= item.start < item.end <= len(text.text) for item in found.by_text.get(text.number, ())
        )
    new = without(texts, found, lambda item, value: "", lambda item: True)
    for text in texts:
        assert new.get(text.number, text.text) == text.text.replace(CARD, "")
