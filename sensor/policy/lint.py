"""
What is allowed in a policy and most likely not meant.

Each finding has a name, a place, a sentence and a recommendation. Errors are not lint: a policy with an
error is not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sensor.errors import Location
from sensor.model import Verdict
from sensor.policy.conditions import KEYS, Flag, Groups, Words
from sensor.policy.rules import Condition, Policy, Rule
from sensor.policy.stages import Stage

__all__ = ["LINTS", "AppFacts", "Lint", "lint"]

LINTS: Mapping[str, str] = {
    "duplicate-id": "Two rules have one id; records name a rule by its id.",
    "unreachable-rule": "An earlier rule matches everything that this one does.",
    "conflicting-rules": "An earlier rule asks for the same and says something else; the earlier one holds.",
    "expired-rule": "The rule's until has passed: it does not match any more.",
    "never-matches": "The rule's conditions contradict each other, or the catalogue.",
    "absent-field": "The catalogue does not say what the rule asks for: there the condition is false.",
    "unread-content": "The rule asks for what a body says, and the mode reads none.",
    "allow-without-owner": "An exception that nobody answers for.",
    "allow-without-reason": "An exception that nobody can judge later.",
    "unused-message": "A message is shown where something is refused, and this rule refuses nothing.",
    "unused-modifier": "A modifier is for what goes on, and this rule lets nothing go on.",
    "unused-group": "No rule asks for the group.",
    "empty-group": "Nobody is in the group.",
    "inspect-conflict": "The same host is to be decrypted and never to be decrypted; the latter holds.",
    "nothing-enforced": "Rules block, but the mode does not enforce.",
}
"""Every lint and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFacts:
    """What the catalogue says of an app, as far as rules can contradict it."""

    vendor: str | None
    category: str | None
    risk: int | None = None
    """0 to 100; ``None`` where the catalogue does not say."""
    has_region: bool = False
    """Whether its hosts or paths can tell a region."""


_RESTRICTS = (Verdict.COACH, Verdict.REDACT, Verdict.BLOCK)
"""Verdicts whose not being reached lets more through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """One finding."""

    name: str
    """A key of ``LINTS``."""
    where: Location | None
    what: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where is not None else ""
        return f"{place}{self.what} [{self.name}]\n  {self.hint}"


def lint(policy: Policy, *, ts: float, apps: Mapping[str, AppFacts] | None = None) -> tuple[Lint, ...]:
    """Everything that is most likely not meant, as of ``ts``, in the order of the file's rules."""
    found = [
        *_of_inspection(policy),
        *_of_groups(policy),
        *_of_enforcement(policy),
    ]
    first_with: dict[str, Rule] = {}
    for at, rule in enumerate(policy.rules):
        if rule.id in first_with:
            found.append(
                Lint(
                    name="duplicate-id",
                    where=rule.where,
                    what=f'a second rule "{rule.id}"',
                    hint=f"Rename one: the first is at {first_with[rule.id].where}.",
                )
            )
        first_with.setdefault(rule.id, rule)
        found += _of_rule(rule, ts)
        found += _contradictions(rule, policy, apps or {})
        found += _absent(rule, apps or {})
        found += _shadowed(rule, policy.rules[:at])
    return tuple(found)


def _of_inspection(policy: Policy) -> Iterator[Lint]:
    for host in policy.inspect_include.canonical():
        if policy.inspect_exclude.matches(host):
            yield Lint(
                name="inspect-conflict",
                where=policy.where,
                what=f"{host} is in inspect.include and covered by inspect.exclude",
                hint="It is not decrypted. Take it out of one of the two.",
            )


def _of_groups(policy: Policy) -> Iterator[Lint]:
    used = {
        name
        for rule in policy.rules
        for condition in rule.when
        if isinstance(condition.matcher, Groups)
        for name in condition.matcher.names
    }
    for group in policy.groups:
        if not group.size:
            yield Lint(
                name="empty-group",
                where=group.where,
                what=f'group "{group.name}" has no users, networks, devices or ldap',
                hint="Name its members, or take it out.",
            )
        if group.name not in used:
            yield Lint(
                name="unused-group",
                where=group.where,
                what=f'no rule asks for group "{group.name}"',
                hint="Events still say who is in it. Take it out if that is not wanted.",
            )


def _of_enforcement(policy: Policy) -> Iterator[Lint]:
    if policy.mode != "metadata-only":
        return
    acting = next((rule for rule in policy.rules if rule.action in _RESTRICTS or rule.with_), None)
    if acting is not None:
        does = f"{acting.action}s" if acting.action in _RESTRICTS else "has modifiers"
        yield Lint(
            name="nothing-enforced",
            where=acting.where,
            what=f'rule "{acting.id}" {does}, but mode metadata-only refuses nothing',
            hint='Set "mode: enforce" to block, or "mode: monitor" to try the rules out.',
        )
    for rule in policy.rules:
        for condition in rule.when:
            # Which way content travels is known of some requests without decrypting any.
            if KEYS[condition.key].stage > Stage.HEAD and condition.key != "direction":
                yield Lint(
                    name="unread-content",
                    where=condition.where,
                    what=f'rule "{rule.id}" asks for {condition.key}, and mode metadata-only reads no body',
                    hint='Set "mode: monitor" or "mode: enforce", or take the condition out.',
                )


