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

from sensor.dialects.reading import Path, Reading, RequestHead
from sensor.errors import Malformed
from sensor.exchange.leaves import Text
from sensor.wire.jsontext import JsonText

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
