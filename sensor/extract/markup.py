"""
HTML, whole: what shows, what is hidden, comments, scripts, and attributes that hold words.

An own tokenizer, one pass from tag to tag: no document, however broken, costs more than its length. Text of
hidden elements (``hidden``, ``display:none``, ``visibility:hidden``, no size, ``aria-hidden``) goes to
``hidden`` instead of the body; templates and noscript count as hidden.

Source: WHATWG HTML 13.2.5 (tokenization: comments, raw text elements, attribute values), 13.1.2 (void
elements).
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Iterator

from sensor.extract.charsets import decode
from sensor.extract.source import Source
from sensor.extract.tables import Table
from sensor.extract.texts import say_text

__all__ = ["read_html", "read_svg", "say_html"]

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BLOCK = frozenset(
    """
    address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption
    figure footer form frameset h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p
    pre section select summary table tbody tfoot thead title tr ul textarea button label """.split()
)
_RAW = frozenset("script style textarea title xmp iframe noembed noframes plaintext".split())
_NAME = re.compile(r"[A-Za-z][^\s/>]{0,60}")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]{1,80})(?:\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_HIDING = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:[^.\d]|$)|mso-hide\s*:\s*all|"
    r"opacity\s*:\s*0(?:[^.\d]|$)|"
    r"text-indent\s*:\s*-\d{3}|(?:left|top)\s*:\s*-\d{3,}|(?:^|;)\s*(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$)"
)
_TOLD = frozenset(
    """
    alt title content value placeholder aria-label aria-description summary label srcdoc data-content
    data-value data-text data-title data-original-title download datetime cite name """.split()
)
_LINKS = frozenset("href src action formaction data poster background".split())
_SPACE = re.compile(r"[ \t\r\n\f]+")
_DATA_URL = re.compile(r"data:([\w./+-]*)(?:;[\w=.-]+)*?(;base64)?,", re.IGNORECASE)
_DEPTH = 5_000
_STYLE = 2_000
_NO_ATTRIBUTES: dict[str, str] = {}
_ATTRIBUTES = 1_000


def read_html(source: Source) -> None:
    """An HTML file."""
    most = 2 * source.budget.limits.text_bytes
    if len(source.data) > most:
        source.budget.problem("too_large")
    say_html(source, decode(source.data[:most], source.content_type))


def read_svg(source: Source) -> None:
    """SVG is markup to people: the same reader does."""
    read_html(source)


def say_html(source: Source, text: str, kind: str | None = None) -> None:
    """The parts of a text of HTML; ``kind`` is what its body is called."""
    _Page(source, kind or source.text_kind).read(text)


def _tag_end(text: str, at: int) -> int:
    """Where a tag ends: the next ``>`` outside quotes, or the next at all where quotes do not close."""
    close = text.find(">", at)
    if close < 0:
        return len(text)
    quote = min((q for q in (text.find('"', at, close), text.find("'", at, close)) if q >= 0), default=-1)
    if quote < 0:
        return close
    position = at
    limit = min(len(text), at + 1024 * 1024)
    while True:
        found = _QUOTE_OR_END.search(text, position, limit)
        if found is None:
            return close
        if found[0] == ">":
            return found.start()
        if text[found.start() - 1 : found.start()] not in ("=", " ", "\n", "\t", "\r") and found[0] != "=":
            position = found.end()
            continue
        other = text.find(found[0], found.end(), limit)
        if other < 0:
            return close
        position = other + 1


_QUOTE_OR_END = re.compile("[\"'>]")


class _Page:
    def __init__(self, source: Source, kind: str) -> None:
        self.source = source
        self.kind = kind
        self.line: list[str] = []
        self.open: list[str] = []
        self.hidden_from: int | None = None
        """How many elements were open where the outermost hidden one began."""
        self.tables: list[tuple[Table, list[str]]] = []
        self.cell: list[str] | None = None
        self.preformatted = 0

    # Output.

    def _finish_line(self) -> None:
        if not self.line:
            return
        text = "".join(self.line)
        self.line.clear()
        if not self.preformatted:
            text = _SPACE.sub(" ", text).strip()
        if not text:
            return
        if self.hidden_from is not None:
            self.source.say("hidden", "html", text)
        elif self.cell is not None:
            self.cell.append(text)
        else:
            self.source.say(self.kind, "html", text)

    def _put(self, raw: str) -> None:
        if raw:
            self.line.append(html.unescape(raw) if "&" in raw else raw)

    # Input.

    def read(self, text: str) -> None:
        at, size = 0, len(text)
        budget = self.source.budget
        while at < size:
            if len(self.open) >= _DEPTH:
                budget.problem("too_deep", truncated=False)
                say_text(self.source, "hidden", "html, beyond its depth", text[at:])
                break
            opening = text.find("<", at)
            if opening < 0:
                self._put(text[at:])
                break
            self._put(text[at:opening])
            budget.tick()
            follows = text[opening + 1 : opening + 2]
            if follows.isalpha():
                at = self._start_tag(text, opening)
            elif follows == "/":
                at = self._end_tag(text, opening)
            elif follows == "!":
                at = self._declaration(text, opening)
            elif follows == "?":
                stop = text.find(">", opening)
                at = stop + 1 if stop >= 0 else size
            else:
                self._put("<")
                at = opening + 1
        self._finish_line()
        while self.tables:
            self._end_table()

    def _declaration(self, text: str, at: int) -> int:
        if text.startswith("<!--", at):
            stop = text.find("-->", at + 4)
            stop = len(text) if stop < 0 else stop
            comment = text[at + 4 : stop].strip()
            if comment:
                say_text(self.source, "comment", "html comment", html.unescape(comment))
            return stop + 3
        if text.startswith("<![CDATA[", at):
            stop = text.find("]]>", at)
            stop = len(text) if stop < 0 else stop
            self.line.append(text[at + 9 : stop])
            return stop + 3
        stop = text.find(">", at)
        return len(text) if stop < 0 else stop + 1

    def _end_tag(self, text: str, at: int) -> int:
        stop = text.find(">", at)
        stop = len(text) if stop < 0 else stop
        name = _NAME.match(text, at + 2)
        if name is not None:
            self._close(name[0].lower())
        return stop + 1

    def _close(self, name: str) -> None:
        if name in _BLOCK:
            self._finish_line()
        if name in ("td", "th"):
            self._end_cell()
        elif name == "tr":
            self._end_row()
        elif name == "table":
            self._end_table()
        elif name == "pre":
            self._finish_line()
            self.preformatted = max(0, self.preformatted - 1)
        if self.open and self.open[-1] == name:
            self.open.pop()
        elif name in self.open[-200:]:
            while self.open and self.open.pop() != name:
                pass
        else:
            return
        if self.hidden_from is not None and len(self.open) <= self.hidden_from:
            self._finish_line()
            self.hidden_from = None

    def _start_tag(self, text: str, at: int) -> int:
        found = _NAME.match(text, at + 1)
        if found is None:
            return at + 1
        name = found[0].lower().rpartition(":")[2]
        behind = found.end()
        if text[behind : behind + 1] == ">":
            stop, attributes = behind, _NO_ATTRIBUTES
        else:
            stop = _tag_end(text, behind)
            attributes = dict(_attributes(text[behind:stop]))
        if name in _BLOCK:
            self._finish_line()
        elif name in ("td", "th", "img", "input"):
            self.line.append(" ")
        closed = name in _VOID or text[stop - 1 : stop] == "/"
        hides = name in ("template", "noscript") or (bool(attributes) and _hides(attributes))
        if attributes:
            self._say_attributes(name, attributes)
        if name == "table":
            self._start_table()
        elif name in ("td", "th"):
            self._end_cell()
            self.cell = [] if self.tables else None
        elif name == "tr":
            self._end_row()
        elif name == "pre":
            self._finish_line()
            self.preformatted += 1
        if not closed:
            if hides and self.hidden_from is None:
                self._finish_line()
                self.hidden_from = len(self.open)
            self.open.append(name)
        if name in _RAW and not closed:
            return self._raw(text, stop + 1, name)
        return stop + 1

    def _raw(self, text: str, at: int, name: str) -> int:
        """Text that is no markup, up to its own end tag."""
        end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, at)
        stop = end.start() if end else len(text)
        body = text[at:stop]
        if name == "script":
            say_text(self.source, "script", "html script", body)
        elif name == "style":
            say_text(self.source, "script", "html style", body)
        elif name in ("title", "textarea"):
            self._put(body)
        else:
            say_text(self.source, "hidden", "html", html.unescape(body))
        return stop

    def _say_attributes(self, name: str, attributes: dict[str, str]) -> None:
        say = self.source.say
        if name == "meta" and attributes.get("content"):
            key = (
                attributes.get("name") or attributes.get("property") or attributes.get("http-equiv") or "meta"
            )
            if key.lower() not in ("viewport", "content-type"):
                say("property", "html meta", f"property {key}: {attributes['content']}")
            return
        label = attributes.get("name", "")
        for key, value in attributes.items():
            if not value or len(value) < 2:
                continue
            if key in _LINKS:
                if value.startswith("data:"):
                    self._data_url(value)
                elif not value.startswith("#") and len(value) > 6:
                    say("link", "html link", value)
            elif key == "srcdoc":
                self.source.nested(
                    value.encode("utf-8", "replace"), "srcdoc", content_type="text/html; charset=utf-8"
                )
            elif key == "value":
                kind = "hidden" if attributes.get("type", "").lower() == "hidden" else "form"
                say(kind, "html form", f"{label}: {value}" if label else value)
            elif key == "name":
                continue
            elif key in _TOLD or (key.startswith("data-") and len(value) > 3):
                say("form" if key == "placeholder" else self.kind, "html attribute", value)

    def _data_url(self, value: str) -> None:
        found = _DATA_URL.match(value)
        if found is None:
            return
        body = value[found.end() :]
        if found[2]:
            try:
                raw = base64.b64decode(re.sub(r"[^A-Za-z0-9+/]", "", body) + "==")
            except (binascii.Error, ValueError):
                return
        else:
            raw = urllib.parse.unquote_to_bytes(body)
        self.source.nested(raw, "data URL", content_type=found[1])

    # Tables: cells of a row side by side, under their headings.

    def _start_table(self) -> None:
        self._finish_line()
        self._end_row()
        say, kind = self.source.say, self.kind
        if len(self.tables) < 100:
            self.tables.append((Table(self.source.budget, lambda line: say(kind, "html", line)), []))

    def _end_cell(self) -> None:
        self._finish_line()
        if self.cell is not None:
            if self.tables:
                self.tables[-1][1].append(" ".join(self.cell))
            self.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.tables:
            table, cells = self.tables[-1]
            table.row(cells)
            cells.clear()

    def _end_table(self) -> None:
        self._end_row()
        if self.tables:
            self.tables.pop()


def _hides(attributes: dict[str, str]) -> bool:
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return style is not None and _HIDING.search(style[:_STYLE]) is not None


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for number, found in enumerate(_ATTRIBUTE.finditer(text)):
        if number >= _ATTRIBUTES:
            return
        value = found[2] or found[3] or found[4] or ""
        yield found[1].lower(), html.unescape(value) if "&" in value else value
