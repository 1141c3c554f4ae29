"""
Why a decision fell so: every rule, every condition, what it asked for, and what was there.

Made by going through the rules plainly; a test holds its answer equal to ``Policy.decide``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sensor.errors import Location
from sensor.model import Decision, Direction, Door, Found, Question, Verdict
from sensor.policy.conditions import KEYS, Form, Key
from sensor.policy.rules import Policy, decide_plainly
from sensor.policy.stages import Stage

__all__ = ["ConditionExplained", "Explanation", "Outcome", "RuleExplained", "explain", "known_at", "to_json"]


class Outcome(StrEnum):
    """What became of a rule."""

    DECIDED = "decided"
    NO_MATCH = "no match"
    EXPIRED = "expired"
    """Its conditions match, but its ``until`` has passed."""
    NOT_REACHED = "not reached"
    """It matches, but an earlier rule has decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionExplained:
    """One condition, and what the question had for it."""

    key: str
    wanted: tuple[str, ...]
    found: str | None
    """``None`` where it is not known."""
    matched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplained:
    """One rule, and what became of it."""

    id: str
    action: Verdict
    outcome: Outcome
    conditions: tuple[ConditionExplained, ...]
    until: str | None
    """As written."""
    where: Location | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with everything that led to it."""

    question: Question
    decision: Decision
    decided_at: Stage
    """The first stage at which it is certain, where nothing of the body is known with the head."""
    enforced: bool
    """Whether the verdict would be carried out: the mode enforces, and the door is the proxy."""
    mode: str
    policy_hash: str
    rules: tuple[RuleExplained, ...]


def explain(policy: Policy, question: Question) -> Explanation:
    """The decision, and for each rule and condition whether it matched."""
    rules = []
    decided = False
    for rule in policy.rules:
        conditions = tuple(
            ConditionExplained(
                key=condition.key,
                wanted=condition.values,
                found=_shown(KEYS[condition.key], KEYS[condition.key].read(question)),
                matched=condition.matches(question),
            )
            for condition in rule.when
        )
        if not all(condition.matched for condition in conditions):
            outcome = Outcome.NO_MATCH
        elif not rule.holds_at(question.ts):
            outcome = Outcome.EXPIRED
        elif decided:
            outcome = Outcome.NOT_REACHED
        else:
            outcome = Outcome.DECIDED
            decided = True
        rules.append(
            RuleExplained(
                id=rule.id,
                action=rule.action,
                outcome=outcome,
                conditions=conditions,
                until=rule.until_text,
                where=rule.where,
            )
        )
    return Explanation(
        question=question,
        decision=decide_plainly(policy, question),
        decided_at=_decided_at(policy, question),
        enforced=policy.enforces and question.door is Door.PROXY,
        mode=policy.mode,
        policy_hash=policy.hash,
        rules=tuple(rules),
    )


def known_at(question: Question, stage: Stage) -> Question:
    """The question without what is known only later; that an answer is one is known at once."""
    later: dict[str, Any] = {key.field: None for key in KEYS.values() if key.stage > stage}
    if question.direction is Direction.ANSWER:
        later.pop("direction", None)
    return replace(question, **later)


def _decided_at(policy: Policy, question: Question) -> Stage:
    return next(
        stage
        for stage in Stage
        if stage is Stage.FINDINGS or isinstance(policy.decide(known_at(question, stage), stage), Decision)
    )


def to_json(explanation: Explanation) -> dict[str, Any]:
    """An explanation as ``gnomon policy explain --json`` prints it."""
    return {
        "verdict": explanation.decision.verdict.value,
        "rule": explanation.decision.rule,
        "reason": explanation.decision.reason,
        "message": explanation.decision.message,
        "with": dict(explanation.decision.with_),
        "decided_at": explanation.decided_at.word,
        "enforced": explanation.enforced,
        "mode": explanation.mode,
        "policy_hash": explanation.policy_hash,
        "question": {
            key.name: shown
            for key in KEYS.values()
            # A question always has a time, and what kind of account it is, is always at least "unknown".
            if key.form is not Form.TIME
            and getattr(explanation.question, key.field) is not None
            and (shown := _shown(key, key.read(explanation.question))) is not None
        },
        "rules": [
            {
                "id": rule.id,
                "action": rule.action.value,
                "outcome": rule.outcome.value,
                "where": str(rule.where) if rule.where is not None else None,
                "until": rule.until,
                "conditions": [
                    {
                        "key": condition.key,
                        "wanted": list(condition.wanted),
                        "found": condition.found,
                        "matched": condition.matched,
                    }
                    for condition in rule.conditions
                ],
            }
            for rule in explanation.rules
        ],
    }


def _shown(key: Key, value: Any) -> str | None:
    """A question's value as text; ``None`` where it is not known."""
    if value is None:
        return None
    if key.form is Form.TIME:
        return _moment(value)
    if key.form is Form.FINDINGS:
        return _found(value)
    if key.form is Form.SIZE:
        return f"{value} bytes"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or None
    return str(value)


def _moment(minute: int) -> str:
    """Minutes since the epoch as ``Tue 2026-11-24 12:46 UTC``."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).strftime("%a %Y-%m-%d %H:%M UTC")


def _found(findings: Sequence[Found]) -> str:
    said = []
    for each in findings:
        validated = ", validated" if each.validated else ""
        said.append(f"{each.count} {each.type} ({each.group}, {each.score:g}{validated})")
    return ", ".join(said) or "nothing"
