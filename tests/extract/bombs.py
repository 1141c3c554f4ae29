# ruff: noqa: E501  (documents as they stand read better unbroken)
"""
Files that are small and want to become large, or to keep their reader busy for ever.

``BOMBS`` maps a name to a function that makes the file. None is larger than a few megabytes, most are far
smaller.
"""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.extract.making import HEAD, ODF_SPACES, S, W, content_types, png_of, zipped
from tests.extract.pdf_making import Writer, text_page

MB = 1024 * 1024


@functools.cache
def zeros(megabytes: int, char: bytes = b" ") -> bytes:
    """A raw deflate stream of that many megabytes of one character."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = char * MB
    return b"".join([packer.compress(block) for _ in range(megabytes)] + [packer.flush()])


def raw_zip(members: list[tuple[str, bytes, int]], *, claimed: int | None = None) -> bytes:
    """A ZIP of deflate streams as they stand: (name, stream, size)."""
    out, central = bytearray(), bytearray()
    for name, stream, size in members:
        at = len(out)
        told = size if claimed is None else claimed
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(stream), told, len(name), 0)
        out += b"PK\x03\x04" + fields + name.encode() + stream
        central += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + fields
            + struct.pack("<HHHII", 0, 0, 0, 0, at)
            + name.encode()
        )
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), len(out), 0)
    return bytes(out + central) + b"PK\x05\x06" + end


def docx_with(body: bytes) -> bytes:
    return zipped({"[Content_Types].xml": content_types(), "word/document.xml": body})


def expanding_docx() -> bytes:
    return raw_zip([("[Content_Types].xml", zeros(1), MB), ("word/document.xml", zeros(200), 200 * MB)])


def lying_docx() -> bytes:
    """The directory says 1,000 bytes, the stream gives 200 MB."""
    return raw_zip(
        [("[Content_Types].xml", zeros(1), MB), ("word/document.xml", zeros(200), 200 * MB)], claimed=1000
    )


def unlisted_bomb() -> bytes:
    """A member that stands in no directory and says nothing of its size."""
    stream = zeros(200)
    local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 8, 8, 0, 0, 0, 0, 0, 1, 0) + b"x" + stream
    return local + zipped({"a.txt": "x"})


def overlapping_zip() -> bytes:
    """
    Members that quote one another's bytes, as Fifield's do: each entry of the directory points into one
    kernel.
    """
    stream = zeros(20)
    data = raw_zip([("a", stream, 20 * MB)])
    at = data.find(b"PK\x01\x02")
    entry = data[at : data.find(b"PK\x05\x06")]
    count = 5_000
    central = entry * count
    return (
        data[:at] + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), at, 0)
    )


def nested_zips() -> bytes:
    """42.zip in small: ten archives in each of ten, many levels deep."""
    data = raw_zip([("bottom", zeros(10), 10 * MB)])
    for _ in range(12):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for number in range(10):
                made.writestr(f"{number}.zip", data)
        data = out.getvalue()
    return data


def many_members() -> bytes:
    return raw_zip([(f"{n:05}", b"\x03\x00", 0) for n in range(60_000)])


def moderate_ratio() -> bytes:
    """Ninety members just under every limit of their own."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(range(256)) * 200
    stream = packer.compress(block * 75) + packer.flush()
    return raw_zip([(f"{n}.bin", stream, len(block) * 75) for n in range(90)])


def laughing_docx() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return docx_with(
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{entities}]><w:document {W}><w:body><w:p><w:r><w:t>&l11;'
        "</w:t></w:r></w:p></w:body></w:document>".encode()
    )


def quadratic_docx() -> bytes:
    return docx_with(
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "{"a" * 100_000}">]><d {W}>{"&a;" * 20_000}</d>'.encode()
    )


def external_docx() -> bytes:
    return docx_with(
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document {W}><w:p><w:r><w:t>&x;'
        "</w:t></w:r></w:p></w:document>".encode()
    )


def deep_xml() -> bytes:
    return docx_with(f"<w:document {W}>".encode() + b"<w:p>" * 500_000)


