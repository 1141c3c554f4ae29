"""
Text to tokens: runs of letters and digits, signs, line ends, each with its place.

``O'Brien`` and ``Jean-Luc`` are three tokens each: a name grows together again when its parts are judged.
"""

from __future__ import annotations

import re

__all__ = ["TOKEN"]

TOKEN = re.compile(r"\w+|[^\w\s]|\n")
