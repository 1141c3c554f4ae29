"""
The Live API: messages that google-genai exchanges with a WebSocket stand-in on loopback, and every kind of
message of its types.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import ssl

import hypothesis
import hypothesis.strategies as st
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google import genai
from google.genai import types
from websockets.asyncio.server import serve as serve_websocket

from sensor.dialects.gemini import read_message, stream
from sensor.dialects.picking import at
from sensor.dialects.reading import Framing, Usage
from tests.dialects.told import (
    Played,
    bodies,
    calls,
    check_frame,
    check_reading,
    cuts,
    files,
    flushed,
    post,
    texts,
)

HEAD = post("/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=none")

TURN = [
    {"serverContent": {"inputTranscription": {"text": "what is "}}},
    {"serverContent": {"inputTranscription": {"text": "it?", "finished": True}}},
    {"serverContent": {"modelTurn": {"role": "model", "parts": [{"text": "hm", "thought": True}]}}},
    {"serverContent": {"modelTurn": {"role": "model", "parts": [{"text": "Bon"}]}}},
    {"serverContent": {"modelTurn": {"role": "model", "parts": [{"text": "jour"}]}}},
    {"serverContent": {"outputTranscription": {"text": "Bonjour"}}},
    {"serverContent": {"generationComplete": True}},
    {"toolCall": {"functionCalls": [{"id": "c1", "name": "lookup", "args": {"who": "Zoë"}}]}},
    {"sessionResumptionUpdate": {"newHandle": "h2", "resumable": True}},
    {
        "serverContent": {"turnComplete": True},
        "usageMetadata": {"promptTokenCount": 5, "responseTokenCount": 7, "totalTokenCount": 12},
    },
]


def loopback_tls(folder) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server on loopback and for a client that trusts it: the SDK speaks TLS alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + chain)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=chain.decode())


async def talk(folder) -> tuple[str, list, list]:
    """A session of the SDK with the stand-in: its path, what it sent, what it received."""
    server_tls, client_tls = loopback_tls(folder)
    heard: list = []
    paths: list[str] = []

    async def answer(socket):
        paths.append(socket.request.path)
        heard.append(json.loads(await socket.recv()))
        await socket.send(json.dumps({"setupComplete": {}}).encode())
        for _ in range(3):
            heard.append(json.loads(await socket.recv()))
        for message in TURN:
            await socket.send(json.dumps(message).encode())
        await socket.wait_closed()

    async with serve_websocket(answer, "127.0.0.1", 0, ssl=server_tls) as server:
        port = server.sockets[0].getsockname()[1]
        options = {
            "base_url": f"https://127.0.0.1:{port}",
            "api_version": "v1beta",
            "async_client_args": {"ssl": client_tls},
        }
        client = genai.Client(api_key="none", http_options=options)
        config = types.LiveConnectConfig(
            response_modalities=[types.Modality.TEXT],
            system_instruction="be brief",
            tools=[types.Tool(function_declarations=[types.FunctionDeclaration(name="lookup")])],
            session_resumption=types.SessionResumptionConfig(handle="h1"),
        )
        async with client.aio.live.connect(model="gemini-live-9", config=config) as session:
            turn = types.Content(role="user", parts=[types.Part(text="hello")])
            await session.send_client_content(turns=[turn], turn_complete=True)
            await session.send_realtime_input(text="as I speak")
            response = types.FunctionResponse(id="c1", name="lookup", response={"result": "found"})
            await session.send_tool_response(function_responses=[response])
            received = [message async for message in session.receive()]
        client.close()
    return paths[0], heard, received


@pytest.mark.slow
def test_a_session_is_read_as_the_sdk_holds_it(tmp_path):
    path, heard, received = asyncio.run(talk(tmp_path))
    head = post(path)
    setup, content, spoken, tool = (read_message(head, value, True) for value in heard)
    assert texts(setup, heard[0]) == [("prompt", "system", "be brief")]
    assert (setup.model, setup.tools, setup.tools_path) == ("gemini-live-9", ("lookup",), ("setup", "tools"))
    assert (setup.conversation, setup.streams) == ("h1", True)
    assert texts(content, heard[1]) == [("prompt", "user", "hello")]
    assert texts(spoken, heard[2]) == [("prompt", "user", "as I speak")]
    assert texts(tool, heard[3]) == [("tool_result", "tool", "found")]

    reader = stream(head)
    assert reader.framing is Framing.WEBSOCKET
    played = Played(reader, ((None, message) for message in [{"setupComplete": {}}, *TURN]))
    said = "".join(
        part.text
        for message in received
        if message.server_content and message.server_content.model_turn
        for part in message.server_content.model_turn.parts
        if part.text and not part.thought
    )
    assert played.lanes == {"heard": "what is it?", "thought": "hm", "text": said, "said": "Bonjour"}
    assert said == "Bonjour"
    assert played.whole == [("tool_call", "Zoë")]
    assert played.calls == ["lookup"]
    assert played.fixed == {"thought"}
    assert played.ended == ["heard", "text", "thought"]
    last = played.frames[-1]
    assert (last.ends_all, last.usage) == (True, Usage(5, 7))
    assert [frame.conversation for frame in played.frames if frame.conversation] == ["h2"]


def test_a_flush_goes_on_in_each_lane():
    reader = stream(HEAD)
    Played(reader, ((None, message) for message in TURN[:6]))
    for lane, path in (
        ("text", ("serverContent", "modelTurn", "parts", 0, "text")),
        ("thought", ("serverContent", "modelTurn", "parts", 0, "text")),
        ("said", ("serverContent", "outputTranscription", "text")),
    ):
        _, made = flushed(reader, lane, "held")
        assert at(made, *path) == "held"
        (grown,) = stream(HEAD).read(None, made).texts
        assert (grown.lane, grown.path) == (lane, path)
    assert reader.flush("heard", "x") is None  # over


def test_a_lane_is_the_same_wherever_its_text_is_cut():
    for left, right in cuts("Zoë\n"):
        frames = [
            (None, {"server_content": {"model_turn": {"parts": [{"text": text}]}}}) for text in (left, right)
        ]
        assert Played(stream(HEAD), frames).lanes == {"text": "Zoë\n"}


def test_an_interruption_ends_the_turn():
    assert stream(HEAD).read(None, {"serverContent": {"interrupted": True}}).ends_all
    assert not stream(HEAD).read(None, {"goAway": {"timeLeft": "5s"}}).ends_all


def test_sound_and_pictures_are_files_and_a_context_may_change():
    value = {
        "realtime_input": {
            "media_chunks": [{"data": "eHg=", "mime_type": "audio/pcm"}],
            "audio": {"data": "eA==", "mimeType": "audio/pcm"},
            "video": {"data": "eQ==", "mimeType": "image/jpeg"},
        },
        "contextUpdate": {
            "systemInstruction": {"parts": [{"text": "now be long"}]},
            "tools": {"tools": [{"googleSearch": {}}]},
        },
    }
    reading = read_message(HEAD, value, True)
    assert [(content, media) for content, _, media, _, _ in files(reading, value)] == [
        ("eA==", "audio/pcm"),
        ("eQ==", "image/jpeg"),
        ("eHg=", "audio/pcm"),
    ]
    assert texts(reading, value) == [("prompt", "system", "now be long")]
    assert (reading.tools, reading.tools_path) == (("googleSearch",), ("contextUpdate", "tools", "tools"))


def test_on_vertex_ai_the_model_names_the_project():
    model = "projects/proj-1/locations/l/publishers/google/models/m"
    reading = read_message(HEAD, {"setup": {"model": model}}, True)
    assert (reading.model, reading.account) == ("m", "proj-1")
    assert read_message(post("/ws", x_goog_user_project="q"), {"setup": {}}, True).account == "q"


def test_parts_and_transcriptions_without_text_grow_no_lane():
    code = {"parts": [{"executableCode": {"code": "print(1)"}}, 5]}
    value = {"serverContent": {"modelTurn": code, "outputTranscription": {"finished": True}}}
    played = Played(stream(HEAD), [(None, value)])
    assert (played.lanes, played.ended, played.whole) == ({}, [], [("tool_call", "print(1)")])
    assert played.calls == ["code_execution"]


def test_a_message_of_the_server_can_be_read_as_a_whole():
    value = {
        "serverContent": {
            "modelTurn": {"parts": [{"text": "a"}]},
            "inputTranscription": {"text": "b"},
            "interimInputTranscription": {"text": "c"},
            "outputTranscription": {"text": "d"},
            "groundingMetadata": {"webSearchQueries": ["e"]},
        },
        "toolCall": {"functionCalls": [{"name": "f", "args": {"x": "y"}}]},
        "usageMetadata": {"promptTokenCount": 1},
    }
    reading = read_message(HEAD, value, False)
    assert [(direction, text) for direction, _, text in texts(reading, value)] == [
        ("answer", "a"),
        ("prompt", "b"),
        ("answer", "d"),
        ("tool_call", "e"),
        ("prompt", "c"),
        ("tool_call", "y"),
    ]
    assert calls(reading, value) == [("f", {"x": "y"})]
    assert reading.usage == Usage(1)


KEYS = set(
    """
    setup model systemInstruction tools sessionResumption handle clientContent turns realtimeInput text
    mediaChunks audio toolResponse functionResponses response contextUpdate serverContent modelTurn parts
    thought inputTranscription outputTranscription interimInputTranscription finished generationComplete
    turnComplete toolCall functionCalls name args usageMetadata sessionResumptionUpdate newHandle data role
    """.split()
)


@pytest.mark.slow
@hypothesis.given(st.lists(bodies(KEYS, {"user", "model"}), max_size=4), st.booleans())
def test_any_message_is_read_whoever_sends_it(values, from_client):
    reader = stream(HEAD)
    for value in values:
        check_reading(read_message(HEAD, value, from_client), value)
        frame = reader.read(None, value)
        check_frame(frame, value)
        for text in frame.texts:
            made = reader.flush(text.lane, "held")
            assert made is None or len(stream(HEAD).read(None, made[1]).texts) == 1
