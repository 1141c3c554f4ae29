"""What ``identify`` takes: hosts, URLs, methods with URLs, JSON objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.catalogue.values import ValueProblem, read_value, request_text
from sensor.model import Seen

VALUES = [
    ("api.openai.com", Seen(host="api.openai.com", visibility="sni")),
    ("api.openai.com:8443", Seen(host="api.openai.com:8443", port=8443, visibility="sni")),
    ("API.OPENAI.COM:443.", Seen(host="API.OPENAI.COM:443.", port=443, visibility="sni")),
    ("[::1]:11434", Seen(host="[::1]:11434", port=11434, visibility="sni")),
    ("2001:db8::1", Seen(host="2001:db8::1", visibility="sni")),
    ("api.openai.com/v1/models", Seen(host="api.openai.com", path="/v1/models")),
    ("https://a.example", Seen(host="a.example", path="/", scheme="https", port=443)),
    ("https://a.example/x?key=1#f", Seen(host="a.example", path="/x?key=1#f", scheme="https", port=443)),
    ("https://a.example?x", Seen(host="a.example", path="?x", scheme="https", port=443)),
    (
        "http://u:p@10.0.0.5:11434/api/chat",
        Seen(host="u:p@10.0.0.5:11434", path="/api/chat", scheme="http", port=11434),
    ),
    ("WSS://a.example/ws", Seen(host="a.example", path="/ws", scheme="wss", port=443)),
    ("ftp://a.example/x", Seen(host="a.example", path="/x", scheme="ftp")),
    (
        "https://good.example\\@evil.example/",
        Seen(host="good.example", path="\\@evil.example/", scheme="https", port=443),
    ),
    ("POST https://a.example/x", Seen(host="a.example", path="/x", scheme="https", port=443, method="POST")),
    ("CONNECT a.example:443", Seen(host="a.example:443", port=443, method="CONNECT", visibility="sni")),
    ('{"url": "a.example"}', Seen(host="a.example", visibility="sni")),
    ('{"url": " a.example ", "headers": {}}', Seen(host="a.example", headers=(), visibility="http")),
    (
        '{"url": "https://a.example/x", "method": "post", "headers": {"User-Agent": "u"}}',
        Seen(
            host="a.example",
            path="/x",
            scheme="https",
            port=443,
            method="post",
            headers=(("user-agent", "u"),),
        ),
    ),
    ('{"url": "a.example", "method": null, "headers": null}', Seen(host="a.example", visibility="sni")),
]


@pytest.mark.parametrize(("value", "seen"), VALUES)
def test_what_a_value_says(value, seen):
    assert read_value(value) == seen


PROBLEMS = [
    ("", "a value is empty"),
    ("   ", "a value is empty"),
    ("{", "not JSON"),
    ('{"url": "a"} x', "not JSON"),
    ("{" * 100_000, "not JSON"),
    ('{"url": ' + "[" * 100_000, "not JSON"),
    ('{"url": "a", "verb": "GET"}', 'unknown key "verb"'),
    ('{"method": "GET"}', '"url" must be a host or a URL'),
    ('{"url": 5}', '"url" must be'),
    ('{"url": "  "}', '"url" must be'),
    ('{"url": "a", "method": 5}', '"method" must be text'),
    ('{"url": "a", "headers": ["x"]}', '"headers" must be an object of texts'),
    ('{"url": "a", "headers": {"x": 1}}', '"headers" must be an object of texts'),
]


@pytest.mark.parametrize(("value", "problem"), PROBLEMS)
def test_what_is_no_value(value, problem):
    with pytest.raises(ValueProblem) as caught:
        read_value(value)
    assert problem in str(caught.value)


def test_a_request_written_out_reads_back():
    text = request_text("https://ä.example/x", "POST", {"A": "b"})
    assert read_value(text) == Seen(
        host="ä.example", path="/x", scheme="https", port=443, method="POST", headers=(("a", "b"),)
    )
    assert request_text("a.example", None, None) == '{"url": "a.example"}'


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: '{"url": "' + text))
def test_any_text_is_a_value_or_a_problem(text):
    try:
        read_value(text)
    except ValueProblem:
        pass
