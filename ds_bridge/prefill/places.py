"""Places: country, region, department, commune, EPCI, by the platform's registers. A family of kinds.

Codes are sent, never names: the platform compares names exactly, and takes any two or three letters for a
code (so the platform refuses the department "Ain", and this module does too).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ds_bridge.prefill.countries import list_countries, list_country_codes
from ds_bridge.prefill.identifiers import read_epci_code
from ds_bridge.prefill.names import simplify_name
from ds_bridge.prefill.refusals import ProblemCode, RefusedValueError
from ds_bridge.prefill.territories import (
    DEPARTEMENT_CODES,
    DEPARTEMENTS,
    REGION_CODES,
    REGIONS,
)

_POSTAL_CODE = re.compile(r"[0-9]{5}")
_COMMUNE_CODE = re.compile(r"(2[AB]|[0-9]{2})[0-9]{3}")
_SEPARATOR = re.compile(r"[\s,;/|-]+")
# Paris, Marseille, Lyon: the platform knows their arrondissements only.
_WHOLE_CITIES = frozenset({"75056", "13055", "69123"})
_OVERSEAS_DEPARTEMENTS = {"GP": "971", "MQ": "972", "GF": "973", "RE": "974", "YT": "976"}
_ACCEPTED_COMMUNE = "the postal code and the INSEE code are accepted together, like 91000 and 91228"


def read_country(text: str) -> str:
    """The ISO code of a country, from its code of two letters or its French name."""
    accepted = "an ISO code of two letters or a French name is accepted, like FR or Belgique"
    word = text.strip()
    if len(word) == 2:
        code = word.upper()
        if code in _OVERSEAS_DEPARTEMENTS:
            raise RefusedValueError(
                "bad_country",
                f"the platform has no country {code}, which is the department "
                f"{_OVERSEAS_DEPARTEMENTS[code]}: give FR",
            )
        if code in list_countries():
            return code
    found = list_country_codes().get(simplify_name(word))
    if found is None:
        raise RefusedValueError("bad_country", f"no such country: {accepted}")
    return found


def read_region(text: str) -> str:
    """The INSEE code of a region, from its code or its name."""
    return _read_code(
        text, REGIONS, REGION_CODES, "bad_region", "an INSEE code or a name is accepted, like 53 or Bretagne"
    )


def read_departement(text: str) -> str:
    """The number of a department, from its number or its name of more than three letters."""
    accepted = "its number is accepted, like 01, 2A or 974, or a name of more than three letters"
    word = text.strip()
    if word.isalpha() and len(word) <= 3:
        raise RefusedValueError(
            "bad_departement", "the platform reads two or three letters as a number: give the number itself"
        )
    return _read_code(word, DEPARTEMENTS, DEPARTEMENT_CODES, "bad_departement", accepted)


def read_commune(parts: Sequence[str]) -> list[str]:
    """Postal code and INSEE code of a commune. The platform checks whether they go together."""
    if len(parts) != 2:
        raise RefusedValueError("bad_commune", f"not two codes: {_ACCEPTED_COMMUNE}")
    postal, code = parts[0].strip(), parts[1].strip().upper()
    if not _POSTAL_CODE.fullmatch(postal):
        raise RefusedValueError(
            "bad_commune", f"the first is no postal code of 5 digits: {_ACCEPTED_COMMUNE}"
        )
    if not _COMMUNE_CODE.fullmatch(code) or _departement_of(code) not in DEPARTEMENTS:
        raise RefusedValueError("bad_commune", f"the second is no INSEE code: {_ACCEPTED_COMMUNE}")
    if code in _WHOLE_CITIES:
        raise RefusedValueError(
            "bad_commune",
            "the platform knows Paris, Marseille and Lyon by arrondissement: give the arrondissement's code",
        )
    return [postal, code]


def doubt_commune(codes: Sequence[str]) -> str | None:
    """A doubt when the postal code is of another department than the commune: few communes have one."""
    postal, departement = codes[0], _departement_of(codes[1])
    if postal.startswith("20" if departement in ("2A", "2B") else departement):
        return None
    return (
        "the platform drops a postal code that is not this commune's, and this one is of another department"
    )


def read_epci(parts: Sequence[str]) -> list[str]:
    """The number of a department and the code of an EPCI in it."""
    if len(parts) != 2:
        raise RefusedValueError(
            "bad_epci",
            "not two codes: the department's number and the EPCI's SIREN are accepted together, like 91 and "
            "200059228",
        )
    return [read_departement(parts[0]), read_epci_code(parts[1])]


def split_codes(text: str) -> list[str]:
    """`91000, 91228` as one text → its parts."""
    return [part for part in _SEPARATOR.split(text.strip()) if part]


def _read_code(
    text: str, names: Mapping[str, str], codes: Mapping[str, str], problem: ProblemCode, accepted: str
) -> str:
    word = text.strip().upper()
    if len(word) == 1 and word.isascii() and word.isdigit():
        word = f"0{word}"  # a spreadsheet makes 1 of 01
    if word in names:
        return word
    found = codes.get(simplify_name(text))
    if found is None:
        raise RefusedValueError(problem, f"no such code or name: {accepted}")
    return found


def _departement_of(code: str) -> str:
    return code[:3] if code.startswith(("97", "98")) else code[:2]
