"""Conditions on content, modifiers, groups from LDAP as they are written; the one switch for what is done."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects.accounts import Kind
from sensor.dialects.tenants import WITHOUT_HEADER
from sensor.errors import ConfigError
from sensor.model import Question, Verdict
from sensor.policy import (
    ACCOUNTS,
    CARRIED_OUT,
    EVERYTHING,
    KEYS,
    MODIFIERS,
    OF_CONTENT,
    Policy,
    Zone,
    lint,
    parse_policy,
    restrictions_of,
)
from sensor.policy.modifiers import COMPANIES, VENDORS
from sensor.policy_files import SUPPORTS

DOCS = (Path(__file__).resolve().parent.parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")
WORDS = ("iban", "payment_card", "secret")
WORKSPACE = "0a1b2c3d-0000-4000-8000-00000000000f"


def read(text: str, supports: Collection[str] = EVERYTHING) -> Policy:
    return parse_policy(
        text,
        "p.yaml",
        findings=lambda: WORDS,
        zones=lambda name: Zone(name, lambda ts: 3600.0) if name == "Europe/Berlin" else None,
        supports=supports,
    )


def rule(body: str) -> str:
    """A policy of one rule."""
    return f"version: 1\nmode: enforce\nrules:\n- {{id: a, {body}}}"


def when(conditions: str) -> str:
    """A policy of one rule with these conditions."""
    return rule(f"action: block, when: {{{conditions}}}")


def with_(modifiers: str) -> str:
    """A policy of one rule with these modifiers."""
    return rule(f"action: allow, with: {{{modifiers}}}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (when("model: []"), "p.yaml:4:40: an empty list never matches\n  Name at least one value"),
        (when("model: [1]"), "p.yaml:4:41: expected text, found the number 1"),
        (when('model: "a\\u0000"'), "p.yaml:4:40: a name is printable text"),
        (when("risk: hgih"), 'p.yaml:4:39: unknown risk word "hgih"\n  Did you mean "high"?'),
        (when("risk: {at_least: 101}"), "p.yaml:4:50: 101 is out of range\n  It must be at least 0"),
        (when("risk: {from: 1}"), 'p.yaml:4:40: unknown key "from"\n  Keys here are at_least, at_most.'),
        (when("risk: {}"), "p.yaml:4:39: neither at_least: nor at_most: stand here\n  Write at least one"),
        (when("risk: 70"), "p.yaml:4:39: expected text, found the number 70"),
        (when("size: 1 MB"), "p.yaml:4:39: expected a mapping"),
        (when("size: {at_least: 1 XB}"), "p.yaml:4:50: expected a size: 500 kB, 1.5 MB, 64 KiB (units"),
        (when("size: {at_least: 1 ib}"), "p.yaml:4:50: expected a size"),
        (when("size: {at_least: -1}"), "p.yaml:4:50: -1 is out of range"),
        (
            when("size: {at_least: 2 MB, at_most: 1 MB}"),
            "p.yaml:4:39: at_least is more than at_most: nothing is both\n  Change one of them.",
        ),
        (when("account: privat"), 'p.yaml:4:42: unknown account word "privat"'),
        (when("account: {}"), "p.yaml:4:42: nothing is asked of the account\n  Write account: personal"),
        (when("account: {kid: personal}"), 'p.yaml:4:43: unknown key "kid"\n  Did you mean "kind"?'),
        (when("account: {tenant: 'a*b'}"), 'p.yaml:4:51: a "*" may stand at the beginning or at the end'),
        (when("account.tenant: x"), 'p.yaml:4:33: unknown condition "account.tenant"'),
        (
            when("findings: secrets"),
            'p.yaml:4:43: no detector finds "secrets"\n  Did you mean "secret"?',
        ),
        (when("findings: qqq"), "'gnomon detect list' shows types and groups."),
        (when("findings: 'a*b'"), 'p.yaml:4:43: a "*" may stand at the beginning or at the end, once'),
        (when("findings: {count: 2}"), 'p.yaml:4:43: missing key "type"'),
        (when("findings: {type: iban, count: 0}"), "p.yaml:4:63: 0 is out of range"),
        (when("findings: {type: iban, confidence: 80}"), "p.yaml:4:68: 80 is out of range"),
        (
            when("findings: {type: iban, validated: false}"),
            "p.yaml:4:67: validated: false asks for nothing\n  Leave it out",
        ),
        (
            when("time: {}"),
            "p.yaml:4:39: neither days: nor hours: stand here\n  Write time: {days: mon-fri}.",
        ),
        (when("time: {zone: UTC}"), "p.yaml:4:39: neither days: nor hours: stand here"),
        (when("time: {days: monday}"), "p.yaml:4:46: expected a day or days: mon, mon-fri"),
        (when("time: {days: mon-tue-wed}"), "p.yaml:4:46: expected a day or days"),
        (when("time: {days: []}"), "p.yaml:4:46: an empty list never matches"),
        (when("time: {hours: '8'}"), "p.yaml:4:47: expected hours: 08:00-18:00"),
        (when("time: {hours: 08:60-18:00}"), "p.yaml:4:47: expected hours"),
        (when("time: {hours: 08:00-24:01}"), "p.yaml:4:47: expected hours"),
        (when("time: {hours: 08:00-08:00}"), "p.yaml:4:47: expected hours"),
        (when("time: {days: mon, zone: Middle/Earth}"), 'p.yaml:4:57: there is no time zone "Middle/Earth"'),
        (when("time: {days: mon, zone: '+25:00'}"), 'p.yaml:4:57: there is no time zone "+25:00"'),
        (with_("rates: {}"), 'p.yaml:4:33: unknown key "rates"\n  Did you mean "rate"?'),
        (with_("tenant: {}"), "p.yaml:4:41: no vendor is named\n  Write the vendor and its tenants"),
        (
            with_("tenant: {deepseek: [x]}"),
            'p.yaml:4:42: vendor "deepseek" cannot be restricted to tenants: nothing about organisations was '
            "found\n  Vendors that can be are openai, anthropic, google, microsoft, github, salesforce, ",
        ),
        (
            with_("tenant: {nobody: [x]}"),
            'p.yaml:4:42: vendor "nobody" cannot be restricted to tenants: no way',
        ),
        (with_("tenant: {opnai: [x]}"), 'no way to do so is known\n  Did you mean "openai"?'),
        (with_("tenant: {deepseek: [x]}"), "Refuse others by account: [personal, anonymous, unknown]."),
        (with_("tenant: {anthropic: [acme]}"), "p.yaml:4:53: "),
        (with_("tenant: {anthropic: {organisation: [acme]}}"), "p.yaml:4:53: unknown key"),
        (with_("tenant: {anthropic: [1]}"), "p.yaml:4:54: expected text, found the number 1"),
        (
            with_(
                f"tenant: {{microsoft: '{WORKSPACE}:{WORKSPACE}', microsoft_v1: {{tenants: a.example, "
                f"directory: {WORKSPACE}}}}}"
            ),
            "p.yaml:4:41: ",
        ),
        (with_("tenant: {openai: []}"), "p.yaml:4:50: an empty list says nothing"),
        (with_("tenant: [openai]"), "p.yaml:4:41: expected a mapping"),
        (with_(f"strip_tools: [{','.join(['t'] * 501)}]"), "p.yaml:4:46: more than 500 values"),
        (with_('strip_tools: "a\\u0007"'), "p.yaml:4:46: a tool's name is printable text"),
        (with_("rate: {requests: 5, per: 1m}"), 'p.yaml:4:39: missing key "by"'),
        (with_("rate: {requests: 0, per: 1m, by: user}"), "p.yaml:4:50: 0 is out of range"),
        (with_("rate: {requests: 5, per: 1 min, by: user}"), "p.yaml:4:58: expected a time span: 30s, 1m"),
        (with_("rate: {requests: 5, per: 0s, by: user}"), "p.yaml:4:58: expected a time span"),
        (with_("rate: {requests: 5, per: 1m, by: team}"), 'p.yaml:4:66: unknown rate word "team"'),
        (with_(f"notice: {'x' * 501}"), "p.yaml:4:41: longer than 500 characters\n  A notice is read"),
        (
            "version: 1\nmode: enforce\ngroups: {g: {ldap: finance}}",
            'p.yaml:3:20: "finance" is not a distinguished name\n  Write cn=finance,ou=groups',
        ),
        (
            f"version: 1\nmode: enforce\ngroups: {{g: {{ldap: 'cn={'x' * 1000}'}}}}",
            "is not a distinguished name",
        ),
    ],
)
def test_errors_say_where_what_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (when("risk: {at_most: 30}"), ["at most 30"]),
        (when("risk: [low, medium]"), ["low", "medium"]),
        (when("size: {at_least: 1.5 kB, at_most: 2 KiB}"),
         ["at least 1500 bytes and at most 2048 bytes"]),
        (when("size: {at_least: 64kib}"), ["at least 65536 bytes"]),
        (when("size: {at_most: 100}"), ["at most 100 bytes"]),
        (when("size: {at_most: 100 B}"), ["at most 100 bytes"]),
        (when("size: {at_most: '7'}"), ["at most 7 bytes"]),
        (when("findings: [iban, payment*]"), ["iban", "payment*"]),
        (when("findings: {type: iban}"), ["1 or more of iban"]),
        (
            when("findings: {type: [iban, secret], count: 3, validated: true, confidence: 0.8}"),
            ["3 or more of iban or secret, validated, confidence 0.8 or more"],
        ),
        (when("time: {days: [sat-mon, wed]}"), ["sat-mon and wed (UTC)"]),
        (
            when("time: {days: MON-fri, hours: [8:00-12:00, 13:00 - 18:00], zone: Europe/Berlin}"),
            ["MON-fri 8:00-12:00 and 13:00 - 18:00 (Europe/Berlin)"],
        ),
        (when("account: corporate"), ["corporate"]),
        (when("account: {kind: [corporate]}"), ["corporate"]),
    ],
)  # fmt: skip
def test_conditions_in_words(text: str, values: list[str]) -> None:
    (condition,) = read(text).rules[0].when
    assert list(condition.values) == values


def test_a_condition_on_the_account_is_as_many_as_it_asks_for() -> None:
    conditions = read(when("account: {tenant: [a, b], kind: corporate, key: ci-*}")).rules[0].when
    assert {condition.key: condition.values for condition in conditions} == {
        "account": ("corporate",),
        "account.tenant": ("a", "b"),
        "account.key": ("ci-*",),
    }


def test_modifiers_are_plain_values_and_stand_in_the_decision_and_the_hash() -> None:
    text = with_(
        f"tenant: {{openai: [org-abcd1234, {WORKSPACE}], google: [b.example, a.example]}}, "
        'strip_tools: [shell, "mcp__*"], rate: {requests: 20, per: 2h, by: device}, notice: Be careful.'
    )
    policy = read(text)
    decision = policy.decide(Question())
    assert decision.verdict is Verdict.ALLOW
    assert decision.with_ == {
        "tenant": {"openai": ["org-abcd1234", WORKSPACE], "google": ["b.example", "a.example"]},
        "strip_tools": ["mcp__*", "shell"],
        "rate": {"requests": 20, "per_s": 7200, "by": "device"},
        "notice": "Be careful.",
    }
    assert policy.hash != read(text.replace("2h", "3h")).hash
    assert set(decision.with_) == set(MODIFIERS)


@pytest.mark.parametrize(
    ("vendor", "right", "wrong"),
    [
        ("openai", [WORKSPACE, "org-AbC12345"], ["org-", "acme", WORKSPACE + "0"]),
        ("anthropic", [WORKSPACE.upper()], ["org-abc"]),
        ("google", ["example.com", "organizations/123456789012"], ["@a.b", "organizations/"]),
        ("microsoft", [f"{WORKSPACE}:{WORKSPACE}", WORKSPACE], ["contoso", "a:b"]),
        ("github", ["octo-enterprise", "1234"], ["a b", "-a"]),
        ("salesforce", ["T012ABCDEF", "E012ABCDEF"], ["acme", "T1"]),
        ("dropbox", ["4875936"], ["acme"]),
    ],
)  # fmt: skip
def test_ids_of_tenants_have_their_vendors_form(vendor: str, right: list[str], wrong: list[str]) -> None:
    for text in right:
        tenant = read(with_(f"tenant: {{{vendor}: '{text}'}}")).rules[0].with_["tenant"]
        assert tenant == {vendor: [text]}
        assert restrictions_of(tenant)
    for text in wrong:
        with pytest.raises(ConfigError, match=r"p\.yaml:4:\d+: "):
            read(with_(f"tenant: {{{vendor}: '{text}'}}"))


def test_one_way_of_a_vendor_takes_its_fields() -> None:
    text = f"tenant: {{microsoft_v1: {{tenants: [a.example, b.example], directory: {WORKSPACE}}}}}"
    tenant = read(with_(text)).rules[0].with_["tenant"]
    assert tenant == {"microsoft_v1": {"tenants": ["a.example", "b.example"], "directory": [WORKSPACE]}}
    assert {each.header for each in restrictions_of(tenant)} >= {"Restrict-Access-To-Tenants"}


def test_every_vendor_of_the_catalogue_that_is_named_is_one() -> None:
    from signatures import __path__ as folders

    texts = "".join(path.read_text(encoding="utf-8") for path in Path(folders[0]).glob("vendors*.yaml"))
    assert all(re.search(rf"^{vendor}:", texts, re.MULTILINE) for vendor in COMPANIES)


@pytest.mark.parametrize("vendor", WITHOUT_HEADER)
def test_a_vendor_without_a_header_cannot_be_restricted(vendor: str) -> None:
    with pytest.raises(ConfigError, match=f'vendor "{vendor}" cannot be restricted to tenants: ') as caught:
        read(with_(f"tenant: {{{vendor}: [x]}}"))
    assert WITHOUT_HEADER[vendor].why in str(caught.value)


def test_kinds_of_accounts_are_those_that_are_told_apart() -> None:
    assert tuple(Kind) == ACCOUNTS


# --- the switch -----------------------------------------------------------------------------------------

ONLY_WHERE_SUPPORTED = {
    "coach": (
        rule("action: coach"),
        'p.yaml:4:19: action "coach" cannot be carried out by this version: it needs a page that asks the '
        "person back\n  Use alert (let through and recorded as an alert) or block.",
    ),
    "redact": (
        rule("action: redact"),
        'p.yaml:4:19: action "redact" cannot be carried out by this version: it needs the content of '
        "requests to be changed on the way\n  Use alert",
    ),
    "tenant": (with_("tenant: {openai: org-abcd1234}"), 'p.yaml:4:33: modifier "tenant" cannot be carried'),
    "strip_tools": (with_("strip_tools: shell"), 'p.yaml:4:33: modifier "strip_tools" cannot be carried out'),
    "rate": (
        with_("rate: {requests: 1, per: 1s, by: app}"),
        'p.yaml:4:33: modifier "rate" cannot be carried out by this version\n  Take it out',
    ),
    "notice": (with_("notice: n"), 'p.yaml:4:33: modifier "notice" cannot be carried out by this version'),
    "ldap": (
        "version: 1\nmode: enforce\ngroups: {g: {ldap: cn=g}}",
        "p.yaml:3:14: groups from LDAP cannot be read by this version: it has no client for a directory\n"
        "  Name the users, networks or devices.",
    ),
    "account": (when("account: personal"), 'p.yaml:4:33: condition "account" needs the content of requests'),
    "account.tenant": (
        when("account: {tenant: acme}"),
        'p.yaml:4:43: condition "account.tenant" needs the content of requests, which this version does not',
    ),
    "account.key": (when("account: {key: ci-*}"), 'p.yaml:4:43: condition "account.key" needs the content'),
    "model": (when("model: gpt-4*"), 'p.yaml:4:33: condition "model" needs the content of requests'),
    "size": (when("size: {at_least: 1 MB}"), 'p.yaml:4:33: condition "size" needs the content of requests'),
    "findings": (
        when("findings: secret"),
        'p.yaml:4:33: condition "findings" needs the content of requests, which this version does not read\n'
        "  Conditions are app, provider, client, vendor, category, status, generic, proves, feature, host, "
        "user, group, device, network, direction, method, region, time, door.",
    ),
    "risk": (when("risk: high"), 'p.yaml:4:33: condition "risk" needs a risk score'),
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "text", "says"), [(word, *case) for word, case in ONLY_WHERE_SUPPORTED.items()]
)
def test_what_is_not_carried_out_is_accepted_only_where_the_switch_names_it(
    word: str, text: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text, CARRIED_OUT)
    assert says in str(caught.value)
    policy = read(text, CARRIED_OUT | {word})
    assert policy.supports == CARRIED_OUT | {word}
    assert policy.hash == read(text).hash


def test_the_switch_names_everything_there_is_to_carry_out() -> None:
    assert {*ONLY_WHERE_SUPPORTED, "allow", "alert", "block"} == EVERYTHING
    assert CARRIED_OUT <= SUPPORTS <= EVERYTHING


def test_conditions_on_content_are_accepted_where_nobody_says_what_is_carried_out() -> None:
    """Text alone is judged by what it says; whoever reads a home's policy hands the switch over."""
    for word in OF_CONTENT:
        parse_policy(ONLY_WHERE_SUPPORTED[word][0])


