"""A module imports its own layer or a lower one, and the pure layers touch nothing outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensor.checks import layers


def test_no_module_reaches_above_its_layer(root: Path) -> None:
    found = layers.complaints(root)
    assert not found, "\n" + "\n".join(found)


def test_every_module_is_read(root: Path) -> None:
    """The check would pass on an empty folder: these must be among what it read."""
    assert {"sensor", "sensor.model", "sensor.wire.tls", "sensor.cli", "reports"} <= set(layers.modules(root))


KNOWN = frozenset({"sensor.model", "sensor.wire", "sensor.wire.tls", "sensor.pipeline", "sensor.store.rows"})

CROSSINGS = [
    ("sensor.wire.tls", "from sensor.errors import Malformed", None),
    ("sensor.wire.tls", "from sensor.wire import quic", None),
    ("sensor.wire.tls", "from . import quic", None),
    ("sensor.wire.tls", "from sensor import pipeline", "may not import sensor.pipeline of layer 4"),
    ("sensor.wire.tls", "from ..pipeline import Pipeline", "may not import sensor.pipeline of layer 4"),
    (
        "sensor.wire.tls",
        "def f():\n    import sensor.store.rows",
        "may not import sensor.store.rows of layer 6",
    ),
    ("sensor.wire.tls", "if TYPE_CHECKING:\n    from reports import text", "layer 6"),
    ("sensor.wire.tls", "import os.path", "pure and may not import os.path"),
    ("sensor.wire.tls", "from urllib.parse import urlsplit", None),
    ("sensor.wire.tls", "from urllib.request import urlopen", "may not import urllib.request.urlopen"),
    ("sensor.wire.tls", "import time", "pure"),
    ("sensor.wire.tls", "def f():\n    from random import choice", "pure"),
    ("sensor.wire.tls", "import scapy.all", "scapy may be imported only in"),
    ("sensor.cli.capture", "import scapy.all", "scapy may be imported only in"),
    ("sensor.pipeline", "import datetime\ndatetime.datetime.now()", "may not call .now()"),
    ("sensor.pipeline", "open('x')", "may not call open()"),
    ("sensor.store.rows", "import time, os, sqlite3\nopen('x')\ntime.time()", None),
    ("sensor.store.rows", "from sensor.cli import main", "layer 6 may not import sensor.cli of layer 7"),
    ("sensor.attic", "", "stands in no layer"),
    ("sensor.yamldoc", "import yaml", None),
    ("sensor.policy.parse", "import yaml", "yaml may be imported only in sensor.yamldoc"),
]


@pytest.mark.parametrize(("module", "source", "complaint"), CROSSINGS)
def test_a_crossing_is_found_wherever_it_stands(module: str, source: str, complaint: str | None) -> None:
    known = KNOWN | {"sensor.cli"}
    found = layers.source_complaints(module, source, known, is_package=False)
    if complaint is None:
        assert found == []
    else:
        assert len(found) == 1 and complaint in found[0]
