"""
A home's own data on disk: its rules, what they name, and the tables that are made of it.

``load_custom`` reads ``signatures.d/detectors/*.yaml``, opens what the rules name beside them, and keeps the
compiled gates in the home's cache. An expression that is new is first compiled and timed in a child process
with limits on memory and time, so that what somebody wrote into a file cannot stop the sensor.

``build_exact_table`` and ``build_fingerprint`` make tables: rows stream through, hashes are sorted in
pieces on disk, and no cell and no word of a document is written anywhere.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import heapq
import json
import math
import mmap
import os
import resource
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from sensor.config import Home
from sensor.detect.custom.exact import (
    FIRST,
    MAX_COLUMNS,
    MAX_LENGTH,
    MAX_ROWS_OF_CELL,
    cell_of,
    header_of,
    is_number,
    records_of,
)
from sensor.detect.custom.expressions import Expression, read_expression
from sensor.detect.custom.fingerprints import MAX_DOCUMENTS, prints_of
from sensor.detect.custom.fingerprints import header_of as fingerprint_header
from sensor.detect.custom.gates import open_bounded
from sensor.detect.custom.parse import CustomRules, FileRef, PatternRule, parse_custom
from sensor.detect.custom.probing import adversaries
from sensor.detect.custom.regexes import Patterns
from sensor.detect.custom.scanner import CustomScanner, Gates, compile_gates, path_of, words_of
from sensor.detect.custom.tablefile import EXACT, FINGERPRINT, TAG, head, padding, tag_of
from sensor.detect.finding import Document
from sensor.detect.gate import ENGINE, GateError
from sensor.errors import ConfigError, Location, WorkError

__all__ = ["Built", "build_exact_table", "build_fingerprint", "load_custom", "probe"]

MAX_FILE = 16 * 1024 * 1024
"""Bytes of a file of rules or words."""
MAX_TABLE = 4 * 1024 * 1024 * 1024
MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a document that a fingerprint is made of."""
PIECE = 400_000
"""Records sorted at once."""

PROBE_S = 2.0
"""Wall time in which an expression has to be compiled and tried."""
PROBE_MEMORY = 1024 * 1024 * 1024
PROBE_BYTES = 1024 * 1024
PROBE_MS = 20.0
"""CPU time of one expression for ``PROBE_BYTES``."""

Progress = Callable[[int, int], None]
"""(done, of how many bytes)"""


