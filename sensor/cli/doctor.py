"""
``gnomon doctor``: is this machine fit to run, and what mends it where it is not.

Each check looks at one thing and gives a ``Check``: ``ok``, ``warn`` (it runs, but worse than it could) or
``fail`` (a door or the record will not work), with the command that mends it. Nothing is changed.
"""

from __future__ import annotations

import argparse
import array
import contextlib
import ctypes
import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import shutil
import socket
import stat
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from sensor.cli.common import add_home, add_json
from sensor.config import Home, find_home
from sensor.errors import UsageError, UserError

__all__ = ["Check", "State", "configure", "examine", "run"]


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about one thing."""

    check: str
    state: State
    text: str
    mend: str | None = None
    """A command to type, or a sentence where no command can do it."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    add_json(parser)
    parser.add_argument(
        "-i",
        "--interface",
        metavar="IFACE",
        help="the interface that capture is to listen on: its offloads and drops",
    )
    parser.add_argument(
        "--listen", metavar="HOST:PORT", default="127.0.0.1:8080",
        help="where the proxy is to listen (default: 127.0.0.1:8080)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    host, _, port = args.listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(
            f'--listen "{args.listen}" is no address', hint="Write HOST:PORT, as 127.0.0.1:8080."
        )
    worst = State.OK
    for check in examine(find_home(args.home), args.interface, (host.strip("[]"), int(port))):
        if args.json:
            print(json.dumps(asdict(check)), flush=True)
        else:
            print(_line(check), flush=True)
        if check.state is State.FAIL:
            worst = State.FAIL
    return 1 if worst is State.FAIL else 0


def _line(check: Check) -> str:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    paint = {State.OK: "\033[32m", State.WARN: "\033[33m", State.FAIL: "\033[31m"}[check.state]
    state = f"{paint}{check.state:<4}\033[0m" if colour else f"{check.state:<4}"
    mend = f"\n{'':17}to mend it: {check.mend}" if check.mend else ""
    return f"{state}  {check.check:<10} {check.text}{mend}"


def examine(home: Home, interface: str | None, listen: tuple[str, int]) -> Iterator[Check]:
    """Every check in turn. One that itself breaks is a warning, not the end."""
    checks: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("python", check_python),
        ("home", lambda: check_home(home)),
        ("keys", lambda: check_keys(home)),
        ("ca", lambda: check_ca(home, time.time())),
        ("policy", lambda: check_policy(home)),
        ("clock", lambda: check_clock(home, time.time())),
        ("disk", lambda: check_disk(home)),
        ("recorder", lambda: check_recorder(home)),
        ("port", lambda: check_port(*listen)),
        ("capture", check_capture),
        ("interface", lambda: check_interfaces(interface)),
        ("tools", check_tools),
    ]
    for name, check in checks:
        try:
            yield from check()
        except OSError as error:
            yield Check(name, State.WARN, f"could not be looked at: {error}")


# --- versions -----------------------------------------------------------------------------------------


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Iterator[Check]:
    python = f"Python {platform.python_version()}"
    try:
        mitmproxy = importlib.metadata.version("mitmproxy")
    except importlib.metadata.PackageNotFoundError:
        yield Check("python", State.FAIL, f"{python} without mitmproxy", "pip install mitmproxy")
        return
    if version < (3, 12):
        yield Check(
            "python",
            State.WARN,
            f"{python} with mitmproxy {mitmproxy}, the last for 3.11; it holds h2, h11 and cryptography at "
            "versions that get no more fixes. 3.12 or newer gets mitmproxy 12",
            "GNOMON_PYTHON=python3.12 ./gnomon doctor (from a checkout)",
        )
        return
    yield Check("python", State.OK, f"{python} with mitmproxy {mitmproxy}")


# --- home ---------------------------------------------------------------------------------------------


def _nearest(path: Path) -> Path:
    """The path, or the closest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"}
)
"""Where SQLite's write-ahead log does not work (sqlite.org/wal.html, "Disadvantages")."""


def file_system_of(path: Path, mounts: str) -> str | None:
    """The type of the file system that holds ``path``, from the text of /proc/self/mounts (fstab(5))."""
    best: tuple[int, str] | None = None
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), fields[2])
    return best[1] if best else None


