"""
Where no hook reaches: bytes of tunnels, bodies of refused requests, and cutting a connection.

mitmproxy tells nothing about a connection that it passes on unread, and it collects the whole body of a
request before it sends an answer that an addon has set. Both are mended here at the layer that does it. These
are mitmproxy's inner objects (read in 11.0.2 and 12.2.3); where they are not found, the caller is told and
falls back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mitmproxy import ctx
from mitmproxy.connection import Client, Connection
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.layers.tcp import TCPLayer
from mitmproxy.proxy.layers.tls import ClientTLSLayer
from mitmproxy.proxy.tunnel import TunnelState

__all__ = ["Meter", "close_connection", "count_tunnel", "counted_tcp", "drop_body"]

_MAX_LAYERS = 256
"""Layers of one connection that are looked through. HTTP/2 has one for each stream that is open."""


class Meter:
    """Bytes of a tunnel's payload, each way."""

    __slots__ = ("down", "up")

    def __init__(self) -> None:
        self.up = 0
        self.down = 0

    def count(self, event: events.Event, client: Connection) -> None:
        """Add the bytes of one event."""
        if isinstance(event, events.DataReceived):
            if event.connection is client:
                self.up += len(event.data)
            else:
                self.down += len(event.data)


Handler = Callable[[events.Event], Iterator[commands.Command]]


def count_tunnel(context: Context, meter: Meter) -> bool:
    """
    Count what goes through a TLS connection that is about to be passed on unread; whether that is possible.

    To be called in ``tls_clienthello``: what the layer hands on from then is what the two ends send.
    """
    top = context.layers[-1] if context.layers else None
    if not isinstance(top, ClientTLSLayer):
        return False
    forward: Handler = top.event_to_child
    client = context.client

    def count_and_forward(event: events.Event) -> Iterator[commands.Command]:
        if top.tunnel_state is not TunnelState.ESTABLISHING:  # till then events are kept and come again
            meter.count(event, client)
        return forward(event)

    # mitmproxy itself replaces this method of the object too, once a handshake has failed.
    vars(top)["event_to_child"] = count_and_forward
    return True


def counted_tcp(context: Context, meter: Meter) -> layer.Layer:
    """A layer that passes everything on unread and counts it."""
    made = TCPLayer(context, ignore=True)
    forward: Handler = made.handle_event
    client = context.client

    def count_and_forward(event: events.Event) -> Iterator[commands.Command]:
        meter.count(event, client)
        return forward(event)

    vars(made)["handle_event"] = count_and_forward
    return made


class _Dropped:
    """Stands where mitmproxy collects a body, and keeps nothing (``proxy.utils.ReceiveBuffer``)."""

    def __iadd__(self, other: bytes) -> _Dropped:
        return self

    def __len__(self) -> int:
        return 0

    def __bytes__(self) -> bytes:
        return b""

    def clear(self) -> None:
        """There is nothing to forget."""


def drop_body(flow: HTTPFlow) -> bool:
    """Let a refused request's body go by without keeping it; whether that is possible."""
    stream = _stream_of(flow)
    if stream is None:
        return False
    vars(stream)["request_body_buf"] = _Dropped()
    return True


def close_connection(client: Client, connection: Connection) -> bool:
    """Close one connection of a client's handler now; whether there was one to close."""
    handler = _handler_of(client)
    if handler is None or connection not in handler.transports:
        return False
    handler.close_connection(connection)
    return True


def _handler_of(client: Client) -> Any:
    proxyserver = ctx.master.addons.get("proxyserver")
    return proxyserver.connections.get(client.id) if proxyserver is not None else None


def _stream_of(flow: HTTPFlow) -> HttpStream | None:
    handler = _handler_of(flow.client_conn)
    waiting: list[Any] = list(handler.layer.context.layers) if handler is not None else []
    for _ in range(_MAX_LAYERS):
        if not waiting:
            return None
        found = waiting.pop()
        if isinstance(found, HttpStream) and getattr(found, "flow", None) is flow:
            return found
        below = [getattr(found, "child_layer", None), getattr(found, "layer", None)]
        waiting += [one for one in below if one is not None]
        waiting += getattr(found, "streams", {}).values()
    return None
