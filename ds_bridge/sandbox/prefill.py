"""Prefill as the platform applies it: takes nested parameters, gives an identity and values of champs.

This is the second step of the sandbox's prefill, after `rack` (a link) or a JSON body (the API). Like the
platform it never complains: it drops unknown ids and values that it cannot take. Since July 2026 values are
screened (see `prefill_screens`). Before, the platform took some values and read them as something else
(`PrefillRules`, `JANUARY_2026`):

- a list with one bad option is dropped whole; a single list takes any text; nothing is checked inside rows;
- `3,14` passes the check of a number and is read as 3; so is `4 211`, read as 4;
- a tick box that is neither `true` nor `false` is kept as it was sent, and read as false;
- JSON `true` is text `t`, so false in a tick box, and JSON `false` is blank, so dropped;
- text, e-mail, telephone, IBAN, SIRET are taken as they come: only the deposit checks them.

`prefill_places` reads places. Instances have different versions: see `PrefillRules`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ds_bridge.sandbox.dossiers import Identity, Row, Value, Values
from ds_bridge.sandbox.forms import DemarcheForm, Descriptor
from ds_bridge.sandbox.prefill_places import PLACE_READERS
from ds_bridge.sandbox.prefill_screens import GENRES, LIST_KINDS, SCREENS, read_day, read_moment

Given: TypeAlias = Any
"""A nested parameter, from Rack's parser or a JSON body."""

TEXT_KINDS = frozenset(
    {
        *("text", "textarea", "email", "phone", "iban", "rna", "annuaire_education", "formatted", "siret"),
        "pre_rempli",
    }
)
"""Kinds a person types as text. RNA and annuaire_education: see `PrefillRules`."""

_PREFIX = "champ_"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+([.,][0-9]{1,3})?")
_LEADING_INTEGER = re.compile(r"\s*([+-]?[0-9]+)")


@dataclass(frozen=True, slots=True)
class PrefillRules:
    """The rules that depend on the instance's version.

    `screened`: since the platform's PRs 13451 and 13591 of July 2026 every value is checked and put in its
    own shape, in rows too; before, a number or a tick is kept as the text that was sent. `indexed_rows`: rows
    may be numbered (`champ_R[0][champ_B]`), since PR 13591; without it such a block is dropped whole.
    `dropped_kinds`: kinds that this instance does not prefill, although others do.
    """

    screened: bool = True
    indexed_rows: bool = True
    dropped_kinds: frozenset[str] = frozenset()


NEWEST_RULES = PrefillRules()
JANUARY_2026 = PrefillRules(
    screened=False,
    indexed_rows=False,
    dropped_kinds=frozenset({"rna", "rnf", "annuaire_education", "number", "pre_rempli"}),
)
"""The instance whose answers were recorded."""


@dataclass(frozen=True, slots=True)
class Prefill:
    """What is kept of a request: `Identity` and values by stable number, in the order of the form."""

    identity: Identity
    values: Values


def asks_for_prefill(params: Mapping[str, Given]) -> bool:
    """Whether a request makes a prefilled draft, even when all its values are dropped later."""
    return any(key.split("_")[0] in ("champ", "identite") for key in params)


def read_prefill(
    params: Mapping[str, Given],
    form: DemarcheForm,
    new_row_id: Callable[[], str],
    dossier_exists: Callable[[int], bool] = lambda _number: False,
    rules: PrefillRules = NEWEST_RULES,
) -> Prefill:
    """Apply `params` to the active revision of `form`, annotations included.

    `dossier_exists` tells whether a dossier link may name a dossier.
    """
    reader = _Reader(new_row_id, dossier_exists, rules)
    champs = (*form.active.champs, *form.active.annotations)
    return Prefill(_read_identity(params, form), reader.read(params, champs, checked=True))


def _read_identity(params: Mapping[str, Given], form: DemarcheForm) -> Identity:
    if not form.for_individual:
        return Identity()
    genre = params.get("identite_genre")
    return Identity(
        civilite=genre if genre in GENRES else None,
        nom=_read_name(params.get("identite_nom")),
        prenom=_read_name(params.get("identite_prenom")),
    )


def _read_name(given: Given) -> str | None:
    return given if isinstance(given, str) and given.strip() else None


def read_stable_number(key: str) -> int | None:
    """The stable number in `champ_<typed id>`, with all its padding or none; None when there is none."""
    if not key.startswith(_PREFIX):
        return None
    encoded = key.replace(_PREFIX, "").replace("-", "+").replace("_", "/")
    if not encoded.endswith("="):  # like Ruby: all of the padding or none
        encoded += "=" * (-len(encoded) % 4)
    try:
        decoded = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    number = _LEADING_INTEGER.match(decoded.partition("-")[2])
    return int(number[1]) if number else None