def load_custom(home: Home, key: bytes) -> CustomScanner | None:
    """
    What a home's own files ask for, ready to scan; ``None`` where they ask nothing.

    Raises ``ConfigError`` for a file that is wrong, ``WorkError`` for one that cannot be read.
    """
    folder = home.signatures / "detectors"
    rules: list[CustomRules] = []
    digest = hashlib.sha256(f"{ENGINE} {sys.platform} {os.uname().machine}".encode())
    for code in sorted((Path(__file__).parent / "detect" / "custom").glob("*.py")):
        digest.update(code.read_bytes())
    for path in sorted(folder.rglob("*.yaml")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        text = _read_text(path)
        one = parse_custom(text, path.as_posix())
        if not one.is_empty:
            rules.append(one)
            digest.update(f"{len(text)} {path.as_posix()}\n{text}".encode("utf-8", "surrogatepass"))
    if not rules:
        return None
    _check_ids(rules)
    texts: dict[str, str] = {}
    tables: dict[str, memoryview] = {}
    for one in rules:
        for listed in one.keyword_files:
            shown = path_of(one, listed.file)
            texts[shown] = _read_text(Path(shown), listed.file)
            digest.update(f"{len(texts[shown])} {shown}\n{texts[shown]}".encode("utf-8", "surrogatepass"))
        for file, _ in (*one.exact, *one.fingerprints):
            shown = path_of(one, file)
            tables[shown] = _map(Path(shown), file)
    gates = _gates(home, rules, texts, digest.hexdigest()[:32])
    return CustomScanner(rules, key=key, texts=texts, tables=tables, gates=gates)


def _check_ids(rules: Sequence[CustomRules]) -> None:
    """An id is of one rule, whatever the file."""
    seen: dict[str, str] = {}
    for one in rules:
        ids = [
            *(rule.detector.id for rule in one.patterns),
            *(rule.detector.id for rule in one.keywords),
            *(rule.detector.id for rule in one.keyword_files),
            *(rule.detector.id for _, rule in one.exact),
            *(rule.detector.id for _, rule in one.fingerprints),
            *(rule.detector.id for _, rule in one.near),
        ]
        for identity in ids:
            if identity in seen:
                raise ConfigError(
                    f"{identity} is there already, in {seen[identity]}", where=Location(one.path),
                    hint="Give each rule an id of its own.",
                )  # fmt: skip
            seen[identity] = one.path


def _read_text(path: Path, named: FileRef | None = None) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        if named is not None:
            raise named.error(f"cannot be read: {error.strerror}", f"It is looked for at {path}.") from None
        raise WorkError(f"cannot read {path}: {error.strerror}") from error
    if len(raw) > MAX_FILE:
        raise ConfigError(f"longer than {MAX_FILE} bytes", where=Location(str(path)))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(
            "this is not UTF-8 text", where=Location(str(path), line), hint="Save the file as UTF-8."
        ) from None


def _map(path: Path, named: FileRef) -> memoryview:
    """A table as memory; its pages are read when they are needed."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not 0 < size <= MAX_TABLE:
                raise named.error("empty, or larger than a table may be", "Make it anew.")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise named.error(f"cannot be read: {error.strerror}", f"It is looked for at {path}.") from None


# --- gates, compiled once -----------------------------------------------------------------------------------
#
# First line: SHA-256 of the rest. Second: bytes of the patterns' gate. Then it, then the keywords' gate.


def _gates(home: Home, rules: Sequence[CustomRules], texts: dict[str, str], name: str) -> Gates:
    kept = home.cache / f"custom-{name}.bin"
    gates = _read_gates(kept)
    if gates is not None:
        with contextlib.suppress(GateError):
            # A gate of another processor is refused when it is opened.
            for compiled in filter(None, gates):
                open_bounded((), compiled)
            return gates
    probe([rule for one in rules for rule in one.patterns])
    gates = compile_gates(rules, words_of(rules, texts))
    _write_gates(kept, gates)
    return gates


def _read_gates(path: Path) -> Gates | None:
    """The gates, where nobody else can have written them: they are read by C code."""
    try:
        for place in (path.parent, path):
            said = place.stat()
            if said.st_uid != os.geteuid() or said.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
        digest, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        length, _, rest = body.partition(b"\n")
        return Gates(rest[: int(length)], rest[int(length) :])
    except (OSError, ValueError):
        return None


def _write_gates(path: Path, gates: Gates) -> None:
    """Write them whole or not at all; that they could not be written is no one's trouble."""
    body = b"%d\n" % len(gates.patterns) + gates.patterns + gates.keywords
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in path.parent.glob("custom-*.bin"):
            old.unlink(missing_ok=True)
        with _whole(path) as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its place when all of it is written."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# --- expressions, tried in a child --------------------------------------------------------------------------


def probe(rules: Sequence[PatternRule]) -> None:
    """
    Compile and time every expression in a child process on texts that are bad for it.

    Raises ``ConfigError`` at the first that takes too long, or too much memory.
    """
    if not rules:
        return
    lines = "".join(json.dumps(rule.expression.pattern) + "\n" for rule in rules)
    root = str(Path(__file__).parent.parent)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import sensor.detect_custom_files as f\nf.probe_child()"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, root], input=lines.encode(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=30 + PROBE_S * len(rules), check=False,
        )  # fmt: skip
        answers = [json.loads(line) for line in done.stdout.splitlines()]
    except subprocess.TimeoutExpired as late:
        answers = [json.loads(line) for line in (late.stdout or b"").splitlines() if line.endswith(b"}")]
    for rule, answer in zip(rules, answers, strict=False):
        _judge(rule, answer)
    if len(answers) < len(rules):
        raise ConfigError(
            f"took more than {PROBE_S:.0f} s or {PROBE_MEMORY // (1024 * 1024)} MB to compile and try",
            where=rules[len(answers)].location,
            hint="Make it simpler: fewer repeats, fewer alternatives.",
        )


