"""What evidence adds up to, rule by rule, on a small catalogue; each case through both matchers."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.catalogue import Catalogue, identify_plainly, load
from sensor.catalogue.values import read_value
from sensor.model import NOTHING, Identification, Proves, Seen


def app(id: str, category: str, evidence: str, more: str = "") -> tuple[str, str]:
    vendor, name = id.split(".")
    lines = "".join(f"\n  {'- ' if line[0] == '{' else '  '}{line}" for line in evidence.strip().splitlines())
    text = (
        f"id: {id}\nname: {name.title()}\nvendor: {vendor}\ncategory: {category}\ndescription: d\n"
        f"modified: 2026-11-24\nfalsepositives: [none known]\n{more}\nevidence:{lines}\nfixtures: {{}}\n"
    )
    return f"apps/{vendor}/{name}.yaml", text


CHAT = app(
    "acme.chat",
    "chat_assistant",
    """
{id: h1, type: host_suffix, value: acme.example, proves: presence, weight: 60, role: ui}
{id: h2, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70, role: ui}
{id: h3, type: host_exact, value: t.chat.acme.example, proves: telemetry, weight: 50, role: telemetry}
{id: h4, type: host_suffix, value: cdn.example, proves: presence, weight: 50}
{id: h5, type: host_exact, value: login.acme.example, proves: account, weight: 95, role: auth}
{id: h6, type: host_exact, value: ui.acme.example, proves: usage, weight: 80, role: ui}
{id: u1, type: url_path, value: '^/chat$', hosts: [chat.acme.example], methods: [POST],
 proves: usage, weight: 98, feature: chat}
{id: u2, type: url_path, value: '^/org/(?P<tenant>[a-z]+)$', hosts: [chat.acme.example],
 proves: account, weight: 60}
{id: o1, type: origin_extension, value: abcdefghijklmnopabcdefghijklmnop, proves: usage, weight: 50}
""",
    "excludes_path: ['^/code/']",
)
API = app(
    "acme.api",
    "api_provider",
    """
{id: h1, type: host_exact, value: api.acme.example, proves: usage, weight: 80, role: api}
{id: r1, type: host_regex, value: '^(?P<region>[a-z]+)-api\\.acme\\.example$',
 proves: usage, weight: 80, role: api}
{id: h2, type: host_exact, value: files.acme.example, proves: usage, weight: 80, role: upload}
{id: u1, type: url_path, value: '^/v1/(?P<model>[^/]+)/run$', hosts: [api.acme.example], methods: [POST],
 proves: usage, weight: 99}
{id: u2, type: url_path, value: '^/v1/(?P<model>[^/]+)/run$', requires: r1, methods: [POST],
 proves: usage, weight: 99}
{id: u3, type: url_path, value: '^/v1/models$', hosts: [api.acme.example], methods: [GET],
 proves: config, weight: 60}
{id: u4, type: url_path, value: '^/v1/any(/(?P<model>[a-z]+))?$', hosts: [api.acme.example],
 proves: usage, weight: 9}
""",
)
CODE = app(
    "acme.code",
    "coding_assistant",
    """
{id: u1, type: url_path, value: '^/code/', hosts: [chat.acme.example],
 proves: usage, weight: 90, feature: agent, inspect: false}
{id: g1, type: http_header, value: 'x-app: ^code$', hosts: [acme.example], proves: usage, weight: 70}
{id: a1, type: user_agent, value: 'AcmeCode/', hosts: [acme.example],
 proves: usage, weight: 70, visibility: [http]}
