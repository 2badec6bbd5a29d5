"""A démarche that lived: ten revisions in two years, with the dossiers deposited under each.

What administrators do to a form: a label corrected, a champ added in the middle, options reworded, a row
longer, a text that becomes a date (another champ, the same label), a text that becomes a number (the same
champ), a champ made required, one taken out, a list opened to "other".
"""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from ds_bridge.sandbox.dossiers import Dossier, Identity, Kept, Row
from ds_bridge.sandbox.forms import DemarcheForm, read_form
from ds_bridge.sandbox.world import World

NUMBER = 99020
PATH = "bilan-des-structures"
FIRST_DAY = dt.datetime(2024, 1, 8, 9, tzinfo=dt.UTC)
STEP = dt.timedelta(days=75)
NOM, IDENTIFIANT, SORTE, DEBUT_TEXTE, AGENTS, ACTIONS, INTITULE, HEURES, COMMENTAIRE = range(1, 10)
EMAIL, PUBLICS, DEBUT = 10, 11, 14

NAMED = {
    "structure_nom": str(NOM),
    "structure_identifiant": str(IDENTIFIANT),
    "sorte": str(SORTE),
    "email": "Adresse électronique",
    "debut": str(DEBUT),
    "agents": str(AGENTS),
    "actions": str(ACTIONS),
    "actions.intitule": str(INTITULE),
    "actions.heures": str(HEURES),
    "actions.publics": str(PUBLICS),
}


def make_revisions() -> list[dict[str, Any]]:
    """The ten, oldest first, as a form file writes them."""
    champs: dict[int, dict[str, Any]] = {
        NOM: {"kind": "text", "label": "Nom de la structure", "required": True},
        IDENTIFIANT: {"kind": "integer_number", "label": "Identifiant de la structure"},
        SORTE: {
            "kind": "drop_down_list",
            "label": "Type de structure",
            "options": ["Commune", "EPCI", "Association"],
        },
        DEBUT_TEXTE: {"kind": "text", "label": "Date de début"},
        AGENTS: {"kind": "text", "label": "Nombre d'agents"},
        ACTIONS: {
            "kind": "repetition",
            "label": "ACTION",
            "champs": [
                {"id": INTITULE, "kind": "text", "label": "Intitulé"},
                {"id": HEURES, "kind": "integer_number", "label": "Heures"},
            ],
        },
        COMMENTAIRE: {"kind": "textarea", "label": "Commentaire"},
    }
    order = list(champs)
    revisions: list[dict[str, Any]] = []

    def publish() -> None:
        moment = (FIRST_DAY + STEP * len(revisions)).isoformat()
        listed = [{"id": number, **champs[number]} for number in order]
        revisions.append(
            {
                "number": 5001 + len(revisions),
                "date_creation": moment,
                "date_publication": moment,
                "champs": copy.deepcopy(listed),
            }
        )

    publish()
    champs[NOM]["label"] = "Nom de la structure employeuse"
    publish()
    champs[EMAIL] = {"kind": "email", "label": "Adresse électronique"}
    order.insert(2, EMAIL)
    publish()
    champs[SORTE]["options"] = ["Commune", "Établissement public (EPCI)", "Association"]
    publish()
    champs[ACTIONS]["champs"].append(
        {"id": PUBLICS, "kind": "multiple_drop_down_list", "label": "Publics", "options": ["Jeunes", "Aînés"]}
    )
    publish()
    champs[DEBUT] = {"kind": "date", "label": "Date de début"}
    order[order.index(DEBUT_TEXTE)] = DEBUT
    publish()
    champs[AGENTS]["kind"] = "integer_number"
    publish()
    champs[IDENTIFIANT] |= {"required": True, "label": "Identifiant de la structure "}
    publish()
    order.remove(COMMENTAIRE)
    publish()
    champs[SORTE] |= {"options": ["Commune", "Établissement public (EPCI)"], "other_option": True}
    champs[ACTIONS]["label"] = "ACTIONS MENÉES"
    publish()
    return revisions


def make_form(count: int = 10) -> DemarcheForm:
    """The démarche as it stood with so many revisions."""
    return read_form(
        {
            "number": NUMBER,
            "title": "Bilan des structures",
            "path": PATH,
            "old_paths": ["bilan-2024"],
            "date_creation": FIRST_DAY.isoformat(),
            "date_publication": FIRST_DAY.isoformat(),
            "revisions": make_revisions()[:count],
        }
    )


def make_world(count: int = 10) -> World:
    """So many revisions, and one dossier deposited the day after each was published."""
    world = World(forms=(make_form(count),), clock=lambda: FIRST_DAY + STEP * 12)
    for step in range(count):
        deposit(world, step)
    return world


def publish_next(world: World) -> None:
    """One more revision, and a dossier under it."""
    step = len(world.demarches[NUMBER].form.revisions)
    world.set_demarche(NUMBER, revisions=make_form(step + 1).revisions)
    deposit(world, step)


def deposit(world: World, step: int) -> Dossier:
    """A dossier that fills every champ of its revision."""
    moment = FIRST_DAY + STEP * step + dt.timedelta(days=1)
    return world.add_dossier(
        Dossier(
            number=1001 + step,
            demarche=NUMBER,
            revision=5001 + step,
            state="en_construction",
            deposited_at=moment,
            modified_at=moment,
            construction_at=moment,
            content=Kept(write_values(step)),
            identity=Identity("Mme", "NOËL", "Zoé"),
            email="zoe@example.org",
        )
    )


def write_values(step: int) -> dict[int, Any]:
    """What is filed under the revision of this step. Once, somebody wrote a number of agents in words."""
    row: dict[int, Any] = {INTITULE: f"Atelier {step}", HEURES: 10 + step}
    values: dict[int, Any] = {
        NOM: f"Mairie n° {step}",
        IDENTIFIANT: 80 + step,
        SORTE: ["Association", "EPCI", "Commune"][step % 3] if step < 3 else "Établissement public (EPCI)",
        ACTIONS: [Row(f"01ROW{step:021d}", row)],
        AGENTS: ("une douzaine" if step == 1 else str(step)) if step < 6 else step,
    }
    if step >= 2:
        values[EMAIL] = f"structure{step}@example.org"
    if step >= 4:
        row[PUBLICS] = ["Jeunes", "Aînés"]
    if step >= 5:
        values[DEBUT] = f"2025-03-{step:02d}"
    else:
        values[DEBUT_TEXTE] = f"{step + 1} mars 2024"
    if step < 8:
        values[COMMENTAIRE] = f"Rien à dire ({step})"
    if step == 9:
        values[SORTE] = "Un tiers-lieu"
    return values
