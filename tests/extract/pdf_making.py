# ruff: noqa: E501  (documents as they stand read better unbroken)
"""PDF files written by hand: objects, revisions, and a document with a word in every place."""

from __future__ import annotations

import zlib

from tests.extract.making import Places, Planter, xmp_of


class Writer:
    """Objects into a file, with a table and revisions."""

    def __init__(self) -> None:
        self.out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self.offsets: dict[int, int] = {}

    def add(self, number: int, body: str | bytes) -> None:
        raw = body.encode("latin-1") if isinstance(body, str) else body
        self.offsets[number] = len(self.out)
        self.out += b"%d 0 obj\n" % number + raw + b"\nendobj\n"

    def stream(self, number: int, content: bytes, attributes: str = "", *, flate: bool = False) -> None:
        if flate:
            content = zlib.compress(content)
            attributes += " /Filter /FlateDecode"
        head = f"<< {attributes} /Length {len(content)} >>\nstream\n".encode("latin-1")
        self.add(number, head + content + b"\nendstream")

    def trailer(self, root: int, extra: str = "") -> None:
        at = len(self.out)
        size = max(self.offsets) + 1
        self.out += b"xref\n0 1\n0000000000 65535 f \n"
        for number, offset in sorted(self.offsets.items()):
            self.out += b"%d 1\n%010d 00000 n \n" % (number, offset)
        self.out += f"trailer\n<< /Size {size} /Root {root} 0 R {extra} >>\nstartxref\n{at}\n%%EOF\n".encode(
            "latin-1"
        )


def text_page(*lines: str) -> bytes:
    """A content stream that shows lines below one another."""
    shown = "".join(f"({line}) Tj 0 -20 Td " for line in lines)
    return f"BT /F1 12 Tf 72 720 Td {shown} ET".encode("latin-1")


