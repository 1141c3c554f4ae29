"""ClientHellos: given these bytes, these values, however the bytes are cut."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from socket import create_server

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.wire import tls
from sensor.wire.tls import (
    MAX_EARLY_BYTES,
    MAX_HELLO_BYTES,
    ClientHello,
    EchExtension,
    HandshakeReader,
    find_client_hello,
    find_server_name,
    is_grease,
    looks_like_tls_client,
    parse_client_hello,
    parse_client_hello_body,
    plausible_host,
)
from tests.wire import tls_bytes as t

USUAL = ClientHello(
    legacy_version=0x0303,
    cipher_suites=(0x1301, 0x1302),
    extensions=(0, 10, 11, 16, 13, 43),
    server_name="example.com",
    alpn=(b"h2", b"http/1.1"),
    supported_versions=(0x1A1A, 0x0304, 0x0303),
    signature_algorithms=(0x0403, 0x0804),
    groups=(0x2A2A, 29, 23),
    ec_point_formats=(0,),
)


def read(data: bytes) -> object:
    """
    What a HandshakeReader makes of a stream, however it is cut, and with bytes trailing where it is done.

    The hellos and the partial one, or the name of what is malformed.
    """
    answers = []
    for chunks in t.splits(data):
        reader = HandshakeReader()
        hellos: list[ClientHello] = []

        def feed(chunks=chunks, reader=reader, hellos=hellos):
            for chunk in chunks:
                hellos.extend(reader.feed(chunk))
            if reader.done:
                assert reader.feed(b"\x16\x03\x01 trailing") == []
            return (*hellos, reader.finish()) if reader.needs_more else tuple(hellos)

        answers.append(t.outcome(feed))
    assert all(answer == answers[0] for answer in answers), answers
    return answers[0]


def parse(message: bytes) -> object:
    """
    What ``parse_client_hello`` makes of a message: with bytes trailing the same, without its end ``None``.

    The body alone gives the same.
    """
    answer = t.outcome(parse_client_hello, message)
    assert t.outcome(parse_client_hello, message + b"trailing") == answer
    assert t.outcome(parse_client_hello_body, message[4:]) == answer
    for cut in range(len(message)):
        assert parse_client_hello(message[:cut]) is None
    return answer


# --- the message --------------------------------------------------------------------------------------

MESSAGES: list[tuple[str, bytes, object]] = [
    ("usual", t.body(*t.USUAL), USUAL),
    (
        "no extensions block (TLS 1.0)",
        t.body(ciphers=(5, 4), version=0x0301, session=b""),
        ClientHello(legacy_version=0x0301, cipher_suites=(5, 4)),
    ),
    (
        "bytes after the extensions are odd, not hidden",
        t.body(t.server_name(b"a.example")) + b"!",
        ClientHello(
            legacy_version=0x0303,
            cipher_suites=(0x1301, 0x1302),
            extensions=(0,),
            server_name="a.example",
            weirds=("tls_trailing_bytes",),
        ),
    ),
    ("version of another protocol", b"\x04\x03" + t.body()[2:], "tls_client_hello_version"),
    ("empty", b"", "tls_client_hello_version"),
    ("only a version", b"\x03\x03", "tls_client_hello_cut"),
    ("session id of 33 bytes", t.body(session=b"s" * 33), "tls_session_id_too_long"),
    ("session id cut", t.body()[:40], "tls_client_hello_cut"),
    ("no cipher suites", t.body(ciphers=()), "tls_cipher_suites_malformed"),
    ("half a cipher suite", t.body()[:67] + b"\x00\x03abc\x01\x00", "tls_cipher_suites_malformed"),
    ("cipher suites cut", t.body()[:70], "tls_client_hello_cut"),
    ("no compression methods", t.body()[:-2], "tls_client_hello_cut"),
    ("compression methods cut", t.body()[:-2] + b"\x02\x00", "tls_client_hello_cut"),
    ("length of extensions cut", t.body() + b"\x00", "tls_client_hello_cut"),
    ("extensions cut", t.body() + b"\x00\x09" + t.versions(0x0304), "tls_client_hello_cut"),
    ("half an extension", t.body() + t.vector(b"\x00\x00\x00"), "tls_extensions_malformed"),
    ("extension over the end", t.body() + t.vector(b"\x00\x0a\x00\x05\x00"), "tls_extensions_malformed"),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in MESSAGES], ids=[c[0] for c in MESSAGES])
def test_message(body: bytes, expected: object) -> None:
    assert parse(t.message(body)) == expected


EXTENSIONS: list[tuple[str, bytes, dict[str, object]]] = [
    # RFC 6066, section 3
    ("name of a host", t.server_name(b"chat.OpenAI.com."), {"server_name": "chat.openai.com"}),
    ("underscore", t.server_name(b"a_b.example"), {"server_name": "a_b.example"}),
    ("wildcard, seen in the wild", t.server_name(b"*.example.com"), {"server_name": "*.example.com"}),
    ("IPv4 address, not permitted", t.server_name(b"192.0.2.1"), {"server_name": "192.0.2.1"}),
    ("IPv6 address, not permitted", t.server_name(b"2001:DB8:0::1"), {"server_name": "2001:db8::1"}),
    ("253 bytes and a dot", t.server_name(b"a." * 126 + b"a."), {"server_name": "a." * 126 + "a"}),
    ("254 bytes", t.server_name(b"a." * 126 + b"aa"), {"weirds": ("tls_server_name_odd",)}),
    ("zone of an IPv6 address", t.server_name(b"fe80::1%eth0"), {"weirds": ("tls_server_name_odd",)}),
    ("no IPv6 address", t.server_name(b"a:b"), {"weirds": ("tls_server_name_odd",)}),
    ("control character", t.server_name(b"a\n.example"), {"weirds": ("tls_server_name_odd",)}),
    ("escape sequence", t.server_name(b"\x1b[31m.example"), {"weirds": ("tls_server_name_odd",)}),
    ("not ASCII", t.server_name("bücher.example".encode()), {"weirds": ("tls_server_name_odd",)}),
    ("empty label", t.server_name(b"a..example"), {"weirds": ("tls_server_name_odd",)}),
    ("a dot alone", t.server_name(b"."), {"weirds": ("tls_server_name_odd",)}),
    ("empty name", t.server_name(b""), {"weirds": ("tls_server_name_odd",)}),
    (
        "names of other types before",
        t.extension(0, t.vector(b"\x05" + t.vector(b"x") + b"\x00" + t.vector(b"a.example"))),
        {"server_name": "a.example"},
    ),
    ("only other types", t.server_name(b"a.example", kind=9), {"weirds": ("tls_extension_malformed",)}),
    ("empty extension (a server's)", t.extension(0), {"weirds": ("tls_extension_malformed",)}),
    ("list length wrong", t.extension(0, b"\x00\x09\x00\x00\x01a"), {"weirds": ("tls_extension_malformed",)}),
    (
        "name length wrong",
        t.extension(0, t.vector(b"\x00\x00\x09a")),
        {"weirds": ("tls_extension_malformed",)},
    ),
    # RFC 7301, section 3.1
    ("ALPN", t.alpn(b"h3"), {"alpn": (b"h3",)}),
    ("ALPN, empty name", t.alpn(b"", b"h2"), {"alpn": (b"", b"h2")}),
    ("ALPN, no names", t.alpn(), {"alpn": ()}),
    ("ALPN empty", t.extension(16), {"weirds": ("tls_extension_malformed",)}),
    ("ALPN cut", t.extension(16, t.vector(b"\x03h2")), {"weirds": ("tls_extension_malformed",)}),
    # RFC 8446, sections 4.2.1, 4.2.3, 4.2.7; RFC 8422, section 5.1.2
    ("versions, odd length", t.extension(43, b"\x03\x03\x04\x03"), {"weirds": ("tls_extension_malformed",)}),
    ("versions empty", t.extension(43), {"weirds": ("tls_extension_malformed",)}),
    ("versions, no version", t.extension(43, b"\x00"), {"supported_versions": ()}),
    ("algorithms cut", t.extension(13, b"\x00\x04\x04\x03"), {"weirds": ("tls_extension_malformed",)}),
    ("algorithms odd", t.extension(13, b"\x00\x01\x04"), {"weirds": ("tls_extension_malformed",)}),
    ("groups cut", t.extension(10, b"\x00"), {"weirds": ("tls_extension_malformed",)}),
    ("point formats cut", t.extension(11, b"\x02\x00"), {"weirds": ("tls_extension_malformed",)}),
    ("point formats empty", t.extension(11), {"weirds": ("tls_extension_malformed",)}),
    ("an extension of no concern", t.extension(0x4469, b"junk"), {}),
    # RFC 9849, section 5
    (
        "ECH outer",
        t.ech_outer(config_id=200, payload=b"p" * 208),
        {
            "ech": EchExtension(
                inner=False, kdf_id=1, aead_id=1, config_id=200, enc_length=32, payload_length=208
            )
        },
    ),
    (
        "ECH outer of a second hello",
        t.ech_outer(enc=b"", payload=b"p", suite=(2, 3)),
        {"ech": EchExtension(inner=False, kdf_id=2, aead_id=3, config_id=7, enc_length=0, payload_length=1)},
    ),
    ("ECH inner", t.extension(0xFE0D, b"\x01"), {"ech": EchExtension(inner=True)}),
    ("ECH inner with more", t.extension(0xFE0D, b"\x01!"), {"weirds": ("tls_extension_malformed",)}),
    (
        "ECH of unknown type",
        t.extension(0xFE0D, b"\x02" + bytes(20)),
        {"weirds": ("tls_extension_malformed",)},
    ),
    ("ECH without payload", t.ech_outer(payload=b""), {"weirds": ("tls_extension_malformed",)}),
    (
        "ECH cut",
        t.extension(0xFE0D, b"\0" + bytes(5) + b"\x00\x20"),
        {"weirds": ("tls_extension_malformed",)},
    ),
    (
        "ECH with more",
        t.extension(0xFE0D, t.ech_outer()[4:] + b"!"),
        {"weirds": ("tls_extension_malformed",)},
    ),
]


@pytest.mark.parametrize(("data", "facts"), [case[1:] for case in EXTENSIONS], ids=[c[0] for c in EXTENSIONS])
def test_one_extension(data: bytes, facts: dict[str, object]) -> None:
    """What stands in an extension is told; where its inside is wrong the rest of the hello still is."""
    kind = int.from_bytes(data[:2], "big")
    plain = ClientHello(legacy_version=0x0303, cipher_suites=(0x1301, 0x1302), extensions=(kind, 0xFF01))
    assert parse(t.message(t.body(data, t.extension(0xFF01, b"\0")))) == replace(plain, **facts)  # type: ignore[arg-type] # fields of a table


def test_the_first_of_equal_extensions_counts() -> None:
    hello = parse_client_hello_body(
        t.body(t.server_name(b"a.example"), t.server_name(b"b.example"), t.server_name(b"c.example"))
    )
    assert hello is not None
    assert hello.server_name == "a.example"
    assert hello.extensions == (0, 0, 0)
    assert hello.weirds == ("tls_extension_duplicate",)
    assert set(hello.weirds) <= set(tls.WEIRDS)


def test_grease() -> None:
    """RFC 8701, section 2: sixteen values, both bytes equal."""
    assert [value for value in range(0x10000) if is_grease(value)] == list(t.GREASE)


# --- records ------------------------------------------------------------------------------------------

HELLO = t.message(t.body(*t.USUAL))
SECOND = t.message(t.body(*t.USUAL, t.extension(44, b"\x00\x01c")))
SECOND_READ = replace(USUAL, extensions=(*USUAL.extensions, 44))
EARLY = t.message(t.body(*t.USUAL, t.extension(42)))
EARLY_READ = replace(USUAL, extensions=(*USUAL.extensions, 42))
CCS = t.record(b"\x01", kind=20)
FINISHED_12 = t.record(t.message(b"k" * 66, kind=16)) + CCS + t.record(b"\x01\xff encrypted Finished")
BROKEN_OFF = replace(USUAL, extensions=(0, 10, 11, 16, 13), supported_versions=(), partial=True)
V2_REST = b"\x00\x15\x00\x00\x00\x10" + bytes(37)
LONG = t.message(t.body(*t.USUAL, t.extension(21, bytes(5_000)), t.extension(0x4469, bytes(60_400))))

STREAMS: list[tuple[str, bytes, object]] = [
    ("one record", t.records(HELLO), (USUAL,)),
    ("a byte in each record", t.records(HELLO, 1), (USUAL,)),
    ("records of 1, 2, 3 and 50 bytes", t.records(HELLO, 1, 2, 3, 50), (USUAL,)),
    ("two hellos in one record", t.records(HELLO + SECOND), (USUAL, SECOND_READ)),
    ("second hello after a HelloRetryRequest", t.records(HELLO) + t.records(SECOND), (USUAL, SECOND_READ)),
    (
        "… after change_cipher_spec (RFC 8446, D.4)",
        t.records(HELLO) + CCS + t.records(SECOND, 20),
        (USUAL, SECOND_READ),
    ),
    (
        "… after early data",
        t.records(EARLY) + CCS + t.record(b"d" * 900, kind=23) * 3 + t.records(SECOND),
        (EARLY_READ, SECOND_READ),
    ),
    ("a third is not looked for", t.records(HELLO + SECOND + HELLO), (USUAL, SECOND_READ)),
    ("TLS 1.3 goes on encrypted", t.records(HELLO) + CCS + t.record(b"d" * 53, kind=23), (USUAL,)),
    ("data without an offer of early data", t.records(HELLO) + t.record(b"d" * 53, kind=23), (USUAL,)),
    ("TLS 1.2 goes on with a key exchange", t.records(HELLO) + FINISHED_12, (USUAL,)),
    ("TLS 1.2 resumes", t.records(HELLO) + CCS + t.record(b"\x01\x00\x00\x20" + bytes(36)), (USUAL,)),
    ("alert", t.records(HELLO) + t.record(b"\x02\x28", kind=21), (USUAL,)),
    ("two change_cipher_spec", t.records(HELLO) + CCS + CCS + t.records(SECOND), (USUAL,)),
    ("the second hello broke off", t.records(HELLO) + t.records(SECOND)[:-1], (USUAL,)),
    ("no TLS after the hello", t.records(HELLO) + b"GET / HTTP/1.1\r\n\r\n", (USUAL,)),
    ("record too long after the hello", t.records(HELLO) + b"\x16\x03\x03\xff\xff", (USUAL,)),
    ("SSL 3.0 record version", HELLO and t.record(HELLO, version=0x0300), (USUAL,)),
    (
        "hello longer than is kept",
        t.records(LONG),
        (
            replace(
                USUAL,
                extensions=(*USUAL.extensions, 21),
                weirds=("tls_client_hello_too_long",),
                partial=True,
            ),
        ),
    ),
    ("broke off in the hello", t.records(HELLO, 30)[:-1], (BROKEN_OFF,)),
    ("broke off before the hello's version", t.records(HELLO)[:10], (None,)),
    ("partial and malformed", t.records(HELLO[:4] + b"\x09" + HELLO[5:])[:-1], (None,)),
    ("nothing", b"", ()),
    ("only a record header", t.records(HELLO)[:5], ()),
    ("clear text", b"GET / HTTP/1.1\r\n", "tls_not_tls"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "tls_not_tls"),
    ("another major version", b"\x16\x02\x00\x00\x05\x01", "tls_not_tls"),
    ("data first", t.record(b"d" * 20, kind=23), "tls_not_tls"),
    ("server hello", t.record(t.message(bytes(70), kind=2)), "tls_not_client_hello"),
    ("record too long", b"\x16\x03\x01\x48\x01\x01", "tls_record_too_long"),
    ("empty handshake record", t.record(b""), "tls_record_empty"),
    ("records of two kinds mixed", t.record(HELLO[:40]) + CCS, "tls_record_interleaved"),
    ("another version in the middle", t.record(HELLO[:40]) + b"\x17\x02\x01", "tls_not_tls"),
    ("malformed hello", t.records(t.message(t.body(ciphers=()))), "tls_cipher_suites_malformed"),
    ("hello of nothing", t.records(t.message(b"")), "tls_client_hello_version"),
    # RFC 5246, appendix E.2: length with the high bit, type 1, version, three lengths
    ("SSLv2-framed hello", b"\x80\x2e\x01\x03\x01" + V2_REST, "tls_sslv2_client_hello"),
    ("SSLv2 hello", b"\x80\x2e\x01\x00\x02" + V2_REST, "tls_sslv2_client_hello"),
    ("high bit and nothing else", b"\x80\x2e\x04\x00\x02\x00", "tls_not_tls"),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "expected"), [case[1:] for case in STREAMS], ids=[c[0] for c in STREAMS])
def test_stream(stream: bytes, expected: object) -> None:
    assert read(stream) == expected


@pytest.mark.parametrize("cut", range(1, len(HELLO)))
def test_records_may_be_cut_anywhere(cut: int) -> None:
    """Record fragmentation at every byte of the hello."""
    reader = HandshakeReader()
    assert reader.feed(t.records(HELLO, cut, 20_000)) == [USUAL]


def test_every_broken_off_hello_tells_what_had_come() -> None:
    """Never more than the whole tells, the server name as soon as it is there, and never a part of it."""
    stream = t.records(HELLO)
    named_from = stream.index(b"Example.COM") + 11
    for cut in range(len(stream)):
        reader = HandshakeReader()
        assert reader.feed(stream[:cut]) == []
        assert not reader.done
        assert reader.needs_more is (cut > 5)
        told = reader.finish()
        assert reader.done
        assert reader.finish() is None
        if cut < 5 + 4 + 34:
            assert told is None
            continue
        assert told is not None and told.partial
        assert told.server_name == ("example.com" if cut >= named_from else None)
        assert told.extensions == USUAL.extensions[: len(told.extensions)]
        assert told.cipher_suites == USUAL.cipher_suites[: len(told.cipher_suites)]


def test_early_data_is_passed_over_within_a_limit() -> None:
    reader = HandshakeReader()
    data = t.record(bytes(16_384), kind=23)
    assert reader.feed(t.records(EARLY)) == [EARLY_READ]
    for _ in range(MAX_EARLY_BYTES // 16_384):
        assert reader.feed(data) == []
        assert not reader.done
    assert reader.feed(data) == []
    assert reader.done


def test_a_long_hello_given_whole_is_told_as_partial() -> None:
    """The same by all three ways in."""
    by_message = parse_client_hello(LONG)
    assert by_message is not None
    assert by_message.weirds == ("tls_client_hello_too_long",)
    assert by_message.partial
    assert by_message == parse_client_hello_body(LONG[4:])
    assert [by_message] == HandshakeReader().feed(t.records(LONG))
    assert parse_client_hello(LONG[: 4 + MAX_HELLO_BYTES]) == by_message
    assert parse_client_hello(LONG[: 3 + MAX_HELLO_BYTES]) is None


def test_partial_bodies() -> None:
    """With ``partial`` what came is told; a message that is there whole is not partial all the same."""
    content = t.body(*t.USUAL)
    assert parse_client_hello_body(content, partial=True) == replace(USUAL, partial=True)
    assert parse_client_hello(t.message(content), partial=True) == USUAL
    assert parse_client_hello_body(content[:33], partial=True) is None
    assert parse_client_hello(t.message(content)[:37], partial=True) is None
    assert parse_client_hello(b"", partial=True) is None
    assert parse_client_hello_body(content[:34], partial=True) == ClientHello(
        legacy_version=0x0303, partial=True
    )
    with pytest.raises(Malformed, match="tls_client_hello_cut"):
        parse_client_hello(t.message(content[:40]), partial=True)
    with pytest.raises(Malformed, match="tls_not_client_hello"):
        parse_client_hello(b"\x02")


# --- recognising --------------------------------------------------------------------------------------

FIRSTS: list[tuple[bytes, bool | None]] = [
    (b"", None),
    (b"\x16", None),
    (b"\x16\x03\x01\x02\x00", None),
    (b"\x16\x03\x01\x02\x00\x01", True),
    (b"\x16\x03\x04\x00\x01\x01", True),
    (b"\x16\x03\x05\x02\x00\x01", False),
    (b"\x16\x03\x01\x00\x00\x01", False),
    (b"\x16\x03\x01\xff\xff\x01", False),
    (b"\x16\x03\x01\x02\x00\x02", False),
    (b"\x16\x02", False),
    (b"G", False),
    (b"\x80\x2e\x01\x03", None),
    (b"\x80\x2e\x01\x03\x01", True),
    (b"\x80\x2e\x01\x00\x02", True),
    (b"\x80\x2e\x01\x00\x01", False),
    (b"\x80\x2e\x02\x03\x01", False),
]


@pytest.mark.parametrize(("first", "expected"), FIRSTS)
def test_first_bytes(first: bytes, expected: bool | None) -> None:
    assert looks_like_tls_client(first) is expected


def test_a_hello_is_found_later_in_a_stream() -> None:
    """STARTTLS, CONNECT, SOCKS: the hello begins somewhere."""
    stream = b"EHLO a.example\r\nSTARTTLS\r\n" + t.records(HELLO)
    at = find_client_hello(stream)
    assert at == 26
    assert HandshakeReader().feed(stream[at:]) == [USUAL]
    assert find_client_hello(stream, 27) is None
    assert find_client_hello(stream[:30]) is None


NAME = t.server_name(b"Example.COM")
FRAGMENTS: list[tuple[str, bytes, str | None]] = [
    ("whole hello", HELLO, "example.com"),
    ("the extension alone", NAME, "example.com"),
    ("zeros before", bytes(9_000) + NAME, "example.com"),
    ("name cut", NAME[:-1], None),
    ("list length wrong", NAME[:5] + b"\x0f" + NAME[6:], None),
    ("extension length wrong", NAME[:3] + b"\x0f" + NAME[4:], None),
    ("one label is too little to be sure", t.server_name(b"localhost"), None),
    ("no name of a host", t.server_name(b"exa mple.com"), None),
    ("a wrong one before the right one", NAME[:8] + NAME, "example.com"),
    ("nothing", b"", None),
]


@pytest.mark.parametrize(("data", "name"), [case[1:] for case in FRAGMENTS], ids=[c[0] for c in FRAGMENTS])
def test_a_name_is_found_in_a_fragment(data: bytes, name: str | None) -> None:
    assert find_server_name(data) == name


# --- real clients -------------------------------------------------------------------------------------


def test_python_openssl() -> None:
    """What Python's own OpenSSL sends is read whole, with everything that was asked of it."""
    for name, protocols in [("API.example.com", ("h2", "http/1.1")), (None, ())]:
        stream = t.openssl_records(name, protocols)
        (hello,) = HandshakeReader().feed(stream)
        assert read(stream) == (hello,)
        assert hello.server_name == (name.lower() if name else None)
        assert hello.alpn == tuple(protocol.encode() for protocol in protocols)
        assert 0x0304 in hello.supported_versions
        assert {0x1301, 0x1302, 0x1303} <= set(hello.cipher_suites)
        assert 29 in hello.groups and 0x0804 in hello.signature_algorithms
        assert hello.weirds == () and not hello.partial


