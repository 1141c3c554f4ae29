"""
The page of Gemini. Forms and frames are built by hand after xtekky/gpt4free
``g4f/Provider/needs_auth/Gemini.py`` and ``gemini_utils.py`` (commit eef67f8c, 2026-08-21) and
HanaokaYuzu/Gemini-API ``src/gemini_webapi`` (commit fbe07905, 2026-04-13).
"""

import json

import pytest

from sensor.dialects.gemini_web import UNCONFIRMED, read_answer, read_request, stream
from sensor.dialects.reading import Framing, Grow
from tests.dialects.web_checks import Played, carried, check_every_cut, files, head, resolve, texts

GENERATE = "/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate?rt=c"
MODEL = '[1,null,null,null,"9d8ca3786ebdfbea",null,null,0,[4]]'
ASK = head(GENERATE, "gemini.google.com", x_goog_ext_525001261_jspb=MODEL)


def form(inner, as_list=False):
    outer = json.dumps([None, json.dumps(inner)])
    return {"f.req": [outer] if as_list else outer, "at": "AJ"}


@pytest.mark.parametrize("as_list", [False, True])
def test_a_prompt_with_a_file(as_list):
    files_told = [[["/contrib_service/ttl_1d/x", 1], "a.png"], [None]]
    body = form([["what is this", 0, None, files_told], ["en"], ["c_1", "r_1", "rc_1"]], as_list)
    reading = read_request(ASK, body)
    assert texts(reading, body) == [("prompt", "user", "what is this")]
    assert files(reading, body) == [
        ("/contrib_service/ttl_1d/x", "a.png", None, "/contrib_service/ttl_1d/x", None)
    ]
    assert (reading.conversation, reading.model, reading.streams) == ("c_1", "9d8ca3786ebdfbea", True)
    assert UNCONFIRMED is True


def test_a_first_turn_has_no_conversation():
    assert read_request(ASK, form([["x"], ["en"], ["", "", ""]])).conversation is None


def test_calls_of_procedures_are_read_with_all_their_texts():
    body = {
        "f.req": json.dumps([[["oMH3Zd", json.dumps([["name", "about", "be kind"]]), None, "generic"], 5]])
    }
    reading = read_request(head("/_/BardChatUi/data/batchexecute?rpcids=oMH3Zd"), body)
    assert texts(reading, body) == [("prompt", None, text) for text in ("name", "about", "be kind")]
    assert reading.streams is None


def test_files_go_up_in_steps_or_as_a_form():
    upload = head("/upload/", "content-push.googleapis.com", x_goog_upload_command="upload, finalize",
                  content_type="image/png")  # fmt: skip
    assert files(read_request(upload, None), None) == [(None, None, "image/png", None, None)]
    start = head("/upload/", "content-push.googleapis.com", x_goog_upload_command="start")
    assert read_request(start, {"File name: a.png": ""}).files == ()
    parts = [{"name": "file", "filename": "a.txt", "content_type": "text/plain", "text": "names", "size": 5}]
    reading = read_request(head("/upload", "content-push.googleapis.com"), parts)
    assert files(reading, parts) == [("names", "a.txt", "text/plain", None, "text")]


def frame(*texts_of, **more):
    candidates = [[f"rc_{number}", [text]] for number, text in enumerate(texts_of)]
    inner = [None, ["c_1", "r_1"], more.get("title"), None, candidates]
    if "thought" in more:
        candidates[0].extend([None] * 35 + [[[more["thought"]]]])
    if "model" in more:
        inner.extend([None] * 37 + [more["model"]])
    return None, [["wrb.fr", None, json.dumps(inner)]]


FRAMES = [
    (None, [["wrb.fr", None, json.dumps([None, ["c_1", "r_1"]])], ["di", 12]]),
    frame("Grü", thought="hm"),
    frame("Grüße 😀", "Hallo", model="3.5 Flash"),
    frame("Grüße 😀 an", "Hallo du", title={"11": "Greeting"}),
    (None, [["e", 4, None, None, 120]]),
]


def test_an_answer_says_the_same_wherever_it_is_cut():
    assert stream(ASK).framing is Framing.LENGTH_LINES
    read = check_every_cut(lambda: stream(ASK), FRAMES)
    assert read.said == {
        ("candidate", 0): "Grüße 😀 an",
        ("thoughts", 0): "hm",
        ("candidate", 1): "Hallo du",
        "title": "Greeting",
    }
    assert {text.grow for one in read.frames for text in one.texts} == {Grow.SNAPSHOT}
    assert set(read.facts("conversation")) == {"c_1"} and read.facts("model") == ["3.5 Flash"]


def test_what_is_carried_on_has_the_form_of_a_frame():
    made = stream(ASK)
    made.read(*frame("a", "b", thought="t"))
    event, value = carried(made, ("candidate", 1), "all of it")
    assert event is None and value[0][:2] == ["wrb.fr", None]
    assert json.loads(value[0][2]) == [None, ["c_1", "r_1"], None, None, [None, ["rc_1", ["all of it"]]]]
    assert made.flush("title", "x") is None


def test_other_forms_of_a_candidate():
    inner = [None, None, None, None, [["rc", "plain"], ["rc", ["one", 2, "two"]], None]]
    value = ["wrb.fr", None, json.dumps(inner)]
    read = Played(stream(ASK), [(None, value)], lambda: stream(ASK))
    assert read.said == {("candidate", 0): "plain", ("candidate", 1): "one", ("candidate", 1, 2): "two"}


def test_an_error_is_told_by_its_code():
    value = [["wrb.fr", None, None, None, None, [13, None, [["type", [1037]]]]]]
    assert stream(ASK).read(None, value).is_error is True
    assert stream(ASK).read(None, [["wrb.fr", None, "no json"]]).is_error is False


def test_a_whole_answer():
    value = frame("a", "b", model="m")[1]
    reading = read_answer(ASK, value)
    assert [resolve(value, part.path) for part in reading.parts] == ["a", "b"]
    assert [part.turn for part in reading.parts] == [0, 1]
    assert (reading.conversation, reading.model) == ("c_1", "m")
    called = [["wrb.fr", "MaZiqc", json.dumps([None, [["c_1", "Trip"]]])]]
    assert texts(read_answer(ASK, called), called) == [("answer", None, "c_1"), ("answer", None, "Trip")]
    titled = frame(title={"11": "T"})[1]
    assert [part.turn for part in read_answer(ASK, titled).parts] == [None]
