"""
Rich Text Format: what shows, hidden and deleted runs, notes, comments, headers, properties, objects inside.

One pass over the tokens with a stack of groups. Text goes to the destination that its group opened; hidden
text (``\\v``) and deleted text (``\\deleted``) go to ``hidden`` and ``deleted`` together with the line they
stand in. Pictures and fonts are passed over; embedded objects are read as files.

Source: Microsoft RTF Specification 1.9.1 ("Unicode RTF", "Character Set", "Destination Control Words",
"Objects", "Info Group", "Track Changes").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sensor.extract.budget import Stop
from sensor.extract.charsets import clean, codec_name
from sensor.extract.source import Source

__all__ = ["read_rtf"]

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_DEPTH = 1_000
_OBJECT_BYTES = 32 * 1024 * 1024
_CONTEXT = 4_000

_SKIP = frozenset(
    """
    colortbl stylesheet listtable listoverridetable rsidtbl themedata colorschememapping datastore
    latentstyles pict pntext filetbl revtbl pgptbl generator mmathPr xmlnstbl panose falt fontemb blipuid
    blipuid picprop objclass wgrffmtfilter listpicture """.split()
)
_PLACES = {
    "header": ("header", "headers"), "headerl": ("header", "headers"), "headerr": ("header", "headers"),
    "headerf": ("header", "headers"), "footer": ("footer", "footers"), "footerl": ("footer", "footers"),
    "footerr": ("footer", "footers"), "footerf": ("footer", "footers"), "footnote": ("note", "notes"),
    "annotation": ("comment", "comments"), "atnid": ("comment", "comments"), "atnauthor": ("comment",
    "comments"),
    "fldinst": ("link", "fields"), "bkmkstart": ("name", "bookmarks"), "xe": ("name", "index"),
    "shptxt": ("body", "text boxes"), "docvar": ("property", "document variables"),
    "template": ("property", "template"), "ffname": ("form", "form fields"), "ffdeftext": ("form",
    "form fields"),
    "ffhelptext": ("form", "form fields"), "ffstattext": ("form", "form fields"), "ffl": ("form",
    "form fields"),
    "sv": ("body", "shape properties"), "sn": ("skip", ""), "linkval": ("property", "user properties"),
    "staticval": ("property", "user properties"), "propname": ("property", "user properties"),
    "htmltag": ("skip", ""), "mailmerge": ("property", "mail merge"), "password": ("skip", ""),
    "oldcprops": ("skip", ""), "oldpprops": ("skip", ""),
}  # fmt: skip
_INFO = frozenset(
    "title subject author operator keywords comment doccomm manager company category hlinkbase".split()
)
_BREAKS = {"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\t", "tab": "\t",
           "nestcell": "\t", "nestrow": "\n", "column": "\n", "softline": "\n"}  # fmt: skip
_MARKS = {"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
          "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " "}  # fmt: skip
_CHARSETS = {
    0: "cp1252", 2: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030",
    136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _State:
    place: str = "body"
    where: str = "text"
    hidden: bool = False
    deleted: bool = False
    skips: int = 1
    """Characters to pass over behind ``\\u``."""
    encoding: str = ""
    font_table: bool = False


class _Line:
    """A line of one place, until it ends."""

    __slots__ = ("all", "before", "deletes", "hides", "shown")

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.all: list[str] = []
        self.before: list[str] = []
        self.hides = False
        self.deletes = False


def read_rtf(source: Source) -> None:
    """Everything in a document."""
    _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.state = _State()
        self.stack: list[_State] = []
        self.encoding = "cp1252"
        self.fonts: dict[int, str] = {}
        self.font = -1
        self.bytes = bytearray()
        self.lines: dict[tuple[str, str], _Line] = {}
        self.pending = 0
        self.high: str = ""
        self.starred = False
        self.object: list[bytes] = []
        self.object_size = 0

    # Text.

    def _flush_bytes(self) -> None:
        if self.bytes:
            encoding = self.state.encoding or self.encoding
            text = bytes(self.bytes).decode(encoding, "replace")
            self.bytes.clear()
            self._put(text)

    def _put(self, text: str) -> None:
        state = self.state
        if state.place == "skip" or state.font_table or not text:
            return
        if state.place == "object":
            return
        key = (state.place, state.where)
        line = self.lines.get(key)
        if line is None:
            line = self.lines[key] = _Line()
        if state.deleted:
            line.deletes = True
            line.before.append(text)
        elif state.hidden:
            line.hides = True
            line.all.append(text)
        else:
            line.shown.append(text)
            line.all.append(text)
            line.before.append(text)
        if "\n" in text or len(line.all) > _CONTEXT or len(line.before) > _CONTEXT:
            self._finish(key)

    def _finish(self, key: tuple[str, str]) -> None:
        line = self.lines.pop(key, None)
        if line is None:
            return
        kind, where = key
        say = self.source.say
        say(kind, where, clean("".join(line.shown)).rstrip("\n"))
        if line.hides:
            say("hidden", f"{where} (hidden)", clean("".join(line.all)).rstrip("\n"))
        if line.deletes:
            say("deleted", where, clean("".join(line.before)).rstrip("\n"))

    # Tokens.

    def read(self) -> None:
        data = self.source.data
        at = 0
        budget = self.source.budget
        while at < len(data):
            found = _TOKEN.match(data, at)
            if found is None:
                at += 1
                continue
            at = found.end()
            budget.tick()
            word, number, code, symbol, brace, text = found.groups()
            if text is not None:
                self._text(text)
            elif brace is not None:
                self._brace(brace)
                if not self.stack and brace == b"}":
                    break
            elif word is not None:
                at += self._word(word.decode("ascii"), number, at)
            elif code is not None:
                self._byte(int(code, 16))
            elif symbol is not None:
                self._symbol(symbol)
        self._flush_bytes()
        self._end_object()
        for key in list(self.lines):
            self._finish(key)
        if at < len(data) and data[at:].strip(b"\0 \r\n\t"):
            from sensor.extract.texts import strings

            strings(budget, data[at:], lambda run: self.source.say("hidden", "behind the document", run))

    def _text(self, text: bytes) -> None:
        if self.pending:
            cut = min(self.pending, len(text))
            self.pending -= cut
            text = text[cut:]
        place = self.state.place
        if place == "object":
            if self.object_size < 2 * _OBJECT_BYTES:
                self.object.append(text)
                self.object_size += len(text)
            return
        if place == "skip":
            return
        self.bytes += text

    def _byte(self, value: int) -> None:
        if self.pending:
            self.pending -= 1
            return
        self.bytes.append(value)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.starred = True
            return
        if self.pending and symbol in b"\\{}~_-":
            self.pending -= 1
            return
        if symbol in b"\\{}":
            self.bytes += symbol
            return
        self._flush_bytes()
        if symbol == b"~":
            self._put("\u00a0")
        elif symbol == b"_":
            self._put("-")
        elif symbol in b"\r\n":
            self._put("\n")

    def _brace(self, brace: bytes) -> None:
        self._flush_bytes()
        self.pending = 0
        self.starred = False
        if brace == b"{":
            if len(self.stack) >= _DEPTH:
                raise Stop("too_deep")
            self.stack.append(self.state)
            return
        before = self.state
        self.state = self.stack.pop() if self.stack else _State()
        if before.place == "object" and self.state.place != "object":
            self._end_object()
        elif (before.place, before.where) != (self.state.place, self.state.where):
            self._finish((before.place, before.where))

    def _word(self, word: str, number: bytes | None, at: int) -> int:
        """Carry out a control word; how many bytes behind it to pass over (only ``\\bin``)."""
        value = int(number) if number is not None else None
        starred, self.starred = self.starred, False
        if word == "u" and value is not None:
            self._flush_bytes()
            self._unicode(value & 0xFFFF)
            self.pending = self.state.skips
            return 0
        if word == "bin" and value is not None:
            size = max(0, value)
            if self.state.place == "object":
                self.object.append(self.source.data[at : at + size].hex().encode())
            return min(size, len(self.source.data) - at)
        self.pending = 0
        self._flush_bytes()
        if word in _BREAKS:
            self._put(_BREAKS[word])
        elif word in _MARKS:
            self._put(_MARKS[word])
        elif word in ("v", "deleted", "f", "uc", "plain", "webhidden"):
            self._format(word, value)
        elif word == "ansicpg" and value is not None:
            self.encoding = codec_name(f"cp{value}") or self.encoding if value != 65001 else "utf-8"
        elif word in ("mac", "pc", "pca"):
            self.encoding = {"mac": "mac-roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "fcharset" and self.state.font_table and value is not None:
            self.fonts[self.font] = _CHARSETS.get(value, "")
        else:
            self._destination(word, starred)
        return 0

    def _format(self, word: str, value: int | None) -> None:
        state = self.state
        on = value != 0
        if word in ("v", "webhidden"):
            self.state = replace(state, hidden=on)
        elif word == "deleted":
            self.state = replace(state, deleted=on)
        elif word == "uc":
            self.state = replace(state, skips=min(max(value if value is not None else 1, 0), 16))
        elif word == "plain":
            self.state = replace(state, hidden=False, deleted=False)
        elif state.font_table:
            self.font = value or 0
        else:
            self.state = replace(state, encoding=self.fonts.get(value or 0, ""))

    def _destination(self, word: str, starred: bool) -> None:
        state = self.state
        if word == "fonttbl":
            self.state = replace(state, place="skip", font_table=True)
        elif word == "objdata":
            self.state = replace(state, place="object")
        elif state.place in ("skip", "object") and word not in ("nonshppict",):
            return
        elif word in _SKIP or word == "nonshppict":
            self.state = replace(state, place="skip")
        elif word in _INFO and state.where == "info":
            self.state = replace(state, place="property", where=f"info {word}")
            self._put(f"property {word}: ")
        elif word == "info":
            self.state = replace(state, place="skip" if starred else "property", where="info")
        elif word in _PLACES:
            kind, where = _PLACES[word]
            self.state = replace(state, place=kind, where=where)
        elif word in ("htmlrtf",):
            return
        elif starred and word not in ("shpinst", "shppict", "shprslt", "nesttableprops", "fldinst",
        "background",
                                      "userprops", "formfield", "dptxbxtext", "aftnsep", "do"):  # fmt: skip
            # An unknown destination: what it holds is still text, only nobody is shown it.
            self.state = replace(state, place="hidden", where=f"destination {word}")

    def _unicode(self, value: int) -> None:
        if 0xD800 <= value < 0xDC00:
            self.high = chr(value)
        elif 0xDC00 <= value < 0xE000:
            pair = (self.high + chr(value)).encode("utf-16-le", "surrogatepass") if self.high else b""
            self.high = ""
            self._put(pair.decode("utf-16-le", "replace") if pair else "\ufffd")
        elif value >= 0xF020 and value <= 0xF0FF:
            self._put(chr(value - 0xF000))
        else:
            self._put(chr(value))

    def _end_object(self) -> None:
        """An embedded object: OLE 1 header and native data, or any file with a magic inside."""
        if not self.object:
            return
        raw = b"".join(self.object)
        self.object.clear()
        self.object_size = 0
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", raw)[: 2 * _OBJECT_BYTES]
        data = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
        for magic in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"%PDF-", b"{\\rtf"):
            at = data.find(magic)
            if at >= 0:
                self.source.nested(data[at:], "embedded object")
                return
        if data:
            self.source.nested(data[_native_at(data) :], "embedded object")


def _native_at(data: bytes) -> int:
    """Where the packaged bytes begin in an OLE 1 Package; 0 where it is none."""
    at = data.find(b"Package\0")
    return at + 8 if 0 <= at < 64 else 0
