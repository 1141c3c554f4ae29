"""
Where detector files lie, and what is kept of them.

The packaged ``signatures/detectors`` comes first, then the home's ``signatures.d/detectors``, whose detectors
take the place of packaged ones with the same id. What was loaded and the compiled gate are kept in the home's
``cache``, or, where there is no home, in the user's cache folder.

Rule 1: what is loaded is what is on disk. A kept set is taken where every file still is what it was when it
was read (``_Stamp``), or else where the texts of all files have the digest that the set was made of.
Rule 2: what is kept is read by C code that trusts it. It is taken only from a folder and a file that belong
to this user and that nobody else may write, and whole: its SHA-256 stands before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import stat
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import signatures
from sensor.detect.detector import DetectorSet
from sensor.detect.engine import Engine
from sensor.detect.gate import ENGINE, GateError, compile_gate, open_gate
from sensor.detect.keeping import FORM, dump, dump_table, restore, restore_table
from sensor.detect.scanners import DATA, provide
from sensor.detect.table import Table, build_table
from sensor.errors import ConfigError, WorkError

if TYPE_CHECKING:
    from sensor.config import Home
    from sensor.detect.custom import CustomScanner
    from sensor.detect.loading import DetectorFile

__all__ = [
    "cache_folder", "load_custom_key", "load_detectors", "load_engine", "load_token_key", "own_files",
    "packaged_files",
]  # fmt: skip

TOKEN_KEY_FILE = "token.key"
"""In the home's ``keys``: 32 bytes, mode 0600. Whoever has it can tell whether a guessed value has a
token."""

MAGIC = f"gnomon detectors {FORM} {sys.implementation.cache_tag} {marshal.version}\n".encode()
"""What a kept detector set begins with; another version's is not read at all."""

MAX_FILE = 16 * 1024 * 1024
"""Bytes; a detector file that is longer is refused."""

SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was read has no stamp: clocks of file systems are coarse, and
a second change might leave the same times."""


def load_engine(home: Home | None = None, *, on_compile: Callable[[], None] | None = None) -> Engine:
    """
    The packaged detectors with the home's own, ready to scan.

    Compiling takes seconds and is done once for each version of the files; ``on_compile`` is called before.
    Raises ``ConfigError`` for a file that is wrong, ``WorkError`` for one that cannot be read.
    """
    folder = cache_folder(home)
    kept = _kept(folder, home)
    custom = _custom(home, kept.detectors)
    if custom is not None:
        kept = _without(kept, {detector.id for detector in custom.describe()})
    path = folder / f"gate-{kept.gate}.bin"
    table = kept.table
    compiled = _read(path)
    if compiled is not None:
        with contextlib.suppress(GateError):
            gate = open_gate(table.entries, compiled)
            return Engine(kept.detectors, table=table, gate=gate, custom=custom)
    if on_compile is not None:
        on_compile()
    compiled = _compile(table)
    _write(path, compiled)
    return Engine(kept.detectors, table=table, gate=open_gate(table.entries, compiled), custom=custom)


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
    import hmac

    key = load_token_key(home)
    return hmac.digest(key, b"gnomon customer data 1", "sha256") if key is not None else None


def load_detectors(home: Home | None = None) -> DetectorSet:
    """What the files say, without compiling a gate."""
    # What reads files is needed once for each version of them.
    from sensor.detect.loading import load

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
            import secrets
            import tempfile

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


# --- the files ------------------------------------------------------------------------------------------


_Stamp = tuple[int, int, int, int, int]
"""
Device, number, size, time of change, time of change of the file's record (ctime).

What is trusted: that the system moves the last one whenever a file's bytes, name or other times change. No
program can set it, only who may set the clock. A file put in the place of another (a new version, a checkout)
has a number of its own.
"""


class _Place(NamedTuple):
    """One file, not yet read."""

    name: str
    """Its place under ``detectors/``."""
    path: str
    shown: str
    stamp: _Stamp

    def read(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                raw = file.read(MAX_FILE + 1)
        except OSError as error:
            raise WorkError(f"cannot read {self.path}: {error.strerror}") from error
        if len(raw) > MAX_FILE:
            raise WorkError(f"{self.path} is longer than {MAX_FILE} bytes")
        return raw

    def text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise WorkError(f"{self.path} is not UTF-8 text", hint=f"Byte {error.start} is wrong.") from error


def packaged_files() -> list[DetectorFile]:
    """The files that come with the program; messages name them ``signatures/detectors/…``."""
    return _texts(_packaged())


def own_files(home: Home | None) -> list[DetectorFile]:
    """The home's own; none where there is no home or no such folder."""
    return _texts(_own(home))


def _packaged_folder() -> str:
    return os.path.abspath(os.path.join(next(iter(signatures.__path__)), "detectors"))


def _own_folder(home: Home | None) -> str:
    return os.path.abspath(home.signatures / "detectors") if home is not None else ""


def _packaged() -> list[_Place]:
    places = _walk(_packaged_folder())
    return [place._replace(shown=f"signatures/detectors/{place.name}") for place in places]


def _own(home: Home | None) -> list[_Place]:
    return list(_walk(_own_folder(home))) if home is not None else []


def _texts(places: Sequence[_Place]) -> list[DetectorFile]:
    from sensor.detect.loading import DetectorFile

    return [DetectorFile(place.name, place.text(place.read()), place.shown) for place in places]


