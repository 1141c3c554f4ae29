"""
Which request header keeps which service to the company's own accounts.

Rule 1: overwrite, never append. Copies that a client sends are removed on every request to a host of the
vendor, the vendor's other headers of the same purpose and numbered ones included: duplicates are an error at
Anthropic and GitHub, and a client's own list would replace the company's.
Rule 2: a header goes to the hosts of its row and to no other. ``*.name`` stands for every name under
``name``, and not for ``name`` itself.
Rule 3: a malformed id is refused when the policy is read, with what to write. Some services ignore a value
they cannot read, and then restrict nothing (Gemini Code Assist says so).
Rule 4: where the vendor has no header that is known, ``restrict`` raises ``CannotBeRestricted``: a policy
must not promise what nobody enforces.

Sign-in hosts (``is_sign_in``) and hosts that are opened for a header alone (``is_inject_only``) are
decrypted, get their header, and are streamed through: their bodies are neither read nor recorded. That is the
caller's to hold.

The rows, with their sources and limits, stand in ``tenant_rows``. Lengths are bounded: ``MAX_IDS`` ids in a
list, ``MAX_VALUE`` characters in a header.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote

from sensor.dialects.tenant_rows import MAX_IDS, NEVER_DECRYPT, ROWS, WITHOUT_HEADER, Field, Refused, Row

__all__ = [
    "MAX_IDS",
    "MAX_VALUE",
    "NEVER_DECRYPT",
    "NO_EDIT",
    "ROWS",
    "WITHOUT_HEADER",
    "CannotBeRestricted",
    "Edit",
    "IdsProblem",
    "Refused",
    "Restriction",
    "check_together",
    "headers_for",
    "host_fits",
    "is_inject_only",
    "is_sign_in",
    "needs_header",
    "plain_host",
    "refused",
    "restrict",
    "restrict_company",
]

MAX_VALUE: Final = 7_500
"""Characters of one header's value: common servers refuse header lines over 8 KiB."""


class IdsProblem(ValueError):
    """Ids that cannot be used: ``what`` is wrong, and ``hint`` says what to write."""

    def __init__(self, what: str, hint: str) -> None:
        self.what = what
        self.hint = hint
        super().__init__(f"{what}; {hint}")


class CannotBeRestricted(ValueError):
    """The vendor has no header that is known."""

    def __init__(self, vendor: str, why: str) -> None:
        self.vendor = vendor
        self.why = why
        super().__init__(f"{vendor} cannot be restricted to a tenant: {why}")


class Restriction(NamedTuple):
    """One header for the hosts of one pattern."""

    host: str
    header: str
    value: str
    vendor: str


class Edit(NamedTuple):
    """What is to be done to the headers of one request: first remove, then set."""

    set: tuple[tuple[str, str], ...]
    remove: tuple[str, ...]
    """Names, to be compared without regard to case."""


NO_EDIT: Final = Edit((), ())

_SIGN_IN = frozenset(host for row in ROWS.values() for host in row.sign_in)
_NUMBER = re.compile(r"[0-9]+", re.ASCII)


# --- what a policy asks for ---------------------------------------------------------------------------


def restrict(vendor: str, ids: object) -> list[Restriction]:
    """
    The headers that keep a vendor to these ids.

    ``ids`` is a text or a list of texts for the row's first field, or a mapping of the row's fields. Raises
    ``IdsProblem`` for ids that are malformed, missing or too many, and for an unknown vendor;
    ``CannotBeRestricted`` for a vendor without a header.
    """
    row = ROWS.get(vendor)
    if row is None:
        nowhere = WITHOUT_HEADER.get(vendor)
        if nowhere is not None:
            raise CannotBeRestricted(vendor, nowhere.why)
        near = difflib.get_close_matches(vendor, [*ROWS, *WITHOUT_HEADER], 1)
        meant = f'did you mean "{near[0]}"? ' if near else ""
        raise IdsProblem(f'unknown vendor "{_shown(vendor)}"', f"{meant}vendors are {', '.join(ROWS)}")
    checked = _checked(row, ids)
    found: list[Restriction] = []
    for header, value, hosts in row.write(checked):
        if len(value) > MAX_VALUE:
            raise IdsProblem(
                f"the list for {row.name} has {len(value)} characters",
                f"at most {MAX_VALUE} fit into one header: name fewer",
            )
        found += [Restriction(host, header, value, vendor) for host in hosts]
    return found


