"""
Which kind of capture a file is, by its first four bytes, and its frames.

``CaptureReader`` is what callers use: it takes chunks of bytes of any size and of either format.
"""

from __future__ import annotations

from sensor.errors import Malformed
from sensor.wire.pcap import MAGICS, Frame, PcapReader
from sensor.wire.pcapng import SECTION_HEADER, PcapngReader

__all__ = ["FORMATS", "CaptureReader", "Frame"]

FORMATS = "pcap (microseconds or nanoseconds, either byte order) and pcapng, plain or gzip'd"
"""What can be read, for people."""


class CaptureReader:
    """
    The frames of one capture, in chunks.

    ``feed`` raises ``Malformed`` where the first bytes are of neither format; after that it never raises. A
    file that ends inside a record, or that breaks its format, is a weird: see ``finish``.
    """

    def __init__(self) -> None:
        self.format: str | None = None
        """``pcap`` or ``pcapng``, once known."""
        self._first = b""
        self._reader: PcapReader | PcapngReader | None = None

    @property
    def damage(self) -> str | None:
        """Why nothing more can be read of this capture, as a weird's name."""
        return self._reader.damage if self._reader is not None else None

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete."""
        if self._reader is None:
            data = self._first + data
            if len(data) < 4:
                self._first = data
                return []
            self._reader = self._choose(data[:4])
        return self._reader.feed(data)

    def finish(self) -> dict[str, int]:
        """
        The capture ends here: what was odd about it, by name.

        Raises ``Malformed("not_a_capture")`` where it was too short to be one.
        """
        reader = self._reader
        if reader is None:
            raise Malformed("not_a_capture")
        weirds = dict(reader.weirds)
        if reader.damage is not None:
            weirds[reader.damage] = 1
        elif reader.pending:
            weirds["capture_truncated"] = 1
        return weirds

    def _choose(self, magic: bytes) -> PcapReader | PcapngReader:
        if magic in MAGICS:
            self.format = "pcap"
            return PcapReader()
        if magic == SECTION_HEADER:
            self.format = "pcapng"
            return PcapngReader()
        raise Malformed("not_a_capture")
