"""The demo fills an inventory through both doors, and its log holds whenever it is killed."""

import json
import subprocess
import sys

import pytest

from sensor.demo.plan import ORDINARY, STEPS, hosts


def gnomon(root, *words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "sensor", *map(str, words)], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.mark.slow
def test_the_demo_shows_what_it_promises(root, tmp_path):
    home = tmp_path / "home"
    done = gnomon(root, "demo", "--home", home)
    rows = [
        json.loads(line) for line in gnomon(root, "inventory", "--home", home, "--json").stdout.splitlines()
    ]
    assert len({row["app"] for row in rows}) >= 12
    assert len({row["user"] or row["device"] for row in rows}) >= 4
    assert {door for row in rows for door in row["doors"]} == {"span", "proxy"}
    assert {row["app"] for row in rows if row["blocked"]} == {"deepseek.chat", "deepseek.api"}
    assert {row["status"] for row in rows} == {"sanctioned", "unsanctioned", "tolerated", "unreviewed"}
    assert (home / "report.html").stat().st_size > 10_000 and "report.html" in done.stdout
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert ORDINARY.encode() not in (home / "gnomon.db").read_bytes()
    for prompt in (b"Sum up this quarter", b"Explain this diff", b"Compare two contracts"):
        assert prompt not in everything
    gnomon(root, "audit", "verify", "--home", home)
    again = gnomon(root, "demo", "--home", home, code=1)
    assert "holds records already" in again.stderr


def kill_after(root, home, lines):
    """Start a demo, and kill it once it has told of so many requests."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "sensor", "demo", "--home", str(home)],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stderr is not None
    with demo, demo.stderr:
        for line in demo.stderr:
            lines -= "answered" in line or "refused" in line
            if lines <= 0:
                break
        demo.kill()


@pytest.mark.slow
def test_the_log_holds_after_the_demo_was_killed(root, tmp_path):
    kill_after(root, tmp_path / "home", 5)
    gnomon(root, "audit", "verify", "--home", tmp_path / "home")


@pytest.mark.long
@pytest.mark.parametrize("round", range(1, 21))
def test_the_log_holds_after_each_of_many_kills(root, tmp_path, round):
    kill_after(root, tmp_path / "home", round)
    gnomon(root, "audit", "verify", "--home", tmp_path / "home")


def test_the_plan_names_only_what_the_catalogue_knows():
    from sensor.catalogue_files import load_catalogue
    from sensor.model import Seen

    catalogue = load_catalogue(None)
    for host in hosts():
        found = catalogue.identify(Seen(host=host, visibility="sni"))
        known = found.is_ai or any(
            catalogue.identify(
                Seen(
                    host=host,
                    path=step.url.split(host)[1].partition("?")[0],
                    method="POST",
                    headers=step.headers,
                )
            ).is_ai
            for step in STEPS
            if host in step.url
        )
        assert known == (host != ORDINARY), host
