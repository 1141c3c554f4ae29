"""DNS messages: every record kept, names printable, work bounded; the vectors of RFC 9460."""

from __future__ import annotations

import binascii
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.model import DnsRecord
from sensor.wire.dns import (
    MAX_RECORDS,
    DnsMessage,
    DnsQuestion,
    TcpDnsReader,
    parse_message,
    svcb_ech,
    svcb_parameters,
    type_name,
)
from tests.wire import tls_bytes as t

# --- builders -----------------------------------------------------------------------------------------


def name(text: str) -> bytes:
    """A name without compression; ``""`` is the root."""
    return b"".join(t.vector(label.encode(), 1) for label in text.split(".") if label) + b"\0"


def pointer(offset: int) -> bytes:
    return (0xC000 | offset).to_bytes(2, "big")


QUESTION = name("Chat.Example.COM")


def question(owner: bytes = QUESTION, kind: int = 1, class_: int = 1) -> bytes:
    return owner + t.numbers((kind, class_))


def record(kind: int, data: bytes, owner: bytes = pointer(12), class_: int = 1, ttl: int = 300) -> bytes:
    return owner + t.numbers((kind, class_)) + ttl.to_bytes(4, "big") + t.vector(data)


def message(
    *answers: bytes,
    questions: tuple[bytes, ...] = (question(),),
    authorities: tuple[bytes, ...] = (),
    additionals: tuple[bytes, ...] = (),
    flags: int = 0x8180,
    counts: tuple[int, int, int, int] | None = None,
) -> bytes:
    sections = (questions, answers, authorities, additionals)
    numbers = counts or [len(section) for section in sections]
    return t.numbers((0x1234, flags, *numbers)) + b"".join(b"".join(section) for section in sections)


PLAIN = DnsMessage(
    id=0x1234,
    is_response=True,
    opcode="QUERY",
    rcode="NOERROR",
    questions=(DnsQuestion(name="chat.example.com", type="A"),),
)


def parse(data: bytes) -> object:
    """
    What ``parse_message`` makes of it, with bytes trailing the same.

    The same over TCP: whole, a byte at a time, in pieces, and with the next message's beginning trailing.
    """
    answer = t.outcome(parse_message, data)
    assert t.outcome(parse_message, data + b"trailing") == answer
    if len(data) >= 12:
        for chunks in t.splits(t.vector(data) + b"\x00\x40trailing"):
            reader = TcpDnsReader()
            assert [found for chunk in chunks for found in reader.feed(chunk)] == [data]
    return answer


# --- records ------------------------------------------------------------------------------------------

AT = 12 + len(QUESTION) + 4 + 12
"""Where in ``message(record(…))`` the data of the first answer begin."""

