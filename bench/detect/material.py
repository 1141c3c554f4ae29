"""
What the benchmarks scan: ordinary technical text that is on every machine, and prompts with planted values.

Benign is what a person pastes into a chat about work, in equal parts: documentation (this project's, the
descriptions of installed packages, the standard library's), code (the standard library's, this project's) and
JSON (package metadata, the catalogue). Nothing is fetched. Mixed prompts are benign ones with about 1 KB of
generated secrets and personal data strewn in.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import itertools
import json
import pydoc
import random
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

import yaml

__all__ = ["GENERATORS", "PROMPT", "benign_prompts", "benign_texts", "generated", "mixed_prompts"]

PROMPT = 4096
"""Characters of a prompt."""

ROOT = Path(__file__).resolve().parents[2]

GENERATORS = ("secrets", "identifiers", "contact", "people", "addresses", "documents")
"""Modules of ``bench.detect.generate``, each with ``generate(seed, count)``."""

_CODE = {".py", ".c", ".h", ".js", ".css", ".sh", ".toml", ".cfg"}


def _documentation() -> Iterator[tuple[str, str]]:
    """This project's documents, descriptions of installed packages, the standard library's documentation."""
    for path in [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]:
        yield path.name, path.read_text(encoding="utf-8")
    for found in sorted(importlib.metadata.distributions(), key=lambda item: item.name or ""):
        description = found.metadata.get_payload()
        if isinstance(description, str) and len(description) > 2_000:
            yield f"description of {found.name}", description
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in (
            "antigravity",
            "this",
            "idlelib",
            "tkinter",
            "turtledemo",
            "turtle",
        ):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield f"documentation of {name}", pydoc.plain(pydoc.render_doc(name))
        except (Exception, SystemExit):  # a module that is not for this platform
            continue


def _code() -> Iterator[tuple[str, str]]:
    """The standard library's source, and this project's but for its detectors."""
    folders = [Path(sysconfig.get_path("stdlib")), *(ROOT / name for name in ("sensor", "reports", "addons"))]
    left_out = {"site-packages", "test", "tests", "__pycache__", "detect"}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in _CODE and not left_out & set(path.parts):
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    yield path.name, path.read_text(encoding="utf-8")


def _json() -> Iterator[tuple[str, str]]:
    """What installed packages say of themselves, and the catalogue, as JSON, indented and not."""
    for found in sorted(importlib.metadata.distributions(), key=lambda item: item.name or ""):
        said = {**found.metadata.json, "description": ""}
        said["files"] = [{"path": str(file), "size": file.size} for file in (found.files or [])[:400]]
        yield f"JSON of {found.name}", json.dumps(said, indent=2)
        yield f"JSON of {found.name}", json.dumps(said)
    for path in sorted((ROOT / "signatures" / "apps").rglob("*.yaml")):
        made = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield f"JSON of {path.name}", json.dumps(made, indent=2, ensure_ascii=False, default=str)


def benign_texts(megabytes: float) -> Iterator[tuple[str, str]]:
    """(name, text): documentation, code and JSON in turn, until they hold so many megabytes."""
    left = megabytes * 1e6
    sources = [_documentation(), _code(), _json()]
    sizes = [0, 0, 0]
    while sources and left > 0:
        # The kind that has the least so far.
        at = min(range(len(sources)), key=sizes.__getitem__)
        taken = next(sources[at], None)
        if taken is None:
            del sources[at], sizes[at]
            continue
        sizes[at] += len(taken[1])
        left -= len(taken[1])
        yield taken


def benign_prompts(count: int) -> list[str]:
    """So many prompts of 4 KB: a third documentation, a third code, a third JSON."""
    draw = random.Random(20)
    kinds = []
    for source in (_documentation(), _code(), _json()):
        prompts = []
        for _, text in itertools.islice(source, 400):
            prompts.extend(text[at : at + PROMPT] for at in range(0, max(0, len(text) - PROMPT + 1), PROMPT))
        draw.shuffle(prompts)
        kinds.append(prompts[: count // 3 + 1])
    mixed = [prompt for kind in kinds for prompt in kind]
    draw.shuffle(mixed)
    return mixed[:count]


def generated(
    names: tuple[str, ...], seed: int, count: int
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Texts with labelled spans by the generators named, in turn."""
    for name in names:
        module = importlib.import_module(f"bench.detect.generate.{name}")
        yield from module.generate(seed, count)


def mixed_prompts(count: int, seed: int = 7) -> list[str]:
    """Benign prompts of 3 KB with about 1 KB of texts that hold something, between their lines."""
    draw = random.Random(seed)
    planted = [
        text for text, spans in generated(GENERATORS[:5], seed, max(40, count)) if spans and len(text) < 600
    ]
    made = []
    for prompt in benign_prompts(count):
        lines = prompt[: PROMPT - 1024].split("\n")
        size = 0
        while size < 1024:
            text = draw.choice(planted)
            size += len(text) + 1
            lines.insert(draw.randint(0, len(lines)), text)
        made.append("\n".join(lines))
    return made
