"""
The stand-in's server: HTTP/1.1 over TLS or without, one thread for each connection, on loopback.

Serves only what it is started for, and stops with everything it has opened. Bodies over ``MAX_BODY`` are read
and thrown away.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import socket
import socketserver
import ssl
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sensor.standin.answers import answer
from sensor.standin.certificates import Authority

__all__ = ["MAX_BODY", "Arrived", "StandIn"]

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request's body that are looked at."""
_KEPT = 4096
"""Requests that are remembered."""
_HOLD_S = 30.0
_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request that reached the stand-in."""

    host: str
    method: str
    target: str
    size: int
    """Bytes of its body."""


class StandIn:
    """
    A local AI service under any names; a context manager.

    ``hosts`` are the names on its certificate; ``tls=False`` speaks plain HTTP. ``hold`` stops a streamed
    answer before its last piece until it is set.
    """

    def __init__(
        self,
        hosts: Iterable[str] = ("localhost", "127.0.0.1"),
        *,
        authority: Authority | None = None,
        tls: bool = True,
        hold: threading.Event | None = None,
    ) -> None:
        self.authority = authority if authority is not None else Authority()
        self.arrived: deque[Arrived] = deque(maxlen=_KEPT)
        self.named: deque[str | None] = deque(maxlen=_KEPT)
        """The name in each ClientHello."""
        self.hold = hold
        context = self.authority.server_context(hosts) if tls else None
        if context is not None:
            context.sni_callback = self._named
        self._server = _Server(self, context)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="gnomon-standin", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._server.server_address[1])

    def _named(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        self.named.append(name)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.hold is not None:
            self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # so that server_close waits for them
    request_queue_size = 64

    def __init__(self, standin: StandIn, context: ssl.SSLContext | None) -> None:
        self.standin = standin
        self.context = context
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread, not in the one that accepts."""
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(request)
        try:
            if self.context is not None:
                request.do_handshake()
        except OSError:
            request.close()
        else:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to tell about."""

    def close_connections(self) -> None:
        """Wake every thread that waits for its client."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "gnomon-standin"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65_536
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body, size = self._body()
        host = self.headers.get("host", "")
        self.server.standin.arrived.append(Arrived(host, self.command, self.path, size))
        if self.headers.get("upgrade", "").lower() == "websocket":
            self._echo()
            return
        made = answer(self.command, self.path, body)
        self.send_response(made.status)
        self.send_header("content-type", made.content_type)
        if not made.streamed:
            whole = b"".join(made.pieces)
            self.send_header("content-length", str(len(whole)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(whole)
            return
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(made.pieces):
            hold = self.server.standin.hold
            if hold is not None and number == len(made.pieces) - 1:
                hold.wait(_HOLD_S)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = do_DELETE = do_PATCH = _serve

    def _body(self) -> tuple[bytes, int]:
        """The body as far as it is looked at, and its size."""
        kept, size = bytearray(), 0
        for piece in self._pieces():
            size += len(piece)
            if len(kept) < MAX_BODY:
                kept += piece
        return bytes(kept), size

    def _pieces(self) -> Iterable[bytes]:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline(32).split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline(3)
            self.rfile.readline(3)
            return
        left = int(self.headers.get("content-length", "0"))
        while left > 0:
            piece = self.rfile.read(min(left, 65_536))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def _echo(self) -> None:
        """A WebSocket (RFC 6455) that sends short text messages back, until the client closes it."""
        key = self.headers.get("sec-websocket-key", "")
        accept = base64.b64encode(hashlib.sha1((key + _WEBSOCKET).encode()).digest()).decode()
        self.send_response(101)
        self.send_header("upgrade", "websocket")
        self.send_header("connection", "upgrade")
        self.send_header("sec-websocket-accept", accept)
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        while len(head := self.rfile.read(2)) == 2:
            length = head[1] & 0x7F
            if length > 125:  # this stand-in reads short messages only
                return
            mask = self.rfile.read(4)
            data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self.rfile.read(length)))
            self.wfile.write(bytes([head[0], length]) + data)
            self.wfile.flush()
            if head[0] & 0x0F == 8:
                return
