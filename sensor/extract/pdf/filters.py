"""
Stream filters, bounded: Flate and LZW with predictors, ASCII85, ASCIIHex, run length.

Filters of pictures (DCT, JPX, JBIG2, CCITT) end the chain: nothing in them is text, and nothing is decoded.

Source: ISO 32000-2 7.4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sensor.extract import inflating
from sensor.extract.budget import Budget
from sensor.extract.pdf.objects import Name, Value, hex_string

__all__ = ["decode_filters"]

_FILTERS = 6
_PREDICTED = 8 * 1024 * 1024
_SHORT = {
    "Fl": "FlateDecode",
    "LZW": "LZWDecode",
    "A85": "ASCII85Decode",
    "AHx": "ASCIIHexDecode",
    "RL": "RunLengthDecode",
}


def decode_filters(
    budget: Budget,
    raw: bytes,
    filters: Sequence[Value],
    parameters: Sequence[Value],
    limit: int,
    *,
    told: bool = True,
) -> bytes | None:
    """
    What a stream's filters give, at most ``limit`` bytes; None where a picture's filter stands among them.

    ``told``: what lies beyond the limit is text that is missing.

    :raises Stop: ``bomb`` and the like, when the whole is over
    """
    if len(filters) > _FILTERS:
        budget.problem("bomb")
        return b""
    for index, item in enumerate(filters):
        name = _SHORT.get(item, item) if isinstance(item, Name) else ""
        settings = parameters[index] if index < len(parameters) else None
        values = settings if isinstance(settings, dict) else {}
        problem: str | None = None
        if name == "FlateDecode":
            raw, problem = inflating.inflate(budget, raw, limit)
            raw = _predict(raw, values)
        elif name == "LZWDecode":
            early = values.get("EarlyChange", 1)
            raw, problem = _lzw(budget, raw, limit, early != 0)
            raw = _predict(raw, values)
        elif name == "ASCII85Decode":
            raw = _ascii85(raw)
        elif name == "ASCIIHexDecode":
            raw = hex_string(re.sub(rb"[^0-9A-Fa-f]", b"", raw.split(b">")[0]))
        elif name == "RunLengthDecode":
            raw, problem = _run_length(budget, raw, limit)
        elif name == "Crypt":
            continue
        else:
            return None
        if problem == "bomb":
            budget.problem("bomb")
            return b""
        if problem == "too_large":
            if told:
                budget.problem("too_large")
        elif problem is not None and not raw:
            budget.problem(problem)
    return raw


def _ascii85(raw: bytes) -> bytes:
    raw = raw.translate(None, b"\x00\t\n\x0c\r ")
    raw = raw.removeprefix(b"<~")
    end = raw.find(b"~")
    raw = raw[:end] if end >= 0 else raw
    out = bytearray()
    group: list[int] = []
    for byte in raw:
        if byte == 0x7A and not group:
            out += b"\0\0\0\0"
        elif 0x21 <= byte <= 0x75:
            group.append(byte - 0x21)
            if len(group) == 5:
                value = 0
                for digit in group:
                    value = value * 85 + digit
                out += (value & 0xFFFFFFFF).to_bytes(4, "big")
                group.clear()
    if len(group) > 1:
        count = len(group) - 1
        value = 0
        for digit in (*group, *[84] * (5 - len(group))):
            value = value * 85 + digit
        out += (value & 0xFFFFFFFF).to_bytes(4, "big")[:count]
    return bytes(out)


def _run_length(budget: Budget, raw: bytes, limit: int) -> tuple[bytes, str | None]:
    out = bytearray()
    at = 0
    while at < len(raw) and len(out) < limit:
        count = raw[at]
        budget.tick()
        if count == 128:
            break
        if count < 128:
            out += raw[at + 1 : at + 2 + count]
            at += 2 + count
        else:
            out += raw[at + 1 : at + 2] * (257 - count)
            at += 2
    budget.expand(max(len(raw), 1), len(out), len(out))
    return bytes(out), None


def _lzw(budget: Budget, raw: bytes, limit: int, early: bool) -> tuple[bytes, str | None]:
    table: list[bytes] = [bytes((i,)) for i in range(256)] + [b"", b""]
    out = bytearray()
    width, bits, held = 9, 0, 0
    previous = b""
    change = 1 if early else 0
    charged = 0
    for byte in raw:
        held = held << 8 | byte
        bits += 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits
        held &= (1 << bits) - 1
        if code == 256:
            del table[258:]
            width, previous = 9, b""
            continue
        if code == 257:
            break
        if code < len(table):
            entry = table[code]
        elif previous:
            entry = previous + previous[:1]
        else:
            break
        out += entry
        if previous and len(table) < 4096:
            table.append(previous + entry[:1])
        previous = entry
        size = len(table) + change
        width = 9 if size < 512 else 10 if size < 1024 else 11 if size < 2048 else 12
        if len(out) - charged > inflating.CHUNK:
            budget.expand(len(raw), len(out), len(out) - charged)
            charged = len(out)
            if len(out) > limit:
                return bytes(out[:limit]), "too_large"
    return bytes(out), None


def _predict(raw: bytes, values: dict[str, Value]) -> bytes:
    """Undo a predictor (7.4.4.4)."""
    predictor = values.get("Predictor", 1)
    if not isinstance(predictor, int) or predictor < 2:
        return raw

    def whole(key: str, default: int, most: int) -> int:
        value = values.get(key, default)
        return value if isinstance(value, int) and 0 < value <= most else default

    colours, depth, columns = (
        whole("Colors", 1, 32),
        whole("BitsPerComponent", 8, 16),
        whole("Columns", 1, 1_000_000),
    )
    step = max(1, colours * depth // 8)
    row = (colours * depth * columns + 7) // 8
    raw = raw[:_PREDICTED]
    if predictor == 2:
        if depth != 8:
            return raw
        out = bytearray(raw)
        for start in range(0, len(out), row):
            for at in range(start + step, min(start + row, len(out))):
                out[at] = (out[at] + out[at - step]) & 0xFF
        return bytes(out)
    out = bytearray()
    before = bytearray(row)
    for start in range(0, len(raw), row + 1):
        kind = raw[start]
        line = bytearray(raw[start + 1 : start + 1 + row])
        if kind == 1:
            for at in range(step, len(line)):
                line[at] = (line[at] + line[at - step]) & 0xFF
        elif kind == 2:
            for at in range(len(line)):
                line[at] = (line[at] + before[at]) & 0xFF
        elif kind == 3:
            for at in range(len(line)):
                left = line[at - step] if at >= step else 0
                line[at] = (line[at] + (left + before[at]) // 2) & 0xFF
        elif kind == 4:
            for at in range(len(line)):
                left = line[at - step] if at >= step else 0
                corner = before[at - step] if at >= step else 0
                line[at] = (line[at] + _paeth(left, before[at], corner)) & 0xFF
        out += line
        before = line if len(line) == row else line + bytearray(row - len(line))
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    return left if a <= b and a <= c else up if b <= c else corner
