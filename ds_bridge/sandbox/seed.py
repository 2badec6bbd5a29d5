"""Seed: invents dossiers. Takes a seed and a number, gives a dossier like those that people write.

The same seed gives the same dossiers. Values are made when they are read and not kept for long, so that a
world of a hundred thousand dossiers stays small. Some dossiers have the mistakes of real people: an event
after the deposit, seventy hours a week, a split that does not add up, "Autre" without precision, a row twice.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import ENDED_STATES, Dossier, Identity, Values
from ds_bridge.sandbox.forms import DemarcheForm, Revision
from ds_bridge.sandbox.seed_values import Writer, make_person

# The CRA was open from early 2024; the report moved to another platform in November 2025.
FIRST_DEPOSIT = dt.datetime(2024, 2, 5, 8, tzinfo=dt.UTC)
LAST_DEPOSIT = dt.datetime(2025, 10, 31, 17, tzinfo=dt.UTC)
# nom, prenom, identifiant, structure_nom, structure_identifiant: the dashboard's link fills these.
PREFILLED = frozenset({3566491, 3566520, 3566523, 3566521, 3566522})
CACHED = 4096

_STATES = ("en_construction", "en_instruction", "accepte", "refuse", "sans_suite")
_WEIGHTS = (55, 15, 22, 3, 5)


def draw(*parts: object) -> random.Random:
    """A random generator that depends on `parts` alone."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311 - invented data, to be the same again


@dataclass(frozen=True, slots=True)
class Invented:
    """The content of a dossier, which the seed makes at each reading, on the form of that dossier."""

    seed: int
    demarche: int
    number: int
    deposited_at: dt.datetime
    revision: Revision = field(compare=False, repr=False)

    @property
    def values(self) -> Values:
        return _write_values(self, id(self.revision))


def make_dossiers(
    seed: int, home: Demarche, numbers: Sequence[int], now: dt.datetime, *, is_new: bool
) -> list[Dossier]:
    """A dossier for each number: deposited now, or spread over the past in the order of numbers."""
    end = min(now - dt.timedelta(hours=1), LAST_DEPOSIT)
    start = min(FIRST_DEPOSIT, end - dt.timedelta(days=30))
    made: list[Dossier] = []
    count = len(numbers)
    for place, number in enumerate(numbers):
        chance = draw(seed, "dossier", number)
        if is_new:
            deposited = now - dt.timedelta(microseconds=count - 1 - place)
            made.append(_deposit_now(seed, home.form, number, deposited, chance))
        else:
            share = (place + chance.random()) / count
            made.append(_make_past(seed, home.form, number, start + share * (end - start), now, chance))
    return made


def _deposit_now(
    seed: int, form: DemarcheForm, number: int, at: dt.datetime, chance: random.Random
) -> Dossier:
    return _make(seed, form, number, at, chance, modified_at=at, champs_modified_at=at)


def _make_past(
    seed: int, form: DemarcheForm, number: int, at: dt.datetime, now: dt.datetime, chance: random.Random
) -> Dossier:
    """A dossier with a past: corrected, instructed, decided, archived."""

    def later(moment: dt.datetime, days: float) -> dt.datetime:
        return min(moment + dt.timedelta(days=days * chance.random()), now)

    state = chance.choices(_STATES, _WEIGHTS)[0]
    corrected = later(at, 3) if chance.random() < 0.3 else at
    instructed = None if state == "en_construction" else later(corrected, 30)
    processed = later(instructed or corrected, 30) if state in ENDED_STATES else None
    return _make(
        seed,
        form,
        number,
        at,
        chance,
        state=state,
        champs_modified_at=corrected,
        instruction_at=instructed,
        processed_at=processed,
        modified_at=processed or instructed or corrected,
        archived=processed is not None and chance.random() < 0.3,
    )


def _make(
    seed: int, form: DemarcheForm, number: int, at: dt.datetime, chance: random.Random, **life: Any
) -> Dossier:
    person = make_person(draw(seed, "person", number))
    is_prefilled = chance.random() < 0.85 and form.active.find(min(PREFILLED)) is not None
    revision = next(
        (known for known in reversed(form.revisions) if known.date_creation <= at), form.revisions[0]
    )
    siret = None
    if not form.for_individual:
        ending = "0000" if chance.random() < 0.1 else f"{chance.randrange(1, 9999):05d}"[1:]
        siret = f"{chance.randrange(10**9, 10**10)}{ending}"
    return Dossier(
        number=number,
        demarche=form.number,
        revision=revision.number,
        deposited_at=at,
        construction_at=at,
        content=Invented(seed, form.number, number, at, revision),
        identity=Identity(person.civilite, person.nom, person.prenom) if form.for_individual else Identity(),
        siret=siret,
        email=person.email,
        prefilled=is_prefilled,
        prefilled_champs=PREFILLED if is_prefilled else frozenset(),
        **{"state": "en_construction", **life},
    )


@lru_cache(maxsize=CACHED)
def _write_values(content: Invented, form_key: int) -> Values:
    """`form_key` tells forms with the same number apart; the cache keeps content and form alive."""
    del form_key
    person = make_person(draw(content.seed, "person", content.number))
    writer = Writer(draw(content.seed, "values", content.number), person, content.deposited_at.date())
    return writer.write(content.revision.champs)
