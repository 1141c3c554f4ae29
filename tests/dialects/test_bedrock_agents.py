"""Counts, guardrails, agents and knowledge bases of Bedrock, by boto3 against a stand-in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sensor.dialects import bedrock as dialect
from sensor.dialects.bedrock import close_bytes
from sensor.dialects.reading import JSON, Usage
from tests.dialects.bedrock_asking import (
    DATA,
    ENCODED,
    PROFILE,
    ask,
    client,
    stream_answer,
    texts,
)
from tests.dialects.standin import json_answer, serve
from tests.dialects.stream_checks import (
    Played,
    check_carrying,
    check_every_cut,
    closed,
    files,
    post,
)

__all__ = ["closed"]

# ------------------------------------------------------- count tokens, async, guardrails, agents


def test_tokens_are_counted_of_a_body_in_base64(closed):
    inner = {
        "anthropic_version": "bedrock-2023-05-31",
        "messages": [{"role": "user", "content": "Who is Ada?"}],
    }
    made, seen = ask(
        closed,
        lambda c: c.count_tokens(modelId="m", input={"invokeModel": {"body": json.dumps(inner)}}),
        json_answer({"inputTokens": 5}),
    )
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert texts(reading, body) == [("prompt", "Who is Ada?")]
    assert reading.parts[0].path[:4] == ("input", "invokeModel", "body", JSON)
    assert dialect.read_answer(seen.head(), {"inputTokens": made["inputTokens"]}).usage == Usage(5, None)
    assert dialect.read_answer(seen.head(), {}).usage is None


def test_tokens_are_counted_of_a_conversation(closed):
    given = {
        "converse": {
            "messages": [{"role": "user", "content": [{"text": "hi"}]}],
            "toolConfig": {"tools": [{"systemTool": {"name": "nova_grounding"}}]},
        }
    }
    _, seen = ask(closed, lambda c: c.count_tokens(modelId="m", input=given), json_answer({"inputTokens": 1}))
    reading = dialect.read_request(seen.head(), seen.json())
    assert texts(reading, seen.json()) == [("prompt", "hi")]
    assert reading.tools_path == ("input", "converse", "toolConfig", "tools")


def test_an_asynchronous_call_brings_a_native_body(closed):
    given = {"taskType": "TEXT_VIDEO", "textToVideoParams": {"text": "a cat"}}
    place = {"s3OutputDataConfig": {"s3Uri": "s3://bucket"}}
    _, seen = ask(
        closed,
        lambda c: c.start_async_invoke(modelId=PROFILE, modelInput=given, outputDataConfig=place),
        json_answer({"invocationArn": "arn:aws:bedrock:eu-central-1:123456789012:async-invoke/abcdefghijkl"}),
    )
    reading = dialect.read_request(seen.head(), seen.json())
    assert texts(reading, seen.json()) == [("prompt", "a cat")]
    assert (reading.model, reading.account, reading.streams) == (PROFILE, "123456789012", False)


@pytest.mark.parametrize(("source", "direction"), [("INPUT", "prompt"), ("OUTPUT", "answer")])
def test_a_guardrail_is_given_texts_and_pictures(closed, source, direction):
    picture = {"image": {"format": "png", "source": {"bytes": DATA}}}
    answer = {"usage": {}, "action": "NONE", "outputs": [{"text": "masked"}], "assessments": []}
    _, seen = ask(
        closed,
        lambda c: c.apply_guardrail(
            guardrailIdentifier="gr",
            guardrailVersion="1",
            source=source,
            content=[{"text": {"text": "Who is Ada?"}}, picture],
        ),
        json_answer(answer),
    )
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert texts(reading, body) == [(direction, "Who is Ada?")]
    assert files(reading, body) == [(ENCODED, None, "image/png", None, "base64")]
    assert texts(dialect.read_answer(seen.head(), answer), answer) == [("answer", "masked")]


def test_guardrail_checks_are_given_a_conversation():
    body = {
        "messages": [
            {"role": "user", "content": [{"text": "hi"}]},
            {"role": "assistant", "content": [{"text": "yes"}, {"image": {"source": {"bytes": "AA=="}}}]},
        ]
    }
    reading = dialect.read_request(post("/guardrail-checks/invoke"), body)
    assert texts(reading, body) == [("prompt", "hi"), ("answer", "yes")]
    assert files(reading, body) == [("AA==", None, None, None, "base64")]


STATE: Any = {
    "conversationHistory": {
        "messages": [
            {"role": "user", "content": [{"text": "before"}]},
            {"role": "assistant", "content": [{"text": "said"}]},
        ]
    },
    "files": [
        {
            "name": "a.csv",
            "source": {"sourceType": "BYTE_CONTENT", "byteContent": {"data": DATA, "mediaType": "text/csv"}},
            "useCase": "CHAT",
        },
        {"name": "b", "source": {"sourceType": "S3", "s3Location": {"uri": "s3://b/k"}}, "useCase": "CHAT"},
    ],
    "promptSessionAttributes": {"who": "Ada"},
    "sessionAttributes": {"team": "A"},
    "invocationId": "i",
    "returnControlInvocationResults": [
        {
            "functionResult": {
                "actionGroup": "g",
                "function": "find",
                "responseBody": {"TEXT": {"body": "found"}},
            }
        }
    ],
}
REFERENCES: Any = [
    {"content": {"text": "a passage"}},
    {"content": {"row": [{"columnName": "n", "columnValue": "v"}]}},
]
CITED: Any = {
    "generatedResponsePart": {"textResponsePart": {"text": "It is"}},
    "retrievedReferences": REFERENCES,
}
AGENT_STREAM: Any = [
    ("trace", {"sessionId": "s1", "trace": {"orchestrationTrace": {"rationale": {"text": "why"}}}}),
    ("chunk", {"bytes": close_bytes("It is ")}),
    ("chunk", {"bytes": close_bytes("Adä\n"), "attribution": {"citations": [CITED]}}),
    (
        "returnControl",
        {
            "invocationId": "i",
            "invocationInputs": [
                {
                    "functionInvocationInput": {
                        "actionGroup": "g",
                        "function": "mail",
                        "parameters": [{"name": "to", "type": "string", "value": "ada@example.test"}],
                    }
                },
                {"apiInvocationInput": {"actionGroup": "g", "apiPath": "/find", "httpMethod": "GET"}},
            ],
        },
    ),
    ("files", {"files": [{"name": "f", "type": "text/csv", "bytes": "AA=="}]}),
]


def test_an_agent_is_asked_with_a_session_and_answers_in_plain_text(closed):
    with serve(lambda *_: stream_answer(AGENT_STREAM)) as (url, requests):
        answer = closed(client(url, "bedrock-agent-runtime")).invoke_agent(
            agentId="AGENT1", agentAliasId="ALIAS1", sessionId="s1", inputText="Who?", sessionState=STATE
        )
        made = list(closed(answer["completion"]))
        seen = requests[0]
    body = seen.json()
    reading = dialect.read_request(seen.head(), body)
    assert [(direction, text) for direction, text in texts(reading, body) if text not in ("g", "find")] == [
        ("prompt", "Who?"),
        ("prompt", "before"),
        ("answer", "said"),
        ("prompt", "Ada"),
        ("prompt", "A"),
        ("tool_result", "found"),
    ]
    assert files(reading, body) == [
        (ENCODED, "a.csv", "text/csv", None, "base64"),
        ("s3://b/k", "b", None, "s3://b/k", None),
    ]
    assert (reading.conversation, reading.streams, reading.signed) == ("s1", True, True)
    played = Played(dialect.stream(seen.head()), AGENT_STREAM)
    assert played.lanes == {("agent",): "It is Adä\n"}
    assert b"".join(event["chunk"]["bytes"] for event in made if "chunk" in event).decode() == "It is Adä\n"
    whole = [(direction, text) for _, direction, text in played.whole]
    assert whole[:4] == [("answer", "why"), ("answer", "It is"), ("answer", "a passage"), ("answer", "v")]
    assert ("tool_call", "ada@example.test") in whole and played.calls == ["mail", "/find"]


def test_an_inline_agent_brings_its_model_instruction_and_tools(closed):
    with serve(lambda *_: stream_answer([])) as (url, requests):
        answer = closed(client(url, "bedrock-agent-runtime")).invoke_inline_agent(
            sessionId="s2",
            foundationModel="anthropic.claude",
            instruction="You are an agent that looks people up for the user.",
            inputText="Who?",
            actionGroups=[
                {"actionGroupName": "people", "actionGroupExecutor": {"customControl": "RETURN_CONTROL"}}
            ],
        )
        closed(answer["completion"])
        seen = requests[0]
    reading = dialect.read_request(seen.head(), seen.json())
    assert [text for _, text in texts(reading, seen.json())] == [
        "Who?",
        "You are an agent that looks people up for the user.",
    ]
    assert (reading.model, reading.tools, reading.conversation) == ("anthropic.claude", ("people",), "s2")
    assert reading.tools_path == ("actionGroups",)


KNOWLEDGE: Any = {
    "type": "KNOWLEDGE_BASE",
    "knowledgeBaseConfiguration": {"knowledgeBaseId": "KB1", "modelArn": PROFILE},
}
EXTERNAL: Any = {
    "type": "EXTERNAL_SOURCES",
    "externalSourcesConfiguration": {
        "modelArn": PROFILE,
        "sources": [
            {
                "sourceType": "BYTE_CONTENT",
                "byteContent": {"data": DATA, "contentType": "text/csv", "identifier": "a.csv"},
            }
        ],
    },
}


@pytest.mark.parametrize(("settings", "count"), [(KNOWLEDGE, 0), (EXTERNAL, 1)])
def test_a_knowledge_base_answers_whole(closed, settings, count):
    answer = {"sessionId": "s3", "output": {"text": "It is Ada"}, "citations": [CITED]}
    made, seen = ask(
        closed,
        lambda c: c.retrieve_and_generate(input={"text": "Who?"}, retrieveAndGenerateConfiguration=settings),
        json_answer(answer),
        service="bedrock-agent-runtime",
    )
    reading = dialect.read_request(seen.head(), seen.json())
    assert texts(reading, seen.json()) == [("prompt", "Who?")] and len(reading.files) == count
    assert (reading.model, reading.account, reading.streams) == (PROFILE, "123456789012", False)
    whole = dialect.read_answer(seen.head(), answer)
    assert [text for _, text in texts(whole, answer)] == ["It is Ada", "It is", "a passage", "v"]
    assert (whole.conversation, made["output"]["text"]) == ("s3", "It is Ada")


def test_a_knowledge_base_answers_in_a_stream(closed):
    frames: Any = [
        ("output", {"text": "It is "}),
        ("output", {"text": "Ada"}),
        ("citation", {"citation": CITED}),
        ("guardrail", {"action": "NONE"}),
    ]
    with serve(lambda *_: stream_answer(frames)) as (url, requests):
        answer = closed(client(url, "bedrock-agent-runtime")).retrieve_and_generate_stream(
            input={"text": "Who?"}, retrieveAndGenerateConfiguration=KNOWLEDGE, sessionId="s4"
        )
        assert (
            "".join(event["output"]["text"] for event in closed(answer["stream"]) if "output" in event)
            == "It is Ada"
        )
        seen = requests[0]
    reading = dialect.read_request(seen.head(), seen.json())
    assert (reading.streams, reading.conversation) == (True, "s4")
    played = Played(dialect.stream(seen.head()), frames)
    assert played.lanes == {("output",): "It is Ada"}
    assert [text for _, _, text in played.whole] == ["It is", "a passage", "v"]
    check_carrying(lambda: dialect.stream(seen.head()), frames)


@pytest.mark.parametrize(
    ("path", "body", "asked"),
    [
        ("/knowledgebases/K/retrieve", {"retrievalQuery": {"text": "q"}}, [("prompt", "q")]),
        ("/generateQuery", {"queryGenerationInput": {"text": "q", "type": "TEXT"}}, [("prompt", "q")]),
        (
            "/optimize-prompt",
            {"input": {"textPrompt": {"text": "q"}}, "targetModelId": "m"},
            [("prompt", "q")],
        ),
        ("/flows/F/aliases/A", {"inputs": [{"content": {"document": {"who": "q"}}}]}, [("prompt", "q")]),
        (
            "/agenticRetrieveStream",
            {"messages": [{"role": "user", "content": {"text": "q"}}]},
            [("prompt", "q")],
        ),
        (
            "/rerank",
            {
                "queries": [{"textQuery": {"text": "q"}}],
                "sources": [
                    {"inlineDocumentSource": {"textDocument": {"text": "d"}}},
                    {"inlineDocumentSource": {"jsonDocument": {"t": "j"}}},
                ],
            },
            [("prompt", "q"), ("upload", "d"), ("upload", "j")],
        ),
    ],
)
def test_the_other_operations_of_the_agent_runtime_are_read(path, body, asked):
    assert texts(dialect.read_request(post(path), body), body) == asked


def test_the_other_answers_of_the_agent_runtime_are_read():
    body = {
        "retrievalResults": REFERENCES,
        "results": [{"document": {"textDocument": {"text": "d"}}}],
        "queries": [{"sql": "SELECT 1"}],
    }
    reading = dialect.read_answer(post("/knowledgebases/K/retrieve"), body)
    assert [text for _, text in texts(reading, body)] == ["a passage", "v", "d", "SELECT 1"]
    frames: Any = [
        ("flowOutputEvent", {"content": {"document": "done"}, "nodeName": "n"}),
        ("optimizedPromptEvent", {"optimizedPrompt": {"textPrompt": {"text": "better"}}}),
        ("flowCompletionEvent", {"completionReason": "SUCCESS"}),
    ]
    played = Played(dialect.stream(post("/flows/F/aliases/A")), frames)
    assert [text for _, _, text in played.whole] == ["done", "better"] and played.frames[-1].ends_all


def test_a_stream_cut_at_every_byte_has_the_same_lanes():
    frames = AGENT_STREAM[1:3]
    check_every_cut(lambda: dialect.stream(post("/agents/s")), frames)
    check_carrying(lambda: dialect.stream(post("/agents/s")), frames)
