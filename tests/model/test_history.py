"""What a démarche's revisions leave in its model: champs that are gone, replaced, or of another kind."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
from collections.abc import Sequence
from typing import Any

import pytest

from ds_bridge.api.records import Dossier
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.mapping import Mapped, map_dossier, resolve
from ds_bridge.model import write_model
from tests.mapping.forms import champ_of, form_of
from tests.model.generated import generated

NOW = "2024-05-30T10:15:00+02:00"


def dossier(*champs: dict[str, Any]) -> Dossier:
    return Dossier.model_validate(
        {
            "id": "RG9zc2llci0x",
            "number": 1,
            "state": "en_construction",
            "dateDepot": NOW,
            "dateDerniereModification": NOW,
            "champs": champs,
        }
    )


def champ(number: int, typename: str, **value: Any) -> dict[str, Any]:
    typed = ChampId(number).encode()
    return {"__typename": typename, "id": typed, "champDescriptorId": typed, "label": "…", **value}


def read(active: Form, others: Sequence[Form], *champs: dict[str, Any]) -> Mapped:
    with generated("essai", active, others) as model:
        return map_dossier(resolve(model, active, others), dossier(*champs), 7)


def values(active: Form, others: Sequence[Form], *champs: dict[str, Any]) -> dict[str, Any]:
    mapped = read(active, others, *champs)
    assert mapped.anomalies == ()
    return {
        key: value
        for key, value in mapped.document().items()
        if key not in ("dossier", "anomalies") and value not in (None, [])
    }


OLDEST = form_of(
    champ_of(1, "text", "Nom"),
    champ_of(2, "text", "Remarque"),
    champ_of(3, "date", "Lancement"),
    champ_of(4, "drop_down_list", "Ville", options=("Évry", "Corbeil")),
    champ_of(5, "repetition", "Ateliers", fields=(champ_of(6, "text", "Titre"), champ_of(7, "text", "Lieu"))),
    champ_of(8, "repetition", "Visites", fields=(champ_of(9, "text", "Qui"),)),
    champ_of(10, "drop_down_list", "Public", options=("Tous", "Agents")),
)
ACTIVE = form_of(
    champ_of(1, "text", "Votre nom"),
    champ_of(13, "date", "Lancement"),
    champ_of(4, "drop_down_list", "Ville", options=("Évry-Courcouronnes", "Corbeil")),
    champ_of(5, "repetition", "Ateliers", fields=(champ_of(6, "text", "Titre"),)),
    champ_of(12, "integer_number", "Remarque"),
    champ_of(10, "multiple_drop_down_list", "Public", options=("Tous", "Élus")),
)
TEXT, DATE = "TextChamp", "DateChamp"


def block(number: int, *rows: dict[str, Any]) -> dict[str, Any]:
    return champ(
        number, "RepetitionChamp", rows=[{"id": f"r{i}", "champs": [row]} for i, row in enumerate(rows)]
    )


def test_a_champ_of_one_label_takes_over_from_the_one_it_replaced() -> None:
    assert values(ACTIVE, [OLDEST], champ(3, DATE, date="2024-05-01")) == {"lancement": "2024-05-01"}
    assert values(ACTIVE, [OLDEST], champ(13, DATE, date="2024-05-02")) == {"lancement": "2024-05-02"}


def test_a_champ_of_another_kind_does_not_and_the_old_one_keeps_its_name() -> None:
    assert values(ACTIVE, [OLDEST], champ(2, TEXT, value="Rien")) == {"remarque": "Rien"}
    assert values(ACTIVE, [OLDEST], champ(12, "IntegerNumberChamp", integer="4")) == {"ateliers_remarque": 4}


def test_options_of_older_revisions_are_still_read() -> None:
    old = champ(4, "DropDownListChamp", value="Évry")
    assert values(ACTIVE, [OLDEST], old) == {"ville": "Évry"}
    mapped = read(ACTIVE, [OLDEST], champ(4, "DropDownListChamp", value="Paris"))
    assert [anomaly.code for anomaly in mapped.anomalies] == ["unknown_option", "invalid"]


def test_a_choice_that_became_several_is_read_from_both() -> None:
    one = champ(10, "DropDownListChamp", value="Agents")
    several = champ(10, "MultipleDropDownListChamp", values=["Tous", "Élus"])
    assert values(ACTIVE, [OLDEST], one) == {"public": ["Agents"]}
    assert values(ACTIVE, [OLDEST], several) == {"public": ["Tous", "Élus"]}


def test_champs_and_blocks_that_are_gone_are_read_from_older_dossiers() -> None:
    place = block(5, champ(7, TEXT, value="Évry"))
    assert values(ACTIVE, [OLDEST], place) == {"ateliers": [{"titre": None, "lieu": "Évry"}]}
    visits = block(8, champ(9, TEXT, value="Zoé"), champ(9, TEXT, value="Noé"))
    assert values(ACTIVE, [OLDEST], visits) == {"visites": [{"qui": "Zoé"}, {"qui": "Noé"}]}


def test_a_champ_that_is_gone_never_takes_a_new_one_of_its_label() -> None:
    with generated("essai", ACTIVE, [OLDEST]) as model:
        later = form_of(*ACTIVE.fields, champ_of(40, "text", "Remarque"), champ_of(41, "text", "Visites"))
        assert not resolve(model, later).fed & {40, 41}


@pytest.mark.parametrize(
    ("before", "after", "old", "held"),
    [
        ("text", "integer_number", champ(1, TEXT, value="douze"), "douze"),
        ("decimal_number", "integer_number", champ(1, "DecimalNumberChamp", decimal=3.5), 3.5),
        ("date", "datetime", champ(1, DATE, date="2024-05-01"), "2024-05-01"),
        ("datetime", "date", champ(1, "DatetimeChamp", datetime=NOW), NOW),
        ("checkbox", "yes_no", champ(1, "CheckboxChamp", checked=True), True),
        ("text", "drop_down_list", champ(1, TEXT, value="douze"), "douze"),
        (
            "multiple_drop_down_list",
            "text",
            champ(1, "MultipleDropDownListChamp", values=["a", "b"]),
            ["a", "b"],
        ),
        (
            "commune",
            "departement",
            champ(1, "CommuneChamp", commune={"name": "Évry", "code": "91228", "postalCode": "91000"}),
            {"name": "Évry", "code": "91228", "postal_code": "91000"},
        ),
    ],
)
def test_one_number_with_another_kind_is_read_from_both(
    before: str, after: str, old: dict[str, Any], held: Any
) -> None:
    def form(kind: str) -> Form:
        return form_of(champ_of(1, kind, "Combien", options=("x",) if "list" in kind else None))

    assert values(form(after), [form(before)], old) == {"combien": held}


def test_a_value_that_became_a_block_stays_out_and_says_so() -> None:
    before = form_of(champ_of(1, "text", "Ateliers"))
    after = form_of(champ_of(1, "repetition", "Ateliers", fields=(champ_of(2, "text", "Titre"),)))
    mapped = read(after, [before], champ(1, TEXT, value="Deux"))
    assert [anomaly.code for anomaly in mapped.anomalies] == ["not_a_block"]


def changed(before: Form, after: Form, others: Sequence[Form] = ()) -> list[str]:
    """Lines that differ between the two models."""
    lines = difflib.ndiff(
        write_model("essai", before).splitlines(), write_model("essai", after, others).splitlines()
    )
    return [line for line in lines if line[0] in "+-"]


BASE = (
    champ_of(21, "header_section", "Qui"),
    champ_of(22, "text", "Nom"),
    champ_of(23, "drop_down_list", "Ville", options=("Évry", "Corbeil", "Massy")),
    champ_of(24, "header_section", "Quoi"),
    champ_of(25, "text", "Précisez"),
    champ_of(26, "date", "Date"),
    champ_of(27, "text", "Précisez"),
)


def with_change(position: int, field: Field) -> Form:
    return form_of(*BASE[:position], field, *BASE[position + 1 :])


def test_a_corrected_label_changes_its_own_line() -> None:
    after = with_change(1, champ_of(22, "text", "Nom d'usage"))
    assert changed(form_of(*BASE), after) == [
        '-     nom: Annotated[str | None, champ("Nom", number=22, optional=True)] = None',
        '+     nom_d_usage: Annotated[str | None, champ("Nom d\'usage", number=22, optional=True)] = None',
    ]


def test_a_champ_in_the_middle_adds_its_own_line() -> None:
    after = form_of(*BASE[:5], champ_of(90, "text", "Précisez"), *BASE[5:])
    assert changed(form_of(*BASE), after) == [
        '+     precisez_2: Annotated[str | None, champ("Précisez", number=90, section="Quoi", optional=True)]'
        " = None",
    ]


def test_options_that_move_move_their_lines() -> None:
    after = with_change(2, champ_of(23, "drop_down_list", "Ville", options=("Corbeil", "Massy", "Évry")))
    assert changed(form_of(*BASE), after) == ['-     "Évry",', '+     "Évry",']


def test_a_champ_that_goes_moves_to_the_end_of_its_class() -> None:
    after = form_of(*BASE[:4], *BASE[5:])
    assert changed(form_of(*BASE), after, [form_of(*BASE)]) == [
        '-     precisez: Annotated[str | None, champ("Précisez", number=25, section="Quoi", optional=True)]'
        " = None",
        '-     date_precisez: Annotated[str | None, champ("Précisez", number=27, section="Quoi"'
        ", optional=True)] = None",
        '+     date_precisez: Annotated[str | None, champ("Précisez", number=27, optional=True)] = None',
        "+ ",
        "+     # ---- Gone from the form: only older dossiers have these.",
        "+     precisez: Annotated[str | None, champ(number=25, optional=True)] = None",
        '+     """Précisez."""',
    ]


def test_kept_names_outlive_a_corrected_label() -> None:
    after = with_change(1, champ_of(22, "text", "Nom d'usage"))
    assert (
        '    nom: Annotated[str | None, champ("Nom d\'usage", number=22, optional=True)] = None'
        in write_model("essai", after, kept={22: "nom"})
    )


def test_dates_are_dates() -> None:
    with generated("essai", form_of(*BASE)) as model:
        plan = resolve(model, form_of(*BASE))
        value = map_dossier(plan, dossier(champ(26, DATE, date="2024-05-01")), 7).value
        assert getattr(value, "date", None) == dt.date(2024, 5, 1)


def test_twins_without_numbers_are_told_apart_by_what_they_follow() -> None:
    form = form_of(
        *(
            dataclasses.replace(champ_of(0, "text", label), number=None)
            for label in ("Précisez", "Type de structure", "Précisez", "Action engagée", "Précisez")
        )
    )
    source = write_model("essai", form)
    assert (
        '    type_structure_precisez: Annotated[str | None, champ("Précisez", nth=2, optional=True)] = None'
        in source
    )
    assert (
        '    action_engagee_precisez: Annotated[str | None, champ("Précisez", nth=3, optional=True)] = None'
        in source
    )
