"""Dumps of what the platform answered: every format holds what was filed, the texts without records too."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator

from ds_bridge.config import DemarcheSettings
from ds_bridge.cra import CompteRendu
from ds_bridge.dump.schema import schema_of_champs, schema_of_model
from ds_bridge.ids import ChampId
from ds_bridge.store import Store
from ds_bridge.sync.content import pull_content
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.plan import build_person, build_plan
from ds_bridge.sync.pulled import Pulled
from tests.dump.reading import dump, read_all
from tests.recorded_answers import cra_dossiers, every_type_dossiers, recorded

EVERY_TYPE = DemarcheSettings(number=99001)
CRA = DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")


def keep(store: Store, name: str, demarche: DemarcheSettings, form: str, nodes: list[dict[str, Any]]) -> None:
    """What a sync stores of these dossiers."""
    document = recorded(f"read/demarche_form--{form}")["body"]["data"]["demarche"]
    store.save_form(demarche.number, name, document)
    plan = build_plan(demarche, document)
    pulled = [Pulled.of(node) for node in nodes]
    person = build_person(demarche, plan, document)
    entries = [make_entry(each, pull_content(plan, each.node, demarche.number), person) for each in pulled]
    store.save_page(demarche.number, entries, None)


def lines(store: Store, name: str, demarche: DemarcheSettings) -> list[dict[str, Any]]:
    out = io.BytesIO()
    dump(store, name, "ndjson", out, demarche=demarche)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_type_is_dumped_whole_and_as_its_schema_says(store: Store, tmp_path: Path) -> None:
    keep(store, "tout", EVERY_TYPE, "every_type", every_type_dossiers())
    validator = Draft202012Validator(schema_of_champs("tout"))
    documents = lines(store, "tout", EVERY_TYPE)
    assert [error.message for each in documents for error in validator.iter_errors(each)] == []
    by_label = {champ["label"]: champ for champ in documents[0]["champs"]}
    column = f"champ_{_number(by_label['SIRET dégradé'])}_siret"
    dump(store, "tout", "csv", tmp_path / "csv", demarche=EVERY_TYPE)
    with (tmp_path / "csv" / "dossiers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row[column] for row in rows] == ["35600082800018", "", ""]
    assert [row["other_champs"] for row in rows] == ["", "", ""]
    dump(store, "tout", "parquet", tmp_path / "parquet", demarche=EVERY_TYPE)
    assert pl.read_parquet(tmp_path / "parquet" / "dossiers.parquet")[column].to_list() == [
        "35600082800018", None, None
    ]  # fmt: skip
    dump(store, "tout", "xlsx", tmp_path / "tout.xlsx", demarche=EVERY_TYPE)
    assert b"35600082800018" in read_all(tmp_path / "tout.xlsx")


@pytest.mark.parametrize("junk", [None, 7, {"__typename": "New"}], ids=str)
def test_odd_nodes_are_dumped_as_the_schema_says(store: Store, tmp_path: Path, junk: Any) -> None:
    odd = cra_dossiers()[7] | {"demandeur": junk, "groupeInstructeur": junk, "annotations": junk}
    odd["champs"].insert(0, junk)
    odd["messages"][0] = odd["traitements"][0] = junk
    whole = DemarcheSettings(number=82349)
    keep(store, "plain", whole, "cra", [odd])
    [document] = lines(store, "plain", whole)
    assert [
        error.message for error in Draft202012Validator(schema_of_champs("plain")).iter_errors(document)
    ] == []
    assert document["messages"][0] == junk
    for each in ("csv", "parquet"):
        dump(store, "plain", each, tmp_path / each, demarche=whole)
    keep(store, "cra", CRA, "cra", [odd])
    [document] = lines(store, "cra", CRA)
    validator = Draft202012Validator(schema_of_model(CompteRendu, "cra"))
    assert [error.message for error in validator.iter_errors(document)] == []
    dump(store, "cra", "csv", tmp_path / "mapped", demarche=CRA)


def test_the_reports_are_dumped_with_their_model(store: Store, tmp_path: Path) -> None:
    keep(store, "cra", CRA, "cra", cra_dossiers())
    validator = Draft202012Validator(schema_of_model(CompteRendu, "cra"))
    documents = lines(store, "cra", CRA)
    assert len(documents) == 8
    assert [error.message for each in documents for error in validator.iter_errors(each)] == []
    dump(store, "cra", "csv", tmp_path / "csv", demarche=CRA)
    with (tmp_path / "csv" / "evenements.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == sum(len(each["evenements"]) for each in documents)


def _number(champ: dict[str, Any]) -> int:
    return ChampId.parse(champ["id"]).stable
