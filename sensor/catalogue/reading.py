"""
Signature files to records.

One function for each kind of file; what is wrong is a ``SignatureError`` with file, line and column, and the
name of the rule it breaks (``lint`` lists them by that name).

What one file can tell is checked here; what takes several (an unknown vendor, an id claimed twice) is checked
by ``load``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sensor.catalogue.records import (
    CATEGORIES,
    CLIENT_WEIGHT,
    EVIDENCE_TYPES,
    MATURITIES,
    ROLES,
    VISIBILITIES,
    App,
    Client,
    Evidence,
    SharedHost,
    Vendor,
)
from sensor.catalogue.regexes import Expression, PatternError, parse_expression
from sensor.catalogue.subjects import normalise_host
from sensor.catalogue.values import request_text
from sensor.errors import ConfigError, Location
from sensor.model import Proves
from sensor.yamldoc import Node, did_you_mean, parse_yaml

__all__ = [
    "AppFile",
    "Fixture",
    "SignatureError",
    "Source",
    "day_number",
    "read_app",
    "read_clients",
    "read_generic",
    "read_shared",
    "read_vendors",
]

GENERIC_ID = "generic"
"""Stands in for an app id in the evidence of unknown LLM APIs."""

_ID = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+\Z")
_WORD = re.compile(r"[a-z0-9_]+\Z")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z")
_HEADER = re.compile(r"([A-Za-z0-9_-]+):[ ]*(.*)\Z", re.DOTALL)
_METHOD = re.compile(r"[A-Z]{3,16}\Z")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+\Z")
_CHROME_ID = re.compile(r"[a-p]{32}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")

_LIMITS = {"port": 10}


class SignatureError(ConfigError):
    """A signature file is wrong; ``rule`` names what it breaks."""

    def __init__(self, rule: str, what: str, where: Location, hint: str | None = None) -> None:
        self.rule = rule
        super().__init__(what, where=where, hint=hint)


class Source(NamedTuple):
    """One signature file."""

    name: str
    """Its place inside the signatures' folder, with slashes: ``apps/openai/chatgpt.yaml``."""
    text: str
    shown: str | None = None
    """How a message names the file; ``None``: by its name."""

    @property
    def path(self) -> str:
        return self.shown or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """A case that a signature file brings along."""

    value: str
    """As ``identify`` takes it: a host, a URL, a method and a URL, or a JSON object."""
    expect: dict[str, str]
    """Fields of the answer that must be so, beyond the app."""
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFile:
    """An app, the cases that prove it, and where its parts stand."""

    app: App
    match: tuple[Fixture, ...]
    nomatch: tuple[Fixture, ...]
    node: Node

    def location(self, *keys: str) -> Location:
        """Where the value under these keys stands; ``evidence`` is followed by an evidence id."""
        node = self.node
        for key in keys:
            if node.is_sequence:
                node = next(item for item in node.sequence() if item.mapping()["id"].text() == key)
            else:
                node = node.mapping().get(key, node)
        return node.location


def _refuse(rule: str, node: Node, what: str, hint: str | None = None) -> SignatureError:
    return SignatureError(rule, what, node.location, hint)


# --- apps ---------------------------------------------------------------------------------------------


