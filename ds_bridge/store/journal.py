"""What the store keeps about runs and walks: checkpoints, runs, dossiers set aside, forms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from ds_bridge.store.entries import Checkpoint, FormCheck, SetAside
from ds_bridge.store.tables import checkpoints, demarches, form_checks, runs, set_aside
from ds_bridge.store.upsert import replace_row

_FIRST_WAIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=7)


def list_demarches(connection: Connection) -> list[int]:
    """The démarches that were ever synced, by number."""
    return list(connection.execute(select(demarches.c.number).order_by(demarches.c.number)).scalars())


def read_checkpoint(connection: Connection, demarche: int, stream: str) -> Checkpoint | None:
    """Where the stream stands, None before its first page."""
    table = checkpoints.c
    row = connection.execute(
        select(table.since, table.cursor, table.high_water, table.query_hash).where(
            table.demarche == demarche, table.stream == stream
        )
    ).one_or_none()
    return None if row is None else Checkpoint(stream, *row)


def save_checkpoint(connection: Connection, demarche: int, checkpoint: Checkpoint) -> None:
    """Replace the stream's checkpoint."""
    values = {
        "since": checkpoint.since,
        "cursor": checkpoint.cursor,
        "high_water": checkpoint.high_water,
        "query_hash": checkpoint.query_hash,
    }
    replace_row(connection, checkpoints, {"demarche": demarche, "stream": checkpoint.stream}, values)


def save_form(
    connection: Connection, demarche: int, name: str | None, document: dict[str, Any], at: datetime
) -> None:
    """Keep the démarche's form as the platform gave it. Without a `name`, the known name stays."""
    values = {"form": document, "updated_at": at} | ({} if name is None else {"name": name})
    replace_row(connection, demarches, {"number": demarche}, values)


def read_form(connection: Connection, demarche: int) -> dict[str, Any] | None:
    """The form as it was saved."""
    query = select(demarches.c.form).where(demarches.c.number == demarche)
    document: dict[str, Any] | None = connection.execute(query).scalar_one_or_none()
    return document


def save_form_check(connection: Connection, demarche: int, check: FormCheck) -> None:
    """Replace the last check of the form."""
    values = {
        "revision": check.revision,
        "fingerprint": check.fingerprint,
        "checked_at": check.checked_at,
    }
    replace_row(connection, form_checks, {"demarche": demarche}, values)


def read_form_check(connection: Connection, demarche: int) -> FormCheck | None:
    """The last check of the form; None when the form was never checked."""
    table = form_checks.c
    query = select(table.revision, table.fingerprint, table.checked_at).where(table.demarche == demarche)
    row = connection.execute(query).one_or_none()
    return None if row is None else FormCheck(*row)


def begin_run(connection: Connection, demarche: int, run_id: str, started_at: datetime) -> None:
    """Write that a run began, so that a run which never ends can be seen."""
    connection.execute(runs.insert(), {"run_id": run_id, "demarche": demarche, "started_at": started_at})


def finish_run(connection: Connection, run_id: str, summary: dict[str, Any], at: datetime) -> None:
    """Write how the run ended."""
    connection.execute(runs.update().where(runs.c.run_id == run_id).values(finished_at=at, summary=summary))


def last_runs(connection: Connection, demarche: int, limit: int) -> list[dict[str, Any]]:
    """The latest runs, newest first."""
    query = select(runs).where(runs.c.demarche == demarche).order_by(runs.c.started_at.desc(), runs.c.run_id)
    return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def set_dossier_aside(
    connection: Connection, demarche: int, number: int, reason: str, at: datetime
) -> SetAside:
    """Count one more failed try. The wait before the next try doubles from one hour up to one week."""
    known = _read_set_aside(connection, demarche, number)
    tries = known.tries + 1 if known else 1
    wait = min(_FIRST_WAIT * 2 ** min(tries - 1, 10), _LONGEST_WAIT)
    entry = SetAside(number, reason, tries, known.first_at if known else at, at, at + wait)
    values = {
        "reason": entry.reason,
        "tries": entry.tries,
        "first_at": entry.first_at,
        "last_at": entry.last_at,
        "next_try_at": entry.next_try_at,
    }
    replace_row(connection, set_aside, {"demarche": demarche, "number": number}, values)
    return entry


def clear_set_aside(connection: Connection, demarche: int, number: int) -> bool:
    """The dossier came: it is set aside no more. Returns whether it was set aside before."""
    result = connection.execute(
        delete(set_aside).where(set_aside.c.demarche == demarche, set_aside.c.number == number)
    )
    return result.rowcount > 0


def list_set_aside(connection: Connection, demarche: int, due: datetime | None = None) -> list[SetAside]:
    """Dossiers set aside, by number. With `due`: only those whose next try is due at that moment."""
    table = set_aside.c
    query = _select_set_aside().where(table.demarche == demarche).order_by(table.number)
    if due is not None:
        query = query.where(table.next_try_at <= due)
    return [SetAside(*row) for row in connection.execute(query)]


def _read_set_aside(connection: Connection, demarche: int, number: int) -> SetAside | None:
    table = set_aside.c
    query = _select_set_aside().where(table.demarche == demarche, table.number == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else SetAside(*row)


def _select_set_aside() -> Any:
    table = set_aside.c
    return select(table.number, table.reason, table.tries, table.first_at, table.last_at, table.next_try_at)
