"""
What ``identify`` takes: a host, a URL, a method and a URL, or a JSON object; made into a ``Seen``.

Fixtures of signature files are written the same way, so what they prove holds on the command line too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from sensor.model import Seen

__all__ = ["ValueProblem", "read_value", "request_text"]

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")
_METHOD = re.compile(r"([A-Z]{3,16})[ ]+(?=\S)")
_PORT = re.compile(r":([0-9]{1,5})\.?\Z")
_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}


class ValueProblem(ValueError):
    """Why a value is none that ``identify`` takes."""


def request_text(url: str, method: str | None, headers: Mapping[str, str] | None) -> str:
    """The JSON form of a request, as ``read_value`` takes it."""
    parts: dict[str, object] = {"url": url}
    if method is not None:
        parts["method"] = method
    if headers is not None:
        parts["headers"] = dict(headers)
    return json.dumps(parts, ensure_ascii=False)


def read_value(value: str) -> Seen:
    """
    The destination that a value names.

    A host alone leaves the path unknown, a URL gives one; a method or headers are known where they are said.
    Raises ``ValueProblem``.
    """
    value = value.strip()
    if value.startswith("{"):
        return _read_json(value)
    method = _METHOD.match(value)
    if method is not None:
        return _read_url(value[method.end() :], method[1], None)
    if not value:
        raise ValueProblem("a value is empty")
    return _read_url(value, None, None)


def _read_json(value: str) -> Seen:
    try:
        parts = json.loads(value)
    except (ValueError, RecursionError) as error:
        # JSONDecodeError says where; a number of 5,000 digits or brackets 10,000 deep say only what.
        raise ValueProblem(f"not JSON: {error}") from None
    unknown = sorted(set(parts) - {"url", "method", "headers"})
    if unknown:
        raise ValueProblem(f'unknown key "{unknown[0]}": url, method and headers are read')
    url, method, headers = parts.get("url"), parts.get("method"), parts.get("headers")
    if not isinstance(url, str) or not url.strip():
        raise ValueProblem('"url" must be a host or a URL')
    if method is not None and not isinstance(method, str):
        raise ValueProblem('"method" must be text')
    if headers is None:
        return _read_url(url.strip(), method, None)
    if not isinstance(headers, dict) or not all(isinstance(text, str) for text in headers.values()):
        raise ValueProblem('"headers" must be an object of texts')
    return _read_url(url.strip(), method, tuple((name.lower(), text) for name, text in headers.items()))


def _read_url(url: str, method: str | None, headers: tuple[tuple[str, str], ...] | None) -> Seen:
    scheme = _SCHEME.match(url)
    rest = url[scheme.end() :] if scheme else url
    end = min((at for at in map(rest.find, "/?#\\") if at >= 0), default=len(rest))
    authority, path = rest[:end], rest[end:]
    place = authority.rpartition("@")[2]
    port = _PORT.search(place) if place.count(":") == 1 or "]:" in place else None
    name = scheme[1].lower() if scheme else None
    known = bool(path) or scheme is not None
    return Seen(
        host=authority,
        path=(path or "/") if known else None,
        method=method,
        scheme=name,
        port=int(port[1]) if port else _PORTS.get(name or ""),
        headers=headers,
        visibility="http" if known or headers is not None else "sni",
    )
