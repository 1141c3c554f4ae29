"""Each mark of an account on the hosts where it means something and on no other; keys by class alone."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects.accounts import (
    CORPORATE_PLANS,
    HMAC_HEX,
    MAX_ID,
    MAX_VALUE,
    PERSONAL_PLANS,
    Account,
    Kind,
    Mark,
    key_class,
    read_account,
    token_claims,
)
from sensor.dialects.reading import RequestHead

SECRET = b"k" * 32
OURS = "437adf77-4085-4b22-b7b1-de7b6f5ec6c0"
THEIRS = "550e8400-e29b-41d4-a716-446655440000"
CHAT = "/backend-api/f/conversation"


def head(host: str | None, path: str = "/", **headers: str) -> RequestHead:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestHead(method="POST", host=host, path=path, headers=names)


def token(claims: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl"


def chatgpt_token(plan: object = None, account: object = None) -> str:
    return token({"https://api.openai.com/auth": {"chatgpt_plan_type": plan, "chatgpt_account_id": account}})


def read(request: RequestHead, tenants=(OURS,), answer=None) -> Account:
    return read_account(request, key=SECRET, tenants=tenants, answer=answer)


ARN = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude"
MARKS = [
    ("chatgpt.com", CHAT, {"chatgpt_account_id": OURS}, "header:chatgpt-account-id", OURS),
    (
        "chatgpt.com",
        CHAT,
        {"authorization": f"Bearer {chatgpt_token(account=OURS)}"},
        "claim:chatgpt_account_id",
        OURS,
    ),
    (
        "api.openai.com",
        "/v1/responses",
        {"authorization": f"Bearer {chatgpt_token(account=OURS)}"},
        "claim:chatgpt_account_id",
        OURS,
    ),
    (
        "api.openai.com",
        "/v1/responses",
        {"openai_organization": "org-acme1234"},
        "header:openai-organization",
        "org-acme1234",
    ),
    (
        "eu.api.openai.com",
        "/v1/responses",
        {"openai_project": "proj_abc"},
        "header:openai-project",
        "proj_abc",
    ),
    ("claude.ai", f"/api/organizations/{OURS}/chat_conversations/x/completion", {}, "path", OURS),
    (
        "europe-west1-aiplatform.googleapis.com",
        "/v1/projects/acme-prod/locations/europe-west1/publishers/google/models/g:generateContent",
        {},
        "path",
        "acme-prod",
    ),
    (
        "aiplatform.googleapis.com",
        "/v1beta1/projects/example.com:acme/locations/global",
        {},
        "path",
        "example.com:acme",
    ),
    (
        "bedrock-runtime.eu-central-1.amazonaws.com",
        "/model/" + ARN.replace(":", "%3A").replace("/", "%2F") + "/converse",
        {},
        "path",
        "123456789012",
    ),
    ("acme-eu.openai.azure.com", "/openai/v1/responses", {}, "host", "acme-eu"),
    ("acme.services.ai.azure.com", "/models/chat/completions", {}, "host", "acme"),
]


@pytest.mark.parametrize(("host", "path", "headers", "name", "tenant"), MARKS)
def test_a_mark_names_the_tenant_and_makes_the_account_corporate_where_it_is_ours(
    host, path, headers, name, tenant
) -> None:
    found = read(head(host, path, **headers), tenants=[tenant.upper()])
    assert (found.kind, found.tenant, found.own) == (Kind.CORPORATE, tenant, True)
    assert found.marks[0] == Mark(name, tenant)


@pytest.mark.parametrize(("host", "path", "headers", "name", "tenant"), MARKS)
def test_a_tenant_that_is_not_ours_is_told_and_is_not_corporate(host, path, headers, name, tenant) -> None:
    found = read(head(host, path, **headers), tenants=["somebody-else"])
    assert (found.kind, found.tenant, found.own) == (Kind.UNKNOWN, tenant, False)
    assert Mark(name, tenant) in found.marks


@pytest.mark.parametrize(("host", "path", "headers", "name", "tenant"), MARKS)
@pytest.mark.parametrize("other", ["example.com", "claude.ai.example.com", None, "\ud800"])
def test_a_mark_means_nothing_on_another_host(host, path, headers, name, tenant, other) -> None:
    """Else anybody could send the company's id to any service and be called corporate."""
    found = read(head(other, path, **headers), tenants=[tenant])
    assert (found.kind, found.tenant, found.marks) == (Kind.UNKNOWN, None, ())


