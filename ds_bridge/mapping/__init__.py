"""Mapping: a dossier's champs into a declared domain model, with anomalies.

resolve(model, form) → Plan, once a form;  map_dossier(plan, dossier) → Mapped, once a dossier.
"""

from __future__ import annotations

from ds_bridge.api.champs import EngagementJuridique, GeoArea
from ds_bridge.api.registers import Address, Commune, Named, PersonneMorale, Rna
from ds_bridge.mapping.anomalies import MAPPING_CODES, Anomaly, Code
from ds_bridge.mapping.declared import load_model
from ds_bridge.mapping.fields import Context, DomainModel, DossierHeader, PieceJointe, Rule, champ
from ds_bridge.mapping.mapped import BlockRow, Mapped
from ds_bridge.mapping.mapper import map_dossier
from ds_bridge.mapping.named import ChampsNommes, make_plan
from ds_bridge.mapping.plan import Plan
from ds_bridge.mapping.resolve import Located, locate, resolve

__all__ = [
    "MAPPING_CODES",
    "Address",
    "Anomaly",
    "BlockRow",
    "ChampsNommes",
    "Code",
    "Commune",
    "Context",
    "DomainModel",
    "DossierHeader",
    "EngagementJuridique",
    "GeoArea",
    "Located",
    "Mapped",
    "Named",
    "PersonneMorale",
    "PieceJointe",
    "Plan",
    "Rna",
    "Rule",
    "champ",
    "load_model",
    "locate",
    "make_plan",
    "map_dossier",
    "resolve",
]