DATA: list[tuple[str, int, bytes, str, str | None]] = [
    # RFC 1035, section 3.3 and 3.4
    ("A", 1, bytes((192, 0, 2, 1)), "A", "192.0.2.1"),
    ("A of 3 bytes", 1, bytes((192, 0, 2)), "A", "\\# 3 c00002"),
    ("NS", 2, name("ns1.Example.com"), "NS", "ns1.example.com"),
    ("CNAME, compressed", 5, b"\x03www" + pointer(17), "CNAME", "www.example.com"),
    ("CNAME to the root", 5, b"\0", "CNAME", "."),
    ("CNAME with more", 5, name("a.example") + b"!", "CNAME", "\\# 12 016107657861" + "6d706c650021"),
    ("CNAME over its end", 5, b"\x03www", "CNAME", "\\# 4 03777777"),
    ("CNAME that points forward", 5, pointer(AT + 40), "CNAME", f"\\# 2 c0{AT + 40:02x}"),
    ("CNAME that points at itself", 5, pointer(AT), "CNAME", f"\\# 2 c0{AT:02x}"),
    ("CNAME that points into the header", 5, pointer(4), "CNAME", "\\# 2 c004"),
    ("CNAME, half a pointer at the end", 5, b"\xc0", "CNAME", "\\# 1 c0"),
    ("CNAME, label type of RFC 2673", 5, b"\x41a\0", "CNAME", "\\# 3 416100"),
    (
        "SOA",
        6,
        name("ns.example") + name("admin.example") + b"".join(n.to_bytes(4, "big") for n in range(1, 6)),
        "SOA",
        "ns.example admin.example 1 2 3 4 5",
    ),
    ("SOA cut", 6, name("ns.example") + name("admin.example") + bytes(19), "SOA", None),
    ("PTR", 12, pointer(12), "PTR", "chat.example.com"),
    ("HINFO", 13, b"\x03x86\x05Linux", "HINFO", '"x86" "Linux"'),
    ("HINFO cut", 13, b"\x03x86\x09Linux", "HINFO", "\\# 10 0378383609" + "4c696e7578"),
    ("MX", 15, b"\x00\x0a" + name("mx.example"), "MX", "10 mx.example"),
    ("MX cut", 15, b"\x00", "MX", "\\# 1 00"),
    ("TXT", 16, b'\x03a b\x05"\\\x00\xff~\x00', "TXT", '"a b" "\\"\\\\\\000\\255~" ""'),
    ("TXT empty", 16, b"", "TXT", ""),
    ("TXT cut", 16, b"\x05abc", "TXT", "\\# 4 05616263"),
    ("NULL", 10, b"\x01\x02", "NULL", "\\# 2 0102"),
    # RFC 3596
    ("AAAA", 28, bytes.fromhex("20010db8000000000000000000000001"), "AAAA", "2001:db8::1"),
    ("AAAA, IPv4-mapped", 28, bytes(10) + b"\xff\xff\xc0\x00\x02\x01", "AAAA", "::ffff:192.0.2.1"),
    ("AAAA of 4 bytes", 28, bytes(4), "AAAA", "\\# 4 00000000"),
    # RFC 2782, RFC 3403, RFC 6672
    ("SRV", 33, t.numbers((1, 2, 443)) + name("srv.example"), "SRV", "1 2 443 srv.example"),
    (
        "NAPTR",
        35,
        t.numbers((100, 10)) + b"\x01u\x07E2U+sip\x00" + name("sip.example"),
        "NAPTR",
        '100 10 "u" "E2U+sip" "" sip.example',
    ),
    ("DNAME", 39, name("d.example"), "DNAME", "d.example"),
    # RFC 7553, RFC 8659
    ("URI", 256, t.numbers((10, 1)) + b"https://a.example/", "URI", '10 1 "https://a.example/"'),
    ("URI cut", 256, b"\0\0\0", "URI", "\\# 3 000000"),
    ("CAA", 257, b"\x80\x05issueca.example", "CAA", '128 issue "ca.example"'),
    ("CAA, odd tag", 257, b"\x00\x02a x", "CAA", '0 a\\032 "x"'),
    ("CAA cut", 257, b"\x80\x05iss", "CAA", "\\# 5 8005697373"),
    ("CAA empty", 257, b"\x80", "CAA", "\\# 1 80"),
    # RFC 3597
    ("DS", 43, b"\x01\x02", "DS", "\\# 2 0102"),
    ("unknown type", 65280, b"\x0a\x00\x00\x01", "TYPE65280", "\\# 4 0a000001"),
    ("unknown type, no data", 65280, b"", "TYPE65280", "\\# 0"),
]


@pytest.mark.parametrize(("kind", "data", "type_", "text"), [c[1:] for c in DATA], ids=[c[0] for c in DATA])
def test_data(kind: int, data: bytes, type_: str, text: str | None) -> None:
    """Data in presentation form; what does not fit its type in the form of RFC 3597."""
    text = f"\\# {len(data)} {data.hex()}" if text is None else text
    expected = replace(PLAIN, answers=(DnsRecord("chat.example.com", type_, text, 300),))
    assert parse(message(record(kind, data))) == expected


def test_data_of_other_classes_are_not_read() -> None:
    """An A record of class CHAOS is no IPv4 address; an UPDATE's prerequisites have no data (RFC 2136)."""
    found = parse_message(message(record(1, bytes(4), class_=3), record(1, b"", class_=255, ttl=0)))
    assert found.answers == (
        DnsRecord("chat.example.com", "A", "\\# 4 00000000", 300),
        DnsRecord("chat.example.com", "A", "\\# 0", 0),
    )


