"""``gnomon up``: the proxy, and passive capture where an interface is named."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sensor.cli.proxy import add_proxy_options, print_how_to_use, settings_from
from sensor.model import Endpoint

__all__ = ["Supervised", "configure", "run"]

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
_STEADY_S = 60.0
"""A child that lived so long is restarted after the first wait again."""
_STOP_S = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Starts the proxy, and passive capture where an interface is named, until Ctrl-C. Prints what to do "
        "next. Plain capture needs root or CAP_NET_RAW ('gnomon doctor' says)."
    )
    parser.add_argument(
        "-i", "--interface", metavar="IFACE", help="also listen on this interface (a SPAN port's)"
    )
    add_proxy_options(parser)


def run(args: argparse.Namespace) -> int:
    from sensor.inline.run import run_until_signal

    settings = settings_from(args)
    child: Supervised | None = None

    def started(address: Endpoint) -> None:
        nonlocal child
        print_how_to_use(address, settings.home, args.home)
        if args.interface:
            words = ["-m", "sensor", "capture", "-i", args.interface, "--home", str(settings.home.path)]
            if address.host not in ("0.0.0.0", "::"):  # a wildcard says nothing about what the wire shows
                words += ["--proxy", str(address)]
            child = Supervised(f"capture on {args.interface}", [sys.executable, *words])
            child.start()
        else:
            print("  passive too      gnomon up -i IFACE (sees what does not use the proxy)", file=sys.stderr)

    try:
        run_until_signal(settings, started)
    finally:
        if child is not None:
            child.stop()
    print("gnomon: stopped", file=sys.stderr)
    return 0


class Supervised:
    """
    A child process that is started again when it ends, later each time, and stopped with this one.

    Its standard output goes nowhere (it is not this command's answer); its talk goes to this one's.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        say: Callable[[str], None] | None = None,
        first_wait_s: float = _FIRST_WAIT_S,
    ) -> None:
        self._name = name
        self._command = list(command)
        self._say = say if say is not None else _say
        self._first_wait_s = first_wait_s
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="gnomon-supervisor", daemon=True)

    def start(self) -> None:
        """Start the child and watch over it."""
        self._thread.start()

    def stop(self) -> None:
        """End the child, and wait for that."""
        with self._lock:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()
        self._thread.join(_STOP_S)
        if self._thread.is_alive() and self._process is not None:
            self._process.kill()
            self._thread.join()

    def _watch(self) -> None:
        wait_s = self._first_wait_s
        while True:
            begun = time.monotonic()
            with self._lock:
                if self._stopping.is_set():
                    return
                try:
                    self._process = subprocess.Popen(
                        self._command,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        env=os.environ | {"PYTHONPATH": _path()},
                    )
                except OSError as error:
                    self._say(f"{self._name} could not be started: {error.strerror}")
                    return
            code = self._process.wait()
            if self._stopping.is_set():
                return
            if code == 2:
                self._say(f"{self._name} cannot run as it is set up; it is not started again")
                return
            if time.monotonic() - begun >= _STEADY_S:
                wait_s = self._first_wait_s
            self._say(f"{self._name} ended with exit code {code}; it starts again in {wait_s:g} s")
            if self._stopping.wait(wait_s):
                return
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


def _path() -> str:
    """Where the child finds this package, whatever folder it is started in."""
    root = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))


def _say(text: str) -> None:
    print(f"gnomon: {text}", file=sys.stderr, flush=True)
