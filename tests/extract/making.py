# ruff: noqa: E501  (documents as they stand read better unbroken)
"""
Files made by hand, with a word planted in every place that a format has.

``MADE`` maps a format's label to a function that gives the file and its places: name of the place to (word,
kinds that may tell it). The words are unlike anything that stands in a file by itself.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

Places = dict[str, tuple[str, frozenset[str]]]

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Planter:
    """Hands out words and remembers where each belongs."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.places: Places = {}

    def __call__(self, place: str, *kinds: str) -> str:
        word = f"Planted{len(self.places):02}x{zlib.crc32((self.label + place).encode()) & 0xFFFF:04x}"
        self.places[place] = (word, frozenset(kinds))
        return word


def zipped(members: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED, stored: str = "") -> bytes:
    """A ZIP of those members; the one named ``stored`` comes first, uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in members.items():
            kind = zipfile.ZIP_STORED if name == stored else method
            archive.writestr(zipfile.ZipInfo(name), body, compress_type=kind)
    return out.getvalue()


def properties(plant: Planter) -> dict[str, str | bytes]:
    """docProps of any Office package."""
    return {
        "docProps/core.xml": HEAD
        + '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{plant('core property', 'property')}</dc:title></cp:coreProperties>",
        "docProps/app.xml": HEAD
        + '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Company>{plant('app property', 'property')}</Company></Properties>",
        "docProps/custom.xml": HEAD
        + '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
        ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2"'
        ' name="MSIP_Label_1a2b3c4d-0000-4111-8222-933344445555_Name">'
        f"<vt:lpwstr>{plant('label', 'property')}</vt:lpwstr></property></Properties>",
    }


def content_types() -> str:
    return HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def relationships(*targets: tuple[str, str, str]) -> str:
    body = "".join(
        f'<Relationship Id="{key}" Type="t" Target="{target}"'
        + (' TargetMode="External"' if mode else "")
        + "/>"
        for key, target, mode in targets
    )
    return (
        HEAD
        + f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{body}</Relationships>'
    )


def docx() -> tuple[bytes, Places]:
    plant = Planter("docx")

    def p(*runs: str) -> str:
        return "<w:p>" + "".join(runs) + "</w:p>"

    def run(text: str, properties: str = "") -> str:
        return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"

    split = plant("body, split over runs", "body")
    removed, kept = plant("tracked deletion", "deleted"), plant("tracked insertion", "body")
    body = "".join(
        (
            p(run(plant("body", "body"))),
            p(run(split[:5]), run(split[5:9]), run(split[9:])),
            p(run("Before "), f"<w:del><w:r><w:delText>{removed}</w:delText></w:r></w:del>", run(" after")),
            p(f"<w:ins>{run(kept)}</w:ins>"),
            p(f"<w:moveFrom>{run(plant('moved away', 'deleted'))}</w:moveFrom>"),
            p(run("see "), run(plant("vanish", "hidden"), "<w:vanish/>")),
            p(run(plant("white text", "body", "hidden"), '<w:color w:val="FFFFFF"/>')),
            "<w:tbl><w:tr>"
            + "".join(f"<w:tc>{p(run(head))}</w:tc>" for head in ("Name", "Number", "Town"))
            + "</w:tr><w:tr>"
            + "".join(f"<w:tc>{p(run(text))}</w:tc>" for text in ("x", plant("table cell", "body"), "y"))
            + "</w:tr></w:tbl>",
            '<w:sdt><w:sdtPr><w:alias w:val="'
            + plant("content control", "form")
            + f'"/></w:sdtPr><w:sdtContent>{p(run("c"))}</w:sdtContent></w:sdt>',
            p(
                "<w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:drawing><wps:txbx "
                "xmlns:wps='s'><w:txbxContent>"
                + p(run(plant("text box", "body")))
                + "</w:txbxContent></wps:txbx><wp:docPr xmlns:wp='d' id='1' name='n' descr='"
                + plant("alternative text", "body")
                + "'/></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
                + p(run(plant("fallback of a text box", "hidden")))
                + "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            ),
            p(
                '<w:r><w:instrText>HYPERLINK "https://example.com/'
                + plant("field instruction", "link")
                + '"</w:instrText></w:r>'
            ),
            p(f'<w:bookmarkStart w:id="1" w:name="{plant("bookmark", "name")}"/>', run("b")),
        )
    )
    inner = zipped(
        {
            "[Content_Types].xml": content_types(),
            "xl/workbook.xml": HEAD + f"<workbook {S}/>",
            "xl/worksheets/sheet1.xml": HEAD
            + f'<worksheet {S}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
            + plant("embedded workbook", "sheet")
            + "</t></is></c></row></sheetData></worksheet>",
        }
    )

    def part(tag: str, content: str) -> str:
        return HEAD + f"<w:{tag} {W}>{content}</w:{tag}>"

    members: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(),
        "word/document.xml": HEAD + f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/header1.xml": part("hdr", p(run(plant("header", "header")))),
        "word/footer1.xml": part("ftr", p(run(plant("footer", "footer")))),
        "word/footnotes.xml": part(
            "footnotes", f'<w:footnote w:id="2">{p(run(plant("footnote", "note")))}</w:footnote>'
        ),
        "word/endnotes.xml": part(
            "endnotes", f'<w:endnote w:id="2">{p(run(plant("endnote", "note")))}</w:endnote>'
        ),
        "word/comments.xml": part(
            "comments",
            f'<w:comment w:id="0" w:author="{plant("comment author", "comment")}">'
            f"{p(run(plant('comment', 'comment')))}</w:comment>",
        ),
        "word/glossary/document.xml": part("glossaryDocument", p(run(plant("building block", "layout")))),
        "word/settings.xml": part(
            "settings",
            f'<w:docVars><w:docVar w:name="v" w:val="{plant("document variable", "property")}"/></w:docVars>',
        ),
        "word/_rels/document.xml.rels": relationships(
            ("rId1", f"mailto:{plant('hyperlink', 'link')}@example.com", "External")
        ),
        "word/diagrams/data1.xml": HEAD
        + f"<dgm:dataModel xmlns:dgm='d' {A}><a:p><a:r><a:t>{plant('diagram', 'body')}</a:t></a:r></a:p></dgm:dataModel>",
        "word/charts/chart1.xml": HEAD
        + f"<c:chartSpace xmlns:c='c'><c:pt><c:v>{plant('chart cache', 'body')}</c:v></c:pt></c:chartSpace>",
        "customXml/item1.xml": f"<root><cell>{plant('custom XML', 'body')}</cell></root>",
        "word/embeddings/sheet.xlsx": inner,
        "word/afchunk.htm": f"<html><body><p>{plant('alternative chunk', 'attachment')}</p></body></html>",
        "word/media/image1.png": png_of(text=plant("picture metadata", "metadata")),
        **properties(plant),
    }
    return zipped(members), plant.places


def xlsx() -> tuple[bytes, Places]:
    plant = Planter("xlsx")

    def sheet(rows: str, rest: str = "") -> str:
        return HEAD + f"<worksheet {S}><sheetData>{rows}</sheetData>{rest}</worksheet>"

    shared = plant("shared string", "sheet")
    orphan = plant("string without a cell", "deleted")
    rich = plant("rich string", "sheet")
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>4.1111111111111111E15</v></c>'
        '<c r="C2" s="1"><v>45000</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3" s="2"><v>123456789</v></c>'
        f'<c r="C3" t="inlineStr"><is><t>{plant("inline string", "sheet")}</t></is></c></row>'
        f'<row r="4"><c r="A4" t="str"><f>CONCAT("{plant("formula", "form")}",A1)</f>'
        f'<v>{plant("formula result", "sheet")}</v></c><c r="B4" s="3"><v>7</v></c></row>'
    )
    strings = (
        "<si><t>Name</t></si><si><t>Card</t></si><si><t>Date</t></si>"
        f"<si><t>{shared}</t></si><si><r><t>{rich[:6]}</t></r><r><t>{rich[6:]}</t></r></si><si><t>{orphan}</t></si>"
    )
    extra = (
        f"<headerFooter><oddHeader>&amp;L{plant('sheet header', 'header')}&amp;C&amp;P</oddHeader>"
        f'<oddFooter>&amp;R&amp;"Arial,Bold"{plant("sheet footer", "footer")}</oddFooter></headerFooter>'
        f'<dataValidations><dataValidation prompt="{plant("validation prompt", "form")}"><formula1>"a,'
        f'{plant("validation list", "form")}"</formula1></dataValidation></dataValidations>'
        f'<hyperlinks><hyperlink ref="A1" tooltip="{plant("link tip", "link")}"/></hyperlinks>'
    )

    def cell(word: str) -> str:
        return f'<row r="1"><c r="A1" t="inlineStr"><is><t>{word}</t></is></c></row>'

    members: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(),
        "xl/workbook.xml": HEAD
        + f"<workbook {S} {R}><sheets>"
        + f'<sheet name="{plant("sheet name", "name")}" sheetId="1" r:id="rId1"/>'
        '<sheet name="Payroll" sheetId="2" state="hidden" r:id="rId2"/>'
        '<sheet name="Deep" sheetId="3" state="veryHidden" r:id="rId3"/></sheets>'
        f'<definedNames><definedName name="{plant("defined name", "name")}">Sheet1!$A$1</definedName></definedNames>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": relationships(
            ("rId1", "worksheets/sheet1.xml", ""),
            ("rId2", "worksheets/sheet2.xml", ""),
            ("rId3", "/xl/worksheets/sheet3.xml", ""),
        ),
        "xl/sharedStrings.xml": HEAD + f"<sst {S}>{strings}</sst>",
        "xl/styles.xml": HEAD
        + f'<styleSheet {S}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="000\\-00\\-0000"/><numFmt numFmtId="166" formatCode="00000"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": sheet(rows, extra),
        "xl/worksheets/sheet2.xml": sheet(cell(plant("hidden sheet", "hidden"))),
        "xl/worksheets/sheet3.xml": sheet(cell(plant("very hidden sheet", "hidden"))),
        "xl/comments1.xml": HEAD
        + f"<comments {S}><commentList><comment ref='A1'><text><r><t>{plant('cell comment', 'comment')}</t></r></text>"
        "</comment></commentList></comments>",
        "xl/threadedComments/threadedComment1.xml": HEAD
        + f"<ThreadedComments><threadedComment><text>{plant('threaded comment', 'comment')}</text></threadedComment>"
        "</ThreadedComments>",
        "xl/pivotCache/pivotCacheRecords1.xml": HEAD
        + f'<pivotCacheRecords {S}><r><s v="{plant("pivot cache", "hidden")}"/></r></pivotCacheRecords>',
        "xl/externalLinks/externalLink1.xml": HEAD
        + f"<externalLink {S}><cell r='A1'><v>{plant('cached value of another file', 'body')}</v></cell></externalLink>",
        "xl/connections.xml": HEAD
        + f'<connections {S}><connection name="c"><dbPr connection="Password={plant("connection", "body")};"/>'
        "</connection></connections>",
        "xl/drawings/drawing1.xml": HEAD
        + f"<xdr:wsDr xmlns:xdr='x' {A}><a:p><a:r><a:t>{plant('text box', 'body')}</a:t></a:r></a:p></xdr:wsDr>",
        "xl/drawings/vmlDrawing1.vml": f"<xml><v:shape xmlns:v='v'><div>{plant('VML', 'body')}</div></v:shape></xml>",
        **properties(plant),
    }
    plant.places["number as an id"] = ("4111111111111111", frozenset({"sheet"}))
    plant.places["number as a date"] = ("2023-03-15", frozenset({"sheet"}))
    plant.places["number under a mask"] = ("123-45-6789", frozenset({"sheet"}))
    plant.places["number with zeros"] = ("00007", frozenset({"sheet"}))
    return zipped(members), plant.places


def pptx() -> tuple[bytes, Places]:
    plant = Planter("pptx")

    def shape(word: str, attributes: str = "") -> str:
        return (
            f"<p:sp><p:nvSpPr><p:cNvPr id='1' name='Title 1' {attributes}/></p:nvSpPr><p:txBody><a:p><a:r><a:t>{word}"
            "</a:t></a:r></a:p></p:txBody></p:sp>"
        )

    def slide(tag: str, content: str, attributes: str = "") -> str:
        return (
            HEAD + f"<p:{tag} {P} {A} {attributes}><p:cSld><p:spTree>{content}</p:spTree></p:cSld></p:{tag}>"
        )

    table = (
        "<a:tbl><a:tr>"
        + "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{t}</a:t></a:r></a:p></a:txBody></a:tc>" for t in ("A", "B", "C")
        )
        + "</a:tr><a:tr>"
        + "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{t}</a:t></a:r></a:p></a:txBody></a:tc>"
            for t in ("x", plant("table cell", "slide"), "z")
        )
        + "</a:tr></a:tbl>"
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(),
        "ppt/presentation.xml": HEAD + f"<p:presentation {P}/>",
        "ppt/slides/slide1.xml": slide(
            "sld",
            shape(plant("slide", "slide"), f"descr='{plant('alternative text', 'slide')}'")
            + table
            + f"<p:sp><p:spPr><a:xfrm><a:off x='-99999999' y='0'/></a:xfrm></p:spPr>{shape(plant('off the slide', 'slide'))}</p:sp>",
        ),
        "ppt/slides/slide2.xml": slide("sld", shape(plant("hidden slide", "hidden")), 'show="0"'),
        "ppt/notesSlides/notesSlide1.xml": slide("notes", shape(plant("notes", "note"))),
        "ppt/comments/comment1.xml": HEAD
        + f"<p:cmLst {P}><p:cm><p:text>{plant('comment', 'comment')}</p:text></p:cm></p:cmLst>",
        "ppt/comments/modernComment_1.xml": HEAD
        + f"<p188:cmLst xmlns:p188='q' {A}><p188:txBody><a:p><a:r><a:t>{plant('modern comment', 'comment')}</a:t></a:r>"
        "</a:p></p188:txBody></p188:cmLst>",
        "ppt/slideMasters/slideMaster1.xml": slide("sldMaster", shape(plant("master", "layout"))),
        "ppt/slideLayouts/slideLayout1.xml": slide("sldLayout", shape(plant("layout", "layout"))),
        "ppt/tags/tag1.xml": HEAD
        + f'<p:tagLst {P}><p:tag name="K" val="{plant("tag", "property")}"/></p:tagLst>',
        "ppt/embeddings/note.txt": plant("embedded file", "attachment"),
        **properties(plant),
    }
    return zipped(members), plant.places


ODF_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
)


def _odf(kind: str, plant: Planter, styles: str, body: str, master: str = "") -> bytes:
    meta = (
        f"<office:meta><dc:title>{plant('title', 'property')}</dc:title>"
        f'<meta:user-defined meta:name="Client">{plant("user property", "property")}</meta:user-defined></office:meta>'
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": HEAD
            + f"<office:document-content {ODF_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body>{body}</office:body></office:document-content>",
            "styles.xml": HEAD
            + f"<office:document-styles {ODF_SPACES}><office:master-styles>{master}</office:master-styles>"
            "</office:document-styles>",
            "meta.xml": HEAD + f"<office:document-meta {ODF_SPACES}>{meta}</office:document-meta>",
            "META-INF/manifest.xml": "<manifest/>",
        },
        stored="mimetype",
    )


def odt() -> tuple[bytes, Places]:
    plant = Planter("odt")
    styles = '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    body = (
        "<office:text><text:tracked-changes><text:changed-region><text:deletion>"
        f"<text:p>{plant('tracked deletion', 'deleted')}</text:p></text:deletion></text:changed-region>"
        f"</text:tracked-changes><text:p>{plant('body', 'body')}</text:p>"
        f'<text:p>Seen <text:span text:style-name="H">{plant("hidden span", "hidden")}</text:span></text:p>'
        f'<text:p text:style-name="H">{plant("hidden paragraph", "hidden")}</text:p>'
        f'<text:section text:name="S" text:display="none"><text:p>{plant("hidden section", "hidden")}</text:p>'
        "</text:section><text:p>x<text:note><text:note-body>"
        f"<text:p>{plant('footnote', 'note')}</text:p></text:note-body></text:note>"
        f"<office:annotation><dc:creator>{plant('comment author', 'comment')}</dc:creator>"
        f"<text:p>{plant('comment', 'comment')}</text:p></office:annotation></text:p>"
        "<table:table><table:table-row>"
        + "".join(f"<table:table-cell><text:p>{t}</text:p></table:table-cell>" for t in ("A", "B", "C"))
        + "</table:table-row><table:table-row>"
        + "".join(
            f"<table:table-cell><text:p>{t}</text:p></table:table-cell>"
            for t in ("1", plant("table cell", "body"), "2")
        )
        + "</table:table-row></table:table>"
        f'<text:p><text:a xlink:href="https://example.com/{plant("link", "link")}">l</text:a>'
        f"<draw:frame><draw:text-box><text:p>{plant('text box', 'body')}</text:p></draw:text-box>"
        f"<svg:desc>{plant('alternative text', 'body')}</svg:desc></draw:frame></text:p></office:text>"
    )
    master = (
        f'<style:master-page style:name="M"><style:header><text:p>{plant("header", "header")}</text:p></style:header>'
        f"<style:footer><text:p>{plant('footer', 'footer')}</text:p></style:footer></style:master-page>"
    )
    return _odf("text", plant, styles, body, master), plant.places


def ods() -> tuple[bytes, Places]:
    plant = Planter("ods")
    styles = (
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>"
    )

    def cell(word: str, attributes: str = "") -> str:
        return f"<table:table-cell {attributes}><text:p>{word}</text:p></table:table-cell>"

    body = (
        f'<office:spreadsheet><table:table table:name="{plant("sheet name", "name")}"><table:table-row>'
        + cell(plant("cell", "sheet"), 'office:value-type="string"')
        + cell("4.11E+15", 'office:value-type="float" office:value="4111111111111111"')
        + cell("15.03.23", 'office:value-type="date" office:date-value="2023-03-15"')
        + '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        f'<table:table-row><table:table-cell table:formula="of:=CONCAT(&quot;{plant("formula", "form")}&quot;)">'
        f"<text:p>r</text:p><office:annotation><text:p>{plant('cell comment', 'comment')}</text:p></office:annotation>"
        "</table:table-cell></table:table-row></table:table>"
        '<table:table table:name="Hidden" table:style-name="ta2"><table:table-row>'
        + cell(plant("hidden sheet", "hidden"))
        + "</table:table-row></table:table>"
        f'<table:named-expressions><table:named-range table:name="{plant("named range", "name")}"'
        ' table:cell-range-address="$A.$A$1"/></table:named-expressions></office:spreadsheet>'
    )
    plant.places["number as an id"] = ("4111111111111111", frozenset({"sheet"}))
    plant.places["number as a date"] = ("2023-03-15", frozenset({"sheet"}))
    return _odf("spreadsheet", plant, styles, body), plant.places


def odp() -> tuple[bytes, Places]:
    plant = Planter("odp")
    styles = (
        '<style:style style:name="dp2" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )

    def page(name: str, style: str, word: str, notes: str = "") -> str:
        return (
            f'<draw:page draw:name="{name}" draw:style-name="{style}"><draw:frame><draw:text-box><text:p>{word}</text:p>'
            f"</draw:text-box></draw:frame>{notes}</draw:page>"
        )

    notes = (
        f"<presentation:notes><draw:frame><draw:text-box><text:p>{plant('notes', 'note')}</text:p></draw:text-box>"
        "</draw:frame></presentation:notes>"
    )
    body = (
        "<office:presentation>"
        + page(plant("page name", "name"), "dp1", plant("slide", "slide"), notes)
        + page("page2", "dp2", plant("hidden slide", "hidden"))
        + "</office:presentation>"
    )
    master = (
        f'<style:master-page style:name="M"><draw:frame><draw:text-box><text:p>{plant("master", "layout")}</text:p>'
        "</draw:text-box></draw:frame></style:master-page>"
    )
    return _odf("presentation", plant, styles, body, master), plant.places


def rtf() -> tuple[bytes, Places]:
    plant = Planter("rtf")
    escaped = plant("Unicode escapes", "body")
    cyrillic = "\u041f\u0430\u0440\u043e\u043b\u044c"
    text = (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}{\colortbl;\red255\green255\blue255;}"
        rf"{{\info{{\title {plant('title', 'property')}}}{{\author {plant('author', 'property')}}}}}"
        rf"{{\*\userprops{{\propname Client}}\proptype30{{\staticval {plant('user property', 'property')}}}}}"
        rf"{{\header {plant('header', 'header')}\par}}{{\footer {plant('footer', 'footer')}\par}}"
        rf"\pard {plant('body', 'body')}\par seen {{\v {plant('hidden', 'hidden')}}}\par was {{\deleted {plant('deleted', 'deleted')}}}\par "
        rf"{{\cf1 {plant('white text', 'body')}}}\par x{{\footnote {plant('footnote', 'note')}}}"
        rf"{{\*\annotation {plant('comment', 'comment')}}}\par "
        + "".join(rf"\u{ord(c)}?" for c in escaped)
        + r"\par {\f1 "
        + "".join(f"\\'{b:02x}" for b in cyrillic.encode("cp1251"))
        + r"}\par "
        rf'{{\field{{\*\fldinst HYPERLINK "https://example.com/{plant("link", "link")}"}}{{\fldrslt l}}}}'
        rf"{{\*\bkmkstart {plant('bookmark', 'name')}}}"
        rf"{{\trowd\cellx100\cellx200 one\cell {plant('table cell', 'body')}\cell\row}}"
        rf"{{\*\unknownword {plant('unknown destination', 'hidden')}}}"
        r"{\object\objemb{\*\objdata "
        + zipped({"in.txt": plant("embedded object", "attachment")}).hex()
        + "}}"
        "}"
    )
    plant.places["code page"] = (cyrillic, frozenset({"body"}))
    return text.encode("ascii") + plant("behind the document", "hidden").encode(), plant.places


def html() -> tuple[bytes, Places]:
    plant = Planter("html")
    text = f"""<!DOCTYPE html><html><head><title>{plant("title", "body")}</title>
