"""Verdicts: decides about a wish now. Takes wish, situation and desk; gives send, already, or refuse.

Everything that can be checked is checked here, without I/O: before the first request of a run, and again just
before each request, on what is known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ds_bridge.actions.kinds import FINAL, KINDS, MOVES
from ds_bridge.actions.places import Place, PlaceError, find_annotation
from ds_bridge.actions.values import RefusedValueError, clean, is_held, read_value
from ds_bridge.actions.wishes import Wish
from ds_bridge.api.situations import Agent, Desk, Groupe, Situation
from ds_bridge.ids import MalformedIdError, read_typed_number

NO_INSTRUCTEUR = (
    "no instructeur: set demarches.NAME.instructeur to the e-mail or id of one who works in its groupe"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A method of `api.mutations` and its arguments. `piece`: a file to send first; `piece_as`: the argument
    for it."""

    method: str
    args: tuple[Any, ...] = field(repr=False)
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)
    piece: Mapping[str, Any] | None = field(default=None, repr=False)
    piece_as: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this. `agent`: the e-mail of the person who acts, "" when the platform needs none."""

    call: Call
    agent: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Already:
    """The wish is true already: nothing to send."""

    reason: str = "already so"


@dataclass(frozen=True, slots=True)
class Refuse:
    """The wish cannot be done; the reason."""

    reason: str


Verdict: TypeAlias = Send | Already | Refuse


@dataclass(frozen=True, slots=True)
class Case:
    """What is needed for a verdict."""

    wish: Wish
    now: Situation
    desk: Desk
    agent: Agent | None

    def send(self, method: str, *args: Any, piece_as: str = "", **more: Any) -> Send:
        """The call, with the row's file when it has one, in the name of the instructeur."""
        call = Call(method, args, more, self.wish.get("piece") if piece_as else None, piece_as)
        return Send(call, self.agent.email if self.agent else "")


def judge_wish(wish: Wish, now: Situation | None, desk: Desk, instructeur: str | None) -> Verdict:
    """Decide about a wish. `now` is None when the platform has no such dossier for this token."""
    if now is None:
        return Refuse("no such dossier, or not one of this démarche")
    agent = find_agent(now.groupe_instructeur, instructeur)
    if KINDS[wish.action].instructeur and agent is None:
        if instructeur is None:
            return Refuse(NO_INSTRUCTEUR)
        return Refuse(f"the instructeur does not work in its groupe {now.groupe_instructeur.label!r}")
    case = Case(wish, now, desk, agent)
    if wish.action in MOVES:
        return _judge_move(case)
    return _JUDGES[wish.action](case)


def find_agent(groupe: Groupe, instructeur: str | None) -> Agent | None:
    """The groupe's instructeur with this e-mail, typed id or number."""
    wanted = (instructeur or "").strip()
    for agent in groupe.instructeurs:
        if agent.email.casefold() == wanted.casefold() or agent.id.rstrip("=") == wanted.rstrip("="):
            return agent
        if wanted.isdecimal() and _read_number("Instructeur", agent.id) == int(wanted):
            return agent
    return None


def _judge_move(case: Case) -> Verdict:
    wish, now, move = case.wish, case.now, MOVES[case.wish.action]
    motivation = wish.get("motivation")
    if now.state == move.state:
        if now.state in FINAL and motivation is not None and clean(motivation) != clean(now.motivation):
            return Refuse(f"already {now.state}, with another motivation")
        return Already()
    if now.state not in move.sources:
        return Refuse(f"the dossier is {now.state}: {wish.action} goes from {' or '.join(move.sources)}")
    more: dict[str, Any] = {"notify": wish.get("notify") is not False}
    takes = KINDS[wish.action].needs + KINDS[wish.action].takes
    if "motivation" in takes:
        more["motivation"] = motivation
    return case.send(wish.action, *_by(case), piece_as="justificatif" if "piece" in takes else "", **more)


def _judge_archive(case: Case) -> Verdict:
    if case.now.archived:
        return Already()
    if case.now.state not in FINAL:
        return Refuse(f"the dossier is {case.now.state}: only one that was decided on can be archived")
    return case.send("archiver", *_by(case))


def _judge_unarchive(case: Case) -> Verdict:
    return case.send("desarchiver", *_by(case)) if case.now.archived else Already()


