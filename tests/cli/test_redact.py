"""``gnomon redact`` and ``gnomon detect`` as a person or a pipe uses them."""

from __future__ import annotations

import io
import json
import sys

import pytest

from sensor import detect_files
from sensor.cli import main
from sensor.detect.tokens import TOKEN

OWN = """
detectors:
- {id: custom.badge, name: a badge, type: badge, group: custom, class: A, source: the badge office,
   countries: [de],
   gate: ['BADGE-[0-9]{4}'], pattern: 'BADGE-[0-9]{4}', entropy: 1.0, score: 0.8,
   context: {words: {en: [badge]}}, falsepositives: [a model number], match: ['see «BADGE-0000»'], nomatch:
   ['BADGE-9X']}
- {id: document.label, name: a label, type: label, group: document, class: A, source: made up,
   gate: ['TOP SECRET'], pattern: 'TOP SECRET[a-z ]{0,20}', match: ['«TOP SECRET plan»']}
- {id: secret.key, name: a key, type: key, group: secret, class: A, source: made up,
   gate: ['kk_[0-9a-z]{8}'], pattern: 'kk_[0-9a-z]{8}', entropy: 2.0, match: ['«kk_{{hex:8}}»']}
- {id: person.scanned, name: names, type: person_like, group: person, class: C, source: made up, scanner:
   SCANNER,
   words: {first: data/names.txt}, gate: {a: ['Mister X'], b: ['Q1q', 'Q2q', 'Q3q', 'Q4q', 'Q5q']}}
"""


@pytest.fixture(autouse=True)
def few(monkeypatch, tmp_path):
    """Three small detectors in place of the packaged ones: compiling those takes seconds."""
    from sensor.detect.scanners import SCANNERS

    folder = tmp_path / "packaged" / "detectors"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "names.txt").write_text("Qwertz\n")
    (folder / "x.yaml").write_text(OWN.replace("SCANNER", sorted(SCANNERS)[0]))
    monkeypatch.setattr(detect_files.signatures, "__path__", [str(tmp_path / "packaged")])
    monkeypatch.setattr("sensor.detect.views.GATES", ())
    monkeypatch.setenv("GNOMON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Stdin:
    def __init__(self, raw):
        self.buffer = io.BytesIO(raw)

    def isatty(self):
        return False


@pytest.fixture
def give(monkeypatch):
    def given(text):
        monkeypatch.setattr(sys, "stdin", Stdin(text if isinstance(text, bytes) else text.encode()))

    return given


def test_a_text_is_written_again_with_tokens(give, capsys):
    give("é kk_abcd1234 and\r\nmore")
    assert main(["redact"]) == 0
    out = capsys.readouterr().out
    assert TOKEN.sub("*", out) == "é * and\r\nmore"


def test_json_has_the_offsets_of_the_input(give, capsys):
    give("é kk_abcd1234")
    assert main(["redact", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["findings"] == [{"type": "key", "start": 2, "end": 13, "score": 0.9, "validated": False}]


def test_lines_are_answered_in_order(give, capsys):
    give('{"text": "kk_abcd1234"}\n\n{"text": "nothing"}\n{"text": "\\ud800"}\n')
    assert main(["redact", "--json", "--lines"]) == 0
    made = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(item["findings"]) for item in made] == [1, 0, 0]
    assert made[1]["text"] == "nothing"
    assert made[2]["text"] == "\ud800"


@pytest.mark.parametrize(
    ("line", "said"),
    [(b"no json", "it is no JSON"), (b"[]", "it has no text"), (b'{"text": 1}', "its text is no string"),
     (b"{}", "it has no text"), (b"[" * 300_000, "nested too deeply")],
    ids=["no JSON", "a list", "a number", "empty", "deep"],
)  # fmt: skip
def test_a_line_that_is_none_is_said_with_its_number(give, capsys, line, said):
    give(b'{"text": "x"}\n' + line + b"\n")
    assert main(["redact", "--lines"]) == 2
    err = capsys.readouterr().err
    assert "<stdin>:2: not a line" in err and said in err


def test_a_line_that_is_no_utf8_is_said_so(give, capsys):
    give(b'{"text": "caf\xe9"}\n')
    assert main(["redact", "--lines"]) == 2
    assert "<stdin>:1: byte 14 of the line is not UTF-8" in capsys.readouterr().err


def test_a_mark_before_the_first_line_is_no_part_of_it(give, capsys):
    give(b'\xef\xbb\xbf{"text": "kk_abcd1234"}\r\n')
    assert main(["redact", "--lines"]) == 0
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 1


def test_lines_read_one_file(tmp_path, capsys, monkeypatch):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"text": "kk_abcd1234"}\n')
    assert main(["redact", "--lines", "--findings", str(path)]) == 0
    assert "text" not in json.loads(capsys.readouterr().out)
    assert main(["redact", "--lines", str(path), str(path)]) == 2
    assert main(["redact", "--lines", str(tmp_path)]) == 1
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["redact", "--lines"]) == 1


