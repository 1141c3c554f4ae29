"""
The log's signing key and name, made once and kept in the home's ``keys`` folder.

``log.key``  the signer key as text (mode 0600): a secret
``log.vkey``  the verifier key as text: to be given to whoever checks the log; made when the key first signed

The log's name is ``gnomon/<8 hex digits>``, random, and part of both. A name never stands for two logs ("A
log MUST not sign any checkpoint which is inconsistent with any checkpoint it previously signed", C2SP
tlog-checkpoint): where the database has no log and the key has signed one before, that key is put aside as
``log-<8 hex>.key`` and a new one is made.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from sensor.entries import Randomness
from sensor.errors import Malformed, WorkError
from sensor.tlog.note import Signer, Verifier, make_signer, parse_signer, parse_verifier

__all__ = ["KEY_FILE", "VERIFIER_FILE", "load_signer", "load_verifier", "publish_verifier"]

KEY_FILE = "log.key"
VERIFIER_FILE = "log.vkey"


def load_signer(keys: Path, *, is_new: bool, randomness: Randomness) -> Signer:
    """
    The log's key; for a new log one that has signed nothing before.

    Raises ``WorkError`` where the key of an existing log is missing, or a file cannot be read or written.
    """
    path = keys / KEY_FILE
    try:
        if path.exists():
            signer = parse_signer(path.read_text().strip())
            if not is_new or not (keys / VERIFIER_FILE).exists():
                return signer
            _put_aside(keys, signer)
        elif not is_new:
            raise WorkError(
                f"the audit log's key {path} is missing, and without it nothing can be recorded",
                hint="Put it back; or move gnomon.db away, and a new log with a new key is begun.",
            )
        signer = make_signer(f"gnomon/{randomness(4).hex()}", randomness(32))
        _write_whole(path, signer.text() + "\n", 0o600)
        return signer
    except Malformed as error:
        raise WorkError(f"{path} is not a signer key ({error.name})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise WorkError(f"cannot read or make the audit log's key {path}: {error}") from error


def publish_verifier(keys: Path, signer: Signer) -> None:
    """Write the verifier key beside the key, if it is not there. Raises ``OSError``."""
    path = keys / VERIFIER_FILE
    if not path.exists():
        _write_whole(path, signer.verifier.text() + "\n", 0o644)


def load_verifier(keys: Path) -> Verifier:
    """The key that the log's checkpoints are checked with. Raises ``WorkError`` where there is none."""
    try:
        with suppress(FileNotFoundError):
            return parse_verifier((keys / VERIFIER_FILE).read_text().strip())
        return parse_signer((keys / KEY_FILE).read_text().strip()).verifier
    except FileNotFoundError as error:
        raise WorkError(
            f"there is no verifier key in {keys}",
            hint="Say which key the log is to be checked with: --key KEY.",
        ) from error
    except (OSError, UnicodeDecodeError, Malformed) as error:
        raise WorkError(f"cannot read the verifier key in {keys}: {error}") from error


def _put_aside(keys: Path, signer: Signer) -> None:
    name = signer.verifier.name.rpartition("/")[2]
    for file in (VERIFIER_FILE, KEY_FILE):
        stem, ending = file.split(".")
        with suppress(FileNotFoundError):
            os.replace(keys / file, keys / f"{stem}-{name}.{ending}")


def _write_whole(path: Path, text: str, mode: int) -> None:
    """Write a file whole or not at all, and to the disk before this returns."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        temporary.unlink()
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(handle, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(handle)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
