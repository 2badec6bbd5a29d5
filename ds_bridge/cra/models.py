"""The coordinators' activity report as typed objects, and the champs that feed them on démarche 82349.

Labels are those of the form of September 2024, then older wordings. "Je" stands three times and "Précisez"
in every block, so these fields say where they stand. A champ that a form of another year may lack is
`optional`: details, precisions, the split of hours, the date of a partnership, and the choices, which only
serve the rules. The identity, the blocks, the subject of a row and the total of hours are required: a form
without them is not this report.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ds_bridge.mapping import DomainModel, DossierHeader, champ

_CIBLE = champ(
    "J'ai accompagné",
    options={
        "Une/des structure(s)": "structure",
        "Une structure": "structure",
        "Un(e)/des médiateur(trice/s) numérique(s)": "mediateur",
        "Un(e) médiateur(rice) numérique": "mediateur",
        "Un(e) médiateur(trice) numérique": "mediateur",
    },
)
_DETAIL = champ("Détail sur le syndicat mixte/consortium", optional=True)
_PROBLEMATIQUES = champ("Type(s) de problématique(s)", "Type de problématique")
_PROBLEMATIQUES_PRECISION = champ("Précisez", follows="problematiques", optional=True)
_ACTIONS = champ("Action(s) engagée(s)", "Actions engagées")
_ACTIONS_PRECISION = champ("Précisez", follows="actions", optional=True)


class Identite(DomainModel):
    """Who reports, and for which structure. The identifiants are the pilotage's: they name a person there."""

    nom: Annotated[
        str | None,
        champ("Veuillez renseigner votre nom de famille", "Veuillez renseigner votre nom", personal="name"),
    ] = None
    prenom: Annotated[str | None, champ("Veuillez renseigner votre prénom", personal="name")] = None
    identifiant: Annotated[
        int | None,
        champ(
            "Veuillez renseigner votre identifiant conseiller numérique (ID CoNum)",
            "Veuillez renseigner votre identifiant conseiller numérique",
            "Identifiant conseiller numérique",
            personal="id",
        ),
    ] = None
    email: Annotated[str | None, champ("Veuillez renseigner votre adresse mail", personal="email")] = None
    structure_nom: Annotated[
        str | None,
        champ("Veuillez renseigner le nom de votre structure"),
    ] = None
    structure_identifiant: Annotated[
        int | None,
        champ(
            "Veuillez renseigner l'identifiant de votre structure (ID structure)",
            "Veuillez renseigner l'identifiant de votre structure",
        ),
    ] = None


class Evenement(DomainModel):
    """An event organised or attended. `date` is its first day."""

    nom: Annotated[str | None, champ("Nom de l'événement")] = None
    organisateurs: Annotated[tuple[str, ...], champ("Organisé par")] = ()
    organisateurs_detail: Annotated[str | None, _DETAIL] = None
    type: Annotated[str | None, champ("Type d'événement")] = None
    type_precision: Annotated[str | None, champ("Précisez", follows="type", optional=True)] = None
    date: Annotated[dt.date | None, champ("Date de l'événement")] = None


class Partenariat(DomainModel):
    """A partnership of the period."""

    nom: Annotated[str | None, champ("Nom du partenaire")] = None
    structure_type: Annotated[str | None, champ("Type de structure")] = None
    structure_detail: Annotated[str | None, _DETAIL] = None
    natures: Annotated[tuple[str, ...], champ("Nature du partenariat", "Nature(s) du partenariat")] = ()
    natures_precision: Annotated[str | None, champ("Précisez", follows="natures", optional=True)] = None
    date_lancement: Annotated[dt.date | None, champ("Date de lancement du partenariat", optional=True)] = None


class AccompagnementStructure(DomainModel):
    """Support given to one or several structures."""

    cible: Annotated[Literal["structure"], _CIBLE] = "structure"
    structure_types: Annotated[
        tuple[str, ...],
        champ("Type(s) de structure(s) accompagnée(s)", "Type de structure accompagnée"),
    ] = ()
    structure_noms: Annotated[
        str | None, champ("Nom(s) de la/des structure(s) accompagnée(s)", "Nom de la structure accompagnée")
    ] = None
    problematiques: Annotated[tuple[str, ...], _PROBLEMATIQUES] = ()
    problematiques_precision: Annotated[str | None, _PROBLEMATIQUES_PRECISION] = None
    actions: Annotated[tuple[str, ...], _ACTIONS] = ()
    actions_precision: Annotated[str | None, _ACTIONS_PRECISION] = None


