"""
The plain matcher: every client, every app, every piece of evidence, one after the other, as the words say it.

It is what the indexed matcher is tested against, so it shares with it only the normal form of what is matched
and the judgement of what was found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sensor.catalogue.judging import UNKNOWN, ClientHit, Hit, Named, judge
from sensor.catalogue.records import App, Evidence
from sensor.catalogue.regexes import compiled
from sensor.catalogue.subjects import Facts, facts_of
from sensor.model import Identification, Seen

if TYPE_CHECKING:
    from sensor.catalogue.index import Catalogue

__all__ = ["identify_plainly"]


def identify_plainly(catalogue: Catalogue, seen: Seen) -> Identification:
    """What ``catalogue.identify(seen)`` answers, found without an index."""
    facts = facts_of(seen)
    named = []
    for app in catalogue.apps.values():
        if facts.path is None or not any(
            compiled(pattern).search(facts.path) for pattern in app.excludes_path
        ):
            named.append(Named(app, _hits(app, facts)))
    generic = Named(catalogue.generic, _hits(catalogue.generic, facts)) if catalogue.generic else None
    shared = [one.host for one in catalogue.shared.values() if _under(facts.host, one.host)]
    return judge(named, generic, _client(catalogue, facts), facts, max(shared, key=len, default=None))


def _hits(app: App, facts: Facts) -> tuple[Hit, ...]:
    found = []
    for evidence in app.evidence:
        hit = _holds(app, evidence, facts)
        if hit is not None:
            found.append(hit)
    return tuple(found)


def _holds(app: App, evidence: Evidence, facts: Facts) -> Hit | None:
    if facts.visibility not in evidence.visibility:
        return None
    if evidence.hosts and not any(_under(facts.host, host) for host in evidence.hosts):
        return None
    if evidence.requires is not None:
        required = next(other for other in app.evidence if other.id == evidence.requires)
        if _holds(app, required, facts) is None:
            return None
    factor = 1.0
    if evidence.methods:
        if facts.method is None:
            factor *= UNKNOWN
        elif facts.method not in evidence.methods:
            return None
    if evidence.content_types:
        if facts.headers is None:
            factor *= UNKNOWN
        elif not any(
            value.split(";")[0].strip().lower() in evidence.content_types
            for value in facts.headers.get("content-type", ())
        ):
            return None
    held, match = _matches(evidence, facts)
    return Hit(evidence, factor, match) if held else None


def _matches(evidence: Evidence, facts: Facts) -> tuple[bool, re.Match[str] | None]:
    """Whether the value itself matches, and what its expression found."""
    values = () if facts.headers is None else facts.headers.get(evidence.header or "", ())
    match evidence.type:
        case "host_exact":
            return facts.host == evidence.value, None
        case "host_suffix":
            return _under(facts.host, evidence.value), None
        case "port":
            return str(facts.port) == evidence.value, None
        case "origin_extension":
            form = f"(chrome|moz|safari-web)-extension://{evidence.value}/?"
            return any(re.fullmatch(form, value.lower()) for value in values), None
        case "host_regex":
            values = (facts.host or "",)
        case "url_path":
            values = (facts.path or "",)
    if evidence.pattern is None:
        return bool(values), None
    for value in values:
        found = compiled(evidence.pattern).search(value)
        if found is not None:
            return True, found
    return False, None


def _client(catalogue: Catalogue, facts: Facts) -> ClientHit | None:
    """The client of which most holds; among equals, of the longest sign; among those, the first by id."""
    best: tuple[tuple[int, int], ClientHit] | None = None
    for client in sorted(catalogue.clients.values(), key=lambda client: client.id):
        held = [sign for sign in client.signs if _matches(sign, facts)[0]]
        if held:
            longest = max(held, key=lambda sign: len(sign.value))
            rank = (len(held), len(longest.value))
            if best is None or rank > best[0]:
                app = catalogue.apps[client.app] if client.app is not None else None
                best = (rank, ClientHit(client, app, longest))
    return best[1] if best is not None else None


def _under(host: str | None, suffix: str) -> bool:
    labels, wanted = (host or "").split("."), suffix.split(".")
    return labels[-len(wanted) :] == wanted
