"""What is allowed in a policy and most likely not meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sensor.policy import EVERYTHING, LINTS, AppFacts, lint, parse_policy

APPS = {
    "openai.chatgpt": AppFacts(vendor="openai", category="chat_assistant", risk=50),
    "openai.api": AppFacts(vendor="openai", category="api_provider", has_region=True),
    "deepseek.chat": AppFacts(vendor="deepseek", category="chat_assistant"),
}
NOW = 1.79e9  # September 2026
ALLOW = "action: allow, owner: it, reason: r"


def found_in(*rules: str, head: str = "mode: enforce") -> list[str]:
    """The names of what the lint finds in these rules."""
    text = f"version: 1\n{head}\nrules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules)
    return [each.name for each in lint(parse_policy(text, supports=EVERYTHING), ts=NOW, apps=APPS)]


RULES: list[tuple[list[str], list[str]]] = [
    (["id: a, action: block, when: {app: x.y}"], []),
    (
        ["id: a, action: block, when: {app: x.y}", "id: a, action: block, when: {app: x.z}"],
        ["duplicate-id"],
    ),
    (["id: a, action: block, until: 2026-01-01"], ["expired-rule"]),
    (["id: a, action: block, until: 2099-01-01"], []),
    (["id: a, action: allow"], ["allow-without-owner", "allow-without-reason"]),
    (["id: a, action: allow, owner: it"], ["allow-without-reason"]),
    ([f"id: a, {ALLOW}"], []),
    (["id: a, action: alert, message: m"], ["unused-message"]),
    (["id: a, action: block, message: m"], []),
    # Unreachable.
    (["id: a, action: block", f"id: b, {ALLOW}, when: {{app: x.y}}"], ["unreachable-rule"]),
    (
        ["id: a, action: block, when: {app: x.*}", f"id: b, {ALLOW}, when: {{app: x.y, user: u}}"],
        ["unreachable-rule"],
    ),
    (["id: a, action: block, when: {app: x.y, user: u}", f"id: b, {ALLOW}, when: {{app: x.y}}"], []),
    (["id: a, action: block, when: {app: x.y}", f"id: b, {ALLOW}, when: {{app: x.*}}"], []),
    (["id: a, action: block, when: {app: x.y}", f"id: b, {ALLOW}, when: {{app: [x.y, x.z]}}"], []),
    (
        ["id: a, action: block, when: {app: '*'}", f"id: b, {ALLOW}, when: {{app: '*.z'}}"],
        ["unreachable-rule"],
    ),
    (["id: a, action: block, when: {app: '*.z'}", f"id: b, {ALLOW}, when: {{app: 'x.*'}}"], []),
    (
        ["id: a, action: block, when: {user: '*z'}", f"id: b, {ALLOW}, when: {{user: '*yz'}}"],
        ["unreachable-rule"],
    ),
    (
        ["id: a, action: block, when: {user: 'a*'}", f"id: b, {ALLOW}, when: {{user: 'ab*'}}"],
        ["unreachable-rule"],
    ),
    (
        ["id: a, action: block, when: {host: a.example}", f"id: b, {ALLOW}, when: {{host: x.a.example}}"],
        ["unreachable-rule"],
    ),
    (
        ["id: a, action: block, when: {host: x.a.example}", f"id: b, {ALLOW}, when: {{host: a.example}}"],
        [],
    ),
    (
        [
            "id: a, action: block, when: {network: 10.0.0.0/8}",
            f"id: b, {ALLOW}, when: {{network: 10.1.0.0/16}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: block, when: {network: 10.1.0.0/16}",
            f"id: b, {ALLOW}, when: {{network: 10.0.0.0/8}}",
        ],
        [],
    ),
    (
        [
            "id: a, action: block, when: {network: '::/0'}",
            f"id: b, {ALLOW}, when: {{network: 10.0.0.0/8}}",
        ],
        [],
    ),
    (
        ["id: a, action: block, when: {generic: true}", f"id: b, {ALLOW}, when: {{generic: true}}"],
        ["conflicting-rules"],
    ),
    (["id: a, action: block, when: {generic: true}", f"id: b, {ALLOW}, when: {{generic: false}}"], []),
    (
        ["id: a, action: block, when: {model: 'gpt-*'}", f"id: b, {ALLOW}, when: {{model: 'gpt-4*mini'}}"],
        ["unreachable-rule"],
    ),
    (["id: a, action: block, when: {model: 'gpt-4*mini'}", f"id: b, {ALLOW}, when: {{model: 'gpt-*'}}"], []),
    (
        [
            "id: a, action: block, when: {size: {at_least: 1 MB}}",
            f"id: b, {ALLOW}, when: {{size: {{at_least: 2 MB, at_most: 3 MB}}}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: block, when: {size: {at_most: 1 MB}}",
            f"id: b, {ALLOW}, when: {{size: {{at_least: 1 MB}}}}",
        ],
        [],
    ),
    (
        [
            "id: a, action: block, when: {size: {at_most: 1 MB}}",
            f"id: b, {ALLOW}, when: {{size: {{at_most: 2 kB}}}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: block, when: {findings: [secret, iban]}",
            f"id: b, {ALLOW}, when: {{findings: {{type: iban, count: 2, validated: true}}}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: block, when: {findings: {type: secret, validated: true}}",
            f"id: b, {ALLOW}, when: {{findings: secret}}",
        ],
        [],
    ),
    (
        [
            "id: a, action: block, when: {time: {days: mon-fri}}",
            f"id: b, {ALLOW}, when: {{time: {{days: [tue, wed], hours: 08:00-10:00}}}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: block, when: {time: {hours: 00:00-24:00}}",
            f"id: b, {ALLOW}, when: {{time: {{days: tue, zone: '+02:00'}}}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: block, when: {time: {days: mon-fri}}",
            f"id: b, {ALLOW}, when: {{time: {{days: tue, zone: '+02:00'}}}}",
        ],
        [],
    ),
    (
        [
            "id: a, action: block, when: {account: [personal, unknown]}",
            f"id: b, {ALLOW}, when: {{account: unknown}}",
        ],
        ["unreachable-rule"],
    ),
    (
        [
            "id: a, action: coach, when: {app: x.y}, with: {notice: m}",
            "id: b, action: coach, when: {app: x.y}, with: {notice: n}",
        ],
        ["conflicting-rules"],
    ),
    (["id: a, action: block, with: {notice: m}"], ["unused-modifier"]),
    (["id: a, action: coach, message: m"], []),
    # What the catalogue does not say.
    (["id: a, action: block, when: {risk: high}"], ["absent-field"]),
    (["id: a, action: block, when: {risk: high, app: openai.chatgpt}"], []),
    (["id: a, action: block, when: {risk: high, vendor: deepseek}"], ["absent-field"]),
    (["id: a, action: alert, when: {region: eu-*}"], []),
    (["id: a, action: block, when: {region: eu-*}"], ["absent-field"]),
    (["id: a, action: alert, when: {region: eu-*, category: chat_assistant}"], ["absent-field"]),
    (["id: a, action: block, when: {region: us-*, provider: openai.api}"], []),
    (["id: a, action: block, when: {region: us-*, app: no.such}"], []),
    # An earlier rule that ends first leaves the later one to be reached.
    (["id: a, action: block, until: 2099-01-01", f"id: b, {ALLOW}"], []),
    (["id: a, action: block, until: 2099-01-01", f"id: b, {ALLOW}, until: 2100-01-01"], []),
    (
        ["id: a, action: block, until: 2099-01-01", f"id: b, {ALLOW}, until: 2098-01-01"],
        ["conflicting-rules"],
    ),
    # Never true.
    (["id: a, action: block, when: {account: {kind: anonymous, tenant: t}}"], ["never-matches"]),
    (["id: a, action: block, when: {account: {kind: [anonymous, personal], tenant: t}}"], []),
    (["id: a, action: block, when: {account: {kind: unknown, key: k}}"], ["never-matches"]),
    (["id: a, action: block, when: {generic: true, app: openai.api}"], ["never-matches"]),
    (["id: a, action: block, when: {generic: true, host: a.example}"], []),
    (["id: a, action: block, when: {generic: false, app: openai.api}"], []),
    (["id: a, action: block, when: {app: openai.*, vendor: deepseek}"], ["never-matches"]),
    (["id: a, action: block, when: {app: openai.*, category: [api_provider, writing]}"], []),
    (["id: a, action: block, when: {app: openai.chatgpt, category: api_provider}"], ["never-matches"]),
    (["id: a, action: block, when: {app: openai.chatgpt, user: u}"], []),
]


@pytest.mark.parametrize(("rules", "names"), RULES)
def test_rules(rules: list[str], names: list[str]) -> None:
    assert found_in(*rules) == names


POLICIES: list[tuple[str, list[str], list[str]]] = [
    ("mode: metadata-only", ["id: a, action: block"], ["nothing-enforced"]),
    ("mode: monitor", ["id: a, action: block"], []),
    ("mode: metadata-only", ["id: a, action: alert"], []),
    ("mode: metadata-only", ["id: a, action: redact"], ["nothing-enforced"]),
    ("mode: metadata-only", [f"id: a, {ALLOW}, with: {{notice: n}}"], ["nothing-enforced"]),
    (
        "mode: metadata-only",
        ["id: a, action: alert, when: {model: x, direction: prompt}"],
        ["unread-content"],
    ),
    ("mode: metadata-only", ["id: a, action: alert, when: {findings: secret}"], ["unread-content"]),
    ("mode: enforce\ngroups: {g: {ldap: 'cn=g'}}", ["id: a, action: block, when: {group: g}"], []),
    (
        "mode: enforce\ninspect: {include: [a.example, www.b.example], exclude: [b.example]}",
        [],
        ["inspect-conflict"],
    ),
    ("mode: enforce\ngroups: {g: {users: [u]}}", [], ["unused-group"]),
    ("mode: enforce\ngroups: {g: {users: [u]}}", ["id: a, action: block, when: {group: g}"], []),
    (
        "mode: enforce\ngroups: {g: {}}",
        ["id: a, action: block, when: {group: g}"],
        ["empty-group", "never-matches"],
    ),
    (
        "mode: enforce\ngroups: {g: {}, h: {users: [u]}}",
        ["id: a, action: block, when: {group: [g, h]}"],
        ["empty-group"],
    ),
    (
        "mode: enforce\ngroups: {g: {users: [u]}, h: {users: [u]}}",
        [
            "id: a, action: block, when: {group: [g, h]}",
            "id: b, action: alert, when: {group: g}",
        ],
        ["unreachable-rule"],
    ),
]


@pytest.mark.parametrize(("head", "rules", "names"), POLICIES)
def test_the_rest_of_the_policy(head: str, rules: list[str], names: list[str]) -> None:
    assert found_in(*rules, head=head) == names


def test_a_finding_says_where_what_and_what_to_do() -> None:
    policy = parse_policy(
        "version: 1\nmode: enforce\nrules:\n- {id: a, action: block}\n- {id: b, action: block}\n"
    )
    (found,) = lint(policy, ts=NOW)
    assert str(found) == (
        'policy.yaml:5:3: rule "b" is never reached: "a" matches everything that it does [unreachable-rule]\n'
        "  Put it before policy.yaml:4:3, or take it out."
    )


def test_every_lint_is_listed_and_tried() -> None:
    tried = {name for case in [*RULES, *POLICIES] for name in case[-1]}
    assert tried == set(LINTS)


def test_every_lint_stands_in_the_docs() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|$", text, re.MULTILINE))
    assert {name: rows.get(name) for name in LINTS} == dict(LINTS)
