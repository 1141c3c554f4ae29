"""
Whose account a request uses: the company's, a person's own, none, or an API key.

Rule 1: a mark counts only on the hosts of the vendor that gives it a meaning. Anybody can send
``chatgpt-account-id`` to any other host.
Rule 2: *corporate* needs a tenant id that the company has configured, or a plan that only organisations have;
*personal* a plan or a host of single persons. Everything else stays *unknown*: an account that nothing tells
about is not called personal.
Rule 3: marks are what a client says. The service checks them, this module does not: tokens are decoded
without verification, and a plan in one is an attribute of the account, no proof of who the person is.
Rule 4: a credential never leaves here. Of a key its vendor's form is told, and ``HMAC_HEX`` digits of
HMAC-SHA256: the same key gives the same label, and the label gives nobody the key.
Rule 5: nothing raises. Header values over ``MAX_VALUE`` characters are not looked at, ids over ``MAX_ID``
and such with characters that no id has are absent.

The headers must be the request's own: ``observe.safe_headers`` has cut the marks out of those that are kept.

Sources: ``chatgpt-account-id`` and the claims under ``https://api.openai.com/auth``: public clients of Codex
(plans: the list of the Codex app server, as several of them carry it, 2026-11-24). ``OpenAI-Organization``
and ``OpenAI-Project``: openai 3.54 ``_client.py``. ``anthropic-organization-id``: anthropic 2.12
``_tracing.py``; the vendor's release notes, 2025-02-10. Paths: Claude web (public clients), Vertex AI and
Azure (SDKs), Bedrock ARNs (botocore 1.44). Copilot's plan in the host: docs.github.com, Copilot network
access. Forms of keys: this project's detectors, each with its own source (``signatures/detectors/secret``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from sensor.dialects.reading import RequestHead
from sensor.dialects.tenants import plain_host, refused

__all__ = [
    "CORPORATE_PLANS",
    "HMAC_HEX",
    "MAX_ID",
    "MAX_VALUE",
    "PERSONAL_HOSTS",
    "PERSONAL_PLANS",
    "Account",
    "Key",
    "Kind",
    "Mark",
    "key_class",
    "read_account",
    "token_claims",
]

MAX_VALUE: Final = 16 * 1024
"""Characters of a header value, and of a path, that are looked at. Tokens with many groups have 4,000."""
MAX_ID: Final = 200
HMAC_HEX: Final = 16
"""Hex digits of a key's HMAC: 64 bits."""

PERSONAL_PLANS: Final = frozenset({"free", "go", "plus", "pro", "prolite", "individual"})
CORPORATE_PLANS: Final = frozenset(
    {
        "team", "business", "self_serve_business_usage_based", "self_serve_business_prolite",
        "enterprise", "enterprise_cbp_usage_based", "enterprise_cbp_automation", "ent26",
        "edu", "education", "edu_plus", "edu_pro",
    }
)  # fmt: skip
"""``hc`` and ``quorum``, which some clients know as well, are in neither: what they are was not found."""

PERSONAL_HOSTS: Final = frozenset({"copilot.microsoft.com", "meta.ai", "www.meta.ai"})
"""Assistants that single persons sign in to: Microsoft's for work is another host. (meta.ai: an inference, no
accounts of organisations were found.)"""


class Kind(StrEnum):
    """What sort of account it is."""

    PERSONAL = "personal"
    CORPORATE = "corporate"
    ANONYMOUS = "anonymous"
    API_KEY = "api_key"
    UNKNOWN = "unknown"


class Key(NamedTuple):
    """What may be told of a credential."""

    form: str
    """How such keys begin (``sk-proj-``), or ``other``."""
    label: str
    """The form and the HMAC, ``sk-proj-:5f1e0c…``. A policy names it whole, or ``sk-proj-*``."""
    is_key: bool
    """An API key; else a session's token, which changes."""