def test_each_part_of_an_account_is_under_the_switch_alone() -> None:
    text = when("account: {kind: corporate, tenant: acme, key: ci-*}")
    with pytest.raises(ConfigError, match='p.yaml:4:43: condition "account" needs the content'):
        read(text, CARRIED_OUT | {"account.tenant", "account.key"})
    with pytest.raises(ConfigError, match='p.yaml:4:74: condition "account.key" needs the content'):
        read(text, CARRIED_OUT | {"account", "account.tenant"})


def test_the_hint_names_the_conditions_that_are_carried_out() -> None:
    with pytest.raises(ConfigError) as caught:
        read(when("findings: secret"), CARRIED_OUT | {"model", "account.key"})
    assert caught.value.hint is not None
    named = caught.value.hint.removeprefix("Conditions are ").removesuffix(".").split(", ")
    assert named == [key for key in KEYS if key not in OF_CONTENT or key == "model"]


def test_a_default_is_under_the_switch_too() -> None:
    with pytest.raises(ConfigError, match='p.yaml:3:10: action "redact" cannot be carried out'):
        read("version: 1\nmode: enforce\ndefault: redact", CARRIED_OUT)
    assert read("version: 1\nmode: enforce\ndefault: redact").default is Verdict.REDACT
    with pytest.raises(ConfigError, match='"block" cannot be carried out by this version: it needs a door'):
        read(rule("action: block"), {"allow"})


