"""The PAC file in a real JavaScript engine: what goes through the proxy is what the proxy wants to see."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.catalogue import Catalogue, Source, load
from sensor.catalogue_files import load_catalogue
from sensor.config import open_home
from sensor.inline.pac import CONTENT_TYPE, PATHS, PacFile, PacHosts, hosts_for, pac_text, read_proxy
from sensor.model import Seen
from sensor.policy import Policy, parse_policy

THROUGH = "PROXY proxy.example.com:8080"
VENDORS = "acme: {name: Acme, url: 'https://acme.example', source: test, verified: 2026-11-24}\n"
APP = """
id: acme.{id}
name: Acme {id}
vendor: acme
category: chat_assistant
maturity: stable
description: A made-up service for tests.
references: [https://acme.example/docs]
modified: 2026-11-24
falsepositives: [none known; the hosts serve nothing else]
inspect: {inspect}
evidence:
{evidence}
fixtures: {{match: ['{match}'], nomatch: [www.example.org]}}
"""
COMMON = "proves: presence, weight: 70, source: test, verified: 2026-11-24"
READ = f"""\
  - {{id: h1, type: host_suffix, value: ai.example, role: ui, {COMMON}}}
  - {{id: h2, type: host_exact, value: login.ai.example, role: auth, {COMMON}}}
  - {{id: h3, type: host_suffix, value: files.ai.example, inspect: false, role: upload, {COMMON}}}
  - {{id: r1, type: host_regex, value: '^(?P<tenant>[a-z]+)[.]models[.]example[.]com$', role: api, {COMMON}}}
  - {{id: u1, type: url_path, value: '^/ai/', hosts: [suite.example], {COMMON}}}
"""
UNREAD = f"  - {{id: h1, type: host_suffix, value: private.example, role: ui, {COMMON}}}\n"


@pytest.fixture(scope="module")
def small() -> Catalogue:
    return load(
        [
            Source("vendors.yaml", VENDORS),
            Source("shared_infrastructure.yaml", "- {host: cdn.ai.example, role: static}\n"),
            Source(
                "apps/acme/read.yaml",
                APP.format(id="read", inspect="true", evidence=READ, match="ai.example"),
            ),
            Source(
                "apps/acme/unread.yaml",
                APP.format(id="unread", inspect="false", evidence=UNREAD, match="private.example"),
            ),
        ]
    )


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load_catalogue(open_home(str(tmp_path_factory.mktemp("home"))))


def policy(mode: str = "enforce", include: str = "", exclude: str = "") -> Policy:
    return parse_policy(
        f"version: 1\nmode: {mode}\ninspect: {{include: [{include}], exclude: [{exclude}]}}\n"
    )


Ask = Callable[[str, list[str]], Mapping[str, str]]

RUN = """
const fs = require("fs"), vm = require("vm");
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const engine = vm.createContext({});  // no console, no require: what a browser gives a PAC file
vm.runInContext(asked.text, engine);
const answers = [];
for (const host of asked.hosts) {
  engine.host = host;
  answers.push(vm.runInContext('FindProxyForURL("https://" + host + "/", host)', engine));
}
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def ask(need_tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """What ``FindProxyForURL`` answers for each host."""
    node = need_tool("node")
    script = Path(tmp_path_factory.mktemp("pac")) / "run.js"
    script.write_text(RUN, encoding="utf-8")

    def answers(text: str, hosts: list[str]) -> Mapping[str, str]:
        done = subprocess.run(
            [node, str(script)],
            input=json.dumps({"text": text, "hosts": hosts}),
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return dict(zip(hosts, json.loads(done.stdout), strict=True))

    return answers


def text_of(catalogue: Catalogue, chosen: Policy, **more) -> str:
    return pac_text(hosts_for(catalogue, chosen, **more), ["proxy.example.com:8080"])


def through(ask: Ask, text: str, hosts: list[str]) -> set[str]:
    answers = ask(text, hosts)
    assert set(answers.values()) <= {THROUGH, "DIRECT"}
    return {host for host, answer in answers.items() if answer == THROUGH}


TABLE = {
    "ai.example": True,
    "www.ai.example": True,
    "a.b.ai.example": True,
    "AI.Example.": True,
    "login.ai.example": False,
    "x.login.ai.example": True,
    "files.ai.example": False,
    "x.files.ai.example": False,
    "acme.models.example.com": True,
    "a1.models.example.com": False,
    "x.acme.models.example.com": False,
    "suite.example": True,
    "www.suite.example": True,
    "private.example": False,
    "notai.example": False,
    "ai.example.evil.test": False,
    "example": False,
    "localhost": False,
    "ai.localhost": False,
    "intranet": False,
    "10.0.0.5": False,
    "192.168.1.1": False,
    "172.16.0.1": False,
    "127.0.0.1": False,
    "203.0.113.9": False,
    "[2001:db8::1]": False,
    "::1": False,
    "fe80::1": False,
    "": False,
    ".": False,
    "..": False,
    "__proto__": False,
    "constructor": False,
    "x.__proto__": False,
    "ai.example ": False,
}
"""Host to whether it goes through the proxy."""


def test_each_host_goes_the_way_that_catalogue_and_policy_say(small: Catalogue, ask: Ask) -> None:
    assert through(ask, text_of(small, policy()), list(TABLE)) == {host for host, way in TABLE.items() if way}


def test_exclusions_are_stronger_than_everything_and_inclusions_than_the_catalogue(
    small: Catalogue, ask: Ask
) -> None:
    chosen = policy(
        include="login.ai.example, 10.0.0.5, '2001:db8::1', intranet, wide.example",
        exclude="www.ai.example, deep.wide.example, models.example.com",
    )
    hosts = [
        "ai.example", "www.ai.example", "x.www.ai.example", "login.ai.example", "10.0.0.5", "10.0.0.6",
        "[2001:db8::1]", "2001:db8::2", "intranet", "wide.example", "x.wide.example", "deep.wide.example",
        "x.deep.wide.example", "acme.models.example.com",
    ]  # fmt: skip
    text = text_of(small, chosen, also=["www.ai.example", "*.deep.wide.example"])
    assert through(ask, text, hosts) == {
        "ai.example", "login.ai.example", "10.0.0.5", "[2001:db8::1]", "intranet", "wide.example",
        "x.wide.example",
    }  # fmt: skip


def test_hosts_of_tenant_restrictions_go_through(small: Catalogue, ask: Ask) -> None:
    text = text_of(small, policy(), also=["login.microsoftonline.com", "*.google.com", "login.ai.example"])
    hosts = [
        "login.microsoftonline.com", "device.login.microsoftonline.com", "google.com", "accounts.google.com",
        "notgoogle.com", "login.ai.example",
    ]  # fmt: skip
    assert through(ask, text, hosts) == {
        "login.microsoftonline.com", "accounts.google.com", "login.ai.example",
    }  # fmt: skip


def test_ai_hosts_that_are_not_decrypted_can_be_sent_through_as_well(small: Catalogue, ask: Ask) -> None:
    """So that the proxy sees their names, and can refuse their tunnels; excluded ones among them."""
    hosts = ["private.example", "files.ai.example", "login.ai.example", "www.example.org", "ai.example"]
    text = text_of(small, policy(exclude="ai.example"), unread=True)
    assert through(ask, text, hosts) == set(hosts) - {"www.example.org"}


def test_a_policy_that_decrypts_nothing_still_gets_ai_hosts_by_name_and_nothing_else(
    small: Catalogue, ask: Ask
) -> None:
    hosts = ["ai.example", "private.example", "suite.example", "other.example", "acme.models.example.com"]
    text = text_of(small, policy("metadata-only", include="other.example"))
    assert through(ask, text, hosts) == {"ai.example", "private.example", "acme.models.example.com"}


SAMPLES = [
    "acme.openai.azure.com", "us.api.openai.com", "eu.api.openai.com", "xx.api.openai.com",
    "bedrock-runtime.eu-central-1.amazonaws.com", "q.us-east-1.amazonaws.com", "api2.cursor.sh",
    "agent.global.api5.cursor.sh", "authenticate.cursor.sh", "europe-west4-aiplatform.googleapis.com",
    "aiplatform.eu.rep.googleapis.com", "storage.googleapis.com", "dashscope-intl.aliyuncs.com",
    "chatgpt-async-webps-prod-eastus-12.webpubsub.azure.com", "x.webpubsub.azure.com", "www.example.org",
    "telemetry.business.githubcopilot.com", "api.business.githubcopilot.com", "copilot-proxy.acme.ghe.com",
    "d3.api.augmentcode.com", "runtime.us-east-1.kiro.dev", "mcp.cloudflare.com", "docs.mcp.cloudflare.com",
]  # fmt: skip
"""Hosts of the catalogue's expressions, and ones that look like them."""


@pytest.mark.slow
@pytest.mark.parametrize("exclude", ["", "chatgpt.com, amazonaws.com, slack.com"])
def test_the_whole_catalogue_goes_the_way_the_proxy_would_decide(
    shipped: Catalogue, ask: Ask, exclude: str
) -> None:
    """Every name in it, a name under each, and one that only ends alike."""
    chosen = policy(exclude=exclude, include="include.example")
    names = {
        one.value for app in shipped.apps.values() for one in app.evidence if one.type.startswith("host_")
    }
    names |= {host for app in shipped.apps.values() for one in app.evidence for host in one.hosts}
    names |= set(shipped.shared)
    plain = sorted(name for name in names if "^" not in name and "." in name)
    hosts = [*plain, *(f"sub-1.{name}" for name in plain), *(f"not{name}" for name in plain), *SAMPLES]
    expected = {
        host
        for host in hosts
        if chosen.may_inspect(host, shipped.identify(Seen(host=host, visibility="sni")).inspect)
    }
    found = hosts_for(shipped, chosen)
    assert found.left_out == ()
    text = pac_text(found, ["proxy.example.com:8080"])
    assert through(ask, text, hosts) == expected
    assert len(expected) > 300 and len(text) < 200_000


HOSTILE = [
    '"; alert(1); //', "');process.exit(1);//", "</script><script>x", "a\nb", "a\u2028b", "\\", "${x}", "a b",
    "*", "", "-a.example", "ä.example", "x" * 300, "fe80::1%eth0", "%s", "%(through)s",
]  # fmt: skip


def test_values_that_are_no_host_names_are_left_out_and_told(small: Catalogue, ask: Ask) -> None:
    found = hosts_for(small, policy(), also=[*HOSTILE, "*.*", "*.good.example"])
    assert set(found.left_out) == {*HOSTILE, "*"}
    assert through(ask, pac_text(found, ["proxy.example.com:8080"]), ["x.good.example", "ai.example"]) == {
        "x.good.example", "ai.example",
    }  # fmt: skip


def test_hostile_names_stay_data_even_where_nothing_has_left_them_out(ask: Ask) -> None:
    """As if the checks before had let everything through."""
    names = dict.fromkeys([*HOSTILE, "__proto__", "hasOwnProperty", "x.__proto__"], True)
    hosts = PacHosts(
        excluded=tuple(names), included=tuple(names), also=tuple(names), also_under=tuple(names),
        exact=names, forms=tuple((f"^{name.replace('*', '')}\\.never$", True) for name in ("a", "</b>")),
        under=names,
    )  # fmt: skip
    text = pac_text(hosts, ["proxy.example.com:8080"])
    assert text.isascii() and "</script" not in text
    assert through(ask, text, ["www.example.org", "ok.example"]) == set()


def test_the_engine_is_given_no_regular_expression_that_it_does_not_know(shipped: Catalogue) -> None:
    forms = hosts_for(shipped, policy()).forms
    assert len(forms) > 20
    assert all("(?P" not in form and form.startswith("^") and form.endswith("$") for form, _ in forms)


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, "PROXY a.example:1; PROXY [2001:db8::5]:2"),
        ({"fail_open": True}, "PROXY a.example:1; PROXY [2001:db8::5]:2; DIRECT"),
        ({"secure": True}, "HTTPS a.example:1; HTTPS [2001:db8::5]:2"),
    ],
)
def test_what_happens_without_a_proxy_is_said_in_the_answer(more, answer: str, ask: Ask) -> None:
    hosts = PacHosts(exact={"ai.example": True}, under={})
    text = pac_text(hosts, ["A.example:1", "[2001:DB8::5]:02"], **more)
    assert ask(text, ["ai.example", "other.example"]) == {"ai.example": answer, "other.example": "DIRECT"}


