"""Picking values out of any JSON: nothing raises, and bounds hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import picking
from sensor.dialects.picking import Gathering
from sensor.dialects.reading import Call, File, Part, Reading, Usage
from sensor.model import Direction

VALUE = {"a": [{"b": "text", "n": 3, "f": 1.5, "t": True, "z": None}], "d": {}}

JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=15,
)


def test_values_are_told_by_their_type():
    assert picking.mapping({"a": 1}) == {"a": 1} and picking.mapping([1]) == {}
    assert picking.items([1]) == [1] and picking.items({"a": 1}) == []
    assert picking.string("a") == "a" and picking.string(1) is None
    assert picking.integer(3) == 3
    assert [picking.integer(value) for value in (True, 1.5, "3", None)] == [None] * 4


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ((), VALUE),
        (("a", 0, "b"), "text"),
        (("a", 0, "n"), 3),
        (("a", 1), None),
        (("a", -1), None),
        (("a", "b"), None),
        (("d", 0), None),
        (("d", "x"), None),
        (("a", 0, "b", "c"), None),
    ],
)
def test_what_stands_at_a_path(path, there):
    assert picking.at(VALUE, *path) == there
    assert picking.text_at(VALUE, *path) == (there if isinstance(there, str) else None)


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a":1}', {"a": 1}), ("nonsense", None), ("[" * 100_000, None), (7, None), ("1" * 5000, None)],
)
def test_json_in_a_string(text, value):
    assert picking.inner_json(text) == value


def test_json_in_a_string_is_read_up_to_a_size():
    text = json.dumps("a" * picking.MAX_INNER)
    assert picking.inner_json(text) is None and picking.inner_json(text[:1] + text[-9:]) is not None


def test_leaves_come_in_the_order_of_the_text():
    value = {"b": ["x", {"c": "y"}, 3], "a": "z"}
    assert list(picking.leaves(value, ("base",))) == [
        (("base", "b", 0), "x"), (("base", "b", 1, "c"), "y"), (("base", "a"), "z"),
    ]  # fmt: skip
    assert list(picking.leaves("x")) == [((), "x")]


@given(value=JSON_VALUES)
def test_every_leaf_stands_at_its_path(value):
    found = list(picking.leaves(value))
    assert all(picking.text_at(value, *path) == text for path, text in found)
    assert len({path for path, _ in found}) == len(found)


def test_leaves_beyond_the_depth_are_left_out():
    value: object = "deep"
    for _ in range(picking.MAX_DEPTH + 1):
        value = [value]
    assert list(picking.leaves(value)) == []
    assert len(list(picking.leaves([value], ()))) == 0
    assert isinstance(value, list)
    assert [text for _, text in picking.leaves(value[0])] == ["deep"]


def test_a_gathering_becomes_a_reading():
    found = Gathering()
    assert found.part("a", ("p",), Direction.PROMPT, "user", 0)
    assert found.part("", ("q",), Direction.PROMPT) and not found.part(3, ("r",), Direction.PROMPT)
    found.leaves({"x": ["b"]}, ("s",), Direction.UPLOAD)
    found.file(("f",), name="n", media_type=3, reference=None, coding="text")
    for name in ("t", "", 3):
        found.tool(name)
    found.tools_path = ("tools",)
    found.call("c", ("args",), "id")
    found.call(3, ("args",), 4)
    found.keep_fixed(("g",))
    found.model, found.usage, found.conversation, found.account = "m", Usage(1, 2), "v", "o"
    found.streams, found.signed, found.request_id = True, True, 7
    assert found.reading() == Reading(
        parts=(Part(("p",), Direction.PROMPT, "user", 0), Part(("s", "x", 0), Direction.UPLOAD)),
        files=(File(("f",), "n", None, None, "text"),),
        tools=("t",), tools_path=("tools",),
        calls=(Call("c", ("args",), "id"), Call(None, ("args",), None)),
        model="m", usage=Usage(1, 2), conversation="v", account="o", streams=True, signed=True,
        fixed=(("g",),), request_id=7,
    )  # fmt: skip
    assert Gathering().reading() == Reading()


@pytest.mark.slow
def test_a_gathering_is_bounded():
    found = Gathering()
    for number in range(picking.MAX_PARTS + 1):
        found.file((number,))
        found.tool("t")
        found.call("c", (number,))
        found.keep_fixed((number,))
    found.leaves(["a"] * (picking.MAX_PARTS + 1), (), Direction.PROMPT)
    assert found.part("b", ("one more",), Direction.PROMPT)
    reading = found.reading()
    sizes = [
        len(kept) for kept in (reading.parts, reading.files, reading.tools, reading.calls, reading.fixed)
    ]
    assert sizes == [picking.MAX_PARTS] * 5
