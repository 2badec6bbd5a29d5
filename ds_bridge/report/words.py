"""Words: French words for the anomaly codes that any model may give, for readers of a report."""

from __future__ import annotations

CODES = {
    "malformed": "Champ que la plateforme a donné sous une forme inattendue",
    "unknown_kind": "Champ d'un type nouveau, qui n'est pas lu",
    "invalid": "Valeur qui n'est pas du type attendu",
    "several_values": "Plusieurs valeurs là où une seule est attendue",
    "not_a_block": "Valeur isolée là où des lignes sont attendues",
    "unknown_option": "Choix qui ne figure dans aucune version du formulaire",
    "unmapped_option": "Choix auquel le modèle ne donne pas de sens",
    "no_variant": "Ligne qui ne dit pas de quoi elle parle",
    "repeated_champ": "Champ donné deux fois",
}
"""By code. A code that is not here is shown as it is."""
