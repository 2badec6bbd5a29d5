"""`coverage` as a command: table, JSON, CSV; days that count whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ds_bridge.store import Store
from tests.cli.commands import Result, run_command
from tests.store.samples import DEMARCHE, make_entry

NIGHT = dt.datetime(2024, 6, 30, 21, 59, tzinfo=dt.UTC)  # 23:59 in Paris


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text("nom,prénom,identifiant\n=Noël,Zoé,4211\nPetit,Ana,12\n", encoding="utf-8")
    return file


@pytest.fixture
def filled(store: Store) -> Store:
    entries = []
    for number, minutes in ((1, 0), (2, 2)):
        document = {"dossier": {"number": number}, "identite": {"identifiant": 4211}}
        entry = make_entry(number, document=document)
        entries.append(replace(entry, deposited_at=NIGHT + dt.timedelta(minutes=minutes)))
    store.save_page(DEMARCHE, entries, None)
    return store


def run(config: Path, roster: Path, *arguments: str) -> Result:
    return run_command("coverage", "cra", str(roster), *arguments, config=config)


def test_a_table(config: Path, filled: Store, roster: Path) -> None:
    done = run(config, roster)
    assert done.code == 0, done.err
    assert [line.split() for line in done.out.splitlines()] == [
        ["row", "identifiant", "nom", "prénom", "status", "dossiers", "possible"],
        ["2", "4211", "=Noël", "Zoé", "deposited", "1", "(2024-06-30),", "2", "(2024-07-01)"],
        ["3", "12", "Petit", "Ana", "missing"],
    ]
    assert "cra: 2 people: 1 deposited, 0 possible, 1 missing; 0 dossiers of nobody" in done.err


@pytest.mark.parametrize(
    ("period", "numbers"),
    [
        (("--until", "2024-06-30"), [1]),
        (("--since", "2024-07-01"), [2]),
        (("--since", "2024-06-30", "--until", "2024-07-01"), [1, 2]),
        (("--until", "2024-07-01T00:01:00"), [1]),
        (("--until", "2024-06-30T22:02:00+00:00"), [1, 2]),
    ],
)
def test_a_period_in_the_days_of_paris(
    config: Path, filled: Store, roster: Path, period: tuple[str, ...], numbers: list[int]
) -> None:
    answer = json.loads(run(config, roster, "--json", *period).out)
    assert [each["number"] for each in answer["people"][0]["dossiers"]] == numbers


def test_csv_to_a_file_and_to_stdout(config: Path, filled: Store, roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run(config, roster, "--csv", str(out)).out == ""
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
    assert [(row["nom"], row["status"], row["deposits"], row["dossiers"]) for row in rows] == [
        ("'=Noël", "deposited", "2", "1; 2"),
        ("Petit", "missing", "0", ""),
    ]
    assert run(config, roster, "--csv", "-").out == out.read_text(encoding="utf-8")


def test_what_cannot_be(config: Path, roster: Path, tmp_path: Path) -> None:
    assert run(config, roster, "--json", "--csv", "-").code == 2
    assert run(config, roster).code == 1, "no store yet"
    assert run(config, tmp_path / "absent.csv").code == 2
