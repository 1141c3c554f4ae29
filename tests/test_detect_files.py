"""Where detectors come from, and what is kept of them: compiled once, taken again, never from a stranger."""

from __future__ import annotations

import marshal
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sensor import detect_files
from sensor.config import open_home
from sensor.detect_files import (
    cache_folder,
    load_detectors,
    load_engine,
    load_token_key,
    own_files,
)
from sensor.errors import ConfigError, WorkError

OWN = """
detectors:
- {id: custom.badge, name: a badge, type: badge, group: custom, class: A, source: the badge office,
   gate: ['BADGE-[0-9]{4}'], pattern: 'BADGE-[0-9]{4}', match: ['see «BADGE-1234»']}
"""


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Three small detectors in place of the packaged ones: compiling those takes seconds."""
    folder = tmp_path / "packaged" / "detectors"
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text(
        OWN.replace("custom.badge", "custom.x").replace("BADGE", "PACKED").replace("type: badge", "type: x")
    )
    (folder / ".hidden.yaml").write_text("not yaml: [")
    monkeypatch.setattr(detect_files.signatures, "__path__", [str(tmp_path / "packaged")])
    monkeypatch.setattr("sensor.detect.views.GATES", ())
    return folder


@pytest.fixture
def home(tmp_path):
    made = open_home(str(tmp_path / "home"))
    (made.signatures / "detectors").mkdir()
    (made.signatures / "detectors" / "own.yaml").write_text(OWN)
    return made


def test_own_detectors_stand_beside_packaged_ones(few, home):
    engine = load_engine(home)
    assert [finding.type for finding in engine.scan("BADGE-1234 PACKED-1234")] == ["badge", "x"]
    assert set(engine.detectors) == {"custom.badge", "custom.x"}
    assert [detector.id for detector in load_detectors(home).detectors] == ["custom.x"]
    assert [file.name for file in own_files(home)] == ["own.yaml"]
    assert own_files(None) == []


def test_a_compiled_set_is_taken_again(few, home):
    said = []
    load_engine(home, on_compile=lambda: said.append(1))
    load_engine(home, on_compile=lambda: said.append(2))
    assert said == [1]
    # What is no part of the gate needs no compiling.
    (home.signatures / "detectors" / "own.yaml").write_text(OWN.replace("see", "look"))
    load_engine(home, on_compile=lambda: said.append(3))
    (few / "x.yaml").write_text((few / "x.yaml").read_text().replace("[0-9]", "[1-9]"))
    load_engine(home, on_compile=lambda: said.append(4))
    assert said == [1, 4]
    assert len(list(home.cache.glob("gate-*.bin"))) == len(list(home.cache.glob("detectors-*.bin"))) == 1


@pytest.mark.parametrize("damage", ["cut", "changed", "writable by others", "not for this machine"])
def test_a_compiled_set_that_is_not_as_written_is_made_anew(few, home, damage):
    load_engine(home)
    kept = next(home.cache.glob("gate-*.bin"))
    raw = kept.read_bytes()
    match damage:
        case "cut":
            kept.write_bytes(raw[:-10])
        case "changed":
            kept.write_bytes(raw[:70] + bytes([raw[70] ^ 1]) + raw[71:])
        case "writable by others":
            kept.chmod(0o666)
        case _:
            detect_files._write(kept, b"another machine's")
    said = []
    engine = load_engine(home, on_compile=lambda: said.append(1))
    assert said == [1]
    assert engine.scan("BADGE-1234")


def kept_set(home) -> Path:
    (path,) = home.cache.glob("detectors-*.bin")
    return path


@pytest.fixture
def bare(tmp_path):
    """A home with no files of its own: an expression in one is tried in a child, which takes a second."""
    return open_home(str(tmp_path / "bare"))


@pytest.fixture
def settled(few, bare, monkeypatch):
    """Files that count as unchanged at once, and a kept set of them; gives what is read again."""
    monkeypatch.setattr(detect_files, "SETTLED_NS", -(10**12))
    load_engine(bare)
    again = []
    read, built = detect_files._Place.read, detect_files.build_table
    monkeypatch.setattr(detect_files._Place, "read", lambda place: again.append(place.name) or read(place))
    monkeypatch.setattr(
        detect_files, "build_table", lambda detectors: again.append("table") or built(detectors)
    )
    return again


def test_files_that_did_not_change_are_not_read_again(settled, few, bare):
    assert load_engine(bare).scan("PACKED-1234")
    assert settled == []
    (few / "new.yaml").write_text("detectors: []\n")
    load_engine(bare)
    assert settled == ["new.yaml", "x.yaml", "table"]


def test_a_file_that_looks_the_same_but_is_not_is_read_again(settled, few, bare):
    """Same name, size and time of change, in place and put in its place."""
    path = few / "x.yaml"
    text, said = path.read_text(), path.stat()
    for number, name in enumerate(("PICKED", "PECKED")):
        other = path if number == 0 else few.parent / "other"
        other.write_text(text.replace("PACKED", name))
        os.utime(other, ns=(said.st_atime_ns, said.st_mtime_ns))
        other.replace(path)
        assert path.stat().st_mtime_ns == said.st_mtime_ns
        assert path.stat().st_size == said.st_size
        engine = load_engine(bare)
        assert [finding.type for finding in engine.scan(f"PACKED-1234 {name}-1234")] == ["x"]
        assert engine.scan(f"{name}-1234")


def test_a_file_that_was_touched_is_read_again_and_found_the_same(settled, few, bare):
    (few / "x.yaml").touch()
    load_engine(bare)
    assert settled == ["x.yaml"]
    load_engine(bare)
    assert settled == ["x.yaml"], "the new stamp is kept"


def test_a_file_that_changed_just_before_is_not_trusted_by_its_times(few, bare, monkeypatch):
    load_engine(bare)
    assert detect_files._record(kept_set(bare)).stamps == ()
    before = kept_set(bare).stat().st_mtime_ns
    load_engine(bare)
    assert kept_set(bare).stat().st_mtime_ns == before, "and nothing is written while it is so"
    monkeypatch.setattr(detect_files, "SETTLED_NS", -(10**12))
    load_engine(bare)
    assert len(detect_files._record(kept_set(bare)).stamps) == 1


def test_a_table_that_other_code_built_is_built_anew(settled, few, bare, monkeypatch):
    monkeypatch.setattr(detect_files, "_code", lambda: (("/engine.py", 1, 2),))
    assert load_engine(bare).scan("PACKED-1234")
    assert settled == ["x.yaml", "table"]
    load_engine(bare)
    assert settled == ["x.yaml", "table"]


def test_the_code_that_counts_is_all_of_detect():
    names = {name for name, _, _ in detect_files._code()}
    assert {"/table.py", "/tokens.py", "/views/plain.py", "/scanners/people/model.py"} <= names


@pytest.mark.slow
def test_own_detectors_take_packaged_ones_out_of_a_kept_table(few, home):
    own = home.signatures / "detectors" / "own.yaml"
    own.write_text(OWN.replace("custom.badge", "custom.x"))
    for _ in range(2):
        engine = load_engine(home)
        assert set(engine.detectors) == {"custom.x"}
        assert [finding.type for finding in engine.scan("BADGE-1234 PACKED-1234")] == ["badge"]


@pytest.mark.parametrize(
    "damage",
    ["cut", "cut to nothing", "flipped", "flipped digest", "writable by others", "another form", "no marshal",
     "another user's", "in a folder that others may write", "gone"],
)  # fmt: skip
def test_a_kept_set_that_is_not_as_written_is_made_anew(settled, few, bare, monkeypatch, damage):
    kept = kept_set(bare)
    raw = kept.read_bytes()
    match damage:
        case "cut":
            kept.write_bytes(raw[:-10])
        case "cut to nothing":
            kept.write_bytes(b"")
        case "flipped":
            kept.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
        case "flipped digest":
            kept.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])
        case "writable by others":
            kept.chmod(0o622)
        case "another form":
            # What another version of Python wrote is not taken apart, whatever it holds.
            body = raw[65:].replace(b"gnomon detectors ", b"gnomon detectors 1", 1)
            detect_files._write(kept, body)
        case "no marshal":
            detect_files._write(kept, b"{}")
        case "another user's":
            monkeypatch.setattr(detect_files.os, "geteuid", lambda: os.getuid() + 1)
        case "in a folder that others may write":
            bare.cache.chmod(0o777)
        case _:
            kept.unlink()
    taken = []
    monkeypatch.setattr(detect_files, "marshal", SimpleNamespace(dumps=marshal.dumps, loads=taken.append))
    assert load_engine(bare).scan("PACKED-1234")
    assert settled == ["x.yaml", "table"]
    assert taken == []


def test_without_a_home_the_users_cache_is_used(few, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    load_engine(None)
    kept = next((tmp_path / "cache" / "gnomon").glob("gate-*.bin"))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder(None) == tmp_path / ".cache" / "gnomon"


def test_a_cache_that_cannot_be_written_is_no_trouble(few, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_engine(None).scan("PACKED-1234")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(detect_files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError()))
    assert load_engine(None).scan("PACKED-1234")
    assert list((tmp_path / "cache" / "gnomon").iterdir()) == []


def test_what_is_wrong_with_a_file_is_said(few, home, monkeypatch):
    own = home.signatures / "detectors" / "own.yaml"
    own.write_bytes(b"\xff")
    with pytest.raises(WorkError, match="not UTF-8"):
        load_engine(home)
    own.write_text(OWN)
    monkeypatch.setattr(detect_files, "MAX_FILE", 10)
    with pytest.raises(WorkError, match="longer than 10 bytes"):
        load_engine(home)
    monkeypatch.undo()
    own.unlink()
    own.mkdir()
    with pytest.raises(WorkError, match="cannot read"):
        own_files(home)
    own.rmdir()
    own.symlink_to("nowhere")
    with pytest.raises(WorkError, match="cannot read"):
        own_files(home)


def test_a_gate_that_hyperscan_refuses_is_said(few, home):
    (few / "x.yaml").write_text(
        (few / "x.yaml").read_text().replace("gate: ['PACKED-[0-9]{4}']", "gate: ['P(?=A)']")
    )
    with pytest.raises(ConfigError, match="gate cannot be compiled"):
        load_engine(home)


def test_the_token_key_is_made_once_and_for_its_owner(home, tmp_path):
    key = load_token_key(home)
    assert len(key) == 32
    assert load_token_key(home) == key
    path = home.keys / detect_files.TOKEN_KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in home.keys.iterdir()] == [path.name]
    path.write_bytes(b"short")
    with pytest.raises(WorkError, match="32 bytes"):
        load_token_key(home)
    path.unlink()
    path.mkdir()
    with pytest.raises(WorkError, match="token key"):
        load_token_key(home)


def test_no_home_has_no_token_key(tmp_path):
    from sensor.config import Home

    assert load_token_key(Home(tmp_path / "none")) is None


@pytest.mark.slow
def test_the_packaged_set_is_large_and_of_many_kinds():
    detectors = load_detectors().detectors
    groups = {}
    for detector in detectors:
        groups.setdefault(detector.group, set()).add(detector.type)
    assert len(detectors) >= 200
    assert len([d for d in detectors if d.group == "secret"]) >= 100
    assert len({c for d in detectors if d.group in ("national_id", "tax_id") for c in d.countries}) >= 40
    for group in (
        "payment",
        "contact",
        "travel",
        "vehicle",
        "health",
        "network",
        "code",
        "document",
        "money",
        "person",
        "address",
        "date",
    ):
        assert groups.get(group), group


@pytest.mark.slow
def test_every_packaged_detector_has_source_and_examples():
    lacking = [
        detector.id
        for detector in load_detectors().detectors
        if not detector.source or not detector.examples or not detector.counter_examples
    ]
    assert lacking == []


@pytest.mark.slow
def test_every_packaged_example_is_kept(tmp_path_factory):
    from sensor.detect.checking import check_examples

    engine = load_engine()
    assert [str(failure) for failure in check_examples(engine, engine.detectors)] == []


@pytest.mark.slow
def test_without_re2_every_packaged_pattern_compiles():
    from sensor.detect.patterns import compile_extractor

    for detector in load_detectors().detectors:
        if detector.pattern:
            compile_extractor(detector.pattern, plain=True)


@pytest.mark.slow
def test_loading_opens_no_socket_and_imports_no_heavy_library(tmp_path):
    code = (
        "import sys\nimport socket\nsocket.socket = None\n"
        "from sensor.detect_files import load_engine\n"
        "load_engine().scan('call +49 30 1234567, card 4111 1111 1111 1111')\n"
        "print([name for name in ('numpy', 'mitmproxy', 'scapy', 'pypdf', 'rich') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_second_start_reads_no_file_of_detectors_and_imports_little():
    load_engine()
    code = (
        "import sys\nfrom sensor.detect_files import load_engine\n"
        "load_engine().scan('card 4111 1111 1111 1111')\n"
        "print([name for name in ('yaml', 'sensor.detect.loading', 'sensor.detect.custom', 'phonenumbers',"
        " 'stdnum', 'sensor.detect.scanners.people', 'sensor.detect.scanners.secrets')"
        " if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
