"""Labels, source code, listings and licences: what a text is as a whole, and what only speaks of it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import signatures
from bench.detect.generate.documents import generate, negatives
from sensor.detect.checking import check_examples
from sensor.detect.engine import Engine
from sensor.detect.finding import Document
from sensor.detect.loading import DetectorFile, load
from sensor.detect.scanners.documents import SCANNERS, lines
from sensor.detect.scanners.documents.code import LANGUAGES
from sensor.detect.scanners.documents.labels import MAX_LABEL_LINE
from sensor.detect.scanners.documents.lines import (
    clusters,
    line_around,
    lines_after,
    next_line,
    previous_line,
)
from sensor.detect.scanners.documents.phrases import label_at, level_at

pytestmark = pytest.mark.slow  # compiling the gate takes a second


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The detectors of code and documents alone."""
    folder = Path(next(iter(signatures.__path__))) / "detectors"
    files = [
        DetectorFile(f"{group}/{path.name}", path.read_text(encoding="utf-8"), path.name)
        for group in ("code", "document")
        for path in sorted((folder / group).glob("*.yaml"))
    ]
    return Engine(load(files))


def found(engine: Engine, text: str, score: float = 0.5) -> list[tuple[str, str]]:
    return [(item.type, text[item.start : item.end]) for item in engine.scan(text, min_score=score)]


def kinds(engine: Engine, text: str, score: float = 0.5) -> set[str]:
    return {kind for kind, _ in found(engine, text, score)}


def test_every_example_in_the_files_holds(engine) -> None:
    assert list(map(str, check_examples(engine, engine.detectors))) == []


def test_all_of_them_are_told_and_not_replaced(engine) -> None:
    assert all(detector.report_only for detector in engine.detectors.values())


# --- labels -------------------------------------------------------------------------------------------------

LABELS = [
    "CONFIDENTIAL", "Strictly Confidential", "Private & Confidential", "Commercial in Confidence",
    "For internal use only",
    "Do not distribute", "Not for external distribution", "Trade Secret", "Subject to NDA",
    "Embargoed until",
    "Streng vertraulich", "NUR FÜR DEN INTERNEN GEBRAUCH", "Geschäftsgeheimnis", "Strictement confidentiel",
    "Diffusion limitée", "Estrictamente confidencial", "Uso interno", "Strettamente riservato",
    "Strikt vertrouwelijk",
    "Ściśle poufne", "Důvěrné", "Bizalmas", "Strengt fortrolig", "Luottamuksellinen",
    "Строго конфиденциально",
    "ДЛЯ СЛУЖЕБНОГО ПОЛЬЗОВАНИЯ", "Çok gizli", "Εμπιστευτικό", "社外秘", "绝密", "대외비", "סודי ביותר",
]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_found_as_a_line_and_as_part_of_a_footer(engine, label) -> None:
    assert ("document_label", label) in found(engine, f"Report\n\n{label}\n\nThe text follows here.")
    assert ("document_label", label) in found(engine, f"The text ends here.\n{label}")


KEYED = [
    ("Classification: Restricted", "Restricted"),
    ("Security-Level = internal", "internal"),
    ('  "data_classification": "confidential",', "confidential"),
    ("**Sensitivity:** Highly Confidential", "Highly Confidential"),
    ("Einstufung: geheim", "geheim"),
    ("Гриф секретности: секретно", "секретно"),
]


@pytest.mark.parametrize(("text", "label"), KEYED)
def test_behind_a_key_a_small_word_is_a_label(engine, text, label) -> None:
    assert ("document_label", label) in found(engine, f"Title: x\n{text}\nOwner: y")


NO_LABELS = [
    "confidential",
    "This is confidential",
    "Confidential information was sent to us, and we deleted it.",
    "confidential\nwas what he called it",
    "Internal",
    "Secret",
    "secret sharing\nand more",
    "Classification: confidential data is encrypted at rest. Other data is not.",
    "Classification: internal means that only staff may read it",
    "- Public\n- Confidential",
    "Confidential\nPublic\n",
    "1. Internal Only\n2. Restricted\n3. Secret",
    "Confidential: what the word means, and where it comes from",
    "Confidential = True",
    "CONFIDENTIAL " + "x " * MAX_LABEL_LINE,
    "top secret",
    "Top Secret",
    "He said that this is Strictly Confidential indeed",
    "without prejudice to the foregoing",
    "x" * 1000 + " CONFIDENTIAL " + "y" * 1000,
]


@pytest.mark.parametrize("text", NO_LABELS)
def test_what_only_speaks_of_it_is_no_label(engine, text) -> None:
    assert not kinds(engine, text) & {"document_label", "classification_marking", "legal_privilege"}


