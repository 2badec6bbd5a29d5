"""The inverse of mapping, for tests: takes a report, gives the raw GraphQL dossier that the platform would
send."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ds_bridge.cra import CompteRendu, DossierHeader
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId, encode_typed_id
from ds_bridge.mapping import DomainModel, Plan
from ds_bridge.mapping.plan import Reader

PARIS = dt.timezone(dt.timedelta(hours=2))
HEADER = DossierHeader(
    demarche=82349,
    number=1234,
    state="en_construction",
    archived=False,
    prefilled=True,
    date_depot=dt.datetime(2024, 5, 30, 10, 15, tzinfo=PARIS),
    date_derniere_modification=dt.datetime(2024, 5, 30, 10, 15, tzinfo=PARIS),
)

# Champs the platform leaves out when they do not apply.
CONDITIONAL = frozenset(
    {
        "evenements",
        "evenements.organisateurs_detail",
        "evenements.type_precision",
        "partenariats",
        "partenariats.structure_detail",
        "partenariats.natures_precision",
        "accompagnements",
        "accompagnements.problematiques_precision",
        "accompagnements.actions_precision",
        "temps_reparti",
        "temps_communication",
        "temps_animation",
    }
)
CIBLES = {"structure": "Une/des structure(s)", "mediateur": "Un(e)/des médiateur(trice/s) numérique(s)"}

_TYPENAMES = {
    "text": "TextChamp",
    "textarea": "TextChamp",
    "email": "TextChamp",
    "drop_down_list": "DropDownListChamp",
    "multiple_drop_down_list": "MultipleDropDownListChamp",
    "integer_number": "IntegerNumberChamp",
    "date": "DateChamp",
    "checkbox": "CheckboxChamp",
    "header_section": "HeaderSectionChamp",
    "explication": "ExplicationChamp",
    "repetition": "RepetitionChamp",
}


def to_raw(report: CompteRendu, plan: Plan, form: Form) -> dict[str, Any]:
    """The dossier as `queries/` would receive it: every champ of the form that applies, in its order."""
    header = report.dossier
    values = read_names(report, plan.reader, "")
    return {
        "id": encode_typed_id("Dossier", header.number),
        "number": header.number,
        "state": header.state,
        "archived": header.archived,
        "prefilled": header.prefilled,
        "dateDepot": header.date_depot.isoformat(),
        "dateDerniereModification": header.date_derniere_modification.isoformat(),
        "dateTraitement": None if header.date_traitement is None else header.date_traitement.isoformat(),
        "usager": {"email": "depot@example.org"},
        "demandeur": {"__typename": "PersonnePhysique", "civilite": "Mme", "nom": "N", "prenom": "P"},
        "demarche": {"number": header.demarche, "revision": {"id": "UmV2"}},
        "champs": _write_champs(form.fields, plan, values, None),
    }


def read_names(value: DomainModel, reader: Reader, prefix: str) -> dict[str, Any]:
    """Configuration name → value, groups flattened; rows of blocks as dictionaries of the same."""
    values: dict[str, Any] = {source.name: getattr(value, source.attribute) for source in reader.sources}
    for attribute, group in reader.groups:
        values |= read_names(getattr(value, attribute), group, prefix)
    for block in reader.blocks:
        readers = {variant.model: variant for _, variant in block.variants}
        rows = getattr(value, block.attribute)
        values[block.name] = [read_names(row, readers[type(row)], f"{block.name}.") for row in rows]
    return values


def _write_champs(
    fields: tuple[Field, ...], plan: Plan, values: dict[str, Any], row: str | None
) -> list[dict[str, Any]]:
    champs = []
    for field in fields:
        assert field.number is not None
        name = plan.feeds.get(field.number, (None,))[0]
        if name is None or name in values:
            value = values.get(name) if name else None
            if not (name in CONDITIONAL and value in (None, (), [])):
                champs.append(_write_champ(field, plan, value, row))
    return champs


def _write_champ(field: Field, plan: Plan, value: Any, row: str | None) -> dict[str, Any]:
    assert field.number is not None
    if field.label == "J'ai accompagné":
        value = CIBLES[value]
    return {
        "__typename": _TYPENAMES[field.kind],
        "id": ChampId(field.number, row).encode(),
        "champDescriptorId": ChampId(field.number).encode(),
        "label": field.label,
        "stringValue": "for people, never read",
        "updatedAt": "2024-05-30T10:15:00+02:00",
        "prefilled": False,
        **_write_value(field, plan, value),
    }


def _write_value(field: Field, plan: Plan, value: Any) -> dict[str, Any]:
    match field.kind:
        case "text" | "textarea" | "email" | "drop_down_list":
            return {"value": value[0] if isinstance(value, tuple) and value else value or None}
        case "multiple_drop_down_list":
            return {"values": list(value)}
        case "integer_number":
            return {"integer": None if value is None else str(value)}
        case "date":
            return {"date": None if value is None else value.isoformat()}
        case "checkbox":
            return {"checked": bool(value)}
        case "repetition":
            return {"rows": [_write_row(field, plan, row, at) for at, row in enumerate(value or ())]}
        case "header_section":
            return {"level": 1}
        case _:
            return {}


def _write_row(field: Field, plan: Plan, row: dict[str, Any], position: int) -> dict[str, Any]:
    row_id = f"01HROW{position:020d}"
    return {"id": row_id, "champs": _write_champs(field.fields, plan, row, row_id)}
