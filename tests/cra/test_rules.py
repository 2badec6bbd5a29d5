"""Each rule gives the right anomaly at the right path, and quotes nothing that a person typed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ds_bridge.cra import (
    CODES,
    AccompagnementMediateur,
    AccompagnementStructure,
    CompteRendu,
    Evenement,
    Identite,
    Partenariat,
    TempsHebdomadaire,
    rules,
)
from ds_bridge.mapping import Anomaly, Context
from tests.cra.test_document import PLAN, REPORT

BARE = REPORT.model_copy(
    update={
        "evenements": (),
        "partenariats": (),
        "accompagnements": (),
        "evenements_choix": None,
        "partenariats_choix": None,
        "accompagnements_choix": None,
    }
)
EVERYTHING = PLAN.context
NOTHING = Context(frozenset())


def check(context: Context = EVERYTHING, **changed: Any) -> list[tuple[str, str, str]]:
    report = BARE.model_copy(update=changed)
    found: list[Anomaly] = [fault for rule in CompteRendu.rules for fault in rule(report, context)]
    return [(fault.path, fault.code, fault.severity) for fault in found]


def identite(**changed: Any) -> Identite:
    return REPORT.identite.model_copy(update=changed)


def test_a_plain_report_has_no_anomaly() -> None:
    assert check() == []
    full = {name: getattr(REPORT, name) for name in CompteRendu.model_fields}
    full["evenements"] = (REPORT.evenements[0].model_copy(update={"date": dt.date(2024, 5, 30)}),)
    assert check(**full) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"identifiant": None}, ("identite.identifiant", "missing_identifier", "error")),
        ({"identifiant": 0}, ("identite.identifiant", "invalid_identifier", "error")),
        ({"identifiant": -4211}, ("identite.identifiant", "invalid_identifier", "error")),
        ({"nom": None}, ("identite.nom", "missing_identity", "warning")),
        ({"prenom": None}, ("identite.prenom", "missing_identity", "warning")),
        ({"structure_nom": None}, ("identite.structure_nom", "missing_identity", "warning")),
        ({"structure_identifiant": None}, ("identite.structure_identifiant", "missing_identity", "warning")),
        (
            {"structure_identifiant": 0},
            ("identite.structure_identifiant", "invalid_structure_identifier", "warning"),
        ),
        ({"email": None}, ("identite.email", "invalid_email", "warning")),
        ({"email": "zoe"}, ("identite.email", "invalid_email", "warning")),
        ({"email": "zoe@mairie"}, ("identite.email", "invalid_email", "warning")),
        ({"email": "zoe@mairie.fr, max@mairie.fr"}, ("identite.email", "invalid_email", "warning")),
        ({"email": "zoe @mairie.fr"}, ("identite.email", "invalid_email", "warning")),
        ({"email": "zoe@mairie..fr"}, ("identite.email", "invalid_email", "warning")),
    ],
)
def test_identity(changed: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert check(identite=identite(**changed)) == [expected]


@pytest.mark.parametrize(
    "email",
    ["zoe@example.org", " zoe@example.org ", "zoé.noël+cra@ville-d-évry.fr", "a@b.c.d", "o'neil@x.fr"],
)
def test_addresses_that_exist_pass(email: str) -> None:
    assert check(identite=identite(email=email)) == []


SOUHAITE = "souhaite ajouter au moins un événement"
RIEN = "n'ai pas d'événement à ajouter"
FORUM = Evenement(nom="Forum", date=dt.date(2024, 5, 12))


@pytest.mark.parametrize(
    ("choice", "rows", "expected"),
    [
        (RIEN, (FORUM,), [("evenements", "choice_says_none", "warning")]),
        ("N’AI PAS d'événement", (FORUM,), [("evenements", "choice_says_none", "warning")]),
        (RIEN, (), []),
        (RIEN, (Evenement(),), [("evenements[0]", "empty_row", "warning")]),
        (SOUHAITE, (FORUM,), []),
        (SOUHAITE, (), [("evenements", "choice_says_some", "warning")]),
        (
            SOUHAITE,
            (Evenement(),),
            [("evenements", "choice_says_some", "warning"), ("evenements[0]", "empty_row", "warning")],
        ),
        (None, (FORUM,), []),
        (None, (), []),
    ],
)
def test_a_choice_against_its_block(
    choice: str | None, rows: tuple[Evenement, ...], expected: list[tuple[str, str, str]]
) -> None:
    assert check(evenements_choix=choice, evenements=rows) == expected


@pytest.mark.parametrize("block", ["partenariats", "accompagnements"])
def test_every_block_has_its_choice(block: str) -> None:
    some: dict[str, Any] = {f"{block}_choix": "souhaite renseigner au moins un nouveau"}
    assert check(**some) == [(block, "choice_says_some", "warning")]


def test_a_row_of_which_only_the_sort_is_known_is_empty() -> None:
    assert check(accompagnements=(AccompagnementStructure(),)) == [
        ("accompagnements[0]", "empty_row", "warning")
    ]


def test_identical_rows_name_the_first() -> None:
    other = FORUM.model_copy(update={"nom": "Salon"})
    assert check(evenements=(FORUM, other, FORUM, FORUM)) == [
        ("evenements[2]", "duplicate_row", "warning"),
        ("evenements[3]", "duplicate_row", "warning"),
    ]
    one = AccompagnementStructure(structure_noms="A")
    assert check(accompagnements=(one, one)) == [("accompagnements[1]", "duplicate_row", "warning")]


@pytest.mark.parametrize(
    ("date", "code"),
    [
        (dt.date(2024, 5, 31), "date_after_deposit"),
        (dt.date(2019, 12, 31), "date_before_programme"),
        (dt.date(2024, 5, 30), None),
        (dt.date(2020, 1, 1), None),
        (None, None),
    ],
)
def test_dates_of_events(date: dt.date | None, code: str | None) -> None:
    expected = [] if code is None else [("evenements[0].date", code, "warning")]
    assert check(evenements=(FORUM.model_copy(update={"date": date}),)) == expected


def test_autre_wants_its_precision_where_the_form_asks_it() -> None:
    rows: dict[str, Any] = {
        "evenements": (Evenement(nom="Forum", type="Autre"),),
        "partenariats": (Partenariat(nom="Hub", natures=("Démarchage subvention", "Autre")),),
        "accompagnements": (AccompagnementStructure(problematiques=("autre",), actions=("Autre",)),),
    }
    assert check(**rows) == [
        ("evenements[0].type_precision", "missing_precision", "warning"),
        ("partenariats[0].natures_precision", "missing_precision", "warning"),
        ("accompagnements[0].problematiques_precision", "missing_precision", "warning"),
        ("accompagnements[0].actions_precision", "missing_precision", "warning"),
    ]
    assert check(NOTHING, **rows) == []


def test_a_syndicat_or_a_consortium_wants_its_detail() -> None:
    syndicat = "Un syndicat mixte (veuillez préciser sa composition dans le champ dédié)"
    rows: dict[str, Any] = {
        "evenements": (Evenement(nom="Forum", organisateurs=("Un Hub", syndicat)),),
        "partenariats": (
            Partenariat(nom="Hub", structure_type=syndicat),
            Partenariat(nom="Hub", structure_type=syndicat, structure_detail="Trois communes"),
            Partenariat(nom="Hub", structure_type="Un Hub"),
            Partenariat(nom="Sud", structure_type="Un consortium"),
        ),
    }
    assert check(**rows) == [
        ("evenements[0].organisateurs_detail", "missing_detail", "warning"),
        ("partenariats[0].structure_detail", "missing_detail", "warning"),
    ]
    assert check(NOTHING, **rows) == []


def test_a_mediateur_is_named() -> None:
    row = AccompagnementMediateur(structure_type="Association")
    assert check(accompagnements=(row,)) == [
        ("accompagnements[0].mediateur_noms", "missing_mediateur", "warning")
    ]


@pytest.mark.parametrize(
    ("hours", "reparti", "expected"),
    [
        ((5, 3, 2), True, []),
        ((5, None, None), False, []),
        ((None, None, None), None, []),
        ((60, None, None), None, []),
        ((0, 0, 0), True, []),
        ((61, None, None), None, [("temps_hebdomadaire.total", "excessive_hours", "warning")]),
        ((-1, None, None), None, [("temps_hebdomadaire.total", "negative_hours", "warning")]),
        ((5, 3, 3), True, [("temps_hebdomadaire", "split_mismatch", "warning")]),
        ((5, 3, 1), True, [("temps_hebdomadaire", "split_mismatch", "warning")]),
        (
            (5, -3, 8),
            True,
            [("temps_hebdomadaire.communication", "negative_hours", "warning")],
        ),
        ((5, 3, None), True, [("temps_hebdomadaire", "split_incomplete", "warning")]),
        (
            (5, None, 8),
            True,
            [
                ("temps_hebdomadaire", "split_mismatch", "warning"),
                ("temps_hebdomadaire", "split_incomplete", "warning"),
            ],
        ),
        ((5, None, None), True, [("temps_hebdomadaire", "split_incomplete", "warning")]),
        ((None, 3, 2), True, []),
    ],
)
def test_hours(
    hours: tuple[int | None, ...], reparti: bool | None, expected: list[tuple[str, str, str]]
) -> None:
    total, communication, animation = hours
    temps = TempsHebdomadaire(total=total, communication=communication, animation=animation)
    assert check(temps_hebdomadaire=temps, temps_reparti=reparti) == expected


def test_a_form_without_the_split_does_not_miss_it() -> None:
    temps = TempsHebdomadaire(total=5)
    assert check(NOTHING, temps_hebdomadaire=temps, temps_reparti=True) == []


def test_messages_never_repeat_what_was_typed() -> None:
    secret = "Dupont-Secret"
    report = BARE.model_copy(
        update={
            "identite": Identite(nom=secret, email=secret, structure_nom=secret),
            "evenements_choix": RIEN,
            "evenements": (Evenement(nom=secret, type="Autre", date=dt.date(2031, 1, 1)),) * 2,
            "accompagnements": (AccompagnementMediateur(structure_noms=secret, actions=("Autre",)),),
        }
    )
    found = [fault for rule in CompteRendu.rules for fault in rule(report, EVERYTHING)]
    assert len(found) == 12
    assert secret not in str([fault.model_dump() for fault in found])


def test_the_table_of_codes_is_the_documented_one() -> None:
    assert rules.__doc__ is not None
    documented = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in rules.__doc__.splitlines()
        if line.startswith("| ") and not line.startswith("| code")
    ]
    assert documented == [(code.code, code.severity, code.meaning) for code in CODES]
    assert len({code.code for code in CODES}) == len(CODES)
