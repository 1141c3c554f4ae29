"""The pieces: what a file is, encodings, numbers, tables, limits, and the small rules of single formats."""

from __future__ import annotations

import binascii
import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.extract.budget import Budget, Stop
from sensor.extract.charsets import decode, guess
from sensor.extract.model import Extraction, Limits, Part
from sensor.extract.numbers import format_number, is_date_format
from sensor.extract.reading import read_bytes
from sensor.extract.sniffing import sniff
from sensor.extract.tables import Table, looks_like_heading
from sensor.extract.xmlwalk import plain_text
from sensor.extract.zips import open_archive
from tests.extract.making import MADE, NAMES, docx_of, png_of, zipped
from tests.extract.pdf_making import simple_pdf


def texts(found: Extraction, kind: str) -> list[str]:
    return [part.text for part in found.parts if part.kind == kind]


# What a file is


@pytest.mark.parametrize(
    ("data", "name", "content_type", "form"),
    [
        (b"", None, None, "empty"),
        (b"%PDF-1.4", "a.txt", "text/plain", "pdf"),
        (b"junk before\n%PDF-1.4", None, None, "pdf"),
        (b"{\\rtf1", "a.doc", None, "rtf"),
        (b"\x89PNG\r\n\x1a\n", "a.jpg", "image/jpeg", "png"),
        (zipped({"a.txt": "x"}), "a.docx", None, "zip"),
        (docx_of("x"), "a.zip", "application/zip", "docx"),
        (b"7z\xbc\xaf\x27\x1c", None, None, "7z"),
        (b"Rar!\x1a\x07\x00", None, None, "rar"),
        (b"\x00\x00\x00\x20ftypisom", None, None, "video"),
        (b"ID3\x04", None, None, "audio"),
        (b"\x00\x01\x02\x03" * 50, "a.txt", "text/plain", "binary"),
        (b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n", None, None, "csv"),
        (b"a\tb\tc\n1\t2\t3\n4\t5\t6\n", None, None, "tsv"),
        (b"Dear all, hello, and so on.\nThis is, well, text.\nBye, now, then.\n", None, None, "text"),
        (b"just words", "a.csv", None, "csv"),
        (b"just words", None, "text/csv; charset=utf-8", "csv"),
        (b'{"a": 1}', None, None, "json"),
        (b"{not json at all", None, None, "text"),
        (b"<?xml version='1.0'?><a/>", None, None, "xml"),
        (b"<svg xmlns='x'></svg>", None, None, "svg"),
        (b"<!-- c --><html></html>", None, None, "html"),
        (b"<p>hello", None, None, "html"),
        ("<html><p>wide</p></html>".encode("utf-16"), None, None, "html"),
        (b"From: a\nTo: b\nSubject: c\n\nx", None, None, "eml"),
        (b"From: nobody, with one line like a header", None, None, "text"),
        (b"BEGIN:VCALENDAR\r\n", None, None, "ics"),
        (b"BEGIN:VCARD\r\n", None, None, "vcf"),
        (b"SQLite format 3\0", None, None, "sqlite"),
    ],
)
def test_sniff(data: bytes, name: str | None, content_type: str | None, form: str) -> None:
    assert sniff(data, name, content_type) == form


@given(st.binary(max_size=300))
def test_sniff_knows_every_bytes(data: bytes) -> None:
    from sensor.extract.model import FORMATS

    assert sniff(data) in FORMATS


# Encodings


@pytest.mark.parametrize(
    ("data", "content_type", "text"),
    [
        ("Größe".encode("latin-1"), None, "Größe"),
        ("Größe".encode("latin-1"), "text/plain; charset=iso-8859-1", "Größe"),
        ("žluťoučký".encode("cp1250"), "text/plain; charset=windows-1250", "žluťoučký"),
        ("Größe".encode(), "text/plain; charset=utf-8", "Größe"),
        ("Größe".encode("latin-1"), "text/plain; charset=utf-8", "Größe"),
        ("price €5".encode("cp1252"), None, "price €5"),
        (b"plain", "text/plain; charset=elephant", "plain"),
        (b"plain", "text/plain; charset=zip", "plain"),
        (b"plain", "text/plain; charset=idna", "plain"),
        (b"<meta charset=koi8-r>" + "слово".encode("koi8-r"), None, "<meta charset=koi8-r>слово"),
        ("wide".encode("utf-16-le"), "text/plain; charset=utf-8", "wide"),
        (b"a\0b\x01c", None, "a b c"),
        (b"ok \xff\xfe broken" + b" \xc3\xa9" * 17, None, "ok \ufffd\ufffd broken" + " é" * 17),
    ],
)  # fmt: skip
def test_decode(data: bytes, content_type: str | None, text: str) -> None:
    assert decode(data, content_type) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    data = text.encode()
    if not data.startswith((b"\xff", b"\xfe")) and 0 not in data:
        assert guess(data) == "utf-8"


@given(st.binary())
def test_any_bytes_decode(data: bytes) -> None:
    assert "\0" not in decode(data)


# Numbers


@pytest.mark.parametrize(
    ("raw", "code", "text"),
    [
        ("4.1111111111111111E15", "", "4111111111111111"),
        ("4111111111111111", "General", "4111111111111111"),
        ("12345678901234567890", "", "12345678901234567890"),
        ("0.1", "", "0.1"),
        ("1234.5", "#,##0.00", "1234.5"),
        ("1234", "#,##0", "1234"),
        ("45000", "yyyy\\-mm\\-dd", "2023-03-15"),
        ("45000", "d/m/yy", "2023-03-15"),
        ("45000.5", "m/d/yy h:mm", "2023-03-15 12:00:00"),
        ("0.5", "h:mm", "12:00:00"),
        ("-5", "yyyy", "-5"),
        ("1e300", "yyyy", "1e+300"),
        ("123456789", "000\\-00\\-0000", "123-45-6789"),
        ("5551234", "[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", "555-1234"),
        ("7", "00000", "00007"),
        ("12345678", '"ID "00000000', "ID 12345678"),
        ("1234", '"$"#,##0.00', "$ 1234"),
        ("1234", "[$€-407]#,##0.00", "€ 1234"),
        ("abc", "0", "abc"),
        ("nan", "0", "nan"),
        ("inf", "0", "inf"),
    ],
)
def test_numbers_as_a_person_reads_them(raw: str, code: str, text: str) -> None:
    assert format_number(raw, code) == text


def test_dates_of_the_other_epoch() -> None:
    assert format_number("43538", "yyyy-mm-dd", True) == "2023-03-15"
    assert (
        is_date_format("[h]:mm")
        and is_date_format('d "of" mmmm')
        and not is_date_format("0.00")
        and not is_date_format('"day" 0')
    )


@given(st.text(max_size=30), st.text('0#?.,-()ymdhs\\"[]$€% ;@E+', max_size=20))
def test_any_number_under_any_format_is_text(raw: str, code: str) -> None:
    assert isinstance(format_number(raw, code), str)


# Tables


def lines_of(rows: list[list[str]], *, pairs: bool = False, limits: Limits | None = None) -> list[str]:
    said: list[str] = []
    table = Table(Budget(limits or Limits(), lambda part: None), said.append, pairs=pairs)
    for row in rows:
        table.row(row)
    return said


def test_values_stand_under_their_headings() -> None:
    assert lines_of([["A title"], ["Name", "SSN", "Town"], ["x", "123", ""], ["y", "", "z"]]) == [
        "A title", "Name\tSSN\tTown", "Name: x\nSSN: 123\n", "Name: y\nTown: z\n",
    ]  # fmt: skip
    assert lines_of([["SSN", "123"], ["Town", "z"]]) == ["SSN: 123", "Town: z"]
    assert lines_of([["Name", "SSN"], ["x", "1"]], pairs=True) == ["Name\tSSN", "Name: x\nSSN: 1\n"]
    assert lines_of([["1", "2", "3"], ["4", "5", "6"]]) == ["1\t2\t3", "4\t5\t6"]
    assert lines_of([["", " "]]) == []


def test_long_headings_do_not_use_up_the_text() -> None:
    rows = [["h" * 50, "i" * 50, "j" * 50]] + [["1", "2", "3"]] * 100
    said = lines_of(rows, limits=Limits(text_bytes=4_000))
    assert said[1].startswith("h" * 50) and said[-1] == "1\t2\t3"


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [
        ("Name", True),
        ("Q1 2024 sales", True),
        ("a@example.com", False),
        ("12345", False),
        ("", False),
        ("x" * 61, False),
    ],
)
def test_headings(cell: str, is_one: bool) -> None:
    assert looks_like_heading(cell) is is_one


