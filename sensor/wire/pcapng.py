"""
Packet capture files of the next generation: chunks of bytes in, frames out.

Read are section headers (each sets the byte order anew and drops the interfaces), interface descriptions with
``if_tsresol`` and ``if_tsoffset``, and enhanced, simple and obsolete packet blocks. All other blocks are
passed over without being held. A reader keeps at most one unfinished block (``MAX_BLOCK_BYTES``) and
``MAX_INTERFACES`` interfaces. Damage never hides what stood before it.

A simple packet block carries no time: it gets that of the frame before it.

Source: draft-ietf-opsawg-pcapng, sections 3 and 4.
"""

from __future__ import annotations

import struct

from sensor.errors import Malformed
from sensor.wire.pcap import MAX_FRAME_BYTES, Frame

__all__ = ["MAX_BLOCK_BYTES", "MAX_INTERFACES", "SECTION_HEADER", "PcapngReader"]

MAX_BLOCK_BYTES = MAX_FRAME_BYTES + 65_536
"""The longest block that is held: a frame and its options."""
MAX_INTERFACES = 4_096
YEAR_10000 = 253_402_300_800
"""Where times end that calendars can print: a frame beyond it gets the time of the one before."""

SECTION_HEADER = b"\x0a\x0d\x0d\x0a"
_SECTION, _INTERFACE, _PACKET, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_HELD = (_SECTION, _INTERFACE, _PACKET, _SIMPLE, _ENHANCED)
_BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_TSRESOL, _TSOFFSET = 9, 14

# Link type, ticks in a second, seconds to add, snap length (0: none).
_Interface = tuple[int, int, int, int]


class PcapngReader:
    """
    One capture, in chunks of any size.

    ``feed`` raises ``Malformed`` where the first bytes are no section header; after that it never raises.
    """

    def __init__(self) -> None:
        self.damage: str | None = None
        """Why nothing more can be read, as a weird's name."""
        self.weirds: dict[str, int] = {}
        self._rest = b""
        self._skip = 0
        self._order: str | None = None
        self._interfaces: list[_Interface] = []
        self._last = 0.0

    @property
    def pending(self) -> int:
        """Bytes held, or still to be passed over, of a block that is not whole."""
        return len(self._rest) + self._skip

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete."""
        frames: list[Frame] = []
        if self.damage is not None:
            return frames
        data = self._rest + data
        position = min(self._skip, len(data))
        self._skip -= position
        try:
            while len(data) - position >= 12:
                length = self._block(data, position, frames)
                if length == 0:
                    break
                position += length
        except Malformed as broken:
            if self._order is None:
                raise
            self.damage = broken.name
            position = len(data)
        if position > len(data):
            self._skip = position - len(data)
        self._rest = data[position:]
        return frames

    def _block(self, data: bytes, position: int, frames: list[Frame]) -> int:
        """Read one block; gives its length, or 0 where it is not whole yet."""
        if data[position : position + 4] == SECTION_HEADER:
            found = _BYTE_ORDERS.get(data[position + 8 : position + 12])
            if found is None:
                raise Malformed("pcapng_byte_order")
            self._order = found
            self._interfaces.clear()
        order = self._order
        if order is None:
            raise Malformed("not_pcapng")
        kind, length = struct.unpack_from(f"{order}2I", data, position)
        # "This value MUST be a multiple of 4", and a block is 12 bytes at least.
        if length < 12 or length % 4:
            raise Malformed("pcapng_block_length")
        if kind not in _HELD:
            return int(length)
        if length > MAX_BLOCK_BYTES:
            raise Malformed("pcapng_block_too_long")
        if length > len(data) - position:
            return 0
        start, end = position + 8, position + length - 4
        if kind == _ENHANCED:
            if end - start < 20:
                raise Malformed("pcapng_packet_truncated")
            interface, high, low, captured, original = struct.unpack_from(f"{order}5I", data, start)
            self._packet(data, start + 20, end, interface, high << 32 | low, captured, original, frames)
        elif kind == _PACKET:
            if end - start < 20:
                raise Malformed("pcapng_packet_truncated")
            interface, _, high, low, captured, original = struct.unpack_from(f"{order}2H4I", data, start)
            self._packet(data, start + 20, end, interface, high << 32 | low, captured, original, frames)
        elif kind == _SIMPLE:
            if end - start < 4:
                raise Malformed("pcapng_packet_truncated")
            (original,) = struct.unpack_from(f"{order}I", data, start)
            snap = self._interfaces[0][3] if self._interfaces else 0
            captured = min(original, snap or original, end - start - 4)
            self._packet(data, start + 4, end, 0, None, captured, original, frames)
        elif kind == _INTERFACE:
            self._interface(data, start, end, order)
        return int(length)

    def _packet(
        self,
        data: bytes,
        start: int,
        end: int,
        interface: int,
        ticks: int | None,
        captured: int,
        original: int,
        frames: list[Frame],
    ) -> None:
        if captured > end - start:
            raise Malformed("pcapng_packet_truncated")
        if interface >= len(self._interfaces):
            self._weird("pcapng_unknown_interface")
            return
        link, units, offset, _ = self._interfaces[interface]
        if ticks is not None:
            ts = ticks / units + offset
            if 0 <= ts < YEAR_10000:
                self._last = ts
            else:
                self._weird("pcapng_time_out_of_range")
        frames.append((self._last, link, data[start : start + captured], max(original, captured)))

    def _weird(self, name: str) -> None:
        self.weirds[name] = self.weirds.get(name, 0) + 1

    def _interface(self, data: bytes, start: int, end: int, order: str) -> None:
        if end - start < 8:
            raise Malformed("pcapng_interface_truncated")
        if len(self._interfaces) >= MAX_INTERFACES:
            raise Malformed("pcapng_too_many_interfaces")
        link, _, snap = struct.unpack_from(f"{order}2HI", data, start)
        units, offset = 1_000_000, 0
        position = start + 8
        while end - position >= 4:
            option, size = struct.unpack_from(f"{order}2H", data, position)
            value = data[position + 4 : min(position + 4 + size, end)]
            position += 4 + (size + 3) // 4 * 4
            if option == 0:  # opt_endofopt
                break
            if option == _TSRESOL and len(value) == 1:
                # "If the Most Significant Bit is equal to zero, the remaining bits indicates the resolution
                # of the timestamp as a negative power of 10 … equal to one, … as negative power of 2".
                base, power = (2 if value[0] & 0x80 else 10), value[0] & 0x7F
                units = base**power
            elif option == _TSOFFSET and len(value) == 8:
                (offset,) = struct.unpack(f"{order}q", value)
        self._interfaces.append((link, units, offset, snap))
