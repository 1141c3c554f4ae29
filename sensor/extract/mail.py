"""
E-mail (RFC 5322 and MIME, web archives too) and mailboxes: headers, every part, attachments, messages in
messages.

An own splitter, part by part through ``bytes.find``: the time it takes grows with the message, not with
message times depth. All alternatives of a text are read, as they may differ; preamble and epilogue too.

Source: RFC 5322 2.2 (folding), RFC 2045 6 (transfer encodings), RFC 2046 5.1 (multipart), RFC 2047 (encoded
words), RFC 2231 (parameters), RFC 4155 (mbox), [MS-OXTNEF] 2.1 (winmail.dat).
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import struct
import urllib.parse
from collections.abc import Iterator

from sensor.extract.budget import Stop
from sensor.extract.charsets import clean, codec_name, decode
from sensor.extract.source import Source
from sensor.extract.texts import say_text

__all__ = ["read_mail", "read_mbox"]

_HEAD_BYTES = 1024 * 1024
_DEPTH = 20
_BLANK = re.compile(rb"(?:\r?\n)+")
_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?\s]{0,4000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?)")
_PARAMETER = re.compile(
    r""";\s{0,100}([\w!#$%&'*+.^`|~-]{1,60})\s{0,10}=\s{0,10}(?:"((?:[^"\\]|\\.){0,4000})"|([^;"\s]{1,4000}))"""
)
_HEAD_END = re.compile(rb"\r?\n\r?\n|\r\r")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.MULTILINE)
_FROM = re.compile(rb"^From [^\r\n]{1,200}\d\d:\d\d[^\r\n]{0,100}\r?\n", re.MULTILINE)


def read_mail(source: Source) -> None:
    """A message."""
    data = source.data
    if data[:16].strip().isdigit() and b"\n" in data[:16]:
        data = data[data.find(b"\n") + 1 :]  # Apple's emlx begins with the size
    _read_entity(source, data, 0, len(data), "message", 0)


def read_mbox(source: Source) -> None:
    """A mailbox: each message in it."""
    starts = [found.start() for found in _FROM.finditer(source.data)] or [0]
    bounds = [*starts, len(source.data)]
    for number, start in enumerate(starts, 1):
        source.budget.member()
        message = source.data[start : bounds[number]]
        line, _, rest = message.partition(b"\n")
        if line.startswith(b"From "):
            source.say("property", f"message {number}", clean(line.decode("utf-8", "replace")).strip())
            message = rest
        with source.trying():
            _read_entity(source, message, 0, len(message), f"message {number}", 0)


def unfolded(head: bytes) -> list[tuple[str, str]]:
    """The fields of a header, unfolded, encoded words decoded."""
    fields: list[tuple[str, str]] = []
    text = decode(head)
    for line in re.sub(r"\r?\n[ \t]+", " ", text).splitlines():
        name, colon, value = line.partition(":")
        if colon and name and len(name) < 200 and not name.startswith((" ", "\t")):
            fields.append((name.strip(), _words(value.strip())))
        elif line.strip():
            fields.append(("", line.strip()))
    return fields


def _words(value: str) -> str:
    """RFC 2047 encoded words, decoded."""
    if "=?" not in value:
        return value

    def one(found: re.Match[str]) -> str:
        try:
            if found[2] in "bB":
                raw = base64.b64decode(found[3] + "=" * (-len(found[3]) % 4))
            else:
                raw = quopri.decodestring(found[3].replace("_", "=20").encode("ascii", "replace"))
        except (binascii.Error, ValueError):
            return found[0]
        return clean(raw.decode(codec_name(found[1]) or "utf-8", "replace"))

    # Words side by side are one text (section 6.2).
    return _WORD.sub(one, _BETWEEN.sub(r"\1\2", value))


