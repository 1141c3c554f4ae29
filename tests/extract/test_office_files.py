"""What LibreOffice writes, and what Word, PowerPoint and Outlook keep in compound files."""

from __future__ import annotations

import struct
import zlib
from collections import defaultdict
from pathlib import Path

import pytest

from sensor.extract.compound_files import decompress_vba
from sensor.extract.model import Extraction, Limits
from sensor.extract.msg import decompress_rtf
from sensor.extract.reading import read_bytes
from tests.extract.compound_making import compound, message
from tests.extract.making import docx_of, zipped

DATA = Path(__file__).parent / "data"


def kinds_of(found: Extraction, *words: str) -> dict[str, set[str]]:
    """Each word to the kinds of the parts that say it."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for part in found.parts:
        for word in words:
            if word in part.text:
                kinds[word].add(part.kind)
    return kinds


TEXT = {
    "OfficeTitle": "property", "OfficeKeyword": "property", "OfficeLabel": "property", "OfficeBody": "body",
    "OfficeDeleted": "deleted", "OfficeHidden": "hidden", "OfficeWhite": "body", "OfficeCell": "body",
    "OfficeComment": "comment", "OfficeFootnote": "note", "OfficeHeader": "header", "OfficeFooter": "footer",
    "OfficeLink": "link", "Größe": "body", "Пароль": "body",
}  # fmt: skip
SHEETS = {
    "OfficeTitle": "property", "OfficeLabel": "property", "OfficeSheet": "name", "OfficeBody": "sheet",
    "2023-03-15": "sheet", "OfficeComment": "comment", "OfficeHidden": "hidden",
}  # fmt: skip
SLIDES = {"OfficeLabel": "property", "OfficeBody": "slide", "OfficeNotes": "note", "OfficeHidden": "hidden"}
# The old formats do not keep apart what they do not mark.
OLD = {"OfficeDeleted": "body", "OfficeHidden": "body", "OfficeFooter": "header", "OfficeLink": "body"}
PRINTED = {key: "body" for key in TEXT if key not in ("OfficeHidden", "OfficeComment", "OfficeLabel")}

FILES = {
    "docx": TEXT, "rtf": TEXT, "odt": TEXT, "doc": TEXT | OLD, "xlsx": SHEETS, "ods": SHEETS,
    "xls": SHEETS | {"4111111111111111": "sheet"}, "pptx": SLIDES, "odp": SLIDES,
    "pdf": PRINTED | {"OfficeTitle": "property", "OfficeKeyword": "property", "OfficeLink": "link"},
}  # fmt: skip


@pytest.mark.parametrize("suffix", FILES)
def test_what_libreoffice_writes_is_read_whole(suffix: str) -> None:
    found = read_bytes((DATA / f"office.{suffix}").read_bytes())
    assert found.format == suffix and found.problems == ()
    told = kinds_of(found, *FILES[suffix])
    assert {word: kind for word, kind in FILES[suffix].items() if kind not in told[word]} == {}


@pytest.mark.parametrize("mini", [False, True])
def test_a_message_its_attachments_and_the_message_in_it(mini: bool) -> None:
    inner = message({0x0037: "inner subject", 0x1000: "inner body"}, {"deep.txt": b"deep text"})
    tree = message(
        {0x0037: "the subject", 0x1000: "the body", 0x0C1A: "the sender", 0x007D: "X-Label: header"},
        {"plan.docx": docx_of("attached words"), "note.txt": b"attached note"},
        inner,
    )
    html = b"<html><!-- html comment --><p>html body</p></html>"
    found = read_bytes(compound(tree | {"__substg1.0_10130102": html}, mini=mini))
    assert found.format == "msg" and found.problems == ()
    told = kinds_of(
        found, "the subject", "the body", "the sender", "X-Label", "attached words", "attached note",
        "html body", "html comment", "inner subject", "inner body", "deep text", "plan.docx",
    )  # fmt: skip
    assert told == {
        "the subject": {"property"}, "the body": {"body"}, "the sender": {"property"},
        "X-Label": {"property"},
        "attached words": {"body"}, "attached note": {"attachment"}, "html body": {"attachment"},
        "html comment": {"comment"}, "inner subject": {"property"}, "inner body": {"body"},
        "deep text": {"attachment"}, "plan.docx": {"name"},
    }  # fmt: skip


def test_messages_in_messages_end_at_the_limit() -> None:
    tree = message({0x1000: "bottom"})
    for level in range(9):
        tree = message({0x1000: f"level {level}"}, None, tree)
    found = read_bytes(compound(tree), limits=Limits(nesting=3))
    assert found.problems == ("too_deep",) and found.truncated
    assert [part.text for part in found.parts if part.kind == "body"] == [f"level {n}" for n in (8, 7, 6, 5)]


def test_compressed_rtf() -> None:
    """The first example of [MS-OXRTFCP] 4.1.1 in plain form, and one of literals and references."""
    raw = b"{\\rtf1 hello}"
    packed = struct.pack("<II4sI", len(raw) + 12, len(raw), b"MELA", 0) + raw
    from sensor.extract.budget import Budget

    budget = Budget(Limits(), lambda part: None)
    assert decompress_rtf(budget, packed) == raw
    # Control byte of eight literals, then one of a reference to the start of the window and the end mark.
    body = b"\x00abcdefgh" + b"\x03" + struct.pack(">H", 0 << 4 | 3) + struct.pack(">H", (207 + 8 + 5) << 4)
    lzfu = struct.pack("<II4sI", len(body) + 12, 13, b"LZFu", 0) + body
    assert decompress_rtf(budget, lzfu) == b"abcdefgh{\\rtf"


def test_macros_are_read() -> None:
    """[MS-OVBA] 3.2.1: the specification's own example of compression."""
    packed = bytes.fromhex(
        "01 19 B0 00 61 62 63 64 65 66 67 68 00 69 6A 6B 6C 6D 6E 6F 70 00 71 72 73 74 75 76 2E"
    )
    from sensor.extract.budget import Budget

    assert decompress_vba(Budget(Limits(), lambda part: None), packed) == b"abcdefghijklmnopqrstuv."
    source = b'Attribute VB_Name = "M"\r\nConst Password = "macro secret"\r\n'
    literal = b"".join(b"\0" + source[i : i + 8] for i in range(0, len(source), 8))
    module = b"junk" * 9 + b"\x01" + struct.pack("<H", 0xB000 | (len(literal) - 1)) + literal
    macros = compound({"VBA": {"Module1": module, "dir": b"x"}, "PROJECT": b'Name="project words"'})
    data = zipped({"[Content_Types].xml": "x", "word/document.xml": "<d/>", "word/vbaProject.bin": macros})
    found = read_bytes(data)
    assert kinds_of(found, "macro secret", "project words") == {
        "macro secret": {"script"}, "project words": {"script"},
    }  # fmt: skip