# RFC 9460, appendix D: presentation form there, RDATA in hex, what stands here. Ours has no trailing dots, no
# quotes, and parameters in the order of the wire.
VECTORS: list[tuple[str, str, str]] = [
    ("0 foo.example.com.", "000003666f6f076578616d706c6503636f6d00", "0 foo.example.com"),
    ("1 .", "000100", "1 ."),
    (
        "16 foo.example.com. port=53",
        "001003666f6f076578616d706c6503636f6d00000300020035",
        "16 foo.example.com port=53",
    ),
    (
        "1 foo.example.com. key667=hello",
        "000103666f6f076578616d706c6503636f6d00029b000568656c6c6f",
        "1 foo.example.com key667=hello",
    ),
    (
        '1 foo.example.com. key667="hello\\210qoo"',
        "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f",
        "1 foo.example.com key667=hello\\210qoo",
    ),
    (
        '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
        "000103666f6f076578616d706c6503636f6d0000060020"
        "20010db800000000000000000000000120010db8000000000000000000530001",
        "1 foo.example.com ipv6hint=2001:db8::1,2001:db8::53:1",
    ),
    (
        '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
        "0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221",
        "1 example.com ipv6hint=2001:db8:122:344::c000:221",
    ),
    (
        "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
        "001003666f6f076578616d706c65036f72670000000004000100040001000902683205"
        "68332d313900040004c0000201",
        "16 foo.example.org mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1",
    ),
    (
        '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
        "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
        "16 foo.example.org alpn=f\\\\\\\\oo\\\\,bar,h2",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text"), [case[1:] for case in VECTORS], ids=[case[0] for case in VECTORS])
@pytest.mark.parametrize(("kind", "type_"), [(64, "SVCB"), (65, "HTTPS")])
def test_service_bindings_of_the_rfc(kind: int, type_: str, data: str, text: str) -> None:
    """RFC 9460, appendix D.1 and D.2."""
    found = parse_message(message(record(kind, bytes.fromhex(data))))
    assert found.answers == (DnsRecord("chat.example.com", type_, text, 300),)


def parameter(key: int, value: bytes) -> bytes:
    return t.numbers((key,)) + t.vector(value)


ECH = bytes.fromhex("0004fe0d0000")

PARAMETERS: list[tuple[str, bytes, str]] = [
    ("mandatory empty", parameter(0, b""), "key0"),
    ("mandatory odd", parameter(0, b"\x00\x01\x02"), "key0=\\000\\001\\002"),
    ("mandatory of an unknown key", parameter(0, b"\x02\x9b"), "mandatory=key667"),
    ("alpn empty", parameter(1, b""), "key1"),
    ("alpn with an empty name", parameter(1, b"\x00\x02h2"), "key1=\\000\\002h2"),
    ("alpn cut", parameter(1, b"\x05h2"), "key1=\\005h2"),
    ("alpn with a space", parameter(1, b"\x03a b"), "alpn=a\\032b"),
    ("no-default-alpn", parameter(2, b""), "no-default-alpn"),
    ("no-default-alpn with a value", parameter(2, b"x"), "key2=x"),
    ("port of 1 byte", parameter(3, b"5"), "key3=5"),
    ("ipv4hint", parameter(4, bytes((192, 0, 2, 1, 192, 0, 2, 2))), "ipv4hint=192.0.2.1,192.0.2.2"),
    ("ipv4hint odd", parameter(4, b"abcde"), "key4=abcde"),
    ("ech", parameter(5, ECH), "ech=AAT+DQAA"),
    ("ech empty", parameter(5, b""), "key5"),
    ("ipv6hint odd", parameter(6, b"abc"), "key6=abc"),
    ("dohpath (RFC 9461)", parameter(7, b"/dns-query{?dns}"), "dohpath=/dns-query{?dns}"),
    ("dohpath empty", parameter(7, b""), "key7"),
    ("ohttp (RFC 9540)", parameter(8, b""), "ohttp"),
    ("tls-supported-groups", parameter(9, t.numbers((29, 4588))), "tls-supported-groups=29,4588"),
    ("tls-supported-groups odd", parameter(9, b"\x00"), "key9=\\000"),
    ("quotes and brackets", parameter(700, b'"();\\'), 'key700=\\"\\(\\)\\;\\\\'),
    ("two of them", parameter(1, b"\x02h3") + parameter(3, b"\x20\xfb"), "alpn=h3 port=8443"),
]


@pytest.mark.parametrize(("wire", "text"), [c[1:] for c in PARAMETERS], ids=[c[0] for c in PARAMETERS])
def test_parameter(wire: bytes, text: str) -> None:
    """A value that does not fit its key stands as that of an unregistered key."""
    (answer,) = parse_message(message(record(65, b"\x00\x01\x00" + wire))).answers
    assert answer.data == f"1 . {text}"
    assert svcb_parameters(answer.data) == dict(
        (key, value) for key, _, value in (field.partition("=") for field in text.split(" "))
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x01",
        b"\x00\x01\x03ab",
        b"\x00\x01\x00\x00\x01",
        b"\x00\x01\x00\x00\x01\x00\x04ab",
    ],
)
def test_service_binding_that_breaks_off(data: bytes) -> None:
    (answer,) = parse_message(message(record(65, data))).answers
    assert answer.data == f"\\# {len(data)} {data.hex()}".strip()
    assert svcb_parameters(answer.data) == {}
    assert svcb_ech(answer.data) is None


def test_ech_of_a_service_binding() -> None:
    """The list as bytes; ``None`` where there is none, or it is no base64."""
    assert svcb_ech("1 . alpn=h2 ech=AAT+DQAA port=443") == ECH
    assert svcb_ech("1 . alpn=h2") is None
    assert svcb_ech("1 . ech=%%%") is None
    assert svcb_ech("0 front.example") is None


# --- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b"\0", "."),
        (name("MiXed.Example"), "mixed.example"),
        (name("xn--bcher-kva.example"), "xn--bcher-kva.example"),
        (name("_443._tcp.example"), "_443._tcp.example"),
        # RFC 4343, section 2.1
        (b"\x04a.b\\\x01c\0", "a\\.b\\\\.c"),
        (b"\x05a b\x00\xff\0", "a\\032b\\000\\255"),
        (b"\x05\xc3\xbcber\0", "\\195\\188ber"),
        (b"\x3f" + b"L" * 63 + b"\0", "l" * 63),
    ],
)
def test_names_are_printable(wire: bytes, text: str) -> None:
    found = parse_message(message(questions=(question(wire),)))
    assert found.questions == (DnsQuestion(name=text, type="A"),)


