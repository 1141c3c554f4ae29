"""
Policy text to a ``Policy``, or a ``ConfigError`` that says where, what, and what to do.

What a policy may say and the program cannot carry out is refused, never read over: a person who writes
``action: redact`` believes that something is redacted. ``supports`` is the one switch for it: it names the
verdicts, modifiers, kinds of groups and conditions on content that are carried out. What reads the policies
of a home (``policy_files``) hands over its own; left out, conditions on content are accepted as well.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sensor.errors import ConfigError, Location
from sensor.identity import parse_mac, plain_address
from sensor.model import Verdict
from sensor.policy.conditions import (
    CONDITIONS,
    KEYS,
    Flag,
    Form,
    Groups,
    Hosts,
    Key,
    Matcher,
    Networks,
    Words,
    plain_host,
    quoted,
)
from sensor.policy.modifiers import MODIFIERS, read_modifier
from sensor.policy.rules import CARRIED_OUT, OF_CONTENT, Condition, Group, Policy, Rule
from sensor.policy.until import parse_until
from sensor.policy.values import ZoneFinder
from sensor.policy.written import findings_matcher, globs_matcher, risk_matcher, size_matcher, time_matcher
from sensor.yamldoc import Node, did_you_mean, parse_yaml, suggest

__all__ = ["EVERYTHING", "MAX_GROUPS", "MAX_RULES", "MODES", "Vocabulary", "parse_policy"]

MODES = ("metadata-only", "monitor", "enforce")
EVERYTHING = frozenset({*(verdict.value for verdict in Verdict), *MODIFIERS, *OF_CONTENT, "ldap"})
"""All that ``supports`` may name: verdicts, modifiers, conditions on content, and groups from LDAP."""
MAX_RULES = 1000
MAX_GROUPS = 1000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
# RFC 4514, section 3, without hex strings: enough to tell a distinguished name from a group's plain name.
_RDN = r"(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*) *= *(?:[^,\\]|\\.)+"
_DN = re.compile(rf"{_RDN}(?:,{_RDN})*\Z")
_RULE_KEYS = ("id", "when", "action", "with", "message", "until", "owner", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of a catalogue. An empty set is not checked."""

    apps: Collection[str] = field(default=())
    clients: Collection[str] = field(default=())
    vendors: Collection[str] = field(default=())
    categories: Collection[str] = field(default=())
    findings: Callable[[], Collection[str]] = tuple
    """Types and groups of findings; asked for only where a rule names one."""
    zones: ZoneFinder = lambda _: None
    """Time zones by name; ``UTC`` and offsets need none."""

    def of(self, key: str) -> Collection[str]:
        """The words that a condition key may use; empty where any may stand."""
        return {
            "app": self.apps,
            "provider": self.apps,
            "client": self.clients,
            "vendor": self.vendors,
            "category": self.categories,
        }.get(key, ())


def parse_policy(
    text: str,
    path: str = "policy.yaml",
    *,
    apps: Collection[str] = (),
    clients: Collection[str] = (),
    vendors: Collection[str] = (),
    categories: Collection[str] = (),
    findings: Callable[[], Collection[str]] = tuple,
    zones: ZoneFinder = lambda _: None,
    supports: Collection[str] = CARRIED_OUT | OF_CONTENT,
) -> Policy:
    """
    The policy in ``text``; ``path`` is the file's name for messages.

    Ids given are checked against: an app that is not among ``apps`` is an error; so is a type of findings
    that is not among ``findings``, unless that is empty. Raises ``ConfigError``.
    """
    vocabulary = Vocabulary(
        apps=apps, clients=clients, vendors=vendors, categories=categories, findings=findings, zones=zones
    )
    supported = frozenset(supports)
    document = parse_yaml(text, path)
    if document.is_null:
        raise document.error(
            "the policy is empty", hint='The least is two lines: "version: 1" and "mode: monitor".'
        )
    top = document.mapping(
        allowed=("on_error", "oversize", "default", "inspect", "groups", "rules"),
        required=("version", "mode"),
    )
    version = top["version"].integer()
    if version != 1:
        raise top["version"].error(f"version {version} of the policy format is not known", "Write 1.")
    groups = _groups(top["groups"], supported) if "groups" in top else ()
    include, exclude = _inspect(top["inspect"]) if "inspect" in top else (Hosts(()), Hosts(()))
    names = [group.name for group in groups]
    return Policy(
        mode=top["mode"].one_of(MODES, "mode"),
        on_error=top["on_error"].one_of(("block", "pass"), "on_error word") if "on_error" in top else "block",
        oversize=(
            top["oversize"].one_of(("block", "scan", "pass"), "oversize word")
            if "oversize" in top
            else "scan"
        ),
        default=_action(top["default"], supported) if "default" in top else Verdict.ALLOW,
        inspect_include=include,
        inspect_exclude=exclude,
        groups=groups,
        rules=_rules(top["rules"], names, vocabulary, supported) if "rules" in top else (),
        supports=supported,
        where=document.location,
    )


