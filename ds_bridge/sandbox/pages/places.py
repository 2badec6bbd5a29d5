"""Champs filled from a register: what an input holds to and from the value of a champ.

Regions, departments and countries are lists to unfold; communes, EPCI and addresses are looked for by writing
the beginning of their label, which is what the input holds.
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
    """Code and label of each place of a kind that is listed."""
    if kind == "departement":
        return [(code, f"{code} – {name}") for code, name in {**DEPARTMENTS, **ABROAD}.items()]
    names = REGIONS if kind == "region" else COUNTRIES
    return sorted(names.items(), key=lambda pair: pair[1])


def suggest_places(kind: str) -> list[str]:
    """Labels of a kind that is looked for, to choose from."""
    found = {"commune": list_communes, "epci": list_epcis, "address": list_addresses}[kind]()
    return sorted(write_place(kind, place) for place in found)


def write_place(kind: str, place: Value | None) -> str:
    """What the input holds: a code in a list, else a label. Empty for a place that is not whole."""
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
    """The place an input holds; None when there is none. An address may be any text."""
    if kind == "address":
        return find_address(text) or {"label": text}
    if kind in SEARCHED_KINDS:
        known = list_communes() if kind == "commune" else list_epcis()
        return next((place for place in known if write_place(kind, place) == text), None)
    read = {"region": read_region, "departement": read_department, "pays": read_country}[kind]
    place = read(text)
    return None if place is None or None in place.values() else place


def is_whole(place: Value) -> bool:
    """Whether a prefilled place names one: not a postal code or a department alone, nor an unknown code."""
    return "label" in place or (place["name"] is not None and place["code"] is not None)
