"""The first rule whose conditions all match decides; the index answers as the plain walk does."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.model import Decision, Direction, Door, Found, Proves, Question, Status, Verdict
from sensor.policy import KEYS, Policy, decide_plainly, explain, parse_policy
from sensor.policy import rules as rules_module
from sensor.policy.explain import Outcome


def policy_of(*rules: str, head: str = "mode: enforce", groups: str = "{}") -> Policy:
    """A policy of rules, each in YAML's flow style."""
    listed = "".join(f"  - {rule}\n" for rule in rules)
    return parse_policy(f"version: 1\n{head}\ngroups: {groups}\nrules:\n{listed}")


GROUPS = (
    "{staff: {users: [analyst], networks: [10.1.0.0/16], devices: ['host:pc-*']}, guests: {users: [guest]}}"
)


HOUR = 3600.0
MONDAY = 1795996800.0  # 2026-11-30


def card(score: float, *, validated: bool = True, count: int = 1) -> Found:
    return Found(type="payment_card", group="payment", score=score, validated=validated, count=count)


CONDITIONS: list[tuple[str, dict[str, object], list[dict[str, object]]]] = [
    ("app: openai.chatgpt", {"app": "openai.chatgpt"}, [{"app": "openai.api"}, {"app": None}]),
    ("app: openai.*", {"app": "openai.api"}, [{"app": "openaix.api"}, {"app": "not.openai.api"}]),
    ('app: "*"', {"app": "deepseek.chat"}, [{"app": None}]),
    ("app: [a.b, c.d]", {"app": "c.d"}, [{"app": "e.f"}]),
    ("provider: aws.bedrock", {"provider": "aws.bedrock"}, [{"provider": None}, {"app": "aws.bedrock"}]),
    ("client: anthropic.*", {"client": "anthropic.claude_code"}, [{"app": "anthropic.claude"}]),
    ("vendor: openai", {"vendor": "openai"}, [{"vendor": "open"}, {}]),
    ("category: writing", {"category": "writing"}, [{"category": "research"}]),
    ("status: under review", {"status": Status.UNDER_REVIEW}, [{"status": Status.SANCTIONED}]),
    ("generic: true", {"generic": True}, [{"generic": False}]),
    ("generic: false", {"generic": False}, [{"generic": True}]),
    ("proves: [usage, account]", {"proves": Proves.ACCOUNT}, [{"proves": Proves.PRESENCE}, {}]),
    ("feature: chat", {"feature": "chat"}, [{"feature": "images"}]),
    (
        "host: example.com",
        {"host": "a.b.Example.com."},
        [{"host": "notexample.com"}, {"host": "com"}, {}],
    ),
    ("host: example.com", {"host": "example.com"}, [{"host": "example.com.evil.net"}]),
    ("host: 192.0.2.1", {"host": "192.0.2.1"}, [{"host": "1.192.0.2.1"}]),
    ("host: '2001:db8::1'", {"host": "[2001:db8::1]"}, [{"host": "2001:db8::2"}]),
    ("user: Analyst", {"user": "aNALYST"}, [{"user": "analyst2"}, {"user": None}]),
    ("user: '*@example.com'", {"user": "x@EXAMPLE.com"}, [{"user": "x@example.org"}]),
    ("group: staff", {"groups": frozenset({"staff", "x"})}, [{"groups": frozenset({"guests"})}, {}]),
    ("group: [guests, staff]", {"groups": frozenset({"staff"})}, [{}]),
    ("device: mac:02-00-00-00-00-05", {"device": "mac:02:00:00:00:00:05"}, [{"device": "ip:10.0.0.5"}]),
    ("device: host:PC-17", {"device": "host:pc-17"}, [{"device": "host:pc-170"}]),
    ("device: 'ip:::ffff:10.0.0.5'", {"device": "ip:10.0.0.5"}, [{"device": "ip:10.0.0.50"}]),
    (
        "network: 10.1.0.0/16",
        {"address": "10.1.255.1"},
        [{"address": "10.2.0.1"}, {}, {"address": "nonsense"}],
    ),
    ("network: 10.1.0.0/16", {"address": "::ffff:10.1.0.1"}, [{"address": "2001:db8::1"}]),
    ("network: ['2001:db8::/32', 10.0.0.5]", {"address": "2001:db8:9::1"}, [{"address": "10.0.0.6"}]),
    ("direction: prompt", {"direction": Direction.PROMPT}, [{"direction": Direction.ANSWER}, {}]),
    ("method: post", {"method": "POST"}, [{"method": "GET"}]),
    ("region: eu-*", {"region": "eu-central-1"}, [{"region": "us-east-1"}, {}]),
    ("door: proxy", {"door": Door.PROXY}, [{"door": Door.SPAN}]),
    ("risk: [low, high]", {"risk": 70}, [{"risk": 69}, {"risk": 40}, {}]),
    ("risk: {at_least: 60}", {"risk": 60}, [{"risk": 59}, {}]),
    ("model: [gpt-4*, '*claude*5*']", {"model": "us.Claude-opus-5-1"}, [{"model": "gpt-3"}, {}]),
    ("model: gpt-5", {"model": "GPT-5"}, [{"model": "gpt-5x"}, {"model": "x" * 600}]),
    ("account: [personal, anonymous]", {"account": "personal"}, [{"account": "corporate"}, {}]),
    ("account: unknown", {}, [{"account": "corporate"}]),
    ("account: {tenant: org-*}", {"tenant": "ORG-1"}, [{"tenant": "acme"}, {}, {"account": "corporate"}]),
    (
        "account: {kind: api_key, key: k1}",
        {"account": "api_key", "key_class": "K1"},
        [{"account": "api_key"}],
    ),
    ("size: {at_least: 1 kB, at_most: 2000}", {"size": 2000}, [{"size": 999}, {"size": 2001}, {}]),
    (
        "findings: [secret, iban]",
        {"findings": (Found(type="github_token", group="secret"),)},
        [{"findings": (Found(type="email", group="contact"),)}, {"findings": ()}, {}],
    ),
    (
        "findings: {type: payment*, count: 3, validated: true, confidence: 0.8}",
        {"findings": (card(1), card(0.8, count=2), card(0.5))},
        [{"findings": (card(1, count=2), card(0.7), card(1, validated=False, count=9))}],
    ),
    (
        "time: {days: mon-fri, hours: 08:00-18:00, zone: '+01:00'}",
        {"ts": MONDAY + 7 * HOUR},
        [{"ts": MONDAY + 6.99 * HOUR}, {"ts": MONDAY + 17 * HOUR}, {"ts": MONDAY - 24 * HOUR + 8 * HOUR}],
    ),
    ("time: {days: sun, hours: 22:00-06:00}", {"ts": MONDAY + 5.9 * HOUR}, [{"ts": MONDAY + 6 * HOUR}]),
    ("app: a.b, user: analyst", {"app": "a.b", "user": "analyst"}, [{"app": "a.b"}, {"user": "analyst"}]),
]
"""A condition, a question that it matches, and questions that it does not."""


