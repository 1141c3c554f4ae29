"""
One side of a TCP flow: which protocol it speaks, and the messages of it that are told.

``StreamReader`` takes the side's bytes in order, piece by piece, with the gaps between them, and tells
ClientHellos, HTTP/1 request heads, DNS messages, and names of what was odd. No port says what is spoken, the
bytes do (only DNS, which has no mark of its own, is believed on port 53).

Searching. The first bytes are looked at, and after them the beginning of each piece, ``MAX_LOOKS`` times
within ``MAX_SEARCH_BYTES``: what follows a preamble (STARTTLS, SOCKS, a database's "may I use TLS") begins
a segment. After a CONNECT the search begins anew, for the client goes on with TLS in the same stream.

Where the beginning is lost (no SYN was seen, or a gap is at the front) a server name is looked for in
``LOST_LOOKS`` pieces, because a ClientHello's later segment may be what is left of it. It is told as partial
after as many more, unless the beginning has come by then.

HTTP. After a head the body is passed over by its Content-Length; where there is none, or it did not hold,
the next piece that begins like a request is the next head. ``MAX_REQUESTS`` heads are told.

Bounds: what is held is one unfinished message of a parser, each with its own limit, or
``MAX_UNDECIDED_BYTES``.
"""

from __future__ import annotations

from sensor.errors import Malformed
from sensor.wire.dns import DnsMessage, TcpDnsReader, parse_message
from sensor.wire.http1 import RequestHead, looks_like_request, parse_request_head
from sensor.wire.tls import ClientHello, HandshakeReader, find_server_name, looks_like_tls_client

__all__ = [
    "LOST_LOOKS",
    "MAX_LOOKS",
    "MAX_REQUESTS",
    "MAX_SEARCH_BYTES",
    "MAX_UNDECIDED_BYTES",
    "Message",
    "StreamReader",
]

MAX_LOOKS = 16
MAX_SEARCH_BYTES = 65_536
MAX_UNDECIDED_BYTES = 4_096
LOST_LOOKS = 4
MAX_REQUESTS = 2_000

Message = ClientHello | RequestHead | DnsMessage | str
"""What is told; a ``str`` is the name of something odd."""

_SEARCH, _TLS, _HEAD, _BODY, _SKIM, _DNS, _DONE = range(7)
_SPEAKS = {_TLS: "tls", _HEAD: "http", _BODY: "http", _SKIM: "http", _DNS: "dns"}
_HANDSHAKE = 0x16


