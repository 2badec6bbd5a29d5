"""Reports of a structure and of a person hold only their own dossiers; compared with the roster and the
dump."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
import pytest

import ds_bridge
from ds_bridge.cra.figures import FIGURES
from ds_bridge.health.status import open_existing
from ds_bridge.report.gather import read_documents
from tests.report.conftest import Filled


def rows_of(figure: Any) -> list[tuple[Any, ...]]:
    return list(figure.table.rows)


def test_a_person(filled: Filled) -> None:
    kept = filled.table("dossiers").filter(
        (pl.col("date_depot").dt.year() == 2025) & ~pl.col("state").is_in(["refuse", "sans_suite"])
    )
    events = filled.table("evenements").join(kept, on="dossier", how="semi")
    repeated = filled.table("anomalies").filter(pl.col("code") == "duplicate_row")["dossier"]
    number = events.filter(~pl.col("dossier").is_in(repeated.implode()))["dossier"].mode()[0]
    person = kept.filter(pl.col("dossier") == number)
    own = events.filter(pl.col("dossier") == number)
    identifiant = person["identite_identifiant"][0]
    report = ds_bridge.report("cra", for_="personne", id=identifiant, config=filled.config, year=2025)
    assert report.subject == f"{person['identite_prenom'][0]} {person['identite_nom'][0]}"
    assert list(report.figures["depots"].dossiers) == [number]
    listed = rows_of(report.figures["liste_evenements"])
    assert sorted(row[1] or "" for row in listed) == sorted(name or "" for name in own["nom"])
    assert {row[-1] for row in listed} == {number}
    dates = [row[0] for row in listed if row[0]]
    assert dates == sorted(dates)
    anomalies = filled.table("anomalies").filter(pl.col("dossier") == number)
    told = rows_of(report.figures["liste_anomalies"])
    assert len(told) == anomalies.height
    assert {row[2] for row in told} <= {f"{filled.settings.api.url}/dossiers/{number}"}
    assert "subject" not in repr(report)


def test_somebody_who_never_filed(filled: Filled) -> None:
    report = ds_bridge.report("cra", for_="personne", id=90001, year=2025, config=filled.config)
    assert report.subject is None
    assert report.figures["depots"].value == 0
    assert report.notes == (
        "Le numéro de personne 90001 ne figure dans aucun dossier de la démarche : vérifiez-le.",
    )
    expected = ds_bridge.report(
        "cra", for_="personne", id=90001, roster=filled.roster, config=filled.config, year=2025
    )
    assert expected.notes == ("Aucun compte rendu n'a été déposé dans la période.",)
    nowhere = ds_bridge.report("cra", for_="structure", id=10**15, config=filled.config)
    assert nowhere.period.label == "2025"
    assert nowhere.notes[0].startswith(f"Le numéro de structure {10**15} ne figure dans aucun dossier")


@pytest.mark.parametrize(
    ("audience", "column"),
    [("personne", "identite_identifiant"), ("structure", "identite_structure_identifiant")],
)
def test_without_a_period_the_year_of_their_own_newest_deposit(
    filled: Filled, audience: Literal["personne", "structure"], column: str
) -> None:
    newest = filled.table("dossiers").drop_nulls(column).group_by(column).agg(pl.col("date_depot").max())
    early = newest.filter(pl.col("date_depot").dt.year() == 2024).sort(column)[column][0]
    own = filled.table("dossiers").filter(pl.col(column) == early).sort("dossier")
    report = ds_bridge.report("cra", for_=audience, id=early, config=filled.config)
    assert report.period.label == "2024"
    assert list(report.figures["depots"].dossiers) == [
        row["dossier"] for row in own.iter_rows(named=True) if row["state"] not in ("refuse", "sans_suite")
    ]
    asked = ds_bridge.report("cra", for_=audience, id=early, year=2024, config=filled.config)
    assert {**asked.to_json(), "made_at": None} == {**report.to_json(), "made_at": None}
    other = ds_bridge.report("cra", for_=audience, id=early, year=2025, config=filled.config)
    assert other.notes == ("Aucun compte rendu n'a été déposé dans la période.",)


def test_a_structure_and_its_roster(filled: Filled) -> None:
    dossiers = filled.table("dossiers").filter(
        (pl.col("date_depot").dt.year() == 2025) & (pl.col("state") == "accepte")
    )
    row = dossiers.drop_nulls("identite_structure_identifiant").row(0, named=True)
    structure = row["identite_structure_identifiant"]
    report = ds_bridge.report(
        "cra", for_="structure", id=structure, roster=filled.roster, year=2025, config=filled.config
    )
    assert row["dossier"] in report.figures["depots"].dossiers
    people = rows_of(report.figures["liste_personnes"])
    assert row["identite_identifiant"] in [each[0] for each in people]
    assert report.subject == row["identite_structure_nom"]


def test_a_structure_nobody_filed_for(filled: Filled) -> None:
    report = ds_bridge.report(
        "cra", for_="structure", id=87, roster=filled.roster, year=2025, config=filled.config
    )
    people = rows_of(report.figures["liste_personnes"])
    missing = [row for row in people if row[2] == 0]
    assert (90001, "Λευτέρης Ζαχαρόπουλος", 0, "aucun dépôt") in missing
    assert (90002, "Zoé <b>NOËL</b>", 0, "aucun dépôt") in missing
    attendues = rows_of(report.figures["personnes"])[0]
    assert attendues[1] >= 2


def test_by_the_index_as_by_the_walk(filled: Filled) -> None:
    """A person's report reads their dossiers alone: the same as all of them were read."""
    people = filled.table("dossiers")["identite_identifiant"].drop_nulls().to_list()[:5]
    with open_existing(filled.settings) as store:
        for person in people:
            quick = read_documents(store, 82349, FIGURES, person)
            assert {each.document["identite"]["identifiant"] for each in quick} == {person}
            walked = [
                each.number
                for each in read_documents(store, 82349, FIGURES)
                if each.document.get("identite", {}).get("identifiant") == person
            ]
            assert [each.number for each in read_documents(store, 82349, FIGURES, person)] == walked
        assert list(read_documents(store, 82349, FIGURES, 999_999_999)) == []