def _action(node: Node, supports: frozenset[str]) -> Verdict:
    verdict = Verdict(node.one_of([verdict.value for verdict in Verdict], "action"))
    if verdict not in supports:
        needs = {
            Verdict.COACH: "a page that asks the person back",
            Verdict.REDACT: "the content of requests to be changed on the way",
        }.get(verdict, "a door that does it")
        raise node.error(
            f'action "{verdict}" cannot be carried out by this version: it needs {needs}',
            "Use alert (let through and recorded as an alert) or block.",
        )
    return verdict


def _inspect(node: Node) -> tuple[Hosts, Hosts]:
    lists = node.mapping(allowed=("include", "exclude"))
    return (
        _hosts(lists["include"]) if "include" in lists else Hosts(()),
        _hosts(lists["exclude"]) if "exclude" in lists else Hosts(()),
    )


def _groups(node: Node, supports: frozenset[str]) -> tuple[Group, ...]:
    groups = []
    for name, body in node.mapping().items():
        if not _ID.match(name):
            raise ConfigError(
                "a group's name is letters, digits, '.', '_' and '-'", where=node.key_location(name)
            )
        lists = body.mapping(allowed=("users", "networks", "devices", "ldap"))
        if "ldap" in lists and "ldap" not in supports:
            raise ConfigError(
                "groups from LDAP cannot be read by this version: it has no client for a directory",
                where=body.key_location("ldap"),
                hint="Name the users, networks or devices.",
            )
        ldap = _items(lists["ldap"], _distinguished_name) if "ldap" in lists else []
        users = _items(lists["users"], _word) if "users" in lists else []
        networks = _items(lists["networks"], _network) if "networks" in lists else []
        devices = _items(lists["devices"], _device) if "devices" in lists else []
        groups.append(
            Group(
                name=name,
                users=Words(users),
                networks=Networks(networks),
                devices=Words(devices),
                size=len(users) + len(networks) + len(devices) + len(ldap),
                ldap=tuple(ldap),
                where=node.key_location(name),
            )
        )
    if len(groups) > MAX_GROUPS:
        raise node.error(f"more than {MAX_GROUPS} groups")
    return tuple(groups)


def _rules(
    node: Node, groups: Collection[str], vocabulary: Vocabulary, supports: frozenset[str]
) -> tuple[Rule, ...]:
    if node.is_null:
        return ()
    items = node.sequence()
    if len(items) > MAX_RULES:
        raise node.error(f"more than {MAX_RULES} rules", "Lists inside a condition are OR: join like rules.")
    return tuple(_rule(item, groups, vocabulary, supports) for item in items)


