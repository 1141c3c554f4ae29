"""
Requests and whole answers of the Gemini API and Vertex AI: bodies made by google-genai against a stand-in on
loopback, both spellings of keys, and Code Assist after its client's source.
"""

from __future__ import annotations

import io
import json

import hypothesis
import hypothesis.strategies as st
import pytest
from google import genai
from google.genai import types

from sensor.dialects import gemini
from sensor.dialects.gemini import read_answer, read_request
from sensor.dialects.gemini_content import model_name
from sensor.dialects.reading import Usage
from tests.dialects.standin import always, json_answer, serve
from tests.dialects.told import bodies, calls, check_reading, files, fixed, post, texts

GENERATE = post("/v1beta/models/gemini-2.5-pro:generateContent")

ANSWER = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "thinking", "thought": True},
                    {"text": "Paris", "thoughtSignature": "c2ln"},
                    {"functionCall": {"name": "lookup", "args": {"city": "Paris"}, "id": "c1"}},
                    {"executableCode": {"code": "print(1)", "language": "PYTHON"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
            "groundingMetadata": {
                "webSearchQueries": ["capital of France"],
                "groundingChunks": [
                    {"web": {"uri": "https://u", "title": "Wiki"}},
                    {"retrievedContext": {"title": "Store", "text": "a passage"}},
                ],
                "groundingSupports": [{"segment": {"text": "Paris", "endIndex": 5}}],
            },
        }
    ],
    "usageMetadata": {
        "promptTokenCount": 7,
        "candidatesTokenCount": 4,
        "thoughtsTokenCount": 20,
        "toolUsePromptTokenCount": 2,
        "totalTokenCount": 33,
    },
    "modelVersion": "gemini-of-the-test",
}


def client_of(base, **more):
    return genai.Client(api_key="none", http_options={"base_url": base, "api_version": "v1beta"}, **more)


def vertex_of(base):
    credentials = pytest.importorskip("google.oauth2.credentials").Credentials(token="none")
    return genai.Client(
        vertexai=True,
        project="proj-1",
        location="europe-west1",
        credentials=credentials,
        http_options={"base_url": base},
    )


def send(call, answer=ANSWER, client=client_of):
    """What the SDK sends in a call: the request that the stand-in saw, and the SDK's result."""
    with serve(always(json_answer(answer))) as (base, seen):
        made = client(base)
        result = call(made)
        made.close()
    return seen[0], result


HISTORY = [
    types.Content(role="user", parts=[
        types.Part(text="what is this?"),
        types.Part.from_bytes(data=b"xx", mime_type="image/png"),
        types.Part.from_uri(file_uri="https://f.example/v1beta/files/abc", mime_type="application/pdf"),
    ]),
    types.Content(role="model", parts=[
        types.Part(text="hm", thought=True),
        types.Part(text="I look it up"),
        types.Part(
            function_call=types.FunctionCall(name="lookup", args={"who": ["Ann"]}, id="c1"),
            thought_signature=b"sig",
        ),
        types.Part(executable_code=types.ExecutableCode(code="print(1)", language="PYTHON")),
        types.Part(code_execution_result=types.CodeExecutionResult(output="1", outcome="OUTCOME_OK")),
    ]),
    types.Content(role="user", parts=[
        types.Part.from_function_response(name="lookup", response={"result": "a result"}),
    ]),
]  # fmt: skip


