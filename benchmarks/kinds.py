"""Kinds: the few different dossiers of which the benchmark's platform is made, and their renderings.

Takes a world with `KINDS` dossiers of a realistic size. Gives for a query one `Template` for each kind: the
JSON of a node, cut at number, id, modification date and version, to be filled for any dossier.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import islice

from ds_bridge.sandbox.champ_nodes import ChampWriter
from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.node import typed_id, write_datetime
from ds_bridge.sandbox.world import CRA_NUMBER, World

KINDS = 300
FEWEST_CHAMPS, MOST_CHAMPS = 60, 150
CANDIDATES = 4000
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
    candidates = World.open(seed=SEED, dossiers=CANDIDATES).demarches[CRA_NUMBER]
    inside = (candidates.dossiers[number] for _, number in candidates.by_modification.forward())
    fitting = (
        dossier for dossier in inside if FEWEST_CHAMPS <= _count_champs(dossier, candidates) <= MOST_CHAMPS
    )
    world = World(seed=SEED)
    return world, [_mark(world, world.add_dossier(dossier)) for dossier in islice(fitting, KINDS)]


def _mark(world: World, dossier: Dossier) -> Dossier:
    marked = f"{dossier.values[VERSIONED]} (version {VERSION.decode()})"
    return world.modify(
        dossier.number,
        {VERSIONED: marked},
        at=MARKED_MOMENT,
        champs_modified_at=dossier.champs_modified_at,
    )


def _count_champs(dossier: Dossier, demarche: Demarche) -> int:
    """Champs of a dossier, those of its rows included."""
    # A report has neither linked dossiers nor files.
    writer = ChampWriter(frozenset(), lambda _: lambda _info: None, lambda _files, _at: [])
    champs = writer.write(dossier, demarche.form.revision(dossier.revision))
    return len(champs) + sum(len(row["champs"]) for champ in champs for row in champ.get("rows", ()))
