"""
The wrapper around every hook and every stream callable.

mitmproxy logs an exception in a hook and lets the request through; one in a stream callable hangs the client.
Here an exception is counted, logged as its type and the flow's id (never its message, never a body), and then
the policy's ``on_error`` holds: ``block`` and ``pass`` carry out what the hook named for each; passing is
counted as a fail-open window.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from mitmproxy.exceptions import AddonHalt

__all__ = ["Failures", "Guarded", "guarded"]

logger = logging.getLogger(__name__)

_LOGGED_ALWAYS = 10
_LOGGED_THEN = 1000
"""The first ten failures of a hook are logged, then every thousandth: a log must not grow by traffic."""


class Failures:
    """What failed, and how often."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """Hook and type of exception to count, ``requestheaders:KeyError``."""

    def note(self, where: str, error: BaseException, flow: str | None) -> None:
        """Count one failure; log it without anything of the exception but its type."""
        kind = type(error).__name__
        self.counts[f"{where}:{kind}"] += 1
        count = self.counts[f"{where}:{kind}"]
        if count <= _LOGGED_ALWAYS or count % _LOGGED_THEN == 0:
            logger.error("%s failed with %s (flow %s, failure %d of its kind)", where, kind, flow, count)


class Guarded(Protocol):
    """What the wrapper needs of the object whose hooks it guards."""

    failures: Failures

    def on_failure(self) -> bool:
        """Count a failure in the coverage; whether traffic is to be blocked."""


Hook = TypeVar("Hook", bound=Callable[..., Any])
Act = Callable[[Any, Any], None]


def guarded(block: Act | None, let: Act | None = None) -> Callable[[Hook], Hook]:
    """
    Guard a hook, a plain or an async method with one argument.

    ``block(self, argument)`` stops what the hook was called for; ``let`` lets it go on where going on needs
    something done. Without ``block`` the hook only keeps accounts, and nothing is waiting for it.
    """

    def decorate(hook: Hook) -> Hook:
        name = hook.__name__

        def failed(self: Guarded, argument: Any, error: Exception) -> None:
            flow = getattr(argument, "id", None)
            self.failures.note(name, error, flow)
            if block is None:
                return
            act = block if self.on_failure() else let
            if act is not None:
                try:
                    act(self, argument)
                except Exception as again:
                    self.failures.note(f"{name}.{act.__name__}", again, flow)

        if inspect.iscoroutinefunction(hook):

            @functools.wraps(hook)
            async def run_later(self: Guarded, argument: Any) -> None:
                try:
                    await hook(self, argument)
                except AddonHalt:
                    raise
                except Exception as error:
                    failed(self, argument, error)

            return cast(Hook, run_later)

        @functools.wraps(hook)
        def run(self: Guarded, argument: Any) -> None:
            try:
                hook(self, argument)
            except AddonHalt:  # no failure: it keeps other addons from deciding
                raise
            except Exception as error:
                failed(self, argument, error)

        return cast(Hook, run)

    return decorate
