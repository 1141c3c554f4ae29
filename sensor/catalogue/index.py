"""
The catalogue, and the indexed matcher.

One look-up for each label of the host, one for the path's first segment, the port, and each header that
evidence names, gives the few apps of which anything could hold; those are weighed whole. Hosts of no app cost
a handful of dictionary look-ups. What can be found is filed like this:

- exact hosts and suffixes under themselves, host expressions under the literal labels that they end in;
- paths and headers that name hosts under those, ones that require other evidence under what that is under;
- paths that hold anywhere under their first literal segment; headers and User-Agents under the header's name,
  where they are tried at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from sensor.catalogue.judging import UNKNOWN, ClientHit, Hit, Named, excluded, host_under, judge
from sensor.catalogue.records import App, Client, Evidence, SharedHost, Vendor
from sensor.catalogue.regexes import compiled
from sensor.catalogue.subjects import Facts, facts_of
from sensor.model import NOTHING, Identification, Seen

__all__ = ["Catalogue"]

_Key = TypeVar("_Key")
_T = TypeVar("_T")
_ByStart = dict[str, list[_T]]

_EXTENSION_SCHEMES = frozenset({"chrome-extension", "moz-extension", "safari-web-extension"})


class Catalogue:
    """Every signature, ready to match. Immutable once made."""

    def __init__(
        self,
        *,
        apps: Iterable[App],
        generic: App | None,
        clients: Iterable[Client],
        vendors: Iterable[Vendor],
        shared: Iterable[SharedHost],
        hash: str,
    ) -> None:
        self.apps: Mapping[str, App] = {app.id: app for app in apps}
        self.clients: Mapping[str, Client] = {client.id: client for client in clients}
        self.vendors: Mapping[str, Vendor] = {vendor.id: vendor for vendor in vendors}
        self.shared: Mapping[str, SharedHost] = {one.host: one for one in shared}
        self.generic = generic
        """The shapes of LLM APIs that no app claims."""
        self.hash = hash
        """SHA-256 of all signature files, hex."""
        self._by_host: dict[str, list[App]] = {}
        self._by_segment: dict[str, list[App]] = {}
        self._by_port: dict[int, list[App]] = {}
        self._by_header: dict[str, _ByStart[tuple[App, Evidence]]] = {}
        self._any_path: list[App] = []
        for app in self.apps.values():
            evidence = {one.id: one for one in app.evidence}
            for one in app.evidence:
                self._file(app, one, evidence)
        self._sorted = {app.id: _required_first(app.evidence) for app in self.apps.values()}
        self._generic_evidence = _required_first(generic.evidence) if generic is not None else ()
        self._signs: dict[str, _ByStart[tuple[Client, int, Evidence]]] = {}
        for client in self.clients.values():
            for position, sign in enumerate(client.signs):
                _file_header(self._signs, sign, (client, position, sign))

    # --- filing ---------------------------------------------------------------------------------------

    def _file(self, app: App, evidence: Evidence, others: Mapping[str, Evidence]) -> None:
        if evidence.is_host or evidence.hosts:
            keys = evidence.hosts or evidence.keys or (evidence.value,)
            for key in keys:
                _add(self._by_host, key, app)
        elif evidence.requires is not None:
            self._file(app, others[evidence.requires], others)
        elif evidence.type == "url_path":
            for key in evidence.keys:
                _add(self._by_segment, key, app)
            if not evidence.keys and app not in self._any_path:
                self._any_path.append(app)
        elif evidence.type == "port":
            _add(self._by_port, int(evidence.value), app)
        else:
            _file_header(self._by_header, evidence, (app, evidence))

    # --- matching -------------------------------------------------------------------------------------

    def identify(self, seen: Seen) -> Identification:
        """Which app, provider and client this is; ``NOTHING`` where the catalogue knows none."""
        facts = facts_of(seen)
        candidates = self._candidates(facts)
        client = self._client(facts) if facts.headers else None
        generic = None
        if self.generic is not None and (facts.path is not None or facts.headers):
            generic = Named(self.generic, _hits(self._generic_evidence, facts))
        if not candidates and client is None and (generic is None or not generic.hits):
            return NOTHING
        named = [
            Named(app, _hits(self._sorted[app.id], facts)) for app in candidates if not excluded(app, facts)
        ]
        return judge(named, generic, client, facts, self.shared_over(facts.host))

    def shared_over(self, host: str | None) -> str | None:
        """The most specific shared host that this host (in normal form) is or lies under."""
        while host:
            if host in self.shared:
                return host
            host = host.partition(".")[2]
        return None

    def _candidates(self, facts: Facts) -> list[App]:
        """Every app of which something could hold, and perhaps a few more."""
        found: dict[str, App] = {}
        rest = facts.host
        by_host = self._by_host
        while rest:
            for app in by_host.get(rest, ()):
                found[app.id] = app
            rest = rest.partition(".")[2]
        for app in self._by_port.get(facts.port or 0, ()):
            found[app.id] = app
        if facts.path is not None:
            for app in self._by_segment.get(facts.path[1:].partition("/")[0], ()):
                found[app.id] = app
            for app in self._any_path:
                found[app.id] = app
        for app, evidence in _filed(self._by_header, facts):
            if app.id not in found and _header_hit(evidence, facts) is not None:
                found[app.id] = app
        return list(found.values())

    def _client(self, facts: Facts) -> ClientHit | None:
        """The client of which most holds; among equals, of the longest sign; among those, the first by id."""
        held: dict[str, set[tuple[int, int]]] = {}
        for client, position, sign in _filed(self._signs, facts):
            if _header_hit(sign, facts) is not None:
                held.setdefault(client.id, set()).add((len(sign.value), -position))
        if not held:
            return None
        chosen = min(held, key=lambda one: (-len(held[one]), -max(held[one])[0], one))
        client = self.clients[chosen]
        app = self.apps[client.app] if client.app is not None else None
        return ClientHit(client, app, client.signs[-max(held[chosen])[1]])


def _add(table: dict[_Key, list[App]], key: _Key, app: App) -> None:
    apps = table.setdefault(key, [])
    if app not in apps:
        apps.append(app)


def _file_header(table: dict[str, _ByStart[_T]], evidence: Evidence, entry: _T) -> None:
    """File by the header's name and the first two characters of the values that match; "" where unknown."""
    by_start = table.setdefault(evidence.header or "", {})
    for key in evidence.keys or ("",):
        by_start.setdefault(key, []).append(entry)


