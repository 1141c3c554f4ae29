"""Which version this is, and of what it is made."""

from __future__ import annotations

import importlib.metadata
import platform

__all__ = ["VERSION", "version_text"]

VERSION = "0.2.0"


def version_text() -> str:
    """One line: Gnomon, Python, and mitmproxy where it is installed."""
    try:
        mitmproxy = importlib.metadata.version("mitmproxy")
    except importlib.metadata.PackageNotFoundError:
        mitmproxy = "not installed"
    return f"gnomon {VERSION} (Python {platform.python_version()}, mitmproxy {mitmproxy})"
