"""From messages to observations: nothing secret gets through, and lines are printed as the contract says."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor import observe
from sensor.model import (
    ClientHelloSeen,
    ConnectRequest,
    DnsRecord,
    Door,
    Ech,
    Endpoint,
    FlowEnd,
    Observation,
    Weird,
)
from sensor.wire.dns import DnsMessage, DnsQuestion
from sensor.wire.fingerprint import ja3, ja4
from sensor.wire.http1 import RequestHead
from sensor.wire.tls import ClientHello, parse_client_hello
from tests.wire import tls_bytes as t

CLIENT, SERVER = Endpoint("10.0.0.5", 40_000), Endpoint("2001:db8::9", 443)
WHERE = {"client": CLIENT, "server": SERVER, "ts": 1.5, "key": "k"}


def parsed(*extensions: bytes) -> ClientHello:
    hello = parse_client_hello(t.message(t.body(*extensions)))
    assert hello is not None
    return hello


def test_a_client_hello() -> None:
    hello = parsed(*t.USUAL)
    seen = observe.client_hello(hello, transport="tcp", flow="f", **WHERE)
    assert seen == ClientHelloSeen(
        ts=1.5,
        door=Door.SPAN,
        key="k",
        flow="f",
        transport="tcp",
        client=CLIENT,
        server=SERVER,
        server_name="example.com",
        alpn=("h2", "http/1.1"),
        ja4=ja4(hello, "tcp"),
        ja3=ja3(hello),
    )


def test_a_partial_hello_has_no_fingerprints() -> None:
    hello = ClientHello(legacy_version=0x0303, server_name="a.example", partial=True)
    seen = observe.client_hello(hello, transport="quic", door=Door.PROXY, **WHERE)
    assert (seen.ja4, seen.ja3, seen.partial, seen.door) == (None, None, True, Door.PROXY)


def test_protocol_names_are_printable_and_grease_is_left_out() -> None:
    hello = parsed(t.alpn(b"\x0a\x0a", b"h2", b"\xbd\x00\\", b"\x0a\x1a"))
    seen = observe.client_hello(hello, transport="tcp", **WHERE)
    assert seen.alpn == ("h2", "\\xbd\\x00\\x5c", "\\x0a\\x1a")


def test_ech_is_told_as_far_as_a_hello_tells() -> None:
    assert observe.client_hello(parsed(), transport="tcp", **WHERE).ech is Ech.NONE
    hello = parsed(t.server_name(b"www.example.com"), t.ech_outer())
    assert observe.client_hello(hello, transport="tcp", **WHERE).ech is Ech.GREASE


RECORD = DnsRecord("a.example", "A", "192.0.2.1", 60)


def dns(**fields: object) -> DnsMessage:
    usual = {"id": 1, "is_response": True, "opcode": "QUERY", "rcode": "NOERROR"}
    return DnsMessage(**(usual | fields))


def test_a_dns_answer() -> None:
    message = dns(questions=(DnsQuestion(name="a.example", type="A"),), answers=(RECORD,))
    seen = observe.dns_answer(message, transport="tcp", flow="f", **WHERE)
    assert seen is not None
    assert (seen.name, seen.type, seen.rcode, seen.answers) == ("a.example", "A", "NOERROR", (RECORD,))
    assert (seen.transport, seen.flow, seen.client) == ("tcp", "f", CLIENT)


def test_a_multicast_answer_is_named_by_its_first_record() -> None:
    seen = observe.dns_answer(dns(answers=(RECORD,)), **WHERE)
    assert seen is not None and (seen.name, seen.type) == ("a.example", "A")


@pytest.mark.parametrize(
    "message", [dns(is_response=False, answers=(RECORD,)), dns(opcode="UPDATE", answers=(RECORD,)), dns()]
)
def test_what_is_no_answer(message: DnsMessage) -> None:
    assert observe.dns_answer(message, **WHERE) is None


def head(target: str, *headers: tuple[str, str], method: str = "GET") -> RequestHead:
    return RequestHead(method=method, target=target, version="1.1", headers=headers, head_length=0)


@pytest.mark.parametrize(
    ("request_head", "host", "path"),
    [
        (head("/v1/chat?key=secret", ("host", "API.Example.com:8080")), "api.example.com", "/v1/chat"),
        (head("/a#b?c", ("host", "[::1]")), "::1", "/a"),
        (head("?q", ("host", "h.example")), "h.example", "/"),
        (head("http://b.example/p/q?token=x", ("host", "a.example")), "b.example", "/p/q"),
        (head("http://b.example?token=x"), "b.example", "/"),
        (head("http://b.example"), "b.example", "/"),
        (head("/to/http://c.example/x"), None, "/to/http://c.example/x"),
        (head("*", method="OPTIONS"), None, "*"),
        (head("c.example:443", method="CONNECT"), "c.example", "/"),
        (head("/"), None, "/"),
    ],
)
def test_host_and_path_of_every_form_of_target(
    request_head: RequestHead, host: str | None, path: str
) -> None:
    seen = observe.http_request(request_head, **WHERE)
    assert (seen.host, seen.path, seen.method) == (host, path, request_head.method)


def test_a_request_says_who_what_and_how() -> None:
    request = head("/", ("user-agent", "curl/8"), ("Cookie", "a=b"))
    seen = observe.http_request(request, scheme="https", user="ann", inspected=True, **WHERE)
    assert (seen.user_agent, seen.scheme, seen.user, seen.inspected) == ("curl/8", "https", "ann", True)
    assert seen.headers == (("user-agent", "curl/8"), ("cookie", ""))


SECRET = "sk-proj-S3CR3T"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", f"Bearer {SECRET}", "Bearer"),
        ("authorization", f"  Basic   {SECRET}", "Basic"),
        ("authorization", SECRET, ""),  # no scheme: it would be the secret itself
        ("authorization", f"{'A' * 40} {SECRET}", ""),
        ("proxy-authorization", f"Negotiate {SECRET}", "Negotiate"),
        (
            "authorization",
            f"AWS4-HMAC-SHA256 Credential={SECRET}/20261124/us-east-1/bedrock/aws4_request, "
            f"SignedHeaders=host, Signature={SECRET}",
            "AWS4-HMAC-SHA256 Credential=/20261124/us-east-1/bedrock/aws4_request",
        ),
        ("authorization", f"AWS4-HMAC-SHA256 Signature={SECRET}", "AWS4-HMAC-SHA256"),
        ("cookie", f"session={SECRET}", ""),
        ("set-cookie", f"session={SECRET}; Path=/", ""),
        ("x-api-key", SECRET, ""),
        ("api-key", SECRET, ""),
        ("X-Goog-Api-Key", SECRET, ""),
        ("x-amz-security-token", SECRET, ""),
        ("x-client-secret", SECRET, ""),
        ("mcp-session-id", SECRET, ""),
        ("x-credential", SECRET, ""),
        ("x-password", SECRET, ""),
        ("x-auth", SECRET, ""),
        ("cf-access-jwt-assertion", SECRET, ""),
        ("sec-websocket-key", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZQ=="),
        ("sec-websocket-version", "13", "13"),
        ("sec-websocket-protocol", f"realtime, openai-insecure-api-key.{SECRET}", "realtime"),
        ("sec-websocket-protocol", f"api-key.{SECRET}, realtime", ""),
        ("referer", f"https://a.example/p?token={SECRET}", "https://a.example/p"),
        ("location", f"/next#{SECRET}", "/next"),
        ("content-type", "application/json", "application/json"),
        ("author", "somebody", "somebody"),
    ],
)
def test_credentials_in_headers_are_cut_down(name: str, value: str, kept: str) -> None:
    assert observe.safe_headers(((name, value),)) == ((name.lower(), kept),)


@pytest.mark.slow
@given(st.text(max_size=60), st.sampled_from(["authorization", "x-api-key", "cookie", "x-session-id"]))
def test_no_long_value_of_a_secret_header_survives(value: str, name: str) -> None:
    ((_, kept),) = observe.safe_headers(((name, value),))
    assert len(kept) <= 32 and (kept == "" or name == "authorization")


def test_a_hostile_authorization_costs_no_time() -> None:
    started = time.perf_counter()
    for value in ("AWS4-HMAC-SHA256 " + "Credential=" * 6_000, " " * 65_000, "A" * 65_000):
        observe.safe_headers((("authorization", value),))
    assert time.perf_counter() - started < 0.2


def test_strip_query() -> None:
    for target, bare in [("/a?b", "/a"), ("/a#b", "/a"), ("/a?b#c", "/a"), ("/a", "/a"), ("", "")]:
        assert observe.strip_query(target) == bare


def end(**fields: object) -> FlowEnd:
    numbers = (
        "bytes_up bytes_down wire_bytes_up wire_bytes_down payload_bytes_up payload_bytes_down "
        "packets_up packets_down"
    )
    usual = {name: place for place, name in enumerate(numbers.split(), 1)}
    return FlowEnd(transport="tcp", first=1.0, last=1.5, **WHERE, **(usual | fields))


@pytest.mark.parametrize(
    ("observation", "line"),
    [
        (
            observe.client_hello(parsed(t.server_name(b"a.example")), transport="tcp", **WHERE),
            {
                "kind": "client_hello",
                "ts": 1.5,
                "transport": "tcp",
                "client": "10.0.0.5:40000",
                "server": "[2001:db8::9]:443",
                "server_name": "a.example",
                "alpn": [],
                "ja4": ja4(parsed(t.server_name(b"a.example")), "tcp"),
                "ja3": ja3(parsed(t.server_name(b"a.example"))),
                "ech": "none",
                "partial": False,
            },
        ),
        (
            observe.client_hello(ClientHello(legacy_version=771, partial=True), transport="quic", **WHERE),
            {
                "kind": "client_hello",
                "ts": 1.5,
                "transport": "quic",
                "client": "10.0.0.5:40000",
                "server": "[2001:db8::9]:443",
                "ech": "none",
                "partial": True,
            },
        ),
        (
            observe.dns_answer(dns(answers=(RECORD,)), **WHERE),
            {
                "kind": "dns_answer",
                "ts": 1.5,
                "client": "10.0.0.5:40000",
                "server": "[2001:db8::9]:443",
                "name": "a.example",
                "type": "A",
                "rcode": "NOERROR",
                "answers": [{"name": "a.example", "type": "A", "data": "192.0.2.1", "ttl": 60}],
            },
        ),
        (
            observe.http_request(head("/p", ("host", "h.example"), ("user-agent", "x")), **WHERE),
            {
                "kind": "http_request",
                "ts": 1.5,
                "client": "10.0.0.5:40000",
                "server": "[2001:db8::9]:443",
                "method": "GET",
                "host": "h.example",
                "path": "/p",
                "user_agent": "x",
            },
        ),
        (
            end(duplicate_packets=2, duplicate_bytes=80),
            {
                "kind": "flow_end",
                "ts": 1.5,
                "transport": "tcp",
                "client": "10.0.0.5:40000",
                "server": "[2001:db8::9]:443",
                "first": 1.0,
                "last": 1.5,
                "bytes_up": 1,
                "bytes_down": 2,
                "wire_bytes_up": 3,
                "wire_bytes_down": 4,
                "payload_bytes_up": 5,
                "payload_bytes_down": 6,
                "packets_up": 7,
                "packets_down": 8,
                "duplicate_packets": 2,
                "duplicate_bytes": 80,
            },
        ),
        (
            Weird(ts=1.5, name="tls_not_tls", count=3),
            {"kind": "weird", "ts": 1.5, "name": "tls_not_tls", "count": 3},
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Observation) else "",
)
def test_lines_are_printed_as_the_contract_says(observation: Observation, line: dict[str, object]) -> None:
    printed = observe.to_json(observation)
    assert printed == line and list(printed) == list(line)
    json.dumps(printed)


def test_only_observations_of_the_passive_door_are_printed() -> None:
    with pytest.raises(TypeError):
        observe.to_json(ConnectRequest(**WHERE))