# Limits


def test_text_is_cut_at_its_limit_and_said() -> None:
    found = read_bytes(b"words\n" * 10_000, limits=Limits(text_bytes=1_000))
    assert found.problems == ("too_large",) and found.truncated
    assert sum(len(part.text.encode()) for part in found.parts) == 1_000


def test_a_cut_never_breaks_a_character() -> None:
    found = read_bytes("ü".encode() * 600, limits=Limits(text_bytes=1_001))
    assert found.parts[0].text == "ü" * 500


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(members=3), "too_many"), (Limits(parts=2), "too_many"), (Limits(nesting=0), "too_deep"),
        (Limits(expanded_bytes=4), "bomb"), (Limits(input_bytes=3), "too_large"), (Limits(wall_s=-1.0),
        "timeout"),
    ],
)  # fmt: skip
def test_every_limit_is_held(limits: Limits, problem: str) -> None:
    data = zipped({f"{n}.txt": f"words of {n}" for n in range(2_000)})
    found = read_bytes(data, limits=limits)
    assert problem in found.problems and found.truncated


def test_pages_and_cells() -> None:
    assert read_bytes(MADE["xlsx"]()[0], limits=Limits(cells=2)).problems == ("too_many",)
    assert read_bytes(simple_pdf("x"), limits=Limits(pages=0)).problems == ("too_many",)


