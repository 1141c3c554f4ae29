"""The wrapper around hooks, by itself, and what is kept out of logs."""

import asyncio
import logging

import pytest
from mitmproxy.exceptions import AddonHalt

from sensor.inline import logs
from sensor.inline.guard import Failures, guarded

SECRET = "the merger is on Friday"


class Hooked:
    """An object with hooks that fail as told."""

    def __init__(self, blocks=True, error=None):
        self.failures = Failures()
        self.blocks = blocks
        self.error = error
        self.did = []

    def on_failure(self):
        self.did.append("counted")
        return self.blocks

    def fail(self):
        if self.error is not None:
            raise self.error

    @guarded(
        lambda self, argument: self.did.append(f"blocked {argument}"),
        lambda self, argument: self.did.append("let"),
    )
    def plain(self, argument):
        self.did.append("ran")
        self.fail()

    @guarded(lambda self, argument: self.did.append(f"blocked {argument}"))
    async def later(self, argument):
        self.did.append("ran")
        self.fail()

    @guarded(None)
    def account(self, argument):
        self.fail()

    @guarded(lambda self, argument: 1 / 0)
    def hopeless(self, argument):
        self.fail()


def call(made, name):
    result = getattr(made, name)("x")
    if asyncio.iscoroutine(result):
        asyncio.run(result)


@pytest.mark.parametrize(
    ("name", "blocks", "did"),
    [
        ("plain", True, ["ran", "counted", "blocked x"]),
        ("plain", False, ["ran", "counted", "let"]),
        ("later", True, ["ran", "counted", "blocked x"]),
        ("later", False, ["ran", "counted"]),
        ("account", True, []),
    ],
)
def test_a_failure_is_counted_and_carried_out_as_the_policy_says(name, blocks, did):
    made = Hooked(blocks, KeyError(SECRET))
    call(made, name)
    assert made.did == did and made.failures.counts == {f"{name}:KeyError": 1}


@pytest.mark.parametrize("name", ["plain", "later"])
def test_without_a_failure_nothing_is_done(name):
    made = Hooked()
    call(made, name)
    assert made.did == ["ran"] and not made.failures.counts


def test_blocking_that_fails_is_counted_too():
    made = Hooked(True, KeyError(SECRET))
    call(made, "hopeless")
    assert made.failures.counts == {"hopeless:KeyError": 1, "hopeless.<lambda>:ZeroDivisionError": 1}


@pytest.mark.parametrize("name", ["plain", "later"])
def test_mitmproxys_own_way_to_end_a_hook_is_no_failure(name):
    made = Hooked(True, AddonHalt())
    with pytest.raises(AddonHalt):
        call(made, name)
    assert not made.failures.counts


def test_a_log_does_not_grow_with_every_failure(caplog):
    failures = Failures()
    for _ in range(1000):
        failures.note("hook", KeyError(SECRET), "f1")
    assert len(caplog.records) == 11 and SECRET not in caplog.text
    assert failures.counts["hook:KeyError"] == 1000


@pytest.fixture
def filtered(caplog):
    logs.install_filters()
    logs.install_filters()
    caplog.set_level(logging.DEBUG)
    yield caplog
    logs.remove_filters()


@pytest.mark.parametrize(
    "message",
    ["client connect", "server connect ai.example:443 (192.0.2.1:443)", "Streaming request to ai.example."],
)
def test_what_is_known_to_be_harmless_is_logged_as_it_is(filtered, message):
    logging.getLogger("mitmproxy.proxy.server").info(message)
    assert message in filtered.text


@pytest.mark.parametrize(
    "message",
    [f"Unexpected data from server: b'{SECRET}'", f"192.0.2.1: Bad HTTP request line: b'{SECRET}'", ""],
)
def test_what_may_hold_traffic_is_withheld(filtered, message):
    logging.getLogger("mitmproxy.proxy.server").warning(message)
    assert SECRET not in filtered.text and "withheld" in filtered.text


@pytest.mark.parametrize("name", ["mitmproxy.proxy.server", "mitmproxy.addonmanager", "mitmproxy.master"])
def test_an_exception_is_cut_down_to_its_type_and_place(filtered, name):
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        logging.getLogger(name).error(f"Addon error: {error}", exc_info=True)
    assert (
        SECRET not in filtered.text
        and ": KeyError at " in filtered.text
        and "test_guard.py:" in filtered.text
    )
    assert "Traceback" not in filtered.text


def test_an_exception_that_was_never_raised_has_no_place(filtered):
    error = KeyError(SECRET)
    logging.getLogger("mitmproxy.master").error("x", exc_info=(KeyError, error, None))
    assert "a task failed: KeyError" in filtered.text and SECRET not in filtered.text


def test_messages_of_addons_without_an_exception_are_left_alone(filtered):
    logging.getLogger("mitmproxy.addonmanager").warning("Over-riding existing option x")
    assert "Over-riding existing option x" in filtered.text
