"""Columns: takes the headings of a roster, tells which attribute of a person or which champ each feeds.

Headings are compared without case, accents, punctuation and small words. A heading that feeds nothing is
reported; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId, MalformedIdError
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.invisible import take_out

ALIASES: Mapping[str, tuple[str, ...]] = {
    "nom": (
        "nom", "nom de famille", "nom d'usage", "nom usuel", "nom patronymique", "nom conseiller",
        "nom coordinateur", "last name", "surname", "family name",
    ),
    "prenom": ("prénom", "prénoms", "prénom usuel", "first name", "given name"),
    "genre": ("genre", "civilité", "titre de civilité", "civ"),
    "email": (
        "email", "e-mail", "mail", "courriel", "adresse mail", "adresse e-mail", "adresse email",
        "adresse courriel", "adresse électronique", "adresse de courriel", "mail pro", "email pro",
    ),
    "identifiant": (
        "identifiant", "id", "id conum", "identifiant conum", "identifiant conseiller",
        "identifiant conseiller numérique", "id conseiller", "id conseiller numérique", "id cn", "id pg",
        "idpg", "ID CoNum",
        "identifiant pilotage", "id pilotage", "identifiant coordinateur", "id coordinateur",
    ),
    "structure_nom": (
        "structure", "nom structure", "structure nom", "nom de la structure", "employeur",
        "nom de l'employeur", "structure employeuse", "nom de la structure employeuse", "raison sociale",
    ),
    "structure_identifiant": (
        "id structure", "structure id", "identifiant structure", "structure identifiant",
        "identifiant de la structure", "id de la structure", "id structure employeuse",
    ),
}  # fmt: skip
"""What each attribute's column may be called."""

# The applicant's identity has parameters of its own; any other attribute needs a champ.
_WITHOUT_CHAMP = frozenset({"nom", "prenom", "genre"})
_SMALL_WORDS = frozenset({"de", "du", "d", "la", "le", "l", "les", "des", "votre", "vos"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset({"header_section", "explication"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The column position of each attribute of the identity and of each champ reference.

    `unsent`: attributes for which no champ is known. `unknown`: headings that feed nothing. `notes` tells
    people about `unknown` and about doubtful headings. `headings`: what the roster calls its columns.
    """

    identity: Mapping[str, int]
    champs: Mapping[str, int]
    unsent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()

    def heading(self, name: str) -> str:
        """What the roster calls the column of an attribute or a champ; without a column, the given name."""
        column = self.identity.get(name, self.champs.get(name, len(self.headings)))
        return self.headings[column].strip() if column < len(self.headings) else name

    def rename(self, text: str) -> str:
        """Put the roster's heading in the place of our name at the beginning of a problem or warning."""
        name, colon, rest = text.partition(":")
        target, bracket, place = name.partition("[")
        return f"{self.heading(target)}{bracket}{place}{colon}{rest}"


def find_columns(
    headings: Sequence[str],
    fields: Mapping[str, str] = {},
    form: Form | None = None,
    *,
    ignored: Sequence[str] = (),
) -> Columns:
    """Match each heading, in this order: a configured name, what people call an attribute, an id, a label.

    `ignored` are headings of columns that we add. When two columns feed the same thing, the first is taken
    and the other is reported.
    """
    finder = _Finder(fields, form)
    for position, heading in enumerate(headings):
        if heading.strip() and heading not in ignored:
            finder.take(position, heading)
    return finder.conclude(headings)


class _Finder:
    def __init__(self, fields: Mapping[str, str], form: Form | None) -> None:
        self._fields = fields
        self._named = {simplify(name): name for name in fields if "." not in name}
        self._by_number = {
            field.number: field
            for field in (form.fields if form else ())
            if field.number is not None and field.kind not in _TITLES
        }
        self._by_label: dict[str, list[Field]] = {}
        for field in self._by_number.values():
            self._by_label.setdefault(simplify(field.label), []).append(field)
        self._fed = {number: name for name in fields if (number := self._find_configured(name))}
        self._has_form = form is not None
        self._identity: dict[str, int] = {}
        self._champs: dict[str, int] = {}
        self._unknown: list[str] = []
        self._notes: list[str] = []

    def take(self, position: int, heading: str) -> None:
        target = self._find(heading)
        if target is None:
            self._unknown.append(heading)
            return
        taken = self._identity if target in Identity.model_fields else self._champs
        if target in taken:
            self._notes.append(f"column {heading!r} is not used: another one feeds {target} already")
            self._unknown.append(heading)
        else:
            taken[target] = position

    def conclude(self, headings: Sequence[str]) -> Columns:
        unsent = [name for name in self._identity if name not in _WITHOUT_CHAMP and name not in self._fields]
        notes = list(self._notes)
        doubtful = [heading for heading in self._unknown if len(self._labelled(heading)) > 1]
        if doubtful:
            notes.append(f"several champs have this label, give an id: {_list(doubtful)}")
        if others := [heading for heading in self._unknown if heading not in doubtful]:
            notes.append(f"columns kept and not used: {_list(others)}")
        return Columns(
            self._identity,
            self._champs,
            tuple(unsent),
            tuple(self._unknown),
            tuple(notes),
            tuple(headings),
        )

    def _find(self, heading: str) -> str | None:
        """The attribute, configured name or typed id that a heading means."""
        simple = simplify(heading)
        if simple in self._named:
            return self._named[simple]
        attribute = _ALIASES.get(simple)
        if attribute and (attribute in _WITHOUT_CHAMP or attribute in self._fields):
            return attribute
        number = _read_id(heading, self._by_number if self._has_form else None)
        if number is None and len(found := self._labelled(heading)) == 1:
            number = found[0].number
        if number is None:
            return attribute
        return self._fed.get(number) or ChampId(number).encode_for_link()

    def _labelled(self, heading: str) -> list[Field]:
        return self._by_label.get(simplify(heading), [])

    def _find_configured(self, name: str) -> int | None:
        """The stable number of a configured champ, unless the configuration gives a label."""
        try:
            return ChampId.parse(self._fields[name]).stable
        except MalformedIdError:
            return None


@lru_cache(maxsize=4096)
def simplify(heading: str) -> str:
    """A heading without case, accents, marks and small words: `Nom d’usage`, `nom_usage` → `nom usage`."""
    folded = unicodedata.normalize(
        "NFKD", _CAMEL.sub(" ", take_out(heading)[0]).casefold().replace("œ", "oe")
    )
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    words = _WORD.findall(plain)
    return " ".join([word for word in words if word not in _SMALL_WORDS] or words)


def _read_id(heading: str, known: Mapping[int, Field] | None) -> int | None:
    """The stable number in a typed id, or in digits where the form has such a champ (2024 may be a year)."""
    text = heading.strip().removeprefix("champ_")
    try:
        champ = ChampId.parse(text)
    except MalformedIdError:
        return None
    if champ.row is not None or (text.isdigit() and (known is None or champ.stable not in known)):
        return None
    return champ.stable


def _list(headings: Sequence[str]) -> str:
    return ", ".join(repr(heading) for heading in headings)


_ALIASES = {simplify(alias): attribute for attribute, names in ALIASES.items() for alias in names}
