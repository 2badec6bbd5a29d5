"""`dump` as a command: tables, pseudonyms, what cannot go together."""

from __future__ import annotations

import csv
import json
from pathlib import Path

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
            "a raw dump is json or ndjson: parquet has tables of what was mapped",
        ),
        (("--no-free-text",), "--no-free-text goes with --pseudonymise"),
    ],
)
def test_what_cannot_go_together(synced: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run_command("dump", "cra", *arguments, config=synced)
    assert (done.code, done.out, done.err) == (2, "", f"ds-bridge: {message}\n")


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
