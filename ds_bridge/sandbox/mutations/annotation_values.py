"""The value of an annotation: takes what a mutation sends, gives the value for the World, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ds_bridge.sandbox.forms import Descriptor
from ds_bridge.sandbox.geography import read_country, read_department, read_region
from ds_bridge.sandbox.mutations.interface import Refusal
from ds_bridge.sandbox.node import write_datetime
from ds_bridge.sandbox.registers import is_iban

ONE_KIND: Mapping[str, frozenset[str]] = {
    "Text": frozenset({"text", "textarea"}),
    "Checkbox": frozenset({"checkbox", "yes_no"}),
    "Date": frozenset({"date"}),
    "Datetime": frozenset({"datetime"}),
    "IntegerNumber": frozenset({"integer_number"}),
    "DecimalNumber": frozenset({"decimal_number"}),
    "DropDownList": frozenset({"drop_down_list"}),
}
"""For each mutation of one type, the kinds of annotation that it takes."""

KINDS: Mapping[str, str] = {
    "checkbox": "checkbox",
    "civilite": "civilite",
    "date": "date",
    "datetime": "datetime",
    "decimalNumber": "decimal_number",
    "departements": "departement",
    "dossierLink": "dossier_link",
    "dropDownList": "drop_down_list",
    "email": "email",
    "formatted": "formatted",
    "iban": "iban",
    "integerNumber": "integer_number",
    "multipleDropDownList": "multiple_drop_down_list",
    "pays": "pays",
    "phone": "phone",
    "pieceJustificative": "piece_justificative",
    "regions": "region",
    "repetition": "repetition",
    "text": "text",
    "textarea": "textarea",
    "yesNo": "yes_no",
}
"""For each key of `AnnotationValueInput`, the kind of annotation that it needs."""

NO_OPTION = "doit être dans les options proposées"
TOO_FINE = "doit comprendre entre 1 et 3 chiffres après le point"
TOO_BIG = "doit être un nombre"
NO_EMAIL = "est invalide. Saisissez une adresse électronique valide, exemple : john.doe@exemple.fr"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOST = 1e15


def read_annotation_value(descriptor: Descriptor, given: Any) -> Any:
    """The value to keep; None empties the annotation. Raises Refusal with the platform's words."""
    reader = _READERS.get(descriptor.kind)
    return given if reader is None else reader(descriptor, given)


def _read_text(_descriptor: Descriptor, given: str) -> str | None:
    return _CONTROL.sub("", given) or None


def _read_email(_descriptor: Descriptor, given: str) -> str | None:
    if given and not _EMAIL.fullmatch(given):
        raise Refusal(NO_EMAIL)
    return given or None


def _read_iban(_descriptor: Descriptor, given: str) -> str | None:
    if given and not is_iban(given):
        raise Refusal("n’est pas au format IBAN")
    return given or None


def _read_decimal(_descriptor: Descriptor, given: float) -> float:
    if abs(given) > _MOST:
        raise Refusal(TOO_BIG)
    if round(given, 3) != given:
        raise Refusal(TOO_FINE)
    return float(given)


def _read_option(descriptor: Descriptor, given: str) -> str | None:
    if given and not descriptor.other_option and given not in (descriptor.options or ()):
        raise Refusal(NO_OPTION)
    return given or None


def _read_options(descriptor: Descriptor, given: list[str]) -> list[str] | None:
    if not set(given) <= set(descriptor.options or ()):
        raise Refusal(NO_OPTION)
    return list(dict.fromkeys(given)) or None


def _read_civilite(_descriptor: Descriptor, given: str) -> str:
    return "M." if given == "M" else given


def _read_datetime(_descriptor: Descriptor, given: Any) -> str:
    return write_datetime(given)


def _read_place(read: Callable[[str], dict[str, Any] | None]) -> Callable[[Descriptor, str], Any]:
    def reader(_descriptor: Descriptor, given: str) -> Any:
        place = read(given) if given else None
        if given and (place is None or None in place.values()):
            raise Refusal(NO_OPTION)
        return place

    return reader


def _read_link(_descriptor: Descriptor, given: str) -> int | None:
    if given and not (given.isascii() and given.isdigit()):
        raise Refusal("n’est pas un numéro de dossier")
    return int(given) if given else None


_READERS: Mapping[str, Callable[[Descriptor, Any], Any]] = {
    **dict.fromkeys(("text", "textarea", "phone", "formatted"), _read_text),
    "email": _read_email,
    "iban": _read_iban,
    "decimal_number": _read_decimal,
    "drop_down_list": _read_option,
    "multiple_drop_down_list": _read_options,
    "civilite": _read_civilite,
    "datetime": _read_datetime,
    "departement": _read_place(read_department),
    "region": _read_place(read_region),
    "pays": _read_place(read_country),
    "dossier_link": _read_link,
}
