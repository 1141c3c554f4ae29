"""A home's own rules on disk: loading, the kept gates, the child that tries expressions, making tables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sensor import detect_custom_files as files
from sensor.config import Home
from sensor.detect.custom.exact import read_table
from sensor.detect.custom.expressions import read_expression
from sensor.detect.custom.parse import parse_custom
from sensor.detect.finding import Document
from sensor.detect_custom_files import build_exact_table, build_fingerprint, load_custom, probe, probe_one
from sensor.errors import ConfigError, WorkError

KEY = b"k" * 32

RULES = r"""
detectors: [{id: custom.number, pattern: '\bC-\d{6}\b'}]
keywords: [{id: custom.words, file: words.txt}]
exact: [{id: custom.people, table: people.xd}]
fingerprints: [{id: custom.texts, table: texts.fp}]
"""


@pytest.fixture
def home(tmp_path) -> Home:
    made = Home(tmp_path)
    (made.signatures / "detectors").mkdir(parents=True)
    made.cache.mkdir(mode=0o700)
    return made


def fill(home: Home) -> Path:
    folder = home.signatures / "detectors"
    (folder / "words.txt").write_text("Bluebird\n")
    (folder / "rows.csv").write_text("first;last\nOlof;Ångström\n")
    build_exact_table(folder / "rows.csv", ["first", "last"], KEY, folder / "people.xd")
    (folder / "text.txt").write_text(" ".join(f"w{number}" for number in range(50)))
    build_fingerprint([folder / "text.txt"], KEY, folder / "texts.fp")
    (folder / "own.yaml").write_text(RULES)
    return folder


def ids(scanner, text: str) -> list[str]:
    return [item.detector for item in scanner.scan(Document(text.encode()), [])]


@pytest.mark.slow
def test_rules_are_loaded_once_compiled_and_kept(home, monkeypatch) -> None:
    folder = fill(home)
    (folder / ".hidden.yaml").write_text("nonsense: [")
    (folder / "packaged_only.yaml").write_text("detectors: [{id: secret.x, scanner: assignment}]")
    text = "C-123456 Bluebird Olof Ångström " + " ".join(f"w{number}" for number in range(50))
    scanner = load_custom(home, KEY)
    expected = ["custom.number", "custom.words", "custom.people", "custom.people", "custom.texts"]
    assert ids(scanner, text) == expected
    (kept,) = home.cache.glob("custom-*.bin")
    monkeypatch.setattr(files, "probe", lambda rules: pytest.fail("compiled anew"))
    assert ids(load_custom(home, KEY), text) == expected
    # What was changed by another is not believed, nor what is not whole.
    monkeypatch.setattr(files, "probe", lambda rules: None)
    for spoil in (
        lambda: kept.chmod(0o666),
        lambda: kept.write_bytes(kept.read_bytes()[:-1]),
        lambda: kept.write_bytes(b"x\ny"),
        lambda: kept.unlink(),
    ):
        spoil()
        assert ids(load_custom(home, KEY), text) == expected
        kept.chmod(0o600)
    body = b"3\nabcdef"
    kept.write_bytes(files.hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    kept.chmod(0o600)
    assert ids(load_custom(home, KEY), text) == expected


def test_a_home_that_asks_nothing_has_no_scanner(tmp_path) -> None:
    assert load_custom(Home(tmp_path), KEY) is None
    (tmp_path / "signatures.d" / "detectors").mkdir(parents=True)
    (tmp_path / "signatures.d" / "detectors" / "own.yaml").write_text("")
    assert load_custom(Home(tmp_path), KEY) is None


def test_that_gates_cannot_be_kept_is_no_ones_trouble(home, monkeypatch) -> None:
    (home.signatures / "detectors" / "own.yaml").write_text("keywords: [{id: custom.k, words: [Bluebird]}]")
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    assert ids(load_custom(home, KEY), "Bluebird") == ["custom.k"]
    assert not list(home.cache.iterdir())


WRONG = [
    ("keywords: [{id: custom.k, file: gone.txt}]", "gone.txt: cannot be read"),
    ("exact: [{id: custom.k, table: gone.xd}]", "gone.xd: cannot be read"),
    ("exact: [{id: custom.k, table: empty.xd}]", "empty.xd: empty"),
    ("exact: [{id: custom.k, table: own.yaml}]", "own.yaml: not a file of exact data"),
    ("keywords: [{id: custom.k, file: latin.txt}]", "not UTF-8"),
    ("keywords: [{id: custom.k, words: [ab]}]", "custom.k is there already, in"),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_what_is_wrong_is_told_where_it_is_named(home, text, what) -> None:
    folder = home.signatures / "detectors"
    (folder / "empty.xd").touch()
    (folder / "latin.txt").write_bytes("ok\nÄrger\n".encode("latin-1"))
    (folder / "own.yaml").write_text(text)
    if "there already" in what:
        (folder / "own_2.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_custom(home, KEY)
    assert what in str(caught.value) and str(folder) in caught.value.where.path


def test_files_that_are_too_long_or_cannot_be_read(home, monkeypatch) -> None:
    folder = home.signatures / "detectors"
    (folder / "own.yaml").mkdir()
    with pytest.raises(WorkError, match="cannot read"):
        load_custom(home, KEY)
    (folder / "own.yaml").rmdir()
    (folder / "own.yaml").write_text("keywords: []")
    monkeypatch.setattr(files, "MAX_FILE", 4)
    with pytest.raises(ConfigError, match="longer than 4 bytes"):
        load_custom(home, KEY)


# --- the child ----------------------------------------------------------------------------------------------


def rules(*patterns: str):
    lines = "".join(
        f"- {{id: custom.p{number}, pattern: '{text}'}}\n" for number, text in enumerate(patterns)
    )
    return parse_custom(f"detectors:\n{lines}", "own.yaml").patterns


@pytest.mark.slow
def test_the_child_accepts_what_is_fast_and_names_what_is_not(monkeypatch) -> None:
    probe([])
    monkeypatch.setattr(files, "PROBE_MS", 1000.0)
    probe(rules(r"C-\d{6}", "a[^b]*b|a"))
    with pytest.raises(ConfigError, match="not an expression for the gate") as caught:
        probe(rules("ab", "x^ab"))
    assert caught.value.where.line == 3
    monkeypatch.setattr(files, "PROBE_MS", 0.0)
    with pytest.raises(ConfigError, match="too slow on a text made for it"):
        probe(rules("ab+"))


class _Done:
    def __init__(self, stdout: bytes) -> None:
        self.stdout = stdout


def test_a_child_that_ended_names_the_expression_it_ended_at(monkeypatch) -> None:
    answer = b'{"ms": 0.2}\n'
    monkeypatch.setattr(files.subprocess, "run", lambda *_, **__: _Done(answer))
    with pytest.raises(ConfigError, match="took more than 2 s or 1024 MB") as caught:
        probe(rules("ab", "cd"))
    assert caught.value.where.line == 3

    def late(*_, **__):
        raise files.subprocess.TimeoutExpired("x", 1, output=answer + b'{"ms')

    monkeypatch.setattr(files.subprocess, "run", late)
    with pytest.raises(ConfigError, match="took more than") as caught:
        probe(rules("ab", "cd"))
    assert caught.value.where.line == 3


def test_probing_one_expression_gives_times(monkeypatch) -> None:
    monkeypatch.setattr(files, "PROBE_BYTES", 2000)
    answer = probe_one(read_expression("ab+"))
    assert 0 <= answer["ms"] < 1000
    monkeypatch.setattr(files, "PROBE_MS", 0.0)
    assert probe_one(read_expression("ab+"))["ms"] > 0
    assert "error" in probe_one(read_expression("x^ab"))


def test_the_childs_loop_answers_line_by_line(monkeypatch, capsys) -> None:
    monkeypatch.setattr(files.resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(files, "probe_one", lambda expression: {"ms": 2.0})
    monkeypatch.setattr(files.sys, "stdin", iter(['"ab"\n', '"cd"\n']))
    files.probe_child()
    assert capsys.readouterr().out == '{"ms": 2.0}\n' * 2


# --- tables -------------------------------------------------------------------------------------------------


def test_a_table_in_many_pieces_is_the_same(tmp_path, monkeypatch) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("a,b\n" + "".join(f"x{number % 97},y z{number}\n" for number in range(300)))
    told: list[tuple[int, int]] = []
    whole = build_exact_table(
        source, None, KEY, tmp_path / "one.xd", lambda done, of: told.append((done, of))
    )
    assert told == [(source.stat().st_size, source.stat().st_size)]
    monkeypatch.setattr(files, "PIECE", 50)
    pieces = build_exact_table(source, None, KEY, tmp_path / "two.xd")
    assert whole == pieces and whole.rows == 300 and whole.cells == 600
    assert (tmp_path / "one.xd").read_bytes() == (tmp_path / "two.xd").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.xd", "rows.csv", "two.xd"]


@pytest.mark.slow
def test_progress_is_told_on_the_way_and_memory_stays_bounded(tmp_path) -> None:
    source = tmp_path / "rows.csv"
    with source.open("w") as file:
        file.write("name;code\n")
        file.writelines(f"n{number};c{number * 7}\n" for number in range(70_000))
    told: list[int] = []
    built = build_exact_table(
        source, ["code"], KEY, tmp_path / "t.xd", lambda done, of: told.append(done * 100 // of)
    )
    assert built.cells == 70_000 and len(told) == 15 and told == sorted(told) and told[-1] == 100
    table = read_table(KEY, (tmp_path / "t.xd").read_bytes())
    assert table.columns == ("code",) and len(table.hashes) == 70_000


BAD_CSV = [
    (b"", None, "no names of columns", 1),
    (b"a,b\n", None, "no rows", None),
    (b"a,b\n1,2\n", ["c"], 'no column "c"', 1),
    (b"a\n\xff\xff\n", None, "not UTF-8", None),
    (b'a\n"x\n' + b"y" * 200_000 + b"\n", None, "not a CSV file", 3),
    (b'"' + b"y" * 200_000, None, "not a CSV file", 1),
    (",".join(f"c{number}" for number in range(40)).encode() + b"\n1\n", None, "more than 30 columns", 1),
]


@pytest.mark.parametrize(("raw", "columns", "what", "line"), BAD_CSV)
def test_a_file_of_rows_that_is_wrong_is_told(tmp_path, raw, columns, what, line) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(raw)
    with pytest.raises(ConfigError, match=what) as caught:
        build_exact_table(source, columns, KEY, tmp_path / "t.xd")
    assert caught.value.where.line == line
    assert not (tmp_path / "t.xd").exists()


def test_files_that_are_not_there(tmp_path) -> None:
    with pytest.raises(WorkError, match="cannot read"):
        build_exact_table(tmp_path / "gone.csv", None, KEY, tmp_path / "t.xd")
    with pytest.raises(WorkError, match="cannot read"):
        build_fingerprint([tmp_path / "gone.txt"], KEY, tmp_path / "t.fp")
    (tmp_path / "rows.csv").write_text("a\nok\n")
    with pytest.raises(WorkError, match="cannot make"):
        build_exact_table(tmp_path / "rows.csv", None, KEY, tmp_path / "no folder" / "t.xd")
    with pytest.raises(WorkError, match="cannot make"):
        build_fingerprint([tmp_path / "rows.csv"], KEY, tmp_path / "no folder" / "t.fp")


def test_a_table_that_cannot_take_its_place_is_an_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "rows.csv").write_text("a\nok\n")
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(WorkError, match="No space left"):
        build_exact_table(tmp_path / "rows.csv", None, KEY, tmp_path / "t.xd")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_fingerprints_leave_out_boilerplate_and_what_has_no_words(tmp_path, monkeypatch) -> None:
    common = " ".join(f"terms{number}" for number in range(40))
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_text(common if number < 3 else "short")
    told: list[tuple[int, int]] = []
    built = build_fingerprint(paths, KEY, tmp_path / "t.fp", lambda done, of: told.append((done, of)))
    assert built.rows == 4 and built.cells > 0 and built.left_out == 1 and told[-1] == (4, 4)
    monkeypatch.setattr(files, "MAX_DOCUMENTS_OF_RUN", 2)
    assert build_fingerprint(paths, KEY, tmp_path / "t.fp").cells == 0
    monkeypatch.setattr(files, "MAX_DOCUMENT", 10)
    with pytest.raises(WorkError, match="longer than 10 bytes"):
        build_fingerprint(paths, KEY, tmp_path / "t.fp")
    monkeypatch.setattr(files, "MAX_DOCUMENTS", 2)
    with pytest.raises(WorkError, match="more than 2 documents"):
        build_fingerprint(paths, KEY, tmp_path / "t.fp")


def test_only_the_owner_may_read_a_table(tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("a\nok\n")
    build_exact_table(tmp_path / "rows.csv", None, KEY, tmp_path / "t.xd")
    assert os.stat(tmp_path / "t.xd").st_mode & 0o077 == 0
