"""
Live capture on Linux: an AF_PACKET socket on one interface.

What the kernel takes away is put back: a VLAN tag that the card or the kernel stripped is written into the
frame again, with its four bytes in the length on the wire. On the loopback interface every packet passes
twice; the outgoing one is left out. Frames carry the kernel's own time of arrival.

Needs CAP_NET_RAW. ``drops`` says how many frames the kernel had to drop because nobody read fast enough.

Source: packet(7), socket(7); Linux, ``include/uapi/linux/if_packet.h``.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from types import TracebackType
from typing import Protocol

from sensor.errors import WorkError
from sensor.wire.pcap import MAX_FRAME_BYTES, Frame

__all__ = ["BUFFER_BYTES", "LinuxCapture", "LiveCapture", "open_live", "restore_vlan"]

BUFFER_BYTES = 64 * 1_048_576
"""What the kernel may keep for us: about a tenth of a second of 5 Gbit/s."""
_BATCH = 512
"""Frames that are read before they are handed over."""

# linux/if_packet.h, asm-generic/socket.h
_SOL_PACKET = 263
_PACKET_ADD_MEMBERSHIP, _PACKET_STATISTICS, _PACKET_AUXDATA = 1, 6, 8
_PACKET_MR_PROMISC = 1
_PACKET_OUTGOING = 4
_ETH_P_ALL = 0x0003
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_STATUS_VLAN_VALID, _STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6

_AUXDATA = struct.Struct("=IIIHHHH")  # status, length, snap length, mac, net, VLAN TCI, VLAN TPID
_TIMESPEC = struct.Struct("@ll")
_STATISTICS = struct.Struct("=II")  # packets, drops

_ARPHRD_LOOPBACK = 772
# Hardware type (linux/if_arp.h) to link type: what a SOCK_RAW socket's frames begin with.
_LINK_TYPES = {
    1: 1,  # Ethernet
    _ARPHRD_LOOPBACK: 1,
    512: 101,  # PPP: the header is taken off
    519: 101,  # raw IP
    768: 101,  # IP in IP
    769: 101,
    776: 101,  # IPv6 in IPv4
    778: 101,  # GRE
    801: 105,  # 802.11
    803: 127,  # 802.11 with radiotap
    823: 101,
    65534: 101,  # no header at all: tun, WireGuard
}


class LiveCapture(Protocol):
    """An interface that is being listened on."""

    def read(self, timeout_s: float) -> list[Frame]:
        """The frames that have come; waits for the first one, at most ``timeout_s``."""

    def drops(self) -> int:
        """How many more frames were lost since the last call."""

    def close(self) -> None:
        """Listen no more."""

    def __enter__(self) -> LiveCapture: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LinuxCapture:
    """A ``LiveCapture`` over AF_PACKET; a context manager."""

    def __init__(self, interface: str, *, promiscuous: bool = True) -> None:
        """Raises ``WorkError`` where there is no such interface, or it may not be listened on."""
        self.interface = interface
        try:
            # Protocol 0 hears nothing until the socket is bound to the one interface.
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        except PermissionError:
            raise _not_allowed(interface) from None
        try:
            self._prepare(promiscuous)
        except OSError as error:
            self._socket.close()
            raise _cannot_listen(interface, error) from error
        except WorkError:
            self._socket.close()
            raise
        self._buffer = bytearray(MAX_FRAME_BYTES)
        self._view = memoryview(self._buffer)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    def _prepare(self, promiscuous: bool) -> None:
        sock = self._socket
        index = socket.if_nametoindex(self.interface)
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER_BYTES)
        except PermissionError:  # needs CAP_NET_ADMIN; without it the system's own limit holds
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        sock.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if promiscuous:
            membership = struct.pack("=iHH8s", index, _PACKET_MR_PROMISC, 0, b"")
            sock.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, membership)
        sock.bind((self.interface, _ETH_P_ALL))
        hardware = sock.getsockname()[3]
        link = _LINK_TYPES.get(hardware)
        if link is None:
            raise WorkError(
                f"{self.interface} has frames of a kind that is not read (hardware type {hardware})",
                hint="Capture on the Ethernet interface below it.",
            )
        self.link = link
        self._skip_outgoing = hardware == _ARPHRD_LOOPBACK

    def __enter__(self) -> LinuxCapture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def read(self, timeout_s: float) -> list[Frame]:
        frames: list[Frame] = []
        if not self._poll.poll(max(0, int(timeout_s * 1000))):
            return frames
        receive, view, link = self._socket.recvmsg_into, self._view, self.link
        for _ in range(_BATCH):
            try:
                size, ancillary, _, address = receive([view], 256, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno in (errno.ENETDOWN, errno.ENXIO, errno.ENODEV):
                    if frames:
                        break  # what has come is told first; the next read tells this
                    raise WorkError(
                        f"{self.interface} went down", hint=f"Bring it up: ip link set {self.interface} up"
                    ) from error
                raise
            if address[2] == _PACKET_OUTGOING and self._skip_outgoing:
                continue
            ts, length, tag = time.time(), size, None
            for level, kind, data in ancillary:
                if level == _SOL_PACKET and kind == _PACKET_AUXDATA and len(data) >= _AUXDATA.size:
                    status, length, _, _, _, tci, tpid = _AUXDATA.unpack_from(data)
                    if status & _STATUS_VLAN_VALID:
                        tag = (tpid if status & _STATUS_VLAN_TPID_VALID else 0x8100, tci)
                elif level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
                    seconds, nanoseconds = _TIMESPEC.unpack_from(data)
                    ts = seconds + nanoseconds / 1_000_000_000
            frame = bytes(view[:size])
            if tag is not None:
                frame = restore_vlan(frame, *tag)
                length += 4
            frames.append((ts, link, frame, max(length, len(frame))))
        return frames

    def drops(self) -> int:
        packed = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
        return int(_STATISTICS.unpack(packed)[1])  # reading sets both counters to zero


def restore_vlan(frame: bytes, tpid: int, tci: int) -> bytes:
    """An Ethernet frame with the VLAN tag that was taken out of it."""
    return b"".join((frame[:12], tpid.to_bytes(2), tci.to_bytes(2), frame[12:]))


def open_live(interface: str) -> LiveCapture:
    """Listen on an interface in the way that this system has. Raises ``WorkError``."""
    if hasattr(socket, "AF_PACKET"):
        return LinuxCapture(interface)
    from sensor.capture.scapy_door import ScapyCapture

    return ScapyCapture(interface)


def _not_allowed(interface: str) -> WorkError:
    return WorkError(
        f"listening on {interface} needs the right to capture (CAP_NET_RAW)",
        hint=f"Run it as root: sudo ./gnomon capture -i {interface}\n"
        "  Or give the right to this Python alone: "
        'sudo setcap cap_net_raw,cap_net_admin=eip "$(readlink -f .venv/bin/python)"',
    )


def _cannot_listen(interface: str, error: OSError) -> WorkError:
    if isinstance(error, PermissionError):
        return _not_allowed(interface)
    names = ", ".join(sorted(name for _, name in socket.if_nameindex()))
    try:
        socket.if_nametoindex(interface)
    except OSError:
        return WorkError(f"there is no interface {interface}", hint=f"Interfaces here: {names}.")
    return WorkError(f"cannot listen on {interface}: {error.strerror}", hint=f"Interfaces here: {names}.")