<meta name="description" content="{plant("meta", "property")}"><style>/* {
        plant("style", "script")
    } */</style></head>
<body><!-- {plant("comment", "comment")} --><p>{plant("body", "body")}</p>
<p hidden>{plant("hidden attribute", "hidden")}</p><div style="display:none">a<b>{
        plant("display none", "hidden")
    }</b></div>
<span style="color:#fff">{plant("white text", "body")}</span><img src="x.png" alt="{plant("alt", "body")}">
<a href="https://example.com/{plant("link", "link")}" title="{plant("link title", "body")}">a</a>
<input type="hidden" name="t" value="{plant("hidden input", "hidden")}"><input name="q" value="{
        plant("input", "form")
    }">
<textarea>{plant("textarea", "body")}</textarea><script>var k = "{plant("script", "script")}";</script>
<script type="application/json">{{"k": "{plant("script data", "script")}"}}</script>
<template><p>{plant("template", "hidden")}</p></template><noscript>{plant("noscript", "hidden")}</noscript>
<table><tr><th>Name</th><th>Card</th><th>Town</th></tr><tr><td>x</td><td>{
        plant("table cell", "body")
    }</td><td>y</td></tr></table>
<p data-note="{plant("data attribute", "body")}">&#80;{plant("entities", "body")[1:]}</p>
<iframe srcdoc="&lt;p&gt;{plant("srcdoc", "attachment")}&lt;/p&gt;"></iframe>
<a href="data:text/plain;base64,{base64.b64encode(plant("data URL", "attachment").encode()).decode()}">d</a>
<p>{plant("unclosed", "body")}"""
    return text.encode(), plant.places


def eml() -> tuple[bytes, Places]:
    plant = Planter("eml")
    quoted = plant("quoted-printable", "body")
    encoded = plant("encoded word", "property")
    nested = f"Subject: {plant('subject of a message inside', 'property')}\r\n\r\n{plant('message inside', 'body')}\r\n"
    attachment = docx_of(plant("attached document", "body"))
    text = (
        f"From: =?utf-8?B?{base64.b64encode(encoded.encode()).decode()}?= <a@example.com>\r\nTo: b@example.com\r\n"
        f"Subject: {plant('subject', 'property')}\r\nX-Sensitivity: {plant('label header', 'property')}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="outer"\r\n\r\n'
        f"{plant('preamble', 'hidden')}\r\n--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
        f"--inner\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + "".join(f"={ord(c):02X}" for c in quoted)
        + f"=\r\n caf=E9\r\n--inner\r\nContent-Type: text/html\r\n\r\n<p>{plant('HTML alternative', 'attachment')}</p>\r\n"
        "--inner--\r\n--outer\r\nContent-Type: application/octet-stream; name*=utf-8''"
        f"{plant('file name', 'name')}.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(attachment).decode().replace("\n", "\r\n")
        + "--outer\r\nContent-Type: message/rfc822\r\n\r\n"
        + nested
        + "--outer\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n"
        f"{plant('attached text', 'attachment')}\r\n--outer--\r\n{plant('epilogue', 'hidden')}\r\n"
    )
    return text.encode(), plant.places


def mbox() -> tuple[bytes, Places]:
    plant = Planter("mbox")
    text = "".join(
        f"From a@example.com Mon Jan  5 10:00:0{i} 2026\nSubject: {plant(f'subject {i}', 'property')}\n\n"
        f"{plant(f'body {i}', 'body')}\n\n"
        for i in range(3)
    )
    return text.encode(), plant.places


def docx_of(word: str) -> bytes:
    """The smallest document that says a word."""
    return zipped(
        {
            "[Content_Types].xml": content_types(),
            "word/document.xml": HEAD
            + f"<w:document {W}><w:body><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:body></w:document>",
        }
    )


def archive() -> tuple[bytes, Places]:
    plant = Planter("zip")
    inner = zipped({"deep/readme.txt": plant("archive in the archive", "attachment")})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = plant("archive comment", "comment").encode()
        made.writestr("a.txt", plant("member", "attachment"))
        made.writestr(plant("member name", "name") + ".bin", b"")
        info = zipfile.ZipInfo("c.txt")
        info.comment = plant("member comment", "comment").encode()
        made.writestr(info, "x")
        made.writestr("b.txt", plant("bzip2 member", "attachment"), compress_type=zipfile.ZIP_BZIP2)
        made.writestr("l.txt", plant("LZMA member", "attachment"), compress_type=zipfile.ZIP_LZMA)
        made.writestr("inner.zip", inner)
        made.writestr("doc.docx", docx_of(plant("document in the archive", "body")))
    data = out.getvalue()
    # A member that no directory lists, between the last member and the directory.
    secret = plant("member without a directory entry", "attachment").encode()
    local = struct.pack(
        "<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(secret), len(secret), len(secret), 5, 0
    )
    at = data.rfind(b"PK\x05\x06")
    (size, offset) = struct.unpack_from("<II", data, at + 12)
    hidden = local + b"h.txt" + secret
    data = (
        data[:offset]
        + hidden
        + data[offset:at]
        + data[at : at + 16]
        + struct.pack("<I", offset + len(hidden))
        + data[at + 20 :]
    )
    return data, plant.places


def tar() -> tuple[bytes, Places]:
    plant = Planter("tar")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name, word in (
            ("a.txt", plant("member", "attachment")),
            ("d/" * 60 + plant("long name", "name") + ".txt", plant("member with a long name", "attachment")),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(word)
            made.addfile(info, io.BytesIO(word.encode()))
    return out.getvalue(), plant.places


def compressed(coding: str) -> Callable[[], tuple[bytes, Places]]:
    def make() -> tuple[bytes, Places]:
        plant = Planter(coding)
        body = f"one\n{plant('content', 'attachment')}\n".encode()
        if coding == "gzip":
            out = io.BytesIO()
            with gzip.GzipFile(plant("file name", "attachment") + ".txt", "wb", fileobj=out, mtime=0) as made:
                made.write(body)
            return out.getvalue(), plant.places
        if coding == "tar.gz":
            data, places = tar()
            return gzip.compress(data, mtime=0), places
        if coding == "zstd":
            import zstandard

            return zstandard.ZstdCompressor().compress(body), plant.places
        return {"bzip2": bz2.compress, "xz": lzma.compress}[coding](body), plant.places

    return make


def notebook() -> tuple[bytes, Places]:
    plant = Planter("ipynb")
    book = {
        "cells": [
            {
                "cell_type": "code",
                "source": ["x = 1\n", f"key = '{plant('source', 'body')}'"],
                "metadata": {"note": plant("cell metadata", "metadata")},
                "outputs": [
                    {"output_type": "stream", "text": [plant("output", "body")]},
                    {"output_type": "execute_result", "data": {"text/plain": plant("result", "body"),
                     "text/html": f"<b>{plant('HTML result', 'attachment')}</b>",
                     "image/png": base64.b64encode(png_of(text=plant("metadata of a picture",
                     "metadata"))).decode()}},
                    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [plant("traceback",
                    "body")]},
                ],
            },
            {"cell_type": "markdown", "source": plant("markdown", "body"), "metadata": {},
             "attachments": {"a.txt": {"text/plain": plant("attachment", "body")}}},
        ],
        "metadata": {"authors": [{"name": plant("notebook metadata", "metadata")}]},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(book).encode(), plant.places


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(text: str = "", *chunks: tuple[bytes, bytes], tail: bytes = b"") -> bytes:
    """A picture of one pixel that says something."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", _png_chunk(b"IHDR", header)]
    if text:
        parts.append(_png_chunk(b"tEXt", b"Comment\0" + text.encode("latin-1")))
    parts += [_png_chunk(kind, body) for kind, body in chunks]
    parts += [_png_chunk(b"IDAT", zlib.compress(b"\0\0")), _png_chunk(b"IEND", b"")]
    return b"".join(parts) + tail


