"""
The nouns of a catalogue (apps with their evidence, vendors, clients, shared hosts) and its closed sets.

Values only. ``reading`` makes them from YAML, ``compiled`` from JSON, the matchers and ``judging`` use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sensor.model import Proves

__all__ = [
    "CATEGORIES",
    "CLIENT_WEIGHT",
    "EVIDENCE_TYPES",
    "HOST_TYPES",
    "MATURITIES",
    "PROVIDER_CATEGORIES",
    "ROLES",
    "VISIBILITIES",
    "App",
    "Client",
    "Evidence",
    "SharedHost",
    "Vendor",
]

CATEGORIES = (
    "chat_assistant",
    "api_provider",
    "image_gen",
    "coding_assistant",
    "coding_agent_cli",
    "agent_platform",
    "saas_ai_feature",
    "meeting_notetaker",
    "video_gen",
    "voice_audio",
    "aggregator",
    "search_answer",
    "writing",
    "local_inference",
    "app_builder",
    "companion",
    "browser_extension",
    "research",
    "mcp",
    "llmops_observability",
    "crm_support_feature",
    "productivity",
    "music_gen",
    "sales_hr",
    "browser_ai",
    "presentation",
    "gpu_inference_cloud",
    "design_feature",
    "vector_db",
    "office_suite_feature",
    "education",
    "model_hub",
    "ai_security",
    "os_assistant",
    "data_analytics",
    "translation",
)

PROVIDER_CATEGORIES = frozenset(
    {"api_provider", "aggregator", "gpu_inference_cloud", "local_inference", "model_hub"}
)
"""Apps that serve models to other software: a recognised client that talks to one is the app, they its
provider."""

CLIENT_WEIGHT = 60
"""How strongly a client's own word (User-Agent, header, Origin) speaks for it. It is easily forged."""

HOST_TYPES = ("host_exact", "host_suffix", "host_regex")

EVIDENCE_TYPES = (*HOST_TYPES, "url_path", "http_header", "user_agent", "origin_extension", "port")

ROLES = ("ui", "api", "upload", "realtime", "telemetry", "auth", "static", "update")

MATURITIES = ("draft", "test", "stable", "retired")

VISIBILITIES = ("dns", "sni", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One typed value to match, what it proves and how strongly."""

    id: str
    """Unique within its app."""
    type: str
    """One of ``EVIDENCE_TYPES``."""
    value: str
    """As written in the catalogue."""
    proves: Proves
    weight: int
    """0 to 100. A host of weight 0 names a product that is not AI; only a path on it is."""
    role: str | None = None
    feature: str | None = None
    """What of the app is used (``chat``, ``upload``, …)."""
    hosts: tuple[str, ...] = ()
    """Label-boundary suffixes, one of which the host must have."""
    anywhere: bool = False
    """``any: true``: holds on every host."""
    methods: tuple[str, ...] = ()
    """HTTP methods, upper case; empty: all."""
    content_types: tuple[str, ...] = ()
    """Media types without parameters, lower case; empty: all."""
    requires: str | None = None
    """Id of evidence of the same app that must hold too."""
    visibility: tuple[str, ...] = VISIBILITIES
    inspect: bool = True
    """Whether the host it names may be decrypted."""
    source: str | None = None
    verified: str | None = None
    """The day, ``YYYY-MM-DD``, on which it was checked against its source."""
    note: str | None = None
    pattern: str | None = None
    """The regular expression as ``re`` runs it, for the types that have one."""
    header: str | None = None
    """Name of the header it looks at, lower case."""
    keys: tuple[str, ...] = ()
    """What ``index`` files an expression under: the host's last labels, the path's first segment, or the
    header value's first two characters. Empty where none is certain."""

    @property
    def is_host(self) -> bool:
        return self.type in HOST_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app and its evidence."""

    id: str
    """``vendor.app``."""
    name: str
    vendor: str
    """Key in the vendors' file."""
    category: str
    maturity: str
    description: str
    references: tuple[str, ...] = ()
    modified: str = ""
    """The day of the last change, ``YYYY-MM-DD``."""
    falsepositives: tuple[str, ...] = ()
    inspect: bool = True
    provider: str | None = None
    """App id of the API that serves it."""
    dialects: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    excludes_path: tuple[str, ...] = ()
    """Regular expressions: these paths belong to another app."""
    tenant: Mapping[str, Any] = field(default_factory=dict)
    extract: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    """The file it was read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Who makes an app. What is not known is absent."""

    id: str
    name: str
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    url: str | None = None
    source: str | None = None
    verified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A piece of software that gives itself away in a request's head."""

    id: str
    name: str
    signs: tuple[Evidence, ...]
    """What it gives itself away by, any of: ``user_agent``, ``http_header`` or ``origin_extension``."""
    app: str | None = None
    """The app that this software is the client of."""
    source: str | None = None
    verified: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedHost:
    """A host, and all under it, that many services use: it never gives an app."""

    host: str
    role: str
    note: str | None = None
