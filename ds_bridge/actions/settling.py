"""Settling: tells whether an action without an answer took effect. Takes two readings, gives a finding.

`write_down` makes the first reading, which the outbox keeps before the request leaves. `settle` makes the
second one, after the server has ended the request. Traitements, messages and rows are never removed, and
their ids grow. For everything else, the value before the request tells whether somebody changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ds_bridge.actions.kinds import MOVES
from ds_bridge.actions.places import PlaceError, find_annotation, find_rows
from ds_bridge.actions.values import clean, held_by, is_held, read_value
from ds_bridge.actions.verdicts import find_agent, find_groupe
from ds_bridge.actions.wishes import Wish
from ds_bridge.api.situations import Acted, Desk, Situation
from ds_bridge.ids import ChampId, read_typed_number

LEAVES_NO_TRACE = frozenset({"archiver", "desarchiver", "ajouter_label", "retirer_label", "suivre"})
"""Actions that leave no trace once somebody undid them."""

TWICE = "the platform holds it {count} times: look at the dossier"


@dataclass(frozen=True, slots=True)
class Seen:
    """The action took effect."""

    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """The action had no effect: it may be sent again."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Somebody else did the same, or changed the same thing, meanwhile: nobody can tell."""

    reason: str


Settled: TypeAlias = Seen | Absent | Unclear
Before: TypeAlias = Mapping[str, Any]


def write_down(wish: Wish, now: Situation, desk: Desk, agent: str) -> dict[str, Any]:
    """The part of the situation that will tell later whether the wish came true."""
    before: dict[str, Any] = {"agent": agent}
    if wish.action in MOVES:
        before["traitement"] = max((_number("Traitement", each.id) for each in now.traitements), default=0)
    elif wish.action == "envoyer_message":
        before["message"] = max((_number("Commentaire", each.id) for each in now.messages), default=0)
    elif wish.action == "changer_groupe":
        before["groupe"] = now.groupe_instructeur.number
    elif wish.action == "modifier_annotations":
        champ = find_annotation(desk, now, wish).champ
        before["value"] = None if champ is None else held_by(champ)
    elif wish.action == "ajouter_ligne":
        before["rows"] = list(_rows(wish, now, desk))
    return before


def settle(wish: Wish, before: Before, now: Situation | None, desk: Desk, instructeur: str | None) -> Settled:
    """What the dossier, read again, tells about the action."""
    if now is None:
        return Unclear("the dossier cannot be read any more")
    if wish.action in MOVES:
        return _settle_move(wish, before, now)
    if wish.action in _WHETHER:
        return (
            Seen(count_twice(wish, now)) if _WHETHER[wish.action](wish, now, desk, instructeur) else Absent()
        )
    return _SETTLES[wish.action](wish, before, now, desk)


def count_twice(wish: Wish, now: Acted) -> str | None:
    """The warning for a label or a follower that a race on the platform wrote twice."""
    if wish.action in ("ajouter_label", "retirer_label"):
        ids = [
            each.id for each in now.labels if wish.get("label") in (each.id, each.id.rstrip("="), each.name)
        ]
    elif wish.action == "suivre":
        ids = [each.id for each in now.instructeurs]
    else:
        return None
    most = max((ids.count(each) for each in ids), default=0)
    if most > 1:
        return TWICE.format(count=most)
    return "the label is still there: it was there twice" if wish.action == "retirer_label" and ids else None


def count_moves(wish: Wish, before: Before, now: Acted) -> str | None:
    """The warning for a change of state that the platform wrote more than once."""
    move = MOVES[wish.action]
    since = [each for each in now.traitements if _number("Traitement", each.id) > before["traitement"]]
    count = sum(each.event == move.event for each in since)
    return TWICE.format(count=count) if count > 1 else None


def _settle_move(wish: Wish, before: Before, now: Situation) -> Settled:
    move = MOVES[wish.action]
    for each in now.traitements:
        if (
            _number("Traitement", each.id) > before["traitement"]
            and each.event == move.event
            and _same(each.email_agent_traitant, before["agent"])
            and clean(each.motivation) == clean(wish.get("motivation"))
        ):
            return Seen(count_moves(wish, before, now))
    return Absent()


