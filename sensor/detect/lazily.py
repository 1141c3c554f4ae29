"""
Regular expressions of Python that are compiled when they are first used.

The detectors have some hundreds; compiling them all takes a sixth of a second, and one text needs a few.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

__all__ = ["lazily"]


class _Lazy:
    """Stands for a pattern until something of it is asked for; then its methods are the pattern's own."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self.__dict__["_made_of"] = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        pattern, flags = self.__dict__["_made_of"]
        compiled = re.compile(pattern, flags)
        for method in (
            "search",
            "match",
            "fullmatch",
            "finditer",
            "findall",
            "sub",
            "subn",
            "split",
            "pattern",
        ):
            self.__dict__[method] = getattr(compiled, method)
        return getattr(compiled, name)


def lazily(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What ``re.compile`` gives, when it is needed."""
    return cast("re.Pattern[AnyStr]", _Lazy(pattern, int(flags)))
