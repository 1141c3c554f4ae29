"""
Listings that a program wrote: diffs, database dumps, stack traces, environments, configurations.

Each has a head and lines of a shape. A head alone is a mention; it takes the lines under it too. The span
goes from the head to the last line of the shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.documents.lines import MAX_LINE, clusters, line_around, lines_after

__all__ = ["scan_config", "scan_diff", "scan_dump", "scan_env", "scan_trace"]

DIFF: Final = "code.diff"
DUMP: Final = "code.sql_dump"
TRACE: Final = "code.stack_trace"
ENV: Final = "code.env_file"
CONFIG: Final = "code.config_dump"

MAX_LINES: Final = 2_000
"""Lines of one listing."""


def _sized(low: float, high: float, lines: int) -> float:
    """A score that grows with the number of lines."""
    return round(min(high, low + 0.02 * lines), 3)


# --- diffs --------------------------------------------------------------------------------------------------

_DIFF_LINE: Final = lazily(
    rb"(?:[-+ \\@]|diff |index |new file|deleted file|similarity |rename |old mode|new mode"
    rb"|Binary files|Index: |===|$|\r)"
)


def scan_diff(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Unified diffs and patches: a file's head or a hunk's, and changed lines."""
    data = document.data
    done = -1
    for _, end in hits:
        if end <= done:
            continue
        start, _ = line_around(data, end - 1)
        last = changed = hunks = 0
        for first, stop in lines_after(data, start, MAX_LINES):
            line = data[first : min(stop, first + MAX_LINE)]
            if not _DIFF_LINE.match(line):
                break
            if line.startswith(b"@@ -"):
                hunks += 1
            elif line[:1] in (b"+", b"-") and not line.startswith((b"+++", b"---")):
                changed += 1
            if stop > first:
                last = stop
        done = max(last, end)
        if hunks and changed:
            score = _sized(0.5, 0.8, changed)
            yield Candidate(start, last, DIFF, score, False, (f"{hunks} changed places of files",))


# --- database dumps -----------------------------------------------------------------------------------------


