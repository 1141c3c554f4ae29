"""Expressions that are compiled when they are needed are what re.compile gives."""

from __future__ import annotations

import re

import pytest

from sensor.detect.lazily import lazily


def test_it_does_what_the_compiled_one_does():
    lazy, made = lazily(r"a(b)?", re.IGNORECASE), re.compile(r"a(b)?", re.IGNORECASE)
    for text in ("xAB", "a", "none"):
        for method in ("search", "match", "fullmatch"):
            one, other = getattr(lazy, method)(text), getattr(made, method)(text)
            assert (one and one.span()) == (other and other.span())
        assert lazy.findall(text) == made.findall(text)
        assert lazy.sub("*", text) == made.sub("*", text)
    assert lazy.pattern == made.pattern
    assert lazy.groups == 1


def test_a_wrong_one_shows_when_it_is_used():
    lazy = lazily(b"(")
    with pytest.raises(re.error):
        lazy.search(b"")
