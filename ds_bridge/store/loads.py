"""Loads: the parts of a first load that is pulled in parallel, each with its place.

A démarche has rows here from the beginning of such a load until all of its parts are finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from ds_bridge.store.tables import load_parts


@dataclass(frozen=True, slots=True)
class LoadPart:
    """One walk of a load, as it stands.

    `began` is when the load began, by the platform's clock. `since` is the lower bound of the walk. `cursor`
    is its place (None: at its beginning, or lost). `reached` is the date up to which nothing is missing (for
    a walk backward: down to which). `high_water` is the highest date from which a next walk may start.
    """

    name: str
    began: datetime
    since: datetime
    query_hash: str
    cursor: str | None = None
    reached: datetime | None = None
    high_water: datetime | None = None
    complete: bool = False


def begin_load(connection: Connection, demarche: int, parts: Sequence[LoadPart]) -> None:
    """Write all parts of a load. They replace the parts of an earlier load."""
    drop_load(connection, demarche)
    rows = [{"demarche": demarche, "position": place} | asdict(part) for place, part in enumerate(parts)]
    connection.execute(insert(load_parts), rows)


def save_part(connection: Connection, demarche: int, part: LoadPart) -> None:
    """Write the place of one part of the unfinished load."""
    table = load_parts.c
    connection.execute(
        update(load_parts).where(table.demarche == demarche, table.name == part.name).values(asdict(part))
    )


def read_load(connection: Connection, demarche: int) -> list[LoadPart]:
    """The parts of the unfinished load, in the order they were begun; none when there is no such load."""
    table = load_parts.c
    query = (
        select(
            table.name,
            table.began,
            table.since,
            table.query_hash,
            table.cursor,
            table.reached,
            table.high_water,
            table.complete,
        )
        .where(table.demarche == demarche)
        .order_by(table.position)
    )
    return [LoadPart(*row) for row in connection.execute(query)]


def drop_load(connection: Connection, demarche: int) -> None:
    """Forget the load: it is finished, or cannot go on."""
    connection.execute(delete(load_parts).where(load_parts.c.demarche == demarche))
