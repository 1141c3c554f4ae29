"""Live capture: what the kernel takes away is put back, and errors say what mends them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensor.capture import live
from sensor.capture.live import LinuxCapture, open_live, restore_vlan
from sensor.errors import WorkError

linux_only = pytest.mark.skipif(not hasattr(socket, "AF_PACKET"), reason="AF_PACKET is Linux's")

NAMESPACE = "gnomon-capture-test"


def test_a_vlan_tag_goes_back_behind_the_addresses() -> None:
    frame = bytes(range(12)) + b"\x08\x00" + b"packet"
    assert restore_vlan(frame, 0x8100, 0x2007) == bytes(range(12)) + b"\x81\x00\x20\x07\x08\x00packet"


@linux_only
def test_an_interface_that_is_not_there_is_named_beside_those_that_are(need_root: Callable[[], None]) -> None:
    need_root()
    with pytest.raises(WorkError, match="there is no interface gnomon9") as caught:
        open_live("gnomon9")
    assert "lo" in str(caught.value.hint)


@linux_only
def test_without_the_right_to_capture_the_command_that_gives_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(WorkError, match="CAP_NET_RAW") as caught:
        LinuxCapture("eth1")
    assert "sudo ./gnomon capture -i eth1" in str(caught.value.hint) and "setcap" in str(caught.value.hint)


@pytest.fixture
def namespace(need_tool: Callable[[str], str], need_root: Callable[[], None]) -> Iterator[list[str]]:
    """A network namespace with a veth pair in it: gives how to run a program there."""
    need_root()
    ip = need_tool("ip")

    def run(*words: str) -> None:
        subprocess.run([ip, *words], check=True, capture_output=True)

    subprocess.run([ip, "netns", "del", NAMESPACE], capture_output=True)
    run("netns", "add", NAMESPACE)
    try:
        run("-n", NAMESPACE, "link", "add", "va", "type", "veth", "peer", "name", "vb")
        for device in ("lo", "va", "vb"):
            run("-n", NAMESPACE, "link", "set", device, "up")
        yield [ip, "netns", "exec", NAMESPACE, sys.executable, "-c"]
    finally:
        subprocess.run([ip, "netns", "del", NAMESPACE], capture_output=True)


def told(namespace: list[str], root: Path, program: str) -> list[object]:
    """Run a program in the namespace; the lines of JSON that it prints."""
    done = subprocess.run(
        [*namespace, textwrap.dedent(program)], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


SEND = """
import json, socket, struct, sys, time
from sensor.capture.live import LinuxCapture

def frames(capture, wanted):
    '''The frames whose payload begins with our mark.'''
    found, until = [], time.monotonic() + 10
    while len(found) < wanted and time.monotonic() < until:
        found += [one for one in capture.read(0.2) if b"gnomon-mark" in one[2]]
    return found + [one for one in capture.read(0.1) if b"gnomon-mark" in one[2]]

def raw(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((device, 0))
    return sock
"""


@linux_only
@pytest.mark.slow
def test_frames_come_with_their_time_their_length_and_their_vlan_tag(
    namespace: list[str], root: Path
) -> None:
    program = (
        SEND
        + """
addresses = b"\\2\\0\\0\\0\\0\\x0b\\2\\0\\0\\0\\0\\x0a"
with LinuxCapture("vb") as capture:
    sender = raw("va")
    before = time.time()
    sender.send(addresses + b"\\x08\\0" + b"gnomon-mark plain".ljust(60, b"."))
    # The receiving end of a veth takes the tag out of the frame: the socket tells it beside the bytes.
    sender.send(addresses + b"\\x81\\0\\x20\\x07\\x08\\0" + b"gnomon-mark tagged".ljust(60, b"."))
    sender.send(addresses + b"\\x88\\xa8\\0\\5\\x81\\0\\0\\6\\x08\\0" + b"gnomon-mark twice".ljust(60, b"."))
    for ts, link, data, wire in frames(capture, 3):
        print(json.dumps([before - 1 < ts < time.time() + 1, link, data[12:-60].hex(), wire == len(data)]))
    print(json.dumps(capture.drops()))
"""
    )
    assert told(namespace, root, program) == [
        [True, 1, "0800", True],
        [True, 1, "810020070800", True],
        [True, 1, "88a80005810000060800", True],
        0,
    ]


@linux_only
@pytest.mark.slow
def test_on_the_loopback_interface_each_packet_comes_once(namespace: list[str], root: Path) -> None:
    program = (
        SEND
        + """
with LinuxCapture("lo", promiscuous=False) as capture:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"gnomon-mark", ("127.0.0.1", 9))
    # The port answers "unreachable" and quotes the packet: that is another protocol.
    print(json.dumps([data[14 + 9] for _, _, data, _ in frames(capture, 2)]))
