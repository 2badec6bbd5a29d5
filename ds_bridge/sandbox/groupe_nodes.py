"""Groupes instructeurs as the API shows them."""

from __future__ import annotations

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.instruction_nodes import write_instructeur
from ds_bridge.sandbox.node import Node, typed_id
from ds_bridge.sandbox.request import PlatformCrash
from ds_bridge.sandbox.staff import Groupe
from ds_bridge.sandbox.world import World


def find_groupes(demarche: Demarche) -> list[Groupe]:
    """The groupes of the démarche's form, and those that dossiers were given to."""
    assigned = {dossier.groupe for dossier in demarche.dossiers.values() if dossier.groupe is not None}
    return demarche.form.staff.list_groupes(demarche.form.number, assigned)


def write_groupe(world: World, groupe: Groupe) -> Node:
    return Node(
        __typename="GroupeInstructeur",
        id=typed_id("GroupeInstructeur", groupe.number),
        number=groupe.number,
        label=groupe.label,
        closed=groupe.closed,
        instructeurs=[
            write_instructeur(number, world.instructeurs[number]) for number in groupe.instructeurs
        ],
    )


def list_groupes(world: World, demarche: Demarche, closed: bool | None) -> list[Node]:
    """Every groupe. The platform crashes when asked for only the closed or only the open ones."""
    if closed is not None:
        raise PlatformCrash
    return [write_groupe(world, groupe) for groupe in find_groupes(demarche)]


def write_own_groupe(world: World, demarche: Demarche, key: int | None) -> Node | None:
    """The groupe of a dossier; None when the dossier lost its groupe."""
    if key is None:
        return None
    return write_groupe(world, demarche.form.staff.find_groupe(key, demarche.form.number))
