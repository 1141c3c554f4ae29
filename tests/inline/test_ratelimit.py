"""No rule lets through more than its limit says, alone or over several workers, whatever the clock does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.inline.ratelimit import MAX_DEBT, MAX_KEY, Limit, RateLimits, Row, Spent, Taken, parse_limit

MINUTE = Limit(count=6, per_s=60.0, burst=3)
"""One token each ten seconds, three at once."""


def allowed(limits: RateLimits, *times: float, key: str = "u", rule: str = "r", limit: Limit = MINUTE) -> str:
    return "".join("+" if limits.take(rule, key, limit, now).allowed else "-" for now in times)


def test_a_burst_goes_through_and_then_one_for_each_token() -> None:
    limits = RateLimits()
    assert allowed(limits, 0, 0, 0, 0, 9.9, 10, 10, 20, 30, 30) == "+++--+-++-"


def test_the_answer_says_how_many_are_left_and_when_to_come_again() -> None:
    limits = RateLimits()
    assert limits.take("r", "u", MINUTE, 0.0) == Taken(True, 2, 0.0)
    limits.take("r", "u", MINUTE, 0.0)
    assert limits.take("r", "u", MINUTE, 0.0) == Taken(True, 0, 10.0)
    assert limits.take("r", "u", MINUTE, 4.0) == Taken(False, 0, 6.0)


def test_being_refused_takes_nothing() -> None:
    limits = RateLimits()
    allowed(limits, 0, 0, 0)
    assert allowed(limits, *(number / 10 for number in range(1, 99))) == "-" * 98
    assert allowed(limits, 10.0) == "+"


def test_keys_and_rules_have_buckets_of_their_own() -> None:
    limits = RateLimits()
    assert allowed(limits, 0, 0, 0, 0) == "+++-"
    assert allowed(limits, 0, key="v") == "+" and allowed(limits, 0, rule="s") == "+"


def test_a_clock_that_jumps_back_gives_nothing_and_blocks_nobody_for_long() -> None:
    limits = RateLimits()
    assert allowed(limits, 5_000, 5_000, 5_000) == "+++"
    assert allowed(limits, 100.0) == "-"
    assert allowed(limits, 110.0) == "+"


def test_a_clock_that_jumps_ahead_fills_no_more_than_the_bucket() -> None:
    limits = RateLimits()
    assert allowed(limits, 0, 0, 0, 1e9, 1e9, 1e9, 1e9) == "++++++-"


def test_over_the_bound_the_bucket_used_longest_ago_goes() -> None:
    limits = RateLimits(max_buckets=2)
    allowed(limits, 0, 0, 0, key="a")
    allowed(limits, 1, key="b")
    allowed(limits, 2, key="c")
    assert len(limits) == 2 and [row.key for row in limits.export()] == ["b", "c"]


def test_long_names_are_cut() -> None:
    limits = RateLimits()
    allowed(limits, 0, key="k" * 10_000, rule="r" * 10_000)
    (row,) = limits.export()
    assert (len(row.rule), len(row.key)) == (MAX_KEY, MAX_KEY)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("20 per minute", Limit(20, 60.0, 20)),
        ("1/second", Limit(1, 1.0, 1)),
        (" 500 Per Day ", Limit(500, 86_400.0, 500)),
        ("3perhour", Limit(3, 3_600.0, 3)),
    ],
)
def test_limits_are_read_as_a_policy_writes_them(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text", ["", "20", "0 per minute", "20 per week", "-1/day", "1.5/day", "9999999/day"]
)
def test_what_is_no_limit_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="as in 20 per minute; times are second, minute, hour, day"):
        parse_limit(text)


def test_a_burst_can_be_told_apart() -> None:
    assert parse_limit("60 per hour", burst=5) == Limit(60, 3_600.0, 5)
    for burst in (0, 10_000_000):
        with pytest.raises(ValueError, match="burst"):
            parse_limit("60 per hour", burst=burst)


@pytest.mark.parametrize("bad", [(0, 1.0, 1), (1, 0.0, 1), (1, 1.0, 0), (1, math.inf, 1), (1, math.nan, 1)])
def test_a_limit_that_lets_nothing_through_cannot_be_made(bad) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Limit(*bad)


# --- sharing ------------------------------------------------------------------------------------------


def test_what_one_worker_took_is_missing_at_the_other() -> None:
    one, two = RateLimits(), RateLimits()
    assert allowed(one, 0, 0) == "++"
    two.apply(one.spent(), {"r": MINUTE}, 0.0)
    assert allowed(two, 0, 0) == "+-"
    assert one.spent() == []


def test_what_was_too_much_between_two_exchanges_is_taken_off_afterwards() -> None:
    one, two = RateLimits(), RateLimits()
    assert allowed(one, 0, 0, 0) + allowed(two, 0, 0, 0) == "++++++"
    first, second = one.spent(), two.spent()
    one.apply(second, {"r": MINUTE}, 0.0)
    two.apply(first, {"r": MINUTE}, 0.0)
    assert allowed(one, 30.0, 39.9) == "--" and allowed(one, 40.0) == "+"


def test_debt_is_bounded() -> None:
    limits = RateLimits()
    limits.apply([Spent("r", "u", 1e12)], {"r": MINUTE}, 0.0)
    (row,) = limits.export()
    assert row.tokens == -MAX_DEBT * MINUTE.burst


@pytest.mark.parametrize("tokens", [0.0, -5.0, math.nan, math.inf])
def test_rows_that_cannot_be_are_passed_over(tokens: float) -> None:
    limits = RateLimits()
    limits.apply([Spent("r", "u", tokens), Spent("gone", "u", 1.0)], {"r": MINUTE}, 0.0)
    limits.load([Row("r", "u", math.nan, 0.0), Row("r", "u", 1.0, math.inf)])
    assert len(limits) == 0


def test_a_worker_that_starts_goes_on_where_the_others_stand() -> None:
    one, two = RateLimits(), RateLimits()
    allowed(one, 0, 0, 0, key="u")
    allowed(one, 5, key="v")
    two.load(one.export())
    assert two.export() == one.export()
    assert allowed(two, 9.9) == "-" and allowed(two, 10.0) == "+"
    assert [spent.tokens for spent in two.spent()] == [1.0]


def test_loading_never_fills_a_bucket_that_is_known_to_be_emptier() -> None:
    limits = RateLimits()
    allowed(limits, 0, 0, 0)
    limits.load([Row("r", "u", 3.0, 0.0)])
    assert allowed(limits, 0) == "-"
    limits.load([Row("r", "u", -2.0, 0.0)])
    assert allowed(limits, 29.0) == "-" and allowed(limits, 30.0) == "+"
    assert [spent.tokens for spent in limits.spent()] == [4.0]


def test_loading_keeps_the_bound() -> None:
    limits = RateLimits(max_buckets=2)
    limits.load([Row("r", str(number), 1.0, 0.0) for number in range(5)])
    assert [row.key for row in limits.export()] == ["3", "4"]


def test_buckets_of_a_rule_that_is_gone_are_let_go() -> None:
    limits = RateLimits()
    allowed(limits, 0, rule="r")
    allowed(limits, 0, rule="s")
    limits.forget(["r"])
    assert [row.rule for row in limits.export()] == ["s"]


LIMITS = st.builds(Limit, st.integers(1, 50), st.floats(0.5, 500.0, allow_nan=False), st.integers(1, 20))
GAPS = st.lists(st.floats(0.0, 30.0, allow_nan=False), max_size=80)


@pytest.mark.slow
@given(limit=LIMITS, gaps=GAPS)
def test_in_no_stretch_of_time_more_than_the_burst_and_what_was_gained(limit: Limit, gaps) -> None:
    limits, now, times = RateLimits(), 0.0, []
    for gap in gaps:
        now += gap
        if limits.take("r", "u", limit, now).allowed:
            times.append(now)
    for start, first in enumerate(times):
        for end in range(start, len(times)):
            gained = (times[end] - first) / limit.per_token_s
            assert end - start + 1 <= limit.burst + gained + 1e-6


@pytest.mark.slow
@given(
    limit=LIMITS, steps=st.lists(st.tuples(st.booleans(), st.floats(0.0, 30.0, allow_nan=False)), max_size=60)
)
def test_two_workers_that_tell_each_other_let_through_no_more_than_one(limit: Limit, steps) -> None:
    workers, alone, now = (RateLimits(), RateLimits()), RateLimits(), 0.0
    for which, gap in steps:
        now += gap
        mine, other = workers[which], workers[not which]
        answer = mine.take("r", "u", limit, now)
        other.apply(mine.spent(), {"r": limit}, now)
        assert answer.allowed == alone.take("r", "u", limit, now).allowed or _on_the_edge(alone, limit)


def _on_the_edge(limits: RateLimits, limit: Limit) -> bool:
    """Two sums of floats may fall on either side of a whole token."""
    (row,) = limits.export()
    return min(row.tokens % 1.0, 1.0 - row.tokens % 1.0) < 1e-6


@pytest.mark.slow
@given(limit=LIMITS, gaps=GAPS, at=st.integers(0, 80))
def test_a_worker_can_be_replaced_at_any_moment(limit: Limit, gaps, at: int) -> None:
    kept, other, now = RateLimits(), RateLimits(), 0.0
    for number, gap in enumerate(gaps):
        now += gap
        if number == at:
            other = RateLimits()
            other.load(kept.export())
        answer = kept.take("r", "u", limit, now)
        if number >= at:
            assert other.take("r", "u", limit, now) == answer


@pytest.mark.slow
@given(
    times=st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=40),
    keys=st.lists(st.text(max_size=5), min_size=1, max_size=5),
)
def test_any_clock_and_any_keys_are_answered_within_the_bound(times, keys) -> None:
    limits = RateLimits(max_buckets=3)
    for number, now in enumerate(times):
        answer = limits.take("r", keys[number % len(keys)], MINUTE, now)
        assert 0 <= answer.left <= MINUTE.burst and answer.retry_after_s >= 0.0
        assert len(limits) <= 3
        assert all(-MAX_DEBT * 3 <= row.tokens <= MINUTE.burst for row in limits.export())
