"""The generator of labelled texts that name persons: labels stand where they say, a seed gives one set."""

from __future__ import annotations

from bench.detect.generate.people import NAMES, generate


def test_labels_stand_on_the_names() -> None:
    words = {
        word for firsts, lasts in NAMES.values() for word in f"{firsts} {lasts}".replace("|", " ").split()
    }
    named = 0
    for text, spans in generate(5, 400):
        assert "{" not in text.replace('{"', "").replace("({", "") or text.startswith(("[{", "class"))
        for start, end, kind in spans:
            assert kind == "person_name"
            named += 1
            for word in text[start:end].split():
                assert word in words or word[:-2] in {item[:-2] for item in words} or word[:-1] in words
        assert all(one[1] <= two[0] for one, two in zip(spans, spans[1:], strict=False))
    assert named > 300


def test_a_quarter_names_nobody() -> None:
    empty = sum(not spans for _, spans in generate(6, 1000))
    assert 180 < empty < 330


def test_the_same_seed_gives_the_same_texts() -> None:
    assert list(generate(3, 50)) == list(generate(3, 50))
    assert list(generate(3, 50)) != list(generate(4, 50))
