"""Mutations of messages: send one to the usager (with a file or a request for correction), or remove one."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.instruction import EVENTS, Correction, Instruction, Message
from ds_bridge.sandbox.mutations.interface import Input, Mutation, MutationDesk, Refusal
from ds_bridge.sandbox.mutations.uploads import take_upload

NO_MESSAGES = (
    "Le champ « Dossier » Il n’est pas possible d’envoyer un message sur un dossier supprimé, à archiver ou "
    "en brouillon"
)
BLANK = "Le champ « Votre message » ne peut être vide"
NOT_REMOVABLE = "Le message ne peut pas être supprimé"
NO_CORRECTION = "Il n’y a pas de demande de correction en attente sur ce message"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def send(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Add a message at each call. A correction that cannot be asked for is silently dropped."""
    file = take_upload(desk, given.get("attachment"))
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    body = CONTROL_CHARACTERS.sub("", given["body"])
    if dossier.archived or dossier.hidden_by_user_at is not None or dossier.user_deleted:
        raise Refusal(NO_MESSAGES)
    desk.check_rights(dossier, instructeur)
    if not body.strip():
        raise Refusal(BLANK)
    asks = given.get("correction")
    if not _takes_correction(desk, dossier):
        asks = None
    desk.meet()
    agent = desk.world.instructeurs[instructeur]

    def change(
        now_dossier: Dossier, held: Instruction, now: dt.datetime
    ) -> tuple[Instruction, dict[str, Any]]:
        correction = None if asks is None else Correction(asks)
        held = held.add_message(
            now_dossier.number,
            sender=agent,
            body=body,
            at=now,
            files=() if file is None else (file,),
            correction=correction,
        )
        if correction is None or now_dossier.state != "en_instruction":
            return held, {}
        event = EVENTS["en_construction"]
        held = held.add_traitement(now_dossier.number, event, "en_construction", now, agent, None)
        return held, {"state": "en_construction", "construction_at": now, "instruction_at": None}

    changed = desk.change(dossier.number, change)
    desk.send_mail(changed, "message")
    return {"message": _show(desk, changed, _last(changed))}


def remove(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Only the author may remove a message. The message stays without its body; its correction is
    resolved."""
    dossier, message, instructeur = _find_message(desk, given)
    agent = desk.world.instructeurs.get(instructeur)
    if message.discarded_at is not None or message.sender != agent:
        raise Refusal(NOT_REMOVABLE)
    desk.meet()

    def change(_dossier: Dossier, held: Instruction, now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        correction = message.correction
        if given.get("cancelCorrection", True):
            correction = _resolve(correction, now)
        gone = replace(message, body="", files=(), discarded_at=now, correction=correction)
        return held.replace_message(gone), {}

    changed = desk.change(dossier.number, change)
    return {"message": _show(desk, changed, _kept(desk, changed, message.id))}


def cancel_correction(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Cancel the correction that a message asked for."""
    dossier, message, instructeur = _find_message(desk, given)
    desk.check_rights(dossier, instructeur)
    if message.correction is None or message.correction.resolved_at is not None:
        raise Refusal(NO_CORRECTION)
    desk.meet()

    def change(_dossier: Dossier, held: Instruction, now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        done = replace(message, correction=_resolve(message.correction, now))
        return held.replace_message(done), {}

    changed = desk.change(dossier.number, change)
    return {"message": _show(desk, changed, _kept(desk, changed, message.id))}


def _takes_correction(desk: MutationDesk, dossier: Dossier) -> bool:
    """Whether the dossier takes a correction: not after the decision, and not while one is pending."""
    waits = desk.world.read_instruction(dossier).pending_correction
    return dossier.state in ("en_construction", "en_instruction") and waits is None


def _resolve(correction: Correction | None, now: dt.datetime) -> Correction | None:
    if correction is None or correction.resolved_at is not None:
        return correction
    return replace(correction, resolved_at=now)


def _find_message(desk: MutationDesk, given: Input) -> tuple[Dossier, Message, int]:
    found = desk.world.find_message(desk.find_key(given["messageId"], "Commentaire"))
    if found is None:
        raise desk.not_found()
    dossier, message = found
    desk.check_scope(dossier, "Message")
    return dossier, message, desk.find_instructeur(given)


def _last(dossier: Dossier) -> Message:
    assert dossier.instruction is not None  # noqa: S101 - a message was just added to it
    return dossier.instruction.messages[-1]


def _kept(desk: MutationDesk, dossier: Dossier, message_id: int) -> Message:
    messages = desk.world.read_instruction(dossier).messages
    return next(message for message in messages if message.id == message_id)


def _show(desk: MutationDesk, dossier: Dossier, message: Message) -> dict[str, Any]:
    return desk.nodes.write_instruction(dossier, desk.world.read_instruction(dossier)).message(message)


MESSAGES: dict[str, Mutation] = {
    "dossierEnvoyerMessage": send,
    "dossierSupprimerMessage": remove,
    "dossierAnnulerDemandeCorrection": cancel_correction,
}
