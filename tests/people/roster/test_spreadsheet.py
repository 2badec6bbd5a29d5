"""Spreadsheets: numbers, dates and texts in, the same out, and nothing that runs."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import Roster, RosterFormat, read_roster, spreadsheet, write_roster

xlsxwriter = pytest.importorskip("xlsxwriter")
python_calamine = pytest.importorskip("python_calamine")


def save(sheets: dict[str, list[list[Any]]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell is not None:
                        sheet.write(line, column, cell)
    return out.getvalue()


def rows_of(content: bytes) -> list[list[Any]]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    found: list[list[Any]] = workbook.get_sheet_by_index(0).to_python()
    return found


def write(roster: Roster, output_format: RosterFormat | None = None) -> bytes:
    out = io.BytesIO()
    rows = ((row, {"url": "https://x.fr/?a=1", "warnings": ["a", "b"]}) for row in roster.rows)
    write_roster(roster, rows, ("url", "warnings"), out, output_format)
    return out.getvalue()


PEOPLE = [["Nom", "ID", "Né le", "Ok", "Part"], ["Noël", 4211, dt.date(1990, 5, 3), True, 0.5]]


def test_a_sheet_comes_back_with_its_columns() -> None:
    roster = read_roster(io.BytesIO(save({"vide": [], "liste": PEOPLE})))
    assert (roster.format, roster.headings) == (RosterFormat.SPREADSHEET, tuple(PEOPLE[0]))
    assert list(roster.rows[0].cells.values()) == PEOPLE[1]
    assert isinstance(roster.rows[0].cells[1], int)
    assert rows_of(write(roster)) == [
        [*PEOPLE[0], "url", "warnings"],
        [*PEOPLE[1], "https://x.fr/?a=1", "a; b"],
    ]


def test_places_are_rows_of_the_sheet_and_blank_ones_are_left_out() -> None:
    roster = read_roster(io.BytesIO(save({"a": [[], ["nom", "id"], [], ["A", 1], [None, 2]]})))
    assert roster.headings == ("nom", "id")
    assert [(row.place, dict(row.cells)) for row in roster.rows] == [
        (4, {0: "A", 1: 1}),
        (5, {0: "", 1: 2}),
    ]


def test_a_second_sheet_is_told() -> None:
    roster = read_roster(io.BytesIO(save({"a": PEOPLE, "b": PEOPLE})))
    assert roster.notes == ("the file: only its sheet 'a' is read",)


def test_formulas_are_texts_with_a_guard() -> None:
    roster = read_roster(io.BytesIO(b"nom;@id\n=1+1;-2\nhttps://y.fr;x\n"))
    content = write(roster, RosterFormat.SPREADSHEET)
    assert rows_of(content)[1][:2] == ["'=1+1", "'-2"]
    assert rows_of(content)[0][1] == "'@id"
    again = read_roster(io.BytesIO(content))
    assert [list(row.cells.values())[:2] for row in again.rows] == [["=1+1", "-2"], ["https://y.fr", "x"]]
    assert b"<f>" not in content
    assert write(again, RosterFormat.CSV).decode("utf-8-sig").splitlines()[1].startswith("'=1+1;'-2;")


def test_odd_values_are_written_as_text() -> None:
    odd = '[{"a": "\\ud800", "b": 1180591620717411303424, "c": [1, "x"], "d": {"k": 1}, "e": NaN}]'
    written = rows_of(write(read_roster(io.BytesIO(odd.encode())), RosterFormat.SPREADSHEET))
    assert written[1][:5] == ["?", "1180591620717411303424", "1; x", '{"k": 1}', "nan"]


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip at all", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut"])
def test_what_is_no_spreadsheet(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match="not a spreadsheet"):
        read_roster(io.BytesIO(content))


def test_an_empty_one() -> None:
    with pytest.raises(ConfigurationError, match="empty"):
        read_roster(io.BytesIO(save({"a": []})))
    with pytest.raises(ConfigurationError, match="headings and no row"):
        read_roster(io.BytesIO(save({"a": [["nom"]]})))


def test_a_spreadsheet_by_any_name_is_read_as_one(tmp_path: Path) -> None:
    file = tmp_path / "liste.csv"
    file.write_bytes(save({"a": PEOPLE}))
    assert read_roster(file).headings[0] == "Nom"


def test_without_the_extra_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "find_spec", lambda module: None)
    with pytest.raises(ConfigurationError, match=r"needs the extra dump: pip install '.*\[dump\]'"):
        read_roster(io.BytesIO(save({"a": PEOPLE})))


def test_a_text_too_long_for_a_cell_is_cut_there_and_stands_whole_elsewhere() -> None:
    text = "=" + "é🙂" * 20_000 + "fin"
    people = json.dumps([{"nom": "DURAND", "remarque": "x" * 32_767}, {"nom": "PETIT", "remarque": text}])
    written = write(read_roster(io.BytesIO(people.encode())), RosterFormat.SPREADSHEET)
    rows = rows_of(written)
    assert rows[1][1] == "x" * 32_767
    assert 32_760 < len(rows[2][1].encode("utf-16-le")) // 2 <= 32_767
    assert rows[2][1].endswith(
        "(cut: a cell of a spreadsheet holds 32,767 characters; whole in the sheet long_texts)"
    )
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(written))
    heading, *parts = workbook.get_sheet_by_name("long_texts").to_python()
    assert heading == ["row", "column", "part", "text"]
    assert [part[:3] for part in parts] == [[3, "remarque", 1], [3, "remarque", 2], [3, "remarque", 3]]
    assert "".join(part[3] for part in parts) == "'" + text
    short = write(read_roster(io.BytesIO(b'[{"nom": "DURAND"}]')), RosterFormat.SPREADSHEET)
    assert python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(short)).sheet_names == ["Sheet1"]
