"""Declarations: how a pydantic model says which champs feed its fields.

    class Atelier(DomainModel):
        nom: Annotated[str | None, champ("Nom de l'atelier")] = None

    class Bilan(DomainModel):
        dossier: DossierHeader                                          # filled from the record
        total: Annotated[int | None, champ("Total d'heures", name="temps_total")] = None
        ateliers: Annotated[tuple[Atelier, ...], champ("ATELIER")] = ()  # a repeatable block

A nested model without `champ` is a group: nesting of the JSON only. A tuple of a discriminated union of row
models is a block whose rows are of several sorts. Every field is nullable, since partial dossiers are the
normal case. What is declared here is read by `mapping.declared`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from ds_bridge.api.records import Dossier
from ds_bridge.mapping.anomalies import Anomaly
from ds_bridge.mapping.shown import tell_object, write_table


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know beside the object: `asked` are the configuration names the form asks for."""

    asked: frozenset[str]


Personal: TypeAlias = Literal["id", "email", "name", "text"]
"""What a field tells of a person: a number or an address that is theirs, a name, words about them."""

Rule: TypeAlias = Callable[[Any, Context], Iterable[Anomaly]]


class DomainModel(BaseModel):
    """Base of domain models, their groups and their rows. Frozen, and silent about its content.

    `rules` run on the finished object. `figures` is where the figures of its reports are declared
    (`module:NAME`, see `ds_bridge.report`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    rules: ClassVar[tuple[Rule, ...]] = ()
    figures: ClassVar[str | None] = None

    # The number of its anomalies. It is no field, it does not count in comparisons, and a copy loses it.
    __slots__ = ("_anomalies",)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Nothing: the content is people's data. Covers repr, str, rich and notebooks."""
        return ()

    def __repr_str__(self, join_str: str) -> str:
        return join_str.join(tell_object(self, DossierHeader, getattr(self, "_anomalies", None)))

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str | None:
        """For a notebook: a table of the same, when the object has its dossier's header."""
        told = tell_object(self, DossierHeader, getattr(self, "_anomalies", None))
        header = next((value for value in self.__dict__.values() if isinstance(value, DossierHeader)), None)
        if header is None:
            return None
        rows = [[text] for text in told[1:]]
        rows.append([f"déposé le {header.date_depot:%d/%m/%Y}"])
        return write_table(f"{type(self).__name__}, {told[0]}", (), rows)


def note_anomalies(value: DomainModel, count: int) -> None:
    """Let an object know the number of its anomalies."""
    object.__setattr__(value, "_anomalies", count)


class DossierHeader(DomainModel):
    """The dossier itself, from the record and not from champs. Dates keep the platform's offset."""

    demarche: int
    number: int
    state: str
    archived: bool
    prefilled: bool
    date_depot: dt.datetime
    date_derniere_modification: dt.datetime
    date_traitement: dt.datetime | None = None

    @classmethod
    def of(cls, dossier: Dossier, demarche: int) -> DossierHeader:
        """The header of a record. Nothing is checked again: the record was."""
        return cls.model_construct(
            demarche=demarche,
            number=dossier.number,
            state=dossier.state.value,
            archived=dossier.archived,
            prefilled=dossier.prefilled,
            date_depot=dossier.date_depot,
            date_derniere_modification=dossier.date_derniere_modification,
            date_traitement=dossier.date_traitement,
        )


class PieceJointe(DomainModel):
    """A deposited file without its address, which lives one hour. `checksum` is base64 MD5, size in bytes."""

    filename: str
    content_type: str
    checksum: str
    byte_size: int


@dataclass(frozen=True)
class ChampSource:
    """Which champ feeds a field. Made by `champ`, read from the field's `Annotated` metadata."""

    labels: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    name: str | None = None
    section: tuple[str, ...] = ()
    follows: str | None = None
    precedes: str | None = None
    nth: int | None = None
    kinds: frozenset[str] = frozenset()
    options: tuple[tuple[str, Any], ...] = ()
    optional: bool = False
    personal: Personal | None = None


def champ(
    *labels: str,
    number: int | tuple[int, ...] = (),
    name: str | None = None,
    section: str | tuple[str, ...] = (),
    follows: str | None = None,
    precedes: str | None = None,
    nth: int | None = None,
    kinds: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    optional: bool = False,
    personal: Personal | None = None,
) -> ChampSource:
    """Declare the champ that feeds a field.

    labels: its wordings, the current one first; compared normalised. With a number there may be none.
    number: its stable number, which no revision changes; then the numbers of champs that it replaced.
        Labels and place serve only when none of these is on the form.
    name: its name in the configuration; by default the attribute's.
    section: wordings of the nearest header above.
    follows, precedes: the field (of the same block, or of the top level) whose champ stands directly before
        (follows) or after (precedes) this one. Explications do not count.
    nth: which one, from 1, of the champs that fit all of this.
    kinds: they replace the kinds that the type implies.
    options: the platform's option → the field's value.
    optional: a form may lack this champ.
    personal: what the field tells of a person; a pseudonymised dump leaves it out. Of the dossier's own
        fields, `id` (the person's number in the pilotage) or `email` makes the pseudonym.

    A place tells champs of one label apart. When only the place can do so (a neighbour is named, or other
    fields bear the same label), a champ in another place is never taken.
    """
    numbers = (number,) if isinstance(number, int) else number
    if not (labels or numbers):
        raise TypeError("champ() needs a label or a number")
    return ChampSource(
        labels=labels,
        numbers=numbers,
        name=name,
        section=(section,) if isinstance(section, str) else section,
        follows=follows,
        precedes=precedes,
        nth=nth,
        kinds=frozenset(kinds),
        options=tuple(options.items()) if options else (),
        optional=optional,
        personal=personal,
    )
