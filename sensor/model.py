"""
The nouns, frozen.

Rule 1: values only. Nothing here reads, decides or formats more than a value's own text.
Rule 2: ``None`` means absent; never ``""`` or ``-1``.
Rule 3: times are seconds since the epoch, UTC, as floats; sizes are bytes.

An *observation* is one fact seen at one point and time; both doors make the same ones. An *event* is the
record written down. Between them stand *identification* (which app), *subject* (who), and *decision*
(what the policy says). *Effects* are what the pipeline asks a door to carry out, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple


class Door(StrEnum):
    """Where an observation was made."""

    SPAN = "span"
    PROXY = "proxy"
    LOG = "log"


class Verdict(StrEnum):
    """What the policy says. Exactly five; modifiers stand under ``with:``."""

    ALLOW = "allow"
    ALERT = "alert"
    COACH = "coach"
    REDACT = "redact"
    BLOCK = "block"


class Proves(StrEnum):
    """What a piece of evidence proves about the app it names."""

    USAGE = "usage"
    ACCOUNT = "account"
    CONFIG = "config"
    PRESENCE = "presence"
    TELEMETRY = "telemetry"


class Grade(StrEnum):
    """How well something was seen, weakest first (``GRADES`` holds the order)."""

    RESOLVED = "resolved"
    CONNECTED = "connected"
    VOLUME = "volume"
    PARSED = "parsed"
    PROMPT_SEEN = "prompt_seen"


GRADES: tuple[Grade, ...] = (Grade.RESOLVED, Grade.CONNECTED, Grade.VOLUME, Grade.PARSED, Grade.PROMPT_SEEN)


class Status(StrEnum):
    """Where an app stands in review."""

    UNREVIEWED = "unreviewed"
    UNDER_REVIEW = "under review"
    SANCTIONED = "sanctioned"
    TOLERATED = "tolerated"
    UNSANCTIONED = "unsanctioned"


class Direction(StrEnum):
    """Which way content travels in an exchange."""

    PROMPT = "prompt"
    UPLOAD = "upload"
    TOOL_CALL = "tool_call"
    TOOL_RESULT = "tool_result"
    ANSWER = "answer"


class Ech(StrEnum):
    """Encrypted ClientHello (RFC 9849), as far as one hello tells."""

    NONE = "none"
    GREASE = "grease"
    REAL = "real"


class EventKind(StrEnum):
    """What an event is the record of."""

    RESOLVED = "resolved"
    """A DNS answer named an AI service."""
    FLOW = "flow"
    """A connection to an AI service was seen on the wire."""
    CONNECT = "connect"
    """A client asked the proxy for a tunnel to an AI service."""
    REQUEST = "request"
    """One HTTP request to an AI service."""
    CLOSING = "closing"
    """The totals of a flow or exchange, or why it was cut short."""


class Endpoint(NamedTuple):
    """One end of a flow. ``host`` is an IP address as text, or a name where a proxy client gave one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


