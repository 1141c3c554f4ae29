"""``gnomon up``, ``gnomon proxy`` and plain mitmdump as processes, each with a home of its own."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sensor.cli import main
from sensor.cli.proxy import parse_listen
from sensor.cli.up import Supervised
from sensor.errors import UsageError
from sensor.model import Endpoint
from sensor.standin import StandIn

pytestmark = pytest.mark.slow

HOSTS = ("chatgpt.com", "www.example.org")
PROMPT = "the merger is on Friday"
BODY = json.dumps({"messages": [{"content": {"parts": [PROMPT]}}]})


@pytest.fixture(scope="module")
def standin():
    with StandIn(HOSTS) as made:
        yield made


@pytest.fixture
def run(root, tmp_path):
    """``run(*words)`` starts a process; gives it with ``said``, which waits for a line of its talk."""
    with contextlib.ExitStack() as stack:

        def start(*words, cwd=root):
            environ = os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
            process = subprocess.Popen(
                words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=environ
            )
            lines, changed = [], threading.Condition()

            def read():
                for line in process.stdout:
                    with changed:
                        lines.append(line)
                        changed.notify_all()
                with changed:
                    lines.append("")
                    changed.notify_all()

            reader = threading.Thread(target=read)
            reader.start()

            def end():
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                finally:
                    process.kill()
                    reader.join()
                    process.stdout.close()

            stack.callback(end)

            def said(word):
                with changed:
                    changed.wait_for(lambda: any(word in line for line in lines) or "" in lines, 60)
                    found = [line for line in lines if word in line]
                assert found, "".join(lines)
                return found[0]

            return SimpleNamespace(process=process, said=said, lines=lines, end=end)

        yield start


def gnomon(*words):
    return [sys.executable, "-m", "sensor", *words]


def curl(need_tool, proxy, authority, url, *more):
    return subprocess.run(
        [need_tool("curl"), "-sS", "-m", "20", "-x", proxy, "--cacert", str(authority), url, *more],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def inventory(home):
    done = subprocess.run(gnomon("inventory", "--json", "--home", str(home)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_up_puts_a_use_into_the_inventory_and_leaves_an_ordinary_site_alone(
    run, need_tool, standin, tmp_path
):
    home = tmp_path / "home"
    maps = [word for host in HOSTS for word in ("--map", f"{host}=127.0.0.1:{standin.port}")]
    up = run(*gnomon("up", "--listen", "127.0.0.1:0", "--home", str(home), *maps))
    proxy = "http://" + up.said("the proxy listens on").split()[-1]
    ca = home / "ca" / "mitmproxy-ca-cert.pem"
    assert str(ca) in up.said("clients trust")
    url = "https://chatgpt.com/backend-api/f/conversation"
    done = curl(need_tool, proxy, ca, url, "-H", "content-type: application/json", "-d", BODY)
    asked = time.monotonic()
    assert "[DONE]" in done.stdout, done.stderr
    rows = inventory(home)
    assert time.monotonic() - asked < 10  # 2 s on a machine that is not shared; starting Python counts too
    assert [(row["app"], row["events"], row["doors"]) for row in rows] == [("openai.chatgpt", 1, ["proxy"])]

    (tmp_path / "own.pem").write_bytes(standin.authority.certificate)
    ordinary = curl(need_tool, proxy, tmp_path / "own.pem", "https://www.example.org/")
    assert "An ordinary site" in ordinary.stdout, ordinary.stderr
    assert curl(need_tool, proxy, ca, "https://www.example.org/").returncode == 60, (
        "not the proxy's certificate"
    )

    up.end()
    assert up.process.returncode == 0 and "gnomon: stopped\n" in up.lines
    assert PROMPT not in "".join(up.lines)
    rows = inventory(home)
    assert rows[0]["bytes_up"] > len(BODY) and rows[0]["bytes_down"] > 0
    stored = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert PROMPT.encode() not in stored and b"www.example.org" not in stored


def test_plain_mitmdump_uses_the_same_home(run, need_tool, standin, root, tmp_path):
    """From another folder, with mitmproxy's own options; what it does not set, the addon does."""
    home, port = tmp_path / "home", free_port()
    (tmp_path / "own.pem").write_bytes(standin.authority.certificate)
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text(
        f"def server_connect(data):\n    data.server.address = ('127.0.0.1', {standin.port})\n"
    )
    dump = run(
        str(Path(sys.executable).parent / "mitmdump"), "-s", str(root / "addons" / "shadow_ai.py"),
        "--listen-host", "127.0.0.1", "-p", str(port), "--set", f"gnomon_home={home}",
        "--set", "stream_large_bodies=1k",
        "--set", f"ssl_verify_upstream_trusted_ca={tmp_path / 'own.pem'}",
        "-s", str(elsewhere), cwd=tmp_path,
    )  # fmt: skip
    dump.said("listening at")
    proxy, ca = f"http://127.0.0.1:{port}", home / "ca" / "mitmproxy-ca-cert.pem"
    url = "https://chatgpt.com/backend-api/f/conversation"
    done = curl(need_tool, proxy, ca, url, "-d", BODY)
    assert "[DONE]" in done.stdout, done.stderr + "".join(dump.lines)
    assert inventory(home)[0]["app"] == "openai.chatgpt"
    dump.end()
    assert dump.process.returncode == 0 and PROMPT not in "".join(dump.lines)
    assert any("stream_large_bodies is switched off" in line for line in dump.lines)


