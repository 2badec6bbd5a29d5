"""The meaning of a column in words: the labels of its champs, or a sentence for columns of every démarche."""

from __future__ import annotations

from collections.abc import Mapping

from ds_bridge.tables.columns import Column

MEANINGS: Mapping[tuple[str, ...], str] = {
    ("dossier", "number"): "the dossier's number: joins all tables",
    ("dossier", "demarche"): "the démarche's number",
    ("dossier", "state"): "en_construction, en_instruction, accepte, refuse, sans_suite",
    ("dossier", "archived"): "archived by an instructeur",
    ("dossier", "prefilled"): "it began with a prefilled link or draft",
    ("dossier", "date_depot"): "when it was deposited",
    ("dossier", "date_derniere_modification"): "when it was last modified",
    ("dossier", "date_traitement"): "when it was accepted, refused or classed; null before",
    ("path",): "the field with the problem: evenements[2].date",
    ("code",): "which problem: see the table of codes",
    ("severity",): "error: the dossier is invalid; warning: for a person to look at",
    ("message",): "the problem in words",
}
_WITHOUT_PATH: Mapping[str, str] = {
    "valid": "whether it has no error",
    "position": "the place in its dossier, from 0",
    "row_id": "the platform's own id of the row",
}


def tell_meaning(column: Column) -> str:
    """One line. For a field that no champ of the form feeds: its path in the JSON."""
    if labels := list(dict.fromkeys(" ".join(origin.label.split()) for origin in column.origins)):
        return " / ".join(labels)
    known = MEANINGS.get(column.path) if column.path else _WITHOUT_PATH.get(column.name)
    return known or ".".join(column.path)
