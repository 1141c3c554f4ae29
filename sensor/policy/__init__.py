"""
What is to be done about a use of AI: one file of rules, for both doors.

``parse_policy`` reads it (``parse``, with ``written`` and ``modifiers``), ``Policy.decide`` answers
(``rules``), before all is known as well (``stages``), ``explain`` says why (``explain``), and ``lint`` says
what is most likely not meant (``lint``). ``conditions`` is the closed set of what a rule may ask for.
Nothing here reads a file or a clock.
"""

from sensor.policy.conditions import ACCOUNTS, CONDITIONS, KEYS
from sensor.policy.default import DEFAULT_POLICY_TEXT
from sensor.policy.explain import Explanation, explain
from sensor.policy.lint import LINTS, AppFacts, Lint, lint
from sensor.policy.modifiers import MODIFIERS, restrictions_of
from sensor.policy.parse import EVERYTHING, MODES, parse_policy
from sensor.policy.rules import (
    CARRIED_OUT,
    OF_CONTENT,
    Condition,
    Group,
    GroupSource,
    Policy,
    Rule,
    decide_plainly,
)
from sensor.policy.stages import Stage, Undecided
from sensor.policy.until import parse_until
from sensor.policy.values import Zone, parse_size

__all__ = [
    "ACCOUNTS",
    "CARRIED_OUT",
    "CONDITIONS",
    "DEFAULT_POLICY_TEXT",
    "EVERYTHING",
    "KEYS",
    "LINTS",
    "MODES",
    "MODIFIERS",
    "OF_CONTENT",
    "AppFacts",
    "Condition",
    "Explanation",
    "Group",
    "GroupSource",
    "Lint",
    "Policy",
    "Rule",
    "Stage",
    "Undecided",
    "Zone",
    "decide_plainly",
    "explain",
    "lint",
    "parse_policy",
    "parse_size",
    "parse_until",
    "restrictions_of",
]
