"""
DNS messages: bytes to questions and records, over UDP and, with a length before each, over TCP.

Rule 1: every record is kept. A type that is not read here, or data that do not fit their type, stand in the
form of RFC 3597: ``\\# 4 7f000001``.
Rule 2: names are lower case, without a trailing dot (the root is ``.``), and printable: bytes that are not
stand as ``\\DDD``, a dot or backslash inside a label as ``\\.`` and ``\\\\`` (RFC 4343, section 2.1).
Rule 3: a message whose end is missing tells the records before it, as ``partial``.

The same format serves multicast DNS and LLMNR. In multicast DNS the highest bit of the class means something
else ("unicast answer wanted", "flush the cache", RFC 6762, sections 5.4 and 10.2): it is taken off.

Bounds: ``MAX_RECORDS`` questions and records of a message are read; a name has at most 255 bytes, and each
compression pointer leads further back than the one before, so that none leads round. What a pointer led to is
remembered: work is linear in the message.

Sources: RFC 1035 (sections 3.3, 4), RFC 2782, 3403, 3596, 3597, 4343, 6672, 6762, 6891, 7553, 8659, 9460, and
IANA's "DNS Parameters" (mnemonics).
"""

from __future__ import annotations

import binascii
import ipaddress
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from sensor.errors import Malformed
from sensor.model import DnsRecord

__all__ = [
    "MAX_RECORDS",
    "DnsMessage",
    "DnsQuestion",
    "TcpDnsReader",
    "parse_message",
    "svcb_ech",
    "svcb_parameters",
    "type_name",
]

