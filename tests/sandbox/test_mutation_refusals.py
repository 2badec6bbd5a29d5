"""What the platform refuses and no recorded pair shows: its words or its code, and no effect."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ds_bridge.ids import ChampId, encode_typed_id
from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.engine import Engine, read_document
from ds_bridge.sandbox.instruction import Instruction
from ds_bridge.sandbox.request import GraphQLRequest
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, World

NBSP = "\N{NO-BREAK SPACE}"
AGENT, COLLEAGUE = encode_typed_id("Instructeur", 1), encode_typed_id("Instructeur", 2)
STATES = {
    "en_construction": f"en{NBSP}construction",
    "en_instruction": f"en{NBSP}instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
}
MOVES = {
    "dossierPasserEnInstruction": ("en_construction",),
    "dossierAccepter": ("en_instruction",),
    "dossierRefuser": ("en_instruction",),
    "dossierClasserSansSuite": ("en_instruction",),
    "dossierRepasserEnConstruction": ("en_instruction",),
    "dossierRepasserEnInstruction": ("accepte", "refuse", "sans_suite"),
}
NO_RIGHTS = "L’instructeur n’a pas les droits d’accès à ce dossier"
NO_MESSAGES = (
    "Le champ « Dossier » Il n’est pas possible d’envoyer un message sur un dossier supprimé, à archiver ou "
    "en brouillon"
)
NO_PLACE = "Le message ne peut pas être supprimé"


class Desk:
    """A world, asked in this process."""

    def __init__(self) -> None:
        self.world = World(seed=5)
        self.world.seed_dossiers(36, ALL_KINDS_NUMBER)
        self.world.tokens["narrow"] = replace(self.world.tokens["narrow"], can_write=True)
        self.engine = Engine(self.world)

    def dossier(self, state: str, **changes: Any) -> Dossier:
        kept = self.world.demarches[ALL_KINDS_NUMBER].dossiers.values()
        found = next(each for each in kept if each.state == state and each.groupe == 0 and each.is_given)
        return self.world.modify(found.number, **changes)

    def held(self, dossier: Dossier) -> tuple[Dossier | None, Instruction]:
        again = self.world.dossier(dossier.number)
        assert again is not None
        return again, self.world.read_instruction(again)

    def ask(self, name: str, token: str = "full", **given: Any) -> Any:
        payload = "directUpload { url }" if name == "createDirectUpload" else "errors { message }"
        type_ = f"{name[0].upper()}{name[1:]}Input!"
        text = f"mutation M($input: {type_}) {{ {name}(input: $input) {{ {payload} }} }}"
        request = GraphQLRequest(self.world.tokens[token], frozenset(), "https://platform.invalid")
        return self.engine.execute(read_document(text), {"input": given}, "M", request)

    def refusal(self, name: str, token: str = "full", **given: Any) -> str:
        """The platform's words, or the code of its root error; "" when it did it."""
        answer = self.ask(name, token, **given)
        if errors := answer.body.get("errors"):
            return str(errors[0].get("extensions", {}).get("code") or errors[0]["message"])
        (found,) = answer.body["data"].values()
        return "; ".join(each["message"] for each in found.get("errors") or ())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def name_it(dossier: Dossier, **more: Any) -> dict[str, Any]:
    return {"dossierId": encode_typed_id("Dossier", dossier.number), "instructeurId": AGENT, **more}


def test_no_change_of_state_from_any_other_state(desk: Desk) -> None:
    for name, sources in MOVES.items():
        more = {"motivation": "Vu"} if name in ("dossierRefuser", "dossierClasserSansSuite") else {}
        for state in STATES.keys() - set(sources):
            dossier = desk.dossier(state)
            before = desk.held(dossier)
            assert desk.refusal(name, **name_it(dossier, **more)) == f"Le dossier est déjà {STATES[state]}"
            assert desk.held(dossier) == before