# --- files, folders, encodings ----------------------------------------------------------------------------


def test_a_folder_is_read_file_by_file(tmp_path, capsys):
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("one kk_abcd1234")
    (folder / "inner" / "b.html").write_text("<body>two\nkk_zyxw0123</body>")
    (folder / ".hidden").write_text("kk_zzzz9999")
    (folder / "damaged.7z").write_bytes(b"7z\xbc\xaf\x27\x1c12345678")
    (folder / "link").symlink_to(folder / "a.txt")
    assert main(["redact", "--findings", str(folder)]) == 1
    said = capsys.readouterr()
    assert f"{folder / 'a.txt'}: 1:5: key 0.90" in said.out
    assert f"{folder / 'inner' / 'b.html'}: html (body): " in said.out
    assert "damaged.7z (7z): it, or a file in it, has a format that cannot be read" in said.err
    assert "3 files, 2 findings; could not be read: 1" in said.err
    assert main(["redact", "--json", str(folder / "a.txt"), str(folder / "inner")]) == 0
    made = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [item["file"] for item in made] == [str(folder / "a.txt"), str(folder / "inner" / "b.html")]
    assert main(["redact", str(folder / "a.txt"), str(folder / "inner")]) == 0
    assert f"--- {folder / 'a.txt'}\none SEC_" in capsys.readouterr().out


def test_an_empty_folder_is_said(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["redact", str(tmp_path / "empty")]) == 2
    assert "there is no file in" in capsys.readouterr().err


def test_nothing_found_is_said_once(tmp_path, capsys):
    path = tmp_path / "page.html"
    path.write_text("<html><!-- nothing --><body>hello</body></html>")
    assert main(["redact", "--findings", str(path)]) == 0
    assert capsys.readouterr().out == "nothing found\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252"])
def test_a_text_is_read_and_written_in_its_own_encoding(tmp_path, capfdbinary, encoding):
    path = tmp_path / "notes.txt"
    path.write_bytes("Grüße an alle: kk_abcd1234, und weiter so\n".encode(encoding))
    assert main(["redact", str(path)]) == 0
    sys.stdout.flush()
    out = capfdbinary.readouterr().out.decode(encoding)
    assert TOKEN.sub("*", out) == "Grüße an alle: *, und weiter so\n"


def test_a_document_from_a_pipe_is_read_as_one(give, capsys):
    from tests.extract.pdf_making import simple_pdf

    give(simple_pdf("use kk_abcd1234 here"))
    assert main(["redact", "--findings", "-"]) == 0
    assert "page 1 (body): 1:5: key 0.90" in capsys.readouterr().out
    give(b"<p>kk_abcd1234</p>")
    assert main(["redact"]) == 0
    assert TOKEN.sub("*", capsys.readouterr().out) == "<p>*</p>"


def test_a_document_without_text_is_said(tmp_path, capsys):
    path = tmp_path / "none.html"
    path.write_text("<html><body></body></html>")
    assert main(["redact", str(path)]) == 0
    assert "there is no text in it" in capsys.readouterr().err