def test_names_of_up_to_255_bytes() -> None:
    """RFC 1035, section 3.1; counted through pointers too."""
    longest = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"b" * 61 + b"\0"
    assert len(longest) == 255
    assert len(parse_message(message(questions=(question(longest),))).questions[0].name) == 253
    for wire in (b"\x01c" + longest, b"\x01c" * 128 + b"\0"):
        assert parse(message(questions=(question(wire),))) == "dns_name_too_long"
    long_answer = record(1, bytes(4), owner=b"\x01c" + pointer(12))
    assert parse(message(long_answer, questions=(question(longest),))) == "dns_name_too_long"
    twice = message(record(1, bytes(4)), long_answer, questions=(question(longest),))
    assert parse(twice) == "dns_name_too_long"


def test_pointers_lead_back() -> None:
    """To a name, into a name, to a pointer, and several times to the same place."""
    first = record(1, bytes(4), owner=b"\x03api" + pointer(17))  # example.com
    at = 12 + len(question())
    second = record(1, bytes(4), owner=b"\x02v1" + pointer(at))
    third = record(1, bytes(4), owner=pointer(at + 4))  # the pointer inside the first
    found = parse_message(message(first, second, third, second))
    assert [answer.name for answer in found.answers] == [
        "api.example.com",
        "v1.api.example.com",
        "example.com",
        "v1.api.example.com",
    ]