def one_token() -> bytes:
    """An attribute of several megabytes: older expat reads it again with every chunk."""
    body = bytearray(f'<w:document {W}><w:p a="'.encode())
    seed = 1
    for _ in range(100_000):
        seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
        body += b"%08x" % seed * 4
    return docx_with(bytes(body))


def cells_xlsx() -> bytes:
    """Three million cells."""
    row = b'<row r="1">' + b"<c><v>1</v></c>" * 1000 + b"</row>"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [packer.compress(HEAD.encode() + f"<worksheet {S}><sheetData>".encode())]
    parts += [packer.compress(row) for _ in range(3000)] + [
        packer.compress(b"</sheetData></worksheet>"),
        packer.flush(),
    ]
    book = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = book.compress(f"<workbook {S}/>".encode()) + book.flush()
    return raw_zip(
        [
            ("[Content_Types].xml", zeros(1), MB), ("xl/workbook.xml", small, 100),
            ("xl/worksheets/sheet1.xml", b"".join(parts), 3000 * len(row) + 200),
        ]
    )  # fmt: skip


def wide_ods() -> bytes:
    """Repeats beyond reason: columns, rows, spaces."""
    body = (
        "<office:spreadsheet><table:table><table:table-row table:number-rows-repeated='1048576'>"
        + "<table:table-cell table:number-columns-repeated='999999999' office:value-type='string'><text:p>x"
        "<text:s text:c='999999999'/></text:p></table:table-cell>"
        * 100
        + "</table:table-row></table:table></office:spreadsheet>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {ODF_SPACES}><office:body>{body}</office:body></office:document-content>",
            "styles.xml": "<s/>", "META-INF/manifest.xml": "<m/>",
        },
        stored="mimetype",
    )  # fmt: skip


def compressed(compress: Callable[[bytes], bytes], megabytes: int) -> Callable[[], bytes]:
    return functools.cache(lambda: compress(b"\0" * (megabytes * MB)))


def zstd_bomb() -> bytes:
    import zstandard

    packer = zstandard.ZstdCompressor(level=19).compressobj()
    return b"".join([packer.compress(b"\0" * MB) for _ in range(500)]) + packer.flush()


def gzip_in_gzip() -> bytes:
    return gzip.compress(gzip.compress(gzip.compress(b"\0" * (200 * MB), 9), 9), 9)


# PDF


def pdf_with(*objects: tuple[int, str | bytes], streams: tuple[tuple[int, bytes, str], ...] = ()) -> bytes:
    made = Writer()
    for number, body in objects:
        made.add(number, body)
    for number, content, attributes in streams:
        made.stream(number, content, attributes)
    made.trailer(1)
    return bytes(made.out)


