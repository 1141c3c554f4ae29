"""
The proxy auto-configuration file: which hosts a browser sends through this proxy.

Only hosts that the proxy is to read, or to put a tenant restriction's header on, or with ``unread`` to see
the names of, go through it; everything else goes direct and costs it nothing. Addresses, plain names and this
machine's own names go direct, unless the policy names one under ``inspect.include``.

Rule 1: whatever stands in a catalogue or a policy stays data. What is no host name is left out and told
(``PacHosts.left_out``), texts are JSON in plain ASCII, and names are looked up with a dot before them, so
that ``__proto__`` is a name like any other.
Rule 2: ECMAScript 3, without the helper functions of browsers: the file runs in every engine that there is
(Chrome's, Firefox's, macOS's, WinHTTP's JScript), and none of its steps asks the DNS.
Rule 3: the catalogue and the policy decide, not this module: every name in them, and a name under it, is
asked about as the proxy asks at CONNECT. Only of regular expressions the evidence's own word is taken.

It is no control: whoever can change settings goes direct. Close the way out for AI hosts at the firewall.

Source: Netscape's "Navigator Proxy Auto-Config File Format" (March 1996); the media type
``application/x-ns-proxy-autoconfig`` and ``/wpad.dat``: draft-ietf-wrec-wpad-01, section 4.4.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sensor.catalogue import Catalogue
from sensor.catalogue.records import App, Evidence
from sensor.model import Seen
from sensor.policy import Policy

__all__ = ["CONTENT_TYPE", "PATHS", "PacFile", "PacHosts", "Response", "hosts_for", "pac_text", "read_proxy"]

CONTENT_TYPE: Final = "application/x-ns-proxy-autoconfig"
PATHS: Final = ("/proxy.pac", "/wpad.dat", "/wpad.da")
"""``wpad.da``: old clients lose the last letter of an address that DHCP gave without a NUL at its end."""

Response = tuple[int, tuple[tuple[str, str], ...], bytes]
"""Status, headers, body."""

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.ASCII)
_PROXY_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_NAMED_GROUP = re.compile(r"\(\?P<[A-Za-z_][A-Za-z0-9_]*>")
_NEVER_READ: Final = frozenset({"auth", "static", "telemetry", "update"})
"""Roles of hosts that are never decrypted (``catalogue.judging``)."""
_PROBE: Final = "any-name-0.{}"
"""Stands for every name under one that nothing names itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PacHosts:
    """What goes through the proxy. Of these, in this order, the first that names a host decides."""

    excluded: tuple[str, ...] = ()
    """Direct: these, and every name under them."""
    included: tuple[str, ...] = ()
    """Through the proxy: these, and every name under them."""
    also: tuple[str, ...] = ()
    """Through the proxy: these names."""
    also_under: tuple[str, ...] = ()
    """Through the proxy: the names under these."""
    exact: Mapping[str, bool]
    """Names; ``True``: through the proxy."""
    forms: tuple[tuple[str, bool], ...] = ()
    """Anchored regular expressions, as JavaScript reads them."""
    under: Mapping[str, bool]
    """For the names under these; the longest decides."""
    left_out: tuple[str, ...] = ()
    """What is no host name: it stands nowhere in the file."""


