"""
Makes the captures in this folder: real clients, in network namespaces of their own, against local servers.

Run as root from the checkout: ``.venv/bin/python tests/traces/make.py [NAME…]``. Needs ip, tcpdump, curl,
openssl, node, chromium and the test extras (aioquic). Addresses are those of RFC 5737 and RFC 3849; no packet
leaves the namespaces. The names asked for are real, the servers behind them are ``servers.py``.

Each trace writes ``NAME.pcap`` and its line in ``PROVENANCE.md``. Making them anew changes every byte (ports,
times, randoms): the golden files then have to be made anew too (``tests/traces/golden.py``) and read.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIENT, SERVER = "gnomon-client", "gnomon-server"
SERVER_V4, SERVER_V6 = "192.0.2.200", "2001:db8::200"
CLIENTS = [f"192.0.2.{last}" for last in range(11, 17)]
CLIENT_V6 = "2001:db8::11"

OFFICE = {
    "192.0.2.11": ["chatgpt.com", "api.openai.com", "www.wikipedia.org", "claude.ai"],
    "192.0.2.12": ["api.anthropic.com", "api2.cursor.sh", "github.com", "api.githubcopilot.com"],
    "192.0.2.13": ["gemini.google.com", "www.perplexity.ai", "mail.google.com", "notebooklm.google.com"],
    "192.0.2.14": ["chat.deepseek.com", "api.deepseek.com", "grok.com", "duckduckgo.com"],
    "192.0.2.15": ["api.mistral.ai", "openrouter.ai", "api.groq.com", "www.openstreetmap.org"],
    "192.0.2.16": [
        "bedrock-runtime.eu-central-1.amazonaws.com",
        "contoso.openai.azure.com",
        "huggingface.co",
        "s3.eu-central-1.amazonaws.com",
    ],
}
NAMES = sorted(
    {name for names in OFFICE.values() for name in names}
    | {"large.example", "ollama.example", "www.example.com", "api.cohere.com", "copilot.microsoft.com"}
)


def run(*words: str, check: bool = True, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=check, text=True, capture_output=True, **more)  # type: ignore[call-overload,no-any-return]


def inside(namespace: str, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return run("ip", "netns", "exec", namespace, *words, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Stage:
    """What a trace's clients need to know."""

    folder: Path
    spki: str
    """Hash of the server's key, for Chromium."""

    @property
    def ca(self) -> str:
        return str(self.folder / "server.pem")

    def client(self, *words: str, check: bool = True) -> None:
        """Run a client to its end; a client that fails is shown."""
        done = inside(CLIENT, *words, check=False, timeout=60, env=os.environ | {"SSL_CERT_FILE": self.ca})
        if check and done.returncode:
            raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")

    def curl(self, *words: str) -> None:
        self.client("curl", "-sS", "--cacert", self.ca, "-o", "/dev/null", "--max-time", "20", *words)

    def chromium(self, url: str, *flags: str) -> None:
        with tempfile.TemporaryDirectory() as profile:
            self.client(
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-extensions", "--disable-default-apps", f"--user-data-dir={profile}",
                f"--ignore-certificate-errors-spki-list={self.spki}", *flags, "--dump-dom", url,
            )  # fmt: skip


