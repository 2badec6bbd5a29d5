"""310 prefilled inputs of the real platform of January 2026, and what it stored of each."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ds_bridge.sandbox.dossiers import Row
from ds_bridge.sandbox.forms import DemarcheForm, Descriptor
from ds_bridge.sandbox.kinds import old_type_name
from ds_bridge.sandbox.prefill import JANUARY_2026, asks_for_prefill, read_prefill
from ds_bridge.sandbox.rack import parse_nested_query
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.replay.cases import RECORDED, load_case
from tests.sandbox.replay.forms import list_forms
from tests.sandbox.replay.shape import compare_answers
from tests.sandbox.replay.world import make_world

TABLE: list[dict[str, Any]] = json.loads((RECORDED / "prefill/table.json").read_text(encoding="utf-8"))
FORMS = list_forms()


def find_form(entry: dict[str, Any]) -> DemarcheForm | None:
    if entry["via"] == "draft":
        return next((form for form in FORMS if form.number == entry["demarche"]), None)
    return next((form for form in FORMS if form.path == entry["path"]), None)


def store(entry: dict[str, Any], form: DemarcheForm) -> dict[str, Any]:
    """What the sandbox stores, told as the recorded database tells it."""
    params = parse_nested_query(entry["query_string"]) if entry["via"] == "link" else entry["body_sent"]
    numbers = itertools.count(1)
    prefill = read_prefill(
        params,
        form,
        lambda: f"row{next(numbers)}",
        lambda number: number == 1,
        JANUARY_2026,
    )
    stored: list[dict[str, Any]] = []
    rows: dict[str, int] = {}
    for descriptor in (*form.active.champs, *form.active.annotations):
        value = prefill.values.get(descriptor.stable)
        if descriptor.kind == "repetition":
            found: list[Row] = value or []
            # A mandatory block is born with one row, which the first prefilled one fills.
            if found or descriptor.required:
                rows[str(descriptor.stable)] = max(len(found), int(descriptor.required))
            for place, row in enumerate(found, 1):
                stored += [
                    {**tell(inner, row.values[inner.stable]), "row": place}
                    for inner in descriptor.champs
                    if inner.stable in row.values
                ]
        elif value not in (None, ""):
            stored.append(tell(descriptor, value))
    identity = {
        "nom": prefill.identity.nom,
        "prenom": prefill.identity.prenom,
        "gender": prefill.identity.civilite,
    }
    return {
        "stored": sorted(stored, key=lambda one: (one["champ"], one.get("row", 0))),
        "identity": {name: one for name, one in identity.items() if one is not None},
        "rows_of_block": rows,
    }


def tell(descriptor: Descriptor, value: Any) -> dict[str, Any]:
    """A value of the World as the platform's columns hold it."""
    told: dict[str, Any] = {"champ": descriptor.stable, "kind": old_type_name(descriptor.kind)}
    match descriptor.kind:
        case "siret" | "referentiel":
            told["external_id"] = value
        case "address":
            told["value"] = told["external_id"] = value["label"]
        case "pays" | "region" | "departement" | "commune" | "epci":
            told |= {"value": value.get("name"), "external_id": value["code"]}
        case "multiple_drop_down_list":
            told["value"] = value
        case "yes_no" | "checkbox":
            told["value"] = str(value).lower() if isinstance(value, bool) else value
        case _:
            told["value"] = str(value)
    return {name: one for name, one in told.items() if one is not None}


def expect(entry: dict[str, Any]) -> dict[str, Any]:
    """The recorded columns, without what the World does not keep: labels, codes of regions, empty texts."""
    stored = []
    for one in entry["stored"]:
        kept = {name: one[name] for name in ("champ", "kind", "value", "external_id", "row") if name in one}
        if one["kind"] == "multiple_drop_down_list":
            kept["value"] = json.loads(one["value"])
        is_blank = kept.get("value", "") == "" and "external_id" not in kept
        if not is_blank or "code_postal" in one.get("value_json", {}) or one["kind"] == "epci":
            stored.append(kept)
    return {
        "stored": sorted(stored, key=lambda one: (one["champ"], one.get("row", 0))),
        "identity": {name: one for name, one in entry["identity"].items() if one},
        "rows_of_block": entry["rows_of_block"],
    }


@pytest.mark.parametrize(
    "entry",
    [pytest.param(one, id=f"{one['via']}: {one['case'][:40]}") for one in TABLE if "stored" in one],
)
def test_the_table_is_stored_as_recorded(entry: dict[str, Any]) -> None:
    form = find_form(entry)
    assert form is not None
    assert store(entry, form) == expect(entry)


def test_what_makes_no_dossier_makes_none_here() -> None:
    none_made = [one for one in TABLE if "stored" not in one]
    assert len(none_made) == 4
    for entry in none_made:
        form = find_form(entry)
        is_open = form is not None and form.state == "publiee"
        assert not is_open or not asks_for_prefill(parse_nested_query(entry["query_string"]))


@pytest.fixture(scope="module")
def january() -> Iterator[SandboxServer]:
    world = make_world()
    world.rules = JANUARY_2026
    with SandboxServer(world=world, requests_per_minute=None) as server:
        yield server


def test_annotations_are_prefilled_and_go_where_instructeurs_read(january: SandboxServer) -> None:
    address = f"{january.url}/api/public/v1/demarches/82349/dossiers"
    made = httpx.post(address, json={"champ_Q2hhbXAtMzU2NjgwMQ": "par un inconnu"}).json()
    dossier = january.world.deposit(made["dossier_prefill_token"], "a@exemple.fr")
    assert dossier.values == {}
    assert january.world.read_instruction(dossier).annotations[3566801] == "par un inconnu"


@pytest.mark.parametrize("letter", ["a", "b", "c"])
def test_odd_values_are_read_back_as_recorded(january: SandboxServer, letter: str) -> None:
    """Sent in a draft, deposited, read by the API."""
    case = load_case(f"prefill/read_back--odd_values_{letter}")
    address = f"{january.url}/api/public/v1/demarches/99001/dossiers"
    made = httpx.post(address, json=case["draft_sent"]).json()
    january.world.deposit(made["dossier_prefill_token"], "a@exemple.fr")
    body = {"query": case["query"], "variables": {"number": made["dossier_number"]}}
    headers = {"Authorization": f"Bearer {january.token}"}
    answer = httpx.post(f"{january.url}/api/v2/graphql", json=body, headers=headers).json()
    # The sandbox looks a company and an address up at once; there a job does, later on.
    later = ("SIRET", "Adresse", "CNAF", "DGFiP", "Pôle emploi", "MESRI")
    for one in (case["body"], answer):
        dossier = one["data"]["dossier"]
        dossier["champs"] = [champ for champ in dossier["champs"] if champ["label"] not in later]
        dossier["number"] = 0
    assert compare_answers(case["body"], answer) == []
