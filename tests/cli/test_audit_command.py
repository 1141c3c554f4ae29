"""``gnomon audit`` as a person runs it: what it prints, and how it exits."""

import base64
import io
import json
import sys

import pytest

from sensor.cli import main
from sensor.config import open_home
from sensor.recorder import open_recorder
from sensor.store.keys import load_verifier
from sensor.tlog.checkpoint import open_checkpoint
from sensor.tlog.note import make_signer, parse_signer
from sensor.tlog.proofs import verify_inclusion
from sensor.tlog.tree import hash_leaf
from tests.store.logs import Made, event, rebuild, review


@pytest.fixture
def home(tmp_path):
    """A start, five events in a batch each, a review and a stop: 8 entries."""
    made = open_home(str(tmp_path / "home"))
    with open_recorder(made, role="proxy") as recorder:
        for n in range(5):
            recorder.submit([event(n, origin=recorder.origin)]).result(20)
        recorder.review(review())
    return made


@pytest.fixture
def gnomon(home, capsys):
    """``gnomon(word, …)`` gives exit code, stdout and stderr."""

    def run(*words):
        capsys.readouterr()
        code = main([words[0], words[1], *words[2:], "--home", str(home.path)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def database(home):
    return Made(home.database, parse_signer((home.keys / "log.key").read_text().strip()))


def keep(gnomon, tmp_path, name="monday.note", *more):
    code, out, _ = gnomon("audit", "show", "--checkpoint", *more)
    assert code == 0
    (tmp_path / name).write_text(out)
    return str(tmp_path / name)


def test_verify_says_ok(gnomon, home, tmp_path):
    """Entries, checkpoints and key; without a kept checkpoint it says what that cannot show."""
    code, out, err = gnomon("audit", "verify")
    assert (code, out.startswith("ok: 8 entries")) == (0, True)
    assert "keep checkpoints elsewhere" in err
    note = keep(gnomon, tmp_path)
    code, out, err = gnomon("audit", "verify", "--checkpoint", note)
    assert (code, err) == (0, "")
    assert f"ok: the log begins with the 8 entries of {note}" in out


def test_verify_as_json(gnomon, home, tmp_path):
    """One object, for programs."""
    note = keep(gnomon, tmp_path)
    code, out, _ = gnomon("audit", "verify", "--checkpoint", note, "--json")
    said = json.loads(out)
    assert (code, said["ok"], said["entries"], said["problems"]) == (0, True, 8, [])
    assert said["held"] == [{"name": note, "size": 8}]
    database(home).edit("UPDATE event SET verdict = 'block' WHERE idx = 1")
    code, out, _ = gnomon("audit", "verify", "--json")
    said = json.loads(out)
    assert (code, said["ok"], said["first_bad_entry"], said["first_bad_range"]) == (1, False, 1, None)
    assert said["problems"][0]["kind"] == "event_differs"


def test_verify_names_the_first_bad_entry(gnomon, home):
    """Exit 1, and the entry by number."""
    database(home).edit("UPDATE content SET value = 'eve' WHERE idx = 3 AND field = 'device'")
    code, out, _ = gnomon("audit", "verify")
    assert code == 1
    assert "NOT OK" in out
    assert "First bad entry: 3." in out


def test_verify_where_no_entry_is_bad(gnomon, home):
    """What was made of the entries is told apart from the entries."""
    database(home).edit("UPDATE inventory SET events = events + 1")
    code, out, _ = gnomon("audit", "verify")
    assert (code, "No entry is bad" in out) == (1, True)


def test_a_rewrite_with_the_key(gnomon, home, tmp_path):
    """Verified alone it passes; against kept checkpoints it fails, and several name the entry."""
    note = keep(gnomon, tmp_path)
    every = keep(gnomon, tmp_path, "all.notes", "--all")
    made = database(home)
    made.edit(
        """UPDATE entry SET body = CAST(replace(body, '"enforced":true', '"enforced":false') AS BLOB)
        WHERE idx = 2"""
    )
    made.edit("UPDATE event SET enforced = 0 WHERE idx = 2")
    rebuild(made)
    made.edit("UPDATE inventory SET would_block = blocked, blocked = 0 WHERE app = 'anthropic.claude'")
    made.edit("UPDATE ru_day SET would_block = blocked, blocked = 0 WHERE app = 'anthropic.claude'")
    assert gnomon("audit", "verify")[0] == 0
    code, out, _ = gnomon("audit", "verify", "--checkpoint", note)
    assert code == 1
    assert "The first bad entry is one of 0 to 7" in out
    code, out, _ = gnomon("audit", "verify", "--checkpoint", every)
    assert code == 1
    assert "First bad entry: 2." in out
    assert "(the log does begin with the 2 entries of" in out


def test_more_problems_than_are_shown(gnomon, home):
    """The rest is counted."""
    for n in range(100):
        database(home).edit("INSERT INTO ru_day VALUES (?, 'a.b', 1, 0, 0, 0, 0, 0)", n)
    code, out, _ = gnomon("audit", "verify")
    assert (code, "and 50 more problems" in out) == (1, True)


def test_known_and_possible_bad_entries(gnomon, home):
    """A range that begins before a known bad entry is told with it."""
    made = database(home)
    made.edit("UPDATE content SET value = 'eve' WHERE idx = 3 AND field = 'device'")
    made.edit("DELETE FROM checkpoint WHERE size > 2")
    made.edit("UPDATE event SET verdict = 'allow', enforced = 1 WHERE idx = 3")
    code, out, _ = gnomon("audit", "verify")
    assert code == 1
    assert "one of 2 to 7" in out


def test_the_key_may_be_given(gnomon, home, tmp_path):
    """As text or as a file; another log's key finds nothing of its own here."""
    text = (home.keys / "log.vkey").read_text().strip()
    (tmp_path / "given.vkey").write_text(text + "\n")
    (home.keys / "log.vkey").unlink()
    for key in (text, str(tmp_path / "given.vkey")):
        assert gnomon("audit", "verify", "--key", key)[0] == 0
    other = make_signer("gnomon/00000000", bytes(32)).verifier.text()
    code, out, _ = gnomon("audit", "verify", "--key", other)
    assert (code, "not one that the log's key signed" in out) == (1, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("verify", "--key", "nonsense"), "cannot read the key file"),
        (("verify", "--key", "a+b+c"), "not a verifier key"),
        (("verify", "--checkpoint", "nowhere.note"), "cannot read the checkpoint"),
        (("show", "99"), "there is no entry 99"),
        (("show", "-1"), "there is no entry -1"),
        (("show", "99999999999999999999"), "there is no entry"),
        (("show", "1", "--checkpoint"), "either INDEX or --checkpoint"),
        (("show", "--all"), "--all goes with --checkpoint"),
        (("prove", "99"), "there is no entry 99"),
    ],
)
def test_wrong_usage(gnomon, words, says):
    """Exit 2, with what is wrong."""
    code, out, err = gnomon("audit", *words)
    assert (code, out) == (2, "")
    assert says in err


