"""The inventory is a sum of events: any order and grouping gives the same row."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.inventory import (
    MAX_SET,
    InventoryRow,
    app_key,
    delta,
    host_of,
    inventory_key,
    merge,
    to_json,
)
from sensor.model import GRADES, Door, Event, EventKind, Grade, Status, Verdict


def an_event(**fields: object) -> Event:
    """An event with good defaults."""
    values: dict[str, object] = {
        "id": "0" * 32,
        "ts": 100.0,
        "origin": "test/log",
        "door": Door.PROXY,
        "kind": EventKind.REQUEST,
        "app": "openai.chatgpt",
        "user": "analyst",
        "device": "ip:10.0.0.5",
    }
    return Event(**(values | fields))  # type: ignore[arg-type]  # a factory: fields are checked by Event


def row_of(*events: Event) -> InventoryRow:
    """The row that these events make."""
    total: InventoryRow | None = None
    for event in events:
        added = delta(event)
        assert added is not None
        total = merge(total, added)
    assert total is not None
    return total


events = st.builds(
    an_event,
    ts=st.floats(min_value=0, max_value=2e9),
    door=st.sampled_from(Door),
    kind=st.sampled_from(EventKind),
    verdict=st.sampled_from(Verdict),
    enforced=st.booleans(),
    grade=st.sampled_from(GRADES),
    bytes_up=st.none() | st.integers(min_value=0, max_value=2**50),
    bytes_down=st.none() | st.integers(min_value=0, max_value=2**50),
    count=st.integers(min_value=0, max_value=1000),
    model=st.none() | st.sampled_from([f"model-{n:02}" for n in range(80)]),
    provider=st.none() | st.sampled_from(["openai.api", "aws.bedrock", "azure.openai"]),
    client=st.none() | st.sampled_from(["anthropic.claude_code", "python.requests"]),
    region=st.none() | st.sampled_from(["eu-central-1", "us-east-1"]),
)


@pytest.mark.slow
@given(st.lists(events, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_row(many: list[Event], shuffle: random.Random) -> None:
    shuffled = list(many)
    shuffle.shuffle(shuffled)
    assert row_of(*many) == row_of(*shuffled)


@pytest.mark.slow
@given(st.lists(events, min_size=3, max_size=60), st.data())
def test_any_grouping_gives_the_same_row(many: list[Event], data: st.DataObject) -> None:
    """Folding batches and then the batches' rows equals folding one by one."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(many) - 1), max_size=5)))
    batches = [many[a:b] for a, b in itertools.pairwise([0, *cuts, len(many)])]
    assert functools.reduce(merge, [row_of(*batch) for batch in batches]) == row_of(*many)


@pytest.mark.slow
@given(st.lists(events, min_size=1, max_size=20))
def test_sums_hold(many: list[Event]) -> None:
    row = row_of(*many)
    assert row.blocked + row.would_block <= row.events
    assert row.bytes_up == sum(event.bytes_up or 0 for event in many)
    assert row.first_seen == min(event.ts for event in many)
    assert row.last_seen == max(event.ts for event in many)
    assert GRADES.index(row.grade) == max(GRADES.index(event.grade) for event in many)
    for values in (row.doors, row.providers, row.clients, row.models, row.regions):
        assert list(values) == sorted(set(values))
        assert len(values) <= MAX_SET


def test_sets_stop_at_their_bound() -> None:
    row = row_of(*[an_event(model=f"m{n:03}") for n in range(100)])
    assert row.models == tuple(f"m{n:03}" for n in range(MAX_SET))


