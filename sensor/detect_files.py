"""
Where detector files lie, and the compiled engine beside them.

The packaged ``signatures/detectors`` comes first, then the home's ``signatures.d/detectors``, whose detectors
take the place of packaged ones with the same id. What was loaded and the compiled gate are kept in the home's
``cache``, or, where there is no home, in the user's cache folder, each under a digest of what it was made of.
A compiled gate is read by C code: it is taken only from a folder and a file that belong to this
user and that nobody else may write.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import signatures
from sensor.config import Home
from sensor.detect.detector import DetectorSet
from sensor.detect.engine import Engine, Table, build_table
from sensor.detect.gate import ENGINE, GateError, compile_gate, open_gate
from sensor.detect.loading import DetectorFile, content_hash, dump, load, restore
from sensor.detect.scanners import provide
from sensor.errors import ConfigError, WorkError

if TYPE_CHECKING:
    from sensor.detect.custom import CustomScanner

__all__ = [
    "cache_folder", "load_custom_key", "load_detectors", "load_engine", "load_token_key", "own_files",
    "packaged_files",
]  # fmt: skip

TOKEN_KEY_FILE = "token.key"
"""In the home's ``keys``: 32 bytes, mode 0600. Whoever has it can tell whether a guessed value has a
token."""

MAX_FILE = 16 * 1024 * 1024
"""Bytes; a detector file that is longer is refused."""


def load_engine(home: Home | None = None, *, on_compile: Callable[[], None] | None = None) -> Engine:
    """
    The packaged detectors with the home's own, ready to scan.

    Compiling takes seconds and is done once for each version of the files; ``on_compile`` is called before.
    Raises ``ConfigError`` for a file that is wrong, ``WorkError`` for one that cannot be read.
    """
    files, own = packaged_files(), own_files(home)
    for file in files:
        provide(file.name, file.text)
    folder = cache_folder(home)
    detectors = _kept_set(folder, files, own)
    custom = _custom(home, detectors)
    if custom is not None:
        taken = {detector.id for detector in custom.describe()}
        kept = tuple(detector for detector in detectors.detectors if detector.id not in taken)
        detectors = replace(detectors, detectors=kept)
    table = build_table(detectors)
    name = f"gate-{_digest_of(table)}.bin"
    compiled = _read(folder / name)
    if compiled is not None:
        with contextlib.suppress(GateError):
            return Engine(detectors, table=table, gate=open_gate(table.entries, compiled), custom=custom)
    if on_compile is not None:
        on_compile()
    compiled = _compile(table)
    _write(folder / name, compiled)
    return Engine(detectors, table=table, gate=open_gate(table.entries, compiled), custom=custom)


def _custom(home: Home | None, detectors: DetectorSet) -> CustomScanner | None:
    """A home's own expressions, keywords and tables; ``None`` where it has none."""
    key = load_custom_key(home) if home is not None and (home.signatures / "detectors").is_dir() else None
    if home is None or key is None:
        return None
    # A quarter of all modules, of use only to a home that has files of its own.
    from sensor.detect_custom_files import load_custom

    custom = load_custom(home, key)
    if custom is not None:
        custom.know(detectors.detectors)
    return custom


def load_custom_key(home: Home) -> bytes | None:
    """The key of a home's tables of exact data and fingerprints; ``None`` where there is no home."""
    key = load_token_key(home)
    return hmac.digest(key, b"gnomon customer data 1", "sha256") if key is not None else None


def _kept_set(folder: Path, files: list[DetectorFile], own: list[DetectorFile]) -> DetectorSet:
    name = f"detectors-{content_hash(files, own)[:32]}.json"
    kept = _read(folder / name)
    if kept is not None:
        with contextlib.suppress(ValueError):
            return restore(kept)
    detectors = load(files, own)
    _write(folder / name, dump(detectors))
    return detectors


def load_detectors(home: Home | None = None) -> DetectorSet:
    """What the files say, without compiling a gate."""
    return load(packaged_files(), own_files(home))


def _compile(table: Table) -> bytes:
    try:
        return compile_gate(table.entries)
    except GateError as error:
        raise ConfigError(
            f"the gate cannot be compiled: {error}",
            hint="A gate expression has no look-around and no back-reference.",
        ) from None


def load_token_key(home: Home) -> bytes | None:
    """
    The home's key for redaction tokens, made on first use; ``None`` where there is no home.

    Raises ``WorkError`` where it is not 32 bytes, or cannot be read or made.
    """
    if not home.path.is_dir():
        return None
    path = home.keys / TOKEN_KEY_FILE
    try:
        home.keys.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            handle, name = tempfile.mkstemp(prefix=".token-", dir=home.keys)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(file.fileno())
            # Linked, not renamed: of two that make it at once, the first stays.
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
            os.unlink(name)
        key = path.read_bytes()
    except OSError as error:
        raise WorkError(f"cannot read or make the token key {path}: {error.strerror}") from error
    if len(key) != 32:
        raise WorkError(
            f"{path} is not a key of 32 bytes", hint="Move it away; tokens made with it cannot be put back."
        )
    return key


def packaged_files() -> list[DetectorFile]:
    """The files that come with the program; messages name them ``signatures/detectors/…``."""
    folder = Path(next(iter(signatures.__path__))) / "detectors"
    return [file._replace(shown=f"signatures/detectors/{file.name}") for file in _walk(folder)]


def own_files(home: Home | None) -> list[DetectorFile]:
    """The home's own; none where there is no home or no such folder."""
    return list(_walk(home.signatures / "detectors")) if home is not None else []


def _walk(folder: Path) -> Iterator[DetectorFile]:
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.txt")]):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        try:
            raw = path.read_bytes()
            if len(raw) > MAX_FILE:
                raise WorkError(f"{path} is longer than {MAX_FILE} bytes")
            yield DetectorFile(name, raw.decode("utf-8"), str(path))
        except OSError as error:
            raise WorkError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise WorkError(f"{path} is not UTF-8 text", hint=f"Byte {error.start} is wrong.") from error


# --- the cache ----------------------------------------------------------------------------------------
#
# First line: SHA-256 of the rest.


def cache_folder(home: Home | None) -> Path:
    """The home's cache, or the user's where there is no home."""
    if home is not None and home.path.is_dir():
        return home.cache
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "~"), ".cache")
    return Path(base).expanduser() / "gnomon"


def _digest_of(table: Table) -> str:
    """What a compiled gate depends on: its entries, and what compiles them."""
    digest = hashlib.sha256(f"{ENGINE} {sys.platform} {os.uname().machine}\n".encode())
    digest.update(repr([tuple(entry) for entry in table.entries]).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:32]


def _read(path: Path) -> bytes | None:
    try:
        for place in (path.parent, path):
            said = place.stat()
            if said.st_uid != os.geteuid() or said.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
        digest, _, body = path.read_bytes().partition(b"\n")
        return body if hashlib.sha256(body).hexdigest().encode() == digest else None
    except OSError:
        return None


def _write(path: Path, body: bytes) -> None:
    """Write it whole or not at all; that it could not be written is no one's trouble."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in path.parent.glob(f"{path.name.partition('-')[0]}-*{path.suffix}"):
            old.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(prefix=".detectors-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