def test_a_damaged_document_is_said_and_what_it_gives_is_read(tmp_path, capsys):
    path = tmp_path / "bin"
    path.write_bytes(
        b"\x7fELF\x01\x02\x03\x04" + b"\0\1\2\3\4\5" * 200 + b"some words kk_abcd1234 and more\0"
    )
    assert main(["redact", "--findings", str(path)]) == 0
    said = capsys.readouterr()
    assert "key 0.90" in said.out and "what looks like words is taken" in said.err


def test_fail_on_says_what_failed(give, capsys):
    give("kk_abcd1234 kk_zyxw0123")
    assert main(["redact", "--fail-on", "secret"]) == 1
    assert "--fail-on secret: 2 key" in capsys.readouterr().err


def test_with_findings_json_holds_no_text(give, capsys):
    give("kk_abcd1234")
    assert main(["redact", "--json", "--findings"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"findings"}


def test_a_long_text_is_scanned_in_blocks_with_the_places_of_the_whole(tmp_path, capsys, monkeypatch):
    path = tmp_path / "long.txt"
    text = (
        "".join(
            f"line {number} kk_{(number * 7919 + 13) * 104729 % 10**8:08} end é\n" for number in range(100)
        )
        + "x" * 900
        + " kk_abcd1234"
    )
    path.write_text(text)
    told = []
    for block in (100_000, 640):
        monkeypatch.setattr("sensor.cli.redact.BLOCK", block)
        assert main(["redact", "--findings", str(path)]) == 0
        listed = capsys.readouterr().out
        assert main(["redact", "--json", str(path)]) == 0
        told.append((listed, json.loads(capsys.readouterr().out)["findings"]))
    assert told[0] == told[1]
    assert len(told[0][1]) > 90


def test_blocks_end_at_lines_and_not_in_a_key(monkeypatch):
    from sensor.cli.redact import block_end

    monkeypatch.setattr("sensor.cli.redact.BLOCK", 160)
    assert block_end("short", 0) == 5
    assert block_end("a" * 155 + "\n" + "b" * 90, 0) == 156
    assert block_end("a" * 152 + "\n\nb\n" + "b" * 90, 0) == 154
    assert block_end("a" * 155 + " " + "b" * 90, 0) == 156
    assert block_end("a" * 400, 0) == 160
    key = "a" * 152 + "\n-----BEGIN X\n-----END X-----" + "b" * 90
    assert block_end(key, 0) == 153


def test_progress_is_for_people_at_a_terminal(tmp_path, capsys, monkeypatch):
    path = tmp_path / "long.txt"
    path.write_text("word " * 200)
    monkeypatch.setattr("sensor.cli.redact.BLOCK", 500)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["redact", str(path)]) == 0
    assert "50 % of 1000 characters of" in capsys.readouterr().err


def test_findings_are_listed_in_one_walk(capsys):
    """Each counted the lines before it from the start: twenty thousand lines took a minute."""
    import time

    from sensor.cli.redact import _list, _Place
    from sensor.detect.finding import Finding

    text = "kk_abcd1234 and much more of the line that nobody reads\n" * 20_000
    size = len(text) // 20_000
    findings = tuple(
        Finding(
            detector="x", type="key", group="x", start=at, end=at + 11, score=0.9, validated=False, reasons=()
        )
        for at in range(0, len(text), size)
    )
    begun = time.process_time()
    _list(text, findings, "", _Place())
    assert time.process_time() - begun < 2
    assert capsys.readouterr().out.splitlines()[-1] == "20000:1: key 0.90"


def test_findings_have_line_and_column_and_no_value(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_text("one\ntwo kk_abcd1234\n")
    assert main(["redact", "--findings", str(path)]) == 0
    out = capsys.readouterr().out
    assert out == "2:5: key 0.90\n"
    path.write_text("nothing")
    assert main(["redact", "--findings", str(path)]) == 0
    assert capsys.readouterr().out == "nothing found\n"


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--fail-on", "secret"], 1), (["--fail-on", "key"], 1), (["--fail-on", "secret.key"], 1),
    (["--fail-on", "any"], 1),
     (["--fail-on", "custom"], 0), (["--fail-on", "secret", "--skip", "key"], 0), ([], 0)],
)  # fmt: skip
def test_fail_on_is_for_ci(give, options, code):
    give("kk_abcd1234")
    assert main(["redact", *options]) == code


