"""Identifiers that carry their own proof: SIRET, IBAN, RNA, UAI, and addresses one writes or calls to.

A family of kinds. The platform takes most of them unseen and complains to the person who fills the form, so
each is checked here as far as its own rules go.
"""

from __future__ import annotations

import re

from ds_bridge.prefill.refusals import RefusedValueError

_SIRET = re.compile(r"[0-9]{14}")
_LA_POSTE = "356000000"
_RNA = re.compile(r"W[0-9A-Z]{9}")
_UAI = re.compile(r"([0-9]{7})([A-Z])")
_UAI_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"]+@[^\W_]+([-.][^\W_]+|-+[^\W_]+)*\.[^\W\d_]{2,63}")
_IBAN = re.compile(r"([A-Z]{2})[0-9]{2}[0-9A-Z]{10,30}")
_PHONE = re.compile(r"\+?[0-9(][0-9 .()/\u00a0\u202f-]*")
_FRENCH_PHONE = re.compile(r"0[1-9][0-9]{8}")
_IBAN_LENGTHS = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FI FK FO GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HN HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}


def read_siret(text: str) -> str:
    """14 digits with their checksum; La Poste's establishments have one of their own."""
    digits = _squeeze(text)
    accepted = "the 14 digits of an establishment are accepted, like 13002526500013"
    if not _SIRET.fullmatch(digits):
        raise RefusedValueError("bad_siret", f"not a SIRET: {accepted}")
    valid = _passes_luhn(digits)
    if digits.startswith(_LA_POSTE):
        valid = valid or sum(map(int, digits)) % 5 == 0
    if not valid:
        raise RefusedValueError("bad_siret", f"not a SIRET, its checksum is wrong: {accepted}")
    return digits


def read_epci_code(text: str) -> str:
    """The SIREN of an EPCI."""
    digits = _squeeze(text)
    if not (len(digits) == 9 and digits.isascii() and digits.isdigit() and _passes_luhn(digits)):
        raise RefusedValueError("bad_epci", "not the code of an EPCI: its SIREN of 9 digits is accepted")
    return digits


def read_iban(text: str) -> str:
    """An IBAN of a country that has them, of its country's length, whose key is right."""
    iban = _squeeze(text).upper()
    accepted = "an IBAN is accepted, like FR76 1131 5000 0112 3456 7890 138"
    match = _IBAN.fullmatch(iban)
    if match is None or match[1] not in _IBAN_LENGTHS:
        raise RefusedValueError("bad_iban", f"not an IBAN: {accepted}")
    if len(iban) != _IBAN_LENGTHS[match[1]]:
        raise RefusedValueError(
            "bad_iban", f"not an IBAN, one of {match[1]} has {_IBAN_LENGTHS[match[1]]} characters: {accepted}"
        )
    if int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 != 1:
        raise RefusedValueError("bad_iban", f"not an IBAN, its key is wrong: {accepted}")
    return iban


def read_rna(text: str) -> str:
    """The number of an association: W and nine digits or letters."""
    rna = _squeeze(text).upper()
    if not _RNA.fullmatch(rna):
        raise RefusedValueError(
            "bad_rna", "not an RNA number: W and 9 digits or letters are accepted, like W503726238"
        )
    return rna


def read_uai(text: str) -> str:
    """The code of a school: seven digits and their key, a letter."""
    uai = _squeeze(text).upper()
    accepted = "7 digits and a letter are accepted, like 0561383Z"
    match = _UAI.fullmatch(uai)
    if match is None:
        raise RefusedValueError("bad_uai", f"not the code of a school (UAI): {accepted}")
    if _UAI_KEYS[int(match[1]) % len(_UAI_KEYS)] != match[2]:
        raise RefusedValueError("bad_uai", f"not the code of a school (UAI), its letter is wrong: {accepted}")
    return uai


def read_email(text: str) -> str:
    """One address with a dotted domain, as strict as the platform at its strictest."""
    address = text.strip()
    if not (6 <= len(address) <= 255 and _EMAIL.fullmatch(address)) or ".." in address:
        raise RefusedValueError(
            "bad_email",
            "not an e-mail address: one is accepted, like nom@exemple.fr, without name or brackets",
        )
    return address


def read_phone(text: str) -> str:
    """A number as one dials it: French in ten digits, or with + and the country's code."""
    number = text.strip()
    accepted = "a number is accepted, like 06 12 34 56 78 or +33 6 12 34 56 78"
    if not _PHONE.fullmatch(number):
        raise RefusedValueError("bad_phone", f"not a telephone number: {accepted}")
    digits = re.sub(r"[^0-9]", "", number)
    if number.startswith("+") or digits.startswith("00"):
        good = 8 <= len(digits.removeprefix("00")) <= 15
    else:
        # Six digits in New Caledonia and Saint-Pierre, eight in Polynesia.
        good = bool(_FRENCH_PHONE.fullmatch(digits)) or (len(digits) in (6, 8) and digits[0] != "0")
    if not good:
        raise RefusedValueError(
            "bad_phone", f"not a telephone number, digits lack or are too many: {accepted}"
        )
    return number


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _passes_luhn(digits: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(digits)):
        doubled = int(character) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
