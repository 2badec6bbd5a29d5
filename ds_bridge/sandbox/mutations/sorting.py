"""Mutations that sort dossiers: labels, followers, the groupe. None adds a traitement; labels change no
date."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.groupe_nodes import find_groupes
from ds_bridge.sandbox.instruction import Instruction
from ds_bridge.sandbox.instruction_nodes import write_instructeur, write_label
from ds_bridge.sandbox.mutations.interface import Input, Mutation, MutationDesk, Refusal
from ds_bridge.sandbox.node import Node
from ds_bridge.sandbox.staff import Groupe, Label

FOREIGN_LABEL = "Ce label n’appartient pas à la même démarche que le dossier"
LABEL_THERE = "Ce label est déjà associé au dossier"
LABEL_MISSING = "Ce label n’est pas associé au dossier"


def add_label(desk: MutationDesk, given: Input) -> dict[str, Any]:
    dossier, label = desk.find_dossier(given), _find_label(desk, given)
    if label.number not in desk.world.labels(dossier.demarche):
        raise Refusal(FOREIGN_LABEL)
    if label.number in desk.world.read_instruction(dossier).labels:
        raise Refusal(LABEL_THERE)
    desk.meet()

    def change(_dossier: Dossier, held: Instruction, _now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        return replace(held, labels=(*held.labels, label.number)), {}

    changed = desk.change(dossier.number, change, touch=False)
    return {"dossier": desk.show(changed), "label": write_label(label)}


def remove_label(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Remove a label; when the dossier has it twice, only one."""
    dossier, label = desk.find_dossier(given), _find_label(desk, given)
    if label.number not in desk.world.read_instruction(dossier).labels:
        raise Refusal(LABEL_MISSING)
    desk.meet()

    def change(_dossier: Dossier, held: Instruction, _now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        return replace(held, labels=_without_one(held.labels, label.number)), {}

    changed = desk.change(dossier.number, change, touch=False)
    return {"dossier": desk.show(changed), "label": write_label(label)}


def follow(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Follow or leave, as `follow` says. A call that is true already changes nothing."""
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    desk.check_rights(dossier, instructeur)
    wanted = given["follow"]
    shown = {"instructeur": write_instructeur(instructeur, desk.world.instructeurs[instructeur])}
    if (instructeur in desk.world.read_instruction(dossier).followers) is wanted:
        return {**shown, "dossier": desk.show(dossier)}
    desk.meet()

    def change(_dossier: Dossier, held: Instruction, _now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        if wanted:
            return replace(held, followers=(*held.followers, instructeur)), {}
        return replace(held, followers=_without_one(held.followers, instructeur)), {}

    changed = desk.change(dossier.number, change)
    if not wanted:  # only in this answer, the platform shows the old date
        before = desk.show(dossier)["dateDerniereModification"]
        return {**shown, "dossier": Node(desk.show(changed), dateDerniereModification=before)}
    return {**shown, "dossier": desk.show(changed)}


def change_groupe(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Move to any groupe of the démarche, also a closed one. Followers without rights there are removed."""
    dossier = desk.find_dossier(given)
    demarche, groupe = _find_groupe(desk, given)
    if demarche != dossier.demarche:
        raise Refusal(
            f"Le groupe instructeur '{groupe.label}' n’appartient pas à la même démarche que le dossier"
        )
    if groupe.key == dossier.groupe:
        raise Refusal(f"Le dossier est déjà avec le groupe instructeur: '{groupe.label}'")
    desk.meet()

    def change(_dossier: Dossier, held: Instruction, _now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        stay = tuple(one for one in held.followers if one in groupe.instructeurs)
        return replace(held, followers=stay), {"groupe": groupe.key}

    left = [one for one in desk.world.read_instruction(dossier).followers if one not in groupe.instructeurs]
    changed = desk.change(dossier.number, change)
    for _ in left:
        desk.world.mails.append((dossier.number, "groupe_instructeur_changed"))
    return {"dossier": desk.show(changed)}


def _find_label(desk: MutationDesk, given: Input) -> Label:
    number = desk.find_key(given["labelId"], "Label")
    for demarche in desk.world.demarches.values():
        label = demarche.form.staff.find_label(number)
        if label is not None:
            return label
    raise desk.not_found()


def _find_groupe(desk: MutationDesk, given: Input) -> tuple[int, Groupe]:
    number = desk.find_key(given["groupeInstructeurId"], "GroupeInstructeur")
    for demarche in desk.world.demarches.values():
        groupe = next((one for one in find_groupes(demarche) if one.number == number), None)
        if groupe is not None:
            return demarche.form.number, groupe
    raise desk.not_found()


def _without_one(numbers: tuple[int, ...], number: int) -> tuple[int, ...]:
    if number not in numbers:
        return numbers
    place = numbers.index(number)
    return (*numbers[:place], *numbers[place + 1 :])


SORTING: dict[str, Mutation] = {
    "dossierAjouterLabel": add_label,
    "dossierSupprimerLabel": remove_label,
    "dossierBasculeSuivi": follow,
    "dossierChangerGroupeInstructeur": change_groupe,
}
