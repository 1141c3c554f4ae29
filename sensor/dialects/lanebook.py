"""
The lanes of one streamed answer that are open, and how each is carried on.

Rule 1: a lane that ends with a frame can still be carried on until the next frame is read: what was held back
in it goes out before the frame that ends it.
Rule 2: memory is bounded. ``MAX_LANES`` are held; what opens beyond them shares the lane ``REST``, which is
carried on in the form of the frame that grew it last, so that nothing is lost. A form holds names, indexes
and empty texts, never an answer's text.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from typing import Any

from sensor.dialects.reading import Path

__all__ = ["MAX_LANES", "REST", "LaneBook", "put"]

MAX_LANES = 1024
"""Lanes that are told apart."""

REST = "…"
"""The lane that all others share where there are too many."""


def put(value: Any, path: Path, text: str) -> Any:
    """A copy of a value with the string at a path replaced. The path must be there."""
    made = copy.deepcopy(value)
    here = made
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = text
    return made


class LaneBook:
    """Keys of open lanes, in the order in which they opened, each with the form of its frames."""

    def __init__(self) -> None:
        self._forms: dict[Hashable, tuple[str | None, Any, Path]] = {}
        self._over: set[Hashable] = set()

    def turn(self) -> None:
        """A new frame is read: forget the lanes that the one before ended."""
        for lane in self._over:
            self._forms.pop(lane, None)
        self._over.clear()

    def grow(self, lane: Hashable, event: str | None, form: Any, path: Path) -> Hashable:
        """
        The key under which a lane's text is told: its own, or ``REST``.

        ``form`` is a frame of the lane without text; ``path`` is where in it the text goes. A lane that this
        frame has ended is open again.
        """
        if lane not in self._forms and len(self._forms) >= MAX_LANES:
            lane = REST
        self._forms[lane] = (event, form, path)
        self._over.discard(lane)
        return lane

    def end(self, *lanes: Hashable) -> tuple[Hashable, ...]:
        """Those of the lanes that are open; they are over."""
        ended = tuple(lane for lane in lanes if lane in self._forms and lane not in self._over)
        self._over.update(ended)
        return ended

    def end_under(self, *prefix: Hashable) -> tuple[Hashable, ...]:
        """End the open lanes whose key is a tuple that begins so."""
        return self.end(
            *(lane for lane in self._forms if isinstance(lane, tuple) and lane[: len(prefix)] == prefix)
        )

    def flush(self, lane: Hashable, text: str) -> tuple[str | None, Any] | None:
        """A frame that carries a text on in a lane; ``None`` where the lane is not open."""
        if lane not in self._forms:
            return None
        event, form, path = self._forms[lane]
        return event, put(form, path, text)