def read_app(source: Source) -> AppFile:
    """The app in one file, named after its id: ``apps/openai/chatgpt.yaml`` holds ``openai.chatgpt``."""
    node = parse_yaml(source.text, source.path)
    parts = node.mapping(
        allowed={
            "maturity", "references", "inspect", "provider", "dialects", "excludes_path", "tenant", "extract",
        },
        required=("id", "name", "vendor", "category", "description", "modified", "falsepositives", "evidence",
                  "fixtures"),
    )  # fmt: skip
    folder, _, file = source.name.removesuffix(".yaml").rpartition("/")
    expected = f"{folder.rpartition('/')[2]}.{file}"
    app_id = _identifier(parts["id"])
    if app_id != expected:
        raise _refuse(
            "file-name",
            parts["id"],
            f'the id is "{app_id}", but the file\'s place says "{expected}"',
            f"Move it to apps/{app_id.replace('.', '/')}.yaml, or change the id.",
        )
    category = parts["category"].text()
    if category not in CATEGORIES:
        raise _refuse(
            "unknown-category",
            parts["category"],
            f'unknown category "{category}"',
            did_you_mean(category, CATEGORIES, "categories"),
        )
    false_positives = parts["falsepositives"].texts()
    if not false_positives:
        raise _refuse(
            "falsepositives",
            parts["falsepositives"],
            "no false positives are named",
            'Name the look-alikes, or write "none known" and why.',
        )
    evidence = _evidence_list(parts["evidence"])
    app = App(
        id=app_id,
        name=parts["name"].text(),
        vendor=parts["vendor"].text(),
        category=category,
        maturity=_optional(parts, "maturity", lambda node: node.one_of(MATURITIES, "maturity")) or "stable",
        description=parts["description"].text().strip(),
        references=tuple(_texts(parts, "references")),
        modified=_day(parts["modified"]),
        falsepositives=tuple(false_positives),
        inspect=_flag(parts, "inspect", True),
        provider=_optional(parts, "provider", _identifier),
        dialects=tuple(_texts(parts, "dialects")),
        evidence=evidence,
        excludes_path=tuple(_expression(item, "path").runnable for item in _items(parts, "excludes_path")),
        tenant=_free(parts, "tenant"),
        extract=_free(parts, "extract"),
        path=source.path,
    )
    match, nomatch = _fixtures(parts["fixtures"])
    return AppFile(app=app, match=match, nomatch=nomatch, node=node)


def read_generic(source: Source) -> AppFile:
    """The shapes of LLM APIs that no app claims; they look like the evidence of one app."""
    node = parse_yaml(source.text, source.path)
    parts = node.mapping(required=("generic", "description", "modified", "evidence", "fixtures"), allowed=())
    if parts["generic"].boolean() is not True:
        raise _refuse("schema", parts["generic"], "generic must be true")
    evidence = _evidence_list(parts["evidence"])
    for one, item in zip(evidence, parts["evidence"].sequence(), strict=True):
        if one.is_host or one.hosts or one.type == "port":
            raise _refuse("schema", item, "a generic shape names no host and no port")
    app = App(
        id=GENERIC_ID,
        name="Unknown LLM API",
        vendor="",
        category="api_provider",
        maturity="stable",
        description=parts["description"].text().strip(),
        modified=_day(parts["modified"]),
        evidence=evidence,
        path=source.path,
    )
    match, nomatch = _fixtures(parts["fixtures"])
    return AppFile(app=app, match=match, nomatch=nomatch, node=node)


def _evidence_list(node: Node) -> tuple[Evidence, ...]:
    evidence: dict[str, Evidence] = {}
    items = node.sequence()
    if not items:
        raise _refuse("schema", node, "there is no evidence")
    for item in items:
        one = _evidence(item)
        if one.id in evidence:
            raise _refuse("duplicate-id", item, f'evidence "{one.id}" stands here twice')
        evidence[one.id] = one
    for item in items:
        _check_requires(item, evidence)
    return tuple(evidence.values())


def _check_requires(item: Node, evidence: dict[str, Evidence]) -> None:
    """What is required is there, and does not lead back."""
    one = evidence[item.mapping()["id"].text()]
    seen = [one.id]
    while one.requires is not None:
        node = item.mapping()["requires"]
        if one.requires not in evidence:
            raise _refuse(
                "schema",
                node,
                f'requires unknown evidence "{one.requires}"',
                did_you_mean(one.requires, list(evidence), "ids here"),
            )
        if one.requires in seen:
            raise _refuse("schema", node, f"evidence requires itself: {' → '.join([*seen, one.requires])}")
        seen.append(one.requires)
        one = evidence[one.requires]


