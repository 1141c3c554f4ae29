"""The signature author's page names every word that the reader knows, and its example loads."""

import re

import pytest

from sensor.catalogue import load
from sensor.catalogue.lint import lint
from sensor.catalogue.reading import Source
from sensor.catalogue.records import CATEGORIES, EVIDENCE_TYPES, MATURITIES, ROLES
from sensor.model import Proves, Seen


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "signatures" / "README.md").read_text()


def test_every_word_of_the_closed_sets_is_there(page):
    words = {*CATEGORIES, *EVIDENCE_TYPES, *ROLES, *map(str, Proves)}
    assert [word for word in sorted(words) if f"`{word}`" not in page] == []
    assert [word for word in MATURITIES if word not in page] == []


def test_no_category_stands_there_that_is_none(page):
    listed = re.findall(r"`([a-z0-9_]+)`", page.split("## Categories")[1])
    assert tuple(listed) == CATEGORIES


def test_the_example_is_a_signature(page):
    text = page.split("```yaml\n")[1].split("```")[0]
    files = [("apps/acme/chat.yaml", text), ("vendors.yaml", "acme: {name: Acme}")]
    api = (
        text.replace("acme.chat", "acme.api", 1)
        .replace("provider: acme.api", "")
        .replace("chat.acme", "api.acme")
    )
    files.append(("apps/acme/api.yaml", api))
    catalogue = load(files)
    assert catalogue.identify(Seen(host="chat.acme.example")).app == "acme.chat"
    assert lint([Source(*file) for file in files], today="2026-11-24") == []
