"""
Records to log entries and back: what stands in the audit log, in which bytes.

An entry's *body* is canonical JSON::

    {"commitments":{"device":"…","user":"…"},"fields":{…},"nonce":"…","type":"event","v":1}

``fields`` is what the record says, without personal fields. A personal field (``PERSONAL``) stands in
``commitments`` as SHA-256(salt ‖ field name ‖ value), base64; the 16-byte salt and the value are the entry's
*content*, stored beside the log, so that they can be erased and the log still verifies. The nonce, 16 random
bytes, keeps an entry from being guessed from its leaf hash once the entry itself is gone.

Rule 1: fields may be added, never renamed, dropped or reused. A field that is absent has the value that
``FIELDS`` gives it, for ever. A reader skips fields and entry types that it does not know.
Rule 2: what is written reads back equal, except that text is made storable: lone surrogates become U+FFFD and
text beyond ``MAX_TEXT`` code points is cut (traffic must not be able to make a record fail).
Rule 3: randomness and time are handed in.

Entry types: ``event``, ``review``, ``start``, ``stop``. Names kept free for what a log also needs: ``erase``
(whose content went, and why), ``key`` (the next verifier key, signed for by the old one), ``heartbeat``.

Bounds: ``MAX_BODY`` bytes an entry (tlog-tiles gives a length of 16 bits), ``MAX_ITEMS`` items in a list or
mapping, nesting as ``tlog.canonical``.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final, cast

from sensor.errors import Malformed
from sensor.model import (
    Attribution,
    Direction,
    Door,
    Event,
    EventKind,
    Grade,
    Proves,
    Review,
    Status,
    Verdict,
)
from sensor.tlog import canonical

__all__ = [
    "MAX_BODY",
    "MAX_ITEMS",
    "MAX_TEXT",
    "PERSONAL",
    "SALT_BYTES",
    "Entry",
    "EntryType",
    "Randomness",
    "Record",
    "Sealed",
    "Start",
    "Stop",
    "commitment",
    "event_from_json",
    "open_content",
    "read_entry",
    "review_from_json",
    "seal",
    "to_json",
    "unseal",
]

MAX_BODY = 65_535
MAX_TEXT = 1024
"""Code points in one text."""
MAX_ITEMS = 64
"""Items in one list or mapping; the first are kept."""
MAX_TIME = 253_402_300_800.0
"""The year 10000: times are between 1970 and then."""
SALT_BYTES = 16
VERSION = 1

Randomness = Callable[[int], bytes]
"""n to n random bytes."""


class EntryType(StrEnum):
    """What an entry is the record of."""

    EVENT = "event"
    REVIEW = "review"
    START = "start"
    """A process began to record."""
    STOP = "stop"
    """A process ended. A start without a stop is a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A process began to record."""

    ts: float
    role: str
    """``proxy``, ``capture``, …"""
    run: str
    """Names this run of this process; its stop has the same."""
    version: str
    """Of Gnomon."""
    policy_hash: str | None = None
    catalogue_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A process ended."""

    ts: float
    role: str
    run: str
    reason: str
    """``closed``, or ``connection lost`` where the process went without a word."""


Record = Event | Review | Start | Stop


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as it is stored."""

    body: bytes
    content: tuple[tuple[str, bytes, str], ...]
    """(field, salt, value) of each personal field."""
    record: Record
    """The record as it reads back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry's body, taken apart."""

    type: str
    """One of ``EntryType``, or one that a later version wrote."""
    fields: Mapping[str, Any]
    commitments: Mapping[str, bytes]
    """Personal field to its commitment, 32 bytes."""