def test_two_lines_can_be_one_label(engine) -> None:
    assert len(found(engine, "CONFIDENTIAL\nDO NOT DISTRIBUTE\n\nText")) == 2
    assert found(engine, "STRICTLY CONFIDENTIAL\nDraft\nText")[0][1] == "STRICTLY CONFIDENTIAL"


def test_a_draft_is_told_with_a_low_score(engine) -> None:
    assert found(engine, "DRAFT\n\nText") == []
    assert found(engine, "DRAFT\n\nText", 0.3) == [("document_label", "DRAFT")]


def test_scores_of_labels(engine) -> None:
    scores = [
        engine.scan(text)[0].score
        for text in (
            "CONFIDENTIAL",
            "Confidential",
            "Acme - CONFIDENTIAL - 3",
            "Acme - Confidential - 3",
            "INTERNAL",
        )
    ]
    assert scores == [0.85, 0.7, 0.7, 0.6, 0.6]


def test_phrases_are_found_by_their_first_letter() -> None:
    assert str(label_at("Streng vertraulich", 0)).count("Streng vertraulich") == 1
    assert label_at("vertraulichkeit", 0) is None and label_at("xyz", 0) is None and label_at("!", 0) is None
    assert level_at("Public", 0) is not None and level_at("!", 0) is None


DEALS = [
    ("Staff must not trade on inside information.", 0.35),
    ("The term sheet for Project Falcon: not yet announced.", 0.7),
    ("The planned acquisition is to be kept quiet before the announcement.", 0.55),
]


@pytest.mark.parametrize(("text", "score"), DEALS)
def test_terms_of_a_deal_count_by_their_kinds(engine, text, score) -> None:
    (finding,) = engine.scan(text, min_score=0.1)
    assert finding.type == "insider_terms" and finding.score == pytest.approx(score)


def test_one_finding_tells_of_a_stretch_of_deal_terms(engine) -> None:
    text = "Term sheet of Project Falcon, not yet announced. " * 5
    assert len(engine.scan(text)) == 1
    assert len(engine.scan(text + "x " * 2000 + text)) == 2


def test_a_hit_without_its_terms_is_nothing() -> None:
    assert list(SCANNERS["insider"](Document(b"nothing"), [("hit", 3)])) == []


# --- source code --------------------------------------------------------------------------------------------

SNIPPETS = [
    ("python", "def a(x):\n    return x\n"),
    ("javascript", "const a = () => {\n  return 1;\n};\n"),
    ("go", "func a() {\n\treturn\n}\n"),
]


@pytest.mark.parametrize(("language", "text"), SNIPPETS)
def test_a_snippet_stays_below_the_threshold(engine, language, text) -> None:
    assert found(engine, f"Look:\n{text}\nThanks") == []


def test_programs_are_found_with_their_language(engine) -> None:
    """The generator's programs: eighteen languages."""
    seen = set()
    right = whole = 0
    for text, spans in generate(5, 900):
        for start, end, kind in spans:
            if kind == "source_code":
                whole += 1
                its = [item for item in engine.scan(text) if item.type == kind]
                assert its and its[0].start < end and start < its[0].end
                seen.update(item.reasons[0] for item in its)
                covered = sum(min(end, item.end) - max(start, item.start) for item in its)
                right += covered > 0.8 * (end - start)
    assert right > 0.95 * whole and len(seen) >= 15
    assert all(reason.removeprefix("looks like ") in LANGUAGES.values() for reason in seen)


CODE = [
    # (what it is, the text, whether it is found)
    (
        "a fenced block",
        "```python\nimport os\n\n\ndef a(path):\n    x = os.stat(path)\n    y = {'a': x}\n"
        "    print(y)\n    return y\n```",
        True,
    ),
    (
        "braces alone",
        "  if (a) {\n    b(c);\n  } else {\n    d(e);\n  }\n  for (f = 0; f < g; f++) {\n    h(f);\n"
        "  }\n  while (i) {\n    j();\n  }\n",
        True,
    ),
    ("one kind of brace", "  if (a) \n  if (b) \n", False),
    (
        "prose with signs",
        "import this\nimport that\nimport those\nWe went there and came back\nand it was good to see\n"
        "all of them again\n" * 2,
        False,
    ),
    (
        "statements of SQL",
        "SELECT a\nFROM b\nWHERE c = 1\nGROUP BY a\nORDER BY a\n\nSELECT d\nFROM e\nWHERE f > 2\n"
        "ORDER BY d\n",
        True,
    ),
    ("many signs", "".join(f"#define A{number} {number}\n" for number in range(20)), True),
    (
        "a sign at the end",
        "def a(b):\n    return (b)\n\n\n\n\ndef c(d):\n    return (d)\n\n\n\n\nNow you know it all.",
        False,
    ),
]