def hosts_for(
    catalogue: Catalogue, policy: Policy, *, also: Iterable[str] = (), unread: bool = False
) -> PacHosts:
    """
    The hosts that a proxy with this catalogue and policy wants to see.

    ``also`` are hosts that need a tenant restriction's header: a name, or ``*.name`` for the names under it.
    ``unread`` adds AI hosts that are not decrypted, so that the proxy sees their names and can refuse their
    tunnels; a policy that decrypts nothing (``metadata-only``) always gets them, since it would see nothing
    else.
    """
    reads = policy.mode != "metadata-only"
    unread = unread or not reads

    def wanted(host: str) -> bool:
        known = catalogue.identify(Seen(host=host, visibility="sni"))
        return policy.may_inspect(host, known.inspect) or (unread and known.is_ai)

    named = sorted(_names(catalogue), key=lambda name: (name.count("."), name))
    names = [name for name in named if _is_name(name)]
    forms = _forms(catalogue, unread)
    under: dict[str, bool] = {}
    for name in names:
        value = wanted(_PROBE.format(name))
        if value != _nearest(under, name):
            under[name] = value
    exact: dict[str, bool] = {}
    for name in names:
        value = wanted(name)
        # Where an expression holds as well the name stays: it is asked before them.
        if value != _nearest(under, name) or any(re.search(form, name) for form, _ in forms):
            exact[name] = value
    asked = list(also)
    lists = {
        "excluded": () if unread else tuple(policy.inspect_exclude.canonical()),
        "included": tuple(policy.inspect_include.canonical()) if reads else (),
        "also": tuple(host for host in asked if not host.startswith("*.")),
        "also_under": tuple(host[2:] for host in asked if host.startswith("*.")),
    }
    wrong = [name for name in named if not _is_name(name)]
    wrong += [name for values in lists.values() for name in values if not _is_name(name)]
    kept = {key: tuple(name for name in values if _is_name(name)) for key, values in lists.items()}
    return PacHosts(**kept, exact=exact, forms=forms, under=under, left_out=tuple(wrong))


def _names(catalogue: Catalogue) -> set[str]:
    """Every name at which the catalogue's answer can change."""
    names = set(catalogue.shared)
    for app in catalogue.apps.values():
        for one in app.evidence:
            if one.type in ("host_exact", "host_suffix"):
                names.add(one.value)
            elif one.type == "url_path":
                names.update(one.hosts)
    return names


def _forms(catalogue: Catalogue, unread: bool) -> tuple[tuple[str, bool], ...]:
    """The expressions on hosts, those that lead through the proxy first."""
    found: dict[str, bool] = {}
    for app in catalogue.apps.values():
        for one in app.evidence:
            if one.type == "host_regex":
                form = _NAMED_GROUP.sub("(", one.value)
                found[form] = found.get(form, False) or _is_read(app, one) or (unread and one.weight > 0)
    return tuple(sorted(found.items(), key=lambda item: (not item[1], item[0])))


def _is_read(app: App, one: Evidence) -> bool:
    return app.inspect and one.inspect and one.role not in _NEVER_READ


def _nearest(under: Mapping[str, bool], name: str) -> bool:
    """What is said of a name by the longest name that it lies under."""
    while "." in name:
        name = name.partition(".")[2]
        if name in under:
            return under[name]
    return False


def _is_name(text: str) -> bool:
    if _NAME.fullmatch(text):
        return True
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


# --- the file -----------------------------------------------------------------------------------------

_SCRIPT: Final = """\
// Which hosts go through the proxy. Made by Gnomon from its catalogue and policy; do not edit.
var through = %(through)s;
var excluded = %(excluded)s;
var included = %(included)s;
var also = %(also)s;
var alsoUnder = %(also_under)s;
var exact = %(exact)s;
var forms = %(forms)s;
var under = %(under)s;

function has(table, name) {
  return Object.prototype.hasOwnProperty.call(table, "." + name);
}

// What a table says of the longest name that a host lies under, or is where "from" is 0; undefined: nothing.
function nearest(table, host, from) {
  var at = from;
  while (at >= 0) {
    if (has(table, host.substring(at))) {
      return table["." + host.substring(at)];
    }
    at = host.indexOf(".", at);
    at = at < 0 ? at : at + 1;
  }
  return undefined;
}

function leads(host) {
  var isAddress = /^[0-9]+(\\.[0-9]+){3}$/.test(host) || host.indexOf(":") >= 0;
  var parent = host.indexOf(".") + 1;
  if (isAddress) {
    return !has(excluded, host) && has(included, host);
  }
  if (nearest(excluded, host, 0)) {
    return false;
  }
  if (nearest(included, host, 0) || has(also, host)) {
    return true;
  }
  if (parent === 0 || /\\.localhost$/.test(host)) {
    return false;
  }
  if (nearest(alsoUnder, host, parent)) {
    return true;
  }
  if (has(exact, host)) {
    return exact["." + host] === 1;
  }
  for (var i = 0; i < forms.length; i++) {
    if (new RegExp(forms[i][0]).test(host)) {
      return forms[i][1] === 1;
    }
  }
  return nearest(under, host, parent) === 1;
}

function FindProxyForURL(url, host) {
  host = String(host).toLowerCase().replace(/^\\[|\\]$/g, "").replace(/\\.+$/, "");
  return leads(host) ? through : "DIRECT";
}
"""