def test_plain_mitmdump_does_not_start_with_a_policy_that_is_wrong(run, root, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "policy.yaml").write_text("version: 1\nmode: enforce\ndefault: redcat\n")
    dump = run(
        str(Path(sys.executable).parent / "mitmdump"), "-s", str(root / "addons" / "shadow_ai.py"),
        "--listen-host", "127.0.0.1", "-p", str(free_port()), "--set", f"gnomon_home={home}",
    )  # fmt: skip
    assert "policy.yaml:3:10" in dump.said("redcat")
    assert dump.process.wait(30) == 1


def test_proxy_refuses_a_wrong_policy_with_its_place(tmp_path, capsys):
    (tmp_path / "policy.yaml").write_text("version: 1\nmode: enforce\ndefault: redcat\n")
    assert main(["proxy", "--listen", "127.0.0.1:0", "--home", str(tmp_path)]) == 2
    assert "policy.yaml:3:10" in capsys.readouterr().err


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def test_an_address_that_is_taken_is_said_with_what_to_do(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["proxy", "--listen", f"127.0.0.1:{port}", "--home", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}" in said and f"--listen 127.0.0.1:{port + 1}" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--listen", "8080"], 2, "this is no address"),
        (["--map", "chatgpt.com"], 2, "this is no mapping"),
        (["--auth", "/nowhere/users"], 1, "--add-user NAME"),
        (["--upstream-ca", "/nowhere/ca.pem"], 1, "cannot read the certificates"),
        (["--listen", "192.0.2.1:8080"], 1, "cannot listen on 192.0.2.1:8080"),
        (["--auth-ldap", "ldap:nonsense"], 2, "LDAP"),
    ],
)
def test_mistakes_on_the_command_line_are_said_with_what_to_do(tmp_path, capsys, words, code, said):
    assert main(["proxy", "--home", str(tmp_path), *words]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8080", Endpoint("127.0.0.1", 8080)),
        ("[::1]:8080", Endpoint("::1", 8080)),
        (":8080", Endpoint("0.0.0.0", 8080)),
        ("localhost:0", Endpoint("localhost", 0)),
        ("::1:8080", None),
        ("127.0.0.1", None),
        ("127.0.0.1:", None),
        ("127.0.0.1:65536", None),
        ("127.0.0.1:8o80", None),
    ],
)
def test_addresses_to_listen_on(text, expected):
    if expected is None:
        with pytest.raises(UsageError):
            parse_listen(text)
    else:
        assert parse_listen(text) == expected


@pytest.mark.parametrize("password", ["", "with:colon", "x" * 73])
def test_a_password_that_could_not_be_used_is_refused(tmp_path, capsys, monkeypatch, password):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    assert main(["proxy", "--add-user", "ada", "--auth", str(tmp_path / "users")]) == 2


def test_adding_a_user_needs_a_file_and_a_name(capsys):
    assert main(["proxy", "--add-user", "ada"]) == 2
    assert main(["proxy", "--add-user", "a:b", "--auth", "users"]) == 2


# --- what up watches over -------------------------------------------------------------------------


class Said:
    """What a supervisor says; ``wait(n)`` waits for the n-th line."""

    def __init__(self):
        self.lines = []
        self.changed = threading.Condition()

    def __call__(self, text):
        with self.changed:
            self.lines.append(text)
            self.changed.notify_all()

    def wait(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.lines) >= count, 20)
        return self.lines[:count]


def test_a_child_that_ends_is_started_again_and_that_is_said():
    said = Said()
    child = Supervised("capture", [sys.executable, "-c", "raise SystemExit(3)"], say=said, first_wait_s=0.01)
    child.start()
    assert said.wait(2) == [
        "capture ended with exit code 3; it starts again in 0.01 s",
        "capture ended with exit code 3; it starts again in 0.02 s",
    ]
    child.stop()


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ([sys.executable, "-c", "raise SystemExit(2)"],
         "capture cannot run as it is set up; it is not started again"),
        (["/nowhere/python"], "capture could not be started: No such file or directory"),
    ],
)  # fmt: skip
def test_a_child_that_cannot_run_is_not_started_again(command, line):
    said = Said()
    child = Supervised("capture", command, say=said)
    child.start()
    said.wait(1)
    child.stop()
    assert said.lines == [line]


def test_a_child_is_ended_with_its_parent():
    child = Supervised("capture", [sys.executable, "-c", "import signal; signal.pause()"])
    child.start()
    child.stop()


def test_a_pac_file_is_written_for_the_proxy_that_is_named(tmp_path, capsys):
    home = ["--home", str(tmp_path / "none")]
    assert main(["proxy", "--pac", "Proxy.Example.com:8080", "--pac-fail-open", *home]) == 0
    text = capsys.readouterr().out
    assert "PROXY proxy.example.com:8080; DIRECT" in text and '".chatgpt.com"' in text
    assert main(["proxy", "--pac", "proxy.example.com", *home]) == 2
    assert "a port from 1 to 65535 is missing" in capsys.readouterr().err