def restrict_company(company: str, ids: Sequence[str]) -> list[Restriction]:
    """
    The same by the catalogue's vendor (``openai``, ``google``), whose ids are told apart by their form:
    workspaces of ChatGPT and organisations of the API, domains and Cloud organisations. Names of single rows
    are taken as well. Raises as ``restrict`` does.
    """
    found: list[Restriction] = []
    for vendor, own in _by_form(company, ids).items():
        found += restrict(vendor, own)
    return found


def _by_form(company: str, ids: Sequence[str]) -> dict[str, object]:
    if company == "openai":
        workspaces = [one for one in ids if not one.startswith("org-")]
        organisations = [one for one in ids if one.startswith("org-")]
        return _filled(chatgpt=workspaces, openai_api=organisations)
    if company == "google":
        start = "organizations/"
        domains = [one for one in ids if not one.startswith(start)]
        organisations = [one.removeprefix(start) for one in ids if one.startswith(start)]
        code_assist = [one for one in domains if one not in _GOOGLE_WORDS]
        return _filled(google_workspace=domains, google_cloud=organisations, gemini_code_assist=code_assist)
    if company == "microsoft":
        if any(":" in one for one in ids):
            return {"microsoft_v2": ids}
        directories = [one for one in ids if "." not in one]
        if len(directories) != 1:
            hint = (
                "name your own directory's id and other tenants by a domain, or use version 2: <uuid>:<uuid>"
            )
            raise IdsProblem(f"{len(directories)} directory ids for Microsoft accounts", hint)
        return {"microsoft_v1": {"tenants": ids, "directory": directories[0]}}
    if company in ("salesforce", "slack"):
        if len(ids) != 1:
            raise IdsProblem(f"{len(ids)} ids for Slack", "name your own workspace or organisation, and one")
        return {"slack": {"workspaces": ids, "requester": ids[0]}}
    return {company: ids}


_GOOGLE_WORDS = frozenset({"consumer_accounts", "visitor_accounts"})


def _filled(**lists: list[str]) -> dict[str, object]:
    """Those that name something; where none does, all, so that they are refused as empty."""
    return {vendor: ids for vendor, ids in lists.items() if ids} or dict(lists)


def check_together(restrictions: Iterable[Restriction]) -> None:
    """Raises ``IdsProblem`` where restrictions that hold for the same request contradict each other."""
    seen: dict[tuple[str, str], Restriction] = {}
    for one in restrictions:
        other = seen.setdefault((one.host, one.header.lower()), one)
        if other.vendor != one.vendor:
            raise IdsProblem(
                f"{other.vendor} and {one.vendor} both set {one.header} on {one.host}",
                "restrict by one of them; Microsoft says to leave version 1 out when version 2 is set",
            )
        if other.value != one.value:
            raise IdsProblem(
                f"two lists for {one.vendor}", f"write one list: {one.header} may stand in a request once"
            )


def _checked(row: Row, ids: object) -> dict[str, tuple[str, ...]]:
    given = ids if isinstance(ids, Mapping) else {row.fields[0].name: ids}
    names = [field.name for field in row.fields]
    unknown = [name for name in given if name not in names]
    if unknown:
        raise IdsProblem(
            f'unknown key "{_shown(str(unknown[0]))}" for {row.name}', f"keys are {', '.join(names)}"
        )
    return {field.name: _values(row, field, given.get(field.name, field.default)) for field in row.fields}


def _values(row: Row, field: Field, given: object) -> tuple[str, ...]:
    if given is None:
        raise IdsProblem(f'"{field.name}" is missing for {row.name}', field.says)
    values = [given] if isinstance(given, str) else given
    if not isinstance(values, Sequence) or not all(isinstance(value, str) for value in values):
        raise IdsProblem(f'"{field.name}" for {row.name} must be text, or a list of texts', field.says)
    if not values:
        raise IdsProblem(f'"{field.name}" for {row.name} is empty', field.says)
    most = field.most if field.many else 1
    found = tuple(dict.fromkeys(_value(row, field, value) for value in values))
    if len(found) > most:
        raise IdsProblem(
            f'"{field.name}" for {row.name} has {len(found)} values', f"at most {most} can be named"
        )
    return found


