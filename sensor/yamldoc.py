"""
YAML text to values that know where they stand.

Rule 1: text in, a ``Node`` out, or ``ConfigError`` with line and column. Nothing is opened.
Rule 2: YAML 1.2 core schema (YAML 1.2.2, section 10.3.2): ``NO`` is Norway, ``12:30``, ``yes`` and dates are
text, ``0o17`` is 15, ``1e3`` is a number.
Rule 3: what people get wrong in silence is refused: duplicate keys, merge keys, unknown tags, a second
document.

PyYAML (libyaml where it is there, else its own scanner) turns text into events; from there on the code is
ours and keeps its own stack, so nesting cannot exhaust Python's or C's. Work is bounded by ``MAX_TEXT``
characters, ``MAX_DEPTH`` levels, and ``MAX_NODES`` nodes *after* aliases are written out: ten lines of
aliases of aliases cost no more than ten lines.

PyYAML's two scanners agree on what a document says; a test holds them equal. They would not about tabs and
the characters that YAML 1.1 took for line breaks and YAML 1.2 does not (NEL, LS, PS), which may stand as
escapes in double quotes only, and about directives (``%YAML``), which are refused. (A few texts, such as
``[... ? ]``, are read by libyaml and refused by the other; and where an empty value stands in ``{a: }`` they
differ by a column.)
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import yaml

from sensor.errors import ConfigError, Location

__all__ = ["MAX_DEPTH", "MAX_NODES", "MAX_TEXT", "Node", "did_you_mean", "parse_yaml", "suggest"]

MAX_TEXT = 4 * 1024 * 1024
"""Characters."""
MAX_DEPTH = 64
"""Sequences and mappings inside each other."""
MAX_NODES = 200_000
"""Values in a document, aliases written out."""
MAX_NUMBER = 100
"""Characters of one number."""
MAX_LISTED = 40
"""Choices that an error lists."""

# What a YAML stream may hold (YAML 1.2.2, production [1] c-printable), less the characters named above, and
# less U+FEFF, which may stand at the start only.
_UNFIT = re.compile("[^\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_DIRECTIVE = re.compile(r"(?:[ ]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*%")

# YAML 1.2.2, section 10.3.2, "Tag Resolution".
_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_INFINITY = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z")
_NAN = re.compile(r"\.(?:nan|NaN|NAN)\Z")
# What a plain scalar that is not text begins with; spares most scalars the nine tries.
_SPECIAL = frozenset("nN~tTfF-+.0123456789")

_CORE = "tag:yaml.org,2002:"

Scalar = str | int | float | bool | None


def suggest(word: str, choices: Collection[str]) -> str | None:
    """The choice that ``word`` was most likely meant to be; ``None`` where none is near."""
    near = difflib.get_close_matches(word[:100].lower(), sorted(choices), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, choices: Collection[str], what: str = "choices") -> str | None:
    """
    A hint: ``Did you mean "redact"? Actions are allow, alert, coach, redact, block.``

    The list is left out where it is longer than a person would read; ``None`` where nothing is left to say.
    """
    near = suggest(word, choices)
    parts = [f'Did you mean "{near}"?'] if near else []
    if 0 < len(choices) <= MAX_LISTED:
        parts.append(f"{what[:1].upper()}{what[1:]} are {', '.join(choices)}.")
    return " ".join(parts) or None


class Node:
    """
    One value of a document, and where it stands.

    The readers (``mapping``, ``text``, …) give what is asked for or raise ``ConfigError`` at this place.
    """

    __slots__ = ("_column", "_content", "_keys", "_line", "_path", "height", "size")

    def __init__(
        self,
        path: str,
        line: int,
        column: int,
        content: Scalar | dict[str, Node] | list[Node],
        keys: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self._path = path
        self._line = line
        self._column = column
        self._content = content
        self._keys = {} if keys is None else keys
        self.size = 1
        """Nodes under this one and itself, aliases written out."""
        self.height = 0
        """How many levels lie below."""

    def __repr__(self) -> str:
        return f"Node({self.value!r} at {self.location})"

    @property
    def location(self) -> Location:
        """Where the value begins."""
        return Location(self._path, self._line, self._column)

    @property
    def value(self) -> Any:
        """The plain Python value, made anew: dict, list, str, int, float, bool or None, all the way down."""
        if isinstance(self._content, dict):
            return {key: child.value for key, child in self._content.items()}
        if isinstance(self._content, list):
            return [child.value for child in self._content]
        return self._content

    @property
    def kind(self) -> str:
        """What it is, as a person would say it, with an example's brevity: ``text "abc"``, ``a list``."""
        content = self._content
        if isinstance(content, dict):
            return "a mapping"
        if isinstance(content, list):
            return "a list"
        if isinstance(content, str):
            return f"text {_quoted(content)}"
        if content is None:
            return "nothing"
        if isinstance(content, bool):
            return "true" if content else "false"
        return f"the number {content}"

    def error(self, what: str, hint: str | None = None) -> ConfigError:
        """The error that says ``what`` is wrong here; the caller raises it."""
        return ConfigError(what, where=self.location, hint=hint)

    def key_location(self, key: str) -> Location:
        """Where a key of this mapping stands."""
        line, column = self._keys[key]
        return Location(self._path, line, column)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self._content, dict)

    @property
    def is_sequence(self) -> bool:
        return isinstance(self._content, list)

    @property
    def is_text(self) -> bool:
        return isinstance(self._content, str)

    @property
    def is_null(self) -> bool:
        return self._content is None

    def mapping(
        self, allowed: Collection[str] | None = None, required: Collection[str] = ()
    ) -> dict[str, Node]:
        """
        The mapping's values by key, in the order written.

        With ``allowed``, any other key is refused with a suggestion; ``required`` keys are allowed and must
        be there.
        """
        if not isinstance(self._content, dict):
            raise self.error(f"expected a mapping (key: value), found {self.kind}")
        if allowed is not None:
            ordered = sorted(allowed) if isinstance(allowed, (set, frozenset)) else allowed
            known = [*required, *(key for key in ordered if key not in required)]
            for key in self._content:
                if key not in known:
                    raise ConfigError(
                        f"unknown key {_quoted(key)}",
                        where=self.key_location(key),
                        hint=did_you_mean(key, known, "keys here"),
                    )
        missing = [key for key in required if key not in self._content]
        if missing:
            names = ", ".join(f'"{key}"' for key in missing)
            raise self.error(f"missing {'keys' if len(missing) > 1 else 'key'} {names}")
        return dict(self._content)

    def sequence(self) -> list[Node]:
        """The list's items."""
        if not isinstance(self._content, list):
            raise self.error(
                f"expected a list, found {self.kind}", "Write it as [a, b] or as lines of '- a'."
            )
        return list(self._content)

    def texts(self) -> list[str]:
        """A list of texts; one text alone stands for a list of one."""
        if isinstance(self._content, str):
            return [self.text()]
        return [item.text() for item in self.sequence()]

    def text(self, *, empty: bool = False) -> str:
        """The text. Empty text is refused unless ``empty``."""
        if not isinstance(self._content, str):
            hint = None
            if isinstance(self._content, (int, float)):
                hint = "Put it in quotes where text is meant."
            raise self.error(f"expected text, found {self.kind}", hint)
        if not self._content and not empty:
            raise self.error("expected text, found empty text")
        return self._content

    def integer(self, minimum: int | None = None, maximum: int | None = None) -> int:
        """The whole number, held to the bounds given (both inclusive)."""
        if not isinstance(self._content, int) or isinstance(self._content, bool):
            raise self.error(f"expected a whole number, found {self.kind}")
        self._within(self._content, minimum, maximum)
        return self._content

    def number(self, minimum: float | None = None, maximum: float | None = None) -> float:
        """The finite number, held to the bounds given (both inclusive)."""
        content = self._content
        if not isinstance(content, (int, float)) or isinstance(content, bool) or not math.isfinite(content):
            raise self.error(f"expected a number, found {self.kind}")
        self._within(content, minimum, maximum)
        return content

    def boolean(self) -> bool:
        """true or false."""
        if not isinstance(self._content, bool):
            hint = None
            if isinstance(self._content, str) and self._content.lower() in {
                "yes",
                "no",
                "on",
                "off",
                "y",
                "n",
            }:
                hint = "YAML 1.2 knows true and false only."
            raise self.error(f"expected true or false, found {self.kind}", hint)
        return self._content

    def one_of(self, choices: Collection[str], what: str = "value") -> str:
        """A text out of a closed set; ``what`` names it in the error (``action``, ``category``)."""
        text = self.text()
        if text not in choices:
            plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
            raise self.error(f"unknown {what} {_quoted(text)}", did_you_mean(text, choices, plural))
        return text

    def _within(self, number: float, minimum: float | None, maximum: float | None) -> None:
        if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
            low = "" if minimum is None else f"at least {minimum}"
            high = "" if maximum is None else f"at most {maximum}"
            raise self.error(
                f"{number} is out of range", f"It must be {' and '.join(filter(None, (low, high)))}."
            )