def read_proxy(text: str) -> str:
    """
    A proxy's ``host:port`` as a PAC file names it.

    Raises ``ValueError`` with a sentence where it is none.
    """
    host, _, port = text.strip().rpartition(":")
    says = "write the proxy as clients reach it, as in proxy.example.com:8080"
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65_536:
        raise ValueError(f"a port from 1 to 65535 is missing: {says}")
    if host.startswith("[") and host.endswith("]") and ":" in host and _is_name(host[1:-1]):
        return f"{host.lower()}:{int(port)}"
    if not _PROXY_NAME.fullmatch(host):
        raise ValueError(f"this is no host name or address: {says}")
    return f"{host.lower()}:{int(port)}"


def pac_text(
    hosts: PacHosts, proxies: Sequence[str], *, fail_open: bool = False, secure: bool = False
) -> str:
    """
    The file.

    ``proxies`` are tried in order (``host:port``). Where none answers, ``fail_open`` lets the browser go
    direct; else it shows an error. ``secure``: clients speak TLS to the proxy. Raises ``ValueError``.
    """
    if not proxies:
        raise ValueError("name at least one proxy, as in proxy.example.com:8080")
    word = "HTTPS" if secure else "PROXY"
    ways = [f"{word} {read_proxy(proxy)}" for proxy in proxies]
    return _SCRIPT % {
        "through": _script("; ".join([*ways, *(["DIRECT"] if fail_open else [])])),
        "excluded": _table(dict.fromkeys(hosts.excluded, True)),
        "included": _table(dict.fromkeys(hosts.included, True)),
        "also": _table(dict.fromkeys(hosts.also, True)),
        "also_under": _table(dict.fromkeys(hosts.also_under, True)),
        "exact": _table(hosts.exact),
        "forms": _lines("[", [_script([form, int(value)]) for form, value in hosts.forms], "]"),
        "under": _table(hosts.under),
    }


def _table(names: Mapping[str, bool]) -> str:
    """An object with a dot before each name."""
    return _lines("{", [f"{_script('.' + name)}: {int(names[name])}" for name in sorted(names)], "}")


def _lines(start: str, entries: Sequence[str], end: str) -> str:
    return start + ",".join(f"\n  {entry}" for entry in entries) + ("\n" if entries else "") + end


def _script(value: Any) -> str:
    """A value as JavaScript, also where the file is looked at as a page."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


class PacFile:
    """
    What is answered to a request for the file; mounted by whatever listens.

    ``make`` gives the text each time: it is made anew when catalogue or policy have changed.
    """

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def pac_response(self, path: str, method: str = "GET") -> Response | None:
        """The response to a request for this path; ``None`` where it is not the file that is asked for."""
        if path.partition("?")[0].partition("#")[0] not in PATHS:
            return None
        if method not in ("GET", "HEAD"):
            return 405, (("allow", "GET, HEAD"), ("content-length", "0")), b""
        body = self._make().encode("ascii")
        headers = (
            ("content-type", CONTENT_TYPE),
            ("content-length", str(len(body))),
            ("cache-control", "max-age=300"),
            ("x-content-type-options", "nosniff"),
        )
        return 200, headers, body if method == "GET" else b""
