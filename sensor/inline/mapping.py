"""
Names sent to stand-ins: ``--map HOST=[http://]IP:PORT``.

Everything else stays as it was: the client asks for the name, gets a certificate for the name, and the server
behind the address is told the name. Only the address changes, and for these names alone the server's
certificate is not checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mitmproxy import ctx, http, tls
from mitmproxy.connection import Client, Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from OpenSSL import SSL

from sensor.errors import UsageError
from sensor.inline.guard import Failures, guarded
from sensor.model import Endpoint
from sensor.wire.http1 import split_authority

__all__ = ["MapHosts", "Mapping", "parse_mapping"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One name and where it goes."""

    host: str
    address: Endpoint
    plain: bool = False
    """The server there speaks HTTP without TLS."""


def parse_mapping(text: str) -> Mapping:
    """``chatgpt.com=127.0.0.1:9443`` or ``chatgpt.com=http://127.0.0.1:9080``. Raises ``UsageError``."""
    name, equals, target = text.partition("=")
    plain = target.startswith("http://")
    host = split_authority(name)
    address = split_authority(target.removeprefix("http://").removeprefix("https://").rstrip("/"))
    if not equals or host is None or host[1] is not None or address is None or address[1] is None:
        raise UsageError(
            f"--map {text}: this is no mapping",
            hint="Write HOST=IP:PORT or HOST=http://IP:PORT, for example chatgpt.com=127.0.0.1:9443.",
        )
    return Mapping(host[0], Endpoint(address[0], address[1]), plain)


class MapHosts:
    """The addon that carries mappings out. It stands behind the door, which sees the names."""

    name = "gnomon_map_hosts"

    def __init__(self, mappings: Iterable[Mapping]) -> None:
        self._mappings = {mapping.host: mapping for mapping in mappings}
        self.failures = Failures()

    def on_failure(self) -> bool:
        """A stand-in that cannot be reached is an ordinary connection error."""
        return False

    @guarded(None)
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """
        Send a request that is read elsewhere; its Host field stays.

        Not in ``server_connect``: mitmproxy looks for an open connection by the address in the request, would
        find none for the next request of a client, and stops at the fifth that it opens.
        """
        request = flow.request
        mapping = self._mapping(flow.client_conn, request.host, request.port)
        if mapping is not None and flow.response is None:
            request.data.host, request.data.port = mapping.address
            if mapping.plain:
                request.scheme = "http"

    @guarded(None)
    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Send a tunnel elsewhere that is passed on unread; tell a server the name that was asked for."""
        if data.server.address is None:
            return
        mapping = self._mapping(data.client, data.server.address[0], data.server.address[1])
        if mapping is not None:
            data.server.address = (mapping.address.host, mapping.address.port)
            data.server.sni = mapping.host

    @guarded(None)
    def tls_start_server(self, data: tls.TlsData) -> None:
        """Take the check of the certificate off, for a mapped name only."""
        server = data.conn
        if not isinstance(server, Server) or server.address is None:
            return
        if self._mapping(data.context.client, server.address[0], server.address[1]) is None:
            return
        if data.ssl_conn is None:  # this addon was asked before mitmproxy's own
            ctx.master.addons.get("tlsconfig").tls_start_server(data)
        if data.ssl_conn is not None:
            data.ssl_conn.set_verify(SSL.VERIFY_NONE)

    def _mapping(self, client: Client, host: str, port: int) -> Mapping | None:
        """By the name that was asked for; where the address stands already, by the name in the hello."""
        found = self._mappings.get(host.lower())
        if found is not None or client.sni is None:
            return found
        named = self._mappings.get(client.sni.lower())
        return named if named is not None and named.address == (host, port) else None
