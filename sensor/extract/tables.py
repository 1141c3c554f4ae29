"""
Rows of a table as text in which a value stands beside the name of its column.

A detector wants ``SSN: 123-45-6789``, not a number under a heading a thousand rows above. Where the first row
looks like headings, each further row becomes lines ``heading: value``; else its cells joined by tabs. Large
tables, which would outgrow the text limit by their headings alone, fall back to joined cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sensor.extract.budget import Budget

__all__ = ["Table", "looks_like_heading"]

_HEADING = 60
_LOOK = 12
"""Rows without headings before they are no longer looked for (a title may stand above)."""


def looks_like_heading(cell: str) -> bool:
    """Short, with a letter, more letters than digits, no address."""
    if not cell or len(cell) > _HEADING or "@" in cell or "\n" in cell:
        return False
    letters = sum(map(str.isalpha, cell))
    return letters > 0 and sum(map(str.isdigit, cell)) < letters


class Table:
    """Takes rows, says lines. ``pairs``: two columns may be headings too (a CSV), not labels and values."""

    def __init__(self, budget: Budget, say: Callable[[str], None], *, pairs: bool = False) -> None:
        self._budget = budget
        self._say = say
        self._least = 2 if pairs else 3
        self._headings: list[str] | None = None
        self._rows = 0
        self._grown = 0

    def row(self, cells: Sequence[str]) -> None:
        """The next row."""
        filled = [cell for cell in cells if cell and not cell.isspace()]
        if not filled:
            return
        self._budget.tick(len(filled))
        self._rows += 1
        if self._headings is None and self._rows <= _LOOK:
            if len(filled) >= self._least and all(map(looks_like_heading, filled)):
                self._headings = [" ".join(cell.split()) for cell in cells]
                self._say("\t".join(filled))
                return
        headings = self._headings
        # A quarter of the text limit spent on one table in the long form is enough.
        if headings is None or self._grown > self._budget.limits.text_bytes // 4:
            self._say((": " if len(cells) == 2 and len(filled) == 2 else "\t").join(filled))
            return
        lines = []
        for column, cell in enumerate(cells):
            if cell and not cell.isspace():
                heading = headings[column] if column < len(headings) else ""
                lines.append(f"{heading}: {cell}" if heading else cell)
        text = "\n".join(lines) + "\n"
        self._grown += len(text)
        self._say(text)