def _judge(rule: PatternRule, answer: dict[str, float | str]) -> None:
    if "error" in answer:
        raise ConfigError(
            f"not an expression for the gate: {answer['error']}", where=rule.location,
            hint="Line ends (^ and $) stand at the ends of an expression only.",
        )  # fmt: skip
    if float(answer["ms"]) > PROBE_MS:
        raise ConfigError(
            f"too slow on a text made for it: {float(answer['ms']):.0f} ms for {PROBE_BYTES // 1024} KB",
            where=rule.location,
            hint="Repeats of any character (.{20}) and many alternatives that begin alike cost most.",
        )


def probe_child() -> None:
    """The child: an expression a line in, an answer a line out. What takes too long ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (PROBE_MEMORY, PROBE_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, PROBE_S)
        answer = probe_one(read_expression(json.loads(line)))
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def probe_one(expression: Expression) -> dict[str, float | str]:
    """CPU milliseconds: the worst of several texts, the best of some runs."""
    try:
        patterns = Patterns.of_one(expression)
    except GateError as error:
        return {"error": str(error)}
    worst = 0.0
    for text in adversaries(expression, PROBE_BYTES):
        worst = max(worst, _best(partial(patterns.scan, Document(text))) / _slowness())
        if worst > PROBE_MS:
            break
    return {"ms": worst}


MAX_FIELD = 128 * 1024
"""Characters of one cell of a CSV file."""

REFERENCE_MS = 2.5
"""What ``_reference`` takes on a quiet core of the machine that ``PROBE_MS`` was set on."""


def _slowness() -> float:
    """How many times slower than that this process runs now: other work, an older core, a tracer. 1 to 8."""
    return min(8.0, max(1.0, _best(_reference) / REFERENCE_MS))


def _reference() -> int:
    total = 0
    for number in range(50_000):
        if number & 3:
            total += number
    return total


def _best(work: Callable[[], object]) -> float:
    best = math.inf
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, 1000 * (time.process_time() - began))
        if best < PROBE_MS / 4:
            break
    return best


# --- exact data ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a table was made of."""

    rows: int
    """Rows of the file, or documents."""
    cells: int
    """Cells in the table, or runs of words."""
    left_out: int
    """Cells that say nothing: empty, too long, or in too many rows; documents with too few words."""
    size: int
    """Bytes of the table."""


_RECORD = struct.Struct(">QIB")
_RUN = struct.Struct(">QH")


class _Sorter:
    """Records by their bytes, sorted in pieces that are kept in unnamed files."""

    def __init__(self, folder: Path, width: int) -> None:
        self.folder = folder
        self.width = width
        self.piece: list[bytes] = []
        self.files: list[IO[bytes]] = []

    def add(self, record: bytes) -> None:
        self.piece.append(record)
        if len(self.piece) >= PIECE:
            self.spill()

    def spill(self) -> None:
        self.piece.sort()
        file = tempfile.TemporaryFile(dir=self.folder)
        file.write(b"".join(self.piece))
        file.seek(0)
        self.files.append(file)
        self.piece = []

    def ordered(self) -> Iterable[bytes]:
        """All of them, each once."""
        self.piece.sort()
        last = b""
        for record in heapq.merge(*(self.read(file) for file in self.files), self.piece):
            if record != last:
                yield record
            last = record

    def read(self, file: IO[bytes]) -> Iterator[bytes]:
        while block := file.read(self.width * 8192):
            for at in range(0, len(block), self.width):
                yield block[at : at + self.width]

    def close(self) -> None:
        for file in self.files:
            file.close()


class _Column:
    """A section of a table on its way to the file."""

    def __init__(self, folder: Path, code: str) -> None:
        self.file = tempfile.TemporaryFile(dir=folder)
        self.buffer = array(code)
        self.length = 0

    def add(self, value: int) -> None:
        self.buffer.append(value)
        if len(self.buffer) >= 65_536:
            self.flush()

    def flush(self) -> None:
        raw = self.buffer.tobytes()
        self.file.write(raw)
        self.length += len(raw)
        del self.buffer[:]

    def chunks(self) -> Iterator[bytes]:
        self.file.seek(0)
        while block := self.file.read(1 << 20):
            yield block
        yield padding(self.length)


