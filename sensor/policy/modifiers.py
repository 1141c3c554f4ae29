"""
What may stand under ``with:``, beside a verdict.

``tenant`` holds a vendor to some of its tenants, as far as ``dialects.tenants`` knows how; ``strip_tools``
takes tools away from what a model is offered; ``rate`` limits how often; ``notice`` is told to the person and
stops nothing. Each is checked here, and comes out as plain values that a record can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sensor.dialects.tenants import (
    ROWS,
    WITHOUT_HEADER,
    IdsProblem,
    Restriction,
    check_together,
    restrict,
    restrict_company,
)
from sensor.errors import ConfigError
from sensor.policy.conditions import quoted
from sensor.policy.values import parse_duration
from sensor.yamldoc import Node, did_you_mean

__all__ = ["MAX_NOTICE", "MODIFIERS", "RATE_BY", "VENDORS", "read_modifier", "restrictions_of"]

COMPANIES = ("openai", "anthropic", "google", "microsoft", "github", "salesforce")
"""Vendors by their names in the catalogue."""
VENDORS = (*COMPANIES, *(vendor for vendor in ROWS if vendor not in COMPANIES))
"""What ``tenant`` can name: vendors, and single rows of the table of headers."""

RATE_BY = ("user", "device", "app")
MAX_NOTICE = 500
"""Characters of a notice."""
MAX_ITEMS = 500
"""Ids of one vendor, or tools: what Anthropic takes of ids (support.claude.com 13198485, read 2026-08-03)."""
MAX_REQUESTS = 1_000_000


def restrictions_of(tenant: Mapping[str, Any]) -> list[Restriction]:
    """
    The headers that the value of a ``tenant`` modifier asks for.

    Raises what ``dialects.tenants.restrict`` raises; of a policy that was read, nothing.
    """
    found: list[Restriction] = []
    for vendor, ids in tenant.items():
        # A mapping names the fields of one row of the table, a list is told apart by the form of its ids.
        found += restrict(vendor, ids) if isinstance(ids, Mapping) else restrict_company(vendor, ids)
    check_together(found)
    return found


def _tenant(node: Node) -> dict[str, Any]:
    vendors = node.mapping()
    if not vendors:
        raise node.error("no vendor is named", "Write the vendor and its tenants: {openai: [org-…]}.")
    restricted: dict[str, Any] = {}
    for vendor, value in vendors.items():
        if vendor not in VENDORS:
            nowhere = WITHOUT_HEADER.get(vendor)
            why = nowhere.why if nowhere is not None else "no way to do so is known"
            near = did_you_mean(vendor, VENDORS, "vendors that can be")
            raise ConfigError(
                f"vendor {quoted(vendor)} cannot be restricted to tenants: {why}",
                where=node.key_location(vendor),
                hint=f"{near} Refuse others by account: [personal, anonymous, unknown].",
            )
        ids = (
            {name: _ids(each) for name, each in value.mapping().items()} if value.is_mapping else _ids(value)
        )
        try:
            restrictions_of({vendor: ids})
        except IdsProblem as error:
            raise _refusal(value, error) from None
        restricted[vendor] = ids
    try:
        restrictions_of(restricted)
    except IdsProblem as error:
        raise _refusal(node, error) from None
    return restricted


def _ids(node: Node) -> list[str]:
    return list(dict.fromkeys(item.text() for item in _items(node)))


def _refusal(node: Node, error: IdsProblem) -> ConfigError:
    return node.error(error.what, f"{error.hint[:1].upper()}{error.hint[1:]}.")


def _strip_tools(node: Node) -> list[str]:
    for item in (items := _items(node)):
        if not item.text().isprintable():
            raise item.error("a tool's name is printable text")
    return sorted({item.text() for item in items})


def _rate(node: Node) -> dict[str, Any]:
    keys = node.mapping(allowed=(), required=("requests", "per", "by"))
    try:
        seconds = parse_duration(keys["per"].text())
    except ValueError as error:
        raise keys["per"].error(str(error)) from None
    return {
        "requests": keys["requests"].integer(1, MAX_REQUESTS),
        "per_s": seconds,
        "by": keys["by"].one_of(RATE_BY, "rate word"),
    }


def _notice(node: Node) -> str:
    text = node.text()
    if len(text) > MAX_NOTICE:
        raise node.error(f"longer than {MAX_NOTICE} characters", "A notice is read in passing: shorten it.")
    return text


def _items(node: Node) -> list[Node]:
    items = node.sequence() if node.is_sequence else [node]
    if not items:
        raise node.error("an empty list says nothing", "Name at least one, or take the key out.")
    if len(items) > MAX_ITEMS:
        raise node.error(f"more than {MAX_ITEMS} values")
    return items


_READERS: dict[str, Callable[[Node], Any]] = {
    "tenant": _tenant,
    "strip_tools": _strip_tools,
    "rate": _rate,
    "notice": _notice,
}

MODIFIERS: Collection[str] = tuple(_READERS)
"""Every modifier there is."""


def read_modifier(name: str, node: Node) -> Any:
    """The value of one of ``MODIFIERS``, checked. Raises ``ConfigError``."""
    return _READERS[name](node)
