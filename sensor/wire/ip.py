"""
IPv4 and IPv6 headers, and the fragments of their packets made whole.

A header reader gives a plain tuple, ``IpHeader``. It walks at most ``MAX_EXTENSIONS`` extension headers (and
authentication headers, which stand like one in IPv4 too).

**Fragments.** ``Fragments`` holds at most ``MAX_DATAGRAMS`` unfinished packets, of ``MAX_PIECES`` pieces
each and ``MAX_HELD_BYTES`` together; the oldest goes first. A packet that is not whole ``FRAGMENT_S``
seconds after its first piece is given up. Where pieces overlap, IPv4 keeps the copy that came first; an
IPv6 packet is given up whole: RFC 5722 has "all the constituent fragments" discarded, so no receiver reads
it.

Source: RFC 791, RFC 8200 section 4, RFC 4302 section 2 (AH), RFC 6946 (atomic fragments).
"""

from __future__ import annotations

from collections import OrderedDict

from sensor.errors import Malformed

__all__ = [
    "FRAGMENT_S",
    "MAX_DATAGRAMS",
    "MAX_EXTENSIONS",
    "MAX_HELD_BYTES",
    "MAX_PIECES",
    "Fragment",
    "FragmentKey",
    "Fragments",
    "IpHeader",
    "parse_ipv4",
    "parse_ipv6",
    "rebuild",
]

Fragment = tuple[bytes, int, bool]
"""Identification (as it stood), offset in bytes, whether more follow."""
IpHeader = tuple[bytes, int, int, int, int, Fragment | None]
"""Source and destination address in one (8 or 32 bytes), transport protocol number, offset of the transport
header, end of the packet within the captured bytes, total length as the header says, fragment or None."""

FragmentKey = tuple[bytes, int, bytes]
"""Which packet a fragment is of: addresses, protocol, identification."""

MAX_EXTENSIONS = 16
MAX_DATAGRAMS = 1_024
MAX_PIECES = 256
MAX_HELD_BYTES = 16 * 1_048_576
FRAGMENT_S = 30.0
"""Linux's own ``ipfrag_time``."""

_AH, _FRAGMENT = 51, 44
_EXTENSIONS = frozenset({0, 43, 60, _AH, 135, 139, 140})
"""Hop-by-hop, routing, destination options, AH, mobility, HIP, Shim6: each says its own length (RFC 7045)."""


def parse_ipv4(data: bytes, offset: int, end: int) -> IpHeader:
    """The IPv4 header at ``offset``. Raises ``Malformed``."""
    if end - offset < 20:
        raise Malformed("ipv4_truncated")
    first = data[offset]
    if first >> 4 != 4:
        raise Malformed("ipv4_version")
    size = (first & 15) * 4
    if size < 20:
        raise Malformed("ipv4_header_length")
    # A total length of 0 stands in packets of 64 KiB or more, captured before the card cut them up.
    total = data[offset + 2] << 8 | data[offset + 3] or end - offset
    if total < size:
        raise Malformed("ipv4_total_length")
    end = min(end, offset + total)
    protocol = data[offset + 9]
    place = data[offset + 6] << 8 | data[offset + 7]
    addresses = data[offset + 12 : offset + 20]
    transport = offset + size
    if place & 0x3FFF:
        fragment = (data[offset + 4 : offset + 6], (place & 0x1FFF) * 8, bool(place & 0x2000))
        return addresses, protocol, min(transport, end), end, total, fragment
    if protocol == _AH:
        protocol, transport, _ = _extensions(data, protocol, transport, end)
    return addresses, protocol, min(transport, end), end, total, None


def parse_ipv6(data: bytes, offset: int, end: int) -> IpHeader:
    """The IPv6 header at ``offset`` and the extension headers after it. Raises ``Malformed``."""
    if end - offset < 40:
        raise Malformed("ipv6_truncated")
    if data[offset] >> 4 != 6:
        raise Malformed("ipv6_version")
    payload = data[offset + 4] << 8 | data[offset + 5]
    # A payload length of 0 is a jumbogram (RFC 2675), or a packet before segmentation by the card.
    total = 40 + payload if payload else end - offset
    end = min(end, offset + total)
    addresses = data[offset + 8 : offset + 40]
    protocol, transport, fragment = data[offset + 6], offset + 40, None
    if protocol in _EXTENSIONS or protocol == _FRAGMENT:
        protocol, transport, fragment = _extensions(data, protocol, transport, end)
    return addresses, protocol, min(transport, end), end, total, fragment


def rebuild(addresses: bytes, protocol: int, content: bytes) -> bytes:
    """An IP packet as the sender had it before it was cut into fragments, as far as decoding needs it."""
    if len(addresses) == 8:
        total = 20 + len(content)
        return b"".join(
            (b"\x45\0", total.to_bytes(2), b"\0\0\0\0\x40", bytes((protocol, 0, 0)), addresses, content)
        )
    return b"".join((b"\x60\0\0\0", len(content).to_bytes(2), bytes((protocol, 0x40)), addresses, content))