def build_exact_table(
    csv_path: Path,
    columns: Sequence[str] | None,
    key: bytes,
    out_path: Path,
    progress: Progress | None = None,
) -> Built:
    """
    The table of a CSV file with a first line of names; ``columns`` names those that count (``None``: all).

    Any number of rows in bounded memory; ``progress`` is told bytes. Raises ``WorkError``, or
    ``ConfigError`` with the line.
    """
    sorter = _Sorter(out_path.parent, _RECORD.size)
    lengths = numbers = rows = left_out = 0
    names: list[str] = []
    try:
        with contextlib.ExitStack() as stack:
            for row, cells in _rows(csv_path, columns, names, progress, stack):
                rows = row + 1
                for column, text in cells:
                    cell = cell_of(text)
                    if cell is None:
                        left_out += bool(text.strip())
                        continue
                    lengths |= 1 << len(cell.text)
                    if is_number(cell.text):
                        numbers |= 1 << len(cell.text)
                    for value, number, place in records_of(key, text, row, column):
                        sorter.add(_RECORD.pack(value, number, place))
        sections, cells_in, dropped = _exact_sections(sorter, out_path.parent)
    except OSError as error:
        raise WorkError(f"cannot make {out_path}: {error.strerror}") from error
    finally:
        sorter.close()
    header = header_of(names, lengths & ((1 << (MAX_LENGTH + 1)) - 1), numbers, rows, cells_in)
    size = _assemble(EXACT, key, header, sections, out_path)
    return Built(rows=rows, cells=cells_in, left_out=left_out + dropped, size=size)


def _rows(
    path: Path,
    columns: Sequence[str] | None,
    names: list[str],
    progress: Progress | None,
    stack: contextlib.ExitStack,
) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """(number, [(column, cell)]) of every row; fills ``names``."""
    try:
        file = stack.enter_context(path.open(encoding="utf-8-sig", newline=""))
        total = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise WorkError(f"cannot read {path}: {error.strerror}") from error
    done = read = 0
    csv.field_size_limit(MAX_FIELD)

    def lines() -> Iterator[str]:
        nonlocal done, read
        for line in file:
            done += len(line)
            read += 1
            yield line

    source = lines()
    try:
        first = next(source, "")
        delimiter = max(",;\t|", key=first.count)
        head_row = next(csv.reader([first], delimiter=delimiter), [])
        wanted = _wanted(path, [name.strip() for name in head_row], columns)
        names.extend(name for _, name in wanted)
        reader = csv.reader(source, delimiter=delimiter)
        number = -1
        for number, cells in enumerate(reader):
            yield number, [(place, cells[at]) for place, (at, _) in enumerate(wanted) if at < len(cells)]
            if progress is not None and number % 5_000 == 4_999:
                progress(min(done, total), total)
        if number < 0:
            raise ConfigError("no rows", where=Location(str(path)), hint="The first line names the columns.")
        if progress is not None:
            progress(total, total)
    except UnicodeDecodeError:
        where = Location(str(path))
        raise ConfigError("this is not UTF-8 text", where=where, hint="Save it as UTF-8.") from None
    except csv.Error as error:
        where = Location(str(path), read)
        raise ConfigError(f"not a CSV file: {error}", where=where) from None


def _wanted(path: Path, names: list[str], columns: Sequence[str] | None) -> list[tuple[int, str]]:
    where = Location(str(path), 1)
    if not any(names):
        raise ConfigError("no names of columns", where=where, hint="The first line names the columns.")
    wanted = []
    for name in names if columns is None else columns:
        if name not in names:
            hint = f"Columns are {', '.join(names[:40])}."
            raise ConfigError(f'no column "{name}"', where=where, hint=hint)
        wanted.append((names.index(name), name))
    if len(wanted) > MAX_COLUMNS:
        hint = "Name those that tell a person apart."
        raise ConfigError(f"more than {MAX_COLUMNS} columns", where=where, hint=hint)
    return wanted


