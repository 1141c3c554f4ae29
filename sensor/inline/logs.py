"""
Nothing of what people send stands in a log.

mitmproxy writes exceptions of its protocol layers together with the event that they failed on, and that event
holds the bytes of a request ("mitmproxy has crashed! … RequestData(data=b'…')"). Its connection logger is
therefore let through by a list of beginnings that are known to hold none; everything else of it is withheld
but for the type of the exception. Exceptions of other loggers that can hold traffic are cut down to their
type and the line of code.
"""

from __future__ import annotations

import logging
import traceback

__all__ = ["install_filters", "remove_filters"]

_CONNECTIONS = "mitmproxy.proxy.server"
_EXCEPTIONS = ("mitmproxy.addonmanager", "mitmproxy.master")

_HARMLESS = (
    "client connect",
    "client disconnect",
    "client kill connection",
    "closing transports",
    "transports closed",
    "half-closing ",
    "server connect",
    "server disconnect",
    "error establishing server connection",
    "Cannot open connection, no hostname given",
    "Closing connection due to inactivity",
    "Client TLS handshake failed. The client",
    "Client TLS handshake failed. Client and mitmproxy cannot agree",
    "Server TLS handshake failed",
    "Streaming request to",
    "Streaming response from",
)  # fmt: skip
"""How messages begin that hold addresses and names of servers only (mitmproxy/proxy/server.py, layers/tls.py,
layers/http/__init__.py, read in 11.0.2 and 12.2.3)."""

_WITHHELD = "a message was withheld, because it can hold traffic"


class _ConnectionFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info or not record.getMessage().startswith(_HARMLESS):
            _rewrite(record, _WITHHELD)
        return True


class _ExceptionFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            _rewrite(record, "an addon or a task failed")
        return True


_connection_filter = _ConnectionFilter()
_exception_filter = _ExceptionFilter()


def install_filters() -> None:
    """Put the filters on mitmproxy's loggers. Doing it twice changes nothing."""
    logging.getLogger(_CONNECTIONS).addFilter(_connection_filter)
    for name in _EXCEPTIONS:
        logging.getLogger(name).addFilter(_exception_filter)


def remove_filters() -> None:
    """Take them off again."""
    logging.getLogger(_CONNECTIONS).removeFilter(_connection_filter)
    for name in _EXCEPTIONS:
        logging.getLogger(name).removeFilter(_exception_filter)


def _rewrite(record: logging.LogRecord, what: str) -> None:
    """Leave of a record what cannot hold traffic: where the exception came from and its type."""
    info = record.exc_info
    if isinstance(info, tuple) and info[0] is not None:
        last = traceback.extract_tb(info[2])[-1:]
        place = f" at {last[0].filename}:{last[0].lineno}" if last else ""
        what = f"{what}: {info[0].__name__}{place}"
    record.msg, record.args = what, ()
    record.exc_info = record.exc_text = record.stack_info = None
