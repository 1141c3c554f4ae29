"""Signature files: what each kind holds, and that every error names place, rule and a way out."""

import pytest

from sensor.catalogue.reading import (
    SignatureError,
    Source,
    day_number,
    read_app,
    read_clients,
    read_generic,
    read_shared,
    read_vendors,
)
from sensor.errors import ConfigError
from sensor.model import Proves

APP = """\
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
description: Acme's assistant.
modified: 2026-11-24
falsepositives: none known, the host is the product's own
evidence:
  - {id: h1, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70, role: ui}
fixtures: {match: [chat.acme.example], nomatch: [acme.example]}
"""


def source(text: str, name: str = "apps/acme/chat.yaml") -> Source:
    return Source(name, text)


def evidence(line: str) -> str:
    """The app with this piece of evidence instead of its own, at line 9."""
    return APP.replace(APP.splitlines()[8], f"  - {line}")


def test_an_app_with_everything():
    text = """\
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
maturity: test
description: |
  Acme's assistant.
references: [https://acme.example]
modified: 2026-11-24
falsepositives: [one, two]
inspect: false
provider: acme.api
dialects: [openai_chat]
tenant: {restrict_header: X-Acme}
extract: {codec: json, depth: 3}
excludes_path: ['^/other/$']
evidence:
  - {id: h1, type: host_exact, value: chat.acme.example, proves: presence, weight: 70, role: ui, source: s,
     verified: 2026-11-24}
  - {id: r1, type: host_regex, value: '^(?P<region>[a-z]+)\\.acme\\.example$', proves: usage, weight: 80,
     visibility: [sni]}
  - {id: r2, type: host_regex, value: '^a\\.acme\\.(com|org)$', proves: usage, weight: 80}
  - {id: u1, type: url_path, value: '^/v1/(?P<model>[^/]+)/chat$', hosts: chat.acme.example,
     methods: [POST, PUT], proves: usage, weight: 98, feature: chat, inspect: false, note: n}
  - {id: u2, type: url_path, value: '^/x/y$', any: true, methods: POST, content_types: [application/json],
     proves: usage, weight: 40}
  - {id: u3, type: url_path, value: '^/v1', requires: p1, proves: usage, weight: 40}
  - {id: g1, type: http_header, value: 'x-acme:', proves: presence, weight: 10}
  - {id: g2, type: http_header, value: 'x-acme: ^ab', requires: h1, proves: presence, weight: 10}
  - {id: g3, type: http_header, value: 'x-acme: ^[ab]', proves: presence, weight: 10}
  - {id: a1, type: user_agent, value: '^Acme/', proves: presence, weight: 10}
  - {id: a2, type: user_agent, value: Acme/, hosts: [acme.example], proves: presence, weight: 10}
  - {id: o1, type: origin_extension, value: abcdefghijklmnopabcdefghijklmnop, proves: presence, weight: 10}
  - {id: o2, type: origin_extension, value: 01234567-89ab-cdef-0123-456789abcdef, proves: presence, weight: 1}
  - {id: p1, type: port, value: 11434, proves: presence, weight: 10}
fixtures:
  match:
    - chat.acme.example
    - {url: 'https://chat.acme.example/v1/m/chat', method: POST, headers: {x-acme: ''}, proves: usage,
       model: m}
    - {url: chat.acme.example}
  nomatch: acme.example
"""
    file = read_app(source(text))
    app = file.app
    assert app.id == "acme.chat"
    assert (app.maturity, app.inspect, app.provider) == ("test", False, "acme.api")
    assert app.description == "Acme's assistant."
    assert app.tenant == {"restrict_header": "X-Acme"}
    assert app.extract == {"codec": "json", "depth": 3}
    assert app.excludes_path == (r"^/other/\Z",)
    one = {item.id: item for item in app.evidence}
    assert one["h1"].proves is Proves.PRESENCE
    assert one["h1"].visibility == ("dns", "sni", "http")
    assert one["r1"].keys == ("acme.example",) and one["r1"].visibility == ("sni",)
    assert one["r2"].keys == ("a.acme.com", "a.acme.org")
    assert one["u1"].keys == ("v1",) and one["u1"].hosts == ("chat.acme.example",)
    assert one["u1"].methods == ("POST", "PUT") and not one["u1"].inspect
    assert one["u2"].keys == ("x",) and one["u2"].anywhere
    assert one["u3"].keys == ()
    assert one["g1"].header == "x-acme" and one["g1"].pattern is None
    assert one["g2"].keys == ("ab",) and one["g3"].keys == ()
    assert one["a1"].keys == ("Ac",) and one["a2"].keys == ()
    assert one["p1"].value == "11434"
    assert [fixture.value for fixture in file.match] == [
        "chat.acme.example",
        '{"url": "https://chat.acme.example/v1/m/chat", "method": "POST", "headers": {"x-acme": ""}}',
        '{"url": "chat.acme.example"}',
    ]
    assert file.match[1].expect == {"proves": "usage", "model": "m"}
    assert [fixture.value for fixture in file.nomatch] == ["acme.example"]
    assert (file.location("vendor").line, file.location("evidence", "u1").line) == (3, 23)
    assert file.location("nothing").line == 1


