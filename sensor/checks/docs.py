"""
Documents that are made from the code: ``python -m sensor.checks.docs --write``.

``docs/commands.md`` comes from the argument parsers. The text does not depend on the Python, the terminal or
the machine, so that a test can hold the file to it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from sensor.cli import COMMANDS, build_parser

__all__ = ["COMMANDS_MD", "commands_markdown", "leaf_parsers", "main", "options_of"]

COMMANDS_MD = Path("docs/commands.md")

HEAD = """\
# Commands

Made by `python -m sensor.checks.docs --write` from the commands themselves; do not edit.

Answers go to stdout, talk goes to stderr, so `gnomon observe x.pcap | grep …` works. With `--json` a command
gives one JSON object a line. Exit codes: **0** done; **2** the command line, a policy, a signature or a
settings file is wrong; **1** a check found something, or the work could not be done. From a checkout say
`./gnomon` for `gnomon`; it installs what it needs first.
"""


def commands_markdown() -> str:
    """The whole of docs/commands.md."""
    parts = [HEAD]
    rows = [
        f"| [`gnomon {command.name}`](#gnomon-{command.name}) | {command.summary} |" for command in COMMANDS
    ]
    parts.append("\n".join(["| command | does |", "|---|---|", *rows]) + "\n")
    parser = build_parser()
    subparsers = _children(parser)
    for command in COMMANDS:
        parts.append(f"## gnomon {command.name}\n")
        parts.append(command.summary[0].upper() + command.summary[1:] + ".\n")
        for words, leaf in leaf_parsers(subparsers[command.name], (command.name,)):
            if len(words) > 1:
                parts.append(f"### gnomon {' '.join(words)}\n")
                if leaf.description:
                    parts.append(_sentence(leaf.description) + "\n")
            parts.append(f"```\n{usage(words, leaf)}\n```\n")
            rows = [f"| {_code(name)} | {text} |" for name, text in options_of(leaf)]
            if rows:
                parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n")
        parts.append("```sh\n" + "\n".join(command.examples) + "\n```\n")
    return "\n".join(parts)


def leaf_parsers(
    parser: argparse.ArgumentParser, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Every parser that takes options of its own, with the words that lead to it."""
    children = _children(parser)
    if not children or options_of(parser):
        yield words, parser
    for name, child in children.items():
        yield from leaf_parsers(child, (*words, name))


def options_of(parser: argparse.ArgumentParser) -> list[tuple[str, str]]:
    """Each argument as ``("-o FILE, --output FILE", help)``, positional ones first; ``--help`` left out."""
    found: list[tuple[str, str]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        if action.help == argparse.SUPPRESS:
            continue
        value = _value(action)
        if action.option_strings:
            name = ", ".join(f"{option} {value}".strip() for option in action.option_strings)
        else:
            name = value
        text = (action.help or "") % {**vars(action), "prog": parser.prog}
        found.append((name, " ".join(text.split()).replace("|", "\\|")))
    return sorted(found, key=lambda item: item[0].startswith("-"))


def usage(words: Sequence[str], parser: argparse.ArgumentParser) -> str:
    """One line: ``gnomon observe [--limit N] FILE [FILE …]``."""
    parts: list[str] = []
    for action in sorted(parser._actions, key=lambda action: not action.option_strings):
        if isinstance(action, argparse._HelpAction) or action.help == argparse.SUPPRESS:
            continue
        if isinstance(action, argparse._SubParsersAction):
            parts.append("COMMAND …")
            continue
        text = " ".join(filter(None, [next(iter(action.option_strings), ""), _value(action)]))
        parts.append(text if action.required or not action.option_strings else f"[{text}]")
    return " ".join(["gnomon", *words, *parts])


def _value(action: argparse.Action) -> str:
    """What stands for the argument's value, with its number: ``FILE``, ``[FILE …]``, nothing for a flag."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, str):
        name = action.metavar
    elif action.choices is not None:
        name = "{" + ",".join(str(choice) for choice in action.choices) + "}"
    else:
        name = action.dest.upper()
    many = {"*": f"[{name} …]", "+": f"{name} [{name} …]", "?": f"[{name}]"}
    return many.get(str(action.nargs), name)


def _children(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…")) else ".")


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make the documents that come from the code.")
    parser.add_argument("--write", action="store_true", help="write them (default: only say what differs)")
    args = parser.parse_args(argv)
    path = Path(__file__).resolve().parent.parent.parent / COMMANDS_MD
    text = commands_markdown()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if not args.write:
        print(f"{COMMANDS_MD} is not what the commands say: python -m sensor.checks.docs --write")
        return 1
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"wrote {COMMANDS_MD}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