class Mark(NamedTuple):
    """Something that tells about the account."""

    name: str
    """Where it stood: ``header:chatgpt-account-id``, ``claim:chatgpt_plan_type``, ``path``, ``host``, …"""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account behind a request, as far as the request and its answer tell."""

    kind: Kind = Kind.UNKNOWN
    tenant: str | None = None
    """The organisation, workspace, project or resource; of several, the company's own."""
    plan: str | None = None
    key: Key | None = None
    own: bool | None = None
    """Whether the tenant is one of the company's; ``None``: no tenant is named, or none is configured."""
    marks: tuple[Mark, ...] = ()
    """All that told something, the first the most telling."""


# --- keys ---------------------------------------------------------------------------------------------

_KEY_FORMS: Final = (
    "sk-proj-", "sk-svcacct-", "sk-service-", "sk-admin-", "sk-None-",
    "sk-ant-api", "sk-ant-admin", "sk-or-v1-", "sk-",
    "AIza", "AQ.", "gsk_", "xai-", "pplx-", "hf_", "r8_", "fw_", "nvapi-", "csk-", "tgp_v1_", "ABSK",
    "bedrock-api-key-", "ghp_", "github_pat_",
)  # fmt: skip
"""How API keys begin; a longer form stands before one that it begins with."""
_SESSION_FORMS: Final = ("sk-ant-oat", "sk-ant-sid", "sk-ant-ort", "ya29.", "gho_", "ghu_", "ghs_", "tid=")
"""Tokens that a program got by signing somebody in: their text changes, the account does not."""

_KEY_HEADERS: Final = ("x-api-key", "api-key", "x-goog-api-key", "ocp-apim-subscription-key")
"""Anthropic, Azure OpenAI, Google, Azure's API gateway."""
_AWS_KEY = re.compile(r"AWS4-HMAC-SHA256\s+Credential=((?:AKIA|ASIA)[A-Z0-9]{12,124})/", re.ASCII)
_BEARER = re.compile(r"(?:bearer|token)\s+(\S+)\s*\Z", re.ASCII | re.IGNORECASE)
_QUERY_KEY = re.compile(r"[?&]key=([A-Za-z0-9._-]{8,512})(?:[&#]|\Z)", re.ASCII)


def key_class(head: RequestHead, *, key: bytes) -> Key | None:
    """
    The class of the credential that a request carries, or ``None``; ``key`` is the HMAC's.

    A JSON Web Token is none: it is another one every hour. Of an AWS signature the access key's id counts.
    """
    found = _credential(head)
    if found is None:
        return None
    credential, in_key_header = found
    if in_key_header is None:
        # ASIA begins the ids of temporary credentials (AWS IAM User Guide, "IAM identifiers").
        return _labelled(credential[:4], credential, key, is_key=credential.startswith("AKIA"))
    for form in _SESSION_FORMS:
        if credential.startswith(form):
            return _labelled(form, credential, key, is_key=False)
    for form in _KEY_FORMS:
        if credential.startswith(form):
            return _labelled(form, credential, key, is_key=True)
    # Mistral, Cohere and others have keys without a form. A bearer at a web page's host is a session.
    return _labelled("other", credential, key, is_key=in_key_header or _is_api_host(head.host))


def _credential(head: RequestHead) -> tuple[str, bool | None] | None:
    """The credential, and whether it stood in a place for keys (``None``: an AWS key's id)."""
    for name in _KEY_HEADERS:
        value = _header(head.headers, name)
        if value:
            return value, True
    authorization = _header(head.headers, "authorization")
    if authorization:
        aws = _AWS_KEY.match(authorization)
        if aws is not None:
            return aws[1], None
        bearer = _BEARER.match(authorization)
        if bearer is not None and token_claims(bearer[1]) is None:
            return bearer[1], False
    query = _QUERY_KEY.search(head.path[:MAX_VALUE])
    return (query[1], True) if query is not None and _is_api_host(head.host) else None


