"""A live capture on a veth pair finds what reading a file of the same traffic finds."""

import json
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from sensor.standin import Authority

NAMES = ["chatgpt.com", "api.anthropic.com", "www.wikipedia.org", "chat.deepseek.com"]
SERVER, CLIENT = "198.51.100.2", "198.51.100.1"

SERVE = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
listener = socket.create_server((sys.argv[2], 443))
print("ready", flush=True)
while True:
    raw, _ = listener.accept()
    try:
        with context.wrap_socket(raw, server_side=True) as connection:
            while connection.recv(65536):
                connection.sendall(b"y" * 3000)
    except OSError:
        pass
"""

ASK = """
import socket, ssl, sys
context = ssl._create_unverified_context()
for name in sys.argv[2:]:
    with socket.create_connection((sys.argv[1], 443), 10) as raw:
        with context.wrap_socket(raw, server_hostname=name) as connection:
            connection.sendall(b"x" * 2000)
            connection.recv(65536)
"""


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def wait_for(stream, text):
    """Read lines until one holds the text; what a program says when it is ready."""
    for line in stream:
        if text in line:
            return
    pytest.fail(f"never said {text!r}")


@pytest.fixture
def link(need_tool, need_root):
    """Two namespaces joined by a veth pair: gives how to run a program in each."""
    need_root()
    ip = need_tool("ip")
    here, there = "gnomon-live-a", "gnomon-live-b"
    for name in (here, there):
        subprocess.run([ip, "netns", "del", name], capture_output=True)
        run(ip, "netns", "add", name)
    try:
        run(ip, "link", "add", "ga", "netns", here, "type", "veth", "peer", "gb", "netns", there)
        for name, device, address in ((here, "ga", CLIENT), (there, "gb", SERVER)):
            run(ip, "-n", name, "address", "add", f"{address}/24", "dev", device)
            run(ip, "-n", name, "link", "set", device, "up")
        yield [ip, "netns", "exec", here], [ip, "netns", "exec", there]
    finally:
        for name in (here, there):
            subprocess.run([ip, "netns", "del", name], capture_output=True)


def rows(root, home):
    told = run(sys.executable, "-m", "sensor", "inventory", "--home", str(home), "--json", cwd=root)
    kept = ("app", "device", "bytes_up", "bytes_down", "events", "grade", "doors")
    return sorted([json.loads(line)[name] for name in kept] for line in told.splitlines())


@pytest.mark.slow
def test_capture_live_finds_what_reading_the_file_finds(link, need_tool, root, tmp_path):
    client, server = link
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(b"".join(Authority().issue(NAMES)))
    file = tmp_path / "same.pcap"
    serving = subprocess.Popen(
        [*server, sys.executable, "-c", textwrap.dedent(SERVE), str(certificate), SERVER],
        stdout=subprocess.PIPE,
        text=True,
    )
    dump = subprocess.Popen(
        [*client, need_tool("tcpdump"), "-i", "ga", "-U", "-s", "0", "-w", str(file)],
        stderr=subprocess.PIPE,
        text=True,
    )
    live = subprocess.Popen(
        [
            *client,
            sys.executable,
            "-m",
            "sensor",
            "capture",
            "-i",
            "ga",
            "--home",
            str(tmp_path / "live"),
            "--json",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    try:
        wait_for(serving.stdout, "ready")
        wait_for(dump.stderr, "listening on")
        wait_for(live.stderr, "listening on")
        talk = threading.Thread(target=live.stderr.read, daemon=True)
        talk.start()
        run(*client, sys.executable, "-c", textwrap.dedent(ASK), SERVER, *NAMES)
        # A closing event comes when its flow has ended: then the capture has seen all of it.
        closed = set()
        for line in live.stdout:
            event = json.loads(line)
            if event["kind"] == "closing":
                closed.add(event["app"])
            if len(closed) == 3:
                break
        live.send_signal(signal.SIGINT)
        assert live.wait(30) == 0
    finally:
        for process in (live, dump, serving):
            process.terminate()
            process.wait(30)
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
    run(
        sys.executable, "-m", "sensor", "capture", "-r", str(file), "--home", str(tmp_path / "file"), cwd=root
    )
    found = rows(root, tmp_path / "live")
    assert [row[0] for row in found] == ["anthropic.api", "deepseek.chat", "openai.chatgpt"]
    assert all(row[2] > 2000 and row[3] > 3000 for row in found)
    assert found == rows(root, tmp_path / "file")


@pytest.mark.slow
def test_what_this_installations_proxy_carries_is_not_counted_again(root, tmp_path):
    capture = str(root / "tests" / "traces" / "office.pcap")
    words = [sys.executable, "-m", "sensor", "capture", "-r", capture, "--home", str(tmp_path), "--proxy"]
    run(*words, "192.0.2.200:443", cwd=root)
    assert {row[0] for row in rows(root, tmp_path)} >= {"ollama.ollama", "openai.chatgpt"}
    # Only what was not that proxy's is left: names asked of DNS, and the one clear-text request.
    assert {row[0] for row in rows(root, tmp_path) if row[2]} == {"ollama.ollama"}
    wrong = subprocess.run([*words, "proxy.example"], cwd=root, capture_output=True, text=True)
    assert wrong.returncode == 2 and "--proxy" in wrong.stderr
