"""``gnomon doctor`` names what is wrong with a machine, and the command that mends it."""

from __future__ import annotations

import datetime
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sensor.cli import doctor, main
from sensor.cli.doctor import State
from sensor.config import Home

DAY = 86400.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "a home")
    made.path.mkdir(mode=0o700)
    return made


def only(checks) -> doctor.Check:
    (check,) = checks
    return check


@pytest.mark.parametrize(
    ("version", "state"), [((3, 11), State.WARN), ((3, 12), State.OK), ((3, 14), State.OK)]
)
def test_old_python_is_a_warning_that_says_why(version: tuple[int, int], state: State) -> None:
    check = only(doctor.check_python(version))
    assert check.state is state and "mitmproxy" in check.text
    assert (check.mend is not None and "h2, h11 and cryptography" in check.text) is (state is State.WARN)


def test_home_that_is_not_there_is_fine_where_it_can_be_made(tmp_path: Path) -> None:
    check = next(iter(doctor.check_home(Home(tmp_path / "new" / "home"))))
    assert check.state is State.OK and "first gnomon up makes it" in check.text
    assert not (tmp_path / "new").exists()


def test_home_open_to_others_or_no_folder(home: Home, tmp_path: Path) -> None:
    assert next(iter(doctor.check_home(home))).state is State.OK
    home.path.chmod(0o755)
    check = next(iter(doctor.check_home(home)))
    assert check.state is State.WARN and check.mend == f"chmod 700 '{home.path}'"
    (tmp_path / "file").touch()
    assert next(iter(doctor.check_home(Home(tmp_path / "file")))).state is State.FAIL


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/homes /home nfs4 rw 0 0
/dev/vdb /home/a\\040b ext4 rw 0 0
tmpfs /home/c/x tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/a", "nfs4"),
        ("/home/a b/x", "ext4"),
        ("/home/c/x/y", "tmpfs"),
        ("/homes", "ext4"),
    ],
)
def test_file_system_is_that_of_the_longest_mount_point(path: str, kind: str) -> None:
    assert doctor.file_system_of(Path(path), MOUNTS) == kind


def test_private_files_that_others_can_read_fail_with_chmod(home: Home) -> None:
    assert only(doctor.check_keys(home)).text == "none made yet"
    home.keys.mkdir()
    (home.keys / "log.key").touch(0o600)
    (home.keys / "log.vkey").touch(0o644)  # public
    home.database.touch(0o600)
    assert only(doctor.check_keys(home)).text.startswith("2 private files")
    (home.keys / "log.key").chmod(0o640)
    check = only(doctor.check_keys(home))
    assert check.state is State.FAIL and check.mend == f"chmod 600 '{home.keys / 'log.key'}'"