def _parameters(value: str) -> dict[str, str]:
    """Parameters of a structured field, RFC 2231 pieces joined."""
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(value)):
        if count > 200:
            break
        name, text = found[1].lower(), found[2] if found[2] is not None else found[3]
        text = re.sub(r"\\(.)", r"\1", text)
        encoded = name.endswith("*")
        name, _, number = name.rstrip("*").partition("*")
        pieces.setdefault(name, []).append(
            (int(number) if number.isdigit() and len(number) < 6 else 0, text, encoded)
        )
    joined: dict[str, str] = {}
    for name, parts in pieces.items():
        parts.sort(key=lambda part: part[0])
        text = "".join(part[1] for part in parts)
        if any(part[2] for part in parts):
            charset, quote, rest = text.partition("'")
            if quote and "'" in rest:
                raw = urllib.parse.unquote_to_bytes(rest.partition("'")[2])
                text = raw.decode(codec_name(charset) or "utf-8", "replace")
        joined[name] = text
    return joined


def _read_entity(source: Source, data: bytes, start: int, stop: int, where: str, depth: int) -> None:
    """One message or part, ``data[start:stop]``: its header and what it holds."""
    source.budget.member()
    if depth > _DEPTH:
        raise Stop("too_deep")
    blank = _BLANK.match(data, start, stop)
    if blank is not None:
        head, body = b"", blank.end()
    else:
        end = _HEAD_END.search(data, start, stop)
        head, body = (data[start : end.start()], end.end()) if end else (data[start:stop], stop)
    if len(head) > _HEAD_BYTES:
        source.budget.problem("too_large")
        head = head[:_HEAD_BYTES]
    fields = unfolded(head)
    named = {name.lower(): value for name, value in reversed(fields)}
    content_type = named.get("content-type", "text/plain")
    disposition = named.get("content-disposition", "")
    parameters = _parameters(";" + content_type.partition(";")[2])
    name = _words(
        _parameters(";" + disposition.partition(";")[2]).get("filename") or parameters.get("name", "")
    )
    for field, value in fields:
        low = field.lower()
        if not low.startswith("content-") or low in ("content-description", "content-location"):
            source.say("property", f"{where} headers", f"{field}: {value}" if field else value)
    if name:
        source.say("name", "attachments", clean(name))
    kind = content_type.partition(";")[0].strip().lower()
    boundary = parameters.get("boundary", "")
    if kind.startswith("multipart/") and boundary:
        _read_parts(source, data, body, stop, boundary.encode("utf-8", "replace"), where, depth)
    elif (
        kind in ("message/rfc822", "message/global")
        and not named.get("content-transfer-encoding", "").strip()
    ):
        _read_entity(source, data, body, stop, f"{where} message", depth + 1)
    else:
        content = _transferred(data[body:stop], named.get("content-transfer-encoding", ""))
        _read_body(source, content, kind, content_type, name, where, depth)


def _read_parts(
    source: Source, data: bytes, start: int, stop: int, boundary: bytes, where: str, depth: int
) -> None:
    mark = b"--" + boundary
    at = _next(data, mark, start, stop)
    if at < 0:
        source.budget.problem("damaged")
        say_text(source, "body", where, decode(data[start:stop]))
        return
    say_text(source, "hidden", f"{where} preamble", decode(data[start:at]))
    number = 0
    while True:
        line_end = data.find(b"\n", at, stop)
        if line_end < 0 or data.startswith(b"--", at + len(mark)):
            rest = data[line_end:stop] if line_end >= 0 else b""
            say_text(source, "hidden", f"{where} epilogue", decode(rest))
            return
        next_at = _next(data, mark, line_end, stop)
        number += 1
        with source.trying():
            _read_entity(
                source,
                data,
                line_end + 1,
                next_at if next_at >= 0 else stop,
                f"{where} part {number}",
                depth + 1,
            )
        if next_at < 0:
            return
        at = next_at


