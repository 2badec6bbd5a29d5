"""Parts: cuts a first load into walks side by side, and tells when nothing is missing. No network.

Each part is a walk in the order of modification, with its own cursor:

- `ends`: one walk from the oldest dossier up, one from the latest down, until they pass each other;
- `states`: one walk for each state; `groupes`: one for each groupe instructeur; each to its end.

The parts only have to find dossiers that did not change since the load began (less the overlap). A dossier
that changed has a later date, and the walk by date that follows finds it. So the progress of a walk upward is
told only by dates older than the beginning: a later date may belong to a dossier that changed while its page
was read. For the same reason a cursor stays good for days. For a walk downward every date is good, because a
dossier never stands higher in the list than its date says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from ds_bridge.api.records import DossierState
from ds_bridge.api.routes import Route
from ds_bridge.store import LoadPart
from ds_bridge.sync.walk import ROUNDING

Way: TypeAlias = Literal["ends", "states", "groupes"]
WAYS: tuple[str, ...] = get_args(Way)
MOST_WALKERS = 4

FORWARD, BACKWARD = "forward", "backward"
_STATE, _GROUPE = "state ", "groupe "


@dataclass(frozen=True, slots=True)
class Parallel:
    """How to pull a first load: which way to cut it, and how many walks at a time."""

    way: Way
    walkers: int = 2

    def __post_init__(self) -> None:
        if self.way not in WAYS or not 1 <= self.walkers <= MOST_WALKERS:
            raise ValueError(f"one of {', '.join(WAYS)}, by 1 to {MOST_WALKERS} walkers")


def name_parts(way: Way, groupes: Iterable[int]) -> list[str]:
    """The names of a load's parts. Only the way `groupes` needs `groupes`."""
    if way == "ends":
        return [FORWARD, BACKWARD]
    if way == "states":
        return [f"{_STATE}{state}" for state in DossierState]
    return [f"{_GROUPE}{groupe}" for groupe in groupes]


def find_route(part: LoadPart) -> Route:
    """The list that a part walks through."""
    if part.name.startswith(_STATE):
        return Route(state=part.name.removeprefix(_STATE))
    if is_of_groupe(part):
        return Route(groupe=int(part.name.removeprefix(_GROUPE)))
    return Route(backward=part.name == BACKWARD)


def is_of_groupe(part: LoadPart) -> bool:
    """Whether the part walks a groupe instructeur. The platform may have dossiers without a groupe."""
    return part.name.startswith(_GROUPE)


def pass_page(
    part: LoadPart, dates: Collection[dt.datetime], cursor: str | None, overlap: dt.timedelta
) -> LoadPart:
    """The part after a page: takes the dates of its dossiers, and its cursor (None at the end)."""
    sure = [date for date in dates if date <= part.began - ROUNDING]
    known = [part.reached] if part.reached else []
    if part.name == BACKWARD:
        reached = min([*dates, *known], default=None)
    else:
        reached = max(
            [*(date for date in sure if date <= part.began - ROUNDING - overlap), *known], default=None
        )
    return replace(
        part,
        cursor=cursor,
        reached=reached,
        high_water=max([*sure, *([part.high_water] if part.high_water else [])], default=None),
        complete=cursor is None,
    )


def lose_place(part: LoadPart) -> LoadPart:
    """The part without its cursor: it goes on by date. A walk backward cannot, and stays where it is."""
    if part.name == BACKWARD:
        return replace(part, cursor=None)
    return replace(part, cursor=None, since=max(part.since, part.reached or part.since))


def is_stranded(part: LoadPart) -> bool:
    """Whether the part cannot go on: it is a walk backward that lost its cursor."""
    return part.name == BACKWARD and part.cursor is None and part.reached is not None


def is_loaded(parts: Sequence[LoadPart]) -> bool:
    """Whether the parts have seen everything. Two ends have when they passed each other by a whole second,
    because dates come in whole seconds."""
    by_name = {part.name: part for part in parts}
    if FORWARD not in by_name:
        return all(part.complete for part in parts)
    up, down = by_name[FORWARD], by_name[BACKWARD]
    if up.complete or down.complete:
        return True
    return up.reached is not None and down.reached is not None and up.reached > down.reached