@pytest.mark.parametrize(("text", "is_code"), [case[1:] for case in CODE], ids=[case[0] for case in CODE])
def test_code_needs_signs_and_the_texture_of_code(engine, text, is_code) -> None:
    assert ("source_code" in kinds(engine, text)) == is_code


def test_a_passage_ends_where_prose_begins(engine) -> None:
    text = (
        "class A:\n    def __init__(self):\n        self.x = 1\n\n    def b(self):\n"
        "        self.y = {'a': 2}\n        return self.x\n\n    def c(self):\n        return self.y\n\n"
        "That is all that I have, and I do not know more.\n"
    )
    ((_, code),) = found(engine, text)
    assert code.startswith("class A:") and code.endswith("return self.y")


def test_signs_in_prose_are_nothing_and_blank_lines_end_a_passage() -> None:
    scan = SCANNERS["source_code"]
    prose = b"import this\nimport that\nimport those\nWe went there and came back\n"
    hits = [("python_import", at) for at in (11, 23, 36)]
    assert list(scan(Document(prose), hits)) == []
    code = b"def a(b):\n    c = (b)\n    d = [c]\n    return (d)\n"
    hits = [("python_def", 6), ("any_return", 42)]
    (made,) = scan(Document(code + b"\n\n\n    more(x)\n"), hits)
    assert (made.start, made.end) == (0, len(code) - 1)


# --- listings and licences ----------------------------------------------------------------------------------

LISTINGS = [
    ("diff", "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n-a\n+b\n+c\nprose follows", "--- a/x.py\n"
    "+++ b/x.py\n@@ -1 +1,2 @@\n-a\n+b\n+c"),
    ("diff", "@@ -1 +1 @@\n-a\n\n+b\n", "@@ -1 +1 @@\n-a\n\n+b"),
    ("diff", "diff --git a/x b/x\nBinary files differ", None),
    ("diff", "@@ -1,2 +1,2 @@\n a\n b\n", None),
    ("sql_dump", "-- MySQL dump 10.13\n\nCREATE TABLE `a` (\n", "-- MySQL dump 10.13\n\n"
    "CREATE TABLE `a` ("),
    ("sql_dump", "-- PostgreSQL database dump\n", "-- PostgreSQL database dump"),
    ("sql_dump", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n"
    "INSERT INTO a VALUES (2);", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n"
    "INSERT INTO a VALUES (2);"),
    ("sql_dump", "CREATE TABLE a (x int);\nCREATE TABLE b (x int);\n"
    "CREATE TABLE c (x int);", "CREATE TABLE a (x int);\nCREATE TABLE b (x int);\nCREATE TABLE c (x int);"),
    ("sql_dump", "INSERT INTO a VALUES (1);", None),
    ("stack_trace", "ValueError: no\n", None),
    ("stack_trace", "  File \"a.py\", line 3\nand nothing more\n", None),
    ("stack_trace", "\n    at f (a.js:1:2)\n    at g (a.js:3:4)\n    at h (a.js:5:6)\n"
    "", "    at f (a.js:1:2)\n    at g (a.js:3:4)\n    at h (a.js:5:6)"),
    ("env_file", "A_URL=x\nB_HOST=y\nC_PORT=1\nD_ENV=z\n", "A_URL=x\nB_HOST=y\nC_PORT=1\nD_ENV=z"),
    ("env_file", "A_URL=x\n# why\n\nB_HOST=y\nC_PORT=1\nD_ENV=z\n", "A_URL=x\n# why\n\nB_HOST=y\n"
    "C_PORT=1\nD_ENV=z"),
    ("env_file", "ONE=x\nTWO=y\nTHREE=1\nFOUR=z\n", None),
    ("env_file", "A_URL=x\nprose here\nmore prose\nand more\nB_HOST=y\nC_PORT=1\nD_ENV=z\n", None),
    ("config_dump", "hostname a\ninterface Vlan10\n ip address 1.1.1.1\n", "hostname a\n"
    "interface Vlan10\n ip address 1.1.1.1"),
    ("config_dump", "hostname a\n", None),
    ("licence_header", "Permission is hereby granted, free of charge, to all",
    "Permission is hereby granted, free of charge, to all"),
    ("proprietary_header", "Proprietary and confidential\n"
    "Copyright Example Ltd", "Proprietary and confidential"),
    ("proprietary_header", "This is proprietary and confidential, he said.", None),
    ("proprietary_header", "Copyright 2020 Example Inc. All rights reserved.\n"
    "Licensed under the Apache License", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "span"), LISTINGS)
def test_listings_and_headers(engine, kind, text, span) -> None:
    assert [what for name, what in found(engine, text) if name == kind] == ([span] if span else [])