def _settle_message(wish: Wish, before: Before, now: Situation, desk: Desk) -> Settled:
    del desk
    piece = wish.get("piece")
    since = [
        each
        for each in now.messages
        if _number("Commentaire", each.id) > before["message"] and _same(each.email, before["agent"])
    ]
    own = [
        each
        for each in since
        if each.discarded_at is None
        and clean(each.body) == clean(wish.get("message"))
        and (piece is None or piece["checksum"] in [file.checksum for file in each.attachments])
    ]
    if own:
        return Seen(tell_message(wish, own[0].correction is not None, len(own)))
    if any(each.discarded_at is not None for each in since):
        return Unclear("a message of this instructeur was removed meanwhile: it may have been this one")
    return Absent()


def tell_message(wish: Wish, has_correction: bool, count: int = 1) -> str | None:
    """The warning for a message that is there twice, or whose correction the platform dropped."""
    if count > 1:
        return TWICE.format(count=count)
    if wish.get("correction") and not has_correction:
        return "the message went out, the platform dropped the correction"
    return None


def _settle_groupe(wish: Wish, before: Before, now: Situation, desk: Desk) -> Settled:
    wanted, number = find_groupe(desk, wish.get("groupe")), now.groupe_instructeur.number
    if wanted is not None and number == wanted.number:
        return Seen()
    if number == before["groupe"]:
        return Absent()
    return Unclear("somebody else gave the dossier to another groupe meanwhile")


def _settle_annotation(wish: Wish, before: Before, now: Situation, desk: Desk) -> Settled:
    try:
        place = find_annotation(desk, now, wish)
    except PlaceError:
        return Unclear("the annotation is not there any more")
    held = None if place.champ is None else held_by(place.champ)
    if place.champ is not None and is_held(place.champ, read_value(place.field, wish.get("value"))):
        return Seen()
    return Absent() if held == before["value"] else Unclear("somebody else wrote another value meanwhile")


def _settle_row(wish: Wish, before: Before, now: Situation, desk: Desk) -> Settled:
    new = set(_rows(wish, now, desk)) - set(before["rows"])
    if not new:
        return Absent()
    if len(new) == 1:
        return Seen()
    return Unclear(f"{len(new)} rows were added meanwhile: this one may be among them")


def _rows(wish: Wish, now: Situation, desk: Desk) -> tuple[str, ...]:
    return find_rows(now, ChampId.parse(find_annotation(desk, now, wish).id).stable)


def _is_removed(wish: Wish, now: Situation, desk: Desk, instructeur: str | None) -> bool:
    del desk, instructeur
    wanted = str(wish.get("message")).rstrip("=")
    return any(each.id.rstrip("=") == wanted and each.discarded_at is not None for each in now.messages)


def _is_labelled(wish: Wish, now: Situation, desk: Desk, instructeur: str | None) -> bool:
    del desk, instructeur
    wanted = wish.get("label")
    held = any(wanted in (each.id, each.id.rstrip("="), each.name) for each in now.labels)
    return held == (wish.action == "ajouter_label")


def _is_followed(wish: Wish, now: Situation, desk: Desk, instructeur: str | None) -> bool:
    del desk
    agent = find_agent(now.groupe_instructeur, instructeur)
    held = agent is not None and any(each.id == agent.id for each in now.instructeurs)
    return held == (wish.get("value") is not False)


def _is_archived(wish: Wish, now: Situation, desk: Desk, instructeur: str | None) -> bool:
    del desk, instructeur
    return now.archived == (wish.action == "archiver")


def _same(email: str | None, agent: str) -> bool:
    return (email or "").casefold() == agent.casefold()


def _number(kind: str, text: str) -> int:
    return read_typed_number(kind, text)


_WHETHER: Mapping[str, Callable[[Wish, Situation, Desk, str | None], bool]] = {
    "archiver": _is_archived,
    "desarchiver": _is_archived,
    "supprimer_message": _is_removed,
    "ajouter_label": _is_labelled,
    "retirer_label": _is_labelled,
    "suivre": _is_followed,
}
_SETTLES: Mapping[str, Callable[[Wish, Before, Situation, Desk], Settled]] = {
    "envoyer_message": _settle_message,
    "changer_groupe": _settle_groupe,
    "modifier_annotations": _settle_annotation,
    "ajouter_ligne": _settle_row,
}
