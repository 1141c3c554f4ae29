"""
Where the recorder's socket is, and the lock that says who is the recorder.

The socket is ``recorder.sock`` in the home (mode 0600). A Unix socket's path may have about 100 bytes;
where the home's is longer, the socket stands in a folder of its own (mode 0700) in the system's folder for
temporary files, and ``recorder.addr`` in the home says where.

The lock is ``flock`` on ``recorder.lock``: it goes when its holder dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from sensor.config import Home
from sensor.errors import WorkError

__all__ = ["MAX_PATH", "Listener", "connect", "try_lock"]

MAX_PATH = 100
"""Bytes of a socket's path. Linux takes 108, macOS and the BSDs 104, with the zero at the end."""


def try_lock(home: Home) -> int | None:
    """
    Become the recorder of a home: a file descriptor to be kept open, or ``None`` where another process is it.

    Raises ``WorkError`` where the home cannot be written.
    """
    path = home.path / "recorder.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WorkError(
            f"cannot write in the home folder {home.path}: {error.strerror}",
            hint="Name another with --home DIR or $GNOMON_HOME.",
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError as error:
        os.close(handle)
        raise WorkError(
            f"cannot lock {path}: {error.strerror}", hint="Use a home on a local disk."
        ) from error
    return handle


class Listener:
    """The bound socket of a recorder. Only who holds the lock makes one."""

    def __init__(self, home: Home) -> None:
        """Raises ``OSError``."""
        self._note = home.path / "recorder.addr"
        self._folder: Path | None = None
        self._path = _plain(home)
        with suppress(FileNotFoundError):
            self._note.unlink()
        if len(os.fsencode(self._path)) > MAX_PATH:
            self._folder = Path(tempfile.mkdtemp(prefix="gnomon-"))
            self._path = self._folder / "recorder.sock"
            self._note.write_text(str(self._path))
        with suppress(FileNotFoundError):
            self._path.unlink()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # On Linux the mode of the socket before it is bound becomes the mode of its file, less the umask.
            os.fchmod(self.socket.fileno(), 0o600)
            self.socket.bind(str(self._path))
            os.chmod(self._path, 0o600)
            self.socket.listen(64)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it, and take away what it left in the file system."""
        self.socket.close()
        with suppress(OSError):
            self._path.unlink()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            with suppress(OSError):
                self._note.unlink()


def connect(home: Home, timeout_s: float) -> socket.socket | None:
    """A connection to the recorder of a home; ``None`` where none answers."""
    path = _plain(home)
    with suppress(OSError, UnicodeDecodeError):
        path = Path((home.path / "recorder.addr").read_text())
    if len(os.fsencode(path)) > MAX_PATH:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _plain(home: Home) -> Path:
    return home.path / "recorder.sock"