def test_what_may_be_left_out():
    app = read_app(source(APP)).app
    assert (app.maturity, app.inspect, app.provider, app.dialects) == ("stable", True, None, ())


REST = "proves: usage, weight: 1"
HOST = "{id: h1, type: host_exact, value: %s, proves: presence, weight: 70}"
REGEX = "{id: h1, type: host_regex, value: '%s', proves: usage, weight: 70}"
PATH = "{id: u1, type: url_path, value: '%s', hosts: [a.example], proves: usage, weight: 70}"
BARE = "{id: u, type: url_path, value: ^/x, " + REST
HEADER = "{id: g, type: http_header, " + REST


def host(more: str) -> str:
    return evidence(HOST.replace("weight: 70", f"weight: 1, {more}") % "a.b")


def path(more: str) -> str:
    return evidence((PATH % "^/x").replace("weight: 70", f"weight: 1, {more}"))


ERRORS = [
    (
        "file-name",
        APP.replace("acme.chat", "acme.other", 1),
        '1:5: the id is "acme.other", but the file\'s place',
    ),
    ("schema", APP.replace("acme.chat", "Acme", 1), '1:5: "Acme" is not an id of the form vendor.app'),
    ("schema", APP.replace("name:", "nmae:"), '2:1: unknown key "nmae"\n  Did you mean "name"?'),
    ("schema", APP.replace("modified: 2026-11-24", "modified: 24.11.2026"), '6:11: "24.11.2026" is no day'),
    ("schema", APP.replace("modified: 2026-11-24", "modified: 2026-02-30"), '6:11: "2026-02-30" is no day'),
    (
        "unknown-category",
        APP.replace("chat_assistant", "chat_asistant"),
        '4:11: unknown category "chat_asistant"\n',
    ),
    (
        "falsepositives",
        APP.replace("none known, the host is the product's own", "[]"),
        "7:17: no false positives",
    ),
    ("schema", APP.replace("evidence:\n", "evidence: []\nx:\n"), 'unknown key "x"'),
    (
        "schema",
        evidence("{id: h1, type: host_suffx, value: a.b, " + REST + "}"),
        "9:20: unknown evidence type",
    ),
    (
        "schema",
        evidence("{id: h1, type: port, value: 1, proves: use, weight: 1}"),
        'unknown kind of proof "use"',
    ),
    ("schema", evidence("{id: h1, type: port, value: 80, proves: usage, weight: 11}"), "11 is out of range"),
    ("schema", evidence("{id: h1, type: port, value: 99999, " + REST + "}"), "99999 is out of range"),
    (
        "schema",
        evidence("{id: h1, type: port, value: 80, proves: usage, weight: 1, requires: h1}"),
        "port takes no requires",
    ),
    ("schema", evidence("{id: H1, type: port, value: 80, " + REST + "}"), '"H1" is not a word'),
    ("schema", evidence(HOST % "a.b" + ", x: y}"), "9:"),
    ("schema", evidence(HOST.replace("weight: 70", "weight: 101") % "a.b"), "101 is out of range"),
    ("schema", host("role: iu"), 'unknown role "iu"'),
    ("schema", host("visibility: [tls]"), 'unknown visibility "tls"'),
    (
        "host-form",
        evidence(HOST % "Chat.Acme.example"),
        'no host in normal form\n  Write "chat.acme.example".',
    ),
    ("host-form", evidence(HOST % '"*.acme.example"'), 'Write "acme.example".'),
    ("host-form", evidence(HOST % ".acme.example"), 'Write "acme.example".'),
    ("host-form", evidence(HOST % '"..."'), '"..." is no host in normal form'),
    ("host-form", evidence(HOST % "localhost"), "no host of two labels or more"),
    ("host-form", evidence(HOST % '"a b.example"'), "no host of two labels or more"),
    ("host-regex", evidence(REGEX % r"^a\.Example\.com$"), "hosts are matched in lower case"),
    ("host-regex", evidence(REGEX % r"^[a-z]+\.example\.com"), "must end in literal labels"),
    ("host-regex", evidence(REGEX % r"^[a-z]+\.com$"), "must end in literal labels"),
    ("host-regex", evidence(REGEX % r"^[a-z]+$"), "must end in literal labels"),
    ("host-regex", evidence(REGEX % r"^[a-z]+\.a b\.com$"), "must end in literal labels"),
    ("unsafe-regex", evidence(REGEX % r"[a-z]+\.example\.com$"), "a host expression begins with '^'"),
    ("unsafe-regex", evidence(REGEX % r"^(a+)+\.example\.com$"), "a group is repeated without a near end"),
    ("unsafe-regex", evidence(PATH % "/v1"), "a path expression begins with '^'"),
    ("unsafe-regex", evidence(PATH % "^/.*/.*/x"), "two repeats whose end is not settled\n  Let each"),
    ("schema", host("hosts: [a.b]"), "host_exact takes no hosts"),
    ("schema", host("requires: x"), "host_exact takes no requires"),
    ("schema", evidence(HEADER + ", value: 'a:', methods: [GET]}"), "takes no methods"),
    ("schema", evidence(HEADER + ", value: 'a:', any: true}"), "takes no any"),
    ("schema", evidence(HEADER + ", value: 'A: x'}"), "a header is written"),
    ("schema", evidence(HEADER + ", value: 'abc'}"), "a header is written"),
    ("unsafe-regex", evidence(HEADER + ", value: 'a: .*x'}"), "a long repeat"),
    (
        "unsafe-regex",
        evidence("{id: a, type: user_agent, value: '^(a*)*', " + REST + "}"),
        "without a near end",
    ),
    (
        "extension-id",
        evidence("{id: o, type: origin_extension, value: abc, " + REST + "}"),
        "this has 3 characters",
    ),
    ("schema", evidence(BARE + "}"), "url_path needs hosts, requires"),
    ("schema", evidence(BARE + ", any: true, hosts: [a.b]}"), "any stands without"),
    ("schema", evidence(BARE + ", any: true, requires: u}"), "any stands without"),
    ("path-anywhere", evidence(BARE + ", any: true, methods: [POST]}"), "needs methods and content_types"),
    ("path-anywhere", evidence(BARE + ", any: true, content_types: [a/b]}"), "needs methods"),
    ("schema", path("methods: [post]"), '"post" is not an HTTP method'),
    ("schema", path("content_types: [JSON]"), '"JSON" is not a media type'),
    ("schema", path("requires: u2"), 'requires unknown evidence "u2"\n  Ids here are u1.'),
    ("schema", path("requires: u1"), "evidence requires itself: u1 → u1"),
    (
        "duplicate-id",
        evidence(HOST % "a.b" + "\n  - " + HOST % "c.d"),
        '10:5: evidence "h1" stands here twice',
    ),
    (
        "schema",
        APP.replace("{match: [chat.acme.example]", "{match: [5]"),
        "expected text, found the number 5",
    ),
    ("schema", APP.replace("{match: [chat.acme.example]", "{match: [{method: GET}]"), 'missing key "url"'),
]


