"""
What a rule may ask for: the closed set of condition keys, and how each is matched.

Rule 1: a condition asks for one key. Its values are OR: one that matches is enough.
Rule 2: what is not known does not match. ``app: "*"`` means "any app that is known".
Rule 3: text is compared without regard to case.

Each matcher answers three questions: does it match a value (``matches``), does it match everything that
another matcher of its kind matches (``covers``, for the lint), and what is it in one fixed form
(``canonical``, for the policy's hash).
"""

from __future__ import annotations

import ipaddress
import json
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, Self

from sensor.identity import plain_address
from sensor.model import Direction, Door, Proves, Question, Status
from sensor.policy.stages import Stage

__all__ = [
    "ACCOUNTS",
    "CONDITIONS",
    "KEYS",
    "MAX_TEXT",
    "Flag",
    "Form",
    "Groups",
    "Hosts",
    "Key",
    "Matcher",
    "Networks",
    "Words",
    "plain_host",
    "quoted",
]


class Form(Enum):
    """What the values of a key look like."""

    WORDS = "text"
    """Text; a ``*`` at its beginning or end stands for anything."""
    CHOICE = "one of a closed set"
    FLAG = "true or false"
    HOSTS = "a host name, which stands for itself and every name under it"
    NETWORKS = "an address or a network (CIDR)"
    GROUPS = "the name of a group"
    GLOBS = "text in which each * stands for anything"
    RISK = "low, medium, high, or a range of 0 to 100"
    SIZE = "a range of sizes"
    FINDINGS = "what was found, and how much of it"
    TIME = "days and hours"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a condition can ask for."""

    name: str
    form: Form
    says: str
    """What it asks, for people."""
    read: Callable[[Question], Any]
    """The value that a question has for it."""
    choices: tuple[str, ...] = ()
    """The closed set of a ``Form.CHOICE``."""
    stage: Stage = Stage.HEAD
    """From when on it is known at the latest."""
    field: str = ""
    """The field of a question that holds it."""

    def is_known(self, question: Question, known: Stage) -> bool:
        """Whether the question's value will not change any more."""
        return self.stage <= known or getattr(question, self.field) is not None

    @property
    def repeats(self) -> bool:
        """Whether few values come again and again, so that it pays to remember what each one means."""
        return self.form not in (Form.SIZE, Form.FINDINGS)


ACCOUNTS = ("personal", "corporate", "anonymous", "api_key", "unknown")
"""What kinds of account there are. ``unknown``: nothing that was read told."""

MAX_TEXT = 512
"""Characters of a value that is remembered."""


def _key(
    name: str,
    form: Form,
    says: str,
    choices: Iterable[str] = (),
    field: str | None = None,
    *,
    stage: Stage = Stage.HEAD,
    read: Callable[[Question], Any] | None = None,
) -> Key:
    place = field or name
    reader = read or operator.attrgetter(place)
    return Key(name, form, says, reader, tuple(str(choice) for choice in choices), stage, place)


KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        _key("app", Form.WORDS, "the app's id in the catalogue: openai.chatgpt, openai.*"),
        _key("provider", Form.WORDS, "the app id of the AI provider behind it: aws.bedrock"),
        _key("client", Form.WORDS, "the id of the client software: anthropic.claude_code"),
        _key("vendor", Form.WORDS, "who makes the app: openai"),
        _key("category", Form.WORDS, "the app's category: coding_assistant"),
        _key("status", Form.CHOICE, "where the app stands in review", Status),
        _key("generic", Form.FLAG, "whether it is an unknown LLM API, recognised by its shape"),
        _key("proves", Form.CHOICE, "what the evidence proves", Proves),
        _key("feature", Form.WORDS, "the app's feature that is used: chat"),
        _key("host", Form.HOSTS, "the host that is gone to: example.com"),
        _key("user", Form.WORDS, "the user's name: analyst, *@example.com"),
        _key("group", Form.GROUPS, "a group of this policy that the subject is in", field="groups"),
        _key("device", Form.WORDS, "the device's key: mac:02:00:00:00:00:05, host:pc-17, ip:10.0.0.5"),
        _key("network", Form.NETWORKS, "the network that the client is in: 10.1.0.0/16", field="address"),
        _key("direction", Form.CHOICE, "which way content travels", Direction, stage=Stage.BODY),
        _key("method", Form.WORDS, "the HTTP method: POST"),
        _key("region", Form.WORDS, "the region in the host's name or path: eu-central-1, eu-*"),
        _key("risk", Form.RISK, "how risky the catalogue takes the app to be: high, at_least: 60"),
        _key("model", Form.GLOBS, "the model that is asked for: gpt-4*, *claude*", stage=Stage.BODY),
        _key(
            "account", Form.CHOICE, "what kind of account is used: personal", ACCOUNTS, stage=Stage.BODY,
            read=lambda question: question.account or "unknown",
        ),
        _key(
            "account.tenant", Form.WORDS, "the organisation, workspace or tenant of the account, by its id",
            field="tenant", stage=Stage.BODY,
        ),
        _key(
            "account.key", Form.WORDS, "the label of the API key, as records show it",
            field="key_class", stage=Stage.BODY,
        ),
        _key("size", Form.SIZE, "how large the body is: at_least: 1 MB", stage=Stage.BODY),
        _key("findings", Form.FINDINGS, "what the detectors found: secret", stage=Stage.FINDINGS),
        _key(
            "time", Form.TIME, "the days and hours: days: mon-fri, hours: 08:00-18:00", field="ts",
            read=lambda question: int(question.ts // 60),
        ),
        _key("door", Form.CHOICE, "where it is seen", Door),
    )
}  # fmt: skip
"""Every condition there is, in the order in which people are told of them. What has a dot in its name is
written under the word before the dot."""