@pytest.mark.slow
def test_history_system_tools_and_files_are_read_as_the_sdk_writes_them():
    seen, result = send(
        lambda client: client.models.generate_content(
            model="gemini-2.5-pro",
            contents=HISTORY,
            config=types.GenerateContentConfig(
                system_instruction="be brief",
                cached_content="cachedContents/1",
                tools=[
                    types.Tool(function_declarations=[types.FunctionDeclaration(name="lookup")]),
                    types.Tool(google_search=types.GoogleSearch()),
                ],
                automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            ),
        )
    )
    assert result.candidates[0].content.parts[1].text == "Paris"  # the SDK takes the stand-in's answer
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert texts(reading, body) == [
        ("prompt", "system", "be brief"),
        ("prompt", "user", "what is this?"),
        ("answer", "assistant", "hm"),
        ("answer", "assistant", "I look it up"),
        ("tool_call", "assistant", "Ann"),
        ("tool_call", "assistant", "print(1)"),
        ("tool_result", "tool", "1"),
        ("tool_result", "tool", "a result"),
    ]
    assert [part.turn for part in reading.parts] == [None, 0, 1, 1, 1, 1, 1, 2]
    assert fixed(reading, body) == ["hm", "c2ln"]
    assert files(reading, body) == [
        ("eHg=", None, "image/png", None, "base64"),
        (
            "https://f.example/v1beta/files/abc",
            None,
            "application/pdf",
            "https://f.example/v1beta/files/abc",
            None,
        ),
        ("cachedContents/1", None, None, "cachedContents/1", None),
    ]
    assert calls(reading, body)[0] == ("lookup", {"who": ["Ann"]})
    assert [call.name for call in reading.calls] == ["lookup", "code_execution"]
    assert sorted(reading.tools) == ["googleSearch", "lookup"]
    assert reading.tools_path == ("tools",)
    assert (reading.model, reading.account, reading.streams) == ("gemini-2.5-pro", None, False)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c: c.models.count_tokens(model="m", contents="how many"), ["how many"]),
        (lambda c: c.models.embed_content(model="m", contents=["x", "y"], config={"title": "T"}),
         ["x", "T", "y", "T"]),
        (lambda c: c.caches.create(model="m", config={"contents": ["long"], "system_instruction": "s"}),
         ["s", "long"]),
        (lambda c: c.batches.create(model="m", src=[
            {"contents": [{"parts": [{"text": "q"}], "role": "user"}],
             "config": {"system_instruction": {"parts": [{"text": "s"}]}}}]), ["s", "q"]),
    ],
    ids=["countTokens", "batchEmbedContents", "cachedContents", "batchGenerateContent"],
)  # fmt: skip
def test_other_methods_of_the_gemini_api_are_read_as_the_sdk_writes_them(call, said):
    seen, _ = send(call, {"totalTokens": 3, "name": "batches/1", "embeddings": []})
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert [text for _, _, text in texts(reading, body)] == said
    assert reading.model == "m"


@pytest.mark.filterwarnings("ignore:The generate_images method")
@pytest.mark.parametrize(
    ("call", "said", "model"),
    [
        (lambda c: c.models.generate_content(model="m-1", contents="hi", config={"system_instruction": "s"}),
         ["s", "hi"], "m-1"),
        (lambda c: c.models.compute_tokens(model="m-1", contents="hi"), ["hi"], "m-1"),
        (lambda c: c.models.embed_content(model="text-embedding-005", contents=["x"], config={"title": "T"}),
         ["x", "T"], "text-embedding-005"),
        (lambda c: c.models.generate_images(model="imagen-9", prompt="draw"), ["draw"], "imagen-9"),
        (lambda c: c.caches.create(model="m-1", config={"contents": ["long"]}), ["long"], "m-1"),
    ],
    ids=["generateContent", "computeTokens", "predict", "images", "cachedContents"],
)  # fmt: skip
def test_vertex_ai_names_project_and_model_in_the_path(call, said, model):
    seen, _ = send(call, {"name": "n", "predictions": []}, vertex_of)
    body = seen.json()
    reading = read_request(seen.head(), body)
    assert [text for _, _, text in texts(reading, body)] == said
    assert (reading.model, reading.account) == (model, "proj-1")


def test_an_upload_is_announced_and_then_sent_as_the_sdk_does_it():
    about = {"file": {"name": "files/abc", "uri": "https://f.example/files/abc", "mimeType": "text/plain"}}

    def answer(method, path, headers, body):
        if "start" in headers["x-goog-upload-command"]:
            address = f"http://{headers['host']}/upload/v1beta/files?upload_id=u1"
            return 200, {"content-type": "application/json", "x-goog-upload-url": address}, b"{}"
        status = {"content-type": "application/json", "x-goog-upload-status": "final"}
        return 200, status, json.dumps(about).encode()

    with serve(answer) as (base, seen):
        client = client_of(base)
        config = {"mime_type": "text/plain", "display_name": "notes.txt"}
        made = client.files.upload(file=io.BytesIO(b"hello"), config=config)
        client.close()
    assert made.name == "files/abc"
    first, second = seen
    told = read_request(first.head(), first.json())
    assert [(file.path, file.name, file.media_type) for file in told.files] == [
        (("file",), "notes.txt", "text/plain")
    ]
    text = second.body.decode()
    sent = read_request(second.head(), text)
    assert [(part.path, part.direction.value) for part in sent.parts] == [((), "upload")]
    assert files(sent, text) == [("hello", None, "text/plain", None, "text")]
    known = read_answer(second.head(), about)
    assert [file.reference for file in known.files] == ["https://f.example/files/abc"]


