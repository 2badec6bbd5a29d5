"""Recorded champs as the values that the World keeps: the way back from what the API shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.dossiers import Row


def read_values(champs: list[dict[str, Any]]) -> dict[int, Any]:
    """Stable number → value, of the champs that hold one."""
    values = {}
    for champ in champs:
        value = _READERS.get(champ["__typename"], _read_plain)(champ)
        if (value is not None and value != []) or champ["__typename"] == "RepetitionChamp":
            values[ChampId.parse(champ["champDescriptorId"]).stable] = value
    return values


def _read_plain(champ: Mapping[str, Any]) -> Any:
    return champ.get("value")


def _take(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda champ: champ.get(name)


def _read_integer(champ: Mapping[str, Any]) -> Any:
    return None if champ["integer"] is None else int(champ["integer"])


def _read_linked(champ: Mapping[str, Any]) -> Any:
    return [champ["primaryValue"], champ["secondaryValue"]] if champ["primaryValue"] else None


def _read_named(name: str) -> Callable[[Mapping[str, Any]], Any]:
    def read(champ: Mapping[str, Any]) -> Any:
        place = champ[name]
        if place is None:
            return None
        inside = champ.get("departement") or {}
        return {
            "name": place["name"],
            "code": place["code"],
            "postal_code": place.get("postalCode"),
            "department_name": inside.get("name"),
            "department_code": inside.get("code"),
        }

    return read


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def _read_address(address: Mapping[str, Any] | None) -> Any:
    return None if address is None else {_snake(name): part for name, part in address.items()}


def _read_siret(champ: Mapping[str, Any]) -> Any:
    """A number whose company the platform could not fetch keeps it apart."""
    if not champ["stringValue"]:
        return None
    found = champ["etablissement"]
    company = None
    if found is not None:
        company = {
            "address": _read_address(found["address"]),
            "fields": {name: found[name] for name in ("siegeSocial", "naf", "libelleNaf")},
            "entreprise": found["entreprise"],
            "association": found["association"],
        }
    return {"siret": champ["stringValue"], "company": company}


def _read_register(name: str) -> Callable[[Mapping[str, Any]], Any]:
    def read(champ: Mapping[str, Any]) -> Any:
        found = champ.get(name)
        if found is None:
            return None
        return {**found, "address": _read_address(found["address"])}

    return read


def _read_files(champ: Mapping[str, Any]) -> Any:
    return [
        {"filename": file["filename"], "content_type": file["contentType"], "text": "Pièce inventée\n"}
        for file in champ["files"]
    ]


def _read_areas(champ: Mapping[str, Any]) -> Any:
    return [
        {"description": area["description"], "source": area["source"], "geometry": area["geometry"]}
        for area in champ["geoAreas"]
    ]


def _read_rows(champ: Mapping[str, Any]) -> list[Row]:
    return [
        Row(base64.b64decode(row["id"]).decode().removeprefix("Row-"), read_values(row["champs"]))
        for row in champ["rows"]
    ]


def _read_link(champ: Mapping[str, Any]) -> Any:
    return int(champ["stringValue"]) if champ["stringValue"] else None


def _read_engagement(champ: Mapping[str, Any]) -> Any:
    return champ["stringValue"] or None


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "IntegerNumberChamp": _read_integer,
    "DecimalNumberChamp": _take("decimal"),
    "DateChamp": _take("date"),
    "DatetimeChamp": _take("datetime"),
    "CheckboxChamp": _take("checked"),
    "YesNoChamp": _take("yesNo"),
    "CiviliteChamp": _take("civilite"),
    "MultipleDropDownListChamp": _take("values"),
    "LinkedDropDownListChamp": _read_linked,
    "CommuneChamp": _read_named("commune"),
    "DepartementChamp": _read_named("departement"),
    "RegionChamp": _read_named("region"),
    "PaysChamp": _read_named("pays"),
    "EpciChamp": _read_named("epci"),
    "AddressChamp": lambda champ: _read_address(champ["address"]),
    "SiretChamp": _read_siret,
    "RNAChamp": _read_register("rna"),
    "RNFChamp": _read_register("rnf"),
    "PieceJustificativeChamp": _read_files,
    "CarteChamp": _read_areas,
    "TitreIdentiteChamp": lambda champ: champ["filled"] or None,
    "EngagementJuridiqueChamp": _read_engagement,
    "DossierLinkChamp": _read_link,
    "RepetitionChamp": _read_rows,
}
