"""
The vault's format: which token stands for which value, for conversations whose history stays on the server.

One sealed entry per conversation::

    0   4   "GNV1"
    4   8   expiry, seconds since the epoch, unsigned, big-endian
    12  12  nonce
    24  …   AES-256-GCM of a JSON object {token: value}, with 16 bytes of tag

Associated data are the first 12 bytes and the entry's name, so that an entry moved to another
conversation, or
given a longer life, does not open. Names and keys come from HKDF-SHA256 (RFC 5869) over the home's vault key:
the store sees neither subject, app nor conversation, and the key of one entry opens no other.

Nonce and time are given by the caller. Nonces are 12 random bytes; a key seals one conversation, a few
thousand
times at most, far below the 2**32 of NIST SP 800-38D, section 8.3.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sensor.errors import Malformed

__all__ = ["MAX_ENTRY", "MAX_VALUES", "Slot", "expiry_of", "open_entry", "seal", "slot_of"]

MAGIC = b"GNV1"
_HEAD = struct.Struct(">4sQ")
NONCE = 12
MAX_VALUES = 10_000
"""Tokens of one conversation; the oldest go first."""
MAX_ENTRY = 8 * 1024 * 1024
"""Bytes of one sealed entry."""


class Slot:
    """Where one conversation's entry lies, and the key that opens it."""

    __slots__ = ("_key", "name")

    def __init__(self, name: bytes, key: bytes) -> None:
        self.name = name
        """16 bytes that say nothing to whoever has no vault key."""
        self._key = key

    def __repr__(self) -> str:
        """Without the key."""
        return f"Slot({self.name.hex()})"

    def cipher(self) -> AESGCM:
        return AESGCM(self._key)


def slot_of(vault_key: bytes, *, tenant: str, subject: str, app: str, conversation: str) -> Slot:
    """The slot of a conversation: of one subject, in one app. ``vault_key`` has 32 bytes."""
    parts = (part.encode("utf-8", "surrogatepass") for part in (tenant, subject, app, conversation))
    info = b"gnomon vault 1" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    made = HKDF(algorithm=SHA256(), length=48, salt=None, info=info).derive(vault_key)
    return Slot(made[:16], made[16:])


def seal(slot: Slot, values: Mapping[str, str], *, expires: int, nonce: bytes) -> bytes:
    """
    The entry for the store.

    ``expires`` in seconds since the epoch; ``nonce`` 12 bytes, never twice for one slot. Of more than
    ``MAX_VALUES`` values the last stay. Raises ``ValueError`` for a nonce of another length, or where the
    values are longer than an entry may be.
    """
    if len(nonce) != NONCE:
        raise ValueError("a nonce has 12 bytes")
    head = _HEAD.pack(MAGIC, expires)
    kept = dict(list(values.items())[-MAX_VALUES:])
    # Half characters cannot stand in JSON as UTF-8; such a value is not put back.
    plain = orjson.dumps({token: value for token, value in kept.items() if _is_text(value)})
    sealed = head + nonce + slot.cipher().encrypt(nonce, plain, head + slot.name)
    if len(sealed) > MAX_ENTRY:
        raise ValueError("more values than an entry may hold")
    return sealed


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def expiry_of(entry: bytes) -> int:
    """When an entry ends, as it says itself. Raises ``Malformed``."""
    if len(entry) < _HEAD.size + NONCE + 16 or len(entry) > MAX_ENTRY:
        raise Malformed("vault_entry_length")
    magic, expires = _HEAD.unpack_from(entry)
    if magic != MAGIC:
        raise Malformed("vault_entry_magic")
    return int(expires)


def open_entry(slot: Slot, entry: bytes, *, now: float) -> dict[str, str]:
    """
    Token to value; empty where the entry has expired.

    Raises ``Malformed`` for bytes that are no entry of this slot.
    """
    if expiry_of(entry) <= now:
        return {}
    head, nonce = entry[: _HEAD.size], entry[_HEAD.size : _HEAD.size + NONCE]
    try:
        plain = slot.cipher().decrypt(nonce, entry[_HEAD.size + NONCE :], head + slot.name)
        made = orjson.loads(plain)
    except (InvalidTag, orjson.JSONDecodeError) as error:
        raise Malformed("vault_entry_seal") from error
    if not isinstance(made, dict) or not all(isinstance(value, str) for value in made.values()):
        raise Malformed("vault_entry_content")
    return made
