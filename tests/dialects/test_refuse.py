"""The body, status and headers of each refusal, as the vendors' own clients read them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import Dialect, Refusal, full_message, refuse, refuse_tunnel
from sensor.dialects.names import FAMILIES, Family
from sensor.dialects.refuse import JSONRPC_BLOCKED

RULE = "no-chat"
SAID = "Ask IT. Nothing was sent. (Rule: no-chat)"


def made(dialect, **more):
    return refuse(dialect, "Ask IT.", rule=RULE, **more)


JSON_BODIES = {
    Family.OPENAI: {
        "error": {"message": SAID, "type": "policy_violation", "code": "blocked_by_policy", "param": None}
    },
    Family.ANTHROPIC: {"type": "error", "error": {"type": "permission_error", "message": SAID}},
    Family.GOOGLE: {"error": {"code": 403, "message": SAID, "status": "PERMISSION_DENIED"}},
    Family.AWS: {"message": SAID},
    Family.COHERE: {"message": SAID},
    Family.OLLAMA: {"error": SAID},
    Family.JSONRPC: {"jsonrpc": "2.0", "error": {"code": JSONRPC_BLOCKED, "message": SAID}},
    Family.CONNECT: {"code": "permission_denied", "message": SAID},
    Family.WEB: {"detail": SAID, "message": SAID, "error": {"message": SAID, "code": "blocked_by_policy"}},
}


@pytest.mark.parametrize("dialect", [d for d in Dialect if FAMILIES[d] in JSON_BODIES])
def test_json_dialects_answer_403_in_their_own_form(dialect):
    refusal = made(dialect)
    assert refusal.status == 403
    assert json.loads(refusal.body) == JSON_BODIES[FAMILIES[dialect]]
    headers = dict(refusal.headers)
    assert headers["content-type"] == "application/json" and headers["cache-control"] == "no-store"
    retries = {Family.OPENAI, Family.ANTHROPIC}
    assert headers.get("x-should-retry") == ("false" if FAMILIES[dialect] in retries else None)


def test_an_unknown_dialect_is_answered_in_openai_form():
    assert made(None) == made(Dialect.OPENAI_CHAT)


def test_bedrock_names_its_exception_in_a_header():
    assert dict(made(Dialect.BEDROCK).headers)["x-amzn-errortype"] == "AccessDeniedException"


def test_gemini_bodies_begin_with_the_error():
    assert made(Dialect.GEMINI).body.startswith(b'{"error":')


@pytest.mark.parametrize("dialect", [Dialect.MCP, Dialect.A2A])
@pytest.mark.parametrize("request_id", [7, 0, "a"])
def test_json_rpc_with_a_known_id_is_answered_in_the_protocol(dialect, request_id):
    refusal = made(dialect, request_id=request_id)
    assert refusal.status == 200
    assert json.loads(refusal.body) == {
        "jsonrpc": "2.0", "id": request_id, "error": {"code": JSONRPC_BLOCKED, "message": SAID},
    }  # fmt: skip


def test_a_connect_stream_ends_with_an_error_envelope():
    refusal = made(Dialect.CONNECT_STREAM)
    flag, length, end = refusal.body[0], int.from_bytes(refusal.body[1:5], "big"), refusal.body[5:]
    assert (refusal.status, flag, length) == (200, 2, len(end))
    assert json.loads(end) == {"error": {"code": "permission_denied", "message": SAID}}
    assert dict(refusal.headers)["content-type"] == "application/connect+json"


def test_grpc_answers_with_trailers_only():
    refusal = refuse(Dialect.GRPC, "Größe 100 %", rule=None)
    headers = dict(refusal.headers)
    assert (refusal.status, refusal.body, headers["grpc-status"]) == (200, b"", "7")
    # grpc/grpc doc/PROTOCOL-HTTP2.md: Percent-Encoded is for "%" and what is outside space to tilde
    assert headers["grpc-message"] == "Gr%C3%B6%C3%9Fe 100 %25. Nothing was sent."


def test_a_tunnel_is_refused_in_plain_words():
    refusal = refuse_tunnel("Ask IT.", rule=RULE)
    assert (refusal.status, refusal.body.decode()) == (403, SAID + "\n")


def test_a_page_stands_alone_and_says_what_to_do():
    refusal = made(Dialect.CHATGPT_WEB, navigation=True, host="chatgpt.com")
    page = refusal.body.decode()
    headers = dict(refusal.headers)
    assert refusal.status == 403 and headers["content-type"].startswith("text/html")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    for word in ("Ask IT.", "no-chat", "chatgpt.com", "exception", "prefers-color-scheme: dark"):
        assert word in page
    for outside in ("http:", "https:", "src=", "url(", "<script", "<link", "@import"):
        assert outside not in page


def test_a_page_without_rule_or_host_still_reads():
    page = refuse(None, "  ", rule=None, navigation=True).body.decode()
    assert "policy's default" in page.replace("&#x27;", "'") and "<dt>Site" not in page
    assert "does not allow this." in page


EVIL = "<script>alert(1)</script>\"'&{0}{message}"


def test_a_page_escapes_what_it_is_given():
    page = refuse(None, EVIL, rule=EVIL, navigation=True, host=EVIL).body.decode()
    assert "<script>" not in page and page.count("&lt;script&gt;") == 3


@pytest.mark.parametrize(
    ("message", "rule", "text"),
    [
        ("No.", None, "No. Nothing was sent."),
        ("No", "r", "No. Nothing was sent. (Rule: r)"),
        ("Stop! NOTHING was sent.", "r", "Stop! NOTHING was sent. (Rule: r)"),
        ("", None, "Your organisation's policy does not allow this. Nothing was sent."),
    ],
)
def test_a_message_says_that_nothing_was_sent_and_by_which_rule(message, rule, text):
    assert full_message(message, rule) == text


@given(
    dialect=st.none() | st.sampled_from(Dialect),
    message=st.text(),
    rule=st.none() | st.text(),
    navigation=st.booleans(),
)
def test_any_text_gives_a_refusal_that_can_be_sent(dialect, message, rule, navigation):
    refusal = refuse(dialect, message, rule=rule, navigation=navigation, host=message)
    assert isinstance(refusal, Refusal)
    assert refusal.status in (200, 403) and isinstance(refusal.body, bytes)
    for name, value in refusal.headers:
        assert f"{name}: {value}".isprintable() and value.isascii()
