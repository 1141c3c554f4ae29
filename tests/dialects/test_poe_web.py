"""
The page of Poe. Bodies and messages are built by hand after snowby666/poe-api-wrapper
``poe_api_wrapper/api.py`` and ``queries.py`` (commit bbb6831e, 2025-08-31) and ading2210/poe-api
``src/poe/__init__.py`` (commit 9286c020, 2023-09-18).
"""

import json

from sensor.dialects.poe_web import UNCONFIRMED, read_answer, read_message, read_request, stream
from sensor.dialects.reading import Framing, Grow
from tests.dialects.web_checks import Played, files, head, texts

SIGNED = head("/api/gql_POST", "poe.com", poe_tag_id="0bc8018c", poe_formkey="f")
QUERY = {
    "queryName": "SendMessageMutation",
    "variables": {"chatId": 77, "bot": "a2", "query": "who", "attachments": []},
    "extensions": {"hash": "f1486efc"},
}


def test_a_prompt_is_signed():
    reading = read_request(SIGNED, QUERY)
    assert texts(reading, QUERY) == [("prompt", "user", "who")]
    assert (reading.model, reading.conversation, reading.signed) == ("a2", "77", True)
    assert read_request(head("/api/gql_POST", "poe.com"), QUERY).signed is False
    assert UNCONFIRMED is True


def test_a_prompt_with_files():
    body = [
        {"name": "queryInfo", "filename": None, "content_type": None, "text": json.dumps(QUERY), "size": 9},
        {"name": "file0", "filename": "a.txt", "content_type": "text/plain", "text": "names", "size": 5},
    ]
    reading = read_request(SIGNED, body)
    assert texts(reading, body) == [("upload", "user", "names"), ("prompt", "user", "who")]
    assert files(reading, body) == [("names", "a.txt", "text/plain", None, "text")]
    assert reading.signed is True and reading.model == "a2"


def test_the_answer_tells_the_prompt_back():
    body = {
        "data": {
            "messageEdgeCreate": {
                "status": "success",
                "chat": {"chatId": 77, "title": "Trip"},
                "message": {"node": {"messageId": 1, "text": "who"}},
            }
        }
    }
    reading = read_answer(SIGNED, body)
    assert texts(reading, body) == [("prompt", "user", "who"), ("answer", "assistant", "Trip")]
    assert reading.conversation == "77"


def updates(*payloads):
    return None, {
        "messages": [json.dumps({"message_type": "subscriptionUpdate", "payload": one}) for one in payloads]
    }


def added(text, state="incomplete", **more):
    message = {"messageId": 5, "author": "bot", "text": text, "state": state, **more}
    return {
        "subscription_name": "messageAdded",
        "unique_id": "messageAdded:77",
        "data": {"messageAdded": message},
    }


def test_an_answer_is_told_so_far():
    retitled = {"unique_id": "chatTitleUpdated:77", "data": {"chatTitleUpdated": {"title": "Trip"}}}
    frames = [
        updates(added("who", "complete", author="human", messageId=4)),
        updates(added("Grü"), retitled),
        updates(
            added("Grüße", "complete", followupActions=[{"bodyText": "And?"}, {}], suggestedReplies=["So?"])
        ),
        updates({"data": {"messageCancelled": {}}}),
        (None, {"messages": ["no json", 5], "min_seq": 1}),
        updates(added("", "error_user_message_too_long")),
    ]
    made = stream(SIGNED)
    assert made.framing is Framing.WEBSOCKET
    read = Played(made, frames)
    assert read.said == {
        ("message", "4"): "who",
        ("message", "5"): "",
        ("title", 1): "Trip",
        ("reply", "5", "suggestedReplies", 0): "So?",
        ("reply", "5", "followupActions", 0, "bodyText"): "And?",
    }
    assert read.directions[("message", "4")] == "prompt"
    assert read.frames[2].texts[0].grow is Grow.SNAPSHOT
    assert set(read.ended) == set(read.said)
    assert set(read.facts("conversation")) == {"77"}
    assert [frame.is_error for frame in read.frames] == [False] * 5 + [True]
    assert made.flush(("message", "5"), "x") is None


def test_a_client_says_nothing_on_the_websocket():
    assert read_message(SIGNED, {"x": "y"}, True).parts == ()
