"""Rosters as people make them: invisible characters and words for "no value" are reported, never used as
names."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.people.batch import Batch
from ds_bridge.people.roster import (
    Person,
    Roster,
    RosterFormat,
    find_columns,
    read_person,
    read_roster,
    write_roster,
)
from ds_bridge.people.sheets import unfold
from ds_bridge.people.sheets.cells import NO_RESULT
from ds_bridge.prefill.drafts import prepare

pytest.importorskip("python_calamine")
openpyxl = pytest.importorskip("openpyxl")
xlsxwriter = pytest.importorskip("xlsxwriter")

CASES = Path(__file__).parent.parent / "cases"
FIELDS = {"email": "1", "identifiant": "2", "siret": "3", "telephone": "4"}


def people(roster: Roster) -> list[Person]:
    columns = find_columns(roster.headings, FIELDS)
    return [read_person(row, columns) for row in roster.rows]


def save(fill: Callable[[Any], None]) -> Roster:
    """A workbook as openpyxl writes it, read."""
    workbook = openpyxl.Workbook()
    fill(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return read_roster(io.BytesIO(out.getvalue()))


def test_what_a_spreadsheet_shows_for_no_value_is_a_problem_of_its_row() -> None:
    roster = read_roster(CASES / "error-texts.csv")
    found = people(roster)
    assert [person.problems[0].partition(":")[0] for person in found if person.problems] == [
        "Nom", "Prénom", "Identifiant",
    ]  # fmt: skip
    assert found[2].problems == ()  # its #VALEUR! stands in a column of a champ: the check says so


def test_a_cell_in_error_and_a_formula_without_its_result_are_problems() -> None:
    found = people(read_roster(CASES / "formula-no-value.xlsx"))
    assert [person.problems for person in found] == [(f"Identifiant: {NO_RESULT}",), (f"Nom: {NO_RESULT}",)]

    def fill(workbook: Any) -> None:
        workbook.active.append(["Nom", "Prénom", "siret", "Identifiant"])
        workbook.active.append(["DURAND", "#REF!", "=1+1", 4])
        workbook.active.append([None, None, None, "=A1"])

    roster = save(fill)
    assert [dict(row.faults) for row in roster.rows] == [{2: NO_RESULT}, {3: NO_RESULT}]
    assert people(roster)[0].problems == (
        "Prénom: the value is what a spreadsheet shows for an error or for nothing (#REF!, #N/A, N/A): "
        "correct the cell, or leave the value out",
        f"siret: {NO_RESULT}",
    )


def test_a_hidden_sheet_is_never_read_for_the_one_that_is_shown() -> None:
    roster = read_roster(CASES / "hidden-first.xlsx")
    assert [list(row.cells.values()) for row in roster.rows] == [["DURAND", "Ana", 12]] or roster.notes == ()
    assert roster.headings[:2] == ("Nom", "Prénom")

    def only_hidden(workbook: Any) -> None:
        workbook.active.append(["Nom", "Prénom"])
        workbook.active.sheet_state = "veryHidden"
        workbook.create_sheet("vide")

    with pytest.raises(ConfigurationError, match="no sheet that is shown holds anything, and hidden ones"):
        save(only_hidden)


def test_hidden_rows_and_columns_and_other_sheets_are_said() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.active
        sheet.title = "Liste"
        for cells in (["Nom", "Prénom"], ["A", "B"], ["C", "D"], ["E", "F"]):
            sheet.append(cells)
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True
        sheet.column_dimensions["B"].hidden = True
        workbook.create_sheet("Autre").append(["x"])

    roster = save(fill)
    assert roster.notes == (
        "the file: only its sheet 'Liste' is read",
        "the file: hidden rows are read too (1: 3)",
        "the file: hidden columns are read too",
    )
    assert len(roster.rows) == 3


def test_a_cell_far_away_ends_nothing_but_the_reading() -> None:
    with pytest.raises(ConfigurationError, match=r"too large \(a cell stands at XFD1048576\)"):
        read_roster(CASES / "stray-corner.xlsx")


def test_a_text_that_many_cells_share_is_bounded_by_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        for line in range(60_000):
            sheet.write_string(line, 0, "x" * 32_000)
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(ConfigurationError, match="too large: delete"):
        read_roster(io.BytesIO(out.getvalue()))
    monkeypatch.setattr(unfold, "_SECONDS", 0.001)
    with pytest.raises(ConfigurationError, match="too large: delete"):
        read_roster(CASES / "hidden-first.xlsx")


def test_a_long_cell_is_one_and_cut_with_a_word_where_it_must_be() -> None:
    text = "y" * 200_000
    roster = read_roster(io.BytesIO(f"nom;prenom;remarque\nA;B;{text}\nC;D;x,y\n".encode()))
    assert (roster.separator, roster.headings) == (";", ("nom", "prenom", "remarque"))
    assert roster.rows[0].cells[2] == text
    given = read_roster(CASES / "long-remark.json")
    whole = json.loads((CASES / "long-remark.json").read_text())[0]["remarque"]
    for wanted in (RosterFormat.CSV, RosterFormat.SPREADSHEET):
        out = io.BytesIO()
        write_roster(given, ((row, {}) for row in given.rows), (), out, wanted)
        again = read_roster(io.BytesIO(out.getvalue())).rows[0].cells[3]
        if wanted is RosterFormat.CSV:
            assert again == whole
        else:
            assert len(again) <= 32_767
            told = (
                " […] (cut: a cell of a spreadsheet holds 32,767 characters; whole in the sheet long_texts)"
            )
            assert again.endswith(told)


@pytest.mark.parametrize(
    "content",
    [
        b"a;" * 20_000 + b"\n" + b"x\n" * 20_000,
        b"[" + b"{}," * 1_100_000 + b"{}]",
        b"nom\n" + b"x\n" * 2_100_000,
        b"nom\n" + b"x" * 17 * 1024 * 1024,
    ],
)
def test_what_would_unfold_to_more_than_a_roster_is_refused_before(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"too many|more than|passes 16 MiB"):
        read_roster(io.BytesIO(content))


def test_invisible_characters_are_taken_out_and_said() -> None:
    found = people(read_roster(CASES / "invisible.csv"))
    assert [person.identity.nom for person in found] == ["DURAND", "PETIT", "ROUX"]
    assert [person.identity.email for person in found] == ["ana@example.org", "zoe@example.org", None]
    assert found[0].warnings == (
        "Nom: invisible characters are taken out (U+200B)",
        "Prénom: invisible characters are taken out (U+00A0)",
        "Courriel: invisible characters are taken out (U+00A0)",
    )
    assert found[2].problems == ("Courriel: not an e-mail address",)


def test_a_batch_names_the_headings_of_the_roster() -> None:
    settings = Settings(
        demarches={"cra": DemarcheSettings(number=5, path="cra", champs={"notre_n_siret": "3"})}
    )
    roster = read_roster(
        io.BytesIO("Nom;Prénom;Notre n° SIRET\nA;B;#VALEUR!\nC;D;13002526500013\u200b\n".encode())
    )
    columns = find_columns(roster.headings, {"notre_n_siret": "3"})
    rows = list(Batch(roster, columns, partial(prepare, settings, "cra")).run())
    assert rows[0][1]["problem"].startswith("Notre n° SIRET: the value is what a spreadsheet shows")
    assert rows[1][1]["warnings"] == ["Notre n° SIRET: invisible characters are taken out (U+200B)"]
    assert parse_qs(urlsplit(rows[1][1]["url"]).query)["champ_Q2hhbXAtMw"] == ["13002526500013"]