class StreamReader:
    """
    The bytes of one side, in order.

    ``dns``: port 53 is one of the two ports. ``whole``: the stream is known to begin with its first byte.
    """

    def __init__(self, *, dns: bool = False, whole: bool = True) -> None:
        self._dns = dns
        self._begin(whole)

    def _begin(self, whole: bool) -> None:
        self._state = _SEARCH
        self._buffer = bytearray()
        self._scanned = 0
        self._looks = 0
        self._searched = 0
        self._lost = 0 if whole else LOST_LOOKS
        self._found: ClientHello | None = None
        self._patience = 0
        self._handshake = HandshakeReader()
        self._messages = TcpDnsReader()
        self._fed = 0
        self._requests = 0
        self._body = 0

    @property
    def done(self) -> bool:
        """Nothing more will be told: no more bytes are wanted."""
        return self._state == _DONE

    @property
    def held(self) -> int:
        """Bytes that are kept, at most."""
        return len(self._buffer) + self._fed

    @property
    def speaks(self) -> str | None:
        """``tls``, ``http`` or ``dns``; ``None`` while it is not known."""
        return _SPEAKS.get(self._state)

    def restart(self) -> None:
        """What came so far was not the beginning. Without effect once the protocol is known."""
        if self._state == _SEARCH:
            self._begin(False)

    def feed(self, piece: bytes) -> list[Message]:
        """What is told by the next bytes."""
        told: list[Message] = []
        # Each turn takes bytes away or changes the state: a head and what is behind it, a preamble and TLS.
        while piece and self._state != _DONE:
            piece = self._turn(piece, told)
        return told

    def gap(self, size: int) -> list[Message]:
        """So many bytes are missing here."""
        told: list[Message] = []
        if self._state == _TLS:
            self._break_off(told)
        elif self._state == _BODY and size <= self._body:
            self._body -= size
            self._state = _BODY if self._body else _HEAD
        elif self._state in (_HEAD, _BODY):
            self._state = _SKIM
        elif self._state == _DNS:
            self._state = _DONE
        elif self._state == _SEARCH:
            self._lost = LOST_LOOKS
        self._buffer.clear()
        return told

    def finish(self) -> list[Message]:
        """The stream is over: what had begun and has a name."""
        told: list[Message] = []
        if self._state == _TLS:
            self._break_off(told)
        self._tell_found(told)
        return told

    # --- states -----------------------------------------------------------------------------------

    def _turn(self, piece: bytes, told: list[Message]) -> bytes:
        """Take a piece in the present state; what of it is left for the next."""
        if self._state == _TLS:
            self._read_tls(piece, told)
            return b""
        if self._state == _HEAD:
            return self._read_head(piece, told)
        if self._state == _BODY:
            left = piece[self._body :]
            self._body -= len(piece) - len(left)
            if not self._body:
                self._state = _HEAD
            return left
        if self._state == _SKIM:
            if looks_like_request(piece) is not True:
                return b""
            self._state = _HEAD
            return piece
        if self._state == _DNS:
            self._read_dns(piece, told)
            return b""
        return self._search(piece, told)

    def _search(self, piece: bytes, told: list[Message]) -> bytes:
        self._searched += len(piece)
        if self._buffer and piece[0] == _HANDSHAKE and looks_like_tls_client(piece):
            self._buffer.clear()  # an unfinished preamble, and then TLS
        self._buffer += piece
        data = bytes(self._buffer)
        # An SSLv2-framed hello has no mark but its first bits: it is believed only at the very beginning.
        tls = looks_like_tls_client(data) if data[0] == _HANDSHAKE or not self._looks else False
        request = looks_like_request(data)
        neither = tls is False and request is False
        self._state = _TLS if tls else _HEAD if request else _DNS if self._dns and neither else _SEARCH
        if self._state != _SEARCH:
            self._buffer.clear()
            self._found = None
            self._handshake = HandshakeReader()
            return data
        if (tls is None or request is None) and len(data) <= MAX_UNDECIDED_BYTES:
            return b""
        if self._lost:
            self._lost -= 1
            name = find_server_name(data)
            if name is not None:
                self._found = ClientHello(legacy_version=0x0303, server_name=name, partial=True)
                self._lost, self._patience = 0, LOST_LOOKS
        elif self._found is not None:
            self._patience -= 1
            if not self._patience:
                self._tell_found(told)
                return b""
        self._look_again(told)
        return b""

    def _look_again(self, told: list[Message]) -> None:
        """This piece was nothing; perhaps the next one is."""
        self._buffer.clear()
        self._looks += 1
        if self._looks >= MAX_LOOKS or self._searched >= MAX_SEARCH_BYTES:
            self._tell_found(told)

    def _tell_found(self, told: list[Message]) -> None:
        """The search is over: what was found of a hello is all there is."""
        if self._found is not None:
            told.append(self._found)
            self._found = None
        self._buffer.clear()
        self._state = _DONE

    def _read_tls(self, piece: bytes, told: list[Message]) -> None:
        self._fed += len(piece)
        try:
            hellos = self._handshake.feed(piece)
        except Malformed as odd:
            told.append(odd.name)
            hellos = []
        if hellos:
            told += hellos
            self._fed = len(piece)
        if self._handshake.done:
            self._state = _DONE

    def _break_off(self, told: list[Message]) -> None:
        """The rest of a ClientHello will not come."""
        begun = self._handshake.needs_more
        hello = self._handshake.finish()
        self._fed = 0
        if hello is not None and hello.server_name is not None:
            told.append(hello)
        self._state = _DONE
        if begun and not told:
            # Its later segments may still hold the name.
            self._state, self._lost = _SEARCH, LOST_LOOKS
            self._looks = max(self._looks, MAX_LOOKS - 2 * LOST_LOOKS)

    def _read_head(self, piece: bytes, told: list[Message]) -> bytes:
        self._buffer += piece
        data = bytes(self._buffer)
        try:
            head = parse_request_head(data, scanned=self._scanned)
        except Malformed as odd:
            told.append(odd.name)
            self._scanned = 0
            self._buffer.clear()
            self._state = _SKIM if self._requests else _SEARCH
            if self._state == _SEARCH:
                self._look_again(told)
            return b""
        if head is None:
            self._scanned = len(data)
            return b""
        self._scanned = 0
        self._buffer.clear()
        told.append(head)
        self._requests += 1
        fields = dict(head.headers)
        if head.method == "CONNECT":
            self._state, self._looks, self._searched = _SEARCH, 0, 0
        elif self._requests >= MAX_REQUESTS or "websocket" in fields.get("upgrade", "").lower():
            self._state = _DONE
        elif "transfer-encoding" in fields:
            self._state = _SKIM
        else:
            length = fields.get("content-length", "0")
            self._body = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
            self._state = _BODY if self._body else _HEAD
        return data[head.head_length :]

    def _read_dns(self, piece: bytes, told: list[Message]) -> None:
        self._fed += len(piece)
        try:
            messages = self._messages.feed(piece)
        except Malformed as odd:
            told.append(odd.name)
            messages = []
        if messages:
            self._fed = len(piece)
        for message in messages:
            try:
                told.append(parse_message(message))
            except Malformed as odd:
                told.append(odd.name)
        if self._messages.done:
            self._state = _DONE
