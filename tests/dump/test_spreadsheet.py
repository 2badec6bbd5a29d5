"""What a spreadsheet gets: text it cannot run, real dates, sheets within its limits."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.dump import xlsx
from ds_bridge.dump.csv import write as write_csv
from ds_bridge.dump.spreadsheet import neutralise
from ds_bridge.errors import ConfigurationError
from ds_bridge.store import Store
from ds_bridge.tables.columns import Column, Table
from ds_bridge.tables.layout import Cells
from tests.dump.reading import documents, dump

FORMULAS = [
    '=HYPERLINK("http://x.example","clic")',
    "=cmd|'/C calc'!A0",
    "+33 6 12 34 56 78",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "＝1",
    "﹢1".replace("﹢", "＋"),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Forum", "1 = 1", "a\n=1", "é", "(-1)", "'=1", "[=1]", "5-3", " x"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


@given(st.text())
def test_nothing_that_runs_comes_out_and_nothing_is_lost(text: str) -> None:
    safe = neutralise(text)
    assert safe in (text, f"'{text}")
    assert not safe.lstrip().startswith(("=", "+", "-", "@")) or safe.startswith("'")
    assert neutralise(safe) == safe


COLUMNS = (
    Column("dossier", "integer"),
    Column("texte", "text"),
    Column("entier", "integer"),
    Column("decimal", "decimal"),
    Column("oui", "boolean"),
    Column("jour", "date"),
    Column("moment", "datetime"),
    Column("choix", "text", many=True),
    Column("fichiers", "record", many=True, fields=(Column("filename", "text"),)),
    Column("autre", "json"),
)
TABLE = Table("dossiers", COLUMNS, ("dossier",))
WINTER = dt.datetime(2024, 1, 31, 23, 30, tzinfo=dt.UTC)


def make_row(**cells: Any) -> tuple[str, Cells]:
    return "dossiers", {"dossier": 1, **cells}


def write(tmp_path: Path, *rows: tuple[str, Cells], tables: tuple[Table, ...] = (TABLE,)) -> tuple[Any, Any]:
    told: list[str] = []
    file = tmp_path / "out.xlsx"
    with file.open("wb") as out:
        counts = xlsx.write(tables, rows, out, scratch=tmp_path, tell=told.append)
    assert sum(counts.values()) == len(rows)
    assert [each.name for each in tmp_path.iterdir()] == ["out.xlsx"], "nothing is left beside it"
    return openpyxl.load_workbook(file), told


def test_cells_have_real_types(tmp_path: Path) -> None:
    row = make_row(
        texte="Zoé",
        entier=-5,
        decimal=-0.5,
        oui=False,
        jour=dt.date(2024, 5, 12),
        moment=WINTER,
        choix=["Une commune", "Oui, voir"],
        fichiers=[{"filename": "a.pdf"}],
        autre='{"a":1}',
    )
    book, told = write(tmp_path, row, make_row(dossier=2, jour=dt.date(1712, 1, 2), entier=10**17))
    sheet = book["dossiers"]
    assert [cell.value for cell in sheet[1]] == [column.name for column in COLUMNS]
    assert [cell.value for cell in sheet[2]] == [
        1,
        "Zoé",
        -5,
        -0.5,
        False,
        dt.datetime.fromisoformat("2024-05-12"),
        dt.datetime.fromisoformat("2024-02-01T00:30"),
        "Une commune\nOui, voir",
        '[{"filename":"a.pdf"}]',
        '{"a":1}',
    ]
    assert [cell.is_date for cell in sheet[2]] == [False] * 5 + [True, True] + [False] * 3
    assert sheet["C3"].value == str(10**17), "a spreadsheet keeps fifteen digits of a number"
    assert sheet["F3"].value == "1712-01-02", "no spreadsheet has days before 1900"
    assert sheet["B3"].value is None
    assert told == []


@pytest.mark.parametrize("text", [text for text in FORMULAS if "\r" not in text])
def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path, text: str) -> None:
    book, _ = write(tmp_path, make_row(texte=text, choix=[text], autre=text))
    row = book["dossiers"][2]
    assert {cell.data_type for cell in row if cell.value is not None} == {"n", "s"}
    assert row[1].value == f"'{text}"
    assert all(cell.value.startswith("'") or cell.value.startswith("[") for cell in (row[7], row[9]))


def test_csv_neutralises_text_and_keeps_numbers(tmp_path: Path) -> None:
    rows = [
        make_row(texte=text, entier=-5, decimal=-0.5, jour=dt.date(2024, 5, 12), choix=[text])
        for text in FORMULAS
    ]
    write_csv((TABLE,), rows, tmp_path)
    with (tmp_path / "dossiers.csv").open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    # Behind a tab or a line end another separator begins a cell: guarded there too.
    assert [row["texte"] for row in read] == [
        f"'{text[0]}'{text[1:]}" if text[0] in "\t\r\n" else f"'{text}" for text in FORMULAS
    ]
    assert {(row["entier"], row["decimal"], row["jour"]) for row in read} == {("-5", "-0.5", "2024-05-12")}
    assert [json.loads(row["choix"]) for row in read] == [[text] for text in FORMULAS]


def test_headers_are_frozen_and_filter(tmp_path: Path) -> None:
    book, _ = write(tmp_path, make_row(), make_row())
    sheet = book["dossiers"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:J3"
    assert book.sheetnames == ["dossiers", "columns"]
    assert book["columns"].freeze_panes == "A2"


def test_sheet_names_fit_and_differ(tmp_path: Path) -> None:
    names = ["Dossiers", "é" * 40, "é" * 45, "a/b:c*d?e[f]g\\h", "'x'", "columns", "History", "''"]
    tables = tuple(Table(name, COLUMNS, ("dossier",)) for name in names)
    book, _ = write(tmp_path, tables=tables)
    assert book.sheetnames == [
        "Dossiers",
        "é" * 31,
        "é" * 27 + " (2)",
        "a_b_c_d_e_f_g_h",
        "x",
        "columns (2)",
        "History (2)",
        "table",
        "columns",
    ]


def test_rows_beyond_the_last_go_on_in_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 4)
    book, told = write(tmp_path, *(make_row(entier=number) for number in range(7)))
    assert book.sheetnames == ["dossiers", "dossiers (2)", "dossiers (3)", "columns"]
    found = [[row[2] for row in book[name].iter_rows(values_only=True)] for name in book.sheetnames[:3]]
    assert found == [["entier", 0, 1, 2], ["entier", 3, 4, 5], ["entier", 6]]
    assert told == ["dossiers has more rows than a sheet takes (4): it goes on in further sheets"]


@pytest.mark.parametrize("text", ["x" * 70_000, "😀" * 20_000, "=" + "é" * 33_000])
def test_a_text_too_long_for_a_cell_stands_whole_elsewhere(tmp_path: Path, text: str) -> None:
    book, told = write(tmp_path, make_row(texte=text), make_row(dossier=2, texte="x" * 32_767))
    cell = book["dossiers"]["B2"].value
    assert cell.endswith(" […]")
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert book["dossiers"]["B3"].value == "x" * 32_767
    parts = list(book["long_texts"].iter_rows(min_row=2, values_only=True))
    assert {part[:4] for part in parts} == {("dossiers", 1, None, "texte")}
    assert [part[4] for part in parts] == list(range(1, len(parts) + 1))
    assert "".join(part[5] for part in parts) == neutralise(text)
    assert told == [
        "1 texts are longer than a cell takes (32,767 characters): cut, and whole in the sheet 'long_texts'"
    ]


def test_more_columns_than_a_sheet_takes_is_told_before_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_COLUMNS", 9)
    with pytest.raises(ConfigurationError, match="dossiers has 10 columns and a sheet takes 9: use parquet"):
        write(tmp_path, make_row())


def test_a_failure_in_the_middle_leaves_nothing(synced: Store, tmp_path: Path) -> None:
    def rows() -> Any:
        yield make_row(texte="x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), (tmp_path / "out.xlsx").open("wb") as out:
        xlsx.write((TABLE,), rows(), out, scratch=tmp_path, tell=print)


def test_a_workbook_of_the_sandbox_has_what_the_store_has(synced: Store, tmp_path: Path) -> None:
    assert dump(synced, "cra", "xlsx", tmp_path / "cra.xlsx") == []
    book = openpyxl.load_workbook(tmp_path / "cra.xlsx", read_only=True)
    assert book.sheetnames == [
        "dossiers", "evenements", "partenariats", "accompagnements", "anomalies", "columns",
    ]  # fmt: skip
    reports = documents(synced, "cra")
    rows = list(book["evenements"].iter_rows(values_only=True))
    assert rows[0][:4] == ("dossier", "position", "row_id", "nom")
    expected = [
        (number, position, event["nom"], event["date"])
        for number, report in sorted(reports.items())
        for position, event in enumerate(report["evenements"])
    ]
    found = [(row[0], row[1], row[3], row[-1].date().isoformat() if row[-1] else None) for row in rows[1:]]
    assert found == [
        (number, position, neutralise(name) if name else name, date)
        for number, position, name, date in expected
    ]
    book.close()
    dump(synced, "tout", "xlsx", tmp_path / "tout.xlsx")
    every_kind = openpyxl.load_workbook(tmp_path / "tout.xlsx", read_only=True)
    labels = [row[6] for row in every_kind["columns"].iter_rows(values_only=True)]
    assert "Nombre d'agents" in labels
    every_kind.close()
