"""
The servers that the traces are made against, all in one process: DNS, HTTP, TLS and QUIC for any name.

Run by ``make.py`` inside the server's own network namespace; nothing here is ever reached from outside.
Argument: the address to listen on and a folder for the certificates. Prints ``ready`` once it listens.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import struct
import sys
from pathlib import Path

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BODY = b'{"object":"list","data":[]}\n'


def make_certificate(folder: Path, names: list[str], hosts: list[str]) -> tuple[Path, Path]:
    """A self-signed certificate for all the names, good for ten days (Chromium's limit for QUIC is 14)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gnomon traces")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(host)) for host in hosts]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "server.pem", folder / "server.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


class Dns(asyncio.DatagramProtocol):
    """Answers A, AAAA and HTTPS for every name with the server's own addresses (RFC 1035, RFC 9460)."""

    def __init__(self, v4: str, v6: str) -> None:
        self.v4 = ipaddress.ip_address(v4).packed
        self.v6 = ipaddress.ip_address(v6).packed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(self.answer(data), addr)  # type: ignore[attr-defined]  # a DatagramTransport

    def answer(self, query: bytes) -> bytes:
        end = query.index(b"\0", 12) + 5
        question, (kind,) = query[12:end], struct.unpack("!H", query[end - 4 : end - 2])
        data = {
            1: self.v4,
            28: self.v6,
            16: b"".join(b"\xc8" + b"t" * 200 for _ in range(14)) if b"large" in question else None,
            65: b"\0\1\0" + b"\0\1\0\6\2h3\2h2" + b"\0\4\0\4" + self.v4,
        }.get(kind)
        head = query[:2] + b"\x81\x80\0\1" + struct.pack("!H", data is not None) + b"\0\0\0\0"
        if data is None:
            return head + question
        return head + question + b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 300, len(data)) + data


async def dns_over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dns: Dns) -> None:
    (length,) = struct.unpack("!H", await reader.readexactly(2))
    answer = dns.answer(await reader.readexactly(length))
    writer.write(struct.pack("!H", len(answer)) + answer)
    await writer.drain()
    writer.close()


async def http1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One HTTP/1.1 answer to whatever is asked, after the whole body was read."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
        )
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


class Http3(QuicConnectionProtocol):
    """One HTTP/3 answer to whatever is asked."""

    h3: H3Connection | None = None

    def quic_event_received(self, event) -> None:  # type: ignore[no-untyped-def]  # as in aioquic
        if isinstance(event, ProtocolNegotiated):
            self.h3 = H3Connection(self._quic)
        if self.h3 is not None:
            for each in self.h3.handle_event(event):
                if isinstance(each, HeadersReceived):
                    self.h3.send_headers(
                        each.stream_id, [(b":status", b"200"), (b"content-type", b"application/json")]
                    )
                    self.h3.send_data(each.stream_id, BODY, end_stream=True)
                    self.transmit()


async def main(v4: str, v6: str, folder: Path, names: list[str]) -> None:
    cert, key = make_certificate(folder, names, [v4, v6])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    tls.set_alpn_protocols(["http/1.1"])
    quic = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    quic.load_cert_chain(cert, key)
    loop = asyncio.get_running_loop()
    dns = Dns(v4, v6)
    for host in (v4, v6):
        await loop.create_datagram_endpoint(lambda: Dns(v4, v6), local_addr=(host, 53))
        await asyncio.start_server(lambda r, w: dns_over_tcp(r, w, dns), host, 53)
        for port in (80, 8080, 11434):
            await asyncio.start_server(http1, host, port)
        for port in (443, 8443):
            await asyncio.start_server(http1, host, port, ssl=tls)
        await serve(host, 443, configuration=quic, create_protocol=Http3)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:]))