@pytest.mark.parametrize(("condition", "matches", "does_not"), CONDITIONS)
def test_conditions(condition: str, matches: dict[str, object], does_not: list[dict[str, object]]) -> None:
    policy = policy_of(f"{{id: r, action: block, when: {{{condition}}}}}", groups=GROUPS)
    for fields, rule in [(matches, "r"), *((fields, None) for fields in does_not)]:
        question = Question(**fields)  # type: ignore[arg-type]  # fields stand in the table
        assert policy.decide(question).rule == rule
        assert decide_plainly(policy, question) == policy.decide(question)


def test_every_condition_key_is_tried_above() -> None:
    tried = {
        each.key
        for condition, _, _ in CONDITIONS
        for each in policy_of(f"{{id: r, action: block, when: {{{condition}}}}}", groups=GROUPS).rules[0].when
    }
    assert tried == set(KEYS)


def test_the_first_matching_rule_decides() -> None:
    policy = policy_of(
        "{id: one, action: allow, when: {app: a.b}, reason: why, message: m}",
        "{id: two, action: block, when: {vendor: a}}",
        "{id: three, action: alert}",
    )
    assert policy.decide(Question(app="a.b", vendor="a")) == Decision(
        verdict=Verdict.ALLOW, rule="one", reason="why", message="m"
    )
    assert policy.decide(Question(app="a.c", vendor="a")).rule == "two"
    assert policy.decide(Question()).rule == "three"


