"""
A whole body, read: the strings in it, what they are, and the body again with other strings.

The body's own form decides how it is taken apart (JSON, lines of JSON, a form, parts, text); the dialect says
what the strings are. Whatever the dialect does not know is read all the same: a value must not get by because
a vendor added a field.

Rule 1: bytes in, a ``Content`` out. A body that cannot be read has ``problem`` set and no strings: the caller
goes by the policy's ``on_error``.
Rule 2: ``rewritten`` changes the strings that are named and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sensor.dialects.reading import JSON, Path, Reading, RequestHead
from sensor.errors import Malformed
from sensor.exchange.leaves import Text
from sensor.wire.forms import Form
from sensor.wire.jsontext import JsonText
from sensor.wire.multipart import Kind, MultipartReader, PartHead, parse_boundary

__all__ = ["MAX_LINES", "Content", "read_body"]

MAX_LINES = 50_000
"""Lines of a body of JSON lines (a batch of requests)."""


class Content:
    """One body: its strings in document order, its bare numbers, and what the dialect reads in it."""

    def __init__(
        self,
        raw: bytes,
        *,
        texts: list[Text] | None = None,
        numbers: list[tuple[Path, str]] | None = None,
        value: Any = None,
        problem: str | None = None,
    ) -> None:
        self.raw = raw
        self.texts = texts or []
        self.numbers = numbers or []
        self.value = value
        """The parsed body, for the dialect."""
        self.problem = problem
        """Why it could not be read; a word."""
        self.reading = Reading()

    def rewritten(self, changes: Mapping[int, str]) -> bytes:
        """The body with these strings (by number) replaced. Raises ``Malformed`` where it was not read."""
        if changes:
            raise Malformed("body_cannot_be_rewritten")
        return self.raw


class _Json(Content):
    def __init__(self, raw: bytes, text: JsonText) -> None:
        super().__init__(
            raw,
            texts=[
                Text(at, path, string, is_key) for at, (path, string, is_key) in enumerate(text.strings())
            ],
            numbers=text.numbers(),
            value=text.value,
        )
        self._text = text

    def rewritten(self, changes: Mapping[int, str]) -> bytes:
        return self._text.replace(changes)


class _Lines(Content):
    """JSON, a value a line. Paths begin with the line's number."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw, value=[])
        self._lines = raw.splitlines(keepends=True)
        if len(self._lines) > MAX_LINES:
            raise Malformed("too_many_lines")
        self._parsed: list[tuple[int, JsonText] | None] = []
        for at, line in enumerate(self._lines):
            if not line.strip():
                self._parsed.append(None)
                self.value.append(None)
                continue
            text = JsonText.parse(line.strip())
            self._parsed.append((len(self.texts), text))
            self.value.append(text.value)
            for path, string, is_key in text.strings():
                self.texts.append(Text(len(self.texts), (at, *path), string, is_key))
            self.numbers += [((at, *path), number) for path, number in text.numbers()]

    def rewritten(self, changes: Mapping[int, str]) -> bytes:
        out: list[bytes] = []
        for line, parsed in zip(self._lines, self._parsed, strict=True):
            if parsed is None:
                out.append(line)
                continue
            first, text = parsed
            mine = {at - first: new for at, new in changes.items() if 0 <= at - first < len(text.strings())}
            bare = line.strip()
            out.append(line.replace(bare, text.replace(mine), 1) if mine else line)
        return b"".join(out)


class _Plain(Content):
    def __init__(self, raw: bytes) -> None:
        text = raw.decode("utf-8")
        super().__init__(raw, texts=[Text(0, (), text)], value=text)

    def rewritten(self, changes: Mapping[int, str]) -> bytes:
        return changes[0].encode("utf-8", "surrogatepass") if 0 in changes else self.raw


class _Strings:
    """Strings of a form's values: a value that is JSON is taken apart, any other is one string."""

    def __init__(self, texts: list[Text], numbers: list[tuple[Path, str]]) -> None:
        self._texts = texts
        self._numbers = numbers
        self._values: list[tuple[int, JsonText | None, int]] = []
        """First string, JSON where it is that, and how many strings."""

    def add(self, path: Path, text: str) -> None:
        first = len(self._texts)
        inner = _json_in(text)
        if inner is None:
            self._texts.append(Text(first, path, text))
        else:
            for at, string, is_key in inner.strings():
                self._texts.append(Text(len(self._texts), (*path, JSON, *at), string, is_key))
            self._numbers += [((*path, JSON, *at), number) for at, number in inner.numbers()]
        self._values.append((first, inner, len(self._texts) - first))

    def changed(self, changes: Mapping[int, str]) -> dict[int, str]:
        """The values in which something is replaced, by their number."""
        new: dict[int, str] = {}
        for number, (first, inner, count) in enumerate(self._values):
            mine = {at - first: text for at, text in changes.items() if first <= at < first + count}
            if mine:
                new[number] = mine[0] if inner is None else inner.replace(mine).decode("utf-8")
        return new


