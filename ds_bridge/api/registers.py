"""Persons and places as national registers describe them: what demandeurs and some champs hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ds_bridge.api.base import Record


class Named(Record):
    """Something of a national register: a name and its code."""

    name: str
    code: str | None = None


class Commune(Named):
    postal_code: str | None = None


class Address(Record):
    label: str
    type: str | None = None
    street_address: str | None = None
    street_number: str | None = None
    street_name: str | None = None
    postal_code: str | None = None
    city_name: str | None = None
    city_code: str | None = None
    department_name: str | None = None
    department_code: str | None = None
    region_name: str | None = None
    region_code: str | None = None
    country_name: str | None = None
    country_code: str | None = None


class Entreprise(Record):
    siren: str
    raison_sociale: str | None = None
    nom_commercial: str | None = None
    forme_juridique: str | None = None


class Association(Record):
    rna: str | None = None
    titre: str | None = None


class PersonneMorale(Record):
    typename: Literal["PersonneMorale"] = Field("PersonneMorale", alias="__typename")
    siret: str
    siege_social: bool | None = None
    naf: str | None = None
    libelle_naf: str | None = None
    address: Address | None = None
    entreprise: Entreprise | None = None
    association: Association | None = None


class PersonneMoraleIncomplete(Record):
    typename: Literal["PersonneMoraleIncomplete"] = Field(alias="__typename")
    siret: str


class PersonnePhysique(Record):
    typename: Literal["PersonnePhysique"] = Field(alias="__typename")
    civilite: str | None = None
    nom: str | None = None
    prenom: str | None = None
    email: str | None = None


class Rna(Record):
    id: str
    title: str | None = None
    address: Address | None = None