def test_where_no_rule_matches_the_default_decides() -> None:
    policy = policy_of("{id: one, action: allow, when: {app: a.b}}", head="mode: monitor\ndefault: block")
    assert policy.decide(Question()) == Decision(verdict=Verdict.BLOCK, reason="no rule matched")
    assert parse_policy("version: 1\nmode: monitor").decide(Question()).verdict is Verdict.ALLOW


def test_a_rule_holds_until_its_end() -> None:
    policy = policy_of(
        "{id: exception, action: allow, until: 2027-06-30, when: {app: a.b}}",
        "{id: rule, action: block, when: {app: a.*}, until: 2027-07-01T12:00:00+02:00}",
    )
    end = 1814400000.0
    assert [policy.decide(Question(app="a.b", ts=ts)).rule for ts in (0, end - 1, end, end + 36000)] == [
        "exception",
        "exception",
        "rule",
        None,
    ]


def test_mode() -> None:
    for mode, enforces, inspects in (
        ("metadata-only", False, False),
        ("monitor", False, True),
        ("enforce", True, True),
    ):
        policy = parse_policy(f"version: 1\nmode: {mode}\ninspect: {{include: [a.example]}}")
        assert policy.enforces is enforces
        assert policy.may_inspect("chatgpt.com", True) is inspects
        assert policy.may_inspect("www.a.example", False) is inspects
        assert policy.may_inspect("b.example", False) is False


def test_what_is_excluded_is_never_inspected() -> None:
    policy = parse_policy(
        "version: 1\nmode: enforce\ninspect: {include: [bank.example], exclude: [bank.example]}"
    )
    assert not policy.may_inspect("bank.example", True)
    assert not policy.may_inspect("Login.Bank.example.", True)


@pytest.mark.parametrize(
    ("user", "address", "device", "groups"),
    [
        ("Analyst", None, None, {"staff"}),
        ("guest", "10.1.2.3", None, {"staff", "guests"}),
        (None, None, "host:pc-9", {"staff"}),
        (None, None, None, set()),
        ("nobody", "10.2.0.1", "ip:10.2.0.1", set()),
    ],
)
def test_groups(user: str | None, address: str | None, device: str | None, groups: set[str]) -> None:
    policy = policy_of("{id: a, action: block}", groups=GROUPS)
    assert policy.groups_of(user, address, device) == groups
    assert policy.groups_of(user, address, device) == groups  # as remembered
    assert parse_policy("version: 1\nmode: monitor").groups_of(user, address, device) == frozenset()


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_module, "MAX_REMEMBERED", 4)
    policy = policy_of("{id: a, action: block, when: {host: example.com}}", groups=GROUPS)
    for at in range(20):
        host = f"h{at}.example.com"
        assert policy.decide(Question(host=host)).rule == "a"
        assert policy.groups_of("analyst", host) == {"staff"}
    assert all(len(asked.remembered) <= 4 for asked in policy._judge._asked)
    assert policy.decide(Question(host="a" * 1000 + ".example.com")).rule == "a"
    assert all(len(value) < 1000 for asked in policy._judge._asked for value in asked.remembered)
    assert len(policy._members._remembered) <= 4


# --- the index and the plain walk ------------------------------------------------------------------------

