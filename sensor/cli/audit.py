"""``gnomon audit``: is the log what was signed, what stands in it, and the proof that something does."""

from __future__ import annotations

import argparse
import base64
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from sensor.cli.common import add_home, add_json
from sensor.config import Home, find_home
from sensor.entries import open_content, read_entry
from sensor.errors import Malformed, UsageError, WorkError
from sensor.store.keys import load_verifier
from sensor.store.reader import Store
from sensor.store.verify import Held, Verification, verify
from sensor.tlog.checkpoint import open_checkpoint
from sensor.tlog.note import Verifier, parse_verifier
from sensor.tlog.proofs import format_proof, inclusion_proof
from sensor.tlog.tiles import TileReader
from sensor.tlog.tree import hash_leaf

__all__ = ["MAX_HELD_BYTES", "configure", "run", "split_notes"]


MAX_HELD_BYTES = 256 * 1024 * 1024
"""Bytes read of one file of kept checkpoints."""

_VERIFY = """\
Check every entry, tile, checkpoint, personal value, event row and sum against what was signed, and name
the first bad entry.

Who holds the database and the key can rewrite all of it so that it agrees with itself. A checkpoint that
was kept elsewhere (gnomon audit show --checkpoint > monday.note) shows that: the log has to begin with the
tree that the checkpoint names. The first bad entry is named where entries and tiles disagree; where both
were rewritten the range is named, and several kept checkpoints make it smaller. A log that was cut at its
end is only found out by a checkpoint of what was cut."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``verify``, ``show`` and ``prove``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    check = actions.add_parser(
        "verify",
        help="check the log, and all that is derived from it, against what was signed; else exit 1",
        description=_VERIFY,
        epilog="examples:\n  gnomon audit verify\n  gnomon audit verify --checkpoint monday.note\n"
        "  gnomon audit verify --checkpoint monday.note --checkpoint tuesday.note --key log.vkey",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument(
        "--checkpoint", metavar="FILE", action="append", default=[],
        help="a checkpoint kept earlier, or several one after the other (- for stdin); may be repeated",
    )  # fmt: skip
    check.add_argument(
        "--key", metavar="KEY",
        help="the log's verifier key, or a file with it (default: keys/log.vkey of the home)",
    )  # fmt: skip

    show = actions.add_parser(
        "show",
        help="the log in a few lines, one entry, or the newest checkpoint to be kept elsewhere",
        description="The log in a few lines; with INDEX one entry; with --checkpoint the newest checkpoint,\n"
        "to be kept where nobody who can write the database can write.",
        epilog="examples:\n  gnomon audit show\n  gnomon audit show 17\n"
        "  gnomon audit show --checkpoint > monday.note\n  gnomon audit show --checkpoint --all > all.notes",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument("index", nargs="?", type=int, metavar="INDEX", help="number of an entry, from 0")
    show.add_argument("--checkpoint", action="store_true", help="print the newest checkpoint, nothing else")
    show.add_argument(
        "--all", action="store_true",
        help="with --checkpoint: every one that is stored, which tells a later fault to the batch",
    )  # fmt: skip

    prove = actions.add_parser(
        "prove",
        help="a proof that an entry is in the log, for someone who has only the log's key",
        description="A proof that an entry is in the log, as a C2SP tlog-proof: index, hashes and the signed "
        "checkpoint. With --json the entry's body and leaf hash as well.",
        epilog="examples:\n  gnomon audit prove 17 > 17.tlog-proof\n  gnomon audit prove 17 --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    prove.add_argument("index", type=int, metavar="INDEX", help="number of an entry, from 0")

    for action in (check, show, prove):
        add_home(action)
        add_json(action)


def run(args: argparse.Namespace) -> int:
    home = find_home(args.home)
    match args.action:
        case "verify":
            return _verify(args, home)
        case "show":
            return _show(args, home)
        case _:
            return _prove(args, home)


# --- verify -----------------------------------------------------------------------------------------------


def _verify(args: argparse.Namespace, home: Home) -> int:
    verifier = _verifier(args.key, home)
    held = [item for name in args.checkpoint for item in _read_held(name)]
    with Store(home.database) as store:
        found = verify(store.connection, verifier, held)
    if args.json:
        print(json.dumps(_as_json(found, verifier), ensure_ascii=False))
    else:
        _print(found, verifier)
    return 0 if found.ok else 1


def _verifier(key: str | None, home: Home) -> Verifier:
    if key is None:
        return load_verifier(home.keys)
    text = key
    # A key holds two plus signs; a file's name may too, so a file that is there comes first.
    if Path(key).is_file() or "+" not in key:
        try:
            text = Path(key).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read the key file {key}: {error}") from error
    try:
        return parse_verifier(text.strip())
    except Malformed as error:
        raise UsageError(
            f"--key is not a verifier key ({error.name})",
            hint="It looks like gnomon/5f3a90c1+c74f20a3+ARpc2Q… and stands in keys/log.vkey of the home.",
        ) from error


def _read_held(name: str) -> list[Held]:
    """The notes in a file. What is no note stays in one piece, for ``verify`` to say so."""
    try:
        if name == "-":
            name, data = "the checkpoint on stdin", sys.stdin.buffer.read(MAX_HELD_BYTES + 1)
        else:
            with open(name, "rb") as file:
                data = file.read(MAX_HELD_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read the checkpoint {name}: {error.strerror}") from error
    if len(data) > MAX_HELD_BYTES:
        raise UsageError(f"{name} is too long to be checkpoints ({MAX_HELD_BYTES:,} bytes are the most)")
    notes = split_notes(data)
    if len(notes) == 1:
        return [Held(name, data)]
    return [Held(f"{name} (number {number})", note) for number, note in enumerate(notes, 1)]


def split_notes(data: bytes) -> list[bytes]:
    """Notes that stand one after the other: each ends with lines that begin with an em dash and a space."""
    notes: list[bytes] = []
    part: list[bytes] = []
    was_signature = False
    for line in data.splitlines(keepends=True):
        is_signature = line.startswith("\N{EM DASH} ".encode())
        if was_signature and not is_signature:
            notes.append(b"".join(part))
            part = []
        part.append(line)
        was_signature = is_signature
    notes.append(b"".join(part))
    return notes


def _print(found: Verification, verifier: Verifier) -> None:
    if found.ok:
        print(
            f"ok: {found.entries:,} entries of {found.origin} are what was signed "
            f"({found.checkpoints:,} checkpoints, key {verifier.text()})"
        )
        for name, size in found.held:
            print(f"ok: the log begins with the {size:,} entries of {name}")
        if not found.held:
            print(
                "The key's holder could have rewritten all of it: keep checkpoints elsewhere "
                "(gnomon audit show --checkpoint) and verify against them (--checkpoint FILE).",
                file=sys.stderr,
            )
        return
    print(f"NOT OK: {found.origin}, {found.entries:,} entries. {_first(found)}")
    for problem in found.problems:
        print(f"  {problem.what}")
    more = found.count - len(found.problems)
    if more:
        print(f"  and {more:,} more problems")
    for name, size in found.held:
        print(f"  (the log does begin with the {size:,} entries of {name})")


def _first(found: Verification) -> str:
    known, within = found.first_bad, found.first_range
    if within is not None:
        also = f"; entry {known} is surely bad" if known is not None else ""
        return f"The first bad entry is one of {within[0]} to {within[1]}{also}."
    if known is not None:
        return f"First bad entry: {known}."
    return "No entry is bad; what was made of the entries is."


def _as_json(found: Verification, verifier: Verifier) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "origin": found.origin,
        "key": verifier.text(),
        "entries": found.entries,
        "checkpoints": found.checkpoints,
        "root": None if found.root is None else base64.b64encode(found.root).decode(),
        "first_bad_entry": found.first_bad if found.first_range is None else None,
        "first_bad_range": found.first_range,
        "held": [{"name": name, "size": size} for name, size in found.held],
        "problem_count": found.count,
        "problems": [
            {"kind": problem.kind, "what": problem.what, "first": problem.first, "last": problem.last}
            for problem in found.problems
        ],
    }


# --- show -------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace, home: Home) -> int:
    if args.checkpoint and args.index is not None:
        raise UsageError("show takes either INDEX or --checkpoint")
    if args.all and not args.checkpoint:
        raise UsageError("--all goes with --checkpoint")
    with Store(home.database) as store:
        if args.index is not None:
            return _show_entry(args, store)
        note = store.newest_checkpoint()
        if note is None:
            raise WorkError("the log is empty: no checkpoint has been signed yet")
        if args.checkpoint:
            for one in store.checkpoints() if args.all else [note]:
                if args.json:
                    print(json.dumps({"note": one}, ensure_ascii=False))
                else:
                    sys.stdout.write(one)
            return 0
        verifier = load_verifier(home.keys)
        facts = {
            "origin": store.origin,
            "entries": store.size,
            "root": store.root,
            "checkpoints": store.connection.execute("SELECT count(*) FROM checkpoint").fetchone()[0],
            "key": verifier.text(),
            "database": str(home.database),
        }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        for name, value in facts.items():
            print(f"{name + ':':13}{value}")
    return 0


def _show_entry(args: argparse.Namespace, store: Store) -> int:
    facts = _entry(store, args.index)
    print(json.dumps(facts, ensure_ascii=False, indent=None if args.json else 2))
    return 0


def _entry(store: Store, index: int) -> dict[str, Any]:
    body = _body(store, index)
    facts: dict[str, Any] = {"index": index}
    try:
        entry = read_entry(body)
        rows = store.connection.execute("SELECT field, salt, value FROM content WHERE idx = ?", (index,))
        personal, erased = open_content(entry, rows)
    except Malformed as error:
        raise WorkError(
            f"entry {index} is damaged ({error.name})", hint="See what happened with: gnomon audit verify"
        ) from error
    facts |= {"type": entry.type, "fields": dict(entry.fields), "personal": personal}
    if erased:
        facts["erased"] = erased
    return facts


def _body(store: Store, index: int) -> bytes:
    try:
        row = store.connection.execute("SELECT body FROM entry WHERE idx = ?", (index,)).fetchone()
    except (OverflowError, sqlite3.Error):
        row = None
    if row is None:
        raise UsageError(f"there is no entry {index}", hint=f"Entries count from 0; there are {store.size}.")
    return bytes(row[0])


# --- prove ------------------------------------------------------------------------------------------------


def _prove(args: argparse.Namespace, home: Home) -> int:
    verifier = load_verifier(home.keys)
    with Store(home.database) as store:
        body = _body(store, args.index)
        note = store.newest_checkpoint() or ""

        def read_tile(level: int, n: int) -> bytes:
            row = store.connection.execute(
                "SELECT data FROM tile WHERE level = ? AND n = ?", (level, n)
            ).fetchone()
            return b"" if row is None else bytes(row[0])

        try:
            checkpoint = open_checkpoint(note.encode(), verifier)
            subtree = TileReader(read_tile).subtree
            proof = inclusion_proof(args.index, checkpoint.size, subtree)
        except (Malformed, ValueError) as error:
            raise WorkError(
                f"entry {args.index} cannot be proved: {error}",
                hint="See what happened with: gnomon audit verify",
            ) from error
    if args.json:
        facts = {
            "index": args.index,
            "size": checkpoint.size,
            "leaf": base64.b64encode(hash_leaf(body)).decode(),
            "proof": [base64.b64encode(node).decode() for node in proof],
            "root": base64.b64encode(checkpoint.root).decode(),
            "checkpoint": note,
            "key": verifier.text(),
            "body": base64.b64encode(body).decode(),
        }
        print(json.dumps(facts, ensure_ascii=False))
    else:
        sys.stdout.write(format_proof(args.index, proof, note))
    return 0
