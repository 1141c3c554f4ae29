"""
A loopback HTTP server for SDKs: keeps what they send, and answers what a test says.

``with serve(answer) as (base_url, seen):`` runs it. ``answer(method, path, headers, body)`` gives
``(status, headers, body)``; a body of bytes goes out whole, any other iterable of bytes in chunks, one write
each. ``seen`` holds the requests in order. ``json_answer``, ``sse_answer`` and ``multipart_parts`` are for
what most tests need.
"""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import http.server
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sensor.dialects.reading import RequestHead

Answer = tuple[int, dict[str, str], "bytes | Iterable[bytes]"]


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def head(self) -> RequestHead:
        """As a dialect is given it."""
        return RequestHead(
            method=self.method, host=self.headers.get("host"), path=self.path, headers=self.headers
        )


@contextlib.contextmanager
def serve(
    answer: Callable[[str, str, dict[str, str], bytes], Answer],
) -> Iterator[tuple[str, list[Seen]]]:
    """The server's address (``http://127.0.0.1:PORT``) and what has arrived so far."""
    server = _Server(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="dialect-standin")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.seen
    finally:
        server.shutdown()
        thread.join()
        server.close_connections()
        server.server_close()


def always(made: Answer) -> Callable[[str, str, dict[str, str], bytes], Answer]:
    """The same answer whatever is asked."""
    return lambda method, path, headers, body: made


def json_answer(value: Any, status: int = 200) -> Answer:
    """A JSON answer."""
    return status, {"content-type": "application/json"}, json.dumps(value).encode()


def sse_answer(events: Iterable[tuple[str | None, Any]]) -> Answer:
    """A stream of server-sent events, ``(name, value)``; a string goes out as it is, all else as JSON."""

    def pieces() -> Iterator[bytes]:
        for name, value in events:
            data = value if isinstance(value, str) else json.dumps(value)
            yield ((f"event: {name}\n" if name else "") + f"data: {data}\n\n").encode()

    return 200, {"content-type": "text/event-stream"}, pieces()


def ndjson_answer(values: Iterable[Any]) -> Answer:
    """A stream of JSON lines."""
    return 200, {"content-type": "application/x-ndjson"}, (json.dumps(v).encode() + b"\n" for v in values)


def multipart_parts(seen: Seen) -> list[dict[str, Any]]:
    """A multipart body as dialects are given it: name, filename, content_type, text or None, size."""
    head = b"content-type: " + seen.headers["content-type"].encode() + b"\r\n\r\n"
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + seen.body)
    found = []
    for part in message.iter_parts():
        data = part.get_payload(decode=True) or b""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = None
        name = part.get_param("name", header="content-disposition")
        found.append(
            {
                "name": name,
                "filename": part.get_filename(),
                "content_type": part.get_content_type() if "content-type" in part else None,
                "text": text,
                "size": len(data),
            }
        )
    return found


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # so that server_close waits for them
    request_queue_size = 32

    def __init__(self, answer: Callable[[str, str, dict[str, str], bytes], Answer]) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)

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
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), value)
        body = b"".join(self._pieces(headers))
        self.server.seen.append(Seen(self.command, self.path, headers, body))
        status, answered, content = self.server.answer(self.command, self.path, headers, body)
        self.send_response(status)
        for name, value in answered.items():
            self.send_header(name, value)
        if isinstance(content, bytes):
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in content:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def _pieces(self, headers: dict[str, str]) -> Iterator[bytes]:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            yield self.rfile.read(int(headers.get("content-length", "0")))
            return
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline(3)
        self.rfile.readline(3)
