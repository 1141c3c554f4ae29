"""
A policy, and its answer to one question.

Rule 1: the first rule whose conditions all match decides; where none does, ``default`` does.
Rule 2: the same question gets the same answer. Time is in the question; an expired rule does not match.
Rule 3: a policy says what *should* be done. Whether a door can do it is the door's matter, and whether it is
to be done at all is ``mode``'s: only ``enforce`` enforces.

``Policy.decide`` does not go through the rules. For each condition key that any rule asks for, a value of
the question stands for a set of rules, those which that value does not rule out, kept as the bits of an
integer and remembered per value (``MAX_REMEMBERED`` values for each key, then all are forgotten). The sets
are intersected, and the lowest bit left is the first rule that matches. ``decide_plainly`` is the slow,
plain twin that the tests hold it to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sensor.errors import Location
from sensor.model import Decision, Question, Verdict
from sensor.policy.conditions import KEYS, Hosts, Matcher, Networks, Words

__all__ = ["MAX_REMEMBERED", "Condition", "Group", "Policy", "Rule", "decide_plainly"]

MAX_REMEMBERED = 4096
"""Values of one key whose rules are remembered."""

NO_RULE = "no rule matched"
"""The reason of a decision that the default made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One key of a rule's ``when``."""

    key: str
    """A key of ``conditions.KEYS``."""
    values: tuple[str, ...]
    """As written."""
    matcher: Matcher
    where: Location | None = None

    def matches(self, question: Question) -> bool:
        """Whether the question's value for this key is one of those asked for."""
        return self.matcher.matches(KEYS[self.key].read(question))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Subjects under one name: who is named, or whose device is, or who comes from a network."""

    name: str
    users: Words
    networks: Networks
    devices: Words
    size: int
    """How many values there are in all."""
    where: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: when all conditions match, this is the verdict."""

    id: str
    when: tuple[Condition, ...] = ()
    """AND. None at all match everything."""
    action: Verdict
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Modifiers. This version carries out none."""
    message: str | None = None
    """What the person is told who is refused."""
    until: float | None = None
    """The rule does not match from this moment on, in seconds UTC."""
    until_text: str | None = None
    """As written."""
    owner: str | None = None
    reason: str | None = None
    where: Location | None = None

    def holds_at(self, ts: float) -> bool:
        """Whether the rule has not expired."""
        return self.until is None or ts < self.until

    def matches(self, question: Question) -> bool:
        """Whether every condition matches and the rule has not expired."""
        return self.holds_at(question.ts) and all(condition.matches(question) for condition in self.when)

    @property
    def decision(self) -> Decision:
        """What this rule says where it matches."""
        return Decision(
            verdict=self.action, rule=self.id, reason=self.reason, message=self.message, with_=self.with_
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """One policy file, parsed."""

    mode: str
    """``metadata-only`` (nothing is decrypted), ``monitor`` (nothing is refused) or ``enforce``."""
    on_error: str = "block"
    """``block`` or ``pass``: what becomes of AI traffic where deciding or recording fails."""
    oversize: str = "scan"
    """``block``, ``scan`` or ``pass``: what becomes of a body that is too large to hold back whole."""
    default: Verdict = Verdict.ALLOW
    inspect_include: Hosts = field(default_factory=lambda: Hosts(()))
    """Hosts to decrypt beyond those that the catalogue names."""
    inspect_exclude: Hosts = field(default_factory=lambda: Hosts(()))
    """Hosts never to decrypt; stronger than everything else."""
    groups: tuple[Group, ...] = ()
    rules: tuple[Rule, ...] = ()
    where: Location | None = None
    hash: str = field(init=False)
    """SHA-256 (64 hex digits) over what the policy says: comments, order of keys and spelling left out."""
    _judge: _Judge = field(init=False, repr=False)
    _members: _Members = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", _hash(self))
        object.__setattr__(self, "_judge", _Judge(self.rules, self.default))
        object.__setattr__(self, "_members", _Members(self.groups))

    @property
    def enforces(self) -> bool:
        """Whether a verdict is carried out where a door can."""
        return self.mode == "enforce"

    def decide(self, question: Question) -> Decision:
        """What is to be done."""
        return self._judge.decide(question)

    def groups_of(self, user: str | None, address: str | None, device: str | None = None) -> frozenset[str]:
        """The names of the groups that a subject is in."""
        return self._members.of(user, address, device)

    def may_inspect(self, host: str, named: bool) -> bool:
        """
        Whether the proxy may take TLS off for a host; ``named`` is what the catalogue says.

        ``metadata-only`` decrypts nothing, and ``inspect.exclude`` is stronger than ``inspect.include``.
        """
        if self.mode == "metadata-only" or self.inspect_exclude.matches(host):
            return False
        return named or self.inspect_include.matches(host)


def decide_plainly(policy: Policy, question: Question) -> Decision:
    """What ``Policy.decide`` answers, found by asking one rule after the other."""
    for rule in policy.rules:
        if rule.matches(question):
            return rule.decision
    return Decision(verdict=policy.default, reason=NO_RULE)


class _Judge:
    """The rules, indexed by the values of a question."""

    __slots__ = ("_all", "_decisions", "_default", "_keys", "_until")

    def __init__(self, rules: tuple[Rule, ...], default: Verdict) -> None:
        self._all = (1 << len(rules)) - 1
        self._decisions = [rule.decision for rule in rules]
        self._until = [rule.until for rule in rules]
        self._default = Decision(verdict=default, reason=NO_RULE)
        self._keys: list[tuple[Callable[[Question], Any], dict[Any, int], list[Matcher | None]]] = []
        for key in KEYS.values():
            matchers = [_matcher_for(rule, key.name) for rule in rules]
            if any(matchers):
                self._keys.append((key.read, {}, matchers))

    def decide(self, question: Question) -> Decision:
        left = self._all
        for read, remembered, matchers in self._keys:
            value = read(question)
            rules = remembered.get(value)
            if rules is None:
                if len(remembered) >= MAX_REMEMBERED:
                    remembered.clear()
                rules = remembered[value] = _not_ruled_out(matchers, value)
            left &= rules
            if not left:
                return self._default
        while left:
            lowest = left & -left
            at = lowest.bit_length() - 1
            until = self._until[at]
            if until is None or question.ts < until:
                return self._decisions[at]
            left ^= lowest
        return self._default


class _Members:
    """Which groups a subject is in, remembered per subject."""

    __slots__ = ("_groups", "_remembered")

    def __init__(self, groups: tuple[Group, ...]) -> None:
        self._groups = groups
        self._remembered: dict[tuple[str | None, str | None, str | None], frozenset[str]] = {}

    def of(self, user: str | None, address: str | None, device: str | None) -> frozenset[str]:
        if not self._groups:
            return frozenset()
        subject = (user, address, device)
        names = self._remembered.get(subject)
        if names is None:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            names = self._remembered[subject] = frozenset(
                group.name
                for group in self._groups
                if group.users.matches(user)
                or group.devices.matches(device)
                or group.networks.matches(address)
            )
        return names


def _matcher_for(rule: Rule, key: str) -> Matcher | None:
    return next((condition.matcher for condition in rule.when if condition.key == key), None)


def _not_ruled_out(matchers: Iterable[Matcher | None], value: Any) -> int:
    rules = 0
    for at, matcher in enumerate(matchers):
        if matcher is None or matcher.matches(value):
            rules |= 1 << at
    return rules


def _hash(policy: Policy) -> str:
    canonical = {
        "version": 1,
        "mode": policy.mode,
        "on_error": policy.on_error,
        "oversize": policy.oversize,
        "default": policy.default,
        "inspect": {
            "include": policy.inspect_include.canonical(),
            "exclude": policy.inspect_exclude.canonical(),
        },
        "groups": {
            group.name: {
                "users": group.users.canonical(),
                "networks": group.networks.canonical(),
                "devices": group.devices.canonical(),
            }
            for group in policy.groups
        },
        "rules": [
            {
                "id": rule.id,
                "when": {condition.key: condition.matcher.canonical() for condition in rule.when},
                "action": rule.action,
                "with": dict(rule.with_),
                "message": rule.message,
                "until": rule.until,
                "owner": rule.owner,
                "reason": rule.reason,
            }
            for rule in policy.rules
        ],
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
