"""The writing end: one transaction for all of it, nothing twice, and a failed commit leaves the log whole."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensor.errors import Malformed, WorkError
from sensor.inventory import delta
from sensor.model import Event, Status
from sensor.store import Store
from sensor.store.log import Log
from sensor.store.schema import open_for_reading, open_for_writing
from sensor.store.verify import verify
from sensor.tlog.checkpoint import open_checkpoint
from sensor.tlog.note import make_signer
from tests.store.logs import NOON, ORIGIN, PLAIN_EVENTS, SIGNER, batches_of, event, make_log, noise, review


def verified(made):
    connection = open_for_reading(made.path)
    try:
        return verify(connection, made.signer.verifier)
    finally:
        connection.close()


@pytest.fixture
def log(tmp_path):
    connection = open_for_writing(tmp_path / "gnomon.db")
    yield Log(connection, SIGNER, randomness=noise())
    connection.close()


def seal_all(log, records):
    return [log.seal(record) for record in records]


def test_an_append_is_one_signed_transaction(tmp_path):
    """Entries, content, tiles, rows and a checkpoint of the right size come together."""
    made = make_log(tmp_path, batches_of(7, 3))
    connection = made.connect()
    try:
        assert [row[0] for row in connection.execute("SELECT idx FROM entry ORDER BY idx")] == list(range(7))
        sizes = []
        for size, note in connection.execute("SELECT size, note FROM checkpoint ORDER BY size"):
            assert open_checkpoint(note.encode(), SIGNER.verifier).size == size
            sizes.append(size)
        assert sizes == [3, 6, 7]
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (7,)
        assert connection.execute("SELECT level, n, length(data) FROM tile").fetchall() == [(0, 0, 7 * 32)]
    finally:
        connection.close()
    assert verified(made).ok


def test_an_event_is_recorded_once(log):
    """An event id that is in the log, or twice in one batch, is acknowledged and not appended again."""
    first = log.append(seal_all(log, [event(1), event(2), event(1)]))
    assert (first.added, first.size) == (2, 2)
    again = log.append(seal_all(log, [event(2), event(3), event(1)]))
    assert (again.added, again.size) == (1, 3)
    nothing = log.append(seal_all(log, [event(1)]))
    assert (nothing.added, nothing.size) == (0, 3)
    assert log._connection.execute("SELECT count(*) FROM checkpoint").fetchone() == (2,)


def test_more_ids_than_one_statement_takes(log):
    """Known ids are found in a batch of any size."""
    events = [event(n) for n in range(1_201)]
    assert log.append(seal_all(log, events)).added == 1_201
    assert log.append(seal_all(log, [*events, event(5_000)])).added == 1


def test_a_review_is_recorded_once(log):
    """A review sent again by one who was not told is the same review; a second one on the app is not."""
    assert log.append(seal_all(log, [review()])).reviews == (review(),)
    assert log.append(seal_all(log, [review()])).reviews == ()
    later = review(ts=NOON + 1, status=Status.TOLERATED)
    assert log.append(seal_all(log, [later])).reviews == (later,)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(PLAIN_EVENTS, max_size=12), data=st.data())
def test_sums_are_the_sums_of_events(tmp_path_factory, events, data):
    """Inventory and days are what adding up the events by hand gives, in whatever batches they came."""
    events = list({made.id: made for made in events}.values())
    batches, at = [], 0
    while at < len(events):
        step = data.draw(st.integers(1, 5))
        batches.append(events[at : at + step])
        at += step
    made = make_log(tmp_path_factory.mktemp("log"), batches)
    with Store(made.path) as store:
        rows = {row.key: row for row in store.inventory_rows()}
        days = store.per_day()
        totals = store.totals()
    deltas = [added for added in map(delta, events) if added is not None]
    assert rows.keys() == {added.key for added in deltas}
    for key, row in rows.items():
        mine = [added for added in deltas if added.key == key]
        for name in ("events", "bytes_up", "bytes_down", "blocked", "would_block", "redacted"):
            assert getattr(row, name) == sum(getattr(added, name) for added in mine)
        assert row.first_seen == min(added.first_seen for added in mine)
        assert row.last_seen == max(added.last_seen for added in mine)
        assert row.doors == tuple(sorted({door for added in mine for door in added.doors}))
    for name in ("events", "bytes_up", "bytes_down", "blocked", "would_block", "redacted"):
        whole = sum(getattr(added, name) for added in deltas)
        assert sum(getattr(day, name) for day in days) == whole == getattr(totals, name)
    assert verified(made).ok


def counts(connection):
    tables = ("entry", "tile", "checkpoint", "content", "event", "inventory", "ru_day", "review")
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_a_full_disk_is_told_and_leaves_the_log_whole(log):
    """When the database cannot grow, nothing of the batch is there, and with room again it is recorded."""
    connection = log._connection
    log.append(seal_all(log, [event(0), review()]))
    before = counts(connection)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    batch = seal_all(log, [event(n) for n in range(1, 400)])
    with pytest.raises(sqlite3.OperationalError, match="full"):
        log.append(batch)
    assert counts(connection) == before
    assert not connection.in_transaction
    connection.execute("PRAGMA max_page_count=1073741823")
    assert log.append(batch).size == 401


def test_a_failure_in_the_middle_leaves_nothing(log, monkeypatch):
    """Whatever goes wrong before the commit, no row stays, and memory follows the database."""
    log.append(seal_all(log, [event(0)]))
    before = counts(log._connection)
    with monkeypatch.context() as patch:
        patch.setattr("sensor.store.log.event_row", lambda idx, record: (idx, "wrong"))
        with pytest.raises(sqlite3.Error):
            log.append(seal_all(log, [event(1)]))
    assert counts(log._connection) == before
    assert log.append(seal_all(log, [event(1)])).size == 2


def test_a_locked_database_is_told(tmp_path, log):
    """Another program that holds the database makes an error, after a bounded wait."""
    log._connection.execute("PRAGMA busy_timeout=10")
    other = sqlite3.connect(tmp_path / "gnomon.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            log.append(seal_all(log, [event(0)]))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            log.set_coverage("run", {"flow": 1}, NOON)
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert log.append(seal_all(log, [event(0)])).size == 1


def test_a_log_goes_on_where_it_stopped(tmp_path):
    """Opened again, it appends to the same tree, and sums go on from what is stored."""
    make_log(tmp_path, batches_of(300, 100))
    connection = open_for_writing(tmp_path / "gnomon.db")
    try:
        log = Log(connection, SIGNER, randomness=noise(1))
        assert (log.size, log.origin) == (300, ORIGIN)
        log.append(seal_all(log, [event(n) for n in range(300, 520)]))
    finally:
        connection.close()
    once = make_log(tmp_path_of(tmp_path, "once"), batches_of(520, 520))
    assert verified(once).ok
    with Store(tmp_path / "gnomon.db") as two, Store(once.path) as one:
        assert two.inventory_rows() == one.inventory_rows()
        assert two.per_day() == one.per_day()
        assert verify(two.connection, SIGNER.verifier).ok


def tmp_path_of(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


def test_more_rows_than_are_kept_in_memory(log, monkeypatch):
    """The cache of inventory rows is bounded; what falls out of it is read again."""
    monkeypatch.setattr("sensor.store.log.MAX_CACHED_ROWS", 2)
    for n in range(12):
        log.append(seal_all(log, [event(n), event(n + 100)]))
        assert len(log._rows) <= 2
    assert verify(log._connection, SIGNER.verifier).ok


@pytest.mark.parametrize(
    ("sql", "how"),
    [
        ("DELETE FROM checkpoint", "no checkpoint"),
        ("UPDATE checkpoint SET frontier = x'00'", "tree_frontier"),
        ("UPDATE checkpoint SET frontier = zeroblob(64)", "do not agree"),
        ("UPDATE checkpoint SET note = 'x' WHERE size = 3", "note_form"),
        ("UPDATE tile SET data = x'00'", "tree_edge"),
        ("DELETE FROM tile", "tree_edge"),
        ("DELETE FROM entry WHERE idx = 2", "do not agree"),
        ("UPDATE entry SET idx = 9 WHERE idx = 2", "do not agree"),
    ],
)
def test_nothing_is_recorded_on_a_damaged_log(tmp_path, sql, how):
    """A log that does not fit its newest checkpoint is not gone on with."""
    made = make_log(tmp_path, [[event(0), event(1), event(2)]])
    made.edit(sql)
    connection = open_for_writing(made.path)
    try:
        with pytest.raises(WorkError, match=how) as caught:
            Log(connection, SIGNER, randomness=noise())
        assert "gnomon audit verify" in str(caught.value)
    finally:
        connection.close()


def test_another_key_does_not_go_on_with_a_log(tmp_path):
    """A log whose checkpoints another key signed is not gone on with."""
    made = make_log(tmp_path, [[event(0)]])
    connection = open_for_writing(made.path)
    try:
        with pytest.raises(WorkError, match="not signed by gnomon/00c0ffee"):
            Log(connection, make_signer(ORIGIN, bytes(32)), randomness=noise())
    finally:
        connection.close()


def test_a_record_that_cannot_be_an_entry_is_refused_before_the_transaction(log):
    """Sealing fails, and nothing is begun."""
    with pytest.raises(Malformed):
        log.seal(event(0, id="zz"))


def test_coverage_is_replaced_by_run(log):
    """The counters of a run are its newest ones; those of other runs stay."""
    log.set_coverage("a", {"flow": 3, "not_ai": 1}, NOON)
    log.set_coverage("b", {"flow": 10}, NOON)
    log.set_coverage("a", {"flow": 5, "not_ai": 1}, NOON)
    log.append(seal_all(log, [event(0)]))
    path = Path(log._connection.execute("PRAGMA database_list").fetchone()[2])
    with Store(path) as store:
        assert store.coverage() == {"flow": 15, "not_ai": 1}


def test_events_that_are_not_about_ai_have_no_row_in_the_inventory(log):
    """An event without an app and not generic is in the log and in table event only."""
    made: Event = event(0, app=None)
    log.append(seal_all(log, [made, event(1, app=None, generic=True, destination="llm.example:443")]))
    rows = log._connection.execute("SELECT app FROM inventory").fetchall()
    assert rows == [("unknown.llm_api/llm.example",)]
    assert log._connection.execute("SELECT app FROM event ORDER BY idx").fetchall() == [
        (None,), ("unknown.llm_api/llm.example",)
    ]  # fmt: skip
