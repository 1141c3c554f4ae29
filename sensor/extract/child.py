"""
The processes that read files: a nursery, and a worker for each file.

The nursery is a fresh interpreter with a single thread. It loads the readers once, never sees a byte of any
file, and forks a worker for each job: a millisecond instead of an interpreter's start, and no file's worker
has ever held another file. The worker gives up its rights (``sandbox``), reads its one file, streams the
parts, and ends.

Over the control socket come messages of five bytes: ``N`` with a job's socket (answer: the worker's process
id), and ``D`` with a process id that the parent has killed (answer: its exit status). A worker stays
unreaped until then, so that its id cannot come to mean another process.
"""

from __future__ import annotations

import codecs
import gc
import os
import signal
import socket
import struct
from importlib import import_module

from sensor.extract.frames import END, FORMAT, MAX_REQUEST, PART, frame, pack_end, pack_part, unpack_request
from sensor.extract.model import Limits, Part
from sensor.extract.reading import READERS, read_bytes
from sensor.extract.sandbox import die_with_parent, give_up

__all__ = ["COMMAND", "main", "work"]

COMMAND = struct.Struct(">cI")
_ENCODINGS = (
    "utf-8 utf-16-le utf-16-be utf-32-le utf-32-be latin-1 ascii cp437 cp850 cp1250 cp1251 cp1252 cp1253 "
    "cp1254 cp866 "
    "cp932 cp949 gb18030 big5 big5hkscs euc_jp iso2022_jp koi8-r mac_roman"
).split()


def preload() -> None:
    """Everything that a worker may need, so that it opens nothing afterwards."""
    for target in READERS.values():
        import_module(f"sensor.extract.{target.partition(':')[0]}")
    for name in ("xls", "zips"):
        import_module(f"sensor.extract.{name}")
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    from sensor.extract.inflating import has_zstd

    has_zstd()


def main(control_fd: int) -> None:
    """Serve the control socket until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=control_fd)
    preload()
    gc.collect()
    gc.freeze()
    workers: set[int] = set()
    control.sendall(b"R")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 1)
        if len(message) < COMMAND.size:
            break
        word, number = COMMAND.unpack(message)
        if word == b"N" and descriptors:
            pid = os.fork()
            if not pid:
                _become_worker(control, descriptors[0])
            os.close(descriptors[0])
            workers.add(pid)
            control.sendall(struct.pack(">I", pid))
        elif word == b"D" and number in workers:
            workers.discard(number)
            _, status = os.waitpid(number, 0)
            control.sendall(struct.pack(">I", status & 0xFFFFFFFF))
        else:
            break
    for pid in workers:
        os.kill(pid, signal.SIGKILL)


def _become_worker(control: socket.socket, descriptor: int) -> None:
    """In the forked child: never returns."""
    status = 1
    try:
        control.close()
        os.setsid()
        die_with_parent()
        work(socket.socket(fileno=descriptor))
        status = 0
    except (MemoryError, OSError, ValueError, KeyError, struct.error):
        pass  # the parent sees that no end came
    finally:
        os._exit(status)


def _receive(job: socket.socket, size: int) -> bytes:
    held = bytearray()
    while len(held) < size:
        piece = job.recv(min(size - len(held), 1 << 20))
        if not piece:
            raise OSError("the parent is gone")
        held += piece
    return bytes(held)


def _input(job: socket.socket, size: int, descriptor: int | None, limits: Limits) -> bytes:
    if size >= 0:
        return _receive(job, size)
    if descriptor is None:
        raise OSError("no file came along")
    with open(descriptor, "rb", buffering=0) as file:
        held = bytearray()
        while len(held) <= limits.input_bytes:
            piece = file.read(1 << 20)
            if not piece:
                break
            held += piece
        return bytes(held)


def work(job: socket.socket) -> None:
    """Read one file and tell it over the job's socket."""
    head, descriptors, _, _ = socket.recv_fds(job, 4, 1)
    if len(head) < 4:
        head += _receive(job, 4 - len(head))
    (size,) = struct.unpack(">I", head)
    if size > MAX_REQUEST:
        raise ValueError("the request is too long")
    limits, name, content_type, length = unpack_request(_receive(job, size))
    give_up(cpu_s=limits.cpu_s, address_bytes=limits.address_bytes)
    data = _input(job, length, descriptors[0] if descriptors else None, limits)

    def emit(part: Part) -> None:
        job.sendall(frame(PART, pack_part(part)))

    def on_format(form: str) -> None:
        job.sendall(frame(FORMAT, form.encode()))

    found = read_bytes(
        data, name=name, content_type=content_type, limits=limits, emit=emit, on_format=on_format
    )
    job.sendall(frame(END, pack_end(found.truncated, found.problems, found.bytes_read)))
