"""
The command line: ``gnomon COMMAND …``.

Answers go to stdout, talk goes to stderr. ``--home`` and ``--json`` stand after the command. Exit 0 means
done; 2 a usage or configuration error; 1 only where the command is a check, or the work could not be done.

Each command is one module ``sensor.cli.<module>`` with ``configure(parser)`` and ``run(args) -> int``,
imported only when it is called. ``COMMANDS`` is the whole list; a test holds the documents to it.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sensor.errors import GnomonError, UserError

__all__ = ["COMMANDS", "Command", "build_parser", "main"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command as the top-level help shows it."""

    name: str
    module: str
    summary: str
    examples: tuple[str, ...]


COMMANDS: tuple[Command, ...] = (
    Command(
        "up",
        "up",
        "start the proxy, and passive capture where an interface is named",
        (
            "gnomon up",
            "gnomon up --listen 127.0.0.1:8080 -i eth1",
            "gnomon up --map chatgpt.com=127.0.0.1:9443",
        ),
    ),
    Command(
        "demo",
        "demo",
        "fill an inventory in a minute: real clients against a local AI stand-in",
        ("gnomon demo", "gnomon demo --home /tmp/gnomon-demo"),
    ),
    Command(
        "proxy",
        "proxy",
        "the inline door alone",
        (
            "gnomon proxy --listen 127.0.0.1:8080",
            "gnomon proxy --auth users.htpasswd",
            "gnomon proxy --pac proxy.example.com:8080 > proxy.pac",
        ),
    ),
    Command(
        "capture",
        "capture",
        "the passive door: live from an interface, or from capture files",
        ("gnomon capture -r monday.pcapng tuesday.pcap.gz", "gnomon capture -i eth1"),
    ),
    Command(
        "observe",
        "observe",
        "every observation of a capture as JSON lines, before any matching",
        ("gnomon observe monday.pcap", "gnomon observe monday.pcap | grep client_hello"),
    ),
    Command(
        "identify",
        "identify",
        "which app a host or URL is, and why",
        ("gnomon identify api.openai.com", "gnomon identify --json < hosts.txt"),
    ),
    Command(
        "redact",
        "redact",
        "scan a text and write it again without secrets and personal data",
        (
            "gnomon redact prompt.txt",
            "git diff | gnomon redact --findings --fail-on secret",
            "gnomon redact --json --lines < prompts.jsonl",
        ),
    ),
    Command(
        "detect",
        "detect",
        "the detectors of sensitive data: list, test, explain",
        (
            "gnomon detect list --group secret",
            "gnomon detect test",
            "gnomon detect explain payment.card",
            "gnomon detect add exact customers.csv --name customers --columns name,iban",
            "echo 'my IBAN is …' | gnomon detect explain",
        ),
    ),
    Command(
        "bench",
        "bench",
        "the benchmarks, from a checkout",
        (
            "gnomon bench detect --no-peers",
            "gnomon bench detect --install-peers && gnomon bench detect",
            "gnomon bench detect --quality -o quality.json",
        ),
    ),
    Command(
        "inventory", "inventory", "who uses which AI service", ("gnomon inventory", "gnomon inventory --json")
    ),
    Command(
        "report",
        "report",
        "the inventory as a document",
        ("gnomon report --format html -o inventory.html", "gnomon report --format csv"),
    ),
    Command(
        "review",
        "review",
        "decide on an app: status, owner, reason, until",
        (
            "gnomon review openai.chatgpt --status sanctioned --owner it --reason 'DPA signed' "
            "--until 2027-06-30",
        ),
    ),
    Command(
        "policy",
        "policy",
        "check a policy, or explain a decision",
        ("gnomon policy check policy.yaml", "gnomon policy explain --app deepseek.chat"),
    ),
    Command(
        "catalogue",
        "catalogue",
        "look into the signature catalogue, and lint it",
        ("gnomon catalogue lint", "gnomon catalogue show openai.chatgpt"),
    ),
    Command(
        "audit",
        "audit",
        "verify and show the transparency log",
        ("gnomon audit verify", "gnomon audit verify --checkpoint monday.note"),
    ),
    Command(
        "doctor",
        "doctor",
        "check this machine: versions, privileges, CA, clock, each with its mend",
        ("gnomon doctor",),
    ),
    Command(
        "test", "test", "from a checkout: lint, types, tests, docs", ("./gnomon test", "./gnomon test --long")
    ),
)


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """
    The argument parser; with ``only``, the options of that one command alone are filled in.

    Importing one command's module rather than all keeps ``gnomon identify`` from loading mitmproxy.
    """
    parser = argparse.ArgumentParser(
        prog="gnomon",
        description="Finds shadow AI on a network and governs it.",
        epilog="'gnomon COMMAND --help' shows a command's options and examples.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.summary,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            epilog="examples:\n" + "\n".join(f"  {example}" for example in command.examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if only is None or only == command.name:
            importlib.import_module(f"sensor.cli.{command.module}").configure(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Errors that a person can fix print without a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    names = {command.name: command for command in COMMANDS}
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = build_parser(only=chosen if chosen in names else "")
    args = parser.parse_args(words)
    if args.version:
        from sensor.version import version_text

        print(version_text())
        return 0
    if args.command is None:
        parser.print_help()
        return 0
    try:
        code: int = importlib.import_module(f"sensor.cli.{names[args.command].module}").run(args)
        sys.stdout.flush()
        return code
    except UserError as error:
        print(f"gnomon: {error}", file=sys.stderr)
        return error.exit_code
    except GnomonError as error:
        print(f"gnomon: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("gnomon: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader went away (`gnomon observe … | head`): not an error. Point stdout at the null device so
        # that the interpreter's own flush at exit does not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A check that could not be finished has not passed.
        return 1 if getattr(args, "fail_on", None) else 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        print(f"gnomon: the answer could not be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