@pytest.mark.parametrize("option", ["--only", "--skip", "--fail-on"])
def test_an_unknown_name_is_refused_with_a_suggestion(give, capsys, option):
    give("x")
    assert main(["redact", option, "secrets"]) == 2
    assert 'Did you mean "secret"?' in capsys.readouterr().err


def test_only_and_min_score_choose(give, capsys):
    give("kk_abcd1234 BADGE-0000")
    assert main(["redact", "--only", "badge", "--json"]) == 0
    assert [item["type"] for item in json.loads(capsys.readouterr().out)["findings"]] == ["badge"]
    give("kk_abcd1234 BADGE-0000")
    assert main(["redact", "--min-score", "0.85", "--json"]) == 0
    assert "BADGE-0000" in capsys.readouterr().out
    assert main(["redact", "--min-score", "2"]) == 2


def test_labels_are_replaced_only_when_asked(give, capsys):
    give("TOP SECRET plan")
    main(["redact"])
    assert capsys.readouterr().out == "TOP SECRET plan"
    give("TOP SECRET plan")
    main(["redact", "--documents"])
    assert TOKEN.fullmatch(capsys.readouterr().out)


def test_bytes_that_are_no_text_come_out_as_they_went_in(tmp_path, capfdbinary):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9 kk_abcd1234\n")
    assert main(["redact", str(path)]) == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out.startswith(b"caf\xe9 SEC_")


def test_a_document_is_read_part_by_part(tmp_path, capsys):
    path = tmp_path / "page.html"
    path.write_text("<html><!-- kk_abcd1234 --><body>hello kk_zyxw0123</body></html>")
    assert main(["redact", "--json", str(path)]) == 0
    parts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {item["type"] for part in parts for item in part["findings"]} == {"key"}
    assert all("kk_" not in part["text"] for part in parts)
    assert main(["redact", str(path)]) == 0
    assert main(["redact", "--findings", str(path)]) == 0
    assert "kk_" not in capsys.readouterr().out


def test_what_cannot_be_read_is_said(tmp_path, capsys, give, monkeypatch):
    assert main(["redact", str(tmp_path / "none.txt")]) == 1
    assert main(["redact", "--lines", str(tmp_path / "none.txt")]) == 1
    assert "none.txt" in capsys.readouterr().err
    monkeypatch.setattr("sensor.cli.inputs.MAX_TEXT", 3)
    give("four")
    assert main(["redact"]) == 1
    monkeypatch.setattr("sensor.cli.redact.MAX_LINE", 3)
    give('{"text": "x"}')
    assert main(["redact", "--lines"]) == 1


def test_with_a_home_tokens_are_the_same_in_the_next_call(give, capsys, tmp_path):
    from sensor.config import open_home

    open_home(str(tmp_path / "home"))
    texts = []
    for _ in range(2):
        give("BADGE-0000")
        main(["redact"])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


# --- detect -----------------------------------------------------------------------------------------------


def test_list_shows_what_was_asked_for(capsys):
    assert main(["detect", "list", "--group", "custom"]) == 0
    assert "custom.badge" in capsys.readouterr().out
    assert main(["detect", "list", "--country", "fr"]) == 0
    said = capsys.readouterr()
    assert said.out == "No detector fits.\n" and "Countries are de." in said.err
    assert main(["detect", "list", "--json"]) == 0
    made = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {item["id"] for item in made} == {"custom.badge", "document.label", "secret.key", "person.scanned"}