ids = st.sampled_from(["a.one", "a.two", "b.one", "a.*", "*", "*.one"])
hosts = st.sampled_from(["example.com", "a.example.com", "com", "192.0.2.1"])
networks = st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0", "2001:db8::/32"])
one_condition = st.one_of(
    st.tuples(
        st.sampled_from(["app", "provider", "client", "user", "feature", "region"]), st.lists(ids, min_size=1)
    ),
    st.tuples(st.just("host"), st.lists(hosts, min_size=1)),
    st.tuples(st.just("network"), st.lists(networks, min_size=1)),
    st.tuples(st.just("group"), st.lists(st.sampled_from(["staff", "guests"]), min_size=1)),
    st.tuples(st.just("status"), st.lists(st.sampled_from([str(status) for status in Status]), min_size=1)),
    st.tuples(st.just("door"), st.lists(st.sampled_from(["span", "proxy"]), min_size=1)),
    st.tuples(st.just("proves"), st.lists(st.sampled_from(["usage", "presence"]), min_size=1)),
    st.tuples(st.just("generic"), st.sampled_from(["true", "false"])),
)
one_rule = st.tuples(
    st.lists(one_condition, max_size=3, unique_by=lambda condition: condition[0]),
    st.sampled_from(["allow", "alert", "block"]),
    st.sampled_from([None, "1970-01-01", "1970-01-03"]),
)


def rule_text(at: int, rule: tuple[list[tuple[str, list[str] | str]], str, str | None]) -> str:
    conditions, action, until = rule
    shown = ", ".join(
        f"{key}: {values if isinstance(values, str) else [*values]}" for key, values in conditions
    )
    return f"{{id: r{at}, action: {action}, when: {{{shown}}}{f', until: {until}' if until else ''}}}"


questions = st.builds(
    Question,
    app=st.sampled_from([None, "a.one", "a.two", "b.one", "c.three"]),
    provider=st.sampled_from([None, "a.one"]),
    client=st.sampled_from([None, "a.two"]),
    user=st.sampled_from([None, "a.one", "A.TWO"]),
    feature=st.sampled_from([None, "b.one"]),
    region=st.sampled_from([None, "a.one"]),
    host=st.sampled_from([None, "example.com", "x.a.example.com", "192.0.2.1", "[::1]"]),
    address=st.sampled_from([None, "10.1.2.3", "10.9.9.9", "192.0.2.9", "2001:db8::1"]),
    groups=st.sampled_from([frozenset(), frozenset({"staff"}), frozenset({"staff", "guests"})]),
    status=st.sampled_from(Status),
    generic=st.booleans(),
    proves=st.sampled_from([None, *Proves]),
    door=st.sampled_from(Door),
    ts=st.sampled_from([0.0, 86400.0, 300000.0]),
)


@pytest.mark.slow
@given(st.lists(one_rule, max_size=8), st.lists(questions, min_size=1, max_size=8))
def test_the_index_answers_as_the_plain_walk_and_the_explanation_do(
    rules: list[tuple[list[tuple[str, list[str] | str]], str, str | None]], asked: list[Question]
) -> None:
    policy = policy_of(*(rule_text(at, rule) for at, rule in enumerate(rules)), groups=GROUPS)
    for question in asked:
        decision = policy.decide(question)
        assert decision == decide_plainly(policy, question)
        explanation = explain(policy, question)
        assert explanation.decision == decision
        decided = [rule.id for rule in explanation.rules if rule.outcome is Outcome.DECIDED]
        assert decided == ([] if decision.rule is None else [decision.rule])


@pytest.mark.slow
@given(st.lists(one_rule, min_size=2, max_size=2), st.lists(questions, max_size=30))
def test_a_rule_that_the_lint_calls_unreachable_never_decides(
    rules: list[tuple[list[tuple[str, list[str] | str]], str, str | None]], asked: list[Question]
) -> None:
    from sensor.policy import lint

    policy = policy_of(*(rule_text(at, rule) for at, rule in enumerate(rules)), groups=GROUPS)
    found = {each.what.split('"')[1] for each in lint(policy, ts=0.0) if each.name == "unreachable-rule"}
    for question, rule in itertools.product(asked, found):
        assert policy.decide(question).rule != rule