def _filed(table: Mapping[str, _ByStart[_T]], facts: Facts) -> Iterator[_T]:
    """Whatever could hold of these headers."""
    for name, values in (facts.headers or {}).items():
        by_start = table.get(name)
        if by_start is not None:
            yield from by_start.get("", ())
            for value in values:
                yield from by_start.get(value[:2], ())


def _required_first(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence in an order in which what is required stands before what requires it."""
    by_id = {one.id: one for one in evidence}

    def depth(one: Evidence) -> int:
        return 0 if one.requires is None else 1 + depth(by_id[one.requires])

    return tuple(sorted(evidence, key=depth))


# --- does it hold -------------------------------------------------------------------------------------


def _hits(evidence: tuple[Evidence, ...], facts: Facts) -> tuple[Hit, ...]:
    """All that holds; ``evidence`` in the order of ``_required_first``."""
    found: list[Hit] = []
    held: set[str] = set()
    host = facts.host
    for one in evidence:
        if facts.visibility not in one.visibility or (one.requires is not None and one.requires not in held):
            continue
        if one.hosts and not any(host_under(host, suffix) for suffix in one.hosts):
            continue
        hit = _TESTS[one.type](one, facts)
        if hit is not None:
            found.append(hit)
            held.add(one.id)
    return tuple(found)


def _exact_hit(one: Evidence, facts: Facts) -> Hit | None:
    return Hit(one, 1.0) if one.value == facts.host else None


def _suffix_hit(one: Evidence, facts: Facts) -> Hit | None:
    return Hit(one, 1.0) if host_under(facts.host, one.value) else None


def _regex_hit(one: Evidence, facts: Facts) -> Hit | None:
    match = compiled(one.pattern or "").match(facts.host or "")
    return Hit(one, 1.0, match) if match is not None else None


def _path_hit(one: Evidence, facts: Facts) -> Hit | None:
    if facts.path is None:
        return None
    factor = 1.0
    if one.methods:
        if facts.method is None:
            factor *= UNKNOWN
        elif facts.method not in one.methods:
            return None
    match = compiled(one.pattern or "").match(facts.path)
    if match is None:
        return None
    if one.content_types:
        if facts.headers is None:
            factor *= UNKNOWN
        elif not any(
            _media_type(value) in one.content_types for value in facts.headers.get("content-type", ())
        ):
            return None
    return Hit(one, factor, match)


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _port_hit(one: Evidence, facts: Facts) -> Hit | None:
    return Hit(one, 1.0) if facts.port == int(one.value) else None


def _header_hit(one: Evidence, facts: Facts) -> Hit | None:
    values = facts.headers.get(one.header or "") if facts.headers else None
    if values is None:
        return None
    if one.type == "origin_extension":
        return Hit(one, 1.0) if any(_is_extension(value, one.value) for value in values) else None
    if one.pattern is None:
        return Hit(one, 1.0)
    # ``search`` would try an anchored expression at every place.
    expression = compiled(one.pattern)
    search = expression.match if one.pattern[0] == "^" else expression.search
    for value in values:
        match = search(value)
        if match is not None:
            return Hit(one, 1.0, match)
    return None


def _is_extension(origin: str, extension: str) -> bool:
    """Whether an ``Origin`` is that of a browser extension: ``chrome-extension://<id>``."""
    scheme, _, rest = origin.lower().partition("://")
    return scheme in _EXTENSION_SCHEMES and rest.removesuffix("/") == extension


_TESTS: Mapping[str, Callable[[Evidence, Facts], Hit | None]] = {
    "host_exact": _exact_hit,
    "host_suffix": _suffix_hit,
    "host_regex": _regex_hit,
    "url_path": _path_hit,
    "http_header": _header_hit,
    "user_agent": _header_hit,
    "origin_extension": _header_hit,
    "port": _port_hit,
}
