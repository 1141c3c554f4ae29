"""
What is matched: a destination, brought to one form.

``facts_of`` turns a ``Seen`` into ``Facts``. Every subject of a regular expression is bounded here: hosts to
253 characters (RFC 1035, section 2.3.4), paths to 8 KiB, header values to 4 KiB, headers to 100.
"""

from __future__ import annotations

import re
from typing import Final

from sensor.model import Seen

__all__ = ["MAX_HEADER", "MAX_HEADERS", "MAX_PATH", "Facts", "facts_of", "normalise_host", "normalise_path"]

MAX_HOST: Final = 253
MAX_PATH: Final = 8 * 1024
MAX_HEADER: Final = 4 * 1024
MAX_HEADERS: Final = 100

# Already in the form we want: what nearly every host on the wire looks like.
_READY = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z")
_PORT = re.compile(r":[0-9]*\Z")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
# Decoding these would change how the path divides (RFC 3986, section 2.2), or smuggle in what no path holds.
_KEPT = frozenset(b"/?#%") | frozenset(range(0x20)) | {0x7F}


def normalise_host(host: str) -> str | None:
    """
    The host name in lower-case ASCII, without userinfo, port, brackets and trailing dots.

    ``None`` where nothing is left, or it is longer than a name can be, or no name (IDNA, RFC 3490).
    """
    if len(host) <= MAX_HOST and _READY.match(host):
        return host
    host = host[-4 * MAX_HOST :].strip().rpartition("@")[2].rstrip(".")
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = _PORT.sub("", host)
    # Where a port stood, a dot may have stood before it; IDNA's other full stops end a name as well.
    host = host.rstrip(".\u3002\uff0e\uff61")
    if len(host) > MAX_HOST:
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host.lower() or None


def normalise_path(path: str) -> str:
    """
    The path that a server would most likely act on: without query and fragment, percent-escapes decoded once
    where that leaves its segments alone, ``.`` and ``..`` carried out (RFC 3986, sections 5.2.4 and 6.2.2),
    empty segments dropped.
    """
    path = path[:MAX_PATH].partition("?")[0].partition("#")[0]
    if "%" in path:
        path = _ESCAPE.sub(_decoded, path)
    if not path.startswith("/"):
        path = "/" + path
    if "//" in path or "/." in path:
        segments: list[str] = []
        parts = path.split("/")
        for part in parts:
            if part == "..":
                segments = segments[:-1]
            elif part not in ("", "."):
                segments.append(part)
        ends = "/" if parts[-1] in ("", ".", "..") and segments else ""
        path = "/" + "/".join(segments) + ends
    return path


def _decoded(escape: re.Match[str]) -> str:
    byte = int(escape[1], 16)
    return escape[0] if byte in _KEPT or byte > 0x7F else chr(byte)


class Facts:
    """What is known of one destination, in the form that evidence is written in."""

    __slots__ = ("headers", "host", "method", "path", "port", "visibility")

    def __init__(
        self,
        host: str | None,
        path: str | None,
        method: str | None,
        port: int | None,
        headers: dict[str, tuple[str, ...]] | None,
        visibility: str,
    ) -> None:
        self.host = host
        self.path = path
        """``None`` where it cannot be known."""
        self.method = method
        self.port = port
        self.headers = headers
        """``None`` where they cannot be known; values by name in lower case."""
        self.visibility = visibility


def facts_of(seen: Seen) -> Facts:
    """The destination in normal form."""
    headers: dict[str, tuple[str, ...]] | None = None
    if seen.headers is not None:
        headers = {}
        for name, value in seen.headers[:MAX_HEADERS]:
            name = name.lower()
            headers[name] = (*headers.get(name, ()), value[:MAX_HEADER].strip())
    return Facts(
        normalise_host(seen.host) if seen.host else None,
        None if seen.path is None else normalise_path(seen.path),
        seen.method.upper() if seen.method else None,
        seen.port,
        headers,
        seen.visibility,
    )