def test_of_an_upload_that_is_no_text_the_type_is_told_and_of_its_start_without_a_body_nothing():
    data = post(
        "/upload/v1beta/files?upload_id=u", x_goog_upload_command="upload, finalize", content_type="a/b"
    )
    assert [(file.path, file.media_type, file.coding) for file in read_request(data, None).files] == [
        ((), "a/b", None)
    ]
    start = post("/upload/v1beta/files", x_goog_upload_command="start")
    assert read_request(start, None).files == ()


def test_a_document_for_a_file_search_store_is_named_in_the_body_itself():
    head = post("/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", x_goog_upload_command="start")
    reading = read_request(head, {"displayName": "plan.pdf", "mimeType": "application/pdf"})
    assert [(file.name, file.media_type) for file in reading.files] == [("plan.pdf", "application/pdf")]


def test_a_multipart_upload_has_its_name_in_json_and_its_file_behind():
    form = [
        {"name": None, "filename": None, "content_type": "application/json", "size": 9,
         "text": '{"file": {"displayName": "a.txt"}}'},
        {"name": None, "filename": None, "content_type": "text/plain", "text": "hello", "size": 5},
        {"name": None, "filename": "b.bin", "content_type": None, "text": None, "size": 5},
        7,
    ]  # fmt: skip
    reading = read_request(post("/upload/v1beta/files"), form)
    assert [(part.path, part.direction.value) for part in reading.parts] == [((1, "text"), "upload")]
    assert [(file.path, file.name) for file in reading.files] == [
        ((1, "text"), "a.txt"), ((2,), "b.bin"), ((3,), "a.txt")
    ]  # fmt: skip


def test_both_spellings_of_every_key_are_read_even_side_by_side():
    body = {
        "system_instruction": {"parts": [{"text": "s1"}]},
        "systemInstruction": {"parts": [{"text": "s2"}]},
        "contents": [
            {"role": "user", "parts": [
                {"inline_data": {"data": "eHg=", "mimeType": "a/b", "display_name": "n"}},
                {"file_data": {"fileUri": "gs://b/o"}, "inlineData": {"data": 5}},
                {"function_response": {"name": "f", "response": {"a": "b"}, "parts": [
                    {"inlineData": {"data": "eQ=="}}]}},
                {"audio_transcription": {"text": "spoken"}},
            ]},
            {"role": "model", "parts": [
                {"function_call": {"name": "f", "partial_args": [{"string_value": "piece"}]}},
                {"tool_call": {"tool_type": "SEARCH", "args": {"q": "asked"}}},
                {"tool_response": {"response": {"r": "given"}}},
                {"thought_signature": "c2ln"},
                {"executable_code": {"code": "x"}}, {"code_execution_result": {"output": "y"}},
            ]},
            {"role": "function", "parts": [{"text": "old style"}]},
        ],
        "cached_content": "cachedContents/2",
        "tools": [
            {"function_declarations": [{"name": "f"}]}, {"mcp_servers": [{"name": "w"}]}, {"urlContext": {}}
        ],
    }  # fmt: skip
    reading = read_request(GENERATE, body)
    assert [(direction, text) for direction, _, text in texts(reading, body)] == [
        ("prompt", "s2"),
        ("prompt", "s1"),
        ("tool_result", "b"),
        ("prompt", "spoken"),
        ("tool_call", "piece"),
        ("tool_call", "asked"),
        ("tool_result", "given"),
        ("tool_call", "x"),
        ("tool_result", "y"),
        ("tool_result", "old style"),
    ]
    assert [call.name for call in reading.calls] == ["f", "SEARCH", "code_execution"]
    assert fixed(reading, body) == ["c2ln"]
    assert files(reading, body) == [
        ("eHg=", "n", "a/b", None, "base64"),
        ("gs://b/o", None, None, "gs://b/o", None),
        ("eQ==", None, None, None, "base64"),
        ("cachedContents/2", None, None, "cachedContents/2", None),
    ]
    assert reading.tools == ("f", "w", "urlContext")


