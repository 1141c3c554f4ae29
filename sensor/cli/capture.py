"""``gnomon capture``: the passive door, live from an interface or from capture files."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sensor.cli.common import add_home, add_json
from sensor.config import open_home
from sensor.entries import to_json
from sensor.errors import UsageError
from sensor.model import Endpoint, Event
from sensor.wire.http1 import split_authority

if TYPE_CHECKING:
    from sensor.capture.door import PassiveDoor

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "-r",
        "--read",
        nargs="+",
        metavar="FILE",
        help="capture files: pcap or pcapng, gzip'd or not; - is stdin",
    )
    source.add_argument("-i", "--interface", metavar="IFACE", help="listen on this interface (a SPAN port's)")
    parser.add_argument("--duration", type=_seconds, metavar="S", help="with -i: stop after so many seconds")
    parser.add_argument("--count", type=_frames, metavar="N", help="with -i: stop after so many frames")
    parser.add_argument(
        "--proxy",
        action="append",
        default=[],
        type=_proxy,
        metavar="IP:PORT",
        help="a proxy of this installation, as seen here (may be given again): flows to it, and those that "
        "go out from its address, are recorded there and count here as coverage only",
    )
    add_home(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from sensor.capture.door import open_door
    from sensor.capture.live import open_live
    from sensor.capture.progress import ProgressLine

    if args.read and (args.duration is not None or args.count is not None):
        raise UsageError(
            "--duration and --count bound a live capture, not files", hint="Leave them out with -r."
        )
    write = _json_line if args.json else _line if args.interface else None
    show = None if write is None else _Printer(write)
    if args.read:
        line = ProgressLine()
        with open_door(open_home(args.home), on_event=show, proxies=args.proxy) as door:
            try:
                for path in args.read:
                    door.read_file(path, progress=line.show)
            finally:
                line.clear()
        what = "1 capture" if len(args.read) == 1 else f"{len(args.read)} captures"
    else:
        stop = threading.Event()
        with (
            open_live(args.interface) as capture,
            open_door(open_home(args.home), on_event=show, proxies=args.proxy) as door,
        ):
            with _on_signals(stop):
                print(f"listening on {args.interface}; Ctrl-C ends it", file=sys.stderr)
                door.listen(capture, until=stop.is_set, count=args.count, duration_s=args.duration)
        what = args.interface
    print(_summary(what, door), file=sys.stderr)
    return 0


@contextlib.contextmanager
def _on_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and a service manager's stop end the capture in good order."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _summary(what: str, door: PassiveDoor) -> str:
    seen = f"{what}: {door.frames} frames, {door.flows} flows"
    if not door.events:
        return f"{seen}, no use of an AI service"
    apps = f"{len(door.apps)} AI app{'' if len(door.apps) == 1 else 's'}"
    dropped = door.pipeline.coverage.snapshot().get("event_dropped", 0)
    lost = f"; {dropped} more could not be recorded in time" if dropped else ""
    return f"{seen}, {apps}, {door.events} events{lost}"


class _Printer:
    """Prints events as they come. A reader that goes away (``… | head``) ends that, not the recording."""

    def __init__(self, write: Callable[[Event], str]) -> None:
        self._write = write
        self._gone = False

    def __call__(self, event: Event) -> None:
        if self._gone:
            return
        try:
            print(self._write(event), flush=True)
        except BrokenPipeError:
            self._gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _json_line(event: Event) -> str:
    return json.dumps(to_json(event), ensure_ascii=False)


def _line(event: Event) -> str:
    at = time.strftime("%H:%M:%S", time.localtime(event.ts))
    who = event.user or event.device or event.source or "?"
    app = event.app or "unknown LLM API"
    return f"{at}  {who:24} {app:28} {event.kind:9} {event.verdict:6} {event.destination or ''}"


def _proxy(text: str) -> Endpoint:
    found = split_authority(text)
    if found is None or found[1] is None:
        raise ValueError(text)
    return Endpoint(str(ipaddress.ip_address(found[0].strip("[]"))), found[1])


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")


def _frames(text: str) -> int:
    with contextlib.suppress(ValueError):
        if int(text) > 0:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text} is not a number of frames above 0")
