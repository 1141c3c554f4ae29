"""Which dialect a request's head speaks: a table, and properties for any input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects import Dialect, is_navigation, model_in_path, recognise
from sensor.dialects.names import FAMILIES
from sensor.dialects.recognise import MAX_PATH

D = Dialect
SSE = {"accept": "application/json, text/event-stream"}

CASES = [
    # APIs, on their vendors' hosts
    ("api.openai.com", "POST", "/v1/chat/completions", {}, D.OPENAI_CHAT),
    ("api.openai.com", "POST", "/v1/responses", {}, D.OPENAI_RESPONSES),
    ("api.openai.com", "GET", "/v1/responses/resp_1/input_items", {}, D.OPENAI_RESPONSES),
    ("api.openai.com", "GET", "/v1/realtime?model=gpt-realtime", {"upgrade": "websocket"}, D.OPENAI_REALTIME),
    ("api.openai.com", "POST", "/v1/files", {}, D.OPENAI_FILES),
    ("api.openai.com", "POST", "/v1/uploads/upload_1/parts", {}, D.OPENAI_FILES),
    ("api.openai.com", "POST", "/v1/embeddings", {}, D.OPENAI_API),
    ("api.openai.com", "POST", "/v1/images/generations", {}, D.OPENAI_API),
    ("eu.api.openai.com", "GET", "/something/new", {}, D.OPENAI_API),
    ("api.anthropic.com", "POST", "/v1/messages?beta=true", {}, D.ANTHROPIC_MESSAGES),
    ("api.anthropic.com", "POST", "/v1/messages/count_tokens", {}, D.ANTHROPIC_MESSAGES),
    ("api.anthropic.com", "GET", "/v1/models", {"anthropic-version": "2023-06-01"}, D.ANTHROPIC_API),
    ("api.anthropic.com", "GET", "/v1/models", {}, D.ANTHROPIC_API),
    ("api.anthropic.com", "POST", "/v1/complete", {}, D.ANTHROPIC_API),
    ("api.anthropic.com", "POST", "/v1/chat/completions", {}, D.OPENAI_CHAT),
    ("generativelanguage.googleapis.com", "POST",
     "/v1beta/models/gemini-2.5-pro:generateContent", {}, D.GEMINI),
    ("generativelanguage.googleapis.com", "POST",
     "/v1beta/models/g:streamGenerateContent?alt=sse", {}, D.GEMINI),
    ("generativelanguage.googleapis.com", "POST", "/v1beta/openai/chat/completions", {}, D.OPENAI_CHAT),
    ("generativelanguage.googleapis.com", "GET", "/v1beta/files", {}, D.GEMINI),
    ("cloudcode-pa.googleapis.com", "POST", "/v1internal:streamGenerateContent", {}, D.GEMINI),
    ("europe-west1-aiplatform.googleapis.com", "POST",
     "/v1/projects/p/locations/europe-west1/publishers/google/models/gemini-2.5-flash:generateContent", {},
     D.GEMINI),
    ("us-east5-aiplatform.googleapis.com", "POST",
     "/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-x@20250101:streamRawPredict", {},
     D.VERTEX_ANTHROPIC),
    ("us-east5-aiplatform.googleapis.com", "GET", "/v1/projects/p", {}, D.GEMINI),
    ("aiplatform.eu.rep.googleapis.com", "GET", "/v1/projects/p", {}, D.GEMINI),
    ("res.openai.azure.com", "POST",
     "/openai/deployments/gpt-x/chat/completions?api-version=1", {}, D.OPENAI_CHAT),
    ("res.openai.azure.com", "POST", "/openai/deployments/e/embeddings", {}, D.OPENAI_API),
    ("res.openai.azure.com", "POST", "/openai/v1/responses", {}, D.OPENAI_RESPONSES),
    ("bedrock-runtime.eu-central-1.amazonaws.com", "POST",
     "/model/anthropic.claude-v2/converse-stream", {}, D.BEDROCK),
    ("bedrock-runtime.eu-central-1.amazonaws.com", "POST",
     "/model/arn%3Aaws%3Abedrock%3A1%3Aprofile%2Fx/invoke-with-response-stream", {}, D.BEDROCK),
    ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "GET", "/", {}, D.BEDROCK),
    ("vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com", "GET", "/", {}, D.BEDROCK),
    ("s3.us-east-1.amazonaws.com", "GET", "/", {}, None),
    ("api.mistral.ai", "POST", "/v1/chat/completions", {}, D.MISTRAL),
    ("api.mistral.ai", "POST", "/v1/conversations", {}, D.MISTRAL),
    ("api.mistral.ai", "GET", "/v1/models", {}, D.MISTRAL),
    ("api.cohere.com", "POST", "/v2/chat", {}, D.COHERE),
    ("api.cohere.com", "GET", "/v1/models", {}, D.COHERE),
    ("api.groq.com", "POST", "/openai/v1/chat/completions", {}, D.OPENAI_CHAT),
    ("openrouter.ai", "POST", "/api/v1/chat/completions", {}, D.OPENAI_CHAT),
    ("openrouter.ai", "POST", "/api/v1/responses", {}, D.OPENAI_RESPONSES),
    ("api.deepseek.com", "POST", "/chat/completions", {}, D.OPENAI_CHAT),
    ("api.x.ai", "POST", "/v1/chat/completions", {}, D.OPENAI_CHAT),
    ("api.business.githubcopilot.com", "POST", "/responses", {}, D.OPENAI_RESPONSES),
    ("api.githubcopilot.com", "GET", "/models", {}, D.OPENAI_API),
    # a gateway keeps the path and changes the host
    ("llm.gateway.example", "POST", "/anthropic/v1/messages", {}, D.ANTHROPIC_MESSAGES),
    ("llm.gateway.example", "POST", "/v1/chat/completions", {}, D.OPENAI_CHAT),
    ("llm.gateway.example", "GET", "/v1/models", {}, D.OPENAI_API),
    ("llm.gateway.example", "POST", "/v1beta/interactions", {}, D.GEMINI),
    ("llm.gateway.example", "POST", "/v1beta/tunedModels/x:generateContent", {}, D.GEMINI),
    ("llm.gateway.example", "POST", "/upload/v1beta/files", {}, D.GEMINI),
    ("llm.gateway.example", "POST", "/v1internal:countTokens", {}, D.GEMINI),
    ("llm.gateway.example", "GET",
     "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=x", {}, D.GEMINI),
    ("llm.gateway.example", "POST", "/v1/summarize", {}, D.COHERE),
    ("llm.gateway.example", "POST", "/model/arn:aws:bedrock:eu-west-1:1:profile/x/converse", {}, D.BEDROCK),
    ("api.openai.com", "POST", "/v1/conversations", {}, D.OPENAI_RESPONSES),
    ("files.oaiusercontent.com", "PUT", "/file-1?se=2026", {}, D.CHATGPT_WEB),
    ("ws.chatgpt.com", "GET", "/celsius/ws/user", {"upgrade": "websocket"}, D.CHATGPT_WEB),
    ("gemini.google.com", "POST", "/u/1/_/BardChatUi/data/batchexecute", {}, D.GEMINI_WEB),
    ("content-push.googleapis.com", "POST", "/upload/", {}, D.GEMINI_WEB),
    ("grok.com", "POST", "/http/upload-file-v2/direct", {}, D.GROK_WEB),
    # Ollama's paths are common words: they count on hosts of its kind only
    ("127.0.0.1:11434", "POST", "/api/chat", {}, D.OLLAMA),
    ("[::1]:11434", "POST", "/api/generate", {}, D.OLLAMA),
    ("fe80::1", "POST", "/api/generate", {}, D.OLLAMA),
    ("gpu.example:11434", "POST", "/api/chat", {}, D.OLLAMA),
    ("gpu-box", "POST", "/api/embed", {}, D.OLLAMA),
    ("llm.lan", "POST", "/api/tags", {}, D.OLLAMA),
    ("llm.example", "POST", "/api/chat", {"user-agent": "ollama-python/0.6.3"}, D.OLLAMA),
    ("ollama.com", "POST", "/api/chat", {}, D.OLLAMA),
    ("ollama.com", "GET", "/search", {}, D.OLLAMA),
    ("www.shop.example", "POST", "/api/chat", {}, None),
    # protocols with headers of their own
    ("tools.example", "POST", "/rpc", {"mcp-protocol-version": "2025-06-18"}, D.MCP),
    ("tools.example", "GET", "/rpc", {"mcp-session-id": ""}, D.MCP),
    ("tools.example", "POST", "/mcp/", SSE, D.MCP),
    ("tools.example", "GET", "/mcp", SSE, None),
    ("tools.example", "POST", "/mcp", {"accept": "text/html"}, None),
    ("agent.example", "POST", "/v1/message:stream", {}, D.A2A),
    ("agent.example", "POST", "/", {"a2a-version": "1.0"}, D.A2A),
    ("agent.example", "GET", "/.well-known/agent-card.json", {}, D.A2A),
    ("api2.cursor.sh", "POST", "/aiserver.v1.ChatService/StreamUnifiedChatWithTools",
     {"content-type": "application/connect+proto"}, D.CONNECT_STREAM),
    ("api2.cursor.sh", "POST", "/aiserver.v1.AiService/AvailableModels",
     {"content-type": "application/proto", "connect-protocol-version": "1"}, D.CONNECT),
    ("server.codeium.com", "POST", "/exa.api_server_pb.ApiServerService/GetChatMessage",
     {"content-type": "application/grpc+proto"}, D.GRPC),
    # web assistants
    ("chatgpt.com", "POST", "/backend-api/f/conversation", {}, D.CHATGPT_WEB),
    ("chatgpt.com", "POST", "/backend-anon/conversation", {}, D.CHATGPT_WEB),
    ("chatgpt.com", "POST", "/backend-api/codex/responses", {}, D.OPENAI_RESPONSES),
    ("chatgpt.com", "GET", "/", {}, D.CHATGPT_WEB),
    ("claude.ai", "POST", "/api/organizations/o/chat_conversations/c/completion", {}, D.CLAUDE_WEB),
    ("gemini.google.com", "POST", "/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate", {},
     D.GEMINI_WEB),
    ("copilot.microsoft.com", "GET", "/c/api/chat?api-version=2", {"upgrade": "websocket"}, D.COPILOT_WEB),
    ("substrate.office.com", "GET", "/m365Copilot/Chathub/o@t", {}, D.M365_COPILOT),
    ("substrate.office.com", "GET", "/owa", {}, None),
    ("www.perplexity.ai", "POST", "/rest/sse/perplexity_ask", {}, D.PERPLEXITY_WEB),
    ("api.perplexity.ai", "POST", "/chat/completions", {}, D.OPENAI_CHAT),
    ("chat.deepseek.com", "POST", "/api/v0/chat/completion", {}, D.DEEPSEEK_WEB),
    ("grok.com", "POST", "/rest/app-chat/conversations/1/responses", {}, D.GROK_WEB),
    ("poe.com", "POST", "/api/gql_POST", {}, D.POE_WEB),
    ("huggingface.co", "POST", "/chat/conversation/1", {}, D.HUGGINGCHAT),
    ("www.meta.ai", "POST", "/api/graphql/", {}, D.META_AI_WEB),
    # names that only look alike
    ("notchatgpt.com", "POST", "/backend-api/f/conversation", {}, None),
    ("chatgpt.com.evil.example", "GET", "/", {}, None),
    ("CHATGPT.com.", "GET", "/", {}, D.CHATGPT_WEB),
    (None, "POST", "/v1/chat/completions", {}, D.OPENAI_CHAT),
    (None, "GET", "/", {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("host", "method", "path", "headers", "expected"), CASES)
def test_a_head_is_recognised(host, method, path, headers, expected):
    assert recognise(host, method, path, tuple(headers.items())) is expected


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1beta/models/gemini-2.5-pro:generateContent?alt=sse", "gemini-2.5-pro"),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@1:rawPredict", "claude-x@1"),
        ("/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:streamGenerateContent",
         "gemini-2.5-flash"),
        ("/model/anthropic.claude-v2%3A1/invoke", "anthropic.claude-v2:1"),
        ("/model/arn%3Aaws%3Abedrock%3Aeu%3A1%3Aprofile%2Fx/converse", "arn:aws:bedrock:eu:1:profile/x"),
        ("/openai/deployments/our-gpt/chat/completions?api-version=1", "our-gpt"),
        ("/v1/chat/completions", None),
        ("/v1internal:generateContent", None),
        ("/v1/models/::generateContent", None),
        ("/", None),
    ],
)  # fmt: skip
def test_the_model_is_taken_from_the_path_where_it_stands_there(path, model):
    assert model_in_path(path) == model


CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "destination", "expected"),
    [
        (CHROME, "document", True),
        ("text/html", "document", True),
        ("application/xhtml+xml;q=0.9, application/json;q=0.1", "document", True),
        ("application/json, text/html;q=0.9", "document", False),
        ("text/html;q=nonsense", "document", False),
        ("text/html;level=1;q=1.000", "document", True),
        ("*/*", "document", False),
        ("", "document", False),
        (None, "document", False),
        (CHROME, "empty", False),
        (CHROME, "iframe", False),
        (CHROME, None, False),
    ],
)
def test_only_a_navigation_gets_a_page(accept, destination, expected):
    headers = [("accept", accept), ("sec-fetch-dest", destination)]
    assert is_navigation([(name, value) for name, value in headers if value is not None]) is expected


def test_every_dialect_has_a_family():
    assert set(FAMILIES) == set(Dialect)


def test_a_long_path_is_looked_at_in_part():
    assert recognise(None, "POST", "/" + "x" * MAX_PATH + "/v1/chat/completions", ()) is None


@given(
    host=st.none() | st.text(),
    method=st.text(max_size=8),
    path=st.text(),
    headers=st.lists(st.tuples(st.text(), st.text())),
)
def test_any_head_gives_a_dialect_or_none(host, method, path, headers):
    assert recognise(host, method, path, headers) in {None, *Dialect}
    assert is_navigation(headers) in (True, False)
    model_in_path(path)


@given(st.lists(st.sampled_from(["/models/", ":", "a", "/model/", "/publishers/anthropic/", "/v1/", "%2F"])))
def test_any_path_made_of_our_words_is_read(pieces):
    path = "".join(pieces)
    assert recognise("api.example", "POST", path, ()) in {None, *Dialect}
    model = model_in_path(path)
    assert model is None or model
