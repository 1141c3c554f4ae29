"""
A policy, and its answer to one question.

Rule 1: the first rule whose conditions all match decides; where none does, ``default`` does.
Rule 2: the same question gets the same answer. Time is in the question; an expired rule does not match.
Rule 3: what is not known yet is not guessed: before everything is known, ``decide`` answers with a decision
only where nothing that is still to come could change it (``stages``).
Rule 4: a policy says what *should* be done. Whether a door can do it is the door's matter, and whether it is
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
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, overload

from sensor.errors import Location
from sensor.model import Decision, Question, Verdict
from sensor.policy.conditions import KEYS, MAX_TEXT, Hosts, Key, Matcher, Networks, Words
from sensor.policy.stages import Stage, Undecided

__all__ = [
    "CARRIED_OUT",
    "MAX_REMEMBERED",
    "OF_CONTENT",
    "Condition",
    "Group",
    "GroupSource",
    "Policy",
    "Rule",
    "decide_plainly",
]

OF_CONTENT = frozenset({"account", "account.tenant", "account.key", "model", "size", "findings", "risk"})
"""Conditions that nothing fills until bodies are read: a rule with one would never match."""
CARRIED_OUT = frozenset({"allow", "alert", "block"})
"""The verdicts, modifiers, kinds of groups and conditions on content that the program around this carries
out. A policy that asks for others is refused when it is read."""

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
    ldap: tuple[str, ...] = ()
    """Distinguished names of groups in a directory (RFC 4514) whose members belong to it."""
    members: frozenset[str] = frozenset()
    """Users that a directory named, lower case."""
    where: Location | None = None


class GroupSource(Protocol):
    """A directory, as far as it was read: asking it waits for nothing."""

    def users_in(self, name: str) -> Collection[str] | None:
        """
        The users in the group with this distinguished name, those in groups within it as well; ``None``
        where it is not known (never read, no such group).
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: when all conditions match, this is the verdict."""

    id: str
    when: tuple[Condition, ...] = ()
    """AND. None at all match everything."""
    action: Verdict
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Modifiers, by name (``modifiers``)."""
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
    supports: frozenset[str] = CARRIED_OUT
    """What was accepted when it was read; not part of what it says."""
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

    @overload
    def decide(self, question: Question) -> Decision: ...
    @overload
    def decide(self, question: Question, known: Stage) -> Decision | Undecided: ...
    def decide(self, question: Question, known: Stage = Stage.FINDINGS) -> Decision | Undecided:
        """
        What is to be done.

        Before everything is known (``known``) the answer may be ``Undecided``; what is decided early is what
        would be decided in the end.
        """
        return self._judge.decide(question, known)

    def needs(self, question: Question | None = None, known: Stage = Stage.HEAD) -> frozenset[Stage]:
        """
        The later stages that a decision still depends on; empty where it is made.

        Without a question: what any rule may ask for, so that a door knows whether bodies have to be read
        and searched at all.
        """
        if question is None:
            stages = (KEYS[condition.key].stage for rule in self.rules for condition in rule.when)
            return frozenset(stage for stage in stages if stage > known)
        answer = self.decide(question, known)
        return answer.needs if isinstance(answer, Undecided) else frozenset()

    def joined(self, source: GroupSource) -> Policy:
        """
        The same policy, with the members that a directory names; its hash is the same.

        A group that the directory does not know has the members that the policy itself names, and no more.
        """
        groups = tuple(
            replace(
                group,
                members=frozenset(
                    user.lower() for name in group.ldap for user in source.users_in(name) or ()
                ),
            )
            for group in self.groups
        )
        return replace(self, groups=groups)

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


@overload
def decide_plainly(policy: Policy, question: Question) -> Decision: ...
@overload
def decide_plainly(policy: Policy, question: Question, known: Stage) -> Decision | Undecided: ...
def decide_plainly(policy: Policy, question: Question, known: Stage = Stage.FINDINGS) -> Decision | Undecided:
    """What ``Policy.decide`` answers, found by asking one rule after the other."""
    candidates: list[Decision] = []
    needs: set[Stage] = set()
    for rule in policy.rules:
        if not rule.holds_at(question.ts):
            continue
        open_keys = [
            KEYS[condition.key]
            for condition in rule.when
            if not KEYS[condition.key].is_known(question, known)
        ]
        if not all(
            condition.matches(question) for condition in rule.when if KEYS[condition.key] not in open_keys
        ):
            continue
        candidates.append(rule.decision)
        if not open_keys:
            break
        needs.update(key.stage for key in open_keys)
    else:
        candidates.append(Decision(verdict=policy.default, reason=NO_RULE))
    if needs:
        return Undecided(needs=frozenset(needs), candidates=tuple(candidates))
    return candidates[0]


