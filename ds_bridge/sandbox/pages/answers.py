"""Answers: reads what a person typed in the form. Takes posted pairs, gives values of champs and their
problems.

Inputs are called `champ-<stable>`, in a row `champ-<block>-<row>-<stable>`; `lignes-<block>` comes once for
each row. A text that cannot be read (letters in a number) is kept as it was typed, to be shown again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from ds_bridge.sandbox.dossiers import Row, Value, Values
from ds_bridge.sandbox.forms import TITLE_KINDS, Descriptor, Revision, is_visible
from ds_bridge.sandbox.pages.places import (
    LISTED_KINDS,
    PLACE_KINDS,
    SEARCHED_KINDS,
    is_whole,
    read_place,
    write_place,
)
from ds_bridge.sandbox.prefill import TEXT_KINDS
from ds_bridge.sandbox.registers import is_iban, is_rna, is_siret

OTHER = "__other__"
CHOICE_KINDS = frozenset({"drop_down_list", "civilite"})
NUMBER_KINDS = frozenset({"integer_number", "decimal_number", "dossier_link"})
BOOLEAN_KINDS = frozenset({"checkbox", "yes_no"})
DRAWN_KINDS = (
    TEXT_KINDS
    | CHOICE_KINDS
    | NUMBER_KINDS
    | BOOLEAN_KINDS
    | PLACE_KINDS
    | {"date", "datetime", "multiple_drop_down_list", "repetition"}
)
MAX_PAIRS = 20_000

_PARIS = ZoneInfo("Europe/Paris")
_ROW_ID = re.compile(r"[0-9A-Za-z]{1,40}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,3})?")

_UNREADABLE = {
    "integer_number": "doit être un nombre entier (sans chiffres après la virgule)",
    "dossier_link": "doit être un numéro de dossier",
    "decimal_number": "doit être un nombre avec au plus trois chiffres après la virgule",
    "date": "doit être une date valide (jj/mm/aaaa)",
    "datetime": "doit être une date et une heure valides",
    "commune": "doit être une commune de la liste",
    "epci": "doit être un EPCI de la liste",
    **dict.fromkeys(LISTED_KINDS, "doit être choisi dans la liste"),
}
# Kinds whose text must be valid on deposit: the test, and the message when it fails.
_CHECKS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "email": (
        lambda text: is_email(text),
        "doit être une adresse électronique valide, par exemple : prenom.nom@exemple.fr",
    ),
    "siret": (is_siret, "doit être un numéro SIRET valide (14 chiffres)"),
    "rna": (is_rna, "doit être un numéro RNA valide (W suivi de 9 chiffres ou lettres)"),
    "iban": (is_iban, "doit être un IBAN valide"),
}


@dataclass(slots=True)
class Answers:
    """`values` by stable number, ready for the World; `typed`: texts that could not be read, by input
    name."""

    values: dict[int, Value] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One champ that is not right. `name` is the name of its input, `message` a whole French sentence."""

    name: str
    message: str


def is_email(text: str) -> bool:
    """Whether the text looks like an e-mail address."""
    return _EMAIL.fullmatch(text.strip()) is not None


def name_input(stable: int, block: int | None = None, row: str | None = None) -> str:
    """The name of a champ's input."""
    return f"champ-{stable}" if block is None else f"champ-{block}-{row}-{stable}"


def read_pairs(body: bytes) -> dict[str, list[str]]:
    """Posted form data, by name. Raises ValueError when there is too much of it."""
    pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MAX_PAIRS)
    posted: dict[str, list[str]] = {}
    for name, value in pairs:
        posted.setdefault(name, []).append(value)
    return posted


def read_answers(revision: Revision, posted: Mapping[str, list[str]], before: Values) -> Answers:
    """The values of every champ on the page, whether it applies or not; others stay as they were `before`."""
    answers = Answers()
    for descriptor in revision.champs:
        if descriptor.kind == "repetition":
            rows = _read_rows(descriptor, posted, before.get(descriptor.stable) or [], answers.typed)
            if rows:
                answers.values[descriptor.stable] = rows
        else:
            _read_into(
                answers.values, answers.typed, descriptor, name_input(descriptor.stable), posted, before
            )
    return answers


def _read_rows(
    block: Descriptor, posted: Mapping[str, list[str]], before: list[Row], typed: dict[str, str]
) -> list[Row]:
    known = {row.id: row.values for row in before}
    rows: list[Row] = []
    for row_id in dict.fromkeys(posted.get(f"lignes-{block.stable}", [])):
        if not _ROW_ID.fullmatch(row_id):
            continue
        values: dict[int, Value] = {}
        for descriptor in block.champs:
            name = name_input(descriptor.stable, block.stable, row_id)
            _read_into(values, typed, descriptor, name, posted, known.get(row_id, {}))
        rows.append(Row(row_id, values))
    return rows


def _read_into(
    values: dict[int, Value],
    typed: dict[str, str],
    descriptor: Descriptor,
    name: str,
    posted: Mapping[str, list[str]],
    before: Values,
) -> None:
    if descriptor.kind in TITLE_KINDS:
        return
    if descriptor.kind not in DRAWN_KINDS:
        if descriptor.stable in before:
            values[descriptor.stable] = before[descriptor.stable]
        return
    given = posted.get(name, [])
    if descriptor.kind in PLACE_KINDS:
        value = _read_place(descriptor.kind, given, before.get(descriptor.stable))
    else:
        value = _read_value(descriptor, given, posted.get(f"{name}-autre", []))
    if value is not None:
        values[descriptor.stable] = value
    elif given and given[-1].strip() and descriptor.kind in _UNREADABLE:
        typed[name] = given[-1]


