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
    monkeypatch.setattr("sensor.detect.engine.GATES", ())
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


@pytest.mark.parametrize("line", ["no json", "[]", '{"text": 1}', "{}"])
def test_a_line_that_is_none_is_said_with_its_number(give, capsys, line):
    give(f'{{"text": "x"}}\n{line}\n')
    assert main(["redact", "--lines"]) == 2
    assert "<stdin>:2: not a line" in capsys.readouterr().err


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
    monkeypatch.setattr("sensor.cli.redact.MAX_TEXT", 3)
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
    assert capsys.readouterr().out == "No detector fits.\n"
    assert main(["detect", "list", "--json"]) == 0
    made = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {item["id"] for item in made} == {"custom.badge", "document.label", "secret.key", "person.scanned"}


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
