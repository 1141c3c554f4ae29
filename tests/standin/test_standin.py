"""The stand-in by itself: its certificates, its answers' shapes, and that it stops."""

import http.client
import json
import socket
import ssl
import threading

import pytest

from sensor.standin import Authority, StandIn
from sensor.standin.answers import PAGE, TEXT, answer

HOSTS = ("api.openai.com", "127.0.0.1")


@pytest.fixture(scope="module")
def standin():
    with StandIn(HOSTS) as made:
        yield made


def ask(standin, host, method, target, body=None, headers=None):
    """A request to the stand-in under a name that is on its certificate."""
    context = standin.authority.client_context()
    with socket.create_connection(("127.0.0.1", standin.port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=host) as secure:
            client = http.client.HTTPConnection(host)
            client.sock = secure
            client.request(method, target, body, headers or {})
            response = client.getresponse()
            return response, response.read()


@pytest.mark.parametrize("host", HOSTS)
def test_it_shows_a_certificate_for_each_of_its_names(standin, host):
    response, body = ask(standin, host, "GET", "/")
    assert response.status == 200 and body == PAGE
    assert standin.arrived[-1].host == host


def test_a_name_that_it_has_not_is_refused_by_clients(standin):
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(standin, "chatgpt.com", "GET", "/")


def test_another_authority_is_not_trusted(standin):
    with socket.create_connection(("127.0.0.1", standin.port), timeout=10) as plain:
        with pytest.raises(ssl.SSLCertVerificationError):
            Authority().client_context().wrap_socket(plain, server_hostname="127.0.0.1")


def test_a_chunked_body_is_read(standin):
    ask(standin, "127.0.0.1", "POST", "/v1/files", iter([b"abc", b"de"]))
    assert standin.arrived[-1].size == 5


def test_a_head_request_has_no_body(standin):
    response, body = ask(standin, "127.0.0.1", "HEAD", "/")
    assert response.getheader("content-length") == str(len(PAGE)) and body == b""


def test_it_stops_while_clients_are_connected():
    hold = threading.Event()
    with StandIn(tls=False, hold=hold) as made:
        idle = socket.create_connection(("127.0.0.1", made.port), timeout=10)
        client = http.client.HTTPConnection("127.0.0.1", made.port, timeout=10)
        client.request("POST", "/v1/chat/completions", b'{"stream":true}')
        assert client.getresponse().readline().startswith(b"data: ")
    idle.close()
    client.close()


def events(made):
    return [
        line for piece in made.pieces for line in piece.decode().splitlines() if line.startswith("data: ")
    ]


@pytest.mark.parametrize(
    ("target", "find"),
    [
        ("/v1/chat/completions", lambda body: body["choices"][0]["message"]["content"]),
        ("/v1/responses", lambda body: body["output"][0]["content"][0]["text"]),
        ("/v1/messages", lambda body: body["content"][0]["text"]),
        (
            "/v1beta/models/m:generateContent",
            lambda body: body["candidates"][0]["content"]["parts"][0]["text"],
        ),
        ("/model/m/converse", lambda body: body["output"]["message"]["content"][0]["text"]),
    ],
)
def test_answers_in_one_piece(target, find):
    made = answer("POST", target, b'{"model":"m"}')
    assert made.content_type == "application/json" and find(json.loads(made.pieces[0])) == TEXT


@pytest.mark.parametrize(
    ("target", "last"),
    [
        ("/v1/chat/completions", "[DONE]"),
        ("/v1/responses", "response.completed"),
        ("/v1/messages", "message_stop"),
        ("/v1beta/models/m:streamGenerateContent?alt=sse", "STOP"),
        ("/backend-api/f/conversation", "[DONE]"),
    ],
)
def test_answers_that_stream(target, last):
    made = answer("POST", target, b'{"stream":true}')
    assert made.streamed and made.content_type.startswith("text/event-stream") and last in events(made)[-1]


def test_gemini_streams_one_json_array_without_sse():
    made = answer("POST", "/v1beta/models/m:streamGenerateContent", b"{}")
    chunks = json.loads(b"".join(made.pieces))
    assert "".join(chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in chunks) == TEXT


def test_ollama_streams_lines_unless_told_not_to():
    lines = [json.loads(piece) for piece in answer("POST", "/api/chat", b"{}").pieces]
    assert "".join(line["message"]["content"] for line in lines) == TEXT and lines[-1]["done"]
    (whole,) = answer("POST", "/api/chat", b'{"stream":false}').pieces
    assert json.loads(whole)["message"]["content"] == TEXT


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b"\xff"])
def test_a_body_that_is_no_object_is_answered_all_the_same(body):
    assert answer("POST", "/v1/chat/completions", body).status == 200
    assert json.loads(answer("POST", "/elsewhere", body).pieces[0]) == {"ok": True}
    assert json.loads(answer("POST", "/v1/embeddings", body).pieces[0])["object"] == "list"
    assert json.loads(answer("GET", "/v1/models", body).pieces[0])["object"] == "list"
