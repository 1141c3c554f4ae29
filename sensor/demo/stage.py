"""
Puts the demo up: a home, the stand-in, the proxy with a login, the clients, the replay, the decisions.

Everything listens on loopback and is gone when the demo ends; what stays is the home with its inventory.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib import resources
from pathlib import Path

import bcrypt

from sensor.config import Home
from sensor.demo.clients import Outcome, Runner
from sensor.demo.plan import ORDINARY, PASSWORD, POLICY, STEPS, USERS, hosts
from sensor.errors import WorkError
from sensor.inline.mapping import Mapping
from sensor.inline.run import BackgroundProxy, Settings
from sensor.model import Endpoint
from sensor.standin import StandIn

__all__ = ["DECISIONS", "captures", "prepare", "run_clients", "run_replay", "run_reviews"]

DECISIONS = (
    ("github.copilot", "sanctioned", "the company's licence, business terms"),
    ("deepseek.chat", "unsanctioned", "no data processing agreement"),
    ("anthropic.api", "tolerated", "until the enterprise contract is signed"),
)
"""Reviews that the demo makes: app, status, reason."""

_PARALLEL = 3


def prepare(home: Home) -> Path:
    """The demo's policy and its users' passwords; returns the htpasswd file."""
    home.policy.write_text(POLICY, encoding="utf-8")
    users = home.path / "users.htpasswd"
    secret = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4)).decode()
    users.write_text("".join(f"{user}:{secret}\n" for user in USERS), encoding="utf-8")
    users.chmod(0o600)
    return users


def run_clients(home: Home, users: Path, told: Callable[[Outcome], None]) -> list[Outcome]:
    """
    Every step of the plan through the proxy; ``told`` hears of each as it ends.

    Raises ``WorkError`` where the proxy does not start.
    """
    names = hosts()
    with StandIn(names) as standin:
        settings = Settings(
            home=home,
            listen=Endpoint("127.0.0.1", 0),
            auth=f"@{users}",
            mappings=tuple(Mapping(name, Endpoint("127.0.0.1", standin.port)) for name in names),
        )
        with BackgroundProxy(settings) as proxy:
            bundle = home.path / "demo-trust.pem"
            own = home.ca / "mitmproxy-ca-cert.pem"
            # The stand-in's own certificate shows only where the proxy did not open the connection.
            bundle.write_bytes(own.read_bytes() + standin.authority.certificate)
            runner = Runner(proxy.address, bundle)
            outcomes = []
            with ThreadPoolExecutor(_PARALLEL) as pool:
                for ended in as_completed([pool.submit(runner.run, step) for step in STEPS]):
                    outcomes.append(ended.result())
                    told(outcomes[-1])
        opened = [arrived.host for arrived in standin.arrived]
    if ORDINARY not in opened:
        raise WorkError(
            f"the ordinary site {ORDINARY} was not reached through the proxy",
            hint="Something on this machine is in the way of loopback connections; see the lines above.",
        )
    return outcomes


def captures() -> list[Path]:
    """The captures to replay: the checkout's own, or those that came with the package."""
    checkout = Path(__file__).resolve().parents[2] / "tests" / "traces"
    packaged = Path(str(resources.files("sensor.demo"))) / "traces"
    for folder in (checkout, packaged):
        found = [folder / name for name in ("office.pcap", "chromium_h3.pcap")]
        if all(path.is_file() for path in found):
            return found
    raise WorkError("the demo's captures are missing", hint="Install again, or run from a whole checkout.")


def run_replay(home: Home) -> str:
    """Captures through ``gnomon capture -r`` in a process of its own; returns what it said at its end."""
    return _gnomon("capture", "-r", *map(str, captures()), "--home", str(home.path))


def run_reviews(home: Home) -> None:
    """The demo's decisions through ``gnomon review``."""
    until = time.strftime("%Y-12-31", time.gmtime(time.time() + 200 * 86_400))
    for app, status, reason in DECISIONS:
        _gnomon(
            "review", app, "--status", status, "--owner", "security@demo.example", "--reason", reason,
            "--until", until, "--home", str(home.path),
        )  # fmt: skip


def _gnomon(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sensor", *words],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).resolve().parents[2],
    )
    if done.returncode:
        raise WorkError(f"gnomon {words[0]} failed:\n{done.stderr.strip()}")
    return done.stderr.strip().rpartition("\n")[2]
