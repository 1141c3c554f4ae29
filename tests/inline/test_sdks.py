"""The vendors' own SDKs through the proxy: a refusal is their own error, an answer is read as ever."""

import contextlib
import importlib

import pytest

from sensor.standin.answers import TEXT

pytestmark = pytest.mark.slow

MESSAGES = [{"role": "user", "content": "hello"}]
SAID = "Ask the IT desk. Nothing was sent. (Rule: no-blocked)"


@pytest.fixture(scope="module")
def door(make_door):
    return make_door()


@pytest.fixture
def client_of(door):
    """``client_of("openai", "OpenAI", base_url=…)``: a client of an SDK that goes through the proxy."""
    with contextlib.ExitStack() as stack:

        def make(sdk, name, **more):
            module = pytest.importorskip(sdk)
            base = vars(importlib.import_module(f"{sdk}._base_client"))
            httpx = base.get("httpx2") or base["httpx"]  # it changed its name; the SDK takes its own only
            http_client = httpx.Client(proxy=door.url, verify=door.context(), timeout=20)
            stack.enter_context(http_client)
            return getattr(module, name)(api_key="sk-none", http_client=http_client, max_retries=3, **more)

        yield make


@pytest.fixture
def openai(client_of):
    return lambda host: client_of("openai", "OpenAI", base_url=f"https://{host}/v1")


@pytest.fixture
def anthropic(client_of):
    return lambda host: client_of("anthropic", "Anthropic", base_url=f"https://{host}")


@pytest.fixture
def gemini(door):
    genai = pytest.importorskip("google.genai")
    made = []

    def make(host):
        options = genai.types.HttpOptions(
            base_url=f"https://{host}", client_args={"proxy": door.url, "verify": door.context()}
        )
        made.append(genai.Client(api_key="none", http_options=options))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_openai_chat(openai, door):
    client = openai("ai.example")
    assert client.chat.completions.create(model="m", messages=MESSAGES).choices[0].message.content == TEXT
    stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == TEXT


def test_openai_responses(openai):
    client = openai("ai.example")
    assert client.responses.create(model="m", input="hello").output_text == TEXT
    events = list(client.responses.create(model="m", input="hello", stream=True))
    assert events[-1].type == "response.completed" and events[-1].response.output_text == TEXT


@pytest.mark.parametrize("stream", [False, True])
def test_openai_shows_its_permission_error_once(openai, door, stream):
    module = pytest.importorskip("openai")
    recorded = len(door.kept.events)
    for call in (
        lambda client: client.chat.completions.create(model="m", messages=MESSAGES, stream=stream),
        lambda client: client.responses.create(model="m", input="hello", stream=stream),
    ):
        with pytest.raises(module.PermissionDeniedError) as raised:
            call(openai("blocked.example"))
        assert raised.value.body["message"] == SAID and raised.value.code == "blocked_by_policy"
    requests = [event for event in door.kept.events[recorded:] if event.kind == "request"]
    assert len(requests) == 2, "it was not tried again"
    assert door.reached("blocked.example") == []


def test_anthropic_messages(anthropic):
    client = anthropic("ai.example")
    asked = {"model": "m", "max_tokens": 9, "messages": MESSAGES}
    assert client.messages.create(**asked).content[0].text == TEXT
    with client.messages.stream(**asked) as stream:
        assert stream.get_final_text() == TEXT


def test_anthropic_shows_its_permission_error_once(anthropic, door):
    module = pytest.importorskip("anthropic")
    recorded = len(door.kept.events)
    with pytest.raises(module.PermissionDeniedError) as raised:
        anthropic("blocked.example").messages.create(model="m", max_tokens=9, messages=MESSAGES)
    assert raised.value.body["error"] == {"type": "permission_error", "message": SAID}
    assert len([event for event in door.kept.events[recorded:] if event.kind == "request"]) == 1
    assert door.reached("blocked.example") == []


def test_gemini(gemini):
    client = gemini("ai.example")
    assert client.models.generate_content(model="m", contents="hello").text == TEXT
    stream = client.models.generate_content_stream(model="m", contents="hello")
    assert "".join(chunk.text for chunk in stream) == TEXT


def test_gemini_shows_its_client_error(gemini, door):
    errors = pytest.importorskip("google.genai.errors")
    client = gemini("blocked.example")
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model="m", contents="hello")
    assert (raised.value.code, raised.value.status, raised.value.message) == (403, "PERMISSION_DENIED", SAID)
    with pytest.raises(errors.ClientError):
        list(client.models.generate_content_stream(model="m", contents="hello"))
    assert door.reached("blocked.example") == []


def test_ollama_shows_its_response_error(door):
    """The body of the client that is not installed here: ``{"error": …}`` with the status."""
    status, headers, body = door.ask(
        "blocked.example", "/api/chat", headers={"user-agent": "ollama-python/0.6.3"}
    )
    assert (status, headers["Content-Type" if "Content-Type" in headers else "content-type"]) == (
        403, "application/json",
    )  # fmt: skip
    assert body == b'{"error":"' + SAID.encode() + b'"}'
