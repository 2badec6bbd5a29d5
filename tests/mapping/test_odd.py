"""Odd: when the platform adds something or is wrong, at most the one value concerned is lost."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from ds_bridge.api.records import DossierState, read_dossier
from ds_bridge.cra import CompteRendu
from ds_bridge.errors import BadDataError
from ds_bridge.mapping import Mapped, Plan, map_dossier, resolve
from ds_bridge.sync.content import read_content
from tests.recorded_answers import recorded_dossier, recorded_form

DEMARCHE = 82349
SILENT = ("HeaderSectionChamp", "ExplicationChamp")
HEAD = {"number", "state", "dateDepot", "dateDerniereModification"}
TEXT = {
    "__typename": "TextChamp",
    "id": "Q2hhbXAtMQ==",
    "champDescriptorId": "Q2hhbXAtMQ==",
    "label": "Nom",
    "stringValue": "x",
    "value": "x",
}
NODE: dict[str, Any] = {
    "id": "RG9zc2llci0x",
    "number": 1,
    "state": "accepte",
    "dateDepot": "2026-09-01T10:00:00+02:00",
    "dateDerniereModification": "2026-09-01T10:00:00+02:00",
    "demandeur": {"__typename": "Anonymous"},
    "champs": [TEXT],
}


def told(mapped: Mapped) -> list[tuple[str, str, str]]:
    return [(each.path, each.code, each.severity) for each in mapped.anomalies]


def test_a_demandeur_of_a_new_type_costs_the_demandeur_alone() -> None:
    dossier = read_dossier(NODE)
    assert dossier.demandeur is None
    assert [(each.path, each.node) for each in dossier.unread] == [("demandeur", {"__typename": "Anonymous"})]
    mapped = map_dossier(None, dossier, DEMARCHE)
    assert mapped.valid
    assert told(mapped) == [("demandeur", "unknown_kind", "warning")]
    assert [each["value"] for each in mapped.champs] == ["x"]


def test_a_demandeur_that_breaks_the_schema_is_told_otherwise() -> None:
    mapped = map_dossier(None, read_dossier(NODE | {"demandeur": {"__typename": "PersonneMorale"}}), DEMARCHE)
    assert told(mapped) == [("demandeur", "malformed", "warning")]


def test_a_state_of_the_future_is_kept_and_told() -> None:
    dossier = read_dossier(NODE | {"state": "suspendu", "demandeur": None})
    assert (dossier.state, dossier.state.value, dossier.state.is_known) == ("suspendu", "suspendu", False)
    assert isinstance(dossier.state, DossierState)
    mapped = map_dossier(None, dossier, DEMARCHE)
    assert mapped.document()["dossier"]["state"] == "suspendu"
    assert told(mapped) == [("dossier.state", "unknown_state", "warning")]
    assert "suspendu" not in list(DossierState)
    with pytest.raises(BadDataError):
        read_dossier(NODE | {"state": None})


def test_what_is_no_champ_keeps_its_place_at_top_and_in_rows() -> None:
    block = TEXT | {
        "__typename": "RepetitionChamp",
        "id": "Q2hhbXAtMg==",
        "champDescriptorId": "Q2hhbXAtMg==",
        "rows": [{"id": "r1", "champs": [None, TEXT]}, None, {"id": 3, "champs": None}],
    }
    odd = {"__typename": "TextChamp", "id": 3, "label": ["a"], "champDescriptorId": "Q2hhbXAtMw=="}
    mapped = map_dossier(
        None, read_dossier(NODE | {"demandeur": None, "champs": [None, TEXT, block, odd, "z"]}), DEMARCHE
    )
    first, text, rows, broken, last = mapped.champs
    assert (first["typename"], first["value"]) == ("", {"stringValue": None, "node": None})
    assert text["value"] == "x"
    assert [row["id"] for row in rows["rows"]] == ["r1", "", ""]
    assert [len(row["champs"]) for row in rows["rows"]] == [2, 1, 1]
    assert rows["rows"][0]["champs"][1]["value"] == "x"
    assert broken["value"] == {"stringValue": None, "odd": {"id": 3, "label": ["a"]}}
    assert last["value"] == {"stringValue": None, "node": "z"}
    assert [path for path, *_ in told(mapped)] == [
        "champs[0]",
        "champs[2].rows[0].champs[0]",
        "champs[2].rows[1].champs[0]",
        "champs[2].rows[2].champs[0]",
        "champs[3]",
        "champs[4]",
    ]
    assert {code for _, code, _ in told(mapped)} == {"malformed"}


def test_odd_entries_beside_the_champs_stand_where_they_were() -> None:
    node = recorded_dossier("cra-8-every_option")
    whole = map_dossier(None, read_dossier(node), DEMARCHE).document()
    odd = copy.deepcopy(node)
    odd["traitements"][1]["dateTraitement"] = "soon"
    odd["messages"][0] = None
    odd["labels"][0] = {"id": "TGFiZWwtMQ==", "name": None, "color": "rouge", "url": "https://exemple.fr"}
    odd["groupeInstructeur"] = {"number": "many", "label": "défaut"}
    odd["annotations"] = "none"
    mapped = map_dossier(None, read_dossier(odd), DEMARCHE)
    document = mapped.document()
    assert sorted(told(mapped)) == [
        (path, "malformed", "warning")
        for path in ("annotations", "groupe_instructeur", "labels[0]", "messages[0]", "traitements[1]")
    ]
    assert document["traitements"][1] == odd["traitements"][1]
    assert document["traitements"][0] == whole["traitements"][0]
    assert document["traitements"][2:] == whole["traitements"][2:]
    assert document["messages"] == [None, *whole["messages"][1:]]
    assert document["labels"][0] == {"id": "TGFiZWwtMQ==", "name": None, "color": "rouge"}
    assert document["groupe_instructeur"] == odd["groupeInstructeur"]
    assert document["annotations"] == "none"
    assert document["champs"] == whole["champs"]


def test_no_champ_at_all_is_an_error() -> None:
    mapped = map_dossier(None, read_dossier(NODE | {"champs": "none", "demandeur": None}), DEMARCHE)
    assert told(mapped) == [("champs", "malformed", "error")]
    assert mapped.champs == ()


@pytest.mark.parametrize("junk", [None, 7, {"__typename": "New"}], ids=str)
def test_any_node_that_is_odd_costs_at_most_what_holds_it(junk: Any) -> None:
    node = recorded_dossier("every_type-9-filled") | {
        key: value
        for key, value in recorded_dossier("cra-8-every_option").items()
        if key not in HEAD | {"champs"}
    }
    by_type = {champ["__typename"]: champ for champ in node["champs"] if champ["__typename"] not in SILENT}
    node["champs"] = list(by_type.values())
    del node["annotations"]
    whole = map_dossier(None, read_dossier(node), DEMARCHE).document()
    for path in _walk(node):
        if path[0] in HEAD or path == ("champs",):
            continue
        odd = copy.deepcopy(node)
        _put(odd, path, junk)
        document = read_content(None, odd, DEMARCHE).document
        assert document["dossier"]["number"] == node["number"]
        touched = path[1] if path[0] == "champs" else None
        for place, (entry, before) in enumerate(zip(document["champs"], whole["champs"], strict=True)):
            assert place == touched or entry == before, path


def test_a_model_reads_all_but_the_odd_node() -> None:
    active, older = recorded_form("cra")
    plan: Plan = resolve(CompteRendu, active, older)
    node = recorded_dossier("cra-8-every_option")
    whole = map_dossier(plan, read_dossier(node), DEMARCHE)
    odd = copy.deepcopy(node) | {"demandeur": {"__typename": "Anonymous"}, "state": "suspendu"}
    odd["champs"].insert(0, None)
    mapped = map_dossier(plan, read_dossier(odd), DEMARCHE)
    assert mapped.value is not None
    assert whole.value is not None
    without = {"dossier"}
    assert mapped.value.model_dump(exclude=without) == whole.value.model_dump(exclude=without)
    assert mapped.valid
    assert told(mapped)[:3] == [
        ("dossier.state", "unknown_state", "warning"),
        ("demandeur", "unknown_kind", "warning"),
        ("champs[0]", "malformed", "warning"),
    ]


def _walk(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of every node that is no deeper than a row's champ's record."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield (*path, key)
        if len(path) < 6:
            yield from _walk(inner, (*path, key))


def _put(node: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
