"""`dump` as a command: tables, pseudonyms, what cannot go together."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config

DEMARCHES = """
[demarches.cra]
number = 82349
model = "ds_bridge.cra:CompteRendu"
[demarches.tout]
number = 99001
"""


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a store filled from a sandbox that is gone since: a dump needs nobody."""
    folder = tmp_path_factory.mktemp("dump")
    with SandboxServer(seed=6, dossiers=30, requests_per_minute=None) as server:
        config = write_sandbox_config(folder, server, DEMARCHES)
        assert run_command("sync", config=config).code == 0
    with config.open("a", encoding="utf-8") as stream:
        stream.write('[dump]\npseudonym_key = "0123456789abcdef"\n')
    return config


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("format_name", ["csv", "parquet", "xlsx"])
def test_tables_go_where_they_are_told(synced: Path, tmp_path: Path, format_name: str) -> None:
    out = tmp_path / "out"
    done = run_command("dump", "cra", "--format", format_name, "-o", str(out), config=synced)
    assert (done.code, done.out) == (0, "")
    count = len(json.loads(run_command("dump", "cra", config=synced).out))
    assert done.err == f"{count} dossiers in {out}\n"
    assert out.is_dir() == (format_name != "xlsx")


def test_conditions_apply_to_tables(synced: Path, tmp_path: Path) -> None:
    run_command("dump", "cra", "--format", "csv", "-o", str(tmp_path / "all"), config=synced)
    run_command(
        "dump", "cra", "--format", "csv", "--state", "accepte", "-o", str(tmp_path / "some"), config=synced
    )
    whole, some = (read_csv(tmp_path / name / "dossiers.csv") for name in ("all", "some"))
    assert some == [row for row in whole if row["state"] == "accepte"]
    events = read_csv(tmp_path / "some" / "evenements.csv")
    assert {row["dossier"] for row in events} <= {row["dossier"] for row in some}
    assert 0 < len(some) < len(whole)


@pytest.mark.parametrize("name", ["cra", "tout"])
def test_one_table_is_one_file_or_a_folder_by_its_name(synced: Path, tmp_path: Path, name: str) -> None:
    table = "dossiers" if name == "tout" else "evenements"
    folder = tmp_path / "whole"
    run_command("dump", name, "--format", "parquet", "-o", str(folder), config=synced)
    whole = pl.read_parquet(folder / f"{table}.parquet")
    one, some = tmp_path / "x.parquet", tmp_path / "some"
    done = run_command("dump", name, "--table", table, "-o", str(one), config=synced)
    assert (done.code, done.out) == (0, "")
    assert pl.read_parquet(one).equals(whole)
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    run_command("dump", name, "--table", table, "--format", "parquet", "-o", str(some), config=synced)
    assert {file.name for file in some.iterdir()} == {"columns.json", f"{table}.parquet"}
    text = run_command("dump", name, "--table", table, "--format", "csv", config=synced)
    run_command("dump", name, "--format", "csv", "-o", str(tmp_path / "csv"), config=synced)
    assert text.out.encode() == (tmp_path / "csv" / f"{table}.csv").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["csv", "some", "whole", "x.parquet"]


def numbers(config: Path, name: str, *options: str) -> list[int]:
    done = run_command("dump", name, *options, config=config)
    assert done.code == 0, done.err
    return [each["dossier"]["number"] for each in json.loads(done.out)]


