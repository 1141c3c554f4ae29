"""
How much is found, and how much that is nothing.

``leak`` is the share of labelled characters that survive redaction, the number that counts; ``recall`` the
share of labelled spans of which at least half is covered; ``precision`` the share of findings that touch a
label of any type. Benign findings are counted by group on ordinary files, each a false alarm or a true find
in somebody's documentation: the misses and the alarms are written out to be read.

The generators are ours, so these figures are of text like what we thought of; see each generator's docstring
for its sources.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

from bench.detect.disguises import cases
from bench.detect.material import GENERATORS, benign_texts, generated
from sensor.detect.engine import Engine

__all__ = ["run"]


class _Score:
    def __init__(self) -> None:
        self.labels = self.found = self.characters = self.leaked = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "labels": self.labels,
            "recall": round(self.found / self.labels, 4) if self.labels else None,
            "leak": round(self.leaked / self.characters, 4) if self.characters else None,
        }


def run(
    engine: Engine, *, seed: int, count: int, megabytes: float, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Every generator, the disguises, and so many megabytes of ordinary files."""
    result: dict[str, Any] = {"seed": seed, "generators": {}, "misses": {}}
    for name in GENERATORS:
        tell(f"{name}: {count} texts …")
        total, by_type = _Score(), collections.defaultdict(_Score)
        predicted = touching = 0
        misses: list[dict[str, str]] = []
        for text, spans in generated((name,), seed, count):
            findings = [item for item in engine.scan(text) if name == "documents" or not item.report_only]
            covered = bytearray(len(text))
            for finding in findings:
                covered[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
            predicted += len(findings)
            touching += sum(any(f.start < end and start < f.end for start, end, _ in spans) for f in findings)
            for start, end, kind in spans:
                hidden = sum(covered[start:end])
                for score in (total, by_type[kind]):
                    score.labels += 1
                    score.found += hidden * 2 >= end - start
                    score.characters += end - start
                    score.leaked += end - start - hidden
                if hidden * 2 < end - start and len(misses) < 60:
                    misses.append({"type": kind, "text": text[max(0, start - 60) : end + 20]})
        result["generators"][name] = {
            **total.as_json(),
            "precision": round(touching / predicted, 4) if predicted else None,
            "by_type": {kind: score.as_json() for kind, score in sorted(by_type.items())},
        }
        result["misses"][name] = misses
    tell("disguises …")
    found = 0
    missed = []
    every = list(cases())
    for disguise, kind, text, start, end in every:
        if any(
            finding.start < end and start < finding.end
            for finding in engine.scan(text)
            if not finding.report_only
        ):
            found += 1
        else:
            missed.append(f"{disguise}: {kind}")
    result["disguises"] = {
        "cases": len(every),
        "found": found,
        "share": round(found / len(every), 4),
        "missed": missed,
    }
    tell(f"benign: {megabytes} MB …")
    groups: collections.Counter[str] = collections.Counter()
    alarms: list[dict[str, Any]] = []
    size = 0
    for file, text in benign_texts(megabytes):
        size += len(text)
        for finding in engine.scan(text):
            groups[finding.group] += 1
            if finding.group == "secret" or len(alarms) < 200:
                line = text.count("\n", 0, finding.start) + 1
                alarms.append({"type": finding.type, "file": file, "line": line,
                               "text": text[max(0, finding.start - 30) : finding.end + 10]})  # fmt: skip
    result["benign"] = {
        "megabytes": round(size / 1e6, 2),
        "per_megabyte": {group: round(number / (size / 1e6), 3) for group, number in sorted(groups.items())},
        "alarms": alarms,
    }
    return result
