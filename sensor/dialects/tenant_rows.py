"""
The table of tenant restrictions: vendor to header, value and hosts.

Every row says where it is from, the day that source was read, and how good it is: ``VENDOR_PAGE`` names
header, value and hosts; ``SECONDARY`` is another vendor's rule; ``INFERRED`` is a conclusion. None was tried
against a live tenant. ``tenants`` says how the rows are used.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

__all__ = [
    "MAX_IDS",
    "NEVER_DECRYPT",
    "ROWS",
    "WITHOUT_HEADER",
    "Field",
    "Place",
    "Refused",
    "Row",
    "SourceGrade",
    "WithoutHeader",
]

MAX_IDS: Final = 500
"""Ids in one list. Anthropic's limit; no other vendor's page names one as high."""
NEVER_DECRYPT: Final = ("device.login.microsoftonline.com", "enterpriseregistration.windows.net")
"""Device registration authenticates with a client certificate, which decryption breaks (Microsoft's page on
tenant restrictions says to leave both alone)."""


class SourceGrade(StrEnum):
    """How good a row's source is."""

    VENDOR_PAGE = "vendor page"
    SECONDARY = "secondary"
    INFERRED = "inferred"


class Place(NamedTuple):
    """Hosts that get a header."""

    host: str
    """A name, or ``*.name`` for every name under it."""
    inject_only: bool = False
    """It is opened for the header alone: nothing of its traffic is read or recorded."""
    grade: SourceGrade = SourceGrade.VENDOR_PAGE


class Refused(NamedTuple):
    """Requests that a restriction has to refuse, because its header does not reach them."""

    host: str
    path: str | None
    """Where the path begins; ``None``: every path."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a policy says about a vendor's tenant."""

    name: str
    form: re.Pattern[str]
    says: str
    """What to write."""
    many: bool = True
    """A list; else one value."""
    default: str | None = None
    """The value where it is left out; ``None``: it must be there."""
    lower: bool = False
    """Compared and sent in lower case."""
    most: int = MAX_IDS
    """How many there may be."""


Ids = Mapping[str, tuple[str, ...]]
"""Checked ids by field."""