@pytest.mark.parametrize(("rule", "text", "message"), ERRORS)
def test_errors_in_an_app_file(rule, text, message):
    with pytest.raises(ConfigError) as caught:
        read_app(source(text))
    error = caught.value
    assert message in str(error)
    assert str(error).startswith("apps/acme/chat.yaml:")
    assert (error.rule if isinstance(error, SignatureError) else "schema") == rule


def test_no_evidence_at_all():
    text = APP.replace(APP.splitlines()[8] + "\n", "").replace("evidence:", "evidence: []")
    with pytest.raises(SignatureError, match="there is no evidence"):
        read_app(source(text))


def test_a_message_names_the_file_as_the_person_knows_it():
    with pytest.raises(ConfigError, match=r"^/home/me/x\.yaml:1:1: "):
        read_app(Source("apps/acme/chat.yaml", "x", "/home/me/x.yaml"))


GENERIC = """\
generic: true
description: shapes
modified: 2026-11-24
evidence:
  - {id: u1, type: url_path, value: ^/x$, any: true, methods: [POST], content_types: [application/json],
     proves: usage, weight: 90}
fixtures: {match: [], nomatch: []}
"""


def test_generic_shapes():
    app = read_generic(source(GENERIC, "generic.yaml")).app
    assert app.id == "generic"
    assert app.evidence[0].anywhere
    line = next(line for line in GENERIC.splitlines() if "u1" in line)
    for named in (
        "type: url_path, value: ^/x$, hosts: [a.b]",
        "type: port, value: 80",
        "type: host_exact, value: a.b",
    ):
        text = GENERIC.replace(line, f"  - {{id: u2, {named}, proves: usage, weight: 9}}\n{line}")
        with pytest.raises(SignatureError, match="5:5: a generic shape names no host and no port"):
            read_generic(source(text, "generic.yaml"))
    with pytest.raises(SignatureError, match="generic must be true"):
        read_generic(source(GENERIC.replace("true", "false", 1), "generic.yaml"))