def test_contents_that_are_one_object_a_string_or_a_list_of_strings_are_read():
    for body, said in (
        ({"contents": {"role": "user", "parts": {"text": "one"}}}, ["one"]),
        ({"contents": "bare", "systemInstruction": "too"}, ["too", "bare"]),
        ({"contents": [{"parts": ["a", "b", 5]}]}, ["a", "b"]),
    ):
        assert [text for _, _, text in texts(read_request(GENERATE, body), body)] == said


def test_instances_tell_their_texts_and_files():
    body = {
        "instances": [
            {"prompt": "draw", "image": {"bytesBase64Encoded": "eHg=", "mimeType": "image/png"}, "id": "1"},
            {"content": "embed", "video": {"gcsUri": "gs://b/v"}, "task_type": "QUERY"},
            "bare",
        ],
        "parameters": {"negativePrompt": "no dogs", "aspectRatio": "1:1"},
    }
    reading = read_request(post("/v1/projects/p/locations/l/publishers/google/models/m:predict"), body)
    assert [text for _, _, text in texts(reading, body)] == ["draw", "embed", "bare", "no dogs"]
    assert files(reading, body) == [
        ("eHg=", None, "image/png", None, "base64"),
        ("gs://b/v", None, None, "gs://b/v", None),
    ]


def test_requests_in_requests_are_read_to_a_depth():
    batch = {"batch": {"inputConfig": {"requests": {"requests": [{"request": {"contents": "q"}}]}}}}
    assert [t for _, _, t in texts(read_request(GENERATE, batch), batch)] == ["q"]
    count = {"generateContentRequest": {"contents": "q"}}
    assert [t for _, _, t in texts(read_request(GENERATE, count), count)] == ["q"]
    listed = {"batch": {"input_config": {"file_name": "files/in"}}}
    assert [file.reference for file in read_request(GENERATE, listed).files] == ["files/in"]
    registered = {"uris": ["gs://b/o"]}
    assert [file.reference for file in read_request(post("/v1beta/files:register"), registered).files] == [
        "gs://b/o"
    ]
    deep: dict = {"contents": "q"}
    for _ in range(20):
        deep = {"request": deep}
    assert read_request(GENERATE, deep).parts == ()


def test_bodies_of_other_publishers_are_walked_and_other_unknown_ones_are_not():
    body = {"messages": [{"role": "user", "content": "hi"}], "model": "x"}
    head = post("/v1/projects/p/locations/l/publishers/mistralai/models/x:rawPredict")
    assert texts(read_request(head, body), body) == [("prompt", "user", "hi")]
    assert read_request(post("/v1beta/tunedModels"), body).parts == ()
    streamed = post("/v1/projects/p/locations/l/publishers/mistralai/models/x:streamRawPredict")
    assert read_request(streamed, body).streams is True


ASSIST = post("/v1internal:generateContent")


def test_code_assist_nests_request_and_answer():
    """Form: google-gemini/gemini-cli, packages/core/src/code_assist/converter.ts."""
    assert ASSIST.path.startswith(gemini.UNCONFIRMED_PATHS) and not gemini.UNCONFIRMED
    body = {
        "model": "gemini-2.5-pro",
        "project": "proj-2",
        "user_prompt_id": "p",
        "request": {
            "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            "systemInstruction": {"parts": [{"text": "s"}]},
            "tools": [{"functionDeclarations": [{"name": "f"}]}],
            "session_id": "s",
        },
    }
    reading = read_request(ASSIST, body)
    assert [text for _, _, text in texts(reading, body)] == ["s", "hi"]
    assert (reading.model, reading.account, reading.tools) == ("gemini-2.5-pro", "proj-2", ("f",))
    assert reading.tools_path == ("request", "tools")
    answer = {"response": ANSWER, "traceId": "t"}
    told = read_answer(ASSIST, answer)
    assert ("answer", "assistant", "Paris") in texts(told, answer)
    assert told.model == "gemini-of-the-test"
    counted = {"request": {"model": "models/m", "contents": []}}
    assert read_request(post("/v1internal:countTokens"), counted).model == "m"
    assert read_request(post("/v1internal:loadCodeAssist"), {"metadata": {"ideType": "X"}}).parts == ()


