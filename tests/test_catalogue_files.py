"""Where signature files lie, a user's own beside them, and the compiled catalogue that is kept."""

import os
from pathlib import Path

import pytest

from sensor import catalogue_files
from sensor.catalogue.loading import dump
from sensor.catalogue_files import load_catalogue, packaged_sources, read_sources
from sensor.config import Home
from sensor.errors import ConfigError, WorkError
from sensor.model import Seen

OWN = """\
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
description: d
modified: 2026-11-24
falsepositives: none
evidence:
  - {id: h1, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70}
fixtures: {}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an app of the user's own, and a small packaged catalogue."""
    home = Home(tmp_path / "home")
    (home.signatures / "acme").mkdir(parents=True)
    (home.signatures / "acme" / "chat.yaml").write_text(OWN)
    (home.signatures / "vendors.yaml").write_text("acme: {name: Acme}\n")
    return home


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three packaged files instead of all: what is tested here does not depend on how many there are."""
    packaged = [
        one
        for one in packaged_sources()
        if one.name in ("apps/openai/api.yaml", "vendors.yaml", "generic.yaml")
    ]
    monkeypatch.setattr(catalogue_files, "packaged_sources", lambda: packaged)


def kept(home: Home) -> list[Path]:
    return sorted(home.cache.glob("catalogue-*.json"))


def test_packaged_files_are_named_as_in_the_checkout():
    paths = [source.path for source in packaged_sources()]
    assert "signatures/apps/openai/chatgpt.yaml" in paths
    assert "signatures/vendors.yaml" in paths


@pytest.mark.usefixtures("few")
def test_a_users_own_app_is_found_and_the_compiled_catalogue_kept(home):
    catalogue = load_catalogue(home)
    assert catalogue.identify(Seen(host="chat.acme.example", visibility="sni")).app == "acme.chat"
    assert catalogue.identify(Seen(host="api.openai.com", visibility="sni")).app == "openai.api"
    assert len(kept(home)) == 1
    again = load_catalogue(home)
    assert dump(again) == dump(catalogue)
    assert again.hash == catalogue.hash != load_catalogue().hash


@pytest.mark.usefixtures("few")
def test_a_changed_file_is_read_anew_and_the_old_cache_dropped(home):
    load_catalogue(home)
    before = kept(home)
    (home.signatures / "acme" / "chat.yaml").write_text(OWN.replace("chat.acme", "bot.acme"))
    assert load_catalogue(home).identify(Seen(host="bot.acme.example", visibility="sni")).app == "acme.chat"
    assert len(kept(home)) == 1
    assert kept(home) != before


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "swap", "binary"])
def test_a_damaged_cache_is_as_good_as_none(home, damage):
    load_catalogue(home)
    (path,) = kept(home)
    good = path.read_bytes()
    bad = {
        "cut": good[:-10],
        "flip": good.replace(b'"acme.chat"', b'"acme.chit"'),
        "empty": b"",
        "swap": good.split(b"\n", 1)[1],
        "binary": bytes(range(256)),
    }[damage]
    path.write_bytes(bad)
    assert load_catalogue(home).identify(Seen(host="chat.acme.example", visibility="sni")).app == "acme.chat"
    assert path.read_bytes() == good, "it is mended"


@pytest.mark.usefixtures("few")
def test_a_cache_of_another_form_is_ignored(home, monkeypatch):
    """A good digest over a text that no longer is what this version writes."""
    with monkeypatch.context() as patch:
        patch.setattr(catalogue_files, "dump", lambda catalogue: '{"form": 0}')
        load_catalogue(home)
    assert load_catalogue(home).identify(Seen(host="chat.acme.example", visibility="sni")).app == "acme.chat"


@pytest.mark.usefixtures("few")
def test_nothing_is_written_where_there_is_no_home(tmp_path):
    home = Home(tmp_path / "none")
    assert load_catalogue(home).apps
    assert not home.path.exists()


@pytest.mark.usefixtures("few")
def test_a_cache_that_cannot_be_written_is_no_ones_trouble(home, monkeypatch):
    home.cache.parent.mkdir(exist_ok=True)
    home.cache.write_text("in the way")
    assert load_catalogue(home).apps
    home.cache.unlink()

    def refuse(source: object, target: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", refuse)
    assert load_catalogue(home).apps
    assert list(home.cache.iterdir()) == [], "no half-written file is left"


@pytest.mark.usefixtures("few")
def test_a_wrong_file_of_the_users_is_named_with_its_path(home):
    path = home.signatures / "acme" / "chat.yaml"
    path.write_text(OWN.replace("chat_assistant", "chat"))
    with pytest.raises(ConfigError) as caught:
        load_catalogue(home)
    assert str(caught.value).startswith(f'{path}:4:11: unknown category "chat"')


def test_what_cannot_be_read(tmp_path, monkeypatch):
    assert read_sources(tmp_path / "nothing") == []
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.yaml").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    assert read_sources(tmp_path) == []
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9")
    with pytest.raises(WorkError, match=r"latin\.yaml is not UTF-8 text\n  Byte 3 is wrong\."):
        read_sources(tmp_path)
    (tmp_path / "latin.yaml").unlink()
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(WorkError, match=r"cannot read .*folder\.yaml"):
        read_sources(tmp_path)
    (tmp_path / "folder.yaml").rmdir()
    (tmp_path / "long.yaml").write_text("# long")
    monkeypatch.setattr(catalogue_files, "MAX_FILE", 3)
    with pytest.raises(WorkError, match=r"long\.yaml is longer than 3 bytes"):
        read_sources(tmp_path)
