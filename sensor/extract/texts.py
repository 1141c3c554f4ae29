"""
Plain text and its small kinds: CSV, notebooks, calendars and cards, and what is left of binary files.

JSON, YAML, XML and source code are text as they stand: detectors know their escapes.

Source: RFC 4180 (CSV); nbformat 4 (notebooks); RFC 5545 3.1 and RFC 6350 3.2 (folded lines); RFC 2045 6.7 and
vCard 2.1 (quoted-printable values).
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import quopri
import re
from collections.abc import Callable, Iterator

from sensor.extract.budget import Budget, Stop
from sensor.extract.charsets import clean, codec_name, decode, width_of
from sensor.extract.source import Source
from sensor.extract.tables import Table

__all__ = ["read_binary", "read_csv", "read_lines", "read_notebook", "read_text", "say_text", "strings"]

_PIECE = 256 * 1024
_NOTEBOOK_BYTES = 24 * 1024 * 1024
_NOTEBOOK_DEPTH = 100
_LINE = 1024 * 1024


def say_text(source: Source, kind: str, where: str, text: str) -> None:
    """A long text, in pieces that end at line ends."""
    at = 0
    while at < len(text):
        stop = at + _PIECE
        if stop < len(text):
            newline = text.rfind("\n", at, stop)
            stop = newline + 1 if newline > at else stop
        source.say(kind, where, text[at:stop].rstrip("\r\n"))
        source.budget.check_time()
        at = stop


def _decoded(source: Source) -> str:
    """The file's text; more than may be given is not even decoded."""
    most = width_of(source.data) * source.budget.limits.text_bytes + 4
    if len(source.data) > most:
        source.budget.problem("too_large")
    return decode(source.data[:most], source.content_type)


def read_text(source: Source) -> None:
    """A text as it stands."""
    say_text(source, source.text_kind, "", _decoded(source))


def read_csv(source: Source) -> None:
    """Rows as ``heading: value`` lines."""
    text = _decoded(source).removeprefix("\ufeff")
    kind = source.text_kind
    if text.startswith("sep=") and len(text) > 4:
        separator = text[4]
        text = text.partition("\n")[2]
    else:
        separator = _separator(text[:16_384])
    table = Table(source.budget, lambda line: source.say(kind, "", line), pairs=True)
    csv.field_size_limit(_LINE)
    # strict=False takes stray quotes as they are; a field beyond the limit is no table.
    reader = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator)
    done = 0
    try:
        for cells in reader:
            table.row(cells)
            done = reader.line_num
    except csv.Error:
        rest = text.split("\n")[done:]
        say_text(source, kind, "", "\n".join(rest))


def _separator(head: str) -> str:
    lines = [line for line in re.sub(r'"[^"]*"', "", head).split("\n")[:20] if line.strip()]
    best, choice = 0.0, ","
    for candidate in ",;\t|":
        counts = [line.count(candidate) for line in lines]
        if not counts or not max(counts):
            continue
        common = max(set(counts), key=counts.count)
        score = counts.count(common) / len(counts) + min(common, 20) / 40 if common else 0.0
        if score > best:
            best, choice = score, candidate
    return choice


def _unfold(text: str) -> Iterator[str]:
    """Logical lines; a fold is a line end and one space or tab."""
    held: list[str] = []
    size = 0
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if line[:1] in (" ", "\t") and held and size < _LINE:
            held.append(line[1:])
            size += len(line)
            continue
        if held:
            yield "".join(held)
        held, size = [line], len(line)
    if held:
        yield "".join(held)


_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
_PAIRED = re.compile(r"\\[nN,;\\]")


def read_lines(source: Source) -> None:
    """Calendars and cards: ``NAME: value`` lines, unfolded and unescaped; attachments in them are files."""
    kind = source.text_kind
    soft = ""
    for line in _unfold(_decoded(source)):
        source.budget.tick()
        if soft:
            line, soft = soft + line, ""
        name, colon, value = line.partition(":")
        if not colon or len(name) > 2000:
            source.say(kind, "", line)
            continue
        parameters = name.upper().split(";")
        if parameters[0] in ("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD"):
            continue
        if any("QUOTED-PRINTABLE" in parameter for parameter in parameters):
            if line.endswith("=") and len(line) < _LINE:
                soft = line[:-1]
                continue
            charset = next((p[8:] for p in parameters if p.startswith("CHARSET=")), "utf-8")
            raw = quopri.decodestring(value.encode("utf-8", "replace"))
            value = raw.decode(codec_name(charset) or "utf-8", "replace")
        elif any(parameter in ("ENCODING=B", "ENCODING=BASE64", "BASE64") for parameter in parameters):
            inside = _base64(value)
            if inside:
                source.nested(inside, parameters[0].lower())
            continue
        elif value[:5] == "data:" and ";base64," in value[:100]:
            source.nested(_base64(value.partition(",")[2]), parameters[0].lower())
            continue
        value = _PAIRED.sub(lambda found: _ESCAPES[found[0]], value)
        if value.strip(" ;,"):
            source.say(kind, "", f"{name}: {value}")


