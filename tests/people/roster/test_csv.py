"""CSV rosters: whatever a spreadsheet of a French office saves is read, and comes out as it went in."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import Roster, read_roster, write_roster
from ds_bridge.people.roster.csv import MISALIGNED
from ds_bridge.people.roster.csv import read as read_csv
from ds_bridge.people.roster.interface import RosterFormat, Row

HEADINGS = ["Nom de famille", "Prénom", "Identifiant"]
ROWS = [["NOËL", "Zoé", "4211"], ["L’Œil; du, lac", 'dit "Jo"\nsuite', "7"]]
ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "cp1252": b"",
}


def save(rows: list[list[str]], separator: str = ";", encoding: str = "utf-8", mark: bytes = b"") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return mark + out.getvalue().encode(encoding)


def read(content: bytes) -> Roster:
    return read_roster(io.BytesIO(content))


def table(roster: Roster) -> list[list[object]]:
    return [list(row.cells.values()) for row in roster.rows]


def write(roster: Roster, added: dict[str, object] | None = None) -> bytes:
    out = io.BytesIO()
    names = list(added or {})
    write_roster(roster, ((row, added or {}) for row in roster.rows), names, out)
    return out.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_and_separator(encoding: str, separator: str) -> None:
    roster = read(save([HEADINGS, *ROWS], separator, encoding, ENCODINGS[encoding]))
    assert (roster.headings, table(roster)) == (tuple(HEADINGS), ROWS)
    assert roster.separator == separator
    assert roster.bom is (encoding != "utf-8")
    assert bool(roster.notes) is (encoding == "cp1252")


def test_utf_16_without_its_mark() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert table(read(save([HEADINGS, *ROWS], encoding=encoding))) == ROWS


def test_places_are_lines_of_the_file() -> None:
    roster = read(save([HEADINGS, *ROWS, ["", " ", ""], ["Petit", "Ana", "3"]]))
    assert [row.place for row in roster.rows] == [2, 3, 6]


def test_the_separator_is_the_one_that_cuts_all_rows_alike() -> None:
    assert read(b"Nom, usuel;Salaire\nA;1,5\nB;2,5\n").headings == ("Nom, usuel", "Salaire")
    assert read(b"identifiant\n4211\n12\n").headings == ("identifiant",)
    roster = read(b'structure\n"Dupont, SA"\n')
    assert table(roster) == [["Dupont, SA"]]


def test_excels_own_declaration() -> None:
    roster = read(b"sep=;\r\nnom;id\r\nA,B;1\r\n")
    assert (roster.headings, table(roster), roster.rows[0].place) == (("nom", "id"), [["A,B", "1"]], 3)


def test_empty_ends_of_lines_are_nothing_and_short_rows_are_filled() -> None:
    roster = read(b"nom;id;;\nA;1;;\nB\n;;;\n")
    assert (roster.headings, table(roster)) == (("nom", "id"), [["A", "1"], ["B", ""]])


def test_a_row_with_more_cells_has_a_problem_and_keeps_them() -> None:
    roster = read(b"nom;id\nDu;pont;1\nA;2\n")
    assert [row.problem for row in roster.rows] == [MISALIGNED, None]
    assert write(roster) == b"nom;id;\nDu;pont;1\nA;2;\n"


def test_an_unnamed_column_is_kept() -> None:
    roster = read(b"nom;;id\nA;x;1\n")
    assert (roster.headings, table(roster)) == (("nom", "", "id"), [["A", "x", "1"]])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'nom;id\n"A;1\nB;2\n', r"line 2: a quote is not closed"),
        (b'nom;id\nB;2\n"x"y;2\n', r"line 3: a quote is not closed, or stands inside"),
        (b"nom;id\n", "headings and no row"),
        (b"\n \n", "empty"),
        (b";;\n;;\n", "empty"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"nom;id\n\x81\x8d;1\n", "not text in UTF-8"),
        (b"nom;id\nA\x00B;1\n", "NUL"),
    ],
)
def test_what_is_no_roster(content: bytes, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read(content)


def test_a_cell_of_a_megabyte_is_a_lost_quote() -> None:
    with pytest.raises(ConfigurationError, match="line 2: a cell is too long"):
        read(b'nom;id\n"' + b"x" * 1_100_000 + b'";1\n')


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_formulas_are_neutralised_out_and_restored_in(start: str) -> None:
    text = f"{start}1+1"
    roster = Roster(
        RosterFormat.CSV, ("nom", "=heading"), [Row(2, {0: text, 1: "A"})], separator=";", bom=True
    )
    content = write(roster, {"url": "https://x.fr", "warnings": ["=a", "b"]})
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [
        ["nom", "'=heading", "url", "warnings"],
        [f"'{text}", "A", "https://x.fr", "'=a; b"],
    ]
    again = read(content)
    assert (again.headings[1], again.rows[0].cells[0]) == ("=heading", text)


def test_an_apostrophe_that_guards_nothing_stays() -> None:
    assert table(read(b"nom;id\n'Aho;'-\n")) == [["'Aho", "-"]]


def test_columns_of_ours_are_replaced() -> None:
    roster = read(b"url,nom,problem\nold,A,old\n")
    assert write(roster, {"url": "new", "problem": None}) == b"nom,url,problem\nA,new,\n"


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from(";,\t\"\r\n'=+-@ é"),
    max_size=12,
)


@given(
    rows=st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5),
    separator=st.sampled_from(";,\t"),
    bom=st.booleans(),
)
@example(rows=[["'=", "\r"]], separator=";", bom=False)
def test_what_is_written_is_read_back(rows: list[list[str]], separator: str, bom: bool) -> None:
    roster = Roster(
        RosterFormat.CSV,
        ("nom", "prenom"),
        [Row(place, dict(enumerate(row))) for place, row in enumerate(rows, start=2)],
        separator=separator,
        bom=bom,
    )
    again = read_csv(write(roster, {"url": "https://x.fr/?a=1&b=2"}), "again")
    assert again.headings == ("nom", "prenom", "url")
    kept = [list(row.cells.values())[:2] for row in again.rows]
    # A person's own apostrophe in front of a formula cannot be told from a guard.
    for before, after in zip(rows, kept, strict=True):
        for one, other in zip(before, after, strict=True):
            assert other in (one, one.removeprefix("'"))
