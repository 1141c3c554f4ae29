"""
Makes ``.venv`` and installs what a lock file pins. Run by ``./gnomon`` and by ``gnomon test``.

Rule 1: standard library only, and no other module of this project: it runs before anything is installed.
Rule 2: an environment is ready when the stamp says so, and the stamp is written last. Whatever cut an
installation short, the next call starts it over.
Rule 3: one at a time. The lock is the kernel's (``flock``), so a killed process cannot leave it behind;
pip holds it too, so that nobody starts over while an orphaned pip still writes.
Rule 4: never silent for long: a line that counts on a terminal, dots elsewhere.

Inside the environment, ``gnomon/`` holds ``stamp`` (the interpreter's tag, the checkout, the value of
``GNOMON_PYTHON``: a line each), a copy of each lock file that is installed, the log of the last
installation, and ``unfinished`` while one is under way.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["LOCK", "TEST_LOCK", "SetupError", "ensure", "python_of"]

LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"

DOT_EVERY_S = 5.0
"""How long an installation may stay silent where there is no terminal."""


class SetupError(Exception):
    """The environment could not be made; the message says what to do."""


class NoEnvironment(SetupError):
    """This interpreter cannot make environments at all: another may."""


def python_of(venv: Path) -> Path:
    """The interpreter of an environment."""
    return venv / "bin" / "python"


def ensure(root: Path, venv: Path, python: str, locks: Sequence[str] = (LOCK,), chosen: str = "") -> bool:
    """
    Bring ``venv`` to what ``locks`` say; True where something had to be done.

    ``python`` is the interpreter to make it with, ``chosen`` what the person asked for. The first lock
    file changing makes the environment anew; the others are added to it.

    Raises ``SetupError``.
    """
    with _only_one(venv.with_name(venv.name + ".lock")) as lock_fd:
        base, *extras = locks
        fresh = not _is_ready(root, venv, base, chosen)
        missing = [name for name in extras if fresh or not _same(root / name, venv / "gnomon" / name)]
        if not fresh and not missing:
            return False
        if fresh:
            _make(venv, python)
            missing.insert(0, base)
        state = venv / "gnomon"
        for name in missing:
            (state / "unfinished").touch()
            _install(root, venv, name, lock_fd)
            # The copy first under another name: a stamp that is there is a whole one.
            shutil.copyfile(root / name, state / (name + ".new"))
            (state / (name + ".new")).rename(state / name)
        if fresh:
            _link_checkout(root, venv)
            (state / "stamp.new").write_text(f"{_tag(venv)}\n{root}\n{chosen}\n", encoding="utf-8")
            (state / "stamp.new").rename(state / "stamp")
        (state / "unfinished").unlink(missing_ok=True)
        return True


# --- is it ready? -------------------------------------------------------------------------------------


def _is_ready(root: Path, venv: Path, base: str, chosen: str) -> bool:
    """The same questions as ``ready`` in ./gnomon, asked again once the lock is held."""
    state = venv / "gnomon"
    if (state / "unfinished").exists() or not _same(root / base, state / base):
        return False
    try:
        tag, place, was_chosen = (state / "stamp").read_text(encoding="utf-8").split("\n")[:3]
    except (OSError, ValueError):
        return False
    return place == str(root) and chosen in ("", was_chosen) and _tag(venv) == tag


def _tag(venv: Path) -> str | None:
    """``cpython-313`` of a working environment; None where it does not run."""
    try:
        done = subprocess.run(
            [python_of(venv), "-I", "-S", "-c", "import sys; print(sys.implementation.cache_tag)"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[int]:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise SetupError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say("another call is setting up; waiting for it")
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


# --- make it ------------------------------------------------------------------------------------------


def _make(venv: Path, python: str) -> None:
    state = venv / "gnomon"
    if venv.exists() and not state.exists():
        # Somebody else's environment: not ours to delete.
        raise SetupError(
            f"{venv} was not made by ./gnomon and is left alone.\n"
            f"  To mend it: mv {venv.name} {venv.name}.old"
        )
    _say(f"making {venv.name} with {python}")
    try:
        if venv.exists():
            # What counts goes last: should this be cut short, the folder must still be known as ours.
            for entry in list(venv.iterdir()):
                if entry != state:
                    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        state.mkdir(parents=True, exist_ok=True)
        (state / "unfinished").touch()
        for name in ("stamp", LOCK, TEST_LOCK):
            (state / name).unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(f"cannot write to {venv}: {error.strerror}") from error
    done = subprocess.run(
        [python, "-I", "-m", "venv", str(venv)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode != 0 or _tag(venv) is None:
        raise NoEnvironment(f"{python} -m venv failed:\n{_tail(done.stdout)}")


def _link_checkout(root: Path, venv: Path) -> None:
    """Put the checkout on the environment's path, from wherever it is started."""
    folders = list(venv.glob("lib/python3*/site-packages"))
    for folder in folders:
        (folder / "gnomon-checkout.pth").write_text(f"{root}\n", encoding="utf-8")


