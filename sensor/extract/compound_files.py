"""
Compound files that are documents: old Word, Excel and PowerPoint, embedded OLE objects, macros.

Word's text is read by its piece table, which holds body, notes, headers, comments and text boxes one after
the other, deleted and hidden text among it. PowerPoint's text atoms are read wherever they stand. Excel has
a module of its own. Of any other compound file the property sets, packaged files and readable strings are
given.

Source: [MS-DOC] 2.5.1 (FibBase), 2.9.38 (Clx), 2.9.73 (FcCompressed); [MS-PPT] 2.9 (text atoms); [MS-OLEDS]
2.3.6 (OLENativeStream); [MS-OVBA] 2.4.1 (compression); [MS-OFFCRYPTO] 2.3 (EncryptionInfo).
"""

from __future__ import annotations

import re
import struct

from sensor.extract import inflating
from sensor.extract.budget import Budget, Stop
from sensor.extract.charsets import clean
from sensor.extract.compound import Compound, Entry, properties
from sensor.extract.source import Source
from sensor.extract.texts import say_text, strings

__all__ = ["decompress_vba", "read_compound"]

_MACRO = b"Attribut"
_WORD_MARKS = {
    ord(mark): to for mark, to in zip("\x07\x0b\x0c\x0d\x1e\x1f\xa0", "\t\n\n\n- \u00a0", strict=True)
}
_WORD_MARKS.update({code: " " for code in (1, 2, 3, 4, 5, 8)})
_OBJECT = 32 * 1024 * 1024
_FIELD = re.compile("[\x13\x14\x15]")


def read_compound(source: Source) -> None:
    """A compound file of any kind but a message."""
    compound = Compound(source.data, source.budget)
    say_properties(source, compound)
    encrypted = compound.get("EncryptedPackage") is not None
    if encrypted:
        source.budget.problem("encrypted")
        return
    known = False
    for entry in compound.entries:
        if entry.is_stream:
            source.budget.member()
            with source.trying():
                known = _read_document(source, compound, entry) or known
    if not known:
        source.budget.problem("unsupported")
        _salvage(source, compound)


def _read_document(source: Source, compound: Compound, entry: Entry) -> bool:
    """A stream that is a document's main one, of the file itself or of an object inside; or any other."""
    name = entry.name.lower()
    if name == "worddocument":
        return _read_word(source, compound, compound.read(entry), entry.path[:-1])
    if name in ("workbook", "book"):
        from sensor.extract.xls import read_workbook

        return read_workbook(source, compound.read(entry), "/".join(entry.path[:-1]))
    if name == "powerpoint document":
        return _read_show(source, compound, compound.read(entry), entry.path[:-1])
    return _read_stream(source, compound, entry)


def say_properties(source: Source, compound: Compound) -> None:
    """The document's property sets, wherever they stand in it."""
    for entry in compound.entries:
        if entry.is_stream and entry.name in ("\x05SummaryInformation", "\x05DocumentSummaryInformation"):
            with source.trying():
                for name, value in properties(compound.read(entry), document="Document" in entry.name):
                    source.say("property", entry.name.strip("\x05"), f"property {name}: {clean(value)}")


def _read_word(source: Source, compound: Compound, word: bytes, base: tuple[str, ...]) -> bool:
    if len(word) < 0x1AA or word[:2] not in (b"\xec\xa5", b"\xdc\xa5", b"\xdb\xa5"):
        return False
    flags = struct.unpack_from("<H", word, 0x0A)[0]
    if flags & 0x0100:
        source.budget.problem("encrypted")
        return True
    table = compound.stream(*base, "1Table" if flags & 0x0200 else "0Table")
    counts = struct.unpack_from("<8i", word, 0x4C)
    at, size = struct.unpack_from("<II", word, 0x01A2)
    clx = table[at : at + size]
    place = 0
    while place + 3 <= len(clx) and clx[place] == 1:
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    if place + 5 > len(clx) or clx[place] != 2:
        raise Stop("damaged")
    (length,) = struct.unpack_from("<I", clx, place + 1)
    plc = clx[place + 5 : place + 5 + length]
    pieces = (len(plc) - 4) // 12
    if pieces < 1:
        raise Stop("damaged")
    ends = struct.unpack_from(f"<{pieces + 1}I", plc)
    held: list[str] = []
    total = 0
    for index in range(pieces):
        source.budget.tick()
        (place,) = struct.unpack_from("<I", plc, 4 * (pieces + 1) + 8 * index + 2)
        characters = ends[index + 1] - ends[index]
        if characters <= 0 or total > len(word):
            continue
        total += characters
        if place & 0x4000_0000:
            start = (place & 0x3FFF_FFFF) // 2
            held.append(word[start : start + characters].decode("cp1252", "replace"))
        else:
            held.append(word[place : place + 2 * characters].decode("utf-16-le", "replace"))
    text = "".join(held)
    names = ("body", "note", "header", "macro", "comment", "note", "body", "header")
    at = 0
    for name, count in zip(names, counts, strict=True):
        if count > 0 and at < len(text):
            _say_word(source, name if name != "macro" else "body", text[at : at + count])
            at += count
    _say_word(source, "body", text[at:])
    return True


def _say_word(source: Source, kind: str, text: str) -> None:
    text = clean(_FIELD.sub(" ", text.translate(_WORD_MARKS)))
    where = {"body": "document", "note": "notes", "header": "headers and footers", "comment": "comments"}[
        kind
    ]
    say_text(source, kind, where, re.sub("\n{3,}", "\n\n", text))


