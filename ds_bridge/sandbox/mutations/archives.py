"""Mutations that archive a dossier, or undo that."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ds_bridge.sandbox.dossiers import ENDED_STATES, Dossier
from ds_bridge.sandbox.instruction import Instruction
from ds_bridge.sandbox.mutations.interface import Input, Mutation, MutationDesk, Refusal

NOT_ENDED = "Un dossier ne peut être déplacé dans « à archiver » qu’une fois le traitement terminé"
NOT_ARCHIVED = "Un dossier non archivé ne peut pas être désarchivé"


def archive(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Archive. It may be repeated: each call is a success that changes the date."""
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    if dossier.state not in ENDED_STATES:
        raise Refusal(NOT_ENDED)
    desk.check_rights(dossier, instructeur)
    return _set_archived(desk, dossier, archived=True)


def take_back(desk: MutationDesk, given: Input) -> dict[str, Any]:
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    if not dossier.archived:
        raise Refusal(NOT_ARCHIVED)
    desk.check_rights(dossier, instructeur)
    return _set_archived(desk, dossier, archived=False)


def _set_archived(desk: MutationDesk, dossier: Dossier, *, archived: bool) -> dict[str, Any]:
    def change(_dossier: Dossier, held: Instruction, _now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        return held, {"archived": archived}

    desk.meet()
    return {"dossier": desk.show(desk.change(dossier.number, change))}


ARCHIVES: dict[str, Mutation] = {"dossierArchiver": archive, "dossierDesarchiver": take_back}
