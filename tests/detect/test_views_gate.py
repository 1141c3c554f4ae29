"""
What opens the views: the gate's expressions, alone and on ordinary text.

``undisguise`` reads a text as the engine does, without detectors; the other tests of the views use it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.detect.disguises import DISGUISES, VALUES, Case, cases
from sensor.detect import gate
from sensor.detect.views import GATES, ONCE, SPARE, TIMES, View, views

_OPEN: list[gate.Gate] = []


def hints_of(data: bytes) -> dict[str, list[int]]:
    """The hints that the gate gives for a text."""
    if not _OPEN:
        entries = [gate.Entry(expression, once=hint in ONCE) for hint, expression in GATES]
        _OPEN.append(gate.open_gate(entries, gate.compile_gate(entries)))
    hints: dict[str, list[int]] = {}
    for number, end in _OPEN[0].scan(data):
        hints.setdefault(GATES[number][0], []).append(end)
    return hints


def undisguise(data: bytes, depth: int = 3, path: tuple[View, ...] = ()) -> Iterator[tuple[View, ...]]:
    """Every view of a text and every view of a view, each as the way to it."""
    for view in views(data, hints_of(data)):
        yield (*path, view)
        if depth > 1:
            yield from undisguise(view.data, depth - 1, (*path, view))


def place(path: tuple[View, ...], start: int, end: int) -> tuple[int, int]:
    """Bytes of the last view of a way, in the text."""
    for view in reversed(path):
        start, end = view.span(start, end)
    return start, end


def _forms(case: Case) -> list[bytes]:
    """How a value may stand in a view: as it was, or without what parts its groups."""
    value = case.value.value
    forms = [value]
    if case.value.type != "email" and not value.startswith(("ghp_", "xoxb-")):
        forms.append(value.replace(" ", "").replace("-", ""))
        if case.value.type == "phone":
            forms.append(value.replace(" ", "", 2).replace("0", "0", 1))
            forms.append("+49 1702345678")
    return [form.encode() for form in forms]


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.disguise}, {case.value.type}")
def test_every_value_stands_in_a_view_of_every_disguise(case: Case) -> None:
    """280 cases: the value is there to read, and its span is the disguised one."""
    data = case.text.encode()
    start, end = len(case.text[: case.start].encode()), len(case.text[: case.end].encode())
    ways = [((), data), *((way, way[-1].data) for way in undisguise(data))]
    for way, text in ways:
        for form in _forms(case):
            at = text.find(form)
            if at < 0:
                continue
            assert text.startswith(f"Please check this before Monday. {case.value.naming}: ".encode())
            first, last = place(way, at, at + len(form))
            # Quotes, controls and the like around the value may stay.
            assert start <= first <= start + 4 and end - 4 <= last <= end
            return
    pytest.fail("not found")


def test_there_are_28_disguises_of_10_values() -> None:
    assert len(DISGUISES) == 28 and len(VALUES) == 10
    assert sum(1 for _ in cases()) == 280


def test_hints_are_told_apart_and_once_hints_exist() -> None:
    names = {hint for hint, _ in GATES}
    assert names >= ONCE
    assert {name.partition(".")[0] for name in names} == {
        "plain", "decoded", "joined", "reversed", "rot13", "words",
    }  # fmt: skip
    assert len(set(GATES)) == len(GATES)
    assert all(expression.isascii() for _, expression in GATES)


ORDINARY = {
    "English": "The quick brown fox isn’t “lazy” – it’s a 10-year-old (1939–1945)"
    " with café au lait, 5 × 3 = 15 €.",
    "German": "Müller fährt über die Brücke; “Größe” 12 – 15 cm, naïve Straße, Öl & Äpfel …",
    "French": "L’été à Évry : « déjà vu », 12 345 678 €, 1 234 567 habitants – œuvre, façade.",
    "Russian": "Съешь ещё этих мягких французских булок, да выпей чаю. В 2024 году — 15 °С, 5 кг, «ёж».",
    "Greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Το 2024, 15 χιλιόμετρα.",
    "Chinese": "我能吞下玻璃而不伤身体。2024年，价格：100元（含税）！第一，第二，第三。",
    "Japanese": "いろはにほへと　ちりぬるを。２０２４年、東京で。カタカナ「テスト」。",
    "Arabic": "نص عربي عادي في ٢٠٢٤ مع أرقام ١٥ و ٢٠٠.",
    "Hebrew": "טקסט בעברית רגיל, 2024.",
    "Hindi": "मैं २०२४ में दिल्ली गया था।",
    "Thai": "ฉันกินกระจกได้ แต่มันไม่ทำให้ฉันเจ็บ ๒๕๖๗",
    "emoji": "Great job 👍🏽 👨‍👩‍👧‍👦 ❤️ 🇩🇪 1️⃣ 2️⃣ done ✅ 🏳️‍🌈",
    "code": 'for i in range(10):\n    print(f"{i}: {x[i] + 1}")  # 3.11.2,'
    ' a.b.c, HTTP/1.1\nfoo_bar = "baz" + qux\n',
    "JSON": '{"id": 12345, "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709",'
    ' "url": "https://a.example/b%20c?d=%2Fe"}',
    "HTML": "<p>Fish &amp; chips &lt;b&gt; &nbsp; &#39;quoted&#39; &quot;x&quot;"
    " &ndash; <b>bold</b> text</p>",
    "paths": "/usr/local/lib/python3/dist-packages/SomeCamelCaseIdentifier"
    "/internationalization/ABCDEFGHIJKLMNOP",
    "UUID": "550e8400-e29b-41d4-a716-446655440000 192.168.100.200 2026-11-24T07:07:41Z v1.2.3-rc.4",
    "Markdown": "# Title\n\n**bold** and `code` and *emphasis*\n\n| a | b |\n|---|---|\n|"
    " 1 | 2 |\n\n- one\n- two\n",
    "numbers": "One or two, three of four; at twenty past five, seven hundred and nine.",
}


@pytest.mark.parametrize("language", ORDINARY)
def test_ordinary_text_opens_nothing(language: str) -> None:
    data = ORDINARY[language].encode()
    hints = hints_of(data)
    assert list(views(data, hints)) == []
    # A year in another script's digits is looked at, and left alone.
    assert hints == {} or (language in ("Arabic", "Hindi", "Thai") and hints.keys() == {"plain.digits"})


HOSTILE = {
    "url": b"%41",
    "base64": b"MTIzLTQ1LTY3ODkg",
    "base64 words": b"MTIzLTQ1LTY3ODkg ",
    "entities": b"&#65;",
    "open entities": b"&#",
    "zero width": "a\u200b".encode(),
    "spaced": b"a ",
    "digits by line": b"12345678\n",
    "labels by line": b"No: 1234567\n1234567\n",
    "digits": b"4",
    "mixed script": "aа".encode(),
    "marks": "a\u0301".encode(),
    "reversed": b"1234 5678 9012 3456 12ED ",
    "rot13": b"x@y.pbz ",
    "words": b"one two three four ",
    "concatenated": b'"a"+"a"',
    "quotes and blanks": b'a" + "a"                                ',
    "lists": b'["a", ',
    "fields": b'"part1": "ab", ',
    "escapes": b"\\u0041",
    "backslashes": b"\\",
    "overrides": "\u202eab".encode(),
    "emphasis": b"a**b**c",
    "tags": b"a<b>b</b>",
    "hex": b"31",
    "base32": b"GEZDGNBVGY3TQOJQ",
    "secrets by line": b"ghp_aaaa\n",
    "secrets by blank": b"ghp_ aaaa aaaa ",
    "addresses": b"a @ b . com ",
    "stars": b"*",
    "gzip": b"H4sIAAAAAAAC",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_views_of_hostile_text_are_bounded(kind: str) -> None:
    """The sum of all views of one text, and of each of theirs, keeps its bound."""
    data = (HOSTILE[kind] * 40_000)[:40_000]
    for text in (data, *(view.data for view in views(data, hints_of(data)))):
        assert sum(len(view.data) for view in views(text, hints_of(text))) <= TIMES * len(text) + SPARE


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_work_on_hostile_text_is_linear(kind: str) -> None:
    """Sixteen times the text takes sixteen times as long, give or take."""
    import time

    def cost(size: int) -> float:
        data = (HOSTILE[kind] * size)[:size]
        hints = hints_of(data)
        start = time.process_time()
        list(views(data, hints))
        return time.process_time() - start

    cost(2_000)
    small, large = min(cost(12_000) for _ in range(3)), min(cost(192_000) for _ in range(2))
    assert large < 40 * small + 0.1
