"""The book of open lanes."""

from sensor.dialects.lanebook import MAX_LANES, REST, LaneBook, put

FORM = {"index": 0, "delta": {"text": ""}}
WHERE = ("delta", "text")


def test_put_changes_a_copy():
    value = {"a": [{"b": "x"}]}
    assert put(value, ("a", 0, "b"), "y") == {"a": [{"b": "y"}]}
    assert value == {"a": [{"b": "x"}]}


def test_a_lane_is_carried_on_in_its_form():
    book = LaneBook()
    assert book.grow(("a",), "delta", FORM, WHERE) == ("a",)
    assert book.flush(("a",), "x") == ("delta", {"index": 0, "delta": {"text": "x"}})
    assert FORM["delta"] == {"text": ""}
    assert book.flush(("b",), "x") is None


def test_an_ended_lane_can_be_carried_on_until_the_next_frame():
    book = LaneBook()
    book.grow(("a", 1), None, FORM, WHERE)
    assert book.end(("a", 1), "other") == (("a", 1),)
    assert book.end(("a", 1)) == ()
    assert book.flush(("a", 1), "x") is not None
    book.turn()
    assert book.flush(("a", 1), "x") is None


def test_a_lane_that_grows_after_its_end_is_open_again():
    book = LaneBook()
    book.grow("a", None, FORM, WHERE)
    book.end("a")
    book.grow("a", None, FORM, WHERE)
    book.turn()
    assert book.flush("a", "x") is not None


def test_lanes_end_by_the_beginning_of_their_key():
    book = LaneBook()
    for lane in (("a", 1), ("a", 2), ("b", 1), "plain"):
        book.grow(lane, None, FORM, WHERE)
    assert book.end_under("a") == (("a", 1), ("a", 2))
    assert book.end_under() == (("b", 1),)


def test_what_opens_beyond_the_bound_shares_one_lane_and_nothing_is_lost():
    book = LaneBook()
    for number in range(MAX_LANES):
        assert book.grow(number, None, FORM, WHERE) == number
    assert book.grow(MAX_LANES, "e", {"n": ""}, ("n",)) == REST
    assert book.flush(REST, "x") == ("e", {"n": "x"})
    assert book.grow(0, None, FORM, WHERE) == 0
    book.end(0)
    book.turn()
    assert book.grow(MAX_LANES + 1, None, FORM, WHERE) == REST, "REST itself takes the room"
