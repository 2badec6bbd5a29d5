"""Queries against an instance's schema: what it lacks and what it will take away."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema

from ds_bridge.config import ApiSettings
from ds_bridge.health.doctor.instance import check_queries, list_queries
from ds_bridge.health.doctor.reach import reach
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from tests.conftest import SHARED


@pytest.fixture(scope="module")
def introspection() -> dict[str, Any]:
    with SandboxServer(world=World(seed=1)) as server:
        reached = reach(ApiSettings(url=server.url))
    assert reached.schema is not None
    return reached.schema


def fields_of(introspection: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(each for each in introspection["__schema"]["types"] if each["name"] == name)["fields"]


def test_every_operation_is_looked_at() -> None:
    files = (Path(__file__).parents[3] / "queries").glob("*.graphql")
    names = sorted(file.stem for file in files if not file.stem.startswith("fragment_"))
    assert list_queries() == names
    assert {"dossiers_page", "dossier_accepter", "situations_page"} < set(names)


def test_the_official_schema() -> None:
    file = SHARED / "ds" / "schema.graphql"
    if not file.exists():
        pytest.skip("the official schema is not at hand")
    schema = introspection_from_schema(build_schema(file.read_text(encoding="utf-8")))
    found = list(check_queries(dict(schema)))
    assert [finding for finding in found if finding.verdict == "failure"] == []


def test_an_older_instance_lacks_a_field(introspection: dict[str, Any]) -> None:
    older = copy.deepcopy(introspection)
    fields = fields_of(older, "Dossier")
    fields[:] = [field for field in fields if field["name"] != "prefilled"]
    found = list(check_queries(older))
    (failure,) = [finding for finding in found if finding.verdict == "failure"]
    assert failure.code == 4
    assert failure.found == (
        "Cannot query field 'prefilled' on type 'Dossier'. (in dossier, dossiers_page, groupe_dossiers_page)"
    )
    assert failure.details == {"queries": ["dossier", "dossiers_page", "groupe_dossiers_page"]}
    assert not [finding for finding in found if finding.verdict == "ok"]


def test_an_older_instance_lacks_a_mutation(introspection: dict[str, Any]) -> None:
    older = copy.deepcopy(introspection)
    fields = fields_of(older, "Mutation")
    fields[:] = [field for field in fields if field["name"] != "dossierSupprimerLabel"]
    found = list(check_queries(older))
    assert not [finding for finding in found if finding.verdict in ("failure", "ok")]
    (warning,) = [finding for finding in found if "dossier_supprimer_label" in finding.found]
    assert warning.remedy == "this instance lacks it: act refuses what needs it, all else works"


def test_a_newer_instance_deprecates_one(introspection: dict[str, Any]) -> None:
    newer = copy.deepcopy(introspection)
    (field,) = [field for field in fields_of(newer, "Dossier") if field["name"] == "prefilled"]
    field |= {"isDeprecated": True, "deprecationReason": "Utilisez `origine`."}
    found = list(check_queries(newer))
    (warning,) = [finding for finding in found if finding.verdict == "warning"]
    assert warning.found == (
        "The field Dossier.prefilled is deprecated. Utilisez `origine`."
        " (in dossier, dossiers_page, groupe_dossiers_page)"
    )
    assert found[-1].verdict == "ok"


def test_what_is_no_schema() -> None:
    (finding,) = check_queries({"__schema": {"types": []}})
    assert (finding.verdict, finding.code) == ("failure", 4)
    assert finding.found.startswith("the instance's schema cannot be read: ")
