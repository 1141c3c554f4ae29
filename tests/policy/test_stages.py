"""Deciding in stages: early where nothing that comes could change it, and then as with everything known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.model import Decision, Direction, Found, Question, Verdict
from sensor.policy import (
    EVERYTHING,
    KEYS,
    Policy,
    Stage,
    Undecided,
    decide_plainly,
    explain,
    lint,
    parse_policy,
)
from sensor.policy.explain import known_at


def policy_of(*rules: str, default: str = "allow") -> Policy:
    listed = "".join(f"  - {{{rule}}}\n" for rule in rules)
    return parse_policy(
        f"version: 1\nmode: enforce\ndefault: {default}\nrules:\n{listed}", supports=EVERYTHING
    )


POLICY = policy_of(
    "id: bank, action: block, when: {app: bank.*}",
    "id: secrets, action: block, when: {app: chat.*, findings: secret}",
    "id: dear, action: alert, when: {app: chat.*, model: gpt-5*}",
    "id: chat, action: allow, when: {app: chat.*}",
    "id: rest, action: alert",
)
SECRET = (Found(type="github_token", group="secret"),)


@pytest.mark.parametrize(
    ("question", "known", "rule", "needs", "candidates"),
    [
        # A rule that needs nothing more decides, where none above it could still match.
        (Question(app="bank.a"), Stage.HEAD, "bank", set(), []),
        (Question(app="other"), Stage.HEAD, "rest", set(), []),
        (Question(app="chat.a"), Stage.HEAD, None, {Stage.BODY, Stage.FINDINGS}, ["secrets", "dear", "chat"]),
        (Question(app="chat.a", model="o3"), Stage.BODY, None, {Stage.FINDINGS}, ["secrets", "chat"]),
        (Question(app="chat.a", model="gpt-5"), Stage.BODY, None, {Stage.FINDINGS}, ["secrets", "dear"]),
        # What the head tells already need not be waited for.
        (Question(app="chat.a", model="o3"), Stage.HEAD, None, {Stage.FINDINGS}, ["secrets", "chat"]),
        (Question(app="chat.a", findings=SECRET), Stage.HEAD, "secrets", set(), []),
        (Question(app="chat.a", findings=()), Stage.BODY, "chat", set(), []),
        (Question(app="chat.a", model="o3"), Stage.FINDINGS, "chat", set(), []),
    ],
)
def test_what_a_decision_waits_for(
    question: Question, known: Stage, rule: str | None, needs: set[Stage], candidates: list[str]
) -> None:
    answer = POLICY.decide(question, known)
    assert POLICY.needs(question, known) == needs
    if isinstance(answer, Undecided):
        assert rule is None
        assert [each.rule for each in answer.candidates] == candidates
        assert answer.needs == needs
    else:
        assert answer.rule == rule


def test_what_any_rule_may_ask_for() -> None:
    assert POLICY.needs() == {Stage.BODY, Stage.FINDINGS}
    assert POLICY.needs(known=Stage.BODY) == {Stage.FINDINGS}
    assert policy_of("id: a, action: block, when: {app: x.y}").needs() == set()
    assert policy_of("id: a, action: block, when: {size: {at_least: 1}}").needs() == {Stage.BODY}


@pytest.mark.parametrize(
    ("rules", "default", "withholds"),
    [
        (["id: a, action: alert, when: {findings: secret}"], "allow", False),
        (["id: a, action: alert, when: {findings: secret}"], "block", True),
        (["id: a, action: block, when: {findings: secret}"], "allow", True),
        (["id: a, action: redact, when: {findings: secret}"], "allow", True),
        (["id: a, action: coach, when: {model: x}"], "allow", True),
        (["id: a, action: alert, when: {model: x}, with: {strip_tools: '*'}"], "allow", True),
        (["id: a, action: alert, when: {model: x}", "id: b, action: alert"], "block", False),
    ],
)
def test_nothing_is_held_back_where_every_outcome_lets_it_go_on(
    rules: list[str], default: str, withholds: bool
) -> None:
    answer = policy_of(*rules, default=default).decide(Question(), Stage.HEAD)
    assert isinstance(answer, Undecided)
    assert answer.withholds is withholds


def test_an_expired_rule_is_not_waited_for() -> None:
    policy = policy_of("id: a, action: block, until: 1970-01-01, when: {findings: secret}")
    assert isinstance(policy.decide(Question(ts=0.0), Stage.HEAD), Undecided)
    assert policy.decide(Question(ts=86400.0), Stage.HEAD) == Decision(
        verdict=Verdict.ALLOW, reason="no rule matched"
    )


@pytest.mark.parametrize(
    ("question", "stage"),
    [
        (Question(app="bank.a"), Stage.HEAD),
        (Question(app="chat.a", model="o3", findings=()), Stage.FINDINGS),
        (Question(app="chat.a", findings=SECRET, direction=Direction.ANSWER), Stage.FINDINGS),
        (Question(app="other", findings=SECRET), Stage.HEAD),
    ],
)
def test_the_explanation_says_from_when_on_it_is_certain(question: Question, stage: Stage) -> None:
    assert explain(POLICY, question).decided_at is stage


def test_what_is_known_at_a_stage() -> None:
    full = Question(
        app="a.b", model="m", account="personal", tenant="t", key_class="k", size=1, findings=(),
        direction=Direction.PROMPT,
    )  # fmt: skip
    assert known_at(full, Stage.FINDINGS) == full
    assert known_at(full, Stage.BODY) == replace(full, findings=None)
    assert known_at(full, Stage.HEAD) == Question(app="a.b")
    answer = replace(full, direction=Direction.ANSWER)
    assert known_at(answer, Stage.HEAD) == Question(app="a.b", direction=Direction.ANSWER)
    assert explain(policy_of("id: a, action: block, when: {model: m}"), full).decided_at is Stage.BODY


# --- any policy, any question ---------------------------------------------------------------------------

conditions = st.one_of(
    st.tuples(st.just("app"), st.sampled_from(["a.one", "a.*", '"*"', "[a.one, b.one]"])),
    st.tuples(st.just("risk"), st.sampled_from(["high", "[low, medium]", "{at_most: 50}"])),
    st.tuples(st.just("direction"), st.sampled_from(["prompt", "[upload, answer]"])),
    st.tuples(st.just("model"), st.sampled_from(["gpt-*", '"*mini*"', "[o3, gpt-5]"])),
    st.tuples(
        st.just("account"),
        st.sampled_from(
            ["personal", "unknown", "{tenant: org-*}", "{kind: api_key, key: k1}", "{kind: corporate}"]
        ),
    ),
    st.tuples(st.just("size"), st.sampled_from(["{at_least: 10}", "{at_most: 1 kB}"])),
    st.tuples(
        st.just("findings"),
        st.sampled_from(["secret", "[iban, person]", "{type: '*', count: 2, validated: true}"]),
    ),
    st.tuples(st.just("time"), st.sampled_from(["{days: mon-fri}", "{hours: 22:00-06:00, zone: '+05:30'}"])),
)
rules = st.tuples(
    st.lists(conditions, max_size=3, unique_by=lambda condition: condition[0]),
    st.sampled_from(["allow", "alert", "coach", "redact", "block"]),
    st.sampled_from(["", ", until: 1970-01-02", ", with: {notice: n}"]),
)
found = st.builds(
    Found,
    type=st.sampled_from(["iban", "github_token", "person_name"]),
    group=st.sampled_from(["payment", "secret", "person"]),
    score=st.sampled_from([0.5, 1.0]),
    validated=st.booleans(),
    count=st.integers(1, 3),
)
questions = st.builds(
    Question,
    app=st.sampled_from([None, "a.one", "a.two", "b.one"]),
    risk=st.sampled_from([None, 0, 45, 100]),
    direction=st.sampled_from([None, *Direction]),
    model=st.sampled_from([None, "gpt-5", "gpt-4o-mini", "o3"]),
    account=st.sampled_from([None, "personal", "corporate", "api_key", "unknown"]),
    tenant=st.sampled_from([None, "org-1"]),
    key_class=st.sampled_from([None, "k1"]),
    size=st.sampled_from([None, 0, 10, 10**6]),
    findings=st.one_of(st.none(), st.lists(found, max_size=3).map(tuple)),
    ts=st.sampled_from([0.0, 100000.0, 86400.0 * 3]),
)


def built(listed: list[tuple[list[tuple[str, str]], str, str]], default: str) -> Policy:
    return policy_of(
        *(
            f"id: r{at}, action: {action}, when: "
            f"{{{', '.join(f'{key}: {value}' for key, value in when)}}}{more}"
            for at, (when, action, more) in enumerate(listed)
        ),
        default=default,
    )


LATER = sorted({key.field for key in KEYS.values() if key.stage is not Stage.HEAD})
STAGE_OF = {key.field: key.stage for key in KEYS.values()}


@pytest.mark.slow
@given(
    st.lists(rules, max_size=7),
    st.sampled_from(["allow", "block"]),
    questions,
    st.sets(st.sampled_from(LATER)),
)
def test_deciding_in_stages_ends_with_the_decision_of_everything_known(
    listed: list[tuple[list[tuple[str, str]], str, str]],
    default: str,
    question: Question,
    told_early: set[str],
) -> None:
    policy = built(listed, default)
    final = decide_plainly(policy, question)
    assert policy.decide(question) == final
    needed: frozenset[Stage] = frozenset(Stage)
    for stage in Stage:
        unknown = {field: None for field in LATER if STAGE_OF[field] > stage and field not in told_early}
        partly = replace(question, **unknown)  # type: ignore[arg-type]  # fields that may be None
        answer = policy.decide(partly, stage)
        assert answer == decide_plainly(policy, partly, stage)
        if isinstance(answer, Undecided):
            assert final in answer.candidates
            assert answer.needs and all(need > stage for need in answer.needs)
            # What is known more of can only settle what was open.
            assert answer.needs <= needed
            needed = answer.needs
        else:
            assert answer == final
            assert policy.needs(partly, stage) == frozenset()
            needed = frozenset()
    assert isinstance(policy.decide(question, Stage.FINDINGS), Decision)
    assert explain(policy, question).decision == final
    if final.verdict is Verdict.BLOCK and not policy.needs():
        assert explain(policy, question).decided_at is Stage.HEAD


@pytest.mark.slow
@given(st.lists(rules, min_size=2, max_size=3), st.lists(questions, max_size=25))
def test_a_rule_that_the_lint_calls_unreachable_never_decides(
    listed: list[tuple[list[tuple[str, str]], str, str]], asked: list[Question]
) -> None:
    policy = built(listed, "allow")
    named = ("unreachable-rule", "conflicting-rules")
    places = {each.where for each in lint(policy, ts=0.0) if each.name in named}
    never = {rule.id for rule in policy.rules if rule.where in places}
    for question in asked:
        assert policy.decide(question).rule not in never
