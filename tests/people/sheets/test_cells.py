"""What calamine does not tell: read from .xlsx and .ods as they are."""

from __future__ import annotations

import io
import zipfile

import pytest

from ds_bridge.people.sheets.cells import TooLargeError, UnreadableError, scan

WORKBOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
 <sheet name="Liste" sheetId="1" r:id="rId1"/><sheet name="Cachée" state="hidden" sheetId="2" r:id="rId2"/>
 <sheet name="Perdue" sheetId="3" r:id="rId3"/></sheets></workbook>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
 <Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/></Relationships>"""
SHEET = """<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
 <x:cols><x:col min="2" max="3" hidden="true"/></x:cols><x:sheetData>
 <x:row><x:c t="inlineStr"><x:is><x:t>Nom</x:t></x:is></x:c><x:c/>
 <x:c t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c></x:row>
 <x:row r="4" hidden="1"><x:c r="AB4"><x:f>A1</x:f><x:v/></x:c>
 <x:c r="AC4" t="str"><x:f>A1</x:f><x:v></x:v></x:c></x:row>
 </x:sheetData></x:worksheet>"""
CONTENT = """<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:calcext="c">
 <table:table table:name="Liste"><table:table-column/><table:table-column table:visibility="collapse"/>
 <table:table-row><table:table-cell office:value-type="string"><text:p>Nom</text:p></table:table-cell>
 </table:table-row>
 <table:table-row table:number-rows-repeated="2" table:visibility="filter"><table:table-cell
  table:number-columns-repeated="2"/><table:table-cell table:formula="of:=1/0" office:value-type="string"
  calcext:value-type="error"><text:p>#DIV/0 !</text:p></table:table-cell></table:table-row>
 <table:table-row><table:covered-table-cell/><table:table-cell table:formula="of:=[.A1]"/></table:table-row>
 <table:table-row table:number-rows-repeated="1048500"><table:table-cell/></table:table-row>
 </table:table></office:document-content>"""


def pack(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def xlsx(sheet: str) -> bytes:
    return pack(
        **{
            "xl/workbook.xml": WORKBOOK,
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def test_an_xlsx() -> None:
    assert scan(xlsx(SHEET), 1000) == {
        "Liste": {
            "errors": {(1, 3): "#DIV/0!"},
            "no_result": [(4, 28)],
            "hidden_rows": [4],
            "hidden_columns": 1,
        }
    }


def test_an_ods() -> None:
    assert scan(pack(**{"content.xml": CONTENT}), 1000) == {
        "Liste": {
            "errors": {(2, 3): "#DIV/0 !"},
            "no_result": [(4, 2)],
            "hidden_rows": [2, 3],
            "hidden_columns": 1,
        }
    }


def test_what_reaches_too_far_is_named_by_its_last_cell() -> None:
    with pytest.raises(TooLargeError, match="AB4"):
        scan(xlsx(SHEET), 100)
    filled = "<table:table-cell><text:p>x</text:p></table:table-cell>"
    far = CONTENT.replace('="1048500"><table:table-cell/>', f'="1048500">{filled}')
    with pytest.raises(TooLargeError, match="C1048504"):
        scan(pack(**{"content.xml": far}), 2_000_000)


def test_what_unpacks_to_more_than_256_mib() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("content.xml", "w") as member,
    ):
        for _ in range(257):
            member.write(bytes(1024 * 1024))
    with pytest.raises(TooLargeError):
        scan(out.getvalue(), 1000)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no zip", pack(mimetype="x"), pack(**{"content.xml": "<a>"}), xlsx("<a><b></a>")],
)
def test_other_formats_are_left_to_their_reader(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        scan(content, 1000)