def _evidence(node: Node) -> Evidence:
    parts = node.mapping(
        allowed={
            "role", "feature", "hosts", "any", "methods", "content_types", "requires", "visibility",
            "inspect", "source", "verified", "note",
        },
        required=("id", "type", "value", "proves", "weight"),
    )  # fmt: skip
    kind = parts["type"].one_of(EVIDENCE_TYPES, "evidence type")
    value, pattern, header, keys = _VALUES[kind](parts["value"])
    evidence = Evidence(
        id=_word(parts["id"]),
        type=kind,
        value=value,
        proves=Proves(parts["proves"].one_of([str(proves) for proves in Proves], "kind of proof")),
        weight=parts["weight"].integer(0, _LIMITS.get(kind, 100)),
        role=_optional(parts, "role", lambda node: node.one_of(ROLES, "role")),
        feature=_optional(parts, "feature", _word),
        hosts=tuple(_host(item) for item in _items(parts, "hosts")),
        anywhere=_flag(parts, "any", False),
        methods=tuple(
            _matching(item, _METHOD, "an HTTP method in capitals") for item in _items(parts, "methods")
        ),
        content_types=tuple(
            _matching(item, _MEDIA_TYPE, "a media type in lower case")
            for item in _items(parts, "content_types")
        ),
        requires=_optional(parts, "requires", _word),
        visibility=tuple(item.one_of(VISIBILITIES, "visibility") for item in _items(parts, "visibility"))
        or VISIBILITIES,
        inspect=_flag(parts, "inspect", True),
        source=_optional(parts, "source", Node.text),
        verified=_optional(parts, "verified", _day),
        note=_optional(parts, "note", Node.text),
        pattern=pattern,
        header=header,
        keys=keys,
    )
    _check_conditions(node, parts, evidence)
    return evidence


def _check_conditions(node: Node, parts: dict[str, Node], evidence: Evidence) -> None:
    """Which conditions may, and must, stand with which type."""
    if evidence.is_host:
        for key in ("hosts", "any", "methods", "content_types", "requires"):
            if key in parts:
                raise _refuse("schema", parts[key], f"{evidence.type} takes no {key}")
    if evidence.type != "url_path":
        for key in ("methods", "content_types"):
            if key in parts:
                raise _refuse("schema", parts[key], f"{evidence.type} takes no {key}")
        if evidence.anywhere:
            raise _refuse("schema", parts["any"], f"{evidence.type} takes no any")
    elif evidence.anywhere:
        if evidence.hosts or evidence.requires:
            raise _refuse("schema", parts["any"], "any stands without hosts and requires")
        if not evidence.methods or not evidence.content_types:
            raise _refuse(
                "path-anywhere",
                node,
                "a path that holds on any host needs methods and content_types",
                "Paths alone collide: many services have an /api/chat.",
            )
    elif not evidence.hosts and evidence.requires is None:
        raise _refuse("schema", node, "url_path needs hosts, requires, or any: true")
    if evidence.type == "port" and evidence.requires is not None:
        raise _refuse("schema", parts["requires"], "port takes no requires")


# --- values of the evidence types ---------------------------------------------------------------------

_Value = tuple[str, str | None, str | None, tuple[str, ...]]
"""Value, pattern, header, keys."""


def _host_value(node: Node) -> _Value:
    return _host(node), None, None, ()


def _host_regex(node: Node) -> _Value:
    expression = _expression(node, "host")
    keys: set[str] = set()
    for tail, whole in expression.tails:
        labels = tail if whole else tail.partition(".")[2]
        if not expression.whole or "." not in labels or not _HOST.match(labels):
            raise _refuse(
                "host-regex",
                node,
                "a host expression must end in literal labels and '$'",
                r"Write the domain out: ^[a-z0-9-]+\.openai\.azure\.com$",
            )
        keys.add(labels)
    return node.text(), expression.runnable, None, tuple(sorted(keys))


def _url_path(node: Node) -> _Value:
    expression = _expression(node, "path")
    keys: set[str] = set()
    for head, whole in expression.heads:
        segment, slash, _ = head[1:].partition("/")
        if not head.startswith("/") or not (slash or (whole and expression.whole)):
            keys.clear()
            break
        keys.add(segment)
    return node.text(), expression.runnable, None, tuple(sorted(keys))


def _http_header(node: Node) -> _Value:
    found = _HEADER.match(node.text())
    if found is None or not found[1].islower():
        raise _refuse(
            "schema", node, "a header is written 'name: expression', its name in lower case",
            "'name:' alone asks that it is there.",
        )  # fmt: skip
    if not found[2]:
        return node.text(), None, found[1], ()
    return node.text(), *_header_expression(node, found[2], found[1])