def _rule(node: Node, groups: Collection[str], vocabulary: Vocabulary, supports: frozenset[str]) -> Rule:
    keys = node.mapping(allowed=_RULE_KEYS, required=("id", "action"))
    if not _ID.match(keys["id"].text()):
        raise keys["id"].error("a rule's id is letters, digits, '.', '_' and '-', at most 100")
    until = None
    if "until" in keys:
        try:
            until = parse_until(keys["until"].text())
        except ValueError as error:
            raise keys["until"].error(str(error)) from None
    return Rule(
        id=keys["id"].text(),
        when=_when(keys["when"], groups, vocabulary, supports) if "when" in keys else (),
        action=_action(keys["action"], supports),
        with_=_modifiers(keys["with"], supports) if "with" in keys else {},
        message=keys["message"].text() if "message" in keys else None,
        until=until,
        until_text=keys["until"].text() if "until" in keys else None,
        owner=keys["owner"].text() if "owner" in keys else None,
        reason=keys["reason"].text() if "reason" in keys else None,
        where=node.location,
    )


def _modifiers(node: Node, supports: frozenset[str]) -> dict[str, Any]:
    values = {}
    for name, value in node.mapping(allowed=MODIFIERS).items():
        if name not in supports:
            raise ConfigError(
                f'modifier "{name}" cannot be carried out by this version',
                where=node.key_location(name),
                hint="Take it out: what is not done should not stand in a policy.",
            )
        values[name] = read_modifier(name, value)
    return values


def _when(
    node: Node, groups: Collection[str], vocabulary: Vocabulary, supports: frozenset[str]
) -> tuple[Condition, ...]:
    conditions = []
    for name, values in node.mapping().items():
        if name not in CONDITIONS:
            raise _unknown_condition(node, name)
        if name == "account" and values.is_mapping:
            conditions += _account(values, groups, vocabulary, supports)
        else:
            _hold_to(supports, name, node.key_location(name))
            conditions.append(_condition(KEYS[name], values, groups, vocabulary))
    return tuple(conditions)


def _hold_to(supports: frozenset[str], condition: str, where: Location) -> None:
    """Refuse a condition on content that is not carried out."""
    if condition in OF_CONTENT and condition not in supports:
        others = [key for key in CONDITIONS if key not in OF_CONTENT or key in supports]
        needs = (
            "a risk score, which the catalogue does not have yet"
            if condition == "risk"
            else "the content of requests, which this version does not read"
        )
        raise ConfigError(
            f'condition "{condition}" needs {needs}',
            where=where,
            hint=f"Conditions are {', '.join(others)}.",
        )


def _account(
    node: Node, groups: Collection[str], vocabulary: Vocabulary, supports: frozenset[str]
) -> list[Condition]:
    """``account: {kind: corporate, tenant: […], key: […]}``: as many conditions, all of which must match."""
    keys = node.mapping(allowed=("kind", "tenant", "key"))
    if not keys:
        raise node.error("nothing is asked of the account", "Write account: personal, or kind: and tenant:.")
    conditions = []
    for name, values in keys.items():
        key = KEYS["account" if name == "kind" else f"account.{name}"]
        _hold_to(supports, key.name, node.key_location(name))
        conditions.append(_condition(key, values, groups, vocabulary))
    return conditions


def _unknown_condition(node: Node, name: str) -> ConfigError:
    where = node.key_location(name)
    if name == "not":
        return ConfigError(
            'there is no condition "not"',
            where=where,
            hint="The first matching rule decides: put a rule for the exception before this one.",
        )
    return ConfigError(
        f"unknown condition {quoted(name)}", where=where, hint=did_you_mean(name, CONDITIONS, "conditions")
    )