def test_conditions_on_dates_and_fields(synced: Path) -> None:
    reports = json.loads(run_command("dump", "cra", config=synced).out)

    def those(keeps: Callable[[dict[str, Any]], Any]) -> list[int]:
        found = [each["dossier"]["number"] for each in reports if keeps(each)]
        assert 0 < len(found) < len(reports)
        return found

    day = sorted(each["dossier"]["date_depot"] for each in reports)[len(reports) // 2][:10]
    last = sorted(each["dossier"]["date_derniere_modification"] for each in reports)[len(reports) // 2][:10]
    assert numbers(synced, "cra", "--deposited-since", day) == those(
        lambda each: each["dossier"]["date_depot"][:10] >= day
    )
    assert numbers(synced, "cra", "--deposited-until", day) == those(
        lambda each: each["dossier"]["date_depot"][:10] <= day
    )
    assert numbers(synced, "cra", "--until", last) == those(
        lambda each: each["dossier"]["date_derniere_modification"][:10] <= last
    )
    structure = next(
        each["identite"]["structure_nom"] for each in reports if each["identite"]["structure_nom"]
    )
    expected = those(lambda each: each["identite"]["structure_nom"] == structure)
    assert numbers(synced, "cra", "--where", f"identite_structure_nom={structure}") == expected
    raw = run_command("dump", "cra", "--where", f"identite.structure_nom={structure}", "--raw", config=synced)
    assert [each["number"] for each in json.loads(raw.out)] == expected
    assert numbers(synced, "cra", "--where", f"date_depot={day}", "--where", "demarche=82349") == those(
        lambda each: each["dossier"]["date_depot"][:10] == day
    )
    assert numbers(synced, "cra", "--where", "valid=false") == those(
        lambda each: any(one["severity"] == "error" for one in each["anomalies"])
    )
    assert numbers(synced, "cra", "--where", "temps_hebdomadaire_animation=") == those(
        lambda each: each["temps_hebdomadaire"]["animation"] is None
    )


def test_conditions_on_champs_without_a_model(synced: Path) -> None:
    documents = json.loads(run_command("dump", "tout", config=synced).out)
    chosen = {
        each["dossier"]["number"]: champ["value"]
        for each in documents
        for champ in each["champs"]
        if champ["typename"] == "MultipleDropDownListChamp" and champ["value"]
    }
    choice = next(iter(chosen.values()))[0]
    listed = json.loads(run_command("schema", "tout", "--sql", "--json", config=synced).out)
    columns = [each["name"] for each in listed[0]["columns"] if each["sqlite"] == "text: JSON list"]
    found = {number for column in columns for number in ask_for(synced, column, choice)}
    assert found == {number for number, values in chosen.items() if choice in values}


def ask_for(config: Path, column: str, choice: str) -> list[int]:
    done = run_command("dump", "tout", "--where", f"{column}={choice}", config=config)
    return [each["dossier"]["number"] for each in json.loads(done.out)] if done.code == 0 else []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--where nom=x", "--where: no field 'nom' (known: archived, date_depot,"),
        (
            "--where identite_nomm=x",
            "--where: no field 'identite_nomm'; did you mean 'identite_nom'? (known:",
        ),
        ("--where identite_identifiant=Dupont", "--where: identite_identifiant takes a whole number"),
        ("--where date_depot=hier", "--where: date_depot takes a day, as 2024-05-30"),
        ("--where valid=peut-être", "--where: valid takes true or false"),
        ("--where state", "--where: write FIELD=VALUE"),
        (
            "--where state=acepte",
            "--where: state is one of en_construction, en_instruction, accepte, refuse, sans_suite; did"
            " you mean 'accepte'?",
        ),
        (
            "--format csv --table evenements -o x.parquet",
            "output 'x.parquet': csv does not go into a .parquet file: change the name or --format (known",
        ),
        ("--format json -o x.pdf", "output 'x.pdf': json does not go into a .pdf file"),
        (
            "--format parquet -o x.parquet",
            "output 'x.parquet': it is the name of a file, and parquet writes one file",
        ),
        ("--format csv --table atelier", "no table 'atelier' (known: dossiers, evenements,"),
        ("--table evenements", "--table goes with csv, parquet, xlsx: json has whole dossiers"),
        ("--format parquet --table evenements", "format parquet writes a file: name it with --output"),
        ("--since 2024-02-01 --until 2024-01-31", "the period ends before it begins: look at --since and"),
    ],
)
def test_what_cannot_be_asked_is_a_line(synced: Path, options: str, message: str) -> None:
    done = run_command("dump", "cra", *options.split(" "), config=synced)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"ds-bridge: {message}")
    assert done.err.count("\n") == 1
    assert "Dupont" not in done.err


def test_pseudonyms_are_the_same_on_stdout_and_in_tables(synced: Path, tmp_path: Path) -> None:
    reports = json.loads(run_command("dump", "cra", "--pseudonymise", config=synced).out)
    assert {report["identite"]["nom"] for report in reports} == {None}
    run_command("dump", "cra", "--pseudonymise", "--format", "csv", "-o", str(tmp_path / "x"), config=synced)
    rows = read_csv(tmp_path / "x" / "dossiers.csv")
    assert [(int(row["dossier"]), row["pseudonyme"]) for row in rows] == [
        (report["dossier"]["number"], report["pseudonyme"]) for report in reports
    ]
    assert json.loads((tmp_path / "x" / "columns.json").read_text())["pseudonymised"] is True
    silent = json.loads(run_command("dump", "cra", "--pseudonymise", "--no-free-text", config=synced).out)
    assert {event["nom"] for report in silent for event in report["evenements"]} == {None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "csv"), "format csv writes a folder: name it with --output"),
        (("--format", "xlsx"), "format xlsx writes a workbook: name it with --output"),
        (
            ("--raw", "--pseudonymise"),
            "a raw dump holds everything that was filed: it cannot be pseudonymised",
        ),
        (
            ("--raw", "--format", "parquet", "-o", "x"),
            "a raw dump is json or ndjson: parquet holds tables of mapped dossiers",
        ),
        (("--no-free-text",), "--no-free-text goes with --pseudonymise"),
    ],
)
def test_what_cannot_go_together(synced: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run_command("dump", "cra", *arguments, config=synced)
    assert (done.code, done.out, done.err) == (2, "", f"ds-bridge: {message}\n")


def test_a_choice_that_is_none_is_told_in_our_words(synced: Path) -> None:
    done = run_command("dump", "cra", "--state", "foo", config=synced)
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith(
        "Error: Invalid value for '--state': 'foo' is not one of 'en_construction', "
    )


def test_no_key_no_pseudonym(synced: Path, tmp_path: Path) -> None:
    keyless = tmp_path / "ds-bridge.toml"
    keyless.write_text(synced.read_text().split("[dump]")[0].replace("///", f"///{synced.parent}/"))
    done = run_command("dump", "cra", "--pseudonymise", config=keyless)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("ds-bridge: no key for pseudonyms: set DS_BRIDGE_DUMP__PSEUDONYM_KEY")


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    config = tmp_path / "ds-bridge.toml"
    config.write_text('[store]\nurl = "sqlite:///none.db"\n[demarches.cra]\nnumber = 1\n')
    done = run_command("dump", "cra", config=config)
    assert done.code == 1
    assert "run ds-bridge sync first" in done.err
    assert not (tmp_path / "none.db").exists()