def _install(root: Path, venv: Path, lock: str, lock_fd: int) -> None:
    """``pip install --require-hashes -r lock``; its output goes to a log, its progress to stderr."""
    log = venv / "gnomon" / "install.log"
    command = [
        str(python_of(venv)), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
        "--progress-bar", "off", "--no-deps", "--require-hashes", "-r", str(root / lock),
    ]  # fmt: skip
    # Settings of the person's that would send packages elsewhere. Which index to use stays theirs.
    elsewhere = (
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_QUIET",
        "PIP_VERBOSE",
        "PIP_DRY_RUN",
    )
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    progress = _Progress(f"installing {lock}")
    with log.open("wb") as sink:
        pip = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env=environment, pass_fds=(lock_fd,),
        )  # fmt: skip
        try:
            assert pip.stdout is not None
            fd = pip.stdout.fileno()
            rest = b""
            while True:
                readable, _, _ = select.select([fd], [], [], 1.0)
                if readable:
                    data = os.read(fd, 65536)
                    if not data:
                        break
                    sink.write(data)
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        progress.saw(line.decode("utf-8", "replace"))
                progress.tick()
            code = pip.wait()
        finally:
            if pip.poll() is None:
                pip.terminate()
                pip.wait()
            progress.close()
    if code != 0:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise SetupError(
            f"pip could not install {lock}:\n{_tail(text)}\n  {_advice(text)}\n  Whole log: {log}"
        )
    _say(f"{progress.packages} packages in {progress.seconds():.0f} s")


def _tail(text: str, lines: int = 12) -> str:
    """The end of a program's output, without the noise of a configuration that is not ours."""
    noise = ("Ignoring ", "WARNING: Location ")
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith(noise)]
    return "\n".join("  | " + line for line in kept[-lines:])


NETWORK = "Behind a proxy set HTTPS_PROXY; with an index of your own set PIP_INDEX_URL."


def _advice(text: str) -> str:
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in text:
        return "A package is not the one that was pinned. Do not go on; find out which index served it."
    if "No space left" in text:
        return "The disk is full."
    if "No matching distribution" in text or "Could not find a version" in text:
        return f"The package index could not be reached, or lacks it. {NETWORK}"
    if "error: command" in text or "Failed building wheel" in text or "Failed to build" in text:
        return "No ready-made package for this Python and machine. Choose another: ./gnomon --pythons"
    return NETWORK


# --- say it -------------------------------------------------------------------------------------------


def _say(text: str) -> None:
    print(f"gnomon: {text}", file=sys.stderr, flush=True)


class _Progress:
    """What pip is doing, on one line that is rewritten on a terminal; a dot each elsewhere."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.packages = 0
        self.doing = ""
        self.started = time.monotonic()
        self.dotted = self.started
        self.terminal = sys.stderr.isatty()
        if not self.terminal:
            print(f"gnomon: {what} ", end="", file=sys.stderr, flush=True)

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def saw(self, line: str) -> None:
        words = line.split()
        if words[:1] in (["Collecting"], ["Processing"]) and not line.startswith(" "):
            self.packages += 1
            self.doing = "fetching " + words[1].rpartition("/")[2].partition("==")[0].partition("-")[0]
            self._dot()
        elif line.startswith("Installing collected packages"):
            self.doing = "unpacking all"
        elif words[:2] == ["Building", "wheel"]:
            self.doing = "building " + words[3]

    def tick(self) -> None:
        if self.terminal:
            line = f"gnomon: {self.what}: {self.packages} packages, {self.doing}, {self.seconds():.0f} s"
            width = shutil.get_terminal_size().columns
            print(f"\r\033[K{line[: width - 1]}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self.dotted > DOT_EVERY_S:
            self._dot()

    def _dot(self) -> None:
        self.dotted = time.monotonic()
        if not self.terminal:
            print(".", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        print(
            "\r\033[K" if self.terminal else "",
            end="" if self.terminal else "\n",
            file=sys.stderr,
            flush=True,
        )


# --- from ./gnomon ------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 ready, 1 failed, 3 this Python cannot make environments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--chosen", default="")
    parser.add_argument("--version", default="")
    args = parser.parse_args(argv)

    def stop(signum: int, _frame: object) -> None:
        raise SystemExit(128 + signum)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        ensure(args.root, args.root / ".venv", sys.executable, (LOCK,), args.chosen)
    except NoEnvironment as error:
        _say(str(error))
        return 3
    except SetupError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("interrupted; the next call starts over")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