CONDITIONS = tuple(name for name in KEYS if "." not in name)
"""What may stand under ``when:``."""


class Matcher(Protocol):
    """How the values of one condition are matched."""

    def matches(self, value: Any) -> bool:
        """Whether one of the values matches; ``None`` never does."""

    def covers(self, other: Any) -> bool:
        """Whether everything that ``other`` matches is matched here too. May say no where it cannot tell."""

    def canonical(self) -> list[str]:
        """The values in one fixed form and order."""


class Words:
    """Text without regard to case. ``*`` alone, at the beginning or at the end stands for anything."""

    __slots__ = ("_ends", "_exact", "_starts")

    def __init__(self, values: Iterable[str]) -> None:
        folded = [value.lower() for value in values]
        self._exact = frozenset(value for value in folded if "*" not in value)
        self._starts = tuple(sorted({value[:-1] for value in folded if value.endswith("*")}))
        # "*" alone is a beginning of no letters.
        self._ends = tuple(sorted({value[1:] for value in folded if value.startswith("*") and value != "*"}))

    @classmethod
    def check(cls, value: str) -> str | None:
        """What is wrong with a value, if anything is."""
        if "*" in value[1:-1] or (len(value) > 1 and value.startswith("*") and value.endswith("*")):
            return 'a "*" may stand at the beginning or at the end, once'
        return None

    def matches(self, value: str | None) -> bool:
        if value is None:
            return False
        folded = value.lower()
        return folded in self._exact or folded.startswith(self._starts) or folded.endswith(self._ends)

    def covers(self, other: Self) -> bool:
        if "" in self._starts:
            return True
        return (
            all(self.matches(value) for value in other._exact)
            and all(value.startswith(self._starts) for value in other._starts)
            and all(value.endswith(self._ends) for value in other._ends)
        )

    def matches_any(self, values: Iterable[str]) -> bool:
        """Whether one of many values matches."""
        return any(self.matches(value) for value in values)

    def canonical(self) -> list[str]:
        return sorted(
            [*self._exact, *(f"{start}*" for start in self._starts), *(f"*{end}" for end in self._ends)]
        )


class Flag:
    """True or false."""

    __slots__ = ("_wanted",)

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    @property
    def wanted(self) -> bool:
        return self._wanted

    def matches(self, value: bool) -> bool:
        return value is self._wanted

    def covers(self, other: Self) -> bool:
        return self._wanted is other._wanted

    def canonical(self) -> list[str]:
        return ["true" if self._wanted else "false"]


class Hosts:
    """Host names; each stands for itself and for every name under it, at label boundaries."""

    __slots__ = ("_suffixes",)

    def __init__(self, values: Iterable[str]) -> None:
        self._suffixes = frozenset(values)

    def matches(self, value: str | None) -> bool:
        if value is None:
            return False
        host = value.rstrip(".").lower().strip("[]")
        if host in self._suffixes:
            return True
        # The last label of an IPv4 address is a number: no name ends so (RFC 3696, section 2).
        if host[-1:].isdigit() or ":" in host:
            return False
        at = host.find(".")
        while at >= 0:
            if host[at + 1 :] in self._suffixes:
                return True
            at = host.find(".", at + 1)
        return False

    def covers(self, other: Self) -> bool:
        return all(self.matches(suffix) for suffix in other._suffixes)

    def canonical(self) -> list[str]:
        return sorted(self._suffixes)


class Networks:
    """Networks that an address may be in."""

    __slots__ = ("_networks",)

    def __init__(self, values: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(value) for value in values]

    def matches(self, value: str | None) -> bool:
        if value is None:
            return False
        try:
            address = ipaddress.ip_address(plain_address(value))
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def covers(self, other: Self) -> bool:
        return all(any(_within(theirs, ours) for ours in self._networks) for theirs in other._networks)

    def canonical(self) -> list[str]:
        return sorted(str(network) for network in self._networks)


class Groups:
    """Groups that a subject may be in; one that it is in is enough."""

    __slots__ = ("_names",)

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    @property
    def names(self) -> frozenset[str]:
        return self._names

    def matches(self, value: frozenset[str]) -> bool:
        return not self._names.isdisjoint(value)

    def covers(self, other: Self) -> bool:
        return other._names <= self._names

    def canonical(self) -> list[str]:
        return sorted(self._names)


def plain_host(text: str) -> str:
    """
    A host name or address as it is compared: lower case, IDNA in ASCII, without a trailing dot.

    Raises ``ValueError`` with a sentence where it is none.
    """
    host = text.strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    if host.startswith(("*.", ".")):
        raise ValueError(f'write "{host.lstrip("*.")}": a host stands for every name under it as well')
    if len(host) > 253:
        raise ValueError("this is longer than a host name can be")
    try:
        # RFC 3490's ToASCII; also holds each label to 63 letters.
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("this is not a host name") from None
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    if not all(label and set(label) <= letters for label in host.split(".")):
        raise ValueError("this is not a host name: give the name alone, without scheme, port or path")
    return host


def quoted(text: str) -> str:
    """The text in quotes as a message shows it: cut, and without control characters."""
    return json.dumps(text if len(text) <= 60 else text[:57] + "…", ensure_ascii=not text.isprintable())


def _within(inner: Any, outer: Any) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer) is True
