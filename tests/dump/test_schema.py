"""The JSON Schema, and every dump against it with another library than ours."""

from __future__ import annotations

import copy
import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import Field, computed_field

from ds_bridge.api import champs
from ds_bridge.cra import CompteRendu
from ds_bridge.dump.schema import schema_of_champs, schema_of_model
from ds_bridge.mapping import DomainModel, champ
from ds_bridge.store import Store
from tests.dump.reading import KEY, documents, dump

SCHEMAS = {"cra": schema_of_model(CompteRendu, "cra"), "tout": schema_of_champs("tout")}

CHECKER = FormatChecker()


@CHECKER.checks("date-time", raises=ValueError)
def has_an_offset(value: object) -> bool:
    """jsonschema checks this format only with libraries that are not here."""
    return not isinstance(value, str) or dt.datetime.fromisoformat(value).tzinfo is not None


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=CHECKER)


def is_valid(name: str, document: Any) -> bool:
    return bool(validator(SCHEMAS[name]).is_valid(document))


@pytest.mark.parametrize("name", ["cra", "tout"])
def test_the_schema_is_one_and_refers_to_itself(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == name
    references = [part.split('"')[0] for part in json.dumps(schema).split('"#/$defs/')[1:]]
    assert set(references) <= set(schema["$defs"])
    assert set(schema["$defs"]) <= set(references), "nothing that is not used"
    assert '"default"' not in json.dumps(schema)


@pytest.mark.parametrize("name", ["cra", "tout"])
@pytest.mark.parametrize("format_name", ["json", "ndjson"])
@pytest.mark.parametrize("settings", [None, KEY])
def test_every_dump_keeps_to_it(synced: Store, name: str, format_name: str, settings: Any) -> None:
    out = io.BytesIO()
    dump(synced, name, format_name, out, settings=settings)
    text = out.getvalue().decode()
    objects = json.loads(text) if format_name == "json" else [json.loads(line) for line in text.splitlines()]
    assert len(objects) >= 30
    check = validator(SCHEMAS[name])
    for each in objects:
        errors = [error.message for error in check.iter_errors(each)]
        assert errors == []
    if settings:
        free = io.BytesIO()
        dump(synced, name, "ndjson", free, settings=settings, free_text=False)
        assert all(check.is_valid(json.loads(line)) for line in free.getvalue().splitlines())


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report.pop("anomalies"),
        lambda report: report["identite"].pop("nom"),
        lambda report: report["identite"].update(age=3),
        lambda report: report["identite"].update(identifiant="4211"),
        lambda report: report.update(evenements=None),
        lambda report: report["evenements"].append({"nom": "x"}),
        lambda report: report["dossier"].update(date_depot="hier"),
        lambda report: report["dossier"].update(date_depot="2024-05-30T10:15:00"),
        lambda report: report.update(pseudonyme="Zoé"),
        lambda report: report["anomalies"].append(
            {"path": "", "code": "x", "severity": "bad", "message": ""}
        ),
        lambda report: report["accompagnements"].append({"cible": "autre"}),
    ],
)
def test_what_is_wrong_is_refused(synced: Store, change: Callable[[dict[str, Any]], object]) -> None:
    report = next(iter(documents(synced, "cra").values()))
    changed = copy.deepcopy(report)
    change(changed)
    assert is_valid("cra", report)
    assert not is_valid("cra", changed)


def test_a_champ_of_another_shape_is_refused(synced: Store) -> None:
    document = next(iter(documents(synced, "tout").values()))
    for wrong in (
        {"id": "x", "label": "x", "typename": "TextChamp", "value": 3},
        {"id": "x", "label": "x", "typename": "DateChamp", "value": "hier"},
        {"id": "x", "label": "x", "typename": "TextChamp"},
        {"id": "x", "label": "x", "typename": "NewChamp", "value": "text"},
        {"id": "x", "label": "x", "typename": "RepetitionChamp", "rows": [{"id": "r", "champs": [{}]}]},
    ):
        assert not is_valid("tout", document | {"champs": [wrong]}), wrong


def test_odd_dossiers_keep_to_it_as_well(synced: Store) -> None:
    anomaly = {"path": "", "code": "unreadable", "severity": "error", "message": "x"}
    unmapped = {
        "dossier": {"demarche": 1, "number": 2, "state": "accepte", "archived": False},
        "anomalies": [anomaly],
    }
    document = next(iter(documents(synced, "tout").values()))
    kept = {"id": None, "label": None, "typename": "NewChamp", "value": {"stringValue": None, "new": 1}}
    malformed = {"id": "x", "label": "x", "typename": "DateChamp", "value": {"stringValue": "32 mai"}}
    large = {"id": "x", "label": "x", "typename": "IntegerNumberChamp", "value": "9" * 40}
    assert is_valid("cra", unmapped)
    assert is_valid("tout", unmapped)
    assert is_valid("tout", document | {"champs": [kept, malformed, large]})
    report = next(
        each for each in documents(synced, "cra").values() if any(row for row in each["accompagnements"])
    )
    untold = copy.deepcopy(report)
    untold["accompagnements"][0]["cible"] = None
    assert is_valid("cra", untold), "a row that does not say what it is about"


def test_every_kind_of_champ_has_its_shape() -> None:
    branches = SCHEMAS["tout"]["$defs"]["Champ"]["allOf"]
    told = {name for each in branches[:-1] for name in each["if"]["properties"]["typename"]["enum"]}
    known = {
        record.model_fields["typename"].annotation.__args__[0]
        for record in vars(champs).values()
        if isinstance(record, type)
        and "typename" in getattr(record, "model_fields", {})
        and hasattr(record.model_fields["typename"].annotation, "__args__")
        and record.__module__ == champs.__name__
    }
    assert told == known - {"HeaderSectionChamp", "ExplicationChamp"}


class Court(DomainModel):
    """One sort of row."""

    type: Annotated[Literal["a"], champ("Sorte", options={"A": "a"})] = "a"
    nom: Annotated[str | None, champ("Nom")] = None


class Long(DomainModel):
    """Another, of the same keys."""

    type: Annotated[Literal["b"], champ("Sorte", options={"A": "a"})] = "b"
    nom: Annotated[str | None, champ("Nom")] = None


class Bilan(DomainModel):
    """No header of its own, a computed field, a field that is not written."""

    total: Annotated[int | None, champ("Total")] = None
    secret: Annotated[str | None, champ("Secret"), Field(exclude=True)] = None
    lignes: Annotated[tuple[Annotated[Court | Long, Field(discriminator="type")], ...], champ("LIGNES")] = ()

    @computed_field
    def double(self) -> int | None:
        """Twice the total."""
        return None if self.total is None else 2 * self.total


def test_any_declared_model_gives_a_schema_that_its_dossiers_keep(synced: Store) -> None:
    schema = schema_of_model(Bilan, "bilan")
    Draft202012Validator.check_schema(schema)
    header = next(iter(documents(synced, "cra").values()))["dossier"]
    rows = [{"type": kind, "nom": "x"} for kind in ("a", "b", None)]
    document = {"dossier": header, "total": 2, "lignes": rows, "double": 4, "anomalies": []}
    check = validator(schema)
    assert [error.message for error in check.iter_errors(document)] == []
    for key in ("total", "double", "dossier"):
        assert not check.is_valid({name: value for name, value in document.items() if name != key})
    assert not check.is_valid(document | {"secret": "x"})
