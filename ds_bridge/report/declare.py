"""Declares a démarche's report: figures by chapter, and where its documents name the person and structure.

    FIGURES = Declared(
        title="Ateliers",
        programme=(Declaration("Ateliers", (Breakdown(id="ateliers", …),)),),
        person=("animateur", "numero"),
    )

A model names it: `figures: ClassVar[str] = "my.module:FIGURES"`. Functions take a `Filed` (one dossier of the
period or of the period before) and read its document, which is the one that `ds-bridge dump` writes. Words
are French: officials and coordinators read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ds_bridge.report.counting import Breakdown
from ds_bridge.report.filed import (
    BEFORE,
    CURRENT,
    Declaring,
    Expected,
    Filed,
    Left,
    Path,
    Setting,
    Tally,
    find,
    find_number,
)
from ds_bridge.report.listing import Listing
from ds_bridge.report.spread import Quartiles

__all__ = [
    "BEFORE",
    "CURRENT",
    "Breakdown",
    "Declaration",
    "Declared",
    "Declaring",
    "Expected",
    "Filed",
    "Left",
    "Listing",
    "Path",
    "Quartiles",
    "Setting",
    "Tally",
    "find",
    "find_number",
]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A chapter: a heading and its figures."""

    title: str
    figures: tuple[Declaring, ...]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Everything a démarche's report is made of.

    `person` and `structure` are the paths of the pilotage's numbers in a document; without them there is no
    report of a person or a structure. `person_name` and `structure_name` are the paths of the parts of their
    names. `codes` are the French words for the model's anomalies. `left_states` are the states of dossiers
    that do not count, each with the reason in French.
    """

    title: str
    programme: tuple[Declaration, ...]
    structures: tuple[Declaration, ...] = ()
    personnes: tuple[Declaration, ...] = ()
    person: Path = ()
    person_name: tuple[Path, ...] = ()
    structure: Path = ()
    structure_name: tuple[Path, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    left_states: Mapping[str, str] = field(default_factory=dict)