@pytest.mark.parametrize(
    ("owner", "weird"),
    [
        (pointer(12), "dns_pointer"),  # at itself
        (pointer(14), "dns_pointer"),  # forward
        (pointer(11), "dns_pointer"),  # into the header
        (b"\x01a" + pointer(12), "dns_pointer"),  # round: each time to where it began
        (b"\x80\0", "dns_label_type"),
        (b"\x40\0", "dns_label_type"),
    ],
)
def test_names_that_lead_round(owner: bytes, weird: str) -> None:
    assert parse(message(questions=(question(owner),))) == weird


def test_chains_of_pointers_cost_little() -> None:
    """A thousand names, each through a chain of four thousand pointers: every place is visited once."""
    at = 12 + len(question()) + 11
    links = b"".join(pointer(12 if i == 0 else at + 2 * (i - 1)) for i in range(4_000))
    chain = record(65280, links, owner=b"\0")
    last = pointer(at + len(links) - 2)
    data = message(chain, *(record(1, bytes(4), owner=last) for _ in range(1_000)))
    start = time.perf_counter()
    found = parse_message(data)
    assert time.perf_counter() - start < 2.0
    assert {answer.name for answer in found.answers[1:]} == {"chat.example.com"}


# --- messages -----------------------------------------------------------------------------------------


def test_a_query() -> None:
    data = message(flags=0x0100)
    assert parse(data) == replace(PLAIN, is_response=False)


@pytest.mark.parametrize(
    ("flags", "fields"),
    [
        (0x8583, {"rcode": "NXDOMAIN", "authoritative": True}),
        (0x8382, {"rcode": "SERVFAIL", "truncated": True}),
        (0xA085, {"opcode": "NOTIFY", "rcode": "REFUSED"}),
        (0xA880, {"opcode": "UPDATE"}),
        (0x98BC, {"opcode": "OPCODE3", "rcode": "RCODE12"}),
        (0xB080, {"opcode": "DSO"}),
    ],
)
def test_flags(flags: int, fields: dict[str, object]) -> None:
    assert parse(message(flags=flags)) == replace(PLAIN, **fields)  # type: ignore[arg-type] # fields of a table


def test_edns() -> None:
    """RFC 6891, section 6.1: size, version, flags, options, and the upper bits of the response code."""
    options = t.numbers((10,)) + t.vector(b"cookie!!") + t.numbers((12,)) + t.vector(bytes(3))
    opt = record(41, options, owner=b"\0", class_=1232, ttl=0x01008000)
    found = parse_message(message(additionals=(opt,)))
    assert found.rcode == "BADVERS"
    assert found.additionals == (
        DnsRecord(".", "OPT", "udp=1232 version=0 do option10=636f6f6b69652121 option12=000000", 0),
    )
    plain = record(41, b"\x00\x0a\x00", owner=b"\0", class_=512, ttl=0)
    assert parse_message(message(additionals=(plain,))).additionals[0].data == "udp=512 version=0"


def test_multicast_dns() -> None:
    """RFC 6762, sections 5.4 and 10.2: the highest bit of the class is none of the class."""
    asked = message(questions=(question(class_=0x8001),), flags=0)
    assert parse_message(asked).questions == (DnsQuestion(name="chat.example.com", type="A", unicast=True),)
    told = message(record(1, bytes((192, 0, 2, 7)), class_=0x8001), questions=(), flags=0x8400)
    told = told.replace(pointer(12), name("pc.local"))
    assert parse_message(told).answers == (DnsRecord("pc.local", "A", "192.0.2.7", 300),)


def test_time_to_live() -> None:
    """RFC 2181, section 8: with the highest bit set it is zero."""
    found = parse_message(message(record(1, bytes(4), ttl=0x80000000), record(1, bytes(4), ttl=0x7FFFFFFF)))
    assert [answer.ttl for answer in found.answers] == [0, 0x7FFFFFFF]


def test_sections() -> None:
    a = record(1, bytes(4))
    found = parse_message(message(a, authorities=(a, a), additionals=(a, a, a)))
    assert (len(found.answers), len(found.authorities), len(found.additionals)) == (1, 2, 3)
    assert not found.partial