# --- observations -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What every observation carries."""

    kind: ClassVar[str] = ""
    ts: float
    """When it was seen."""
    door: Door = Door.SPAN
    key: str = ""
    """Unique and repeatable: the digest of the source and the position in it (a file), or the run's
    nonce and a counter (live). Reading the same file twice gives the same keys."""
    flow: str | None = None
    """Which flow it belongs to, in the same name space as ``key``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHelloSeen(Observation):
    """A TLS ClientHello, over TCP, in QUIC Initials, or from mitmproxy."""

    kind: ClassVar[str] = "client_hello"
    transport: str
    """``tcp`` or ``quic``."""
    client: Endpoint
    server: Endpoint
    server_name: str | None = None
    """SNI, lower case, without a trailing dot."""
    alpn: tuple[str, ...] = ()
    """Offered protocols in order; bytes outside ASCII as ``\\xNN``. GREASE left out."""
    ja4: str | None = None
    ja3: str | None = None
    """MD5, 32 hex digits."""
    ech: Ech = Ech.NONE
    partial: bool = False
    """True where the hello broke off and only what had arrived is told."""


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One resource record of a DNS answer."""

    name: str
    type: str
    """Mnemonic (``A``), or ``TYPE65280`` (RFC 3597) where unknown."""
    data: str
    """Presentation form: an address, a name, or ``priority target key=value …`` for SVCB and HTTPS."""
    ttl: int
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswer(Observation):
    """A DNS response. ``client`` is who asked."""

    kind: ClassVar[str] = "dns_answer"
    transport: str = "udp"
    client: Endpoint
    server: Endpoint
    name: str
    """The question's name, lower case, without a trailing dot."""
    type: str
    rcode: str
    """Mnemonic: ``NOERROR``, ``NXDOMAIN``, …"""
    answers: tuple[DnsRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest(Observation):
    """The head of an HTTP request."""

    kind: ClassVar[str] = "http_request"
    client: Endpoint
    server: Endpoint
    method: str
    host: str | None = None
    """From the Host header, ``:authority`` or an absolute target; lower case, without port."""
    path: str = "/"
    """Path without the query: queries carry keys and tokens."""
    scheme: str = "http"
    user_agent: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case, in order; values that are credentials are cut down by ``observe.safe_headers``."""
    user: str | None = None
    """Who authenticated to the proxy, if anyone."""
    inspected: bool = False
    """True where TLS was taken off to read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRequest(Observation):
    """A client asks the proxy for a tunnel (RFC 9110, section 9.3.6)."""

    kind: ClassVar[str] = "connect_request"
    client: Endpoint
    server: Endpoint
    """As the client wrote it: most often a name."""
    user_agent: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeEnd(Observation):
    """An HTTP exchange or tunnel at the proxy is over."""

    kind: ClassVar[str] = "exchange_end"
    opened: str
    """The ``key`` of the observation that opened it."""
    bytes_up: int
    """HTTP head and body as sent by the client, or tunnel payload."""
    bytes_down: int
    status: int | None = None
    """HTTP status that the client got."""
    outcome: str = "complete"
    """``complete``, ``refused``, ``client_gone``, ``upstream_gone``, ``tls_refused`` (the client would not
    take the proxy's certificate), ``error``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEnd(Observation):
    """A flow is over (closed, idle, or the capture ended). Exact volumes each way."""

    kind: ClassVar[str] = "flow_end"
    transport: str
    """``tcp``, ``udp``, or ``ip-<protocol number>``."""
    client: Endpoint
    server: Endpoint
    first: float
    last: float
    bytes_up: int
    """IP total lengths, client to server."""
    bytes_down: int
    wire_bytes_up: int
    """Original frame lengths."""
    wire_bytes_down: int
    payload_bytes_up: int
    """Transport payload."""
    payload_bytes_down: int
    packets_up: int
    packets_down: int
    duplicate_packets: int = 0
    """How many of the packets were copies of ones already counted."""
    duplicate_bytes: int = 0
    """IP bytes of those copies."""
    duplicate_bytes_up: int = 0
    """The part of ``duplicate_bytes`` that went from client to server."""
    client_mac: str | None = None
    """Source MAC of the client's first frame, ``aa:bb:cc:dd:ee:ff``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weird(Observation):
    """Odd traffic, counted and rate-limited; never an error."""

    kind: ClassVar[str] = "weird"
    name: str
    """``snake_case``, from a closed set of names."""
    count: int = 1


# --- identification -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known about a destination when it is identified; absent parts lower confidence only."""

    host: str | None = None
    """Name as found, any case, perhaps with port or trailing dot: ``identify`` normalises."""
    path: str | None = None
    """``None`` where the path cannot be known (SNI, DNS, CONNECT)."""
    method: str | None = None
    scheme: str | None = None
    port: int | None = None
    address: str | None = None
    """Server IP address as text."""
    headers: tuple[tuple[str, str], ...] | None = None
    """``None`` where headers cannot be known; names in lower case."""
    visibility: str = "http"
    """``dns``, ``sni`` (also CONNECT) or ``http``: where the host name was read."""


@dataclass(frozen=True, slots=True)
class Match:
    """One piece of evidence that matched."""

    evidence: str
    """``<app id>/<evidence id>``."""
    type: str
    value: str
    """The pattern as written in the catalogue."""
    proves: Proves
    weight: int
    """0 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """Which app, by which evidence, how surely. App, provider and client are three separate answers."""

    app: str | None = None
    """App id, ``vendor.app``."""
    name: str | None = None
    vendor: str | None = None
    category: str | None = None
    feature: str | None = None
    provider: str | None = None
    """App id of the AI provider that serves it, where it is a separate one."""
    client: str | None = None
    """Id of the client software, ``vendor.client``."""
    proves: Proves | None = None
    confidence: float = 0.0
    """0 to 1."""
    generic: bool = False
    """True: an unknown LLM API, recognised by its shape. ``app`` is then ``None``."""
    region: str | None = None
    model: str | None = None
    """The model, where the host or path names it."""
    tenant: str | None = None
    """The account or tenant, where the host or path names it."""
    inspect: bool = False
    """True where the catalogue names the host for decryption."""
    evidence: tuple[Match, ...] = ()

    @property
    def is_ai(self) -> bool:
        """Whether this is AI traffic at all: only then may an event be recorded."""
        return self.app is not None or self.generic


NOTHING = Identification()
"""The answer for a host that no signature names."""


# --- who ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribution:
    """Why a subject is believed to be who it says."""

    source: str
    """``proxy_auth``, ``dhcp``, ``table``, ``mac``, ``address``, …"""
    confidence: float
    """0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """User and device."""

    user: str | None = None
    device: str | None = None
    """``mac:…``, ``host:…`` or ``ip:…``, the best that is known."""
    attribution: tuple[Attribution, ...] = ()


# --- decision -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Findings that are alike, as far as a policy asks."""

    type: str
    """``payment_card``, ``github_token``."""
    group: str
    """``payment``, ``secret``."""
    score: float = 1.0
    """How sure, 0 to 1."""
    validated: bool = False
    """A checksum or an equally hard proof holds."""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    Everything a policy condition may ask about.

    ``policy.stages`` says what ``None`` means where not everything is known yet.
    """

    app: str | None = None
    provider: str | None = None
    client: str | None = None
    category: str | None = None
    vendor: str | None = None
    status: Status = Status.UNREVIEWED
    generic: bool = False
    proves: Proves | None = None
    feature: str | None = None
    host: str | None = None
    user: str | None = None
    groups: frozenset[str] = frozenset()
    device: str | None = None
    address: str | None = None
    """The client's IP address, for ``network:`` conditions."""
    direction: Direction | None = None
    method: str | None = None
    region: str | None = None
    risk: int | None = None
    """0 to 100, from the catalogue."""
    model: str | None = None
    account: str | None = None
    """What kind of account it is: a word of ``policy.ACCOUNTS``; ``None`` as ``unknown``."""
    tenant: str | None = None
    """The organisation, workspace or tenant that the account belongs to, by its id."""
    key_class: str | None = None
    """The label of the API key: a keyed digest, or a name given to it; never the key."""
    size: int | None = None
    """Bytes of the body, content codings taken off where they are known."""
    findings: tuple[Found, ...] | None = None
    """``None``: not looked for; ``()``: nothing found."""
    door: Door = Door.SPAN
    ts: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the policy says to one question."""

    verdict: Verdict
    rule: str | None = None
    """Rule id; ``None`` where the policy's default answered."""
    reason: str | None = None
    """Why, for the record: the rule's ``reason``, or how the default came about."""
    message: str | None = None
    """What the person is told."""
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Modifiers of the rule."""


# --- event --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    The record written down. Fields may be added, never renamed, dropped or reused.

    Text of prompts never stands in it.
    """

    id: str
    """32 hex digits, from the observation's key and the kind: the same observation gives the same id."""
    ts: float
    origin: str
    """Which log wrote it: the name in the checkpoint."""
    door: Door
    kind: EventKind
    flow: str | None = None
    app: str | None = None
    provider: str | None = None
    client: str | None = None
    feature: str | None = None
    generic: bool = False
    user: str | None = None
    device: str | None = None
    account: str | None = None
    source: str | None = None
    """The client's end of the flow, ``ip:port``."""
    model: str | None = None
    direction: Direction | None = None
    verdict: Verdict = Verdict.ALLOW
    enforced: bool = False
    rule: str | None = None
    reason: str | None = None
    grade: Grade = Grade.CONNECTED
    confidence: float = 0.0
    proves: Proves | None = None
    evidence: tuple[str, ...] = ()
    """``<app id>/<evidence id>`` of what matched."""
    findings: Mapping[str, int] = field(default_factory=dict)
    """Finding type to count."""
    bytes_up: int | None = None
    bytes_down: int | None = None
    count: int = 1
    """How many interactions this event adds: 1; 0 for the closing of one that was recorded before; n for the
    closing of n folded sightings."""
    destination: str | None = None
    """``host:port`` of the server, by name where one is known."""
    region: str | None = None
    conversation: str | None = None
    attribution: tuple[Attribution, ...] = ()
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Written ``with`` outside Python."""
    justification: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    """Status, risk, groups and network as they were at the decision."""
    policy_hash: str | None = None
    catalogue_hash: str | None = None


# --- review -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person decided on an app. The newest on an app counts, until it expires."""

    ts: float
    app: str
    """App id, or ``unknown.llm_api/<host>``."""
    status: Status
    owner: str | None = None
    """Who answers for the app."""
    reason: str | None = None
    until: str | None = None
    """A date (it holds to the end of that day, UTC) or a time; from then on the app is unreviewed again."""
    by: str | None = None
    """Who decided."""


# --- effects ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """Write this event down. At the proxy it is durable before the effects after it are carried out."""

    event: Event


@dataclass(frozen=True, slots=True)
class Send:
    """Let it go on. At a CONNECT or ClientHello, ``inspect`` says whether to take TLS off."""

    inspect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Do not let it go on; tell the client why in its own protocol."""

    rule: str | None
    message: str


Effect = Record | Send | Refuse
