"""Prefilled places, as the platform takes them: takes what was sent, gives the value of a champ or None.

`prefill` hands over the kinds whose value comes from a register. At top level, unknown values are dropped,
with three exceptions: a commune's postal code stays without the commune; when a department does not have the
EPCI, the department stays; an unknown address stays as its label. In rows only communes are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ds_bridge.sandbox.dossiers import Value
from ds_bridge.sandbox.geography import (
    Place,
    find_address,
    find_communes,
    find_epci,
    read_country,
    read_department,
    read_region,
    within,
)

Given: TypeAlias = Any
PlaceReader: TypeAlias = Callable[[Given, bool], Value | None]

_PARTS = 2


def _read_named(read: Callable[[str], Place | None]) -> PlaceReader:
    """Regions, departments, countries. A JSON number is no code: 11 is not "11"."""

    def reader(given: Given, checked: bool) -> Place | None:
        place = read(given) if isinstance(given, str) else None
        if place is None or (checked and None in place.values()):
            return None
        return place

    return reader


def _read_commune(given: Given, _checked: bool) -> Place | None:
    if not isinstance(given, list) or not given or not isinstance(given[0], str):
        return None
    there = find_communes(given[0])
    if not there:
        return None
    if len(given) < _PARTS:
        return {"name": None, "code": None, "postal_code": given[0]}
    return next((commune for commune in there if commune["code"] == given[1]), None)


def _read_epci(given: Given, checked: bool) -> Place | None:
    if not isinstance(given, list) or not given or not isinstance(given[0], str):
        return None
    department = within(given[0])
    if checked and department["department_name"] is None:
        return None
    code = given[1] if len(given) >= _PARTS and isinstance(given[1], str) else ""
    return find_epci(given[0], code) or {"name": None, "code": None, **department}


def _read_address(given: Given, _checked: bool) -> Place | None:
    return (find_address(given) or {"label": given}) if isinstance(given, str) else None


PLACE_READERS: Mapping[str, PlaceReader] = {
    "region": _read_named(read_region),
    "departement": _read_named(read_department),
    "pays": _read_named(read_country),
    "commune": _read_commune,
    "epci": _read_epci,
    "address": _read_address,
}
