"""Tables of a dump against the documents they come from: everything is there, typed, under stable names."""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.dump import Options, dump_dossiers
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Field
from ds_bridge.store import Store
from ds_bridge.tables import describe
from ds_bridge.tables.layout import Facts
from tests.dump.reading import documents, dump

BLOCKS = ("evenements", "partenariats", "accompagnements")


def as_json(value: Any) -> Any:
    """A cell of a frame as the document writes it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return value.isoformat() if isinstance(value, dt.date) else value


def moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC) if text else None


@pytest.fixture(scope="module")
def parquet(synced: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("parquet")
    for name in ("cra", "tout"):
        dump(synced, name, "parquet", folder / name)
    return {name: folder / name for name in ("cra", "tout")}


def test_every_field_of_the_report_is_in_its_table(synced: Store, parquet: dict[str, Path]) -> None:
    reports = documents(synced, "cra")
    assert sorted(file.name for file in parquet["cra"].iterdir()) == [
        "accompagnements.parquet",
        "anomalies.parquet",
        "columns.json",
        "dossiers.parquet",
        "evenements.parquet",
        "partenariats.parquet",
    ]
    dossiers = {
        row["dossier"]: row for row in pl.read_parquet(parquet["cra"] / "dossiers.parquet").to_dicts()
    }
    assert list(dossiers) == sorted(reports)
    for number, report in reports.items():
        row = dossiers[number]
        for key in ("demarche", "state", "archived", "prefilled"):
            assert row[key] == report["dossier"][key]
        for key in ("date_depot", "date_derniere_modification", "date_traitement"):
            assert as_json(row[key]) == moment(report["dossier"][key])
        assert row["valid"] == all(each["severity"] != "error" for each in report["anomalies"])
        for group in ("identite", "temps_hebdomadaire"):
            found = {
                key.removeprefix(f"{group}_"): value for key, value in row.items() if key.startswith(group)
            }
            assert found == report[group]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_row_is_in_its_blocks_table_with_its_key(
    synced: Store, parquet: dict[str, Path], block: str
) -> None:
    frame = pl.read_parquet(parquet["cra"] / f"{block}.parquet")
    rows = frame.to_dicts()
    expected = [
        (number, position, data)
        for number, report in sorted(documents(synced, "cra").items())
        for position, data in enumerate(report[block])
    ]
    assert len(expected) > 50
    assert len(rows) == len(expected)
    for row, (number, position, data) in zip(rows, expected, strict=True):
        assert (row["dossier"], row["position"]) == (number, position)
        assert {key: as_json(row[key]) for key in data} == data
        absent = row.keys() - data.keys() - {"dossier", "position", "row_id"}
        assert all(row[key] in (None, []) for key in absent), "fields of the other sort of row"
    assert frame["row_id"].null_count() == 0
    raw_ids = {
        (stored.number, row["id"])
        for stored in synced.dossiers(82349)
        for champ in stored.raw["champs"]
        for row in champ.get("rows") or ()
    }
    assert set(zip(frame["dossier"], frame["row_id"], strict=True)) <= raw_ids
    assert frame.select("dossier", "row_id").is_unique().all()


def test_types_are_those_of_the_model(parquet: dict[str, Path]) -> None:
    dossiers = pl.read_parquet_schema(parquet["cra"] / "dossiers.parquet")
    assert dossiers["dossier"] == pl.Int64
    assert dossiers["identite_identifiant"] == pl.Int64
    assert dossiers["date_depot"] == pl.Datetime("us", "Europe/Paris")
    assert dossiers["archived"] == pl.Boolean
    events = pl.read_parquet_schema(parquet["cra"] / "evenements.parquet")
    assert events["date"] == pl.Date
    assert events["organisateurs"] == pl.List(pl.String)
    kinds = pl.read_parquet_schema(parquet["tout"] / "dossiers.parquet")
    assert kinds["champ_700125"] == pl.Float64
    assert kinds["champ_700126"] == pl.Boolean
    assert kinds["champ_700122"] == pl.Datetime("us", "Europe/Paris")
    files = kinds["champ_700132"]
    assert isinstance(files, pl.List)
    assert isinstance(files.inner, pl.Struct)
    assert {field.name for field in files.inner.fields} == {
        "filename",
        "content_type",
        "checksum",
        "byte_size",
    }


def cells_of(row: dict[str, Any], champ: dict[str, Any], number: int) -> Any:
    """The value of a champ as the columns of `champ_<number>` hold it."""
    name = f"champ_{number}"
    if name in row:
        value = row[name]
        if isinstance(value, list) and value and isinstance(value[0], dict) and "geometry" in value[0]:
            return [each | {"geometry": json.loads(each["geometry"])} for each in value]
        return value
    value = champ["value"]
    return _collect(row, name, value) if value is not None else _all_null(row, name)


def _collect(row: dict[str, Any], prefix: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        key: (
            inner
            if key == "typename"
            else _collect(row, f"{prefix}_{key}", inner)
            if isinstance(inner, dict)
            else row[f"{prefix}_{key}"]
            if inner is not None
            else None
        )
        for key, inner in value.items()
    }


def _all_null(row: dict[str, Any], prefix: str) -> None:
    assert all(value is None for key, value in row.items() if key.startswith(f"{prefix}_"))


def test_every_champ_without_a_model_is_in_a_column_of_its_number(
    synced: Store, parquet: dict[str, Path]
) -> None:
    dossiers = {
        row["dossier"]: row for row in pl.read_parquet(parquet["tout"] / "dossiers.parquet").to_dicts()
    }
    rows = {
        (file.stem, row["dossier"], row["row_id"]): row
        for file in parquet["tout"].glob("champ_*.parquet")
        for row in pl.read_parquet(file).to_dicts()
    }
    compared: set[str] = set()

    def compare(row: dict[str, Any], champ: dict[str, Any]) -> None:
        number = int(_decode(champ["id"]))
        expected = champ["value"]
        found = cells_of(row, champ, number)
        if champ["typename"] in ("DatetimeChamp",):
            expected = moment(expected)
        assert as_json(found) == expected, champ["typename"]
        if expected not in (None, []):
            compared.add(champ["typename"])

    for number, document in documents(synced, "tout").items():
        for champ in document["champs"]:
            if "rows" not in champ:
                compare(dossiers[number], champ)
                continue
            for row in champ["rows"]:
                for inner in row["champs"]:
                    compare(rows[f"champ_{_decode(champ['id'])}", number, row["id"]], inner)
        assert dossiers[number]["other_champs"] is None
    assert len(compared) > 20, compared


def _decode(typed_id: str) -> str:
    import base64

    return base64.b64decode(typed_id).decode().removeprefix("Champ-").split("|")[0]


def test_csv_says_the_same_as_parquet(synced: Store, parquet: dict[str, Path], tmp_path: Path) -> None:
    for name in ("cra", "tout"):
        dump(synced, name, "csv", tmp_path / name)
        for file in sorted((tmp_path / name).glob("*.csv")):
            frame = pl.read_parquet(parquet[name] / f"{file.stem}.parquet")
            with file.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            assert len(rows) == frame.height
            for row, expected in zip(rows, frame.to_dicts(), strict=True):
                assert list(row) == list(expected)
                for column, text in row.items():
                    assert _read_cell(text, expected[column]) == expected[column], column


def _read_cell(text: str, like: Any) -> Any:
    if text == "":
        return None
    match like:
        case bool():
            return {"true": True, "false": False}[text]
        case int() | float():
            return type(like)(text)
        case dt.datetime():
            return dt.datetime.fromisoformat(text)
        case dt.date():
            return dt.date.fromisoformat(text)
        case list():
            return json.loads(text)
        case _:
            return text.removeprefix("'") if like[:1] in "=+-@" else text


def test_the_manifest_and_the_parquet_metadata_say_where_columns_come_from(parquet: dict[str, Path]) -> None:
    manifest = json.loads((parquet["cra"] / "columns.json").read_text(encoding="utf-8"))
    assert {key: manifest[key] for key in ("written_by", "demarche", "name", "pseudonymised")} == {
        "written_by": "ds-bridge dump",
        "demarche": 82349,
        "name": "cra",
        "pseudonymised": False,
    }
    tables = {table["name"]: table for table in manifest["tables"]}
    assert tables["evenements"]["label"] == "ÉVÉNEMENT"
    assert tables["evenements"]["key"] == ["dossier", "position"]
    assert tables["evenements"]["rows"] == pl.read_parquet(parquet["cra"] / "evenements.parquet").height
    columns = {column["name"]: column for column in tables["dossiers"]["columns"]}
    assert columns["identite_nom"] == {
        "name": "identite_nom",
        "type": "text",
        "path": "identite.nom",
        "champs": [
            {
                "id": "Q2hhbXAtMzU2NjQ5MQ",
                "kind": "text",
                "label": "Veuillez renseigner votre nom de famille",
            }
        ],
    }
    rows = {column["name"]: column for column in tables["accompagnements"]["columns"]}
    assert len(rows["structure_noms"]["champs"]) == 2, "each sort of row has its champ"
    embedded = pl.read_parquet_metadata(parquet["cra"] / "evenements.parquet")["ds_bridge"]
    assert json.loads(embedded) == {key: tables["evenements"][key] for key in ("label", "key", "columns")}


def rename(field: Field) -> Field:
    return replace(field, label=f"Libellé {field.number}", fields=tuple(map(rename, field.fields)))


def test_a_label_decides_no_column_name(synced: Store) -> None:
    for name, demarche in (("tout", DemarcheSettings(number=99001)), ("cra", DemarcheSettings(number=82349))):
        described = describe(synced, name, demarche)
        renamed = replace(described, fields=tuple(map(rename, described.fields)))
        before, after = described.layout().tables, renamed.layout().tables
        assert [table.name for table in before] == [table.name for table in after]
        for old, new in zip(before, after, strict=True):
            assert [column.name for column in old.columns] == [column.name for column in new.columns]
    assert len(before[0].columns) > 10


def test_what_no_column_can_hold_is_kept_as_json(synced: Store) -> None:
    described = describe(synced, "tout", DemarcheSettings(number=99001))
    stored = next(iter(synced.dossiers(99001)))
    odd = [
        {"id": "Q2hhbXAtNzAwMTI0", "label": "Nombre", "typename": "IntegerNumberChamp", "value": "1" * 30},
        {"id": "Q2hhbXAtNzAwMTI0", "label": "Nombre", "typename": "IntegerNumberChamp", "value": 7},
        {"id": "Q2hhbXAtOTk5", "label": "Inconnu", "typename": "TextChamp", "value": "là"},
        {"id": None, "label": None, "typename": "NewChamp", "value": {"stringValue": None, "new": [1]}},
        {"id": "Q2hhbXAtNzAwMTEz", "label": "Adresse", "typename": "AddressChamp", "value": {"label": "x"}},
        {"id": "Q2hhbXAtNzAwMTM3", "label": "Agents", "typename": "RepetitionChamp", "value": {"a": 1}},
    ]
    text = {"id": "Q2hhbXAtNzAwMTA0", "label": "Nom", "typename": "TextChamp", "value": "Zoé"}
    document = stored.document | {"champs": [*odd, text]}
    rows = dict(described.layout().split(document, Facts(1, True, {})))
    assert rows["dossiers"]["champ_700104"] == "Zoé"
    assert json.loads(rows["dossiers"]["other_champs"]) == odd
    assert "champ_700124" not in rows["dossiers"]


def test_what_the_options_brought_stands_beside_the_champs(synced: Store) -> None:
    described = describe(synced, "tout", DemarcheSettings(number=99001))
    stored = next(iter(synced.dossiers(99001)))
    extras = {"annotations": [], "messages": [{"body": "Bonjour"}]}
    rows = dict(described.layout().split(stored.document | extras, Facts(1, True, {})))
    assert json.loads(rows["dossiers"]["extras"]) == extras
    assert "extras" not in dict(described.layout().split(stored.document, Facts(1, True, {})))["dossiers"]


def test_named_champs_give_named_columns(synced: Store, tmp_path: Path) -> None:
    champs = {"agents": "700137", "agents.jours": "700141", "effectif": "700124", "commune": "700114"}
    named = DemarcheSettings(number=99001, champs=champs)
    described = describe(synced, "tout", named)
    dossiers, agents, _ = described.layout().tables
    assert [column.name for column in dossiers.columns[-4:]] == [
        "effectif",
        "commune_name",
        "commune_code",
        "commune_postal_code",
    ]
    assert [(column.name, column.many) for column in agents.columns[-1:]] == [("jours", True)]
    assert dossiers.columns[-4].origins[0].label == "Nombre d'agents"


def test_a_document_of_another_model_asks_for_remap(synced: Store, tmp_path: Path) -> None:
    described = describe(synced, "cra", DemarcheSettings(number=82349))  # synced with the model
    with pytest.raises(ConfigurationError, match=r"^dossier \d+ was mapped by another .*remap cra first$"):
        dump_dossiers(synced, 82349, format="csv", out=tmp_path / "x", options=Options(described=described))
    assert not (tmp_path / "x").exists()
    with_model = describe(
        synced, "cra", DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")
    ).layout()
    stored = next(iter(synced.dossiers(82349)))
    facts = Facts(stored.number, True, {})
    changed = stored.document | {"identite": stored.document["identite"] | {"age": 3}}
    with pytest.raises(ConfigurationError, match=r"at identite\): run ds-bridge remap"):
        list(with_model.split(changed, facts))
    wrong = stored.document | {"identite": stored.document["identite"] | {"nom": 3}}
    with pytest.raises(ConfigurationError, match=r"at identite\.nom\): run ds-bridge remap"):
        list(with_model.split(wrong, facts))


def test_a_dossier_that_could_not_be_mapped_is_a_row_of_nulls(synced: Store) -> None:
    anomaly = {"path": "", "code": "unreadable", "severity": "error", "message": "cut"}
    document = {
        "dossier": {"demarche": 82349, "number": 5, "state": "accepte", "archived": False},
        "anomalies": [anomaly],
    }
    for name, demarche in (
        ("cra", DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")),
        ("tout", DemarcheSettings(number=99001)),
    ):
        rows = list(describe(synced, name, demarche).layout().split(document, Facts(5, False, {})))
        assert [table for table, _ in rows] == ["dossiers", "anomalies"]
        assert rows[0][1]["state"] == "accepte"
        assert rows[0][1]["valid"] is False
        assert rows[0][1]["date_depot"] is None
        assert rows[1][1] == {"dossier": 5, "position": 0, **anomaly}


def test_a_store_without_a_form_says_to_sync(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="no form of démarche 7 yet: run ds-bridge sync x first"):
        describe(store, "x", DemarcheSettings(number=7))


def test_an_empty_demarche_gives_its_tables_empty(synced: Store, tmp_path: Path) -> None:
    for format_name in ("csv", "parquet"):
        dump(synced, "cra", format_name, tmp_path / format_name, states=["nowhere"])
    frame = pl.read_parquet(tmp_path / "parquet" / "evenements.parquet")
    assert frame.height == 0
    assert frame.schema["date"] == pl.Date
    assert (tmp_path / "csv" / "evenements.csv").read_text(encoding="utf-8").count("\n") == 1
