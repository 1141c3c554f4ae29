"""
How long a scan takes, beside the peers, in one run: each prompt goes to every tool before the next does.

CPU seconds of the process that scans. Ratios are of medians over the same prompts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench.detect.material import PROMPT, benign_prompts, mixed_prompts
from bench.detect.peers import PEERS, Peers
from sensor.detect.engine import Engine

__all__ = ["cold_start", "run"]


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _timed(engine: Engine, text: str, repeats: int) -> float:
    """CPU milliseconds of one scan: the median of a few, so that a neighbour's noise is not the tool's."""
    times = []
    for _ in range(repeats):
        begun = time.process_time_ns()
        engine.scan(text)
        times.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(times)


def _summary(times: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(times), 4),
        "p95_ms": round(_percentile(times, 0.95), 4),
        "p99_ms": round(_percentile(times, 0.99), 4),
        "max_ms": round(max(times), 4),
        "mb_per_s": round(PROMPT * len(times) / sum(times) / 1e3, 2),
    }


def run(
    engine: Engine,
    *,
    prompts: int,
    peer_prompts: int,
    repeats: int,
    with_peers: bool,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Benign and mixed prompts through the engine, and through the peers (fewer: they take seconds)."""
    result: dict[str, Any] = {"prompt_characters": PROMPT, "prompts": prompts, "material": {}}
    for name, made in (("benign", benign_prompts(prompts)), ("mixed", mixed_prompts(prompts))):
        tell(f"{name}: {len(made)} prompts through gnomon …")
        engine.warm()
        for text in made[-100:]:
            engine.scan(text)
        times = [_timed(engine, text, repeats) for text in made]
        measured: dict[str, Any] = {"gnomon": _summary(times)}
        without = [_without_views(engine, text, repeats) for text in made]
        measured["gnomon without views"] = _summary(without)
        if with_peers:
            with Peers() as peers:
                for tool in PEERS:
                    tell(f"{name}: {peer_prompts} prompts through {tool} …")
                    pairs = []
                    for text in made[:peer_prompts]:
                        answer = peers.scan(tool, text)
                        if "error" in answer:
                            measured[tool] = {"error": answer["error"]}
                            break
                        pairs.append((answer["cpu_s"] * 1e3, _timed(engine, text, repeats)))
                    else:
                        ours = statistics.median(pair[1] for pair in pairs)
                        theirs = statistics.median(pair[0] for pair in pairs)
                        measured[tool] = {
                            **_summary([pair[0] for pair in pairs]),
                            "times_gnomon": round(theirs / ours, 1),
                            "median_of_pairs": round(statistics.median(a / b for a, b in pairs), 1),
                        }
        result["material"][name] = measured
    result["cold_start_ms"] = cold_start()
    return result


def _without_views(engine: Engine, text: str, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begun = time.process_time_ns()
        engine.scan(text, views=False)
        times.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(times)


def cold_start() -> float:
    """CPU milliseconds of a new process from its first import of ours to its first finding, the cache
    being there."""
    code = (
        "import time; t = time.process_time()\n"
        "from sensor.detect_files import load_engine\n"
        "load_engine().scan('card 4111 1111 1111 1111, token ghp_'); print((time.process_time() - t) * 1e3)"
    )
    times = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        times.append(float(done.stdout))
    return round(statistics.median(times), 1)