""",
    "provider: acme.api",
)
DOCS = app(
    "docs.ai",
    "saas_ai_feature",
    """
{id: s1, type: host_suffix, value: docs.example, proves: presence, weight: 0}
{id: u1, type: url_path, value: '^/ai/ask$', hosts: [docs.example], methods: [POST],
 proves: usage, weight: 97}
{id: u2, type: url_path, value: '^/ai/', hosts: [shared.example], inspect: false, proves: usage, weight: 97}
""",
)
LOCAL = app(
    "home.server",
    "local_inference",
    """
{id: p1, type: port, value: 11434, proves: presence, weight: 10}
{id: u1, type: url_path, value: '^/api/chat$', requires: p1, methods: [POST], proves: usage, weight: 90}
{id: a1, type: user_agent, value: '^homelib/', proves: presence, weight: 60}
{id: u2, type: url_path, value: '^/api/chat$', requires: a1, methods: [POST], proves: usage, weight: 90}
{id: u3, type: url_path, value: '^/load/x$', any: true, methods: [POST], content_types: [application/json],
 proves: config, weight: 80}
{id: u4, type: url_path, value: '^/[^/]+/rpc$', any: true, methods: [POST],
 content_types: [application/json], proves: usage, weight: 40}
{id: g1, type: http_header, value: 'x-rpc:', proves: usage, weight: 80}
""",
)
SECRET = app(
    "pin.app",
    "companion",
    "{id: h1, type: host_suffix, value: pinned.example, proves: presence, weight: 70}",
    "inspect: false",
)
OPEN = app(
    "pin.beta",
    "companion",
    "{id: u1, type: url_path, value: '^/beta', hosts: [pinned.example], proves: usage, weight: 70}",
)
GENERIC = (
    "generic.yaml",
    """
generic: true
description: d
modified: 2026-11-24
evidence:
  - {id: chat, type: url_path, value: '^(/[^/]+)?/v1/chat/completions$', any: true, methods: [POST],
     content_types: [application/json], proves: usage, weight: 90, feature: chat}
  - {id: kit, type: http_header, value: 'x-llm:', proves: presence, weight: 60}
fixtures: {}
""",
)
CLIENTS = (
    "clients.yaml",
    """
- {id: acme.code, name: Acme Code, user_agents: ['^acme-code/', 'AcmeCode/'], headers: ['x-app: ^code$'],
   app: acme.code}
