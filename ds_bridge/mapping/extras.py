"""Extras: what a démarche's options brought beside the champs, as JSON, each under its own key.

Annotations are listed as champs are. Addresses of files are left out: they live one hour.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ds_bridge.api.records import Dossier
from ds_bridge.mapping.anomalies import Anomaly
from ds_bridge.mapping.plain import list_champs, without_addresses

_LISTS = ("avis", "messages", "traitements", "labels", "instructeurs")
_SINGLE = (
    "groupe_instructeur",
    "attestation",
    "motivation_attachment",
    "date_derniere_correction_en_attente",
)

EXTRA_KEYS = ("annotations", *_LISTS, *_SINGLE)
"""Keys that a document without a model may have after `champs`."""


def list_extras(dossier: Dossier) -> tuple[dict[str, Any], list[Anomaly]]:
    """The extras that the dossier has (`annotations`, `avis`, `messages`…), and the anomalies of annotations.

    A part that cannot be read stays in its place as it came.
    """
    extras: dict[str, Any] = {}
    anomalies: list[Anomaly] = []
    if dossier.annotations is not None:
        annotations, anomalies = list_champs(dossier.annotations, "annotations.")
        extras["annotations"] = list(annotations)
    for name in (*_LISTS, *_SINGLE):
        if name in dossier.model_fields_set and (name not in _LISTS or getattr(dossier, name) is not None):
            extras[name] = _write(getattr(dossier, name))
    for unread in dossier.unread:
        name, _, place = unread.path.rstrip("]").partition("[")
        if place and name in extras:
            extras[name].insert(int(place), without_addresses(unread.node))
        elif name in EXTRA_KEYS:
            extras[name] = without_addresses(unread.node)
    return extras, anomalies


def _write(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    if isinstance(value, BaseModel):
        return without_addresses(value.model_dump(mode="json"))
    return None if value is None else value.isoformat()