def check_home(home: Home) -> Iterator[Check]:
    path = home.path
    nearest = _nearest(path)
    if not path.exists():
        if os.access(nearest, os.W_OK | os.X_OK):
            yield Check("home", State.OK, f"{path} is not there yet; the first gnomon up makes it")
        else:
            yield Check(
                "home", State.FAIL, f"{path} cannot be made", f"sudo install -d -m 700 -o $USER {_q(path)}"
            )
    elif not path.is_dir():
        yield Check("home", State.FAIL, f"{path} is not a folder", "--home DIR, or $GNOMON_HOME")
    elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield Check("home", State.FAIL, f"{path} cannot be written", f"sudo chown -R $USER {_q(path)}")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Check("home", State.WARN, f"{path} is open to other users", f"chmod 700 {_q(path)}")
    else:
        yield Check("home", State.OK, str(path))
    with contextlib.suppress(OSError):
        kind = file_system_of(nearest.resolve(), Path("/proc/self/mounts").read_text(encoding="utf-8"))
        if kind in NETWORK_FILE_SYSTEMS:
            yield Check(
                "home", State.FAIL, f"{path} is on a network file system ({kind}): no place for the database",
                "--home DIR on a local disk",
            )  # fmt: skip


def check_keys(home: Home) -> Iterator[Check]:
    """Private keys, and the database with who used what, are their owner's alone."""
    private = [path for path in home.keys.glob("*") if path.suffix != ".vkey"]
    private += [*home.path.glob("*.htpasswd")]
    private += [home.ca / name for name in ("mitmproxy-ca.pem", "mitmproxy-ca.p12")]
    found = [path for path in (*private, home.database) if path.is_file()]
    exposed = [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if exposed:
        yield Check(
            "keys", State.FAIL, f"other users can read {', '.join(str(path) for path in exposed)}",
            f"chmod 600 {' '.join(_q(path) for path in exposed)}",
        )  # fmt: skip
    elif found:
        yield Check("keys", State.OK, f"{len(found)} private files, readable by their owner only")
    else:
        yield Check("keys", State.OK, "none made yet")


def check_ca(home: Home, now: float) -> Iterator[Check]:
    from cryptography import x509

    path = home.ca / "mitmproxy-ca-cert.pem"
    if not path.is_file():
        yield Check("ca", State.OK, "not made yet; the first gnomon up makes it")
        return
    try:
        end = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except ValueError:
        yield Check(
            "ca",
            State.FAIL,
            f"{path} is no certificate",
            f"mv {_q(home.ca)} {_q(home.ca)}.old, then gnomon up",
        )
        return
    days = int((end.timestamp() - now) // 86400)
    text = f"{path} until {end:%Y-%m-%d}"
    again = f"mv {_q(home.ca)} {_q(home.ca)}.old, then gnomon up, and roll the new certificate out"
    if days < 0:
        yield Check("ca", State.FAIL, f"{path} ended on {end:%Y-%m-%d}", again)
    elif days < 30:
        yield Check("ca", State.WARN, f"{text}: {days} days left", again)
    else:
        yield Check("ca", State.OK, text)


def check_policy(home: Home) -> Iterator[Check]:
    from sensor.catalogue import load
    from sensor.catalogue_files import packaged_sources, read_sources
    from sensor.policy_files import load_policy

    try:
        # Not through the cache: a look changes nothing.
        catalogue = load(packaged_sources(), read_sources(home.signatures))
        policy = load_policy(home if home.path.is_dir() else None, catalogue=catalogue)
    except UserError as error:
        first, _, rest = str(error).partition("\n")
        yield Check("policy", State.FAIL, first, rest.strip() or "gnomon policy check")
    else:
        yield Check(
            "policy", State.OK, f"{policy.mode}, {len(policy.rules)} rules; {len(catalogue.apps)} apps known"
        )


# --- machine ------------------------------------------------------------------------------------------

EARLIEST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).timestamp()
"""No clock of a running Gnomon can be before this."""

TIME_ERROR = 5
"""adjtimex(2): "The system clock is not synchronized to a reliable server"."""


def _kernel_clock() -> int | None:
    """The clock state of adjtimex(2), reading only; None where there is no such call."""
    if not sys.platform.startswith("linux"):
        return None
    # struct timex is 208 bytes on 64-bit Linux, less on 32-bit; modes = 0 changes nothing.
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))
    except (OSError, AttributeError):
        return None


