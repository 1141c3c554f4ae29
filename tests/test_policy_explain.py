"""Why a decision fell so: every rule, every condition, what was asked for and what was there."""

from __future__ import annotations

import json

import pytest

from sensor.model import Door, Proves, Question, Status, Verdict
from sensor.policy import explain, parse_policy
from sensor.policy.explain import Outcome, to_json

POLICY = parse_policy(
    """
version: 1
mode: enforce
groups: {staff: {users: [analyst]}}
rules:
  - {id: gone, action: allow, when: {app: a.b}, until: 1970-01-02}
  - {id: other, action: allow, when: {app: [a.c, a.d], user: analyst}}
  - id: this
    when: {app: a.*, group: staff, generic: false}
    action: block
    reason: because
    message: Sorry.
  - {id: later, action: alert}
"""
)
QUESTION = Question(
    app="a.b", user="analyst", groups=frozenset({"staff"}), door=Door.PROXY, ts=1e6, proves=Proves.USAGE
)


def test_the_tree() -> None:
    explanation = explain(POLICY, QUESTION)
    assert explanation.decision.verdict is Verdict.BLOCK
    assert [(rule.id, rule.outcome) for rule in explanation.rules] == [
        ("gone", Outcome.EXPIRED),
        ("other", Outcome.NO_MATCH),
        ("this", Outcome.DECIDED),
        ("later", Outcome.NOT_REACHED),
    ]
    other = explanation.rules[1]
    assert [(c.key, c.wanted, c.found, c.matched) for c in other.conditions] == [
        ("app", ("a.c", "a.d"), "a.b", False),
        ("user", ("analyst",), "analyst", True),
    ]
    assert [c.found for c in explanation.rules[2].conditions] == ["a.b", "staff", "false"]
    assert str(explanation.rules[2].where) == "policy.yaml:8:5"


def test_what_is_not_known() -> None:
    explanation = explain(POLICY, Question())
    assert [c.found for c in explanation.rules[1].conditions] == [None, None]
    assert [c.found for c in explanation.rules[2].conditions] == [None, None, "false"]
    assert explanation.decision.rule == "later"


@pytest.mark.parametrize(
    ("mode", "door", "enforced"),
    [
        ("enforce", Door.PROXY, True),
        ("enforce", Door.SPAN, False),
        ("monitor", Door.PROXY, False),
        ("metadata-only", Door.PROXY, False),
    ],
)
def test_enforced(mode: str, door: Door, enforced: bool) -> None:
    policy = parse_policy(f"version: 1\nmode: {mode}")
    assert explain(policy, Question(door=door)).enforced is enforced


def test_as_json() -> None:
    shown = to_json(explain(POLICY, QUESTION))
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["verdict"], shown["rule"], shown["reason"]) == ("block", "this", "because")
    assert (shown["message"], shown["enforced"], shown["mode"]) == ("Sorry.", True, "enforce")
    assert shown["policy_hash"] == POLICY.hash
    assert shown["question"] == {
        "app": "a.b",
        "status": str(Status.UNREVIEWED),
        "generic": "false",
        "proves": "usage",
        "user": "analyst",
        "group": "staff",
        "door": "proxy",
    }
    assert shown["rules"][0] == {
        "id": "gone",
        "action": "allow",
        "outcome": "expired",
        "where": "policy.yaml:6:5",
        "until": "1970-01-02",
        "conditions": [{"key": "app", "wanted": ["a.b"], "found": "a.b", "matched": True}],
    }