Header = tuple[str, str, tuple[str, ...]]
"""Name, value, and the hosts that get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one vendor is restricted."""

    vendor: str
    name: str
    """For people."""
    fields: tuple[Field, ...]
    """The first is the one that a plain list stands for."""
    places: tuple[Place, ...]
    write: Callable[[Ids], list[Header]]
    """Checked ids to headers."""
    removes: tuple[str, ...]
    """Header names that a client must not bring to any of the hosts."""
    numbered: str | None = None
    """The name whose numbered copies (``name1``, ``name2``) are removed as well."""
    refuses: tuple[Refused, ...] = ()
    sign_in: tuple[str, ...] = ()
    """Of the hosts, those where people type passwords."""
    source: str
    read: str
    """The day on which the source was read, ``YYYY-MM-DD``."""
    grade: SourceGrade
    limits: str
    """What it does not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutHeader:
    """A vendor that cannot be restricted."""

    vendor: str
    name: str
    why: str
    source: str
    read: str
    grade: SourceGrade


# --- values -------------------------------------------------------------------------------------------

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(
    rf"(?=.{{4,253}}\Z){_LABEL}(?:\.{_LABEL})*\.[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])", re.ASCII
)
_UUID_SAYS = "write the id as in 437adf77-4085-4b22-b7b1-de7b6f5ec6c0"
_DOMAIN_SAYS = "write a domain alone, as in example.com, without @, scheme or *"


def _either(*forms: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form.pattern})" for form in forms), re.ASCII)


def _uuids(name: str, says: str) -> Field:
    return Field(name=name, form=_UUID, says=f"{says}: {_UUID_SAYS}", lower=True)


def _domains(*tokens: str) -> Field:
    words = f"; the words {', '.join(tokens)} are taken too" if tokens else ""
    form = _either(_DOMAIN, *(re.compile(re.escape(token)) for token in tokens))
    return Field(name="domains", form=form, says=_DOMAIN_SAYS + words, lower=True)


def _plain_list(
    header: str, field: str, hosts: Sequence[str], separator: str = ","
) -> Callable[[Ids], list[Header]]:
    """The ids of one field in one header, for all hosts."""

    def write(ids: Ids) -> list[Header]:
        return [(header, separator.join(ids[field]), tuple(hosts))]

    return write


_ANTHROPIC: Final = "anthropic-allowed-org-ids"
_ANTHROPIC_HOSTS = ("claude.ai", "api.anthropic.com", "claude.com", "anthropic.com", "platform.claude.com")
_ANTHROPIC_LINES = 10
_ANTHROPIC_LINE = MAX_IDS // _ANTHROPIC_LINES
"""Ids in one of the numbered lines, so that ``MAX_IDS`` fill all of them."""


def _anthropic(ids: Ids) -> list[Header]:
    """
    One line, or K numbered ones: the first ends in ``;n=K``, the others are named 1 to K-1.

    "Maximum of 10 header lines", "maximum of 500 organization UUIDs total", and every declared line has to be
    there (support.claude.com 13198485).
    """
    organisations = ids["organisations"]
    lines = [
        ",".join(organisations[start : start + _ANTHROPIC_LINE])
        for start in range(0, len(organisations), _ANTHROPIC_LINE)
    ]
    if len(lines) > 1:
        lines[0] += f";n={len(lines)}"
    return [(_ANTHROPIC + (str(at) if at else ""), line, _ANTHROPIC_HOSTS) for at, line in enumerate(lines)]


def _google_cloud(ids: Ids) -> list[Header]:
    """
    base64url of the JSON resource, padded (RFC 4648, section 5, as the vendor's examples encode it).
    """
    resource = {
        "resources": [f"organizations/{organisation}" for organisation in ids["organisations"]],
        "options": ids["options"][0],
    }
    text = json.dumps(resource, separators=(",", ":")).encode()
    return [("X-Goog-Allowed-Resources", base64.urlsafe_b64encode(text).decode(), ("*.googleapis.com",))]


_MICROSOFT_HOSTS = ("login.microsoftonline.com", "login.microsoft.com", "login.windows.net")
_MICROSOFT_PERSONAL = "login.live.com"
_MICROSOFT_HEADERS = (
    "Restrict-Access-To-Tenants",
    "Restrict-Access-Context",
    "sec-Restrict-Tenant-Access-Policy",
)
"""A client's copy of any of them could choose another policy: all go, whichever version is set."""


def _microsoft_v1(ids: Ids) -> list[Header]:
    tenants, context, policy = _MICROSOFT_HEADERS
    headers: list[Header] = [
        (tenants, ",".join(ids["tenants"]), _MICROSOFT_HOSTS),
        (context, ids["directory"][0], _MICROSOFT_HOSTS),
    ]
    if ids["personal"][0] == "block":
        headers.append((policy, "restrict-msa", (_MICROSOFT_PERSONAL,)))
    return headers


def _slack(ids: Ids) -> list[Header]:
    """Slack's own order: the second header does not work without the first."""
    hosts = ("slack.com", "*.slack.com")
    return [
        ("X-Slack-Allowed-Workspaces-Requester", ids["requester"][0], hosts),
        ("X-Slack-Allowed-Workspaces", ",".join(ids["workspaces"]), hosts),
    ]


# --- the table ----------------------------------------------------------------------------------------

_READ: Final = "2026-11-24"
_WEBEX_HOSTS = (
    "idbroker.webex.com",
    "idbroker-secondary.webex.com",
    "idbroker-b-us.webex.com",
    "idbroker-eu.webex.com",
    "idbroker-ca.webex.com",
    "atlas-a.wbx2.com",
    "identity.webex.com",
    "identity-eu.webex.com",
)
_YOUTUBE_HOSTS = (
    "www.youtube.com",
    "m.youtube.com",
    "youtubei.googleapis.com",
    "youtube.googleapis.com",
    "www.youtube-nocookie.com",
)
_GITHUB_HOSTS = ("github.com", "api.github.com", "*.githubcopilot.com")
_INDIVIDUAL = "Copilot plans of single persons use this host"


def _inject(*hosts: str) -> tuple[Place, ...]:
    """Hosts that are opened for the header alone."""
    return tuple(Place(host, inject_only=True) for host in hosts)


_GITHUB_ID = Field(
    name="enterprises",
    form=re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII),
    says='write the enterprise id shown under "Enterprise access restrictions", as in 12345 or avocado-corp',
    most=20,
)