def test_a_whole_answer_has_texts_calls_sources_and_all_tokens():
    reading = read_answer(GENERATE, ANSWER)
    assert texts(reading, ANSWER) == [
        ("answer", "assistant", "thinking"),
        ("answer", "assistant", "Paris"),
        ("tool_call", "assistant", "Paris"),
        ("tool_call", "assistant", "print(1)"),
        ("tool_result", "tool", "1\n"),
        ("tool_call", "assistant", "capital of France"),
        ("tool_result", "tool", "Wiki"),
        ("tool_result", "tool", "Store"),
        ("tool_result", "tool", "a passage"),
        ("answer", "assistant", "Paris"),
    ]
    assert fixed(reading, ANSWER) == ["thinking", "c2ln"]
    assert calls(reading, ANSWER)[0] == ("lookup", {"city": "Paris"})
    assert (reading.model, reading.usage) == ("gemini-of-the-test", Usage(9, 24))


def test_an_answer_in_one_array_is_read_element_by_element():
    body = [ANSWER, {"candidates": [{"content": {"parts": [{"text": " too"}]}}]}]
    reading = read_answer(post("/v1beta/models/m:streamGenerateContent"), body)
    assert texts(reading, body)[-1] == ("answer", "assistant", " too")
    assert (reading.model, reading.usage) == ("gemini-of-the-test", Usage(9, 24))


def test_counts_predictions_and_errors_are_read():
    assert read_answer(GENERATE, {"totalTokens": 12}).usage == Usage(12)
    assert read_answer(GENERATE, {"usageMetadata": {}}).usage is None
    made = {
        "predictions": [{"bytesBase64Encoded": "eHg=", "mimeType": "image/png", "prompt": "drawn"}, "said"]
    }
    reading = read_answer(GENERATE, made)
    assert [text for _, _, text in texts(reading, made)] == ["drawn", "said"]
    assert files(reading, made) == [("eHg=", None, None, None, "base64")]
    assert read_answer(GENERATE, {"error": {"code": 403, "message": "no"}}).parts == ()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("models/m", "m"),
        ("projects/p/locations/l/publishers/google/models/m", "m"),
        ("m", "m"),
        ("", None),
        (5, None),
    ],
)
def test_a_model_is_named_by_the_last_part_of_its_resource(value, name):
    assert model_name(value) == name


def test_a_model_of_the_customers_own_is_named_by_the_path():
    tuned = post("/v1beta/tunedModels/mine:generateContent")
    deployed = post("/v1/projects/p/locations/l/endpoints/17:streamGenerateContent?alt=sse")
    assert read_request(tuned, {"contents": []}).model == "tunedModels/mine"
    assert read_request(deployed, {"contents": []}).model == "endpoints/17"


def test_the_project_that_is_billed_is_the_account_where_the_path_names_none():
    assert read_request(post("/v1beta/models/m:generateContent", x_goog_user_project="q"), {}).account == "q"


KEYS = set(
    """
    contents content parts role text thought thoughtSignature inlineData inline_data data mimeType fileData
    fileUri functionCall function_call args partialArgs stringValue jsonPath functionResponse response
    executableCode code codeExecutionResult output systemInstruction tools functionDeclarations name request
    requests batch instances bytesBase64Encoded gcsUri file displayName candidates groundingMetadata
    groundingChunks web title segment groundingSupports usageMetadata promptTokenCount cachedContent uris
    predictions audioTranscription willContinue model error finishReason index modelVersion fileName
    parameters negativePrompt
    """.split()
)
WORDS = {"user", "model", "function", "STOP", "image/png"}
PATHS = [
    "/v1beta/models/m:generateContent",
    "/v1beta/models/m:streamGenerateContent?alt=sse",
    "/upload/v1beta/files",
    "/v1/projects/p/locations/l/publishers/x/models/m:rawPredict",
    "/v1internal:generateContent",
]


@pytest.mark.slow
@hypothesis.given(bodies(KEYS, WORDS), st.sampled_from(PATHS))
def test_any_body_gives_a_reading_whose_places_hold_strings(body, path):
    check_reading(read_request(post(path), body), body)
    check_reading(read_answer(post(path), body), body)


@pytest.mark.slow
@hypothesis.given(bodies(KEYS, WORDS))
def test_any_part_gives_a_reading_whose_places_hold_strings(value):
    contents = [{"role": "user", "parts": value}, value]
    for body in (
        {"contents": contents, "tools": value, "instances": value, "file": value},
        {"contents": [{"role": "model", "parts": [{"functionCall": value, "functionResponse": value}]}]},
    ):
        check_reading(read_request(GENERATE, body), body)
    answer = {
        "candidates": [{"content": {"parts": value}, "groundingMetadata": value}],
        "usageMetadata": value,
    }
    check_reading(read_answer(GENERATE, answer), answer)
