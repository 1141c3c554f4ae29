"""The log's key and name: made once, private, and never used for two logs."""

import os
import stat

import pytest

from sensor.errors import WorkError
from sensor.store.keys import load_signer, load_verifier, publish_verifier
from sensor.tlog.note import parse_signer, parse_verifier
from tests.store.logs import noise


def test_a_key_is_made_once(tmp_path):
    """A new log gets a random name and a key file that only its owner reads."""
    made = load_signer(tmp_path, is_new=True, randomness=noise())
    assert made.verifier.name.startswith("gnomon/")
    assert len(made.verifier.name) == len("gnomon/") + 8
    assert stat.S_IMODE(os.stat(tmp_path / "log.key").st_mode) == 0o600
    assert load_signer(tmp_path, is_new=False, randomness=noise(1)) == made
    assert load_verifier(tmp_path) == made.verifier
    assert [path.name for path in tmp_path.iterdir()] == ["log.key"]


def test_the_verifier_key_is_published_beside_it(tmp_path):
    """The public half is a file to be handed out; it is not written over."""
    made = load_signer(tmp_path, is_new=True, randomness=noise())
    publish_verifier(tmp_path, made)
    assert parse_verifier((tmp_path / "log.vkey").read_text().strip()) == made.verifier
    before = (tmp_path / "log.vkey").stat().st_mtime_ns
    publish_verifier(tmp_path, made)
    assert (tmp_path / "log.vkey").stat().st_mtime_ns == before
    (tmp_path / "log.key").unlink()
    assert load_verifier(tmp_path) == made.verifier


def test_a_key_that_signed_nothing_is_used_for_a_new_log(tmp_path):
    """A crash between the key and the first record leaves no second key behind."""
    made = load_signer(tmp_path, is_new=True, randomness=noise())
    assert load_signer(tmp_path, is_new=True, randomness=noise(1)) == made


def test_a_name_never_stands_for_two_logs(tmp_path):
    """Where the database is gone and the key has signed, the key is put aside and a new name begins."""
    old = load_signer(tmp_path, is_new=True, randomness=noise())
    publish_verifier(tmp_path, old)
    new = load_signer(tmp_path, is_new=True, randomness=noise(1))
    assert new.verifier.name != old.verifier.name
    aside = f"log-{old.verifier.name.removeprefix('gnomon/')}"
    assert parse_signer((tmp_path / f"{aside}.key").read_text().strip()) == old
    assert parse_verifier((tmp_path / f"{aside}.vkey").read_text().strip()) == old.verifier
    assert not (tmp_path / "log.vkey").exists()


def test_a_lost_key(tmp_path):
    """A log whose key is gone cannot be gone on with, and the message says what to do."""
    with pytest.raises(WorkError, match="missing") as caught:
        load_signer(tmp_path, is_new=False, randomness=noise())
    assert "Put it back" in str(caught.value)
    with pytest.raises(WorkError, match="no verifier key") as caught:
        load_verifier(tmp_path)
    assert "--key" in str(caught.value)


def test_files_that_are_no_keys(tmp_path):
    """What cannot be read as a key is named."""
    (tmp_path / "log.key").write_text("hello")
    with pytest.raises(WorkError, match="not a signer key"):
        load_signer(tmp_path, is_new=False, randomness=noise())
    with pytest.raises(WorkError, match="cannot read the verifier key"):
        load_verifier(tmp_path)
    (tmp_path / "log.key").write_bytes(b"\xff")
    with pytest.raises(WorkError, match="cannot read or make"):
        load_signer(tmp_path, is_new=False, randomness=noise())


def test_a_key_that_cannot_be_written(tmp_path, monkeypatch):
    """A failing disk leaves no half a key."""

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(WorkError, match="No space left"):
        load_signer(tmp_path, is_new=True, randomness=noise())
    assert list(tmp_path.iterdir()) == []