def test_into_a_pipe_a_detector_is_one_line(capsys, tmp_path):
    path = tmp_path / "packaged" / "detectors" / "x.yaml"
    path.write_text(path.read_text().replace("name: a badge", f"name: {'a long name of a badge ' * 6}"))
    assert main(["detect", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_examples_are_tried(capsys, tmp_path):
    assert main(["detect", "test"]) == 0
    assert main(["detect", "test", "custom", "secret.key"]) == 0
    path = tmp_path / "packaged" / "detectors" / "x.yaml"
    path.write_text(
        path.read_text()
        .replace("«BADGE-0000»", "«BADGE-0000 »")
        .replace("'BADGE-9X'", "'BADGE-0018'")
        .replace("['«kk_{{hex:8}}»']", "['«kk_»', '«kk_0a1b2c3d» kk_4e5f6a7b']")
    )
    capsys.readouterr()
    assert main(["detect", "test"]) == 1
    out = capsys.readouterr().out
    assert "custom.badge: match example 1: expected characters 4-15, found 4-14" in out
    assert "custom.badge: nomatch example 1: found characters 0-10 by custom.badge" in out
    assert "secret.key: match example 1: characters 0-3 not found" in out
    assert "secret.key: match example 2: also found characters 12-23" in out
    assert main(["detect", "test", "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[0])["detector"] == "custom.badge"
    assert main(["detect", "test", "custom.bage"]) == 2


@pytest.mark.parametrize("identity", ["custom.badge", "document.label", "secret.key", "person.scanned"])
def test_a_detector_is_explained(capsys, identity):
    assert main(["detect", "explain", identity]) == 0
    assert identity in capsys.readouterr().out
    assert main(["detect", "explain", identity, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == identity
    assert main(["detect", "explain", "custom.bage"]) == 2


def test_a_text_is_explained_without_its_values(capsys, give):
    give("badge BADGE-0000 kk_abcd1234 kk_aaaaaaaa")
    assert main(["detect", "explain"]) == 0
    out = capsys.readouterr().out
    assert "key  0.90  finding" in out
    assert "secret.key at bytes 29-40: too regular to be random" in out
    assert "abcd1234" not in out
    give("kk_abcd1234")
    assert main(["detect", "explain", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["told"] is True
    give("nothing")
    assert main(["detect", "explain"]) == 0
    assert "Nothing in this text" in capsys.readouterr().out


def test_a_document_is_explained_part_by_part(capsys, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<html><!-- kk_abcd1234 --><body>hello kk_aaaaaaaa</body></html>")
    assert main(["detect", "explain", str(path)]) == 0
    out = capsys.readouterr().out
    assert "--- html comment (comment)" in out and "too regular to be random" in out
    assert main(["detect", "explain", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["part"] == "html comment (comment)"
    assert main(["detect", "explain", str(tmp_path)]) == 2
    assert "gnomon redact --findings" in capsys.readouterr().err


def test_bench_says_where_it_runs(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("sensor.cli.bench.ROOT", tmp_path)
    assert main(["bench", "detect"]) == 1
    assert "checkout" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "code"), [(["--fail-on", "secret"], 1), ([], 0)])
def test_a_reader_that_goes_away_does_not_pass_a_check(give, monkeypatch, options, code):
    give("kk_abcd1234")

    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr("sensor.cli.redact._list", closed)
    monkeypatch.setattr("sensor.cli.os.dup2", lambda *_: None)
    assert main(["redact", "--findings", *options]) == code


def test_without_standard_input_a_file_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["redact"]) == 1
    assert "Name a file." in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(28, 1), (5, None)], ids=["a full disk", "another fault"])
def test_an_answer_that_cannot_be_written_is_said(give, monkeypatch, capfd, number, code):
    give("kk_abcd1234")

    def full(*_):
        raise OSError(number, "the reason")

    monkeypatch.setattr("sensor.cli.redact._list", full)
    monkeypatch.setattr("sensor.cli.os.dup2", lambda *_: None)
    if code is None:
        with pytest.raises(OSError, match="the reason"):
            main(["redact", "--findings"])
    else:
        assert main(["redact", "--findings"]) == code
        assert "could not be written: the reason" in capfd.readouterr().err
