"""The JSON Schema (2020-12) of a dump's objects: of each line of `ndjson`, each item of `json`.

Made from the model alone, without the store or the platform. Pseudonymised dumps follow it too: hidden values
are null or empty, and `pseudonyme` may stand after `dossier`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from ds_bridge.dump.pseudonyms import PATTERN
from ds_bridge.mapping import Anomaly, DomainModel, DossierHeader
from ds_bridge.mapping.extras import EXTRA_KEYS
from ds_bridge.tables.by_champ import TYPES
from ds_bridge.tables.layout import PSEUDONYM

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/$defs/{model}"
_UNMAPPED = "NonLu"
_TEXT_TYPENAMES = ("TextChamp", "DropDownListChamp", "CiviliteChamp")


class _Written(GenerateJsonSchema):
    """The schema of what pydantic writes: every key is present, whatever its default."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Always."""
        del field, total
        return True

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """The schema without `default`, which says what a reader may leave out: nothing may be left out."""
        return self.generate_inner(cast(CoreSchema, schema["schema"]))


def schema_of_model(model: type[DomainModel], title: str) -> dict[str, Any]:
    """The schema of a démarche mapped to this model."""
    definitions: dict[str, Any] = {}
    mapped = _take(definitions, model)
    described = definitions[mapped]
    properties = {"dossier": {"$ref": _refer(_take(definitions, DossierHeader))}, **described["properties"]}
    _loosen_tags(definitions)
    definitions[mapped] = described | _complete(properties, definitions)
    return _finish(title, mapped, definitions)


def schema_of_champs(title: str) -> dict[str, Any]:
    """The schema of any démarche without a model: champs by id, label and type."""
    definitions: dict[str, Any] = {}
    properties = {
        "dossier": {"$ref": _refer(_take(definitions, DossierHeader))},
        "champs": {"type": "array", "items": {"$ref": _refer("Champ")}},
    }
    definitions["Champ"] = _describe_champ(definitions)
    definitions["Dossier"] = {"type": "object", "additionalProperties": False}
    definitions["Dossier"] |= _complete(properties, definitions)
    # The démarche's options add parts in the platform's own shape, only when they were asked for.
    definitions["Dossier"]["properties"] |= dict.fromkeys(EXTRA_KEYS, True)
    return _finish(title, "Dossier", definitions)


def _finish(title: str, mapped: str, definitions: dict[str, Any]) -> dict[str, Any]:
    header = definitions["DossierHeader"]["properties"]
    kept = ("demarche", "number", "state", "archived")
    unmapped = {
        "dossier": {
            "type": "object",
            "properties": {key: header[key] for key in kept},
            "required": list(kept),
            "additionalProperties": False,
        }
    }
    definitions[_UNMAPPED] = {
        "description": "A dossier that could not be mapped at all: its anomaly says why.",
        "type": "object",
        "additionalProperties": False,
    } | _complete(unmapped, definitions)
    return {
        "$schema": DIALECT,
        "title": title,
        "anyOf": [{"$ref": _refer(mapped)}, {"$ref": _refer(_UNMAPPED)}],
        "$defs": dict(sorted(definitions.items())),
    }


