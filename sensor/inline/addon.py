"""
The inline door: mitmproxy's hooks in, the core's decisions carried out.

What happens to one request::

    CONNECT ─ http_connect ──► Tunnel.open   ─► record ─► 200, or 403
    hello   ─ tls_clienthello► Tunnel.hello  ─► record ─► take TLS off, or pass on unread
    request ─ requestheaders ► Exchange.open ─► record ─► send, or 403 in the API's own error form
    bytes   ─ stream callables: counted, never kept
    end     ─ response, error, websocket_end, client_disconnected ─► the closing record

Rule 1: recorded before released. Decisions are written down durably before the first byte goes on; closing
records are handed over without waiting.
Rule 2: every hook and every stream callable stands behind ``guard``.
Rule 3: only what the catalogue or the policy names is decrypted; all else is passed on unread.
Rule 4: bodies are never collected: what goes on is streamed, what is refused is dropped as it comes.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mitmproxy import ctx, exceptions, http, tcp, tls
from mitmproxy.addonmanager import Loader
from mitmproxy.connection import Client
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import layer
from mitmproxy.proxy.layers.http import HttpLayer, HTTPMode

from sensor.config import Home, open_home
from sensor.dialects import Refusal, refuse_tunnel
from sensor.errors import UserError
from sensor.exchange import Exchange, State, Tunnel
from sensor.inline import heads, layers, logs
from sensor.inline.core import Core, open_core
from sensor.inline.guard import Failures, guarded
from sensor.model import Door, Effect, Endpoint, Event, Record, Weird
from sensor.wire.http1 import looks_like_request

__all__ = ["BROKEN", "DRAIN_S", "OPTIONS", "RECORD_TIMEOUT_S", "UNRECORDED", "ShadowAI"]

logger = logging.getLogger(__name__)

RECORD_TIMEOUT_S = 5.0
"""A record that is not durable after so long counts as failed."""
TICK_S = 5.0
DRAIN_S = 2.0
"""How long the end waits for what is under way, and for the last records."""

WAIT_S = 0.1
"""How long a closing record waits for others, so that they are committed together."""
MAX_WAITING = 200
MAX_COLLECTED = 1024 * 1024
"""Bytes of a refused body that may be collected where it cannot be dropped."""

BROKEN = "The proxy could not check this request, so it was not let through. Nothing was sent."
UNRECORDED = "The proxy could not record this request, so it was not let through. Nothing was sent."

OPTIONS: dict[str, Any] = {
    "connection_strategy": "lazy",  # else a refused request has already opened a connection to the server
    "upstream_cert": False,  # the certificate shown to clients is made from the name asked for
    "flow_detail": 0,
    "validate_inbound_headers": True,
}
"""mitmproxy options that are set where the person has not set them."""


@dataclass(slots=True)
class Link:
    """One client connection."""

    flow: str
    tunnel: Tunnel | None = None
    asked: Endpoint | None = None
    """The end that a tunnel was asked to."""
    user: str | None = None
    hello: bool = False
    """Whether the first layer inside the tunnel is known."""
    meter: layers.Meter = field(default_factory=layers.Meter)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    upgraded: Exchange | None = None
    """The exchange that turned into another protocol than WebSocket."""


def _block_connect(door: ShadowAI, flow: http.HTTPFlow) -> None:
    flow.response = _response(refuse_tunnel(BROKEN, rule=None))


def _block_request(door: ShadowAI, flow: http.HTTPFlow) -> None:
    exchange = door.exchange_of(flow)
    if exchange is not None and exchange.state in (State.ASKED, State.GOING):
        door.answer(flow, exchange.refuse(BROKEN))
    else:
        door.answer(flow, refuse_tunnel(BROKEN, rule=None))


def _kill_flow(door: ShadowAI, flow: http.HTTPFlow) -> None:
    if flow.killable:
        flow.kill()


def _stream_request(door: ShadowAI, flow: http.HTTPFlow) -> None:
    flow.request.stream = True


def _stream_response(door: ShadowAI, flow: http.HTTPFlow) -> None:
    if flow.response is not None:
        flow.response.stream = True


def _pass_unread(door: ShadowAI, data: tls.ClientHelloData) -> None:
    data.ignore_connection = True


def _pass_layer(door: ShadowAI, nextlayer: layer.NextLayer) -> None:
    nextlayer.layer = layers.counted_tcp(nextlayer.context, layers.Meter())


def _cut_tls(door: ShadowAI, data: tls.ClientHelloData) -> None:
    layers.close_connection(data.context.client, data.context.client)


def _cut_layer(door: ShadowAI, nextlayer: layer.NextLayer) -> None:
    layers.close_connection(nextlayer.context.client, nextlayer.context.client)


class ShadowAI:
    """The addon. ``gnomon proxy`` and tests hand in a core; plain mitmdump lets it open its own."""

    name = "shadow_ai"

    def __init__(self, core: Core | None = None) -> None:
        self._core = core
        self._is_closed = False
        self._ticking: asyncio.Task[None] | None = None
        self._waiting: list[Event] = []
        self._later: asyncio.TimerHandle | None = None
        self._links: dict[str, Link] = {}
        self._nonce = secrets.token_hex(8)
        self._count = 0
        self.failures = Failures()

    # --- start and stop ---------------------------------------------------------------------------

    def load(self, loader: Loader) -> None:
        """Called once, before the command line is applied."""
        logs.install_filters()
        loader.add_option("gnomon_home", str, "", "Gnomon's home folder (default: $GNOMON_HOME, else XDG).")

    def configure(self, updated: set[str]) -> None:
        """Open the core at the first call; a policy or catalogue with a mistake stops the start."""
        if self._core is not None or self._is_closed:
            return
        try:
            home = open_home(ctx.options.gnomon_home or None)
            self._core = open_core(home)
        except UserError as error:
            raise exceptions.OptionsError(f"gnomon: {error}") from error
        self._set_options(home)

    def running(self) -> None:
        """The proxy is up."""
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    def done(self) -> None:
        """The proxy stops: what is open is closed and written down."""
        if self._ticking is not None:
            self._ticking.cancel()
        logs.remove_filters()
        self._is_closed = True
        core, self._core = self._core, None
        if core is None:
            return
        if self._later is not None:
            self._later.cancel()
        events, self._waiting = self._waiting, []
        for link in self._links.values():
            events += self._end(link)
        self._links.clear()
        events += _events(core.pipeline.finish())
        try:
            core.close(events, DRAIN_S)
        except Exception as error:
            self.failures.note("done", error, None)

    def _set_options(self, home: Home) -> None:
        wanted = OPTIONS | {"confdir": str(home.ca)}
        known = ctx.options.keys()
        changes = {
            name: value
            for name, value in wanted.items()
            if name in known and not ctx.options.has_changed(name) and getattr(ctx.options, name) != value
        }
        if ctx.options.stream_large_bodies is not None:
            logger.warning("stream_large_bodies is switched off: it keeps refusals from reaching the client")
            changes["stream_large_bodies"] = None
        if changes:
            ctx.options.update(**changes)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            core = self._core
            if core is not None:
                try:
                    self._write(_events(core.pipeline.tick(time.time())))
                    core.save_coverage()
                except Exception as error:
                    self.failures.note("tick", error, None)

    # --- what the guard needs ---------------------------------------------------------------------

    def on_failure(self) -> bool:
        """Count a failure; whether the policy wants it blocked. Without a core everything is."""
        core = self._core
        blocks = core is None or core.blocks_on_error
        if core is not None:
            core.pipeline.coverage.count("fail_closed" if blocks else "fail_open")
        return blocks

    # --- connections ------------------------------------------------------------------------------

    @guarded(None)
    def client_connected(self, client: Client) -> None:
        self._link(client)

    @guarded(None)
    def client_disconnected(self, client: Client) -> None:
        link = self._links.pop(client.id, None)
        if link is not None:
            self._write(self._end(link))

    @guarded(_block_connect)
    async def http_connect(self, flow: http.HTTPFlow) -> None:
        if flow.response is not None:
            return  # proxy authentication has answered
        link = self._link(flow.client_conn)
        request = heads.connect_request(flow, ts=time.time(), key=self._key(), link=link.flow)
        tunnel = Tunnel(self._receive, link.flow)
        link.tunnel, link.asked, link.user = tunnel, request.server, request.user
        link.hello, link.meter = False, layers.Meter()
        answer = tunnel.open(request)
        if not await self._record(answer.events):
            tunnel.refuse()
            flow.response = _response(refuse_tunnel(UNRECORDED, rule=None))
        elif answer.refusal is not None:
            flow.response = _response(answer.refusal)

    @guarded(_cut_layer, let=_pass_layer)
    def next_layer(self, nextlayer: layer.NextLayer) -> None:
        """
        What comes through a tunnel first: TLS is decided at its hello; anything else is passed on unread.

        Too few bytes to tell are waited for: a client that sends its hello byte by byte must not get by.
        """
        client = nextlayer.context.client
        link = self._links.get(client.id)
        if link is None or link.tunnel is None or link.hello:
            return
        first = nextlayer.data_client()
        if len(first) < 3 and b"\x16\x03".startswith(first[:2]):
            raise exceptions.AddonHalt  # asked again when more has come
        if starts_like_tls_record(first):
            return
        link.hello = True
        if link.tunnel.inspect:
            if looks_like_request(first) is not False:
                nextlayer.layer = HttpLayer(nextlayer.context, HTTPMode.transparent)
                return
            self._receive(self._weird(link, "tunnel_without_http"))
            if self._core is not None and self._core.pipeline.policy.enforces:
                _cut_layer(self, nextlayer)
                return
        nextlayer.layer = layers.counted_tcp(nextlayer.context, link.meter)

    @guarded(_cut_tls, let=_pass_unread)
    async def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        link = self._link(data.context.client)
        if link.tunnel is None:
            address = data.context.server.address
            if address is None:
                return  # TLS between the client and this proxy itself
            # a mode without CONNECT: the address is what the network asked for
            link.tunnel, link.asked = Tunnel(self._receive, link.flow), Endpoint(address[0], address[1])
        link.hello = True
        tunnel, asked = link.tunnel, link.asked
        if asked is None:
            raise RuntimeError("a tunnel without an end")
        seen = heads.hello_seen(data, ts=time.time(), key=self._key(), link=link.flow, server=asked)
        answer = tunnel.hello(seen)
        if not await self._record(answer.events):
            tunnel.refuse()
            _cut_tls(self, data)
        elif answer.refusal is not None:
            _cut_tls(self, data)
        elif not answer.inspect:
            data.ignore_connection = True
            layers.count_tunnel(data.context, link.meter)

    @guarded(None)
    def tls_failed_client(self, data: tls.TlsData) -> None:
        link = self._links.get(data.context.client.id)
        if link is None or link.tunnel is None or not link.tunnel.inspect:
            return
        if "alert" in (data.conn.error or ""):
            events = link.tunnel.close(time.time(), self._key(), outcome="tls_refused")
            self._write(events)
        else:
            self._receive(self._weird(link, "tls_broken_off"))

    # --- exchanges --------------------------------------------------------------------------------

    @guarded(_block_request, let=_stream_request)
    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        if flow.error is not None:
            return  # mitmproxy has refused it as malformed
        if flow.response is not None:
            layers.drop_body(flow)  # proxy authentication has answered
            return
        link = self._link(flow.client_conn)
        request = heads.http_request(
            flow, ts=time.time(), key=self._key(), link=link.flow, user=link.user, server=link.asked
        )
        tunnel_host = link.tunnel.host if link.tunnel is not None else None
        exchange = Exchange(self._receive, request, tunnel_host=tunnel_host)
        link.exchanges[flow.id] = exchange
        answer = exchange.open()
        if not await self._record(answer.events):
            if exchange.state is State.GOING:
                self.answer(flow, exchange.refuse(UNRECORDED))
                return
        if answer.refusal is not None:
            self.answer(flow, answer.refusal)
            return
        exchange.sent(heads.head_size(flow.request))
        flow.request.stream = self._counted(flow, "request", exchange.sent)

    @guarded(_kill_flow, let=_stream_response)
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        exchange = self.exchange_of(flow)
        if exchange is None or flow.response is None or exchange.state is not State.GOING:
            return
        exchange.answered(flow.response.status_code)
        exchange.received(heads.head_size(flow.response))
        flow.response.stream = self._counted(flow, "response", exchange.received)

    @guarded(None)
    def response(self, flow: http.HTTPFlow) -> None:
        if flow.websocket is not None:
            return
        if flow.response is not None and flow.response.status_code == 101:
            self._link(flow.client_conn).upgraded = self.exchange_of(flow)
            return
        self._close(flow, "complete")

    @guarded(None)
    def error(self, flow: http.HTTPFlow) -> None:
        if not flow.client_conn.connected:
            self._close(flow, "client_gone")
        elif not flow.server_conn.connected:
            self._close(flow, "upstream_gone")
        else:
            self._close(flow, "error")

    @guarded(_kill_flow)
    def websocket_message(self, flow: http.HTTPFlow) -> None:
        exchange = self.exchange_of(flow)
        if flow.websocket is None:
            return
        message = flow.websocket.messages[-1]
        del flow.websocket.messages[:-1]
        if exchange is not None:
            (exchange.sent if message.from_client else exchange.received)(len(message.content))

    @guarded(None)
    def websocket_end(self, flow: http.HTTPFlow) -> None:
        self._close(flow, "complete")

    @guarded(None)
    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """What an upgraded connection carries: counted, not kept."""
        messages = list(flow.messages)
        flow.messages.clear()
        link = self._links.get(flow.client_conn.id)
        if link is not None and link.upgraded is not None:
            for message in messages:
                (link.upgraded.sent if message.from_client else link.upgraded.received)(len(message.content))

    @property
    def is_busy(self) -> bool:
        """Whether any exchange is open."""
        return any(link.exchanges for link in self._links.values())

    # --- within -----------------------------------------------------------------------------------

    def exchange_of(self, flow: http.HTTPFlow) -> Exchange | None:
        """The exchange of a flow, while it is open."""
        link = self._links.get(flow.client_conn.id)
        return link.exchanges.get(flow.id) if link is not None else None

    def answer(self, flow: http.HTTPFlow, refusal: Refusal) -> None:
        """Answer a request here: nothing of it goes on, and its body is dropped as it comes."""
        flow.request.stream = False
        flow.response = _response(refusal)
        if not layers.drop_body(flow) and not _is_small(flow.request):
            _kill_flow(self, flow)  # mitmproxy would collect all of it before it answers

    def _link(self, client: Client) -> Link:
        link = self._links.get(client.id)
        if link is None:
            link = self._links[client.id] = Link(flow=self._key())
        return link

    def _key(self) -> str:
        self._count += 1
        return f"{self._nonce}:{self._count}"

    def _receive(self, observation: Any) -> list[Effect]:
        if self._core is None:
            raise RuntimeError("the door is not open")
        return self._core.receive(observation)

    def _weird(self, link: Link, name: str) -> Weird:
        return Weird(ts=time.time(), door=Door.PROXY, key=self._key(), flow=link.flow, name=name)

    async def _record(self, events: Sequence[Event]) -> bool:
        """Write down what must be durable before traffic goes on; whether it may go on."""
        if not events:
            return True
        core = self._core
        try:
            if core is None:
                raise RuntimeError("the door is not open")
            await asyncio.wait_for(core.recorder.record(events), RECORD_TIMEOUT_S)
        except Exception as error:
            self.failures.note("record", error, events[0].flow)
            return not self.on_failure()
        return True

    def _write(self, events: Sequence[Event]) -> None:
        """Write down what nothing waits for: together with what comes in the next moment."""
        self._waiting += events
        if len(self._waiting) >= MAX_WAITING:
            self._write_now()
        elif self._waiting and self._later is None:
            self._later = asyncio.get_running_loop().call_later(WAIT_S, self._write_now)

    def _write_now(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        events, self._waiting = self._waiting, []
        core = self._core
        if core is None or not events:
            return
        flow = events[0].flow

        def written(future: concurrent.futures.Future[None]) -> None:
            error = future.exception()
            if error is not None:
                self.failures.note("record_closing", error, flow)

        core.recorder.submit(events).add_done_callback(written)

    def _close(self, flow: http.HTTPFlow, outcome: str) -> None:
        link = self._links.get(flow.client_conn.id)
        exchange = link.exchanges.pop(flow.id, None) if link is not None else None
        if exchange is not None:
            self._write(exchange.close(time.time(), self._key(), outcome))

    def _end(self, link: Link) -> list[Event]:
        """Close everything of a connection."""
        events: list[Event] = []
        now = time.time()
        for exchange in link.exchanges.values():
            outcome = "complete" if exchange is link.upgraded else "client_gone"
            events += exchange.close(now, self._key(), outcome)
        if link.tunnel is not None:
            inspected = bool(link.tunnel.inspect)
            events += link.tunnel.close(
                now,
                self._key(),
                bytes_up=0 if inspected else link.meter.up,
                bytes_down=0 if inspected else link.meter.down,
            )
        return events

    def _counted(
        self, flow: http.HTTPFlow, where: str, count: Callable[[int], None]
    ) -> Callable[[bytes], bytes | Iterable[bytes]]:
        """A stream callable that counts and passes on; it never raises."""
        broken = blocked = False

        def stream(data: bytes) -> bytes | Iterable[bytes]:
            nonlocal broken, blocked
            if not broken:
                try:
                    count(len(data))
                except Exception as error:
                    broken = True
                    self.failures.note(f"stream_{where}", error, flow.id)
                    blocked = self.on_failure()
                    if blocked:
                        self._cut_upstream(flow)
            return () if blocked else data

        return stream

    def _cut_upstream(self, flow: http.HTTPFlow) -> None:
        try:
            layers.close_connection(flow.client_conn, flow.server_conn)
        except Exception as error:
            self.failures.note("cut_upstream", error, flow.id)


def _response(refusal: Refusal) -> http.Response:
    return http.Response.make(
        refusal.status,
        refusal.body,
        [(name.encode("latin-1"), value.encode("latin-1")) for name, value in refusal.headers],
    )


def _is_small(request: http.Request) -> bool:
    """Whether the body is known to be short."""
    length = request.headers.get("content-length", "0" if request.method in ("GET", "HEAD") else "")
    return length.isascii() and length.isdigit() and int(length[:20]) <= MAX_COLLECTED


def _events(effects: list[Effect]) -> list[Event]:
    return [effect.event for effect in effects if isinstance(effect, Record)]
