"""Invents what a person writes into a form: takes descriptors, gives values that respect the conditions."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ds_bridge.sandbox.dossiers import Row, Values, make_row_id
from ds_bridge.sandbox.forms import TITLE_KINDS, Descriptor, is_visible
from ds_bridge.sandbox.geography import (
    list_communes,
    list_epcis,
    read_country,
    read_department,
    read_region,
)
from ds_bridge.sandbox.places import DEPARTMENTS, REGIONS
from ds_bridge.sandbox.registers import make_address, make_siret
from ds_bridge.sandbox.seed_words import ANY_TEXT, FAMILY_NAMES, FIRST_NAMES, PLACES, STRUCTURES, TEXTS

# Champs of the CRA that are about the person, or depend on each other.
NOM, PRENOM, IDENTIFIANT, EMAIL, STRUCTURE, STRUCTURE_ID = (
    3566491,
    3566520,
    3566523,
    3566524,
    3566521,
    3566522,
)
CHOICES = frozenset({3566495, 3566504, 3566512})
HOURS, HOURS_SPLIT, HOURS_COMMUNICATION, HOURS_ANIMATION = 3566530, 3811707, 3811708, 3811709

_ROWS = (0, 1, 2, 3, 4, 5, 6, 7, 8)
_ROW_WEIGHTS = (2, 30, 25, 18, 10, 6, 4, 3, 2)
_FIRST_DAY = dt.date(2020, 12, 1)


@dataclass(frozen=True, slots=True)
class Person:
    civilite: str
    nom: str
    prenom: str
    email: str
    structure: str
    identifiant: int
    structure_identifiant: int


def make_person(chance: random.Random) -> Person:
    """Invent a person whose names have accents, apostrophes and particles."""
    civilite, prenom = chance.choice(FIRST_NAMES)
    nom = chance.choice(FAMILY_NAMES)
    return Person(
        civilite=civilite,
        nom=nom,
        prenom=prenom,
        email=f"{_spell_plainly(prenom)}.{_spell_plainly(nom)}@example.org",
        structure=chance.choice(STRUCTURES),
        identifiant=chance.randrange(1, 12_000),
        structure_identifiant=chance.randrange(1, 4_000),
    )


def _spell_plainly(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("Œ", "OE").lower())
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in decomposed
                   if not unicodedata.combining(letter))  # fmt: skip


class Writer:
    """Fills one form for one person. `today` is the day of the deposit."""

    def __init__(self, chance: random.Random, person: Person, today: dt.date) -> None:
        self._chance = chance
        self._person = person
        self._today = today
        self._about_person: dict[int, Any] = {
            NOM: person.nom,
            PRENOM: person.prenom,
            IDENTIFIANT: person.identifiant,
            EMAIL: person.email if chance.random() > 0.02 else f"{person.prenom} chez example.org",
            STRUCTURE: person.structure,
            STRUCTURE_ID: person.structure_identifiant,
        }

    def write(self, descriptors: Sequence[Descriptor]) -> Values:
        """The values of a whole form."""
        values: dict[int, Any] = {}
        for descriptor in descriptors:
            if descriptor.kind in TITLE_KINDS or not is_visible(descriptor, values):
                continue
            value = self._write_champ(descriptor, values)
            if value is not None:
                values[descriptor.stable] = value
        return values

    def _write_champ(self, descriptor: Descriptor, values: Values) -> Any:
        stable = descriptor.stable
        if stable in self._about_person:
            return self._about_person[stable]
        if stable in (HOURS, HOURS_COMMUNICATION, HOURS_ANIMATION):
            return self._write_hours(stable, values)
        if stable in CHOICES and descriptor.options:
            return descriptor.options[0 if self._chance.random() < 0.75 else 1]
        if descriptor.kind == "repetition":
            return self._write_rows(descriptor, values)
        return self._write_kind(descriptor)

    def _write_hours(self, stable: int, values: Values) -> int:
        chance = self._chance
        if stable == HOURS:
            return 70 if chance.random() < 0.02 else chance.randrange(1, 21)
        total: int = values.get(HOURS, 0)
        if stable == HOURS_COMMUNICATION:
            return chance.randrange(0, total + 1)
        split = total - int(values.get(HOURS_COMMUNICATION, 0))
        return split if chance.random() > 0.08 else split + chance.randrange(1, 4)

    def _write_rows(self, block: Descriptor, values: Values) -> list[Row]:
        chance = self._chance
        rows = [self._write_row(block, values) for _ in range(chance.choices(_ROWS, _ROW_WEIGHTS)[0])]
        if rows and chance.random() < 0.03:
            rows.append(Row(self._make_row_id(), rows[0].values))
        return rows

    def _write_row(self, block: Descriptor, top: Values) -> Row:
        values: dict[int, Any] = {}
        for descriptor in block.champs:
            if descriptor.kind in TITLE_KINDS or not is_visible(descriptor, top, values):
                continue
            value = self._write_kind(descriptor)
            if value is not None:
                values[descriptor.stable] = value
        return Row(self._make_row_id(), values)

    def _make_row_id(self) -> str:
        return make_row_id(self._chance.getrandbits(64))

    def _write_kind(self, descriptor: Descriptor) -> Any:
        """A value that fits the kind; sometimes none, when it is optional or people leave it out."""
        chance = self._chance
        if chance.random() < (0.3 if not descriptor.required else 0.01):
            return None
        match descriptor.kind:
            case "drop_down_list" if descriptor.options:
                return chance.choice(descriptor.options)
            case "multiple_drop_down_list" if descriptor.options:
                count = min(len(descriptor.options), chance.choices((1, 2, 3, 5), (50, 30, 15, 5))[0])
                picked = set(chance.sample(descriptor.options, count))
                return [option for option in descriptor.options if option in picked]
            case "date":
                return self._write_date().isoformat()
            case "text" | "textarea" | "formatted":
                return self._write_text(TEXTS.get(descriptor.stable, ANY_TEXT))
            case "checkbox" | "yes_no":
                return chance.random() < 0.5
            case "integer_number" | "number":
                return chance.randrange(0, 500)
            case kind:
                return self._write_rare(kind, descriptor)

    def _write_date(self) -> dt.date:
        """A day since the programme began; rarely an impossible one."""
        chance = self._chance
        draw = chance.random()
        if draw < 0.02:
            return self._today + dt.timedelta(days=chance.randrange(1, 90))
        if draw < 0.03:
            return dt.date(chance.choice((1924, 2002, 2019)), chance.randrange(1, 13), 12)
        span = min(max((self._today - _FIRST_DAY).days, 1), 400)
        return self._today - dt.timedelta(days=chance.randrange(0, span))

    def _write_text(self, texts: Sequence[str]) -> str:
        chance = self._chance
        return chance.choice(texts).format(place=chance.choice(PLACES), n=chance.randrange(1, 13))

    def _write_rare(self, kind: str, descriptor: Descriptor) -> Any:
        """Values for kinds that the CRA does not have."""
        chance = self._chance
        number = chance.randrange(1, 99_999)
        address = make_address(number)
        made: dict[str, Any] = {
            "email": self._person.email,
            "phone": f"01 {number % 90 + 10} 23 45 67",
            "iban": "FR76 3000 6000 0112 3456 7890 189",
            "annuaire_education": "0594361H",
            "civilite": self._person.civilite,
            "decimal_number": number / 100,
            "datetime": f"{self._write_date().isoformat()}T{8 + number % 10:02d}:30",
            "linked_drop_down_list": _link(descriptor.options or ()),
            "commune": chance.choice(list_communes()),
            "departement": read_department(chance.choice(tuple(DEPARTMENTS))),
            "region": read_region(chance.choice(tuple(REGIONS))),
            "pays": read_country(chance.choice(("FR", "CI", "BE", "NC", "SE"))),
            "epci": chance.choice(list_epcis()),
            "address": address,
            "siret": make_siret(130_000_000 + number),
            "rna": f"W{number:09d}",
            "rnf": {"id": "075-FDD-00003-01", "title": "Fondation SFR", "address": address},
            "engagement_juridique": "4500012345",
            "piece_justificative": [_file(number)],
            "titre_identite": True,
            "pre_rempli": f"CNV-{number}",
            **dict.fromkeys(("aah", "aeeh", "ars", "etudiant_boursier"), f"Attestation n° {number}"),
            "carte": [_area(number)],
        }
        return made.get(kind)


def _link(options: Sequence[str]) -> list[str] | None:
    """A primary option (written `--so--`) and the secondary that follows it."""
    primary = next((place for place, option in enumerate(options) if option.startswith("--")), None)
    return None if primary is None else [options[primary].strip("-"), *options[primary + 1 : primary + 2]]


def _file(number: int) -> dict[str, str]:
    return {"filename": f"pièce n° {number}.txt", "content_type": "text/plain", "text": f"Pièce {number}\n"}


def _area(number: int) -> dict[str, Any]:
    at = [2.4 + number % 100 / 1000, 48.6]
    return {"description": "Le lieu de l'atelier", "geometry": {"type": "Point", "coordinates": at}}
