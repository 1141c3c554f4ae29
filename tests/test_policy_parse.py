"""A policy is read whole, or refused with its place, what is wrong, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.errors import ConfigError
from sensor.model import Verdict
from sensor.policy import (
    DEFAULT_POLICY_TEXT,
    EVERYTHING,
    KEYS,
    MODES,
    MODIFIERS,
    Policy,
    lint,
    parse_policy,
)
from sensor.policy.parse import MAX_GROUPS, MAX_RULES
from sensor.policy_files import find_zone

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "deploy" / "policies").glob("*.yaml"))
APPS = ("openai.chatgpt", "openai.api", "deepseek.chat", "aws.bedrock")


def one_rule(rule: str, *, before: str = "") -> str:
    """A policy of one rule, which begins at line 5 column 5."""
    return f"version: 1\nmode: enforce\n{before or '#'}\nrules:\n  - {rule}\n"


def when(conditions: str) -> str:
    """A policy of one rule with these conditions, which begin at line 5 column 31."""
    return one_rule(f"{{id: a, action: block, when: {conditions}}}")


def test_everything_that_may_stand_in_a_policy() -> None:
    policy = parse_policy(
        """
version: 1
mode: monitor
on_error: pass
oversize: block
default: alert
inspect: {include: [ai.intranet.example], exclude: [bank.example]}
groups:
  research:
    users: [analyst, "*@research.example"]
    networks: [10.1.0.0/16, "2001:db8::1"]
    devices: ["ip:10.0.0.5"]
rules:
  - id: first
    when: {app: openai.*, group: research, generic: false, network: 10.1.2.3}
    action: block
    with: {}
    message: Please do not.
    until: 2027-06-30
    owner: it
    reason: under review
  - {id: second, action: allow}