def _labelled(form: str, credential: str, key: bytes, *, is_key: bool) -> Key:
    # The prefix keeps these digests apart from every other use of the same key.
    message = b"gnomon credential\0" + credential.encode("utf-8", "surrogatepass")
    digest = hmac.new(key, message, hashlib.sha256).hexdigest()[:HMAC_HEX]
    return Key(form, f"{form}:{digest}", is_key)


def _is_api_host(host: str | None) -> bool:
    plain = plain_host(host) if host else None
    return plain is not None and (
        plain.startswith("api.") or ".api." in plain or plain.endswith((".googleapis.com", ".amazonaws.com"))
    )


# --- tokens -------------------------------------------------------------------------------------------


def token_claims(token: str) -> dict[str, Any] | None:
    """
    The claims of a JSON Web Token (RFC 7519), not verified; ``None`` where it is none, or too long.
    """
    if len(token) > MAX_VALUE or not token.startswith("ey"):
        return None
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        text = base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True)
        claims = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


# --- marks --------------------------------------------------------------------------------------------

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]*", re.ASCII)
_CLAUDE_PATH = re.compile(rf"/api/organizations/({_UUID})(?:/|\Z)", re.ASCII)
_VERTEX_PATH = re.compile(r"/v1(?:beta1|alpha)?/projects/([A-Za-z0-9][A-Za-z0-9.:-]*)(?:/|\Z)", re.ASCII)
_ARN = re.compile(r"/(?:model|agents|prompts|flows)/arn:aws[a-z-]*:bedrock:[a-z0-9-]*:([0-9]{12}):", re.ASCII)
_VERTEX_HOST = re.compile(r"(?:[a-z0-9-]+-)?aiplatform(?:\.(?:us|eu)\.rep)?\.googleapis\.com", re.ASCII)
_BEDROCK_HOST = re.compile(
    r"bedrock(?:-[a-z-]+)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws)", re.ASCII
)
_AZURE_HOST = re.compile(
    r"([a-z0-9][a-z0-9-]*)\.(?:openai\.azure\.(?:com|us|cn)|services\.ai\.azure\.com"
    r"|cognitiveservices\.azure\.com)",
    re.ASCII,
)
_COPILOT_HOST = re.compile(r"[a-z0-9-]+\.(individual|business|enterprise)\.githubcopilot\.com", re.ASCII)
_OPENAI_API = re.compile(r"(?:[a-z]{2}\.)?api\.openai\.com", re.ASCII)
_CHATGPT = frozenset({"chatgpt.com", "chat.openai.com"})
_ANTHROPIC = frozenset({"api.anthropic.com", "claude.ai", "platform.claude.com"})
_AUTH_CLAIM: Final = "https://api.openai.com/auth"


def read_account(
    head: RequestHead,
    *,
    key: bytes,
    tenants: Collection[str] = (),
    answer: Mapping[str, str] | None = None,
) -> Account:
    """
    The account that a request uses.

    ``tenants`` are the company's own ids, compared without regard to case; ``answer`` the headers of the
    answer, names in lower case, once they are there: they may tell more.
    """
    host = plain_host(head.host) if head.host else None
    own = {tenant.casefold() for tenant in tenants}
    named: list[Mark] = []
    plans: list[Mark] = []
    for role, mark in _marks(head, host, answer or {}):
        (named if role == "tenant" else plans).append(mark)
    credential = key_class(head, key=key)
    mine = [mark for mark in named if mark.value.casefold() in own]
    tenant = next(iter(mine or named), None)
    plan = plans[0] if plans else None
    kind, telling = _kind(head, host, bool(mine), plan, credential)
    marks = [*mine, *(mark for mark in named if mark not in mine)]
    # What decided stands first.
    marks = [*marks, *plans] if mine else [*plans, *marks]
    return Account(
        kind=kind,
        tenant=tenant.value if tenant is not None else None,
        plan=plan.value if plan is not None else None,
        key=credential,
        own=bool(mine) if named and own else None,
        marks=(*telling, *marks),
    )