def test_the_company_s_account_header_does_not_count_at_another_vendor() -> None:
    found = read(head("claude.ai", f"/api/organizations/{THEIRS}/x", chatgpt_account_id=OURS))
    assert (found.kind, found.tenant, found.own) == (Kind.UNKNOWN, THEIRS, False)


@pytest.mark.parametrize("host", ["api.anthropic.com", "claude.ai"])
def test_the_answer_names_the_organisation_of_an_anthropic_key(host: str) -> None:
    request = head(host, "/v1/messages", x_api_key="sk-ant-api03-abcdef")
    before = read(request)
    after = read(request, answer={"anthropic-organization-id": OURS})
    assert after.kind is Kind.CORPORATE and after.tenant == OURS and after.key == before.key
    assert after.marks[0].name == "answer:anthropic-organization-id"
    assert read(request, answer={"anthropic-organization-id": THEIRS}).own is False


def test_an_answer_of_another_vendor_names_no_anthropic_organisation() -> None:
    assert read(head("api.openai.com"), answer={"anthropic-organization-id": OURS}).tenant is None


# --- plans --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", sorted(CORPORATE_PLANS))
def test_plans_of_organisations_are_corporate(plan: str) -> None:
    found = read(head("chatgpt.com", CHAT, authorization=f"Bearer {chatgpt_token(plan)}"))
    assert (found.kind, found.plan) == (Kind.CORPORATE, plan)
    assert found.marks == (Mark("claim:chatgpt_plan_type", plan),)


@pytest.mark.parametrize("plan", sorted(PERSONAL_PLANS))
def test_plans_of_single_persons_are_personal(plan: str) -> None:
    found = read(head("chatgpt.com", CHAT, authorization=f"bearer {chatgpt_token(plan)}"))
    assert (found.kind, found.plan) == (Kind.PERSONAL, plan)


@pytest.mark.parametrize("plan", ["quorum", "unknown", "Freemium"])
def test_a_plan_that_nobody_knows_leaves_the_account_unknown(plan: str) -> None:
    found = read(head("chatgpt.com", CHAT, authorization=f"Bearer {chatgpt_token(plan)}"))
    assert (found.kind, found.plan) == (Kind.UNKNOWN, plan)


def test_a_plan_is_compared_without_regard_to_case() -> None:
    found = read(head("chatgpt.com", CHAT, authorization=f"Bearer {chatgpt_token('Enterprise')}"))
    assert found.kind is Kind.CORPORATE


def test_our_workspace_is_corporate_whatever_the_plan_in_the_token() -> None:
    """One account can hold a personal and a work workspace; the header says which one is used."""
    bearer = f"Bearer {chatgpt_token('plus', THEIRS)}"
    found = read(head("chatgpt.com", CHAT, authorization=bearer, chatgpt_account_id=OURS))
    assert (found.kind, found.tenant, found.plan, found.own) == (Kind.CORPORATE, OURS, "plus", True)
    assert [mark.name for mark in found.marks] == [
        "header:chatgpt-account-id", "claim:chatgpt_account_id", "claim:chatgpt_plan_type",
    ]  # fmt: skip


def test_another_company_s_enterprise_is_corporate_and_not_ours() -> None:
    found = read(head("chatgpt.com", CHAT, authorization=f"Bearer {chatgpt_token('enterprise', THEIRS)}"))
    assert (found.kind, found.own, found.tenant) == (Kind.CORPORATE, False, THEIRS)
    assert found.marks[0].name == "claim:chatgpt_plan_type"


def test_without_configured_tenants_nothing_is_called_ours_or_not() -> None:
    found = read(head("acme.openai.azure.com"), tenants=())
    assert (found.tenant, found.own) == ("acme", None)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("api.individual.githubcopilot.com", Kind.PERSONAL),
        ("proxy.business.githubcopilot.com", Kind.CORPORATE),
        ("api.enterprise.githubcopilot.com", Kind.CORPORATE),
        ("api.githubcopilot.com", Kind.UNKNOWN),
        ("api.individual.githubcopilot.com.example.com", Kind.UNKNOWN),
    ],
)
def test_copilot_s_plan_stands_in_the_host(host: str, kind: Kind) -> None:
    assert read(head(host, "/chat/completions")).kind is kind


@pytest.mark.parametrize("host", ["copilot.microsoft.com", "www.meta.ai", "META.AI."])
def test_hosts_of_single_persons_are_personal(host: str) -> None:
    found = read(head(host, "/c/api/chat", authorization="Bearer opaque"))
    assert found.kind is Kind.PERSONAL and found.marks[0].name == "host"


