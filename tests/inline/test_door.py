"""One proxy, real clients: what is opened, passed on, refused, counted and written down."""

import contextlib
import http.client
import json
import socket
import ssl
import struct
import subprocess
import threading

import pytest
from mitmproxy.proxy.layers.http import HttpStream

from sensor.inline import layers
from sensor.model import Door, EventKind, Grade, HttpRequest, Proves, Verdict
from sensor.standin.answers import TEXT

pytestmark = pytest.mark.slow

SECRET = b"the merger is on Friday"


@pytest.fixture(scope="module")
def hold():
    """Holds back the last piece of streamed answers until it is set."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture(scope="module")
def door(make_door, hold):
    return make_door(hold=hold)


def of(app, kind):
    return lambda event: event.app == app and event.kind is kind


def closing_of(event):
    return lambda one: one.kind is EventKind.CLOSING and one.source == event.source and one.app == event.app


@contextlib.contextmanager
def tunnel(door, host, port=443):
    """A socket after a CONNECT."""
    with socket.create_connection(door.proxy.address, timeout=20) as client:
        client.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += client.recv(1)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        yield client


def watch_drops(monkeypatch):
    """Whether each body that was to be dropped could be, in a list."""
    dropped = []
    drop = layers.drop_body

    def drop_and_keep(flow):
        dropped.append(drop(flow))
        return dropped[-1]

    monkeypatch.setattr(layers, "drop_body", drop_and_keep)
    return dropped


# --- what is opened -------------------------------------------------------------------------------


def test_a_request_is_recorded_and_closed_with_its_bytes(door):
    status, _, body = door.ask("ai.example")
    assert status == 200 and json.loads(body)["object"] == "chat.completion"
    event = door.kept.wait_for(of("acme.ai", EventKind.REQUEST))
    assert (event.grade, event.proves, event.verdict, event.destination, event.door) == (
        Grade.PARSED, Proves.USAGE, Verdict.ALLOW, "ai.example:443", Door.PROXY,
    )  # fmt: skip
    closing = door.kept.wait_for(closing_of(event))
    assert closing.bytes_up > len(b'{"q":1}') and closing.bytes_down > len(body) and closing.count == 0


def test_the_model_is_taken_from_the_path_where_it_stands_there(door):
    door.ask("ai.example", "/v1beta/models/gemini-x:generateContent")
    assert door.kept.wait_for(of("acme.ai", EventKind.REQUEST)).model == "gemini-x"


def test_an_opened_site_shows_a_certificate_of_the_proxys_own_authority(door):
    with door.connect("ai.example", context=door.context(door.ca)) as client:
        client.request("GET", "/")
        assert client.getresponse().status == 200


def test_events_of_one_connection_stand_under_one_flow_and_keep_the_name_asked_for(door):
    with door.connect("ai.example") as client:
        for _ in range(3):
            client.request("POST", "/v1/embeddings", b"{}")
            client.getresponse().read()
    event = door.kept.wait_for(of("acme.ai", EventKind.REQUEST))
    same = [one for one in door.kept.events if one.flow == event.flow and one.kind is EventKind.REQUEST]
    assert [one.destination for one in same] == ["ai.example:443"] * 3


def test_a_client_may_send_any_number_of_requests_on_one_connection(door):
    with door.connect("ai.example") as client:
        for number in range(12):
            client.request("POST", "/v1/embeddings", b"{}")
            assert client.getresponse().read(), number
    assert door.standin.named[-1] == "ai.example", "the server is told the name, not the address"


def test_an_answer_streams_while_it_is_made(door, hold):
    """The first word has arrived before the server sends the last one: it waits until the client says so."""
    hold.clear()
    try:
        with door.connect("ai.example") as client:
            client.request("POST", "/v1/messages", b'{"stream":true}')
            response = client.getresponse()
            first = response.readline() + response.readline()
            assert not hold.is_set() and b"message_start" in first
            hold.set()
            rest = response.read()
    finally:
        hold.set()
    assert TEXT.split()[-1].encode() in rest and b"message_stop" in rest


def test_a_large_upload_goes_through_uncollected(door, monkeypatch):
    size, kept = 8 * 1024 * 1024, []
    stream = HttpStream.state_stream_request_body

    def watch(self, event):
        kept.append(len(bytes(self.request_body_buf)))
        return stream(self, event)

    monkeypatch.setattr(HttpStream, "state_stream_request_body", watch)
    status, _, _ = door.ask("ai.example", "/v1/files", body=b"x" * size)
    assert status == 200 and len(kept) > 1 and max(kept) == 0
    event = door.kept.wait_for(of("acme.ai", EventKind.REQUEST))
    assert door.kept.wait_for(closing_of(event)).bytes_up > size
    assert [one.size for one in door.standin.arrived if one.target == "/v1/files"] == [size]


def test_a_websocket_is_counted_and_not_kept(door):
    with door.connect("ai.example") as client:
        client.connect()
        line = client.sock
        line.sendall(
            b"GET /v1/realtime HTTP/1.1\r\nHost: ai.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        answers = line.makefile("rb")
        assert b"101" in answers.readline()
        while answers.readline().strip():
            pass
        for _ in range(3):
            mask = b"\x01\x02\x03\x04"
            text = bytes(byte ^ mask[place % 4] for place, byte in enumerate(b"hello there"))
            line.sendall(bytes([0x81, 0x80 | len(text)]) + mask + text)
            head = answers.read(2)
            assert answers.read(head[1]) == b"hello there"
        line.sendall(bytes([0x88, 0x82]) + b"\0\0\0\0" + struct.pack(">H", 1000))
        answers.read()
        answers.close()
    event = door.kept.wait_for(lambda one: one.kind is EventKind.CLOSING and one.app == "acme.ai")
    assert event.bytes_up >= 33 and event.bytes_down >= 33


def test_the_name_in_the_hello_opens_a_tunnel_that_was_asked_for_under_another_name(door):
    with tunnel(door, "www.example.org") as line:
        with door.context(door.ca).wrap_socket(line, server_hostname="ai.example") as secure:
            secure.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: ai.example\r\nContent-Length: 2\r\n\r\n{}"
            )
            assert secure.recv(12) == b"HTTP/1.1 200"
    assert door.core.pipeline.coverage.snapshot()["weird.sni_differs_from_connect"] >= 1


def test_a_hello_that_comes_byte_by_byte_does_not_get_by(door):
    with tunnel(door, "ai.example") as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = door.context(door.ca).wrap_bio(received, sent, server_hostname="ai.example")
        with pytest.raises(ssl.SSLWantReadError):
            secure.do_handshake()
        for byte in sent.read():
            line.sendall(bytes([byte]))
        while True:
            try:
                secure.do_handshake()
                break
            except ssl.SSLWantReadError:
                line.sendall(sent.read())
                received.write(line.recv(65_536))
        issuer = dict(pair for (pair,) in secure.getpeercert()["issuer"])
    assert issuer["commonName"] == "mitmproxy"


def test_a_host_header_that_is_not_the_tunnels_does_not_hide_the_app(door):
    before = len(door.kept.events)
    status, _, _ = door.ask("ai.example", headers={"host": "www.example.org"})
    assert status == 200
    (event,) = [one for one in door.kept.events[before:] if one.kind is EventKind.REQUEST]
    assert event.app == "acme.ai"
    assert door.core.pipeline.coverage.snapshot()["weird.host_differs_from_tunnel"] >= 1


# --- what is passed on unread ---------------------------------------------------------------------


def test_an_ordinary_site_shows_its_own_certificate_and_leaves_no_trace(door):
    with door.connect("www.example.org", context=door.standin.authority.client_context()) as client:
        client.request("GET", "/")
        assert b"An ordinary site" in client.getresponse().read()
    assert door.core.pipeline.coverage.snapshot()["not_ai"] >= 1
    assert "www.example.org" not in repr(door.kept.events)


def test_an_app_that_is_not_opened_is_recorded_by_its_tunnel_with_its_volume(door):
    with door.connect("pinned.example", context=door.standin.authority.client_context()) as client:
        client.request("POST", "/v1/chat/completions", SECRET)
        answer = client.getresponse().read()
    event = door.kept.wait_for(of("acme.pinned", EventKind.CONNECT))
    closing = door.kept.wait_for(closing_of(event))
    assert (event.destination, closing.grade) == ("pinned.example:443", Grade.VOLUME)
    assert closing.bytes_up > len(SECRET) and closing.bytes_down > len(answer)
    assert closing.bytes_up < 5000, "each byte is counted once"


def test_what_is_not_tls_goes_through_a_tunnel_unread(door):
    with socket.create_server(("127.0.0.1", 0)) as server:
        with tunnel(door, "127.0.0.1", server.getsockname()[1]) as line:
            line.sendall(b"SSH-2.0-test\r\n")
            other, _ = server.accept()
            with other:
                assert other.recv(100) == b"SSH-2.0-test\r\n"
                other.sendall(b"\x00\x01answer")
                assert line.recv(100) == b"\x00\x01answer"


def test_what_is_neither_tls_nor_http_is_not_let_through_to_an_ai_service(door):
    with tunnel(door, "ai.example") as line:
        line.sendall(b"\x00\x01\x02 not a protocol\r\n\r\n")
        assert line.recv(100) == b""
    assert door.core.pipeline.coverage.snapshot()["weird.tunnel_without_http"] >= 1


def test_clear_text_http_in_a_tunnel_to_an_ai_service_is_read(door):
    with tunnel(door, "blocked.example", 80) as line:
        line.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: blocked.example\r\nContent-Length: 2\r\n\r\n{}"
        )
        assert line.recv(12) == b"HTTP/1.1 403"


def test_a_client_that_does_not_trust_the_proxy_is_recorded_as_not_inspectable(door):
    with door.connect("ai.example", context=door.standin.authority.client_context()) as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            client.request("POST", "/v1/chat/completions", b"{}")
    event = door.kept.wait_for(lambda one: one.context.get("outcome") == "tls_refused")
    assert (event.app, event.kind, event.verdict) == ("acme.ai", EventKind.CONNECT, Verdict.BLOCK)


# --- what is refused ------------------------------------------------------------------------------


def test_a_refused_request_is_recorded_answered_and_does_not_reach_the_server(door):
    status, headers, body = door.ask("blocked.example", body=SECRET)
    assert status == 403 and headers["x-should-retry"] == "false"
    assert json.loads(body)["error"]["message"] == "Ask the IT desk. Nothing was sent. (Rule: no-blocked)"
    event = door.kept.wait_for(of("acme.blocked", EventKind.REQUEST))
    assert (event.verdict, event.enforced, event.rule) == (Verdict.BLOCK, True, "no-blocked")
    closing = door.kept.wait_for(closing_of(event))
    assert (closing.bytes_up, closing.bytes_down, closing.context["outcome"]) == (0, 0, "refused")
    assert door.reached("blocked.example") == []


@pytest.mark.parametrize("length", [None, 8 * 1024 * 1024])
def test_the_body_of_a_refused_request_is_dropped_as_it_comes(door, monkeypatch, length):
    dropped = watch_drops(monkeypatch)
    pieces = iter([b"x" * 65_536] * 128)
    headers = {} if length is None else {"content-length": str(length)}
    with door.connect("blocked.example") as client:
        client.request("POST", "/v1/files", pieces, headers, encode_chunked=length is None)
        assert client.getresponse().status == 403
    assert dropped == [True] and door.reached("blocked.example") == []


def test_http2_is_read_and_refused_as_well(door, monkeypatch, need_tool, tmp_path):
    dropped = watch_drops(monkeypatch)
    (tmp_path / "body").write_bytes(b"x" * 2_000_000)
    done = subprocess.run(
        [
            need_tool("curl"), "-sS", "--http2", "-m", "20", "-x", door.url, "--cacert", str(door.ca),
            "-w", "%{http_version} %{http_code} ", "--data-binary", f"@{tmp_path / 'body'}",
            "https://blocked.example/v1/messages", "https://blocked.example/v1/files",
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.count("2 403 ") == 2 and '"permission_error"' in done.stdout, done.stderr
    assert dropped == [True, True] and door.reached("blocked.example") == []


def test_a_refused_tunnel_is_told_in_plain_words(door):
    with door.connect("noentry.example") as client:
        with pytest.raises(OSError, match="403"):
            client.request("GET", "/")
    event = door.kept.wait_for(of("acme.noentry", EventKind.CONNECT))
    assert (event.verdict, event.enforced) == (Verdict.BLOCK, True)
    with socket.create_connection(door.proxy.address, timeout=20) as line:
        line.sendall(b"CONNECT noentry.example:443 HTTP/1.1\r\nHost: noentry.example:443\r\n\r\n")
        answer = http.client.HTTPResponse(line, method="GET")
        answer.begin()
        assert answer.status == 403 and answer.read().startswith(b"Ask the IT desk. Nothing was sent.")


def test_a_refused_name_in_the_hello_ends_the_tunnel(door):
    with tunnel(door, "www.example.org") as line:
        with pytest.raises((ssl.SSLError, OSError)):
            door.context().wrap_socket(line, server_hostname="noentry.example").close()
    event = door.kept.wait_for(of("acme.noentry", EventKind.CONNECT))
    assert event.destination == "noentry.example:443"


def test_nothing_that_was_asked_stands_in_an_observation(door, monkeypatch):
    """Queries and credentials are cut off before anything is decided."""
    seen = door.watch(monkeypatch)
    door.ask(
        "ai.example",
        "/v1/chat/completions?key=hunter2",
        headers={"authorization": "Bearer hunter2", "cookie": "s=hunter2", "x-api-key": "hunter2"},
    )
    (request,) = [one for one in seen if isinstance(one, HttpRequest)]
    assert request.path == "/v1/chat/completions" and "hunter2" not in repr(request)
    assert dict(request.headers)["authorization"] == "Bearer"