def _judge_message(case: Case) -> Verdict:
    body, correction = case.wish.get("message"), case.wish.get("correction")
    if not clean(body).strip():
        return Refuse("the message is empty")
    if case.now.archived:
        return Refuse("the dossier is archived: it takes no message")
    if correction and case.now.state in FINAL:
        return Refuse(f"the dossier is {case.now.state}: the platform would drop the correction in silence")
    if correction and is_correction_pending(case.now):
        return Refuse("a correction is pending: the platform would drop this one in silence")
    return case.send("envoyer_message", *_by(case), body, piece_as="attachment", correction=correction)


def is_correction_pending(now: Situation) -> bool:
    """Whether a message asks for a correction that is not resolved."""
    return any(each.correction and each.correction.date_resolution is None for each in now.messages)


def _judge_removal(case: Case) -> Verdict:
    wanted = str(case.wish.get("message")).rstrip("=")
    message = next((each for each in case.now.messages if each.id.rstrip("=") == wanted), None)
    if message is None:
        return Refuse("the dossier has no message with this id")
    if message.discarded_at is not None:
        return Already()
    if case.agent is None or message.email.casefold() != case.agent.email.casefold():
        return Refuse("only the instructeur who wrote a message can remove it")
    return case.send("supprimer_message", message.id, case.agent.id)


def _judge_label(case: Case) -> Verdict:
    wanted = str(case.wish.get("label"))
    found = [each for each in case.desk.labels if wanted in (each.id, each.id.rstrip("="), each.name)]
    if len(found) != 1:
        return Refuse("no label of the démarche has this name or id" if not found else "several labels do")
    held = any(each.id == found[0].id for each in case.now.labels)
    if held == (case.wish.action == "ajouter_label"):
        return Already()
    return case.send(case.wish.action, case.now.id, found[0].id)


def _judge_follow(case: Case) -> Verdict:
    follow = case.wish.get("value") is not False
    agent = case.agent
    if agent is None or any(each.id == agent.id for each in case.now.instructeurs) == follow:
        return Already()
    return case.send("suivre", *_by(case), follow=follow)


def _judge_groupe(case: Case) -> Verdict:
    groupe = find_groupe(case.desk, case.wish.get("groupe"))
    if groupe is None:
        return Refuse("no groupe of the démarche, or several, with this number or label")
    if groupe.number == case.now.groupe_instructeur.number:
        return Already()
    return case.send("changer_groupe", case.now.id, groupe.id)


def find_groupe(desk: Desk, reference: object) -> Groupe | None:
    """The groupe with this number, typed id or exact label; None when none or several fit."""
    wanted = str(reference).strip()
    found = [
        each
        for each in desk.groupes
        if wanted in (str(each.number), each.id.rstrip("="), each.id, each.label)
    ]
    return found[0] if len(found) == 1 else None


def _judge_annotation(case: Case) -> Verdict:
    try:
        place = find_annotation(case.desk, case.now, case.wish)
        value = read_value(place.field, case.wish.get("value"))
    except (PlaceError, RefusedValueError) as error:
        return Refuse(f"annotation: {error}")
    if place.champ is not None and is_held(place.champ, value):
        return Already()
    return case.send("modifier_annotations", *_by(case), {place.id: value})


def _judge_row(case: Case) -> Verdict:
    try:
        place: Place = find_annotation(case.desk, case.now, case.wish)
    except PlaceError as error:
        return Refuse(f"annotation: {error}")
    return case.send("ajouter_ligne", *_by(case), place.id)


def _by(case: Case) -> tuple[str, str]:
    return case.now.id, case.agent.id if case.agent else ""


def _read_number(kind: str, text: str) -> int | None:
    try:
        return read_typed_number(kind, text)
    except MalformedIdError:
        return None


_JUDGES: Mapping[str, Callable[[Case], Verdict]] = {
    "archiver": _judge_archive,
    "desarchiver": _judge_unarchive,
    "envoyer_message": _judge_message,
    "supprimer_message": _judge_removal,
    "ajouter_label": _judge_label,
    "retirer_label": _judge_label,
    "suivre": _judge_follow,
    "changer_groupe": _judge_groupe,
    "modifier_annotations": _judge_annotation,
    "ajouter_ligne": _judge_row,
}
