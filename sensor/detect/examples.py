"""
Examples in detector files: ``token: «ghp_{{b62:36}}»``.

``«`` and ``»`` stand around what must be found and are no part of the text. ``{{b62:36}}`` becomes 36
characters that look random and are the same each time, so that nothing that looks like a live secret stands
in the repository.
"""

from __future__ import annotations

import hashlib
import re
import string

from sensor.detect.detector import Example

__all__ = ["ALPHABETS", "ExampleProblem", "expand", "read_example"]

ALPHABETS = {
    "b62": string.digits + string.ascii_uppercase + string.ascii_lowercase,
    "b64": string.digits + string.ascii_uppercase + string.ascii_lowercase + "+/",
    "b64url": string.digits + string.ascii_uppercase + string.ascii_lowercase + "-_",
    "b58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "b32": string.ascii_uppercase + "234567",
    "hex": string.digits + "abcdef",
    "HEX": string.digits + "ABCDEF",
    "digits": string.digits,
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "UPPERDIGIT": string.digits + string.ascii_uppercase,
    "lowerdigit": string.digits + string.ascii_lowercase,
}
"""Name in an example to the characters that it is filled with."""

MAX_FILL = 4096

_FILL = re.compile(r"\{\{([A-Za-z0-9]+):([0-9]{1,5})\}\}")


class ExampleProblem(ValueError):
    """An example that cannot be read; the message says why."""


def expand(text: str, seed: str) -> str:
    """``text`` with every ``{{alphabet:length}}`` filled in; the same seed gives the same characters."""

    def fill(match: re.Match[str]) -> str:
        name, length = match[1], int(match[2])
        if name not in ALPHABETS:
            raise ExampleProblem(f'no alphabet "{name}"; there are {", ".join(ALPHABETS)}')
        if length > MAX_FILL:
            raise ExampleProblem(f"more than {MAX_FILL} characters")
        stream = hashlib.shake_256(f"{seed}/{match.start()}".encode()).digest(2 * length)
        letters = ALPHABETS[name]
        return "".join(
            letters[int.from_bytes(stream[at : at + 2], "big") % len(letters)]
            for at in range(0, 2 * length, 2)
        )

    return _FILL.sub(fill, text)


def read_example(text: str, seed: str) -> Example:
    """
    The text without its marks, and where they stood.

    Raises ``ExampleProblem``.
    """
    text = expand(text, seed)
    plain: list[str] = []
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    length = 0
    for piece in re.split("([«»])", text):
        if piece == "«":
            if opened is not None:
                raise ExampleProblem("« inside «")
            opened = length
        elif piece == "»":
            if opened is None or opened == length:
                raise ExampleProblem("» without « or around nothing")
            spans.append((opened, length))
            opened = None
        else:
            plain.append(piece)
            length += len(piece)
    if opened is not None:
        raise ExampleProblem("« without »")
    return Example("".join(plain), tuple(spans))
