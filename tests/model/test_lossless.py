"""A generated model holds all that a dossier holds: compared with its champs as they are, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ds_bridge.api.client import Client
from ds_bridge.api.records import Dossier
from ds_bridge.cra import CompteRendu
from ds_bridge.form import read_forms
from ds_bridge.ids import ChampId
from ds_bridge.mapping import Plan, map_dossier, resolve
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.server import SandboxServer
from tests.model.generated import generated

DEMARCHES = [form.number for form in load_forms()]
CRA, FOURRE_TOUT = 82349, 99001
OPTIONS_OF_CIBLE = {
    "structure": {"Une/des structure(s)", "Une structure"},
    "mediateur": {"Un(e)/des médiateur(trice/s) numérique(s)", "Un(e) médiateur(rice) numérique"},
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        SandboxServer(seed=11, dossiers=40, requests_per_minute=None) as server,
        Client(url=server.url, token=server.token) as client,
    ):
        yield client


def values_as_they_are(dossier: Dossier, demarche: int) -> dict[tuple[int, ...], Any]:
    """(champ,) or (block, row, champ) → value, of all that hold one."""
    found: dict[tuple[int, ...], Any] = {}
    for entry in map_dossier(None, dossier, demarche).champs:
        number = ChampId.parse(entry["id"]).stable
        for position, row in enumerate(entry.get("rows", ())):
            for inner in row["champs"]:
                found[(number, position, ChampId.parse(inner["id"]).stable)] = _plain(inner["value"])
        if "value" in entry:
            found[(number,)] = _plain(entry["value"])
    return {place: value for place, value in found.items() if value is not None}


def values_of_model(document: dict[str, Any], plan: Plan) -> dict[tuple[int, ...], Any]:
    """The same of a mapped document: a field counts under each number that feeds it."""
    found: dict[tuple[int, ...], Any] = {}
    for name, numbers in plan.numbers.items():
        block, _, field = name.rpartition(".")
        for number in numbers:
            if not block:
                if name not in plan.blocks:
                    found[(number,)] = _plain(document[name])
                continue
            for holder in plan.numbers[block]:
                for position, row in enumerate(document[block]):
                    found[(holder, position, number)] = _plain(row[field])
    return {place: value for place, value in found.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"primary", "secondary"}:
        value = [part for part in (value["primary"], value["secondary"]) if part]
    return None if value == [] else value


def check(document: Mapping[str, Any], client: Client, demarche: int) -> int:
    active, others = read_forms(dict(document))
    compared = 0
    with generated("essai", active, others) as model:
        plan = resolve(model, active, others)
        for dossier in client.dossiers(demarche):
            mapped = map_dossier(plan, dossier, demarche)
            assert mapped.anomalies == ()
            expected = values_as_they_are(dossier, demarche)
            actual = values_of_model(mapped.document(), plan)
            # One value of a choice that became several stands alone in its tuple.
            lost = [place for place, value in expected.items() if actual.get(place) not in (value, [value])]
            assert lost == []
            compared += len(expected)
    return compared


@pytest.mark.parametrize("demarche", DEMARCHES)
def test_every_value_of_every_dossier_is_in_the_object(client: Client, demarche: int) -> None:
    held = sum(len(values_as_they_are(dossier, demarche)) for dossier in client.dossiers(demarche))
    assert check(client.form_document(demarche), client, demarche) == held
    assert held > (100 if demarche in (CRA, FOURRE_TOUT) else -1)


def test_the_model_of_the_activity_report_reads_what_the_one_by_hand_reads(client: Client) -> None:
    active, others = read_forms(client.form_document(CRA))
    by_hand = resolve(CompteRendu, active, others)
    compared = 0
    with generated("cra", active, others) as model:
        plan = resolve(model, active, others)
        assert by_hand.fed <= plan.fed
        for dossier in client.dossiers(CRA):
            document = map_dossier(plan, dossier, CRA).document()
            report = map_dossier(by_hand, dossier, CRA).value
            assert isinstance(report, CompteRendu)
            generated_values = values_of_model(document, plan)
            for place, value in values_of_report(report, by_hand).items():
                held = generated_values.get(place)
                # The one list whose options the report by hand gives another meaning.
                assert held == value or held in OPTIONS_OF_CIBLE[str(value)]
                compared += 1
    assert compared > 500


def values_of_report(report: CompteRendu, plan: Plan) -> dict[tuple[int, ...], Any]:
    """What the report holds by champ id, from its attributes."""
    found: dict[tuple[int, ...], Any] = {}
    for source in plan.reader.sources:
        found |= {(number,): getattr(report, source.attribute) for number in source.numbers}
    for attribute, group in plan.reader.groups:
        for source in group.sources:
            value = getattr(getattr(report, attribute), source.attribute)
            found |= {(number,): value for number in source.numbers}
    for block in plan.reader.blocks:
        for position, row in enumerate(getattr(report, block.attribute)):
            reader = next(reader for _, reader in block.variants if reader.model is type(row))
            for source in reader.sources:
                value = getattr(row, source.attribute)
                found |= {(block.numbers[0], position, number): value for number in source.numbers}
    return {
        place: _plain(list(value) if isinstance(value, tuple) else _write(value))
        for place, value in found.items()
        if value not in (None, ())
    }


def _write(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
