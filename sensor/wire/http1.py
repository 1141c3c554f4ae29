"""
Heads of HTTP/1 requests: request line and header fields.

Rule 1: read as servers read. What a server would refuse with 400 is ``Malformed``; what servers are allowed
to pass over (RFC 9112), or pass over in practice, is passed over here too, and named in ``weirds``: a sensor
that is stricter than the server behind it can be made blind with one odd line.
Rule 2: what is told is printable: control characters in values stand as spaces.

Bounds: a head has at most ``MAX_HEAD_BYTES``; the first ``MAX_HEADERS`` fields are told, and Host fields
after them. Work is linear in the head.

Sources: RFC 9112 (sections 2.2, 3, 5), RFC 9110 (sections 5.5, 5.6.2, 7.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sensor.errors import Malformed
from sensor.wire.tls import plausible_host

__all__ = [
    "MAX_HEADERS",
    "MAX_HEAD_BYTES",
    "WEIRDS",
    "RequestHead",
    "host_of",
    "looks_like_request",
    "parse_request_head",
    "split_authority",
]

MAX_HEAD_BYTES = 65_536
MAX_HEADERS = 200

WEIRDS = ("http_header_malformed", "http_too_many_headers")
"""What ``RequestHead.weirds`` can hold."""

# RFC 9112, section 2.2: "a server that is expecting to receive and parse a request-line SHOULD ignore at
# least one empty line (CRLF) received prior to the request-line"; and "a recipient MAY recognize a single LF
# as a line terminator and ignore any preceding CR".
_EMPTY_LINES = re.compile(rb"(?:\r?\n){0,4}")
_END_OF_HEAD = re.compile(rb"\n\r?\n")

# RFC 9112, section 3: "recipients MAY instead parse on whitespace-delimited word boundaries". Methods are
# case-sensitive, and all that are registered are upper case.
_REQUEST_LINE = re.compile(rb"([A-Z][A-Z_-]{0,23})[ \t]+([^\x00-\x20\x7f]+)[ \t]+HTTP/(1\.[0-9])[ \t]*\r?\n")
_BEGINNING = re.compile(  # of a line that has not ended
    rb"([A-Z][A-Z_-]{0,23})(?:[ \t]+([^\x00-\x20\x7f]*)(?:[ \t]+([^\x00-\x20\x7f]*)[ \t]*\r?)?)?"
)
_TARGET = re.compile(rb"/|\*$|(?:https?|wss?|ftp)://", re.IGNORECASE)
_ABSOLUTE = (b"http://", b"https://", b"ws://", b"wss://", b"ftp://")
_VERSION = re.compile(rb"HTTP/1\.[0-9]")
_AUTHORITY = re.compile(rb"[A-Za-z0-9_.\[:-]")

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SCHEME = re.compile(r"[A-Za-z]+://([^/?#]*)")
_PORT = re.compile(r"[0-9]{0,5}")

# RFC 9110, section 5.5: "a recipient of CR, LF, or NUL within a field value MUST either reject the message or
# replace each of those characters with SP". Other control characters are replaced too; HTAB stays.
_NO_CONTROLS = {code: " " for code in (*range(0x09), *range(0x0A, 0x20), 0x7F)}

_METHODS = frozenset(
    b"GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY PRI PROPFIND PROPPATCH MKCOL COPY MOVE LOCK "
    b"UNLOCK SEARCH REPORT".split()
)
"""Methods that are believed before their line has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """The head of an HTTP/1 request."""

    method: str
    target: str
    """As sent: ``/path?query``, ``https://host/path``, ``host:port`` (CONNECT) or ``*``."""
    version: str
    """``1.0`` or ``1.1``."""
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, in order; values decoded as ISO-8859-1, without control characters."""
    head_length: int
    """Bytes up to and with the empty line: where the body begins."""
    weirds: tuple[str, ...] = ()
    """What was odd in it, each name once, from ``WEIRDS``."""


def parse_request_head(data: bytes, *, scanned: int = 0) -> RequestHead | None:
    """
    The head at the beginning of ``data``, or ``None`` where its end has not come yet.

    ``scanned`` says how many bytes were there at an earlier call that gave ``None``: they are not searched
    again for the end.

    Raises ``Malformed`` where it is no request, or longer than ``MAX_HEAD_BYTES``.

    Source: RFC 9112, sections 2.2, 3 and 5.
    """
    start = _skip_empty_lines(data)
    found_end = _END_OF_HEAD.search(data, max(start, scanned - 2))
    end = found_end.end() if found_end else len(data)
    if end > MAX_HEAD_BYTES:
        raise Malformed("http_head_too_long")
    if looks_like_request(data) is False:
        raise Malformed("http_not_request")
    line = _REQUEST_LINE.match(data, start)
    if found_end is None or line is None:
        return None
    method, target, version = (part.decode("latin-1") for part in line.groups())
    headers, weirds = _parse_fields(data[line.end() : found_end.start() + 1].decode("latin-1"))
    return RequestHead(
        method=method, target=target, version=version, headers=headers, head_length=end, weirds=weirds
    )


def _parse_fields(text: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Header fields of lines that each end in LF, and what was odd among them."""
    fields: list[tuple[str, list[str]]] = []
    weirds: dict[str, None] = {}
    values: list[str] = []
    for line in text.split("\n")[:-1]:
        folded = line[:1] in (" ", "\t")
        line = line.removesuffix("\r").translate(_NO_CONTROLS)
        if folded:
            # Section 5.2: "replace each received obs-fold with one or more SP octets". After a line that was
            # left out, and after the request line (section 2.2: "consume each whitespace-preceded line
            # without further processing"), this goes nowhere.
            values.append(line.strip(" \t"))
            continue
        name, colon, value = line.partition(":")
        values = [value.strip(" \t")]
        name = name.lower()
        if not colon or not _TOKEN.fullmatch(name):
            weirds["http_header_malformed"] = None
        elif len(fields) < MAX_HEADERS or name == "host":
            fields.append((name, values))
        else:
            weirds["http_too_many_headers"] = None
    return tuple((name, " ".join(values).strip(" ")) for name, values in fields), tuple(weirds)