def write_ca(home: Home, end: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mitmproxy")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - datetime.timedelta(days=900))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    home.ca.mkdir(exist_ok=True)
    (home.ca / "mitmproxy-ca-cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def test_ca_is_judged_by_its_end(home: Home) -> None:
    end = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    assert only(doctor.check_ca(home, 0.0)).state is State.OK
    write_ca(home, end)
    for days_left, state in [(400, State.OK), (29, State.WARN), (-1, State.FAIL)]:
        check = only(doctor.check_ca(home, end.timestamp() - days_left * DAY))
        assert check.state is state and "2030-01-01" in check.text
    (home.ca / "mitmproxy-ca-cert.pem").write_text("no certificate")
    assert only(doctor.check_ca(home, 0.0)).state is State.FAIL


def test_wrong_policy_fails_with_its_place(home: Home) -> None:
    good = only(doctor.check_policy(home))
    assert good.state is State.OK and "apps known" in good.text
    home.policy.write_text("version: 1\nmode: enfroce\n")
    check = only(doctor.check_policy(home))
    assert check.state is State.FAIL and "policy.yaml:2:7" in check.text and "enforce" in (check.mend or "")


NOW = datetime.datetime(2027, 3, 1, tzinfo=datetime.UTC).timestamp()


def test_clock_in_the_past_behind_the_records_or_not_synchronised(home: Home) -> None:
    def state(now: float, kernel: int | None = 0) -> State:
        return only(doctor.check_clock(home, now, lambda: kernel)).state

    assert state(0.0) is State.FAIL
    assert [state(NOW), state(NOW, None), state(NOW, doctor.TIME_ERROR)] == [State.OK, State.OK, State.WARN]
    home.database.touch()
    os.utime(home.database, (NOW + DAY, NOW + DAY))
    assert state(NOW) is State.FAIL
    assert doctor._kernel_clock() in (None, 0, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(("free", "state"), [(10**8, State.FAIL), (10**9, State.WARN), (10**10, State.OK)])
def test_disk_space(home: Home, free: int, state: State) -> None:
    assert only(doctor.check_disk(home, free)).state is state


def test_port_in_use_is_a_warning_that_names_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check = only(doctor.check_port("127.0.0.1", port))
        assert check.state is State.WARN and check.mend == f"gnomon up --listen 127.0.0.1:{port + 1}"
    assert only(doctor.check_port("127.0.0.1", port)).state is State.OK


@pytest.mark.skipif(not doctor.SYS_NET.is_dir(), reason="no /sys/class/net here")
def test_interface_that_is_missing_names_those_that_are_there() -> None:
    check = only(doctor.check_interfaces("nosuch0"))
    assert check.state is State.FAIL and "lo" in check.text
    assert "lo" in only(doctor.check_interfaces(None)).text


@pytest.mark.slow
def test_offloads_are_read_as_ethtool_sets_them(
    need_tool: Callable[[str], str], need_root: Callable[[], None], root: Path
) -> None:
    """On a veth pair in a namespace of its own: all offloads off, then one on, then the link down."""
    ip, ethtool = need_tool("ip"), need_tool("ethtool")
    need_root()
    space = f"gnomon-doctor-{os.getpid()}"
    inside = [ip, "netns", "exec", space]

    def examine() -> list[dict[str, str]]:
        code = "import sys; from sensor.cli import main; sys.exit(main(sys.argv[1:]))"
        done = subprocess.run(
            [*inside, sys.executable, "-c", code, "doctor", "--json", "-i", "span0",
             "--home", "/nonexistent/home"],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == (1 if any(check["state"] == "fail" for check in found) else 0), done.stderr
        return [check for check in found if check["check"] == "interface"]

    subprocess.run([ip, "netns", "add", space], check=True)
    try:
        for words in (
            [ip, "link", "add", "span0", "type", "veth", "peer", "name", "span1"],
            [ip, "link", "set", "span0", "up"],
            [ethtool, "-K", "span0", "gro", "off", "gso", "off", "tso", "off"],
        ):
            subprocess.run([*inside, *words], check=True, capture_output=True)
        assert [check["state"] for check in examine()] == ["ok"]
        subprocess.run([*inside, ethtool, "-K", "span0", "gro", "on"], check=True, capture_output=True)
        (check,) = examine()
        assert (check["state"], check["mend"]) == ("warn", "ethtool -K span0 gro off")
        subprocess.run([*inside, ip, "link", "set", "span0", "down"], check=True)
        assert examine()[0]["mend"] == "ip link set span0 up"
    finally:
        subprocess.run([ip, "netns", "delete", space], check=True)


def test_exit_code_and_output_follow_the_worst_check(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.path.chmod(0o700)
    code = main(["doctor", "--home", str(home.path), "--json", "--listen", "127.0.0.1:1"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["check"] for line in lines} >= {
        "python",
        "home",
        "ca",
        "clock",
        "disk",
        "recorder",
        "port",
        "tools",
    }
    assert code == (1 if any(line["state"] == "fail" for line in lines) else 0)

    home.policy.write_text("version: 1\nmode: enfroce\n")
    assert main(["doctor", "--home", str(home.path)]) == 1
    shown = capsys.readouterr().out
    assert "\nfail  policy" in shown and "to mend it:" in shown and "\033" not in shown


def test_a_wrong_listen_address_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--listen", "8080"]) == 2
    assert "HOST:PORT" in capsys.readouterr().err
