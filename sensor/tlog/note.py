"""
Signed notes: a text, an empty line, and signature lines (C2SP signed-note), with Ed25519.

Keys are text too, in the form of Go's ``sumdb/note``:
``<name>+<key id, 8 hex>+<base64 of 0x01 and the public key>`` for the verifier, and
``PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 and the seed>`` for the signer.

Bounds: ``MAX_NOTE_BYTES`` and ``MAX_SIGNATURES`` ("MUST accept at least up to 16 signatures").

Source: https://c2sp.org/signed-note; golang.org/x/mod/sumdb/note for the text of keys.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sensor.errors import Malformed

__all__ = [
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "Note",
    "NoteSignature",
    "Signer",
    "Verifier",
    "make_signer",
    "open_note",
    "parse_signer",
    "parse_verifier",
    "sign_note",
]

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100

_ED25519 = b"\x01"
"""Signature type identifier byte of Ed25519 signatures."""
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_START = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key and the name it goes by."""

    name: str
    key_id: bytes
    """4 bytes: with the name it says which key a signature line is of."""
    key: Ed25519PublicKey = field(repr=False, compare=False)

    def text(self) -> str:
        """The verifier key as text, to be given to whoever checks the log."""
        raw = base64.b64encode(_ED25519 + self.key.public_bytes_raw()).decode()
        return f"{self.name}+{self.key_id.hex()}+{raw}"

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``text``."""
        try:
            self.key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the name it goes by."""

    verifier: Verifier
    key: Ed25519PrivateKey = field(repr=False, compare=False)

    def text(self) -> str:
        """The signer key as text: a secret."""
        raw = base64.b64encode(_ED25519 + self.key.private_bytes_raw()).decode()
        return f"PRIVATE+KEY+{self.verifier.name}+{self.verifier.key_id.hex()}+{raw}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes
    """Without the key id in front."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note of which at least one signature was checked and is right."""

    text: str
    """With the newline that ends it."""
    verified: tuple[NoteSignature, ...]
    unverified: tuple[NoteSignature, ...]
    """By keys that nobody here knows: witnesses, a key to come."""


def make_signer(name: str, seed: bytes) -> Signer:
    """A signer from 32 random bytes. Raises ``Malformed`` for a name that cannot stand in a note."""
    if not _is_name(name):
        raise Malformed("note_key_name")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(_verifier(name, key.public_key()), key)


def parse_verifier(text: str) -> Verifier:
    """A verifier key from its text. Raises ``Malformed``."""
    name, _, rest = text.partition("+")
    key_id, raw = _key_parts(name, rest)
    verifier = _verifier(name, Ed25519PublicKey.from_public_bytes(raw))
    if verifier.key_id.hex() != key_id:
        raise Malformed("note_key_id")
    return verifier


def parse_signer(text: str) -> Signer:
    """A signer key from its text. Raises ``Malformed``."""
    if not text.startswith("PRIVATE+KEY+"):
        raise Malformed("note_key")
    name, _, rest = text.removeprefix("PRIVATE+KEY+").partition("+")
    key_id, raw = _key_parts(name, rest)
    signer = make_signer(name, raw)
    if signer.verifier.key_id.hex() != key_id:
        raise Malformed("note_key_id")
    return signer


def sign_note(text: str, signer: Signer) -> str:
    """
    The note of a text, signed.

    Raises ``Malformed`` where the text cannot be a note's.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("note_text")
    signature = signer.key.sign(_utf8(text))
    line = base64.b64encode(signer.verifier.key_id + signature).decode()
    return f"{text}\n{_SIGNATURE_START}{signer.verifier.name} {line}\n"


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> Note:
    """
    The text of a note, believed on the word of the given keys.

    Raises ``Malformed``: ``note_signature`` where a known key's signature is wrong ("clients SHOULD reject
    the whole note"), ``note_unsigned`` where no known key signed, other names where it is not a note.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise Malformed("note_too_long")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise Malformed("note_not_utf8") from error
    if _CONTROL.search(whole):
        raise Malformed("note_control_character")
    # "the text is separated from the signatures by the last empty line in the note"
    head, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("note_form")
    text = head + "\n"
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("note_too_many_signatures")

    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: list[NoteSignature] = []
    unverified: list[NoteSignature] = []
    for line in lines:
        signature = _parse_signature(line)
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            # "Verifiers MUST ignore signatures from unknown keys"
            unverified.append(signature)
        elif verifier.accepts(_utf8(text), signature.signature):
            verified.append(signature)
        else:
            raise Malformed("note_signature")
    if not verified:
        raise Malformed("note_unsigned")
    return Note(text, tuple(verified), tuple(unverified))


def _parse_signature(line: str) -> NoteSignature:
    if not line.startswith(_SIGNATURE_START):
        raise Malformed("note_signature_line")
    name, _, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
    raw = _base64(encoded)
    if not _is_name(name) or len(raw) < 5:
        raise Malformed("note_signature_line")
    return NoteSignature(name, raw[:4], raw[4:])


def _verifier(name: str, key: Ed25519PublicKey) -> Verifier:
    # "key ID = SHA-256(key name || 0x0A || 0x01 || 32-byte Ed25519 public key)[:4]"
    digest = sha256(_utf8(name) + b"\n" + _ED25519 + key.public_bytes_raw()).digest()
    return Verifier(name, digest[:4], key)


def _key_parts(name: str, rest: str) -> tuple[str, bytes]:
    key_id, _, encoded = rest.partition("+")
    raw = _base64(encoded)
    if not _is_name(name) or not _KEY_ID.fullmatch(key_id) or len(raw) != 33 or raw[:1] != _ED25519:
        raise Malformed("note_key")
    return key_id, raw[1:]


def _is_name(name: str) -> bool:
    # "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters."
    if not name or "+" in name or _CONTROL.search(name) or any(char.isspace() for char in name):
        return False
    return all(not "\ud800" <= char <= "\udfff" for char in name)


def _base64(text: str) -> bytes:
    """RFC 4648, section 4, in its one spelling: no stray bits or characters."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("note_base64") from error
    if base64.b64encode(raw).decode() != text:
        raise Malformed("note_base64")
    return raw


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("note_not_utf8") from error