@pytest.mark.parametrize(
    ("destination", "host"),
    [
        ("api.example.com:443", "api.example.com"),
        ("API.Example.com:443", "api.example.com"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1:11434", "10.0.0.1"),
        ("api.example.com", "api.example.com"),
        ("2001:db8::1", "2001:db8::1"),
        ("[]:443", None),
        (":443", None),
        ("", None),
        (None, None),
    ],
)
def test_host_of(destination: str | None, host: str | None) -> None:
    assert host_of(destination) == host


def test_app_key() -> None:
    assert app_key(an_event()) == "openai.chatgpt"
    assert app_key(an_event(app=None)) is None
    generic = an_event(app=None, generic=True, destination="llm.example.net:8000")
    assert app_key(generic) == "unknown.llm_api/llm.example.net"
    assert app_key(an_event(app=None, generic=True)) == "unknown.llm_api"


def test_an_event_that_is_not_about_ai_adds_nothing() -> None:
    event = an_event(app=None)
    assert delta(event) is None
    assert inventory_key(event) is None


def test_key_of_event_is_key_of_its_row() -> None:
    event = an_event(user=None)
    added = delta(event)
    assert added is not None
    assert inventory_key(event) == added.key == ("openai.chatgpt", None, "ip:10.0.0.5")


def test_closing_adds_volume_and_no_interaction() -> None:
    row = row_of(
        an_event(kind=EventKind.REQUEST, grade=Grade.PARSED),
        an_event(kind=EventKind.CLOSING, count=0, ts=160.0, bytes_up=10, bytes_down=2000, grade=Grade.VOLUME),
    )
    assert (row.events, row.bytes_up, row.bytes_down) == (1, 10, 2000)
    assert (row.first_seen, row.last_seen, row.grade) == (100.0, 160.0, Grade.PARSED)


@pytest.mark.parametrize(
    ("kind", "verdict", "enforced", "blocked", "would_block", "redacted"),
    [
        (EventKind.REQUEST, Verdict.BLOCK, True, 1, 0, 0),
        (EventKind.FLOW, Verdict.BLOCK, False, 0, 1, 0),
        (EventKind.REQUEST, Verdict.REDACT, True, 0, 0, 1),
        (EventKind.REQUEST, Verdict.REDACT, False, 0, 0, 0),
        (EventKind.REQUEST, Verdict.ALERT, True, 0, 0, 0),
    ],
)
def test_blocked_means_really_blocked(
    kind: EventKind, verdict: Verdict, enforced: bool, blocked: int, would_block: int, redacted: int
) -> None:
    """A dry run (passive, or ``mode: monitor``) never shows as blocked."""
    row = row_of(an_event(kind=kind, verdict=verdict, enforced=enforced))
    assert (row.blocked, row.would_block, row.redacted) == (blocked, would_block, redacted)


def test_folded_sightings_count() -> None:
    """The first sighting is an event, and the ones folded after it are the count of its closing."""
    first = an_event(kind=EventKind.RESOLVED)
    row = row_of(first, dataclasses.replace(first, kind=EventKind.CLOSING, count=7))
    assert row.events == 8


def test_closing_of_a_refused_request_is_not_another_refusal() -> None:
    refused = an_event(verdict=Verdict.BLOCK, enforced=True)
    row = row_of(refused, dataclasses.replace(refused, kind=EventKind.CLOSING, count=0, bytes_up=300))
    assert (row.events, row.blocked, row.bytes_up) == (1, 1, 300)


def test_rows_of_different_keys_do_not_merge() -> None:
    with pytest.raises(ValueError, match="different keys"):
        row_of(an_event(), an_event(user="trainee"))


def test_what_is_filled_in_at_reading_survives_a_merge() -> None:
    row = dataclasses.replace(row_of(an_event()), name="ChatGPT", status=Status.SANCTIONED)
    added = delta(an_event())
    assert added is not None
    assert merge(row, added).name == "ChatGPT"
    assert merge(row, added).status is Status.SANCTIONED


def test_json_form() -> None:
    row = dataclasses.replace(
        row_of(
            an_event(provider="openai.api", client="b.two", model="gpt-x", region="eu", bytes_up=5),
            an_event(client="a.one", door=Door.SPAN, verdict=Verdict.BLOCK, enforced=True),
        ),
        name="ChatGPT",
        vendor="openai",
        category="chat_assistant",
    )
    assert to_json(row) == {
        "app": "openai.chatgpt",
        "name": "ChatGPT",
        "vendor": "openai",
        "category": "chat_assistant",
        "provider": "openai.api",
        "client": "a.one",
        "status": "unreviewed",
        "user": "analyst",
        "device": "ip:10.0.0.5",
        "bytes_up": 5,
        "bytes_down": 0,
        "events": 2,
        "blocked": 1,
        "would_block": 0,
        "redacted": 0,
        "first_seen": 100.0,
        "last_seen": 100.0,
        "grade": "connected",
        "doors": ["proxy", "span"],
        "models": ["gpt-x"],
        "regions": ["eu"],
        "providers": ["openai.api"],
        "clients": ["a.one", "b.two"],
    }
    bare = to_json(row_of(an_event()))
    assert bare["provider"] is None
    assert bare["client"] is None
