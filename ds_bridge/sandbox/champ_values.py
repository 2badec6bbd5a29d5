"""The value of a champ as the API shows it: takes kind and value, gives the fields of the champ's type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ds_bridge.sandbox.kinds import RICHER
from ds_bridge.sandbox.node import PARIS, Node, typed_id
from ds_bridge.sandbox.prefill_screens import read_day
from ds_bridge.sandbox.registers import describe_association, describe_company, is_siret
from ds_bridge.sandbox.request import PlatformCrash

Fields: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Any], Fields]

_LEADING_INTEGER = re.compile(r"\s*([+-]?[0-9]+)")
_LEADING_DECIMAL = re.compile(r"\s*([+-]?[0-9]+(\.[0-9]+)?)")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def read_value(kind: str, typename: str, value: Any) -> Fields:
    """The fields that only this type of champ has. `value` None: the champ is blank."""
    if typename == "TextChamp" and kind in RICHER and kind != "drop_down_list":
        text = _name_of(value)
        return {"value": text, "stringValue": text or ""}
    if typename == "DateChamp":
        return _read_date(value)
    reader = _READERS.get(kind, _read_text)
    fields = reader(value)
    if typename == "CheckboxChamp":
        fields["value"] = bool(fields["value"])
    return fields


def _read_text(value: Any) -> Fields:
    return {"value": value or None, "stringValue": value or ""}


def _read_iban(value: Any) -> Fields:
    return {"value": value, "stringValue": "".join((value or "").split())}


def _read_checkbox(value: Any) -> Fields:
    """A text other than `true` or `1` counts as not ticked."""
    spoken = "true" if value is True else "false"
    return {"value": value is True or value == "1", "stringValue": spoken}


def _read_yes_no(value: Any) -> Fields:
    if value is None:
        return {"value": None, "stringValue": ""}
    return {"value": value is True, "stringValue": "true" if value is True else "false"}


def _read_integer(value: Any) -> Fields:
    """A text is read as a number up to the first character that does not fit."""
    if isinstance(value, str):
        digits = _LEADING_INTEGER.match(value)
        return {"value": str(int(digits[1])) if digits else "0", "stringValue": value}
    text = None if value is None else str(value)
    return {"value": text, "stringValue": text or ""}


def _read_decimal(value: Any) -> Fields:
    if isinstance(value, str):
        digits = _LEADING_DECIMAL.match(value)
        return {"value": float(digits[1]) if digits else 0.0, "stringValue": value}
    return {"value": value, "stringValue": "" if value is None else str(value)}


def _read_date(value: Any) -> Fields:
    """A date; or a datetime when the query has no fragment for it."""
    if value is None:
        return {"date": None, "value": None, "stringValue": ""}
    day = read_day(value)
    if day is not None:
        value = day.isoformat()
    moment = dt.datetime.fromisoformat(value)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
    return {
        "date": value[:10],
        "value": aware.isoformat(timespec="seconds"),
        "stringValue": _say_datetime(aware) if "T" in value else _say_date(moment),
    }


def _read_datetime(value: Any) -> Fields:
    fields = _read_date(value)
    return {"datetime": fields["value"], "stringValue": fields["stringValue"]}


def _say_date(moment: dt.date) -> str:
    return f"{moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year}"


def _say_datetime(moment: dt.datetime) -> str:
    return f"{_say_date(moment)} {moment.hour:02d}h{moment.minute:02d}"


def _read_multiple(value: Any) -> Fields:
    options = list(value or ())
    return {"values": options, "stringValue": ", ".join(options)}


def _read_linked(value: Any) -> Fields:
    primary, secondary = (*(value or ()), "", "")[:2]
    spoken = " / ".join(part for part in (primary, secondary) if part)
    return {"primaryValue": primary, "secondaryValue": secondary, "stringValue": spoken}


def _read_civilite(value: Any) -> Fields:
    return {"value": value.rstrip(".") if value else None, "stringValue": value or ""}


def _read_title(value: Any) -> Fields:
    del value
    return {"stringValue": ""}


def _name_of(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        name: str | None = value.get("label") or value.get("name")
        return name
    return str(value)


def _place(typename: str, value: Mapping[str, Any] | None, prefix: str = "") -> Node | None:
    """A place with name and code. With a prefix: the place in which a commune or an EPCI lies. None without
    both."""
    if value is None or value.get(f"{prefix}name") is None or value.get(f"{prefix}code") is None:
        return None
    node = Node(__typename=typename, name=value[f"{prefix}name"], code=value[f"{prefix}code"])
    if typename == "Commune":
        node["postalCode"] = value.get("postal_code")
    return node


def _read_commune(value: Any) -> Fields:
    spoken = "" if value is None else f"{value['name'] or ''} ({value['postal_code']})"
    return {
        "commune": _place("Commune", value),
        "departement": _place("Departement", value, "department_"),
        "stringValue": spoken,
    }


def _read_departement(value: Any) -> Fields:
    spoken = "" if value is None else f"{value['code'] or ''} - {value['name'] or ''}"
    return {"departement": _place("Departement", value), "stringValue": spoken}


def _read_region(value: Any) -> Fields:
    return {"region": _place("Region", value), "stringValue": _name_of(value) or ""}


def _read_pays(value: Any) -> Fields:
    return {"pays": _place("Pays", value), "stringValue": _name_of(value) or ""}


def _read_epci(value: Any) -> Fields:
    return {
        "epci": _place("Epci", value),
        "departement": _place("Departement", value, "department_"),
        "stringValue": _name_of(value) or "",
    }


def _read_address(value: Any) -> Fields:
    if value is None or "city_code" not in value:  # nothing, or a label that no register knows
        return {"address": None, "commune": None, "departement": None, "stringValue": _name_of(value) or ""}
    return {"address": address_node(value), **_places_of(value), "stringValue": value["label"]}


def _places_of(address: Mapping[str, Any] | None) -> Fields:
    """The commune and the department of an address. An address abroad has no commune."""
    if address is None:
        return {"commune": None, "departement": None}
    commune = {name: address.get(f"city_{name}") or None for name in ("name", "code")}
    return {
        "commune": _place("Commune", {**commune, "postal_code": address.get("postal_code")}),
        "departement": _place("Departement", address, "department_"),
    }


def address_node(value: Mapping[str, Any]) -> Node:
    """An `Address` from its snake-case parts; missing parts are null."""
    node = Node(__typename="Address", type=value.get("type", "housenumber"))
    for field in _ADDRESS_FIELDS:
        node[_camel(field)] = value.get(field)
    return node


_ADDRESS_FIELDS = (
    *("label", "street_address", "street_number", "street_name", "postal_code", "city_name", "city_code"),
    *("department_name", "department_code", "region_name", "region_code", "country_name", "country_code"),
    "geometry",
)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _read_siret(value: Any) -> Fields:
    """The platform looks the company up: a number without a company leaves the champ blank.

    A value may hold its company itself: None when the platform could not fetch it.
    """
    if isinstance(value, Mapping):
        company = value["company"]
        node = None if company is None else company_node(value["siret"], company)
        return {"etablissement": node, "stringValue": value["siret"]}
    if value is None or not is_siret(value):
        return {"etablissement": None, "stringValue": ""}
    return {"etablissement": company_node(value), "stringValue": value}


def company_node(siret: str, company: Mapping[str, Any] | None = None) -> Node:
    """A `PersonneMorale`: the given company, else one invented from its SIRET (always the same one)."""
    company = describe_company(siret) if company is None else company
    address = address_node(company["address"])
    return Node(
        company["fields"],
        __typename="PersonneMorale",
        id=typed_id("Etablissement", siret),
        siret=siret,
        address=address,
        adresse=address["label"],
        codeInseeLocalite=address["cityCode"],
        codePostal=address["postalCode"],
        localite=address["cityName"],
        nomVoie=address["streetName"],
        numeroVoie=address["streetNumber"],
        entreprise=Node(company["entreprise"], __typename="Entreprise"),
        association=_write_association(company.get("association")),
    )


def _write_association(association: Mapping[str, Any] | None) -> Node | None:
    return None if association is None else Node(association, __typename="Association")


def _read_register(field: str, typename: str) -> Reader:
    def read(value: Any) -> Fields:
        if isinstance(value, str):
            value = describe_association(value)
        node = None
        if value is not None:
            address = value.get("address")
            node = Node(
                __typename=typename,
                id=value["id"],
                title=value.get("title"),
                address=None if address is None else address_node(address),
            )
        spoken = "" if value is None else value["id"]
        places = _places_of(value and value.get("address"))
        if typename == "RNA":  # the schema has it; the platform never fills it
            places = {"commune": _crash, "departement": _crash}
        return {field: node, **places, "stringValue": spoken}

    return read


def _crash(_info: Any) -> None:
    raise PlatformCrash


def _read_engagement(value: Any) -> Fields:
    amounts = {"montantEngage": "NotYetImplemented", "montantPaye": "NotYetImplemented"}
    node = None if value is None else Node(amounts, __typename="EngagementJuridique")
    return {"engagementJuridique": node, "stringValue": value or ""}


def _read_carte(value: Any) -> Fields:
    areas = [
        Node(
            __typename=_AREAS[area.get("source", "selection_utilisateur")],
            id=typed_id("GeoArea", number),
            source=area.get("source", "selection_utilisateur"),
            description=area.get("description"),
            geometry=Node(area["geometry"], __typename="GeoJSON"),
        )
        for number, area in enumerate(value or (), 1)
    ]
    return {"geoAreas": areas, "stringValue": None if areas else ""}


_AREAS = {"selection_utilisateur": "SelectionUtilisateur", "cadastre": "ParcelleCadastrale"}


def _read_titre(value: Any) -> Fields:
    filled = bool(value)
    return {"filled": filled, "grantType": "piece_justificative", "stringValue": None if filled else ""}


_READERS: Mapping[str, Reader] = {
    "iban": _read_iban,
    "checkbox": _read_checkbox,
    "yes_no": _read_yes_no,
    "integer_number": _read_integer,
    "number": _read_integer,
    "decimal_number": _read_decimal,
    "datetime": _read_datetime,
    "multiple_drop_down_list": _read_multiple,
    "linked_drop_down_list": _read_linked,
    "civilite": _read_civilite,
    "header_section": _read_title,
    "explication": _read_title,
    "commune": _read_commune,
    "departement": _read_departement,
    "region": _read_region,
    "pays": _read_pays,
    "epci": _read_epci,
    "address": _read_address,
    "siret": _read_siret,
    "rna": _read_register("rna", "RNA"),
    "rnf": _read_register("rnf", "RNF"),
    "engagement_juridique": _read_engagement,
    "carte": _read_carte,
    "titre_identite": _read_titre,
}
