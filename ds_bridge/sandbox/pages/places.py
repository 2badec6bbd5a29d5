"""Places: champs filled from a register: turns the text of an input into a champ's value, and back.

Regions, departments and countries are drop-down lists. For communes, EPCI and addresses a person types the
beginning of the label; the input holds the label.
"""

from __future__ import annotations

from ds_bridge.sandbox.countries import COUNTRIES
from ds_bridge.sandbox.dossiers import Value
from ds_bridge.sandbox.geography import (
    ABROAD,
    Place,
    find_address,
    list_addresses,
    list_communes,
    list_epcis,
    read_country,
    read_department,
    read_region,
)
from ds_bridge.sandbox.places import DEPARTMENTS, REGIONS

LISTED_KINDS = frozenset({"region", "departement", "pays"})
SEARCHED_KINDS = frozenset({"commune", "epci", "address"})
PLACE_KINDS = LISTED_KINDS | SEARCHED_KINDS


def list_places(kind: str) -> list[tuple[str, str]]:
    """Code and label of each place, for a kind with a list."""
    if kind == "departement":
        return [(code, f"{code} – {name}") for code, name in {**DEPARTMENTS, **ABROAD}.items()]
    names = REGIONS if kind == "region" else COUNTRIES
    return sorted(names.items(), key=lambda pair: pair[1])


def suggest_places(kind: str) -> list[str]:
    """Labels to choose from, for a kind without a list."""
    found = {"commune": list_communes, "epci": list_epcis, "address": list_addresses}[kind]()
    return sorted(write_place(kind, place) for place in found)


def write_place(kind: str, place: Value | None) -> str:
    """The text of the input: a code for a list, else a label. Empty for a place that is not whole."""
    if place is None:
        return ""
    if kind == "address":
        return str(place["label"])
    if place["name"] is None or place["code"] is None:
        return ""
    if kind == "commune":
        return f"{place['name']} ({place['postal_code']})"
    if kind == "epci":
        return f"{place['name']} ({place['department_code']})"
    return str(place["code"])


def read_place(kind: str, text: str) -> Place | None:
    """The place of an input's text; None when there is none. An address may be any text."""
    if kind == "address":
        return find_address(text) or {"label": text}
    if kind in SEARCHED_KINDS:
        known = list_communes() if kind == "commune" else list_epcis()
        return next((place for place in known if write_place(kind, place) == text), None)
    read = {"region": read_region, "departement": read_department, "pays": read_country}[kind]
    place = read(text)
    return None if place is None or None in place.values() else place


def is_whole(place: Value) -> bool:
    """Whether a prefilled place is whole: not a postal code or a department alone, nor an unknown code."""
    return "label" in place or (place["name"] is not None and place["code"] is not None)