ROOT = (1, "<< /Type /Catalog /Pages 2 0 R >>")
PAGES = (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
PAGE = (
    3,
    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 "
    "R >> >> >>",
)
FONT = (5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")


def zlib_stream(megabytes: int) -> bytes:
    return b"\x78\xda" + zeros(megabytes) + b"\0\0\0\0"


def flate_pdf() -> bytes:
    return pdf_with(ROOT, PAGES, PAGE, FONT, streams=((4, zlib_stream(200), "/Filter /FlateDecode"),))


def cascade_pdf() -> bytes:
    """Flate in flate in flate."""
    data = zlib.compress(zlib.compress(zlib_stream(200), 9), 9)
    return pdf_with(
        ROOT, PAGES, PAGE, FONT, streams=((4, data, "/Filter [/FlateDecode /FlateDecode /FlateDecode]"),)
    )


def many_filters_pdf() -> bytes:
    return pdf_with(
        ROOT, PAGES, PAGE, FONT, streams=((4, b"00", "/Filter [" + "/ASCIIHexDecode " * 100_000 + "]"),)
    )


def lzw_pdf() -> bytes:
    """Codes that each say the longest string so far."""
    codes = [256, 0] + [258 + n for n in range(3800)]
    bits, held, out, size = 9, 0, bytearray(), 0
    for _ in range(60):
        bits = 9
        for index, code in enumerate(codes):
            held = held << bits | code
            size += bits
            while size >= 8:
                size -= 8
                out.append(held >> size & 0xFF)
                held &= (1 << size) - 1
            entries = 258 + max(index - 1, 0)
            bits = 9 if entries < 510 else 10 if entries < 1022 else 11 if entries < 2046 else 12
    return pdf_with(ROOT, PAGES, PAGE, FONT, streams=((4, bytes(out), "/Filter /LZWDecode"),))


def jbig2_pdf() -> bytes:
    page = (3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 6 0 R >> >> >>")
    return pdf_with(
        ROOT, PAGES, page,
        streams=(
            (4, b"q /X Do Q", ""),
            (6, zlib_stream(200),
            "/Subtype /Image /Width 100000 /Height 100000 /Filter [/FlateDecode /JBIG2Decode]"),
        ),
    )  # fmt: skip


def object_streams_pdf() -> bytes:
    """Object streams that expand, and claim a million objects each."""
    head = b" ".join(b"%d %d" % (100 + n, 0) for n in range(50_000)) + b" "
    body = zlib.compress(head + b"<<" * 200_000, 9)
    streams = tuple(
        (10 + n, body, f"/Type /ObjStm /N 1000000 /First {len(head)} /Filter /FlateDecode") for n in range(40)
    )
    return pdf_with(ROOT, PAGES, PAGE, FONT, streams=streams)


def page_loop_pdf() -> bytes:
    return pdf_with(
        ROOT,
        (2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Parent 3 0 R >>"),
        (3, "<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] >>"),
    )


def wide_page_tree_pdf() -> bytes:
    """A hundred thousand pages in place, each of the same content."""
    kid = "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> "
    return pdf_with(
        ROOT,
        (2, "<< /Type /Pages /Kids [" + kid * 50_000 + "] >>"),
        FONT,
        streams=((4, text_page("x" * 100) * 100, ""),),
    )


def laughing_forms_pdf() -> bytes:
    """Each form draws the next ten times."""
    streams: list[tuple[int, bytes, str]] = [(4, b"/X Do " * 10, "")]
    for n in range(6, 26):
        streams.append((n, b"/X Do " * 10, f"/Subtype /Form /Resources << /XObject << /X {n + 1} 0 R >> >>"))
    streams.append((26, text_page("x"), "/Subtype /Form"))
    return pdf_with(ROOT, PAGES, PAGE, FONT, streams=tuple(streams))


def operators_pdf() -> bytes:
    """Millions of operators in a few kilobytes."""
    content = b"BT /F1 1 Tf " + b"(a) Tj 1 0 Td " * 2_000_000
    return pdf_with(
        ROOT, PAGES, PAGE, FONT, streams=((4, zlib.compress(content, 9), "/Filter /FlateDecode"),)
    )


def deep_array_pdf() -> bytes:
    return pdf_with(ROOT, PAGES, PAGE, (7, "[" * 1_000_000), (8, "<</A" * 300_000))


def references_pdf() -> bytes:
    """References that go round."""
    loop = tuple((n, f"{n + 1 if n < 50 else 10} 0 R") for n in range(10, 51))
    return pdf_with(ROOT, (2, "10 0 R"), (3, "<< /Type /Page /Contents 11 0 R /Resources 12 0 R >>"), *loop)


def cmap_pdf() -> bytes:
    ranges = b"begincmap " + b"1 beginbfrange <0000> <ffffffff> <0041> endbfrange " * 10_000 + b"endcmap"
    font = (
        5,
        "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 8 0 R >>",
    )
    child = (7, "<< /Subtype /CIDFontType2 /W [" + "0 99999999 500 " * 100_000 + "] >>")
    return pdf_with(ROOT, PAGES, PAGE, font, child, streams=((4, text_page("abc"), ""), (8, ranges, "")))


def many_objects_pdf() -> bytes:
    return b"%PDF-1.4\n" + b"1 0 obj (a) endobj " * 120_000


def unclosed_pdf() -> bytes:
    """Objects, strings and streams that never end."""
    return b"%PDF-1.4\n" + b"1 0 obj << /Length 5 >> stream " * 30_000 + b"2 0 obj ((((" * 30_000


# Others


def dimension_png() -> bytes:
    data = bytearray(png_of("small"))
    data[16:24] = struct.pack(">II", 0x7FFFFFFF, 0x7FFFFFFF)
    return bytes(data)


def text_png() -> bytes:
    return png_of("", *[(b"zTXt", b"k\0\0" + zlib_stream(50))] * 20)


def tiff_loop() -> bytes:
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 60_000) + entry * 60_000 + struct.pack("<I", 8)


def gif_blocks() -> bytes:
    return b"GIF89a\1\0\1\0\0\0\0" + (b"\x21\xfe" + b"\xff" + b"a" * 255 + b"\0") * 8_000


def deep_json() -> bytes:
    return b'{"cells": [{"cell_type": ' + b"[" * 1_000_000


def deep_rtf() -> bytes:
    return b"{\\rtf1 " + b"{" * 1_000_000 + b"x"


def bin_rtf() -> bytes:
    return b"{\\rtf1 " + b"{\\object{\\*\\objdata " + b"\\bin999999999 00" * 50_000


def deep_mime() -> bytes:
    head = "From: a@example.com\r\nTo: b@example.com\r\n"
    levels = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(20_000))
    return (head + levels).encode()


def deep_messages() -> bytes:
    return b"From: a@example.com\r\nTo: b@example.com\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20_000


def many_parts_mime() -> bytes:
    return (
        b"From: a@example.com\r\nTo: b@x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\n\r\n\r\n" * 100_000
    )


def long_header_mail() -> bytes:
    return (
        b"From: a@example.com\r\nTo: "
        + b"=?utf-8?q?a?= " * 100_000
        + b"\r\nSubject: x; "
        + b"a=b;" * 100_000
        + b"\r\n\r\n"
    )


def _tar_header(name: bytes, size: bytes, kind: bytes) -> bytearray:
    header = bytearray(512)
    header[: len(name)] = name
    header[100:108] = b"0000644\0"
    header[124:136] = size
    header[156:157] = kind
    header[257:265] = b"ustar  \0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return header


def sparse_tar() -> bytes:
    header = _tar_header(b"big", b"00000001000\0", b"S")
    header[386:410] = b"00000000000\0" + b"77777777777\0"
    header[482] = 1
    header[483:495] = b"77777777777\0"
    return bytes(header) + (b"\0" * 504 + b"\1" + b"\0" * 7) * 4_000


def huge_tar() -> bytes:
    return bytes(_tar_header(b"big", b"\x80" + b"\0" * 3 + b"\x7f" * 8, b"0")) + b"x" * 512


def many_tar() -> bytes:
    return bytes(_tar_header(b"a", b"00000000000\0", b"0")) * 20_000


def deep_html() -> bytes:
    return b"<html>" + b"<div hidden>" * 300_000 + b"x"


def quotes_html() -> bytes:
    return b"<html>" + b"<a b='<a b=\"" * 100_000


def attributes_html() -> bytes:
    return b"<html><p " + b"a=b " * 500_000 + b">" + b"<table>" * 100_000


def style_html() -> bytes:
    return b"<html>" + b"<p style='width:0" + b" " * 500_000 + b"x'>" + b"<!--" * 100_000


def wide_csv() -> bytes:
    return b"a,b,c\n" + b",".join([b"1"] * 1_500_000)


def heading_csv() -> bytes:
    return b",".join([b"h" * 50] * 2_000) + b"\n" + (b",".join([b"1"] * 2_000) + b"\n") * 500


def sqlite_blobs() -> bytes:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (zeroblob(8000000))")
    connection.execute("CREATE TABLE g (a, b GENERATED ALWAYS AS (hex(zeroblob(100000000))) VIRTUAL)")
    connection.execute("INSERT INTO g (a) VALUES (1)")
    connection.execute(
        "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) "
        "FROM c"
    )
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def compound_loop() -> bytes:
    """A compound file whose chains run in circles and whose directory points at itself."""
    sector = 512
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIII", header, 44, 1, 1, 0, 4096, 0, 1, 0)
    struct.pack_into("<109I", header, 76, 0, *([0] * 108))
    fat = struct.pack("<128I", *([0xFFFFFFFD] + [n % 127 + 1 for n in range(1, 128)]))
    entry = bytearray(128)
    name = "Root".encode("utf-16-le")
    entry[: len(name)] = name
    struct.pack_into("<HBB", entry, 64, len(name) + 2, 1, 1)
    struct.pack_into("<III", entry, 68, 1, 1, 1)
    struct.pack_into("<II", entry, 116, 1, 0xFFFFFFF0)
    return bytes(header) + fat + bytes(entry) * (sector // 128) * 2_000


def mbox_flood() -> bytes:
    return b"From a@example.com Mon Jan  5 10:00:00 2026\nSubject: x\n\n" * 30_000


def folded_calendar() -> bytes:
    return b"BEGIN:VCALENDAR\r\nSUMMARY:a" + b"\r\n a" * 500_000


BOMBS: dict[str, Callable[[], bytes]] = {
    "DOCX that expands to 200 MB": expanding_docx,
    "DOCX that lies about its size": lying_docx,
    "ZIP with an unlisted bomb": unlisted_bomb,
    "ZIP with overlapping members": overlapping_zip,
    "ZIP in ZIP, 10 to the 12th": nested_zips,
    "ZIP of 60,000 members": many_members,
    "ZIP of members under every limit": moderate_ratio,
    "XML billion laughs": laughing_docx,
    "XML quadratic entities": quadratic_docx,
    "XML external entity": external_docx,
    "XML 500,000 levels deep": deep_xml,
    "XML one token": one_token,
    "XLSX of 3 M cells": cells_xlsx,
    "ODS repeats": wide_ods,
    "gzip of 500 MB": compressed(lambda data: gzip.compress(data, 9), 500),
    "bzip2 of 300 MB": compressed(lambda data: bz2.compress(data, 9), 300),
    "xz of 500 MB": compressed(lambda data: lzma.compress(data, preset=0), 500),
    "zstd of 500 MB": zstd_bomb,
    "gzip in gzip in gzip": gzip_in_gzip,
    "PDF flate of 200 MB": flate_pdf,
    "PDF flate in flate in flate": cascade_pdf,
    "PDF 100,000 filters": many_filters_pdf,
    "PDF LZW": lzw_pdf,
    "PDF JBIG2 of 10 Gpixel": jbig2_pdf,
    "PDF object streams": object_streams_pdf,
    "PDF page tree loop": page_loop_pdf,
    "PDF 50,000 pages in place": wide_page_tree_pdf,
    "PDF forms in forms": laughing_forms_pdf,
    "PDF 4 M operators": operators_pdf,
    "PDF nested arrays": deep_array_pdf,
    "PDF references in a circle": references_pdf,
    "PDF character map": cmap_pdf,
    "PDF 120,000 revisions": many_objects_pdf,
    "PDF without ends": unclosed_pdf,
    "PNG of 2 G by 2 G pixels": dimension_png,
    "PNG text chunks of 50 MB": text_png,
    "TIFF directory loop": tiff_loop,
    "GIF comments": gif_blocks,
    "JSON a million deep": deep_json,
    "RTF a million deep": deep_rtf,
    "RTF binary lengths": bin_rtf,
    "MIME 20,000 deep": deep_mime,
    "messages 20,000 deep": deep_messages,
    "MIME of 100,000 parts": many_parts_mime,
    "mail header": long_header_mail,
    "mailbox of 30,000": mbox_flood,
    "tar sparse": sparse_tar,
    "tar of 2 to the 63rd bytes": huge_tar,
    "tar of 20,000 members": many_tar,
    "HTML 300,000 deep": deep_html,
    "HTML quotes": quotes_html,
    "HTML attributes": attributes_html,
    "HTML style and comments": style_html,
    "CSV of 1.5 M columns": wide_csv,
    "CSV of long headings": heading_csv,
    "SQLite": sqlite_blobs,
    "compound file loop": compound_loop,
    "calendar of one line": folded_calendar,
}