def _header_expression(node: Node, text: str, name: str) -> tuple[str, str, tuple[str, ...]]:
    expression = _checked(node, text)
    keys = {head[:2] for head, _ in expression.heads}
    certain = expression.anchored and all(len(key) == 2 for key in keys)
    return expression.runnable, name, tuple(sorted(keys)) if certain else ()


def _user_agent(node: Node) -> _Value:
    text = node.text()
    if text.startswith("^"):
        return text, *_header_expression(node, text, "user-agent")
    # A token, which begins where a word does.
    return text, r"(?:\A|[ (;,/])" + re.escape(text), "user-agent", ()


def _origin_extension(node: Node) -> _Value:
    return _extension_id(node), None, "origin", ()


def _extension_id(node: Node) -> str:
    text = node.text()
    if not _CHROME_ID.match(text) and not _UUID.match(text):
        raise _refuse(
            "extension-id",
            node,
            f'"{text}" is no extension id',
            f"Chrome's have 32 letters from a to p (this has {len(text)} characters), Firefox's are UUIDs.",
        )
    return text


def _port(node: Node) -> _Value:
    return str(node.integer(1, 65535)), None, None, ()


_VALUES: dict[str, Callable[[Node], _Value]] = {
    "host_exact": _host_value,
    "host_suffix": _host_value,
    "host_regex": _host_regex,
    "url_path": _url_path,
    "http_header": _http_header,
    "user_agent": _user_agent,
    "origin_extension": _origin_extension,
    "port": _port,
}


def _expression(node: Node, what: str) -> Expression:
    """A host or path expression: anchored at its start, hosts in lower case."""
    text = node.text()
    if not text.startswith("^"):
        raise _refuse("unsafe-regex", node, f"a {what} expression begins with '^'")
    if what == "host" and re.search(r"(?<!\\)[A-Z]", text.replace("(?P<", "(")):
        raise _refuse("host-regex", node, "hosts are matched in lower case")
    return _checked(node, text)


def _checked(node: Node, text: str) -> Expression:
    try:
        return parse_expression(text)
    except PatternError as error:
        raise _refuse("unsafe-regex", node, str(error), error.hint) from None


# --- fixtures -----------------------------------------------------------------------------------------


def _fixtures(node: Node) -> tuple[tuple[Fixture, ...], tuple[Fixture, ...]]:
    parts = node.mapping(allowed={"match", "nomatch"})
    return (
        tuple(_fixture(item) for item in _items(parts, "match")),
        tuple(_fixture(item) for item in _items(parts, "nomatch")),
    )


def _fixture(node: Node) -> Fixture:
    if not node.is_mapping:
        return Fixture(value=node.text(), expect={}, location=node.location)
    expectable = ("proves", "provider", "client", "region", "feature", "model", "tenant")
    parts = node.mapping(allowed={"method", "headers", *expectable}, required=("url",))
    headers = {name: value.text(empty=True) for name, value in _mapping(parts, "headers").items()}
    method = _optional(parts, "method", Node.text)
    return Fixture(
        value=request_text(parts["url"].text(), method, headers if "headers" in parts else None),
        expect={key: parts[key].text() for key in expectable if key in parts},
        location=node.location,
    )


# --- the other files ----------------------------------------------------------------------------------


def read_vendors(source: Source) -> list[tuple[Vendor, Location]]:
    """``id: {name, country, url, source, verified}``."""
    node = parse_yaml(source.text, source.path)
    vendors = []
    for key, item in node.mapping().items():
        where = node.key_location(key)
        if not _WORD.match(key):
            raise SignatureError("schema", f'"{key}" is no vendor id: lower case, digits and _', where)
        parts = item.mapping(allowed={"country", "url", "source", "verified"}, required=("name",))
        vendor = Vendor(
            id=key,
            name=parts["name"].text(),
            country=_optional(
                parts, "country", lambda node: _matching(node, _COUNTRY, "a two-letter country")
            ),
            url=_optional(parts, "url", Node.text),
            source=_optional(parts, "source", Node.text),
            verified=_optional(parts, "verified", _day),
        )
        vendors.append((vendor, where))
    return vendors


