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
    LinkedDropDownListChamp,
    RepetitionChamp,
    UnknownChamp,
)
from ds_bridge.mapping.anomalies import MALFORMED, UNKNOWN_KIND, Anomaly
from ds_bridge.mapping.values import is_malformed, is_too_large, read_value


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
            code = MALFORMED if is_malformed(champ) else UNKNOWN_KIND
            anomalies.append(code.at(where, f"{champ.typename}: {code.meaning}"))
            entry["value"] = _keep(champ)
        else:
            entry["value"] = _write(champ)
        listed.append(entry)
    return tuple(listed), anomalies


def _keep(champ: UnknownChamp) -> dict[str, Any]:
    """What came beside the usual keys, the text for people included."""
    extra = to_jsonable_python(champ.model_extra or {})
    return {"stringValue": champ.string_value, **_without_urls(extra)}


def _without_urls(content: Any) -> Any:
    # A file's address lives one hour: kept, it would make the same dossier differ at every pull.
    if isinstance(content, dict):
        return {key: _without_urls(value) for key, value in content.items() if key != "url"}
    if isinstance(content, list):
        return [_without_urls(value) for value in content]
    return content


def _write(champ: Champ) -> Any:
    if isinstance(champ, LinkedDropDownListChamp):
        return {"primary": champ.primary_value, "secondary": champ.secondary_value}
    value: Any = read_value(champ)  # type: ignore[arg-type]  # unknown champs were told apart by the caller
    if is_too_large(value):
        return str(value)
    if isinstance(value, tuple):
        return [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else to_jsonable_python(value)
