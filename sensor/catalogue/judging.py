"""
From what matched to the answer: which app, provider and client, what is proved, how surely.

Both matchers end here, so they can differ only in what they find. The rules, in the order they are applied:

1. An app is out where its ``excludes_path`` holds: the path belongs to another app.
2. Of an app's host evidence the most specific decides alone: exact before expression before longest suffix.
   It counts for nothing where a shared host is as specific.
3. Where the path is known, a user-interface host, or a host on which the app names paths, proves use only
   together with a path that does; else it proves no more than presence.
4. Confidence is 1 − Π(1 − weight) over distinct kinds of evidence, each weight lowered where a condition
   could not be known, and capped by the strongest proof (``CAPS``). A port alone is nothing.
5. Among apps: evidence that is bound to the host before what holds on any host; evidence of use by path,
   header or client before host alone; then the more specific host; then confidence.
6. A recognised client that is an app of its own, talking to one that serves models: the client's app is the
   app, the other its provider.
7. No app, but the shape of an LLM API: ``generic``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sensor.catalogue.records import CLIENT_WEIGHT, PROVIDER_CATEGORIES, App, Client, Evidence
from sensor.catalogue.regexes import compiled
from sensor.catalogue.subjects import Facts
from sensor.model import NOTHING, Identification, Match, Proves

__all__ = ["CAPS", "UNKNOWN", "ClientHit", "Hit", "Named", "excluded", "host_under", "judge"]

UNKNOWN = 0.9
"""What a condition that cannot be known leaves of a weight."""

CAPS: Mapping[Proves, float] = {
    Proves.USAGE: 0.99,
    Proves.ACCOUNT: 0.90,
    Proves.CONFIG: 0.80,
    Proves.PRESENCE: 0.70,
    Proves.TELEMETRY: 0.30,
}
"""Confidence never exceeds that of the strongest proof; strongest first."""

_STRENGTH = {proves: rank for rank, proves in enumerate(reversed(list(CAPS)))}
_HOST_RANK = {"host_exact": 3, "host_regex": 2, "host_suffix": 1}
_SPECIFIC = frozenset({"url_path", "http_header", "user_agent", "origin_extension"})


@dataclass(frozen=True, slots=True)
class Hit:
    """Evidence that held."""

    evidence: Evidence
    factor: float
    """1, lowered for every condition that could not be known."""
    match: re.Match[str] | None = None
    """What the expression found, for its named groups."""


@dataclass(frozen=True, slots=True)
class Named:
    """An app of which something held, or whose hosts this is one of."""

    app: App
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ClientHit:
    """A client that gave itself away, and by what."""

    client: Client
    app: App | None
    """The app that it is the client of."""
    sign: Evidence
    """What it was known by."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """An app with what speaks for it."""

    app: App
    hits: tuple[Hit, ...]
    weights: Mapping[str, float]
    """The best weight (0 to 1) of each kind of evidence."""
    proves: Proves
    rank: tuple[bool, bool, int, int, float, int]


def host_under(host: str | None, suffix: str) -> bool:
    """Whether the host is the suffix or lies under it, by whole labels."""
    return host is not None and (host == suffix or host.endswith("." + suffix))


def excluded(app: App, facts: Facts) -> bool:
    """Whether the path belongs to another app."""
    path = facts.path
    return path is not None and any(compiled(pattern).match(path) for pattern in app.excludes_path)


def judge(
    named: Iterable[Named],
    generic: Named | None,
    client: ClientHit | None,
    facts: Facts,
    shared: str | None,
) -> Identification:
    """
    The answer.

    ``generic`` are the shapes that held; ``shared`` is the most specific shared host that this one is or
    lies under.
    """
    named = list(named)
    inspect = [(one.app.id, flag) for one in named if (flag := _inspect(one, facts)) is not None]
    weighed = [one for one in (_weigh(app, facts, shared) for app in named) if one is not None]
    best = max(weighed, key=lambda one: (one.rank, _reversed(one.app.id)), default=None)
    flags = dict(inspect)
    if best is not None and best.app.id in flags:
        may_inspect = flags[best.app.id]
    else:
        may_inspect = any(flags.values())
    shape = None if best is not None or generic is None else _weigh(generic, facts, None)
    if best is None and shape is None and client is None:
        return Identification(inspect=True) if may_inspect else NOTHING
    return _answer(best, shape, client, shared, may_inspect)


def _reversed(word: str) -> tuple[int, ...]:
    """Orders words last to first, so that the first wins a ``max``."""
    return tuple(-ord(character) for character in word)


def _weigh(named: Named, facts: Facts, shared: str | None) -> _Weighed | None:
    """Rules 1 to 4 for one app; ``None`` where nothing speaks for it."""
    app = named.app
    host_hit = _host_hit(named.hits)
    host_rank = (0, 0)
    weights: dict[str, float] = {}
    proofs: list[Proves] = []
    kept: list[Hit] = []
    specific = False
    bound = False
    if host_hit is not None:
        one = host_hit.evidence
        host_rank = (_HOST_RANK[one.type], len(one.value))
        if one.weight and not _is_shared(one, facts, shared):
            proves, factor = _host_proof(app, named.hits, host_hit, facts)
            weights["host"] = one.weight / 100 * factor
            proofs.append(proves)
            kept.append(Hit(one, factor, host_hit.match))
            bound = True
    only_port = not weights
    for hit in named.hits:
        one = hit.evidence
        if one.is_host or not one.weight:
            continue
        weights[one.type] = max(weights.get(one.type, 0.0), one.weight / 100 * hit.factor)
        proofs.append(one.proves)
        kept.append(hit)
        specific = specific or (one.proves is Proves.USAGE and one.type in _SPECIFIC)
        bound = bound or _is_bound(one, app)
        only_port = only_port and one.type == "port"
    if only_port:
        return None
    proves = max(proofs, key=_STRENGTH.__getitem__)
    kept.sort(key=lambda hit: (-hit.evidence.weight, hit.evidence.id))
    confidence = _confidence(weights.values(), proves)
    rank = (bound, specific, *host_rank, confidence, _STRENGTH[proves])
    return _Weighed(app, tuple(kept), weights, proves, rank)


def _is_bound(evidence: Evidence, app: App) -> bool:
    """Whether the evidence, or what it requires, names hosts."""
    if evidence.is_host or evidence.hosts:
        return True
    required = [one for one in app.evidence if one.id == evidence.requires]
    return any(_is_bound(one, app) for one in required)


def _confidence(weights: Iterable[float], proves: Proves) -> float:
    doubt = 1.0
    for weight in sorted(weights):
        doubt *= 1 - weight
    return round(min(1 - doubt, CAPS[proves]), 4)


def _host_hit(hits: Iterable[Hit]) -> Hit | None:
    """The most specific host evidence among the hits."""
    hosts = [hit for hit in hits if hit.evidence.is_host]
    return max(
        hosts,
        key=lambda hit: (_HOST_RANK[hit.evidence.type], len(hit.evidence.value), hit.evidence.id),
        default=None,
    )


def _is_shared(evidence: Evidence, facts: Facts, shared: str | None) -> bool:
    """Whether a shared host is at least as specific as this evidence."""
    if shared is None:
        return False
    return shared == facts.host or (evidence.type == "host_suffix" and len(evidence.value) <= len(shared))


def _host_proof(app: App, hits: tuple[Hit, ...], host_hit: Hit, facts: Facts) -> tuple[Proves, float]:
    """What a host proves here, and what is left of its weight."""
    one = host_hit.evidence
    if one.proves is not Proves.USAGE:
        return one.proves, 1.0
    if facts.path is None:
        return one.proves, UNKNOWN
    if any(hit.evidence.type == "url_path" and hit.evidence.proves is Proves.USAGE for hit in hits):
        return one.proves, 1.0
    if one.role == "ui" or any(_names_paths_here(app, path, hits, facts) for path in app.evidence):
        return Proves.PRESENCE, 1.0
    return one.proves, 1.0


def _names_paths_here(app: App, evidence: Evidence, hits: tuple[Hit, ...], facts: Facts) -> bool:
    """Whether this is a path that the app names on this host."""
    if evidence.type != "url_path":
        return False
    if evidence.requires is not None and all(hit.evidence.id != evidence.requires for hit in hits):
        return False
    return not evidence.hosts or any(host_under(facts.host, host) for host in evidence.hosts)


_NEVER_READ = frozenset({"auth", "static", "telemetry", "update"})


def _inspect(named: Named, facts: Facts) -> bool | None:
    """
    Whether the app asks to read this host; ``None`` where it does not name it.

    Sign-in, static, telemetry and update hosts are never read: nothing is learned there that is worth a look.
    """
    host_hit = _host_hit(named.hits)
    if host_hit is not None:
        one = host_hit.evidence
        return named.app.inspect and one.inspect and one.role not in _NEVER_READ
    flags = [
        one.inspect
        for one in named.app.evidence
        if one.type == "url_path" and any(host_under(facts.host, host) for host in one.hosts)
    ]
    return named.app.inspect and all(flags) if flags else None


def _groups(hits: Iterable[Hit]) -> dict[str, str]:
    """Named groups of what matched: hosts first, then paths, then headers."""
    found: dict[str, str] = {}
    order = ("host_regex", "url_path", "http_header")
    matched = [hit for hit in hits if hit.match is not None and hit.evidence.type in order]
    for hit in sorted(matched, key=lambda hit: order.index(hit.evidence.type)):
        for name, text in hit.match.groupdict().items() if hit.match is not None else ():
            if text:
                found.setdefault(name, text)
    return found


def _matches(owner: str, hits: Iterable[Hit]) -> Iterator[Match]:
    for hit in hits:
        one = hit.evidence
        yield Match(f"{owner}/{one.id}", one.type, one.value, one.proves, one.weight)


def _answer(
    best: _Weighed | None,
    shape: _Weighed | None,
    client: ClientHit | None,
    shared: str | None,
    inspect: bool,
) -> Identification:
    """Rules 6 and 7."""
    base = best or shape
    hits = base.hits if base is not None else ()
    weights = dict(base.weights) if base is not None else {}
    proves = base.proves if base is not None else None
    evidence = list(_matches(base.app.id, hits)) if base is not None else []
    app = best.app if best is not None else None
    provider = _provider(app)
    if client is not None:
        own = client.app
        if own is not None and _speaks_for_itself(own, best, shape, shared):
            if app is not own:
                provider = app.id if app is not None and app.category in PROVIDER_CATEGORIES else None
                app = own
            kind = client.sign.type
            weights[kind] = max(weights.get(kind, 0.0), CLIENT_WEIGHT / 100)
            proves = proves or Proves.PRESENCE
        evidence.extend(_matches(client.client.id, [Hit(client.sign, 1.0)]))
    groups = _groups(hits)
    return Identification(
        app=app.id if app is not None else None,
        name=app.name if app is not None else None,
        vendor=app.vendor if app is not None else None,
        category=app.category if app is not None else None,
        feature=next((hit.evidence.feature for hit in hits if hit.evidence.feature), None),
        provider=provider,
        client=client.client.id if client is not None else None,
        proves=proves,
        confidence=_confidence(weights.values(), proves) if proves is not None else 0.0,
        generic=app is None and shape is not None,
        region=groups.get("region"),
        model=groups.get("model"),
        tenant=groups.get("tenant"),
        inspect=inspect,
        evidence=tuple(evidence),
    )


def _provider(app: App | None) -> str | None:
    if app is None:
        return None
    return app.provider or (app.id if app.category == "api_provider" else None)


def _speaks_for_itself(own: App, best: _Weighed | None, shape: _Weighed | None, shared: str | None) -> bool:
    """Whether the client's app is the app: not where another is used, nor on a host that many share."""
    if best is None:
        return shape is not None or shared is None
    return own is best.app or best.app.category in PROVIDER_CATEGORIES or best.proves is not Proves.USAGE