def test_a_message_that_breaks_off_tells_what_came() -> None:
    """Whole records before the end are told; without whole questions there is no message."""
    whole = message(record(5, name("front.example")), record(1, bytes(4)), authorities=(record(1, bytes(4)),))
    told = parse_message(whole)
    first, second = (whole.index(b"\xc0\x0c"), whole.index(b"\xc0\x0c", whole.index(b"\xc0\x0c") + 2))
    for cut in range(len(whole)):
        found = t.outcome(parse_message, whole[:cut])
        if cut < 12:
            assert found == "dns_message_too_short"
        elif cut < first:
            assert found == "dns_message_cut"
        else:
            assert isinstance(found, DnsMessage) and found.partial
            assert found.answers == told.answers[: len(found.answers)]
            assert len(found.answers) >= (cut >= second)


def test_records_are_read_up_to_a_limit() -> None:
    a = record(1, bytes(4))
    enough = message(*[a] * (MAX_RECORDS - 1))
    assert not parse_message(enough).partial
    more = parse_message(message(*[a] * MAX_RECORDS, additionals=(a,)))
    assert more.partial
    assert (len(more.answers), len(more.additionals)) == (MAX_RECORDS - 1, 0)
    asked = parse_message(message(questions=(question(),) * (MAX_RECORDS + 1)))
    assert asked.partial and len(asked.questions) == MAX_RECORDS


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "A"),
        (28, "AAAA"),
        (53, "SMIMEA"),
        (54, "TYPE54"),
        (65, "HTTPS"),
        (255, "ANY"),
        (32769, "DLV"),
        (0, "TYPE0"),
    ],
)
def test_mnemonics(number: int, text: str) -> None:
    """IANA, "DNS Parameters"."""
    assert type_name(number) == text


# --- TCP ----------------------------------------------------------------------------------------------


def test_tcp_carries_several_messages() -> None:
    """RFC 1035, section 4.2.2; however they are cut."""
    first, second = message(record(1, bytes(4))), message()
    stream = t.vector(first) + t.vector(second)
    for chunks in t.splits(stream):
        reader = TcpDnsReader()
        assert [found for chunk in chunks for found in reader.feed(chunk)] == [first, second]
        assert not reader.done


def test_tcp_with_an_impossible_length() -> None:
    """What came before it is told; what comes after is not looked at."""
    reader = TcpDnsReader()
    assert reader.feed(t.vector(message()) + b"\x00\x0b") == [message()]
    assert reader.done
    assert reader.feed(t.vector(message())) == []
    assert t.outcome(TcpDnsReader().feed, b"\x00\x00") == "dns_tcp_length"


# --- properties ---------------------------------------------------------------------------------------


def printable(found: DnsMessage) -> bool:
    records = found.answers + found.authorities + found.additionals
    texts = [question.name for question in found.questions] + [f"{r.name}{r.data}" for r in records]
    return all(text.isascii() and text.isprintable() for text in texts)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_any_bytes_give_a_message_or_malformed(data: bytes, keep: int) -> None:
    """And everything in the message can be printed."""
    start = message(
        record(65, b"\0\1\0" + parameter(1, b"\x02h2")), record(5, pointer(12)), counts=(1, 9, 9, 9)
    )
    for whole in (data, t.numbers((1, 0x8180, 1, 3, 3, 3)) + data, start[:keep] + data):
        found = t.outcome(parse_message, whole)
        assert isinstance(found, str) or (isinstance(found, DnsMessage) and printable(found))


@given(
    st.sampled_from([1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 35, 41, 64, 65, 256, 257, 4711]),
    st.binary(max_size=80),
)
def test_any_data_are_kept(kind: int, data: bytes) -> None:
    found = parse_message(message(record(kind, data), record(1, bytes(4))))
    assert len(found.answers) == 2
    assert printable(found)


@given(st.binary(max_size=80), st.integers(0, 1_000))
def test_any_stream_gives_messages_or_malformed(data: bytes, length: int) -> None:
    reader = TcpDnsReader()
    t.outcome(reader.feed, data)
    t.outcome(reader.feed, length.to_bytes(2, "big") + data)


@given(st.binary(max_size=60))
def test_base64_of_any_ech_is_read_back(data: bytes) -> None:
    text = binascii.b2a_base64(data, newline=False).decode()
    assert svcb_ech(f"1 . ech={text}") == data
