"""``gnomon proxy``: the inline door alone."""

from __future__ import annotations

import argparse
import getpass
import ipaddress
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sensor.cli.common import add_home
from sensor.config import Home, open_home
from sensor.errors import UsageError, WorkError
from sensor.model import Endpoint

if TYPE_CHECKING:
    from sensor.inline.run import Settings

__all__ = ["add_proxy_options", "configure", "parse_listen", "print_how_to_use", "run", "settings_from"]

_DEFAULT_LISTEN = "127.0.0.1:8080"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Runs the proxy until Ctrl-C. It decrypts only hosts that the catalogue or the policy names; all "
        "else is passed on unread. Clients have to trust the authority that it prints."
    )
    add_proxy_options(parser)
    parser.add_argument(
        "--add-user", metavar="NAME",
        help="add a user to the file of --auth (the password is asked for, or read from stdin) and end",
    )  # fmt: skip
    parser.add_argument(
        "--pac", metavar="HOST:PORT", action="append",
        help="write a proxy auto-configuration (PAC) file that sends the hosts which the proxy is to see to "
        "this address, and end; several are tried in order",
    )  # fmt: skip
    parser.add_argument(
        "--pac-fail-open", action="store_true",
        help="with --pac: browsers go direct, unseen, where no proxy answers",
    )  # fmt: skip


def add_proxy_options(parser: argparse.ArgumentParser) -> None:
    """The options that ``up`` has too."""
    parser.add_argument(
        "--listen", metavar="HOST:PORT", default=_DEFAULT_LISTEN,
        help=f"where clients reach the proxy (default: {_DEFAULT_LISTEN}; port 0: any free one)",
    )  # fmt: skip
    login = parser.add_mutually_exclusive_group()
    login.add_argument(
        "--auth", metavar="FILE",
        help="ask clients for a name and password, checked against this htpasswd file with bcrypt "
        "(htpasswd -B FILE NAME, or gnomon proxy --add-user); no colon in passwords",
    )  # fmt: skip
    login.add_argument(
        "--auth-ldap", metavar="SPEC",
        help="check them by LDAP: ldap[s]:SERVER[:PORT]:BIND_DN:PASSWORD:SUBTREE[?search_filter_key=KEY]",
    )  # fmt: skip
    parser.add_argument(
        "--map", metavar="HOST=[http://]IP:PORT", action="append", default=[], dest="mappings",
        help="send a name to this address, for tests; for such names, and for no others, the server's "
        "certificate is not checked. May be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--upstream-ca", metavar="FILE", help="trust servers by these certificates (PEM), not the system's"
    )
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    if args.add_user is not None:
        return _add_user(args.add_user, args.auth)
    if args.pac is not None:
        return _write_pac(args.home, args.pac, args.pac_fail_open)
    from sensor.inline.run import run_until_signal

    settings = settings_from(args)
    run_until_signal(settings, lambda address: print_how_to_use(address, settings.home, args.home))
    print("gnomon: the proxy has stopped", file=sys.stderr)
    return 0


def settings_from(args: argparse.Namespace) -> Settings:
    """The settings that the options say. Raises ``UsageError`` and ``WorkError``."""
    from sensor.inline.mapping import parse_mapping
    from sensor.inline.run import Settings

    listen = parse_listen(args.listen)
    mappings = tuple(parse_mapping(text) for text in args.mappings)
    auth = args.auth_ldap
    if args.auth is not None:
        if not os.access(args.auth, os.R_OK):
            raise WorkError(
                f"cannot read the password file {args.auth}",
                hint=f"Make one: gnomon proxy --add-user NAME --auth {shlex.quote(args.auth)}",
            )
        auth = f"@{args.auth}"
    if args.upstream_ca is not None and not os.access(args.upstream_ca, os.R_OK):
        raise WorkError(f"cannot read the certificates {args.upstream_ca}")
    return Settings(
        home=open_home(args.home),
        listen=listen,
        auth=auth,
        mappings=mappings,
        upstream_ca=Path(args.upstream_ca) if args.upstream_ca else None,
    )


def parse_listen(text: str) -> Endpoint:
    """``127.0.0.1:8080``, ``[::1]:8080``, ``:8080`` (every address). Raises ``UsageError``."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if bracketed else host
    is_port = port.isascii() and port.isdigit() and int(port) <= 65_535
    if not colon or not is_port or (":" in bare) != bracketed:
        raise UsageError(
            f"--listen {text}: this is no address",
            hint="Write HOST:PORT, for example 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080.",
        )
    return Endpoint(bare or "0.0.0.0", int(port))


def print_how_to_use(address: Endpoint, home: Home, home_option: str | None) -> None:
    """What a person does next, as command lines that can be copied."""
    everywhere = _is_everywhere(address.host)
    shown = Endpoint("127.0.0.1" if everywhere else address.host, address.port)
    authority = home.ca / "mitmproxy-ca-cert.pem"
    option = f" --home {shlex.quote(home_option)}" if home_option else ""
    trust = shlex.quote(str(authority))
    lines = [
        f"gnomon: the proxy listens on {address}",
        f"  clients trust    {authority}",
        f"  try it           curl -x http://{shown} --cacert {trust} https://chatgpt.com/",
        f"  in a shell       export HTTPS_PROXY=http://{shown} SSL_CERT_FILE={trust} "
        f"REQUESTS_CA_BUNDLE={trust} NODE_EXTRA_CA_CERTS={trust}",
        f"  what was found   gnomon inventory{option}",
        f"  as a document    gnomon report --format html -o report.html{option}",
        "  Ctrl-C stops it",
    ]
    if everywhere:
        lines.insert(1, "  other machines   use this machine's name instead of 127.0.0.1")
    print("\n".join(lines), file=sys.stderr, flush=True)


def _write_pac(home_option: str | None, proxies: list[str], fail_open: bool) -> int:
    """The file, on stdout, as catalogue and policy of the home are now."""
    from sensor.catalogue_files import load_catalogue
    from sensor.config import find_home
    from sensor.inline.pac import hosts_for, pac_text
    from sensor.policy_files import load_policy

    home = find_home(home_option)
    catalogue = load_catalogue(home)
    hosts = hosts_for(catalogue, load_policy(home, catalogue=catalogue))
    try:
        text = pac_text(hosts, proxies, fail_open=fail_open)
    except ValueError as error:
        raise UsageError(f"--pac: {error}") from None
    if hosts.left_out:
        print(f"gnomon: left out, no host names: {', '.join(hosts.left_out)}", file=sys.stderr)
    print(text, end="")
    return 0


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _add_user(name: str, file: str | None) -> int:
    """Add a user to an htpasswd file, or give one a new password."""
    import bcrypt

    if file is None:
        raise UsageError("--add-user needs the file", hint=f"gnomon proxy --add-user {name} --auth FILE")
    if not name or any(letter in name for letter in ":\r\n"):
        raise UsageError("a user's name has no colon and no line break")
    asked = getpass.getpass(f"Password for {name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    password = asked.rstrip("\r\n")
    if not password or ":" in password or len(password.encode()) > 72:
        raise UsageError(
            "this password cannot be used", hint="It has 1 to 72 bytes (a limit of bcrypt) and no colon."
        )
    secret = bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=10)).decode()
    path = Path(file)
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if not line.startswith(f"{name}:")]
        path.touch(mode=0o600)
        path.write_text("".join(f"{line}\n" for line in [*kept, f"{name}:{secret}"]), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkError(f"cannot write {path}: {getattr(error, 'strerror', 'it is not UTF-8')}") from error
    print(f"gnomon: {name} may log in ({path})", file=sys.stderr)
    return 0
