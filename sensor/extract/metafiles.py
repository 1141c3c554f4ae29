"""
Windows metafiles (EMF, WMF): the text that they draw. Previews of embedded objects are of this kind.

Source: [MS-EMF] 2.3.5 (EMR_EXTTEXTOUTW, EMR_SMALLTEXTOUT), 2.2.5 (EmrText); [MS-WMF] 2.3.3 (META_TEXTOUT,
META_EXTTEXTOUT).
"""

from __future__ import annotations

import struct

from sensor.extract.charsets import clean
from sensor.extract.source import Source

__all__ = ["read_metafile"]


def read_metafile(source: Source) -> None:
    """The strings of a metafile, in the order in which they are drawn."""
    texts = _emf(source) if source.data[40:44] == b" EMF" else _wmf(source)
    line = clean(" ".join(text for text in texts if text.strip()))
    source.say(source.text_kind, "metafile", line)


def _emf(source: Source) -> list[str]:
    data = source.data
    texts: list[str] = []
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        source.budget.tick(2)
        if size < 8:
            break
        if kind in (83, 84) and at + 52 <= len(data):
            count, offset = struct.unpack_from("<II", data, at + 44)
            width = 2 if kind == 84 else 1
            raw = data[at + offset : at + offset + min(count, 65_536) * width]
            texts.append(raw.decode("utf-16-le" if kind == 84 else "cp1252", "replace"))
        elif kind == 108 and at + 36 <= len(data):
            count, options = struct.unpack_from("<I4xI", data, at + 16)
            start = at + 36 + (0 if options & 0x100 else 16)
            small = options & 0x200
            raw = data[start : start + min(count, 65_536) * (1 if small else 2)]
            texts.append(raw.decode("latin-1" if small else "utf-16-le", "replace"))
        elif kind == 1:
            count, offset = struct.unpack_from("<II", data, at + 60) if at + 68 <= len(data) else (0, 0)
            texts.append(
                data[at + offset : at + offset + 2 * min(count, 4096)].decode("utf-16-le", "replace")
            )
        at += size
    return texts


def _wmf(source: Source) -> list[str]:
    data = source.data
    at = 22 if data[:4] == b"\xd7\xcd\xc6\x9a" else 0
    at += 18
    texts: list[str] = []
    while at + 6 <= len(data):
        words, kind = struct.unpack_from("<IH", data, at)
        source.budget.tick(2)
        if words < 3:
            break
        if kind == 0x0521 and at + 8 <= len(data):
            (count,) = struct.unpack_from("<H", data, at + 6)
            texts.append(data[at + 8 : at + 8 + count].decode("cp1252", "replace"))
        elif kind == 0x0A32 and at + 14 <= len(data):
            count, options = struct.unpack_from("<HH", data, at + 10)
            start = at + 14 + (8 if options & 6 else 0)
            texts.append(data[start : start + count].decode("cp1252", "replace"))
        at += 2 * words
    return texts