def _kind(
    head: RequestHead, host: str | None, is_own: bool, plan: Mark | None, credential: Key | None
) -> tuple[Kind, tuple[Mark, ...]]:
    """The kind, and what told it where that is no tenant and no plan."""
    if is_own:
        return Kind.CORPORATE, ()
    if plan is not None and plan.value.casefold() in CORPORATE_PLANS:
        return Kind.CORPORATE, ()
    if plan is not None and plan.value.casefold() in PERSONAL_PLANS:
        return Kind.PERSONAL, ()
    if host in _CHATGPT and refused("chatgpt.com", head.path, ("chatgpt",)) is not None:
        return Kind.ANONYMOUS, (Mark("path", "/backend-anon/"),)
    if host is not None and host in PERSONAL_HOSTS:
        return Kind.PERSONAL, (Mark("host", host),)
    if credential is not None and credential.is_key:
        return Kind.API_KEY, (Mark("key", credential.label),)
    return Kind.UNKNOWN, ()


def _marks(head: RequestHead, host: str | None, answer: Mapping[str, str]) -> Iterator[tuple[str, Mark]]:
    """Each tenant and plan that something names, the surest first."""
    if host is None:
        return
    for role, name, value in (*_of_openai(head, host), *_of_hosts(host), *_of_path(head, host)):
        found = _id(value)
        if found is not None:
            yield role, Mark(name, found)
    if host in _ANTHROPIC:
        found = _id(answer.get("anthropic-organization-id"))
        if found is not None:
            yield "tenant", Mark("answer:anthropic-organization-id", found)


def _of_openai(head: RequestHead, host: str) -> Iterator[tuple[str, str, object]]:
    if host in _CHATGPT:
        yield "tenant", "header:chatgpt-account-id", _header(head.headers, "chatgpt-account-id")
    if host in _CHATGPT or _OPENAI_API.fullmatch(host):
        bearer = _BEARER.match(_header(head.headers, "authorization") or "")
        claims = (token_claims(bearer[1]) if bearer is not None else None) or {}
        auth = claims.get(_AUTH_CLAIM)
        if isinstance(auth, dict):
            yield "tenant", "claim:chatgpt_account_id", auth.get("chatgpt_account_id")
            yield "plan", "claim:chatgpt_plan_type", auth.get("chatgpt_plan_type")
    if _OPENAI_API.fullmatch(host):
        yield "tenant", "header:openai-organization", _header(head.headers, "openai-organization")
        yield "tenant", "header:openai-project", _header(head.headers, "openai-project")


def _of_hosts(host: str) -> Iterator[tuple[str, str, object]]:
    azure = _AZURE_HOST.fullmatch(host)
    if azure is not None:
        yield "tenant", "host", azure[1]
    copilot = _COPILOT_HOST.fullmatch(host)
    if copilot is not None:
        yield "plan", "host", copilot[1]


def _of_path(head: RequestHead, host: str) -> Iterator[tuple[str, str, object]]:
    path = unquote(head.path[:MAX_VALUE].partition("?")[0])
    for is_host, form in _PATHS:
        match = form.match(path) if is_host(host) else None
        if match is not None:
            yield "tenant", "path", match[1]


_PATHS: Final[tuple[tuple[Callable[[str], bool], re.Pattern[str]], ...]] = (
    (lambda host: host == "claude.ai", _CLAUDE_PATH),
    (lambda host: _VERTEX_HOST.fullmatch(host) is not None, _VERTEX_PATH),
    (lambda host: _BEDROCK_HOST.fullmatch(host) is not None, _ARN),
)
"""Whose paths name an organisation (Claude web), a project (Vertex AI) or an account (a Bedrock ARN)."""


def _header(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(name)
    return value.strip() if value is not None and len(value) <= MAX_VALUE else None


def _id(value: object) -> str | None:
    """An id or a plan, where a value is one."""
    if not isinstance(value, str) or len(value) > MAX_ID or _ID.fullmatch(value) is None:
        return None
    return value