@pytest.mark.parametrize(
    "path",
    ["/backend-anon/conversation", "/backend-anon/f/conversation", "//backend-anon/x", "/%62ackend-anon/"],
)
def test_chatgpt_without_an_account_is_anonymous(path: str) -> None:
    found = read(head("chatgpt.com", path))
    assert found.kind is Kind.ANONYMOUS and found.marks == (Mark("path", "/backend-anon/"),)
    assert read(head("example.com", path)).kind is Kind.UNKNOWN


def test_nothing_known_is_unknown_and_never_personal() -> None:
    assert read(head("chatgpt.com", CHAT)) == Account()
    assert read(head("claude.ai", "/api/organizations/not-a-uuid/x")) == Account()


# --- keys ---------------------------------------------------------------------------------------------

FORMS = [
    ("sk-proj-", "sk-proj-AbCd", True),
    ("sk-svcacct-", "sk-svcacct-AbCd", True),
    ("sk-admin-", "sk-admin-AbCd", True),
    ("sk-ant-api", "sk-ant-api03-AbCd", True),
    ("sk-ant-admin", "sk-ant-admin01-AbCd", True),
    ("sk-ant-oat", "sk-ant-oat01-AbCd", False),
    ("sk-or-v1-", "sk-or-v1-abcd", True),
    ("sk-", "sk-0123456789abcdef", True),
    ("AIza", "AIzaSyAbCd", True),
    ("AQ.", "AQ.Ab8RN6", True),
    ("gsk_", "gsk_AbCd", True),
    ("xai-", "xai-AbCd", True),
    ("pplx-", "pplx-AbCd", True),
    ("hf_", "hf_AbCd", True),
    ("r8_", "r8_AbCd", True),
    ("nvapi-", "nvapi-AbCd", True),
    ("ABSK", "ABSKQmVk", True),
    ("gho_", "gho_AbCd", False),
    ("tid=", "tid=abc;exp=1;sku=x", False),
    ("ya29.", "ya29.a0Af", False),
    ("other", "AbCdEfGh0123", True),
]


@pytest.mark.parametrize(("form", "credential", "is_key"), FORMS)
def test_a_key_is_told_by_its_form_and_an_hmac_and_by_nothing_of_itself(form, credential, is_key) -> None:
    found = key_class(head("api.example.com", authorization=f"Bearer {credential}"), key=SECRET)
    digest = hmac.new(SECRET, b"gnomon credential\0" + credential.encode(), hashlib.sha256).hexdigest()
    assert found is not None
    assert (found.form, found.label, found.is_key) == (form, f"{form}:{digest[:HMAC_HEX]}", is_key)
    assert credential[-4:] not in found.label


@pytest.mark.parametrize("header", ["x_api_key", "api_key", "x_goog_api_key", "ocp_apim_subscription_key"])
def test_keys_are_found_in_each_vendor_s_header(header: str) -> None:
    found = read(head("service.example.com", **{header: "0123456789abcdef"}))
    assert found.kind is Kind.API_KEY and found.key is not None and found.key.form == "other"
    assert found.marks == (Mark("key", found.key.label),)


def test_a_key_in_gemini_s_query_is_found_at_an_api_alone() -> None:
    path = "/v1beta/models/g:generateContent?alt=sse&key=AIzaSyAbCdEfGh"
    found = key_class(head("generativelanguage.googleapis.com", path), key=SECRET)
    assert found is not None and found.form == "AIza"
    assert key_class(head("shop.example.com", "/x?key=AIzaSyAbCdEfGh"), key=SECRET) is None
    assert key_class(head(None, "/x?key=AIzaSyAbCdEfGh"), key=SECRET) is None


@pytest.mark.parametrize(("start", "is_key"), [("AKIA", True), ("ASIA", False)])
def test_of_an_aws_signature_the_key_s_id_counts(start: str, is_key: bool) -> None:
    """The signature is another one each time; the same id gives the same label."""

    def signed(signature: str) -> RequestHead:
        scope = f"Credential={start}0123456789ABCDEF/20261124/eu-central-1/bedrock/aws4_request"
        value = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature={signature}"
        return head("bedrock-runtime.eu-central-1.amazonaws.com", authorization=value)

    one, two = (key_class(signed(text), key=SECRET) for text in ("aa", "bb"))
    assert one == two and one is not None and (one.form, one.is_key) == (start, is_key)


def test_the_same_key_has_another_label_under_another_secret() -> None:
    request = head("api.openai.com", authorization="Bearer sk-proj-AbCd")
    one, two = (key_class(request, key=secret) for secret in (SECRET, b"other"))
    assert one is not None and two is not None and one.label != two.label