def test_the_docs_say_what_is_carried_out() -> None:
    said = dict(re.findall(r"^\| `([a-z_]+)` \| .*? \| (yes|no) \|$", DOCS, re.MULTILINE))
    ldap = re.search(r"^\| `ldap` \| (yes|no) \|$", DOCS, re.MULTILINE)
    assert ldap is not None
    said["ldap"] = ldap[1]
    asked = dict(
        re.findall(r"^\| `([a-z_.]+)` \| .*? \| (?:head|body|findings) \| (yes|no) \|$", DOCS, re.MULTILINE)
    )
    assert set(asked) == set(KEYS)
    assert {asked[word] for word in KEYS if word not in OF_CONTENT} == {"yes"}
    said = {word: done for word, done in {**said, **asked}.items() if word not in KEYS or word in OF_CONTENT}
    assert {word for word, done in said.items() if done == "yes"} == SUPPORTS
    assert set(said) == EVERYTHING


def test_the_docs_say_which_vendors_can_be_restricted_and_which_cannot() -> None:
    part = DOCS[DOCS.index("Tenants can be restricted") : DOCS.index("## Conditions")]
    can, cannot = part.split("Every other vendor cannot be restricted")
    assert set(re.findall(r"`([a-z_0-9]+)`", can)) == set(VENDORS)
    assert set(re.findall(r"`([a-z_0-9]+)`", cannot)) == set(WITHOUT_HEADER)


