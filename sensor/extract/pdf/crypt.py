"""
Decryption of documents that anybody may open: the standard security handler under an empty user password.

Many "protected" files only forbid printing: viewers and AI services open them without asking, so their text
must be seen. A file that needs a password is told as encrypted.

Source: ISO 32000-2 7.6.3 (algorithms 1 and 1.A), 7.6.4 (algorithms 2, 2.A, 2.B, 6, 11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from sensor.extract.pdf.objects import Name, Ref, Value

__all__ = ["Handler", "open_handler"]

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, data: bytes) -> bytes:
    """RC4; in C where the library still has it, else by hand."""
    if len(data) > 2_048:
        try:
            from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
            from cryptography.hazmat.primitives.ciphers import Cipher

            padded: bytes = Cipher(ARC4(key), None).decryptor().update(data)
            return padded
        except (ImportError, ValueError):
            pass
    box = list(range(256))
    other = 0
    for index in range(256):
        other = (other + box[index] + key[index % len(key)]) & 0xFF
        box[index], box[other] = box[other], box[index]
    out = bytearray()
    first = second = 0
    for byte in data:
        first = (first + 1) & 0xFF
        second = (second + box[first]) & 0xFF
        box[first], box[second] = box[second], box[first]
        out.append(byte ^ box[(box[first] + box[second]) & 0xFF])
    return bytes(out)


def _cipher(key: bytes, iv: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CBC(iv))


def _aes(key: bytes, data: bytes) -> bytes:
    """AES-CBC, the first block being the initialization vector, with PKCS 7 padding."""
    if len(data) < 32:
        return b""
    body = data[16 : len(data) // 16 * 16]
    out: bytes = _cipher(key, data[:16]).decryptor().update(body)
    pad = out[-1] if out else 0
    return out[:-pad] if 0 < pad <= 16 else out


class Handler:
    """Decrypts strings and streams of one document."""

    def __init__(self, key: bytes, strings: str, streams: str) -> None:
        self._key = key
        self._strings = strings
        self._streams = streams

    def _object_key(self, ref: Ref, method: str) -> bytes:
        """Algorithm 1: the key of one object."""
        salted = self._key + ref.number.to_bytes(4, "little")[:3] + ref.generation.to_bytes(4, "little")[:2]
        if method == "AESV2":
            salted += b"sAlT"
        return hashlib.md5(salted, usedforsecurity=False).digest()[: min(len(self._key) + 5, 16)]

    def _decrypt(self, data: bytes, ref: Ref, method: str) -> bytes:
        if method == "Identity" or not data:
            return data
        if method == "AESV3":
            return _aes(self._key, data)
        key = self._object_key(ref, method)
        return _aes(key, data) if method == "AESV2" else _rc4(key, data)

    def string(self, ref: Ref) -> Callable[[bytes], bytes]:
        """Decrypts the strings of an object."""
        return lambda data: self._decrypt(data, ref, self._strings)

    def stream(self, data: bytes, ref: Ref) -> bytes:
        """The bytes of a stream."""
        return self._decrypt(data, ref, self._streams)


def _number(value: Value, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""


def _method(values: dict[str, Value], key: str) -> str:
    """The method of a crypt filter (7.6.6)."""
    name = values.get(key, Name("Identity"))
    filters = values.get("CF")
    chosen = filters.get(name) if isinstance(filters, dict) and isinstance(name, Name) else None
    method = chosen.get("CFM") if isinstance(chosen, dict) else None
    return str(method) if method in ("V2", "AESV2", "AESV3") else "Identity"


def open_handler(values: dict[str, Value], identity: bytes) -> Handler | None:
    """The handler for an Encrypt dictionary, or None where the empty password does not open it."""
    version, revision = _number(values.get("V"), 0), _number(values.get("R"), 0)
    if values.get("Filter") != "Standard" or version not in (1, 2, 4, 5):
        return None
    strings = streams = "V2"
    if version >= 4:
        strings, streams = _method(values, "StrF"), _method(values, "StmF")
    owner, user = _bytes(values.get("O")), _bytes(values.get("U"))
    if version == 5:
        key = _modern_key(values, user, revision)
        return Handler(key, strings, streams) if key else None
    length = _number(values.get("Length"), 40) // 8 if version > 1 else 5
    if version == 4:
        length = 16
    length = min(max(length, 5), 16)
    permissions = (_number(values.get("P"), 0) & 0xFFFFFFFF).to_bytes(4, "little")
    digest = hashlib.md5(_PAD + owner[:32] + permissions + identity, usedforsecurity=False)
    if revision >= 4 and values.get("EncryptMetadata") is False:
        digest.update(b"\xff\xff\xff\xff")
    key = digest.digest()[:length]
    if revision >= 3:
        for _ in range(50):
            key = hashlib.md5(key, usedforsecurity=False).digest()[:length]
    return Handler(key, strings, streams) if _opens(key, user, identity, revision) else None


def _opens(key: bytes, user: bytes, identity: bytes, revision: int) -> bool:
    """Algorithm 6: whether the empty password is the user's."""
    if revision < 3:
        return _rc4(key, _PAD) == user[:32]
    check = hashlib.md5(_PAD + identity, usedforsecurity=False).digest()
    check = _rc4(key, check)
    for number in range(1, 20):
        check = _rc4(bytes(byte ^ number for byte in key), check)
    return check == user[:16]


def _modern_key(values: dict[str, Value], user: bytes, revision: int) -> bytes:
    """Algorithm 2.A with the empty user password; empty where it is not the one."""
    check, salt, key_salt = user[:32], user[32:40], user[40:48]
    wrapped = _bytes(values.get("UE"))[:32]
    if len(wrapped) < 32 or _hash(salt, revision) != check:
        return b""
    key: bytes = _cipher(_hash(key_salt, revision), bytes(16)).decryptor().update(wrapped)
    return key


def _hash(salt: bytes, revision: int) -> bytes:
    """Algorithm 2.B for the empty password (revision 5: a plain SHA-256)."""
    key = hashlib.sha256(salt).digest()
    if revision < 6:
        return key
    step = 0
    while True:
        block = key * 64
        encrypted: bytes = _cipher(key[:16], key[16:32]).encryptor().update(block)
        chosen = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(encrypted[:16]) % 3]
        key = chosen(encrypted).digest()
        step += 1
        if step >= 64 and encrypted[-1] <= step - 32:
            return key[:32]
