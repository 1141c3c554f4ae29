"""What these scanners share: edges of values, and candidates without repetition."""

from __future__ import annotations

from sensor.detect.finding import Candidate
from sensor.detect.lazily import lazily

__all__ = ["ALNUM", "Made", "edge", "tail"]

ALNUM = bytes(1 if chr(byte).isalnum() and byte < 128 else 0 for byte in range(256))
"""1 for bytes that are an ASCII letter or digit."""

_TAIL = lazily(rb"[0-9A-Za-z]")


def edge(data: bytes, start: int, end: int) -> bool:
    """
    No ASCII letter or digit touches the span from outside, nor a decimal point or sign with a digit
    behind.
    """
    if start > 0:
        before = data[start - 1]
        if ALNUM[before]:
            return False
        if before in b".-" and start > 1 and ALNUM[data[start - 2]]:
            return False
    return tail(data, end)


def tail(data: bytes, end: int) -> bool:
    """No ASCII letter or digit follows, also not behind a point or a dash."""
    if end < len(data):
        after = data[end]
        if ALNUM[after]:
            return False
        if after in b".-" and end + 1 < len(data) and 0x30 <= data[end + 1] <= 0x39:
            return False
    return True


class Made:
    """Candidates of one scan; of the same span for the same detector the surest stands."""

    __slots__ = ("_by_span", "questions")

    def __init__(self, questions: int = 0) -> None:
        self.questions = questions
        """Costly proofs that may still be asked for."""
        self._by_span: dict[tuple[int, int, str], Candidate] = {}

    def add(self, start: int, end: int, detector: str, score: float, validated: bool, *reasons: str) -> None:
        key = (start, end, detector)
        kept = self._by_span.get(key)
        if kept is None or kept.score < score:
            self._by_span[key] = Candidate(start, end, detector, score, validated, reasons)

    def score(self, start: int, end: int, detector: str) -> float:
        """What the span has already; 0 where nothing was made of it."""
        kept = self._by_span.get((start, end, detector))
        return 0.0 if kept is None else kept.score

    def all(self) -> list[Candidate]:
        return list(self._by_span.values())