def test_a_second_hunk_and_a_second_trace_are_parts_of_the_first(engine) -> None:
    diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-c\n+d"
    assert found(engine, diff) == [("diff", diff)]
    frames = "".join(f"\tat com.example.A.f{number}(A.java:{number})\n" for number in range(5))
    trace = f"java.lang.Error: x\n{frames}"
    text = trace + "prose\n" * 300 + trace
    assert len([kind for kind in found(engine, text) if kind[0] == "stack_trace"]) == 2
    nested = trace + "Caused by: b.C: y\n" + "\n" * 1600 + frames
    assert kinds(engine, nested) == {"stack_trace"}
    long = trace + "      locals and more of them\n" * 80 + "Caused by: b.C: y\n" + frames
    assert len(found(engine, long)) == 1


def test_a_trace_with_paths_says_more(engine) -> None:
    plain = "".join(f"    at f{number} (a.js:1:{number})\n" for number in range(6))
    paths = plain.replace("(a.js", "(/home/build/a.js")
    scores = [engine.scan(text)[0] for text in (plain, paths)]
    assert scores[0].score < scores[1].score and "with paths of a machine" in scores[1].reasons


def test_one_header_is_told_once(engine) -> None:
    text = (
        "/*\n * Copyright (c) 2024 Example GmbH. All rights reserved.\n"
        " * CONFIDENTIAL AND PROPRIETARY\n * Unauthorized copying of this file is prohibited.\n */"
    )
    assert [kind for kind, _ in found(engine, text) if kind == "proprietary_header"] == ["proprietary_header"]


def test_an_environment_is_not_told_by_fewer_lines_than_it_takes() -> None:
    assert list(SCANNERS["env_file"](Document(b"A_URL=x\n"), [("hit", 6)])) == []


# --- lines --------------------------------------------------------------------------------------------------


def test_lines_around_a_place() -> None:
    data = b"one\r\n\n  two  \nthree"
    assert line_around(data, 1) == (0, 3)
    assert data[slice(*line_around(data, 9))] == b"  two"
    assert data[slice(*line_around(data, len(data)))] == b"three"
    assert previous_line(data, 6) == b"one" and next_line(data, 3) == b"  two"
    assert previous_line(data, 0) == b"" and next_line(data, 16) == b""
    assert previous_line(b"\n\n\n\nx", 4) == b"" and next_line(b"x\n\n\n\n\ny", 1) == b""
    long = b"a" * 3000
    assert line_around(long, 1500) == (1500 - lines.MAX_LINE, 1500 + lines.MAX_LINE)
    assert list(lines_after(b"a\nb", 0, 5)) == [(0, 1), (2, 3)] and list(lines_after(b"a\n", 0, 1)) == [
        (0, 1)
    ]
    assert list(lines_after(b"a\n", 0, 9)) == [(0, 1)]
    assert list(clusters([("a", 1), ("b", 5), ("c", 50)], 10)) == [[("a", 1), ("b", 5)], [("c", 50)]]
    assert list(clusters([], 10)) == []


# --- all of it ----------------------------------------------------------------------------------------------


def test_the_generators_texts_are_found_and_its_negatives_are_not(engine) -> None:
    labels = hits = 0
    for text, spans in generate(3, 600):
        findings = engine.scan(text)
        if not spans:
            assert findings == (), text
        for start, end, _ in spans:
            labels += 1
            hits += any(item.start < end and start < item.end for item in findings)
    assert hits >= 0.98 * labels
    assert isinstance(negatives(random.Random(1)), str)


PIECES = st.sampled_from(
    [
        "def a(b):\n    return b\n", "CONFIDENTIAL", "Classification: ", "@@ -1 +1 @@\n", "+a\n"
        "", "-b\n", "\n", " ", "é", "\ud800",
        "Traceback (most recent call last):\n", '  File "/a/b.py", line 1\n', "A_URL=x\n", "B_PORT=1\n"
        "", "C_HOST=2\n", "D=3\n",
        "INSERT INTO a VALUES (1);\n", "CREATE TABLE a (\n", "hostname a\n", "interface Vlan1\n"
        "", "term sheet ",
        "Project Falcon ", "not yet announced ", "All rights reserved ", "Copyright Acme Inc. ", "// ",
        "```python\n", "社外秘",
        "Public\n", "} else {\n", "  if (a) {\n", "x" * 500, "\tat a.B.c(D.java:1)\n"
        "", "- ", "TLP:RED", "MSIP_Label_",
    ]
)  # fmt: skip


@given(pieces=st.lists(PIECES, max_size=30))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_spans_inside_it(engine, pieces) -> None:
    text = "".join(pieces)
    for item in engine.scan(text, min_score=0.0, views=False):
        assert 0 <= item.start < item.end <= len(text)
        assert 0 <= item.score <= 1
        assert item.reasons
