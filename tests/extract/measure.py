"""
Measures bombs and latencies: ``python -m tests.extract.measure [NAME…]`` from a checkout prints tables.

Each bomb is read in a forked process, whose clock, processor time and peak memory above its baseline are
taken, and once through a warm ``Extractor``, with the peak of this process.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import time
from typing import Any

from sensor.extract import Extractor, Limits, extract
from sensor.extract.child import preload
from sensor.extract.model import Part
from sensor.extract.reading import read_bytes
from tests.extract.bombs import BOMBS


def peak_kb() -> int:
    """The highest resident size of this process so far (``VmHWM``)."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def reset_peak() -> None:
    """Let ``VmHWM`` begin again at what is in use now, where the system allows it."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def in_a_fork(data: bytes, limits: Limits | None = None) -> dict[str, Any]:
    """Reads in a forked process: ms, CPU ms, MB above the baseline, problems, characters."""
    preload()
    gc.collect()
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.close(ours)
            reset_peak()
            base, begun, used = peak_kb(), time.perf_counter(), time.process_time()
            characters = 0

            def emit(part: Part) -> None:
                nonlocal characters
                characters += len(part.text)

            found = read_bytes(data, limits=limits, emit=emit)
            told = {
                "ms": (time.perf_counter() - begun) * 1000, "cpu_ms": (time.process_time() - used) * 1000,
                "mb": (peak_kb() - base) / 1024, "format": found.format, "problems": list(found.problems),
                "truncated": found.truncated, "characters": characters,
            }  # fmt: skip
            os.write(theirs, json.dumps(told).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    with open(ours, "rb") as file:
        raw = file.read()
    os.waitpid(pid, 0)
    result: dict[str, Any] = json.loads(raw)
    return result


def main(names: list[str]) -> None:
    with Extractor() as extractor:
        extractor.extract(b"warm")
        head = ("bomb", "KB", "ms", "CPU", "MB", "warm", "parent")
        print("{:36} {:>6} {:>6} {:>6} {:>6} | {:>7} {:>9}  problems".format(*head))
        for name, make in BOMBS.items():
            if names and name not in names:
                continue
            data = make()
            alone = in_a_fork(data)
            reset_peak()
            base, begun = peak_kb(), time.perf_counter()
            extractor.extract(data)
            warm, parent = (time.perf_counter() - begun) * 1000, (peak_kb() - base) / 1024
            figures = (
                f"{alone['ms']:6.0f} {alone['cpu_ms']:6.0f} {alone['mb']:6.1f} | {warm:7.0f} {parent:9.1f}"
            )
            told = f"{alone['format']} {alone['characters']} {' '.join(alone['problems'])}"
            print(f"{name:36} {len(data) // 1024:6} {figures}  {told}", flush=True)
        if names:
            return
        from tests.extract.making import docx

        document, _ = docx()
        for label, call in (
            ("cold", lambda: extract(document)),
            ("warm", lambda: extractor.extract(document)),
            ("in process", lambda: read_bytes(document)),
        ):
            times = []
            for _ in range(5 if label == "cold" else 30):
                begun = time.perf_counter()
                call()
                times.append((time.perf_counter() - begun) * 1000)
            times.sort()
            middle = times[len(times) // 2]
            print(f"{label}: median {middle:.1f} ms, best {times[0]:.1f} ms ({len(document)} bytes DOCX)")


if __name__ == "__main__":
    main(sys.argv[1:])