def _base64(text: str) -> bytes:
    raw = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return base64.b64decode(raw + "=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return b""


def _too_deep(text: str, limit: int) -> bool:
    """Whether brackets nest deeper than ``limit`` (strings are not looked into: this may only err to yes)."""
    depth = 0
    for found in re.finditer(r"[\[\]{}]", text):
        depth += 1 if found[0] in "[{" else -1
        if depth > limit:
            return True
    return False


def read_notebook(source: Source) -> None:
    """A Jupyter notebook: sources, outputs, attachments, metadata. Text as it stands where it is not one."""
    text = _decoded(source)
    if len(text) > _NOTEBOOK_BYTES:
        say_text(source, source.text_kind, "", text)
        return
    if _too_deep(text, _NOTEBOOK_DEPTH):
        source.budget.problem("too_deep", truncated=False)
        say_text(source, source.text_kind, "", text)
        return
    try:
        book = json.loads(text)
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
    except (ValueError, LookupError, TypeError, RecursionError):
        source.budget.problem("damaged", truncated=False)
        say_text(source, source.text_kind, "", text)
        return
    for number, cell in enumerate(cells if isinstance(cells, list) else (), 1):
        if isinstance(cell, dict):
            with source.trying():
                _read_cell(source, cell, f"cell {number}")
    _say_leaves(source, "metadata", "notebook metadata", book.get("metadata"))


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""


def _read_cell(source: Source, cell: dict[str, object], where: str) -> None:
    source.budget.tick(10)
    say_text(source, "body", where, _joined(cell.get("source", cell.get("input"))))
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        _say_leaves(
            source, "body", f"{where} output", {k: v for k, v in output.items() if k not in ("data", "text")}
        )
        say_text(source, "body", f"{where} output", _joined(output.get("text")))
        _read_bundle(source, output.get("data"), f"{where} output")
    attachments = cell.get("attachments")
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        source.say("name", where, str(name))
        _read_bundle(source, bundle, f"{where} {name}")
    _say_leaves(source, "metadata", f"{where} metadata", cell.get("metadata"))


def _read_bundle(source: Source, bundle: object, where: str) -> None:
    for kind, value in bundle.items() if isinstance(bundle, dict) else ():
        if str(kind).startswith("image/") and kind != "image/svg+xml":
            source.nested(_base64(_joined(value)), where)
        elif isinstance(value, (str, list)):
            text = _joined(value)
            if kind == "text/html":
                source.nested(text.encode("utf-8", "replace"), where, content_type="text/html; charset=utf-8")
            else:
                say_text(source, "body", where, text)
        else:
            _say_leaves(source, "body", where, value)


def _say_leaves(source: Source, kind: str, where: str, value: object) -> None:
    """``key: value`` lines of anything JSON; the depth is bounded by whoever parsed it."""
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        key, item = stack.pop()
        source.budget.tick()
        if isinstance(item, dict):
            stack.extend((str(k), v) for k, v in reversed(item.items()))
        elif isinstance(item, list):
            if all(isinstance(v, str) for v in item):
                source.say(kind, where, f"{key}: {clean(''.join(item))}")
            else:
                stack.extend((key, v) for v in reversed(item))
        elif isinstance(item, (str, int, float)) and not isinstance(item, bool):
            source.say(kind, where, clean(f"{key}: {item}" if key else str(item)))


_ASCII_RUN = re.compile(rb"[\x20-\x7e\t]{6,}")
# From the first zero byte on: searched for by that byte, which is many times faster.
_WIDE_RUN = re.compile(rb"\x00((?:[\x20-\x7e\xa0-\xff]\x00){4,})")
_SALVAGE = 4 * 1024 * 1024


def strings(budget: Budget, data: bytes, say: Callable[[str], None], *, most: int = _SALVAGE) -> None:
    """The readable runs of binary data: 8-bit and UTF-16, up to ``most`` characters."""
    if len(data) > budget.salvage_left:
        data = data[: budget.salvage_left]
        budget.problem("too_large")
    budget.salvage_left -= len(data)
    given = 0
    last = ""
    for pattern, encoding in ((_WIDE_RUN, "utf-16-le"), (_ASCII_RUN, "ascii")):
        for found in pattern.finditer(data):
            budget.tick()
            if pattern is _WIDE_RUN:
                first = data[found.start() - 1 : found.start()] if found.start() else b""
                text = (first.decode("ascii", "ignore") + found[1].decode(encoding)).lstrip("\0\r\n")
            else:
                text = found[0].decode(encoding)
            if text == last:
                continue
            last = text
            given += len(text)
            if given > most:
                budget.problem("too_large")
                return
            say(text)


def read_binary(source: Source) -> None:
    """A format without a reader: its readable strings, and that they are not the whole."""
    # What macOS leaves beside files is no document.
    litter = "__MACOSX/" in source.prefix or source.prefix.endswith(".DS_Store")
    if not litter:
        source.budget.problem("unsupported")
    found: list[str] = []
    try:
        strings(source.budget, source.data, found.append)
    except Stop as stop:
        if stop.whole:
            raise
    if found and not litter:
        source.budget.problem("partial")
    for text in found:
        source.say(source.text_kind, "strings", text)