@pytest.mark.parametrize(
    "text",
    ["", "proxy", "proxy:", "proxy:0", "proxy:65536", "proxy:8080; DIRECT", "a b:80", "http://proxy:80",
     "::1:80", "[zz]:80", "[10.0.0.1]:80", '"x":80', "-a:80", "proxy:８０"],
)  # fmt: skip
def test_what_is_no_proxy_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"as in proxy\.example\.com:8080"):
        read_proxy(text)


def test_a_file_without_a_proxy_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one proxy"):
        pac_text(PacHosts(exact={}, under={}), [])


# --- served -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PATHS, "/proxy.pac?x=1", "/wpad.dat#x"])
def test_the_file_is_answered_as_a_pac_file(path: str) -> None:
    served = PacFile(lambda: "function FindProxyForURL() {}")
    status, headers, body = served.pac_response(path) or pytest.fail("no answer")
    assert (status, body) == (200, b"function FindProxyForURL() {}")
    assert dict(headers)["content-type"] == CONTENT_TYPE == "application/x-ns-proxy-autoconfig"
    assert dict(headers)["content-length"] == str(len(body))
    assert served.pac_response(path, "HEAD") == (200, headers, b"")
    refusal = served.pac_response(path, "POST")
    assert refusal is not None and refusal[0] == 405


@pytest.mark.parametrize("path", ["/", "/proxy.pac/", "/x/proxy.pac", "//proxy.pac", "", "proxy.pac"])
def test_any_other_path_is_somebody_else_s(path: str) -> None:
    assert PacFile(lambda: "never made").pac_response(path) is None


def test_the_file_is_made_anew_for_each_request() -> None:
    texts = iter(["one", "two"])
    served = PacFile(lambda: next(texts))
    answers = [served.pac_response("/proxy.pac"), served.pac_response("/wpad.dat")]
    assert [answer and answer[2] for answer in answers] == [b"one", b"two"]


@pytest.mark.slow
@given(path=st.text(max_size=40), method=st.text(max_size=8))
def test_any_request_is_answered(path: str, method: str) -> None:
    answer = PacFile(lambda: "x").pac_response(path, method)
    assert answer is None or answer[0] in (200, 405)