def test_a_session_token_is_no_api_key() -> None:
    assert read(head("api.anthropic.com", authorization="Bearer sk-ant-oat01-x")).kind is Kind.UNKNOWN
    assert read(head("chat.deepseek.com", authorization="Bearer opaque0123")).kind is Kind.UNKNOWN
    assert read(head("api.mistral.ai", authorization="Bearer opaque0123")).kind is Kind.API_KEY


def test_a_web_token_is_no_key() -> None:
    request = head("api.openai.com", authorization=f"Bearer {chatgpt_token('plus')}")
    assert key_class(request, key=SECRET) is None and read(request).kind is Kind.PERSONAL


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "Digest x", "x" * 20_000]
)
def test_what_is_no_bearer_gives_no_key(value: str) -> None:
    assert key_class(head("api.openai.com", authorization=value), key=SECRET) is None


# --- hostile values -----------------------------------------------------------------------------------

DEEP = base64.urlsafe_b64encode(b"[" * 9_000).decode().rstrip("=")
HUGE_NUMBER = base64.urlsafe_b64encode(b'{"a":' + b"9" * 6_000 + b"}").decode().rstrip("=")
NO_TOKENS = [
    "", "ey", "ey.ey", "ey.ey.ey.ey", "eyJh.!!!!.x", "eyJh.ey.x", f"eyJh.{DEEP}.x", f"eyJh.{HUGE_NUMBER}.x",
    "eyJh." + base64.urlsafe_b64encode(b"\xff\xfe").decode() + ".x",
    "eyJh." + base64.urlsafe_b64encode(b"[1]").decode() + ".x",
    token({"a": "x" * MAX_VALUE}), "not.a.token", "eyJh.\u00e4.x",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_TOKENS, ids=lambda text: text[:24])
def test_what_is_no_token_has_no_claims(text: str) -> None:
    assert token_claims(text) is None


CLAIMS = [
    [], "x", 7, None, {"https://api.openai.com/auth": "x"}, {"https://api.openai.com/auth": [1]},
    {"https://api.openai.com/auth": {"chatgpt_plan_type": 7, "chatgpt_account_id": ["x"]}},
    {"https://api.openai.com/auth": {"chatgpt_plan_type": "", "chatgpt_account_id": "a\r\nb"}},
    {"https://api.openai.com/auth": {"chatgpt_plan_type": "x" * (MAX_ID + 1)}},
    {"https://api.openai.com/auth": {"chatgpt_plan_type": "free<script>"}},
]  # fmt: skip


@pytest.mark.parametrize("claims", CLAIMS)
def test_claims_of_another_form_tell_nothing(claims: object) -> None:
    found = read(head("chatgpt.com", CHAT, authorization=f"Bearer {token(claims)}"))
    assert (found.kind, found.tenant, found.plan, found.marks) == (Kind.UNKNOWN, None, None, ())


@pytest.mark.parametrize(
    "value", ["", " ", "a b", "a\nb", "x" * (MAX_ID + 1), "x" * 100_000, "\u00e4", "<b>"]
)
def test_ids_of_another_form_are_absent(value: str) -> None:
    found = read(head("chatgpt.com", CHAT, chatgpt_account_id=value), tenants=[value])
    assert (found.kind, found.tenant) == (Kind.UNKNOWN, None)


TEXTS = st.text(max_size=60) | st.sampled_from([OURS, f"Bearer {chatgpt_token('plus', OURS)}", "sk-proj-x"])
NAMES = st.sampled_from(
    ["authorization", "x-api-key", "chatgpt-account-id", "openai-organization", "openai-project"]
)
HOSTS = st.none() | st.text(max_size=40) | st.sampled_from(
    ["chatgpt.com", "api.openai.com", "claude.ai",
     "acme.openai.azure.com", "api.individual.githubcopilot.com"],
)  # fmt: skip


@pytest.mark.slow
@given(host=HOSTS, path=st.text(max_size=60), headers=st.dictionaries(NAMES, TEXTS), answer=TEXTS)
def test_any_head_gives_an_account_without_the_credential(host, path, headers, answer) -> None:
    request = RequestHead(method="GET", host=host, path=path, headers=headers)
    found = read(request, answer={"anthropic-organization-id": answer})
    credential = headers.get("x-api-key", "").strip()
    if len(credential) > 16:
        assert credential not in repr(found.key)
    assert all(mark.value.isprintable() for mark in found.marks if mark.name != "host")
