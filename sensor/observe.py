"""
From a parsed message to the observation of it: one function for each kind, called by both doors.

Nothing secret gets past this module: a credential in a header is cut down to what kind it is, a query never
leaves the path. ``to_json`` gives an observation as ``gnomon observe`` prints it.
"""

from __future__ import annotations

import re
from typing import Any

from sensor.model import (
    ClientHelloSeen,
    DnsAnswer,
    Door,
    Endpoint,
    FlowEnd,
    HttpRequest,
    Observation,
    Weird,
)
from sensor.wire.dns import DnsMessage
from sensor.wire.ech import ech_kind
from sensor.wire.fingerprint import ja3, ja4
from sensor.wire.http1 import RequestHead, host_of
from sensor.wire.tls import ClientHello, is_grease

__all__ = [
    "client_hello",
    "dns_answer",
    "http_request",
    "safe_headers",
    "strip_query",
    "to_json",
]


def client_hello(
    hello: ClientHello,
    *,
    transport: str,
    client: Endpoint,
    server: Endpoint,
    ts: float,
    key: str,
    door: Door = Door.SPAN,
    flow: str | None = None,
) -> ClientHelloSeen:
    """A ClientHello; ``transport`` is ``tcp`` or ``quic``. A partial one has no fingerprints."""
    return ClientHelloSeen(
        ts=ts,
        door=door,
        key=key,
        flow=flow,
        transport=transport,
        client=client,
        server=server,
        server_name=hello.server_name,
        alpn=tuple(_protocol(name) for name in hello.alpn if not _is_grease_name(name)),
        ja4=None if hello.partial else ja4(hello, transport),
        ja3=None if hello.partial else ja3(hello),
        ech=ech_kind(hello),
        partial=hello.partial,
    )


def _is_grease_name(name: bytes) -> bool:
    # RFC 8701, section 2: the GREASE values for ALPN are the two bytes of the 16-bit ones.
    return len(name) == 2 and is_grease(name[0] << 8 | name[1])


