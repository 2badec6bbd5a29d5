"""The forms: the real CRA form in its current revision, an older one beside it, and what applies when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.form import kind_of
from ds_bridge.sandbox.forms import Descriptor, is_visible, load_forms, read_form

CRA = load_forms()[0]
OLD, CURRENT = CRA.revisions
REAL = Path(__file__).parents[3] / "shared" / "ds" / "forms" / "82349-cra-coordinateur.json"
CONSORTIUM = "Un consortium (veuillez préciser sa composition dans le champ dédié)"


def find(stable: int) -> Descriptor:
    found = CURRENT.find(stable)
    assert found is not None
    return found


def test_the_cra_has_its_number_path_and_old_path() -> None:
    assert CRA.number == 82349
    assert CRA.path == "a1dac784-b6a0-4733-82c9-2c5c660797cf"
    assert CRA.old_paths == ("compte-rendu-d-activite-cra-conseiller-numerique-c",)
    assert CRA.active is CURRENT


def test_the_dashboards_five_ids_are_where_its_link_puts_them() -> None:
    assert {stable: find(stable).label for stable in (3566491, 3566520, 3566523, 3566521, 3566522)} == {
        3566491: "Veuillez renseigner votre nom de famille",
        3566520: "Veuillez renseigner votre prénom",
        3566523: "Veuillez renseigner votre identifiant conseiller numérique (ID CoNum)",
        3566521: "Veuillez renseigner le nom de votre structure",
        3566522: "Veuillez renseigner l'identifiant de votre structure (ID structure)",
    }
    assert find(3566523).kind == find(3566522).kind == "integer_number"


@pytest.mark.skipif(not REAL.exists(), reason="the real form is not in this checkout")
def test_the_current_revision_is_the_real_form() -> None:
    real = json.loads(REAL.read_text(encoding="utf-8"))

    def flatten(descriptors: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for item in descriptors:
            options = item.get("options")
            rows.append(
                (
                    kind_of(item["__typename"]),
                    item["label"],
                    item["description"],
                    item["required"],
                    None if options is None else tuple(options),
                )
            )
            rows.extend(flatten(item.get("champDescriptors", ())))
        return rows

    ours = [(d.kind, d.label, d.description, d.required, d.options) for d in CURRENT.walk()]
    assert ours == flatten(real["revision"]["champDescriptors"])
    assert (CRA.title, CRA.number) == (real["title"], real["number"])


def test_the_old_revision_shares_its_ids_but_one() -> None:
    old, current = ({d.stable for d in revision.walk()} for revision in CRA.revisions)
    assert old - current == {3566510}
    replaced = OLD.find(3566510)
    assert replaced is not None
    assert (replaced.label, replaced.kind) == (find(3811705).label, find(3811705).kind)
    assert len(current - old) == 7


def test_the_old_revision_says_things_otherwise() -> None:
    cible = OLD.find(3566514)
    assert cible is not None
    assert cible.options == ("Une structure", "Un(e) médiateur(rice) numérique")
    types = OLD.find(3566515)
    assert types is not None
    assert (types.kind, find(3566515).kind) == ("drop_down_list", "multiple_drop_down_list")
    assert not any("Détail sur" in d.label for d in OLD.walk())


@pytest.mark.parametrize(
    ("stable", "values", "row", "expected"),
    [
        (3566496, {3566495: "souhaite ajouter au moins un événement"}, {}, True),
        (3566496, {3566495: "n'ai pas d'événement à ajouter"}, {}, False),
        (3566496, {}, {}, False),
        (3811703, {}, {3566498: ["Une commune", CONSORTIUM]}, True),
        (3811703, {}, {3566498: ["Une commune"]}, False),
        (3811704, {}, {3566507: CONSORTIUM}, True),
        (3566500, {}, {3566499: "Autre"}, True),
        (3566500, {}, {3566499: "NEC local"}, False),
        (3566527, {}, {3566525: ["Planning", "Autre"]}, True),
        (3566528, {}, {3566525: ["Autre"], 3566526: ["Dépannage"]}, False),
        (3566515, {}, {3566514: "Une/des structure(s)"}, True),
        (3566517, {}, {3566514: "Une/des structure(s)"}, False),
        (3566517, {}, {3566514: "Un(e)/des médiateur(trice/s) numérique(s)"}, True),
        (3811708, {3811707: True}, {}, True),
        (3811708, {3811707: False}, {}, False),
        (3566491, {}, {}, True),
    ],
)
def test_champs_apply_when_they_should(
    stable: int, values: dict[int, Any], row: dict[int, Any], expected: bool
) -> None:
    assert is_visible(find(stable), values, row) is expected


def test_any_and_all_nest() -> None:
    last = load_forms()[1].active.champs[-1]
    assert is_visible(last, {700128: "Rouge"})
    assert not is_visible(last, {700126: True})
    assert is_visible(last, {700126: True, 700129: ["Lundi"]})


def test_a_condition_on_a_champ_that_is_not_there_is_refused() -> None:
    champ = {"id": 1, "kind": "text", "label": "A", "visible_if": {"all": [{"champ": 2, "equals": "x"}]}}
    document = {
        "number": 1,
        "title": "T",
        "path": "t",
        "date_creation": "2024-01-01T00:00:00+01:00",
        "revisions": [{"number": 1, "date_creation": "2024-01-01T00:00:00+01:00", "champs": [champ]}],
    }
    with pytest.raises(ValueError, match="champ 1 depends on 2"):
        read_form(document)