def _read_place(kind: str, given: list[str], before: Value | None) -> Value | None:
    text = given[-1].strip() if given else ""
    if before is not None and text == write_place(kind, before):
        return before  # not touched: a prefilled postal code stays although the input shows no commune
    return read_place(kind, text) if text else None


def _read_value(descriptor: Descriptor, given: list[str], other: list[str]) -> Value | None:
    kind = descriptor.kind
    if kind == "multiple_drop_down_list":
        return list(dict.fromkeys(filter(None, given))) or None
    if kind == "checkbox":
        return "true" in given
    text = given[-1].replace("\r\n", "\n") if given else ""
    if text == OTHER and descriptor.other_option:
        text = other[-1] if other else ""
    if not text.strip():
        return None
    if kind == "yes_no":
        return text == "true"
    if kind in ("siret", "iban"):
        return _group(kind, text)
    if kind in NUMBER_KINDS:
        return _read_number(kind, text)
    if kind in ("date", "datetime"):
        return _read_moment(kind, text)
    return text


def _group(kind: str, text: str) -> str:
    """Numbers as the platform keeps them: an IBAN in groups of four, a SIRET without blanks."""
    digits = re.sub(r"\s", "", text)
    return digits if kind == "siret" else re.sub(r"(.{4})", r"\1 ", digits)


def _read_number(kind: str, text: str) -> int | float | None:
    digits = re.sub(r"\s", "", text).replace(",", ".")
    if kind == "decimal_number":
        return float(digits) if _DECIMAL.fullmatch(digits) else None
    return int(digits) if _INTEGER.fullmatch(digits) else None


def _read_moment(kind: str, text: str) -> str | None:
    try:
        if kind == "date":
            return dt.date.fromisoformat(text.strip()).isoformat()
        moment = dt.datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=moment.tzinfo or _PARIS).isoformat(timespec="seconds")
    except ValueError:
        return None


def find_problems(revision: Revision, answers: Answers, *, deposit: bool) -> list[Problem]:
    """The problems of the champs that apply, in the order of the form.

    A draft only has to be readable; a deposit must also be complete and keep to the lists.
    """
    return [
        Problem(name, f"Le champ « {descriptor.label.strip()} »{place} {message}.")
        for descriptor, name, place, value in _walk_visible(revision, answers.values)
        if (message := _find_problem(descriptor, name, value, answers.typed, deposit)) is not None
    ]


def _walk_visible(revision: Revision, values: Values) -> Iterator[tuple[Descriptor, str, str, Value | None]]:
    """Champs that apply: descriptor, input name, place (when the label does not tell it), value."""
    labels = [descriptor.label.strip() for descriptor in revision.champs]
    section = ""
    for descriptor in revision.champs:
        if descriptor.kind == "header_section":
            section = descriptor.label.strip()
        if not is_visible(descriptor, values):
            continue
        value = values.get(descriptor.stable)
        place = f" ({section})" if section and labels.count(descriptor.label.strip()) > 1 else ""
        yield descriptor, name_input(descriptor.stable), place, value
        if descriptor.kind != "repetition":
            continue
        for position, row in enumerate(value or [], start=1):
            in_row = f" ({descriptor.label.strip()} {position})"
            for inner in descriptor.champs:
                if is_visible(inner, values, row.values):
                    name = name_input(inner.stable, descriptor.stable, row.id)
                    yield inner, name, in_row, row.values.get(inner.stable)


def _find_problem(
    descriptor: Descriptor, name: str, value: Value | None, typed: Mapping[str, str], deposit: bool
) -> str | None:
    if name in typed:
        return _UNREADABLE[descriptor.kind]
    if not deposit or descriptor.kind in TITLE_KINDS or descriptor.kind not in DRAWN_KINDS:
        return None
    if value is None or (descriptor.kind == "checkbox" and value is False):
        return _say_missing(descriptor) if descriptor.required else None
    if descriptor.kind in PLACE_KINDS and not is_whole(value):
        # For the platform, a postal code or a department alone is a blank champ, and an unknown code an
        # error.
        if descriptor.kind in SEARCHED_KINDS:
            return _say_missing(descriptor) if descriptor.required else None
        return _UNREADABLE[descriptor.kind]
    if descriptor.kind in _CHECKS and not _CHECKS[descriptor.kind][0](value):
        return _CHECKS[descriptor.kind][1]
    if descriptor.options is not None and not descriptor.other_option:
        chosen = value if isinstance(value, list) else [value]
        if not set(chosen) <= set(descriptor.options):
            return "doit être choisi dans la liste"
    return None


def _say_missing(descriptor: Descriptor) -> str:
    if descriptor.kind == "repetition":
        return "doit comporter au moins un élément"
    return "doit être coché" if descriptor.kind == "checkbox" else "doit être rempli"


def keep_visible(revision: Revision, values: Values) -> dict[int, Value]:
    """Only the values of champs that apply: these stay in a deposited dossier."""
    kept: dict[int, Value] = {}
    for descriptor in revision.champs:
        value = values.get(descriptor.stable)
        if value is None or not is_visible(descriptor, values):
            continue
        if descriptor.kind == "repetition":
            value = [Row(row.id, _keep_row(descriptor, row, values)) for row in value]
        kept[descriptor.stable] = value
    return kept


def _keep_row(block: Descriptor, row: Row, values: Values) -> dict[int, Value]:
    return {
        descriptor.stable: row.values[descriptor.stable]
        for descriptor in block.champs
        if descriptor.stable in row.values and is_visible(descriptor, values, row.values)
    }
