"""
The page of Meta AI. Bodies and lines are built by hand after xtekky/gpt4free
``g4f/Provider/needs_auth/MetaAI.py`` (commit eef67f8c, 2026-08-21), Strvm/meta-ai-api
``src/meta_ai_api/main.py`` and ``utils.py`` (commit 89655182, 2024-11-11) and diegosouzapw/OmniRoute
``open-sse/executors/muse-spark-web.ts`` (commit 10df4e10).
"""

import json

import pytest

from sensor.dialects.meta_ai_web import UNCONFIRMED, read_answer, read_request, stream
from sensor.dialects.reading import Framing, Grow
from tests.dialects.web_checks import Played, carried, check_every_cut, head, texts

ASK = head("/api/graphql/", "www.meta.ai")


def test_a_prompt_in_a_form():
    variables = {"message": {"sensitive_string_value": "who"}, "externalConversationId": "c-1"}
    body = {"fb_api_req_friendly_name": "useAbraSendMessageMutation", "variables": json.dumps(variables)}
    reading = read_request(ASK, body)
    assert texts(reading, body) == [("prompt", "user", "who")]
    assert (reading.conversation, reading.streams, reading.model) == ("c-1", True, None)
    assert UNCONFIRMED is True


def test_a_prompt_in_json():
    body = {"doc_id": "e7f8", "variables": {"content": "who", "conversationId": "c.1", "mode": "think_fast"}}
    reading = read_request(ASK, body)
    assert texts(reading, body) == [("prompt", "user", "who")]
    assert (reading.conversation, reading.streams, reading.model) == ("c.1", True, "think_fast")


def test_other_operations_ask_for_nothing():
    assert read_request(ASK, {"variables": '{"abraMessageFetchID": "f"}'}).streams is None


def line(snippet, state="STREAMING", pieces=(), identity="c-1_2_3"):
    message = {"id": identity, "streaming_state": state, "snippet": snippet, "fetch_id": "f"}
    if pieces:
        message["composed_text"] = {"content": [{"text": text} for text in pieces] + [{}]}
    return None, {"data": {"node": {"bot_response_message": message}}}


STREAM = [
    line(""),
    line("Grü", pieces=["Grü"]),
    line("Grüße an", pieces=["Grüße", " an"]),
    line("Grüße an", "OVERALL_DONE", ["Grüße", " an"]),
]


def test_an_answer_says_the_same_wherever_it_is_cut():
    assert stream(ASK).framing is Framing.NDJSON
    read = check_every_cut(lambda: stream(ASK), STREAM)
    assert read.said == {
        ("c-1_2_3", "snippet"): "Grüße an",
        ("c-1_2_3", "composed_text", "content", 0, "text"): "Grüße",
        ("c-1_2_3", "composed_text", "content", 1, "text"): " an",
    }
    assert {text.grow for frame in read.frames for text in frame.texts} == {Grow.SNAPSHOT}
    assert set(read.ended) == set(read.said)
    assert set(read.facts("conversation")) == {"c-1"}


def test_a_whole_answer():
    body = STREAM[-1][1]
    assert texts(read_answer(ASK, body), body) == [
        ("answer", "assistant", "Grüße an"),
        ("answer", "assistant", "Grüße"),
        ("answer", "assistant", " an"),
    ]


@pytest.mark.parametrize("identity", ["c-1_2_3", None])
def test_what_is_carried_on_has_the_form_of_a_line(identity):
    made = stream(ASK)
    made.read(*line("x", pieces=["y", "z"], identity=identity))
    _, value = carried(made, (identity, "composed_text", "content", 1, "text"), "all")
    content = value["data"]["node"]["bot_response_message"]["composed_text"]["content"]
    assert content == [{"text": ""}, {"text": "all"}]


def test_errors():
    assert stream(ASK).read(None, {"errors": [{"message": "x"}]}).is_error is True
    assert Played(stream(ASK), [(None, {"data": None})]).said == {}