def _condition(key: Key, node: Node, groups: Collection[str], vocabulary: Vocabulary) -> Condition:
    matcher: Matcher
    if key.form is Form.FLAG:
        matcher = Flag(node.boolean())
        values = matcher.canonical()
    elif key.form is Form.CHOICE:
        values = _items(node, lambda item: item.one_of(key.choices, f"{key.name} word"))
        matcher = Words(values)
    elif key.form is Form.HOSTS:
        values = _items(node, _host)
        matcher = Hosts(values)
    elif key.form is Form.NETWORKS:
        values = _items(node, _network)
        matcher = Networks(values)
    elif key.form is Form.GROUPS:
        values = _items(node, lambda item: _group_name(item, groups))
        matcher = Groups(values)
    elif key.form is Form.GLOBS:
        values, matcher = globs_matcher(node)
    elif key.form is Form.RISK:
        values, matcher = risk_matcher(node)
    elif key.form is Form.SIZE:
        values, matcher = size_matcher(node)
    elif key.form is Form.FINDINGS:
        values, matcher = findings_matcher(node, vocabulary.findings)
    elif key.form is Form.TIME:
        values, matcher = time_matcher(node, vocabulary.zones)
    else:
        words = vocabulary.of(key.name)
        values = _items(node, _device if key.name == "device" else lambda item: _known(item, key, words))
        matcher = Words(values)
    return Condition(key=key.name, values=tuple(values), matcher=matcher, where=node.location)


# --- values -------------------------------------------------------------------------------------------


def _items(node: Node, read: Callable[[Node], str]) -> list[str]:
    """The values of a list, or one value alone, each read and checked."""
    nodes = node.sequence() if node.is_sequence else [node]
    if not nodes:
        raise node.error("an empty list never matches", "Name at least one value, or take the key out.")
    return [read(item) for item in nodes]


def _distinguished_name(node: Node) -> str:
    text = node.text()
    if len(text) > 1000 or not _DN.match(text):
        raise node.error(
            f"{quoted(text)} is not a distinguished name", "Write cn=finance,ou=groups,dc=example,dc=org."
        )
    return text


def _hosts(node: Node) -> Hosts:
    if node.is_sequence and not node.sequence():
        return Hosts(())
    return Hosts(_items(node, _host))


def _word(node: Node) -> str:
    text = node.text()
    wrong = Words.check(text)
    if wrong is not None:
        raise node.error(wrong)
    return text


def _known(node: Node, key: Key, words: Collection[str]) -> str:
    """A word, held to the catalogue where there is one."""
    text = _word(node)
    if key.name == "app" and text.lower().startswith("unknown.llm_api"):
        raise node.error("an unknown LLM API has no id", 'Write the condition "generic: true", and "host:".')
    if words and not Words([text]).matches_any(words):
        near = suggest(text.rstrip("*").rstrip("."), words)
        raise node.error(
            f"the catalogue knows no {key.name} {quoted(text)}",
            f'Did you mean "{near}"?' if near else "'gnomon catalogue list' shows what it knows.",
        )
    return text


def _device(node: Node) -> str:
    """A device key, with the address in it in its usual spelling."""
    text = _word(node)
    kind, colon, rest = text.partition(":")
    if text == "*" or (kind in ("mac", "host", "ip") and rest.endswith("*")):
        return text
    if not colon or kind not in ("mac", "host", "ip") or not rest:
        raise node.error(
            f"{quoted(text)} is not a device",
            "A device is mac:02:00:00:00:00:05, host:pc-17 or ip:10.0.0.5.",
        )
    if kind == "mac":
        mac = parse_mac(rest)
        if mac is None:
            raise node.error(f"{quoted(rest)} is not the MAC address of one device")
        return f"mac:{mac}"
    return f"{kind}:{plain_address(rest) if kind == 'ip' else rest.rstrip('.')}"


def _host(node: Node) -> str:
    text = node.text()
    try:
        return plain_host(text)
    except ValueError as error:
        raise node.error(f"host {quoted(text)}: {error}") from None


def _network(node: Node) -> str:
    text = node.text()
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        pass
    try:
        near = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise node.error(
            f"{quoted(text)} is not a network", "Write an address, or a network such as 10.1.0.0/16."
        ) from None
    raise node.error(f"{quoted(text)} is an address inside a network", f'Did you mean "{near}"?')


def _group_name(node: Node, groups: Collection[str]) -> str:
    text = node.text()
    if text not in groups:
        raise node.error(
            f"there is no group {quoted(text)}",
            did_you_mean(text, list(groups), "groups") if groups else 'Define it under "groups:".',
        )
    return text