def _of_rule(rule: Rule, ts: float) -> Iterator[Lint]:
    if not rule.holds_at(ts):
        yield Lint(
            name="expired-rule",
            where=rule.where,
            what=f'rule "{rule.id}" held until {rule.until_text}',
            hint="Renew its until, or take it out.",
        )
    if rule.action is Verdict.ALLOW:
        for name, given in (("owner", rule.owner), ("reason", rule.reason)):
            if given is None:
                yield Lint(
                    name=f"allow-without-{name}",
                    where=rule.where,
                    what=f'rule "{rule.id}" allows and has no {name}',
                    hint=f"Add {name}: to it, so that the exception can be reviewed.",
                )
    if rule.with_ and rule.action is Verdict.BLOCK:
        yield Lint(
            name="unused-modifier",
            where=rule.where,
            what=f'rule "{rule.id}" blocks: {", ".join(rule.with_)} under with: is never used',
            hint="Take with: out, or let the rule do something else than block.",
        )
    if rule.message is not None and rule.action not in (Verdict.BLOCK, Verdict.COACH):
        yield Lint(
            name="unused-message",
            where=rule.where,
            what=f'rule "{rule.id}" has a message, and action {rule.action} shows none',
            hint="Take the message out, or block.",
        )


def _contradictions(rule: Rule, policy: Policy, apps: Mapping[str, AppFacts]) -> Iterator[Lint]:
    when = {condition.key: condition for condition in rule.when}

    def never(condition: Condition, what: str, hint: str) -> Lint:
        return Lint(name="never-matches", where=condition.where, what=f'rule "{rule.id}": {what}', hint=hint)

    generic = when.get("generic")
    if generic is not None and isinstance(generic.matcher, Flag) and generic.matcher.wanted:
        for key in ("app", "vendor", "category"):
            if key in when:
                yield never(
                    when[key],
                    f"an unknown LLM API (generic: true) has no {key}",
                    f"Take {key}: or generic: out.",
                )
    group = when.get("group")
    if group is not None:
        sizes = {each.name: each.size for each in policy.groups}
        if isinstance(group.matcher, Groups) and not any(sizes.get(name) for name in group.matcher.names):
            yield never(group, "nobody is in the group", "Name the group's members.")
    account = when.get("account")
    if account is not None and account.matcher.canonical() in (["anonymous"], ["unknown"]):
        for key in ("account.tenant", "account.key"):
            if key in when:
                yield never(
                    when[key],
                    f"an account that is {account.values[0]} has no {key.partition('.')[2]}",
                    "Keys are AND. Take one of the two out.",
                )
    app = when.get("app")
    if app is None or not isinstance(app.matcher, Words) or not apps:
        return
    named = [facts for id, facts in apps.items() if app.matcher.matches(id)]
    for key in ("vendor", "category"):
        other = when.get(key)
        if other is not None and not any(other.matcher.matches(getattr(facts, key)) for facts in named):
            yield never(
                other,
                f"none of its apps has {key} {', '.join(other.values)}",
                f"Keys are AND. Take app: or {key}: out, or write two rules.",
            )


def _absent(rule: Rule, apps: Mapping[str, AppFacts]) -> Iterator[Lint]:
    """Conditions on what the catalogue does not say of the apps that the rule is about."""
    when = {condition.key: condition for condition in rule.when}
    by_provider = "provider" in when  # Whose hosts are gone to.
    about = [
        facts
        for id, facts in apps.items()
        if (
            when["provider"].matcher.matches(id)
            if by_provider
            else ("app" not in when or when["app"].matcher.matches(id))
            and ("vendor" not in when or when["vendor"].matcher.matches(facts.vendor))
            and ("category" not in when or when["category"].matcher.matches(facts.category))
        )
    ]
    for key, known in (
        ("risk", [facts.risk is not None for facts in about]),
        ("region", [facts.has_region for facts in about]),
    ):
        if key not in when or not about or all(known):
            continue
        if not any(known):
            what = f"the catalogue says {key} of none of its {len(about)} apps: it never matches"
        elif rule.action in _RESTRICTS:
            what = (
                f"the catalogue says no {key} of {known.count(False)} of its {len(about)} apps: "
                f"they are not {_DONE[rule.action]}"
            )
        else:
            continue
        yield Lint(
            name="absent-field",
            where=when[key].where,
            what=f'rule "{rule.id}": {what}',
            hint="Name the apps, or allow what is known to be right and refuse the rest after it.",
        )


_DONE = {Verdict.COACH: "coached", Verdict.REDACT: "redacted", Verdict.BLOCK: "blocked"}


def _shadowed(rule: Rule, earlier: tuple[Rule, ...]) -> Iterator[Lint]:
    for other in earlier:
        outlives = other.until is None or (rule.until is not None and rule.until <= other.until)
        if not outlives or not _covers(other, rule):
            continue
        if _covers(rule, other) and (rule.action is not other.action or rule.with_ != other.with_):
            yield Lint(
                name="conflicting-rules",
                where=rule.where,
                what=f'rules "{other.id}" and "{rule.id}" ask for the same and say {other.action} and '
                f"{rule.action}" + (" with other modifiers" if rule.action is other.action else ""),
                hint=f"The first holds, at {other.where}. Take one of them out.",
            )
        else:
            yield Lint(
                name="unreachable-rule",
                where=rule.where,
                what=f'rule "{rule.id}" is never reached: "{other.id}" matches everything that it does',
                hint=f"Put it before {other.where}, or take it out.",
            )
        return


def _covers(one: Rule, other: Rule) -> bool:
    """Whether every question that ``other``'s conditions match is matched by those of ``one``."""
    when = {condition.key: condition for condition in other.when}
    return all(
        condition.key in when and condition.matcher.covers(when[condition.key].matcher)
        for condition in one.when
    )