def host_of(head: RequestHead) -> tuple[str, int | None] | None:
    """
    The host (lower case, IPv6 without brackets) and port that a request is for; ``None`` where unclear.

    The target's authority goes before the Host field: "When an origin server receives a request with an
    absolute-form of request-target, the origin server MUST ignore the received Host header field (if any)
    and instead use the host information of the request-target." Several Host fields must agree.

    Source: RFC 9112, sections 3.2.2, 3.2.3 and 3.3.
    """
    if head.method == "CONNECT":
        return split_authority(head.target)
    absolute = _SCHEME.match(head.target)
    if absolute:
        return split_authority(absolute.group(1).rpartition("@")[2])
    hosts = {split_authority(value) for name, value in head.headers if name == "host"}
    return hosts.pop() if len(hosts) == 1 else None


def split_authority(text: str) -> tuple[str, int | None] | None:
    """
    ``example.com:8080`` to ``("example.com", 8080)``, ``[::1]`` to ``("::1", None)``.

    ``None`` where it is no host, or the port is no port. Source: RFC 3986, section 3.2.
    """
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host or rest[:1] not in ("", ":"):
            return None
        port = rest[1:]
    else:
        host, _, port = text.partition(":")
    name = plausible_host(host.encode("latin-1", "replace"))
    if name is None or not _PORT.fullmatch(port) or int(port or 1) not in range(1, 65_536):
        return None
    return name, int(port) if port else None


def looks_like_request(first: bytes) -> bool | None:
    """
    Whether a stream's first bytes begin an HTTP/1 request; ``None`` where they leave it open.

    A method in upper case, a target of one of the four forms (RFC 9112, section 3.2), and, once the line has
    ended, version 1.x. Other protocols with lines of that kind (SIP, RTSP, ICAP) and HTTP/2's preface are
    ``False``.
    """
    start = _skip_empty_lines(first)
    if first[start:] in (b"", b"\r"):
        return None
    if b"\n" in first[start:]:
        line = _REQUEST_LINE.match(first, start)
        return line is not None and _is_target(line.group(1), line.group(2))
    beginning = _BEGINNING.fullmatch(first, start)
    if beginning is None or len(first) > MAX_HEAD_BYTES:
        return False
    method, target, version = beginning.groups()
    if not target:
        return None
    if not _is_target(method, target):
        begun = version is None and any(known.startswith(target.lower()) for known in _ABSOLUTE)
        return None if begun else False
    if version and not (b"HTTP/1.".startswith(version) or _VERSION.fullmatch(version)):
        return False
    return True if method in _METHODS else None


def _is_target(method: bytes, target: bytes) -> bool:
    return (_AUTHORITY if method == b"CONNECT" else _TARGET).match(target) is not None


def _skip_empty_lines(data: bytes) -> int:
    found = _EMPTY_LINES.match(data)
    return found.end() if found else 0
