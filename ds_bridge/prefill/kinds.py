"""Kinds of champ: for each, what is accepted and how a value is read into what the platform takes.

Takes a value and the form's `Field`, gives text or a list of texts. The table of the documentation is
written from here (`describe_kinds`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from ds_bridge.form import Field
from ds_bridge.prefill import choices, identifiers, moments, numbers, places
from ds_bridge.prefill.refusals import RefusedValueError
from ds_bridge.prefill.values import ChampValue, clean_text, is_list, write_scalar

Notes: TypeAlias = list[str]
Reader: TypeAlias = "Callable[[Field, object, Notes], str | list[str] | None]"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that can be prefilled. `accepts` and `example` make its line in the documentation's table."""

    name: str
    accepts: str
    example: ChampValue
    read: Reader
    note: str = ""


_OLD_INSTANCES = "the platform stopped prefilling this kind in October 2024; only older instances take it"
_MAY_BE_DROPPED = (
    "the platform drops it when that dossier does not exist, is a draft, or is of a démarche not allowed here"
)
_EXACT_MATCH = "the platform prefills this kind only where the form asks for an exact match"

# Why each kind cannot be prefilled; empty when there is no more to say.
NOT_PREFILLABLE: Mapping[str, str] = {
    "header_section": "a title, it has no value",
    "explication": "an explanation, it has no value",
    "piece_justificative": "files are added by the person who deposits",
    "titre_identite": "files are added by the person who deposits",
    "carte": "drawn by the person who deposits",
    "linked_drop_down_list": "the platform does not prefill linked lists",
    "cnaf": "fetched by the person who deposits",
    "dgfip": "fetched by the person who deposits",
    "pole_emploi": "fetched by the person who deposits",
    "mesri": "fetched by the person who deposits",
    "quotient_familial": "fetched by the person who deposits",
    "aah": "fetched by the person who deposits",
    "aeeh": "fetched by the person who deposits",
    "ars": "fetched by the person who deposits",
    "etudiant_boursier": "fetched by the person who deposits",
    "cojo": "",
    "engagement_juridique": "",
    "expression_reguliere": "an older name of formatted; the given form is old",
    "number": "",
    "rnf": "",
}

_PLURALS = {"communes": "commune", "departements": "departement", "regions": "region", "country": "pays"}


def read_kind(field: Field, value: ChampValue, notes: Notes) -> str | list[str] | None:
    """The value as a champ of this kind takes it; None when nothing is left of it.

    Raises RefusedValueError: the platform does not prefill this kind, or does not take this value.
    """
    kind = KINDS.get(_PLURALS.get(field.kind, field.kind))
    if kind is None:
        raise RefusedValueError("not_prefillable", _explain(field.kind))
    if kind.note:
        notes.append(kind.note)
    return kind.read(field, _unwrap(value), notes)


def write_unknown(value: ChampValue, notes: Notes) -> str | list[str] | None:
    """The value for a champ whose kind is not known: text, or a list of texts."""
    return (_read_texts(value, notes) or None) if is_list(value) else write_scalar(value, notes)


def _explain(kind: str) -> str:
    reason = NOT_PREFILLABLE.get(kind)
    if reason is None:
        return f"champs of the kind {kind} are not known to be prefilled by the platform"
    return f"champs of the kind {kind} cannot be prefilled" + (f": {reason}" if reason else "")


def _unwrap(value: object) -> object:
    """The values of enumerations, also those in a list."""
    if is_list(value):
        return [item.value if isinstance(item, Enum) else item for item in value]
    return value.value if isinstance(value, Enum) else value


def _read_text(_field: Field, value: object, notes: Notes) -> str | None:
    if isinstance(value, bool) or is_list(value):
        raise RefusedValueError("wrong_type", f"a {type(value).__name__} is given: text is accepted")
    return write_scalar(value, notes)


def _read_texts(value: object, notes: Notes) -> list[str]:
    items = value if is_list(value) else [value]
    for item in items:
        if is_list(item):
            raise RefusedValueError("wrong_type", "a list inside a list cannot be prefilled")
    return [text for item in items if (text := write_scalar(item, notes)) is not None]


def _text(read: Callable[[str], str], accepted: str, *, numbers_too: bool = False) -> Reader:
    """A reader of text; with `numbers_too`, also of whole numbers, for codes made of digits."""

    def reader(_field: Field, value: object, _notes: Notes) -> str | None:
        if numbers_too and isinstance(value, int) and not isinstance(value, bool):
            value = numbers.write_integer(value)
        if not isinstance(value, str):
            raise RefusedValueError("wrong_type", f"a {type(value).__name__} is given: {accepted} as text")
        text = clean_text(value)
        return None if text is None else read(text)

    return reader


def _read_codes(value: object, notes: Notes) -> list[str]:
    """Two codes, in a list or in one text."""
    return places.split_codes(value) if isinstance(value, str) else _read_texts(value, notes)


def _read_epci(_field: Field, value: object, notes: Notes) -> list[str]:
    return places.read_epci(_read_codes(value, notes))


