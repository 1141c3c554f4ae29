"""What becomes of traffic when something of ours fails, through the real mitmproxy: as ``on_error`` says."""

import asyncio
import contextlib
import io
import logging
import ssl
import threading

import pytest

from sensor.exchange import Exchange
from sensor.inline import addon, heads
from sensor.inline.addon import ShadowAI
from sensor.model import ClientHelloSeen, ConnectRequest, EventKind, HttpRequest
from sensor.policy import parse_policy

pytestmark = pytest.mark.slow

SECRET = "the merger is on Friday"
BODY = f'{{"messages":[{{"role":"user","content":"{SECRET}"}}]}}'.encode()


@pytest.fixture(scope="module")
def door(make_door):
    return make_door()


@pytest.fixture(params=["block", "pass"])
def on_error(door, request, monkeypatch):
    """The policy's word for failures."""
    policy = parse_policy(f"version: 1\nmode: enforce\non_error: {request.param}\n", "policy.yaml")
    monkeypatch.setattr(door.core.pipeline, "policy", policy)
    return request.param


@pytest.fixture(autouse=True)
def log():
    """All that is logged while a test runs; nothing of a prompt or of an exception's message is in it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
    assert SECRET not in text.getvalue()


def fails(*_, **__):
    raise KeyError(SECRET)


def failing_at(door, monkeypatch, kind):
    """Make the decision about one kind of observation fail."""
    receive = door.core.pipeline.receive

    def receive_or_fail(observation):
        if isinstance(observation, kind):
            fails()
        return receive(observation)

    monkeypatch.setattr(door.core.pipeline, "receive", receive_or_fail)


def counted(door, on_error):
    return door.core.pipeline.coverage.snapshot().get(
        "fail_closed" if on_error == "block" else "fail_open", 0
    )


def test_a_hook_that_raises_blocks_or_passes_a_request(door, on_error, monkeypatch, log):
    failing_at(door, monkeypatch, HttpRequest)
    before, reached = counted(door, on_error), len(door.reached("ai.example"))
    status, _, body = door.ask("ai.example", body=BODY)
    if on_error == "block":
        assert status == 403 and b"could not check" in body and b"policy_violation" in body
        assert len(door.reached("ai.example")) == reached
    else:
        assert status == 200 and len(door.reached("ai.example")) == reached + 1
    assert counted(door, on_error) == before + 1
    assert "requestheaders failed with KeyError" in log.getvalue()


def test_a_hook_that_raises_blocks_or_passes_a_tunnel(door, on_error, monkeypatch):
    failing_at(door, monkeypatch, ConnectRequest)
    if on_error == "block":
        with pytest.raises(OSError, match="403"):
            door.ask("ai.example", body=BODY)
    else:
        assert door.ask("ai.example", body=BODY)[0] == 200


@pytest.mark.parametrize("host", ["ai.example", "www.example.org"])
def test_a_hook_that_raises_at_the_hello_cuts_or_passes_on_unread(door, on_error, monkeypatch, host):
    """Passing after a failure opens nothing: the certificate is the site's own."""
    failing_at(door, monkeypatch, ClientHelloSeen)
    with door.connect(host, context=door.standin.authority.client_context()) as client:
        if on_error == "block":
            with pytest.raises((ssl.SSLError, OSError)):
                client.request("POST", "/v1/chat/completions", BODY)
        else:
            client.request("POST", "/v1/chat/completions", BODY)
            assert client.getresponse().status == 200


def test_a_hook_that_raises_at_the_answer_cuts_or_passes(door, on_error, monkeypatch):
    monkeypatch.setattr(Exchange, "answered", fails)
    if on_error == "block":
        with pytest.raises((OSError, EOFError)) as raised:
            door.ask("ai.example", body=BODY)
        assert not isinstance(raised.value, TimeoutError)
    else:
        assert door.ask("ai.example", body=BODY)[0] == 200


