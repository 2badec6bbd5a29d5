"""Companies of an invented register, made from their SIRET alone."""

from __future__ import annotations

from typing import Any

_NAMES = ("CLIC & CO", "ATELIERS DU NUMÉRIQUE", "L'ÉTINCELLE", "RÉSEAU D'ICI", "COOPÉRATIVE DES USAGES")
_CITIES = (
    ("Évry-Courcouronnes", "91228", "91000", "Essonne", "91", "Île-de-France", "11"),
    ("Saint-Étienne", "42218", "42000", "Loire", "42", "Auvergne-Rhône-Alpes", "84"),
    ("L'Haÿ-les-Roses", "94038", "94240", "Val-de-Marne", "94", "Île-de-France", "11"),
    ("Nîmes", "30189", "30000", "Gard", "30", "Occitanie", "76"),
)


def describe_company(siret: str) -> dict[str, Any]:
    """Its address, its own fields and its company's, in the API's names."""
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
