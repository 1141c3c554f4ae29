"""
Where signature files lie, and the compiled catalogue beside them.

The packaged ``signatures`` folder comes first, then the home's ``signatures.d`` (laid out alike), whose
entries take the place of packaged ones with the same id. What was loaded is kept as JSON in the home's
``cache`` under the digest of all texts; a cache that is not what was written is ignored and written anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import signatures
from sensor.catalogue import Catalogue, Source, load
from sensor.catalogue.loading import content_hash, dump, restore
from sensor.config import Home
from sensor.errors import WorkError

__all__ = ["load_catalogue", "packaged_sources", "read_sources"]

MAX_FILE = 16 * 1024 * 1024
"""Bytes; a signature file that is longer is refused."""


def load_catalogue(home: Home | None = None) -> Catalogue:
    """
    The packaged catalogue with the home's own signatures.

    Without a home, the packaged one alone and no cache. Raises ``ConfigError`` for a file that is wrong,
    ``WorkError`` for one that cannot be read.
    """
    base = packaged_sources()
    own = read_sources(home.signatures) if home is not None else []
    if home is None:
        return load(base)
    kept = home.cache / f"catalogue-{content_hash(base, own)[:32]}.json"
    catalogue = _read_cache(kept)
    if catalogue is None:
        catalogue = load(base, own)
        if home.path.is_dir():
            _write_cache(kept, dump(catalogue))
    return catalogue


def packaged_sources() -> list[Source]:
    """The files that come with the program; messages name them ``signatures/…``."""
    folder = Path(next(iter(signatures.__path__)))
    return [source._replace(shown=f"signatures/{source.name}") for source in read_sources(folder)]


def read_sources(folder: Path) -> list[Source]:
    """Every ``*.yaml`` under a folder, hidden ones left out; none where there is no such folder."""
    return list(_walk(folder))


def _walk(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        try:
            raw = path.read_bytes()
            if len(raw) > MAX_FILE:
                raise WorkError(f"{path} is longer than {MAX_FILE} bytes")
            yield Source(name, raw.decode("utf-8"), str(path))
        except OSError as error:
            raise WorkError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise WorkError(f"{path} is not UTF-8 text", hint=f"Byte {error.start} is wrong.") from error


# --- the cache ----------------------------------------------------------------------------------------
#
# First line: SHA-256 of the rest. A torn or edited file does not fit, and is as good as none.


def _read_cache(path: Path) -> Catalogue | None:
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        return restore(body.decode("utf-8"))
    except (OSError, ValueError):
        return None


def _write_cache(path: Path, text: str) -> None:
    """Write it whole or not at all; that it could not be written is no one's trouble."""
    body = text.encode("utf-8")
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        for old in path.parent.glob("catalogue-*.json"):
            old.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(prefix=".catalogue-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