_TABLE: tuple[Row, ...] = (
    Row(
        vendor="chatgpt",
        name="ChatGPT",
        fields=(_uuids("workspaces", "the workspace ids of the admin settings"),),
        places=(Place("chatgpt.com"),),
        write=_plain_list("ChatGPT-Allowed-Workspace-Id", "workspaces", ("chatgpt.com",)),
        removes=("ChatGPT-Allowed-Workspace-Id",),
        refuses=(
            Refused("chatgpt.com", "/backend-anon/", "ChatGPT without an account is outside every workspace"),
        ),
        source="https://help.openai.com/en/articles/20001323-corporate-network-controls-in-chatgpt-enterprise",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "Enterprise; Business, Team and Edu are not named on the page. Other workspaces are filtered, "
            "403 where none is left, 400 for a malformed value. The desktop and mobile apps pin "
            "certificates: they need the CA in their own pin list, or their hosts blocked "
            "(android.chat.openai.com, ios.chat.openai.com, desktop.chatgpt.com)."
        ),
    ),
    Row(
        vendor="openai_api",
        name="OpenAI API",
        fields=(
            Field(
                name="organisations",
                form=re.compile(r"org-[A-Za-z0-9]{8,64}", re.ASCII),
                says="write the organisation's id of the API platform, as in org-Tkxfm8owx4zIPaJGNDVrPs6m",
            ),
        ),
        places=(Place("api.openai.com"),),
        write=_plain_list("OpenAI-Allowed-Organization-Ids", "organisations", ("api.openai.com",)),
        removes=("OpenAI-Allowed-Organization-Ids",),
        source="https://developers.openai.com/api/docs/guides/organization-blocking",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "The page speaks of logging in to the API Platform; what it does to plain API keys, and to the "
            "regional hosts (eu.api.openai.com), is not stated. 403 for another organisation, 400 for a "
            "malformed value."
        ),
    ),
    Row(
        vendor="anthropic",
        name="Claude and the Anthropic API",
        fields=(_uuids("organisations", "the organisation ids of the organisation settings"),),
        places=(
            *(Place(host) for host in _ANTHROPIC_HOSTS[:-1]),
            Place(_ANTHROPIC_HOSTS[-1], grade=SourceGrade.INFERRED),
        ),
        write=_anthropic,
        removes=(_ANTHROPIC, *(f"{_ANTHROPIC}{number}" for number in range(1, _ANTHROPIC_LINES))),
        numbered=_ANTHROPIC,
        source="https://support.claude.com/en/articles/13198485-enforce-network-level-access-control-with-tenant-restrictions",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "Enterprise plans and Console organisations; the Team plan is not named. Web, desktop, API keys "
            "and OAuth. 403 tenant_restriction_violation for another organisation, 400 for a duplicate or "
            "malformed header. platform.claude.com is not on the page: Console "
            "organisations sign in there."
        ),
    ),
    Row(
        vendor="google_workspace",
        name="Google accounts",
        fields=(_domains("consumer_accounts", "visitor_accounts"),),
        places=_inject("google.com", "*.google.com"),
        write=_plain_list("X-GoogApps-Allowed-Domains", "domains", ("google.com", "*.google.com")),
        removes=("X-GoogApps-Allowed-Domains",),
        sign_in=("accounts.google.com",),
        source="https://support.google.com/a/answer/1668854",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "Acts on sign-in; use without an account goes on. All of google.com has to be decrypted. The "
            "Gemini app, AI Studio and NotebookLM are not named. Add "
            "gserviceaccounts.com for service accounts."
        ),
    ),
    Row(
        vendor="google_cloud",
        name="Google Cloud (Vertex AI, Gemini API)",
        fields=(
            Field(
                name="organisations",
                form=re.compile(r"[0-9]{6,20}", re.ASCII),
                says='write the number that "gcloud organizations list" shows, as in 123456789012',
            ),
            Field(
                name="options",
                form=re.compile(r"strict|cloudStorageReadAllowed", re.ASCII),
                says="write strict, or cloudStorageReadAllowed to let Cloud Storage be read",
                many=False,
                default="strict",
            ),
        ),
        places=_inject("*.googleapis.com"),
        write=_google_cloud,
        removes=("X-Goog-Allowed-Resources",),
        source="https://cloud.google.com/resource-manager/docs/organization-restrictions/configure-organization-restrictions",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "The page lists more target hosts than *.googleapis.com; that part of it was not read. 403 "
            "ORG_RESTRICTION_VIOLATION for another organisation, 400 for a malformed value. Projects without "
            "an organisation are outside every list."
        ),
    ),
    Row(
        vendor="gemini_code_assist",
        name="Gemini Code Assist",
        fields=(_domains(),),
        places=(Place("cloudcode-pa.googleapis.com"),),
        write=_plain_list("X-GeminiCodeAssist-Allowed-Domains", "domains", ("cloudcode-pa.googleapis.com",)),
        removes=("X-GeminiCodeAssist-Allowed-Domains",),
        source="https://developers.google.com/gemini-code-assist/docs/network-access (updated 2026-04-10)",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits="A value without one valid domain restricts nothing.",
    ),
    Row(
        vendor="microsoft_v1",
        name="Microsoft accounts (tenant restrictions, version 1)",
        fields=(
            Field(
                name="tenants",
                form=_either(_UUID, _DOMAIN),
                says="write a domain of the tenant, as in contoso.onmicrosoft.com, or its directory id",
                lower=True,
            ),
            Field(
                name="directory",
                form=_UUID,
                says=f"the directory id of your own tenant, which gets the sign-in logs: {_UUID_SAYS}",
                many=False,
                lower=True,
            ),
            Field(
                name="personal",
                form=re.compile(r"block|allow", re.ASCII),
                says="write block or allow, for personal Microsoft accounts",
                many=False,
                default="block",
            ),
        ),
        places=_inject(*_MICROSOFT_HOSTS, _MICROSOFT_PERSONAL),
        write=_microsoft_v1,
        removes=_MICROSOFT_HEADERS,
        sign_in=(*_MICROSOFT_HOSTS, _MICROSOFT_PERSONAL),
        source="https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/tenant-restrictions",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits="Sign-in only; needs Entra ID P1 or P2. Not together with version 2.",
    ),
    Row(
        vendor="microsoft_v2",
        name="Microsoft accounts (tenant restrictions, version 2)",
        fields=(
            Field(
                name="policy",
                form=re.compile(rf"{_UUID.pattern}:{_UUID.pattern}", re.ASCII),
                says="write directory id, colon, id of the cross-tenant access policy: <uuid>:<uuid>",
                many=False,
                lower=True,
            ),
        ),
        places=_inject(*_MICROSOFT_HOSTS, _MICROSOFT_PERSONAL),
        write=_plain_list(
            "sec-Restrict-Tenant-Access-Policy", "policy", (*_MICROSOFT_HOSTS, _MICROSOFT_PERSONAL)
        ),
        removes=_MICROSOFT_HEADERS,
        sign_in=(*_MICROSOFT_HOSTS, _MICROSOFT_PERSONAL),
        source="https://learn.microsoft.com/en-us/entra/external-id/tenant-restrictions-v2",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "Set by a proxy it covers sign-in only: links for anyone and meetings joined without an account "
            "go on. Needs Entra ID P1 or P2. What is allowed stands in the policy in Entra, not here."
        ),
    ),
    Row(
        vendor="github",
        name="GitHub and Copilot",
        fields=(_GITHUB_ID,),
        places=(*_inject("github.com", "api.github.com"), Place("*.githubcopilot.com")),
        write=_plain_list("sec-GitHub-allowed-enterprise", "enterprises", _GITHUB_HOSTS, ", "),
        removes=("sec-GitHub-allowed-enterprise",),
        refuses=(Refused("*.individual.githubcopilot.com", None, _INDIVIDUAL),),
        source=(
            "https://docs.github.com/en/enterprise-cloud@latest/admin/configuring-settings/"
            "hardening-security-for-your-enterprise/restricting-access-to-githubcom-using-a-corporate-proxy"
        ),
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits=(
            "Enterprise Managed Users, once an owner has enabled it. Up to 20 enterprises by one part of the "
            "page and only one (400) by another: name one where that is enough. SSH, github.dev and GitHub "
            "Pages are not covered; nor is api.githubcopilot.com told from a single person's plan."
        ),
    ),
    Row(
        vendor="slack",
        name="Slack",
        fields=(
            Field(
                name="workspaces",
                form=re.compile(r"[TE][A-Z0-9]{6,20}", re.ASCII),
                says="write the workspace or organisation id, as in T2DQ3J9AA, in capitals",
                most=256,
            ),
            Field(
                name="requester",
                form=re.compile(r"[TE][A-Z0-9]{6,20}", re.ASCII),
                says="write the one id of your own Business+ or Enterprise workspace, as in T2DQ3J9AA",
                many=False,
            ),
        ),
        places=_inject("slack.com", "*.slack.com"),
        write=_slack,
        removes=("X-Slack-Allowed-Workspaces-Requester", "X-Slack-Allowed-Workspaces"),
        source="https://slack.com/help/articles/360024821873-Approve-Slack-workspaces-for-your-network",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits="Business+ and Enterprise. A wrong requester may let every workspace through.",
    ),
    Row(
        vendor="dropbox",
        name="Dropbox",
        fields=(
            Field(
                name="teams",
                form=re.compile(r"[0-9]{1,20}", re.ASCII),
                says="write the team's number from Network control in the admin console, as in 4875936",
                most=100,
            ),
        ),
        places=tuple(
            Place(host, inject_only=True, grade=SourceGrade.SECONDARY)
            for host in ("dropbox.com", "*.dropbox.com")
        ),
        write=_plain_list("X-Dropbox-allowed-Team-Ids", "teams", ("dropbox.com", "*.dropbox.com")),
        removes=("X-Dropbox-allowed-Team-Ids",),
        source=(
            "https://help.dropbox.com/security/network-control tells of the header without naming it; name "
            "and hosts: Cloudflare, Zscaler and F5, which agree"
        ),
        read=_READ,
        grade=SourceGrade.SECONDARY,
        limits="Enterprise, once Dropbox has switched network control on.",
    ),
    Row(
        vendor="webex",
        name="Webex",
        fields=(_domains(),),
        places=_inject(*_WEBEX_HOSTS),
        write=_plain_list("CiscoSpark-Allowed-Domains", "domains", _WEBEX_HOSTS),
        removes=("CiscoSpark-Allowed-Domains",),
        sign_in=_WEBEX_HOSTS,
        source=(
            "https://help.webex.com/en-us/article/m0jby2/Configure-a-list-of-allowed-domains-to-access-Webex-"
            "while-on-your-corporate-network"
        ),
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
        limits="Sign-in only. Versions of the page differ in the hosts: these are all that they name.",
    ),
    Row(
        vendor="zoom",
        name="Zoom",
        fields=(
            Field(
                name="label",
                form=re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII),
                says="write the policy label that Zoom's support gave you",
                many=False,
            ),
        ),
        places=tuple(
            Place(host, inject_only=True, grade=SourceGrade.SECONDARY) for host in ("zoom.com", "*.zoom.com")
        ),
        write=_plain_list("X-ZoomApps-Policy", "label", ("zoom.com", "*.zoom.com")),
        removes=("X-ZoomApps-Policy",),
        source=(
            "f5devcentral/sslo-service-extensions saas-tenant-isolation-rule; "
            "help.zscaler.com/zia/adding-tenant-profiles"
        ),
        read=_READ,
        grade=SourceGrade.SECONDARY,
        limits="No page of Zoom's was found; the hosts are F5's, and zoom.us is not among them.",
    ),
    Row(
        vendor="youtube",
        name="YouTube",
        fields=(
            Field(
                name="mode",
                form=re.compile(r"Strict|Moderate", re.ASCII),
                says="write Strict or Moderate",
                many=False,
            ),
        ),
        places=tuple(Place(host, inject_only=True, grade=SourceGrade.SECONDARY) for host in _YOUTUBE_HOSTS),
        write=_plain_list("YouTube-Restrict", "mode", _YOUTUBE_HOSTS),
        removes=("YouTube-Restrict",),
        source=(
            "chromium components/safe_search_api/safe_search_util.cc (name and values); hosts: F5's rule, "
            "which cites support.google.com/a/answer/6214622"
        ),
        read=_READ,
        grade=SourceGrade.SECONDARY,
        limits="Restricts content, not accounts.",
    ),
)