def _walk(folder: str, above: str = "") -> Iterator[_Place]:
    """The files below a folder, by name; hidden ones are left out, and folders behind a link."""
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name = above + entry.name
        if entry.name.endswith((".yaml", ".txt")):
            try:
                said = os.stat(entry.path)
            except OSError as error:
                raise WorkError(f"cannot read {entry.path}: {error.strerror}") from error
            stamp = (said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns)
            yield _Place(name, entry.path, entry.path, stamp)
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{name}/")


# --- what is kept of them -------------------------------------------------------------------------------


class _Kept(NamedTuple):
    """A set with what was built from it."""

    detectors: DetectorSet
    table: Table
    gate: str
    """Digest of the gate's entries: the name that it is kept under."""


class _Record(NamedTuple):
    """The same on disk."""

    stamps: tuple[tuple[str, _Stamp], ...]
    """Of every file, by its path; none where one had changed just before."""
    hash: str
    """Digest of the texts of all files."""
    code: tuple[tuple[str, int, int], ...]
    """What built the table."""
    detectors: bytes
    table: bytes
    gate: str


def _kept(folder: Path, home: Home | None) -> _Kept:
    """What the files say, as it was kept where that still holds, else made anew and kept."""
    began = time.time_ns()
    packaged, own = _packaged(), _own(home)
    for place in packaged:
        if place.name in DATA:
            # Read now, so that it is of one version with the rest; made a text when a scanner asks.
            provide(place.name, partial(place.text, place.read()))
    stamps = tuple((place.path, place.stamp) for place in (*packaged, *own))
    code = _code()
    roots = f"{_packaged_folder()}\0{_own_folder(home)}".encode("utf-8", "surrogateescape")
    path = folder / f"detectors-{hashlib.sha256(MAGIC + roots).hexdigest()[:32]}.bin"
    record = _record(path)
    if record is not None and record.stamps == stamps and record.code == code:
        return _Kept(restore(record.detectors), restore_table(record.table), record.gate)
    from sensor.detect.loading import content_hash, load

    texts = _texts(packaged), _texts(own)
    if record is None or record.hash != content_hash(*texts):
        kept = _built(load(*texts))
    elif record.code != code:
        kept = _built(restore(record.detectors))
    else:
        kept = _Kept(restore(record.detectors), restore_table(record.table), record.gate)
    if not all(stamp[-1] < began - SETTLED_NS for _, stamp in stamps):
        stamps = ()
    detectors, table, gate = kept
    new = _Record(stamps, detectors.hash, code, dump(detectors), dump_table(table), gate)
    if new[:3] != (record or ())[:3]:
        _write(path, MAGIC + marshal.dumps(tuple(new)))
    return kept


def _record(path: Path) -> _Record | None:
    raw = _read(path)
    if raw is None or not raw.startswith(MAGIC):
        return None
    return _Record._make(marshal.loads(memoryview(raw)[len(MAGIC) :]))


def _built(detectors: DetectorSet) -> _Kept:
    table = build_table(detectors)
    return _Kept(detectors, table, _digest_of(table))


def _without(kept: _Kept, taken: Collection[str]) -> _Kept:
    """The set without detectors whose place others take."""
    if not any(identity in taken for identity in kept.detectors.ids):
        return kept
    left = tuple(detector for detector in kept.detectors.detectors if detector.id not in taken)
    return _built(DetectorSet(left, kept.detectors.words, kept.detectors.hash))


_CODE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "detect")


def _code() -> tuple[tuple[str, int, int], ...]:
    """The modules of ``detect``, as Python itself knows a changed one: name, size, time of change."""
    found: list[tuple[str, int, int]] = []
    folders = [_CODE]
    while folders:
        with os.scandir(folders.pop()) as listed:
            for entry in listed:
                if entry.name.endswith(".py"):
                    said = entry.stat()
                    found.append((entry.path[len(_CODE) :], said.st_size, said.st_mtime_ns))
                elif entry.name != "__pycache__" and entry.is_dir():
                    folders.append(entry.path)
    return tuple(sorted(found))


# --- the cache ----------------------------------------------------------------------------------------
#
# First line of a file: SHA-256 of the rest.


def cache_folder(home: Home | None) -> Path:
    """The home's cache, or the user's where there is no home."""
    if home is not None and home.path.is_dir():
        return home.cache
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "~"), ".cache")
    return Path(base).expanduser() / "gnomon"


def _digest_of(table: Table) -> str:
    """What a compiled gate depends on: its entries, and what compiles them."""
    digest = hashlib.sha256(f"{ENGINE} {sys.platform} {os.uname().machine}\n".encode())
    for name in ("gate.py", "staging.py"):
        digest.update(Path(_CODE, name).read_bytes())
    digest.update(repr([tuple(entry) for entry in table.entries]).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:32]


def _read(path: Path) -> bytes | None:
    """A kept file as it was written, where nobody else can have written it."""
    try:
        with open(path, "rb", buffering=0) as file:
            for said in (os.stat(path.parent), os.fstat(file.fileno())):
                if said.st_uid != os.geteuid() or said.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                    return None
            digest = file.read(_DIGEST)
            # Not copied once more: a gate has ten megabytes.
            body = file.readall()
        return body if hashlib.sha256(body).hexdigest().encode() + b"\n" == digest else None
    except OSError:
        return None


_DIGEST = 65
"""Bytes of the first line."""


def _write(path: Path, body: bytes) -> None:
    """Write it whole or not at all; that it could not be written is no one's trouble."""
    import tempfile

    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in path.parent.glob(f"{path.name.partition('-')[0]}-*"):
            old.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(prefix=".detectors-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
