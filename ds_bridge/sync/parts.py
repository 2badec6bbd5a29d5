"""Parts: a first load cut into walks that go side by side, and when nothing is left between them. No network.

Each part is a walk by modification, with a cursor that it made itself:

- `ends`: one from the oldest dossier up, one from the latest down, until they have passed each other;
- `states`: one a state; `groupes`: one a groupe instructeur; each to its end.

All that is asked of them is what did not change since the load began: whatever did carries a later date, less
the overlap, and is found by the walk by date that follows. So only a date older than that tells how far a
walk upward has come (a later one may belong to a dossier that changed while its page was read), and a cursor
may rest for days. Of a walk downward every date will do: its dossiers stand no higher than they say.
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
    """How to pull a first load: cut which way, by how many walkers at a time."""

    way: Way
    walkers: int = 2

    def __post_init__(self) -> None:
        if self.way not in WAYS or not 1 <= self.walkers <= MOST_WALKERS:
            raise ValueError(f"one of {', '.join(WAYS)}, by 1 to {MOST_WALKERS} walkers")


def name_parts(way: Way, groupes: Iterable[int]) -> list[str]:
    """The names of a load's parts. `groupes` are asked for one way only."""
    if way == "ends":
        return [FORWARD, BACKWARD]
    if way == "states":
        return [f"{_STATE}{state}" for state in DossierState]
    return [f"{_GROUPE}{groupe}" for groupe in groupes]


def find_route(part: LoadPart) -> Route:
    """What a part walks through."""
    if part.name.startswith(_STATE):
        return Route(state=part.name.removeprefix(_STATE))
    if is_of_groupe(part):
        return Route(groupe=int(part.name.removeprefix(_GROUPE)))
    return Route(backward=part.name == BACKWARD)


def is_of_groupe(part: LoadPart) -> bool:
    """Whether it walks a groupe instructeur: the platform may have dossiers without one."""
    return part.name.startswith(_GROUPE)


def pass_page(
    part: LoadPart, dates: Collection[dt.datetime], cursor: str | None, overlap: dt.timedelta
) -> LoadPart:
    """The part behind a page that it read: the dates of its dossiers, its cursor, None at the end."""
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
    """The part without its cursor: it goes on by date. A walk backward cannot, and is left where it is."""
    if part.name == BACKWARD:
        return replace(part, cursor=None)
    return replace(part, cursor=None, since=max(part.since, part.reached or part.since))


def is_stranded(part: LoadPart) -> bool:
    """Whether nobody can go on with it: a walk backward that lost its cursor."""
    return part.name == BACKWARD and part.cursor is None and part.reached is not None


def is_loaded(parts: Sequence[LoadPart]) -> bool:
    """Whether they have seen everything. Two ends have when they passed each other: by a whole second, since
    dates come so."""
    by_name = {part.name: part for part in parts}
    if FORWARD not in by_name:
        return all(part.complete for part in parts)
    up, down = by_name[FORWARD], by_name[BACKWARD]
    if up.complete or down.complete:
        return True
    return up.reached is not None and down.reached is not None and up.reached > down.reached