class _Asked:
    """One key, and for each of its values the rules that it does not rule out."""

    __slots__ = ("asking", "key", "matchers", "read", "remembered", "repeats")

    def __init__(self, key: Key, matchers: list[Matcher | None]) -> None:
        self.key = key
        self.read = key.read
        self.repeats = key.repeats
        self.matchers = matchers
        self.asking = sum(1 << at for at, matcher in enumerate(matchers) if matcher is not None)
        """The rules that ask for the key, as bits."""
        self.remembered: dict[Any, int] = {}

    def left_of(self, left: int, question: Question) -> int:
        """Those of the rules ``left`` that the question's value does not rule out."""
        value = self.read(question)
        if not self.repeats or (isinstance(value, str) and len(value) > MAX_TEXT):
            return left & ~self._ruled_out(value, left)
        ruled_out = self.remembered.get(value)
        if ruled_out is None:
            if len(self.remembered) >= MAX_REMEMBERED:
                self.remembered.clear()
            ruled_out = self.remembered[value] = self._ruled_out(value, self.asking)
        return left & ~ruled_out

    def _ruled_out(self, value: Any, rules: int) -> int:
        out, rules = 0, rules & self.asking
        while rules:
            lowest = rules & -rules
            rules ^= lowest
            matcher = self.matchers[lowest.bit_length() - 1]
            if matcher is not None and not matcher.matches(value):
                out |= lowest
        return out


class _Judge:
    """The rules, indexed by the values of a question."""

    __slots__ = ("_all", "_asked", "_decisions", "_default", "_until")

    def __init__(self, rules: tuple[Rule, ...], default: Verdict) -> None:
        self._all = (1 << len(rules)) - 1
        self._decisions = [rule.decision for rule in rules]
        self._until = [rule.until for rule in rules]
        self._default = Decision(verdict=default, reason=NO_RULE)
        asked = [_Asked(key, [_matcher_for(rule, key.name) for rule in rules]) for key in KEYS.values()]
        # What is not remembered comes last: by then few rules are left to try.
        self._asked = sorted((each for each in asked if each.asking), key=lambda each: not each.repeats)

    def decide(self, question: Question, known: Stage) -> Decision | Undecided:
        left = self._all
        still_open: list[_Asked] = []
        everything = known is Stage.FINDINGS
        for asked in self._asked:
            if not everything and not asked.key.is_known(question, known):
                still_open.append(asked)
                continue
            left = asked.left_of(left, question)
            if not left:
                return self._default
        if still_open:
            return self._decide_early(question, left, still_open)
        while left:
            lowest = left & -left
            at = lowest.bit_length() - 1
            until = self._until[at]
            if until is None or question.ts < until:
                return self._decisions[at]
            left ^= lowest
        return self._default

    def _decide_early(self, question: Question, left: int, still_open: list[_Asked]) -> Decision | Undecided:
        candidates: list[Decision] = []
        needs: set[Stage] = set()
        while left:
            lowest = left & -left
            at = lowest.bit_length() - 1
            left ^= lowest
            until = self._until[at]
            if until is not None and question.ts >= until:
                continue
            candidates.append(self._decisions[at])
            open_stages = {asked.key.stage for asked in still_open if asked.asking & lowest}
            if not open_stages:
                break
            needs |= open_stages
        else:
            candidates.append(self._default)
        if needs:
            return Undecided(needs=frozenset(needs), candidates=tuple(candidates))
        return candidates[0]


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
                or (user is not None and user.lower() in group.members)
                or group.devices.matches(device)
                or group.networks.matches(address)
            )
        return names


def _matcher_for(rule: Rule, key: str) -> Matcher | None:
    return next((condition.matcher for condition in rule.when if condition.key == key), None)


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
                # Named only where it is used: recorded hashes stay what they were.
                **({"ldap": sorted(group.ldap)} if group.ldap else {}),
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