- {id: acme.ext, name: Acme Extension, extensions: [ponmlkjihgfedcbaponmlkjihgfedcba], app: acme.chat}
- {id: acme.sdk, name: Acme SDK, user_agents: ['^acme-sdk/', '^acme-code/1 '], app: null}
- {id: zzz.sdk, name: Z SDK, user_agents: ['^acme-sdk/'], app: null}
""",
)
VENDORS = ("vendors.yaml", "{acme: {name: Acme}, docs: {name: Docs}, home: {name: Home}, pin: {name: Pin}}")
SHARED = (
    "shared_infrastructure.yaml",
    "[{host: shared.example, role: c}, {host: cdn.example, role: c}, {host: x.chat.acme.example, role: c}]",
)
SOURCES = [CHAT, API, CODE, DOCS, LOCAL, SECRET, OPEN, GENERIC, CLIENTS, VENDORS, SHARED]
CATALOGUE = load(SOURCES)


def identify(value: str | Seen, catalogue: Catalogue = CATALOGUE) -> Identification:
    """By both matchers, which must agree."""
    seen = read_value(value) if isinstance(value, str) else value
    answer = catalogue.identify(seen)
    assert answer == identify_plainly(catalogue, seen)
    return answer


def request(url: str, method: str | None = None, **headers: str) -> Seen:
    seen = read_value(f"{method} {url}" if method else url)
    names = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Seen(
        host=seen.host, path=seen.path, method=method, scheme=seen.scheme, port=seen.port, headers=names
    )


JSON = {"content_type": "application/json"}

# value, app, proves, confidence
CASES = [
    # A host alone: presence as weighed, use a little less sure.
    ("chat.acme.example", "acme.chat", "presence", 0.7),
    ("acme.example", "acme.chat", "presence", 0.6),
    ("api.acme.example", "acme.api", "usage", 0.72),
    # Of one app's hosts the most specific decides alone: telemetry does not inherit the suffix's weight.
    ("t.chat.acme.example", "acme.chat", "telemetry", 0.3),
    ("a.t.chat.acme.example", "acme.chat", "presence", 0.7),
    # Across apps: exact before expression before suffix.
    ("eu-api.acme.example", "acme.api", "usage", 0.72),
    ("files.acme.example", "acme.api", "usage", 0.72),
    # Caps: account 0.9, presence 0.7, telemetry 0.3.
    ("login.acme.example", "acme.chat", "account", 0.9),
    # The path decides; the method is a condition that lowers where it is unknown.
    (request("https://chat.acme.example/chat", "POST"), "acme.chat", "usage", 0.99),
    ("https://chat.acme.example/chat", "acme.chat", "usage", 0.9646),
    (request("https://chat.acme.example/chat", "GET"), "acme.chat", "presence", 0.7),
    ("https://chat.acme.example/", "acme.chat", "presence", 0.7),
    ("https://chat.acme.example/org/blue", "acme.chat", "account", 0.88),
    # A known path that none of the app's paths holds on: use shrinks to presence …
    (request("https://api.acme.example/status", "GET"), "acme.api", "presence", 0.7),
    (request("https://api.acme.example/v1/models", "GET"), "acme.api", "config", 0.8),
    # … on user-interface hosts always, elsewhere only where the app names paths on that host.
    (request("https://ui.acme.example/x", "GET"), "acme.chat", "presence", 0.7),
    (request("https://files.acme.example/x", "GET"), "acme.api", "usage", 0.8),
    (request("https://eu-api.acme.example/x", "GET"), "acme.api", "presence", 0.7),
    # What is excluded belongs to another.
    ("https://chat.acme.example/code/x", "acme.code", "usage", 0.9),
    # Product hosts of weight 0 are no app; their path is.
    ("www.docs.example", None, None, 0.0),
    (request("https://www.docs.example/ai/ask", "POST"), "docs.ai", "usage", 0.97),
    (request("https://www.docs.example/edit", "POST"), None, None, 0.0),
    # Shared hosts give no app, whoever claims them; a more specific host does, and so does a path.
    ("cdn.example", None, None, 0.0),
    ("img.cdn.example", None, None, 0.0),
    ("x.chat.acme.example", None, None, 0.0),
    ("shared.example", None, None, 0.0),
    (request("https://shared.example/ai/x", "GET"), "docs.ai", "usage", 0.97),
    # Ports and paths that hold anywhere.
    ("10.0.0.5:11434", None, None, 0.0),
    (request("http://10.0.0.5:11434/", "GET"), None, None, 0.0),
    (request("http://10.0.0.5:11434/api/chat", "POST"), "home.server", "usage", 0.91),
    ("http://10.0.0.5:11434/api/chat", "home.server", "usage", 0.829),
    (request("http://10.0.0.5:8080/api/chat", "POST"), None, None, 0.0),
    (request("http://10.0.0.5/api/chat", "POST", user_agent="homelib/1"), "home.server", "usage", 0.96),
    (request("http://10.0.0.5/load/x", "POST", **JSON), "home.server", "config", 0.8),
    (request("http://10.0.0.5/load/x", "POST", content_type="text/html"), None, None, 0.0),
    (request("http://10.0.0.5/load/x", "POST"), None, None, 0.0),
    ("POST http://10.0.0.5/load/x", "home.server", "config", 0.72),
    ("http://10.0.0.5/load/x", "home.server", "config", 0.648),
    # What holds on any host stands back behind an app whose host it is.
    (request("https://any.example/x/rpc", "POST", **JSON), "home.server", "usage", 0.4),
    (request("https://chat.acme.example/x/rpc", "POST", x_rpc="1", **JSON), "acme.chat", "presence", 0.7),
    (request("https://www.docs.example/x", "GET", x_rpc="1"), "home.server", "usage", 0.8),
    # Extensions by the page's origin.
    (
        request("https://any.example/", "GET", origin="chrome-extension://abcdefghijklmnopabcdefghijklmnop"),
        "acme.chat", "usage", 0.5,
    ),
    (
        request("https://any.example/", "GET", origin="moz-extension://ABCDEFGHIJKLMNOPabcdefghijklmnop/"),
        "acme.chat", "usage", 0.5,
    ),
    (request("https://any.example/", "GET", origin="https://abcdefghijklmnopabcdefghijklmnop"),
     None, None, 0.0),
    # Nothing known at all.
    (Seen(), None, None, 0.0),
    (Seen(path="/chat", method="POST", headers=()), None, None, 0.0),
    ("www.example.org", None, None, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("value", "app_id", "proves", "confidence"), CASES)
def test_which_app_what_is_proved_and_how_surely(value, app_id, proves, confidence):
    answer = identify(value)
    assert (answer.app, answer.proves, answer.confidence) == (app_id, proves, confidence)
    assert not answer.generic


def test_the_answer_carries_what_there_is_to_say():
    answer = identify(request("https://eu-api.acme.example/v1/big%3A1/run", "POST"))
    assert (answer.name, answer.vendor, answer.category) == ("Api", "acme", "api_provider")
    assert (answer.region, answer.model, answer.tenant) == ("eu", "big:1", None)
    assert answer.provider == "acme.api"
    assert [match.evidence for match in answer.evidence] == ["acme.api/u2", "acme.api/r1"]
    match = answer.evidence[0]
    assert (match.type, match.proves, match.weight) == ("url_path", Proves.USAGE, 99)
    answer = identify(request("https://chat.acme.example/chat", "POST"))
    assert (answer.feature, answer.provider) == ("chat", None)
    assert identify("https://chat.acme.example/org/blue").tenant == "blue"
    assert identify("https://api.acme.example/v1/any/big").model == "big"
    assert identify("https://api.acme.example/v1/any").model is None
    assert identify("www.example.org") is NOTHING


def test_evidence_holds_only_where_it_can_be_read():
    """``visibility: [http]`` keeps a User-Agent at a CONNECT from counting for the app."""
    headers = (("user-agent", "Mozilla AcmeCode/2"),)
    answer = identify(Seen(host="acme.example", headers=headers, visibility="sni"))
    assert "acme.code/a1" not in [match.evidence for match in answer.evidence]
    answer = identify(Seen(host="acme.example", headers=headers, path="/"))
    assert answer.app == "acme.code"


# value, app, provider, client, proves, confidence
CLIENT_CASES = [
    # A client that is an app, at an API: it is the app, the API its provider.
    (request("https://api.acme.example/v1/m/run", "POST", user_agent="acme-code/2.0"),
     "acme.code", "acme.api", "acme.code", "usage", 0.99),
    (request("http://10.0.0.5:11434/api/chat", "POST", user_agent="acme-code/2.0"),
     "acme.code", "home.server", "acme.code", "usage", 0.964),
    # On a host of no app it is the app by its own word, with or without an API's shape.
    (request("https://llm.corp.example/v1/chat/completions", "POST", user_agent="acme-code/2.0", **JSON),
     "acme.code", None, "acme.code", "usage", 0.96),
    (request("https://llm.corp.example/x", "GET", user_agent="acme-code/2.0"),
     "acme.code", None, "acme.code", "presence", 0.6),
    # Not on a host that many share, unless an API's shape is there.
    (request("https://shared.example/x", "GET", user_agent="acme-code/2.0"),
     None, None, "acme.code", None, 0.0),
    (request("https://shared.example/v1/chat/completions", "POST", user_agent="acme-code/2.0", **JSON),
     "acme.code", None, "acme.code", "usage", 0.96),
    # On its own hosts it adds to what is there.
    (request("https://chat.acme.example/code/x", "POST", user_agent="acme-code/2.0"),
     "acme.code", "acme.api", "acme.code", "usage", 0.96),
    # Where another app is used, that is the app; where it is merely present, the client is.
    (request("https://www.docs.example/ai/ask", "POST", user_agent="acme-code/2.0"),
     "docs.ai", None, "acme.code", "usage", 0.97),
    (request("https://pinned.example/", "GET", user_agent="acme-code/2.0"),
     "acme.code", None, "acme.code", "presence", 0.7),
    # Programming kits are clients and no app. Equally good clients: the first by id.
    (request("https://api.acme.example/v1/m/run", "POST", user_agent="acme-sdk/1"),
     "acme.api", "acme.api", "acme.sdk", "usage", 0.99),
    (request("https://www.example.org/", "GET", user_agent="acme-sdk/1"), None, None, "acme.sdk", None, 0.0),
    # More signs beat fewer, a longer sign a shorter one.
    (request("https://www.example.org/", "GET", user_agent="acme-code/1 x"),
     None, None, "acme.sdk", None, 0.0),
    (request("https://www.example.org/", "GET", user_agent="acme-code/1 x", x_app="code"),
     "acme.code", None, "acme.code", "presence", 0.6),
    # A token counts where a word begins.
    (request("https://www.example.org/", "GET", user_agent="Mozilla/5.0 AcmeCode/2"),
     "acme.code", None, "acme.code", "presence", 0.6),
    (request("https://www.example.org/", "GET", user_agent="Mozilla/5.0 NotAcmeCode/2"),
     None, None, None, None, 0.0),
    (request("https://www.example.org/", "GET", origin="chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba"),
     "acme.chat", None, "acme.ext", "presence", 0.6),
    (request("https://www.example.org/", "GET", user_agent=""), None, None, None, None, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "app_id", "provider", "client", "proves", "confidence"), CLIENT_CASES)
def test_app_provider_and_client_are_three_answers(seen, app_id, provider, client, proves, confidence):
    answer = identify(seen)
    assert (answer.app, answer.provider, answer.client) == (app_id, provider, client)
    assert (answer.proves, answer.confidence) == (proves, confidence)
    assert answer.client is None or answer.evidence[-1].evidence == f"{answer.client}/client"


GENERIC_CASES = [
    (request("https://llm.corp.example/v1/chat/completions", "POST", **JSON), True, 0.9),
    (request("https://llm.corp.example/gw/v1/chat/completions", "POST", **JSON), True, 0.9),
    ("POST https://llm.corp.example/v1/chat/completions", True, 0.81),
    ("https://llm.corp.example/v1/chat/completions", True, 0.729),
    (request("https://shared.example/v1/chat/completions", "POST", **JSON), True, 0.9),
    (Seen(path="/v1/chat/completions", method="POST", headers=(("content-type", "application/json;x"),)),
     True, 0.9),
    (request("https://llm.corp.example/v1/chat/completions", "POST", content_type="text/html"), False, 0.0),
    (request("https://llm.corp.example/v1/chat/completions", "GET", **JSON), False, 0.0),
    ("llm.corp.example", False, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("value", "generic", "confidence"), GENERIC_CASES)
def test_an_unknown_llm_api_by_its_shape(value, generic, confidence):
    answer = identify(value)
    assert (answer.app, answer.generic, answer.confidence) == (None, generic, confidence)
    assert answer.is_ai == generic
    assert [match.evidence for match in answer.evidence] == (["generic/chat"] if generic else [])


def test_a_header_of_the_dialect_alone_is_presence():
    for seen in (
        request("https://llm.corp.example/v1/models", "GET", x_llm="1"),
        Seen(host="llm.corp.example", headers=(("x-llm", "1"),)),
    ):
        answer = identify(seen)
        assert (answer.app, answer.generic, answer.proves, answer.confidence) == (None, True, "presence", 0.6)


def test_a_known_app_is_not_generic():
    answer = identify(request("https://api.acme.example/v1/chat/completions", "POST", **JSON))
    assert (answer.app, answer.generic) == ("acme.api", False)


INSPECT = [
    ("chat.acme.example", True),
    ("api.acme.example", True),
    # Sign-in, telemetry: never.
    ("login.acme.example", False),
    ("t.chat.acme.example", False),
    # A product host is read although it gives no app: its path may.
    ("www.docs.example", True),
    # Only an app that says no names it, or both do and the one that it is says no.
    ("shared.example", False),
    ("pinned.example", False),
    ("www.example.org", False),
    ("10.0.0.5:11434", False),
]


@pytest.mark.parametrize(("value", "inspect"), INSPECT)
def test_which_hosts_may_be_decrypted(value, inspect):
    assert identify(value).inspect == inspect


@pytest.mark.parametrize("value", ["chat.acme.example", "eu-api.acme.example", "www.docs.example"])
def test_the_same_host_otherwise_written(value):
    answer = identify(value)
    variants = [value.upper(), value + ".", value + ":443", value + ":443.", f"u:p@{value}", f" {value} "]
    for variant in [*variants, value.replace(".", "。")]:
        assert identify(variant) == answer
        assert identify(f"https://{variant.strip()}/") == identify(f"https://{value}/")


def test_another_host_that_looks_like_it():
    for variant in (
        "notchat.acme.example.org",
        "xacme.example",
        "chat.acme.example.evil.example",
        "acme-example",
    ):
        assert identify(variant) is NOTHING
    assert identify("www.chat.acme.example").app == "acme.chat"
    assert identify("x.api.acme.example").app == "acme.chat", "an exact host holds for itself alone"


def test_without_generic_shapes_and_clients():
    catalogue = load([CHAT, VENDORS])
    answer = identify(
        request("https://a.example/v1/chat/completions", "POST", user_agent="x", **JSON), catalogue
    )
    assert answer is NOTHING


# --- both matchers, over everything that parts can make -----------------------------------------------

labels = [
    "acme",
    "example",
    "chat",
    "api",
    "eu-api",
    "docs",
    "cdn",
    "shared",
    "t",
    "x",
    "pinned",
    "login",
    "org",
]
hosts = st.one_of(
    st.none(),
    st.lists(st.sampled_from(labels), min_size=1, max_size=5).map(".".join),
    st.sampled_from(
        ["chat.acme.example", "api.acme.example", "eu-api.acme.example", "10.0.0.5", "docs.example"]
    ),
)
words = "chat v1 big run code ai ask api load x rpc org completions models any .. %63hat".split()
whole = ["/chat", "/v1/m/run", "/ai/ask", "/api/chat", "/x/rpc", "/load/x", "/v1/chat/completions"]
paths = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["", *words]), max_size=4).map(lambda parts: "/" + "/".join(parts)),
    st.sampled_from(whole),
)
header = st.one_of(
    st.tuples(
        st.just("user-agent"),
        st.sampled_from(["acme-code/1 x", "acme-sdk/1", "homelib/3", "x AcmeCode/1", "AcmeCode/", ""]),
    ),
    st.tuples(
        st.just("content-type"), st.sampled_from(["application/json", "Application/JSON; q", "text/html"])
    ),
    st.tuples(st.just("x-app"), st.sampled_from(["code", "coder"])),
    st.tuples(st.sampled_from(["x-rpc", "x-llm"]), st.just("")),
    st.tuples(
        st.just("origin"),
        st.sampled_from(
            [
                f"chrome-extension://{id}"
                for id in ("ponmlkjihgfedcbaponmlkjihgfedcba", "abcdefghijklmnopabcdefghijklmnop")
            ]
        ),
    ),
)
sightings = st.builds(
    Seen,
    host=hosts,
    path=paths,
    method=st.sampled_from([None, "GET", "POST"]),
    port=st.sampled_from([None, 443, 11434]),
    headers=st.none() | st.lists(header, max_size=4).map(tuple),
    visibility=st.sampled_from(["dns", "sni", "http"]),
)


@pytest.mark.slow
@given(sightings)
def test_both_matchers_agree(seen):
    answer = identify(seen)
    assert 0 <= answer.confidence <= 0.99
    assert answer.app is None or not answer.generic
    assert (answer.proves is not None) == answer.is_ai


@pytest.mark.slow
def test_order_of_files_and_headers_changes_nothing():
    backwards = load(reversed(SOURCES))
    headers = [("user-agent", "acme-code/1 x"), ("x-app", "code"), ("x-rpc", "1")]
    for order in itertools.permutations(headers):
        seen = Seen(host="chat.acme.example", path="/x", method="POST", headers=tuple(order))
        assert identify(seen, backwards) == identify(seen)
