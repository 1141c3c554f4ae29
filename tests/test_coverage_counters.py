"""Coverage: a closed set of counters, each with a sentence; sums hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.coverage import COUNTERS, MAX_WEIRDS, Coverage

ROOT = Path(__file__).resolve().parent.parent


def test_counting() -> None:
    coverage = Coverage()
    assert coverage.snapshot() == {}
    coverage.count("flow")
    coverage.count("flow", 2)
    coverage.weird("tls_record_too_long")
    coverage.weird("tls_record_too_long", 4)
    assert coverage.snapshot() == {"flow": 3, "weird.tls_record_too_long": 5}


def test_a_counter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        Coverage().count("flwo")


def test_weirds_are_bounded() -> None:
    coverage = Coverage()
    for at in range(MAX_WEIRDS + 10):
        coverage.weird(f"weird{at}")
    coverage.weird("weird0")
    snapshot = coverage.snapshot()
    assert len(snapshot) == MAX_WEIRDS + 1
    assert snapshot["weird.other"] == 10
    assert snapshot["weird.weird0"] == 2


counted = st.lists(
    st.tuples(st.sampled_from([*COUNTERS, "weird.a", "weird.b"]), st.integers(min_value=1, max_value=10**9))
)


@pytest.mark.slow
@given(counted, counted)
def test_workers_are_summed(ours: list[tuple[str, int]], theirs: list[tuple[str, int]]) -> None:
    def counts(said: list[tuple[str, int]]) -> Coverage:
        coverage = Coverage()
        for name, n in said:
            if name.startswith("weird."):
                coverage.weird(name.removeprefix("weird."), n)
            else:
                coverage.count(name, n)
        return coverage

    merged = counts(ours)
    merged.merge(counts(theirs))
    assert merged.snapshot() == counts(ours + theirs).snapshot()
    restored = Coverage()
    restored.restore(merged.snapshot())
    assert restored.snapshot() == merged.snapshot()


def test_a_snapshot_of_another_version_is_taken_over_as_far_as_known() -> None:
    coverage = Coverage()
    coverage.restore({"flow": 2, "counter_of_tomorrow": 9, "odd.name": 1, "weird.x.y": 3})
    assert coverage.snapshot() == {"flow": 2, "weird.x.y": 3}


def test_every_counter_has_a_name_and_a_sentence() -> None:
    for name, counter in COUNTERS.items():
        assert counter.name == name
        assert re.fullmatch(r"[a-z_]+", name)
        assert re.fullmatch(r"[A-Z].*\.", counter.says)


def test_every_counter_stands_in_the_docs() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*?) \|$", text, re.MULTILINE)
    assert rows == [(counter.name, counter.says) for counter in COUNTERS.values()]


def test_what_the_source_counts_exists() -> None:
    """Every name that is counted anywhere is a counter."""
    used = set()
    for path in [*ROOT.glob("sensor/**/*.py"), *ROOT.glob("addons/*.py")]:
        source = path.read_text(encoding="utf-8")
        for call in re.findall(r"coverage\.count\(([^)]*)\)", source):
            # The first argument: one name, or a choice between names by "if … else".
            used.update(re.findall(r'"([a-z_]+)"', call))
    assert used <= set(COUNTERS)