def test_nested_files_are_read_to_the_limit() -> None:
    data = b"bottom"
    for level in range(6):
        data = zipped({f"{level}.zip" if level else "a.txt": data})
    found = read_bytes(data)
    assert found.problems == ("too_deep",)
    found = read_bytes(data, limits=Limits(nesting=6))
    assert found.problems == () and [part for part in found.parts if part.text == "bottom"] == [
        Part(kind="attachment", where="5.zip/4.zip/3.zip/2.zip/1.zip/a.txt", text="bottom")
    ]


def test_a_damaged_piece_does_not_end_the_rest() -> None:
    data = bytearray(zipped({"a.txt": "first words " * 50, "b.txt": "last words"}, method=zipfile.ZIP_STORED))
    broken = zipped({"a.docx": b"PK\x03\x04 no archive", "b.txt": "last words"})
    found = read_bytes(broken)
    assert "damaged" in found.problems and "last words" in texts(found, "attachment")
    assert read_bytes(bytes(data)).problems == ()


def test_surrogates_and_controls_never_leave() -> None:
    said: list[Part] = []
    budget = Budget(Limits(), said.append)
    budget.say("body", "here\nand\x07there", "lone \ud800 half")
    budget.flush()
    assert said == [Part(kind="body", where="here and there", text="lone \ufffd half")]


# ZIP


def test_members_without_a_directory_and_behind_other_data() -> None:
    data = zipped({"a.txt": "first", "b.txt": "second"})
    cut = data[: data.find(b"PK\x01\x02")]
    found = read_bytes(cut)
    assert texts(found, "attachment") == ["first", "second"] and found.problems == ("damaged",)
    behind = b"MZ" + b"x" * 100 + data
    budget = Budget(Limits(), lambda part: None, len(behind))
    archive = open_archive(behind, budget)
    assert [archive.read(member, 99) for member in archive.members] == [b"first", b"second"]
    polyglot = png_of("a picture") + data
    found = read_bytes(polyglot)
    assert found.format == "png" and texts(found, "attachment") == ["first", "second"]


def test_encrypted_and_unknown_members_are_told() -> None:
    data = bytearray(zipped({"a.txt": "first", "b.txt": "second"}))
    central = data.find(b"PK\x01\x02")
    data[central + 8] |= 1
    found = read_bytes(bytes(data))
    assert found.problems == ("encrypted",) and texts(found, "attachment") == ["second"]
    data[central + 8] &= 0xFE
    struct.pack_into("<H", data, central + 10, 99)
    assert read_bytes(bytes(data)).problems == ("unsupported",)


def test_zip64() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made, made.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"wide words")
    assert texts(read_bytes(out.getvalue()), "attachment") == ["wide words"]


def test_names_of_members_are_told_too() -> None:
    found = read_bytes(zipped({"../../etc/passwd": "x", "Größe.txt": "y"}))
    assert texts(found, "name") == ["../../etc/passwd\nGröße.txt"]


# XML, HTML, mail


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<a>b</a>", None), ("<a>b", "damaged"), ("<a>&x;</a>", "damaged"), ("", "damaged"), ("<a" * 3000,
        "damaged"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "bomb"), ("<a>" * 3000, "too_deep"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>b</a>", None),
        ("<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a>b</a>", "bomb"),
    ],
)  # fmt: skip
def test_xml(text: str, problem: str | None) -> None:
    said: list[str] = []
    budget = Budget(Limits(), lambda part: None)
    if problem is None:
        plain_text(budget, [text.encode()], said.append)
        assert said == ["b"]
    else:
        with pytest.raises(Stop) as stop:
            plain_text(budget, [text.encode()], said.append)
        assert stop.value.name == problem