def xmp_of(word: str) -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
        f'{word}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def png() -> tuple[bytes, Places]:
    plant = Planter("png")
    data = png_of(
        plant("tEXt", "metadata"),
        (b"zTXt", b"k\0\0" + zlib.compress(plant("zTXt", "metadata").encode())),
        (b"iTXt", b"k\0\1\0en\0\0" + zlib.compress(plant("iTXt, compressed", "metadata").encode())),
        (b"iTXt", b"k\0\0\0\0\0" + plant("iTXt", "metadata").encode()),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp_of(plant("XMP", "metadata"))),
        (b"eXIf", exif_of(plant("EXIF", "metadata"), order=">")),
        tail=b"\0" * 40 + plant("behind the picture", "hidden").encode() + b"\0" * 40,
    )
    return data, plant.places


def exif_of(word: str, order: str = "<", comment: str = "") -> bytes:
    """A TIFF block: a description, GPS at 52.5 N 13.25 E, a UserComment in UTF-16."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    text = word.encode() + b"\0"
    user = b"UNICODE\0" + comment.encode("utf-16-le" if order == "<" else "utf-16-be")
    base = 8 + 2 + 12 * 3 + 4
    gps_at = base + len(text) + len(text) % 2
    rational = struct.pack(order + "6I", 52, 1, 30, 1, 0, 1), struct.pack(order + "6I", 13, 1, 15, 1, 0, 1)
    gps_size = 2 + 12 * 4 + 4
    values_at = gps_at + gps_size
    exif_at = values_at + 48
    entries = struct.pack(order + "HHII", 0x010E, 2, len(text), base)
    entries += struct.pack(order + "HHII", 0x8769, 4, 1, exif_at) + struct.pack(
        order + "HHII", 0x8825, 4, 1, gps_at
    )
    gps = struct.pack(order + "H", 4)
    gps += struct.pack(order + "HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack(order + "HHII", 2, 5, 3, values_at)
    gps += struct.pack(order + "HHI4s", 3, 2, 2, b"E\0\0\0") + struct.pack(
        order + "HHII", 4, 5, 3, values_at + 24
    )
    gps += b"\0\0\0\0"
    exif = (
        struct.pack(order + "H", 1)
        + struct.pack(order + "HHII", 0x9286, 7, len(user), exif_at + 18)
        + b"\0\0\0\0"
    )
    first = mark + struct.pack(order + "I", 8) + struct.pack(order + "H", 3) + entries + b"\0\0\0\0"
    return first + text + b"\0" * (len(text) % 2) + gps + rational[0] + rational[1] + exif + user


def jpeg() -> tuple[bytes, Places]:
    plant = Planter("jpeg")

    def segment(marker: int, body: bytes) -> bytes:
        return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body

    word = plant("IPTC", "metadata").encode()
    iptc = b"\x1c\x02\x78" + struct.pack(">H", len(word)) + word
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    data = (
        b"\xff\xd8"
        + segment(
            0xE1, b"Exif\0\0" + exif_of(plant("EXIF", "metadata"), comment=plant("user comment", "metadata"))
        )
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp_of(plant("XMP", "metadata")))
        + segment(0xED, b"Photoshop 3.0\0" + block)
        + segment(0xFE, plant("comment", "metadata").encode())
        + segment(0xDA, b"\1\1\0\0\x3f\0")
        + b"\x00\x01\x02\xff\xd9"
        + b"\0" * 20
        + plant("behind the picture", "hidden").encode()
        + b"\0" * 20
    )
    plant.places["GPS position"] = ("52.500000 N 13.250000 E", frozenset({"metadata"}))
    return data, plant.places


def gif() -> tuple[bytes, Places]:
    plant = Planter("gif")
    word = plant("comment", "metadata").encode()
    xmp = b"\x21\xff\x0bXMP DataXMP" + xmp_of(plant("XMP", "metadata")) + bytes(range(255, -1, -1)) + b"\0\0"
    data = (
        b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff\x21\xfe" + bytes((len(word),)) + word + b"\0" + xmp
        + b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b"
    )  # fmt: skip
    return data, plant.places


def webp() -> tuple[bytes, Places]:
    plant = Planter("webp")

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    body = b"WEBP" + chunk(b"VP8X", bytes(10)) + chunk(b"EXIF", exif_of(plant("EXIF", "metadata")))
    body += chunk(b"XMP ", xmp_of(plant("XMP", "metadata")))
    return b"RIFF" + struct.pack("<I", len(body)) + body, plant.places


def tiff() -> tuple[bytes, Places]:
    plant = Planter("tiff")
    return exif_of(plant("description", "metadata"), ">", plant("user comment", "metadata")), plant.places


def heic() -> tuple[bytes, Places]:
    plant = Planter("heic")
    box = struct.pack(">I4s4sI4s", 24, b"ftyp", b"heic", 0, b"mif1") + b"heic"
    inside = (
        struct.pack(">I", 6)
        + b"Exif\0\0"
        + exif_of(plant("EXIF", "metadata"))
        + xmp_of(plant("XMP", "metadata"))
    )
    return box + struct.pack(">I4s", 8 + len(inside), b"mdat") + inside, plant.places


def sqlite() -> tuple[bytes, Places]:
    plant = Planter("sqlite")
    connection = sqlite3.connect(":memory:")
    connection.execute(
        f"CREATE TABLE people (name TEXT, card TEXT, extra BLOB /* {plant('schema', 'metadata')} */)"
    )
    connection.execute(
        "INSERT INTO people VALUES (?, ?, ?)",
        (plant("row", "sheet"), "4111111111111111", b"\1\2\3" + plant("blob", "sheet").encode() + b"\0\1"),
    )
    connection.execute("CREATE VIEW v AS SELECT * FROM people")
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data, plant.places


def epub() -> tuple[bytes, Places]:
    plant = Planter("epub")
    data = zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container/>",
            "OEBPS/content.opf": "<package xmlns:dc='d'><metadata><dc:creator>"
            f"{plant('author', 'property')}</dc:creator><meta name='k' content='{plant('meta', 'property')}'/></metadata>"
            "</package>",
            "OEBPS/ch1.xhtml": "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.1//EN' 'x.dtd'>"
            f"<html><body><p>{plant('chapter', 'attachment')}&nbsp;</p><!-- {plant('comment', 'comment')} --></body></html>",
            "OEBPS/toc.ncx": f"<ncx><text>{plant('table of contents', 'name')}</text></ncx>",
        },
        stored="mimetype",
    )
    return data, plant.places


def calendar() -> tuple[bytes, Places]:
    plant = Planter("ics")
    folded = plant("folded line", "body")
    text = (
        f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{plant('summary', 'body')}\r\nDESCRIPTION:a\\nb {folded[:7]}\r\n "
        f"{folded[7:]}\r\nATTENDEE;CN={plant('attendee', 'body')}:mailto:a@example.com\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:"
        f"{base64.b64encode(plant('attached file', 'attachment').encode()).decode()}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return text.encode(), plant.places


def card() -> tuple[bytes, Places]:
    plant = Planter("vcf")
    quoted = plant("quoted-printable", "body")
    text = (
        f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:{plant('name', 'body')}\r\nNOTE;ENCODING=QUOTED-PRINTABLE:"
        + "".join(f"={ord(c):02X}" for c in quoted[:8])
        + "=\r\n"
        + "".join(f"={ord(c):02X}" for c in quoted[8:])
        + "\r\nEND:VCARD\r\n"
    )
    return text.encode(), plant.places


def table(separator: str) -> Callable[[], tuple[bytes, Places]]:
    def make() -> tuple[bytes, Places]:
        plant = Planter("csv" + separator)
        rows = [
            ["Name", "SSN", "Note"],
            [plant("cell", "body"), "123-45-6789", f'"{plant("quoted cell", "body")}{separator} and\nmore"'],
        ]
        plant.places["value under its heading"] = ("SSN: 123-45-6789", frozenset({"body"}))
        return "\r\n".join(separator.join(row) for row in rows).encode(), plant.places

    return make


def plain(encoding: str, mark: bytes = b"") -> Callable[[], tuple[bytes, Places]]:
    def make() -> tuple[bytes, Places]:
        words = {
            "cp1252": "Größe, déjà vu, señor Müller kommt später über die Straße",
            "cp1251": "Пароль от базы данных лежит в конверте у директора",
            "koi8-r": "Пароль от базы данных лежит в конверте у директора",
            "shift_jis": "顧客の名前と住所はこのファイルにあります。よろしくお願いします。",
            "euc_jp": "顧客の名前と住所はこのファイルにあります。よろしくお願いします。",
            "gb18030": "我们的客户名单和电话号码都在这个文件里,请不要发给别人。",
            "cp949": "고객의 이름과 주소는 이 파일에 있습니다. 다른 사람에게 보내지 마세요.",
            "big5": "我們的客戶名單和電話號碼都在這個文件裡，請不要發給別人。",
            "iso2022_jp": "顧客の名前と住所",
        }
        text = words.get(encoding, "Grüße – Пароль – 顧客 – £100")
        plant = Planter(encoding)
        plant.places["text"] = (text, frozenset({"body"}))
        line = f"A first line in plain ASCII, {plant('plain word', 'body')}\n{text}\nAnd a last one.\n"
        return mark + line.encode(encoding), plant.places

    return make


def pdf() -> tuple[bytes, Places]:
    from tests.extract.pdf_making import made_pdf

    return made_pdf()


MADE: dict[str, Callable[[], tuple[bytes, Places]]] = {
    "docx": docx, "xlsx": xlsx, "pptx": pptx, "odt": odt, "ods": ods, "odp": odp, "rtf": rtf, "html": html,
    "eml": eml,
    "mbox": mbox, "zip": archive, "tar": tar, "tar.gz": compressed("tar.gz"), "gzip": compressed("gzip"),
    "bzip2": compressed("bzip2"), "xz": compressed("xz"), "zstd": compressed("zstd"), "ipynb": notebook,
    "png": png,
    "jpeg": jpeg, "gif": gif, "webp": webp, "tiff": tiff, "heic": heic, "sqlite": sqlite, "epub": epub,
    "ics": calendar, "vcf": card, "csv": table(","), "csv;": table(";"), "tsv": table("\t"), "pdf": pdf,
    "text utf-8": plain("utf-8"), "text utf-8 with a mark": plain("utf-8", b"\xef\xbb\xbf"),
    "text utf-16 with a mark": plain("utf-16"), "text utf-16-le": plain("utf-16-le"),
    "text utf-16-be": plain("utf-16-be"), "text utf-32": plain("utf-32"), "text cp1252": plain("cp1252"),
    "text cp1251": plain("cp1251"), "text koi8-r": plain("koi8-r"), "text shift_jis": plain("shift_jis"),
    "text euc_jp": plain("euc_jp"), "text gb18030": plain("gb18030"), "text cp949": plain("cp949"),
    "text big5": plain("big5"), "text iso2022_jp": plain("iso2022_jp"),
}  # fmt: skip
NAMES = {"csv;": "a.csv", "csv": "a.csv", "tsv": "a.tsv", "html": "a.html", "eml": "a.eml"}
"""A name where the bytes alone do not tell a kind of text."""
