"""The policy of a home that has none; ``deploy/policies/default.yaml`` is the same text."""

__all__ = ["DEFAULT_POLICY_TEXT"]

DEFAULT_POLICY_TEXT = """\
# The policy that holds where there is no policy.yaml. Copy it into the home folder and change it there;
# 'gnomon policy check' says whether it is right, and docs/policy.md what may stand in it.
#
# It refuses nothing until a person has said so:
#   gnomon review deepseek.chat --status unsanctioned --reason "no contract" --owner it

version: 1

# metadata-only: nothing is decrypted, nothing is refused.  monitor: nothing is refused.  enforce: rules hold.
mode: enforce

# What becomes of AI traffic where deciding or recording fails: block or pass.
on_error: block

# What becomes of a body that is too large to hold back whole: block, scan or pass.
oversize: scan

# The verdict where no rule matches.
default: allow

rules:
  - id: unsanctioned
    when:
      status: unsanctioned
    action: block
    message: >-
      This AI service is not approved for use in this organisation. Nothing was sent.
      Please ask your IT department for an approved one.
    reason: reviewed and not approved

  - id: unknown-llm-api
    when:
      generic: true
      proves: usage
    action: alert
    reason: an LLM API that the catalogue does not know

  - id: not-reviewed
    when:
      status: [unreviewed, under review]
      proves: usage
    action: alert
    reason: in use, and nobody has decided on it yet
"""
