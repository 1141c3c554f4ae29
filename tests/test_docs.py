"""Documents say what the code does: commands, options, fields, kinds, links, the README's shell lines."""

from __future__ import annotations

import dataclasses
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor import model
from sensor.checks import docs, layers
from sensor.cli import COMMANDS, build_parser
from sensor.dialects.names import Dialect
from sensor.dialects.registry import dialect_module
from sensor.observe import to_json
from sensor.version import VERSION

SKIPPED_FOLDERS = {".git", ".venv", "__pycache__", "node_modules", "build", "dist"}


def tree(root: Path) -> Iterator[Path]:
    """Every file of the project that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        for name in listed.stdout.decode().split("\0"):
            if name and (root / name).is_file():
                yield root / name
        return
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not any(part in SKIPPED_FOLDERS or part.startswith(".venv") for part in parts):
            yield path


def documents(root: Path) -> list[Path]:
    return [path for path in tree(root) if path.suffix == ".md"]


def rows(text: str) -> dict[str, list[str]]:
    """First column of every table, in backticks, under the heading it stands below (lower case)."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("#").strip().lower()
            found.setdefault(heading, [])
        elif match := re.match(r"\| `([^`]+)`", line):
            found[heading].append(match[1])
    return found


# --- commands -----------------------------------------------------------------------------------------