def _protocol(name: bytes) -> str:
    """A protocol name as text: bytes outside printable ASCII, and the backslash, as ``\\xNN``."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}" for byte in name)


def dns_answer(
    message: DnsMessage,
    *,
    client: Endpoint,
    server: Endpoint,
    ts: float,
    key: str,
    transport: str = "udp",
    door: Door = Door.SPAN,
    flow: str | None = None,
) -> DnsAnswer | None:
    """
    The answer to a query; ``None`` where the message is none, or says nothing about any name.

    A multicast answer carries no question (RFC 6762, section 6): its first record stands for one.
    """
    if not message.is_response or message.opcode != "QUERY":
        return None
    if message.questions:
        name, kind = message.questions[0].name, message.questions[0].type
    elif message.answers:
        name, kind = message.answers[0].name, message.answers[0].type
    else:
        return None
    return DnsAnswer(
        ts=ts,
        door=door,
        key=key,
        flow=flow,
        transport=transport,
        client=client,
        server=server,
        name=name,
        type=kind,
        rcode=message.rcode,
        answers=message.answers,
    )


def http_request(
    head: RequestHead,
    *,
    client: Endpoint,
    server: Endpoint,
    ts: float,
    key: str,
    door: Door = Door.SPAN,
    flow: str | None = None,
    scheme: str = "http",
    user: str | None = None,
    inspected: bool = False,
) -> HttpRequest:
    """The head of a request, without its query and its credentials."""
    host = host_of(head)
    return HttpRequest(
        ts=ts,
        door=door,
        key=key,
        flow=flow,
        client=client,
        server=server,
        method=head.method,
        host=host[0] if host is not None else None,
        path=_path(head),
        scheme=scheme,
        user_agent=next((value for name, value in head.headers if name == "user-agent"), None),
        headers=safe_headers(head.headers),
        user=user,
        inspected=inspected,
    )


def _path(head: RequestHead) -> str:
    """The path of the four forms of target (RFC 9112, section 3.2)."""
    if head.method == "CONNECT":
        return "/"
    target = strip_query(head.target)
    if "://" in target and not target.startswith("/"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    return target or "/"


def strip_query(target: str) -> str:
    """A request target or URL without its query and fragment."""
    return re.split(r"[?#]", target, maxsplit=1)[0]


# --- headers ------------------------------------------------------------------------------------------

_SECRET_NAME = re.compile(
    r"token|secret|key|session|credential|passw|cookie|signature|jwt|(?:^|-)auth(?:-|$)"
)
_HANDSHAKE_PREFIX = "sec-websocket-"
_AUTHORIZATION = ("authorization", "proxy-authorization")
_URLS = ("referer", "location", "content-location")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,31})\s+\S")
# Credential=AKIA…/20261124/us-east-1/bedrock/aws4_request (AWS Signature Version 4, "Authorization header")
_AWS_SCOPE = re.compile(r"\s*(AWS4-[A-Z0-9-]{1,40})\s+.*?Credential=[^/,\s]*((?:/[A-Za-z0-9_.-]{1,64}){1,6})")


_SCOPE_WITHIN = 512
"""Characters of an authorization header that are searched for a scope."""


def safe_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """
    Headers as they may be kept: names in lower case, in order; credentials cut down.

    ``authorization`` keeps the word for its scheme, and of an AWS signature the scope (date, region, service)
    without the key id. Cookies, and whatever has a name like a secret's, keep no value; of the WebSocket
    handshake's own headers only ``sec-websocket-protocol`` can carry one (browsers have no other place for a
    bearer token), so it keeps its first word alone. URLs lose their query.
    """
    return tuple((name.lower(), _safe_value(name.lower(), value)) for name, value in headers)


def _safe_value(name: str, value: str) -> str:
    if name in _AUTHORIZATION:
        scope = _AWS_SCOPE.match(value[:_SCOPE_WITHIN])
        if scope is not None:
            return f"{scope[1]} Credential={scope[2]}"
        scheme = _SCHEME.match(value)
        return scheme[1] if scheme is not None else ""
    if name.startswith(_HANDSHAKE_PREFIX):
        if name != "sec-websocket-protocol":
            return value
        first = value.partition(",")[0].strip()
        return "" if _SECRET_NAME.search(first.lower()) else first
    if _SECRET_NAME.search(name):
        return ""
    return strip_query(value) if name in _URLS else value


# --- out ----------------------------------------------------------------------------------------------


def to_json(observation: Observation) -> dict[str, Any]:
    """
    An observation of the passive door as ``gnomon observe`` prints it. Fields are absent when unknown.

    Raises ``TypeError`` for a kind that the passive door does not make.
    """
    match observation:
        case ClientHelloSeen():
            return _known(
                kind=observation.kind,
                ts=observation.ts,
                transport=observation.transport,
                client=str(observation.client),
                server=str(observation.server),
                server_name=observation.server_name,
                alpn=None if observation.partial and not observation.alpn else list(observation.alpn),
                ja4=observation.ja4,
                ja3=observation.ja3,
                ech=str(observation.ech),
                partial=observation.partial,
            )
        case DnsAnswer():
            return _known(
                kind=observation.kind,
                ts=observation.ts,
                client=str(observation.client),
                server=str(observation.server),
                name=observation.name,
                type=observation.type,
                rcode=observation.rcode,
                answers=[
                    {"name": record.name, "type": record.type, "data": record.data, "ttl": record.ttl}
                    for record in observation.answers
                ],
            )
        case HttpRequest():
            return _known(
                kind=observation.kind,
                ts=observation.ts,
                client=str(observation.client),
                server=str(observation.server),
                method=observation.method,
                host=observation.host,
                path=observation.path,
                user_agent=observation.user_agent,
            )
        case FlowEnd():
            return _known(
                kind=observation.kind,
                ts=observation.ts,
                transport=observation.transport,
                client=str(observation.client),
                server=str(observation.server),
                first=observation.first,
                last=observation.last,
                bytes_up=observation.bytes_up,
                bytes_down=observation.bytes_down,
                wire_bytes_up=observation.wire_bytes_up,
                wire_bytes_down=observation.wire_bytes_down,
                payload_bytes_up=observation.payload_bytes_up,
                payload_bytes_down=observation.payload_bytes_down,
                packets_up=observation.packets_up,
                packets_down=observation.packets_down,
                duplicate_packets=observation.duplicate_packets,
                duplicate_bytes=observation.duplicate_bytes,
            )
        case Weird():
            return _known(
                kind=observation.kind, ts=observation.ts, name=observation.name, count=observation.count
            )
        case _:
            raise TypeError(f"{type(observation).__name__} is not printed")


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
