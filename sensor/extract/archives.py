"""
Archives and single compressed files: their members as files in files, and the names they bear.

tar is read by hand: long names (GNU, pax), sparse members only as far as bytes stand in the archive. A
member's size never makes anything be allocated that is not there.

Source: POSIX.1-2017 pax interchange format; GNU tar manual, "Basic Tar Format"; RFC 1952 (gzip).
"""

from __future__ import annotations

from sensor.extract import inflating
from sensor.extract.budget import Stop
from sensor.extract.source import Source
from sensor.extract.zips import open_archive

__all__ = ["read_compressed", "read_tar", "read_zip"]

_MEMBER_BYTES = 48 * 1024 * 1024
"""What one member may expand to."""


def read_zip(source: Source) -> None:
    """Every member of a ZIP, those that its directory hides too."""
    archive = open_archive(source.data, source.budget)
    source.say("name", "archive members", "\n".join(member.name for member in archive.members))
    if archive.comment:
        source.say("comment", "zip comment", archive.comment)
    for member in archive.members:
        source.budget.member()
        if member.comment:
            source.say("comment", member.name, member.comment)
        if member.name.endswith("/") and not member.size:
            continue
        with source.trying():
            source.nested(archive.read(member, _MEMBER_BYTES), member.name, counted=True)


def read_compressed(source: Source) -> None:
    """gzip, bzip2, xz, zstd: the one file inside, with the name and comment that gzip keeps."""
    data = source.data
    coding = (
        "gzip"
        if data[:2] == b"\x1f\x8b"
        else "bzip2"
        if data[:3] == b"BZh"
        else "xz"
        if data[:1] == b"\xfd"
        else "zstd"
    )
    name = _inner_name(source, coding)
    if coding == "gzip":
        name = _gzip_names(source) or name
    inside, problem = inflating.whole(source.budget, data, coding, _MEMBER_BYTES)
    if problem is not None:
        source.budget.problem(problem)
    if problem != "bomb":
        source.nested(inside, name)


def _inner_name(source: Source, coding: str) -> str:
    name = (source.name or "").rpartition("/")[2]
    low = name.lower()
    for suffix, inner in (
        (".tgz", ".tar"), (".tbz2", ".tar"), (".txz", ".tar"), (".gz", ""), (".bz2", ""), (".xz", ""),
        (".zst", ""), (".svgz", ".svg"),
    ):  # fmt: skip
        if low.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + inner
    return f"{coding} content"


def _gzip_names(source: Source) -> str | None:
    """The file name in a gzip header; the comment is said."""
    data = source.data
    flags = data[3] if len(data) > 10 else 0
    at = 10
    if flags & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    texts = []
    for flag in (8, 16):
        if flags & flag:
            stop = data.find(b"\0", at, at + 1024)
            if stop < 0:
                return None
            texts.append((flag, data[at:stop].decode("latin-1")))
            at = stop + 1
    name = None
    for flag, text in texts:
        if flag == 8:
            name = text or None
        else:
            source.say("comment", "gzip comment", text)
    return name


def _number(field: bytes) -> int:
    """A tar number: octal digits, or base 256 where the first byte's high bit is set."""
    if field[0] & 0x80:
        return int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
    text = field.strip(b" \0")
    return int(text, 8) if text else 0


def _pax(body: bytes) -> dict[str, str]:
    """Records ``length key=value\\n``."""
    found: dict[str, str] = {}
    at = 0
    while at < len(body) and len(found) < 1000:
        space = body.find(b" ", at, at + 12)
        if space < 0 or not body[at:space].isdigit():
            break
        length = int(body[at:space])
        key, _, value = body[space + 1 : at + length - 1].partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        if length <= space - at:
            break
        at += length
    return found


def read_tar(source: Source) -> None:
    """Every regular member of a tar."""
    data, budget = source.data, source.budget
    at = 0
    long_name: str | None = None
    extended: dict[str, str] = {}
    while at + 512 <= len(data):
        header = data[at : at + 512]
        at += 512
        if not any(header):
            continue
        budget.member()
        try:
            size = _number(header[124:136])
        except ValueError:
            raise Stop("damaged") from None
        kind = header[156:157]
        body = data[at : at + size]
        if len(body) < size:
            budget.problem("damaged")
        if kind == b"S":
            more = header[482]
            while more and at + 512 <= len(data):  # the map of its holes goes on in further blocks
                more = data[at + 504]
                at += 512
            body = data[at : at + size]
        at += -(-size // 512) * 512
        if kind == b"L":
            long_name = body[:4096].rstrip(b"\0").decode("utf-8", "replace")
            continue
        if kind in (b"x", b"X", b"g"):
            extended = _pax(body[: 64 * 1024])
            if "comment" in extended:
                source.say("comment", "tar comment", extended["comment"])
            continue
        name = extended.get("GNU.sparse.name") or extended.get("path") or long_name or _name(header)
        long_name, extended = None, {}
        source.say("name", "archive members", name)
        if kind in (b"0", b"\0", b"7", b"S") and body:
            with source.trying():
                source.nested(body, name, counted=True)
        elif kind in (b"1", b"2"):
            link = header[157:257].rstrip(b"\0").decode("utf-8", "replace")
            source.say("name", "archive members", f"{name} -> {link}")


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0")[0]
    if header[257:262] == b"ustar" and header[345:346] not in (b"\0", b""):
        prefix = header[345:500].split(b"\0")[0]
        if header[257:265] != b"ustar  \0":
            name = prefix + b"/" + name
    return name.decode("utf-8", "replace")