def test_vendors():
    found = read_vendors(
        source("acme: {name: Acme, country: DE, url: u, source: s, verified: 2026-11-24}\nb: {name: B}\n")
    )
    assert [vendor.id for vendor, _ in found] == ["acme", "b"]
    assert (found[0][0].country, found[1][0].country) == ("DE", None)
    assert found[1][1].line == 2
    with pytest.raises(SignatureError, match='1:1: "A-b" is no vendor id'):
        read_vendors(source("A-b: {name: A}"))
    with pytest.raises(SignatureError, match='"Germany" is not a two-letter country'):
        read_vendors(source("a: {name: A, country: Germany}"))


def test_clients():
    found = read_clients(
        source(
            "- {id: acme.cli, name: Acme, user_agents: ['^acme/', tok/], headers: ['x-a: ^b$'],"
            " app: acme.chat, extensions: abcdefghijklmnopabcdefghijklmnop,"
            " source: s, verified: 2026-11-24, note: n}\n"
            "- {id: curl.curl, name: curl, user_agents: ^curl/, app: }\n"
        )
    )
    signs = [(sign.type, sign.header, sign.value) for sign in found[0][0].signs]
    assert signs == [
        ("user_agent", "user-agent", "^acme/"),
        ("user_agent", "user-agent", "tok/"),
        ("http_header", "x-a", "x-a: ^b$"),
        ("origin_extension", "origin", "abcdefghijklmnopabcdefghijklmnop"),
    ]
    assert (found[0][0].app, found[1][0].app) == ("acme.chat", None)
    with pytest.raises(SignatureError, match="a client needs user_agents"):
        read_clients(source("- {id: a.b, name: x}"))


def test_shared_hosts():
    found = read_shared(source("- {host: auth0.com, role: identity, note: n}\n- {host: a.b, role: cdn}\n"))
    assert [(one.host, one.role, one.note) for one, _ in found] == [
        ("auth0.com", "identity", "n"),
        ("a.b", "cdn", None),
    ]


DAYS = [("2026-11-24", "2026-11-23", 1), ("2024-03-01", "2024-02-28", 2), ("2023-03-01", "2023-02-28", 1),
        ("2001-01-01", "2000-01-01", 366), ("2027-01-01", "2026-11-24", 38)]  # fmt: skip


@pytest.mark.parametrize(("later", "earlier", "days"), DAYS)
def test_days_between(later, earlier, days):
    first, second = day_number(later), day_number(earlier)
    assert first is not None and second is not None
    assert first - second == days


@pytest.mark.parametrize(
    "text", ["", "2026-1-1", "2026-13-01", "2026-00-10", "2023-02-29", "1900-02-29", "2026-11-31"]
)
def test_what_is_no_day(text):
    assert day_number(text) is None
    assert day_number("2000-02-29") is not None
