"""Hosts, paths and headers brought to one form; every subject of an expression bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.catalogue.subjects import (
    MAX_HEADER,
    MAX_HEADERS,
    MAX_PATH,
    facts_of,
    normalise_host,
    normalise_path,
)
from sensor.model import Seen

HOSTS = [
    ("api.openai.com", "api.openai.com"),
    ("API.OpenAI.COM", "api.openai.com"),
    ("api.openai.com.", "api.openai.com"),
    ("API.OPENAI.COM:443.", "api.openai.com"),
    ("chatgpt.com.:443", "chatgpt.com"),
    ("api.openai.com:", "api.openai.com"),
    ("user:secret@api.openai.com:8443", "api.openai.com"),
    ("a@b@api.openai.com", "api.openai.com"),
    ("  api.openai.com\t", "api.openai.com"),
    ("10.0.0.5:11434", "10.0.0.5"),
    ("[2001:DB8::1]:443", "2001:db8::1"),
    ("[::1]", "::1"),
    ("::1", "::1"),
    ("_dmarc.example.com", "_dmarc.example.com"),
    ("bücher.example", "xn--bcher-kva.example"),
    ("ｃｈａｔｇｐｔ.com", "chatgpt.com"),
    ("chatgpt。com", "chatgpt.com"),
    ("chatgpt.com。", "chatgpt.com"),
    ("...", None),
    ("user@", None),
    ("", None),
    ("x" * 254, None),
    ("é" * 200, None),
    ("ü." + "x" * 60, "xn--tda." + "x" * 60),
    ("ü." + "x" * 70, None),
    ("a\u0627.com", None),
]


@pytest.mark.parametrize(("given_host", "normal"), HOSTS)
def test_normal_form_of_a_host(given_host, normal):
    assert normalise_host(given_host) == normal


PATHS = [
    ("/v1/chat/completions", "/v1/chat/completions"),
    ("/v1/chat/completions?key=secret#top", "/v1/chat/completions"),
    ("/v1/models#x?y", "/v1/models"),
    ("/models/gemini%3AgenerateContent", "/models/gemini:generateContent"),
    ("/v1/%63hat/completions", "/v1/chat/completions"),
    ("/a%2Fb", "/a%2Fb"),
    ("/a%3Fb%23c%25d%00e%7F", "/a%3Fb%23c%25d%00e%7F"),
    ("/caf%C3%A9", "/caf%C3%A9"),
    ("/a%2", "/a%2"),
    ("/v1//chat///completions", "/v1/chat/completions"),
    ("/x/../v1/./chat/completions", "/v1/chat/completions"),
    ("/%2e%2e/v1/chat", "/v1/chat"),
    ("/../../v1", "/v1"),
    ("/v1/", "/v1/"),
    ("//v1//", "/v1/"),
    ("/a/..", "/"),
    ("/a/b/..", "/a/"),
    ("/a/.", "/a/"),
    ("/.well-known/x", "/.well-known/x"),
    ("", "/"),
    ("v1/chat", "/v1/chat"),
    ("*", "/*"),
]


@pytest.mark.parametrize(("given_path", "normal"), PATHS)
def test_normal_form_of_a_path(given_path, normal):
    assert normalise_path(given_path) == normal


def test_facts_hold_what_is_known_and_no_more():
    facts = facts_of(Seen())
    assert (facts.host, facts.path, facts.method, facts.port, facts.headers) == (None, None, None, None, None)
    facts = facts_of(
        Seen(
            host="API.example:8000",
            path="/x?y",
            method="post",
            port=8000,
            headers=(("Accept", "a"), ("accept", " b "), ("X", "")),
            visibility="http",
        )
    )
    assert facts.host == "api.example"
    assert facts.path == "/x"
    assert facts.method == "POST"
    assert facts.headers == {"accept": ("a", "b"), "x": ("",)}


def test_headers_and_paths_are_cut_to_what_expressions_may_run_on():
    facts = facts_of(Seen(path="/" + "a" * 99_999, headers=(("n", "v" * 99_999),) * 500))
    assert facts.path is not None and len(facts.path) == MAX_PATH
    assert facts.headers is not None
    assert [len(value) for value in facts.headers["n"]] == [MAX_HEADER] * MAX_HEADERS


@given(st.text(max_size=300))
def test_a_normal_host_stays_as_it_is(text):
    """Whatever comes in, what comes out is short, lower case, ASCII, and does not change again."""
    host = normalise_host(text)
    if host is not None:
        assert 0 < len(host) <= 253
        assert host.isascii() and host == host.lower()
        if ":" not in host and "@" not in host and "[" not in host and host == host.strip(" \t\r\n\f\v."):
            assert normalise_host(host) == host


@given(st.text(alphabet="/.%25aeF?#x", max_size=40))
def test_a_path_never_climbs_or_doubles(text):
    path = normalise_path(text)
    assert path.startswith("/")
    assert "//" not in path
    assert "/../" not in path + "/"