_NOWHERE = (
    WithoutHeader(
        vendor="microsoft_copilot",
        name="Microsoft Copilot",
        why="it has no header of its own; personal sign-in is kept out by microsoft_v2",
        source="https://learn.microsoft.com/en-us/copilot/manage",
        read="2026-10-03",
        grade=SourceGrade.SECONDARY,
    ),
    WithoutHeader(
        vendor="atlassian",
        name="Atlassian (Rovo)",
        why="the vendor describes a header and does not name it in any text that was read",
        source="https://support.atlassian.com/security-and-access-policies/docs/manage-access-to-external-sites/",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
    ),
    WithoutHeader(
        vendor="cursor",
        name="Cursor",
        why=(
            "the vendor names x-cursor-allowed-tenants for api2.cursor.sh and cursor.com, and the form of "
            "its value was not in the text that was read"
        ),
        source="https://cursor.com/docs/enterprise/tenancy-restriction",
        read=_READ,
        grade=SourceGrade.VENDOR_PAGE,
    ),
    WithoutHeader(
        vendor="perplexity",
        name="Perplexity",
        why="no header is documented; enforced SSO keeps company addresses out of personal accounts",
        source="https://www.perplexity.ai/help-center/en/articles/10517443-enterprise-security-hub-settings",
        read=_READ,
        grade=SourceGrade.SECONDARY,
    ),
    WithoutHeader(
        vendor="mistral",
        name="Mistral",
        why="no header is documented",
        source="https://docs.mistral.ai/admin",
        read="2026-10-03",
        grade=SourceGrade.SECONDARY,
    ),
    WithoutHeader(
        vendor="xai",
        name="Grok",
        why="no header is documented",
        source="https://docs.x.ai/build/enterprise",
        read=_READ,
        grade=SourceGrade.SECONDARY,
    ),
    WithoutHeader(
        vendor="deepseek",
        name="DeepSeek",
        why="nothing about organisations was found",
        source="no page found",
        read="2026-10-03",
        grade=SourceGrade.SECONDARY,
    ),
)

ROWS: Final[Mapping[str, Row]] = {row.vendor: row for row in _TABLE}
WITHOUT_HEADER: Final[Mapping[str, WithoutHeader]] = {row.vendor: row for row in _NOWHERE}
