"""
mitmproxy's objects, as observations.

Header fields, paths and names are read from their bytes as ISO-8859-1: no byte is lost, and no text comes out
that could not be written down.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow, Message, Request
from mitmproxy.tls import ClientHelloData

from sensor import observe
from sensor.errors import Malformed
from sensor.model import ClientHelloSeen, ConnectRequest, Door, Endpoint, HttpRequest
from sensor.wire.http1 import RequestHead, split_authority
from sensor.wire.tls import parse_client_hello

__all__ = ["client_of", "connect_request", "head_size", "hello_seen", "http_request", "user_of"]


def client_of(client: Client) -> Endpoint:
    """The client's end, an IPv4 address that came in over IPv6 written as IPv4."""
    host, port = client.peername[0], client.peername[1]
    host = host.partition("%")[0]
    if host.startswith("::ffff:"):
        mapped = ipaddress.IPv6Address(host).ipv4_mapped
        host = str(mapped) if mapped is not None else host
    return Endpoint(host, port)


def user_of(flow: HTTPFlow) -> str | None:
    """Who authenticated to the proxy, if anyone."""
    known = flow.metadata.get("proxyauth")
    return known[0] if known else None


def connect_request(flow: HTTPFlow, *, ts: float, key: str, link: str) -> ConnectRequest:
    """The observation of a CONNECT."""
    request = flow.request
    return ConnectRequest(
        ts=ts,
        door=Door.PROXY,
        key=key,
        flow=link,
        client=client_of(flow.client_conn),
        server=Endpoint(_name(request.host), request.port),
        user_agent=_field(request, b"user-agent"),
        user=user_of(flow),
    )


def http_request(
    flow: HTTPFlow, *, ts: float, key: str, link: str, user: str | None, server: Endpoint | None
) -> HttpRequest:
    """
    The observation of a request's head.

    ``server`` is the end that the client asked a tunnel to: mitmproxy puts the address it connects to into
    later requests of the same connection. Without a tunnel the target names the host: "the origin server MUST
    ignore the received Host header field (if any) and instead use the host information of the request-target"
    (RFC 9112, section 3.2.2); an address there is one that the proxy was given by the network, not a name.
    """
    request = flow.request
    asked = server if server is not None else Endpoint(_name(request.host), request.port)
    target = _text(request.data.path)
    if server is None and not _is_address(asked.host):
        target = f"{request.scheme}://{asked}{target}"
    fields = [(_text(name).lower(), _text(value)) for name, value in request.headers.fields]
    if request.data.authority:  # HTTP/2 has no Host field (RFC 9113, section 8.3.1)
        fields = [field for field in fields if field[0] != "host"]
        fields.append(("host", _text(request.data.authority)))
    head = RequestHead(
        method=request.method,
        target=target,
        version="1.1",
        headers=tuple(fields),
        head_length=head_size(request),
    )
    seen = observe.http_request(
        head,
        client=client_of(flow.client_conn),
        server=asked,
        ts=ts,
        key=key,
        door=Door.PROXY,
        flow=link,
        scheme=request.scheme,
        user=user_of(flow) or user,
        inspected=flow.client_conn.tls_established,
    )
    return seen if seen.host is not None else replace(seen, host=asked.host)


def hello_seen(data: ClientHelloData, *, ts: float, key: str, link: str, server: Endpoint) -> ClientHelloSeen:
    """The observation of a ClientHello, by the same parser as on the wire."""
    client = client_of(data.context.client)
    try:
        hello = parse_client_hello(
            b"\x01" + _length(data) + data.client_hello.raw_bytes(wrap_in_record=False)
        )
    except Malformed:
        hello = None
    if hello is None:  # mitmproxy could read what this parser could not: take the name that it will use
        name = data.client_hello.sni
        return ClientHelloSeen(
            ts=ts,
            door=Door.PROXY,
            key=key,
            flow=link,
            transport="tcp",
            client=client,
            server=server,
            server_name=name.lower() if name else None,
            partial=True,
        )
    return observe.client_hello(
        hello, transport="tcp", client=client, server=server, ts=ts, door=Door.PROXY, key=key, flow=link
    )


def head_size(message: Message) -> int:
    """Bytes of a head, as HTTP/1 writes it: the start line is counted as 32 and a request's path."""
    size = sum(len(name) + len(value) + 4 for name, value in message.headers.fields) + 34
    return size + len(message.data.path) if isinstance(message, Request) else size


def _length(data: ClientHelloData) -> bytes:
    return len(data.client_hello.raw_bytes(wrap_in_record=False)).to_bytes(3, "big")


def _field(request: Request, name: bytes) -> str | None:
    for field, value in request.headers.fields:
        if field.lower() == name:
            return _text(value)
    return None


def _text(data: bytes) -> str:
    return data.decode("latin-1")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    """A host in lower case without a trailing dot; what is none is kept, printable."""
    known = split_authority(f"[{host}]" if ":" in host else host)
    return known[0] if known is not None else host.encode("ascii", "backslashreplace").decode().lower()
