"""
What a file is, by what it holds; name and declared type only choose among kinds of plain text.

A file that lies about its name is what its bytes say. Office packages are told apart by the names inside,
compound files by their streams.

Source: the magic numbers are those of each format's own specification, as gathered by the file(1) database.
"""

from __future__ import annotations

import re

from sensor.extract.charsets import is_text

__all__ = ["sniff"]

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"SQLite format 3\0", "sqlite"),
    (b"ID3", "audio"),
    (b"OggS", "audio"),
    (b"fLaC", "audio"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"\x01\0\x09\0\0\x03", "wmf"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"OTTO\0", "font"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
)
_LATE_PDF = 1024
_SCAN = 256 * 1024
_MAIL = re.compile(
    rb"(?:(?:From|To|Cc|Bcc|Subject|Date|Message-ID|Received|Return-Path|MIME-Version|Delivered-To|Reply-To|"
    rb"Content-Type|X-[\w-]+|DKIM-Signature|Content-Transfer-Encoding|Sender|Thread-Topic|Content-Language)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*)",
    re.IGNORECASE,
)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|script|div|table|p|span|a|br|h[1-6]|style|iframe|svg)\b",
    re.IGNORECASE,
)
_SUFFIXES = {
    "csv": "csv", "tsv": "tsv", "tab": "tsv", "html": "html", "htm": "html", "xhtml": "html", "json": "json",
    "ipynb": "ipynb", "eml": "eml", "mht": "eml", "mhtml": "eml", "mbox": "mbox", "mbx": "mbox", "ics": "ics",
    "vcf": "vcf", "xml": "xml", "svg": "svg", "emlx": "eml",
}  # fmt: skip
_TYPES = {
    "text/csv": "csv", "text/tab-separated-values": "tsv", "text/html": "html", "application/json": "json",
    "application/xhtml+xml": "html", "message/rfc822": "eml", "application/mbox": "mbox",
    "text/calendar": "ics", "text/vcard": "vcf", "application/x-ipynb+json": "ipynb",
    "application/xml": "xml",
    "text/xml": "xml", "image/svg+xml": "svg",
}  # fmt: skip


def sniff(data: bytes, name: str | None = None, content_type: str | None = None) -> str:
    """One of ``FORMATS``."""
    if not data:
        return "empty"
    head = data[:_LATE_PDF]
    for magic, form in _MAGIC:
        if head.startswith(magic):
            return _compound(data) if form == "ole" else form
    if head.startswith(b"PK\x03\x04") or head.startswith((b"PK\x05\x06", b"PK00PK\x03\x04")):
        return _package(data)
    if b"%PDF-" in head or head.lstrip().startswith(b"%!PS-Adobe-3.0 PDF"):
        return "pdf"
    if head[:4] == b"\1\0\0\0" and head[40:44] == b" EMF":
        return "emf"
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "audio", b"AVI ": "video"}.get(head[8:12], "binary")
    if head[4:8] == b"ftyp":
        return _boxed(head)
    if len(data) > 262 and data[257:262] == b"ustar" or _old_tar(data):
        return "tar"
    if (
        head.startswith(b"BM")
        and len(head) > 26
        and head[14:18] in (b"\x28\0\0\0", b"\x7c\0\0\0", b"\x6c\0\0\0")
    ):
        return "bmp"
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"\xff\xf9"):
        return "audio"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return "rtf"
    if not is_text(data):
        return "binary"
    return _text(data, name, content_type)


def _text(data: bytes, name: str | None, content_type: str | None) -> str:
    head = data[:4096]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head.count(0) * 4 > len(head)
    if wide:
        head = head.replace(b"\0", b"")
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    low = start[:1024].lower()
    suffix = (name or "").rpartition(".")[2].lower() if "." in (name or "") else ""
    told = _SUFFIXES.get(suffix) or _TYPES.get((content_type or "").split(";")[0].strip().lower())
    if start.startswith(b"BEGIN:VCALENDAR"):
        return "ics"
    if start.startswith(b"BEGIN:VCARD"):
        return "vcf"
    if re.match(rb"From \S+ .*\d\d:\d\d", start) and _MAIL.search(start[:2048]):
        return "mbox"
    if low.startswith(b"<?xml") or low.startswith(b"<svg"):
        if b"<html" in low:
            return "html"
        if b"office:document" in low and b"opendocument" in low:
            return {b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odg"}.get(
                _flat_kind(head), "odt"
            )
        return "svg" if b"<svg" in low else "xml"
    if start[:1] in (b"{", b"["):
        if b'"cells"' in data[:_SCAN] and b'"cell_type"' in data[:_SCAN] and not wide:
            return "ipynb"
        if suffix == "ipynb":
            return "ipynb"
        if re.match(rb'\{\s*["}]|\[\s*["\[{\]0-9tfn-]', start):
            return "json"
    if _HTML.match(start) or (start.startswith(b"<!--") and _HTML.search(start)):
        return "html"
    lines = _MAIL.match(start)
    if lines and told in (None, "eml") and len(_MAIL.findall(start)) >= 2:
        return "eml"
    if told in ("csv", "tsv", "html", "eml", "mbox", "xml", "json"):
        return told
    if told is None and not wide and b"\t" in start[:512] or b"," in start[:512]:
        return _delimited(start) or "text"
    return "text"