PERSONAL: Final = {
    EntryType.EVENT: ("user", "device", "account", "source", "conversation", "justification"),
    EntryType.REVIEW: ("owner", "by", "reason"),
    EntryType.START: (),
    EntryType.STOP: (),
}
"""Fields that stand in an entry only as commitments. No name is the beginning of another: the name is hashed
straight in front of the value."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH = re.compile("[\ud800-\U0010ffff]")
_EVENT_ID = re.compile(r"[0-9a-f]{32}")


# --- values out -------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    text = str(value)
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
    return text if text.isascii() else _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _choice(value: Any) -> str:
    return value._value_ if isinstance(value, StrEnum) else _text(value)


def _integer(value: Any) -> int:
    if isinstance(value, int) and -canonical.MAX_INTEGER <= value <= canonical.MAX_INTEGER:
        return int(value)
    raise Malformed("entry_integer")


def _number(value: Any) -> float:
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    raise Malformed("entry_number")


def _time(value: Any) -> float:
    ts = _number(value)
    if 0.0 <= ts < MAX_TIME:
        return ts
    raise Malformed("entry_time")


def _flag(value: Any) -> bool:
    return bool(value)


def _texts(value: Any) -> list[str]:
    return [_text(item) for item in value[:MAX_ITEMS]]


def _free(value: Any, depth: int = 0) -> Any:
    """A free value (of ``with`` and ``context``) as canonical JSON can hold it."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if -canonical.MAX_INTEGER <= value <= canonical.MAX_INTEGER else _text(value)
    if isinstance(value, float):
        whole_and_large = value.is_integer() and abs(value) > canonical.MAX_INTEGER
        return value if math.isfinite(value) and not whole_and_large else _text(value)
    if depth == canonical.MAX_DEPTH - 4:
        return "\N{HORIZONTAL ELLIPSIS}"
    if isinstance(value, Mapping):
        items = list(value.items())[:MAX_ITEMS]
        return {_HIGH.sub("?", _text(key)): _free(item, depth + 1) for key, item in items}
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, list | tuple):
        return [_free(item, depth + 1) for item in value[:MAX_ITEMS]]
    raise Malformed("entry_value")


def _counts(value: Any) -> dict[str, int]:
    return {_HIGH.sub("?", _text(key)): _integer(count) for key, count in list(value.items())[:MAX_ITEMS]}


def _attribution(value: Any) -> list[list[Any]]:
    return [[_text(item.source), _number(item.confidence)] for item in value[:MAX_ITEMS]]


def _id(value: Any) -> str:
    if isinstance(value, str) and _EVENT_ID.fullmatch(value):
        return value
    raise Malformed("entry_event_id")


# --- values in --------------------------------------------------------------------------------------------


