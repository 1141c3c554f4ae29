"""
Packet capture files of the classic form: chunks of bytes in, frames out.

Read are both byte orders, microseconds and nanoseconds, and the "modified" form with 24-byte record headers
(magic 0xa1b2cd34). A reader keeps at most one unfinished record (``MAX_FRAME_BYTES`` and its header) between
two chunks. Damage never hides what stood before it: the frames are given, and ``damage`` says why the reader
stopped.

Source: draft-ietf-opsawg-pcap, sections 4 and 5; the modified form: libpcap, ``sf-pcap.c``.
"""

from __future__ import annotations

import struct

from sensor.errors import Malformed

__all__ = ["MAGICS", "MAX_FRAME_BYTES", "Frame", "PcapReader"]

Frame = tuple[float, int, bytes, int]
"""When (seconds since the epoch), link type (LINKTYPE_ number), captured bytes, length on the wire."""

MAX_FRAME_BYTES = 262_144
"""The longest frame taken for one: libpcap's own MAXIMUM_SNAPLEN."""

# Byte order, fractions in a second, bytes of a record header.
MAGICS: dict[bytes, tuple[str, int, int]] = {
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000, 16),
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000, 16),
    b"\xa1\xb2\xcd\x34": (">", 1_000_000, 24),
    b"\x34\xcd\xb2\xa1": ("<", 1_000_000, 24),
}
"""The first four bytes of a file, and what they say of the rest."""

_HEADER_BYTES = 24


class PcapReader:
    """
    One capture, in chunks of any size.

    ``feed`` raises ``Malformed`` where the first bytes are no pcap header; after that it never raises.
    """

    def __init__(self) -> None:
        self.damage: str | None = None
        """Why nothing more can be read, as a weird's name."""
        self.weirds: dict[str, int] = {}
        self._rest = b""
        self._link: int | None = None
        self._record = struct.Struct("<4I")
        self._units = 1_000_000
        self._head = 16

    @property
    def pending(self) -> int:
        """Bytes held of a record that is not whole."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete."""
        frames: list[Frame] = []
        if self.damage is not None:
            return frames
        data = self._rest + data
        position = 0
        if self._link is None:
            if len(data) < _HEADER_BYTES:
                self._rest = data
                return frames
            position = _HEADER_BYTES
            self._read_header(data)
        link = self._link or 0
        head, units, unpack, end = self._head, self._units, self._record.unpack_from, len(data)
        while end - position >= head:
            seconds, fraction, captured, original = unpack(data, position)
            start = position + head
            stop = start + captured
            if captured > MAX_FRAME_BYTES:
                self.damage = "pcap_record_too_long"
                position = end
                break
            if stop > end:
                break
            if original < captured:
                original = captured
            frames.append((seconds + fraction / units, link, data[start:stop], original))
            position = stop
        self._rest = data[position:]
        return frames

    def _read_header(self, data: bytes) -> None:
        found = MAGICS.get(data[:4])
        if found is None:
            raise Malformed("not_pcap")
        order, self._units, self._head = found
        self._record = struct.Struct(f"{order}4I")
        # The upper half holds the length of a frame check sequence, which IP's own lengths leave out anyway.
        self._link = struct.unpack_from(f"{order}I", data, 20)[0] & 0xFFFF
