"""Geography: takes a code, a name or a label of a place, gives the value of a champ.

A place is a dict with `name` and `code`. A commune also has its `postal_code`; a commune and an EPCI have
their department; an address has all its parts. As in the platform's champs, an unknown code or name leaves
the other one None: a check must look at both.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, TypeAlias

from ds_bridge.sandbox.countries import COUNTRIES
from ds_bridge.sandbox.places import (
    ADDRESSES,
    COMMUNES,
    DEPARTMENT_REGIONS,
    DEPARTMENTS,
    EPCIS,
    REGIONS,
)
from ds_bridge.sandbox.registers import make_address

Place: TypeAlias = dict[str, Any]

ABROAD = {"99": "Etranger"}
# As many as `make_address` makes before it starts again.
_MADE_ADDRESSES = 180


def read_region(text: str) -> Place:
    """By code (two characters) or exact name."""
    return _read_coded(text, REGIONS, (2,))


def read_department(text: str) -> Place:
    """By number (two or three characters, so that "Ain" is taken for one) or exact name."""
    return _read_coded(text, {**DEPARTMENTS, **ABROAD}, (2, 3))


def read_country(text: str) -> Place | None:
    """By ISO code (two characters) or name, whatever its case and accents; None for another name."""
    if len(text) == 2:
        return {"name": COUNTRIES.get(text), "code": text}
    code = _country_codes().get(_simplify(text))
    return None if code is None else {"name": COUNTRIES[code], "code": code}


def find_communes(postal_code: str) -> list[Place]:
    """The communes with this postal code."""
    return [commune for commune in list_communes() if commune["postal_code"] == postal_code]


def find_epci(department: str, code: str) -> Place | None:
    return next(
        (epci for epci in list_epcis() if (epci["department_code"], epci["code"]) == (department, code)),
        None,
    )


def find_address(label: str) -> Place | None:
    """The address with this exact label."""
    found = _addresses().get(label)
    return None if found is None else dict(found)


def within(department: str) -> Place:
    """The keys that say in which department a place lies."""
    return {"department_name": DEPARTMENTS.get(department), "department_code": department}


@cache
def list_communes() -> tuple[Place, ...]:
    return tuple(
        {"name": name, "code": code, "postal_code": postal_code, **within(department)}
        for department, code, name, postal_code in COMMUNES
    )


@cache
def list_epcis() -> tuple[Place, ...]:
    return tuple({"name": name, "code": code, **within(department)} for department, code, name in EPCIS)


@cache
def list_addresses() -> tuple[Place, ...]:
    """The addresses that are proposed; `find_address` knows a few more."""
    return tuple(_write_address(*parts) for parts in ADDRESSES)


def _write_address(
    number: str | None, street: str, postal_code: str, city_code: str, city_name: str
) -> Place:
    department = next(department for department, code, *_ in COMMUNES if code == city_code)
    region = DEPARTMENT_REGIONS[department]
    street_address = f"{number} {street}" if number else street
    return {
        "label": f"{street_address} {postal_code} {city_name}",
        "type": "housenumber" if number else "locality",
        "street_address": street_address,
        "street_number": number,
        "street_name": street if number else None,
        "postal_code": postal_code,
        "city_name": city_name,
        "city_code": city_code,
        **within(department),
        "region_name": REGIONS[region],
        "region_code": region,
        "country_name": "France",
        "country_code": "FR",
    }


@cache
def _addresses() -> dict[str, Place]:
    made = [make_address(key) for key in range(_MADE_ADDRESSES)]
    return {address["label"]: address for address in (*made, *list_addresses())}


def _read_coded(text: str, names: dict[str, str], code_lengths: tuple[int, ...]) -> Place:
    if len(text) in code_lengths:
        return {"name": names.get(text), "code": text}
    code = next((code for code, name in names.items() if name == text), None)
    return {"name": text, "code": code}


@cache
def _country_codes() -> dict[str, str]:
    return {_simplify(name): code for code, name in COUNTRIES.items()}


def _simplify(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
