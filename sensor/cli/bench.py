"""``gnomon bench``: the benchmarks, from a checkout."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sensor.cli.common import add_home, add_json
from sensor.cli.redact import announce_compile
from sensor.config import find_home
from sensor.detect_files import load_engine
from sensor.errors import WorkError

__all__ = ["configure", "run"]

ROOT = Path(__file__).resolve().parents[2]


def configure(parser: argparse.ArgumentParser) -> None:
    subjects = parser.add_subparsers(dest="subject", metavar="SUBJECT", required=True)
    detect = subjects.add_parser("detect", help="sensitive data: speed beside the peers, or quality")
    detect.add_argument(
        "--quality", action="store_true", help="how much is found, and how much that is nothing"
    )
    detect.add_argument(
        "--prompts", metavar="N", type=int, default=600, help="prompts of 4 KB (default: 600)"
    )
    detect.add_argument(
        "--peer-prompts", metavar="N", type=int, default=40, help="of these through the peers (default: 40)"
    )
    detect.add_argument(
        "--repeats",
        metavar="N",
        type=int,
        default=3,
        help="scans of each prompt; the median counts (default: 3)",
    )
    detect.add_argument(
        "--no-peers", action="store_true", help="without Presidio, detect-secrets and CredSweeper"
    )
    detect.add_argument(
        "--install-peers", action="store_true", help="make the peers' environment, .venv-peers, and end"
    )
    detect.add_argument(
        "--seed", metavar="N", type=int, default=1, help="of the generated texts of --quality (default: 1)"
    )
    detect.add_argument(
        "--count", metavar="N", type=int, default=2000, help="generated texts of each kind (default: 2000)"
    )
    detect.add_argument(
        "--megabytes", metavar="N", type=float, default=20, help="ordinary text for --quality (default: 20)"
    )
    detect.add_argument(
        "-o", "--output", metavar="FILE", help="write the whole result as JSON, misses and alarms with it"
    )
    add_json(detect)
    add_home(detect)


def run(args: argparse.Namespace) -> int:
    if not (ROOT / "bench" / "detect").is_dir():
        raise WorkError(
            "the benchmarks are not part of an installed package", hint="Run ./gnomon bench in a checkout."
        )
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    if args.install_peers:
        importlib.import_module("bench.detect.peers").install()
        return 0
    engine = load_engine(find_home(args.home), on_compile=announce_compile)

    def tell(text: str) -> None:
        print(text, file=sys.stderr)

    if args.quality:
        result = importlib.import_module("bench.detect.quality").run(
            engine, seed=args.seed, count=args.count, megabytes=args.megabytes, tell=tell
        )
    else:
        result = importlib.import_module("bench.detect.speed").run(
            engine, prompts=args.prompts, peer_prompts=args.peer_prompts, repeats=args.repeats,
            with_peers=not args.no_peers, tell=tell,
        )  # fmt: skip
    if args.output:
        Path(args.output).write_text(
            json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        (_show_quality if args.quality else _show_speed)(result)
    return 0


def _show_speed(result: dict[str, Any]) -> None:
    table = Table(title=f"CPU for a prompt of {result['prompt_characters']} characters", box=None)
    for head in ("text", "tool", "p50 ms", "p99 ms", "MB/s", "× gnomon"):
        table.add_column(head, justify="left" if head in ("text", "tool") else "right")
    for text, tools in result["material"].items():
        for tool, said in tools.items():
            if "error" in said:
                table.add_row(text, tool, said["error"], "", "", "")
            else:
                table.add_row(
                    text, tool, f"{said['p50_ms']:.3f}", f"{said['p99_ms']:.3f}", f"{said['mb_per_s']:.2f}",
                    f"{said['times_gnomon']:.0f}" if "times_gnomon" in said else "",
                )  # fmt: skip
    Console().print(table)
    print(f"cold start: {result['cold_start_ms']:.0f} ms of CPU")


def _show_quality(result: dict[str, Any]) -> None:
    table = Table(title="generated texts", box=None)
    for head in ("generator", "type", "labels", "recall", "leak", "precision"):
        table.add_column(head, justify="left" if head in ("generator", "type") else "right")
    for name, said in result["generators"].items():
        table.add_row(name, "all", *_figures(said), _share(said["precision"]))
        worst = sorted(said["by_type"].items(), key=lambda item: -(item[1]["leak"] or 0))[:8]
        for kind, figures in worst:
            if figures["leak"]:
                table.add_row("", kind, *_figures(figures), "")
    Console().print(table)
    disguises = result["disguises"]
    print(f"disguises: {disguises['found']} of {disguises['cases']} found ({_share(disguises['share'])})")
    for missed in disguises["missed"]:
        print(f"  missed: {missed}")
    print(f"findings in {result['benign']['megabytes']} MB of ordinary files, for each MB:")
    for group, number in result["benign"]["per_megabyte"].items():
        print(f"  {group}: {number}")


def _figures(said: dict[str, Any]) -> tuple[str, str, str]:
    return str(said["labels"]), _share(said["recall"]), _share(said["leak"])


def _share(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.2f} %"
