"""The reading end: sums, days, reviews and events as reports see them."""

from dataclasses import dataclass, replace

import pytest

from sensor.model import Status
from sensor.store import Store
from sensor.store.reader import expires_at
from tests.store.logs import NOON, ORIGIN, batches_of, event, make_log, review


@dataclass(frozen=True)
class Facts:
    name: str
    vendor: str
    category: str


@pytest.fixture
def store(tmp_path):
    """Twelve events over two days, and three reviews of two apps."""
    reviews = [
        review("openai.chatgpt", ts=NOON, status=Status.UNSANCTIONED),
        review("deepseek.chat", ts=NOON + 1, status=Status.TOLERATED, until="2026-11-25"),
        review("openai.chatgpt", ts=NOON + 2, status=Status.SANCTIONED, until="2027-06-30T12:00:00Z"),
    ]
    made = make_log(tmp_path, [*batches_of(12, 5), reviews, [event(50)]])
    with Store(made.path, clock=lambda: NOON + 3600) as opened:
        yield opened


def at(store, ts):
    store._clock = lambda: ts
    return store


def test_rows_carry_todays_status_and_the_catalogues_names(store):
    """Status comes from the reviews, names from the catalogue, and neither is part of what is stored."""
    apps = {"openai.chatgpt": Facts("ChatGPT", "openai", "chat_assistant")}
    rows = {row.app: row for row in store.inventory_rows(apps=apps)}
    assert rows["openai.chatgpt"].status is Status.SANCTIONED
    assert (rows["openai.chatgpt"].name, rows["openai.chatgpt"].category) == ("ChatGPT", "chat_assistant")
    assert rows["deepseek.chat"].status is Status.TOLERATED
    assert (rows["google.gemini"].status, rows["google.gemini"].name) == (Status.UNREVIEWED, None)


def test_an_expired_review_leaves_the_app_unreviewed(store):
    """A date holds to its end (UTC), a time to that moment; then the app is unreviewed, without a write."""
    end_of_day = 1_795_651_200.0  # 2026-11-26 00:00 UTC
    assert at(store, end_of_day - 1).statuses()["deepseek.chat"] is Status.TOLERATED
    assert "deepseek.chat" not in at(store, end_of_day).statuses()
    noon_in_june = 1_814_356_800.0  # 2027-06-30 12:00 UTC
    assert at(store, noon_in_june - 1).statuses() == {"openai.chatgpt": Status.SANCTIONED}
    assert at(store, noon_in_june).statuses() == {}


def test_an_end_that_nobody_can_read_has_passed():
    """A review whose end is no date cannot hold for ever."""
    assert expires_at(review(until="some day")) == 0.0
    assert expires_at(review(until=None)) is None


def test_reviews_are_a_history(store):
    """Every review, newest first; the newest of each app."""
    assert [(r.app, r.status) for r in store.reviews()] == [
        ("openai.chatgpt", Status.SANCTIONED),
        ("deepseek.chat", Status.TOLERATED),
        ("openai.chatgpt", Status.UNSANCTIONED),
    ]
    assert [r.ts for r in store.reviews("openai.chatgpt")] == [NOON + 2, NOON]
    newest = store.newest_reviews()
    assert newest["openai.chatgpt"] == review(
        "openai.chatgpt", ts=NOON + 2, status=Status.SANCTIONED, until="2027-06-30T12:00:00Z"
    )


def test_aliases_are_applied_at_reading(store):
    """Two devices that turn out to be one become one row, added up; what is stored does not change."""
    plain = store.inventory_rows()
    merged = store.inventory_rows(alias=lambda row: replace(row, device="mac:aa", user=None))
    assert len(merged) == len({row.app for row in plain}) == 4
    assert sum(row.events for row in merged) == sum(row.events for row in plain) == 13
    assert {row.device for row in store.inventory_rows()} == {f"host:pc{n}" for n in range(5)}


def test_days(store):
    """Sums by day (UTC), of all apps and of one."""
    days = store.per_day()
    assert [day.day for day in days] == ["2026-11-24", "2026-11-25"]
    assert sum(day.events for day in days) == 13
    one = store.per_day(app="openai.chatgpt")
    assert sum(day.events for day in one) == 3
    assert sum(day.bytes_up for day in one) == 0 + 40 + 80
    assert store.per_day(app="nobody") == []


def test_totals(store):
    """Everything, added up."""
    totals = store.totals()
    assert (totals.entries, totals.apps, totals.users, totals.devices) == (16, 4, 2, 5)
    assert (totals.events, totals.first_seen) == (13, NOON)
    assert totals.blocked + totals.would_block == 4


def test_recent_events_are_the_records_themselves(store):
    """Newest first, decoded from entry and content; of one app or of all."""
    assert store.recent_events(2) == [event(50), event(11)]
    assert store.recent_events(10, app="deepseek.chat") == [event(50), event(10), event(6), event(2)]


def test_what_was_tampered_with_is_not_shown_as_a_record(tmp_path):
    """An event whose entry does not read any more is left out of the newest ones."""
    made = make_log(tmp_path, [[event(0), event(1), event(2)]])
    made.edit("UPDATE entry SET body = x'00' WHERE idx = 2")
    made.edit("DELETE FROM entry WHERE idx = 1")
    made.edit("UPDATE checkpoint SET note = 'x'")
    with Store(made.path) as store:
        assert [found.id for found in store.recent_events()] == [event(0).id]
        assert (store.origin, store.root) == (None, None)


def test_a_row_of_something_else_is_no_event(tmp_path):
    """A row of table event that points to a review gives no event."""
    made = make_log(tmp_path, [[event(0), review()]])
    made.edit("UPDATE event SET idx = 1")
    with Store(made.path) as store:
        assert store.recent_events() == []


def test_the_log_in_a_few_words(store):
    """Name, size, root and checkpoints as the log says them."""
    assert (store.origin, store.size) == (ORIGIN, 16)
    assert store.newest_checkpoint().split("\n")[2] == store.root
    assert len(list(store.checkpoints())) == 5
    assert store.apps() == ["anthropic.claude", "deepseek.chat", "google.gemini", "openai.chatgpt"]


def test_an_empty_store(tmp_path):
    """Nothing recorded: no rows, no name, no error."""
    made = make_log(tmp_path, [])
    with Store.open_read_only(made.path) as store:
        assert (store.origin, store.root, store.size, store.newest_checkpoint()) == (None, None, 0, None)
        assert (store.inventory_rows(), store.per_day(), store.reviews(), store.coverage()) == (
            [],
            [],
            [],
            {},
        )
        assert store.totals().first_seen is None