def scan_dump(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """SQL dumps: a tool's head, or tables made and filled."""
    data = document.data
    for group in clusters(hits, 4_000):
        counts: dict[str, int] = {}
        for tag, _ in group:
            counts[tag] = counts.get(tag, 0) + 1
        inserts, tables = counts.get("insert", 0), counts.get("table", 0)
        start, _ = line_around(data, group[0][1] - 1)
        _, end = line_around(data, group[-1][1] - 1)
        if "tool" in counts or "copy" in counts:
            score, reason = 0.8 if inserts or tables or "copy" in counts else 0.5, "the head of a dump"
        elif inserts >= 5 or (tables and inserts >= 2):
            score, reason = _sized(0.55, 0.8, inserts), "many rows put into tables"
        elif inserts + tables >= 3:
            score, reason = 0.5, "several tables or rows"
        else:
            # A question about one statement.
            score, reason = 0.3, "a table or a row"
        yield Candidate(start, end, DUMP, score, False, (reason,))


# --- stack traces -------------------------------------------------------------------------------------------

_FRAME: Final = lazily(
    rb"\s*(?:File \"[^\"\n]{1,200}\", line \d"  # Python
    rb"|at [\w.$<>\[\]`/ ]{1,200}\([^()\n]{1,160}\)|at [^\n]{1,200}:\d{1,6}:\d{1,6}"
    rb"|at [^\n]{1,200}\) in [^\n]{1,200}:line \d"
    rb"|\.\.\. \d{1,4} (?:more|common frames)|Caused by: |Suppressed: "  # Java, JavaScript, .NET
    rb"|[\w./*()-]{1,160}\([^()\n]{0,120}\)$|\t?[/\w.@-]{1,200}\.go:\d{1,6}"  # Go
    rb"|\d{1,3}: [^\n]{1,200}|at [/.\w-]{1,200}\.rs:\d"  # Rust
    rb"|(?:from )?[/.\w-]{1,200}\.rb:\d{1,6}:in|#\d{1,3} [^\n]{1,200}|[ ]{4,}\S|goroutine \d"
    rb"|created by |\[.{1,20}\]:|thread '"
    rb"|[\w.]{1,80}(?:Error|Exception|Warning)\b|During handling|The above exception|Traceback"
    rb"|stack backtrace|PHP |\^|~)",
)
_PATH: Final = lazily(rb"(?:/(?:home|Users|srv|opt|var|usr|app|root|mnt|builds?)/|[A-Z]:\\)[\w.@-]")


def scan_trace(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Stack traces: a head and frames, or frames alone."""
    data = document.data
    done = -1
    for group in clusters(hits, 1_500):
        start, _ = line_around(data, max(0, group[0][1] - 1))
        if start <= done:
            continue
        frames = 0
        last = start
        for number, (first, stop) in enumerate(lines_after(data, start, 300)):
            line = data[first : min(stop, first + MAX_LINE)]
            if line.strip() and number and not _FRAME.match(line):
                break
            if line.strip():
                frames += 1
                last = stop
        done = last
        heads = len({tag for tag, _ in group})
        if frames < 3 or (heads < 2 and len(group) < 3 and group[0][0] != "head"):
            continue
        has_paths = _PATH.search(data, start, last) is not None
        score = _sized(0.6 if has_paths else 0.5, 0.85 if has_paths else 0.7, frames)
        reasons = (f"{frames} lines of a stack trace", *(("with paths of a machine",) if has_paths else ()))
        yield Candidate(start, last, TRACE, score, False, reasons)


# --- environments -------------------------------------------------------------------------------------------

_ASSIGNMENT: Final = lazily(rb"(?:export )?([A-Z][A-Z0-9_]{1,60})=(.*)")
_TELLING: Final = lazily(
    rb"(?:PASSWORD|PASSWD|SECRET|TOKEN|_KEY|CREDENTIAL|DATABASE|_URL|_URI|_DSN|_HOST|_USER|_PORT|_ENV"
    rb"|DB_|AWS_|APP_|SMTP_|REDIS_)"
)


def scan_env(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """``.env`` files and printed environments: line after line of NAME=value."""
    data = document.data
    for group in clusters(hits, 400):
        if len(group) < 4:
            continue
        start, _ = line_around(data, group[0][1] - 1)
        names = telling = other = 0
        last = start
        for first, stop in lines_after(data, start, MAX_LINES):
            line = data[first : min(stop, first + MAX_LINE)].strip()
            found = _ASSIGNMENT.match(line)
            if found is not None:
                names += 1
                telling += _TELLING.search(found[1]) is not None
                last = first + len(data[first:stop].rstrip())
            elif line and not line.startswith((b"#", b";")):
                other += 1
                if other > 1 + names // 4:
                    break
        if names >= 4 and telling >= 2:
            score = _sized(0.5, 0.8, names)
            yield Candidate(start, last, ENV, score, False, (f"{names} variables of an environment",))


# --- configurations -----------------------------------------------------------------------------------------


def scan_config(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Configurations of devices and services: signs of one kind that stand together."""
    data = document.data
    kinds: dict[str, list[Hit]] = {}
    for tag, end in hits:
        kinds.setdefault(tag.partition("_")[0], []).append((tag, end))
    for kind, its in kinds.items():
        for group in clusters(its, 3_000):
            signs = len({tag for tag, _ in group})
            if signs < 2 and len(group) < 4:
                continue
            start, _ = line_around(data, group[0][1] - 1)
            _, end = line_around(data, group[-1][1] - 1)
            score = _sized(0.5 + 0.05 * signs, 0.8, len(group))
            yield Candidate(
                start, end, CONFIG, score, False, (f"{signs} signs of a {_KINDS.get(kind, kind)}",)
            )


_KINDS: Final = {
    "cisco": "router's configuration",
    "kube": "cluster's secrets or access",
    "terraform": "state of Terraform",
    "web": "web application's configuration",
    "spring": "service's properties",
    "npm": "registry's access",
    "mysqld": "database server's configuration",
    "vpn": "tunnel's configuration",
    "nginx": "web server's configuration",
}