@dataclass(frozen=True, slots=True)
class _Reader:
    new_row_id: Callable[[], str]
    dossier_exists: Callable[[int], bool]
    rules: PrefillRules

    def read(self, params: Mapping[str, Given], champs: Iterable[Descriptor], *, checked: bool) -> Values:
        given = {
            number: value
            for key, value in params.items()
            if (number := read_stable_number(key)) is not None and not self._is_blank(value)
        }
        values: dict[int, Value] = {}
        for descriptor in champs:
            if descriptor.stable in given:
                value = self._read_champ(descriptor, given[descriptor.stable], checked)
                if value is not None:
                    values[descriptor.stable] = value
        return values

    def _is_blank(self, value: Given) -> bool:
        """Rails ignores a blank value. `false` is blank when values are not screened."""
        is_empty = value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())
        return is_empty or (value is False and not self.rules.screened)

    def _read_champ(self, descriptor: Descriptor, given: Given, checked: bool) -> Value | None:
        kind = descriptor.kind
        if kind in self.rules.dropped_kinds:
            return None
        if kind == "repetition":
            return self._read_rows(descriptor, given)
        if self.rules.screened:
            checked = True
            if kind in SCREENS:
                return SCREENS[kind](descriptor, given)
            is_nested = isinstance(given, dict) or (isinstance(given, list) and kind not in LIST_KINDS)
            if is_nested or given is False:
                return None
        if kind == "multiple_drop_down_list":
            return _read_options(descriptor, given, checked)
        if kind in PLACE_READERS:
            return PLACE_READERS[kind](given, checked)
        text = _as_text(given)
        if kind == "dossier_link":
            number = _read_link(text)
            return number if number is not None and (not checked or self.dossier_exists(number)) else None
        reader = _TEXT_READERS.get(kind)
        return reader(text, checked) if reader else None

    def _read_rows(self, descriptor: Descriptor, given: Given) -> list[Row] | None:
        if isinstance(given, dict):  # numbered rows: the keys are positions
            if not self.rules.indexed_rows or not all(key.isdigit() for key in given):
                return None
            given = [given[key] for key in sorted(given, key=int)]
        if not isinstance(given, list):
            return None
        rows = [
            Row(self.new_row_id(), self.read(row, descriptor.champs, checked=False))
            for row in given
            if isinstance(row, dict)
        ]
        return rows or None


def _as_text(given: Given) -> str:
    """The text that a text column makes of another value."""
    if given is True:
        return "t"
    if isinstance(given, dict):  # a Ruby hash, as Ruby writes it
        pairs = (
            f"{json.dumps(str(key))}=>{json.dumps(item, ensure_ascii=False)}" for key, item in given.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(given, list):
        return "[" + ", ".join(json.dumps(item, ensure_ascii=False) for item in given) + "]"
    return _UNPRINTABLE.sub("", given) if isinstance(given, str) else str(given)


def _read_text(text: str, _checked: bool) -> str | None:
    return text or None


def _read_siret(text: str, _checked: bool) -> str | None:
    return re.sub(r"\s", "", text) or None


def _read_drop_down(text: str, _checked: bool) -> str | None:
    return "" if text == "__other__" else text or None


def _read_integer(text: str, checked: bool) -> str | None:
    """The text as it was sent, if it is a number (blanks do not count); in rows any text."""
    return text if not checked or _INTEGER.fullmatch(re.sub(r"\s", "", text)) else None


def _read_decimal(text: str, checked: bool) -> str | None:
    return text if not checked or _DECIMAL.fullmatch(re.sub(r"\s", "", text)) else None


def _read_link(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text.strip()) else None


def _read_date(text: str, _checked: bool) -> str | None:
    """The text as it was sent, if it is a date, day first or year first."""
    return text if read_day(text) is not None else None


def _read_datetime(text: str, _checked: bool) -> str | None:
    moment = read_moment(text)
    return None if moment is None else moment.isoformat(timespec="seconds")


def _read_civilite(text: str, checked: bool) -> str | None:
    return text if text in GENRES or not checked else None


def _read_boolean(text: str, _checked: bool) -> bool | str:
    """A tick as it was sent: only `true` and `false` have a meaning."""
    return {"true": True, "false": False}.get(text, text)


def _read_options(descriptor: Descriptor, given: Given, checked: bool) -> list[str] | None:
    if isinstance(given, str) and given.startswith("["):
        try:
            given = json.loads(given)
        except ValueError:
            given = [given]
    items = given if isinstance(given, list) else [given]
    options = [text for text in dict.fromkeys(map(_as_text, items)) if text]
    if checked and not set(options) <= set(descriptor.options or ()):
        return None
    return options or None


_TEXT_READERS: Mapping[str, Callable[[str, bool], Value | None]] = {
    **dict.fromkeys(TEXT_KINDS, _read_text),
    "referentiel": _read_text,
    "siret": _read_siret,
    "drop_down_list": _read_drop_down,
    "integer_number": _read_integer,
    "decimal_number": _read_decimal,
    "date": _read_date,
    "datetime": _read_datetime,
    "civilite": _read_civilite,
    "yes_no": _read_boolean,
    "checkbox": _read_boolean,
}
