"""Numbers, times and hostile names as text: the same in every renderer."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["clean", "format_bytes", "format_count", "format_day", "format_time"]


def format_bytes(count: int) -> str:
    """``1.2 MB``: SI units, three digits at most; bytes below 1,000 exactly."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        value /= 1000
        if value < 999.5 or unit == "PB":
            return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.1f} {unit}"
    raise AssertionError("unreachable: the last unit always returns")


def format_count(count: int) -> str:
    """``12,345``."""
    return f"{count:,}"


def format_time(ts: float) -> str:
    """``2026-11-24 03:57`` in UTC."""
    return datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%d %H:%M")


def format_day(ts: float) -> str:
    """``2026-11-24`` in UTC."""
    return datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%d")


def clean(text: str) -> str:
    """
    Text that came from the network, made harmless to show: control characters, line separators and
    direction overrides become ``\\xNN`` or ``\\uNNNN``.

    A host name or user name may hold escape sequences that repaint a terminal, or marks that reverse the
    order of what is read (Unicode TR 36, section 2.5).
    """
    return "".join(char if _is_harmless(char) else _escaped(char) for char in text)


def _is_harmless(char: str) -> bool:
    return char.isprintable()


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