def parse_yaml(text: str, path: str) -> Node:
    """
    The document in ``text``; an empty one is a node holding ``None``.

    ``path`` is the file as the person named it, for messages. Raises ``ConfigError``.
    """
    return _read(text, path, getattr(yaml, "CBaseLoader", yaml.BaseLoader))


# --- from events to nodes -----------------------------------------------------------------------------

# Either of PyYAML's loaders, of which only the parser is used: it gives one event after the other.
_Loader = Callable[[str], Any]


class _Open:
    """A mapping or sequence whose end has not been seen yet."""

    __slots__ = ("anchor", "children", "is_mapping", "items", "key", "keys", "node", "wants_key")

    def __init__(self, path: str, event: Any) -> None:
        self.is_mapping = self.wants_key = isinstance(event, yaml.MappingStartEvent)
        self.anchor: str | None = event.anchor
        self.children: dict[str, Node] = {}
        self.items: list[Node] = []
        self.keys: dict[str, tuple[int, int]] = {}
        self.key = ""
        self.node = Node(path, *_at(event), self.children if self.is_mapping else self.items, self.keys)


def _read(text: str, path: str, loader: _Loader) -> Node:
    """The document, by one of PyYAML's two parsers."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_TEXT:
        raise ConfigError(f"longer than {MAX_TEXT} characters", where=Location(path))
    unfit = _UNFIT.search(text)
    if unfit is not None:
        before = text[: unfit.start()]
        line = before.count("\n") + 1
        raise ConfigError(
            "a tab may not stand here"
            if unfit.group() == "\t"
            else f"character U+{ord(unfit.group()):04X} may not stand here",
            where=Location(path, line, len(before) - (before.rfind("\n") + 1) + 1),
            hint="Indent with spaces; inside double quotes it can be written as an escape.",
        )
    directive = _DIRECTIVE.match(text)
    if directive is not None:
        line = len(directive.group().splitlines())
        raise ConfigError(
            "directives are not read", where=Location(path, line, 1), hint="Take out the % line."
        )
    if not text.endswith("\n"):
        text += "\n"  # Where a value left out at the end stands would else depend on the scanner.
    try:
        return _Builder(path).build(_events(loader(text)))
    except yaml.MarkedYAMLError as error:
        raise ConfigError(
            str(error.problem or error.context), where=_place(path, error.problem_mark or error.context_mark)
        ) from None
    except (ValueError, OverflowError):
        # PyYAML's own scanner passes the digits of a \U escape to chr() without looking at their size.
        raise ConfigError("an escape names no character", where=Location(path)) from None


def _events(parser: Any) -> Iterator[yaml.Event]:
    while True:
        event = parser.get_event()
        yield event
        if isinstance(event, yaml.StreamEndEvent):
            return


def _place(path: str, mark: Any) -> Location:
    return Location(path, mark.line + 1, mark.column + 1)


def _at(event: Any) -> tuple[int, int]:
    """Line and column of an event's beginning, counted from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Builder:
    """Events in, one node out. Holds the stack, the anchors and the count."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        """``None`` while the anchored value is still open."""
        self.root: Node | None = None
        self.documents = 0

    def build(self, events: Iterator[yaml.Event]) -> Node:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self.open(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                opened = self.stack.pop()
                if opened.anchor is not None:
                    self.anchors[opened.anchor] = opened.node
                self.put(opened.node)
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise ConfigError(
                        "a second document begins here", where=_place(self.path, event.start_mark),
                        hint="One file holds one document: take out the '---' line.",
                    )  # fmt: skip
        return self.root if self.root is not None else Node(self.path, 1, 1, None)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        if self.expects_key():
            self.take_key(event)
            return
        node = Node(self.path, *_at(event), self.resolve(event))
        self.anchor(event, node)
        self.put(node)

    def open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        where = _place(self.path, event.start_mark)
        if self.expects_key():
            raise ConfigError("a key must be text", where=where)
        if len(self.stack) >= MAX_DEPTH:
            raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", where=where)
        opened = _Open(self.path, event)
        tag = event.tag
        if tag not in (None, "!", _CORE + ("map" if opened.is_mapping else "seq")):
            raise self.unknown_tag(tag, where)
        self.anchor(event, None)
        self.stack.append(opened)

    def anchor(self, event: Any, node: Node | None) -> None:
        if event.anchor is not None:
            if event.anchor in self.anchors:
                raise ConfigError(
                    f"anchor {_quoted(event.anchor)} is named twice",
                    where=_place(self.path, event.start_mark),
                )
            self.anchors[event.anchor] = node

    def alias(self, event: Any) -> None:
        where = _place(self.path, event.start_mark)
        name = str(event.anchor)
        if self.expects_key():
            raise ConfigError("an alias cannot be a key", where=where)
        if name not in self.anchors:
            raise ConfigError(
                f"unknown alias {_quoted(name)}",
                where=where,
                hint=did_you_mean(name, list(self.anchors), "anchors"),
            )
        target = self.anchors[name]
        if target is None:
            raise ConfigError(f"alias {_quoted(name)} stands inside what it names", where=where)
        if len(self.stack) + target.height > MAX_DEPTH:
            raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", where=where)
        self.put(target)

    def expects_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].wants_key

    def take_key(self, event: yaml.ScalarEvent) -> None:
        where = _place(self.path, event.start_mark)
        key = event.value
        plain = event.implicit[0]
        if event.tag not in (None, "!", _CORE + "str"):
            raise self.unknown_tag(event.tag, where)
        if plain and _NULL.match(key):
            raise ConfigError("a key must be text", where=where)
        if plain and key == "<<":
            raise ConfigError(
                'merge keys ("<<") are not part of YAML 1.2', where=where, hint="Write the keys out."
            )
        self.check_text(key, event)
        opened = self.stack[-1]
        if key in opened.keys:
            raise ConfigError(
                f"duplicate key {_quoted(key)}", where=where,
                hint=f"It stands at line {opened.keys[key][0]} already.",
            )  # fmt: skip
        self.anchor(event, Node(self.path, *_at(event), key))
        opened.keys[key] = _at(event)
        opened.key = key
        opened.wants_key = False

    def put(self, node: Node) -> None:
        """A finished value takes its place in what is open."""
        if not self.stack:
            # ``documents`` sees to it that there is one only.
            self.root = node
            return
        opened = self.stack[-1]
        parent = opened.node
        if opened.is_mapping:
            opened.children[opened.key] = node
            opened.wants_key = True
        else:
            opened.items.append(node)
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.size > MAX_NODES:
            raise ConfigError(
                f"more than {MAX_NODES} values, aliases written out",
                where=Location(self.path, node._line, node._column),
            )

    def resolve(self, event: yaml.ScalarEvent) -> Scalar:
        """The value of a scalar by the core schema, or as its tag says."""
        text = event.value
        tag = event.tag
        if tag is None:
            if not event.implicit[0] or (text and text[0] not in _SPECIAL):
                self.check_text(text, event)
                return text
            return self.resolve_plain(text, event)
        if tag in ("!", _CORE + "str"):
            self.check_text(text, event)
            return text
        where = _place(self.path, event.start_mark)
        if tag not in _TAGS:
            raise self.unknown_tag(tag, where)
        value = self.resolve_plain(text, event)
        if tag == _CORE + "float" and type(value) is int:
            return float(value)
        if type(value) is not _TAGS[tag]:
            raise ConfigError(f"{_quoted(text)} is no {tag.removeprefix(_CORE)}", where=where)
        return value

    def resolve_plain(self, text: str, event: yaml.ScalarEvent) -> Scalar:
        if _NULL.match(text):
            return None
        if _TRUE.match(text):
            return True
        if _FALSE.match(text):
            return False
        number: int | float
        if _INTEGER.match(text):
            number = int(text[:MAX_NUMBER])
        elif _OCTAL.match(text):
            number = int(text[2:MAX_NUMBER], 8)
        elif _HEX.match(text):
            number = int(text[2:MAX_NUMBER], 16)
        elif _FLOAT.match(text):
            number = float(text)
        elif _INFINITY.match(text):
            return -math.inf if text[0] == "-" else math.inf
        elif _NAN.match(text):
            return math.nan
        else:
            return text
        if len(text) > MAX_NUMBER or math.isinf(number):
            raise ConfigError(
                "the number is too large or too long",
                where=_place(self.path, event.start_mark),
                hint="Put it in quotes where text is meant.",
            )
        return number

    def check_text(self, text: str, event: yaml.ScalarEvent) -> None:
        """Half a surrogate pair, by an escape, is no character (PyYAML's own scanner lets it through)."""
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise ConfigError("an escape names half a character", where=_place(self.path, event.start_mark))

    def unknown_tag(self, tag: str | None, where: Location) -> ConfigError:
        return ConfigError(
            f"unknown tag {_quoted(str(tag).replace(_CORE, '!!'))}", where=where,
            hint="Tags that call for program objects are not read; plain values need none.",
        )  # fmt: skip


_TAGS: Mapping[str, type] = {
    _CORE + "int": int,
    _CORE + "float": float,
    _CORE + "bool": bool,
    _CORE + "null": type(None),
}


def _quoted(text: str) -> str:
    """The text in quotes, cut to what fits in a message, without control characters."""
    shown = text if len(text) <= 60 else text[:57] + "…"
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown) + '"'
