"""Every action from its row to its effect on the platform and its state in the outbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import ConfigurationError, ReadOnlyTokenError
from ds_bridge.sync import sync_demarche
from tests.actions.conftest import AGENT, DEMARCHE, OTHER_AGENT, Office

SECOND_GROUPE = "Deuxième groupe"


def test_a_decision_is_done_once(office: Office) -> None:
    number = office.numbers("en_construction")[0]
    rows = (
        {"dossier": number, "action": "passer_en_instruction"},
        {"dossier": number, "action": "accepter", "motivation": "Complet"},
    )
    assert office.plan(*rows) == [("do", None), ("do", None)]
    summary = office.act(*rows)
    assert [each.state for each in summary.outcomes] == ["done", "done"]
    assert (summary.requests, summary.exit_code) == (2, 0)
    assert office.dossier(number).state == "accepte"
    last = office.instruction(number).traitements[-1]
    assert (last.event, last.agent, last.motivation) == ("accepte", AGENT, "Complet")
    mails = len(office.server.world.mails)
    assert office.plan(*rows) == [("already", "done by an earlier run")] * 2
    assert office.act(*rows).requests == 0
    assert len(office.server.world.mails) == mails


@pytest.mark.parametrize("action", ["refuser", "classer_sans_suite"])
def test_the_other_decisions_carry_their_file_and_no_mail(
    office: Office, tmp_path: Path, action: str
) -> None:
    number = office.numbers("en_instruction")[0]
    (tmp_path / "décision.pdf").write_bytes(b"%PDF-1.4 non")
    mails = len(office.server.world.mails)
    row = {"dossier": number, "action": action, "motivation": "Hors délai", "piece": "décision.pdf"}
    assert office.states(row | {"notify": "non"}) == ["done"]
    held = office.instruction(number)
    assert held.motivation == "Hors délai"
    assert held.motivation_file.content == b"%PDF-1.4 non"
    assert len(office.server.world.mails) == mails


def test_back_and_forth(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    names = ("repasser_en_construction", "passer_en_instruction", "accepter", "repasser_en_instruction")
    assert office.states(*({"dossier": number, "action": name} for name in names)) == ["done"] * 4
    assert office.dossier(number).state == "en_instruction"


def test_the_archive(office: Office) -> None:
    number = office.numbers("accepte")[0]
    archive, back = ({"dossier": number, "action": name} for name in ("archiver", "desarchiver"))
    assert office.states(archive) == ["done"]
    assert office.dossier(number).archived
    message = {"dossier": number, "action": "envoyer_message", "message": "Bonjour"}
    assert office.plan(message) == [("refused", "the dossier is archived: it takes no message")]
    assert office.states(back) == ["done"]
    assert not office.dossier(number).archived
    assert office.plan(back | {"key": "other"}) == [("already", "already so")]


def test_a_message_with_its_file_then_taken_back(office: Office, tmp_path: Path) -> None:
    number = office.numbers("en_instruction")[0]
    (tmp_path / "modèle.pdf").write_bytes(b"%PDF-1.4 vide")
    row = {"dossier": number, "action": "envoyer_message", "message": "Voici\x07 <b>le</b> modèle \r\n"}
    assert office.states(row | {"piece": "modèle.pdf"}) == ["done"]
    message = office.instruction(number).messages[-1]
    assert (message.sender, message.body) == (AGENT, "Voici <b>le</b> modèle \r\n")
    assert [each.content for each in message.files] == [b"%PDF-1.4 vide"]
    with office.client() as client:
        situation = client.situation(DEMARCHE, number)
    removal = {"dossier": number, "action": "supprimer_message", "message": situation.messages[-1].id}
    assert office.states(removal) == ["done"]
    assert office.instruction(number).messages[-1].discarded_at is not None
    assert office.plan(removal | {"key": "again"}) == [("already", "already so")]
    platform = situation.messages[0].id
    assert office.plan(removal | {"message": platform}) == [
        ("refused", "only the instructeur who wrote a message can remove it")
    ]


def test_a_correction_sends_the_dossier_back(office: Office) -> None:
    number = next(each for each in office.numbers("en_instruction") if each % 3)
    row = {"dossier": number, "action": "envoyer_message", "message": "À revoir", "correction": "incorrect"}
    again = {"dossier": number, "action": "passer_en_instruction"}
    summary = office.act(row, again)
    assert [each.state for each in summary.outcomes] == ["done", "done"]
    assert summary.requests == 3  # what a correction made of the dossier is not in the answer
    assert office.dossier(number).state == "en_instruction"
    assert office.events(number, "repasse_en_construction") == 1


def test_a_correction_that_would_be_dropped_is_refused(office: Office) -> None:
    done, open_one = office.numbers("accepte")[0], office.numbers("en_construction")[0]
    row = {"action": "envoyer_message", "message": "À revoir", "correction": "incomplete"}
    assert office.plan(row | {"dossier": done}) == [
        ("refused", "the dossier is accepte: the platform would drop the correction in silence")
    ]
    office.act(row | {"dossier": open_one})
    assert office.plan(row | {"dossier": open_one, "key": "again"}) == [
        ("refused", "a correction is pending: the platform would drop this one in silence")
    ]


def test_labels(office: Office) -> None:
    number = next(each for each in office.numbers("en_instruction") if not office.instruction(each).labels)
    add, remove = (
        {"dossier": number, "action": action, "label": "Urgent"}
        for action in ("ajouter_label", "retirer_label")
    )
    assert office.states(add) == ["done"]
    assert office.instruction(number).labels == (3,)
    assert office.plan(add | {"key": "again"}) == [("already", "already so")]
    assert office.states(remove) == ["done"]
    assert office.instruction(number).labels == ()
    assert office.plan(add | {"label": "Ailleurs"}) == [
        ("refused", "no label of the démarche has this name or id")
    ]


def test_followers_and_groupe(office: Office) -> None:
    office.instructeur = OTHER_AGENT
    number = office.numbers("en_instruction")[0]
    follow = {"dossier": number, "action": "suivre"}
    assert office.states(follow, follow | {"value": "non"}) == ["done", "done"]
    move = {"dossier": number, "action": "changer_groupe", "groupe": SECOND_GROUPE}
    assert office.states(follow | {"key": "once more"}, move) == ["done", "done"]
    assert office.dossier(number).groupe == 1
    assert office.plan(move | {"key": "again"}) == [("already", "already so")]
    office.instructeur = AGENT
    assert office.plan(follow | {"key": "mine"}) == [
        ("refused", f"the instructeur does not work in its groupe '{SECOND_GROUPE}'")
    ]


def test_the_instructeur_is_looked_for_in_the_groupe_the_dossier_has_by_then(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    rows = (
        {"dossier": number, "action": "changer_groupe", "groupe": SECOND_GROUPE},
        {"dossier": number, "action": "accepter"},
    )
    assert [will for will, _ in office.plan(*rows)] == ["do", "refused"]
    office.instructeur = "2"
    assert office.states(*rows) == ["done", "done"]
    assert office.instruction(number).traitements[-1].agent == OTHER_AGENT


@pytest.mark.parametrize(
    ("label", "value", "kept"),
    [
        ("Note interne", "Vu\x00 par nous", "Vu par nous"),
        ("Avis du service", "Favorable\nsans réserve", "Favorable\nsans réserve"),
        ("Courriel du service", "service@exemple.fr", "service@exemple.fr"),
        ("Favorable", "oui", True),
        ("Points", "12", 12),
        ("Montant", "1500,5", 1500.5),
        ("Décision", None, None),
    ],
)
def test_annotations_of_every_kind(office: Office, label: str, value: Any, kept: Any) -> None:
    number = office.numbers("en_instruction")[0]
    with office.client() as client:
        field = next(each for each in client.desk(DEMARCHE).annotations if each.label == label)
    if label == "Décision":
        value = kept = (field.options or ())[0]
    row = {"dossier": number, "action": "modifier_annotations", "annotation": label, "value": value}
    assert office.states(row) == ["done"]
    assert office.instruction(number).annotations[field.number] in (kept, str(kept))
    assert office.plan(row | {"key": "again"}) == [("already", "already so")]


def test_dates_are_compared_as_dates(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    rows = [
        {"annotation": "Date interne", "value": "1/12/2026"},
        {"annotation": "Réunion", "value": "2026-12-01T09:00:00+00:00"},
    ]
    rows = [{"dossier": number, "action": "modifier_annotations"} | row for row in rows]
    assert office.states(*rows) == ["done", "done"]
    assert office.plan(*(row | {"key": row["annotation"]} for row in rows)) == [("already", "already so")] * 2


def test_rows_of_annotations(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    with office.client() as client:
        block = next(each for each in client.desk(DEMARCHE).annotations if each.kind == "repetition")
    inner = next(each for each in block.fields if each.kind == "text")
    rows = (
        {"dossier": number, "action": "ajouter_ligne", "annotation": block.label},
        {
            "dossier": number,
            "action": "modifier_annotations",
            "annotation": str(inner.number),
            "ligne": 2,
            "value": "Deuxième étape",
        },
    )
    assert [will for will, _ in office.plan(*rows)] == ["do", "do"]
    assert office.states(*rows) == ["done", "done"]
    held = office.instruction(number).annotations[block.number]
    assert len(held) == 2
    assert "Deuxième étape" in held[1].values.values()
    assert office.plan({**rows[1], "ligne": 3}) == [
        ("refused", "annotation: the block has 2 rows, there is no row 3")
    ]


def test_what_cannot_be_is_refused_before_anything_is_sent(office: Office) -> None:
    number = office.numbers("en_construction")[0]
    rows = [
        {"dossier": number, "action": "accepter"},
        {"dossier": 1, "action": "archiver"},
        {"dossier": number, "action": "archiver"},
        {"dossier": number, "action": "changer_groupe", "groupe": "Nulle part"},
        {"dossier": number, "action": "modifier_annotations", "annotation": "Points", "value": "douze"},
        {"dossier": number, "action": "modifier_annotations", "annotation": "Points"},
        {"dossier": number, "action": "modifier_annotations", "annotation": "Ailleurs", "value": "x"},
        {"dossier": number, "action": "modifier_annotations", "annotation": "Compte rendu", "value": "x"},
        {"dossier": number, "action": "supprimer_message", "message": "Q29tbWVudGFpcmUtMQ=="},
    ]
    why = [
        "the dossier is en_construction: accepter goes from en_instruction",
        "no such dossier, or not one of this démarche",
        "the dossier is en_construction: only one that was decided on can be archived",
        "no groupe of the démarche, or several, with this number or label",
        "annotation: no whole number",
        "annotation: the platform has no way to empty an annotation of kind integer_number",
        "annotation: none with this id, number or exact label",
        "annotation: act writes no annotation of kind piece_justificative",
        "the dossier has no message with this id",
    ]
    assert office.plan(*rows) == [("refused", reason) for reason in why]
    office.server.journal.clear()
    assert office.states(*rows) == ["refused"] * 9
    asked = {entry.operation for entry in office.server.journal.entries()}
    assert asked == {"DemarcheDesk", "Situation"}
    assert sorted(each.reason or "" for each in office.entries()) == sorted(why)


def test_another_motivation_is_not_already_so(office: Office) -> None:
    number = office.numbers("accepte")[0]
    rows = [
        {"dossier": number, "action": "accepter", "motivation": text} for text in ("Non", "Dossier complet.")
    ]
    assert office.plan(*rows) == [
        ("refused", "already accepte, with another motivation"),
        ("already", "already so"),
    ]


def test_many_dossiers_are_read_by_pages(office: Office) -> None:
    numbers = [*office.numbers("en_construction"), *office.numbers("en_instruction")]
    with office.client() as client:
        sync_demarche("notes", DemarcheSettings(number=DEMARCHE), client, office.store)
    office.server.journal.clear()
    rows = [{"dossier": number, "action": "modifier_annotations"} for number in numbers]
    rows = [row | {"annotation": "Note interne", "value": "Lu"} for row in rows]
    summary = office.act(*rows)
    asked = [each.operation for each in office.server.journal.entries()]
    assert asked[:2] == ["DemarcheDesk", "SituationsPage"]
    assert set(asked[2:]) == {"DossierModifierAnnotations"}
    assert summary.count("done") == summary.requests == len(numbers) > 5


@pytest.mark.parametrize("known", [True, False], ids=["in the store", "not in the store"])
def test_two_requests_an_action_when_nothing_fails(office: Office, known: bool) -> None:
    """Every request counted, those before the first action too; only a file costs more."""
    decided, open_ones = office.numbers("accepte")[:2], office.numbers("en_instruction")[:5]
    if known:
        with office.client() as client:
            sync_demarche("notes", DemarcheSettings(number=DEMARCHE), client, office.store)
    office.server.journal.clear()
    rows: list[dict[str, Any]] = [
        {"dossier": open_ones[0], "action": "accepter", "motivation": "Complet"},
        {"dossier": open_ones[1], "action": "refuser", "motivation": "Hors champ"},
        {"dossier": open_ones[2], "action": "repasser_en_construction"},
        {"dossier": open_ones[2], "action": "passer_en_instruction"},
        {"dossier": open_ones[3], "action": "envoyer_message", "message": "Bonjour"},
        {"dossier": open_ones[3], "action": "ajouter_ligne", "annotation": "Suivi"},
        {"dossier": open_ones[3], "action": "modifier_annotations", "annotation": "Points", "value": 7},
        {"dossier": open_ones[4], "action": "suivre", "value": False},
        {"dossier": open_ones[4], "action": "changer_groupe", "groupe": SECOND_GROUPE},
        {"dossier": decided[0], "action": "archiver"},
        {"dossier": decided[0], "action": "desarchiver"},
        {"dossier": decided[1], "action": "repasser_en_instruction"},
        {"dossier": decided[1], "action": "classer_sans_suite", "motivation": "Doublon"},
    ]
    summary = office.act(*rows)
    assert summary.count("done") == summary.requests == len(rows)
    asked = len(office.server.journal.entries())
    assert asked == len(rows) + (2 if known else 1 + 7)
    assert asked <= 2 * len(rows)


def test_a_token_that_only_reads_ends_the_run(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    with office.client(office.server.world.token("readonly")) as client:
        job = office.prepare(client, {"dossier": number, "action": "accepter"})
        summary = job.carry_out(sleep=office.sleep, check_stop=office.check_stop)
    assert isinstance(summary.error, ReadOnlyTokenError)
    assert summary.exit_code == 3
    assert [each.state for each in office.entries()] == ["planned"]
    assert [each.state for each in office.act().outcomes] == ["done"]


def test_no_instructeur_is_said_at_once(office: Office) -> None:
    office.instructeur = None
    number = office.numbers("en_instruction")[0]
    assert office.plan({"dossier": number, "action": "ajouter_label", "label": "Urgent"})[0][0] == "do"
    with pytest.raises(ConfigurationError, match=r"no instructeur: set demarches\.notes\.instructeur to the"):
        office.plan({"dossier": number, "action": "accepter"})
