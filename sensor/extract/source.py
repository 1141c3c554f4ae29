"""
One file, or one file inside another, as its reader sees it.

A reader is a function ``read(source)``: it says what it finds through ``source.say`` and hands files inside
to ``source.nested``. It raises ``Stop`` where it cannot go on; ``source.trying()`` keeps a damaged piece
from ending the rest.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sensor.extract.budget import Budget, Stop

__all__ = ["DAMAGE", "Source"]

DAMAGE = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, OSError, struct.error,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
"""
What Python's own operations raise over bytes that are not what they should be. A reader is not asked to
foresee each; the dispatcher calls them ``damaged``.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The bytes of one file and where what is found in it goes."""

    budget: Budget
    data: bytes
    name: str | None = None
    content_type: str | None = None
    prefix: str = ""
    """Where this file stands: empty for the file itself, else ``inner.zip/readme.txt``."""
    depth: int = 0
    dispatch: Callable[[Source], str]
    """Reads a source in whatever format it is, and answers the format."""

    def say(self, kind: str, where: str, text: str) -> None:
        """Text found at ``where`` inside this file."""
        if self.prefix:
            where = f"{self.prefix}/{where}" if where else self.prefix
        self.budget.say(kind, where or "text", text)

    @property
    def text_kind(self) -> str:
        """What the text of a plain file is called: the body, or inside another file an attachment."""
        return "attachment" if self.depth else "body"

    def nested(
        self, data: bytes, name: str, *, content_type: str | None = None, counted: bool = False
    ) -> str | None:
        """
        Read a file that stands inside this one; its format, or None where it was not read.

        ``counted``: the caller has counted it as a member already.
        """
        if not counted:
            self.budget.member()
        if not data:
            return None
        if self.depth >= self.budget.limits.nesting:
            self.budget.problem("too_deep")
            return None
        where = f"{self.prefix}/{name}" if self.prefix else name
        return self.dispatch(
            replace(self, data=data, name=name, content_type=content_type, prefix=where, depth=self.depth + 1)
        )

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Go on after a piece that is damaged or beyond its own limit; the problem is noted."""
        try:
            yield
        except Stop as stop:
            if stop.whole:
                raise
            self.budget.problem(stop.name)
