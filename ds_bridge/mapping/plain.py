"""Champs only: a dossier of a démarche without a model, as JSON anyone can read by id.

Headers and explications hold nothing and are left out. A champ of a new kind is kept as it came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from ds_bridge.api.champs import (
    Champ,
    ExplicationChamp,
    HeaderSectionChamp,
    KnownChamp,
    LinkedDropDownListChamp,
    RepetitionChamp,
    UnknownChamp,
)
from ds_bridge.mapping.anomalies import ONLY_TEXT, Anomaly
from ds_bridge.mapping.odd import describe_unknown
from ds_bridge.mapping.values import is_too_large, keep_text, read_value


def list_champs(champs: Iterable[Champ], path: str = "") -> tuple[tuple[dict[str, Any], ...], list[Anomaly]]:
    """Each champ as `{"id", "label", "typename", "value"}`, a block with `rows` in place of `value`."""
    listed: list[dict[str, Any]] = []
    anomalies: list[Anomaly] = []
    for champ in champs:
        if isinstance(champ, (HeaderSectionChamp, ExplicationChamp)):
            continue
        where = f"{path}champs[{len(listed)}]"
        entry: dict[str, Any] = {
            "id": champ.champ_descriptor_id or champ.id,
            "label": champ.label,
            "typename": champ.typename,
        }
        if isinstance(champ, RepetitionChamp):
            entry["rows"] = []
            for position, row in enumerate(champ.rows):
                inner, found = list_champs(row.champs, f"{where}.rows[{position}].")
                entry["rows"].append({"id": row.id, "champs": list(inner)})
                anomalies += found
        elif isinstance(champ, UnknownChamp):
            anomalies.append(describe_unknown(champ, where))
            entry["value"] = _keep(champ)
        else:
            entry["value"] = _write(champ)
            if entry["value"] is None and (kept := keep_text(champ)) is not None:
                anomalies.append(ONLY_TEXT.at(where, f"{champ.typename}: {ONLY_TEXT.meaning}"))
                entry["value"] = _write_value(kept)
        listed.append(entry)
    return tuple(listed), anomalies


def _keep(champ: UnknownChamp) -> dict[str, Any]:
    """The keys that came beside the usual ones, the text for people included."""
    extra = to_jsonable_python(champ.model_extra or {})
    return {"stringValue": champ.string_value, **without_addresses(extra)}


def without_addresses(content: Any) -> Any:
    """The content without addresses of files: they live one hour, and would make each pull differ."""
    if isinstance(content, dict):
        return {key: without_addresses(value) for key, value in content.items() if key != "url"}
    if isinstance(content, list):
        return [without_addresses(value) for value in content]
    return content


def _write(champ: KnownChamp) -> Any:
    if isinstance(champ, LinkedDropDownListChamp):
        parts = {"primary": champ.primary_value or None, "secondary": champ.secondary_value or None}
        return parts if any(parts.values()) else None
    return _write_value(read_value(champ))


def _write_value(value: Any) -> Any:
    if is_too_large(value):
        return str(value)
    if isinstance(value, tuple):
        return [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else to_jsonable_python(value)
