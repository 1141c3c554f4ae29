"""
Content streams to lines of text.

Operators that show text, move the pen, set the matrix or the font, draw forms, and mark content are carried
out; all others are passed over. From where a string begins and the last one ended follows whether they are
one word, two words or two lines. Text that is invisible, white, clipped, off the page or covered is text
all the same; text in a layer that is switched off, or shown with rendering mode 3, is told once more as
hidden, with the line around it.

Source: ISO 32000-2 8.4.4 (graphics state operators), 9.2 to 9.4 (text), 14.6 (marked content), 8.11 (optional
content), 8.9.7 (inline images).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sensor.extract.budget import Budget, Stop
from sensor.extract.pdf.fonts import Font
from sensor.extract.pdf.objects import Value, hex_string, name, number, parse, string_at

__all__ = ["Lines", "Page", "interpret"]

_TOKEN = re.compile(
    # Paths, colours and line styles, as many as stand together: half of most files, and nothing to read.
    rb"(?P<skip>(?:(?:[-+]?[0-9.]++[\x00\t\n\x0c\r ]++){0,6}+"
    rb"(?:[mlcvyhSsFniMjJwgGkK]|re|rg|RG|ri|sc|SC|[fBbW]\*?)"
    rb"(?:[\x00\t\n\x0c\r ]++|\Z))++)"
    # Whole operators that make up most of the rest: matrices, moves, plain marks.
    rb"|(?P<placed>(?:[-+]?[0-9.]++[\x00\t\n\x0c\r ]++){6}+(?P<by>cm|Tm)(?![A-Za-z0-9*]))"
    rb"|(?P<moved>(?:[-+]?[0-9.]++[\x00\t\n\x0c\r ]++){2}+Td(?![A-Za-z0-9*]))"
    rb"|(?P<mark>/[A-Za-z0-9]{1,20}[\x00\t\n\x0c\r ]*<<[\x00\t\n\x0c\r ]*/MCID[\x00\t\n\x0c\r ]+\d{1,9}"
    rb"[\x00\t\n\x0c\r ]*>>[\x00\t\n\x0c\r ]*BDC(?![A-Za-z0-9*]))"
    rb"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?![^\x00\t\n\x0c\r ()<>\[\]{}/%+-]))"
    rb"|(?P<word>[A-Za-z'\"][A-Za-z0-9*'\"]*+)"
    rb"|\((?P<text>[^()\\\r]*+)\)"
    rb"|<(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*+)>"
    rb"|(?P<left>\[)|(?P<right>\])"
    rb"|/(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)"
    rb"|(?P<paren>\()"
    rb"|(?P<open><<)"
    rb"|(?P<odd>[+-]*[\d.][\d.+-]*)"
    rb"|%[^\r\n]*+"
)
_OPERANDS = 2_000
_SAVED = 256
_FORMS = 12
_IMAGE_END = re.compile(rb"[\x00\t\n\x0c\r ]EI(?=[\x00\t\n\x0c\r /\[(<QqB])")

Matrix = tuple[float, float, float, float, float, float]
_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _times(a: Matrix, b: Matrix) -> Matrix:
    """First ``a``, then ``b``."""
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LEFT_TO_RIGHT = re.compile(
    r"[A-Za-z0-9\u00c0-\u024f](?:[-A-Za-z0-9\u00c0-\u024f.,:/@+_#%&' ]*[A-Za-z0-9\u00c0-\u024f%])?"
)


def _logical(line: str) -> str:
    """
    A line of Hebrew or Arabic, whose glyphs stand in the file from left to right, in the order of reading.

    The line is turned round and what runs left to right (numbers, Latin words) turned back. Arabic shapes
    become their letters.
    """
    turned = _LEFT_TO_RIGHT.sub(lambda found: found[0][::-1], line[::-1])
    return unicodedata.normalize("NFKC", turned)


class Lines:
    """Strings and where they stand, to lines of text."""

    def __init__(self, say: Callable[[str], None], say_hidden: Callable[[str], None]) -> None:
        self._say = say
        self._say_hidden = say_hidden
        self._shown: list[str] = []
        self._all: list[str] = []
        self._hides = False
        self._rtl = False
        self._end: tuple[float, float] | None = None
        self._size = 1.0
        self._direction = (1.0, 0.0)
        self.unknown = 0
        self.known = 0

    def put(
        self, text: str, x: float, y: float, dx: float, dy: float, size: float, gap: float, hidden: bool
    ) -> None:
        """
        A string that begins at (x, y) in a font of that size and moves the pen by (dx, dy).

        ``gap`` is the width from which on an empty space is one between words.
        """
        if self._end is not None and text:
            along = (x - self._end[0]) * self._direction[0] + (y - self._end[1]) * self._direction[1]
            across = (y - self._end[1]) * self._direction[0] - (x - self._end[0]) * self._direction[1]
            height = max(min(size, self._size), 0.1)
            if abs(across) > 0.6 * height or along < -4 * height:
                self.newline()
            elif (along > gap or along < -0.9 * height) and not self._ends_in_space() and text[:1] != " ":
                self._add(" ", hidden=self._hides)
        if text:
            self._add(text, hidden)
            length = math.hypot(dx, dy)
            if length > 1e-6:
                self._direction = (dx / length, dy / length)
            self._size = size
        self._end = (x + dx, y + dy)

    def space(self) -> None:
        """A gap between words inside one string."""
        if not self._ends_in_space():
            self._add(" ", hidden=False)

    def _ends_in_space(self) -> bool:
        return not self._all or self._all[-1].endswith((" ", "\u00a0"))

    def _add(self, text: str, hidden: bool) -> None:
        if not text.isascii() and _RIGHT_TO_LEFT.search(text):
            self._rtl = True
        self._all.append(text)
        if hidden:
            self._hides = True
        else:
            self._shown.append(text)

    def newline(self) -> None:
        """The line is whole."""
        if self._all:
            shown, whole = "".join(self._shown), "".join(self._all)
            if self._rtl:
                shown, whole = _logical(shown), _logical(whole)
            if shown:
                self._say(shown)
            if self._hides:
                self._say_hidden(whole)
            self._shown.clear()
            self._all.clear()
            self._hides = self._rtl = False


@dataclass(slots=True)
class Page:
    """What the content of a page, or of anything else that draws, may use."""

    lines: Lines
    fonts: Callable[[Mapping[str, Value], str], Font | None]
    """The font of a name in resources."""
    form: Callable[[Mapping[str, Value], str], tuple[bytes, Mapping[str, Value], Matrix, bool] | None]
    """
    A form by name: its content, its resources, its matrix, whether its layer is off; None for a picture.
    """
    is_off: Callable[[Mapping[str, Value], Value], bool]
    """Whether marked content of these properties is in a layer that is switched off."""
    told: Callable[[str], None]
    """Takes replacement texts (ActualText, Alt) of marked content."""
    depth: int = 0
    budget: Budget = field(kw_only=True)


class _State:
    __slots__ = ("ctm", "font", "leading", "mode", "rise", "scale", "size", "spacing", "words")

    def __init__(self) -> None:
        self.ctm = _UNIT
        self.font: Font | None = None
        self.size = 1.0
        self.spacing = self.words = self.leading = self.rise = 0.0
        self.scale = 1.0
        self.mode = 0

    def copy(self) -> _State:
        other = _State()
        for slot in _State.__slots__:
            setattr(other, slot, getattr(self, slot))
        return other


def interpret(
    page: Page, data: bytes, resources: Mapping[str, Value], ctm: Matrix = _UNIT, hidden: bool = False
) -> None:
    """Show the text of a content stream to ``page.lines``."""
    _Interpreter(page, resources, ctm, hidden).run(data)


class _Interpreter:
    def __init__(self, page: Page, resources: Mapping[str, Value], ctm: Matrix, hidden: bool) -> None:
        self.page = page
        self.resources = resources
        self.state = _State()
        self.state.ctm = ctm
        self.saved: list[_State] = []
        self.matrix = self.line = _UNIT
        self.hidden = hidden
        self.marks: list[bool] = []

    def run(self, data: bytes) -> None:
        operands: list[Value] = []
        array: list[Value] | None = None
        budget = self.page.budget
        at = 0
        size = len(data)
        search = _TOKEN.search
        steps = 0
        while at < size:
            found = search(data, at)
            if found is None:
                return
            at = found.end()
            kind = found.lastgroup
            value: Value
            if kind == "skip":
                operands.clear()
                array = None
                budget.tick(1 + (at - found.start()) // 64)
                continue
            if kind == "by" or kind == "placed":
                operands.clear()
                self._place(found["placed"], found["by"])
                budget.tick()
                continue
            if kind == "moved":
                operands.clear()
                x, y, _ = found["moved"].split()
                self.move([number(x), number(y)])
                budget.tick()
                continue
            if kind == "mark":
                self._mark(False)
                continue
            if kind == "number":
                raw = found["number"]
                value = float(raw) if len(raw) < 40 else 0.0
            elif kind == "word":
                word = found["word"]
                steps += 1
                if steps & 63 == 0:
                    budget.tick(64)
                action = _ACTIONS.get(word)
                if word == b"BI":
                    at = _behind_image(data, at)
                elif action is not None:
                    if array is not None:
                        operands.append(array)
                        array = None
                    try:
                        action(self, operands)
                    except (IndexError, TypeError, ValueError, OverflowError):
                        pass  # too few operands, or of the wrong kind: the operator does nothing
                elif word in (b"true", b"false", b"null"):
                    operands.append(None)
                    continue
                operands.clear()
                continue
            elif kind == "text":
                value = found["text"]
            elif kind == "paren":
                value, at = string_at(data, at)
            elif kind == "hex":
                value = hex_string(found["hex"])
            elif kind == "left":
                array = []
                continue
            elif kind == "right":
                if array is not None:
                    operands.append(array)
                array = None
                continue
            elif kind == "name":
                value = name(found["name"])
            elif kind == "open":
                try:
                    value, at, _ = parse(data, found.start("open"))
                except Stop as excess:
                    budget.problem(excess.name)
                    continue
            elif kind == "odd":
                value = number(found["odd"])
            else:
                continue
            target = operands if array is None else array
            if len(target) < _OPERANDS or array is not None and len(target) < 100 * _OPERANDS:
                target.append(value)

    def _place(self, raw: bytes, by: bytes) -> None:
        """Six numbers and ``cm`` or ``Tm``."""
        try:
            a, b, c, d, e, f = map(float, raw.split()[:6])
        except ValueError:
            a, b, c, d, e, f = (float(number(item)) for item in raw.split()[:6])
        if by == b"cm":
            self.state.ctm = _times((a, b, c, d, e, f), self.state.ctm)
        else:
            self.matrix = self.line = (a, b, c, d, e, f)

    # Graphics state.

    def save(self, operands: list[Value]) -> None:
        if len(self.saved) < _SAVED:
            self.saved.append(self.state.copy())

    def restore(self, operands: list[Value]) -> None:
        if self.saved:
            self.state = self.saved.pop()

    def concatenate(self, operands: list[Value]) -> None:
        self.state.ctm = _times(_matrix(operands), self.state.ctm)

    # Text state.

    def begin(self, operands: list[Value]) -> None:
        self.matrix = self.line = _UNIT

    def set_font(self, operands: list[Value]) -> None:
        self.state.size = _number(operands[-1])
        self.state.font = self.page.fonts(self.resources, str(operands[-2]))

    def set_spacing(self, operands: list[Value]) -> None:
        self.state.spacing = _number(operands[-1])

    def set_words(self, operands: list[Value]) -> None:
        self.state.words = _number(operands[-1])

    def set_scale(self, operands: list[Value]) -> None:
        self.state.scale = _number(operands[-1]) / 100

    def set_leading(self, operands: list[Value]) -> None:
        self.state.leading = _number(operands[-1])

    def set_rise(self, operands: list[Value]) -> None:
        self.state.rise = _number(operands[-1])

    def set_mode(self, operands: list[Value]) -> None:
        self.state.mode = int(_number(operands[-1]))

    # Text position.

    def move(self, operands: list[Value]) -> None:
        x, y = _number(operands[-2]), _number(operands[-1])
        a, b, c, d, e, f = self.line
        self.matrix = self.line = (a, b, c, d, x * a + y * c + e, x * b + y * d + f)

    def move_leading(self, operands: list[Value]) -> None:
        self.state.leading = -_number(operands[-1])
        self.move(operands)

    def set_matrix(self, operands: list[Value]) -> None:
        self.matrix = self.line = _matrix(operands)

    def next_line(self, operands: list[Value]) -> None:
        self.move([0, -self.state.leading])

    # Text.

    def show(self, operands: list[Value]) -> None:
        self._show(operands[-1])

    def show_next(self, operands: list[Value]) -> None:
        self.next_line(operands)
        self._show(operands[-1])

    def show_spaced(self, operands: list[Value]) -> None:
        self.state.words, self.state.spacing = _number(operands[-3]), _number(operands[-2])
        self.next_line(operands)
        self._show(operands[-1])

    def show_array(self, operands: list[Value]) -> None:
        items = operands[-1]
        for item in items if isinstance(items, list) else ():
            if isinstance(item, bytes):
                self._show(item)
            elif isinstance(item, (int, float)):
                shift = -float(item) / 1000 * self.state.size
                font = self.state.font
                if font is not None and font.vertical:
                    self._advance(0.0, shift)
                else:
                    self._advance(shift * self.state.scale, 0.0)

    def _advance(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self.matrix
        self.matrix = (a, b, c, d, x * a + y * c + e, x * b + y * d + f)

    def _show(self, raw: Value) -> None:
        state = self.state
        font = state.font
        if not isinstance(raw, bytes) or font is None or not raw:
            return
        shown = font.show(raw)
        size = state.size
        width = (
            shown.width / 1000 * size + shown.glyphs * state.spacing + shown.spaces * state.words
        ) * state.scale
        whole = _times(self.matrix, state.ctm)
        x = state.rise * whole[2] + whole[4]
        y = state.rise * whole[3] + whole[5]
        if font.vertical:
            run = -(shown.glyphs * size)
            self._advance(0.0, run)
            dx, dy = run * whole[2], run * whole[3]
        else:
            self._advance(width, 0.0)
            dx, dy = width * whole[0], width * whole[1]
        height = abs(size) * math.hypot(whole[2], whole[3])
        across = math.hypot(whole[0], whole[1]) * abs(size) * abs(state.scale)
        # Half a space of the font, and at least what no kerning reaches.
        gap = max(min(0.5 * font.space / 1000, 0.25), 0.13) * across
        if state.spacing > 0:
            gap += state.spacing * abs(state.scale) * math.hypot(whole[0], whole[1])
        lines = self.page.lines
        lines.unknown += shown.unknown
        lines.known += shown.glyphs - shown.unknown
        hidden = self.hidden or state.mode in (3, 7)
        lines.put(shown.text, x, y, dx, dy, height, gap, hidden)

    # Forms and marked content.

    def draw(self, operands: list[Value]) -> None:
        if self.page.depth >= _FORMS:
            return
        form = self.page.form(self.resources, str(operands[-1]))
        if form is None:
            return
        data, resources, matrix, off = form
        self.page.depth += 1
        try:
            interpret(
                self.page,
                data,
                resources or self.resources,
                _times(matrix, self.state.ctm),
                self.hidden or off,
            )
        finally:
            self.page.depth -= 1

    def begin_marked(self, operands: list[Value]) -> None:
        self._mark(False)

    def begin_marked_with(self, operands: list[Value]) -> None:
        properties = operands[-1] if operands else None
        off = len(operands) > 1 and operands[-2] == "OC" and self.page.is_off(self.resources, properties)
        if isinstance(properties, dict):
            for key in ("ActualText", "Alt", "E"):
                text = properties.get(key)
                if isinstance(text, bytes):
                    from sensor.extract.pdf.glyphs import text_string

                    self.page.told(text_string(text))
        self._mark(off)

    def _mark(self, off: bool) -> None:
        if len(self.marks) < _SAVED:
            self.marks.append(self.hidden)
        self.hidden = self.hidden or off

    def end_marked(self, operands: list[Value]) -> None:
        if self.marks:
            self.hidden = self.marks.pop()


_ACTIONS: dict[bytes, Callable[[_Interpreter, list[Value]], None]] = {
    b"q": _Interpreter.save, b"Q": _Interpreter.restore, b"cm": _Interpreter.concatenate,
    b"BT": _Interpreter.begin,
    b"Tf": _Interpreter.set_font, b"Tc": _Interpreter.set_spacing, b"Tw": _Interpreter.set_words,
    b"Tz": _Interpreter.set_scale, b"TL": _Interpreter.set_leading, b"Ts": _Interpreter.set_rise,
    b"Tr": _Interpreter.set_mode, b"Td": _Interpreter.move, b"TD": _Interpreter.move_leading,
    b"Tm": _Interpreter.set_matrix, b"T*": _Interpreter.next_line, b"Tj": _Interpreter.show,
    b"TJ": _Interpreter.show_array, b"'": _Interpreter.show_next, b'"': _Interpreter.show_spaced,
    b"Do": _Interpreter.draw, b"BMC": _Interpreter.begin_marked, b"BDC": _Interpreter.begin_marked_with,
    b"EMC": _Interpreter.end_marked,
}  # fmt: skip


def _number(value: Value) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    raise TypeError("not a number")


def _matrix(operands: list[Value]) -> Matrix:
    a, b, c, d, e, f = (_number(value) for value in operands[-6:])
    return (a, b, c, d, e, f)


def _behind_image(data: bytes, at: int) -> int:
    """Where an inline image ends."""
    begin = data.find(b"ID", at)
    if begin < 0:
        return len(data)
    end = _IMAGE_END.search(data, begin + 3)
    return end.end() if end is not None else len(data)
