"""Settling, without a platform: two readings of a dossier decide whether an action took effect."""

from __future__ import annotations

from typing import Any

import pytest

from ds_bridge.actions.effects import apply_answer, foresee
from ds_bridge.actions.settling import Absent, Seen, Unclear, count_twice, settle, write_down
from ds_bridge.actions.verdicts import Already, Refuse, find_agent, judge_wish
from ds_bridge.actions.wishes import Wish
from ds_bridge.api.situations import Desk, Situation, read_desk
from ds_bridge.ids import ChampId, encode_typed_id

AGENT = "agent@exemple.fr"
INSTRUCTEUR = encode_typed_id("Instructeur", 1)
BLOCK, NOTE = ChampId(10).encode(), ChampId(20).encode()
GROUPES = [
    {
        "id": encode_typed_id("GroupeInstructeur", number),
        "number": number,
        "label": f"Groupe {number}",
        "instructeurs": [{"id": INSTRUCTEUR, "email": AGENT}],
    }
    for number in (1, 2, 3)
]


def descriptor(kind: str, number: int, label: str, **more: Any) -> dict[str, Any]:
    return {"__typename": f"{kind}ChampDescriptor", "id": ChampId(number).encode(), "label": label, **more}


DESK: Desk = read_desk(
    {
        "number": 1,
        "title": "Essais",
        "labels": [
            {"id": encode_typed_id("Label", number), "name": name} for number, name in ((1, "A"), (2, "A"))
        ],
        "groupeInstructeurs": GROUPES,
        "activeRevision": {
            "annotationDescriptors": [
                descriptor("Repetition", 10, "Suivi", champDescriptors=[descriptor("Text", 11, "Étape")]),
                descriptor("Text", 20, "Note"),
                descriptor("Text", 21, "Note"),
                descriptor("Text", 22, "Ailleurs"),
            ]
        },
        "revisions": [],
    }
)


def champ(typename: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"__typename": typename, "id": id_, "champDescriptorId": id_.split("|")[0], "label": "x", **more}


def message(number: int, body: str, *, email: str = AGENT, **more: Any) -> dict[str, Any]:
    moment = "2026-11-30T01:00:00+01:00"
    return {
        "id": encode_typed_id("Commentaire", number),
        "email": email,
        "body": body,
        "createdAt": moment,
    } | more


def dossier(*, rows: int = 1, note: str = "", **more: Any) -> Situation:
    block = champ(
        "RepetitionChamp", BLOCK, rows=[{"id": f"row-{place}", "champs": []} for place in range(rows)]
    )
    node = {
        "id": encode_typed_id("Dossier", 5),
        "number": 5,
        "state": "accepte",
        "archived": False,
        "groupeInstructeur": GROUPES[0],
        "annotations": [block, champ("TextChamp", NOTE, value=note)],
    }
    return Situation.model_validate(node | more)


def wish(action: str, **arguments: Any) -> Wish:
    return Wish("k", 5, action, arguments)


def settled(one: Wish, before: Situation, after: Situation | None) -> Any:
    return settle(one, write_down(one, before, DESK, AGENT), after, DESK, AGENT)


REMOVED = {"discardedAt": "2026-11-30T01:00:01+01:00"}
FOLLOWED = {"instructeurs": [{"id": INSTRUCTEUR, "email": AGENT}]}
ROW = wish("ajouter_ligne", annotation="Suivi")
GROUPE = wish("changer_groupe", groupe="2")
TELL = wish("envoyer_message", message="Bonjour")
WRITE = wish("modifier_annotations", annotation="20", value="Vu")
REMOVE = wish("supprimer_message", message=encode_typed_id("Commentaire", 3).rstrip("="))