def _delimited(start: bytes) -> str | None:
    """A table by its first lines, where the name does not tell: the same number of separators in each."""
    lines = [line for line in start.split(b"\n")[:12] if line.strip()]
    if len(lines) < 3:
        return None
    if len(start) >= 4000:
        lines = lines[:-1] if len(lines) > 3 else lines
    for separator, form in ((b"\t", "tsv"), (b",", "csv")):
        counts = {re.sub(rb'"[^"\n]*"', b"", line).count(separator) for line in lines}
        if len(counts) == 1 and counts.pop() >= 2 and not any(b", " in line for line in lines):
            return form
    return None


def _flat_kind(head: bytes) -> bytes:
    found = re.search(rb"opendocument\.(\w+)", head)
    return found[1] if found else b"text"


def _old_tar(data: bytes) -> bool:
    """A tar header without magic: its checksum fits."""
    if len(data) < 512 or not data[0] or data[148:149] not in (b"0", b" ", b"1", b"\0"):
        return False
    field = data[148:156].strip(b" \0")
    if not field.isdigit() or any(byte > 0x37 for byte in field):
        return False
    return int(field, 8) == sum(data[:148]) + 8 * 32 + sum(data[156:512])


def _boxed(head: bytes) -> str:
    """ISO base media files by their brands."""
    brands = head[8:64]
    if re.search(rb"hei[cxsm]|hev[cx]|mif1|msf1", brands[:4]) or brands[:4] in (b"mif1", b"msf1"):
        return "avif" if b"avif" in brands and b"hei" not in brands else "heic"
    if brands[:4] in (b"avif", b"avis"):
        return "avif"
    return "audio" if brands[:3] == b"M4A" else "video"


_ODF = re.compile(rb"application/vnd\.oasis\.opendocument\.([a-z-]+)")
_ODF_KINDS = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odg"}


def _package(data: bytes) -> str:
    """What kind of ZIP."""
    head = data[:512]
    if head[26:30] == b"\x08\0\0\0" and head[30:38] == b"mimetype" or b"mimetype" in head[30:60]:
        if b"application/epub+zip" in head:
            return "epub"
        found = _ODF.search(head)
        if found:
            return _ODF_KINDS.get(found[1].split(b"-")[0], "odt")
    ends = data[:_SCAN] + data[-_SCAN:] if len(data) > 2 * _SCAN else data
    if b"[Content_Types].xml" in ends:
        if b"word/" in ends and re.search(rb"word/document\d*\.xml|word/_rels", ends):
            return "docx"
        if b"xl/workbook.bin" in ends:
            return "xlsb"
        if b"xl/workbook" in ends or b"xl/worksheets" in ends:
            return "xlsx"
        if b"ppt/presentation" in ends or b"ppt/slides" in ends:
            return "pptx"
        if b"visio/" in ends:
            return "vsdx"
        return "ooxml" if b"docProps/" in ends or b"_rels/.rels" in ends else "zip"
    if b"META-INF/container.xml" in ends and b"mimetype" in ends and b".opf" in ends:
        return "epub"
    if b"META-INF/manifest.xml" in ends and b"content.xml" in ends and b"styles.xml" in ends:
        return "odt"
    return "zip"


def _wide_name(text: str) -> bytes:
    return text.encode("utf-16-le")


_STREAMS = (
    (_wide_name("EncryptedPackage"), "ole"),
    (_wide_name("__properties_version1.0"), "msg"),
    (_wide_name("WordDocument"), "doc"),
    (_wide_name("PowerPoint Document"), "ppt"),
    (_wide_name("Workbook"), "xls"),
    (_wide_name("Book") + b"\0\0\0\0", "xls"),
)


def _compound(data: bytes) -> str:
    """What kind of compound file, by names of its streams anywhere in it."""
    for name, form in _STREAMS:
        if name in data:
            return form
    return "ole"