# --- groups from a directory ----------------------------------------------------------------------------


class Directory:
    """A group source of one group."""

    def users_in(self, name: str) -> Collection[str] | None:
        return ["Analyst", "trader"] if name == "cn=finance,dc=example" else None


def test_members_that_a_directory_names_are_in_the_group() -> None:
    policy = read(
        "version: 1\nmode: enforce\n"
        "groups: {finance: {ldap: ['cn=finance,dc=example', 'ou=x+cn=a\\,b,dc=example'], users: [chief]}, "
        "it: {users: [admin]}}\n"
        "rules: [{id: a, action: block, when: {group: finance}}]"
    )
    assert policy.groups[0].size == 3
    assert policy.groups_of("analyst", None) == frozenset()
    joined = policy.joined(Directory())
    assert joined.hash == policy.hash
    assert joined.groups_of("ANALYST", None) == {"finance"}
    assert joined.groups_of("chief", None) == {"finance"}
    assert joined.groups_of("admin", None) == {"it"}
    assert joined.groups_of(None, "10.0.0.1") == frozenset()
    assert policy.hash != read("version: 1\nmode: enforce\ngroups: {finance: {users: [chief]}}").hash
    assert lint(joined, ts=0.0)[0].name == "unused-group"


# --- any text -------------------------------------------------------------------------------------------