def simple_pdf(*lines: str, flate: bool = False) -> bytes:
    """A document of one page."""
    made = Writer()
    made.add(1, "<< /Type /Catalog /Pages 2 0 R >>")
    made.add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    made.add(3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
    made.stream(4, text_page(*lines), flate=flate)
    made.add(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    made.trailer(1)
    return bytes(made.out)


def made_pdf() -> tuple[bytes, Places]:
    plant = Planter("pdf")
    made = Writer()
    made.add(
        1,
        "<< /Type /Catalog /Pages 2 0 R /Metadata 20 0 R /Outlines 22 0 R /AcroForm << /Fields [11 0 R 25 "
        "0 R] >> "
        "/Names << /EmbeddedFiles << /Names [(a) 13 0 R] >> /JavaScript << /Names [(j) 24 0 R] >> >> "
        "/OCProperties << /OCGs [15 0 R] /D << /OFF [15 0 R] >> >> >>",
    )
    made.add(2, "<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 1 /Resources << /Font << /F1 5 0 R /F2 6 0 R "
                "/F3 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> "
                "/XObject << /X1 8 0 R >> /Properties << /MC0 15 0 R >> >> >>")  # fmt: skip
    made.add(3, "<< /Type /Page /Parent 2 0 R /Contents [4 0 R 9 0 R] /Annots [10 0 R 11 0 R 12 0 R] >>")
    split = plant("kerned string", "body")
    placed = plant("glyph by glyph", "body")
    glyphs = " ".join(f"1 0 0 1 {72 + 7.2 * i:.1f} 500 Tm ({c}) Tj" for i, c in enumerate(placed))
    hexed = plant("hex string", "body").encode().hex()
    mapped = plant("composite font", "body")
    codes = "".join(f"{ord(c) + 256:04x}" for c in mapped)
    content = (
        f"BT /F1 12 Tf 72 720 Td ({plant('body', 'body')}) Tj 0 -20 Td <{hexed}> Tj 0 -20 Td "
        f"[({split[:4]}) -30 ({split[4:8]}) 20 ({split[8:]})] TJ ET "
        f"BT /F3 12 Tf {glyphs} ET "
        f"BT /F1 12 Tf 1 1 1 rg 72 600 Td ({plant('white text', 'body')}) Tj 0 g ET "
        f"BT /F1 12 Tf 72 580 Td (No ) Tj 3 Tr ({plant('rendering mode 3', 'hidden')}) Tj 0 Tr ET "
        f"BT /F1 12 Tf -900 -900 Td ({plant('off the page', 'body')}) Tj ET "
        f"/OC /MC0 BDC BT /F1 12 Tf 72 560 Td ({plant('layer switched off', 'hidden')}) Tj ET EMC "
        f"/Span << /ActualText ({plant('actual text', 'hidden')}) >> BDC BT /F1 12 Tf 72 540 Td (xx) Tj ET EMC "
        f"BT /F2 12 Tf 72 520 Td <{codes}> Tj ET q 1 0 0 1 0 0 cm /X1 Do Q"
    )
    made.stream(4, content.encode("latin-1"), flate=True)
    made.stream(9, text_page(plant("second content stream", "body")))
    made.add(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    made.add(6, "<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H /DescendantFonts [7 0 R] "
                "/ToUnicode 16 0 R >>")  # fmt: skip
    made.add(7, "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /DW 600 >>")
    made.stream(
        16,
        b"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0100> <017f> <0000> "
        b"endbfrange endcmap",
    )
    made.stream(
        8, text_page(plant("form object", "body")),
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> >>",
    )  # fmt: skip
    made.add(10, f"<< /Type /Annot /Subtype /Text /Contents ({plant('annotation', 'comment')}) "
                 f"/T ({plant('annotation author', 'form', 'comment')}) >>")  # fmt: skip
    made.add(11, f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (field) /V ({plant('field value', 'form')}) "
                 f"/TU ({plant('field tip', 'form')}) /AP << /N 14 0 R >> >>")  # fmt: skip
    made.add(12, "<< /Type /Annot /Subtype /Link /A << /S /URI "
                 f"/URI (https://example.com/{plant('link', 'link')}) >> >>")  # fmt: skip
    made.stream(
        14, text_page(plant("appearance", "form")),
        "/Type /XObject /Subtype /Form /Resources << /Font << /F1 5 0 R >> >>",
    )  # fmt: skip
    made.add(13, f"<< /Type /Filespec /UF ({plant('embedded file name', 'name')}.txt) /EF << /F 17 0 R >> >>")
    made.stream(17, plant("embedded file", "attachment").encode(), "/Type /EmbeddedFile", flate=True)
    made.add(15, f"<< /Type /OCG /Name ({plant('layer name', 'name')}) >>")
    made.stream(20, xmp_of(plant("XMP", "property")), "/Type /Metadata /Subtype /XML")
    utf16 = plant("UTF-16 title", "property")
    made.add(21, b"<< /Title <feff" + utf16.encode("utf-16-be").hex().encode()
             + f"> /Keywords ({plant('keywords', 'property')}) >>".encode())  # fmt: skip
    made.add(22, "<< /First 23 0 R >>")
    made.add(23, f"<< /Title ({plant('outline', 'name')}) /Parent 22 0 R >>")
    made.add(24, f"<< /S /JavaScript /JS (var k = '{plant('script', 'script')}') >>")
    made.add(25, "<< /FT /Tx /T (old) /V (" + plant("earlier value of a field", "deleted") + ") >>")
    made.add(26, f"<< /Type /StructElem /S /Figure /Alt ({plant('alternative text', 'hidden')}) >>")
    made.stream(27, text_page(plant("content that nothing shows", "deleted")))
    made.stream(28, text_page(plant("deleted content", "deleted")), flate=True)
    made.add(29, "<< /Type /Page /Parent 2 0 R /Contents 28 0 R >>")
    packed_word = plant("object in a stream", "name")
    packed = f"40 0 << /Title ({packed_word}) /Parent 22 0 R >>"
    made.stream(30, packed.encode(), "/Type /ObjStm /N 1 /First 5", flate=True)
    made.trailer(1, "/Info 21 0 R")
    # A later revision: another field value, other page content.
    made.add(25, "<< /FT /Tx /T (old) /V (none) >>")
    made.stream(9, text_page(plant("content of the last revision", "body")))
    word, _ = plant.places["second content stream"]
    plant.places["second content stream"] = (word, frozenset({"deleted"}))
    made.trailer(1, "/Info 21 0 R /Prev 100")
    return bytes(made.out), plant.places