""",
        "x.yaml",
    )
    assert (policy.mode, policy.on_error, policy.oversize) == ("monitor", "pass", "block")
    assert policy.default is Verdict.ALERT
    assert policy.inspect_include.canonical() == ["ai.intranet.example"]
    assert policy.inspect_exclude.canonical() == ["bank.example"]
    (group,) = policy.groups
    assert (group.name, group.size) == ("research", 5)
    first, second = policy.rules
    assert (first.id, first.action, first.message) == ("first", Verdict.BLOCK, "Please do not.")
    assert (first.until, first.until_text) == (1814400000.0, "2027-06-30")
    assert (first.owner, first.reason) == ("it", "under review")
    assert {c.key: c.matcher.canonical() for c in first.when} == {
        "app": ["openai.*"],
        "group": ["research"],
        "generic": ["false"],
        "network": ["10.1.2.3/32"],
    }
    assert str(first.where) == "x.yaml:14:5"
    assert (second.when, second.until, second.owner) == ((), None, None)


def test_the_least_policy() -> None:
    policy = parse_policy("version: 1\nmode: monitor\nrules:\n")
    assert (policy.on_error, policy.oversize, policy.default) == ("block", "scan", Verdict.ALLOW)
    assert policy.rules == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", 'p.yaml:1:1: the policy is empty\n  The least is two lines: "version: 1" and "mode: monitor".'),
        ("mode: enforce", 'p.yaml:1:1: missing key "version"'),
        ("version: 1", 'p.yaml:1:1: missing key "mode"'),
        ("version: 2\nmode: enforce", "p.yaml:1:10: version 2 of the policy format is not known\n  Write 1."),
        (
            "version: 1\nmode: enfoce",
            'p.yaml:2:7: unknown mode "enfoce"\n'
            '  Did you mean "enforce"? Modes are metadata-only, monitor, enforce.',
        ),
        (
            "version: 1\nmode: enforce\nrule: []",
            'p.yaml:3:1: unknown key "rule"\n  Did you mean "rules"? Keys here are',
        ),
        (
            "version: 1\nmode: enforce\non_error: blok",
            'p.yaml:3:11: unknown on_error word "blok"\n  Did you mean "block"?',
        ),
        (
            "version: 1\nmode: enforce\noversize: skip",
            'p.yaml:3:11: unknown oversize word "skip"\n  Oversize words',
        ),
        (
            "version: 1\nmode: enforce\ndefault: coach",
            'p.yaml:3:10: action "coach" cannot be carried out by this version: it needs a page that asks',
        ),
        (
            one_rule("{id: a, action: redcat}"),
            'p.yaml:5:21: unknown action "redcat"\n'
            '  Did you mean "redact"? Actions are allow, alert, coach, redact, block.',
        ),
        (
            one_rule("{id: a, action: redact}"),
            'p.yaml:5:21: action "redact" cannot be carried out by this version: it needs the content '
            "of requests to be changed on the way\n"
            "  Use alert (let through and recorded as an alert) or block.",
        ),
        (one_rule("{action: block}"), 'p.yaml:5:5: missing key "id"'),
        (one_rule("{id: a}"), 'p.yaml:5:5: missing key "action"'),
        (one_rule("{id: a b, action: block}"), "p.yaml:5:10: a rule's id is letters, digits"),
        (one_rule("{id: a, action: block, If: x}"), 'p.yaml:5:28: unknown key "If"'),
        (
            one_rule("{id: a, action: block, with: {rate: 5}}"),
            'p.yaml:5:35: modifier "rate" cannot be carried out by this version\n'
            "  Take it out: what is not done should not stand in a policy.",
        ),
        (one_rule("{id: a, action: block, until: 2027-02-30}"), "p.yaml:5:35: there is no day 2027-02-30"),
        (
            one_rule("{id: a, action: block, until: 2027}"),
            "p.yaml:5:35: expected text, found the number 2027",
        ),
        (when("[app]"), "p.yaml:5:34: expected a mapping"),
        (
            when("{apps: x}"),
            'p.yaml:5:35: unknown condition "apps"\n'
            '  Did you mean "app"? Conditions are app, provider, client,',
        ),
        (
            when('{"\\e[31m": x}'),
            'p.yaml:5:35: unknown condition "\\u001b[31m"\n  Conditions are app,',
        ),
        (
            when("{finding: iban}"),
            'p.yaml:5:35: unknown condition "finding"\n  Did you mean "findings"? Conditions are app, ',
        ),
        (
            when("{not: {app: x}}"),
            'p.yaml:5:35: there is no condition "not"\n  The first matching rule decides:',
        ),
        (when("{app: []}"), "p.yaml:5:40: an empty list never matches"),
        (when("{app: [1]}"), "p.yaml:5:41: expected text, found the number 1"),
        (when('{app: "open*.chat"}'), 'p.yaml:5:40: a "*" may stand at the beginning or at the end, once'),
        (when('{user: "*a*"}'), 'p.yaml:5:41: a "*" may stand'),
        (
            when("{app: openai.chatgtp}"),
            'p.yaml:5:40: the catalogue knows no app "openai.chatgtp"\n  Did you mean "openai.chatgpt"?',
        ),
        (
            when("{provider: opnai.*}"),
            'p.yaml:5:45: the catalogue knows no provider "opnai.*"\n  Did you mean "openai.',
        ),
        (
            when("{app: qqq.zzz}"),
            'p.yaml:5:40: the catalogue knows no app "qqq.zzz"\n'
            "  'gnomon catalogue list' shows what it knows.",
        ),
        (when("{app: unknown.llm_api/x}"), "p.yaml:5:40: an unknown LLM API has no id"),
        (
            when("{status: [sanctoned]}"),
            'p.yaml:5:44: unknown status word "sanctoned"\n  Did you mean "sanctioned"?',
        ),
        (
            when("{generic: yes}"),
            'p.yaml:5:44: expected true or false, found text "yes"\n  YAML 1.2 knows true and false only.',
        ),
        (when("{door: inline}"), 'p.yaml:5:41: unknown door word "inline"'),
        (
            when('{host: "*.example.com"}'),
            'p.yaml:5:41: host "*.example.com": write "example.com": a host stands',
        ),
        (
            when("{host: https://example.com/}"),
            'p.yaml:5:41: host "https://example.com/": this is not a host name',
        ),
        (when(f"{{host: {'a' * 300}}}"), "this is longer than a host name can be"),
        (when(f"{{host: {'ä' * 64}.example}}"), "this is not a host name"),
        (when("{host: a..b}"), "this is not a host name"),
        (
            when("{network: 10.1.2.3/16}"),
            'p.yaml:5:44: "10.1.2.3/16" is an address inside a network\n  Did you mean "10.1.0.0/16"?',
        ),
        (when("{network: office}"), 'p.yaml:5:44: "office" is not a network\n  Write an address, or'),
        (when("{device: pc-17}"), 'p.yaml:5:43: "pc-17" is not a device\n  A device is mac:'),
        (when('{device: "host:"}'), 'p.yaml:5:43: "host:" is not a device'),
        (when("{device: mac:ff-ff}"), 'p.yaml:5:43: "ff-ff" is not the MAC address of one device'),
        (when("{group: staff}"), 'p.yaml:5:42: there is no group "staff"\n  Define it under "groups:".'),
        (
            one_rule(
                "{id: a, action: block, when: {group: staf}}", before="groups: {staff: {users: [analyst]}}"
            ),
            'p.yaml:5:42: there is no group "staf"\n  Did you mean "staff"? Groups are staff.',
        ),
        (
            "version: 1\nmode: enforce\ngroups: {a b: {}}",
            "p.yaml:3:10: a group's name is letters, digits, '.', '_' and '-'",
        ),
        (
            "version: 1\nmode: enforce\ngroups: {a: {user: [x]}}",
            'p.yaml:3:14: unknown key "user"\n  Did you mean "users"?',
        ),
        ("version: 1\nmode: enforce\ninspect: {incl: [x]}", 'p.yaml:3:11: unknown key "incl"'),
        (
            f"version: 1\nmode: enforce\nrules: [{'{id: a, action: block},' * (MAX_RULES + 1)}]",
            f"p.yaml:3:8: more than {MAX_RULES} rules\n  Lists inside a condition are OR",
        ),
        (
            "version: 1\nmode: enforce\ngroups: {"
            + ",".join(f"g{n}: {{}}" for n in range(MAX_GROUPS + 1))
            + "}",
            f"p.yaml:3:9: more than {MAX_GROUPS} groups",
        ),
    ],
)
def test_errors_say_where_what_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_policy(text, "p.yaml", apps=APPS)
    assert says in str(caught.value)
    assert caught.value.where is not None
    assert caught.value.where.line is not None
    assert caught.value.where.column is not None


@pytest.mark.parametrize(
    "conditions",
    [
        "{app: [openai.chatgpt, openai.*]}",
        '{app: "*"}',
        "{provider: aws.bedrock, client: anthropic.claude_code}",
        "{status: [unreviewed, under review]}",
        "{host: [example.com, bücher.example, 192.0.2.1, '[2001:db8::1]', EXAMPLE.com.]}",
        "{network: ['2001:db8::/32', 10.0.0.0/8, 10.0.0.5]}",
        "{device: [mac:02-00-00-00-00-05, host:PC-17., 'ip:2001:DB8::1', 'mac:02:*', '*']}",
        "{direction: prompt, method: [POST, put], region: eu-*, door: proxy, proves: usage, feature: chat}",
        "{user: ['*@example.com', EXAMPLE\\analyst]}",
        "{}",
    ],
)
def test_conditions_that_may_be_written(conditions: str) -> None:
    parse_policy(when(conditions), apps=APPS)


def test_ids_are_not_checked_where_there_is_no_catalogue() -> None:
    parse_policy(when("{app: no.such, vendor: nobody, category: none, client: no.one}"))


def test_the_hash_is_of_what_a_policy_says_not_of_how_it_is_written() -> None:
    one = parse_policy(when("{app: [b.b, a.a], host: EXAMPLE.com}"))
    two = parse_policy(
        "# a comment\nmode: enforce\nversion: 1\nrules:\n"
        "- when:\n    host: [example.com]\n    app:\n    - a.a\n    - B.b\n  action: block\n  id: a\n"
    )
    assert one.hash == two.hash
    assert re.fullmatch("[0-9a-f]{64}", one.hash)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nmode: monitor",
        "version: 1\nmode: enforce\non_error: pass",
        "version: 1\nmode: enforce\noversize: pass",
        "version: 1\nmode: enforce\ndefault: block",
        "version: 1\nmode: enforce\ninspect: {include: [a.example]}",
        "version: 1\nmode: enforce\ninspect: {exclude: [a.example]}",
        "version: 1\nmode: enforce\ngroups: {a: {users: [x]}}",
        "version: 1\nmode: enforce\ngroups: {a: {devices: ['ip:10.0.0.5']}}",
        one_rule("{id: a, action: block}"),
        one_rule("{id: a, action: alert}"),
        one_rule("{id: b, action: block}"),
        one_rule("{id: a, action: block, message: m}"),
        one_rule("{id: a, action: block, owner: o}"),
        one_rule("{id: a, action: block, reason: r}"),
        one_rule("{id: a, action: block, until: 2027-01-01}"),
        one_rule("{id: a, action: block, when: {user: x}}"),
        one_rule("{id: a, action: block, when: {feature: x}}"),
    ],
)
def test_whatever_a_policy_says_is_in_its_hash(text: str) -> None:
    others = {
        parse_policy(other).hash
        for other in ("version: 1\nmode: enforce", one_rule("{id: a, action: block, when: {user: y}}"))
    }
    assert parse_policy(text).hash not in others


def test_the_hash_of_the_default_policy_stays() -> None:
    """Recorded events name their policy by this hash: how it is computed may not change unnoticed."""
    assert parse_policy("version: 1\nmode: enforce").hash == (
        "91570248f12239492edd550d7d44eb4b8539474cd7b38888c21c0f8d48bc445e"
    )


# --- the policies that are shipped ---------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_shipped_policy_is_right_and_has_nothing_said_against_it(path: Path) -> None:
    policy = parse_policy(path.read_text(encoding="utf-8"), path.name, zones=find_zone)
    # As of the day it was written: what has an end is to expire one day.
    assert lint(policy, ts=1.79e9) == ()


def test_the_default_policy_is_shipped_as_text_and_in_code() -> None:
    text = (ROOT / "deploy" / "policies" / "default.yaml").read_text(encoding="utf-8")
    assert text == DEFAULT_POLICY_TEXT
    assert {path.name for path in EXAMPLES} >= {"default.yaml", "monitor.yaml", "enforce.yaml"}


@pytest.mark.slow
def test_shipped_policies_name_only_categories_and_apps_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sensor import policy_files
    from sensor.catalogue_files import load_catalogue
    from sensor.policy_files import read_policy

    monkeypatch.setattr(policy_files, "SUPPORTS", EVERYTHING)
    catalogue = load_catalogue(None)
    for path in EXAMPLES:
        read_policy(path, catalogue=catalogue)


# --- docs ---------------------------------------------------------------------------------------------


def test_every_word_of_a_policy_stands_in_the_docs() -> None:
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.*?) \|", text, re.MULTILINE))
    for key in KEYS.values():
        assert rows[key.name] == key.says
    words = """version on_error oversize default inspect include exclude groups users networks devices rules
        id when action with message until owner reason at_least at_most type count validated
        confidence days hours zone kind tenant key requests per by ldap"""
    for word in [*MODES, *(verdict.value for verdict in Verdict), *MODIFIERS, *words.split()]:
        assert f"`{word}`" in text


def test_the_policies_in_the_docs_are_right() -> None:
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert shown
    for each in shown:
        assert isinstance(parse_policy(each, "docs/policy.md", zones=find_zone), Policy)


# --- any text -----------------------------------------------------------------------------------------

words = st.sampled_from(
    ["version", "mode", "rules", "id", "action", "when", "app", "host", "user", "network", "group", "device",
     "inspect", "include", "groups", "users", "until", "block", "enforce", "1", "openai.*", "10.0.0.0/8", "*",
     "example.com", "2027-01-01", "with", "default", "generic", "true", "[]", "{}", "ip:", "mac:*"]
)  # fmt: skip
trees = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=12,
)


def as_yaml(tree: object) -> str:
    """A tree of texts in YAML's flow style."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f'"{key}": {as_yaml(value)}' for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(as_yaml(value) for value in tree) + "]"
    return str(tree) if tree in ("1", "true", "[]", "{}") else f'"{tree}"'


conditions = st.dictionaries(st.sampled_from(sorted(KEYS)), trees, max_size=3)
rules = st.dictionaries(
    st.sampled_from(["id", "action", "when", "until", "with"]), st.one_of(words, conditions), max_size=5
)
parts = {"rules": st.lists(rules, max_size=3), "groups": trees, "inspect": trees, "default": trees}


@pytest.mark.slow
@given(st.fixed_dictionaries({}, optional=parts))
def test_any_tree_is_a_policy_or_refused_with_its_place(tree: dict[str, object]) -> None:
    text = as_yaml({"version": "1", "mode": "enforce", **tree})
    try:
        policy = parse_policy(text, "p.yaml")
    except ConfigError as error:
        assert error.where is not None and error.where.line is not None
    else:
        lint(policy, ts=0.0)


@given(st.text())
@settings(max_examples=50)
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    try:
        parse_policy(text)
    except ConfigError as error:
        assert error.where is not None
