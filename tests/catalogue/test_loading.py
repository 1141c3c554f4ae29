"""Texts to a catalogue, what takes several files to see, and the compiled form."""

import json

import pytest

from sensor.catalogue import load
from sensor.catalogue.loading import content_hash, dump, kind_of, restore
from sensor.catalogue.reading import SignatureError, Source
from sensor.model import Seen

APP = """\
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
description: d
modified: 2026-11-24
falsepositives: none
evidence:
  - {id: h1, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70, role: ui}
tenant: {a: [1, {b: c}]}
fixtures: {}
"""
OTHER = APP.replace("acme.chat", "acme.other", 1).replace("chat.acme.example", "other.example")
VENDORS = "{acme: {name: Acme}}"
GENERIC = """\
generic: true
description: d
modified: 2026-11-24
evidence:
  - {id: u1, type: url_path, value: ^/x$, any: true, methods: [POST], content_types: [a/b],
     proves: usage, weight: 9}
fixtures: {}
"""
FILES = {
    "apps/acme/chat.yaml": APP,
    "vendors.yaml": VENDORS,
    "vendors_more.yaml": "{b: {name: B, country: FR}}",
    "clients.yaml": "[{id: acme.cli, name: CLI, user_agents: '^cli/', app: acme.chat}]",
    "shared_infrastructure.yaml": "[{host: shared.example, role: cdn}]",
    "generic.yaml": GENERIC,
    "detectors/x.yaml": "not: [a, signature",
}


def test_everything_in_its_place():
    catalogue = load(FILES.items())
    assert list(catalogue.apps) == ["acme.chat"]
    assert list(catalogue.vendors) == ["acme", "b"]
    assert list(catalogue.clients) == ["acme.cli"]
    assert list(catalogue.shared) == ["shared.example"]
    assert catalogue.generic is not None
    assert len(catalogue.hash) == 64
    assert catalogue.apps["acme.chat"].path == "apps/acme/chat.yaml"


KINDS = [
    ("vendors.yaml", "vendors"),
    ("vendors_more.yaml", "vendors"),
    ("clients_more.yaml", "clients"),
    ("shared_infrastructure.yaml", "shared"),
    ("generic.yaml", "generic"),
    ("apps/acme/clients.yaml", "app"),
    ("acme/chat.yaml", "app"),
    ("detectors/de.yaml", "detectors"),
    ("chat.yaml", "app"),
]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_file_is_what_its_place_says(name, kind):
    assert kind_of(name) == kind


WRONG = [
    ({"vendors.yaml": "{}"}, 'apps/acme/chat.yaml:3:9: unknown vendor "acme"', "unknown-vendor"),
    ({"vendors.yaml": "{acne: {name: A}}"}, 'Did you mean "acne"?', "unknown-vendor"),
    (
        {"vendors_2.yaml": VENDORS},
        'vendors_2.yaml:1:2: vendor "acme" stands in the catalogue already',
        "duplicate-id",
    ),
    (
        {"x/acme/chat.yaml": APP},
        'x/acme/chat.yaml:1:5: app "acme.chat" stands in the catalogue',
        "duplicate-id",
    ),
    ({"generic2.yaml": GENERIC}, "generic2.yaml: generic shapes stand in two files", "duplicate-id"),
    (
        {"clients.yaml": "[{id: a.b, name: x, user_agents: x/, app: a.c}]"},
        'client a.b: unknown app "a.c"',
        "unknown-app",
    ),
    (
        {"apps/acme/chat.yaml": APP + "provider: acme.chatt\n"},
        '12:11: unknown app "acme.chatt"\n  Did you',
        "unknown-app",
    ),
    (
        {"clients_2.yaml": "[{id: acme.cli, name: x, user_agents: x/}]"},
        'clients_2.yaml:1:2: client "acme.cli" stands',
        "duplicate-id",
    ),
    (
        {"shared_infrastructure2.yaml": "[{host: shared.example, role: cdn}]"},
        'shared host "shared.example" stands',
        "duplicate-id",
    ),
]


