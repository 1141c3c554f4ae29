"""
Signature files to a catalogue.

``load`` takes texts and gives a ``Catalogue`` or raises ``ConfigError`` with a place. ``dump`` and
``restore`` carry what was loaded as JSON, which is read in a tenth of the time; ``content_hash`` of the texts
tells whether it is still the same catalogue.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sensor.catalogue.index import Catalogue
from sensor.catalogue.reading import (
    AppFile,
    SignatureError,
    Source,
    read_app,
    read_clients,
    read_generic,
    read_shared,
    read_vendors,
)
from sensor.catalogue.records import App, Client, Evidence, SharedHost, Vendor
from sensor.errors import Location
from sensor.model import Proves
from sensor.yamldoc import did_you_mean

__all__ = ["Files", "content_hash", "dump", "kind_of", "load", "read_files", "restore"]

FORM = 2
"""Raised whenever what ``dump`` writes, or what loading makes of a text, changes."""


def content_hash(sources: Iterable[Source], overrides: Iterable[Source] = ()) -> str:
    """SHA-256 over the names and texts of all files, hex."""
    digest = hashlib.sha256(f"gnomon catalogue {FORM}\n".encode())
    for group in (sources, overrides):
        for source in _in_order(group):
            for part in (source.name, source.text):
                raw = part.encode("utf-8", "surrogatepass")
                digest.update(len(raw).to_bytes(8, "big") + raw)
        digest.update(b"\xff" * 8)
    return digest.hexdigest()


def _in_order(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: (source.name, source.text))


def kind_of(name: str) -> str:
    """What a file is, by its place: vendors, clients, shared, generic, detectors or app."""
    folder, _, file = name.rpartition("/")
    if folder.split("/")[0] == "detectors":
        return "detectors"
    if not folder:
        for prefix, kind in _KINDS.items():
            if file.startswith(prefix):
                return kind
    return "app"


_KINDS = {"vendors": "vendors", "clients": "clients", "shared_infrastructure": "shared", "generic": "generic"}


@dataclasses.dataclass(slots=True)
class Files:
    """Everything that was read, with its places, before it is made into a catalogue."""

    apps: dict[str, AppFile] = dataclasses.field(default_factory=dict)
    vendors: dict[str, tuple[Vendor, Location]] = dataclasses.field(default_factory=dict)
    clients: dict[str, tuple[Client, Location]] = dataclasses.field(default_factory=dict)
    shared: dict[str, tuple[SharedHost, Location]] = dataclasses.field(default_factory=dict)
    generic: AppFile | None = None

    def read(self, source: Source) -> None:
        """Take in one file; what stands here already is refused."""
        match kind_of(source.name):
            case "app":
                app = read_app(source)
                _once(self.apps, app.app.id, app, app.location("id"), "app")
            case "vendors":
                for vendor, where in read_vendors(source):
                    _once(self.vendors, vendor.id, (vendor, where), where, "vendor")
            case "clients":
                for client, where in read_clients(source):
                    _once(self.clients, client.id, (client, where), where, "client")
            case "shared":
                for shared, where in read_shared(source):
                    _once(self.shared, shared.host, (shared, where), where, "shared host")
            case "generic":
                if self.generic is not None:
                    raise SignatureError(
                        "duplicate-id", "generic shapes stand in two files", Location(source.path)
                    )
                self.generic = read_generic(source)

    def override(self, other: Files) -> None:
        """What ``other`` has takes the place of what stands here under the same id."""
        self.apps |= other.apps
        self.vendors |= other.vendors
        self.clients |= other.clients
        self.shared |= other.shared
        self.generic = other.generic or self.generic

    def check(self) -> Iterable[SignatureError]:
        """What names something that is not there."""
        for file in self.apps.values():
            app = file.app
            if app.vendor not in self.vendors:
                hint = did_you_mean(app.vendor, self.vendors, "vendors")
                where = file.location("vendor")
                yield SignatureError("unknown-vendor", f'unknown vendor "{app.vendor}"', where, hint)
            if app.provider is not None and app.provider not in self.apps:
                hint = did_you_mean(app.provider, self.apps, "apps")
                where = file.location("provider")
                yield SignatureError("unknown-app", f'unknown app "{app.provider}"', where, hint)
        for client, where in self.clients.values():
            if client.app is not None and client.app not in self.apps:
                hint = did_you_mean(client.app, self.apps, "apps")
                yield SignatureError(
                    "unknown-app", f'client {client.id}: unknown app "{client.app}"', where, hint
                )

    def catalogue(self, hash: str) -> Catalogue:
        """The catalogue, in the order of ids."""
        return Catalogue(
            apps=[self.apps[key].app for key in sorted(self.apps)],
            generic=self.generic.app if self.generic is not None else None,
            clients=[self.clients[key][0] for key in sorted(self.clients)],
            vendors=[self.vendors[key][0] for key in sorted(self.vendors)],
            shared=[self.shared[key][0] for key in sorted(self.shared)],
            hash=hash,
        )


def _once(table: dict[str, Any], key: str, value: Any, where: Location, what: str) -> None:
    if key in table:
        raise SignatureError("duplicate-id", f'{what} "{key}" stands in the catalogue already', where)
    table[key] = value


def read_files(sources: Iterable[Source]) -> Files:
    """All of these files; raises ``SignatureError`` at the first that is wrong."""
    files = Files()
    for source in _in_order(sources):
        files.read(source)
    return files


def load(
    sources: Iterable[Source | tuple[str, str]], overrides: Iterable[Source | tuple[str, str]] = ()
) -> Catalogue:
    """
    The catalogue in these files, given as ``(name, text)`` with names inside the signatures' folder.

    ``overrides`` (a user's own files) take the place of what has the same id. Raises ``ConfigError``.
    """
    base = [Source(*source) for source in sources]
    own = [Source(*source) for source in overrides]
    files = read_files(base)
    files.override(read_files(own))
    for problem in files.check():
        raise problem
    return files.catalogue(content_hash(base, own))


# --- as JSON ------------------------------------------------------------------------------------------


def dump(catalogue: Catalogue) -> str:
    """The catalogue as JSON text; equal catalogues give equal texts."""
    return json.dumps(
        {
            "form": FORM,
            "hash": catalogue.hash,
            "apps": [_plain(app) for app in catalogue.apps.values()],
            "generic": None if catalogue.generic is None else _plain(catalogue.generic),
            "clients": [_plain(client) for client in catalogue.clients.values()],
            "vendors": [_plain(vendor) for vendor in catalogue.vendors.values()],
            "shared": [_plain(shared) for shared in catalogue.shared.values()],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _plain(record: Any) -> dict[str, Any]:
    """A record's fields that differ from their defaults."""
    plain = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value == field.default or value == {}:
            continue
        if field.name in ("evidence", "signs"):
            value = [_plain(one) for one in value]
        plain[field.name] = value
    return plain


def restore(text: str) -> Catalogue:
    """
    What ``dump`` wrote. Raises ``ValueError`` for any text of another form.

    The text is trusted beyond that: whoever keeps it sees to it that it is what was written.
    """
    try:
        parts = json.loads(text)
        if parts["form"] != FORM:
            raise ValueError("another form")
        return Catalogue(
            apps=[_app(one) for one in parts["apps"]],
            generic=None if parts["generic"] is None else _app(parts["generic"]),
            clients=[Client(**{**one, "signs": _evidence(one["signs"])}) for one in parts["clients"]],
            vendors=[Vendor(**one) for one in parts["vendors"]],
            shared=[SharedHost(**one) for one in parts["shared"]],
            hash=parts["hash"],
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no catalogue: {error!r}") from None


def _app(plain: Mapping[str, Any]) -> App:
    return App(**{**_tupled(plain), "evidence": _evidence(plain["evidence"])})


def _evidence(plain: Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**{**_tupled(one), "proves": Proves(one["proves"])}) for one in plain)


def _tupled(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if type(value) is list else value for key, value in plain.items()}
