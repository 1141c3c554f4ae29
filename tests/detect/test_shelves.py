"""Scanners and validators by name: what the lists say is what the modules offer."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from sensor.detect import scanners, validators
from sensor.detect.finding import Document

SHELVES = {"SCANNERS": scanners.SCANNERS, "VALIDATORS": validators.VALIDATORS}


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_name_stands_where_the_list_says(shelf):
    listed = SHELVES[shelf]._where
    for module in SHELVES[shelf]._modules:
        offered = set(getattr(import_module(module), shelf))
        named = {name for name, where in listed.items() if where == module}
        assert named in (offered, set()), f"sensor/detect/{shelf.lower()}/__init__.py does not name them all"


def test_only_the_national_ones_are_not_listed():
    listed = validators.VALIDATORS._where
    from sensor.detect.validators import national

    assert set(validators.VALIDATORS) - set(listed) == set(national.VALIDATORS)


def test_a_scanner_brings_its_own_family_alone():
    code = (
        "import sys\nfrom sensor.detect.scanners import SCANNERS\n"
        "from sensor.detect.finding import Document\n"
        "list(SCANNERS['iban'](Document(b''), []))\n"
        "print(*sorted({n.split('.')[3] for n in sys.modules if n.startswith('sensor.detect.scanners.')}))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert "contact" in done.stdout.split()
    assert set(done.stdout.split()) <= {"columns", "contact"}


def test_data_files_are_read_when_the_first_text_needs_them(monkeypatch):
    from sensor.detect.scanners import people

    assert scanners.DATA == people.DATA
    monkeypatch.setattr(people, "_given", {})
    monkeypatch.setattr(people, "_made", [])
    monkeypatch.setattr(scanners, "_given", {})
    read = []
    lexicon, model = "= F\nada\n", "= 0 0\n"

    def reader(name, text):
        return lambda: read.append(name) or text

    for name, text in zip(people.DATA, (lexicon, model), strict=True):
        scanners.provide(name, reader(name, text))
    scanners.provide("data/other.txt", reader("other", ""))
    assert read == []
    for _ in range(2):
        scanners.SCANNERS["people"](Document(b"x"), [])
        assert read == list(people.DATA)
    assert people._given == dict(zip(people.DATA, (lexicon, model), strict=True))