_ATOMS = {0x0FA0: "utf-16-le", 0x0FBA: "utf-16-le", 0x0FA8: "latin-1"}


def _read_show(source: Source, compound: Compound, data: bytes, base: tuple[str, ...]) -> bool:
    # [MS-PPT] 2.3.2: the header token of an encrypted document.
    if compound.stream(*base, "Current User")[12:16] == b"\xdf\xc4\xd1\xf3":
        source.budget.problem("encrypted")
        return True
    at, found = 0, False
    while at + 8 <= len(data):
        head, kind, size = struct.unpack_from("<HHI", data, at)
        source.budget.tick()
        at += 8
        if head & 0xF == 0xF:
            continue  # a container: its records follow
        encoding = _ATOMS.get(kind)
        if encoding is not None:
            text = data[at : at + size].decode(encoding, "replace").replace("\r", "\n").replace("\x0b", "\n")
            text = clean(text)
            if text.strip("*\n ") and not text.startswith("___PPT"):
                found = True
                source.say("slide", "slides", text)
        elif kind == 0x1011 and head >> 4 == 1 and size > 4:
            # ExOleObjStgCompressedAtom: the size, then a zlib stream of a compound file.
            inside, problem = inflating.inflate(source.budget, data[at + 4 : at + size], _OBJECT)
            if problem is not None and len(inside) < struct.unpack_from("<I", data, at)[0]:
                source.budget.problem(problem)
            source.nested(inside, "embedded object")
        elif kind == 0x1011:
            source.nested(data[at : at + size], "embedded object")
        at += size
    return found


def _read_stream(source: Source, compound: Compound, entry: Entry) -> bool:
    """Packaged files and macros; True where it was one."""
    name = entry.name
    if name == "\x01Ole10Native":
        _native(source, compound.read(entry))
        return True
    if name in ("Package", "CONTENTS", "Contents"):
        inside = compound.read(entry)
        if inside[:4] in (b"PK\x03\x04", b"%PDF") or inside[:2] == b"\xd0\xcf":
            source.nested(inside, "/".join(entry.path), counted=True)
            return True
    path = [part.lower() for part in entry.path]
    if "vba" in path[:-1] and not name.startswith("__"):
        raw = compound.read(entry)
        at = raw.find(_MACRO)
        while at >= 4:
            if raw[at - 1] == 0 and raw[at - 4] == 1:
                text = decompress_vba(source.budget, raw[at - 4 :]).decode("cp1252", "replace")
                say_text(source, "script", f"macro {name}", clean(text.replace("\r\n", "\n")))
                return True
            at = raw.find(_MACRO, at + 1)
    elif "vba" not in path and name == "PROJECT":
        say_text(source, "script", "macro project", compound.read(entry).decode("cp1252", "replace"))
    return False


def _native(source: Source, data: bytes) -> None:
    """OLENativeStream: size, flags, label, file name, …, size, bytes."""
    at = 6
    names = []
    for _ in range(2):
        stop = data.find(b"\0", at)
        if stop < 0:
            break
        names.append(data[at:stop].decode("cp1252", "replace"))
        at = stop + 1
    place = at + 8
    stop = data.find(b"\0", place)
    inside = b""
    if stop >= 0 and stop + 5 <= len(data):
        (size,) = struct.unpack_from("<I", data, stop + 1)
        inside = data[stop + 5 : stop + 5 + size]
    name = re.split(r"[\\/]", names[0])[-1] if names and names[0] else "object"
    source.say("name", "embedded object", "\n".join(names))
    source.nested(inside or data[4:], name, counted=True)


def _salvage(source: Source, compound: Compound) -> None:
    """The readable strings of every stream."""
    for entry in compound.entries:
        if entry.is_stream and not entry.name.startswith("\x05"):
            where = "/".join(entry.path)
            raw = compound.read(entry)
            if raw[:4] == b"PK\x03\x04":
                continue
            found: list[str] = []
            strings(source.budget, raw, found.append, most=1024 * 1024)
            if found:
                source.budget.problem("partial")
            for text in found:
                source.say(source.text_kind, clean(where), text)


def decompress_vba(budget: Budget, data: bytes) -> bytes:
    """A compressed container of [MS-OVBA] 2.4.1; what can be read of a broken one."""
    out = bytearray()
    at = 1
    while at + 2 <= len(data) and len(out) < 4 * 1024 * 1024:
        (header,) = struct.unpack_from("<H", data, at)
        stop = min(at + (header & 0x0FFF) + 3, len(data))
        at += 2
        if header >> 12 & 7 != 3:
            break
        begun = len(out)
        if not header & 0x8000:
            out += data[at : at + 4096]
            at += 4096
            continue
        while at < stop:
            flags = data[at]
            at += 1
            for bit in range(8):
                if at >= stop:
                    break
                if not flags >> bit & 1:
                    out.append(data[at])
                    at += 1
                    continue
                if at + 2 > stop:
                    return bytes(out)
                (token,) = struct.unpack_from("<H", data, at)
                at += 2
                here = len(out) - begun
                bits = max((here - 1).bit_length(), 4)
                length = (token & (0xFFFF >> bits)) + 3
                offset = (token >> (16 - bits)) + 1
                if offset > here:
                    return bytes(out)
                for _ in range(length):
                    out.append(out[-offset])
            budget.tick(10)
        at = stop
    return bytes(out)
