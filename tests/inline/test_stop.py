"""Beside requests: a proxy stops in good order, keeps its counters, and is shut until it is open."""

import asyncio
import contextlib
import socket
import threading

import pytest
from mitmproxy.test import taddons, tflow, tutils

from sensor.inline import addon, layers
from sensor.inline.addon import ShadowAI
from sensor.model import EventKind, ExchangeEnd

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hold():
    return threading.Event()


@pytest.fixture(scope="module")
def door(make_door, hold):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addon, "TICK_S", 0.02)
        yield make_door(hold=hold)


def test_counters_are_kept_while_it_runs(door, monkeypatch):
    saved = threading.Event()
    keep = door.kept.submit_coverage

    def keep_and_tell(counters):
        if counters.get("http_request"):
            saved.set()
        return keep(counters)

    monkeypatch.setattr(door.kept, "submit_coverage", keep_and_tell)
    door.ask("ai.example")
    assert saved.wait(10)


def test_a_tick_that_fails_is_not_the_last(door, monkeypatch):
    ticked, failed = threading.Event(), []

    def tick(ts):
        if not failed:
            failed.append(ts)
            raise KeyError("secret")
        ticked.set()
        return []

    monkeypatch.setattr(door.core.pipeline, "tick", tick)
    assert ticked.wait(10) and failed


def test_a_connection_that_turns_into_another_protocol_is_counted_and_not_kept(door, monkeypatch):
    """HTTP/1.1 101 with a protocol that mitmproxy does not know (RFC 9110, section 15.2.2)."""
    seen, ended = door.watch(monkeypatch), threading.Event()
    receive = door.core.pipeline.receive

    def receive_and_tell(observation):
        if isinstance(observation, ExchangeEnd):
            ended.set()
        return receive(observation)

    monkeypatch.setattr(door.core.pipeline, "receive", receive_and_tell)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(door.proxy.address, timeout=20) as client:
            client.sendall(
                f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                "Connection: upgrade\r\nUpgrade: made-up\r\n\r\n".encode()
            )
            other, _ = server.accept()
            with other:
                other.settimeout(20)
                other.recv(65_536)
                other.sendall(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: made-up\r\n\r\n")
                assert client.recv(12) == b"HTTP/1.1 101"
                client.sendall(b"x" * 1000)
                received = b""
                while len(received) < 1000:
                    received += other.recv(1000)
        assert ended.wait(10)
    (end,) = [one for one in seen if isinstance(one, ExchangeEnd)]
    assert end.bytes_up > 1000 and end.status == 101


def test_tls_to_the_proxy_itself_is_no_tunnel(door):
    """A client may speak TLS to the proxy (``https://`` in its settings); the tunnel is decided within."""
    context = door.context(door.ca)
    context.check_hostname = False
    with socket.create_connection(door.proxy.address, timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname="proxy.example") as outer:
            outer.sendall(b"CONNECT noentry.example:443 HTTP/1.1\r\nHost: noentry.example:443\r\n\r\n")
            assert outer.recv(12) == b"HTTP/1.1 403"


def test_what_is_malformed_is_left_to_mitmproxy(door):
    with socket.create_connection(door.proxy.address, timeout=20) as client:
        client.sendall(
            b"POST http://ai.example/v1/x HTTP/1.1\r\nHost: ai.example\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert client.recv(12) == b"HTTP/1.1 400"


def test_a_stop_waits_for_an_answer_under_way_and_closes_everything(door, hold):
    hold.clear()
    results = []
    with door.connect("ai.example") as client, door.connect("pinned.example") as tunnel:
        tunnel.request("GET", "/")
        tunnel.getresponse().read()
        client.request("POST", "/v1/chat/completions", b'{"stream":true}')
        response = client.getresponse()
        response.readline()
        stopping = threading.Thread(target=door.proxy.__exit__)
        stopping.start()
        assert refuses_connections(door.proxy.address)
        hold.set()
        results.append(response.read())
        stopping.join(20)
    assert b"[DONE]" in results[0]
    closed = {event.app for event in door.kept.events if event.kind is EventKind.CLOSING}
    assert {"acme.ai", "acme.pinned"} <= closed
    assert door.kept.closed and door.kept.coverage["http_request"] >= 1
    assert not door.proxy.door.is_busy and not door.proxy.door._links


def refuses_connections(address):
    """Whether nobody listens there any more, waited for as long as it takes to say so."""
    for _ in range(1000):
        try:
            with socket.create_connection(address, timeout=20) as line, contextlib.suppress(OSError):
                line.sendall(b"\r\n")
        except ConnectionRefusedError:
            return True
    return False


# --- shut until it is open ------------------------------------------------------------------------


def run(hook, argument):
    asyncio.run(hook(argument))


@pytest.fixture
def shut():
    """The addon without a core, in mitmproxy's own test context."""

    async def make():
        return taddons.context(loadcore=False)

    context = asyncio.run(make())
    with context:
        yield ShadowAI()


def test_without_a_core_nothing_goes_through(shut):
    flow = tflow.tflow(req=tutils.treq(content=None))
    run(shut.requestheaders, flow)
    assert flow.response.status_code == 403 and b"could not check" in flow.response.content
    flow = tflow.tflow(req=tutils.treq(method=b"CONNECT"))
    run(shut.http_connect, flow)
    assert flow.response.status_code == 403


@pytest.mark.parametrize(
    ("headers", "killed"),
    [
        ({b"content-length": b"1000"}, False),
        ({b"content-length": b"2000000"}, True),
        ({b"content-length": b"9" * 5000}, True),
        ({b"transfer-encoding": b"chunked"}, True),
    ],
)
def test_a_body_that_cannot_be_dropped_is_not_collected(shut, monkeypatch, headers, killed):
    monkeypatch.setattr(layers, "drop_body", lambda flow: False)
    flow = tflow.tflow(req=tutils.treq(method=b"POST", headers=headers.items()))
    run(shut.requestheaders, flow)
    assert (flow.error is not None) == killed


def test_an_upstream_that_cannot_be_cut_is_noted(shut, monkeypatch):
    def fails(*_):
        raise KeyError("secret")

    monkeypatch.setattr(layers, "close_connection", fails)
    stream = shut._counted(tflow.tflow(), "request", fails)
    assert list(stream(b"x")) == [] and list(stream(b"")) == []
    assert shut.failures.counts == {"stream_request:KeyError": 1, "cut_upstream:KeyError": 1}


def test_a_core_that_cannot_be_closed_is_noted(shut):
    class Broken:
        blocks_on_error = True

        class pipeline:
            @staticmethod
            def finish():
                return []

        def close(self, events, timeout_s):
            raise OSError("secret")

    shut._core = Broken()
    shut.done()
    assert shut.failures.counts == {"done:OSError": 1}


def test_mitmproxys_own_objects_may_be_missing(shut):
    """Where its inner layers are not as they were read, the caller is told."""
    flow = tflow.tflow()
    assert layers.drop_body(flow) is False
    assert layers.close_connection(flow.client_conn, flow.server_conn) is False
