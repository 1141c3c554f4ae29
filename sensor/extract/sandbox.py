"""
What a process that reads hostile files gives up before it reads the first byte.

Resource limits everywhere; on Linux a system-call filter besides: no new socket, no program, no other
process, no file opened for writing, nothing removed, renamed or made. An audit hook says no to the same in
Python on every platform, so that a reader's mistake shows in tests wherever they run.

Source: setrlimit(2), prctl(2), seccomp(2) with classic BPF (Linux ``include/uapi/linux/seccomp.h``,
``filter.h``); system-call numbers of x86_64 and aarch64 from the kernel's tables.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterable

__all__ = ["die_with_parent", "give_up"]

_NAMES = """ socket socketpair connect bind listen accept accept4 execve execveat fork vfork clone clone3
ptrace kill tkill tgkill unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink
symlinkat chmod fchmod fchmodat chown fchownat truncate creat mknod mknodat mount umount2 bpf io_uring_setup
io_uring_enter keyctl add_key perf_event_open process_vm_readv process_vm_writev setns unshare memfd_create
userfaultfd openat2 pidfd_send_signal """.split()
_NUMBERS = {
    "x86_64": (
        0xC000003E,
        (41, 53, 42, 49, 50, 43, 288, 59, 322, 57, 58, 56, 435, 101, 62, 200, 234, 87, 263, 82, 264, 316,
        83, 258, 84,
         86, 265, 88, 266, 90, 91, 268, 92, 260, 76, 85, 133, 259, 165, 166, 321, 425, 426, 250, 248, 298,
         310, 311,
         308, 272, 319, 323, 437, 424),
        {257: 2, 2: 1},
    ),
    "aarch64": (
        0xC00000B7,
        (198, 199, 203, 200, 201, 202, 242, 221, 281, 220, 435, 117, 129, 130, 131, 35, 38, 276, 34, 37, 36,
        52, 53, 54,
         45, 33, 40, 39, 280, 425, 426, 219, 217, 241, 270, 271, 268, 97, 279, 282, 437, 424),
        {56: 2},
    ),
}  # fmt: skip
"""Machine to its audit architecture, the numbers of calls refused, and calls that open files: number to the
place of their flags among the arguments."""

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_WRITING = 0o1 | 0o2 | 0o100
"""O_WRONLY, O_RDWR, O_CREAT; the same on both machines."""


def _line(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def _program(architecture: int, refused: Iterable[int], opening: dict[int, int]) -> bytes:
    """
    The filter: loads stand at offsets of ``struct seccomp_data`` (number 0, architecture 4, arguments from
    16).
    """
    lines = [_line(_LOAD, 4), _line(_EQUAL, architecture, 1, 0), _line(_RETURN, _REFUSE), _line(_LOAD, 0)]
    for number in refused:
        lines += [_line(_EQUAL, number, 0, 1), _line(_RETURN, _REFUSE)]
    for number, place in opening.items():
        lines += [
            _line(_EQUAL, number, 0, 4), _line(_LOAD, 16 + 8 * place), _line(_ANY, _WRITING, 0, 1),
            _line(_RETURN, _REFUSE), _line(_RETURN, _ALLOW),
        ]  # fmt: skip
    lines.append(_line(_RETURN, _ALLOW))
    return b"".join(lines)


def _prctl() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[..., int] = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None
    return found


def die_with_parent() -> None:
    """On Linux: end when the process that made this one ends (its single thread, for a nursery)."""
    prctl = _prctl()
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _filter_calls() -> bool:
    known = _NUMBERS.get(platform.machine())
    prctl = _prctl()
    if known is None or prctl is None:
        return False
    program = _program(*known)
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    pointer = ctypes.create_string_buffer(head, len(head))
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    # The kernel copies the program: the buffers need not outlive the call.
    return bool(prctl(_PR_SET_SECCOMP, 2, ctypes.c_void_p(ctypes.addressof(pointer)), 0, 0) == 0)


_REFUSED_EVENTS = ("socket.connect", "socket.bind", "subprocess.Popen", "os.exec", "os.fork", "os.system",
                   "os.posix_spawn", "os.spawn", "socket.getaddrinfo", "os.remove", "os.rename", "os.mkdir",
                   "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "shutil.", "ctypes.dlopen",
                   "os.putenv", "os.startfile", "ftplib.", "urllib.Request", "webbrowser.open")  # fmt: skip


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        mode, flags = arguments[1], arguments[2]
        if isinstance(flags, int) and flags & _WRITING or isinstance(mode, str) and set(mode) & set("wax+"):
            raise PermissionError(errno.EPERM, "no file is written here")
    elif event.startswith(_REFUSED_EVENTS):
        raise PermissionError(errno.EPERM, "refused here")


def _limit(kind: int, soft: int, hard: int) -> None:
    try:
        _, most = resource.getrlimit(kind)
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):
        pass  # a limit that this system does not know


def give_up(*, cpu_s: int, address_bytes: int) -> bool:
    """
    Limit this process for good; whether the system-call filter is on (elsewhere than on Linux it is not).
    """
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _limit(resource.RLIMIT_AS, address_bytes, address_bytes)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, 64, 64)
    _limit(resource.RLIMIT_NPROC, 0, 0)
    filtered = _filter_calls()
    sys.addaudithook(_hook)
    return filtered