"""
    )
    assert told(namespace, root, program) == [[17, 1]]


@linux_only
@pytest.mark.slow
def test_frames_that_nobody_read_in_time_are_counted(namespace: list[str], root: Path) -> None:
    program = (
        SEND
        + """
from sensor.capture import live
live.BUFFER_BYTES = 4096
with LinuxCapture("vb") as capture:
    sender = raw("va")
    for _ in range(200):
        sender.send(bytes(12) + b"\\x08\\0" + bytes(1000))
    print(json.dumps([capture.drops() > 100, capture.drops()]))
"""
    )
    assert told(namespace, root, program) == [[True, 0]]


@linux_only
@pytest.mark.slow
def test_an_interface_that_goes_down_is_told_after_what_had_come(namespace: list[str], root: Path) -> None:
    program = (
        SEND
        + """
import subprocess
from sensor.errors import WorkError
with LinuxCapture("vb") as capture:
    raw("va").send(bytes(12) + b"\\x08\\0" + b"gnomon-mark".ljust(60, b"."))
    subprocess.run(["ip", "link", "set", "vb", "down"], check=True)
    try:
        print(json.dumps(len(frames(capture, 1))))
        for _ in range(3):
            capture.read(0.1)
    except WorkError as error:
        print(json.dumps(str(error)))
"""
    )
    (words,) = [line for line in told(namespace, root, program) if isinstance(line, str)]
    assert "vb went down" in words and "ip link set vb up" in words


@linux_only
@pytest.mark.slow
def test_frames_of_an_unknown_kind_are_refused(
    namespace: list[str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        SEND
        + """
from sensor.capture import live
from sensor.errors import WorkError
live._LINK_TYPES.clear()
try:
    LinuxCapture("va")
except WorkError as error:
    print(json.dumps(str(error)))
"""
    )
    (words,) = told(namespace, root, program)
    assert "hardware type 1" in str(words)


@linux_only
@pytest.mark.slow
def test_scapys_door_gives_the_same_frames(namespace: list[str], root: Path) -> None:
    """It is for other systems; scapy's own socket stands for theirs."""
    pytest.importorskip("scapy")
    program = (
        SEND
        + """
from sensor.capture.scapy_door import ScapyCapture
from sensor.errors import WorkError
with ScapyCapture("vb") as other, LinuxCapture("vb") as capture:
    raw("va").send(bytes(12) + b"\\x08\\0" + b"gnomon-mark".ljust(60, b"."))
    print(json.dumps([[one[1], one[2].hex(), one[3]] for one in frames(capture, 1)]))
    print(json.dumps([[one[1], one[2].hex(), one[3]] for one in frames(other, 1)]))
    print(json.dumps(other.drops()))
try:
    ScapyCapture("gnomon9")
except WorkError as error:
    print(json.dumps("gnomon9" in str(error) and "Interfaces here" in str(error)))
"""
    )
    ours, theirs, drops, refused = told(namespace, root, program)
    assert ours == theirs and len(ours) == 1
    assert (drops, refused) == (0, True)


@linux_only
def test_every_link_type_that_a_socket_can_have_is_read() -> None:
    from sensor.wire.layers import LINK
    from sensor.wire.packet import DECODERS

    known = {LINK + 228, LINK + 229, *DECODERS}
    assert {LINK + link for link in live._LINK_TYPES.values()} <= known


def test_without_af_packet_scapys_door_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    from sensor.capture import scapy_door

    monkeypatch.delattr(socket, "AF_PACKET", raising=False)
    monkeypatch.setattr(scapy_door, "ScapyCapture", lambda interface: f"scapy on {interface}")
    assert open_live("en0") == "scapy on en0"
