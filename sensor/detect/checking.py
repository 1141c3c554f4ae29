"""Whether detectors keep what their examples promise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sensor.detect.engine import Engine

__all__ = ["Failure", "check_examples"]


class Failure(NamedTuple):
    """One example that is not kept."""

    detector: str
    kind: str
    """``match`` or ``nomatch``."""
    number: int
    """The example's place in its list, from 1."""
    what: str

    def __str__(self) -> str:
        return f"{self.detector}: {self.kind} example {self.number}: {self.what}"


def check_examples(engine: Engine, ids: Iterable[str]) -> Iterator[Failure]:
    """
    Every example that is not kept.

    A marked span is found where findings of the detector's type cover it, and reach no further than
    punctuation around it; in a counter-example no finding has the type.
    """
    for identity in ids:
        detector = engine.detectors[identity]
        for number, example in enumerate(detector.examples, start=1):
            spans = [
                (finding.start, finding.end)
                for finding in engine.scan(example.text, wanted=lambda other: other.type == detector.type)  # noqa: B023  # used at once
            ]
            for start, end in example.spans:
                if (start, end) not in spans:
                    near = [span for span in spans if span[0] < end and start < span[1]]
                    what = f"characters {start}-{end} not found"
                    if near:
                        what = f"expected characters {start}-{end}, found {near[0][0]}-{near[0][1]}"
                    yield Failure(identity, "match", number, what)
            extra = [span for span in spans if not any(s < span[1] and span[0] < e for s, e in example.spans)]
            if extra:
                yield Failure(identity, "match", number, f"also found characters {extra[0][0]}-{extra[0][1]}")
        for number, example in enumerate(detector.counter_examples, start=1):
            for finding in engine.scan(example.text):
                if finding.type == detector.type:
                    yield Failure(
                        identity, "nomatch", number,
                        f"found characters {finding.start}-{finding.end} by {finding.detector}",
                    )  # fmt: skip
                    break
