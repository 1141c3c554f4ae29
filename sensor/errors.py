"""
The exception tree, and the place an error points at.

::

    GnomonError
    ├── UserError            the person can fix it: printed without a traceback
    │   ├── UsageError       wrong command line                      exit 2
    │   ├── ConfigError      wrong policy, signature or settings     exit 2
    │   └── WorkError        the work could not be done              exit 1
    └── Malformed            bytes that break the rules of their protocol

``Malformed`` is not a fault of the program or of the person: traffic is odd. Whoever reads traffic
catches it, counts a weird, and goes on. Everything under ``UserError`` says where, what, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass


class GnomonError(Exception):
    """The root of every exception this project raises on purpose."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a text file something stands. Lines and columns count from 1."""

    path: str
    """The file as the person named it."""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class UserError(GnomonError):
    """
    Something the person can fix.

    ``str()`` gives ``place: what`` and, on a second line, what to do about it::

        policy.yaml:14:7: unknown action "redcat"
          Did you mean "redact"? Actions are allow, alert, coach, redact, block.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: Location | None = None, hint: str | None = None) -> None:
        self.what = what
        self.where = where
        self.hint = hint
        text = f"{where}: {what}" if where is not None else what
        super().__init__(f"{text}\n  {hint}" if hint else text)


class UsageError(UserError):
    """The command line cannot be carried out as it stands."""

    exit_code = 2


class ConfigError(UserError):
    """A policy, a signature or a settings file is wrong."""

    exit_code = 2


class WorkError(UserError):
    """The command is right, but the work could not be done (no such interface, a locked file)."""

    exit_code = 1


class Malformed(GnomonError):
    """
    Bytes that break the rules of the protocol they claim to be.

    The message is a short fixed name in ``snake_case`` (``tls_record_too_long``), never a piece of the
    bytes: it is counted as a weird under that name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)