@pytest.mark.parametrize("way", ["sent", "received"])
def test_a_stream_callable_that_raises_ends_or_passes_and_does_not_hang(door, on_error, monkeypatch, way):
    calls = []

    def fail_at_the_body(self, size):
        calls.append(size)
        if len(calls) > 1:  # the first call counts the head, in a hook
            fails()

    monkeypatch.setattr(Exchange, way, fail_at_the_body)
    if on_error == "pass":
        status, _, body = door.ask("ai.example", body=b'{"stream":true}')
        assert status == 200 and b"[DONE]" in body
        return
    try:
        status, _, body = door.ask("ai.example", body=b'{"stream":true}')
    except TimeoutError:
        pytest.fail("the client was left hanging")
    except Exception as error:
        assert type(error).__name__ in ("IncompleteRead", "RemoteDisconnected", "ConnectionResetError")
    else:
        assert status >= 500 or b"[DONE]" not in body


def test_what_cannot_be_recorded_is_blocked_or_passed(door, on_error, monkeypatch):
    monkeypatch.setattr(door.kept, "failing", True)
    before, reached = counted(door, on_error), len(door.reached("ai.example"))
    status, _, body = door.ask("ai.example", body=BODY)
    if on_error == "block":
        assert status == 403 and b"could not record" in body
        assert len(door.reached("ai.example")) == reached
    else:
        assert status == 200 and len(door.reached("ai.example")) == reached + 1
    assert counted(door, on_error) == before + 1


def test_a_tunnel_that_cannot_be_recorded_is_blocked_or_passed(door, on_error, monkeypatch):
    monkeypatch.setattr(door.kept, "failing", True)
    if on_error == "block":
        with pytest.raises(OSError, match="403"):
            door.ask("pinned.example", body=BODY)
    else:
        assert door.ask("pinned.example", body=BODY)[0] == 200


def test_an_ordinary_site_needs_no_record(door, on_error, monkeypatch):
    monkeypatch.setattr(door.kept, "failing", True)
    assert door.ask("www.example.org", "/", method="GET", body=None)[0] == 200


def test_a_recorder_that_does_not_answer_counts_as_failed(door, on_error, monkeypatch):
    async def never(events):
        await asyncio.Event().wait()

    monkeypatch.setattr(door.kept, "record", never)
    monkeypatch.setattr(addon, "RECORD_TIMEOUT_S", 0.05)
    assert door.ask("ai.example", body=BODY)[0] == (403 if on_error == "block" else 200)


def test_accounts_that_fail_stop_nothing(door, on_error, monkeypatch):
    """Closing an exchange fails: the answer has been given, and the next request works as ever."""
    monkeypatch.setattr(Exchange, "close", fails)
    assert door.ask("ai.example", body=BODY)[0] == 200
    assert door.ask("ai.example", body=BODY)[0] == 200


def test_blocking_that_fails_itself_is_noted(door, monkeypatch, log):
    failing_at(door, monkeypatch, HttpRequest)
    monkeypatch.setattr(ShadowAI, "answer", fails)
    with contextlib.suppress(Exception):
        door.ask("ai.example", body=BODY)
    assert "requestheaders._block_request failed with KeyError" in log.getvalue()


def test_a_crash_within_mitmproxy_leaves_no_prompt_in_the_log(door, monkeypatch, log):
    """An unguarded callable raises: mitmproxy would write the bytes that it failed on."""
    crashed = threading.Event()

    class Watch(logging.Handler):
        def emit(self, record):
            if "withheld" in record.getMessage():
                crashed.set()

    watch = Watch()
    monkeypatch.setattr(ShadowAI, "_counted", lambda *_: fails)
    logging.getLogger().addHandler(watch)  # behind the one that keeps the text
    try:
        with door.connect("ai.example") as client:
            client.request("POST", "/v1/chat/completions", BODY)
            assert crashed.wait(10)
    finally:
        logging.getLogger().removeHandler(watch)
    assert "withheld" in log.getvalue() and ": KeyError at " in log.getvalue()


def test_a_hello_that_our_parser_cannot_read_is_decided_by_the_name_mitmproxy_reads(door, monkeypatch):
    monkeypatch.setattr(heads, "parse_client_hello", lambda _: None)
    assert door.ask("ai.example", body=BODY)[0] == 200
    assert door.kept.wait_for(lambda event: event.kind is EventKind.REQUEST).app == "acme.ai"
