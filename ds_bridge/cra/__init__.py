"""The coordinators' activity report (CRA): the first declared model.

A configuration names it: `[demarches.NAME] model = "ds_bridge.cra:CompteRendu"`. `CODES` lists the anomalies
that its rules can find.
"""

from __future__ import annotations

from ds_bridge.cra.compte_rendu import CompteRendu
from ds_bridge.cra.models import (
    Accompagnement,
    AccompagnementMediateur,
    AccompagnementStructure,
    Evenement,
    Identite,
    Partenariat,
    TempsHebdomadaire,
)
from ds_bridge.cra.rules import CODES
from ds_bridge.mapping import DossierHeader

__all__ = [
    "CODES",
    "Accompagnement",
    "AccompagnementMediateur",
    "AccompagnementStructure",
    "CompteRendu",
    "DossierHeader",
    "Evenement",
    "Identite",
    "Partenariat",
    "TempsHebdomadaire",
]