words = st.sampled_from(
    ["at_least", "at_most", "type", "count", "validated", "confidence", "days", "hours", "zone", "kind",
     "key", "tenant", "openai", "requests", "per", "by", "user", "1m", "mon-fri", "08:00-18:00", "UTC",
     "1 MB", "iban", "high", "personal", "*", "a*b*", "1", "0.5", "true", "[]", "{}", "Z", "+01:00"]
)  # fmt: skip
trees = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)


def as_yaml(tree: object) -> str:
    if isinstance(tree, dict):
        return "{" + ", ".join(f'"{key}": {as_yaml(value)}' for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(as_yaml(value) for value in tree) + "]"
    return str(tree) if tree in ("1", "0.5", "true", "[]", "{}") else f'"{tree}"'


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from(["model", "risk", "size", "findings", "time", "account"]), trees, max_size=2
    ),
    st.dictionaries(st.sampled_from(sorted(MODIFIERS)), trees, max_size=2),
)
def test_any_tree_is_a_condition_or_refused_with_its_place(
    conditions: dict[str, object], modifiers: dict[str, object]
) -> None:
    text = rule(f"action: block, when: {as_yaml(conditions)}, with: {as_yaml(modifiers)}")
    try:
        policy = read(text)
    except ConfigError as error:
        assert error.where is not None and error.where.line is not None
    else:
        lint(policy, ts=0.0)
        policy.decide(Question())