class AccompagnementMediateur(DomainModel):
    """Support given to one or several médiateurs numériques. `structure_*` describe their structures."""

    cible: Annotated[Literal["mediateur"], _CIBLE] = "mediateur"
    mediateur_noms: Annotated[
        str | None,
        champ(
            "Nom du/de la/des médiateur/trice(s) numérique(s)",
            "Nom du/de la médiateur(rice) numérique",
            personal="name",
        ),
    ] = None
    structure_type: Annotated[
        str | None,
        champ(
            "Type de structure du/de la/des médiateur/trice(s) numérique(s) accompagné(e/s)",
            "Type de structure du/de la médiateur(rice) numérique accompagné(e)",
        ),
    ] = None
    structure_noms: Annotated[
        str | None,
        champ(
            "Nom de la/des structure(s) du/de la/des médiateur/trice(s) numérique(s) accompagné(e/s)",
            "Nom de la structure du/de la médiateur(rice) numérique accompagné(e)",
        ),
    ] = None
    problematiques: Annotated[tuple[str, ...], _PROBLEMATIQUES] = ()
    problematiques_precision: Annotated[str | None, _PROBLEMATIQUES_PRECISION] = None
    actions: Annotated[tuple[str, ...], _ACTIONS] = ()
    actions_precision: Annotated[str | None, _ACTIONS_PRECISION] = None


Accompagnement: TypeAlias = Annotated[
    AccompagnementStructure | AccompagnementMediateur, Field(discriminator="cible")
]


class TempsHebdomadaire(DomainModel):
    """Hours a week spent on communication and on animating the network."""

    total: Annotated[
        int | None,
        champ(
            "Temps hebdomadaire moyen consacré à la communication et à l'animation",
            "Temps hebdomadaire moyen consacré à la communication et à l'information",
            name="temps_total",
        ),
    ] = None
    communication: Annotated[
        int | None,
        champ(
            "Temps hebdomadaire moyen consacré à la communication", name="temps_communication", optional=True
        ),
    ] = None
    animation: Annotated[
        int | None,
        champ(
            "Temps hebdomadaire moyen consacré à l'animation du réseau des Conseiller numériques",
            "Temps hebdomadaire moyen consacré à l'animation du réseau",
            name="temps_animation",
            optional=True,
        ),
    ] = None


class Declared(DomainModel):
    """One activity report as it is filed. Fields that its JSON leaves out are for the rules."""

    dossier: DossierHeader
    identite: Identite = Identite()
    evenements_choix: Annotated[
        str | None,
        champ("Je", section=("ÉVÉNEMENTS", "Événement"), precedes="evenements", optional=True),
        Field(exclude=True),
    ] = None
    evenements: Annotated[tuple[Evenement, ...], champ("ÉVÉNEMENT", "ÉVÉNEMENTS")] = ()
    partenariats_choix: Annotated[
        str | None,
        champ("Je", section=("PARTENARIATS", "Partenariat"), precedes="partenariats", optional=True),
        Field(exclude=True),
    ] = None
    partenariats: Annotated[tuple[Partenariat, ...], champ("PARTENARIAT", "PARTENARIATS")] = ()
    accompagnements_choix: Annotated[
        str | None,
        champ(
            "Je",
            section=(
                "ACCOMPAGNEMENT DES STRUCTURES ET DES MÉDIATEURS NUMERIQUES",
                "ACCOMPAGNEMENT D'UNE STRUCTURE OU D'UN(E) MÉDIATEUR(RICE) NUMÉRIQUE",
                "Accompagnement d'une structure",
                "ACCOMPAGNEMENTS",
            ),
            precedes="accompagnements",
            optional=True,
        ),
        Field(exclude=True),
    ] = None
    accompagnements: Annotated[tuple[Accompagnement, ...], champ("ACCOMPAGNEMENT", "ACCOMPAGNEMENTS")] = ()
    temps_hebdomadaire: TempsHebdomadaire = TempsHebdomadaire()
    temps_reparti: Annotated[
        bool | None,
        champ(
            "Je souhaite préciser la répartition de ce temps "
            "entre les actions de communication et d'animation",
            optional=True,
        ),
        Field(exclude=True),
    ] = None
