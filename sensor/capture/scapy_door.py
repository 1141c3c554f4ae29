"""
Live capture where there is no AF_PACKET (macOS, the BSDs, Windows with Npcap), through scapy.

The one module that imports scapy, and it is imported only when such a capture is opened: that takes seconds.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from sensor.errors import WorkError
from sensor.wire.pcap import Frame

__all__ = ["ScapyCapture"]

_BATCH = 512


class ScapyCapture:
    """A ``LiveCapture`` over scapy's own listening socket; a context manager."""

    def __init__(self, interface: str, *, promiscuous: bool = True) -> None:
        """Raises ``WorkError`` where the interface cannot be listened on."""
        import scapy.arch  # noqa: F401 -- sets conf.L2listen to what this system has
        import scapy.layers.l2  # noqa: F401 -- registers the link types
        from scapy.config import conf
        from scapy.error import Scapy_Exception
        from scapy.interfaces import get_if_list

        self.interface = interface
        self._select = conf.L2listen.select
        try:
            self._socket: Any = conf.L2listen(iface=interface, promisc=promiscuous)
        except PermissionError:
            raise WorkError(
                f"listening on {interface} needs the right to capture",
                hint=f"Run it as root: sudo ./gnomon capture -i {interface}",
            ) from None
        except (OSError, ValueError, Scapy_Exception) as error:
            names = ", ".join(sorted(get_if_list()))
            raise WorkError(
                f"cannot listen on {interface}: {error}", hint=f"Interfaces here: {names}."
            ) from error
        self._links = conf.l2types

    def __enter__(self) -> ScapyCapture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def read(self, timeout_s: float) -> list[Frame]:
        frames: list[Frame] = []
        while len(frames) < _BATCH and self._select([self._socket], 0 if frames else timeout_s):
            layer, data, ts = self._socket.recv_raw()
            if data:
                # scapy names the link layer by its class; the number it was found under is the link type.
                frames.append((float(ts), self._links.layer2num.get(layer, 1), bytes(data), len(data)))
            elif not frames:
                break
        return frames

    def drops(self) -> int:
        """Not told by scapy."""
        return 0
