"""``gnomon observe``: every observation of a capture as JSON lines, before any matching."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from sensor.capture.files import CaptureFile
from sensor.capture.progress import ProgressLine
from sensor.model import Observation
from sensor.observe import to_json
from sensor.passive import PassiveReader

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a capture: pcap or pcapng, gzip'd or not; - reads standard input",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line (the default here)")


def run(args: argparse.Namespace) -> int:
    """Print what each file shows, file by file: flows do not go from one to the next."""
    for path in args.files:
        _observe(path)
    return 0


def _observe(path: str) -> None:
    line = ProgressLine()
    with CaptureFile(path, progress=line.show) as capture:
        reader = PassiveReader("observe")
        told = 0
        try:
            for frames in capture.frames():
                told += _print(reader.feed(frames))
        finally:
            line.clear()
        last: list[Observation] = []
        for name, count in sorted(capture.weirds.items()):
            last += reader.weird(name, count)
        told += _print(reader.finish() + last)
        print(_summary(capture.name, reader, told), file=sys.stderr)


def _print(observations: Sequence[Observation]) -> int:
    for observation in observations:
        print(json.dumps(to_json(observation), ensure_ascii=False, separators=(",", ":")))
    sys.stdout.flush()
    return len(observations)


def _summary(name: str, reader: PassiveReader, told: int) -> str:
    if not reader.frames:
        return f"{name}: a capture without a single frame"
    if reader.not_ip == reader.frames:
        return f"{name}: {reader.frames} frames, none of them with an IP packet that can be read"
    return f"{name}: {reader.frames} frames, {told} observations"
