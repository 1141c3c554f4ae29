"""
What pictures say about themselves: EXIF, IPTC, XMP, text chunks, comments. Pixels are never decoded.

Source: JPEG (ITU-T T.81 annex B), Exif 3.0 (CIPA DC-008), IPTC-IIM 4.2, PNG (W3C, third edition) 11.3.3,
GIF89a 24, WebP (RFC 9649) 2.7, TIFF 6.0, HEIF (ISO/IEC 23008-12: item references to Exif and mime items),
XMP (ISO 16684-1).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from sensor.extract import inflating
from sensor.extract.charsets import clean
from sensor.extract.source import Source
from sensor.extract.texts import strings
from sensor.extract.xmlwalk import Attributes, Walker, walk

__all__ = ["read_image", "read_xmp"]

_TEXT_BYTES = 512 * 1024
_ENTRIES = 2_000
_TRAILER = 16
"""Bytes behind a picture's end from which on they are looked at."""

_TAGS = {
    0x010D: "DocumentName", 0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x011D: "PageName",
    0x0131: "Software", 0x0132: "DateTime", 0x013B: "Artist", 0x013C: "HostComputer", 0x8298: "Copyright",
    0x9003: "DateTimeOriginal", 0x9004: "DateTimeDigitized", 0x9286: "UserComment", 0x9C9B: "XPTitle",
    0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords", 0x9C9F: "XPSubject",
    0xA420: "ImageUniqueID",
    0xA430: "CameraOwnerName", 0xA431: "BodySerialNumber", 0xA435: "LensSerialNumber", 0xA436: "ImageTitle",
    0xA437: "Photographer", 0xA438: "ImageEditor",
}  # fmt: skip
_GPS = {1: "GPSLatitudeRef", 2: "GPSLatitude", 3: "GPSLongitudeRef", 4: "GPSLongitude", 6: "GPSAltitude",
        27: "GPSProcessingMethod", 28: "GPSAreaInformation", 29: "GPSDateStamp"}  # fmt: skip
_IPTC = {
    5: "Object name", 25: "Keywords", 40: "Special instructions", 55: "Date created", 80: "By-line",
    85: "By-line title", 90: "City", 92: "Sub-location", 95: "State", 101: "Country", 103: "Reference",
    105: "Headline", 110: "Credit", 115: "Source", 116: "Copyright", 118: "Contact", 120: "Caption",
    122: "Writer",
}  # fmt: skip
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}


def read_image(source: Source) -> None:
    """The metadata of a picture, by its magic."""
    data = source.data
    if data.startswith(b"\xff\xd8"):
        _jpeg(source)
    elif data.startswith(b"\x89PNG"):
        _png(source)
    elif data.startswith(b"GIF8"):
        _gif(source)
    elif data.startswith(b"RIFF"):
        _webp(source)
    elif data[:2] in (b"II", b"MM"):
        _tiff(source, data, "exif")
    elif data[4:8] == b"ftyp":
        _heif(source)


def _say(source: Source, where: str, name: str, value: str) -> None:
    value = clean(value).strip(" \0")
    if value:
        source.say("metadata", where, f"{name}: {value}")


def _text(raw: bytes) -> str:
    try:
        return raw.decode().rstrip("\0")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").rstrip("\0")


# JPEG


def _jpeg(source: Source) -> None:
    data = source.data
    at = 2
    extended: list[bytes] = []
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            _trailer(source, at + 2)
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if marker == 0xDA:
            end = data.find(b"\xff\xd9", at)
            if end >= 0:
                # Thumbnails and multi-picture files hold further pictures: the last end counts.
                _trailer(source, data.rfind(b"\xff\xd9") + 2)
            break
        source.budget.tick(10)
        with source.trying():
            _segment(source, marker, body, extended)
        at += 2 + max(length, 2)
    if extended:
        with source.trying():
            read_xmp(source, b"".join(extended), "xmp extension")


