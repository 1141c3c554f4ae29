"""The same ClientHello through both doors gives equal observations; the hellos are real clients' own."""

import contextlib
import socket
import ssl
import subprocess
import threading
from dataclasses import asdict

import pytest

from sensor.model import ClientHelloSeen, Door, Endpoint
from sensor.observe import client_hello
from sensor.wire.tls import HandshakeReader

pytestmark = pytest.mark.slow

HOST = "ai.example"


@pytest.fixture(scope="module")
def door(make_door):
    return make_door()


@contextlib.contextmanager
def listening():
    """An address whose first client is cut off, and what it had sent."""
    first = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take():
            client, _ = server.accept()
            with client:
                client.settimeout(10)
                length = 5
                while len(first) < length:
                    first.extend(client.recv(65_536))
                    if len(first) >= 5:
                        length = 5 + int.from_bytes(first[3:5], "big")

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], first
        thread.join(10)


def hello_of_python(need_tool):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    secure = context.wrap_bio(incoming, outgoing, server_hostname=HOST)
    with pytest.raises(ssl.SSLWantReadError):
        secure.do_handshake()
    return outgoing.read()


def hello_of(command):
    with listening() as (port, first):
        subprocess.run(command(port), capture_output=True, timeout=30)
    return bytes(first)


def hello_of_curl(need_tool):
    curl = need_tool("curl")
    return hello_of(
        lambda port: [curl, "-s", "--resolve", f"{HOST}:{port}:127.0.0.1", f"https://{HOST}:{port}/"]
    )


def hello_of_node(need_tool):
    node = need_tool("node")
    script = (
        f"const to = {{host: '127.0.0.1', port: +process.argv[1], servername: '{HOST}'}};"
        "require('tls').connect(to).on('error', () => 0)"
    )
    return hello_of(lambda port: [node, "-e", script, str(port)])


def through_the_proxy(door, data, monkeypatch):
    seen = []
    receive = door.core.pipeline.receive
    done = threading.Event()

    def watch(observation):
        effects = receive(observation)
        if isinstance(observation, ClientHelloSeen):
            seen.append(observation)
            done.set()
        return effects

    monkeypatch.setattr(door.core.pipeline, "receive", watch)
    with socket.create_connection(door.proxy.address, timeout=10) as line:
        line.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
        assert line.recv(12) == b"HTTP/1.1 200"
        line.sendall(data)
        assert done.wait(10)
    return seen[0]


def on_the_wire(data):
    (hello,) = HandshakeReader().feed(data)
    return client_hello(
        hello,
        transport="tcp",
        client=Endpoint("192.0.2.1", 1),
        server=Endpoint("192.0.2.2", 443),
        ts=0.0,
        key="k",
    )


@pytest.mark.parametrize("hello_of_client", [hello_of_python, hello_of_curl, hello_of_node])
def test_both_doors_see_the_same_hello(door, need_tool, monkeypatch, hello_of_client):
    data = hello_of_client(need_tool)
    by_proxy, by_span = through_the_proxy(door, data, monkeypatch), on_the_wire(data)
    assert by_proxy.door is Door.PROXY and by_span.door is Door.SPAN
    assert by_proxy.server_name == HOST and by_proxy.ja4 and not by_proxy.partial
    place = {"ts", "door", "key", "flow", "client", "server"}
    assert {k: v for k, v in asdict(by_proxy).items() if k not in place} == {
        k: v for k, v in asdict(by_span).items() if k not in place
    }
