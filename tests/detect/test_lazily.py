"""What is made when it is needed is what would have been made at once."""

from __future__ import annotations

import re
import sys
import types

import pytest

from sensor.detect.lazily import Made, Shelf, lazily


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


@pytest.fixture
def shelf(monkeypatch):
    """Two modules that offer five things; ``late`` is named in neither list."""
    for name, offered in {"one": {"a": 1, "b": 2}, "two": {"c": 3, "late": 4, "a": 9}}.items():
        module = types.ModuleType(f"made_up_{name}")
        module.THINGS = offered
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return Shelf("THINGS", {"made_up_one": "a b", "made_up_two": "c"})


def test_a_module_is_taken_when_something_of_it_is_asked_for(shelf, monkeypatch):
    monkeypatch.delitem(sys.modules, "made_up_two")
    assert shelf["a"] == 1
    assert shelf["b"] == 2
    with pytest.raises(ImportError):
        shelf["c"]


def test_a_name_that_no_list_has_is_looked_for_in_all(shelf):
    assert shelf["late"] == 4
    assert "none" not in shelf
    with pytest.raises(KeyError):
        shelf["none"]


def test_a_shelf_is_a_dictionary_of_everything(shelf):
    assert len(shelf) == 4
    assert {**shelf} == {"a": 1, "b": 2, "c": 3, "late": 4}


def test_what_was_set_stays(shelf):
    shelf["c"] = 5
    shelf["own"] = 6
    assert {**shelf} == {"a": 1, "b": 2, "c": 5, "late": 4, "own": 6}
    del shelf["a"]
    assert "a" not in shelf


def test_items_are_made_once_and_when_they_are_asked_for():
    asked = []
    made = Made(4, lambda number: asked.append(number) or str(number))
    assert len(made) == 4
    assert asked == []
    assert (made[2], made[-1], made[2]) == ("2", "3", "2")
    assert asked == [2, 3]
    assert made[1:3] == ("1", "2")
    assert list(made) == ["0", "1", "2", "3"]
    assert asked == [2, 3, 1, 0]
    with pytest.raises(IndexError):
        made[4]


def test_made_ones_are_equal_to_what_they_hold():
    made = Made(2, str)
    assert made == ("0", "1") == made
    assert made == Made(2, str)
    assert made != Made(1, str)
    assert made != ["0", "1"]
    assert hash(made) == hash(("0", "1"))
