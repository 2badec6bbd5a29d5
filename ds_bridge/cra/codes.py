"""The anomalies of the activity report in French, for those who read its reports."""

from __future__ import annotations

CODES = {
    "missing_identifier": "Identifiant de conseiller numérique absent",
    "invalid_identifier": "Identifiant de conseiller numérique nul ou négatif",
    "missing_identity": "Identité ou structure incomplète",
    "invalid_structure_identifier": "Identifiant de structure nul ou négatif",
    "invalid_email": "Adresse électronique absente ou mal écrite",
    "choice_says_none": "Réponse « n'ai pas » alors que des lignes sont remplies",
    "choice_says_some": "Réponse « souhaite ajouter » sans aucune ligne remplie",
    "empty_row": "Ligne vide",
    "duplicate_row": "Ligne identique à une autre",
    "date_after_deposit": "Événement daté d'après le dépôt du compte rendu",
    "date_before_programme": "Événement daté d'avant 2020",
    "missing_precision": "« Autre » sans précision",
    "missing_detail": "Syndicat mixte ou consortium sans sa composition",
    "missing_mediateur": "Médiateur numérique accompagné sans nom",
    "negative_hours": "Nombre d'heures négatif",
    "excessive_hours": "Plus de 60 heures par semaine",
    "split_mismatch": "Répartition des heures différente du total",
    "split_incomplete": "Répartition des heures incomplète",
}
"""French text by code of `ds_bridge.cra.rules`."""