@given(st.text("<>/=!-'\"abtdrp &;", max_size=200))
def test_any_markup_is_read(text: str) -> None:
    found = read_bytes(b"<html>" + text.encode())
    assert found.format == "html"


def test_hidden_html_ends_where_its_element_does() -> None:
    found = read_bytes(b"<html><div style='display: none'>a<p>b</div>c<p hidden>d</p>e")
    assert texts(found, "hidden") == ["a\nb", "d"] and texts(found, "body") == ["c", "e"]


def test_mail_that_breaks_its_rules() -> None:
    head = b"From: a@example.com\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    found = read_bytes(head + b"no boundary at all")
    assert texts(found, "body") == ["no boundary at all"] and found.problems == ("damaged",)
    found = read_bytes(head + b"--b\r\n\r\nnever closed")
    assert texts(found, "body") == ["never closed"] and found.problems == ()
    found = read_bytes(head + b"--bb\r\n\r\nanother boundary\r\n--b\r\n\r\ninside\r\n--b--")
    assert texts(found, "body") == ["inside"] and "another boundary" in texts(found, "hidden")[0]
    line = binascii.b2a_uu(b"hello there").strip()
    found = read_bytes(
        b"From: a@example.com\r\nTo: b\r\n\r\nsee\r\nbegin 644 a.txt\r\n" + line + b"\r\n`\r\nend\r\nbye\r\n"
    )
    assert "hello there" in "".join(texts(found, "attachment"))


# PDF


def test_pdf_of_words_in_any_order_of_objects() -> None:
    data = simple_pdf("first line", "second line", flate=True)
    assert texts(read_bytes(data), "body") == ["first line\nsecond line"]
    assert texts(read_bytes(data[: data.find(b"xref")]), "body") == ["first line\nsecond line"]
    assert texts(read_bytes(b"junk\n" * 9 + data), "body") == ["first line\nsecond line"]


def test_a_word_in_a_string_is_no_stream() -> None:
    """``HP Exstream`` once hid every object up to the next stream."""
    data = simple_pdf("the page")
    data = data.replace(b"<< /Type /Catalog", b"<< /Producer (HP Exstream 8) /Type /Catalog")
    assert texts(read_bytes(data), "body") == ["the page"]


def test_hebrew_is_told_in_the_order_of_reading() -> None:
    """Glyphs stand from left to right in the file: the line reads from the other end, its number does not."""
    from sensor.extract.pdf.content import _logical

    assert _logical("4567 תויז") == "זיות 4567"


def encrypted_pdf(word: str, password: bytes = b"") -> bytes:
    """Revision 3, RC4 of 128 bits (ISO 32000-2 7.6.4.3 and 7.6.4.4), with that user password."""
    import hashlib

    from sensor.extract.pdf.crypt import _PAD, _rc4

    padded = (password + _PAD)[:32]
    identity = b"0123456789abcdef"
    key = hashlib.md5((b"owner" + _PAD)[:32]).digest()
    for _ in range(50):
        key = hashlib.md5(key).digest()
    owner = padded
    for number in range(20):
        owner = _rc4(bytes(byte ^ number for byte in key), owner)
    key = hashlib.md5(padded + owner + struct.pack("<i", -4) + identity).digest()
    for _ in range(50):
        key = hashlib.md5(key[:16]).digest()
    user = hashlib.md5(_PAD + identity).digest()
    for number in range(20):
        user = _rc4(bytes(byte ^ number for byte in key), user)
    content = f"BT /F1 12 Tf ({word}) Tj ET".encode()
    body = _rc4(hashlib.md5(key + struct.pack("<I", 4)[:3] + b"\0\0").digest(), content)
    title = _rc4(hashlib.md5(key + struct.pack("<I", 6)[:3] + b"\0\0").digest(), b"title " + word.encode())
    out = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj 2 0 obj << /Kids [3 0 R] >> endobj "
    out += b"3 0 obj << /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> endobj "
    out += b"4 0 obj << /Length %d >>\nstream\n" % len(body) + body + b"\nendstream endobj "
    out += (
        b"5 0 obj << /Subtype /Type1 /BaseFont /Helvetica >> endobj 6 0 obj << /Title <"
        + title.hex().encode()
    )
    out += (
        b"> >> endobj\n7 0 obj << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <" + owner.hex().encode()
    )
    out += b"> /U <" + user.hex().encode() + b"0" * 32 + b"> >> endobj\n"
    return (
        out
        + b"trailer << /Root 1 0 R /Info 6 0 R /Encrypt 7 0 R /ID [<"
        + identity.hex().encode()
        + b"> <00>] >>"
    )