MAX_RECORDS = 1_024
"""Questions and records of one message that are read; more make it ``partial``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQuestion:
    """One question."""

    name: str
    type: str
    """Mnemonic, as in ``DnsRecord``."""
    unicast: bool = False
    """Multicast DNS: an answer to the asker alone is wanted (RFC 6762, section 5.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsMessage:
    """One DNS message."""

    id: int
    is_response: bool
    opcode: str
    """Mnemonic: ``QUERY``, or ``OPCODE7`` where unknown."""
    rcode: str
    """Mnemonic: ``NOERROR``, or ``RCODE4095`` where unknown; with the upper bits from EDNS."""
    authoritative: bool = False
    truncated: bool = False
    """The TC flag: the sender left something out."""
    questions: tuple[DnsQuestion, ...] = ()
    answers: tuple[DnsRecord, ...] = ()
    authorities: tuple[DnsRecord, ...] = ()
    additionals: tuple[DnsRecord, ...] = ()
    partial: bool = False
    """True: the bytes ended before the last record, or there were more than ``MAX_RECORDS``."""


_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
_IN, _TOP_BIT = 1, 0x8000
_OPT = 41


def parse_message(data: bytes) -> DnsMessage:
    """
    A DNS message. Bytes after its last record are not looked at.

    Raises ``Malformed`` where it has no whole header and questions, or a name breaks the rules.

    Source: RFC 1035, section 4.1; RFC 6891, section 6.1.
    """
    if len(data) < 12:
        raise Malformed("dns_message_too_short")
    ident, flags, *counts = _HEADER.unpack_from(data)
    reader = _Reader(data)
    budget = MAX_RECORDS
    questions: list[DnsQuestion] = []
    sections: tuple[list[DnsRecord], ...] = ([], [], [])
    rcode = flags & 0x0F
    partial = False
    try:
        at = 12
        for _ in range(min(counts[0], budget)):
            question, at = reader.question(at)
            questions.append(question)
        budget -= len(questions)
    except _Cut:
        raise Malformed("dns_message_cut") from None
    try:
        for section, count in zip(sections, counts[1:], strict=True):
            for _ in range(min(count, budget)):
                record, at, extended = reader.record(at)
                section.append(record)
                rcode |= extended << 4
            budget -= len(section)
            partial = partial or len(section) < count
    except _Cut:
        partial = True
    answers, authorities, additionals = map(tuple, sections)
    opcode = flags >> 11 & 0x0F
    return DnsMessage(
        id=ident,
        is_response=flags & 0x8000 != 0,
        opcode=_OPCODES.get(opcode, f"OPCODE{opcode}"),
        rcode=_RCODES.get(rcode, f"RCODE{rcode}"),
        authoritative=flags & 0x0400 != 0,
        truncated=flags & 0x0200 != 0,
        questions=tuple(questions),
        answers=answers,
        authorities=authorities,
        additionals=additionals,
        partial=partial or len(questions) < counts[0],
    )


def type_name(number: int) -> str:
    """The mnemonic of a record type; ``TYPE65280`` where it has none (RFC 3597, section 5)."""
    return _TYPES.get(number) or f"TYPE{number}"


def svcb_parameters(data: str) -> dict[str, str]:
    """
    The parameters in the data of an SVCB or HTTPS record, as ``DnsRecord`` holds it.

    ``1 . alpn=h2,h3 ech=AEX+DQ…`` gives ``{"alpn": "h2,h3", "ech": "AEX+DQ…"}``; a key without a value has
    ``""``. Empty for data in the form of RFC 3597.
    """
    if data.startswith("\\#"):
        return {}
    pairs = (field.partition("=") for field in data.split(" ")[2:])
    return {key: value for key, _, value in pairs}


def svcb_ech(data: str) -> bytes | None:
    """The ECHConfigList in the data of an SVCB or HTTPS record, for ``ech.parse_ech_config_list``."""
    text = svcb_parameters(data).get("ech")
    try:
        return None if text is None else binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None


class TcpDnsReader:
    """
    DNS over TCP: contiguous bytes of one direction in, whole messages out.

    Holds at most one message, 65,537 bytes. Once ``Malformed`` was raised, feeding gives ``[]``.

    Source: RFC 1035, section 4.2.2: "The message is prefixed with a two byte length field".
    """

    def __init__(self) -> None:
        self.done = False
        """True: this is no DNS, stop feeding."""
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete. Raises ``Malformed`` at a length that no message has."""
        messages: list[bytes] = []
        if self.done:
            return messages
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= 2:
            length = int.from_bytes(buffer[at : at + 2], "big")
            if length < 12:
                self.done = True
                buffer.clear()
                if messages:
                    return messages
                raise Malformed("dns_tcp_length")
            end = at + 2 + length
            if len(buffer) < end:
                break
            messages.append(bytes(buffer[at + 2 : end]))
            at = end
        del buffer[:at]
        return messages


class _Cut(Exception):
    """The bytes ended too early."""


class _Reader:
    """Reads names and records out of one message, and remembers the names that pointers led to."""

    __slots__ = ("data", "_known")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._known: dict[int, tuple[tuple[str, ...], int]] = {}
        """Offset to the labels that begin there and their length in bytes."""

    def question(self, at: int) -> tuple[DnsQuestion, int]:
        name, at = self.name(at)
        kind, class_ = self.unpack(_QUESTION, at)
        unicast = class_ & _TOP_BIT != 0
        return DnsQuestion(name=name, type=type_name(kind), unicast=unicast), at + 4

    def record(self, at: int) -> tuple[DnsRecord, int, int]:
        """A record, where it ends, and the upper bits of the response code that it carries (EDNS)."""
        name, at = self.name(at)
        kind, class_, ttl, length = self.unpack(_RECORD, at)
        at += 10
        end = at + length
        if end > len(self.data):
            raise _Cut
        if kind == _OPT:
            return DnsRecord(name, "OPT", _edns(class_, ttl, self.data[at:end]), 0), end, ttl >> 24
        text: str | None = None
        read = _DATA.get(kind)
        if read is not None and class_ & ~_TOP_BIT == _IN:
            try:
                text = read(self, at, end)
            except (_Cut, Malformed):
                text = None
        if text is None:
            text = _generic(self.data[at:end])
        # RFC 2181, section 8: "treat TTL values received with the most significant bit set as if the entire
        # value received was zero."
        return DnsRecord(name, type_name(kind), text, ttl if ttl < 1 << 31 else 0), end, 0

    def unpack(self, layout: struct.Struct, at: int) -> tuple[int, ...]:
        if at + layout.size > len(self.data):
            raise _Cut
        numbers: tuple[int, ...] = layout.unpack_from(self.data, at)
        return numbers

    def name(self, at: int) -> tuple[str, int]:
        """
        A name, and where it ends.

        RFC 1035, section 4.1.4: "a pointer to a prior occurance of the same name". Section 3.1: "the total
        length of a domain name (i.e., label octets and label length octets) is restricted to 255".
        """
        data, size = self.data, len(self.data)
        labels: list[str] = []
        length = 1
        jumps: list[tuple[int, int, int]] = []
        end: int | None = None
        limit = at
        while True:
            if at >= size:
                raise _Cut
            count = data[at]
            if count == 0:
                at += 1
                break
            if count < 64:
                after = at + 1 + count
                if after > size:
                    raise _Cut
                labels.append(_label(data[at + 1 : after]))
                length += 1 + count
                at = after
            elif count >= 0xC0:
                if at + 2 > size:
                    raise _Cut
                target = (count & 0x3F) << 8 | data[at + 1]
                if not 12 <= target < limit:
                    raise Malformed("dns_pointer")
                if end is None:
                    end = at + 2
                jumps.append((target, len(labels), length))
                known = self._known.get(target)
                if known is not None:
                    labels += known[0]
                    length += known[1]
                    break
                at = limit = target
            else:
                # RFC 6891, section 5: no use was ever found for the extended label types.
                raise Malformed("dns_label_type")
            if length > 255:
                break
        if length > 255:
            raise Malformed("dns_name_too_long")
        tail: tuple[str, ...] | None = None
        for target, index, before in jumps:
            if tail is None or len(tail) != len(labels) - index:
                tail = tuple(labels[index:])
            self._known[target] = (tail, length - before)
        return ".".join(labels) or ".", at if end is None else end

    def name_within(self, at: int, end: int) -> tuple[str, int]:
        """A name in the data of a record, which must not reach over their end."""
        name, at = self.name(at)
        if at > end:
            raise _Cut
        return name, at

    def string(self, at: int, end: int) -> tuple[str, int]:
        """A character-string (RFC 1035, section 3.3) in quotes, and where it ends."""
        if at >= end or at + 1 + self.data[at] > end:
            raise _Cut
        after = at + 1 + self.data[at]
        return _quoted(self.data[at + 1 : after]), after


# --- text ---------------------------------------------------------------------------------------------

_PLAIN_LABEL = re.compile(rb"[!-\-/-\[\]-~]*")  # printable, without space, dot and backslash

_LABEL_TEXT = [
    f"\\{chr(byte)}" if byte in b".\\" else chr(byte).lower() if 0x21 <= byte <= 0x7E else f"\\{byte:03d}"
    for byte in range(256)
]
_STRING_TEXT = [
    f"\\{chr(byte)}" if byte in b'"\\' else chr(byte) if 0x20 <= byte <= 0x7E else f"\\{byte:03d}"
    for byte in range(256)
]
_VALUE_TEXT = [
    f"\\{chr(byte)}" if byte in b'"\\();' else chr(byte) if 0x21 <= byte <= 0x7E else f"\\{byte:03d}"
    for byte in range(256)
]


def _label(data: bytes) -> str:
    if _PLAIN_LABEL.fullmatch(data):
        return data.decode("ascii").lower()
    return "".join([_LABEL_TEXT[byte] for byte in data])


def _quoted(data: bytes) -> str:
    return '"' + "".join([_STRING_TEXT[byte] for byte in data]) + '"'


def _generic(data: bytes) -> str:
    """RFC 3597, section 5: "The special token \\# […] an unsigned decimal integer […] hexadecimal"."""
    return f"\\# {len(data)} {data.hex()}".rstrip(" ")


def _ipv4(data: bytes) -> str:
    return ".".join(map(str, data))


def _ipv6(data: bytes) -> str:
    """RFC 5952; IPv4-mapped addresses in mixed notation (its section 5) whatever the Python."""
    if data.startswith(b"\0\0\0\0\0\0\0\0\0\0\xff\xff"):
        return "::ffff:" + _ipv4(data[12:])
    return str(ipaddress.IPv6Address(data))


def _edns(size: int, ttl: int, data: bytes) -> str:
    """
    An OPT record: ``udp=1232 version=0 do option10=…``.

    Source: RFC 6891, section 6.1; RFC 3225 (the DO bit).
    """
    parts = [f"udp={size}", f"version={ttl >> 16 & 0xFF}"]
    if ttl & 0x8000:
        parts.append("do")
    at = 0
    while at + 4 <= len(data):
        code, length = _QUESTION.unpack_from(data, at)
        at += 4
        parts.append(f"option{code}={data[at : at + length].hex()}")
        at += length
    return " ".join(parts)


# --- data of records ----------------------------------------------------------------------------------


def _data_ipv4(reader: _Reader, at: int, end: int) -> str:
    if end - at != 4:
        raise _Cut
    return _ipv4(reader.data[at:end])


def _data_ipv6(reader: _Reader, at: int, end: int) -> str:
    if end - at != 16:
        raise _Cut
    return _ipv6(reader.data[at:end])


def _data_strings(reader: _Reader, at: int, end: int) -> str:
    strings: list[str] = []
    while at < end:
        text, at = reader.string(at, end)
        strings.append(text)
    return " ".join(strings)


def _fields(layout: str) -> Callable[[_Reader, int, int], str]:
    """
    A reader of data made of fields that fill them: ``n`` a name, ``s`` a string, ``b``, ``h``, ``i`` numbers
    of 1, 2 and 4 bytes.
    """
    sizes = {"b": 1, "h": 2, "i": 4}

    def read(reader: _Reader, at: int, end: int) -> str:
        parts: list[str] = []
        for field in layout:
            if field == "n":
                text, at = reader.name_within(at, end)
            elif field == "s":
                text, at = reader.string(at, end)
            else:
                after = at + sizes[field]
                if after > end:
                    raise _Cut
                text, at = str(int.from_bytes(reader.data[at:after], "big")), after
            parts.append(text)
        if at != end:
            raise _Cut
        return " ".join(parts)

    return read


def _data_uri(reader: _Reader, at: int, end: int) -> str:
    """RFC 7553, section 4.5: priority, weight, and a target that fills the rest."""
    if end - at < 4:
        raise _Cut
    priority, weight = _QUESTION.unpack_from(reader.data, at)
    return f"{priority} {weight} {_quoted(reader.data[at + 4 : end])}"


def _data_caa(reader: _Reader, at: int, end: int) -> str:
    """RFC 8659, section 4.1: flags, a tag with its length, and a value that fills the rest."""
    if end - at < 2 or at + 2 + reader.data[at + 1] > end:
        raise _Cut
    tag_end = at + 2 + reader.data[at + 1]
    tag = "".join([_VALUE_TEXT[byte] for byte in reader.data[at + 2 : tag_end]])
    return f"{reader.data[at]} {tag} {_quoted(reader.data[tag_end:end])}"


# IANA, "Service Parameter Keys (SvcParamKeys)"
_SVCB_KEYS = {
    0: "mandatory",
    1: "alpn",
    2: "no-default-alpn",
    3: "port",
    4: "ipv4hint",
    5: "ech",
    6: "ipv6hint",
    7: "dohpath",
    8: "ohttp",
    9: "tls-supported-groups",
}


def _data_svcb(reader: _Reader, at: int, end: int) -> str:
    """
    SVCB and HTTPS: ``priority target key=value …``.

    Source: RFC 9460, section 2.2 (wire form) and appendix A (values); RFC 9848 (``ech``).
    """
    if end - at < 2:
        raise _Cut
    priority = int.from_bytes(reader.data[at : at + 2], "big")
    target, at = reader.name_within(at + 2, end)
    parts = [str(priority), target]
    while at < end:
        if at + 4 > end:
            raise _Cut
        key, length = _QUESTION.unpack_from(reader.data, at)
        at += 4
        if at + length > end:
            raise _Cut
        parts.append(_svcb_parameter(key, reader.data[at : at + length]))
        at += length
    return " ".join(parts)


def _svcb_parameter(key: int, value: bytes) -> str:
    """One parameter; in the form of an unregistered key (``key3=…``) where the value does not fit the key."""
    text: str | None = None
    if key == 0 and value and len(value) % 2 == 0:
        text = ",".join(_svcb_key(int.from_bytes(value[i : i + 2], "big")) for i in range(0, len(value), 2))
    elif key == 1:
        text = _alpn_list(value)
    elif key in (2, 8) and not value:
        text = ""
    elif key == 3 and len(value) == 2:
        text = str(int.from_bytes(value, "big"))
    elif key == 4 and value and len(value) % 4 == 0:
        text = ",".join(_ipv4(value[i : i + 4]) for i in range(0, len(value), 4))
    elif key == 5 and value:
        text = binascii.b2a_base64(value, newline=False).decode("ascii")
    elif key == 6 and value and len(value) % 16 == 0:
        text = ",".join(_ipv6(value[i : i + 16]) for i in range(0, len(value), 16))
    elif key == 7 and value:
        text = "".join([_VALUE_TEXT[byte] for byte in value])
    elif key == 9 and value and len(value) % 2 == 0:
        text = ",".join(str(int.from_bytes(value[i : i + 2], "big")) for i in range(0, len(value), 2))
    if text is None:
        name, text = f"key{key}", "".join([_VALUE_TEXT[byte] for byte in value])
    else:
        name = _svcb_key(key)
    return f"{name}={text}" if text else name


def _svcb_key(key: int) -> str:
    return _SVCB_KEYS.get(key) or f"key{key}"


def _alpn_list(value: bytes) -> str | None:
    """
    Protocol names, separated by commas; ``None`` where lengths contradict.

    Commas and backslashes in a name are escaped once for the list and once more as any value is: RFC 9460,
    appendix A.1.
    """
    names: list[str] = []
    at = 0
    while at < len(value):
        after = at + 1 + value[at]
        if after > len(value) or after == at + 1:
            return None
        item = value[at + 1 : after].replace(b"\\", b"\\\\").replace(b",", b"\\,")
        names.append("".join([_VALUE_TEXT[byte] for byte in item]))
        at = after
    return ",".join(names) or None


_NAME = _fields("n")
_DATA: dict[int, Callable[[_Reader, int, int], str]] = {
    1: _data_ipv4,
    2: _NAME,  # NS
    3: _NAME,  # MD
    4: _NAME,  # MF
    5: _NAME,  # CNAME
    6: _fields("nniiiii"),  # SOA
    7: _NAME,  # MB
    8: _NAME,  # MG
    9: _NAME,  # MR
    12: _NAME,  # PTR
    13: _fields("ss"),  # HINFO
    14: _fields("nn"),  # MINFO
    15: _fields("hn"),  # MX
    16: _data_strings,  # TXT
    17: _fields("nn"),  # RP
    18: _fields("hn"),  # AFSDB
    21: _fields("hn"),  # RT
    28: _data_ipv6,
    33: _fields("hhhn"),  # SRV
    35: _fields("hhsssn"),  # NAPTR
    36: _fields("hn"),  # KX
    39: _NAME,  # DNAME
    64: _data_svcb,  # SVCB
    65: _data_svcb,  # HTTPS
    99: _data_strings,  # SPF
    256: _data_uri,
    257: _data_caa,
}
"""By type. Types that are not here stand in the form of RFC 3597."""


# --- mnemonics ----------------------------------------------------------------------------------------

_OPCODES = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"}

_RCODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
    11: "DSOTYPENI",
    16: "BADVERS",
    17: "BADKEY",
    18: "BADTIME",
    19: "BADMODE",
    20: "BADNAME",
    21: "BADALG",
    22: "BADTRUNC",
    23: "BADCOOKIE",
}

_TYPES = dict(
    enumerate(
        # 1 to 53 without a gap
        "A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR "
        "SIG KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP "
        "IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA".split(" "),
        start=1,
    )
) | {
    55: "HIP",
    56: "NINFO",
    57: "RKEY",
    58: "TALINK",
    59: "CDS",
    60: "CDNSKEY",
    61: "OPENPGPKEY",
    62: "CSYNC",
    63: "ZONEMD",
    64: "SVCB",
    65: "HTTPS",
    66: "DSYNC",
    67: "HHIT",
    68: "BRID",
    99: "SPF",
    100: "UINFO",
    101: "UID",
    102: "GID",
    103: "UNSPEC",
    104: "NID",
    105: "L32",
    106: "L64",
    107: "LP",
    108: "EUI48",
    109: "EUI64",
    128: "NXNAME",
    249: "TKEY",
    250: "TSIG",
    251: "IXFR",
    252: "AXFR",
    253: "MAILB",
    254: "MAILA",
    255: "ANY",
    256: "URI",
    257: "CAA",
    258: "AVC",
    259: "DOA",
    260: "AMTRELAY",
    261: "RESINFO",
    262: "WALLET",
    263: "CLA",
    264: "IPN",
    32768: "TA",
    32769: "DLV",
}