def test_commands_md_is_what_the_commands_say(root: Path) -> None:
    assert (root / docs.COMMANDS_MD).read_text(encoding="utf-8") == docs.commands_markdown(), (
        "make it anew: python -m sensor.checks.docs --write"
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help_and_examples_that_parse(command) -> None:
    parser = build_parser(only=command.name)
    children = docs._children(parser)
    for words, leaf in docs.leaf_parsers(children[command.name], (command.name,)):
        for name, text in docs.options_of(leaf):
            assert text, f"{' '.join(words)} {name} has no help"
    assert command.examples
    for example in command.examples:
        check_shell_line(example)
    shown = children[command.name].format_help()
    assert all(example in shown for example in command.examples)


def check_shell_line(line: str) -> None:
    """Every gnomon command in a line of shell parses: the command exists, and so do its options."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words = list(lexer)
    while words:
        end = next((at for at, word in enumerate(words) if set(word) <= set("|&;<>")), len(words))
        part, operator, words = words[:end], words[end : end + 1], words[end + 1 :]
        if operator and operator[0] in ("<", ">", ">>", "2>") and words:
            words.pop(0)  # the file of a redirection
        while part and (part[0] == "sudo" or re.match(r"[A-Z_]+=", part[0])):
            part.pop(0)
        if not part or part[0] not in ("gnomon", "./gnomon"):
            continue
        if part[1:2] == ["--pythons"]:
            continue
        try:
            build_parser(only=part[1]).parse_args(part[1:])
        except SystemExit as error:
            raise AssertionError(f"does not parse: {' '.join(part)}") from error


def shell_lines(text: str) -> Iterator[str]:
    """Commands in the shell blocks of a document, continuation lines joined."""
    for block in re.findall(r"^```(?:sh|shell|console|bash)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.removeprefix("$ ").partition("  #")[0].strip()
            if re.match(r"([A-Z_]+=\S+ )*(sudo )?(\./)?gnomon ", line) or " ./gnomon " in line:
                yield line


def test_gnomon_commands_in_documents_parse(root: Path) -> None:
    checked = 0
    for path in documents(root):
        if path.name == docs.COMMANDS_MD.name:
            continue
        for line in shell_lines(path.read_text(encoding="utf-8")):
            check_shell_line(line)
            checked += 1
    assert checked > 10


@pytest.mark.parametrize(
    "line", ["gnomon inventroy", "gnomon report --fromat csv", "true && ./gnomon demo --nope"]
)
def test_a_wrong_command_in_a_document_is_found(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match="does not parse"):
        check_shell_line(line)
    capsys.readouterr()


# --- fields -------------------------------------------------------------------------------------------


def test_events_md_lists_every_field_kind_and_grade(root: Path) -> None:
    text = (root / "docs" / "events.md").read_text(encoding="utf-8")
    documented = rows(text)
    fields = [field.name.rstrip("_") for field in dataclasses.fields(model.Event)]
    assert sorted(documented["events"]) == sorted(fields)
    assert documented["kinds"] == [str(kind) for kind in model.EventKind]
    for enum in (model.Grade, model.Verdict, model.Proves, model.Direction, model.Door):
        for value in enum:
            assert f"`{value}`" in text, f"{enum.__name__} {value}"


END = model.Endpoint("192.0.2.1", 443)
FULL: dict[str, model.Observation] = {
    "client_hello": model.ClientHelloSeen(
        ts=1.0, transport="tcp", client=END, server=END, server_name="a.example", alpn=("h2",),
        ja4="t13d", ja3="0" * 32,
    ),
    "dns_answer": model.DnsAnswer(
        ts=1.0, client=END, server=END, name="a.example", type="A", rcode="NOERROR",
        answers=(model.DnsRecord("a.example", "A", "192.0.2.1", 60),),
    ),
    "http_request": model.HttpRequest(
        ts=1.0, client=END, server=END, method="GET", host="a.example", user_agent="x", user="u",
        headers=(("accept", "*/*"),),
    ),
    "flow_end": model.FlowEnd(
        ts=1.0, transport="tcp", client=END, server=END, first=0.0, last=1.0, bytes_up=1, bytes_down=1,
        wire_bytes_up=1, wire_bytes_down=1, payload_bytes_up=1, payload_bytes_down=1, packets_up=1,
        packets_down=1, duplicate_packets=1, duplicate_bytes=1, duplicate_bytes_up=1,
        client_mac="02:00:00:00:00:01",
    ),
    "weird": model.Weird(ts=1.0, name="odd", count=2),
}  # fmt: skip
"""One observation of each kind that ``observe`` prints, with everything known."""


def test_observe_md_lists_every_kind_and_field(root: Path) -> None:
    text = (root / "docs" / "observe.md").read_text(encoding="utf-8")
    documented = rows(text)
    common = documented["what `gnomon observe` prints"]
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert headings == list(FULL)
    for kind, observation in FULL.items():
        line = to_json(observation)
        assert line["kind"] == kind
        assert list(line) == common + documented[kind], kind


def test_observe_md_leaves_no_kind_out() -> None:
    """Every observation that the passive door prints is in ``FULL``; those of the proxy are not printed."""
    kinds = {cls.kind for cls in model.Observation.__subclasses__()}
    assert kinds - set(FULL) == {"connect_request", "exchange_end"}


def test_signatures_readme_lists_every_evidence_type(root: Path) -> None:
    from sensor.catalogue.records import EVIDENCE_TYPES

    text = (root / "signatures" / "README.md").read_text(encoding="utf-8")
    missing = [name for name in EVIDENCE_TYPES if f"`{name}`" not in text]
    assert not missing


def test_design_md_places_every_module(root: Path) -> None:
    text = (root / "docs" / "design.md").read_text(encoding="utf-8")
    table = text[text.index("## Layers") : text.index("## Words")]
    for name in layers.LAYERS:
        short = name.removeprefix("sensor.")
        assert name == "sensor" or re.search(rf"`{re.escape(short)}[/`.]", table), (
            f"{name} is not in the table"
        )


# --- the tree -----------------------------------------------------------------------------------------


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    broken = []
    for path in documents(root):
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            goal = (path.parent / file).resolve() if file else path
            if not goal.exists():
                broken.append(f"{path.relative_to(root)}: {target}")
            elif anchor and anchor not in anchors(goal.read_text(encoding="utf-8")):
                broken.append(f"{path.relative_to(root)}: no heading for {target}")
    assert not broken, "\n".join(broken)


def anchors(text: str) -> set[str]:
    """The anchors that headings of a document give, as Markdown viewers make them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# Written in pieces, so that this file does not hold them.
MACHINE = ["/" + "work/", "/" + "root/", "/ho" + "me/runner", "/tmp/" + "tmp.", "/tmp/" + "pytest-of"]
REGISTRIES = [
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "npm" + "js.org",
    "deb.debian" + ".org",
    "npm" + "js.com/",
]
LEFTOVERS = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]


def test_the_tree_names_no_machine_and_no_registry(root: Path) -> None:
    found = []
    for path in tree(root):
        name = path.relative_to(root)
        if path.suffix in {".pcap", ".pcapng", ".png", ".gz"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for word in (*MACHINE, *REGISTRIES):
            # A catalogue may have to tell a registry's host from an AI service.
            if word in text and not (word in REGISTRIES and name.parts[0] in ("signatures", "tests")):
                found.append(f"{name}: {word}")
        if path.suffix == ".py":
            found += [f"{name}: {word}" for word in LEFTOVERS if re.search(rf"\b{word}\b", text)]
    assert not found, "\n".join(found)


def test_changelog_has_the_current_version_first(root: Path) -> None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == VERSION


# --- dialects -----------------------------------------------------------------------------------------


def test_dialects_md_names_every_dialect_and_says_whether_it_is_confirmed(root: Path) -> None:
    text = (root / "docs/dialects.md").read_text("utf-8")
    said = dict(re.findall(r"^\| `(\w+)` \|.*\| (yes|no) \|$", text, re.MULTILINE))
    assert said == {
        dialect.value: "no" if dialect_module(dialect).UNCONFIRMED else "yes" for dialect in Dialect
    }