def test_python_openssl_tls12() -> None:
    (hello,) = HandshakeReader().feed(t.openssl_records(maximum_version=ssl.TLSVersion.TLSv1_2))
    assert hello.supported_versions == ()
    assert hello.legacy_version == 0x0303
    assert 0x00FF in hello.cipher_suites or 0xFF01 in hello.extensions


@pytest.mark.slow
def test_openssl_s_client(need_tool: Callable[[str], str]) -> None:
    """The openssl program's hello, over a socket."""
    program = need_tool("openssl")
    got = bytearray()
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                reader = HandshakeReader()
                while not reader.feed(data := connection.recv(4096)) and data:
                    got.extend(data)
                got.extend(data)

        server = threading.Thread(target=serve)
        server.start()
        subprocess.run(
            [program, "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "Claude.ai", "-alpn", "h2"],
            input=b"",
            capture_output=True,
            timeout=20,
            check=False,
        )
        server.join(timeout=20)
    (hello,) = HandshakeReader().feed(bytes(got))
    assert (hello.server_name, hello.alpn) == ("claude.ai", (b"h2",))


# --- properties ---------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.booleans())
def test_any_message_gives_a_value_none_or_malformed(data: bytes, partial: bool) -> None:
    for start in (b"", b"\x01", b"\x01\x00\x00\x60\x03\x03", HELLO[:60]):
        for reader in (parse_client_hello, parse_client_hello_body):
            t.outcome(reader, start + data, partial=partial)


@given(st.binary(max_size=200), st.integers(0, len(t.records(HELLO))))
def test_any_stream_gives_values_or_malformed(data: bytes, keep: int) -> None:
    """Whatever follows or replaces a part of a hello, and however it is cut: the same answer."""
    read(t.records(HELLO, 90)[:keep] + data)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_searched(data: bytes) -> None:
    looks_like_tls_client(data)
    find_client_hello(data)
    name = find_server_name(data)
    assert name is None or plausible_host(name.encode()) == name


@given(st.binary(max_size=300))
def test_a_host_is_printable(data: bytes) -> None:
    host = plausible_host(data)
    assert host is None or (host.isascii() and host.isprintable() and host == host.lower())


@given(st.binary(max_size=40), st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_looks_agrees_with_the_reader(data: bytes, sizes: list[int]) -> None:
    """What the reader accepts looks like TLS, and a hello does in whatever records."""
    assert looks_like_tls_client(t.records(HELLO, *sizes)) is True
    looks = looks_like_tls_client(data)
    answer = t.outcome(HandshakeReader().feed, data)
    if looks is False:
        assert answer != [USUAL] and (isinstance(answer, str) or len(data) < 6)