def _complete(properties: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """`properties` and `required`, with what every object has after its content."""
    anomalies = {"type": "array", "items": {"$ref": _refer(_take(definitions, Anomaly))}}
    return {
        "properties": {
            **properties,
            PSEUDONYM: {
                "description": "Who filed; only in a pseudonymised dump.",
                "anyOf": [{"type": "string", "pattern": PATTERN}, {"type": "null"}],
            },
            "anomalies": anomalies,
        },
        "required": [*properties, "anomalies"],
    }


def _take(definitions: dict[str, Any], model: type[BaseModel]) -> str:
    """Add a model's schema and those that it uses. Returns its name."""
    schema = _generate(model)
    definitions.update(schema.pop("$defs", {}))
    name = model.__name__
    if schema != {"$ref": _refer(name)}:
        definitions[name] = schema
    return name


def _generate(annotation: Any) -> dict[str, Any]:
    return TypeAdapter(annotation).json_schema(
        mode="serialization", by_alias=False, ref_template=_REFERENCE, schema_generator=_Written
    )


def _refer(name: str) -> str:
    return _REFERENCE.format(model=name)


def _loosen_tags(definitions: dict[str, Any]) -> None:
    """Allow a null tag: a row of an unknown sort has the shape that fits."""
    for union in list(_walk_unions(definitions)):
        tag = union.pop("discriminator")["propertyName"]
        union["anyOf"] = union.pop("oneOf")
        for variant in union["anyOf"]:
            properties = definitions[variant["$ref"].rsplit("/", 1)[-1]]["properties"]
            if "anyOf" not in properties[tag]:
                properties[tag] = {"anyOf": [properties[tag], {"type": "null"}]}


def _walk_unions(value: Any) -> Any:
    if isinstance(value, dict):
        if "discriminator" in value and "oneOf" in value:
            yield value
        for inner in value.values():
            yield from _walk_unions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk_unions(inner)


def _describe_champ(definitions: dict[str, Any]) -> dict[str, Any]:
    """Any champ: its `typename` decides the type of its `value`; a block has `rows` instead.

    A champ that this version cannot read is kept as it came, so any `typename` may have that shape.
    """
    definitions["Kept"] = {
        "description": "A champ of a new kind, or one that breaks the platform's schema, as it came.",
        "type": "object",
        "properties": {"stringValue": {"type": ["string", "null"]}},
        "required": ["stringValue"],
    }
    definitions["Row"] = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "champs": {"type": "array", "items": {"$ref": _refer("Champ")}},
        },
        "required": ["id", "champs"],
        "additionalProperties": False,
    }
    optional = {"type": ["string", "null"]}
    branches = list(_describe_values(definitions))
    known = [name for branch in branches for name in branch["if"]["properties"]["typename"]["enum"]]
    return {
        "type": "object",
        "properties": {
            "id": optional,
            "label": optional,
            "typename": {"type": "string"},
            "value": True,
            "rows": {"type": "array", "items": {"$ref": _refer("Row")}},
        },
        "required": ["id", "label", "typename"],
        "oneOf": [{"required": ["value"]}, {"required": ["rows"]}],
        "additionalProperties": False,
        "allOf": [*branches, _branch({"not": {"enum": known}}, [])],
    }


def _describe_values(definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The types of `value` by `typename`; champs with the same type of value stand together."""
    names: dict[str, list[str]] = {}
    values: dict[str, dict[str, Any]] = {}
    for typename, annotation in _champ_types().items():
        value = _generate(annotation)
        definitions.update(value.pop("$defs", {}))
        key = json.dumps(value, sort_keys=True)
        names.setdefault(key, []).append(typename)
        values[key] = value
    for key, value in values.items():
        yield _branch({"enum": sorted(names[key])}, [value])
    block = _branch({"enum": ["RepetitionChamp"]}, [])
    del block["then"]["properties"]["rows"]
    yield block


def _branch(typename: dict[str, Any], values: list[dict[str, Any]]) -> dict[str, Any]:
    value = {"anyOf": [*values, {"type": "null"}, {"$ref": _refer("Kept")}]}
    return {
        "if": {"properties": {"typename": typename}},
        "then": {"properties": {"value": value, "rows": False}},
    }


def _champ_types() -> dict[str, Any]:
    """GraphQL type → the type of its `value`, from the layout's own table of kinds."""
    types: dict[str, Any] = dict.fromkeys(_TEXT_TYPENAMES, str)
    for kind, annotation in TYPES.items():
        typename = _TYPENAMES.get(kind, "".join(word.title() for word in kind.split("_")) + "Champ")
        types[typename] = annotation
    # A number beyond 64 bits, and a link to no dossier number, are text.
    return types | {"IntegerNumberChamp": int | str, "DossierLinkChamp": int | str}


_TYPENAMES = {"number": "IntegerNumberChamp", "rna": "RNAChamp", "rnf": "RNFChamp"}