def _extensions(data: bytes, protocol: int, offset: int, end: int) -> tuple[int, int, Fragment | None]:
    """
    Walk headers until one that is none of them: its number and offset, and the fragment if it is part of one.

    A chain that the capture cuts, or one that is too long, ends at the header that could not be read.
    """
    for _ in range(MAX_EXTENSIONS):
        if end - offset < 8:
            break
        if protocol == _FRAGMENT:
            place = data[offset + 2] << 8 | data[offset + 3]
            protocol = data[offset]
            offset += 8
            if place & 0xFFF9:  # else "atomic": whole in one fragment
                return protocol, offset, (data[offset - 4 : offset], place & 0xFFF8, bool(place & 1))
        elif protocol in _EXTENSIONS:
            size = (data[offset + 1] + 2) * 4 if protocol == _AH else (data[offset + 1] + 1) * 8
            protocol = data[offset]
            offset += size
        else:
            break
    return protocol, offset, None


class _Datagram:
    """Pieces of one packet, without overlap."""

    __slots__ = ("held", "pieces", "size", "started")

    def __init__(self, ts: float) -> None:
        self.started = ts
        self.pieces: list[tuple[int, bytes]] = []
        self.held = 0
        self.size: int | None = None
        """Bytes of the whole, once the last fragment was there."""


class Fragments:
    """
    Unfinished packets, by addresses, protocol and identification.

    ``add`` gives the packet's content once it is whole. ``dropped`` lists the keys of packets that were given
    up since it was last emptied: the caller keeps what it knows of them under the same key.
    """

    def __init__(self) -> None:
        self.dropped: list[FragmentKey] = []
        self._held = 0
        self._datagrams: OrderedDict[FragmentKey, _Datagram] = OrderedDict()

    def __len__(self) -> int:
        return len(self._datagrams)

    def add(
        self, key: FragmentKey, offset: int, more: bool, content: bytes, ts: float, *, strict: bool
    ) -> bytes | None:
        """
        The whole content if this piece completes it; ``strict`` (IPv6) forbids overlap.

        Raises ``Malformed`` where the pieces contradict each other; the packet is then given up.
        """
        datagram = self._datagrams.get(key)
        if datagram is None:
            datagram = self._datagrams[key] = _Datagram(ts)
        try:
            whole = self._add(datagram, offset, more, content, strict)
        except Malformed:
            self._drop(key)
            raise
        if whole is not None:
            self._held -= datagram.held
            del self._datagrams[key]
            return whole
        while len(self._datagrams) > MAX_DATAGRAMS or self._held > MAX_HELD_BYTES:
            self._drop(next(iter(self._datagrams)))
        return None

    def expire(self, ts: float) -> None:
        """Give up what is too old at ``ts``."""
        while self._datagrams:
            key, datagram = next(iter(self._datagrams.items()))
            if ts - datagram.started <= FRAGMENT_S:
                break
            self._drop(key)

    def clear(self) -> None:
        """Give everything up."""
        while self._datagrams:
            self._drop(next(iter(self._datagrams)))

    def _drop(self, key: FragmentKey) -> None:
        self._held -= self._datagrams.pop(key).held
        self.dropped.append(key)

    def _add(
        self, datagram: _Datagram, offset: int, more: bool, content: bytes, strict: bool
    ) -> bytes | None:
        stop = offset + len(content)
        if stop > (65_535 if strict else 65_515):
            raise Malformed("fragment_beyond_packet")
        if not more:
            if datagram.size not in (None, stop):
                raise Malformed("fragment_size_conflict")
            datagram.size = stop
        new: list[tuple[int, bytes]] = []
        start = offset
        for place, piece in datagram.pieces:
            if place >= stop:
                break
            if place + len(piece) <= start:
                continue
            if strict and (place, piece) != (offset, content):
                raise Malformed("ipv6_fragment_overlap")
            if start < place:
                new.append((start, content[start - offset : place - offset]))
            start = place + len(piece)
        if start < stop:
            new.append((start, content[start - offset :]))
        for _, piece in new:
            datagram.held += len(piece)
            self._held += len(piece)
        datagram.pieces = sorted(datagram.pieces + new)
        if len(datagram.pieces) > MAX_PIECES:
            raise Malformed("fragment_too_many")
        if datagram.size is not None and datagram.held >= datagram.size:
            # Without overlap, as many bytes as the whole has are the whole, unless some stand beyond its end.
            if any(place + len(piece) > datagram.size for place, piece in datagram.pieces):
                raise Malformed("fragment_size_conflict")
            return b"".join(piece for _, piece in datagram.pieces)
        return None