def test_a_file_that_is_too_long(gnomon, tmp_path, monkeypatch):
    """Kept checkpoints have a bound."""
    monkeypatch.setattr("sensor.cli.audit.MAX_HELD_BYTES", 10)
    (tmp_path / "long.note").write_text("x" * 11)
    code, _, err = gnomon("audit", "verify", "--checkpoint", str(tmp_path / "long.note"))
    assert (code, "too long" in err) == (2, True)


def test_a_checkpoint_on_stdin(gnomon, tmp_path, monkeypatch):
    """``-`` reads stdin."""
    note = keep(gnomon, tmp_path)
    with open(note, "rb") as file:
        stdin = io.TextIOWrapper(io.BytesIO(file.read()))
    monkeypatch.setattr(sys, "stdin", stdin)
    code, out, _ = gnomon("audit", "verify", "--checkpoint", "-")
    assert (code, "8 entries of the checkpoint on stdin" in out) == (0, True)


def test_nothing_recorded(tmp_path, capsys):
    """An empty home is told with what to do, and exit 1: there is nothing to verify."""
    home = str(tmp_path)
    (tmp_path / "keys").mkdir()
    for words in (["verify"], ["show"], ["prove", "0"]):
        assert main(["audit", *words, "--home", home]) == 1
    assert "no verifier key" in capsys.readouterr().err
    made = open_home(home)
    with open_recorder(made, role=None):
        pass
    assert main(["audit", "show", "--home", home]) == 1
    assert "the log is empty" in capsys.readouterr().err
    assert main(["audit", "verify", "--home", home]) == 0


def test_show(gnomon, home):
    """Name, size, root, key; and one entry with what is personal in it."""
    code, out, _ = gnomon("audit", "show")
    assert code == 0
    assert "entries:     8" in out
    facts = json.loads(gnomon("audit", "show", "--json")[1])
    assert facts["key"] == load_verifier(home.keys).text()
    entry = json.loads(gnomon("audit", "show", "3")[1])
    assert (entry["type"], entry["personal"]["user"]) == ("event", "bo")
    assert json.loads(gnomon("audit", "show", "--checkpoint", "--json")[1])["note"].startswith("gnomon/")


def test_show_an_entry_that_lost_something(gnomon, home):
    """Erased fields are listed; a damaged entry is not shown as if it were one."""
    made = database(home)
    made.edit("DELETE FROM content WHERE idx = 3 AND field = 'user'")
    assert json.loads(gnomon("audit", "show", "3", "--json")[1])["erased"] == ["user"]
    made.edit("UPDATE entry SET body = x'00' WHERE idx = 3")
    code, _, err = gnomon("audit", "show", "3")
    assert (code, "damaged" in err) == (1, True)


def test_prove(gnomon, home):
    """The proof of an entry holds against the checkpoint it carries, by the verifier's own arithmetic."""
    for index in range(8):
        said = json.loads(gnomon("audit", "prove", str(index), "--json")[1])
        checkpoint = open_checkpoint(said["checkpoint"].encode(), load_verifier(home.keys))
        leaf = base64.b64decode(said["leaf"])
        assert hash_leaf(base64.b64decode(said["body"])) == leaf
        proof = [base64.b64decode(node) for node in said["proof"]]
        assert verify_inclusion(leaf, index, checkpoint.size, proof, checkpoint.root)
        text = gnomon("audit", "prove", str(index))[1]
        assert text == (
            f"c2sp.org/tlog-proof@v1\nindex {index}\n"
            + "".join(node + "\n" for node in said["proof"])
            + f"\n{said['checkpoint']}"
        )


def test_what_cannot_be_proved(gnomon, home):
    """Without its tiles an entry cannot be proved, and the message says where to look."""
    database(home).edit("DELETE FROM tile")
    code, _, err = gnomon("audit", "prove", "0")
    assert (code, "gnomon audit verify" in err) == (1, True)
