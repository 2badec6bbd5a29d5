"""Effects: takes a situation, gives the situation after an action, from the platform's answer or foreseen."""

from __future__ import annotations

from typing import Any

from ds_bridge.actions.kinds import MOVES
from ds_bridge.actions.places import PlaceError, find_annotation
from ds_bridge.actions.verdicts import find_agent, find_groupe
from ds_bridge.actions.wishes import Wish
from ds_bridge.api.champs import RepetitionChamp, Row
from ds_bridge.api.records import Label, Message
from ds_bridge.api.situations import Acted, Desk, Situation


def apply_answer(now: Situation, answer: Any) -> Situation | None:
    """The situation with what a mutation gave back. None when that is not enough: then read the dossier
    again."""
    if isinstance(answer, Acted):
        return now.updated(answer)
    if isinstance(answer, Message):
        if answer.correction is not None:  # the action may have changed the state as well
            return None
        others = tuple(each for each in now.messages if each.id != answer.id)
        return now.model_copy(update={"messages": (*others, answer)})
    if isinstance(answer, dict) and set(answer) <= {each.id for each in now.annotations}:
        champs = tuple(answer.get(each.id, each) for each in now.annotations)
        return now.model_copy(update={"annotations": champs})
    return None


def foresee(wish: Wish, now: Situation, desk: Desk, instructeur: str | None) -> Situation:
    """The dossier after the wish came true, as far as later rows of the same file depend on it."""
    change: dict[str, Any] = {}
    if wish.action in MOVES:
        change = {"state": MOVES[wish.action].state, "motivation": wish.get("motivation")}
        if wish.action == "repasser_en_instruction":
            change["archived"] = False
    elif wish.action in ("archiver", "desarchiver"):
        change = {"archived": wish.action == "archiver"}
    elif wish.action == "envoyer_message" and wish.get("correction"):
        change = {"state": "en_construction"}
    elif wish.action in ("ajouter_label", "retirer_label"):
        change = {"labels": _foresee_labels(wish, now, desk)}
    elif wish.action == "suivre":
        agent = find_agent(now.groupe_instructeur, instructeur)
        others = tuple(each for each in now.instructeurs if agent and each.id != agent.id)
        change = {"instructeurs": (*others, agent) if agent and wish.get("value") is not False else others}
    elif wish.action == "changer_groupe" and (groupe := find_groupe(desk, wish.get("groupe"))):
        change = {"groupe_instructeur": groupe}
    elif wish.action == "ajouter_ligne":
        return _foresee_row(wish, now, desk)
    return now.model_copy(update=change)


def _foresee_labels(wish: Wish, now: Situation, desk: Desk) -> tuple[Label, ...]:
    wanted = wish.get("label")
    found = [each for each in desk.labels if wanted in (each.id, each.id.rstrip("="), each.name)]
    others = tuple(each for each in now.labels if each.id not in [label.id for label in found])
    if wish.action == "retirer_label":
        return others
    return (*others, *(Label(id=each.id, name=each.name, color="") for each in found))


def _foresee_row(wish: Wish, now: Situation, desk: Desk) -> Situation:
    try:
        place = find_annotation(desk, now, wish)
    except PlaceError:
        return now
    block = place.champ
    if not isinstance(block, RepetitionChamp):
        return now
    more = block.model_copy(update={"rows": (*block.rows, Row(id="", champs=()))})
    champs = tuple(more if each is block else each for each in now.annotations)
    return now.model_copy(update={"annotations": champs})