def read_clients(source: Source) -> list[tuple[Client, Location]]:
    """A list of ``{id, name, user_agents, headers, extensions, app, source, verified, note}``."""
    clients = []
    for item in parse_yaml(source.text, source.path).sequence():
        parts = item.mapping(
            allowed={"user_agents", "headers", "extensions", "app", "source", "verified", "note"},
            required=("id", "name"),
        )
        signs = [_sign(kind, node) for key, kind in _SIGNS.items() for node in _items(parts, key)]
        if not signs:
            raise _refuse("schema", item, "a client needs user_agents, headers or extensions")
        client = Client(
            id=_identifier(parts["id"]),
            name=parts["name"].text(),
            signs=tuple(signs),
            app=None if "app" not in parts or parts["app"].is_null else _identifier(parts["app"]),
            source=_optional(parts, "source", Node.text),
            verified=_optional(parts, "verified", _day),
            note=_optional(parts, "note", Node.text),
        )
        clients.append((client, item.location))
    return clients


_SIGNS = {"user_agents": "user_agent", "headers": "http_header", "extensions": "origin_extension"}


def _sign(kind: str, node: Node) -> Evidence:
    value, pattern, header, keys = _VALUES[kind](node)
    return Evidence(
        id="client", type=kind, value=value, proves=Proves.PRESENCE, weight=CLIENT_WEIGHT, pattern=pattern,
        header=header, keys=keys,
    )  # fmt: skip


def read_shared(source: Source) -> list[tuple[SharedHost, Location]]:
    """A list of ``{host, role, note}``."""
    shared = []
    for item in parse_yaml(source.text, source.path).sequence():
        parts = item.mapping(allowed={"note"}, required=("host", "role"))
        host = SharedHost(
            host=_host(parts["host"]), role=_word(parts["role"]), note=_optional(parts, "note", Node.text)
        )
        shared.append((host, item.location))
    return shared


# --- small readers ------------------------------------------------------------------------------------


_T = TypeVar("_T")


def _optional(parts: dict[str, Node], key: str, read: Callable[[Node], _T]) -> _T | None:
    return read(parts[key]) if key in parts else None


def _items(parts: dict[str, Node], key: str) -> list[Node]:
    """The nodes of a list; a text alone stands for a list of one."""
    if key not in parts:
        return []
    return [parts[key]] if parts[key].is_text else parts[key].sequence()


def _texts(parts: dict[str, Node], key: str) -> list[str]:
    return parts[key].texts() if key in parts else []


def _flag(parts: dict[str, Node], key: str, default: bool) -> bool:
    return parts[key].boolean() if key in parts else default


def _mapping(parts: dict[str, Node], key: str) -> dict[str, Node]:
    return parts[key].mapping() if key in parts else {}


def _free(parts: dict[str, Node], key: str) -> dict[str, Any]:
    """A mapping that is kept as it stands."""
    return {name: node.value for name, node in _mapping(parts, key).items()}


def _identifier(node: Node) -> str:
    return _matching(node, _ID, "an id of the form vendor.app, in lower case, digits and _")


def _word(node: Node) -> str:
    return _matching(node, _WORD, "a word of lower-case letters, digits and _")


def _matching(node: Node, form: re.Pattern[str], what: str) -> str:
    text = node.text()
    if not form.match(text):
        raise _refuse("schema", node, f'"{text}" is not {what}')
    return text


def _host(node: Node) -> str:
    text = node.text()
    normal = normalise_host(text.removeprefix("*").removeprefix("."))
    if normal != text:
        raise _refuse(
            "host-form", node, f'"{text}" is no host in normal form', f'Write "{normal}".' if normal else None
        )
    if not _HOST.match(text) or "." not in text:
        raise _refuse("host-form", node, f'"{text}" is no host of two labels or more')
    return text


def _day(node: Node) -> str:
    text = node.text()
    if day_number(text) is None:
        raise _refuse("schema", node, f'"{text}" is no day', "Write it as 2026-11-24.")
    return text


def day_number(day: str) -> int | None:
    """
    Days since 0000-03-01 of a day written ``YYYY-MM-DD``; ``None`` where it is none.

    Differences of two of these are days. (The calendar's arithmetic alone: no clock is at hand here.)
    """
    found = _DAY.match(day)
    if found is None:
        return None
    year, month, date = int(found[1]), int(found[2]), int(found[3])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= month <= 12 or not 1 <= date <= lengths[month - 1]:
        return None
    if month < 3:
        year -= 1
        month += 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + date - 1