def test_packaged_objects_and_powerpoint_atoms() -> None:
    inside = b"packaged words"
    native = struct.pack("<IH", 99, 2) + b"a.txt\0C:\\a.txt\0" + struct.pack("<II", 3, 8) + b"C:\\tmp\\a\0"
    native += struct.pack("<I", len(inside)) + inside
    found = read_bytes(compound({"\x01Ole10Native": native}))
    assert kinds_of(found, "packaged words", "a.txt") == {"packaged words": {"attachment"}, "a.txt": {"name"}}

    def atom(kind: int, body: bytes, version: int = 0) -> bytes:
        return struct.pack("<HHI", version, kind, len(body)) + body

    embedded = compound({"\x01Ole10Native": native})
    stored = atom(0x1011, struct.pack("<I", len(embedded)) + zlib.compress(embedded), 1 << 4)
    shown = atom(0x0FA0, "wide atom".encode("utf-16-le")) + atom(0x0FA8, b"narrow atom")
    show = compound({"PowerPoint Document": atom(0x03EE, shown, 15) + stored, "Current User": bytes(20)})
    found = read_bytes(show)
    assert found.format == "ppt"
    assert kinds_of(found, "wide atom", "narrow atom", "packaged words") == {
        "wide atom": {"slide"}, "narrow atom": {"slide"}, "packaged words": {"attachment"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        compound({"EncryptionInfo": b"x" * 64, "EncryptedPackage": b"x" * 64}),
        compound({"PowerPoint Document": b"x" * 64, "Current User": bytes(12) + b"\xdf\xc4\xd1\xf3"}),
        compound({"Workbook": struct.pack("<HHHH", 0x0809, 4, 0x0600, 5) + struct.pack("<HHH", 0x2F, 2, 0)}),
        compound({"WordDocument": (b"\xec\xa5" + bytes(8) + b"\x00\x01").ljust(600, b"\0"), "0Table": b"x"}),
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": b"\x00\x01",
                "META-INF/manifest.xml": "<manifest:encryption-data/>"}, stored="mimetype"),
    ],
    ids=["OOXML", "PPT", "XLS", "DOC", "ODF"],
)  # fmt: skip
def test_what_needs_a_password_is_told(data: bytes) -> None:
    found = read_bytes(data)
    assert "encrypted" in found.problems and found.truncated


def test_an_unknown_compound_file_gives_its_strings() -> None:
    found = read_bytes(
        compound({"Whatever": b"\0\1\2" + "wide words".encode("utf-16-le") + b"\0\0\xffnarrow words\xff"})
    )
    assert found.problems == ("partial", "unsupported")
    assert set(kinds_of(found, "wide words", "narrow words")) == {"wide words", "narrow words"}
