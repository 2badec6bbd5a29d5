"""Kinds: the few different dossiers of which the benchmark's platform is made, and their renderings.

They are the sandbox's own: 19 to 125 champs, 52 on average; the eight recorded ones have 21 to 69. Gives for
a query one `Template` for each kind: the JSON of a node, cut at number, id, modification date and version, to
be filled for any dossier.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.node import typed_id, write_datetime
from ds_bridge.sandbox.world import CRA_NUMBER, World

KINDS = 300
SEED = 11
VERSIONED = 3566521
"""The champ that tells versions apart: the name of the structure, a free text."""
# Every kind is modified at this moment, and no other date of a dossier is equal to it.
MARKED_MOMENT = dt.datetime(2031, 12, 31, 11, 59, 57, tzinfo=dt.UTC)
NUMBER, ID, MOMENT, VERSION = b"@NUMBER@", b"@ID@", b"@MOMENT@", b"@VERSION@"


@dataclass(frozen=True)
class Template:
    """A rendered node, cut where it depends on the dossier."""

    parts: tuple[bytes, ...]

    @classmethod
    def cut(cls, text: bytes, number: int) -> Template:
        """The rendering of the kind of this number."""
        marks = {
            typed_id("Dossier", number).encode(): ID,
            str(number).encode(): NUMBER,
            write_datetime(MARKED_MOMENT).encode(): MOMENT,
            VERSION: VERSION,
        }
        pieces = re.split(b"(" + b"|".join(re.escape(mark) for mark in marks) + b")", text)
        return cls(tuple(marks.get(piece, piece) for piece in pieces))

    def render(self, number: int, moment: dt.datetime, version: int) -> bytes:
        """The node of one dossier. All nodes have the same length."""
        fills = {
            NUMBER: str(number).encode(),
            ID: typed_id("Dossier", number).encode(),
            MOMENT: write_datetime(moment).encode(),
            VERSION: str(version).encode(),
        }
        return b"".join([fills.get(part, part) for part in self.parts])


def is_changed(text: str) -> bool:
    """Whether the dossier has its content of after a change."""
    return "(version 2)" in text


def make_world() -> tuple[World, list[Dossier]]:
    """A world that holds the kinds and nothing else, and the kinds in order."""
    candidates = World.open(seed=SEED, dossiers=KINDS).demarches[CRA_NUMBER]
    numbers = (number for _, number in candidates.by_modification.forward())
    world = World(seed=SEED)
    return world, [_mark(world, world.add_dossier(candidates.dossiers[number])) for number in numbers]


def _mark(world: World, dossier: Dossier) -> Dossier:
    marked = f"{dossier.values[VERSIONED]} (version {VERSION.decode()})"
    return world.modify(
        dossier.number,
        {VERSIONED: marked},
        at=MARKED_MOMENT,
        champs_modified_at=dossier.champs_modified_at,
    )