def _segment(source: Source, marker: int, body: bytes, extended: list[bytes]) -> None:
    if marker == 0xFE:
        _say(source, "jpeg comment", "comment", _text(body))
    elif marker == 0xE1 and body.startswith(b"Exif\0"):
        _tiff(source, body[6:], "exif")
    elif marker == 0xE1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        read_xmp(source, body[29:], "xmp")
    elif marker == 0xE1 and body.startswith(b"http://ns.adobe.com/xmp/extension/\0"):
        extended.append(body[75:])
    elif marker == 0xED and body.startswith(b"Photoshop 3.0\0"):
        _photoshop(source, body[14:])


def _photoshop(source: Source, data: bytes) -> None:
    """Image resource blocks; 0x0404 is IPTC."""
    at = 0
    while data[at : at + 4] == b"8BIM":
        kind = int.from_bytes(data[at + 4 : at + 6], "big")
        name_length = data[at + 6] if at + 6 < len(data) else 0
        at += 6 + (name_length + 2) // 2 * 2
        size = int.from_bytes(data[at : at + 4], "big")
        if kind == 0x0404:
            _iptc(source, data[at + 4 : at + 4 + size])
        elif kind == 0x0424:
            read_xmp(source, data[at + 4 : at + 4 + size], "xmp")
        at += 4 + size + size % 2


def _iptc(source: Source, data: bytes) -> None:
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, number = data[at + 1], data[at + 2]
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        if size & 0x8000:
            return
        if record == 2 and (number in _IPTC or number >= 5):
            _say(source, "iptc", _IPTC.get(number, f"IPTC {number}"), _text(data[at + 5 : at + 5 + size]))
        source.budget.tick()
        at += 5 + size


def _trailer(source: Source, at: int) -> None:
    """What stands behind the end of a picture."""
    data = source.data
    if at < 64 or len(data) - at < _TRAILER:
        return
    tail = data[at:]
    if not tail.strip(b"\0\r\n "):
        return
    strings(source.budget, tail, lambda text: source.say("hidden", "behind the picture", text))


# TIFF and Exif


def _tiff(source: Source, data: bytes, where: str) -> None:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return
    waiting = [(struct.unpack_from(order + "I", data, 4)[0], "")]
    seen: set[int] = set()
    entries = 0
    position: dict[str, str] = {}
    while waiting:
        at, group = waiting.pop()
        if at in seen or at + 2 > len(data) or at < 8:
            continue
        seen.add(at)
        (count,) = struct.unpack_from(order + "H", data, at)
        for index in range(count):
            entry = at + 2 + 12 * index
            entries += 1
            if entry + 12 > len(data) or entries > _ENTRIES:
                break
            source.budget.tick()
            tag, kind, number, value = struct.unpack_from(order + "HHII", data, entry)
            if tag in (0x8769, 0xA005) or (tag == 0x014A and number == 1):
                waiting.append((value, ""))
                continue
            if tag == 0x8825:
                waiting.append((value, "gps"))
                continue
            size = _SIZES.get(kind, 0) * number
            place = entry + 8 if size <= 4 else value
            raw = data[place : place + min(size, _TEXT_BYTES)]
            with source.trying():
                _tag(source, where, order, tag, kind, raw, group, position)
        next_at = at + 2 + 12 * count
        if next_at + 4 <= len(data) and not group:
            waiting.append((struct.unpack_from(order + "I", data, next_at)[0], group))
    if "GPSLatitude" in position and "GPSLongitude" in position:
        _say(
            source, where, "GPS position",
            f"{position['GPSLatitude']} {position.get('GPSLatitudeRef', '')} "
            f"{position['GPSLongitude']} {position.get('GPSLongitudeRef', '')}",
        )  # fmt: skip


