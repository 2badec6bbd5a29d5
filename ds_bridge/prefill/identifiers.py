"""Identifiers with their own check: SIRET, IBAN, RNA, UAI, and e-mail addresses and telephone numbers.

A family of kinds. The platform takes most of them unchecked, and complains later to the person who fills in
the form. So each is checked here by its own rules. Libraries know check digits, e-mail and telephone syntax;
when a library is stricter or laxer than the platform, the platform's rule wins (docs/adr/0015).
"""

from __future__ import annotations

import re

from stdnum import iban as ibans
from stdnum import luhn, numdb
from stdnum.fr import siren, siret

from ds_bridge.prefill.refusals import RefusedValueError

_SIRET = re.compile(r"[0-9]{14}")
_RNA = re.compile(r"W[0-9A-Z]{9}")
_UAI = re.compile(r"([0-9]{7})([A-Z])")
_UAI_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_IBAN = re.compile(r"([A-Z]{2})[0-9]{2}[0-9A-Z]{10,30}")
_IBAN_PART = re.compile(r"([0-9]+)!")
_DOMAIN_END = re.compile(r"[^@]+@.+\.[^\W\d_]{2,63}")
_PHONE = re.compile(r"\+?[0-9(][0-9 .()/\u00a0\u202f-]*")
# Numbers without the leading 0 of France: six digits in New Caledonia and Saint-Pierre, eight in Polynesia.
_OVERSEAS = ("NC", "PM", "PF")


def read_siret(text: str) -> str:
    """14 digits with their checksum. The establishments of La Poste have a checksum of their own."""
    digits = _squeeze(text)
    accepted = "the 14 digits of an establishment are accepted, like 13002526500013"
    if not _SIRET.fullmatch(digits):
        raise RefusedValueError("bad_siret", f"not a SIRET: {accepted}")
    # The platform only accepts the checksum of the 14 digits; stdnum knows La Poste's as well.
    if not (luhn.is_valid(digits) or siret.is_valid(digits)):
        raise RefusedValueError("bad_siret", f"not a SIRET, its checksum is wrong: {accepted}")
    return digits


def read_epci_code(text: str) -> str:
    """The SIREN of an EPCI."""
    digits = _squeeze(text)
    if not (len(digits) == 9 and digits.isascii() and siren.is_valid(digits)):
        raise RefusedValueError("bad_epci", "not the code of an EPCI: its SIREN of 9 digits is accepted")
    return digits


def read_iban(text: str) -> str:
    """An IBAN with a right key, of a country that has IBANs and of that country's length."""
    iban = _squeeze(text).upper()
    accepted = "an IBAN is accepted, like FR76 1131 5000 0112 3456 7890 138"
    match = _IBAN.fullmatch(iban)
    parts = numdb.get("iban").info(match[1])[0][1].get("bban", "") if match else ""
    if match is None or not parts:
        raise RefusedValueError("bad_iban", f"not an IBAN: {accepted}")
    length = 4 + sum(map(int, _IBAN_PART.findall(parts)))
    if len(iban) != length:
        raise RefusedValueError(
            "bad_iban", f"not an IBAN, one of {match[1]} has {length} characters: {accepted}"
        )
    # The platform does not check the keys that countries add inside.
    if not ibans.is_valid(iban, check_country=False):
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
    """One address with a dotted domain; as strict as the platform is at its strictest."""
    address = text.strip()
    if not (6 <= len(address) <= 255 and _DOMAIN_END.fullmatch(address) and _is_address(address)):
        raise RefusedValueError(
            "bad_email",
            "not an e-mail address: one is accepted, like nom@exemple.fr, without name or brackets",
        )
    return address


def read_phone(text: str) -> str:
    """A number as people dial it: ten digits for France, or + and the country's code."""
    number = text.strip()
    accepted = "a number is accepted, like 06 12 34 56 78 or +33 6 12 34 56 78"
    if not _PHONE.fullmatch(number):
        raise RefusedValueError("bad_phone", f"not a telephone number: {accepted}")
    if not _can_be_dialled(number):
        raise RefusedValueError(
            "bad_phone", f"not a telephone number, it has too few or too many digits: {accepted}"
        )
    return number


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _is_address(address: str) -> bool:
    """Whether email-validator accepts the syntax.

    Two things more are accepted, as the platform does: dots at the ends of the name, and reserved domains
    (.local, .test).
    """
    from email_validator import EmailNotValidError, validate_email

    name, _, domain = address.rpartition("@")
    try:
        validate_email(
            f"{name.strip('.')}@{domain}.fr", check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        return False
    return True


def _can_be_dialled(number: str) -> bool:
    """Whether the number is possible in France, overseas or in the country of its code (phonenumbers)."""
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", number)
    if number.startswith("+") or digits.startswith("0"):
        regions: tuple[str, ...] = ("FR",)
    else:  # the library also takes 612345678 for French: nobody dials a number of France without its 0
        regions = _OVERSEAS if len(digits) in (6, 8) else ()
    for region in regions:
        try:
            if phonenumbers.is_possible_number(phonenumbers.parse(number, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