def _is(kind: type, name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise Malformed(name)

    return check


_read_text = _is(str, "entry_text")
_read_flag = _is(bool, "entry_flag")
_read_integer = _is(int, "entry_integer")
_read_list = _is(list, "entry_list")
_read_mapping = _is(dict, "entry_mapping")


def _one_of(kind: type[StrEnum]) -> Callable[[Any], Any]:
    members = {member.value: member for member in kind}

    def check(value: Any) -> Any:
        # Only text may be looked up: a list would not even hash.
        member = members.get(value) if isinstance(value, str) else None
        if member is None:
            raise Malformed("entry_choice")
        return member

    return check


def _read_number(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return float(value)
    raise Malformed("entry_number")


def _read_time(value: Any) -> float:
    return _time(_read_number(value))


def _read_texts(value: Any) -> tuple[str, ...]:
    return tuple(_read_text(item) for item in _read_list(value))


def _read_counts(value: Any) -> dict[str, int]:
    return {key: _read_integer(count) for key, count in _read_mapping(value).items()}


def _read_attribution(value: Any) -> tuple[Attribution, ...]:
    pairs = []
    for item in _read_list(value):
        if len(_read_list(item)) != 2:
            raise Malformed("entry_list")
        pairs.append(Attribution(_read_text(item[0]), _read_number(item[1])))
    return tuple(pairs)


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a record: what it is called, what its absence means, and how it is written and read."""

    name: str
    """Outside Python."""
    attribute: str
    absent: Any
    """Its value where it does not stand in the entry; ``REQUIRED`` where it always does."""
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


REQUIRED: Final = object()


def _field(
    name: str,
    write: Callable[[Any], Any],
    read: Callable[[Any], Any],
    absent: Any = None,
    attribute: str = "",
) -> _Field:
    return _Field(name, attribute or name, absent, write, read)


def _text_fields(*names: str) -> list[_Field]:
    return [_field(name, _text, _read_text) for name in names]


FIELDS: Final[dict[EntryType, tuple[_Field, ...]]] = {
    EntryType.EVENT: (
        _field("id", _id, _id, REQUIRED),
        _field("ts", _time, _read_time, REQUIRED),
        _field("origin", _text, _read_text, REQUIRED),
        _field("door", _choice, _one_of(Door), REQUIRED),
        _field("kind", _choice, _one_of(EventKind), REQUIRED),
        *_text_fields("flow", "app", "provider", "client", "feature", "user", "device", "account", "source"),
        *_text_fields("model", "rule", "reason", "destination", "region", "conversation", "justification"),
        *_text_fields("policy_hash", "catalogue_hash"),
        _field("generic", _flag, _read_flag, False),
        _field("direction", _choice, _one_of(Direction)),
        _field("verdict", _choice, _one_of(Verdict), Verdict.ALLOW),
        _field("enforced", _flag, _read_flag, False),
        _field("grade", _choice, _one_of(Grade), Grade.CONNECTED),
        _field("confidence", _number, _read_number, 0.0),
        _field("proves", _choice, _one_of(Proves)),
        _field("evidence", _texts, _read_texts, ()),
        _field("findings", _counts, _read_counts, {}),
        _field("bytes_up", _integer, _read_integer),
        _field("bytes_down", _integer, _read_integer),
        _field("count", _integer, _read_integer, 1),
        _field("attribution", _attribution, _read_attribution, ()),
        _field("with", _free, _read_mapping, {}, "with_"),
        _field("context", _free, _read_mapping, {}),
    ),
    EntryType.REVIEW: (
        _field("ts", _time, _read_time, REQUIRED),
        _field("app", _text, _read_text, REQUIRED),
        _field("status", _choice, _one_of(Status), REQUIRED),
        *_text_fields("owner", "reason", "until", "by"),
    ),
    EntryType.START: (
        _field("ts", _time, _read_time, REQUIRED),
        _field("role", _text, _read_text, REQUIRED),
        _field("run", _text, _read_text, REQUIRED),
        _field("version", _text, _read_text, REQUIRED),
        *_text_fields("policy_hash", "catalogue_hash"),
    ),
    EntryType.STOP: (
        _field("ts", _time, _read_time, REQUIRED),
        _field("role", _text, _read_text, REQUIRED),
        _field("run", _text, _read_text, REQUIRED),
        _field("reason", _text, _read_text, REQUIRED),
    ),
}
"""Every field of every entry type."""

_TYPES: Final[dict[type, EntryType]] = {
    Event: EntryType.EVENT,
    Review: EntryType.REVIEW,
    Start: EntryType.START,
    Stop: EntryType.STOP,
}
_CLASSES: Final[dict[str, type]] = {kind.value: record for record, kind in _TYPES.items()}
_PLANS: Final = {
    kind: (
        attrgetter(*(field.attribute for field in fields)),
        tuple((field.name, field.absent, field.write) for field in fields),
    )
    for kind, fields in FIELDS.items()
}
"""What ``to_json`` walks, as tuples: it runs once for every record."""
_NUMBERED: Final = ("ts", "confidence", "attribution", "with", "context")
"""The fields that may hold fractions, which have to be pinned."""


# --- records as JSON --------------------------------------------------------------------------------------


def to_json(record: Record) -> dict[str, Any]:
    """
    Every field of a record that is not absent, personal ones too, as JSON values.

    Raises ``Malformed`` where a value cannot stand in an entry.
    """
    return _written(record)[0]


def _written(record: Record) -> tuple[dict[str, Any], bool]:
    """The fields, and whether all text went in as it was."""
    fields: dict[str, Any] = {}
    unchanged = True
    values, plan = _PLANS[_TYPES[type(record)]]
    for value, (name, absent, write) in zip(values(record), plan, strict=True):
        if value is None:
            continue
        if write is _text and type(value) is str and len(value) <= MAX_TEXT and value.isascii():
            fields[name] = value  # most fields of most records
        elif value != absent:
            fields[name] = written = write(value)
            if type(value) is str and written is not value:
                unchanged = False
    return fields, unchanged


def event_from_json(fields: Any) -> Event:
    """An event from what ``to_json`` gave. Raises ``Malformed``."""
    return cast(Event, _record(EntryType.EVENT, fields))


def review_from_json(fields: Any) -> Review:
    """A review from what ``to_json`` gave. Raises ``Malformed``."""
    return cast(Review, _record(EntryType.REVIEW, fields))


def _record(kind: EntryType, fields: Any) -> Record:
    _read_mapping(fields)
    values = {}
    for field in FIELDS[kind]:
        if field.name in fields:
            values[field.attribute] = field.read(fields[field.name])
        elif field.absent is REQUIRED:
            raise Malformed("entry_field_missing")
        else:
            values[field.attribute] = field.absent
    return cast(Record, _CLASSES[kind.value](**values))


# --- entries ----------------------------------------------------------------------------------------------


def commitment(salt: bytes, field: str, value: str) -> bytes:
    """What stands in the entry for a personal value: SHA-256(salt ‖ field name ‖ value)."""
    return sha256(salt + field.encode() + value.encode()).digest()


def seal(record: Record, *, origin: str, randomness: Randomness) -> Sealed:
    """
    A record as a log entry and its content.

    An event of this log (``origin``) does not repeat its name. Raises ``Malformed`` where a value cannot
    stand in an entry or the entry is too large.
    """
    kind = _TYPES[type(record)]
    fields, unchanged = _written(record)
    if not unchanged:
        record = _record(kind, fields)
    if fields.get("origin") == origin:
        del fields["origin"]
    personal = [(name, fields.pop(name)) for name in PERSONAL[kind] if name in fields]
    noise = randomness(SALT_BYTES * (1 + len(personal)))
    body: dict[str, Any] = {
        "fields": fields,
        "nonce": _base64(noise[:SALT_BYTES]),
        "type": kind.value,
        "v": VERSION,
    }
    content = []
    if personal:
        commitments = body["commitments"] = {}
        for at, (name, value) in enumerate(personal, 1):
            salt = noise[at * SALT_BYTES : (at + 1) * SALT_BYTES]
            commitments[name] = _base64(commitment(salt, name, value))
            content.append((name, salt, value))
    for name in _NUMBERED:
        if name in fields:
            fields[name] = canonical.pinned(fields[name])
    data = canonical.encode_pinned(body)
    if len(data) > MAX_BODY:
        raise Malformed("entry_too_large")
    return Sealed(data, tuple(content), record)


def read_entry(body: bytes) -> Entry:
    """
    An entry's body, taken apart.

    Raises ``Malformed`` where the body is not canonical or not an entry.
    """
    if len(body) > MAX_BODY:
        raise Malformed("entry_too_large")
    whole = _read_mapping(canonical.parse(body))
    if whole.get("v") != VERSION:
        raise Malformed("entry_version")
    if len(_unbase64(whole.get("nonce"))) != SALT_BYTES:
        raise Malformed("entry_nonce")
    commitments = {
        _read_text(name): _unbase64(value)
        for name, value in _read_mapping(whole.get("commitments", {})).items()
    }
    return Entry(_read_text(whole.get("type")), _read_mapping(whole.get("fields")), commitments)


def open_content(entry: Entry, rows: Iterable[tuple[str, bytes, str]]) -> tuple[dict[str, str], list[str]]:
    """
    The personal values of an entry, each checked against its commitment; and the fields that are missing.

    Raises ``Malformed``: ``content_changed``, ``content_unknown`` (a value that nothing in the entry commits
    to), ``content_salt``.
    """
    values = {}
    for field, salt, value in rows:
        if field not in entry.commitments:
            raise Malformed("content_unknown")
        if len(salt) != SALT_BYTES:
            raise Malformed("content_salt")
        if commitment(salt, field, value) != entry.commitments[field]:
            raise Malformed("content_changed")
        values[field] = value
    return values, [field for field in entry.commitments if field not in values]


def unseal(entry: Entry, personal: Mapping[str, str], *, origin: str) -> Record | None:
    """
    The record that an entry and its content hold; what was erased is ``None`` in it.

    ``None`` for an entry of a type that only a later version knows. Raises ``Malformed``.
    """
    if entry.type not in _CLASSES:
        return None
    kind = EntryType(entry.type)
    fields = {"origin": origin, **entry.fields} if kind is EntryType.EVENT else dict(entry.fields)
    for name in PERSONAL[kind]:
        # A personal value that stands in the clear was not written by this program.
        if name in fields:
            raise Malformed("entry_personal")
        if name in personal:
            fields[name] = personal[name]
    return _record(kind, fields)


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def _unbase64(text: Any) -> bytes:
    try:
        return base64.b64decode(_read_text(text), validate=True)
    except ValueError as error:
        raise Malformed("entry_base64") from error