def _tag(
    source: Source,
    where: str,
    order: str,
    tag: int,
    kind: int,
    raw: bytes,
    group: str,
    position: dict[str, str],
) -> None:
    if group == "gps":
        name = _GPS.get(tag)
        if name is None:
            return
        if kind == 5:
            parts = [
                a / b if b else 0.0 for a, b in struct.iter_unpack(order + "II", raw[: len(raw) // 8 * 8])
            ]
            degrees = sum(part / 60**power for power, part in enumerate(parts[:3]))
            position[name] = f"{degrees:.6f}"
        elif kind == 2:
            position[name] = _text(raw)
        else:
            _say(source, where, name, _comment(raw, order))
        return
    if tag == 0x02BC:
        read_xmp(source, raw, "xmp")
    elif tag == 0x83BB:
        _iptc(source, raw)
    elif tag == 0x8649:
        _photoshop(source, raw)
    elif 0x9C9B <= tag <= 0x9C9F:
        _say(source, where, _TAGS[tag], raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace"))
    elif tag == 0x9286:
        _say(source, where, "UserComment", _comment(raw, order))
    elif kind in (2, 129):
        _say(source, where, _TAGS.get(tag, f"tag {tag:#06x}"), _text(raw).replace("\0", "; "))
    elif tag in _TAGS:
        _say(source, where, _TAGS[tag], _text(raw))


def _comment(raw: bytes, order: str) -> str:
    """Exif 4.6.6: eight bytes name the character code."""
    code, body = raw[:8], raw[8:]
    if code.startswith(b"UNICODE"):
        name = "utf-16-le" if order == "<" else "utf-16-be"
        if body[1:2] == b"\0" and body[:1] != b"\0":
            name = "utf-16-le"
        return body[: len(body) // 2 * 2].decode(name, "replace")
    if code.startswith(b"JIS"):
        return body.decode("iso2022_jp", "replace")
    return _text(body if code.startswith((b"ASCII", b"\0")) else raw)


# PNG, GIF, WebP, HEIF


def _png(source: Source) -> None:
    data = source.data
    at = 8
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        source.budget.tick(5)
        with source.trying():
            _chunk(source, kind, body)
        at += 12 + size
        if kind == b"IEND":
            _trailer(source, at)
            return
    source.budget.problem("damaged", truncated=False)


def _chunk(source: Source, kind: bytes, body: bytes) -> None:
    key, _, rest = body.partition(b"\0")
    name = _text(key[:80])
    text: str | None = None
    if kind == b"tEXt":
        text = _text(rest)
    elif kind == b"zTXt":
        text = _text(_inflated(source, rest[1:]))
    elif kind == b"iTXt":
        packed = rest[:1] == b"\x01"
        _, _, rest = rest[2:].partition(b"\0")
        _, _, rest = rest.partition(b"\0")
        text = (_inflated(source, rest) if packed else rest).decode("utf-8", "replace")
    elif kind == b"eXIf":
        _tiff(source, body, "exif")
    elif kind == b"tIME" and len(body) >= 7:
        year, month, day, hour, minute, second = struct.unpack_from(">H5B", body)
        _say(source, "png text", "time", f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    if text is None:
        return
    if name == "XML:com.adobe.xmp":
        read_xmp(source, text.encode(), "xmp")
    elif name.startswith("Raw profile type"):
        raw = bytes.fromhex(
            re.sub(r"[^0-9A-Fa-f]", "", text.partition("\n")[2].lstrip("\n0123456789 "))[: 2**22 * 2]
        )
        strings(source.budget, raw, lambda run: source.say("metadata", name, run))
    else:
        _say(source, "png text", name, text)


def _inflated(source: Source, data: bytes) -> bytes:
    text, problem = inflating.inflate(source.budget, data, _TEXT_BYTES)
    if problem is not None:
        source.budget.problem(problem)
    return text


def _gif(source: Source) -> None:
    data = source.data
    if len(data) < 13:
        return
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    if data[10] & 0x80:
        at = 13 + 3 * (2 << (data[10] & 7))
    while at < len(data):
        source.budget.tick(5)
        block = data[at]
        if block == 0x21:
            label = data[at + 1] if at + 1 < len(data) else 0
            body, at = _sub_blocks(source, at + 2)
            if label == 0xFE:
                _say(source, "gif comment", "comment", _text(body))
            elif label == 0x01:
                _say(source, "gif text", "text", _text(body[12:]))
            elif label == 0xFF and body.startswith(b"XMP DataXMP"):
                packet = body[11:]
                read_xmp(source, packet[: packet.rfind(b">") + 1], "xmp")
        elif block == 0x2C:
            if at + 10 > len(data):
                return
            flags = data[at + 9]
            at += 10 + (3 * (2 << (flags & 7)) if flags & 0x80 else 0) + 1
            _, at = _sub_blocks(source, at, keep=False)
        else:
            if block == 0x3B:
                _trailer(source, at + 1)
            return


def _sub_blocks(source: Source, at: int, *, keep: bool = True) -> tuple[bytes, int]:
    data = source.data
    # The XMP extension is no chain of sub-blocks: its text stands bare, a table of 257 bytes ends it.
    if data[at : at + 12] == b"\x0bXMP DataXMP":
        stop = data.find(b"\x00\x00", at + 12)
        return data[at + 1 : stop if stop >= 0 else len(data)], (stop + 2 if stop >= 0 else len(data))
    out = bytearray()
    while at < len(data) and data[at]:
        source.budget.tick()
        if keep and len(out) < _TEXT_BYTES:
            out += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return bytes(out), at + 1


def _webp(source: Source) -> None:
    data = source.data
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        source.budget.tick(5)
        with source.trying():
            if kind == b"EXIF":
                _tiff(source, body.removeprefix(b"Exif\0\0"), "exif")
            elif kind == b"XMP ":
                read_xmp(source, body, "xmp")
        at += 8 + size + size % 2


def _heif(source: Source) -> None:
    """Exif and XMP by their marks: the boxes say only where they stand."""
    data = source.data
    for at in _places(data, b"Exif\0\0", 8):
        with source.trying():
            _tiff(source, data[at + 6 : at + 6 + 256 * 1024], "exif")
    for at in _places(data, b"<x:xmpmeta", 4):
        stop = data.find(b"</x:xmpmeta>", at, at + 8 * _TEXT_BYTES)
        if stop >= 0:
            with source.trying():
                read_xmp(source, data[at : stop + 12], "xmp")


def _places(data: bytes, mark: bytes, most: int) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0 and most > 0:
        yield at
        most -= 1
        at = data.find(mark, at + len(mark))


# XMP


_DULL = re.compile(r"(?i)^(about|parseType|lang|resource|nodeID|xmptk|version|.*(uuid|xmlns).*)$")


class _Xmp(Walker):
    """Attributes and texts as ``name: value``; lists take the name of what they stand in."""

    def __init__(self, source: Source, where: str) -> None:
        self.source = source
        self.where = where
        self.path: list[str] = []
        self.held: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.path.append(name)
        self.held.clear()
        for key, value in attributes.items():
            local = key.rpartition(":")[2]
            if not _DULL.match(local) and not key.startswith("xmlns"):
                self._tell(local, value)

    def text(self, data: str) -> None:
        self.held.append(data)

    def end(self, name: str) -> None:
        value = " ".join("".join(self.held).split())
        self.held.clear()
        if value:
            label = next(
                (n for n in reversed(self.path) if n not in ("li", "Alt", "Seq", "Bag", "value")), name
            )
            self._tell(label, value)
        if self.path:
            self.path.pop()

    def _tell(self, name: str, value: str) -> None:
        if len(value) > 20_000 and name in ("image", "ImageData", "Thumbnails"):
            return
        self.source.say(
            "property" if self.where.startswith("XMP") else "metadata", self.where, f"{name}: {value}"
        )


def read_xmp(source: Source, packet: bytes, where: str) -> None:
    """An XMP packet, a line for each property; where it is no XML, its text as it stands."""
    start = packet.find(b"<x:xmpmeta")
    if start < 0:
        start = packet.find(b"<rdf:RDF")
    if start < 0:
        start = packet.find(b"<")
    closing = max(packet.rfind(b"</x:xmpmeta>") + 12, packet.rfind(b"</rdf:RDF>") + 10)
    body = packet[max(start, 0) : closing if closing > 12 and b"<x:xmpmeta" in packet else len(packet)]
    if body.startswith(b"<rdf:RDF"):
        body = body[: body.rfind(b"</rdf:RDF>") + 10] or body
    walker = _Xmp(source, where)
    with source.trying():
        walk(source.budget, [body.rstrip(b"\0 \r\n")], walker)
