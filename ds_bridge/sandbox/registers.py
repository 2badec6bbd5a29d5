"""Registers: invents companies and associations from their numbers, and tells which numbers are valid.

Any valid SIRET or RNA number names one; the same number always names the same one.
"""

from __future__ import annotations

import re
from typing import Any

_SIRET = re.compile(r"[0-9]{14}")
_RNA = re.compile(r"W[0-9A-Z]{9}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{8,30}")
_LA_POSTE = "356000000"
_ASSOCIATIONS = ("La Croix « Verte »", "CLIC & LIEN", "Les Amis de l'Orge", "Numérique pour tous #1")

_NAMES = ("CLIC & CO", "ATELIERS DU NUMÉRIQUE", "L'ÉTINCELLE", "RÉSEAU D'ICI", "COOPÉRATIVE DES USAGES")
_CITIES = (
    ("Évry-Courcouronnes", "91228", "91000", "Essonne", "91", "Île-de-France", "11"),
    ("Saint-Étienne", "42218", "42000", "Loire", "42", "Auvergne-Rhône-Alpes", "84"),
    ("L'Haÿ-les-Roses", "94038", "94240", "Val-de-Marne", "94", "Île-de-France", "11"),
    ("Nîmes", "30189", "30000", "Gard", "30", "Occitanie", "76"),
)


def is_siret(text: str) -> bool:
    """Whether it is fourteen digits with the right key. La Poste's offices have another key."""
    if not _SIRET.fullmatch(text):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text)))
    if sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0:
        return True
    return text.startswith(_LA_POSTE) and sum(map(int, text)) % 5 == 0


def make_siret(siren: int) -> str:
    """The number of a company's first establishment, with its key."""
    return next(siret for key in range(10) if is_siret(siret := f"{siren:09d}0001{key}"))


def is_rna(text: str) -> bool:
    """Whether it is `W` followed by nine characters."""
    return _RNA.fullmatch(text) is not None


def is_iban(text: str) -> bool:
    """Whether it is an IBAN of any country with the right key. Blanks do not count."""
    compact = re.sub(r"\s", "", text)
    if not _IBAN.fullmatch(compact):
        return False
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def describe_association(rna: str) -> dict[str, Any]:
    """The number, title and address of an association; only the number when it is not valid."""
    if not is_rna(rna):
        return {"id": rna}
    key = sum(ord(letter) * place for place, letter in enumerate(rna, 1))
    return {"id": rna, "title": _ASSOCIATIONS[key % len(_ASSOCIATIONS)], "address": make_address(key)}


def describe_company(siret: str) -> dict[str, Any]:
    """The address of an establishment, its own fields and those of its company, by the API's names."""
    key = sum(int(digit) * place for place, digit in enumerate(siret, 1) if digit.isdigit())
    name = _NAMES[key % len(_NAMES)]
    address = make_address(key)
    siren = siret[:9]
    return {
        "address": address,
        "fields": {"siegeSocial": key % 3 > 0, "naf": "6201Z", "libelleNaf": "Programmation informatique"},
        "entreprise": {
            "siren": siren,
            "siretSiegeSocial": f"{siren}00017",
            "raisonSociale": name,
            "nomCommercial": name.title(),
            "formeJuridique": "SA à conseil d'administration (s.a.i.)",
            "formeJuridiqueCode": "5599",
            "etatAdministratif": "Actif",
            "capitalSocial": str(1000 * (key + 1)),
            "codeEffectifEntreprise": "12",
            "dateCreation": f"{1990 + key % 30}-03-01",
            "inlineAdresse": f"{name}, {address['label']}",
        },
    }


def make_address(key: int) -> dict[str, Any]:
    """An address of the national base, in snake case."""
    city, code, postal, department, department_code, region, region_code = _CITIES[key % len(_CITIES)]
    number = str(1 + key % 90)
    street = "Rue de l'Église" if key % 2 else "Avenue Général de Gaulle"
    return {
        "label": f"{number} {street} {postal} {city}",
        "type": "housenumber",
        "street_address": f"{number} {street}",
        "street_number": number,
        "street_name": street,
        "postal_code": postal,
        "city_name": city,
        "city_code": code,
        "department_name": department,
        "department_code": department_code,
        "region_name": region,
        "region_code": region_code,
        "country_name": "France",
        "country_code": "FR",
    }
