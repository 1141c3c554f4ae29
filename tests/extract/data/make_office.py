# ruff: noqa: E501  (documents as they stand read better unbroken)
"""
Writes office.fodt, office.fods and office.fodp into the folder it is run in; see README.md for the rest.
"""

from __future__ import annotations

from pathlib import Path

SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        **{
            prefix: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
            for prefix, name in {
                "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
                "presentation": "presentation", "fo": "xsl-fo-compatible", "meta": "meta",
                "svg": "svg-compatible",
                "number": "datastyle",
            }.items()
        },
        "dc": "http://purl.org/dc/elements/1.1/",
        "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)  # fmt: skip
META = (
    "<office:meta><dc:title>OfficeTitle</dc:title><meta:keyword>OfficeKeyword</meta:keyword>"
    '<meta:user-defined meta:name="MSIP_Label_00000000-0000-4000-8000-000000000000_Name">OfficeLabel'
    "</meta:user-defined></office:meta>"
)


def document(kind: str, styles: str, masters: str, body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{META}<office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:master-styles>{masters}</office:master-styles><office:body>{body}"
        "</office:body></office:document>"
    )


def text() -> str:
    styles = (
        '<style:page-layout style:name="pm1"><style:page-layout-properties fo:page-width="21cm" '
        'fo:page-height="29.7cm" fo:margin="2cm"/><style:header-style/><style:footer-style/></style:page-layout>'
        '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="Wh" style:family="text"><style:text-properties fo:color="#ffffff"/></style:style>'
    )
    masters = (
        '<style:master-page style:name="Standard" style:page-layout-name="pm1"><style:header>'
        "<text:p>OfficeHeader</text:p></style:header><style:footer><text:p>OfficeFooter</text:p></style:footer>"
        "</style:master-page>"
    )
    by = "<dc:creator>Reviewer</dc:creator><dc:date>2026-01-05T10:00:00</dc:date>"

    def row(*cells: str) -> str:
        inner = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f"<table:table-row>{inner}</table:table-row>"

    body = (
        '<office:text><text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info>'
        f"{by}</office:change-info><text:p>OfficeDeleted</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes><text:p>OfficeBody in the first paragraph."
        '<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>OfficeFootnote</text:p></text:note-body></text:note></text:p>"
        '<text:p>Before <text:change text:change-id="c1"/> after.</text:p>'
        '<text:p>Seen <text:span text:style-name="H">OfficeHidden</text:span> and '
        '<text:span text:style-name="Wh">OfficeWhite</text:span>.</text:p>'
        f'<text:p>Commented<office:annotation office:name="a1">{by}<text:p>OfficeComment</text:p>'
        '</office:annotation></text:p><table:table table:name="T"><table:table-column '
        'table:number-columns-repeated="3"/>'
        + row("Name", "SSN", "Town")
        + row("x", "OfficeCell", "y")
        + "</table:table>"
        '<text:p><text:a xlink:type="simple" xlink:href="https://example.com/OfficeLink">a link</text:a> Größe '
        "Пароль</text:p></office:text>"
    )
    return document("text", styles, masters, body)


def sheets() -> str:
    styles = (
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        '</style:style><number:date-style style:name="N1"><number:year number:style="long"/><number:text>-'
        '</number:text><number:month number:style="long"/><number:text>-</number:text><number:day '
        'number:style="long"/></number:date-style><style:style style:name="ce1" style:family="table-cell" '
        'style:data-style-name="N1"/>'
    )

    def cell(shown: str, attributes: str = 'office:value-type="string"', more: str = "") -> str:
        return f"<table:table-cell {attributes}><text:p>{shown}</text:p>{more}</table:table-cell>"

    comment = "<office:annotation><text:p>OfficeComment</text:p></office:annotation>"
    number = 'office:value-type="float" office:value="4111111111111111"'
    date = 'table:style-name="ce1" office:value-type="date" office:date-value="2023-03-15"'
    body = (
        '<office:spreadsheet><table:table table:name="OfficeSheet"><table:table-row>'
        + cell("Name") + cell("Card") + cell("Date") + "</table:table-row><table:table-row>"
        + cell("OfficeBody", more=comment) + cell("4.11E+15", number) + cell("2023-03-15", date)
        + '</table:table-row></table:table><table:table table:name="Payroll" table:style-name="ta2">'
        f"<table:table-row>{cell('OfficeHidden')}</table:table-row></table:table></office:spreadsheet>"
    )  # fmt: skip
    return document("spreadsheet", styles, "", body)


def slides() -> str:
    styles = (
        '<style:page-layout style:name="PM0"><style:page-layout-properties fo:page-width="28cm" '
        'fo:page-height="21cm"/></style:page-layout><style:style style:name="dp1" style:family="drawing-page"/>'
        '<style:style style:name="dp2" style:family="drawing-page"><style:drawing-page-properties '
        'presentation:visibility="hidden"/></style:style>'
    )
    masters = '<style:master-page style:name="Default" style:page-layout-name="PM0" draw:style-name="dp1"/>'
    place = 'svg:width="10cm" svg:height="3cm" svg:x="2cm"'

    def frame(word: str, y: int, attributes: str = "") -> str:
        return (
            f'<draw:frame {place} svg:y="{y}cm" {attributes}><draw:text-box><text:p>{word}</text:p></draw:text-box>'
            "</draw:frame>"
        )

    def page(name: str, style: str, content: str) -> str:
        return (
            f'<draw:page draw:name="{name}" draw:style-name="{style}" draw:master-page-name="Default">{content}'
            "</draw:page>"
        )

    notes = (
        '<presentation:notes><draw:page-thumbnail draw:page-number="1"/>'
        + frame("OfficeNotes", 12, 'presentation:class="notes"')
        + "</presentation:notes>"
    )
    body = (
        f"<office:presentation>{page('p1', 'dp1', frame('OfficeBody', 2) + notes)}"
        f"{page('p2', 'dp2', frame('OfficeHidden', 2))}</office:presentation>"
    )
    return document("presentation", styles, masters, body)


if __name__ == "__main__":
    for name, make in {"office.fodt": text, "office.fods": sheets, "office.fodp": slides}.items():
        Path(name).write_text(make(), encoding="utf-8")