def test_every_mutation_of_a_dossier_asks_for_rights_scope_and_a_token_that_writes(desk: Desk) -> None:
    """Labels and groupe take no instructeur. The token comes first, then the objects, then the rights."""
    open_one = desk.dossier("en_instruction")
    closed = desk.dossier("accepte", archived=True)
    annotation = {"id": ChampId(700901).encode(), "value": {"text": "Vu"}}
    calls: dict[str, tuple[Dossier, dict[str, Any]]] = {
        **{name: (open_one, {"motivation": "Vu"}) for name in ("dossierRefuser", "dossierClasserSansSuite")},
        "dossierAccepter": (open_one, {}),
        "dossierRepasserEnConstruction": (open_one, {}),
        "dossierRepasserEnInstruction": (closed, {}),
        "dossierArchiver": (closed, {}),
        "dossierDesarchiver": (closed, {}),
        "dossierEnvoyerMessage": (open_one, {"body": "Bonjour"}),
        "dossierBasculeSuivi": (open_one, {"follow": True}),
        "dossierModifierAnnotations": (open_one, {"annotations": [annotation]}),
        "dossierModifierAnnotationAjouterLigne": (open_one, {"annotationId": ChampId(700914).encode()}),
    }
    for name, (dossier, more) in calls.items():
        before = desk.held(dossier)
        nobody = name_it(dossier, **more) | {"instructeurId": encode_typed_id("Instructeur", 3)}
        assert desk.refusal(name, **nobody) == NO_RIGHTS, name
        assert desk.refusal(name, **name_it(dossier, **more) | {"instructeurId": "Mg=="}) == "not_found", name
        elsewhere = name_it(dossier, **more) | {"dossierId": encode_typed_id("Dossier", 1)}
        assert desk.refusal(name, **elsewhere) == "not_found", name
        assert "seulement en lecture" in desk.refusal(name, "readonly", **elsewhere), name
        assert desk.refusal(name, "narrow", **nobody) == "unauthorized", name
        assert desk.held(dossier) == before, name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"archived": True}, NO_MESSAGES),
        ({"user_deleted": True}, NO_MESSAGES),
        ({"hidden_by_user_at": "now"}, NO_MESSAGES),
    ],
    ids=["archived", "account deleted", "hidden by its user"],
)
def test_dossiers_that_take_no_message(desk: Desk, changes: dict[str, Any], said: str) -> None:
    changes = {name: desk.world.now() if value == "now" else value for name, value in changes.items()}
    dossier = desk.dossier("accepte", **changes)
    assert desk.refusal("dossierEnvoyerMessage", **name_it(dossier, body="Bonjour")) == said


def test_a_reopened_dossier_is_shown_again_unless_its_user_is_gone(desk: Desk) -> None:
    dossier = desk.dossier("accepte", hidden_by_user_at=desk.world.now(), archived=True)
    assert desk.refusal("dossierRepasserEnInstruction", **name_it(dossier)) == ""
    again, _ = desk.held(dossier)
    assert again is not None
    assert (again.state, again.hidden_by_user_at, again.archived) == ("en_instruction", None, False)
    gone = desk.dossier("refuse", user_deleted=True)
    assert desk.refusal("dossierRepasserEnInstruction", **name_it(gone)) == "Le dossier est déjà refusé"


def test_who_may_take_a_message_back(desk: Desk) -> None:
    dossier = desk.dossier("en_instruction")
    for sender in (desk.world.instructeurs[2], "contact@demarches.example", dossier.email):
        held = desk.held(dossier)[1].add_message(
            dossier.number, sender=sender, body="Bonjour", at=desk.world.now()
        )
        desk.world.modify(dossier.number, instruction=held)
        wanted = encode_typed_id("Commentaire", held.messages[-1].id)
        refused = desk.refusal("dossierSupprimerMessage", messageId=wanted, instructeurId=AGENT)
        assert refused == NO_PLACE
    nowhere = encode_typed_id("Commentaire", 1)
    assert desk.refusal("dossierSupprimerMessage", messageId=nowhere, instructeurId=AGENT) == "not_found"


@pytest.mark.parametrize(
    ("filename", "kind", "said"),
    [
        ("outil.exe", "application/x-msdownload", "Le champ « Pièce jointe » n’est pas d’un type accepté"),
        ("page.html", "text/html", "Le champ « Pièce jointe » n’est pas d’un type accepté"),
    ],
)
def test_files_of_a_type_that_is_not_taken(desk: Desk, filename: str, kind: str, said: str) -> None:
    """Any type may be sent: it is judged when it is attached, and then nothing goes out."""
    dossier, content = desk.dossier("en_instruction"), b"MZ"
    checksum = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    uploads, now = desk.world.uploads, desk.world.now()
    blob = uploads.create(filename, kind, len(content), checksum, now)
    _, _, _, number, expires, signature = uploads.sign_address(blob).split("/")
    assert uploads.put(number, expires, signature, b"ZM", now) == 422
    assert uploads.put(number, expires, signature, content, now) == 204
    before = desk.held(dossier)
    sent = desk.refusal(
        "dossierEnvoyerMessage", **name_it(dossier, body="Voir", attachment=uploads.sign(blob))
    )
    decided = desk.refusal("dossierAccepter", **name_it(dossier, justificatif=uploads.sign(blob)))
    assert (sent, decided, desk.held(dossier)) == (said, said, before)


def write(number: int, **value: Any) -> dict[str, Any]:
    return {"id": ChampId(number).encode(), "value": value}