def _value(row: Row, field: Field, value: str) -> str:
    plain = value.lower() if field.lower else value
    if field.form.fullmatch(plain):
        return plain
    hint = "write a list, one to an entry" if field.many and re.search(r"[,;\s]", value) else field.says
    raise IdsProblem(f'"{_shown(value)}" is no value of "{field.name}" for {row.name}', hint)


def _shown(text: str) -> str:
    """A piece of what was written, fit for one line of a message."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:60])


# --- what a request needs -----------------------------------------------------------------------------


def plain_host(host: str) -> str | None:
    """A host as it is compared: lower case, ASCII, without port and trailing dots; ``None``: no name."""
    host = host.strip()[-300:]
    if host.count(":") == 1:
        host = host.partition(":")[0]
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host.lower().rstrip(".") or None


def host_fits(host: str, pattern: str) -> bool:
    """Whether a host, as ``plain_host`` gives it, is the pattern's name, or lies under it after ``*.``."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def headers_for(host: str, restrictions: Iterable[Restriction], sent: Iterable[str] = ()) -> Edit:
    """
    What to do to the headers of a request to a host.

    ``sent`` are the names in the request: numbered copies beyond those that the vendor takes are found among
    them. Hosts of no restricted vendor get ``NO_EDIT``.
    """
    plain = plain_host(host)
    if plain is None:
        return NO_EDIT
    wanted: dict[str, tuple[str, str]] = {}
    vendors: dict[str, None] = {}
    for one in restrictions:
        vendors[one.vendor] = None
        if host_fits(plain, one.host):
            wanted.setdefault(one.header.lower(), (one.header, one.value))
    removed: dict[str, str] = {}
    for vendor in vendors:
        row = ROWS[vendor]
        if any(host_fits(plain, place.host) for place in row.places):
            for name in (*row.removes, *_numbered(row, sent)):
                removed.setdefault(name.lower(), name)
    return Edit(tuple(wanted.values()), tuple(removed.values())) if removed else NO_EDIT


def needs_header(host: str, restrictions: Iterable[Restriction]) -> bool:
    """Whether a host has to be decrypted for a header."""
    plain = plain_host(host)
    return plain is not None and any(host_fits(plain, one.host) for one in restrictions)


def is_inject_only(host: str, restrictions: Iterable[Restriction]) -> bool:
    """
    Whether a host is opened for a header alone, as far as the restrictions go. A host that the catalogue
    names for reading as well is read, unless ``is_sign_in``.
    """
    plain = plain_host(host)
    if plain is None:
        return False
    places = [
        place
        for vendor in dict.fromkeys(one.vendor for one in restrictions)
        for place in ROWS[vendor].places
        if host_fits(plain, place.host)
    ]
    return bool(places) and all(place.inject_only for place in places)


def is_sign_in(host: str) -> bool:
    """Whether people type passwords at a host: its bodies are never read or recorded, by no policy."""
    plain = plain_host(host)
    return plain is not None and plain in _SIGN_IN


def refused(host: str, path: str | None, vendors: Iterable[str]) -> Refused | None:
    """
    Why a request cannot go on while these vendors are restricted: its host or path is one that no header
    reaches. ``path`` is ``None`` where it is not known (a tunnel).
    """
    plain = plain_host(host)
    if plain is None:
        return None
    for vendor in vendors:
        row = ROWS.get(vendor)
        for one in row.refuses if row is not None else ():
            if host_fits(plain, one.host) and (one.path is None or _begins(path, one.path)):
                return one
    return None


def _numbered(row: Row, sent: Iterable[str]) -> list[str]:
    if row.numbered is None:
        return []
    start = row.numbered.lower()
    return [name for name in sent if name.lower().startswith(start) and _NUMBER.fullmatch(name[len(start) :])]


def _begins(path: str | None, start: str) -> bool:
    """Whether a server could take a path for one that begins so: decoded, without empty and dot segments."""
    if path is None:
        return False
    segments: list[str] = []
    for segment in unquote(path[:8192].partition("?")[0].partition("#")[0]).casefold().split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    return ("/" + "/".join(segments) + "/").startswith(start)