def _json_in(text: str) -> JsonText | None:
    """The JSON that a value is, where it is an object or a list with something in it."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        made = JsonText.parse(text.encode("utf-8", "surrogatepass"))
    except Malformed:
        return None
    return made if made.strings() else None


class _Fields(Content):
    """application/x-www-form-urlencoded. Of several fields with one name, a path has the place among them."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw, value={})
        self._form = Form.parse(raw)
        self._strings = _Strings(self.texts, self.numbers)
        counts: dict[str, int] = {}
        for name, _ in self._form.fields:
            counts[name] = counts.get(name, 0) + 1
        for name, text in self._form.fields:
            self.texts.append(Text(len(self.texts), (name,), name, is_key=True))
            if counts[name] == 1:
                self.value[name] = text
                self._strings.add((name,), text)
            else:
                several = self.value.setdefault(name, [])
                self._strings.add((name, len(several)), text)
                several.append(text)

    def rewritten(self, changes: Mapping[int, str]) -> bytes:
        return self._form.replace(self._strings.changed(changes))


class _Parts(Content):
    """multipart/form-data. Parts that are text are read; a file that is none is not read here."""

    def __init__(self, raw: bytes, content_type: str) -> None:
        super().__init__(raw, value=[])
        reader = MultipartReader(parse_boundary(content_type))
        self._pieces = [*reader.feed(raw), *reader.finish()]
        odd = next((piece.odd for piece in self._pieces if piece.odd is not None), None)
        if odd is not None or not reader.complete:
            raise Malformed(odd or "multipart_unended")
        self._strings = _Strings(self.texts, self.numbers)
        self._read: list[int] = []
        """Parts whose text was read, in order."""
        self._names: set[int] = set()
        """Strings that are names of files."""
        content: dict[int, list[bytes]] = {}
        for piece in self._pieces:
            if piece.kind is Kind.CONTENT:
                content.setdefault(piece.part, []).append(piece.raw)
        for part, head in [(piece.part, piece.head) for piece in self._pieces if piece.head is not None]:
            self._take(part, head, b"".join(content.get(part, ())))

    def _take(self, part: int, head: PartHead, content: bytes) -> None:
        text = _text_of(head, content)
        self.value.append(
            {
                "name": head.name, "filename": head.filename, "content_type": head.content_type,
                "text": text, "size": len(content),
            }
        )  # fmt: skip
        if head.name:
            self.texts.append(Text(len(self.texts), (part, "name"), head.name, is_key=True))
        if head.filename:
            self._names.add(len(self.texts))
            self.texts.append(Text(len(self.texts), (part, "filename"), head.filename))
        if text is not None:
            self._read.append(part)
            self._strings.add((part, "text"), text)

    def rewritten(self, changes: Mapping[int, str]) -> bytes:
        if not self._names.isdisjoint(changes):
            raise Malformed("file_name_cannot_be_rewritten")
        new = {self._read[number]: text for number, text in self._strings.changed(changes).items()}
        out: list[bytes] = []
        replaced = set(new)
        for piece in self._pieces:
            if piece.kind is Kind.CONTENT and piece.part in replaced:
                # The first piece of a part's content stands for all of it.
                out.append(new.pop(piece.part, "").encode("utf-8", "surrogatepass"))
            else:
                out.append(piece.raw)
        if new:
            raise Malformed("part_without_content")
        return b"".join(out)


def _text_of(head: PartHead, content: bytes) -> str | None:
    """A part's text; ``None`` for a file that does not say that it is text, and for other bytes."""
    kind = (head.content_type or "").partition(";")[0].strip().lower()
    if head.filename and not (kind.startswith("text/") or kind.endswith(("/json", "+json"))):
        return None
    if any(name == "content-transfer-encoding" for name, _ in head.fields):
        raise Malformed("multipart_transfer_encoding")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def read_body(head: RequestHead, raw: bytes) -> Content:
    """
    A whole body, content codings taken off. Never raises.

    ``problem`` is set where it says to be JSON and is none, where an object has a key twice, and where the
    form is not known.
    """
    kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not raw:
        return Content(raw)
    try:
        if kind in _LINES:
            return _Lines(raw)
        if kind == "application/x-www-form-urlencoded":
            return _Fields(raw)
        if kind.startswith("multipart/"):
            return _Parts(raw, head.headers["content-type"])
        if kind.endswith(("/json", "+json")) or (kind in _UNSAID and raw.lstrip()[:1] in (b"{", b"[")):
            return _Json(raw, JsonText.parse(raw))
        if kind.startswith("text/") or kind in _UNSAID:
            return _Plain(raw)
    except Malformed as error:
        return Content(raw, problem=str(error))
    except UnicodeDecodeError:
        return Content(raw, problem="not_utf8")
    return Content(raw, problem="unknown_form")


_LINES = frozenset(
    {"application/x-ndjson", "application/jsonl", "application/ndjson", "application/x-jsonlines"}
)
_UNSAID = frozenset({"", "application/octet-stream", "text/plain"})
"""Types under which JSON is sent all the same."""
