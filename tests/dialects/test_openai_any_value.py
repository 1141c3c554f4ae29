"""Any value gives a reading, and every place that is told is a string in the value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.dialects import mistral, openai_chat, openai_media, openai_realtime, openai_responses
from sensor.dialects.reading import Framing
from tests.dialects.openai_checks import FRAMES, VALUES, check_module, head

PATHS = [
    (openai_chat, "/v1/chat/completions"),
    (openai_responses, "/v1/responses"),
    (openai_responses, "/v1/conversations/conv_1/items"),
    (openai_realtime, "/v1/realtime?model=m"),
    (openai_media, "/v1/files"),
    (openai_media, "/v1/threads/thread_1/runs"),
    (openai_media, "/v1/completions"),
    (openai_media, "/v1/conversations"),
    (mistral, "/v1/chat/completions"),
    (mistral, "/v1/conversations"),
    (mistral, "/v1/ocr"),
    (mistral, "/v1/chat/moderations"),
    (mistral, "/v1/embeddings"),
    (mistral, "/v1/responses"),
    (mistral, "/v1/audio/transcriptions"),
]


@pytest.mark.slow
@given(place=st.sampled_from(PATHS), value=VALUES, frames=FRAMES)
@settings(max_examples=300)
def test_any_value_gives_a_reading_whose_places_are_strings(place, value, frames):
    module, path = place
    check_module(module, path, value, frames)


@pytest.mark.parametrize(("module", "path"), PATHS)
def test_a_deep_value_is_read_without_recursion_running_out(module, path):
    value = deep = {}
    for _ in range(20_000):
        deep["content"] = deep["thinking"] = [{}]
        deep["tools"] = deep["content"]
        deep = deep["content"][0]
    whole = {"messages": [value], "inputs": [value], "input": [value], "tools": [value], "output": [value]}
    made = module.stream(head(path))
    module.read_request(head(path), whole)
    module.read_answer(head(path), whole)
    made.read(None, {"type": "response.output_item.done", "item": value, "choices": [{"delta": value}]})
    _unwind(value)


def _unwind(value):
    """Take a deep value apart, so that freeing it needs no depth."""
    while value:
        following = value.pop("content", [{}])[0]
        value.clear()
        value = following


@given(path=st.text(max_size=40))
def test_any_path_gives_a_reader(path):
    for module in (openai_chat, openai_responses, openai_realtime, openai_media, mistral):
        assert isinstance(module.stream(head(path)).framing, Framing)
        module.read_request(head(path), {"input": "a"})


def test_all_are_confirmed_by_an_sdk():
    modules = (openai_chat, openai_responses, openai_realtime, openai_media, mistral)
    assert not any(module.UNCONFIRMED for module in modules)