def _exact_sections(sorter: _Sorter, folder: Path) -> tuple[list[_Column], int, int]:
    """The sections, how many cells they hold, how many were too common."""
    hashes, offsets, rows, places, firsts, words = (_Column(folder, code) for code in "QQIBQB")
    kept = dropped = 0
    for value, group in _groups(_RECORD.unpack(record) for record in sorter.ordered()):
        if group[0][1] == FIRST:
            firsts.add(value)
            words.add(max(number for number, _ in group))
            continue
        if len(group) > MAX_ROWS_OF_CELL:
            dropped += len(group)
            continue
        hashes.add(value)
        offsets.add(kept)
        for row, column in group:
            rows.add(row)
            places.add(column)
        kept += len(group)
    offsets.add(kept)
    return [hashes, offsets, rows, places, firsts, words], kept, dropped


def _groups(records: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Records of one hash together."""
    value = -1
    group: list[tuple[int, int]] = []
    for record in records:
        if record[0] != value:
            if group:
                yield value, group
            value, group = record[0], []
        group.append((record[1], record[2]))
    if group:
        yield value, group


def _assemble(magic: bytes, key: bytes, header: bytes, sections: Sequence[_Column], out_path: Path) -> int:
    for section in sections:
        section.flush()
    begin = head(magic, key, header, [section.length for section in sections])

    def chunks(file: IO[bytes]) -> Iterator[bytes]:
        for chunk in (begin, *(chunk for section in sections for chunk in section.chunks())):
            file.write(chunk)
            yield chunk

    try:
        with _whole(out_path) as file:
            file.write(tag_of(key, chunks(file)))
    except OSError as error:
        raise WorkError(f"cannot write {out_path}: {error.strerror}") from error
    finally:
        for section in sections:
            section.file.close()
    return len(begin) + sum(section.length + len(padding(section.length)) for section in sections) + TAG


# --- fingerprints -------------------------------------------------------------------------------------------

MAX_DOCUMENTS_OF_RUN = 64
"""A run of words in more documents is boilerplate, and is left out."""


def build_fingerprint(
    paths: Sequence[Path], key: bytes, out_path: Path, progress: Progress | None = None
) -> Built:
    """
    The fingerprints of text files.

    Files of other kinds are to be turned into text before. Raises ``WorkError``.
    """
    if len(paths) > MAX_DOCUMENTS:
        raise WorkError(f"more than {MAX_DOCUMENTS} documents", hint="Make several fingerprints.")
    sorter = _Sorter(out_path.parent, _RUN.size)
    sizes: list[int] = []
    left_out = 0
    try:
        for number, path in enumerate(paths):
            prints = prints_of(key, _document(path))
            left_out += not prints
            sizes.append(len(prints))
            for value in prints:
                sorter.add(_RUN.pack(value, number))
            if progress is not None:
                progress(number + 1, len(paths))
        hashes, documents, counts = (_Column(out_path.parent, code) for code in "QHI")
        kept = 0
        for value, group in _groups((*_RUN.unpack(record), 0) for record in sorter.ordered()):
            if len(group) <= MAX_DOCUMENTS_OF_RUN:
                for number, _ in group:
                    hashes.add(value)
                    documents.add(number)
                kept += len(group)
        for size in sizes:
            counts.add(size)
    except OSError as error:
        raise WorkError(f"cannot make {out_path}: {error.strerror}") from error
    finally:
        sorter.close()
    size = _assemble(FINGERPRINT, key, fingerprint_header(sizes), [hashes, documents, counts], out_path)
    return Built(rows=len(paths), cells=kept, left_out=left_out, size=size)


def _document(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_DOCUMENT + 1)
    except OSError as error:
        raise WorkError(f"cannot read {path}: {error.strerror}") from error
    if len(raw) > MAX_DOCUMENT:
        raise WorkError(f"{path} is longer than {MAX_DOCUMENT} bytes")
    return raw.decode("utf-8", "replace")