@pytest.mark.parametrize(
    ("one", "before", "after", "said"),
    [
        (wish("archiver"), {}, {"archived": True}, Seen()),
        (wish("archiver"), {}, {}, Absent()),
        (wish("desarchiver"), {"archived": True}, {}, Seen()),
        (wish("suivre"), {}, FOLLOWED, Seen()),
        (wish("suivre", value=False), FOLLOWED, FOLLOWED, Absent()),
        (REMOVE, {"messages": [message(3, "x")]}, {"messages": [message(3, "", **REMOVED)]}, Seen()),
        (REMOVE, {"messages": [message(3, "x")]}, {"messages": [message(3, "x")]}, Absent()),
        (ROW, {}, {"rows": 2}, Seen()),
        (ROW, {}, {}, Absent()),
        (ROW, {}, {"rows": 3}, Unclear("2 rows were added meanwhile: this one may be among them")),
        (GROUPE, {}, {"groupeInstructeur": GROUPES[1]}, Seen()),
        (GROUPE, {}, {}, Absent()),
        (WRITE, {}, {"note": "Vu"}, Seen()),
        (WRITE, {"note": "Avant"}, {"note": "Avant"}, Absent()),
        (WRITE, {"note": "Avant"}, {"note": "Eux"}, Unclear("somebody else wrote another value meanwhile")),
        (WRITE, {}, {"annotations": []}, Unclear("the annotation is not there any more")),
        (TELL, {"messages": [message(3, "Bonjour")]}, {"messages": [message(3, "Bonjour")]}, Absent()),
        (TELL, {}, {"messages": [message(3, "Bonjour", email="autre@exemple.fr")]}, Absent()),
        (
            TELL,
            {},
            {"messages": [message(3, "", **REMOVED)]},
            Unclear("a message of this instructeur was removed meanwhile: it may have been this one"),
        ),
        (
            TELL,
            {},
            {"messages": [message(3, "Bonjour"), message(4, "Bonjour")]},
            Seen("the platform holds it 2 times: look at the dossier"),
        ),
        (
            wish("envoyer_message", message="Bonjour", correction="incomplete"),
            {},
            {"messages": [message(3, "Bonjour")]},
            Seen("the message went out, the platform dropped the correction"),
        ),
        (wish("envoyer_message", message="Bonjour", piece={"checksum": "x"}), {}, {"messages": []}, Absent()),
    ],
)
def test_settled(one: Wish, before: dict[str, Any], after: dict[str, Any], said: Any) -> None:
    assert settled(one, dossier(**before), dossier(**after)) == said


def test_a_dossier_that_is_gone_tells_nothing() -> None:
    assert settled(wish("archiver"), dossier(), None) == Unclear("the dossier cannot be read any more")


def test_what_stands_twice_is_told() -> None:
    label = {"id": encode_typed_id("Label", 1), "name": "A", "color": "x"}
    twice, once = dossier(labels=[label, label]), dossier(labels=[label])
    assert count_twice(wish("ajouter_label", label="A"), twice) == (
        "the platform holds it 2 times: look at the dossier"
    )
    assert (
        count_twice(wish("retirer_label", label="A"), once) == "the label is still there: it was there twice"
    )
    followers = dossier(instructeurs=FOLLOWED["instructeurs"] * 2)
    assert count_twice(wish("suivre"), followers) is not None
    assert count_twice(wish("archiver"), twice) is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (wish("ajouter_label", label="A"), "several labels do"),
        (wish("ajouter_ligne", annotation="Note"), "annotation: none with this id, number or exact label"),
        (wish("modifier_annotations", annotation="Note", value="x"), "annotation: several with this label"),
        (
            wish("modifier_annotations", annotation="22", value="x"),
            "annotation: the dossier's own form does not",
        ),
        (wish("envoyer_message", message=" \t"), "the message is empty"),
    ],
)
def test_refused_on_what_is_known(one: Wish, reason: str) -> None:
    verdict = judge_wish(one, dossier(), DESK, AGENT)
    assert isinstance(verdict, Refuse)
    assert verdict.reason.startswith(reason)


def test_no_instructeur_no_dossier() -> None:
    refused = judge_wish(wish("archiver"), dossier(), DESK, None)
    assert isinstance(refused, Refuse)
    assert refused.reason.startswith("no instructeur")
    assert judge_wish(wish("archiver"), None, DESK, AGENT) == Refuse(
        "no such dossier, or not one of this démarche"
    )
    groupe = dossier().groupe_instructeur
    assert [find_agent(groupe, each) is not None for each in (INSTRUCTEUR, "1", "2", "")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_is_foreseen_makes_the_next_row_already_so() -> None:
    for one in (
        wish("archiver"),
        wish("suivre"),
        wish("ajouter_label", label=encode_typed_id("Label", 1)),
        GROUPE,
    ):
        after = foresee(one, dossier(), DESK, AGENT)
        assert judge_wish(one, after, DESK, AGENT) == Already(), one
    row = foresee(ROW, dossier(), DESK, AGENT)
    cell = wish("modifier_annotations", annotation="11", ligne=2, value="x")
    assert not isinstance(judge_wish(cell, row, DESK, AGENT), Refuse)
    lost = wish("ajouter_ligne", annotation="Nulle part")
    assert foresee(lost, dossier(), DESK, AGENT) == dossier()
    back = foresee(wish("repasser_en_instruction"), dossier(archived=True), DESK, AGENT)
    assert (back.state, back.archived) == ("en_instruction", False)


def test_an_answer_that_does_not_tell_all() -> None:
    assert apply_answer(dossier(), {"elsewhere": None}) is None
    assert apply_answer(dossier(), None) is None
