"""
Outlook messages (MSG): headers, body in its three forms, recipients, attachments, messages in messages.

Every text property is told, the usual ones by name, so that nothing that a client hides is missed.

Source: [MS-OXMSG] 2.1 and 2.2 (storages, __substg1.0_ names); [MS-OXPROPS] (property ids); [MS-OXRTFCP] 2.2
(compressed RTF).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable

from sensor.extract.budget import Budget, Stop
from sensor.extract.charsets import clean, decode
from sensor.extract.compound import Compound, Entry
from sensor.extract.source import Source
from sensor.extract.texts import say_text

__all__ = ["decompress_rtf", "read_msg"]

_NAMES = {
    0x0037: "Subject", 0x0E1D: "Subject", 0x0070: "Topic", 0x0C1A: "From", 0x0C1F: "From address",
    0x5D01: "From SMTP",
    0x0042: "Sent by", 0x0065: "Sent by address", 0x0E02: "Bcc", 0x0E03: "Cc", 0x0E04: "To",
    0x1035: "Message-ID",
    0x3001: "Name", 0x3003: "Address", 0x39FE: "SMTP", 0x007D: "Headers", 0x3A06: "Given name",
    0x3A11: "Surname",
    0x3A08: "Business telephone", 0x3A09: "Home telephone", 0x3A1C: "Mobile telephone", 0x3A16: "Company",
    0x3A17: "Job title", 0x3A15: "Postal address", 0x3704: "File name", 0x3707: "File name",
}  # fmt: skip
_BODY, _HTML, _RTF, _HEADERS = 0x1000, 0x1013, 0x1009, 0x007D
_ATTACHED = 0x3701
_DULL = frozenset((0x001A, 0x3002, 0x0C1E, 0x0064, 0x0075, 0x3FFA, 0x4038))
_SUBSTG = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})$")


def read_msg(source: Source) -> None:
    """A message and everything attached to it."""
    compound = Compound(source.data, source.budget)
    _read_storage(source, compound, (), 0)


def _read_storage(source: Source, compound: Compound, base: tuple[str, ...], depth: int) -> None:
    depth_of = len(base) + 1
    here = [entry for entry in compound.entries if entry.path[: len(base)] == base]
    label = "message" if not depth else f"message {depth + 1}"
    _read_streams(source, compound, [e for e in here if len(e.path) == depth_of and e.is_stream], label)
    storages = [e for e in here if len(e.path) == depth_of and not e.is_stream]
    for storage in storages:
        name = storage.name.lower()
        inside = [
            e
            for e in here
            if len(e.path) == depth_of + 1 and e.path[:depth_of] == storage.path and e.is_stream
        ]
        source.budget.member()
        if name.startswith("__attach"):
            with source.trying():
                _read_attachment(source, compound, storage, inside, depth)
        elif name.startswith(("__recip", "(orphan)")):
            _read_streams(source, compound, inside, f"{label} recipient")


def _read_streams(source: Source, compound: Compound, entries: Iterable[Entry], label: str) -> None:
    for entry in entries:
        found = _SUBSTG.search(entry.name)
        if found is None:
            continue
        tag, kind = int(found[1], 16), int(found[2], 16)
        with source.trying():
            _read_property(source, compound.read(entry), tag, kind, label)


def _read_property(source: Source, raw: bytes, tag: int, kind: int, label: str) -> None:
    text = raw.decode("utf-16-le", "replace") if kind == 0x1F else decode(raw) if kind == 0x1E else ""
    text = clean(text.rstrip("\0"))
    if tag == _HTML and raw:
        body = text.encode("utf-8", "replace") if text else raw
        source.nested(body, "body.html", content_type="text/html" if not text else "text/html; charset=utf-8")
    elif tag == _RTF and kind == 0x102:
        source.nested(decompress_rtf(source.budget, raw), "body.rtf")
    elif tag == _BODY:
        say_text(source, "body", label, text)
    elif tag == _HEADERS:
        say_text(source, "property", f"{label} headers", text)
    elif text and tag not in _DULL:
        source.say("property", label, f"{_NAMES.get(tag, f'property {tag:#06x}')}: {text}")


def _read_attachment(
    source: Source, compound: Compound, storage: Entry, inside: list[Entry], depth: int
) -> None:
    names: dict[int, str] = {}
    data: Entry | None = None
    for entry in inside:
        found = _SUBSTG.search(entry.name)
        if found is None:
            continue
        tag, kind = int(found[1], 16), int(found[2], 16)
        if kind in (0x1E, 0x1F):
            raw = compound.read(entry)
            names[tag] = clean(
                (raw.decode("utf-16-le", "replace") if kind == 0x1F else decode(raw)).rstrip("\0")
            )
        elif tag == _ATTACHED and kind == 0x102:
            data = entry
    name = names.get(0x3707) or names.get(0x3704) or names.get(0x3001) or storage.name
    source.say("name", "attachments", name)
    if data is not None:
        source.nested(compound.read(data), name, content_type=names.get(0x370E), counted=True)
    embedded = compound.get(*storage.path, "__substg1.0_3701000D")
    if embedded is not None and not embedded.is_stream:
        if depth + 1 > source.budget.limits.nesting:
            source.budget.problem("too_deep")
            return
        _read_storage(source, compound, embedded.path, depth + 1)


_PREBUFFER = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def decompress_rtf(budget: Budget, data: bytes) -> bytes:
    """Compressed RTF. :raises Stop: ``damaged`` where it is none"""
    if len(data) < 16:
        raise Stop("damaged")
    _, raw_size, kind = struct.unpack_from("<II4s", data)
    if kind == b"MELA":
        return data[16 : 16 + raw_size]
    if kind != b"LZFu":
        raise Stop("damaged")
    window = bytearray(_PREBUFFER.ljust(4096, b"\0"))
    at, write = 16, len(_PREBUFFER)
    out = bytearray()
    while at < len(data):
        control = data[at]
        at += 1
        budget.tick()
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(data):
                    return bytes(out)
                token = data[at] << 8 | data[at + 1]
                at += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == write:
                    return bytes(out)
                for step in range(length):
                    byte = window[(offset + step) & 4095]
                    out.append(byte)
                    window[write] = byte
                    write = (write + 1) & 4095
            else:
                if at >= len(data):
                    return bytes(out)
                out.append(data[at])
                window[write] = data[at]
                write = (write + 1) & 4095
                at += 1
    return bytes(out)
