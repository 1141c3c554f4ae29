"""
JA4 and JA3: the fingerprints of a ClientHello.

They tell the client's TLS library and how it is set, so a script from a browser; they do not tell one
provider from another. Only the client part of JA4 stands here: JA4 itself is under BSD-3, the other methods
of JA4+ are not.

GREASE values (RFC 8701) are left out wherever they stand. That includes signature algorithms: Chrome puts
GREASE there since version 152, and a fingerprint that keeps it changes with every connection (FoxIO-LLC/ja4
issue 305).

A partial hello has no fingerprint: what is computed from one is the fingerprint of another client.

Sources: FoxIO-LLC/ja4 technical_details/JA4.md (June 2026); salesforce/ja3 README.md, "How it works".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sensor.wire.tls import ClientHello, is_grease

__all__ = ["ja3", "ja3_text", "ja4", "ja4_text"]

_TRANSPORTS = {"tcp": "t", "quic": "q", "dtls": "d"}

# JA4.md, "TLS and DTLS Version"
_VERSIONS = {
    0x0304: "13",
    0x0303: "12",
    0x0302: "11",
    0x0301: "10",
    0x0300: "s3",
    0x0002: "s2",
    0xFEFF: "d1",
    0xFEFD: "d2",
    0xFEFC: "d3",
}

_SERVER_NAME, _ALPN = 0x0000, 0x0010
_NOTHING = "000000000000"


def ja4(hello: ClientHello, transport: str) -> str:
    """
    The JA4 fingerprint of a ClientHello, for example ``t13d1516h2_8daaf6152771_b186095e22b6``.

    ``transport`` is ``tcp``, ``quic`` or ``dtls``. Counts stop at 99.

    Source: FoxIO technical_details/JA4.md, "JA4 Algorithm".
    """
    start, ciphers, rest = _parts(hello, transport)
    return f"{start}_{_hash12(ciphers)}_{_hash12(rest)}"


def ja4_text(hello: ClientHello, transport: str) -> str:
    """
    What the JA4 of a hello is made of, sorted but not hashed: JA4_r.

    Source: FoxIO technical_details/JA4.md, "Raw Output".
    """
    return "_".join(_parts(hello, transport))


def _parts(hello: ClientHello, transport: str) -> tuple[str, str, str]:
    ciphers = [value for value in hello.cipher_suites if not is_grease(value)]
    extensions = [value for value in hello.extensions if not is_grease(value)]
    start = (
        _TRANSPORTS[transport]
        + _version(hello)
        + ("d" if _SERVER_NAME in extensions else "i")
        + f"{min(len(ciphers), 99):02d}{min(len(extensions), 99):02d}"
        + _alpn(hello.alpn)
    )
    hashed = _hex_list(sorted(value for value in extensions if value not in (_SERVER_NAME, _ALPN)))
    algorithms = _hex_list(value for value in hello.signature_algorithms if not is_grease(value))
    if hashed and algorithms:
        # "If there are no signature algorithms in the hello packet, then the string ends without an
        # underscore"; "If there are no extensions in the sorted extensions list, then the value of JA4_c is
        # set to 000000000000". The second can hold only without the extension that carries the algorithms.
        hashed = f"{hashed}_{algorithms}"
    return start, _hex_list(sorted(ciphers)), hashed


def _version(hello: ClientHello) -> str:
    """
    Two characters for the version.

    "If extension 0x002b exists (supported_versions), then the version is the highest value in the
    extension. Remember to ignore GREASE values. If the extension doesn't exist, then the TLS version is the
    value of the Protocol Version." Drafts of TLS 1.3 (0x7f..) are higher and unknown: ``00``.
    """
    offered = [value for value in hello.supported_versions if not is_grease(value)]
    return _VERSIONS.get(max(offered, default=hello.legacy_version), "00")


def _alpn(protocols: tuple[bytes, ...]) -> str:
    """
    Two characters for the first ALPN value.

    "If there is no ALPN extension, no ALPN values, or the first ALPN value is empty, then we print "00"".
    "If the first or last byte of the first ALPN is not an ASCII alphanumeric character […] then we print
    the first and last characters of the hex representation of the first ALPN instead."
    """
    for protocol in protocols:
        if len(protocol) == 2 and is_grease(int.from_bytes(protocol, "big")):
            continue
        if not protocol:
            break
        ends = protocol[:1] + protocol[-1:]
        if ends.isalnum():
            return ends.decode("ascii")
        text = protocol.hex()
        return text[0] + text[-1]
    return "00"


def _hex_list(values: Iterable[int]) -> str:
    return ",".join(f"{value:04x}" for value in values)


def _hash12(text: str) -> str:
    """The first twelve digits of SHA-256, or zeros: "this makes it clear to the user when a field has no
    values"."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12] if text else _NOTHING


def ja3_text(hello: ClientHello) -> str:
    """
    What JA3 hashes: ``version,ciphers,extensions,groups,point formats`` in decimal, in the hello's order.

    Source: salesforce/ja3 README.md, "How it works".
    """
    lists = (hello.cipher_suites, hello.extensions, hello.groups)
    fields = [str(hello.legacy_version)]
    fields += ["-".join(str(value) for value in values if not is_grease(value)) for values in lists]
    fields.append("-".join(map(str, hello.ec_point_formats)))
    return ",".join(fields)


def ja3(hello: ClientHello) -> str:
    """The JA3 fingerprint: the MD5 of ``ja3_text``, 32 hex digits. MD5 is part of its definition."""
    return hashlib.md5(ja3_text(hello).encode("ascii"), usedforsecurity=False).hexdigest()