@contextlib.contextmanager
def network() -> Iterator[Stage]:
    """Two namespaces joined by a veth pair, names resolved by the server, all gone afterwards."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        resolver = Path("/etc/netns") / CLIENT
        for namespace in (CLIENT, SERVER):
            run("ip", "netns", "del", namespace, check=False)
            run("ip", "netns", "add", namespace)
            stack.callback(run, "ip", "netns", "del", namespace, check=False)
            inside(namespace, "ip", "link", "set", "lo", "up")
        resolver.mkdir(parents=True, exist_ok=True)
        stack.callback(shutil.rmtree, resolver, ignore_errors=True)
        (resolver / "resolv.conf").write_text(f"nameserver {SERVER_V4}\noptions timeout:2\n")
        run("ip", "link", "add", "gc0", "netns", CLIENT, "type", "veth", "peer", "gs0", "netns", SERVER)
        for namespace, device, addresses in (
            (CLIENT, "gc0", [f"{address}/24" for address in CLIENTS] + [f"{CLIENT_V6}/64"]),
            (SERVER, "gs0", [f"{SERVER_V4}/24", f"{SERVER_V6}/64"]),
        ):
            inside(
                namespace,
                "sysctl",
                "-qw",
                "net.ipv6.conf.all.accept_dad=0",
                f"net.ipv6.conf.{device}.accept_dad=0",
            )
            for address in addresses:
                inside(namespace, "ip", "address", "add", address, "dev", device)
            inside(namespace, "ip", "link", "set", device, "up")
            inside(
                namespace,
                "ethtool",
                "-K",
                device,
                "tso",
                "off",
                "gso",
                "off",
                "gro",
                "off",
                "tx",
                "off",
                check=False,
            )
        command = [sys.executable, str(HERE / "servers.py"), SERVER_V4, SERVER_V6, name, *NAMES]
        server = subprocess.Popen(
            ["ip", "netns", "exec", SERVER, *command], stdout=subprocess.PIPE, text=True
        )
        stack.callback(server.wait)
        stack.callback(server.terminate)
        assert server.stdout is not None
        if server.stdout.readline().strip() != "ready":
            raise SystemExit("the servers did not start")
        spki = run(
            "sh", "-c",
            f"openssl x509 -in {folder / 'server.pem'} -pubkey -noout | openssl pkey -pubin -outform der"
            " | openssl dgst -sha256 -binary | openssl enc -base64",
        ).stdout.strip()  # fmt: skip
        yield Stage(folder, spki)


@contextlib.contextmanager
def recording(target: Path, device: str = "gc0") -> Iterator[None]:
    """tcpdump on the client's interface while the block runs; it has flushed when the block is left."""
    with tempfile.TemporaryDirectory() as name:
        raw = Path(name) / "raw.pcap"
        dump = subprocess.Popen(
            ["ip", "netns", "exec", CLIENT, "tcpdump", "-i", device, "-U", "-s", "0", "-w", str(raw),
             "not icmp6 and not arp and not igmp and not ip6 multicast"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert dump.stderr is not None
        while "listening on" not in dump.stderr.readline():
            if dump.poll() is not None:
                raise SystemExit("tcpdump did not start")
        try:
            yield
            time.sleep(1.0)  # the last FINs; a recorder, not a test
        finally:
            dump.terminate()
            dump.communicate()
        shutil.copyfile(raw, target)


def be(address: str) -> None:
    """From here on the client's packets, DNS queries too, come from this address."""
    inside(CLIENT, "ip", "route", "replace", f"{SERVER_V4}/32", "dev", "gc0", "src", address)


def office(stage: Stage) -> None:
    for address, names in OFFICE.items():
        be(address)
        for name in names:
            stage.curl("-4", f"https://{name}/")
    be("192.0.2.14")
    for _ in range(3):
        stage.curl("-4", "--data-binary", "x" * 20_000, "https://chat.deepseek.com/")
    be("192.0.2.12")
    stage.curl(
        "-4",
        "-H", "content-type: application/json",
        "-d", '{"model":"llama3.2","messages":[{"role":"user","content":"hello"}]}',
        "http://ollama.example:11434/api/chat",
    )  # fmt: skip
    be("192.0.2.13")
    stage.curl("-4", "http://www.example.com/")


def openssl_tls12(stage: Stage) -> None:
    for words in (["-tls1_2"], ["-tls1_3", "-alpn", "h2,http/1.1"], ["-tls1_2", "-noservername"]):
        name = [] if "-noservername" in words else ["-servername", "claude.ai"]
        stage.client("sh", "-c", f"echo | openssl s_client -connect {SERVER_V4}:443 {' '.join(name + words)}")


def python_clients(stage: Stage) -> None:
    code = (
        "import urllib.request as u;"
        "u.urlopen('https://api.anthropic.com/v1/messages', data=b'{}').read();"
        "u.urlopen(u.Request('http://ollama.example:11434/api/chat', data=b'{\"model\":\"llama3.2\"}',"
        " headers={'content-type':'application/json'})).read()"
    )
    stage.client(sys.executable, "-c", code)


def node_fetch(stage: Stage) -> None:
    os.environ["NODE_EXTRA_CA_CERTS"] = stage.ca
    stage.client("node", "-e", "fetch('https://api.mistral.ai/v1/models').then(r => r.text())")


def chromium_h3(stage: Stage) -> None:
    stage.chromium(
        "https://gemini.google.com/", "--enable-quic", "--origin-to-force-quic-on=gemini.google.com:443"
    )


def chromium_tcp(stage: Stage) -> None:
    stage.chromium("https://copilot.microsoft.com/", "--disable-quic")


def ipv6(stage: Stage) -> None:
    stage.curl("-6", "https://api.cohere.com/v1/models")


def dns_kinds(stage: Stage) -> None:
    """One query of each kind; ``large.example`` TXT comes back in IP fragments."""
    code = f"""
import socket, struct

def ask(name, kind, tcp=False):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack("!6H", 0x1234, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, kind, 1)
    client = socket.socket(type=socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
    client.settimeout(5)
    client.connect(("{SERVER_V4}", 53))
    client.sendall(struct.pack("!H", len(query)) + query if tcp else query)
    client.recv(9000)
    client.close()

ask("api.openai.com", 1)
ask("api.openai.com", 28)
ask("chatgpt.com", 65)
ask("claude.ai", 1, tcp=True)
ask("large.example", 16)
"""
    stage.client(sys.executable, "-c", code)


TRACES: dict[str, tuple[Callable[[Stage], None], str]] = {
    "office": (
        office,
        "six clients, 18 AI services and 6 ordinary sites over TLS, one Ollama request in clear (curl)",
    ),
    "openssl": (openssl_tls12, "TLS 1.2 and 1.3 with a server name, TLS 1.2 without (openssl s_client)"),
    "python": (python_clients, "HTTPS and clear-text HTTP from Python's urllib"),
    "node": (node_fetch, "HTTPS from Node's fetch"),
    "chromium_h3": (
        chromium_h3,
        "HTTP/3 from headless Chromium: a hello over two Initials, frames shuffled, ECH GREASE",
    ),
    "chromium_tcp": (
        chromium_tcp,
        "TLS over TCP from headless Chromium: a post-quantum hello in two segments, ECH GREASE",
    ),
    "ipv6": (ipv6, "HTTPS over IPv6 (curl)"),
    "dns": (dns_kinds, "A, AAAA, HTTPS over UDP, A over TCP, and a TXT answer in IP fragments"),
}


def versions() -> str:
    curl = run("curl", "--version").stdout.split()[1]
    openssl = run("openssl", "version").stdout.split()[1]
    node = run("node", "--version").stdout.strip().lstrip("v")
    chromium = re.findall(r"[\d.]{5,}", run("chromium", "--version", check=False).stdout)[:1] or ["-"]
    python = sys.version.split()[0]
    return f"curl {curl}, OpenSSL {openssl}, Node {node}, Chromium {chromium[0]}, Python {python}"


def main(names: list[str]) -> None:
    if os.geteuid() != 0:
        raise SystemExit("make.py needs root: it makes network namespaces of its own")
    unknown = set(names) - set(TRACES)
    if unknown:
        raise SystemExit(f"no such trace: {', '.join(sorted(unknown))}; there are {', '.join(TRACES)}")
    for name in names or list(TRACES):
        with network() as stage, recording(HERE / f"{name}.pcap"):
            TRACES[name][0](stage)
        print(f"{name}.pcap: {(HERE / f'{name}.pcap').stat().st_size} bytes", file=sys.stderr)
    lines = [
        "# Where the captures come from",
        "",
        "Made by `tests/traces/make.py`: real clients against local servers in their own network namespaces.",
        "Licence: MIT, like the project. Addresses are for documentation (RFC 5737, RFC 3849); the names",
        "are real, the servers behind them are the script's. No packet left the machine that made them.",
        "",
        f"Last made {datetime.date.today()}: {versions()}.",
        "",
        "| capture | what it shows |",
        "|---|---|",
        *(f"| `{name}.pcap` | {told} |" for name, (_, told) in TRACES.items()),
        "",
    ]
    (HERE / "PROVENANCE.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
