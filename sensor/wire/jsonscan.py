"""
Where a JSON value ends, in bytes that come in pieces.

Nothing is parsed: strings are passed over with their escapes, brackets are counted, whether they match is for
whoever parses the value. Each byte is looked at once.
"""

from __future__ import annotations

import re

__all__ = ["BLANKS", "ValueScanner"]

BLANKS = re.compile(rb"[ \t\r\n]*")

_BRACKET_OR_STRING = re.compile(rb'["\[\]{}]')
# Up to the mark that ends the string, a backslash that is the last byte, or the end.
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\r\n,:"\[\]{}]*+')


class ValueScanner:
    """One value; ``at`` is where the next look begins, and the caller moves it when it takes bytes away."""

    def __init__(self, at: int) -> None:
        self.at = at
        self._depth = 0
        self._in_string = False
        self._in_scalar = False

    def find_end(self, held: bytearray) -> int | None:
        """Where the value ends; ``None`` where more bytes are needed to say."""
        while self.at < len(held):
            if self._in_string:
                found = _IN_STRING.match(held, self.at)
                self.at = found.end() if found else self.at
                if held[self.at : self.at + 1] != b'"':
                    return None
                self.at += 1
                self._in_string = False
            elif self._depth or (not self._in_scalar and held[self.at] in b'"[{'):
                mark = _BRACKET_OR_STRING.search(held, self.at)
                if mark is None:
                    self.at = len(held)
                    return None
                self.at = mark.end()
                self._in_string = mark[0] == b'"'
                self._depth += (mark[0] in (b"[", b"{")) - (mark[0] in (b"]", b"}"))
            else:
                self._in_scalar = True
                found = _SCALAR.match(held, self.at)
                self.at = found.end() if found else self.at
                return self.at if self.at < len(held) else None
            if self._depth <= 0 and not self._in_string:
                return self.at
        return None