@pytest.mark.parametrize(("files", "message", "rule"), WRONG)
def test_what_takes_several_files_to_see(files, message, rule):
    with pytest.raises(SignatureError) as caught:
        load({**FILES, **files}.items())
    assert message in str(caught.value)
    assert caught.value.rule == rule


def test_a_users_own_files_take_the_place_of_packaged_ones():
    own = {
        "acme/chat.yaml": APP.replace("name: Acme Chat", "name: Ours").replace("chat.acme", "ai.corp"),
        "acme/other.yaml": OTHER,
        "vendors.yaml": "{acme: {name: Mine}}",
        "shared_infrastructure.yaml": "[{host: mine.example, role: cdn}]",
    }
    catalogue = load(FILES.items(), own.items())
    assert catalogue.apps["acme.chat"].name == "Ours"
    assert catalogue.identify(Seen(host="ai.corp.example")).app == "acme.chat"
    assert catalogue.identify(Seen(host="chat.acme.example")).app is None
    assert catalogue.identify(Seen(host="other.example")).app == "acme.other"
    assert catalogue.vendors["acme"].name == "Mine"
    assert set(catalogue.shared) == {"shared.example", "mine.example"}
    assert catalogue.generic is not None, "what is not replaced stays"
    replaced = load(FILES.items(), {"generic.yaml": GENERIC.replace("weight: 9", "weight: 8")}.items())
    assert replaced.generic is not None and replaced.generic.evidence[0].weight == 8


def test_the_digest_tells_every_change_and_no_order():
    first = [Source("a", "1"), Source("b", "2")]
    assert content_hash(first) == content_hash(reversed(first))
    assert content_hash([Source("a", "1", "/shown/elsewhere"), Source("b", "2")]) == content_hash(first)
    others = [
        content_hash([Source("a", "1")]),
        content_hash([Source("a", "1b2")]),
        content_hash([Source("a", "1"), Source("b", "3")]),
        content_hash([Source("a", "1"), Source("c", "2")]),
        content_hash([Source("a", "1")], [Source("b", "2")]),
        content_hash([], first),
        content_hash([Source("a", "\ud800")]),
    ]
    assert len({content_hash(first), *others}) == len(others) + 1


def test_what_was_written_down_reads_back_equal():
    catalogue = load(FILES.items())
    text = dump(catalogue)
    again = restore(text)
    assert dump(again) == text
    assert again.hash == catalogue.hash
    assert dict(again.apps) == dict(catalogue.apps)
    assert dict(again.clients) == dict(catalogue.clients)
    assert dict(again.vendors) == dict(catalogue.vendors)
    assert dict(again.shared) == dict(catalogue.shared)
    assert again.generic == catalogue.generic
    seen = Seen(host="chat.acme.example", path="/", method="GET", headers=(("user-agent", "cli/1"),))
    assert again.identify(seen) == catalogue.identify(seen)
    bare = load([("apps/acme/chat.yaml", APP), ("vendors.yaml", VENDORS)])
    assert restore(dump(bare)).generic is None


GOOD = json.loads(dump(load(FILES.items())))
BAD = [
    "",
    "[]",
    "null",
    "{}",
    "[" * 100_000,
    json.dumps({**GOOD, "form": 0}),
    json.dumps({**GOOD, "apps": 5}),
    json.dumps({**GOOD, "apps": [{"id": "x"}]}),
    json.dumps({**GOOD, "apps": [{**GOOD["apps"][0], "evidence": [{"id": "x", "proves": "nothing"}]}]}),
    json.dumps({**GOOD, "vendors": [{"id": "x", "name": "y", "size": 3}]}),
    json.dumps({key: value for key, value in GOOD.items() if key != "hash"}),
]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_any_other_text_is_no_catalogue(text):
    with pytest.raises(ValueError, match=r"."):
        restore(text)