def _read_commune(_field: Field, value: object, notes: Notes) -> list[str]:
    codes = places.read_commune(_read_codes(value, notes))
    doubt = places.doubt_commune(codes)
    notes.extend([doubt] if doubt else [])
    return codes


def _read_option(field: Field, value: object, notes: Notes) -> str | None:
    if isinstance(value, str) and field.options and value in field.options:
        return value  # also "None", should a form have it
    text = _read_text(field, value, notes)
    return None if text is None else choices.read_option(field, text)


def _read_options(field: Field, value: object, notes: Notes) -> list[str] | None:
    options = field.options or ()
    items = value if is_list(value) else [value]
    # "N/A" may be an option of the form: then it does not mean "nothing".
    texts = [
        text
        for item in items
        for text in ([item] if isinstance(item, str) and item in options else _read_texts(item, notes))
    ]
    return choices.read_options(field, texts) or None


def _plain(read: Callable[[object], str]) -> Reader:
    """A reader of one value of any type. Text is cleaned first."""

    def reader(_field: Field, value: object, _notes: Notes) -> str | None:
        return None if isinstance(value, str) and clean_text(value) is None else read(value)

    return reader


def _read_datetime(_field: Field, value: object, notes: Notes) -> str | None:
    if isinstance(value, str) and clean_text(value) is None:
        return None
    return moments.read_datetime(value, notes)


_TABLE: Sequence[Kind] = (
    Kind("text", "text", "Médiathèque d’Évry", _read_text),
    Kind("textarea", "text, lines included", "Deux\nlignes", _read_text),
    Kind("formatted", "text; the platform checks the form's own rule on deposit", "AB-123", _read_text),
    Kind("email", "an e-mail address", "zoe@example.org", _text(identifiers.read_email, "an address")),
    Kind(
        "phone",
        "a number as dialled, French or with + and the country's code",
        "06 12 34 56 78",
        _text(identifiers.read_phone, "a number"),
    ),
    Kind(
        "iban",
        "an IBAN, with its key",
        "FR76 1131 5000 0112 3456 7890 138",
        _text(identifiers.read_iban, "an IBAN"),
    ),
    Kind(
        "siret",
        "14 digits, with their checksum (La Poste's own too)",
        "130 025 265 00013",
        _text(identifiers.read_siret, "14 digits", numbers_too=True),
    ),
    Kind("rna", "W and 9 digits or letters", "W503726238", _text(identifiers.read_rna, "it"), _OLD_INSTANCES),
    Kind(
        "annuaire_education",
        "the code of a school (UAI): 7 digits and their letter",
        "0561383Z",
        _text(identifiers.read_uai, "it"),
        _OLD_INSTANCES,
    ),
    Kind("integer_number", "a whole number", 4211, _plain(numbers.read_integer)),
    Kind(
        "decimal_number",
        "a number with a decimal point, 3 decimals at most",
        Decimal("12.5"),
        _plain(numbers.read_decimal),
    ),
    Kind("date", "a date, or ISO text", dt.date(2023, 2, 1), _plain(moments.read_date)),
    Kind(
        "datetime",
        "a datetime, or ISO text; without a zone it is Paris time, with one it becomes Paris time",
        dt.datetime(2023, 7, 1, 8, 30, tzinfo=dt.UTC),
        _read_datetime,
    ),
    Kind("yes_no", "a boolean, or the text true or false", True, _plain(choices.read_boolean)),
    Kind("checkbox", "a boolean, or the text true or false", False, _plain(choices.read_boolean)),
    Kind("civilite", "M. or Mme", "Mme", _text(choices.read_civilite, "M. or Mme")),
    Kind("pays", "an ISO code or a French name", "Belgique", _text(places.read_country, "a code")),
    Kind(
        "region",
        "an INSEE code or a name",
        "Bretagne",
        _text(places.read_region, "a code", numbers_too=True),
    ),
    Kind(
        "departement",
        "a number, or a name of more than three letters",
        "2A",
        _text(places.read_departement, "a number", numbers_too=True),
    ),
    Kind("commune", "a postal code and an INSEE code", ["91000", "91228"], _read_commune),
    Kind("epci", "a department's number and an EPCI's code", ["91", "200059228"], _read_epci),
    Kind(
        "address",
        "the exact label of the national address base",
        "20 Avenue de Ségur 75007 Paris",
        _text(str.strip, "an address"),
    ),
    Kind(
        "dossier_link",
        "the number of a dossier",
        14210,
        _plain(numbers.read_dossier_number),
        _MAY_BE_DROPPED,
    ),
    Kind("pre_rempli", "text, which the person sees and cannot change", "AB-12", _read_text),
    Kind(
        "drop_down_list",
        "one exact option; any text where the form allows another",
        "Rouge",
        _read_option,
    ),
    Kind("multiple_drop_down_list", "a list of exact options", ["Rouge", "Vert, bleu"], _read_options),
    Kind("referentiel", "the identifier to look up, as text", "AB-12", _read_text, _EXACT_MATCH),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _TABLE}