def check_clock(home: Home, now: float, state: Callable[[], int | None] = _kernel_clock) -> Iterator[Check]:
    shown = datetime.datetime.fromtimestamp(now, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    ntp = "timedatectl set-ntp true"
    newest = home.database.stat().st_mtime if home.database.is_file() else EARLIEST
    if now < EARLIEST:
        yield Check("clock", State.FAIL, f"{shown} is in the past", ntp)
    elif now < newest - 60:
        yield Check("clock", State.FAIL, f"{shown} is before the last record was written", ntp)
    elif state() == TIME_ERROR:
        yield Check("clock", State.WARN, f"{shown}, but the kernel does not know it to be synchronised", ntp)
    else:
        yield Check("clock", State.OK, shown)


def check_disk(home: Home, free: int | None = None) -> Iterator[Check]:
    place = _nearest(home.path)
    left = shutil.disk_usage(place).free if free is None else free
    text = f"{left / 1e9:.1f} GB free for {home.path}"
    if left < 200_000_000:
        yield Check("disk", State.FAIL, text, f"df -h {_q(place)}")
    elif left < 2_000_000_000:
        yield Check("disk", State.WARN, text, f"df -h {_q(place)}")
    else:
        yield Check("disk", State.OK, text)


def check_recorder(home: Home) -> Iterator[Check]:
    from sensor.store.address import connect

    connection = connect(home, 2.0)
    if connection is None:
        yield Check("recorder", State.OK, "not running")
        return
    connection.close()
    yield Check("recorder", State.OK, "running")


def check_port(host: str, port: int) -> Iterator[Check]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        # As the proxy itself binds: a port in TIME_WAIT is free.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
        except OSError as error:
            yield Check(
                "port", State.WARN, f"{host}:{port}: {error.strerror} (a running gnomon, or another program)",
                f"gnomon up --listen {host}:{port + 1}",
            )  # fmt: skip
        else:
            yield Check("port", State.OK, f"{host}:{port} is free")


# --- capture ------------------------------------------------------------------------------------------


def check_capture() -> Iterator[Check]:
    if not hasattr(socket, "AF_PACKET"):
        yield Check(
            "capture", State.WARN, "no AF_PACKET on this system: live capture goes through scapy and libpcap"
        )
        return
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        yield Check(
            "capture", State.WARN, "this user lacks CAP_NET_RAW for live capture; capture files work",
            "sudo gnomon capture -i IFACE",
        )  # fmt: skip
    else:
        yield Check("capture", State.OK, "live capture is allowed")


SYS_NET = Path("/sys/class/net")

SIOCETHTOOL = 0x8946
ETHTOOL_FLAG_LRO = 1 << 15
OFFLOADS = {"gro": 0x2B, "tso": 0x1E, "gso": 0x23, "lro": 0x25}
"""Command numbers of linux/ethtool.h: ETHTOOL_GGRO, _GTSO, _GGSO, _GFLAGS."""


def offloads(interface: str) -> list[str]:
    """Which offloads are on that join packets before a capture sees them; raises ``OSError``."""
    import fcntl

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name, command in OFFLOADS.items():
            # struct ethtool_value { __u32 cmd; __u32 data; }, pointed at by struct ifreq.
            value = array.array("I", [command, 0])
            request = struct.pack("16sP", interface.encode(), value.buffer_info()[0])
            try:
                fcntl.ioctl(control.fileno(), SIOCETHTOOL, request)
            except OSError as error:
                if error.errno in (95, 22):  # EOPNOTSUPP, EINVAL: the driver has no such offload
                    continue
                raise
            if value[1] & ETHTOOL_FLAG_LRO if name == "lro" else value[1]:
                found.append(name)
    return found


def check_interfaces(interface: str | None) -> Iterator[Check]:
    if not SYS_NET.is_dir():
        return
    names = sorted(path.name for path in SYS_NET.iterdir() if path.is_dir())
    if interface is None:
        yield Check("interface", State.OK, f"{', '.join(names)} (gnomon doctor -i IFACE looks closer)")
        return
    if interface not in names:
        yield Check(
            "interface", State.FAIL, f'there is no "{interface}"; there are {", ".join(names)}', "ip link"
        )
        return
    flags = int((SYS_NET / interface / "flags").read_text(), 16)
    if not flags & 0x1:  # IFF_UP
        yield Check("interface", State.FAIL, f"{interface} is down", f"ip link set {_q(interface)} up")
    on = offloads(interface)
    if on:
        yield Check(
            "interface", State.WARN,
            f"{interface} joins packets before capture ({', '.join(on)}): packet counts will be off",
            f"ethtool -K {_q(interface)} {' '.join(f'{name} off' for name in on)}",
        )  # fmt: skip
    else:
        yield Check("interface", State.OK, f"{interface}: no offload joins packets")
    counters = SYS_NET / interface / "statistics"
    dropped = {name: int((counters / name).read_text()) for name in ("rx_dropped", "rx_missed_errors")}
    if any(dropped.values()):
        text = ", ".join(f"{name} {number}" for name, number in dropped.items() if number)
        yield Check(
            "interface",
            State.WARN,
            f"{interface} has lost packets: {text}",
            f"ethtool -G {_q(interface)} rx 4096",
        )


TOOLS = {"curl": "curl", "openssl": "openssl", "ip": "iproute2", "ethtool": "ethtool"}
"""Programs that help an operator, with their Debian packages. None is needed to run."""


def check_tools() -> Iterator[Check]:
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [name for name in TOOLS if shutil.which(name, path=places) is None]
    if missing:
        packages = " ".join(TOOLS[name] for name in missing)
        yield Check(
            "tools", State.WARN, f"not installed: {', '.join(missing)}", f"apt-get install {packages}"
        )
    else:
        yield Check("tools", State.OK, ", ".join(TOOLS))


def _q(path: Path | str) -> str:
    return shlex.quote(str(path))
