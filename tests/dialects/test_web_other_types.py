"""A frame or body of a known form, with one value of another type in it, is read all the same."""

import copy

import pytest

from sensor.dialects import (
    chatgpt_web,
    claude_web,
    deepseek_web,
    gemini_web,
    grok_web,
    huggingchat,
    m365_copilot,
    meta_ai_web,
    perplexity_web,
    poe_web,
)
from tests.dialects import (
    test_chatgpt_web,
    test_claude_web,
    test_deepseek_web,
    test_gemini_web,
    test_grok_web,
    test_huggingchat,
    test_m365_copilot,
    test_meta_ai_web,
    test_perplexity_web,
    test_poe_web,
)
from tests.dialects.web_checks import check_flush, check_frame, check_reading

OTHERS = (None, True, 7, -1, 0.5, "x", "[]", "\ud800", [], [[]], [{}], {}, {"a": []})

STREAMS = [
    (chatgpt_web, test_chatgpt_web.ASK, test_chatgpt_web.STREAM),
    (claude_web, test_claude_web.ASK, test_claude_web.STREAM),
    (deepseek_web, test_deepseek_web.ASK, test_deepseek_web.STREAM),
    (gemini_web, test_gemini_web.ASK, test_gemini_web.FRAMES),
    (grok_web, test_grok_web.NEW, test_grok_web.STREAM),
    (huggingchat, test_huggingchat.ASK, test_huggingchat.STREAM),
    (m365_copilot, test_m365_copilot.HUB, test_m365_copilot.HUB_FRAMES),
    (meta_ai_web, test_meta_ai_web.ASK, test_meta_ai_web.STREAM),
    (perplexity_web, test_perplexity_web.ASK, test_perplexity_web.STREAM),
]
BODIES = [
    (chatgpt_web, test_chatgpt_web.ASK, test_chatgpt_web.PROMPT),
    (poe_web, test_poe_web.SIGNED, test_poe_web.QUERY),
]


def places(value, path=()):
    """Every place in a value, the root first."""
    yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in below:
        yield from places(one, (*path, key))


def others(value):
    """The value, with each of its places in turn holding something else."""
    for path in places(value):
        for other in OTHERS:
            made = copy.deepcopy(value)
            here = made
            for step in path[:-1]:
                here = here[step]
            if path:
                here[path[-1]] = other
            yield made if path else other


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "asked", "frames"), STREAMS, ids=[module.__name__ for module, _, _ in STREAMS]
)
def test_a_frame_with_another_type_in_it(module, asked, frames):
    stream = module.stream(asked)
    for event, value in frames:
        for other in others(value):
            tried = copy.deepcopy(stream)
            frame = tried.read(event, other)
            check_frame(frame, other)
            for text in frame.texts:
                check_flush(tried, text.lane, lambda: module.stream(asked))
        stream.read(event, value)


@pytest.mark.parametrize(
    ("module", "asked", "body"), BODIES, ids=[module.__name__ for module, _, _ in BODIES]
)
def test_a_body_with_another_type_in_it(module, asked, body):
    for other in others(body):
        check_reading(module.read_request(asked, other), other)
        check_reading(module.read_answer(asked, other), other)
