"""
Encrypted ClientHello: what can be told of it from outside.

An encrypted_client_hello extension in a hello says little: a client that has no ECH configuration for a
server sends a random one (GREASE), and RFC 9849 makes the two alike on purpose ("Do Not Stick Out", section
10.10.4). What tells them apart is named there as out of scope: the config_id, the outer server name, and what
happens after a HelloRetryRequest. Those are the marks used here.

Source: RFC 9849, sections 4, 5, 6.1.5, 6.2 and 10.10.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sensor.errors import Malformed
from sensor.model import Ech
from sensor.wire.tls import ClientHello, plausible_host

__all__ = ["MAX_CONFIGS", "PUBLIC_NAMES", "EchConfig", "ech_kind", "parse_ech_config_list"]

MAX_CONFIGS = 64
"""How many configurations of one list are read."""

PUBLIC_NAMES: frozenset[str] = frozenset(
    {
        # developers.cloudflare.com/ssl/edge-certificates/ech: "We chose cloudflare-ech.com as the SNI that
        # all websites will share on Cloudflare." (read 2026-11)
        "cloudflare-ech.com",
    }
)
"""Names that stand outside only where a real name is encrypted inside."""

_EXTENSION, _VERSION = 0xFE0D, 0xFE0D


@dataclass(frozen=True, slots=True, kw_only=True)
class EchConfig:
    """One ECHConfig of version 0xfe0d, as published in an HTTPS record."""

    config_id: int
    public_name: str
    """The name that stands outside in the hello. Lower case."""
    kem_id: int
    maximum_name_length: int
    suites: tuple[tuple[int, int], ...]
    """Pairs of kdf_id and aead_id that a client may choose from."""


def ech_kind(hello: ClientHello, configs: Iterable[EchConfig] = ()) -> Ech:
    """
    Whether a hello uses Encrypted ClientHello, as far as it tells.

    ``real``, where one of these holds:

    - the outer name is one that a provider uses for nothing else (``PUBLIC_NAMES``);
    - outer name, config_id and cipher suite are those of one of ``configs``, which its client was given in
      an HTTPS record;
    - ``enc`` is empty: only the second hello of a real offer leaves it out (section 6.1.5), a second GREASE
      hello copies the first one's (section 6.2);
    - the extension is of type inner: the name outside *is* the true one. Such a hello is seen in the clear
      only between a client-facing server and the server behind it.

    ``grease`` means *consistent with GREASE*: no mark of a real offer. A real offer to a provider that is
    not in ``PUBLIC_NAMES``, without ``configs``, looks just so, and then the server name told is that
    provider's public name. A partial hello says ``none`` where its extension had not arrived.
    """
    if _EXTENSION not in hello.extensions:
        return Ech.NONE
    ech = hello.ech
    if ech is None:
        return Ech.GREASE
    if ech.inner or ech.enc_length == 0 or hello.server_name in PUBLIC_NAMES:
        return Ech.REAL
    for config in configs:
        if (
            config.config_id == ech.config_id
            and config.public_name == hello.server_name
            and (ech.kdf_id, ech.aead_id) in config.suites
        ):
            return Ech.REAL
    return Ech.GREASE


def parse_ech_config_list(data: bytes) -> tuple[EchConfig, ...]:
    """
    The ECHConfigs of a list (the ``ech`` parameter of an HTTPS record), in the server's order of preference.

    "Clients MUST ignore any ECHConfig structure with a version they do not support": so is it here. At most
    ``MAX_CONFIGS`` are read.

    Raises ``Malformed`` where lengths contradict each other or a name cannot be a host's.

    Source: RFC 9849, section 4.
    """
    if len(data) < 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
        raise Malformed("ech_config_list_malformed")
    configs: list[EchConfig] = []
    at = 2
    while at < len(data) and len(configs) < MAX_CONFIGS:
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data):
            raise Malformed("ech_config_list_malformed")
        if int.from_bytes(data[at : at + 2], "big") == _VERSION:
            configs.append(_parse_contents(data[at + 4 : end]))
        at = end
    return tuple(configs)


def _parse_contents(data: bytes) -> EchConfig:
    """
    ::

        struct {
            uint8 config_id;
            HpkeKemId kem_id;                                2 bytes
            HpkePublicKey public_key;                        <1..2^16-1>
            HpkeSymmetricCipherSuite cipher_suites<4..2^16-4>;
            uint8 maximum_name_length;
            opaque public_name<1..255>;
            ECHConfigExtension extensions<0..2^16-1>;
        } ECHConfigContents;                                 with HpkeKeyConfig written out
    """
    at = 5 + int.from_bytes(data[3:5], "big")
    length = int.from_bytes(data[at : at + 2], "big")
    suites_at, at = at + 2, at + 2 + length
    name_at = at + 2
    if name_at > len(data) or length % 4 or length == 0:
        raise Malformed("ech_config_malformed")
    name = data[name_at : name_at + data[at + 1]]
    end = name_at + data[at + 1]
    extensions_length = int.from_bytes(data[end : end + 2], "big")
    host = plausible_host(name)
    if host is None or end + 2 + extensions_length != len(data):
        raise Malformed("ech_config_malformed")
    suites = data[suites_at:at]
    return EchConfig(
        config_id=data[0],
        kem_id=int.from_bytes(data[1:3], "big"),
        suites=tuple(
            (int.from_bytes(suites[i : i + 2], "big"), int.from_bytes(suites[i + 2 : i + 4], "big"))
            for i in range(0, length, 4)
        ),
        maximum_name_length=data[at],
        public_name=host,
    )
