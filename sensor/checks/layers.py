"""
Which module may know which: the layer table of docs/design.md, and what an import may not cross.

Rule 1: a module imports its own layer or a lower one. An import inside a function counts like any other.
Rule 2: the pure layers (0 to 5) import only what ``PURE_MAY_IMPORT`` lists, and call nothing that opens a
file, reads a clock or draws a random number.
Rule 3: some third-party packages have one place (``ONLY_IN``).

The files are read, not imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LAYERS", "PURE", "complaints", "layer_of", "modules", "source_complaints"]

LAYERS: dict[str, int] = {
    # 0: the nouns
    "sensor": 0,
    "sensor.errors": 0,
    "sensor.model": 0,
    "sensor.yamldoc": 0,
    # 1: bytes to messages
    "sensor.dialects": 1,
    "sensor.wire": 1,
    # 2: flows, observations, what signatures and detectors say
    "sensor.catalogue": 2,
    "sensor.detect": 2,
    "sensor.fastpath": 2,
    "sensor.flows": 2,
    "sensor.observe": 2,
    # 3: state and decisions
    "sensor.coverage": 3,
    "sensor.entries": 3,
    "sensor.identity": 3,
    "sensor.inventory": 3,
    "sensor.names": 3,
    "sensor.policy": 3,
    "sensor.residency": 3,
    "sensor.tlog": 3,
    # 4: one observation to its effects
    "sensor.pipeline": 4,
    # 5: whole exchanges and captures, still without I/O
    "sensor.exchange": 5,
    "sensor.passive": 5,
    # 6: the shell
    "reports": 6,
    "sensor.detect_files": 6,
    "sensor.detect_custom_files": 6,
    "sensor.capture": 6,
    "sensor.catalogue_files": 6,
    "sensor.config": 6,
    "sensor.directories": 6,
    "sensor.extract": 6,
    "sensor.ingest": 6,
    "sensor.inline": 6,
    "sensor.policy_files": 6,
    "sensor.recorder": 6,
    "sensor.sinks": 6,
    "sensor.standin": 6,
    "sensor.store": 6,
    "sensor.version": 6,
    "signatures": 6,
    # 7: what a person starts
    "addons": 7,
    "sensor.__main__": 7,
    "sensor.checks": 7,
    "sensor.cli": 7,
    "sensor.demo": 7,
    "sensor.run": 7,
}
"""Package or module to layer; the longest name that fits counts."""

PURE = 5
"""The highest pure layer."""

OURS = ("sensor", "reports", "addons", "signatures")

PURE_MAY_IMPORT = frozenset(
    """
    __future__ abc array ast base64 binascii bisect codecs collections contextlib copy csv dataclasses
    datetime decimal difflib enum fnmatch fractions functools hashlib heapq hmac html itertools io ipaddress
    json keyword math operator re string struct textwrap types typing unicodedata urllib.parse zlib
    brotli cryptography orjson hyperscan re2 stdnum phonenumbers zstandard
    """.split()
)
"""What cannot reach outside. Add to it only what has no clock, file, socket, thread or randomness."""

ALSO: dict[str, frozenset[str]] = {
    # Forty checks of python-stdnum, each imported when it is first asked for.
    "sensor.detect.validators.national.borrowed": frozenset({"importlib"}),
    # Scanners and validators, whose modules are imported when a text first needs them.
    "sensor.detect.lazily": frozenset({"importlib"}),
    # Bytes to tuples and back; the shell answers for the bytes.
    "sensor.detect.keeping": frozenset({"marshal"}),
}
"""What single pure modules may import besides, and why."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "yaml": ("sensor.yamldoc",),
    "scapy": ("sensor.capture.scapy_door",),
    "hyperscan": ("sensor.detect.gate", "sensor.detect.custom"),
    "re2": ("sensor.detect",),
    "stdnum": ("sensor.detect.validators",),
    "phonenumbers": ("sensor.detect.validators",),
    "mitmproxy": ("sensor.inline", "sensor.demo", "addons"),
    "sqlite_utils": ("sensor.store", "reports"),
}
"""Third-party package to the modules and packages that may import it."""

IMPURE_CALLS = frozenset({"open", "input", "print", "exec", "eval", "__import__", "breakpoint"})
IMPURE_METHODS = frozenset(
    {"now", "utcnow", "today", "generate", "urandom", "read_text", "read_bytes", "token_bytes"}
)
"""Attribute calls that read a clock, draw randomness (``Ed25519PrivateKey.generate()``) or touch a file."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, absolute, and where."""

    name: str
    line: int


def modules(root: Path) -> dict[str, Path]:
    """Every module of the project by its dotted name (a package by the package's name)."""
    found: dict[str, Path] = {}
    for top in OURS:
        for path in sorted((root / top).rglob("*.py")):
            parts = list(path.relative_to(root).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            found[".".join(parts)] = path
    return found


def layer_of(module: str) -> int | None:
    """The layer of a module by the longest entry that fits; None where only ``sensor`` itself does."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name == "sensor" and module != "sensor":
            return None
        if name in LAYERS:
            return LAYERS[name]
    return None


def imports(tree: ast.Module, package: str) -> Iterator[Import]:
    """Every import of a module, wherever it stands; ``package`` resolves relative ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno)


def _fits(name: str, prefixes: frozenset[str] | tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def source_complaints(module: str, source: str, known: frozenset[str], is_package: bool) -> list[str]:
    """What one module's source does that its layer may not, as ``module:line: …``."""
    layer = layer_of(module)
    if layer is None:
        return [f"{module}: stands in no layer; add it to LAYERS in sensor/checks/layers.py"]
    found: list[str] = []
    tree = ast.parse(source)
    package = module if is_package else module.rpartition(".")[0]
    for item in imports(tree, package):
        # `from a.b import c`: c is a module of ours, or a name in a.b.
        target = item.name if item.name in known else item.name.rpartition(".")[0] or item.name
        where = f"{module}:{item.line}:"
        if _fits(item.name, OURS):
            other = layer_of(target)
            if other is not None and other > layer:
                found.append(f"{where} layer {layer} may not import {target} of layer {other}")
            continue
        top = item.name.partition(".")[0]
        if top in ONLY_IN:
            if not _fits(module, ONLY_IN[top]):
                found.append(f"{where} {top} may be imported only in {', '.join(ONLY_IN[top])}")
        elif layer <= PURE and not _fits(item.name, PURE_MAY_IMPORT | ALSO.get(module, frozenset())):
            found.append(f"{where} layer {layer} is pure and may not import {item.name}")
    if layer <= PURE:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
                found.append(
                    f"{module}:{node.lineno}: layer {layer} is pure and may not call {node.func.id}()"
                )
            elif isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE_METHODS:
                found.append(
                    f"{module}:{node.lineno}: layer {layer} is pure and may not call .{node.func.attr}()"
                )
    return found


def complaints(root: Path) -> list[str]:
    """Every crossing in the checkout; empty when the house stands."""
    every = modules(root)
    known = frozenset(every)
    return [
        complaint
        for module, path in every.items()
        for complaint in source_complaints(
            module, path.read_text(encoding="utf-8"), known, path.name == "__init__.py"
        )
    ]
