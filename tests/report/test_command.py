"""`ds-bridge report`: what it writes, and the one line when something is wrong or missing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

import ds_bridge
from ds_bridge.errors import ConfigurationError
from ds_bridge.report import formats
from tests.cli.commands import run_command, write_config
from tests.report.conftest import DEMARCHES, Filled


def test_json_on_stdout_is_the_librarys(filled: Filled) -> None:
    done = run_command("report", "cra", "--year", "2024", "--format", "json", config=filled.config)
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    made = ds_bridge.report("cra", year=2024, config=filled.config).to_json()
    assert {**told, "made_at": None} == {**made, "made_at": None}
    assert (told["for"], told["public"], told["demarche"]) == ("programme", False, 82349)
    assert told["period"] == {"since": "2024-01-01", "until": "2024-12-31", "label": "2024"}


def test_a_file_appears_whole_and_says_so(filled: Filled, tmp_path: Path) -> None:
    out = tmp_path / "rapport.json"
    arguments = ("report", "cra", "--since", "2025-01-01", "--until", "2025-03-31", "-o", str(out))
    done = run_command(*arguments, config=filled.config)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"17 figures for programme, 2025-01-01 to 2025-03-31, in {out}\n"
    assert json.loads(out.read_bytes())["before"]["since"] == "2024-10-01"
    assert out.stat().st_mode & 0o777 == 0o600


def test_a_dash_is_stdout(filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_command("report", "cra", "--format", "json", "-o", "-", config=filled.config)
    assert (done.code, done.err, json.loads(done.out)["demarche"]) == (0, "", 82349)
    for arguments in (("dump", "tout", "-o", "-"), ("anomalies", "cra", "--format", "csv", "-o", "-")):
        dashed = run_command(*arguments, config=filled.config)
        assert (dashed.code, dashed.out) == (0, run_command(*arguments[:-2], config=filled.config).out)
        assert dashed.out
    assert list(tmp_path.iterdir()) == []


def test_without_a_period_the_year_of_the_newest_deposit(filled: Filled) -> None:
    assert ds_bridge.report("cra", config=filled.config).period.label == "2025"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--for", "personne"), "a report for a personne needs an id"),
        (("--for", "structure"), "a report for a structure needs an id"),
        (("--id", "4"), "an id goes with a report for a structure"),
        (("--year", "2024", "--since", "2024-01-01"), "not both"),
        (("--since", "2024-02-01", "--until", "2024-01-01"), "ends before it begins"),
        (("--year", "12"), "the year 12"),
        (("--year", "0"), "the year 0"),
        (("--for", "personne", "--id", str(10**23)), "id: give a whole number from 1 to 9223372036854775807"),
        (("--public", "--for", "personne", "--id", "4"), "only the programme's report has a public version"),
        (("--public", "--since", "2024-01-01"), "a public report is of a whole year"),
        (("-o", "nowhere/report.json"), "cannot be written"),
        (("-o", "x.docx"), "no report is written as .docx (known: html, pdf, json): change the name or give"),
        (("-o", "x.pdf", "--format", "html"), "html does not go into a .pdf file: change the name or"),
        (("-o", "x.csv", "--format", "json"), "json does not go into a .csv file"),
        (("--roster", "missing.csv"), "missing.csv"),
    ],
)
def test_what_is_refused(filled: Filled, arguments: tuple[str, ...], message: str) -> None:
    done = run_command("report", "cra", *arguments, config=filled.config)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_what_python_gives_wrongly_is_told_what_is_wanted(filled: Filled) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        *(({"for_": "personne", "id": each}, "id: give a whole") for each in (10**30, -1, 0, "abc", True)),
        *(({"year": each}, "year: give a whole number, as 2024") for each in ("2024", 2024.0)),
        ({"year": 0}, "of the year 0"),
        ({"since": "2024-01-01"}, r"since: give a day, as datetime.date\(2024, 1, 1\), not a str"),
        ({"until": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)}, "until: give a day, .* not a datetime"),
    ]
    for arguments, message in wrong:
        with pytest.raises(ConfigurationError, match=message):
            ds_bridge.report("cra", config=filled.config, **arguments)


def test_what_a_report_prints_has_nobodys_name(filled: Filled) -> None:
    report = ds_bridge.report("cra", for_="structure", id=87, roster=filled.roster, config=filled.config)
    people = report.figures["liste_personnes"]
    assert people.table is not None
    assert "<b>NOËL</b>" in str(people.table.rows)
    assert repr(people.table) == f"Table(4 columns, {len(people.table.rows)} rows)"
    printed = f"{report!r} {report.figures!r} {report.chapters!r}"
    assert not [row[1] for row in people.table.rows if row[1] and str(row[1]) in printed]


@pytest.mark.parametrize(
    ("roster", "audience", "message"),
    [
        ("nom,prenom\nA,B\n", (), "no column of identifiants"),
        ("identifiant\n1\n", ("--for", "structure", "--id", "3"), "no column structure_identifiant"),
    ],
)
def test_rosters_that_do_not_say_who(
    filled: Filled, tmp_path: Path, roster: str, audience: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(roster, encoding="utf-8")
    done = run_command("report", "cra", "--roster", str(file), *audience, config=filled.config)
    assert done.code == 2
    assert message in done.err


def test_a_demarche_never_synced(tmp_path: Path, filled: Filled) -> None:
    config = write_config(tmp_path, DEMARCHES)
    done = run_command("report", "cra", config=config)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "run ds-bridge sync first" in done.err
    other = tmp_path / "other.toml"
    other.write_text(
        f'[store]\nurl = "sqlite:///{filled.folder / "store.db"}"\n[demarches.neuve]\nnumber = 4\n',
        encoding="utf-8",
    )
    done = run_command("report", "neuve", config=other)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "run ds-bridge sync neuve first" in done.err


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ("ds_bridge.nothing:FIGURES", "cannot be imported"),
        ("ds_bridge.cra.figures:NOTHING", "cannot be imported"),
        ("ds_bridge.cra.codes:CODES", "are no ds_bridge.report.Declared"),
    ],
)
def test_figures_that_are_not_there(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, figures: str, message: str
) -> None:
    from ds_bridge.cra import CompteRendu

    monkeypatch.setattr(CompteRendu, "figures", figures)
    with pytest.raises(ds_bridge.DsBridgeError, match=message):
        ds_bridge.report("cra", config=filled.config)


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_an_extra_that_is_not_installed(filled: Filled, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    missing = [*formats.FORMATS[form], "a_module_nobody_has"]
    monkeypatch.setitem(formats.FORMATS, form, tuple(missing))
    done = run_command("report", "cra", "--format", form, config=filled.config)
    assert (done.code, done.out) == (2, "")
    assert f"a report as {form} (json needs none) needs the extra report: pip install" in done.err
    with pytest.raises(ds_bridge.DsBridgeError, match="no report format 'doc'"):
        formats.need_extra("doc")


def test_the_room_is_a_function_whichever_way_it_was_imported() -> None:
    from ds_bridge.report import Figure

    assert callable(ds_bridge.report)
    assert ds_bridge.report.Figure is Figure
