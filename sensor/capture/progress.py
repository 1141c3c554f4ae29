"""One line on standard error that says how far a file is read; only on a terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

__all__ = ["ProgressLine"]

_EVERY_S = 0.2


class ProgressLine:
    """``show`` is a ``Progress`` for ``CaptureFile``; ``clear`` takes the line away."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._wanted = self._stream.isatty()
        self._shown = False
        self._next = 0.0

    def show(self, done: int, size: int | None) -> None:
        now = time.monotonic()
        if not self._wanted or now < self._next:
            return
        self._next = now + _EVERY_S
        text = (
            f"{done / 1e6:.1f} MB"
            if not size
            else f"{done / 1e6:.1f} of {size / 1e6:.1f} MB, {done / size:4.0%}"
        )
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False