WRONG_KIND = "n’est pas de type attendu"
NO_OPTION = "doit être dans les options proposées"
VALUES: list[tuple[dict[str, Any], str]] = [
    (write(700901, textarea="x"), WRONG_KIND),
    (write(700904, text="x"), WRONG_KIND),
    (write(700906, checkbox=True), WRONG_KIND),
    (write(700901, repetition=1), WRONG_KIND),
    (write(800000, text="x"), "n’existe pas"),
    (write(700905, email="personne"), "est invalide. Saisissez une adresse électronique valide"),
    (write(700910, decimalNumber=1.2345), "doit comprendre entre 1 et 3 chiffres après le point"),
    (write(700910, decimalNumber=1e21), "doit être un nombre"),
    (write(700911, dropDownList="Rouge"), NO_OPTION),
    (write(700913, multipleDropDownList=["Emploi", "Rouge"]), NO_OPTION),
    (write(700909, integerNumber=2**31), "has invalid value"),
    (write(700907, date="2026-02-30"), "has invalid value"),
    (write(700908, datetime="2026-12-01T09:00:00"), "has invalid value"),
    (write(700901, text=None), "has invalid value"),
    (write(700901, text="x", textarea="y"), "has invalid value"),
    (write(700901), "has invalid value"),
]


@pytest.mark.parametrize(("wish", "said"), VALUES, ids=[str(place) for place in range(len(VALUES))])
def test_values_of_annotations(desk: Desk, wish: dict[str, Any], said: str) -> None:
    dossier = desk.dossier("en_instruction")
    before = desk.held(dossier)
    assert said in desk.refusal("dossierModifierAnnotations", **name_it(dossier, annotations=[wish]))
    assert desk.held(dossier) == before


def test_what_is_taken_although_one_would_not_think_so(desk: Desk) -> None:
    """Another option where others are allowed, no row, an empty list, the last of two values, an old year."""
    dossier = desk.dossier("en_instruction")

    def annotate(*wishes: dict[str, Any]) -> str:
        return desk.refusal("dossierModifierAnnotations", **name_it(dossier, annotations=list(wishes)))

    rows = len(desk.held(dossier)[1].annotations[700914])
    assert annotate() == annotate(write(700914, repetition=0)) == annotate(write(700914, repetition=-2)) == ""
    assert annotate(write(700912, dropDownList="Autre chose"), write(700913, multipleDropDownList=[])) == ""
    assert annotate(write(700901, text="un"), write(700901, text="deux")) == ""
    assert annotate(write(700907, date="0001-01-01"), write(700910, decimalNumber=7)) == ""
    held = desk.held(dossier)[1].annotations
    assert (len(held[700914]), held[700912], held.get(700913)) == (rows, "Autre chose", None)
    assert (held[700901], held[700907], held[700910]) == ("deux", "0001-01-01", 7.0)


SORTING: list[tuple[str, Callable[[Dossier], dict[str, Any]], str]] = [
    ("dossierAjouterLabel", lambda _: {"labelId": "Urgent"}, "not_found"),
    ("dossierAjouterLabel", lambda _: {"labelId": "3"}, "not_found"),
    ("dossierSupprimerLabel", lambda _: {"labelId": encode_typed_id("Label", 999)}, "not_found"),
    ("dossierChangerGroupeInstructeur", lambda _: {"groupeInstructeurId": "1139001"}, "not_found"),
    (
        "dossierChangerGroupeInstructeur",
        lambda _: {"groupeInstructeurId": encode_typed_id("GroupeInstructeur", 139001)},
        "Le dossier est déjà avec le groupe instructeur: 'défaut'",
    ),
]


@pytest.mark.parametrize(
    ("name", "given", "said"), SORTING, ids=[str(place) for place in range(len(SORTING))]
)
def test_labels_and_groupes(
    desk: Desk, name: str, given: Callable[[Dossier], dict[str, Any]], said: str
) -> None:
    dossier = desk.dossier("en_instruction")
    before = desk.held(dossier)
    wish = {"dossierId": encode_typed_id("Dossier", dossier.number), **given(dossier)}
    assert desk.refusal(name, **wish) == said
    assert desk.held(dossier) == before


def test_an_annotation_that_must_be_filled_keeps_the_decision_back(desk: Desk) -> None:
    """Told in words that are true of no such dossier, as there."""
    form = desk.world.demarches[ALL_KINDS_NUMBER].form
    dossier = desk.dossier("en_instruction")
    note = next(each for each in form.revision(dossier.revision).annotations if each.stable == 700905)
    assert note.required is False
    object.__setattr__(note, "required", True)
    try:
        refused = desk.refusal("dossierAccepter", **name_it(dossier))
    finally:
        object.__setattr__(note, "required", False)
    assert refused == f"Le dossier est déjà en{NBSP}instruction"