def test_a_pdf_that_anybody_may_open_is_decrypted() -> None:
    found = read_bytes(encrypted_pdf("protected words"))
    assert texts(found, "body") == ["protected words"] and found.problems == ()
    assert texts(found, "property") == ["property Title: title protected words"]


def test_a_pdf_that_needs_a_password_is_told() -> None:
    found = read_bytes(encrypted_pdf("protected words", b"secret"))
    assert found.problems == ("encrypted",) and found.parts == ()


def test_pdf_filters() -> None:
    import base64

    from sensor.extract.pdf.filters import decode_filters
    from sensor.extract.pdf.objects import Name, Value

    budget = Budget(Limits(), lambda part: None, 10_000)
    text = b"BT some content ET" * 5

    def undo(raw: bytes, *names: str, parameters: dict[str, Value] | None = None) -> bytes | None:
        return decode_filters(budget, raw, [Name(name) for name in names], [parameters], 10_000)

    assert undo(base64.a85encode(text) + b"~>", "ASCII85Decode") == text
    assert undo(text.hex().encode() + b">", "AHx") == text
    assert undo(zlib.compress(text).hex().encode(), "ASCIIHexDecode", "FlateDecode") == text
    assert undo(b"\x02abc\xfed\x80", "RunLengthDecode") == b"abcddd"
    # ISO 32000-2 7.4.4.2: the standard's own example.
    assert undo(bytes.fromhex("800B6050220C0C8501"), "LZWDecode") == b"-----A---B"
    assert undo(text, "DCTDecode") is None
    rows = b"".join(bytes((kind,)) + bytes(4) for kind in range(5))
    predicted = zlib.compress(b"\x00abcd" + b"\x02\x01\x01\x01\x01" + rows)
    assert (undo(predicted, "Fl", parameters={"Predictor": 15, "Columns": 4}) or b"")[:8] == b"abcdbcde"


def test_glyphs_by_their_names() -> None:
    from sensor.extract.pdf.glyphs import base_encoding, glyph_text, text_string

    names = {
        "A": "A", "eacute": "é", "Scaron": "Š", "alpha": "α", "afii10017": "А", "afii10097": "я",
        "uni20AC": "€",
        "u1F600": "😀", "f_f_i": "ffi", "fi": "fi", "one.oldstyle": "1", "oneoldstyle": "1", "Asmall": "a",
        "Lambda": "Λ",
        "space": " ", "g123": None, ".notdef": None, "uniD800": None,
    }  # fmt: skip
    assert {name: glyph_text(name) for name in names} == names
    assert base_encoding("WinAnsiEncoding")[0x80] == "€" and base_encoding("StandardEncoding")[0xAE] == "fi"
    assert (
        text_string(b"\xfe\xff\x00A") == "A"
        and text_string(b"\x80") == "•"
        and text_string(b"\xef\xbb\xbf\xc3\xa9") == "é"
    )


# Formats that are told, not read


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7z"),
        (b"Rar!\x1a\x07\x01\0" + bytes(40), "rar"),
        (b"ID3" + bytes(40), "audio"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, form: str) -> None:
    found = read_bytes(data)
    assert (found.format, found.problems, found.truncated) == (form, ("unsupported",), True)


def test_strings_of_binary_files_are_given() -> None:
    data = b"\x7fELF\0\0" + b"readable words\0" + "wide words".encode("utf-16-le") + b"\0\0\x01\x02" * 20
    found = read_bytes(data)
    assert found.problems == ("partial", "unsupported")
    told = "\n".join(texts(found, "body"))
    assert "readable words" in told and "wide words" in told


@pytest.mark.parametrize("label", ["docx", "pdf", "eml", "png", "rtf"])
def test_a_file_that_ends_early_gives_what_it_has(label: str) -> None:
    data, _ = MADE[label]()
    for cut in range(0, len(data), max(1, len(data) // 40)):
        found = read_bytes(data[:cut], name=NAMES.get(label))
        assert isinstance(found, Extraction)