def _next(data: bytes, mark: bytes, start: int, stop: int) -> int:
    """Where the next boundary line begins; -1 where there is none. A longer boundary is another one."""
    at = data.find(mark, start, stop)
    while at >= 0:
        follows = data[at + len(mark) : at + len(mark) + 2]
        if (at == 0 or data[at - 1] in b"\r\n") and (
            follows[:1] in (b"\r", b"\n", b" ", b"\t", b"") or follows == b"--"
        ):
            return at
        at = data.find(mark, at + 1, stop)
    return -1


def _transferred(body: bytes, coding: str) -> bytes:
    coding = coding.strip().lower()
    if coding == "base64":
        raw = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        try:
            return base64.b64decode(
                raw[: len(raw) // 4 * 4] + (raw[len(raw) // 4 * 4 :] + b"==")[:4] * (len(raw) % 4 > 1)
            )
        except (binascii.Error, ValueError):
            return body
    if coding == "quoted-printable":
        return quopri.decodestring(body)
    if coding in ("uuencode", "x-uuencode", "x-uue"):
        block = next(_uu_blocks(body), None)
        return _uu(body[block[1] : block[2]]) if block else body
    return body


def _uu_blocks(body: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Uuencoded files in a text: where each begins, its lines (start and stop), its name."""
    at = 0
    while (found := _UU_BEGIN.search(body, at)) is not None:
        stop = body.find(b"\nend", found.end() - 1)
        if stop < 0:
            return
        yield found.start(), found.end(), stop, found[1]
        at = stop


def _uu(lines: bytes) -> bytes:
    out = bytearray()
    for line in lines.splitlines():
        try:
            out += binascii.a2b_uu(line)
        except (binascii.Error, ValueError):
            # Some encoders write a wrong length of the last group (as uu.decode of older Pythons did).
            count = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out += binascii.a2b_uu(line[:count])
            except (binascii.Error, ValueError):
                continue
    return bytes(out)


def _read_body(
    source: Source, body: bytes, kind: str, content_type: str, name: str, where: str, depth: int
) -> None:
    if kind in ("text/plain", "text/enriched", "") and not name:
        text_end = 0
        for begin, start, stop, file_name in _uu_blocks(body):
            source.nested(_uu(body[start:stop]), clean(file_name.decode("utf-8", "replace")))
            say_text(source, "body", where, decode(body[text_end:begin], content_type))
            text_end = stop + 4
        say_text(source, "body", where, decode(body[text_end:], content_type))
    elif kind == "message/rfc822" or kind == "message/global":
        _read_entity(source, body, 0, len(body), f"{where} message", depth + 1)
    elif kind.startswith(("message/", "text/rfc822-headers")):
        say_text(source, "property", where, decode(body, content_type))
    elif kind in ("application/ms-tnef", "application/vnd.ms-tnef") or body[:4] == b"\x78\x9f\x3e\x22":
        _read_tnef(source, body, where)
    else:
        source.nested(body, name or where.replace(" ", "-"), content_type=content_type)


def _read_tnef(source: Source, data: bytes, where: str) -> None:
    """winmail.dat: attributes one after another; titles, attachments and the message's properties."""
    at = 6
    title = "attachment"
    while at + 9 <= len(data):
        level, identity, size = struct.unpack_from("<BII", data, at)
        body = data[at + 9 : at + 9 + size]
        at += 11 + size
        source.budget.member()
        low = identity & 0xFFFF
        if level == 2 and low == 0x8010:
            title = body.rstrip(b"\0").decode("cp1252", "replace")
            source.say("name", "attachments", clean(title))
        elif level == 2 and low == 0x800F:
            source.nested(body, title, counted=True)
        elif low in (0x8004, 0x8008, 0x800C, 0x8000):
            say_text(source, "body", where, decode(body.rstrip(b"\0")))
        elif low in (0x9003, 0x9005):
            from sensor.extract.texts import strings

            strings(
                source.budget,
                body,
                lambda text: source.say("property", f"{where} properties", text),
                most=500_000,
            )
