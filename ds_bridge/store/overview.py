"""Overview: what the store holds of a démarche and how its runs went, read in one transaction. No content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select

from ds_bridge.store.outbox import count_states
from ds_bridge.store.proofs import Comparison, LostStream, list_lost_streams, read_comparison
from ds_bridge.store.tables import checkpoints, demarches, dossiers, load_parts, runs, set_aside

_RUNS_A_LOOK = 50
_RUNS = (
    select(runs.c.run_id, runs.c.started_at, runs.c.finished_at, runs.c.summary)
    .where(runs.c.demarche == bindparam("demarche"))
    .order_by(runs.c.started_at.desc(), runs.c.run_id)
)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it was written down. `summary` is None when the run is under way or was killed."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Overview:
    """One démarche. `walk_in_hand`: a run was stopped in the middle of a walk; the next run goes on from
    there.

    `actions`: how many actions are in each state. `comparison`: the last comparison with the platform.
    `lost_streams`: the deletions that the platform cannot give.
    """

    live: int
    invalid: int
    tombstones: int
    set_aside: int
    oldest_set_aside: datetime | None
    walk_in_hand: bool
    purged_before: datetime | None
    last_run: RunRecord | None
    last_good_run: RunRecord | None
    actions: Mapping[str, int] = field(default_factory=dict)
    comparison: Comparison | None = None
    lost_streams: tuple[LostStream, ...] = ()


def read_overview(connection: Connection, demarche: int) -> Overview:
    """Read everything once. For a démarche that the store has never seen, all counts are zero."""
    table = dossiers.c
    is_live = table.deletion_kind.is_(None)
    live, invalid, tombstones = connection.execute(
        select(
            func.count().filter(is_live),
            func.count().filter(and_(is_live, table.valid.is_(False))),
            func.count().filter(~is_live),
        ).where(table.demarche == demarche)
    ).one()
    waiting, oldest = connection.execute(
        select(func.count(), func.min(set_aside.c.first_at)).where(set_aside.c.demarche == demarche)
    ).one()
    last, good = _read_runs(connection, demarche)
    return Overview(
        live=live,
        invalid=invalid,
        tombstones=tombstones,
        set_aside=waiting,
        oldest_set_aside=oldest,
        walk_in_hand=_has_walk(connection, demarche),
        purged_before=read_purged_before(connection, demarche),
        last_run=last,
        last_good_run=good,
        actions=count_states(connection, demarche),
        comparison=read_comparison(connection, demarche),
        lost_streams=tuple(list_lost_streams(connection, demarche)),
    )


def read_purged_before(connection: Connection, demarche: int) -> datetime | None:
    """Dossiers last modified before this day were purged and must not come back. None: no purge so far."""
    query = select(demarches.c.purged_before).where(demarches.c.number == demarche)
    moment: datetime | None = connection.execute(query).scalar_one_or_none()
    return moment


def read_last_good_run(connection: Connection, demarche: int) -> RunRecord | None:
    """The last run that pulled everything."""
    return _read_runs(connection, demarche)[1]


def _has_walk(connection: Connection, demarche: int) -> bool:
    query = select(checkpoints.c.cursor).where(
        checkpoints.c.demarche == demarche, checkpoints.c.stream == "dossiers"
    )
    load = select(func.count()).where(load_parts.c.demarche == demarche)
    return (
        connection.execute(query).scalar_one_or_none() is not None
        or connection.execute(load).scalar_one() > 0
    )


def _read_runs(connection: Connection, demarche: int) -> tuple[RunRecord | None, RunRecord | None]:
    """The last run and the last good run. Goes back one run at a time: the good run is nearly always near."""
    last: RunRecord | None = None
    with connection.execution_options(yield_per=_RUNS_A_LOOK).execute(_RUNS, {"demarche": demarche}) as rows:
        for row in rows:
            record = RunRecord(*row)
            last = last or record
            if record.summary is not None and record.summary.get("outcome") == "complete":
                return last, record
    return last, None
