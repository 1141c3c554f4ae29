"""
What is to be done about a use of AI: one file of rules, for both doors.

``parse_policy`` reads it (``parse``), ``Policy.decide`` answers (``rules``), ``explain`` says why
(``explain``), and ``lint`` says what is most likely not meant (``lint``). ``conditions`` is the closed set
of what a rule may ask for. Nothing here reads a file or a clock.
"""

from sensor.policy.conditions import KEYS
from sensor.policy.default import DEFAULT_POLICY_TEXT
from sensor.policy.explain import Explanation, explain
from sensor.policy.lint import LINTS, AppFacts, Lint, lint
from sensor.policy.parse import ACTIONS, MODES, parse_policy
from sensor.policy.rules import Condition, Group, Policy, Rule, decide_plainly
from sensor.policy.until import parse_until

__all__ = [
    "ACTIONS",
    "DEFAULT_POLICY_TEXT",
    "KEYS",
    "LINTS",
    "MODES",
    "AppFacts",
    "Condition",
    "Explanation",
    "Group",
    "Lint",
    "Policy",
    "Rule",
    "decide_plainly",
    "explain",
    "lint",
    "parse_policy",
    "parse_until",
]
